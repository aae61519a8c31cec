// SPDX-License-Identifier: Apache-2.0
// The arenas of cells and resolved cells: reserved mappings, so that a 32-bit index names a cell for ever. Leaves who holds cells to dict.c and type_cache.c.
//
// A cell goes back only when its dict dies, a resolved cell never: shape ids are not reused, so no cache of a dead class can be hit.
#include <pthread.h>
#include <sys/mman.h>

#include "interp/core/object.h"

enum { CELLS_RESERVED = 1 << 26 }; // 1 GiB of addresses each; pages come when touched
_Static_assert(sizeof(struct cell) == 16 && sizeof(struct rcell) == 16, "an index is a multiple of 16 bytes");

struct cell no_cell, absent_cell; // cells_start gives them V_UNBOUND

static struct arena {
    char *base;
    uint32_t used;
    uint32_t free; // index of the first free cell, chained through `fallback`; 0: none
    pthread_mutex_t lock;
} cells = {.lock = PTHREAD_MUTEX_INITIALIZER}, rcells = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool arena_open(struct arena *a) {
    if (a->base) return true;
    void *p = mmap(NULL, (size_t)CELLS_RESERVED * 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return false;
    a->base = p;
    a->used = 1; // index 0 is nobody
    return true;
}

struct cell *cell_at(uint32_t index) { return (struct cell *)(void *)(cells.base + (size_t)index * 16); }
struct rcell *rcell_at(uint32_t index) { return (struct rcell *)(void *)(rcells.base + (size_t)index * 16); }

// 0: full.
static uint32_t take_index(struct arena *a, bool reuse) {
    uint32_t index = 0;
    pthread_mutex_lock(&a->lock);
    if (reuse && a->free) {
        index = a->free;
        a->free = atomic_load_explicit(&cell_at(index)->fallback, memory_order_relaxed);
    } else if (arena_open(a) && a->used < CELLS_RESERVED)
        index = a->used++;
    pthread_mutex_unlock(&a->lock);
    return index;
}

struct cell *cell_new(struct thread *t) {
    uint32_t index = take_index(&cells, true);
    if (!index) {
        raise_no_memory(t);
        return NULL;
    }
    struct cell *c = cell_at(index);
    c->index = index;
    atomic_store_explicit(&c->fallback, 0, memory_order_relaxed);
    atomic_store_explicit(&c->v, V_UNBOUND, memory_order_release);
    return c;
}

void cell_free(struct thread *t, struct cell *c) {
    value old = atomic_exchange_explicit(&c->v, V_UNBOUND, memory_order_acq_rel);
    release_opt(t, old);
    pthread_mutex_lock(&cells.lock);
    atomic_store_explicit(&c->fallback, cells.free, memory_order_relaxed);
    cells.free = c->index;
    pthread_mutex_unlock(&cells.lock);
}

struct rcell *rcell_new(struct thread *t) {
    uint32_t index = take_index(&rcells, false);
    if (!index) {
        raise_no_memory(t);
        return NULL;
    }
    struct rcell *r = rcell_at(index);
    r->index = index;
    atomic_store_explicit(&r->src, &no_cell, memory_order_release);
    return r;
}

void cells_start(void) {
    atomic_store_explicit(&no_cell.v, V_UNBOUND, memory_order_relaxed);
    atomic_store_explicit(&absent_cell.v, V_UNBOUND, memory_order_relaxed);
}
