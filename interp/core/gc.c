// SPDX-License-Identifier: Apache-2.0
// Collections: when, in which order, what becomes of garbage. Leaves finding it to gc_heap.c and looking around (gc.get_objects …) to gc_query.c.
#include "interp/core/gc.h"
#include "interp/core/clock.h"
#include "interp/core/gc_heap.h"
#include "interp/core/hooks.h"
#include "interp/core/owner.h"
#include "interp/core/qsbr.h"
#include "interp/core/stop.h"
#include "interp/core/weak.h"
#include <stdlib.h>

enum { BASE_THRESHOLD = 10000, USER_THRESHOLD = 700, DEAD_OWNERS = 8192, TRIM_PAGES = 64 };

struct gc *gc_new(void) {
    struct gc *g = calloc(1, sizeof *g);
    if (!g) return NULL;
    g->user_threshold[0] = USER_THRESHOLD;
    g->user_threshold[1] = g->user_threshold[2] = 10;
    atomic_init(&g->threshold, BASE_THRESHOLD);
    atomic_init(&g->enabled, true);
    return g;
}
void gc_free(struct gc *g) { free(g); }

// ---- when ----

static void set_threshold(struct gc *g) {
    int64_t base = (int64_t)BASE_THRESHOLD * g->user_threshold[0] / USER_THRESHOLD;
    if (base < 1) base = 1;
    atomic_store_explicit(&g->threshold, g->user_threshold[0] ? base + (int64_t)(g->live / 2) : INT64_MAX, memory_order_relaxed);
}
static bool is_due(struct gc *g) {
    if (!atomic_load_explicit(&g->enabled, memory_order_relaxed) || !g->user_threshold[0]) return false;
    int64_t threshold = atomic_load_explicit(&g->threshold, memory_order_relaxed);
    return atomic_load_explicit(&g->net, memory_order_relaxed) > threshold || (int64_t)atomic_load_explicit(&g->promoted, memory_order_relaxed) > threshold ||
           atomic_load_explicit(&g->bytes_due, memory_order_relaxed) || owner_dead_count() > DEAD_OWNERS;
}

// ---- garbage, one collection ----

struct collection {
    struct thread *t;
    struct gc_words garbage;   // owned words to counted ones, plain words to deferred ones
    struct gc_words calls;     // weak references whose callbacks are due
    size_t live, quiet;        // quiet: garbage that gc.collect() does not count
    bool again;                // Python code ran: look again
    bool ok;
};

static int visit_container(vref v, void *unused) { return v && is_pointer(v) && (object_type(as_object(v))->flags & (TYPE_GC | TYPE_QUIET)) == TYPE_GC; }

// What CPython would not have tracked: code, and tuples of nothing but plain objects.
static bool is_quiet(struct object *o) {
    struct type *type = object_type(o);
    if (type->flags & TYPE_QUIET) return true;
    return (type->flags & TYPE_TUPLE) && type->traverse && !type->traverse(o, visit_container, NULL);
}

static void gather(struct heap_view *h, struct object *o, uint32_t *side, void *arg) {
    struct collection *c = arg;
    if (*side & SIDE_MARKED) return;
    c->quiet += is_quiet(o);
    if (c->ok && gc_words_room(&c->garbage)) c->garbage.at[c->garbage.n++] = borrowed_word(o);
    else c->ok = false;
}

static bool is_outside(struct object *ref) { return !heap_is_garbage(ref) && !(object_flags(ref) & HEAD_DYING); }

static bool wants_finalizer(const struct object *o) { return (object_type(o)->flags & (TYPE_DEL | TYPE_CLOSES)) && !(object_flags(o) & HEAD_FINALIZED); }

// The second look: what came up meanwhile and still has a finalizer waits for the next collection, with all it reaches.
static void spare(struct heap_view *h, struct object *o, uint32_t *side, void *unused) {
    if (!(*side & SIDE_MARKED) && wants_finalizer(o)) heap_mark(h, o);
}

static void forget_holds(struct gc_words *held) {
    for (size_t i = 0; i < held->n; i++) {
        uint32_t *side = is_counted(held->at[i]) ? heap_side(as_object(held->at[i])) : NULL;
        if (side && (*side & SIDE_COUNT)) --*side;
    }
}

