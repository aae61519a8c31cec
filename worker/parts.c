// SPDX-License-Identifier: Apache-2.0
// Parts through the desk, a few at a time. Tickets are desk.c's.

#include "worker/parts.h"

#include <stdlib.h>

#include "sdk/base/clock.h"
#include "sdk/wire/frame.h"
#include "sdk/wire/msg.h"

#define AHEAD    4
#define LIMIT_NS INT64_C(30000000000)     // for one answer

static const _Atomic uint32_t never = 0;

// A message without seq, as the desk wants it: the frame less its length and the envelope's head.
static enum err ask(struct desk *d, const struct msg *m, uint64_t *ticket)
{
    struct buf b = { 0 };
    enum err err = msg_encode(&b, m);
    struct slice s = buf_slice(&b);
    size_t at = 4;
    while (!err && at < s.n && s.p[at++] & 0x80) {}      // tag
    while (!err && at < s.n && s.p[at++] & 0x80) {}      // length
    *ticket = err ? 0 : desk_ask(d, (uint32_t)m->kind, slice_from(s, at));
    buf_free(&b);
    return err ? err : *ticket ? ERR_OK : ERR_NOMEM;
}

static size_t put_varint(uint8_t *at, uint64_t v)
{
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        at[n++] = (uint8_t)(v | 0x80);
    at[n++] = (uint8_t)v;
    return n;
}

// Waits for the answer and opens it in the arena.
static enum err answer(struct desk *d, uint64_t ticket, struct arena *a, struct msg *m)
{
    struct answer *got = desk_wait(d, ticket, clock_mono().ns + LIMIT_NS, &never);
    uint8_t head[24];
    desk_drop(d, ticket);
    if (!got)
        return ERR_TIMEOUT;
    size_t n = put_varint(head, (uint64_t)got->member << 3 | 2);
    n += put_varint(head + n, got->n);
    uint8_t *whole = arena_alloc(a, n + got->n);
    if (whole) {
        memcpy(whole, head, n);
        memcpy(whole + n, got->bytes, got->n);
    }
    size_t size = n + got->n;
    free(got);
    enum err err = whole ? msg_decode(a, slice_of(whole, size), m) : ERR_NOMEM;
    return err ? err : m->kind == MSG_ERROR ? m->error.code : ERR_OK;
}

static enum err take_part(struct desk *d, uint64_t ticket, uint32_t index, struct buf *out)
{
    struct arena a;
    struct msg m;
    arena_init(&a, 8u << 20);
    enum err err = answer(d, ticket, &a, &m);
    if (!err && (m.kind != MSG_PART || m.part.count == 0 || m.part.index != index))
        err = ERR_NOT_FOUND;
    if (!err && !buf_put_slice(out, m.part.data))
        err = ERR_NOMEM;
    arena_free(&a);
    return err;
}

enum err parts_fetch(struct desk *d, struct slice id, uint32_t parts, uint64_t size, struct buf *out)
{
    uint64_t tickets[AHEAD];
    enum err err = parts > LIMIT_PARTS || size > PARTS_MAX ? ERR_CAP : ERR_OK;
    uint32_t asked = 0, taken = 0;
    while (!err && taken < parts) {
        while (!err && asked < parts && asked - taken < AHEAD) {
            struct msg m = { .kind = MSG_PART_ASK, .part_ask = { .id = id, .of = PART_PAYLOAD, .index = asked } };
            err = ask(d, &m, &tickets[asked % AHEAD]);
            asked += !err;
        }
        if (!err)
            err = take_part(d, tickets[taken % AHEAD], taken, out);
        taken += !err;
    }
    for (; err && taken < asked; taken++)
        desk_drop(d, tickets[taken % AHEAD]);
    return err ? err : buf_len(out) == size ? ERR_OK : ERR_NOT_FOUND;
}

static enum err take_changed(struct desk *d, uint64_t ticket)
{
    struct arena a;
    struct msg m;
    arena_init(&a, 1u << 20);
    enum err err = answer(d, ticket, &a, &m);
    arena_free(&a);
    return err;
}

enum err parts_push(struct desk *d, struct slice id, uint32_t attempt, struct slice value, uint32_t *parts)
{
    uint64_t tickets[AHEAD];
    uint32_t sent = 0, taken = 0, count = (uint32_t)((value.n + LIMIT_PART - 1) / LIMIT_PART);
    enum err err = value.n > PARTS_MAX ? ERR_CAP : ERR_OK;
    *parts = count;
    while (!err && taken < count) {
        while (!err && sent < count && sent - taken < AHEAD) {
            size_t at = (size_t)sent * LIMIT_PART, n = value.n - at < LIMIT_PART ? value.n - at : LIMIT_PART;
            struct msg m = { .kind = MSG_PART, .part = { .id = id, .of = PART_RESULT, .attempt = attempt, .index = sent,
                                                         .count = count, .data = slice_of(value.p + at, n) } };
            err = ask(d, &m, &tickets[sent % AHEAD]);
            sent += !err;
        }
        if (!err)
            err = take_changed(d, tickets[taken % AHEAD]);
        taken += !err;
    }
    for (; err && taken < sent; taken++)
        desk_drop(d, tickets[taken % AHEAD]);
    return err;
}
