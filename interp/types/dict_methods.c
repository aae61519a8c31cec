// SPDX-License-Identifier: Apache-2.0
// The type dict: its methods and slots. Leaves the table and single keys to dict.c, merging to dict_merge.c, views and iterators to dict_views.c.
#include "interp/types/dict_table.h"

static value missing(struct thread *t, vref self, vref key) {
    if (!has_shape(self, SHAPE_DICT)) {
        value name = str_intern_cstr(t, "__missing__"), f = V_NULL;
        int found = name ? object_lookup_special(t, self, name, &f) : -1;
        release_opt(t, name);
        if (found < 0) return V_NULL;
        if (found) {
            value r = object_call1(t, f, key);
            release(t, f);
            return r;
        }
    }
    return raise_value(t, &exc_KeyError, key);
}

static value getitem(struct thread *t, vref self, vref key) {
    value v = dict_get(t, self, key);
    if (likely(v != V_NULL)) return v;
    return raised(t) ? V_NULL : missing(t, self, key);
}

static int setitem(struct thread *t, vref self, vref key, vref v) {
    if (v) return dict_set(t, self, key, v) ? 0 : -1;
    int r = dict_del(t, self, key);
    if (r == 0) raise_value(t, &exc_KeyError, key);
    return r > 0 ? 0 : -1;
}

static value subscript(struct thread *t, const vref *a) { return getitem(t, a[0], a[1]); }
static value has(struct thread *t, const vref *a) {
    int r = dict_contains(t, a[0], a[1]);
    return r < 0 ? V_NULL : from_bool(r);
}

static value get(struct thread *t, const vref *a) {
    value v = dict_get(t, a[0], a[1]);
    if (v || raised(t)) return v;
    return a[2] ? own(t, a[2]) : V_NONE;
}

static value setdefault(struct thread *t, const vref *a) { return dict_setdefault(t, a[0], a[1], a[2] ? a[2] : V_NONE); }

static value pop(struct thread *t, const vref *a) {
    value v = dict_pop(t, a[0], a[1]);
    if (v || raised(t)) return v;
    return a[2] ? own(t, a[2]) : raise_value(t, &exc_KeyError, a[1]);
}

static value popitem(struct thread *t, const vref *a) {
    value pair[2];
    if (dict_pop_item(t, a[0], &pair[0], &pair[1])) return tuple_take_array(t, pair, 2);
    value text = str_from_cstr(t, "popitem(): dictionary is empty");
    if (text) raise_value(t, &exc_KeyError, text);
    release_opt(t, text);
    return V_NULL;
}

static value keys(struct thread *t, const vref *a) { return dict_keys(t, a[0]); }
static value values(struct thread *t, const vref *a) { return dict_values(t, a[0]); }
static value items(struct thread *t, const vref *a) { return dict_items(t, a[0]); }
static value copy(struct thread *t, const vref *a) { return dict_copy(t, a[0]); }
static value clear(struct thread *t, const vref *a) { return dict_clear(t, a[0]) ? V_NONE : V_NULL; }

// dict(…) and update(…): at most one positional argument, then keywords.
static bool fill(struct thread *t, vref self, const char *name, const vref *args, size_t nargs, vref kwnames) {
    if (!args_count(t, name, nargs, 0, 1)) return false;
    if (nargs && !dict_update(t, self, args[0])) return false;
    for (size_t i = 0; i < keyword_count(kwnames); i++)
        if (!dict_set(t, self, tuple_at(kwnames, i), args[nargs + i])) return false;
    return true;
}

static value update(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    return fill(t, args[0], "update", args + 1, nargs - 1, kwnames) ? V_NONE : V_NULL;
}

static value size_in_bytes(struct thread *t, const vref *a) {
    struct dict_table *table = dict_table_of(as_dict(a[0]));
    (void)t;
    return from_int62((int64_t)(type_of(a[0])->basicsize + (table->capacity ? dict_table_bytes(table) : 0)));
}

static value reversed(struct thread *t, const vref *a) { return dict_reverse_iter(t, a[0]); }

