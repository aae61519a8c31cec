// SPDX-License-Identifier: Apache-2.0
// Which child gets which task, how much is asked of the broker, and what to do about tasks that wait behind long ones. Talking
// is left to uplink.c and pool.c.
//
// Two numbers rule: `run_us`, a moving average of how long tasks run, and the slots.
//
//     ahead(child)  = min(64 a slot, what 4 ms are good for)        queued in a child behind its running tasks
//     target        = slots + min(prefetch a slot, what 20 ms are good for)      in the whole worker
//     credit asked  = target - in hand - credit not used yet
//
// So a worker of long tasks holds exactly what it runs. When a long task comes among short ones the tasks queued behind it are
// recalled after 20 ms and handed to other slots; what found none for 100 ms goes back to the broker, uncounted.
//
// A start is told to the broker when the task still runs at the next tick (5 ms): what ends before needs no word of its own.

#ifndef KRAIT_WORKER_DISPATCH_H
#define KRAIT_WORKER_DISPATCH_H

#include "worker/loop.h"
#include "worker/task.h"

struct worker;
struct proc;

struct dispatch {
    struct worker *worker;     // backlink
    double run_us;             // moving average
    struct alarm tick;
    uint64_t done, failed, lost, returned;
    uint64_t gil_wait_us, cpu_us, run_total_us;
    struct task **batch;       // owned scratch of LIMIT_BATCH
};

bool dispatch_init(struct dispatch *d, struct worker *w);
void dispatch_free(struct dispatch *d);

// A delivery that the phase allows waits; another is given back.
void dispatch_delivered(struct dispatch *d, struct task *t);

// Everything that a turn may have made possible: hands out, asks for more, reports.
void dispatch_turn(struct dispatch *d);

// A child's record, the end of a child, numbers that a child gave back.
void dispatch_result(struct dispatch *d, struct proc *p, struct slice record);
void dispatch_died(struct dispatch *d, struct proc *p);
void dispatch_returned(struct dispatch *d, struct proc *p, struct chan_range range);

// The broker wants it stopped; no ref: everything.
void dispatch_stop(struct dispatch *d, struct task *t, enum stop_why why);
void dispatch_stop_all(struct dispatch *d, enum stop_why why);
struct task *dispatch_find(struct dispatch *d, struct slice id, uint32_t attempt);

// Gives back all that no slot has taken.
void dispatch_give_back(struct dispatch *d);

// WAITING + HANDED.
size_t dispatch_in_hand(const struct dispatch *d);
size_t dispatch_busy(const struct dispatch *d);    // slots that run something

#endif
