// SPDX-License-Identifier: Apache-2.0
// The module _operator: Python's operators as functions. Leaves itemgetter and its kin to getters.c.
#include "interp/modules/operator/operator.h"
#include "interp/modules/modules.h"
#include "interp/types/args.h"
#include "interp/types/num.h"

#define COMPARE(name, op) static value o_##name(struct thread *t, const vref *a) { return object_compare(t, a[0], a[1], op); }
COMPARE(lt, CMP_LT) COMPARE(le, CMP_LE) COMPARE(eq, CMP_EQ) COMPARE(ne, CMP_NE) COMPARE(ge, CMP_GE) COMPARE(gt, CMP_GT)
#define BINARY(name, op) static value o_##name(struct thread *t, const vref *a) { return object_binary(t, a[0], a[1], op); }
BINARY(add, NB_ADD) BINARY(sub, NB_SUB) BINARY(mul, NB_MUL) BINARY(matmul, NB_MATMUL) BINARY(floordiv, NB_FLOORDIV) BINARY(truediv, NB_TRUEDIV) BINARY(mod, NB_MOD)
BINARY(lshift, NB_LSHIFT) BINARY(rshift, NB_RSHIFT) BINARY(and_, NB_AND) BINARY(or_, NB_OR) BINARY(xor, NB_XOR) BINARY(pow, NB_POW)
BINARY(iadd, NB_ADD + NB_INPLACE) BINARY(isub, NB_SUB + NB_INPLACE) BINARY(imul, NB_MUL + NB_INPLACE) BINARY(imatmul, NB_MATMUL + NB_INPLACE)
BINARY(ifloordiv, NB_FLOORDIV + NB_INPLACE) BINARY(itruediv, NB_TRUEDIV + NB_INPLACE) BINARY(imod, NB_MOD + NB_INPLACE) BINARY(ilshift, NB_LSHIFT + NB_INPLACE)
BINARY(irshift, NB_RSHIFT + NB_INPLACE) BINARY(iand, NB_AND + NB_INPLACE) BINARY(ior, NB_OR + NB_INPLACE) BINARY(ixor, NB_XOR + NB_INPLACE)
BINARY(ipow, NB_POW + NB_INPLACE)
#define UNARY(name, fn) static value o_##name(struct thread *t, const vref *a) { return fn(t, a[0]); }
UNARY(neg, object_negative) UNARY(pos, object_positive) UNARY(invert, object_invert) UNARY(abs, object_absolute) UNARY(index, object_index)

static value truth_as(struct thread *t, vref v, bool not) {
    int yes = object_truth(t, v);
    return yes < 0 ? V_NULL : from_bool((yes != 0) != not);
}
static value o_truth(struct thread *t, const vref *a) { return truth_as(t, a[0], false); }
static value o_not(struct thread *t, const vref *a) { return truth_as(t, a[0], true); }
static value o_is(struct thread *t, const vref *a) { return (void)t, from_bool(is_same(a[0], a[1])); }
static value o_is_not(struct thread *t, const vref *a) { return (void)t, from_bool(!is_same(a[0], a[1])); }

// ---- sequences and mappings ----

static bool is_sequence(vref v) { return type_of(v)->getitem && !is_dict(v); }
static value concat_with(struct thread *t, const vref *a, int op) {
    if (!is_sequence(a[0])) return raise(t, &exc_TypeError, "'%T' object can't be concatenated", a[0]);
    return object_binary(t, a[0], a[1], op);
}
static value o_concat(struct thread *t, const vref *a) { return concat_with(t, a, NB_ADD); }
static value o_iconcat(struct thread *t, const vref *a) { return concat_with(t, a, NB_ADD + NB_INPLACE); }
static value o_contains(struct thread *t, const vref *a) {
    int yes = object_contains(t, a[0], a[1]);
    return yes < 0 ? V_NULL : from_bool(yes);
}
static value o_getitem(struct thread *t, const vref *a) { return object_getitem(t, a[0], a[1]); }
static value o_setitem(struct thread *t, const vref *a) { return object_setitem(t, a[0], a[1], a[2]) < 0 ? V_NULL : V_NONE; }
static value o_delitem(struct thread *t, const vref *a) { return object_setitem(t, a[0], a[1], V_NULL) < 0 ? V_NULL : V_NONE; }

