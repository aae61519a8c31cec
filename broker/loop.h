// SPDX-License-Identifier: Apache-2.0
// The event loop: libevent underneath, one ordered index of "when must we act", and turns.
//
// A turn is: wait until something is readable, writable or due; run all callbacks; then run the turn's end once. The
// callbacks only mark things as dirty; the end of the turn sends what was collected (one call a partition, one write a
// socket) and frees what was closed. So a batch is simply what arrived together, and nothing is freed under a
// callback's feet. The loop sleeps until the earliest alarm and has no tick of its own.

#ifndef KRAIT_BROKER_LOOP_H
#define KRAIT_BROKER_LOOP_H

#include <event2/event.h>
#include <event2/event_struct.h>

#include "sdk/base/clock.h"
#include "sdk/base/heap.h"
#include "sdk/base/list.h"

// Embedded in its owner; rings once, then must be set again.
struct alarm {
    struct heap_node node;
    void (*ring)(struct alarm *);
};

struct loop {
    struct event_base *base;   // owned
    struct heap alarms;
    struct mono now;           // read once a turn, by whatever happens first in it
    bool awake;                // `now` was read since we slept
    struct mono last_turn;     // when the last turn ended: the lag that /metrics shows
    int64_t lag_ns;            // how late the last alarm rang
    uint64_t turns;
    void (*turn_end)(void *);
    void *owner;               // backlink for turn_end
    bool stop;
};

bool loop_init(struct loop *l, void (*turn_end)(void *), void *owner);
void loop_free(struct loop *l);

// Runs turns until loop_stop.
void loop_run(struct loop *l);

// Before a callback of libevent looks at `now`: what it was before we slept may be long ago.
static inline void loop_wake(struct loop *l)
{
    if (!l->awake)
        l->now = clock_mono();
    l->awake = true;
}

static inline void loop_stop(struct loop *l)
{
    l->stop = true;
    event_base_loopbreak(l->base);
}

static inline void alarm_init(struct alarm *a, void (*ring)(struct alarm *))
{
    *a = (struct alarm){ .ring = ring };
}

// Sets or moves it. Out of memory it rings never: the caller's own deadline logic must not depend on one alarm alone.
void alarm_set(struct loop *l, struct alarm *a, struct mono due);
void alarm_in(struct loop *l, struct alarm *a, int64_t ms);
void alarm_clear(struct loop *l, struct alarm *a);

static inline bool alarm_is_set(const struct alarm *a)
{
    return heap_has(&a->node);
}

#endif
