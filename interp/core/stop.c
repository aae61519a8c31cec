// SPDX-License-Identifier: Apache-2.0
// Stops and starts the world; the attached state of free-threaded threads. Leaves the lock of GIL mode to gil.c.
#include "interp/core/stop.h"
#include "interp/core/clock.h"
#include "interp/core/owner.h"
#include "interp/core/qsbr.h"
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

struct stop {
    pthread_mutex_t turn;      // one stopper at a time; held from begin to end. Before threads_lock, before lock
    pthread_mutex_t lock;      // guards what follows and every change to and from SUSPENDED
    pthread_cond_t parked;     // pending fell to 0
    pthread_cond_t resumed;
    _Atomic bool active;
    int pending;               // attached threads still to park
    struct thread *stopper;
};

static void make_conditions(struct stop *s) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->parked, NULL);
    pthread_cond_init(&s->resumed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

struct stop *stop_new(void) {
    struct stop *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    pthread_mutex_init(&s->turn, NULL);
    pthread_mutex_init(&s->lock, NULL);
    make_conditions(s);
    return s;
}
void stop_free(struct stop *s) { free(s); }

static bool change(struct thread *t, uint8_t from, uint8_t to) {
    return atomic_compare_exchange_strong_explicit(&t->run_state, &from, to, memory_order_seq_cst, memory_order_seq_cst);
}

// ---- attach and detach ----

static bool wait_resumed(struct thread *t, uint64_t deadline_ns) {
    struct stop *s = t->interp->stop;
    struct timespec deadline = clock_timespec(deadline_ns);
    bool in_time = true;
    pthread_mutex_lock(&s->lock);
    while (in_time && atomic_load(&t->run_state) == RUN_SUSPENDED) {
        if (!deadline_ns) pthread_cond_wait(&s->resumed, &s->lock);
        else in_time = pthread_cond_timedwait(&s->resumed, &s->lock, &deadline) != ETIMEDOUT;
    }
    pthread_mutex_unlock(&s->lock);
    return in_time;
}

bool stop_attach(struct thread *t, uint64_t deadline_ns) {
    while (!change(t, RUN_DETACHED, RUN_ATTACHED)) {
        if (atomic_load(&t->run_state) == RUN_BORROWED) sched_yield(); // for a few hundred instructions of another thread
        else if (!wait_resumed(t, deadline_ns)) return false;
    }
    qsbr_quiet(t);
    return true;
}

// I was counted as attached when the world began to stop, and am not any more.
static void account(struct thread *t, struct stop *s) {
    if (t->stop_counted) {
        t->stop_counted = false;
        if (--s->pending == 0) pthread_cond_signal(&s->parked);
    }
    change(t, RUN_DETACHED, RUN_SUSPENDED);
}

void stop_detach(struct thread *t) {
    struct stop *s = t->interp->stop;
    change(t, RUN_ATTACHED, RUN_DETACHED);
    owner_moved(t->slot);
    if (likely(!atomic_load_explicit(&s->active, memory_order_seq_cst))) return;
    pthread_mutex_lock(&s->lock);
    if (atomic_load(&s->active) && s->stopper != t) account(t, s);
    pthread_mutex_unlock(&s->lock);
}

void stop_park(struct thread *t) {
    if (!atomic_load_explicit(&t->interp->stop->active, memory_order_seq_cst)) return;
    qsbr_quiet(t);
    stop_detach(t);
    stop_attach(t, 0);
}

// ---- the stopper ----

// threads_lock and s->lock held. A thread that another one acts for is waited for: it does not take long.
static void suspend(struct stop *s, struct thread *t) {
    while (!change(t, RUN_DETACHED, RUN_SUSPENDED)) {
        uint8_t state = atomic_load(&t->run_state);
        if (state == RUN_SUSPENDED) return;
        if (state == RUN_ATTACHED) {
            t->stop_counted = true;
            s->pending++;
            thread_interrupt(t, BREAK_STOP);
            return;
        }
        pthread_mutex_unlock(&s->lock);
        sched_yield();
        pthread_mutex_lock(&s->lock);
    }
}

void stop_begin(struct thread *t) {
    struct interp *interp = t->interp;
    if (!interp->free_threaded) {
        pthread_mutex_lock(&interp->threads_lock);
        return;
    }
    struct stop *s = interp->stop;
    thread_detach(t); // so that whoever has the turn can stop me
    pthread_mutex_lock(&s->turn);
    while (!stop_attach(t, 0)) {}
    t->attached = 1;
    pthread_mutex_lock(&interp->threads_lock);
    pthread_mutex_lock(&s->lock);
    s->stopper = t;
    atomic_store_explicit(&s->active, true, memory_order_seq_cst);
    for (struct thread *other = interp->threads; other; other = other->next)
        if (other != t) suspend(s, other);
    while (s->pending) pthread_cond_wait(&s->parked, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

void stop_end(struct thread *t) {
    struct interp *interp = t->interp;
    if (!interp->free_threaded) {
        pthread_mutex_unlock(&interp->threads_lock);
        return;
    }
    struct stop *s = interp->stop;
    pthread_mutex_lock(&s->lock);
    atomic_store_explicit(&s->active, false, memory_order_seq_cst);
    s->stopper = NULL;
    for (struct thread *other = interp->threads; other; other = other->next)
        if (other != t) change(other, RUN_SUSPENDED, RUN_DETACHED);
    pthread_cond_broadcast(&s->resumed);
    pthread_mutex_unlock(&s->lock);
    pthread_mutex_unlock(&interp->threads_lock);
    pthread_mutex_unlock(&s->turn);
}

// ---- fork ----

// Those who are stopped look at their state under the lock: so the world stands still and nobody holds it.
void stop_fork_prepare(struct thread *t) {
    stop_begin(t);
    if (t->free_threaded) pthread_mutex_lock(&t->interp->stop->lock);
}
void stop_fork_parent(struct thread *t) {
    if (t->free_threaded) pthread_mutex_unlock(&t->interp->stop->lock);
    stop_end(t);
}
void stop_fork_child(struct thread *t) {
    struct stop *s = t->interp->stop;
    if (t->free_threaded) {
        make_conditions(s);
        atomic_store(&s->active, false);
        s->stopper = NULL;
        pthread_mutex_unlock(&s->lock);
    }
    pthread_mutex_unlock(&t->interp->threads_lock);
    if (t->free_threaded) pthread_mutex_unlock(&s->turn);
}
