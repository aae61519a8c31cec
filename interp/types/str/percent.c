// SPDX-License-Identifier: Apache-2.0
// format % args for str. Leaves bytes to bytes_percent.c, doubles to float_layout.c, the mini-language to num_format.c.
#include "interp/types/str/percent.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/int.h"
#include "interp/types/seq.h"
#include <limits.h>

// ---- what str and bytes share: the arguments ----

void percent_begin(struct percent_args *a, vref args, bool bytes) {
    *a = (struct percent_args){.args = args};
    if (is_tuple(args)) a->tuple = true, a->count = tuple_size(args);
    else a->count = 1;
    struct type *c = type_of(args);
    a->mapping = c->getitem && !is_tuple(args) && !is_str(args) && !(bytes && (is_bytes(args) || is_bytearray(args)));
}

vref percent_next(struct thread *t, struct percent_args *a) {
    if (a->keyed && !a->keyed_taken) {
        a->keyed_taken = true;
        return a->keyed;
    }
    if (!a->used_key && a->next < a->count) return a->tuple ? tuple_at(a->args, a->next++) : (a->next++, a->args);
    return raise(t, &exc_TypeError, "not enough arguments for format string");
}

bool percent_end(struct thread *t, struct percent_args *a, const char *what) {
    release_field(t, &a->keyed);
    if (raised(t)) return false;
    if (a->next >= a->count || a->mapping) return true;
    raise(t, &exc_TypeError, "not all arguments converted during %s formatting", what);
    return false;
}

bool percent_need_mapping(struct thread *t, const struct percent_args *a) {
    if (!a->mapping) raise(t, &exc_TypeError, "format requires a mapping");
    return a->mapping;
}

// %(key): the following conversion takes args[key]. key taken.
bool percent_key(struct thread *t, struct percent_args *a, value key) {
    if (!key) return false;
    value v = object_getitem(t, a->args, key);
    release(t, key);
    if (!v) return false;
    replace_field(t, &a->keyed, v);
    a->used_key = true, a->keyed_taken = false;
    return true;
}

// A '*': an int argument. false: exception.
bool percent_star(struct thread *t, struct percent_args *a, int64_t *out, const char *what) {
    vref v = percent_next(t, a);
    if (!v) return false;
    if (!is_int(v)) {
        raise(t, &exc_TypeError, "* wants int");
        return false;
    }
    if (int_as_i64_overflow(v, out) || *out > INT_MAX || *out < INT_MIN) {
        raise(t, &exc_OverflowError, "Python int too large to convert to C %s", what);
        return false;
    }
    return true;
}

// ---- numbers, as ASCII into b ----

// The int that %d, %x and their kin show. d and its kin truncate; x, o and c want an index. returns new.
static value percent_int(struct thread *t, vref v, char type) {
    bool hex = type == 'x' || type == 'X' || type == 'o';
    if (is_int(v)) return int_exact(t, v);
    struct type *c = type_of(v);
    value i = V_NULL;
    if (hex) {
        if (c->to_index) return object_index(t, v);
        return raise(t, &exc_TypeError, "%%%c format: an integer is required, not %T", (int)type, v);
    }
    if (c->to_int || c->to_index) i = int_from_object(t, v);
    if (i) return i;
    if (raised(t) && !raised_is(t, &exc_TypeError)) return V_NULL;
    raised_clear(t);
    return raise(t, &exc_TypeError, "%%%c format: a real number is required, not %T", (int)type, v);
}

static void put(struct byte_builder *b, const char *s, size_t n) { byte_builder_add(b, s, n); }

