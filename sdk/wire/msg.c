// SPDX-License-Identifier: Apache-2.0
// Decodes and encodes whole messages, task bodies and outcomes. Caps on raw bytes are msg_scan.c's, the copying of fields
// msg_shape.c's, values msg_value.c's.

#include "sdk/wire/msg.h"

#include <stdalign.h>

#include "sdk/base/id.h"
#include "sdk/wire/frame.h"
#include "sdk/wire/msg_shape.h"

#define SCRATCH 8192   // stack for one encoding; larger messages go on in chunks

// All members of the oneof are pointers that share one place.
#define MEMBER offsetof(Krait__V1__Envelope, hello)

static enum err read_outcomes(struct arena *a, struct msg_result *r)
{
    for (size_t i = 0; i < r->n; i++) {
        struct msg_task_result *t = &r->tasks[i];
        t->has_outcome = t->raw_outcome.n > 0;
        enum err err = t->has_outcome ? outcome_decode(a, t->raw_outcome, &t->outcome) : ERR_OK;
        if (err)
            return err;
    }
    return ERR_OK;
}

static void read_weights(struct msg_worker *w)
{
    for (size_t i = 0; i < w->n_queues; i++)
        if (w->queues[i].weight == 0)
            w->queues[i].weight = 1;
}

// What the tables cannot say.
static enum err finish_reading(struct arena *a, struct msg *m)
{
    if (m->kind == MSG_RESULT || m->kind == MSG_CANCEL_REPLY)
        return read_outcomes(a, &m->result);
    if (m->kind == MSG_HELLO)
        read_weights(&m->hello.worker);
    return ERR_OK;
}

enum err msg_decode(struct arena *a, struct slice body, struct msg *out)
{
    enum err err;
    *out = (struct msg){ .kind = MSG_NONE };
    ProtobufCMessage *base = msg_unpack(&krait__v1__envelope__descriptor, a, body, &err);
    if (!base)
        return err;
    const Krait__V1__Envelope *e = (const Krait__V1__Envelope *)base;
    const struct shape *s = shape_of((enum msg_kind)e->body_case);
    const void *member = *(void *const *)((const char *)e + MEMBER);
    if (!s || !member)
        return ERR_UNKNOWN;
    out->kind = (enum msg_kind)e->body_case;
    err = shape_read(a, s, member, &out->hello);
    return err ? err : finish_reading(a, out);
}

// ---------------------------------------------------------------- encoding

// Outcomes travel as bytes: packs those that are not raw already, into copies in the arena.
static enum err write_outcomes(struct arena *a, const struct msg_result *from, struct msg_result *to)
{
    *to = *from;
    to->tasks = arena_alloc(a, from->n * sizeof *to->tasks);
    if (!to->tasks)
        return ERR_NOMEM;
    for (size_t i = 0; i < from->n; i++) {
        struct msg_task_result *t = &to->tasks[i];
        *t = from->tasks[i];
        if (!t->has_outcome || t->raw_outcome.n)
            continue;
        ProtobufCMessage *gen = shape_write(a, &shape_outcome, &t->outcome);
        size_t n = gen ? protobuf_c_message_get_packed_size(gen) : 0;
        uint8_t *packed = gen ? arena_alloc(a, n) : NULL;
        if (!packed)
            return ERR_NOMEM;
        t->raw_outcome = slice_of(packed, protobuf_c_message_pack(gen, packed));
    }
    return ERR_OK;
}

static enum err encode_in(struct arena *a, struct buf *out, const struct msg *m)
{
    const struct shape *s = shape_of(m->kind);
    const void *plain = &m->hello;
    struct msg_result result;
    if (!s)
        return ERR_UNKNOWN;
    if (m->kind == MSG_RESULT || m->kind == MSG_CANCEL_REPLY) {
        enum err err = write_outcomes(a, &m->result, &result);
        if (err)
            return err;
        plain = &result;
    }
    Krait__V1__Envelope e = KRAIT__V1__ENVELOPE__INIT;
    e.body_case = (Krait__V1__Envelope__BodyCase)m->kind;
    e.hello = shape_write(a, s, plain);
    if (!e.hello)
        return ERR_NOMEM;
    size_t mark = frame_open(out);
    enum err err = buf_ok(out) ? msg_pack(out, &e.base) : ERR_NOMEM;
    if (err)
        buf_cut(out, mark);
    else if (!frame_close(out, mark))
        err = ERR_FRAME_SIZE;
    return err;
}

