// SPDX-License-Identifier: Apache-2.0
// The gc module. Leaves collecting to core/gc.c.
#include "interp/core/gc.h"
#include "interp/core/hooks.h"
#include "interp/modules/modules.h"
#include "interp/modules/row.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/finalize.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

static _Atomic int asked = 2;   // generation that the running collection was asked for
static _Atomic int debug_flags;

// ---- gc.callbacks ----
static value info_of(struct thread *t, size_t collected) {
    value info = dict_new(t);
    if (info && dict_set_str(t, info, "generation", from_int62(atomic_load(&asked))) && dict_set_str(t, info, "collected", from_int62((int64_t)collected)) &&
        dict_set_str(t, info, "uncollectable", from_int62(0)))
        return info;
    release_opt(t, info);
    return V_NULL;
}
static void phase(struct thread *t, const char *name, size_t collected) {
    if (!t->interp->modules) return; // the end is near
    value module = dict_get_str(t, t->interp->modules, "gc"), list = V_NULL;
    if (!module || !is_pointer(module) || !has_shape(module, SHAPE_MODULE)) goto done;
    list = dict_get_str(t, as_module(module)->dict, "callbacks");
    if (!list || !is_list(list) || !list_size(list)) goto done;
    value pending = raised_take(t), args[2] = {str_from_cstr(t, name), info_of(t, collected)}, f;
    for (size_t i = 0; args[0] && args[1] && (f = list_get_or_null(t, list, i)) != V_NULL; i++) {
        value r = object_call(t, f, args, 2, V_NULL);
        if (r) release(t, r);
        else raise_unraisable(t, NULL, f);
        release(t, f);
    }
    release_opt(t, args[0]);
    release_opt(t, args[1]);
    if (raised(t)) raised_clear(t);
    if (pending) raised_restore(t, pending);
done:
    release_opt(t, list);
    release_opt(t, module);
}

static value g_collect(struct thread *t, const vref *a) {
    int64_t generation = 2;
    if (a[0] && !int_as_i64(t, a[0], &generation)) return V_NULL;
    if (generation < 0 || generation > 2) return raise(t, &exc_ValueError, "invalid generation");
    atomic_store(&asked, (int)generation);
    size_t found = gc_collect(t);
    atomic_store(&asked, 2);
    return int_from_u64(t, found);
}
static value g_get_debug(struct thread *t, const vref *a) { return (void)t, (void)a, from_int62(atomic_load(&debug_flags)); }
static value g_set_debug(struct thread *t, const vref *a) {
    int64_t flags;
    if (!object_as_index(t, a[0], &flags)) return V_NULL;
    atomic_store(&debug_flags, (int)flags);
    return V_NONE;
}
static bool stat_set(struct thread *t, vref row, const char *name, uint64_t n) {
    value v = int_from_u64(t, n);
    return v && dict_set_str(t, row, name, v);
}
// One row a generation, as CPython has it; there is one heap here, so the two young ones stay at zero.
static value g_get_stats(struct thread *t, const vref *a) {
    (void)a;
    const struct gc_stats *all = &t->interp->collector->stats;
    value list = list_new(t, 3);
    for (int k = 0; list && k < 3; k++) {
        value row = dict_new(t);
        bool old = k == 2, ok = row && stat_set(t, row, "collections", old ? all->collections : 0) && stat_set(t, row, "collected", old ? all->collected : 0) &&
                              stat_set(t, row, "uncollectable", old ? all->uncollectable : 0) && list_append(t, list, row);
        release_opt(t, row);
        if (!ok) release_field(t, &list);
    }
    return list;
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
    int64_t generation = 2;
    if (a[0] && !is_none(a[0]) && !object_as_index(t, a[0], &generation)) return V_NULL;
    if (generation < 0) return raise(t, &exc_ValueError, "generation parameter cannot be negative");
    if (generation > 2) return raise(t, &exc_ValueError, "generation parameter must be less than the number of available generations (3)");
    if (generation < 2) return list_new(t, 0); // one heap: everything is of the last generation
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
static const struct native functions[] = {
    F("collect", "($module, /, generation=2)", g_collect), F("enable", "($module, /)", g_enable), F("disable", "($module, /)", g_disable),
    F("isenabled", "($module, /)", g_isenabled), F("get_count", "($module, /)", g_get_count), F("get_threshold", "($module, /)", g_get_threshold),
    F("set_threshold", "($module, threshold0, threshold1=None, threshold2=None, /)", g_set_threshold), F("is_tracked", "($module, obj, /)", g_is_tracked),
    F("get_debug", "($module, /)", g_get_debug), F("set_debug", "($module, flags, /)", g_set_debug), F("get_stats", "($module, /)", g_get_stats),
    F("is_finalized", "($module, obj, /)", g_is_finalized), F("freeze", "($module, /)", g_freeze), F("unfreeze", "($module, /)", g_unfreeze),
    F("get_freeze_count", "($module, /)", g_get_freeze_count), F("get_objects", "($module, /, generation=None)", g_get_objects),
    {.name = "get_referrers", .kind = NATIVE_FUNCTION, .sig = "(*objs)", .raw = g_get_referrers},
    {.name = "get_referents", .kind = NATIVE_FUNCTION, .sig = "(*objs)", .raw = g_get_referents},
};
static bool add_flags(struct thread *t, vref m) {
    static const struct {
        const char *name;
        int value;
    } flags[] = {{"DEBUG_STATS", 1}, {"DEBUG_COLLECTABLE", 2}, {"DEBUG_UNCOLLECTABLE", 4}, {"DEBUG_SAVEALL", 32}, {"DEBUG_LEAK", 38}};
    for (size_t k = 0; k < sizeof flags / sizeof *flags; k++)
        if (!module_set(t, m, flags[k].name, from_int62(flags[k].value))) return false;
    return true;
}
value gc_make(struct thread *t) {
    value m = module_from_natives(t, "gc", "The cycle collector.", functions, sizeof functions / sizeof *functions);
    if (!m || !module_set(t, m, "garbage", list_new(t, 0)) || !module_set(t, m, "callbacks", list_new(t, 0)) || !add_flags(t, m)) {
        release_opt(t, m);
        return V_NULL;
    }
    static struct core_hooks hooks; // what is there, and our phase; made once, before anybody waits for callbacks
    if (t->interp->hooks->gc_phase != phase) {
        hooks = *t->interp->hooks;
        hooks.gc_phase = phase;
        __atomic_store_n(&t->interp->hooks, &hooks, __ATOMIC_RELEASE);
    }
    return m;
}
