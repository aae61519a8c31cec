// SPDX-License-Identifier: Apache-2.0
// The cycle collector with types of the test's own, and weak references: what is found, what is spared, in which order.
// Leaves collections under load to interp_core_stop.c.
#include "core_fake.h"

static void finish(void) { interp_free(thread_current()); }

#define IN_BOTH_MODES for (int mode = 0; mode < 2; mode++)

// Two nodes that point to each other. returns the first; the second is only held by it.
static value pair(struct thread *t, uint32_t shape)
{
    value a = node_of(t, shape), b = node_of(t, shape);
    node_set(t, b, 0, own(t, a));
    node_set(t, a, 0, b);
    return a;
}

static void test_cycle(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        release(t, pair(t, FAKE_NODE));
        assert_int_equal(atomic_load(&destroyed), 0);
        assert_int_equal(gc_collect(t), 2);
        assert_int_equal(atomic_load(&destroyed), 2);
        assert_int_equal(gc_collect(t), 0);
        finish();
    }
}

static void test_self_cycle_with_leaf(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        value a = node_new(t);
        node_set(t, a, 0, own(t, a));
        node_set(t, a, 1, leaf_new(t, 5));
        release(t, a);
        assert_int_equal(gc_collect(t), 1);
        assert_int_equal(atomic_load(&destroyed), 2);
        finish();
    }
}

static void test_held_from_outside(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        value a = pair(t, FAKE_NODE); // a C local is a count that nothing explains
        value b = node_get(t, a, 0), tail = node_new(t);
        node_set(t, b, 1, own(t, tail));
        release(t, b);
        release(t, tail);
        assert_int_equal(gc_collect(t), 0);
        assert_int_equal(atomic_load(&destroyed), 0);
        assert_int_equal(ref_total(as_object(tail)), 1);
        release(t, a);
        assert_int_equal(gc_collect(t), 3);
        finish();
    }
}

static void test_large_ones(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        release(t, pair(t, FAKE_BIG));
        value live = pair(t, FAKE_BIG);
        assert_int_equal(gc_collect(t), 2);
        assert_int_equal(atomic_load(&destroyed), 2);
        release(t, live);
        assert_int_equal(gc_collect(t), 2);
        finish();
    }
}

static void test_roots(void **state)
{
    IN_BOTH_MODES {
        struct interp *interp = fake_start(mode);
        struct thread *t = thread_current();
        value a = pair(t, FAKE_NODE), b = pair(t, FAKE_NODE), c = pair(t, FAKE_NODE);
        interp->slots[3] = a;
        t->context = b;
        t->stack[0] = c; // a register
        t->top = t->stack + 1;
        assert_int_equal(gc_collect(t), 0);
        t->top = t->stack;
        t->stack[0] = V_UNBOUND;
        release(t, c);
        assert_int_equal(gc_collect(t), 2);
        finish();
    }
}

// ---- deferred objects ----

// Made by threads of their own, so that no word on this thread's C stack looks like one of them.
static void make_in_register(struct thread *t, int number, void *arg)
{
    struct thread *other = arg;
    value f = ref_defer(t, as_object(node_new(t)));
    node_set(t, f, 0, leaf_new(t, 1));
    other->stack[0] = f;
    other->top = other->stack + 1;
}
static void make_in_holder(struct thread *t, int number, void *arg)
{
    node_set(t, *(value *)arg, 1, ref_defer(t, as_object(node_new(t))));
}
static void empty_holder(struct thread *t, int number, void *arg) { node_set(t, *(value *)arg, 1, V_NULL); }
// A function and its globals: deferred and counted in one ring.
static void make_ring(struct thread *t, int number, void *arg)
{
    value f = ref_defer(t, as_object(node_new(t))), globals = node_new(t);
    node_set(t, globals, 0, f);
    node_set(t, f, 0, globals);
}

static void test_deferred_is_freed_when_unmarked(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        crew_run(t, 1, make_in_register, t);
        assert_int_equal(gc_collect(t), 0); // the register is enough
        assert_int_equal(atomic_load(&destroyed), 0);
        t->stack[0] = V_UNBOUND;
        t->top = t->stack;
        assert_int_equal(gc_collect(t), 1);
        assert_int_equal(atomic_load(&destroyed), 2);
        finish();
    }
}

static void test_deferred_held_by_containers(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        value holder = node_new(t);
        crew_run(t, 1, make_in_holder, &holder);
        assert_int_equal(gc_collect(t), 0);
        assert_int_equal(atomic_load(&destroyed), 0);
        crew_run(t, 1, empty_holder, &holder);
        assert_int_equal(gc_collect(t), 1);
        release(t, holder);
        finish();
    }
}

