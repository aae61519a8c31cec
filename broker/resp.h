// SPDX-License-Identifier: Apache-2.0
// Writes commands in Redis' protocol straight into an output buffer: what redisFormatCommandArgv does, without the copy
// in between. Failures stick in the buffer (buf_ok).

#ifndef KRAIT_BROKER_RESP_H
#define KRAIT_BROKER_RESP_H

#include "sdk/base/buf.h"

// "*N\r\n" or "$N\r\n".
static inline void resp_number(struct buf *out, char mark, size_t n)
{
    uint8_t text[24], *end = text + sizeof text, *at = end;
    *--at = '\n';
    *--at = '\r';
    do {
        *--at = (uint8_t)('0' + n % 10);
        n /= 10;
    } while (n);
    *--at = (uint8_t)mark;
    buf_put(out, at, (size_t)(end - at));
}

// Opens a command of n words.
static inline void resp_command(struct buf *out, size_t n)
{
    resp_number(out, '*', n);
}

static inline void resp_slice(struct buf *out, struct slice s)
{
    resp_number(out, '$', s.n);
    buf_put_slice(out, s);
    buf_put(out, "\r\n", 2);
}

static inline void resp_text(struct buf *out, const char *text)
{
    resp_slice(out, slice_text(text));
}

static inline void resp_int(struct buf *out, int64_t v)
{
    char text[24], *end = text + sizeof text, *at = end;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do
        *--at = (char)('0' + u % 10);
    while (u /= 10);
    if (v < 0)
        *--at = '-';
    resp_slice(out, slice_of(at, (size_t)(end - at)));
}

#endif
