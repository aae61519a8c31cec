// SPDX-License-Identifier: Apache-2.0
// What supervisor, template and children say to each other over their socketpairs. Both ends are the same build on the same
// machine, so numbers travel in the machine's own order. Who says what when is left to pool.c, template.c and child.c.
//
//     | n:4 | kind:1 | n - 1 bytes |          n counts kind and bytes

#ifndef KRAIT_WORKER_CHAN_H
#define KRAIT_WORKER_CHAN_H

#include <sys/types.h>

#include "sdk/base/buf.h"
#include "sdk/wire/state.h"

enum chan_kind {
    // supervisor to template
    CHAN_SPAWN = 1,    // chan_spawn, and the child's end of its socketpair as ancillary data
    // template to supervisor
    CHAN_NAME,         // a registered task: a task body with name, queue and options
    CHAN_LOADED,
    CHAN_FAILED,       // what the app's import printed
    CHAN_SPAWNED,      // chan_spawned
    CHAN_EXITED,       // chan_spawned, with a wait status
    // supervisor to child
    CHAN_TASKS,        // chan_task, id, body; again and again
    CHAN_CANCEL,       // number:8
    CHAN_RECALL,       // give back what no slot has taken
    CHAN_QUIT,         // end once nothing is left to run
    CHAN_DUMP,         // log what runs
    CHAN_ANSWER,       // chan_ask, and the message that the broker answered
    // child to supervisor
    CHAN_READY,
    CHAN_BELL,         // look into the ring
    CHAN_RESULT,       // a record too large for the ring
    CHAN_RETURNED,     // chan_range: numbers that it does not have any more; empty if last < first
    CHAN_ASK,          // chan_ask, and a message for the broker without its seq
    CHAN_DROP,         // chan_ask: its answer is wanted no more
    CHAN_PROGRESS      // chan_progress, and a note
};

struct chan_spawn {
    uint32_t lane;
    uint64_t birth;
};

struct chan_spawned {
    uint64_t birth;
    int32_t pid;
    int32_t status;
};

struct chan_task {
    uint64_t number;
    uint32_t attempt, deliveries, retries;
    uint32_t id_n, body_n;
    uint32_t pad;
};

struct chan_range {
    uint64_t first, last;
};

// What a task asks of the broker, and the answer.
struct chan_ask {
    uint64_t ticket;           // one for each request of the child
    uint32_t member;           // of the Envelope; enum msg_kind
    uint32_t pad;
};

// How far the task of that number is.
struct chan_progress {
    uint64_t number, done, total;
};

// A result: this head, then value, failure's type, message and traceback.
struct chan_result {
    uint64_t number;
    uint64_t run_us, cpu_us, gil_wait_us, memory, retry_ms;
    uint64_t value_size;       // of all parts
    uint32_t value_parts;      // > 0: the value went before, in parts
    uint32_t pad;
    uint32_t ended;            // enum task_ended
    uint32_t has_failure;
    uint32_t value_n, type_n, message_n, traceback_n;
};

struct chan_frame {
    enum chan_kind kind;
    struct slice bytes;
};

// Appends one frame.
bool chan_put(struct buf *out, enum chan_kind kind, const void *p, size_t n);

// The first frame of `in`, a view until chan_done. False: incomplete.
bool chan_next(const struct buf *in, struct chan_frame *f);
void chan_done(struct buf *in, const struct chan_frame *f);

// Blocking ends (template, child). False: the supervisor is gone.
bool chan_write(int fd, struct slice bytes);
bool chan_send(int fd, enum chan_kind kind, const void *p, size_t n);

// One recvmsg; a descriptor that came along is stored in *passed (close-on-exec), else -1. Returns bytes, 0 at the end, -1 on
// an error (EAGAIN and EINTR too).
ssize_t chan_read(int fd, struct buf *in, int *passed);

// Sends one frame with a descriptor, whole or not at all.
bool chan_pass(int fd, enum chan_kind kind, const void *p, size_t n, int pass);

#endif
