// SPDX-License-Identifier: Apache-2.0
// enumerate, zip, map, filter. Leaves the iterators over containers to iter.c, itertools to its module.
#include "interp/types/dict.h"
#include "interp/types/iter.h"
#include "interp/types/num.h"
#include "interp/types/sequence.h"

// ---- enumerate ----

struct enumerate {
    struct object head;
    value it;    // owned
    value index; // owned int: the next number
    value pair;  // as in struct dict_iter
};
static struct enumerate *as_enumerate(vref v) { return (struct enumerate *)as_object(v); }

// iterable and start, by position or by name. V_NULL: TypeError.
static vref enumerate_args(struct thread *t, const vref *args, size_t nargs, vref kwnames, vref *start) {
    vref iterable = nargs > 0 ? args[0] : V_NULL;
    *start = nargs > 1 ? args[1] : V_NULL;
    size_t total = nargs + keyword_count(kwnames);
    if (total > 2) return raise(t, &exc_TypeError, "enumerate() takes at most 2 arguments (%zu given)", total);
    for (size_t i = 0; i < keyword_count(kwnames); i++) {
        vref name = tuple_at(kwnames, i);
        if (!iterable && str_equal_cstr(name, "iterable")) iterable = args[nargs + i];
        else if (!*start && str_equal_cstr(name, "start")) *start = args[nargs + i];
        else return raise(t, &exc_TypeError, "'%U' is an invalid keyword argument for enumerate()", name);
    }
    return iterable ? iterable : raise(t, &exc_TypeError, "enumerate() missing required argument 'iterable'");
}

static value enumerate_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    vref start, iterable = enumerate_args(t, args, nargs, kwnames, &start);
    if (!iterable) return V_NULL;
    value index = start ? object_index(t, start) : from_int62(0), it = index ? object_iter(t, iterable) : V_NULL;
    value v = it ? object_new_instance(t, cls) : V_NULL;
    if (!v) {
        release_opt(t, index);
        release_opt(t, it);
        return V_NULL;
    }
    as_enumerate(v)->it = it;
    as_enumerate(v)->index = index;
    return v;
}

static value enumerate_next(struct thread *t, vref self) {
    struct enumerate *e = as_enumerate(self);
    value item = object_next(t, e->it);
    if (!item) return V_NULL;
    value index = field_load(t, &e->index), next;
    if (likely(is_int62(index) && index != from_int62(INT62_MAX))) next = from_int62(as_int62(index) + 1);
    else next = int_binary(t, index, from_int62(1), NB_ADD);
    if (!next) {
        release(t, item);
        release(t, index);
        return V_NULL;
    }
    if (is_int62(index) && !t->free_threaded) e->index = next;
    else field_store(t, &e->head, &e->index, next);
    return pair_new(t, &e->pair, index, item);
}

static void enumerate_destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct enumerate *)o)->it);
    release_field(t, &((struct enumerate *)o)->index);
    release_field(t, &((struct enumerate *)o)->pair);
}
static int enumerate_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct enumerate *e = (struct enumerate *)o;
    int r = e->pair ? visit(e->pair, arg) : 0;
    return r || !e->it ? r : visit(e->it, arg);
}

static value enumerate_reduce(struct thread *t, const vref *a) {
    value index = field_load(t, &as_enumerate(a[0])->index), args = tuple_pack(t, 2, as_enumerate(a[0])->it, index);
    value r = args ? tuple_pack(t, 2, type_ref(type_of(a[0])), args) : V_NULL;
    release(t, index);
    release_opt(t, args);
    return r;
}

static const struct native enumerate_natives[] = {
    {"__reduce__", NATIVE_METHOD, "($self, /)", enumerate_reduce, .doc = "Return what pickle makes this again from."},
    {"__class_getitem__", NATIVE_CLASS, "($type, object, /)", seq_class_getitem, .doc = "See PEP 585"},
    {NULL},
};
struct type type_enumerate = {
    .name = "enumerate", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct enumerate), .flags = TYPE_GC | TYPE_BASE,
    .doc = "enumerate(iterable, start=0)\n--\n\nAn iterator over pairs of a number, counted up from start, and an item of iterable.",
    .natives = enumerate_natives, .make = enumerate_make, .destroy = enumerate_destroy, .traverse = enumerate_traverse, .iter = iter_self,
    .next = enumerate_next,
};

// ---- zip, map, filter: a function (or none) over a tuple of iterators ----

struct over {
    struct object head;
    value f;      // owned: function of map and filter, V_NULL for zip
    value its;    // owned tuple of iterators
    bool strict;  // zip
    value pair;   // zip of two: as in struct dict_iter
};
static struct over *as_over(vref v) { return (struct over *)as_object(v); }

