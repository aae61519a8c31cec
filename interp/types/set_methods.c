// SPDX-License-Identifier: Apache-2.0
// The types set and frozenset: methods, operators, iterator. Leaves the algebra to set.c, the table to set_table.c.
#include "interp/types/names.h"
#include "interp/types/iter.h"
#include "interp/types/set.h"

static value none_if(bool ok) { return ok ? V_NONE : V_NULL; }
static value bool_if(int r) { return r < 0 ? V_NULL : from_bool(r); }

// A copy of s as the exact type it derives from.
static value plain_copy(struct thread *t, vref s) { return set_from(t, is_frozen(s), s); }

static value copy(struct thread *t, const vref *a) { return has_shape(a[0], SHAPE_FROZENSET) ? own(t, a[0]) : plain_copy(t, a[0]); }

// ---- methods of both: any iterables ----

static value union_(struct thread *t, const vref *a) {
    value s = plain_copy(t, a[0]);
    bool ok = s != V_NULL;
    for (size_t i = 0; ok && i < tuple_size(a[1]); i++)
        if (!is_same(tuple_at(a[1], i), a[0])) ok = set_update(t, s, tuple_at(a[1], i));
    if (ok) return s;
    release_opt(t, s);
    return V_NULL;
}

static value intersection(struct thread *t, const vref *a) {
    if (tuple_size(a[1]) == 0) return copy(t, a);
    value s = own(t, a[0]);
    for (size_t i = 0; s && i < tuple_size(a[1]); i++) {
        value next = set_intersection(t, s, tuple_at(a[1], i));
        release(t, s);
        s = next;
    }
    return s;
}

static value difference(struct thread *t, const vref *a) {
    if (tuple_size(a[1]) == 0) return copy(t, a);
    value s = set_difference(t, a[0], tuple_at(a[1], 0));
    for (size_t i = 1; s && i < tuple_size(a[1]); i++)
        if (!set_difference_update(t, s, tuple_at(a[1], i))) release_field(t, &s);
    return s;
}

static value symmetric_difference(struct thread *t, const vref *a) {
    value s = set_from(t, is_frozen(a[0]), a[1]);
    if (s && !set_symmetric_update(t, s, a[0])) release_field(t, &s);
    return s;
}

static value isdisjoint(struct thread *t, const vref *a) { return bool_if(set_is_disjoint(t, a[0], a[1])); }

static value issubset(struct thread *t, const vref *a) {
    value other = is_anyset(a[1]) ? own(t, a[1]) : set_from(t, false, a[1]);
    int r = other ? set_is_subset(t, a[0], other) : -1;
    release_opt(t, other);
    return bool_if(r);
}

static value issuperset(struct thread *t, const vref *a) {
    if (is_anyset(a[1])) return bool_if(set_is_subset(t, a[1], a[0]));
    value it = object_iter(t, a[1]);
    int in = it ? 1 : -1;
    for (value v; in > 0 && (v = object_next(t, it)) != V_NULL;) {
        in = set_lookup(t, a[0], v);
        release(t, v);
    }
    release_opt(t, it);
    return raised(t) ? V_NULL : bool_if(in);
}

static value has(struct thread *t, const vref *a) { return bool_if(set_lookup(t, a[0], a[1])); }

static value reduce(struct thread *t, const vref *a) {
    value keys = list_from_iterable(t, a[0]), args = keys ? tuple_pack(t, 1, keys) : V_NULL, r = V_NULL;
    value state = args ? object_call_method(t, a[0], NAME(__getstate__), NULL, 0) : V_NULL;
    if (state) r = tuple_pack(t, 3, type_ref(type_of(a[0])), args, state);
    release_opt(t, keys);
    release_opt(t, args);
    release_opt(t, state);
    return r;
}

static value size_in_bytes(struct thread *t, const vref *a) {
    struct set_table *table = set_table_of(as_set(a[0]));
    (void)t;
    return from_int62((int64_t)(type_of(a[0])->basicsize + (table->mask ? set_table_bytes(table) : 0)));
}

// ---- methods of set ----

static value add(struct thread *t, const vref *a) { return none_if(set_add(t, a[0], a[1])); }

