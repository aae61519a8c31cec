// SPDX-License-Identifier: Apache-2.0
// The supervisor's event loop: libevent underneath, one ordered index of alarms, turns. What is done in a turn is left to those
// who register for it.
//
// A turn: wait until something is readable, writable, signalled or due; run the callbacks, which only take note; then run the
// end of the turn once. The end of the turn hands out tasks, reports what ended and writes each socket once, so a batch is
// whatever came together. Without alarms the loop sleeps for ever.

#ifndef KRAIT_WORKER_LOOP_H
#define KRAIT_WORKER_LOOP_H

#include <event2/event.h>
#include <event2/event_struct.h>

#include "sdk/base/buf.h"
#include "sdk/base/clock.h"
#include "sdk/base/heap.h"
#include "sdk/base/list.h"

// Embedded in its owner; rings once.
struct alarm {
    struct heap_node node;
    void (*ring)(struct alarm *);
};

struct loop {
    struct event_base *base;   // owned
    struct event *timer;       // owned: wakes libevent for the first alarm
    struct heap alarms;
    struct mono now;           // read once a turn
    int64_t lag_ns;            // how late the last alarm rang
    uint64_t turns;
    void (*turn_end)(void *);
    void *owner;               // for turn_end
    bool stop;
};

bool loop_init(struct loop *l, void (*turn_end)(void *), void *owner);
void loop_free(struct loop *l);
void loop_run(struct loop *l);    // until loop_stop

static inline void loop_stop(struct loop *l)
{
    l->stop = true;
    event_base_loopbreak(l->base);
}

static inline void alarm_init(struct alarm *a, void (*ring)(struct alarm *))
{
    *a = (struct alarm){ .ring = ring };
}

// Sets or moves it.
void alarm_in(struct loop *l, struct alarm *a, int64_t ms);
void alarm_clear(struct loop *l, struct alarm *a);

static inline bool alarm_is_set(const struct alarm *a)
{
    return heap_has(&a->node);
}

// A connected non-blocking socket with a buffer each way: the broker's, or a child's. What is appended to `out` is written at
// the end of the turn (pipe_flush). on_gone is called once; after it, or at any time, the owner calls pipe_close.
struct pipe {
    int fd;                    // owned; -1 = closed
    struct event readable, writable;
    struct buf in, out;
    bool gone;
    uint64_t bytes_in, bytes_out;
    void (*on_read)(struct pipe *);
    void (*on_gone)(struct pipe *, int error);   // 0 = the peer closed
};

// Takes fd.
void pipe_open(struct pipe *p, struct loop *l, int fd, void (*on_read)(struct pipe *), void (*on_gone)(struct pipe *, int));
void pipe_flush(struct pipe *p);
void pipe_close(struct pipe *p);

static inline bool pipe_is_open(const struct pipe *p)
{
    return p->fd >= 0 && !p->gone;
}

#endif
