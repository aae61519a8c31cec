// SPDX-License-Identifier: Apache-2.0
// Counting in both modes: biased, foreign, merged, queued, adopted, promoted; slots read and written by several threads.
// Leaves the collector to interp_core_gc.c.
#include "core_fake.h"
#include "interp/core/owner.h"
#include "interp/core/slab.h"

static void finish(void) { interp_free(thread_current()); }

static void test_counts_alone(void **state)
{
    for (int mode = 0; mode < 2; mode++) {
        fake_start(mode);
        struct thread *t = thread_current();
        value v = leaf_new(t, 7);
        value w = own(t, borrow(v));
        assert_true(is_counted(w));
        assert_int_equal(ref_total(as_object(v)), 2);
        release(t, v);
        assert_int_equal(atomic_load(&destroyed), 0);
        release(t, w);
        assert_int_equal(atomic_load(&destroyed), 1);
        finish();
    }
}

static void test_immortal_is_not_counted(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    value v = ref_immortal(t, as_object(leaf_new(t, 1)));
    value w = own(t, v);
    assert_int_equal(w, v);
    assert_false(is_counted(w));
    assert_int_equal(as_object(v)->owner, OWNER_NONE);
    finish();
}

static void test_deep_chain(void **state)
{
    fake_start(false);
    struct thread *t = thread_current();
    value head = node_new(t);
    for (int i = 0; i < 500000; i++) {
        value next = node_new(t);
        node_set(t, next, 0, head);
        head = next;
    }
    release(t, head); // must not overflow the C stack
    assert_int_equal(atomic_load(&destroyed), 500001);
    finish();
}

static void test_finalizer_resurrects_once(void **state);

struct shared {
    value v;
    _Atomic int stage;
};

static void hold_and_drop(struct thread *t, int number, void *arg)
{
    struct shared *s = arg;
    for (int i = 0; i < MANY; i++) {
        value w = own(t, borrow(s->v));
        release(t, w);
    }
}
// Every thread takes and drops; in the end the one owner's count is left.
static void test_foreign_counts(void **state)
{
    for (int mode = 0; mode < 2; mode++) {
        fake_start(mode);
        struct thread *t = thread_current();
        struct shared s = {.v = node_of(t, FAKE_DEL)}; // a type with a finalizer is never promoted
        crew_run(t, 3, hold_and_drop, &s);
        assert_true(safepoint(t));
        assert_int_equal(ref_total(as_object(s.v)), 1);
        assert_int_equal(atomic_load(&finalized), 0);
        release(t, s.v);
        assert_int_equal(atomic_load(&finalized), 1);
        assert_int_equal(atomic_load(&destroyed), 1);
        finish();
    }
}

// Others drop what the owner counted: the owner is asked to fold it in.
static void drop_given(struct thread *t, int number, void *arg)
{
    value *given = arg;
    for (int i = 0; i < 100; i++) release(t, given[number * 100 + i]);
}
static void test_merge_queue(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    value v = leaf_new(t, 3), given[300];
    for (int i = 0; i < 300; i++) given[i] = own(t, v);
    assert_int_equal(as_object(v)->local, 301);
    crew_run(t, 3, drop_given, given);
    assert_true(safepoint(t));
    assert_int_equal(as_object(v)->local, 1);
    assert_int_equal(as_object(v)->owner, t->owner);
    assert_int_equal(atomic_load(&as_object(v)->shared), 0);
    release(t, v);
    assert_int_equal(atomic_load(&destroyed), 1);
    finish();
}

// The owner's last word is dropped by others while it only counted it: it dies at the owner's safepoint.
static void test_queue_kills(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    value given[300];
    for (int i = 0; i < 300; i++) given[i] = leaf_new(t, 1);
    crew_run(t, 3, drop_given, given);
    assert_true(safepoint(t));
    assert_int_equal(atomic_load(&destroyed), 300);
    finish();
}

static void take_from_main(struct thread *t, int number, void *arg)
{
    struct shared *s = arg;
    s->v = own(t, s->v);
}
static void test_owner_gives_up(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    value mine = leaf_new(t, 1);
    struct shared s = {.v = mine};
    crew_run(t, 1, take_from_main, &s); // its count stays behind, in `shared`
    release(t, mine);
    struct object *o = as_object(s.v);
    assert_int_equal(o->owner, OWNER_NONE);
    assert_true(atomic_load(&o->shared) & SHARED_MERGED);
    value again = own(t, s.v); // the next one to count it adopts it
    assert_int_equal(o->owner, t->owner);
    assert_int_equal(atomic_load(&o->shared), 0);
    assert_int_equal(o->local, 2);
    release(t, again);
    release(t, s.v);
    assert_int_equal(atomic_load(&destroyed), 1);
    finish();
}

// ---- slots ----

