// SPDX-License-Identifier: Apache-2.0
// Making classes at run time: type(name, bases, namespace). Leaves MRO and layout conflicts to type_mro.c, __slots__ to type_slots.c, slots of C to
// slots_table.c, the instance call to type_call.c.
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/instance.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/slots.h"
#include "interp/types/str.h"
#include "interp/types/type_make.h"
#include "interp/vm/frame.h"

enum {
    FROM_BASE = TYPE_INT | TYPE_STR | TYPE_BYTES | TYPE_LIST | TYPE_TUPLE | TYPE_DICT | TYPE_EXC | TYPE_TYPE | TYPE_FLOAT | TYPE_SET | TYPE_GC | TYPE_HAS_DICT |
                TYPE_HAS_WEAK | TYPE_SEQUENCE | TYPE_MAPPING | TYPE_WEAKREF
};

// ---- the namespace ----

static value copy_namespace(struct thread *t, vref ns) {
    value d = dict_new_cells(t), key, v;
    size_t pos = 0;
    while (d && dict_next(t, ns, &pos, &key, &v)) {
        value name = has_shape(key, SHAPE_STR) ? str_intern(t, key) : key;
        bool ok = name && dict_set(t, d, name, v);
        release_opt(t, name);
        release(t, v);
        if (!ok) release_field(t, &d);
    }
    return d;
}

static bool set_module(struct thread *t, struct type *c) {
    int there = dict_contains(t, c->dict, NAME(__module__));
    if (there) return there > 0;
    value globals = frame_get_globals(t);
    value name = globals ? dict_get(t, globals, NAME(__name__)) : V_NULL;
    release_opt(t, globals);
    if (!name) return !raised(t);
    return dict_set_take(t, c->dict, NAME(__module__), name);
}

static bool set_qualname(struct thread *t, struct type *c, vref name) {
    value q = dict_get(t, c->dict, NAME(__qualname__));
    if (!q && raised(t)) return false;
    if (q && !is_str(q)) {
        raise(t, &exc_TypeError, "type __qualname__ must be a str, not %T", q);
        release(t, q);
        return false;
    }
    c->qualname = q ? q : own(t, name);
    return !q || dict_del(t, c->dict, NAME(__qualname__)) >= 0;
}

// A function under that name becomes a static or class method.
static bool wrap_function(struct thread *t, struct type *c, vref name, value (*wrap)(struct thread *, value)) {
    value f = dict_get(t, c->dict, name);
    if (!f) return !raised(t);
    if (!has_shape(f, SHAPE_FUNC)) {
        release(t, f);
        return true;
    }
    value w = wrap(t, f);
    return w && dict_set_take(t, c->dict, name, w);
}

static bool set_classcell(struct thread *t, struct type *c) {
    value box = dict_get(t, c->dict, NAME(__classcell__));
    if (!box) return !raised(t);
    bool ok = has_shape(box, SHAPE_CELLBOX);
    if (ok) slot_store(t, as_object(box), &((struct cellbox *)as_object(box))->v, own(t, type_ref(c)));
    else raise(t, &exc_TypeError, "__classcell__ must be a nonlocal cell, not %R", type_ref(type_of(box)));
    release(t, box);
    return ok && dict_del(t, c->dict, NAME(__classcell__)) >= 0;
}

static bool set_hash(struct thread *t, struct type *c) {
    int eq = dict_contains(t, c->dict, NAME(__eq__)), hash = dict_contains(t, c->dict, NAME(__hash__));
    if (eq < 0 || hash < 0) return false;
    return !eq || hash || dict_set(t, c->dict, NAME(__hash__), V_NONE);
}

static bool add_doc(struct thread *t, struct type *c) { // after the slots, one of which may be called so
    int doc = dict_contains(t, c->dict, NAME(__doc__));
    return doc > 0 || (doc == 0 && dict_set(t, c->dict, NAME(__doc__), V_NONE));
}
static bool fill_dict(struct thread *t, struct type *c, vref name) {
    if (!set_module(t, c) || !set_qualname(t, c, name)) return false;
    return wrap_function(t, c, NAME(__new__), staticmethod_new) && wrap_function(t, c, NAME(__init_subclass__), classmethod_new) &&
           wrap_function(t, c, NAME(__class_getitem__), classmethod_new) && set_hash(t, c);
}

