// SPDX-License-Identifier: Apache-2.0
// Inline caches: what a site learns when its instruction missed. Leaves the lookups themselves to attr.c, type.c, dict.c.
//
// Order of publication: the site word first, then the opcode. Words say of which kind they are, so a thread that sees the one without the other misses and comes here again.
#include "interp/vm/vm.h"
#include "interp/types/descr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"

static void site_store(struct code *K, uint32_t site, uint64_t word) {
    atomic_store_explicit(&K->sites[site], word, memory_order_release);
}
static void rewrite(_Atomic uint32_t *ins, enum opcode op) {
    uint32_t word = atomic_load_explicit(ins, memory_order_relaxed);
    atomic_store_explicit(ins, (word & ~255u) | (uint32_t)op, memory_order_release);
}
static uint64_t site_word(enum site_kind kind, uint32_t high, uint32_t low) {
    return (uint64_t)kind << 60 | (uint64_t)high << 32 | low;
}

// Byte offset of attribute slot `slot` in objects of that shape if it lies inside the object, else 0.
static uint32_t slot_offset(uint32_t shape, int slot) {
    const struct shape *s = &shape_table[shape];
    if (slot < 0 || slot >= s->type->inline_slots || !s->slot_offset) return 0;
    return s->slot_offset + 8 * (uint32_t)slot;
}

static void learn_instance(struct thread *t, struct code *K, _Atomic uint32_t *ins, uint32_t site, vref o, vref name) {
    struct object *ob = as_object(o);
    struct type *cls = object_type(ob);
    if (cls->getattr != object_generic_getattr || (object_flags(ob) & HEAD_DICT) || cls->flags & TYPE_PY_GETATTR) return;
    uint32_t shape = object_shape(ob);
    vref attr = type_lookup(t, cls, name);
    bool data = attr && is_pointer(attr) && type_of(attr)->descr_set;
    int fixed = attr ? member_slot(attr) : -1, slot = fixed >= 0 ? fixed : shape_find(shape, name);
    if (data && fixed < 0) {
        if (!has_shape(attr, SHAPE_PROPERTY) && !getset_getter(attr, o)) return;
        struct rcell *r = type_resolve(t, cls, name);
        if (!r) {
            raised_clear(t);
            return;
        }
        site_store(K, site, site_word(SITE_PROPERTY, shape, r->index));
        rewrite(ins, OP_GETATTR_PROPERTY);
    } else if (slot >= 0) {
        uint32_t offset = slot_offset(shape, slot);
        if (offset) {
            site_store(K, site, site_word(SITE_SLOT, shape, offset));
            rewrite(ins, OP_GETATTR_SLOT);
        } else if (shape_table[shape].slot_offset && cls->flags & TYPE_HAS_DICT && slot >= cls->inline_slots) {
            uint32_t ext = shape_table[shape].slot_offset - 8;
            site_store(K, site, site_word(SITE_FAR, shape, ext << 16 | (uint32_t)(slot - cls->inline_slots)));
            rewrite(ins, OP_GETATTR_FAR);
        }
    } else if (attr && !data && (!is_pointer(attr) || has_shape(attr, SHAPE_FUNC) || !type_of(attr)->descr_get)) {
        struct rcell *r = type_resolve(t, cls, name);
        if (!r) {
            raised_clear(t);
            return;
        }
        site_store(K, site, site_word(SITE_CELL, shape, r->index));
        rewrite(ins, OP_GETATTR_CELL);
    }
}

static void learn_module(struct thread *t, struct code *K, _Atomic uint32_t *ins, uint32_t site, vref o, vref name, enum opcode op) {
    vref d = as_module(o)->dict;
    struct cell *c = dict_find_cell(t, d, name);
    if (!c || atomic_load_explicit(&c->v, memory_order_relaxed) == V_UNBOUND || c->index >> 28) return;
    site_store(K, site, site_word(SITE_MODULE, c->index, (uint32_t)as_dict(d)->id));
    rewrite(ins, op);
}

static void learn_type(struct thread *t, struct code *K, _Atomic uint32_t *ins, uint32_t site, vref o, vref name) {
    struct type *cls = as_type(o);
    uint32_t version = atomic_load_explicit(&cls->version, memory_order_acquire);
    if (!version || version >> 28) return;
    if (type_lookup(t, &type_type, name)) return; // something of the metaclass may come first
    vref attr = type_lookup(t, cls, name);
    if (!attr || (is_pointer(attr) && !has_shape(attr, SHAPE_FUNC) && type_of(attr)->descr_get)) return;
    struct rcell *r = type_resolve(t, cls, name);
    if (!r) {
        raised_clear(t);
        return;
    }
    site_store(K, site, site_word(SITE_TYPE, version, r->index));
    rewrite(ins, OP_GETATTR_TYPE);
}

