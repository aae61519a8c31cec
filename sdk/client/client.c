// SPDX-License-Identifier: Apache-2.0
// Opening and closing a client, its texts, and the loop that every blocking call runs (client.h draws it).
// What a call asks for is submit.c's, result.c's and look.c's.

#include "sdk/client/client.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "sdk/base/conf.h"
#include "sdk/base/log.h"
#include "sdk/base/mem.h"

#define DEADLINE_MS 10000
#define PAUSE_MAX   1000
#define ARENA_LIMIT ((size_t)LIMIT_DECODE * LIMIT_FRAME + (1u << 20))

#define SAME(public, code) _Static_assert((int)public == (int)code, "the public number is the wire's")
SAME(KRAIT_NOMEM, ERR_NOMEM);
SAME(KRAIT_INTERNAL, ERR_INTERNAL);
SAME(KRAIT_USAGE, ERR_USAGE);
SAME(KRAIT_TIMEOUT, ERR_TIMEOUT);
SAME(KRAIT_CLOSED, ERR_CLOSED);
SAME(KRAIT_CONNECT, ERR_CONNECT);
SAME(KRAIT_IO, ERR_IO);
SAME(KRAIT_VERSION, ERR_VERSION);
SAME(KRAIT_CAP, ERR_CAP);
SAME(KRAIT_AUTH, ERR_AUTH);
SAME(KRAIT_DENIED, ERR_DENIED);
SAME(KRAIT_NAME, ERR_NAME);
SAME(KRAIT_ID, ERR_ID);
SAME(KRAIT_TASK_BAD, ERR_TASK);
SAME(KRAIT_VALUE, ERR_VALUE);
SAME(KRAIT_NOT_FOUND, ERR_NOT_FOUND);
SAME(KRAIT_FULL, ERR_FULL);
SAME(KRAIT_CONFLICT, ERR_CONFLICT);
SAME(KRAIT_STORE, ERR_STORE);
SAME(KRAIT_ID_SIZE, (ID_TASK_MAX + 8) / 8 * 8);

const char *krait_error_text(enum krait_error error)
{
    return err_text((enum err)error);
}

const char *krait_version(void)
{
    return conf_version;
}

const char *krait_message(const struct krait *k)
{
    return !k ? "out of memory" : k->message[0] ? k->message : "ok";
}

const char *krait_warning(const struct krait *k)
{
    return k->warning;
}

enum err client_fail(struct krait *k, enum err err, const char *format, ...)
{
    char raw[CLIENT_MESSAGE];
    va_list args;
    va_start(args, format);
    vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    log_escape(k->message, sizeof k->message, slice_text(raw));
    return err;
}

enum err client_send(struct krait *k, const struct msg *m)
{
    enum err err = msg_encode(&k->out, m);
    return err ? client_fail(k, err, "cannot send %s: %s", msg_name(m->kind), err_text(err)) : ERR_OK;
}

// ---------------------------------------------------------------- opening and closing

static const char *from_environment(const char *given, const char *name, const char *fallback)
{
    const char *value = given ? given : getenv(name);
    return value && *value ? value : fallback;
}

static enum err copy_text(struct krait *k, const char *from, char **to)
{
    *to = mem_text(MEM_CLIENT, from, strlen(from));
    return *to ? ERR_OK : client_fail(k, ERR_NOMEM, "out of memory");
}

static enum err set_token(struct krait *k, const char *given)
{
    char *token = NULL, why[300];
    if (given)
        return *given ? copy_text(k, given, &k->token) : ERR_OK;
    if (!conf_token(&token, why, sizeof why))
        return client_fail(k, ERR_USAGE, "%s", why);
    enum err err = token ? copy_text(k, token, &k->token) : ERR_OK;
    mem_text_free(MEM_CONF, token);
    return err;
}

static enum err set_options(struct krait *k, const struct krait_options *o)
{
    char why[300];
    if (!url_parse(from_environment(o->broker, "KRAIT_BROKER", URL_DEFAULT), &k->url, why, sizeof why))
        return client_fail(k, ERR_USAGE, "%s", why);
    if (k->url.kind == URL_TLS)
        return client_fail(k, ERR_USAGE, "kraits:// is not supported by this version of libkrait");
    if (o->deadline_ms < 0)
        return client_fail(k, ERR_USAGE, "deadline_ms is negative");
    k->patient = o->patient;
    k->deadline_ms = o->deadline_ms ? o->deadline_ms : DEADLINE_MS;
    enum err err = set_token(k, o->token);
    return err ? err : copy_text(k, o->client ? o->client : "libkrait", &k->client);
}

struct krait *client_new(const struct krait_options *options, enum err *err)
{
    static const struct krait_options none;
    struct krait *k = mem_zalloc(MEM_CLIENT, 1, sizeof *k);
    *err = ERR_NOMEM;
    if (!k)
        return NULL;
    k->fd = -1;
    k->dial = conn_dial;
    arena_init(&k->arena, ARENA_LIMIT);
    *err = set_options(k, options ? options : &none);
    return k;
}

void krait_close(struct krait *k)
{
    if (!k)
        return;
    if (k->welcome && client_send(k, &(struct msg){ .kind = MSG_GOODBYE }) == ERR_OK)
        (void)conn_step(k, clock_mono());
    conn_close(k);
    buf_free(&k->in);
    buf_free(&k->out);
    arena_free(&k->arena);
    mem_text_free(MEM_CLIENT, k->token);
    mem_text_free(MEM_CLIENT, k->client);
    mem_free(MEM_CLIENT, k, sizeof *k);
}

static enum err connect_done(struct krait *k, struct job *job)
{
    (void)k;
    job->done = true;
    return ERR_OK;
}

