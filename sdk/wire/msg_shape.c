// SPDX-License-Identifier: Apache-2.0
// Copies between plain and generated structs by the tables of msg_tables.c. What a message means is not known here.

#include "sdk/wire/msg_shape.h"

#include "sdk/wire/value.h"

// Fields are reached by offset; memcpy keeps that free of aliasing trouble and compiles to plain moves.
#define LOAD(type, base, offset) (*(const type *)((const char *)(base) + (offset)))
#define STORE(type, base, offset) (*(type *)((char *)(base) + (offset)))

typedef ProtobufCBinaryData blob;

static enum err read_text(const struct shape_row *r, const blob *from, struct slice *to)
{
    *to = slice_of(from->data, from->len);
    if (from->len > r->cap)
        return ERR_CAP;
    return r->kind == SHAPE_TEXT && !value_utf8_ok(*to) ? ERR_MESSAGE : ERR_OK;
}

static enum err read_sub(struct arena *a, const struct shape_row *r, const void *gen, void *plain)
{
    const void *sub = LOAD(void *, gen, r->gen);
    if (!sub)
        return ERR_OK;
    if (r->plain_n != NO_FIELD)
        STORE(bool, plain, r->plain_n) = true;
    return shape_read(a, r->sub, sub, (char *)plain + r->plain);
}

static enum err read_subs(struct arena *a, const struct shape_row *r, void *const *from, size_t n, char *to)
{
    for (size_t i = 0; i < n; i++) {
        enum err err = shape_read(a, r->sub, from[i], to + i * r->sub->plain_size);
        if (err)
            return err;
    }
    return ERR_OK;
}

static enum err read_blobs(const struct shape_row *r, const blob *from, size_t n, struct slice *to)
{
    struct shape_row one = { .kind = r->kind == SHAPE_TEXTS ? SHAPE_TEXT : SHAPE_BYTES,
                             .cap = r->kind == SHAPE_TEXTS ? LIMIT_TEXT : UINT32_MAX };
    for (size_t i = 0; i < n; i++) {
        enum err err = read_text(&one, &from[i], &to[i]);
        if (err)
            return err;
    }
    return ERR_OK;
}

static int known(int v, uint32_t cap)
{
    return v < 0 || (uint32_t)v > cap ? 0 : v;
}

static void read_enums(const struct shape_row *r, const int *from, size_t n, int *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = known(from[i], r->cap);
}

static size_t item_size(const struct shape_row *r)
{
    switch (r->kind) {
    case SHAPE_SUBS:
        return r->sub->plain_size;
    case SHAPE_TEXTS:
    case SHAPE_BLOBS:
        return sizeof(struct slice);
    case SHAPE_U64S:
        return sizeof(uint64_t);
    case SHAPE_ENUMS:
        return sizeof(int);
    case SHAPE_U32:
    case SHAPE_U64:
    case SHAPE_BOOL:
    case SHAPE_ENUM:
    case SHAPE_NUMBER:
    case SHAPE_TEXT:
    case SHAPE_BYTES:
    case SHAPE_SUB:
        break;
    }
    return 0;
}

static enum err read_array(struct arena *a, const struct shape_row *r, const void *gen, void *plain)
{
    size_t n = LOAD(size_t, gen, r->gen_n);
    const void *from = LOAD(void *, gen, r->gen);
    if (n == 0)
        return ERR_OK;
    if (n > (r->kind == SHAPE_ENUMS ? LIMIT_BATCH : r->cap))
        return ERR_CAP;
    void *to = arena_zalloc(a, n, item_size(r));
    if (!to)
        return ERR_NOMEM;
    STORE(void *, plain, r->plain) = to;
    STORE(size_t, plain, r->plain_n) = n;
    if (r->kind == SHAPE_SUBS)
        return read_subs(a, r, from, n, to);
    if (r->kind == SHAPE_U64S)
        memcpy(to, from, n * sizeof(uint64_t));
    else if (r->kind == SHAPE_ENUMS)
        read_enums(r, from, n, to);
    else
        return read_blobs(r, from, n, to);
    return ERR_OK;
}

static enum err read_row(struct arena *a, const struct shape_row *r, const void *gen, void *plain)
{
    switch (r->kind) {
    case SHAPE_U32:
    case SHAPE_NUMBER:
        STORE(uint32_t, plain, r->plain) = LOAD(uint32_t, gen, r->gen);
        return ERR_OK;
    case SHAPE_U64:
        STORE(uint64_t, plain, r->plain) = LOAD(uint64_t, gen, r->gen);
        return ERR_OK;
    case SHAPE_BOOL:
        STORE(bool, plain, r->plain) = LOAD(protobuf_c_boolean, gen, r->gen) != 0;
        return ERR_OK;
    case SHAPE_ENUM:
        STORE(int, plain, r->plain) = known(LOAD(int, gen, r->gen), r->cap);
        return ERR_OK;
    case SHAPE_TEXT:
    case SHAPE_BYTES:
        return read_text(r, &LOAD(blob, gen, r->gen), &STORE(struct slice, plain, r->plain));
    case SHAPE_SUB:
        return read_sub(a, r, gen, plain);
    case SHAPE_SUBS:
    case SHAPE_TEXTS:
    case SHAPE_BLOBS:
    case SHAPE_U64S:
    case SHAPE_ENUMS:
        return read_array(a, r, gen, plain);
    }
    return ERR_INTERNAL;
}