// A counted object that leads to a deferred one must not outlive it. So the collector takes over all counts: what it lets go of later dies at once, instead of on the
// queue of an owner who may be asleep.
static value hold(struct thread *t, struct object *o) {
    object_set_flag(o, HEAD_CONDEMNED);
    if (t->free_threaded) ref_take_stopped(t, o);
    return ref_inc(t, o);
}
static void pardon(struct gc_words *held) {
    for (size_t i = 0; i < held->n; i++) __atomic_fetch_and(&as_object(held->at[i])->flags, (uint8_t)~HEAD_CONDEMNED, __ATOMIC_RELAXED);
}

// World stopped: fills c->garbage with held words, clears the weak references to it. held: what an earlier look holds already.
static void look(struct collection *c, struct gc_words *held) {
    struct heap_view h;
    if (held) pardon(held);
    c->ok = heap_open(&h, c->t);
    if (!c->ok) return;
    if (held) forget_holds(held);
    heap_mark_roots(&h);
    heap_trial(&h);
    if (held) {
        heap_each(&h, spare, NULL);
        heap_drain(&h);
    }
    if (h.failed) c->ok = false;
    else heap_each(&h, gather, c);
    c->live = h.candidates - c->garbage.n;
    if (!c->ok) c->garbage.n = c->quiet = 0;
    for (size_t i = 0; i < c->garbage.n; i++)
        if (object_flags(as_object(c->garbage.at[i])) & HEAD_WEAKREFS) weak_clear_all(c->t, as_object(c->garbage.at[i]), is_outside, &c->calls);
    for (size_t i = 0; i < c->garbage.n; i++) c->garbage.at[i] = hold(c->t, as_object(c->garbage.at[i]));
    heap_close(&h);
}

static void look_stopped(struct collection *c, struct gc_words *held) {
    stop_begin(c->t);
    if (c->t->free_threaded) qsbr_world_stopped(c->t);
    look(c, held);
    stop_end(c->t);
}

static void run_callbacks(struct collection *c) {
    if (!c->calls.n) return;
    c->again = true;
    weak_call(c->t, &c->calls);
    c->calls = (struct gc_words){NULL, 0, 0};
}

static void finalize(struct collection *c) {
    run_callbacks(c);
    for (size_t i = 0; i < c->garbage.n; i++) {
        struct object *o = as_object(c->garbage.at[i]);
        if (!wants_finalizer(o)) continue;
        object_set_flag(o, HEAD_FINALIZED);
        c->t->interp->hooks->finalize(c->t, o);
        c->again = true;
    }
}

// ---- taking garbage apart ----

enum part { COUNTED, DEFERRED, DEFERRED_TYPE };

static enum part part_of(vref v) {
    if (is_counted(v)) return COUNTED;
    return object_type(as_object(v))->flags & TYPE_TYPE ? DEFERRED_TYPE : DEFERRED;
}

static void clear_part(struct collection *c, enum part part) {
    for (size_t i = 0; i < c->garbage.n; i++) {
        struct object *o = as_object(c->garbage.at[i]);
        if (part_of(c->garbage.at[i]) == part && object_type(o)->clear) object_type(o)->clear(c->t, o);
    }
}

// The deferred ones move to the front; the counted die as their last words go.
static size_t release_counted(struct collection *c) {
    size_t kept = 0, n = c->garbage.n;
    for (size_t i = 0; i < n; i++) {
        value v = c->garbage.at[i];
        if (is_counted(v)) release(c->t, v);
        else c->garbage.at[kept++] = v;
    }
    return c->garbage.n = kept;
}

static void destroy_part(struct collection *c, enum part part) {
    for (size_t i = 0; i < c->garbage.n; i++) {
        struct object *o = as_object(c->garbage.at[i]);
        if (part_of(c->garbage.at[i]) != part) continue;
        object_set_flag(o, HEAD_DYING);
        if (object_type(o)->destroy) object_type(o)->destroy(c->t, o);
    }
}

// Words to deferred objects are not counted, so their cells stay until none of the garbage can look at another.
static void free_cells(struct collection *c) {
    for (size_t i = 0; i < c->garbage.n; i++) {
        struct object *o = as_object(c->garbage.at[i]);
        atomic_store_explicit(&o->shared, 0, memory_order_release);
        slab_free(c->t, o);
    }
    free(c->garbage.at);
    c->garbage = (struct gc_words){NULL, 0, 0};
}

