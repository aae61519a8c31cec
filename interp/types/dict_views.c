// SPDX-License-Identifier: Apache-2.0
// Iterators over a dict, and its views: keys, values, items, with the set operations of the first and last. Leaves the dict to dict.c.
#include "interp/types/descr.h"
#include "interp/types/dict_table.h"
#include "interp/types/iter.h"

static struct dict_iter *as_iter(vref v) { return (struct dict_iter *)as_object(v); }
static inline int64_t get(_Atomic int64_t *x) { return atomic_load_explicit(x, memory_order_relaxed); }
static inline void put(_Atomic int64_t *x, int64_t v) { atomic_store_explicit(x, v, memory_order_relaxed); }

// ---- iterators ----

// What an iterator compares: how many items there are; where the order counts, any change of keys.
static inline int64_t stamp(vref dict) {
    const struct dict *d = as_dict(dict);
    if (unlikely(d->kind & DICT_ORDERED)) return (int64_t)atomic_load_explicit(&d->version, memory_order_relaxed);
    return (int64_t)dict_count(dict);
}

static value new_iter(struct thread *t, vref dict, struct type *type, bool backwards) {
    struct dict_iter *it = object_alloc_gc(t, sizeof *it, type->root_shape);
    if (!it) return V_NULL;
    it->dict = own(t, dict);
    atomic_init(&it->position, backwards ? (int64_t)dict_used(dict_table_of(as_dict(dict))) : 0);
    atomic_init(&it->left, (int64_t)dict_count(dict));
    atomic_init(&it->count, stamp(dict));
    it->pair = V_NULL;
    return counted_word(it);
}

value dict_iter(struct thread *t, vref dict) { return new_iter(t, dict, &type_dict_key_iter, false); }
value dict_reverse_iter(struct thread *t, vref dict) { return new_iter(t, dict, &type_dict_reverse_key_iter, true); }

static value exhausted(struct thread *t, struct dict_iter *it) {
    put(&it->position, INT64_MIN);
    if (!t->free_threaded) release_field(t, &it->dict);
    return V_NULL;
}

// Whether the iterator may go on: the dict is as large as it was. false: exhausted or RuntimeError.
static inline bool may_go_on(struct thread *t, struct dict_iter *it) {
    if (get(&it->position) == INT64_MIN) return false;
    if (likely(get(&it->count) == stamp(it->dict))) return true;
    put(&it->count, -1); // said again at every call
    raise(t, &exc_RuntimeError, as_dict(it->dict)->kind & DICT_ORDERED ? "OrderedDict mutated during iteration" : "dictionary changed size during iteration");
    return false;
}

// The next entry, both words owned; V_NULL in *key: none.
static inline void step(struct thread *t, struct dict_iter *it, bool backwards, value *key, value *v) {
    *key = V_NULL;
    if (!may_go_on(t, it)) return;
    size_t pos = (size_t)get(&it->position);
    struct dict *d = as_dict(it->dict);
    if (likely(!backwards && !(d->kind & DICT_CELLS) && is_alone(t, &d->head))) {
        struct dict_table *table = dict_table_of(d);
        struct dict_entry *e = dict_entries(table) + pos;
        if (likely(pos < dict_used(table) && word_peek(&e->key) != V_NULL && get(&it->left) > 0)) {
            put(&it->position, (int64_t)pos + 1);
            put(&it->left, get(&it->left) - 1);
            *key = own(t, word_peek(&e->key));
            *v = own(t, word_peek(&e->v));
            return;
        }
    }
    bool found = backwards ? dict_previous(t, it->dict, &pos, key, v) : dict_next(t, it->dict, &pos, key, v);
    int64_t left = get(&it->left);
    if (likely(found && left > 0)) {
        put(&it->position, (int64_t)pos);
        put(&it->left, left - 1);
        return;
    }
    if (found) {
        release(t, *key);
        release(t, *v);
        *key = V_NULL;
        raise(t, &exc_RuntimeError, "dictionary keys changed during iteration");
        return;
    }
    *key = exhausted(t, it);
}

