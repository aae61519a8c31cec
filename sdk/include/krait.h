// SPDX-License-Identifier: Apache-2.0
// libkrait: enqueue tasks on a Krait broker and wait for their results, from C or anything that can call C.
// It runs no tasks (workers do) and knows no Redis (brokers do).
//
//     struct krait *k;
//     if (krait_connect(&k, NULL))                        // $KRAIT_BROKER, $KRAIT_TOKEN
//         errx(1, "%s", krait_message(k));
//     struct krait_task task = KRAIT_TASK("tasks.add");
//     task.args_json = "[1, 2]";
//     char id[KRAIT_ID_SIZE];
//     struct krait_result *r;
//     if (krait_enqueue(k, &task, id) || krait_wait(k, id, 5000, &r))
//         errx(1, "%s", krait_message(k));
//     char *json = krait_result_json(r);                  // "3"
//     free(json);
//     krait_result_free(r);
//     krait_close(k);
//
// Promises
// - Where nobody listens krait_connect says so at once (KRAIT_CONNECT), unless options.patient. Once a broker was met, a refused
//   connection is taken for a restart and tried again until the deadline.
// - Every call has a deadline: it returns KRAIT_TIMEOUT or KRAIT_CONNECT when nothing moved for options.deadline_ms (looking
//   up a host name may take longer: the C library does that).
// - Enqueueing is idempotent. Each task has a key, made here unless you give one; when a connection breaks the library
//   connects again and sends what was not answered under the same keys, so that a task is never there twice. After an
//   error you may call again with the same key to be certain.
// - A connection that was idle for long may have been closed by the broker: the next call opens it again by itself.
//
// Threads: a struct krait, with all that came from it, belongs to one thread at a time; different ones are independent.
// Values, results and options are plain data. No signal handlers, no background threads, no global state; SIGPIPE is never
// raised. All strings are UTF-8. A pointer that a function returns is yours to free where its comment says so.

#ifndef KRAIT_H
#define KRAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define KRAIT_API __attribute__((visibility("default")))
#define KRAIT_CHECK __attribute__((warn_unused_result))
#else
#define KRAIT_API
#define KRAIT_CHECK
#endif

// The numbers are those of the wire.
enum krait_error {
    KRAIT_OK = 0,
    KRAIT_NOMEM = 1,
    KRAIT_INTERNAL = 2,
    KRAIT_USAGE = 3,        // a wrong argument: krait_message says which
    KRAIT_TIMEOUT = 4,
    KRAIT_CLOSED = 5,
    KRAIT_CONNECT = 6,      // no broker answers
    KRAIT_IO = 7,
    KRAIT_VERSION = 20,     // no common protocol version
    KRAIT_CAP = 21,         // too long, too deep, too many
    KRAIT_AUTH = 32,        // token refused
    KRAIT_DENIED = 33,      // no right to this
    KRAIT_NAME = 34,        // queue or key is not valid
    KRAIT_ID = 35,          // not a task id
    KRAIT_TASK_BAD = 36,    // refused by the broker
    KRAIT_VALUE = 37,       // JSON or value is not valid
    KRAIT_NOT_FOUND = 38,
    KRAIT_FULL = 48,        // queue or store at its limit: try later
    KRAIT_CONFLICT = 49,    // unique key taken
    KRAIT_STORE = 50        // the broker's store does not answer
};

// Words for a number, never NULL.
KRAIT_API const char *krait_error_text(enum krait_error error);

// ---------------------------------------------------------------- connections

struct krait;

struct krait_options {
    const char *broker;     // krait://HOST[:7248][/NAMESPACE] or unix:///PATH; NULL = $KRAIT_BROKER, else 127.0.0.1:7248
    const char *token;      // NULL = $KRAIT_TOKEN, else the first line of the file $KRAIT_TOKEN_FILE, else none
    int64_t deadline_ms;    // 0 = 10,000
    const char *client;     // who you are, for people who look at the broker; NULL = "libkrait"
    bool patient;           // wait for a broker that does not listen yet, until the deadline
};

// Connects. *out is set also on an error, so that krait_message(*out) can tell more, and must be closed; it is NULL only
// without memory. options may be NULL.
KRAIT_API KRAIT_CHECK enum krait_error krait_connect(struct krait **out, const struct krait_options *options);

