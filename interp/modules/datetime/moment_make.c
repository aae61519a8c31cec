// SPDX-License-Identifier: Apache-2.0
// Class methods of datetime: now, timestamps, texts, combine. Leaves the constructor to moment.c, local time to moment_zone.c, formats to the library's _strptime.
#include "interp/modules/datetime/datetime.h"
#include "interp/modules/modules.h"
#include "interp/modules/time/time_module.h"

#include <math.h>

// ---- timestamps ----

// Seconds and microseconds of a number of seconds, rounded half to even.
static bool timestamp_of(struct thread *t, vref v, int64_t *seconds, int *micro) {
    time_t when;
    if (!is_float(v)) {
        *micro = 0;
        if (is_none(v)) return raise(t, &exc_TypeError, "'NoneType' object cannot be interpreted as an integer"), false;
        if (!time_t_of(t, v, &when)) return false;
        *seconds = when;
        return true;
    }
    double d = float_value(v), whole, part = rint(modf(d, &whole) * 1e6);
    if (part >= 1e6) part -= 1e6, whole += 1;
    else if (part < 0) part += 1e6, whole -= 1;
    if (isnan(d)) return raise(t, &exc_ValueError, "Invalid value NaN (not a number)"), false;
    if (!(whole >= -9223372036854775808.0 && whole < 9223372036854775808.0)) return raise(t, &exc_OverflowError, "timestamp out of range for platform time_t"), false;
    *seconds = (int64_t)whole;
    *micro = (int)part;
    return true;
}
static bool utc_civil(struct thread *t, int64_t when, struct civil *c) {
    const int64_t first = (int64_t)(1 - ORDINAL_EPOCH) * DAY_SECONDS, last = (int64_t)(ORDINAL_MAX + 1 - ORDINAL_EPOCH) * DAY_SECONDS;
    if (likely(when >= first && when < last)) return moment_civil_of(t, (when + (int64_t)ORDINAL_EPOCH * DAY_SECONDS) * SECOND_MICROS, c);
    struct tm tm;
    time_t far = when;
    errno = 0;
    if (!gmtime_r(&far, &tm)) return raise_errno(t, errno ? errno : EINVAL, V_NULL), false;
    return raise(t, &exc_ValueError, "year %d is out of range", (int)(tm.tm_year + 1900u)), false;
}
// fold 1: the clocks were turned back less than a day ago, and showed the same time before.
static bool find_fold(struct thread *t, int64_t when, int64_t offset, struct civil *c) {
    struct civil probe;
    int64_t before, then;
    if (!moment_local(t, when - DAY_SECONDS, &probe, &before)) return false;
    if (offset >= before) return true;
    if (!moment_local(t, when + offset - before, &probe, &then)) return false;
    c->fold = then == before;
    return true;
}
static value from_seconds(struct thread *t, vref cls, int64_t when, int micro, vref zone, bool local) {
    struct civil c = {0};
    int64_t offset;
    if (local ? !moment_local(t, when, &c, &offset) || !find_fold(t, when, offset, &c) : !utc_civil(t, when, &c)) return V_NULL;
    c.micro = micro;
    return moment_new(t, cls, &c, zone);
}
// In the zone: made as UTC, which the zone then turns into its own time.
static value from_seconds_in(struct thread *t, vref cls, int64_t when, int micro, vref zone) {
    if (!zone || is_none(zone)) return from_seconds(t, cls, when, micro, V_NONE, true);
    value utc = datetime_check_zone(t, zone) ? from_seconds(t, cls, when, micro, zone, false) : V_NULL;
    value r = utc ? zone_fromutc(t, zone, borrow(utc)) : V_NULL;
    release_opt(t, utc);
    return r;
}
value moment_fromtimestamp(struct thread *t, const vref *a) {
    int64_t seconds;
    int micro;
    if (a[2] && !datetime_check_zone(t, a[2])) return V_NULL;
    return timestamp_of(t, a[1], &seconds, &micro) ? from_seconds_in(t, a[0], seconds, micro, a[2]) : V_NULL;
}
value moment_utcfromtimestamp(struct thread *t, const vref *a) {
    int64_t seconds;
    int micro;
    return timestamp_of(t, a[1], &seconds, &micro) ? from_seconds(t, a[0], seconds, micro, V_NONE, false) : V_NULL;
}

// ---- now ----

