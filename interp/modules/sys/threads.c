// SPDX-License-Identifier: Apache-2.0
// What sys says and sets of threads, frames and the lock between them. Leaves the numbers to the parts they describe (gil.h, thread.h, frame.h).
#include "interp/core/gil.h"
#include "interp/modules/row.h"
#include "interp/modules/sys/sys.h"
#include "interp/types/structseq.h"
#include "interp/vm/frame.h"
#include "interp/vm/trace.h"
#include "interp/types/words.h"

static value y_getswitchinterval(struct thread *t, const vref *a) { return (void)a, float_new(t, t->interp->switch_interval); }
static value y_setswitchinterval(struct thread *t, const vref *a) {
    double d;
    if (!float_as_double(t, a[0], &d)) return V_NULL;
    if (!(d > 0)) return raise(t, &exc_ValueError, "switch interval must be strictly positive");
    thread_set_switch_interval(t, d);
    return V_NONE;
}
static value y_getrecursionlimit(struct thread *t, const vref *a) { return (void)a, int_from_i64(t, t->depth_limit); }
static value y_setrecursionlimit(struct thread *t, const vref *a) {
    int64_t n;
    if (!int_as_i64(t, a[0], &n)) return V_NULL;
    if (n < 1) return raise(t, &exc_ValueError, "recursion limit must be greater or equal than 1");
    if (n > INT32_MAX) return raise(t, &exc_OverflowError, "Python int too large to convert to C int");
    int32_t depth = 0;
    for (value *R = t->frame; R; R = frame_back(R)) depth++;
    if (depth >= n) return raise(t, &exc_RecursionError, "cannot set the recursion limit to %d at the recursion depth %d: the limit is too low", (int)n, (int)depth);
    thread_set_recursion_limit(t, (int32_t)n);
    return V_NONE;
}
static value y_is_gil_enabled(struct thread *t, const vref *a) { return (void)a, from_bool(!t->interp->free_threaded); }

// ---- frames and exceptions ----

static value y_getframe(struct thread *t, const vref *a) {
    int64_t depth = 0;
    if (a[0] && !int_as_i64(t, a[0], &depth)) return V_NULL;
    return frame_current(t, depth < 0 ? 0 : depth > INT32_MAX ? INT32_MAX : (int)depth);
}
static value triple(struct thread *t, vref e) {
    if (!e) return tuple_pack(t, 3, V_NONE, V_NONE, V_NONE);
    value tb = field_load(t, &as_exc(e)->traceback), r = tuple_pack(t, 3, type_ref(type_of(e)), e, tb ? tb : V_NONE);
    release_opt(t, tb);
    return r;
}
static vref handled_of(const struct thread *t) {
    for (const struct handled *h = t->handled; h; h = h->outer)
        if (h->exc && h->exc != V_NONE && h->exc != V_UNBOUND) return h->exc;
    return V_NULL;
}
static value y_exc_info(struct thread *t, const vref *a) { return (void)a, triple(t, handled_of(t)); }
static value y_exception(struct thread *t, const vref *a) {
    (void)a;
    vref e = handled_of(t);
    return e ? own(t, e) : V_NONE;
}
// {thread id: …} of the calling thread alone: frames of running threads live on their own register stacks, which nobody else may hold on to.
static value of_this_thread(struct thread *t, value v) { // takes v
    value d = dict_new(t), id = int_from_u64(t, t->id);
    bool ok = d && id && v && dict_set(t, d, id, v);
    release_opt(t, id);
    release_opt(t, v);
    if (!ok) release_field(t, &d);
    return d;
}
static value y_current_frames(struct thread *t, const vref *a) { return (void)a, of_this_thread(t, frame_current(t, 0)); }
static value y_current_exceptions(struct thread *t, const vref *a) { return (void)a, of_this_thread(t, triple(t, handled_of(t))); }

// ---- asynchronous generators ----

static const struct structseq_field asyncgen_fields[] = {{"firstiter", "hook called when an asynchronous generator is first iterated"},
                                                         {"finalizer", "hook called when one is about to be finalized"}};
static struct structseq asyncgen_type = {
    .type = {.name = "asyncgen_hooks", .module = "sys", .flags = TYPE_NO_NEW}, .fields = asyncgen_fields, .count = 2, .visible = 2};
static value y_get_asyncgen_hooks(struct thread *t, const vref *a) {
    (void)a;
    value items[2] = {t->asyncgen_firstiter ? own(t, t->asyncgen_firstiter) : V_NONE, t->asyncgen_finalizer ? own(t, t->asyncgen_finalizer) : V_NONE};
    return structseq_new(t, &asyncgen_type, items);
}
static bool hook_ok(struct thread *t, vref hook, const char *which) {
    if (!hook || hook == V_NONE || object_is_callable(hook)) return true;
    raise(t, &exc_TypeError, "callable %s expected, got %T", which, hook);
    return false;
}
static value y_set_asyncgen_hooks(struct thread *t, const vref *a) {
    if (!hook_ok(t, a[1], "finalizer") || !hook_ok(t, a[0], "firstiter")) return V_NULL;
    if (a[0]) replace_field(t, &t->asyncgen_firstiter, a[0] == V_NONE ? V_NULL : own(t, a[0]));
    if (a[1]) replace_field(t, &t->asyncgen_finalizer, a[1] == V_NONE ? V_NULL : own(t, a[1]));
    return V_NONE;
}

