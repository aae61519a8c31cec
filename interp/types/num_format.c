// SPDX-License-Identifier: Apache-2.0
// The format mini-language for int, float, complex and str: __format__. Leaves digits to int_text.c and float_layout.c.
#include "interp/types/num_format.h"
#include "interp/types/complex.h"
#include "interp/types/exc.h"
#include "interp/types/int.h"
#include "interp/types/str/text.h"
#include <limits.h>
#include <locale.h>
#include <math.h>

// ---- parsing ----

static bool is_align(uint32_t c) { return c == '<' || c == '>' || c == '=' || c == '^'; }

// A run of decimal digits at *i. -1: none; false in *ok: too many.
static int64_t number_at(const struct str *s, size_t *i, bool *ok) {
    int64_t n = -1;
    for (; *i < s->length; ++*i) {
        uint32_t c = str_at(s, *i);
        int d = c < 128 ? (c >= '0' && c <= '9' ? (int)c - '0' : -1) : unicode_of(c)->decimal;
        if (d < 0) break;
        n = n < 0 ? d : n * 10 + d;
        if (n > INT64_MAX / 20) *ok = false, n = INT64_MAX / 20;
    }
    return n;
}

static bool complain(struct thread *t, const char *text) {
    raise(t, &exc_ValueError, text);
    return false;
}

static bool check_grouping(struct thread *t, const struct format_spec *f) {
    if (!f->grouping) return true;
    switch (f->type) {
    case 'd': case 'e': case 'f': case 'g': case 'E': case 'G': case '%': case 'F': case 0: return true;
    case 'b': case 'o': case 'x': case 'X':
        if (f->grouping == '_') return true;
        break;
    default: break;
    }
    if (f->type > 32 && f->type < 128) raise(t, &exc_ValueError, "Cannot specify '%c' with '%c'.", f->grouping, (int)f->type);
    else raise(t, &exc_ValueError, "Cannot specify '%c' with '\\x%x'.", f->grouping, (unsigned)f->type);
    return false;
}

static bool parse_spec(struct thread *t, vref spec, const char *type_name, struct format_spec *f, char default_align, uint32_t default_type) {
    const struct str *s = as_str(spec);
    *f = (struct format_spec){.fill = ' ', .align = (uint8_t)default_align, .width = -1, .precision = -1, .type = default_type};
    size_t i = 0, n = s->length;
    bool align_given = false, ok = true;
    if (n >= 2 && is_align(str_at(s, 1))) {
        f->fill = str_at(s, 0), f->align = str_at(s, 1);
        f->fill_given = align_given = true, i = 2;
    } else if (n >= 1 && is_align(str_at(s, 0)))
        f->align = str_at(s, 0), align_given = true, i = 1;
    uint32_t c = i < n ? str_at(s, i) : 0;
    if (c == '+' || c == '-' || c == ' ') f->sign = c, c = ++i < n ? str_at(s, i) : 0;
    if (c == 'z') f->no_minus_zero = true, c = ++i < n ? str_at(s, i) : 0;
    if (c == '#') f->alternate = true, c = ++i < n ? str_at(s, i) : 0;
    if (!f->fill_given && c == '0') {
        f->fill = '0';
        if (!align_given && default_align == '>') f->align = '=';
        i++;
    }
    f->width = number_at(s, &i, &ok);
    if (!ok) return complain(t, "Too many decimal digits in format string");
    while (i < n && (str_at(s, i) == ',' || str_at(s, i) == '_')) {
        char g = (char)str_at(s, i++);
        if (f->grouping && g != f->grouping) return complain(t, "Cannot specify both ',' and '_'.");
        if (f->grouping) { // the same twice
            raise(t, &exc_ValueError, "Cannot specify '%c' with '%c'.", g, g);
            return false;
        }
        f->grouping = g;
    }
    if (i < n && str_at(s, i) == '.') {
        i++;
        f->precision = number_at(s, &i, &ok);
        if (!ok) return complain(t, "Too many decimal digits in format string");
        if (f->precision < 0) return complain(t, "Format specifier missing precision");
    }
    if (n - i > 1) {
        raise(t, &exc_ValueError, "Invalid format specifier '%U' for object of type '%s'", spec, type_name);
        return false;
    }
    if (i < n) f->type = str_at(s, i);
    return check_grouping(t, f);
}

static value unknown_code(struct thread *t, uint32_t type, const char *type_name) {
    if (type > 32 && type < 128) return raise(t, &exc_ValueError, "Unknown format code '%c' for object of type '%s'", (int)type, type_name);
    return raise(t, &exc_ValueError, "Unknown format code '\\x%x' for object of type '%s'", (unsigned)type, type_name);
}

