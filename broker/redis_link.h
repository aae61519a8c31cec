// SPDX-License-Identifier: Apache-2.0
// One connection to Redis: pipelined, with its replies matched in order, opened again by itself with a growing pause.
//
//            open                 connected            handshake done
//   DOWN ───────────▶ CONNECTING ───────────▶ GREETING ───────────▶ READY
//     ▲                    │                      │                    │
//     └────────────────────┴──────────────────────┴────────────────────┘   error, time-out, end of stream
//
// A command is written to link_out() and announced by link_expect(), one call each, in the same order. Its `done` is
// called exactly once: with the reply, or with NULL when the connection broke; nobody knows then whether Redis did it.
// What to send again is the caller's business. GREETING is the owner's own talk (on_greet), ended by link_greeted.

#ifndef KRAIT_BROKER_REDIS_LINK_H
#define KRAIT_BROKER_REDIS_LINK_H

#include "broker/redis_reply.h"
#include "broker/resp.h"
#include "broker/stream.h"
#include "sdk/base/log.h"

enum redis_state { REDIS_DOWN, REDIS_CONNECTING, REDIS_GREETING, REDIS_READY };

// Embedded in what waits for the reply.
struct redis_cmd {
    struct link link;
    void (*done)(struct redis_cmd *, const struct reply *);
    struct mono sent;
};

struct redis_target {
    char path[108];            // a unix socket, or
    char host[256];
    uint16_t port;
    const char *password;      // borrowed, may be NULL
    int db;
};

struct redis_link {
    enum redis_state state;
    const char *name;                       // for the log
    struct loop *loop;                      // backlink
    struct log *log;                        // borrowed
    const struct redis_target *target;      // borrowed
    struct stream stream;
    struct event connecting;
    struct reply_reader replies;
    struct list waiting;                    // of redis_cmd, in the order of their sending
    struct alarm alarm;                     // next try, or the time-out of the oldest command
    int64_t pause_ms;
    int64_t rtt_ns;                         // of the last reply
    uint64_t errors, replies_seen, connects;
    bool closing;
    void (*on_greet)(struct redis_link *);
    void (*on_ready)(struct redis_link *);
    void (*on_down)(struct redis_link *);
    void (*on_refused)(struct redis_link *);                             // connect failed: is the child alive?
    void (*on_push)(struct redis_link *, const struct reply *);          // a pub/sub message; NULL on a plain link
    void *owner;
};

void link_open(struct redis_link *l);
void link_shut(struct redis_link *l);

// Breaks a connection that does not behave; the next try comes after the usual pause.
void link_break(struct redis_link *l, const char *why);

// Whoever answers there was started a moment ago: if it is down, tries again soon.
void link_hurry(struct redis_link *l);

void link_greeted(struct redis_link *l);

static inline struct buf *link_out(struct redis_link *l)
{
    return &l->stream.out;
}

void link_expect(struct redis_link *l, struct redis_cmd *c);

// Writes a command of n words and expects its answer.
void link_send(struct redis_link *l, struct redis_cmd *c, size_t n, const struct slice *words);

static inline bool link_is_ready(const struct redis_link *l)
{
    return l->state == REDIS_READY;
}

#endif