static void take_apart(struct collection *c) {
    clear_part(c, COUNTED);
    clear_part(c, DEFERRED);
    clear_part(c, DEFERRED_TYPE);
    release_counted(c);
    destroy_part(c, DEFERRED);
    destroy_part(c, DEFERRED_TYPE);
    free_cells(c);
}

// ---- a collection ----

static void disown(struct object *o) {
    struct owner_slot *owner = owner_at(o->owner);
    if (owner && o->owner != OWNER_NONE && atomic_load(&owner->state) == OWNER_DEAD) ref_disown_stopped(o);
}
static void reap_owners(struct thread *t) {
    stop_begin(t);
    heap_each_object(t->interp, disown);
    owner_reap(t->interp);
    stop_end(t);
}

static void trim(struct thread *t) {
    stop_begin(t);
    slab_trim(t);
    t->interp->collector->pages_after = slab_pages_in_use(t->interp);
    stop_end(t);
}

// returns how many were unreachable. What the second look spares is released after it holds the rest.
static size_t run(struct collection *c) {
    look_stopped(c, NULL);
    finalize(c);
    size_t found = c->garbage.n - c->quiet;
    if (c->again) {
        c->quiet = 0;
        struct gc_words first = c->garbage;
        c->garbage = (struct gc_words){NULL, 0, 0};
        look_stopped(c, &first);
        run_callbacks(c);
        gc_words_free(c->t, &first);
        found = c->garbage.n - c->quiet;
    }
    take_apart(c);
    return found;
}

static void note(struct gc *g, struct collection *c, size_t found, uint64_t began_ns) {
    uint64_t took = clock_now_ns() - began_ns;
    g->live = c->live;
    g->stats.collections++;
    g->stats.collected += found;
    g->stats.promoted += atomic_exchange(&g->promoted, 0);
    g->stats.total_pause_ns += took;
    if (took > g->stats.max_pause_ns) g->stats.max_pause_ns = took;
    atomic_store(&g->bytes_due, false);
    atomic_store(&g->net, 0);
    set_threshold(g);
}

static size_t collect(struct thread *t, bool asked) {
    struct gc *g = t->interp->collector;
    if (atomic_exchange(&g->running, true)) return 0;
    g->runner = t;
    value exc = t->exc;
    t->exc = V_NULL;
    t->interp->hooks->gc_phase(t, "start", 0);
    thread_note_stack(t);
    uint64_t began = clock_now_ns();
    struct collection c = {.t = t};
    size_t found = run(&c);
    note(g, &c, found, began);
    if (t->free_threaded && owner_dead_count() > DEAD_OWNERS / 2) reap_owners(t);
    if (asked || slab_pages_in_use(t->interp) > g->pages_after * 3 / 2 + TRIM_PAGES) trim(t);
    atomic_store(&g->running, false);
    t->interp->hooks->gc_phase(t, "stop", found);
    t->exc = exc;
    return found;
}

// After fork: a collection of a thread that is not here will not end. What it had found stays.
void gc_fork_child(struct thread *t) {
    struct gc *g = t->interp->collector;
    if (g && g->runner != t) atomic_store(&g->running, false);
}

size_t gc_collect(struct thread *t) { return collect(t, true); }
void gc_safepoint(struct thread *t) {
    if (is_due(t->interp->collector)) collect(t, false);
}

// ---- settings ----

void gc_enable(struct thread *t, bool on) { atomic_store(&t->interp->collector->enabled, on); }
bool gc_is_enabled(struct thread *t) { return atomic_load(&t->interp->collector->enabled); }
void gc_set_threshold(struct thread *t, uint32_t t0, uint32_t t1, uint32_t t2) {
    struct gc *g = t->interp->collector;
    g->user_threshold[0] = t0;
    g->user_threshold[1] = t1;
    g->user_threshold[2] = t2;
    set_threshold(g);
}
void gc_get_threshold(struct thread *t, uint32_t out[3]) { memcpy(out, t->interp->collector->user_threshold, 3 * sizeof *out); }
int64_t gc_get_count(struct thread *t) {
    int64_t n = atomic_load(&t->interp->collector->net) + GC_CHUNK - t->gc_budget;
    return n > 0 ? n : 0;
}
