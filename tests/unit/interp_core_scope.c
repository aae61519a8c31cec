// SPDX-License-Identifier: Apache-2.0
// Task scopes: cancelling, deadlines, memory and step budgets, shields, nesting, interrupting a blocking call.
// Leaves what the worker makes of them to its own tests.
#include "core_fake.h"
#include "interp/core/clock.h"
#include "interp/core/scope.h"
#include <errno.h>
#include <unistd.h>

static void finish(void) { interp_free(thread_current()); }

#define IN_BOTH_MODES for (int mode = 0; mode < 2; mode++)

// Runs until told to stop; returns the loops. The exception is taken away.
static uint64_t run_until_told(struct thread *t)
{
    uint64_t loops = 0, give_up = clock_now_ns() + 60000000000u;
    while (safepoint_poll(t)) {
        loops++;
        assert_true(clock_now_ns() < give_up);
    }
    assert_true(t->exc != V_NULL);
    t->exc = V_NULL;
    return loops;
}

static void test_deadline(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        uint64_t began = clock_now_ns();
        struct scope s = {.deadline_ns = began + 5000000, .repeat_ns = 1000000};
        assert_true(scope_enter(t, &s));
        run_until_told(t);
        assert_true(clock_now_ns() >= s.deadline_ns);
        assert_int_equal(scope_cause(&s), SCOPE_DEADLINE);
        run_until_told(t); // whoever swallows it is told again
        assert_true(s.delivered >= 2);
        scope_leave(t, &s);
        for (int i = 0; i < 1000; i++) assert_true(safepoint(t)); // and nothing after it
        finish();
    }
}

static void *cancel_from_outside(void *s)
{
    scope_cancel(s);
    return NULL;
}
static void test_cancel(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        struct scope s = {.repeat_ns = 1000000};
        assert_true(scope_enter(t, &s));
        pthread_t other;
        assert_int_equal(pthread_create(&other, NULL, cancel_from_outside, &s), 0);
        run_until_told(t);
        pthread_join(other, NULL);
        assert_int_equal(scope_cause(&s), SCOPE_CANCELLED);
        scope_leave(t, &s);
        finish();
    }
}

static void test_cancelled_before_it_begins(void **state)
{
    fake_start(false);
    struct thread *t = thread_current();
    struct scope s = {0};
    scope_cancel(&s);
    assert_true(scope_enter(t, &s));
    assert_false(safepoint_poll(t));
    t->exc = V_NULL;
    scope_leave(t, &s);
    finish();
}

static void test_shield(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        struct scope s = {0};
        assert_true(scope_enter(t, &s));
        scope_shield(t);
        scope_cancel(&s);
        for (int i = 0; i < 1000; i++) assert_true(safepoint(t));
        scope_unshield(t);
        assert_false(safepoint_poll(t));
        t->exc = V_NULL;
        scope_leave(t, &s);
        finish();
    }
}

static void test_steps(void **state)
{
    fake_start(false);
    struct thread *t = thread_current();
    struct scope s = {.step_limit = 1000};
    assert_true(scope_enter(t, &s));
    assert_int_equal(run_until_told(t), 1000);
    assert_int_equal(scope_cause(&s), SCOPE_STEPS);
    scope_leave(t, &s);
    for (int i = 0; i < 5000; i++) assert_true(safepoint_poll(t));
    finish();
}

static void test_memory(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        struct scope s = {.memory_limit = 1 << 20};
        assert_true(scope_enter(t, &s));
        char *p = mem_alloc(t, 1000000);
        assert_non_null(p);
        mem_free(t, p, 1000000);
        p = mem_alloc(t, 1000000); // what was given back may be taken again
        assert_non_null(p);
        assert_null(mem_alloc(t, 100000));
        assert_int_equal(scope_cause(&s), SCOPE_MEMORY);
        t->exc = V_NULL;
        assert_false(safepoint_poll(t)); // it is told, too
        t->exc = V_NULL;
        mem_free(t, p, 1000000);
        assert_true(s.memory_peak >= 1000000);
        scope_leave(t, &s);
        finish();
    }
}

static void test_small_objects_are_charged(void **state)
{
    fake_start(false);
    struct thread *t = thread_current();
    struct scope s = {.memory_limit = 4 << 20};
    enum { N = 300000 };
    static value v[N];
    int n = 0;
    assert_true(scope_enter(t, &s));
    while (n < N) {
        struct object *o = object_alloc(t, sizeof(struct leaf), FAKE_LEAF);
        if (!o) break;
        v[n++] = counted_word(o);
    }
    assert_true(n > 10000 && n < N);
    t->exc = V_NULL;
    scope_leave(t, &s);
    while (n > 0) release(t, v[--n]);
    finish();
}

static void test_nested(void **state)
{
    fake_start(false);
    struct thread *t = thread_current();
    struct scope outer = {.repeat_ns = 1}, inner = {.repeat_ns = 1};
    assert_true(scope_enter(t, &outer));
    assert_true(scope_enter(t, &inner));
    scope_cancel(&inner);
    assert_false(safepoint_poll(t));
    t->exc = V_NULL;
    assert_int_equal(outer.delivered, 0);
    scope_leave(t, &inner);
    assert_true(safepoint_poll(t));
    assert_true(scope_enter(t, &inner));
    scope_cancel(&outer); // what is inside ends with it
    assert_false(safepoint_poll(t));
    t->exc = V_NULL;
    assert_int_equal(outer.delivered, 1);
    scope_leave(t, &inner);
    scope_leave(t, &outer);
    finish();
}

static void test_blocking_call_is_interrupted(void **state)
{
    IN_BOTH_MODES {
        fake_start(mode);
        struct thread *t = thread_current();
        int ends[2];
        char byte;
        assert_int_equal(pipe(ends), 0);
        struct scope s = {.deadline_ns = clock_now_ns() + 3000000};
        assert_true(scope_enter(t, &s));
        thread_detach(t);
        ssize_t got = read(ends[0], &byte, 1); // nobody will ever write
        int err = errno;
        thread_attach(t);
        assert_int_equal(got, -1);
        assert_int_equal(err, EINTR);
        assert_false(safepoint_poll(t));
        t->exc = V_NULL;
        scope_leave(t, &s);
        close(ends[0]);
        close(ends[1]);
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_cancelled_before_it_begins),
        cmocka_unit_test(test_shield),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_small_objects_are_charged),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_blocking_call_is_interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
