// SPDX-License-Identifier: Apache-2.0
// Calendar time: struct_time, to and from it, its texts, the time zone. Leaves parsing texts to the library's _strptime, clocks to clocks.c.
#include "interp/include/interp.h"
#include "interp/modules/modules.h"
#include "interp/modules/time/time_module.h"
#include "interp/types/dict.h"

#include <stdio.h>

enum { TM_ITEMS = 9, TM_ZONE = 9, TM_GMTOFF = 10, TM_ALL = 11 };
static const struct structseq_field fields[] = {
    {"tm_year", "year, for example, 1993"}, {"tm_mon", "month of year, range [1, 12]"}, {"tm_mday", "day of month, range [1, 31]"}, {"tm_hour", "hours, range [0, 23]"},
    {"tm_min", "minutes, range [0, 59]"}, {"tm_sec", "seconds, range [0, 61])"}, {"tm_wday", "day of the week: 0 (Monday) to 6"},
    {"tm_yday", "day of year, range [1, 366]"}, {"tm_isdst", "daylight saving time: 1, 0, or -1 for unknown"}, {"tm_zone", "abbreviation of timezone name"},
    {"tm_gmtoff", "offset from UTC in seconds"},
};
struct structseq struct_time = {
    .type = {.name = "struct_time", .module = "time", .doc = "What gmtime(), localtime() and strptime() return, and asctime(), mktime() and strftime() take: nine ints."},
    .fields = fields, .count = TM_ALL, .visible = TM_ITEMS,
};
static value time_value(struct thread *t, const struct tm *p) {
    value f[TM_ALL] = {
        int_from_i64(t, (int64_t)p->tm_year + 1900), from_int62(p->tm_mon + 1), from_int62(p->tm_mday), from_int62(p->tm_hour), from_int62(p->tm_min), from_int62(p->tm_sec),
        from_int62((p->tm_wday + 6) % 7), from_int62(p->tm_yday + 1), from_int62(p->tm_isdst), str_decode(t, (const uint8_t *)p->tm_zone, strlen(p->tm_zone), "utf-8", "surrogateescape"),
        int_from_i64(t, p->tm_gmtoff),
    };
    return structseq_new(t, &struct_time, f);
}
static value broken_down(struct thread *t, vref seconds, struct tm *(*split)(const time_t *, struct tm *)) {
    time_t when;
    struct tm tm;
    if (!time_t_of(t, seconds, &when)) return V_NULL;
    errno = 0;
    if (!split(&when, &tm)) return errno ? posix_error(t) : raise(t, &exc_OverflowError, "timestamp out of range for platform time_t");
    return time_value(t, &tm);
}
static value f_gmtime(struct thread *t, const vref *a) { return broken_down(t, a[0], gmtime_r); }
static value f_localtime(struct thread *t, const vref *a) { return broken_down(t, a[0], localtime_r); }

