// SPDX-License-Identifier: Apache-2.0
// What the tests of interp/core stand on instead of the real types: containers, leaves, finalizers that count, and threads that start together.
// Leaves the assertions to each test.
#ifndef KRAIT_TESTS_UNIT_CORE_FAKE_H
#define KRAIT_TESTS_UNIT_CORE_FAKE_H

#include "unit.h"

#include "interp/core/gc.h"
#include "interp/core/hooks.h"
#include "interp/core/interp.h"
#include "interp/core/weak.h"
#include "interp/types/exc.h"

// ---- what the core links against ----

struct shape shape_table[SHAPE_MAX];
struct object unbound_object = {.shared = SHARED_DEFERRED | SHARED_IMMORTAL, .shape = SHAPE_UNBOUND};
struct object none_object = {.shared = SHARED_DEFERRED | SHARED_IMMORTAL, .shape = SHAPE_NONE};
struct type exc_RecursionError, exc_MemoryError;
static struct object pending_object = {.shared = SHARED_DEFERRED | SHARED_IMMORTAL, .shape = SHAPE_NONE};

static _Atomic int raised_count;
value raise(struct thread *t, struct type *cls, const char *format, ...)
{
    atomic_fetch_add(&raised_count, 1);
    t->exc = borrowed_word(&pending_object);
    return V_NULL;
}
value raise_no_memory(struct thread *t) { return raise(t, &exc_MemoryError, "no memory"); }
value raise_object(struct thread *t, vref exc)
{
    t->exc = own(t, exc);
    return V_NULL;
}

// ---- types ----

enum { FAKE_NODE = 100, FAKE_LEAF, FAKE_DEL, FAKE_REF, FAKE_KLASS, FAKE_BIG };
enum { SLOTS = 3 };

struct node { // a container of three slots
    struct object head;
    _Atomic value at[SLOTS];
};
struct leaf {
    struct object head;
    uint64_t payload;
};
struct big { // a container beyond the slabs
    struct object head;
    _Atomic value at[SLOTS];
    char filling[1000];
};

static _Atomic long destroyed, finalized, callbacks, live_nodes;

static void node_release(struct thread *t, struct object *o)
{
    struct node *n = (struct node *)o;
    for (int i = 0; i < SLOTS; i++) release_opt(t, atomic_exchange(&n->at[i], V_NULL));
}
static void node_destroy(struct thread *t, struct object *o)
{
    atomic_fetch_add(&destroyed, 1);
    atomic_fetch_sub(&live_nodes, 1);
    node_release(t, o);
}
static int node_traverse(struct object *o, visit_fn *visit, void *arg)
{
    struct node *n = (struct node *)o;
    for (int i = 0; i < SLOTS; i++) {
        value v = atomic_load(&n->at[i]);
        int stop = v ? visit(v, arg) : 0;
        if (stop) return stop;
    }
    return 0;
}
static void leaf_destroy(struct thread *t, struct object *o) { atomic_fetch_add(&destroyed, 1); }
static void ref_destroy(struct thread *t, struct object *o)
{
    struct weakref *w = (struct weakref *)o;
    release_field(t, &w->callback);
}
static int ref_traverse(struct object *o, visit_fn *visit, void *arg)
{
    struct weakref *w = (struct weakref *)o;
    return w->callback ? visit(w->callback, arg) : 0;
}
static void ref_clear(struct thread *t, struct object *o) { weak_unlink((struct weakref *)o); }

static struct type fake_types[] = {
    {.name = "node", .flags = TYPE_GC | TYPE_HAS_WEAK, .destroy = node_destroy, .traverse = node_traverse, .clear = node_release},
    {.name = "leaf", .destroy = leaf_destroy},
    {.name = "del", .flags = TYPE_GC | TYPE_DEL | TYPE_HAS_WEAK, .destroy = node_destroy, .traverse = node_traverse, .clear = node_release},
    {.name = "ref", .flags = TYPE_GC | TYPE_WEAKREF, .destroy = ref_destroy, .traverse = ref_traverse, .clear = ref_clear},
    {.name = "klass", .flags = TYPE_GC, .destroy = node_destroy, .traverse = node_traverse, .clear = node_release},
    {.name = "big", .flags = TYPE_GC, .destroy = node_destroy, .traverse = node_traverse, .clear = node_release},
};

