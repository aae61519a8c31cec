// SPDX-License-Identifier: Apache-2.0
// The table of owner ids, their queues, fences and hand-shakes. Leaves what settling an object means to ref.c.
#include "interp/core/owner.h"
#include "interp/core/clock.h"
#include "interp/core/stop.h"
#include <linux/membarrier.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { IDS = 1 << 16, PROMOTE = 1, ACT_ABOVE = 64, SPIN = 200 };

static _Atomic(struct owner_slot *) table[IDS];
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER; // taken before a slot's lock
static pthread_mutex_t moved_lock = PTHREAD_MUTEX_INITIALIZER; // for waiting until somebody has moved: detached threads hold it, never a slot's lock. A leaf
static uint32_t next_id = 1; // guarded by table_lock, like every FREE slot
static _Atomic uint32_t dead;
static _Atomic uint8_t barrier_state; // 0 unknown, 1 registered, 2 not available

struct owner_slot *owner_at(uint16_t id) { return atomic_load_explicit(&table[id], memory_order_acquire); }
size_t owner_dead_count(void) { return atomic_load_explicit(&dead, memory_order_relaxed); }

// ---- ids ----

static struct owner_slot *slot_new(uint16_t id) {
    struct owner_slot *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->moved, NULL);
    s->id = id;
    atomic_store_explicit(&table[id], s, memory_order_release);
    return s;
}

// Multiples of 16 are left out: the low bits of a free-list link look like them (value.h).
static struct owner_slot *slot_find(void) {
    for (uint32_t tried = 0; tried < IDS; tried++) {
        uint32_t id = next_id;
        next_id = (next_id + 1) % IDS;
        if (id % 16 == 0) continue;
        struct owner_slot *s = owner_at((uint16_t)id);
        if (!s) return slot_new((uint16_t)id);
        if (atomic_load(&s->state) == OWNER_FREE) return s;
    }
    return NULL;
}

