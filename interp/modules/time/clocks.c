// SPDX-License-Identifier: Apache-2.0
// The time module: clocks and sleep. Leaves dates to calendar.c.
#include "interp/core/clock.h"
#include "interp/modules/modules.h"
#include "interp/modules/time/time_module.h"
#include "interp/types/dict.h"

#include <math.h>

// ---- seconds ----
bool time_ns_of(struct thread *t, vref v, enum time_round round, int64_t *out) {
    static const char too_large[] = "timestamp too large to convert to C _PyTime_t";
    if (is_float(v)) {
        double d = float_value(v);
        if (isnan(d)) return raise(t, &exc_ValueError, "Invalid value NaN (not a number)"), false;
        d = round == TIME_CEILING ? ceil(d * 1e9) : floor(d * 1e9);
        if (!(d >= -9223372036854775808.0 && d < 9223372036854775808.0)) return raise(t, &exc_OverflowError, too_large), false;
        *out = (int64_t)d;
        return true;
    }
    if (!is_int(v) && !type_of(v)->to_index) return raise(t, &exc_TypeError, "'%T' object cannot be interpreted as an integer", v), false;
    int64_t s = 0;
    value i = object_index(t, v);
    int over = i ? int_as_i64_overflow(i, &s) : 0;
    release_opt(t, i);
    if (!i) return false;
    if (over || __builtin_mul_overflow(s, 1000000000, out)) return raise(t, &exc_OverflowError, too_large), false;
    return true;
}
bool time_t_of(struct thread *t, vref v, time_t *out) {
    if (!v || is_none(v)) return *out = time(NULL), true;
    if (is_float(v)) {
        double d = floor(float_value(v));
        if (isnan(d)) return raise(t, &exc_ValueError, "Invalid value NaN (not a number)"), false;
        if (!(d >= -9223372036854775808.0 && d < 9223372036854775808.0)) return raise(t, &exc_OverflowError, "timestamp out of range for platform time_t"), false;
        *out = (time_t)d;
        return true;
    }
    int64_t s = 0;
    value i = object_index(t, v);
    int over = i ? int_as_i64_overflow(i, &s) : 0;
    release_opt(t, i);
    if (over) raise(t, &exc_OverflowError, "timestamp out of range for platform time_t");
    *out = s;
    return i && !over;
}

