// SPDX-License-Identifier: Apache-2.0
// A child's side of what tasks ask of the broker: requests go to the supervisor with a ticket, answers come back to the thread
// that holds it. Carrying them over the broker's link is relay.c's, Python's side native.c's.
//
// Any thread may ask; a ticket belongs to the thread that took it. The I/O thread puts answers in. A request whose ticket was
// dropped has none any more: its answers are thrown away here or at the supervisor. A Wait may be answered several times.

#ifndef KRAIT_WORKER_DESK_H
#define KRAIT_WORKER_DESK_H

#include <pthread.h>

#include "sdk/base/buf.h"
#include "worker/chan.h"

struct answer {
    struct answer *next;
    uint32_t member;
    size_t n;
    uint8_t bytes[];
};

struct ticket {
    struct ticket *next;
    uint64_t number;
    struct answer *first, **last;
};

struct desk {
    void (*send)(void *arg, enum chan_kind kind, const void *p, size_t n);   // may block
    void *arg;
    pthread_mutex_t lock;      // guards what follows
    pthread_cond_t came;
    uint64_t numbers;
    struct ticket *tickets;
};

void desk_init(struct desk *d, void (*send)(void *, enum chan_kind, const void *, size_t), void *arg);

// Sends a request (its message without a seq) and returns its ticket; 0 without memory. May block.
uint64_t desk_ask(struct desk *d, uint32_t member, struct slice message);

// Waits for the next answer until then (monotonic ns) or until *stop is not 0 (looked at every 50 ms): NULL, else to be freed
// with free(3). Blocks.
struct answer *desk_wait(struct desk *d, uint64_t ticket, int64_t until_ns, const _Atomic uint32_t *stop);

void desk_drop(struct desk *d, uint64_t ticket);

// The I/O thread: a CHAN_ANSWER frame.
void desk_put(struct desk *d, struct slice frame);

// Passes on how far a task is.
void desk_progress(struct desk *d, const struct chan_progress *p, struct slice note);

#endif