value vm_getattr(struct thread *t, struct code *K, _Atomic uint32_t *ins, vref o) {
    uint32_t site = atomic_load_explicit(ins + 1, memory_order_relaxed);
    vref name = site_name(K, site);
    value v = object_getattr(t, o, name);
    if (!v || !is_pointer(o)) return v;
    if (has_shape(o, SHAPE_MODULE)) learn_module(t, K, ins, site, o, name, OP_GETATTR_MODULE);
    else if (has_shape(o, SHAPE_TYPE)) learn_type(t, K, ins, site, o, name);
    else learn_instance(t, K, ins, site, o, name);
    return v;
}

bool vm_setattr(struct thread *t, struct code *K, _Atomic uint32_t *ins, vref o, vref v) {
    uint32_t site = atomic_load_explicit(ins + 1, memory_order_relaxed);
    vref name = site_name(K, site);
    if (!is_pointer(o) || type_of(o)->setattr != object_generic_setattr || object_flags(as_object(o)) || type_of(o)->flags & TYPE_PY_SETATTR)
        return object_setattr(t, o, name, v) == 0;
    struct object *ob = as_object(o);
    struct type *cls = object_type(ob);
    uint32_t before = object_shape(ob);
    vref attr = type_lookup(t, cls, name);
    int fixed = attr ? member_slot(attr) : -1;
    bool data = attr && is_pointer(attr) && type_of(attr)->descr_set && fixed < 0;
    if (object_setattr(t, o, name, v) < 0) return false;
    if (data || object_flags(ob)) return true;
    uint32_t after = object_shape(ob);
    uint32_t offset = slot_offset(after, fixed >= 0 ? fixed : shape_find(after, name));
    if (!offset) return true;
    if (after == before) {
        site_store(K, site, site_word(SITE_SLOT, after, offset));
        rewrite(ins, OP_SETATTR_SLOT);
    } else if (shape_table[after].parent == before && after < 1 << 19 && before < 1 << 19) {
        site_store(K, site, (uint64_t)SITE_ADD << 60 | (uint64_t)before << 44 | (uint64_t)after << 24 | offset);
        rewrite(ins, OP_SETATTR_ADD);
    }
    return true;
}

value vm_iadd_attr(struct thread *t, struct code *K, _Atomic uint32_t *ins, vref o, vref v) {
    uint32_t site = atomic_load_explicit(ins + 1, memory_order_relaxed);
    vref name = site_name(K, site);
    value old = object_getattr(t, o, name);
    if (!old) return V_NULL;
    value sum = vm_binary(t, old, v, NB_ADD + NB_INPLACE);
    release(t, old);
    if (!sum) return V_NULL;
    int failed = object_setattr(t, o, name, sum);
    release(t, sum);
    if (failed < 0) return V_NULL;
    if (is_pointer(o) && !object_flags(as_object(o))) {
        struct object *ob = as_object(o);
        struct type *cls = object_type(ob);
        vref attr = type_lookup(t, cls, name);
        int fixed = attr ? member_slot(attr) : -1;
        bool data = attr && is_pointer(attr) && type_of(attr)->descr_set && fixed < 0;
        uint32_t shape = object_shape(ob); // once: others may add attributes meanwhile
        uint32_t offset = slot_offset(shape, fixed >= 0 ? fixed : shape_find(shape, name));
        if (offset && !data && cls->getattr == object_generic_getattr && cls->setattr == object_generic_setattr && !(cls->flags & (TYPE_PY_GETATTR | TYPE_PY_SETATTR))) {
            site_store(K, site, site_word(SITE_SLOT, shape, offset));
            enum opcode op = (enum opcode)(atomic_load_explicit(ins, memory_order_relaxed) & 255);
            rewrite(ins, op == OP_IADDATTR || op == OP_IADDATTR_SLOT ? OP_IADDATTR_SLOT : OP_IADDATTRI_SLOT);
        }
    }
    return V_NONE;
}

static value name_error(struct thread *t, vref name) { return raise_name(t, name, "name '%U' is not defined"); }

value vm_load_global(struct thread *t, struct code *K, struct func *f, _Atomic uint32_t *ins) {
    uint32_t site = atomic_load_explicit(ins + 1, memory_order_relaxed);
    vref name = site_name(K, site);
    bool call = opcode_table[atomic_load_explicit(ins, memory_order_relaxed) & 255].general == OP_CALLG;
    bool bound = K->globals_id && K->globals_id == as_dict(f->globals)->id;
    struct cell *g = bound ? dict_cell(t, f->globals, name) : NULL;
    if (bound && !g) return V_NULL;
    value v = g ? slot_load(t, &g->v) : dict_get(t, f->globals, name);
    if (v && v != V_UNBOUND) {
        if (g) {
            site_store(K, site, g->index);
            rewrite(ins, call ? OP_CALLG_FUNC : OP_LDGLOBAL_CELL);
        }
        return v;
    }
    if (raised(t)) return V_NULL;
    struct cell *b = has_shape(f->builtins, SHAPE_DICT) ? dict_find_cell(t, f->builtins, name) : NULL;
    v = b ? slot_load(t, &b->v) : is_dict(f->builtins) ? dict_get(t, f->builtins, name) : V_NULL;
    if (!v || v == V_UNBOUND) return raised(t) ? V_NULL : name_error(t, name);
    if (g && b) {
        site_store(K, site, (uint64_t)g->index << 32 | b->index);
        rewrite(ins, call ? OP_CALLG_BUILTIN : OP_LDGLOBAL_BUILTIN);
    }
    return v;
}

