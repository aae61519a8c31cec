// SPDX-License-Identifier: Apache-2.0
// datetime.date: a day of the calendar. Leaves the calendar to days.c, dates with a time to moment.c.
#include "interp/modules/datetime/datetime.h"
#include "interp/modules/time/time_module.h"

#include <stdio.h>

// ---- making ----

static value alloc(struct thread *t, struct type *cls, int year, int month, int day) {
    struct date *d;
    if (likely(cls == &date_type)) d = object_alloc(t, sizeof *d, date_type.root_shape);
    else d = as_date(object_new_instance(t, cls));
    if (unlikely(!d)) return V_NULL;
    d->year = (uint16_t)year;
    d->month = (uint8_t)month;
    d->day = (uint8_t)day;
    return counted_word(d);
}
static value alloc_checked(struct thread *t, struct type *cls, int year, int month, int day) {
    struct civil c = {.year = year, .month = month, .day = day};
    return datetime_check_date(t, &c) ? alloc(t, cls, year, month, day) : V_NULL;
}
value date_new(struct thread *t, vref cls, int year, int month, int day) {
    if (likely(as_type(cls) == &date_type)) return alloc_checked(t, &date_type, year, month, day);
    struct civil c = {.year = year, .month = month, .day = day};
    if (as_type(cls) == &moment_type) return moment_new(t, cls, &c, V_NONE);
    return datetime_call_class(t, cls, (int[]){year, month, day}, 3, V_NULL);
}
value date_from_ordinal(struct thread *t, vref cls, int ordinal) {
    int year, month, day;
    if (ordinal < 1) return raise(t, &exc_ValueError, "ordinal must be >= 1");
    days_civil(ordinal, &year, &month, &day);
    return date_new(t, cls, year, month, day);
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"year", "month", "day"};
    static const struct args_spec spec = {NULL, names, 0, 0, 3};
    vref in[3];
    uint8_t p[4];
    int n[3], state = nargs == 1 ? datetime_state(t, args[0], 4, "date", p) : 0;
    if (state) return state > 0 ? alloc(t, cls, p[0] << 8 | p[1], p[2], p[3]) : V_NULL;
    if (!args_bind(t, &spec, args, nargs, kwnames, in) || !datetime_fields(t, &spec, in, 3, 3, n)) return V_NULL;
    return alloc_checked(t, cls, n[0], n[1], n[2]);
}

// ---- class methods ----

value date_from_seconds(struct thread *t, vref cls, vref seconds) {
    time_t when;
    struct tm tm;
    if (is_none(seconds)) return raise(t, &exc_TypeError, "'NoneType' object cannot be interpreted as an integer");
    if (!time_t_of(t, seconds, &when)) return V_NULL;
    errno = 0;
    if (!localtime_r(&when, &tm)) return raise_errno(t, errno ? errno : EINVAL, V_NULL);
    return date_new(t, cls, (int)(tm.tm_year + 1900u), tm.tm_mon + 1, tm.tm_mday);
}
static value fromtimestamp(struct thread *t, const vref *a) { return date_from_seconds(t, a[0], a[1]); }
static value fromordinal(struct thread *t, const vref *a) {
    int ordinal;
    return datetime_int(t, a[1], &ordinal) ? date_from_ordinal(t, a[0], ordinal) : V_NULL;
}
static value fromisoformat(struct thread *t, const vref *a) {
    struct civil c;
    size_t n;
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "fromisoformat: argument must be str");
    const char *s = str_utf8(t, a[1], &n);
    if (!s) return V_NULL;
    if (!iso_read_date(s, n, &c)) return raise(t, &exc_ValueError, "Invalid isoformat string: %R", a[1]);
    return date_new(t, a[0], c.year, c.month, c.day);
}
static value fromisocalendar(struct thread *t, const vref *a) {
    int n[3], ordinal, bad;
    for (int i = 0; i < 3; i++)
        if (!datetime_int(t, a[i + 1], &n[i])) {
            if (!raised_is(t, &exc_OverflowError)) return V_NULL;
            raised_clear(t);
            return raise(t, &exc_ValueError, "ISO calendar component out of range");
        }
    const char *wrong = days_from_iso(n[0], n[1], n[2], &ordinal, &bad);
    if (wrong) return raise(t, &exc_ValueError, wrong, bad);
    return date_from_ordinal(t, a[0], ordinal);
}

// ---- texts ----

