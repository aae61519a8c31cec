// SPDX-License-Identifier: Apache-2.0
// The escapes of source text as codecs: unicode_escape, raw_unicode_escape, and those of bytes literals. Leaves the lexer's own reading of literals to
// front/literal.c, names of characters to the module unicodedata.
#include "interp/modules/modules.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/str/codec.h"
#include "interp/types/str/text.h"

static int hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// What stands behind a backslash, while it is read. `at` goes over it; a reason means that it is wrong up to there.
struct escape {
    const uint8_t *p;
    size_t n, at;
    const char *reason;
    bool cut;       // only cut off by the end
    uint32_t c;
};

static void read_hex(struct escape *e, int digits, const char *reason) {
    e->c = 0;
    e->reason = NULL;
    for (; digits; digits--, e->at++) {
        int d = e->at < e->n ? hex_digit(e->p[e->at]) : -1;
        if (d < 0) {
            e->cut = e->at >= e->n;
            e->reason = reason;
            return;
        }
        e->c = e->c << 4 | (uint32_t)d;
    }
    if (e->c > UNICODE_MAX) e->reason = "illegal Unicode character";
}

// \N{name}: asks unicodedata. V_NULL with an exception: that module cannot be had.
static bool read_name(struct thread *t, struct escape *e) {
    e->reason = "malformed \\N character escape";
    if (e->at >= e->n) return e->cut = true;
    if (e->p[e->at] != '{') return true;
    size_t from = e->at + 1, to = from;
    while (to < e->n && e->p[to] != '}') to++;
    if (to >= e->n) return e->at = to, e->cut = true;
    if (to == from) return e->at = to, true;
    e->at = to + 1;
    e->reason = "unknown Unicode character name";
    value module_name = str_intern_cstr(t, "unicodedata"), module = module_name ? import_dotted(t, module_name) : V_NULL;
    release_opt(t, module_name);
    if (!module) {
        raised_clear(t);
        raise(t, &exc_UnicodeError, "\\N escapes not supported (can't load unicodedata module)");
        return false;
    }
    value name = str_from_latin1(t, e->p + from, to - from), found = name ? object_call_method_cstr(t, module, "lookup", &name, 1) : V_NULL;
    release_opt(t, name), release(t, module);
    if (found && is_str(found) && as_str(found)->length == 1) e->c = str_at(as_str(found), 0), e->reason = NULL;
    if (!found && raised_is(t, &exc_KeyError)) raised_clear(t);
    release_opt(t, found);
    return !raised(t);
}

static bool simple_escape(uint8_t c, uint32_t *out) {
    static const char from[] = "\\'\"btnrfva", to[] = "\\'\"\b\t\n\r\f\v\a";
    const char *p = c ? memchr(from, c, sizeof from - 1) : NULL;
    if (p) *out = (uint8_t)to[p - from];
    return p != NULL;
}

// p[at] is the character behind the backslash. *invalid: the escape is unknown, both characters stay.
static bool read_escape(struct thread *t, struct escape *e, bool *skip, bool *invalid) {
    uint8_t c = e->p[e->at++];
    *skip = *invalid = false;
    e->reason = NULL;
    if (simple_escape(c, &e->c)) return true;
    if (c == '\n') return *skip = true;
    if (c >= '0' && c <= '7') {
        e->c = (uint32_t)(c - '0');
        for (int k = 0; k < 2 && e->at < e->n && e->p[e->at] >= '0' && e->p[e->at] <= '7'; k++) e->c = e->c * 8 + (e->p[e->at++] - '0');
        return true;
    }
    if (c == 'x') return read_hex(e, 2, "truncated \\xXX escape"), true;
    if (c == 'u') return read_hex(e, 4, "truncated \\uXXXX escape"), true;
    if (c == 'U') return read_hex(e, 8, "truncated \\UXXXXXXXX escape"), true;
    if (c == 'N') return read_name(t, e);
    *invalid = true;
    return true;
}

value codec_unicode_escape_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors, bool final, size_t *consumed) {
    struct decode_job j;
    decode_begin(&j, t, "unicodeescape", errors, p, n);
    int first_invalid = -1;
    size_t i = 0;
    while (i < j.n) {
        if (j.p[i] != '\\') {
            builder_char(&j.out, j.p[i++]);
            continue;
        }
        struct escape e = {.p = j.p, .n = j.n, .at = i + 1};
        bool skip = false, invalid = false;
        if (e.at >= e.n) e.reason = "\\ at end of string", e.cut = true;
        else if (!read_escape(t, &e, &skip, &invalid)) return decode_end(&j, false);
        if (invalid) {
            if (first_invalid < 0) first_invalid = j.p[i + 1];
            builder_char(&j.out, '\\');
            builder_char(&j.out, j.p[i + 1]);
        } else if (e.reason) {
            if (e.cut && !final) break;
            if (!decode_error(&j, i, e.at, e.reason, &i)) return decode_end(&j, false);
            continue;
        } else if (!skip)
            builder_char(&j.out, e.c);
        i = e.at;
    }
    if (consumed) *consumed = i;
    value v = decode_end(&j, true);
    if (v && first_invalid >= 0 && !raise_warning(t, &exc_DeprecationWarning, 1, "invalid escape sequence '\\%c'", first_invalid)) release_field(t, &v);
    return v;
}

