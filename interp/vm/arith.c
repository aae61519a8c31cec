// SPDX-License-Identifier: Apache-2.0
// What arithmetic, comparison and membership do when the loop's fast path does not hold: mixed and boxed numbers first, then the types' slots. Leaves the operators
// themselves to the types and abstract.c.
#include "interp/vm/vm.h"
#include "interp/types/dict.h"
#include "interp/types/num.h"
#include "interp/types/str.h"

#include <math.h>

// Both are exact floats or exact small ints, at least one a float.
static bool as_doubles(vref a, vref b, double *x, double *y) {
    bool fa = is_flo(a) || has_shape(a, SHAPE_FLOAT), fb = is_flo(b) || has_shape(b, SHAPE_FLOAT);
    if (!fa && !fb) return false;
    const int64_t exact = (int64_t)1 << 53;
    if (fa) *x = float_value(a);
    else if (is_int62(a) && as_int62(a) <= exact && as_int62(a) >= -exact) *x = (double)as_int62(a);
    else return false;
    if (fb) *y = float_value(b);
    else if (is_int62(b) && as_int62(b) <= exact && as_int62(b) >= -exact) *y = (double)as_int62(b);
    else return false;
    return true;
}

value vm_binary(struct thread *t, vref a, vref b, int op) {
    double x, y;
    if (as_doubles(a, b, &x, &y)) {
        switch (op & 31) {
        case NB_ADD: return float_new(t, x + y);
        case NB_SUB: return float_new(t, x - y);
        case NB_MUL: return float_new(t, x * y);
        case NB_TRUEDIV:
            if (y != 0) return float_new(t, x / y);
            break;
        }
    } else if ((op & 31) != NB_MATMUL && is_exact_int(a) && is_exact_int(b))
        return int_binary(t, a, b, (enum binary_op)(op & 31));
    return object_binary(t, a, b, op);
}

static int compare_doubles(double x, double y, enum compare_op op) {
    switch (op) {
    case CMP_LT: return x < y;
    case CMP_LE: return x <= y;
    case CMP_EQ: return x == y;
    case CMP_NE: return x != y;
    case CMP_GT: return x > y;
    case CMP_GE: return x >= y;
    }
    return 0;
}
// 1, 0, or -1 if the operands are not simple.
static int compare_simple(vref a, vref b, enum compare_op op) {
    double x, y;
    if (as_doubles(a, b, &x, &y)) return compare_doubles(x, y, op);
    if (has_shape(a, SHAPE_STR) && has_shape(b, SHAPE_STR)) {
        if (op == CMP_EQ) return str_equal(a, b);
        if (op == CMP_NE) return !str_equal(a, b);
        return compare_doubles(str_compare(a, b), 0, op);
    }
    if (is_exact_int(a) && is_exact_int(b)) return compare_doubles(int_compare(a, b), 0, op);
    return -1;
}
value vm_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    int r = compare_simple(a, b, op);
    return r >= 0 ? from_bool(r) : object_compare(t, a, b, op);
}
int vm_compare_bool(struct thread *t, vref a, vref b, enum compare_op op) {
    int r = compare_simple(a, b, op);
    if (r >= 0) return r;
    value v = object_compare(t, a, b, op);
    if (!v) return -1;
    r = vm_truth(t, v);
    release(t, v);
    return r;
}
int vm_truth(struct thread *t, vref v) {
    if (v == V_TRUE) return 1;
    if (v == V_FALSE || v == V_NONE) return 0;
    if (is_int62(v)) return as_int62(v) != 0;
    if (is_flo(v)) return 1;
    return object_truth(t, v);
}
int vm_contains(struct thread *t, vref item, vref container) {
    if (has_shape(container, SHAPE_DICT)) return dict_contains(t, container, item);
    if (has_shape(container, SHAPE_SET) || has_shape(container, SHAPE_FROZENSET)) return set_contains(t, container, item);
    return object_contains(t, container, item);
}