static value isoformat(struct thread *t, const vref *a) {
    char s[16];
    const struct date *d = as_date(a[0]);
    return iso_text(t, s, iso_date(s, d->year, d->month, d->day));
}
static value str(struct thread *t, vref self) {
    return likely(type_of(self) == &date_type) ? isoformat(t, &self) : object_call_method(t, self, datetime_names.isoformat, NULL, 0);
}
static value repr(struct thread *t, vref self) {
    const struct date *d = as_date(self);
    const int fields[] = {d->year, d->month, d->day};
    struct str_builder b;
    builder_init(&b, t);
    datetime_class_name(&b, self);
    for (int i = 0; i < 3; i++) {
        builder_ascii(&b, i ? ", " : "(", i ? 2 : 1);
        builder_int(&b, fields[i]);
    }
    builder_char(&b, ')');
    return builder_finish(&b);
}
value date_ctime_of(struct thread *t, const struct civil *c) {
    static const char days[7][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char s[64];
    int weekday = days_weekday(days_ordinal(c->year, c->month, c->day));
    int n = snprintf(s, sizeof s, "%s %s %2d %02d:%02d:%02d %04d", days[weekday], months[c->month - 1], c->day, c->hour, c->minute, c->second, c->year);
    return iso_text(t, s, s + n);
}
static struct civil civil_of(vref v) { return (struct civil){.year = as_date(v)->year, .month = as_date(v)->month, .day = as_date(v)->day}; }
value date_ctime(struct thread *t, const vref *a) {
    struct civil c = civil_of(a[0]);
    return date_ctime_of(t, &c);
}
// For datetimes too: they have a time and a zone besides.
static value strftime_method(struct thread *t, const vref *a) {
    bool timed = is_moment(a[0]), plain = type_of(a[0]) == &date_type || type_of(a[0]) == &moment_type;
    struct civil c = timed ? moment_civil(a[0]) : civil_of(a[0]);
    vref zone = timed ? as_moment(a[0])->zone : V_NONE;
    value tuple = V_NULL, dst = V_NULL, r = V_NULL;
    if (!datetime_text(t, a[1], "strftime", 1)) return V_NULL;
    if (!plain) tuple = object_call_method(t, a[0], datetime_names.timetuple, NULL, 0);
    else dst = zone_dst(t, zone, a[0]);
    if (tuple || dst) r = format_time(t, a[1], &c, !dst || is_none(dst) ? -1 : !delta_is_zero(dst), zone, a[0], tuple);
    release_opt(t, tuple);
    release_opt(t, dst);
    return r;
}
value date_format(struct thread *t, const vref *a) {
    if (!datetime_text(t, a[1], "__format__", 1)) return V_NULL;
    return as_str(a[1])->length ? object_call_method(t, a[0], datetime_names.strftime, a + 1, 1) : object_str(t, a[0]);
}

// ---- what it knows ----

static value timetuple(struct thread *t, const vref *a) {
    struct civil c = civil_of(a[0]);
    return format_tuple(t, &c, -1);
}
static value isocalendar(struct thread *t, const vref *a) {
    int year, week, weekday;
    days_iso(date_ordinal(a[0]), &year, &week, &weekday);
    return isoweek_new(t, year, week, weekday);
}
static value weekday(struct thread *t, const vref *a) { return (void)t, from_int62(days_weekday(date_ordinal(a[0]))); }
static value isoweekday(struct thread *t, const vref *a) { return (void)t, from_int62(days_weekday(date_ordinal(a[0])) + 1); }
static value toordinal(struct thread *t, const vref *a) { return (void)t, from_int62(date_ordinal(a[0])); }
static value get_year(struct thread *t, const vref *a) { return (void)t, from_int62(as_date(a[0])->year); }
static value get_month(struct thread *t, const vref *a) { return (void)t, from_int62(as_date(a[0])->month); }
static value get_day(struct thread *t, const vref *a) { return (void)t, from_int62(as_date(a[0])->day); }

static value replace(struct thread *t, const vref *a) {
    int year, month, day;
    const struct date *d = as_date(a[0]);
    if (!datetime_int_or(t, a[1], d->year, &year) || !datetime_int_or(t, a[2], d->month, &month) || !datetime_int_or(t, a[3], d->day, &day)) return V_NULL;
    return alloc_checked(t, type_of(a[0]), year, month, day);
}
static value reduce(struct thread *t, const vref *a) {
    const struct date *d = as_date(a[0]);
    const uint8_t p[4] = {(uint8_t)(d->year >> 8), (uint8_t)d->year, d->month, d->day};
    value state = bytes_new(t, p, sizeof p), args = state ? tuple_pack(t, 1, state) : V_NULL, r = args ? tuple_pack(t, 2, type_ref(type_of(a[0])), args) : V_NULL;
    release_opt(t, state);
    release_opt(t, args);
    return r;
}

// ---- operators ----

static uint32_t packed(vref v) { return (uint32_t)as_date(v)->year << 16 | (uint32_t)as_date(v)->month << 8 | as_date(v)->day; }
static int64_t hash(struct thread *t, vref self) { return (void)t, datetime_hash_words(packed(self), 1); }
static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    (void)t;
    if (!is_date(a) || !is_date(b)) return V_NOTIMPL;
    uint32_t x = packed(a), y = packed(b);
    return from_bool(order_fits((x > y) - (x < y), op));
}
static value shift(struct thread *t, vref date, vref delta, int sign) {
    int64_t ordinal = date_ordinal(date) + sign * (int64_t)as_delta(delta)->days;
    if (ordinal < 1 || ordinal > ORDINAL_MAX) return raise(t, &exc_OverflowError, "date value out of range");
    return date_from_ordinal(t, type_ref(type_of(date)), (int)ordinal);
}
static value add(struct thread *t, vref a, vref b) {
    vref date = is_date(a) ? a : b, delta = date == a ? b : a;
    if (!is_date(date) || is_moment(date) || !is_delta(delta)) return V_NOTIMPL;
    return shift(t, date, delta, 1);
}
static value subtract(struct thread *t, vref a, vref b) {
    if (!is_date(a) || is_moment(a) || is_moment(b)) return V_NOTIMPL;
    if (is_delta(b)) return shift(t, a, b, -1);
    return is_date(b) ? delta_new(t, &delta_type, date_ordinal(a) - date_ordinal(b), 0, 0) : V_NOTIMPL;
}

