// SPDX-License-Identifier: Apache-2.0
// Sessions from Hello to their end. Leases are lease.c's; which tasks a session gets is batch.c's and op_lease.c's.

#include "broker/session.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>

#include "broker/broker.h"
#include "broker/op.h"
#include "sdk/base/mem.h"

#define NAMES_TOLD_MS 20000

// ---- identity

static void sign(const struct broker *b, const char *sid, char hex[65])
{
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    HMAC(EVP_sha256(), b->secret, sizeof b->secret, (const uint8_t *)sid, RECORD_SID, mac, &n);
    id_hex(mac, 32, hex);
}

static bool signature_ok(const struct broker *b, struct slice sid, struct slice secret)
{
    char hex[65];
    if (sid.n != RECORD_SID)
        return false;
    sign(b, (const char *)sid.p, hex);
    return id_equal_secret(slice_of(hex, 64), secret);
}

// Here it is from now on, and all are told.
static void own(struct session *s)
{
    owner_take(s);
    workers_tell(s);
}

struct session *session_find(struct sessions *ss, const char sid[RECORD_SID])
{
    return map_get(&ss->by_sid, slice_of(sid, RECORD_SID));
}

struct sub *session_sub(struct session *s, struct part *p)
{
    for (struct link *x = list_first(&s->subs); x; x = list_next(&s->subs, x)) {
        struct sub *sub = LIST_ITEM(x, struct sub, on_session);
        if (sub->part == p)
            return sub;
    }
    return NULL;
}

// ---- making one

static void grace_over(struct alarm *a)
{
    owner_end(LIST_ITEM(a, struct session, grace));
}

static void text_into(char *out, size_t size, struct slice s)
{
    snprintf(out, size, "%.*s", (int)(s.n < size ? s.n : size - 1), s.n ? (const char *)s.p : "");
}

static void describe(struct session *s, const struct msg_worker *w)
{
    text_into(s->host, sizeof s->host, w->host);
    s->pid = w->pid;
    s->processes = w->processes;
    s->threads = w->threads;
    s->mode = w->mode;
    if (w->name.n)
        text_into(s->name, sizeof s->name, w->name);
    else
        snprintf(s->name, sizeof s->name, "%.100s:%u", s->host, s->pid);
}

static bool subscribe(struct session *s, struct slice queue, uint32_t weight)
{
    struct queue *q = store_queue(s->space, queue);
    if (!q)
        return false;
    q->used = true;
    if (session_sub(s, q->part))
        return true;
    struct sub *sub = mem_zalloc(MEM_CONN, 1, sizeof *sub);
    if (!sub)
        return false;
    sub->session = s;
    sub->part = q->part;
    sub->weight = weight ? weight : 1;
    link_init(&sub->on_part);
    link_init(&sub->on_session);
    list_append(&q->part->subs, &sub->on_part);
    list_append(&s->subs, &sub->on_session);
    part_dirty(q->part);
    store_learn_weight(q);
    return true;
}

static bool subscribe_all(struct session *s, const struct msg_worker *w)
{
    bool ok = w->n_queues || subscribe(s, slice_text(ID_QUEUE), 1);
    for (size_t i = 0; i < w->n_queues && ok; i++)
        ok = subscribe(s, w->queues[i].queue, w->queues[i].weight);
    return ok;
}

static void forget_names(struct session *s)
{
    size_t at = 0;
    for (struct map_slot *slot; (slot = map_walk(&s->names, &at));)
        ((struct task_name *)slot->value)->local--;
    map_free(&s->names);
    map_init(&s->names);
}

static void learn_names(struct session *s, const struct msg_worker *w)
{
    forget_names(s);
    for (size_t i = 0; i < w->n_tasks; i++) {
        struct task_name *t = store_name(s->space, w->tasks[i].name);
        if (t && !map_get(&s->names, w->tasks[i].name) && map_put(&s->names, slice_text(t->text), t)) {
            t->local++;
            defaults_learn(s->space, t, &w->tasks[i]);
        }
    }
    store_tell_names(s->space, s);
    defaults_renew(s->space, s);
}

static void unsubscribe(struct session *s)
{
    struct link *x;
    while ((x = list_pop(&s->subs))) {
        struct sub *sub = LIST_ITEM(x, struct sub, on_session);
        list_remove(&sub->part->subs, &sub->on_part);
        mem_free(MEM_CONN, sub, sizeof *sub);
    }
}

static void discard(struct session *s)
{
    forget_names(s);
    unsubscribe(s);
    map_free(&s->leases);
    mem_free(MEM_CONN, s, sizeof *s);
}

