// SPDX-License-Identifier: Apache-2.0
// JSON strings in both directions. Leaves everything around them to scanner.c and encoder.c.
#include "interp/modules/json/json.h"
#include "interp/modules/modules.h"
#include "interp/types/exc.h"

value json_error(struct thread *t, const char *message, vref text, size_t at) {
    value name = str_intern_cstr(t, "json.decoder"), module = name ? import_dotted(t, name) : V_NULL;
    value cls = module ? object_getattr_cstr(t, module, "JSONDecodeError") : V_NULL, m = cls ? str_from_cstr(t, message) : V_NULL;
    value e = m ? object_call(t, cls, (vref[]){m, text, from_int62((int64_t)at)}, 3, V_NULL) : V_NULL;
    if (e) raise_object(t, e);
    release_opt(t, module);
    release_opt(t, cls);
    release_opt(t, m);
    release_opt(t, e);
    return V_NULL;
}

// ---- reading ----

// Four hexadecimal digits at s[at]; -1: they are not there.
static int32_t hex4(const struct str *s, size_t at) {
    int32_t c = 0;
    if (s->length < 4 || at > s->length - 4) return -1;
    for (size_t i = at; i < at + 4; i++) {
        uint32_t d = JSON_AT(s, i), low = d | 32;
        if (d - '0' < 10) c = c << 4 | (int32_t)(d - '0');
        else if (low - 'a' < 6) c = c << 4 | (int32_t)(low - 'a' + 10);
        else return -1;
    }
    return c;
}

// The escape whose backslash stands at s[*at]; *at goes behind it. -1: JSONDecodeError.
static int32_t read_escape(struct thread *t, vref text, size_t begin, size_t *at) {
    const struct str *s = as_str(text);
    if (*at + 1 >= s->length) return json_error(t, "Unterminated string starting at", text, begin), -1;
    uint32_t c = JSON_AT(s, *at + 1);
    if (c != 'u') {
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        const char *p = c < 128 && c ? strchr(from, (int)c) : NULL;
        if (!p) return json_error(t, "Invalid \\escape", text, *at), -1;
        *at += 2;
        return to[p - from];
    }
    int32_t high = hex4(s, *at + 2), low;
    if (high < 0) return json_error(t, "Invalid \\uXXXX escape", text, *at + 1), -1;
    *at += 6;
    if ((high & 0xfc00) != 0xd800 || *at + 6 > s->length || JSON_AT(s, *at) != '\\' || JSON_AT(s, *at + 1) != 'u') return high;
    low = hex4(s, *at + 2);
    if (low < 0 || (low & 0xfc00) != 0xdc00) return high;
    *at += 6;
    return 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
}

// The first character from `at` on that ends a run of plain ones.
static size_t plain_run(const struct str *s, size_t at, bool strict) {
    size_t n = s->length;
    if (s->width == 1) {
        const uint8_t *p = s->data;
        while (at < n && p[at] != '"' && p[at] != '\\' && (p[at] >= 32 || !strict)) at++;
    } else
        for (uint32_t c; at < n && (c = str_at(s, at)) != '"' && c != '\\' && (c >= 32 || !strict);) at++;
    return at;
}

static value read_escaped(struct thread *t, vref text, size_t from, size_t at, bool strict, size_t *end) {
    const struct str *s = as_str(text);
    size_t begin = from - 1;
    struct str_builder b;
    builder_init(&b, t);
    for (int32_t c;;) {
        builder_slice(&b, text, from, at);
        if (at >= s->length) json_error(t, "Unterminated string starting at", text, begin);
        else if ((c = (int32_t)JSON_AT(s, at)) == '"') return *end = at + 1, builder_finish(&b);
        else if (c != '\\') json_error(t, "Invalid control character at", text, at);
        else if ((c = read_escape(t, text, begin, &at)) >= 0) {
            builder_char(&b, (uint32_t)c);
            at = plain_run(s, from = at, strict);
            continue;
        }
        builder_discard(&b);
        return V_NULL;
    }
}

value json_read_string(struct thread *t, vref text, size_t at, bool strict, size_t *end) {
    const struct str *s = as_str(text);
    size_t stop = plain_run(s, at, strict);
    if (unlikely(stop >= s->length || JSON_AT(s, stop) != '"')) return read_escaped(t, text, at, stop, strict, end);
    *end = stop + 1;
    return str_cut(t, text, at, stop);
}

// ---- writing ----

static void write_escape(struct str_builder *b, uint32_t c) {
    static const char from[] = "\"\\\n\r\t\f\b", to[] = "\"\\nrtfb";
    const char *p = c < 128 && c ? strchr(from, (int)c) : NULL;
    char out[8] = {'\\', p ? to[p - from] : 'u'};
    if (!p)
        for (int i = 0; i < 4; i++) out[2 + i] = "0123456789abcdef"[c >> (12 - 4 * i) & 15];
    builder_ascii(b, out, p ? 2 : 6);
}

static bool is_plain(uint32_t c, bool ascii) { return c >= 32 && c != '"' && c != '\\' && (!ascii || c < 127); }

void json_write_string(struct str_builder *b, vref v, bool ascii) {
    const struct str *s = as_str(v);
    builder_char(b, '"');
    for (size_t i = 0, from = 0; from < s->length; from = ++i) {
        if (s->width == 1)
            while (i < s->length && is_plain(s->data[i], ascii)) i++;
        else
            while (i < s->length && is_plain(str_at(s, i), ascii)) i++;
        if (i > from) builder_slice(b, v, from, i);
        if (i >= s->length) break;
        uint32_t c = str_at(s, i);
        if (c >= 0x10000) {
            write_escape(b, 0xd800 + ((c - 0x10000) >> 10));
            write_escape(b, 0xdc00 + (c & 0x3ff));
        } else
            write_escape(b, c);
    }
    builder_char(b, '"');
}

static value encode(struct thread *t, vref v, bool ascii) {
    if (!is_str(v)) return raise(t, &exc_TypeError, "first argument must be a string, not %T", v);
    struct str_builder b;
    builder_init(&b, t);
    json_write_string(&b, v, ascii);
    return builder_finish(&b);
}
value json_encode_plain(struct thread *t, const vref *a) { return encode(t, a[0], false); }
value json_encode_ascii(struct thread *t, const vref *a) { return encode(t, a[0], true); }
