// SPDX-License-Identifier: Apache-2.0
// The math module: libm with Python's errors, and the integer functions. Leaves complex numbers to cmath.
#include "interp/modules/modules.h"
#include "interp/modules/row.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

#include <float.h>
#include <math.h>

static value domain(struct thread *t) { return raise(t, &exc_ValueError, "math domain error"); }
static value range(struct thread *t) { return raise(t, &exc_OverflowError, "math range error"); }
// r computed from finite or infinite x: NaN out of a number is a domain error, infinity out of a finite one a range error (or domain, for poles).
static value checked(struct thread *t, double x, double r, bool pole) {
    if (isnan(r) && !isnan(x)) return domain(t);
    if (isinf(r) && isfinite(x)) return pole ? domain(t) : range(t);
    return float_new(t, r);
}
#define UNARY(name, expr, pole)                                       \
    static value m_##name(struct thread *t, const vref *a) {          \
        double x;                                                     \
        return float_as_double(t, a[0], &x) ? checked(t, x, expr, pole) : V_NULL; \
    }
UNARY(sqrt, sqrt(x), false)
UNARY(exp, exp(x), false)
UNARY(exp2, exp2(x), false)
UNARY(expm1, expm1(x), false)
UNARY(log1p, log1p(x), true)
UNARY(sin, sin(x), false)
UNARY(cos, cos(x), false)
UNARY(tan, tan(x), false)
UNARY(asin, asin(x), false)
UNARY(acos, acos(x), false)
UNARY(atan, atan(x), false)
UNARY(sinh, sinh(x), false)
UNARY(cosh, cosh(x), false)
UNARY(tanh, tanh(x), false)
UNARY(asinh, asinh(x), false)
UNARY(acosh, acosh(x), false)
UNARY(atanh, atanh(x), true)
UNARY(cbrt, cbrt(x), false)
UNARY(fabs, fabs(x), false)
UNARY(erf, erf(x), false)
UNARY(erfc, erfc(x), false)
UNARY(degrees, x * (180.0 / M_PI), false)
UNARY(radians, x * (M_PI / 180.0), false)
static value m_gamma(struct thread *t, const vref *a) {
    double x;
    if (!float_as_double(t, a[0], &x)) return V_NULL;
    if (x == -INFINITY || (x <= 0 && floor(x) == x && isfinite(x))) return domain(t);
    return checked(t, x, tgamma(x), false);
}
static value m_lgamma(struct thread *t, const vref *a) {
    double x;
    if (!float_as_double(t, a[0], &x)) return V_NULL;
    if (isfinite(x) && x <= 0 && floor(x) == x) return domain(t);
    return checked(t, x, lgamma(x), false);
}

// Logarithms of big integers go by their digits' count.
static bool log_of(struct thread *t, vref v, double (*fn)(double), double *out) {
    double x;
    if (is_int(v)) {
        if (int_sign(v) <= 0) return domain(t), false;
        if (is_int62(v)) x = (double)as_int62(v);
        else {
            x = int_as_double(t, v);
            if (x == -1.0 && raised(t)) { // beyond a double: scale by a power of two
                raised_clear(t);
                value bits = object_call_method_cstr(t, v, "bit_length", NULL, 0);
                if (!bits) return false;
                int64_t e = as_int62(bits) - 1000;
                value small = object_binary(t, v, from_int62(e), NB_RSHIFT);
                if (!small) return false;
                x = int_as_double(t, small);
                release(t, small);
                *out = fn(x) + (double)e * fn(2.0);
                return true;
            }
        }
    } else if (!float_as_double(t, v, &x)) return false;
    if (!(x > 0) && !isnan(x)) return domain(t), false;
    *out = fn(x);
    return true;
}
static value m_log(struct thread *t, const vref *a) {
    double x, b;
    if (!log_of(t, a[0], log, &x)) return V_NULL;
    if (!a[1]) return float_new(t, x);
    if (!log_of(t, a[1], log, &b)) return V_NULL;
    if (b == 0) return raise(t, &exc_ZeroDivisionError, "float division by zero");
    return float_new(t, x / b);
}
static value m_log2(struct thread *t, const vref *a) { double x; return log_of(t, a[0], log2, &x) ? float_new(t, x) : V_NULL; }
static value m_log10(struct thread *t, const vref *a) { double x; return log_of(t, a[0], log10, &x) ? float_new(t, x) : V_NULL; }

