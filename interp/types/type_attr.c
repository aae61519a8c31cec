// SPDX-License-Identifier: Apache-2.0
// Attributes of classes: lookup through metaclass and MRO, assignment with its invalidations, __name__ and its like. Leaves the cache to type_cache.c.
#include "interp/core/gc.h"
#include "interp/types/attr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/instance.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/types/type_make.h"

// ---- reading ----

static bool is_data(vref v) { return is_pointer(v) && type_of(v)->descr_set; }

value attr_type(struct thread *t, vref self, vref name) {
    struct type *c = as_type(self), *meta = type_of(self);
    value outer = type_lookup_new(t, meta, name), inner, v;
    if (outer && type_of(outer)->descr_get && is_data(outer)) {
        v = type_of(outer)->descr_get(t, outer, self, type_ref(meta));
    } else if ((inner = type_lookup_new(t, c, name))) {
        if (!type_of(inner)->descr_get || has_shape(inner, SHAPE_FUNC)) v = own(t, inner);
        else v = type_of(inner)->descr_get(t, inner, V_NULL, self);
        release(t, inner);
    } else if (outer && type_of(outer)->descr_get)
        v = type_of(outer)->descr_get(t, outer, self, type_ref(meta));
    else
        return outer;
    release_opt(t, outer);
    return v;
}

value type_getattr(struct thread *t, vref self, vref name) {
    value v = attr_type(t, self, name);
    return v || raised(t) ? v : raise_attribute(t, self, name);
}

// ---- writing ----

static bool tree_has_key(const struct type *c, vref name) {
    if (shape_has_key(c, name)) return true;
    for (uint32_t i = 0; i < c->nsubclasses; i++)
        if (tree_has_key(c->subclasses[i], name)) return true;
    return false;
}

// Instances of c may hold `name` in a slot that caches read past a data descriptor: gives c and its subclasses fresh shapes and moves the instances there are to
// dict mode, so that no cache matches any more. Rare: the descriptor came after the instances.
static bool fresh_shapes(struct thread *t, struct type *c) {
    if (c->flags & TYPE_HEAP) {
        uint32_t root = shape_new_root(t, c);
        if (!root) return false;
        c->root_shape = root;
    }
    for (uint32_t i = 0; i < c->nsubclasses; i++)
        if (!fresh_shapes(t, c->subclasses[i])) return false;
    return true;
}

static bool leave_old_shapes(struct thread *t, struct type *c) {
    struct gc_words all = {0};
    if (!fresh_shapes(t, c) || !gc_get_objects(t, &all)) return false;
    struct held_words held;
    hold_words(t, &held, all.at, all.n);
    bool ok = true;
    for (size_t i = 0; ok && i < all.n; i++) {
        if (!is_instance(all.at[i], c)) continue;
        struct object *o = as_object(all.at[i]);
        if (!has_flag(all.at[i], TYPE_HAS_DICT)) { // fixed slots alone: the lay-out stays
            __atomic_store_n(&o->shape, object_type(o)->root_shape, __ATOMIC_RELEASE);
            continue;
        }
        value d = instance_dict(t, o);
        ok = d != V_NULL;
        release_opt(t, d);
    }
    gc_words_free(t, &all); // a release may run Python code: held until the last
    unhold_words(t, &held);
    return ok;
}

static bool hide_slots(struct thread *t, struct type *c, vref name, vref v) {
    vref old = type_lookup(t, c, name);
    if (old && member_slot(old) >= 0) return leave_old_shapes(t, c); // caches know the slot it stood for
    if (!v || !is_data(v)) return true;
    type_lock();
    bool hidden = tree_has_key(c, name);
    type_unlock();
    return !hidden || leave_old_shapes(t, c);
}

// Under the name (interned): 1 the name came or went, 0 only its value changed, -1 error.
static int change(struct thread *t, struct type *c, vref name, vref v) {
    if (!v) {
        int r = dict_del(t, c->dict, name);
        if (r == 0) raise_attribute(t, type_ref(c), name);
        return r > 0 ? 1 : -1;
    }
    struct cell *cell = dict_find_cell(t, c->dict, name);
    bool there = cell && atomic_load_explicit(&cell->v, memory_order_relaxed) != V_UNBOUND;
    if (!dict_set(t, c->dict, name, v)) return -1;
    return !there;
}