value codec_raw_unicode_escape_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors, bool final, size_t *consumed) {
    struct decode_job j;
    decode_begin(&j, t, "rawunicodeescape", errors, p, n);
    size_t i = 0;
    while (i < j.n) {
        if (j.p[i] != '\\') {
            builder_char(&j.out, j.p[i++]);
            continue;
        }
        if (i + 1 >= j.n) {
            if (!final) break;
            builder_char(&j.out, j.p[i++]);
            continue;
        }
        uint8_t c = j.p[i + 1];
        if (c != 'u' && c != 'U') {
            builder_char(&j.out, '\\');
            builder_char(&j.out, c);
            i += 2;
            continue;
        }
        struct escape e = {.p = j.p, .n = j.n, .at = i + 2};
        read_hex(&e, c == 'u' ? 4 : 8, c == 'u' ? "truncated \\uXXXX escape" : "truncated \\UXXXXXXXX escape");
        if (!e.reason) {
            builder_char(&j.out, e.c);
            i = e.at;
            continue;
        }
        if (e.cut && !final) break;
        if (e.c > UNICODE_MAX) e.reason = "\\Uxxxxxxxx out of range";
        if (!decode_error(&j, i, e.at, e.reason, &i)) return decode_end(&j, false);
    }
    if (consumed) *consumed = i;
    return decode_end(&j, true);
}

// ---- encoding ----

static void put_hex(struct byte_builder *b, char kind, uint32_t c, int digits) {
    static const char hex[] = "0123456789abcdef";
    uint8_t *p = byte_builder_room(b, (size_t)digits + 2);
    if (!p) return;
    *p++ = '\\', *p++ = (uint8_t)kind;
    while (digits-- > 0) *p++ = (uint8_t)hex[c >> 4 * digits & 15];
}
static void put_byte(struct byte_builder *b, uint8_t c) { byte_builder_add(b, &c, 1); }

value codec_unicode_escape_encode(struct thread *t, vref v) {
    const struct str *s = as_str(v);
    struct byte_builder b = {.t = t};
    for (size_t i = 0; i < s->length; i++) {
        uint32_t c = str_at(s, i);
        if (c == '\t') byte_builder_add(&b, "\\t", 2);
        else if (c == '\n') byte_builder_add(&b, "\\n", 2);
        else if (c == '\r') byte_builder_add(&b, "\\r", 2);
        else if (c == '\\') byte_builder_add(&b, "\\\\", 2);
        else if (c >= ' ' && c < 127) put_byte(&b, (uint8_t)c);
        else if (c < 0x100) put_hex(&b, 'x', c, 2);
        else if (c < 0x10000) put_hex(&b, 'u', c, 4);
        else put_hex(&b, 'U', c, 8);
    }
    return byte_builder_finish(&b);
}

value codec_raw_unicode_escape_encode(struct thread *t, vref v) {
    const struct str *s = as_str(v);
    struct byte_builder b = {.t = t};
    for (size_t i = 0; i < s->length; i++) {
        uint32_t c = str_at(s, i);
        if (c < 0x100) put_byte(&b, (uint8_t)c);
        else if (c < 0x10000) put_hex(&b, 'u', c, 4);
        else put_hex(&b, 'U', c, 8);
    }
    return byte_builder_finish(&b);
}

// ---- bytes literals ----

// What an impossible \x becomes. false: exception.
static bool wrong_hex(struct thread *t, struct byte_builder *b, const char *errors, size_t at) {
    if (!errors || strcmp(errors, "strict") == 0) raise(t, &exc_ValueError, "invalid \\x escape at position %zu", at);
    else if (strcmp(errors, "replace") == 0) return put_byte(b, '?'), true;
    else if (strcmp(errors, "ignore") == 0) return true;
    else raise(t, &exc_ValueError, "decoding error; unknown error handling code: %s", errors);
    return false;
}

value codec_escape_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors) {
    struct byte_builder b = {.t = t};
    int first_invalid = -1;
    bool ok = true;
    for (size_t i = 0; ok && i < n;) {
        if (p[i] != '\\') {
            put_byte(&b, p[i++]);
            continue;
        }
        if (++i >= n) {
            raise(t, &exc_ValueError, "Trailing \\ in string");
            ok = false;
            break;
        }
        uint32_t c;
        uint8_t k = p[i++];
        if (simple_escape(k, &c)) put_byte(&b, (uint8_t)c);
        else if (k == '\n') continue;
        else if (k >= '0' && k <= '7') {
            c = (uint32_t)(k - '0');
            for (int d = 0; d < 2 && i < n && p[i] >= '0' && p[i] <= '7'; d++) c = c * 8 + (p[i++] - '0');
            put_byte(&b, (uint8_t)c);
        } else if (k == 'x') {
            int high = i < n ? hex_digit(p[i]) : -1, low = high >= 0 && i + 1 < n ? hex_digit(p[i + 1]) : -1;
            if (low >= 0) put_byte(&b, (uint8_t)(high << 4 | low)), i += 2;
            else {
                ok = wrong_hex(t, &b, errors, i - 2);
                if (high >= 0) i++;
            }
        } else {
            if (first_invalid < 0) first_invalid = k;
            put_byte(&b, '\\');
            put_byte(&b, k);
        }
    }
    if (ok && first_invalid >= 0) ok = raise_warning(t, &exc_DeprecationWarning, 1, "invalid escape sequence '\\%c'", first_invalid);
    if (ok) return byte_builder_finish(&b);
    byte_builder_discard(&b);
    return V_NULL;
}

value codec_escape_encode(struct thread *t, const uint8_t *p, size_t n) {
    struct byte_builder b = {.t = t};
    for (size_t i = 0; i < n; i++) {
        uint8_t c = p[i];
        if (c == '\t') byte_builder_add(&b, "\\t", 2);
        else if (c == '\n') byte_builder_add(&b, "\\n", 2);
        else if (c == '\r') byte_builder_add(&b, "\\r", 2);
        else if (c == '\\' || c == '\'') put_byte(&b, '\\'), put_byte(&b, c);
        else if (c < ' ' || c >= 127) put_hex(&b, 'x', c, 2);
        else put_byte(&b, c);
    }
    return byte_builder_finish(&b);
}