#define BINARY(name, body)                                                        \
    static value m_##name(struct thread *t, const vref *a) {                      \
        double x, y;                                                              \
        if (!float_as_double(t, a[0], &x) || !float_as_double(t, a[1], &y)) return V_NULL; \
        body                                                                      \
    }
BINARY(atan2, return float_new(t, atan2(x, y));)
BINARY(copysign, return float_new(t, copysign(x, y));)
BINARY(nextafter, return float_new(t, nextafter(x, y));)
BINARY(fmod, double r = fmod(x, y); return isnan(r) && !isnan(x) && !isnan(y) ? domain(t) : float_new(t, r);)
BINARY(remainder, double r = remainder(x, y); return isnan(r) && !isnan(x) && !isnan(y) ? domain(t) : float_new(t, r);)
BINARY(pow,
    double r = pow(x, y);
    if (isnan(r) && !isnan(x) && !isnan(y)) return domain(t);
    if (isinf(r) && isfinite(x) && isfinite(y)) return x == 0 ? domain(t) : range(t);
    return float_new(t, r);)

// floor, ceil, trunc: the type's own method first, then by double.
static value rounded(struct thread *t, vref v, const char *method, double (*fn)(double)) {
    if (!is_flo(v) && type_of(v) != &type_float) {
        value m;
        int found = object_lookup_special(t, v, str_intern_cstr(t, method), &m);
        if (found < 0) return V_NULL;
        if (found) {
            value r = object_call0(t, m);
            release(t, m);
            return r;
        }
        if (!fn) return raise(t, &exc_TypeError, "type %T doesn't define %s method", v, method);
    }
    double x;
    if (!float_as_double(t, v, &x)) return V_NULL;
    return int_from_double(t, fn ? fn(x) : trunc(x));
}
static value m_floor(struct thread *t, const vref *a) { return rounded(t, a[0], "__floor__", floor); }
static value m_ceil(struct thread *t, const vref *a) { return rounded(t, a[0], "__ceil__", ceil); }
static value m_trunc(struct thread *t, const vref *a) { return rounded(t, a[0], "__trunc__", NULL); }

#define TEST(name, expr)                                                                        \
    static value m_##name(struct thread *t, const vref *a) {                                    \
        double x;                                                                               \
        return float_as_double(t, a[0], &x) ? from_bool(expr) : V_NULL;                         \
    }