static value (*on_finalize)(struct thread *t, struct object *o); // a test's own wish
static void fake_finalize(struct thread *t, struct object *o)
{
    atomic_fetch_add(&finalized, 1);
    if (on_finalize) release_opt(t, on_finalize(t, o));
}
static void fake_callback(struct thread *t, vref ref, vref callback) { atomic_fetch_add(&callbacks, 1); }
static bool fake_signals(struct thread *t) { return true; }
static void fake_scope_raise(struct thread *t, struct scope *s) { raise(t, &exc_RecursionError, "scope"); }
static value *fake_registers_end(struct thread *t) { return t->stack; }
static int fake_visit_thread(struct thread *t, visit_fn *visit, void *arg) { return 0; }
static int fake_visit_interp(struct interp *interp, visit_fn *visit, void *arg) { return 0; }
static void fake_phase(struct thread *t, const char *phase, size_t collected) {}
static const struct core_hooks fake_hooks = {fake_finalize, fake_callback, fake_signals, fake_scope_raise, fake_registers_end, fake_visit_thread, fake_visit_interp, fake_phase};

// returns new interpreter with its main thread attached (thread_current()).
static inline struct interp *fake_start(bool free_threaded)
{
    for (size_t i = 0; i < sizeof fake_types / sizeof *fake_types; i++) {
        fake_types[i].head = (struct object){.shared = SHARED_DEFERRED | SHARED_IMMORTAL, .shape = SHAPE_NONE};
        shape_table[FAKE_NODE + i].type = &fake_types[i];
    }
    shape_table[SHAPE_NONE].type = &fake_types[1];
    struct interp *interp = interp_new(free_threaded);
    assert_non_null(interp);
    interp->hooks = &fake_hooks;
    atomic_store(&destroyed, 0);
    atomic_store(&finalized, 0);
    atomic_store(&callbacks, 0);
    atomic_store(&raised_count, 0);
    atomic_store(&live_nodes, 0);
    on_finalize = NULL;
    return interp;
}

static inline value node_of(struct thread *t, uint32_t shape)
{
    struct node *n = object_alloc_gc(t, shape == FAKE_BIG ? sizeof(struct big) : sizeof *n, shape);
    if (!n) abort();
    atomic_fetch_add(&live_nodes, 1);
    for (int i = 0; i < SLOTS; i++) atomic_init(&n->at[i], V_NULL);
    return counted_word(n);
}
static inline value node_new(struct thread *t) { return node_of(t, FAKE_NODE); }
static inline value leaf_new(struct thread *t, uint64_t payload)
{
    struct leaf *l = object_alloc(t, sizeof *l, FAKE_LEAF);
    if (!l) abort();
    l->payload = payload;
    return counted_word(l);
}
static inline struct node *as_node(vref v) { return (struct node *)as_object(v); }
// Stores v (taken).
static inline void node_set(struct thread *t, vref n, int i, value v) { slot_store(t, as_object(n), &as_node(n)->at[i], v); }
static inline value node_get(struct thread *t, vref n, int i) { return slot_load(t, &as_node(n)->at[i]); }

static inline value ref_new(struct thread *t, vref target, value callback)
{
    struct weakref *w = object_alloc_gc(t, sizeof *w, FAKE_REF);
    if (!w) abort();
    w->callback = callback;
    w->prev = w->next = NULL;
    w->hash = -1;
    atomic_init(&w->target, NULL);
    assert_true(weak_add(t, w, as_object(target)));
    return counted_word(w);
}
static inline struct weakref *as_ref(vref v) { return (struct weakref *)as_object(v); }

// ---- threads ----

struct crew {
    struct interp *interp;
    void (*work)(struct thread *t, int number, void *arg);
    void *arg;
    pthread_barrier_t start;
};
struct member {
    struct crew *crew;
    int number;
    pthread_t thread;
};

static void *member_main(void *p)
{
    struct member *m = p;
    struct thread *t = thread_new(m->crew->interp);
    assert_non_null(t);
    thread_detach(t);
    pthread_barrier_wait(&m->crew->start);
    thread_attach(t);
    m->crew->work(t, m->number, m->crew->arg);
    thread_end(t);
    return NULL;
}
// Runs work on n threads of their own, which start together; the caller is detached until all are done.
static inline void crew_run(struct thread *t, int n, void (*work)(struct thread *, int, void *), void *arg)
{
    struct crew crew = {.interp = t->interp, .work = work, .arg = arg};
    struct member members[16];
    pthread_barrier_init(&crew.start, NULL, (unsigned)n);
    thread_detach(t);
    for (int i = 0; i < n; i++) {
        members[i] = (struct member){.crew = &crew, .number = i};
        assert_int_equal(pthread_create(&members[i].thread, NULL, member_main, &members[i]), 0);
    }
    for (int i = 0; i < n; i++) pthread_join(members[i].thread, NULL);
    pthread_barrier_destroy(&crew.start);
    thread_attach(t);
}

// How much a loop does: less under the sanitizers, which are slow.
#if defined(KRAIT_TSAN) || defined(KRAIT_ASAN)
enum { MANY = 2000 };
#else
enum { MANY = 50000 };
#endif

#endif
