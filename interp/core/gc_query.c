// SPDX-License-Identifier: Apache-2.0
// Looking at the heap: get_objects, get_referrers, get_referents, freeze. Leaves the Python functions to the gc module.
#include "interp/core/gc_heap.h"
#include "interp/core/stop.h"
#include <stdlib.h>

bool gc_words_room(struct gc_words *w) {
    if (w->n < w->capacity) return true;
    size_t capacity = w->capacity ? 2 * w->capacity : 64;
    value *at = realloc(w->at, capacity * sizeof *at);
    if (!at) return false;
    w->at = at;
    w->capacity = capacity;
    return true;
}

void gc_words_free(struct thread *t, struct gc_words *w) {
    for (size_t i = 0; i < w->n; i++) release(t, w->at[i]);
    free(w->at);
    *w = (struct gc_words){NULL, 0, 0};
}

struct query {
    struct thread *t;
    struct gc_words *out;
    const vref *targets;
    size_t n;
    bool failed;
};

static void add(struct query *q, vref v) {
    if (!q->failed && gc_words_room(q->out)) q->out->at[q->out->n++] = own(q->t, v);
    else q->failed = true;
}

static bool finish(struct query *q) {
    if (!q->failed) return true;
    gc_words_free(q->t, q->out);
    raise_no_memory(q->t);
    return false;
}

// Runs f over all candidates with the world stopped.
static bool each(struct query *q, heap_fn *f) {
    struct heap_view h;
    stop_begin(q->t);
    if (heap_open(&h, q->t)) {
        heap_each(&h, f, q);
        heap_close(&h);
    } else
        q->failed = true;
    stop_end(q->t);
    return finish(q);
}

// While a collection takes its garbage apart, the deferred part of that is given back whatever its counts say: nothing that leads there is handed out.
static bool is_condemned(const struct object *o) { return object_flags(o) & HEAD_CONDEMNED; }
static void add_container(struct heap_view *h, struct object *o, uint32_t *side, void *q) {
    if ((object_type(o)->flags & (TYPE_GC | TYPE_QUIET)) == TYPE_GC && !is_condemned(o)) add(q, borrowed_word(o));
}
static void add_finalizable(struct heap_view *h, struct object *o, uint32_t *side, void *q) {
    if (object_type(o)->flags & TYPE_DEL && !(object_flags(o) & HEAD_FINALIZED)) add_container(h, o, side, q);
}
bool gc_get_finalizable(struct thread *t, struct gc_words *out) {
    struct query q = {.t = t, .out = out};
    return each(&q, add_finalizable);
}
bool gc_get_objects(struct thread *t, struct gc_words *out) {
    struct query q = {.t = t, .out = out};
    return each(&q, add_container);
}

static int is_target(vref v, void *arg) {
    const struct query *q = arg;
    if (!v || !is_pointer(v)) return 0;
    for (size_t i = 0; i < q->n; i++)
        if (is_pointer(q->targets[i]) && as_object(q->targets[i]) == as_object(v)) return 1;
    return 0;
}
static void add_referrer(struct heap_view *h, struct object *o, uint32_t *side, void *arg) {
    struct type *type = object_type(o);
    if ((type->flags & TYPE_GC) && !is_condemned(o) && type->traverse && type->traverse(o, is_target, arg)) add(arg, borrowed_word(o));
}
bool gc_get_referrers(struct thread *t, const vref *targets, size_t n, struct gc_words *out) {
    struct query q = {.t = t, .out = out, .targets = targets, .n = n};
    return each(&q, add_referrer);
}

static int add_referent(vref v, void *q) {
    if (v && is_pointer(v) && v != V_UNBOUND) add(q, v);
    return 0;
}
bool gc_get_referents(struct thread *t, vref v, struct gc_words *out) {
    struct query q = {.t = t, .out = out};
    struct type *type = is_pointer(v) ? object_type(as_object(v)) : NULL;
    if (!type || !type->traverse) return true;
    stop_begin(t); // nobody changes it meanwhile
    type->traverse(as_object(v), add_referent, &q);
    stop_end(t);
    return finish(&q);
}

static void freeze(struct heap_view *h, struct object *o, uint32_t *side, void *q) {
    if (!(object_flags(o) & HEAD_FROZEN)) h->interp->collector->frozen++;
    object_set_flag(o, HEAD_FROZEN);
}
static void unfreeze(struct heap_view *h, struct object *o, uint32_t *side, void *q) { __atomic_fetch_and(&o->flags, (uint8_t)~HEAD_FROZEN, __ATOMIC_SEQ_CST); }

static void freeze_all(struct thread *t, heap_fn *f) {
    struct heap_view h;
    stop_begin(t);
    if (heap_open(&h, t)) {
        heap_each(&h, f, NULL);
        heap_close(&h);
    }
    stop_end(t);
}
void gc_freeze(struct thread *t) { freeze_all(t, freeze); }
void gc_unfreeze(struct thread *t) {
    freeze_all(t, unfreeze);
    t->interp->collector->frozen = 0;
}
size_t gc_frozen_count(struct thread *t) { return t->interp->collector->frozen; }

bool gc_is_tracked(vref v) { return is_pointer(v) && (object_type(as_object(v))->flags & (TYPE_GC | TYPE_QUIET)) == TYPE_GC; }
bool gc_is_finalized(vref v) { return is_pointer(v) && (object_flags(as_object(v)) & HEAD_FINALIZED); }
