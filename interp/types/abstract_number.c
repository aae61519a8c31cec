// SPDX-License-Identifier: Apache-2.0
// Arithmetic on any objects: which operand's type is asked first, conversions to int, error texts. Leaves numbers to int.c and float.c.
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/slots.h"
#include "interp/types/str.h"

static const char *const symbols[NB_COUNT] = {
#define X(N, stem, symbol) symbol,
    BINARY_OPS(X)
#undef X
};

// V_NOTIMPL when neither knows the other. The right operand goes first if its type derives from the left one's.
static value try_binary(struct thread *t, vref a, vref b, int op) {
    struct type *left = type_of(a), *right = type_of(b);
    binary_fn *fa = left->binary[op], *fb = right->binary[op];
    if (fb == fa) fb = NULL;
    if (fa) {
        if (fb && type_is_subtype(right, left)) {
            value r = fb(t, a, b);
            if (r != V_NOTIMPL) return r;
            fb = NULL;
        }
        value r = fa(t, a, b);
        if (r != V_NOTIMPL) return r;
    }
    return fb ? fb(t, a, b) : V_NOTIMPL;
}

static bool is_sequence(vref v) { return has_flag(v, TYPE_LIST | TYPE_TUPLE | TYPE_STR | TYPE_BYTES) || type_of(v)->c_base == &type_bytearray; }

static value no_operator(struct thread *t, vref a, vref b, int op, const char *suffix) {
    if (op == NB_ADD && is_sequence(a)) {
        if (has_flag(a, TYPE_BYTES) || type_of(a)->c_base == &type_bytearray) return raise(t, &exc_TypeError, "can't concat %T to %T", b, a);
        return raise(t, &exc_TypeError, "can only concatenate %s (not \"%T\") to %s", type_of(a)->c_base->name, b, type_of(a)->c_base->name);
    }
    if (op == NB_MUL && (is_sequence(a) || is_sequence(b))) return raise(t, &exc_TypeError, "can't multiply sequence by non-int of type '%T'", is_sequence(a) ? b : a);
    const char *symbol = op == NB_POW && !*suffix ? "** or pow()" : symbols[op];
    return raise(t, &exc_TypeError, "unsupported operand type(s) for %s%s: '%T' and '%T'", symbol, suffix, a, b);
}

value object_binary(struct thread *t, vref a, vref b, int op) {
    const char *suffix = "";
    if (op >= NB_INPLACE) {
        op -= NB_INPLACE;
        suffix = "=";
        binary_fn *inplace = type_of(a)->inplace[op];
        value r = inplace ? inplace(t, a, b) : V_NOTIMPL;
        if (r != V_NOTIMPL) return r;
    }
    value r = try_binary(t, a, b, op);
    return r != V_NOTIMPL ? r : no_operator(t, a, b, op, suffix);
}

value object_power(struct thread *t, vref a, vref b, vref mod) {
    if (is_none(mod)) return object_binary(t, a, b, NB_POW);
    struct type *types[3] = {type_of(a), type_of(b), type_of(mod)};
    for (int i = 0; i < 3; i++) {
        bool again = (i > 0 && types[i]->power3 == types[0]->power3) || (i > 1 && types[i]->power3 == types[1]->power3);
        if (!types[i]->power3 || again) continue;
        value r = types[i]->power3(t, a, b, mod);
        if (r != V_NOTIMPL) return r;
    }
    return raise(t, &exc_TypeError, "unsupported operand type(s) for ** or pow(): '%T', '%T', '%T'", a, b, mod);
}

static value unary(struct thread *t, vref v, unary_fn *fn, const char *what) {
    return fn ? fn(t, v) : raise(t, &exc_TypeError, "bad operand type for %s: '%T'", what, v);
}
value object_negative(struct thread *t, vref v) { return unary(t, v, type_of(v)->negative, "unary -"); }
value object_positive(struct thread *t, vref v) { return unary(t, v, type_of(v)->positive, "unary +"); }
value object_invert(struct thread *t, vref v) { return unary(t, v, type_of(v)->invert, "unary ~"); }
value object_absolute(struct thread *t, vref v) { return unary(t, v, type_of(v)->absolute, "abs()"); }

// ---- conversions ----

value object_index(struct thread *t, vref v) {
    if (is_int(v)) return int_exact(t, v);
    unary_fn *fn = type_of(v)->to_index;
    if (!fn) return raise(t, &exc_TypeError, "'%T' object cannot be interpreted as an integer", v);
    value r = fn(t, v);
    if (!r || is_exact_int(r)) return r;
    if (!is_int(r)) raise(t, &exc_TypeError, "__index__ returned non-int (type %T)", r);
    else if (raise_warning(t, &exc_DeprecationWarning, 1, "__index__ returned non-int (type %T).  The ability to return an instance of a strict subclass of int is deprecated, and may be removed in a future version of Python.", r))
        return r;
    release(t, r);
    return V_NULL;
}

// v as an int, then by how: 0 OverflowError of that type, else clamped.
static bool as_index(struct thread *t, vref v, int64_t *out, bool clamp) {
    if (likely(is_int62(v))) {
        *out = as_int62(v);
        return true;
    }
    value i = object_index(t, v);
    if (!i) return false;
    int over = int_as_i64_overflow(i, out);
    release(t, i);
    if (!over) return true;
    if (!clamp) {
        raise(t, &exc_IndexError, "cannot fit '%T' into an index-sized integer", v);
        return false;
    }
    *out = over > 0 ? INT64_MAX : INT64_MIN;
    return true;
}
bool object_as_index(struct thread *t, vref v, int64_t *out) { return as_index(t, v, out, false); }
bool object_as_size_clamped(struct thread *t, vref v, int64_t *out) { return as_index(t, v, out, true); }
