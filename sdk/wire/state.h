// SPDX-License-Identifier: Apache-2.0
// The words that all sides share: where a task stands, how it ended, what the answers are. The numbers are the wire's
// (krait.proto); names are what JSON, logs and metrics show.

#ifndef KRAIT_WIRE_STATE_H
#define KRAIT_WIRE_STATE_H

// Where a task stands. The broker moves it by its own table of legal moves.
#define STATE_LIST(X)                                                                                      \
    X(NONE,      0, "unknown")     /* not found */                                                          \
    X(QUEUED,    1, "queued")                                                                               \
    X(DELAYED,   2, "delayed")     /* waits for its time, or for its retry */                               \
    X(ACTIVE,    3, "active")      /* with a worker */                                                      \
    X(DONE,      4, "done")                                                                                 \
    X(DEAD,      5, "dead")        /* failed for good; the reason says how */                               \
    X(CANCELLED, 6, "cancelled")

// Why a task is DEAD or CANCELLED.
#define REASON_LIST(X)                                                                                     \
    X(NONE,         0, "")                                                                                  \
    X(FAILED,       1, "failed")                                                                            \
    X(EXPIRED,      2, "expired")                                                                           \
    X(UNKNOWN_TASK, 3, "unknown_task")                                                                      \
    X(WORKER_LOST,  4, "worker_lost")                                                                       \
    X(TIMED_OUT,    5, "timed_out")                                                                         \
    X(MEMORY,       6, "memory")                                                                            \
    X(CANCELLED,    7, "cancelled")                                                                         \
    X(BAD_RESULT,   8, "bad_result")

// The answer to one enqueued task.
#define ACCEPT_LIST(X)                                                                                     \
    X(NONE,     0, "none")                                                                                  \
    X(OK,       1, "accepted")                                                                              \
    X(EXISTS,   2, "exists")       /* known already: as good as accepted */                                 \
    X(FULL,     3, "full")         /* try later */                                                          \
    X(CONFLICT, 4, "conflict")     /* unique key taken */                                                   \
    X(REFUSED,  5, "refused")      /* never */                                                              \
    X(AWAY,     6, "away")         /* nobody knows: send again under the same key */

// What a worker says of a task that it had.
#define ENDED_LIST(X)                                                                                      \
    X(NONE,         0, "none")                                                                              \
    X(DONE,         1, "done")                                                                              \
    X(FAILED,       2, "failed")                                                                            \
    X(RETRY,        3, "retry")                                                                             \
    X(RELEASED,     4, "released")                                                                          \
    X(UNKNOWN_TASK, 5, "unknown_task")                                                                      \
    X(LOST,         6, "lost")                                                                              \
    X(TIMED_OUT,    7, "timed_out")                                                                         \
    X(CANCELLED,    8, "cancelled")                                                                         \
    X(MEMORY,       9, "memory")                                                                            \
    X(BAD_RESULT,  10, "bad_result")

// The answer to one Finished or released task.
#define ACK_LIST(X)                                                                                        \
    X(NONE,  0, "none")                                                                                     \
    X(OK,    1, "ok")                                                                                       \
    X(DUP,   2, "dup")                                                                                      \
    X(STALE, 3, "stale")                                                                                    \
    X(AWAY,  4, "away")            /* send again */

#define ROLE_LIST(X)                                                                                       \
    X(NONE,     0, "none")                                                                                  \
    X(PRODUCER, 1, "producer")                                                                              \
    X(WORKER,   2, "worker")                                                                                \
    X(ADMIN,    3, "admin")

#define MODE_LIST(X)                                                                                       \
    X(NONE,          0, "none")                                                                             \
    X(GIL,           1, "gil")                                                                              \
    X(FREE_THREADED, 2, "free-threaded")

// What the event stream of a queue tells.
#define HAPPENING_LIST(X)                                                                                  \
    X(NONE,      0,  "")                                                                                    \
    X(QUEUED,    1,  "queued")                                                                              \
    X(DELAYED,   2,  "delayed")                                                                             \
    X(CLAIMED,   3,  "claimed")                                                                             \
    X(DONE,      4,  "done")                                                                                \
    X(DEAD,      5,  "dead")                                                                                \
    X(CANCELLED, 6,  "cancelled")                                                                           \
    X(RETRY,     7,  "retry")                                                                               \
    X(RETURNED,  8,  "returned")   /* given back or reaped */                                               \
    X(REDONE,    9,  "redone")     /* a dead letter runs again */                                           \
    X(PAUSED,    10, "paused")                                                                              \
    X(RESUMED,   11, "resumed")                                                                             \
    X(PURGED,    12, "purged")                                                                              \
    X(SETTINGS,  13, "settings")

#define STATE_ROW(name, number, text)  STATE_##name = number,
#define REASON_ROW(name, number, text) REASON_##name = number,
#define ACCEPT_ROW(name, number, text) ACCEPT_##name = number,
#define ENDED_ROW(name, number, text)  ENDED_##name = number,
#define ACK_ROW(name, number, text)    ACK_##name = number,
#define ROLE_ROW(name, number, text)   ROLE_##name = number,
#define MODE_ROW(name, number, text)   MODE_##name = number,
#define HAPPENING_ROW(name, number, text) HAPPENING_##name = number,

enum task_state { STATE_LIST(STATE_ROW) };
enum task_reason { REASON_LIST(REASON_ROW) };
enum task_accept { ACCEPT_LIST(ACCEPT_ROW) };
enum task_ended { ENDED_LIST(ENDED_ROW) };
enum task_ack { ACK_LIST(ACK_ROW) };
enum role { ROLE_LIST(ROLE_ROW) };
enum worker_mode { MODE_LIST(MODE_ROW) };
enum happening { HAPPENING_LIST(HAPPENING_ROW) };

enum task_conflict { CONFLICT_REJECT, CONFLICT_EXISTING, CONFLICT_REPLACE };
enum task_backoff { BACKOFF_NONE, BACKOFF_CONSTANT, BACKOFF_EXPONENTIAL, BACKOFF_LIST };
enum part_of { PART_PAYLOAD, PART_RESULT };
enum task_verb { TASK_VERB_NONE, TASK_RETRY, TASK_DELETE };
enum queue_verb { QUEUE_VERB_NONE, QUEUE_PAUSE, QUEUE_RESUME, QUEUE_PURGE, QUEUE_FORGET };
enum stop_why { STOP_NONE, STOP_CANCELLED, STOP_FENCED, STOP_DRAIN };

// "?" for a number that is no row.
const char *state_name(enum task_state s);
const char *reason_name(enum task_reason r);
const char *accept_name(enum task_accept a);
const char *ended_name(enum task_ended e);
const char *ack_name(enum task_ack a);
const char *role_name(enum role r);
const char *mode_name(enum worker_mode m);
const char *happening_name(enum happening h);

// DONE, DEAD, CANCELLED: nothing but its expiry will change it.
static inline int state_is_final(enum task_state s)
{
    return s == STATE_DONE || s == STATE_DEAD || s == STATE_CANCELLED;
}

#endif
