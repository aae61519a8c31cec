// SPDX-License-Identifier: Apache-2.0
// format % args for bytes and bytearray. Leaves arguments and numbers to str/percent.c.
#include "interp/types/names.h"
#include "interp/types/bytes.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/str/percent.h"
#include <limits.h>

struct job {
    struct thread *t;
    struct span format; // of a bytes object that we hold
    size_t i;
    struct percent_args args;
    struct byte_builder out;
};

static uint8_t peek(const struct job *j) { return j->i < j->format.n ? j->format.p[j->i] : 0; }

static bool incomplete(struct job *j) {
    raise(j->t, &exc_ValueError, "incomplete format");
    return false;
}

static bool read_key(struct job *j) {
    size_t from = ++j->i, depth = 1;
    if (!percent_need_mapping(j->t, &j->args)) return false;
    for (; j->i < j->format.n; j->i++) {
        depth += peek(j) == '(';
        if (peek(j) == ')' && --depth == 0) break;
    }
    if (j->i >= j->format.n) {
        raise(j->t, &exc_ValueError, "incomplete format key");
        return false;
    }
    return percent_key(j->t, &j->args, bytes_new(j->t, j->format.p + from, j->i++ - from));
}

static bool read_number(struct job *j, int64_t *out, bool precision) {
    if (peek(j) == '*') {
        j->i++;
        return percent_star(j->t, &j->args, out, precision ? "int" : "ssize_t");
    }
    for (; peek(j) >= '0' && peek(j) <= '9'; j->i++) {
        *out = (*out < 0 ? 0 : *out) * 10 + (peek(j) - '0');
        if (*out > (precision ? INT_MAX : INT64_MAX / 20)) {
            raise(j->t, &exc_ValueError, precision ? "prec too big" : "width too big");
            return false;
        }
    }
    return true;
}

static bool read_spec(struct job *j, struct percent_spec *f) {
    *f = (struct percent_spec){.width = -1, .precision = -1};
    if (peek(j) == '(' && !read_key(j)) return false;
    for (unsigned flag; j->i < j->format.n && (flag = percent_flag(peek(j))); j->i++) f->flags |= flag;
    if (!read_number(j, &f->width, false)) return false;
    if (f->width < -1) f->flags |= PERCENT_LEFT, f->width = -f->width;
    if (peek(j) == '.') {
        j->i++;
        f->precision = 0;
        if (!read_number(j, &f->precision, true)) return false;
        if (f->precision < 0) f->precision = 0;
    }
    if (peek(j) == 'h' || peek(j) == 'l' || peek(j) == 'L') j->i++;
    if (j->i >= j->format.n) return incomplete(j);
    f->type = peek(j), j->i++;
    return true;
}

static void put_fill(struct job *j, char c, size_t n) {
    uint8_t *p = n ? byte_builder_room(&j->out, n) : NULL;
    if (p) memset(p, c, n);
}
static void put_padded(struct job *j, const struct percent_spec *f, const uint8_t *p, size_t n) {
    size_t pad = f->width > (int64_t)n ? (size_t)f->width - n : 0;
    if (!(f->flags & PERCENT_LEFT)) put_fill(j, ' ', pad);
    byte_builder_add(&j->out, p, n);
    if (f->flags & PERCENT_LEFT) put_fill(j, ' ', pad);
}
static size_t cut(const struct percent_spec *f, size_t n) { return f->precision >= 0 && (size_t)f->precision < n ? (size_t)f->precision : n; }

static bool put_bytes(struct job *j, const struct percent_spec *f, vref v) {
    struct buffer_view view;
    if (buffer_check(v)) {
        if (!buffer_get(j->t, v, &view, false)) return false;
        put_padded(j, f, view.data, cut(f, view.length));
        buffer_release(j->t, &view);
        return true;
    }
    value method;
    int found = object_lookup_special(j->t, v, NAME(__bytes__), &method);
    if (found < 0) return false;
    if (!found) {
        raise(j->t, &exc_TypeError, "%%b requires a bytes-like object, or an object that implements __bytes__, not '%T'", v);
        return false;
    }
    value b = object_call0(j->t, method);
    release(j->t, method);
    if (b && !is_bytes(b)) raise(j->t, &exc_TypeError, "__bytes__ returned non-bytes (type %T)", b);
    else if (b) put_padded(j, f, as_bytes(b)->data, cut(f, as_bytes(b)->length));
    release_opt(j->t, b);
    return !raised(j->t);
}

