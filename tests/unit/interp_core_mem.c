// SPDX-License-Identifier: Apache-2.0
// Slabs, heaps of ended threads, foreign frees, trimming, large objects, buffers, grace periods.
// Leaves counting to interp_core_ref.c.
#include "core_fake.h"
#include "interp/core/qsbr.h"
#include "interp/core/slab.h"

static void finish(void) { interp_free(thread_current()); }

#define NEEDS_SLABS                                                                           \
    if (!MEM_SLABS) { /* every cell is a block of malloc in this build: nothing to look at */ \
        return;                                                                               \
    }

static void test_cells(void **state)
{
    fake_start(false);
    struct thread *t = thread_current();
    for (size_t bytes = 16; bytes <= 2000; bytes += 24) {
        char *p = mem_cell(t, bytes), *q = mem_cell_gc(t, bytes);
        assert_true(p && q && p != q);
        assert_int_equal((uintptr_t)p % 16, 0);
        assert_int_equal(((struct object *)p)->local, 0);
        assert_int_equal(atomic_load(&((struct object *)p)->shared), 0);
        memset(p + 16, 0xaa, bytes - 16);
        memset(q + 16, 0x55, bytes - 16);
        if (MEM_SLABS) assert_int_equal(slab_holds(p), bytes <= SIZE_CLASS_MAX);
        if (MEM_SLABS && slab_holds(p)) {
            struct slab_page *page = slab_page_of(p);
            assert_true(page->size >= bytes && page->size < bytes + 16);
            assert_ptr_equal(slab_cell(page, slab_cell_index(page, p)), p);
            assert_ptr_equal(slab_cell(page, slab_cell_index(page, p + bytes - 1)), p);
            assert_true(slab_page_of(q)->list >= SIZE_CLASSES);
        }
        mem_free_cell(t, p, bytes);
        mem_free_cell(t, q, bytes);
        if (MEM_SLABS && bytes <= SIZE_CLASS_MAX) assert_ptr_equal(mem_cell(t, bytes), p); // used again at once
    }
    finish();
}

static void test_index_of_every_cell(void **state)
{
    NEEDS_SLABS
    fake_start(false);
    struct thread *t = thread_current();
    for (unsigned size = 16; size <= SIZE_CLASS_MAX; size += 16) {
        struct slab_page *page = slab_page_of(mem_cell(t, size));
        for (uint32_t i = 0; i < page->ncells; i++) {
            char *cell = (char *)slab_cell(page, i);
            assert_int_equal(slab_cell_index(page, cell), i);
            assert_int_equal(slab_cell_index(page, cell + size - 1), i);
        }
    }
    finish();
}

static void test_trim_gives_pages_back(void **state)
{
    NEEDS_SLABS
    for (int mode = 0; mode < 2; mode++) {
        struct interp *interp = fake_start(mode);
        struct thread *t = thread_current();
        enum { N = 50000 };
        static value v[N];
        gc_collect(t);
        size_t before = slab_pages_in_use(interp);
        for (int i = 0; i < N; i++) v[i] = i % 2 ? leaf_new(t, 1) : node_new(t);
        size_t full = slab_pages_in_use(interp);
        assert_true(full > before + 20);
        for (int i = 0; i < N; i++)
            if (i % 1000) release(t, v[i]);
        gc_collect(t);
        for (int i = 0; i < N; i += 1000) { // what lives is untouched, what is new does not overlap it
            value fresh = leaf_new(t, 9);
            assert_int_equal(ref_total(as_object(v[i])), 1);
            release(t, fresh);
            release(t, v[i]);
        }
        gc_collect(t);
        assert_true(slab_pages_in_use(interp) <= before + 2);
        for (int i = 0; i < N; i++) v[i] = leaf_new(t, 2);
        for (int i = 0; i < N; i++) assert_int_equal(((struct leaf *)as_object(v[i]))->payload, 2);
        for (int i = 0; i < N; i++) release(t, v[i]);
        finish();
    }
}

// ---- heaps that outlive their threads ----

struct goods {
    value at[4][1000];
};
static void make_goods(struct thread *t, int number, void *arg)
{
    struct goods *g = arg;
    for (int i = 0; i < 1000; i++) g->at[number][i] = leaf_new(t, (uint64_t)number * 1000 + (uint64_t)i);
}
static void test_orphans_are_taken_over(void **state)
{
    NEEDS_SLABS
    struct interp *interp = fake_start(true);
    struct thread *t = thread_current();
    static struct goods g;
    size_t pages = 0;
    for (int round = 0; round < 20; round++) {
        crew_run(t, 3, make_goods, &g);
        for (int n = 0; n < 3; n++)
            for (int i = 0; i < 1000; i++) {
                assert_int_equal(((struct leaf *)as_object(g.at[n][i]))->payload, n * 1000 + i);
                release(t, g.at[n][i]); // goes to the orphan's list
            }
        if (round == 1) pages = slab_pages_in_use(interp);
    }
    assert_true(slab_pages_in_use(interp) <= pages + 3); // new threads use old heaps
    gc_collect(t);
    for (struct slab_heap *h = interp->heaps; h; h = h->next) assert_true(h->thread == t || h->page_count == 0);
    finish();
}

