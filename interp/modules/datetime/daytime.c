// SPDX-License-Identifier: Apache-2.0
// datetime.time: a time of day, perhaps with a zone. Leaves dates to date.c, both together to moment.c.
#include "interp/modules/datetime/datetime.h"

// ---- making ----

value daytime_alloc(struct thread *t, struct type *cls, const struct civil *c, vref zone) {
    struct daytime *d;
    if (likely(cls == &daytime_type)) d = object_alloc_gc(t, sizeof *d, daytime_type.root_shape);
    else d = as_daytime(object_new_instance(t, cls));
    if (unlikely(!d)) return V_NULL;
    d->hour = (uint8_t)c->hour;
    d->minute = (uint8_t)c->minute;
    d->second = (uint8_t)c->second;
    d->fold = (uint8_t)c->fold;
    d->micro = c->micro;
    d->zone = own(t, zone);
    atomic_store_explicit(&d->hash, -1, memory_order_relaxed);
    return counted_word(d);
}
static value alloc_checked(struct thread *t, struct type *cls, const struct civil *c, vref zone) {
    return datetime_check_time(t, c) && datetime_check_zone(t, zone) ? daytime_alloc(t, cls, c, zone) : V_NULL;
}
static value from_state(struct thread *t, struct type *cls, const uint8_t *p, const vref *args, size_t nargs) {
    vref zone = nargs > 1 ? args[1] : V_NONE;
    if (!is_none(zone) && !is_of(zone, &zone_base_type)) return raise(t, &exc_TypeError, "bad tzinfo state arg");
    struct civil c = {0, 0, 0, p[0] & 127, p[1], p[2], p[3] << 16 | p[4] << 8 | p[5], p[0] >> 7};
    return daytime_alloc(t, cls, &c, zone);
}
enum { NUMBERS = 4, TZINFO = 4, FOLD = 5, ARGS = 6 };
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"hour", "minute", "second", "microsecond", "tzinfo", "fold"};
    static const struct args_spec spec = {NULL, names, 0, 0, ARGS};
    vref in[ARGS];
    uint8_t p[6];
    struct civil c = {0};
    int n[NUMBERS], state = nargs == 1 || nargs == 2 ? datetime_state(t, args[0], 6, "time", p) : 0;
    if (state) return state > 0 ? from_state(t, cls, p, args, nargs) : V_NULL;
    if (nargs == ARGS) return raise(t, &exc_TypeError, "function takes at most %d positional arguments (%d given)", FOLD, ARGS);
    if (!args_bind(t, &spec, args, nargs, kwnames, in) || !datetime_fields(t, &spec, in, NUMBERS, 0, n) || !datetime_int_or(t, in[FOLD], 0, &c.fold)) return V_NULL;
    c = (struct civil){0, 0, 0, n[0], n[1], n[2], n[3], c.fold};
    return alloc_checked(t, cls, &c, in[TZINFO] ? in[TZINFO] : V_NONE);
}
static void destroy(struct thread *t, struct object *o) { release_field(t, &((struct daytime *)o)->zone); }
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct daytime *d = (struct daytime *)o;
    return d->zone ? visit(d->zone, arg) : 0;
}
static value fromisoformat(struct thread *t, const vref *a) {
    struct civil c = {0};
    struct iso_time tail;
    size_t n;
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "fromisoformat: argument must be str");
    const char *s = str_utf8(t, a[1], &n);
    if (s && *s == 'T') s++, n--;
    if (!s || !iso_read_time(s, n, &c, &tail)) return raised(t) && !raised_is(t, &exc_UnicodeEncodeError) ? V_NULL : (raised_clear(t), raise(t, &exc_ValueError, "Invalid isoformat string: %R", a[1]));
    value zone = iso_zone(t, &tail), r = V_NULL;
    if (zone && as_type(a[0]) == &daytime_type) r = alloc_checked(t, &daytime_type, &c, zone);
    else if (zone) r = datetime_call_class(t, a[0], (int[]){c.hour, c.minute, c.second, c.micro}, 4, zone);
    release_opt(t, zone);
    return r;
}