// NULL does nothing.
KRAIT_API void krait_close(struct krait *k);

// What went wrong last on this connection, one line; borrowed until the next call. Never NULL, also for k == NULL.
KRAIT_API const char *krait_message(const struct krait *k);

// The broker's warning about what was enqueued last ("no worker knows this task"), or "".
KRAIT_API const char *krait_warning(const struct krait *k);

// The library's version.
KRAIT_API const char *krait_version(void);

// ---------------------------------------------------------------- values

// A Python value as a tree. Containers own what is put into them.
struct krait_value;

enum krait_kind {
    KRAIT_NONE = 1,
    KRAIT_BOOL = 2,
    KRAIT_INT = 3,
    KRAIT_BIG = 4,          // beyond 64 bits: two's complement, little endian
    KRAIT_REAL = 5,
    KRAIT_TEXT = 6,
    KRAIT_BYTES = 7,
    KRAIT_LIST = 8,
    KRAIT_TUPLE = 9,
    KRAIT_SET = 10,
    KRAIT_FROZENSET = 11,
    KRAIT_DICT = 12,
    KRAIT_DATE = 13,        // from here on: make and read them as JSON
    KRAIT_TIME = 14,
    KRAIT_DATETIME = 15,
    KRAIT_TIMEDELTA = 16,
    KRAIT_DECIMAL = 17,
    KRAIT_UUID = 18
};

// Each returns a new value or NULL without memory.
KRAIT_API struct krait_value *krait_value_none(void);
KRAIT_API struct krait_value *krait_value_bool(bool b);
KRAIT_API struct krait_value *krait_value_int(int64_t i);
KRAIT_API struct krait_value *krait_value_real(double d);
KRAIT_API struct krait_value *krait_value_text(const char *s);            // copied
KRAIT_API struct krait_value *krait_value_text_n(const char *s, size_t n);
KRAIT_API struct krait_value *krait_value_bytes(const void *p, size_t n);
KRAIT_API struct krait_value *krait_value_container(enum krait_kind kind);  // LIST TUPLE SET FROZENSET DICT, empty

// Takes item (frees it on failure, so that calls can be nested); false without memory, for a NULL item or a wrong container.
KRAIT_API bool krait_value_append(struct krait_value *container, struct krait_value *item);
KRAIT_API bool krait_value_put(struct krait_value *dict, struct krait_value *key, struct krait_value *item);
KRAIT_API bool krait_value_put_text(struct krait_value *dict, const char *key, struct krait_value *item);

KRAIT_API void krait_value_free(struct krait_value *v);

KRAIT_API enum krait_kind krait_value_kind(const struct krait_value *v);
KRAIT_API bool krait_value_as_bool(const struct krait_value *v);          // false for other kinds
KRAIT_API int64_t krait_value_as_int(const struct krait_value *v);        // 0 for other kinds
KRAIT_API double krait_value_as_real(const struct krait_value *v);        // also of INT; 0 for other kinds
// TEXT, BYTES, BIG, DECIMAL, UUID: the bytes, with a terminator behind them; borrowed until the value is freed. Else NULL.
KRAIT_API const char *krait_value_data(const struct krait_value *v, size_t *n);
KRAIT_API size_t krait_value_count(const struct krait_value *v);          // items or pairs; 0 for what is no container
// Borrowed, NULL past the end. Of a DICT: key is the key, item the value.
KRAIT_API const struct krait_value *krait_value_item(const struct krait_value *v, size_t i);
KRAIT_API const struct krait_value *krait_value_key(const struct krait_value *v, size_t i);
KRAIT_API const struct krait_value *krait_value_get(const struct krait_value *dict, const char *key);

// JSON in and out; what JSON has no form for is written {"$bytes": "base64"}, {"$datetime": "…"} and so on (README).
// Returns a new value; NULL when text is no JSON or there is no memory, with the byte offset in *at (may be NULL).
KRAIT_API struct krait_value *krait_value_from_json(const char *text, size_t *at);
// Returns new text for free(3), NULL without memory.
KRAIT_API char *krait_value_to_json(const struct krait_value *v);

// ---------------------------------------------------------------- tasks

#define KRAIT_ID_SIZE 208   // room for any task id and its terminator