// ---- laying out a number ----

struct number {            // what is to be shown, in this order
    char sign;             // 0: none
    const char *prefix;    // "0x" …
    const char *digits;    // before the point
    size_t ndigits;
    const char *rest;      // point, fraction, exponent, percent sign
    size_t nrest;
    value text;            // instead of digits: a str (type c), or V_NULL
    const char *sep, *grouping, *point; // UTF-8 separator and sizes of groups as localeconv has them; NULL: none. point: instead of rest's '.'
};

// Whether a separator stands before the last `remaining` digits.
static bool at_boundary(const char *grouping, size_t remaining) {
    size_t sum = 0;
    for (const char *g = grouping;;) {
        if (*g == CHAR_MAX || *g <= 0) return false;
        sum += (size_t)*g;
        if (sum >= remaining) return sum == remaining;
        if (g[1]) g++;
    }
}

// Digits to show so that with their separators they fill min_width, and how long that is.
static size_t padded_digits(const struct number *n, size_t min_width, size_t sep_length, size_t *length) {
    size_t k = 0, total = 0;
    while (k < n->ndigits || total < min_width) {
        if (k && n->grouping && at_boundary(n->grouping, k)) total += sep_length; // a digit follows: a separator never stands in front
        total++, k++;
    }
    *length = total;
    return k;
}

static void put_grouped(struct str_builder *b, const struct number *n, size_t shown) {
    for (size_t i = 0; i < shown; i++) {
        size_t remaining = shown - i;
        if (i && n->grouping && at_boundary(n->grouping, remaining)) builder_cstr(b, n->sep);
        builder_char(b, remaining > n->ndigits ? '0' : (uint8_t)n->digits[n->ndigits - remaining]);
    }
}

static value lay_out(struct thread *t, const struct format_spec *f, const struct number *n) {
    size_t sep_length = 0, prefix = n->prefix ? strlen(n->prefix) : 0;
    for (const char *p = n->sep; p && *p; p++) sep_length += (*p & 0xc0) != 0x80;
    size_t outside = (n->sign != 0) + prefix + n->nrest + (n->text ? as_str(n->text)->length : 0), body;
    size_t width = f->width < 0 ? 0 : (size_t)f->width, min_width = 0;
    if (f->fill == '0' && f->align == '=' && width > outside) min_width = width - outside;
    size_t shown = body = n->text ? 0 : n->ndigits;
    if (!n->text && n->grouping) shown = padded_digits(n, min_width, sep_length, &body);
    size_t total = outside + body, pad = width > total ? width - total : 0;
    size_t left = f->align == '>' ? pad : f->align == '^' ? pad / 2 : 0, inside = f->align == '=' ? pad : 0;
    struct str_builder b;
    builder_init(&b, t);
    builder_repeat(&b, f->fill, left);
    if (n->sign) builder_char(&b, (uint8_t)n->sign);
    if (prefix) builder_ascii(&b, n->prefix, prefix);
    builder_repeat(&b, f->fill, inside);
    if (n->text) builder_str(&b, n->text);
    else if (n->grouping) put_grouped(&b, n, shown);
    else builder_ascii(&b, n->digits, n->ndigits);
    if (n->nrest && n->point && n->rest[0] == '.') {
        builder_cstr(&b, n->point);
        builder_ascii(&b, n->rest + 1, n->nrest - 1);
    } else
        builder_ascii(&b, n->rest, n->nrest);
    builder_repeat(&b, f->fill, pad - left - inside);
    return builder_finish(&b);
}

static void set_grouping(struct number *n, const struct format_spec *f) {
    bool binary = f->type == 'b' || f->type == 'o' || f->type == 'x' || f->type == 'X';
    if (f->type == 'n') {
        struct lconv *l = localeconv();
        if (l->thousands_sep[0] && l->grouping[0]) n->sep = l->thousands_sep, n->grouping = l->grouping;
        n->point = l->decimal_point;
    } else if (f->grouping)
        n->sep = f->grouping == ',' ? "," : "_", n->grouping = binary ? "\4" : "\3";
}

static char sign_of(const struct format_spec *f, bool negative) {
    return negative ? '-' : f->sign == '+' || f->sign == ' ' ? (char)f->sign : 0;
}

// ---- int ----

