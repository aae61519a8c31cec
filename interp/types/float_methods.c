// SPDX-License-Identifier: Apache-2.0
// The named methods of float. Leaves hexadecimal to float_hex.c, operators to float.c.
#include "interp/types/exc.h"
#include "interp/types/float.h"
#include "interp/types/int.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include <math.h>
#include <stdio.h>

static value float_get_real(struct thread *t, const vref *a) {
    return type_of(a[0]) == &type_float ? own(t, a[0]) : float_new(t, float_value(a[0]));
}
static value float_get_imag(struct thread *t, const vref *a) { return V_FLOAT_ZERO; }
static value float_trunc(struct thread *t, const vref *a) { return int_from_double(t, float_value(a[0])); }
static value float_floor(struct thread *t, const vref *a) { return int_from_double(t, floor(float_value(a[0]))); }
static value float_ceil(struct thread *t, const vref *a) { return int_from_double(t, ceil(float_value(a[0]))); }
static value float_is_integer(struct thread *t, const vref *a) {
    double d = float_value(a[0]);
    return from_bool(isfinite(d) && floor(d) == d);
}

static value float_as_integer_ratio(struct thread *t, const vref *a) {
    double d = float_value(a[0]);
    if (isinf(d)) return raise(t, &exc_OverflowError, "cannot convert Infinity to integer ratio");
    if (isnan(d)) return raise(t, &exc_ValueError, "cannot convert NaN to integer ratio");
    int e;
    double m = frexp(d, &e);
    for (int i = 0; i < 300 && m != floor(m); i++) m *= 2.0, e--;
    value n = int_from_double(t, m), bits = from_int62(e < 0 ? -e : e);
    value scaled = n ? int_binary(t, e > 0 ? n : from_int62(1), bits, NB_LSHIFT) : V_NULL;
    value out = !scaled ? V_NULL : e > 0 ? tuple_pack(t, 2, scaled, from_int62(1)) : tuple_pack(t, 2, n, scaled);
    release_opt(t, n), release_opt(t, scaled);
    return out;
}

static value too_large(struct thread *t) { return raise(t, &exc_OverflowError, "rounded value too large to represent"); }

// Half to even, judged on the exact decimal value.
value float_round_to(struct thread *t, double d, int64_t ndigits) {
    if (!isfinite(d) || d == 0 || ndigits > 323) return float_new(t, d);
    if (ndigits < -309) return float_new(t, copysign(0.0, d));
    uint64_t units; // below 2^53 it and 10^ndigits are doubles, so that one division rounds once
    if (ndigits >= 0 && ndigits <= 19 && float_scaled(d, (int)ndigits, &units) && units < 1ull << 53) {
        double scale = 1;
        for (int64_t i = 0; i < ndigits; i++) scale *= 10;
        return float_new(t, copysign((double)units / scale, d));
    }
    char buf[700];
    if (ndigits >= 0) snprintf(buf, sizeof buf, "%.*f", (int)ndigits, d);
    else {
        struct float_digits f;
        if (!float_to_digits(t, d, FLOAT_SIGNIFICANT, 17, &f)) return V_NULL;
        int point = f.point, keep = point + (int)ndigits; // digits left of the place
        float_digits_drop(t, &f);
        if (keep >= 1) snprintf(buf, sizeof buf, "%.*e", keep - 1, d);
        else if (keep < 0) return float_new(t, copysign(0.0, d));
        else { // 0 or one unit: is |d| above half a unit, which is a 5 and zeros?
            char half[8];
            snprintf(half, sizeof half, "5e%d", point - 1);
            const char *end;
            bool above = fabs(d) > float_parse(half, &end);
            if (!above) return float_new(t, copysign(0.0, d));
            snprintf(buf, sizeof buf, "%s1e%d", d < 0 ? "-" : "", point);
        }
    }
    for (char *p = buf; *p; p++)
        if (*p == ',') *p = '.'; // the locale's point
    const char *end;
    double r = float_parse(buf, &end);
    return isinf(r) ? too_large(t) : float_new(t, r);
}

static value float_round(struct thread *t, const vref *a) {
    double d = float_value(a[0]);
    if (!a[1] || is_none(a[1])) {
        double r = round(d);
        if (fabs(d - r) == 0.5) r = 2.0 * round(d / 2.0);
        return int_from_double(t, r);
    }
    value n = object_index(t, a[1]);
    if (!n) return V_NULL;
    int64_t ndigits;
    int over = int_as_i64_overflow(n, &ndigits);
    release(t, n);
    return float_round_to(t, d, over > 0 ? 1000 : over < 0 ? -1000 : ndigits);
}

