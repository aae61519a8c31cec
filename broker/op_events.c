// SPDX-License-Identifier: Apache-2.0
// The event stream of a queue as a long poll, and the progress that workers report. What is recorded is the functions' business.
//
// Who waits for an event stands on his partition's list. Redis tells this broker once that something happened; then all of them ask.

#include "broker/op.h"

#define WAIT_MAX_MS 60000

struct hearing {
    struct call call;
    struct link link;          // on part.hearing while it waits
    struct slice after;
    struct wall until;
    uint64_t heard;            // of the partition, when it asked
};

static void ask(struct hearing *h);

static void answer(struct hearing *h, struct msg_event *events, size_t n, struct slice next)
{
    struct request *r = h->call.request;
    struct msg m = { .kind = MSG_EVENTS,
                     .events = { .seq = r->msg.events_ask.seq, .events = events, .n = n, .next = next } };
    list_remove(&h->call.part->hearing, &h->link);
    if (r->conn)
        conn_send(r->conn, &m);
    request_done(r);
}

static bool read_event(struct request *r, struct part *p, struct slice s, int64_t ms, struct msg_event *e)
{
    char text[ID_TASK_MAX + 1];
    if (s.n < 8)
        return false;
    size_t n = record_get(s.p + 6, 2);
    if (s.n < 8 + n || n > ID_KEY_MAX)
        return false;
    struct task_id id = id_make(slice_text(p->queue->name), slice_of(s.p + 8, n), 0, 1);
    *e = (struct msg_event){ .what = (enum happening)s.p[0], .reason = (enum task_reason)s.p[1], .at_ms = (uint64_t)ms,
                             .attempt = (uint32_t)record_get(s.p + 2, 4), .who = slice_from(s, 8 + n) };
    if (n)
        e->id = arena_slice(&r->arena, slice_of(text, id_format(&id, text)));
    return true;
}

static void heard(struct call *k, const struct reply *reply)
{
    struct hearing *h = LIST_ITEM(k, struct hearing, call);
    struct request *r = k->request;
    if (!reply || reply->kind != REPLY_ARRAY || !reply->n) {
        call_refused(r, reply);
        return;
    }
    size_t most = reply->n / 2, n = 0;
    struct msg_event *events = arena_zalloc(&r->arena, most + 1, sizeof *events);
    for (size_t i = 1; events && i + 1 < reply->n; i += 2)
        n += read_event(r, k->part, reply->items[i].text, reply_number(&reply->items[i + 1], 0), &events[n]);
    int64_t left = h->until.ms - clock_wall().ms;
    if (n || left <= 0 || !r->conn) {
        answer(h, events, n, reply->items[0].text);
        return;
    }
    h->after = arena_slice(&r->arena, reply->items[0].text);
    if (h->heard != k->part->heard) {      // it happened between the look and its answer
        ask(h);
        return;
    }
    list_append(&k->part->hearing, &h->link);
    alarm_in(&r->broker->loop, &r->alarm, left);
}

static void ask(struct hearing *h)
{
    struct request *r = h->call.request;
    const struct msg_events_ask *q = &r->msg.events_ask;
    uint32_t limit = q->limit ? q->limit : LIMIT_PAGE;
    const struct slice args[] = { slice_text(q->wait_ms ? r->broker->id : ""), h->after,
                                  call_number(r, limit < LIMIT_BATCH ? limit : LIMIT_BATCH) };
    h->heard = h->call.part->heard;
    if (!call_part(&h->call, h->call.part, "kr2_events", 3, args))
        call_failed(r, ERR_STORE, NULL);
}

static void on_deadline(struct alarm *a)
{
    struct request *r = LIST_ITEM(a, struct request, alarm);
    struct hearing *h = r->hearing;
    answer(h, NULL, 0, h->after);
}

// Nothing that happened before is waited for: a cursor is needed even when there is nothing yet.
static bool cursor_ok(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '-')
            return false;
    return s.n < 48;
}

void op_events(struct conn *c, struct request *r)
{
    const struct msg_events_ask *q = &r->msg.events_ask;
    request_hold(r, c);
    struct part *p = call_queue(r, q->queue, RIGHT_READ | RIGHT_ADMIN);
    struct hearing *h = p ? arena_zalloc(&r->arena, 1, sizeof *h) : NULL;
    if (!p)
        return;
    if (!h || !cursor_ok(q->after)) {
        call_failed(r, h ? ERR_USAGE : ERR_NOMEM, h ? "not a cursor of this stream" : NULL);
        return;
    }
    h->call.request = r;
    h->call.part = p;
    h->call.then = heard;
    h->after = q->after;
    h->until.ms = clock_wall().ms + (int64_t)(q->wait_ms < WAIT_MAX_MS ? q->wait_ms : WAIT_MAX_MS);
    link_init(&h->link);
    alarm_init(&r->alarm, on_deadline);
    r->hearing = h;
    ask(h);
}

void events_happened(struct part *p)
{
    struct list now = p->hearing;
    struct link *x;
    p->heard++;
    for (size_t n = now.n; n && (x = list_pop(&p->hearing)); n--) {
        struct hearing *h = LIST_ITEM(x, struct hearing, link);
        alarm_clear(&h->call.request->broker->loop, &h->call.request->alarm);
        ask(h);
    }
}

// ---- progress

void op_progress(struct conn *c, struct request *r)
{
    for (size_t i = 0; i < r->msg.progress.n; i++) {
        const struct msg_progress_one *t = &r->msg.progress.tasks[i];
        struct lease *l = lease_find(c->session, t->id);
        struct task_id id;
        if (!l || l->attempt != t->attempt || l->ending || !id_parse(t->id, &id))
            continue;
        struct batch *b = part_batch(l->sub->part, BATCH_PROGRESS);
        uint8_t head[20];
        if (!b)
            break;
        record_put(head, t->attempt, 4);
        record_put(head + 4, t->done, 8);
        record_put(head + 12, t->total, 8);
        resp_slice(&b->args, slice_of(c->session->sid, RECORD_SID));
        resp_slice(&b->args, id.key);
        resp_slice(&b->args, slice_of(head, 4));
        resp_number(&b->args, '$', 16 + t->note.n);
        buf_put(&b->args, head + 4, 16);
        buf_put_slice(&b->args, t->note);
        buf_put(&b->args, "\r\n", 2);
        batch_add(b, 4, NULL, 0);
    }
    request_done(r);
}
