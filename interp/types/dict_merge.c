// SPDX-License-Identifier: Apache-2.0
// Filling a dict from another mapping or from pairs: update, |, fromkeys, keyword merging. Leaves single keys to dict.c.
#include "interp/types/names.h"
#include "interp/types/dict_table.h"

// A dict whose items are what its entries say: an exact one, or a subclass that does not override iteration.
static bool is_plain_dict(vref v) { return has_shape(v, SHAPE_DICT) || (is_dict(v) && type_of(v)->iter == type_dict.iter); }

static bool update_from_dict(struct thread *t, vref d, vref other, bool override) {
    if (is_same(d, other)) return true;
    size_t n = dict_count(other);
    value key, v;
    for (size_t pos = 0; dict_next(t, other, &pos, &key, &v);) {
        bool ok;
        if (override) {
            ok = dict_set_take(t, d, key, v);
        } else {
            value was = dict_setdefault(t, d, key, v);
            ok = was != V_NULL;
            release_opt(t, was);
            release(t, v);
        }
        release(t, key);
        if (!ok) return false;
        if (unlikely(dict_count(other) != n) && !t->free_threaded) {
            raise(t, &exc_RuntimeError, "dict mutated during update");
            return false;
        }
        if (!safepoint_poll(t)) return false;
    }
    return true;
}

// An empty dict takes over a copy of the other's table.
static bool update_empty(struct thread *t, vref dict, vref other) {
    struct dict *d = as_dict(dict), *from = as_dict(other);
    if (d->kind || from->kind || dict_count(dict) || dict_table_of(d)->capacity || !is_alone(t, &from->head) || !is_alone(t, &d->head)) return false;
    struct dict_table *table = dict_table_of(from);
    if (dict_used(table) == 0 || dict_used(table) > dict_count(other) * 3 / 2) return false;
    struct dict_table *copy = dict_table_clone(t, table);
    if (!copy) {
        raised_clear(t);
        return false;
    }
    atomic_store_explicit(&d->table, copy, memory_order_release);
    atomic_store_explicit(&d->count, dict_count(other), memory_order_release);
    atomic_fetch_add_explicit(&d->version, 1, memory_order_release);
    return true;
}

static bool update_from_mapping(struct thread *t, vref d, vref other) {
    value keys = object_call_method_cstr(t, other, "keys", NULL, 0), it = keys ? object_iter(t, keys) : V_NULL;
    release_opt(t, keys);
    if (!it) return false;
    bool ok = true;
    for (value key; ok && (key = object_next(t, it)) != V_NULL;) {
        value v = object_getitem(t, other, key);
        ok = v && dict_set_take(t, d, key, v);
        release(t, key);
    }
    release(t, it);
    return ok && !raised(t);
}

static bool set_pair(struct thread *t, vref d, vref item, size_t i) {
    value pair = tuple_from_iterable(t, item);
    if (!pair) {
        if (raised_is(t, &exc_TypeError) && !type_of(item)->iter && !type_of(item)->getitem) {
            raised_clear(t);
            raise(t, &exc_TypeError, "cannot convert dictionary update sequence element #%zu to a sequence", i);
        }
        return false;
    }
    bool ok = tuple_size(pair) == 2;
    if (!ok) raise(t, &exc_ValueError, "dictionary update sequence element #%zu has length %zu; 2 is required", i, tuple_size(pair));
    ok = ok && dict_set(t, d, tuple_at(pair, 0), tuple_at(pair, 1));
    release(t, pair);
    return ok;
}

static bool update_from_pairs(struct thread *t, vref d, vref pairs) {
    value it = object_iter(t, pairs);
    if (!it) return false;
    bool ok = true;
    size_t i = 0;
    for (value item; ok && (item = object_next(t, it)) != V_NULL; i++) {
        ok = set_pair(t, d, item, i) && safepoint_poll(t);
        release(t, item);
    }
    release(t, it);
    return ok && !raised(t);
}

bool dict_update(struct thread *t, vref d, vref other) {
    if (is_plain_dict(other)) return update_empty(t, d, other) || update_from_dict(t, d, other, true);
    value name = NAME(keys), keys = V_NULL;
    int found = name ? object_lookup_attr(t, other, name, &keys) : -1;
    release_opt(t, name);
    if (found < 0) return false;
    if (!found) return update_from_pairs(t, d, other);
    release(t, keys);
    return update_from_mapping(t, d, other);
}