enum krait_conflict { KRAIT_REJECT = 0, KRAIT_EXISTING = 1, KRAIT_REPLACE = 2 };
enum krait_backoff { KRAIT_AT_ONCE = 0, KRAIT_CONSTANT = 1, KRAIT_EXPONENTIAL = 2, KRAIT_STEPS = 3 };

// Everything is borrowed for the length of the call. Start with KRAIT_TASK(name); what is left alone is as the task's decorator
// says (@app.task(max_retries=…)), else the broker's default.
struct krait_task {
    const char *name;                   // module.function
    const char *queue;                  // NULL = "default"
    const char *key;                    // NULL = a random one. [A-Za-z0-9_.:~-]{1,128}
    const struct krait_value *args;     // LIST or TUPLE, or NULL
    const struct krait_value *kwargs;   // DICT with text keys, or NULL
    const char *args_json;              // instead of args: a JSON array
    const char *kwargs_json;            // instead of kwargs: a JSON object
    int priority;                       // 0..9, 9 first; -1 = default
    int64_t delay_ms;
    int64_t eta_ms;                     // wall clock, ms since 1970; 0 = none; wins over delay_ms
    int64_t expires_ms;                 // must start within; 0 = never expires
    int max_retries;                    // -1 = default, and then nothing else of the retry policy is sent
    enum krait_backoff backoff;
    int64_t backoff_base_ms, backoff_cap_ms;
    int64_t soft_limit_ms, hard_limit_ms;
    int64_t memory_limit;               // bytes
    int64_t result_ttl_ms;              // 0 = keep no result; -1 = default
    int max_deliveries;                 // 0 = default
    const char *unique_key;
    int64_t unique_ttl_ms;
    enum krait_conflict conflict;
    const char *group;
    const char *rate_key;
    const char *const (*headers)[2];    // pairs of name and value
    size_t n_headers;
    const char *parent;
    const char *root;
    int backoff_factor_percent;         // EXPONENTIAL: 200 = doubling; 0 = 200
    int jitter_percent;                 // up to this share is taken off the backoff
    const int64_t *backoff_steps_ms;    // STEPS: one for each retry, the last one again
    size_t n_backoff_steps;
    const char *const *retry_on;        // names of exceptions; none = all
    size_t n_retry_on;
    const char *const *fail_on;         // wins over retry_on
    size_t n_fail_on;
    int64_t dedupe_ms;                  // how long after its end the id stays known; 0 = default
    int64_t rate_us;                    // at least so long between two starts under rate_key (NULL: the task's name), of all
                                        // workers together; 0 = as the task, else the queue's key_rate, says
};

#define KRAIT_TASK(task_name) { .name = (task_name), .priority = -1, .max_retries = -1, .result_ttl_ms = -1 }

// Enqueues one and writes its id. KRAIT_OK also when this key is known already. Returns when the store has it.
KRAIT_API KRAIT_CHECK enum krait_error krait_enqueue(struct krait *k, const struct krait_task *task,
                                                     char id[KRAIT_ID_SIZE]);

struct krait_accepted {
    enum krait_error error;             // KRAIT_OK, KRAIT_FULL, KRAIT_CONFLICT (id is the owner's), KRAIT_TASK_BAD
    bool existed;
    char id[KRAIT_ID_SIZE];
};

// Enqueues n tasks, pipelined. Returns KRAIT_OK when each was answered; answers[i] tells how. On another error those with
// KRAIT_INTERNAL are unknown: call again with the same keys.
KRAIT_API KRAIT_CHECK enum krait_error krait_enqueue_many(struct krait *k, const struct krait_task *tasks, size_t n,
                                                          struct krait_accepted *answers);

// ---------------------------------------------------------------- results

enum krait_state {
    KRAIT_UNKNOWN = 0,      // never there, or expired
    KRAIT_QUEUED = 1,
    KRAIT_DELAYED = 2,
    KRAIT_ACTIVE = 3,
    KRAIT_DONE = 4,
    KRAIT_DEAD = 5,
    KRAIT_CANCELLED = 6
};

// "done" for KRAIT_DONE; "?" for what is no state.
KRAIT_API const char *krait_state_name(enum krait_state state);

