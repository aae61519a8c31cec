// SPDX-License-Identifier: Apache-2.0
// Stores into objects that foreign threads write: revoking the write bias, then the lock byte. Leaves the plain path to ref.h.
//
// The first foreign writer takes the lock byte, sets HEAD_WRITE_SHARED, and waits until the owner has passed a safepoint: none is in the middle of a plain store then. Whoever comes second waits for
// the lock byte, so he never runs ahead of the hand-shake. The owner, if it waits for the byte itself, is detached and counts as safe.
#include "interp/core/lock.h"
#include "interp/core/owner.h"

bool write_begin_slow(struct thread *t, struct object *o) {
    if (!t->free_threaded) return false; // the lock of the interpreter is enough
    t->slow_stores++;
    lock_byte_take(t, &o->lock);
    if (object_flags(o) & HEAD_WRITE_SHARED) return true;
    object_set_flag(o, HEAD_WRITE_SHARED);
    uint16_t id = __atomic_load_n(&o->owner, __ATOMIC_SEQ_CST);
    struct owner_slot *owner = id == OWNER_NONE || id == t->owner ? NULL : owner_at(id);
    if (owner) owner_handshake(t, owner);
    return true;
}

void write_end_slow(struct thread *t, struct object *o) { lock_byte_give(&o->lock); }

void ref_store_shared(struct thread *t, struct object *o, _Atomic value *slot, value v) {
    bool locked = write_begin(t, o);
    value old = atomic_load_explicit(slot, memory_order_relaxed);
    atomic_store_explicit(slot, v, memory_order_release);
    write_end(t, o, locked);
    release_opt(t, old);
}
