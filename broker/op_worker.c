// SPDX-License-Identifier: Apache-2.0
// The connection's own talk: Hello, beats, Goodbye. A worker's session is session.c's.

#include "broker/op.h"

#include <stdio.h>

#include "sdk/base/conf.h"

static const char *refuse_hello(struct conn *c, const struct msg_hello *h, enum err *code)
{
    struct slice ns = h->ns.n ? h->ns : slice_text(ID_NS);
    *code = ERR_VERSION;
    if (h->version_min > LIMIT_VERSION_MAX || h->version_max < LIMIT_VERSION_MIN)
        return err_text(*code);
    *code = ERR_AUTH;
    if (!tokens_find(&c->broker->tokens, h->token, &c->token))
        return err_text(*code);
    *code = ERR_NAME;
    if (!id_name_ok(ns))
        return "not a valid namespace";
    *code = ERR_DENIED;
    if (!token_ns(&c->token, ns))
        return "the token has no right to this namespace";
    if (h->role == ROLE_WORKER && !(c->token.rights & RIGHT_CONSUME))
        return "the token has no right to consume";
    for (size_t i = 0; h->role == ROLE_WORKER && i < h->worker.n_queues; i++)
        if (!token_may(&c->token, RIGHT_CONSUME, h->worker.queues[i].queue))
            return "the token has no right to one of the worker's queues";
    *code = ERR_MESSAGE;
    if (h->role == ROLE_NONE || (h->role == ROLE_WORKER) != h->has_worker)
        return "a Hello needs a role, and a worker its part";
    *code = ERR_NOMEM;
    c->space = store_space(&c->broker->store, ns);
    return c->space ? NULL : err_text(*code);
}

void welcome(struct conn *c, const struct session *s, bool resumed, const char secret[65])
{
    struct broker *b = c->broker;
    char name[64];
    snprintf(name, sizeof name, "krait-broker %s %s", conf_version, b->id);
    struct msg m = {
        .kind = MSG_WELCOME,
        .welcome = {
            .version = LIMIT_VERSION_MAX,
            .session = slice_text(s ? s->sid : ""),
            .secret = slice_text(s ? secret : ""),
            .heartbeat_ms = (uint64_t)b->set.beat_ms,
            .ttl_ms = (uint64_t)b->set.ttl_ms,
            .grace_ms = (uint64_t)b->set.grace_ms,
            .limits = { .frame = LIMIT_FRAME, .batch = LIMIT_BATCH, .window = LIMIT_WINDOW, .payload = LIMIT_PAYLOAD },
            .broker = slice_text(name),
            .resumed = resumed,
            .now_ms = (uint64_t)clock_wall().ms,
        },
    };
    c->waiting = false;
    conn_move(c, CONN_OPEN);
    conn_send(c, &m);
    alarm_in(&b->loop, &c->alarm, b->set.beat_ms);
}

void op_hello(struct conn *c, struct request *r)
{
    const struct msg_hello *h = &r->msg.hello;
    enum err code;
    const char *why = refuse_hello(c, h, &code);
    if (!why && c->broker->stopping) {
        code = ERR_DRAINING;
        why = err_text(code);
    }
    if (why) {
        request_done(r);
        conn_error(c, code, why, 0, true);
        return;
    }
    c->role = h->role;
    log_write(&c->broker->log, LOG_DEBUG, "hello", LOG_FIELDS(log_text("peer", c->peer), log_str("client", h->client),
              log_text("role", role_name(h->role)), log_text("token", c->token.name)));
    if (h->role == ROLE_WORKER) {
        session_hello(c, r);
        return;
    }
    request_done(r);
    if (c->space->defaults_known || !c->space->defaults_loading)
        welcome(c, NULL, false, NULL);
    else
        c->waiting = true;      // until the options of decorators are known here (defaults.c)
}

void op_heartbeat(struct conn *c, struct request *r)
{
    const struct msg_heartbeat *h = &r->msg.heartbeat;
    if (h->has_load && c->session) {
        c->session->load = h->load;
        c->session->has_load = true;
    }
    if (!h->reply) {
        struct msg m = { .kind = MSG_HEARTBEAT, .heartbeat = { .sent_ms = h->sent_ms, .reply = true } };
        conn_send(c, &m);
    }
    request_done(r);
}

void op_goodbye(struct conn *c, struct request *r)
{
    struct session *s = c->session;
    request_done(r);
    c->session = NULL;
    if (s)
        session_end(s, false);
    conn_move(c, CONN_FLUSHING);
}
