// SPDX-License-Identifier: Apache-2.0
// UTF-8: the fast way in for valid text, the cached way out. Leaves broken input and error handlers to codec_utf8.c.
#include "interp/types/exc.h"
#include "interp/types/str/codec.h"
#include "interp/types/str/text.h"

// Length of the valid UTF-8 sequence at p (n bytes left) and its code point; 0: not valid or cut off.
int utf8_next(const uint8_t *p, size_t n, uint32_t *c) {
    uint8_t a = p[0];
    if (a < 0x80) return *c = a, 1;
    if (a < 0xc2 || n < 2 || (p[1] & 0xc0) != 0x80) return 0;
    if (a < 0xe0) return *c = (uint32_t)(a & 0x1f) << 6 | (p[1] & 0x3f), 2;
    if (n < 3 || (p[2] & 0xc0) != 0x80) return 0;
    if (a < 0xf0) {
        *c = (uint32_t)(a & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
        return *c < 0x800 || (*c >= 0xd800 && *c < 0xe000) ? 0 : 3;
    }
    if (a > 0xf4 || n < 4 || (p[3] & 0xc0) != 0x80) return 0;
    *c = (uint32_t)(a & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 | (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
    return *c < 0x10000 || *c > UNICODE_MAX ? 0 : 4;
}

// Counts code points and finds the largest. false: not valid UTF-8.
static bool measure(const uint8_t *p, size_t n, size_t *count, uint32_t *max) {
    uint32_t c, any = 0;
    size_t k = 0;
    for (size_t i = 0; i < n; k++) {
        if (p[i] < 0x80) {
            i++;
            continue;
        }
        int step = utf8_next(p + i, n - i, &c);
        if (!step) return false;
        any |= c;
        i += (size_t)step;
    }
    *count = k;
    *max = any < 0x80 ? 0x7f : any < 0x100 ? 0xff : any < 0x10000 ? 0xffff : UNICODE_MAX;
    return true;
}

value utf8_decode_valid(struct thread *t, const uint8_t *p, size_t n, bool *valid) {
    *valid = true;
    if (n == 1 && p[0] < 0x80) return str_latin1_word(p[0]);
    if (bytes_are_ascii(p, n)) {
        value v = str_new(t, n, 0x7f);
        if (v && n) memcpy(as_str(v)->data, p, n);
        return v;
    }
    size_t count;
    uint32_t max, c;
    if (!measure(p, n, &count, &max)) {
        *valid = false;
        return V_NULL;
    }
    if (count == 1) return utf8_next(p, n, &c), str_from_char(t, c);
    value v = str_new(t, count, max);
    if (!v) return V_NULL;
    struct str *s = as_str(v);
    for (size_t i = 0, k = 0; i < n; k++) {
        i += (size_t)utf8_next(p + i, n - i, &c);
        str_put(s, k, c);
    }
    return v;
}

value str_from_utf8(struct thread *t, const char *s, size_t n) {
    bool valid;
    value v = utf8_decode_valid(t, (const uint8_t *)s, n, &valid);
    return valid ? v : codec_utf8_decode(t, (const uint8_t *)s, n, NULL, true, NULL);
}

size_t utf8_put(uint8_t *p, uint32_t c) {
    if (c < 0x80) return p[0] = (uint8_t)c, 1;
    if (c < 0x800) return p[0] = (uint8_t)(0xc0 | c >> 6), p[1] = (uint8_t)(0x80 | (c & 0x3f)), 2;
    if (c < 0x10000) {
        p[0] = (uint8_t)(0xe0 | c >> 12), p[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f)), p[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    p[0] = (uint8_t)(0xf0 | c >> 18), p[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f)), p[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f)), p[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

// Bytes of s in UTF-8; *surrogate: index of the first surrogate, or -1.
size_t utf8_size(const struct str *s, int64_t *surrogate) {
    size_t n = 0;
    *surrogate = -1;
    for (size_t i = 0; i < s->length; i++) {
        uint32_t c = str_at(s, i);
        if (c >= 0xd800 && c < 0xe000 && *surrogate < 0) *surrogate = (int64_t)i;
        n += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    }
    return n;
}

const char *str_utf8(struct thread *t, vref v, size_t *n_or_null) {
    struct str *s = as_str(v);
    if (str_is_ascii(s)) {
        if (n_or_null) *n_or_null = s->length;
        return (const char *)s->data;
    }
    struct str_tail *tail = str_tail(s);
    char *text = atomic_load_explicit(&tail->utf8, memory_order_acquire);
    if (!text) {
        int64_t surrogate;
        size_t n = utf8_size(s, &surrogate), at = 0;
        if (surrogate >= 0) {
            codec_raise_encode(t, "utf-8", v, (size_t)surrogate, (size_t)surrogate + 1, "surrogates not allowed");
            return NULL;
        }
        char *fresh = mem_alloc(t, n + 1);
        if (!fresh) return NULL;
        for (size_t i = 0; i < s->length; i++) at += utf8_put((uint8_t *)fresh + at, str_at(s, i));
        fresh[at] = 0;
        __atomic_store_n(&tail->utf8_length, n, __ATOMIC_RELAXED); // every writer writes the same
        if (atomic_compare_exchange_strong_explicit(&tail->utf8, &text, fresh, memory_order_acq_rel, memory_order_acquire)) text = fresh;
        else mem_free(t, fresh, n + 1);
    }
    if (n_or_null) *n_or_null = __atomic_load_n(&tail->utf8_length, __ATOMIC_RELAXED);
    return text;
}