bool dict_merge(struct thread *t, vref d, vref other, bool override) {
    if (is_plain_dict(other)) return update_from_dict(t, d, other, override);
    value copy = dict_new(t);
    bool ok = copy && update_from_mapping(t, copy, other) && update_from_dict(t, d, copy, override);
    release_opt(t, copy);
    return ok;
}

// "module.name()" for messages about a call. returns new str.
static value describe_callee(struct thread *t, vref f) {
    value name = V_NULL, module = V_NULL, r = V_NULL;
    value qualname = NAME(__qualname__), modname = NAME(__module__);
    int found = qualname && modname ? object_lookup_attr(t, f, qualname, &name) : -1;
    if (found == 0) r = object_str(t, f);
    else if (found > 0 && (found = object_lookup_attr(t, f, modname, &module)) >= 0) {
        bool plain = found == 0 || is_none(module) || (is_str(module) && str_equal_cstr(module, "builtins"));
        r = plain ? str_format(t, "%S()", name) : str_format(t, "%S.%S()", module, name);
    }
    release_opt(t, name);
    release_opt(t, module);
    release_opt(t, qualname);
    release_opt(t, modname);
    return r;
}

static bool merge_error(struct thread *t, vref f, vref key, vref other) {
    value callee = describe_callee(t, f);
    if (!callee) return false;
    if (other) raise(t, &exc_TypeError, "%U argument after ** must be a mapping, not %T", callee, other);
    else if (is_str(key)) raise(t, &exc_TypeError, "%U got multiple values for keyword argument '%S'", callee, key);
    else raise(t, &exc_TypeError, "%U keywords must be strings", callee);
    release(t, callee);
    return false;
}

static bool merge_one(struct thread *t, vref d, vref key, vref v, vref f) {
    int there = dict_contains(t, d, key);
    if (there < 0) return false;
    return there ? merge_error(t, f, key, V_NULL) : dict_set(t, d, key, v);
}

bool dict_merge_unique(struct thread *t, vref d, vref other, vref f) {
    value from = is_plain_dict(other) ? own(t, other) : V_NULL, key, v;
    if (!from) {
        value name = NAME(keys), keys = V_NULL;
        int found = name ? object_lookup_attr(t, other, name, &keys) : -1;
        release_opt(t, name);
        release_opt(t, keys);
        if (found == 0) return merge_error(t, f, V_NULL, other);
        if (found < 0 || !(from = dict_new(t))) return false;
        if (!update_from_mapping(t, from, other)) {
            release(t, from);
            return false;
        }
    }
    bool ok = true;
    for (size_t pos = 0; ok && dict_next(t, from, &pos, &key, &v);) {
        ok = merge_one(t, d, key, v, f);
        release(t, key);
        release(t, v);
    }
    release(t, from);
    return ok;
}

value dict_or(struct thread *t, vref a, vref b) {
    if (!is_dict(a) || !is_dict(b)) return V_NOTIMPL;
    value d = dict_copy(t, a);
    if (!d || dict_update(t, d, b)) return d;
    release(t, d);
    return V_NULL;
}

value dict_inplace_or(struct thread *t, vref a, vref b) { return dict_update(t, a, b) ? own(t, a) : V_NULL; }

value dict_fromkeys(struct thread *t, const vref *a) {
    vref fill = a[2] ? a[2] : V_NONE;
    value d = is_same(a[0], type_ref(&type_dict)) ? dict_new(t) : object_call0(t, a[0]), it = d ? object_iter(t, a[1]) : V_NULL;
    bool ok = it != V_NULL, plain = d && has_shape(d, SHAPE_DICT);
    for (value key; ok && (key = object_next(t, it)) != V_NULL;) {
        ok = (plain ? dict_set(t, d, key, fill) : object_setitem(t, d, key, fill) == 0) && safepoint_poll(t);
        release(t, key);
    }
    ok = ok && !raised(t);
    release_opt(t, it);
    if (ok) return d;
    release_opt(t, d);
    return V_NULL;
}
