// SPDX-License-Identifier: Apache-2.0
// Enqueueing: batches pipelined under the broker's window, sent again under the same keys until each is answered.
// How a task becomes bytes is task.c's.

#include "sdk/base/mem.h"
#include "sdk/client/client.h"

#include <stdio.h>

#define FRAME_TASKS 256
#define FRAME_BYTES (1u << 20)
#define FLIGHTS     128
#define AWAY_MS     100    // before what the store did not take is sent again

enum progress { UNSENT, FLYING, ANSWERED };

// One Enqueue frame that waits for its reply.
struct flight {
    uint64_t seq;
    size_t first, n;
};

struct submit {
    struct job job;                    // first: a struct job * is a struct submit *
    const struct krait_task *tasks;    // borrowed
    struct krait_accepted *answers;    // borrowed
    size_t n;
    uint8_t *progress;                 // one enum progress a task
    struct task_parts *parts;          // one a task when any is large, else NULL
    size_t next;                       // none below it is UNSENT
    size_t answered, flying;
    struct flight flights[FLIGHTS];
    size_t n_flights;
    char prefix[ID_RANDOM + 1];        // keys made here are PREFIX, or PREFIX-INDEX for many
    struct mono hold;                  // do not send before
    struct buf bodies;
    size_t ends[FRAME_TASKS];          // where each body of the frame ends in bodies
};

static struct slice key_of(const struct submit *s, size_t i, char room[64])
{
    if (s->tasks[i].key)
        return slice_text(s->tasks[i].key);
    int n = s->n == 1 ? snprintf(room, 64, "%s", s->prefix) : snprintf(room, 64, "%s-%zu", s->prefix, i);
    return slice_of(room, (size_t)n);
}

// Writes bodies of the run that starts at s->next; *n how many. Stops at the caps.
static enum err write_bodies(struct krait *k, struct submit *s, size_t *n)
{
    size_t most = k->limits.batch < FRAME_TASKS ? k->limits.batch : FRAME_TASKS, room = k->limits.window - s->flying;
    most = room < most ? room : most;
    buf_reset(&s->bodies, 4 * FRAME_BYTES);
    for (*n = 0; *n < most && s->next + *n < s->n && s->progress[s->next + *n] == UNSENT; ++*n) {
        char key[64];
        size_t before = buf_len(&s->bodies);
        struct task_parts parts = s->parts ? s->parts[s->next + *n] : (struct task_parts){ 0 };
        enum err err = task_body(k, &s->tasks[s->next + *n], key_of(s, s->next + *n, key), parts, &s->bodies);
        if (err)
            return err;
        size_t body = buf_len(&s->bodies) - before;
        if (body > LIMIT_PAYLOAD || body + 1024 > k->limits.frame || (k->limits.payload && body > k->limits.payload))
            return client_fail(k, ERR_CAP, "task %zu is too large: %zu bytes", s->next + *n, body);
        if (*n && buf_len(&s->bodies) > (FRAME_BYTES < k->limits.frame / 2 ? FRAME_BYTES : k->limits.frame / 2))
            break;       // the next frame takes it
        s->ends[*n] = buf_len(&s->bodies);
    }
    return ERR_OK;
}

static enum err send_frame(struct krait *k, struct submit *s, size_t n)
{
    struct slice tasks[FRAME_TASKS];
    for (size_t i = 0, from = 0; i < n; from = s->ends[i++])
        tasks[i] = slice_of(buf_slice(&s->bodies).p + from, s->ends[i] - from);
    enum err err = client_send(k, &(struct msg){ .kind = MSG_ENQUEUE, .enqueue = { ++k->seq, tasks, n } });
    if (err)
        return err;
    s->flights[s->n_flights++] = (struct flight){ k->seq, s->next, n };
    memset(s->progress + s->next, FLYING, n);
    s->next += n;
    s->flying += n;
    return ERR_OK;
}

