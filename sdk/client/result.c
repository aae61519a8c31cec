// SPDX-License-Identifier: Apache-2.0
// Waiting for results: asks the broker for many ids at once and hands each out as it ends.
// Values inside results are value.c's.

#include <stdio.h>
#include <stdlib.h>

#include "sdk/base/mem.h"
#include "sdk/client/client.h"
#include "sdk/wire/json.h"

#define FRAME_IDS   256
#define LONG_WAIT   (INT64_C(3600) * 1000)   // what "for ever" asks at a time
#define BROKER_LATE 2000                     // the broker's own time-out comes first

enum progress { UNSENT, FLYING, ANSWERED };

// One Wait frame with ids that are not answered yet.
struct flight {
    uint64_t seq;
    size_t first, n;
    size_t left;       // unanswered
    size_t hint;       // where the next answer is likely
};

struct waiting {
    struct job job;                 // first: a struct job * is a struct waiting *
    const char *const *ids;         // borrowed
    size_t n;
    int64_t timeout_ms;             // as the caller gave it
    struct mono end;                // of the caller's time-out
    uint8_t *progress;
    size_t next, answered, flying;
    struct flight *flights;         // owned
    size_t n_flights, cap;
    krait_on_result *on_result;
    void *context;
    struct krait_result *large;     // owned: its value comes in parts, and is fetched when the loop has ended for it
    size_t large_index;
    uint32_t large_parts;
    bool enough;                    // the caller's callback said so
};

// ---------------------------------------------------------------- the public struct

// The texts of a result lie behind it in one allocation when it is owned, in the frame's arena when it is borrowed.
static const char *text_in(struct arena *a, struct slice s)
{
    const char *text = s.n ? arena_text(a, s) : "";
    return text ? text : "";
}

static void fill_outcome(struct arena *a, const struct msg_outcome *o, struct krait_result *r)
{
    r->reason = reason_name(o->reason);
    r->has_value = r->state == KRAIT_DONE && !o->no_value && o->value.n > 0;
    r->error_type = text_in(a, o->failure.type);
    r->error_message = text_in(a, o->failure.message);
    r->traceback = text_in(a, o->failure.traceback);
    r->worker = text_in(a, o->worker);
    r->attempt = (int)o->attempt;
    r->finished_ms = (int64_t)o->finished_ms;
    r->run_us = o->cost.run_us;
    r->cpu_us = o->cost.cpu_us;
    r->gil_wait_us = o->cost.gil_wait_us;
    r->memory = o->cost.memory;
    r->raw = o->value.p;
    r->raw_size = o->value.n;
}

static struct krait_result fill(struct arena *a, const char *id, const struct msg_task_result *t)
{
    struct krait_result r = { .id = id, .state = (enum krait_state)t->state, .state_name = state_name(t->state),
                              .reason = "", .error_type = "", .error_message = "", .traceback = "", .worker = "" };
    if (t->has_outcome)
        fill_outcome(a, &t->outcome, &r);
    return r;
}

static size_t size_of(const struct krait_result *r)
{
    return sizeof *r + strlen(r->id) + strlen(r->error_type) + strlen(r->error_message) + strlen(r->traceback) +
           strlen(r->worker) + 5 + r->raw_size;
}

static const char *put(char **at, const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = memcpy(*at, text, n);
    *at += n;
    return copy;
}

static struct krait_result *copy_result(const struct krait_result *r)
{
    struct krait_result *c = mem_alloc(MEM_CLIENT, size_of(r));
    if (!c)
        return NULL;
    char *at = (char *)(c + 1);
    *c = *r;
    c->id = put(&at, r->id);
    c->error_type = put(&at, r->error_type);
    c->error_message = put(&at, r->error_message);
    c->traceback = put(&at, r->traceback);
    c->worker = put(&at, r->worker);
    c->raw = r->raw_size ? memcpy(at, r->raw, r->raw_size) : at;
    return c;
}

const char *krait_state_name(enum krait_state state)
{
    return state_name((enum task_state)state);
}

void krait_result_free(struct krait_result *r)
{
    if (r)
        mem_free(MEM_CLIENT, r, size_of(r));
}

struct krait_value *krait_result_value(const struct krait_result *r)
{
    struct arena a;
    struct wire_value w;
    arena_init(&a, 0);
    bool ok = r->has_value && value_decode(&a, slice_of(r->raw, r->raw_size), &w) == ERR_OK;
    struct krait_value *v = ok ? value_from_wire(&w) : NULL;
    arena_free(&a);
    return v;
}

