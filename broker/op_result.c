// SPDX-License-Identifier: Apache-2.0
// Wait: look at the tasks, stay registered for those that have not ended, answer each id exactly once.
//
// Who waits for the same key is chained behind one entry of the partition's map; Redis knows only that this broker
// waits. News come from three sides: the ack that passed through this broker, the pub/sub channel, and asking again, since
// pub/sub may lose. A request goes when every id was answered and no batch points to it.

#include "broker/op.h"

#include "sdk/base/mem.h"

#define REASK_MS 5000
#define RESULT_BYTES (1u << 20)     // of outcomes in one frame
#define WAITS_MAX 65536             // requests of one connection

// ---- the chains

static bool chain_in(struct waiting *w)
{
    struct map *m = &w->part->waiting;
    struct waiting *first = map_get(m, w->key);
    if (!first)
        return map_put(m, w->key, w);
    w->next = first->next;
    first->next = w;
    return true;
}

static void chain_out(struct waiting *w)
{
    struct map *m = &w->part->waiting;
    struct waiting *first = map_get(m, w->key);
    if (first == w) {
        map_remove(m, w->key);
        // The key's bytes are the entry's own: the next one brings his.
        if (w->next && !map_put(m, w->next->key, w->next))
            w->next = NULL;     // out of memory: their deadlines answer them
        return;
    }
    while (first && first->next != w)
        first = first->next;
    if (first)
        first->next = w->next;
}

// ---- expectations
//
// A client that waits for results will wait for the next ones, too: its tasks are enqueued with this broker put down as
// waiting. Their Wait then needs no word to Redis: the news come by themselves. What is expected is kept in a bounded
// list; for what falls out of it, Wait asks as ever.

#define EXPECT_MAX 65536

struct expected {
    struct link age;               // on store.expected; or, at rest, the next of store.spare_expected
    struct part *part;             // backlink
    uint8_t n;
    uint8_t key[ID_KEY_MAX];
};

static void unexpect(struct store *s, struct expected *e)
{
    map_remove(&e->part->expected, slice_of(e->key, e->n));
    list_remove(&s->expected, &e->age);
    list_append(&s->spare_expected, &e->age);
}

void result_expect(struct part *p, struct slice key)
{
    struct store *s = p->queue->space->store;
    if (s->expected.n >= EXPECT_MAX)
        unexpect(s, LIST_ITEM(list_first(&s->expected), struct expected, age));
    struct link *x = list_pop(&s->spare_expected);
    struct expected *e = x ? LIST_ITEM(x, struct expected, age) : mem_alloc(MEM_TASK, sizeof *e);
    if (!e)
        return;
    link_init(&e->age);
    e->part = p;
    e->n = (uint8_t)key.n;
    memcpy(e->key, key.p, key.n);
    if (!map_get(&p->expected, key) && map_put(&p->expected, slice_of(e->key, e->n), e))
        list_append(&s->expected, &e->age);
    else
        list_append(&s->spare_expected, &e->age);
}

static bool is_expected(struct part *p, struct slice key, bool forget)
{
    struct expected *e = p->expected.n ? map_get(&p->expected, key) : NULL;
    if (e && forget)
        unexpect(p->queue->space->store, e);
    return e != NULL;
}

static bool ask(struct waiting *w, enum batch_kind kind);

void result_unexpected(struct part *p, struct slice key)
{
    struct waiting *w = map_get(&p->waiting, key);
    if (is_expected(p, key, true) && w)
        ask(w, BATCH_WAIT);
}

void result_expect_nothing(struct store *s, bool end)
{
    struct link *x;
    while ((x = list_first(&s->expected)))
        unexpect(s, LIST_ITEM(x, struct expected, age));
    while (end && (x = list_pop(&s->spare_expected)))
        mem_free(MEM_TASK, LIST_ITEM(x, struct expected, age), sizeof(struct expected));
}

// ---- telling

static void tell(struct waiting *w, const struct msg_task_result *item)
{
    struct request *r = w->request;
    struct msg_task_result *news = &r->news[r->n_news++];
    *news = *item;
    news->id = w->id;
    w->part = NULL;
    r->left--;
    if (!list_linked(&r->fresh))
        list_append(&r->broker->fresh, &r->fresh);
}

static void tell_state(struct waiting *w, enum task_state state)
{
    struct msg_task_result item = { .state = state };
    tell(w, &item);
}

void result_news(struct part *p, struct slice key, const struct msg_task_result *item)
{
    struct waiting *w = p->waiting.n ? map_remove(&p->waiting, key) : NULL;
    is_expected(p, key, true);
    while (w) {
        struct waiting *next = w->next;
        tell(w, item);
        w = next;
    }
}

static size_t weight(const struct msg_task_result *t)
{
    return t->raw_outcome.n + t->outcome.value.n + t->outcome.failure.message.n + t->outcome.failure.traceback.n;
}

static void send_news(struct request *r)
{
    uint32_t from = 0;
    size_t bytes = 0;
    for (uint32_t i = 0; i < r->n_news && r->conn; i++) {
        bytes += weight(&r->news[i]);
        if (i + 1 < r->n_news && bytes + weight(&r->news[i + 1]) <= RESULT_BYTES)
            continue;
        struct msg m = { .kind = MSG_RESULT,
                         .result = { .seq = r->msg.wait.seq, .tasks = r->news + from, .n = i + 1 - from } };
        conn_send(r->conn, &m);
        from = i + 1;
        bytes = 0;
    }
    r->n_news = 0;
}

static void done_if_over(struct request *r)
{
    if (!r->left && !r->flying && !r->n_news)
        request_done(r);
}

