// SPDX-License-Identifier: Apache-2.0
// The time module of this slice: clocks and sleep. Leaves calendar functions to when _io's issue brings them.
#include "interp/core/clock.h"
#include "interp/core/lock.h"
#include "interp/modules/modules.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"

#include <errno.h>
#include <math.h>

static double clock_seconds(clockid_t id) {
    struct timespec ts;
    clock_gettime(id, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}
static int64_t clock_ns(clockid_t id) {
    struct timespec ts;
    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}
#define CLOCK(name, id)                                                                                     \
    static value f_##name(struct thread *t, const vref *a) { return (void)a, float_new(t, clock_seconds(id)); } \
    static value f_##name##_ns(struct thread *t, const vref *a) { return (void)a, int_from_i64(t, clock_ns(id)); }
CLOCK(time, CLOCK_REALTIME)
CLOCK(monotonic, CLOCK_MONOTONIC)
CLOCK(process_time, CLOCK_PROCESS_CPUTIME_ID)
CLOCK(thread_time, CLOCK_THREAD_CPUTIME_ID)

static value f_sleep(struct thread *t, const vref *a) {
    double d;
    if (!float_as_double(t, a[0], &d)) return V_NULL;
    if (isnan(d)) return raise(t, &exc_ValueError, "Invalid value NaN (not a number)");
    if (d < 0) return raise(t, &exc_ValueError, "sleep length must be non-negative");
    if (d > 9e9) return raise(t, &exc_OverflowError, "timestamp too large to convert to C _PyTime_t");
    struct timespec until = clock_timespec(clock_now_ns() + (uint64_t)(d * 1e9));
    for (;;) {
        thread_detach(t);
        int e = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
        thread_attach(t);
        if (!safepoint_poll(t)) return V_NULL;
        if (e != EINTR) return V_NONE;
    }
}
#define F(py, s, f) {.name = py, .kind = NATIVE_FUNCTION, .sig = s, .fn = f}
static const struct native functions[] = {
    F("time", "($module, /)", f_time), F("time_ns", "($module, /)", f_time_ns), F("monotonic", "($module, /)", f_monotonic),
    F("monotonic_ns", "($module, /)", f_monotonic_ns), F("perf_counter", "($module, /)", f_monotonic), F("perf_counter_ns", "($module, /)", f_monotonic_ns),
    F("process_time", "($module, /)", f_process_time), F("process_time_ns", "($module, /)", f_process_time_ns), F("thread_time", "($module, /)", f_thread_time),
    F("thread_time_ns", "($module, /)", f_thread_time_ns), F("sleep", "($module, seconds, /)", f_sleep),
};
value time_make(struct thread *t) { return module_from_natives(t, "time", "Clocks and sleep.", functions, sizeof functions / sizeof *functions); }
