// SPDX-License-Identifier: Apache-2.0
// Waiting for children and reading their status. Leaves starting them to fork.c and spawn.c.
#include "interp/modules/posix/posix.h"

#include <sys/resource.h>

static value ended(struct thread *t, pid_t pid, int status) { return pid < 0 ? posix_error(t) : tuple_pack(t, 2, from_int62(pid), from_int62(status)); }
static value wait_for(struct thread *t, pid_t want, int options) {
    int status = 0;
    pid_t pid;
    do {
        thread_detach(t);
        pid = waitpid(want, &status, options);
        thread_attach(t);
    } while (posix_interrupted(t, pid));
    return ended(t, pid, status);
}
static value f_wait(struct thread *t, const vref *a) { return (void)a, wait_for(t, -1, 0); }
static value f_waitpid(struct thread *t, const vref *a) {
    int pid, options;
    return arg_int(t, a[0], &pid) && arg_int(t, a[1], &options) ? wait_for(t, pid, options) : V_NULL;
}
static value wait_usage(struct thread *t, pid_t want, int options) {
    struct rusage usage = {0};
    int status = 0;
    pid_t pid;
    do {
        thread_detach(t);
        pid = wait4(want, &status, options, &usage);
        thread_attach(t);
    } while (posix_interrupted(t, pid));
    if (pid < 0) return posix_error(t);
    value r = rusage_new(t, &usage), v = r ? tuple_pack(t, 3, from_int62(pid), from_int62(status), r) : V_NULL;
    release_opt(t, r);
    return v;
}
static value f_wait3(struct thread *t, const vref *a) {
    int options;
    return arg_int(t, a[0], &options) ? wait_usage(t, -1, options) : V_NULL;
}
static value f_wait4(struct thread *t, const vref *a) {
    int pid, options;
    return arg_int(t, a[0], &pid) && arg_int(t, a[1], &options) ? wait_usage(t, pid, options) : V_NULL;
}

static const struct structseq_field waitid_fields[] = {{"si_pid", NULL}, {"si_uid", NULL}, {"si_signo", NULL}, {"si_status", NULL}, {"si_code", NULL}};
struct structseq waitid_result = {
    .type = {.name = "waitid_result", .module = "posix", .doc = "What waitid returns: si_pid, si_uid, si_signo, si_status, si_code."},
    .fields = waitid_fields, .count = 5, .visible = 5,
};
static value f_waitid(struct thread *t, const vref *a) {
    int kind, options, r;
    int64_t id;
    siginfo_t si = {0};
    if (!arg_int(t, a[0], &kind) || !arg_i64(t, a[1], &id) || !arg_int(t, a[2], &options)) return V_NULL;
    do {
        thread_detach(t);
        r = waitid((idtype_t)kind, (id_t)id, &si, options);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    if (r < 0) return posix_error(t);
    if (si.si_pid == 0) return V_NONE; // WNOHANG: nobody
    value f[5] = {from_int62(si.si_pid), uid_value(t, si.si_uid), from_int62(si.si_signo), from_int62(si.si_status), from_int62(si.si_code)};
    return structseq_new(t, &waitid_result, f);
}

// ---- status words ----
#define STATUS(name, expression, make)                            \
    static value f_##name(struct thread *t, const vref *a) {      \
        int status;                                               \
        return arg_int(t, a[0], &status) ? make(expression) : V_NULL; \
    }
STATUS(WCOREDUMP, WCOREDUMP(status) != 0, from_bool)
STATUS(WIFCONTINUED, WIFCONTINUED(status) != 0, from_bool)
STATUS(WIFSTOPPED, WIFSTOPPED(status) != 0, from_bool)
STATUS(WIFSIGNALED, WIFSIGNALED(status) != 0, from_bool)
STATUS(WIFEXITED, WIFEXITED(status) != 0, from_bool)
STATUS(WEXITSTATUS, WEXITSTATUS(status), from_int62)
STATUS(WTERMSIG, WTERMSIG(status), from_int62)
STATUS(WSTOPSIG, WSTOPSIG(status), from_int62)
static value f_waitstatus_to_exitcode(struct thread *t, const vref *a) {
    int status;
    if (!arg_int(t, a[0], &status)) return V_NULL;
    if (WIFEXITED(status)) return from_int62(WEXITSTATUS(status));
    if (WIFSIGNALED(status)) return from_int62(-WTERMSIG(status));
    if (WIFSTOPPED(status)) return raise(t, &exc_ValueError, "process stopped by delivery of signal %d", WSTOPSIG(status));
    return raise(t, &exc_ValueError, "invalid wait status: %d", status);
}

const struct native posix_wait_natives[] = {
    F("wait", "($module, /)", f_wait), F("waitpid", "($module, pid, options, /)", f_waitpid), F("wait3", "($module, /, options)", f_wait3),
    F("wait4", "($module, /, pid, options)", f_wait4), F("waitid", "($module, idtype, id, options, /)", f_waitid), F("WCOREDUMP", "($module, status, /)", f_WCOREDUMP),
    F("WIFCONTINUED", "($module, /, status)", f_WIFCONTINUED), F("WIFSTOPPED", "($module, /, status)", f_WIFSTOPPED), F("WIFSIGNALED", "($module, /, status)", f_WIFSIGNALED),
    F("WIFEXITED", "($module, /, status)", f_WIFEXITED), F("WEXITSTATUS", "($module, /, status)", f_WEXITSTATUS), F("WTERMSIG", "($module, /, status)", f_WTERMSIG),
    F("WSTOPSIG", "($module, /, status)", f_WSTOPSIG), F("waitstatus_to_exitcode", "($module, /, status)", f_waitstatus_to_exitcode), {0},
};
