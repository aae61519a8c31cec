// SPDX-License-Identifier: Apache-2.0
// The end of objects whose count reached zero: object_destroy and destruction put off. Leaves deciding that to ref.c and the fields to type->destroy.
//
// A dying object is kept alive by one local count of the thread that destroys it, so that the collector and trim see a live cell and __del__ may bring it back. Chains
// deeper than a few dozen go through t->destroy_list instead of the C stack.
#ifndef KRAIT_INTERP_CORE_DESTROY_H
#define KRAIT_INTERP_CORE_DESTROY_H

#include "interp/core/object.h"

// o's count is zero, it is mine. It is destroyed at t's next safepoint: for places that must not run Python code.
void destroy_later(struct thread *t, struct object *o);
// Destroys what was put off. May run Python code.
void destroy_pending(struct thread *t);
static inline bool destroy_is_pending(const struct thread *t) { return t->destroy_count > 0; }

#endif