// Keys alone, of a dict that nobody else writes, without touching the values.
static value next_key(struct thread *t, vref self) {
    struct dict_iter *it = as_iter(self);
    if (likely(get(&it->position) >= 0 && !(as_dict(it->dict)->kind & DICT_CELLS) && is_alone(t, as_object(it->dict)) && get(&it->left) > 0)) {
        if (!may_go_on(t, it)) return V_NULL;
        struct dict_table *table = dict_table_of(as_dict(it->dict));
        size_t pos = (size_t)get(&it->position), used = dict_used(table), first = dict_first(table);
        bool leads = pos <= first;
        if (leads) pos = first;
        struct dict_entry *e = dict_entries(table) + pos;
        for (; pos < used; pos++, e++) {
            value key = word_peek(&e->key);
            if (unlikely(key == V_NULL)) continue;
            if (unlikely(leads && pos > first)) dict_set_first(table, pos); // so that taking one after the other from the front does not walk over those before
            put(&it->position, (int64_t)pos + 1);
            put(&it->left, get(&it->left) - 1);
            return own(t, key);
        }
        return exhausted(t, it);
    }
    value key, v;
    step(t, it, false, &key, &v);
    if (key) release(t, v);
    return key;
}

static value next_value(struct thread *t, vref self) {
    value key, v;
    step(t, as_iter(self), false, &key, &v);
    if (!key) return V_NULL;
    release(t, key);
    return v;
}

static value pair_of(struct thread *t, struct dict_iter *it, bool backwards) {
    value key, v;
    step(t, it, backwards, &key, &v);
    return key ? pair_new(t, &it->pair, key, v) : V_NULL;
}

static value next_item(struct thread *t, vref self) { return pair_of(t, as_iter(self), false); }
static value previous_item(struct thread *t, vref self) { return pair_of(t, as_iter(self), true); }

static value previous_key(struct thread *t, vref self) {
    value key, v;
    step(t, as_iter(self), true, &key, &v);
    if (key) release(t, v);
    return key;
}

static value previous_value(struct thread *t, vref self) {
    value key, v;
    step(t, as_iter(self), true, &key, &v);
    if (!key) return V_NULL;
    release(t, key);
    return v;
}

static void iter_destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct dict_iter *)o)->pair);
    release_field(t, &((struct dict_iter *)o)->dict);
}
static int iter_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct dict_iter *it = (struct dict_iter *)o;
    int r = it->pair ? visit(it->pair, arg) : 0;
    return r || !it->dict ? r : visit(it->dict, arg);
}

static value iter_hint(struct thread *t, const vref *a) {
    struct dict_iter *it = as_iter(a[0]);
    (void)t;
    bool going = get(&it->position) != INT64_MIN && get(&it->count) == stamp(it->dict);
    return from_int62(going ? get(&it->left) : 0);
}

// (iter, ([what is still to come],)): works on a copy, so that the iterator does not move.
static value iter_rest(struct thread *t, const vref *a) {
    struct dict_iter *it = as_iter(a[0]);
    value rest = list_new(t, 0), r = V_NULL;
    if (!rest) return V_NULL;
    if (get(&it->position) != INT64_MIN) {
        value copy = new_iter(t, it->dict, object_type(&it->head), false);
        if (copy) {
            put(&as_iter(copy)->position, get(&it->position));
            put(&as_iter(copy)->left, get(&it->left));
            put(&as_iter(copy)->count, get(&it->count));
            bool ok = list_extend(t, rest, copy);
            release(t, copy);
            if (!ok) release_field(t, &rest);
        }
    }
    if (rest && !raised(t)) r = iter_reduce(t, "iter", V_NULL, V_NULL, rest);
    release_opt(t, rest);
    return r;
}

