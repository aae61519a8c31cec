// SPDX-License-Identifier: Apache-2.0
// The parking lot, byte locks and once-cells above it. Leaves what they guard to their users.
#include "interp/core/lock.h"
#include "interp/core/clock.h"
#include <errno.h>

enum { BUCKETS = 32, SPIN = 64 };

struct sleeper {
    struct sleeper *next;
    _Atomic uint8_t *byte;
    pthread_cond_t wake;
    bool woken;
};
struct bucket {
    pthread_mutex_t lock; // a leaf
    struct sleeper *first, **last;
};

static struct bucket lot[BUCKETS];

static void empty(struct bucket *b) {
    b->first = NULL;
    b->last = &b->first;
}
static void make_lot(void) {
    for (int i = 0; i < BUCKETS; i++) {
        pthread_mutex_init(&lot[i].lock, NULL);
        empty(&lot[i]);
    }
}
static struct bucket *bucket_of(const _Atomic uint8_t *byte) {
    static pthread_once_t made = PTHREAD_ONCE_INIT;
    pthread_once(&made, make_lot);
    return &lot[((uintptr_t)byte >> 3 ^ (uintptr_t)byte >> 12) % BUCKETS];
}

static void remove_sleeper(struct bucket *b, struct sleeper *s) {
    struct sleeper **at = &b->first;
    while (*at != s) at = &(*at)->next;
    *at = s->next;
    if (b->last == &s->next) b->last = at;
}

static bool sleep_until(struct bucket *b, struct sleeper *s, uint64_t deadline_ns) {
    struct timespec deadline = clock_timespec(deadline_ns);
    while (!s->woken) {
        int failed = deadline_ns ? pthread_cond_timedwait(&s->wake, &b->lock, &deadline) : pthread_cond_wait(&s->wake, &b->lock);
        if (failed == ETIMEDOUT && !s->woken) {
            remove_sleeper(b, s);
            return false;
        }
    }
    return true;
}

bool park_on(_Atomic uint8_t *byte, uint8_t expected, uint64_t deadline_ns) {
    struct bucket *b = bucket_of(byte);
    struct sleeper s = {.byte = byte};
    bool woken = true;
    pthread_mutex_lock(&b->lock);
    if (atomic_load_explicit(byte, memory_order_seq_cst) == expected) {
        pthread_condattr_t monotonic;
        pthread_condattr_init(&monotonic);
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
        pthread_cond_init(&s.wake, &monotonic);
        pthread_condattr_destroy(&monotonic);
        *b->last = &s;
        b->last = &s.next;
        woken = sleep_until(b, &s, deadline_ns);
        pthread_cond_destroy(&s.wake);
    }
    pthread_mutex_unlock(&b->lock);
    return woken;
}

void park_wake(_Atomic uint8_t *byte, unsigned n) {
    struct bucket *b = bucket_of(byte);
    pthread_mutex_lock(&b->lock);
    for (struct sleeper *s = b->first, *next; s && n; s = next) {
        next = s->next;
        if (s->byte != byte) continue;
        remove_sleeper(b, s);
        s->woken = true;
        pthread_cond_signal(&s->wake);
        n--;
    }
    pthread_mutex_unlock(&b->lock);
}

void park_fork_prepare(void) {
    bucket_of(NULL);
    for (int i = 0; i < BUCKETS; i++) pthread_mutex_lock(&lot[i].lock);
}
void park_fork_parent(void) {
    for (int i = 0; i < BUCKETS; i++) pthread_mutex_unlock(&lot[i].lock);
}
void park_fork_child(void) { // whoever slept is not here
    for (int i = 0; i < BUCKETS; i++) empty(&lot[i]);
    park_fork_parent();
}

// ---- byte locks ----

static bool spin_for(_Atomic uint8_t *byte) {
    for (int i = 0; i < SPIN; i++) {
        if (atomic_load_explicit(byte, memory_order_relaxed) == 0 && lock_byte_try(byte)) return true;
        cpu_pause();
    }
    return false;
}

// Once we may have slept the byte is taken as 2: others may be asleep too.
void lock_byte_slow(struct thread *t, _Atomic uint8_t *byte) {
    uint8_t taken = 1;
    while (!spin_for(byte)) {
        uint8_t seen = 1;
        bool asleep = atomic_compare_exchange_strong(byte, &seen, 2) || seen == 2;
        if (asleep) {
            thread_detach(t);
            park_on(byte, 2, 0);
            thread_attach(t);
            taken = 2;
        }
        seen = 0;
        if (taken == 2 && atomic_compare_exchange_strong(byte, &seen, 2)) return;
    }
    if (taken == 2) atomic_store(byte, 2);
}

void lock_byte_wake(_Atomic uint8_t *byte) { park_wake(byte, 1); }

// ---- once ----

bool once_begin(struct thread *t, struct once *o) {
    for (;;) {
        uint8_t seen = 0;
        if (atomic_compare_exchange_strong(&o->state, &seen, 1)) return true;
        if (seen == 3) return false;
        if (seen == 1 && !atomic_compare_exchange_strong(&o->state, &seen, 2)) continue;
        thread_detach(t);
        park_on(&o->state, 2, 0);
        thread_attach(t);
    }
}

void once_end(struct once *o, bool done) {
    if (atomic_exchange(&o->state, done ? 3 : 0) == 2) park_wake(&o->state, UINT32_MAX);
}
