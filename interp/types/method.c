// SPDX-License-Identifier: Apache-2.0
// Bound methods, and the cells of closures. Leaves calling a method without making one to the eval loop.
#include "interp/types/attr.h"
#include "interp/types/descr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/object_type.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

// ---- method ----

static struct method *as_method(vref v) { return (struct method *)as_object(v); }

value method_new(struct thread *t, vref func, vref self) {
    struct method *m = object_alloc_gc(t, sizeof *m, SHAPE_METHOD);
    if (!m) return V_NULL;
    m->func = own(t, func);
    m->self = own(t, self);
    return counted_word(m);
}

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (kwnames && tuple_size(kwnames)) return raise(t, &exc_TypeError, "method() takes no keyword arguments");
    if (nargs != 2) return raise(t, &exc_TypeError, "method expected 2 arguments, got %zu", nargs);
    if (!object_is_callable(args[0])) return raise(t, &exc_TypeError, "first argument must be callable");
    if (is_none(args[1])) return raise(t, &exc_TypeError, "instance must not be None");
    return method_new(t, args[0], args[1]);
}

static value call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    size_t all = nargs + (kwnames ? tuple_size(kwnames) : 0);
    vref few[16], *argv = all < 16 ? few : mem_alloc(t, (all + 1) * sizeof(vref));
    if (!argv) return V_NULL;
    argv[0] = borrow(as_method(self)->self);
    words_copy(argv + 1, args, all);
    value r = object_call(t, as_method(self)->func, argv, nargs + 1, kwnames);
    if (argv != few) mem_free(t, argv, (all + 1) * sizeof(vref));
    return r;
}

// Attributes a method has not itself are its function's.
static value getattr(struct thread *t, vref self, vref name) {
    vref descr = type_lookup(t, &type_method, name);
    if (descr) return object_generic_getattr(t, self, name);
    return object_getattr(t, as_method(self)->func, name);
}

static value repr(struct thread *t, vref self) {
    value name = V_NULL;
    int found = object_lookup_attr(t, as_method(self)->func, NAME(__qualname__), &name);
    if (!found) found = object_lookup_attr(t, as_method(self)->func, NAME(__name__), &name);
    if (found < 0) return V_NULL;
    value r = name && is_str(name) ? str_format(t, "<bound method %U of %R>", name, as_method(self)->self) : str_format(t, "<bound method ? of %R>", as_method(self)->self);
    release_opt(t, name);
    return r;
}
static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if ((op != CMP_EQ && op != CMP_NE) || type_of(a) != type_of(b)) return V_NOTIMPL;
    int equal = object_compare_bool(t, as_method(a)->func, as_method(b)->func, CMP_EQ);
    if (equal < 0) return V_NULL;
    equal = equal && borrow(as_method(a)->self) == borrow(as_method(b)->self);
    return from_bool(equal == (op == CMP_EQ));
}
static int64_t hash(struct thread *t, vref self) {
    int64_t h = object_hash(t, as_method(self)->func);
    if (h == -1) return -1;
    h ^= object_identity_hash(t, as_method(self)->self);
    return h == -1 ? -2 : h;
}
static value descr_get(struct thread *t, vref self, vref obj, vref cls) { return own(t, self); }
static value get_func(struct thread *t, const vref *a) { return own(t, as_method(a[0])->func); }
static value get_self(struct thread *t, const vref *a) { return own(t, as_method(a[0])->self); }
static value get_doc(struct thread *t, const vref *a) {
    value doc;
    int found = object_lookup_attr(t, as_method(a[0])->func, NAME(__doc__), &doc);
    return found ? doc : V_NONE;
}
static value reduce(struct thread *t, const vref *a) {
    value getattr = dict_get(t, t->interp->builtins, NAME(getattr));
    value name = getattr ? object_getattr(t, as_method(a[0])->func, NAME(__name__)) : V_NULL;
    value args = name ? tuple_pack(t, 2, as_method(a[0])->self, name) : V_NULL;
    value r = args ? tuple_pack(t, 2, getattr, args) : V_NULL;
    release_opt(t, args);
    release_opt(t, name);
    release_opt(t, getattr);
    return r;
}

