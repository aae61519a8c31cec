// SPDX-License-Identifier: Apache-2.0
// The type complex. Leaves transcendental functions to cmath, format specifications to num_format.c.
#include "interp/types/names.h"
#include "interp/types/complex.h"
#include "interp/types/args.h"
#include "interp/types/exc.h"
#include "interp/types/float.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/types/str/text.h"
#include <math.h>

static struct complex_pair pair_of(vref v) {
    struct complex_box *c = (struct complex_box *)as_object(v);
    return (struct complex_pair){c->re, c->im};
}
static value from_pair(struct thread *t, struct complex_pair c) { return complex_new(t, c.re, c.im); }

value complex_new(struct thread *t, double re, double im) {
    struct complex_box *c = object_alloc(t, sizeof *c, SHAPE_COMPLEX);
    if (!c) return V_NULL;
    c->re = re, c->im = im;
    return counted_word(c);
}

static value as_instance(struct thread *t, struct type *cls, struct complex_pair c) {
    if (cls == &type_complex) return from_pair(t, c);
    value o = object_new_instance(t, cls);
    if (o) ((struct complex_box *)as_object(o))->re = c.re, ((struct complex_box *)as_object(o))->im = c.im;
    return o;
}

// ---- arithmetic ----

static int operand(struct thread *t, vref v, struct complex_pair *out) {
    if (is_complex(v)) return *out = pair_of(v), 1;
    out->im = 0;
    return float_operand(t, v, &out->re);
}
static int operands(struct thread *t, vref a, vref b, struct complex_pair *x, struct complex_pair *y) {
    int got = operand(t, a, x);
    return got == 1 ? operand(t, b, y) : got;
}
static value refused(int got) { return got < 0 ? V_NULL : V_NOTIMPL; }

