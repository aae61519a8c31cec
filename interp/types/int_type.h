// SPDX-License-Identifier: Apache-2.0
// What int.c and int_methods.c share: the operators of int, its table of methods, int() of any object. Leaves limbs to int.h.
#ifndef KRAIT_INTERP_TYPES_INT_TYPE_H
#define KRAIT_INTERP_TYPES_INT_TYPE_H

#include "interp/types/int.h"

// The binary operators that int has: a row of BINARY_OPS each.
#define INT_OPS(X)                                                                                                          \
    X(ADD, add, "+") X(SUB, sub, "-") X(MUL, mul, "*") X(TRUEDIV, truediv, "/") X(FLOORDIV, floordiv, "//") X(MOD, mod, "%") \
    X(POW, pow, "**") X(LSHIFT, lshift, "<<") X(RSHIFT, rshift, ">>") X(AND, and, "&") X(OR, or, "|") X(XOR, xor, "^")

extern const struct native int_natives[];
value int_as_instance(struct thread *t, struct type *cls, value v);         // takes v

#endif