// ---- from nine ints ----
struct named_tm {
    struct tm tm;
    value zone; // owned bytes that tm_zone points into, or V_NULL
};
static bool take_items(struct thread *t, vref v, const char *function, struct tm *p) {
    int *const to[TM_ITEMS] = {&p->tm_year, &p->tm_mon, &p->tm_mday, &p->tm_hour, &p->tm_min, &p->tm_sec, &p->tm_wday, &p->tm_yday, &p->tm_isdst};
    if (!is_tuple(v)) return raise(t, &exc_TypeError, "Tuple or struct_time argument required"), false;
    if (tuple_size(v) != TM_ITEMS) return raise(t, &exc_TypeError, "%s(): illegal time tuple argument", function), false;
    for (size_t i = 0; i < TM_ITEMS; i++)
        if (!arg_int(t, tuple_at(v, i), to[i])) return false;
    if (p->tm_year < INT32_MIN + 1900) return raise(t, &exc_OverflowError, "year out of range"), false;
    p->tm_year -= 1900;
    p->tm_mon--;
    p->tm_wday = (p->tm_wday + 1) % 7;
    p->tm_yday--;
    return true;
}
static bool tm_of(struct thread *t, vref v, const char *function, struct named_tm *out) {
    *out = (struct named_tm){0};
    if (!take_items(t, v, function, &out->tm)) return false;
    if (type_of(v) != &struct_time.type) return true;
    vref zone = as_tuple(v)->at[TM_ZONE], offset = as_tuple(v)->at[TM_GMTOFF];
    if (is_str(zone) && !(out->zone = path_bytes(t, zone))) return false;
    if (out->zone) out->tm.tm_zone = (const char *)as_bytes(out->zone)->data;
    int64_t seconds = 0;
    if (!is_none(offset) && !arg_i64(t, offset, &seconds)) return false;
    out->tm.tm_gmtoff = seconds;
    return true;
}
// What strftime and asctime would read tables with. Zeroes count as the first day.
static bool check(struct thread *t, struct tm *p) {
    const char *what = NULL;
    if (p->tm_mon == -1) p->tm_mon = 0;
    else if (p->tm_mon < 0 || p->tm_mon > 11) what = "month out of range";
    if (p->tm_mday == 0) p->tm_mday = 1;
    else if (!what && (p->tm_mday < 0 || p->tm_mday > 31)) what = "day of month out of range";
    if (!what && (p->tm_hour < 0 || p->tm_hour > 23)) what = "hour out of range";
    if (!what && (p->tm_min < 0 || p->tm_min > 59)) what = "minute out of range";
    if (!what && (p->tm_sec < 0 || p->tm_sec > 61)) what = "seconds out of range";
    if (!what && p->tm_wday < 0) what = "day of week out of range";
    if (p->tm_yday == -1) p->tm_yday = 0;
    else if (!what && (p->tm_yday < 0 || p->tm_yday > 365)) what = "day of year out of range";
    if (what) raise(t, &exc_ValueError, "%s", what);
    return !what;
}
static bool given_or_now(struct thread *t, vref v, const char *function, struct named_tm *out) {
    if (v) return tm_of(t, v, function, out) && check(t, &out->tm);
    time_t now = time(NULL);
    *out = (struct named_tm){0};
    return localtime_r(&now, &out->tm) != NULL;
}
static value text_of(struct thread *t, const struct tm *p) {
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char s[64];
    snprintf(s, sizeof s, "%s %s%3d %.2d:%.2d:%.2d %lld", days[p->tm_wday], months[p->tm_mon], p->tm_mday, p->tm_hour, p->tm_min, p->tm_sec, 1900 + (long long)p->tm_year);
    return str_from_cstr(t, s);
}
static value f_asctime(struct thread *t, const vref *a) {
    struct named_tm n;
    value v = given_or_now(t, a[0], "asctime", &n) ? text_of(t, &n.tm) : V_NULL;
    release_opt(t, n.zone);
    return v;
}
static value f_ctime(struct thread *t, const vref *a) {
    time_t when;
    struct tm tm;
    if (!time_t_of(t, a[0], &when)) return V_NULL;
    errno = 0;
    if (!localtime_r(&when, &tm)) return errno ? posix_error(t) : raise(t, &exc_OverflowError, "timestamp out of range for platform time_t");
    return text_of(t, &tm);
}
static value f_mktime(struct thread *t, const vref *a) {
    struct named_tm n;
    if (!tm_of(t, a[0], "mktime", &n)) return release_opt(t, n.zone), V_NULL;
    n.tm.tm_wday = -1; // -1 is also the second before the epoch: the weekday says whether it worked
    time_t when = mktime(&n.tm);
    release_opt(t, n.zone);
    if (when == (time_t)-1 && n.tm.tm_wday == -1) return raise(t, &exc_OverflowError, "mktime argument out of range");
    return float_new(t, (double)when);
}

