// SPDX-License-Identifier: Apache-2.0
// Slow paths of counting: other owners' objects, merging, adopting, promoting to deferred. Leaves write bias to bias.c and destroying to destroy.c.
//
// Legal changes of (owner, shared), all by compare-and-swap on `shared`:
//
//     biased  (A, n)          ── owner's count is 0, n > 0 ──▶ merged (nobody, MERGED n)       zero: owner first, then MERGED
//     biased  (A, n < 0)      ── QUEUED ──▶ A folds n into its local count ──▶ biased (A, 0)
//     biased  (A dead, n)     ── somebody touches it, A's slot lock held ──▶ merged (nobody, MERGED n + local)
//     merged  (nobody, n)     ── next to count it, holding one ──▶ biased (B, 0), local n      adopt
//     merged  (nobody, 0)     ── whoever made it 0 ──▶ biased (B, 0), local 1, dying
//     any that is counted     ── garbage, the world stopped, B collects ──▶ biased (B, 0), local + n
//     any                     ── promote, defer ──▶ (nobody, DEFERRED)
//
// "Nobody, not MERGED, not DEFERRED" is seen for a few instructions between two steps; a decrement that would go below zero waits it out.
#include "interp/core/clock.h"
#include "interp/core/destroy.h"
#include "interp/core/gc.h"
#include "interp/core/owner.h"
#include "interp/core/slab.h"

enum { HOT = 64 }; // one slow hit in so many asks for promotion

static inline int32_t count_of(uint32_t shared) { return (int32_t)shared >> SHARED_SHIFT; }
static inline uint32_t load_shared(const struct object *o) { return atomic_load_explicit(&o->shared, memory_order_acquire); }
static inline bool swap_shared(struct object *o, uint32_t *seen, uint32_t to) {
    return atomic_compare_exchange_weak_explicit(&o->shared, seen, to, memory_order_acq_rel, memory_order_acquire);
}
static inline void set_owner(struct object *o, uint16_t owner) { __atomic_store_n(&o->owner, owner, __ATOMIC_SEQ_CST); }

// ---- death ----

// o's count is zero and I am the one who made it so: it becomes mine, to die now or at my next safepoint.
static void bury(struct thread *t, struct object *o, bool now) {
    o->local = 0;
    set_owner(o, t->owner);
    if (now) object_destroy(t, o);
    else destroy_later(t, o);
}

// My local count is zero. Merges or destroys.
static void zero(struct thread *t, struct object *o, bool now) {
    uint32_t s = load_shared(o);
    while (s != 0) {
        if (s & (SHARED_DEFERRED | SHARED_QUEUED)) return; // not counted; or the queue settles it
        if (count_of(s) == 0) break;
        set_owner(o, OWNER_NONE);
        if (swap_shared(o, &s, s | SHARED_MERGED)) return; // the last sharer frees it
        if (s & SHARED_DEFERRED) return;
        set_owner(o, t->owner);
    }
    bury(t, o, now);
}

void ref_zero(struct thread *t, struct object *o) {
    if (likely(load_shared(o) == 0)) object_destroy(t, o);
    else zero(t, o, true);
}

// ---- settling for owners ----

// Folds the debt in `shared` into the local count. false: nothing to do.
static bool fold(struct object *o) {
    uint32_t s = load_shared(o), to;
    int32_t n;
    do {
        if (!(s & SHARED_QUEUED)) return false;
        n = s & SHARED_DEFERRED ? 0 : count_of(s);
        to = (n < 0 ? s & (SHARED_UNIT - 1) : s) & ~(uint32_t)SHARED_QUEUED;
    } while (!swap_shared(o, &s, to));
    if (n < 0) o->local += (uint32_t)n;
    return !(s & SHARED_DEFERRED);
}

void ref_fold(struct thread *t, struct object *o) {
    if (fold(o) && o->local == 0) zero(t, o, true);
}

static bool may_defer(const struct object *o) { return !(object_type(o)->flags & TYPE_DEL) && !(object_flags(o) & (HEAD_WEAKREFS | HEAD_DYING)); }

static void note_promoted(struct thread *t) {
    struct gc *g = t->interp->collector;
    if (!g) return;
    uint64_t n = atomic_fetch_add_explicit(&g->promoted, 1, memory_order_relaxed) + 1;
    if ((int64_t)n > atomic_load_explicit(&g->threshold, memory_order_relaxed) && atomic_load(&g->enabled)) thread_interrupt(t, BREAK_GC);
}

