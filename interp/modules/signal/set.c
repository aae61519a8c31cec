// SPDX-License-Identifier: Apache-2.0
// Sets of signals: masks, pending ones, waiting for one of a set. Leaves handlers to module.c.
#include "interp/modules/signal/signal.h"
#include "interp/core/clock.h"
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"
#include "interp/types/dict.h"

#include <math.h>

static bool add(struct thread *t, vref item, sigset_t *out) {
    int64_t n = 0;
    value i = object_index(t, item);
    if (!i) return false;
    int over = int_as_i64_overflow(i, &n);
    release(t, i);
    if (over || n < 1 || n >= SIGNAL_COUNT) return raise(t, &exc_ValueError, "signal number %ld out of range [1; 64]", n), false;
    sigaddset(out, (int)n); // those of the threads' library cannot be added: EINVAL, and nothing lost
    return true;
}
bool signal_set(struct thread *t, vref iterable, sigset_t *out) {
    sigemptyset(out);
    value it = object_iter(t, iterable), item;
    if (!it) return false;
    while ((item = object_next(t, it))) {
        bool ok = add(t, item, out);
        release(t, item);
        if (!ok) break;
    }
    release(t, it);
    return !raised(t);
}
value signal_set_value(struct thread *t, const sigset_t *set) {
    value v = set_new(t, false, V_NULL);
    for (int i = 1; v && i < SIGNAL_COUNT; i++)
        if (sigismember(set, i) == 1 && !set_add(t, v, from_int62(i))) release_field(t, &v);
    return v;
}

static value f_valid_signals(struct thread *t, const vref *a) {
    sigset_t all;
    (void)a;
    sigfillset(&all);
    return signal_set_value(t, &all);
}
static value f_pthread_sigmask(struct thread *t, const vref *a) {
    sigset_t set, old;
    int how;
    if (!arg_int(t, a[0], &how) || !signal_set(t, a[1], &set)) return V_NULL;
    int err = pthread_sigmask(how, &set, &old);
    errno = err;
    if (err) return posix_error(t);
    return safepoint_poll(t) ? signal_set_value(t, &old) : V_NULL; // what was let in now is handled now
}
static value f_sigpending(struct thread *t, const vref *a) {
    sigset_t set;
    (void)a;
    return sigpending(&set) < 0 ? posix_error(t) : signal_set_value(t, &set);
}
static value f_sigwait(struct thread *t, const vref *a) {
    sigset_t set;
    int number, err;
    if (!signal_set(t, a[0], &set)) return V_NULL;
    thread_detach(t);
    err = sigwait(&set, &number);
    thread_attach(t);
    errno = err;
    return err ? posix_error(t) : from_int62(number);
}

static const struct structseq_field info_fields[] = {
    {"si_signo", "signal number"}, {"si_code", "signal code"}, {"si_errno", "error number that came with the signal"}, {"si_pid", "sending process ID"},
    {"si_uid", "real user id of the sender"}, {"si_status", "exit value or signal"}, {"si_band", "band event for SIGPOLL"},
};
struct structseq struct_siginfo = {
    .type = {.name = "struct_siginfo", .module = "signal", .doc = "What sigwaitinfo and sigtimedwait return."}, .fields = info_fields, .count = 7, .visible = 7,
};
static value info_new(struct thread *t, const siginfo_t *si) {
    value f[7] = {from_int62(si->si_signo), from_int62(si->si_code), from_int62(si->si_errno), from_int62(si->si_pid), uid_value(t, si->si_uid), from_int62(si->si_status),
                  int_from_i64(t, si->si_band)};
    return structseq_new(t, &struct_siginfo, f);
}
static value f_sigwaitinfo(struct thread *t, const vref *a) {
    sigset_t set;
    siginfo_t si;
    int r;
    if (!signal_set(t, a[0], &set)) return V_NULL;
    do {
        thread_detach(t);
        r = sigwaitinfo(&set, &si);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return r < 0 ? posix_error(t) : info_new(t, &si);
}
static value f_sigtimedwait(struct thread *t, const vref *a) {
    sigset_t set;
    siginfo_t si;
    double seconds;
    int r;
    if (!signal_set(t, a[0], &set) || !float_as_double(t, a[1], &seconds)) return V_NULL;
    if (isnan(seconds)) return raise(t, &exc_ValueError, "Invalid value NaN (not a number)");
    if (seconds < 0) return raise(t, &exc_ValueError, "timeout must be non-negative");
    if (seconds > 9e9) return raise(t, &exc_OverflowError, "timestamp too large to convert to C _PyTime_t");
    uint64_t end = clock_now_ns() + (uint64_t)ceil(seconds * 1e9);
    do {
        uint64_t now = clock_now_ns();
        struct timespec left = clock_timespec(end > now ? end - now : 0);
        thread_detach(t);
        r = sigtimedwait(&set, &si, &left);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    if (r < 0) return errno == EAGAIN && !raised(t) ? V_NONE : posix_error(t);
    return info_new(t, &si);
}

const struct native signal_set_natives[] = {
    F("valid_signals", "($module, /)", f_valid_signals), F("pthread_sigmask", "($module, how, mask, /)", f_pthread_sigmask), F("sigpending", "($module, /)", f_sigpending),
    F("sigwait", "($module, sigset, /)", f_sigwait), F("sigwaitinfo", "($module, sigset, /)", f_sigwaitinfo), F("sigtimedwait", "($module, sigset, timeout, /)", f_sigtimedwait), {0},
};