static bool put_int(struct byte_builder *b, const struct percent_spec *f, vref v) {
    struct thread *t = b->t;
    char type = f->type == 'i' || f->type == 'u' ? 'd' : (char)f->type;
    value i = percent_int(t, v, (char)f->type);
    if (!i) return false;
    int base = type == 'o' ? 8 : type == 'd' ? 10 : 16;
    value text = int_to_str(t, i, base, false);
    release(t, i);
    if (!text) return false;
    const char *s = (const char *)as_str(text)->data;
    size_t n = as_str(text)->length;
    bool negative = s[0] == '-';
    s += negative, n -= negative;
    if (negative) put(b, "-", 1);
    if (f->flags & PERCENT_ALT) put(b, type == 'x' ? "0x" : type == 'X' ? "0X" : "0o", base == 10 ? 0 : 2);
    for (int64_t k = (int64_t)n; k < f->precision; k++) put(b, "0", 1);
    size_t at = b->length;
    put(b, s, n);
    for (size_t k = at; type == 'X' && k < b->length; k++)
        if (b->data[k] >= 'a') b->data[k] -= 32;
    release(t, text);
    return !b->failed;
}

bool percent_put_number(struct byte_builder *b, const struct percent_spec *f, vref v) {
    if (!strchr("eEfFgG", (int)f->type)) return put_int(b, f, v);
    double d;
    if (!float_as_double(b->t, v, &d)) return false;
    if (f->precision > INT_MAX - 400) {
        raise(b->t, &exc_ValueError, "precision too large");
        return false;
    }
    return float_put_text(b, d, (char)f->type, (int)f->precision, f->flags & PERCENT_ALT ? FLOAT_ALTERNATE : 0);
}

// How a number's text is padded: sign and prefix go before zeros.
void percent_split_number(const struct percent_spec *f, const struct byte_builder *b, struct percent_number *n) {
    const char *s = (const char *)b->data;
    size_t len = b->length;
    *n = (struct percent_number){.fill = ' '};
    if (len && (*s == '-' || *s == '+')) n->sign = *s++, len--;
    else if (f->flags & PERCENT_SIGN) n->sign = '+';
    else if (f->flags & PERCENT_BLANK) n->sign = ' ';
    if ((f->flags & PERCENT_ALT) && len > 1 && s[0] == '0' && strchr("xXo", (int)f->type)) n->prefix = s, n->nprefix = 2, s += 2, len -= 2;
    n->digits = s, n->ndigits = len;
    if ((f->flags & PERCENT_ZERO) && !(f->flags & PERCENT_LEFT)) n->fill = '0';
    size_t total = (n->sign != 0) + n->nprefix + n->ndigits;
    n->pad = f->width > (int64_t)total ? (size_t)f->width - total : 0;
}

// ---- str ----

struct job {
    struct thread *t;
    const struct str *format;
    size_t i; // where we read
    struct percent_args args;
    struct str_builder out;
};

static bool incomplete(struct job *j) {
    raise(j->t, &exc_ValueError, "incomplete format");
    return false;
}

static bool read_key(struct job *j, vref format) {
    size_t from = ++j->i, depth = 1;
    if (!percent_need_mapping(j->t, &j->args)) return false;
    for (; j->i < j->format->length; j->i++) {
        uint32_t c = str_at(j->format, j->i);
        depth += c == '(';
        if (c == ')' && --depth == 0) break;
    }
    if (j->i >= j->format->length) {
        raise(j->t, &exc_ValueError, "incomplete format key");
        return false;
    }
    return percent_key(j->t, &j->args, str_cut(j->t, format, from, j->i++));
}

static bool read_number(struct job *j, int64_t *out, const char *what) {
    const struct str *s = j->format;
    if (j->i < s->length && str_at(s, j->i) == '*') {
        j->i++;
        return percent_star(j->t, &j->args, out, what);
    }
    for (; j->i < s->length && str_at(s, j->i) >= '0' && str_at(s, j->i) <= '9'; j->i++) {
        *out = (*out < 0 ? 0 : *out) * 10 + (int64_t)(str_at(s, j->i) - '0');
        bool precision = strcmp(what, "int") == 0;
        if (*out > (precision ? INT_MAX : INT64_MAX / 20)) {
            raise(j->t, &exc_ValueError, precision ? "precision too big" : "width too big");
            return false;
        }
    }
    return true;
}

