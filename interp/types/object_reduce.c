// SPDX-License-Identifier: Apache-2.0
// Pickling and copying of any object: object.__reduce_ex__, __reduce__, __getstate__. Leaves protocols below 2 to the library's copyreg.
#include "interp/types/attr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/object_type.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/types/type.h"

value import_cached(struct thread *t, vref name) {
    value m = t->interp->modules ? dict_get(t, t->interp->modules, name) : V_NULL;
    if (m || raised(t)) return m;
    value import = dict_get(t, t->interp->builtins, NAME(__import__));
    if (!import) return raised(t) ? V_NULL : raise(t, &exc_ImportError, "__import__ not found");
    m = object_call1(t, import, name);
    release(t, import);
    return m;
}

static value copyreg_function(struct thread *t, vref name) {
    value m = import_cached(t, NAME(copyreg));
    value f = m ? object_getattr(t, m, name) : V_NULL;
    release_opt(t, m);
    return f;
}

// ---- state ----

// copyreg._slotnames(cls): list or None, kept in cls.__slotnames__.
static value slot_names(struct thread *t, struct type *cls) {
    value names = dict_get(t, cls->dict, NAME(__slotnames__));
    if (names || raised(t)) {
        if (!names || is_none(names) || is_list(names)) return names;
        release(t, names);
        return raise(t, &exc_TypeError, "%s.__slotnames__ should be a list or None, not %T", cls->name, names);
    }
    value f = copyreg_function(t, NAME(_slotnames));
    names = f ? object_call1(t, f, type_ref(cls)) : V_NULL;
    release_opt(t, f);
    if (!names || is_none(names) || is_list(names)) return names;
    release(t, names);
    return raise(t, &exc_TypeError, "copyreg._slotnames didn't return a list or None");
}

static value slot_values(struct thread *t, vref self, vref names) {
    value d = dict_new(t);
    for (size_t i = 0; d; i++) {
        value name = list_get_or_null(t, names, i), v;
        if (!name) break;
        int found = object_lookup_attr(t, self, name, &v);
        if (found < 0 || (found && !dict_set_take(t, d, name, v))) release_field(t, &d);
        release(t, name);
    }
    return d;
}

// The instance's dict, None if it has none or nothing in it.
static value dict_state(struct thread *t, vref self) {
    struct type *c = type_of(self);
    if (is_pointer(self) && c->flags & TYPE_HAS_DICT && !(object_flags(as_object(self)) & HEAD_DICT) &&
        shape_table[object_shape(as_object(self))].nslots == c->fixed_slots)
        return V_NONE; // nothing to go over to dict mode for
    value d;
    int found = object_lookup_attr(t, self, NAME(__dict__), &d);
    if (found < 0) return V_NULL;
    if (!found) return V_NONE;
    if (!is_dict(d) || dict_count(d)) return d;
    release(t, d);
    return V_NONE;
}

static bool has_unknown_fields(const struct type *c) {
    if (c->itemsize && !(c->flags & (TYPE_INT | TYPE_STR | TYPE_BYTES | TYPE_TUPLE))) return true;
    return c->c_base != &type_object && !(c->c_base->flags & (TYPE_LIST | TYPE_DICT | TYPE_EXC));
}

static value default_state(struct thread *t, vref self, bool required) {
    struct type *c = type_of(self);
    if (required && has_unknown_fields(c)) return raise(t, &exc_TypeError, "cannot pickle '%s' object", c->name);
    value state = dict_state(t, self);
    value names = state ? slot_names(t, c) : V_NULL;
    if (!names || is_none(names) || list_size(names) == 0) {
        release_opt(t, names);
        if (!names) release_field(t, &state);
        return state;
    }
    value slots = slot_values(t, self, names);
    release(t, names);
    value r = slots && dict_count(slots) ? tuple_pack(t, 2, state, slots) : slots ? own(t, state) : V_NULL;
    release_opt(t, slots);
    release(t, state);
    return r;
}

value object_getstate(struct thread *t, const vref *a) { return default_state(t, a[0], false); }

static value get_state(struct thread *t, vref self, bool required) {
    value f;
    int found = object_lookup_attr(t, self, NAME(__getstate__), &f);
    if (found <= 0) return found ? V_NULL : raise_attribute(t, self, NAME(__getstate__));
    struct native_object *n = has_shape(f, SHAPE_NATIVE) ? (struct native_object *)as_object(f) : NULL;
    bool plain = n && n->def->fn == object_getstate && borrow(n->self) == borrow(self);
    value r = plain ? default_state(t, self, required) : object_call0(t, f);
    release(t, f);
    return r;
}

// ---- protocol 2 and up ----