static value clear(struct thread *t, const vref *a) {
    set_empty(t, a[0]);
    return V_NONE;
}

static value discard(struct thread *t, const vref *a) { return none_if(set_discard(t, a[0], a[1]) >= 0); }

static value remove_key(struct thread *t, const vref *a) {
    int r = set_discard(t, a[0], a[1]);
    if (r == 0) raise_value(t, &exc_KeyError, a[1]);
    return none_if(r > 0);
}

static value pop(struct thread *t, const vref *a) {
    value v = set_pop_any(t, a[0]);
    if (v) return v;
    value text = str_from_cstr(t, "pop from an empty set");
    if (text) raise_value(t, &exc_KeyError, text);
    release_opt(t, text);
    return V_NULL;
}

static value update(struct thread *t, const vref *a) {
    bool ok = true;
    for (size_t i = 0; ok && i < tuple_size(a[1]); i++) ok = set_update(t, a[0], tuple_at(a[1], i));
    return none_if(ok);
}

static value difference_update(struct thread *t, const vref *a) {
    bool ok = true;
    for (size_t i = 0; ok && i < tuple_size(a[1]); i++) ok = set_difference_update(t, a[0], tuple_at(a[1], i));
    return none_if(ok);
}

// s takes the content of `made` (taken, nobody else knows it).
static bool become(struct thread *t, vref s, value made) {
    if (!made) return false;
    set_take_over(t, s, made);
    release(t, made);
    return true;
}

static value intersection_update(struct thread *t, const vref *a) { return none_if(become(t, a[0], intersection(t, a))); }
static value symmetric_update(struct thread *t, const vref *a) { return none_if(set_symmetric_update(t, a[0], a[1])); }

// ---- operators: two sets ----

static bool both_sets(vref a, vref b) { return is_anyset(a) && is_anyset(b); }

static value op_or(struct thread *t, vref a, vref b) {
    if (!both_sets(a, b)) return V_NOTIMPL;
    value s = plain_copy(t, a);
    if (s && !set_update(t, s, b)) release_field(t, &s);
    return s;
}
static value op_and(struct thread *t, vref a, vref b) { return both_sets(a, b) ? set_intersection(t, a, b) : V_NOTIMPL; }
static value op_sub(struct thread *t, vref a, vref b) { return both_sets(a, b) ? set_difference(t, a, b) : V_NOTIMPL; }
static value op_xor(struct thread *t, vref a, vref b) { return both_sets(a, b) ? symmetric_difference(t, (vref[]){a, b}) : V_NOTIMPL; }

static value itself_if(struct thread *t, vref a, bool ok) { return ok ? own(t, a) : V_NULL; }
static value in_or(struct thread *t, vref a, vref b) { return is_anyset(b) ? itself_if(t, a, set_update(t, a, b)) : V_NOTIMPL; }
static value in_and(struct thread *t, vref a, vref b) { return is_anyset(b) ? itself_if(t, a, become(t, a, set_intersection(t, a, b))) : V_NOTIMPL; }
static value in_sub(struct thread *t, vref a, vref b) { return is_anyset(b) ? itself_if(t, a, set_difference_update(t, a, b)) : V_NOTIMPL; }
static value in_xor(struct thread *t, vref a, vref b) { return is_anyset(b) ? itself_if(t, a, set_symmetric_update(t, a, b)) : V_NOTIMPL; }

static int equal(struct thread *t, vref a, vref b) {
    if (set_count(a) != set_count(b)) return 0;
    if (is_frozen(a) && is_frozen(b)) {
        int64_t x = atomic_load_explicit(&as_set(a)->hash, memory_order_relaxed), y = atomic_load_explicit(&as_set(b)->hash, memory_order_relaxed);
        if (x != -1 && y != -1 && x != y) return 0;
    }
    return set_is_subset(t, a, b);
}

