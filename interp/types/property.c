// SPDX-License-Identifier: Apache-2.0
// property. Leaves the eval loop's inlined getter to vm/ops_attr.inc.
#include "interp/types/attr.h"
#include "interp/types/dict.h"
#include "interp/types/descr.h"
#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

static struct property *as_property(vref v) { return (struct property *)as_object(v); }
static value load(struct thread *t, const value *field) { return slot_load(t, (_Atomic value *)(uintptr_t)field); }
static void store(struct thread *t, struct property *p, value *field, value v) { slot_store(t, &p->head, (_Atomic value *)field, v); }

static value no_accessor(struct thread *t, vref self, vref obj, const char *what) {
    value qualname = own(t, type_of(obj)->qualname), name = load(t, &as_property(self)->name);
    if (name) raise(t, &exc_AttributeError, "property %R of %R object has no %s", name, qualname, what);
    else raise(t, &exc_AttributeError, "property of %R object has no %s", qualname, what);
    release_opt(t, name);
    release(t, qualname);
    return V_NULL;
}

static value descr_get(struct thread *t, vref self, vref obj, vref cls) {
    if (!obj || is_none(obj)) return own(t, self);
    value f = load(t, &as_property(self)->get);
    if (!f) return no_accessor(t, self, obj, "getter");
    value r = object_call1(t, f, obj);
    release(t, f);
    return r;
}

static int descr_set(struct thread *t, vref self, vref obj, vref v) {
    struct property *p = as_property(self);
    value f = load(t, v ? &p->set : &p->del);
    if (!f) {
        no_accessor(t, self, obj, v ? "setter" : "deleter");
        return -1;
    }
    value r = v ? object_call2(t, f, obj, v) : object_call1(t, f, obj);
    release(t, f);
    release_opt(t, r);
    return r ? 0 : -1;
}

// ---- creation ----

static value none_to_null(struct thread *t, vref v) { return v && !is_none(v) ? own(t, v) : V_NULL; }

// The getter's docstring, when none was given; a subclass keeps it in its instance dict, where its own __doc__ does not hide it.
static bool doc_from_getter(struct thread *t, vref self) {
    struct property *p = as_property(self);
    value get = load(t, &p->get), doc;
    if (!get) return true;
    int found = object_lookup_attr(t, get, NAME(__doc__), &doc);
    release(t, get);
    if (found <= 0) return found == 0;
    p->doc_from_getter = true;
    if (has_shape(self, SHAPE_PROPERTY)) {
        store(t, p, &p->doc, doc);
        return true;
    }
    int r = object_setattr(t, self, NAME(__doc__), doc);
    release(t, doc);
    return r == 0;
}

static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"fget", "fset", "fdel", "doc"};
    vref in[4] = {V_NULL, V_NULL, V_NULL, V_NULL};
    if (nargs + (kwnames ? tuple_size(kwnames) : 0) > 4) {
        raise(t, &exc_TypeError, "property() takes at most 4 arguments (%zu given)", nargs + (kwnames ? tuple_size(kwnames) : 0));
        return -1;
    }
    for (size_t i = 0; i < nargs; i++) in[i] = args[i];
    for (size_t k = 0; kwnames && k < tuple_size(kwnames); k++) {
        int i = 0;
        while (i < 4 && !str_equal_cstr(tuple_at(kwnames, k), names[i])) i++;
        if (i == 4) raise(t, &exc_TypeError, "'%U' is an invalid keyword argument for property()", tuple_at(kwnames, k));
        else if (in[i]) raise(t, &exc_TypeError, "argument for property() given by name ('%s') and position (%d)", names[i], i + 1);
        if (raised(t)) return -1;
        in[i] = args[nargs + k];
    }
    struct property *p = as_property(self);
    store(t, p, &p->get, none_to_null(t, in[0]));
    store(t, p, &p->set, none_to_null(t, in[1]));
    store(t, p, &p->del, none_to_null(t, in[2]));
    store(t, p, &p->doc, none_to_null(t, in[3]));
    store(t, p, &p->name, V_NULL);
    return p->doc || doc_from_getter(t, self) ? 0 : -1;
}

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return object_new_instance(t, cls); }

