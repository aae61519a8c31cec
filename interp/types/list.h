// SPDX-License-Identifier: Apache-2.0
// What list.c, list_methods.c and sort.c share about list arrays. Leaves the public side to seq.h.
#ifndef KRAIT_INTERP_TYPES_LIST_H
#define KRAIT_INTERP_TYPES_LIST_H

#include "interp/types/seq.h"
#include "interp/types/words.h"

// Stands in for the items of a list while it is being sorted; capacity 0, so everybody sees an empty list. Never freed.
extern struct list_items list_sorting;

static inline struct list_items *list_array(const struct list *l) { return atomic_load_explicit(&((struct list *)(uintptr_t)l)->items, memory_order_acquire); }
// list_get_or_null, for loops: returns new item i, or V_NULL when the list is shorter.
static inline value list_fetch(struct thread *t, struct list *l, size_t i) {
    if (unlikely(i >= atomic_load_explicit(&l->size, memory_order_acquire))) return V_NULL;
    struct list_items *items = list_array(l);
    value v = likely(items && i < items->capacity) ? slot_load(t, &items->at[i]) : V_UNBOUND;
    return likely(v != V_UNBOUND) ? v : list_get_or_null(t, counted_word(l), i); // a writer is between two stores
}
static inline size_t list_items_bytes(size_t capacity) { return sizeof(struct list_items) + capacity * sizeof(value); }
struct list_items *list_items_new(struct thread *t, size_t capacity); // NULL: MemoryError
void list_items_free(struct thread *t, struct list_items *items);     // never seen by another thread
void list_items_retire(struct thread *t, struct list_items *items);   // NULL is fine

// returns new array of the words of items [start, start + *count) as they are now, each owned; *count becomes what there was. NULL: MemoryError.
struct list_items *list_copy_range(struct thread *t, vref list, size_t start, size_t *count);
// returns new list around items; takes the array. V_NULL: MemoryError, everything is released.
value list_adopt(struct thread *t, struct list_items *items, size_t n);
// Replaces [start, stop), clamped, by n words taken from in. The words are taken only on success.
bool list_splice(struct thread *t, vref list, size_t start, size_t stop, const value *in, size_t n) MUST_CHECK;
// Takes item i out, counted from the end if negative: the look and the change are one. returns new; V_NULL without exception: out of range (or MemoryError).
value list_take(struct thread *t, vref list, int64_t i);
value list_pop(struct thread *t, vref list); // the last one; V_NULL as list_take
// Exchanges items i and j. false, no exception: the list is shorter.
bool list_swap(struct thread *t, vref list, size_t i, size_t j) MUST_CHECK;
// Replaces the whole content; takes items (NULL: empty).
void list_replace(struct thread *t, vref list, struct list_items *items, size_t n);

// Subscripts (list_slice.c).
value list_getitem(struct thread *t, vref self, vref key);
int list_setitem(struct thread *t, vref self, vref key, vref v); // v V_NULL: delete

#endif
