// SPDX-License-Identifier: Apache-2.0
// _signal: handlers, alarms and timers, sending. Leaves sets of signals to set.c, what happens when one comes in to state.c.
#include "interp/modules/signal/signal.h"
#include "interp/include/interp.h"
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"

#include "interp/types/dict.h"

#include <math.h>
#include <sys/syscall.h>
#include <sys/time.h>

static bool arg_signal(struct thread *t, vref v, int *out) {
    if (!arg_int(t, v, out)) return false;
    if (*out >= 1 && *out < SIGNAL_COUNT) return true;
    raise(t, &exc_ValueError, "signal number out of range");
    return false;
}

// ---- handlers ----
static value f_signal(struct thread *t, const vref *a) {
    int number;
    int64_t which = -1;
    if (!arg_int(t, a[0], &number)) return V_NULL;
    if (!signals_is_main(t)) return raise(t, &exc_ValueError, "signal only works in main thread of the main interpreter");
    if (number < 1 || number >= SIGNAL_COUNT) return raise(t, &exc_ValueError, "signal number out of range");
    if (is_int(a[1])) {
        if (int_as_i64_overflow(a[1], &which) || which < 0 || which > 1) which = -2;
    } else if (!object_is_callable(a[1])) which = -2;
    if (which == -2) return raise(t, &exc_TypeError, "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object");
    if (!safepoint_poll(t)) return V_NULL; // what came in before goes to the old handler
    struct sigaction sa = {.sa_handler = which == 0 ? SIG_DFL : which == 1 ? SIG_IGN : signals_c_handler};
    value old = signals_handler(t, number);
    if (!old) return V_NULL;
    if (sigaction(number, &sa, NULL) < 0) {
        release(t, old);
        return posix_error(t);
    }
    if (signals_set_handler(t, number, which >= 0 ? from_int62(which) : a[1])) return old;
    release(t, old);
    return V_NULL;
}
static value f_getsignal(struct thread *t, const vref *a) {
    int number;
    return arg_signal(t, a[0], &number) ? signals_handler(t, number) : V_NULL;
}
static value f_default_int_handler(struct thread *t, const vref *a) { return (void)a, raise_value(t, &exc_KeyboardInterrupt, V_NULL); }
static value f_siginterrupt(struct thread *t, const vref *a) {
    int number;
    bool interrupts;
    struct sigaction sa;
    if (!arg_signal(t, a[0], &number) || !arg_bool(t, a[1], true, &interrupts)) return V_NULL;
    if (sigaction(number, NULL, &sa) < 0) return posix_error(t);
    sa.sa_flags = interrupts ? sa.sa_flags & ~SA_RESTART : sa.sa_flags | SA_RESTART;
    return posix_done(t, sigaction(number, &sa, NULL));
}
static value f_set_wakeup_fd(struct thread *t, const vref *a) {
    int fd;
    bool warn;
    struct stat st;
    if (!arg_int(t, a[0], &fd) || !arg_bool(t, a[1], true, &warn)) return V_NULL;
    if (!signals_is_main(t)) return raise(t, &exc_ValueError, "set_wakeup_fd only works in main thread of the main interpreter");
    if (fd != -1) {
        if (fstat(fd, &st) < 0) return posix_error(t);
        int flags = fcntl(fd, F_GETFL);
        if (flags < 0) return posix_error(t);
        if (!(flags & O_NONBLOCK)) return raise(t, &exc_ValueError, "the fd %d must be in non-blocking mode", fd);
    }
    return from_int62(signals_set_wakeup(fd, warn));
}

// ---- sending and waiting ----
static value f_raise_signal(struct thread *t, const vref *a) {
    int number;
    if (!arg_int(t, a[0], &number)) return V_NULL;
    errno = pthread_kill(pthread_self(), number); // what raise(3) is
    if (errno) return posix_error(t);
    return safepoint_poll(t) ? V_NONE : V_NULL;
}
static value f_pthread_kill(struct thread *t, const vref *a) {
    int64_t id;
    int number, err = ESRCH;
    if (!arg_i64(t, a[0], &id) || !arg_int(t, a[1], &number)) return V_NULL;
    pthread_mutex_lock(&t->interp->threads_lock);
    for (struct thread *other = t->interp->threads; other; other = other->next)
        if (other->id == (uint64_t)id) err = pthread_kill(other->pthread, number);
    pthread_mutex_unlock(&t->interp->threads_lock);
    errno = err;
    if (err) return posix_error(t);
    return safepoint_poll(t) ? V_NONE : V_NULL;
}
static value f_pidfd_send_signal(struct thread *t, const vref *a) {
    int fd, number, flags;
    if (!arg_int(t, a[0], &fd) || !arg_int(t, a[1], &number) || !arg_int_or(t, a[3], 0, &flags)) return V_NULL;
    if (a[2] && !is_none(a[2])) return raise(t, &exc_TypeError, "siginfo must be None");
    if (syscall(SYS_pidfd_send_signal, fd, number, NULL, (unsigned)flags) < 0) return posix_error(t);
    return safepoint_poll(t) ? V_NONE : V_NULL;
}
static value f_pause(struct thread *t, const vref *a) {
    (void)a;
    thread_detach(t);
    pause();
    thread_attach(t);
    return safepoint_poll(t) ? V_NONE : V_NULL;
}
static value f_strsignal(struct thread *t, const vref *a) {
    int number;
    if (!arg_signal(t, a[0], &number)) return V_NULL;
    const char *s = sigdescr_np(number);
    return s ? str_from_cstr(t, s) : number >= SIGRTMIN && number <= SIGRTMAX ? str_format(t, "Real-time signal %d", number - SIGRTMIN) : V_NONE;
}

