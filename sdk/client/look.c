// SPDX-License-Identifier: Apache-2.0
// Looking at queues and workers. Tasks are tasks.c's, changing is change.c's.

#include <stdio.h>
#include <stdlib.h>

#include "sdk/base/mem.h"
#include "sdk/client/client.h"

// ---------------------------------------------------------------- queues

struct rows {
    void *v;
    size_t n;
};

static void put_text(char *to, size_t size, struct slice from)
{
    snprintf(to, size, "%.*s", SLICE_ARG(from));
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct krait_queue *)a)->name, ((const struct krait_queue *)b)->name);
}

// calloc, since the caller frees with free(3).
static void *make_rows(struct krait *k, struct rows *rows, size_t n, size_t size)
{
    rows->n = n;
    rows->v = calloc(n ? n : 1, size);
    if (!rows->v)
        client_fail(k, ERR_NOMEM, "out of memory");
    return rows->v;
}

static enum err read_queues(struct krait *k, const struct msg *m, void *out)
{
    const struct msg_queues_reply *r = &m->queues_reply;
    struct krait_queue *to = make_rows(k, out, r->n, sizeof *to);
    if (!to)
        return ERR_NOMEM;
    for (size_t i = 0; i < r->n; i++) {
        const struct msg_queue_info *from = &r->queues[i];
        put_text(to[i].name, sizeof to[i].name, from->queue);
        to[i].queued = from->queued;
        to[i].delayed = from->delayed;
        to[i].active = from->active;
        to[i].dead = from->dead;
        to[i].oldest_age_ms = from->oldest_age_ms;
        to[i].paused = from->paused;
        to[i].workers = from->workers;
        to[i].done = from->done;
        to[i].died = from->died;
        to[i].cancelled = from->cancelled;
    }
    qsort(to, r->n, sizeof *to, by_name);
    return ERR_OK;
}

enum krait_error krait_queues(struct krait *k, struct krait_queue **out, size_t *n)
{
    struct rows rows = { 0 };
    struct question q = { .ask = { .kind = MSG_QUEUES_ASK }, .answer = MSG_QUEUES_REPLY, .read = read_queues,
                          .out = &rows };
    q.seq = &q.ask.queues_ask.seq;
    enum krait_error err = question_ask(k, &q);
    *out = rows.v;
    *n = rows.n;
    return err;
}

// ---------------------------------------------------------------- workers

static void join(char *to, size_t size, const struct slice *texts, size_t n)
{
    size_t len = 0;
    for (size_t i = 0; i < n && len + 1 < size; i++)
        len += (size_t)snprintf(to + len, size - len, "%s%.*s", i ? "," : "", SLICE_ARG(texts[i]));
}

static void read_worker(const struct msg_worker_info *from, struct krait_worker *to)
{
    put_text(to->name, sizeof to->name, from->name);
    put_text(to->host, sizeof to->host, from->host);
    put_text(to->session, sizeof to->session, from->session);
    join(to->queues, sizeof to->queues, from->queues, from->n_queues);
    to->pid = from->pid;
    to->processes = from->processes;
    to->threads = from->threads;
    to->free_threaded = from->mode == MODE_FREE_THREADED;
    to->busy = from->load.busy;
    to->idle = from->load.idle;
    to->restarts = from->load.restarts;
    to->done = from->load.done;
    to->failed = from->load.failed;
    to->rss = from->load.rss;
    to->gil_wait_us = from->load.gil_wait_us;
    to->connected_ms = (int64_t)from->connected_ms;
    put_text(to->broker, sizeof to->broker, from->broker);
}

static enum err read_workers(struct krait *k, const struct msg *m, void *out)
{
    const struct msg_workers_reply *r = &m->workers_reply;
    struct krait_worker *to = make_rows(k, out, r->n, sizeof *to);
    for (size_t i = 0; to && i < r->n; i++)
        read_worker(&r->workers[i], &to[i]);
    return to ? ERR_OK : ERR_NOMEM;
}

enum krait_error krait_workers(struct krait *k, struct krait_worker **out, size_t *n)
{
    struct rows rows = { 0 };
    struct question q = { .ask = { .kind = MSG_WORKERS_ASK }, .answer = MSG_WORKERS_REPLY, .read = read_workers,
                          .out = &rows };
    q.seq = &q.ask.workers_ask.seq;
    enum krait_error err = question_ask(k, &q);
    *out = rows.v;
    *n = rows.n;
    return err;
}
