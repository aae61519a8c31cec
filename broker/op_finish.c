// SPDX-License-Identifier: Apache-2.0
// What became of delivered tasks: outcomes, retries, tasks given back, starts. Fencing is done in Redis; here each
// word is put into the batch of its partition and answered when Redis did.

#include "broker/op.h"

#include "broker/retry.h"

#define UNKNOWN_DELAY_MS 1000   // before a task that this worker does not know is offered again

static void answer(struct request *r)
{
    bool release = r->msg.kind == MSG_RELEASE;
    struct msg m = { .kind = MSG_FINISH_REPLY,
                     .finish_reply = { .seq = release ? r->msg.release.seq : r->msg.finish.seq, .tasks = r->acks,
                                       .n = release ? r->msg.release.n : r->msg.finish.n } };
    if (r->conn)
        conn_send(r->conn, &m);
    request_done(r);
}

static void settle(struct request *r, uint32_t index, enum task_ack ack)
{
    r->acks[index] = ack;
    if (--r->left == 0)
        answer(r);
}

static struct slice id_at(const struct request *r, uint32_t i)
{
    return r->msg.kind == MSG_RELEASE ? r->msg.release.tasks[i].id : r->msg.finish.tasks[i].id;
}

static uint32_t attempt_at(const struct request *r, uint32_t i)
{
    return r->msg.kind == MSG_RELEASE ? r->msg.release.tasks[i].attempt : r->msg.finish.tasks[i].attempt;
}

// The session that spoke, if it still lives; many words in a row are of the same.
struct said_by {
    char sid[RECORD_SID];
    struct session *session;
};

static struct session *speaker(struct broker *b, struct said_by *by, const struct request *r)
{
    if (memcmp(by->sid, r->sid, RECORD_SID) != 0) {
        memcpy(by->sid, r->sid, RECORD_SID);
        by->session = session_find(&b->sessions, r->sid);
    }
    return by->session;
}

// Redis took the word: the mirror follows.
static void forget_lease(struct session *s, const struct request *r, uint32_t i)
{
    struct lease *l = s ? lease_find(s, id_at(r, i)) : NULL;
    if (l && l->attempt == attempt_at(r, i))
        lease_drop(l);
}

// ---- giving back

enum why { WHY_UNCOUNTED, WHY_LOST, WHY_UNKNOWN, WHY_UNKNOWN_HERE };

static bool put_release(struct session *s, struct part *p, struct request *r, uint32_t i, struct slice key,
                        uint32_t attempt, enum why why)
{
    struct batch *b = part_batch_of(p, BATCH_RELEASE, s->sid);
    uint8_t ctl[9];
    if (!b)
        return false;
    record_put(ctl, attempt, 4);
    ctl[4] = (uint8_t)why;
    record_put(ctl + 5, UNKNOWN_DELAY_MS, 4);
    resp_slice(&b->args, key);
    resp_slice(&b->args, slice_of(ctl, sizeof ctl));
    batch_add(b, 2, r, i);
    return true;
}

void op_release_done(struct batch *b, const struct reply *reply)
{
    struct broker *br = b->part->queue->space->store->broker;
    bool whole = reply && reply->kind == REPLY_STRING && reply->text.n == b->n;
    struct said_by by = { 0 };
    for (uint32_t i = 0; i < b->n; i++) {
        struct request *r = b->refs[i].who;
        char verdict = whole ? (char)reply->text.p[i] : '?';
        if (!r)
            continue;
        if (whole)
            forget_lease(speaker(br, &by, r), r, b->refs[i].index);
        settle(r, b->refs[i].index, !whole ? ACK_AWAY : verdict == 's' ? ACK_STALE : ACK_OK);
    }
    b->part->hungry = false;
}

// ---- outcomes

// Where an ended task is asked to go, and as what.
struct way {
    uint8_t to;              // state; QUEUED: failed, by the retry policy
    uint8_t reason;
    uint64_t delay_ms;
};

static void outcome_of(const struct session *s, const struct msg_finished *f, const struct way *way,
                       struct msg_outcome *out)
{
    *out = (struct msg_outcome){
        .value = f->value,
        .has_failure = f->has_failure,
        .failure = f->failure,
        .reason = (enum task_reason)way->reason,
        .finished_ms = (uint64_t)clock_wall().ms,
        .has_cost = f->has_cost,
        .cost = f->cost,
        .worker = slice_text(s ? s->name : ""),
        .attempt = f->attempt,
        .value_parts = f->value_parts,
        .value_size = f->value_size,
    };
}

