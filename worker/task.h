// SPDX-License-Identifier: Apache-2.0
// The tasks that the worker has in hand, from Deliver to the broker's answer about their outcome. Which child gets which is
// left to dispatch.c, talking to the broker to uplink.c.
//
//                 ┌──── returned · child died before it took it ────┐
//                 ▼                                                 │
//   deliver ──▶ WAITING ──────────── to a child ──────────────▶ HANDED
//                 │                                                 │
//                 └── given back · cancelled ──▶ FINISHED ◀─────────┘ result · lost with its child
//                                                 │    ▲
//                                            Finish    answer AWAY · connection lost
//                                                 ▼    │
//                                                 SENT ──── answer OK · DUP · STALE ──▶ freed
//
// Each state is a list and task_move is the only one who moves. HANDED tasks stand on their child's list instead, in the order
// of their numbers; the children take them in that order (slot.h).

#ifndef KRAIT_WORKER_TASK_H
#define KRAIT_WORKER_TASK_H

#include "sdk/base/clock.h"
#include "sdk/base/list.h"
#include "sdk/wire/msg.h"
#include "worker/chan.h"

struct proc;

// X(name, what may follow)
#define TASK_STATE_LIST(X)                                                                                 \
    X(WAITING,  1u << TASK_HANDED | 1u << TASK_FINISHED)                                                    \
    X(HANDED,   1u << TASK_WAITING | 1u << TASK_FINISHED)                                                   \
    X(FINISHED, 1u << TASK_SENT)                                                                            \
    X(SENT,     1u << TASK_FINISHED)

enum task_place {
#define TASK_STATE_ENUM(name, next) TASK_##name,
    TASK_STATE_LIST(TASK_STATE_ENUM)
#undef TASK_STATE_ENUM
    TASK_PLACES
};

struct task {
    struct link link;          // on tasks.in[place], or on proc->handed
    enum task_place place;
    struct proc *proc;         // HANDED: backlink
    uint64_t number;           // HANDED: what the child calls it
    bool told;                 // the broker knows that it started
    enum stop_why stop;        // NONE: nobody wants it stopped
    struct mono since;         // when it came here, or was told to stop
    uint32_t attempt, deliveries, retries;
    uint32_t id_n, body_n;
    // FINISHED and SENT
    enum task_ended ended;
    uint8_t *outcome;          // owned: chan_result and what follows; NULL = `ended` says all
    size_t outcome_n;
    uint8_t bytes[];           // id, body
};

// One Finish on its way.
struct task_batch {
    struct link link;
    uint64_t seq;
    size_t n;
    struct task *tasks[];      // borrowed; all SENT
};

struct tasks {
    struct list in[TASK_PLACES];       // in[HANDED] stays empty
    struct list batches;
    uint64_t handed;
};

void tasks_init(struct tasks *ts);
void tasks_free(struct tasks *ts);     // the HANDED ones are their children's

// A new WAITING task; NULL without memory.
struct task *task_new(struct tasks *ts, const struct msg_delivery *d, struct mono now);

// To the end of the list of that place; HANDED: of its child (proc is set first).
void task_move(struct tasks *ts, struct task *t, enum task_place to);
// Back to the front of WAITING.
void task_back(struct tasks *ts, struct task *t);
void task_free(struct tasks *ts, struct task *t);

// The outcome without a child's word: lost, released, cancelled, unknown. WAITING or HANDED only.
void task_end(struct tasks *ts, struct task *t, enum task_ended ended);

static inline struct slice task_id_of(const struct task *t)
{
    return slice_of(t->bytes, t->id_n);
}

static inline struct slice task_body_of(const struct task *t)
{
    return slice_of(t->bytes + t->id_n, t->body_n);
}

static inline struct task *task_at(struct link *x)
{
    return LIST_ITEM(x, struct task, link);
}

// What a Finish says of it; slices live as long as t.
void task_finished(const struct task *t, struct msg_finished *out);

#endif
