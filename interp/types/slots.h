// SPDX-License-Identifier: Apache-2.0
// Slots and dunders: which C slot of struct type stands for which special method, in both directions. Leaves choosing a slot to slots_table.c.
//
//   C → Python   a static type that sets `length` gets `__len__`, a slot wrapper that calls the C function (slots_wrap.c)
//   Python → C   a class whose MRO holds `__len__` gets slot_length, which looks the method up and calls it (slots.c), or, if what it finds is
//                the wrapper of a static base, that base's C function itself
#ifndef KRAIT_INTERP_TYPES_SLOTS_H
#define KRAIT_INTERP_TYPES_SLOTS_H

#include "interp/types/names.h"
#include "interp/types/type.h"

typedef void any_fn(void);
// Calls the C function behind wrapper w; args[0] is self, checked to be an instance.
typedef value wrap_fn(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames);
struct slot_row {
    enum name_id name;
    uint16_t offset;      // of the slot in struct type; rows with the same offset stand together
    uint16_t op;          // enum compare_op for comparisons
    any_fn *generic;      // what a class written in Python gets
    wrap_fn *wrap;
    const char *sig, *doc;
};
extern const struct slot_row slot_rows[]; // slots_rows.c; ends with offset 0
static inline any_fn **slot_field(const struct type *c, const struct slot_row *row) { return (any_fn **)(void *)((char *)(uintptr_t)c + row->offset); }
static inline vref row_name(const struct slot_row *row) { return name_table[row->name]; }

// ---- slots.c: the generic functions ----
// Looks `name` up on self's type and calls it. 1 called: *out is the result or V_NULL with an exception; 0 there is no such method.
int special_call(struct thread *t, vref self, vref name, const vref *args, size_t nargs, value *out);
int64_t hash_unhashable(struct thread *t, vref self); // TypeError "unhashable type: 'X'"
value slot_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames);
value slot_getattr(struct thread *t, vref self, vref name);
#define SLOT_UNARIES(X)                                                                                                                  \
    X(repr, __repr__) X(str, __str__) X(iter, __iter__) X(negative, __neg__) X(positive, __pos__) X(absolute, __abs__) X(invert, __invert__)  \
    X(to_int, __int__) X(to_float, __float__) X(to_index, __index__) X(await, __await__) X(aiter, __aiter__) X(anext, __anext__)
#define X(slot, name) value slot_##slot(struct thread *t, vref self);
SLOT_UNARIES(X)
#undef X
#define X(N, stem, symbol) value slot_##stem(struct thread *t, vref a, vref b); value slot_i##stem(struct thread *t, vref a, vref b);
BINARY_OPS(X)
#undef X
value slot_next(struct thread *t, vref self);
int64_t slot_hash(struct thread *t, vref self);
value slot_call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames);
value slot_compare(struct thread *t, vref a, vref b, enum compare_op op);
int slot_setattr(struct thread *t, vref self, vref name, vref v);
value slot_descr_get(struct thread *t, vref descr, vref obj, vref cls);
int slot_descr_set(struct thread *t, vref descr, vref obj, vref v);
int slot_truth(struct thread *t, vref self);
int64_t slot_length(struct thread *t, vref self);
value slot_getitem(struct thread *t, vref self, vref key);
int slot_setitem(struct thread *t, vref self, vref key, vref v);
int slot_contains(struct thread *t, vref self, vref v);
int slot_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames);
value slot_power3(struct thread *t, vref a, vref b, vref mod);

// ---- slots_wrap.c ----
wrap_fn wrap_unary, wrap_binary, wrap_reflected, wrap_power, wrap_power_reflected, wrap_length, wrap_hash, wrap_truth, wrap_compare, wrap_setitem, wrap_delitem, wrap_contains,
    wrap_getattribute, wrap_setattr, wrap_delattr, wrap_get, wrap_set, wrap_delete, wrap_init, wrap_call, wrap_next;

#endif
