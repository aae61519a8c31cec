// SPDX-License-Identifier: Apache-2.0
// The C slots of classes written in Python: each looks its special method up on the type and calls it. Leaves operators to slots_binary.c.
#include "interp/types/slots.h"
#include "interp/types/attr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

enum { ARGS_MAX = 4 };

int special_call(struct thread *t, vref self, vref name, const vref *args, size_t nargs, value *out) {
    value f = type_lookup_new(t, type_of(self), name);
    if (!f) return 0;
    if (likely(has_flag(f, TYPE_METHOD))) {
        vref all[ARGS_MAX + 1] = {borrow(self)};
        for (size_t i = 0; i < nargs; i++) all[i + 1] = args[i];
        *out = object_call(t, f, all, nargs + 1, V_NULL);
    } else {
        if (type_of(f)->descr_get) {
            value bound = type_of(f)->descr_get(t, f, self, type_ref(type_of(self)));
            release(t, f);
            f = bound;
        }
        *out = f ? object_call(t, f, args, nargs, V_NULL) : V_NULL;
    }
    release_opt(t, f);
    return 1;
}

// The same where there must be such a method: AttributeError with its name if it was taken away.
static value call_method(struct thread *t, vref self, vref name, const vref *args, size_t nargs) {
    value r;
    if (special_call(t, self, name, args, nargs, &r)) return r;
    return raise_value(t, &exc_AttributeError, name);
}

static int discard(struct thread *t, value r) {
    if (!r) return -1;
    release(t, r);
    return 0;
}

static value unary_missing(struct thread *t, vref self, vref name) {
    if (as_object(name) == as_object(NAME(__repr__))) return raise_value(t, &exc_AttributeError, name);
    return raise(t, &exc_TypeError, "'%T' object has no %U", self, name);
}
#define X(slot, name)                                                    \
    value slot_##slot(struct thread *t, vref self) {                      \
        value r;                                                         \
        if (special_call(t, self, NAME(name), NULL, 0, &r)) return r;    \
        return unary_missing(t, self, NAME(name));                       \
    }
X(repr, __repr__) X(str, __str__) X(negative, __neg__) X(positive, __pos__) X(absolute, __abs__) X(invert, __invert__) X(to_int, __int__)
X(to_float, __float__) X(to_index, __index__) X(await, __await__) X(aiter, __aiter__) X(anext, __anext__)
#undef X

value slot_iter(struct thread *t, vref self) {
    if (type_lookup(t, type_of(self), NAME(__iter__)) == V_NONE) return raise(t, &exc_TypeError, "'%T' object is not iterable", self);
    return call_method(t, self, NAME(__iter__), NULL, 0);
}

value slot_next(struct thread *t, vref self) {
    return call_method(t, self, NAME(__next__), NULL, 0);
}

int64_t hash_unhashable(struct thread *t, vref self) {
    raise(t, &exc_TypeError, "unhashable type: '%T'", self);
    return -1;
}

int64_t slot_hash(struct thread *t, vref self) {
    vref found = type_lookup(t, type_of(self), NAME(__hash__));
    if (!found || is_none(found)) return hash_unhashable(t, self);
    value r = call_method(t, self, NAME(__hash__), NULL, 0);
    if (!r) return -1;
    if (!is_int(r)) {
        release(t, r);
        raise(t, &exc_TypeError, "__hash__ method should return an integer");
        return -1;
    }
    int64_t h;
    if (int_as_i64_overflow(r, &h)) h = int_hash(r);
    release(t, r);
    return h == -1 ? -2 : h;
}

value slot_call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    value f = type_lookup_new(t, type_of(self), NAME(__call__));
    if (!f) return raise(t, &exc_TypeError, "'%T' object is not callable", self);
    size_t all = nargs + (kwnames ? tuple_size(kwnames) : 0);
    value r = V_NULL;
    if (has_flag(f, TYPE_METHOD) && all < 16) {
        vref argv[17] = {borrow(self)};
        words_copy(argv + 1, args, all);
        r = object_call(t, f, argv, nargs + 1, kwnames);
    } else {
        value bound = type_of(f)->descr_get ? type_of(f)->descr_get(t, f, self, type_ref(type_of(self))) : own(t, f);
        if (bound) r = object_call(t, bound, args, nargs, kwnames);
        release_opt(t, bound);
    }
    release(t, f);
    return r;
}

static const enum name_id compare_names[] = {NAME___lt__, NAME___le__, NAME___eq__, NAME___ne__, NAME___gt__, NAME___ge__};

value slot_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    value r;
    return special_call(t, a, name_table[compare_names[op]], &b, 1, &r) ? r : V_NOTIMPL;
}

// ---- attributes ----

