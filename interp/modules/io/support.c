// SPDX-License-Identifier: Apache-2.0
// What the layers of _io share: locks, calls of the layer below, arguments, warnings. Leaves the layers to their files.
#include "interp/modules/io/io.h"
#include "interp/modules/modules.h"
#include "interp/types/bytes.h"
#include "interp/types/dict.h"
#include "interp/types/finalize.h"
#include "interp/types/num.h"

#include <errno.h>
#include <pthread.h>

value io_names[IO_NAME_COUNT];

// ---- locks ----

static _Atomic uint32_t era; // forks so far
void io_fork_child(void) { atomic_fetch_add(&era, 1); }

enum io_lock_result io_lock_take(struct thread *t, struct io_lock *l, vref self) {
    if (atomic_load_explicit(&l->holder, memory_order_relaxed) == t->id) {
        l->depth++;
        return IO_LOCK_NESTED;
    }
    if (!lock_byte_try(&l->byte)) {
        bool orphan = atomic_load_explicit(&l->era, memory_order_relaxed) != atomic_load(&era) && atomic_load(&l->holder) != 0; // its holder stayed in the parent: we are alone with it
        if (!orphan && atomic_load(&t->interp->stopping)) {
            raise(t, &exc_RuntimeError, "could not acquire lock for %R at interpreter shutdown, possibly due to daemon threads", self);
            return IO_LOCK_FAILED;
        }
        if (!orphan) lock_byte_take(t, &l->byte);
    }
    atomic_store_explicit(&l->holder, t->id, memory_order_relaxed);
    l->depth = 1;
    atomic_store_explicit(&l->era, atomic_load_explicit(&era, memory_order_relaxed), memory_order_relaxed);
    return IO_LOCK_TAKEN;
}

void io_lock_give(struct io_lock *l) {
    if (--l->depth) return;
    atomic_store_explicit(&l->holder, 0, memory_order_relaxed);
    lock_byte_give(&l->byte);
}

// ---- calls ----

value io_call0(struct thread *t, vref o, vref name) { return object_call_method(t, o, name, NULL, 0); }
value io_call1(struct thread *t, vref o, vref name, vref a) { return object_call_method(t, o, name, &a, 1); }

bool io_discard(struct thread *t, value r) {
    release_opt(t, r);
    return r != V_NULL;
}

int io_truth(struct thread *t, vref o, vref name) {
    value r = io_call0(t, o, name);
    int truth = r ? object_truth(t, r) : -1;
    release_opt(t, r);
    return truth;
}

int io_is_closed(struct thread *t, vref o) {
    if (io_is_file(o)) return atomic_load_explicit(&as_io_file(o)->fd, memory_order_relaxed) < 0;
    value r = object_getattr(t, o, IO(closed));
    int truth = r ? object_truth(t, r) : -1;
    release_opt(t, r);
    return truth;
}

value io_unsupported_raise(struct thread *t, const char *what) { return raise(t, io_unsupported, "%s", what); }

bool io_check(struct thread *t, vref o, vref method, const char *message) {
    value r = io_call0(t, o, method);
    if (!r) return false;
    bool ok = r == V_TRUE;
    release(t, r);
    if (!ok) io_unsupported_raise(t, message);
    return ok;
}

void io_chain(struct thread *t, value first) {
    if (!first) return;
    if (!raised(t)) {
        raised_restore(t, first);
        return;
    }
    value second = raised_take(t);
    struct exc *e = as_exc(second);
    if (is_same(first, second)) release(t, first);
    else slot_store(t, &e->head, (_Atomic value *)&e->context, first);
    raised_restore(t, second);
}

bool io_retry(struct thread *t) {
    if (!raised_is(t, &exc_InterruptedError)) return false;
    raised_clear(t);
    return safepoint_poll(t);
}

int io_writable_member(struct thread *t, vref self, vref v) { return (void)t, (void)self, (void)v, -1; }

