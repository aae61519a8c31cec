// SPDX-License-Identifier: Apache-2.0
// Stopping the world, collections, weak references and locks while several threads change one heap.
// Leaves what a collection finds to interp_core_gc.c.
#include "core_fake.h"
#include "interp/core/lock.h"
#include "interp/core/stop.h"

static void finish(void) { interp_free(thread_current()); }

struct world {
    _Atomic int64_t inside; // threads that touch objects right now
    _Atomic bool stopped;
    _Atomic int running;
    value root;
    struct lock lock;
    struct once once;
    long plain;             // guarded by lock
};

static void tick(struct world *w)
{
    assert_false(atomic_load(&w->stopped));
    atomic_fetch_add(&w->inside, 1);
    atomic_fetch_sub(&w->inside, 1);
}
static void stop_or_tick(struct thread *t, int number, void *arg)
{
    struct world *w = arg;
    for (int i = 0; i < MANY / 20; i++) {
        tick(w);
        if (i % 50 == number) {
            stop_begin(t);
            assert_false(atomic_exchange(&w->stopped, true));
            assert_int_equal(atomic_load(&w->inside), 0);
            atomic_store(&w->stopped, false);
            stop_end(t);
        }
        if (i % 7 == number) {
            thread_detach(t);
            thread_attach(t);
        }
        assert_true(safepoint_poll(t));
    }
}
static void test_nobody_moves(void **state)
{
    for (int mode = 0; mode < 2; mode++) {
        fake_start(mode);
        struct thread *t = thread_current();
        struct world w = {0};
        crew_run(t, 4, stop_or_tick, &w);
        finish();
    }
}

// ---- collections under load ----

static void build_and_drop(struct thread *t, int number, void *arg)
{
    struct world *w = arg;
    uint64_t random = (uint64_t)number + 9;
    for (int i = 0; i < MANY / 2; i++) {
        value a = node_new(t), b = node_new(t), r = ref_new(t, a, V_NULL);
        node_set(t, a, 0, b);
        node_set(t, b, 0, own(t, a)); // a ring
        value seen = node_get(t, w->root, (int)(unit_random(&random) % SLOTS));
        if (seen) node_set(t, a, 1, seen);
        if (i % 3 == 0) node_set(t, w->root, (int)(unit_random(&random) % SLOTS), own(t, a)); // others will see it
        release(t, a);
        value back = weak_get(t, as_ref(r));
        release_opt(t, back);
        release(t, r);
        if (i % (MANY / 20) == number) gc_collect(t);
        assert_true(safepoint_poll(t));
    }
}
static void test_collections_under_load(void **state)
{
    for (int mode = 0; mode < 2; mode++) {
        fake_start(mode);
        struct thread *t = thread_current();
        struct world w = {.root = node_new(t)};
        crew_run(t, 4, build_and_drop, &w);
        assert_true(safepoint(t));
        release(t, w.root);
        while (gc_collect(t) > 0) {}
        assert_int_equal(atomic_load(&live_nodes), 0); // nothing lost, nothing freed twice
        assert_true(t->interp->collector->stats.collections > 3);
        finish();
    }
}

// ---- weak references under fire ----

static void deref(struct thread *t, int number, void *arg)
{
    struct world *w = arg;
    for (int i = 0; i < MANY; i++) {
        value r = node_get(t, w->root, 0);
        value target = r ? weak_get(t, as_ref(r)) : V_NULL;
        if (target) assert_int_equal(((struct leaf *)as_object(target))->payload, 42);
        release_opt(t, target);
        release_opt(t, r);
        if (number == 0 || i % 5 == 0) { // a fresh target, and the old one dies
            value fresh = leaf_new(t, 42);
            node_set(t, w->root, 1, own(t, fresh));
            node_set(t, w->root, 0, ref_new(t, fresh, number ? V_NULL : from_int62(1)));
            release(t, fresh);
        }
        assert_true(safepoint_poll(t));
    }
}
static void test_weak_under_fire(void **state)
{
    for (int mode = 0; mode < 2; mode++) {
        fake_start(mode);
        struct thread *t = thread_current();
        struct world w = {.root = node_new(t)};
        crew_run(t, 4, deref, &w);
        release(t, w.root);
        assert_true(safepoint(t));
        gc_collect(t);
        assert_int_equal(atomic_load(&live_nodes), 0);
        finish();
    }
}

