// SPDX-License-Identifier: Apache-2.0
// Attribute access on any object: descriptors of the class, the instance's own, the class's plain ones. Leaves types and modules to type_attr.c and
// module.c, slots of instances to instance.c.
#include "interp/types/attr.h"
#include "interp/types/dict.h"
#include "interp/types/exc_types.h"
#include "interp/types/instance.h"
#include "interp/types/names.h"
#include "interp/types/slots.h"
#include "interp/types/str.h"

value raise_bare(struct thread *t, struct type *cls) {
    value e = object_call0(t, type_ref(cls));
    if (e) raise_object(t, e);
    release_opt(t, e);
    return V_NULL;
}

value raise_attribute_text(struct thread *t, value message, vref o, vref name) {
    if (!message) return V_NULL;
    raise_value(t, &exc_AttributeError, message);
    release(t, message);
    if (raised_is(t, &exc_AttributeError)) {
        exc_set_extra(t, t->exc, ATTRIBUTE_NAME, name);
        exc_set_extra(t, t->exc, ATTRIBUTE_OBJ, o);
    }
    return V_NULL;
}

value raise_attribute(struct thread *t, vref o, vref name) {
    if (is_type(o)) return raise_attribute_text(t, str_format(t, "type object '%s' has no attribute '%U'", as_type(o)->name, name), o, name);
    return raise_attribute_text(t, str_format(t, "'%T' object has no attribute '%U'", o, name), o, name);
}

bool attr_check_name(struct thread *t, vref name) {
    if (likely(is_str(name))) return true;
    raise(t, &exc_TypeError, "attribute name must be string, not '%T'", name);
    return false;
}

value attr_name(struct thread *t, vref name) {
    if (likely(has_shape(name, SHAPE_STR))) {
        if (atomic_load_explicit(&as_str(name)->flags, memory_order_relaxed) & STR_INTERNED) return own(t, name);
        return str_intern(t, own(t, name));
    }
    value exact = str_from_chars(t, NULL, 0), text = V_NULL;
    if (exact) text = str_concat(t, exact, name); // a plain str of a subclass's text
    release_opt(t, exact);
    return text ? str_intern(t, text) : V_NULL;
}

// ---- reading ----

// What o itself holds. V_NULL: nothing, or an error.
static value own_attribute(struct thread *t, vref o, const struct type *c, vref name) {
    if (c->flags & TYPE_HAS_DICT) return instance_get(t, as_object(o), name);
    if (!c->dict_offset) return V_NULL;
    value d = slot_load(t, (_Atomic value *)object_dict_field(as_object(o), c));
    value v = d ? dict_get(t, d, name) : V_NULL;
    release_opt(t, d);
    return v;
}

static inline bool is_data(vref descr) { return is_pointer(descr) && type_of(descr)->descr_set; }

static value bind_and_release(struct thread *t, value descr, vref o, struct type *c) {
    value v = type_of(descr)->descr_get(t, descr, o, type_ref(c));
    release(t, descr);
    return v;
}

value attr_generic(struct thread *t, vref o, vref name) {
    struct type *c = type_of(o);
    value descr = type_lookup_new(t, c, name);
    bool getter = descr && type_of(descr)->descr_get;
    if (getter && is_data(descr)) return bind_and_release(t, descr, o, c);
    value v = own_attribute(t, o, c, name);
    if (v || raised(t)) {
        release_opt(t, descr);
        return v;
    }
    return getter ? bind_and_release(t, descr, o, c) : descr;
}

value object_generic_getattr(struct thread *t, vref o, vref name) {
    value v = attr_generic(t, o, name);
    return v || raised(t) ? v : raise_attribute(t, o, name);
}

value object_getattr(struct thread *t, vref o, vref name) { return type_of(o)->getattr(t, o, name); }

value object_getattr_cstr(struct thread *t, vref o, const char *name) {
    value s = str_from_cstr(t, name);
    value n = s ? str_intern(t, s) : V_NULL;
    value v = n ? object_getattr(t, o, n) : V_NULL;
    release_opt(t, n);
    return v;
}

static value swallow(struct thread *t, value v) {
    if (!v && raised_is(t, &exc_AttributeError)) raised_clear(t);
    return v;
}

value attr_quiet(struct thread *t, vref o, vref name) {
    value (*get)(struct thread *, vref, vref) = type_of(o)->getattr;
    if (get == object_generic_getattr) return swallow(t, attr_generic(t, o, name));
    if (get == type_getattr) return swallow(t, attr_type(t, o, name));
    if (get == module_getattr) return swallow(t, attr_module(t, o, name));
    return swallow(t, get(t, o, name));
}

int object_lookup_attr(struct thread *t, vref o, vref name, value *out) {
    *out = attr_quiet(t, o, name);
    return *out ? 1 : raised(t) ? -1 : 0;
}

int object_lookup_special(struct thread *t, vref o, vref name, value *out) {
    struct type *c = type_of(o);
    value f = type_lookup_new(t, c, name);
    *out = f;
    if (!f) return 0;
    if (type_of(f)->descr_get) *out = bind_and_release(t, f, o, c);
    return *out ? 1 : -1;
}

static int found_or_error(value v, value *func) {
    *func = v;
    return v ? 0 : -1;
}

