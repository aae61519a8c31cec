// SPDX-License-Identifier: Apache-2.0
// OrderedDict: a dict that compares by order and can move its items. Leaves the order, which every dict keeps, to types/dict.c.
#include "interp/modules/collections/collections.h"
#include "interp/types/args.h"
#include "interp/types/attr.h"
#include "interp/types/dict_table.h"
#include "interp/types/instance.h"
#include "interp/types/names.h"

static bool is_exact(vref v) { return type_of(v) == &type_odict; }
static bool is_odict(vref v) { return is_pointer(v) && is_instance(v, &type_odict); }
// Whether items are stored without asking a subclass.
static bool stores_plainly(vref self) { return type_of(self)->setitem == type_dict.setitem; }

// ---- filling ----

static bool put(struct thread *t, vref self, vref key, vref v) {
    return stores_plainly(self) ? dict_set(t, self, key, v) : object_setitem(t, self, key, v) == 0;
}
static bool put_from(struct thread *t, vref self, vref other, vref keys) {
    value it = object_iter(t, keys), key;
    while (it && (key = object_next(t, it)) != V_NULL) {
        value v = object_getitem(t, other, key);
        bool ok = v && put(t, self, key, v);
        release_opt(t, v);
        release(t, key);
        if (!ok || !safepoint_poll(t)) break;
    }
    release_opt(t, it);
    return !raised(t);
}
static bool put_pair(struct thread *t, vref self, vref pair) {
    value both = tuple_from_iterable(t, pair);
    bool ok = both && tuple_size(both) == 2;
    if (both && !ok)
        raise(t, &exc_ValueError, tuple_size(both) < 2 ? "need more than %zu value%s to unpack" : "too many values to unpack (expected 2)", tuple_size(both),
              tuple_size(both) == 1 ? "" : "s");
    ok = ok && put(t, self, tuple_at(both, 0), tuple_at(both, 1));
    release_opt(t, both);
    return ok;
}
static bool put_pairs(struct thread *t, vref self, vref pairs) {
    value it = object_iter(t, pairs), pair;
    while (it && (pair = object_next(t, it)) != V_NULL) {
        bool ok = put_pair(t, self, pair);
        release(t, pair);
        if (!ok || !safepoint_poll(t)) break;
    }
    release_opt(t, it);
    return !raised(t);
}
// What MutableMapping.update does with its one argument.
static bool update_by(struct thread *t, vref self, vref other) {
    if (type_of(other) == &type_dict && stores_plainly(self)) return dict_update(t, self, other);
    value method, keys = V_NULL;
    int found = object_lookup_attr(t, other, NAME(keys), &method);
    if (found < 0) return false;
    if (!found) return put_pairs(t, self, other);
    keys = object_call0(t, method);
    release(t, method);
    bool ok = keys && put_from(t, self, other, keys);
    release_opt(t, keys);
    return ok;
}
static bool update_all(struct thread *t, const char *name, const vref *args, size_t nargs, vref kwnames) {
    if (nargs < 1) return raise(t, &exc_TypeError, "descriptor '%s' of 'OrderedDict' object needs an argument", name), false;
    if (nargs > 2) return raise(t, &exc_TypeError, "%s() takes at most 1 positional argument (%zu given)", name, nargs - 1), false;
    if (nargs == 2 && !update_by(t, args[0], args[1])) return false;
    for (size_t i = 0; i < keyword_count(kwnames); i++)
        if (!put(t, args[0], tuple_at(kwnames, i), args[nargs + i])) return false;
    return true;
}
static value update(struct thread *t, const vref *args, size_t nargs, vref kwnames) { return update_all(t, "update", args, nargs, kwnames) ? V_NONE : V_NULL; }

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    value d = type_dict.make(t, cls, args, nargs, kwnames);
    if (d) as_dict(d)->kind |= DICT_ORDERED;
    return d;
}
static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (nargs > 1) return raise(t, &exc_TypeError, "expected at most 1 arguments, got %zu", nargs), -1;
    if (nargs && !update_by(t, self, args[0])) return -1;
    for (size_t i = 0; i < keyword_count(kwnames); i++)
        if (!put(t, self, tuple_at(kwnames, i), args[nargs + i])) return -1;
    return 0;
}
static value fromkeys(struct thread *t, const vref *a) { // cls, iterable, value=None
    value d = object_call0(t, a[0]), it = d ? object_iter(t, a[1]) : V_NULL, key;
    bool ok = it != V_NULL;
    while (ok && (key = object_next(t, it)) != V_NULL) {
        ok = object_setitem(t, d, key, a[2] ? a[2] : V_NONE) == 0 && safepoint_poll(t);
        release(t, key);
    }
    release_opt(t, it);
    if (!ok || raised(t)) release_field(t, &d);
    return d;
}

