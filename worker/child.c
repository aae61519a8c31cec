// SPDX-License-Identifier: Apache-2.0
// The queue of a child, its executors, its I/O thread. Running a task is exec.c's.

#include "worker/child.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sdk/base/clock.h"
#include "worker/chan.h"
#include "worker/desk.h"

#define RING_AFTER    32          // results that one bell may announce
#define RING_AFTER_NS 1000000     // how long a result may wait for the bell
#define LOOK_MS       2

struct item {
    struct item *next;
    struct chan_task head;
    uint8_t bytes[];              // id, body
};

struct runner {                   // one executor
    struct child *child;
    struct executor *x;
    struct slot *slot;
    uint64_t number;              // what it runs, 0 = nothing; guarded by the lock
    uint64_t cpu_ns, gil_ns;      // of its thread, when last looked
    pthread_t thread;
    struct buf record;            // scratch
};

struct child {
    struct child_start start;
    int fd;
    struct lane *lane;
    pthread_mutex_t lock;         // guards what follows
    pthread_cond_t work;
    struct item *first, **last;
    uint64_t received;            // number of the last task that came
    size_t unrung;                // results in the ring that nobody announced
    int64_t unrung_since;
    bool quit;
    size_t resting;               // executors that wait for work
    pthread_mutex_t sending;      // one frame at a time on the socket
    struct buf in;                // the I/O thread's
    struct desk desk;             // what tasks ask of the broker
    size_t n;
    struct runner runners[];
};

// ---- talking

static void child_send(struct child *c, enum chan_kind kind, const void *p, size_t n)
{
    pthread_mutex_lock(&c->sending);
    bool ok = chan_send(c->fd, kind, p, n);
    pthread_mutex_unlock(&c->sending);
    if (!ok)
        _exit(0);
}

static void send_ask(void *arg, enum chan_kind kind, const void *p, size_t n)
{
    child_send(arg, kind, p, n);
}

// The lock is held.
static bool must_ring(struct child *c)
{
    c->unrung = 0;
    return atomic_exchange_explicit(&c->lane->rung, 1, memory_order_seq_cst) == 0;
}

static void publish(struct runner *r, struct slice record)
{
    struct child *c = r->child;
    int64_t now = clock_mono().ns;
    bool ring = false;
    pthread_mutex_lock(&c->lock);
    bool put = ring_put(c->lane, record);
    if (put) {
        if (c->unrung++ == 0)
            c->unrung_since = now;
        if (!c->first || c->unrung >= RING_AFTER || now - c->unrung_since >= RING_AFTER_NS)
            ring = must_ring(c);
    }
    r->number = 0;
    pthread_mutex_unlock(&c->lock);
    atomic_store_explicit(&r->slot->number, 0, memory_order_release);
    if (!put)
        child_send(c, CHAN_RESULT, record.p, record.n);
    else if (ring)
        child_send(c, CHAN_BELL, NULL, 0);
}

// ---- executors

