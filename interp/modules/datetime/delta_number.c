// SPDX-License-Identifier: Apache-2.0
// timedelta by numbers and by each other: products, quotients, remainders, to the microsecond. Leaves sums to delta.c.
//
// Everything is exact. A float counts as the fraction that it is, mantissa times a power of two, and the one rounding at the end is to the nearest microsecond, half to
// even. Where 128 bits do not hold a number between, the result is either zero or more than a timedelta holds.
#include "interp/modules/datetime/datetime.h"
#include "interp/types/int.h"

#include <math.h>

// ---- wide numbers ----

value delta_int_of(struct thread *t, wide n) {
    if (n == (int64_t)n) return int_from_i64(t, (int64_t)n);
    unsigned __int128 u = n < 0 ? -(unsigned __int128)n : (unsigned __int128)n;
    mp_limb_t limbs[2] = {(mp_limb_t)u, (mp_limb_t)(u >> 64)};
    return int_from_limbs(t, limbs, 2, n < 0);
}
bool delta_wide_of(vref i, wide *out) {
    struct int_view w;
    int_see(i, &w);
    if (w.n > 2 || (w.n == 2 && w.limb[1] >> 63)) return false;
    wide u = (wide)((unsigned __int128)(w.n == 2 ? w.limb[1] : 0) << 64 | (w.n ? w.limb[0] : 0));
    *out = w.negative ? -u : u;
    return true;
}
static wide floor_divided(wide a, wide b, wide *rest) {
    if (a == (int64_t)a && b == (int64_t)b && b != -1) {
        int64_t q = (int64_t)a / (int64_t)b, r = (int64_t)a % (int64_t)b;
        if (r && (r < 0) != (b < 0)) q--, r += (int64_t)b;
        return *rest = r, q;
    }
    wide q = a / b, r = a % b;
    if (r && (r < 0) != (b < 0)) q--, r += b;
    return *rest = r, q;
}
static wide nearest(wide a, wide b) {
    wide r, q = floor_divided(a, b, &r);
    if (b < 0) r = -r, b = -b;
    wide over = r - (b - r); // twice r against b, without overflow
    return q + (over > 0 || (over == 0 && (q & 1)));
}
static value by_zero(struct thread *t, const char *what) { return raise(t, &exc_ZeroDivisionError, "%s", what); }
static const char division_or_modulo[] = "integer division or modulo by zero";

// ---- floats ----

// d = mantissa * 2^exponent, the mantissa odd or 0. false: as float.as_integer_ratio says.
static bool take_apart(struct thread *t, double d, int64_t *mantissa, int *exponent) {
    if (isnan(d)) return raise(t, &exc_ValueError, "cannot convert NaN to integer ratio"), false;
    if (isinf(d)) return raise(t, &exc_OverflowError, "cannot convert Infinity to integer ratio"), false;
    *mantissa = (int64_t)ldexp(frexp(d, exponent), 53);
    *exponent -= 53;
    if (!*mantissa) return *exponent = 0, true;
    int zeros = __builtin_ctzll((uint64_t)*mantissa);
    *mantissa >>= zeros;
    *exponent += zeros;
    return true;
}
// n * 2^by; false: too large.
static bool shifted(wide n, int by, wide *out) {
    if (n == 0) return *out = 0, true;
    if (by > 125 || (n < 0 ? -n : n) >> (126 - by)) return false;
    *out = n * ((wide)1 << by);
    return true;
}
static value times_float(struct thread *t, wide micros, double d) {
    int64_t m;
    int e;
    wide n;
    if (!take_apart(t, d, &m, &e)) return V_NULL;
    n = micros * m;
    if (e < 0) n = e < -125 ? 0 : nearest(n, (wide)1 << -e);
    else if (!shifted(n, e, &n)) return delta_too_large(t);
    return delta_from_micros(t, &delta_type, n);
}
static value over_float(struct thread *t, wide micros, double d) {
    int64_t m;
    int e;
    wide n = micros, by;
    if (!take_apart(t, d, &m, &e)) return V_NULL;
    if (m == 0) return by_zero(t, division_or_modulo);
    by = m;
    if (e > 70) n = 0;
    else if (e > 0) by = m * ((wide)1 << e);
    else if (!shifted(n, -e, &n)) return delta_too_large(t);
    return delta_from_micros(t, &delta_type, nearest(n, by));
}