TEST(isnan, isnan(x))
TEST(isinf, isinf(x))
TEST(isfinite, isfinite(x))
static value m_isclose(struct thread *t, const vref *a) {
    double x, y, rel = 1e-9, abs_ = 0;
    if (!float_as_double(t, a[0], &x) || !float_as_double(t, a[1], &y) || (a[2] && !float_as_double(t, a[2], &rel)) || (a[3] && !float_as_double(t, a[3], &abs_))) return V_NULL;
    if (rel < 0 || abs_ < 0) return raise(t, &exc_ValueError, "tolerances must be non-negative");
    if (x == y) return V_TRUE;
    if (isinf(x) || isinf(y)) return V_FALSE;
    double d = fabs(x - y);
    return from_bool(d <= fabs(rel * y) || d <= fabs(rel * x) || d <= abs_);
}
static value m_frexp(struct thread *t, const vref *a) {
    double x;
    int e = 0;
    if (!float_as_double(t, a[0], &x)) return V_NULL;
    double m = isfinite(x) ? frexp(x, &e) : x;
    value f = float_new(t, m), pair = f ? tuple_pack(t, 2, f, from_int62(e)) : V_NULL;
    release_opt(t, f);
    return pair;
}
static value m_ldexp(struct thread *t, const vref *a) {
    double x;
    int64_t e;
    if (!float_as_double(t, a[0], &x)) return V_NULL;
    if (!is_int(a[1])) return raise(t, &exc_TypeError, "Expected an int as second argument to ldexp.");
    if (int_as_i64_overflow(a[1], &e)) e = int_sign(a[1]) < 0 ? -100000 : 100000;
    if (e > 100000) e = 100000;
    if (e < -100000) e = -100000;
    double r = ldexp(x, (int)e);
    return isinf(r) && isfinite(x) ? range(t) : float_new(t, r);
}
static value m_modf(struct thread *t, const vref *a) {
    double x, whole;
    if (!float_as_double(t, a[0], &x)) return V_NULL;
    double part = modf(x, &whole);
    value p = float_new(t, part), w = float_new(t, whole), pair = p && w ? tuple_pack(t, 2, p, w) : V_NULL;
    release_opt(t, p);
    release_opt(t, w);
    return pair;
}
static value m_ulp(struct thread *t, const vref *a) {
    double x;
    if (!float_as_double(t, a[0], &x)) return V_NULL;
    if (isnan(x)) return float_new(t, x);
    x = fabs(x);
    if (isinf(x)) return float_new(t, x);
    double up = nextafter(x, INFINITY);
    return float_new(t, isinf(up) ? x - nextafter(x, -INFINITY) : up - x);
}
// fsum: exact partial sums (Shewchuk 1997, "Adaptive Precision Floating-Point Arithmetic"), rounded once at the end.
static value m_fsum(struct thread *t, const vref *a) {
    value it = object_iter(t, a[0]), v;
    if (!it) return V_NULL;
    double part[1100]; // more than the range of exponents can hold apart
    int n = 0;
    double special = 0, infinities = 0;
    bool ok = true;
    while (ok && (v = object_next(t, it))) {
        double x;
        ok = float_as_double(t, v, &x);
        release(t, v);
        if (!ok) break;
        double original = x;
        int k = 0;
        for (int j = 0; j < n; j++) {
            double y = part[j];
            if (fabs(x) < fabs(y)) { double swap = x; x = y; y = swap; }
            double high = x + y, low = y - (high - x);
            if (low != 0) part[k++] = low;
            x = high;
        }
        n = k;
        if (x != 0) {
            if (!isfinite(x)) {
                if (isfinite(original)) {
                    raise(t, &exc_OverflowError, "intermediate overflow in fsum");
                    ok = false;
                }
                if (isinf(original)) infinities += original;
                special += original;
                n = 0;
            } else
                part[n++] = x;
        }
        ok = ok && safepoint_poll(t);
    }
    release(t, it);
    if (!ok || raised(t)) return V_NULL;
    if (special != 0) return isnan(infinities) ? raise(t, &exc_ValueError, "-inf + inf in fsum") : float_new(t, special);
    double high = 0, low = 0;
    while (n > 0) {
        double x = high, y = part[--n];
        high = x + y;
        low = y - (high - x);
        if (low != 0) break;
    }
    if (n > 0 && ((low < 0 && part[n - 1] < 0) || (low > 0 && part[n - 1] > 0))) { // half-way cases look one further
        double y = low * 2, x = high + y;
        if (y == x - high) high = x;
    }
    return float_new(t, high);
}
// A sum of squares in twice the precision of a double: Dekker's exact product (1971), Knuth's exact sum.
struct twofold {
    double hi, lo;
};
static struct twofold exact_square(double x) {
    double big = x * 134217729.0, h = big - (big - x), l = x - h, p = x * x;
    return (struct twofold){p, ((h * h - p) + 2 * h * l) + l * l};
}
static void add_square(struct twofold *sum, double x) {
    struct twofold p = exact_square(x);
    double s = sum->hi + p.hi, part = s - sum->hi, lost = (sum->hi - (s - part)) + (p.hi - part);
    sum->hi = s;
    sum->lo += lost + p.lo;
}
// The root of the rounded sum, set right by what it misses (Borges 2019, "An Improved Algorithm for hypot(a,b)").
static double root_of(struct twofold sum) {
    double r = sqrt(sum.hi + sum.lo);
    struct twofold p = exact_square(r);
    return r > 0 ? r + ((sum.hi - p.hi) - p.lo + sum.lo) / (2 * r) : r;
}
static value m_hypot(struct thread *t, const vref *args, size_t n, vref kwnames) {
    if (kwnames) return raise(t, &exc_TypeError, "math.hypot() takes no keyword arguments");
    double few[16], *x = n <= 16 ? few : mem_alloc(t, n * sizeof *x), max = 0;
    if (!x) return V_NULL;
    bool ok = true, nan = false;
    for (size_t k = 0; ok && k < n; k++) {
        ok = float_as_double(t, args[k], &x[k]);
        x[k] = fabs(x[k]);
        nan |= isnan(x[k]);
        if (x[k] > max) max = x[k];
    }
    struct twofold sum = {0, 0};
    int e = 0;
    if (max > 0 && isfinite(max)) {
        frexp(max, &e);
        for (size_t k = 0; k < n; k++) add_square(&sum, ldexp(x[k], -e)); // scaling by a power of two is exact
    }
    double r = isinf(max) ? max : nan ? NAN : ldexp(root_of(sum), e);
    if (x != few) mem_free(t, x, n * sizeof *x);
    return ok ? float_new(t, r) : V_NULL;
}
static value m_dist(struct thread *t, const vref *a) {
    value p = tuple_from_iterable(t, a[0]), q = p ? tuple_from_iterable(t, a[1]) : V_NULL, r = V_NULL;
    if (q && tuple_size(p) != tuple_size(q)) raise(t, &exc_ValueError, "both points must have the same number of dimensions");
    else if (q) {
        value diff = tuple_new(t, tuple_size(p));
        for (size_t k = 0; diff && k < tuple_size(p); k++) {
            double x, y;
            if (!float_as_double(t, tuple_at(p, k), &x) || !float_as_double(t, tuple_at(q, k), &y)) release_field(t, &diff);
            else as_tuple(diff)->at[k] = float_new(t, x - y);
        }
        if (diff) r = m_hypot(t, as_tuple(diff)->at, tuple_size(diff), V_NULL);
        release_opt(t, diff);
    }
    release_opt(t, p);
    release_opt(t, q);
    return r;
}

