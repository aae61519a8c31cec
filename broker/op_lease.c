// SPDX-License-Identifier: Apache-2.0
// What claims bring is delivered; credit asks for more. Also the answers that keep leases alive or end them: beats,
// reaps, and the comparison of what Redis and the worker believe.

#include "broker/op.h"

#define DELIVER_BYTES (1u << 20)   // of bodies in one frame
#define BEAT_BYTES    5u           // a session in the answer to a beat

void op_credit(struct conn *c, struct request *r)
{
    uint32_t n = r->msg.credit.n;
    request_done(r);
    session_credit(c->session, n);
}

// ---- deliveries

struct parcel {
    struct msg_delivery tasks[BATCH];
    size_t n, bytes;
};

static void send_parcel(struct session *s, struct parcel *parcel)
{
    struct msg m = { .kind = MSG_DELIVER, .deliver = { .tasks = parcel->tasks, .n = parcel->n } };
    if (parcel->n && s->conn)
        conn_send(s->conn, &m);
    parcel->n = parcel->bytes = 0;
}

// Without an owner to deliver to, or without memory for its lease: back, uncounted.
static void give_back(struct session *s, struct part *p, struct slice key, uint32_t attempt)
{
    struct batch *b = part_batch_of(p, BATCH_RELEASE, s->sid);
    uint8_t ctl[9] = { 0 };
    if (!b)
        return;   // the session's end brings it back
    record_put(ctl, attempt, 4);
    resp_slice(&b->args, key);
    resp_slice(&b->args, slice_of(ctl, sizeof ctl));
    batch_add(b, 2, NULL, 0);
}

// The name stands near the front of the body: fields 1 and 2 are short texts before it.
static struct slice name_in(struct slice body)
{
    size_t at = 0;
    while (at + 2 <= body.n) {
        uint8_t tag = body.p[at], n = body.p[at + 1];
        if (tag == 0x1a && n < 0x80 && at + 2 + n <= body.n)
            return slice_of(body.p + at + 2, n);
        if ((tag != 0x0a && tag != 0x12) || n >= 0x80)
            break;
        at += 2 + (size_t)n;
    }
    return slice_of(NULL, 0);
}

static void deliver(struct session *s, struct sub *sub, struct slice key, const struct record *t, struct parcel *parcel,
                    int64_t now_ms)
{
    struct lease *l = session_may_take(s) ? lease_add(sub, key, t->attempt + 1) : NULL;
    if (!l) {
        give_back(s, sub->part, key, t->attempt + 1);
        return;
    }
    s->credit--;
    s->now = sub_pass(sub);
    sub->pass = s->now + 1.0 / sub_weight(sub);
    l->large = t->body.n > RECORD_SMALL;
    l->name = store_known_name(s->space, name_in(t->body));
    if (l->name)
        l->name->uses++;
    metrics_wait(&s->sessions->broker->metrics, sub->part->queue, now_ms - t->moved_ms);
    if (parcel->n == BATCH || parcel->bytes + t->body.n > DELIVER_BYTES)
        send_parcel(s, parcel);
    parcel->tasks[parcel->n++] = (struct msg_delivery){
        .id = slice_of(l->id, l->n),
        .attempt = l->attempt,
        .body = t->body,
        .priority = t->priority,
        .enqueued_ms = (uint64_t)t->enqueued_ms,
        .deliveries = t->deliveries,
        .retries = t->retries,
    };
    parcel->bytes += t->body.n;
}

// Credit that is left may be of use in the session's other partitions.
static void look_elsewhere(struct session *s)
{
    for (struct link *x = list_first(&s->subs); x && session_room(s); x = list_next(&s->subs, x)) {
        struct part *p = LIST_ITEM(x, struct sub, on_session)->part;
        if (!p->hungry)
            part_dirty(p);
    }
}

// One session's share of a claim's answer; returns where the next one's starts.
static size_t hand_out(struct part *p, struct session *s, uint32_t asked, const struct reply *r, size_t at)
{
    struct parcel parcel;
    int64_t n = at < r->n ? r->items[at].integer : 0;
    at++;
    s->reserved = s->reserved > asked ? s->reserved - asked : 0;
    if (n < 0) {
        session_fenced(s);
        return at;
    }
    struct sub *sub = session_sub(s, p);
    parcel.n = parcel.bytes = 0;
    for (int64_t i = 0; i < n && at + 1 < r->n; i++, at += 2) {
        struct record t;
        if (!record_read(r->items[at + 1].text, &t))
            continue;
        if (sub)
            deliver(s, sub, r->items[at].text, &t, &parcel, r->items[1].integer);
        else
            give_back(s, p, r->items[at].text, t.attempt + 1);
    }
    send_parcel(s, &parcel);
    look_elsewhere(s);
    return at;
}