int type_setattr(struct thread *t, vref self, vref name, vref v) {
    struct type *c = as_type(self);
    if (!attr_check_name(t, name)) return -1;
    if (!(c->flags & TYPE_HEAP)) {
        raise(t, &exc_TypeError, "cannot set %R attribute of immutable type '%s'", name, c->name);
        return -1;
    }
    value outer = type_lookup_new(t, type_of(self), name);
    if (outer && is_data(outer)) {
        int r = type_of(outer)->descr_set(t, outer, self, v);
        release(t, outer);
        return r;
    }
    release_opt(t, outer);
    value key = attr_name(t, name);
    int r = key && hide_slots(t, c, key, v) ? change(t, c, key, v) : -1;
    if (r > 0 || (r == 0 && slots_is_special(key))) type_name_modified(t, c, key);
    release_opt(t, key);
    return r < 0 ? -1 : 0;
}

// ---- names ----

value type_module_name(struct thread *t, struct type *c) {
    if (c->flags & TYPE_HEAP) return dict_get(t, c->dict, NAME(__module__));
    return str_intern_cstr(t, c->module ? c->module : "builtins"); // always the same object: pickle notices
}

value type_full_name(struct thread *t, struct type *c) {
    value module = type_module_name(t, c);
    if (!module && raised(t)) return V_NULL;
    bool plain = !module || !is_str(module) || str_equal_cstr(module, "builtins");
    value r = plain ? own(t, c->qualname) : str_format(t, "%U.%U", module, c->qualname);
    release_opt(t, module);
    return r;
}

// ---- getters and setters ----

static bool may_set(struct thread *t, struct type *c, const char *name, vref v) {
    if (!(c->flags & TYPE_HEAP)) raise(t, &exc_TypeError, "cannot set '%s' attribute of immutable type '%s'", name, c->name);
    else if (!v) raise(t, &exc_TypeError, "cannot delete '%s' attribute of immutable type '%s'", name, c->name);
    else return true;
    return false;
}