// ---- integers ----
static value gcd2(struct thread *t, value a, value b) { // takes both, exact non-negative ints
    while (int_sign(b) != 0) {
        value r = int_binary(t, a, b, NB_MOD);
        release(t, a);
        if (!r || !safepoint_poll(t)) return release_opt(t, b), release_opt(t, r), V_NULL;
        a = b;
        b = r;
    }
    release(t, b);
    return a;
}
static value magnitude(struct thread *t, vref v) {
    value i = object_index(t, v);
    if (!i) return V_NULL;
    value m = object_absolute(t, i);
    release(t, i);
    return m;
}
static value m_gcd(struct thread *t, const vref *args, size_t n, vref kwnames) {
    if (kwnames) return raise(t, &exc_TypeError, "math.gcd() takes no keyword arguments");
    value g = from_int62(0);
    for (size_t k = 0; g && k < n; k++) {
        value m = magnitude(t, args[k]);
        if (!m) return release(t, g), V_NULL;
        g = gcd2(t, g, m);
    }
    return g;
}
static value m_lcm(struct thread *t, const vref *args, size_t n, vref kwnames) {
    if (kwnames) return raise(t, &exc_TypeError, "math.lcm() takes no keyword arguments");
    value l = from_int62(1);
    for (size_t k = 0; l && k < n; k++) {
        value m = magnitude(t, args[k]);
        if (!m) return release(t, l), V_NULL;
        if (int_sign(m) == 0 || int_sign(l) == 0) {
            release(t, l);
            release(t, m);
            l = from_int62(0);
            continue;
        }
        value g = gcd2(t, own(t, l), own(t, m)), q = g ? int_binary(t, l, g, NB_FLOORDIV) : V_NULL;
        release_opt(t, g);
        release(t, l);
        l = q ? int_binary(t, q, m, NB_MUL) : V_NULL;
        release_opt(t, q);
        release(t, m);
    }
    return l;
}
static value m_isqrt(struct thread *t, const vref *a) {
    value n = object_index(t, a[0]);
    if (!n) return V_NULL;
    if (int_sign(n) < 0) return release(t, n), raise(t, &exc_ValueError, "isqrt() argument must be nonnegative");
    // Newton's iteration from above; starts at a power of two not below the root.
    value bits = object_call_method_cstr(t, n, "bit_length", NULL, 0);
    value x = bits ? int_binary(t, from_int62(1), from_int62((as_int62(bits) + 1) / 2), NB_LSHIFT) : V_NULL;
    while (x && int_sign(n)) {
        value q = int_binary(t, n, x, NB_FLOORDIV), s = q ? int_binary(t, q, x, NB_ADD) : V_NULL, y = s ? int_binary(t, s, from_int62(1), NB_RSHIFT) : V_NULL;
        release_opt(t, q);
        release_opt(t, s);
        if (!y || !safepoint_poll(t)) {
            release_opt(t, y);
            release_field(t, &x);
            break;
        }
        if (int_compare(y, x) >= 0) {
            release(t, y);
            break;
        }
        release(t, x);
        x = y;
    }
    if (x && !int_sign(n)) {
        release(t, x);
        x = from_int62(0);
    }
    release(t, n);
    return x;
}
static value product(struct thread *t, int64_t from, int64_t to) { // from … to, by halves so that factors stay of one size
    if (to - from < 8) {
        value p = from_int62(1);
        for (int64_t k = from; p && k <= to; k++) {
            value q = int_binary(t, p, from_int62(k), NB_MUL);
            release(t, p);
            p = q;
        }
        return p;
    }
    int64_t mid = from + (to - from) / 2;
    value low = product(t, from, mid), high = low && safepoint_poll(t) ? product(t, mid + 1, to) : V_NULL;
    value p = high ? int_binary(t, low, high, NB_MUL) : V_NULL;
    release_opt(t, low);
    release_opt(t, high);
    return p;
}
static value m_factorial(struct thread *t, const vref *a) {
    value i = object_index(t, a[0]);
    if (!i) return V_NULL;
    int64_t n;
    int over = int_as_i64_overflow(i, &n);
    release(t, i);
    if (over > 0) return raise(t, &exc_OverflowError, "factorial() argument should not exceed %ld", INT64_MAX);
    if (over < 0 || n < 0) return raise(t, &exc_ValueError, "factorial() not defined for negative values");
    return product(t, 2, n);
}
static value m_perm_comb(struct thread *t, vref nv, vref kv, bool comb) {
    value n = object_index(t, nv), k = n ? object_index(t, kv) : V_NULL, r = V_NULL;
    int64_t count;
    if (!k) goto done;
    if (int_sign(n) < 0 || int_sign(k) < 0) {
        raise(t, &exc_ValueError, "%s must be a non-negative integer", int_sign(n) < 0 ? "n" : "k");
        goto done;
    }
    if (int_compare(k, n) > 0) {
        r = from_int62(0);
        goto done;
    }
    if (comb) {
        value other = int_binary(t, n, k, NB_SUB);
        if (!other) goto done;
        if (int_compare(other, k) < 0) replace_field(t, &k, other);
        else release(t, other);
    }
    if (int_as_i64_overflow(k, &count)) {
        raise(t, &exc_OverflowError, "k must not exceed %ld", INT64_MAX);
        goto done;
    }
    r = from_int62(1);
    for (int64_t j = 0; r && j < count; j++) {
        value factor = int_binary(t, n, from_int62(j), NB_SUB), p = factor ? int_binary(t, r, factor, NB_MUL) : V_NULL;
        release_opt(t, factor);
        release(t, r);
        r = p;
        if (r && comb) {
            p = int_binary(t, r, from_int62(j + 1), NB_FLOORDIV);
            release(t, r);
            r = p;
        }
        if (r && !safepoint_poll(t)) release_field(t, &r);
    }
done:
    release_opt(t, n);
    release_opt(t, k);
    return r;
}
static value m_comb(struct thread *t, const vref *a) { return m_perm_comb(t, a[0], a[1], true); }
static value m_perm(struct thread *t, const vref *a) {
    if (!a[1] || a[1] == V_NONE) return m_factorial(t, a);
    return m_perm_comb(t, a[0], a[1], false);
}
static value m_prod(struct thread *t, const vref *a) {
    value r = a[1] ? own(t, a[1]) : from_int62(1), it = object_iter(t, a[0]), v;
    if (!it) return release(t, r), V_NULL;
    while (r && (v = object_next(t, it))) {
        value p = object_binary(t, r, v, NB_MUL);
        release(t, v);
        release(t, r);
        r = p && safepoint_poll(t) ? p : (release_opt(t, p), V_NULL);
    }
    release(t, it);
    if (raised(t)) release_opt(t, r), r = V_NULL;
    return r;
}

