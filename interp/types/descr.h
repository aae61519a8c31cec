// SPDX-License-Identifier: Apache-2.0
// Descriptors in C: property, classmethod, staticmethod, super, the wrappers around C slots, and the type helpers that only interp/types uses.
// Leaves attribute lookup to attr.c, functions and methods to func.h.
#ifndef KRAIT_INTERP_TYPES_DESCR_H
#define KRAIT_INTERP_TYPES_DESCR_H

#include "interp/types/func.h"

struct property {
    struct object head;
    value get, set, del, doc, name; // owned or V_NULL
    bool doc_from_getter;
};
static inline vref property_getter(vref p) { return ((struct property *)as_object(p))->get; } // borrowed while the property lives; V_NULL: none

struct wrapped_callable {      // classmethod, staticmethod
    struct object head;
    value callable;            // owned or V_NULL
    value dict;                // owned or V_NULL
};
value staticmethod_new(struct thread *t, value callable); // takes callable
value classmethod_new(struct thread *t, value callable);
struct super {
    struct object head;
    struct type *type;         // deferred: not counted
    value self;                // owned or V_NULL
    struct type *self_type;    // where the MRO walk starts; NULL: unbound
};
value super_new(struct thread *t, struct type *type, vref self); // TypeError "super(type, obj): obj must be an instance or subtype of type"

struct slot_row;               // slots_table.h
struct slot_wrapper {          // int.__add__: a C slot seen from Python
    struct object head;
    const struct slot_row *row;
    struct type *type;
};
value slot_wrapper_new(struct thread *t, struct type *c, const struct slot_row *row);
value getset_new(struct thread *t, struct type *c, const struct native *def);            // getset or member descriptor
native_fn *getset_getter(vref descr, vref obj);                                           // the function behind a getset descriptor that applies to obj; NULL: it is none
int member_slot(vref descr); // slot of a __slots__ member descriptor, -1: descr is something else
value member_slot_new(struct thread *t, struct type *c, unsigned slot, vref name);       // a __slots__ member
value mappingproxy_new(struct thread *t, vref mapping);
value native_method_new(struct thread *t, struct type *c, const struct native *def);     // method descriptor, classmethod descriptor or staticmethod
value native_bound_new(struct thread *t, const struct native *def, const void *sig, struct type *c, vref self); // builtin method bound to self
value native_type_new(struct thread *t, struct type *c);                                 // c.__new__ of a type with a C `make`

#endif
