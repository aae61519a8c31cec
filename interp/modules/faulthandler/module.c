// SPDX-License-Identifier: Apache-2.0
// The module faulthandler: fatal signals write the Python stacks before they kill; the functions programs call. Leaves the watchdog to later.c.
//
// The files that programs name are kept alive in a dict of the interpreter (SLOT_FAULT_FILES), under "enable", "later" or the number of a signal; handlers know descriptors only.
#include "interp/modules/faulthandler/faulthandler.h"
#include "interp/core/lock.h"
#include "interp/core/stop.h"
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"
#include "interp/types/dict.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

static const struct fatal {
    int number;
    const char *name;
} fatal[] = {
    {SIGBUS, "Bus error"}, {SIGILL, "Illegal instruction"}, {SIGFPE, "Floating point exception"}, {SIGABRT, "Aborted"}, {SIGSEGV, "Segmentation fault"},
};
enum { FATALS = sizeof fatal / sizeof *fatal, ALT_STACK = 64 << 10 };

// Changed under `changing`; the handler only reads.
static struct {
    struct lock changing;
    _Atomic bool on;
    int fd;
    bool all_threads;
    struct interp *interp;
    struct sigaction previous[FATALS];
    void *stack; // of the thread that switched it on first: an overflow of its own is told too
} state;

// ---- fatal signals ----

static void write_from(int fd, bool all_threads, const struct interp *interp) {
    const struct thread *t = thread_current();
    if (all_threads) fault_write_threads(fd, interp, t);
    else if (t) fault_write_stack(fd, t, NULL);
}
static void die_telling(int number) {
    int k = 0;
    while (k < FATALS - 1 && fatal[k].number != number) k++;
    sigaction(number, &state.previous[k], NULL);
    if (atomic_exchange(&state.on, false)) { // once a process: a second fault, in here or in another thread, finds it off
        fault_write(state.fd, "Fatal Python error: ");
        fault_write(state.fd, fatal[k].name);
        fault_write(state.fd, "\n\n");
        write_from(state.fd, state.all_threads, state.interp);
    }
    pthread_kill(pthread_self(), number); // blocked in here: the one before acts when this handler returns
}
static void use_own_stack(void) {
    if (state.stack) return;
    void *p = mmap(NULL, ALT_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) return;
    stack_t s = {.ss_sp = p, .ss_size = ALT_STACK}, old;
    if (sigaltstack(NULL, &old) == 0 && (old.ss_flags & SS_DISABLE) && sigaltstack(&s, NULL) == 0) state.stack = p;
    else munmap(p, ALT_STACK);
}
static void restore_handlers(void) {
    if (!atomic_exchange(&state.on, false)) return;
    for (int i = 0; i < FATALS; i++) sigaction(fatal[i].number, &state.previous[i], NULL);
}
bool fault_enable(struct thread *t, int fd, bool all_threads) {
    bool ok = true;
    lock_take(t, &state.changing);
    state.fd = fd;
    state.all_threads = all_threads;
    state.interp = t->interp;
    if (!atomic_load(&state.on)) {
        use_own_stack();
        struct sigaction sa = {.sa_handler = die_telling, .sa_flags = SA_ONSTACK};
        for (int i = 0; ok && i < FATALS; i++) ok = sigaction(fatal[i].number, &sa, &state.previous[i]) == 0;
        atomic_store(&state.on, ok);
    }
    lock_give(&state.changing);
    if (!ok) raise(t, &exc_RuntimeError, "cannot set a handler for a fatal signal");
    return ok;
}
void fault_stop(struct interp *interp) {
    fault_unwatch(NULL);
    if (state.interp == interp) restore_handlers();
    fault_unregister_all();
}

// ---- files ----

// The descriptor of a file, flushed; v None or absent: sys.stderr. *keep: owned, what must stay open. -1: exception.
static int descriptor(struct thread *t, vref v, value *keep) {
    int64_t fd;
    *keep = V_NULL;
    if (v && is_int(v) && v != V_TRUE && v != V_FALSE) {
        if (int_as_i64_overflow(v, &fd) == 0 && fd >= 0 && fd <= INT32_MAX) return (int)fd;
        raise(t, &exc_ValueError, "file is not a valid file descripter");
        return -1;
    }
    value file = v && !is_none(v) ? own(t, v) : dict_get_str(t, t->interp->sys_dict, "stderr");
    if (!file && !raised(t)) raise(t, &exc_RuntimeError, "unable to get sys.stderr");
    else if (file && is_none(file)) raise(t, &exc_RuntimeError, "sys.stderr is None");
    value n = file && !raised(t) ? object_call_method_cstr(t, file, "fileno", NULL, 0) : V_NULL;
    if (n && (!is_int(n) || int_as_i64_overflow(n, &fd) || fd < 0 || fd > INT32_MAX)) raise(t, &exc_RuntimeError, "file.fileno() is not a valid file descriptor");
    release_opt(t, n);
    if (raised(t)) {
        release_opt(t, file);
        return -1;
    }
    value r = object_call_method_cstr(t, file, "flush", NULL, 0);
    if (r) release(t, r);
    else raised_clear(t);
    *keep = file;
    return (int)fd;
}
// Keeps the file (taken; V_NULL: lets go) under a key.
static bool keep_file(struct thread *t, vref key, value file) {
    value *slot = &t->interp->slots[SLOT_FAULT_FILES];
    lock_take(t, &state.changing);
    if (!*slot) *slot = dict_new(t);
    value d = *slot ? own(t, *slot) : V_NULL;
    lock_give(&state.changing);
    bool ok = d && (file ? dict_set(t, d, key, file) : dict_del(t, d, key) >= 0);
    release_opt(t, d);
    release_opt(t, file);
    return ok;
}
static bool keep_named(struct thread *t, const char *name, value file) {
    value key = str_intern_cstr(t, name);
    return key && keep_file(t, key, file);
}