// ---- trace and profile functions ----

static value y_gettrace(struct thread *t, const vref *a) { return (void)a, t->trace ? own(t, t->trace) : V_NONE; }
static value y_getprofile(struct thread *t, const vref *a) { return (void)a, t->profile ? own(t, t->profile) : V_NONE; }
// Raw, so that the loop calls them by its general way, behind which it looks whether it is to trace.
static value set_tracer(struct thread *t, const char *name, value *which, const vref *args, size_t nargs, vref kwnames) {
    if (kwnames && tuple_size(kwnames) > 0) return raise(t, &exc_TypeError, "%s() takes no keyword arguments", name);
    if (nargs != 1) return raise(t, &exc_TypeError, "%s() takes exactly one argument (%zu given)", name, nargs);
    vm_trace_set(t, which, args[0]);
    return V_NONE;
}
static value y_settrace(struct thread *t, const vref *a, size_t n, vref kwnames) { return set_tracer(t, "sys.settrace", &t->trace, a, n, kwnames); }
static value y_setprofile(struct thread *t, const vref *a, size_t n, vref kwnames) { return set_tracer(t, "sys.setprofile", &t->profile, a, n, kwnames); }
static value y_get_origin_depth(struct thread *t, const vref *a) { return (void)a, from_int62(t->origin_depth); }
static value y_set_origin_depth(struct thread *t, const vref *a) {
    int64_t n;
    if (!object_as_index(t, a[0], &n)) return V_NULL;
    if (n < 0) return raise(t, &exc_ValueError, "depth must be >= 0");
    t->origin_depth = n < UINT16_MAX ? (uint16_t)n : UINT16_MAX;
    return V_NONE;
}
static value y_call_tracing(struct thread *t, const vref *a) {
    if (!is_tuple(a[1])) return raise(t, &exc_TypeError, "call_tracing() argument 2 must be tuple, not %T", a[1]);
    return vm_trace_call(t, a[0], a[1]);
}

// ---- reports ----

static value stats_row(struct thread *t, const struct gil_stats *s) {
    value row = dict_new(t);
    const struct {
        const char *name;
        value v;
    } cols[] = {{"holds", int_from_u64(t, s->holds)}, {"waited", float_new(t, (double)s->waited_ns * 1e-9)},
                {"held", float_new(t, (double)s->held_ns * 1e-9)}, {"forced", int_from_u64(t, s->forced)}};
    bool ok = row != V_NULL;
    for (size_t c = 0; c < sizeof cols / sizeof *cols; c++) {
        ok = ok && cols[c].v && dict_set_str(t, row, cols[c].name, cols[c].v);
        release_opt(t, cols[c].v);
    }
    if (!ok) release_field(t, &row);
    return row;
}
static value y_gil_stats(struct thread *t, const vref *a) {
    (void)a;
    struct gil_stats s[64];
    size_t n = t->interp->free_threaded ? 0 : gil_stats(t->interp, s, 64);
    value d = dict_new(t);
    for (size_t k = 0; d && k < (n < 64 ? n : 64); k++) {
        value row = stats_row(t, &s[k]), id = int_from_u64(t, s[k].thread_id);
        bool ok = row && id && dict_set(t, d, id, row);
        release_opt(t, row);
        release_opt(t, id);
        if (!ok) release_field(t, &d);
    }
    return d;
}

const struct native sys_thread_natives[] = {
    F("getswitchinterval", "($module, /)", y_getswitchinterval), F("setswitchinterval", "($module, interval, /)", y_setswitchinterval),
    F("getrecursionlimit", "($module, /)", y_getrecursionlimit), F("setrecursionlimit", "($module, limit, /)", y_setrecursionlimit),
    F("_is_gil_enabled", "($module, /)", y_is_gil_enabled), F("_getframe", "($module, depth=0, /)", y_getframe), F("exc_info", "($module, /)", y_exc_info),
    F("exception", "($module, /)", y_exception), F("_current_frames", "($module, /)", y_current_frames),
    F("_current_exceptions", "($module, /)", y_current_exceptions), F("get_asyncgen_hooks", "($module, /)", y_get_asyncgen_hooks),
    F("set_asyncgen_hooks", "($module, /, firstiter=None, finalizer=None)", y_set_asyncgen_hooks), F("_gil_stats", "($module, /)", y_gil_stats),
    F("gettrace", "($module, /)", y_gettrace), F("getprofile", "($module, /)", y_getprofile), {.name = "settrace", .kind = NATIVE_FUNCTION, .raw = y_settrace},
    {.name = "setprofile", .kind = NATIVE_FUNCTION, .raw = y_setprofile}, F("call_tracing", "($module, func, args, /)", y_call_tracing),
    F("get_coroutine_origin_tracking_depth", "($module, /)", y_get_origin_depth),
    F("set_coroutine_origin_tracking_depth", "($module, /, depth)", y_set_origin_depth), {0},
};
