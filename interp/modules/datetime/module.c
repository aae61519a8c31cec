// SPDX-License-Identifier: Apache-2.0
// The module _datetime: its types made ready, constants, and what all its types ask of their arguments. Leaves the types to their files.
//
// datetime_CAPI, a capsule for extensions in C, is left out: there are none here.
#include "interp/modules/datetime/datetime.h"
#include "interp/modules/modules.h"

struct datetime_names datetime_names;

// ---- arguments ----

static NOINLINE bool odd_int(struct thread *t, vref v, int *out) {
    int64_t n = 0;
    value i = is_int(v) ? own(t, v) : object_index(t, v);
    if (!i) return false;
    int over = int_as_i64_overflow(i, &n);
    release(t, i);
    *out = (int)n;
    if (over) raise(t, &exc_OverflowError, "Python int too large to convert to C long");
    else if (n > INT32_MAX || n < INT32_MIN) raise(t, &exc_OverflowError, "signed integer is %s", n > 0 ? "greater than maximum" : "less than minimum");
    else return true;
    return false;
}
bool datetime_int(struct thread *t, vref v, int *out) {
    if (likely(is_int62(v)) && likely(as_int62(v) == (int)as_int62(v))) return *out = (int)as_int62(v), true;
    return odd_int(t, v, out);
}
bool datetime_int_or(struct thread *t, vref v, int absent, int *out) {
    if (v) return datetime_int(t, v, out);
    *out = absent;
    return true;
}
bool datetime_fields(struct thread *t, const struct args_spec *spec, const vref *in, int n, int required, int *out) {
    for (int i = 0; i < n; i++) {
        if (!in[i] && i < required) return args_missing(t, spec, (unsigned)i), false;
        if (!datetime_int_or(t, in[i], 0, &out[i])) return false;
    }
    return true;
}
bool datetime_text(struct thread *t, vref v, const char *function, int position) {
    if (likely(is_str(v))) return true;
    if (is_none(v)) raise(t, &exc_TypeError, "%s() argument %d must be str, not None", function, position);
    else raise(t, &exc_TypeError, "%s() argument %d must be str, not %T", function, position, v);
    return false;
}

static bool bad(struct thread *t, const char *what) { return raise(t, &exc_ValueError, "%s", what), false; }
bool datetime_check_date(struct thread *t, const struct civil *c) {
    if (unlikely(c->year < YEAR_MIN || c->year > YEAR_MAX)) return raise(t, &exc_ValueError, "year %d is out of range", c->year), false;
    if (unlikely(c->month < 1 || c->month > 12)) return bad(t, "month must be in 1..12");
    if (unlikely(c->day < 1 || (c->day > 28 && c->day > days_in_month(c->year, c->month)))) return bad(t, "day is out of range for month");
    return true;
}
static inline bool within(int n, int limit) { return likely((unsigned)n < (unsigned)limit); }
bool datetime_check_time(struct thread *t, const struct civil *c) {
    if (!within(c->hour, 24)) return bad(t, "hour must be in 0..23");
    if (!within(c->minute, 60)) return bad(t, "minute must be in 0..59");
    if (!within(c->second, 60)) return bad(t, "second must be in 0..59");
    if (!within(c->micro, SECOND_MICROS)) return bad(t, "microsecond must be in 0..999999");
    return within(c->fold, 2) || bad(t, "fold must be either 0 or 1");
}
bool datetime_check_zone(struct thread *t, vref zone) {
    if (is_none(zone) || is_of(zone, &zone_base_type)) return true;
    return raise(t, &exc_TypeError, "tzinfo argument must be None or of a tzinfo subclass, not type '%T'", zone), false;
}
value datetime_cannot_compare(struct thread *t, vref a, vref b) {
    return raise(t, &exc_TypeError, "can't compare %s%N to %s%N", "", type_of(a), "", type_of(b));
}

// ---- pickled states ----

// A state with a sensible month (dates) or hour (times) at its place; its high bit is the fold.
static bool is_state(const uint8_t *p, size_t n) {
    if (n == 6) return (p[0] & 127) < 24;
    uint8_t month = n == 10 ? p[2] & 127 : p[2];
    return month >= 1 && month <= 12;
}
int datetime_state(struct thread *t, vref v, size_t n, const char *kind, uint8_t *p) {
    if (!is_pointer(v)) return 0;
    if (is_bytes(v) && as_bytes(v)->length == n) return memcpy(p, as_bytes(v)->data, n), is_state(p, n);
    if (!is_str(v) || as_str(v)->length != n) return 0;
    size_t sense = n == 6 ? 0 : 2;
    uint8_t one[10] = {0};
    uint32_t c = str_at(as_str(v), sense);
    if (c > 255) return 0;
    one[sense] = (uint8_t)c;
    if (!is_state(one, n)) return 0;
    for (size_t i = 0; i < n; i++) {
        if ((c = str_at(as_str(v), i)) > 255)
            return raise(t, &exc_ValueError, "Failed to encode latin1 string when unpickling a %s object. pickle.load(data, encoding='latin1') is assumed.", kind), -1;
        p[i] = (uint8_t)c;
    }
    return 1;
}

