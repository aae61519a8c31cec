// SPDX-License-Identifier: Apache-2.0
// Operations on any object: text forms, hash, truth, comparison, instance checks. Leaves arithmetic to abstract_number.c, items and iteration to
// abstract_item.c, calls to abstract_call.c.
#include "interp/types/attr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/slots.h"
#include "interp/types/str.h"

// ---- text ----

static value check_str(struct thread *t, value r, const char *what) {
    if (!r || is_str(r)) return r;
    raise(t, &exc_TypeError, "%s returned non-string (type %T)", what, r);
    release(t, r);
    return V_NULL;
}

value object_repr(struct thread *t, vref v) {
    if (!recursion_enter(t, " while getting the repr of an object")) return V_NULL;
    value r = check_str(t, type_of(v)->repr(t, v), "__repr__");
    recursion_leave(t);
    return r;
}

value object_str(struct thread *t, vref v) {
    if (has_shape(v, SHAPE_STR)) return own(t, v);
    if (!recursion_enter(t, " while getting the str of an object")) return V_NULL;
    value r = check_str(t, type_of(v)->str(t, v), "__str__");
    recursion_leave(t);
    return r;
}

static bool is_ascii(vref s) { return (atomic_load_explicit(&as_str(s)->flags, memory_order_relaxed) & STR_ASCII) != 0; }

static void escape(struct str_builder *b, uint32_t c) {
    static const char hex[] = "0123456789abcdef";
    int digits = c > 0xffff ? 8 : c > 0xff ? 4 : 2;
    builder_char(b, '\\');
    builder_char(b, digits == 8 ? 'U' : digits == 4 ? 'u' : 'x');
    while (digits-- > 0) builder_char(b, (uint32_t)hex[c >> 4 * digits & 15]);
}

value object_ascii(struct thread *t, vref v) {
    value r = object_repr(t, v);
    if (!r || is_ascii(r)) return r;
    struct str_builder b;
    builder_init(&b, t);
    for (size_t i = 0; i < as_str(r)->length; i++) {
        uint32_t c = str_at(as_str(r), i);
        if (c < 0x80) builder_char(&b, c);
        else escape(&b, c);
    }
    release(t, r);
    return builder_finish(&b);
}

value object_format(struct thread *t, vref v, vref spec) {
    if (!spec || (is_str(spec) && as_str(spec)->length == 0)) {
        if (has_shape(v, SHAPE_STR)) return own(t, v);
        if (is_exact_int(v)) return object_str(t, v);
        spec = str_empty;
    }
    if (!is_str(spec)) return raise(t, &exc_SystemError, "Format specifier must be a string, not %T", spec);
    if (is_flo(v) || has_shape(v, SHAPE_FLOAT)) return float_format(t, float_value(v), spec);
    if (is_exact_int(v)) return int_format(t, v, spec);
    if (has_shape(v, SHAPE_STR)) return str_format_spec(t, v, spec);
    value r;
    if (!special_call(t, v, NAME(__format__), &spec, 1, &r)) return raise(t, &exc_TypeError, "Type %T doesn't define __format__", v);
    if (!r || is_str(r)) return r;
    raise(t, &exc_TypeError, "__format__ must return a str, not %T", r);
    release(t, r);
    return V_NULL;
}

// ---- hash, truth ----

int64_t object_hash(struct thread *t, vref v) {
    if (has_shape(v, SHAPE_STR)) return str_hash(v);
    return type_of(v)->hash(t, v);
}

int object_truth(struct thread *t, vref v) {
    if (v == V_TRUE) return 1;
    if (v == V_FALSE || v == V_NONE) return 0;
    struct type *c = type_of(v);
    if (c->truth) return c->truth(t, v);
    if (!c->length) return 1;
    int64_t n = c->length(t, v);
    return n < 0 ? -1 : n > 0;
}

// ---- comparison ----

static const char *const symbols[] = {"<", "<=", "==", "!=", ">", ">="};
static const enum compare_op swapped[] = {CMP_GT, CMP_GE, CMP_EQ, CMP_NE, CMP_LT, CMP_LE};

static value try_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    struct type *left = type_of(a), *right = type_of(b);
    bool tried = false;
    value r;
    if (left != right && right->compare && type_is_subtype(right, left)) {
        tried = true;
        r = right->compare(t, b, a, swapped[op]);
        if (r != V_NOTIMPL) return r;
    }
    r = left->compare ? left->compare(t, a, b, op) : V_NOTIMPL;
    if (r != V_NOTIMPL || tried || !right->compare) return r;
    return right->compare(t, b, a, swapped[op]);
}

value object_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!recursion_enter(t, " in comparison")) return V_NULL;
    value r = try_compare(t, a, b, op);
    recursion_leave(t);
    if (r != V_NOTIMPL) return r;
    if (op == CMP_EQ) return from_bool(borrow(a) == borrow(b));
    if (op == CMP_NE) return from_bool(borrow(a) != borrow(b));
    return raise(t, &exc_TypeError, "'%s' not supported between instances of '%T' and '%T'", symbols[op], a, b);
}

