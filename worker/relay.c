// SPDX-License-Identifier: Apache-2.0
// Carrying requests of tasks to the broker and answers back. Reconnecting is uplink.c's.

#include "worker/relay.h"

#include "sdk/base/mem.h"
#include "worker/worker.h"

#define MAX_ASKS 65536         // in flight: more are answered at once, by an error

struct ask {
    struct link link;
    uint64_t birth;            // of the child
    uint64_t ticket, seq;
    uint32_t member;
    size_t n;
    uint8_t message[];
};

// Which requests a task may make, and what answers them.
static const struct pair {
    enum msg_kind ask, answer;
    bool often;                // more than one answer
} pairs[] = {
    { MSG_ENQUEUE, MSG_ENQUEUE_REPLY, false },   { MSG_WAIT, MSG_RESULT, true },
    { MSG_CANCEL, MSG_CANCEL_REPLY, false },     { MSG_PART, MSG_CHANGED, false },
    { MSG_PART_ASK, MSG_PART, false },           { MSG_QUEUES_ASK, MSG_QUEUES_REPLY, false },
    { MSG_WORKERS_ASK, MSG_WORKERS_REPLY, false }, { MSG_TASKS_ASK, MSG_TASKS_REPLY, false },
    { MSG_SETTINGS_ASK, MSG_SETTINGS_REPLY, false }, { MSG_EVENTS_ASK, MSG_EVENTS, false },
    { MSG_TASKS_DO, MSG_CHANGED, false },        { MSG_QUEUES_DO, MSG_CHANGED, false },
    { MSG_SETTINGS_SET, MSG_CHANGED, false },
};

#define PAIRS (sizeof pairs / sizeof pairs[0])

static const struct pair *pair_of(uint32_t member)
{
    for (size_t i = 0; i < PAIRS; i++)
        if ((uint32_t)pairs[i].ask == member)
            return &pairs[i];
    return NULL;
}

void relay_init(struct relay *r, struct worker *w)
{
    *r = (struct relay){ .worker = w };
    list_init(&r->asks);
}

static void ask_free(struct relay *r, struct ask *a)
{
    list_remove(&r->asks, &a->link);
    mem_free(MEM_WORKER, a, sizeof *a + a->n);
}

void relay_free(struct relay *r)
{
    while (r->worker && !list_empty(&r->asks))
        ask_free(r, LIST_ITEM(list_first(&r->asks), struct ask, link));
}

// ---- protobuf by hand: a varint, its length, an envelope's head

static size_t put_varint(uint8_t *at, uint64_t v)
{
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        at[n++] = (uint8_t)(v | 0x80);
    at[n++] = (uint8_t)v;
    return n;
}

static bool get_varint(struct slice *s, uint64_t *v)
{
    *v = 0;
    for (size_t i = 0; i < s->n && i < 10; i++) {
        *v |= (uint64_t)(s->p[i] & 0x7f) << (7 * i);
        if (s->p[i] < 0x80) {
            *s = slice_from(*s, i + 1);
            return true;
        }
    }
    return false;
}

// The value of a varint field of a message, 0 if it has none.
static uint64_t field_of(struct slice s, uint64_t field)
{
    uint64_t tag, v;
    while (s.n && get_varint(&s, &tag)) {
        if ((tag & 7) > 2 || (tag & 7) == 1 || !get_varint(&s, &v))
            return 0;
        if (tag == field << 3)
            return v;
        if ((tag & 7) == 2) {
            if (v > s.n)
                return 0;
            s = slice_from(s, (size_t)v);
        }
    }
    return 0;
}

// ---- towards the broker

static bool put_envelope(struct buf *out, const struct ask *a)
{
    uint8_t seq[11], head[24];
    size_t seq_n = 1 + put_varint(seq + 1, a->seq), n = 4;
    seq[0] = 0x08;
    n += put_varint(head + n, (uint64_t)a->member << 3 | 2);
    n += put_varint(head + n, seq_n + a->n);
    size_t whole = n - 4 + seq_n + a->n;
    for (int i = 0; i < 4; i++)
        head[i] = (uint8_t)(whole >> (24 - 8 * i));
    return buf_put(out, head, n) && buf_put(out, seq, seq_n) && (!a->n || buf_put(out, a->message, a->n));
}

static void send_ask(struct relay *r, struct ask *a)
{
    struct uplink *u = &r->worker->uplink;
    a->seq = ++u->seq;
    if (uplink_is_open(u) && put_envelope(&u->pipe.out, a))
        r->sent++;
}

void relay_resume(struct relay *r)
{
    for (struct link *x = list_first(&r->asks); x; x = list_next(&r->asks, x))
        send_ask(r, LIST_ITEM(x, struct ask, link));
}

// ---- from and to children

static void answer(struct proc *p, uint64_t ticket, uint32_t member, struct slice message)
{
    struct buf b = { 0 };
    struct chan_ask head = { .ticket = ticket, .member = member };
    if (buf_put(&b, &head, sizeof head) && buf_put_slice(&b, message))
        proc_send(p, CHAN_ANSWER, buf_slice(&b).p, buf_len(&b));
    else
        proc_kill(p, "out of memory");
    buf_free(&b);
}