// ---- functions ----

static value f_enable(struct thread *t, const vref *a) {
    bool all;
    value file;
    if (!arg_bool(t, a[1], true, &all)) return V_NULL;
    int fd = descriptor(t, a[0], &file);
    return fd >= 0 && keep_named(t, "enable", file) && fault_enable(t, fd, all) ? V_NONE : V_NULL;
}
static value f_disable(struct thread *t, const vref *a) {
    (void)a;
    lock_take(t, &state.changing);
    bool was = atomic_load(&state.on);
    restore_handlers();
    lock_give(&state.changing);
    return keep_named(t, "enable", V_NULL) ? from_bool(was) : V_NULL;
}
static value f_is_enabled(struct thread *t, const vref *a) { return (void)t, (void)a, from_bool(atomic_load(&state.on)); }
static value f_dump_traceback(struct thread *t, const vref *a) {
    bool all;
    value file;
    if (!arg_bool(t, a[1], true, &all)) return V_NULL;
    int fd = descriptor(t, a[0], &file);
    if (fd < 0) return V_NULL;
    if (all) {
        stop_begin(t);
        fault_write_threads(fd, t->interp, t);
        stop_end(t);
    } else
        fault_write_stack(fd, t, NULL);
    release_opt(t, file);
    return safepoint_poll(t) ? V_NONE : V_NULL;
}
static value f_later(struct thread *t, const vref *a) { // timeout, repeat, file, exit
    double seconds;
    bool repeat, leave;
    value file;
    char header[64];
    if (!float_as_double(t, a[0], &seconds) || !arg_bool(t, a[1], false, &repeat) || !arg_bool(t, a[3], false, &leave)) return V_NULL;
    if (!(seconds >= 1e-6)) return raise(t, &exc_ValueError, "timeout must be greater than 0");
    if (seconds > 9e9) return raise(t, &exc_OverflowError, "timeout value is too large");
    int fd = descriptor(t, a[2], &file);
    if (fd < 0) return V_NULL;
    uint64_t ns = (uint64_t)(seconds * 1e9), us = (ns + 500) / 1000, s = us / 1000000;
    int n = snprintf(header, sizeof header, "Timeout (%u:%02u:%02u", (unsigned)(s / 3600), (unsigned)(s / 60 % 60), (unsigned)(s % 60));
    if (us % 1000000) n += snprintf(header + n, sizeof header - (size_t)n, ".%06u", (unsigned)(us % 1000000));
    snprintf(header + n, sizeof header - (size_t)n, ")!\n");
    fault_unwatch(t);
    if (!keep_named(t, "later", file)) return V_NULL;
    if (fault_watch(t->interp, ns, repeat, fd, leave, header)) return V_NONE;
    return raise(t, &exc_RuntimeError, "unable to start watchdog thread");
}
static value f_cancel_later(struct thread *t, const vref *a) {
    (void)a;
    fault_unwatch(t);
    return keep_named(t, "later", V_NULL) ? V_NONE : V_NULL;
}
static bool arg_user_signal(struct thread *t, vref v, int *number) {
    if (!arg_int(t, v, number)) return false;
    for (int i = 0; i < FATALS; i++)
        if (fatal[i].number == *number) return raise(t, &exc_RuntimeError, "signal %d cannot be registered, use enable() instead", *number), false;
    if (*number >= 1 && *number < FAULT_SIGNALS) return true;
    raise(t, &exc_ValueError, "signal number out of range");
    return false;
}
static value f_register(struct thread *t, const vref *a) { // signum, file, all_threads, chain
    int number;
    bool all, chain;
    value file;
    if (!arg_user_signal(t, a[0], &number) || !arg_bool(t, a[2], true, &all) || !arg_bool(t, a[3], false, &chain)) return V_NULL;
    int fd = descriptor(t, a[1], &file);
    if (fd < 0 || !keep_file(t, from_int62(number), file)) return V_NULL;
    lock_take(t, &state.changing);
    bool ok = fault_register(t->interp, number, fd, all, chain);
    lock_give(&state.changing);
    return ok ? V_NONE : posix_error(t);
}
static value f_unregister(struct thread *t, const vref *a) {
    int number;
    if (!arg_user_signal(t, a[0], &number)) return V_NULL;
    lock_take(t, &state.changing);
    bool was = fault_unregister(number);
    lock_give(&state.changing);
    return keep_file(t, from_int62(number), V_NULL) ? from_bool(was) : V_NULL;
}

