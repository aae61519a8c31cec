// SPDX-License-Identifier: Apache-2.0
// Inside libkrait: the connection and the one loop that every blocking call runs.
//
// A call is a `struct job`: it pumps requests out as flow control allows, takes the answers, and can be rewound. The loop
// (job_run) connects, polls, cuts frames, answers heartbeats, and after a lost connection rewinds the job and connects again.
// Since all requests are idempotent, a job needs to know only what was answered.
//
//              ┌────────── rewind ◀─── connection lost
//              ▼
//   connect ─▶ pump ─▶ poll ─▶ take … ─▶ done
//              ▲                │
//              └────────────────┘
//
// Deadlines: `quiet` is the moment at which the call gives up because nothing moved; each answer (and, while waiting for
// results, each frame of the broker) pushes it back. `until` is the caller's own time-out, which is not an error.

#ifndef KRAIT_CLIENT_H
#define KRAIT_CLIENT_H

#include "sdk/base/arena.h"
#include "sdk/base/buf.h"
#include "sdk/base/clock.h"
#include "sdk/base/err.h"
#include "sdk/base/url.h"
#include "sdk/include/krait.h"
#include "sdk/wire/msg.h"

#define CLIENT_MESSAGE 512

struct krait {
    struct url url;
    char *token;             // owned, MEM_CLIENT text; NULL = none
    char *client;            // owned, MEM_CLIENT text
    int64_t deadline_ms;
    bool patient;            // a refused connection may be tried again
    bool met;                // a broker welcomed us before
    bool nobody;             // the last dial found nobody who listens
    int fd;                  // -1 = not connected
    bool welcome;            // the handshake is through
    struct buf in, out;
    struct arena arena;      // of the frame in hand
    struct msg_limits limits;
    int64_t beat_ms;
    struct mono sent;        // when something was last sent
    struct mono heard;       // when something was last received
    struct mono moved;       // when the call in hand last made progress
    uint64_t seq;            // the last one used
    int pause_ms;            // before the next try to connect
    struct mono next_try;
    char message[CLIENT_MESSAGE];
    char warning[CLIENT_MESSAGE];
    // Returns a connected non-blocking socket, or -1 with the message set. Tests put socketpairs here.
    int (*dial)(struct krait *k, struct mono until);
    void *dial_context;
};

struct job {
    // Appends requests to k->out; called when connected and after each answer. ERR_OK or what ends the call.
    enum err (*pump)(struct krait *k, struct job *job);
    // Takes one message of the broker, borrowed for the call. ERR_OK or what ends the call.
    enum err (*take)(struct krait *k, struct job *job, const struct msg *m);
    // The connection broke: nothing in flight will be answered.
    void (*rewind)(struct krait *k, struct job *job);
    bool done;
    bool patient;            // any frame of the broker counts as progress, not only answers
    struct mono until;       // the caller's time-out, never = none; then expired() is asked
    enum err (*expired)(struct krait *k, struct job *job);
    struct mono again;       // pump at this moment though nothing came; never = not
};

// Runs the job to its end. On an error krait_message tells more.
enum err job_run(struct krait *k, struct job *job);

// Marks progress: pushes the deadline back.
void job_moved(struct krait *k);

// One question, one answer.
struct question {
    struct job job;          // first: a struct job * is a struct question *
    struct msg ask;          // without its seq
    uint64_t *seq;           // where the seq goes: within ask
    enum msg_kind answer;
    enum err (*read)(struct krait *k, const struct msg *m, void *out);   // may be NULL
    void *out;
    bool sent;
};

enum krait_error question_ask(struct krait *k, struct question *q);

// Makes a connection object that has not dialled yet; false with its message set when the options are wrong (*err says how).
struct krait *client_new(const struct krait_options *options, enum err *err);

// Sets the message and returns err.
enum err client_fail(struct krait *k, enum err err, const char *format, ...) __attribute__((format(printf, 3, 4)));

// Appends a message to k->out.
enum err client_send(struct krait *k, const struct msg *m);

// ---- conn.c: bytes

int conn_dial(struct krait *k, struct mono until);

// Connects the socket and completes the handshake before `until`. Errors: CONNECT and TIMEOUT may be tried again, all
// others not.
enum err conn_open(struct krait *k, struct mono until);
void conn_close(struct krait *k);

// Sends and receives what is possible until the moment, or until something came. ERR_CLOSED when the connection is gone.
enum err conn_step(struct krait *k, struct mono until);

// The next message in k->in, decoded into k->arena; *got false when there is no whole frame. Errors end the connection.
enum err conn_next(struct krait *k, struct msg *m, bool *got);

// ---- parts.c: what is too large for one frame

// Sends bytes in parts under a task's id; fills k->message on an error.
enum err parts_push(struct krait *k, const char *id, struct slice bytes);

// Appends the value of a result that came in so many parts.
enum err parts_fetch(struct krait *k, const char *id, uint32_t attempt, uint32_t parts, struct buf *out);

// ---- task.c, value.c

// A payload that was pushed in parts; count 0 = it stands in the body.
struct task_parts {
    uint32_t count;
    uint64_t size;
};

// Appends the body of a task with this key. Fills k->message on an error.
enum err task_body(struct krait *k, const struct krait_task *task, struct slice key, struct task_parts parts, struct buf *out);

// Whether the payload may be larger than LIMIT_INLINE: a guess that never errs towards small.
bool task_may_be_large(const struct krait_task *task);

// Appends the payload alone.
enum err task_payload(struct krait *k, const struct krait_task *task, struct buf *out);

// What a body's arguments and headers are, as JSON for free(3); NULL without memory or for what cannot be read.
struct body_json {
    char *args, *kwargs, *headers;
};
bool task_json(struct slice body, struct body_json *out);

struct wire_value;

// No less than the bytes that v becomes on the wire; stops counting at enough.
size_t value_size(const struct krait_value *v, size_t enough);

// A tree in the arena that borrows from v. false without memory.
bool value_to_wire(struct arena *a, const struct krait_value *v, struct wire_value *out);

// Returns a new value, NULL without memory.
struct krait_value *value_from_wire(const struct wire_value *w);

#endif
