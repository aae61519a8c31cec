// SPDX-License-Identifier: Apache-2.0
// datetime.tzinfo and datetime.timezone, and how the other types ask a zone. Leaves zones with rules to Python classes (the library's zoneinfo).
#include "interp/modules/datetime/datetime.h"

value zone_utc;


// ---- asking ----

static bool is_fixed(vref zone) { return type_of(zone) == &zone_type; }
// An offset is between -24 and 24 hours, both excluded.
static bool in_range(vref delta) {
    const struct delta *d = as_delta(delta);
    return d->days == 0 || (d->days == -1 && (d->seconds | d->micros));
}
// takes v, what zone.name(dt) returned; returns it if it is None or an offset.
static value check_offset(struct thread *t, value v, const char *name) {
    if (!v || is_none(v)) return v;
    if (!is_delta(v)) raise(t, &exc_TypeError, "tzinfo.%s() must return None or timedelta, not '%T'", name, v);
    else if (!in_range(v)) raise(t, &exc_ValueError, "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24).");
    else return v;
    release(t, v);
    return V_NULL;
}
value zone_utcoffset(struct thread *t, vref zone, vref dt) {
    if (is_none(zone)) return V_NONE;
    if (likely(is_fixed(zone))) return own(t, as_zone(zone)->offset);
    return check_offset(t, object_call_method(t, zone, datetime_names.utcoffset, &dt, 1), "utcoffset");
}
value zone_dst(struct thread *t, vref zone, vref dt) {
    if (is_none(zone) || is_fixed(zone)) return V_NONE;
    return check_offset(t, object_call_method(t, zone, datetime_names.dst, &dt, 1), "dst");
}
static value fixed_name(struct thread *t, vref zone);
value zone_tzname(struct thread *t, vref zone, vref dt) {
    if (is_none(zone)) return V_NONE;
    if (is_fixed(zone)) return fixed_name(t, zone);
    value v = object_call_method(t, zone, datetime_names.tzname, &dt, 1);
    if (!v || is_none(v) || is_str(v)) return v;
    raise(t, &exc_TypeError, "tzinfo.tzname() must return None or a string, not '%T'", v);
    release(t, v);
    return V_NULL;
}
int zone_micros(struct thread *t, vref zone, vref dt, int64_t *out) {
    *out = 0;
    if (is_none(zone)) return 0;
    if (likely(is_fixed(zone))) return *out = (int64_t)delta_micros(as_zone(zone)->offset), 1;
    value v = zone_utcoffset(t, zone, dt);
    int known = !v ? -1 : !is_none(v);
    if (known > 0) *out = (int64_t)delta_micros(v);
    release_opt(t, v);
    return known;
}

// ---- tzinfo ----

static value missing(struct thread *t, const char *name) { return raise(t, &exc_NotImplementedError, "a tzinfo subclass must implement %s()", name); }
static value base_utcoffset(struct thread *t, const vref *a) { return (void)a, missing(t, "utcoffset"); }
static value base_dst(struct thread *t, const vref *a) { return (void)a, missing(t, "dst"); }
static value base_tzname(struct thread *t, const vref *a) { return (void)a, missing(t, "tzname"); }

