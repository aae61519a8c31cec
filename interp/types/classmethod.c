// SPDX-License-Identifier: Apache-2.0
// classmethod and staticmethod. Leaves bound methods to method.c.
#include "interp/types/attr.h"
#include "interp/types/descr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/instance.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

static struct wrapped_callable *as_wrapped(vref v) { return (struct wrapped_callable *)as_object(v); }
static value callable_of(struct thread *t, vref self) { return slot_load(t, (_Atomic value *)&as_wrapped(self)->callable); }

static value wrap(struct thread *t, uint32_t shape, value callable) { // also before the types are ready
    struct wrapped_callable *w = object_alloc_gc(t, sizeof *w, shape);
    if (!w) {
        release(t, callable);
        return V_NULL;
    }
    w->callable = callable;
    w->dict = V_NULL;
    return counted_word(w);
}
value staticmethod_new(struct thread *t, value callable) { return wrap(t, SHAPE_STATICMETHOD, callable); }
value classmethod_new(struct thread *t, value callable) { return wrap(t, SHAPE_CLASSMETHOD, callable); }

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return object_new_instance(t, cls); }
static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    const char *name = type_is_subtype(type_of(self), &type_classmethod) ? "classmethod" : "staticmethod";
    if (kwnames && tuple_size(kwnames)) raise(t, &exc_TypeError, "%s() takes no keyword arguments", name);
    else if (nargs != 1) raise(t, &exc_TypeError, "%s expected 1 argument, got %zu", name, nargs);
    else {
        slot_store(t, as_object(self), (_Atomic value *)&as_wrapped(self)->callable, own(t, args[0]));
        return 0;
    }
    return -1;
}

static value uninitialized(struct thread *t, const char *name) { return raise(t, &exc_RuntimeError, "uninitialized %s object", name); }

static value class_get(struct thread *t, vref self, vref obj, vref cls) {
    value f = callable_of(t, self);
    if (!f) return uninitialized(t, "classmethod");
    vref type = cls ? cls : type_ref(type_of(obj));
    value r = type_of(f)->descr_get ? type_of(f)->descr_get(t, f, type, type) : method_new(t, f, type);
    release(t, f);
    return r;
}
static value static_get(struct thread *t, vref self, vref obj, vref cls) {
    value f = callable_of(t, self);
    return f ? f : uninitialized(t, "staticmethod");
}
static value static_call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    value f = callable_of(t, self);
    value r = f ? object_call(t, f, args, nargs, kwnames) : uninitialized(t, "staticmethod");
    release_opt(t, f);
    return r;
}
static value class_repr(struct thread *t, vref self) { return str_format(t, "<classmethod(%R)>", as_wrapped(self)->callable ? as_wrapped(self)->callable : V_NONE); }
static value static_repr(struct thread *t, vref self) { return str_format(t, "<staticmethod(%R)>", as_wrapped(self)->callable ? as_wrapped(self)->callable : V_NONE); }

// ---- attributes: the wrapped function's, unless set on the wrapper ----

static value get_func(struct thread *t, const vref *a) {
    value f = callable_of(t, a[0]);
    return f ? f : V_NONE;
}
static value get_abstract(struct thread *t, const vref *a) {
    value f = callable_of(t, a[0]), v = V_NULL;
    int found = f ? object_lookup_attr(t, f, NAME(__isabstractmethod__), &v) : 0;
    release_opt(t, f);
    int truth = found > 0 ? object_truth(t, v) : found;
    release_opt(t, v);
    return truth < 0 ? V_NULL : from_bool(truth);
}
static value get_dict(struct thread *t, const vref *a) { return object_get_dict(t, a[0]); }

static value forward(struct thread *t, vref self, vref name) {
    value d = slot_load(t, (_Atomic value *)&as_wrapped(self)->dict);
    value v = d ? dict_get(t, d, name) : V_NULL;
    release_opt(t, d);
    if (v || raised(t)) return v;
    value f = callable_of(t, self);
    if (!f) return raise_attribute(t, self, name);
    int found = object_lookup_attr(t, f, name, &v);
    release(t, f);
    return found ? v : raise_attribute(t, self, name);
}
static int store(struct thread *t, vref self, vref name, vref v) {
    value d = object_get_dict(t, self);
    int r = -1;
    if (d) r = v ? dict_set(t, d, name, v) - 1 : dict_del(t, d, name) < 0 ? -1 : 0;
    release_opt(t, d);
    return r;
}
#define FORWARD(n)                                                                           \
    static value get_##n(struct thread *t, const vref *a) { return forward(t, a[0], NAME(__##n##__)); } \
    static int set_##n(struct thread *t, vref self, vref v) { return store(t, self, NAME(__##n##__), v); }
FORWARD(name) FORWARD(qualname) FORWARD(module) FORWARD(doc) FORWARD(annotations)

static void clear(struct thread *t, struct object *o) {
    release_field(t, &((struct wrapped_callable *)o)->callable);
    release_field(t, &((struct wrapped_callable *)o)->dict);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct wrapped_callable *w = (struct wrapped_callable *)o;
    int r = w->callable && is_pointer(w->callable) ? visit(w->callable, arg) : 0;
    return r || !w->dict ? r : visit(w->dict, arg);
}

#define GETSET(n) {"__" #n "__", NATIVE_GETSET, .fn = get_##n, .set = set_##n}
static const struct native natives[] = {
    {"__func__", NATIVE_GETSET, .fn = get_func},
    {"__wrapped__", NATIVE_GETSET, .fn = get_func},
    {"__isabstractmethod__", NATIVE_GETSET, .fn = get_abstract},
    {"__dict__", NATIVE_GETSET, .fn = get_dict},
    GETSET(name), GETSET(qualname), GETSET(module), GETSET(doc), GETSET(annotations),
    {.name = NULL},
};
#define WRAPPER(doc_)                                                                                                                          \
    .module = "builtins", .doc = doc_, .flags = TYPE_BASE | TYPE_GC, .basicsize = sizeof(struct wrapped_callable), .dict_offset = offsetof(struct wrapped_callable, dict), \
    .natives = natives, .destroy = clear, .traverse = traverse, .clear = clear, .make = make, .init = init
struct type type_classmethod = {.name = "classmethod", .root_shape = SHAPE_CLASSMETHOD, .descr_get = class_get, .repr = class_repr,
    WRAPPER("Make a function a method that gets the class, not the instance, as its first argument.")};
struct type type_staticmethod = {.name = "staticmethod", .root_shape = SHAPE_STATICMETHOD, .descr_get = static_get, .repr = static_repr, .call = static_call,
    WRAPPER("Make a function a method that gets neither the instance nor the class.")};
