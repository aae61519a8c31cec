// SPDX-License-Identifier: Apache-2.0
// Messages as plain C structs. Only msg*.c in this folder sees what the protobuf compiler generates; field meanings
// stand in krait.proto, the conversation in PROTOCOL.md.
//
// Decoding: the frame's caps are checked on the raw bytes first (limits.h), then it is unpacked into one arena without
// an allocation a field. Every slice, array and struct of a decoded message lives until that arena is reset; the
// frame's own bytes may go at once. Task bodies and values stay opaque bytes here: value.h opens them.
//
// Encoding: fill a struct (all that is left zero is absent), slices may point anywhere for the length of the call.
//
//     struct msg m = { .kind = MSG_CREDIT, .credit = { .n = 8 } };
//     err = msg_encode(&conn->out, &m);                                  // head and all
//
//     while (frame_next(&conn->in, limit, &body) == FRAME_WHOLE) {
//         err = msg_decode(&arena, body, &m);                            // m lives until arena_reset(&arena)
//         frame_done(&conn->in, body);
//         switch (m.kind) { … }
//     }

#ifndef KRAIT_WIRE_MSG_H
#define KRAIT_WIRE_MSG_H

#include "sdk/base/arena.h"
#include "sdk/base/buf.h"
#include "sdk/base/err.h"
#include "sdk/wire/limits.h"
#include "sdk/wire/state.h"

// The numbers are the members of krait.v1.Envelope.
enum msg_kind {
    MSG_NONE = 0,
    MSG_HELLO = 1,
    MSG_WELCOME = 2,
    MSG_ERROR = 3,
    MSG_GOODBYE = 4,
    MSG_HEARTBEAT = 5,
    MSG_ENQUEUE = 16,
    MSG_ENQUEUE_REPLY = 17,
    MSG_WAIT = 18,
    MSG_RESULT = 19,
    MSG_CANCEL = 20,
    MSG_CANCEL_REPLY = 21,
    MSG_PART = 22,
    MSG_CREDIT = 32,
    MSG_DELIVER = 33,
    MSG_STARTED = 34,
    MSG_FINISH = 35,
    MSG_FINISH_REPLY = 36,
    MSG_RELEASE = 37,
    MSG_STOP = 38,
    MSG_PROGRESS = 39,
    MSG_QUEUES_ASK = 48,
    MSG_QUEUES_REPLY = 49,
    MSG_WORKERS_ASK = 50,
    MSG_WORKERS_REPLY = 51,
    MSG_TASKS_ASK = 52,
    MSG_TASKS_REPLY = 53,
    MSG_SETTINGS_ASK = 54,
    MSG_SETTINGS_REPLY = 55,
    MSG_EVENTS_ASK = 56,
    MSG_EVENTS = 57,
    MSG_PART_ASK = 58,
    MSG_CHANGED = 64,
    MSG_TASKS_DO = 65,
    MSG_QUEUES_DO = 66,
    MSG_SETTINGS_SET = 67
};

// ---------------------------------------------------------------- tasks

struct msg_retry {
    uint32_t max;
    enum task_backoff backoff;
    uint64_t base_ms, cap_ms;
    uint32_t factor_percent;
    uint64_t *list_ms;
    size_t n_list_ms;
    uint32_t jitter_percent;
    struct slice *retry_on;
    size_t n_retry_on;
    struct slice *fail_on;
    size_t n_fail_on;
};

struct msg_options {
    uint32_t priority;
    bool has_priority;
    uint64_t delay_ms, eta_ms, expires_ms;
    bool has_retry;
    struct msg_retry retry;
    uint64_t soft_limit_ms, hard_limit_ms, memory_limit;
    uint64_t result_ttl_ms;
    bool has_result_ttl;
    uint32_t max_deliveries;
    struct slice unique_key;
    uint64_t unique_ttl_ms;
    enum task_conflict conflict;
    struct slice group, rate_key;
    uint64_t dedupe_ms;
    bool complete;         // the decorator's options are in already
    uint64_t rate_us;      // between two starts under rate_key, or under the task's name; 0: the queue's
};