// What __getnewargs_ex__ or __getnewargs__ give: *args a tuple or V_NULL (neither there), *kwargs a dict or V_NULL.
static bool new_args(struct thread *t, vref self, value *args, value *kwargs) {
    value f, r;
    *args = *kwargs = V_NULL;
    int found = object_lookup_special(t, self, NAME(__getnewargs_ex__), &f);
    bool ex = found > 0;
    if (!found) found = object_lookup_special(t, self, NAME(__getnewargs__), &f);
    if (found <= 0) return found == 0;
    r = object_call0(t, f);
    release(t, f);
    if (!r) return false;
    if (!is_tuple(r)) raise(t, &exc_TypeError, "%s should return a tuple, not '%T'", ex ? "__getnewargs_ex__" : "__getnewargs__", r);
    else if (!ex) *args = own(t, r);
    else if (tuple_size(r) != 2) raise(t, &exc_ValueError, "__getnewargs_ex__ should return a tuple of length 2, not %zu", tuple_size(r));
    else if (!is_tuple(tuple_at(r, 0))) raise(t, &exc_TypeError, "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '%T'", tuple_at(r, 0));
    else if (!is_dict(tuple_at(r, 1))) raise(t, &exc_TypeError, "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '%T'", tuple_at(r, 1));
    else {
        *args = own(t, tuple_at(r, 0));
        *kwargs = own(t, tuple_at(r, 1));
    }
    release(t, r);
    return *args != V_NULL;
}

// The function that makes the object again and the arguments to it.
static bool new_call(struct thread *t, vref self, vref args, vref kwargs, value *function, value *arguments) {
    vref cls = type_ref(type_of(self));
    bool ex = kwargs && dict_count(kwargs);
    *arguments = V_NULL;
    *function = copyreg_function(t, ex ? NAME(__newobj_ex__) : NAME(__newobj__));
    if (!*function) return false;
    if (ex) {
        *arguments = tuple_pack(t, 3, cls, args, kwargs);
    } else {
        size_t n = args ? tuple_size(args) : 0;
        *arguments = tuple_new(t, n + 1);
        if (*arguments) as_tuple(*arguments)->at[0] = own(t, cls);
        for (size_t i = 0; *arguments && i < n; i++) as_tuple(*arguments)->at[i + 1] = own(t, tuple_at(args, i));
    }
    return *arguments != V_NULL;
}

static value items_iterator(struct thread *t, vref self, uint32_t flag, bool items) {
    if (!has_flag(self, flag)) return V_NONE;
    if (!items) return object_iter(t, self);
    value pairs = object_call_method(t, self, NAME(items), NULL, 0);
    value it = pairs ? object_iter(t, pairs) : V_NULL;
    release_opt(t, pairs);
    return it;
}

static value reduce_new(struct thread *t, vref self) {
    if (!type_of(self)->make || type_of(self)->flags & TYPE_NO_NEW) return raise(t, &exc_TypeError, "cannot pickle '%T' object", self);
    value args, kwargs, parts[5] = {V_NULL};
    if (!new_args(t, self, &args, &kwargs)) return V_NULL;
    value r = V_NULL;
    bool required = !args && !has_flag(self, TYPE_LIST | TYPE_DICT);
    if (new_call(t, self, args, kwargs, &parts[0], &parts[1]) && (parts[2] = get_state(t, self, required)) &&
        (parts[3] = items_iterator(t, self, TYPE_LIST, false)) && (parts[4] = items_iterator(t, self, TYPE_DICT, true)))
        r = tuple_from_array(t, parts, 5);
    for (int i = 0; i < 5; i++) release_opt(t, parts[i]);
    release_opt(t, args);
    release_opt(t, kwargs);
    return r;
}

static value common_reduce(struct thread *t, vref self, int64_t protocol) {
    if (protocol >= 2) return reduce_new(t, self);
    value f = copyreg_function(t, NAME(_reduce_ex));
    value r = f ? object_call2(t, f, self, from_int62(protocol)) : V_NULL;
    release_opt(t, f);
    return r;
}

value object_reduce(struct thread *t, const vref *a) { return common_reduce(t, a[0], 0); }

value object_reduce_ex(struct thread *t, const vref *a) {
    int64_t protocol;
    if (!object_as_index(t, a[1], &protocol)) return V_NULL;
    value f;
    int found = object_lookup_attr(t, a[0], NAME(__reduce__), &f);
    if (found < 0) return V_NULL;
    if (found) {
        vref theirs = type_lookup(t, type_of(a[0]), NAME(__reduce__)), ours = type_lookup(t, &type_object, NAME(__reduce__));
        value r = borrow(theirs) == borrow(ours) ? V_NULL : object_call0(t, f);
        release(t, f);
        if (r || raised(t)) return r;
    }
    return common_reduce(t, a[0], protocol);
}
