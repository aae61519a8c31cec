// SPDX-License-Identifier: Apache-2.0
// The type int: its slots, construction, conversion to and from C. Leaves the named methods to int_methods.c, arithmetic to int_arith.c and int_pow.c,
// text to int_text.c.
#include "interp/types/names.h"
#include "interp/types/int_type.h"
#include "interp/types/args.h"
#include "interp/types/exc.h"
#include "interp/types/str.h"
#include "interp/types/str/text.h"
#include <math.h>

// ---- C numbers ----

int int_as_i64_overflow(vref v, int64_t *out) {
    if (likely(int_small(v, out))) return 0;
    struct int_view w;
    int_see(v, &w);
    bool fits = w.n == 1 && w.limb[0] <= (mp_limb_t)INT64_MAX + w.negative;
    if (!fits) return w.negative ? -1 : 1;
    *out = w.negative ? (int64_t)-w.limb[0] : (int64_t)w.limb[0];
    return 0;
}

bool int_as_i64(struct thread *t, vref v, int64_t *out) {
    if (int_as_i64_overflow(v, out) == 0) return true;
    raise(t, &exc_OverflowError, "Python int too large to convert to C long");
    return false;
}

value int_from_double(struct thread *t, double d) {
    if (isnan(d)) return raise(t, &exc_ValueError, "cannot convert float NaN to integer");
    if (isinf(d)) return raise(t, &exc_OverflowError, "cannot convert float infinity to integer");
    if (d > -0x1p61 && d < 0x1p61) return from_int62((int64_t)d);
    int exp;
    double m = frexp(fabs(d), &exp); // m 2^exp, m in [0.5, 1)
    mp_limb_t mantissa = (mp_limb_t)ldexp(m, 53), limbs[18] = {0};
    unsigned up = (unsigned)(exp - 53);
    limbs[up / 64] = mantissa << up % 64;
    if (up % 64) limbs[up / 64 + 1] = mantissa >> (64 - up % 64);
    return int_from_limbs(t, limbs, 18, d < 0);
}

value int_exact(struct thread *t, vref v) {
    if (is_exact_int(v)) return own(t, v);
    struct int_view w;
    int_see(v, &w);
    return int_from_limbs(t, w.limb, w.n, w.negative);
}

value int_from_bytes(struct thread *t, const uint8_t *p, size_t n, bool little, bool is_signed) {
    size_t limbs = (n + 7) / 8;
    struct int_scratch s;
    mp_limb_t *l = int_scratch_get(t, &s, limbs + 1);
    if (!l) return V_NULL;
    bool negative = is_signed && n && (little ? p[n - 1] : p[0]) >> 7;
    memset(l, negative ? 0xff : 0, limbs * sizeof *l);
    for (size_t i = 0; i < n; i++) {
        unsigned shift = i % 8 * 8;
        l[i / 8] = (l[i / 8] & ~((mp_limb_t)0xff << shift)) | (mp_limb_t)(little ? p[i] : p[n - 1 - i]) << shift;
    }
    if (negative) mpn_neg(l, l, (mp_size_t)limbs);
    value v = int_from_limbs(t, l, limbs, negative);
    int_scratch_drop(t, &s);
    return v;
}

bool int_to_bytes(struct thread *t, vref v, uint8_t *p, size_t n, bool little, bool is_signed) {
    struct int_view w;
    int_see(v, &w);
    if (w.negative && !is_signed) {
        raise(t, &exc_OverflowError, "can't convert negative int to unsigned");
        return false;
    }
    uint64_t bits = limbs_bits(w.limb, w.n);
    bool least = w.negative && (bits - 1) % 64 == (uint64_t)__builtin_ctzll(w.limb[w.n - 1]) && limbs_trim(w.limb, w.n - 1) == 0; // -2^k needs one bit less
    if (bits + is_signed - least > (uint64_t)n * 8 && w.n) {
        raise(t, &exc_OverflowError, "int too big to convert");
        return false;
    }
    mp_limb_t carry = 1;
    for (size_t i = 0; i < n; i++) {
        mp_limb_t byte = i / 8 < w.n ? w.limb[i / 8] >> i % 8 * 8 & 0xff : 0;
        if (w.negative) {
            byte = (byte ^ 0xff) + carry;
            carry = byte >> 8;
        }
        p[little ? i : n - 1 - i] = (uint8_t)byte;
    }
    return true;
}