enum err msg_encode(struct buf *out, const struct msg *m)
{
    alignas(max_align_t) uint8_t room[SCRATCH];
    struct arena scratch;
    arena_init_on(&scratch, room, sizeof room, 0);
    size_t before = buf_len(out);
    enum err err = buf_ok(out) ? encode_in(&scratch, out, m) : ERR_NOMEM;
    if (err && buf_len(out) != before)
        buf_cut(out, before);
    arena_free(&scratch);
    return err;
}

static enum err encode_plain(struct buf *out, const struct shape *s, const void *plain)
{
    alignas(max_align_t) uint8_t room[SCRATCH];
    struct arena scratch;
    arena_init_on(&scratch, room, sizeof room, 0);
    const ProtobufCMessage *gen = shape_write(&scratch, s, plain);
    enum err err = gen ? msg_pack(out, gen) : ERR_NOMEM;
    arena_free(&scratch);
    return err;
}

static enum err decode_plain(struct arena *a, const struct shape *s, struct slice bytes, void *plain)
{
    enum err err;
    ProtobufCMessage *gen = msg_unpack(s->descriptor, a, bytes, &err);
    return gen ? shape_read(a, s, gen, plain) : err;
}

enum err outcome_encode(struct buf *out, const struct msg_outcome *o)
{
    return encode_plain(out, &shape_outcome, o);
}

enum err outcome_decode(struct arena *a, struct slice bytes, struct msg_outcome *out)
{
    *out = (struct msg_outcome){ 0 };
    return decode_plain(a, &shape_outcome, bytes, out);
}

// ---------------------------------------------------------------- tasks

enum err task_encode(struct buf *out, const struct msg_task *t)
{
    return encode_plain(out, &shape_task, t);
}

// The payload is the last field of a body that this library wrote: then `head` is all before it and `payload` a view.
// false for any other order, which protobuf allows.
static bool split_payload(struct slice body, struct slice *head, struct slice *payload)
{
    static const uint8_t tag[] = { 0xa2, 0x06 };   // field 100, length-delimited
    for (size_t at = 0; at < body.n;) {
        if (body.n - at >= 2 && memcmp(body.p + at, tag, 2) == 0) {
            size_t n = 0, i = at + 2;
            for (unsigned shift = 0; i < body.n && shift < 35; shift += 7) {
                n |= (size_t)(body.p[i] & 0x7f) << shift;
                if (body.p[i++] < 0x80)
                    break;
            }
            *head = slice_of(body.p, at);
            *payload = slice_of(body.p + i, n);
            return i <= body.n && n == body.n - i;
        }
        size_t used = msg_skip(slice_from(body, at));
        if (used == 0)
            return false;
        at += used;
    }
    *head = body;
    *payload = slice_of(NULL, 0);
    return true;
}

static bool name_ok(struct slice name)
{
    if (name.n == 0)
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] <= ' ' || name.p[i] == 0x7f)
            return false;
    return true;
}

static enum err check_task(const struct msg_task *t)
{
    const struct msg_options *o = &t->options;
    if (!name_ok(t->name))
        return ERR_TASK;
    if ((t->queue.n && !id_name_ok(t->queue)) || (t->key.n && !id_key_ok(t->key)))
        return ERR_NAME;
    if ((o->unique_key.n && !id_key_ok(o->unique_key)) || (o->group.n && !id_key_ok(o->group)) ||
        (o->rate_key.n && !id_key_ok(o->rate_key)))
        return ERR_NAME;
    return o->priority > 9 ? ERR_TASK : ERR_OK;
}

enum err task_decode(struct arena *a, struct slice body, struct msg_task *out)
{
    struct slice head, payload;
    *out = (struct msg_task){ 0 };
    bool split = split_payload(body, &head, &payload);
    enum err err = decode_plain(a, &shape_task, split ? head : body, out);
    if (err)
        return err;
    if (split)
        out->payload = payload;
    return check_task(out);
}