static enum err pump(struct krait *k, struct job *job)
{
    struct submit *s = (struct submit *)job;
    job->done = s->answered == s->n;
    if (!mono_reached(clock_mono(), s->hold)) {
        job->again = s->hold;
        return ERR_OK;
    }
    while (s->n_flights < FLIGHTS && s->flying < k->limits.window && buf_len(&k->out) < 4 * FRAME_BYTES) {
        size_t n;
        while (s->next < s->n && s->progress[s->next] != UNSENT)
            s->next++;
        if (s->next == s->n)
            return ERR_OK;
        enum err err = write_bodies(k, s, &n);
        if (!err)
            err = send_frame(k, s, n);
        if (err)
            return err;
    }
    return ERR_OK;
}

static void take_away(struct submit *s, size_t i)
{
    s->progress[i] = UNSENT;
    s->next = i < s->next ? i : s->next;
    s->hold = mono_after_ms(clock_mono(), AWAY_MS);
}

static enum krait_error error_of(enum task_accept outcome)
{
    switch (outcome) {
    case ACCEPT_OK:
    case ACCEPT_EXISTS:
        return KRAIT_OK;
    case ACCEPT_FULL:
        return KRAIT_FULL;
    case ACCEPT_CONFLICT:
        return KRAIT_CONFLICT;
    case ACCEPT_AWAY:
        return KRAIT_STORE;
    case ACCEPT_NONE:
    case ACCEPT_REFUSED:
        break;
    }
    return KRAIT_TASK_BAD;
}

static void take_answer(struct krait *k, struct submit *s, size_t i, const struct msg_accepted *a)
{
    s->flying--;
    if (a->outcome == ACCEPT_AWAY) {
        take_away(s, i);
        return;
    }
    struct krait_accepted *out = &s->answers[i];
    s->progress[i] = ANSWERED;
    s->answered++;
    out->error = error_of(a->outcome);
    out->existed = a->outcome == ACCEPT_EXISTS;
    if (out->error == KRAIT_OK || out->error == KRAIT_CONFLICT)
        snprintf(out->id, sizeof out->id, "%.*s", SLICE_ARG(a->id));
    bool more = a->text.n && !slice_is(a->text, krait_error_text(out->error));
    if (out->error)
        client_fail(k, ERR_TASK, "%s%s%.*s", krait_error_text(out->error), more ? ": " : "", more ? (int)a->text.n : 0,
                    (const char *)a->text.p);
    else if (a->text.n)
        snprintf(k->warning, sizeof k->warning, "%.*s", SLICE_ARG(a->text));
    job_moved(k);
}

static struct flight *find_flight(struct submit *s, uint64_t seq)
{
    for (size_t i = 0; i < s->n_flights; i++)
        if (s->flights[i].seq == seq)
            return &s->flights[i];
    return NULL;
}

static enum err take(struct krait *k, struct job *job, const struct msg *m)
{
    struct submit *s = (struct submit *)job;
    struct flight *f = NULL;
    if (m->kind == MSG_ENQUEUE_REPLY)
        f = find_flight(s, m->enqueue_reply.seq);
    else if (m->kind == MSG_ERROR && find_flight(s, m->error.seq))
        return client_fail(k, m->error.code, "%s%s%.*s", err_text(m->error.code), m->error.text.n ? ": " : "",
                           SLICE_ARG(m->error.text));
    if (!f)
        return ERR_OK;
    if (m->enqueue_reply.n != f->n)
        return client_fail(k, ERR_INTERNAL, "the broker answered %zu of %zu tasks", m->enqueue_reply.n, f->n);
    for (size_t i = 0; i < f->n; i++)
        take_answer(k, s, f->first + i, &m->enqueue_reply.tasks[i]);
    *f = s->flights[--s->n_flights];
    job->done = s->answered == s->n;
    return ERR_OK;
}

