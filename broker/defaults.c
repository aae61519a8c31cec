// SPDX-License-Identifier: Apache-2.0
// What decorators say of their tasks, for those who send them by name alone: workers tell it in their Hello, every broker of the namespace
// keeps it, an enqueue is filled up with it. Which names are known at all is part.c's.
//
// kr:{NS/queues}:options is a hash NAME -> MOMENT(6) TASK, where TASK is a serialized Task of name, queue and options. Whoever changes it
// publishes `oNS`; then every broker reads it again, as it does after each connect. The last word on a name wins. Whoever has a
// worker that knows the name renews the moment every 20 s; older than 24 hours it holds no more.

#include "broker/op.h"

#include <stdio.h>

#include "sdk/base/mem.h"

#define LIFE_MS 86400000
#define LIFE_TEXT "86400000"
#define STAMP 6

struct defaults {
    struct arena arena;      // what `said` needs beside `bytes`
    struct msg_task said;    // name, queue, options
    size_t n;
    uint8_t bytes[];
};

static void key_of(const struct space *sp, char *key, size_t size)
{
    snprintf(key, size, "kr:{%s/queues}:options", sp->name);
}

void defaults_free(struct defaults *d)
{
    if (!d)
        return;
    arena_free(&d->arena);
    mem_free(MEM_STORE, d, sizeof *d + d->n);
}

// NULL: out of memory, or no Task.
static struct defaults *make(struct slice bytes)
{
    struct defaults *d = mem_alloc(MEM_STORE, sizeof *d + bytes.n);
    if (!d)
        return NULL;
    *d = (struct defaults){ .n = bytes.n };
    memcpy(d->bytes, bytes.p, bytes.n);
    arena_init(&d->arena, 1u << 20);
    if (task_decode(&d->arena, slice_of(d->bytes, d->n), &d->said) == ERR_OK)
        return d;
    defaults_free(d);
    return NULL;
}

static bool same(const struct defaults *d, struct slice bytes)
{
    return d ? slice_eq(slice_of(d->bytes, d->n), bytes) : !bytes.n;
}

// Nothing for empty bytes.
static void set(struct task_name *t, struct slice bytes)
{
    defaults_free(t->defaults);
    t->defaults = bytes.n ? make(bytes) : NULL;
}

// ---- telling

static void tell(struct space *sp, const struct task_name *t)
{
    struct buf value = { 0 };
    char key[ID_NAME_MAX + 32];
    uint8_t stamp[STAMP];
    key_of(sp, key, sizeof key);
    if (!t->defaults) {
        store_tell(sp->store, 3, (const struct slice[]){ slice_text("HDEL"), slice_text(key), slice_text(t->text) });
        return;
    }
    record_put(stamp, (uint64_t)clock_wall().ms, STAMP);
    buf_put(&value, stamp, STAMP);
    if (buf_put(&value, t->defaults->bytes, t->defaults->n))
        store_tell(sp->store, 4, (const struct slice[]){ slice_text("HSET"), slice_text(key), slice_text(t->text), buf_slice(&value) });
    buf_free(&value);
}

// What a Hello says of one name; empty when its decorator said nothing.
static bool put_said(struct buf *out, const struct msg_task_name *said)
{
    struct msg_task task = { .name = said->name }, blank = task;
    struct buf plain = { 0 };
    task.queue = said->queue;
    task.options = said->options;
    bool ok = task_encode(out, &task) == ERR_OK && task_encode(&plain, &blank) == ERR_OK;
    if (ok && slice_eq(buf_slice(out), buf_slice(&plain)))
        buf_reset(out, SIZE_MAX);
    buf_free(&plain);
    return ok;
}

void defaults_learn(struct space *sp, struct task_name *t, const struct msg_task_name *said)
{
    struct buf bytes = { 0 };
    if (put_said(&bytes, said) && !same(t->defaults, buf_slice(&bytes))) {
        set(t, buf_slice(&bytes));
        tell(sp, t);
        sp->defaults_news = true;
        sp->defaults_again |= sp->defaults_loading; // what is on its way was read before this
    }
    buf_free(&bytes);
}

void defaults_renew(struct space *sp, struct session *s)
{
    char key[ID_NAME_MAX + 32], news[ID_NAME_MAX + 2];
    size_t at = 0, n = 0;
    if (!store_is_ready(sp->store))
        return;
    for (struct map_slot *slot; (slot = map_walk(&s->names, &at));) {
        const struct task_name *t = slot->value;
        if (t->defaults) {
            tell(sp, t);
            n++;
        }
    }
    key_of(sp, key, sizeof key);
    snprintf(news, sizeof news, "o%s", sp->name);
    if (n)
        store_tell(sp->store, 3, (const struct slice[]){ slice_text("PEXPIRE"), slice_text(key), slice_text(LIFE_TEXT) });
    if (sp->defaults_news)
        store_tell(sp->store, 3, (const struct slice[]){ slice_text("PUBLISH"), slice_text("kr:all"), slice_text(news) });
    sp->defaults_news = false;
}

// ---- reading

// Those of whom Redis says nothing any more are forgotten, what only we know is told again.
static void forget_others(struct space *sp, const struct map *seen)
{
    size_t at = 0;
    for (struct map_slot *slot; (slot = map_walk(&sp->names, &at));) {
        struct task_name *t = slot->value;
        if (!t->defaults || map_get(seen, slice_text(t->text)))
            continue;
        if (t->local) {
            tell(sp, t);
            sp->defaults_news = true;
        } else {
            set(t, slice_of(NULL, 0));
        }
    }
}