// ---- clocks ----
static value seconds_of(struct thread *t, clockid_t id, int (*ask)(clockid_t, struct timespec *)) {
    struct timespec ts;
    return ask(id, &ts) < 0 ? posix_error(t) : float_new(t, (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9);
}
static value ns_of(struct thread *t, clockid_t id) {
    struct timespec ts;
    return clock_gettime(id, &ts) < 0 ? posix_error(t) : int_from_i64(t, (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec);
}
#define CLOCK(name, id)                                                                                                   \
    static value f_##name(struct thread *t, const vref *a) { return (void)a, seconds_of(t, id, clock_gettime); } \
    static value f_##name##_ns(struct thread *t, const vref *a) { return (void)a, ns_of(t, id); }
CLOCK(time, CLOCK_REALTIME)
CLOCK(monotonic, CLOCK_MONOTONIC)
CLOCK(process_time, CLOCK_PROCESS_CPUTIME_ID)
CLOCK(thread_time, CLOCK_THREAD_CPUTIME_ID)

static value f_clock_gettime(struct thread *t, const vref *a) {
    int id;
    return arg_int(t, a[0], &id) ? seconds_of(t, id, clock_gettime) : V_NULL;
}
static value f_clock_gettime_ns(struct thread *t, const vref *a) {
    int id;
    return arg_int(t, a[0], &id) ? ns_of(t, id) : V_NULL;
}
static value f_clock_getres(struct thread *t, const vref *a) {
    int id;
    return arg_int(t, a[0], &id) ? seconds_of(t, id, clock_getres) : V_NULL;
}
static value set_clock(struct thread *t, int id, int64_t ns) {
    int64_t s = ns / 1000000000, rest = ns % 1000000000;
    if (rest < 0) rest += 1000000000, s--;
    return posix_done(t, clock_settime(id, &(struct timespec){s, rest}));
}
static value f_clock_settime(struct thread *t, const vref *a) {
    int id;
    int64_t ns;
    return arg_int(t, a[0], &id) && time_ns_of(t, a[1], TIME_FLOOR, &ns) ? set_clock(t, id, ns) : V_NULL;
}
static value f_clock_settime_ns(struct thread *t, const vref *a) {
    int id;
    int64_t ns;
    return arg_int(t, a[0], &id) && arg_i64(t, a[1], &ns) ? set_clock(t, id, ns) : V_NULL;
}
static value f_pthread_getcpuclockid(struct thread *t, const vref *a) {
    int64_t id;
    clockid_t clock = 0;
    int err = ESRCH;
    if (!arg_i64(t, a[0], &id)) return V_NULL;
    pthread_mutex_lock(&t->interp->threads_lock);
    for (struct thread *other = t->interp->threads; other; other = other->next)
        if (other->id == (uint64_t)id) err = pthread_getcpuclockid(other->pthread, &clock);
    pthread_mutex_unlock(&t->interp->threads_lock);
    errno = err;
    return err ? posix_error(t) : from_int62(clock);
}

// ---- what a clock is ----
static const struct {
    const char *name, *implementation;
    clockid_t id;
    bool monotonic;
} clocks[] = {
    {"time", "clock_gettime(CLOCK_REALTIME)", CLOCK_REALTIME, false},
    {"monotonic", "clock_gettime(CLOCK_MONOTONIC)", CLOCK_MONOTONIC, true},
    {"perf_counter", "clock_gettime(CLOCK_MONOTONIC)", CLOCK_MONOTONIC, true},
    {"process_time", "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", CLOCK_PROCESS_CPUTIME_ID, true},
    {"thread_time", "clock_gettime(CLOCK_THREAD_CPUTIME_ID)", CLOCK_THREAD_CPUTIME_ID, true},
};
static value namespace_of(struct thread *t, vref dict) { // types.SimpleNamespace(**dict): the type that sys.implementation has
    value like = dict_get_str(t, t->interp->sys_dict, "implementation");
    if (!like) return raised(t) ? V_NULL : raise(t, &exc_RuntimeError, "lost sys.implementation");
    value r = object_call_ex(t, type_ref(type_of(like)), tuple_empty, dict);
    release(t, like);
    return r;
}
static value f_get_clock_info(struct thread *t, const vref *a) {
    if (!is_str(a[0])) return raise(t, &exc_TypeError, "get_clock_info() argument 1 must be str, not %T", a[0]);
    size_t k = 0, n = sizeof clocks / sizeof *clocks;
    while (k < n && !str_equal_cstr(a[0], clocks[k].name)) k++;
    if (k == n) return raise(t, &exc_ValueError, "unknown clock");
    value d = dict_new(t), text = d ? str_from_cstr(t, clocks[k].implementation) : V_NULL, resolution = text ? seconds_of(t, clocks[k].id, clock_getres) : V_NULL;
    bool ok = resolution && dict_set_str(t, d, "implementation", text) && dict_set_str(t, d, "monotonic", from_bool(clocks[k].monotonic)) &&
              dict_set_str(t, d, "adjustable", from_bool(!clocks[k].monotonic)) && dict_set_str(t, d, "resolution", resolution);
    value r = ok ? namespace_of(t, d) : V_NULL;
    release_opt(t, d);
    release_opt(t, text);
    release_opt(t, resolution);
    return r;
}

static value f_sleep(struct thread *t, const vref *a) {
    int64_t ns;
    if (!time_ns_of(t, a[0], TIME_CEILING, &ns)) return V_NULL;
    if (ns < 0) return raise(t, &exc_ValueError, "sleep length must be non-negative");
    struct timespec until = clock_timespec(clock_now_ns() + (uint64_t)ns);
    for (;;) {
        thread_detach(t);
        int e = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        thread_attach(t);
        if (!safepoint_poll(t)) return V_NULL;
        if (e != EINTR) return V_NONE;
    }
}

static const struct native functions[] = {
    F("time", "($module, /)", f_time), F("time_ns", "($module, /)", f_time_ns), F("monotonic", "($module, /)", f_monotonic),
    F("monotonic_ns", "($module, /)", f_monotonic_ns), F("perf_counter", "($module, /)", f_monotonic), F("perf_counter_ns", "($module, /)", f_monotonic_ns),
    F("process_time", "($module, /)", f_process_time), F("process_time_ns", "($module, /)", f_process_time_ns), F("thread_time", "($module, /)", f_thread_time),
    F("thread_time_ns", "($module, /)", f_thread_time_ns), F("clock_gettime", "($module, clk_id, /)", f_clock_gettime), F("clock_gettime_ns", "($module, clk_id, /)", f_clock_gettime_ns),
    F("clock_settime", "($module, clk_id, time, /)", f_clock_settime), F("clock_settime_ns", "($module, clk_id, time, /)", f_clock_settime_ns),
    F("clock_getres", "($module, clk_id, /)", f_clock_getres), F("pthread_getcpuclockid", "($module, thread_id, /)", f_pthread_getcpuclockid),
    F("get_clock_info", "($module, name, /)", f_get_clock_info), F("sleep", "($module, seconds, /)", f_sleep),
};
#define S(n) {#n, n}
static const struct constant rows[] = {
    S(CLOCK_REALTIME), S(CLOCK_MONOTONIC), S(CLOCK_MONOTONIC_RAW), S(CLOCK_PROCESS_CPUTIME_ID), S(CLOCK_THREAD_CPUTIME_ID), S(CLOCK_BOOTTIME), S(CLOCK_TAI), {"_STRUCT_TM_ITEMS", 11},
};
value time_make(struct thread *t) {
    struct type *c = structseq_type(t, &struct_time);
    value m = c ? module_from_natives(t, "time", "Clocks, sleep, and calendar time.", functions, sizeof functions / sizeof *functions) : V_NULL;
    size_t n = 0;
    while (time_calendar_natives[n].name) n++;
    if (m && module_add_natives(t, m, time_calendar_natives, n) && constants_add(t, m, rows, sizeof rows / sizeof *rows) && module_set(t, m, "struct_time", type_ref(c)) &&
        time_set_zone(t, m))
        return m;
    release_opt(t, m);
    return V_NULL;
}
