// SPDX-License-Identifier: Apache-2.0
// Buffers and large objects: the seam to mimalloc (malloc under sanitizers), what tasks are charged, allocations that fail on purpose.
// Leaves small objects to slab.c.
#include "interp/core/gc.h"
#include "interp/core/qsbr.h"
#include "interp/core/scope.h"
#include "interp/core/slab.h"
#include <malloc.h>
#include <mimalloc.h>
#include <stdlib.h>

#if defined(KRAIT_ASAN) || defined(KRAIT_TSAN) || defined(KRAIT_VALGRIND)
#define SYSTEM_MALLOC 1 // so that the tool sees every block
#else
#define SYSTEM_MALLOC 0
#endif

enum { GC_BUFFER_BYTES = 64 << 20 }; // as many bytes of buffers taken between two collections make one due

static _Atomic uint64_t fail_countdown;

void mem_fail_nth(uint64_t n) { atomic_store(&fail_countdown, n); }
bool mem_should_fail(void) {
    if (likely(atomic_load_explicit(&fail_countdown, memory_order_relaxed) == 0)) return false;
    return atomic_fetch_sub(&fail_countdown, 1) == 1;
}

// What is asked of mimalloc for `bytes`: small sizes by steps, so that every buffer of a class serves the whole class.
static size_t rounded(size_t bytes) {
    if (SYSTEM_MALLOC) return bytes ? bytes : 1;
    return bytes <= (MEM_SPARE_CLASSES - 1) * MEM_SPARE_STEP ? (bytes + (bytes == 0) + MEM_SPARE_STEP - 1) & ~(size_t)(MEM_SPARE_STEP - 1) : bytes;
}
static struct mem_spare *spare_of(struct thread *t, size_t bytes) {
    return !SYSTEM_MALLOC && t && bytes <= (MEM_SPARE_CLASSES - 1) * MEM_SPARE_STEP ? &t->spare[(bytes + (bytes == 0) + MEM_SPARE_STEP - 1) / MEM_SPARE_STEP] : NULL;
}
static void *take(struct thread *t, size_t bytes) {
    struct mem_spare *s = spare_of(t, bytes);
    if (likely(s && s->first)) {
        void *p = s->first;
        memcpy(&s->first, p, sizeof s->first);
        s->bytes -= rounded(bytes);
        return p;
    }
    return SYSTEM_MALLOC ? malloc(rounded(bytes)) : mi_heap_malloc(t->mi, rounded(bytes));
}
static void give(struct thread *t, void *p, size_t bytes) {
    if (SYSTEM_MALLOC) {
        if (malloc_usable_size(p) < bytes) abort(); // exact under AddressSanitizer: the spare lists go by what they are told
        free(p);
        return;
    }
    struct mem_spare *s = spare_of(t, bytes);
    if (likely(s && s->bytes < MEM_SPARE_BYTES)) {
        memcpy(p, &s->first, sizeof s->first);
        s->first = p;
        s->bytes += rounded(bytes);
    } else
        mi_free(p);
}
void mem_spare_drop(struct thread *t) {
    for (size_t k = 0; k < MEM_SPARE_CLASSES; k++)
        for (void *p; (p = t->spare[k].first);) {
            memcpy(&t->spare[k].first, p, sizeof p);
            mi_free(p);
        }
    memset(t->spare, 0, sizeof t->spare);
}

// Cycles that hold large buffers are few containers but much memory.
static void note(struct thread *t, size_t bytes) {
    t->buffer_bytes += bytes;
    if (unlikely(t->buffer_bytes > GC_BUFFER_BYTES)) {
        struct gc *g = t->interp->collector;
        t->buffer_bytes = 0;
        if (g && atomic_load_explicit(&g->net, memory_order_relaxed) > 0 && atomic_load_explicit(&g->enabled, memory_order_relaxed)) {
            atomic_store_explicit(&g->bytes_due, true, memory_order_relaxed);
            thread_interrupt(t, BREAK_GC);
        }
    }
}

static bool may(struct thread *t, size_t bytes) {
    if (likely(bytes <= PTRDIFF_MAX) && likely(!mem_should_fail()) && scope_charge(t, bytes)) return true;
    raise_no_memory(t);
    return false;
}
static void *taken(struct thread *t, void *p, size_t bytes) {
    if (likely(p != NULL)) {
        note(t, bytes);
        return p;
    }
    if (t->scope) scope_credit(t, bytes);
    raise_no_memory(t);
    return NULL;
}

void *mem_alloc(struct thread *t, size_t bytes) {
    if (!may(t, bytes)) return NULL;
    return taken(t, take(t, bytes), bytes);
}
void *mem_calloc(struct thread *t, size_t bytes) {
    if (!may(t, bytes)) return NULL;
    size_t n = rounded(bytes);
    return taken(t, SYSTEM_MALLOC ? calloc(1, n) : mi_heap_zalloc(t->mi, n), bytes);
}
void *mem_resize(struct thread *t, void *p, size_t old_bytes, size_t new_bytes) {
    size_t more = new_bytes > old_bytes ? new_bytes - old_bytes : 0;
    if (!may(t, more)) return NULL;
    size_t n = rounded(new_bytes);
    void *q = taken(t, SYSTEM_MALLOC ? realloc(p, n) : mi_heap_realloc(t->mi, p, n), more);
    if (q && t->scope && new_bytes < old_bytes) scope_credit(t, old_bytes - new_bytes);
    return q;
}
void mem_free(struct thread *t, void *p, size_t bytes) {
    if (!p) return;
    if (t && t->scope) scope_credit(t, bytes);
    give(t, p, bytes);
}
void mem_retire(struct thread *t, void *p, size_t bytes) {
    if (!p) return;
    if (t->free_threaded) qsbr_retire(t, p, bytes, RETIRED_BUFFER);
    else mem_free(t, p, bytes);
}

// ---- large objects ----

void *mem_large(struct thread *t, size_t bytes) {
    struct large *l = mem_alloc(t, sizeof *l + bytes);
    if (!l) return NULL;
    struct slab_heap *h = t->heap;
    l->heap = h;
    l->bytes = bytes;
    l->side = 0;
    l->magic = LARGE_MAGIC;
    struct object *o = large_object(l);
    memset(o, 0, sizeof *o);
    pthread_mutex_lock(&h->large_lock);
    l->prev = NULL;
    l->next = h->large;
    if (l->next) l->next->prev = l;
    h->large = l;
    pthread_mutex_unlock(&h->large_lock);
    return o;
}

void large_retire(struct thread *t, struct object *o) {
    o->local = 0;
    if (t->free_threaded) qsbr_retire(t, o, large_of(o)->bytes, RETIRED_CELL);
    else large_free(t, o);
}

void large_free(struct thread *t, struct object *o) {
    struct large *l = large_of(o);
    struct slab_heap *h = l->heap; // changes only while the world is stopped
    pthread_mutex_lock(&h->large_lock);
    if (l->prev) l->prev->next = l->next;
    else h->large = l->next;
    if (l->next) l->next->prev = l->prev;
    pthread_mutex_unlock(&h->large_lock);
    mem_free(t, l, sizeof *l + l->bytes);
}
