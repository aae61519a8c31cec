// SPDX-License-Identifier: Apache-2.0
// The codecs UTF-16 and UTF-32 in both byte orders. Leaves error handlers to codec_error.c.
#include "interp/types/exc.h"
#include "interp/types/str/codec.h"
#include "interp/types/str/text.h"

static uint32_t unit_in(const uint8_t *p, size_t size, bool big) {
    uint32_t c = 0;
    for (size_t i = 0; i < size; i++) c |= (uint32_t)p[i] << 8 * (big ? size - 1 - i : i);
    return c;
}

// Reads the byte order mark if the order is open; how many bytes it takes.
static size_t read_mark(const uint8_t *p, size_t n, size_t size, int *order) {
    if (*order || n < size) return 0;
    if (unit_in(p, size, false) == 0xfeff) return *order = -1, size;
    if (unit_in(p, size, true) == 0xfeff) return *order = 1, size;
    return *order = -1, 0;
}

value codec_utf16_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors, int *order, bool final, size_t *consumed) {
    struct decode_job j;
    bool open = *order == 0;
    size_t i = read_mark(p, n, 2, order);
    bool big = *order > 0;
    decode_begin(&j, t, open ? "utf-16" : big ? "utf-16-be" : "utf-16-le", errors, p, n);
    while (i < j.n) {
        size_t left = j.n - i;
        const char *reason = "truncated data";
        size_t end = j.n;
        if (left >= 2) {
            uint32_t c = unit_in(j.p + i, 2, big);
            if (c < 0xd800 || c >= 0xe000) {
                builder_char(&j.out, c);
                i += 2;
                continue;
            }
            reason = "illegal encoding", end = i + 2;
            if (c < 0xdc00 && left < 4) reason = "unexpected end of data", end = j.n;
            else if (c < 0xdc00) {
                uint32_t d = unit_in(j.p + i + 2, 2, big);
                if (d >= 0xdc00 && d < 0xe000) {
                    builder_char(&j.out, 0x10000 + ((c - 0xd800) << 10) + (d - 0xdc00));
                    i += 4;
                    continue;
                }
                reason = "illegal UTF-16 surrogate";
            }
        }
        if (!final && (left < 2 || (left < 4 && end == j.n))) break;
        j.encoding = big ? "utf-16-be" : "utf-16-le"; // surrogatepass reads the order out of the name
        if (!decode_error(&j, i, end, reason, &i)) return decode_end(&j, false);
    }
    if (consumed) *consumed = i;
    return decode_end(&j, true);
}

value codec_utf32_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors, int *order, bool final, size_t *consumed) {
    struct decode_job j;
    size_t i = read_mark(p, n, 4, order);
    bool big = *order > 0;
    decode_begin(&j, t, big ? "utf-32-be" : "utf-32-le", errors, p, n);
    while (i < j.n) {
        const char *reason = "truncated data";
        size_t end = j.n;
        if (j.n - i >= 4) {
            uint32_t c = unit_in(j.p + i, 4, big);
            if (c <= UNICODE_MAX && (c < 0xd800 || c >= 0xe000)) {
                builder_char(&j.out, c);
                i += 4;
                continue;
            }
            reason = c > UNICODE_MAX ? "code point not in range(0x110000)" : "code point in surrogate code point range(0xd800, 0xe000)";
            end = i + 4;
        } else if (!final)
            break;
        if (!decode_error(&j, i, end, reason, &i)) return decode_end(&j, false);
    }
    if (consumed) *consumed = i;
    return decode_end(&j, true);
}

static void put_unit(struct byte_builder *b, uint32_t c, size_t size, bool big) {
    uint8_t *p = byte_builder_room(b, size);
    for (size_t i = 0; p && i < size; i++) p[i] = (uint8_t)(c >> 8 * (big ? size - 1 - i : i));
}
static void put_code(struct byte_builder *b, uint32_t c, size_t size, bool big) {
    if (size == 4 || c < 0x10000) {
        put_unit(b, c, size, big);
        return;
    }
    put_unit(b, 0xd800 + ((c - 0x10000) >> 10), 2, big);
    put_unit(b, 0xdc00 + ((c - 0x10000) & 0x3ff), 2, big);
}

static value wide_encode(struct thread *t, vref v, const char *errors, int order, size_t size) {
    const struct str *s = as_str(v);
    bool big = order > 0;
    const char *encoding = size == 2 ? (order == 0 ? "utf-16" : big ? "utf-16-be" : "utf-16-le") : order == 0 ? "utf-32" : big ? "utf-32-be" : "utf-32-le";
    struct byte_builder b = {.t = t};
    if (order == 0) put_unit(&b, 0xfeff, size, big);
    for (size_t i = 0; i < s->length;) {
        uint32_t c = str_at(s, i);
        if (c < 0xd800 || c >= 0xe000) {
            put_code(&b, c, size, big);
            i++;
            continue;
        }
        size_t end = i + 1;
        struct encode_patch patch;
        if (!encode_error(t, encoding, errors, v, i, end, "surrogates not allowed", &patch)) return byte_builder_discard(&b), V_NULL;
        bool ok = true;
        if (patch.bytes) {
            ok = as_bytes(patch.bytes)->length % size == 0;
            byte_builder_add(&b, as_bytes(patch.bytes)->data, as_bytes(patch.bytes)->length);
        } else {
            const struct str *text = as_str(patch.text);
            ok = str_is_ascii(text);
            for (size_t k = 0; ok && k < text->length; k++) put_code(&b, str_at(text, k), size, big);
        }
        release_opt(t, patch.bytes), release_opt(t, patch.text);
        if (!ok) {
            codec_raise_encode(t, encoding, v, i, end, "surrogates not allowed");
            return byte_builder_discard(&b), V_NULL;
        }
        i = patch.at;
    }
    return byte_builder_finish(&b);
}
value codec_utf16_encode(struct thread *t, vref s, const char *errors, int order) { return wide_encode(t, s, errors, order, 2); }
value codec_utf32_encode(struct thread *t, vref s, const char *errors, int order) { return wide_encode(t, s, errors, order, 4); }