int object_get_method(struct thread *t, vref o, vref name, value *func) {
    struct type *c = type_of(o);
    if (c->getattr != object_generic_getattr) return found_or_error(c->getattr(t, o, name), func);
    value descr = type_lookup_new(t, c, name);
    bool getter = descr && type_of(descr)->descr_get;
    if (getter && is_data(descr)) return found_or_error(bind_and_release(t, descr, o, c), func);
    value v = own_attribute(t, o, c, name);
    if (v || raised(t)) {
        release_opt(t, descr);
        return found_or_error(v, func);
    }
    if (descr && has_flag(descr, TYPE_METHOD)) {
        *func = descr;
        return 1;
    }
    if (getter) descr = bind_and_release(t, descr, o, c);
    else if (!descr) raise_attribute(t, o, name);
    return found_or_error(descr, func);
}

// ---- writing ----

static int raise_read_only(struct thread *t, vref o, vref name, bool there) {
    if (there) raise_attribute_text(t, str_format(t, "'%T' object attribute '%U' is read-only", o, name), o, name);
    else raise_attribute(t, o, name);
    return -1;
}

// The dict of a dict_offset type, made if it is not there. returns new.
static value field_dict(struct thread *t, vref o, const struct type *c) {
    _Atomic value *field = (_Atomic value *)object_dict_field(as_object(o), c);
    value d = slot_load(t, field);
    if (d) return d;
    d = dict_new(t);
    if (!d) return V_NULL;
    bool locked = write_begin(t, as_object(o));
    bool first = atomic_load_explicit(field, memory_order_relaxed) == V_NULL;
    if (first) atomic_store_explicit(field, own(t, d), memory_order_release);
    write_end_grown(t, as_object(o), locked);
    if (first) return d;
    release(t, d);
    return slot_load(t, field);
}

static int set_in_field(struct thread *t, vref o, const struct type *c, vref name, vref v) {
    value d = field_dict(t, o, c);
    int r = -1;
    if (d) r = v ? dict_set(t, d, name, v) - 1 : dict_del(t, d, name);
    release_opt(t, d);
    if (r == 0 && !v) {
        raise_attribute(t, o, name);
        return -1;
    }
    return r < 0 ? -1 : 0;
}

static int set_in_instance(struct thread *t, vref o, vref name, vref v) {
    if (v) return instance_set(t, as_object(o), name, own(t, v)) ? 0 : -1;
    int r = instance_delete(t, as_object(o), name);
    if (r == 0) raise_attribute(t, o, name);
    return r > 0 ? 0 : -1;
}

static int set_own(struct thread *t, vref o, const struct type *c, vref name, vref v) {
    value key = attr_name(t, name);
    if (!key) return -1;
    int r = c->flags & TYPE_HAS_DICT ? set_in_instance(t, o, key, v) : set_in_field(t, o, c, key, v);
    release(t, key);
    return r;
}

int object_generic_setattr(struct thread *t, vref o, vref name, vref v) {
    if (!attr_check_name(t, name)) return -1;
    struct type *c = type_of(o);
    value descr = type_lookup_new(t, c, name);
    int r;
    if (descr && is_data(descr)) r = type_of(descr)->descr_set(t, descr, o, v);
    else if (is_pointer(o) && (c->flags & TYPE_HAS_DICT || c->dict_offset)) r = set_own(t, o, c, name, v);
    else r = raise_read_only(t, o, name, descr != V_NULL);
    release_opt(t, descr);
    return r;
}

int object_setattr(struct thread *t, vref o, vref name, vref v) { return type_of(o)->setattr(t, o, name, v); }

value object_get_dict(struct thread *t, vref o) {
    struct type *c = type_of(o);
    if (c->flags & TYPE_HAS_DICT) return instance_dict(t, as_object(o));
    if (c->dict_offset) return field_dict(t, o, c);
    return raise_attribute(t, o, NAME(__dict__));
}

// ---- the class of an object ----

static bool same_layout(const struct type *a, const struct type *b) {
    return a->c_base == b->c_base && a->fixed_slots == b->fixed_slots && a->basicsize == b->basicsize && (a->flags & TYPE_HAS_DICT) == (b->flags & TYPE_HAS_DICT);
}

static bool class_may_change(struct thread *t, const struct type *from, const struct type *to) {
    bool modules = type_is_subtype(from, &type_module) && type_is_subtype(to, &type_module);
    if (!modules && (!(from->flags & TYPE_HEAP) || !(to->flags & TYPE_HEAP))) {
        raise(t, &exc_TypeError, "__class__ assignment only supported for mutable types or ModuleType subclasses");
        return false;
    }
    if (same_layout(from, to)) return true;
    raise(t, &exc_TypeError, "__class__ assignment: '%s' object layout differs from '%s'", to->name, from->name);
    return false;
}

int object_set_class(struct thread *t, vref o, vref cls) {
    if (!cls) {
        raise(t, &exc_TypeError, "can't delete __class__ attribute");
        return -1;
    }
    if (!is_type(cls)) {
        raise(t, &exc_TypeError, "__class__ must be set to a class, not '%T' object", cls);
        return -1;
    }
    struct type *from = type_of(o), *to = as_type(cls);
    if (from == to) return 0;
    if (!class_may_change(t, from, to)) return -1;
    struct object *ob = as_object(o);
    uint32_t shape = to->root_shape;
    if (to->flags & TYPE_HAS_DICT) {
        release_opt(t, instance_dict(t, ob)); // into dict mode: then only its words stand in the cell
        shape = raised(t) ? 0 : shape_for_dict(t, to, shape_table[ob->shape].words);
        if (!shape) return -1;
    }
    __atomic_store_n(&ob->shape, shape, __ATOMIC_RELEASE);
    return 0;
}