static void churn(struct thread *t, int number, void *arg)
{
    value root = *(value *)arg;
    uint64_t sum = 0, random = (uint64_t)number + 1;
    for (int i = 0; i < MANY; i++) {
        int slot = (int)(unit_random(&random) % SLOTS);
        if (unit_random(&random) % 4 == 0) node_set(t, root, slot, leaf_new(t, 42));
        else {
            value v = node_get(t, root, slot);
            if (v) sum += ((struct leaf *)as_object(v))->payload - 42;
            release_opt(t, v);
        }
        if (!safepoint_poll(t)) break;
    }
    assert_int_equal(sum, 0);
}
// All threads read and write the slots of one object: nobody ever sees a dead leaf, none is lost.
static void test_slots_under_fire(void **state)
{
    for (int mode = 0; mode < 2; mode++) {
        fake_start(mode);
        struct thread *t = thread_current();
        value root = node_new(t);
        for (int i = 0; i < SLOTS; i++) node_set(t, root, i, leaf_new(t, 42));
        crew_run(t, 4, churn, &root);
        for (int i = 0; i < SLOTS; i++) node_set(t, root, i, V_NULL);
        release(t, root);
        assert_true(safepoint(t));
        finish();
    }
}

struct duel {
    value root;
    pthread_barrier_t ready;
    _Atomic bool stop;
};
static void own_and_read(struct thread *t, int number, void *arg)
{
    struct duel *d = arg;
    if (number == 0) {
        d->root = node_new(t);
        node_set(t, d->root, 0, leaf_new(t, 42));
    }
    thread_detach(t);
    pthread_barrier_wait(&d->ready);
    thread_attach(t);
    if (number == 0) { // the owner replaces by plain stores …
        for (int i = 0; i < MANY * 4 && safepoint_poll(t); i++) node_set(t, d->root, 0, leaf_new(t, 42));
        assert_false(as_object(d->root)->flags & HEAD_WRITE_SHARED);
        assert_int_equal(as_object(d->root)->owner, t->owner);
        atomic_store(&d->stop, true);
        return;
    }
    while (!atomic_load(&d->stop) && safepoint_poll(t)) { // … while others read
        value v = node_get(t, d->root, 0);
        if (v) assert_int_equal(((struct leaf *)as_object(v))->payload, 42);
        release_opt(t, v);
    }
}
static void test_biased_writer_and_readers(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    struct duel d = {.root = V_NULL};
    pthread_barrier_init(&d.ready, NULL, 3);
    crew_run(t, 3, own_and_read, &d);
    release(t, d.root);
    assert_true(safepoint(t));
    finish();
}

// ---- promotion ----

static void read_hot(struct thread *t, int number, void *arg)
{
    value root = *(value *)arg;
    for (int i = 0; i < 5000; i++) {
        value v = node_get(t, root, 0);
        release(t, v);
    }
}
static void test_hot_object_is_promoted(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    value root = node_new(t);
    node_set(t, root, 0, leaf_new(t, 42));
    struct object *hot = as_object(atomic_load(&as_node(root)->at[0]));
    crew_run(t, 2, read_hot, &root);
    assert_true(safepoint(t));
    assert_true(atomic_load(&hot->shared) & SHARED_DEFERRED);
    assert_int_equal(hot->owner, OWNER_NONE);
    value v = node_get(t, root, 0);
    assert_false(is_counted(v));
    release(t, root);
    assert_int_equal(atomic_load(&destroyed), 1); // the node; the leaf waits for a collection
    gc_collect(t);
    assert_int_equal(atomic_load(&destroyed), 1); // the word v on our own C stack keeps it …
    assert_int_equal(((struct leaf *)as_object(v))->payload, 42);
    finish();
}

static void test_finalizers_are_not_promoted(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    value root = node_new(t);
    node_set(t, root, 0, node_of(t, FAKE_DEL));
    crew_run(t, 2, read_hot, &root);
    assert_true(safepoint(t));
    release(t, root);
    assert_int_equal(atomic_load(&finalized), 1);
    finish();
}

// ---- dead owners ----

static void leave_behind(struct thread *t, int number, void *arg)
{
    value list = *(value *)arg;
    value mine = node_new(t);
    for (int i = 0; i < SLOTS; i++) node_set(t, mine, i, leaf_new(t, 42));
    node_set(t, list, number, mine);
}
static void test_dead_owner_is_adopted(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    value list = node_new(t);
    crew_run(t, SLOTS, leave_behind, &list);
    for (int i = 0; i < SLOTS; i++) {
        value child = node_get(t, list, i);
        struct object *o = as_object(child);
        assert_int_equal(o->owner, t->owner);
        assert_int_equal(ref_total(o), 2);
        node_set(t, child, 0, leaf_new(t, 1)); // plain again
        release(t, child);
    }
    release(t, list);
    assert_int_equal(atomic_load(&destroyed), 1 + SLOTS + SLOTS * (SLOTS + 1));
    finish();
}

