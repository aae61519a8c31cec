// SPDX-License-Identifier: Apache-2.0
// Writing an instance of an everyday class straight from its slots. Leaves every class that has a word of its own in the matter to save_reduce.c.
//
// What comes out is what object.__reduce_ex__ leads to from protocol 2 on: the class, no arguments, NEWOBJ, and the attributes as a dict, if any.
#include "interp/modules/pickle/pickle.h"
#include "interp/types/dict.h"
#include "interp/types/instance.h"
#include "interp/types/names.h"
#include "interp/types/object_type.h"
#include "interp/types/seq.h"
#include "interp/types/type.h"

static bool inherits(struct thread *t, struct type *c, vref name) {
    vref theirs = type_lookup(t, c, name), ours = type_lookup(t, &type_object, name);
    return theirs && borrow(theirs) == borrow(ours);
}
static bool lacks(struct thread *t, struct type *c, vref name) { return !type_lookup(t, c, name); }

// copyreg has not found slots, or has not looked.
static bool no_slot_names(struct thread *t, struct type *c) {
    value names = dict_get(t, c->dict, NAME(__slotnames__));
    bool none = names ? is_list(names) && list_size(names) == 0 : !raised(t);
    release_opt(t, names);
    return none;
}
// Whether instances of c are pickled as `object` does it and hold nothing but a dict's worth of attributes.
static bool is_plain(struct thread *t, struct type *c) {
    if (!(c->flags & TYPE_HEAP) || !(c->flags & TYPE_HAS_DICT) || c->flags & TYPE_PY_GETATTR || c->fixed_slots || c->c_base != &type_object || c->itemsize) return false;
    if (type_of(type_ref(c)) != &type_type) return false; // a metaclass may have its say
    return inherits(t, c, NAME(__reduce_ex__)) && inherits(t, c, NAME(__reduce__)) && inherits(t, c, NAME(__getstate__)) && lacks(t, c, NAME(__getnewargs_ex__)) &&
           lacks(t, c, NAME(__getnewargs__)) && inherits(t, c, NAME(__class__)) && no_slot_names(t, c);
}
static bool knows_plain(struct thread *t, struct pickler *p, struct type *c) {
    struct known_class *k = &p->known[((uintptr_t)c >> 6) % KNOWN_CLASSES];
    vref table = pickle_thing(t, THING_DISPATCH);
    uint32_t version = atomic_load_explicit(&c->version, memory_order_acquire), dispatch = atomic_load_explicit(&as_dict(table)->version, memory_order_acquire);
    if (k->cls == c && k->version == version && k->dispatch == dispatch) return k->plain;
    bool plain = is_plain(t, c) && dict_contains(t, table, type_ref(c)) == 0;
    *k = (struct known_class){c, version, dispatch, plain};
    return plain;
}

// ---- the attributes ----

static bool save_one(struct thread *t, struct pickler *p, vref name, value v) { // takes v
    bool ok = save(t, p, name) && save(t, p, v);
    release(t, v);
    return ok;
}
// Attribute i by the shape the instance had. V_NULL: gone, or an exception.
static value attribute(struct thread *t, struct object *o, uint32_t shape, unsigned i) {
    if (likely(object_shape(o) == shape)) {
        _Atomic value *slot = instance_slot(o, &shape_table[shape], i);
        value v = slot ? slot_load(t, slot) : V_UNBOUND;
        if (likely(v != V_UNBOUND)) return v;
    }
    return instance_get(t, o, shape_key(shape, i)); // it moved on to a dict meanwhile
}
static bool save_attributes(struct thread *t, struct pickler *p, struct object *o, uint32_t shape, unsigned n) {
    if (!out_byte(t, p, P_EMPTY_DICT) || !save_skip(t, p) || (n > 1 && !out_byte(t, p, P_MARK))) return false;
    for (unsigned i = 0; i < n; i++) {
        value v = attribute(t, o, shape, i);
        if (!v && !raised(t)) raise(t, &exc_RuntimeError, "dictionary changed size during iteration");
        if (!v || !save_one(t, p, shape_key(shape, i), v)) return false;
    }
    bool grew = object_shape(o) != shape && !(object_flags(o) & HEAD_DICT);
    if (grew) return raise(t, &exc_RuntimeError, "dictionary changed size during iteration"), false;
    return out_byte(t, p, n > 1 ? P_SETITEMS : P_SETITEM);
}
_Static_assert((int)SHAPE_MAX_SLOTS < (int)BATCH, "all attributes fit one batch");

int save_instance(struct thread *t, struct pickler *p, vref v) {
    struct object *o = as_object(v);
    struct type *c = object_type(o);
    if (p->protocol < 2 || !(c->flags & TYPE_HEAP) || p->reducers || p->running_persistent || p->fast || !knows_plain(t, p, c) || object_flags(o) & HEAD_DICT) return 0;
    uint32_t shape = object_shape(o);
    unsigned n = shape_table[shape].nslots;
    if (shape_table[shape].type != c) return 0;
    for (unsigned i = 0; i < n; i++) { // a deleted attribute, or a name no dict of attributes is written with
        _Atomic value *slot = instance_slot(o, &shape_table[shape], i);
        if (!slot || atomic_load_explicit(slot, memory_order_relaxed) == V_UNBOUND) return 0;
    }
    if (!save(t, p, type_ref(c)) || !out_bytes(t, p, (const uint8_t[]){P_EMPTY_TUPLE, P_NEWOBJ}, 2)) return -1;
    int64_t id = memo_find(&p->memo, v);
    if (id >= 0) return out_byte(t, p, P_POP) && save_fetch(t, p, id) ? 1 : -1;
    if (!save_memoize(t, p, v)) return -1;
    if (n == 0) return 1;
    return save_attributes(t, p, o, shape, n) && out_byte(t, p, P_BUILD) ? 1 : -1;
}
