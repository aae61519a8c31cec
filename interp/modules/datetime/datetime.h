// SPDX-License-Identifier: Apache-2.0
// The types of _datetime in C: layouts, and what their files ask of each other. Leaves each type to its file and the patterns of strptime to the library's _strptime.
//
// THREE TIMES. A `struct civil` is what a calendar on a wall shows: year to microsecond, and fold. An *ordinal* counts days, 1 is 0001-01-01. Microseconds, where
// whole dates are compared or subtracted, count from midnight of ordinal 0; they fit 64 bits for every date. A timedelta holds up to 999999999 days and does not:
// its microseconds are a `wide`, 128 bits, which also hold its product with any 53-bit mantissa. What does not even fit those is too large for a timedelta anyway.
//
// NORMAL FORM. A delta has 0 <= seconds < 86400 and 0 <= micros < 1000000; days carries the sign. delta_new takes any three numbers and brings them there.
//
// IMMUTABLE. Every object is written once, before anybody else knows it, so that reading takes no lock. Only `hash` is written later: whoever needs it first computes it, and
// all threads get the same (-1: not yet).
//
// SUBCLASSES. Results of + and -, of fromtimestamp, combine, fromisoformat and their like are made by calling the class, which is not told of a fold, as in CPython; replace()
// makes an instance of the class without asking its constructor. Results that are timedeltas are plain ones.
//
// ZONES. A tzinfo is asked through zone_ask, which calls the method that Python code may have written and checks what comes back. An exact datetime.timezone
// answers without a call.
#ifndef KRAIT_INTERP_MODULES_DATETIME_DATETIME_H
#define KRAIT_INTERP_MODULES_DATETIME_DATETIME_H

#include "interp/types/args.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/num.h"
#include "interp/types/sequence.h"
#include "interp/types/str.h"

typedef __int128 wide;

enum {
    YEAR_MIN = 1, YEAR_MAX = 9999,
    ORDINAL_MAX = 3652059,          // 9999-12-31
    ORDINAL_EPOCH = 719163,         // 1970-01-01
    DAY_SECONDS = 86400,
    SECOND_MICROS = 1000000,
    DELTA_DAYS_MAX = 999999999,
};
#define DAY_MICROS ((int64_t)DAY_SECONDS * SECOND_MICROS)

struct civil {
    int year, month, day, hour, minute, second, micro, fold;
};
struct delta {
    struct object head;
    int32_t days, seconds, micros;
};
struct date {
    struct object head;
    uint16_t year;
    uint8_t month, day;
};
struct moment { // datetime.datetime; begins like a date
    struct object head;
    uint16_t year;
    uint8_t month, day;
    uint8_t hour, minute, second, fold;
    int32_t micro;
    value zone;                     // owned: a tzinfo, or None
    _Atomic int64_t hash;           // -1: not computed
};
struct daytime { // datetime.time
    struct object head;
    uint8_t hour, minute, second, fold;
    int32_t micro;
    value zone;                     // owned: a tzinfo, or None
    _Atomic int64_t hash;
};
struct zone { // datetime.timezone
    struct object head;
    value offset;                   // owned: an exact timedelta
    value name;                     // owned str, or V_NULL: shown by its offset
};
extern struct type delta_type, date_type, moment_type, daytime_type, zone_base_type, zone_type, isoweek_type;
static inline struct delta *as_delta(vref v) { return (struct delta *)as_object(v); }
static inline struct date *as_date(vref v) { return (struct date *)as_object(v); }
static inline struct moment *as_moment(vref v) { return (struct moment *)as_object(v); }
static inline struct daytime *as_daytime(vref v) { return (struct daytime *)as_object(v); }
static inline struct zone *as_zone(vref v) { return (struct zone *)as_object(v); }
static inline bool is_of(vref v, const struct type *c) { return is_pointer(v) && is_instance(v, c); }
static inline bool is_delta(vref v) { return is_of(v, &delta_type); }
static inline bool is_date(vref v) { return is_of(v, &date_type); } // datetimes too
static inline bool is_moment(vref v) { return is_of(v, &moment_type); }
static inline bool is_daytime(vref v) { return is_of(v, &daytime_type); }

