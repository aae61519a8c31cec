// SPDX-License-Identifier: Apache-2.0
// Slot wrappers: C slots called from Python under their special name (int.__add__), with CPython's checks. Leaves which slots have one to slots_rows.c.
#include "interp/types/attr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/slots.h"
#include "interp/types/str.h"

static bool count_is(struct thread *t, const struct slot_wrapper *w, size_t nargs, vref kwnames, size_t min, size_t max) {
    if (kwnames && tuple_size(kwnames)) {
        raise(t, &exc_TypeError, "wrapper %U() takes no keyword arguments", row_name(w->row));
        return false;
    }
    size_t n = nargs - 1;
    if (n >= min && n <= max) return true;
    if (min == max) raise(t, &exc_TypeError, "%sexpected %zu argument%s, got %zu", min == 2 ? " " : "", min, min == 1 ? "" : "s", n);
    else raise(t, &exc_TypeError, "%U expected at %s %zu argument%s, got %zu", row_name(w->row), n < min ? "least" : "most", n < min ? min : max, (n < min ? min : max) == 1 ? "" : "s", n);
    return false;
}
#define NEED(min, max) if (!count_is(t, w, nargs, kwnames, min, max)) return V_NULL
static value none_or_error(int r) { return r < 0 ? V_NULL : V_NONE; }

value wrap_unary(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(0, 0);
    return ((unary_fn *)fn)(t, args[0]);
}
value wrap_next(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(0, 0);
    value r = ((unary_fn *)fn)(t, args[0]);
    return r || raised(t) ? r : raise_bare(t, &exc_StopIteration);
}
value wrap_binary(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(1, 1);
    return ((binary_fn *)fn)(t, args[0], args[1]);
}
value wrap_reflected(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(1, 1);
    return ((binary_fn *)fn)(t, args[1], args[0]);
}
static value power(struct thread *t, const struct slot_wrapper *w, any_fn *fn, vref a, vref b, vref mod) {
    if (is_none(mod)) return ((binary_fn *)fn)(t, a, b);
    return w->type->power3 ? w->type->power3(t, a, b, mod) : V_NOTIMPL;
}
value wrap_power(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(1, 2);
    return power(t, w, fn, args[0], args[1], nargs > 2 ? args[2] : V_NONE);
}
value wrap_power_reflected(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(1, 2);
    return power(t, w, fn, args[1], args[0], nargs > 2 ? args[2] : V_NONE);
}
value wrap_length(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(0, 0);
    int64_t n = ((int64_t(*)(struct thread *, vref))fn)(t, args[0]);
    return n < 0 ? V_NULL : int_from_i64(t, n);
}
value wrap_hash(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(0, 0);
    int64_t h = ((int64_t(*)(struct thread *, vref))fn)(t, args[0]);
    return h == -1 ? V_NULL : int_from_i64(t, h);
}
value wrap_truth(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(0, 0);
    int r = ((int (*)(struct thread *, vref))fn)(t, args[0]);
    return r < 0 ? V_NULL : from_bool(r);
}
value wrap_compare(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(1, 1);
    return ((value(*)(struct thread *, vref, vref, enum compare_op))fn)(t, args[0], args[1], (enum compare_op)w->row->op);
}
typedef int set_fn(struct thread *t, vref self, vref key, vref v);
value wrap_setitem(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(2, 2);
    return none_or_error(((set_fn *)fn)(t, args[0], args[1], args[2]));
}
value wrap_delitem(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(1, 1);
    return none_or_error(((set_fn *)fn)(t, args[0], args[1], V_NULL));
}
value wrap_contains(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(1, 1);
    int r = ((int (*)(struct thread *, vref, vref))fn)(t, args[0], args[1]);
    return r < 0 ? V_NULL : from_bool(r);
}

// ---- attributes ----

