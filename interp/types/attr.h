// SPDX-License-Identifier: Apache-2.0
// Attribute lookup in its quiet forms, which make no exception for an attribute that is not there. Leaves the loud ones to object.h.
#ifndef KRAIT_INTERP_TYPES_ATTR_H
#define KRAIT_INTERP_TYPES_ATTR_H

#include "interp/core/object.h"

// returns new; V_NULL: not there (no exception) or, check raised, an error.
value attr_generic(struct thread *t, vref o, vref name);
value attr_type(struct thread *t, vref o, vref name);    // of a type (type_attr.c)
value attr_module(struct thread *t, vref o, vref name);  // of a module (module.c)
value attr_quiet(struct thread *t, vref o, vref name);   // of anything
// name as a key: exact and interned. returns new.
value attr_name(struct thread *t, vref name);
// "attribute name must be string, not 'int'"
bool attr_check_name(struct thread *t, vref name);
value module_getattr(struct thread *t, vref self, vref name);
value raise_attribute_text(struct thread *t, value message, vref o, vref name); // takes message; AttributeError with name and obj
// Raises cls(): an exception without arguments.
value raise_bare(struct thread *t, struct type *cls);
// o.__class__ = cls for classes of equal layout. -1: TypeError.
int object_set_class(struct thread *t, vref o, vref cls);

#endif
