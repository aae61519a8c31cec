// SPDX-License-Identifier: Apache-2.0
// What object_type.c and object_reduce.c give each other and the types that want object's defaults. Leaves the operations to object.h.
#ifndef KRAIT_INTERP_TYPES_OBJECT_TYPE_H
#define KRAIT_INTERP_TYPES_OBJECT_TYPE_H

#include "interp/core/object.h"

value object_default_repr(struct thread *t, vref self);           // <module.Class object at 0x…>
int64_t object_identity_hash(struct thread *t, vref self);
bool object_add_class_keys(struct thread *t, value keys, vref cls); // for dir(): names in the MRO into dict keys
native_fn object_reduce, object_reduce_ex, object_getstate;
// sys.modules[name], imported if it is not there. returns new.
value import_cached(struct thread *t, vref name);

#endif
