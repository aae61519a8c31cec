// SPDX-License-Identifier: Apache-2.0
// Single tasks for people: by id or in pages, and what is done to ended ones (dead letters run again or are forgotten). What a
// filter lets through is decided here, since only the broker reads what tasks and outcomes say.

#include "broker/op.h"

#define PAGE   256     // dead letters looked at by one call of a bulk change
#define PAGES  64      // pages looked through for one answer when a filter lets nothing through
#define FIELDS 5       // a task in an answer: id, record, outcome, size, progress

// ---- one task

static bool matches(const struct msg_filter *f, const struct msg_task_info *t)
{
    char glob[LIMIT_TEXT + 1];
    if (f->name.n) {
        snprintf(glob, sizeof glob, "%.*s", SLICE_ARG(f->name));
        if (!token_glob(glob, t->name))
            return false;
    }
    if (f->error.n) {
        snprintf(glob, sizeof glob, "%.*s", SLICE_ARG(f->error));
        if (!t->has_failure || !token_glob(glob, t->failure.type))
            return false;
    }
    return (!f->reason || f->reason == t->reason) && t->moved_ms >= f->after_ms &&
           (!f->before_ms || t->moved_ms < f->before_ms) && (!f->group.n || slice_eq(f->group, t->group));
}

// The text fields at the front of a body, which may be cut: key, queue, name.
static struct slice name_in(struct slice body)
{
    while (body.n > 2) {
        uint8_t tag = body.p[0];
        size_t n = body.p[1], head = 2;
        if (n >= 0x80) {
            n = (n & 0x7f) | (size_t)body.p[2] << 7;
            head = 3;
        }
        if ((tag != 0x0a && tag != 0x12 && tag != 0x1a) || n > body.n - head)
            break;
        if (tag == 0x1a)
            return slice_of(body.p + head, n);
        body = slice_from(body, head + n);
    }
    return slice_of(NULL, 0);
}

static void read_progress(struct slice bytes, struct msg_task_info *t)
{
    if (bytes.n < 20)
        return;
    t->has_progress = true;
    t->progress = (struct msg_progress_one){
        .attempt = (uint32_t)record_get(bytes.p, 4), .done = record_get(bytes.p + 4, 8), .total = record_get(bytes.p + 12, 8),
        .note = slice_from(bytes, 20),
    };
}

// From the five fields of one task. The reply dies with the callback, so texts that stay are copied when `keep`.
static void read_info(struct request *r, struct part *p, const struct reply *at, bool whole, struct msg_task_info *t)
{
    struct record record;
    struct task_id id = id_make(slice_text(p->queue->name), at[0].text, 0, 1);
    struct msg_outcome outcome;
    char text[ID_TASK_MAX + 1];
    *t = (struct msg_task_info){ 0 };
    if (at[0].text.n <= ID_KEY_MAX)
        t->id = arena_slice(&r->arena, slice_of(text, id_format(&id, text)));
    if (!record_read_cut(at[1].text, &record))
        return;
    t->state = record.state;
    t->reason = record.reason;
    t->name = name_in(record.body);
    t->priority = record.priority;
    t->attempt = record.attempt;
    t->deliveries = record.deliveries;
    t->retries = record.retries;
    t->max_retries = record.max_retries;
    t->enqueued_ms = (uint64_t)record.enqueued_ms;
    t->moved_ms = (uint64_t)record.moved_ms;
    t->due_ms = record.state == STATE_DELAYED ? (uint64_t)record.due_ms : 0;
    t->expires_ms = (uint64_t)record.expires_ms;
    t->group = record.group;
    if (record.state == STATE_ACTIVE) {
        t->session = record.session;
        t->started_ms = (uint64_t)record.started_ms;
    }
    t->size = (uint64_t)reply_number(&at[3], 0);
    read_progress(at[4].text, t);
    struct slice said = at[2].text.n ? at[2].text : whole ? record.outcome : slice_of(NULL, 0);
    if (said.n && outcome_decode(&r->arena, said, &outcome) == ERR_OK && outcome.has_failure) {
        t->has_failure = true;
        t->failure = outcome.failure;
    }
    if (whole) {
        t->body = record.body;
        t->outcome = record.outcome;
    }
}

// ---- a page of a queue

