// SPDX-License-Identifier: Apache-2.0
// The two links to Redis: greeting, the function library, wake-ups and news, what happens when Redis goes and comes.
// Batches are batch.c's, partitions part.c's.

#include "broker/broker.h"

#include <stdio.h>

#include "broker/op.h"
#include "sdk/base/mem.h"

#define SAFETY_MS 1000
#define REWAIT_MS 5000

extern const unsigned char broker_functions[];
extern const size_t broker_functions_len;

// ---- single commands

struct told {
    struct redis_cmd cmd;
    struct store *store;
};

static void told_done(struct redis_cmd *c, const struct reply *r)
{
    struct told *t = LIST_ITEM(c, struct told, cmd);
    if (r && r->kind == REPLY_ERROR)
        log_write(&t->store->broker->log, LOG_WARN, "redis refused a command", LOG_FIELDS(log_str("why", r->text)));
    mem_free(MEM_STORE, t, sizeof *t);
}

bool store_send(struct store *s, struct redis_cmd *c, size_t n, const struct slice *words)
{
    if (!store_is_ready(s))
        return false;
    link_send(&s->main, c, n, words);
    return true;
}

void store_tell(struct store *s, size_t n, const struct slice *words)
{
    struct told *t = store_is_ready(s) ? mem_zalloc(MEM_STORE, 1, sizeof *t) : NULL;
    if (!t)
        return;
    t->cmd.done = told_done;
    t->store = s;
    link_send(&s->main, &t->cmd, n, words);
}

// ---- greeting of the main link: one step an answer

enum greet { GREET_AUTH, GREET_SELECT, GREET_POLICY, GREET_LIBRARY, GREET_LOAD, GREET_SECRET_SET, GREET_SECRET_GET,
             GREET_END };

static void greet(struct store *s);

static struct slice library(void)
{
    return slice_of(broker_functions, broker_functions_len);
}

static bool has_library(const struct reply *r)
{
    if (r->kind != REPLY_ARRAY || r->n != 1 || r->items[0].kind != REPLY_ARRAY)
        return false;
    const struct reply *l = &r->items[0];
    for (size_t i = 0; i + 1 < l->n; i += 2)
        if (slice_is(l->items[i].text, "library_code"))
            return slice_eq(l->items[i + 1].text, library());
    return false;
}

// CONFIG GET answers NAME VALUE pairs; a managed Redis may forbid it, then nothing is said.
static const char *check_config(struct store *s, const struct reply *r)
{
    struct log *log = &s->broker->log;
    for (size_t i = 0; r->kind == REPLY_ARRAY && i + 1 < r->n; i += 2) {
        struct slice name = r->items[i].text, value = r->items[i + 1].text;
        if (slice_is(name, "maxmemory-policy") && !slice_is(value, "noeviction"))
            return "redis may throw tasks away: set its maxmemory-policy to noeviction";
        if (slice_is(name, "appendfsync") && !slice_is(value, "always") && s->broker->set.durable == DURABILITY_ALWAYS)
            return "--durability always: its appendfsync is another; set it to always, or leave the flag out";
        if (slice_is(name, "appendonly") && !slice_is(value, "yes") && s->broker->set.durable == DURABILITY_ALWAYS)
            return "--durability always: it keeps no append-only file; set its appendonly to yes";
        if (slice_is(name, "appendonly") && !slice_is(value, "yes") && !s->broker->child.dir[0])
            log_write(log, LOG_WARN, "redis keeps no append-only file: tasks are lost when it ends", LOG_NONE);
    }
    return NULL;
}

// What no patience mends ends a broker that is just starting; later it is tried again like any other loss.
static void refuse(struct store *s, const char *why)
{
    log_write(&s->broker->log, LOG_ERROR, "redis is not usable", LOG_FIELDS(log_text("why", why)));
    link_break(&s->main, why);
    if (!s->broker->ready)
        broker_fail(s->broker, why);
}