static bool read_spec(struct job *j, vref format, struct percent_spec *f) {
    const struct str *s = j->format;
    *f = (struct percent_spec){.width = -1, .precision = -1};
    uint32_t first = j->i < s->length ? str_at(s, j->i) : 0;
    if (first == 'd' || first == 's' || first == 'r') {
        f->type = first;
        j->i++;
        return true;
    }
    if (j->i < s->length && str_at(s, j->i) == '(' && !read_key(j, format)) return false;
    for (; j->i < s->length; j->i++) {
        unsigned flag = percent_flag(str_at(s, j->i));
        if (!flag) break;
        f->flags |= flag;
    }
    if (!read_number(j, &f->width, "ssize_t")) return false;
    if (f->width < -1) f->flags |= PERCENT_LEFT, f->width = -f->width;
    if (j->i < s->length && str_at(s, j->i) == '.') {
        j->i++;
        f->precision = 0;
        if (!read_number(j, &f->precision, "int")) return false;
        if (f->precision < 0) f->precision = 0;
    }
    if (j->i < s->length && (str_at(s, j->i) == 'h' || str_at(s, j->i) == 'l' || str_at(s, j->i) == 'L')) j->i++;
    if (j->i >= s->length) return incomplete(j);
    f->type = str_at(s, j->i++);
    return true;
}

static void put_padded(struct job *j, const struct percent_spec *f, vref text, size_t n) {
    size_t pad = f->width > (int64_t)n ? (size_t)f->width - n : 0;
    if (!(f->flags & PERCENT_LEFT)) builder_repeat(&j->out, ' ', pad);
    builder_slice(&j->out, text, 0, n);
    if (f->flags & PERCENT_LEFT) builder_repeat(&j->out, ' ', pad);
}

// An int as it is, or text as it is.
static bool put_plain(struct job *j, uint32_t type, vref v) {
    if (is_int62(v) && (type == 'd' || type == 's' || type == 'i' || type == 'r' || type == 'u')) return builder_int(&j->out, as_int62(v)), true;
    if (type == 's' && has_shape(v, SHAPE_STR)) return builder_str(&j->out, v), true;
    return false;
}

static bool put_text(struct job *j, const struct percent_spec *f, vref v) {
    value text = f->type == 's' ? object_str(j->t, v) : f->type == 'r' ? object_repr(j->t, v) : object_ascii(j->t, v);
    if (!text) return false;
    size_t n = as_str(text)->length;
    put_padded(j, f, text, f->precision >= 0 && (size_t)f->precision < n ? (size_t)f->precision : n);
    release(j->t, text);
    return true;
}

static bool put_char(struct job *j, const struct percent_spec *f, vref v) {
    value text = V_NULL;
    if (is_str(v)) {
        if (as_str(v)->length == 1) text = own(j->t, v);
    } else if (is_int(v) || type_of(v)->to_index) {
        int64_t c;
        value i = object_index(j->t, v);
        if (!i) return false;
        int over = int_as_i64_overflow(i, &c);
        release(j->t, i);
        if (over || c < 0 || c > UNICODE_MAX) {
            raise(j->t, &exc_OverflowError, "%%c arg not in range(0x110000)");
            return false;
        }
        text = str_from_char(j->t, (uint32_t)c);
    }
    if (!text) {
        if (!raised(j->t)) raise(j->t, &exc_TypeError, "%%c requires int or char");
        return false;
    }
    put_padded(j, f, text, 1);
    release(j->t, text);
    return true;
}

static bool put_numeric(struct job *j, const struct percent_spec *f, vref v) {
    struct byte_builder b = {.t = j->t};
    struct percent_number n;
    bool ok = percent_put_number(&b, f, v);
    if (ok) {
        percent_split_number(f, &b, &n);
        bool left = f->flags & PERCENT_LEFT;
        if (!left && n.fill == ' ') builder_repeat(&j->out, ' ', n.pad);
        if (n.sign) builder_char(&j->out, (uint8_t)n.sign);
        builder_ascii(&j->out, n.prefix, n.nprefix);
        if (!left && n.fill == '0') builder_repeat(&j->out, '0', n.pad);
        builder_ascii(&j->out, n.digits, n.ndigits);
        if (left) builder_repeat(&j->out, ' ', n.pad);
    }
    byte_builder_discard(&b);
    return ok;
}

