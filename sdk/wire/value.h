// SPDX-License-Identifier: Apache-2.0
// Python values as plain C trees: what a task's arguments and result are outside the interpreter. Shared by the SDK,
// the command line's JSON and the worker's converter.
//
// A tree owns nothing: nodes lie in an arena or on a stack, text in the frame or the arena; all live as long as those.
// Depth is capped by LIMIT_VALUE_DEPTH in both directions.

#ifndef KRAIT_WIRE_VALUE_H
#define KRAIT_WIRE_VALUE_H

#include "sdk/base/arena.h"
#include "sdk/base/buf.h"
#include "sdk/base/err.h"

// The numbers are the members of krait.v1.Value.
enum value_kind {
    VALUE_NONE = 1,
    VALUE_BOOL = 2,
    VALUE_INT = 3,
    VALUE_BIG = 4,        // bytes: two's complement, little endian, beyond 64 bits
    VALUE_REAL = 5,
    VALUE_TEXT = 6,       // UTF-8
    VALUE_BLOB = 7,
    VALUE_LIST = 8,
    VALUE_TUPLE = 9,
    VALUE_SET = 10,
    VALUE_FROZENSET = 11,
    VALUE_MAP = 12,
    VALUE_DATE = 13,
    VALUE_TIME = 14,
    VALUE_DATETIME = 15,
    VALUE_DELTA = 16,
    VALUE_DECIMAL = 17,   // text as str(Decimal)
    VALUE_UUID = 18       // 16 bytes
};

// date, time, datetime: what does not apply is 0.
struct value_when {
    int year, month, day, hour, minute, second, microsecond, fold;
    bool aware;
    int64_t offset_us;    // utcoffset(), when aware
    struct slice zone;    // tzname or ZoneInfo key, may be empty
};

struct value_delta {
    int64_t days;
    int32_t seconds;      // 0..86399
    int32_t microseconds; // 0..999999
};

struct wire_value {
    enum value_kind kind;
    union {
        bool boolean;
        int64_t integer;
        double real;
        struct slice text;             // TEXT BLOB BIG DECIMAL UUID
        struct {                       // LIST TUPLE SET FROZENSET: n items; MAP: n pairs, key then value, 2n items
            struct wire_value *items;  // borrowed
            size_t n;
        };
        const struct value_when *when; // DATE TIME DATETIME
        struct value_delta delta;
    };
};

struct wire_named {
    struct slice name;
    struct wire_value value;
};

// The arguments of a call.
struct wire_payload {
    struct wire_value *args;
    size_t n_args;
    struct wire_named *kwargs;
    size_t n_kwargs;
};

// Serialized Value and Payload, checked (caps, UTF-8, exactly one kind, hashable keys) and unpacked into the arena;
// text is copied there, so `bytes` may go. ERR_VALUE, ERR_CAP, ERR_MESSAGE, ERR_NOMEM.
enum err value_decode(struct arena *a, struct slice bytes, struct wire_value *out);
enum err payload_decode(struct arena *a, struct slice bytes, struct wire_payload *out);

// Appends the serialized form. ERR_CAP (depth), ERR_VALUE, ERR_NOMEM: then nothing was appended.
enum err value_encode(struct buf *out, const struct wire_value *v);
enum err payload_encode(struct buf *out, const struct wire_payload *p);

// Whether s is UTF-8 (no surrogates, no overlong forms).
bool value_utf8_ok(struct slice s);

// Builders for trees on the stack.
static inline struct wire_value value_none(void)
{
    return (struct wire_value){ .kind = VALUE_NONE };
}

static inline struct wire_value value_bool(bool b)
{
    return (struct wire_value){ .kind = VALUE_BOOL, .boolean = b };
}

static inline struct wire_value value_int(int64_t i)
{
    return (struct wire_value){ .kind = VALUE_INT, .integer = i };
}

static inline struct wire_value value_real(double d)
{
    return (struct wire_value){ .kind = VALUE_REAL, .real = d };
}

static inline struct wire_value value_text(struct slice s)
{
    return (struct wire_value){ .kind = VALUE_TEXT, .text = s };
}

static inline struct wire_value value_blob(struct slice s)
{
    return (struct wire_value){ .kind = VALUE_BLOB, .text = s };
}

static inline struct wire_value value_items(enum value_kind kind, struct wire_value *items, size_t n)
{
    return (struct wire_value){ .kind = kind, .items = items, .n = n };
}

#endif