static void greet_done(struct redis_cmd *c, const struct reply *r)
{
    struct store *s = LIST_ITEM(c, struct store, greet);
    if (!r)
        return;
    bool refused = r->kind == REPLY_ERROR;
    const char *wrong = reply_is_error(r, "ERR unknown command") ? "it is older than Redis 7" : NULL;
    switch ((enum greet)s->greet_step) {
    case GREET_POLICY:
        refused = false;
        wrong = check_config(s, r);
        break;
    case GREET_LIBRARY:
        if (!refused && has_library(r))
            s->greet_step = GREET_LOAD;   // which is then skipped
        break;
    case GREET_SECRET_GET:
        refused = r->kind != REPLY_STRING || !id_unhex(r->text, s->broker->secret, sizeof s->broker->secret);
        break;
    case GREET_AUTH: case GREET_SELECT: case GREET_LOAD: case GREET_SECRET_SET: case GREET_END:
        break;
    }
    if (wrong) {
        refuse(s, wrong);
        return;
    }
    if (refused) {
        log_write(&s->broker->log, LOG_WARN, "redis refused the greeting",
                  LOG_FIELDS(log_int("step", s->greet_step), log_str("why", r->text)));
        link_break(&s->main, "greeting refused");
        return;
    }
    s->greet_step++;
    greet(s);
}

static void say(struct store *s, size_t n, const struct slice *words)
{
    s->greet.done = greet_done;
    link_send(&s->main, &s->greet, n, words);
}

static void say_secret(struct store *s)
{
    uint8_t random[32];
    char hex[65];
    if (!id_random_bytes(random, sizeof random)) {
        link_break(&s->main, "no randomness");
        return;
    }
    id_hex(random, sizeof random, hex);
    say(s, 3, (const struct slice[]){ slice_text("SETNX"), slice_text("kr:secret"), slice_text(hex) });
}

static void greet(struct store *s)
{
    const struct redis_target *t = s->main.target;
    char db[16];
    if (s->greet_step == GREET_AUTH && !t->password)
        s->greet_step++;
    if (s->greet_step == GREET_SELECT && !t->db)
        s->greet_step++;
    switch ((enum greet)s->greet_step) {
    case GREET_AUTH:
        say(s, 2, (const struct slice[]){ slice_text("AUTH"), slice_text(t->password) });
        break;
    case GREET_SELECT:
        snprintf(db, sizeof db, "%d", t->db);
        say(s, 2, (const struct slice[]){ slice_text("SELECT"), slice_text(db) });
        break;
    case GREET_POLICY:
        say(s, 5, (const struct slice[]){ slice_text("CONFIG"), slice_text("GET"), slice_text("maxmemory-policy"),
                                          slice_text("appendonly"), slice_text("appendfsync") });
        break;
    case GREET_LIBRARY:
        say(s, 5, (const struct slice[]){ slice_text("FUNCTION"), slice_text("LIST"), slice_text("LIBRARYNAME"),
                                          slice_text("krait_v2"), slice_text("WITHCODE") });
        break;
    case GREET_LOAD:
        say(s, 4, (const struct slice[]){ slice_text("FUNCTION"), slice_text("LOAD"), slice_text("REPLACE"),
                                          library() });
        break;
    case GREET_SECRET_SET:
        say_secret(s);
        break;
    case GREET_SECRET_GET:
        say(s, 2, (const struct slice[]){ slice_text("GET"), slice_text("kr:secret") });
        break;
    case GREET_END:
        link_greeted(&s->main);
        break;
    }
}

static void on_main_greet(struct redis_link *l)
{
    struct store *s = l->owner;
    s->greet_step = GREET_AUTH;
    greet(s);
}

// ---- greeting of the pub/sub link

struct subscribing {
    struct redis_cmd cmd;
    struct redis_link *link;
    enum { NEWS_AUTH, NEWS_OWN, NEWS_ALL } step;
};

static void subscribe(struct subscribing *g);

static void subscribed(struct redis_cmd *c, const struct reply *r)
{
    struct subscribing *g = LIST_ITEM(c, struct subscribing, cmd);
    if (!r || r->kind == REPLY_ERROR) {
        if (r)
            link_break(g->link, "greeting refused");
    } else if (g->step != NEWS_ALL) {
        g->step++;
        subscribe(g);
        return;
    } else {
        link_greeted(g->link);
    }
    mem_free(MEM_STORE, g, sizeof *g);
}

