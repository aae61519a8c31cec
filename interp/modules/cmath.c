// SPDX-License-Identifier: Apache-2.0
// The module cmath: functions of complex numbers, with Python's errors. Leaves the values, branch cuts and special cases to the C library's <complex.h>.
//
// C's Annex G and Python agree on every cut, signed zero and infinity (both follow Kahan, "Branch Cuts for Complex Elementary Functions, or Much Ado About Nothing's
// Sign Bit", 1987). What is added here is which arguments are errors: those for which C raises "invalid" or "divide by zero" are domain errors, a finite argument
// without a finite result is a range error.
#include "interp/modules/modules.h"
#include "interp/types/complex.h"
#include "interp/types/exc.h"
#include "interp/types/seq.h"

#include <complex.h>
#include <math.h>

static value domain(struct thread *t) { return raise(t, &exc_ValueError, "math domain error"); }
static value range(struct thread *t) { return raise(t, &exc_OverflowError, "math range error"); }
static bool take(struct thread *t, vref v, double complex *z) {
    struct complex_pair p;
    if (!complex_from_object(t, v, &p)) return false;
    *z = CMPLX(p.re, p.im);
    return true;
}
static value give(struct thread *t, double complex z) { return complex_new(t, creal(z), cimag(z)); }
static bool is_finite(double complex z) { return isfinite(creal(z)) && isfinite(cimag(z)); }
static double complex turned(double complex z) { return CMPLX(-cimag(z), creal(z)); } // i z

// Which arguments of a function are errors.
static bool never(double complex z) { return (void)z, false; }
static bool bad_exp(double complex z) { return isinf(cimag(z)) && (isfinite(creal(z)) || creal(z) == INFINITY); }
static bool bad_cosh(double complex z) { return isinf(cimag(z)) && !isnan(creal(z)); }
static bool bad_tanh(double complex z) { return isinf(cimag(z)) && isfinite(creal(z)); }
static bool bad_cos(double complex z) { return bad_cosh(turned(z)); }
static bool bad_tan(double complex z) { return bad_tanh(turned(z)); }
static bool bad_log(double complex z) { return creal(z) == 0 && cimag(z) == 0; }
static bool bad_atanh(double complex z) { return fabs(creal(z)) == 1 && cimag(z) == 0; }
static bool bad_atan(double complex z) { return bad_atanh(turned(z)); }

// Where C gives a part of the result although an argument is NaN, and Python none.
static double complex acosh_of(double complex z) { return creal(z) == 0 && isnan(cimag(z)) ? CMPLX(NAN, NAN) : cacosh(z); }
static double complex tanh_of(double complex z) { return creal(z) == 0 && isnan(cimag(z)) ? CMPLX(NAN, NAN) : ctanh(z); }
static double complex tan_of(double complex z) { return cimag(z) == 0 && isnan(creal(z)) ? CMPLX(NAN, NAN) : ctan(z); }
static double complex log_10(double complex z) {
    double complex r = clog(z);
    return CMPLX(creal(r) / M_LN10, cimag(r) / M_LN10);
}
static value apply(struct thread *t, vref v, double complex (*f)(double complex), bool (*bad)(double complex)) {
    double complex z, r;
    if (!take(t, v, &z)) return V_NULL;
    if (bad(z)) return domain(t);
    r = f(z);
    return is_finite(z) && !is_finite(r) ? range(t) : give(t, r);
}
#define FUNCTIONS(X)                                                                                                                              \
    X(acos, cacos, never, "arc cosine") X(acosh, acosh_of, never, "inverse hyperbolic cosine") X(asin, casin, never, "arc sine")                      \
    X(asinh, casinh, never, "inverse hyperbolic sine") X(atan, catan, bad_atan, "arc tangent") X(atanh, catanh, bad_atanh, "inverse hyperbolic tangent") \
    X(cos, ccos, bad_cos, "cosine") X(cosh, ccosh, bad_cosh, "hyperbolic cosine") X(exp, cexp, bad_exp, "exponential")                             \
    X(log10, log_10, bad_log, "logarithm to base 10") X(sin, csin, bad_cos, "sine") X(sinh, csinh, bad_cosh, "hyperbolic sine")                    \
    X(sqrt, csqrt, never, "square root") X(tan, tan_of, bad_tan, "tangent") X(tanh, tanh_of, bad_tanh, "hyperbolic tangent")
#define X(name, f, bad, what) \
    static value c_##name(struct thread *t, const vref *a) { return apply(t, a[0], f, bad); }
FUNCTIONS(X)
#undef X

static value c_log(struct thread *t, const vref *a) {
    double complex z, base;
    if (!a[1]) return apply(t, a[0], clog, bad_log);
    if (!take(t, a[0], &z) || !take(t, a[1], &base)) return V_NULL;
    if (bad_log(base) || (creal(base) == 1 && cimag(base) == 0)) return domain(t);
    value above = give(t, clog(z)), below = above ? give(t, clog(base)) : V_NULL; // divided as complex numbers are
    value r = below ? object_binary(t, above, below, NB_TRUEDIV) : V_NULL;
    release_opt(t, above);
    release_opt(t, below);
    return r;
}

// ---- polar coordinates ----