static value today(struct thread *t, const vref *a) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (likely(as_type(a[0]) == &date_type)) return date_from_seconds(t, a[0], from_int62(now.tv_sec));
    value seconds = float_new(t, (double)now.tv_sec + (double)now.tv_nsec * 1e-9), r = V_NULL;
    if (seconds) r = object_call_method(t, a[0], datetime_names.fromtimestamp, &(vref){borrow(seconds)}, 1);
    release_opt(t, seconds);
    return r;
}

static const struct native natives[] = {
    {"year", NATIVE_GETSET, .fn = get_year, .doc = "1 to 9999"},
    {"month", NATIVE_GETSET, .fn = get_month, .doc = "1 to 12"},
    {"day", NATIVE_GETSET, .fn = get_day, .doc = "1 to the number of days of the month"},
    {"fromtimestamp", NATIVE_CLASS, "($type, timestamp, /)", fromtimestamp, .doc = "The local date at a POSIX timestamp, as time.time() gives it."},
    {"fromordinal", NATIVE_CLASS, "($type, ordinal, /)", fromordinal, .doc = "The date with that ordinal; 0001-01-01 has ordinal 1."},
    {"fromisoformat", NATIVE_CLASS, "($type, string, /)", fromisoformat, .doc = "The date that an ISO 8601 text names: 2024-02-29, 20240229, 2024-W09-4."},
    {"fromisocalendar", NATIVE_CLASS, "($type, /, year, week, day)", fromisocalendar, .doc = "The date with that ISO year, week and day of the week."},
    {"today", NATIVE_CLASS, "($type, /)", today, .doc = "The local date of now."},
    {"ctime", NATIVE_METHOD, "($self, /)", date_ctime, .doc = "A text like that of time.ctime()."},
    {"strftime", NATIVE_METHOD, "($self, /, format)", strftime_method, .doc = "The text that a format of time.strftime makes of it."},
    {"__format__", NATIVE_METHOD, "($self, format, /)", date_format, .doc = "strftime(format), or str(self) if the format is empty."},
    {"timetuple", NATIVE_METHOD, "($self, /)", timetuple, .doc = "A time.struct_time for time.localtime() to compare with."},
    {"isocalendar", NATIVE_METHOD, "($self, /)", isocalendar, .doc = "ISO year, week number and weekday, a tuple with named items."},
    {"isoformat", NATIVE_METHOD, "($self, /)", isoformat, .doc = "YYYY-MM-DD"},
    {"isoweekday", NATIVE_METHOD, "($self, /)", isoweekday, .doc = "The day of the week; Monday is 1, Sunday 7."},
    {"toordinal", NATIVE_METHOD, "($self, /)", toordinal, .doc = "The number of the day; 0001-01-01 is day 1."},
    {"weekday", NATIVE_METHOD, "($self, /)", weekday, .doc = "The day of the week; Monday is 0, Sunday 6."},
    {"replace", NATIVE_METHOD, "($self, /, year=None, month=None, day=None)", replace, .doc = "The same date, but for the fields given."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reduce, .doc = "What pickle makes this again from."},
    {NULL},
};
struct type date_type = {
    .name = "date", .module = "datetime", .flags = TYPE_BASE, .basicsize = sizeof(struct date), .natives = natives,
    .doc = "A day of the Gregorian calendar, which counts back to year 1.\n\ndate(year, month, day)",
    .make = make, .repr = repr, .str = str, .hash = hash, .compare = compare, .binary = {[NB_ADD] = add, [NB_SUB] = subtract},
};