static void over_destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct over *)o)->f);
    release_field(t, &((struct over *)o)->its);
    release_field(t, &((struct over *)o)->pair);
}
static int over_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct over *x = (struct over *)o;
    int r = x->f ? visit(x->f, arg) : 0;
    if (!r && x->pair) r = visit(x->pair, arg);
    return r || !x->its ? r : visit(x->its, arg);
}

// The iterators of n iterables. returns new tuple.
static value iterators_of(struct thread *t, const vref *iterables, size_t n) {
    value its = tuple_new(t, n);
    for (size_t i = 0; its && i < n; i++) {
        value it = object_iter(t, iterables[i]);
        if (!it) {
            release(t, its);
            return V_NULL;
        }
        as_tuple(its)->at[i] = it;
    }
    return its;
}

static value over_new(struct thread *t, struct type *cls, vref f, const vref *iterables, size_t n) {
    value its = iterators_of(t, iterables, n), v = its ? object_new_instance(t, cls) : V_NULL;
    if (!v) {
        release_opt(t, its);
        return V_NULL;
    }
    as_over(v)->f = f ? own(t, f) : V_NULL;
    as_over(v)->its = its;
    return v;
}

static value over_reduce(struct thread *t, const vref *a) {
    struct over *x = as_over(a[0]);
    size_t n = tuple_size(x->its), head = x->f != V_NULL;
    value args = tuple_new(t, n + head);
    if (!args) return V_NULL;
    if (head) as_tuple(args)->at[0] = own(t, x->f);
    for (size_t i = 0; i < n; i++) as_tuple(args)->at[i + head] = own(t, tuple_at(x->its, i));
    value r = x->strict ? tuple_pack(t, 3, type_ref(type_of(a[0])), args, V_TRUE) : tuple_pack(t, 2, type_ref(type_of(a[0])), args);
    release(t, args);
    return r;
}

// ---- zip ----

static value zip_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    int strict = 0;
    for (size_t i = 0; i < keyword_count(kwnames); i++) {
        if (!str_equal_cstr(tuple_at(kwnames, i), "strict"))
            return raise(t, &exc_TypeError, "'%U' is an invalid keyword argument for zip()", tuple_at(kwnames, i));
        if ((strict = object_truth(t, args[nargs + i])) < 0) return V_NULL;
    }
    value v = over_new(t, cls, V_NULL, args, nargs);
    if (v) as_over(v)->strict = strict;
    return v;
}

// zip(strict=True): iterator i has ended. Either all others end too, or ValueError.
static value zip_check(struct thread *t, vref its, size_t i) {
    if (raised(t)) return V_NULL;
    const char *before = i == 1 ? " " : "s 1-";
    if (i > 0) return raise(t, &exc_ValueError, "zip() argument %zu is shorter than argument%s%zu", i + 1, before, i);
    for (i = 1; i < tuple_size(its); i++) {
        value more = object_next(t, tuple_at(its, i));
        if (more) {
            release(t, more);
            return raise(t, &exc_ValueError, "zip() argument %zu is longer than argument%s%zu", i + 1, i == 1 ? " " : "s 1-", i);
        }
        if (raised(t)) return V_NULL;
    }
    return V_NULL;
}

static value zip_next(struct thread *t, vref self) {
    struct over *x = as_over(self);
    size_t n = tuple_size(x->its);
    if (n == 0) return V_NULL;
    value few[8], *row = n <= 8 ? few : mem_calloc(t, n * sizeof(value)), r = V_NULL;
    if (!row) return V_NULL;
    struct held_words hold;
    hold_words(t, &hold, row, row == few ? 0 : n);
    size_t i = 0;
    while (i < n && (row[i] = object_next(t, tuple_at(x->its, i))) != V_NULL) i++;
    if (i == n) {
        r = n == 2 ? pair_new(t, &x->pair, row[0], row[1]) : tuple_take_array(t, row, n);
    } else {
        for (size_t k = 0; k < i; k++) release(t, row[k]);
        if (x->strict) zip_check(t, x->its, i);
    }
    unhold_words(t, &hold);
    if (row != few) mem_free(t, row, n * sizeof(value));
    return r;
}

static value zip_setstate(struct thread *t, const vref *a) {
    int strict = object_truth(t, a[1]);
    if (strict < 0) return V_NULL;
    as_over(a[0])->strict = strict;
    return V_NONE;
}

