// SPDX-License-Identifier: Apache-2.0
// _thread: starting threads and what is known of them. Leaves locks to lock.c, thread-local data to local.c.
#include "interp/core/lock.h"
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"
#include "interp/modules/signal/signal.h"
#include "interp/modules/thread/thread_module.h"
#include "interp/types/dict.h"
#include "interp/types/finalize.h"

#include <limits.h>

// ---- starting ----
struct start {
    struct interp *interp;
    value func, args, kwargs; // owned; handed to the new thread
    _Atomic uint8_t go;       // 0 starting, 1 running, 2 failed
    uint64_t id;
};
static _Atomic size_t stack_bytes; // 0: the system's choice
static _Atomic int64_t running;    // threads started here and not ended
static const char sentinel_name[] = "sentinel";

static void report(struct thread *t, vref func) {
    if (raised_is(t, &exc_SystemExit)) raised_clear(t);
    else raise_unraisable(t, "Exception ignored in thread started by", func);
}
// Thread.join waits for the sentinel: everything of the thread that Python sees is gone when it opens.
static void open_sentinel(struct thread *t) {
    value lock = t->local_dict ? dict_get_str(t, t->local_dict, sentinel_name) : V_NULL;
    release_field(t, &t->local_dict);
    if (lock) lock_object_release(lock);
    release_opt(t, lock);
}
static void run_in(struct thread *t, value func, value args, value kwargs) {
    value r = object_call_ex(t, func, args, kwargs);
    if (r) release(t, r);
    else report(t, func);
    release(t, func);
    release(t, args);
    release_opt(t, kwargs);
    locals_thread_ends(t);
    raised_clear(t);
    atomic_fetch_sub(&running, 1);
    open_sentinel(t);
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
    run_in(t, func, args, kwargs);
    thread_end(t);
    return NULL;
}
static bool create(void *arg) {
    pthread_t p;
    pthread_attr_t attr;
    size_t bytes = atomic_load(&stack_bytes);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    if (bytes) pthread_attr_setstacksize(&attr, bytes);
    bool started = pthread_create(&p, &attr, run, arg) == 0;
    pthread_attr_destroy(&attr);
    return started;
}
static value f_start_new_thread(struct thread *t, const vref *a) {
    if (!object_is_callable(a[0])) return raise(t, &exc_TypeError, "first arg must be callable");
    if (!is_tuple(a[1])) return raise(t, &exc_TypeError, "2nd arg must be a tuple");
    if (a[2] && !is_dict(a[2])) return raise(t, &exc_TypeError, "optional 3rd arg must be a dictionary");
    struct start s = {.interp = t->interp, .func = own(t, a[0]), .args = own(t, a[1]), .kwargs = a[2] ? own(t, a[2]) : V_NULL};
    atomic_fetch_add(&running, 1);
    bool started = create(&s);
    if (started) { // wait until it has taken over what is in s
        thread_detach(t);
        while (atomic_load(&s.go) == 0) park_on(&s.go, 0, 0);
        thread_attach(t);
        started = s.go == 1;
    }
    if (started) return int_from_u64(t, s.id);
    atomic_fetch_sub(&running, 1);
    release(t, s.func);
    release(t, s.args);
    release_opt(t, s.kwargs);
    return raise(t, &exc_RuntimeError, "can't start new thread");
}
static value f_set_sentinel(struct thread *t, const vref *a) {
    (void)a;
    if (!t->local_dict && !(t->local_dict = dict_new(t))) return V_NULL;
    value lock = lock_object_new(t);
    if (lock && !dict_set_str(t, t->local_dict, sentinel_name, lock)) release_field(t, &lock);
    return lock;
}
static value f_stack_size(struct thread *t, const vref *a) {
    int64_t size = 0;
    if (a[0] && !arg_i64(t, a[0], &size)) return V_NULL;
    if (size < 0) return raise(t, &exc_ValueError, "size must be 0 or a positive value");
    size_t old = atomic_load(&stack_bytes);
    if (a[0] && size && size < 32768) return raise(t, &exc_ValueError, "size not valid: %ld bytes", size);
    // The core keeps a reserve on every C stack: below this there is nothing left to run on.
    if (a[0]) atomic_store(&stack_bytes, size && size < 256 << 10 ? 256 << 10 : (size_t)size);
    return int_from_u64(t, old);
}

// ---- what is known ----
static value f_allocate_lock(struct thread *t, const vref *a) { return (void)a, lock_object_new(t); }
static value f_get_ident(struct thread *t, const vref *a) { return (void)a, int_from_u64(t, t->id); }
static value f_get_native_id(struct thread *t, const vref *a) { return (void)t, (void)a, from_int62(gettid()); }
static value f_exit(struct thread *t, const vref *a) { return (void)a, raise_value(t, &exc_SystemExit, V_NULL); }
static value f_count(struct thread *t, const vref *a) { return (void)t, (void)a, from_int62(atomic_load(&running)); }
static value f_interrupt_main(struct thread *t, const vref *a) {
    int number;
    if (!arg_int_or(t, a[0], SIGINT, &number)) return V_NULL;
    if (number < 1 || number >= SIGNAL_COUNT) return raise(t, &exc_ValueError, "signal number out of range");
    value handler = signals_handler(t, number);
    if (handler && !is_int(handler) && !is_none(handler)) signals_trip(number);
    release_opt(t, handler);
    return handler && safepoint_poll(t) ? V_NONE : V_NULL; // on the main thread it is handled now
}

