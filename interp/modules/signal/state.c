// SPDX-License-Identifier: Apache-2.0
// What came in and who handles it. Leaves the functions that programs call to module.c.
#include "interp/modules/signal/signal.h"
#include "interp/core/hooks.h"
#include "interp/include/interp.h"
#include "interp/modules/modules.h"
#include "interp/types/exc.h"
#include "interp/types/finalize.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/vm/frame.h"

#include <errno.h>
#include <unistd.h>

// Written by C handlers.
static _Atomic bool tripped[SIGNAL_COUNT];
static _Atomic bool any;
static _Atomic(struct thread *) main_thread;
static _Atomic int wakeup_fd = -1, wakeup_error;
static _Atomic bool wakeup_warns = true;

void signals_trip(int number) {
    atomic_store(&tripped[number], true);
    atomic_store(&any, true);
    struct thread *t = atomic_load(&main_thread);
    if (t) thread_interrupt(t, BREAK_SIGNAL);
    int fd = atomic_load(&wakeup_fd);
    if (fd < 0) return;
    uint8_t byte = (uint8_t)number;
    if (write(fd, &byte, 1) < 0 && (atomic_load(&wakeup_warns) || (errno != EAGAIN && errno != EWOULDBLOCK))) {
        atomic_store(&wakeup_error, errno);
        if (t) thread_interrupt(t, BREAK_SIGNAL);
    }
}
void signals_c_handler(int number) {
    int err = errno;
    signals_trip(number);
    errno = err;
}
int signals_set_wakeup(int fd, bool warn) {
    atomic_store(&wakeup_warns, warn);
    return atomic_exchange(&wakeup_fd, fd);
}
bool signals_is_main(const struct thread *t) { return atomic_load(&main_thread) == t; }

// ---- handlers: a list of SIGNAL_COUNT words in a slot of the interpreter ----
static value disposition(int number) {
    struct sigaction now;
    if (number == 0 || sigaction(number, NULL, &now) < 0) return V_NONE;
    if (now.sa_handler == SIG_DFL) return from_int62(0);
    return now.sa_handler == SIG_IGN ? from_int62(1) : V_NONE;
}
static value handlers(struct thread *t) { // returns new list
    value *slot = &t->interp->slots[SLOT_SIGNAL_HANDLERS];
    if (!*slot) {
        value list = list_new(t, SIGNAL_COUNT);
        for (int i = 0; list && i < SIGNAL_COUNT; i++)
            if (!list_append_take(t, list, disposition(i))) release_field(t, &list);
        *slot = list; // the main thread comes first, before there is another
    }
    return *slot ? own(t, *slot) : V_NULL;
}
value signals_handler(struct thread *t, int number) {
    value list = handlers(t), v = list ? list_get(t, list, number) : V_NULL;
    release_opt(t, list);
    return v;
}
bool signals_set_handler(struct thread *t, int number, vref handler) {
    value list = handlers(t);
    bool ok = list && list_set(t, list, number, handler);
    release_opt(t, list);
    return ok;
}

static void report_wakeup(struct thread *t) {
    int err = atomic_exchange(&wakeup_error, 0);
    if (!err) return;
    raise_errno(t, err, V_NULL);
    raise_unraisable(t, "Exception ignored when trying to write to the signal wakeup fd", V_NULL);
}
static bool run_one(struct thread *t, int number) {
    value f = signals_handler(t, number);
    if (!f || is_none(f) || is_int(f)) return f != V_NULL; // gone meanwhile
    value frame = t->frame ? frame_current(t, 0) : V_NONE;
    value r = frame ? object_call2(t, f, from_int62(number), frame) : V_NULL;
    release_opt(t, frame);
    release(t, f);
    release_opt(t, r);
    return r != V_NULL;
}
bool signals_run(struct thread *t) {
    if (!signals_is_main(t)) return true;
    report_wakeup(t);
    if (!atomic_exchange(&any, false)) return true;
    for (int i = 1; i < SIGNAL_COUNT; i++) {
        if (!atomic_exchange(&tripped[i], false)) continue;
        if (run_one(t, i)) continue;
        atomic_store(&any, true); // those behind it are looked at next time
        thread_interrupt(t, BREAK_SIGNAL);
        return false;
    }
    return true;
}

// ---- start and fork ----
void signals_start(struct thread *t) {
    static struct core_hooks hooks; // the same for every interpreter
    struct thread *nobody = NULL;
    atomic_compare_exchange_strong(&main_thread, &nobody, t);
    if (t->interp->hooks == &hooks) return;
    struct core_hooks ours = *t->interp->hooks;
    ours.signals = signals_run;
    hooks = ours;
    t->interp->hooks = &hooks;
}
void signals_after_fork(struct thread *t) {
    for (int i = 0; i < SIGNAL_COUNT; i++) atomic_store(&tripped[i], false);
    atomic_store(&any, false);
    atomic_store(&main_thread, t);
}
value signals_default_int(struct thread *t) {
    value m = interp_import(t, "_signal"), f = m ? object_getattr_cstr(t, m, "default_int_handler") : V_NULL;
    release_opt(t, m);
    return f;
}
static void ignore(int number) {
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    sigaction(number, &ignored, NULL);
}
bool signals_install(struct thread *t) {
    ignore(SIGPIPE);
    ignore(SIGXFSZ);
    struct sigaction now, interrupt = {.sa_handler = signals_c_handler};
    if (sigaction(SIGINT, NULL, &now) < 0 || now.sa_handler != SIG_DFL) return true;
    value f = signals_default_int(t);
    bool ok = f && signals_set_handler(t, SIGINT, f);
    release_opt(t, f);
    return ok && sigaction(SIGINT, &interrupt, NULL) == 0;
}