// ---- for all types ----

int64_t datetime_hash_words(uint64_t a, uint64_t b) { // the finaliser of MurmurHash3 (Austin Appleby), over both words
    uint64_t h = a * 0x9e3779b97f4a7c15u + b;
    h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
    h ^= h >> 33;
    return h == (uint64_t)-1 ? -2 : (int64_t)h;
}
value datetime_call_class(struct thread *t, vref cls, const int *fields, size_t n, vref zone) {
    vref args[8];
    for (size_t i = 0; i < n; i++) args[i] = from_int62(fields[i]);
    if (zone) args[n++] = borrow(zone);
    return object_call(t, cls, args, n, V_NULL);
}
void datetime_class_name(struct str_builder *b, vref self) {
    const struct type *c = type_of(self);
    if (!(c->flags & TYPE_HEAP)) builder_cstr(b, "datetime.");
    builder_cstr(b, c->name);
}

// ---- the module ----

bool datetime_constant(struct thread *t, struct type *cls, const char *name, value v) {
    if (!v) return false;
    value forever = ref_immortal(t, as_object(v));
    return dict_set_str(t, cls->dict, name, forever);
}
static bool start_names(struct thread *t) {
    const struct {
        value *to;
        const char *name;
    } rows[] = {
        {&datetime_names.utcoffset, "utcoffset"}, {&datetime_names.dst, "dst"}, {&datetime_names.tzname, "tzname"}, {&datetime_names.fromutc, "fromutc"},
        {&datetime_names.isoformat, "isoformat"}, {&datetime_names.strftime, "strftime"}, {&datetime_names.timetuple, "timetuple"},
        {&datetime_names.fromtimestamp, "fromtimestamp"}, {&datetime_names.as_integer_ratio, "as_integer_ratio"}, {&datetime_names.getinitargs, "__getinitargs__"},
        {&datetime_names.getstate, "__getstate__"}, {&datetime_names.strptime_module, "_strptime"}, {&datetime_names.strptime_datetime, "_strptime_datetime"},
        {&datetime_names.time_module, "time"}, {&datetime_names.replace, "replace"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!(*rows[i].to = str_intern_cstr(t, rows[i].name))) return false;
    return true;
}
static value moment_at(struct thread *t, struct type *cls, struct civil c) { return cls == &moment_type ? moment_alloc(t, cls, &c, V_NONE) : daytime_alloc(t, cls, &c, V_NONE); }
static bool start_constants(struct thread *t) {
    const struct civil first = {1, 1, 1, 0, 0, 0, 0, 0}, last = {9999, 12, 31, 23, 59, 59, 999999, 0};
    struct type *const timed[] = {&moment_type, &daytime_type};
    bool ok = zone_start(t) && datetime_constant(t, &delta_type, "min", delta_new(t, &delta_type, -DELTA_DAYS_MAX, 0, 0)) &&
              datetime_constant(t, &delta_type, "max", delta_new(t, &delta_type, DELTA_DAYS_MAX, DAY_SECONDS - 1, SECOND_MICROS - 1)) &&
              datetime_constant(t, &delta_type, "resolution", delta_new(t, &delta_type, 0, 0, 1)) && datetime_constant(t, &date_type, "resolution", delta_new(t, &delta_type, 1, 0, 0)) &&
              datetime_constant(t, &date_type, "min", date_new(t, type_ref(&date_type), 1, 1, 1)) && datetime_constant(t, &date_type, "max", date_new(t, type_ref(&date_type), 9999, 12, 31));
    for (int i = 0; ok && i < 2; i++)
        ok = datetime_constant(t, timed[i], "min", moment_at(t, timed[i], first)) && datetime_constant(t, timed[i], "max", moment_at(t, timed[i], last)) &&
             datetime_constant(t, timed[i], "resolution", delta_new(t, &delta_type, 0, 0, 1));
    return ok;
}
// Once a process: types are shared by its interpreters.
static bool start(struct thread *t) {
    if (zone_utc) return true;
    return start_names(t) && type_ready(t, &delta_type) && type_ready(t, &date_type) && type_ready(t, &moment_type) && type_ready(t, &daytime_type) &&
           type_ready(t, &zone_base_type) && type_ready(t, &zone_type) && type_ready(t, &isoweek_type) && start_constants(t);
}
value datetime_make(struct thread *t) {
    static struct type *const types[] = {&date_type, &moment_type, &daytime_type, &delta_type, &zone_base_type, &zone_type};
    if (!start(t)) return V_NULL;
    value m = module_from_natives(t, "_datetime", "Dates, times, durations and zones in C.", NULL, 0);
    bool ok = m && module_set(t, m, "MINYEAR", from_int62(YEAR_MIN)) && module_set(t, m, "MAXYEAR", from_int62(YEAR_MAX)) && module_set(t, m, "UTC", own(t, zone_utc));
    for (size_t i = 0; ok && i < sizeof types / sizeof *types; i++) ok = module_set(t, m, types[i]->name, type_ref(types[i]));
    if (!ok) release_opt(t, m);
    return ok ? m : V_NULL;
}
