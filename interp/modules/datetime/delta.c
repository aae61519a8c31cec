// SPDX-License-Identifier: Apache-2.0
// datetime.timedelta: its constructor, texts, comparison, sums. Leaves products and quotients to delta_number.c.
#include "interp/modules/datetime/datetime.h"

#include <math.h>

// ---- making ----

static value alloc(struct thread *t, struct type *cls, int64_t days, int64_t seconds, int64_t micros) {
    if (unlikely(days < -DELTA_DAYS_MAX || days > DELTA_DAYS_MAX))
        return raise(t, &exc_OverflowError, "days=%ld; must have magnitude <= %d", days, DELTA_DAYS_MAX);
    struct delta *d;
    if (likely(cls == &delta_type)) d = object_alloc(t, sizeof *d, delta_type.root_shape);
    else d = as_delta(object_new_instance(t, cls));
    if (unlikely(!d)) return V_NULL;
    d->days = (int32_t)days;
    d->seconds = (int32_t)seconds;
    d->micros = (int32_t)micros;
    return counted_word(d);
}

// Floor division; *rest gets the remainder.
static inline int64_t floor_by(int64_t n, int64_t by, int64_t *rest) {
    int64_t q = n / by, r = n % by;
    if (r < 0) q--, r += by;
    *rest = r;
    return q;
}

value delta_new(struct thread *t, struct type *cls, int64_t days, int64_t seconds, int64_t micros) {
    if (unlikely(micros < 0 || micros >= SECOND_MICROS)) seconds += floor_by(micros, SECOND_MICROS, &micros);
    if (unlikely(seconds < 0 || seconds >= DAY_SECONDS)) days += floor_by(seconds, DAY_SECONDS, &seconds);
    return alloc(t, cls, days, seconds, micros);
}

value delta_too_large(struct thread *t) { return raise(t, &exc_OverflowError, "Python int too large to convert to C int"); }

value delta_from_micros(struct thread *t, struct type *cls, wide micros) {
    int64_t days, rest;
    if (likely(micros == (int64_t)micros)) days = floor_by((int64_t)micros, DAY_MICROS, &rest);
    else {
        wide q = micros / DAY_MICROS;
        rest = (int64_t)(micros % DAY_MICROS);
        if (rest < 0) q--, rest += DAY_MICROS;
        if (q < INT32_MIN || q > INT32_MAX) return delta_too_large(t);
        days = (int64_t)q;
    }
    if (days < INT32_MIN || days > INT32_MAX) return delta_too_large(t);
    return alloc(t, cls, days, rest / SECOND_MICROS, rest % SECOND_MICROS);
}

// ---- the constructor ----

// A sum of microseconds: what fits in `near`, huge terms in `far`, an int; the fractions of floats apart.
struct total {
    wide near;
    value far; // owned int, or V_NULL
    double fraction;
};
enum { DAYS, SECONDS, MICROSECONDS, MILLISECONDS, MINUTES, HOURS, WEEKS, UNITS };
static const char *const unit_names[UNITS] = {"days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"};
static const int64_t unit_micros[UNITS] = {DAY_MICROS, SECOND_MICROS, 1, 1000, 60ll * SECOND_MICROS, 3600ll * SECOND_MICROS, 7 * DAY_MICROS};
// The order in which fractions are added up and errors are found.
static const uint8_t unit_order[UNITS] = {MICROSECONDS, MILLISECONDS, SECONDS, MINUTES, HOURS, DAYS, WEEKS};

