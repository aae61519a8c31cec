// SPDX-License-Identifier: Apache-2.0
// The broker: what its parts are, who owns what, and in which order to read them.
//
// One thread, one loop. A broker keeps nothing that Redis does not have, except what is on its way: frames that
// are not answered yet, and a mirror of the leases of its own sessions.
//
//                 clients                                                     Redis
//   conn ── frame ──▶ op_* ── request ──▶ batch of a partition ── FCALL ──▶ functions/*.lua
//     ▲                                          │                             │
//     └── one write a turn ── reply ◀── request ◀┴──── one reply a batch ◀─────┘
//
// Reading order
//   1. loop.h stream.h           turns, alarms, sockets: a batch is what arrived in one turn
//   2. record.h, functions/      the packed record and the moves in Redis (STATES.md tells the life of a task)
//   3. redis_link.h redis_child.h  the pipelined connections and the private server
//   4. store.h away.h            partitions, batches, group commit, claims, wake-ups
//   5. conn.h session.h          connections (a state machine), sessions of workers (credits, leases, resume)
//   6. op.h op_*.c               one file a kind of request
//   7. token.h http.h metrics.h  who may what; the HTTP side
//   8. main.c                    settings, start, signals
//
// Owners. broker owns conns, sessions, spaces (namespaces), requests. A space owns its queues and the names of its
// tasks; a queue its partition; a partition its batches. A session owns its leases and subscriptions. A request is
// owned by the broker while anybody still owes it an answer; it holds the arena of its frame, so that ids and
// bodies are never copied; it outlives its connection (conn becomes NULL).
//
// Who may free in a callback: nobody. What is closed goes on a list and is freed at the end of the turn.

#ifndef KRAIT_BROKER_BROKER_H
#define KRAIT_BROKER_BROKER_H

#include "broker/conn.h"
#include "broker/http.h"
#include "broker/loop.h"
#include "broker/metrics.h"
#include "broker/redis_child.h"
#include "broker/session.h"
#include "broker/settings.h"
#include "broker/store.h"
#include "broker/token.h"

struct broker {
    struct settings set;            // immutable after start
    struct log log;
    struct loop loop;
    char id[BROKER_ID + 1];         // of this run; its channel is kr:b:ID
    uint8_t secret[32];             // shared by the brokers of one Redis: signs sessions
    struct wall started;

    struct redis_child child;       // unused with an outside Redis
    struct redis_target target;
    struct store store;

    struct conns conns;
    struct sessions sessions;
    struct tokens tokens;
    struct metrics metrics;
    struct http http;

    struct list spare;              // requests at rest
    struct list orphans;            // requests whose connection closed before their operations came back
    size_t submitting;              // bytes of tasks that wait for the store's answer
    struct list fresh;              // waits with news to be sent
    struct event signals[5];
    bool ready;                     // the store answered once, listeners are open
    bool stopping;
    int status;                     // of exit
    struct alarm end;               // the last moment of an orderly stop
};

// The store answers: opens the listeners the first time.
void broker_ready(struct broker *b);

// One line on standard error, then the end with status 1.
void broker_fail(struct broker *b, const char *why);

// ---- requests: a frame that waits for answers of the store

struct request {
    struct link link;               // on the connection's list, broker.orphans or broker.spare
    struct link fresh;              // on broker.fresh
    struct broker *broker;          // backlink
    struct conn *conn;              // NULL once it is closed
    struct arena arena;             // the decoded frame and all that was made from it
    struct msg msg;                 // lives in the arena
    uint32_t left;                  // entries without an answer
    uint32_t flying;                // operations in batches that point here: it is not given back before
    size_t bytes;                   // enqueue: of all bodies
    bool watch;                     // enqueue: the results will be waited for here
    union {
        struct msg_accepted *accepted;
        enum task_ack *acks;
        struct waiting *waiting;
        struct msg_task_result *results;
        struct msg_queue_info *queues;
        struct msg_task_info *infos;
        struct hearing *hearing;
    };
    char sid[RECORD_SID];           // finish and release: whose
    struct alarm alarm;             // wait: its deadline
    struct msg_task_result *news;   // wait: what is to be told at the next flush, in room for all
    uint32_t n_news;
};

// Never NULL: out of memory stops the broker from reading, so it is asked only where that was checked.
struct request *request_new(struct broker *b);

// Puts it on the connection's list: it will be answered later.
void request_hold(struct request *r, struct conn *c);

// Gives it back; it must be off every batch.
void request_done(struct request *r);

#endif
