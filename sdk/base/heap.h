// SPDX-License-Identifier: Apache-2.0
// An intrusive binary heap ordered by "when must we act": the one timer structure of an event loop.
// It calls nothing: the loop asks for the earliest node and acts on it.
//
// Invariant: nodes[i]->at == i + 1 and nodes[(i-1)/2]->due <= nodes[i]->due. A node that is on no heap has at == 0.

#ifndef KRAIT_BASE_HEAP_H
#define KRAIT_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
    int64_t due;  // any unit, the same in one heap
    size_t at;    // position + 1; 0 = not on a heap
};

struct heap {
    struct heap_node **nodes;  // owned array of borrowed nodes
    size_t n;
    size_t cap;
};

static inline void heap_init(struct heap *h)
{
    *h = (struct heap){ 0 };
}

void heap_free(struct heap *h);

// Inserts x, or moves it when it is on h already. false without memory (never when moving).
bool heap_set(struct heap *h, struct heap_node *x, int64_t due) __attribute__((warn_unused_result));

// Takes x off; nothing when it is on no heap.
void heap_remove(struct heap *h, struct heap_node *x);

// The earliest, or NULL.
static inline struct heap_node *heap_first(const struct heap *h)
{
    return h->n ? h->nodes[0] : NULL;
}

static inline bool heap_has(const struct heap_node *x)
{
    return x->at != 0;
}

bool heap_is_valid(const struct heap *h);

#endif
