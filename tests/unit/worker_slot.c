// SPDX-License-Identifier: Apache-2.0
// The shared ring of worker/slot.h: order, wrapping, refusal when full, across a fork. What is in a record is child.c's.

#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"
#include "worker/slot.h"

static struct lanes lanes;

static int set_up(void **state)
{
    (void)state;
    return lanes_map(&lanes, 2, 3) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    lanes_unmap(&lanes);
    return 0;
}

static size_t fill(uint8_t *out, uint32_t i)
{
    size_t n = 1 + i * 37 % 3000;
    memset(out, (int)(i & 0xff), n);
    return n;
}

static void expect(struct lane *l, uint32_t i)
{
    uint8_t want[4000];
    struct slice got;
    size_t n = fill(want, i);
    assert_true(ring_peek(l, &got));
    assert_int_equal(got.n, n);
    assert_memory_equal(got.p, want, n);
    ring_next(l, got);
}

static void keeps_order_over_many_rounds(void **state)
{
    struct lane *l = lane_at(&lanes, 0);
    uint8_t bytes[4000];
    uint32_t in = 0, out = 0;
    struct slice none;
    (void)state;
    lane_clear(&lanes, 0);
    while (in < 20000) {
        if (ring_put(l, slice_of(bytes, fill(bytes, in))))
            in++;
        else
            expect(l, out++);      // full: make room
    }
    assert_true(in - out > 50);
    while (out < in)
        expect(l, out++);
    assert_false(ring_peek(l, &none));
}

static void refuses_what_is_too_large(void **state)
{
    static uint8_t bytes[RING_RECORD_MAX + 1];
    struct lane *l = lane_at(&lanes, 1);
    struct slice got;
    (void)state;
    lane_clear(&lanes, 1);
    assert_false(ring_put(l, slice_of(bytes, RING_RECORD_MAX + 1)));
    assert_true(ring_put(l, slice_of(bytes, RING_RECORD_MAX)));
    assert_true(ring_peek(l, &got));
    assert_int_equal(got.n, RING_RECORD_MAX);
}

static void counters_wrap(void **state)
{
    struct lane *l = lane_at(&lanes, 0);
    uint8_t bytes[4000];
    (void)state;
    lane_clear(&lanes, 0);
    atomic_store(&l->head, UINT32_MAX - RING_SIZE + 1);
    atomic_store(&l->tail, UINT32_MAX - RING_SIZE + 1);
    for (uint32_t i = 0; i < 2000; i++) {
        assert_true(ring_put(l, slice_of(bytes, fill(bytes, i))));
        expect(l, i);
    }
    assert_true(atomic_load(&l->head) < RING_SIZE * 100);
}

// What a process published before it died is there.
static void survives_the_writer(void **state)
{
    struct lane *l = lane_at(&lanes, 1);
    uint8_t bytes[4000];
    int status;
    (void)state;
    lane_clear(&lanes, 1);
    pid_t pid = fork();
    if (pid == 0) {
        for (uint32_t i = 0; i < 50; i++)
            if (!ring_put(l, slice_of(bytes, fill(bytes, i))))
                _exit(1);
        atomic_store(&l->slots[2].number, 51);
        _exit(7);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 7);
    for (uint32_t i = 0; i < 50; i++)
        expect(l, i);
    assert_int_equal(atomic_load(&l->slots[2].number), 51);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_over_many_rounds),
        cmocka_unit_test(refuses_what_is_too_large),
        cmocka_unit_test(counters_wrap),
        cmocka_unit_test(survives_the_writer),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
