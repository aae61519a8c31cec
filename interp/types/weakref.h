// SPDX-License-Identifier: Apache-2.0
// The Python types of weak references: ref and the two proxies. Leaves the table of references to core/weak.h, the module to modules/weakref.c.
#ifndef KRAIT_INTERP_TYPES_WEAKREF_H
#define KRAIT_INTERP_TYPES_WEAKREF_H

#include "interp/core/weak.h"

extern struct type type_weak_proxy, type_weak_callable_proxy;
static inline bool is_weakref(vref v) { return is_pointer(v) && has_flag(v, TYPE_WEAKREF); }
// returns new reference of that type to o, or the shared one if callback is V_NULL. TypeError "cannot create weak reference to 'int' object".
value weakref_new(struct thread *t, struct type *cls, vref o, vref callback_or_null);
void weakref_run_callback(struct thread *t, vref ref, vref callback); // core_hooks.weak_callback
// The slots that the three types share.
void weakref_clear(struct thread *t, struct object *o);
void weakref_destroy(struct thread *t, struct object *o);
int weakref_traverse(struct object *o, visit_fn *visit, void *arg);

#endif
