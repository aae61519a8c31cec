// SPDX-License-Identifier: Apache-2.0
// Data descriptors of C types and of __slots__: getset_descriptor and member_descriptor. Leaves making the tables to each type.
#include "interp/types/attr.h"
#include "interp/types/descr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/instance.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

struct getset {                 // both types; for a __slots__ member def is NULL
    struct object head;
    const struct native *def;
    struct type *type;
    value name;                 // owned interned str
    unsigned slot;
};
static struct getset *as_getset(vref v) { return (struct getset *)as_object(v); }

static value make(struct thread *t, uint32_t shape, struct type *c, const struct native *def, unsigned slot, vref name) {
    struct getset *g = object_alloc_gc(t, sizeof *g, shape);
    if (!g) return V_NULL;
    g->def = def;
    g->type = c;
    g->name = own(t, name);
    g->slot = slot;
    return ref_defer(t, &g->head);
}
value getset_new(struct thread *t, struct type *c, const struct native *def) {
    vref name = str_intern_cstr(t, def->name);
    return name ? make(t, def->kind == NATIVE_MEMBER ? SHAPE_MEMBER : SHAPE_GETSET, c, def, 0, name) : V_NULL;
}
value member_slot_new(struct thread *t, struct type *c, unsigned slot, vref name) { return make(t, SHAPE_MEMBER, c, NULL, slot, name); }

int member_slot(vref descr) { return has_shape(descr, SHAPE_MEMBER) && !as_getset(descr)->def ? (int)as_getset(descr)->slot : -1; }

static bool applies(struct thread *t, const struct getset *g, vref obj) {
    if (likely(type_is_subtype(type_of(obj), g->type))) return true;
    raise(t, &exc_TypeError, "descriptor '%U' for '%N' objects doesn't apply to a '%T' object", g->name, g->type, obj);
    return false;
}

// ---- getset_descriptor ----

native_fn *getset_getter(vref descr, vref obj) {
    if (!has_shape(descr, SHAPE_GETSET)) return NULL;
    const struct getset *g = as_getset(descr);
    return type_of(obj) == g->type || type_is_subtype(type_of(obj), g->type) ? g->def->fn : NULL;
}

static value getset_get(struct thread *t, vref self, vref obj, vref cls) {
    const struct getset *g = as_getset(self);
    if (!obj) return own(t, self);
    if (!applies(t, g, obj)) return V_NULL;
    if (g->def->fn) return g->def->fn(t, &obj);
    return raise(t, &exc_AttributeError, "attribute '%U' of '%N' objects is not readable", g->name, g->type);
}
static int getset_set(struct thread *t, vref self, vref obj, vref v) {
    const struct getset *g = as_getset(self);
    if (!applies(t, g, obj)) return -1;
    if (g->def->set) return g->def->set(t, obj, v);
    raise(t, &exc_AttributeError, "attribute '%U' of '%N' objects is not writable", g->name, g->type);
    return -1;
}

// ---- member_descriptor ----

static _Atomic value *member_word(const struct getset *g, vref obj) {
    struct object *o = as_object(obj);
    if (g->def) return (_Atomic value *)(void *)((char *)o + g->def->offset);
    return instance_slot(o, &shape_table[object_shape(o)], g->slot);
}
static value member_get(struct thread *t, vref self, vref obj, vref cls) {
    const struct getset *g = as_getset(self);
    if (!obj) return own(t, self);
    if (!applies(t, g, obj)) return V_NULL;
    value v = slot_load(t, member_word(g, obj));
    if (likely(v && v != V_UNBOUND)) return v;
    return g->def ? V_NONE : raise_attribute(t, obj, g->name);
}
static int member_set(struct thread *t, vref self, vref obj, vref v) {
    const struct getset *g = as_getset(self);
    if (!applies(t, g, obj)) return -1;
    if (g->def && !g->def->set) {
        raise(t, &exc_AttributeError, "readonly attribute");
        return -1;
    }
    _Atomic value *word = member_word(g, obj);
    value there = atomic_load_explicit(word, memory_order_relaxed);
    if (!v && (!there || there == V_UNBOUND) && !g->def) {
        raise_value(t, &exc_AttributeError, g->name);
        return -1;
    }
    slot_store(t, as_object(obj), word, v ? own(t, v) : g->def ? V_NULL : V_UNBOUND);
    return 0;
}

// ---- both ----

static value getset_repr(struct thread *t, vref self) { return str_format(t, "<attribute '%U' of '%N' objects>", as_getset(self)->name, as_getset(self)->type); }
static value member_repr(struct thread *t, vref self) { return str_format(t, "<member '%U' of '%N' objects>", as_getset(self)->name, as_getset(self)->type); }
static value get_name(struct thread *t, const vref *a) { return own(t, as_getset(a[0])->name); }
static value get_type(struct thread *t, const vref *a) { return own(t, type_ref(as_getset(a[0])->type)); }
static value get_qualname(struct thread *t, const vref *a) { return str_format(t, "%U.%U", as_getset(a[0])->type->qualname, as_getset(a[0])->name); }
static value get_doc(struct thread *t, const vref *a) {
    const struct native *def = as_getset(a[0])->def;
    return def && def->doc ? str_from_cstr(t, def->doc) : V_NONE;
}
static value reduce(struct thread *t, const vref *a) {
    value getattr = dict_get(t, t->interp->builtins, NAME(getattr));
    value args = getattr ? tuple_pack(t, 2, type_ref(as_getset(a[0])->type), as_getset(a[0])->name) : V_NULL;
    value r = args ? tuple_pack(t, 2, getattr, args) : V_NULL;
    release_opt(t, args);
    release_opt(t, getattr);
    return r;
}
static void destroy(struct thread *t, struct object *o) { release(t, ((struct getset *)o)->name); }
static int traverse(struct object *o, visit_fn *visit, void *arg) { return visit(type_ref(((struct getset *)o)->type), arg); }

static const struct native natives[] = {
    {"__name__", NATIVE_GETSET, .fn = get_name},
    {"__qualname__", NATIVE_GETSET, .fn = get_qualname},
    {"__objclass__", NATIVE_GETSET, .fn = get_type},
    {"__doc__", NATIVE_GETSET, .fn = get_doc},
    {"__reduce__", NATIVE_METHOD, "($self, /)", .fn = reduce},
    {.name = NULL},
};
struct type type_getset = {
    .name = "getset_descriptor", .module = "builtins", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct getset), .root_shape = SHAPE_GETSET,
    .natives = natives, .destroy = destroy, .traverse = traverse, .repr = getset_repr, .descr_get = getset_get, .descr_set = getset_set,
};
struct type type_member = {
    .name = "member_descriptor", .module = "builtins", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct getset), .root_shape = SHAPE_MEMBER,
    .natives = natives, .destroy = destroy, .traverse = traverse, .repr = member_repr, .descr_get = member_get, .descr_set = member_set,
};
