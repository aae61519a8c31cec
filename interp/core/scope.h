// SPDX-License-Identifier: Apache-2.0
// Task scopes: what the code of one task may use, and telling it to stop. Leaves the exception that says so to hooks->scope_raise and what to do then to the worker.
//
// A scope is entered by one thread and nests. It ends a task for one of the causes below; the cause is delivered as an exception at a safepoint, at once and then again every `repeat_ns` until
// the scope is left: code that swallows it does not get far, code that cleans up has that long. While shielded nothing is delivered. A blocking call is
// interrupted by a reserved signal, repeated until the thread attaches (the call returns EINTR and its module looks at safepoint).
//
// The budget of steps counts loop iterations and calls, not instructions: a thread with one looks at its scope at each of them, so code runs a few times slower under it.
#ifndef KRAIT_INTERP_CORE_SCOPE_H
#define KRAIT_INTERP_CORE_SCOPE_H

#include "interp/core/thread.h"

enum scope_cause { SCOPE_RUNNING, SCOPE_CANCELLED, SCOPE_DEADLINE, SCOPE_MEMORY, SCOPE_STEPS };

struct scope {
    // set before scope_enter; 0: no limit
    uint64_t deadline_ns;         // clock_now_ns()
    uint64_t memory_limit;        // bytes
    uint64_t step_limit;
    uint64_t repeat_ns;           // 0: 50 ms
    void *user;                   // for hooks->scope_raise

    // scope.c
    struct thread *thread;        // backlink
    struct scope *outer;
    _Atomic uint8_t cause;        // enum scope_cause, first one wins
    uint32_t shields;             // owner only
    uint64_t memory_used, memory_peak, steps; // owner only; buffers freed by other threads are not credited
    uint64_t next_delivery_ns;    // owner only
    uint64_t delivered;           // how often
    struct scope *timer_next;     // guarded by the timer's lock
    bool on_timer;
};

// t attached. false: no memory (for the timer). s stays where it is until scope_leave.
bool scope_enter(struct thread *t, struct scope *s) MUST_CHECK;
// The innermost scope ends; nothing is delivered for it after this returns.
void scope_leave(struct thread *t, struct scope *s);
// Any thread, any time between enter and leave (the caller keeps s alive).
void scope_cancel(struct scope *s);
void scope_shield(struct thread *t);
void scope_unshield(struct thread *t);
static inline enum scope_cause scope_cause(const struct scope *s) { return (enum scope_cause)atomic_load_explicit(&s->cause, memory_order_acquire); }

// mem.c: false: over the limit, the cause is set and nothing was charged.
bool scope_charge_slow(struct thread *t, size_t bytes);
void scope_credit(struct thread *t, size_t bytes);
static inline bool scope_charge(struct thread *t, size_t bytes) { return likely(!t->scope) || scope_charge_slow(t, bytes); }
// BREAK_SCOPE at a safepoint. false: exception pending.
bool scope_safepoint(struct thread *t) MUST_CHECK;

// The signal that interrupts blocking calls; its handler does nothing. Installed when the timer starts.
int scope_signal(void);
void scope_stop_timer(struct interp *interp);
void scope_fork_prepare(struct interp *interp);
void scope_fork_parent(struct interp *interp);
void scope_fork_child(struct thread *t); // deadlines go on in the child's one thread

#endif