static void subscribe(struct subscribing *g)
{
    struct store *s = g->link->owner;
    char channel[BROKER_ID + 16];
    if (g->step == NEWS_AUTH && g->link->target->password) {
        link_send(g->link, &g->cmd, 2,
                  (const struct slice[]){ slice_text("AUTH"), slice_text(g->link->target->password) });
        return;
    }
    if (g->step == NEWS_AUTH)
        g->step = NEWS_OWN;
    snprintf(channel, sizeof channel, g->step == NEWS_OWN ? "kr:b:%s" : "kr:all", s->broker->id);
    link_send(g->link, &g->cmd, 2, (const struct slice[]){ slice_text("SUBSCRIBE"), slice_text(channel) });
}

static void on_news_greet(struct redis_link *l)
{
    struct subscribing *g = mem_zalloc(MEM_STORE, 1, sizeof *g);
    if (!g) {
        link_break(l, "out of memory");
        return;
    }
    g->link = l;
    g->cmd.done = subscribed;
    subscribe(g);
}

// ---- what other brokers tell

// kr:{NS/QUEUE/PART} -> the partition, if we know it.
static struct part *part_of_prefix(struct store *s, struct slice prefix)
{
    if (prefix.n < 6 || memcmp(prefix.p, "kr:{", 4) != 0)
        return NULL;
    struct slice rest = slice_from(prefix, 4);
    const uint8_t *first = memchr(rest.p, '/', rest.n);
    if (!first)
        return NULL;
    struct slice ns = slice_of(rest.p, (size_t)(first - rest.p)), name = slice_from(rest, ns.n + 1);
    const uint8_t *second = memchr(name.p, '/', name.n);
    struct space *sp = map_get(&s->spaces, ns);
    if (!second || !sp)
        return NULL;
    struct queue *q = map_get(&sp->queues, slice_of(name.p, (size_t)(second - name.p)));
    return q ? q->part : NULL;
}

static uint32_t room_in(const struct part *p)
{
    uint32_t room = 0;
    for (struct link *x = list_first(&p->subs); x; x = list_next(&p->subs, x))
        room += session_room(LIST_ITEM(x, struct sub, on_part)->session);
    return room;
}

static void on_wake(struct store *s, struct slice prefix)
{
    struct part *p = part_of_prefix(s, prefix);
    if (!p)
        return;
    p->woken = true;
    part_ready(p);
    if (room_in(p))
        return;
    struct batch *b = part_batch(p, BATCH_WAKE);   // we have no room: pass it on
    if (b)
        batch_add(b, 0, NULL, 0);
}

static void on_ended(struct store *s, struct slice m)
{
    if (m.n < 2)
        return;
    size_t n = record_get(m.p, 2);
    m = slice_from(m, 2);
    if (m.n < n)
        return;
    struct part *p = part_of_prefix(s, slice_of(m.p, n));
    for (m = slice_from(m, n); p && m.n >= 6;) {
        size_t key_n = record_get(m.p, 2);
        if (m.n < 6 + key_n)
            return;
        struct slice key = slice_of(m.p + 2, key_n);
        size_t size = record_get(m.p + 2 + key_n, 4);
        m = slice_from(m, 6 + key_n);
        struct record record;
        if (m.n < size)
            return;
        if (record_read(slice_of(m.p, size), &record)) {
            struct msg_task_result item = { 0 };
            record_result(&record, &item);
            result_news(p, key, &item);
        }
        m = slice_from(m, size);
    }
    result_flush(s->broker);
}

// c NS/SID(16) attempt(4) ID: stop this one, its session is yours.
static void on_stop(struct store *s, struct slice m)
{
    if (m.n > RECORD_SID + 4)
        worker_stop(s->broker, (const char *)m.p, slice_from(m, RECORD_SID + 4),
                    (uint32_t)record_get(m.p + RECORD_SID, 4));
}

static void on_push(struct redis_link *l, const struct reply *r)
{
    struct store *s = l->owner;
    struct slice m = r->items[2].text;
    if (!m.n)
        return;
    struct slice rest = slice_from(m, 1);
    if (m.p[0] == 'w')
        on_wake(s, rest);
    else if (m.p[0] == 'r')
        on_ended(s, rest);
    else if (m.p[0] == 'c')
        on_stop(s, rest);
    else if (m.p[0] == 'e' && part_of_prefix(s, rest))
        events_happened(part_of_prefix(s, rest));
    else if (m.p[0] == 's' && part_of_prefix(s, rest))
        store_learn_weight(part_of_prefix(s, rest)->queue);
    else if (m.p[0] == 'o' && map_get(&s->spaces, rest))
        defaults_load(map_get(&s->spaces, rest));
}

