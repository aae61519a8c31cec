// SPDX-License-Identifier: Apache-2.0
// Logging: one line an event, as text or JSON, written with one write(2). Control characters of untrusted text are
// escaped in both forms. It neither rotates nor filters by anything but the level; nothing secret may be given to it.
//
//   log_write(log, LOG_WARN, "session expired", LOG_FIELDS(log_str("sid", sid), log_int("tasks", n)));
//   text: 2026-01-31T12:00:00.000Z warn  session expired sid=7f3a tasks=4
//   json: {"time":"2026-01-31T12:00:00.000Z","level":"warn","event":"session expired","sid":"7f3a","tasks":4}

#ifndef KRAIT_BASE_LOG_H
#define KRAIT_BASE_LOG_H

#include "sdk/base/slice.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_OFF };
enum log_format { LOG_TEXT, LOG_JSON };

// Immutable after log_init; may then be used by every thread.
struct log {
    int fd;                 // borrowed
    enum log_level level;   // events below it are dropped
    enum log_format format;
    const char *program;    // borrowed for ever; stands in each JSON line
};

enum log_kind { LOG_KIND_TEXT, LOG_KIND_INT, LOG_KIND_REAL, LOG_KIND_BOOL };

struct log_field {
    const char *key;        // a literal: letters, digits, _
    enum log_kind kind;
    struct slice text;      // borrowed for the call
    int64_t integer;
    double real;
};

void log_init(struct log *log, const char *program, int fd, enum log_level level, enum log_format format);

// Lines over 16 KiB are cut. Keeps errno.
void log_write(const struct log *log, enum log_level level, const char *event, const struct log_field *fields,
               size_t n);

#define LOG_FIELDS(...)                                                                                    \
    (const struct log_field[]){ __VA_ARGS__ },                                                             \
        sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field)
#define LOG_NONE NULL, 0

static inline struct log_field log_str(const char *key, struct slice s)
{
    return (struct log_field){ .key = key, .kind = LOG_KIND_TEXT, .text = s };
}

static inline struct log_field log_text(const char *key, const char *s)
{
    return log_str(key, slice_text(s));
}

static inline struct log_field log_int(const char *key, int64_t v)
{
    return (struct log_field){ .key = key, .kind = LOG_KIND_INT, .integer = v };
}

static inline struct log_field log_real(const char *key, double v)
{
    return (struct log_field){ .key = key, .kind = LOG_KIND_REAL, .real = v };
}

static inline struct log_field log_bool(const char *key, bool v)
{
    return (struct log_field){ .key = key, .kind = LOG_KIND_BOOL, .integer = v };
}

// Appends s to out (size cap, terminated) with control characters, DEL, bidirectional controls and bytes that are no
// UTF-8 written as \xNN or \uNNNN. What does not fit is cut. Returns the length. For terminals, too.
size_t log_escape(char *out, size_t cap, struct slice s);

bool log_level_parse(const char *text, enum log_level *out);
const char *log_level_name(enum log_level level);

#endif
