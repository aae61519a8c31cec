// SPDX-License-Identifier: Apache-2.0
// Doubles to decimal digits and back. Leaves format specifications to num_format.c and hexadecimal to float_hex.c.
//
// SHORTEST digits after Raffaello Giulietti, "The Schubfach way to render doubles" (2020): of the decimals in the rounding interval of d take
// the shortest, of those the nearest. Fixed numbers of digits come from the C library's printf, which is exact; parsing falls back to its strtod.
#include "interp/types/exc.h"
#include "interp/types/float.h"
#include "interp/types/str.h"
#include "interp/types/str/text.h"
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// ---- shortest ----

static int floor_log2_pow10(int e) { return (e * 1741647) >> 19; }

static uint64_t round_to_odd(struct float_pow10 g, uint64_t cp) {
    unsigned __int128 x = (unsigned __int128)g.lo * cp, y = (unsigned __int128)g.hi * cp;
    y += (uint64_t)(x >> 64);
    return (uint64_t)(y >> 64) | ((uint64_t)y > 1);
}

// d = c 2^q, finite and not zero, to s 10^k.
static uint64_t shortest(double d, int *k_out) {
    uint64_t bits;
    memcpy(&bits, &d, 8);
    uint64_t fraction = bits & 0xfffffffffffffull, exponent = bits >> 52 & 0x7ff;
    uint64_t c = exponent ? fraction | 1ull << 52 : fraction;
    int q = exponent ? (int)exponent - 1075 : -1074;
    if (q <= 0 && q > -53 && (c & ((1ull << -q) - 1)) == 0) return *k_out = 0, c >> -q; // a small integer
    bool even = !(c & 1), closer = fraction == 0 && exponent > 1; // the gap below a power of two is half as wide
    uint64_t cbl = 4 * c - 2 + closer, cb = 4 * c, cbr = 4 * c + 2;
    int k = (q * 1262611 - (closer ? 524031 : 0)) >> 22, h = q + floor_log2_pow10(-k) + 1;
    struct float_pow10 g = float_pow10[-k - FLOAT_POW10_LOW];
    uint64_t vbl = round_to_odd(g, cbl << h), vb = round_to_odd(g, cb << h), vbr = round_to_odd(g, cbr << h);
    uint64_t lower = vbl + !even, upper = vbr - !even, s = vb / 4;
    if (s >= 10) { // one digit less?
        uint64_t sp = s / 10;
        bool down = lower <= 40 * sp, up = 40 * sp + 40 <= upper;
        if (down != up) return *k_out = k + 1, sp + up;
    }
    bool down = lower <= 4 * s, up = 4 * s + 4 <= upper;
    *k_out = k;
    if (down != up) return s + up;
    uint64_t middle = 4 * s + 2;
    return s + (vb > middle || (vb == middle && (s & 1)));
}

static void shortest_digits(double d, struct float_digits *out) {
    int k;
    uint64_t s = shortest(d, &k);
    char *end = out->few + sizeof out->few, *p = end;
    do *--p = (char)('0' + s % 10);
    while (s /= 10);
    out->digit = p;
    out->n = (int)(end - p);
    out->point = out->n + k;
    while (out->n > 1 && p[out->n - 1] == '0') out->n--;
}

// ---- a given number of digits ----

// |d| 10^places to the nearest integer, half to even, exact. false: it takes more than 64 bits, or is not looked at.
bool float_scaled(double d, int places, uint64_t *out) {
    uint64_t bits, scale = 1;
    memcpy(&bits, &d, 8);
    bits &= ~(1ull << 63);
    int exponent = (int)(bits >> 52);
    if (places < 0 || places > 19 || exponent > 1023 + 63) return false;
    for (int i = 0; i < places; i++) scale *= 10;
    uint64_t c = exponent ? (bits & 0xfffffffffffffull) | 1ull << 52 : bits;
    int shift = 1075 - (exponent ? exponent : 1); // d = c 2^-shift
    unsigned __int128 v = (unsigned __int128)c * scale; // below 2^117
    if (shift <= 0) v <<= -shift; // by 11 at most
    else if (shift > 118) v = 0; // less than a half
    else {
        unsigned __int128 rest = v & (((unsigned __int128)1 << shift) - 1), half = (unsigned __int128)1 << (shift - 1);
        v >>= shift;
        v += rest > half || (rest == half && (v & 1));
    }
    *out = (uint64_t)v;
    return v >> 64 == 0;
}

