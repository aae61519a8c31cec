// SPDX-License-Identifier: Apache-2.0
// Who works for a namespace, on all brokers: each broker keeps a line a session in kr:{NS/workers} and renews it with its beats.
// The lines of brokers that died grow old and are left out.

#include "broker/op.h"

#include <stdio.h>

#include "sdk/wire/frame.h"

#define LINE_LIFE "3600000"     // of all lines, after the last worker

static void workers_key(const struct space *sp, char *key, size_t size)
{
    snprintf(key, size, "kr:{%s/workers}", sp->name);
}

static bool fill(struct arena *a, const struct session *s, struct msg_worker_info *w)
{
    const struct broker *b = s->sessions->broker;
    *w = (struct msg_worker_info){
        .session = slice_text(s->sid), .name = slice_text(s->name), .host = slice_text(s->host), .pid = s->pid,
        .mode = s->mode, .processes = s->processes, .threads = s->threads, .has_load = s->has_load, .load = s->load,
        .connected_ms = (uint64_t)s->connected.ms, .broker = slice_text(s->conn ? b->id : ""),
        .queues = arena_zalloc(a, s->subs.n + 1, sizeof *w->queues),
    };
    for (struct link *x = list_first(&s->subs); x && w->queues; x = list_next(&s->subs, x))
        w->queues[w->n_queues++] = slice_text(LIST_ITEM(x, struct sub, on_session)->part->queue->name);
    return w->queues != NULL;
}

// The line of one session: until when it holds, and a WorkersReply of one.
void workers_tell(struct session *s)
{
    struct store *st = &s->sessions->broker->store;
    struct arena a;
    struct buf line = { 0 };
    struct msg_worker_info w;
    char key[ID_NAME_MAX + 16];
    uint8_t until[8];
    arena_init(&a, 0);
    workers_key(s->space, key, sizeof key);
    record_put(until, (uint64_t)(clock_wall().ms + s->sessions->broker->set.ttl_ms), 8);
    struct msg m = { .kind = MSG_WORKERS_REPLY, .workers_reply = { .workers = &w, .n = 1 } };
    if (store_is_ready(st) && fill(&a, s, &w) && buf_put(&line, until, 8) && msg_encode(&line, &m) == ERR_OK) {
        const struct slice set[] = { slice_text("HSET"), slice_text(key), slice_text(s->sid), buf_slice(&line) };
        const struct slice live[] = { slice_text("PEXPIRE"), slice_text(key), slice_text(LINE_LIFE) };
        store_tell(st, 4, set);
        store_tell(st, 3, live);
    }
    buf_free(&line);
    arena_free(&a);
}

void workers_untell(const struct session *s)
{
    char key[ID_NAME_MAX + 16];
    workers_key(s->space, key, sizeof key);
    store_tell(&s->sessions->broker->store, 3,
               (const struct slice[]){ slice_text("HDEL"), slice_text(key), slice_text(s->sid) });
}

// Somebody else's line; NULL for one that is old or ours, which is told from memory.
static struct msg_worker_info *read_line(struct request *r, const struct reply *sid, struct slice line)
{
    struct msg m;
    if (sid->text.n != RECORD_SID || line.n < 8 + FRAME_HEAD)
        return NULL;
    struct session *mine = session_find(&r->broker->sessions, (const char *)sid->text.p);
    if ((mine && mine->conn) || (int64_t)record_get(line.p, 8) < clock_wall().ms)
        return NULL;
    struct slice body = arena_slice(&r->arena, slice_from(line, 8 + FRAME_HEAD));
    if (msg_decode(&r->arena, body, &m) != ERR_OK || m.kind != MSG_WORKERS_REPLY || m.workers_reply.n != 1)
        return NULL;
    return m.workers_reply.workers;
}

static void listed(struct call *k, const struct reply *reply)
{
    struct request *r = k->request;
    struct sessions *ss = &r->broker->sessions;
    struct msg_worker_info *all = arena_zalloc(&r->arena, LIMIT_BATCH, sizeof *all);
    size_t n = 0;
    if (!all || !r->conn || !reply || reply->kind != REPLY_ARRAY) {
        call_refused(r, reply);
        return;
    }
    for (struct link *x = list_first(&ss->all); x; x = list_next(&ss->all, x)) {
        const struct session *s = LIST_ITEM(x, struct session, all);
        if (s->space == r->conn->space && s->conn && n < LIMIT_BATCH)
            n += fill(&r->arena, s, &all[n]);
    }
    for (size_t i = 0; i + 1 < reply->n && n < LIMIT_BATCH; i += 2) {
        const struct msg_worker_info *w = read_line(r, &reply->items[i], reply->items[i + 1].text);
        if (w)
            all[n++] = *w;
    }
    struct msg m = { .kind = MSG_WORKERS_REPLY,
                     .workers_reply = { .seq = r->msg.workers_ask.seq, .workers = all, .n = n } };
    conn_send(r->conn, &m);
    request_done(r);
}

void op_workers(struct conn *c, struct request *r)
{
    char key[ID_NAME_MAX + 16];
    request_hold(r, c);
    workers_key(c->space, key, sizeof key);
    struct call *k = call_new(r, listed);
    if (!k || !call_plain(k, 2, (const struct slice[]){ slice_text("HGETALL"), slice_text(key) }))
        call_failed(r, k ? ERR_STORE : ERR_NOMEM, NULL);
}