static bool add_far(struct thread *t, struct total *sum, vref n, int64_t unit) {
    value product = int_binary(t, n, from_int62(unit), NB_MUL);
    value next = product && sum->far ? int_binary(t, sum->far, product, NB_ADD) : product ? own(t, product) : V_NULL;
    release_opt(t, product);
    if (next) replace_field(t, &sum->far, next);
    return next != V_NULL;
}
static bool add_int(struct thread *t, struct total *sum, vref n, int64_t unit) {
    int64_t i;
    wide next;
    if (int_as_i64_overflow(n, &i) || __builtin_add_overflow(sum->near, (wide)i * unit, &next)) return add_far(t, sum, n, unit);
    sum->near = next;
    return true;
}
static bool add_float(struct thread *t, struct total *sum, double d, int64_t unit) {
    double whole, part = modf(d, &whole);
    value n = int_from_double(t, whole);
    bool ok = n && add_int(t, sum, n, unit);
    release_opt(t, n);
    if (!ok || part == 0) return ok;
    part = modf(part * (double)unit, &whole);
    sum->near += (int64_t)whole;
    sum->fraction += part;
    return true;
}
static bool add_unit(struct thread *t, struct total *sum, int which, vref v) {
    if (likely(is_int(v))) return add_int(t, sum, v, unit_micros[which]);
    if (is_float(v)) return add_float(t, sum, float_value(v), unit_micros[which]);
    return raise(t, &exc_TypeError, "unsupported type for timedelta %s component: %T", unit_names[which], v), false;
}
// Whole microseconds of the fractions: half goes to the even sum.
static void round_fraction(struct total *sum, bool odd) {
    double whole = round(sum->fraction);
    if (fabs(whole - sum->fraction) == 0.5) whole = 2.0 * round((sum->fraction + odd) * 0.5) - odd;
    sum->near += (int64_t)whole;
}
static value total_delta(struct thread *t, struct type *cls, struct total *sum) {
    if (sum->fraction != 0) {
        struct total rest = {0};
        value half = sum->far ? int_binary(t, sum->far, from_int62(1), NB_AND) : from_int62(0);
        if (!half) return V_NULL;
        rest.fraction = sum->fraction;
        round_fraction(&rest, ((as_int62(half) ^ (int64_t)sum->near) & 1) != 0);
        sum->near += rest.near;
    }
    if (likely(!sum->far)) return delta_from_micros(t, cls, sum->near);
    value near = delta_int_of(t, sum->near), all = near ? int_binary(t, sum->far, near, NB_ADD) : V_NULL;
    wide micros;
    bool fits = all && delta_wide_of(all, &micros);
    release_opt(t, near);
    release_opt(t, all);
    return fits ? delta_from_micros(t, cls, micros) : all ? delta_too_large(t) : V_NULL;
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const struct args_spec spec = {"__new__", unit_names, 0, 0, UNITS};
    vref in[UNITS];
    struct total sum = {0};
    if (!args_bind(t, &spec, args, nargs, kwnames, in)) return V_NULL;
    bool ok = true;
    for (int i = 0; ok && i < UNITS; i++)
        if (in[unit_order[i]]) ok = add_unit(t, &sum, unit_order[i], in[unit_order[i]]);
    value r = ok ? total_delta(t, cls, &sum) : V_NULL;
    release_opt(t, sum.far);
    return r;
}

// ---- texts ----

static value repr(struct thread *t, vref self) {
    const struct delta *d = as_delta(self);
    struct str_builder b;
    builder_init(&b, t);
    datetime_class_name(&b, self);
    builder_char(&b, '(');
    const char *names[] = {"days=", "seconds=", "microseconds="}, *between = "";
    const int32_t numbers[] = {d->days, d->seconds, d->micros};
    for (int i = 0; i < 3; i++)
        if (numbers[i]) {
            builder_cstr(&b, between);
            builder_cstr(&b, names[i]);
            builder_int(&b, numbers[i]);
            between = ", ";
        }
    builder_cstr(&b, delta_is_zero(self) ? "0)" : ")");
    return builder_finish(&b);
}
static value str(struct thread *t, vref self) {
    const struct delta *d = as_delta(self);
    struct str_builder b;
    char text[32], *p = text;
    builder_init(&b, t);
    if (d->days) {
        builder_int(&b, d->days);
        builder_cstr(&b, d->days == 1 || d->days == -1 ? " day, " : " days, ");
    }
    builder_int(&b, d->seconds / 3600);
    *p++ = ':';
    p = iso_digits(p, (unsigned)d->seconds / 60 % 60, 2);
    *p++ = ':';
    p = iso_digits(p, (unsigned)d->seconds % 60, 2);
    if (d->micros) {
        *p++ = '.';
        p = iso_digits(p, (unsigned)d->micros, 6);
    }
    builder_ascii(&b, text, (size_t)(p - text));
    return builder_finish(&b);
}

// ---- behaviour ----