void result_flush(struct broker *b)
{
    struct link *x;
    while ((x = list_pop(&b->fresh))) {
        struct request *r = LIST_ITEM(x, struct request, fresh);
        r->flying++;         // a client that is shed on the way forgets its requests
        send_news(r);
        r->flying--;
        done_if_over(r);
    }
}

// ---- asking

static bool ask(struct waiting *w, enum batch_kind kind)
{
    struct batch *b = part_batch(w->part, kind);
    if (!b)
        return false;
    resp_slice(&b->args, w->key);
    batch_add(b, 1, w, 0);
    w->asked = w->request->broker->loop.now;
    w->request->flying++;
    return true;
}

// The last look: its answer goes out whatever it is.
static void close_one(struct waiting *w)
{
    w->closing = true;
    if (!ask(w, BATCH_LOOK))
        tell_state(w, w->last);
}

static void on_deadline(struct alarm *a)
{
    struct request *r = LIST_ITEM(a, struct request, alarm);
    for (size_t i = 0; i < r->msg.wait.n; i++) {
        struct waiting *w = &r->waiting[i];
        if (!w->part || w->closing)
            continue;
        chain_out(w);
        close_one(w);
    }
    result_flush(r->broker);
}

static void begin(struct conn *c, struct request *r, uint32_t i)
{
    struct waiting *w = &r->waiting[i];
    struct task_id id;
    *w = (struct waiting){ .request = r, .index = i, .id = r->msg.wait.ids[i] };
    struct part *p = id_parse(w->id, &id) && token_may(&c->token, RIGHT_ALL, id.queue) ? store_part(c->space, &id)
                                                                                      : NULL;
    if (!p) {
        tell_state(w, STATE_NONE);
        return;
    }
    w->part = p;
    w->key = id.key;
    if (!r->msg.wait.timeout_ms)
        close_one(w);
    else if (!chain_in(w))
        tell_state(w, STATE_NONE);
    else if (is_expected(p, w->key, true))
        w->asked = c->broker->loop.now;
    else
        ask(w, BATCH_WAIT);     // out of memory: it is asked again in a while
}

void op_wait(struct conn *c, struct request *r)
{
    size_t n = r->msg.wait.n;
    r->waiting = arena_zalloc(&r->arena, n, sizeof *r->waiting);
    r->news = arena_zalloc(&r->arena, n, sizeof *r->news);
    if (((!r->waiting || !r->news) && n) || c->requests.n > WAITS_MAX) {
        request_done(r);
        conn_error(c, ERR_LIMIT, NULL, 0, true);
        return;
    }
    request_hold(r, c);
    c->waited = c->broker->loop.now;
    alarm_init(&r->alarm, on_deadline);
    r->left = (uint32_t)n;
    for (uint32_t i = 0; i < n; i++)
        begin(c, r, i);
    if (r->left && r->msg.wait.timeout_ms) {
        uint64_t ms = r->msg.wait.timeout_ms;
        alarm_in(&c->broker->loop, &r->alarm, ms < INT64_MAX / 2 ? (int64_t)ms : INT64_MAX / 2);
        store_watch_waiters(&c->broker->store);
    }
    result_flush(c->broker);
}

// ---- answers

static void answered(struct waiting *w, const struct reply *reply)
{
    struct record record;
    struct msg_task_result item = { 0 };
    struct part *p = w->part;
    if (!reply || reply->kind != REPLY_STRING) {
        if (w->closing)
            tell_state(w, w->last);
    } else if (record_read(reply->text, &record)) {
        record_result(&record, &item);
        if (w->closing)
            tell(w, &item);
        else
            result_news(p, w->key, &item);
    } else {
        w->last = reply->text.n == 1 ? (enum task_state)(reply->text.p[0] - '0') : STATE_NONE;
        if (w->closing)
            tell_state(w, w->last);
        else if (w->last == STATE_NONE)
            result_news(p, w->key, &item);
    }
}

void op_wait_done(struct batch *b, const struct reply *reply)
{
    struct broker *br = b->part->queue->space->store->broker;
    bool whole = reply && reply->kind == REPLY_ARRAY && reply->n == b->n;
    for (uint32_t i = 0; i < b->n; i++) {
        struct waiting *w = b->refs[i].who;
        struct request *r = w->request;
        r->flying--;
        if (w->part)
            answered(w, whole ? &reply->items[i] : NULL);
        else
            done_if_over(r);
    }
    result_flush(br);
}

// ---- the connection is gone; asking again

void result_forget(struct request *r)
{
    for (size_t i = 0; i < r->msg.wait.n && r->waiting; i++) {
        struct waiting *w = &r->waiting[i];
        if (w->part && !w->closing)
            chain_out(w);
        w->part = NULL;
    }
    r->left = r->n_news = 0;
    alarm_clear(&r->broker->loop, &r->alarm);
    list_remove(&r->broker->fresh, &r->fresh);
    done_if_over(r);
}

static size_t ask_part(struct part *p, bool all)
{
    struct mono now = p->queue->space->store->broker->loop.now;
    size_t at = 0, n = 0;
    struct map_slot *slot;
    while ((slot = map_walk(&p->waiting, &at))) {
        struct waiting *w = slot->value;
        n++;
        if (all || mono_since(now, w->asked) >= REASK_MS * CLOCK_NS_PER_MS)
            ask(w, BATCH_WAIT);
    }
    return n;
}

void result_ask_again(struct store *s, bool all)
{
    size_t waiting = 0;
    for (struct link *x = list_first(&s->parts); x && store_is_ready(s); x = list_next(&s->parts, x))
        waiting += ask_part(LIST_ITEM(x, struct part, all), all);
    if (waiting)
        store_watch_waiters(s);
}