// s and l may be NULL: the session ended meanwhile, or the task is none of its.
static bool put_ack(struct session *s, const struct lease *l, struct part *p, struct request *r, uint32_t i,
                    struct slice key, const struct way *way)
{
    struct batch *b = part_batch_of(p, BATCH_ACK, r->sid);
    const struct msg_finished *f = &r->msg.finish.tasks[i];
    struct msg_outcome o;
    struct buf bytes = { 0 };
    uint8_t ctl[12 + RECORD_SID];
    outcome_of(s, f, way, &o);
    if (!b || outcome_encode(&bytes, &o) != ERR_OK) {
        buf_free(&bytes);
        return false;
    }
    record_put(ctl, f->attempt, 4);
    memcpy(ctl + 4, r->sid, RECORD_SID);
    ctl[4 + RECORD_SID] = way->to;
    ctl[5 + RECORD_SID] = way->reason;
    record_put(ctl + 6 + RECORD_SID, way->delay_ms, 6);
    b->large |= !l || l->large;
    resp_slice(&b->args, key);
    resp_slice(&b->args, slice_of(ctl, sizeof ctl));
    resp_slice(&b->args, buf_slice(&bytes));
    batch_add(b, 3, r, i);
    buf_free(&bytes);
    return true;
}

static struct way way_of(const struct msg_finished *f)
{
    switch (f->ended) {
    case ENDED_DONE:
        if (f->value_parts > LIMIT_PARTS || f->value_size > LIMIT_LARGE)
            return (struct way){ STATE_DEAD, REASON_BAD_RESULT, 0 };
        return (struct way){ STATE_DONE, REASON_NONE, f->value_parts };
    case ENDED_RETRY:
        return (struct way){ STATE_DELAYED, REASON_FAILED, f->retry_ms };
    case ENDED_TIMED_OUT:
        return (struct way){ STATE_QUEUED, REASON_TIMED_OUT, 0 };
    case ENDED_MEMORY:
        return (struct way){ STATE_QUEUED, REASON_MEMORY, 0 };
    case ENDED_CANCELLED:
        return (struct way){ STATE_CANCELLED, REASON_CANCELLED, 0 };
    case ENDED_BAD_RESULT:
        return (struct way){ STATE_DEAD, REASON_BAD_RESULT, 0 };
    case ENDED_FAILED: case ENDED_NONE: case ENDED_RELEASED: case ENDED_UNKNOWN_TASK: case ENDED_LOST:
        break;
    }
    return (struct way){ STATE_QUEUED, REASON_FAILED, 0 };
}

static bool finish_one(struct broker *br, struct session *s, struct request *r, uint32_t i, struct part *p,
                       struct slice key)
{
    const struct msg_finished *f = &r->msg.finish.tasks[i];
    struct lease *l = lease_find(s, f->id);
    if (l && l->attempt == f->attempt) {
        list_remove(&br->sessions.started, &l->on_started);
        if (!l->ending && f->has_cost)
            metrics_run(&br->metrics, p->queue, (int64_t)f->cost.run_us);
        l->ending = true;
    }
    switch (f->ended) {
    case ENDED_RELEASED:
        return put_release(s, p, r, i, key, f->attempt, WHY_UNCOUNTED);
    case ENDED_LOST:
        br->metrics.lost++;
        return put_release(s, p, r, i, key, f->attempt, WHY_LOST);
    case ENDED_UNKNOWN_TASK:
        return put_release(s, p, r, i, key, f->attempt,
                           l && l->name && (l->name->local || l->name->remote) ? WHY_UNKNOWN_HERE : WHY_UNKNOWN);
    case ENDED_NONE: case ENDED_DONE: case ENDED_FAILED: case ENDED_RETRY: case ENDED_TIMED_OUT:
    case ENDED_CANCELLED: case ENDED_MEMORY: case ENDED_BAD_RESULT:
        break;
    }
    struct way way = way_of(f);
    return put_ack(s, l, p, r, i, key, &way);
}

static void each(struct conn *c, struct request *r, size_t n)
{
    struct broker *br = c->broker;
    struct session *s = c->session;
    r->acks = arena_zalloc(&r->arena, n, sizeof *r->acks);
    if (!r->acks && n) {
        request_done(r);
        conn_error(c, ERR_NOMEM, NULL, 0, true);
        return;
    }
    memcpy(r->sid, s->sid, RECORD_SID);
    request_hold(r, c);
    r->left = (uint32_t)n + 1;
    for (uint32_t i = 0; i < n; i++) {
        struct task_id id;
        struct part *p = id_parse(id_at(r, i), &id) ? store_part(c->space, &id) : NULL;
        bool put = p && (r->msg.kind == MSG_RELEASE ? put_release(s, p, r, i, id.key, attempt_at(r, i), WHY_UNCOUNTED)
                                                    : finish_one(br, s, r, i, p, id.key));
        if (!put)
            settle(r, i, p ? ACK_AWAY : ACK_STALE);
    }
    if (--r->left == 0)
        answer(r);
}

