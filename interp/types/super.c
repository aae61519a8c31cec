// SPDX-License-Identifier: Apache-2.0
// super: attribute lookup behind a class in an MRO. Leaves `super().name` in functions to the eval loop (SUPERATTR), which comes here for the rare forms.
#include "interp/types/attr.h"
#include "interp/types/descr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/vm/vm.h"

static struct super *as_super(vref v) { return (struct super *)as_object(v); }

// A class need not stand in the order that its metaclass gave it.
static bool stands_in(const struct type *c, const struct type *type) {
    bool in = !c->mro;
    for (size_t i = 0; !in && i < tuple_size(c->mro); i++) in = as_type(tuple_at(c->mro, i)) == type;
    return in;
}

// The class whose MRO is walked: obj itself if it is a subclass of type, else obj's class. NULL: TypeError.
static struct type *start_type(struct thread *t, struct type *type, vref obj) {
    if (is_type(obj) && (as_type(obj) != type ? type_is_subtype(as_type(obj), type) : stands_in(type, type))) return as_type(obj);
    if (type_is_subtype(type_of(obj), type)) return type_of(obj);
    value claimed;
    int found = object_lookup_attr(t, obj, NAME(__class__), &claimed);
    if (found < 0) return NULL;
    struct type *c = found && is_type(claimed) && as_type(claimed) != type_of(obj) && type_is_subtype(as_type(claimed), type) ? as_type(claimed) : NULL;
    release_opt(t, claimed);
    if (!c) raise(t, &exc_TypeError, "super(type, obj): obj must be an instance or subtype of type");
    return c;
}

static bool fill(struct thread *t, struct super *s, struct type *type, vref self) {
    struct type *start = self ? start_type(t, type, self) : NULL;
    if (self && !start) return false;
    s->type = type;
    s->self_type = start;
    replace_field(t, &s->self, self ? own(t, self) : V_NULL);
    return true;
}

value super_new(struct thread *t, struct type *type, vref self) {
    value v = object_new_instance(t, &type_super);
    if (v && !fill(t, as_super(v), type, self)) release_field(t, &v);
    return v;
}

// What stands under name behind `type` in the MRO of `start`. returns new, unbound; V_NULL: nothing (no exception).
static value find_behind(struct thread *t, const struct type *type, const struct type *start, vref name) {
    vref mro = start->mro; // none yet while a metaclass's mro() runs
    size_t i = 0, n = mro ? tuple_size(mro) : 0;
    while (i < n && as_type(tuple_at(mro, i)) != type) i++;
    for (i++; i < n; i++) {
        struct cell *c = dict_find_cell(t, as_type(tuple_at(mro, i))->dict, name);
        value v = c ? slot_load(t, &c->v) : V_UNBOUND;
        if (v != V_UNBOUND) return v;
    }
    return V_NULL;
}

value super_attr(struct thread *t, struct type *type, vref self, vref name) {
    struct type *start = is_type(self) ? NULL : type_of(self);
    if (!start || !type_is_subtype(start, type) || str_equal(name, NAME(__class__))) return V_NULL;
    value v = find_behind(t, type, start, name);
    if (!v || !type_of(v)->descr_get) return v;
    value r = type_of(v)->descr_get(t, v, self, type_ref(start));
    release(t, v);
    return r;
}

static value getattr(struct thread *t, vref self, vref name) {
    struct super *s = as_super(self);
    if (!s->self_type || str_equal(name, NAME(__class__))) return object_generic_getattr(t, self, name);
    value v = find_behind(t, s->type, s->self_type, name);
    if (!v) return object_generic_getattr(t, self, name);
    if (!type_of(v)->descr_get) return v;
    bool through_class = is_type(s->self) && as_type(s->self) == s->self_type;
    value r = type_of(v)->descr_get(t, v, through_class ? V_NULL : s->self, type_ref(s->self_type));
    release(t, v);
    return r;
}

// ---- super() without arguments ----

static vref class_cell(const struct code *code, const value *R) {
    for (size_t i = 0; i < tuple_size(code->freevars); i++)
        if (str_equal_cstr(tuple_at(code->freevars, i), "__class__")) return tuple_at(as_func(frame_func(R))->closure, i);
    return V_NULL;
}

