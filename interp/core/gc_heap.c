// SPDX-License-Identifier: Apache-2.0
// Side tables, candidates, marking and trial deletion. Leaves roots to gc_roots.c and garbage to gc.c.
#include "interp/core/gc_heap.h"
#include <stdlib.h>

static uint32_t shared_of(const struct object *o) { return atomic_load_explicit(&o->shared, memory_order_relaxed); }

uint32_t *heap_side(const struct object *o) {
    if (slab_holds(o)) {
        struct slab_page *page = slab_page_of(o);
        return page->side ? &page->side[slab_cell_index(page, o)] : NULL;
    }
    if (shared_of(o) & SHARED_IMMORTAL) return NULL; // static, or a root by itself
    struct large *l = large_of(o);
    return l->magic == LARGE_MAGIC ? &l->side : NULL;
}

// ---- opening ----

static bool has_side(const struct slab_page *page) {
    return page->list >= SIZE_CLASSES || atomic_load_explicit(&page->has_deferred, memory_order_relaxed);
}

// Calls f for every page of the interpreter that may hold candidates.
static void each_page(struct interp *interp, void (*f)(struct slab_page *page, void *arg), void *arg) {
    for (struct slab_heap *heap = interp->heaps; heap; heap = heap->next)
        for (unsigned list = 0; list < CELL_LISTS; list++)
            for (struct slab_page *page = heap->pages[list]; page; page = page->next)
                if (has_side(page)) f(page, arg);
}
static void count_page(struct slab_page *page, void *words) { *(size_t *)words += page->used; }
static void give_side(struct slab_page *page, void *next) {
    page->side = *(uint32_t **)next;
    *(uint32_t **)next += page->used;
}
static void take_side(struct slab_page *page, void *unused) { page->side = NULL; }

// A class whose instances the collector does not see is kept for their sake.
static bool keeps_itself(const struct object *o) {
    if (object_flags(o) & HEAD_FROZEN) return true;
    return (object_type(o)->flags & TYPE_TYPE) && !(((const struct type *)o)->flags & TYPE_GC);
}

// What the collector's word of a live object starts as; 0: no candidate.
static uint32_t first_word(const struct object *o) {
    uint32_t s = shared_of(o);
    if (o->flags & HEAD_DYING) return 0;
    if (!(object_type(o)->flags & TYPE_GC) && !(s & SHARED_DEFERRED)) return 0;
    if (s & SHARED_DEFERRED) return SIDE_CANDIDATE;
    int64_t total = (int64_t)o->local + ((int32_t)s >> SHARED_SHIFT);
    if (s & SHARED_QUEUED) total++; // a queue points to it
    if (total < 1) total = 1;
    return SIDE_CANDIDATE | (total < SIDE_COUNT ? (uint32_t)total : SIDE_COUNT);
}

static void push(struct heap_view *h, struct object *o) {
    if (h->depth == h->stack_capacity) {
        size_t capacity = h->stack_capacity ? 2 * h->stack_capacity : 1024;
        struct object **stack = realloc(h->stack, capacity * sizeof(struct object *));
        if (!stack) {
            h->failed = true;
            return;
        }
        h->stack = stack;
        h->stack_capacity = capacity;
    }
    h->stack[h->depth++] = o;
}

static void enter(struct heap_view *h, struct object *o, uint32_t *side) {
    *side = slab_is_live(o) ? first_word(o) : 0;
    if (!*side) return;
    h->candidates++;
    if (!(shared_of(o) & SHARED_IMMORTAL) && !keeps_itself(o)) return;
    *side |= SIDE_MARKED;
    push(h, o);
}
static void enter_page(struct slab_page *page, void *view) {
    for (uint32_t i = 0; i < page->used; i++) enter(view, slab_cell(page, i), &page->side[i]);
}

static int by_address(const void *a, const void *b) {
    uintptr_t x = (uintptr_t) * (struct large *const *)a, y = (uintptr_t) * (struct large *const *)b;
    return x < y ? -1 : x > y;
}

static bool open_large(struct heap_view *h) {
    size_t n = 0;
    for (struct slab_heap *heap = h->interp->heaps; heap; heap = heap->next)
        for (struct large *l = heap->large; l; l = l->next) n++;
    h->large = malloc((n + 1) * sizeof(struct large *));
    if (!h->large) return false;
    for (struct slab_heap *heap = h->interp->heaps; heap; heap = heap->next)
        for (struct large *l = heap->large; l; l = l->next) {
            enter(h, large_object(l), &l->side);
            if (l->side) h->large[h->nlarge++] = l;
        }
    qsort(h->large, h->nlarge, sizeof *h->large, by_address);
    return true;
}

