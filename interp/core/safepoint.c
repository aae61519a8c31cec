// SPDX-License-Identifier: Apache-2.0
// What a thread does when its breaker is set. Leaves each kind of request to its own file.
#include "interp/core/destroy.h"
#include "interp/core/gc.h"
#include "interp/core/gil.h"
#include "interp/core/hooks.h"
#include "interp/core/owner.h"
#include "interp/core/qsbr.h"
#include "interp/core/scope.h"
#include "interp/core/stop.h"

static void stand_aside(struct thread *t, uint32_t bits) {
    if (bits & BREAK_STOP) stop_park(t);
    if (bits & BREAK_HANDSHAKE) owner_moved(t->slot);
    if (bits & BREAK_QUIET) qsbr_safepoint(t);
    if (bits & BREAK_GIL_DROP) gil_yield(t);
    if (unlikely(atomic_load_explicit(&t->interp->stopping, memory_order_relaxed) != NULL)) {
        thread_detach(t); // attaching is where the gate is
        thread_attach(t);
    }
}

// May run Python code that has nothing to do with what t is doing: the pending exception is put aside.
static void tidy(struct thread *t, uint32_t bits) {
    value exc = t->exc;
    t->exc = V_NULL;
    if (bits & BREAK_MERGE) owner_drain(t);
    if ((bits & BREAK_REVIVE) && t->destroy_depth == 0) destroy_pending(t);
    if (bits & BREAK_GC) gc_safepoint(t);
    t->exc = exc;
}

static bool raise_async(struct thread *t) {
    value exc = __atomic_exchange_n(&t->async_exc, V_NULL, __ATOMIC_SEQ_CST);
    if (!exc) return true;
    raise_object(t, exc);
    release(t, exc);
    return false;
}

// In this order; a request that was not reached because an earlier one raised stays.
static bool obey(struct thread *t, uint32_t bits) {
    if (bits & BREAK_SIGNAL) {
        bits &= ~(uint32_t)BREAK_SIGNAL;
        if (!t->interp->hooks->signals(t)) goto raised;
    }
    if (bits & BREAK_SCOPE) {
        bits &= ~(uint32_t)BREAK_SCOPE;
        if (!scope_safepoint(t)) goto raised;
    }
    if (bits & BREAK_ASYNC_EXC) {
        bits &= ~(uint32_t)BREAK_ASYNC_EXC;
        if (!raise_async(t)) goto raised;
    }
    return true;
raised:
    if (bits) thread_interrupt(t, bits);
    return false;
}

bool safepoint(struct thread *t) {
    enum { TIDY = BREAK_MERGE | BREAK_REVIVE | BREAK_GC, OBEY = BREAK_SIGNAL | BREAK_SCOPE | BREAK_ASYNC_EXC };
    uint32_t bits = atomic_exchange_explicit(&t->breaker, 0, memory_order_seq_cst);
    atomic_store_explicit(&t->limit, t->traced ? 0 : t->real_limit, memory_order_seq_cst);
    if (atomic_load_explicit(&t->breaker, memory_order_seq_cst)) atomic_store_explicit(&t->limit, 0, memory_order_seq_cst);
    thread_note_stack(t);
    stand_aside(t, bits);
    if (bits & TIDY) tidy(t, bits);
    if (!(bits & OBEY)) return t->exc == V_NULL;
    if (t->exc != V_NULL) { // not now: there is something to be raised already
        thread_interrupt(t, bits & OBEY);
        return false;
    }
    return obey(t, bits & OBEY);
}
