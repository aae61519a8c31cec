// SPDX-License-Identifier: Apache-2.0
// Cuts a byte stream into frames and puts heads on new ones. What is inside is msg.c's.

#include "sdk/wire/frame.h"

static uint32_t read_head(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

enum frame_got frame_next(const struct buf *in, size_t limit, struct slice *body)
{
    struct slice all = buf_slice(in);
    if (all.n < FRAME_HEAD) {
        *body = slice_of(NULL, FRAME_HEAD - all.n);
        return FRAME_MORE;
    }
    uint32_t n = read_head(all.p);
    *body = slice_of(NULL, 0);
    if (n == 0)
        return FRAME_BAD;
    if (n > limit)
        return FRAME_LARGE;
    if (all.n - FRAME_HEAD < n) {
        body->n = n - (all.n - FRAME_HEAD);
        return FRAME_MORE;
    }
    *body = slice_of(all.p + FRAME_HEAD, n);
    return FRAME_WHOLE;
}

void frame_done(struct buf *in, struct slice body)
{
    buf_consume(in, FRAME_HEAD + body.n);
}

size_t frame_open(struct buf *out)
{
    size_t mark = buf_len(out);
    buf_put(out, "\0\0\0\0", FRAME_HEAD);
    return mark;
}

bool frame_close(struct buf *out, size_t mark)
{
    size_t n = buf_len(out) - mark - FRAME_HEAD;
    if (!buf_ok(out) || n > UINT32_MAX) {
        buf_cut(out, mark);
        return false;
    }
    uint8_t *head = out->base + out->from + mark;
    for (int i = 0; i < FRAME_HEAD; i++)
        head[i] = (uint8_t)(n >> (24 - 8 * i));
    return true;
}
