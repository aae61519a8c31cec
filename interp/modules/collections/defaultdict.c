// SPDX-License-Identifier: Apache-2.0
// defaultdict: a dict that makes what is missing. Leaves the dict to types/dict.c.
#include "interp/modules/collections/collections.h"
#include "interp/types/names.h"

struct defaultdict {
    struct dict dict;
    value factory; // owned, or V_NULL: none
};
static struct defaultdict *as_defaultdict(vref v) { return (struct defaultdict *)as_object(v); }
static value factory_of(struct thread *t, vref self) { return field_load(t, &as_defaultdict(self)->factory); }

static value make_missing(struct thread *t, vref self, vref key) {
    value factory = factory_of(t, self);
    if (!factory || is_none(factory)) return raise_value(t, &exc_KeyError, key);
    value v = object_call0(t, factory);
    release(t, factory);
    if (v && object_setitem(t, self, key, v) < 0) release_field(t, &v);
    return v;
}
static value missing(struct thread *t, const vref *a) { return make_missing(t, a[0], a[1]); }

static value getitem(struct thread *t, vref self, vref key) {
    if (type_of(self) != &type_defaultdict) return type_dict.getitem(t, self, key);
    value v = dict_get(t, self, key);
    if (likely(v != V_NULL) || raised(t)) return v;
    return make_missing(t, self, key);
}

static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    vref factory = nargs ? args[0] : V_NULL;
    if (factory && !is_none(factory) && !object_is_callable(factory)) return raise(t, &exc_TypeError, "first argument must be callable or None"), -1;
    field_store(t, as_object(self), &as_defaultdict(self)->factory, factory ? own(t, factory) : V_NULL);
    return type_dict.init(t, self, args + (nargs > 0), nargs - (nargs > 0), kwnames);
}

static value new_like(struct thread *t, vref self, vref items) {
    value factory = factory_of(t, self), r = object_call2(t, type_ref(type_of(self)), factory ? factory : V_NONE, items);
    release_opt(t, factory);
    return r;
}
static value copy(struct thread *t, const vref *a) { return new_like(t, a[0], a[0]); }

static value merged(struct thread *t, vref a, vref b) {
    vref self = is_instance(a, &type_defaultdict) ? a : b;
    if (!is_dict(a) || !is_dict(b)) return V_NOTIMPL;
    value r = new_like(t, self, a);
    if (r && dict_update(t, r, b)) return r;
    release_opt(t, r);
    return V_NULL;
}

static value reduce(struct thread *t, const vref *a) {
    value factory = factory_of(t, a[0]), args = !factory || is_none(factory) ? tuple_empty : tuple_pack(t, 1, factory);
    value items = args ? object_call_method(t, a[0], NAME(items), NULL, 0) : V_NULL, it = items ? object_iter(t, items) : V_NULL;
    value r = it ? tuple_pack(t, 5, type_ref(type_of(a[0])), args, V_NONE, V_NONE, it) : V_NULL;
    release_opt(t, factory);
    release_opt(t, args);
    release_opt(t, items);
    release_opt(t, it);
    return r;
}

// The factory may lead back to us (a bound method): shown as "...".
static value factory_repr(struct thread *t, vref self) {
    value factory = factory_of(t, self), r = V_NULL;
    struct repr_link link;
    int enter = repr_enter(t, &link, self);
    if (enter > 0) {
        r = object_repr(t, factory ? factory : V_NONE);
        repr_leave(t, &link);
    } else if (enter == 0)
        r = str_from_cstr(t, "...");
    release_opt(t, factory);
    return r;
}
static value repr(struct thread *t, vref self) {
    value items = type_dict.repr(t, self), factory = items ? factory_repr(t, self) : V_NULL;
    value r = factory ? str_format(t, "%s(%U, %U)", type_of(self)->name, factory, items) : V_NULL;
    release_opt(t, items);
    release_opt(t, factory);
    return r;
}

static value get_factory(struct thread *t, const vref *a) {
    value factory = factory_of(t, a[0]);
    return factory ? factory : V_NONE;
}
static int set_factory(struct thread *t, vref self, vref v) {
    field_store(t, as_object(self), &as_defaultdict(self)->factory, v ? own(t, v) : V_NULL);
    return 0;
}

static void destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct defaultdict *)o)->factory);
    type_dict.destroy(t, o);
}
static void clear(struct thread *t, struct object *o) {
    release_field(t, &((struct defaultdict *)o)->factory);
    type_dict.clear(t, o);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    value factory = ((struct defaultdict *)o)->factory;
    int r = factory ? visit(factory, arg) : 0;
    return r ? r : type_dict.traverse(o, visit, arg);
}

static const struct native natives[] = {
    {"__missing__", NATIVE_METHOD, "($self, key, /)", missing,
     .doc = "Put what default_factory() makes under key and return it; KeyError if the factory is None.\n\nA subscript calls it for a key that is missing."},
    {"copy", NATIVE_METHOD, "($self, /)", copy, .doc = "Return a new defaultdict with the same factory and the same items."},
    {"__copy__", NATIVE_METHOD, "($self, /)", copy, .doc = "Return a new defaultdict with the same factory and the same items."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reduce, .doc = "Return what pickle makes this again from."},
    {"__class_getitem__", NATIVE_CLASS, "($type, object, /)", seq_class_getitem, .doc = "See PEP 585"},
    {"default_factory", NATIVE_GETSET, .fn = get_factory, .set = set_factory, .doc = "what makes the value of a missing key, called without arguments; or None"},
    {NULL},
};
struct type type_defaultdict = {
    .name = "defaultdict", .module = "collections", .base = &type_dict, .flags = TYPE_GC | TYPE_BASE | TYPE_DICT | TYPE_MAPPING,
    .basicsize = sizeof(struct defaultdict), .natives = natives,
    .doc = "A dict that makes up a missing value when a subscript asks for it, by calling default_factory().\n\nThe further arguments are those of dict.",
    .init = init, .destroy = destroy, .traverse = traverse, .clear = clear, .repr = repr, .getitem = getitem, .binary = {[NB_OR] = merged},
};
