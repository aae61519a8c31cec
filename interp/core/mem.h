// SPDX-License-Identifier: Apache-2.0
// Memory: objects up to 512 bytes from per-thread slabs with one size class a page, larger ones and all buffers from mimalloc.
// Leaves counting to ref.h; the collector (gc.h) walks the slabs.
//
// Pages are type-stable: a freed cell may be used again at once, but only by another object, so the header's count fields stay count fields and a
// late try-increment by a foreign reader is harmless. A page changes class or goes back only after a grace period. ASan builds use malloc, and in free-threaded mode a quarantine.
// Buffers and tables that a lock-free reader may still hold are freed by mem_retire, after a grace period (qsbr.c).
#ifndef KRAIT_INTERP_CORE_MEM_H
#define KRAIT_INTERP_CORE_MEM_H

#include "interp/core/thread.h"

#define SIZE_CLASS_MAX 512
static inline unsigned size_class(size_t bytes) { return (unsigned)((bytes + 15) / 16) - 1; }

void *mem_cell_slow(struct thread *t, unsigned list, size_t bytes); // NULL: MemoryError pending
void *mem_large(struct thread *t, size_t bytes);

#if defined(KRAIT_ASAN) || defined(KRAIT_VALGRIND)
#define MEM_SLABS 0 // every cell is a block of malloc: the tool sees each object's bounds and life
#else
#define MEM_SLABS 1
#endif

// returns new uninitialised cell of that list (size class, + SIZE_CLASSES for containers), 16-byte aligned, or NULL with MemoryError pending. The
// free-list link is the second word of the object (word 2), never the counts.
static inline void *mem_cell_of(struct thread *t, unsigned list, size_t bytes) {
    void *p = t->free_list[list];
    if (likely(p != NULL)) {
        t->free_list[list] = *(void **)((char *)p + 8);
        return p;
    }
    return mem_cell_slow(t, list, bytes);
}
// For an object whose type has no TYPE_GC: it holds no words that the collector should see.
static inline void *mem_cell(struct thread *t, size_t bytes) {
    if (unlikely(bytes > SIZE_CLASS_MAX)) return mem_large(t, bytes);
    return mem_cell_of(t, size_class(bytes), bytes);
}
// For a container (TYPE_GC). The two must not be mixed up: the collector looks for containers only in their own pages.
static inline void *mem_cell_gc(struct thread *t, size_t bytes) {
    if (unlikely(bytes > SIZE_CLASS_MAX)) return mem_large(t, bytes);
    return mem_cell_of(t, size_class(bytes) + SIZE_CLASSES, bytes);
}
// Gives back the cell of an object that is dead or was never published (counts zero). Any thread. bytes must be what was asked for.
void mem_free_cell(struct thread *t, void *p, size_t bytes);

// Buffers: sizes on free, charged to the running task's scope. NULL with MemoryError pending.
void *mem_alloc(struct thread *t, size_t bytes) MUST_CHECK;
void *mem_calloc(struct thread *t, size_t bytes) MUST_CHECK;
void *mem_resize(struct thread *t, void *p, size_t old_bytes, size_t new_bytes) MUST_CHECK; // on failure p is as it was
void mem_free(struct thread *t, void *p, size_t bytes);
void mem_spare_drop(struct thread *t); // the thread ends: gives its spare buffers back
void mem_retire(struct thread *t, void *p, size_t bytes); // freed after a grace period; plain free in GIL mode
// Torture: the nth allocation from now (of t's thread or any) that reaches a slow path or asks for a buffer fails. 0: none.
void mem_fail_nth(uint64_t n);
bool mem_should_fail(void);

#endif