static uint64_t thread_cpu(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

// The next task, taken; NULL: the child is to end.
static struct item *take(struct runner *r)
{
    struct child *c = r->child;
    pthread_mutex_lock(&c->lock);
    if (!c->first) {
        // Not attached while it waits: others may need the lock of the interpreter, or to stop the world.
        pthread_mutex_unlock(&c->lock);
        exec_flush(r->x);
        exec_rest(r->x);
        pthread_mutex_lock(&c->lock);
        c->resting++;
        while (!c->first && !c->quit)
            pthread_cond_wait(&c->work, &c->lock);
        c->resting--;
        if (c->first) {
            pthread_mutex_unlock(&c->lock);
            exec_wake(r->x);
            pthread_mutex_lock(&c->lock);
        }
        if (!c->first) {
            bool quit = c->quit;
            pthread_mutex_unlock(&c->lock);
            return quit ? NULL : take(r);
        }
    }
    struct item *i = c->first;
    c->first = i->next;
    if (!c->first)
        c->last = &c->first;
    r->number = i->head.number;
    atomic_store_explicit(&r->slot->started_ns, clock_mono().ns, memory_order_relaxed);
    atomic_store_explicit(&r->slot->hard_ns, 0, memory_order_relaxed);
    atomic_store_explicit(&r->slot->number, i->head.number, memory_order_release);
    atomic_store_explicit(&c->lane->taken, i->head.number, memory_order_release);
    pthread_mutex_unlock(&c->lock);
    return i;
}

static void begun(void *arg, int64_t hard_ns)
{
    struct runner *r = arg;
    atomic_store_explicit(&r->slot->hard_ns, hard_ns, memory_order_relaxed);
}

static bool write_record(struct buf *out, uint64_t number, const struct exec_end *end)
{
    struct chan_result head = {
        .number = number,
        .run_us = end->cost.run_us,
        .cpu_us = end->cost.cpu_us,
        .gil_wait_us = end->cost.gil_wait_us,
        .memory = end->cost.memory,
        .retry_ms = end->retry_ms,
        .value_size = end->value_size,
        .value_parts = end->value_parts,
        .ended = end->ended,
        .has_failure = end->has_failure,
        .value_n = (uint32_t)end->value.n,
        .type_n = (uint32_t)end->failure.type.n,
        .message_n = (uint32_t)end->failure.message.n,
        .traceback_n = (uint32_t)end->failure.traceback.n,
    };
    buf_reset(out, 1u << 20);
    return buf_put(out, &head, sizeof head) && buf_put_slice(out, end->value) && buf_put_slice(out, end->failure.type) &&
           buf_put_slice(out, end->failure.message) && buf_put_slice(out, end->failure.traceback);
}

static void account(struct runner *r, struct exec_end *end, int64_t began)
{
    struct exec_stats stats;
    uint64_t cpu = thread_cpu();
    exec_look(r->x, &stats);
    end->cost.run_us = (uint64_t)(clock_mono().ns - began) / 1000;
    end->cost.cpu_us = (cpu - r->cpu_ns) / 1000;
    end->cost.gil_wait_us = (stats.gil_wait_ns - r->gil_ns) / 1000;
    atomic_store_explicit(&r->slot->cpu_ns, cpu, memory_order_relaxed);
    atomic_store_explicit(&r->slot->gil_wait_ns, stats.gil_wait_ns, memory_order_relaxed);
    atomic_fetch_add_explicit(end->ended == ENDED_DONE ? &r->slot->done : &r->slot->failed, 1, memory_order_relaxed);
    struct lane_stats *ls = &r->child->lane->stats;
    atomic_store_explicit(&r->slot->gil_switches, stats.gil_switches, memory_order_relaxed);
    atomic_store_explicit(&r->slot->contended, stats.contended, memory_order_relaxed);
    atomic_store_explicit(&ls->gc_pause_ns, stats.gc_pause_ns, memory_order_relaxed);
    atomic_store_explicit(&ls->gc_collections, stats.gc_collections, memory_order_relaxed);
}

static void run_one(struct runner *r, struct item *i)
{
    struct exec_task task = {
        .id = slice_of(i->bytes, i->head.id_n),
        .body = slice_of(i->bytes + i->head.id_n, i->head.body_n),
        .number = i->head.number,
        .attempt = i->head.attempt,
        .deliveries = i->head.deliveries,
        .retries = i->head.retries,
    };
    struct exec_end end = { 0 };
    struct exec_stats stats;
    exec_look(r->x, &stats);
    r->gil_ns = stats.gil_wait_ns;
    r->cpu_ns = thread_cpu();
    int64_t began = clock_mono().ns;
    exec_run(r->x, &task, begun, r, &end);
    account(r, &end, began);
    if (!write_record(&r->record, i->head.number, &end)) {
        end = (struct exec_end){ .ended = ENDED_BAD_RESULT, .cost = end.cost, .has_failure = true,
                                 .failure = { .type = slice_text("MemoryError"),
                                              .message = slice_text("no memory for the result") } };
        r->record.failed = false;
        if (!write_record(&r->record, i->head.number, &end))
            abort();
    }
    publish(r, buf_slice(&r->record));
    free(i);
}

static void work(struct runner *r)
{
    struct item *i;
    while ((i = take(r)))
        run_one(r, i);
}

static void *thread_main(void *arg)
{
    struct runner *r = arg;
    r->x = exec_join(r->child->start.exec);
    if (!r->x) {
        fprintf(stderr, "krait-worker: no memory for a thread\n");
        _exit(1);
    }
    work(r);
    exec_wake(r->x);
    exec_leave(r->x);
    return NULL;
}

// ---- the I/O thread

static void append(struct child *c, struct item *i)
{
    i->next = NULL;
    *c->last = i;
    c->last = &i->next;
    c->received = i->head.number;
}

static void on_tasks(struct child *c, struct slice bytes)
{
    struct chan_task head;
    size_t n = 0;
    pthread_mutex_lock(&c->lock);
    while (bytes.n >= sizeof head) {
        memcpy(&head, bytes.p, sizeof head);
        bytes = slice_from(bytes, sizeof head);
        size_t size = (size_t)head.id_n + head.body_n;
        struct item *i = size <= bytes.n ? malloc(sizeof *i + size) : NULL;
        if (!i)
            _exit(1);     // the supervisor takes the tasks back
        i->head = head;
        memcpy(i->bytes, bytes.p, size);
        append(c, i);
        bytes = slice_from(bytes, size);
        n++;
    }
    if (n > 1 && c->resting > 1)
        pthread_cond_broadcast(&c->work);
    else if (c->resting)
        pthread_cond_signal(&c->work);
    pthread_mutex_unlock(&c->lock);
}

static void on_recall(struct child *c)
{
    struct chan_range range;
    pthread_mutex_lock(&c->lock);
    struct item *i = c->first;
    range.first = i ? i->head.number : c->received + 1;
    range.last = c->received;
    c->first = NULL;
    c->last = &c->first;
    pthread_mutex_unlock(&c->lock);
    while (i) {
        struct item *next = i->next;
        free(i);
        i = next;
    }
    child_send(c, CHAN_RETURNED, &range, sizeof range);
}

static void on_cancel(struct child *c, uint64_t number)
{
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < c->n; i++)
        if (c->runners[i].number == number)
            exec_cancel(c->runners[i].x);
    pthread_mutex_unlock(&c->lock);
}

