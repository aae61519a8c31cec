// SPDX-License-Identifier: Apache-2.0
// Operators of classes written in Python: __add__ and __radd__ behind one C slot. Leaves trying both operands' types to abstract_number.c.
#include "interp/types/slots.h"

static const enum name_id left_names[NB_COUNT] = {
#define X(N, stem, symbol) NAME___##stem##__,
    BINARY_OPS(X)
#undef X
};
static const enum name_id right_names[NB_COUNT] = {
#define X(N, stem, symbol) NAME___r##stem##__,
    BINARY_OPS(X)
#undef X
};
static const enum name_id inplace_names[NB_COUNT] = {
#define X(N, stem, symbol) NAME___i##stem##__,
    BINARY_OPS(X)
#undef X
};

static value try_call(struct thread *t, vref self, vref name, vref arg) {
    value r;
    return special_call(t, self, name, &arg, 1, &r) ? r : V_NOTIMPL;
}

// Whether the type of b has a reflected method of its own, which then goes before the left one of its base.
static bool reflected_overloaded(struct thread *t, struct type *left, struct type *right, vref name) {
    vref theirs = type_lookup(t, right, name), ours = type_lookup(t, left, name);
    return theirs && (!ours || borrow(theirs) != borrow(ours));
}

// `generic` is the slot function that called: an operand answers here only if its type has that very slot.
static value call_binary(struct thread *t, vref a, vref b, enum binary_op op, binary_fn *generic) {
    struct type *left = type_of(a), *right = type_of(b);
    vref reflected = name_table[right_names[op]];
    bool other = left != right && right->binary[op] == generic;
    if (left->binary[op] == generic) {
        if (other && type_is_subtype(right, left) && reflected_overloaded(t, left, right, reflected)) {
            value r = try_call(t, b, reflected, a);
            if (r != V_NOTIMPL) return r;
            other = false;
        }
        value r = try_call(t, a, name_table[left_names[op]], b);
        if (r != V_NOTIMPL || left == right) return r;
    }
    return other ? try_call(t, b, reflected, a) : V_NOTIMPL;
}

#define X(N, stem, symbol)                                                                                                         \
    value slot_##stem(struct thread *t, vref a, vref b) { return call_binary(t, a, b, NB_##N, slot_##stem); }                        \
    value slot_i##stem(struct thread *t, vref a, vref b) { return try_call(t, a, name_table[inplace_names[NB_##N]], b); }
BINARY_OPS(X)
#undef X

value slot_power3(struct thread *t, vref a, vref b, vref mod) {
    vref args[2] = {b, mod};
    value r;
    if (type_of(a)->binary[NB_POW] != slot_pow) return V_NOTIMPL;
    return special_call(t, a, NAME(__pow__), args, 2, &r) ? r : V_NOTIMPL;
}