// ---- coming and going

// Whatever happened while we did not listen: look everywhere, ask again for everything.
static void catch_up(struct store *s)
{
    if (!link_is_ready(&s->main) || !link_is_ready(&s->news))
        return;
    for (struct link *x = list_first(&s->parts); x; x = list_next(&s->parts, x)) {
        struct part *p = LIST_ITEM(x, struct part, all);
        p->hungry = false;
        part_dirty(p);
    }
    sessions_reconcile(&s->broker->sessions);
    result_expect_nothing(s, false);
    result_ask_again(s, true);
    store_list_spaces(s);
    defaults_load_all(s);
    broker_ready(s->broker);
}

static void on_ready(struct redis_link *l)
{
    struct store *s = l->owner;
    if (l == &s->main)
        away_came(&s->away, l->loop->now);
    catch_up(s);
}

static void on_main_down(struct redis_link *l)
{
    struct store *s = l->owner;
    away_went(&s->away, l->loop->now);
    for (struct link *x = list_first(&s->parts); x; x = list_next(&s->parts, x))
        part_abandon(LIST_ITEM(x, struct part, all));
    result_flush(s->broker);
}

static void on_refused(struct redis_link *l)
{
    struct store *s = l->owner;
    if (s->broker->child.dir[0] && child_check(&s->broker->child)) {
        link_hurry(&s->main);
        link_hurry(&s->news);
    }
}

int64_t store_patience(const struct store *s)
{
    return away_patience(&s->away, s->broker->loop.now, s->broker->set.ttl_ms);
}

// ---- alarms

static bool somebody_has_room(struct store *s)
{
    struct sessions *ss = &s->broker->sessions;
    for (struct link *x = list_first(&ss->all); x; x = list_next(&ss->all, x))
        if (session_room(LIST_ITEM(x, struct session, all)))
            return true;
    return false;
}

// One idle partition a second, in rotation: a wake-up that got lost costs a second, not for ever.
static void safety(struct alarm *a)
{
    struct store *s = LIST_ITEM(a, struct store, safety);
    if (!somebody_has_room(s))
        return;
    alarm_in(&s->broker->loop, a, SAFETY_MS);
    struct link *x = s->safety_at;
    for (size_t i = 0; i < s->parts.n && i < 4096; i++) {
        x = x ? list_next(&s->parts, x) : NULL;
        if (!x)
            x = list_first(&s->parts);
        struct part *p = LIST_ITEM(x, struct part, all);
        if (!p->rounds && room_in(p)) {
            p->look = true;
            part_dirty(p);
            break;
        }
    }
    s->safety_at = x;
}

void store_watch(struct store *s)
{
    if (!alarm_is_set(&s->safety))
        alarm_in(&s->broker->loop, &s->safety, SAFETY_MS);
}

static void rewait(struct alarm *a)
{
    struct store *s = LIST_ITEM(a, struct store, rewait);
    result_ask_again(s, false);
}

void store_watch_waiters(struct store *s)
{
    if (!alarm_is_set(&s->rewait))
        alarm_in(&s->broker->loop, &s->rewait, REWAIT_MS);
}

// ---- opening

static void set_link(struct store *s, struct redis_link *l, const char *name)
{
    *l = (struct redis_link){
        .name = name, .loop = &s->broker->loop, .log = &s->broker->log, .target = &s->broker->target,
        .on_ready = on_ready, .on_refused = on_refused, .owner = s,
    };
}

bool store_open(struct store *s, struct broker *b)
{
    *s = (struct store){ .broker = b };
    list_init(&s->parts);
    list_init(&s->dirty);
    list_init(&s->expected);
    list_init(&s->spare_expected);
    alarm_init(&s->safety, safety);
    alarm_init(&s->rewait, rewait);
    set_link(s, &s->main, "main");
    s->main.on_greet = on_main_greet;
    s->main.on_down = on_main_down;
    set_link(s, &s->news, "news");
    s->news.on_greet = on_news_greet;
    s->news.on_push = on_push;
    link_open(&s->main);
    link_open(&s->news);
    return true;
}

void store_close(struct store *s)
{
    link_shut(&s->main);
    link_shut(&s->news);
    result_expect_nothing(s, true);
    store_free_spaces(s);
}