// ---- layout ----

bool type_set_name(struct thread *t, struct type *c, vref name) {
    size_t n;
    const char *text = str_utf8(t, name, &n);
    if (!text) return false;
    if (strlen(text) != n) {
        raise(t, &exc_ValueError, "type name must not contain null characters");
        return false;
    }
    char *copy = mem_alloc(t, n + 1);
    if (!copy) return false;
    memcpy(copy, text, n + 1);
    const char *old = c->name;
    c->name = copy;
    if (old) mem_retire(t, (void *)(uintptr_t)old, strlen(old) + 1);
    return true;
}

static void inherit_layout(struct type *c, struct type *base) {
    c->base = base;
    c->c_base = base->c_base;
    c->basicsize = base->basicsize;
    c->itemsize = base->itemsize;
    c->dict_offset = base->dict_offset;
    c->fixed_slots = base->fixed_slots;
    c->buffer = base->buffer;
    c->buffer_drop = base->buffer_drop;
    c->flags |= TYPE_HEAP | TYPE_BASE | (base->flags & FROM_BASE);
    c->destroy = instance_destroy;
    c->traverse = instance_traverse;
    c->clear = instance_clear;
    if (base->flags & TYPE_TYPE) {
        c->destroy = base->destroy;
        c->traverse = base->traverse;
        c->clear = base->clear;
    }
}

// How many attribute slots instances get: the fixed ones, then as many as the class body's hint and the base say.
static void choose_slots(struct thread *t, struct type *c) {
    enum { INLINE_MAX = 40, INLINE_DEFAULT = 2 };
    unsigned hint = t->class_hint, inherited = c->base->inline_slots - c->base->fixed_slots;
    t->class_hint = 0;
    unsigned extra = 0;
    if (c->flags & TYPE_HAS_DICT) {
        extra = inherited > hint ? inherited : hint; // a subclass's __init__ mostly assigns what the base's does and some more
        if (hint && inherited && inherited + hint <= 8) extra = inherited + hint;
        if (!extra) extra = INLINE_DEFAULT;
    }
    if (c->fixed_slots + extra > INLINE_MAX) extra = c->fixed_slots < INLINE_MAX ? INLINE_MAX - c->fixed_slots : 0;
    c->inline_slots = (uint16_t)(c->fixed_slots + extra);
    if (c->inline_slots || c->flags & TYPE_HAS_DICT) c->flags |= TYPE_GC;
}

// ---- afterwards ----

static void fail_from(struct thread *t, value cause, vref v, vref name, struct type *c) {
    raise(t, &exc_RuntimeError, "Error calling __set_name__ on '%T' instance %R in '%s'", v, name, c->name);
    value e = raised_take(t);
    if (e && is_exc(e)) {
        replace_field(t, &as_exc(e)->context, own(t, cause));
        replace_field(t, &as_exc(e)->cause, own(t, cause));
        as_exc(e)->suppress_context = 1;
    }
    release(t, cause);
    raised_restore(t, e);
}

static bool call_set_name(struct thread *t, struct type *c, vref name, vref v) {
    value f;
    int found = object_lookup_special(t, v, NAME(__set_name__), &f);
    if (found <= 0) return found == 0;
    value r = object_call2(t, f, type_ref(c), name);
    release(t, f);
    if (!r) fail_from(t, raised_take(t), v, name, c);
    release_opt(t, r);
    return r != V_NULL;
}

static bool set_names(struct thread *t, struct type *c) {
    value copy = dict_copy(t, c->dict), key, v;
    size_t pos = 0;
    bool ok = copy != V_NULL;
    while (ok && dict_next(t, copy, &pos, &key, &v)) {
        ok = call_set_name(t, c, key, v);
        release(t, key);
        release(t, v);
    }
    release_opt(t, copy);
    return ok;
}

static bool init_subclass(struct thread *t, struct type *c, const vref *kwargs, vref kwnames) {
    value super = super_new(t, c, type_ref(c));
    value f = super ? object_getattr(t, super, NAME(__init_subclass__)) : V_NULL;
    value r = f ? object_call(t, f, kwargs, 0, kwnames) : V_NULL;
    release_opt(t, super);
    release_opt(t, f);
    release_opt(t, r);
    return r != V_NULL;
}