static void test_ring_through_deferred(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        crew_run(t, 1, make_ring, NULL);
        assert_int_equal(gc_collect(t), 2);
        assert_int_equal(atomic_load(&destroyed), 2);
        finish();
    }
}

static void collect_three(struct thread *t, int number, void *arg)
{
    assert_int_equal(gc_collect(t), 3);
    assert_int_equal(atomic_load(&destroyed), 3); // all of it is gone, although two of them were counted by a thread that sleeps
}

static void test_garbage_of_a_sleeping_thread(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    value a = pair(t, FAKE_NODE);
    crew_run(t, 1, make_in_holder, &a);
    release(t, a);
    crew_run(t, 1, collect_three, NULL);
    finish();
}

static value seen_while_condemned;
static value look_for_others(struct thread *t, struct object *o)
{
    struct gc_words w = {NULL, 0, 0};
    assert_true(gc_get_objects(t, &w));
    for (size_t i = 0; i < w.n; i++)
        if (object_type(as_object(w.at[i])) != &fake_types[FAKE_REF - FAKE_NODE]) seen_while_condemned = V_NONE;
    gc_words_free(t, &w);
    return V_NULL;
}

// Whoever looks around while garbage is taken apart does not bring it back.
static void test_condemned_are_not_found(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        seen_while_condemned = V_NULL;
        on_finalize = look_for_others;
        value a = pair(t, FAKE_DEL);
        crew_run(t, 1, make_in_holder, &a);
        release(t, a);
        assert_int_equal(gc_collect(t), 3);
        assert_int_equal(seen_while_condemned, V_NULL);
        finish();
    }
}

static void test_c_stack_keeps_deferred(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        volatile value f = ref_defer(t, as_object(node_new(t)));
        gc_collect(t);
        assert_int_equal(atomic_load(&destroyed), 0);
        assert_int_equal(object_type(as_object(f))->flags & TYPE_GC, TYPE_GC);
        finish();
    }
}

// ---- finalizers ----

static value revived;
static value revive(struct thread *t, struct object *o)
{
    if (!revived) revived = ref_inc(t, o);
    return V_NULL;
}

static void test_finalizers_run_once(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        release(t, pair(t, FAKE_DEL));
        assert_int_equal(gc_collect(t), 2);
        assert_int_equal(atomic_load(&finalized), 2);
        assert_int_equal(atomic_load(&destroyed), 2);
        finish();
    }
}

static void test_resurrection(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        revived = V_NULL;
        on_finalize = revive;
        release(t, pair(t, FAKE_DEL));
        assert_int_equal(gc_collect(t), 0); // one came back and holds the other
        assert_int_equal(atomic_load(&finalized), 2);
        assert_int_equal(atomic_load(&destroyed), 0);
        assert_int_equal(ref_total(as_object(revived)), 2);
        release(t, revived);
        assert_int_equal(gc_collect(t), 2);
        assert_int_equal(atomic_load(&finalized), 2);
        assert_int_equal(atomic_load(&destroyed), 2);
        finish();
    }
}

static value collect_inside(struct thread *t, struct object *o)
{
    assert_int_equal(gc_collect(t), 0); // one is running
    return V_NULL;
}
static void test_no_collection_inside_another(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    on_finalize = collect_inside;
    release(t, pair(t, FAKE_DEL));
    assert_int_equal(gc_collect(t), 2);
    finish();
}

// ---- weak references ----

static void test_weak_reference(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        value v = node_new(t), r = ref_new(t, v, V_NULL);
        value got = weak_get(t, as_ref(r));
        assert_ptr_equal(as_object(got), as_object(v));
        release(t, got);
        value same = weak_find_basic(t, as_object(v), &fake_types[FAKE_REF - FAKE_NODE]);
        assert_ptr_equal(as_object(same), as_object(r));
        release(t, same);
        assert_int_equal(weak_count(as_object(v)), 1);
        release(t, v);
        assert_int_equal(weak_get(t, as_ref(r)), V_NULL);
        release(t, r);
        finish();
    }
}

static void test_weak_callbacks(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        value v = node_new(t), r[3];
        for (int i = 0; i < 3; i++) r[i] = ref_new(t, v, leaf_new(t, 1));
        release(t, r[1]); // a dead reference is not called
        release(t, v);
        assert_int_equal(atomic_load(&callbacks), 2);
        release(t, r[0]);
        release(t, r[2]);
        assert_int_equal(atomic_load(&destroyed), 4);
        finish();
    }
}

static void test_weak_to_garbage(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        value a = pair(t, FAKE_NODE), outside = ref_new(t, a, leaf_new(t, 1));
        node_set(t, a, 1, ref_new(t, a, leaf_new(t, 1))); // garbage too: its callback is not called
        release(t, a);
        assert_int_equal(gc_collect(t), 3);
        assert_int_equal(atomic_load(&callbacks), 1);
        assert_int_equal(weak_get(t, as_ref(outside)), V_NULL);
        release(t, outside);
        finish();
    }
}

