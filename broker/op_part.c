// SPDX-License-Identifier: Apache-2.0
// Large payloads and results in parts: each is one call, so that nothing of anybody waits behind more than one part. Putting
// the parts together is left to the SDKs and workers; that they are owned by a task or result, to the functions in Redis.

#include "broker/op.h"

#define ASKED_MAX 16       // parts that one client may have asked for and not got

// Where the parts of a payload or result lie, without P.
static struct slice place(struct request *r, struct slice key, enum part_of of, uint32_t attempt)
{
    char text[ID_KEY_MAX + 32];
    int n = of == PART_PAYLOAD ? snprintf(text, sizeof text, "b:%.*s", SLICE_ARG(key))
                               : snprintf(text, sizeof text, "v:%.*s:%u", SLICE_ARG(key), attempt);
    return arena_slice(&r->arena, slice_of(text, (size_t)n));
}

static void unload(struct request *r)
{
    struct conn *c = r->conn;
    r->broker->submitting -= r->bytes;
    if (!c)
        return;
    c->unanswered_bytes -= r->bytes;
    if (c->stream.paused)
        conn_go_on(c);
}

static void stored(struct call *k, const struct reply *reply)
{
    struct request *r = k->request;
    unload(r);
    if (reply && reply->kind == REPLY_INTEGER)
        call_changed(r, (uint64_t)reply->integer, NULL);
    else
        call_refused(r, reply);
}

// Payloads come before their task, results from who has the task.
static const char *why_not(struct conn *c, const struct msg_part *m, const struct task_id *id, enum err *code)
{
    struct lease *l = c->session ? lease_find(c->session, m->id) : NULL;
    *code = ERR_USAGE;
    if (!m->count || m->count > LIMIT_PARTS || m->index >= m->count || !m->data.n)
        return "want index below count, count up to 256, and data";
    *code = ERR_DENIED;
    if (m->of == PART_PAYLOAD && !token_may(&c->token, RIGHT_ENQUEUE, id->queue))
        return "the token has no right to this queue";
    *code = ERR_STALE;
    if (m->of == PART_RESULT && (!l || l->attempt != m->attempt))
        return err_text(ERR_STALE);
    *code = ERR_FULL;
    return c->broker->submitting > SUBMITTING_MAX ? "too much is on its way into the store" : NULL;
}

void op_part(struct conn *c, struct request *r)
{
    const struct msg_part *m = &r->msg.part;
    struct task_id id;
    enum err code = ERR_ID;
    request_hold(r, c);
    const char *why = id_parse(m->id, &id) ? why_not(c, m, &id, &code) : err_text(ERR_ID);
    if (why) {
        call_failed(r, code, why);
        return;
    }
    struct part *p = store_part(c->space, &id);
    struct call *k = p ? call_new(r, stored) : NULL;
    const struct slice args[] = { place(r, id.key, m->of, m->attempt), call_number(r, m->index), m->data };
    if (!k || !call_part(k, p, "kr2_part", 3, args)) {
        call_failed(r, k ? ERR_STORE : ERR_NOMEM, NULL);
        return;
    }
    r->bytes = m->data.n;
    c->unanswered_bytes += r->bytes;
    c->broker->submitting += r->bytes;
}

static void got(struct call *k, const struct reply *reply)
{
    struct request *r = k->request;
    const struct msg_part_ask *q = &r->msg.part_ask;
    if (r->conn)
        r->conn->parts_asked--;
    if (!reply || reply->kind != REPLY_ARRAY || reply->n != 2) {
        call_refused(r, reply);
        return;
    }
    bool there = reply->items[1].kind == REPLY_STRING;
    struct msg m = { .kind = MSG_PART, .part = { .seq = q->seq, .id = q->id, .of = q->of, .attempt = q->attempt,
                     .index = q->index, .count = there ? (uint32_t)reply->items[0].integer : 0,
                     .data = there ? reply->items[1].text : slice_of(NULL, 0) } };
    if (r->conn)
        conn_send(r->conn, &m);
    request_done(r);
}

void op_part_ask(struct conn *c, struct request *r)
{
    const struct msg_part_ask *q = &r->msg.part_ask;
    struct task_id id;
    request_hold(r, c);
    if (!id_parse(q->id, &id) || !token_may(&c->token, RIGHT_ALL, id.queue)) {
        call_failed(r, ERR_ID, NULL);
        return;
    }
    if (c->parts_asked >= ASKED_MAX) {
        call_failed(r, ERR_LIMIT, "ask for at most 16 parts at once");
        return;
    }
    struct part *p = store_part(c->space, &id);
    struct call *k = p ? call_new(r, got) : NULL;
    const struct slice args[] = { place(r, id.key, q->of, q->attempt), call_number(r, q->index) };
    if (!k || !call_part(k, p, "kr2_parts", 2, args)) {
        call_failed(r, k ? ERR_STORE : ERR_NOMEM, NULL);
        return;
    }
    c->parts_asked++;
}
