// SPDX-License-Identifier: Apache-2.0
// The types of builtin functions and methods: repr, binding, attributes that inspect and pickle read. Leaves calling to native.c.
#include "interp/types/descr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/instance.h"
#include "interp/types/names.h"
#include "interp/types/native.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

static struct native_object *as_native(vref v) { return (struct native_object *)as_object(v); }

static value call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) { return native_call(t, as_native(self), args, nargs, kwnames); }

static void destroy(struct thread *t, struct object *o) {
    struct native_object *f = (struct native_object *)o;
    release_opt(t, f->self);
    release_opt(t, f->module);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct native_object *f = (struct native_object *)o;
    int r = f->self && is_pointer(f->self) ? visit(f->self, arg) : 0;
    return r || !f->module ? r : visit(f->module, arg);
}
static void clear(struct thread *t, struct object *o) { release_field(t, &((struct native_object *)o)->self); }

// ---- attributes ----

static value get_name(struct thread *t, const vref *a) { return str_intern_cstr(t, as_native(a[0])->def->name); }
static value get_doc(struct thread *t, const vref *a) {
    const char *doc = as_native(a[0])->def->doc;
    return doc ? str_from_cstr(t, doc) : V_NONE;
}
// The signature with `$` before self, as inspect wants it. None if the row has none.
static value get_signature(struct thread *t, const vref *a) {
    const struct native *def = as_native(a[0])->def;
    if (!def->sig) return V_NONE;
    bool self = def->kind == NATIVE_METHOD || def->kind == NATIVE_CLASS;
    if (self && def->sig[0] == '(' && def->sig[1] != '$') return str_format(t, "($%s", def->sig + 1);
    return str_from_cstr(t, def->sig);
}
static value get_self(struct thread *t, const vref *a) {
    vref self = as_native(a[0])->self;
    return self ? own(t, self) : V_NONE;
}
static value get_module(struct thread *t, const vref *a) {
    vref module = as_native(a[0])->module;
    return module ? own(t, module) : V_NONE;
}
static int set_module(struct thread *t, vref self, vref v) {
    replace_field(t, &as_native(self)->module, v ? own(t, v) : V_NULL);
    return 0;
}
static value get_type(struct thread *t, const vref *a) {
    struct native_object *f = as_native(a[0]);
    return f->type ? own(t, type_ref(f->type)) : raise_attribute(t, a[0], NAME(__objclass__));
}
static bool is_static(const struct native_object *f) { return f->def->kind == NATIVE_STATIC && f->type && !f->self; }
static value get_qualname(struct thread *t, const vref *a) {
    struct native_object *f = as_native(a[0]);
    if (type_of(a[0]) != &type_native || is_static(f)) return str_format(t, "%U.%s", f->type->qualname, f->def->name);
    if (!f->self || has_shape(f->self, SHAPE_MODULE)) return str_from_cstr(t, f->def->name);
    struct type *c = is_type(f->self) ? as_type(f->self) : type_of(f->self);
    return str_format(t, "%U.%s", c->qualname, f->def->name);
}
// Methods pickle as getattr(owner, name), functions as their name.
static value reduce(struct thread *t, const vref *a) {
    struct native_object *f = as_native(a[0]);
    vref owner = type_of(a[0]) != &type_native || is_static(f) ? type_ref(f->type) : f->self && !has_shape(f->self, SHAPE_MODULE) ? f->self : V_NULL;
    value name = str_from_cstr(t, f->def->name);
    if (!name || !owner) return name;
    value getattr = dict_get(t, t->interp->builtins, NAME(getattr));
    value args = getattr ? tuple_pack(t, 2, owner, name) : V_NULL;
    value r = args ? tuple_pack(t, 2, getattr, args) : V_NULL;
    release_opt(t, args);
    release_opt(t, getattr);
    release(t, name);
    return r;
}

// ---- builtin_function_or_method ----

static value function_repr(struct thread *t, vref self) {
    struct native_object *f = as_native(self);
    if (is_static(f)) return str_format(t, "<built-in method %s of type object at %p>", f->def->name, (const void *)f->type);
    if (!f->self || has_shape(f->self, SHAPE_MODULE)) return str_format(t, "<built-in function %s>", f->def->name);
    return str_format(t, "<built-in method %s of %T object at %p>", f->def->name, f->self, (void *)as_object(f->self));
}
static value function_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if ((op != CMP_EQ && op != CMP_NE) || type_of(a) != type_of(b)) return V_NOTIMPL;
    bool same = as_native(a)->def == as_native(b)->def && borrow(as_native(a)->self) == borrow(as_native(b)->self);
    return from_bool(same == (op == CMP_EQ));
}
static int64_t function_hash(struct thread *t, vref self) {
    struct native_object *f = as_native(self);
    int64_t h = (int64_t)((uint64_t)(uintptr_t)f->def >> 3 ^ borrow(f->self) >> 4);
    return h == -1 ? -2 : h;
}

