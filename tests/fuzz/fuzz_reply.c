// SPDX-License-Identifier: Apache-2.0
// Feeds bytes to the reader of Redis' replies in pieces and at once: both must see the same replies, and never one that
// points outside. Which replies make sense is the store's business.

#include "tests/fuzz/fuzz.h"

#include "broker/redis_reply.h"

struct seen {
    uint64_t hash;
    size_t replies;
    bool broken;
};

static void mix(struct seen *s, uint64_t x)
{
    s->hash = (s->hash ^ x) * 0x100000001b3u;
}

static void walk(struct seen *s, const struct reply *r)
{
    mix(s, (uint64_t)r->kind + 1);
    switch (r->kind) {
    case REPLY_NIL:
        break;
    case REPLY_INTEGER:
        mix(s, (uint64_t)r->integer);
        MUST(reply_number(r, 0) == r->integer);
        break;
    case REPLY_STATUS: case REPLY_ERROR: case REPLY_STRING:
        for (size_t i = 0; i < r->text.n; i++)
            mix(s, r->text.p[i]);
        (void)reply_number(r, -1);
        (void)reply_is_error(r, "OOM");
        break;
    case REPLY_ARRAY:
        for (size_t i = 0; i < r->n; i++)
            walk(s, &r->items[i]);
        break;
    }
}

static void drain(struct reply_reader *r, struct seen *s)
{
    const struct reply *out;
    enum reply_got got;
    while (!s->broken && (got = reply_next(r, &out)) != REPLY_MORE) {
        s->broken = got == REPLY_BROKEN;
        if (got == REPLY_WHOLE) {
            walk(s, out);
            s->replies++;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reply_reader pieces, whole;
    struct seen a = { 0 }, b = { 0 };
    MUST(reply_open(&pieces) && reply_open(&whole));
    size_t step = size ? data[0] % 13 + 1 : 1;
    for (size_t at = 0; at < size && !a.broken; at += step) {
        MUST(reply_feed(&pieces, slice_of(data + at, size - at < step ? size - at : step)));
        drain(&pieces, &a);
    }
    MUST(reply_feed(&whole, slice_of(data, size)));
    drain(&whole, &b);
    MUST(a.replies == b.replies && a.hash == b.hash && a.broken == b.broken);
    reply_close(&pieces);
    reply_close(&whole);
    return 0;
}
