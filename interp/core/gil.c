// SPDX-License-Identifier: Apache-2.0
// The lock itself: taking, handing over, who is next. Leaves detaching around blocking calls to thread.c.
#include "interp/core/gil.h"
#include "interp/core/clock.h"
#include <sched.h>
#include <stdlib.h>

enum { SOON_NS = 100000, SPIN_NS = 30000 };

struct gil {
    _Atomic uint8_t held;
    _Atomic uint32_t waiters;
    _Atomic(struct thread *) holder;  // backlink; NULL around a release. Dereferenced under `lock` only
    _Atomic uint64_t holder_run_ns;   // its gil_run_ns when it took the lock
    pthread_mutex_t lock;             // guards the queue; a leaf
    struct thread *first;             // queue, linked by gil_next: those to be served first stand in front
    bool may_spin;                    // more than one processor
};

struct gil *gil_new(struct interp *interp) {
    struct gil *g = calloc(1, sizeof *g);
    if (!g) return NULL;
    pthread_mutex_init(&g->lock, NULL);
    cpu_set_t cpus;
    g->may_spin = sched_getaffinity(0, sizeof cpus, &cpus) != 0 || CPU_COUNT(&cpus) > 1;
    return g;
}
void gil_free(struct gil *g) {
    if (!g) return;
    pthread_mutex_destroy(&g->lock);
    free(g);
}

static uint64_t read_ns(const uint64_t *field) { return __atomic_load_n(field, __ATOMIC_RELAXED); }
static void write_ns(uint64_t *field, uint64_t v) { __atomic_store_n(field, v, __ATOMIC_RELAXED); } // statistics look at it

static uint64_t interval_of(const struct interp *interp) {
    double seconds;
    __atomic_load(&interp->switch_interval, &seconds, __ATOMIC_RELAXED);
    return (uint64_t)(seconds * 1e9);
}

// ---- the queue; g->lock held ----

static void enqueue(struct gil *g, struct thread *t, bool first) {
    struct thread **at = &g->first;
    while (*at && !first) at = &(*at)->gil_next;
    t->gil_next = *at;
    *at = t;
    atomic_store_explicit(&t->gil_given, false, memory_order_relaxed);
    atomic_fetch_add_explicit(&g->waiters, 1, memory_order_seq_cst);
}
static void dequeue(struct gil *g, struct thread *t) {
    struct thread **at = &g->first;
    while (*at != t) at = &(*at)->gil_next;
    *at = t->gil_next;
    atomic_fetch_sub_explicit(&g->waiters, 1, memory_order_seq_cst);
}

// ---- holding ----

static void begin_hold(struct gil *g, struct thread *t, uint64_t now) {
    write_ns(&t->gil_taken_ns, now);
    write_ns(&t->gil_holds, t->gil_holds + 1);
    atomic_store_explicit(&g->holder_run_ns, t->gil_run_ns, memory_order_relaxed);
    atomic_store_explicit(&g->holder, t, memory_order_seq_cst);
}
static void end_hold(struct thread *t, uint64_t now) { write_ns(&t->gil_run_ns, t->gil_run_ns + (now - t->gil_taken_ns)); }

static bool grab(struct gil *g) {
    uint8_t nobody = 0;
    return atomic_compare_exchange_strong_explicit(&g->held, &nobody, 1, memory_order_seq_cst, memory_order_relaxed);
}

// Whether t, back from a short absence, goes first. Also forgets how little it ran long ago.
static bool goes_first(struct gil *g, struct thread *t, uint64_t now, uint64_t interval) {
    uint64_t theirs = atomic_load_explicit(&g->holder_run_ns, memory_order_relaxed);
    if (t->gil_run_ns + interval < theirs) write_ns(&t->gil_run_ns, theirs - interval);
    return t->gil_released_ns && now - t->gil_released_ns < interval && t->gil_run_ns <= theirs + interval;
}

// Asks whoever holds the lock to drop it. g->lock held, so it cannot be freed meanwhile.
// false: it is just changing hands.
static bool ask_drop(struct gil *g) {
    struct thread *holder = atomic_load_explicit(&g->holder, memory_order_seq_cst);
    if (holder) thread_interrupt(holder, BREAK_GIL_DROP);
    return holder != NULL;
}

// Watches for a short while, g->lock not held: a turn that comes within microseconds is not worth a sleep, neither for me nor for the one who would wake me.
static void watch(struct gil *g, struct thread *t, uint64_t until) {
    pthread_mutex_unlock(&g->lock);
    while (!atomic_load_explicit(&t->gil_given, memory_order_acquire) && atomic_load_explicit(&g->held, memory_order_relaxed) && clock_now_ns() < until) cpu_pause();
    pthread_mutex_lock(&g->lock);
}