static bool put_char(struct job *j, const struct percent_spec *f, vref v) {
    uint8_t c;
    if ((is_bytes(v) || is_bytearray(v)) && bytes_span(v).n == 1) c = bytes_span(v).p[0];
    else if (is_int(v) || type_of(v)->to_index) {
        int64_t n;
        value i = object_index(j->t, v);
        if (!i) return false;
        int over = int_as_i64_overflow(i, &n);
        release(j->t, i);
        if (over || n < 0 || n > 255) {
            raise(j->t, &exc_OverflowError, "%%c arg not in range(256)");
            return false;
        }
        c = (uint8_t)n;
    } else {
        raise(j->t, &exc_TypeError, "%%c requires an integer in range(256) or a single byte");
        return false;
    }
    put_padded(j, f, &c, 1);
    return true;
}

static bool put_ascii(struct job *j, const struct percent_spec *f, vref v) {
    value text = object_ascii(j->t, v);
    if (!text) return false;
    put_padded(j, f, as_str(text)->data, cut(f, as_str(text)->length));
    release(j->t, text);
    return true;
}

static bool put_numeric(struct job *j, const struct percent_spec *f, vref v) {
    struct byte_builder b = {.t = j->t};
    struct percent_number n;
    double d;
    if (strchr("eEfFgG", (int)f->type) && !float_as_double(j->t, v, &d)) { // whatever the error was
        raised_clear(j->t);
        raise(j->t, &exc_TypeError, "float argument required, not %T", v);
        return false;
    }
    bool ok = percent_put_number(&b, f, v), left = f->flags & PERCENT_LEFT;
    if (ok) {
        percent_split_number(f, &b, &n);
        if (!left && n.fill == ' ') put_fill(j, ' ', n.pad);
        if (n.sign) byte_builder_add(&j->out, &n.sign, 1);
        byte_builder_add(&j->out, n.prefix, n.nprefix);
        if (!left && n.fill == '0') put_fill(j, '0', n.pad);
        byte_builder_add(&j->out, n.digits, n.ndigits);
        if (left) put_fill(j, ' ', n.pad);
    }
    byte_builder_discard(&b);
    return ok;
}

static bool convert(struct job *j) {
    struct percent_spec f;
    if (peek(j) == '%') {
        byte_builder_add(&j->out, "%", 1);
        j->i++;
        return true;
    }
    if (!read_spec(j, &f)) return false;
    vref v = percent_next(j->t, &j->args);
    if (!v) return false;
    bool ok;
    if (f.type == 's' || f.type == 'b') ok = put_bytes(j, &f, v);
    else if (f.type == 'r' || f.type == 'a') ok = put_ascii(j, &f, v);
    else if (f.type == 'c') ok = put_char(j, &f, v);
    else if (f.type && f.type < 128 && strchr("diuxXoeEfFgG", (int)f.type)) ok = put_numeric(j, &f, v);
    else {
        raise(j->t, &exc_ValueError, "unsupported format character '%c' (0x%x) at index %zu", (int)f.type, (unsigned)f.type, j->i - 1);
        ok = false;
    }
    return ok && !j->out.failed;
}

value bytes_percent(struct thread *t, vref format, vref args) {
    struct span s = bytes_span(format);
    value kept = is_bytes(format) ? own(t, format) : bytes_new(t, s.p, s.n); // a bytearray may change under us
    if (!kept) return V_NULL;
    struct job j = {.t = t, .format = bytes_span(kept), .out = {.t = t}};
    percent_begin(&j.args, args, true);
    bool ok = true;
    while (ok && j.i < j.format.n) {
        const uint8_t *p = j.format.p + j.i, *hit = memchr(p, '%', j.format.n - j.i);
        size_t plain = hit ? (size_t)(hit - p) : j.format.n - j.i;
        byte_builder_add(&j.out, p, plain);
        j.i += plain;
        if (!hit) break;
        j.i++;
        ok = j.i < j.format.n ? convert(&j) : incomplete(&j);
    }
    ok = percent_end(t, &j.args, "bytes") && ok;
    value out = V_NULL;
    if (ok) out = byte_builder_finish(&j.out);
    else byte_builder_discard(&j.out);
    release(t, kept);
    return out;
}
