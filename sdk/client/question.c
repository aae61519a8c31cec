// SPDX-License-Identifier: Apache-2.0
// Calls that are one question and one answer. What is asked is look.c's, tasks.c's and change.c's.

#include "sdk/client/client.h"

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
    const struct row {
        enum msg_kind kind;
        uint64_t seq;
    } rows[] = {
        { MSG_CANCEL_REPLY, m->cancel_reply.seq }, { MSG_QUEUES_REPLY, m->queues_reply.seq },
        { MSG_WORKERS_REPLY, m->workers_reply.seq }, { MSG_TASKS_REPLY, m->tasks_reply.seq },
        { MSG_SETTINGS_REPLY, m->settings_reply.seq }, { MSG_EVENTS, m->events.seq }, { MSG_CHANGED, m->changed.seq },
        { MSG_PART, m->part.seq },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].kind == m->kind)
            return rows[i].seq;
    return 0;
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
    return q->read ? q->read(k, m, q->out) : ERR_OK;
}

static void forget(struct krait *k, struct job *job)
{
    (void)k;
    ((struct question *)job)->sent = false;
}

enum krait_error question_ask(struct krait *k, struct question *q)
{
    q->sent = false;
    q->job = (struct job){ .pump = pump, .take = take, .rewind = forget, .until = mono_never(), .again = mono_never() };
    return (enum krait_error)job_run(k, &q->job);
}
