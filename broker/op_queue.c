// SPDX-License-Identifier: Apache-2.0
// What administrators do to queues: settings, pause and resume, purge, forget. The functions in Redis do it; here names and
// values are checked before anything is sent.

#include "broker/op.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PURGE_STEP 500     // tasks purged by one call
#define GROUP_WEIGHT "group_weight:"

enum kind { SETTING_COUNT, SETTING_RATE, SETTING_WEIGHT, SETTING_MS };

struct setting {
    const char *name;
    const char *field;     // of P:c
    enum kind kind;
    const char *fallback;
    const char *help;
};

static const struct setting settings[] = {
    { "weight", "weight", SETTING_WEIGHT, "1", "share of a worker that takes from several queues" },
    { "max_length", "max", SETTING_COUNT, "0", "tasks queued and delayed; more is answered FULL; 0 = no limit" },
    { "max_concurrency", "conc", SETTING_COUNT, "0", "tasks that run at once; 0 = no limit" },
    { "rate", "rate", SETTING_RATE, "0", "tasks that start per second; 0 = no limit" },
    { "rate_burst", "burst", SETTING_COUNT, "1", "tasks that may start at once after a pause" },
    { "key_rate", "krate", SETTING_RATE, "0", "tasks that start per second for each rate key; 0 = no limit" },
    { "key_burst", "kburst", SETTING_COUNT, "1", "the same burst for each rate key" },
    { "group_concurrency", "gl", SETTING_COUNT, "0", "tasks of one group that run at once; 0 = no limit" },
    { "dead_max", "dlq_max", SETTING_COUNT, "10000", "dead letters kept" },
    { "dead_age", "dlq_age_ms", SETTING_MS, "604800000", "how long dead letters are kept, in ms" },
    { "events", "events", SETTING_COUNT, "0", "events kept; 0 = none are recorded" },
};

static const struct setting group_weight = { GROUP_WEIGHT, "gw:", SETTING_WEIGHT, "1", "share of this group beside the others" };

#define N_SETTINGS (sizeof settings / sizeof settings[0])

// The row of a name; for a group's weight, which group.
static const struct setting *find(struct slice name, struct slice *group)
{
    *group = slice_of(NULL, 0);
    for (size_t i = 0; i < N_SETTINGS; i++)
        if (slice_is(name, settings[i].name))
            return &settings[i];
    size_t n = strlen(GROUP_WEIGHT);
    if (name.n <= n || memcmp(name.p, GROUP_WEIGHT, n) != 0)
        return NULL;
    *group = slice_from(name, n);
    return id_key_ok(*group) ? &group_weight : NULL;
}

static bool value_ok(enum kind kind, struct slice value)
{
    char text[32], *end;
    if (value.n == 0 || value.n >= sizeof text)
        return value.n == 0;
    memcpy(text, value.p, value.n);
    text[value.n] = 0;
    for (size_t i = 0; i < value.n; i++)
        if (!(text[i] >= '0' && text[i] <= '9') && !(kind == SETTING_RATE && text[i] == '.'))
            return false;
    double v = strtod(text, &end);
    if (*end)
        return false;
    switch (kind) {
    case SETTING_COUNT:
        return v <= 1e12;
    case SETTING_RATE:
        return v == 0 || (v >= 1e-6 && v <= 1e6);
    case SETTING_WEIGHT:
        return v >= 1 && v <= 1000;
    case SETTING_MS:
        return v >= 1 && v <= 1e14;
    }
    return false;
}

// What Redis is given: nothing for the default, so that limits that do not hold are not there.
static struct slice stored(const struct setting *row, struct slice value)
{
    char text[32];
    if (!value.n || slice_is(value, row->fallback))
        return slice_of(NULL, 0);
    memcpy(text, value.p, value.n);
    text[value.n] = 0;
    return row->kind == SETTING_RATE && strtod(text, NULL) == 0 ? slice_of(NULL, 0) : value;
}

// ---- reading them

static bool add(struct request *r, struct msg_settings *m, const char *name, struct slice value, const struct setting *row)
{
    if (m->n == LIMIT_BATCH)
        return false;
    m->settings[m->n++] = (struct msg_setting){
        .name = arena_slice(&r->arena, slice_text(name)), .value = arena_slice(&r->arena, value.n ? value : slice_text(row->fallback)),
        .is_default = !value.n, .help = slice_text(row->help),
    };
    return true;
}

