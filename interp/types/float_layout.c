// SPDX-License-Identifier: Apache-2.0
// Doubles laid out as %e, %f, %g and repr do. Leaves the digits to float_text.c, padding and grouping to num_format.c.
#include "interp/types/exc.h"
#include "interp/types/num_format.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>

static void put(struct byte_builder *b, char c) { byte_builder_add(b, &c, 1); }
static void put_zeros(struct byte_builder *b, int64_t n) {
    uint8_t *p = n > 0 ? byte_builder_room(b, (size_t)n) : NULL;
    if (p) memset(p, '0', (size_t)n);
}

// What of the digits is shown where: decided by the type.
struct layout {
    bool exponent;       // d.ddde+XX
    int behind;          // digits behind the point; -1: as many as there are
    bool point_always, add_zero;
};

static void put_exponent(struct byte_builder *b, int e, bool upper) {
    char buf[8];
    int n = snprintf(buf, sizeof buf, "%c%c%02d", upper ? 'E' : 'e', e < 0 ? '-' : '+', e < 0 ? -e : e);
    byte_builder_add(b, buf, (size_t)n);
}

static void put_digits(struct byte_builder *b, const struct float_digits *f, const struct layout *l, bool upper) {
    int point = l->exponent ? 1 : f->point, shown = 0;
    if (point <= 0) put(b, '0');
    else {
        shown = f->n < point ? f->n : point;
        byte_builder_add(b, f->digit, (size_t)shown);
        put_zeros(b, point - shown);
    }
    int rest = f->n - shown, lead = point < 0 ? -point : 0; // digits left, zeros before them
    int behind = l->behind >= 0 ? l->behind : rest > 0 ? lead + rest : 0;
    if (behind > 0 || l->point_always) put(b, '.');
    else if (l->add_zero && !l->exponent) byte_builder_add(b, ".0", 2);
    if (behind > 0) {
        if (lead > behind) lead = behind;
        put_zeros(b, lead);
        int take = rest < behind - lead ? rest : behind - lead;
        if (take > 0) byte_builder_add(b, f->digit + shown, (size_t)take);
        put_zeros(b, behind - lead - (take > 0 ? take : 0));
    }
    if (l->exponent) put_exponent(b, f->point - 1, upper);
}

static bool all_zero(const struct float_digits *f) {
    for (int i = 0; i < f->n; i++)
        if (f->digit[i] != '0') return false;
    return true;
}

static void put_special(struct byte_builder *b, double d, bool upper) {
    if (isnan(d)) byte_builder_add(b, upper ? "NAN" : "nan", 3);
    else byte_builder_add(b, signbit(d) ? (upper ? "-INF" : "-inf") : upper ? "INF" : "inf", signbit(d) ? 4 : 3);
}

bool float_put_text(struct byte_builder *b, double d, char type, int precision, unsigned flags) {
    bool upper = type < 'a';
    char kind = (char)tolower((unsigned char)type);
    if (!isfinite(d)) {
        put_special(b, d, upper);
        return !b->failed;
    }
    if (precision < 0) precision = 6;
    if (kind == 'g' && precision == 0) precision = 1;
    struct float_digits f;
    enum float_mode mode = kind == 'r' ? FLOAT_SHORTEST : kind == 'f' ? FLOAT_FIXED : FLOAT_SIGNIFICANT;
    if (!float_to_digits(b->t, d, mode, kind == 'e' ? precision + 1 : precision, &f)) return b->failed = true, false;
    bool zero = all_zero(&f);
    if (zero && kind != 'f') f.point = 1;
    struct layout l = {.point_always = flags & FLOAT_ALTERNATE, .add_zero = flags & FLOAT_ADD_DOT_ZERO, .behind = precision};
    if (kind == 'e') l.exponent = true;
    if (kind == 'r') l.exponent = f.point <= -4 || f.point > 16, l.behind = -1;
    if (kind == 'g') {
        l.exponent = f.point <= -4 || f.point > precision - (l.add_zero ? 1 : 0);
        if (flags & FLOAT_ALTERNATE) l.behind = l.exponent ? precision - 1 : precision - f.point;
        else {
            while (f.n > 1 && f.digit[f.n - 1] == '0') f.n--;
            l.behind = -1;
        }
    }
    if (kind == 'r' && (flags & FLOAT_ALTERNATE)) l.behind = -1;
    if (signbit(d) && !(zero && (flags & FLOAT_NO_MINUS_ZERO))) put(b, '-');
    put_digits(b, &f, &l, upper);
    float_digits_drop(b->t, &f);
    return !b->failed;
}