// ---- arguments ----

bool io_size_arg(struct thread *t, vref v, int64_t *out) {
    *out = -1;
    if (!v || is_none(v)) return true;
    if (is_int62(v)) return *out = as_int62(v), true;
    if (is_pointer(v) && type_of(v)->to_index) return object_as_index(t, v, out);
    raise(t, &exc_TypeError, "argument should be integer or None, not '%T'", v);
    return false;
}

bool io_int_arg(struct thread *t, vref v, int64_t fallback, int64_t *out) {
    *out = fallback;
    return !v || object_as_index(t, v, out);
}

bool io_offset(struct thread *t, vref v, int64_t *out) {
    if (is_int62(v)) return *out = as_int62(v), true;
    value i = object_index(t, v);
    bool ok = i && int_as_i64(t, i, out);
    release_opt(t, i);
    return ok;
}

// ---- memory for the layer below ----

int64_t io_read_into(struct thread *t, vref o, vref method, void *p, size_t n) {
    value array = bytearray_new(t, NULL, n), r = V_NULL;
    do {
        value view = array ? object_call1(t, type_ref(&type_memoryview), array) : V_NULL;
        r = view ? io_call1(t, o, method, view) : V_NULL;
        release_opt(t, view);
    } while (!r && io_retry(t));
    int64_t got = -1;
    if (r && is_none(r)) got = -2;
    else if (r) {
        if (!is_int(r) || int_as_i64_overflow(r, &got)) {
            if (!is_int(r)) raise(t, &exc_TypeError, "'%T' object cannot be interpreted as an integer", r);
            else raise(t, &exc_ValueError, "count out of range");
            value cause = raised_take(t);
            raise(t, &exc_OSError, "raw readinto() failed");
            slot_store(t, as_object(t->exc), (_Atomic value *)&as_exc(t->exc)->cause, own(t, cause));
            slot_store(t, as_object(t->exc), (_Atomic value *)&as_exc(t->exc)->context, cause);
            as_exc(t->exc)->suppress_context = 1;
            got = -1;
        } else if (got < 0 || (uint64_t)got > n) {
            raise(t, &exc_OSError, "raw readinto() returned invalid length %ld (should have been between 0 and %zu)", got, n);
            got = -1;
        } else {
            struct span s = bytes_span(array);
            size_t have = s.n < (size_t)got ? s.n : (size_t)got;
            if (have) memcpy(p, s.p, have);
        }
    }
    release_opt(t, r);
    release_opt(t, array);
    return got;
}

// ---- warnings ----

// Only once somebody has loaded `warnings` or asked for it on the command line: by default nobody would see it.
static value warnings_module(struct thread *t) {
    value m = t->interp->modules ? dict_get(t, t->interp->modules, IO(warnings)) : V_NULL;
    if (m || raised(t)) return m;
    value options = t->interp->sys_dict ? dict_get_str(t, t->interp->sys_dict, "warnoptions") : V_NULL;
    bool wanted = options && is_list(options) && list_size(options);
    release_opt(t, options);
    return wanted && !raised(t) ? import_dotted(t, IO(warnings)) : V_NULL;
}

void io_warn_unclosed(struct thread *t, vref source) {
    value m = warnings_module(t), warn = m ? object_getattr_cstr(t, m, "warn") : V_NULL;
    value text = warn ? str_format(t, "unclosed file %R", source) : V_NULL;
    value names = text ? tuple_pack(t, 1, str_intern_cstr(t, "source")) : V_NULL;
    if (names) {
        vref args[4] = {text, type_ref(&exc_ResourceWarning), from_int62(1), source};
        io_discard(t, object_call(t, warn, args, 3, names));
    }
    release_opt(t, names), release_opt(t, text), release_opt(t, warn), release_opt(t, m);
    if (raised_is(t, &exc_Warning)) raise_unraisable(t, NULL, source);
    else if (raised(t)) raised_clear(t);
}
