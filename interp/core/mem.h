// SPDX-License-Identifier: Apache-2.0
// Memory: objects up to 512 bytes from per-thread slabs with one size class a page, larger ones and all buffers from mimalloc.
// Leaves counting to ref.h; the collector (gc.h) walks the slabs.
//
// Pages are type-stable: a freed cell may be used again at once, but only by another object, so the header's count fields stay count fields and a
// late try-increment by a foreign reader is harmless. A page changes class or goes back only after a grace period. Sanitizer builds use malloc with a quarantine.
// Buffers and tables that a lock-free reader may still hold are freed by mem_retire, after a grace period (qsbr.c).
#ifndef KRAIT_INTERP_CORE_MEM_H
#define KRAIT_INTERP_CORE_MEM_H

#include "interp/core/thread.h"

#define SIZE_CLASS_MAX 512
static inline unsigned size_class(size_t bytes) { return (unsigned)((bytes + 15) / 16) - 1; }

void *mem_cell_slow(struct thread *t, unsigned cls); // NULL: MemoryError pending
void *mem_large(struct thread *t, size_t bytes);
void mem_free_cell_slow(struct thread *t, void *p, size_t bytes);

#if defined(KRAIT_ASAN) || defined(KRAIT_TSAN) || defined(KRAIT_VALGRIND)
#define MEM_INLINE_LISTS 0
#else
#define MEM_INLINE_LISTS 1
#endif

// returns new uninitialised cell for an object of that many bytes (16-byte aligned), or NULL with MemoryError pending. The free-list link is the second
// word of the object (word 2), never the counts.
static inline void *mem_cell(struct thread *t, size_t bytes) {
    if (unlikely(bytes > SIZE_CLASS_MAX)) return mem_large(t, bytes);
    unsigned cls = size_class(bytes);
#if MEM_INLINE_LISTS
    void *p = t->free_list[cls];
    if (likely(p != NULL)) {
        t->free_list[cls] = *(void **)((char *)p + 8);
        return p;
    }
#endif
    return mem_cell_slow(t, cls);
}
// Gives a cell back. bytes must be what was asked for. Only the object's owner, or anybody when owner is nobody (then it goes to the page's foreign list).
void mem_free_cell(struct thread *t, void *p, size_t bytes);

// Buffers: sizes on free, charged to the running task's scope. NULL with MemoryError pending.
void *mem_alloc(struct thread *t, size_t bytes) MUST_CHECK;
void *mem_calloc(struct thread *t, size_t bytes) MUST_CHECK;
void *mem_resize(struct thread *t, void *p, size_t old_bytes, size_t new_bytes) MUST_CHECK;
void mem_free(struct thread *t, void *p, size_t bytes);
void mem_retire(struct thread *t, void *p, size_t bytes); // freed after a grace period; plain free in GIL mode

#endif
