// SPDX-License-Identifier: Apache-2.0
// Cancel, and the depth of queues, which comes from the counters in Redis.

#include "broker/op.h"

#include <stdio.h>

#include "sdk/base/mem.h"

// ---- cancel

static void cancel_answer(struct request *r)
{
    struct msg m = { .kind = MSG_CANCEL_REPLY,
                     .cancel_reply = { .seq = r->msg.cancel.seq, .tasks = r->results, .n = r->msg.cancel.n } };
    if (r->conn)
        conn_send(r->conn, &m);
    request_done(r);
}

// The two halves of an Outcome that tell why, as cancel takes them behind an id; empty without a reason.
static struct slice why_of(struct request *r)
{
    struct msg_outcome ended = { .reason = REASON_CANCELLED, .finished_ms = (uint64_t)clock_wall().ms };
    struct msg_outcome why = { .has_failure = true, .failure = { .type = slice_text("Cancelled"), .message = r->msg.cancel.reason } };
    struct buf first = { 0 }, all = { 0 };
    struct slice out = slice_of(NULL, 0);
    if (r->msg.cancel.reason.n && outcome_encode(&first, &ended) == ERR_OK) {
        uint8_t head[2] = { '\n', (uint8_t)buf_len(&first) };
        buf_put(&all, head, sizeof head);
        buf_put_slice(&all, buf_slice(&first));
        if (outcome_encode(&all, &why) == ERR_OK)
            out = arena_slice(&r->arena, buf_slice(&all));
    }
    buf_free(&first);
    buf_free(&all);
    return out;
}

static struct slice joined(struct arena *a, struct slice id, struct slice why)
{
    uint8_t *p = why.n ? arena_alloc(a, id.n + why.n) : NULL;
    if (!p)
        return id;
    memcpy(p, id.p, id.n);
    memcpy(p + id.n, why.p, why.n);
    return slice_of(p, id.n + why.n);
}

void op_cancel(struct conn *c, struct request *r)
{
    size_t n = r->msg.cancel.n;
    if (!store_is_ready(&c->broker->store)) {
        conn_error(c, ERR_STORE, NULL, r->msg.cancel.seq, false);
        request_done(r);
        return;
    }
    r->results = arena_zalloc(&r->arena, n, sizeof *r->results);
    if (!r->results && n) {
        request_done(r);
        conn_error(c, ERR_NOMEM, NULL, 0, true);
        return;
    }
    struct slice why = why_of(r);
    request_hold(r, c);
    for (uint32_t i = 0; i < n; i++) {
        struct task_id id;
        r->results[i].id = r->msg.cancel.ids[i];
        bool ok = id_parse(r->results[i].id, &id) && token_may(&c->token, RIGHT_ENQUEUE | RIGHT_ADMIN, id.queue);
        struct part *p = ok ? store_part(c->space, &id) : NULL;
        struct batch *b = p ? part_batch(p, r->msg.cancel.running ? BATCH_STOP : BATCH_CANCEL) : NULL;
        if (!b)
            continue;
        resp_slice(&b->args, joined(&r->arena, id.key, why));
        batch_add(b, 1, r, i);
        r->left++;
    }
    if (!r->left)
        cancel_answer(r);
}

// The worker of a running task hangs on another broker: find out which, tell it.
struct errand {
    struct redis_cmd cmd;
    struct store *store;
    size_t n;
    uint8_t message[1 + RECORD_SID + 4 + ID_TASK_MAX];
};

static void found_owner(struct redis_cmd *cmd, const struct reply *r)
{
    struct errand *e = LIST_ITEM(cmd, struct errand, cmd);
    char channel[BROKER_ID + 16];
    if (r && r->kind == REPLY_STRING && r->text.n == BROKER_ID) {
        snprintf(channel, sizeof channel, "kr:b:%.*s", SLICE_ARG(r->text));
        const struct slice tell[] = { slice_text("PUBLISH"), slice_text(channel), slice_of(e->message, e->n) };
        store_tell(e->store, 3, tell);
    }
    mem_free(MEM_STORE, e, sizeof *e);
}

static void stop_elsewhere(struct space *sp, const char *sid, struct slice id, const uint8_t attempt[4])
{
    struct errand *e = id.n <= ID_TASK_MAX ? mem_zalloc(MEM_STORE, 1, sizeof *e) : NULL;
    if (!e)
        return;
    char key[ID_NAME_MAX + RECORD_SID + 16];
    snprintf(key, sizeof key, "kr:{%s/ses}:%.*s", sp->name, RECORD_SID, sid);
    e->cmd.done = found_owner;
    e->store = sp->store;
    e->message[0] = 'c';
    memcpy(e->message + 1, sid, RECORD_SID);
    memcpy(e->message + 1 + RECORD_SID, attempt, 4);
    memcpy(e->message + 5 + RECORD_SID, id.p, id.n);
    e->n = 5 + RECORD_SID + id.n;
    if (!store_send(sp->store, &e->cmd, 2, (const struct slice[]){ slice_text("GET"), slice_text(key) }))
        mem_free(MEM_STORE, e, sizeof *e);
}

bool worker_stop(struct broker *b, const char sid[RECORD_SID], struct slice id, uint32_t attempt)
{
    struct session *s = session_find(&b->sessions, sid);
    struct msg_ref ref = { .id = id, .attempt = attempt };
    struct msg m = { .kind = MSG_STOP, .stop = { .why = STOP_CANCELLED, .tasks = &ref, .n = 1 } };
    if (s && s->conn && lease_find(s, id))
        conn_send(s->conn, &m);
    return s != NULL;
}