static void destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct method *)o)->func);
    release_field(t, &((struct method *)o)->self);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct method *m = (const struct method *)o;
    int r = m->func && is_pointer(m->func) ? visit(m->func, arg) : 0;
    return r || !m->self || !is_pointer(m->self) ? r : visit(m->self, arg);
}
static const struct native natives[] = {
    {"__func__", NATIVE_GETSET, .fn = get_func, .doc = "what is called"},
    {"__self__", NATIVE_GETSET, .fn = get_self, .doc = "what comes as the first argument"},
    {"__doc__", NATIVE_GETSET, .fn = get_doc},
    {"__reduce__", NATIVE_METHOD, "($self, /)", .fn = reduce},
    {.name = NULL},
};
struct type type_method = {
    .name = "method", .module = "builtins", .flags = TYPE_GC | TYPE_HAS_WEAK, .basicsize = sizeof(struct method), .root_shape = SHAPE_METHOD, .natives = natives,
    .doc = "A function with its first argument: a call puts it before the others.",
    .destroy = destroy, .traverse = traverse, .make = make, .call = call, .repr = repr, .hash = hash,
    .compare = compare, .getattr = getattr, .descr_get = descr_get,
};

// ---- cell ----

static struct cellbox *as_box(vref v) { return (struct cellbox *)as_object(v); }

value cellbox_new(struct thread *t, value v) {
    struct cellbox *c = object_alloc_gc(t, sizeof *c, SHAPE_CELLBOX);
    if (!c) {
        release(t, v);
        return V_NULL;
    }
    atomic_store_explicit(&c->v, v, memory_order_relaxed);
    return counted_word(c);
}
static value box_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (kwnames && tuple_size(kwnames)) return raise(t, &exc_TypeError, "cell() takes no keyword arguments");
    if (nargs > 1) return raise(t, &exc_TypeError, "cell expected at most 1 argument, got %zu", nargs);
    return cellbox_new(t, nargs ? own(t, args[0]) : V_UNBOUND);
}
static value get_contents(struct thread *t, const vref *a) {
    value v = slot_load(t, &as_box(a[0])->v);
    return v == V_UNBOUND ? raise(t, &exc_ValueError, "Cell is empty") : v;
}
static int set_contents(struct thread *t, vref self, vref v) {
    slot_store(t, as_object(self), &as_box(self)->v, v ? own(t, v) : V_UNBOUND);
    return 0;
}
static value box_repr(struct thread *t, vref self) {
    value v = slot_load(t, &as_box(self)->v);
    value r = v == V_UNBOUND ? str_format(t, "<cell at %p: empty>", (void *)as_object(self))
                             : str_format(t, "<cell at %p: %T object at %p>", (void *)as_object(self), v, (void *)as_object(v));
    release(t, v);
    return r;
}
static value box_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if (type_of(a) != type_of(b)) return V_NOTIMPL;
    value x = slot_load(t, &as_box(a)->v), y = slot_load(t, &as_box(b)->v), r;
    if (x != V_UNBOUND && y != V_UNBOUND) r = object_compare(t, x, y, op);
    else r = object_compare(t, from_int62(x != V_UNBOUND), from_int62(y != V_UNBOUND), op);
    release(t, x);
    release(t, y);
    return r;
}
static void box_destroy(struct thread *t, struct object *o) { release(t, atomic_exchange_explicit(&((struct cellbox *)o)->v, V_UNBOUND, memory_order_relaxed)); }
static int box_traverse(struct object *o, visit_fn *visit, void *arg) {
    value v = atomic_load_explicit(&((struct cellbox *)o)->v, memory_order_relaxed);
    return is_pointer(v) && v ? visit(v, arg) : 0;
}
static const struct native box_natives[] = {{"cell_contents", NATIVE_GETSET, .fn = get_contents, .set = set_contents}, {.name = NULL}};
struct type type_cellbox = {
    .name = "cell", .module = "builtins", .flags = TYPE_GC, .basicsize = sizeof(struct cellbox), .root_shape = SHAPE_CELLBOX, .natives = box_natives,
    .doc = "What holds a variable that functions share.\n\nWithout contents it is empty, and to read cell_contents raises ValueError.",
    .destroy = box_destroy, .traverse = box_traverse, .clear = box_destroy, .make = box_make, .repr = box_repr, .compare = box_compare,
};