static void test_many_weak_targets(void **state)
{
    fake_start(false);
    struct thread *t = thread_current();
    enum { N = 2000 };
    static value v[N], r[N];
    for (int i = 0; i < N; i++) v[i] = node_new(t), r[i] = ref_new(t, v[i], V_NULL);
    for (int i = 0; i < N; i += 2) release(t, v[i]);
    for (int i = 0; i < N; i++) {
        value got = weak_get(t, as_ref(r[i]));
        assert_int_equal(got != V_NULL, i % 2);
        release_opt(t, got);
    }
    for (int i = 0; i < N; i++) {
        if (i % 2) release(t, v[i]);
        release(t, r[i]);
    }
    assert_int_equal(atomic_load(&destroyed), N);
    finish();
}

// ---- settings and queries ----

static void test_automatic(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        for (int i = 0; i < 40000; i++) {
            release(t, pair(t, FAKE_NODE));
            assert_true(safepoint_poll(t));
        }
        assert_true(atomic_load(&destroyed) > 50000); // collected on the way
        gc_enable(t, false);
        long before = atomic_load(&destroyed);
        for (int i = 0; i < 20000; i++) {
            release(t, pair(t, FAKE_NODE));
            assert_true(safepoint_poll(t));
        }
        assert_int_equal(atomic_load(&destroyed), before);
        finish();
    }
}

static void test_count_balances(void **state)
{
    fake_start(false);
    struct thread *t = thread_current();
    gc_collect(t);
    for (int i = 0; i < 100000; i++) { // made and gone: no collection comes of it
        release(t, node_new(t));
        assert_true(safepoint_poll(t));
    }
    assert_int_equal(t->interp->collector->stats.collections, 1);
    finish();
}

static bool contains(const struct gc_words *w, vref v)
{
    for (size_t i = 0; i < w->n; i++)
        if (as_object(w->at[i]) == as_object(v)) return true;
    return false;
}
static void test_queries(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        value a = node_new(t), b = node_new(t);
        node_set(t, a, 2, own(t, b));
        struct gc_words w = {NULL, 0, 0};
        assert_true(gc_get_objects(t, &w));
        assert_true(contains(&w, a) && contains(&w, b));
        gc_words_free(t, &w);
        assert_true(gc_get_referrers(t, &b, 1, &w));
        assert_true(w.n == 1 && contains(&w, a));
        gc_words_free(t, &w);
        assert_true(gc_get_referents(t, a, &w));
        assert_true(w.n == 1 && contains(&w, b));
        gc_words_free(t, &w);
        assert_true(gc_is_tracked(a));
        assert_false(gc_is_tracked(from_int62(3)));
        release(t, a);
        release(t, b);
        finish();
    }
}

static void test_freeze(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        release(t, pair(t, FAKE_NODE));
        gc_freeze(t);
        assert_int_equal(gc_frozen_count(t), 2);
        assert_int_equal(gc_collect(t), 0);
        gc_unfreeze(t);
        assert_int_equal(gc_collect(t), 2);
        finish();
    }
}

static void test_chain_outgrows_mark_stack(void **state)
{
    fake_start(false);
    struct thread *t = thread_current();
    // One root leads to all: marking has to keep up.
    value head = node_new(t);
    for (int i = 0; i < 5000; i++) {
        value next = node_new(t);
        node_set(t, next, 0, head);
        head = next;
    }
    assert_int_equal(gc_collect(t), 0);
    release(t, head);
    assert_int_equal(atomic_load(&destroyed), 5001);
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cycle),
        cmocka_unit_test(test_self_cycle_with_leaf),
        cmocka_unit_test(test_held_from_outside),
        cmocka_unit_test(test_large_ones),
        cmocka_unit_test(test_roots),
        cmocka_unit_test(test_deferred_is_freed_when_unmarked),
        cmocka_unit_test(test_deferred_held_by_containers),
        cmocka_unit_test(test_ring_through_deferred),
        cmocka_unit_test(test_garbage_of_a_sleeping_thread),
        cmocka_unit_test(test_condemned_are_not_found),
        cmocka_unit_test(test_c_stack_keeps_deferred),
        cmocka_unit_test(test_finalizers_run_once),
        cmocka_unit_test(test_resurrection),
        cmocka_unit_test(test_no_collection_inside_another),
        cmocka_unit_test(test_weak_reference),
        cmocka_unit_test(test_weak_callbacks),
        cmocka_unit_test(test_weak_to_garbage),
        cmocka_unit_test(test_many_weak_targets),
        cmocka_unit_test(test_automatic),
        cmocka_unit_test(test_count_balances),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_freeze),
        cmocka_unit_test(test_chain_outgrows_mark_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