static void cancelled_one(struct broker *br, struct part *p, struct msg_task_result *t, struct slice said)
{
    t->state = said.n ? (enum task_state)(said.p[0] - '0') : STATE_NONE;
    if (t->state == STATE_ACTIVE && said.n == 1 + RECORD_SID + 4) {
        const char *sid = (const char *)said.p + 1;
        if (!worker_stop(br, sid, t->id, (uint32_t)record_get(said.p + 1 + RECORD_SID, 4)))
            stop_elsewhere(p->queue->space, sid, t->id, said.p + 1 + RECORD_SID);
    }
}

void op_cancel_done(struct batch *b, const struct reply *reply)
{
    struct broker *br = b->part->queue->space->store->broker;
    bool whole = reply && reply->kind == REPLY_ARRAY && reply->n == b->n;
    for (uint32_t i = 0; i < b->n; i++) {
        struct request *r = b->refs[i].who;
        if (whole)
            cancelled_one(br, b->part, &r->results[b->refs[i].index], reply->items[i].text);
        else
            r->flying = 1;      // marks: not all of it was answered
        if (--r->left)
            continue;
        if (r->flying && r->conn) {
            conn_error(r->conn, ERR_STORE, NULL, r->msg.cancel.seq, false);
            request_done(r);
        } else {
            cancel_answer(r);
        }
    }
}

// ---- queues

struct asked {
    struct redis_cmd cmd;
    struct request *request;
};

static void queues_answer(struct request *r, size_t n)
{
    struct msg m = { .kind = MSG_QUEUES_REPLY,
                     .queues_reply = { .seq = r->msg.queues_ask.seq, .queues = r->queues, .n = n } };
    if (r->conn)
        conn_send(r->conn, &m);
    request_done(r);
}

static void queues_away(struct request *r)
{
    if (r->conn)
        conn_error(r->conn, ERR_STORE, NULL, r->msg.queues_ask.seq, false);
    request_done(r);
}

// flying counts the queues of the answer, left those that are still to be looked at.
static void look_at(struct request *r, struct queue *q)
{
    struct batch *b = q ? part_batch(q->part, BATCH_STATS) : NULL;
    if (!b || b->n == BATCH)
        return;
    r->queues[r->flying].queue = slice_text(q->name);
    batch_add(b, 0, r, r->flying++);
    r->left++;
}

static void look_at_all(struct request *r, struct space *sp, const struct token *token)
{
    size_t at = 0, most = r->msg.queues_ask.n ? r->msg.queues_ask.n : sp->queues.n;
    struct map_slot *slot;
    r->queues = arena_zalloc(&r->arena, most + 1, sizeof *r->queues);
    if (!r->queues) {
        queues_away(r);
        return;
    }
    r->left = 1;
    for (size_t i = 0; i < r->msg.queues_ask.n; i++)
        if (id_name_ok(r->msg.queues_ask.queues[i]))
            look_at(r, store_queue(sp, r->msg.queues_ask.queues[i]));
    while (!r->msg.queues_ask.n && (slot = map_walk(&sp->queues, &at)) && r->flying < LIMIT_BATCH)
        if (((struct queue *)slot->value)->registered && token_may(token, RIGHT_ALL, slot->key))
            look_at(r, slot->value);
    if (--r->left == 0)
        queues_answer(r, r->flying);
}

static void on_listed(struct redis_cmd *cmd, const struct reply *reply)
{
    struct asked *a = LIST_ITEM(cmd, struct asked, cmd);
    struct request *r = a->request;
    if (!reply || reply->kind != REPLY_ARRAY || !r->conn) {
        queues_away(r);
        return;
    }
    struct space *sp = r->conn->space;
    store_learn_queues(sp, reply);
    look_at_all(r, sp, &r->conn->token);
}

void op_queues(struct conn *c, struct request *r)
{
    struct asked *a = arena_zalloc(&r->arena, 1, sizeof *a);
    char key[ID_NAME_MAX + 32];
    request_hold(r, c);
    snprintf(key, sizeof key, "kr:{%s/queues}", c->space->name);
    if (a) {
        a->cmd.done = on_listed;
        a->request = r;
    }
    if (!a || !store_send(&c->broker->store, &a->cmd, 2, (const struct slice[]){ slice_text("HKEYS"), slice_text(key) }))
        queues_away(r);
}

static void keep_depth(struct queue *q, const struct reply *reply)
{
    for (int i = 0; i < 4; i++)
        q->depth[i] = (uint64_t)reply_number(&reply->items[i], 0);
    q->oldest_ms = (uint64_t)reply_number(&reply->items[4], 0);
    q->paused = reply_number(&reply->items[5], 0) != 0;
    for (int i = 0; i < 3; i++)
        q->ended[i] = (uint64_t)reply_number(&reply->items[6 + i], 0);
}

void op_stats_done(struct batch *b, const struct reply *reply)
{
    struct queue *q = b->part->queue;
    bool whole = reply && reply->kind == REPLY_ARRAY && reply->n >= 9;
    if (whole)
        keep_depth(q, reply);
    for (uint32_t i = 0; i < b->n; i++) {
        if (b->refs[i].index == HTTP_ASKS) {
            http_answered(b->refs[i].who, whole);
            continue;
        }
        struct request *r = b->refs[i].who;
        r->queues[b->refs[i].index] = (struct msg_queue_info){
            .queue = slice_text(q->name), .queued = q->depth[0], .delayed = q->depth[1], .active = q->depth[2],
            .dead = q->depth[3], .oldest_age_ms = q->oldest_ms, .paused = q->paused,
            .workers = (uint32_t)b->part->subs.n, .done = q->ended[0], .died = q->ended[1], .cancelled = q->ended[2],
        };
        if (--r->left == 0)
            queues_answer(r, r->flying);
    }
}
