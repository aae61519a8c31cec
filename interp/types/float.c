// SPDX-License-Identifier: Apache-2.0
// The type float: its slots, construction, comparison, hash. Leaves named methods to float_methods.c, text to float_text.c.
#include "interp/types/float.h"
#include "interp/types/args.h"
#include "interp/types/complex.h"
#include "interp/types/exc.h"
#include "interp/types/int.h"
#include "interp/types/str.h"
#include "interp/types/str/text.h"
#include <errno.h>
#include <math.h>

#define ZERO_HEAD {.shared = SHARED_IMMORTAL | SHARED_DEFERRED, .shape = SHAPE_FLOAT}
struct float_box float_zero = {.head = ZERO_HEAD, .d = 0.0};
struct float_box float_minus_zero = {.head = ZERO_HEAD, .d = -0.0};

value float_new_slow(struct thread *t, double d) {
    if (d == 0) return signbit(d) ? V_FLOAT_MINUS_ZERO : V_FLOAT_ZERO;
    struct float_box *f = object_alloc(t, sizeof *f, SHAPE_FLOAT);
    if (!f) return V_NULL;
    f->d = d;
    return counted_word(f);
}

double float_unbox(vref v) { return is_flo(v) ? as_flo(v) : ((struct float_box *)as_object(v))->d; }

value float_as_instance(struct thread *t, struct type *cls, value v) {
    if (!v || cls == &type_float) return v;
    value o = object_new_instance(t, cls);
    if (o) ((struct float_box *)as_object(o))->d = float_value(v);
    release(t, v);
    return o;
}

// ---- from objects ----

static bool by_index(struct thread *t, vref v, double *out) {
    value i = object_index(t, v);
    if (!i) return false;
    *out = int_as_double(t, i);
    release(t, i);
    return !raised(t);
}

static bool by_float_slot(struct thread *t, vref v, double *out) {
    value f = type_of(v)->to_float(t, v);
    if (!f) return false;
    bool ok = is_float(f);
    if (ok) *out = float_value(f);
    else raise(t, &exc_TypeError, "%T.__float__ returned non-float (type %T)", v, f);
    if (ok && type_of(f) != &type_float)
        ok = raise_warning(t, &exc_DeprecationWarning, 1, "%T.__float__ returned non-float (type %T).  The ability to return an instance of a strict subclass of float is deprecated, and may be removed in a future version of Python.", v, f);
    release(t, f);
    return ok;
}

bool float_as_double(struct thread *t, vref v, double *out) {
    if (is_float(v)) return *out = float_value(v), true;
    if (is_exact_int(v) || (is_int(v) && !type_of(v)->to_float)) return *out = int_as_double(t, v), !raised(t);
    if (type_of(v)->to_float) return by_float_slot(t, v, out);
    if (type_of(v)->to_index) return by_index(t, v, out);
    raise(t, &exc_TypeError, "must be real number, not %T", v);
    return false;
}

static value no_number(struct thread *t, vref original) { return raise(t, &exc_ValueError, "could not convert string to float: %R", original); }

static value from_str(struct thread *t, vref s) {
    struct text_ascii text;
    double d;
    if (!text_to_ascii_number(t, s, &text)) return V_NULL;
    int got = float_parse_all(t, text.s, text.n, &d);
    text_ascii_drop(t, &text);
    return got > 0 ? float_new(t, d) : got < 0 ? V_NULL : no_number(t, s);
}

static value from_buffer(struct thread *t, vref v) {
    struct buffer_view view;
    double d;
    if (!buffer_get(t, v, &view, false)) return V_NULL;
    int got = float_parse_all(t, (const char *)view.data, view.length, &d);
    buffer_release(t, &view);
    return got > 0 ? float_new(t, d) : got < 0 ? V_NULL : no_number(t, v);
}

static value from_object(struct thread *t, vref v) {
    double d;
    if (is_float(v)) return float_new(t, float_value(v));
    struct type *c = type_of(v);
    if (c->to_float || c->to_index || is_int(v)) return float_as_double(t, v, &d) ? float_new(t, d) : V_NULL;
    if (is_str(v)) return from_str(t, v);
    if (buffer_check(v)) return from_buffer(t, v);
    return raise(t, &exc_TypeError, "float() argument must be a string or a real number, not '%T'", v);
}

static value float_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const struct args_spec spec = {"float", NULL, 1, 0, 1};
    vref x;
    if (!args_bind(t, &spec, args, nargs, cls->init != type_float.init ? V_NULL : kwnames, &x)) return V_NULL; // an __init__ of a subclass's own takes keywords
    if (!x) return float_as_instance(t, cls, V_FLOAT_ZERO);
    if (cls == &type_float && is_float(x) && type_of(x) == &type_float) return own(t, x);
    if (type_of(x)->to_float && !is_exact_int(x) && type_of(x) != &type_float) { // also of a subclass of float, int or str
        double d;
        return by_float_slot(t, x, &d) ? float_as_instance(t, cls, float_new(t, d)) : V_NULL;
    }
    return float_as_instance(t, cls, from_object(t, x));
}

