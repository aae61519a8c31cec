// SPDX-License-Identifier: Apache-2.0
// Task records and their moves. What a move means to the broker and the children is left to those who ask for it.

#include "worker/task.h"

#include <stdlib.h>

#include "sdk/base/mem.h"
#include "worker/pool.h"

static const unsigned legal[TASK_PLACES] = {
#define TASK_STATE_ROW(name, next) next,
    TASK_STATE_LIST(TASK_STATE_ROW)
#undef TASK_STATE_ROW
};

void tasks_init(struct tasks *ts)
{
    *ts = (struct tasks){ 0 };
    for (int i = 0; i < TASK_PLACES; i++)
        list_init(&ts->in[i]);
    list_init(&ts->batches);
}

void tasks_free(struct tasks *ts)
{
    struct link *x;
    for (int i = 0; i < TASK_PLACES; i++)
        while ((x = list_first(&ts->in[i])))
            task_free(ts, task_at(x));
}

struct task *task_new(struct tasks *ts, const struct msg_delivery *d, struct mono now)
{
    struct task *t = mem_alloc(MEM_TASK, sizeof *t + d->id.n + d->body.n);
    if (!t)
        return NULL;
    *t = (struct task){
        .place = TASK_WAITING, .since = now, .attempt = d->attempt, .deliveries = d->deliveries, .retries = d->retries,
        .id_n = (uint32_t)d->id.n, .body_n = (uint32_t)d->body.n,
    };
    memcpy(t->bytes, d->id.p, d->id.n);
    if (d->body.n)
        memcpy(t->bytes + d->id.n, d->body.p, d->body.n);
    link_init(&t->link);
    list_append(&ts->in[TASK_WAITING], &t->link);
    return t;
}

static void leave(struct tasks *ts, struct task *t)
{
    if (t->place == TASK_HANDED) {
        list_remove(&t->proc->handed, &t->link);
        t->proc = NULL;
        ts->handed--;
    } else {
        list_remove(&ts->in[t->place], &t->link);
    }
}

void task_move(struct tasks *ts, struct task *t, enum task_place to)
{
    struct proc *proc = t->proc;
    if (!(legal[t->place] & 1u << to))
        abort();
    if (t->place == TASK_HANDED)
        proc = NULL;
    leave(ts, t);
    t->place = to;
    t->proc = proc;
    if (to == TASK_HANDED)
        ts->handed++;
    list_append(to == TASK_HANDED ? &proc->handed : &ts->in[to], &t->link);
}

void task_back(struct tasks *ts, struct task *t)
{
    task_move(ts, t, TASK_WAITING);
    list_remove(&ts->in[TASK_WAITING], &t->link);
    list_prepend(&ts->in[TASK_WAITING], &t->link);
}

void task_free(struct tasks *ts, struct task *t)
{
    leave(ts, t);
    mem_free(MEM_TASK, t->outcome, t->outcome_n);
    mem_free(MEM_TASK, t, sizeof *t + t->id_n + t->body_n);
}

void task_end(struct tasks *ts, struct task *t, enum task_ended ended)
{
    t->ended = ended;
    task_move(ts, t, TASK_FINISHED);
}

void task_finished(const struct task *t, struct msg_finished *out)
{
    struct chan_result r;
    *out = (struct msg_finished){ .id = task_id_of(t), .attempt = t->attempt, .ended = t->ended };
    if (!t->outcome)
        return;
    memcpy(&r, t->outcome, sizeof r);
    const uint8_t *at = t->outcome + sizeof r;
    out->value = slice_of(at, r.value_n);
    out->has_failure = r.has_failure;
    out->failure.type = slice_of(at + r.value_n, r.type_n);
    out->failure.message = slice_of(at + r.value_n + r.type_n, r.message_n);
    out->failure.traceback = slice_of(at + r.value_n + r.type_n + r.message_n, r.traceback_n);
    out->has_cost = true;
    out->cost = (struct msg_cost){ r.run_us, r.cpu_us, r.gil_wait_us, r.memory };
    out->retry_ms = r.retry_ms;
    out->value_parts = r.value_parts;
    out->value_size = r.value_size;
}