static void set_alarm(struct broker *br, struct part *p, int64_t next)
{
    alarm_clear(&br->loop, &p->alarm);
    if (next < 0)
        return;
    // A session's deadline that passed may not be acted on yet: look again later, not at once.
    if (next == 0 && (store_patience(&br->store) != 0 || mono_since(br->loop.now, p->swept) < 1000 * CLOCK_NS_PER_MS))
        next = 1000;
    alarm_in(&br->loop, &p->alarm, next + 1);
}

void op_claim_done(struct batch *b, const struct reply *r)
{
    struct part *p = b->part;
    struct broker *br = p->queue->space->store->broker;
    bool whole = r && r->kind == REPLY_ARRAY && r->n >= 2;
    uint64_t asked = 0;
    size_t at = 2, given = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        struct session *s = b->refs[i].who;
        s->flying--;
        asked += b->refs[i].index;
        if (whole) {
            size_t from = at;
            at = hand_out(p, s, b->refs[i].index, r, at);
            given += (at - from - 1) / 2;
        } else {
            s->reserved = s->reserved > b->refs[i].index ? s->reserved - b->refs[i].index : 0;
            look_elsewhere(s);
        }
    }
    br->metrics.delivered += given;
    if (!whole) {
        p->hungry = r != NULL;   // an error of Redis: the safety look tries again
        store_watch(&br->store);
        return;
    }
    int64_t next = r->items[0].integer;
    p->hungry = given < asked && next != -2 && !p->woken;
    if (p->hungry) {
        set_alarm(br, p, next);
        store_watch(&br->store);
    }
}

// ---- beats and reaps

void op_beat_done(struct batch *b, const struct reply *r)
{
    bool whole = r && r->kind == REPLY_STRING && r->text.n == BEAT_BYTES * (size_t)b->n;
    for (uint32_t i = 0; i < b->n; i++) {
        struct session *s = b->refs[i].who;
        const uint8_t *said = whole ? r->text.p + BEAT_BYTES * i : NULL;
        bool fenced = said && said[0] == 'f';
        s->flying--;
        if (b->refs[i].index)      // part of a resume
            session_checked(s, whole, fenced);
        else if (fenced)
            session_fenced(s);
        else if (said)
            session_holds(s, b->part, (uint32_t)record_get(said + 1, 4));
    }
}

// Of all that are silent, not of one that is over: when is the next one to be looked at?
static void look_again(struct part *p, int64_t next)
{
    struct broker *br = p->queue->space->store->broker;
    p->swept = br->loop.now;
    if (next < 0 || list_empty(&p->subs))
        alarm_clear(&br->loop, &p->silent);
    else
        alarm_in(&br->loop, &p->silent, next + 1);
}

void op_reap_done(struct batch *b, const struct reply *r)
{
    struct part *p = b->part;
    struct broker *br = p->queue->space->store->broker;
    if (!r || r->kind != REPLY_ARRAY || r->n != 3)
        return;
    if (b->kind == BATCH_SWEEP)
        look_again(p, r->items[2].integer);
    if (r->items[0].integer > 0) {
        br->metrics.redelivered += (uint64_t)r->items[0].integer;
        p->hungry = false;
        log_write(&br->log, LOG_WARN, "tasks of a dead session go back",
                  LOG_FIELDS(log_text("queue", p->queue->name), log_int("tasks", r->items[0].integer)));
    }
    if (r->items[1].integer) {
        struct batch *again = part_batch(p, b->kind);
        if (again) {
            buf_put_slice(&again->args, buf_slice(&b->args));
            batch_add(again, b->words, NULL, 0);
        }
    }
}

// ---- what Redis believes that a session holds

void op_held_done(struct batch *b, const struct reply *r)
{
    struct part *p = b->part;
    struct session *s = b->refs[0].who;
    s->flying--;
    uint64_t astray = 0;
    if (!r || r->kind != REPLY_ARRAY || s->state == SESSION_ENDED)
        return;
    for (size_t i = 0; i + 1 < r->n; i += 2) {
        struct slice key = r->items[i].text;
        struct task_id id = id_make(slice_text(p->queue->name), key, 0, 1);
        char text[ID_TASK_MAX + 1];
        uint32_t attempt = (uint32_t)reply_number(&r->items[i + 1], 0);
        struct lease *l = key.n <= ID_KEY_MAX ? lease_find(s, slice_of(text, id_format(&id, text))) : NULL;
        if (!l || l->attempt != attempt) {
            give_back(s, p, key, attempt);
            astray++;
        }
    }
    if (astray)
        log_write(&s->sessions->broker->log, LOG_WARN, "tasks that never reached their worker go back",
                  LOG_FIELDS(log_text("queue", p->queue->name), log_text("session", s->sid), log_int("tasks", (int64_t)astray)));
}