static struct session *make(struct sessions *ss, struct space *sp, const struct msg_worker *w, struct slice sid)
{
    struct session *s = mem_zalloc(MEM_CONN, 1, sizeof *s);
    uint8_t random[RECORD_SID / 2];
    if (!s)
        return NULL;
    s->sessions = ss;
    s->space = sp;
    s->state = SESSION_DETACHED;
    s->connected = clock_wall();
    list_init(&s->subs);
    link_init(&s->all);
    alarm_init(&s->grace, grace_over);
    if (sid.n == RECORD_SID)
        memcpy(s->sid, sid.p, RECORD_SID);
    else if (id_random_bytes(random, sizeof random))
        id_hex(random, sizeof random, s->sid);
    describe(s, w);
    if (s->sid[0] && subscribe_all(s, w) && map_put(&ss->by_sid, slice_of(s->sid, RECORD_SID), s)) {
        list_append(&ss->all, &s->all);
        learn_names(s, w);
        return s;
    }
    discard(s);
    return NULL;
}

// ---- attaching

static void attach(struct session *s, struct conn *c)
{
    struct sessions *ss = s->sessions;
    if (s->conn && s->conn != c) {
        struct conn *old = s->conn;
        old->session = NULL;
        conn_move(old, CONN_CLOSED);
    }
    s->state = SESSION_ATTACHED;
    s->conn = c;
    s->credit = 0;
    c->session = s;
    alarm_clear(&ss->broker->loop, &s->grace);
    if (!alarm_is_set(&ss->beat))
        alarm_in(&ss->broker->loop, &ss->beat, ss->broker->set.ttl_ms / 3);
    own(s);
}

static void greet(struct session *s, struct conn *c, bool resumed)
{
    char secret[65];
    sign(s->sessions->broker, s->sid, secret);
    attach(s, c);
    log_write(&s->sessions->broker->log, LOG_INFO, resumed ? "session resumed" : "session opened",
              LOG_FIELDS(log_text("session", s->sid), log_text("worker", s->name), log_text("peer", c->peer)));
    welcome(c, s, resumed, secret);
}

// The worker says what it still has: that is what it holds, and nothing else.
static void take_over(struct session *s, const struct msg_worker *w)
{
    leases_drop(s);
    for (size_t i = 0; i < w->n_held; i++) {
        struct task_id id;
        struct part *p = id_parse(w->held[i].id, &id) ? store_part(s->space, &id) : NULL;
        struct sub *sub = p ? session_sub(s, p) : NULL;
        struct lease *l = sub ? lease_add(sub, id.key, w->held[i].attempt) : NULL;
        if (l && w->held[i].started)
            lease_started(l);
    }
}

void session_compare(struct session *s)
{
    for (struct link *x = list_first(&s->subs); x; x = list_next(&s->subs, x))
        session_reconcile(s, LIST_ITEM(x, struct sub, on_session)->part);
}

// Asks each partition whether the session still lives there; a beat says so and keeps it alive. 0: the store is away.
static uint32_t check(struct session *s)
{
    uint32_t n = 0;
    for (struct link *x = list_first(&s->subs); x; x = list_next(&s->subs, x)) {
        struct batch *b = part_batch(LIST_ITEM(x, struct sub, on_session)->part, BATCH_BEAT);
        if (!b)
            continue;
        resp_slice(&b->args, slice_of(s->sid, RECORD_SID));
        batch_add(b, 1, s, 1);
        s->flying++;
        n++;
    }
    return n;
}

static void open_new(struct conn *c, struct request *hello)
{
    struct session *s = make(&c->broker->sessions, c->space, &hello->msg.hello.worker, slice_of(NULL, 0));
    request_done(hello);
    if (s)
        greet(s, c, false);
    else
        conn_error(c, ERR_NOMEM, NULL, 0, true);
}

static void resume_here(struct session *s, struct conn *c, struct request *hello)
{
    const struct msg_worker *w = &hello->msg.hello.worker;
    describe(s, w);
    subscribe_all(s, w);
    learn_names(s, w);
    take_over(s, w);
    request_done(hello);
    greet(s, c, true);
    session_compare(s);
}

// Another broker's session, or ours of an earlier life: Redis knows whether it was given up.
static void resume_elsewhere(struct conn *c, struct request *hello)
{
    const struct msg_worker *w = &hello->msg.hello.worker;
    struct session *s = make(&c->broker->sessions, c->space, w, w->resume_session);
    if (!s || !check(s)) {
        request_done(hello);
        conn_error(c, s ? ERR_STORE : ERR_NOMEM, NULL, 0, true);
        if (s)
            session_abandon(s);
        return;
    }
    s->unknown = true;
    s->taken = c->broker->loop.now;
    s->checks = s->flying;
    s->conn = c;
    s->hello = hello;
    c->session = s;
    c->waiting = true;
    own(s);
}

