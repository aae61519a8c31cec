// SPDX-License-Identifier: Apache-2.0
// The algebra of sets, as set.c has it for set_methods.c. Leaves the public side to dict.h.
#ifndef KRAIT_INTERP_TYPES_SET_H
#define KRAIT_INTERP_TYPES_SET_H

#include "interp/types/set_table.h"

value set_from(struct thread *t, bool frozen, vref iterable_or_null);          // of the exact type
bool set_merge(struct thread *t, vref s, vref other) MUST_CHECK;               // all of a set
bool set_difference_update(struct thread *t, vref s, vref other) MUST_CHECK;   // any iterable
bool set_symmetric_update(struct thread *t, vref s, vref other) MUST_CHECK;
value set_intersection(struct thread *t, vref s, vref other);                  // new sets of the exact type that s derives from
value set_difference(struct thread *t, vref s, vref other);
int set_is_subset(struct thread *t, vref s, vref other);                       // two sets: 1 0 -1
int set_is_disjoint(struct thread *t, vref s, vref other);                     // any iterable
int set_lookup(struct thread *t, vref s, vref key);                            // as `in`: a set stands for its frozenset

#endif
