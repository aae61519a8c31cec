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

// Requests begin with their seq; what has none (Progress) goes by unheard.
static void not_yet(struct conn *c, struct request *r)
{
    if (r->msg.kind != MSG_PROGRESS)
        conn_error(c, ERR_UNEXPECTED, "this broker does not do that yet", r->msg.wait.seq, false);
    request_done(r);
}

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
    { MSG_PROGRESS,    RIGHT_CONSUME,                               true,  not_yet },
    { MSG_TASKS_ASK,   RIGHT_READ | RIGHT_ADMIN,                    false, not_yet },
    { MSG_SETTINGS_ASK, RIGHT_READ | RIGHT_ADMIN,                   false, not_yet },
    { MSG_EVENTS_ASK,  RIGHT_READ | RIGHT_ADMIN,                    false, not_yet },
    { MSG_PART,        RIGHT_ENQUEUE | RIGHT_CONSUME,               false, not_yet },
    { MSG_PART_ASK,    RIGHT_ENQUEUE | RIGHT_READ | RIGHT_CONSUME,  false, not_yet },
    { MSG_TASKS_DO,    RIGHT_ADMIN,                                 false, not_yet },
    { MSG_QUEUES_DO,   RIGHT_ADMIN,                                 false, not_yet },
    { MSG_SETTINGS_SET, RIGHT_ADMIN,                                false, not_yet },
};

static const struct row *find(enum msg_kind kind)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].kind == kind)
            return &rows[i];
    return NULL;
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
    enum err err = !row || (row->worker && !c->session) ? ERR_UNEXPECTED
                   : !(c->token.rights & row->rights) ? ERR_DENIED : ERR_OK;
    if (err == ERR_OK) {
        row->run(c, r);
        return;
    }
    request_done(r);
    conn_error(c, err, NULL, 0, true);
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
    if (r->conn)
        list_remove(&r->conn->requests, &r->link);
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