static const struct native natives[] = {
    {"__contains__", NATIVE_METHOD, "($self, key, /)", has, .doc = "Return whether key is in the dict."},
    {"__getitem__", NATIVE_METHOD, "($self, object, /)", subscript, .doc = "x.__getitem__(y) <==> x[y]"},
    {"__sizeof__", NATIVE_METHOD, "($self, /)", size_in_bytes, .doc = "Return how many bytes of memory the dict takes, its items not counted."},
    {"get", NATIVE_METHOD, "($self, key, default=None, /)", get, .doc = "Return the value of key, or default if it is not there."},
    {"setdefault", NATIVE_METHOD, "($self, key, default=None, /)", setdefault,
     .doc = "Return the value of key; if it is not there, store default under it first."},
    {"pop", NATIVE_METHOD, "($self, key, default=<unrepresentable>, /)", pop,
     .doc = "Take key out and return its value.\n\nIf it is not there, return default if given, else raise KeyError."},
    {"popitem", NATIVE_METHOD, "($self, /)", popitem,
     .doc = "Take the (key, value) that came last out and return it; KeyError if there is none."},
    {"keys", NATIVE_METHOD, "($self, /)", keys, .doc = "D.keys() -> a set-like view of D's keys"},
    {"items", NATIVE_METHOD, "($self, /)", items, .doc = "D.items() -> a set-like view of D's (key, value) pairs"},
    {"values", NATIVE_METHOD, "($self, /)", values, .doc = "D.values() -> a view of D's values"},
    {"update", NATIVE_METHOD, NULL, .raw = update,
     .doc = "D.update([E, ]**F) -> None.  Store the items of E, a mapping or an iterable of pairs, and of F."},
    {"fromkeys", NATIVE_CLASS, "($type, iterable, value=None, /)", dict_fromkeys, .doc = "Return a dict with the keys of iterable, all with that value."},
    {"clear", NATIVE_METHOD, "($self, /)", clear, .doc = "D.clear() -> None.  Drop all items."},
    {"copy", NATIVE_METHOD, "($self, /)", copy, .doc = "D.copy() -> a new dict of the same items"},
    {"__reversed__", NATIVE_METHOD, "($self, /)", reversed, .doc = "Return an iterator over the keys, the last first."},
    {"__class_getitem__", NATIVE_CLASS, "($type, object, /)", seq_class_getitem, .doc = "See PEP 585"},
    {NULL},
};

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    if (cls == &type_dict) return dict_new(t);
    value d = object_new_instance(t, cls);
    if (d) atomic_init(&as_dict(d)->table, &dict_table_empty);
    return d;
}

static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) { return fill(t, self, "dict", args, nargs, kwnames) ? 0 : -1; }

static void destroy(struct thread *t, struct object *o) { dict_drop(t, (struct dict *)o); }
static void break_cycle(struct thread *t, struct object *o) { dict_clear(t, borrowed_word(o)); }

static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct dict *d = (struct dict *)o;
    struct dict_table *table = dict_table_of(d);
    if (!table) return 0;
    struct dict_entry *e = dict_entries(table);
    for (uint32_t n = dict_used(table); n > 0; n--, e++) {
        value key = word_peek(&e->key), v = word_peek(&e->v);
        if (key == V_NULL || key == V_UNBOUND) continue;
        if (d->kind & DICT_CELLS) v = word_peek(&dict_entry_cell(v)->v);
        int r = visit(key, arg);
        if (!r) r = visit(v, arg);
        if (r) return r;
    }
    return 0;
}

static bool repr_items(struct str_builder *b, vref self) {
    value key, v;
    bool first = true;
    for (size_t pos = 0; dict_next(b->t, self, &pos, &key, &v); first = false) {
        if (!first) builder_ascii(b, ", ", 2);
        builder_repr(b, key);
        builder_ascii(b, ": ", 2);
        if (!b->failed) builder_repr(b, v);
        release(b->t, key);
        release(b->t, v);
        if (b->failed || !safepoint_poll(b->t)) return false;
    }
    return true;
}

static value repr(struct thread *t, vref self) {
    if (dict_count(self) == 0) return str_from_cstr(t, "{}");
    struct repr_link link;
    int enter = repr_enter(t, &link, self);
    if (enter <= 0) return enter < 0 ? V_NULL : str_from_cstr(t, "{...}");
    struct str_builder b;
    builder_init(&b, t);
    builder_char(&b, '{');
    bool ok = repr_items(&b, self);
    builder_char(&b, '}');
    repr_leave(t, &link);
    if (ok) return builder_finish(&b);
    builder_discard(&b);
    return V_NULL;
}

// 1 0 -1
static int equal(struct thread *t, vref a, vref b) {
    if (dict_count(a) != dict_count(b)) return 0;
    value key, x;
    for (size_t pos = 0; dict_next(t, a, &pos, &key, &x);) {
        value y = dict_get(t, b, key);
        int same = y ? words_equal(t, x, y) : raised(t) ? -1 : 0;
        release(t, key);
        release(t, x);
        release_opt(t, y);
        if (same <= 0) return same;
        if (!safepoint_poll(t)) return -1;
    }
    return 1;
}

static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if ((op != CMP_EQ && op != CMP_NE) || !is_dict(a) || !is_dict(b)) return V_NOTIMPL;
    int same = equal(t, a, b);
    return same < 0 ? V_NULL : from_bool(same == (op == CMP_EQ));
}

static int64_t length(struct thread *t, vref self) {
    (void)t;
    return (int64_t)dict_count(self);
}

struct type type_dict = {
    .name = "dict", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct dict), .root_shape = SHAPE_DICT,
    .flags = TYPE_GC | TYPE_BASE | TYPE_DICT | TYPE_MAPPING,
    .doc = "dict() -> new empty dictionary\ndict(mapping) -> new dictionary with the mapping's items\n"
           "dict(iterable) -> new dictionary with the (key, value) pairs of the iterable\n"
           "dict(**kwargs) -> new dictionary with the name=value pairs of the call",
    .natives = natives, .make = make, .init = init, .destroy = destroy, .traverse = traverse, .clear = break_cycle, .repr = repr, .iter = dict_iter,
    .hash = hash_unhashable, .compare = compare, .length = length, .getitem = getitem, .setitem = setitem, .contains = dict_contains,
    .binary = {[NB_OR] = dict_or}, .inplace = {[NB_OR] = dict_inplace_or},
};
