// SPDX-License-Identifier: Apache-2.0
// Tests buffers and arenas: contents against a plain model, and behaviour without memory.
// Who fills them is tested with the wire.

#include "tests/unit/unit.h"

#include "sdk/base/arena.h"
#include "sdk/base/buf.h"
#include "sdk/base/mem.h"

static void contents_follow_a_model(void **state)
{
    (void)state;
    struct buf b = { 0 };
    uint8_t *model = malloc(1 << 20);
    size_t from = 0, to = 0;
    uint64_t seed = 7;
    for (int i = 0; i < 4000; i++) {
        size_t n = unit_random(&seed) % 200;
        if (unit_random(&seed) % 3) {
            for (size_t k = 0; k < n; k++)
                model[to + k] = (uint8_t)unit_random(&seed);
            assert_true(buf_put(&b, model + to, n));
            to += n;
        } else {
            n = n > to - from ? to - from : n;
            buf_consume(&b, n);
            from += n;
        }
        assert_true(buf_is_valid(&b));
        assert_int_equal(buf_len(&b), to - from);
        if (to > from)
            assert_memory_equal(buf_slice(&b).p, model + from, to - from);
    }
    free(model);
    buf_free(&b);
    assert_int_equal(mem_in_use(MEM_BUF), 0);
}

static void printf_and_cut(void **state)
{
    (void)state;
    struct buf b = { 0 };
    char big[1000];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = 0;
    assert_true(buf_printf(&b, "%d-%s", 42, big));
    assert_int_equal(buf_len(&b), 3 + 999);
    buf_cut(&b, 2);
    assert_string_equal(buf_cstr(&b), "42");
    buf_consume(&b, 1);
    assert_string_equal(buf_cstr(&b), "2");
    buf_free(&b);
}

static void a_failed_append_changes_nothing(void **state)
{
    (void)state;
    struct buf b = { 0 };
    char big[5000] = { 0 };
    assert_true(buf_put_text(&b, "kept"));
    mem_fail_nth(1);
    assert_false(buf_put(&b, big, sizeof big));
    mem_fail_nth(0);
    assert_false(buf_ok(&b));
    assert_string_equal(buf_cstr(&b), "kept");
    assert_null(buf_room(&b, SIZE_MAX));
    buf_free(&b);
}

static void arena_aligns_grows_and_resets(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 0);
    uint8_t *all[300];
    for (size_t i = 0; i < 300; i++) {
        all[i] = arena_alloc(&a, i * 7 + 1);
        assert_non_null(all[i]);
        assert_int_equal((uintptr_t)all[i] % _Alignof(max_align_t), 0);
        memset(all[i], (int)i, i * 7 + 1);
    }
    for (size_t i = 0; i < 300; i++)
        for (size_t k = 0; k < i * 7 + 1; k++)
            assert_int_equal(all[i][k], (uint8_t)i);
    size_t held = a.held;
    arena_reset(&a);
    assert_true(a.held < held);
    unsigned long calls = mem_calls();
    assert_non_null(arena_alloc(&a, 1000));
    assert_int_equal(mem_calls(), calls);
    arena_free(&a);
    assert_int_equal(mem_in_use(MEM_ARENA), 0);
}

static void arena_keeps_its_limit(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 10000);
    size_t got = 0;
    while (arena_alloc(&a, 100))
        got += 100;
    assert_true(got > 5000 && got <= 10000);
    assert_true(a.failures == 1 && a.held <= 10000);
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_zalloc(&a, SIZE_MAX / 2, 4));
    arena_free(&a);
}

static void arena_starts_on_a_stack(void **state)
{
    (void)state;
    _Alignas(max_align_t) uint8_t room[256];
    struct arena a;
    arena_init_on(&a, room, sizeof room, 0);
    unsigned long calls = mem_calls();
    uint8_t *p = arena_alloc(&a, 200);
    assert_true(p >= room && p + 200 <= room + sizeof room);
    assert_int_equal(mem_calls(), calls);
    assert_string_equal(arena_text(&a, slice_text("behind it")), "behind it");
    assert_non_null(arena_alloc(&a, 100));
    arena_free(&a);
    assert_int_equal(mem_in_use(MEM_ARENA), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contents_follow_a_model), cmocka_unit_test(printf_and_cut),
        cmocka_unit_test(a_failed_append_changes_nothing), cmocka_unit_test(arena_aligns_grows_and_resets),
        cmocka_unit_test(arena_keeps_its_limit), cmocka_unit_test(arena_starts_on_a_stack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