// An Error as the broker would have sent it.
static void refuse(struct proc *p, uint64_t ticket, enum err code, const char *text)
{
    uint8_t message[128];
    size_t n = 0, text_n = strlen(text);
    message[n++] = 0x08;
    n += put_varint(message + n, (uint64_t)code);
    message[n++] = 0x12;
    n += put_varint(message + n, text_n);
    memcpy(message + n, text, text_n);
    answer(p, ticket, MSG_ERROR, slice_of(message, n + text_n));
}

void relay_ask(struct relay *r, struct proc *p, struct slice frame)
{
    struct chan_ask head;
    if (frame.n < sizeof head)
        return;
    memcpy(&head, frame.p, sizeof head);
    struct slice message = slice_from(frame, sizeof head);
    struct ask *a = NULL;
    if (!pair_of(head.member))
        refuse(p, head.ticket, ERR_USAGE, "a task may not send this message");
    else if (message.n + 64 > LIMIT_FRAME)
        refuse(p, head.ticket, ERR_CAP, "this is too large for one message");
    else if (r->asks.n >= MAX_ASKS || !(a = mem_alloc(MEM_WORKER, sizeof *a + message.n)))
        refuse(p, head.ticket, ERR_FULL, "too many requests of tasks are in flight");
    if (!a)
        return;
    *a = (struct ask){ .birth = p->birth, .ticket = head.ticket, .member = head.member, .n = message.n };
    link_init(&a->link);
    if (message.n)
        memcpy(a->message, message.p, message.n);
    list_append(&r->asks, &a->link);
    send_ask(r, a);
}

void relay_drop(struct relay *r, struct proc *p, struct slice frame)
{
    struct chan_ask head;
    if (frame.n != sizeof head)
        return;
    memcpy(&head, frame.p, sizeof head);
    for (struct link *x = list_first(&r->asks); x; x = list_next(&r->asks, x)) {
        struct ask *a = LIST_ITEM(x, struct ask, link);
        if (a->birth == p->birth && a->ticket == head.ticket) {
            ask_free(r, a);
            return;
        }
    }
}

void relay_progress(struct relay *r, struct proc *p, struct slice frame)
{
    struct chan_progress head;
    struct uplink *u = &r->worker->uplink;
    if (frame.n < sizeof head || !uplink_is_open(u))
        return;
    memcpy(&head, frame.p, sizeof head);
    const struct task *t = proc_find(p, head.number);
    if (!t)
        return;
    struct msg_progress_one one = { .id = task_id_of(t), .attempt = t->attempt, .done = head.done, .total = head.total,
                                    .note = slice_from(frame, sizeof head) };
    struct msg m = { .kind = MSG_PROGRESS, .progress = { &one, 1 } };
    if (msg_encode(&u->pipe.out, &m) != ERR_OK)
        return;      // the next one tells more
}

void relay_forget(struct relay *r, const struct proc *p)
{
    struct link *x = list_first(&r->asks);
    while (x) {
        struct ask *a = LIST_ITEM(x, struct ask, link);
        x = list_next(&r->asks, x);
        if (a->birth == p->birth)
            ask_free(r, a);
    }
}

// ---- from the broker

static bool is_answer(uint64_t member)
{
    for (size_t i = 0; i < PAIRS; i++)
        if ((uint64_t)pairs[i].answer == member)
            return true;
    return false;
}

static struct ask *find(struct relay *r, uint64_t seq)
{
    for (struct link *x = list_first(&r->asks); x; x = list_next(&r->asks, x))
        if (LIST_ITEM(x, struct ask, link)->seq == seq)
            return LIST_ITEM(x, struct ask, link);
    return NULL;
}

static struct proc *proc_of(struct relay *r, uint64_t birth)
{
    struct pool *pool = &r->worker->pool;
    for (size_t i = 0; i < pool->n_procs; i++)
        if (pool->procs[i].state != PROC_NONE && pool->procs[i].birth == birth)
            return &pool->procs[i];
    return NULL;
}

bool relay_take(struct relay *r, struct slice envelope)
{
    uint64_t tag, n, seq;
    struct slice message = envelope;
    if (!get_varint(&message, &tag) || (tag & 7) != 2 || !get_varint(&message, &n) || n != message.n)
        return false;
    uint64_t member = tag >> 3;
    if (member == MSG_ERROR)
        seq = field_of(message, 3);
    else if (is_answer(member))
        seq = field_of(message, 1);
    else
        return false;
    struct ask *a = seq ? find(r, seq) : NULL;
    if (!a)
        return member != MSG_ERROR && member != MSG_QUEUES_REPLY;   // those two the worker asks for, too
    struct proc *p = proc_of(r, a->birth);
    if (p)
        answer(p, a->ticket, (uint32_t)member, message);
    r->answered++;
    if (!p || member == MSG_ERROR || !pair_of(a->member)->often)
        ask_free(r, a);
    return true;
}
