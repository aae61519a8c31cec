// SPDX-License-Identifier: Apache-2.0
// float.hex and float.fromhex. Leaves decimal text to float_text.c.
#include "interp/types/exc.h"
#include "interp/types/float.h"
#include "interp/types/int.h"
#include "interp/types/str.h"
#include <math.h>
#include <stdio.h>

value float_hex(struct thread *t, const vref *a) {
    double d = float_value(a[0]);
    if (!isfinite(d)) return float_repr(t, d);
    char buf[40];
    uint64_t bits;
    memcpy(&bits, &d, 8);
    uint64_t fraction = bits & 0xfffffffffffffull;
    int exponent = (int)(bits >> 52 & 0x7ff), e = exponent ? exponent - 1023 : fraction ? -1022 : 0;
    const char *sign = bits >> 63 ? "-" : "";
    if (!exponent && !fraction) snprintf(buf, sizeof buf, "%s0x0.0p+0", sign);
    else snprintf(buf, sizeof buf, "%s0x%d.%013llxp%+d", sign, exponent != 0, (unsigned long long)fraction, e);
    return str_from_cstr(t, buf);
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
static bool is_space(char c) { return c == ' ' || (c >= 9 && c <= 13); }
static bool word(const char **p, const char *w) {
    size_t n = strlen(w);
    for (size_t i = 0; i < n; i++)
        if (((*p)[i] | 32) != w[i]) return false;
    *p += n;
    return true;
}

// The number at *p without sign; false: malformed. *overflow: too large.
static bool parse_hex(const char **pp, double *out, bool *overflow) {
    const char *p = *pp;
    if (p[0] == '0' && (p[1] | 32) == 'x') p += 2;
    mp_limb_t hi = 0, lo = 0;
    bool sticky = false, point = false, any = false;
    int64_t exp = 0;
    for (;; p++) {
        if (*p == '.' && !point) {
            point = true;
            continue;
        }
        int d = hex_digit(*p);
        if (d < 0) break;
        any = true;
        if (hi >> 60) { // full: only whether more follows, and where
            sticky |= d != 0;
            exp += point ? 0 : 4;
            continue;
        }
        hi = hi << 4 | lo >> 60;
        lo = lo << 4 | (mp_limb_t)d;
        exp -= point ? 4 : 0;
    }
    if (!any) return false;
    if ((*p | 32) == 'p') {
        const char *q = p + 1;
        bool minus = *q == '-';
        if (*q == '-' || *q == '+') q++;
        if (*q < '0' || *q > '9') return false;
        int64_t e = 0;
        for (; *q >= '0' && *q <= '9'; q++)
            if (e < ((int64_t)1 << 58)) e = e * 10 + (*q - '0');
        exp += minus ? -e : e;
        p = q;
    }
    *pp = p;
    *out = int_round_to_double(hi, lo, sticky, exp);
    *overflow = isinf(*out);
    return true;
}

value float_fromhex(struct thread *t, const vref *a) { // cls, string
    size_t n;
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "bad argument type for built-in operation");
    const char *s = str_utf8(t, a[1], &n), *p = s;
    if (!s) return V_NULL;
    while (is_space(*p)) p++;
    bool minus = *p == '-', overflow = false, ok = true;
    if (*p == '-' || *p == '+') p++;
    double d = 0;
    if (word(&p, "inf")) word(&p, "inity"), d = HUGE_VAL;
    else if (word(&p, "nan")) d = NAN;
    else ok = parse_hex(&p, &d, &overflow);
    while (is_space(*p)) p++;
    if (!ok || p != s + n) return raise(t, &exc_ValueError, "invalid hexadecimal floating-point string");
    if (overflow) return raise(t, &exc_OverflowError, "hexadecimal value too large to represent as a float");
    value v = float_new(t, minus ? -d : d);
    if (!v || as_type(a[0]) == &type_float) return v;
    value made = object_call1(t, a[0], v);
    release(t, v);
    return made;
}