char *krait_result_json(const struct krait_result *r)
{
    struct arena a;
    struct wire_value w = value_none();
    struct buf out = { 0 };
    char *text = NULL;
    arena_init(&a, 0);
    enum err err = r->has_value ? value_decode(&a, slice_of(r->raw, r->raw_size), &w) : ERR_OK;
    if (!err && json_write(&out, &w) == ERR_OK && buf_cstr(&out))
        text = strdup(buf_cstr(&out));
    buf_free(&out);
    arena_free(&a);
    return text;
}

// ---------------------------------------------------------------- the job

static bool add_flight(struct waiting *w, struct flight f)
{
    if (w->n_flights == w->cap) {
        size_t cap = w->cap ? w->cap * 2 : 64;
        void *p = mem_realloc(MEM_CLIENT, w->flights, w->cap * sizeof f, cap * sizeof f);
        if (!p)
            return false;
        w->flights = p;
        w->cap = cap;
    }
    w->flights[w->n_flights++] = f;
    return true;
}

static uint64_t ask_for_ms(const struct waiting *w)
{
    if (w->timeout_ms <= 0)
        return w->timeout_ms ? LONG_WAIT : 0;
    int64_t left = mono_since(w->end, clock_mono()) / CLOCK_NS_PER_MS;
    return left < 0 ? 0 : left > LONG_WAIT ? (uint64_t)LONG_WAIT : (uint64_t)left;
}

static enum err send_frame(struct krait *k, struct waiting *w, size_t n)
{
    struct slice ids[FRAME_IDS];
    for (size_t i = 0; i < n; i++)
        ids[i] = slice_text(w->ids[w->next + i]);
    struct msg m = { .kind = MSG_WAIT, .wait = { ++k->seq, ids, n, ask_for_ms(w) } };
    enum err err = client_send(k, &m);
    if (!err && !add_flight(w, (struct flight){ k->seq, w->next, n, n, w->next }))
        err = client_fail(k, ERR_NOMEM, "out of memory");
    if (err)
        return err;
    memset(w->progress + w->next, FLYING, n);
    w->next += n;
    w->flying += n;
    return ERR_OK;
}

static enum err pump(struct krait *k, struct job *job)
{
    struct waiting *w = (struct waiting *)job;
    size_t most = k->limits.batch < FRAME_IDS ? k->limits.batch : FRAME_IDS;
    job->done = w->answered == w->n;
    while (w->flying < k->limits.window) {
        size_t n = 0;
        while (w->next < w->n && w->progress[w->next] != UNSENT)
            w->next++;
        while (n < most && w->flying + n < k->limits.window && w->next + n < w->n && w->progress[w->next + n] == UNSENT)
            n++;
        if (n == 0)
            return ERR_OK;
        enum err err = send_frame(k, w, n);
        if (err)
            return err;
    }
    return ERR_OK;
}

static struct flight *find_flight(struct waiting *w, uint64_t seq)
{
    for (size_t i = 0; i < w->n_flights; i++)
        if (w->flights[i].seq == seq)
            return &w->flights[i];
    return NULL;
}

// The index of an unanswered id of the flight; answers mostly come in the order of asking.
static bool find_id(const struct waiting *w, const struct flight *f, struct slice id, size_t *out)
{
    for (size_t k = 0; k < f->n; k++) {
        size_t i = f->first + (f->hint - f->first + k) % f->n;
        if (w->progress[i] == FLYING && slice_is(id, w->ids[i])) {
            *out = i;
            return true;
        }
    }
    return false;
}

// At the end of LONG_WAIT a task that is not final is asked for again.
static bool must_ask_again(const struct waiting *w, enum task_state state)
{
    if (state_is_final(state) || state == STATE_NONE || w->timeout_ms == 0)
        return false;
    return w->timeout_ms < 0 || !mono_reached(mono_after_ms(clock_mono(), 20), w->end);
}

// false when the caller has seen enough.
static bool take_result(struct krait *k, struct waiting *w, struct flight *f, const struct msg_task_result *t)
{
    size_t i;
    if (!find_id(w, f, t->id, &i))
        return true;
    f->left--;
    f->hint = i + 1 < f->first + f->n ? i + 1 : f->first;
    w->flying--;
    job_moved(k);
    if (must_ask_again(w, t->state)) {
        w->progress[i] = UNSENT;
        w->next = i < w->next ? i : w->next;
        return true;
    }
    w->progress[i] = ANSWERED;
    w->answered++;
    struct krait_result r = fill(&k->arena, w->ids[i], t);
    if (t->has_outcome && t->outcome.value_parts && r.state == KRAIT_DONE) {
        w->large = copy_result(&r);
        w->large_index = i;
        w->large_parts = t->outcome.value_parts;
        return false;
    }
    w->enough = !w->on_result(w->context, i, &r);
    return !w->enough;
}

