// SPDX-License-Identifier: Apache-2.0
// The gc module. Leaves collecting to core/gc.c.
#include "interp/core/gc.h"
#include "interp/modules/modules.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"

static value g_collect(struct thread *t, const vref *a) {
    int64_t generation = 2;
    if (a[0] && !int_as_i64(t, a[0], &generation)) return V_NULL;
    if (generation < 0 || generation > 2) return raise(t, &exc_ValueError, "invalid generation");
    return int_from_u64(t, gc_collect(t));
}
static value g_enable(struct thread *t, const vref *a) { return (void)a, gc_enable(t, true), V_NONE; }
static value g_disable(struct thread *t, const vref *a) { return (void)a, gc_enable(t, false), V_NONE; }
static value g_isenabled(struct thread *t, const vref *a) { return (void)a, from_bool(gc_is_enabled(t)); }
static value g_get_count(struct thread *t, const vref *a) { return (void)a, tuple_pack(t, 3, from_int62(gc_get_count(t)), from_int62(0), from_int62(0)); }
static value g_get_threshold(struct thread *t, const vref *a) {
    uint32_t n[3];
    (void)a;
    gc_get_threshold(t, n);
    return tuple_pack(t, 3, from_int62(n[0]), from_int62(n[1]), from_int62(n[2]));
}
static value g_set_threshold(struct thread *t, const vref *a) {
    uint32_t now[3];
    gc_get_threshold(t, now);
    for (int k = 0; k < 3; k++) {
        int64_t n;
        if (!a[k]) continue;
        if (!int_as_i64(t, a[k], &n)) return V_NULL;
        now[k] = n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
    }
    gc_set_threshold(t, now[0], now[1], now[2]);
    return V_NONE;
}
static value g_is_tracked(struct thread *t, const vref *a) { return (void)t, from_bool(gc_is_tracked(a[0])); }
static value g_is_finalized(struct thread *t, const vref *a) { return (void)t, from_bool(gc_is_finalized(a[0])); }
static value g_freeze(struct thread *t, const vref *a) { return (void)a, gc_freeze(t), V_NONE; }
static value g_unfreeze(struct thread *t, const vref *a) { return (void)a, gc_unfreeze(t), V_NONE; }
static value g_get_freeze_count(struct thread *t, const vref *a) { return (void)a, int_from_u64(t, gc_frozen_count(t)); }
static value as_list_value(struct thread *t, bool ok, struct gc_words *w) {
    value list = ok ? list_from_array(t, w->at, w->n) : V_NULL;
    gc_words_free(t, w);
    return list;
}
static value g_get_objects(struct thread *t, const vref *a) {
    struct gc_words w = {0};
    (void)a;
    return as_list_value(t, gc_get_objects(t, &w), &w);
}
static value g_get_referrers(struct thread *t, const vref *args, size_t n, vref kwnames) {
    struct gc_words w = {0};
    if (kwnames) return raise(t, &exc_TypeError, "get_referrers() takes no keyword arguments");
    return as_list_value(t, gc_get_referrers(t, args, n, &w), &w);
}
static value g_get_referents(struct thread *t, const vref *args, size_t n, vref kwnames) {
    struct gc_words w = {0};
    bool ok = true;
    if (kwnames) return raise(t, &exc_TypeError, "get_referents() takes no keyword arguments");
    for (size_t k = 0; ok && k < n; k++) ok = gc_get_referents(t, args[k], &w);
    return as_list_value(t, ok, &w);
}
#define F(py, s, f) {.name = py, .kind = NATIVE_FUNCTION, .sig = s, .fn = f}
static const struct native functions[] = {
    F("collect", "($module, /, generation=2)", g_collect), F("enable", "($module, /)", g_enable), F("disable", "($module, /)", g_disable),
    F("isenabled", "($module, /)", g_isenabled), F("get_count", "($module, /)", g_get_count), F("get_threshold", "($module, /)", g_get_threshold),
    F("set_threshold", "($module, threshold0, threshold1=None, threshold2=None, /)", g_set_threshold), F("is_tracked", "($module, obj, /)", g_is_tracked),
    F("is_finalized", "($module, obj, /)", g_is_finalized), F("freeze", "($module, /)", g_freeze), F("unfreeze", "($module, /)", g_unfreeze),
    F("get_freeze_count", "($module, /)", g_get_freeze_count), F("get_objects", "($module, /, generation=None)", g_get_objects),
    {.name = "get_referrers", .kind = NATIVE_FUNCTION, .sig = "(*objs)", .raw = g_get_referrers},
    {.name = "get_referents", .kind = NATIVE_FUNCTION, .sig = "(*objs)", .raw = g_get_referents},
};
value gc_make(struct thread *t) {
    value m = module_from_natives(t, "gc", "The cycle collector.", functions, sizeof functions / sizeof *functions);
    if (m && module_set(t, m, "garbage", list_new(t, 0)) && module_set(t, m, "callbacks", list_new(t, 0))) return m;
    release_opt(t, m);
    return V_NULL;
}