// What __getattribute__ gives; quietly V_NULL if it is object's or another C function and the attribute is missing.
static value first_try(struct thread *t, vref self, vref name) {
    value f = type_lookup_new(t, type_of(self), NAME(__getattribute__));
    value r;
    if (has_shape(f, SHAPE_SLOT_WRAPPER)) {
        const struct slot_wrapper *w = (const struct slot_wrapper *)as_object(f);
        r = w->type->getattr == object_generic_getattr ? attr_generic(t, self, name) : w->type->getattr(t, self, name);
    } else if (!special_call(t, self, NAME(__getattribute__), &name, 1, &r))
        r = V_NULL;
    release_opt(t, f);
    return r;
}

value slot_getattr(struct thread *t, vref self, vref name) {
    value r = first_try(t, self, name);
    if (r || (raised(t) && !raised_is(t, &exc_AttributeError))) return r;
    value f = type_lookup_new(t, type_of(self), NAME(__getattr__));
    if (!f) return raised(t) ? V_NULL : raise_attribute(t, self, name);
    raised_clear(t);
    release(t, f);
    return call_method(t, self, NAME(__getattr__), &name, 1);
}

int slot_setattr(struct thread *t, vref self, vref name, vref v) {
    vref args[2] = {name, v};
    return discard(t, v ? call_method(t, self, NAME(__setattr__), args, 2) : call_method(t, self, NAME(__delattr__), args, 1));
}

value slot_descr_get(struct thread *t, vref descr, vref obj, vref cls) {
    vref args[2] = {obj ? obj : V_NONE, cls ? cls : V_NONE};
    value r;
    return special_call(t, descr, NAME(__get__), args, 2, &r) ? r : own(t, descr);
}

int slot_descr_set(struct thread *t, vref descr, vref obj, vref v) {
    vref args[2] = {obj, v};
    vref name = v ? NAME(__set__) : NAME(__delete__);
    return discard(t, call_method(t, descr, name, args, v ? 2 : 1));
}

// ---- sizes and items ----

int slot_truth(struct thread *t, vref self) {
    value r = call_method(t, self, NAME(__bool__), NULL, 0);
    if (!r) return -1;
    int truth = r == V_TRUE;
    if (r != V_TRUE && r != V_FALSE) {
        raise(t, &exc_TypeError, "__bool__ should return bool, returned %T", r);
        truth = -1;
    }
    release(t, r);
    return truth;
}

int64_t slot_length(struct thread *t, vref self) {
    value r = call_method(t, self, NAME(__len__), NULL, 0);
    if (!r) return -1;
    value n = object_index(t, r);
    release(t, r);
    if (!n) return -1;
    int64_t length = -1;
    if (int_sign(n) < 0) raise(t, &exc_ValueError, "__len__() should return >= 0");
    else if (int_as_i64_overflow(n, &length)) {
        raise(t, &exc_OverflowError, "cannot fit 'int' into an index-sized integer");
        length = -1;
    }
    release(t, n);
    return length;
}

value slot_getitem(struct thread *t, vref self, vref key) { return call_method(t, self, NAME(__getitem__), &key, 1); }

int slot_setitem(struct thread *t, vref self, vref key, vref v) {
    vref args[2] = {key, v};
    value r;
    if (!special_call(t, self, v ? NAME(__setitem__) : NAME(__delitem__), args, v ? 2 : 1, &r)) {
        raise(t, &exc_TypeError, v ? "'%T' object does not support item assignment" : "'%T' object doesn't support item deletion", self);
        return -1;
    }
    return discard(t, r);
}

int slot_contains(struct thread *t, vref self, vref v) {
    if (type_lookup(t, type_of(self), NAME(__contains__)) == V_NONE) {
        raise(t, &exc_TypeError, "'%T' object is not a container", self);
        return -1;
    }
    value r = call_method(t, self, NAME(__contains__), &v, 1);
    int found = r ? object_truth(t, r) : -1;
    release_opt(t, r);
    return found;
}

// ---- creation ----

int slot_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    value f = V_NULL;
    int found = object_lookup_special(t, self, NAME(__init__), &f);
    if (found <= 0) {
        if (!found) raise_value(t, &exc_AttributeError, NAME(__init__));
        return -1;
    }
    value r = object_call(t, f, args, nargs, kwnames);
    release(t, f);
    if (r && !is_none(r)) {
        raise(t, &exc_TypeError, "__init__() should return None, not '%T'", r);
        release(t, r);
        return -1;
    }
    return discard(t, r);
}

value slot_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    value f = object_getattr(t, type_ref(cls), NAME(__new__));
    if (!f) return V_NULL;
    size_t all = nargs + (kwnames ? tuple_size(kwnames) : 0);
    vref few[16], *argv = all < 16 ? few : mem_alloc(t, (all + 1) * sizeof(vref));
    value r = V_NULL;
    if (argv) {
        argv[0] = type_ref(cls);
        words_copy(argv + 1, args, all);
        r = object_call(t, f, argv, nargs + 1, kwnames);
        if (argv != few) mem_free(t, argv, (all + 1) * sizeof(vref));
    }
    release(t, f);
    return r;
}