// Borrowed by callbacks, owned where krait_wait returns it.
struct krait_result {
    const char *id;
    enum krait_state state;
    const char *state_name;      // "done"
    const char *reason;          // of DEAD and CANCELLED: "failed", "expired", "unknown_task", "worker_lost" …; else ""
    bool has_value;              // DONE and kept
    const char *error_type;      // "" when it did not raise
    const char *error_message;
    const char *traceback;
    const char *worker;
    int attempt;
    int64_t finished_ms;         // wall clock
    uint64_t run_us, cpu_us, gil_wait_us, memory;
    const void *raw;             // the value as it travelled; krait_result_value and krait_result_json read it
    size_t raw_size;
};

// Waits until the task ends or timeout_ms is over: 0 = look once, -1 = for ever (but KRAIT_CONNECT when no broker answers
// for the connection's deadline). KRAIT_OK with a new result, whose state may be one that is not final: then the time was over,
// or the task is KRAIT_UNKNOWN.
KRAIT_API KRAIT_CHECK enum krait_error krait_wait(struct krait *k, const char *id, int64_t timeout_ms,
                                                  struct krait_result **out);

// Calls back once for each id, in the order in which they end; at the time-out for the rest. r is borrowed for that call.
// The callback must not use k; when it returns false the waiting ends with KRAIT_OK.
typedef bool krait_on_result(void *context, size_t index, const struct krait_result *r);
KRAIT_API KRAIT_CHECK enum krait_error krait_wait_many(struct krait *k, const char *const *ids, size_t n,
                                                       int64_t timeout_ms, krait_on_result *on_result, void *context);

static inline bool krait_state_is_final(enum krait_state s)
{
    return s == KRAIT_DONE || s == KRAIT_DEAD || s == KRAIT_CANCELLED;
}

// Returns a new value, NULL when there is none or no memory.
KRAIT_API struct krait_value *krait_result_value(const struct krait_result *r);
// Returns new text for free(3); "null" when no value was kept.
KRAIT_API char *krait_result_json(const struct krait_result *r);
KRAIT_API void krait_result_free(struct krait_result *r);

// ---------------------------------------------------------------- changing and looking at tasks

// Cancels; with running also what a worker has in hand. *state (may be NULL): the state after the request; KRAIT_ACTIVE
// means that its worker was told, krait_wait tells the end.
KRAIT_API KRAIT_CHECK enum krait_error krait_cancel(struct krait *k, const char *id, bool running,
                                                    enum krait_state *state);

// The same for n tasks, pipelined; states (may be NULL) has room for n. reason (may be NULL) becomes the error_message of its result.
KRAIT_API KRAIT_CHECK enum krait_error krait_cancel_many(struct krait *k, const char *const *ids, size_t n, bool running,
                                                         const char *reason, enum krait_state *states);

// Which tasks: by id, or those of a queue in one state that the rest lets through. Dead letters are the tasks in KRAIT_DEAD.
struct krait_select {
    const char *const *ids;
    size_t n_ids;
    const char *queue;           // without ids
    enum krait_state state;      // QUEUED, DELAYED, ACTIVE or DEAD
    const char *name;            // glob of the task's name, or NULL
    const char *reason;          // "failed", "worker_lost" …, or NULL
    const char *error;           // glob of the exception's type, or NULL
    const char *group;
    int64_t after_ms, before_ms; // wall clock: came into its state since, until; 0 = any
};

// Borrowed for one call of the callback. Texts are never NULL.
struct krait_task_info {
    const char *id;
    enum krait_state state;      // KRAIT_UNKNOWN: not found
    const char *state_name, *reason, *name, *group;
    const char *worker;          // ACTIVE: the session of the worker that has it
    unsigned priority, attempt, deliveries, retries, max_retries;
    int64_t enqueued_ms, moved_ms, due_ms, expires_ms, started_ms;   // wall clock; 0 = not, or not known
    uint64_t size;               // bytes of its body
    uint64_t done, total;        // how far it said to be
    const char *note;
    const char *error_type, *error_message, *traceback;
    const char *args_json, *kwargs_json, *headers_json;    // with bodies, else ""
};

