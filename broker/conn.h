// SPDX-License-Identifier: Apache-2.0
// Connections of clients and the sockets they come in by. Each state is a list and conn_move is the only one who moves.
//
//   HELLO ──── welcome ────▶ OPEN ──── error sent · goodbye ────▶ FLUSHING ──── all written, or too slow ────▶ CLOSED
//     │                       │                                                                              ▲   │
//     └───────────────────────┴──────────── end of stream · silent · too slow ───────────────────────────────┘   └─▶ freed
//
// HELLO waits for the first frame; OPEN works; FLUSHING reads no more; CLOSED is freed at the end of the turn.
// What a frame means is left to op.h; what a worker's connection means to its session, to session.h.

#ifndef KRAIT_BROKER_CONN_H
#define KRAIT_BROKER_CONN_H

#include "broker/stream.h"
#include "broker/token.h"
#include "sdk/base/url.h"
#include "sdk/wire/msg.h"

struct broker;
struct session;
struct space;
struct request;

// X(name, what may follow)
#define CONN_STATE_LIST(X)                                                                                 \
    X(HELLO,    1u << CONN_OPEN | 1u << CONN_FLUSHING | 1u << CONN_CLOSED)                                  \
    X(OPEN,     1u << CONN_FLUSHING | 1u << CONN_CLOSED)                                                    \
    X(FLUSHING, 1u << CONN_CLOSED)                                                                          \
    X(CLOSED,   0)

enum conn_state {
#define CONN_STATE_ENUM(name, next) CONN_##name,
    CONN_STATE_LIST(CONN_STATE_ENUM)
#undef CONN_STATE_ENUM
    CONN_STATES
};

struct conn {
    struct link link;              // on conns.in[state]
    struct link dirty;             // on conns.dirty: has something to write
    struct broker *broker;         // backlink
    enum conn_state state;
    struct stream stream;
    char peer[80];
    enum role role;
    struct token token;            // what it may
    struct space *space;           // borrowed
    struct session *session;       // a worker's, borrowed
    struct list requests;          // of request.link, not owned: they are told when it closes
    uint32_t unanswered;           // tasks in enqueue requests
    size_t unanswered_bytes;       // of their bodies
    uint32_t parts_asked;          // of large payloads, not answered
    bool waiting;                  // hello is with session.c: no further frame is read
    struct mono last_in, last_out;
    struct mono waited;            // when it last asked for results; 0 = never
    struct alarm alarm;            // beats and silence
};

struct listener {
    struct event event;
    int fd;
    struct url url;                // with the port that it got
};

struct conns {
    struct broker *broker;         // backlink
    struct list in[CONN_STATES];
    struct list dirty;
    struct listener listeners[16];
    size_t n_listeners;
    uint64_t accepted, refused;
    struct alarm again;            // accepting stopped for want of file descriptors
    uint64_t bytes_in, bytes_out;  // of connections that are closed
};

void conns_init(struct conns *cs, struct broker *b);

// Opens all addresses. False: why.
bool conns_listen(struct conns *cs, char *why, size_t why_size);
void conns_stop_listening(struct conns *cs);
void conns_free(struct conns *cs);

// Writes what the turn collected, frees what it closed.
void conns_end_turn(struct conns *cs);

void conn_move(struct conn *c, enum conn_state to);

// Appends one frame; on failure the connection is closed.
void conn_send(struct conn *c, const struct msg *m);

// An Error frame; fatal ones close.
void conn_error(struct conn *c, enum err code, const char *text, uint64_t seq, bool fatal);

// Goes on with frames that were held back (after hello, or when its window is open again).
void conn_go_on(struct conn *c);

static inline bool conn_is_open(const struct conn *c)
{
    return c->state == CONN_OPEN;
}

size_t conns_count(const struct conns *cs);

#endif