static bool check_fromutc(struct thread *t, vref zone, vref dt) {
    if (!is_moment(dt)) raise(t, &exc_TypeError, "fromutc: argument must be a datetime");
    else if (!is_same(as_moment(dt)->zone, zone)) raise(t, &exc_ValueError, "fromutc: dt.tzinfo is not self");
    else return true;
    return false;
}
// takes offset; a timedelta in microseconds. false: exception, which message says if offset is None.
static bool take_micros(struct thread *t, value offset, const char *message, int64_t *out) {
    if (!offset) return false;
    if (is_none(offset)) return raise(t, &exc_ValueError, "%s", message), false;
    *out = (int64_t)delta_micros(offset);
    release(t, offset);
    return true;
}
// By what the zone says of UTC's time as if it were local: its standard offset is utcoffset - dst, and daylight saving time is what it says of the standard time then.
static value base_fromutc(struct thread *t, const vref *a) {
    static const char no_dst[] = "fromutc: tz.dst() gave inconsistent results; cannot convert";
    vref zone = a[0], dt = a[1];
    int64_t offset, dst, then;
    if (!check_fromutc(t, zone, dt)) return V_NULL;
    if (!take_micros(t, zone_utcoffset(t, zone, dt), "fromutc: non-None utcoffset() result required", &offset)) return V_NULL;
    if (!take_micros(t, zone_dst(t, zone, dt), "fromutc: non-None dst() result required", &dst)) return V_NULL;
    value standard = moment_shift(t, dt, offset - dst);
    if (!standard || (offset == dst && !dst)) return standard;
    value r = V_NULL;
    if (take_micros(t, zone_dst(t, zone, borrow(standard)), no_dst, &then)) r = then ? moment_shift(t, standard, then) : own(t, standard);
    release(t, standard);
    return r;
}
value zone_fromutc(struct thread *t, vref zone, vref dt) {
    if (is_fixed(zone) && is_moment(dt) && is_same(as_moment(dt)->zone, zone)) return moment_shift(t, dt, delta_micros(as_zone(zone)->offset));
    return object_call_method(t, zone, datetime_names.fromutc, &dt, 1);
}
// The result of self.name(), or absent if there is no such method.
static value call_if_there(struct thread *t, vref self, vref name, vref absent) {
    value f;
    int found = object_lookup_attr(t, self, name, &f);
    if (found <= 0) return found ? V_NULL : own(t, absent);
    value r = object_call0(t, f);
    release(t, f);
    return r;
}
static value base_reduce(struct thread *t, const vref *a) {
    value args = call_if_there(t, a[0], datetime_names.getinitargs, tuple_empty), state = args ? call_if_there(t, a[0], datetime_names.getstate, V_NONE) : V_NULL;
    value r = state ? tuple_pack(t, 3, type_ref(type_of(a[0])), args, state) : V_NULL;
    release_opt(t, args);
    release_opt(t, state);
    return r;
}
static value base_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    return object_new_instance(t, cls);
}

static const struct native base_natives[] = {
    {"tzname", NATIVE_METHOD, "($self, dt, /)", base_tzname, .doc = "The name of the zone at dt; subclasses say."},
    {"utcoffset", NATIVE_METHOD, "($self, dt, /)", base_utcoffset, .doc = "How far local time is ahead of UTC at dt, a timedelta; subclasses say."},
    {"dst", NATIVE_METHOD, "($self, dt, /)", base_dst, .doc = "How much of that is daylight saving time at dt, a timedelta; subclasses say."},
    {"fromutc", NATIVE_METHOD, "($self, dt, /)", base_fromutc, .doc = "The local time of dt, whose fields show UTC."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", base_reduce, .doc = "What pickle makes this again from."},
    {NULL},
};
struct type zone_base_type = {
    .name = "tzinfo", .module = "datetime", .flags = TYPE_BASE, .basicsize = sizeof(struct object), .natives = base_natives, .make = base_make,
    .doc = "What all classes of zones have as their base.",
};

// ---- timezone ----

static value alloc(struct thread *t, vref offset, vref name) {
    const struct delta *d = as_delta(offset);
    value plain = type_of(offset) == &delta_type ? own(t, offset) : delta_new(t, &delta_type, d->days, d->seconds, d->micros);
    struct zone *z = plain ? object_alloc_gc(t, sizeof *z, zone_type.root_shape) : NULL;
    if (!z) return release_opt(t, plain), V_NULL;
    z->offset = plain;
    z->name = name ? own(t, name) : V_NULL;
    return counted_word(z);
}
value zone_new(struct thread *t, vref offset, vref name) {
    if (!name && delta_is_zero(offset)) return own(t, zone_utc);
    if (in_range(offset)) return alloc(t, offset, name);
    return raise(t, &exc_ValueError, "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not %R.", offset);
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"offset", "name"};
    static const struct args_spec spec = {"timezone", names, 0, 1, 2};
    vref in[2];
    (void)cls;
    if (!args_bind(t, &spec, args, nargs, kwnames, in)) return V_NULL;
    if (!is_delta(in[0])) return raise(t, &exc_TypeError, "timezone() argument 1 must be datetime.timedelta, not %T", in[0]);
    if (in[1] && !datetime_text(t, in[1], "timezone", 2)) return V_NULL;
    return zone_new(t, in[0], in[1]);
}
static void destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct zone *)o)->offset);
    release_field(t, &((struct zone *)o)->name);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct zone *z = (struct zone *)o;
    int r = visit(z->offset, arg);
    return r || !z->name ? r : visit(z->name, arg);
}