// ---- slots ----

static value both(struct thread *t, vref a, vref b, enum binary_op op) {
    return is_int(a) && is_int(b) ? int_binary(t, a, b, op) : V_NOTIMPL;
}
#define X(N, stem, symbol) \
    static value int_##stem(struct thread *t, vref a, vref b) { return both(t, a, b, NB_##N); }
INT_OPS(X)
#undef X

static value int_power3(struct thread *t, vref a, vref b, vref m) {
    if (!is_int(a) || !is_int(b) || (!is_none(m) && !is_int(m))) return V_NOTIMPL;
    return int_pow_mod(t, a, b, m);
}

static value int_negative(struct thread *t, vref v) { return int_binary(t, from_int62(0), v, NB_SUB); }
static value int_absolute(struct thread *t, vref v) { return int_sign(v) < 0 ? int_negative(t, v) : int_exact(t, v); }
static value int_invert(struct thread *t, vref v) { return int_binary(t, from_int62(-1), v, NB_SUB); }
static value int_to_float(struct thread *t, vref v) {
    double d = int_as_double(t, v);
    return raised(t) ? V_NULL : float_new(t, d);
}
static int int_truth(struct thread *t, vref v) { return int_sign(v) != 0; }
static int64_t int_hash_slot(struct thread *t, vref v) { return int_hash(v); }
static value int_repr(struct thread *t, vref v) { return int_to_str(t, v, 10, false); }

static value int_compare_slot(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!is_int(a) || !is_int(b)) return V_NOTIMPL;
    int order = int_compare(a, b);
    return from_bool(order_fits(order, op));
}

static size_t int_size_of(const struct object *o) {
    int64_t size = ((const struct bigint *)o)->size;
    return sizeof(struct bigint) + (size_t)(size < 0 ? -size : size) * sizeof(mp_limb_t);
}

// ---- int(x, base) ----

static value invalid_literal(struct thread *t, vref original, int base) {
    return raise(t, &exc_ValueError, "invalid literal for int() with base %d: %R", base, original);
}

static value from_str(struct thread *t, vref s, int base) {
    struct text_ascii text;
    if (!text_to_ascii_number(t, s, &text)) return V_NULL;
    value v = V_NULL;
    int got = int_parse(t, text.s, text.n, base, &v);
    text_ascii_drop(t, &text);
    return got > 0 ? v : got < 0 ? V_NULL : invalid_literal(t, s, base);
}

static value from_buffer(struct thread *t, vref x, int base) {
    struct buffer_view view;
    if (!buffer_get(t, x, &view, false)) return V_NULL;
    value v = V_NULL;
    int got = int_parse(t, (const char *)view.data, view.length, base, &v);
    if (got == 0) {
        value b = bytes_new(t, view.data, view.length);
        if (b) invalid_literal(t, b, base);
        release_opt(t, b);
    }
    buffer_release(t, &view);
    return v;
}

// What __int__, __index__ or __trunc__ gave, as an exact int. takes v.
static value checked(struct thread *t, value v, const char *method) {
    if (!v || is_exact_int(v)) return v;
    value exact = V_NULL;
    if (!is_int(v)) raise(t, &exc_TypeError, "%s returned non-int (type %T)", method, v);
    else if (raise_warning(t, &exc_DeprecationWarning, 1, "%s returned non-int (type %T).  The ability to return an instance of a strict subclass of int is deprecated, and may be removed in a future version of Python.", method, v))
        exact = int_exact(t, v);
    release(t, v);
    return exact;
}