// The owner's part: from now on o is not counted. false: not now (it is queued, or may not be).
static bool promote(struct thread *t, struct object *o) {
    if (!may_defer(o)) return false;
    object_set_flag(o, HEAD_WRITE_SHARED);
    slab_mark_deferred(o);
    uint32_t s = load_shared(o);
    do {
        if (s & (SHARED_QUEUED | SHARED_DEFERRED)) return false;
    } while (!swap_shared(o, &s, (s & ~(uint32_t)SHARED_MERGED) | SHARED_DEFERRED));
    set_owner(o, OWNER_NONE);
    note_promoted(t);
    return true;
}

static void dec_foreign(struct thread *t, struct object *o, bool now);

void ref_promote(struct thread *t, struct object *o) {
    if (!promote(t, o)) dec_foreign(t, o, true);
}

// t acts for a detached owner, or after fork for one that is gone.
void ref_settle_for(struct thread *t, struct object *o, bool wants_promotion) {
    if (wants_promotion) {
        if (!promote(t, o)) dec_foreign(t, o, false);
        return;
    }
    if (!fold(o) || o->local != 0) return;
    zero(t, o, false);
}

// ---- dead owners ----

// The object of a dead owner becomes ownerless. The owner's slot is locked, or the world stopped. returns true if nothing holds o: the caller buries it.
static bool disown(struct object *o) {
    uint32_t local = o->local, s = load_shared(o);
    o->local = 0;
    set_owner(o, OWNER_NONE);
    for (;;) {
        if (s & SHARED_DEFERRED) return false;
        int32_t total = count_of(s) + (int32_t)local;
        if (total == 0) {
            if (swap_shared(o, &s, 0)) return true;
        } else if (swap_shared(o, &s, (uint32_t)total << SHARED_SHIFT | SHARED_MERGED))
            return false;
    }
}

void ref_disown_stopped(struct object *o) { (void)disown(o); }

void ref_take_stopped(struct thread *t, struct object *o) {
    uint32_t s = load_shared(o);
    if (s & (SHARED_DEFERRED | SHARED_QUEUED)) return;
    o->local += (uint32_t)count_of(s);
    atomic_store_explicit(&o->shared, 0, memory_order_release);
    set_owner(o, t->owner);
}

// I set QUEUED, and its owner is dead.
static void settle_dead(struct thread *t, struct owner_slot *owner, struct object *o, bool now) {
    pthread_mutex_lock(&owner->lock);
    bool dead = disown(o);
    pthread_mutex_unlock(&owner->lock);
    if (dead) bury(t, o, now);
}

// I hold a shared count of o, whose owner seems dead.
static void touch_dead(struct object *o, struct owner_slot *owner) {
    pthread_mutex_lock(&owner->lock);
    if (object_owner(o) == owner->id && atomic_load(&owner->state) == OWNER_DEAD && !(load_shared(o) & (SHARED_QUEUED | SHARED_DEFERRED))) (void)disown(o);
    pthread_mutex_unlock(&owner->lock);
}

// ---- others' objects ----

static void enqueue(struct thread *t, struct object *o, bool now) {
    struct owner_slot *owner = owner_at(object_owner(o)); // does not change while QUEUED, but for ref_immortal
    if (!owner) return;
    if (!owner_post(t, owner, o, false)) settle_dead(t, owner, o, now);
}

static void dec_foreign(struct thread *t, struct object *o, bool now) {
    uint32_t s = load_shared(o);
    for (;;) {
        if (s & SHARED_DEFERRED) return;
        int32_t left = count_of(s) - 1;
        if (s & SHARED_MERGED) {
            if (swap_shared(o, &s, left == 0 ? 0 : s - SHARED_UNIT)) {
                if (left == 0) bury(t, o, now);
                return;
            }
        } else if (left >= 0 || (s & SHARED_QUEUED)) {
            if (swap_shared(o, &s, s - SHARED_UNIT)) return;
        } else if (object_owner(o) == OWNER_NONE) {
            cpu_pause(); // between two steps of a merge
            s = load_shared(o);
        } else if (swap_shared(o, &s, (s - SHARED_UNIT) | SHARED_QUEUED)) {
            enqueue(t, o, now);
            return;
        }
    }
}

void ref_dec_foreign(struct thread *t, struct object *o) {
    t->slow_counts++;
    dec_foreign(t, o, true);
}

