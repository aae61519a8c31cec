// SPDX-License-Identifier: Apache-2.0
// The arena and identifier table behind one compilation.
// It leaves what is stored in them to lex, parse, scope and compile.
#include "arena.h"

#include <stdlib.h>
#include <string.h>

struct arena_block {
    struct arena_block *older;
    char bytes[];
};

enum { BLOCK_MIN = 16 * 1024, BLOCK_MAX = 256 * 1024 };

static bool grow(struct arena *a, size_t size)
{
    size_t want = a->total < BLOCK_MIN ? BLOCK_MIN : a->total;
    if (want > BLOCK_MAX)
        want = BLOCK_MAX;
    if (want < size)
        want = size;
    struct arena_block *b = calloc(1, sizeof *b + want);
    if (!b)
        return false;
    b->older = a->head;
    a->head = b;
    a->next = b->bytes;
    a->end = b->bytes + want;
    a->total += want;
    return true;
}

void *arena_alloc(struct arena *a, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    if ((size_t)(a->end - a->next) < size && !grow(a, size))
        return NULL;
    void *p = a->next;
    a->next += size;
    return p;
}

char *arena_copy(struct arena *a, const char *text, size_t len)
{
    char *p = arena_alloc(a, len + 1);
    if (p)
        memcpy(p, text, len);
    return p;
}

void arena_free(struct arena *a)
{
    for (struct arena_block *b = a->head, *older; b; b = older) {
        older = b->older;
        free(b);
    }
    *a = (struct arena){0};
}

static uint32_t hash_text(const char *text, size_t len)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)text[i]) * 16777619u;
    return h;
}

bool names_init(struct names *n, struct arena *a)
{
    *n = (struct names){.arena = a, .capacity = 512};
    n->slots = arena_alloc(a, n->capacity * sizeof *n->slots);
    return n->slots != NULL;
}

static bool rehash(struct names *n)
{
    uint32_t capacity = n->capacity * 4;
    struct name **slots = arena_alloc(n->arena, capacity * sizeof *slots);
    if (!slots)
        return false;
    for (uint32_t i = 0; i < n->capacity; i++)
        for (struct name *e = n->slots[i], *next; e; e = next) {
            next = e->next;
            e->next = slots[e->hash & (capacity - 1)];
            slots[e->hash & (capacity - 1)] = e;
        }
    n->slots = slots;
    n->capacity = capacity;
    return true;
}

struct name *names_intern(struct names *n, const char *text, size_t len)
{
    uint32_t h = hash_text(text, len);
    for (struct name *e = n->slots[h & (n->capacity - 1)]; e; e = e->next)
        if (e->hash == h && e->len == len && memcmp(e->text, text, len) == 0)
            return e;
    if (n->count >= n->capacity && !rehash(n))
        return NULL;
    struct name *e = arena_alloc(n->arena, sizeof *e + len + 1);
    if (!e)
        return NULL;
    e->hash = h;
    e->len = (uint32_t)len;
    memcpy(e->text, text, len);
    e->next = n->slots[h & (n->capacity - 1)];
    n->slots[h & (n->capacity - 1)] = e;
    n->count++;
    return e;
}