static const struct native function_natives[] = {
    {"__name__", NATIVE_GETSET, .fn = get_name},
    {"__qualname__", NATIVE_GETSET, .fn = get_qualname},
    {"__doc__", NATIVE_GETSET, .fn = get_doc},
    {"__text_signature__", NATIVE_GETSET, .fn = get_signature},
    {"__self__", NATIVE_GETSET, .fn = get_self},
    {"__module__", NATIVE_GETSET, .fn = get_module, .set = set_module},
    {"__reduce__", NATIVE_METHOD, "($self, /)", .fn = reduce},
    {.name = NULL},
};
struct type type_native = {
    .name = "builtin_function_or_method", .module = "builtins", .flags = TYPE_GC | TYPE_HAS_WEAK | TYPE_NO_NEW, .basicsize = sizeof(struct native_object),
    .root_shape = SHAPE_NATIVE, .natives = function_natives, .destroy = destroy, .traverse = traverse, .clear = clear, .call = call, .repr = function_repr,
    .compare = function_compare, .hash = function_hash,
};

// ---- method_descriptor ----

static value method_get(struct thread *t, vref self, vref obj, vref cls) {
    struct native_object *f = as_native(self);
    if (!obj) return own(t, self);
    if (!is_instance(obj, f->type))
        return raise(t, &exc_TypeError, "descriptor '%s' for '%N' objects doesn't apply to a '%T' object", f->def->name, f->type, obj);
    const struct native_sig *s = f->def->fn ? native_signature(t, f) : __atomic_load_n(&f->sig, __ATOMIC_ACQUIRE);
    if (f->def->fn && !s) return V_NULL;
    return native_bound_new(t, f->def, s, f->type, obj);
}
static value method_repr(struct thread *t, vref self) { return str_format(t, "<method '%s' of '%N' objects>", as_native(self)->def->name, as_native(self)->type); }

static const struct native method_natives[] = {
    {"__name__", NATIVE_GETSET, .fn = get_name},
    {"__qualname__", NATIVE_GETSET, .fn = get_qualname},
    {"__doc__", NATIVE_GETSET, .fn = get_doc},
    {"__text_signature__", NATIVE_GETSET, .fn = get_signature},
    {"__objclass__", NATIVE_GETSET, .fn = get_type},
    {"__reduce__", NATIVE_METHOD, "($self, /)", .fn = reduce},
    {.name = NULL},
};
struct type type_native_method = {
    .name = "method_descriptor", .module = "builtins", .flags = TYPE_GC | TYPE_METHOD | TYPE_NO_NEW, .basicsize = sizeof(struct native_object),
    .root_shape = SHAPE_NATIVE_METHOD, .natives = method_natives, .destroy = destroy, .traverse = traverse, .clear = clear, .call = call, .descr_get = method_get,
    .repr = method_repr,
};

// ---- classmethod_descriptor ----

static value class_get(struct thread *t, vref self, vref obj, vref cls) {
    struct native_object *f = as_native(self);
    vref type = cls ? cls : type_ref(type_of(obj));
    if (!is_type(type)) return raise(t, &exc_TypeError, "descriptor '%s' for type '%N' needs a type, not a '%T' as arg 2", f->def->name, f->type, type);
    if (!type_is_subtype(as_type(type), f->type))
        return raise(t, &exc_TypeError, "descriptor '%s' requires a subtype of '%s' but received '%s'", f->def->name, f->type->name, as_type(type)->name);
    const struct native_sig *sig = f->def->fn ? native_signature(t, f) : NULL; // another thread may be parsing it
    return sig || !f->def->fn ? native_bound_new(t, f->def, sig, f->type, type) : V_NULL;
}
static value class_call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    struct native_object *f = as_native(self);
    if (!nargs) return raise(t, &exc_TypeError, "descriptor '%s' of '%N' object needs an argument", f->def->name, f->type);
    value bound = class_get(t, self, V_NULL, args[0]);
    value r = bound ? native_call(t, as_native(bound), args + 1, nargs - 1, kwnames) : V_NULL;
    release_opt(t, bound);
    return r;
}
static value class_repr(struct thread *t, vref self) { return str_format(t, "<method '%s' of '%N' objects>", as_native(self)->def->name, as_native(self)->type); }

static const struct native class_natives[] = { // without __reduce__: it does not pickle
    {"__name__", NATIVE_GETSET, .fn = get_name},
    {"__qualname__", NATIVE_GETSET, .fn = get_qualname},
    {"__doc__", NATIVE_GETSET, .fn = get_doc},
    {"__text_signature__", NATIVE_GETSET, .fn = get_signature},
    {"__objclass__", NATIVE_GETSET, .fn = get_type},
    {.name = NULL},
};
struct type type_native_classmethod = {
    .name = "classmethod_descriptor", .module = "builtins", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct native_object), .natives = class_natives,
    .destroy = destroy, .traverse = traverse, .clear = clear, .call = class_call, .descr_get = class_get, .repr = class_repr,
};