static void register_barrier(void) {
    long got = syscall(__NR_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
    atomic_store(&barrier_state, got == 0 ? 1 : 2);
}

struct owner_slot *owner_take(struct interp *interp, struct thread *t) {
    pthread_mutex_lock(&table_lock);
    if (atomic_load(&barrier_state) == 0) register_barrier();
    struct owner_slot *s = slot_find();
    if (s) {
        pthread_mutex_lock(&s->lock);
        s->interp = interp;
        s->thread = t;
        bool always = t && atomic_load(&barrier_state) == 2; // no way to ask later: fence from the start
        atomic_store(&s->fenced, always);
        if (t) atomic_store(&t->fenced, always);
        atomic_store(&s->state, OWNER_LIVE);
        pthread_mutex_unlock(&s->lock);
    }
    pthread_mutex_unlock(&table_lock);
    return s;
}

static void tell_moved(struct owner_slot *s) {
    pthread_mutex_lock(&moved_lock);
    pthread_cond_broadcast(&s->moved);
    pthread_mutex_unlock(&moved_lock);
}

static void kill_locked(struct owner_slot *s) {
    s->thread = NULL;
    atomic_store(&s->state, OWNER_DEAD);
    atomic_fetch_add(&dead, 1);
    free(s->queue);
    s->queue = NULL;
    s->queued = s->capacity = 0;
    atomic_fetch_add(&s->safe_seq, 1);
    tell_moved(s);
}

bool owner_kill(struct owner_slot *s) {
    pthread_mutex_lock(&s->lock);
    bool empty = s->queued == 0;
    if (empty) kill_locked(s);
    pthread_mutex_unlock(&s->lock);
    return empty;
}

void owner_reap(struct interp *interp) {
    pthread_mutex_lock(&table_lock);
    for (uint32_t id = 1; id < IDS; id++) {
        struct owner_slot *s = owner_at((uint16_t)id);
        if (!s || s->interp != interp || atomic_load(&s->state) != OWNER_DEAD) continue;
        s->interp = NULL;
        atomic_store(&s->state, OWNER_FREE);
        atomic_fetch_sub(&dead, 1);
    }
    pthread_mutex_unlock(&table_lock);
}

// ---- the queue ----

static bool queue_push(struct owner_slot *s, uintptr_t entry) {
    if (s->queued == s->capacity) {
        uint32_t capacity = s->capacity ? 2 * s->capacity : 32;
        uintptr_t *queue = realloc(s->queue, capacity * sizeof *queue);
        if (!queue) return false;
        s->queue = queue;
        s->capacity = capacity;
    }
    s->queue[s->queued++] = entry;
    return true;
}

// Everybody who bears the id is told. Slot lock held; in GIL mode the bearers are the interpreter's threads.
static void tell(struct owner_slot *s) {
    if (s->thread) {
        thread_interrupt(s->thread, BREAK_MERGE);
        return;
    }
    pthread_mutex_lock(&s->interp->threads_lock);
    for (struct thread *t = s->interp->threads; t; t = t->next) thread_interrupt(t, BREAK_MERGE);
    pthread_mutex_unlock(&s->interp->threads_lock);
}

static void settle(struct thread *t, uintptr_t entry) {
    struct object *o = (struct object *)(entry & ~(uintptr_t)PROMOTE);
    if (entry & PROMOTE) ref_promote(t, o);
    else ref_fold(t, o);
}

// Takes the whole queue. returns how many entries; *out is owned.
static uint32_t queue_take(struct owner_slot *s, uintptr_t **out) {
    pthread_mutex_lock(&s->lock);
    uint32_t n = s->queued;
    *out = s->queue;
    s->queue = NULL;
    s->queued = s->capacity = 0;
    pthread_mutex_unlock(&s->lock);
    return n;
}

void owner_drain(struct thread *t) {
    uintptr_t *queue;
    uint32_t n;
    while ((n = queue_take(t->slot, &queue)) > 0) {
        for (uint32_t i = 0; i < n; i++) settle(t, queue[i]);
        free(queue);
    }
    free(queue);
}

// A detached owner with a long queue: t settles it in its name. What dies is left for t's own safepoint.
static void act_for(struct thread *t, struct owner_slot *s) {
    pthread_mutex_lock(&s->lock);
    struct thread *owner = s->thread;
    uint8_t seen = RUN_DETACHED;
    if (!owner || !atomic_compare_exchange_strong(&owner->run_state, &seen, RUN_BORROWED)) {
        pthread_mutex_unlock(&s->lock);
        return;
    }
    uint32_t n = s->queued;
    uintptr_t *queue = s->queue;
    s->queue = NULL;
    s->queued = s->capacity = 0;
    pthread_mutex_unlock(&s->lock);
    for (uint32_t i = 0; i < n; i++) ref_settle_for(t, (struct object *)(queue[i] & ~(uintptr_t)PROMOTE), queue[i] & PROMOTE);
    free(queue);
    atomic_store(&owner->run_state, RUN_DETACHED);
}

bool owner_post(struct thread *t, struct owner_slot *s, struct object *o, bool promote) {
    pthread_mutex_lock(&s->lock);
    bool alive = atomic_load(&s->state) == OWNER_LIVE;
    // Without memory for the queue the object stays in debt for ever: a leak, never a crash.
    if (alive && queue_push(s, (uintptr_t)o | (promote ? PROMOTE : 0))) tell(s);
    bool many = alive && s->thread && s->queued > ACT_ABOVE && atomic_load(&s->thread->run_state) == RUN_DETACHED;
    pthread_mutex_unlock(&s->lock);
    if (many) act_for(t, s);
    return alive;
}

// ---- fences ----

void owner_fence(struct owner_slot *s) {
    if (atomic_load(&barrier_state) != 1) return;
    pthread_mutex_lock(&s->lock);
    if (s->thread) atomic_store(&s->thread->fenced, 1);
    pthread_mutex_unlock(&s->lock);
    // Every removal that did not see the flag is visible to us after this; every other one fences.
    syscall(__NR_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
    atomic_store_explicit(&s->fenced, 1, memory_order_seq_cst);
}

// ---- hand-shakes ----

void owner_moved(struct owner_slot *s) {
    atomic_fetch_add_explicit(&s->safe_seq, 1, memory_order_seq_cst);
    if (unlikely(atomic_load_explicit(&s->waiters, memory_order_seq_cst) > 0)) tell_moved(s);
}

static bool has_moved(struct owner_slot *s, uint32_t since) { return atomic_load_explicit(&s->safe_seq, memory_order_acquire) != since; }

static void wait_moved(struct owner_slot *s, uint32_t since) {
    for (int i = 0; i < SPIN; i++) {
        if (has_moved(s, since)) return;
        cpu_pause();
    }
    pthread_mutex_lock(&moved_lock);
    atomic_fetch_add(&s->waiters, 1);
    while (!has_moved(s, since)) pthread_cond_wait(&s->moved, &moved_lock);
    atomic_fetch_sub(&s->waiters, 1);
    pthread_mutex_unlock(&moved_lock);
}

void owner_handshake(struct thread *t, struct owner_slot *s) {
    pthread_mutex_lock(&s->lock);
    uint32_t since = atomic_load(&s->safe_seq);
    bool runs = s->thread && atomic_load_explicit(&s->thread->run_state, memory_order_seq_cst) == RUN_ATTACHED;
    if (runs) thread_interrupt(s->thread, BREAK_HANDSHAKE);
    pthread_mutex_unlock(&s->lock);
    if (!runs) return;
    thread_detach(t);
    wait_moved(s, since);
    thread_attach(t);
}

// ---- fork ----

void owner_fork_prepare(void) {
    pthread_mutex_lock(&table_lock);
    pthread_mutex_lock(&moved_lock);
}
void owner_fork_parent(void) {
    pthread_mutex_unlock(&moved_lock);
    pthread_mutex_unlock(&table_lock);
}
void owner_fork_child(struct thread *t) {
    owner_fork_parent();
    for (uint32_t id = 1; id < IDS; id++) {
        struct owner_slot *s = owner_at((uint16_t)id);
        if (!s) continue;
        pthread_cond_init(&s->moved, NULL);
        atomic_store(&s->waiters, 0);
        if (s->interp == t->interp && s != t->slot && atomic_load(&s->state) == OWNER_LIVE) {
            for (uint32_t i = 0; i < s->queued; i++) ref_settle_for(t, (struct object *)(s->queue[i] & ~(uintptr_t)PROMOTE), s->queue[i] & PROMOTE);
            kill_locked(s);
        }
    }
    register_barrier();
}
