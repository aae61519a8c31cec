// SPDX-License-Identifier: Apache-2.0
// The supervisor's side of the template and the children: starting, watching, ending them. Which tasks they get is left to
// dispatch.c; their own side is template.c and child.c.
//
//   spawn asked      READY         told to quit        end of its socket, or the template says so
//   STARTING ─────▶ LIVE ─────────▶ LEAVING ──────────▶ GONE ──── backoff ────▶ STARTING (in another lane)
//       └──────────────┴──────────── died ─────────────▶
//
// A GONE child keeps no task: results that it published are taken from the ring first, what it had taken is lost (the delivery
// counts), what it had not is handed out again.
//
// The template forks the children, so their exits are known to it; the socket's end is what counts, and its word is for the
// case that a task forked and somebody else holds that end. Should the template die, the children go on and become ours
// (PR_SET_CHILD_SUBREAPER); a new one is made from the supervisor, which never ran Python.
//
// A reload makes a second template. Once that has loaded the app its children take over and the old ones leave; if the app
// does not load, everything stays as it is.

#ifndef KRAIT_WORKER_POOL_H
#define KRAIT_WORKER_POOL_H

#include "sdk/base/arena.h"
#include "worker/loop.h"
#include "worker/slot.h"
#include "worker/task.h"

struct worker;

enum proc_state { PROC_NONE, PROC_STARTING, PROC_LIVE, PROC_LEAVING, PROC_GONE };

struct proc {
    struct worker *worker;     // backlink
    enum proc_state state;
    size_t index;              // of its lane
    struct lane *lane;         // borrowed
    uint64_t birth;            // one for each child that ever was
    uint64_t generation;       // of the template that it comes from
    int pid;                   // 0 = not known yet
    struct pipe pipe;
    struct list handed;        // of task.link, in the order of their numbers
    uint64_t next;             // the number of the next task
    bool recalling;            // a RECALL is not answered yet
    bool killed;               // by us
    struct mono moved;         // when it last took or ended something
    uint64_t seen_taken;
    int end_status;            // wait status, when known
};

enum template_state { TEMPLATE_NONE, TEMPLATE_LOADING, TEMPLATE_READY };

struct template {
    struct worker *worker;     // backlink
    enum template_state state;
    uint64_t generation;
    int pid;
    struct pipe pipe;
    struct arena names_arena;
    struct msg_task_name *names;   // owned (MEM_WORKER), slices in the arena
    size_t n_names, cap_names;
};

struct pool {
    struct worker *worker;     // backlink
    struct template now, next; // next: LOADING during a reload
    struct proc *procs;        // owned: one a lane
    size_t n_procs, wanted;
    uint64_t births, generations;
    struct alarm spawn;        // makes what is missing
    int64_t delay_ms;          // before the next try after a child that never became ready
    uint64_t restarts_died, restarts_killed;
    bool ended;                // no child is made any more
};

bool pool_init(struct pool *p, struct worker *w);
bool pool_start(struct pool *p);      // forks the first template
void pool_reload(struct pool *p);
void pool_end(struct pool *p);        // kills everything, at once
void pool_free(struct pool *p);
void pool_reap(struct pool *p);       // SIGCHLD
void pool_leave(struct pool *p);      // all children end when they have nothing left
bool pool_idle(const struct pool *p); // no child is left

// How many are LIVE.
size_t pool_live(const struct pool *p);

void proc_send(struct proc *p, enum chan_kind kind, const void *bytes, size_t n);
void proc_kill(struct proc *p, const char *why);
struct task *proc_find(struct proc *p, uint64_t number);

static inline uint64_t proc_taken(const struct proc *p)
{
    return atomic_load_explicit(&p->lane->taken, memory_order_acquire);
}

static inline bool proc_is_live(const struct proc *p)
{
    return p->state == PROC_LIVE;
}

#endif