static void rewind_flights(struct krait *k, struct job *job)
{
    struct submit *s = (struct submit *)job;
    (void)k;
    for (size_t i = 0; i < s->n; i++)
        if (s->progress[i] == FLYING)
            s->progress[i] = UNSENT;
    s->n_flights = s->flying = s->next = 0;
}

// ---------------------------------------------------------------- large ones go before

static enum err push_large(struct krait *k, struct submit *s, size_t i)
{
    char key[64], id[KRAIT_ID_SIZE];
    struct buf payload = { 0 };
    struct slice name = key_of(s, i, key);
    const char *queue = s->tasks[i].queue && *s->tasks[i].queue ? s->tasks[i].queue : "default";
    enum err err = task_payload(k, &s->tasks[i], &payload);
    if (!err && buf_len(&payload) > LIMIT_INLINE) {
        snprintf(id, sizeof id, "%s/%.*s", queue, SLICE_ARG(name));
        s->parts[i] = (struct task_parts){ (uint32_t)((buf_len(&payload) + LIMIT_PART - 1) / LIMIT_PART), buf_len(&payload) };
        err = parts_push(k, id, buf_slice(&payload));
    }
    buf_free(&payload);
    return err;
}

static enum err push_all_large(struct krait *k, struct submit *s)
{
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < s->n; i++) {
        if (!task_may_be_large(&s->tasks[i]))
            continue;
        if (!s->parts && !(s->parts = mem_zalloc(MEM_CLIENT, s->n, sizeof *s->parts)))
            return client_fail(k, ERR_NOMEM, "out of memory");
        err = push_large(k, s, i);
    }
    return err;
}

static bool names_ok(struct krait *k, const struct krait_task *tasks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!tasks[i].name || !*tasks[i].name) {
            client_fail(k, ERR_USAGE, "task %zu has no name", i);
            return false;
        }
    return true;
}

enum krait_error krait_enqueue_many(struct krait *k, const struct krait_task *tasks, size_t n,
                                    struct krait_accepted *answers)
{
    struct submit *s = NULL;
    enum err err = ERR_USAGE;
    k->warning[0] = 0;
    for (size_t i = 0; i < n; i++)
        answers[i] = (struct krait_accepted){ .error = KRAIT_INTERNAL };
    if (n == 0 || !names_ok(k, tasks, n))
        return n ? KRAIT_USAGE : KRAIT_OK;
    s = mem_zalloc(MEM_CLIENT, 1, sizeof *s);
    uint8_t *progress = mem_zalloc(MEM_CLIENT, n, 1);
    if (!s || !progress) {
        err = client_fail(k, ERR_NOMEM, "out of memory");
    } else {
        *s = (struct submit){ .tasks = tasks, .answers = answers, .n = n, .progress = progress, .job = {
            .pump = pump, .take = take, .rewind = rewind_flights, .until = mono_never(), .again = mono_never() } };
        err = id_random(s->prefix) ? push_all_large(k, s) : client_fail(k, ERR_INTERNAL, "the system gives no randomness");
        err = err ? err : job_run(k, &s->job);
        buf_free(&s->bodies);
        mem_free(MEM_CLIENT, s->parts, s->parts ? n * sizeof *s->parts : 0);
    }
    mem_free(MEM_CLIENT, progress, n);
    mem_free(MEM_CLIENT, s, sizeof *s);
    return (enum krait_error)err;
}

enum krait_error krait_enqueue(struct krait *k, const struct krait_task *task, char id[KRAIT_ID_SIZE])
{
    struct krait_accepted answer;
    id[0] = 0;
    enum krait_error err = krait_enqueue_many(k, task, 1, &answer);
    if (err)
        return err;
    memcpy(id, answer.id, KRAIT_ID_SIZE);
    if (answer.error && !k->message[0])
        client_fail(k, ERR_TASK, "%s", krait_error_text(answer.error));
    return answer.error;
}
