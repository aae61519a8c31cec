// SPDX-License-Identifier: Apache-2.0
// Sessions of workers: credit, subscriptions, leases; dropping, resuming, ending.
//
// A session is the worker's, not the connection's. It is ATTACHED to a connection or, for the grace after a drop,
// DETACHED; it ends by Goodbye, by the end of the grace, by silence, or because another broker took it over.
//
//     hello ──▶ ATTACHED ◀── resume ── DETACHED ── grace over ──▶ ended: reaped, its tasks run again
//                  │  └──── drop ─────────▲
//                  └── goodbye · fenced · silent ─────────────▶ ended
//
// The secret is HMAC-SHA256(key of all brokers of this Redis, session), so that any broker can check it without having
// seen the session before.
//
// Whose it is. The broker to which the worker came last owns the session (kr:{NS/ses}:SID). With each beat a broker asks whether a session is
// still its own, and before it ends one, too: a connection can be dead on one side for long before the other notices.
//
// Credit. worker's credits - tasks delivered = credit >= 0;   reserved = asked for in claims that fly;
// reserved <= credit, except that a dropped connection sets credit to 0: what a claim brings then is given back.
//
// Leases mirror what Redis holds in P:l:SID for this session. A lease goes when its ack or release was answered, so that
// comparing both sides (reconcile) finds exactly what got lost on the way. A beat is answered with the number in Redis: more than
// there are leases is reason to compare.

#ifndef KRAIT_BROKER_SESSION_H
#define KRAIT_BROKER_SESSION_H

#include "broker/store.h"

struct conn;

// A session's interest in one partition.
struct sub {
    struct session *session;       // backlink
    struct part *part;             // backlink
    uint32_t weight;
    uint32_t held;                 // leases
    double pass;                   // tasks had / weight: who has the lowest is served first (stride scheduling)
    struct link on_part, on_session;
};

struct lease {
    struct sub *sub;               // backlink
    struct task_name *name;        // borrowed, may be NULL
    struct link on_started;        // on sessions.started: a start that Redis does not know yet
    struct lease *next;            // spare list
    struct mono since;
    uint32_t attempt;
    bool started;
    bool ending;                   // its ack is on its way
    bool large;                    // its body is, or may be
    uint16_t n;
    char id[ID_TASK_MAX + 1];
};

enum session_state { SESSION_ATTACHED, SESSION_DETACHED, SESSION_ENDED };

struct session {
    struct link all;               // on sessions.all
    struct sessions *sessions;     // backlink
    enum session_state state;
    char sid[RECORD_SID + 1];
    struct space *space;           // borrowed: spaces live as long as the broker
    struct conn *conn;             // ATTACHED: backlink
    struct list subs;              // owned, in the order of the worker's list
    struct map leases;             // id -> struct lease, owned
    struct map names;              // task name -> struct task_name, borrowed
    uint32_t credit, reserved;
    double now;                    // the pass of who was served last: an idle queue saves up nothing
    uint32_t flying;               // claims without an answer that name it: it is not freed before
    struct alarm grace;
    struct redis_cmd owner;        // whose is it now? asked when the grace is over
    struct redis_cmd alive;        // the same, with each beat
    bool asking, asking_alive;
    bool compare;                  // what it holds with what Redis believes, once it is known to be ours
    uint32_t checks;               // resume: partitions that did not answer yet
    bool refused;                  // resume: one of them gave the session up
    bool unanswered;               // resume: the store went away before all answered
    bool unknown;                  // it was another broker's: Redis may know of more than we do,
    struct mono taken;             // which that broker claimed before it learnt that, at this time, we took it over
    struct request *hello;         // resume: to be answered then, owned
    // for people
    char name[128], host[128];
    uint32_t pid, processes, threads;
    enum worker_mode mode;
    struct msg_load load;
    bool has_load;
    struct wall connected;
};

struct sessions {
    struct broker *broker;         // backlink
    struct list all;
    struct map by_sid;
    struct list started;           // of lease.on_started
    struct list ended;             // of session.all: freed at the end of the turn
    struct alarm beat;             // every third of the TTL, while there are sessions
    struct alarm starts;           // reports what stands in `started`
    struct lease *spare;
    struct mono names_told;
};

void sessions_init(struct sessions *ss, struct broker *b);
void sessions_free(struct sessions *ss);
void sessions_end_turn(struct sessions *ss);

// Opens or resumes the session that a worker's Hello asks for and answers it, now or when the store did.
// Takes hello.
void session_hello(struct conn *c, struct request *hello);

void session_credit(struct session *s, uint32_t n);
void session_drop(struct session *s);             // its connection is gone
void session_silent(struct session *s);           // nothing was heard of it for a TTL
void session_end(struct session *s, bool fence);  // its tasks go back now
void session_abandon(struct session *s);          // it lives elsewhere, or never began
void session_fenced(struct session *s);           // Redis gave it up: tell the worker

// A partition answered the question of a resume.
void session_checked(struct session *s, bool whole, bool fenced);

// What a session could take now.
static inline uint32_t session_room(const struct session *s)
{
    return s->state == SESSION_ATTACHED && s->credit > s->reserved ? s->credit - s->reserved : 0;
}

// A claim may come back to a session whose connection changed meanwhile.
static inline bool session_may_take(const struct session *s)
{
    return s->state == SESSION_ATTACHED && s->credit > 0;
}

// Its share of the session: what the worker said, else what the queue's settings say.
static inline uint32_t sub_weight(const struct sub *sub)
{
    return sub->weight > 1 ? sub->weight : sub->part->queue->weight;
}

static inline double sub_pass(const struct sub *sub)
{
    return sub->pass > sub->session->now ? sub->pass : sub->session->now;
}

struct session *session_find(struct sessions *ss, const char sid[RECORD_SID]);
struct sub *session_sub(struct session *s, struct part *p);

// NULL: out of memory or there already.
struct lease *lease_add(struct sub *sub, struct slice key, uint32_t attempt);
void lease_drop(struct lease *l);
static inline struct lease *lease_find(const struct session *s, struct slice id)
{
    return map_get(&s->leases, id);
}
void lease_started(struct lease *l);
void leases_drop(struct session *s);
void leases_free(struct sessions *ss);

// Tells Redis of the starts that it does not know.
void starts_report(struct sessions *ss);
void starts_ring(struct alarm *a);

// Gives back what Redis believes this session holds in p, or anywhere, and the worker does not have.
void session_reconcile(struct session *s, struct part *p);
void session_compare(struct session *s);

// A beat was answered: Redis counts n tasks of it in p.
void session_holds(struct session *s, struct part *p, uint32_t n);

// ---- whose it is (owner.c)

void owner_take(struct session *s);               // ours, whoever had it
void owner_leave(const struct session *s);        // nobody's
void owner_check(struct session *s);              // with a beat: still ours? else it is abandoned
void owner_end(struct session *s);                // its grace is over: ended, if it is still ours

// All sessions, after the store was away.
void sessions_reconcile(struct sessions *ss);

#endif
