// SPDX-License-Identifier: Apache-2.0
// The codecs UTF-8, Latin-1 and ASCII. Leaves wide units to codec_wide.c and error handlers to codec_error.c.
#include "interp/types/exc.h"
#include "interp/types/str/codec.h"
#include "interp/types/str/text.h"

// How many bytes at p are the longest start of a sequence (Unicode's maximal subpart), and what is wrong. 0: only cut off by the end of the input.
static size_t broken_part(const uint8_t *p, size_t n, const char **reason) {
    uint8_t a = p[0], low = 0x80, high = 0xbf;
    size_t need = a < 0xe0 ? 1 : a < 0xf0 ? 2 : 3, i = 1;
    *reason = "invalid start byte";
    if (a < 0xc2 || a > 0xf4) return 1;
    if (a == 0xe0) low = 0xa0;
    if (a == 0xed) high = 0x9f;
    if (a == 0xf0) low = 0x90;
    if (a == 0xf4) high = 0x8f;
    for (; i <= need && i < n; i++, low = 0x80, high = 0xbf)
        if (p[i] < low || p[i] > high) {
            *reason = "invalid continuation byte";
            return i;
        }
    *reason = "unexpected end of data";
    return 0;
}

value codec_utf8_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors, bool final, size_t *consumed) {
    bool valid;
    if (consumed) *consumed = n;
    value v = utf8_decode_valid(t, p, n, &valid);
    if (valid) return v;
    struct decode_job j;
    decode_begin(&j, t, "utf-8", errors, p, n);
    size_t i = 0;
    while (i < j.n) {
        uint32_t c;
        int step = utf8_next(j.p + i, j.n - i, &c);
        if (step) {
            builder_char(&j.out, c);
            i += (size_t)step;
            continue;
        }
        const char *reason;
        size_t bad = broken_part(j.p + i, j.n - i, &reason);
        if (bad == 0 && !final) break;
        if (!decode_error(&j, i, bad ? i + bad : j.n, reason, &i)) return decode_end(&j, false);
    }
    if (consumed) *consumed = i;
    return decode_end(&j, true);
}

value codec_utf8_encode(struct thread *t, vref v, const char *errors) {
    const struct str *s = as_str(v);
    if (str_is_ascii(s)) return bytes_new(t, s->data, s->length);
    int64_t surrogate;
    size_t n = utf8_size(s, &surrogate);
    if (surrogate < 0) {
        value out = bytes_new(t, NULL, n);
        uint8_t *to = out ? as_bytes(out)->data : NULL;
        for (size_t i = 0; out && i < s->length; i++) to += utf8_put(to, str_at(s, i));
        return out;
    }
    struct byte_builder b = {.t = t};
    for (size_t i = 0; i < s->length;) {
        uint32_t c = str_at(s, i);
        if (c < 0xd800 || c >= 0xe000) {
            uint8_t buf[4];
            byte_builder_add(&b, buf, utf8_put(buf, c));
            i++;
            continue;
        }
        size_t end = i + 1;
        while (end < s->length && str_at(s, end) >= 0xd800 && str_at(s, end) < 0xe000) end++;
        struct encode_patch patch;
        if (!encode_error(t, "utf-8", errors, v, i, end, "surrogates not allowed", &patch)) return byte_builder_discard(&b), V_NULL;
        if (patch.bytes) byte_builder_add(&b, as_bytes(patch.bytes)->data, as_bytes(patch.bytes)->length);
        else {
            const struct str *text = as_str(patch.text);
            if (!str_is_ascii(text)) {
                release(t, patch.text);
                codec_raise_encode(t, "utf-8", v, i, end, "surrogates not allowed");
                return byte_builder_discard(&b), V_NULL;
            }
            byte_builder_add(&b, text->data, text->length);
        }
        release_opt(t, patch.bytes), release_opt(t, patch.text);
        i = patch.at;
    }
    return byte_builder_finish(&b);
}

value codec_latin1_decode(struct thread *t, const uint8_t *p, size_t n) { return str_from_latin1(t, p, n); }

value codec_ascii_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors) {
    if (bytes_are_ascii(p, n)) return str_from_latin1(t, p, n);
    struct decode_job j;
    decode_begin(&j, t, "ascii", errors, p, n);
    for (size_t i = 0; i < j.n;) {
        if (j.p[i] < 128) builder_char(&j.out, j.p[i++]);
        else if (!decode_error(&j, i, i + 1, "ordinal not in range(128)", &i)) return decode_end(&j, false);
    }
    return decode_end(&j, true);
}

// One byte a code point below `limit`.
static value narrow_encode(struct thread *t, vref v, const char *errors, const char *encoding, uint32_t limit) {
    const struct str *s = as_str(v);
    const char *reason = limit == 128 ? "ordinal not in range(128)" : "ordinal not in range(256)";
    if (limit == 128 ? str_is_ascii(s) : s->width == 1) return bytes_new(t, s->data, s->length);
    struct byte_builder b = {.t = t};
    for (size_t i = 0; i < s->length;) {
        uint32_t c = str_at(s, i);
        if (c < limit) {
            uint8_t byte = (uint8_t)c;
            byte_builder_add(&b, &byte, 1);
            i++;
            continue;
        }
        size_t end = i + 1;
        while (end < s->length && str_at(s, end) >= limit) end++;
        struct encode_patch patch;
        if (!encode_error(t, encoding, errors, v, i, end, reason, &patch)) return byte_builder_discard(&b), V_NULL;
        bool ok = true;
        if (patch.bytes) byte_builder_add(&b, as_bytes(patch.bytes)->data, as_bytes(patch.bytes)->length);
        else {
            const struct str *text = as_str(patch.text);
            for (size_t k = 0; ok && k < text->length; k++) {
                uint32_t d = str_at(text, k);
                uint8_t byte = (uint8_t)d;
                ok = d < limit;
                if (ok) byte_builder_add(&b, &byte, 1);
            }
        }
        release_opt(t, patch.bytes), release_opt(t, patch.text);
        if (!ok) {
            codec_raise_encode(t, encoding, v, i, end, reason);
            return byte_builder_discard(&b), V_NULL;
        }
        i = patch.at;
    }
    return byte_builder_finish(&b);
}
value codec_latin1_encode(struct thread *t, vref s, const char *errors) { return narrow_encode(t, s, errors, "latin-1", 256); }
value codec_ascii_encode(struct thread *t, vref s, const char *errors) { return narrow_encode(t, s, errors, "ascii", 128); }
