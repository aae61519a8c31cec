// SPDX-License-Identifier: Apache-2.0
// The type `object`: what every object can do. Leaves pickling (__reduce_ex__) to object_reduce.c, attribute access to attr.c.
#include "interp/types/attr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/instance.h"
#include "interp/types/names.h"
#include "interp/types/num.h"
#include "interp/types/object_type.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/types/type.h"

// ---- creation ----

static bool excess(size_t nargs, vref kwnames) { return nargs || (kwnames && tuple_size(kwnames)); }

value type_check_abstract(struct thread *t, struct type *cls) {
    if (!(cls->flags & TYPE_ABSTRACT)) return V_NONE;
    value names = dict_get(t, cls->dict, NAME(__abstractmethods__));
    value list = names ? list_from_iterable(t, names) : V_NULL;
    release_opt(t, names);
    value comma = str_from_cstr(t, ", ");
    if (list && comma && list_sort(t, list, V_NULL, false)) {
        value text = str_join(t, comma, list);
        if (text)
            raise(t, &exc_TypeError, "Can't instantiate abstract class %s with abstract method%s %U", cls->name, list_size(list) == 1 ? "" : "s", text);
        release_opt(t, text);
    }
    release_opt(t, list);
    release_opt(t, comma);
    return V_NULL;
}

value object_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (unlikely(excess(nargs, kwnames))) {
        if (cls->make != object_make) return raise(t, &exc_TypeError, "object.__new__() takes exactly one argument (the type to instantiate)");
        if (cls->init == object_default_init) return raise(t, &exc_TypeError, "%s() takes no arguments", cls->name);
    }
    if (unlikely(cls->flags & TYPE_ABSTRACT) && !type_check_abstract(t, cls)) return V_NULL;
    return object_new_instance(t, cls);
}

int object_default_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (likely(!excess(nargs, kwnames))) return 0;
    struct type *c = type_of(self);
    if (c->init != object_default_init) raise(t, &exc_TypeError, "object.__init__() takes exactly one argument (the instance to initialize)");
    else if (c->make == object_make) raise(t, &exc_TypeError, "%s.__init__() takes exactly one argument (the instance to initialize)", c->name);
    else return 0;
    return -1;
}

// ---- slots ----

value object_default_repr(struct thread *t, vref self) {
    value name = type_full_name(t, type_of(self));
    value r = name ? str_format(t, "<%U object at %p>", name, (void *)as_object(self)) : V_NULL;
    release_opt(t, name);
    return r;
}

static value default_str(struct thread *t, vref self) { return type_of(self)->repr(t, self); }

int64_t object_identity_hash(struct thread *t, vref self) {
    uint64_t p = (uint64_t)(uintptr_t)as_object(self);
    return (int64_t)(p >> 4 | p << 60);
}

static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if (op == CMP_EQ) return borrow(a) == borrow(b) ? V_TRUE : V_NOTIMPL;
    if (op != CMP_NE) return V_NOTIMPL;
    value r = type_of(a)->compare(t, a, b, CMP_EQ);
    if (!r || r == V_NOTIMPL) return r;
    int equal = object_truth(t, r);
    release(t, r);
    return equal < 0 ? V_NULL : from_bool(!equal);
}

// ---- methods ----

static value format(struct thread *t, const vref *a) {
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "__format__() argument must be str, not %T", a[1]);
    if (as_str(a[1])->length) return raise(t, &exc_TypeError, "unsupported format string passed to %T.__format__", a[0]);
    return object_str(t, a[0]);
}

static value size_of(struct thread *t, const vref *a) { return int_from_i64(t, is_pointer(a[0]) ? (int64_t)object_size(as_object(a[0])) : 8); }

static value init_subclass(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    if (kwnames && tuple_size(kwnames)) return raise(t, &exc_TypeError, "%s.__init_subclass__() takes no keyword arguments", as_type(args[0])->name);
    if (nargs != 1) return raise(t, &exc_TypeError, "object.__init_subclass__() takes no arguments (%zu given)", nargs - 1);
    return V_NONE;
}

static value subclass_hook(struct thread *t, const vref *args, size_t nargs, vref kwnames) { return V_NOTIMPL; }

static value get_class(struct thread *t, const vref *a) { return own(t, type_ref(type_of(a[0]))); }

// Keys of o.__dict__ and of everything in the class's MRO.
static bool add_keys(struct thread *t, value keys, vref dict) {
    size_t pos = 0;
    value key, v;
    while (dict_next(t, dict, &pos, &key, &v)) {
        bool ok = dict_set(t, keys, key, V_NONE);
        release(t, key);
        release(t, v);
        if (!ok) return false;
    }
    return true;
}

bool object_add_class_keys(struct thread *t, value keys, vref cls) {
    for (size_t i = 0; i < tuple_size(as_type(cls)->mro); i++)
        if (!add_keys(t, keys, as_type(tuple_at(as_type(cls)->mro, i))->dict)) return false;
    return true;
}

static bool add_own_keys(struct thread *t, value keys, vref self) {
    value d;
    int found = object_lookup_attr(t, self, NAME(__dict__), &d);
    if (found <= 0) return found == 0;
    bool ok = !is_dict(d) || add_keys(t, keys, d);
    release(t, d);
    return ok;
}

static value dir(struct thread *t, const vref *a) {
    value keys = dict_new(t), cls = V_NULL, list = V_NULL;
    if (keys && add_own_keys(t, keys, a[0]) && object_lookup_attr(t, a[0], NAME(__class__), &cls) >= 0 &&
        (!cls || !is_type(cls) || object_add_class_keys(t, keys, cls)))
        list = dict_keys_list(t, keys);
    release_opt(t, cls);
    release_opt(t, keys);
    return list;
}

static const struct native natives[] = {
    {"__class__", NATIVE_GETSET, .fn = get_class, .set = object_set_class, .doc = "the object's class"},
    {"__format__", NATIVE_METHOD, "($self, format_spec, /)", format, .doc = "Default object formatter."},
    {"__sizeof__", NATIVE_METHOD, "($self, /)", size_of, .doc = "Return how many bytes of memory the object takes, what it refers to not counted."},
    {"__dir__", NATIVE_METHOD, "($self, /)", dir, .doc = "Default dir() implementation."},
    {"__init_subclass__", NATIVE_CLASS, NULL, .raw = init_subclass,
     .doc = "Called for each new subclass, with the keywords of its class statement; does nothing by itself."},
    {"__subclasshook__", NATIVE_CLASS, NULL, .raw = subclass_hook,
     .doc = "Called by issubclass() on an abstract class: True or False is the answer, NotImplemented leaves it to the usual rules."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", object_reduce, .doc = "Helper for pickle."},
    {"__reduce_ex__", NATIVE_METHOD, "($self, protocol, /)", object_reduce_ex, .doc = "Helper for pickle."},
    {"__getstate__", NATIVE_METHOD, "($self, /)", object_getstate, .doc = "Helper for pickle."},
    {.name = NULL},
};

struct type type_object = {
    .name = "object", .module = "builtins", .flags = TYPE_BASE, .basicsize = sizeof(struct object), .natives = natives,
    .doc = "object()\n--\n\nWhat all classes inherit from.\n\nIts own instances have no attributes and take none.",
    .make = object_make, .init = object_default_init, .repr = object_default_repr, .str = default_str, .hash = object_identity_hash, .compare = compare,
    .getattr = object_generic_getattr, .setattr = object_generic_setattr,
};
