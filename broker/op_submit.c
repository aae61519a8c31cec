// SPDX-License-Identifier: Apache-2.0
// Enqueue: each task is routed to its partition, and the frame is answered when every partition answered. A task that
// can never be accepted is refused at once; a store that is away is said at once and nothing is kept.

#include "broker/op.h"

#include <stdio.h>

#define WATCH_MS 60000      // who asked for results within this time will ask again
#define NOT_KNOWN "no worker knows this task now"

static void refuse(struct msg_accepted *a, enum task_accept outcome, const char *text)
{
    a->outcome = outcome;
    a->text = slice_text(text);
}

static void answer(struct request *r)
{
    struct conn *c = r->conn;
    r->broker->submitting -= r->bytes;
    if (c) {
        struct msg m = { .kind = MSG_ENQUEUE_REPLY,
                         .enqueue_reply = { .seq = r->msg.enqueue.seq, .tasks = r->accepted, .n = r->msg.enqueue.n } };
        c->unanswered -= (uint32_t)r->msg.enqueue.n;
        c->unanswered_bytes -= r->bytes;
        conn_send(c, &m);
        if (c->stream.paused && c->unanswered <= LIMIT_WINDOW / 2)
            conn_go_on(c);
    }
    request_done(r);
}

// The key a task goes by: its own, or one that we make.
static struct slice key_of(struct request *r, const struct msg_task *t)
{
    if (t->key.n)
        return t->key;
    char made[ID_RANDOM + 1];
    if (!id_random(made))
        return slice_of(NULL, 0);
    return arena_slice(&r->arena, slice_text(made));
}

static const char *why_not(const struct conn *c, const struct msg_task *t, struct slice queue)
{
    if (!token_may(&c->token, RIGHT_ENQUEUE, queue))
        return "the token has no right to this queue";
    if (t->parts > LIMIT_PARTS || t->payload_size > LIMIT_LARGE)
        return "the payload is too large";
    if (t->parts && (!t->key.n || t->payload.n))
        return "a payload in parts needs a key of its own, and none beside the parts";
    if (t->workflow.n || t->node.n)
        return "workflows are not built yet";
    return NULL;
}

static void route(struct conn *c, struct request *r, uint32_t i)
{
    struct msg_accepted *a = &r->accepted[i];
    struct slice body = r->msg.enqueue.tasks[i];
    struct msg_task task;
    enum err err = task_decode(&r->arena, body, &task);
    if (err != ERR_OK) {
        refuse(a, ACCEPT_REFUSED, err_text(err));
        return;
    }
    const struct task_name *said = task.options.complete ? NULL : store_known_name(c->space, task.name);
    if (said && said->defaults && (err = defaults_apply(r, said, &task, &body)) != ERR_OK) {
        refuse(a, ACCEPT_FULL, err_text(err));
        return;
    }
    struct slice queue = task.queue.n ? task.queue : slice_text(ID_QUEUE);
    const char *why = body.n > LIMIT_PAYLOAD ? "the task is too large" : why_not(c, &task, queue);
    if (why) {
        refuse(a, ACCEPT_REFUSED, why);
        return;
    }
    if (c->broker->submitting > SUBMITTING_MAX) {
        refuse(a, ACCEPT_FULL, "too much is on its way into the store");
        return;
    }
    struct slice key = key_of(r, &task);
    struct task_id id = id_make(queue, key, 0, 1);
    char text[ID_TASK_MAX + 1];
    a->id = arena_slice(&r->arena, slice_of(text, id_format(&id, text)));
    struct part *p = key.n ? store_part(c->space, &id) : NULL;
    struct task_name *name = p ? store_name(c->space, task.name) : NULL;
    if (name && !name->local)
        store_ask_name(c->space, name);   // its answer comes before that of the batch
    if (p)
        p->queue->used = true;
    struct batch *b = p ? part_batch(p, BATCH_ENQUEUE) : NULL;
    if (!b) {
        refuse(a, store_is_ready(&c->broker->store) ? ACCEPT_FULL : ACCEPT_AWAY,
               store_is_ready(&c->broker->store) ? "the broker is short of memory" : err_text(ERR_STORE));
        return;
    }
    a->text = task.name;                  // until the answer says whether to warn
    struct record_extra extra;
    record_extra_of(&task, &extra);
    resp_slice(&b->args, key);
    resp_number(&b->args, '$', RECORD_HEAD - RECORD_TAIL + extra.n + body.n);
    record_begin(&b->args, &task.options, &extra, body, r->watch);
    buf_put(&b->args, "\r\n", 2);
    batch_add(b, 2, r, i);
    r->left++;
    if (r->watch)
        result_expect(p, key);
}