struct market {
    _Atomic value stall[64];
    _Atomic int sold;
};
static void produce_or_consume(struct thread *t, int number, void *arg)
{
    struct market *m = arg;
    for (int i = 0; atomic_load(&m->sold) < MANY; i++) {
        _Atomic value *stall = &m->stall[i % 64];
        if (number % 2 == 0) {
            value fresh = leaf_new(t, 77), empty = V_NULL;
            if (!atomic_compare_exchange_strong(stall, &empty, fresh)) release(t, fresh);
        } else {
            value bought = atomic_exchange(stall, V_NULL);
            if (bought) {
                assert_int_equal(((struct leaf *)as_object(bought))->payload, 77);
                release(t, bought); // counted by the producer, dropped by the consumer
                atomic_fetch_add(&m->sold, 1);
            }
        }
        assert_true(safepoint_poll(t));
    }
}
static void test_producers_and_consumers(void **state)
{
    for (int mode = 0; mode < 2; mode++) {
        fake_start(mode);
        struct thread *t = thread_current();
        struct market m = {.sold = 0};
        crew_run(t, 4, produce_or_consume, &m);
        for (int i = 0; i < 64; i++) release_opt(t, atomic_exchange(&m.stall[i], V_NULL));
        assert_true(safepoint(t));
        assert_true(atomic_load(&destroyed) >= MANY);
        finish();
    }
}

// ---- buffers ----

static void test_buffers(void **state)
{
    fake_start(false);
    struct thread *t = thread_current();
    char *p = mem_calloc(t, 100);
    for (int i = 0; i < 100; i++) assert_int_equal(p[i], 0);
    memset(p, 7, 100);
    p = mem_resize(t, p, 100, 10000);
    assert_int_equal(p[99], 7);
    p = mem_resize(t, p, 10000, 1);
    mem_free(t, p, 1);
    mem_free(t, mem_alloc(t, 0), 0);
    assert_null(mem_alloc(t, (size_t)1 << 63));
    assert_int_equal(atomic_load(&raised_count), 1);
    t->exc = V_NULL;
    finish();
}

static void test_failing_allocations(void **state)
{
    fake_start(false);
    struct thread *t = thread_current();
    mem_fail_nth(2);
    void *p = mem_alloc(t, 10);
    assert_non_null(p);
    assert_null(mem_alloc(t, 10));
    assert_true(t->exc != V_NULL);
    t->exc = V_NULL;
    mem_fail_nth(1);
    assert_null(mem_resize(t, p, 10, 20)); // p is as it was
    t->exc = V_NULL;
    mem_fail_nth(1);
    assert_null(mem_large(t, 5000));
    t->exc = V_NULL;
    mem_free(t, p, 10);
    finish();
}

// ---- grace periods ----

struct table {
    uint64_t generation, again;
};
struct readers {
    struct table *_Atomic table;
    _Atomic bool stop;
};
static void read_or_replace(struct thread *t, int number, void *arg)
{
    struct readers *r = arg;
    if (number == 0) {
        for (int i = 1; i < MANY; i++) {
            struct table *fresh = mem_alloc(t, sizeof *fresh);
            fresh->generation = fresh->again = (uint64_t)i;
            struct table *old = atomic_exchange(&r->table, fresh);
            mem_retire(t, old, sizeof *old);
            assert_true(safepoint_poll(t));
        }
        atomic_store(&r->stop, true);
        return;
    }
    uint64_t last = 0;
    while (!atomic_load(&r->stop)) { // between two safepoints a table that was seen stays
        struct table *seen = atomic_load(&r->table);
        for (int i = 0; i < 20; i++) {
            assert_int_equal(seen->generation, seen->again);
            assert_true(seen->generation >= last);
        }
        last = seen->generation;
        if (number == 2 && last % 16 == 0) {
            thread_detach(t);
            thread_attach(t);
        }
        assert_true(safepoint_poll(t));
    }
}
static void test_grace_periods(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    struct readers r = {.stop = false};
    struct table *first = mem_calloc(t, sizeof *first);
    atomic_store(&r.table, first);
    crew_run(t, 3, read_or_replace, &r);
    mem_retire(t, atomic_load(&r.table), sizeof *first);
    assert_true(t->retired_count < 2000);
    finish();
}

// A long collection meets no safepoint: looking through the list each time would be quadratic. The next safepoint frees it all.
static void test_looks_grow_apart_without_safepoints(void **state)
{
    (void)state;
    fake_start(true);
    struct thread *t = thread_current();
    uint32_t looks = 0, next = t->retired_scan_at;
    for (int i = 0; i < 20000; i++) {
        mem_retire(t, mem_alloc(t, 64), 64);
        if (t->retired_scan_at != next) {
            looks++;
            next = t->retired_scan_at;
        }
    }
    assert_int_equal(t->retired_count, 20000);
    assert_in_range(looks, 2, 20);
    assert_true(safepoint_poll(t));
    assert_int_equal(t->retired_count, 0);
    finish();
}

static void test_retired_is_freed_in_time(void **state)
{
    fake_start(true);
    struct thread *t = thread_current();
    for (int i = 0; i < 10000; i++) {
        mem_retire(t, mem_alloc(t, 64), 64);
        assert_true(safepoint_poll(t));
        assert_true(t->retired_count < 200);
    }
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_index_of_every_cell),
        cmocka_unit_test(test_trim_gives_pages_back),
        cmocka_unit_test(test_orphans_are_taken_over),
        cmocka_unit_test(test_producers_and_consumers),
        cmocka_unit_test(test_buffers),
        cmocka_unit_test(test_failing_allocations),
        cmocka_unit_test(test_grace_periods),
        cmocka_unit_test(test_looks_grow_apart_without_safepoints),
        cmocka_unit_test(test_retired_is_freed_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
