// SPDX-License-Identifier: Apache-2.0
// This process and others: numbers of processes, groups and sessions, signals sent, priorities, times, the machine. Leaves waiting to wait.c, starting to exec.c and spawn.c.
#include "interp/modules/posix/posix.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/times.h>
#include <sys/utsname.h>

// ---- who is who ----
static value f_getpid(struct thread *t, const vref *a) { return (void)t, (void)a, from_int62(getpid()); }
static value f_getppid(struct thread *t, const vref *a) { return (void)t, (void)a, from_int62(getppid()); }
static value f_getpgrp(struct thread *t, const vref *a) { return (void)t, (void)a, from_int62(getpgrp()); }
static value f_setpgrp(struct thread *t, const vref *a) { return (void)a, posix_done(t, setpgid(0, 0)); }
static value f_setsid(struct thread *t, const vref *a) { return (void)a, posix_done(t, setsid()); }
static value pid_of(struct thread *t, vref v, pid_t (*call)(pid_t)) {
    int pid;
    if (!arg_int(t, v, &pid)) return V_NULL;
    pid_t r = call(pid);
    return r < 0 ? posix_error(t) : from_int62(r);
}
static value f_getpgid(struct thread *t, const vref *a) { return pid_of(t, a[0], getpgid); }
static value f_getsid(struct thread *t, const vref *a) { return pid_of(t, a[0], getsid); }
static value f_setpgid(struct thread *t, const vref *a) {
    int pid, group;
    return arg_int(t, a[0], &pid) && arg_int(t, a[1], &group) ? posix_done(t, setpgid(pid, group)) : V_NULL;
}

// ---- signals ----
static value signal_by(struct thread *t, const vref *a, int (*call)(pid_t, int)) {
    int pid, number;
    if (!arg_int(t, a[0], &pid) || !arg_int(t, a[1], &number)) return V_NULL;
    if (call(pid, number) < 0) return posix_error(t);
    return safepoint_poll(t) ? V_NONE : V_NULL; // it may have been for us
}
static value f_kill(struct thread *t, const vref *a) { return signal_by(t, a, kill); }
static value f_killpg(struct thread *t, const vref *a) { return signal_by(t, a, killpg); }

// ---- priorities ----
static value f_nice(struct thread *t, const vref *a) {
    int by;
    if (!arg_int(t, a[0], &by)) return V_NULL;
    errno = 0;
    int r = nice(by);
    return r == -1 && errno ? posix_error(t) : from_int62(r);
}
static value f_getpriority(struct thread *t, const vref *a) {
    int which, who;
    if (!arg_int(t, a[0], &which) || !arg_int(t, a[1], &who)) return V_NULL;
    errno = 0;
    int r = getpriority((__priority_which_t)which, (id_t)who);
    return r == -1 && errno ? posix_error(t) : from_int62(r);
}
static value f_setpriority(struct thread *t, const vref *a) {
    int which, who, priority;
    if (!arg_int(t, a[0], &which) || !arg_int(t, a[1], &who) || !arg_int(t, a[2], &priority)) return V_NULL;
    return posix_done(t, setpriority((__priority_which_t)which, (id_t)who, priority));
}

// ---- times and names ----
static const struct structseq_field times_fields[] = {
    {"user", "user time"}, {"system", "system time"}, {"children_user", "user time of children"}, {"children_system", "system time of children"},
    {"elapsed", "seconds of real time since some fixed moment"},
};
struct structseq times_result = {
    .type = {.name = "times_result", .module = "posix", .doc = "What os.times() returns: user, system, children_user, children_system, elapsed, in seconds."},
    .fields = times_fields, .count = 5, .visible = 5,
};
static value f_times(struct thread *t, const vref *a) {
    struct tms now;
    (void)a;
    errno = 0;
    clock_t elapsed = times(&now);
    if (elapsed == (clock_t)-1 && errno) return posix_error(t);
    double tick = (double)sysconf(_SC_CLK_TCK);
    value f[5] = {float_new(t, (double)now.tms_utime / tick), float_new(t, (double)now.tms_stime / tick), float_new(t, (double)now.tms_cutime / tick),
                  float_new(t, (double)now.tms_cstime / tick), float_new(t, (double)elapsed / tick)};
    return structseq_new(t, &times_result, f);
}
static const struct structseq_field uname_fields[] = {
    {"sysname", "operating system name"}, {"nodename", "what the machine calls itself in a network"}, {"release", "operating system release"},
    {"version", "operating system version"}, {"machine", "hardware identifier"},
};
struct structseq uname_result = {
    .type = {.name = "uname_result", .module = "posix", .doc = "What os.uname() returns: sysname, nodename, release, version, machine."},
    .fields = uname_fields, .count = 5, .visible = 5,
};
static value f_uname(struct thread *t, const vref *a) {
    struct utsname u;
    (void)a;
    if (uname(&u) < 0) return posix_error(t);
    value f[5] = {path_text(t, u.sysname), path_text(t, u.nodename), path_text(t, u.release), path_text(t, u.version), path_text(t, u.machine)};
    return structseq_new(t, &uname_result, f);
}
static value f_getloadavg(struct thread *t, const vref *a) {
    double load[3];
    (void)a;
    if (getloadavg(load, 3) != 3) return raise(t, &exc_OSError, "Load averages are unobtainable");
    return tuple_take_array(t, (value[]){float_new(t, load[0]), float_new(t, load[1]), float_new(t, load[2])}, 3);
}
static value f_cpu_count(struct thread *t, const vref *a) {
    (void)t, (void)a;
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? V_NONE : from_int62(n);
}

// ---- ends ----
static value f_exit_now(struct thread *t, const vref *a) {
    int status;
    if (!arg_int(t, a[0], &status)) return V_NULL;
    _exit(status);
}
static value f_abort(struct thread *t, const vref *a) {
    (void)t, (void)a;
    abort();
}

const struct native posix_process_natives[] = {
    F("getpid", "($module, /)", f_getpid), F("getppid", "($module, /)", f_getppid), F("getpgrp", "($module, /)", f_getpgrp), F("setpgrp", "($module, /)", f_setpgrp),
    F("setsid", "($module, /)", f_setsid), F("getpgid", "($module, /, pid)", f_getpgid), F("getsid", "($module, pid, /)", f_getsid),
    F("setpgid", "($module, pid, pgrp, /)", f_setpgid), F("kill", "($module, pid, signal, /)", f_kill), F("killpg", "($module, pgid, signal, /)", f_killpg),
    F("nice", "($module, increment, /)", f_nice), F("getpriority", "($module, /, which, who)", f_getpriority),
    F("setpriority", "($module, /, which, who, priority)", f_setpriority), F("times", "($module, /)", f_times), F("uname", "($module, /)", f_uname),
    F("getloadavg", "($module, /)", f_getloadavg), F("cpu_count", "($module, /)", f_cpu_count), F("_exit", "($module, /, status)", f_exit_now),
    F("abort", "($module, /)", f_abort), {0},
};
