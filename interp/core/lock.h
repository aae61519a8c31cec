// SPDX-License-Identifier: Apache-2.0
// Locks of one byte with their waiters in a parking lot, and once-cells. Leaves the lock byte of objects to ref.h's write_begin.
//
// An attached thread that has to wait spins a little, then detaches, parks, and attaches again: so a lock may be waited for by threads that a
// stop-the-world or the GIL's next holder need out of the way. The other way round: never block on a foreign mutex while attached.
// Not recursive. Order: a byte of an object before a struct lock is never right; struct locks are leaves unless their owner says otherwise.
//
// THE BYTE: 0 free, 1 held, 2 held and somebody may be waiting. park_on/park_wake are a futex for any byte.
#ifndef KRAIT_INTERP_CORE_LOCK_H
#define KRAIT_INTERP_CORE_LOCK_H

#include "interp/core/thread.h"

struct lock {
    _Atomic uint8_t byte;
};
struct once {
    _Atomic uint8_t state; // 0 not yet, 1 somebody is at it, 2 somebody waits too, 3 done
};

void lock_byte_slow(struct thread *t, _Atomic uint8_t *byte);
void lock_byte_wake(_Atomic uint8_t *byte);
// May wait; t detached meanwhile.
static inline void lock_byte_take(struct thread *t, _Atomic uint8_t *byte) {
    uint8_t zero = 0;
    if (likely(atomic_compare_exchange_strong_explicit(byte, &zero, 1, memory_order_acquire, memory_order_relaxed))) return;
    lock_byte_slow(t, byte);
}
static inline bool lock_byte_try(_Atomic uint8_t *byte) {
    uint8_t zero = 0;
    return atomic_compare_exchange_strong_explicit(byte, &zero, 1, memory_order_acquire, memory_order_relaxed);
}
static inline void lock_byte_give(_Atomic uint8_t *byte) {
    if (unlikely(atomic_exchange_explicit(byte, 0, memory_order_seq_cst) == 2)) lock_byte_wake(byte);
}
static inline void lock_take(struct thread *t, struct lock *l) { lock_byte_take(t, &l->byte); }
static inline bool lock_try(struct lock *l) { return lock_byte_try(&l->byte); }
static inline void lock_give(struct lock *l) { lock_byte_give(&l->byte); }

// true: the caller must do the work and then call once_end; false: it is done (by another, possibly waited for).
bool once_begin(struct thread *t, struct once *o) MUST_CHECK;
void once_end(struct once *o, bool done); // not done: the next one tries
static inline bool once_is_done(const struct once *o) { return atomic_load_explicit(&o->state, memory_order_acquire) == 3; }

// The parking lot. Sleeps if *byte still is `expected`, until woken, or until deadline (monotonic ns, 0: none) → false. The caller is detached.
bool park_on(_Atomic uint8_t *byte, uint8_t expected, uint64_t deadline_ns);
// Wakes up to n sleepers of that byte.
void park_wake(_Atomic uint8_t *byte, unsigned n);
void park_fork_prepare(void);
void park_fork_parent(void);
void park_fork_child(void);

#endif