// The same object each time, as long as somebody holds it: inspect compares what it gets by identity.
value type_get_name(struct thread *t, const vref *a) {
    struct type *c = as_type(a[0]);
    value q = c->qualname ? slot_load(t, (_Atomic value *)&c->qualname) : V_NULL;
    if (q && is_str(q) && str_equal_cstr(q, c->name)) return q;
    release_opt(t, q);
    value s = str_from_cstr(t, c->name);
    return s ? str_intern(t, s) : V_NULL;
}
int type_set_name_attr(struct thread *t, vref self, vref v) {
    if (!may_set(t, as_type(self), "__name__", v)) return -1;
    if (is_str(v)) return type_set_name(t, as_type(self), v) ? 0 : -1;
    raise(t, &exc_TypeError, "can only assign string to %s.__name__, not '%T'", as_type(self)->name, v);
    return -1;
}
value type_get_qualname(struct thread *t, const vref *a) { return slot_load(t, (_Atomic value *)&as_type(a[0])->qualname); }
int type_set_qualname_attr(struct thread *t, vref self, vref v) {
    if (!may_set(t, as_type(self), "__qualname__", v)) return -1;
    if (!is_str(v)) {
        raise(t, &exc_TypeError, "can only assign string to %s.__qualname__, not '%T'", as_type(self)->name, v);
        return -1;
    }
    slot_store(t, as_object(self), (_Atomic value *)&as_type(self)->qualname, own(t, v));
    return 0;
}
value type_get_module(struct thread *t, const vref *a) {
    value m = type_module_name(t, as_type(a[0]));
    return m || raised(t) ? m : raise_attribute(t, a[0], NAME(__module__));
}
static int set_in_dict(struct thread *t, struct type *c, vref name, vref v) {
    if (!dict_set(t, c->dict, name, v)) return -1;
    type_name_modified(t, c, name);
    return 0;
}
int type_set_module_attr(struct thread *t, vref self, vref v) {
    return may_set(t, as_type(self), "__module__", v) ? set_in_dict(t, as_type(self), NAME(__module__), v) : -1;
}
value type_get_doc(struct thread *t, const vref *a) {
    value doc = dict_get(t, as_type(a[0])->dict, NAME(__doc__));
    if (!doc) return raised(t) ? V_NULL : V_NONE;
    if (as_type(a[0]) == &type_type) {
        release(t, doc);
        return str_from_cstr(t, "The class of classes.\n\nWith one argument the type of an object, with three a new class.");
    }
    if (!type_of(doc)->descr_get) return doc;
    value r = type_of(doc)->descr_get(t, doc, V_NULL, a[0]);
    release(t, doc);
    return r;
}
int type_set_doc_attr(struct thread *t, vref self, vref v) {
    return may_set(t, as_type(self), "__doc__", v) ? set_in_dict(t, as_type(self), NAME(__doc__), v) : -1;
}
value type_get_abstractmethods(struct thread *t, const vref *a) {
    value v = as_type(a[0]) == &type_type ? V_NULL : dict_get(t, as_type(a[0])->dict, NAME(__abstractmethods__));
    return v || raised(t) ? v : raise_attribute(t, a[0], NAME(__abstractmethods__));
}
int type_set_abstractmethods_attr(struct thread *t, vref self, vref v) {
    struct type *c = as_type(self);
    int abstract = v ? object_truth(t, v) : 0;
    if (abstract < 0) return -1;
    if (!(c->flags & TYPE_HEAP)) {
        raise(t, &exc_TypeError, "cannot set '__abstractmethods__' attribute of immutable type '%s'", c->name);
        return -1;
    }
    int r = v ? dict_set(t, c->dict, NAME(__abstractmethods__), v) : dict_del(t, c->dict, NAME(__abstractmethods__));
    if (r == 0 && !v) raise_attribute(t, self, NAME(__abstractmethods__));
    if (r <= 0) return -1;
    type_lock();
    c->flags = abstract ? c->flags | TYPE_ABSTRACT : c->flags & ~(uint32_t)TYPE_ABSTRACT;
    type_unlock();
    type_name_modified(t, c, NAME(__abstractmethods__));
    return 0;
}
value type_get_annotations(struct thread *t, const vref *a) {
    struct type *c = as_type(a[0]);
    if (!(c->flags & TYPE_HEAP)) return raise_attribute(t, a[0], NAME(__annotations__));
    value v = dict_get(t, c->dict, NAME(__annotations__));
    if (v || raised(t)) return v;
    v = dict_new(t);
    if (v && set_in_dict(t, c, NAME(__annotations__), v) < 0) release_field(t, &v);
    return v;
}
int type_set_annotations_attr(struct thread *t, vref self, vref v) {
    struct type *c = as_type(self);
    if (!(c->flags & TYPE_HEAP)) return may_set(t, c, "__annotations__", v) - 1;
    if (v) return set_in_dict(t, c, NAME(__annotations__), v);
    int r = dict_del(t, c->dict, NAME(__annotations__));
    if (r == 0) raise_value(t, &exc_AttributeError, NAME(__annotations__));
    else type_name_modified(t, c, NAME(__annotations__));
    return r > 0 ? 0 : -1;
}

value type_get_mro(struct thread *t, const vref *a) { return as_type(a[0])->mro ? own(t, as_type(a[0])->mro) : V_NONE; }
value type_get_dict(struct thread *t, const vref *a) { return mappingproxy_new(t, as_type(a[0])->dict); }
value type_get_base(struct thread *t, const vref *a) { return as_type(a[0])->base ? own(t, type_ref(as_type(a[0])->base)) : V_NONE; }
value type_get_bases(struct thread *t, const vref *a) { return own(t, as_type(a[0])->bases); }
// A type made in C writes its signature in front of its doc: "name(...)\n--\n\n…".
const char *type_doc_text(const struct type *c) {
    const char *mark = c->doc && strncmp(c->doc, c->name, strlen(c->name)) == 0 && c->doc[strlen(c->name)] == '(' ? strstr(c->doc, ")\n--\n\n") : NULL;
    return mark ? mark + 6 : c->doc;
}
value type_get_text_signature(struct thread *t, const vref *a) {
    const struct type *c = as_type(a[0]);
    const char *text = c->flags & TYPE_HEAP ? NULL : type_doc_text(c);
    if (!text || text == c->doc) return V_NONE;
    size_t name = strlen(c->name);
    return str_from_utf8(t, c->doc + name, (size_t)(text - c->doc) - name - 5);
}
value type_get_basicsize(struct thread *t, const vref *a) { return from_int62(as_type(a[0])->instance_size); }
value type_get_itemsize(struct thread *t, const vref *a) { return from_int62(as_type(a[0])->flags & TYPE_STR ? 0 : as_type(a[0])->itemsize); }
value type_get_dictoffset(struct thread *t, const vref *a) {
    const struct type *c = as_type(a[0]);
    return from_int62(c->flags & TYPE_HAS_DICT ? -1 : (int64_t)c->dict_offset); // -1: there is one, its place is nobody's business
}
value type_get_weakrefoffset(struct thread *t, const vref *a) { return from_int62(as_type(a[0])->flags & TYPE_HAS_WEAK ? 8 : 0); }