struct msg_header {
    struct slice name, value;
};

// One task. Encoded it is the body that Enqueue, Redis and Deliver carry as bytes.
struct msg_task {
    struct slice key, queue, name;
    struct msg_options options;
    struct msg_header *headers;
    size_t n_headers;
    struct slice parent, root, workflow, node;
    uint64_t created_ms;
    uint32_t parts;        // 0: the payload is here
    uint64_t payload_size; // of all parts
    struct slice payload;  // decoded: a view into the *body*, not the arena (payload_decode opens it)
};

// Opens a task body for routing: everything but the payload, which stays where it lies. Names and keys are checked
// (id.h); empty queue and key stay empty. ERR_TASK, ERR_NAME, ERR_CAP, ERR_MESSAGE, ERR_NOMEM.
enum err task_decode(struct arena *a, struct slice body, struct msg_task *out);

// Appends a task body.
enum err task_encode(struct buf *out, const struct msg_task *t);

// ---------------------------------------------------------------- the connection

struct msg_queue_weight {
    struct slice queue;
    uint32_t weight;       // decoded: never 0
};

struct msg_task_name {
    struct slice name, queue;
    struct msg_options options;
};

struct msg_held {
    struct slice id;
    uint32_t attempt;
    bool started;
};

struct msg_worker {
    enum worker_mode mode;
    uint32_t processes, threads;
    struct msg_queue_weight *queues;
    size_t n_queues;
    struct msg_task_name *tasks;
    size_t n_tasks;
    uint32_t pid;
    struct slice host, name;
    struct slice resume_session, resume_secret;
    struct msg_held *held;
    size_t n_held;
};

struct msg_hello {
    uint32_t version_min, version_max;
    struct slice token;
    enum role role;
    struct slice ns, client;
    bool has_worker;
    struct msg_worker worker;
};

struct msg_limits {
    uint64_t frame;
    uint32_t batch, window;
    uint64_t payload;
};

struct msg_welcome {
    uint32_t version;
    struct slice session, secret;
    uint64_t heartbeat_ms, ttl_ms, grace_ms;
    struct msg_limits limits;
    struct slice *warnings;
    size_t n_warnings;
    struct slice broker;
    bool resumed;
    uint64_t now_ms;
};

struct msg_error {
    enum err code;         // a number this version does not know is kept as it is: err_text copes
    struct slice text;
    uint64_t seq;
    bool fatal;
};

struct msg_goodbye {
    struct slice reason;
};

struct msg_load {
    uint32_t busy, idle;
    uint64_t rss, gil_wait_us, done, failed;
    uint32_t restarts;
};

struct msg_heartbeat {
    uint64_t sent_ms;
    bool reply;
    bool has_load;
    struct msg_load load;
};

// ---------------------------------------------------------------- producers

struct msg_enqueue {
    uint64_t seq;
    struct slice *tasks;   // bodies: task_encode, task_decode
    size_t n;
};

struct msg_accepted {
    struct slice id;
    enum task_accept outcome;
    struct slice text;
};

struct msg_enqueue_reply {
    uint64_t seq;
    struct msg_accepted *tasks;
    size_t n;
};

struct msg_wait {
    uint64_t seq;
    struct slice *ids;
    size_t n;
    uint64_t timeout_ms;
};

struct msg_failure {
    struct slice type, message, traceback;
};

struct msg_cost {
    uint64_t run_us, cpu_us, gil_wait_us, memory;
};

struct msg_outcome {
    struct slice value;    // a serialized Value: value_decode
    bool no_value;
    bool has_failure;
    struct msg_failure failure;
    enum task_reason reason;
    uint64_t finished_ms;
    bool has_cost;
    struct msg_cost cost;
    struct slice worker;
    uint32_t attempt;
    uint32_t value_parts;
    uint64_t value_size;
};

