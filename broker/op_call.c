// SPDX-License-Identifier: Apache-2.0
// One function call of its own for a request that is no batch: questions and changes of administrators. What the answers mean
// is left to the op files.

#include "broker/op.h"

static void answered(struct redis_cmd *cmd, const struct reply *reply)
{
    struct call *k = LIST_ITEM(cmd, struct call, cmd);
    if (reply && reply->kind == REPLY_ERROR)
        log_write(&k->request->broker->log, LOG_WARN, "redis refused a call",
                  LOG_FIELDS(log_text("function", k->function), log_str("why", reply->text)));
    k->then(k, reply);
}

bool call_part(struct call *k, struct part *p, const char *function, size_t n, const struct slice *args)
{
    struct store *s = &k->request->broker->store;
    if (!store_is_ready(s))
        return false;
    struct buf *out = link_out(&s->main);
    k->part = p;
    k->function = function;
    k->cmd.done = answered;
    resp_command(out, 4 + n);
    resp_text(out, "FCALL");
    resp_text(out, function);
    resp_text(out, "1");
    resp_text(out, p->counters);
    for (size_t i = 0; i < n; i++)
        resp_slice(out, args[i]);
    link_expect(&s->main, &k->cmd);
    return true;
}

bool call_plain(struct call *k, size_t n, const struct slice *words)
{
    k->cmd.done = answered;
    k->function = (const char *)words[0].p;
    return store_send(&k->request->broker->store, &k->cmd, n, words);
}

struct call *call_new(struct request *r, void (*then)(struct call *, const struct reply *))
{
    struct call *k = arena_zalloc(&r->arena, 1, sizeof *k);
    if (!k)
        return NULL;
    link_init(&k->cmd.link);
    k->request = r;
    k->then = then;
    return k;
}

struct slice call_number(struct request *r, uint64_t v)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%llu", (unsigned long long)v);
    return arena_slice(&r->arena, slice_of(text, (size_t)n));
}

// ---- the end of a request. Requests begin with their seq.

void call_failed(struct request *r, enum err code, const char *text)
{
    if (r->conn)
        conn_error(r->conn, code, text, r->msg.wait.seq, false);
    request_done(r);
}

void call_refused(struct request *r, const struct reply *reply)
{
    bool full = reply_is_error(reply, "OOM");
    call_failed(r, !reply ? ERR_STORE : full ? ERR_FULL : ERR_INTERNAL, NULL);
}

void call_changed(struct request *r, uint64_t n, const char *text)
{
    struct msg m = { .kind = MSG_CHANGED,
                     .changed = { .seq = r->msg.wait.seq, .n = n, .text = slice_text(text ? text : "") } };
    if (r->conn)
        conn_send(r->conn, &m);
    request_done(r);
}

// The partition of a queue that the connection may use so; NULL after the refusal was sent.
struct part *call_queue(struct request *r, struct slice name, unsigned rights)
{
    struct conn *c = r->conn;
    if (!id_name_ok(name)) {
        call_failed(r, ERR_NAME, "not a valid queue name");
        return NULL;
    }
    if (!token_may(&c->token, rights, name)) {
        call_failed(r, ERR_DENIED, "the token has no right to this queue");
        return NULL;
    }
    struct queue *q = store_queue(c->space, name);
    if (!q)
        call_failed(r, ERR_LIMIT, "too many queues");
    return q ? q->part : NULL;
}
