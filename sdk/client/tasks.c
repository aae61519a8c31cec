// SPDX-License-Identifier: Apache-2.0
// Tasks by id or by what they are: cancel, list, retry, delete. Their results are result.c's.

#include <stdlib.h>

#include "sdk/base/mem.h"
#include "sdk/client/client.h"
#include "sdk/wire/json.h"

#define FRAME_IDS 256
#define PAGE      256

// ---------------------------------------------------------------- ids

// Checked ids as slices (MEM_CLIENT, n of them); NULL with the message set.
static struct slice *slices_of(struct krait *k, const char *const *ids, size_t n, enum err *err)
{
    struct task_id id;
    struct slice *out = mem_alloc(MEM_CLIENT, (n ? n : 1) * sizeof *out);
    *err = out ? ERR_OK : client_fail(k, ERR_NOMEM, "out of memory");
    for (size_t i = 0; out && i < n; i++) {
        out[i] = slice_text(ids[i]);
        if (!ids[i] || !id_parse(out[i], &id))
            *err = client_fail(k, ERR_ID, "'%s' is not a task id", ids[i] ? ids[i] : "");
    }
    if (*err) {
        mem_free(MEM_CLIENT, out, out ? (n ? n : 1) * sizeof *out : 0);
        return NULL;
    }
    return out;
}

static void slices_free(struct slice *s, size_t n)
{
    mem_free(MEM_CLIENT, s, (n ? n : 1) * sizeof *s);
}

// ---------------------------------------------------------------- cancel

struct cancelled {
    enum krait_state *states;
    size_t n;
};

static enum err read_cancel(struct krait *k, const struct msg *m, void *out)
{
    struct cancelled *c = out;
    if (m->cancel_reply.n != c->n)
        return client_fail(k, ERR_INTERNAL, "the broker answered for %zu tasks instead of %zu", m->cancel_reply.n, c->n);
    for (size_t i = 0; c->states && i < c->n; i++)
        c->states[i] = (enum krait_state)m->cancel_reply.tasks[i].state;
    return ERR_OK;
}

enum krait_error krait_cancel_many(struct krait *k, const char *const *ids, size_t n, bool running, const char *reason,
                                   enum krait_state *states)
{
    enum err err;
    struct slice *all = slices_of(k, ids, n, &err);
    for (size_t at = 0; all && !err && at < n; at += FRAME_IDS) {
        size_t some = n - at < FRAME_IDS ? n - at : FRAME_IDS;
        struct cancelled out = { states ? states + at : NULL, some };
        struct question q = { .ask = { .kind = MSG_CANCEL, .cancel = { .ids = all + at, .n = some, .running = running,
                                                                       .reason = slice_text(reason) } },
                              .answer = MSG_CANCEL_REPLY, .read = read_cancel, .out = &out };
        q.seq = &q.ask.cancel.seq;
        err = (enum err)question_ask(k, &q);
    }
    if (all)
        slices_free(all, n);
    return (enum krait_error)err;
}

enum krait_error krait_cancel(struct krait *k, const char *id, bool running, enum krait_state *state)
{
    return krait_cancel_many(k, &id, 1, running, NULL, state);
}

// ---------------------------------------------------------------- which

static enum err read_reason(struct krait *k, const char *text, enum task_reason *out)
{
    *out = REASON_NONE;
    for (int r = REASON_FAILED; text && *text && r <= REASON_BAD_RESULT; r++)
        if (slice_is(slice_text(text), reason_name((enum task_reason)r)))
            *out = (enum task_reason)r;
    return !text || !*text || *out ? ERR_OK
        : client_fail(k, ERR_USAGE, "'%.60s' is no reason: failed, expired, unknown_task, worker_lost, timed_out, memory, "
                                    "cancelled, bad_result", text);
}

static uint64_t positive(int64_t v)
{
    return v > 0 ? (uint64_t)v : 0;
}

static enum err read_filter(struct krait *k, const struct krait_select *s, struct msg_filter *f)
{
    *f = (struct msg_filter){ .name = slice_text(s->name), .error = slice_text(s->error), .group = slice_text(s->group),
                              .after_ms = positive(s->after_ms), .before_ms = positive(s->before_ms) };
    if (!s->n_ids && (!s->queue || !id_name_ok(slice_text(s->queue))))
        return client_fail(k, ERR_NAME, "the queue's name '%.80s' is not [A-Za-z0-9_.-]{1,64}", s->queue ? s->queue : "");
    return read_reason(k, s->reason, &f->reason);
}

// ---------------------------------------------------------------- listing

struct listing {
    struct job *job;
    krait_on_task *on_task;
    void *context;
    size_t left;                 // 0 = without end
    bool enough, bodies;
    char next[KRAIT_ID_SIZE * 2];
};

static const char *text_in(struct arena *a, struct slice s)
{
    const char *text = s.n ? arena_text(a, s) : "";
    return text ? text : "";
}

static struct krait_task_info info_of(struct arena *a, const struct msg_task_info *t)
{
    return (struct krait_task_info){
        .id = text_in(a, t->id), .state = (enum krait_state)t->state, .state_name = state_name(t->state),
        .reason = reason_name(t->reason), .name = text_in(a, t->name), .group = text_in(a, t->group),
        .worker = text_in(a, t->session), .priority = t->priority, .attempt = t->attempt, .deliveries = t->deliveries,
        .retries = t->retries, .max_retries = t->max_retries, .enqueued_ms = (int64_t)t->enqueued_ms,
        .moved_ms = (int64_t)t->moved_ms, .due_ms = (int64_t)t->due_ms, .expires_ms = (int64_t)t->expires_ms,
        .started_ms = (int64_t)t->started_ms, .size = t->size, .done = t->progress.done, .total = t->progress.total,
        .note = text_in(a, t->progress.note), .error_type = text_in(a, t->failure.type),
        .error_message = text_in(a, t->failure.message), .traceback = text_in(a, t->failure.traceback),
        .args_json = "", .kwargs_json = "", .headers_json = "",
    };
}

