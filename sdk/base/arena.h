// SPDX-License-Identifier: Apache-2.0
// Memory that is freed all at once: everything that belongs to one decoded frame, or to one short job.
// It cannot free a single piece and must not outlive what its borrowed slices point to.
//
// Chunks double up to 1 MiB; a piece larger than that gets a chunk of its own. arena_reset keeps the first chunk,
// so an arena that is used for frame after frame stops calling the allocator. `limit` caps the sum of all chunks:
// decoding hostile input answers ERR_CAP or ERR_NOMEM instead of eating the machine.

#ifndef KRAIT_BASE_ARENA_H
#define KRAIT_BASE_ARENA_H

#include "sdk/base/slice.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *first;  // owned; kept over a reset
    struct arena_chunk *last;   // borrowed, within the list that starts at first
    uint8_t *at;                // next free byte of last
    uint8_t *end;
    size_t held;                // sum of chunk sizes
    size_t limit;               // 0 = none
    unsigned long failures;     // allocations that were refused
};

// Makes no allocation. limit 0 = none.
void arena_init(struct arena *a, size_t limit);
// The same, using the n bytes at room (max-aligned, often on the stack) before the first chunk is made. Such an arena is
// for one job: free it, never reset it.
void arena_init_on(struct arena *a, void *room, size_t n, size_t limit);

void arena_free(struct arena *a);
void arena_reset(struct arena *a);

// n bytes aligned for any type, not zeroed; NULL without memory or over the limit.
void *arena_alloc(struct arena *a, size_t n) __attribute__((warn_unused_result));

// count * size zeroed bytes; NULL also when the product overflows.
void *arena_zalloc(struct arena *a, size_t count, size_t size) __attribute__((warn_unused_result));

// Copies. On failure .p is NULL while s.n is not 0.
struct slice arena_slice(struct arena *a, struct slice s);

// A terminated copy or NULL.
char *arena_text(struct arena *a, struct slice s) __attribute__((warn_unused_result));

#endif
