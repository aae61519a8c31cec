// SPDX-License-Identifier: Apache-2.0
// How long a session must have been silent before it is given up, when the store was away meanwhile.
//
// A session lives as long as its broker beats for it, which needs the store. So only time in which the store could be asked counts
// as silence, and after each absence its first part does not count either: the others need a moment to connect again.
//
//      now - TTL                                                 now
//     ─────┼───────────[ up ]───── away ─────[settle│    up    ]──┤
//          dead if the last beat was           counts: both spans of "up", without "settle"
//          before the sum from there on reaches TTL
//
// Sums, and not "one TTL after the last absence": a store that goes away again and again, each time before a TTL is over, must not
// keep dead sessions alive for ever. A session whose broker lives is beaten for at each return, so it is silent for one
// absence at most.

#ifndef KRAIT_BROKER_AWAY_H
#define KRAIT_BROKER_AWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "sdk/base/clock.h"

#define AWAY_SPANS 32

// Zeroed: the store was never there.
struct away {
    struct away_span {
        struct mono from, to;
    } spans[AWAY_SPANS];       // when it was there, a ring; of the last one `to` is not set while `there`
    uint64_t n;                // spans ever
    bool there;
};

void away_came(struct away *a, struct mono now);
void away_went(struct away *a, struct mono now);

// By how many ms more than its time to live a session must have been silent to be given up now; -1: none may be.
int64_t away_patience(const struct away *a, struct mono now, int64_t ttl_ms);

#endif