static bool link_bases(struct thread *t, struct type *c) {
    for (size_t i = 0; i < tuple_size(c->bases); i++)
        if (!type_link(t, as_type(tuple_at(c->bases, i)), c)) return false;
    return true;
}

static bool build(struct thread *t, struct type *c, vref name, vref bases, vref ns, struct type *base) {
    inherit_layout(c, base);
    c->bases = own(t, bases);
    c->dict = copy_namespace(t, ns);
    if (!c->dict || !type_set_name(t, c, name) || !fill_dict(t, c, name) || !type_apply_slots(t, c, bases) || !add_doc(t, c)) return false;
    choose_slots(t, c);
    type_layout(c);
    if (!type_make_shapes(t, c) || !set_classcell(t, c)) return false; // a metaclass's mro() may use it
    c->mro = type_call_mro(t, c);
    if (!c->mro || !link_bases(t, c)) return false;
    bool simple = tuple_size(bases) == 1 && tuple_size(c->mro) == tuple_size(base->mro) + 1;
    if (simple) {
        type_lock(); // the base knows c by now: whoever changes the base changes c, too
        slots_from_base(t, c, base);
        type_unlock();
    }
    type_start_cache(t, c, !simple);
    return true;
}

static value make_class(struct thread *t, struct type *meta, vref name, vref bases, vref ns, const vref *kwargs, vref kwnames) {
    struct type *base = type_best_base(t, bases);
    if (!base) return V_NULL;
    value v = object_new_instance(t, meta);
    if (!v) return V_NULL;
    struct type *c = as_type(v);
    v = ref_defer(t, &c->head); // from here on only the collector takes it apart
    if (!build(t, c, name, bases, ns, base) || !set_names(t, c) || !init_subclass(t, c, kwargs, kwnames)) return V_NULL;
    return v;
}

static bool bases_are_types(struct thread *t, vref bases) {
    for (size_t i = 0; i < tuple_size(bases); i++) {
        value f;
        if (is_type(tuple_at(bases, i))) continue;
        int found = object_lookup_attr(t, tuple_at(bases, i), NAME(__mro_entries__), &f);
        if (found > 0) raise(t, &exc_TypeError, "type() doesn't support MRO entry resolution; use types.new_class()");
        if (found) {
            release_opt(t, f);
            return false;
        }
    }
    return true;
}

value type_make(struct thread *t, struct type *meta, vref name, vref bases, vref ns, const vref *kwargs, size_t nkw, vref kwnames) {
    if (!bases_are_types(t, bases)) return V_NULL;
    struct type *winner = type_best_meta(t, meta, bases);
    if (!winner) return V_NULL;
    if (winner != meta && winner->make != type_make_native) {
        value args[3] = {name, bases, ns}, *all = mem_alloc(t, (3 + nkw) * sizeof(value));
        if (!all) return V_NULL;
        memcpy(all, args, sizeof args);
        words_copy(all + 3, kwargs, nkw);
        value r = winner->make(t, winner, all, 3, kwnames);
        mem_free(t, all, (3 + nkw) * sizeof(value));
        return r;
    }
    if (tuple_size(bases)) return make_class(t, winner, name, bases, ns, kwargs, kwnames);
    value object = tuple_pack(t, 1, type_ref(&type_object));
    value c = object ? make_class(t, winner, name, object, ns, kwargs, kwnames) : V_NULL;
    release_opt(t, object);
    return c;
}

value type_make_native(struct thread *t, struct type *meta, const vref *args, size_t nargs, vref kwnames) {
    if (nargs != 3) return raise(t, &exc_TypeError, "type.__new__() takes exactly 3 arguments (%zu given)", nargs);
    static const char *const wanted[] = {"str", "tuple", "dict"};
    bool fits[] = {is_str(args[0]), is_tuple(args[1]), is_dict(args[2])};
    for (int i = 0; i < 3; i++)
        if (!fits[i]) return raise(t, &exc_TypeError, "type.__new__() argument %d must be %s, not %T", i + 1, wanted[i], args[i]);
    return type_make(t, meta, args[0], args[1], args[2], args + 3, kwnames ? tuple_size(kwnames) : 0, kwnames);
}
