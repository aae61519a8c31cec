// SPDX-License-Identifier: Apache-2.0
// str_format: messages and names put together in C. Leaves str.format and % to format.c and percent.c.
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/str/text.h"

static void put_number(struct str_builder *b, uint64_t u, bool minus, unsigned base) {
    char buf[72], *p = buf + sizeof buf;
    do *--p = "0123456789abcdef"[u % base];
    while (u /= base);
    if (minus) *--p = '-';
    builder_ascii(b, p, (size_t)(buf + sizeof buf - p));
}
static void put_signed(struct str_builder *b, int64_t i) { put_number(b, i < 0 ? -(uint64_t)i : (uint64_t)i, i < 0, 10); }

static void put_object(struct str_builder *b, char how, vref v) {
    if (b->failed) return;
    value s = how == 'R' ? object_repr(b->t, v) : how == 'A' ? object_ascii(b->t, v) : how == 'S' ? object_str(b->t, v) : own(b->t, v);
    if (s) builder_str(b, s);
    else b->failed = true;
    release_opt(b->t, s);
}

// As CPython's tp_name: types made in C say which module they are of, classes do not.
static void put_type(struct str_builder *b, const struct type *c) {
    if (!(c->flags & TYPE_HEAP) && c->module && strcmp(c->module, "builtins") != 0) {
        builder_cstr(b, c->module);
        builder_char(b, '.');
    }
    builder_cstr(b, c->name);
}

// Formats as raise() documents, and %x, %p, %lu, %.Ns (at most N bytes of a C string), %N (name of a struct type).
value str_format_va(struct thread *t, const char *format, va_list ap) {
    struct str_builder b;
    builder_init(&b, t);
    for (const char *f = format; *f;) {
        size_t plain = strcspn(f, "%");
        if (plain) {
            builder_utf8(&b, f, plain);
            f += plain;
            continue;
        }
        f++;
        int precision = -1;
        if (*f == '.')
            for (precision = 0, f++; *f >= '0' && *f <= '9'; f++) precision = precision * 10 + (*f - '0');
        bool is_long = *f == 'l', is_size = *f == 'z';
        f += is_long || is_size;
        switch (*f) {
        case 's': {
            const char *s = va_arg(ap, const char *);
            size_t n = strlen(s);
            builder_utf8(&b, s, precision >= 0 && n > (size_t)precision ? (size_t)precision : n);
            break;
        }
        case 'd': put_signed(&b, is_long || is_size ? va_arg(ap, int64_t) : va_arg(ap, int)); break;
        case 'u': put_number(&b, is_long || is_size ? va_arg(ap, uint64_t) : va_arg(ap, unsigned), false, 10); break;
        case 'x': put_number(&b, is_long || is_size ? va_arg(ap, uint64_t) : va_arg(ap, unsigned), false, 16); break;
        case 'c': builder_char(&b, (uint32_t)va_arg(ap, int)); break;
        case 'p':
            builder_ascii(&b, "0x", 2);
            put_number(&b, (uint64_t)(uintptr_t)va_arg(ap, void *), false, 16);
            break;
        case 'T': put_type(&b, type_of(va_arg(ap, vref))); break;
        case 'N': put_type(&b, va_arg(ap, const struct type *)); break;
        case 'U':
        case 'R':
        case 'S':
        case 'A': put_object(&b, *f, va_arg(ap, vref)); break;
        case 0: builder_char(&b, '%'); continue;
        default: builder_char(&b, (uint8_t)*f); break;
        }
        f++;
    }
    return builder_finish(&b);
}

value str_format(struct thread *t, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    value v = str_format_va(t, format, ap);
    va_end(ap);
    return v;
}
