// SPDX-License-Identifier: Apache-2.0
// A growable byte buffer with a read end: bytes are appended behind and consumed in front.
// It does no input or output; who reads a socket into it uses buf_room and buf_added.
//
//        base          base + from              base + to        base + cap
//         | consumed    | live bytes (buf_slice) | room           |
//
// Invariant: from <= to <= cap. A failed append leaves the buffer as it was and sets `failed`, so that an encoder
// may append many times and look once at the end (buf_ok). Slices into it die at the next append or consume.

#ifndef KRAIT_BASE_BUF_H
#define KRAIT_BASE_BUF_H

#include "sdk/base/slice.h"

struct buf {
    uint8_t *base;   // owned
    size_t from;
    size_t to;
    size_t cap;
    bool failed;     // an append found no memory
};

// All zero is a valid empty buffer.
static inline void buf_init(struct buf *b)
{
    *b = (struct buf){ 0 };
}

void buf_free(struct buf *b);

// Empties it and keeps the memory, unless that is over `keep` bytes.
void buf_reset(struct buf *b, size_t keep);

static inline size_t buf_len(const struct buf *b)
{
    return b->to - b->from;
}

// Borrowed until the next append, consume or free.
static inline struct slice buf_slice(const struct buf *b)
{
    return slice_of(b->base + b->from, b->to - b->from);
}

static inline bool buf_ok(const struct buf *b)
{
    return !b->failed;
}

// At least n writable bytes behind the live ones, or NULL without memory. Follow with buf_added.
uint8_t *buf_room(struct buf *b, size_t n);

static inline void buf_added(struct buf *b, size_t n)
{
    b->to += n;
}

bool buf_put(struct buf *b, const void *p, size_t n);
bool buf_put_slice(struct buf *b, struct slice s);
bool buf_put_text(struct buf *b, const char *s);
bool buf_put_byte(struct buf *b, uint8_t byte);
bool buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

// A terminating zero behind the live bytes, not counted; returns the text, borrowed as buf_slice, or NULL.
const char *buf_cstr(struct buf *b);

// Drops n <= buf_len bytes in front.
void buf_consume(struct buf *b, size_t n);

// Cuts the live bytes down to the first n: takes back what a failed encoder appended.
void buf_cut(struct buf *b, size_t n);

bool buf_is_valid(const struct buf *b);

#endif