static const struct native zip_natives[] = {
    {"__reduce__", NATIVE_METHOD, "($self, /)", over_reduce, .doc = "Return what pickle makes this again from."},
    {"__setstate__", NATIVE_METHOD, "($self, state, /)", zip_setstate, .doc = "Take over the state that __reduce__ gave."},
    {NULL},
};
struct type type_zip = {
    .name = "zip", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct over), .flags = TYPE_GC | TYPE_BASE,
    .doc = "zip(*iterables, strict=False) --> an iterator over tuples of one item of each iterable.\n\n"
           "It ends with the shortest; with strict, a length that differs is a ValueError.",
    .natives = zip_natives, .make = zip_make, .destroy = over_destroy, .traverse = over_traverse, .iter = iter_self, .next = zip_next,
};

// ---- map ----

static value map_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (cls->init == type_map.init && !args_no_keywords(t, "map", kwnames)) return V_NULL;
    if (nargs < 2) return raise(t, &exc_TypeError, "map() must have at least two arguments.");
    return over_new(t, cls, args[0], args + 1, nargs - 1);
}

static value map_next(struct thread *t, vref self) {
    struct over *x = as_over(self);
    size_t n = tuple_size(x->its);
    if (n == 1) {
        value item = object_next(t, tuple_at(x->its, 0));
        if (!item) return V_NULL;
        value r = object_call1(t, x->f, item);
        release(t, item);
        return r;
    }
    value few[8], *row = n <= 8 ? few : mem_calloc(t, n * sizeof(value)), r = V_NULL;
    if (!row) return V_NULL;
    struct held_words hold;
    hold_words(t, &hold, row, row == few ? 0 : n);
    size_t i = 0;
    while (i < n && (row[i] = object_next(t, tuple_at(x->its, i))) != V_NULL) i++;
    if (i == n) r = object_call(t, x->f, row, n, V_NULL);
    for (size_t k = 0; k < i; k++) release(t, row[k]);
    unhold_words(t, &hold);
    if (row != few) mem_free(t, row, n * sizeof(value));
    return r;
}

static const struct native map_natives[] = {
    {"__reduce__", NATIVE_METHOD, "($self, /)", over_reduce, .doc = "Return what pickle makes this again from."},
    {NULL},
};
struct type type_map = {
    .name = "map", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct over), .flags = TYPE_GC | TYPE_BASE,
    .doc = "An iterator over what func makes of one item of each iterable; it ends with the shortest.",
    .natives = map_natives, .make = map_make, .destroy = over_destroy, .traverse = over_traverse, .iter = iter_self, .next = map_next,
};

// ---- filter ----

static value filter_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (cls->init == type_filter.init && !args_no_keywords(t, "filter", kwnames)) return V_NULL;
    if (!args_count(t, "filter", nargs, 2, 2)) return V_NULL;
    return over_new(t, cls, args[0], args + 1, 1);
}

static int passes(struct thread *t, vref f, vref item) {
    if (is_none(f) || is_same(f, type_ref(&type_bool))) return object_truth(t, item);
    value r = object_call1(t, f, item);
    int yes = r ? object_truth(t, r) : -1;
    release_opt(t, r);
    return yes;
}

static value filter_next(struct thread *t, vref self) {
    struct over *x = as_over(self);
    for (value item; (item = object_next(t, tuple_at(x->its, 0))) != V_NULL;) {
        int yes = passes(t, x->f, item);
        if (yes > 0) return item;
        release(t, item);
        if (yes < 0 || !safepoint_poll(t)) return V_NULL;
    }
    return V_NULL;
}

static const struct native filter_natives[] = {
    {"__reduce__", NATIVE_METHOD, "($self, /)", over_reduce, .doc = "Return what pickle makes this again from."},
    {NULL},
};
struct type type_filter = {
    .name = "filter", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct over), .flags = TYPE_GC | TYPE_BASE,
    .doc = "An iterator over the items that function (by default: truth) says yes to.",
    .natives = filter_natives, .make = filter_make, .destroy = over_destroy, .traverse = over_traverse, .iter = iter_self, .next = filter_next,
};

// ---- start ----

extern struct type type_str_iter, type_bytes_iter, type_bytearray_iter;

bool containers_start(struct thread *t) {
    static struct type *const types[] = {
        &type_list_iter, &type_list_reverse_iter, &type_tuple_iter, &type_seq_iter, &type_callable_iter, &type_reversed, &type_enumerate, &type_zip,
        &type_map, &type_filter, &type_range_iter, &type_long_range_iter, &type_set_iter, &type_dict_keys, &type_dict_values, &type_dict_items,
        &type_dict_key_iter, &type_dict_value_iter, &type_dict_item_iter, &type_dict_reverse_key_iter, &type_dict_reverse_value_iter,
        &type_dict_reverse_item_iter, &type_str_iter, &type_bytes_iter, &type_bytearray_iter,
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!type_ready(t, types[i])) return false;
    return exc_start(t);
}
