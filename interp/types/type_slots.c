// SPDX-License-Identifier: Apache-2.0
// __slots__: which fixed slots a class gets, whether its instances have a __dict__ and weak references. Leaves the descriptors to getset.c.
#include "interp/core/weak.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/instance.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/types/type_make.h"

static bool has_dict(const struct type *c) { return c->flags & (TYPE_HAS_DICT | TYPE_TYPE) || c->dict_offset; }

// ---- __dict__ and __weakref__ of instances ----

static value get_dict(struct thread *t, const vref *a) { return object_get_dict(t, a[0]); }
static int set_dict(struct thread *t, vref self, vref v) {
    if (!v) {
        raise(t, &exc_TypeError, "cannot delete __dict__");
        return -1;
    }
    if (!is_dict(v)) {
        raise(t, &exc_TypeError, "__dict__ must be set to a dictionary, not a '%T'", v);
        return -1;
    }
    return instance_set_dict(t, as_object(self), v);
}
static value get_weakref(struct thread *t, const vref *a) {
    value first;
    return weak_list(t, as_object(a[0]), &first, 1) ? first : V_NONE;
}
static const struct native dict_def = {.name = "__dict__", .kind = NATIVE_GETSET, .fn = get_dict, .set = set_dict, .doc = "dictionary for instance variables (if defined)"};
static const struct native weakref_def = {.name = "__weakref__", .kind = NATIVE_GETSET, .fn = get_weakref, .doc = "the first weak reference to the object, or None"};

static bool add_getset(struct thread *t, struct type *c, vref name, const struct native *def) {
    if (dict_contains(t, c->dict, name)) return !raised(t);
    value v = getset_new(t, c, def);
    return v && dict_set_take(t, c->dict, name, v);
}

bool type_add_dict_getset(struct thread *t, struct type *c) {
    bool first = c->flags & TYPE_HAS_DICT && !(c->base && c->base->flags & TYPE_HAS_DICT);
    return !first || add_getset(t, c, NAME(__dict__), &dict_def);
}

static bool add_dict(struct thread *t, struct type *c) {
    if (has_dict(c)) return true;
    c->flags |= TYPE_HAS_DICT;
    return add_getset(t, c, NAME(__dict__), &dict_def);
}
static bool add_weakref(struct thread *t, struct type *c) {
    if (c->flags & TYPE_HAS_WEAK) return true;
    c->flags |= TYPE_HAS_WEAK;
    return add_getset(t, c, NAME(__weakref__), &weakref_def);
}

// ---- the list of names ----

static value slot_tuple(struct thread *t, vref slots) { return is_str(slots) ? tuple_pack(t, 1, slots) : tuple_from_iterable(t, slots); }

static bool is_identifier(struct thread *t, vref name) {
    value r = object_call_method_cstr(t, name, "isidentifier", NULL, 0);
    int yes = r ? object_truth(t, r) : -1;
    release_opt(t, r);
    if (yes == 0) raise(t, &exc_TypeError, "__slots__ must be identifiers");
    return yes > 0;
}

// name as the class body would have mangled it: __x in class _C is _C__x. returns new, interned.
static value mangle(struct thread *t, const struct type *c, vref name) {
    size_t n;
    const char *s = str_utf8(t, name, &n), *cls = c->name;
    if (!s) return V_NULL;
    while (*cls == '_') cls++;
    bool dunder = n >= 2 && s[n - 1] == '_' && s[n - 2] == '_';
    if (strncmp(s, "__", 2) || dunder || !*cls) return str_intern(t, own(t, name));
    value m = str_format(t, "_%s%s", cls, s);
    return m ? str_intern(t, m) : V_NULL;
}

static bool add_member(struct thread *t, struct type *c, vref name) {
    value key = mangle(t, c, name);
    if (!key) return false;
    value old = dict_get(t, c->dict, key);
    int there = raised(t) ? -1 : old != V_NULL;
    bool ok = old && member_slot(old) >= 0 && member_slot(old) >= c->base->fixed_slots; // named twice: one slot
    release_opt(t, old);
    if (ok) there = -1;
    if (there > 0) raise(t, &exc_ValueError, "%R in __slots__ conflicts with class variable", key);
    else if (there == 0) {
        value m = member_slot_new(t, c, c->fixed_slots, key);
        ok = m && dict_set_take(t, c->dict, key, m);
        c->fixed_slots++;
    }
    release(t, key);
    return ok;
}

static bool disallowed(struct thread *t, const char *what) {
    raise(t, &exc_TypeError, "%s slot disallowed: %s", what, what[2] == 'w' ? "either we already got one, or __itemsize__ != 0" : "we already got one");
    return false;
}
// Instances that end with items have neither slots nor weak references: int, bytes, tuple. A str's text is not counted as items.
static bool has_items(const struct type *c) { return c->itemsize && !(c->flags & TYPE_STR); }

static bool add_slot(struct thread *t, struct type *c, vref name) {
    if (!is_str(name)) {
        raise(t, &exc_TypeError, "__slots__ items must be strings, not '%T'", name);
        return false;
    }
    if (!is_identifier(t, name)) return false;
    if (str_equal(name, NAME(__dict__))) return has_dict(c) ? disallowed(t, "__dict__") : add_dict(t, c);
    if (str_equal(name, NAME(__weakref__))) return c->flags & TYPE_HAS_WEAK ? disallowed(t, "__weakref__") : add_weakref(t, c);
    return add_member(t, c, name);
}

static bool only_special(vref names) {
    for (size_t i = 0; i < tuple_size(names); i++)
        if (!is_str(tuple_at(names, i)) || (!str_equal(tuple_at(names, i), NAME(__dict__)) && !str_equal(tuple_at(names, i), NAME(__weakref__)))) return false;
    return true;
}

static bool add_named(struct thread *t, struct type *c, vref slots) {
    value names = slot_tuple(t, slots);
    if (!names) return false;
    bool ok = true;
    if (tuple_size(names) && (has_items(c) || c->flags & TYPE_TYPE)) {
        raise(t, &exc_TypeError, "nonempty __slots__ not supported for subtype of '%s'", c->base->name);
        ok = false;
    }
    value sorted = ok ? list_from_iterable(t, names) : V_NULL; // CPython lays them out by name
    ok = sorted && (only_special(names) || list_sort(t, sorted, V_NULL, false));
    for (size_t i = 0; ok && i < tuple_size(names); i++) {
        value name = list_get_or_null(t, sorted, i);
        ok = name && add_slot(t, c, name);
        release_opt(t, name);
    }
    release_opt(t, sorted);
    release(t, names);
    return ok;
}

// What a base behind the first one has, the class has too.
static bool add_from_bases(struct thread *t, struct type *c, vref bases) {
    for (size_t i = 0; i < tuple_size(bases); i++) {
        const struct type *k = as_type(tuple_at(bases, i));
        if (k->flags & TYPE_HAS_DICT && !add_dict(t, c)) return false;
        if (k->flags & TYPE_HAS_WEAK && !add_weakref(t, c)) return false;
    }
    return true;
}

bool type_apply_slots(struct thread *t, struct type *c, vref bases) {
    value slots = dict_get(t, c->dict, NAME(__slots__));
    if (!slots) return !raised(t) && add_dict(t, c) && (has_items(c) || add_weakref(t, c)) && add_from_bases(t, c, bases);
    bool ok = add_named(t, c, slots) && add_from_bases(t, c, bases);
    release(t, slots);
    return ok;
}