// ---- alarms ----
static value f_alarm(struct thread *t, const vref *a) {
    int seconds;
    return arg_int(t, a[0], &seconds) ? from_int62(alarm((unsigned)seconds)) : V_NULL;
}
static bool timeval_of(struct thread *t, vref v, struct timeval *out) {
    double d;
    if (!v) return *out = (struct timeval){0}, true;
    if (!float_as_double(t, v, &d)) return false;
    if (isnan(d)) return raise(t, &exc_ValueError, "Invalid value NaN (not a number)"), false;
    double whole = floor(d);
    if (fabs(whole) > 9e18) return raise(t, &exc_OverflowError, "timestamp out of range for platform time_t"), false;
    *out = (struct timeval){(time_t)whole, (suseconds_t)ceil((d - whole) * 1e6)};
    if (out->tv_usec >= 1000000) *out = (struct timeval){out->tv_sec + 1, 0};
    return true;
}
static value timer_value(struct thread *t, const struct itimerval *v) {
    double left = (double)v->it_value.tv_sec + 1e-6 * (double)v->it_value.tv_usec, every = (double)v->it_interval.tv_sec + 1e-6 * (double)v->it_interval.tv_usec;
    return tuple_take_array(t, (value[]){float_new(t, left), float_new(t, every)}, 2);
}
static value timer_error(struct thread *t) { return exc_raise_errno_of(t, "_signal", "ItimerError", errno); }
static value f_setitimer(struct thread *t, const vref *a) {
    struct itimerval new_timer, old;
    int which;
    if (!arg_int(t, a[0], &which) || !timeval_of(t, a[1], &new_timer.it_value) || !timeval_of(t, a[2], &new_timer.it_interval)) return V_NULL;
    return setitimer((__itimer_which_t)which, &new_timer, &old) < 0 ? timer_error(t) : timer_value(t, &old);
}
static value f_getitimer(struct thread *t, const vref *a) {
    struct itimerval now;
    int which;
    if (!arg_int(t, a[0], &which)) return V_NULL;
    return getitimer((__itimer_which_t)which, &now) < 0 ? timer_error(t) : timer_value(t, &now);
}

static const struct native functions[] = {
    F("signal", "($module, signalnum, handler, /)", f_signal), F("getsignal", "($module, signalnum, /)", f_getsignal),
    F("default_int_handler", "($module, signalnum, frame, /)", f_default_int_handler), F("siginterrupt", "($module, signalnum, flag, /)", f_siginterrupt),
    F("set_wakeup_fd", "($module, fd, /, *, warn_on_full_buffer=True)", f_set_wakeup_fd), F("raise_signal", "($module, signalnum, /)", f_raise_signal),
    F("pthread_kill", "($module, thread_id, signalnum, /)", f_pthread_kill), F("pidfd_send_signal", "($module, pidfd, signalnum, siginfo=None, flags=0, /)", f_pidfd_send_signal),
    F("pause", "($module, /)", f_pause), F("strsignal", "($module, signalnum, /)", f_strsignal), F("alarm", "($module, seconds, /)", f_alarm),
    F("setitimer", "($module, which, seconds, interval=0.0, /)", f_setitimer), F("getitimer", "($module, which, /)", f_getitimer),
};
#define S(n) {#n, n}
static const struct constant rows[] = {
    {"SIG_DFL", 0}, {"SIG_IGN", 1}, {"NSIG", SIGNAL_COUNT}, S(SIG_BLOCK), S(SIG_UNBLOCK), S(SIG_SETMASK), S(SIGHUP), S(SIGINT), S(SIGQUIT), S(SIGILL), S(SIGTRAP), S(SIGIOT),
    S(SIGABRT), S(SIGFPE), S(SIGKILL), S(SIGBUS), S(SIGSEGV), S(SIGSYS), S(SIGPIPE), S(SIGALRM), S(SIGTERM), S(SIGUSR1), S(SIGUSR2), {"SIGCLD", SIGCHLD}, S(SIGCHLD), S(SIGPWR), S(SIGIO),
    S(SIGURG), S(SIGWINCH), S(SIGPOLL), S(SIGSTOP), S(SIGTSTP), S(SIGCONT), S(SIGTTIN), S(SIGTTOU), S(SIGVTALRM), S(SIGPROF), S(SIGXCPU), S(SIGXFSZ), S(SIGSTKFLT), S(ITIMER_REAL),
    S(ITIMER_VIRTUAL), S(ITIMER_PROF),
};
value signal_make(struct thread *t) {
    value m = module_from_natives(t, "_signal", "Handlers for signals and alarms.", functions, sizeof functions / sizeof *functions);
    struct type *info = m ? structseq_type(t, &struct_siginfo) : NULL;
    size_t n = 0;
    while (signal_set_natives[n].name) n++;
    bool ok = info && module_add_natives(t, m, signal_set_natives, n) && constants_add(t, m, rows, sizeof rows / sizeof *rows) &&
              module_set(t, m, "SIGRTMIN", from_int62(SIGRTMIN)) && module_set(t, m, "SIGRTMAX", from_int62(SIGRTMAX)) &&
              module_set(t, m, "struct_siginfo", type_ref(info)) && module_set(t, m, "ItimerError", exc_class_new(t, "signal", "itimer_error", &exc_OSError, NULL));
    if (!ok && m) release_field(t, &m);
    return m;
}