// How many items equal x, or with `first` the position of the first one (-1: none). -2: exception.
static int64_t search(struct thread *t, vref iterable, vref x, bool first) {
    value it = object_iter(t, iterable), v;
    if (!it) {
        if (raised_is(t, &exc_TypeError)) raise(t, &exc_TypeError, "argument of type '%T' is not iterable", iterable);
        return -2;
    }
    int64_t n = 0, i = 0;
    for (; (v = object_next(t, it)) != V_NULL; i++) {
        int same = words_equal(t, v, x);
        release(t, v);
        if (same < 0 || !safepoint_poll(t)) break;
        n += same;
        if (same && first) break;
    }
    release(t, it);
    if (raised(t)) return -2;
    return !first ? n : n ? i : -1;
}
static value o_count_of(struct thread *t, const vref *a) {
    int64_t n = search(t, a[0], a[1], false);
    return n < 0 ? V_NULL : from_int62(n);
}
static value o_index_of(struct thread *t, const vref *a) {
    int64_t i = search(t, a[0], a[1], true);
    if (i == -1) return raise(t, &exc_ValueError, "sequence.index(x): x not in sequence");
    return i < 0 ? V_NULL : from_int62(i);
}
static value o_length_hint(struct thread *t, const vref *a) {
    int64_t fallback = 0;
    if (a[1]) {
        if (!is_int(a[1])) return raise(t, &exc_TypeError, "'%T' object cannot be interpreted as an integer", a[1]);
        if (!object_as_index(t, a[1], &fallback)) return V_NULL;
    }
    int64_t n = object_length_hint(t, a[0], fallback);
    return n < 0 && raised(t) ? V_NULL : from_int62(n);
}

static value o_call(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    if (!nargs) return raise(t, &exc_TypeError, "call expected at least 1 argument, got 0");
    return object_call(t, args[0], args + 1, nargs - 1, kwnames);
}

// ---- _compare_digest ----

// In time that depends on the length of b alone.
static bool same_bytes(const uint8_t *a, size_t n, const uint8_t *b, size_t m) {
    volatile uint8_t differ = n != m;
    const uint8_t *volatile left = n == m ? a : b;
    for (size_t i = 0; i < m; i++) differ |= left[i] ^ b[i];
    return differ == 0;
}
static value o_compare_digest(struct thread *t, const vref *a) {
    if (is_str(a[0]) && is_str(a[1])) {
        const struct str *x = as_str(a[0]), *y = as_str(a[1]);
        if (!(x->flags & STR_ASCII) || !(y->flags & STR_ASCII)) return raise(t, &exc_TypeError, "comparing strings with non-ASCII characters is not supported");
        return from_bool(same_bytes(x->data, x->length, y->data, y->length));
    }
    struct buffer_view x, y;
    if (!buffer_check(a[0]) && !buffer_check(a[1])) return raise(t, &exc_TypeError, "unsupported operand types(s) or combination of types: '%T' and '%T'", a[0], a[1]);
    if (!buffer_get(t, a[0], &x, false)) return V_NULL;
    if (!buffer_get(t, a[1], &y, false)) {
        buffer_release(t, &x);
        return V_NULL;
    }
    bool same = same_bytes(x.data, x.length, y.data, y.length);
    buffer_release(t, &x);
    buffer_release(t, &y);
    return from_bool(same);
}

