// SPDX-License-Identifier: Apache-2.0
// The lock of GIL mode: exclusion, hand-over, no starvation, time-outs, statistics, the gate at shutdown. How fast it is stands in tests/bench.
// Leaves the free-threaded attached state to interp_core_stop.c.
#include "core_fake.h"
#include "interp/core/clock.h"
#include "interp/core/gil.h"

static void finish(void) { interp_free(thread_current()); }

struct world {
    long plain; // guarded by the lock
    _Atomic int inside;
    _Atomic long turns[8];
    _Atomic int done;
};

static void work(struct thread *t, int number, void *arg)
{
    struct world *w = arg;
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(atomic_fetch_add(&w->inside, 1), 0);
        w->plain++;
        atomic_fetch_sub(&w->inside, 1);
        if (i % 10 == 0) {
            thread_detach(t);
            thread_attach(t);
        }
        assert_true(safepoint_poll(t));
    }
}
static void test_one_at_a_time(void **state)
{
    fake_start(false);
    struct thread *t = thread_current();
    thread_set_switch_interval(t, 0.0001);
    struct world w = {0};
    crew_run(t, 4, work, &w);
    assert_int_equal(w.plain, 4 * MANY);
    finish();
}

// Threads that never give up the lock by themselves: each must get its turn, by force.
static void spin_until_all_ran(struct thread *t, int number, void *arg)
{
    struct world *w = arg;
    uint64_t give_up = clock_now_ns() + 60000000000u;
    for (;;) {
        atomic_fetch_add(&w->turns[number], 1);
        bool all = true;
        for (int i = 0; i < 3; i++) all = all && atomic_load(&w->turns[i]) > 0;
        if (all) break;
        assert_true(clock_now_ns() < give_up);
        assert_true(safepoint_poll(t));
    }
}
static void test_nobody_starves(void **state)
{
    struct interp *interp = fake_start(false);
    struct thread *t = thread_current();
    struct world w = {0};
    crew_run(t, 3, spin_until_all_ran, &w);
    struct gil_stats stats[2];
    assert_int_equal(gil_stats(interp, stats, 2), 1); // only the main thread is left
    assert_int_equal(stats[0].thread_id, t->id);
    assert_true(stats[0].holds > 1);
    finish();
}

struct shift {
    _Atomic bool stop;
    _Atomic long spun, served;
    uint64_t forced;
};
static void serve_or_spin(struct thread *t, int number, void *arg)
{
    struct shift *s = arg;
    if (number == 0) {
        while (!atomic_load(&s->stop)) {
            atomic_fetch_add(&s->spun, 1);
            assert_true(safepoint_poll(t));
        }
        s->forced = t->gil_forced;
        return;
    }
    thread_detach(t);
    while (!atomic_load(&s->spun)) {}
    thread_attach(t);
    for (int i = 0; i < 200; i++) { // short calls that "block"
        thread_detach(t);
        thread_attach(t);
        atomic_fetch_add(&s->served, 1);
    }
    atomic_store(&s->stop, true);
}
static void test_switches_to_the_one_who_waits(void **state)
{
    fake_start(false);
    struct thread *t = thread_current();
    struct shift s = {.stop = false};
    crew_run(t, 2, serve_or_spin, &s);
    assert_int_equal(atomic_load(&s.served), 200);
    assert_true(s.forced > 0); // the spinning thread never gave it up by itself
    finish();
}

static void try_in_time(struct thread *t, int number, void *arg)
{
    struct world *w = arg;
    thread_detach(t);
    if (number == 1) atomic_store(&w->turns[1], 1);
    while (!atomic_load(&w->turns[1])) {}
    if (number == 0) { // holds the lock and reaches no safepoint until the other one has given up
        thread_attach(t);
        atomic_store(&w->turns[0], 1);
        while (!atomic_load(&w->done)) {}
        return;
    }
    while (!atomic_load(&w->turns[0])) {}
    assert_false(thread_attach_until(t, clock_now_ns() + 2000000));
    atomic_store(&w->done, 1);
    thread_attach(t);
}
static void test_attach_gives_up(void **state)
{
    fake_start(false);
    struct thread *t = thread_current();
    struct world w = {0};
    crew_run(t, 2, try_in_time, &w);
    finish();
}

// ---- the gate ----

static void *daemon_main(void *arg)
{
    struct world *w = arg;
    struct thread *t = thread_new((struct interp *)(uintptr_t)w->plain);
    atomic_store(&w->turns[0], 1);
    for (;;) {
        thread_detach(t);
        thread_attach(t);
        if (!safepoint_poll(t)) break;
        atomic_fetch_add(&w->turns[1], 1);
    }
    return NULL;
}
static void test_late_threads_stay_outside(void **state)
{
    for (int mode = 0; mode < 2; mode++) {
        struct interp *interp = fake_start(mode);
        struct thread *t = thread_current();
        struct world *w = calloc(1, sizeof *w); // the daemon outlives the test
        w->plain = (long)(uintptr_t)interp;
        pthread_t daemon;
        thread_detach(t);
        assert_int_equal(pthread_create(&daemon, NULL, daemon_main, w), 0);
        pthread_detach(daemon);
        while (atomic_load(&w->turns[1]) < 10) {}
        thread_attach(t);
        interp_free(t); // does not hang, does not crash
        long turns = atomic_load(&w->turns[1]);
        assert_true(turns >= 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_at_a_time),
        cmocka_unit_test(test_nobody_starves),
        cmocka_unit_test(test_switches_to_the_one_who_waits),
        cmocka_unit_test(test_attach_gives_up),
        cmocka_unit_test(test_late_threads_stay_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
