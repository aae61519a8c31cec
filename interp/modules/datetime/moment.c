// SPDX-License-Identifier: Apache-2.0
// datetime.datetime: a date with a time and perhaps a zone; fields, comparison, differences. Leaves its class methods to moment_make.c, local time to moment_zone.c.
#include "interp/modules/datetime/datetime.h"

// ---- making ----

value moment_alloc(struct thread *t, struct type *cls, const struct civil *c, vref zone) {
    struct moment *m;
    if (likely(cls == &moment_type)) m = object_alloc_gc(t, sizeof *m, moment_type.root_shape);
    else m = as_moment(object_new_instance(t, cls));
    if (unlikely(!m)) return V_NULL;
    m->year = (uint16_t)c->year;
    m->month = (uint8_t)c->month;
    m->day = (uint8_t)c->day;
    m->hour = (uint8_t)c->hour;
    m->minute = (uint8_t)c->minute;
    m->second = (uint8_t)c->second;
    m->fold = (uint8_t)c->fold;
    m->micro = c->micro;
    m->zone = own(t, zone);
    atomic_store_explicit(&m->hash, -1, memory_order_relaxed);
    return counted_word(m);
}
static value alloc_checked(struct thread *t, struct type *cls, const struct civil *c, vref zone) {
    return datetime_check_date(t, c) && datetime_check_time(t, c) && datetime_check_zone(t, zone) ? moment_alloc(t, cls, c, zone) : V_NULL;
}
value moment_new(struct thread *t, vref cls, const struct civil *c, vref zone) {
    if (likely(as_type(cls) == &moment_type)) return alloc_checked(t, &moment_type, c, zone);
    return datetime_call_class(t, cls, (int[]){c->year, c->month, c->day, c->hour, c->minute, c->second, c->micro}, 7, zone);
}

static const char *const names[] = {"year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold"};
enum { TZINFO = 7, FOLD = 8, ARGS = 9 };
static value from_state(struct thread *t, struct type *cls, const uint8_t *p, const vref *args, size_t nargs) {
    vref zone = nargs > 1 ? args[1] : V_NONE;
    if (!is_none(zone) && !is_of(zone, &zone_base_type)) return raise(t, &exc_TypeError, "bad tzinfo state arg");
    struct civil c = {p[0] << 8 | p[1], p[2] & 127, p[3], p[4], p[5], p[6], p[7] << 16 | p[8] << 8 | p[9], p[2] >> 7};
    return moment_alloc(t, cls, &c, zone);
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const struct args_spec spec = {NULL, names, 0, 0, ARGS};
    vref in[ARGS];
    uint8_t p[10];
    struct civil c;
    int n[TZINFO], state = nargs == 1 || nargs == 2 ? datetime_state(t, args[0], 10, "datetime", p) : 0;
    if (state) return state > 0 ? from_state(t, cls, p, args, nargs) : V_NULL;
    if (nargs == ARGS) return raise(t, &exc_TypeError, "function takes at most %d positional arguments (%d given)", FOLD, ARGS);
    if (!args_bind(t, &spec, args, nargs, kwnames, in) || !datetime_fields(t, &spec, in, TZINFO, 3, n) || !datetime_int_or(t, in[FOLD], 0, &c.fold)) return V_NULL;
    c = (struct civil){n[0], n[1], n[2], n[3], n[4], n[5], n[6], c.fold};
    return alloc_checked(t, cls, &c, in[TZINFO] ? in[TZINFO] : V_NONE);
}

static void destroy(struct thread *t, struct object *o) { release_field(t, &((struct moment *)o)->zone); }
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct moment *m = (struct moment *)o;
    return m->zone ? visit(m->zone, arg) : 0;
}

// ---- fields ----

#define GETTER(name, expression) \
    static value get_##name(struct thread *t, const vref *a) { return (void)t, from_int62(expression); }
GETTER(hour, as_moment(a[0])->hour)
GETTER(minute, as_moment(a[0])->minute)
GETTER(second, as_moment(a[0])->second)
GETTER(microsecond, as_moment(a[0])->micro)
GETTER(fold, as_moment(a[0])->fold)
static value get_tzinfo(struct thread *t, const vref *a) { return own(t, as_moment(a[0])->zone); }

