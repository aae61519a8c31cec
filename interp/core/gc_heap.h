// SPDX-License-Identifier: Apache-2.0
// One analysis of the heap while the world is stopped: who is a candidate, who is alive. Private to the collector's files. Leaves what happens to garbage to gc.c.
//
// The collector's word of an object (slab page's side table, or the large prefix):
//
//     CANDIDATE  a live container, or a deferred object of any type        MARKED  alive
//     low bits   total count, less the references found from other unmarked candidates; 0 for deferred ones
#ifndef KRAIT_INTERP_CORE_GC_HEAP_H
#define KRAIT_INTERP_CORE_GC_HEAP_H

#include "interp/core/gc.h"
#include "interp/core/slab.h"

#define SIDE_CANDIDATE 0x80000000u
#define SIDE_MARKED 0x40000000u
#define SIDE_COUNT 0x3fffffffu

struct heap_view {
    struct thread *t;
    struct interp *interp;
    uint32_t *arena;           // owned: every side table
    struct object **stack;     // owned: marked, not yet traversed
    size_t depth, stack_capacity;
    struct large **large;      // owned: large candidates in address order
    size_t nlarge;
    size_t candidates;
    bool failed;               // out of memory: nothing may be called garbage
};

// World stopped. Lays out side tables and finds the candidates with their counts. false: no memory.
bool heap_open(struct heap_view *h, struct thread *t);
void heap_close(struct heap_view *h);
uint32_t *heap_side(const struct object *o);       // NULL: o cannot be a candidate
// Calls f for every candidate.
typedef void heap_fn(struct heap_view *h, struct object *o, uint32_t *side, void *arg);
void heap_each(struct heap_view *h, heap_fn *f, void *arg);

void heap_mark(struct heap_view *h, struct object *o); // o and all it reaches, once heap_drain ran
void heap_mark_word(struct heap_view *h, vref v);
void heap_drain(struct heap_view *h);
// Marks from everything that the core knows to be alive (gc_roots.c).
void heap_mark_roots(struct heap_view *h);
// An address found on a C stack or among registers: marks the deferred object it lies in, if any.
void heap_mark_address(struct heap_view *h, uintptr_t address);
// Trial deletion among the unmarked, and marking what is held from outside.
void heap_trial(struct heap_view *h);
static inline bool heap_is_garbage(const struct object *o) {
    uint32_t *side = heap_side(o);
    return side && (*side & (SIDE_CANDIDATE | SIDE_MARKED)) == SIDE_CANDIDATE;
}
// Walks every live object, plain ones too.
void heap_each_object(struct interp *interp, void (*f)(struct object *o));

#endif