static void on_quit(struct child *c)
{
    pthread_mutex_lock(&c->lock);
    c->quit = true;
    pthread_cond_broadcast(&c->work);
    pthread_mutex_unlock(&c->lock);
}

static void on_dump(struct child *c)
{
    int64_t now = clock_mono().ns;
    for (size_t i = 0; i < c->n; i++) {
        uint64_t number = atomic_load_explicit(&c->runners[i].slot->number, memory_order_acquire);
        if (number)
            dprintf(2, "krait-worker: pid %d slot %zu runs for %.3f s\n", getpid(), i,
                    (double)(now - atomic_load(&c->runners[i].slot->started_ns)) / 1e9);
    }
}

static void on_frame(struct child *c, const struct chan_frame *f)
{
    uint64_t number;
    if (f->kind == CHAN_TASKS)
        on_tasks(c, f->bytes);
    else if (f->kind == CHAN_RECALL)
        on_recall(c);
    else if (f->kind == CHAN_CANCEL && f->bytes.n == sizeof number) {
        memcpy(&number, f->bytes.p, sizeof number);
        on_cancel(c, number);
    } else if (f->kind == CHAN_QUIT)
        on_quit(c);
    else if (f->kind == CHAN_DUMP)
        on_dump(c);
    else if (f->kind == CHAN_ANSWER)
        desk_put(&c->desk, f->bytes);
}

// Rings for results that wait; returns how long to sleep.
static int look(struct child *c)
{
    bool ring = false;
    pthread_mutex_lock(&c->lock);
    if (c->unrung && clock_mono().ns - c->unrung_since >= RING_AFTER_NS)
        ring = must_ring(c);
    bool busy = c->first || c->unrung;
    pthread_mutex_unlock(&c->lock);
    if (ring)
        child_send(c, CHAN_BELL, NULL, 0);
    return busy ? LOOK_MS : -1;
}

static void *io_main(void *arg)
{
    struct child *c = arg;
    struct chan_frame f;
    int passed;
    prctl(PR_SET_NAME, "krait-io");
    for (;;) {
        struct pollfd ready = { .fd = c->fd, .events = POLLIN };
        if (poll(&ready, 1, look(c)) <= 0)
            continue;
        ssize_t n = chan_read(c->fd, &c->in, &passed);
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
            _exit(0);       // the supervisor is gone, whatever Python does
        if (passed >= 0)
            close(passed);
        while (chan_next(&c->in, &f)) {
            on_frame(c, &f);
            chan_done(&c->in, &f);
        }
    }
    return NULL;
}

// ---- life

static bool start_threads(struct child *c)
{
    sigset_t all, old;
    pthread_t io;
    bool ok;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    ok = pthread_create(&io, NULL, io_main, c) == 0;    // takes no signals: they are Python's
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    for (size_t i = 1; ok && i < c->n; i++)
        ok = pthread_create(&c->runners[i].thread, NULL, thread_main, &c->runners[i]) == 0;
    return ok;
}

void child_main(const struct child_start *start)
{
    struct child *c = calloc(1, sizeof *c + start->threads * sizeof c->runners[0]);
    if (!c)
        _exit(1);
    prctl(PR_SET_NAME, "krait-child");
    c->start = *start;
    c->fd = start->fd;
    c->lane = start->lane;
    c->n = start->threads;
    c->last = &c->first;
    pthread_mutex_init(&c->lock, NULL);
    pthread_mutex_init(&c->sending, NULL);
    pthread_cond_init(&c->work, NULL);
    desk_init(&c->desk, send_ask, c);
    exec_use_desk(start->exec, &c->desk);
    for (size_t i = 0; i < c->n; i++) {
        c->runners[i].child = c;
        c->runners[i].slot = &c->lane->slots[i];
    }
    c->runners[0].x = exec_main(start->exec);
    if (!c->runners[0].x || !start_threads(c)) {
        fprintf(stderr, "krait-worker: cannot start the threads of a child\n");
        _exit(1);
    }
    child_send(c, CHAN_READY, NULL, 0);
    work(&c->runners[0]);
    for (size_t i = 1; i < c->n; i++)
        pthread_join(c->runners[i].thread, NULL);
    _exit(0);
}
