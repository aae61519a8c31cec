// SPDX-License-Identifier: Apache-2.0
// Every way in which something can fail here, with its number on the wire and its words for people.
// What exactly failed is said by the place that noticed: it logs or sends its own text beside the code.
//
// A function that can fail for one reason returns bool or NULL; for several, enum err. ERR_OK is 0, so
// `if (err)` reads well. Numbers are for ever: they travel in Error frames and stand in krait.h.

#ifndef KRAIT_BASE_ERR_H
#define KRAIT_BASE_ERR_H

// X(name, number, text)
#define ERR_LIST(X)                                                                                        \
    X(OK,            0,  "ok")                                                                              \
    X(NOMEM,         1,  "out of memory")                                                                   \
    X(INTERNAL,      2,  "internal error")                                                                  \
    X(USAGE,         3,  "wrong argument")                                                                  \
    X(TIMEOUT,       4,  "the deadline passed")                                                             \
    X(CLOSED,        5,  "connection closed")                                                               \
    X(CONNECT,       6,  "no broker answers")                                                               \
    X(IO,            7,  "input or output failed")                                                          \
    /* the bytes */                                                                                         \
    X(FRAME,         16, "malformed frame")                                                                 \
    X(FRAME_SIZE,    17, "frame too large")                                                                 \
    X(MESSAGE,       18, "malformed message")                                                               \
    X(UNKNOWN,       19, "unknown message")                                                                 \
    X(VERSION,       20, "no common protocol version")                                                      \
    X(CAP,           21, "a count, length or depth is over its limit")                                      \
    X(UNEXPECTED,    22, "message not allowed here")                                                        \
    X(BEAT,          23, "no heartbeat in time")                                                            \
    X(SLOW,          24, "the peer reads too slowly")                                                       \
    /* who and what */                                                                                      \
    X(AUTH,          32, "token refused")                                                                   \
    X(DENIED,        33, "the token has no right to this")                                                  \
    X(NAME,          34, "not a valid name")                                                                \
    X(ID,            35, "not a valid task id")                                                             \
    X(TASK,          36, "not a valid task")                                                                \
    X(VALUE,         37, "not a valid value")                                                               \
    X(NOT_FOUND,     38, "not found")                                                                       \
    /* the queue */                                                                                         \
    X(FULL,          48, "queue or store at its limit")                                                     \
    X(CONFLICT,      49, "unique key taken")                                                                \
    X(STORE,         50, "the store does not answer")                                                       \
    X(FENCED,        51, "the session was given up")                                                        \
    X(STALE,         52, "somebody else has this task")                                                     \
    X(DRAINING,      53, "shutting down")                                                                   \
    X(LIMIT,         54, "too many at once")

enum err {
#define ERR_ENUM(name, number, text) ERR_##name = number,
    ERR_LIST(ERR_ENUM)
#undef ERR_ENUM
};

// The words for a code; "unknown error" for a number that a newer peer made up.
const char *err_text(enum err code);

// The name of a code in lower case ("frame_size"), for logs and JSON.
const char *err_name(enum err code);

#endif