static struct complex_pair product(struct complex_pair a, struct complex_pair b) {
    return (struct complex_pair){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
// Smith's method: scale by the larger part. b is not zero.
static struct complex_pair quotient(struct complex_pair a, struct complex_pair b) {
    double re = fabs(b.re), im = fabs(b.im);
    if (re >= im) {
        double ratio = b.im / b.re, denom = b.re + b.im * ratio;
        return (struct complex_pair){(a.re + a.im * ratio) / denom, (a.im - a.re * ratio) / denom};
    }
    if (im >= re) {
        double ratio = b.re / b.im, denom = b.re * ratio + b.im;
        return (struct complex_pair){(a.re * ratio + a.im) / denom, (a.im * ratio - a.re) / denom};
    }
    return (struct complex_pair){NAN, NAN};
}

static value complex_add(struct thread *t, vref a, vref b) {
    struct complex_pair x, y;
    int got = operands(t, a, b, &x, &y);
    return got == 1 ? complex_new(t, x.re + y.re, x.im + y.im) : refused(got);
}
static value complex_sub(struct thread *t, vref a, vref b) {
    struct complex_pair x, y;
    int got = operands(t, a, b, &x, &y);
    return got == 1 ? complex_new(t, x.re - y.re, x.im - y.im) : refused(got);
}
static value complex_mul(struct thread *t, vref a, vref b) {
    struct complex_pair x, y;
    int got = operands(t, a, b, &x, &y);
    return got == 1 ? from_pair(t, product(x, y)) : refused(got);
}
static value complex_truediv(struct thread *t, vref a, vref b) {
    struct complex_pair x, y;
    int got = operands(t, a, b, &x, &y);
    if (got != 1) return refused(got);
    if (y.re == 0 && y.im == 0) return raise(t, &exc_ZeroDivisionError, "complex division by zero");
    return from_pair(t, quotient(x, y));
}

static struct complex_pair general_power(struct complex_pair a, struct complex_pair b) {
    double modulus = hypot(a.re, a.im), length = pow(modulus, b.re), angle = atan2(a.im, a.re), phase = angle * b.re;
    if (b.im != 0) {
        length *= exp(-angle * b.im);
        phase += b.im * log(modulus);
    }
    return (struct complex_pair){length * cos(phase), length * sin(phase)};
}
static struct complex_pair integer_power(struct complex_pair a, long n) {
    struct complex_pair r = {1, 0}, p = a;
    for (unsigned long k = (unsigned long)(n < 0 ? -n : n); k; k >>= 1, p = product(p, p))
        if (k & 1) r = product(r, p);
    return n < 0 ? quotient((struct complex_pair){1, 0}, r) : r;
}

value complex_power(struct thread *t, struct complex_pair a, struct complex_pair b) {
    if (b.re == 0 && b.im == 0) return complex_new(t, 1, 0);
    if (a.re == 0 && a.im == 0) {
        if (b.im != 0 || b.re < 0) return raise(t, &exc_ZeroDivisionError, "0.0 to a negative or complex power");
        return complex_new(t, 0, 0);
    }
    struct complex_pair r = b.im == 0 && b.re == floor(b.re) && fabs(b.re) <= 100 ? integer_power(a, (long)b.re) : general_power(a, b);
    if (isinf(r.re) || isinf(r.im)) return raise(t, &exc_OverflowError, "complex exponentiation");
    return from_pair(t, r);
}
static value complex_pow(struct thread *t, vref a, vref b) {
    struct complex_pair x, y;
    int got = operands(t, a, b, &x, &y);
    return got == 1 ? complex_power(t, x, y) : refused(got);
}
static value complex_power3(struct thread *t, vref a, vref b, vref m) {
    if (!is_none(m)) return raise(t, &exc_ValueError, "complex modulo");
    return complex_pow(t, a, b);
}

static value complex_negative(struct thread *t, vref v) { return complex_new(t, -pair_of(v).re, -pair_of(v).im); }
static value complex_positive(struct thread *t, vref v) { return has_shape(v, SHAPE_COMPLEX) ? own(t, v) : from_pair(t, pair_of(v)); }
static value complex_absolute(struct thread *t, vref v) {
    struct complex_pair c = pair_of(v);
    double d = hypot(c.re, c.im);
    if (isinf(d) && isfinite(c.re) && isfinite(c.im)) return raise(t, &exc_OverflowError, "absolute value too large");
    return float_new(t, d);
}
static int complex_truth(struct thread *t, vref v) { return pair_of(v).re != 0 || pair_of(v).im != 0; }

// ---- comparison, hash, repr ----

static value complex_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if ((op != CMP_EQ && op != CMP_NE) || !is_complex(a)) return V_NOTIMPL;
    struct complex_pair x = pair_of(a);
    bool equal;
    if (is_complex(b)) equal = x.re == pair_of(b).re && x.im == pair_of(b).im;
    else if (is_float(b) || is_int(b)) {
        value re = x.im == 0 ? float_new(t, x.re) : V_NULL;
        if (x.im == 0 && !re) return V_NULL;
        int same = re ? object_compare_bool(t, re, b, CMP_EQ) : 0;
        release_opt(t, re);
        if (same < 0) return V_NULL;
        equal = same;
    } else
        return V_NOTIMPL;
    return from_bool(equal == (op == CMP_EQ));
}

static int64_t complex_hash(struct thread *t, vref v) {
    struct complex_pair c = pair_of(v);
    uint64_t h = (uint64_t)float_hash(c.re, v) + 1000003u * (uint64_t)float_hash(c.im, v);
    int64_t s = (int64_t)(h << 2) >> 2; // 62 bits, as every hash
    return s == -1 ? -2 : s;
}

static size_t put_part(char *to, double d, bool plus) {
    size_t n = 0;
    if (plus && !signbit(d)) to[n++] = '+';
    if (plus && isnan(d)) to[0] = '+', n = 1;
    n += float_repr_to(to + n, d);
    if (n > 2 && to[n - 2] == '.' && to[n - 1] == '0') n -= 2; // complex shows 1, not 1.0
    return n;
}

static value complex_repr(struct thread *t, vref v) {
    struct complex_pair c = pair_of(v);
    char buf[96], *p = buf;
    bool lone = c.re == 0 && !signbit(c.re);
    if (!lone) *p++ = '(', p += put_part(p, c.re, false);
    p += put_part(p, c.im, !lone);
    *p++ = 'j';
    if (!lone) *p++ = ')';
    return str_from_latin1(t, (const uint8_t *)buf, (size_t)(p - buf));
}

// ---- construction ----

// The result of __complex__, or nothing: 1, 0, -1.
static int by_dunder(struct thread *t, vref v, struct complex_pair *out) {
    value method;
    int found = type_of(v) == &type_float || is_exact_int(v) || has_shape(v, SHAPE_STR) ? 0 : object_lookup_special(t, v, NAME(__complex__), &method);
    if (found <= 0) return found;
    value c = object_call0(t, method);
    release(t, method);
    if (!c) return -1;
    bool ok = is_complex(c);
    if (ok && !has_shape(c, SHAPE_COMPLEX))
        ok = raise_warning(t, &exc_DeprecationWarning, 1, "__complex__ returned non-complex (type %T).  The ability to return an instance of a strict subclass of complex is deprecated, and may be removed in a future version of Python.", c);
    if (ok) *out = pair_of(c);
    else if (!raised(t)) raise(t, &exc_TypeError, "__complex__ returned non-complex (type %T)", c);
    release(t, c);
    return ok ? 1 : -1;
}

bool complex_from_object(struct thread *t, vref v, struct complex_pair *out) {
    if (is_complex(v)) return *out = pair_of(v), true;
    int got = by_dunder(t, v, out);
    if (got) return got > 0;
    out->im = 0;
    return float_as_double(t, v, &out->re);
}

// Text of one or two parts, in brackets or not. false: malformed.
static bool parse_parts(const char *s, struct complex_pair *out) {
    const char *end, *p = s;
    *out = (struct complex_pair){0, 0};
    double x = float_parse(p, &end);
    if (end != p) {
        if ((*end | 32) == 'j') return out->im = x, end[1] == 0;
        out->re = x;
        if (*end == 0) return true;
        p = end;
        if (*p != '+' && *p != '-') return false;
        double y = float_parse(p, &end);
        if (end == p) y = *p == '-' ? -1 : 1, end = p + 1; // "1+j"
        out->im = y;
        return (*end | 32) == 'j' && end[1] == 0;
    }
    double unit = *p == '-' ? -1 : 1;
    if (*p == '+' || *p == '-') p++;
    out->im = unit;
    return (*p | 32) == 'j' && p[1] == 0;
}

static bool is_blank(char c) { return c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31); }

