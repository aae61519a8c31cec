// SPDX-License-Identifier: Apache-2.0
// The sifting behind heap.h. What is due when is the loop's business.

#include "sdk/base/heap.h"

#include "sdk/base/mem.h"

void heap_free(struct heap *h)
{
    for (size_t i = 0; i < h->n; i++)
        h->nodes[i]->at = 0;
    mem_free(MEM_HEAP, h->nodes, h->cap * sizeof *h->nodes);
    heap_init(h);
}

static void place(struct heap *h, size_t i, struct heap_node *x)
{
    h->nodes[i] = x;
    x->at = i + 1;
}

static void sift_up(struct heap *h, size_t i, struct heap_node *x)
{
    for (; i > 0 && h->nodes[(i - 1) / 2]->due > x->due; i = (i - 1) / 2)
        place(h, i, h->nodes[(i - 1) / 2]);
    place(h, i, x);
}

static void sift_down(struct heap *h, size_t i, struct heap_node *x)
{
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < h->n && h->nodes[child + 1]->due < h->nodes[child]->due)
            child++;
        if (child >= h->n || h->nodes[child]->due >= x->due)
            break;
        place(h, i, h->nodes[child]);
        i = child;
    }
    place(h, i, x);
}

static void settle(struct heap *h, size_t i, struct heap_node *x)
{
    if (i > 0 && h->nodes[(i - 1) / 2]->due > x->due)
        sift_up(h, i, x);
    else
        sift_down(h, i, x);
}

static bool make_room(struct heap *h)
{
    if (h->n < h->cap)
        return true;
    size_t cap = h->cap ? h->cap * 2 : 16;
    void *nodes = mem_realloc(MEM_HEAP, h->nodes, h->cap * sizeof *h->nodes, cap * sizeof *h->nodes);
    if (!nodes)
        return false;
    h->nodes = nodes;
    h->cap = cap;
    return true;
}

bool heap_set(struct heap *h, struct heap_node *x, int64_t due)
{
    if (!x->at) {
        if (!make_room(h))
            return false;
        x->due = due;
        sift_up(h, h->n++, x);
        return true;
    }
    x->due = due;
    settle(h, x->at - 1, x);
    return true;
}

void heap_remove(struct heap *h, struct heap_node *x)
{
    if (!x->at)
        return;
    size_t i = x->at - 1;
    x->at = 0;
    struct heap_node *last = h->nodes[--h->n];
    if (last != x)
        settle(h, i, last);
}

bool heap_is_valid(const struct heap *h)
{
    for (size_t i = 0; i < h->n; i++)
        if (h->nodes[i]->at != i + 1 || (i && h->nodes[(i - 1) / 2]->due > h->nodes[i]->due))
            return false;
    return h->n <= h->cap;
}