static struct slice field_of(const struct reply *reply, const char *field)
{
    for (size_t i = 0; i + 1 < reply->n; i += 2)
        if (slice_is(reply->items[i].text, field))
            return reply->items[i + 1].text;
    return slice_of(NULL, 0);
}

static void settings_read(struct call *k, const struct reply *reply)
{
    struct request *r = k->request;
    if (!reply || reply->kind != REPLY_ARRAY) {
        call_refused(r, reply);
        return;
    }
    struct msg m = { .kind = MSG_SETTINGS_REPLY,
                     .settings_reply = { .seq = r->msg.settings_ask.seq, .queue = r->msg.settings_ask.queue } };
    m.settings_reply.settings = arena_zalloc(&r->arena, LIMIT_BATCH, sizeof *m.settings_reply.settings);
    if (!m.settings_reply.settings) {
        call_failed(r, ERR_NOMEM, NULL);
        return;
    }
    for (size_t i = 0; i < N_SETTINGS; i++)
        add(r, &m.settings_reply, settings[i].name, field_of(reply, settings[i].field), &settings[i]);
    for (size_t i = 0; i + 1 < reply->n; i += 2) {
        struct slice field = reply->items[i].text;
        char name[ID_KEY_MAX + 32];
        if (field.n < 3 || memcmp(field.p, "gw:", 3) != 0)
            continue;
        snprintf(name, sizeof name, GROUP_WEIGHT "%.*s", SLICE_ARG(slice_from(field, 3)));
        add(r, &m.settings_reply, name, reply->items[i + 1].text, &group_weight);
    }
    if (r->conn)
        conn_send(r->conn, &m);
    request_done(r);
}

void op_settings(struct conn *c, struct request *r)
{
    request_hold(r, c);
    struct part *p = call_queue(r, r->msg.settings_ask.queue, RIGHT_READ | RIGHT_ADMIN);
    struct call *k = p ? call_new(r, settings_read) : NULL;
    if (p && (!k || !call_part(k, p, "kr2_get", 0, NULL)))
        call_failed(r, k ? ERR_STORE : ERR_NOMEM, NULL);
}

// ---- changing them

static void was_set(struct call *k, const struct reply *reply)
{
    if (!reply || reply->kind == REPLY_ERROR) {
        call_refused(k->request, reply);
        return;
    }
    store_tell_changed(k->part);
    call_changed(k->request, k->request->msg.settings_set.n, NULL);
}

static void set_args(struct request *r, struct slice *args, enum happening what)
{
    args[0] = call_number(r, what);
    args[1] = slice_text(r->conn->token.name);
}

void op_settings_set(struct conn *c, struct request *r)
{
    const struct msg_settings *m = &r->msg.settings_set;
    char why[200];
    request_hold(r, c);
    struct part *p = call_queue(r, m->queue, RIGHT_ADMIN);
    struct slice *args = p ? arena_zalloc(&r->arena, 2 + 2 * m->n, sizeof *args) : NULL;
    struct call *k = args ? call_new(r, was_set) : NULL;
    if (!p)
        return;
    for (size_t i = 0; k && i < m->n; i++) {
        struct slice group;
        const struct setting *row = find(m->settings[i].name, &group);
        if (!row || !value_ok(row->kind, m->settings[i].value)) {
            snprintf(why, sizeof why, row ? "not a value for %.*s" : "no setting %.*s",
                     (int)(m->settings[i].name.n < 100 ? m->settings[i].name.n : 100), (const char *)m->settings[i].name.p);
            call_failed(r, ERR_USAGE, why);
            return;
        }
        char field[ID_KEY_MAX + 8];
        snprintf(field, sizeof field, "%s%.*s", row->field, SLICE_ARG(group));
        args[2 + 2 * i] = arena_slice(&r->arena, slice_text(field));
        args[3 + 2 * i] = stored(row, m->settings[i].value);
    }
    if (k) {
        set_args(r, args, HAPPENING_SETTINGS);
        p->queue->used = true;
        part_dirty(p);
    }
    if (!k || !call_part(k, p, "kr2_set", 2 + 2 * m->n, args))
        call_failed(r, k ? ERR_STORE : ERR_NOMEM, NULL);
}