// ---- taking out, moving ----

static value popitem(struct thread *t, const vref *a) { // self, last=True
    value pair[2];
    int last = a[1] ? object_truth(t, a[1]) : 1;
    if (last < 0) return V_NULL;
    if (last ? dict_pop_item(t, a[0], &pair[0], &pair[1]) : dict_pop_first(t, a[0], &pair[0], &pair[1])) return tuple_take_array(t, pair, 2);
    return raise(t, &exc_KeyError, "dictionary is empty");
}
static value pop(struct thread *t, const vref *a) { // self, key, default
    value v = dict_pop(t, a[0], a[1]);
    if (v || raised(t)) return v;
    return a[2] ? own(t, a[2]) : raise_value(t, &exc_KeyError, a[1]);
}
static value setdefault(struct thread *t, const vref *a) { // self, key, default=None
    vref v = a[2] ? a[2] : V_NONE;
    if (is_exact(a[0])) return dict_setdefault(t, a[0], a[1], v);
    int has = object_contains(t, a[0], a[1]);
    if (has > 0) return object_getitem(t, a[0], a[1]);
    return has == 0 && object_setitem(t, a[0], a[1], v) == 0 ? own(t, v) : V_NULL;
}
static value move_to_end(struct thread *t, const vref *a) { // self, key, last=True
    int last = a[2] ? object_truth(t, a[2]) : 1;
    int moved = last < 0 ? -1 : dict_move_to_end(t, a[0], a[1], last);
    if (moved == 0) raise_value(t, &exc_KeyError, a[1]);
    return moved > 0 ? V_NONE : V_NULL;
}

// ---- as a whole ----

static value copy(struct thread *t, const vref *a) {
    value d = object_call0(t, type_ref(type_of(a[0]))), key, v;
    if (!d) return V_NULL;
    for (size_t pos = 0; dict_next(t, a[0], &pos, &key, &v);) {
        bool ok = put(t, d, key, v);
        release(t, key);
        release(t, v);
        if (!ok) return release(t, d), V_NULL;
    }
    return d;
}

// 1 the same keys in the same order, 0 not, -1 exception.
static int same_order(struct thread *t, vref a, vref b) {
    value x = object_iter(t, a), y = x ? object_iter(t, b) : V_NULL;
    int same = y ? 1 : -1;
    while (same == 1) {
        value k = object_next(t, x), l = raised(t) ? V_NULL : object_next(t, y);
        if (raised(t)) same = -1;
        else if (!k || !l) same = k || l ? 0 : 2;
        else same = words_equal(t, k, l);
        release_opt(t, k);
        release_opt(t, l);
    }
    release_opt(t, x);
    release_opt(t, y);
    return same > 1 ? 1 : same;
}
static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if ((op != CMP_EQ && op != CMP_NE) || !is_dict(b)) return V_NOTIMPL;
    value r = type_dict.compare(t, a, b, CMP_EQ);
    if (r == V_TRUE && is_odict(b)) {
        int same = same_order(t, a, b);
        if (same < 0) return V_NULL;
        r = from_bool(same);
    }
    return r == V_TRUE || r == V_FALSE ? from_bool((r == V_TRUE) == (op == CMP_EQ)) : r;
}

static value repr(struct thread *t, vref self) {
    const char *name = type_of(self)->name;
    if (dict_count(self) == 0) return str_format(t, "%s()", name);
    struct repr_link link;
    int enter = repr_enter(t, &link, self);
    if (enter <= 0) return enter < 0 ? V_NULL : str_from_cstr(t, "...");
    value items = is_exact(self) ? dict_items_list(t, self) : V_NULL;
    if (!is_exact(self)) {
        value view = object_call_method(t, self, NAME(items), NULL, 0);
        items = view ? list_from_iterable(t, view) : V_NULL;
        release_opt(t, view);
    }
    value r = items ? str_format(t, "%s(%R)", name, items) : V_NULL;
    release_opt(t, items);
    repr_leave(t, &link);
    return r;
}

static value reduce(struct thread *t, const vref *a) {
    value state = object_call_method(t, a[0], NAME(__getstate__), NULL, 0);
    value items = state ? object_call_method(t, a[0], NAME(items), NULL, 0) : V_NULL, it = items ? object_iter(t, items) : V_NULL;
    value r = it ? tuple_pack(t, 5, type_ref(type_of(a[0])), tuple_empty, state, V_NONE, it) : V_NULL;
    release_opt(t, state);
    release_opt(t, items);
    release_opt(t, it);
    return r;
}
static value size_in_bytes(struct thread *t, const vref *a) {
    struct dict_table *table = dict_table_of(as_dict(a[0]));
    return (void)t, from_int62((int64_t)(type_of(a[0])->basicsize + (table->capacity ? dict_table_bytes(table) : 0)));
}