static const struct native iter_natives[] = {
    {"__length_hint__", NATIVE_METHOD, "($self, /)", iter_hint, .doc = "Return how many items are probably still to come."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", iter_rest, .doc = "Return what pickle makes this again from."},
    {NULL},
};

#define DICT_ITER(name_, next_)                                                                                                          \
    .name = name_, .module = "builtins", .base = &type_object, .basicsize = sizeof(struct dict_iter), .flags = TYPE_GC, .natives = iter_natives, \
    .destroy = iter_destroy, .traverse = iter_traverse, .iter = iter_self, .next = next_
struct type type_dict_key_iter = {DICT_ITER("dict_keyiterator", next_key), .root_shape = SHAPE_DICT_ITER};
struct type type_dict_value_iter = {DICT_ITER("dict_valueiterator", next_value)};
struct type type_dict_item_iter = {DICT_ITER("dict_itemiterator", next_item)};
struct type type_dict_reverse_key_iter = {DICT_ITER("dict_reversekeyiterator", previous_key)};
struct type type_dict_reverse_value_iter = {DICT_ITER("dict_reversevalueiterator", previous_value)};
struct type type_dict_reverse_item_iter = {DICT_ITER("dict_reverseitemiterator", previous_item)};

// ---- views ----

static vref dict_of(vref view) { return ((struct dict_view_object *)as_object(view))->dict; }

value dict_view(struct thread *t, vref dict, struct type *type) {
    struct dict_view_object *v = object_alloc_gc(t, sizeof *v, type->root_shape);
    if (!v) return V_NULL;
    v->dict = own(t, dict);
    return counted_word(v);
}

value dict_keys(struct thread *t, vref d) { return dict_view(t, d, &type_dict_keys); }
value dict_values(struct thread *t, vref d) { return dict_view(t, d, &type_dict_values); }
value dict_items(struct thread *t, vref d) { return dict_view(t, d, &type_dict_items); }

static void view_destroy(struct thread *t, struct object *o) { release(t, ((struct dict_view_object *)o)->dict); }
static int view_traverse(struct object *o, visit_fn *visit, void *arg) { return visit(((struct dict_view_object *)o)->dict, arg); }
static int64_t view_length(struct thread *t, vref self) {
    (void)t;
    return (int64_t)dict_count(dict_of(self));
}

static value keys_iter(struct thread *t, vref self) { return dict_iter(t, dict_of(self)); }
static value values_iter(struct thread *t, vref self) { return new_iter(t, dict_of(self), &type_dict_value_iter, false); }
static value items_iter(struct thread *t, vref self) { return new_iter(t, dict_of(self), &type_dict_item_iter, false); }
static value keys_reversed(struct thread *t, const vref *a) { return dict_reverse_iter(t, dict_of(a[0])); }
static value values_reversed(struct thread *t, const vref *a) { return new_iter(t, dict_of(a[0]), &type_dict_reverse_value_iter, true); }
static value items_reversed(struct thread *t, const vref *a) { return new_iter(t, dict_of(a[0]), &type_dict_reverse_item_iter, true); }

static int keys_contains(struct thread *t, vref self, vref key) { return dict_contains(t, dict_of(self), key); }
static int items_contains(struct thread *t, vref self, vref pair) {
    if (!is_tuple(pair) || tuple_size(pair) != 2) return 0;
    value v = dict_get(t, dict_of(self), tuple_at(pair, 0));
    if (!v) return raised(t) ? -1 : 0;
    int r = words_equal(t, tuple_at(pair, 1), v);
    release(t, v);
    return r;
}

static value view_repr(struct thread *t, vref self) {
    struct repr_link link;
    int enter = repr_enter(t, &link, self);
    if (enter <= 0) return enter < 0 ? V_NULL : str_from_cstr(t, "...");
    value list = list_from_iterable(t, self), r = list ? str_format(t, "%s(%R)", type_of(self)->name, list) : V_NULL;
    release_opt(t, list);
    repr_leave(t, &link);
    return r;
}

static value view_mapping(struct thread *t, const vref *a) { return mappingproxy_new(t, dict_of(a[0])); }

static bool is_set_view(vref v) { return is_pointer(v) && (is_instance(v, &type_dict_keys) || is_instance(v, &type_dict_items)); }

// Whether every item of a is in b: 1 0 -1.
static int all_in(struct thread *t, vref a, vref b) {
    value it = object_iter(t, a);
    int r = it ? 1 : -1;
    for (value v; r > 0 && (v = object_next(t, it)) != V_NULL;) {
        r = object_contains(t, b, v);
        release(t, v);
    }
    release_opt(t, it);
    return raised(t) ? -1 : r;
}

static value view_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!is_set_view(a) && is_set_view(b)) return V_NOTIMPL;
    if (!has_flag(b, TYPE_SET) && !is_set_view(b)) return V_NOTIMPL;
    int64_t na = object_length(t, a), nb = na < 0 ? -1 : object_length(t, b);
    if (nb < 0) return V_NULL;
    int r = 0;
    switch (op) {
    case CMP_EQ:
    case CMP_NE: r = na == nb ? all_in(t, a, b) : 0; break;
    case CMP_LT: r = na < nb ? all_in(t, a, b) : 0; break;
    case CMP_LE: r = na <= nb ? all_in(t, a, b) : 0; break;
    case CMP_GT: r = na > nb ? all_in(t, b, a) : 0; break;
    case CMP_GE: r = na >= nb ? all_in(t, b, a) : 0; break;
    }
    if (r < 0) return V_NULL;
    return from_bool(op == CMP_NE ? !r : r);
}