// Names that are looked up in Python objects, interned when the module is made.
struct datetime_names {
    value utcoffset, dst, tzname, fromutc, isoformat, strftime, timetuple, fromtimestamp, as_integer_ratio, getinitargs, getstate, strptime_module, strptime_datetime, time_module, replace;
};
extern struct datetime_names datetime_names;

// ---- days.c: the calendar ----
int days_in_month(int year, int month);
int days_ordinal(int year, int month, int day);                  // of a valid date
void days_civil(int ordinal, int *year, int *month, int *day);    // 1 <= ordinal <= ORDINAL_MAX
static inline int days_weekday(int ordinal) { return (ordinal + 6) % 7; } // Monday is 0
int days_of_year(int year, int month, int day);                  // January 1st is 1
int days_week_one(int year);                                     // the ordinal of the Monday of its first ISO week
void days_iso(int ordinal, int *year, int *week, int *weekday);   // Monday is 1
// The ordinal of an ISO date, which may lie outside the calendar: NULL, or the format of what is wrong with one of the three numbers, which is *bad.
const char *days_from_iso(int year, int week, int weekday, int *ordinal, int *bad);

// ---- args of all types (module.c) ----
bool datetime_int(struct thread *t, vref v, int *out) MUST_CHECK;       // __index__ that fits an int
bool datetime_int_or(struct thread *t, vref v, int absent, int *out) MUST_CHECK;
// out[0..n) from in[0..n), as ints; the first `required` must be there, the others are 0 if absent.
bool datetime_fields(struct thread *t, const struct args_spec *spec, const vref *in, int n, int required, int *out) MUST_CHECK;
bool datetime_text(struct thread *t, vref v, const char *function, int position) MUST_CHECK; // a str, or TypeError
bool datetime_check_date(struct thread *t, const struct civil *c) MUST_CHECK;
bool datetime_check_time(struct thread *t, const struct civil *c) MUST_CHECK; // fold too
bool datetime_check_zone(struct thread *t, vref zone) MUST_CHECK;       // None or a tzinfo
bool datetime_constant(struct thread *t, struct type *cls, const char *name, value v) MUST_CHECK; // takes v: an immortal attribute of cls
value datetime_cannot_compare(struct thread *t, vref a, vref b);
// The bytes of a pickled state, n of them, from the bytes or (by Python 2) str that a constructor got: 1 p[] is filled, 0 this is none, -1 exception.
int datetime_state(struct thread *t, vref v, size_t n, const char *kind, uint8_t *p);
int64_t datetime_hash_words(uint64_t a, uint64_t b);
value datetime_call_class(struct thread *t, vref cls, const int *fields, size_t n, vref zone_or_null);
// "module.name" of a static class, the bare name of one made by Python: begins its repr.
void datetime_class_name(struct str_builder *b, vref self);

// ---- delta.c, delta_number.c ----
value delta_new(struct thread *t, struct type *cls, int64_t days, int64_t seconds, int64_t micros); // OverflowError
value delta_from_micros(struct thread *t, struct type *cls, wide micros);                           // OverflowError
static inline wide delta_micros(vref v) {
    const struct delta *d = as_delta(v);
    return ((wide)d->days * DAY_SECONDS + d->seconds) * SECOND_MICROS + d->micros;
}
static inline bool delta_is_zero(vref v) { return !(as_delta(v)->days | as_delta(v)->seconds | as_delta(v)->micros); }
int64_t delta_hash(struct thread *t, vref self);
int64_t delta_hash_of(int64_t days, int64_t seconds, int64_t micros);  // that of a delta of these
value delta_too_large(struct thread *t);                            // OverflowError: more days than an int holds
value delta_int_of(struct thread *t, wide n);                       // returns new int
bool delta_wide_of(vref i, wide *out);                              // any int; false: it does not fit
binary_fn delta_multiply, delta_divide, delta_floor_divide, delta_remainder;
native_fn delta_divmod, delta_rdivmod;
value delta_total_seconds(struct thread *t, vref self);

// ---- date.c ----
value date_new(struct thread *t, vref cls, int year, int month, int day); // checked; a subclass is called
value date_from_ordinal(struct thread *t, vref cls, int ordinal);        // checked
value date_from_seconds(struct thread *t, vref cls, vref seconds);        // a timestamp, in local time
native_fn date_format, date_ctime;
static inline int date_ordinal(vref v) { return days_ordinal(as_date(v)->year, as_date(v)->month, as_date(v)->day); }
value date_ctime_of(struct thread *t, const struct civil *c);