static value date(struct thread *t, const vref *a) {
    const struct moment *m = as_moment(a[0]);
    return date_new(t, type_ref(&date_type), m->year, m->month, m->day);
}
static value time_with(struct thread *t, vref self, vref zone) {
    struct civil c = moment_civil(self);
    return daytime_alloc(t, &daytime_type, &c, zone);
}
static value time_of(struct thread *t, const vref *a) { return time_with(t, a[0], V_NONE); }
static value timetz(struct thread *t, const vref *a) { return time_with(t, a[0], as_moment(a[0])->zone); }

static value replace(struct thread *t, const vref *a) {
    struct civil c = moment_civil(a[0]);
    int *const to[] = {&c.year, &c.month, &c.day, &c.hour, &c.minute, &c.second, &c.micro};
    for (int i = 0; i < TZINFO; i++)
        if (!datetime_int_or(t, a[i + 1], *to[i], to[i])) return V_NULL;
    if (!datetime_int_or(t, a[FOLD + 1], c.fold, &c.fold)) return V_NULL;
    return alloc_checked(t, type_of(a[0]), &c, a[TZINFO + 1] ? a[TZINFO + 1] : as_moment(a[0])->zone);
}

// ---- texts ----

static value text(struct thread *t, vref self, uint32_t sep, enum iso_spec spec) {
    struct civil c = moment_civil(self);
    int64_t offset;
    char s[ISO_TEXT_MAX], *p = iso_date(s, c.year, c.month, c.day), *at = p++;
    *at = (char)sep;
    p = iso_time(p, &c, spec);
    int aware = zone_micros(t, as_moment(self)->zone, self, &offset);
    if (aware < 0) return V_NULL;
    if (aware) p = iso_offset(p, offset, ":");
    if (likely(sep < 128)) return iso_text(t, s, p);
    struct str_builder b;
    builder_init(&b, t);
    builder_ascii(&b, s, (size_t)(at - s));
    builder_char(&b, sep);
    builder_ascii(&b, at + 1, (size_t)(p - at - 1));
    return builder_finish(&b);
}
static value isoformat(struct thread *t, const vref *a) {
    enum iso_spec spec;
    if (a[1] && !(is_str(a[1]) && as_str(a[1])->length == 1)) return raise(t, &exc_TypeError, "isoformat() argument 1 must be a unicode character, not %T", a[1]);
    return iso_spec_of(t, a[2], "isoformat", 2, &spec) ? text(t, a[0], a[1] ? str_at(as_str(a[1]), 0) : 'T', spec) : V_NULL;
}
static value str(struct thread *t, vref self) {
    if (likely(type_of(self) == &moment_type)) return text(t, self, ' ', ISO_AUTO);
    value space = str_from_char(t, ' '), r = space ? object_call_method(t, self, datetime_names.isoformat, &(vref){borrow(space)}, 1) : V_NULL;
    release_opt(t, space);
    return r;
}
static value repr(struct thread *t, vref self) {
    struct civil c = moment_civil(self);
    const int fields[] = {c.year, c.month, c.day, c.hour, c.minute, c.second, c.micro};
    struct str_builder b;
    builder_init(&b, t);
    datetime_class_name(&b, self);
    int shown = c.micro ? 7 : c.second ? 6 : 5;
    for (int i = 0; i < shown; i++) {
        builder_ascii(&b, i ? ", " : "(", i ? 2 : 1);
        builder_int(&b, fields[i]);
    }
    if (c.fold) builder_cstr(&b, ", fold=1");
    if (!is_none(as_moment(self)->zone)) {
        builder_cstr(&b, ", tzinfo=");
        builder_repr(&b, as_moment(self)->zone);
    }
    builder_char(&b, ')');
    return builder_finish(&b);
}
static value ctime_method(struct thread *t, const vref *a) {
    struct civil c = moment_civil(a[0]);
    return date_ctime_of(t, &c);
}

// ---- as tuples ----

static value timetuple(struct thread *t, const vref *a) {
    struct civil c = moment_civil(a[0]);
    value dst = zone_dst(t, as_moment(a[0])->zone, a[0]);
    value r = dst ? format_tuple(t, &c, is_none(dst) ? -1 : !delta_is_zero(dst)) : V_NULL;
    release_opt(t, dst);
    return r;
}
static value utctimetuple(struct thread *t, const vref *a) {
    struct civil c = moment_civil(a[0]);
    int64_t offset;
    int aware = zone_micros(t, as_moment(a[0])->zone, a[0], &offset);
    if (aware < 0 || (aware && !moment_civil_of(t, moment_micros(&c) - offset, &c))) return V_NULL;
    return format_tuple(t, &c, 0);
}