static value view_or(struct thread *t, vref a, vref b) {
    value s = set_new(t, false, a);
    if (!s || set_update(t, s, b)) return s;
    release(t, s);
    return V_NULL;
}

// set(a).name(b)
static value through_set(struct thread *t, vref a, vref b, const char *name) {
    value s = set_new(t, false, a);
    if (!s) return V_NULL;
    value r = object_call_method_cstr(t, s, name, &b, 1);
    release(t, s);
    return r;
}
static value view_sub(struct thread *t, vref a, vref b) { return through_set(t, a, b, "difference"); }
static value view_xor(struct thread *t, vref a, vref b) { return through_set(t, a, b, "symmetric_difference"); }

// Walks the smaller side and looks up in the view. returns new set.
static value view_and(struct thread *t, vref a, vref b) {
    vref view = is_set_view(a) ? a : b, other = is_set_view(a) ? b : a;
    if (is_set_view(other) && dict_count(dict_of(other)) > dict_count(dict_of(view))) {
        vref swap = view;
        view = other;
        other = swap;
    }
    if (type_of(other) == &type_set && dict_count(dict_of(view)) < atomic_load_explicit(&as_set(other)->count, memory_order_relaxed))
        return through_set(t, other, view, "intersection");
    value s = set_new(t, false, V_NULL), it = s ? object_iter(t, other) : V_NULL;
    bool ok = it != V_NULL;
    for (value v; ok && (v = object_next(t, it)) != V_NULL;) {
        int in = object_contains(t, view, v);
        ok = in >= 0 && (!in || set_add(t, s, v));
        release(t, v);
    }
    ok = ok && !raised(t);
    release_opt(t, it);
    if (ok) return s;
    release_opt(t, s);
    return V_NULL;
}

static value isdisjoint(struct thread *t, const vref *a) {
    value it = object_iter(t, a[1]);
    if (!it) return V_NULL;
    int in = 0;
    for (value v; in == 0 && (v = object_next(t, it)) != V_NULL;) {
        in = object_contains(t, a[0], v);
        release(t, v);
    }
    release(t, it);
    return in < 0 || raised(t) ? V_NULL : from_bool(!in);
}

static const struct native keys_natives[] = {
    {"isdisjoint", NATIVE_METHOD, "($self, other, /)", isdisjoint, .doc = "Return True if the view and other have nothing in common."},
    {"__reversed__", NATIVE_METHOD, "($self, /)", keys_reversed, .doc = "Return an iterator from the last to the first."},
    {"mapping", NATIVE_GETSET, NULL, view_mapping, .doc = "the dict behind this view"},
    {NULL},
};
static const struct native items_natives[] = {
    {"isdisjoint", NATIVE_METHOD, "($self, other, /)", isdisjoint, .doc = "Return True if the view and other have nothing in common."},
    {"__reversed__", NATIVE_METHOD, "($self, /)", items_reversed, .doc = "Return an iterator from the last to the first."},
    {"mapping", NATIVE_GETSET, NULL, view_mapping, .doc = "the dict behind this view"},
    {NULL},
};
static const struct native values_natives[] = {
    {"__reversed__", NATIVE_METHOD, "($self, /)", values_reversed, .doc = "Return an iterator from the last to the first."},
    {"mapping", NATIVE_GETSET, NULL, view_mapping, .doc = "the dict behind this view"},
    {NULL},
};

#define DICT_VIEW(name_)                                                                                                               \
    .name = name_, .module = "builtins", .base = &type_object, .basicsize = sizeof(struct dict_view_object), .flags = TYPE_GC, .destroy = view_destroy, \
    .traverse = view_traverse, .repr = view_repr, .length = view_length
#define DICT_SET_VIEW .hash = hash_unhashable, .compare = view_compare, .binary = {[NB_SUB] = view_sub, [NB_AND] = view_and, [NB_OR] = view_or, [NB_XOR] = view_xor}
struct type type_dict_keys = {DICT_VIEW("dict_keys"), DICT_SET_VIEW, .natives = keys_natives, .iter = keys_iter, .contains = keys_contains};
struct type type_dict_items = {DICT_VIEW("dict_items"), DICT_SET_VIEW, .natives = items_natives, .iter = items_iter, .contains = items_contains};
struct type type_dict_values = {DICT_VIEW("dict_values"), .natives = values_natives, .iter = values_iter};