static value fixed_name(struct thread *t, vref self) {
    char s[ISO_TEXT_MAX] = "UTC";
    const struct zone *z = as_zone(self);
    if (z->name) return own(t, z->name);
    bool none = is_same(self, zone_utc) || delta_is_zero(z->offset);
    return iso_text(t, s, none ? s + 3 : iso_offset(s + 3, (int64_t)delta_micros(z->offset), ":"));
}
static value repr(struct thread *t, vref self) {
    const struct zone *z = as_zone(self);
    if (is_same(self, zone_utc)) return str_from_cstr(t, "datetime.timezone.utc");
    return z->name ? str_format(t, "datetime.timezone(%R, %R)", z->offset, z->name) : str_format(t, "datetime.timezone(%R)", z->offset);
}
static int64_t hash(struct thread *t, vref self) { return delta_hash(t, as_zone(self)->offset); }
static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    (void)t;
    if ((op != CMP_EQ && op != CMP_NE) || !is_of(a, &zone_type) || !is_of(b, &zone_type)) return V_NOTIMPL;
    return from_bool((delta_micros(as_zone(a)->offset) == delta_micros(as_zone(b)->offset)) == (op == CMP_EQ));
}

static bool check_argument(struct thread *t, vref dt, const char *name) {
    if (is_none(dt) || is_moment(dt)) return true;
    return raise(t, &exc_TypeError, "%s(dt) argument must be a datetime instance or None, not %T", name, dt), false;
}
static value utcoffset(struct thread *t, const vref *a) { return check_argument(t, a[1], "utcoffset") ? own(t, as_zone(a[0])->offset) : V_NULL; }
static value dst(struct thread *t, const vref *a) { return check_argument(t, a[1], "dst") ? V_NONE : V_NULL; }
static value name_of_zone(struct thread *t, const vref *a) { return check_argument(t, a[1], "tzname") ? fixed_name(t, a[0]) : V_NULL; }
static value fromutc(struct thread *t, const vref *a) { return check_fromutc(t, a[0], a[1]) ? moment_shift(t, a[1], delta_micros(as_zone(a[0])->offset)) : V_NULL; }
static value getinitargs(struct thread *t, const vref *a) {
    const struct zone *z = as_zone(a[0]);
    return z->name ? tuple_pack(t, 2, z->offset, z->name) : tuple_pack(t, 1, z->offset);
}

static const struct native natives[] = {
    {"tzname", NATIVE_METHOD, "($self, dt, /)", name_of_zone, .doc = "The name it was made with, or UTC, or UTC+HH:MM; dt may be None."},
    {"utcoffset", NATIVE_METHOD, "($self, dt, /)", utcoffset, .doc = "The offset it was made with."},
    {"dst", NATIVE_METHOD, "($self, dt, /)", dst, .doc = "None."},
    {"fromutc", NATIVE_METHOD, "($self, dt, /)", fromutc, .doc = "dt plus the offset."},
    {"__getinitargs__", NATIVE_METHOD, "($self, /)", getinitargs, .doc = "The arguments that make an equal one."},
    {NULL},
};
struct type zone_type = {
    .name = "timezone", .module = "datetime", .base = &zone_base_type, .flags = TYPE_GC | TYPE_QUIET, .basicsize = sizeof(struct zone), .natives = natives,
    .doc = "A zone that keeps one offset from UTC.\n\ntimezone(offset, name)",
    .make = make, .destroy = destroy, .traverse = traverse, .repr = repr, .str = fixed_name, .hash = hash, .compare = compare,
};

// ---- the three that are always there ----

static value fixed(struct thread *t, int64_t seconds) {
    value delta = delta_new(t, &delta_type, 0, seconds, 0);
    if (!delta) return V_NULL;
    value forever = ref_immortal(t, as_object(delta));
    return alloc(t, forever, V_NULL);
}
bool zone_start(struct thread *t) {
    value utc = fixed(t, 0);
    if (!utc || !datetime_constant(t, &zone_type, "utc", utc)) return false;
    zone_utc = borrowed_word(as_object(utc));
    return datetime_constant(t, &zone_type, "min", fixed(t, -(DAY_SECONDS - 60))) && datetime_constant(t, &zone_type, "max", fixed(t, DAY_SECONDS - 60));
}