#define ONE(n) F(#n, "($module, x, /)", m_##n)
static const struct native functions[] = {
    ONE(sqrt), ONE(exp), ONE(exp2), ONE(expm1), ONE(log1p), ONE(sin), ONE(cos), ONE(tan), ONE(asin), ONE(acos), ONE(atan), ONE(sinh), ONE(cosh), ONE(tanh),
    ONE(asinh), ONE(acosh), ONE(atanh), ONE(cbrt), ONE(fabs), ONE(erf), ONE(erfc), ONE(degrees), ONE(radians), ONE(gamma), ONE(lgamma), ONE(log2), ONE(log10),
    ONE(floor), ONE(ceil), ONE(trunc), ONE(isnan), ONE(isinf), ONE(isfinite), ONE(frexp), ONE(modf), ONE(ulp), ONE(factorial),
    F("log", "($module, x, base=None, /)", m_log), F("atan2", "($module, y, x, /)", m_atan2), F("copysign", "($module, x, y, /)", m_copysign),
    F("nextafter", "($module, x, y, /)", m_nextafter), F("fmod", "($module, x, y, /)", m_fmod), F("remainder", "($module, x, y, /)", m_remainder),
    F("pow", "($module, x, y, /)", m_pow), F("isclose", "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)", m_isclose), F("ldexp", "($module, x, i, /)", m_ldexp),
    F("fsum", "($module, seq, /)", m_fsum), F("dist", "($module, p, q, /)", m_dist), F("isqrt", "($module, n, /)", m_isqrt),
    F("comb", "($module, n, k, /)", m_comb), F("perm", "($module, n, k=None, /)", m_perm), F("prod", "($module, iterable, /, *, start=1)", m_prod),
    {.name = "hypot", .kind = NATIVE_FUNCTION, .sig = "(*coordinates)", .raw = m_hypot},
    {.name = "gcd", .kind = NATIVE_FUNCTION, .sig = "(*integers)", .raw = m_gcd},
    {.name = "lcm", .kind = NATIVE_FUNCTION, .sig = "(*integers)", .raw = m_lcm},
};
value math_make(struct thread *t) {
    value m = module_from_natives(t, "math", "Mathematical functions of real numbers.", functions, sizeof functions / sizeof *functions);
    if (m && module_set(t, m, "pi", float_new(t, M_PI)) && module_set(t, m, "e", float_new(t, M_E)) && module_set(t, m, "tau", float_new(t, 2 * M_PI)) &&
        module_set(t, m, "inf", float_new(t, INFINITY)) && module_set(t, m, "nan", float_new(t, NAN)))
        return m;
    release_opt(t, m);
    return V_NULL;
}