// false: malformed. *underscore: an underscore stands wrong.
static bool parse_text(const char *s, size_t n, char *copy, struct complex_pair *out, bool *underscore) {
    while (n && is_blank(s[0])) s++, n--;
    while (n && is_blank(s[n - 1])) n--;
    if (n >= 2 && s[0] == '(' && s[n - 1] == ')') {
        s++, n -= 2;
        while (n && is_blank(s[0])) s++, n--;
        while (n && is_blank(s[n - 1])) n--;
    }
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        bool digits_around = i > 0 && i + 1 < n && s[i - 1] >= '0' && s[i - 1] <= '9' && s[i + 1] >= '0' && s[i + 1] <= '9';
        if (s[i] == '_' && digits_around) continue;
        *underscore |= s[i] == '_';
        if (s[i] == '_' || s[i] == 0) return false;
        copy[k++] = s[i];
    }
    copy[k] = 0;
    return k && parse_parts(copy, out);
}

static value from_str(struct thread *t, struct type *cls, vref s) {
    struct text_ascii text;
    struct complex_pair c;
    if (!text_to_ascii_number(t, s, &text)) return V_NULL;
    char *copy = mem_alloc(t, text.n + 1);
    bool underscore = false, ok = copy && parse_text(text.s, text.n, copy, &c, &underscore);
    if (copy) mem_free(t, copy, text.n + 1);
    text_ascii_drop(t, &text);
    if (!copy) return V_NULL;
    if (underscore) return raise(t, &exc_ValueError, "could not convert string to complex: %R", s);
    return ok ? as_instance(t, cls, c) : raise(t, &exc_ValueError, "complex() arg is a malformed string");
}

static bool is_number(vref v) { return is_complex(v) || is_float(v) || is_int(v) || type_of(v)->to_float || type_of(v)->to_index; }

// A float of a subclass counts as what float() makes of it.
static bool part(struct thread *t, vref v, struct complex_pair *out) {
    if (!is_float(v) || type_of(v) == &type_float) return complex_from_object(t, v, out);
    value exact = object_call1(t, type_ref(&type_float), v);
    if (!exact) return false;
    *out = (struct complex_pair){float_value(exact), 0};
    release(t, exact);
    return true;
}