static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!both_sets(a, b)) return V_NOTIMPL;
    int r = 0;
    switch (op) {
    case CMP_EQ: r = equal(t, a, b); break;
    case CMP_NE: r = equal(t, a, b); return r < 0 ? V_NULL : from_bool(!r);
    case CMP_LE: r = set_is_subset(t, a, b); break;
    case CMP_GE: r = set_is_subset(t, b, a); break;
    case CMP_LT: r = set_count(a) < set_count(b) ? set_is_subset(t, a, b) : 0; break;
    case CMP_GT: r = set_count(b) < set_count(a) ? set_is_subset(t, b, a) : 0; break;
    }
    return bool_if(r);
}

// ---- slots ----

static int64_t length(struct thread *t, vref self) {
    (void)t;
    return (int64_t)set_count(self);
}

static uint64_t shuffle(uint64_t h) { return (h ^ 89869747u ^ h << 16) * 3644798167u; }

// Independent of the order: the shuffled hashes are xored, then dispersed.
static int64_t hash(struct thread *t, vref self) {
    struct set *s = as_set(self);
    int64_t known = atomic_load_explicit(&s->hash, memory_order_relaxed), h;
    if (known != -1) return known;
    uint64_t x = 0;
    value key;
    for (size_t pos = 0; set_next_hashed(t, self, &pos, &key, &h);) {
        x ^= shuffle((uint64_t)h);
        release(t, key);
    }
    x ^= (set_count(self) + 1) * 1927868237u;
    x ^= x >> 11 ^ x >> 25;
    x = x * 69069u + 907133923u;
    known = x == (uint64_t)-1 ? 590923713 : (int64_t)x;
    atomic_store_explicit(&s->hash, known, memory_order_relaxed);
    return known;
}

static value show(struct thread *t, vref self) {
    const char *name = type_of(self)->name;
    if (set_count(self) == 0) return str_format(t, "%s()", name);
    value keys = list_from_iterable(t, self), text = keys ? object_repr(t, keys) : V_NULL;
    value inner = text ? str_substring(t, text, 1, (int64_t)as_str(text)->length - 1) : V_NULL, r = V_NULL;
    if (inner) r = type_of(self) == &type_set ? str_format(t, "{%U}", inner) : str_format(t, "%s({%U})", name, inner);
    release_opt(t, keys);
    release_opt(t, text);
    release_opt(t, inner);
    return r;
}

static value repr(struct thread *t, vref self) {
    struct repr_link link;
    int enter = repr_enter(t, &link, self);
    if (enter <= 0) return enter < 0 ? V_NULL : str_format(t, "%s(...)", type_of(self)->name);
    value r = show(t, self);
    repr_leave(t, &link);
    return r;
}

static void destroy(struct thread *t, struct object *o) { set_drop(t, (struct set *)o); }
static void break_cycle(struct thread *t, struct object *o) { set_empty(t, borrowed_word(o)); }

static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct set_table *table = set_table_of((struct set *)o);
    for (size_t i = 0; table && i <= table->mask; i++) {
        value key = word_peek(&table->at[i].key);
        int r = set_is_key(key) ? visit(key, arg) : 0;
        if (r) return r;
    }
    return 0;
}

// An empty instance of a class, exact or not.
static value new_empty(struct thread *t, struct type *cls, bool frozen) {
    if (cls == (frozen ? &type_frozenset : &type_set)) return set_alloc(t, frozen);
    value s = object_new_instance(t, cls);
    if (!s) return V_NULL;
    value model = set_alloc(t, frozen);
    if (!model) {
        release(t, s);
        return V_NULL;
    }
    atomic_init(&as_set(s)->table, set_table_of(as_set(model)));
    atomic_init(&as_set(s)->hash, frozen ? -1 : 0);
    release(t, model);
    return s;
}

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    return new_empty(t, cls, false);
}

static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (type_of(self)->init == type_set.init && !args_no_keywords(t, "set", kwnames)) return -1;
    if (!args_count(t, "set", nargs, 0, 1)) return -1;
    if (set_count(self)) set_empty(t, self);
    return nargs == 0 || set_update(t, self, args[0]) ? 0 : -1;
}

