// SPDX-License-Identifier: Apache-2.0
// weakref.ref. Leaves proxies to weakref_proxy.c and when references die to core/weak.c.
#include "interp/types/weakref.h"
#include "interp/types/exc.h"
#include "interp/types/finalize.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/sequence.h"
#include "interp/types/str.h"

static struct weakref *as_weakref(vref v) { return (struct weakref *)as_object(v); }

value weakref_new(struct thread *t, struct type *cls, vref o, vref callback) {
    if (!is_pointer(o) || !has_flag(o, TYPE_HAS_WEAK)) return raise(t, &exc_TypeError, "cannot create weak reference to '%T' object", o);
    if (!callback && !(cls->flags & TYPE_HEAP)) {
        value shared = weak_find_basic(t, as_object(o), cls);
        if (shared) return shared;
    }
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    struct weakref *w = as_weakref(v);
    w->callback = callback ? own(t, callback) : V_NULL;
    w->hash = -1;
    if (weak_add(t, w, as_object(o))) return v;
    release(t, v);
    return V_NULL;
}

void weakref_run_callback(struct thread *t, vref ref, vref callback) {
    value pending = raised_take(t);
    value r = object_call1(t, callback, ref);
    if (r) release(t, r);
    else raise_unraisable(t, NULL, callback);
    if (pending) raised_restore(t, pending);
}

static bool check_args(struct thread *t, size_t nargs, vref kwnames) {
    if (kwnames && tuple_size(kwnames)) raise(t, &exc_TypeError, "ref() takes no keyword arguments");
    else if (nargs < 1 || nargs > 2) raise(t, &exc_TypeError, "__new__ expected at %s argument%s, got %zu", nargs < 1 ? "least 1" : "most 2", nargs < 1 ? "" : "s", nargs);
    else return true;
    return false;
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (!(cls->flags & TYPE_HEAP) ? !check_args(t, nargs, kwnames) : nargs < 1) // a subclass may take more for its __init__
        return raised(t) ? V_NULL : raise(t, &exc_TypeError, "__new__ expected at least 1 argument, got 0");
    return weakref_new(t, cls, args[0], nargs > 1 && !is_none(args[1]) ? args[1] : V_NULL);
}
static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) { return check_args(t, nargs, kwnames) ? 0 : -1; }

static value call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (nargs || (kwnames && tuple_size(kwnames))) return raise(t, &exc_TypeError, "ref() takes no arguments (%zu given)", nargs);
    value v = weak_get(t, as_weakref(self));
    return v ? v : V_NONE;
}

static int64_t hash(struct thread *t, vref self) {
    struct weakref *w = as_weakref(self);
    int64_t h = __atomic_load_n(&w->hash, __ATOMIC_RELAXED);
    if (h != -1) return h;
    value target = weak_get(t, w);
    if (!target) {
        raise(t, &exc_TypeError, "weak object has gone away");
        return -1;
    }
    h = object_hash(t, target);
    __atomic_store_n(&w->hash, h, __ATOMIC_RELAXED);
    release(t, target);
    return h;
}

static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if ((op != CMP_EQ && op != CMP_NE) || !is_instance(a, &type_weakref) || !is_instance(b, &type_weakref)) return V_NOTIMPL;
    value x = weak_get(t, as_weakref(a)), y = weak_get(t, as_weakref(b)), r;
    if (x && y) r = object_compare(t, x, y, op);
    else r = from_bool((as_object(a) == as_object(b)) == (op == CMP_EQ));
    release_opt(t, x);
    release_opt(t, y);
    return r;
}

static value repr(struct thread *t, vref self) {
    value target = weak_get(t, as_weakref(self)), name = V_NULL, r;
    void *p = as_object(self);
    if (!target) return str_format(t, "<weakref at %p; dead>", p);
    if (object_lookup_attr(t, target, NAME(__name__), &name) < 0) r = V_NULL;
    else if (name && is_str(name)) r = str_format(t, "<weakref at %p; to '%T' at %p (%U)>", p, target, (void *)as_object(target), name);
    else r = str_format(t, "<weakref at %p; to '%T' at %p>", p, target, (void *)as_object(target));
    release_opt(t, name);
    release(t, target);
    return r;
}

static value get_callback(struct thread *t, const vref *a) {
    struct weakref *w = as_weakref(a[0]);
    value target = weak_get(t, w);
    value callback = target ? slot_load(t, (_Atomic value *)&w->callback) : V_NULL;
    release_opt(t, target);
    return callback ? callback : V_NONE;
}
static value class_getitem(struct thread *t, const vref *a) { return generic_alias_new(t, a[0], a[1]); }

void weakref_clear(struct thread *t, struct object *o) {
    weak_unlink((struct weakref *)o);
    release_field(t, &((struct weakref *)o)->callback);
}
void weakref_destroy(struct thread *t, struct object *o) { release_field(t, &((struct weakref *)o)->callback); }
int weakref_traverse(struct object *o, visit_fn *visit, void *arg) {
    value callback = ((struct weakref *)o)->callback;
    return callback && is_pointer(callback) ? visit(callback, arg) : 0;
}
static const struct native natives[] = {
    {"__callback__", NATIVE_GETSET, .fn = get_callback},
    {"__class_getitem__", NATIVE_CLASS, "($type, key, /)", .fn = class_getitem, .doc = "See PEP 585"},
    {.name = NULL},
};
struct type type_weakref = {
    .name = "ReferenceType", .module = "weakref", .flags = TYPE_BASE | TYPE_GC | TYPE_WEAKREF, .basicsize = sizeof(struct weakref), .natives = natives,
    .destroy = weakref_destroy, .traverse = weakref_traverse, .clear = weakref_clear, .make = make, .init = init, .call = call, .hash = hash, .compare = compare, .repr = repr,
};
