// SPDX-License-Identifier: Apache-2.0
// The named methods and attributes of int. Leaves operators and construction to int.c.
#include "interp/types/exc.h"
#include "interp/types/int_type.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

static value int_get_real(struct thread *t, const vref *a) { return int_exact(t, a[0]); }
static value int_get_imag(struct thread *t, const vref *a) { return from_int62(0); }
static value int_get_denominator(struct thread *t, const vref *a) { return from_int62(1); }

static value int_bit_length(struct thread *t, const vref *a) {
    struct int_view w;
    int_see(a[0], &w);
    return int_from_u64(t, limbs_bits(w.limb, w.n));
}

static value int_bit_count(struct thread *t, const vref *a) {
    struct int_view w;
    int_see(a[0], &w);
    return from_int62(w.n ? (int64_t)mpn_popcount(w.limb, (mp_size_t)w.n) : 0);
}

static value int_as_integer_ratio(struct thread *t, const vref *a) {
    value v = int_exact(t, a[0]);
    if (!v) return V_NULL;
    value pair = tuple_pack(t, 2, v, from_int62(1));
    release(t, v);
    return pair;
}

// Half to even at 10^n, n > 0.
static value round_to_tens(struct thread *t, vref v, vref n) {
    value unit = int_power(t, from_int62(10), n), q = V_NULL, r = V_NULL, out = V_NULL, twice = V_NULL;
    if (!unit) return V_NULL;
    if (int_divmod(t, v, unit, &q, &r) && (twice = int_binary(t, r, from_int62(2), NB_MUL))) {
        int order = int_compare(twice, unit);
        value odd = int_binary(t, q, from_int62(1), NB_AND), base = odd ? int_binary(t, v, r, NB_SUB) : V_NULL;
        if (base && (order > 0 || (order == 0 && odd == from_int62(1)))) out = int_binary(t, base, unit, NB_ADD);
        else if (base) out = own(t, base);
        release_opt(t, odd), release_opt(t, base);
    }
    release(t, unit), release_opt(t, q), release_opt(t, r), release_opt(t, twice);
    return out;
}

static value int_round(struct thread *t, const vref *a) {
    if (!a[1]) return int_exact(t, a[0]);
    value n = object_index(t, a[1]);
    if (!n) return V_NULL;
    value out;
    if (int_sign(n) >= 0) out = int_exact(t, a[0]);
    else {
        value places = int_binary(t, from_int62(0), n, NB_SUB);
        struct int_view w;
        int_see(a[0], &w);
        int64_t p;
        if (!places) out = V_NULL;
        else if (!int_small(places, &p) || (uint64_t)p > limbs_bits(w.limb, w.n)) out = from_int62(0); // 10^p > 2 |self|
        else out = round_to_tens(t, a[0], places);
        release_opt(t, places);
    }
    release(t, n);
    return out;
}

// little-endian? -1: exception.
static int byte_order(struct thread *t, vref order) {
    if (!order || str_equal_cstr(order, "big")) return 0;
    if (str_equal_cstr(order, "little")) return 1;
    raise(t, &exc_ValueError, "byteorder must be either 'little' or 'big'");
    return -1;
}

static bool check_str(struct thread *t, vref v, const char *where) {
    if (!v || is_str(v)) return true;
    raise(t, &exc_TypeError, "%s must be str, not %T", where, v);
    return false;
}

static value int_to_bytes_method(struct thread *t, const vref *a) { // self, length, byteorder, signed
    int64_t length = 1;
    if (a[1]) {
        value n = object_index(t, a[1]);
        if (!n) return V_NULL;
        bool ok = int_as_i64(t, n, &length);
        release(t, n);
        if (!ok) return V_NULL;
    }
    if (!check_str(t, a[2], "to_bytes() argument 'byteorder'")) return V_NULL;
    int little = byte_order(t, a[2]), is_signed = a[3] ? object_truth(t, a[3]) : 0;
    if (little < 0 || is_signed < 0) return V_NULL;
    if (length < 0) return raise(t, &exc_ValueError, "length argument must be non-negative");
    value b = bytes_new(t, NULL, (size_t)length);
    if (b && int_to_bytes(t, a[0], as_bytes(b)->data, (size_t)length, little, is_signed)) return b;
    release_opt(t, b);
    return V_NULL;
}