enum err shape_read(struct arena *a, const struct shape *s, const void *gen, void *plain)
{
    for (size_t i = 0; i < s->n; i++) {
        enum err err = read_row(a, &s->rows[i], gen, plain);
        if (err)
            return err;
    }
    return ERR_OK;
}

// ---------------------------------------------------------------- the other way

// protobuf-c only reads what it packs, so the const may go.
static blob borrow(struct slice s)
{
    return (blob){ s.n, (uint8_t *)(uintptr_t)s.p };
}

static bool write_subs(struct arena *a, const struct shape_row *r, const char *from, size_t n, void *gen)
{
    void **to = arena_alloc(a, n * sizeof *to);
    for (size_t i = 0; to && i < n; i++) {
        to[i] = shape_write(a, r->sub, from + i * r->sub->plain_size);
        if (!to[i])
            return false;
    }
    STORE(void **, gen, r->gen) = to;
    return to != NULL;
}

static bool write_blobs(struct arena *a, const struct shape_row *r, const struct slice *from, size_t n, void *gen)
{
    blob *to = arena_alloc(a, n * sizeof *to);
    for (size_t i = 0; to && i < n; i++)
        to[i] = borrow(from[i]);
    STORE(blob *, gen, r->gen) = to;
    return to != NULL;
}

static bool write_array(struct arena *a, const struct shape_row *r, const void *plain, void *gen)
{
    size_t n = LOAD(size_t, plain, r->plain_n);
    void *from = (void *)(uintptr_t)LOAD(void *, plain, r->plain);
    STORE(size_t, gen, r->gen_n) = n;
    if (n == 0)
        return true;
    if (r->kind == SHAPE_SUBS)
        return write_subs(a, r, from, n, gen);
    if (r->kind == SHAPE_TEXTS || r->kind == SHAPE_BLOBS)
        return write_blobs(a, r, from, n, gen);
    STORE(void *, gen, r->gen) = from;   // numbers lie the same on both sides
    return true;
}

static bool all_zero(const void *p, size_t n)
{
    const char *bytes = p;
    return n == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, n - 1) == 0);
}

// A message that is always there and says nothing is left out: it reads back the same.
static bool write_sub(struct arena *a, const struct shape_row *r, const void *plain, void *gen)
{
    if (r->plain_n != NO_FIELD ? !LOAD(bool, plain, r->plain_n)
                               : all_zero((const char *)plain + r->plain, r->sub->plain_size))
        return true;
    void *sub = shape_write(a, r->sub, (const char *)plain + r->plain);
    STORE(void *, gen, r->gen) = sub;
    return sub != NULL;
}

static bool write_row(struct arena *a, const struct shape_row *r, const void *plain, void *gen)
{
    switch (r->kind) {
    case SHAPE_U32:
    case SHAPE_NUMBER:
        STORE(uint32_t, gen, r->gen) = LOAD(uint32_t, plain, r->plain);
        return true;
    case SHAPE_U64:
        STORE(uint64_t, gen, r->gen) = LOAD(uint64_t, plain, r->plain);
        return true;
    case SHAPE_BOOL:
        STORE(protobuf_c_boolean, gen, r->gen) = LOAD(bool, plain, r->plain);
        return true;
    case SHAPE_ENUM:
        STORE(int, gen, r->gen) = LOAD(int, plain, r->plain);
        return true;
    case SHAPE_TEXT:
    case SHAPE_BYTES:
        STORE(blob, gen, r->gen) = borrow(LOAD(struct slice, plain, r->plain));
        return true;
    case SHAPE_SUB:
        return write_sub(a, r, plain, gen);
    case SHAPE_SUBS:
    case SHAPE_TEXTS:
    case SHAPE_BLOBS:
    case SHAPE_U64S:
    case SHAPE_ENUMS:
        return write_array(a, r, plain, gen);
    }
    return false;
}

void *shape_write(struct arena *a, const struct shape *s, const void *plain)
{
    void *gen = arena_alloc(a, s->descriptor->sizeof_message);
    if (!gen)
        return NULL;
    s->descriptor->message_init(gen);
    for (size_t i = 0; i < s->n; i++)
        if (!write_row(a, &s->rows[i], plain, gen))
            return NULL;
    return gen;
}