int object_compare_bool(struct thread *t, vref a, vref b, enum compare_op op) {
    value r = object_compare(t, a, b, op);
    if (!r) return -1;
    int truth = object_truth(t, r);
    release(t, r);
    return truth;
}

int object_equal(struct thread *t, vref a, vref b) {
    if (borrow(a) == borrow(b)) return 1;
    if (has_shape(a, SHAPE_STR) && has_shape(b, SHAPE_STR)) return str_equal(a, b);
    if (is_int62(a) && is_int62(b)) return 0;
    return object_compare_bool(t, a, b, CMP_EQ);
}

// ---- instance and subclass checks ----

// __bases__ of something that is not a type but looks like a class. V_NULL: it has none (no exception) or an error.
static value abstract_bases(struct thread *t, vref cls) {
    value bases;
    if (object_lookup_attr(t, cls, NAME(__bases__), &bases) <= 0) return V_NULL;
    if (is_tuple(bases)) return bases;
    release(t, bases);
    return V_NULL;
}

static int abstract_subclass(struct thread *t, vref c, vref cls) {
    if (borrow(c) == borrow(cls)) return 1;
    value bases = abstract_bases(t, c);
    if (!bases) return raised(t) ? -1 : 0;
    if (!recursion_enter(t, " in __issubclass__")) {
        release(t, bases);
        return -1;
    }
    int r = 0;
    for (size_t i = 0; r == 0 && i < tuple_size(bases); i++) r = abstract_subclass(t, tuple_at(bases, i), cls);
    recursion_leave(t);
    release(t, bases);
    return r;
}

static bool looks_like_class(struct thread *t, vref cls, const char *message) {
    value bases = abstract_bases(t, cls);
    if (!bases && !raised(t)) raise(t, &exc_TypeError, "%s", message);
    release_opt(t, bases);
    return bases != V_NULL;
}

int object_real_is_subclass(struct thread *t, vref c, vref cls) {
    if (is_type(c) && is_type(cls)) return type_is_subtype(as_type(c), as_type(cls));
    if (!looks_like_class(t, c, "issubclass() arg 1 must be a class")) return -1;
    if (!looks_like_class(t, cls, "issubclass() arg 2 must be a class, a tuple of classes, or a union")) return -1;
    return abstract_subclass(t, c, cls);
}

// By o.__class__ when it says something else than the type.
static int claimed_instance(struct thread *t, vref v, vref cls) {
    if (is_type(cls) && type_of(v)->getattr == object_generic_getattr && type_lookup(t, type_of(v), NAME(__class__)) == type_lookup(t, &type_object, NAME(__class__)))
        return 0; // nobody claims anything
    value claimed;
    int found = object_lookup_attr(t, v, NAME(__class__), &claimed);
    if (found <= 0) return found;
    int r = 0;
    if (is_type(cls)) r = is_type(claimed) && as_type(claimed) != type_of(v) && type_is_subtype(as_type(claimed), as_type(cls));
    else r = abstract_subclass(t, claimed, cls);
    release(t, claimed);
    return r;
}

int object_real_is_instance(struct thread *t, vref v, vref cls) {
    if (is_type(cls)) {
        if (type_is_subtype(type_of(v), as_type(cls))) return 1;
    } else if (!looks_like_class(t, cls, "isinstance() arg 2 must be a type, a tuple of types, or a union"))
        return -1;
    return claimed_instance(t, v, cls);
}

typedef int check_fn(struct thread *t, vref v, vref cls);

static int check_each(struct thread *t, vref v, vref classes, check_fn *check) {
    if (!recursion_enter(t, " in __instancecheck__")) return -1;
    int r = 0;
    for (size_t i = 0; r == 0 && i < tuple_size(classes); i++) r = check(t, v, tuple_at(classes, i));
    recursion_leave(t);
    return r;
}

static int check_by_hook(struct thread *t, vref v, vref cls, vref hook, check_fn *otherwise) {
    value f, r = V_NULL;
    int found = object_lookup_special(t, cls, hook, &f);
    if (found <= 0) return found ? -1 : otherwise(t, v, cls);
    if (recursion_enter(t, " in __instancecheck__")) {
        r = object_call1(t, f, v);
        recursion_leave(t);
    }
    release(t, f);
    int truth = r ? object_truth(t, r) : -1;
    release_opt(t, r);
    return truth;
}

int object_is_instance(struct thread *t, vref v, vref cls) {
    if (is_type(cls) && type_of(v) == as_type(cls)) return 1;
    if (has_shape(cls, SHAPE_TYPE)) return object_real_is_instance(t, v, cls);
    if (is_tuple(cls)) return check_each(t, v, cls, object_is_instance);
    return check_by_hook(t, v, cls, NAME(__instancecheck__), object_real_is_instance);
}

int object_is_subclass(struct thread *t, vref c, vref cls) {
    if (has_shape(cls, SHAPE_TYPE)) return borrow(c) == borrow(cls) ? 1 : object_real_is_subclass(t, c, cls);
    if (is_tuple(cls)) return check_each(t, c, cls, object_is_subclass);
    return check_by_hook(t, c, cls, NAME(__subclasscheck__), object_real_is_subclass);
}