// ---- numbers ----

int64_t moment_micros(const struct civil *c) {
    int64_t seconds = (int64_t)days_ordinal(c->year, c->month, c->day) * DAY_SECONDS + c->hour * 3600 + c->minute * 60 + c->second;
    return seconds * SECOND_MICROS + c->micro;
}
bool moment_civil_of(struct thread *t, int64_t micros, struct civil *c) {
    int64_t ordinal = micros / DAY_MICROS;
    if (micros < DAY_MICROS || ordinal > ORDINAL_MAX) return raise(t, &exc_OverflowError, "date value out of range"), false;
    int64_t rest = micros % DAY_MICROS;
    unsigned seconds = (unsigned)(rest / SECOND_MICROS);
    days_civil((int)ordinal, &c->year, &c->month, &c->day);
    c->hour = (int)(seconds / 3600);
    c->minute = (int)(seconds / 60 % 60);
    c->second = (int)(seconds % 60);
    c->micro = (int)(rest % SECOND_MICROS);
    c->fold = 0;
    return true;
}
value moment_shift(struct thread *t, vref self, wide micros) {
    struct civil c = moment_civil(self);
    wide sum = moment_micros(&c) + micros;
    if (sum < 0 || sum > INT64_MAX) sum = 0; // no date either
    return moment_civil_of(t, (int64_t)sum, &c) ? moment_new(t, type_ref(type_of(self)), &c, as_moment(self)->zone) : V_NULL;
}
static value add(struct thread *t, vref a, vref b) {
    vref m = is_moment(a) ? a : b, delta = m == a ? b : a;
    return is_moment(m) && is_delta(delta) ? moment_shift(t, m, delta_micros(delta)) : V_NOTIMPL;
}

// The offsets of both, asked for only if their zones differ: 1 both aware, 0 both naive (or of one zone: compare what they show), 2 one of each, -1.
static int offsets(struct thread *t, vref a, vref b, int64_t *x, int64_t *y) {
    *x = *y = 0;
    if (is_same(as_moment(a)->zone, as_moment(b)->zone)) return 0;
    int left = zone_micros(t, as_moment(a)->zone, a, x), right = left < 0 ? -1 : zone_micros(t, as_moment(b)->zone, b, y);
    return right < 0 ? -1 : left != right ? 2 : left;
}
static value difference(struct thread *t, vref a, vref b) {
    int64_t x, y;
    int kind = offsets(t, a, b, &x, &y);
    if (kind < 0) return V_NULL;
    if (kind == 2) return raise(t, &exc_TypeError, "can't subtract offset-naive and offset-aware datetimes");
    struct civil c = moment_civil(a), d = moment_civil(b);
    return delta_from_micros(t, &delta_type, moment_micros(&c) - x - (moment_micros(&d) - y));
}
static value subtract(struct thread *t, vref a, vref b) {
    if (!is_moment(a)) return V_NOTIMPL;
    if (is_moment(b)) return difference(t, a, b);
    return is_delta(b) ? moment_shift(t, a, -delta_micros(b)) : V_NOTIMPL;
}

// ---- comparison ----