static bool convert(struct job *j, vref format) {
    struct percent_spec f;
    if (str_at(j->format, j->i) == '%') {
        builder_char(&j->out, '%');
        j->i++;
        return true;
    }
    if (!read_spec(j, format, &f)) return false;
    vref v = percent_next(j->t, &j->args);
    if (!v) return false;
    bool ok;
    if (f.width < 0 && f.precision < 0 && !f.flags && put_plain(j, f.type, v)) ok = true;
    else if (f.type == 's' || f.type == 'r' || f.type == 'a') ok = put_text(j, &f, v);
    else if (f.type == 'c') ok = put_char(j, &f, v);
    else if (f.type < 128 && f.type && strchr("diuxXoeEfFgG", (int)f.type)) ok = put_numeric(j, &f, v);
    else {
        raise(j->t, &exc_ValueError, "unsupported format character '%c' (0x%x) at index %zu", f.type > 31 && f.type < 127 ? (int)f.type : '?', (unsigned)f.type,
              j->i - 1);
        ok = false;
    }
    return ok && !j->out.failed;
}

// ---- the everyday format ----

enum { QUICK_MAX = 240 };

static size_t quick_int(uint8_t *to, int64_t i) {
    uint8_t digits[20], *p = digits + sizeof digits;
    uint64_t u = i < 0 ? -(uint64_t)i : (uint64_t)i;
    do *--p = (uint8_t)('0' + u % 10);
    while ((u /= 10) != 0);
    size_t n = (size_t)(digits + sizeof digits - p);
    *to = '-';
    memcpy(to + (i < 0), p, n);
    return n + (i < 0);
}

// ASCII throughout, %d and %s without options, of small ints and str: in one pass on the stack, with no side effect. V_NULL, nothing pending: not that kind.
static value quick(struct thread *t, const struct str *format, vref args) {
    if (!str_is_ascii(format)) return V_NULL;
    uint8_t out[QUICK_MAX + 32];
    size_t n = 0, taken = 0, count = is_tuple(args) ? tuple_size(args) : 1;
    const uint8_t *f = format->data, *end = f + format->length;
    while (f < end && n <= QUICK_MAX) {
        if (*f != '%') {
            out[n++] = *f++;
            continue;
        }
        uint8_t type = ++f < end ? *f++ : 0;
        if ((type != 'd' && type != 's') || taken == count) return V_NULL;
        vref v = is_tuple(args) ? tuple_at(args, taken) : args;
        taken++;
        if (is_int62(v)) n += quick_int(out + n, as_int62(v));
        else {
            if (type != 's' || !has_shape(v, SHAPE_STR) || !str_is_ascii(as_str(v)) || as_str(v)->length > QUICK_MAX - n) return V_NULL;
            memcpy(out + n, as_str(v)->data, as_str(v)->length);
            n += as_str(v)->length;
        }
    }
    if (f < end || taken != count) return V_NULL;
    value v = n > 1 ? str_new(t, n, 0x7f) : V_NULL;
    if (v) memcpy(as_str(v)->data, out, n);
    return v;
}

value str_percent(struct thread *t, vref format, vref args) {
    value everyday = quick(t, as_str(format), args);
    if (everyday || raised(t)) return everyday;
    struct job j = {.t = t, .format = as_str(format)};
    percent_begin(&j.args, args, false);
    builder_init(&j.out, t);
    bool ok = true;
    while (ok && j.i < j.format->length) {
        const struct str *s = j.format;
        int64_t hit = units_find_char(s->data + j.i * s->width, s->width, s->length - j.i, '%');
        size_t plain = hit < 0 ? s->length - j.i : (size_t)hit;
        builder_slice(&j.out, format, j.i, j.i + plain);
        j.i += plain;
        if (hit < 0) break;
        j.i++;
        ok = j.i < s->length ? convert(&j, format) : incomplete(&j);
    }
    if (!percent_end(t, &j.args, "string") || !ok) {
        builder_discard(&j.out);
        return V_NULL;
    }
    return builder_finish(&j.out);
}
