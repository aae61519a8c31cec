// SPDX-License-Identifier: Apache-2.0
// The table of messages and the requests that carry them. What each does is left to the other op files.

#include "broker/op.h"

#include "sdk/base/mem.h"

struct row {
    enum msg_kind kind;
    unsigned rights;                                 // any of these
    bool worker;                                     // needs a session
    void (*run)(struct conn *, struct request *);
};

static const struct row rows[] = {
    { MSG_ENQUEUE,     RIGHT_ENQUEUE,                               false, op_enqueue },
    { MSG_WAIT,        RIGHT_ENQUEUE | RIGHT_READ | RIGHT_CONSUME,  false, op_wait },
    { MSG_CANCEL,      RIGHT_ENQUEUE | RIGHT_ADMIN,                 false, op_cancel },
    { MSG_CREDIT,      RIGHT_CONSUME,                               true,  op_credit },
    { MSG_STARTED,     RIGHT_CONSUME,                               true,  op_started },
    { MSG_FINISH,      RIGHT_CONSUME,                               true,  op_finish },
    { MSG_RELEASE,     RIGHT_CONSUME,                               true,  op_release },
    { MSG_HEARTBEAT,   RIGHT_ALL,                                   false, op_heartbeat },
    { MSG_GOODBYE,     RIGHT_ALL,                                   false, op_goodbye },
    { MSG_QUEUES_ASK,  RIGHT_READ | RIGHT_ENQUEUE | RIGHT_ADMIN,    false, op_queues },
    { MSG_WORKERS_ASK, RIGHT_READ | RIGHT_ADMIN,                    false, op_workers },
    { MSG_PROGRESS,    RIGHT_CONSUME,                               true,  op_progress },
    { MSG_TASKS_ASK,   RIGHT_READ | RIGHT_ADMIN,                    false, op_tasks },
    { MSG_SETTINGS_ASK, RIGHT_READ | RIGHT_ADMIN,                   false, op_settings },
    { MSG_EVENTS_ASK,  RIGHT_READ | RIGHT_ADMIN,                    false, op_events },
    { MSG_PART,        RIGHT_ENQUEUE | RIGHT_CONSUME,               false, op_part },
    { MSG_PART_ASK,    RIGHT_ENQUEUE | RIGHT_READ | RIGHT_CONSUME,  false, op_part_ask },
    { MSG_TASKS_DO,    RIGHT_ADMIN,                                 false, op_tasks_do },
    { MSG_QUEUES_DO,   RIGHT_ADMIN,                                 false, op_queues_do },
    { MSG_SETTINGS_SET, RIGHT_ADMIN,                                false, op_settings_set },
};

static const struct row *find(enum msg_kind kind)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].kind == kind)
            return &rows[i];
    return NULL;
}

// Requests begin with their seq; these are answered by nothing.
static bool has_seq(enum msg_kind kind)
{
    return kind != MSG_CREDIT && kind != MSG_STARTED && kind != MSG_HEARTBEAT && kind != MSG_GOODBYE && kind != MSG_PROGRESS;
}

void op_run(struct conn *c, struct request *r)
{
    if (c->state == CONN_HELLO) {
        if (r->msg.kind == MSG_HELLO) {
            op_hello(c, r);
            return;
        }
        request_done(r);
        conn_error(c, ERR_UNEXPECTED, "the first frame must be Hello", 0, true);
        return;
    }
    const struct row *row = find(r->msg.kind);
    if (!row || (row->worker && !c->session)) {
        request_done(r);
        conn_error(c, ERR_UNEXPECTED, NULL, 0, true);
    } else if (c->token.rights & row->rights) {
        row->run(c, r);
    } else {
        uint64_t seq = has_seq(r->msg.kind) ? r->msg.wait.seq : 0;
        request_done(r);
        conn_error(c, ERR_DENIED, NULL, seq, seq == 0);
    }
}

// ---- requests

#define SPARE_MAX 256

struct request *request_new(struct broker *b)
{
    struct link *x = list_pop(&b->spare);
    struct request *r = x ? LIST_ITEM(x, struct request, link) : mem_zalloc(MEM_TASK, 1, sizeof *r);
    if (r && !x) {
        arena_init(&r->arena, 0);
        link_init(&r->link);
        link_init(&r->fresh);
        r->broker = b;
    }
    return r;
}

void request_hold(struct request *r, struct conn *c)
{
    r->conn = c;
    list_append(&c->requests, &r->link);
}

void request_done(struct request *r)
{
    struct broker *b = r->broker;
    list_remove(r->conn ? &r->conn->requests : &b->orphans, &r->link);
    alarm_clear(&b->loop, &r->alarm);
    struct arena arena = r->arena;
    arena_reset(&arena);
    list_remove(&b->fresh, &r->fresh);
    *r = (struct request){ .broker = b, .arena = arena };
    link_init(&r->link);
    link_init(&r->fresh);
    if (b->spare.n < SPARE_MAX) {
        list_append(&b->spare, &r->link);
        return;
    }
    arena_free(&r->arena);
    mem_free(MEM_TASK, r, sizeof *r);
}