void op_finish(struct conn *c, struct request *r)
{
    each(c, r, r->msg.finish.n);
}

void op_release(struct conn *c, struct request *r)
{
    each(c, r, r->msg.release.n);
}

// A retry is left: the policy stands in the task, which only Redis has.
static bool ask_policy(struct part *p, struct request *r, uint32_t i)
{
    struct task_id id;
    struct batch *b = id_parse(id_at(r, i), &id) ? part_batch(p, BATCH_PEEK) : NULL;
    if (!b)
        return false;
    resp_slice(&b->args, id.key);
    batch_add(b, 1, r, i);
    return true;
}

void op_peek_done(struct batch *b, const struct reply *reply)
{
    struct broker *br = b->part->queue->space->store->broker;
    bool whole = reply && reply->kind == REPLY_ARRAY && reply->n == b->n;
    for (uint32_t k = 0; k < b->n; k++) {
        struct request *r = b->refs[k].who;
        uint32_t i = b->refs[k].index;
        const struct msg_finished *f = &r->msg.finish.tasks[i];
        struct way way = way_of(f);
        struct record record;
        struct msg_task task;
        struct task_id id;
        way.to = STATE_DEAD;
        if (whole && record_read(reply->items[k].text, &record) &&
            task_decode(&r->arena, record.body, &task) == ERR_OK &&
            retry_wanted(&task.options.retry, f->has_failure ? f->failure.type : slice_of(NULL, 0), record.retries)) {
            way.to = STATE_DELAYED;
            way.delay_ms = retry_delay(&task.options.retry, record.retries);
        }
        struct session *s = session_find(&br->sessions, r->sid);
        if (!whole || !id_parse(f->id, &id) || !put_ack(s, NULL, b->part, r, i, id.key, &way))
            settle(r, i, ACK_AWAY);
    }
}

// Those who wait on this broker learn it from here, without a message through Redis.
static void tell(const struct session *s, struct part *p, const struct request *r, uint32_t i,
                 enum task_state state)
{
    const struct msg_finished *f = &r->msg.finish.tasks[i];
    struct way way = way_of(f);
    struct task_id id;
    struct msg_task_result item = { .state = state, .has_outcome = true };
    if (state == STATE_CANCELLED)
        way.reason = REASON_CANCELLED;
    outcome_of(s, f, &way, &item.outcome);
    if (id_parse(f->id, &id))
        result_news(p, id.key, &item);
}

// The state in which the task ended, if somebody waits for it on this broker; else NONE.
static enum task_state waits_here(char verdict)
{
    return verdict == 'W' ? STATE_DONE : verdict == 'X' ? STATE_DEAD : verdict == 'Y' ? STATE_CANCELLED : STATE_NONE;
}

void op_ack_done(struct batch *b, const struct reply *reply)
{
    struct part *p = b->part;
    struct broker *br = p->queue->space->store->broker;
    bool whole = reply && reply->kind == REPLY_STRING && reply->text.n == b->n;
    struct said_by by = { 0 };
    for (uint32_t k = 0; whole && k < b->n; k++)
        if (waits_here((char)reply->text.p[k]))
            tell(speaker(br, &by, b->refs[k].who), p, b->refs[k].who, b->refs[k].index,
                 waits_here((char)reply->text.p[k]));
    result_flush(br);   // while the outcomes are still in hand
    for (uint32_t k = 0; k < b->n; k++) {
        struct request *r = b->refs[k].who;
        uint32_t i = b->refs[k].index;
        char verdict = whole ? (char)reply->text.p[k] : '?';
        if (verdict == 'p' && ask_policy(p, r, i))
            continue;
        if (whole && verdict != 'p')
            forget_lease(speaker(br, &by, r), r, i);
        metrics_ack(&br->metrics, p->queue, verdict);
        settle(r, i, verdict == 'd' ? ACK_DUP : verdict == 's' ? ACK_STALE
                     : whole && verdict != 'p' ? ACK_OK : ACK_AWAY);
    }
}

// ---- starts

void op_started(struct conn *c, struct request *r)
{
    for (size_t i = 0; i < r->msg.started.n; i++) {
        struct lease *l = lease_find(c->session, r->msg.started.tasks[i].id);
        if (l && l->attempt == r->msg.started.tasks[i].attempt)
            lease_started(l);
    }
    request_done(r);
}
