// SPDX-License-Identifier: Apache-2.0
// Counting: own, release, and the slots of objects that other threads may read. Leaves allocation to mem.h and the collector to gc.h.
//
// BIASED COUNTS. An object belongs to an owner; the owner counts in `local` without atomics, everybody else in `shared`. In GIL mode every
// thread of the interpreter bears the same id, so every count is local: one object model, one eval loop, two modes.
//   owner's local reaches 0: if shared is 0 the object dies; else the owner gives it up (MERGED, owner = nobody), the last sharer frees it.
//   shared would go below 0 (an owner's count was released by a foreigner): queue it with its owner, who merges at a safepoint.
// DEFERRED objects are not counted: words to them carry tag 10 wherever they stand; only the collector frees them. Module-level
// functions, types, modules, code are born deferred; an object that many threads hammer is promoted (ref.c).
//
// An object without owner (merged, or its owner's thread ended) is adopted by the thread that counts it next, so that it is counted plainly again.
//
// LATE TRIES. A reader of a slot increments first and then looks at the slot again. That is sound if a thread that took a word out of a slot makes that visible
// before it looks at `shared` for the last time: a fence at every removal, but only in threads whose objects anybody has read (t->fenced; the first
// reader, his increment done, sets it for the owner whom he finds then, and shakes hands by membarrier; a later owner begins with that increment in his count). slot_store and write_end fence; the increment may land on a freed cell, whose count it restores.
//
// ANY RELEASE CAN RUN PYTHON CODE (__del__, weak reference callbacks). Hold no invariant and no lock across one.
#ifndef KRAIT_INTERP_CORE_REF_H
#define KRAIT_INTERP_CORE_REF_H

#include "interp/core/thread.h"

// Slow paths (ref.c).
value ref_inc_foreign(struct thread *t, struct object *o); // returns the word to keep: counted, or uncounted if deferred
void ref_dec_foreign(struct thread *t, struct object *o);
void ref_zero(struct thread *t, struct object *o);          // owner's count reached zero: destroy or merge
value ref_load_foreign(struct thread *t, _Atomic value *slot, value seen);
void ref_store_shared(struct thread *t, struct object *o, _Atomic value *slot, value v);

static inline bool is_mine(const struct thread *t, const struct object *o) { return likely(object_owner(o) == t->owner); }
// Mine and no foreign thread has ever written to it: stores may be plain.
static inline bool is_biased(const struct thread *t, const struct object *o) {
    return likely((__atomic_load_n(&o->head, __ATOMIC_RELAXED) & HEAD_BIAS_MASK) == t->owner);
}
// After a counted word was taken out of a slot that others may read, before it is released. Most threads skip it.
void ref_fence(struct thread *t);
static inline void slot_removed(struct thread *t) {
    atomic_signal_fence(memory_order_seq_cst);
    if (unlikely(atomic_load_explicit(&t->fenced, memory_order_relaxed))) ref_fence(t);
}

// One more count on o. returns new word: counted, or tag 10 if o is deferred or immortal.
static inline value ref_inc(struct thread *t, struct object *o) {
    if (is_mine(t, o)) {
        o->local++;
        return counted_word(o);
    }
    return ref_inc_foreign(t, o);
}
static inline void ref_dec(struct thread *t, struct object *o) {
    if (is_mine(t, o)) {
        if (unlikely(--o->local == 0)) ref_zero(t, o);
    } else
        ref_dec_foreign(t, o);
}

// returns new: a word that may outlive v's source. Never fails. Deferred and immortal objects belong to nobody, so the first test cannot
// count them; they stay tag 10.
static inline value own(struct thread *t, vref v) {
    if (!is_pointer(v)) return v;
    struct object *o = as_object(v);
    if (is_mine(t, o)) {
        o->local++;
        return counted_word(o);
    }
    if (atomic_load_explicit(&o->shared, memory_order_relaxed) & SHARED_DEFERRED) return v | 2;
    return ref_inc_foreign(t, o);
}
// takes v. May run Python code.
static inline void release(struct thread *t, value v) {
    if (is_counted(v)) ref_dec(t, as_object(v));
}
static inline void release_opt(struct thread *t, value v) {
    if (v) release(t, v);
}
// Clears a nullable C field, then releases what it held.
static inline void release_field(struct thread *t, value *field) {
    value old = *field;
    *field = V_NULL;
    release_opt(t, old);
}
// Replaces an owned field of a C structure that only this thread (or the GIL, or the object's lock) guards. takes v.
static inline void replace_field(struct thread *t, value *field, value v) {
    value old = *field;
    *field = v;
    release_opt(t, old);
}

// SLOTS that foreign threads may read without a lock: attributes, list items, dict values, cells.
// returns new: the word in the slot, owned. V_NULL and V_UNBOUND come back as they are. The slot's object must be alive. Never blocks, never runs Python.
static inline value slot_load(struct thread *t, _Atomic value *slot) {
    value v = atomic_load_explicit(slot, memory_order_acquire);
    if (is_counted(v) && v) {
        struct object *o = as_object(v);
        if (is_mine(t, o)) o->local++; // mine: nobody else can free it
        else return ref_load_foreign(t, slot, v);
    }
    return v;
}
// Stores v (taken) into a slot of o, releases the old word. Plain when o is mine and not write-shared, else ref_store_shared.
static inline void slot_store(struct thread *t, struct object *o, _Atomic value *slot, value v) {
    if (is_biased(t, o)) {
        value old = atomic_load_explicit(slot, memory_order_relaxed);
        atomic_store_explicit(slot, v, memory_order_release);
        if (is_counted(old) && old) {
            slot_removed(t);
            ref_dec(t, as_object(old));
        }
    } else
        ref_store_shared(t, o, slot, v);
}

// OBJECT-WIDE WRITES. A change that touches more than one slot (append, dict insert, sort) stands between write_begin and write_end. When o
// is mine and not write-shared both are one compare; else begin revokes the bias (hand-shake with the owner) and takes the lock byte.
// The section must not run Python code, reach a safepoint or release a value: collect what is to be released and do it after write_end.
// write_begin may wait, detached: whatever was read of o before it (sizes, table pointers) is read again inside. It runs no Python code.
bool write_begin_slow(struct thread *t, struct object *o);
void write_end_slow(struct thread *t, struct object *o);
static inline bool write_begin(struct thread *t, struct object *o) { // returns whether the lock byte is held: hand it to write_end
    if (is_biased(t, o)) return false;
    return write_begin_slow(t, o);
}
static inline void write_end(struct thread *t, struct object *o, bool locked) {
    if (unlikely(locked)) write_end_slow(t, o);
    else slot_removed(t);
}
// The same for a change that took no word out of a slot (append, a new key): spares the fence.
static inline void write_end_grown(struct thread *t, struct object *o, bool locked) {
    if (unlikely(locked)) write_end_slow(t, o);
}

// Makes o uncounted for good (module-level functions, types, modules). The caller's word becomes tag 10: use the returned word.
value ref_defer(struct thread *t, struct object *o);
// The same, never freed.
value ref_immortal(struct thread *t, struct object *o);
// Total count for sys.getrefcount and tests.
uint64_t ref_total(const struct object *o);

#endif
