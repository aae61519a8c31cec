// SPDX-License-Identifier: Apache-2.0
// repr() of str and the ASCII form of any text. Leaves bytes to bytes_repr.c.
#include "interp/types/str/text.h"

static void put_escape(struct str_builder *b, uint32_t c) {
    static const char hex[] = "0123456789abcdef";
    char buf[10] = {'\\', c < 0x100 ? 'x' : c < 0x10000 ? 'u' : 'U'};
    int n = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
    for (int i = 0; i < n; i++) buf[2 + i] = hex[c >> 4 * (n - 1 - i) & 15];
    builder_ascii(b, buf, (size_t)n + 2);
}

// Whether s stands for itself between quotes.
static bool is_plain(const struct str *s, bool *single, bool *dbl) {
    bool plain = true;
    for (size_t i = 0; i < s->length; i++) {
        uint32_t c = str_at(s, i);
        *single |= c == '\'', *dbl |= c == '"';
        plain &= c != '\\' && unicode_is_printable(c);
    }
    return plain;
}

value str_repr(struct thread *t, vref v) {
    const struct str *s = as_str(v);
    bool single = false, dbl = false, plain = is_plain(s, &single, &dbl);
    char quote = single && !dbl ? '"' : '\'';
    if (plain && !(single && dbl)) {
        value out = str_new(t, s->length + 2, str_bound(s));
        if (!out) return V_NULL;
        str_put(as_str(out), 0, (uint8_t)quote);
        str_copy_in(as_str(out), 1, s, 0, s->length);
        str_put(as_str(out), s->length + 1, (uint8_t)quote);
        return out;
    }
    struct str_builder b;
    builder_init(&b, t);
    builder_char(&b, (uint8_t)quote);
    for (size_t i = 0; i < s->length; i++) {
        uint32_t c = str_at(s, i);
        if (c == '\\' || c == (uint8_t)quote) builder_char(&b, '\\'), builder_char(&b, c);
        else if (c == '\n') builder_ascii(&b, "\\n", 2);
        else if (c == '\r') builder_ascii(&b, "\\r", 2);
        else if (c == '\t') builder_ascii(&b, "\\t", 2);
        else if (unicode_is_printable(c)) builder_char(&b, c);
        else put_escape(&b, c);
    }
    builder_char(&b, (uint8_t)quote);
    return builder_finish(&b);
}

value str_ascii(struct thread *t, vref v) {
    const struct str *s = as_str(v);
    if (str_is_ascii(s)) return str_exact(t, v);
    struct str_builder b;
    builder_init(&b, t);
    for (size_t i = 0; i < s->length; i++) {
        uint32_t c = str_at(s, i);
        if (c < 128) builder_char(&b, c);
        else put_escape(&b, c);
    }
    return builder_finish(&b);
}