struct page {
    struct call call;
    struct msg_task_info *tasks;
    uint32_t limit, pages;
};

static void turn_page(struct page *g, struct slice after);

static void page_read(struct call *k, const struct reply *reply)
{
    struct page *g = LIST_ITEM(k, struct page, call);
    struct request *r = k->request;
    const struct msg_tasks_ask *q = &r->msg.tasks_ask;
    if (!reply || reply->kind != REPLY_ARRAY || !reply->n) {
        call_refused(r, reply);
        return;
    }
    struct slice next = reply->items[0].text;
    size_t n = 0;
    for (size_t i = 1; i + FIELDS <= reply->n && n < g->limit; i += FIELDS) {
        read_info(r, k->part, &reply->items[i], q->bodies, &g->tasks[n]);
        n += matches(&q->filter, &g->tasks[n]);
    }
    if (!n && next.n && ++g->pages < PAGES && r->conn) {
        turn_page(g, arena_slice(&r->arena, next));
        return;
    }
    struct msg m = { .kind = MSG_TASKS_REPLY, .tasks_reply = { .seq = q->seq, .tasks = g->tasks, .n = n, .next = next } };
    if (r->conn)
        conn_send(r->conn, &m);
    request_done(r);
}

static void turn_page(struct page *g, struct slice after)
{
    struct request *r = g->call.request;
    const struct slice args[] = { call_number(r, r->msg.tasks_ask.state), after, call_number(r, g->limit),
                                  slice_text(r->msg.tasks_ask.bodies ? "1" : "0") };
    if (!call_part(&g->call, g->call.part, "kr2_tasks", 4, args))
        call_failed(r, ERR_STORE, NULL);
}

static bool listed(enum task_state s)
{
    return s == STATE_QUEUED || s == STATE_DELAYED || s == STATE_ACTIVE || s == STATE_DEAD;
}

static void ask_page(struct request *r)
{
    const struct msg_tasks_ask *q = &r->msg.tasks_ask;
    struct part *p = call_queue(r, q->queue, RIGHT_READ | RIGHT_ADMIN);
    if (!p)
        return;
    if (!listed(q->state)) {
        call_failed(r, ERR_USAGE, "only queued, delayed, active and dead tasks can be listed");
        return;
    }
    struct page *g = arena_zalloc(&r->arena, 1, sizeof *g);
    uint32_t limit = q->limit ? q->limit : LIMIT_PAGE;
    if (g)
        g->tasks = arena_zalloc(&r->arena, limit < LIMIT_BATCH ? limit : LIMIT_BATCH, sizeof *g->tasks);
    if (!g || !g->tasks) {
        call_failed(r, ERR_NOMEM, NULL);
        return;
    }
    g->limit = limit < LIMIT_BATCH ? limit : LIMIT_BATCH;
    g->call.request = r;
    g->call.part = p;
    g->call.then = page_read;
    turn_page(g, q->after);
}

// ---- by id: one call for each run of ids of the same queue, one frame when the last answered
//
// An answer's bytes die with its callback, so what stays is copied.

struct by_id {
    struct call call;
    struct msg_task_info *tasks;   // of the run
    size_t n;
};

static struct slice copy(struct request *r, struct slice s)
{
    return s.n ? arena_slice(&r->arena, s) : s;
}

static void keep(struct request *r, struct msg_task_info *t)
{
    struct slice *const all[] = { &t->name, &t->group, &t->session, &t->progress.note, &t->failure.type, &t->failure.message,
                                  &t->failure.traceback, &t->body, &t->outcome };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        *all[i] = copy(r, *all[i]);
}

static void all_read(struct request *r)
{
    struct msg m = { .kind = MSG_TASKS_REPLY,
                     .tasks_reply = { .seq = r->msg.tasks_ask.seq, .tasks = r->infos, .n = r->msg.tasks_ask.n } };
    if (r->flying) {      // marks: not all of it was answered
        call_failed(r, ERR_STORE, NULL);
        return;
    }
    if (r->conn)
        conn_send(r->conn, &m);
    request_done(r);
}