// ---- moment.c (the type), moment_make.c (class methods), moment_zone.c (local time, offsets) ----
static inline struct civil moment_civil(vref v) {
    const struct moment *m = as_moment(v);
    return (struct civil){m->year, m->month, m->day, m->hour, m->minute, m->second, m->micro, m->fold};
}
value moment_alloc(struct thread *t, struct type *cls, const struct civil *c, vref zone); // takes the fields as they are
value moment_new(struct thread *t, vref cls, const struct civil *c, vref zone);           // checks the fields; a subclass is called
int64_t moment_micros(const struct civil *c);                                            // since midnight of ordinal 0
bool moment_civil_of(struct thread *t, int64_t micros, struct civil *out) MUST_CHECK;    // OverflowError
value moment_shift(struct thread *t, vref self, wide micros);                            // self + micros, of the class of self
extern native_fn moment_today, moment_now, moment_utcnow, moment_fromtimestamp, moment_utcfromtimestamp, moment_strptime, moment_combine, moment_fromisoformat, moment_astimezone,
    moment_timestamp;
bool moment_local(struct thread *t, int64_t when, struct civil *c, int64_t *offset) MUST_CHECK; // local time of seconds since 1970

// ---- daytime.c ----
value daytime_alloc(struct thread *t, struct type *cls, const struct civil *c, vref zone);
static inline struct civil daytime_civil(vref v) {
    const struct daytime *d = as_daytime(v);
    return (struct civil){1900, 1, 1, d->hour, d->minute, d->second, d->micro, d->fold};
}

// ---- zone.c ----
extern value zone_utc;                                              // timezone.utc, immortal
value zone_new(struct thread *t, vref offset, vref name_or_null);   // a timezone; UTC itself for no offset and no name
bool zone_start(struct thread *t) MUST_CHECK;                       // utc, min, max
// What zone says of dt (a datetime or None): None or, checked, a timedelta (utcoffset, dst), None or a str (tzname). zone may be None. returns new.
value zone_utcoffset(struct thread *t, vref zone, vref dt);
value zone_dst(struct thread *t, vref zone, vref dt);
value zone_tzname(struct thread *t, vref zone, vref dt);
// The offset in microseconds: 1 *out is set, 0 there is none (naive), -1 exception.
int zone_micros(struct thread *t, vref zone, vref dt, int64_t *out);
value zone_fromutc(struct thread *t, vref zone, vref dt);           // zone.fromutc(dt)

// ---- iso_write.c ----
enum iso_spec { ISO_AUTO, ISO_HOURS, ISO_MINUTES, ISO_SECONDS, ISO_MILLISECONDS, ISO_MICROSECONDS };
bool iso_spec_of(struct thread *t, vref text_or_null, const char *function, int position, enum iso_spec *out) MUST_CHECK;
char *iso_digits(char *p, unsigned n, int width);                   // exactly width digits; returns what is behind
char *iso_date(char *p, int year, int month, int day);
char *iso_time(char *p, const struct civil *c, enum iso_spec spec);
char *iso_offset(char *p, int64_t micros, const char *between);     // +HH:MM[:SS[.ffffff]]
value iso_text(struct thread *t, const char *from, const char *to); // returns new str
enum { ISO_TEXT_MAX = 80 };

// ---- iso_read.c ----
bool iso_read_date(const char *s, size_t n, struct civil *c);       // false: not a date; no exception
struct iso_time {
    bool aware;
    int64_t offset;                                                 // microseconds
};
bool iso_read_time(const char *s, size_t n, struct civil *c, struct iso_time *zone);
size_t iso_separator(const char *s, size_t n);                      // where the date of a text of at least 7 bytes ends
value iso_zone(struct thread *t, const struct iso_time *zone);      // returns new: None or a timezone

// ---- format.c ----
// strftime: dt is whom the zone is asked about (None for a time). timetuple: what the library's time.strftime gets, V_NULL: c does.
value format_time(struct thread *t, vref format, const struct civil *c, int dst, vref zone, vref dt, vref timetuple_or_null);
value format_tuple(struct thread *t, const struct civil *c, int dst); // a time.struct_time

// ---- isoweek.c ----
value isoweek_new(struct thread *t, int year, int week, int weekday);

#endif