static value int_as_char(struct thread *t, vref v, const struct format_spec *f) {
    int64_t c;
    if (f->sign) return raise(t, &exc_ValueError, "Sign not allowed with integer format specifier 'c'");
    if (f->alternate) return raise(t, &exc_ValueError, "Alternate form (#) not allowed with integer format specifier 'c'");
    int over = int_as_i64_overflow(v, &c);
    if (over) return raise(t, &exc_OverflowError, "Python int too large to convert to C long");
    if (c < 0 || c > UNICODE_MAX) return raise(t, &exc_OverflowError, "%%c arg not in range(0x110000)");
    struct number n = {.text = str_from_char(t, (uint32_t)c)};
    if (!n.text) return V_NULL;
    value out = lay_out(t, f, &n);
    release(t, n.text);
    return out;
}

static value int_in_base(struct thread *t, vref v, const struct format_spec *f) {
    int base = f->type == 'b' ? 2 : f->type == 'o' ? 8 : f->type == 'x' || f->type == 'X' ? 16 : 10;
    value text = int_to_str(t, v, base, false);
    if (!text) return V_NULL;
    char *s = (char *)as_str(text)->data, *upper = NULL;
    size_t len = as_str(text)->length;
    struct number n = {.sign = sign_of(f, s[0] == '-'), .digits = s + (s[0] == '-'), .ndigits = len - (s[0] == '-')};
    if (f->alternate && base != 10) n.prefix = base == 2 ? "0b" : base == 8 ? "0o" : f->type == 'X' ? "0X" : "0x";
    if (f->type == 'X') {
        if (!(upper = mem_alloc(t, n.ndigits))) return release(t, text), V_NULL;
        for (size_t i = 0; i < n.ndigits; i++) upper[i] = (char)(n.digits[i] >= 'a' ? n.digits[i] - 32 : n.digits[i]);
        n.digits = upper;
    }
    set_grouping(&n, f);
    value out = lay_out(t, f, &n);
    if (upper) mem_free(t, upper, n.ndigits);
    release(t, text);
    return out;
}

static value format_double(struct thread *t, double d, const struct format_spec *f);

static value format_int(struct thread *t, vref v, const struct format_spec *f) {
    switch (f->type) {
    case 'b': case 'c': case 'd': case 'o': case 'x': case 'X': case 'n':
        if (f->precision >= 0) return raise(t, &exc_ValueError, "Precision not allowed in integer format specifier");
        if (f->no_minus_zero) return raise(t, &exc_ValueError, "Negative zero coercion (z) not allowed in integer format specifier");
        return f->type == 'c' ? int_as_char(t, v, f) : int_in_base(t, v, f);
    case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case '%': {
        double d = int_as_double(t, v);
        return raised(t) ? V_NULL : format_double(t, d, f);
    }
    default: return unknown_code(t, f->type, type_of(v)->name);
    }
}

value int_format(struct thread *t, vref v, vref spec) {
    struct format_spec f;
    if (!spec || as_str(spec)->length == 0) return type_of(v) == &type_int ? int_to_str(t, v, 10, false) : object_str(t, v);
    return parse_spec(t, spec, type_of(v)->name, &f, '>', 'd') ? format_int(t, v, &f) : V_NULL;
}

// ---- float ----

// The text of d, without sign, by type; *negative whether a minus stands before it.
static bool double_text(struct byte_builder *b, double d, const struct format_spec *f, uint32_t type, int precision, bool *negative) {
    unsigned flags = (f->alternate ? FLOAT_ALTERNATE : 0u) | (f->no_minus_zero ? FLOAT_NO_MINUS_ZERO : 0u);
    bool percent = type == '%', plain = type == 0;
    char kind = percent ? 'f' : plain ? (precision < 0 ? 'r' : 'g') : type == 'n' ? 'g' : (char)type;
    if (plain) flags |= FLOAT_ADD_DOT_ZERO;
    if (!float_put_text(b, percent ? d * 100 : d, kind, precision, flags)) return false;
    if (percent) byte_builder_add(b, "%", 1);
    *negative = b->length && b->data[0] == '-';
    return !b->failed;
}

static void split_number(struct number *n, const struct byte_builder *b, bool negative) {
    n->digits = (const char *)b->data + negative;
    size_t len = b->length - negative;
    while (n->ndigits < len && n->digits[n->ndigits] >= '0' && n->digits[n->ndigits] <= '9') n->ndigits++;
    n->rest = n->digits + n->ndigits;
    n->nrest = len - n->ndigits;
}

static bool check_precision(struct thread *t, const struct format_spec *f) {
    return f->precision <= INT_MAX - 400 || complain(t, "precision too big");
}