static value make_frozen(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if ((cls == &type_frozenset || cls->init == type_frozenset.init) && !args_no_keywords(t, "frozenset", kwnames)) return V_NULL;
    if (!args_count(t, "frozenset", nargs, 0, 1)) return V_NULL;
    if (nargs && cls == &type_frozenset && has_shape(args[0], SHAPE_FROZENSET)) return own(t, args[0]);
    value s = new_empty(t, cls, true);
    if (!s || nargs == 0 || set_update(t, s, args[0])) return s;
    release(t, s);
    return V_NULL;
}

// ---- iterator ----

struct set_iter {
    struct object head;
    value set;                // owned; V_NULL when exhausted in GIL mode
    _Atomic int64_t position; // next entry; -1 exhausted
    _Atomic int64_t left;
    _Atomic int64_t count;    // of the set at the start; -1: it changed, and that was said
};
static struct set_iter *as_iter(vref v) { return (struct set_iter *)as_object(v); }

static value iter(struct thread *t, vref self) {
    struct set_iter *it = object_alloc_gc(t, sizeof *it, type_set_iter.root_shape);
    if (!it) return V_NULL;
    it->set = own(t, self);
    atomic_init(&it->position, 0);
    atomic_init(&it->left, (int64_t)set_count(self));
    atomic_init(&it->count, (int64_t)set_count(self));
    return counted_word(it);
}

static value next(struct thread *t, vref self) {
    struct set_iter *it = as_iter(self);
    int64_t at = atomic_load_explicit(&it->position, memory_order_relaxed);
    if (at < 0) return V_NULL;
    if (atomic_load_explicit(&it->count, memory_order_relaxed) != (int64_t)set_count(it->set)) {
        atomic_store_explicit(&it->count, -1, memory_order_relaxed);
        return raise(t, &exc_RuntimeError, "Set changed size during iteration");
    }
    size_t pos = (size_t)at;
    value key;
    if (set_next(t, it->set, &pos, &key)) {
        atomic_store_explicit(&it->position, (int64_t)pos, memory_order_relaxed);
        atomic_store_explicit(&it->left, atomic_load_explicit(&it->left, memory_order_relaxed) - 1, memory_order_relaxed);
        return key;
    }
    atomic_store_explicit(&it->position, -1, memory_order_relaxed);
    if (!t->free_threaded) release_field(t, &it->set);
    return V_NULL;
}

static value iter_hint(struct thread *t, const vref *a) {
    struct set_iter *it = as_iter(a[0]);
    (void)t;
    bool going = atomic_load_explicit(&it->position, memory_order_relaxed) >= 0 &&
                 atomic_load_explicit(&it->count, memory_order_relaxed) == (int64_t)set_count(it->set);
    return from_int62(going ? atomic_load_explicit(&it->left, memory_order_relaxed) : 0);
}

// (iter, ([what is still to come],)), without moving the iterator.
static value iter_rest(struct thread *t, const vref *a) {
    struct set_iter *it = as_iter(a[0]);
    value rest = list_new(t, 0), key;
    bool ok = rest != V_NULL;
    int64_t at = atomic_load_explicit(&it->position, memory_order_relaxed);
    for (size_t pos = (size_t)at; ok && at >= 0 && set_next(t, it->set, &pos, &key);) ok = list_append_take(t, rest, key);
    value r = ok ? iter_reduce(t, "iter", V_NULL, V_NULL, rest) : V_NULL;
    release_opt(t, rest);
    return r;
}

static void iter_destroy(struct thread *t, struct object *o) { release_field(t, &((struct set_iter *)o)->set); }
static int iter_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct set_iter *it = (struct set_iter *)o;
    return it->set ? visit(it->set, arg) : 0;
}

static const struct native iter_natives[] = {
    {"__length_hint__", NATIVE_METHOD, "($self, /)", iter_hint, .doc = "Return how many items are probably still to come."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", iter_rest, .doc = "Return what pickle makes this again from."},
    {NULL},
};
struct type type_set_iter = {
    .name = "set_iterator", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct set_iter), .flags = TYPE_GC, .natives = iter_natives,
    .destroy = iter_destroy, .traverse = iter_traverse, .iter = iter_self, .next = next,
};

// ---- types ----