static enum err take(struct krait *k, struct job *job, const struct msg *m)
{
    struct waiting *w = (struct waiting *)job;
    if (m->kind == MSG_ERROR && find_flight(w, m->error.seq))
        return client_fail(k, m->error.code, "%s%s%.*s", err_text(m->error.code), m->error.text.n ? ": " : "",
                           SLICE_ARG(m->error.text));
    struct flight *f = m->kind == MSG_RESULT ? find_flight(w, m->result.seq) : NULL;
    for (size_t i = 0; f && i < m->result.n && !job->done; i++)
        job->done = !take_result(k, w, f, &m->result.tasks[i]);
    if (f && f->left == 0)
        *f = w->flights[--w->n_flights];
    job->done = job->done || w->answered == w->n;
    return ERR_OK;
}

static void rewind_flights(struct krait *k, struct job *job)
{
    struct waiting *w = (struct waiting *)job;
    (void)k;
    for (size_t i = 0; i < w->n; i++)
        if (w->progress[i] == FLYING)
            w->progress[i] = UNSENT;
    w->n_flights = w->flying = w->next = 0;
}

static enum err expired(struct krait *k, struct job *job)
{
    (void)job;
    return client_fail(k, k->welcome ? ERR_TIMEOUT : ERR_CONNECT, "no answer from a broker within the time-out");
}

static bool ids_ok(struct krait *k, const char *const *ids, size_t n)
{
    struct task_id id;
    for (size_t i = 0; i < n; i++)
        if (!ids[i] || !id_parse(slice_text(ids[i]), &id)) {
            client_fail(k, ERR_ID, "'%s' is not a task id", ids[i] ? ids[i] : "");
            return false;
        }
    return true;
}

// Fetches the value of the result for which the loop stopped and hands it out; what else was asked is asked again.
static enum err deliver_large(struct krait *k, struct waiting *w)
{
    struct buf value = { 0 };
    struct krait_result *r = w->large;
    rewind_flights(k, &w->job);
    enum err err = parts_fetch(k, r->id, (uint32_t)r->attempt, w->large_parts, &value);
    if (!err) {
        struct krait_result whole = *r;
        whole.has_value = true;
        whole.raw = buf_slice(&value).p;
        whole.raw_size = buf_len(&value);
        w->enough = !w->on_result(w->context, w->large_index, &whole);
    }
    buf_free(&value);
    krait_result_free(r);
    w->large = NULL;
    return err;
}

static enum err run_all(struct krait *k, struct waiting *w)
{
    enum err err;
    do {
        w->large_parts = 0;
        w->job.done = false;
        err = job_run(k, &w->job);
        if (!err && w->large_parts)
            err = w->large ? deliver_large(k, w) : client_fail(k, ERR_NOMEM, "out of memory");
    } while (!err && w->large_parts && !w->enough && w->answered < w->n);
    return err;
}

enum krait_error krait_wait_many(struct krait *k, const char *const *ids, size_t n, int64_t timeout_ms,
                                 krait_on_result *on_result, void *context)
{
    if (n == 0 || !ids_ok(k, ids, n))
        return n ? KRAIT_ID : KRAIT_OK;
    struct mono now = clock_mono();
    struct waiting w = { .ids = ids, .n = n, .timeout_ms = timeout_ms, .end = mono_after_ms(now, timeout_ms),
                         .on_result = on_result, .context = context, .progress = mem_zalloc(MEM_CLIENT, n, 1),
                         .job = { .pump = pump, .take = take, .rewind = rewind_flights, .expired = expired,
                                  .patient = timeout_ms != 0, .until = mono_never(), .again = mono_never() } };
    if (timeout_ms > 0)
        w.job.until = mono_after_ms(w.end, BROKER_LATE);
    enum err err = w.progress ? run_all(k, &w) : client_fail(k, ERR_NOMEM, "out of memory");
    if (w.flying)      // the caller stopped early: late answers must not meet the next call
        conn_close(k);
    mem_free(MEM_CLIENT, w.progress, n);
    mem_free(MEM_CLIENT, w.flights, w.cap * sizeof *w.flights);
    return (enum krait_error)err;
}

static bool keep(void *context, size_t index, const struct krait_result *r)
{
    (void)index;
    *(struct krait_result **)context = copy_result(r);
    return true;
}

enum krait_error krait_wait(struct krait *k, const char *id, int64_t timeout_ms, struct krait_result **out)
{
    *out = NULL;
    enum krait_error err = krait_wait_many(k, &id, 1, timeout_ms, keep, out);
    if (!err && !*out)
        err = (enum krait_error)client_fail(k, ERR_NOMEM, "out of memory");
    return err;
}