enum krait_error krait_connect(struct krait **out, const struct krait_options *options)
{
    enum err err;
    *out = client_new(options, &err);
    if (err)
        return (enum krait_error)err;
    struct job job = { .pump = connect_done, .until = mono_never(), .again = mono_never() };
    return (enum krait_error)job_run(*out, &job);
}

// ---------------------------------------------------------------- the loop

void job_moved(struct krait *k)
{
    k->moved = clock_mono();
}

static struct mono quiet(const struct krait *k)
{
    return mono_after_ms(k->moved, k->deadline_ms);
}

static void disconnect(struct krait *k, struct job *job)
{
    conn_close(k);
    if (job->rewind)
        job->rewind(k, job);
}

// What failed may be mended by another try: no, when nobody listens where nobody ever did.
static bool may_try_again(const struct krait *k, enum err err)
{
    return err == ERR_TIMEOUT || (err == ERR_CONNECT && (!k->nobody || k->met || k->patient));
}

static enum err try_connect(struct krait *k, struct job *job)
{
    struct mono now = clock_mono(), until = mono_earlier(quiet(k), job->until);
    if (!mono_reached(now, k->next_try)) {
        poll(NULL, 0, mono_poll_ms(now, mono_earlier(k->next_try, until)));
        return ERR_OK;
    }
    enum err err = conn_open(k, until);
    k->pause_ms = err ? k->pause_ms * 2 + 20 : 0;
    if (k->pause_ms > PAUSE_MAX)
        k->pause_ms = PAUSE_MAX;
    k->next_try = mono_after_ms(clock_mono(), k->pause_ms);
    if (!err)
        k->message[0] = 0;
    if (!err && job->patient)
        job_moved(k);
    return may_try_again(k, err) ? ERR_OK : err;
}

static enum err take_heartbeat(struct krait *k, const struct msg_heartbeat *beat)
{
    struct msg answer = { .kind = MSG_HEARTBEAT, .heartbeat = { .sent_ms = beat->sent_ms, .reply = true } };
    return beat->reply ? ERR_OK : client_send(k, &answer);
}

// A fatal Error frame: connect again, unless trying again cannot help.
static enum err take_fatal(struct krait *k, const struct msg_error *e)
{
    enum err code = e->code == ERR_DRAINING || e->code == ERR_BEAT || e->code == ERR_SLOW ? ERR_CLOSED : e->code;
    return client_fail(k, code ? code : ERR_INTERNAL, "the broker says: %s%s%.*s", err_text(e->code),
                       e->text.n ? ": " : "", SLICE_ARG(e->text));
}

static enum err take(struct krait *k, struct job *job, const struct msg *m)
{
    if (m->kind == MSG_HEARTBEAT)
        return take_heartbeat(k, &m->heartbeat);
    if (m->kind == MSG_GOODBYE || m->kind == MSG_STOP)
        return client_fail(k, ERR_CLOSED, "the broker said goodbye");
    if (m->kind == MSG_ERROR && m->error.fatal)
        return take_fatal(k, &m->error);
    return job->take ? job->take(k, job, m) : ERR_OK;
}

static enum err take_all(struct krait *k, struct job *job)
{
    for (;;) {
        struct msg m;
        bool got;
        enum err err = conn_next(k, &m, &got);
        if (err || !got)
            return err;
        if (job->patient)
            job_moved(k);
        err = take(k, job, &m);
        if (err || job->done)
            return err;
    }
}

static enum err beat(struct krait *k)
{
    struct msg m = { .kind = MSG_HEARTBEAT, .heartbeat = { .sent_ms = (uint64_t)clock_wall().ms } };
    return mono_reached(clock_mono(), mono_after_ms(k->sent, k->beat_ms)) && buf_len(&k->out) == 0
        ? client_send(k, &m) : ERR_OK;
}

// One turn with a connection.
static enum err turn(struct krait *k, struct job *job)
{
    job->again = mono_never();
    enum err err = job->pump(k, job);
    if (err || job->done)
        return err;
    err = beat(k);
    struct mono until = mono_earlier(mono_earlier(quiet(k), job->until),
                                     mono_earlier(job->again, mono_after_ms(k->sent, k->beat_ms)));
    if (!err)
        err = conn_step(k, until);
    enum err taken = buf_len(&k->in) ? take_all(k, job) : ERR_OK;
    return taken ? taken : job->done ? ERR_OK : err;
}

static enum err give_up(struct krait *k)
{
    if (k->welcome)
        return client_fail(k, ERR_TIMEOUT, "the broker did not answer within %lld ms", (long long)k->deadline_ms);
    char last[CLIENT_MESSAGE];
    snprintf(last, sizeof last, "%s", k->message[0] ? k->message : "no broker answers");
    return client_fail(k, ERR_CONNECT, "%s (tried for %lld ms)", last, (long long)k->deadline_ms);
}

static enum err run(struct krait *k, struct job *job)
{
    while (!job->done) {
        struct mono now = clock_mono();
        if (mono_reached(now, job->until))
            return job->expired(k, job);
        if (mono_reached(now, quiet(k)))
            return give_up(k);
        enum err err = k->welcome ? turn(k, job) : try_connect(k, job);
        if (err == ERR_CLOSED)
            disconnect(k, job);
        else if (err)
            return err;
    }
    return ERR_OK;
}

enum err job_run(struct krait *k, struct job *job)
{
    k->message[0] = 0;
    k->next_try = k->moved = clock_mono();
    k->pause_ms = 0;
    enum err err = run(k, job);
    if (err && !k->message[0])
        client_fail(k, err, "%s", err_text(err));
    if (err || !buf_ok(&k->out) || !buf_ok(&k->in))   // answers to what is still in flight must not meet the next call
        conn_close(k);
    return err;
}
