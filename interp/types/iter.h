// SPDX-License-Identifier: Apache-2.0
// Iterators: over sequences, by __getitem__, by a callable, and the iterator types of builtins. Leaves range's to range.c, dict's to dict_views.c.
//
// SHARED between threads an iterator may repeat or miss items, but never crashes: `index` is advanced with relaxed atomics, and what the iterator
// holds on to (`seq`, the wrapped iterators) is let go early only in GIL mode; free-threaded it lives as long as the iterator, and a negative `index` says exhausted.
#ifndef KRAIT_INTERP_TYPES_ITER_H
#define KRAIT_INTERP_TYPES_ITER_H

#include "interp/types/seq.h"
#include "interp/types/words.h"

value list_iter(struct thread *t, vref list);
value list_reverse_iter(struct thread *t, vref list);
value tuple_iter(struct thread *t, vref tuple);
value callable_iter(struct thread *t, vref callable, vref sentinel); // iter(f, sentinel)
value iter_self(struct thread *t, vref self);                         // __iter__ of an iterator
// (iter, (seq,), index), or (iter, (empty,)) when exhausted: how iterators over sequences pickle.
value iter_reduce(struct thread *t, const char *builtin, vref seq_or_null, vref index, vref empty);

extern struct type type_list_iter, type_list_reverse_iter, type_tuple_iter, type_seq_iter, type_callable_iter, type_enumerate, type_zip, type_map,
    type_filter, type_reversed, type_range_iter, type_long_range_iter, type_set_iter;
bool containers_start(struct thread *t); // readies the types that types/type_list.h does not name, and ExceptionGroup; behind it

#endif