#define ONE(py, f, d) {.name = py, .kind = NATIVE_FUNCTION, .sig = "($module, a, /)", .fn = f, .doc = d}
#define TWO(py, f, d) {.name = py, .kind = NATIVE_FUNCTION, .sig = "($module, a, b, /)", .fn = f, .doc = d}
#define PLAIN(name, op) TWO(#name, o_##name, "Same as a " op " b.")
static const struct native functions[] = {
    PLAIN(lt, "<"), PLAIN(le, "<="), PLAIN(eq, "=="), PLAIN(ne, "!="), PLAIN(ge, ">="), PLAIN(gt, ">"), PLAIN(add, "+"), PLAIN(sub, "-"), PLAIN(mul, "*"),
    PLAIN(matmul, "@"), PLAIN(floordiv, "//"), PLAIN(truediv, "/"), PLAIN(mod, "%"), PLAIN(lshift, "<<"), PLAIN(rshift, ">>"), PLAIN(and_, "&"), PLAIN(or_, "|"),
    PLAIN(xor, "^"), PLAIN(pow, "**"), PLAIN(iadd, "+="), PLAIN(isub, "-="), PLAIN(imul, "*="), PLAIN(imatmul, "@="), PLAIN(ifloordiv, "//="), PLAIN(itruediv, "/="),
    PLAIN(imod, "%="), PLAIN(ilshift, "<<="), PLAIN(irshift, ">>="), PLAIN(iand, "&="), PLAIN(ior, "|="), PLAIN(ixor, "^="), PLAIN(ipow, "**="),
    ONE("neg", o_neg, "Same as -a."), ONE("pos", o_pos, "Same as +a."), ONE("inv", o_invert, "Same as ~a."), ONE("invert", o_invert, "Same as ~a."),
    ONE("abs", o_abs, "Same as abs(a)."), ONE("index", o_index, "Same as a.__index__()"), ONE("truth", o_truth, "Same as bool(a)."),
    ONE("not_", o_not, "Same as not a."), TWO("is_", o_is, "Same as a is b."), TWO("is_not", o_is_not, "Same as a is not b."),
    TWO("concat", o_concat, "Same as a + b, but a must have items."), TWO("iconcat", o_iconcat, "Same as a += b, but a must have items."),
    TWO("contains", o_contains, "Same as b in a: the container comes first."), TWO("getitem", o_getitem, "Same as a[b]."), TWO("delitem", o_delitem, "Same as del a[b]."),
    {.name = "setitem", .kind = NATIVE_FUNCTION, .sig = "($module, a, b, c, /)", .fn = o_setitem, .doc = "Same as a[b] = c."},
    TWO("countOf", o_count_of, "Return how many items of a are b or equal it."), TWO("indexOf", o_index_of, "Return where b first comes in a; ValueError if it does not."),
    {.name = "length_hint", .kind = NATIVE_FUNCTION, .sig = "($module, obj, default=0, /)", .fn = o_length_hint,
     .doc = "Return how many items obj probably has: len(), else __length_hint__(), else default."},
    {.name = "call", .kind = NATIVE_FUNCTION, .sig = "($module, obj, /, *args, **kwargs)", .raw = o_call, .doc = "Same as obj(*args, **kwargs)."},
    TWO("_compare_digest", o_compare_digest, "Return 'a == b'.\n\nIt takes as long whether they differ early, late or not at all."),
};

value operator_make(struct thread *t) {
    value m = module_from_natives(t, "_operator", "The operators of the language as functions: add(a, b) is a + b.", functions, sizeof functions / sizeof *functions);
    if (m && type_ready(t, &operator_itemgetter) && type_ready(t, &operator_attrgetter) && type_ready(t, &operator_methodcaller) &&
        module_set(t, m, "itemgetter", type_ref(&operator_itemgetter)) && module_set(t, m, "attrgetter", type_ref(&operator_attrgetter)) &&
        module_set(t, m, "methodcaller", type_ref(&operator_methodcaller)))
        return m;
    release_opt(t, m);
    return V_NULL;
}
