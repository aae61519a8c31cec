// SPDX-License-Identifier: Apache-2.0
// Grace periods. Leaves what is retired to mem.c.
#include "interp/core/qsbr.h"
#include "interp/core/slab.h"
#include <sched.h>
#include <stdlib.h>

struct qsbr {
    _Atomic uint64_t epoch;   // counts up from 1
    struct retired *left;     // what ended threads left behind; guarded by threads_lock
    uint32_t left_count;
};

enum { SCAN_LEAST = 32, ASK_ABOVE = 256 };

struct qsbr *qsbr_new(void) {
    struct qsbr *q = calloc(1, sizeof *q);
    if (q) atomic_init(&q->epoch, 1);
    return q;
}

static void give(struct thread *t, const struct retired *r) {
    switch (r->kind) {
    case RETIRED_BUFFER: mem_free(t, r->p, r->bytes); break;
    case RETIRED_CELL: large_free(t, r->p); break;
    }
}

void qsbr_free(struct interp *interp) {
    struct qsbr *q = interp->qsbr;
    if (!q) return;
    for (uint32_t i = 0; i < q->left_count; i++) give(NULL, &q->left[i]);
    free(q->left);
    free(q);
}

void qsbr_quiet(struct thread *t) {
    struct qsbr *q = t->interp->qsbr;
    atomic_store_explicit(&t->qsbr_seen, atomic_load_explicit(&q->epoch, memory_order_seq_cst), memory_order_seq_cst);
}

// The least epoch that an attached thread has seen; asks the laggards if `ask`. threads_lock held.
static uint64_t least_seen(struct thread *t, bool ask) {
    struct qsbr *q = t->interp->qsbr;
    uint64_t now = atomic_load_explicit(&q->epoch, memory_order_seq_cst), least = now;
    for (struct thread *other = t->interp->threads; other; other = other->next) {
        if (other == t || atomic_load_explicit(&other->run_state, memory_order_seq_cst) != RUN_ATTACHED) continue;
        uint64_t seen = atomic_load_explicit(&other->qsbr_seen, memory_order_seq_cst);
        if (seen < least) least = seen;
        if (ask && seen < now) thread_interrupt(other, BREAK_QUIET);
    }
    uint64_t mine = atomic_load_explicit(&t->qsbr_seen, memory_order_relaxed);
    return mine < least ? mine : least;
}

// Frees what was retired before epoch `least`; returns how many are left.
static uint32_t free_older(struct thread *t, struct retired *at, uint32_t n, uint64_t least) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (at[i].epoch < least) give(t, &at[i]);
        else at[kept++] = at[i];
    }
    return kept;
}

static void scan(struct thread *t) {
    struct interp *interp = t->interp;
    if (pthread_mutex_trylock(&interp->threads_lock) != 0) return; // somebody stops the world: he will free it all
    uint64_t least = least_seen(t, t->retired_count > ASK_ABOVE);
    interp->qsbr->left_count = free_older(t, interp->qsbr->left, interp->qsbr->left_count, least);
    pthread_mutex_unlock(&interp->threads_lock);
    t->retired_count = free_older(t, t->retired, t->retired_count, least);
    // Between two safepoints (a collection that clears a large heap) nothing comes free: twice as many before the next look keep the cost a block constant.
    t->retired_scan_at = t->retired_count > SCAN_LEAST ? 2 * t->retired_count : t->retired_count + SCAN_LEAST;
    t->retired_held_up = t->retired_count && least == atomic_load_explicit(&t->qsbr_seen, memory_order_relaxed);
}

void qsbr_safepoint(struct thread *t) {
    qsbr_quiet(t);
    if (t->retired_held_up) scan(t); // by me alone, for all I know
}

static bool room(struct thread *t) {
    if (t->retired_count < t->retired_capacity) return true;
    uint32_t capacity = t->retired_capacity ? 2 * t->retired_capacity : 64;
    struct retired *at = realloc(t->retired, capacity * sizeof *at);
    if (!at) return false;
    t->retired = at;
    t->retired_capacity = capacity;
    return true;
}

void qsbr_retire(struct thread *t, void *p, size_t bytes, enum retired_kind kind) {
    struct qsbr *q = t->interp->qsbr;
    struct retired r = {p, bytes, atomic_fetch_add_explicit(&q->epoch, 1, memory_order_seq_cst), kind};
    while (!room(t)) { // rare: our own list cannot grow; free what can be freed until it has room
        scan(t);
        if (t->retired_count < t->retired_capacity) break;
        if (!t->retired_capacity) return; // not even the first one fits: leak this block rather than risk a reader
        sched_yield();
    }
    t->retired[t->retired_count++] = r;
    if (t->retired_count < t->retired_scan_at) return;
    thread_interrupt(t, BREAK_QUIET); // my own next safepoint frees what is mine alone
    scan(t);
}

void qsbr_thread_end(struct thread *t) {
    struct qsbr *q = t->interp->qsbr;
    if (t->retired_count) {
        uint32_t n = q->left_count + t->retired_count;
        struct retired *at = realloc(q->left, n * sizeof *at);
        if (at) {
            q->left = at;
            memcpy(at + q->left_count, t->retired, t->retired_count * sizeof *at);
            q->left_count = n;
        }
    }
    free(t->retired);
    t->retired = NULL;
    t->retired_count = t->retired_capacity = 0;
}

void qsbr_world_stopped(struct thread *t) {
    struct qsbr *q = t->interp->qsbr;
    for (struct thread *other = t->interp->threads; other; other = other->next) {
        for (uint32_t i = 0; i < other->retired_count; i++) give(t, &other->retired[i]);
        other->retired_count = other->retired_scan_at = 0;
        atomic_store_explicit(&other->qsbr_seen, atomic_load(&q->epoch), memory_order_seq_cst);
    }
    for (uint32_t i = 0; i < q->left_count; i++) give(t, &q->left[i]);
    q->left_count = 0;
}

void qsbr_fork_child(struct interp *interp) {
    struct qsbr *q = interp->qsbr;
    for (uint32_t i = 0; i < q->left_count; i++) give(NULL, &q->left[i]);
    q->left_count = 0;
}
