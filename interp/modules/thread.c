// SPDX-License-Identifier: Apache-2.0
// _thread: starting threads, locks. Leaves Thread, Event, Condition to lib/threading.py.
#include "interp/core/clock.h"
#include "interp/core/lock.h"
#include "interp/modules/modules.h"
#include "interp/modules/sys/sys.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

#include <stdio.h>

// ---- lock and RLock: one byte (lock.h); RLock also who and how often, written by the holder ----
struct thread_lock {
    struct object head;
    _Atomic uint8_t byte;
    _Atomic uint64_t holder;
    uint64_t depth;
};
static struct type type_lock, type_rlock;
static struct thread_lock *as_lock(vref v) { return (struct thread_lock *)as_object(v); }

// 1 taken, 0 timed out, -1 exception. timeout < 0: for ever.
static int take(struct thread *t, struct thread_lock *l, bool blocking, double timeout) {
    uint8_t seen = 0;
    if (atomic_compare_exchange_strong_explicit(&l->byte, &seen, 1, memory_order_acquire, memory_order_relaxed)) return 1;
    if (!blocking) return 0;
    uint64_t deadline = timeout < 0 ? 0 : clock_now_ns() + (uint64_t)(timeout * 1e9) + 1;
    while (atomic_exchange_explicit(&l->byte, 2, memory_order_acquire) != 0) {
        thread_detach(t);
        bool woken = park_on(&l->byte, 2, deadline);
        thread_attach(t);
        if (!safepoint_poll(t)) return -1;
        if (!woken && deadline && clock_now_ns() >= deadline) {
            // One last try; the 2 we leave only costs the holder a needless wake.
            return atomic_exchange_explicit(&l->byte, 2, memory_order_acquire) == 0;
        }
    }
    return 1;
}
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
    if (*timeout > 9e9) return raise(t, &exc_OverflowError, "timeout value is too large"), false;
    return true;
}
static value l_acquire(struct thread *t, const vref *a) {
    bool blocking;
    double timeout;
    if (!wait_arguments(t, a, &blocking, &timeout)) return V_NULL;
    int r = take(t, as_lock(a[0]), blocking, timeout);
    return r < 0 ? V_NULL : from_bool(r);
}
static value l_release(struct thread *t, const vref *a) {
    struct thread_lock *l = as_lock(a[0]);
    if (atomic_load_explicit(&l->byte, memory_order_relaxed) == 0) return raise(t, &exc_RuntimeError, "release unlocked lock");
    lock_byte_give(&l->byte);
    return V_NONE;
}
static value l_locked(struct thread *t, const vref *a) { return (void)t, from_bool(atomic_load(&as_lock(a[0])->byte) != 0); }
static value l_enter(struct thread *t, const vref *a) { return l_acquire(t, (vref[]){a[0], V_NULL, V_NULL}); }
static value l_exit(struct thread *t, const vref *a) { return l_release(t, a); }
static value l_repr(struct thread *t, vref self) {
    char where[32];
    snprintf(where, sizeof where, "%p", (void *)as_lock(self));
    return str_format(t, "<%s %s object at %s>", atomic_load(&as_lock(self)->byte) ? "locked" : "unlocked", object_type(as_object(self)) == &type_rlock ? "_thread.RLock" : "_thread.lock", where);
}
static value r_acquire(struct thread *t, const vref *a) {
    struct thread_lock *l = as_lock(a[0]);
    bool blocking;
    double timeout;
    if (!wait_arguments(t, a, &blocking, &timeout)) return V_NULL;
    if (atomic_load_explicit(&l->holder, memory_order_relaxed) == t->id) {
        l->depth++;
        return V_TRUE;
    }
    int r = take(t, l, blocking, timeout);
    if (r > 0) {
        atomic_store_explicit(&l->holder, t->id, memory_order_relaxed);
        l->depth = 1;
    }
    return r < 0 ? V_NULL : from_bool(r);
}
static value r_release(struct thread *t, const vref *a) {
    struct thread_lock *l = as_lock(a[0]);
    if (atomic_load_explicit(&l->holder, memory_order_relaxed) != t->id) return raise(t, &exc_RuntimeError, "cannot release un-acquired lock");
    if (--l->depth == 0) {
        atomic_store_explicit(&l->holder, 0, memory_order_relaxed);
        lock_byte_give(&l->byte);
    }
    return V_NONE;
}
static value r_enter(struct thread *t, const vref *a) { return r_acquire(t, (vref[]){a[0], V_NULL, V_NULL}); }
static value r_owned(struct thread *t, const vref *a) { return from_bool(atomic_load(&as_lock(a[0])->holder) == t->id); }
// For Condition: gives the lock up whatever its depth, and takes it back.
static value r_release_save(struct thread *t, const vref *a) {
    struct thread_lock *l = as_lock(a[0]);
    if (atomic_load(&l->holder) != t->id) return raise(t, &exc_RuntimeError, "cannot release un-acquired lock");
    uint64_t depth = l->depth;
    l->depth = 0;
    atomic_store(&l->holder, 0);
    lock_byte_give(&l->byte);
    return int_from_u64(t, depth);
}
static value r_acquire_restore(struct thread *t, const vref *a) {
    struct thread_lock *l = as_lock(a[0]);
    int64_t depth;
    if (!int_as_i64(t, a[1], &depth)) return V_NULL;
    if (take(t, l, true, -1) < 0) return V_NULL;
    atomic_store(&l->holder, t->id);
    l->depth = (uint64_t)depth;
    return V_NONE;
}
static value lock_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args;
    if (nargs || kwnames) return raise(t, &exc_TypeError, "%s() takes no arguments", cls->name);
    struct thread_lock *l = object_alloc(t, sizeof *l, cls->root_shape);
    if (!l) return V_NULL;
    atomic_init(&l->byte, 0);
    atomic_init(&l->holder, 0);
    l->depth = 0;
    return counted_word(l);
}
static value f_allocate_lock(struct thread *t, const vref *a) { return (void)a, lock_make(t, &type_lock, NULL, 0, V_NULL); }