// ---- arithmetic ----

int float_operand(struct thread *t, vref v, double *out) {
    if (is_float(v)) return *out = float_value(v), 1;
    if (!is_int(v)) return 0;
    *out = int_as_double(t, v);
    return raised(t) ? -1 : 1;
}
static int operands(struct thread *t, vref a, vref b, double *x, double *y) {
    int got = float_operand(t, a, x);
    return got == 1 ? float_operand(t, b, y) : got;
}
static value refused(int got) { return got < 0 ? V_NULL : V_NOTIMPL; }

static value float_add(struct thread *t, vref a, vref b) {
    double x, y;
    int got = operands(t, a, b, &x, &y);
    return got == 1 ? float_new(t, x + y) : refused(got);
}
static value float_sub(struct thread *t, vref a, vref b) {
    double x, y;
    int got = operands(t, a, b, &x, &y);
    return got == 1 ? float_new(t, x - y) : refused(got);
}
static value float_mul(struct thread *t, vref a, vref b) {
    double x, y;
    int got = operands(t, a, b, &x, &y);
    return got == 1 ? float_new(t, x * y) : refused(got);
}
static value float_truediv(struct thread *t, vref a, vref b) {
    double x, y;
    int got = operands(t, a, b, &x, &y);
    if (got != 1) return refused(got);
    if (y == 0) return raise(t, &exc_ZeroDivisionError, "float division by zero");
    return float_new(t, x / y);
}

void float_divmod(double a, double b, double *q, double *r) {
    double mod = fmod(a, b), div = (a - mod) / b;
    if (mod != 0) {
        if ((b < 0) != (mod < 0)) mod += b, div -= 1.0;
    } else
        mod = copysign(0.0, b);
    *r = mod;
    if (div != 0) {
        *q = floor(div);
        if (div - *q > 0.5) *q += 1.0;
    } else
        *q = copysign(0.0, a / b);
}

static value float_floordiv(struct thread *t, vref a, vref b) {
    double x, y, q, r;
    int got = operands(t, a, b, &x, &y);
    if (got != 1) return refused(got);
    if (y == 0) return raise(t, &exc_ZeroDivisionError, "float floor division by zero");
    float_divmod(x, y, &q, &r);
    return float_new(t, q);
}
static value float_mod(struct thread *t, vref a, vref b) {
    double x, y, q, r;
    int got = operands(t, a, b, &x, &y);
    if (got != 1) return refused(got);
    if (y == 0) return raise(t, &exc_ZeroDivisionError, "float modulo");
    float_divmod(x, y, &q, &r);
    return float_new(t, r);
}

// OverflowError(34, 'Numerical result out of range'), as errno had it.
static value raise_range(struct thread *t) {
    value text = str_from_cstr(t, "Numerical result out of range");
    vref args[2] = {from_int62(ERANGE), text};
    value exc = text ? object_call(t, type_ref(&exc_OverflowError), args, 2, V_NULL) : V_NULL;
    release_opt(t, text);
    if (exc) raise_object(t, exc);
    release_opt(t, exc);
    return V_NULL;
}

static value float_pow(struct thread *t, vref a, vref b) {
    double x, y;
    int got = operands(t, a, b, &x, &y);
    if (got != 1) return refused(got);
    if (x == 0 && y < 0 && isfinite(y)) return raise(t, &exc_ZeroDivisionError, "0.0 cannot be raised to a negative power");
    if (x < 0 && isfinite(x) && isfinite(y) && y != floor(y)) return complex_power(t, (struct complex_pair){x, 0}, (struct complex_pair){y, 0});
    double d = pow(x, y);
    if (isinf(d) && isfinite(x) && isfinite(y)) return raise_range(t);
    return float_new(t, d);
}
static value float_power3(struct thread *t, vref a, vref b, vref m) {
    if (!is_none(m)) return raise(t, &exc_TypeError, "pow() 3rd argument not allowed unless all arguments are integers");
    return float_pow(t, a, b);
}

static value float_negative(struct thread *t, vref v) { return float_new(t, -float_value(v)); }
static value float_positive(struct thread *t, vref v) { return type_of(v) == &type_float ? own(t, v) : float_new(t, float_value(v)); }
static value float_absolute(struct thread *t, vref v) { return float_new(t, fabs(float_value(v))); }
static value float_to_int(struct thread *t, vref v) { return int_from_double(t, float_value(v)); }
static int float_truth(struct thread *t, vref v) { return float_value(v) != 0; }
static value float_repr_slot(struct thread *t, vref v) { return float_repr(t, float_value(v)); }