static value c_phase(struct thread *t, const vref *a) {
    double complex z;
    return take(t, a[0], &z) ? float_new(t, carg(z)) : V_NULL;
}
static value c_polar(struct thread *t, const vref *a) {
    double complex z;
    if (!take(t, a[0], &z)) return V_NULL;
    double r = cabs(z);
    if (isinf(r) && is_finite(z)) return range(t);
    value both[2] = {float_new(t, r), float_new(t, carg(z))};
    return both[0] && both[1] ? tuple_take_array(t, both, 2) : V_NULL;
}
static value c_rect(struct thread *t, const vref *a) {
    double r, phi;
    if (!float_as_double(t, a[0], &r) || !float_as_double(t, a[1], &phi)) return V_NULL;
    if (isinf(phi) && r != 0 && !isnan(r)) return domain(t);
    if (r == 0 && !isfinite(phi)) return complex_new(t, 0, 0); // no direction, no length
    if (phi == 0) return complex_new(t, r, isnan(r) ? phi : isinf(r) ? copysign(1, r) * phi : r * phi); // infinity or NaN times 0 is 0 here
    if (isinf(r) && isfinite(phi)) return complex_new(t, copysign(INFINITY, r * cos(phi)), copysign(INFINITY, r * sin(phi)));
    if (isinf(r)) return complex_new(t, INFINITY, NAN);
    return complex_new(t, r * cos(phi), r * sin(phi));
}

// ---- questions ----

static value c_isfinite(struct thread *t, const vref *a) {
    double complex z;
    return take(t, a[0], &z) ? from_bool(is_finite(z)) : V_NULL;
}
static value c_isnan(struct thread *t, const vref *a) {
    double complex z;
    return take(t, a[0], &z) ? from_bool(isnan(creal(z)) || isnan(cimag(z))) : V_NULL;
}
static value c_isinf(struct thread *t, const vref *a) {
    double complex z;
    return take(t, a[0], &z) ? from_bool(isinf(creal(z)) || isinf(cimag(z))) : V_NULL;
}
static value c_isclose(struct thread *t, const vref *a) {
    double complex x, y;
    double relative = 1e-9, absolute = 0;
    if (!take(t, a[0], &x) || !take(t, a[1], &y)) return V_NULL;
    if ((a[2] && !float_as_double(t, a[2], &relative)) || (a[3] && !float_as_double(t, a[3], &absolute))) return V_NULL;
    if (relative < 0 || absolute < 0) return raise(t, &exc_ValueError, "tolerances must be non-negative");
    if (creal(x) == creal(y) && cimag(x) == cimag(y)) return V_TRUE;
    if (isinf(creal(x)) || isinf(cimag(x)) || isinf(creal(y)) || isinf(cimag(y))) return V_FALSE;
    double apart = cabs(x - y);
    return from_bool(apart <= relative * cabs(y) || apart <= relative * cabs(x) || apart <= absolute);
}

static const struct native functions[] = {
#define X(name, f, bad, what) {#name, NATIVE_FUNCTION, "($module, z, /)", .fn = c_##name, .doc = "Return the " what " of z."},
    FUNCTIONS(X)
#undef X
    {"log", NATIVE_FUNCTION, "($module, z, base=<unrepresentable>, /)", .fn = c_log, .doc = "Return the logarithm of z to the given base, by default e."},
    {"phase", NATIVE_FUNCTION, "($module, z, /)", .fn = c_phase, .doc = "Return the angle of z, from -pi to pi."},
    {"polar", NATIVE_FUNCTION, "($module, z, /)", .fn = c_polar, .doc = "Return z as a pair: its distance from the origin and its angle."},
    {"rect", NATIVE_FUNCTION, "($module, r, phi, /)", .fn = c_rect, .doc = "Return the complex number at distance r from the origin and angle phi."},
    {"isfinite", NATIVE_FUNCTION, "($module, z, /)", .fn = c_isfinite, .doc = "Return whether both parts of z are finite."},
    {"isnan", NATIVE_FUNCTION, "($module, z, /)", .fn = c_isnan, .doc = "Return whether a part of z is not a number."},
    {"isinf", NATIVE_FUNCTION, "($module, z, /)", .fn = c_isinf, .doc = "Return whether a part of z is infinite."},
    {"isclose", NATIVE_FUNCTION, "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)", .fn = c_isclose,
     .doc = "Return whether a and b are nearly equal: no further apart than rel_tol of the larger one, or than abs_tol."},
};
value cmath_make(struct thread *t) {
    value m = module_from_natives(t, "cmath", "Functions of complex numbers.", functions, sizeof functions / sizeof *functions);
    bool ok = m && module_set(t, m, "pi", float_new(t, M_PI)) && module_set(t, m, "e", float_new(t, M_E)) && module_set(t, m, "tau", float_new(t, 2 * M_PI)) &&
              module_set(t, m, "inf", float_new(t, INFINITY)) && module_set(t, m, "nan", float_new(t, NAN)) && module_set(t, m, "infj", complex_new(t, 0, INFINITY)) &&
              module_set(t, m, "nanj", complex_new(t, 0, NAN));
    return ok ? m : V_NULL;
}