// ---- fields ----

#define GETTER(name, field) \
    static value get_##name(struct thread *t, const vref *a) { return (void)t, from_int62(as_daytime(a[0])->field); }
GETTER(hour, hour)
GETTER(minute, minute)
GETTER(second, second)
GETTER(microsecond, micro)
GETTER(fold, fold)
static value get_tzinfo(struct thread *t, const vref *a) { return own(t, as_daytime(a[0])->zone); }
static value utcoffset(struct thread *t, const vref *a) { return zone_utcoffset(t, as_daytime(a[0])->zone, V_NONE); }
static value dst(struct thread *t, const vref *a) { return zone_dst(t, as_daytime(a[0])->zone, V_NONE); }
static value name_of_zone(struct thread *t, const vref *a) { return zone_tzname(t, as_daytime(a[0])->zone, V_NONE); }

static value replace(struct thread *t, const vref *a) {
    struct civil c = daytime_civil(a[0]);
    int *const to[] = {&c.hour, &c.minute, &c.second, &c.micro};
    for (int i = 0; i < NUMBERS; i++)
        if (!datetime_int_or(t, a[i + 1], *to[i], to[i])) return V_NULL;
    if (!datetime_int_or(t, a[FOLD + 1], c.fold, &c.fold)) return V_NULL;
    return alloc_checked(t, type_of(a[0]), &c, a[TZINFO + 1] ? a[TZINFO + 1] : as_daytime(a[0])->zone);
}

// ---- texts ----

static value isoformat(struct thread *t, const vref *a) {
    enum iso_spec spec;
    int64_t offset;
    struct civil c = daytime_civil(a[0]);
    if (!iso_spec_of(t, a[1], "isoformat", 1, &spec)) return V_NULL;
    char s[ISO_TEXT_MAX], *p = iso_time(s, &c, spec);
    int aware = zone_micros(t, as_daytime(a[0])->zone, V_NONE, &offset);
    if (aware > 0) p = iso_offset(p, offset, ":");
    return aware < 0 ? V_NULL : iso_text(t, s, p);
}
static value str(struct thread *t, vref self) {
    if (likely(type_of(self) == &daytime_type)) return isoformat(t, (vref[]){self, V_NULL});
    return object_call_method(t, self, datetime_names.isoformat, NULL, 0);
}
static value repr(struct thread *t, vref self) {
    const struct daytime *d = as_daytime(self);
    const int fields[] = {d->hour, d->minute, d->second, d->micro};
    struct str_builder b;
    builder_init(&b, t);
    datetime_class_name(&b, self);
    int shown = d->micro ? 4 : d->second ? 3 : 2;
    for (int i = 0; i < shown; i++) {
        builder_ascii(&b, i ? ", " : "(", i ? 2 : 1);
        builder_int(&b, fields[i]);
    }
    if (!is_none(d->zone)) {
        builder_cstr(&b, ", tzinfo=");
        builder_repr(&b, d->zone);
    }
    if (d->fold) builder_cstr(&b, ", fold=1");
    builder_char(&b, ')');
    return builder_finish(&b);
}
static value strftime_method(struct thread *t, const vref *a) {
    struct civil c = daytime_civil(a[0]);
    return datetime_text(t, a[1], "strftime", 1) ? format_time(t, a[1], &c, -1, as_daytime(a[0])->zone, V_NONE, V_NULL) : V_NULL;
}

// ---- behaviour ----