// Whether the offset of v would be another with the other fold (PEP 495): 1 yes, 0 no, -1 exception.
static int is_problematic(struct thread *t, vref v, int64_t offset) {
    struct civil c = moment_civil(v);
    int64_t other;
    c.fold = !c.fold;
    value flipped = moment_alloc(t, &moment_type, &c, as_moment(v)->zone);
    int aware = flipped ? zone_micros(t, as_moment(v)->zone, borrow(flipped), &other) : -1;
    release_opt(t, flipped);
    return aware < 0 ? -1 : !aware || other != offset;
}
static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    bool equality = op == CMP_EQ || op == CMP_NE;
    if (!is_moment(a) || !is_moment(b)) {
        if (!is_date(a) || !is_date(b)) return V_NOTIMPL;
        return equality ? from_bool(op == CMP_NE) : datetime_cannot_compare(t, a, b);
    }
    int64_t x, y;
    int kind = offsets(t, a, b, &x, &y);
    if (kind < 0) return V_NULL;
    if (kind == 2) return equality ? from_bool(op == CMP_NE) : raise(t, &exc_TypeError, "can't compare offset-naive and offset-aware datetimes");
    struct civil c = moment_civil(a), d = moment_civil(b);
    int64_t by = moment_micros(&c) - x - (moment_micros(&d) - y);
    if (kind == 1 && by == 0 && equality) {
        int odd = is_problematic(t, a, x);
        if (!odd) odd = is_problematic(t, b, y);
        if (odd < 0) return V_NULL;
        by = odd;
    }
    return from_bool(order_fits((by > 0) - (by < 0), op));
}
// By what it shows with fold 0, or for an aware one by the time in UTC, as the timedelta since midnight of ordinal 0.
static int64_t compute_hash(struct thread *t, vref self) {
    struct civil c = moment_civil(self);
    int64_t offset = 0;
    value plain = V_NULL;
    vref zone = as_moment(self)->zone;
    if (c.fold && !is_none(zone)) {
        c.fold = 0;
        if (!(plain = moment_alloc(t, &moment_type, &c, zone))) return -1;
    }
    int aware = zone_micros(t, zone, plain ? borrow(plain) : self, &offset);
    release_opt(t, plain);
    if (aware < 0) return -1;
    int64_t micros = moment_micros(&c) - offset, days = micros / DAY_MICROS, rest = micros % DAY_MICROS;
    if (rest < 0) days--, rest += DAY_MICROS;
    return aware ? delta_hash_of(days, rest / SECOND_MICROS, rest % SECOND_MICROS) : datetime_hash_words((uint64_t)micros, 2);
}
static int64_t hash(struct thread *t, vref self) {
    _Atomic int64_t *kept = &as_moment(self)->hash;
    int64_t h = atomic_load_explicit(kept, memory_order_relaxed);
    if (h != -1) return h;
    h = compute_hash(t, self);
    if (h != -1) atomic_store_explicit(kept, h, memory_order_relaxed);
    return h;
}

// ---- zone ----

static value utcoffset(struct thread *t, const vref *a) { return zone_utcoffset(t, as_moment(a[0])->zone, a[0]); }
static value dst(struct thread *t, const vref *a) { return zone_dst(t, as_moment(a[0])->zone, a[0]); }
static value name_of_zone(struct thread *t, const vref *a) { return zone_tzname(t, as_moment(a[0])->zone, a[0]); }

static value reduced(struct thread *t, vref self, bool with_fold) {
    struct civil c = moment_civil(self);
    const uint8_t p[10] = {(uint8_t)(c.year >> 8), (uint8_t)c.year, (uint8_t)(c.month | (with_fold && c.fold ? 128 : 0)), (uint8_t)c.day, (uint8_t)c.hour, (uint8_t)c.minute,
                           (uint8_t)c.second, (uint8_t)(c.micro >> 16), (uint8_t)(c.micro >> 8), (uint8_t)c.micro};
    vref zone = as_moment(self)->zone;
    value state = bytes_new(t, p, sizeof p), args = state ? tuple_pack(t, is_none(zone) ? 1 : 2, state, zone) : V_NULL;
    value r = args ? tuple_pack(t, 2, type_ref(type_of(self)), args) : V_NULL;
    release_opt(t, state);
    release_opt(t, args);
    return r;
}
static value reduce(struct thread *t, const vref *a) { return reduced(t, a[0], false); }
static value reduce_ex(struct thread *t, const vref *a) {
    int protocol;
    return datetime_int(t, a[1], &protocol) ? reduced(t, a[0], protocol > 3) : V_NULL;
}