// A float of a class of its own may have its own idea of its ratio: ints of any size.
static value ratio_of(struct thread *t, vref f) {
    value ratio = object_call_method(t, f, datetime_names.as_integer_ratio, NULL, 0);
    if (!ratio) return V_NULL;
    if (!is_tuple(ratio)) raise(t, &exc_TypeError, "unexpected return type from as_integer_ratio(): expected tuple, got '%T'", ratio);
    else if (tuple_size(ratio) != 2) raise(t, &exc_ValueError, "as_integer_ratio() must return a 2-tuple");
    else if (!is_int(tuple_at(ratio, 0)) || !is_int(tuple_at(ratio, 1))) raise(t, &exc_TypeError, "non-integer arguments in division");
    else return ratio;
    release(t, ratio);
    return V_NULL;
}
static value nearest_int(struct thread *t, vref a, vref b) {
    value q, r, twice = V_NULL;
    if (!int_divmod(t, a, b, &q, &r)) return V_NULL;
    twice = int_binary(t, r, from_int62(2), NB_MUL);
    int order = twice ? int_compare(twice, b) : 0;
    if (int_sign(b) < 0) order = -order;
    value odd = twice && order == 0 ? int_binary(t, q, from_int62(1), NB_AND) : from_int62(0);
    value result = twice && odd ? int_binary(t, q, from_int62(order > 0 || odd == from_int62(1)), NB_ADD) : V_NULL;
    release_opt(t, twice);
    release(t, q);
    release(t, r);
    return result;
}
static value by_ratio(struct thread *t, vref delta, vref f, bool divide) {
    value ratio = ratio_of(t, f), micros = ratio ? delta_int_of(t, delta_micros(delta)) : V_NULL, r = V_NULL;
    value product = micros ? int_binary(t, micros, tuple_at(ratio, divide), NB_MUL) : V_NULL;
    value n = product ? nearest_int(t, product, tuple_at(ratio, !divide)) : V_NULL;
    wide w;
    if (n) r = delta_wide_of(n, &w) ? delta_from_micros(t, &delta_type, w) : delta_too_large(t);
    release_opt(t, ratio);
    release_opt(t, micros);
    release_opt(t, product);
    release_opt(t, n);
    return r;
}

// ---- operators ----

static value times_int(struct thread *t, vref delta, vref i) {
    wide by, product, micros = delta_micros(delta);
    if (micros == 0) return delta_from_micros(t, &delta_type, 0);
    if (!delta_wide_of(i, &by) || __builtin_mul_overflow(micros, by, &product)) return delta_too_large(t);
    return delta_from_micros(t, &delta_type, product);
}
value delta_multiply(struct thread *t, vref a, vref b) {
    vref d = is_delta(a) ? a : b, by = d == a ? b : a;
    if (is_int(by)) return times_int(t, d, by);
    if (is_flo(by) || has_shape(by, SHAPE_FLOAT)) return times_float(t, delta_micros(d), float_value(by));
    return is_float(by) ? by_ratio(t, d, by, false) : V_NOTIMPL;
}

static value over_int(struct thread *t, vref delta, vref i, bool floor) {
    wide by, rest, micros = delta_micros(delta);
    if (!delta_wide_of(i, &by)) return delta_from_micros(t, &delta_type, floor && micros && (micros < 0) != (int_sign(i) < 0) ? -1 : 0);
    if (by == 0) return by_zero(t, division_or_modulo);
    return delta_from_micros(t, &delta_type, floor ? floor_divided(micros, by, &rest) : nearest(micros, by));
}
// a / b of ints, correctly rounded.
static value quotient(struct thread *t, wide a, wide b) {
    const wide exact = (wide)1 << 53;
    if (a >= -exact && a <= exact && b >= -exact && b <= exact) return float_new(t, (double)a / (double)b);
    value x = delta_int_of(t, a), y = x ? delta_int_of(t, b) : V_NULL, r = y ? int_binary(t, x, y, NB_TRUEDIV) : V_NULL;
    release_opt(t, x);
    release_opt(t, y);
    return r;
}
value delta_total_seconds(struct thread *t, vref self) { return quotient(t, delta_micros(self), SECOND_MICROS); }

value delta_divide(struct thread *t, vref a, vref b) {
    if (!is_delta(a)) return V_NOTIMPL;
    if (is_delta(b)) return delta_is_zero(b) ? by_zero(t, "division by zero") : quotient(t, delta_micros(a), delta_micros(b));
    if (is_int(b)) return over_int(t, a, b, false);
    if (is_flo(b) || has_shape(b, SHAPE_FLOAT)) return over_float(t, delta_micros(a), float_value(b));
    return is_float(b) ? by_ratio(t, a, b, true) : V_NOTIMPL;
}
value delta_floor_divide(struct thread *t, vref a, vref b) {
    wide rest;
    if (!is_delta(a)) return V_NOTIMPL;
    if (is_int(b)) return over_int(t, a, b, true);
    if (!is_delta(b)) return V_NOTIMPL;
    if (delta_is_zero(b)) return by_zero(t, division_or_modulo);
    return delta_int_of(t, floor_divided(delta_micros(a), delta_micros(b), &rest));
}
value delta_remainder(struct thread *t, vref a, vref b) {
    wide rest;
    if (!is_delta(a) || !is_delta(b)) return V_NOTIMPL;
    if (delta_is_zero(b)) return by_zero(t, "integer modulo by zero");
    floor_divided(delta_micros(a), delta_micros(b), &rest);
    return delta_from_micros(t, &delta_type, rest);
}
static value divmod_pair(struct thread *t, vref a, vref b) {
    wide rest;
    if (!is_delta(a) || !is_delta(b)) return V_NOTIMPL;
    if (delta_is_zero(b)) return by_zero(t, division_or_modulo);
    value q = delta_int_of(t, floor_divided(delta_micros(a), delta_micros(b), &rest)), r = q ? delta_from_micros(t, &delta_type, rest) : V_NULL;
    if (r) return tuple_take_array(t, (value[]){q, r}, 2);
    release_opt(t, q);
    return V_NULL;
}
value delta_divmod(struct thread *t, const vref *a) { return divmod_pair(t, a[0], a[1]); }
value delta_rdivmod(struct thread *t, const vref *a) { return divmod_pair(t, a[1], a[0]); }
