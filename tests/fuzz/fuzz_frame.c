// SPDX-License-Identifier: Apache-2.0
// Feeds a byte stream to the framing and the decoder in pieces and at once: both must see the same frames.
// Single messages and what is in them are fuzz_msg.c's.

#include "tests/fuzz/fuzz.h"

#include "sdk/wire/frame.h"
#include "sdk/wire/msg.h"

#define LIMIT 65536

struct seen {
    size_t frames, bytes;
    uint64_t kinds;
    enum frame_got end;
};

static void drain(struct buf *in, struct arena *a, struct seen *s)
{
    struct slice body;
    while (s->end != FRAME_BAD && s->end != FRAME_LARGE && (s->end = frame_next(in, LIMIT, &body)) == FRAME_WHOLE) {
        struct msg m;
        MUST(body.n >= 1 && body.n <= LIMIT);
        arena_reset(a);
        enum err err = msg_decode(a, body, &m);
        s->kinds = s->kinds * 31 + (err ? 1000 + err : (uint64_t)m.kind);
        s->frames++;
        s->bytes += body.n;
        frame_done(in, body);
        MUST(buf_is_valid(in));
    }
    MUST(s->end != FRAME_MORE || body.n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct buf in = { 0 };
    struct seen pieces = { .end = FRAME_MORE }, whole = pieces;
    arena_init(&a, 16u << 20);
    size_t step = size ? data[0] % 17 + 1 : 1;
    for (size_t at = 0; at < size; at += step) {
        MUST(buf_put(&in, data + at, size - at < step ? size - at : step));
        drain(&in, &a, &pieces);
    }
    buf_reset(&in, 0);
    MUST(buf_put(&in, data, size));
    drain(&in, &a, &whole);
    MUST(pieces.frames == whole.frames && pieces.bytes == whole.bytes && pieces.kinds == whole.kinds);
    MUST(size == 0 || pieces.end == whole.end);
    buf_free(&in);
    arena_free(&a);
    return 0;
}
