// SPDX-License-Identifier: Apache-2.0
// An intrusive doubly linked ring: an object is on a list by a `struct link` inside it. Never allocates, never fails.
//
// An unlinked link points to itself, so list_remove is idempotent and `list_linked` is exact, given that
// link_init ran once. The list does not own its members.

#ifndef KRAIT_BASE_LIST_H
#define KRAIT_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
    struct link *next;
    struct link *prev;
};

struct list {
    struct link head;
    size_t n;
};

// The object of `type` whose member `member` is at `ptr`.
#define LIST_ITEM(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))

static inline void link_init(struct link *l)
{
    l->next = l->prev = l;
}

static inline bool list_linked(const struct link *l)
{
    return l->next != l;
}

static inline void list_init(struct list *l)
{
    link_init(&l->head);
    l->n = 0;
}

static inline bool list_empty(const struct list *l)
{
    return l->head.next == &l->head;
}

static inline void list_insert_before(struct list *l, struct link *at, struct link *x)
{
    x->next = at;
    x->prev = at->prev;
    at->prev->next = x;
    at->prev = x;
    l->n++;
}

static inline void list_append(struct list *l, struct link *x)
{
    list_insert_before(l, &l->head, x);
}

static inline void list_prepend(struct list *l, struct link *x)
{
    list_insert_before(l, l->head.next, x);
}

// x must be on l or on no list.
static inline void list_remove(struct list *l, struct link *x)
{
    if (!list_linked(x))
        return;
    x->next->prev = x->prev;
    x->prev->next = x->next;
    link_init(x);
    l->n--;
}

// NULL when empty.
static inline struct link *list_first(const struct list *l)
{
    return list_empty(l) ? NULL : l->head.next;
}

static inline struct link *list_last(const struct list *l)
{
    return list_empty(l) ? NULL : l->head.prev;
}

// NULL after the last. To remove while walking, take the next one first.
static inline struct link *list_next(const struct list *l, const struct link *x)
{
    return x->next == &l->head ? NULL : x->next;
}

// Takes the first one off; NULL when empty.
static inline struct link *list_pop(struct list *l)
{
    struct link *x = list_first(l);
    if (x)
        list_remove(l, x);
    return x;
}

#endif
