// SPDX-License-Identifier: Apache-2.0
// The kernel's scheduler: policies, priorities, affinity. Leaves the interpreter's own switching to core/gil.
#include "interp/modules/posix/posix.h"
#include "interp/types/args.h"
#include "interp/types/dict.h"

#include <sched.h>

static value param_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"sched_priority"};
    static const struct args_spec spec = {"sched_param", names, 0, 1, 1};
    vref in[1];
    (void)cls;
    return args_bind(t, &spec, args, nargs, kwnames, in) ? structseq_new(t, &sched_param, (value[]){own(t, in[0])}) : V_NULL;
}
static value param_reduce(struct thread *t, const vref *a) {
    value args = tuple_pack(t, 1, tuple_at(a[0], 0)), r = args ? tuple_pack(t, 2, type_ref(type_of(a[0])), args) : V_NULL;
    release_opt(t, args);
    return r;
}
static const struct native param_natives[] = {
    {"sched_priority", NATIVE_MEMBER, .offset = offsetof(struct tuple, at), .doc = "the scheduling priority"},
    {.name = "__reduce__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = param_reduce}, {0},
};
static const struct structseq_field param_fields[] = {{"sched_priority", "the scheduling priority"}};
struct structseq sched_param = {
    .type = {.name = "sched_param", .module = "posix", .make = param_make, .natives = param_natives, .doc = "sched_param(sched_priority)\n--\n\nWhat a policy is told: a priority."},
    .fields = param_fields, .count = 1, .visible = 1,
};
static bool param_of(struct thread *t, vref v, struct sched_param *out) {
    int64_t n;
    if (type_of(v) != &sched_param.type) return raise(t, &exc_TypeError, "must have a sched_param object"), false;
    if (!arg_i64(t, tuple_at(v, 0), &n)) return false;
    if (n > INT32_MAX || n < INT32_MIN) return raise(t, &exc_OverflowError, "sched_priority out of range"), false;
    out->sched_priority = (int)n;
    return true;
}
static value limit_by(struct thread *t, vref v, int (*call)(int)) {
    int n;
    if (!arg_int(t, v, &n)) return V_NULL;
    int r = call(n);
    return r < 0 ? posix_error(t) : from_int62(r);
}
static value f_max(struct thread *t, const vref *a) { return limit_by(t, a[0], sched_get_priority_max); }
static value f_min(struct thread *t, const vref *a) { return limit_by(t, a[0], sched_get_priority_min); }
static value f_getscheduler(struct thread *t, const vref *a) { return limit_by(t, a[0], sched_getscheduler); }
static value f_setscheduler(struct thread *t, const vref *a) {
    int pid, policy;
    struct sched_param p;
    if (!arg_int(t, a[0], &pid) || !arg_int(t, a[1], &policy) || !param_of(t, a[2], &p)) return V_NULL;
    return posix_done(t, sched_setscheduler(pid, policy, &p));
}
static value f_getparam(struct thread *t, const vref *a) {
    int pid;
    struct sched_param p;
    if (!arg_int(t, a[0], &pid)) return V_NULL;
    return sched_getparam(pid, &p) < 0 ? posix_error(t) : structseq_new(t, &sched_param, (value[]){from_int62(p.sched_priority)});
}
static value f_setparam(struct thread *t, const vref *a) {
    int pid;
    struct sched_param p;
    return arg_int(t, a[0], &pid) && param_of(t, a[1], &p) ? posix_done(t, sched_setparam(pid, &p)) : V_NULL;
}
static value f_rr_interval(struct thread *t, const vref *a) {
    int pid;
    struct timespec ts;
    if (!arg_int(t, a[0], &pid)) return V_NULL;
    return sched_rr_get_interval(pid, &ts) < 0 ? posix_error(t) : float_new(t, (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec);
}
static value f_yield(struct thread *t, const vref *a) {
    (void)a;
    thread_detach(t);
    int r = sched_yield();
    thread_attach(t);
    return posix_done(t, r);
}

// ---- affinity ----
enum { CPUS_MOST = 8192 };
static value f_getaffinity(struct thread *t, const vref *a) {
    cpu_set_t set[CPUS_MOST / CPU_SETSIZE];
    int pid;
    if (!arg_int(t, a[0], &pid)) return V_NULL;
    if (sched_getaffinity(pid, sizeof set, set) < 0) return posix_error(t);
    value v = set_new(t, false, V_NULL);
    for (int i = 0; v && i < CPUS_MOST; i++)
        if (CPU_ISSET_S((size_t)i, sizeof set, set) && !set_add(t, v, from_int62(i))) release_field(t, &v);
    return v;
}
static bool add_cpu(struct thread *t, vref item, cpu_set_t *set, size_t bytes) {
    int64_t n;
    if (!is_int(item)) return raise(t, &exc_TypeError, "expected an iterator of ints, but iterator yielded %s", type_of(item)->name), false;
    if (!int_as_i64(t, item, &n)) return false;
    if (n < 0) return raise(t, &exc_ValueError, "negative CPU number"), false;
    if (n > INT32_MAX - 1) return raise(t, &exc_OverflowError, "CPU number too large"), false;
    if ((size_t)n < bytes * 8) CPU_SET_S((size_t)n, bytes, set);
    return true;
}
static value f_setaffinity(struct thread *t, const vref *a) {
    cpu_set_t set[CPUS_MOST / CPU_SETSIZE];
    int pid;
    if (!arg_int(t, a[0], &pid)) return V_NULL;
    value it = object_iter(t, a[1]), item;
    if (!it) return V_NULL;
    CPU_ZERO_S(sizeof set, set);
    while ((item = object_next(t, it))) {
        bool ok = add_cpu(t, item, set, sizeof set);
        release(t, item);
        if (!ok) break;
    }
    release(t, it);
    return raised(t) ? V_NULL : posix_done(t, sched_setaffinity(pid, sizeof set, set));
}

const struct native posix_sched_natives[] = {
    F("sched_get_priority_max", "($module, /, policy)", f_max), F("sched_get_priority_min", "($module, /, policy)", f_min),
    F("sched_getscheduler", "($module, pid, /)", f_getscheduler), F("sched_setscheduler", "($module, pid, policy, param, /)", f_setscheduler),
    F("sched_getparam", "($module, pid, /)", f_getparam), F("sched_setparam", "($module, pid, param, /)", f_setparam),
    F("sched_rr_get_interval", "($module, pid, /)", f_rr_interval), F("sched_yield", "($module, /)", f_yield), F("sched_getaffinity", "($module, pid, /)", f_getaffinity),
    F("sched_setaffinity", "($module, pid, mask, /)", f_setaffinity), {0},
};