static value format_double(struct thread *t, double d, const struct format_spec *f) {
    struct byte_builder b = {.t = t};
    bool negative;
    value out = V_NULL;
    if (!check_precision(t, f)) return V_NULL;
    if (double_text(&b, d, f, f->type, (int)f->precision, &negative)) {
        struct number n = {.sign = sign_of(f, negative)};
        split_number(&n, &b, negative);
        set_grouping(&n, f);
        if (n.ndigits == 0) n.grouping = n.sep = NULL; // inf and nan take zeros as padding only
        out = lay_out(t, f, &n);
    }
    byte_builder_discard(&b);
    return out;
}

value float_format(struct thread *t, double d, vref spec) {
    struct format_spec f;
    if (!spec || as_str(spec)->length == 0) return float_repr(t, d);
    if (!parse_spec(t, spec, "float", &f, '>', 0)) return V_NULL;
    switch (f.type) {
    case 0: case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case 'n': case '%': return format_double(t, d, &f);
    default: return unknown_code(t, f.type, "float");
    }
}

// ---- complex ----

// One part, grouped, into b.
static bool put_part(struct str_builder *b, double d, const struct format_spec *f, uint32_t type, int precision, char sign_mode) {
    struct byte_builder text = {.t = b->t};
    struct format_spec part = *f;
    bool negative;
    part.sign = (uint8_t)sign_mode;
    part.width = -1;
    if (double_text(&text, d, f, type, precision, &negative)) {
        struct number n = {.sign = sign_of(&part, negative)};
        split_number(&n, &text, negative);
        set_grouping(&n, f);
        if (n.ndigits == 0) n.grouping = n.sep = NULL;
        value v = lay_out(b->t, &part, &n);
        if (v) builder_str(b, v);
        else b->failed = true;
        release_opt(b->t, v);
    } else
        b->failed = true;
    byte_builder_discard(&text);
    return !b->failed;
}

value complex_format(struct thread *t, struct complex_pair c, vref spec) {
    struct format_spec f;
    if (!parse_spec(t, spec, "complex", &f, '>', 0)) return V_NULL;
    if (as_str(spec)->length == 0) {
        value v = complex_new(t, c.re, c.im), s = v ? object_repr(t, v) : V_NULL;
        release_opt(t, v);
        return s;
    }
    switch (f.type) {
    case 0: case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case 'n': break;
    default: return unknown_code(t, f.type, "complex");
    }
    if (f.fill == '0') return raise(t, &exc_ValueError, "Zero padding is not allowed in complex format specifier");
    if (f.align == '=') return raise(t, &exc_ValueError, "'=' alignment flag is not allowed in complex format specifier");
    if (!check_precision(t, &f)) return V_NULL;
    uint32_t type = f.type ? f.type : f.precision >= 0 ? 'g' : 'r';
    bool plain = f.type == 0, skip_re = plain && c.re == 0 && !signbit(c.re);
    struct str_builder b;
    builder_init(&b, t);
    if (plain && !skip_re) builder_char(&b, '(');
    bool ok = skip_re || put_part(&b, c.re, &f, type, (int)f.precision, (char)f.sign);
    ok = ok && put_part(&b, c.im, &f, type, (int)f.precision, skip_re ? (char)f.sign : '+');
    builder_ascii(&b, "j)", plain && !skip_re ? 2 : 1);
    value body = builder_finish(&b);
    if (!body) return V_NULL;
    struct number n = {.text = body};
    value out = lay_out(t, &f, &n);
    release(t, body);
    return out;
}

// ---- str ----

value str_format_spec(struct thread *t, vref v, vref spec) {
    struct format_spec f;
    if (!spec || as_str(spec)->length == 0) return has_shape(v, SHAPE_STR) ? own(t, v) : object_str(t, v);
    if (!parse_spec(t, spec, type_of(v)->name, &f, '<', 's')) return V_NULL;
    if (f.type != 's') return unknown_code(t, f.type, type_of(v)->name);
    if (f.sign == ' ') return raise(t, &exc_ValueError, "Space not allowed in string format specifier");
    if (f.sign) return raise(t, &exc_ValueError, "Sign not allowed in string format specifier");
    if (f.no_minus_zero) return raise(t, &exc_ValueError, "Negative zero coercion (z) not allowed in string format specifier");
    if (f.alternate) return raise(t, &exc_ValueError, "Alternate form (#) not allowed in string format specifier");
    if (f.align == '=') return raise(t, &exc_ValueError, "'=' alignment not allowed in string format specifier");
    size_t n = as_str(v)->length;
    value text = str_cut(t, v, 0, f.precision >= 0 && (size_t)f.precision < n ? (size_t)f.precision : n);
    if (!text) return V_NULL;
    struct number number = {.text = text};
    value out = f.width <= (int64_t)as_str(text)->length ? own(t, text) : lay_out(t, &f, &number);
    release(t, text);
    return out;
}
