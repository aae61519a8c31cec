// SPDX-License-Identifier: Apache-2.0
// The global interpreter lock of GIL mode. Leaves attach and detach to thread.c, honouring a drop request to safepoint.c.
//
// Free and uncontended it is one compare-and-swap. A waiter sleeps on its own condition; after the switch interval it asks the holder to drop (BREAK_GIL_DROP), and
// the holder hands over directly at its next safepoint, so it cannot take the lock straight back. A voluntary release only wakes the first waiter
// and leaves the lock free: whoever comes first has it.
//
// NO CONVOY. A thread that gave the lock up less than a switch interval ago does not wait the interval again: it asks for a drop at once and is served first. So that
// this does not starve the others it must not have run more, by more than an interval, than the one it displaces: `gil_run_ns` is each thread's
// time with the lock, pulled up to the least of the competitors after an absence.
#ifndef KRAIT_INTERP_CORE_GIL_H
#define KRAIT_INTERP_CORE_GIL_H

#include "interp/core/thread.h"

struct gil *gil_new(struct interp *interp);
void gil_free(struct gil *g);
// Blocks until t holds the lock. deadline_ns (monotonic; 0: none) passed: false.
bool gil_take(struct thread *t, uint64_t deadline_ns);
void gil_release(struct thread *t);
// The holder, when asked to drop: hands the lock to the one who waits and queues up again. Nothing if nobody waits.
void gil_yield(struct thread *t);
// Nobody uses g's memory on behalf of t any more once this returns.
void gil_forget(struct thread *t);
void gil_fork_prepare(struct gil *g);
void gil_fork_parent(struct gil *g);
void gil_fork_child(struct thread *t); // t holds the lock, nobody waits

struct gil_stats { // one thread, for sys._gil_stats(); times in ns
    uint64_t thread_id, holds, waited_ns, held_ns, forced;
};
// Fills at most n entries, returns how many threads there are.
size_t gil_stats(struct interp *interp, struct gil_stats *out, size_t n);

#endif
