// SPDX-License-Identifier: Apache-2.0
// Calls that are one question and one answer: cancel, queues, workers.

#include <stdio.h>
#include <stdlib.h>

#include "sdk/base/mem.h"
#include "sdk/client/client.h"

struct question {
    struct job job;          // first: a struct job * is a struct question *
    struct msg ask;          // without its seq
    uint64_t *seq;           // where the seq goes: within ask
    enum msg_kind answer;
    enum err (*read)(struct krait *k, const struct msg *m, void *out);
    void *out;
    bool sent;
};

static enum err pump(struct krait *k, struct job *job)
{
    struct question *q = (struct question *)job;
    if (q->sent)
        return ERR_OK;
    q->sent = true;
    *q->seq = ++k->seq;
    return client_send(k, &q->ask);
}

static uint64_t seq_of(const struct msg *m)
{
    return m->kind == MSG_CANCEL_REPLY ? m->cancel_reply.seq : m->kind == MSG_QUEUES_REPLY ? m->queues_reply.seq
         : m->kind == MSG_WORKERS_REPLY ? m->workers_reply.seq : 0;
}

static enum err take(struct krait *k, struct job *job, const struct msg *m)
{
    struct question *q = (struct question *)job;
    if (m->kind == MSG_ERROR && m->error.seq == *q->seq)
        return client_fail(k, m->error.code, "%s%s%.*s", err_text(m->error.code), m->error.text.n ? ": " : "",
                           SLICE_ARG(m->error.text));
    if (m->kind != q->answer || seq_of(m) != *q->seq)
        return ERR_OK;
    job->done = true;
    return q->read(k, m, q->out);
}

static void forget(struct krait *k, struct job *job)
{
    (void)k;
    ((struct question *)job)->sent = false;
}

static enum krait_error ask(struct krait *k, struct question *q)
{
    q->job = (struct job){ .pump = pump, .take = take, .rewind = forget, .until = mono_never(), .again = mono_never() };
    return (enum krait_error)job_run(k, &q->job);
}

// ---------------------------------------------------------------- cancel

static enum err read_cancel(struct krait *k, const struct msg *m, void *out)
{
    if (m->cancel_reply.n != 1)
        return client_fail(k, ERR_INTERNAL, "the broker answered for %zu tasks instead of one", m->cancel_reply.n);
    *(enum krait_state *)out = (enum krait_state)m->cancel_reply.tasks[0].state;
    return ERR_OK;
}

enum krait_error krait_cancel(struct krait *k, const char *id, bool running, enum krait_state *state)
{
    struct task_id parsed;
    struct slice text = slice_text(id);
    enum krait_state ignored;
    if (!id || !id_parse(text, &parsed))
        return (enum krait_error)client_fail(k, ERR_ID, "'%s' is not a task id", id ? id : "");
    struct question q = { .ask = { .kind = MSG_CANCEL, .cancel = { .ids = &text, .n = 1, .running = running } },
                          .answer = MSG_CANCEL_REPLY, .read = read_cancel, .out = state ? state : &ignored };
    q.seq = &q.ask.cancel.seq;
    return ask(k, &q);
}

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
    enum krait_error err = ask(k, &q);
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
    enum krait_error err = ask(k, &q);
    *out = rows.v;
    *n = rows.n;
    return err;
}
