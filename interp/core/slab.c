// SPDX-License-Identifier: Apache-2.0
// Pages and heaps of small objects: reserving, carving, adopting, trimming. Leaves large objects and buffers to mem.c.
#include "interp/core/slab.h"
#include "interp/core/scope.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct slab_range slab_range;
static pthread_once_t started = PTHREAD_ONCE_INIT;
static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER; // a leaf
static struct slab_page *pool;                                // pages given back; guarded by pool_lock
static size_t fresh;                                          // pages never used start here; guarded by pool_lock

enum { CARVE_BYTES = 4096, HUGE_BYTES = 2 << 20, HUGE_AFTER = 16 << 20 };

static void *reserve(size_t bytes) {
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

// Four times the memory there is, or as much of it as the system lets us reserve.
static void start(void) {
    size_t want = (size_t)16 << 30, ram = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
    while (want < 4 * ram && want < (size_t)1 << 42) want *= 2;
    for (; want >= (size_t)64 << 20; want /= 2) {
        size_t table = (want >> SLAB_SHIFT) * sizeof(struct slab_page);
        char *base = reserve(want + HUGE_BYTES);
        if (!base) continue;
        void *pages = reserve(table);
        if (!pages) {
            munmap(base, want + HUGE_BYTES);
            continue;
        }
        slab_range.base = (char *)(((uintptr_t)base + HUGE_BYTES - 1) & ~(uintptr_t)(HUGE_BYTES - 1));
        slab_range.pages = pages;
        slab_range.bytes = want;
        madvise(slab_range.base, want, MADV_DONTDUMP); // a core file carries what is touched, not the reservation …
        madvise(slab_range.base, want, MADV_DODUMP);   // … which needs the flag set and reset on kernels that count it
        return;
    }
}

bool slab_start(void) {
    pthread_once(&started, start);
    return slab_range.base != NULL;
}

// ---- pages ----

static struct slab_page *page_fresh(void) {
    if (fresh >= slab_range.bytes >> SLAB_SHIFT) return NULL;
    struct slab_page *page = &slab_range.pages[fresh];
    size_t offset = fresh << SLAB_SHIFT;
    if (offset >= HUGE_AFTER && offset % HUGE_BYTES == 0) madvise(slab_range.base + offset, HUGE_BYTES, MADV_HUGEPAGE);
    fresh++;
    return page;
}

static struct slab_page *page_new(struct slab_heap *h, unsigned list) {
    pthread_mutex_lock(&pool_lock);
    struct slab_page *page = pool;
    if (page) pool = page->next;
    else page = page_fresh();
    pthread_mutex_unlock(&pool_lock);
    if (!page) return NULL;
    page->size = (list % SIZE_CLASSES + 1) * 16;
    page->reciprocal = (uint32_t)(((uint64_t)1 << 32) / page->size + 1);
    page->ncells = SLAB_BYTES / page->size;
    page->used = 0;
    page->list = (uint8_t)list;
    page->side = NULL;
    atomic_store_explicit(&page->has_deferred, false, memory_order_relaxed);
    page->heap = h;
    page->next = h->pages[list];
    h->pages[list] = page;
    __atomic_store_n(&h->page_count, h->page_count + 1, __ATOMIC_RELAXED);
    return page;
}

// Every cell of it is dead and on no free list.
static void page_give(struct slab_page *page) {
    if (madvise(slab_page_start(page), SLAB_BYTES, MADV_DONTNEED) != 0) memset(slab_page_start(page), 0, SLAB_BYTES);
    page->heap = NULL;
    pthread_mutex_lock(&pool_lock);
    page->next = pool;
    pool = page;
    pthread_mutex_unlock(&pool_lock);
}

// returns a list of up to CARVE_BYTES of untouched cells of page.
static void *carve(struct slab_page *page) {
    uint32_t n = CARVE_BYTES / page->size, left = page->ncells - page->used;
    if (n > left) n = left;
    char *first = (char *)slab_cell(page, page->used);
    page->used += n;
    char *cell = first;
    for (; --n > 0; cell += page->size) *slab_link(cell) = cell + page->size;
    *slab_link(cell) = NULL;
    return first;
}

void *mem_cell_slow(struct thread *t, unsigned list, size_t bytes) {
    if (!MEM_SLABS) return mem_large(t, bytes);
    struct slab_heap *h = t->heap;
    void *p = NULL;
    if (atomic_load_explicit(&h->foreign[list], memory_order_relaxed)) p = atomic_exchange_explicit(&h->foreign[list], NULL, memory_order_acquire);
    if (!p) {
        struct slab_page *page = h->open[list];
        if (!page || page->used == page->ncells) {
            if (mem_should_fail() || !scope_charge(t, SLAB_BYTES)) page = NULL;
            else page = page_new(h, list);
            if (!page) {
                raise_no_memory(t);
                return NULL;
            }
            h->open[list] = page;
        }
        p = carve(page);
    }
    t->free_list[list] = *slab_link(p);
    return p;
}

void slab_foreign_push(struct slab_heap *h, unsigned list, void *first, void *last) {
    void *head = atomic_load_explicit(&h->foreign[list], memory_order_relaxed);
    do {
        // a late reader may look at the cell's owner meanwhile
        __atomic_store_n(slab_link(last), head, __ATOMIC_RELAXED);
    } while (!atomic_compare_exchange_weak_explicit(&h->foreign[list], &head, first, memory_order_release, memory_order_relaxed));
}

void mem_free_cell(struct thread *t, void *p, size_t bytes) { slab_free(t, p); }

// ---- heaps ----

static struct slab_heap *heap_new(struct interp *interp) {
    struct slab_heap *h = calloc(1, sizeof *h);
    if (!h) return NULL;
    pthread_mutex_init(&h->large_lock, NULL);
    h->next = interp->heaps;
    interp->heaps = h;
    return h;
}

struct slab_heap *slab_heap_take(struct thread *t) {
    struct interp *interp = t->interp;
    struct slab_heap *h = interp->heaps;
    if (interp->free_threaded)
        while (h && h->thread) h = h->next;
    if (!h) h = heap_new(interp);
    if (h && interp->free_threaded) h->thread = t;
    return t->heap = h;
}

void slab_heap_leave(struct thread *t) {
    for (unsigned list = 0; list < CELL_LISTS; list++) {
        void *first = t->free_list[list], *last = first;
        if (!first) continue;
        while (*slab_link(last)) last = *slab_link(last);
        slab_foreign_push(t->heap, list, first, last);
        t->free_list[list] = NULL;
    }
    t->heap->thread = NULL;
}

static void pages_free(struct slab_heap *h) {
    for (unsigned list = 0; list < CELL_LISTS; list++)
        for (struct slab_page *page = h->pages[list], *next; page; page = next) {
            next = page->next;
            page_give(page);
        }
}

void slab_heaps_free(struct interp *interp) {
    for (struct slab_heap *h = interp->heaps, *next; h; h = next) {
        next = h->next;
        pages_free(h);
        while (h->large) large_free(NULL, large_object(h->large));
        pthread_mutex_destroy(&h->large_lock);
        free(h);
    }
    interp->heaps = NULL;
}

// ---- trimming: the world is stopped ----

static bool has_life(const struct slab_page *page) {
    for (uint32_t i = 0; i < page->used; i++)
        if (slab_is_live(slab_cell(page, i))) return true;
    return false;
}

// Links page's free cells behind *tail; returns the new tail.
static void **sweep(struct slab_page *page, void **tail) {
    for (uint32_t i = 0; i < page->used; i++) {
        struct object *o = slab_cell(page, i);
        if (slab_is_live(o)) continue;
        *tail = o;
        tail = slab_link(o);
    }
    return tail;
}

static void trim_list(struct slab_heap *h, unsigned list) {
    void *first = NULL, **tail = &first;
    for (struct slab_page **at = &h->pages[list], *page; (page = *at);) {
        struct slab_page *open = h->open[list];
        if (page != open && !has_life(page)) {
            *at = page->next;
            __atomic_store_n(&h->page_count, h->page_count - 1, __ATOMIC_RELAXED);
            page_give(page);
            continue;
        }
        if (page->used < page->ncells && (!open || open->used == open->ncells)) h->open[list] = page;
        tail = sweep(page, tail);
        at = &page->next;
    }
    *tail = NULL;
    atomic_store_explicit(&h->foreign[list], first, memory_order_release);
}

// The pages and large objects of orphan become h's.
static void merge(struct slab_heap *h, struct slab_heap *orphan) {
    for (unsigned list = 0; list < CELL_LISTS; list++) {
        struct slab_page **tail = &h->pages[list];
        while (*tail) tail = &(*tail)->next;
        *tail = orphan->pages[list];
        for (struct slab_page *page = *tail; page; page = page->next) page->heap = h;
        if (!h->open[list]) h->open[list] = orphan->open[list];
        orphan->pages[list] = orphan->open[list] = NULL;
    }
    for (struct large *l = orphan->large, *next; l; l = next) {
        next = l->next;
        l->heap = h;
        l->prev = NULL;
        l->next = h->large;
        if (h->large) h->large->prev = l;
        h->large = l;
    }
    orphan->large = NULL;
    h->page_count += orphan->page_count;
    orphan->page_count = 0;
}

void slab_trim(struct thread *t) {
    struct interp *interp = t->interp;
    for (struct thread *other = interp->threads; other; other = other->next) memset(other->free_list, 0, sizeof other->free_list);
    for (struct slab_heap *h = interp->heaps; h; h = h->next)
        if (interp->free_threaded && !h->thread) {
            for (unsigned list = 0; list < CELL_LISTS; list++) atomic_store(&h->foreign[list], NULL);
            merge(t->heap, h);
        }
    for (struct slab_heap *h = interp->heaps; h; h = h->next)
        for (unsigned list = 0; list < CELL_LISTS; list++) trim_list(h, list);
}

size_t slab_pages_in_use(struct interp *interp) {
    size_t n = 0;
    for (struct slab_heap *h = interp->heaps; h; h = h->next) n += __atomic_load_n(&h->page_count, __ATOMIC_RELAXED);
    return n;
}

void slab_mark_deferred(struct object *o) {
    if (slab_holds(o)) atomic_store_explicit(&slab_page_of(o)->has_deferred, true, memory_order_relaxed);
}

void slab_fork_prepare(void) { pthread_mutex_lock(&pool_lock); }
void slab_fork_parent(void) { pthread_mutex_unlock(&pool_lock); }
void slab_fork_child(struct thread *t) {
    for (struct slab_heap *h = t->interp->heaps; h; h = h->next)
        if (h->thread != t) h->thread = NULL;
    pthread_mutex_unlock(&pool_lock);
}
