// SPDX-License-Identifier: Apache-2.0
// Queues: pause, resume, purge, forget, settings, events. Looking at all of them is look.c's.

#include <stdio.h>

#include "sdk/base/mem.h"
#include "sdk/client/client.h"

#define EVENTS 256

static enum err check_queue(struct krait *k, const char *queue)
{
    return queue && id_name_ok(slice_text(queue)) ? ERR_OK
        : client_fail(k, ERR_NAME, "the queue's name '%.80s' is not [A-Za-z0-9_.-]{1,64}", queue ? queue : "");
}

// ---------------------------------------------------------------- verbs

static enum err read_changed(struct krait *k, const struct msg *m, void *out)
{
    (void)k;
    *(uint64_t *)out = m->changed.n;
    return ERR_OK;
}

static enum err ask_do(struct krait *k, struct msg_queues_do *ask, uint64_t *n)
{
    uint64_t ignored;
    struct question q = { .ask = { .kind = MSG_QUEUES_DO, .queues_do = *ask }, .answer = MSG_CHANGED, .read = read_changed,
                          .out = n ? n : &ignored };
    q.seq = &q.ask.queues_do.seq;
    return (enum err)question_ask(k, &q);
}

static enum krait_error do_all(struct krait *k, enum queue_verb verb, const char *const *queues, size_t n)
{
    enum err err = ERR_OK;
    for (size_t i = 0; !err && i < n; i++)
        err = check_queue(k, queues[i]);
    for (size_t i = 0; !err && i < n; i++) {
        struct slice name = slice_text(queues[i]);
        err = ask_do(k, &(struct msg_queues_do){ .verb = verb, .queues = &name, .n = 1 }, NULL);
    }
    return (enum krait_error)err;
}

enum krait_error krait_pause(struct krait *k, const char *const *queues, size_t n)
{
    return do_all(k, QUEUE_PAUSE, queues, n);
}

enum krait_error krait_resume(struct krait *k, const char *const *queues, size_t n)
{
    return do_all(k, QUEUE_RESUME, queues, n);
}

enum krait_error krait_forget(struct krait *k, const char *queue)
{
    return do_all(k, QUEUE_FORGET, &queue, 1);
}

enum krait_error krait_purge(struct krait *k, const char *queue, unsigned what, uint64_t *n)
{
    static const struct {
        unsigned bit;
        enum task_state state;
    } rows[] = { { KRAIT_PURGE_QUEUED, STATE_QUEUED }, { KRAIT_PURGE_DELAYED, STATE_DELAYED }, { KRAIT_PURGE_DEAD, STATE_DEAD } };
    enum task_state states[3];
    struct slice name = slice_text(queue);
    struct msg_queues_do ask = { .verb = QUEUE_PURGE, .queues = &name, .n = 1, .states = states };
    enum err err = check_queue(k, queue);
    for (size_t i = 0; i < 3; i++)
        if (what & rows[i].bit)
            states[ask.n_states++] = rows[i].state;
    return (enum krait_error)(err ? err : ask_do(k, &ask, n));
}

// ---------------------------------------------------------------- settings

struct to_setting {
    krait_on_setting *on_setting;
    void *context;
};

static const char *text_in(struct arena *a, struct slice s)
{
    const char *text = s.n ? arena_text(a, s) : "";
    return text ? text : "";
}

static enum err read_settings(struct krait *k, const struct msg *m, void *out)
{
    const struct to_setting *to = out;
    for (size_t i = 0; i < m->settings_reply.n; i++) {
        const struct msg_setting *s = &m->settings_reply.settings[i];
        to->on_setting(to->context, &(struct krait_setting){ text_in(&k->arena, s->name), text_in(&k->arena, s->value),
                                                             s->is_default, text_in(&k->arena, s->help) });
    }
    return ERR_OK;
}

enum krait_error krait_settings(struct krait *k, const char *queue, krait_on_setting *on_setting, void *context)
{
    struct to_setting to = { on_setting, context };
    struct question q = { .ask = { .kind = MSG_SETTINGS_ASK, .settings_ask = { .queue = slice_text(queue) } },
                          .answer = MSG_SETTINGS_REPLY, .read = read_settings, .out = &to };
    q.seq = &q.ask.settings_ask.seq;
    enum err err = check_queue(k, queue);
    return err ? (enum krait_error)err : question_ask(k, &q);
}

enum krait_error krait_settings_set(struct krait *k, const char *queue, const struct krait_setting *settings, size_t n)
{
    uint64_t changed;
    enum err err = check_queue(k, queue);
    struct msg_setting *all = mem_zalloc(MEM_CLIENT, n ? n : 1, sizeof *all);
    struct question q = { .ask = { .kind = MSG_SETTINGS_SET, .settings_set = { .queue = slice_text(queue), .settings = all, .n = n } },
                          .answer = MSG_CHANGED, .read = read_changed, .out = &changed };
    q.seq = &q.ask.settings_set.seq;
    for (size_t i = 0; all && i < n; i++) {
        all[i].name = slice_text(settings[i].name);
        all[i].value = slice_text(settings[i].value);
    }
    err = err ? err : all ? (enum err)question_ask(k, &q) : client_fail(k, ERR_NOMEM, "out of memory");
    mem_free(MEM_CLIENT, all, (n ? n : 1) * sizeof *all);
    return (enum krait_error)err;
}

// ---------------------------------------------------------------- events

struct to_event {
    krait_on_event *on_event;
    void *context;
    char *after;
};

static enum err read_events(struct krait *k, const struct msg *m, void *out)
{
    const struct to_event *to = out;
    for (size_t i = 0; i < m->events.n; i++) {
        const struct msg_event *e = &m->events.events[i];
        to->on_event(to->context, &(struct krait_event){ text_in(&k->arena, e->id), happening_name(e->what), reason_name(e->reason),
                                                         text_in(&k->arena, e->who), e->attempt, (int64_t)e->at_ms });
    }
    if (m->events.next.n)
        snprintf(to->after, KRAIT_ID_SIZE, "%.*s", SLICE_ARG(m->events.next));
    return ERR_OK;
}

enum krait_error krait_events(struct krait *k, const char *queue, char *after, int64_t wait_ms, krait_on_event *on_event,
                              void *context)
{
    struct to_event to = { on_event, context, after };
    int64_t most = k->deadline_ms / 2;        // the answer comes before the call gives up
    struct question q = { .ask = { .kind = MSG_EVENTS_ASK, .events_ask = { .queue = slice_text(queue), .after = slice_text(after),
                                   .limit = EVENTS, .wait_ms = (uint64_t)(wait_ms < 0 ? 0 : wait_ms < most ? wait_ms : most) } },
                          .answer = MSG_EVENTS, .read = read_events, .out = &to };
    q.seq = &q.ask.events_ask.seq;
    enum err err = check_queue(k, queue);
    return err ? (enum krait_error)err : question_ask(k, &q);
}
