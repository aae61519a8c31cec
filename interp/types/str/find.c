// SPDX-License-Identifier: Apache-2.0
// Searching code points: first, last, how often. Leaves arguments and messages to the methods.
//
// The C library's memchr, memrchr and memmem do the work; wider units go through them bytewise, and hits that do not stand on a unit are passed over.
#include "interp/types/str/text.h"

int64_t units_find_char(const uint8_t *hay, unsigned width, size_t n, uint32_t c) {
    if (width == 1) {
        const uint8_t *p = c < 256 && n ? memchr(hay, (int)c, n) : NULL;
        return p ? p - hay : -1;
    }
    if (width == 2) {
        if (c > 0xffff) return -1;
        const uint16_t *u = (const void *)hay;
        for (size_t i = 0; i < n; i++)
            if (u[i] == c) return (int64_t)i;
        return -1;
    }
    const uint32_t *u = (const void *)hay;
    for (size_t i = 0; i < n; i++)
        if (u[i] == c) return (int64_t)i;
    return -1;
}

int64_t units_rfind_char(const uint8_t *hay, unsigned width, size_t n, uint32_t c) {
    if (width == 1) {
        const uint8_t *p = c < 256 && n ? memrchr(hay, (int)c, n) : NULL;
        return p ? p - hay : -1;
    }
    for (size_t i = n; i-- > 0;)
        if (unit_get(hay, width, i) == c) return (int64_t)i;
    return -1;
}

static bool units_match(const uint8_t *hay, unsigned width, size_t at, const uint8_t *needle, unsigned nw, size_t m) {
    if (width == nw) return memcmp(hay + at * width, needle, m * width) == 0;
    for (size_t i = 0; i < m; i++)
        if (unit_get(hay, width, at + i) != unit_get(needle, nw, i)) return false;
    return true;
}

// Both of one width.
static int64_t find_same(const uint8_t *hay, unsigned width, size_t n, const uint8_t *needle, size_t m) {
    const uint8_t *from = hay, *end = hay + n * width;
    for (;;) {
        const uint8_t *p = memmem(from, (size_t)(end - from), needle, m * width);
        if (!p) return -1;
        if ((size_t)(p - hay) % width == 0) return (p - hay) / width;
        from = p + 1;
    }
}

// A narrower needle: by its first unit.
static int64_t find_mixed(const uint8_t *hay, unsigned width, size_t n, const uint8_t *needle, unsigned nw, size_t m) {
    enum { FEW = 128 };
    if (m <= FEW) {
        uint32_t wide[FEW];
        units_copy((uint8_t *)wide, width, 0, needle, nw, 0, m);
        return find_same(hay, width, n, (const uint8_t *)wide, m);
    }
    uint32_t first = unit_get(needle, nw, 0);
    for (size_t at = 0; at + m <= n; at++) {
        int64_t i = units_find_char(hay + at * width, width, n - m + 1 - at, first);
        if (i < 0) return -1;
        at += (size_t)i;
        if (units_match(hay, width, at, needle, nw, m)) return (int64_t)at;
    }
    return -1;
}

int64_t units_find(const uint8_t *hay, unsigned width, size_t n, const uint8_t *needle, unsigned nw, size_t m) {
    if (m == 0) return 0;
    if (m > n) return -1;
    if (m == 1) return units_find_char(hay, width, n, unit_get(needle, nw, 0));
    if (nw > width) return -1;
    return nw == width ? find_same(hay, width, n, needle, m) : find_mixed(hay, width, n, needle, nw, m);
}

int64_t units_rfind(const uint8_t *hay, unsigned width, size_t n, const uint8_t *needle, unsigned nw, size_t m) {
    if (m == 0) return (int64_t)n;
    if (m > n || nw > width) return -1;
    uint32_t first = unit_get(needle, nw, 0);
    for (size_t end = n - m + 1; end > 0;) {
        int64_t at = units_rfind_char(hay, width, end, first);
        if (at < 0 || units_match(hay, width, (size_t)at, needle, nw, m)) return at;
        end = (size_t)at;
    }
    return -1;
}

static size_t count_char(const uint8_t *hay, unsigned width, size_t n, uint32_t c) {
    size_t k = 0;
    if (width == 1) {
        for (size_t i = 0; i < n; i++) k += hay[i] == c;
        return k;
    }
    for (size_t i = 0; i < n; i++) k += unit_get(hay, width, i) == c;
    return k;
}

size_t units_count(const uint8_t *hay, unsigned width, size_t n, const uint8_t *needle, unsigned nw, size_t m, size_t max) {
    if (m == 0) return n + 1 < max ? n + 1 : max;
    if (m == 1 && max >= n) return count_char(hay, width, n, unit_get(needle, nw, 0));
    size_t k = 0;
    for (size_t at = 0; k < max;) {
        int64_t i = units_find(hay + at * width, width, n - at, needle, nw, m);
        if (i < 0) break;
        k++;
        at += (size_t)i + m;
    }
    return k;
}

int64_t str_find(vref vs, vref vneedle, int64_t start, int64_t stop, bool from_right) {
    const struct str *s = as_str(vs), *needle = as_str(vneedle);
    if (stop > (int64_t)s->length) stop = (int64_t)s->length;
    if (start < 0) start = 0;
    if (start > stop) return -1;
    const uint8_t *from = s->data + (size_t)start * s->width;
    int64_t i = (from_right ? units_rfind : units_find)(from, s->width, (size_t)(stop - start), needle->data, needle->width, needle->length);
    return i < 0 ? -1 : i + start;
}
