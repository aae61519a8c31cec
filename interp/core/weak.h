// SPDX-License-Identifier: Apache-2.0
// Weak references: which there are to an object, and how they let go of it. Leaves the Python types (ref, proxy) to types/weakref.c.
//
// A table maps objects to their references, sharded by address, a mutex a shard. The mutex is held for a few instructions and never across a safepoint, so an attached thread may block on it.
// DEATH is decided under it: object_destroy asks weak_dying, which looks at the shared count under the shard's mutex. weak_get increments under the same one,
// so either the object is seen revived or the reference is already cleared. A weakref object itself has HEAD_WEAKREFS set and dies the same way, so a
// callback list never picks up one that is going.
#ifndef KRAIT_INTERP_CORE_WEAK_H
#define KRAIT_INTERP_CORE_WEAK_H

#include "interp/core/object.h"

struct weakref { // every instance of a TYPE_WEAKREF type begins with this; the type has TYPE_GC and TYPE_WEAKREF
    struct object head;
    _Atomic(struct object *) target;   // not counted; NULL once dead. Guarded by the target's shard, read alone only to see whether it is NULL
    value callback;                    // owned or V_NULL; traverse visits it
    struct weakref *prev, *next;       // of the same target; guarded by the shard
    int64_t hash;                      // -1: not computed; owner of the type uses it
};

// Enters w, freshly made, not shared, callback set, as a reference to o. false: MemoryError.
bool weak_add(struct thread *t, struct weakref *w, struct object *o) MUST_CHECK;
// returns new: the target, or V_NULL if it is dead (no exception).
value weak_get(struct thread *t, struct weakref *w);
// returns new: a reference to o of exactly that type without callback, to be shared; V_NULL if there is none.
value weak_find_basic(struct thread *t, struct object *o, const struct type *type);
size_t weak_count(struct object *o);
// Owned references to o, at most n, into out; returns how many were written.
size_t weak_list(struct thread *t, struct object *o, value *out, size_t n);
// Takes w out of the table and gives up its target: type->clear of weakref types. The callback stays the type's business.
void weak_unlink(struct weakref *w);

// object_destroy only, for objects with HEAD_WEAKREFS whose count is 1 local: true if o is dead for good: its references are cleared and w itself unlinked, callbacks
// have run. false: somebody got hold of it. May run Python code.
bool weak_dying(struct thread *t, struct object *o);
// The collector, world stopped: clears all references to o. Those that have a callback and are wanted are appended to *calls (owned words).
struct gc_words;
void weak_clear_all(struct thread *t, struct object *o, bool (*wanted)(struct object *ref), struct gc_words *calls);
// Calls the callbacks of such references, each once, and frees the array. Runs Python code; a pending exception is kept.
void weak_call(struct thread *t, struct gc_words *calls);
void weak_fork_prepare(void);
void weak_fork_parent(void);
void weak_fork_child(void);

#endif