bool heap_open(struct heap_view *h, struct thread *t) {
    *h = (struct heap_view){.t = t, .interp = t->interp};
    size_t words = 0;
    each_page(h->interp, count_page, &words);
    h->arena = malloc((words + 1) * sizeof *h->arena);
    if (!h->arena) return false;
    uint32_t *next = h->arena;
    each_page(h->interp, give_side, &next);
    each_page(h->interp, enter_page, h);
    if (open_large(h) && !h->failed) return true;
    heap_close(h);
    return false;
}

void heap_close(struct heap_view *h) {
    each_page(h->interp, take_side, NULL);
    free(h->arena);
    free(h->large);
    free(h->stack);
    *h = (struct heap_view){.t = h->t, .interp = h->interp};
}

// ---- walking ----

struct each {
    struct heap_view *h;
    heap_fn *f;
    void *arg;
};
static void each_in_page(struct slab_page *page, void *p) {
    struct each *each = p;
    for (uint32_t i = 0; i < page->used; i++)
        if (page->side[i] & SIDE_CANDIDATE) each->f(each->h, slab_cell(page, i), &page->side[i], each->arg);
}
void heap_each(struct heap_view *h, heap_fn *f, void *arg) {
    struct each each = {h, f, arg};
    each_page(h->interp, each_in_page, &each);
    for (size_t i = 0; i < h->nlarge; i++) f(h, large_object(h->large[i]), &h->large[i]->side, arg);
}

void heap_each_object(struct interp *interp, void (*f)(struct object *o)) {
    for (struct slab_heap *heap = interp->heaps; heap; heap = heap->next) {
        for (unsigned list = 0; list < CELL_LISTS; list++)
            for (struct slab_page *page = heap->pages[list]; page; page = page->next)
                for (uint32_t i = 0; i < page->used; i++)
                    if (slab_is_live(slab_cell(page, i))) f(slab_cell(page, i));
        for (struct large *l = heap->large; l; l = l->next)
            if (slab_is_live(large_object(l))) f(large_object(l));
    }
}

// ---- marking ----

void heap_mark(struct heap_view *h, struct object *o) {
    uint32_t *side = heap_side(o);
    if (!side || (*side & (SIDE_CANDIDATE | SIDE_MARKED)) != SIDE_CANDIDATE) return;
    *side |= SIDE_MARKED;
    push(h, o);
}
void heap_mark_word(struct heap_view *h, vref v) {
    if (v && is_pointer(v)) heap_mark(h, as_object(v));
}

static int visit_mark(vref v, void *h) {
    heap_mark_word(h, v);
    return 0;
}
void heap_drain(struct heap_view *h) {
    while (h->depth) {
        struct object *o = h->stack[--h->depth];
        struct type *type = object_type(o);
        heap_mark(h, &type->head);
        if (type->traverse) type->traverse(o, visit_mark, h);
    }
}

static struct object *large_around(const struct heap_view *h, uintptr_t address) {
    size_t low = 0, high = h->nlarge;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if ((uintptr_t)large_object(h->large[middle]) <= address) low = middle + 1;
        else high = middle;
    }
    if (!low) return NULL;
    struct large *l = h->large[low - 1];
    return address < (uintptr_t)large_object(l) + l->bytes ? large_object(l) : NULL;
}

void heap_mark_address(struct heap_view *h, uintptr_t address) {
    struct object *o = NULL;
    if (slab_holds((void *)address)) {
        struct slab_page *page = slab_page_of((void *)address);
        uint32_t i = page->side ? slab_cell_index(page, (void *)address) : 0;
        if (page->side && i < page->used) o = slab_cell(page, i);
    } else
        o = large_around(h, address);
    if (o && slab_is_live(o) && (shared_of(o) & SHARED_DEFERRED)) heap_mark(h, o);
}

// ---- trial deletion ----

static int visit_subtract(vref v, void *unused) {
    if (!v || !is_counted(v)) return 0;
    uint32_t *side = heap_side(as_object(v));
    if (side && (*side & (SIDE_CANDIDATE | SIDE_MARKED)) == SIDE_CANDIDATE && (*side & SIDE_COUNT)) --*side;
    return 0;
}
static void subtract(struct heap_view *h, struct object *o, uint32_t *side, void *unused) {
    struct type *type = object_type(o);
    if (!(*side & SIDE_MARKED) && type->traverse) type->traverse(o, visit_subtract, NULL);
}
static void mark_held(struct heap_view *h, struct object *o, uint32_t *side, void *unused) {
    if (!(*side & SIDE_MARKED) && (*side & SIDE_COUNT)) heap_mark(h, o);
}
void heap_trial(struct heap_view *h) {
    heap_each(h, subtract, NULL);
    heap_each(h, mark_held, NULL);
    heap_drain(h);
}