// ---- strftime, strptime ----
value time_text(struct thread *t, const char *format, const struct tm *p) {
    size_t length = strlen(format);
    for (size_t room = 1024;; room *= 2) {
        char *s = mem_alloc(t, room);
        if (!s) return V_NULL;
        size_t n = strftime(s, room, format, p);
        bool done = n > 0 || room >= 256 * length + 1024; // an empty text is also how "it did not fit" looks
        value v = done ? str_decode(t, (const uint8_t *)s, n, "utf-8", "surrogateescape") : V_NULL;
        mem_free(t, s, room);
        if (done) return v;
    }
}
static value f_strftime(struct thread *t, const vref *a) {
    struct named_tm n = {0};
    if (!is_str(a[0])) return raise(t, &exc_TypeError, "strftime() argument 1 must be str, not %T", a[0]);
    value format = V_NULL, v = V_NULL;
    if (given_or_now(t, a[1], "strftime", &n)) format = str_encode(t, a[0], "utf-8", "surrogateescape");
    if (n.tm.tm_isdst < -1) n.tm.tm_isdst = -1;
    else if (n.tm.tm_isdst > 1) n.tm.tm_isdst = 1;
    if (format && strlen((const char *)as_bytes(format)->data) != as_bytes(format)->length) raise(t, &exc_ValueError, "embedded null character");
    else if (format && as_bytes(format)->length == 0) v = own(t, str_empty);
    else if (format) v = time_text(t, (const char *)as_bytes(format)->data, &n.tm);
    release_opt(t, format);
    release_opt(t, n.zone);
    return v;
}
static value f_strptime(struct thread *t, const vref *a) {
    value m = interp_import(t, "_strptime"), f = m ? object_getattr_cstr(t, m, "_strptime_time") : V_NULL;
    value r = f ? object_call(t, f, a, a[1] ? 2 : 1, V_NULL) : V_NULL;
    release_opt(t, f);
    release_opt(t, m);
    return r;
}

// ---- the zone ----
bool time_set_zone(struct thread *t, vref module) {
    enum { YEAR = (365 * 24 + 6) * 3600 };
    struct tm winter, summer;
    tzset();
    time_t january = time(NULL) / YEAR * YEAR, july = january + YEAR / 2;
    if (!localtime_r(&january, &winter) || !localtime_r(&july, &summer)) return posix_error(t), false;
    char first[64], second[64];
    snprintf(first, sizeof first, "%s", winter.tm_zone);
    snprintf(second, sizeof second, "%s", summer.tm_zone);
    bool south = winter.tm_gmtoff > summer.tm_gmtoff; // summer is in January there
    long standard = south ? -summer.tm_gmtoff : -winter.tm_gmtoff, saving = south ? -winter.tm_gmtoff : -summer.tm_gmtoff;
    value x = path_text(t, south ? second : first), y = path_text(t, south ? first : second), names = x && y ? tuple_pack(t, 2, x, y) : V_NULL;
    release_opt(t, x);
    release_opt(t, y);
    return module_set(t, module, "tzname", names) && module_set(t, module, "timezone", from_int62(standard)) && module_set(t, module, "altzone", from_int62(saving)) &&
           module_set(t, module, "daylight", from_int62(standard != saving));
}
static value f_tzset(struct thread *t, const vref *a) {
    (void)a;
    value m = interp_import(t, "time");
    bool ok = m && time_set_zone(t, m);
    release_opt(t, m);
    return ok ? V_NONE : V_NULL;
}

const struct native time_calendar_natives[] = {
    F("gmtime", "($module, seconds=None, /)", f_gmtime), F("localtime", "($module, seconds=None, /)", f_localtime), F("asctime", "($module, tuple=<unrepresentable>, /)", f_asctime),
    F("ctime", "($module, seconds=None, /)", f_ctime), F("mktime", "($module, tuple, /)", f_mktime), F("strftime", "($module, format, tuple=<unrepresentable>, /)", f_strftime),
    F("strptime", "($module, string, format=<unrepresentable>, /)", f_strptime), F("tzset", "($module, /)", f_tzset), {0},
};