// The store went away in the middle: the worker keeps its session and asks again.
static void resume_later(struct session *s, struct conn *c)
{
    c->session = NULL;
    c->waiting = false;
    session_drop(s);
    conn_error(c, ERR_STORE, NULL, 0, true);
}

void session_checked(struct session *s, bool whole, bool fenced)
{
    struct request *hello = s->hello;
    struct conn *c = s->conn;
    s->refused |= fenced;
    s->unanswered |= !whole;
    if (--s->checks || !hello)
        return;
    s->hello = NULL;
    if (!c || s->state == SESSION_ENDED) {
        request_done(hello);
    } else if (s->refused) {
        c->session = NULL;
        s->conn = NULL;
        session_end(s, true);
        open_new(c, hello);
        conn_go_on(c);
    } else if (s->unanswered) {
        request_done(hello);
        resume_later(s, c);
    } else {
        take_over(s, &hello->msg.hello.worker);
        request_done(hello);
        greet(s, c, true);
        session_compare(s);
        conn_go_on(c);
    }
}

void session_hello(struct conn *c, struct request *hello)
{
    const struct msg_worker *w = &hello->msg.hello.worker;
    struct sessions *ss = &c->broker->sessions;
    if (!w->resume_session.n || !signature_ok(c->broker, w->resume_session, w->resume_secret)) {
        open_new(c, hello);
        return;
    }
    struct session *s = session_find(ss, (const char *)w->resume_session.p);
    if (s && s->space != c->space) {
        open_new(c, hello);
    } else if (s && s->hello) {
        request_done(hello);
        conn_error(c, ERR_STORE, "its session is being resumed: try again", 0, true);
    } else if (s) {
        resume_here(s, c, hello);
    } else {
        resume_elsewhere(c, hello);
    }
}

// ---- credit

void session_credit(struct session *s, uint32_t n)
{
    s->credit = s->credit > UINT32_MAX - n ? UINT32_MAX : s->credit + n;
    for (struct link *x = list_first(&s->subs); x; x = list_next(&s->subs, x)) {
        struct part *p = LIST_ITEM(x, struct sub, on_session)->part;
        if (!p->hungry)
            part_dirty(p);
    }
    store_watch(&s->sessions->broker->store);
}

// ---- ending

// Leaves the books; nothing is said to Redis.
void session_abandon(struct session *s)
{
    struct sessions *ss = s->sessions;
    if (s->state == SESSION_ENDED)
        return;
    s->state = SESSION_ENDED;
    if (s->conn)
        s->conn->session = NULL;
    s->conn = NULL;
    alarm_clear(&ss->broker->loop, &s->grace);
    leases_drop(s);
    forget_names(s);
    unsubscribe(s);
    map_remove(&ss->by_sid, slice_of(s->sid, RECORD_SID));
    list_remove(&ss->all, &s->all);
    list_append(&ss->ended, &s->all);
    if (list_empty(&ss->all))
        alarm_clear(&ss->broker->loop, &ss->beat);
}

static void reap(struct session *s, struct part *p, bool fence)
{
    struct batch *b = part_batch(p, BATCH_REAP);
    if (!b)
        return;    // its deadline brings the tasks back
    resp_text(&b->args, "1000");
    resp_text(&b->args, fence ? "1" : "0");
    resp_text(&b->args, "0");
    resp_slice(&b->args, slice_of(s->sid, RECORD_SID));
    batch_add(b, 4, NULL, 0);
}

void session_end(struct session *s, bool fence)
{
    if (s->state == SESSION_ENDED)
        return;
    log_write(&s->sessions->broker->log, LOG_INFO, "session ended",
              LOG_FIELDS(log_text("session", s->sid), log_text("worker", s->name),
                         log_int("held", (int64_t)s->leases.n)));
    starts_report(s->sessions);
    for (struct link *x = list_first(&s->subs); x; x = list_next(&s->subs, x)) {
        struct sub *sub = LIST_ITEM(x, struct sub, on_session);
        if (sub->held || s->flying || s->unknown)
            reap(s, sub->part, fence);
    }
    owner_leave(s);
    workers_untell(s);
    session_abandon(s);
}

static void detach(struct session *s, const char *why, int64_t grace_ms)
{
    struct broker *b = s->sessions->broker;
    s->conn = NULL;
    s->credit = 0;
    s->state = SESSION_DETACHED;
    log_write(&b->log, LOG_INFO, why, LOG_FIELDS(log_text("session", s->sid), log_text("worker", s->name)));
    if (!b->stopping)
        alarm_in(&b->loop, &s->grace, grace_ms);
}

void session_drop(struct session *s)
{
    if (s->state != SESSION_ENDED)
        detach(s, "worker dropped", s->sessions->broker->set.grace_ms);
}