#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
static const struct native lock_natives[] = {
    M("acquire", "($self, blocking=True, timeout=-1)", l_acquire), M("release", "($self, /)", l_release), M("locked", "($self, /)", l_locked),
    M("__enter__", "($self, /)", l_enter), M("__exit__", "($self, type, value, traceback, /)", l_exit), {0},
};
static const struct native rlock_natives[] = {
    M("acquire", "($self, blocking=True, timeout=-1)", r_acquire), M("release", "($self, /)", r_release), M("__enter__", "($self, /)", r_enter),
    M("__exit__", "($self, type, value, traceback, /)", r_release), M("_is_owned", "($self, /)", r_owned), M("_release_save", "($self, /)", r_release_save),
    M("_acquire_restore", "($self, depth, /)", r_acquire_restore), {0},
};
static struct type type_lock = {
    .name = "lock", .module = "_thread", .flags = TYPE_NO_NEW, .basicsize = sizeof(struct thread_lock), .base = &type_object, .natives = lock_natives, .repr = l_repr,
};
static struct type type_rlock = {
    .name = "RLock", .module = "_thread", .flags = TYPE_BASE, .basicsize = sizeof(struct thread_lock), .base = &type_object, .natives = rlock_natives, .make = lock_make, .repr = l_repr,
};