static void test_owner_ids_are_recycled(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    value list = node_new(t);
    for (int i = 0; i < 300; i++) crew_run(t, 1, leave_behind, &list);
    assert_true(owner_dead_count() >= 300);
    for (uint32_t id = 1; id < 65536; id++)
        if (id % 16 == 0) assert_null(owner_at((uint16_t)id));
    release(t, list);
    finish();
    assert_int_equal(owner_dead_count(), 0);
}

// ---- revoking the write bias ----

static void write_foreign(struct thread *t, int number, void *arg)
{
    value root = *(value *)arg;
    for (int i = 0; i < MANY / 10; i++) {
        bool locked = write_begin(t, as_object(root));
        // two slots change together: whoever holds the section sees them equal
        value a = atomic_load(&as_node(root)->at[0]), b = atomic_load(&as_node(root)->at[1]);
        assert_int_equal(a, b);
        atomic_store(&as_node(root)->at[0], from_int62(i * 10 + number));
        atomic_store(&as_node(root)->at[1], from_int62(i * 10 + number));
        write_end(t, as_object(root), locked);
        if (!safepoint_poll(t)) break;
    }
}
static void test_sections_exclude(void **state)
{
    for (int mode = 0; mode < 2; mode++) {
        fake_start(mode);
        struct thread *t = thread_current();
        value root = node_new(t);
        node_set(t, root, 0, from_int62(1));
        node_set(t, root, 1, from_int62(1));
        crew_run(t, 4, write_foreign, &root);
        if (mode) assert_true(as_object(root)->flags & HEAD_WRITE_SHARED);
        else assert_false(as_object(root)->flags & HEAD_WRITE_SHARED);
        release(t, root);
        finish();
    }
}

struct handshake {
    value root;
    pthread_barrier_t ready;
    _Atomic bool done;
};
static void owner_or_writer(struct thread *t, int number, void *arg)
{
    struct handshake *h = arg;
    if (number == 0) {
        h->root = node_new(t);
        thread_detach(t);
        pthread_barrier_wait(&h->ready);
        thread_attach(t);
        uint64_t i = 0;
        while (!atomic_load(&h->done)) { // attached all the time: the writer needs our safepoint
            node_set(t, h->root, 0, from_int62((int64_t)(++i & 0xffff)));
            if (!safepoint_poll(t)) break;
        }
        return;
    }
    thread_detach(t);
    pthread_barrier_wait(&h->ready);
    thread_attach(t);
    assert_false(as_object(h->root)->flags & HEAD_WRITE_SHARED);
    node_set(t, h->root, 1, from_int62(7));
    assert_true(as_object(h->root)->flags & HEAD_WRITE_SHARED);
    atomic_store(&h->done, true);
}
static void test_handshake_with_running_owner(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    struct handshake h = {.root = V_NULL};
    pthread_barrier_init(&h.ready, NULL, 2);
    crew_run(t, 2, owner_or_writer, &h);
    assert_int_equal(atomic_load(&as_node(h.root)->at[1]), from_int62(7));
    release(t, h.root);
    finish();
}

// ---- finalizers ----

static value kept;
static value keep(struct thread *t, struct object *o)
{
    kept = ref_inc(t, o);
    return V_NULL;
}
static void test_finalizer_resurrects_once(void **state)
{
    for (int mode = 0; mode < 2; mode++) {
        fake_start(mode);
        struct thread *t = thread_current();
        value v = node_of(t, FAKE_DEL);
        on_finalize = keep;
        release(t, v);
        assert_int_equal(atomic_load(&finalized), 1);
        assert_int_equal(atomic_load(&destroyed), 0);
        assert_int_equal(ref_total(as_object(kept)), 1);
        release(t, kept);
        assert_int_equal(atomic_load(&finalized), 1);
        assert_int_equal(atomic_load(&destroyed), 1);
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_alone),
        cmocka_unit_test(test_immortal_is_not_counted),
        cmocka_unit_test(test_deep_chain),
        cmocka_unit_test(test_foreign_counts),
        cmocka_unit_test(test_merge_queue),
        cmocka_unit_test(test_queue_kills),
        cmocka_unit_test(test_owner_gives_up),
        cmocka_unit_test(test_slots_under_fire),
        cmocka_unit_test(test_biased_writer_and_readers),
        cmocka_unit_test(test_hot_object_is_promoted),
        cmocka_unit_test(test_finalizers_are_not_promoted),
        cmocka_unit_test(test_dead_owner_is_adopted),
        cmocka_unit_test(test_owner_ids_are_recycled),
        cmocka_unit_test(test_sections_exclude),
        cmocka_unit_test(test_handshake_with_running_owner),
        cmocka_unit_test(test_finalizer_resurrects_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