static value merged(struct thread *t, vref a, vref b) {
    if (!is_dict(a) || !is_dict(b)) return V_NOTIMPL;
    value r = object_call1(t, type_ref(type_of(is_odict(a) ? a : b)), a);
    if (r && update_by(t, r, b)) return r;
    release_opt(t, r);
    return V_NULL;
}
static value merge_into(struct thread *t, vref a, vref b) { return update_by(t, a, b) ? own(t, a) : V_NULL; }

// ---- views ----

#define VIEW(id_, name_, base_)                                                                                                                   \
    static struct type id_ = {.name = name_, .module = "builtins", .base = &base_, .flags = TYPE_GC, .basicsize = sizeof(struct dict_view_object)}
VIEW(type_odict_keys, "odict_keys", type_dict_keys);
VIEW(type_odict_values, "odict_values", type_dict_values);
VIEW(type_odict_items, "odict_items", type_dict_items);

static value keys(struct thread *t, const vref *a) { return dict_view(t, a[0], &type_odict_keys); }
static value values(struct thread *t, const vref *a) { return dict_view(t, a[0], &type_odict_values); }
static value items(struct thread *t, const vref *a) { return dict_view(t, a[0], &type_odict_items); }
static value reversed(struct thread *t, const vref *a) { return dict_reverse_iter(t, a[0]); }

// ---- the type ----

static void destroy(struct thread *t, struct object *o) {
    instance_release(t, o);
    type_dict.destroy(t, o);
}
static void clear(struct thread *t, struct object *o) {
    instance_release(t, o);
    type_dict.clear(t, o);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    int r = instance_visit(o, visit, arg);
    return r ? r : type_dict.traverse(o, visit, arg);
}

static const struct native natives[] = {
    {"fromkeys", NATIVE_CLASS, "($type, iterable, value=None)", fromkeys, .doc = "Return a new ordered dictionary with the keys of iterable, all with that value."},
    {"pop", NATIVE_METHOD, "($self, key, default=<unrepresentable>)", pop, .doc = "Take key out and return its value, or default; KeyError if there is neither."},
    {"popitem", NATIVE_METHOD, "($self, last=True)", popitem, .doc = "Take a (key, value) out and return it: the last one that came, or the first."},
    {"setdefault", NATIVE_METHOD, "($self, key, default=None)", setdefault, .doc = "Return the value of key; if it is not there, store default under it first."},
    {"move_to_end", NATIVE_METHOD, "($self, key, last=True)", move_to_end, .doc = "Make key the last item, or the first; KeyError if it is not there."},
    {"update", NATIVE_METHOD, NULL, .raw = update, .doc = "Store the items of a mapping or of an iterable of pairs, then the keywords."},
    {"copy", NATIVE_METHOD, "($self, /)", copy, .doc = "Return a new one of the same type with the same items."},
    {"keys", NATIVE_METHOD, "($self, /)", keys, .doc = "Return a set-like view of the keys, in order."},
    {"values", NATIVE_METHOD, "($self, /)", values, .doc = "Return a view of the values, in order."},
    {"items", NATIVE_METHOD, "($self, /)", items, .doc = "Return a set-like view of the (key, value) pairs, in order."},
    {"__reversed__", NATIVE_METHOD, "($self, /)", reversed, .doc = "Return an iterator over the keys, the last first."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reduce, .doc = "Return what pickle makes this again from."},
    {"__sizeof__", NATIVE_METHOD, "($self, /)", size_in_bytes, .doc = "Return how many bytes of memory it takes, its items not counted."},
    {NULL},
};
struct type type_odict = {
    .name = "OrderedDict", .module = "collections", .base = &type_dict, .flags = TYPE_GC | TYPE_BASE | TYPE_DICT | TYPE_MAPPING | TYPE_HAS_DICT | TYPE_HAS_WEAK,
    .basicsize = sizeof(struct dict), .natives = natives, .doc = "A dict whose order counts when it is compared, and can be changed.", .make = make, .init = init, .destroy = destroy,
    .traverse = traverse, .clear = clear, .repr = repr, .compare = compare, .hash = hash_unhashable, .binary = {[NB_OR] = merged}, .inplace = {[NB_OR] = merge_into},
};
bool odict_start(struct thread *t) {
    return type_ready(t, &type_odict_keys) && type_ready(t, &type_odict_values) && type_ready(t, &type_odict_items);
}