struct msg_task_result {
    struct slice id;
    enum task_state state;
    bool has_outcome;
    struct msg_outcome outcome;
    // Encoding only, when not empty: a serialized Outcome as it came from the store, sent instead of `outcome`.
    struct slice raw_outcome;
};

struct msg_result {        // also MSG_CANCEL_REPLY
    uint64_t seq;
    struct msg_task_result *tasks;
    size_t n;
};

struct msg_cancel {
    uint64_t seq;
    struct slice *ids;
    size_t n;
    bool running;
    struct slice reason;
};

// The Outcome as it is stored in Redis.
enum err outcome_encode(struct buf *out, const struct msg_outcome *o);
enum err outcome_decode(struct arena *a, struct slice bytes, struct msg_outcome *out);

// ---------------------------------------------------------------- workers

struct msg_credit {
    uint32_t n;
};

struct msg_delivery {
    struct slice id;
    uint32_t attempt;
    struct slice body;     // task_decode
    uint32_t priority;
    uint64_t enqueued_ms;
    uint32_t deliveries, retries;
};

struct msg_deliver {
    struct msg_delivery *tasks;
    size_t n;
};

struct msg_ref {
    struct slice id;
    uint32_t attempt;
};

struct msg_started {
    struct msg_ref *tasks;
    size_t n;
};

struct msg_finished {
    struct slice id;
    uint32_t attempt;
    enum task_ended ended;
    struct slice value;    // a serialized Value
    bool has_failure;
    struct msg_failure failure;
    bool has_cost;
    struct msg_cost cost;
    uint64_t retry_ms;
    uint32_t value_parts;
    uint64_t value_size;
};

struct msg_finish {
    uint64_t seq;
    struct msg_finished *tasks;
    size_t n;
};

struct msg_finish_reply {
    uint64_t seq;
    enum task_ack *tasks;
    size_t n;
};

struct msg_release {
    uint64_t seq;
    struct msg_ref *tasks;
    size_t n;
};

struct msg_stop {
    enum stop_why why;
    struct msg_ref *tasks; // none = the whole session
    size_t n;
    struct slice text;
};

// ---------------------------------------------------------------- looking

struct msg_queues_ask {
    uint64_t seq;
    struct slice *queues;
    size_t n;
};

struct msg_queue_info {
    struct slice queue;
    uint64_t queued, delayed, active, dead, oldest_age_ms;
    bool paused;
    uint32_t workers;
    uint64_t done, died, cancelled;
};

struct msg_queues_reply {
    uint64_t seq;
    struct msg_queue_info *queues;
    size_t n;
};

struct msg_workers_ask {
    uint64_t seq;
};

struct msg_worker_info {
    struct slice session, name, host;
    uint32_t pid;
    enum worker_mode mode;
    uint32_t processes, threads;
    struct slice *queues;
    size_t n_queues;
    bool has_load;
    struct msg_load load;
    uint64_t connected_ms;
    struct slice broker;
};

struct msg_workers_reply {
    uint64_t seq;
    struct msg_worker_info *workers;
    size_t n;
};

struct msg_progress_one {
    struct slice id;
    uint32_t attempt;
    uint64_t done, total;
    struct slice note;
};

struct msg_progress {
    struct msg_progress_one *tasks;
    size_t n;
};

struct msg_filter {
    struct slice name;
    enum task_reason reason;
    struct slice error;
    uint64_t after_ms, before_ms;
    struct slice group;
};

struct msg_tasks_ask {
    uint64_t seq;
    struct slice *ids;
    size_t n;
    struct slice queue;
    enum task_state state;
    struct msg_filter filter;
    struct slice after;
    uint32_t limit;
    bool bodies;
};

struct msg_task_info {
    struct slice id;
    enum task_state state;
    enum task_reason reason;
    struct slice name;
    uint32_t priority, attempt, deliveries, retries, max_retries;
    uint64_t enqueued_ms, moved_ms, due_ms, expires_ms, started_ms;
    struct slice group, session;
    uint64_t size;
    bool has_progress;
    struct msg_progress_one progress;
    bool has_failure;
    struct msg_failure failure;
    struct slice body, outcome;
};