// ---- exceptions that end a thread ----
static const struct structseq_field hook_fields[] = {
    {"exc_type", "Exception type"}, {"exc_value", "Exception value"}, {"exc_traceback", "Exception traceback"}, {"thread", "Thread"},
};
static struct structseq hook_args = {
    .type = {.name = "_ExceptHookArgs", .module = "_thread", .doc = "ExceptHookArgs\n\nWhat threading.excepthook gets."}, .fields = hook_fields, .count = 4, .visible = 4,
};
static value stream_for(struct thread *t, vref thread) { // sys.stderr, or where the thread found it when it was made. V_NONE: nowhere
    value file = dict_get_str(t, t->interp->sys_dict, "stderr");
    if ((file && !is_none(file)) || raised(t)) return file;
    return is_none(thread) ? V_NONE : object_getattr_cstr(t, thread, "_stderr");
}
static value heading(struct thread *t, vref thread) {
    value name = is_none(thread) ? V_NULL : object_getattr_cstr(t, thread, "name"), shown = V_NULL;
    raised_clear(t);
    if (!name) shown = int_from_u64(t, t->id);
    value r = str_format(t, "Exception in thread %S:\n", name ? name : shown);
    release_opt(t, name);
    release_opt(t, shown);
    return r;
}
static bool write_to(struct thread *t, vref file, vref text) {
    value r = text ? object_call_method_cstr(t, file, "write", &text, 1) : V_NULL;
    release_opt(t, r);
    return r != V_NULL;
}
static value f_excepthook(struct thread *t, const vref *a) {
    if (type_of(a[0]) != &hook_args.type) return raise(t, &exc_TypeError, "_thread.excepthook argument type must be ExceptHookArgs");
    if (is_same(tuple_at(a[0], 0), type_ref(&exc_SystemExit))) return V_NONE;
    vref exc = tuple_at(a[0], 1), thread = tuple_at(a[0], 3);
    value file = stream_for(t, thread);
    if (!file || is_none(file)) return file;
    value head = heading(t, thread), made = is_exc(exc) ? V_NULL : object_call0(t, tuple_at(a[0], 0)), body = V_NULL;
    if (is_exc(exc) || (made && is_exc(made))) body = exc_format(t, made ? made : exc);
    bool ok = head && body && write_to(t, file, head) && write_to(t, file, body);
    value flushed = ok ? object_call_method_cstr(t, file, "flush", NULL, 0) : V_NULL;
    release_opt(t, flushed);
    release_opt(t, head);
    release_opt(t, body);
    release_opt(t, made);
    release(t, file);
    return ok && !raised(t) ? V_NONE : V_NULL;
}

#define START_SIG "($module, function, args, kwargs=None, /)"
static const struct native functions[] = {
    F("allocate_lock", "($module, /)", f_allocate_lock), F("allocate", "($module, /)", f_allocate_lock), F("start_new_thread", START_SIG, f_start_new_thread),
    F("start_new", START_SIG, f_start_new_thread), F("get_ident", "($module, /)", f_get_ident), F("get_native_id", "($module, /)", f_get_native_id),
    F("exit", "($module, /)", f_exit), F("exit_thread", "($module, /)", f_exit), F("_count", "($module, /)", f_count), F("_set_sentinel", "($module, /)", f_set_sentinel),
    F("stack_size", "($module, size=0, /)", f_stack_size), F("interrupt_main", "($module, signum=signal.SIGINT, /)", f_interrupt_main),
    F("_excepthook", "($module, args, /)", f_excepthook),
};
value thread_module_make(struct thread *t) {
    struct type *args = structseq_type(t, &hook_args);
    if (!args || !locks_ready(t) || !local_ready(t)) return V_NULL;
    value m = module_from_natives(t, "_thread", "Threads and locks.", functions, sizeof functions / sizeof *functions);
    if (m && module_set(t, m, "LockType", type_ref(&type_thread_lock)) && module_set(t, m, "RLock", type_ref(&type_thread_rlock)) && module_set(t, m, "_local", type_ref(&type_local)) &&
        module_set(t, m, "_ExceptHookArgs", type_ref(args)) && module_set(t, m, "error", type_ref(&exc_RuntimeError)) && module_set(t, m, "TIMEOUT_MAX", float_new(t, 9223372036.0)))
        return m;
    release_opt(t, m);
    return V_NULL;
}
