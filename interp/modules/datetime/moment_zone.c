// SPDX-License-Identifier: Apache-2.0
// datetime and where clocks stand: local time, timestamps of local time, astimezone. Leaves what a zone answers to zone.c, the rules of local time to the C library.
//
// "Seconds" count from 1970. "Wall" is what local clocks show, as seconds of a calendar without zones: wall = when + offset(when).
#include "interp/modules/datetime/datetime.h"

#include <errno.h>
#include <time.h>

// ---- local time ----

static bool split(struct thread *t, int64_t when, struct tm *tm) {
    time_t seconds = when;
    errno = 0;
    return localtime_r(&seconds, tm) || (raise_errno(t, errno ? errno : EINVAL, V_NULL), false);
}
bool moment_local(struct thread *t, int64_t when, struct civil *c, int64_t *offset) {
    struct tm tm;
    if (!split(t, when, &tm)) return false;
    int year = (int)(tm.tm_year + 1900u);
    if (year < YEAR_MIN || year > YEAR_MAX) return raise(t, &exc_ValueError, "year %d is out of range", year), false;
    *c = (struct civil){year, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec < 59 ? tm.tm_sec : 59, 0, 0}; // a leap second counts as the one before
    *offset = tm.tm_gmtoff;
    return true;
}
static bool wall_of(struct thread *t, int64_t when, int64_t *wall) {
    struct civil c;
    int64_t offset;
    if (!moment_local(t, when, &c, &offset)) return false;
    *wall = when + offset;
    return true;
}
static int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t max(int64_t a, int64_t b) { return a > b ? a : b; }

// When local clocks show `wall`. Two guesses, by the offsets on either side of a change of them: one is right, or both (fold tells which), or none, in the gap of clocks put
// forward, where fold 0 means the offset before the change and fold 1 that after it (PEP 495).
static bool when_of(struct thread *t, int64_t wall, bool fold, int64_t *when) {
    int64_t shown, guess, guess_shown, other, other_shown, near;
    if (!wall_of(t, wall, &shown)) return false;
    guess = wall - (shown - wall);
    if (!wall_of(t, guess, &guess_shown)) return false;
    if (guess_shown == wall) {
        near = fold ? guess + DAY_SECONDS : guess - DAY_SECONDS;
        if (!wall_of(t, near, &other_shown)) return false;
        if (other_shown - near == shown - wall) return *when = guess, true;
        other = wall - (other_shown - near);
    } else
        other = wall - (guess_shown - guess);
    if (!wall_of(t, other, &other_shown)) return false;
    if (other_shown == wall) *when = other;
    else if (guess_shown == wall) *when = guess;
    else *when = fold ? min(guess, other) : max(guess, other);
    return true;
}
static int64_t wall_seconds(const struct civil *c) { return (moment_micros(c) - c->micro) / SECOND_MICROS - (int64_t)ORDINAL_EPOCH * DAY_SECONDS; }

value moment_timestamp(struct thread *t, const vref *a) {
    vref zone = as_moment(a[0])->zone;
    struct civil c = moment_civil(a[0]);
    int64_t when, offset = 0;
    if (is_none(zone)) return when_of(t, wall_seconds(&c), c.fold, &when) ? float_new(t, (double)when + c.micro / 1e6) : V_NULL;
    int aware = zone_micros(t, zone, a[0], &offset);
    if (aware < 0) return V_NULL;
    if (!aware) return raise(t, &exc_TypeError, "can't subtract offset-naive and offset-aware datetimes");
    value delta = delta_from_micros(t, &delta_type, moment_micros(&c) - offset - ORDINAL_EPOCH * DAY_MICROS), r = delta ? delta_total_seconds(t, delta) : V_NULL;
    release_opt(t, delta);
    return r;
}

// ---- astimezone ----

// The fixed offset of local time at a moment of POSIX time, with its name: returns new timezone.
static value local_zone(struct thread *t, int64_t when) {
    struct tm tm;
    if (!split(t, when, &tm)) return V_NULL;
    value name = str_decode(t, (const uint8_t *)tm.tm_zone, strlen(tm.tm_zone), "utf-8", "surrogateescape"), r = V_NULL;
    value delta = name ? delta_new(t, &delta_type, 0, tm.tm_gmtoff, 0) : V_NULL;
    if (delta) r = zone_new(t, delta, name);
    release_opt(t, delta);
    release_opt(t, name);
    return r;
}
static value local_zone_of_wall(struct thread *t, const struct civil *c) {
    int64_t when;
    return when_of(t, wall_seconds(c), c->fold, &when) ? local_zone(t, when) : V_NULL;
}
// v, a moment in UTC, takes `zone` for its own: the zone's fromutc wants it so. v is taken.
static value with_zone(struct thread *t, value v, vref zone) {
    value r = V_NULL;
    if (is_moment(v)) {
        struct civil c = moment_civil(v);
        r = moment_alloc(t, type_of(v), &c, zone);
    } else
        raise(t, &exc_TypeError, "%T is no datetime", v);
    release(t, v);
    return r;
}
static value in_zone(struct thread *t, vref self, vref own_zone, vref zone) {
    int64_t offset;
    struct civil c = moment_civil(self);
    value mine = own(t, own_zone), there = V_NULL, r = V_NULL;
    int aware = zone_micros(t, mine, self, &offset);
    if (aware == 0) { // it does not know: local time
        replace_field(t, &mine, local_zone_of_wall(t, &c));
        aware = mine ? zone_micros(t, mine, self, &offset) : -1;
    }
    value utc = aware > 0 ? moment_shift(t, self, -(wide)offset) : V_NULL;
    if (utc) there = is_none(zone) ? local_zone(t, (moment_micros(&c) - offset) / SECOND_MICROS - (int64_t)ORDINAL_EPOCH * DAY_SECONDS) : own(t, zone);
    if (there && (utc = with_zone(t, utc, there))) r = zone_fromutc(t, there, borrow(utc));
    release_opt(t, mine);
    release_opt(t, there);
    release_opt(t, utc);
    return r;
}
value moment_astimezone(struct thread *t, const vref *a) {
    vref zone = a[1] ? a[1] : V_NONE, mine = as_moment(a[0])->zone;
    if (!datetime_check_zone(t, zone)) return V_NULL;
    if (!is_none(zone) && is_same(zone, mine)) return own(t, a[0]);
    return in_zone(t, a[0], mine, zone);
}
