// SPDX-License-Identifier: Apache-2.0
// Lock and RLock. Leaves starting threads to module.c, locks inside the core to core/lock.h.
#include "interp/modules/thread/thread_module.h"
#include "interp/core/clock.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FREE, HELD, AWAITED, HANDED };
enum { PATIENCE_NS = 1000000, SPIN = 64 };

struct thread_lock {
    struct object head;
    _Atomic uint32_t word;     // FREE …
    _Atomic uint32_t starving; // sleepers that lost their patience
    _Atomic uint64_t holder;   // RLock: id of the thread, 0 none. Written by the holder
    uint64_t depth;            // RLock: the holder's
};
static struct thread_lock *as_lock(vref v) { return (struct thread_lock *)as_object(v); }

// ---- the word ----
static void sleep_on(_Atomic uint32_t *word, uint32_t seen, uint64_t deadline_ns) {
    struct timespec until = clock_timespec(deadline_ns);
    syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, seen, deadline_ns ? &until : NULL, NULL, FUTEX_BITSET_MATCH_ANY);
}
static void wake_one(_Atomic uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0); }
static bool change(struct thread_lock *l, uint32_t from, uint32_t to) { return atomic_compare_exchange_strong_explicit(&l->word, &from, to, memory_order_acquire, memory_order_relaxed); }
static bool give(struct thread_lock *l) { // false: nobody held it
    uint32_t seen = atomic_load_explicit(&l->word, memory_order_relaxed);
    if (seen == FREE || seen == HANDED) return false;
    uint32_t next = atomic_load_explicit(&l->starving, memory_order_relaxed) ? HANDED : FREE;
    if (atomic_exchange_explicit(&l->word, next, memory_order_release) == AWAITED || next == HANDED) wake_one(&l->word);
    return true;
}
// Without the lock after all: what was meant for us is for the next.
static void leave(struct thread_lock *l, bool starved) {
    if (starved) atomic_fetch_sub(&l->starving, 1);
    if (change(l, HANDED, FREE)) wake_one(&l->word);
}
static bool spin(const struct thread *t, struct thread_lock *l) {
    for (int i = 0; t->free_threaded && i < SPIN; i++) {
        if (atomic_load_explicit(&l->word, memory_order_relaxed) == FREE && change(l, FREE, HELD)) return true;
        cpu_pause();
    }
    return false;
}
// 1 taken, 0 timed out, -1 a signal's handler raised. deadline_ns 0: for ever.
static int take_slow(struct thread *t, struct thread_lock *l, uint64_t deadline_ns) {
    bool slept = false, starved = false;
    uint64_t began = clock_now_ns();
    int r = -1;
    if (spin(t, l)) return 1;
    for (;;) {
        uint32_t seen = atomic_load_explicit(&l->word, memory_order_relaxed);
        r = 1;
        if (seen == FREE ? change(l, FREE, AWAITED) : seen == HANDED && slept && change(l, HANDED, AWAITED)) break;
        if (seen == FREE || (seen == HELD && !change(l, HELD, AWAITED))) continue;
        if (seen == HELD) seen = AWAITED;
        uint64_t now = clock_now_ns(), until = deadline_ns;
        r = 0;
        if (deadline_ns && now >= deadline_ns) break;
        if (slept && !starved && now - began > PATIENCE_NS) starved = (atomic_fetch_add(&l->starving, 1), true);
        if (seen == HANDED && (!until || until > now + PATIENCE_NS)) until = now + PATIENCE_NS; // it is another's turn, if he is still there
        thread_detach(t);
        sleep_on(&l->word, seen, until);
        thread_attach(t);
        slept = true;
        r = -1;
        if (!safepoint_poll(t)) break;
    }
    if (r > 0 && starved) atomic_fetch_sub(&l->starving, 1);
    if (r <= 0) leave(l, starved);
    return r;
}
static int take(struct thread *t, struct thread_lock *l, bool blocking, double timeout) {
    if (likely(change(l, FREE, HELD))) return 1;
    if (!blocking || timeout == 0) return 0;
    return take_slow(t, l, timeout < 0 ? 0 : clock_now_ns() + (uint64_t)(timeout * 1e9) + 1);
}

