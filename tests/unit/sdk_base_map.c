// SPDX-License-Identifier: Apache-2.0
// Tests the containers: hash maps, the timer heap and the intrusive list, against plain models over random operations.
// Their use by loops and stores is tested there.

#include "tests/unit/unit.h"

#include <stdio.h>

#include "sdk/base/heap.h"
#include "sdk/base/list.h"
#include "sdk/base/map.h"
#include "sdk/base/mem.h"

#define KEYS 500

static void a_map_follows_a_model(void **state)
{
    (void)state;
    static char keys[KEYS][16];
    static void *model[KEYS];
    struct map m = { 0 };
    uint64_t seed = 1;
    size_t n = 0;
    for (int i = 0; i < KEYS; i++)
        snprintf(keys[i], sizeof keys[i], "k%d", i);
    for (int i = 0; i < 20000; i++) {
        uint32_t k = unit_random(&seed) % KEYS;
        struct slice key = slice_text(keys[k]);
        if (unit_random(&seed) % 2) {
            n += !model[k];
            model[k] = &keys[unit_random(&seed) % KEYS];
            assert_true(map_put(&m, key, model[k]));
        } else {
            assert_ptr_equal(map_remove(&m, key), model[k]);
            n -= !!model[k];
            model[k] = NULL;
        }
        assert_int_equal(m.n, n);
    }
    assert_true(map_is_valid(&m));
    for (int i = 0; i < KEYS; i++)
        assert_ptr_equal(map_get(&m, slice_text(keys[i])), model[i]);
    size_t at = 0, seen = 0;
    for (struct map_slot *s; (s = map_walk(&m, &at));)
        seen++;
    assert_int_equal(seen, n);
    map_free(&m);
}

static void numbers_and_empty_keys(void **state)
{
    (void)state;
    struct map m = { 0 };
    int values[3];
    assert_null(map_get_number(&m, 0));
    assert_true(map_put_number(&m, 0, &values[0]));
    assert_true(map_put_number(&m, UINT64_MAX, &values[1]));
    for (uint64_t i = 1; i < 1000; i++)
        assert_true(map_put_number(&m, i << 20, &values[2]));
    assert_ptr_equal(map_get_number(&m, 0), &values[0]);
    assert_ptr_equal(map_remove_number(&m, UINT64_MAX), &values[1]);
    assert_null(map_get_number(&m, UINT64_MAX));
    assert_true(map_is_valid(&m));
    map_free(&m);
    assert_true(map_put(&m, slice_of(NULL, 0), &values[0]));
    assert_ptr_equal(map_get(&m, slice_text("")), &values[0]);
    map_free(&m);
    assert_int_equal(mem_in_use(MEM_MAP), 0);
}

static void a_map_without_memory_stays_whole(void **state)
{
    (void)state;
    struct map m = { 0 };
    int value;
    for (uint64_t i = 0; i < 6; i++)
        assert_true(map_put_number(&m, i, &value));
    mem_fail_nth(1);
    assert_false(map_put_number(&m, 6, &value));
    mem_fail_nth(0);
    assert_int_equal(m.n, 6);
    assert_true(map_is_valid(&m));
    map_free(&m);
}

static void a_heap_gives_the_earliest(void **state)
{
    (void)state;
    static struct heap_node nodes[300];
    struct heap h = { 0 };
    uint64_t seed = 3;
    for (int i = 0; i < 10000; i++) {
        struct heap_node *x = &nodes[unit_random(&seed) % 300];
        if (unit_random(&seed) % 3)
            assert_true(heap_set(&h, x, unit_random(&seed) % 1000));
        else
            heap_remove(&h, x);
        assert_true(heap_is_valid(&h));
    }
    int64_t last = -1;
    while (heap_first(&h)) {
        struct heap_node *x = heap_first(&h);
        assert_true(x->due >= last);
        last = x->due;
        heap_remove(&h, x);
        assert_false(heap_has(x));
    }
    heap_free(&h);
    assert_int_equal(mem_in_use(MEM_HEAP), 0);
}

struct item {
    int number;
    struct link link;
};

static void a_list_keeps_order(void **state)
{
    (void)state;
    struct list l;
    struct item items[5];
    list_init(&l);
    for (int i = 0; i < 5; i++) {
        items[i].number = i;
        link_init(&items[i].link);
        list_append(&l, &items[i].link);
    }
    list_remove(&l, &items[2].link);
    list_remove(&l, &items[2].link);
    list_prepend(&l, &items[2].link);
    static const int want[] = { 2, 0, 1, 3, 4 };
    int i = 0;
    for (struct link *x = list_first(&l); x; x = list_next(&l, x))
        assert_int_equal(LIST_ITEM(x, struct item, link)->number, want[i++]);
    assert_int_equal(l.n, 5);
    while (list_pop(&l))
        i--;
    assert_true(i == 0 && list_empty(&l) && l.n == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_follows_a_model), cmocka_unit_test(numbers_and_empty_keys),
        cmocka_unit_test(a_map_without_memory_stays_whole), cmocka_unit_test(a_heap_gives_the_earliest),
        cmocka_unit_test(a_list_keeps_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
