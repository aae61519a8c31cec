// SPDX-License-Identifier: Apache-2.0
// What the steps of making a class share. Leaves the steps to type_make.c and type_slots.c.
#ifndef KRAIT_INTERP_TYPES_TYPE_MAKE_H
#define KRAIT_INTERP_TYPES_TYPE_MAKE_H

#include "interp/types/type.h"

bool type_set_name(struct thread *t, struct type *c, vref name);         // the C name from a str
bool type_apply_slots(struct thread *t, struct type *c, vref bases);     // __slots__, __dict__, __weakref__: fixed_slots, flags, descriptors
bool type_add_dict_getset(struct thread *t, struct type *c);              // __dict__ of a static type that is the first with TYPE_HAS_DICT
void type_start_cache(struct thread *t, struct type *c, bool slots);     // version, init_cell; slots: derive the C slots from the MRO too

#endif
