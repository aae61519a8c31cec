// SPDX-License-Identifier: Apache-2.0
// Readies static types: inheritance, dict, MRO, shapes; and all of them at start. Leaves classes made at run time to type_make.c.
#include "interp/core/hooks.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/finalize.h"
#include "interp/types/instance.h"
#include "interp/types/seq.h"
#include "interp/types/slots.h"
#include "interp/types/str.h"
#include "interp/types/type_list.h"
#include "interp/types/type_make.h"
#include "interp/types/generic.h"
#include "interp/types/bytes.h"
#include "interp/types/iter.h"
#include "interp/types/str/text.h"
#include "interp/types/weakref.h"
#include "interp/vm/gen.h"
#include "interp/vm/vm.h"

enum {
    INHERITED = TYPE_INT | TYPE_STR | TYPE_BYTES | TYPE_LIST | TYPE_TUPLE | TYPE_DICT | TYPE_EXC | TYPE_TYPE | TYPE_FLOAT | TYPE_SET | TYPE_GC | TYPE_HAS_DICT |
                TYPE_HAS_WEAK | TYPE_SEQUENCE | TYPE_MAPPING | TYPE_DEL
};

void type_inherit(struct type *c, const struct type *base) {
    bool hashes = c->compare || c->hash;
    for (const struct slot_row *row = slot_rows; row->offset; row++) {
        if (hashes && (row->offset == offsetof(struct type, compare) || row->offset == offsetof(struct type, hash))) continue;
        any_fn **field = slot_field(c, row);
        if (!*field) *field = *slot_field(base, row);
    }
    if (c->compare && !c->hash) c->hash = hash_unhashable;
    if (c->hash && !c->compare) c->compare = base->compare;
    if (!c->power3) c->power3 = base->power3;
    if (!c->make && base != &type_object) c->make = base->make;
    if (!c->destroy) c->destroy = base->destroy;
    if (!c->traverse) c->traverse = base->traverse;
    if (!c->clear) c->clear = base->clear;
    if (!c->size_of) c->size_of = base->size_of;
    if (!c->buffer) c->buffer = base->buffer, c->buffer_drop = base->buffer_drop;
    if (c->basicsize < base->basicsize) c->basicsize = base->basicsize;
    if (!c->itemsize) c->itemsize = base->itemsize;
    if (!c->dict_offset) c->dict_offset = base->dict_offset;
    c->flags |= base->flags & INHERITED;
}

void type_layout(struct type *c) {
    c->instance_extra = 8u * (c->inline_slots + ((c->flags & TYPE_HAS_DICT) ? 1u : 0u));
    c->instance_size = c->instance_extra ? ((c->basicsize + 7) & ~7u) + c->instance_extra : c->basicsize;
}

bool type_make_shapes(struct thread *t, struct type *c) {
    if (c->root_shape) shape_fill_root(c->root_shape, c);
    else c->root_shape = shape_new_root(t, c);
    if (!c->root_shape) return false;
    if (!(c->flags & TYPE_HAS_DICT)) return true;
    c->dict_shape = shape_new_root(t, c);
    shape_table[c->dict_shape].flags = SHAPE_DICT_MODE;
    return c->dict_shape != 0;
}

// ---- the dict of a static type ----

static value native_attribute(struct thread *t, struct type *c, const struct native *n) {
    switch (n->kind) {
    case NATIVE_GETSET:
    case NATIVE_MEMBER: return getset_new(t, c, n);
    case NATIVE_FUNCTION:
    case NATIVE_METHOD:
    case NATIVE_CLASS:
    case NATIVE_STATIC: return native_method_new(t, c, n);
    }
    return V_NULL;
}

static bool add_natives(struct thread *t, struct type *c) {
    for (const struct native *n = c->natives; n && n->name; n++) {
        vref name = str_intern_cstr(t, n->name);
        value v = name ? native_attribute(t, c, n) : V_NULL;
        if (!v || !dict_set_take(t, c->dict, name, v)) return false;
    }
    return true;
}

static bool fill_dict(struct thread *t, struct type *c, bool own_make) {
    if (!add_natives(t, c) || !slots_add_wrappers(t, c)) return false;
    if (own_make) {
        value new = native_type_new(t, c);
        if (!new || !dict_set_take(t, c->dict, NAME(__new__), new)) return false;
    }
    if (!type_add_dict_getset(t, c)) return false;
    if (dict_contains(t, c->dict, NAME(__doc__))) return true;
    value doc = c->doc ? str_from_cstr(t, type_doc_text(c)) : V_NONE;
    return doc && dict_set_take(t, c->dict, NAME(__doc__), doc);
}

static bool set_lineage(struct thread *t, struct type *c) {
    vref base = c->base ? type_ref(c->base) : V_NULL;
    c->bases = tuple_from_array(t, &base, c->base ? 1 : 0);
    size_t n = c->base ? tuple_size(c->base->mro) : 0;
    value mro = tuple_new(t, n + 1);
    if (!mro || !c->bases) return false;
    as_tuple(mro)->at[0] = type_ref(c);
    for (size_t i = 0; i < n; i++) as_tuple(mro)->at[i + 1] = tuple_at(c->base->mro, i);
    c->mro = mro;
    return true;
}