struct msg_tasks_reply {
    uint64_t seq;
    struct msg_task_info *tasks;
    size_t n;
    struct slice next;
};

struct msg_setting {
    struct slice name, value;
    bool is_default;
    struct slice help;
};

// SettingsAsk, SettingsReply and SettingsSet alike.
struct msg_settings {
    uint64_t seq;
    struct slice queue;
    struct msg_setting *settings;
    size_t n;
};

struct msg_events_ask {
    uint64_t seq;
    struct slice queue, after;
    uint32_t limit;
    uint64_t wait_ms;
};

struct msg_event {
    struct slice id;
    enum happening what;
    uint64_t at_ms;
    uint32_t attempt;
    enum task_reason reason;
    struct slice who;
};

struct msg_events {
    uint64_t seq;
    struct msg_event *events;
    size_t n;
    struct slice next;
};

// ---------------------------------------------------------------- large ones in parts

struct msg_part {
    uint64_t seq;
    struct slice id;
    enum part_of of;
    uint32_t attempt, index, count;
    struct slice data;
};

struct msg_part_ask {
    uint64_t seq;
    struct slice id;
    enum part_of of;
    uint32_t attempt, index;
};

// ---------------------------------------------------------------- changing

struct msg_changed {
    uint64_t seq, n;
    struct slice text;
};

struct msg_tasks_do {
    uint64_t seq;
    enum task_verb verb;
    struct slice *ids;
    size_t n;
    struct slice queue;
    struct msg_filter filter;
};

struct msg_queues_do {
    uint64_t seq;
    enum queue_verb verb;
    struct slice *queues;
    size_t n;
    enum task_state *states;
    size_t n_states;
};

// ---------------------------------------------------------------- any of them

struct msg {
    enum msg_kind kind;
    union {
        struct msg_hello hello;
        struct msg_welcome welcome;
        struct msg_error error;
        struct msg_goodbye goodbye;
        struct msg_heartbeat heartbeat;
        struct msg_enqueue enqueue;
        struct msg_enqueue_reply enqueue_reply;
        struct msg_wait wait;
        struct msg_result result;
        struct msg_cancel cancel;
        struct msg_result cancel_reply;
        struct msg_credit credit;
        struct msg_deliver deliver;
        struct msg_started started;
        struct msg_finish finish;
        struct msg_finish_reply finish_reply;
        struct msg_release release;
        struct msg_stop stop;
        struct msg_queues_ask queues_ask;
        struct msg_queues_reply queues_reply;
        struct msg_workers_ask workers_ask;
        struct msg_workers_reply workers_reply;
        struct msg_part part;
        struct msg_progress progress;
        struct msg_tasks_ask tasks_ask;
        struct msg_tasks_reply tasks_reply;
        struct msg_settings settings_ask, settings_reply, settings_set;
        struct msg_events_ask events_ask;
        struct msg_events events;
        struct msg_part_ask part_ask;
        struct msg_changed changed;
        struct msg_tasks_do tasks_do;
        struct msg_queues_do queues_do;
    };
};

// Checks and unpacks the body of one frame. ERR_CAP, ERR_MESSAGE, ERR_UNKNOWN (a member from a later version, or none),
// ERR_NOMEM. Enums that this version does not know read as their NONE.
enum err msg_decode(struct arena *a, struct slice body, struct msg *out) __attribute__((warn_unused_result));

// Appends one whole frame. On an error nothing was appended: ERR_NOMEM, ERR_FRAME_SIZE (over LIMIT_FRAME_MAX).
enum err msg_encode(struct buf *out, const struct msg *m) __attribute__((warn_unused_result));

// "hello", "enqueue_reply" …; "?" for a number that is none.
const char *msg_name(enum msg_kind kind);

// Which side may send it: bits of 1 << enum role for clients, MSG_FROM_BROKER for the broker.
#define MSG_FROM_BROKER (1u << 7)
unsigned msg_senders(enum msg_kind kind);

#endif