static bool from_frame(struct thread *t, struct super *s) {
    const value *R = t->frame;
    if (!R) return raise(t, &exc_RuntimeError, "super(): no current frame");
    const struct code *code = frame_code(R);
    if (code->argcount == 0) return raise(t, &exc_RuntimeError, "super(): no arguments");
    value self = R[0];
    if (has_shape(self, SHAPE_CELLBOX)) self = atomic_load_explicit(&((struct cellbox *)as_object(self))->v, memory_order_acquire);
    if (self == V_UNBOUND) return raise(t, &exc_RuntimeError, "super(): arg[0] deleted");
    vref box = class_cell(code, R);
    if (!box) return raise(t, &exc_RuntimeError, "super(): __class__ cell not found");
    value type = atomic_load_explicit(&((struct cellbox *)as_object(box))->v, memory_order_acquire);
    if (type == V_UNBOUND) return raise(t, &exc_RuntimeError, "super(): empty __class__ cell");
    if (!is_type(type)) return raise(t, &exc_RuntimeError, "super(): __class__ is not a type (%T)", type);
    return fill(t, s, as_type(type), borrow(self));
}

static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    bool ok = false;
    if (kwnames && tuple_size(kwnames)) raise(t, &exc_TypeError, "super() takes no keyword arguments");
    else if (nargs > 2) raise(t, &exc_TypeError, "super() expected at most 2 arguments, got %zu", nargs);
    else if (nargs == 0) ok = from_frame(t, as_super(self));
    else if (!is_type(args[0])) raise(t, &exc_TypeError, "super() argument 1 must be a type, not %T", args[0]);
    else ok = fill(t, as_super(self), as_type(args[0]), nargs > 1 && !is_none(args[1]) ? args[1] : V_NULL);
    return ok ? 0 : -1;
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return object_new_instance(t, cls); }

static value descr_get(struct thread *t, vref self, vref obj, vref cls) {
    struct super *s = as_super(self);
    if (!obj || is_none(obj) || s->self) return own(t, self);
    if (type_of(self) == &type_super) return super_new(t, s->type, obj);
    vref args[2] = {type_ref(s->type), obj};
    return object_call(t, type_ref(type_of(self)), args, 2, V_NULL);
}
static value repr(struct thread *t, vref self) {
    const struct super *s = as_super(self);
    if (s->self_type) return str_format(t, "<super: <class '%s'>, <%s object>>", s->type->name, s->self_type->name);
    return str_format(t, "<super: <class '%s'>, NULL>", s->type ? s->type->name : "NULL");
}
static value type_or_none(struct thread *t, struct type *c) { return c ? own(t, type_ref(c)) : V_NONE; }
static value get_thisclass(struct thread *t, const vref *a) { return type_or_none(t, as_super(a[0])->type); }
static value get_self_class(struct thread *t, const vref *a) { return type_or_none(t, as_super(a[0])->self_type); }
static value get_self(struct thread *t, const vref *a) { return as_super(a[0])->self ? own(t, as_super(a[0])->self) : V_NONE; }

static void destroy(struct thread *t, struct object *o) { release_field(t, &((struct super *)o)->self); }
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct super *s = (struct super *)o;
    int r = s->self && is_pointer(s->self) ? visit(s->self, arg) : 0;
    if (!r && s->type) r = visit(type_ref(s->type), arg);
    return r || !s->self_type ? r : visit(type_ref(s->self_type), arg);
}
static const struct native natives[] = {
    {"__thisclass__", NATIVE_GETSET, .fn = get_thisclass, .doc = "the class invoking super()"},
    {"__self__", NATIVE_GETSET, .fn = get_self, .doc = "the object, or class, whose attributes these are; or None"},
    {"__self_class__", NATIVE_GETSET, .fn = get_self_class, .doc = "the class whose order is followed; or None"},
    {.name = NULL},
};
struct type type_super = {
    .name = "super", .module = "builtins", .flags = TYPE_BASE | TYPE_GC, .basicsize = sizeof(struct super), .root_shape = SHAPE_SUPER, .natives = natives,
    .doc = "The attributes of an object that its class inherits from the classes after type in the method resolution order.\n\n"
           "Without arguments, within a method: of its first argument, after the class that the method is in.",
    .destroy = destroy, .traverse = traverse, .clear = destroy, .make = make, .init = init, .repr = repr, .getattr = getattr, .descr_get = descr_get,
};