// *found: whether there is a __trunc__.
static value from_truncation(struct thread *t, vref x, bool *found) { // __trunc__ may give anything with __index__
    value method, v;
    int got = object_lookup_special(t, x, NAME(__trunc__), &method);
    *found = got;
    if (got <= 0) return V_NULL;
    v = raise_warning(t, &exc_DeprecationWarning, 1, "The delegation of int() to __trunc__ is deprecated.") ? object_call0(t, method) : V_NULL;
    release(t, method);
    if (!v || is_exact_int(v)) return v;
    if (is_int(v)) {
        value exact = int_exact(t, v);
        release(t, v);
        return exact;
    }
    struct type *c = type_of(v);
    value i = c->to_index ? checked(t, c->to_index(t, v), "__index__") : V_NULL;
    if (!i && !raised(t)) raise(t, &exc_TypeError, "__trunc__ returned non-Integral (type %T)", v);
    release(t, v);
    return i;
}

value int_from_object(struct thread *t, vref x) {
    if (is_exact_int(x)) return own(t, x);
    struct type *c = type_of(x);
    if (c->to_int) return checked(t, c->to_int(t, x), "__int__");
    if (c->to_index) return checked(t, c->to_index(t, x), "__index__");
    bool found = false;
    value v = has_shape(x, SHAPE_STR) ? V_NULL : from_truncation(t, x, &found);
    if (found) return v;
    if (is_str(x)) return from_str(t, x, 10);
    if (buffer_check(x)) return from_buffer(t, x, 10);
    return raise(t, &exc_TypeError, "int() argument must be a string, a bytes-like object or a real number, not '%T'", x);
}

static value from_text_with_base(struct thread *t, vref x, vref vbase) {
    int64_t base;
    if (!object_as_size_clamped(t, vbase, &base)) return V_NULL;
    if ((base != 0 && base < 2) || base > 36) return raise(t, &exc_ValueError, "int() base must be >= 2 and <= 36, or 0");
    if (!x) return raise(t, &exc_TypeError, "int() missing string argument");
    if (is_str(x)) return from_str(t, x, (int)base);
    if (has_flag(x, TYPE_BYTES) || has_shape(x, SHAPE_BYTEARRAY) || type_is_subtype(type_of(x), &type_bytearray)) return from_buffer(t, x, (int)base);
    return raise(t, &exc_TypeError, "int() can't convert non-string with explicit base");
}

// The same number as an instance of cls. takes v.
value int_as_instance(struct thread *t, struct type *cls, value v) {
    if (!v || cls == &type_int) return v;
    struct int_view w;
    int_see(v, &w);
    struct bigint *b = object_new_var(t, cls, w.n * sizeof(mp_limb_t));
    if (b) {
        memcpy(b->limb, w.limb, w.n * sizeof(mp_limb_t));
        b->size = w.negative ? -(int64_t)w.n : (int64_t)w.n;
    }
    release(t, v);
    return b ? counted_word(b) : V_NULL;
}

static value int_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"", "base"};
    static const struct args_spec spec = {"int", names, 1, 0, 2};
    vref a[2];
    if (!args_bind(t, &spec, args, nargs, kwnames, a)) return V_NULL;
    value v;
    if (a[1]) v = from_text_with_base(t, a[0], a[1]);
    else v = a[0] ? int_from_object(t, a[0]) : from_int62(0);
    return int_as_instance(t, cls, v);
}

struct type type_int = {
    .head = {.shared = SHARED_IMMORTAL | SHARED_DEFERRED, .shape = SHAPE_TYPE},
    .name = "int",
    .module = "builtins",
    .doc = "A whole number of any size.\n\n"
           "Makes one of a number, whose fraction it drops, or of text in the given base, 2 to 36;\n"
           "base 0 goes by the prefix: 0b, 0o or 0x. Nothing makes 0.",
    .flags = TYPE_INT | TYPE_BASE,
    .basicsize = sizeof(struct bigint),
    .itemsize = sizeof(mp_limb_t),
    .root_shape = SHAPE_INT,
    .base = &type_object,
    .natives = int_natives,
    .size_of = int_size_of,
    .make = int_make,
    .repr = int_repr,
    .hash = int_hash_slot,
    .compare = int_compare_slot,
    .truth = int_truth,
    .binary = {
#define X(N, stem, symbol) [NB_##N] = int_##stem,
        INT_OPS(X)
#undef X
    },
    .power3 = int_power3,
    .negative = int_negative,
    .positive = int_exact,
    .absolute = int_absolute,
    .invert = int_invert,
    .to_int = int_exact,
    .to_float = int_to_float,
    .to_index = int_exact,
};