// ---- to try it out: each of these dies ----

static void no_core(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
}
static value kill_by(int number) {
    no_core();
    pthread_kill(pthread_self(), number);
    return V_NONE;
}
static value f_sigsegv(struct thread *t, const vref *a) {
    bool detach;
    if (!arg_bool(t, a[0], false, &detach)) return V_NULL;
    if (detach) thread_detach(t);
    kill_by(SIGSEGV);
    if (detach) thread_attach(t);
    return V_NONE;
}
static value f_sigfpe(struct thread *t, const vref *a) { return (void)t, (void)a, kill_by(SIGFPE); }
static value f_sigabrt(struct thread *t, const vref *a) {
    (void)t, (void)a;
    no_core();
    abort();
}
// The fault is the purpose: no sanitizer is to stop short of it.
__attribute__((no_sanitize("undefined", "address"))) static value f_read_null(struct thread *t, const vref *a) {
    (void)t, (void)a;
    no_core();
    const volatile int *volatile p = NULL;
    return from_int62(*p);
}
static NOINLINE uintptr_t deeper(uintptr_t low) {
    volatile char room[4096];
    room[0] = 1;
    uintptr_t here = (uintptr_t)room;
    if (here < low) return here;
    return deeper(low) + (uintptr_t)room[0];
}
static value f_stack_overflow(struct thread *t, const vref *a) {
    (void)a;
    no_core();
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    deeper(here > 100u << 20 ? here - (100u << 20) : 0);
    return raise(t, &exc_RuntimeError, "unable to raise a stack overflow (allocated 100 MiB)");
}
static void *die_in_thread(void *arg) {
    struct interp *interp = arg;
    fault_write(state.fd, "Fatal Python error: faulthandler_fatal_error_thread: in new thread\nPython runtime state: initialized\n\n");
    fault_write_threads(state.fd, interp, NULL);
    restore_handlers();
    abort();
}
static value f_fatal_error_c_thread(struct thread *t, const vref *a) {
    (void)a;
    pthread_t thread;
    no_core();
    if (!atomic_load(&state.on)) state.fd = 2;
    if (pthread_create(&thread, NULL, die_in_thread, t->interp)) return raise(t, &exc_RuntimeError, "unable to start the thread");
    thread_detach(t);
    pthread_join(thread, NULL);
    thread_attach(t);
    return V_NONE;
}

#define D(py, s, f, d) {.name = py, .kind = NATIVE_FUNCTION, .sig = s, .fn = f, .doc = d}
static const struct native functions[] = {
    D("enable", "($module, file=sys.stderr, all_threads=True)", f_enable, "From now on a fatal signal writes the Python stacks to the file before it kills."),
    D("disable", "($module, /)", f_disable, "Undoes enable(). Tells whether it was on."),
    D("is_enabled", "($module, /)", f_is_enabled, "Whether enable() is in force."),
    D("dump_traceback", "($module, file=sys.stderr, all_threads=True)", f_dump_traceback, "Writes the stack of this thread, or of all, to the file now."),
    D("dump_traceback_later", "($module, timeout, repeat=False, file=sys.stderr, exit=False)", f_later,
      "Writes all stacks once the time is over, unless called off; again and again with repeat; exit ends the process then."),
    D("cancel_dump_traceback_later", "($module, /)", f_cancel_later, "Calls off what dump_traceback_later() announced."),
    D("register", "($module, signum, file=sys.stderr, all_threads=True, chain=False)", f_register, "From now on the signal writes the stacks; with chain the handler before it runs too."),
    D("unregister", "($module, signum, /)", f_unregister, "Undoes register(). Tells whether the signal was registered."),
    D("_sigsegv", "($module, release_gil=False, /)", f_sigsegv, "Dies of SIGSEGV."), D("_sigfpe", "($module, /)", f_sigfpe, "Dies of SIGFPE."),
    D("_sigabrt", "($module, /)", f_sigabrt, "Dies of SIGABRT."), D("_read_null", "($module, /)", f_read_null, "Reads where there is nothing."),
    D("_stack_overflow", "($module, /)", f_stack_overflow, "Recurses until the stack is used up."),
    D("_fatal_error_c_thread", "($module, /)", f_fatal_error_c_thread, "Reports a fatal error from a thread that is no Python thread."),
};
value faulthandler_make(struct thread *t) {
    return module_from_natives(t, "faulthandler", "Python stacks when a program crashes, hangs or is asked by a signal.", functions, sizeof functions / sizeof *functions);
}