// frozenset's methods are those of set that change nothing: its table begins in the middle of set's.
static const struct native natives[] = {
    {"add", NATIVE_METHOD, "($self, object, /)", add, .doc = "Put object into the set."},
    {"clear", NATIVE_METHOD, "($self, /)", clear, .doc = "Take everything out."},
    {"discard", NATIVE_METHOD, "($self, object, /)", discard, .doc = "Take object out if it is there."},
    {"remove", NATIVE_METHOD, "($self, object, /)", remove_key, .doc = "Take object out.\n\nRaises KeyError if it is not there."},
    {"pop", NATIVE_METHOD, "($self, /)", pop, .doc = "Take any element out and return it; KeyError if there is none."},
    {"update", NATIVE_METHOD, "($self, /, *others)", update, .doc = "Put all elements of the others in."},
    {"difference_update", NATIVE_METHOD, "($self, /, *others)", difference_update, .doc = "Take all elements of the others out."},
    {"intersection_update", NATIVE_METHOD, "($self, /, *others)", intersection_update, .doc = "Keep only what all others have too."},
    {"symmetric_difference_update", NATIVE_METHOD, "($self, other, /)", symmetric_update, .doc = "Keep what is in exactly one of the two."},
    {"__contains__", NATIVE_METHOD, "($self, object, /)", has, .doc = "x.__contains__(y) <==> y in x."},
    {"copy", NATIVE_METHOD, "($self, /)", copy, .doc = "Return a set of the same elements."},
    {"union", NATIVE_METHOD, "($self, /, *others)", union_, .doc = "Return the set of what is in this one or any of the others."},
    {"intersection", NATIVE_METHOD, "($self, /, *others)", intersection, .doc = "Return the set of what is in this one and all of the others."},
    {"difference", NATIVE_METHOD, "($self, /, *others)", difference, .doc = "Return the set of what is in this one and none of the others."},
    {"symmetric_difference", NATIVE_METHOD, "($self, other, /)", symmetric_difference, .doc = "Return the set of what is in exactly one of the two."},
    {"isdisjoint", NATIVE_METHOD, "($self, other, /)", isdisjoint, .doc = "Return True if the two have nothing in common."},
    {"issubset", NATIVE_METHOD, "($self, other, /)", issubset, .doc = "Return True if other has all of this."},
    {"issuperset", NATIVE_METHOD, "($self, other, /)", issuperset, .doc = "Return True if this has all of other."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reduce, .doc = "Return what pickle makes this again from."},
    {"__sizeof__", NATIVE_METHOD, "($self, /)", size_in_bytes, .doc = "Return how many bytes of memory the set takes, its elements not counted."},
    {"__class_getitem__", NATIVE_CLASS, "($type, object, /)", seq_class_getitem, .doc = "See PEP 585"},
    {NULL},
};
enum { CHANGING = 9 }; // rows that only set has

#define SET_TYPE                                                                                                                            \
    .module = "builtins", .base = &type_object, .basicsize = sizeof(struct set), .destroy = destroy, .traverse = traverse, .clear = break_cycle, \
    .repr = repr, .iter = iter, .compare = compare, .length = length, .contains = set_lookup,                                               \
    .binary = {[NB_OR] = op_or, [NB_AND] = op_and, [NB_SUB] = op_sub, [NB_XOR] = op_xor}
struct type type_set = {
    SET_TYPE, .name = "set", .root_shape = SHAPE_SET, .flags = TYPE_GC | TYPE_BASE | TYPE_SET | TYPE_HAS_WEAK,
    .doc = "A collection of distinct elements in no particular order.",
    .natives = natives, .make = make, .init = init, .hash = hash_unhashable,
    .inplace = {[NB_OR] = in_or, [NB_AND] = in_and, [NB_SUB] = in_sub, [NB_XOR] = in_xor},
};
struct type type_frozenset = {
    SET_TYPE, .name = "frozenset", .root_shape = SHAPE_FROZENSET, .flags = TYPE_GC | TYPE_BASE | TYPE_SET | TYPE_HAS_WEAK,
    .doc = "A set that never changes.", .natives = natives + CHANGING,
    .make = make_frozen, .hash = hash,
};
