// SPDX-License-Identifier: Apache-2.0
// Replies of Redis, read by hiredis' reader into one arena: no allocation a field. Nothing here talks to a socket.

#ifndef KRAIT_BROKER_REDIS_REPLY_H
#define KRAIT_BROKER_REDIS_REPLY_H

#include <hiredis/hiredis.h>

#include "sdk/base/arena.h"

enum reply_kind { REPLY_NIL, REPLY_STATUS, REPLY_ERROR, REPLY_INTEGER, REPLY_STRING, REPLY_ARRAY };

// Lives until the next reply_next of its reader.
struct reply {
    enum reply_kind kind;
    struct slice text;     // STATUS, ERROR, STRING
    int64_t integer;       // INTEGER
    struct reply *items;   // ARRAY
    size_t n;
};

struct reply_reader {
    redisReader *reader;   // owned
    struct arena arena;
};

bool reply_open(struct reply_reader *r);
void reply_close(struct reply_reader *r);

bool reply_feed(struct reply_reader *r, struct slice bytes);

enum reply_got { REPLY_MORE, REPLY_WHOLE, REPLY_BROKEN };

// The next whole reply; the one before dies.
enum reply_got reply_next(struct reply_reader *r, const struct reply **out);

static inline bool reply_is_error(const struct reply *r, const char *code)
{
    size_t n = strlen(code);
    return r && r->kind == REPLY_ERROR && r->text.n >= n && memcmp(r->text.p, code, n) == 0;
}

// The integer of an INTEGER, or of a STRING that is one; else fallback.
int64_t reply_number(const struct reply *r, int64_t fallback);

#endif