void session_silent(struct session *s)
{
    if (s->state != SESSION_ENDED)
        detach(s, "worker fell silent", 0);
}

void session_fenced(struct session *s)
{
    struct conn *c = s->conn;
    if (s->state == SESSION_ENDED)
        return;
    log_write(&s->sessions->broker->log, LOG_WARN, "session was given up",
              LOG_FIELDS(log_text("session", s->sid), log_text("worker", s->name)));
    session_end(s, true);
    if (!c)
        return;
    struct msg m = { .kind = MSG_STOP, .stop = { .why = STOP_FENCED } };
    conn_send(c, &m);
    conn_error(c, ERR_FENCED, NULL, 0, true);
}

// ---- all of them

// Where it holds nothing it needs no beats; but for a while after it came from another broker that is not known for sure.
static bool may_hold(const struct session *s, const struct sub *sub)
{
    const struct broker *b = s->sessions->broker;
    return sub->held || (s->unknown && mono_since(b->loop.now, s->taken) < 2 * b->set.ttl_ms * CLOCK_NS_PER_MS);
}

static void beat_session(struct session *s)
{
    for (struct link *x = list_first(&s->subs); x; x = list_next(&s->subs, x)) {
        struct sub *sub = LIST_ITEM(x, struct sub, on_session);
        struct batch *b = may_hold(s, sub) ? part_batch(sub->part, BATCH_BEAT) : NULL;
        if (!b)
            continue;
        resp_slice(&b->args, slice_of(s->sid, RECORD_SID));
        batch_add(b, 1, s, 0);
        s->flying++;
    }
    owner_check(s);
    workers_tell(s);
}

static void sweep(struct session *s)
{
    for (struct link *x = list_first(&s->subs); x; x = list_next(&s->subs, x)) {
        struct sub *sub = LIST_ITEM(x, struct sub, on_session);
        if (sub->held || !sub->part->hungry)
            part_sweep(sub->part);
    }
}

static void beat_all(struct alarm *a)
{
    struct sessions *ss = LIST_ITEM(a, struct sessions, beat);
    struct broker *b = ss->broker;
    bool names = mono_since(b->loop.now, ss->names_told) >= NAMES_TOLD_MS * CLOCK_NS_PER_MS;
    for (struct link *x = list_first(&ss->all); x; x = list_next(&ss->all, x)) {
        struct session *s = LIST_ITEM(x, struct session, all);
        beat_session(s);
        sweep(s);
        if (names) {
            store_tell_names(s->space, s);
            defaults_renew(s->space, s);
        }
    }
    if (names)
        ss->names_told = b->loop.now;
    if (!list_empty(&ss->all))
        alarm_in(&b->loop, a, b->set.ttl_ms / 3);
}

void session_reconcile(struct session *s, struct part *p)
{
    struct batch *b = part_batch(p, BATCH_HELD);
    if (!b)
        return;
    resp_slice(&b->args, slice_of(s->sid, RECORD_SID));
    batch_add(b, 1, s, 0);
    s->flying++;
}

// Redis may hold for this session what its worker never got: a claim whose answer was lost, or one of a broker that did not know yet
// that the session had gone.
void session_holds(struct session *s, struct part *p, uint32_t n)
{
    struct sub *sub = session_sub(s, p);
    if (sub && n > sub->held)
        session_reconcile(s, p);
}

void sessions_reconcile(struct sessions *ss)
{
    for (struct link *x = list_first(&ss->all); x; x = list_next(&ss->all, x)) {
        struct session *s = LIST_ITEM(x, struct session, all);
        s->compare = true;      // once it is known that it is still ours
        beat_session(s);
    }
}

void sessions_init(struct sessions *ss, struct broker *b)
{
    *ss = (struct sessions){ .broker = b };
    list_init(&ss->all);
    list_init(&ss->started);
    list_init(&ss->ended);
    alarm_init(&ss->beat, beat_all);
    alarm_init(&ss->starts, starts_ring);
}

void sessions_end_turn(struct sessions *ss)
{
    for (struct link *x = list_first(&ss->ended), *next; x; x = next) {
        struct session *s = LIST_ITEM(x, struct session, all);
        next = list_next(&ss->ended, x);
        if (s->flying || s->asking || s->asking_alive)
            continue;
        list_remove(&ss->ended, x);
        discard(s);
    }
}

void sessions_free(struct sessions *ss)
{
    struct link *x;
    while ((x = list_first(&ss->all)))
        session_abandon(LIST_ITEM(x, struct session, all));
    while ((x = list_pop(&ss->ended)))
        discard(LIST_ITEM(x, struct session, all));
    leases_free(ss);
    map_free(&ss->by_sid);
}
