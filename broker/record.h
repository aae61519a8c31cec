// SPDX-License-Identifier: Apache-2.0
// The packed record of a task as the broker reads and begins it; functions/record.lua draws the whole picture and owns
// every change after that.

#ifndef KRAIT_BROKER_RECORD_H
#define KRAIT_BROKER_RECORD_H

#include "sdk/base/buf.h"
#include "sdk/wire/msg.h"

#define RECORD_VERSION 1
#define RECORD_HEAD    94
#define RECORD_TAIL    60    // the broker writes from here on
#define RECORD_SID     16
#define RECORD_SMALL   2048  // bodies up to this size are read whole where that saves calls

#define RECORD_KEY     41    // of unique and rate keys; longer ones go by their hash
#define RECORD_RATE_MAX UINT64_C(100000000000)    // us between two starts of a rate that a task brings itself
#define RECORD_EXTRA   13    // of an extra, before its texts

enum record_control { RECORD_DELAY = 1, RECORD_ETA = 2, RECORD_EXPIRES = 4, RECORD_WATCH = 8, RECORD_HAS_EXTRA = 16,
                      RECORD_RATE = 32 };

// What a task asks for beyond a place in its queue: group, keys, parts. Empty for most.
struct record_extra {
    uint8_t n;
    uint8_t bytes[255];
};

// Views into the record.
struct record {
    enum task_state state;
    enum task_reason reason;
    uint32_t attempt;
    uint16_t deliveries, retries, max_retries;
    uint8_t priority;
    int64_t moved_ms, enqueued_ms, started_ms, due_ms, expires_ms;
    struct slice session;
    struct slice group;
    struct slice body;       // a serialized Task; empty once DONE or CANCELLED
    struct slice outcome;    // a serialized Outcome, or empty
};

// False for bytes that are no record of a version this broker knows.
bool record_read(struct slice bytes, struct record *out);

// False for bytes that are no record, even a cut one: body and outcome are as much of them as is there.
bool record_read_cut(struct slice bytes, struct record *out);

void record_extra_of(const struct msg_task *t, struct record_extra *out);

// Appends what enqueue takes: the record from RECORD_TAIL on; its length is RECORD_HEAD - RECORD_TAIL + extra + body. Caps
// were checked by task_decode. watch: this broker will be told of its end.
bool record_begin(struct buf *out, const struct msg_options *o, const struct record_extra *extra, struct slice body,
                  bool watch);

// The Outcome that clients see: the stored one as raw bytes, or one made up from the header when none is stored.
void record_result(const struct record *r, struct msg_task_result *out);

static inline void record_put(uint8_t *at, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
}

static inline uint64_t record_get(const uint8_t *at, size_t bytes)
{
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++)
        v = v << 8 | at[i];
    return v;
}

#endif