static void ids_read(struct call *k, const struct reply *reply)
{
    struct by_id *b = LIST_ITEM(k, struct by_id, call);
    struct request *r = k->request;
    bool whole = reply && reply->kind == REPLY_ARRAY && reply->n == FIELDS * b->n;
    for (size_t i = 0; whole && i < b->n; i++) {
        struct slice id = b->tasks[i].id;
        read_info(r, k->part, &reply->items[FIELDS * i], r->msg.tasks_ask.bodies, &b->tasks[i]);
        b->tasks[i].id = id;
        keep(r, &b->tasks[i]);
    }
    if (!whole)
        r->flying = 1;
    if (--r->left == 0)
        all_read(r);
}

// The partition of an id that the connection may look at, and its key.
static struct part *part_of(struct request *r, struct slice text, unsigned rights, struct slice *key)
{
    struct task_id id;
    if (!id_parse(text, &id) || !token_may(&r->conn->token, rights, id.queue))
        return NULL;
    *key = id.key;
    return store_part(r->conn->space, &id);
}

static void ask_run(struct request *r, struct part *p, size_t from, size_t n, const struct slice *keys)
{
    struct by_id *b = arena_zalloc(&r->arena, 1, sizeof *b);
    struct slice *args = arena_zalloc(&r->arena, n + 1, sizeof *args);
    if (b && args) {
        b->call.request = r;
        b->call.then = ids_read;
        b->tasks = r->infos + from;
        b->n = n;
        args[0] = slice_text(r->msg.tasks_ask.bodies ? "1" : "0");
        memcpy(args + 1, keys, n * sizeof *args);
        r->left++;
        if (call_part(&b->call, p, "kr2_show", n + 1, args))
            return;
        r->left--;
    }
    r->flying = 1;
}

static void ask_ids(struct request *r)
{
    const struct msg_tasks_ask *q = &r->msg.tasks_ask;
    struct slice *keys = arena_zalloc(&r->arena, q->n, sizeof *keys);
    r->infos = arena_zalloc(&r->arena, q->n, sizeof *r->infos);
    if (!keys || !r->infos) {
        call_failed(r, ERR_NOMEM, NULL);
        return;
    }
    r->left = 1;
    struct part *run = NULL;
    size_t from = 0;
    for (size_t i = 0; i <= q->n; i++) {
        struct part *p = i < q->n ? part_of(r, q->ids[i], RIGHT_READ | RIGHT_ADMIN, &keys[i]) : NULL;
        if (i < q->n)
            r->infos[i].id = q->ids[i];
        if (run && (p != run || i == q->n))
            ask_run(r, run, from, i - from, keys + from);
        if (p != run) {
            run = p;
            from = i;
        }
    }
    if (--r->left == 0)
        all_read(r);
}

void op_tasks(struct conn *c, struct request *r)
{
    request_hold(r, c);
    if (r->msg.tasks_ask.n)
        ask_ids(r);
    else
        ask_page(r);
}

// ---- running dead letters again, forgetting ended tasks

static uint64_t count_done(const struct reply *reply)
{
    uint64_t n = 0;
    for (size_t i = 0; i < reply->text.n; i++)
        n += reply->text.p[i] == 'o';
    return n;
}

static struct slice verb_of(const struct request *r)
{
    return slice_text(r->msg.tasks_do.verb == TASK_RETRY ? "1" : "2");
}

static void ids_over(struct request *r)
{
    if (r->flying)
        call_failed(r, ERR_STORE, NULL);
    else
        call_changed(r, r->bytes, NULL);
}

static void ids_done(struct call *k, const struct reply *reply)
{
    struct request *r = k->request;
    if (reply && reply->kind == REPLY_STRING)
        r->bytes += count_done(reply);
    else
        r->flying = 1;
    if (--r->left == 0)
        ids_over(r);
}

static void do_ids(struct request *r)
{
    const struct msg_tasks_do *q = &r->msg.tasks_do;
    r->left = 1;
    for (size_t i = 0; i < q->n; i++) {
        struct slice args[2] = { verb_of(r) };
        struct part *p = part_of(r, q->ids[i], RIGHT_ADMIN, &args[1]);
        struct call *k = p ? call_new(r, ids_done) : NULL;
        if (!p)
            continue;
        r->left++;
        if (k && call_part(k, p, "kr2_dead", 2, args))
            continue;
        r->left--;
        r->flying = 1;
    }
    if (--r->left == 0)
        ids_over(r);
}

