// SPDX-License-Identifier: Apache-2.0
// The link to a broker: connecting, the session, frames both ways. What tasks mean is left to dispatch.c.
//
//   DOWN ── alarm ──▶ RESOLVING ──▶ CONNECTING ──▶ GREETING ── Welcome ──▶ OPEN
//    ▲                    │              │             │                     │
//    └────────────────────┴──────────────┴─────────────┴── error · silence ──┘
//
// The session outlives the connection: it is resumed with its secret, on any of the brokers, and what the worker still has in
// hand is said in the Hello. Outcomes are sent again until the broker answers OK, DUP or STALE. When no broker could be
// reached for the session's TTL, or one says that the session was given up, its tasks are stopped: they run elsewhere by then.

#ifndef KRAIT_WORKER_UPLINK_H
#define KRAIT_WORKER_UPLINK_H

#include "sdk/base/arena.h"
#include "sdk/wire/msg.h"
#include "worker/loop.h"

struct worker;
struct evdns_base;
struct evdns_getaddrinfo_request;

// X(name, what may follow)
#define UPLINK_STATE_LIST(X)                                                                               \
    X(DOWN,       1u << UPLINK_RESOLVING | 1u << UPLINK_CONNECTING)                                         \
    X(RESOLVING,  1u << UPLINK_CONNECTING | 1u << UPLINK_DOWN)                                              \
    X(CONNECTING, 1u << UPLINK_GREETING | 1u << UPLINK_DOWN)                                                \
    X(GREETING,   1u << UPLINK_OPEN | 1u << UPLINK_DOWN)                                                    \
    X(OPEN,       1u << UPLINK_DOWN)

enum uplink_state {
#define UPLINK_STATE_ENUM(name, next) UPLINK_##name,
    UPLINK_STATE_LIST(UPLINK_STATE_ENUM)
#undef UPLINK_STATE_ENUM
    UPLINK_STATES
};

struct uplink {
    struct worker *worker;     // backlink
    enum uplink_state state;
    struct pipe pipe;
    int fd;                    // CONNECTING: owned
    struct event connecting;
    struct evdns_base *dns;    // owned, made when first needed
    struct evdns_getaddrinfo_request *asking;   // RESOLVING
    struct arena arena;        // of the frame in hand
    size_t at;                 // which of the addresses
    uint32_t tries;            // since it was OPEN
    struct alarm alarm;        // DOWN: the next try; else: too slow, beats, silence
    struct alarm away;         // answers that said AWAY: send again
    struct alarm gone;         // the session's TTL, while it is not OPEN
    char session[128];         // "" = none
    uint8_t secret[256];
    size_t secret_n;
    struct mono last_in, last_out;
    int64_t beat_ms, ttl_ms;
    uint64_t credit;           // given and not used yet
    uint64_t seq;
    uint64_t asked;            // seq of a question about the queues, 0 = none
    uint64_t reconnects, bytes_in, bytes_out;
    double rtt_s;              // of the last beat
};

void uplink_init(struct uplink *u, struct worker *w);
void uplink_start(struct uplink *u);
void uplink_again(struct uplink *u);     // reconnect and say Hello anew: the names changed
void uplink_goodbye(struct uplink *u);
void uplink_free(struct uplink *u);

// Sends what stands in FINISHED and the rest of the turn.
void uplink_turn(struct uplink *u);
void uplink_credit(struct uplink *u, uint32_t n);
void uplink_started(struct uplink *u, struct msg_ref *refs, size_t n);
void uplink_ask_queues(struct uplink *u);

static inline bool uplink_is_open(const struct uplink *u)
{
    return u->state == UPLINK_OPEN;
}

#endif