static bool name_is_str(struct thread *t, vref name) {
    if (is_str(name)) return true;
    raise(t, &exc_TypeError, "attribute name must be string, not '%T'", name);
    return false;
}
value wrap_getattribute(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(1, 1);
    return name_is_str(t, args[1]) ? ((binary_fn *)fn)(t, args[0], args[1]) : V_NULL;
}
// object.__setattr__ must not get round what a C base between object and the type forbids.
static bool may_set(struct thread *t, const struct slot_wrapper *w, any_fn *fn, vref self) {
    const struct type *base = type_of(self);
    while (base && (any_fn *)base->setattr == (any_fn *)slot_setattr) base = base->base;
    if (!base || (any_fn *)base->setattr == fn || !is_type(self)) return true;
    raise(t, &exc_TypeError, "can't apply this %U to %T object", row_name(w->row), self);
    return false;
}
value wrap_setattr(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(2, 2);
    if (!may_set(t, w, fn, args[0]) || !name_is_str(t, args[1])) return V_NULL;
    return none_or_error(((set_fn *)fn)(t, args[0], args[1], args[2]));
}
value wrap_delattr(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(1, 1);
    if (!may_set(t, w, fn, args[0]) || !name_is_str(t, args[1])) return V_NULL;
    return none_or_error(((set_fn *)fn)(t, args[0], args[1], V_NULL));
}
value wrap_get(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(1, 2);
    vref obj = is_none(args[1]) ? V_NULL : args[1], cls = nargs > 2 && !is_none(args[2]) ? args[2] : V_NULL;
    if (!obj && !cls) return raise(t, &exc_TypeError, "__get__(None, None) is invalid");
    return ((ternary_fn *)fn)(t, args[0], obj, cls);
}
value wrap_set(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(2, 2);
    return none_or_error(((set_fn *)fn)(t, args[0], args[1], args[2]));
}
value wrap_delete(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    NEED(1, 1);
    return none_or_error(((set_fn *)fn)(t, args[0], args[1], V_NULL));
}
value wrap_init(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    return none_or_error(((int (*)(struct thread *, vref, const vref *, size_t, vref))fn)(t, args[0], args + 1, nargs - 1, kwnames));
}
value wrap_call(struct thread *t, const struct slot_wrapper *w, any_fn *fn, const vref *args, size_t nargs, vref kwnames) {
    return ((call_fn *)fn)(t, args[0], args + 1, nargs - 1, kwnames);
}

// ---- the descriptor ----

value slot_wrapper_new(struct thread *t, struct type *c, const struct slot_row *row) {
    struct slot_wrapper *w = object_alloc(t, sizeof *w, SHAPE_SLOT_WRAPPER);
    if (!w) return V_NULL;
    w->row = row;
    w->type = c;
    return ref_defer(t, &w->head);
}
static struct slot_wrapper *as_wrapper(vref v) { return (struct slot_wrapper *)as_object(v); }

static value call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    struct slot_wrapper *w = as_wrapper(self);
    if (nargs == 0) return raise(t, &exc_TypeError, "descriptor '%U' of '%N' object needs an argument", row_name(w->row), w->type);
    if (unlikely(!type_is_subtype(type_of(args[0]), w->type)))
        return raise(t, &exc_TypeError, "descriptor '%U' requires a '%N' object but received a '%T'", row_name(w->row), w->type, args[0]);
    return w->row->wrap(t, w, *slot_field(w->type, w->row), args, nargs, kwnames);
}

static value bind(struct thread *t, vref self, vref obj) {
    struct method *m = object_alloc_gc(t, sizeof *m, type_method_wrapper.root_shape);
    if (!m) return V_NULL;
    m->func = own(t, self);
    m->self = own(t, obj);
    return counted_word(m);
}
static value descr_get(struct thread *t, vref self, vref obj, vref cls) {
    if (!obj) return own(t, self);
    struct slot_wrapper *w = as_wrapper(self);
    if (!type_is_subtype(type_of(obj), w->type))
        return raise(t, &exc_TypeError, "descriptor '%U' for '%s' objects doesn't apply to a '%T' object", row_name(w->row), w->type->name, obj);
    return bind(t, self, obj);
}
static value repr(struct thread *t, vref self) {
    return str_format(t, "<slot wrapper '%U' of '%N' objects>", row_name(as_wrapper(self)->row), as_wrapper(self)->type);
}

static value get_name(struct thread *t, const vref *a) { return own(t, row_name(as_wrapper(a[0])->row)); }
static value get_type(struct thread *t, const vref *a) { return own(t, type_ref(as_wrapper(a[0])->type)); }
static value get_doc(struct thread *t, const vref *a) { return str_from_cstr(t, as_wrapper(a[0])->row->doc); }
static value get_signature(struct thread *t, const vref *a) { return str_from_cstr(t, as_wrapper(a[0])->row->sig); }
static value get_qualname(struct thread *t, const vref *a) {
    return str_format(t, "%s.%U", as_wrapper(a[0])->type->name, row_name(as_wrapper(a[0])->row));
}
static value reduce(struct thread *t, const vref *a) {
    value getattr = dict_get(t, t->interp->builtins, NAME(getattr));
    if (!getattr) return raised(t) ? V_NULL : raise_value(t, &exc_AttributeError, NAME(getattr));
    value args = tuple_pack(t, 2, type_ref(as_wrapper(a[0])->type), row_name(as_wrapper(a[0])->row));
    value r = args ? tuple_pack(t, 2, getattr, args) : V_NULL;
    release_opt(t, args);
    release(t, getattr);
    return r;
}
static const struct native natives[] = {
    {"__name__", NATIVE_GETSET, .fn = get_name},
    {"__qualname__", NATIVE_GETSET, .fn = get_qualname},
    {"__objclass__", NATIVE_GETSET, .fn = get_type},
    {"__doc__", NATIVE_GETSET, .fn = get_doc},
    {"__text_signature__", NATIVE_GETSET, .fn = get_signature},
    {"__reduce__", NATIVE_METHOD, "($self, /)", .fn = reduce},
    {0},
};
struct type type_slot_wrapper = {
    .name = "wrapper_descriptor", .module = "builtins", .flags = TYPE_METHOD | TYPE_NO_NEW, .basicsize = sizeof(struct slot_wrapper),
    .root_shape = SHAPE_SLOT_WRAPPER, .natives = natives, .call = call, .descr_get = descr_get, .repr = repr,
};