// ---- threads ----
struct start {
    struct interp *interp;
    value func, args, kwargs; // owned; handed to the new thread
    _Atomic uint8_t go;       // 0 starting, 1 running, 2 failed
    uint64_t id;
};
static void report(struct thread *t, vref func) {
    if (raised_is(t, &exc_SystemExit)) {
        raised_clear(t);
        return;
    }
    value e = raised_take(t), text = str_format(t, "Exception ignored in thread started by: %R\n", func);
    size_t n;
    const char *s = text ? str_utf8(t, text, &n) : NULL;
    if (s) sys_write_std(t, "stderr", s, n);
    raised_clear(t);
    release_opt(t, text);
    exc_print(t, e);
    release(t, e);
}
static void *run(void *arg) {
    struct start *s = arg;
    struct thread *t = thread_new(s->interp);
    if (!t) {
        atomic_store(&s->go, 2);
        park_wake(&s->go, 1);
        return NULL;
    }
    value func = s->func, args = s->args, kwargs = s->kwargs;
    s->id = t->id;
    atomic_store(&s->go, 1); // s is gone after this
    park_wake(&s->go, 1);
    value r = object_call_ex(t, func, args, kwargs);
    if (r) release(t, r);
    else report(t, func);
    release(t, func);
    release(t, args);
    release_opt(t, kwargs);
    thread_end(t);
    return NULL;
}
static value f_start_new_thread(struct thread *t, const vref *a) {
    if (!object_is_callable(a[0])) return raise(t, &exc_TypeError, "first arg must be callable");
    if (!is_tuple(a[1])) return raise(t, &exc_TypeError, "2nd arg must be a tuple");
    if (a[2] && !is_dict(a[2])) return raise(t, &exc_TypeError, "optional 3rd arg must be a dictionary");
    struct start s = {.interp = t->interp, .func = own(t, a[0]), .args = own(t, a[1]), .kwargs = a[2] ? own(t, a[2]) : V_NULL};
    pthread_t p;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    bool started = pthread_create(&p, &attr, run, &s) == 0;
    pthread_attr_destroy(&attr);
    if (started) { // wait until it has taken over what is in s
        thread_detach(t);
        while (atomic_load(&s.go) == 0) park_on(&s.go, 0, 0);
        thread_attach(t);
        started = s.go == 1;
    }
    if (started) return int_from_u64(t, s.id);
    release(t, s.func);
    release(t, s.args);
    release_opt(t, s.kwargs);
    return raise(t, &exc_RuntimeError, "can't start new thread");
}
static value f_get_ident(struct thread *t, const vref *a) { return (void)a, int_from_u64(t, t->id); }
static value f_exit(struct thread *t, const vref *a) { return (void)a, raise_value(t, &exc_SystemExit, V_NULL); }
static value f_count(struct thread *t, const vref *a) { return (void)a, from_int62(atomic_load(&t->interp->thread_count)); }
static value f_local_dict(struct thread *t, const vref *a) { // _local_dict(): this thread's own dict for threading.local
    (void)a;
    if (!t->local_dict && !(t->local_dict = dict_new(t))) return V_NULL;
    return own(t, t->local_dict);
}
#define F(py, s, f) {.name = py, .kind = NATIVE_FUNCTION, .sig = s, .fn = f}
static const struct native functions[] = {
    F("allocate_lock", "($module, /)", f_allocate_lock), F("start_new_thread", "($module, function, args, kwargs=None, /)", f_start_new_thread),
    F("get_ident", "($module, /)", f_get_ident), F("get_native_id", "($module, /)", f_get_ident), F("exit", "($module, /)", f_exit), F("_count", "($module, /)", f_count),
    F("_local_dict", "($module, /)", f_local_dict),
};
value thread_module_make(struct thread *t) {
    if ((!type_lock.root_shape && !type_ready(t, &type_lock)) || (!type_rlock.root_shape && !type_ready(t, &type_rlock))) return V_NULL;
    value m = module_from_natives(t, "_thread", "Threads and locks.", functions, sizeof functions / sizeof *functions);
    if (m && module_set(t, m, "LockType", type_ref(&type_lock)) && module_set(t, m, "RLock", type_ref(&type_rlock)) &&
        module_set(t, m, "error", type_ref(&exc_RuntimeError)) && module_set(t, m, "TIMEOUT_MAX", float_new(t, 9e9)))
        return m;
    release_opt(t, m);
    return V_NULL;
}