static const struct native natives[] = {
    {"hour", NATIVE_GETSET, .fn = get_hour, .doc = "0 to 23"},
    {"minute", NATIVE_GETSET, .fn = get_minute, .doc = "0 to 59"},
    {"second", NATIVE_GETSET, .fn = get_second, .doc = "0 to 59"},
    {"microsecond", NATIVE_GETSET, .fn = get_microsecond, .doc = "0 to 999999"},
    {"tzinfo", NATIVE_GETSET, .fn = get_tzinfo, .doc = "The zone, or None."},
    {"fold", NATIVE_GETSET, .fn = get_fold, .doc = "1 for the second of two times that a clock shows alike."},
    {"today", NATIVE_CLASS, "($type, /)", moment_today, .doc = "Local date and time of now, without a zone."},
    {"now", NATIVE_CLASS, "($type, /, tz=None)", moment_now, .doc = "Date and time of now in the zone tz; by default local time, without a zone."},
    {"utcnow", NATIVE_CLASS, "($type, /)", moment_utcnow, .doc = "Date and time of now in UTC, without a zone."},
    {"fromtimestamp", NATIVE_CLASS, "($type, /, timestamp, tz=None)", moment_fromtimestamp, .doc = "The moment of a POSIX timestamp in the zone tz; by default in local time."},
    {"utcfromtimestamp", NATIVE_CLASS, "($type, timestamp, /)", moment_utcfromtimestamp, .doc = "The moment of a POSIX timestamp in UTC, without a zone."},
    {"strptime", NATIVE_CLASS, "($type, string, format, /)", moment_strptime, .doc = "Reads a text by a format of time.strptime()."},
    {"combine", NATIVE_CLASS, "($type, /, date, time, tzinfo=None)", moment_combine, .doc = "A date and a time in one; the zone is that of the time unless one is given."},
    {"fromisoformat", NATIVE_CLASS, "($type, string, /)", moment_fromisoformat, .doc = "Reads a text in most forms of ISO 8601."},
    {"date", NATIVE_METHOD, "($self, /)", date, .doc = "The date alone."},
    {"time", NATIVE_METHOD, "($self, /)", time_of, .doc = "The time alone, without the zone."},
    {"timetz", NATIVE_METHOD, "($self, /)", timetz, .doc = "The time with the zone."},
    {"ctime", NATIVE_METHOD, "($self, /)", ctime_method, .doc = "A text like that of time.ctime()."},
    {"timetuple", NATIVE_METHOD, "($self, /)", timetuple, .doc = "A time.struct_time of what it shows."},
    {"timestamp", NATIVE_METHOD, "($self, /)", moment_timestamp, .doc = "The POSIX timestamp, a float; without a zone it counts as local time."},
    {"utctimetuple", NATIVE_METHOD, "($self, /)", utctimetuple, .doc = "A time.struct_time in UTC."},
    {"isoformat", NATIVE_METHOD, "($self, /, sep='T', timespec='auto')", isoformat,
     .doc = "YYYY-MM-DDTHH:MM:SS[.mmmmmm][+HH:MM[:SS[.ffffff]]]\n\nsep stands between date and time. timespec says where the time ends: 'auto', 'hours', 'minutes', 'seconds',\n"
            "'milliseconds' or 'microseconds'."},
    {"utcoffset", NATIVE_METHOD, "($self, /)", utcoffset, .doc = "What tzinfo.utcoffset(self) says; None without a zone."},
    {"tzname", NATIVE_METHOD, "($self, /)", name_of_zone, .doc = "What tzinfo.tzname(self) says; None without a zone."},
    {"dst", NATIVE_METHOD, "($self, /)", dst, .doc = "What tzinfo.dst(self) says; None without a zone."},
    {"replace", NATIVE_METHOD, "($self, /, year=None, month=None, day=None, hour=None, minute=None, second=None, microsecond=None, tzinfo=None, *, fold=None)", replace,
     .doc = "The same moment, but for the fields given."},
    {"astimezone", NATIVE_METHOD, "($self, /, tz=None)", moment_astimezone, .doc = "The same moment as clocks of the zone tz show it; by default those here."},
    {"__reduce_ex__", NATIVE_METHOD, "($self, protocol, /)", reduce_ex, .doc = "What pickle makes this again from."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reduce, .doc = "What pickle makes this again from, without the fold."},
    {NULL},
};
struct type moment_type = {
    .name = "datetime", .module = "datetime", .base = &date_type, .flags = TYPE_BASE | TYPE_GC | TYPE_QUIET, .basicsize = sizeof(struct moment), .natives = natives,
    .doc = "A date and a time of day, and perhaps the zone whose clocks show them.\n\n"
           "datetime(year, month, day, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)",
    .make = make, .destroy = destroy, .traverse = traverse, .repr = repr, .str = str, .hash = hash, .compare = compare, .binary = {[NB_ADD] = add, [NB_SUB] = subtract},
};