static value complex_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"real", "imag"};
    static const struct args_spec spec = {"complex", names, 0, 0, 2};
    vref a[2];
    struct complex_pair re = {0, 0}, im = {0, 0};
    if (!args_bind(t, &spec, args, nargs, kwnames, a)) return V_NULL;
    if (a[0] && !a[1] && cls == &type_complex && has_shape(a[0], SHAPE_COMPLEX)) return own(t, a[0]);
    if (a[0] && is_str(a[0])) return a[1] ? raise(t, &exc_TypeError, "complex() can't take second arg if first is a string") : from_str(t, cls, a[0]);
    if (a[1] && is_str(a[1])) return raise(t, &exc_TypeError, "complex() second arg can't be a string");
    int made = a[0] && !has_shape(a[0], SHAPE_COMPLEX) ? by_dunder(t, a[0], &re) : 0;
    if (made < 0) return V_NULL;
    if (a[0] && !made && !is_number(a[0])) return raise(t, &exc_TypeError, "complex() first argument must be a string or a number, not '%T'", a[0]);
    if (a[1] && !is_number(a[1])) return raise(t, &exc_TypeError, "complex() second argument must be a number, not '%T'", a[1]);
    if (a[0] && !made && !part(t, a[0], &re)) return V_NULL;
    if (a[1] && !part(t, a[1], &im)) return V_NULL;
    bool re_complex = a[0] && (made || is_complex(a[0])), im_complex = a[1] && is_complex(a[1]);
    if (im_complex) re.re -= im.im; // real + imag * 1j, without touching the signs of zeros where there is nothing to add
    if (!a[1]) im.re = re.im;
    else if (re_complex) im.re += re.im;
    return as_instance(t, cls, (struct complex_pair){re.re, im.re});
}

// ---- methods ----

static value complex_get_real(struct thread *t, const vref *a) { return float_new(t, pair_of(a[0]).re); }
static value complex_get_imag(struct thread *t, const vref *a) { return float_new(t, pair_of(a[0]).im); }
static value complex_conjugate(struct thread *t, const vref *a) { return complex_new(t, pair_of(a[0]).re, -pair_of(a[0]).im); }
static value complex_complex(struct thread *t, const vref *a) { return complex_positive(t, a[0]); }
static value complex_getnewargs(struct thread *t, const vref *a) {
    value re = complex_get_real(t, a), im = re ? complex_get_imag(t, a) : V_NULL, out = im ? tuple_pack(t, 2, re, im) : V_NULL;
    release_opt(t, re), release_opt(t, im);
    return out;
}
static value complex_format_method(struct thread *t, const vref *a) {
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "__format__() argument must be str, not %T", a[1]);
    if (as_str(a[1])->length == 0) return object_str(t, a[0]); // a subclass may have a __str__ of its own
    return complex_format(t, pair_of(a[0]), a[1]);
}

static const struct native complex_natives[] = {
    {.name = "conjugate", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = complex_conjugate,
     .doc = "Return the number with its imaginary part negated."},
    {.name = "__complex__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = complex_complex, .doc = "Return the same number as an exact complex."},
    {.name = "__getnewargs__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = complex_getnewargs},
    {.name = "__format__", .kind = NATIVE_METHOD, .sig = "($self, format_spec, /)", .fn = complex_format_method,
     .doc = "Return the number as text, as the format specification says."},
    {.name = "real", .kind = NATIVE_GETSET, .fn = complex_get_real, .doc = "what is added to the imaginary part"},
    {.name = "imag", .kind = NATIVE_GETSET, .fn = complex_get_imag, .doc = "what 1j is multiplied by"},
    {.name = NULL},
};

struct type type_complex = {
    .head = {.shared = SHARED_IMMORTAL | SHARED_DEFERRED, .shape = SHAPE_TYPE},
    .name = "complex",
    .module = "builtins",
    .doc = "The number real + imag * 1j, or what a string spells.",
    .flags = TYPE_BASE,
    .basicsize = sizeof(struct complex_box),
    .root_shape = SHAPE_COMPLEX,
    .base = &type_object,
    .natives = complex_natives,
    .make = complex_make,
    .repr = complex_repr,
    .hash = complex_hash,
    .compare = complex_compare,
    .truth = complex_truth,
    .binary = {[NB_ADD] = complex_add, [NB_SUB] = complex_sub, [NB_MUL] = complex_mul, [NB_TRUEDIV] = complex_truediv, [NB_POW] = complex_pow},
    .power3 = complex_power3,
    .negative = complex_negative,
    .positive = complex_positive,
    .absolute = complex_absolute,
};
