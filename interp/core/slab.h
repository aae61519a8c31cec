// SPDX-License-Identifier: Apache-2.0
// Slab pages: where small objects live, found again from any address, and walked by the collector. Leaves the inline free lists to mem.h and what is alive to gc.c.
//
// All pages lie in one address range, reserved once a process, so that "is this word an object of ours" is a subtraction and a compare. A page is 64 KiB of cells of one
// size, either plain or containers; what is known of it stands in a table beside, one cache line a page. A page belongs to a heap:
//
//     free-threaded   one heap a thread. A thread's heap outlives it as an orphan: the next new thread takes it over, or a trim merges it.
//     GIL             one heap an interpreter, guarded by the lock.
//
//     cells of a page = carved [0, used) + untouched [used, ncells)
//     carved = live (counts not both zero) + on some free list (counts zero)
//
// That equation holds whenever the world is stopped and is all that trim needs: it rebuilds every free list in address order and gives empty pages
// back. Nothing is counted on the way of an allocation. A cell freed by a thread that does not own its page goes to the heap's foreign list.
//
// LARGE objects (and, without slabs, all) carry a prefix and hang on a list of their heap.
#ifndef KRAIT_INTERP_CORE_SLAB_H
#define KRAIT_INTERP_CORE_SLAB_H

#include "interp/core/object.h"

enum { SLAB_SHIFT = 16, SLAB_BYTES = 1 << SLAB_SHIFT };

struct slab_page {
    struct slab_heap *heap;    // backlink; NULL: not in use
    struct slab_page *next;    // of heap->pages[list], or of the pool
    uint32_t *side;            // collector's word a cell, only while it runs
    uint32_t size;             // bytes of a cell
    uint32_t reciprocal;       // of size, << 32: cell number without a division
    uint32_t ncells;
    uint32_t used;             // cells carved so far
    uint8_t list;              // index into free_list
    _Atomic bool has_deferred; // a plain page that the collector must look at
};

struct slab_heap {
    struct slab_heap *next;    // of interp->heaps; never freed before the interpreter
    struct thread *thread;     // backlink; NULL: orphan. GIL mode: NULL always
    struct slab_page *pages[CELL_LISTS];
    struct slab_page *open[CELL_LISTS]; // the one being carved, or NULL
    _Atomic(void *) foreign[CELL_LISTS]; // cells that others freed, or that nobody holds; linked by word 2
    pthread_mutex_t large_lock;
    struct large *large;       // guarded by large_lock
    size_t page_count;
};

struct large {
    struct large *prev, *next;
    struct slab_heap *heap;
    size_t bytes;              // of the object
    uint32_t side;             // collector's word
    uint32_t magic;            // LARGE_MAGIC
    uint32_t pad[2];
};
enum { LARGE_MAGIC = 0x6b726c67 };
_Static_assert(sizeof(struct large) % 16 == 0, "objects are 16-byte aligned");

struct slab_range {            // set once, before the first interpreter
    char *base;
    size_t bytes;
    struct slab_page *pages;
};
extern struct slab_range slab_range;

bool slab_start(void); // reserves the range; idempotent. false: no address space
static inline bool slab_holds(const void *p) { return (size_t)((const char *)p - slab_range.base) < slab_range.bytes; }
static inline struct slab_page *slab_page_of(const void *p) { return &slab_range.pages[(size_t)((const char *)p - slab_range.base) >> SLAB_SHIFT]; }
static inline uint32_t slab_cell_index(const struct slab_page *page, const void *p) {
    return (uint32_t)(((uint64_t)((uintptr_t)((const char *)p - slab_range.base) & (SLAB_BYTES - 1)) * page->reciprocal) >> 32);
}
static inline char *slab_page_start(const struct slab_page *page) { return slab_range.base + ((size_t)(page - slab_range.pages) << SLAB_SHIFT); }
static inline struct object *slab_cell(const struct slab_page *page, uint32_t i) { return (struct object *)(void *)(slab_page_start(page) + (size_t)i * page->size); }
// Whether a cell holds an object. Only with the world stopped (or in GIL mode).
static inline bool slab_is_live(const struct object *o) { return o->local != 0 || atomic_load_explicit(&o->shared, memory_order_relaxed) != 0; }
static inline struct large *large_of(const void *o) { return (struct large *)(uintptr_t)o - 1; }
static inline struct object *large_object(const struct large *l) { return (struct object *)(uintptr_t)(l + 1); }

static inline void **slab_link(void *cell) { return (void **)(void *)((char *)cell + 8); }
// Puts the list first … last in front of a heap's foreign list. Any thread.
void slab_foreign_push(struct slab_heap *h, unsigned list, void *first, void *last);
void large_retire(struct thread *t, struct object *o); // gives a large object back, after a grace period if others may look at it

// mem_free_cell: the page knows the size.
static inline void slab_free(struct thread *t, void *p) {
    if (unlikely(!slab_holds(p))) {
        large_retire(t, p);
        return;
    }
    struct object *o = p;
    o->local = 0;
    struct slab_page *page = slab_page_of(p);
    if (likely(page->heap == t->heap)) {
        __atomic_store_n(slab_link(p), t->free_list[page->list], __ATOMIC_RELAXED); // a late reader may look at it as an owner id
        t->free_list[page->list] = p;
    } else
        slab_foreign_push(page->heap, page->list, p, p);
}

// The heap that t allocates from from now on: its interpreter's, an orphan, a new one. NULL: no memory. threads_lock held.
struct slab_heap *slab_heap_take(struct thread *t);
void slab_heap_leave(struct thread *t);          // t ends: its free lists go back, its heap becomes an orphan
void slab_heaps_free(struct interp *interp);     // everything, live or not
// World stopped: rebuilds the free lists, gives back empty pages, hands orphans' pages to t's heap.
void slab_trim(struct thread *t);
size_t slab_pages_in_use(struct interp *interp); // world stopped, or for show
void slab_mark_deferred(struct object *o);       // the collector must find o although its type is no container
void large_free(struct thread *t, struct object *o); // at once: grace period over
void slab_fork_prepare(void);
void slab_fork_parent(void);
void slab_fork_child(struct thread *t);          // other threads' heaps become orphans

#endif