static bool scaled_digits(double d, int places, struct float_digits *out) {
    uint64_t v;
    if (!float_scaled(d, places, &v)) return false;
    char *end = out->few + sizeof out->few, *p = end;
    do *--p = (char)('0' + v % 10);
    while (v /= 10);
    while (end - p <= places) *--p = '0';
    out->digit = p;
    out->n = (int)(end - p);
    out->point = out->n - places;
    return true;
}

static bool printf_digits(struct thread *t, double d, enum float_mode mode, int precision, struct float_digits *out) {
    bool fixed = mode == FLOAT_FIXED;
    int after = fixed ? precision : precision - 1;
    size_t room = (size_t)after + 330 + 16;
    char *buf = mem_alloc(t, room);
    if (!buf) return false;
    int n = snprintf(buf, room, fixed ? "%.*f" : "%.*e", after, d);
    out->owned = buf, out->owned_size = room;
    char *to = buf; // digits only, whatever the locale's point is
    int whole = 0;
    bool seen_point = false;
    for (int i = 0; i < n; i++) {
        char c = buf[i];
        if (c == 'e') {
            out->point = atoi(buf + i + 1) + 1;
            break;
        }
        if (c < '0' || c > '9') {
            seen_point = true;
            continue;
        }
        *to++ = c;
        whole += !seen_point;
    }
    out->digit = buf;
    out->n = (int)(to - buf);
    if (fixed) out->point = whole;
    return true;
}

bool float_to_digits(struct thread *t, double d, enum float_mode mode, int precision, struct float_digits *out) {
    d = fabs(d);
    out->owned = NULL;
    if (mode == FLOAT_FIXED && scaled_digits(d, precision, out)) return true;
    if (mode != FLOAT_SHORTEST) return printf_digits(t, d, mode, precision, out);
    if (d == 0) {
        out->few[0] = '0';
        out->digit = out->few;
        out->n = out->point = 1;
    } else
        shortest_digits(d, out);
    return true;
}

void float_digits_drop(struct thread *t, struct float_digits *f) {
    if (f->owned) mem_free(t, f->owned, f->owned_size);
}

// ---- repr ----

static char *put_exponent(char *p, int e) {
    *p++ = 'e';
    *p++ = e < 0 ? '-' : '+';
    e = abs(e);
    if (e >= 100) *p++ = (char)('0' + e / 100);
    *p++ = (char)('0' + e / 10 % 10);
    *p++ = (char)('0' + e % 10);
    return p;
}

size_t float_repr_to(char *buf, double d) {
    if (isnan(d)) return memcpy(buf, "nan", 3), 3;
    char *p = buf;
    if (signbit(d)) *p++ = '-';
    if (isinf(d)) return memcpy(p, "inf", 3), (size_t)(p + 3 - buf);
    struct float_digits f;
    f.owned = NULL;
    if (d == 0) f.few[0] = '0', f.digit = f.few, f.n = f.point = 1;
    else shortest_digits(fabs(d), &f);
    if (f.point > 16 || f.point < -3) { // d.ddde+XX
        *p++ = f.digit[0];
        if (f.n > 1) {
            *p++ = '.';
            memcpy(p, f.digit + 1, (size_t)f.n - 1);
            p += f.n - 1;
        }
        return (size_t)(put_exponent(p, f.point - 1) - buf);
    }
    if (f.point <= 0) {
        memcpy(p, "0.000000", 8);
        p += 2 - f.point;
        memcpy(p, f.digit, (size_t)f.n);
        return (size_t)(p + f.n - buf);
    }
    int whole = f.n < f.point ? f.n : f.point;
    memcpy(p, f.digit, (size_t)whole);
    p += whole;
    for (int i = whole; i < f.point; i++) *p++ = '0';
    *p++ = '.';
    if (f.n <= f.point) *p++ = '0';
    else {
        memcpy(p, f.digit + f.point, (size_t)(f.n - f.point));
        p += f.n - f.point;
    }
    return (size_t)(p - buf);
}

value float_repr(struct thread *t, double d) {
    char buf[40];
    return str_from_latin1(t, (const uint8_t *)buf, float_repr_to(buf, d));
}