// ---- bound: [].__len__ ----

static struct method *as_bound(vref v) { return (struct method *)as_object(v); }
static value bound_call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    size_t all = nargs + (kwnames ? tuple_size(kwnames) : 0);
    vref few[8], *argv = all < 8 ? few : mem_alloc(t, (all + 1) * sizeof(vref));
    if (!argv) return V_NULL;
    argv[0] = borrow(as_bound(self)->self);
    words_copy(argv + 1, args, all);
    value r = call(t, as_bound(self)->func, argv, nargs + 1, kwnames);
    if (argv != few) mem_free(t, argv, (all + 1) * sizeof(vref));
    return r;
}
static value bound_repr(struct thread *t, vref self) {
    vref obj = as_bound(self)->self;
    return str_format(t, "<method-wrapper '%U' of %T object at %p>", row_name(as_wrapper(as_bound(self)->func)->row), obj, (void *)as_object(obj));
}
static value bound_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if ((op != CMP_EQ && op != CMP_NE) || type_of(a) != type_of(b)) return V_NOTIMPL;
    bool same = as_object(as_bound(a)->func) == as_object(as_bound(b)->func) && borrow(as_bound(a)->self) == borrow(as_bound(b)->self);
    return from_bool(same == (op == CMP_EQ));
}
static int64_t bound_hash(struct thread *t, vref self) {
    int64_t h = (int64_t)(borrow(as_bound(self)->self) >> 4 ^ (uint64_t)(uintptr_t)as_object(as_bound(self)->func) >> 3);
    return h == -1 ? -2 : h;
}
static void bound_destroy(struct thread *t, struct object *o) {
    release(t, ((struct method *)o)->func);
    release(t, ((struct method *)o)->self);
}
static int bound_traverse(struct object *o, visit_fn *visit, void *arg) { return visit(((struct method *)o)->self, arg); }
static value bound_get_self(struct thread *t, const vref *a) { return own(t, as_bound(a[0])->self); }
#define FORWARD(name) static value bound_##name(struct thread *t, const vref *a) { return name(t, (const vref[]){as_bound(a[0])->func}); }
FORWARD(get_name) FORWARD(get_type) FORWARD(get_doc) FORWARD(get_signature) FORWARD(get_qualname)
static value bound_reduce(struct thread *t, const vref *a) {
    value getattr = dict_get(t, t->interp->builtins, NAME(getattr));
    if (!getattr) return raised(t) ? V_NULL : raise_value(t, &exc_AttributeError, NAME(getattr));
    value args = tuple_pack(t, 2, as_bound(a[0])->self, row_name(as_wrapper(as_bound(a[0])->func)->row));
    value r = args ? tuple_pack(t, 2, getattr, args) : V_NULL;
    release_opt(t, args);
    release(t, getattr);
    return r;
}
static const struct native bound_natives[] = {
    {"__self__", NATIVE_GETSET, .fn = bound_get_self},
    {"__name__", NATIVE_GETSET, .fn = bound_get_name},
    {"__qualname__", NATIVE_GETSET, .fn = bound_get_qualname},
    {"__objclass__", NATIVE_GETSET, .fn = bound_get_type},
    {"__doc__", NATIVE_GETSET, .fn = bound_get_doc},
    {"__text_signature__", NATIVE_GETSET, .fn = bound_get_signature},
    {"__reduce__", NATIVE_METHOD, "($self, /)", .fn = bound_reduce},
    {0},
};
struct type type_method_wrapper = {
    .name = "method-wrapper", .module = "builtins", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct method), .natives = bound_natives,
    .destroy = bound_destroy, .traverse = bound_traverse, .call = bound_call, .repr = bound_repr, .compare = bound_compare, .hash = bound_hash,
};
