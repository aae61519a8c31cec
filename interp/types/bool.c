// SPDX-License-Identifier: Apache-2.0
// bool: the two ints that print as words. Leaves arithmetic to int.
#include "interp/types/args.h"
#include "interp/types/exc.h"
#include "interp/types/int.h"
#include "interp/types/str.h"

#define BOOL_HEAD {.shared = SHARED_IMMORTAL | SHARED_DEFERRED, .shape = SHAPE_BOOL}
struct bool_object true_object = {.head = BOOL_HEAD, .size = 1, .limb = {1}};
struct bool_object false_object = {.head = BOOL_HEAD};
_Static_assert(offsetof(struct bool_object, limb) == offsetof(struct bigint, limb), "True and False are laid out as ints");

static value bool_repr(struct thread *t, vref self) { return str_intern_cstr(t, int_sign(self) ? "True" : "False"); }

static value bool_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const struct args_spec spec = {"bool", NULL, 1, 0, 1};
    vref x;
    if (!args_bind(t, &spec, args, nargs, kwnames, &x)) return V_NULL;
    int truth = x ? object_truth(t, x) : 0;
    return truth < 0 ? V_NULL : from_bool(truth);
}

static bool is_bool(vref v) { return v == V_TRUE || v == V_FALSE; }

static value logic(struct thread *t, vref a, vref b, enum binary_op op) {
    if (!is_int(a) || !is_int(b)) return V_NOTIMPL;
    value v = int_binary(t, a, b, op);
    return is_bool(a) && is_bool(b) ? from_bool(v != from_int62(0)) : v;
}
static value bool_and(struct thread *t, vref a, vref b) { return logic(t, a, b, NB_AND); }
static value bool_or(struct thread *t, vref a, vref b) { return logic(t, a, b, NB_OR); }
static value bool_xor(struct thread *t, vref a, vref b) { return logic(t, a, b, NB_XOR); }

struct type type_bool = {
    .head = {.shared = SHARED_IMMORTAL | SHARED_DEFERRED, .shape = SHAPE_TYPE},
    .name = "bool",
    .module = "builtins",
    .doc = "Return whether x is true.\n\nTrue and False, the only two, are the integers 1 and 0 by another name.",
    .flags = TYPE_INT,
    .basicsize = sizeof(struct bigint),
    .itemsize = sizeof(mp_limb_t),
    .root_shape = SHAPE_BOOL,
    .base = &type_int,
    .make = bool_make,
    .repr = bool_repr,
    .binary = {[NB_AND] = bool_and, [NB_OR] = bool_or, [NB_XOR] = bool_xor},
};