// ---- comparison and hash ----

// Order of a double that is no NaN and any int, exactly.
static int compare_with_int(double d, vref i) {
    int sign = int_sign(i);
    if (isinf(d)) return d > 0 ? 1 : -1;
    int dsign = (d > 0) - (d < 0);
    if (sign != dsign) return dsign < sign ? -1 : 1;
    int64_t n;
    if (int_as_i64_overflow(i, &n) == 0) {
        if (d >= 0x1p63) return 1;
        if (d < -0x1p63) return -1;
        double whole = trunc(d);
        int64_t m = (int64_t)whole;
        if (m != n) return m < n ? -1 : 1;
        return (d > whole) - (d < whole);
    }
    // Of one sign, |i| >= 2^63: by bits, then by the 53 bits that a double has.
    struct int_view w;
    int_see(i, &w);
    int e;
    double m = frexp(fabs(d), &e);
    uint64_t bits = limbs_bits(w.limb, w.n);
    if (e <= 0 || (uint64_t)e != bits) return (e > 0 && (uint64_t)e > bits) == (d > 0) ? 1 : -1;
    uint64_t mantissa = (uint64_t)ldexp(m, 53), shift = bits - 53;
    mp_limb_t top = w.limb[shift / 64] >> shift % 64;
    if (shift % 64 > 11 && shift / 64 + 1 < w.n) top |= w.limb[shift / 64 + 1] << (64 - shift % 64);
    int order = mantissa != top ? (mantissa < top ? -1 : 1) : 0;
    for (size_t k = 0; order == 0 && k <= shift / 64; k++) {
        mp_limb_t rest = k < shift / 64 ? w.limb[k] : shift % 64 ? w.limb[k] << (64 - shift % 64) : 0;
        if (rest) order = -1;
    }
    return d > 0 ? order : -order;
}

static value float_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!is_float(a)) return V_NOTIMPL;
    double x = float_value(a);
    int order;
    if (is_float(b)) {
        double y = float_value(b);
        if (isnan(x) || isnan(y)) return from_bool(op == CMP_NE);
        order = (x > y) - (x < y);
    } else if (is_int(b)) {
        if (isnan(x)) return from_bool(op == CMP_NE);
        order = compare_with_int(x, b);
    } else
        return V_NOTIMPL;
    return from_bool(order_fits(order, op));
}

// As CPython: the number modulo 2^61 - 1, so that equal ints and floats hash alike. A NaN hashes by identity.
int64_t float_hash(double d, vref self) {
    enum { BITS = 61 };
    const uint64_t prime = ((uint64_t)1 << BITS) - 1;
    if (isinf(d)) return d > 0 ? 314159 : -314159;
    if (isnan(d)) return self ? (int64_t)((uintptr_t)as_object(self) >> 4) : 0;
    int e;
    double m = frexp(fabs(d), &e);
    uint64_t x = 0;
    while (m != 0) {
        x = (x << 28 & prime) | x >> (BITS - 28);
        m *= 268435456.0; // 2^28
        e -= 28;
        uint64_t y = (uint64_t)m;
        m -= (double)y;
        x += y;
        if (x >= prime) x -= prime;
    }
    e = e >= 0 ? e % BITS : BITS - 1 - (-1 - e) % BITS;
    x = (x << e & prime) | x >> (BITS - e);
    int64_t h = d < 0 ? -(int64_t)x : (int64_t)x;
    return h == -1 ? -2 : h;
}
static int64_t float_hash_slot(struct thread *t, vref v) { return float_hash(float_value(v), v); }

struct type type_float = {
    .head = {.shared = SHARED_IMMORTAL | SHARED_DEFERRED, .shape = SHAPE_TYPE},
    .name = "float",
    .module = "builtins",
    .doc = "A number with a fraction, to 53 bits; x is a number or text that spells one.",
    .flags = TYPE_FLOAT | TYPE_BASE,
    .basicsize = sizeof(struct float_box),
    .root_shape = SHAPE_FLOAT,
    .base = &type_object,
    .natives = float_natives,
    .make = float_make,
    .repr = float_repr_slot,
    .hash = float_hash_slot,
    .compare = float_compare,
    .truth = float_truth,
    .binary = {[NB_ADD] = float_add, [NB_SUB] = float_sub, [NB_MUL] = float_mul, [NB_TRUEDIV] = float_truediv, [NB_FLOORDIV] = float_floordiv,
               [NB_MOD] = float_mod, [NB_POW] = float_pow},
    .power3 = float_power3,
    .negative = float_negative,
    .positive = float_positive,
    .absolute = float_absolute,
    .to_int = float_to_int,
    .to_float = float_positive,
};
