// SPDX-License-Identifier: Apache-2.0
// The type `type`: calling classes, lifetime of class objects, type's own methods. Leaves attributes of classes to type_attr.c, making them to type_make.c.
#include "interp/types/attr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/generic.h"
#include "interp/types/instance.h"
#include "interp/types/names.h"
#include "interp/types/object_type.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/types/type.h"

static value call_init(struct thread *t, value obj, const vref *args, size_t nargs, vref kwnames) {
    struct type *c = type_of(obj);
    if (!c->init || c->init(t, obj, args, nargs, kwnames) == 0) return obj;
    release(t, obj);
    return V_NULL;
}

value type_call(struct thread *t, vref callee, const vref *args, size_t nargs, vref kwnames) {
    struct type *c = as_type(callee);
    if (unlikely(c == &type_type)) {
        if (nargs == 1 && !(kwnames && tuple_size(kwnames))) return own(t, type_ref(type_of(args[0])));
        if (nargs != 3) return raise(t, &exc_TypeError, "type() takes 1 or 3 arguments");
    }
    if (unlikely(!c->make || c->flags & TYPE_NO_NEW)) {
        bool plain = !c->module || strcmp(c->module, "builtins") == 0;
        return raise(t, &exc_TypeError, "cannot create '%s%s%s' instances", plain ? "" : c->module, plain ? "" : ".", c->name);
    }
    if (c->flags & TYPE_PLAIN_NEW && c->init == object_default_init && nargs == 0 && !kwnames) return object_new_instance(t, c);
    value obj = c->make(t, c, args, nargs, kwnames);
    if (!obj || unlikely(!is_instance(obj, c))) return obj;
    return call_init(t, obj, args, nargs, kwnames);
}

static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (kwnames && tuple_size(kwnames) && nargs == 1) raise(t, &exc_TypeError, "type.__init__() takes no keyword arguments");
    else if (nargs != 1 && nargs != 3) raise(t, &exc_TypeError, "type.__init__() takes 1 or 3 arguments");
    else return 0;
    return -1;
}

// ---- lifetime of classes made at run time ----

static void unlink_bases(struct type *c) {
    for (size_t i = 0; c->bases && i < tuple_size(c->bases); i++) type_unlink(as_type(tuple_at(c->bases, i)), c);
}

static void clear(struct thread *t, struct object *o) {
    struct type *c = (struct type *)o;
    unlink_bases(c);
    if (c->dict) dict_clear(t, c->dict);
}

static void destroy(struct thread *t, struct object *o) {
    struct type *c = (struct type *)o;
    unlink_bases(c);
    type_cache_free(t, c);
    release_field(t, &c->dict);
    release_field(t, &c->mro);
    release_field(t, &c->bases);
    release_field(t, &c->qualname);
    if (c->subclasses) mem_free(t, c->subclasses, c->subclasses_capacity * sizeof *c->subclasses);
    c->subclasses = NULL;
    if (c->name) mem_retire(t, (void *)(uintptr_t)c->name, strlen(c->name) + 1);
}

static int traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct type *c = (const struct type *)o;
    const value words[] = {c->dict, c->bases, c->mro, c->qualname};
    for (int i = 0; i < 4; i++) {
        int r = words[i] ? visit(words[i], arg) : 0;
        if (r) return r;
    }
    return 0;
}

// ---- methods ----

static value repr(struct thread *t, vref self) {
    value name = type_full_name(t, as_type(self));
    value r = name ? str_format(t, "<class '%U'>", name) : V_NULL;
    release_opt(t, name);
    return r;
}

static value mro(struct thread *t, const vref *a) {
    value tuple = type_compute_mro(t, as_type(a[0]), as_type(a[0])->bases);
    value list = tuple ? list_from_iterable(t, tuple) : V_NULL;
    release_opt(t, tuple);
    return list;
}
static value subclasses(struct thread *t, const vref *a) { return type_subclasses(t, as_type(a[0])); }
static value prepare(struct thread *t, const vref *args, size_t nargs, vref kwnames) { return dict_new(t); }
static value instance_check(struct thread *t, const vref *a) {
    int r = object_real_is_instance(t, a[1], a[0]);
    return r < 0 ? V_NULL : from_bool(r);
}
static value subclass_check(struct thread *t, const vref *a) {
    int r = object_real_is_subclass(t, a[1], a[0]);
    return r < 0 ? V_NULL : from_bool(r);
}
static value dir(struct thread *t, const vref *a) {
    value keys = dict_new(t), list = V_NULL;
    if (keys && object_add_class_keys(t, keys, a[0])) list = dict_keys_list(t, keys);
    release_opt(t, keys);
    return list;
}
static value size_of(struct thread *t, const vref *a) { return from_int62((int64_t)sizeof(struct type)); }

#define GETSET(n) {"__" #n "__", NATIVE_GETSET, .fn = type_get_##n, .set = type_set_##n##_attr}
#define GETTER(n) {"__" #n "__", NATIVE_GETSET, .fn = type_get_##n}
static const struct native natives[] = {
    GETSET(name), GETSET(qualname), GETSET(bases), GETSET(module), GETSET(abstractmethods), GETSET(annotations), GETSET(doc),
    GETTER(mro), GETTER(dict), GETTER(base), GETTER(text_signature), GETTER(basicsize), GETTER(itemsize), GETTER(flags), GETTER(dictoffset), GETTER(weakrefoffset),
    {"mro", NATIVE_METHOD, "($self, /)", mro, .doc = "Return the classes in which attributes are looked for, in that order."},
    {"__subclasses__", NATIVE_METHOD, "($self, /)", subclasses, .doc = "Return the classes that have this one as a base and are still alive."},
    {"__prepare__", NATIVE_CLASS, NULL, .raw = prepare, .doc = "Return the dict that the body of a class statement fills."},
    {"__instancecheck__", NATIVE_METHOD, "($self, instance, /)", instance_check, .doc = "Return whether isinstance(instance, self)."},
    {"__subclasscheck__", NATIVE_METHOD, "($self, subclass, /)", subclass_check, .doc = "Return whether issubclass(subclass, self)."},
    {"__dir__", NATIVE_METHOD, "($self, /)", dir, .doc = "Return the names of the attributes of the class and its bases."},
    {"__sizeof__", NATIVE_METHOD, "($self, /)", size_of, .doc = "Return how many bytes of memory the class takes."},
    {.name = NULL},
};

struct type type_type = {
    .name = "type", .module = "builtins", .flags = TYPE_BASE | TYPE_GC | TYPE_TYPE | TYPE_HAS_WEAK, .basicsize = sizeof(struct type), .root_shape = SHAPE_TYPE,
    .natives = natives, .destroy = destroy, .traverse = traverse, .clear = clear, .make = type_make_native, .init = init, .call = type_call, .repr = repr,
    .getattr = type_getattr, .setattr = type_setattr, .binary = {[NB_OR] = union_or},
};