// ---- Lock ----
static bool wait_arguments(struct thread *t, const vref *a, bool *blocking, double *timeout) {
    *blocking = true;
    *timeout = -1;
    if (a[1]) {
        int b = object_truth(t, a[1]);
        if (b < 0) return false;
        *blocking = b;
    }
    if (a[2] && !float_as_double(t, a[2], timeout)) return false;
    if (a[2] && !*blocking && *timeout != -1) return raise(t, &exc_ValueError, "can't specify a timeout for a non-blocking call"), false;
    if (*timeout < 0 && *timeout != -1) return raise(t, &exc_ValueError, "timeout value must be a non-negative number"), false;
    if (*timeout != *timeout) return raise(t, &exc_ValueError, "Invalid value NaN (not a number)"), false;
    if (*timeout > 9223372036.0) return raise(t, &exc_OverflowError, "timeout value is too large"), false;
    return true;
}
static value answer(int r) { return r < 0 ? V_NULL : from_bool(r); }
static value l_acquire(struct thread *t, const vref *a) {
    bool blocking;
    double timeout;
    return wait_arguments(t, a, &blocking, &timeout) ? answer(take(t, as_lock(a[0]), blocking, timeout)) : V_NULL;
}
static value l_release(struct thread *t, const vref *a) { return give(as_lock(a[0])) ? V_NONE : raise(t, &exc_RuntimeError, "release unlocked lock"); }
static bool is_held(struct thread_lock *l) {
    uint32_t word = atomic_load(&l->word);
    return word == HELD || word == AWAITED;
}
static value l_locked(struct thread *t, const vref *a) { return (void)t, from_bool(is_held(as_lock(a[0]))); }
static value l_enter(struct thread *t, const vref *a) { return answer(take(t, as_lock(a[0]), true, -1)); }
static value l_at_fork_reinit(struct thread *t, const vref *a) {
    struct thread_lock *l = as_lock(a[0]);
    (void)t;
    atomic_store(&l->word, FREE);
    atomic_store(&l->starving, 0);
    atomic_store(&l->holder, 0);
    l->depth = 0;
    return V_NONE;
}
static value l_repr(struct thread *t, vref self) {
    char where[32];
    snprintf(where, sizeof where, "%p", (void *)as_lock(self));
    return str_format(t, "<%s _thread.lock object at %s>", is_held(as_lock(self)) ? "locked" : "unlocked", where);
}
static value lock_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args;
    if (nargs || kwnames) return raise(t, &exc_TypeError, "%s() takes no arguments", cls->name);
    return object_new_instance(t, cls); // zeroed is free
}
value lock_object_new(struct thread *t) { return object_new_instance(t, &type_thread_lock); }
bool lock_object_release(vref lock) { return give(as_lock(lock)); }

