// SPDX-License-Identifier: Apache-2.0
// Which broker a session is with: kr:{NS/ses}:SID names the last one that its worker came to. A broker that missed the worker's going
// (its cable was cut, it was stopped) learns it here, before it beats, claims or ends what is not its own any more. What a session
// holds is left to lease.c and Redis.

#include <stdio.h>

#include "broker/broker.h"

#define LIFE_MS 60000      // of the key, beyond a TTL

static void owner_key(const struct session *s, char *key, size_t size)
{
    snprintf(key, size, "kr:{%s/ses}:%s", s->space->name, s->sid);
}

static void life(const struct session *s, char text[24])
{
    snprintf(text, 24, "%lld", (long long)s->sessions->broker->set.ttl_ms + LIFE_MS);
}

void owner_take(struct session *s)
{
    char key[ID_NAME_MAX + RECORD_SID + 16], ms[24];
    struct broker *b = s->sessions->broker;
    owner_key(s, key, sizeof key);
    life(s, ms);
    store_tell(&b->store, 5, (const struct slice[]){ slice_text("SET"), slice_text(key), slice_text(b->id), slice_text("PX"), slice_text(ms) });
}

void owner_leave(const struct session *s)
{
    char key[ID_NAME_MAX + RECORD_SID + 16];
    owner_key(s, key, sizeof key);
    store_tell(&s->sessions->broker->store, 2, (const struct slice[]){ slice_text("UNLINK"), slice_text(key) });
}

static bool is_other(const struct session *s, const struct reply *r)
{
    return r->kind == REPLY_STRING && !slice_is(r->text, s->sessions->broker->id);
}

// Its worker is another broker's: what came to us over the old connection is nobody's word any more.
static void moved(struct session *s)
{
    struct conn *c = s->conn;
    log_write(&s->sessions->broker->log, LOG_INFO, "session went to another broker",
              LOG_FIELDS(log_text("session", s->sid), log_text("worker", s->name)));
    session_abandon(s);
    if (c)
        conn_move(c, CONN_CLOSED);
}

static void confirm(struct session *s)
{
    char key[ID_NAME_MAX + RECORD_SID + 16], ms[24];
    owner_key(s, key, sizeof key);
    life(s, ms);
    store_tell(&s->sessions->broker->store, 3, (const struct slice[]){ slice_text("PEXPIRE"), slice_text(key), slice_text(ms) });
    if (s->compare)
        session_compare(s);
    s->compare = false;
}

static void still_ours(struct redis_cmd *c, const struct reply *r)
{
    struct session *s = LIST_ITEM(c, struct session, alive);
    s->asking_alive = false;
    if (!r || r->kind == REPLY_ERROR || s->state == SESSION_ENDED)
        return;
    if (is_other(s, r))
        moved(s);
    else
        confirm(s);
}

void owner_check(struct session *s)
{
    char key[ID_NAME_MAX + RECORD_SID + 16], ms[24];
    struct broker *b = s->sessions->broker;
    if (s->asking_alive)
        return;
    owner_key(s, key, sizeof key);
    life(s, ms);
    s->alive.done = still_ours;
    s->asking_alive = store_send(&b->store, &s->alive, 7,
                                 (const struct slice[]){ slice_text("SET"), slice_text(key), slice_text(b->id), slice_text("NX"),
                                                         slice_text("GET"), slice_text("PX"), slice_text(ms) });
}

// ---- the end of a grace

static void end_if_ours(struct redis_cmd *c, const struct reply *r)
{
    struct session *s = LIST_ITEM(c, struct session, owner);
    struct broker *b = s->sessions->broker;
    s->asking = false;
    if (s->state != SESSION_DETACHED || s->conn)
        return;
    if (!r || r->kind == REPLY_ERROR)
        alarm_in(&b->loop, &s->grace, 1000);
    else if (is_other(s, r))
        moved(s);
    else
        session_end(s, true);
}

void owner_end(struct session *s)
{
    char key[ID_NAME_MAX + RECORD_SID + 16];
    owner_key(s, key, sizeof key);
    s->owner.done = end_if_ours;
    if (!s->asking)
        s->asking = store_send(&s->sessions->broker->store, &s->owner, 2, (const struct slice[]){ slice_text("GET"), slice_text(key) });
    if (!s->asking)
        alarm_in(&s->sessions->broker->loop, &s->grace, 1000);   // nothing can end while the store is away
}
