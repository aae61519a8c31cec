// SPDX-License-Identifier: Apache-2.0
// list, tuple, range, slice and their iterators in C. Leaves the methods to list.c, tuple.c, range.c, slice.c.
//
// LIST. Items stand in a separate array that stores its own capacity, so that a lock-free reader who took the array pointer knows how far it may look. A reader
// loads `items`, checks the index against `size` and the array's capacity, slot_loads the item. Writers stand in write_begin/write_end; a replaced array is retired, never freed at once.
#ifndef KRAIT_INTERP_TYPES_SEQ_H
#define KRAIT_INTERP_TYPES_SEQ_H

#include "interp/core/object.h"

struct list_items {
    size_t capacity;
    _Atomic value at[];                // at[i] owned for i < size; V_UNBOUND beyond
};
struct list {
    struct object head;
    _Atomic size_t size;
    struct list_items *_Atomic items;  // NULL: capacity 0
};
static inline struct list *as_list(vref v) { return (struct list *)as_object(v); }
static inline size_t list_size(vref v) { return atomic_load_explicit(&as_list(v)->size, memory_order_acquire); }
value list_new(struct thread *t, size_t capacity);                        // empty
value list_from_array(struct thread *t, const vref *items, size_t n);     // owns each
value list_take_array(struct thread *t, value *items, size_t n);          // takes the words in items[0..n)
bool list_append(struct thread *t, vref list, vref v) MUST_CHECK;
bool list_append_take(struct thread *t, vref list, value v) MUST_CHECK;   // takes v, also on failure
bool list_extend(struct thread *t, vref list, vref iterable) MUST_CHECK;
bool list_insert(struct thread *t, vref list, int64_t i, vref v) MUST_CHECK;
value list_get(struct thread *t, vref list, int64_t i);                   // returns new; IndexError; negative allowed
value list_get_or_null(struct thread *t, vref list, size_t i);            // returns new; V_NULL without exception if out of range
// Item k of a list, k < its size when looked at: in line when nobody else writes it. returns new; V_NULL: not so simple, ask list_get.
static inline value list_peek(struct thread *t, struct list *l, size_t k) {
    if (unlikely(k >= atomic_load_explicit(&l->size, memory_order_relaxed))) return V_NULL;
    if (is_biased(t, &l->head)) return slot_load(t, &atomic_load_explicit(&l->items, memory_order_relaxed)->at[k]);
    return list_get_or_null(t, borrowed_word(l), k);
}
bool list_set(struct thread *t, vref list, int64_t i, vref v) MUST_CHECK;
value list_to_tuple(struct thread *t, vref list);
bool list_sort(struct thread *t, vref list, vref key_or_null, bool reverse) MUST_CHECK; // stable (merge runs, after Peters' timsort)
value list_from_iterable(struct thread *t, vref it);

struct tuple {
    struct object head;
    size_t size;
    _Atomic int64_t hash;              // -1: not computed
    value at[];                        // owned, immutable once published
};
static inline struct tuple *as_tuple(vref v) { return (struct tuple *)as_object(v); }
static inline size_t tuple_size(vref v) { return as_tuple(v)->size; }
static inline vref tuple_at(vref v, size_t i) { return as_tuple(v)->at[i]; } // borrowed while the tuple lives
extern value tuple_empty;                                                 // immortal
value tuple_new(struct thread *t, size_t n);                              // items V_UNBOUND: fill before publishing
value tuple_from_array(struct thread *t, const vref *items, size_t n);    // owns each
value tuple_take_array(struct thread *t, value *items, size_t n);         // takes the words
value tuple_pack(struct thread *t, size_t n, ...);                        // of vref
value tuple_from_iterable(struct thread *t, vref it);

struct range {
    struct object head;
    value start, stop, step, length;   // ints
};
struct range_iter {                    // of a range whose numbers all fit int62; others get a generic iterator
    struct object head;
    int64_t next, step;                // the VM steps it in line
    int64_t left;                      // how many are still to come
};
value range_new(struct thread *t, int64_t start, int64_t stop, int64_t step);
struct slice {
    struct object head;
    value start, stop, step;
};
value slice_new(struct thread *t, vref start, vref stop, vref step);
// start, stop, step of a slice object for a sequence of that length, clamped; count = how many items. false: exception.
bool slice_indices(struct thread *t, vref slice, int64_t length, int64_t *start, int64_t *stop, int64_t *step, int64_t *count);

// Iterators the VM steps in line. `seq` becomes V_NULL when exhausted. Shared between threads, `index` is advanced with relaxed atomics: items may repeat or be missed, never crash.
struct seq_iter {
    struct object head;
    value seq;                         // owned list, tuple or str
    _Atomic int64_t index;
};
// Iterates anything by __getitem__ until IndexError.
value seq_iter_generic(struct thread *t, vref seq);

#endif