static int64_t micros_of(vref v) {
    const struct daytime *d = as_daytime(v);
    return (int64_t)(d->hour * 3600 + d->minute * 60 + d->second) * SECOND_MICROS + d->micro;
}
static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!is_daytime(a) || !is_daytime(b)) return V_NOTIMPL;
    int64_t x = 0, y = 0;
    vref zone = as_daytime(a)->zone, other = as_daytime(b)->zone;
    if (!is_same(zone, other)) {
        int left = zone_micros(t, zone, V_NONE, &x), right = left < 0 ? -1 : zone_micros(t, other, V_NONE, &y);
        if (right < 0) return V_NULL;
        if (left != right) return op == CMP_EQ || op == CMP_NE ? from_bool(op == CMP_NE) : raise(t, &exc_TypeError, "can't compare offset-naive and offset-aware times");
    }
    int64_t by = micros_of(a) - x - (micros_of(b) - y);
    return from_bool(order_fits((by > 0) - (by < 0), op));
}
static int64_t hash(struct thread *t, vref self) {
    struct daytime *d = as_daytime(self);
    int64_t h = atomic_load_explicit(&d->hash, memory_order_relaxed), offset;
    if (h != -1) return h;
    int aware = zone_micros(t, d->zone, V_NONE, &offset);
    if (aware < 0) return -1;
    h = datetime_hash_words((uint64_t)(micros_of(self) - offset), aware ? 4 : 3);
    atomic_store_explicit(&d->hash, h, memory_order_relaxed);
    return h;
}
static value reduced(struct thread *t, vref self, bool with_fold) {
    const struct daytime *d = as_daytime(self);
    const uint8_t p[6] = {(uint8_t)(d->hour | (with_fold && d->fold ? 128 : 0)), d->minute, d->second, (uint8_t)(d->micro >> 16), (uint8_t)(d->micro >> 8), (uint8_t)d->micro};
    value state = bytes_new(t, p, sizeof p), args = state ? tuple_pack(t, is_none(d->zone) ? 1 : 2, state, d->zone) : V_NULL;
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
    {"isoformat", NATIVE_METHOD, "($self, /, timespec='auto')", isoformat,
     .doc = "HH:MM:SS[.mmmmmm][+HH:MM[:SS[.ffffff]]]\n\ntimespec says where it ends: 'auto', 'hours', 'minutes', 'seconds', 'milliseconds' or 'microseconds'."},
    {"strftime", NATIVE_METHOD, "($self, /, format)", strftime_method, .doc = "The text that a format of time.strftime makes of it, on 1900-01-01."},
    {"__format__", NATIVE_METHOD, "($self, format, /)", date_format, .doc = "strftime(format), or str(self) if the format is empty."},
    {"utcoffset", NATIVE_METHOD, "($self, /)", utcoffset, .doc = "What tzinfo.utcoffset(None) says; None without a zone."},
    {"tzname", NATIVE_METHOD, "($self, /)", name_of_zone, .doc = "What tzinfo.tzname(None) says; None without a zone."},
    {"dst", NATIVE_METHOD, "($self, /)", dst, .doc = "What tzinfo.dst(None) says; None without a zone."},
    {"replace", NATIVE_METHOD, "($self, /, hour=None, minute=None, second=None, microsecond=None, tzinfo=None, *, fold=None)", replace,
     .doc = "The same time, but for the fields given."},
    {"fromisoformat", NATIVE_CLASS, "($type, string, /)", fromisoformat, .doc = "Reads a text in most forms of ISO 8601."},
    {"__reduce_ex__", NATIVE_METHOD, "($self, protocol, /)", reduce_ex, .doc = "What pickle makes this again from."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reduce, .doc = "What pickle makes this again from, without the fold."},
    {NULL},
};
struct type daytime_type = {
    .name = "time", .module = "datetime", .flags = TYPE_BASE | TYPE_GC | TYPE_QUIET, .basicsize = sizeof(struct daytime), .natives = natives,
    .doc = "A time of day, and perhaps the zone whose clocks show it.\n\ntime(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0)",
    .make = make, .destroy = destroy, .traverse = traverse, .repr = repr, .str = str, .hash = hash, .compare = compare,
};
