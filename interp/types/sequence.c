// SPDX-License-Identifier: Apache-2.0
// What list, tuple, dict and set do alike (sequence.h). Leaves the containers themselves to their files.
#include "interp/types/sequence.h"
#include "interp/types/num.h"

int repr_enter(struct thread *t, struct repr_link *link, vref v) {
    for (struct repr_link *l = t->repr_chain; l; l = l->outer)
        if (l->o == as_object(v)) return 0;
    if (!recursion_enter(t, " while getting the repr of an object")) return -1;
    *link = (struct repr_link){as_object(v), t->repr_chain};
    t->repr_chain = link;
    return 1;
}

void repr_leave(struct thread *t, struct repr_link *link) {
    t->repr_chain = link->outer;
    recursion_leave(t);
}

// What the other operand's type makes of `a op b`; V_NOTIMPL if it has no opinion.
static value ask_other(struct thread *t, vref a, vref b, vref other, vref self, int op) {
    binary_fn *theirs = type_of(other)->binary[op];
    if (!theirs || theirs == type_of(self)->binary[op]) return V_NOTIMPL;
    return theirs(t, a, b);
}

value seq_concat_other(struct thread *t, vref a, vref b, const char *kind) {
    value r = ask_other(t, a, b, b, a, NB_ADD);
    if (r != V_NOTIMPL) return r;
    return raise(t, &exc_TypeError, "can only concatenate %s (not \"%T\") to %s", kind, b, kind);
}

int seq_repeat_count(struct thread *t, vref a, vref b, bool left, int64_t *count, value *result) {
    vref self = left ? a : b, n = left ? b : a;
    if (!is_exact_int(n)) {
        *result = ask_other(t, a, b, n, self, NB_MUL);
        if (*result != V_NOTIMPL) return 0;
        if (!is_int(n) && !type_of(n)->to_index) {
            *result = raise(t, &exc_TypeError, "can't multiply sequence by non-int of type '%T'", n);
            return 0;
        }
    }
    if (!object_as_index(t, n, count)) {
        *result = V_NULL;
        return 0;
    }
    if (*count < 0) *count = 0;
    return 1;
}

value seq_compare_fixed(struct thread *t, const vref *x, size_t nx, const vref *y, size_t ny, enum compare_op op) {
    size_t n = nx < ny ? nx : ny;
    for (size_t i = 0; i < n; i++) {
        int equal = words_equal(t, x[i], y[i]);
        if (equal < 0) return V_NULL;
        if (equal) continue;
        if (op == CMP_EQ) return V_FALSE;
        if (op == CMP_NE) return V_TRUE;
        return object_compare(t, x[i], y[i], op);
    }
    return from_bool(sizes_compare(nx, ny, op));
}

value seq_class_getitem(struct thread *t, const vref *a) {
    return generic_alias_new(t, a[0], a[1]);
}

bool seq_clamped_index(struct thread *t, vref v, int64_t *out) {
    if (is_int(v) || (is_pointer(v) && type_of(v)->to_index)) return object_as_size_clamped(t, v, out);
    raise(t, &exc_TypeError, "slice indices must be integers or have an __index__ method");
    return false;
}
