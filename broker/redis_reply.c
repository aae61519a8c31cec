// SPDX-License-Identifier: Apache-2.0
// The object functions that hand hiredis' reader our arena.

#include "broker/redis_reply.h"

// Where the object of this task lives: in its parent's array, or on its own. NULL tells hiredis "out of memory".
static struct reply *place(const redisReadTask *task)
{
    struct reply_reader *r = task->privdata;
    if (task->parent) {
        struct reply *parent = task->parent->obj;
        return &parent->items[task->idx];
    }
    return arena_zalloc(&r->arena, 1, sizeof(struct reply));
}

static void *make_string(const redisReadTask *task, char *text, size_t n)
{
    struct reply_reader *r = task->privdata;
    struct reply *x = place(task);
    if (!x)
        return NULL;
    x->kind = task->type == REDIS_REPLY_STRING ? REPLY_STRING
              : task->type == REDIS_REPLY_ERROR ? REPLY_ERROR : REPLY_STATUS;
    x->text = arena_slice(&r->arena, slice_of(text, n));
    return x->text.p || !n ? x : NULL;
}

// More than any of our calls can return: what claims more is no answer to us.
#define ITEMS_MAX (1 << 20)

static void *make_array(const redisReadTask *task, int n)
{
    struct reply_reader *r = task->privdata;
    struct reply *x = n <= ITEMS_MAX ? place(task) : NULL;
    if (!x)
        return NULL;
    x->kind = REPLY_ARRAY;
    x->n = (size_t)n;
    x->items = arena_zalloc(&r->arena, (size_t)n, sizeof *x->items);
    return x->items || !n ? x : NULL;
}

static void *make_integer(const redisReadTask *task, long long value)
{
    struct reply *x = place(task);
    if (x)
        *x = (struct reply){ .kind = REPLY_INTEGER, .integer = value };
    return x;
}

static void *make_nil(const redisReadTask *task)
{
    struct reply *x = place(task);
    if (x)
        *x = (struct reply){ .kind = REPLY_NIL };
    return x;
}

static void free_nothing(void *x)
{
    (void)x;
}

static redisReplyObjectFunctions functions = { make_string, make_array, make_integer, make_nil, free_nothing };

bool reply_open(struct reply_reader *r)
{
    *r = (struct reply_reader){ 0 };
    arena_init(&r->arena, 0);
    r->reader = redisReaderCreateWithFunctions(&functions);
    if (!r->reader)
        return false;
    r->reader->privdata = r;
    r->reader->maxbuf = 0;
    return true;
}

void reply_close(struct reply_reader *r)
{
    if (r->reader)
        redisReaderFree(r->reader);
    r->reader = NULL;
    arena_free(&r->arena);
}

bool reply_feed(struct reply_reader *r, struct slice bytes)
{
    return redisReaderFeed(r->reader, (const char *)bytes.p, bytes.n) == REDIS_OK;
}

enum reply_got reply_next(struct reply_reader *r, const struct reply **out)
{
    // A reply that is still being read lives in the arena, too: only a reader at rest may have it reset.
    if (r->reader->ridx < 0)
        arena_reset(&r->arena);
    void *got = NULL;
    if (redisReaderGetReply(r->reader, &got) != REDIS_OK)
        return REPLY_BROKEN;
    *out = got;
    return got ? REPLY_WHOLE : REPLY_MORE;
}

int64_t reply_number(const struct reply *r, int64_t fallback)
{
    if (!r)
        return fallback;
    if (r->kind == REPLY_INTEGER)
        return r->integer;
    if (r->kind != REPLY_STRING || !r->text.n || r->text.n > 18)
        return fallback;
    int64_t v = 0;
    bool minus = r->text.p[0] == '-';
    for (size_t i = minus; i < r->text.n; i++) {
        if (r->text.p[i] < '0' || r->text.p[i] > '9')
            return fallback;
        v = v * 10 + (r->text.p[i] - '0');
    }
    return minus ? -v : v;
}
