// SPDX-License-Identifier: Apache-2.0
// Where an instance keeps its attributes: the inline arithmetic of slots, overflow arrays and dict mode. Leaves the protocol above it to attr.c.
//
// WRITES. Whoever changes more than the word of one slot (adds an attribute, moves to dict mode, grows the overflow array) stands in write_begin/write_end, writes
// the word first and the shape after it (release). A lock-free reader loads the shape (acquire), finds the slot, slot_loads it; V_UNBOUND means that the object moved
// on to dict mode meanwhile: it starts again. Words that left a slot or an overflow array are overwritten with V_UNBOUND before anybody may release them.
#ifndef KRAIT_INTERP_TYPES_INSTANCE_H
#define KRAIT_INTERP_TYPES_INSTANCE_H

#include "interp/core/object.h"

struct overflow {              // the slots beyond the inline ones; ext holds its address | 1
    uint32_t capacity, pad;
    _Atomic value at[];        // at[i] is slot inline_slots + i; V_UNBOUND when not in use
};


// The ext word of an instance of a TYPE_HAS_DICT type: V_UNBOUND, overflow | 1, or the dict.
static inline _Atomic value *instance_ext(struct object *o, const struct shape *s) {
    if (likely(s->slot_offset)) return (_Atomic value *)(void *)((char *)o + s->slot_offset - 8);
    return object_attr_base(o);
}
static inline struct overflow *overflow_of(value ext) { return (ext & 3) == 1 ? (struct overflow *)(uintptr_t)(ext - 1) : NULL; }
// Address of slot i of an instance with that shape. NULL: the object went over to dict mode meanwhile.
static inline _Atomic value *instance_slot(struct object *o, const struct shape *s, unsigned i) {
    const struct type *c = s->type;
    if (likely(i < c->inline_slots)) {
        if (likely(s->slot_offset)) return (_Atomic value *)(void *)((char *)o + s->slot_offset) + i;
        return object_attr_base(o) + ((c->flags & TYPE_HAS_DICT) != 0) + i;
    }
    struct overflow *f = overflow_of(atomic_load_explicit(instance_ext(o, s), memory_order_acquire));
    return f && i - c->inline_slots < f->capacity ? &f->at[i - c->inline_slots] : NULL;
}

// cls(…) may allocate and go straight to the function in cls->init_cell.
static inline bool type_plain_new(const struct type *cls) { return (cls->flags & TYPE_PLAIN_NEW) != 0; }

// Stores v (taken) as attribute name (interned) of an instance of a TYPE_HAS_DICT type: its slot, a new slot, or its dict. false: exception.
bool instance_set(struct thread *t, struct object *o, vref name, value v) MUST_CHECK;
// returns new: the attribute of the instance itself, V_NULL if it has none (check raised).
value instance_get(struct thread *t, struct object *o, vref name);
int instance_delete(struct thread *t, struct object *o, vref name);      // 1 deleted, 0 absent, -1
value instance_dict(struct thread *t, struct object *o);                 // goes over to dict mode; returns new
int instance_set_dict(struct thread *t, struct object *o, vref dict);    // o.__dict__ = dict; dict V_NULL: a new empty one
// The owned dict field of an instance whose type has dict_offset; made when asked for.
static inline value *object_dict_field(struct object *o, const struct type *c) { return (value *)(void *)((char *)o + c->dict_offset); }
// destroy, traverse and clear of classes made at run time; static types that have TYPE_HAS_DICT call them from their own.
void instance_release(struct thread *t, struct object *o);               // ext and slots
int instance_visit(struct object *o, visit_fn *visit, void *arg);
void instance_destroy(struct thread *t, struct object *o);               // slots, then the C base's destroy
int instance_traverse(struct object *o, visit_fn *visit, void *arg);
void instance_clear(struct thread *t, struct object *o);

#endif
