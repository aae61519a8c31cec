// SPDX-License-Identifier: Apache-2.0
// types.GenericAlias (list[int]) and types.UnionType (int | str): what both share. Leaves typing's own classes to the library.
#ifndef KRAIT_INTERP_TYPES_GENERIC_H
#define KRAIT_INTERP_TYPES_GENERIC_H

#include "interp/core/object.h"

extern struct type type_generic_alias, type_union;
value generic_parameters(struct thread *t, vref args);                                        // tuple of the type variables in args
value generic_substitute(struct thread *t, vref self, vref args, vref parameters, vref item); // args with parameters replaced: returns new tuple
bool generic_repr_item(struct thread *t, vref v, value *text);                                // as it is written inside list[...]
value union_or(struct thread *t, vref a, vref b);                                             // V_NOTIMPL if either is no type
value union_from_args(struct thread *t, vref args);                                           // of a tuple: flattened, without doubles; one alone is itself

#endif
