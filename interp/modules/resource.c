// SPDX-License-Identifier: Apache-2.0
// resource: limits of this process and what it has used. Leaves cgroups and the worker's own limits to the worker.
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"

#include <sys/resource.h>

static const struct structseq_field usage_fields[] = {
    {"ru_utime", "user time used"}, {"ru_stime", "system time used"}, {"ru_maxrss", "max. resident set size"}, {"ru_ixrss", "shared memory size"},
    {"ru_idrss", "unshared data size"}, {"ru_isrss", "unshared stack size"}, {"ru_minflt", "page faults not requiring I/O"}, {"ru_majflt", "page faults requiring I/O"},
    {"ru_nswap", "number of swap outs"}, {"ru_inblock", "block input operations"}, {"ru_oublock", "block output operations"}, {"ru_msgsnd", "IPC messages sent"},
    {"ru_msgrcv", "IPC messages received"}, {"ru_nsignals", "signals received"}, {"ru_nvcsw", "voluntary context switches"}, {"ru_nivcsw", "involuntary context switches"},
};
static struct structseq struct_rusage = {
    .type = {.name = "struct_rusage", .module = "resource", .doc = "What getrusage returns."}, .fields = usage_fields, .count = 16, .visible = 16,
};
static value seconds(struct thread *t, const struct timeval *v) { return float_new(t, (double)v->tv_sec + 1e-6 * (double)v->tv_usec); }
value rusage_new(struct thread *t, const struct rusage *u) {
    const long counts[] = {u->ru_maxrss, u->ru_ixrss, u->ru_idrss, u->ru_isrss, u->ru_minflt, u->ru_majflt, u->ru_nswap, u->ru_inblock, u->ru_oublock, u->ru_msgsnd, u->ru_msgrcv,
                           u->ru_nsignals, u->ru_nvcsw, u->ru_nivcsw};
    value f[16] = {seconds(t, &u->ru_utime), seconds(t, &u->ru_stime)};
    for (int i = 0; i < 14; i++) f[i + 2] = int_from_i64(t, counts[i]);
    return structseq_new(t, &struct_rusage, f);
}
static value f_getrusage(struct thread *t, const vref *a) {
    struct rusage u;
    int who;
    if (!arg_int(t, a[0], &who)) return V_NULL;
    if (getrusage((__rusage_who_t)who, &u) < 0) return errno == EINVAL ? raise(t, &exc_ValueError, "invalid who parameter") : posix_error(t);
    return rusage_new(t, &u);
}

// ---- limits: unlimited is -1 ----
static value limit_value(struct thread *t, rlim_t v) { return v == RLIM_INFINITY ? from_int62(-1) : int_from_u64(t, v); }
static value limits_value(struct thread *t, const struct rlimit *l) { return tuple_take_array(t, (value[]){limit_value(t, l->rlim_cur), limit_value(t, l->rlim_max)}, 2); }
static bool limit_of(struct thread *t, vref v, rlim_t *out) {
    int64_t n;
    if (!arg_i64(t, v, &n)) return false;
    *out = (rlim_t)n;
    return true;
}
static bool limits_of(struct thread *t, vref v, struct rlimit *out) {
    value pair = tuple_from_iterable(t, v);
    bool ok = pair && tuple_size(pair) == 2;
    if (pair && !ok) raise(t, &exc_ValueError, "expected a tuple of 2 integers");
    ok = ok && limit_of(t, tuple_at(pair, 0), &out->rlim_cur) && limit_of(t, tuple_at(pair, 1), &out->rlim_max);
    release_opt(t, pair);
    return ok;
}
static bool arg_resource(struct thread *t, vref v, int *out) {
    if (!arg_int(t, v, out)) return false;
    if (*out >= 0 && *out < RLIM_NLIMITS) return true;
    raise(t, &exc_ValueError, "invalid resource specified");
    return false;
}
static value limit_error(struct thread *t) {
    if (errno == EINVAL) return raise(t, &exc_ValueError, "current limit exceeds maximum limit");
    if (errno == EPERM) return raise(t, &exc_ValueError, "not allowed to raise maximum limit");
    return posix_error(t);
}
static value f_getrlimit(struct thread *t, const vref *a) {
    struct rlimit l;
    int which;
    if (!arg_resource(t, a[0], &which)) return V_NULL;
    return getrlimit((__rlimit_resource_t)which, &l) < 0 ? posix_error(t) : limits_value(t, &l);
}
static value f_setrlimit(struct thread *t, const vref *a) {
    struct rlimit l;
    int which;
    if (!arg_resource(t, a[0], &which) || !limits_of(t, a[1], &l)) return V_NULL;
    return setrlimit((__rlimit_resource_t)which, &l) < 0 ? limit_error(t) : V_NONE;
}
static value f_prlimit(struct thread *t, const vref *a) {
    struct rlimit l, old;
    int pid, which;
    bool sets = a[2] && !is_none(a[2]);
    if (!arg_int(t, a[0], &pid) || !arg_resource(t, a[1], &which) || (sets && !limits_of(t, a[2], &l))) return V_NULL;
    if (prlimit(pid, (__rlimit_resource_t)which, sets ? &l : NULL, &old) < 0)
        return errno == EINVAL ? raise(t, &exc_ValueError, "current limit exceeds maximum limit") : posix_error(t);
    return limits_value(t, &old);
}
static value f_getpagesize(struct thread *t, const vref *a) { return (void)t, (void)a, from_int62(sysconf(_SC_PAGESIZE)); }

static const struct native functions[] = {
    F("getrusage", "($module, who, /)", f_getrusage), F("getrlimit", "($module, resource, /)", f_getrlimit), F("setrlimit", "($module, resource, limits, /)", f_setrlimit),
    F("prlimit", "($module, pid, resource, limits=<unrepresentable>, /)", f_prlimit), F("getpagesize", "($module, /)", f_getpagesize),
};
#define S(n) {#n, n}
static const struct constant rows[] = {
    S(RLIMIT_CPU), S(RLIMIT_FSIZE), S(RLIMIT_DATA), S(RLIMIT_STACK), S(RLIMIT_CORE), S(RLIMIT_NOFILE), {"RLIMIT_OFILE", RLIMIT_NOFILE}, S(RLIMIT_AS), S(RLIMIT_RSS), S(RLIMIT_NPROC),
    S(RLIMIT_MEMLOCK), S(RLIMIT_MSGQUEUE), S(RLIMIT_NICE), S(RLIMIT_RTPRIO), S(RLIMIT_RTTIME), S(RLIMIT_SIGPENDING), S(RUSAGE_SELF), S(RUSAGE_CHILDREN), S(RUSAGE_THREAD),
    {"RLIM_INFINITY", -1},
};
value resource_make(struct thread *t) {
    struct type *usage = structseq_type(t, &struct_rusage);
    value m = usage ? module_from_natives(t, "resource", "Limits and use of resources.", functions, sizeof functions / sizeof *functions) : V_NULL;
    if (m && constants_add(t, m, rows, sizeof rows / sizeof *rows) && module_set(t, m, "struct_rusage", type_ref(usage)) && module_set(t, m, "error", type_ref(&exc_OSError))) return m;
    release_opt(t, m);
    return V_NULL;
}