// The same property with one accessor replaced.
static value copy_with(struct thread *t, vref self, vref get, vref set, vref del) {
    struct property *p = as_property(self);
    value all[4] = {get ? own(t, get) : load(t, &p->get), set ? own(t, set) : load(t, &p->set), del ? own(t, del) : load(t, &p->del), V_NULL};
    if (!(p->doc_from_getter && get)) all[3] = p->doc_from_getter ? V_NULL : load(t, &p->doc);
    vref args[4];
    for (int i = 0; i < 4; i++) args[i] = all[i] ? all[i] : V_NONE;
    value r = object_call(t, type_ref(type_of(self)), args, 4, V_NULL);
    for (int i = 0; i < 4; i++) release_opt(t, all[i]);
    if (r && type_is_subtype(type_of(r), &type_property)) {
        value name = load(t, &p->name);
        if (name) store(t, as_property(r), &as_property(r)->name, name);
    }
    return r;
}
static value getter(struct thread *t, const vref *a) { return copy_with(t, a[0], a[1], V_NULL, V_NULL); }
static value setter(struct thread *t, const vref *a) { return copy_with(t, a[0], V_NULL, a[1], V_NULL); }
static value deleter(struct thread *t, const vref *a) { return copy_with(t, a[0], V_NULL, V_NULL, a[1]); }
static value set_name(struct thread *t, const vref *a) {
    store(t, as_property(a[0]), &as_property(a[0])->name, own(t, a[2]));
    return V_NONE;
}

// ---- attributes ----

static value or_none(value v) { return v ? v : V_NONE; }
static value get_fget(struct thread *t, const vref *a) { return or_none(load(t, &as_property(a[0])->get)); }
static value get_fset(struct thread *t, const vref *a) { return or_none(load(t, &as_property(a[0])->set)); }
static value get_fdel(struct thread *t, const vref *a) { return or_none(load(t, &as_property(a[0])->del)); }
static value get_doc(struct thread *t, const vref *a) { return or_none(load(t, &as_property(a[0])->doc)); }
static int set_doc(struct thread *t, vref self, vref v) {
    store(t, as_property(self), &as_property(self)->doc, v ? own(t, v) : V_NULL);
    return 0;
}
static int is_abstract(struct thread *t, vref f) {
    value v;
    int found = f ? object_lookup_attr(t, f, NAME(__isabstractmethod__), &v) : 0;
    if (found <= 0) return found;
    int truth = object_truth(t, v);
    release(t, v);
    return truth;
}
static value get_abstract(struct thread *t, const vref *a) {
    const struct property *p = as_property(a[0]);
    const vref parts[] = {p->get, p->set, p->del};
    for (int i = 0; i < 3; i++) {
        int r = is_abstract(t, parts[i]);
        if (r) return r < 0 ? V_NULL : V_TRUE;
    }
    return V_FALSE;
}

static void clear(struct thread *t, struct object *o) {
    struct property *p = (struct property *)o;
    value *const fields[] = {&p->get, &p->set, &p->del, &p->doc, &p->name};
    for (int i = 0; i < 5; i++) release_field(t, fields[i]);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct property *p = (struct property *)o;
    const value fields[] = {p->get, p->set, p->del, p->doc, p->name};
    for (int i = 0; i < 5; i++) {
        int r = fields[i] && is_pointer(fields[i]) ? visit(fields[i], arg) : 0;
        if (r) return r;
    }
    return 0;
}

static const struct native natives[] = {
    {"fget", NATIVE_GETSET, .fn = get_fget},
    {"fset", NATIVE_GETSET, .fn = get_fset},
    {"fdel", NATIVE_GETSET, .fn = get_fdel},
    {"__doc__", NATIVE_GETSET, .fn = get_doc, .set = set_doc},
    {"__isabstractmethod__", NATIVE_GETSET, .fn = get_abstract},
    {"getter", NATIVE_METHOD, "($self, object, /)", getter, .doc = "Return the same property with another fget."},
    {"setter", NATIVE_METHOD, "($self, object, /)", setter, .doc = "Return the same property with another fset."},
    {"deleter", NATIVE_METHOD, "($self, object, /)", deleter, .doc = "Return the same property with another fdel."},
    {"__set_name__", NATIVE_METHOD, "($self, owner, name, /)", set_name, .doc = "Learn the name under which a class holds the property, for messages."},
    {.name = NULL},
};
struct type type_property = {
    .name = "property", .module = "builtins", .flags = TYPE_BASE | TYPE_GC, .basicsize = sizeof(struct property), .root_shape = SHAPE_PROPERTY, .natives = natives,
    .doc = "An attribute that functions make: fget(self) reads it, fset(self, value) sets it, fdel(self) deletes it.\n\n"
           "doc is its docstring, by default that of fget.",
    .destroy = clear, .traverse = traverse, .clear = clear, .make = make, .init = init, .descr_get = descr_get, .descr_set = descr_set,
};
