// SPDX-License-Identifier: Apache-2.0
// repr() of bytes and bytearray, hexadecimal in both directions. Leaves str to str/repr.c.
#include "interp/types/bytes.h"
#include "interp/types/exc.h"
#include "interp/types/str/text.h"

static const char hex[] = "0123456789abcdef";

static void put_quoted(struct str_builder *b, struct span s, bool both_quotes) {
    bool single = s.n && memchr(s.p, '\'', s.n), dbl = s.n && memchr(s.p, '"', s.n);
    uint8_t quote = single && !dbl ? '"' : '\'';
    builder_char(b, 'b');
    builder_char(b, quote);
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (c == quote || c == '\\' || (both_quotes && c == '\'')) builder_char(b, '\\'), builder_char(b, c);
        else if (c == '\t') builder_ascii(b, "\\t", 2);
        else if (c == '\n') builder_ascii(b, "\\n", 2);
        else if (c == '\r') builder_ascii(b, "\\r", 2);
        else if (c >= 32 && c < 127) builder_char(b, c);
        else builder_ascii(b, (char[]){'\\', 'x', hex[c >> 4], hex[c & 15]}, 4);
    }
    builder_char(b, quote);
}

value bytes_repr(struct thread *t, vref v) {
    struct str_builder b;
    builder_init(&b, t);
    put_quoted(&b, bytes_span(v), false);
    return builder_finish(&b);
}

value bytearray_text(struct thread *t, struct span s, const char *type_name) {
    struct str_builder b;
    builder_init(&b, t);
    builder_cstr(&b, type_name);
    builder_char(&b, '(');
    put_quoted(&b, s, true);
    builder_char(&b, ')');
    return builder_finish(&b);
}

static int digit(uint32_t c) {
    if (c >= '0' && c <= '9') return (int)c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? (int)c - 'a' + 10 : -1;
}

value bytes_fromhex(struct thread *t, vref text) {
    if (!is_str(text)) return raise(t, &exc_TypeError, "fromhex() argument must be str, not %T", text);
    const struct str *s = as_str(text);
    struct byte_builder b = {.t = t};
    for (size_t i = 0; i < s->length; i++) {
        uint32_t c = str_at(s, i);
        if (c < 128 && unicode_is_space(c) && !(c >= 28 && c <= 31)) continue;
        int hi = digit(c), lo = i + 1 < s->length ? digit(str_at(s, i + 1)) : -1;
        if (hi < 0 || lo < 0) {
            byte_builder_discard(&b);
            return raise(t, &exc_ValueError, "non-hexadecimal number found in fromhex() arg at position %zu", hi < 0 ? i : i + 1);
        }
        uint8_t byte = (uint8_t)(hi << 4 | lo);
        byte_builder_add(&b, &byte, 1);
        i++;
    }
    return byte_builder_finish(&b);
}

// The separator of hex(): one ASCII character, from str or bytes.
static bool separator(struct thread *t, vref v, uint32_t *sep) {
    int64_t n = object_length(t, v);
    if (n < 0) return false;
    if (n != 1) raise(t, &exc_ValueError, "sep must be length 1.");
    else if (is_str(v)) *sep = str_at(as_str(v), 0);
    else if (is_bytes(v)) *sep = as_bytes(v)->data[0];
    else raise(t, &exc_TypeError, "sep must be str or bytes.");
    if (!raised(t) && *sep > 127) raise(t, &exc_ValueError, "sep must be ASCII.");
    return !raised(t);
}

value bytes_hex(struct thread *t, struct span s, vref vsep, vref vgroup) {
    uint32_t sep = 0;
    int64_t group = 1;
    if (vsep && !separator(t, vsep, &sep)) return V_NULL;
    if (!size_arg(t, vgroup, 1, &group)) return V_NULL;
    if (!vsep) group = 0;
    size_t every = (size_t)(group < 0 ? -group : group), seps = every && s.n ? (s.n - 1) / every : 0;
    value out = str_new(t, s.n * 2 + seps, 0x7f);
    if (!out || !s.n) return out;
    uint8_t *to = as_str(out)->data;
    for (size_t i = 0; i < s.n; i++) {
        if (i && every && (group > 0 ? s.n - i : i) % every == 0) *to++ = (uint8_t)sep; // positive: groups count from the right
        *to++ = (uint8_t)hex[s.p[i] >> 4];
        *to++ = (uint8_t)hex[s.p[i] & 15];
    }
    return out;
}

value bytes_m_hex(struct thread *t, const vref *a) { return bytes_hex(t, bytes_span(a[0]), a[1], a[2]); } // self, sep, bytes_per_sep=1