// All dead letters that a filter lets through, a page after the other; as many as there were at the start, since those that
// run again may be back before the last page.
struct bulk {
    struct call call;
    struct arena arena;        // of one page
    struct slice after;
    uint8_t after_bytes[ID_KEY_MAX + 32];
    uint64_t left, done;
};

static void bulk_page(struct bulk *b);

static void bulk_end(struct bulk *b, const struct reply *refusal, bool failed)
{
    struct request *r = b->call.request;
    uint64_t done = b->done;
    arena_free(&b->arena);
    if (failed)
        call_refused(r, refusal);
    else
        call_changed(r, done, NULL);
}

static void bulk_changed(struct call *k, const struct reply *reply)
{
    struct bulk *b = LIST_ITEM(k, struct bulk, call);
    if (!reply || reply->kind != REPLY_STRING) {
        bulk_end(b, reply, true);
        return;
    }
    b->done += count_done(reply);
    bulk_page(b);
}

static void bulk_read(struct call *k, const struct reply *reply)
{
    struct bulk *b = LIST_ITEM(k, struct bulk, call);
    struct request *r = k->request;
    struct slice args[PAGE + 1] = { verb_of(r) };
    size_t n = 1, seen = 0;
    if (!reply || reply->kind != REPLY_ARRAY || !reply->n || reply->items[0].text.n > sizeof b->after_bytes) {
        bulk_end(b, reply, true);
        return;
    }
    struct arena mine = r->arena;      // what a page's outcomes need is given back with it
    r->arena = b->arena;
    for (size_t i = 1; i + FIELDS <= reply->n && n <= PAGE; i += FIELDS, seen++) {
        struct msg_task_info t;
        read_info(r, k->part, &reply->items[i], false, &t);
        if (matches(&r->msg.tasks_do.filter, &t))
            args[n++] = reply->items[i].text;
    }
    b->arena = r->arena;
    r->arena = mine;
    arena_reset(&b->arena);
    b->after = slice_of(b->after_bytes, reply->items[0].text.n);
    memcpy(b->after_bytes, reply->items[0].text.p ? reply->items[0].text.p : (const uint8_t *)"", b->after.n);
    b->left = seen < b->left && b->after.n ? b->left - seen : 0;
    if (n == 1) {
        bulk_page(b);
        return;
    }
    k->then = bulk_changed;
    if (!call_part(k, k->part, "kr2_dead", n, args))
        bulk_end(b, NULL, true);
}

static void bulk_page(struct bulk *b)
{
    struct request *r = b->call.request;
    const struct slice args[] = { slice_text("5"), b->after, slice_text("256"), slice_text("0") };
    if (!b->left || !r->conn) {
        bulk_end(b, NULL, false);
        return;
    }
    b->call.then = bulk_read;
    if (!call_part(&b->call, b->call.part, "kr2_tasks", 4, args))
        bulk_end(b, NULL, true);
}

static void bulk_counted(struct call *k, const struct reply *reply)
{
    struct bulk *b = LIST_ITEM(k, struct bulk, call);
    if (!reply || reply->kind != REPLY_ARRAY || reply->n < 4) {
        bulk_end(b, reply, true);
        return;
    }
    b->left = (uint64_t)reply_number(&reply->items[3], 0);
    bulk_page(b);
}

void op_tasks_do(struct conn *c, struct request *r)
{
    const struct msg_tasks_do *q = &r->msg.tasks_do;
    request_hold(r, c);
    if (q->verb == TASK_VERB_NONE) {
        call_failed(r, ERR_USAGE, "no such verb");
        return;
    }
    if (q->n) {
        do_ids(r);
        return;
    }
    struct part *p = call_queue(r, q->queue, RIGHT_ADMIN);
    struct bulk *b = p ? arena_zalloc(&r->arena, 1, sizeof *b) : NULL;
    if (!p)
        return;
    if (!b) {
        call_failed(r, ERR_NOMEM, NULL);
        return;
    }
    arena_init(&b->arena, 0);
    b->call.request = r;
    b->call.then = bulk_counted;
    if (!call_part(&b->call, p, "kr2_stats", 0, NULL))
        bulk_end(b, NULL, true);
}
