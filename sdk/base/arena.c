// SPDX-License-Identifier: Apache-2.0
// Arenas on chunks from mem. What lies in them is the decoders' business.

#include "sdk/base/arena.h"

#include <stdalign.h>

#include "sdk/base/mem.h"

#define FIRST_CHUNK 4096
#define MAX_CHUNK   (1u << 20)
#define ALIGN       alignof(max_align_t)

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;                    // of bytes
    alignas(max_align_t) uint8_t bytes[];
};

void arena_init(struct arena *a, size_t limit)
{
    *a = (struct arena){ .limit = limit };
}

void arena_init_on(struct arena *a, void *room, size_t n, size_t limit)
{
    *a = (struct arena){ .at = room, .end = (uint8_t *)room + n, .limit = limit };
}

static void free_from(struct arena *a, struct arena_chunk *c)
{
    while (c) {
        struct arena_chunk *next = c->next;
        a->held -= c->size;
        mem_free(MEM_ARENA, c, sizeof *c + c->size);
        c = next;
    }
}

void arena_free(struct arena *a)
{
    free_from(a, a->first);
    arena_init(a, a->limit);
}

static void use(struct arena *a, struct arena_chunk *c)
{
    a->last = c;
    a->at = c->bytes;
    a->end = c->bytes + c->size;
}

void arena_reset(struct arena *a)
{
    if (!a->first)
        return;
    free_from(a, a->first->next);
    a->first->next = NULL;
    use(a, a->first);
}

static bool add_chunk(struct arena *a, size_t n)
{
    size_t size = a->last ? a->last->size : FIRST_CHUNK / 2;
    if (size < MAX_CHUNK)
        size *= 2;
    if (size > MAX_CHUNK)
        size = MAX_CHUNK;
    if (size < n)
        size = n;
    if (a->limit && (size > a->limit || a->held > a->limit - size))
        size = n;
    if (a->limit && (size > a->limit || a->held > a->limit - size))
        return false;
    struct arena_chunk *c = mem_alloc(MEM_ARENA, sizeof *c + size);
    if (!c)
        return false;
    c->next = NULL;
    c->size = size;
    a->held += size;
    if (a->last)
        a->last->next = c;
    else
        a->first = c;
    use(a, c);
    return true;
}

void *arena_alloc(struct arena *a, size_t n)
{
    n = n > SIZE_MAX / 2 ? n : (n + ALIGN - 1) & ~(ALIGN - 1);
    if (n == 0)
        n = ALIGN;
    if ((size_t)(a->end - a->at) < n && (n > SIZE_MAX / 2 || !add_chunk(a, n))) {
        a->failures++;
        return NULL;
    }
    void *p = a->at;
    a->at += n;
    return p;
}

void *arena_zalloc(struct arena *a, size_t count, size_t size)
{
    size_t n;
    if (__builtin_mul_overflow(count, size, &n))
        return NULL;
    void *p = arena_alloc(a, n);
    if (p)
        memset(p, 0, n);
    return p;
}

struct slice arena_slice(struct arena *a, struct slice s)
{
    if (s.n == 0)
        return s;
    uint8_t *p = arena_alloc(a, s.n);
    if (p)
        memcpy(p, s.p, s.n);
    return slice_of(p, s.n);
}

char *arena_text(struct arena *a, struct slice s)
{
    char *p = s.n < SIZE_MAX ? arena_alloc(a, s.n + 1) : NULL;
    if (!p)
        return NULL;
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = 0;
    return p;
}