static value float_divmod_pair(struct thread *t, vref a, vref b) {
    double x, y, q, r;
    int got = float_operand(t, a, &x);
    if (got == 1) got = float_operand(t, b, &y);
    if (got != 1) return got < 0 ? V_NULL : V_NOTIMPL;
    if (y == 0) return raise(t, &exc_ZeroDivisionError, "float divmod()");
    float_divmod(x, y, &q, &r);
    value vq = float_new(t, q), vr = vq ? float_new(t, r) : V_NULL, out = vr ? tuple_pack(t, 2, vq, vr) : V_NULL;
    release_opt(t, vq), release_opt(t, vr);
    return out;
}
static value float_m_divmod(struct thread *t, const vref *a) { return float_divmod_pair(t, a[0], a[1]); }
static value float_m_rdivmod(struct thread *t, const vref *a) { return float_divmod_pair(t, a[1], a[0]); }

static value float_getnewargs(struct thread *t, const vref *a) {
    value v = float_new(t, float_value(a[0]));
    value out = v ? tuple_pack(t, 1, v) : V_NULL;
    release_opt(t, v);
    return out;
}

static value float_format_method(struct thread *t, const vref *a) {
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "__format__() argument must be str, not %T", a[1]);
    if (as_str(a[1])->length == 0) return object_str(t, a[0]); // a subclass may have a __str__ of its own
    return float_format(t, float_value(a[0]), a[1]);
}

static value float_getformat(struct thread *t, const vref *a) {
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "__getformat__() argument must be str, not %T", a[1]);
    if (!str_equal_cstr(a[1], "double") && !str_equal_cstr(a[1], "float"))
        return raise(t, &exc_ValueError, "__getformat__() argument 1 must be 'double' or 'float'");
    return str_from_cstr(t, "IEEE, little-endian");
}

const struct native float_natives[] = {
    {.name = "fromhex", .kind = NATIVE_CLASS, .sig = "($type, string, /)", .fn = float_fromhex,
     .doc = "Read a float that hex() wrote, bit for bit.\n\n>>> float.fromhex('0x1.8p+1')\n3.0"},
    {.name = "hex", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = float_hex,
     .doc = "Write the float in hexadecimal, bit for bit.\n\n>>> (3.0).hex()\n'0x1.8000000000000p+1'"},
    {.name = "conjugate", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = float_get_real, .doc = "Return the float itself."},
    {.name = "__trunc__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = float_trunc, .doc = "Return the int that is left without the fraction."},
    {.name = "__floor__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = float_floor, .doc = "Return the biggest int that is not above x."},
    {.name = "__ceil__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = float_ceil, .doc = "Return the smallest int that is not below x."},
    {.name = "__round__", .kind = NATIVE_METHOD, .sig = "($self, ndigits=None, /)", .fn = float_round,
     .doc = "Return the nearest int, the even one of two; with ndigits, the nearest float of so many decimals."},
    {.name = "as_integer_ratio", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = float_as_integer_ratio,
     .doc = "Return two ints, the second positive and as small as it can be, whose quotient is exactly this float."},
    {.name = "is_integer", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = float_is_integer, .doc = "Return whether there is no fraction."},
    {.name = "__divmod__", .kind = NATIVE_METHOD, .sig = "($self, value, /)", .fn = float_m_divmod, .doc = "Return divmod(self, value)."},
    {.name = "__rdivmod__", .kind = NATIVE_METHOD, .sig = "($self, value, /)", .fn = float_m_rdivmod, .doc = "Return divmod(value, self)."},
    {.name = "__getnewargs__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = float_getnewargs},
    {.name = "__format__", .kind = NATIVE_METHOD, .sig = "($self, format_spec, /)", .fn = float_format_method,
     .doc = "Return the float as text, as the format specification says."},
    {.name = "__getformat__", .kind = NATIVE_CLASS, .sig = "($type, typestr, /)", .fn = float_getformat,
     .doc = "Return how C stores 'float' or 'double' here: for tests."},
    {.name = "real", .kind = NATIVE_GETSET, .fn = float_get_real, .doc = "the float itself"},
    {.name = "imag", .kind = NATIVE_GETSET, .fn = float_get_imag, .doc = "always 0.0"},
    {.name = NULL},
};
