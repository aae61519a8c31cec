// SPDX-License-Identifier: Apache-2.0
// A bump arena and an identifier table: all that one compilation allocates dies in one call.
// It leaves object memory, counting and collection to interp/core.
#ifndef INTERP_FRONT_ARENA_H
#define INTERP_FRONT_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena_block;

/* Owner only. Nothing is freed alone: pointers live until arena_free. */
struct arena {
    struct arena_block *head;   // owned chain, newest first
    char *next, *end;           // the free part of the newest block
    size_t total;               // bytes taken from malloc
};

/* Zeroed memory aligned to 8, or NULL when memory is out. */
void *arena_alloc(struct arena *a, size_t size);
/* A copy of text[0..len) with a NUL behind it, or NULL. */
char *arena_copy(struct arena *a, const char *text, size_t len);
void arena_free(struct arena *a);

/* An identifier. Two equal identifiers of one compilation are one pointer. */
struct name {
    struct name *next;          // backlink in the table's chain
    uint32_t hash;
    uint32_t len;
    uint32_t keyword;           // the token kind if it is a reserved word, else 0
    uint32_t scratch;           // the compiler's: an index + 1, or 0
    char text[];                // UTF-8, NUL-terminated
};

struct names {
    struct arena *arena;        // borrowed
    struct name **slots;        // owned by the arena
    uint32_t capacity, count;   // capacity is a power of two
};

bool names_init(struct names *n, struct arena *a);
/* The one struct name for text[0..len), or NULL when memory is out. */
struct name *names_intern(struct names *n, const char *text, size_t len);

static inline bool name_is(const struct name *n, const char *text)
{
    return n && __builtin_strcmp(n->text, text) == 0;
}

#endif