// As the library knows them (copyreg, inspect, abc): CPython's public flag numbers.
value type_get_flags(struct thread *t, const vref *a) {
    static const struct {
        uint32_t ours;
        int bit;
    } map[] = {{TYPE_SEQUENCE, 5}, {TYPE_MAPPING, 6}, {TYPE_NO_NEW, 7}, {TYPE_HEAP, 9}, {TYPE_BASE, 10}, {TYPE_GC, 14}, {TYPE_METHOD, 17}, {TYPE_ABSTRACT, 20},
               {TYPE_INT, 24}, {TYPE_LIST, 25}, {TYPE_TUPLE, 26}, {TYPE_BYTES, 27}, {TYPE_STR, 28}, {TYPE_DICT, 29}, {TYPE_EXC, 30}, {TYPE_TYPE, 31}};
    const struct type *c = as_type(a[0]);
    int64_t flags = 1 << 12; // ready
    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
        if (c->flags & map[i].ours) flags |= (int64_t)1 << map[i].bit;
    if (!(c->flags & TYPE_HEAP)) flags |= 1 << 8; // immutable
    return from_int62(flags);
}

// ---- __bases__ ----

static bool set_mro(struct thread *t, struct type *c) {
    value mro = type_call_mro(t, c);
    if (!mro) return false;
    type_lock();
    c->mro = ref_defer(t, as_object(mro)); // a reader without the lock may still walk the old one: the collector takes that, too
    type_unlock();
    for (uint32_t i = 0; i < c->nsubclasses; i++)
        if (!set_mro(t, c->subclasses[i])) return false;
    return true;
}

static void move_links(struct thread *t, struct type *c, vref from, vref to) {
    for (size_t i = 0; i < tuple_size(from); i++) type_unlink(as_type(tuple_at(from, i)), c);
    for (size_t i = 0; i < tuple_size(to); i++)
        if (!type_link(t, as_type(tuple_at(to, i)), c)) raised_clear(t);
}

static bool bases_fit(struct thread *t, struct type *c, vref bases) {
    if (!is_tuple(bases)) {
        raise(t, &exc_TypeError, "can only assign tuple to %s.__bases__, not %T", c->name, bases);
        return false;
    }
    if (!tuple_size(bases)) {
        raise(t, &exc_TypeError, "can only assign non-empty tuple to %s.__bases__, not ()", c->name);
        return false;
    }
    for (size_t i = 0; i < tuple_size(bases); i++) {
        if (!is_type(tuple_at(bases, i))) {
            raise(t, &exc_TypeError, "%s.__bases__ must be tuple of classes, not '%T'", c->name, tuple_at(bases, i));
            return false;
        }
        if (type_is_subtype(as_type(tuple_at(bases, i)), c)) {
            raise(t, &exc_TypeError, "a __bases__ item causes an inheritance cycle");
            return false;
        }
    }
    return true;
}

int type_set_bases_attr(struct thread *t, vref self, vref bases) {
    struct type *c = as_type(self);
    if (!may_set(t, c, "__bases__", bases) || !bases_fit(t, c, bases)) return -1;
    struct type *base = type_best_base(t, bases), *old_base = c->base;
    if (!base) return -1;
    if (base->c_base != c->c_base || base->fixed_slots != old_base->fixed_slots || ((base->flags & TYPE_HAS_DICT) && !(c->flags & TYPE_HAS_DICT))) {
        raise(t, &exc_TypeError, "__bases__ assignment: '%s' object layout differs from '%s'", base->name, old_base->name);
        return -1;
    }
    value old = c->bases;
    c->bases = own(t, bases);
    c->base = base;
    if (set_mro(t, c)) {
        move_links(t, c, old, c->bases);
        release(t, old);
        type_modified(t, c);
        return 0;
    }
    value error = raised_take(t);
    replace_field(t, &c->bases, old);
    c->base = old_base;
    if (!set_mro(t, c)) raised_clear(t);
    raised_restore(t, error);
    return -1;
}