// Calls back for each, the oldest first, at most `limit` of them (0 = all). The callback must not use k; when it returns
// false that was enough. With bodies also the arguments are fetched.
typedef bool krait_on_task(void *context, const struct krait_task_info *t);
KRAIT_API KRAIT_CHECK enum krait_error krait_tasks(struct krait *k, const struct krait_select *which, size_t limit,
                                                   bool bodies, krait_on_task *on_task, void *context);

// Dead letters run again, their counts at zero, under the same ids; *n (may be NULL): how many.
KRAIT_API KRAIT_CHECK enum krait_error krait_retry(struct krait *k, const struct krait_select *which, uint64_t *n);

// Tasks that ended are forgotten, with their results; without ids: dead letters.
KRAIT_API KRAIT_CHECK enum krait_error krait_delete(struct krait *k, const struct krait_select *which, uint64_t *n);

// ---------------------------------------------------------------- queues and workers

struct krait_queue {
    char name[65];
    uint64_t queued, delayed, active, dead;
    uint64_t oldest_age_ms;
    bool paused;
    unsigned workers;
    uint64_t done, died, cancelled;   // since the queue was made
};

// All queues of the namespace, sorted by name: new array for free(3).
KRAIT_API KRAIT_CHECK enum krait_error krait_queues(struct krait *k, struct krait_queue **out, size_t *n);

// Nothing of these queues is handed out until krait_resume; what runs goes on, enqueueing too.
KRAIT_API KRAIT_CHECK enum krait_error krait_pause(struct krait *k, const char *const *queues, size_t n);
KRAIT_API KRAIT_CHECK enum krait_error krait_resume(struct krait *k, const char *const *queues, size_t n);

enum krait_purge { KRAIT_PURGE_QUEUED = 1, KRAIT_PURGE_DELAYED = 2, KRAIT_PURGE_DEAD = 4 };   // or-ed

// Cancels the queue's tasks that wait (0 = QUEUED and DELAYED), forgets its dead letters (DEAD). *n (may be NULL): how many.
KRAIT_API KRAIT_CHECK enum krait_error krait_purge(struct krait *k, const char *queue, unsigned what, uint64_t *n);

// An empty queue is forgotten, with its settings.
KRAIT_API KRAIT_CHECK enum krait_error krait_forget(struct krait *k, const char *queue);

// max_length, max_concurrency, rate … (sdk/wire/PROTOCOL.md lists them). value NULL or "": back to the default.
struct krait_setting {
    const char *name, *value;
    bool is_default;
    const char *help;
};

// Calls back for each setting of a queue, those at their default too. Borrowed for the call.
typedef void krait_on_setting(void *context, const struct krait_setting *s);
KRAIT_API KRAIT_CHECK enum krait_error krait_settings(struct krait *k, const char *queue, krait_on_setting *on_setting,
                                                      void *context);

// Changes all of these or, when one is wrong, none. Holds at once, for all brokers.
KRAIT_API KRAIT_CHECK enum krait_error krait_settings_set(struct krait *k, const char *queue,
                                                          const struct krait_setting *settings, size_t n);

struct krait_event {
    const char *id;              // "" for what concerns the queue
    const char *what;            // "queued", "claimed", "done", "retry", "paused" …
    const char *reason, *who;
    unsigned attempt;
    int64_t at_ms;               // wall clock
};

// What happened in a queue; recorded only while its setting `events` is above 0. *after: where to go on, starting with "" = from
// now, "0" = from the oldest kept; KRAIT_ID_SIZE bytes, updated. Waits up to wait_ms when there is nothing yet.
typedef void krait_on_event(void *context, const struct krait_event *e);
KRAIT_API KRAIT_CHECK enum krait_error krait_events(struct krait *k, const char *queue, char *after, int64_t wait_ms,
                                                    krait_on_event *on_event, void *context);

struct krait_worker {
    char name[128], host[128], session[129];
    unsigned pid, processes, threads;
    bool free_threaded;
    char queues[512];            // separated by commas, cut at the end
    unsigned busy, idle, restarts;
    uint64_t done, failed, rss, gil_wait_us;
    int64_t connected_ms;        // wall clock
    char broker[128];            // where it is connected
};

// All connected workers: new array for free(3).
KRAIT_API KRAIT_CHECK enum krait_error krait_workers(struct krait *k, struct krait_worker **out, size_t *n);

#ifdef __cplusplus
}
#endif

#endif