// ---- locks ----

static void count_locked(struct thread *t, int number, void *arg)
{
    struct world *w = arg;
    for (int i = 0; i < MANY; i++) {
        lock_take(t, &w->lock);
        w->plain++;
        if (i % 100 == 0) { // held across a detached stretch: others sleep
            thread_detach(t);
            thread_attach(t);
        }
        lock_give(&w->lock);
        if (i % 1000 == 0) gc_collect(t);
        assert_true(safepoint_poll(t));
    }
}
static void test_lock(void **state)
{
    for (int mode = 0; mode < 2; mode++) {
        fake_start(mode);
        struct thread *t = thread_current();
        struct world w = {0};
        crew_run(t, 4, count_locked, &w);
        assert_int_equal(w.plain, 4 * MANY);
        assert_int_equal(atomic_load(&w.lock.byte), 0);
        finish();
    }
}

static void do_once(struct thread *t, int number, void *arg)
{
    struct world *w = arg;
    if (once_begin(t, &w->once)) {
        bool second = ++w->plain > 1;
        thread_detach(t);
        thread_attach(t);
        once_end(&w->once, second); // the first one fails: somebody tries again
        if (!second) do_once(t, number, arg);
        return;
    }
    assert_true(once_is_done(&w->once));
    assert_int_equal(w->plain, 2);
}
static void test_once(void **state)
{
    for (int mode = 0; mode < 2; mode++)
        for (int round = 0; round < 20; round++) {
            fake_start(mode);
            struct thread *t = thread_current();
            struct world w = {0};
            crew_run(t, 4, do_once, &w);
            assert_int_equal(w.plain, 2);
            finish();
        }
}

// ---- threads ----

static void dig(struct thread *t, int number, void *arg)
{
    int deep = 0;
    while (recursion_enter(t, " in a test")) deep++;
    assert_int_equal(deep, 1000);
    assert_true(t->exc != V_NULL);
    t->exc = V_NULL;
    while (deep-- > 0) recursion_leave(t);
    // frames: each R[-1] leads to the one below
    value *R = NULL, *top = t->stack;
    int frames = 0;
    for (;;) {
        value *callee = top + 4 + 20;
        if ((uintptr_t)(callee + 20) > atomic_load(&t->limit) && !thread_limit_hit(t, callee + 20)) break;
        callee[-1] = (value)(uintptr_t)R;
        t->frame = R = callee;
        top = callee;
        frames++;
    }
    assert_int_equal(frames, 1000);
    t->exc = V_NULL;
    t->frame = NULL;
}
static void test_recursion(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    dig(t, 0, NULL);
    crew_run(t, 2, dig, NULL);
    thread_set_recursion_limit(t, 3000000);
    t->frame = NULL;
    value *top = t->stack;
    while (thread_limit_hit(t, top += 1000)) *top = from_int62(1);
    assert_true(top > t->stack + 8000000 && top < t->stack_end); // the mapping's end, not a crash
    t->exc = V_NULL;
    finish();
}

static void come_and_go(struct thread *t, int number, void *arg)
{
    struct world *w = arg;
    value v = node_new(t);
    node_set(t, w->root, number % SLOTS, v);
}
static void test_threads_come_and_go(void **state)
{
    for (int mode = 0; mode < 2; mode++) {
        fake_start(mode);
        struct thread *t = thread_current();
        struct world w = {.root = node_new(t)};
        for (int i = 0; i < 50; i++) {
            crew_run(t, 3, come_and_go, &w);
            if (i % 10 == 0) gc_collect(t);
        }
        assert_int_equal(atomic_load(&t->interp->thread_count), 1);
        release(t, w.root);
        assert_int_equal(atomic_load(&live_nodes), 0);
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_moves),
        cmocka_unit_test(test_collections_under_load),
        cmocka_unit_test(test_weak_under_fire),
        cmocka_unit_test(test_lock),
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_recursion),
        cmocka_unit_test(test_threads_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
