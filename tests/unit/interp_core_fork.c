// SPDX-License-Identifier: Apache-2.0
// fork() while other threads are at work: the child goes on alone, with every lock and heap usable.
// Leaves os.fork to the posix module.
#include "core_fake.h"
#include "interp/core/fork.h"
#include "interp/core/lock.h"
#include "interp/core/os_signal.h"
#include "interp/core/scope.h"
#include <unistd.h>

// The thread sanitizer cannot follow threads that a forked child starts: there the child stays alone.
#if defined(KRAIT_TSAN)
enum { CHILD_MAY_START_THREADS = 0 };
#else
enum { CHILD_MAY_START_THREADS = 1 };
#endif

static void finish(void) { interp_free(thread_current()); }

struct world {
    value root;
    _Atomic bool stop;
    struct lock lock;
    _Atomic int started;
};

static void keep_busy(struct thread *t, struct world *w)
{
    while (!atomic_load(&w->stop)) {
        value v = node_new(t), r = ref_new(t, v, V_NULL);
        node_set(t, v, 0, own(t, v));
        node_set(t, w->root, 0, v);
        release_opt(t, weak_get(t, as_ref(r)));
        release(t, r);
        lock_take(t, &w->lock);
        lock_give(&w->lock);
        mem_retire(t, mem_alloc(t, 40), 40);
        thread_detach(t);
        thread_attach(t);
        assert_true(safepoint_poll(t));
    }
}

// Everything a single thread may want after fork. Exit status 0 if it worked.
static int live_alone(struct thread *t, struct world *w)
{
    t->interp->collector->stats.collections = 0;
    for (int i = 0; i < 2000; i++) {
        value seen = node_get(t, w->root, 0); // made by a thread that is not here
        if (seen) node_set(t, seen, 1, leaf_new(t, 1));
        release_opt(t, seen);
        node_set(t, w->root, 1, node_new(t));
        if (i % 200 == 0) gc_collect(t);
        if (!safepoint_poll(t)) return 1;
    }
    struct scope s = {.deadline_ns = 1};
    if (CHILD_MAY_START_THREADS) { // the timer's
        if (!scope_enter(t, &s)) return 2;
        while (safepoint_poll(t)) {}
        t->exc = V_NULL;
        scope_leave(t, &s);
    }
    struct lock fresh = {0};
    lock_take(t, &fresh);
    lock_give(&fresh);
    struct thread *again = thread_current();
    thread_detach(again);
    thread_attach(again);
    return t->interp->collector->stats.collections == 10 && atomic_load(&t->interp->thread_count) == 1 ? 0 : 3;
}

static void new_thread(struct thread *t, int number, void *arg)
{
    struct world *w = arg;
    value v = node_new(t);
    node_set(t, w->root, 2, v);
}

static void fork_or_work(struct thread *t, int number, void *arg)
{
    struct world *w = arg;
    if (number > 0) {
        keep_busy(t, w);
        return;
    }
    for (int i = 0; i < 10; i++) {
        fork_prepare(t);
        pid_t child = fork();
        if (child == 0) {
            fork_child(t);
            int status = live_alone(t, w);
            if (!status && CHILD_MAY_START_THREADS) crew_run(t, 2, new_thread, w); // and threads of its own
            _exit(status);
        }
        fork_parent(t);
        int status = -1;
        thread_detach(t);
        waitpid(child, &status, 0);
        thread_attach(t);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    atomic_store(&w->stop, true);
}

static void test_fork(void **state)
{
    for (int mode = 0; mode < 2; mode++) {
        fake_start(mode);
        struct thread *t = thread_current();
        struct world w = {.root = node_new(t)};
        crew_run(t, 3, fork_or_work, &w);
        release(t, w.root);
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fork)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