// ---- parsing ----

static locale_t c_locale(void) {
    static _Atomic(locale_t) made; // once; a second maker frees his
    locale_t have = atomic_load(&made);
    if (!have) {
        locale_t fresh = newlocale(LC_ALL_MASK, "C", (locale_t)0), none = (locale_t)0;
        have = fresh;
        if (fresh && !atomic_compare_exchange_strong(&made, &none, fresh)) freelocale(fresh), have = none;
    }
    return have;
}

static bool match(const char *s, const char *word) { // any case, word is lower case
    for (; *word; s++, word++)
        if ((*s | 32) != *word) return false;
    return true;
}

// Decimal floating-point text [sign] digits [. digits] [e exponent], or inf, infinity, nan. *end is where it stops; s itself if there is no number.
// s must be NUL-terminated.
double float_parse(const char *s, const char **end) {
    static const double ten[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const char *p = s;
    bool minus = *p == '-';
    if (*p == '-' || *p == '+') p++;
    if (match(p, "inf")) return *end = p + (match(p, "infinity") ? 8 : 3), minus ? -HUGE_VAL : HUGE_VAL;
    if (match(p, "nan")) return *end = p + 3, minus ? -NAN : NAN;
    uint64_t m = 0;
    int digits = 0, seen = 0, exp10 = 0;
    for (bool point = false;; p++) {
        if (*p == '.' && !point) {
            point = true;
            continue;
        }
        if (*p < '0' || *p > '9') break;
        seen++;
        if (m || *p != '0') digits++;
        if (digits <= 19) m = m * 10 + (uint64_t)(*p - '0');
        exp10 -= point;
    }
    if (!seen) return *end = s, 0.0;
    if (*p == 'e' || *p == 'E') {
        const char *q = p + 1;
        bool down = *q == '-';
        if (*q == '-' || *q == '+') q++;
        if (*q >= '0' && *q <= '9') {
            int e = 0;
            for (; *q >= '0' && *q <= '9'; q++)
                if (e < 100000) e = e * 10 + (*q - '0');
            exp10 += down ? -e : e;
            p = q;
        }
    }
    *end = p;
    if (digits <= 19 && m <= 1ull << 53 && exp10 >= -22 && exp10 <= 22) { // both exact: one rounding
        double d = exp10 < 0 ? (double)m / ten[-exp10] : (double)m * ten[exp10];
        return minus ? -d : d;
    }
    locale_t c = c_locale();
    return c ? strtod_l(s, NULL, c) : strtod(s, NULL);
}

static bool is_ascii_space(char c) { return c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31); }

// Digits may have single underscores between them; to[] gets the text without. -1: they stand wrong.
static int64_t without_underscores(const char *s, size_t n, char *to) {
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] != '_') {
            to[k++] = s[i];
            continue;
        }
        if (i == 0 || i + 1 == n || s[i - 1] < '0' || s[i - 1] > '9' || s[i + 1] < '0' || s[i + 1] > '9') return -1;
    }
    to[k] = 0;
    return (int64_t)k;
}

// The whole of s[n], white space around it allowed. 1, 0 not a number, -1 exception.
int float_parse_all(struct thread *t, const char *s, size_t n, double *out) {
    while (n && is_ascii_space(s[0])) s++, n--;
    while (n && is_ascii_space(s[n - 1])) n--;
    if (n == 0) return 0;
    char few[128], *copy = n < sizeof few ? few : mem_alloc(t, n + 1);
    if (!copy) return -1;
    int64_t k = without_underscores(s, n, copy);
    const char *end = copy;
    if (k > 0) *out = float_parse(copy, &end);
    int ok = k > 0 && end == copy + k;
    if (copy != few) mem_free(t, copy, n + 1);
    return ok;
}

value float_from_text(struct thread *t, const char *s, size_t n) {
    double d;
    int got = float_parse_all(t, s, n, &d);
    if (got > 0) return float_new(t, d);
    if (got < 0) return V_NULL;
    value text = str_decode(t, (const uint8_t *)s, n, "utf-8", "replace");
    if (text) raise(t, &exc_ValueError, "could not convert string to float: %R", text);
    release_opt(t, text);
    return V_NULL;
}
