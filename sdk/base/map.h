// SPDX-License-Identifier: Apache-2.0
// A hash table from byte strings, or from 64-bit numbers, to pointers. It owns neither keys nor values: a string key
// usually lies inside its value and must live unchanged as long as the entry.
//
// Open addressing, linear probing, backward-shift deletion (no tombstones), at most 3/4 full. Strings are hashed by
// SipHash-1-3 under a random key of the process, since peers choose the names that end up here.
// Walking is by slot number and must not insert or remove; an insert moves entries.

#ifndef KRAIT_BASE_MAP_H
#define KRAIT_BASE_MAP_H

#include "sdk/base/slice.h"

struct map_slot {
    uint64_t hash;     // of the key; the number itself, mixed, in a number map
    struct slice key;  // borrowed; p == NULL and n = the number in a number map
    void *value;       // borrowed, not NULL; NULL = this slot is free
};

struct map {
    struct map_slot *slots;  // owned
    size_t cap;              // power of two, or 0
    size_t n;
};

static inline void map_init(struct map *m)
{
    *m = (struct map){ 0 };
}

void map_free(struct map *m);

// NULL when absent.
void *map_get(const struct map *m, struct slice key);
void *map_get_number(const struct map *m, uint64_t key);

// Sets or replaces (the old key slice too). value must not be NULL. false without memory, nothing changed.
bool map_put(struct map *m, struct slice key, void *value) __attribute__((warn_unused_result));
bool map_put_number(struct map *m, uint64_t key, void *value) __attribute__((warn_unused_result));

// Returns the value that was there, or NULL.
void *map_remove(struct map *m, struct slice key);
void *map_remove_number(struct map *m, uint64_t key);

// The next taken slot at or after *at, moving *at behind it; NULL at the end. Start with 0.
struct map_slot *map_walk(const struct map *m, size_t *at);

bool map_is_valid(const struct map *m);

#endif
