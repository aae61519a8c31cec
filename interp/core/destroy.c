// SPDX-License-Identifier: Apache-2.0
// Destroys objects whose count reached zero, without deep recursion. Leaves the fields of each to type->destroy.
#include "interp/core/destroy.h"
#include "interp/core/gc.h"
#include "interp/core/hooks.h"
#include "interp/core/slab.h"
#include "interp/core/weak.h"
#include <stdlib.h>

enum { NESTING = 48 };

// Whether nobody but the destroyer's one count holds o. A late try may add to `shared` for a moment: then its undo is the last release.
static bool is_alone(const struct object *o) { return o->local == 1 && atomic_load_explicit(&o->shared, memory_order_acquire) == 0; }

// Somebody took hold of o: the destroyer's own count goes the usual way.
static bool came_back(struct thread *t, struct object *o) {
    ref_dec(t, o);
    return false;
}

// __del__ and weak references. false: o lives on.
static NOINLINE bool farewell(struct thread *t, struct object *o, struct type *type) {
    if ((type->flags & TYPE_DEL) && !(object_flags(o) & HEAD_FINALIZED)) {
        object_set_flag(o, HEAD_FINALIZED);
        t->interp->hooks->finalize(t, o);
        if (!is_alone(o)) return came_back(t, o);
    }
    if ((object_flags(o) & HEAD_WEAKREFS) && !weak_dying(t, o)) return came_back(t, o);
    return true;
}

static COLD void give_back_budget(struct thread *t) {
    t->gc_budget -= GC_CHUNK;
    if (t->interp->collector) atomic_fetch_sub_explicit(&t->interp->collector->net, GC_CHUNK, memory_order_relaxed);
}

static void destroy_now(struct thread *t, struct object *o) {
    struct type *type = object_type(o);
    if (unlikely((type->flags & TYPE_DEL) | (o->flags & HEAD_WEAKREFS)) && !farewell(t, o, type)) return;
    if (type->flags & TYPE_GC) {
        __atomic_store_n(&o->flags, (uint8_t)(o->flags | HEAD_DYING), __ATOMIC_RELAXED);
        if (unlikely(++t->gc_budget > 2 * GC_CHUNK)) give_back_budget(t);
    }
    if (likely(type->destroy != NULL)) {
        t->destroy_depth++;
        type->destroy(t, o);
        t->destroy_depth--;
    }
    slab_free(t, o);
}

static bool put_off(struct thread *t, struct object *o) {
    if (t->destroy_count == t->destroy_capacity) {
        uint32_t capacity = t->destroy_capacity ? 2 * t->destroy_capacity : 64;
        struct object **list = realloc(t->destroy_list, capacity * sizeof(struct object *));
        if (!list) return false;
        t->destroy_list = list;
        t->destroy_capacity = capacity;
    }
    t->destroy_list[t->destroy_count++] = o;
    return true;
}

void destroy_pending(struct thread *t) {
    while (t->destroy_count) destroy_now(t, t->destroy_list[--t->destroy_count]);
    if (t->destroy_capacity > 4096) {
        free(t->destroy_list);
        t->destroy_list = NULL;
        t->destroy_capacity = 0;
    }
}

void object_destroy(struct thread *t, struct object *o) {
    o->local = 1;
    if (unlikely(t->destroy_depth >= NESTING) && put_off(t, o)) return;
    destroy_now(t, o);
    if (unlikely(t->destroy_count > 0) && t->destroy_depth == 0) destroy_pending(t);
}

void destroy_later(struct thread *t, struct object *o) {
    o->local = 1;
    if (put_off(t, o)) thread_interrupt(t, BREAK_REVIVE);
    else destroy_now(t, o); // no memory to remember it by
}

void *object_alloc_gc_slow(struct thread *t, size_t bytes, uint32_t shape) {
    struct gc *g = t->interp->collector;
    t->gc_budget += GC_CHUNK;
    if (g) {
        int64_t net = atomic_fetch_add_explicit(&g->net, GC_CHUNK, memory_order_relaxed) + GC_CHUNK;
        bool due = net > atomic_load_explicit(&g->threshold, memory_order_relaxed) && atomic_load_explicit(&g->enabled, memory_order_relaxed);
        if (due && !atomic_load_explicit(&g->running, memory_order_relaxed)) thread_interrupt(t, BREAK_GC);
    }
    struct object *o = mem_cell_gc(t, bytes);
    if (!o) return NULL;
    object_init(t, o, shape);
    return o;
}
