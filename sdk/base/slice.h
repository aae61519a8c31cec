// SPDX-License-Identifier: Apache-2.0
// A borrowed view of bytes. Owns nothing; each use says until when the bytes live.

#ifndef KRAIT_BASE_SLICE_H
#define KRAIT_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// p may be NULL when n is 0. Not terminated.
struct slice {
    const uint8_t *p;
    size_t n;
};

static inline struct slice slice_of(const void *p, size_t n)
{
    return (struct slice){ (const uint8_t *)p, n };
}

// NULL gives the empty slice.
static inline struct slice slice_text(const char *s)
{
    return (struct slice){ (const uint8_t *)s, s ? strlen(s) : 0 };
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool slice_is(struct slice a, const char *s)
{
    return slice_eq(a, slice_text(s));
}

static inline int slice_cmp(struct slice a, struct slice b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

// The part from byte `at`; empty when at is past the end.
static inline struct slice slice_from(struct slice s, size_t at)
{
    return at < s.n ? slice_of(s.p + at, s.n - at) : slice_of(NULL, 0);
}

// For printf's "%.*s".
#define SLICE_ARG(s) (int)(s).n, (const char *)(s).p

#endif
