// SPDX-License-Identifier: Apache-2.0
// The memory that the supervisor shares with its children: which task each slot runs, and the ring by which results come back.
// It survives a child, so that a dead child costs exactly the tasks in its slots. Sockets are left to loop.h and child.c.
//
// A LANE belongs to one child process, a SLOT is one thread of it. The supervisor numbers the tasks that it hands to a child
// 1, 2, 3 …; the child takes them in that order. Hence, with `taken` the number taken last:
//
//     number > taken                        never started: another child may have it, uncounted
//     number <= taken, result in the ring   ended
//     number <= taken, no result            in a slot: lost with the child
//
// THE RING holds whole records, [length:4][bytes, padded to 8]; a length of RING_WRAP sends the reader to the start. Only the
// child writes `head` (its threads take turns under a lock of the child), only the supervisor writes `tail`. A record is there
// once `head` has moved past it; half of one is never seen. A record that finds no room goes through the socket.
//
// THE BELL. `rung` is set by whoever rings (sends BELL over the socket) and cleared by the supervisor before it reads, so that
// a busy child rings once a batch.

#ifndef KRAIT_WORKER_SLOT_H
#define KRAIT_WORKER_SLOT_H

#include <stdatomic.h>
#include <stdint.h>

#include "sdk/base/slice.h"

#define RING_SIZE (256u << 10)       // a power of two
#define RING_WRAP UINT32_MAX
#define RING_RECORD_MAX (RING_SIZE / 4)

// Written by its thread, read by the supervisor at any time.
struct slot {
    _Alignas(64) _Atomic uint64_t number;  // of the running task, 0 = idle; written last at a start
    _Atomic int64_t started_ns;            // monotonic
    _Atomic int64_t hard_ns;               // its hard limit, 0 = none
    _Atomic uint64_t done, failed;         // since the start of the child
    _Atomic uint64_t cpu_ns, gil_wait_ns, gil_switches, contended;
};

// What the whole child says of itself.
struct lane_stats {
    _Atomic uint64_t gc_pause_ns, gc_collections;
};

struct lane {
    _Alignas(64) _Atomic uint64_t taken;
    _Atomic uint32_t rung;
    _Alignas(64) _Atomic uint32_t head;    // free-running byte counters
    _Alignas(64) _Atomic uint32_t tail;
    struct lane_stats stats;
    _Alignas(64) uint8_t ring[RING_SIZE];
    struct slot slots[];
};

struct lanes {
    uint8_t *base;                         // owned mapping
    size_t n, stride, slots;               // slots a lane
};

// Maps n lanes of that many slots, before the first fork. False: errno.
bool lanes_map(struct lanes *l, size_t n, size_t slots);
void lanes_unmap(struct lanes *l);
void lane_clear(struct lanes *l, size_t i);

static inline struct lane *lane_at(const struct lanes *l, size_t i)
{
    return (struct lane *)(void *)(l->base + i * l->stride);
}

// Child: publishes one record. False: no room, or too large for the ring.
bool ring_put(struct lane *l, struct slice record);

// Supervisor: the oldest record, a view that lives until ring_next. False: empty.
bool ring_peek(struct lane *l, struct slice *record);
void ring_next(struct lane *l, struct slice record);

#endif