void op_enqueue(struct conn *c, struct request *r)
{
    size_t n = r->msg.enqueue.n;
    r->accepted = arena_zalloc(&r->arena, n, sizeof *r->accepted);
    if (!r->accepted && n) {
        request_done(r);
        conn_error(c, ERR_NOMEM, NULL, 0, true);
        return;
    }
    request_hold(r, c);
    r->watch = c->waited.ns && mono_since(c->broker->loop.now, c->waited) < WATCH_MS * CLOCK_NS_PER_MS;
    for (size_t i = 0; i < n; i++)
        r->bytes += r->msg.enqueue.tasks[i].n;
    c->unanswered += (uint32_t)n;
    c->unanswered_bytes += r->bytes;
    c->broker->submitting += r->bytes;
    for (uint32_t i = 0; i < n; i++)
        route(c, r, i);
    c->broker->metrics.submitted += r->left;
    if (!r->left)
        answer(r);
}

// Its unique key is another task's.
static void owned(struct request *r, struct part *p, struct msg_accepted *a, char verdict, struct slice owner)
{
    struct task_id id = id_make(slice_text(p->queue->name), owner, 0, 1);
    char text[ID_TASK_MAX + 1];
    if (owner.n <= ID_KEY_MAX)
        a->id = arena_slice(&r->arena, slice_of(text, id_format(&id, text)));
    a->outcome = verdict == 'c' ? ACCEPT_CONFLICT : ACCEPT_EXISTS;
    a->text = slice_text(verdict == 'c' ? err_text(ERR_CONFLICT) : "");
}

static void settle(struct broker *br, struct part *p, struct msg_accepted *a, char verdict)
{
    struct slice name = a->text;
    a->text = slice_of(NULL, 0);
    switch (verdict) {
    case 'n':
        a->outcome = ACCEPT_OK;
        br->metrics.accepted++;
        break;
    case 'e':
        a->outcome = ACCEPT_EXISTS;
        return;
    case 'f':
        refuse(a, ACCEPT_FULL, err_text(ERR_FULL));
        return;
    case 'm':
        refuse(a, ACCEPT_REFUSED, "parts of its payload are missing");
        return;
    default:
        refuse(a, ACCEPT_AWAY, err_text(ERR_STORE));
        return;
    }
    struct task_name *t = store_known_name(p->queue->space, name);
    if (t && !t->local && !t->remote)
        a->text = slice_text(NOT_KNOWN);
}

void op_enqueue_done(struct batch *b, const struct reply *reply)
{
    struct broker *br = b->part->queue->space->store->broker;
    char all = reply_is_error(reply, "OOM") ? 'f' : '?';
    bool owners = reply && reply->kind == REPLY_ARRAY && reply->n > 0;      // some unique key was taken
    const struct reply *said = owners ? &reply->items[0] : reply;
    bool whole = said && said->kind == REPLY_STRING && said->text.n == b->n;
    size_t owner = 1;
    for (uint32_t i = 0; i < b->n; i++) {
        struct request *r = b->refs[i].who;
        struct msg_accepted *a = &r->accepted[b->refs[i].index];
        struct slice id = a->id;
        char verdict = whole ? (char)said->text.p[i] : all;
        if ((verdict == 'c' || verdict == 'u') && owners && owner < reply->n)
            owned(r, b->part, a, verdict, reply->items[owner++].text);
        else
            settle(br, b->part, a, verdict);
        if (r->watch && a->outcome != ACCEPT_OK)
            result_unexpected(b->part, slice_from(id, strlen(b->part->queue->name) + 1));
        if (--r->left == 0)
            answer(r);
    }
}