static void take(struct space *sp, const struct reply *r, struct map *seen)
{
    int64_t now = clock_wall().ms;
    for (size_t i = 0; i + 1 < r->n; i += 2) {
        struct slice name = r->items[i].text, value = r->items[i + 1].text;
        bool old = value.n < STAMP || (int64_t)record_get(value.p, STAMP) + LIFE_MS < now;
        struct task_name *t = old ? NULL : store_name(sp, name);
        if (!t)
            continue;
        if (!same(t->defaults, slice_from(value, STAMP)))
            set(t, slice_from(value, STAMP));
        if (!map_put(seen, slice_text(t->text), t))
            return;
    }
    forget_others(sp, seen);
}

// Those whose Hello came before we knew.
static void welcome_all(struct space *sp)
{
    struct list *all = &sp->store->broker->conns.in[CONN_HELLO];
    for (struct link *x = list_first(all), *next; x; x = next) {
        struct conn *c = LIST_ITEM(x, struct conn, link);
        next = list_next(all, x);
        if (!c->waiting || c->role == ROLE_WORKER || c->space != sp)
            continue;
        welcome(c, NULL, false, NULL);
        conn_go_on(c);
    }
}

static void loaded(struct redis_cmd *cmd, const struct reply *r)
{
    struct space *sp = LIST_ITEM(cmd, struct space, defaults_cmd);
    struct map seen = { 0 };
    bool again = sp->defaults_again;
    sp->defaults_loading = sp->defaults_again = false;
    if (again)
        defaults_load(sp);
    if (sp->defaults_loading) // something was said since this was read: what was taken back there must not come to life again
        return;
    if (!again && r && r->kind == REPLY_ARRAY)
        take(sp, r, &seen);
    map_free(&seen);
    sp->defaults_known = true;
    welcome_all(sp);
}

void defaults_load(struct space *sp)
{
    char key[ID_NAME_MAX + 32];
    if (sp->defaults_loading) {
        sp->defaults_again = true;
        return;
    }
    key_of(sp, key, sizeof key);
    sp->defaults_cmd.done = loaded;
    sp->defaults_loading = store_send(sp->store, &sp->defaults_cmd, 2, (const struct slice[]){ slice_text("HGETALL"), slice_text(key) });
}

void defaults_load_all(struct store *s)
{
    size_t at = 0;
    for (struct map_slot *slot; (slot = map_walk(&s->spaces, &at));)
        defaults_load(slot->value);
}

// ---- filling up

static bool fill_number(uint64_t *own, uint64_t said)
{
    if (*own || !said)
        return false;
    *own = said;
    return true;
}

static bool fill_text(struct slice *own, struct slice said)
{
    if (own->n || !said.n)
        return false;
    *own = said;
    return true;
}

static bool fill_flagged(struct msg_options *own, const struct msg_options *said)
{
    bool any = false;
    if (!own->has_priority && said->has_priority) {
        own->priority = said->priority;
        any = own->has_priority = true;
    }
    if (!own->has_retry && said->has_retry) {
        own->retry = said->retry;
        any = own->has_retry = true;
    }
    if (!own->has_result_ttl && said->has_result_ttl) {
        own->result_ttl_ms = said->result_ttl_ms;
        any = own->has_result_ttl = true;
    }
    if (!own->max_deliveries && said->max_deliveries) {
        own->max_deliveries = said->max_deliveries;
        any = true;
    }
    return any;
}

// Options that belong together come together. Returns whether anything was added.
static bool fill(struct msg_options *own, const struct msg_options *said)
{
    bool any = fill_flagged(own, said);
    if (!own->eta_ms && !own->delay_ms && fill_number(&own->delay_ms, said->delay_ms))
        any = true;
    any |= fill_number(&own->expires_ms, said->expires_ms);
    any |= fill_number(&own->soft_limit_ms, said->soft_limit_ms);
    any |= fill_number(&own->hard_limit_ms, said->hard_limit_ms);
    any |= fill_number(&own->memory_limit, said->memory_limit);
    any |= fill_number(&own->dedupe_ms, said->dedupe_ms);
    any |= fill_text(&own->group, said->group);
    if (!own->rate_key.n && fill_number(&own->rate_us, said->rate_us))
        any = true;
    any |= fill_text(&own->rate_key, said->rate_key);
    if (fill_text(&own->unique_key, said->unique_key)) {
        own->unique_ttl_ms = said->unique_ttl_ms;
        own->conflict = said->conflict;
        any = true;
    }
    return any;
}

enum err defaults_apply(struct request *r, const struct task_name *t, struct msg_task *task, struct slice *body)
{
    const struct msg_task *said = &t->defaults->said;
    // Parts were pushed under an id, so their queue is fixed.
    bool any = !task->parts && fill_text(&task->queue, said->queue);
    if (!fill(&task->options, &said->options) && !any)
        return ERR_OK;
    struct buf out = { 0 };
    enum err err = task_encode(&out, task);
    if (err == ERR_OK) {
        *body = arena_slice(&r->arena, buf_slice(&out));
        err = body->p ? ERR_OK : ERR_NOMEM;
    }
    buf_free(&out);
    return err;
}