static value int_from_bytes_method(struct thread *t, const vref *a) { // cls, bytes, byteorder, signed
    if (!check_str(t, a[2], "from_bytes() argument 'byteorder'")) return V_NULL;
    int little = byte_order(t, a[2]), is_signed = a[3] ? object_truth(t, a[3]) : 0;
    if (little < 0 || is_signed < 0) return V_NULL;
    value b = bytes_from_object(t, a[1]);
    if (!b) return V_NULL;
    value v = int_from_bytes(t, as_bytes(b)->data, as_bytes(b)->length, little, is_signed);
    release(t, b);
    if (!v || as_type(a[0]) == &type_int) return v;
    value made = object_call1(t, a[0], v);
    release(t, v);
    return made;
}

static value int_divmod_pair(struct thread *t, vref a, vref b) {
    value q = V_NULL, r = V_NULL;
    if (!is_int(a) || !is_int(b)) return V_NOTIMPL;
    value out = int_divmod(t, a, b, &q, &r) ? tuple_pack(t, 2, q, r) : V_NULL;
    release_opt(t, q), release_opt(t, r);
    return out;
}
static value int_m_divmod(struct thread *t, const vref *a) { return int_divmod_pair(t, a[0], a[1]); }
static value int_m_rdivmod(struct thread *t, const vref *a) { return int_divmod_pair(t, a[1], a[0]); }

static value int_getnewargs(struct thread *t, const vref *a) {
    value v = int_exact(t, a[0]);
    if (!v) return V_NULL;
    value args = tuple_pack(t, 1, v);
    release(t, v);
    return args;
}

static value int_format_method(struct thread *t, const vref *a) {
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "__format__() argument must be str, not %T", a[1]);
    return int_format(t, a[0], a[1]);
}

static value int_sizeof(struct thread *t, const vref *a) {
    struct int_view w;
    int_see(a[0], &w);
    return from_int62((int64_t)(sizeof(struct bigint) + w.n * sizeof(mp_limb_t)));
}

const struct native int_natives[] = {
    {.name = "conjugate", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = int_get_real, .doc = "Return the int itself."},
    {.name = "bit_length", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = int_bit_length,
     .doc = "Return how many bits the absolute value takes.\n\n>>> (8).bit_length()\n4"},
    {.name = "bit_count", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = int_bit_count,
     .doc = "Return how many bits of the absolute value are 1.\n\n>>> (11).bit_count()\n3"},
    {.name = "to_bytes", .kind = NATIVE_METHOD, .sig = "($self, /, length=1, byteorder='big', *, signed=False)", .fn = int_to_bytes_method,
     .doc = "Return the int as length bytes, the first being the most significant if byteorder is 'big', the least if 'little'.\n\n"
            "OverflowError if it does not fit, or if it is negative and signed is false."},
    {.name = "from_bytes", .kind = NATIVE_CLASS, .sig = "($type, /, bytes, byteorder='big', *, signed=False)", .fn = int_from_bytes_method,
     .doc = "Return the int that bytes spell; byteorder and signed are as in to_bytes()."},
    {.name = "as_integer_ratio", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = int_as_integer_ratio,
     .doc = "Return the int and 1."},
    {.name = "__trunc__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = int_get_real, .doc = "Return the int itself."},
    {.name = "__floor__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = int_get_real, .doc = "Return the int itself."},
    {.name = "__ceil__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = int_get_real, .doc = "Return the int itself."},
    {.name = "__round__", .kind = NATIVE_METHOD, .sig = "($self, ndigits=None, /)", .fn = int_round,
     .doc = "Return the int itself; rounded to 10**-ndigits, half to even, if ndigits is negative."},
    {.name = "__divmod__", .kind = NATIVE_METHOD, .sig = "($self, value, /)", .fn = int_m_divmod, .doc = "Return divmod(self, value)."},
    {.name = "__rdivmod__", .kind = NATIVE_METHOD, .sig = "($self, value, /)", .fn = int_m_rdivmod, .doc = "Return divmod(value, self)."},
    {.name = "__getnewargs__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = int_getnewargs},
    {.name = "__format__", .kind = NATIVE_METHOD, .sig = "($self, format_spec, /)", .fn = int_format_method},
    {.name = "__sizeof__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = int_sizeof, .doc = "Return how many bytes of memory this takes."},
    {.name = "real", .kind = NATIVE_GETSET, .fn = int_get_real, .doc = "the int itself"},
    {.name = "imag", .kind = NATIVE_GETSET, .fn = int_get_imag, .doc = "always 0"},
    {.name = "numerator", .kind = NATIVE_GETSET, .fn = int_get_real, .doc = "the int itself"},
    {.name = "denominator", .kind = NATIVE_GETSET, .fn = int_get_denominator, .doc = "always 1"},
    {.name = NULL},
};