// I hold one shared count of an ownerless object: from now on it is mine, and all its counts local.
static bool adopt(struct thread *t, struct object *o) {
    uint16_t nobody = OWNER_NONE;
    uint32_t s = load_shared(o);
    if ((s & (SHARED_MERGED | SHARED_QUEUED | SHARED_DEFERRED)) != SHARED_MERGED) return false;
    if (!__atomic_compare_exchange_n(&o->owner, &nobody, t->owner, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) return false;
    do {
        if (s & SHARED_DEFERRED) {
            set_owner(o, OWNER_NONE);
            return false;
        }
        o->local = (uint32_t)count_of(s);
    } while (!swap_shared(o, &s, 0));
    return true;
}

// Many threads hammer o: it is to become deferred. I hold a count.
static void ask_promotion(struct thread *t, struct object *o) {
    struct owner_slot *owner = owner_at(object_owner(o));
    if (!owner || !may_defer(o)) return;
    atomic_fetch_add_explicit(&o->shared, SHARED_UNIT, memory_order_relaxed); // the queue's
    if (!owner_post(t, owner, o, true)) dec_foreign(t, o, false);
}

// I hold one shared count of o. Makes the next one cheaper, if that is to be had.
static void warm(struct thread *t, struct object *o) {
    t->slow_counts++;
    uint16_t id = object_owner(o);
    if (id == OWNER_NONE) {
        adopt(t, o);
        return;
    }
    struct owner_slot *owner = owner_at(id);
    if (unlikely(owner && atomic_load_explicit(&owner->state, memory_order_relaxed) == OWNER_DEAD)) {
        touch_dead(o, owner);
        adopt(t, o);
    } else if (++t->hot_hits % HOT == 0)
        ask_promotion(t, o);
}

value ref_inc_foreign(struct thread *t, struct object *o) {
    if (load_shared(o) & SHARED_DEFERRED) return borrowed_word(o);
    uint32_t old = atomic_fetch_add_explicit(&o->shared, SHARED_UNIT, memory_order_acq_rel);
    if (old & SHARED_DEFERRED) return borrowed_word(o);
    warm(t, o);
    return counted_word(o);
}

static inline void ensure_fenced(uint16_t id) {
    struct owner_slot *owner = id == OWNER_NONE ? NULL : owner_at(id);
    if (owner && unlikely(!atomic_load_explicit(&owner->fenced, memory_order_acquire)) && atomic_load(&owner->state) == OWNER_LIVE) owner_fence(owner);
}

value ref_load_foreign(struct thread *t, _Atomic value *slot, value v) {
    while (is_counted(v) && v) {
        struct object *o = as_object(v);
        value now;
        if (is_mine(t, o)) {
            o->local++;
            return v;
        }
        if (load_shared(o) & SHARED_DEFERRED) {
            now = atomic_load_explicit(slot, memory_order_seq_cst);
            if (likely(now == v)) return borrowed_word(o);
        } else {
            atomic_fetch_add_explicit(&o->shared, SHARED_UNIT, memory_order_seq_cst);
            ensure_fenced(object_owner(o)); // not before: whoever becomes its owner from here on takes my count over with the rest
            now = atomic_load_explicit(slot, memory_order_seq_cst);
            if (likely(now == v)) {
                warm(t, o);
                return v;
            }
            dec_foreign(t, o, false);
        }
        v = now;
    }
    return v;
}

void ref_fence(struct thread *t) {
#ifdef KRAIT_TSAN
    static _Thread_local _Atomic int word; // the tool does not know fences
    atomic_fetch_add(&word, 1);
#else
    atomic_thread_fence(memory_order_seq_cst);
#endif
}

// ---- deferred and immortal ----

static value defer(struct object *o, uint32_t flags) {
    object_set_flag(o, HEAD_WRITE_SHARED);
    slab_mark_deferred(o);
    atomic_fetch_or_explicit(&o->shared, flags, memory_order_acq_rel);
    set_owner(o, OWNER_NONE);
    return borrowed_word(o);
}
value ref_defer(struct thread *t, struct object *o) { return defer(o, SHARED_DEFERRED); }
value ref_immortal(struct thread *t, struct object *o) { return defer(o, SHARED_DEFERRED | SHARED_IMMORTAL); }

uint64_t ref_total(const struct object *o) {
    uint32_t s = load_shared(o);
    if (s & SHARED_DEFERRED) return (uint64_t)1 << 30;
    return (uint64_t)((int64_t)o->local + count_of(s));
}
