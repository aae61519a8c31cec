// SPDX-License-Identifier: Apache-2.0
// The types of _collections. Leaves Counter's and namedtuple's Python halves to the library.
//
// A DEQUE is a ring: `count` words from `first` on in an array whose capacity is a power of two. Every access, reading too, stands in write_begin/write_end, so nobody
// looks at an array that another thread replaces; with one thread, or under the GIL, that is a compare. `state` counts the changes: iterators and
// searches that called out compare it afterwards.
#ifndef KRAIT_INTERP_MODULES_COLLECTIONS_H
#define KRAIT_INTERP_MODULES_COLLECTIONS_H

#include "interp/types/dict.h"
#include "interp/types/iter.h"
#include "interp/types/sequence.h"

struct deque {
    struct object head;
    value *ring;       // owned words; NULL: capacity 0
    size_t capacity;   // a power of two, or 0
    size_t first, count;
    int64_t maxlen;    // -1: none
    uint64_t state;
};
static inline struct deque *as_deque(vref v) { return (struct deque *)as_object(v); }
extern struct type type_deque, type_deque_iter, type_deque_reverse_iter, type_defaultdict, type_odict, type_tuplegetter;
bool odict_start(struct thread *t) MUST_CHECK;
static inline bool is_deque(vref v) { return is_pointer(v) && is_instance(v, &type_deque); }

// deque.c. What the caller sees of a deque is what it was at one moment.
size_t deque_count(struct thread *t, struct deque *d);
uint64_t deque_state(struct thread *t, struct deque *d);
// returns new: item i, V_NULL without exception behind the end or (*mutated set) if the state is not `state`.
value deque_peek(struct thread *t, struct deque *d, size_t i, uint64_t state, bool *mutated);
bool deque_push(struct thread *t, struct deque *d, value v, bool left) MUST_CHECK; // takes v; drops from the other end beyond maxlen
value deque_pull(struct thread *t, struct deque *d, bool left);                    // returns new; V_NULL without exception: empty
value deque_take(struct thread *t, struct deque *d, int64_t i);                    // returns new: item i, taken out; V_NULL without exception: not there
bool deque_put(struct thread *t, struct deque *d, int64_t i, value v) MUST_CHECK;  // in front of item i, clamped; takes v
value deque_replace(struct thread *t, struct deque *d, int64_t i, value v);        // takes v; returns what stood there, V_NULL: nothing, v is the caller's
void deque_rotate(struct thread *t, struct deque *d, int64_t n);
void deque_reverse(struct thread *t, struct deque *d);
void deque_clear(struct thread *t, struct deque *d);
bool deque_extend(struct thread *t, struct deque *d, vref iterable, bool left) MUST_CHECK;
bool deque_repeat(struct thread *t, struct deque *d, int64_t times) MUST_CHECK;
value deque_new(struct thread *t, struct type *cls, int64_t maxlen);
int deque_traverse(struct object *o, visit_fn *visit, void *arg);                  // deque_type.c
// deque_iter.c
value deque_iter(struct thread *t, vref deque);
value deque_reverse_iter(struct thread *t, vref deque);

value collections_count_elements(struct thread *t, const vref *a); // counts.c

#endif
