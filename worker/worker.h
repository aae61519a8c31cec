// SPDX-License-Identifier: Apache-2.0
// The worker daemon in one picture. Each part explains itself in its own header; this one says how they hang together.
//
//        broker
//          ▲  Hello Credit Started Finish beats          uplink.h   one connection, reconnects, keeps the session
//          ▼  Deliver Stop
//     ┌─ SUPERVISOR ─────────────────────────────┐       supervisor.c   phases, signals, the end of a turn
//     │ tasks in hand    hand out, recall, start  │       task.h, dispatch.h
//     │ HTTP, limits     never runs Python        │       http.h, limit.h
//     └──┬─────────────┬──────────────┬───────────┘
//        │ fork        │ socketpair   │ shared memory      pool.h, chan.h, slot.h
//        ▼             │ a child      ▼
//     TEMPLATE ─ fork ▶ CHILD: an I/O thread in C and T threads that run tasks      template.h, child.h
//     loads the app                                       │
//                                                         ▼
//                                                  exec.h, convert.h: the interpreter
//
// A SLOT is one thread of a child. gil mode: N children, each with T threads under one lock. free-threaded: one child, N threads.
//
// Promises. A beat never waits for Python. A dead child costs the tasks in its slots and no others. Children do not outlive
// their supervisor: the template dies with it (PR_SET_PDEATHSIG), a child ends at the end of its socket, which its I/O thread
// sees whatever Python does. No lock and no thread of the supervisor exists when it forks.
//
// PHASES   STARTING ──▶ RUNNING ◀──▶ QUIET ──▶ DRAINING ──▶ STOPPING
// QUIET takes no more tasks; DRAINING gives back what has not started and waits for the rest; STOPPING has only its last
// words to say to the broker.

#ifndef KRAIT_WORKER_WORKER_H
#define KRAIT_WORKER_WORKER_H

#include "sdk/base/log.h"
#include "worker/dispatch.h"
#include "worker/http.h"
#include "worker/pool.h"
#include "worker/relay.h"
#include "worker/settings.h"
#include "worker/uplink.h"

enum phase { PHASE_STARTING, PHASE_RUNNING, PHASE_QUIET, PHASE_DRAINING, PHASE_STOPPING };

struct worker {
    struct settings set;
    struct log log;
    struct loop loop;
    struct lanes lanes;
    struct tasks tasks;
    struct pool pool;
    struct dispatch dispatch;
    struct uplink uplink;
    struct relay relay;
    struct http http;
    enum phase phase;
    bool said_ready;
    int status;                // exit status
    struct event signals[8];
    size_t n_signals;
    struct alarm patience;     // end of the drain, end of the last words
    struct alarm burst;        // look whether the queues are empty
    bool interrupted, leaving; // stages of the drain
    int empty;                 // how often in a row the queues were
    char name[256], host[128];
};

// The whole life of the daemon; returns the exit status. The settings are checked.
int supervisor_run(struct worker *w);

// The first app did not load.
void supervisor_failed(struct worker *w, struct slice text);
// Something changed that may make the worker ready.
void supervisor_ready(struct worker *w);
// All queues are empty, says the broker (or it may not tell).
void supervisor_queues(struct worker *w, bool empty);

static inline bool worker_takes(const struct worker *w)
{
    return w->phase == PHASE_STARTING || w->phase == PHASE_RUNNING;
}

static inline size_t worker_slots(const struct worker *w)
{
    return (size_t)(w->set.processes * w->set.threads);
}

#endif