// ---- RLock ----
static bool is_holder(const struct thread *t, struct thread_lock *l) { return atomic_load_explicit(&l->holder, memory_order_relaxed) == t->id; }
static value r_take(struct thread *t, struct thread_lock *l, bool blocking, double timeout) {
    if (is_holder(t, l)) {
        l->depth++;
        return V_TRUE;
    }
    int r = take(t, l, blocking, timeout);
    if (r > 0) {
        atomic_store_explicit(&l->holder, t->id, memory_order_relaxed);
        l->depth = 1;
    }
    return answer(r);
}
static value r_acquire(struct thread *t, const vref *a) {
    bool blocking;
    double timeout;
    return wait_arguments(t, a, &blocking, &timeout) ? r_take(t, as_lock(a[0]), blocking, timeout) : V_NULL;
}
static value r_enter(struct thread *t, const vref *a) { return r_take(t, as_lock(a[0]), true, -1); }
static value r_release(struct thread *t, const vref *a) {
    struct thread_lock *l = as_lock(a[0]);
    if (!is_holder(t, l)) return raise(t, &exc_RuntimeError, "cannot release un-acquired lock");
    if (--l->depth == 0) {
        atomic_store_explicit(&l->holder, 0, memory_order_relaxed);
        give(l);
    }
    return V_NONE;
}
static value r_owned(struct thread *t, const vref *a) { return from_bool(is_holder(t, as_lock(a[0]))); }
// For Condition: gives the lock up whatever its depth, and takes it back.
static value r_release_save(struct thread *t, const vref *a) {
    struct thread_lock *l = as_lock(a[0]);
    if (!atomic_load(&l->holder)) return raise(t, &exc_RuntimeError, "cannot release un-acquired lock");
    uint64_t depth = l->depth, holder = atomic_load(&l->holder);
    l->depth = 0;
    atomic_store(&l->holder, 0);
    give(l);
    return tuple_take_array(t, (value[]){int_from_u64(t, depth), int_from_u64(t, holder)}, 2);
}
static value r_acquire_restore(struct thread *t, const vref *a) {
    struct thread_lock *l = as_lock(a[0]);
    int64_t depth, holder;
    if (!is_tuple(a[1]) || tuple_size(a[1]) != 2) return raise(t, &exc_TypeError, "_acquire_restore() wants what _release_save() returned");
    if (!int_as_i64(t, tuple_at(a[1], 0), &depth) || !int_as_i64(t, tuple_at(a[1], 1), &holder)) return V_NULL;
    if (take(t, l, true, -1) < 0) return V_NULL;
    atomic_store(&l->holder, (uint64_t)holder);
    l->depth = (uint64_t)depth;
    return V_NONE;
}
static value r_repr(struct thread *t, vref self) {
    struct thread_lock *l = as_lock(self);
    char text[128];
    uint64_t holder = atomic_load(&l->holder);
    snprintf(text, sizeof text, "object owner=%llu count=%llu at %p", (unsigned long long)holder, holder ? (unsigned long long)l->depth : 0, (void *)l);
    value name = object_getattr_cstr(t, type_ref(type_of(self)), "__qualname__"), r = V_NULL;
    if (name) r = str_format(t, "<%s _thread.%S %s>", holder ? "locked" : "unlocked", name, text);
    release_opt(t, name);
    return r;
}

static const struct native lock_natives[] = {
    M("acquire", "($self, /, blocking=True, timeout=-1)", l_acquire), M("acquire_lock", "($self, /, blocking=True, timeout=-1)", l_acquire),
    M("release", "($self, /)", l_release), M("release_lock", "($self, /)", l_release), M("locked", "($self, /)", l_locked), M("locked_lock", "($self, /)", l_locked),
    M("__enter__", "($self, /)", l_enter), M("__exit__", "($self, /, *args)", l_release), M("_at_fork_reinit", "($self, /)", l_at_fork_reinit), {0},
};
static const struct native rlock_natives[] = {
    M("acquire", "($self, /, blocking=True, timeout=-1)", r_acquire), M("release", "($self, /)", r_release), M("__enter__", "($self, /)", r_enter),
    M("__exit__", "($self, /, *args)", r_release), M("_is_owned", "($self, /)", r_owned), M("_release_save", "($self, /)", r_release_save),
    M("_acquire_restore", "($self, state, /)", r_acquire_restore), M("_at_fork_reinit", "($self, /)", l_at_fork_reinit), {0},
};
struct type type_thread_lock = {
    .name = "lock", .module = "_thread", .flags = TYPE_NO_NEW | TYPE_HAS_WEAK, .basicsize = sizeof(struct thread_lock), .base = &type_object, .natives = lock_natives, .repr = l_repr,
};
struct type type_thread_rlock = {
    .name = "RLock", .module = "_thread", .flags = TYPE_BASE | TYPE_HAS_WEAK, .basicsize = sizeof(struct thread_lock), .base = &type_object, .natives = rlock_natives,
    .make = lock_make, .repr = r_repr,
};
bool locks_ready(struct thread *t) { return (type_thread_lock.root_shape || type_ready(t, &type_thread_lock)) && (type_thread_rlock.root_shape || type_ready(t, &type_thread_rlock)); }