// t stands in the queue, g->lock is held. Returns with the lock of the interpreter, or false after the deadline; out of the queue either way.
static bool wait_turn(struct gil *g, struct thread *t, uint64_t entitled_at, uint64_t watch_until, uint64_t interval, uint64_t deadline_ns) {
    for (uint64_t ask_at = entitled_at;;) {
        uint64_t now = clock_now_ns();
        if (atomic_load_explicit(&t->gil_given, memory_order_acquire)) return true; // dequeued by the giver
        if (grab(g)) {
            dequeue(g, t);
            begin_hold(g, t, now);
            return true;
        }
        if (deadline_ns && now >= deadline_ns) {
            dequeue(g, t);
            return false;
        }
        if (now >= ask_at) ask_at = now + (ask_drop(g) || interval < SOON_NS ? interval : SOON_NS);
        if (now < watch_until) {
            watch(g, t, watch_until);
            continue;
        }
        struct timespec until = clock_timespec(deadline_ns && deadline_ns < ask_at ? deadline_ns : ask_at);
        t->gil_asleep = true;
        bool signalled = pthread_cond_timedwait(&t->gil_cond, &g->lock, &until) == 0;
        t->gil_asleep = false;
        if (signalled) ask_at = entitled_at; // if somebody was quicker he is asked at once
    }
}

bool gil_take(struct thread *t, uint64_t deadline_ns) {
    struct gil *g = t->interp->gil;
    uint64_t now = clock_now_ns();
    if (likely(grab(g))) {
        begin_hold(g, t, now);
        return true;
    }
    uint64_t interval = interval_of(t->interp);
    pthread_mutex_lock(&g->lock);
    bool first = goes_first(g, t, now, interval);
    enqueue(g, t, first);
    bool got = wait_turn(g, t, first ? now : now + interval, first && g->may_spin ? now + SPIN_NS : 0, interval, deadline_ns);
    pthread_mutex_unlock(&g->lock);
    write_ns(&t->gil_wait_ns, t->gil_wait_ns + (clock_now_ns() - now));
    return got;
}

static void wake_first(struct gil *g) {
    pthread_mutex_lock(&g->lock);
    if (g->first && g->first->gil_asleep) pthread_cond_signal(&g->first->gil_cond);
    pthread_mutex_unlock(&g->lock);
}

void gil_release(struct thread *t) {
    struct gil *g = t->interp->gil;
    uint64_t now = clock_now_ns();
    end_hold(t, now);
    t->gil_released_ns = now;
    atomic_store_explicit(&g->holder, NULL, memory_order_seq_cst);
    atomic_exchange_explicit(&g->held, 0, memory_order_seq_cst);
    if (unlikely(atomic_load_explicit(&g->waiters, memory_order_seq_cst) > 0)) wake_first(g);
}

void gil_yield(struct thread *t) {
    struct gil *g = t->interp->gil;
    if (atomic_load_explicit(&g->waiters, memory_order_relaxed) == 0) return;
    pthread_mutex_lock(&g->lock);
    struct thread *next = g->first;
    if (!next) {
        pthread_mutex_unlock(&g->lock);
        return;
    }
    uint64_t now = clock_now_ns(), interval = interval_of(t->interp);
    end_hold(t, now);
    t->gil_released_ns = 0;
    write_ns(&t->gil_forced, t->gil_forced + 1);
    dequeue(g, next);
    begin_hold(g, next, now);
    atomic_store_explicit(&next->gil_given, true, memory_order_release);
    if (next->gil_asleep) pthread_cond_signal(&next->gil_cond);
    enqueue(g, t, false);
    bool is_brief = g->may_spin && next->gil_released_ns && now - next->gil_released_ns < interval; // it came back from a call and will soon leave for the next
    wait_turn(g, t, now + interval, is_brief ? now + SPIN_NS : 0, interval, 0);
    pthread_mutex_unlock(&g->lock);
    write_ns(&t->gil_wait_ns, t->gil_wait_ns + (clock_now_ns() - now));
}

void gil_forget(struct thread *t) {
    pthread_mutex_lock(&t->interp->gil->lock); // whoever saw t as holder is through with it
    pthread_mutex_unlock(&t->interp->gil->lock);
}

// ---- fork ----

void gil_fork_prepare(struct gil *g) { pthread_mutex_lock(&g->lock); }
void gil_fork_parent(struct gil *g) { pthread_mutex_unlock(&g->lock); }
void gil_fork_child(struct thread *t) {
    struct gil *g = t->interp->gil;
    g->first = NULL;
    atomic_store(&g->waiters, 0);
    atomic_store(&g->held, 1);
    atomic_store(&g->holder, t);
    pthread_mutex_unlock(&g->lock);
}

// ---- statistics ----

size_t gil_stats(struct interp *interp, struct gil_stats *out, size_t n) {
    size_t i = 0;
    pthread_mutex_lock(&interp->threads_lock);
    for (struct thread *t = interp->threads; t; t = t->next, i++)
        if (i < n)
            out[i] = (struct gil_stats){.thread_id = t->id, .holds = read_ns(&t->gil_holds), .waited_ns = read_ns(&t->gil_wait_ns),
                                        .held_ns = read_ns(&t->gil_run_ns), .forced = read_ns(&t->gil_forced)};
    pthread_mutex_unlock(&interp->threads_lock);
    return i;
}
