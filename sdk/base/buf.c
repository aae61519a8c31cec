// SPDX-License-Identifier: Apache-2.0
// The growing of byte buffers. Input and output are left to who owns the socket.

#include "sdk/base/buf.h"

#include <stdarg.h>
#include <stdio.h>

#include "sdk/base/mem.h"

#define SMALLEST 256

void buf_free(struct buf *b)
{
    mem_free(MEM_BUF, b->base, b->cap);
    buf_init(b);
}

void buf_reset(struct buf *b, size_t keep)
{
    if (b->cap > keep)
        buf_free(b);
    b->from = b->to = 0;
    b->failed = false;
}

static void slide(struct buf *b)
{
    size_t n = buf_len(b);
    if (b->from == 0)
        return;
    if (n)
        memmove(b->base, b->base + b->from, n);
    b->from = 0;
    b->to = n;
}

static bool grow(struct buf *b, size_t need)
{
    size_t cap = b->cap ? b->cap : SMALLEST;
    while (cap < need) {
        if (cap > SIZE_MAX / 2)
            return false;
        cap *= 2;
    }
    uint8_t *base = mem_realloc(MEM_BUF, b->base, b->cap, cap);
    if (!base)
        return false;
    b->base = base;
    b->cap = cap;
    return true;
}

// Sliding pays when at least half of the memory is consumed; else each append would move the same bytes again.
uint8_t *buf_room(struct buf *b, size_t n)
{
    if (b->cap - b->to >= n && b->base)
        return b->base + b->to;
    size_t len = buf_len(b), need;
    if (__builtin_add_overflow(len, n, &need))
        goto fail;
    if (b->from >= b->cap / 2)
        slide(b);
    if (b->cap - b->to >= n && b->base)
        return b->base + b->to;
    slide(b);
    if (!grow(b, need))
        goto fail;
    return b->base + b->to;
fail:
    b->failed = true;
    return NULL;
}

bool buf_put(struct buf *b, const void *p, size_t n)
{
    uint8_t *at = buf_room(b, n);
    if (!at)
        return false;
    if (n)
        memcpy(at, p, n);
    b->to += n;
    return true;
}

bool buf_put_slice(struct buf *b, struct slice s)
{
    return buf_put(b, s.p, s.n);
}

bool buf_put_text(struct buf *b, const char *s)
{
    return buf_put(b, s, strlen(s));
}

bool buf_put_byte(struct buf *b, uint8_t byte)
{
    return buf_put(b, &byte, 1);
}

bool buf_printf(struct buf *b, const char *format, ...)
{
    char small[256];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    bool ok = false;
    if (n >= 0 && (size_t)n < sizeof small) {
        ok = buf_put(b, small, (size_t)n);
    } else if (n >= 0) {
        uint8_t *at = buf_room(b, (size_t)n + 1);
        ok = at && vsnprintf((char *)at, (size_t)n + 1, format, again) == n;
        if (ok)
            b->to += (size_t)n;
    }
    va_end(again);
    return ok;
}

const char *buf_cstr(struct buf *b)
{
    uint8_t *at = buf_room(b, 1);
    if (!at)
        return NULL;
    *at = 0;
    return (const char *)b->base + b->from;
}

void buf_consume(struct buf *b, size_t n)
{
    b->from += n;
    if (b->from == b->to)
        b->from = b->to = 0;
}

void buf_cut(struct buf *b, size_t n)
{
    b->to = b->from + n;
    b->failed = false;
}

bool buf_is_valid(const struct buf *b)
{
    return b->from <= b->to && b->to <= b->cap && (b->base || b->cap == 0);
}