bool type_ready(struct thread *t, struct type *c) {
    if (c->mro) return true;
    if (!c->base && c != &type_object) c->base = &type_object;
    if (c->base && !type_ready(t, c->base)) return false;
    if (!c->head.shape) c->head.shape = SHAPE_TYPE;
    c->head.owner = OWNER_NONE;
    atomic_store_explicit(&c->head.shared, SHARED_DEFERRED | SHARED_IMMORTAL, memory_order_relaxed);
    c->c_base = c;
    bool own_make = c->make && !(c->flags & TYPE_NO_NEW);
    c->dict = dict_new_cells(t);
    c->qualname = str_from_cstr(t, c->name);
    if (!c->dict || !c->qualname || !set_lineage(t, c)) return false;
    if (c->compare && !c->hash) c->hash = hash_unhashable; // so that __hash__ = None is entered
    if (!fill_dict(t, c, own_make)) return false;
    if (c->base) type_inherit(c, c->base);
    if (!c->make) c->flags |= TYPE_NO_NEW;
    type_layout(c);
    if (!type_make_shapes(t, c)) return false;
    if (c->base && !type_link(t, c->base, c)) return false;
    type_modified(t, c);
    return true;
}

bool type_is_subtype(const struct type *a, const struct type *b) {
    if (a == b) return true;
    vref mro = a->mro;
    if (unlikely(!mro)) {
        for (; a; a = a->base)
            if (a == b) return true;
        return b == &type_object;
    }
    for (size_t i = 0; i < tuple_size(mro); i++)
        if (as_type(tuple_at(mro, i)) == b) return true;
    return false;
}

// ---- start ----

static const struct {
    uint32_t shape;
    struct type *type;
} fixed_shapes[] = {
    {SHAPE_INT, &type_int}, {SHAPE_BOOL, &type_bool}, {SHAPE_FLOAT, &type_float}, {SHAPE_STR, &type_str}, {SHAPE_BYTES, &type_bytes}, {SHAPE_LIST, &type_list},
    {SHAPE_TUPLE, &type_tuple}, {SHAPE_DICT, &type_dict}, {SHAPE_SET, &type_set}, {SHAPE_FROZENSET, &type_frozenset}, {SHAPE_FUNC, &type_func},
    {SHAPE_METHOD, &type_method}, {SHAPE_NATIVE, &type_native}, {SHAPE_TYPE, &type_type}, {SHAPE_MODULE, &type_module}, {SHAPE_RANGE, &type_range},
    {SHAPE_GEN, &type_gen}, {SHAPE_CELLBOX, &type_cellbox}, {SHAPE_SLICE, &type_slice}, {SHAPE_CODE, &type_code}, {SHAPE_BYTEARRAY, &type_bytearray},
    {SHAPE_COMPLEX, &type_complex}, {SHAPE_SUPER, &type_super}, {SHAPE_PROPERTY, &type_property}, {SHAPE_NATIVE_METHOD, &type_native_method},
    {SHAPE_NONE, &type_none}, {SHAPE_ELLIPSIS, &type_ellipsis}, {SHAPE_NOTIMPL, &type_notimpl}, {SHAPE_SLOT_WRAPPER, &type_slot_wrapper},
    {SHAPE_STATICMETHOD, &type_staticmethod}, {SHAPE_CLASSMETHOD, &type_classmethod}, {SHAPE_GETSET, &type_getset}, {SHAPE_MEMBER, &type_member},
    {SHAPE_NATIVE_CLASSMETHOD, &type_native_classmethod}, {SHAPE_UNBOUND, &type_none},
};

// Before any object is made: the shapes that C code names, so that type_of works on what type_ready itself creates.
static void fix_shapes(void) {
    for (size_t i = 0; i < sizeof fixed_shapes / sizeof fixed_shapes[0]; i++) {
        if (fixed_shapes[i].shape != SHAPE_UNBOUND) fixed_shapes[i].type->root_shape = fixed_shapes[i].shape;
        shape_table[fixed_shapes[i].shape].type = fixed_shapes[i].type;
    }
}

static struct core_hooks hooks; // written once, before a second thread exists
static void set_hooks(struct thread *t) {
    hooks = *t->interp->hooks;
    hooks.finalize = type_finalize;
    hooks.weak_callback = weakref_run_callback;
    hooks.visit_interp = types_visit;
    hooks.registers_end = vm_registers_end;
    t->interp->hooks = &hooks;
}

#define X(name) extern struct type type_##name;
TYPE_LIST(X)
#undef X
bool types_start(struct thread *t) {
    cells_start();
    fix_shapes();
    if (!names_start(t)) return false;
    slots_start();
#define X(name) if (!type_ready(t, &type_##name)) return false;
    TYPE_LIST(X)
#undef X
#define X(name, base, doc) if (!type_ready(t, &exc_##name)) return false;
    EXC_LIST(X)
#undef X
    set_hooks(t);
    return containers_start(t);
}