bool vm_store_global(struct thread *t, struct code *K, struct func *f, uint32_t site, vref v) {
    uint64_t word = atomic_load_explicit(&K->sites[site], memory_order_relaxed);
    struct dict *d = as_dict(f->globals);
    if (!K->globals_id || K->globals_id != d->id) return dict_set(t, f->globals, site_name(K, site), v);
    struct cell *c;
    if (word && (c = cell_at((uint32_t)word)) && atomic_load_explicit(&c->v, memory_order_relaxed) != V_UNBOUND) {
        slot_store(t, &d->head, &c->v, own(t, v));
        return true;
    }
    if (!dict_set(t, f->globals, site_name(K, site), v)) return false; // also makes an unbound name count again
    if ((c = dict_find_cell(t, f->globals, site_name(K, site)))) site_store(K, site, c->index);
    return true;
}
bool vm_delete_global(struct thread *t, struct code *K, struct func *f, uint32_t site) {
    vref name = site_name(K, site);
    int r = dict_del(t, f->globals, name);
    if (r == 0) name_error(t, name);
    return r > 0;
}

value vm_load_name(struct thread *t, struct code *K, struct func *f, _Atomic uint32_t *ins, vref ns) {
    uint32_t site = atomic_load_explicit(ins + 1, memory_order_relaxed);
    vref name = site_name(K, site);
    value v;
    if (has_shape(ns, SHAPE_DICT)) {
        v = dict_get(t, ns, name);
        if (v || raised(t)) return v;
    } else {
        v = object_getitem(t, ns, name);
        if (v || !raised_is(t, &exc_KeyError)) return v;
        raised_clear(t);
    }
    v = dict_get(t, f->globals, name);
    if (v || raised(t)) return v;
    v = dict_get(t, f->builtins, name);
    if (v || raised(t)) return v;
    return name_error(t, name);
}
bool vm_store_name(struct thread *t, vref ns, vref name, vref v) {
    return has_shape(ns, SHAPE_DICT) ? dict_set(t, ns, name, v) : object_setitem(t, ns, name, v) == 0;
}
bool vm_delete_name(struct thread *t, vref ns, vref name) {
    if (has_shape(ns, SHAPE_DICT)) {
        int r = dict_del(t, ns, name);
        if (r == 0) name_error(t, name);
        return r > 0;
    }
    if (object_setitem(t, ns, name, V_NULL) == 0) return true;
    if (raised_is(t, &exc_KeyError)) {
        raised_clear(t);
        name_error(t, name);
    }
    return false;
}

int vm_load_method(struct thread *t, struct code *K, _Atomic uint32_t *ins, vref o, value *f) {
    uint32_t site = atomic_load_explicit(ins + 1, memory_order_relaxed);
    vref name = site_name(K, site);
    enum opcode general = opcode_table[atomic_load_explicit(ins, memory_order_relaxed) & 255].general;
    uint32_t shape = is_pointer(o) ? object_shape(as_object(o)) : 0; // before looking: others may add an attribute that hides the method
    int how = object_get_method(t, o, name, f);
    if (how < 0 || general != OP_CALLM || !is_pointer(o)) return how;
    struct object *ob = as_object(o);
    if (how == 0) {
        if (shape == SHAPE_MODULE) learn_module(t, K, ins, site, o, name, OP_CALLM_MODULE);
        return how;
    }
    if (object_flags(ob) & HEAD_DICT) return how;
    struct rcell *r = type_resolve(t, object_type(ob), name);
    if (!r) {
        raised_clear(t);
        return how;
    }
    site_store(K, site, site_word(SITE_CELL, shape, r->index));
    if (has_shape(*f, SHAPE_FUNC)) rewrite(ins, OP_CALLM_FUNC);
    else if (has_shape(*f, SHAPE_NATIVE_METHOD)) {
        bool append = shape == SHAPE_LIST && strcmp(((struct native_object *)as_object(*f))->def->name, "append") == 0;
        unsigned n = atomic_load_explicit(ins, memory_order_relaxed) >> 16 & 255;
        rewrite(ins, append && n == 1 ? OP_CALLM_APPEND : OP_CALLM_NATIVE);
    }
    return how;
}