// As that of the tuple of the three.
int64_t delta_hash_of(int64_t days, int64_t seconds, int64_t micros) {
    const uint64_t p1 = 11400714785074694791u, p2 = 14029467366897019727u, p5 = 2870177450012600261u;
    const int64_t words[] = {days == -1 ? -2 : days, seconds, micros}; // hash(-1) is -2
    uint64_t acc = p5;
    for (int i = 0; i < 3; i++) acc = rotate_left(acc + (uint64_t)words[i] * p2, 31) * p1;
    acc += 3 ^ (p5 ^ 3527539u);
    return acc == (uint64_t)-1 ? 1546275796 : (int64_t)acc;
}
int64_t delta_hash(struct thread *t, vref self) {
    const struct delta *d = as_delta(self);
    return (void)t, delta_hash_of(d->days, d->seconds, d->micros);
}
static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    (void)t;
    if (!is_delta(a) || !is_delta(b)) return V_NOTIMPL;
    const struct delta *x = as_delta(a), *y = as_delta(b);
    int64_t by = (int64_t)x->days - y->days;
    if (!by) by = (int64_t)x->seconds - y->seconds;
    if (!by) by = (int64_t)x->micros - y->micros;
    return from_bool(order_fits((by > 0) - (by < 0), op));
}
static value sum(struct thread *t, vref a, vref b, int sign) {
    if (!is_delta(a) || !is_delta(b)) return V_NOTIMPL;
    const struct delta *x = as_delta(a), *y = as_delta(b);
    return delta_new(t, &delta_type, (int64_t)x->days + sign * (int64_t)y->days, x->seconds + sign * y->seconds, x->micros + sign * y->micros);
}
static value add(struct thread *t, vref a, vref b) { return sum(t, a, b, 1); }
static value subtract(struct thread *t, vref a, vref b) { return sum(t, a, b, -1); }
static value scaled(struct thread *t, vref v, int by) {
    const struct delta *d = as_delta(v);
    return delta_new(t, &delta_type, by * (int64_t)d->days, by * d->seconds, by * d->micros);
}
static value negative(struct thread *t, vref v) { return scaled(t, v, -1); }
static value positive(struct thread *t, vref v) { return scaled(t, v, 1); }
static value absolute(struct thread *t, vref v) { return scaled(t, v, as_delta(v)->days < 0 ? -1 : 1); }
static int truth(struct thread *t, vref v) { return (void)t, !delta_is_zero(v); }

static value get_days(struct thread *t, const vref *a) { return (void)t, from_int62(as_delta(a[0])->days); }
static value get_seconds(struct thread *t, const vref *a) { return (void)t, from_int62(as_delta(a[0])->seconds); }
static value get_microseconds(struct thread *t, const vref *a) { return (void)t, from_int62(as_delta(a[0])->micros); }
static value total_seconds(struct thread *t, const vref *a) { return delta_total_seconds(t, a[0]); }
static value reduce(struct thread *t, const vref *a) {
    const struct delta *d = as_delta(a[0]);
    value state = tuple_pack(t, 3, from_int62(d->days), from_int62(d->seconds), from_int62(d->micros));
    value r = state ? tuple_pack(t, 2, type_ref(type_of(a[0])), state) : V_NULL;
    release_opt(t, state);
    return r;
}

static const struct native natives[] = {
    {"days", NATIVE_GETSET, .fn = get_days, .doc = "Whole days; negative if the duration is."},
    {"seconds", NATIVE_GETSET, .fn = get_seconds, .doc = "Seconds beyond the days, 0 to 86399."},
    {"microseconds", NATIVE_GETSET, .fn = get_microseconds, .doc = "Microseconds beyond the seconds, 0 to 999999."},
    {"total_seconds", NATIVE_METHOD, "($self, /)", total_seconds, .doc = "The whole duration in seconds, a float."},
    {"__divmod__", NATIVE_METHOD, "($self, value, /)", delta_divmod, .doc = "Return divmod(self, value)."},
    {"__rdivmod__", NATIVE_METHOD, "($self, value, /)", delta_rdivmod, .doc = "Return divmod(value, self)."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reduce, .doc = "What pickle makes this again from."},
    {NULL},
};
struct type delta_type = {
    .name = "timedelta", .module = "datetime", .flags = TYPE_BASE, .basicsize = sizeof(struct delta), .natives = natives,
    .doc = "How long it is from one moment to another.\n\ntimedelta(days, seconds, microseconds, milliseconds, minutes, hours, weeks)\n\n"
           "Each argument is an int or a float, of either sign, 0 if it is left out; they add up.",
    .make = make, .repr = repr, .str = str, .hash = delta_hash, .compare = compare, .truth = truth, .negative = negative, .positive = positive, .absolute = absolute,
    .binary = {[NB_ADD] = add, [NB_SUB] = subtract, [NB_MUL] = delta_multiply, [NB_TRUEDIV] = delta_divide, [NB_FLOORDIV] = delta_floor_divide, [NB_MOD] = delta_remainder},
};