// ---- pause, resume, purge, forget: one queue after the other

static void next(struct call *k);

static void did(struct call *k, const struct reply *reply)
{
    struct request *r = k->request;
    const struct msg_queues_do *m = &r->msg.queues_do;
    if (!reply || reply->kind == REPLY_ERROR) {
        call_refused(r, reply);
        return;
    }
    bool more = false;
    if (m->verb == QUEUE_PURGE) {
        k->n += reply->kind == REPLY_ARRAY && reply->n == 2 ? (uint64_t)reply->items[0].integer : 0;
        more = reply->kind == REPLY_ARRAY && reply->n == 2 && reply->items[1].integer;
        if (!more && ++k->state < m->n_states)
            more = true;
    } else if (m->verb == QUEUE_FORGET) {
        k->n += (uint64_t)reply->integer;
        if (reply->integer)
            store_forget_queue(k->part->queue);
    } else {
        k->n++;
    }
    if (!more) {
        k->at++;
        k->state = 0;
    }
    next(k);
}

static bool ask(struct call *k, struct part *p)
{
    struct request *r = k->request;
    const struct msg_queues_do *m = &r->msg.queues_do;
    struct slice args[4];
    switch (m->verb) {
    case QUEUE_PAUSE: case QUEUE_RESUME:
        set_args(r, args, m->verb == QUEUE_PAUSE ? HAPPENING_PAUSED : HAPPENING_RESUMED);
        args[2] = slice_text("paused");
        args[3] = slice_text(m->verb == QUEUE_PAUSE ? "1" : "");
        p->queue->used = true;
        part_dirty(p);
        return call_part(k, p, "kr2_set", 4, args);
    case QUEUE_PURGE:
        args[0] = call_number(r, m->states[k->state]);
        args[1] = call_number(r, PURGE_STEP);
        args[2] = slice_text(r->conn->token.name);
        return call_part(k, p, "kr2_purge", 3, args);
    case QUEUE_FORGET:
        return call_part(k, p, "kr2_drop", 0, NULL);
    case QUEUE_VERB_NONE:
        break;
    }
    return false;
}

static void next(struct call *k)
{
    struct request *r = k->request;
    const struct msg_queues_do *m = &r->msg.queues_do;
    if (!r->conn) {
        request_done(r);
        return;
    }
    if (k->at == m->n) {
        call_changed(r, k->n, NULL);
        return;
    }
    struct queue *q = store_queue(r->conn->space, m->queues[k->at]);
    if (!q || !ask(k, q->part))
        call_failed(r, ERR_STORE, NULL);
}

// What is wrong with it, before anything was done.
static const char *why_not(const struct conn *c, const struct msg_queues_do *m, enum err *code)
{
    *code = ERR_USAGE;
    if (m->verb == QUEUE_VERB_NONE)
        return "no such verb";
    if (!m->n)
        return "name the queues";
    for (size_t i = 0; i < m->n_states; i++)
        if (m->states[i] != STATE_QUEUED && m->states[i] != STATE_DELAYED && m->states[i] != STATE_DEAD)
            return "only queued, delayed and dead tasks can be purged";
    *code = ERR_NAME;
    for (size_t i = 0; i < m->n; i++)
        if (!id_name_ok(m->queues[i]))
            return "not a valid queue name";
    *code = ERR_DENIED;
    for (size_t i = 0; i < m->n; i++)
        if (!token_may(&c->token, RIGHT_ADMIN, m->queues[i]))
            return "the token has no right to one of the queues";
    return NULL;
}

void op_queues_do(struct conn *c, struct request *r)
{
    static enum task_state both[] = { STATE_QUEUED, STATE_DELAYED };
    enum err code;
    request_hold(r, c);
    const char *why = why_not(c, &r->msg.queues_do, &code);
    struct call *k = why ? NULL : call_new(r, did);
    if (!k) {
        call_failed(r, why ? code : ERR_NOMEM, why);
        return;
    }
    if (!r->msg.queues_do.n_states) {
        r->msg.queues_do.states = both;
        r->msg.queues_do.n_states = 2;
    }
    next(k);
}