static bool show(struct arena *a, struct listing *l, const struct msg_task_info *t)
{
    struct body_json json = { 0 };
    struct krait_task_info info = info_of(a, t);
    if (l->bodies && t->body.n && task_json(t->body, &json)) {
        info.args_json = json.args;
        info.kwargs_json = json.kwargs;
        info.headers_json = json.headers;
    }
    bool more = l->on_task(l->context, &info);
    free(json.args);
    free(json.kwargs);
    free(json.headers);
    return more;
}

static enum err read_page(struct krait *k, const struct msg *m, void *out)
{
    struct listing *l = out;
    for (size_t i = 0; i < m->tasks_reply.n && !l->enough; i++) {
        l->enough = !show(&k->arena, l, &m->tasks_reply.tasks[i]);
        if (l->left && --l->left == 0)
            l->enough = true;
    }
    if (m->tasks_reply.next.n >= sizeof l->next)
        return client_fail(k, ERR_INTERNAL, "the broker's mark of the next page is too long");
    memcpy(l->next, m->tasks_reply.next.p ? m->tasks_reply.next.p : (const uint8_t *)"", m->tasks_reply.next.n);
    l->next[m->tasks_reply.next.n] = 0;
    return ERR_OK;
}

static enum err ask_page(struct krait *k, struct listing *l, const struct msg_tasks_ask *ask)
{
    struct question q = { .ask = { .kind = MSG_TASKS_ASK, .tasks_ask = *ask }, .answer = MSG_TASKS_REPLY, .read = read_page,
                          .out = l };
    q.seq = &q.ask.tasks_ask.seq;
    return (enum err)question_ask(k, &q);
}

static enum err list_ids(struct krait *k, struct listing *l, const struct slice *ids, size_t n)
{
    enum err err = ERR_OK;
    for (size_t at = 0; !err && !l->enough && at < n; at += FRAME_IDS) {
        struct msg_tasks_ask ask = { .ids = (struct slice *)(uintptr_t)(ids + at), .n = n - at < FRAME_IDS ? n - at : FRAME_IDS,
                                     .bodies = l->bodies };
        err = ask_page(k, l, &ask);
    }
    return err;
}

static enum err list_queue(struct krait *k, struct listing *l, const struct krait_select *s, const struct msg_filter *f)
{
    enum err err;
    do {
        struct msg_tasks_ask ask = { .queue = slice_text(s->queue), .state = (enum task_state)s->state, .filter = *f,
                                     .after = slice_text(l->next), .bodies = l->bodies,
                                     .limit = l->left && l->left < PAGE ? (uint32_t)l->left : PAGE };
        char after[sizeof l->next];
        memcpy(after, l->next, sizeof after);
        ask.after = slice_text(after);
        err = ask_page(k, l, &ask);
    } while (!err && !l->enough && l->next[0]);
    return err;
}

enum krait_error krait_tasks(struct krait *k, const struct krait_select *which, size_t limit, bool bodies,
                             krait_on_task *on_task, void *context)
{
    struct listing l = { .on_task = on_task, .context = context, .left = limit, .bodies = bodies };
    struct msg_filter f;
    enum err err = read_filter(k, which, &f);
    if (err || !which->n_ids)
        return (enum krait_error)(err ? err : list_queue(k, &l, which, &f));
    struct slice *ids = slices_of(k, which->ids, which->n_ids, &err);
    if (ids) {
        err = list_ids(k, &l, ids, which->n_ids);
        slices_free(ids, which->n_ids);
    }
    return (enum krait_error)err;
}

// ---------------------------------------------------------------- retry and delete

static enum err read_changed(struct krait *k, const struct msg *m, void *out)
{
    (void)k;
    *(uint64_t *)out += m->changed.n;
    return ERR_OK;
}

static enum err ask_do(struct krait *k, const struct msg_tasks_do *ask, uint64_t *n)
{
    struct question q = { .ask = { .kind = MSG_TASKS_DO, .tasks_do = *ask }, .answer = MSG_CHANGED, .read = read_changed, .out = n };
    q.seq = &q.ask.tasks_do.seq;
    return (enum err)question_ask(k, &q);
}

static enum krait_error tasks_do(struct krait *k, enum task_verb verb, const struct krait_select *which, uint64_t *n)
{
    struct msg_tasks_do ask = { .verb = verb, .queue = which->n_ids ? slice_of(NULL, 0) : slice_text(which->queue) };
    uint64_t changed = 0;
    enum err err = read_filter(k, which, &ask.filter);
    struct slice *ids = err || !which->n_ids ? NULL : slices_of(k, which->ids, which->n_ids, &err);
    if (!err && !ids)
        err = ask_do(k, &ask, &changed);
    for (size_t at = 0; !err && ids && at < which->n_ids; at += FRAME_IDS) {
        ask.ids = ids + at;
        ask.n = which->n_ids - at < FRAME_IDS ? which->n_ids - at : FRAME_IDS;
        err = ask_do(k, &ask, &changed);
    }
    if (ids)
        slices_free(ids, which->n_ids);
    if (n)
        *n = changed;
    return (enum krait_error)err;
}

enum krait_error krait_retry(struct krait *k, const struct krait_select *which, uint64_t *n)
{
    return tasks_do(k, TASK_RETRY, which, n);
}

enum krait_error krait_delete(struct krait *k, const struct krait_select *which, uint64_t *n)
{
    return tasks_do(k, TASK_DELETE, which, n);
}