value moment_now(struct thread *t, const vref *a) {
    struct timespec now;
    if (a[1] && !datetime_check_zone(t, a[1])) return V_NULL;
    clock_gettime(CLOCK_REALTIME, &now);
    return from_seconds_in(t, a[0], now.tv_sec, (int)(now.tv_nsec / 1000), a[1]);
}
value moment_utcnow(struct thread *t, const vref *a) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return from_seconds(t, a[0], now.tv_sec, (int)(now.tv_nsec / 1000), V_NONE, false);
}
value moment_today(struct thread *t, const vref *a) {
    if (as_type(a[0]) == &moment_type) return moment_now(t, (vref[]){a[0], V_NULL});
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    value seconds = float_new(t, (double)now.tv_sec + (double)now.tv_nsec * 1e-9), r = V_NULL;
    if (seconds) r = object_call_method(t, a[0], datetime_names.fromtimestamp, &(vref){borrow(seconds)}, 1);
    release_opt(t, seconds);
    return r;
}

// ---- from parts and texts ----

value moment_combine(struct thread *t, const vref *a) {
    if (!is_date(a[1])) return raise(t, &exc_TypeError, "combine() argument 1 must be datetime.date, not %T", a[1]);
    if (!is_daytime(a[2])) return raise(t, &exc_TypeError, "combine() argument 2 must be datetime.time, not %T", a[2]);
    vref zone = a[3] ? a[3] : as_daytime(a[2])->zone;
    if (!datetime_check_zone(t, zone)) return V_NULL;
    struct civil c = daytime_civil(a[2]);
    c.year = as_date(a[1])->year;
    c.month = as_date(a[1])->month;
    c.day = as_date(a[1])->day;
    return moment_new(t, a[0], &c, zone);
}
value moment_strptime(struct thread *t, const vref *a) {
    if (!datetime_text(t, a[1], "strptime", 1) || !datetime_text(t, a[2], "strptime", 2)) return V_NULL;
    value module = import_dotted(t, datetime_names.strptime_module), f = module ? object_getattr(t, module, datetime_names.strptime_datetime) : V_NULL;
    value r = f ? object_call(t, f, a, 3, V_NULL) : V_NULL;
    release_opt(t, f);
    release_opt(t, module);
    return r;
}

// The bytes of one character of UTF-8, by its first.
static size_t char_bytes(unsigned char c) { return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4; }
// 1 *c and *zone are filled, 0 no such text, -1 exception.
static int read_text(struct thread *t, const char *s, size_t n, struct civil *c, value *zone) {
    struct iso_time tail = {0};
    if (n < 7) return 0;
    size_t at = iso_separator(s, n);
    if (at > n || !iso_read_date(s, at, c)) return 0;
    if (at < n) {
        size_t skip = at + char_bytes((unsigned char)s[at]);
        if (skip > n || !iso_read_time(s + skip, n - skip, c, &tail)) return 0;
    }
    *zone = iso_zone(t, &tail);
    return *zone ? 1 : -1;
}
// What stands between date and time may be any character, even half of a surrogate pair, which has no UTF-8: a 'T' then takes its place.
static value without_surrogate(struct thread *t, vref v) {
    const struct str *s = as_str(v);
    static const size_t places[] = {7, 8, 10};
    for (size_t i = 0; i < 3; i++) {
        if (places[i] >= s->length || (str_at(s, places[i]) & 0xfffff800u) != 0xd800) continue;
        struct str_builder b;
        builder_init(&b, t);
        builder_slice(&b, v, 0, places[i]);
        builder_char(&b, 'T');
        builder_slice(&b, v, places[i] + 1, s->length);
        return builder_finish(&b);
    }
    return own(t, v);
}
value moment_fromisoformat(struct thread *t, const vref *a) {
    struct civil c;
    size_t n;
    value zone = V_NULL;
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "fromisoformat: argument must be str");
    value clean = as_str(a[1])->width == 1 ? own(t, a[1]) : without_surrogate(t, a[1]);
    const char *s = clean ? str_utf8(t, clean, &n) : NULL;
    if (clean && !s && raised_is(t, &exc_UnicodeEncodeError)) raised_clear(t);
    int found = s ? read_text(t, s, n, &c, &zone) : raised(t) ? -1 : 0;
    release_opt(t, clean);
    if (found == 0) return raise(t, &exc_ValueError, "Invalid isoformat string: %R", a[1]);
    value r = found > 0 ? moment_new(t, a[0], &c, zone) : V_NULL;
    release_opt(t, zone);
    return r;
}
