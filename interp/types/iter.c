// SPDX-License-Identifier: Apache-2.0
// Iterators over list, tuple, anything with __getitem__, and over a callable until a sentinel; reversed. Leaves enumerate, zip, map, filter to iter_tools.c,
// range's to range.c, dict's to dict_views.c.
#include "interp/types/names.h"
#include "interp/types/iter.h"

#include "interp/types/dict.h"
#include "interp/types/list.h"
#include "interp/types/sequence.h"

static struct seq_iter *as_iter(vref v) { return (struct seq_iter *)as_object(v); }
static inline int64_t index_of(struct seq_iter *it) { return atomic_load_explicit(&it->index, memory_order_relaxed); }
static inline void set_index(struct seq_iter *it, int64_t i) { atomic_store_explicit(&it->index, i, memory_order_relaxed); }

enum { DRAINED = -1, EXHAUSTED = -2 }; // indices: a reversed one has given its last item; it has said so, too

// Marks `it` exhausted; in GIL mode lets go of the sequence.
static value exhausted(struct thread *t, struct seq_iter *it) {
    if (index_of(it) == EXHAUSTED) return V_NULL;
    set_index(it, EXHAUSTED);
    if (!t->free_threaded) release_field(t, &it->seq);
    return V_NULL;
}

static value make_iter(struct thread *t, vref seq, uint32_t shape, int64_t index) {
    struct seq_iter *it = object_alloc_gc(t, sizeof *it, shape);
    if (!it) return V_NULL;
    it->seq = own(t, seq);
    atomic_init(&it->index, index);
    return counted_word(it);
}

value list_iter(struct thread *t, vref list) { return make_iter(t, list, SHAPE_LIST_ITER, 0); }
value tuple_iter(struct thread *t, vref tuple) { return make_iter(t, tuple, SHAPE_TUPLE_ITER, 0); }
value seq_iter_generic(struct thread *t, vref seq) { return make_iter(t, seq, type_seq_iter.root_shape, 0); }
value list_reverse_iter(struct thread *t, vref list) { return make_iter(t, list, type_list_reverse_iter.root_shape, (int64_t)list_size(list) - 1); }

value iter_self(struct thread *t, vref self) { return own(t, self); }

value iter_reduce(struct thread *t, const char *builtin, vref seq, vref index, vref empty) {
    value f = dict_get_str(t, t->interp->builtins, builtin);
    if (!f) return raised(t) ? V_NULL : raise(t, &exc_AttributeError, "%s", builtin);
    value args = tuple_pack(t, 1, seq ? seq : empty), r = V_NULL;
    if (args) r = seq ? tuple_pack(t, 3, f, args, index) : tuple_pack(t, 2, f, args);
    release(t, f);
    release_opt(t, args);
    return r;
}

static void destroy(struct thread *t, struct object *o) { release_field(t, &((struct seq_iter *)o)->seq); }

static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct seq_iter *it = (struct seq_iter *)o;
    return it->seq ? visit(it->seq, arg) : 0;
}

// ---- list, tuple ----

static value list_next(struct thread *t, vref self) {
    struct seq_iter *it = as_iter(self);
    int64_t i = index_of(it);
    if (i < 0) return V_NULL;
    value v = list_fetch(t, as_list(it->seq), (size_t)i);
    if (unlikely(!v)) return exhausted(t, it);
    set_index(it, i + 1);
    return v;
}

static value reverse_next(struct thread *t, vref self) {
    struct seq_iter *it = as_iter(self);
    int64_t i = index_of(it);
    value v = i < 0 ? V_NULL : list_get_or_null(t, it->seq, (size_t)i);
    if (!v) return exhausted(t, it);
    set_index(it, i - 1);
    return v;
}

static value tuple_next(struct thread *t, vref self) {
    struct seq_iter *it = as_iter(self);
    int64_t i = index_of(it);
    if (i < 0) return V_NULL;
    if ((size_t)i >= tuple_size(it->seq)) return exhausted(t, it);
    set_index(it, i + 1);
    return own(t, tuple_at(it->seq, (size_t)i));
}

static int64_t left_of(struct thread *t, vref self) {
    struct seq_iter *it = as_iter(self);
    int64_t i = index_of(it);
    if (i < 0) return 0;
    int64_t n = object_length(t, it->seq);
    if (n < 0) return -1;
    return n > i ? n - i : 0;
}

static value length_hint(struct thread *t, const vref *a) {
    int64_t n = left_of(t, a[0]);
    return n < 0 ? V_NULL : from_int62(n);
}

static value reverse_hint(struct thread *t, const vref *a) {
    (void)t;
    struct seq_iter *it = as_iter(a[0]);
    int64_t i = index_of(it);
    return from_int62(i < 0 || (size_t)i >= list_size(it->seq) ? 0 : i + 1);
}

static value reduce_with(struct thread *t, vref self, const char *builtin, vref empty) {
    struct seq_iter *it = as_iter(self);
    int64_t i = index_of(it);
    return iter_reduce(t, builtin, i == EXHAUSTED ? V_NULL : it->seq, from_int62(i), empty);
}

static value reduce_to_list(struct thread *t, vref self, const char *builtin) {
    value empty = list_new(t, 0), r = empty ? reduce_with(t, self, builtin, empty) : V_NULL;
    release_opt(t, empty);
    return r;
}

static value list_reduce(struct thread *t, const vref *a) { return reduce_to_list(t, a[0], "iter"); }
static value tuple_reduce(struct thread *t, const vref *a) { return reduce_with(t, a[0], "iter", tuple_empty); }
static value reverse_reduce(struct thread *t, const vref *a) {
    return index_of(as_iter(a[0])) == EXHAUSTED ? reduce_to_list(t, a[0], "iter") : reduce_with(t, a[0], "reversed", V_NONE);
}

static value setstate(struct thread *t, const vref *a) {
    struct seq_iter *it = as_iter(a[0]);
    int64_t i;
    if (!object_as_size_clamped(t, a[1], &i)) return V_NULL;
    if (index_of(it) >= 0) set_index(it, i < 0 ? 0 : i);
    return V_NONE;
}

static value reverse_setstate(struct thread *t, const vref *a) {
    struct seq_iter *it = as_iter(a[0]);
    int64_t i;
    if (!object_as_size_clamped(t, a[1], &i)) return V_NULL;
    if (index_of(it) == EXHAUSTED) return V_NONE;
    int64_t n = (int64_t)list_size(it->seq);
    set_index(it, i < 0 ? DRAINED : i > n - 1 ? n - 1 : i);
    return V_NONE;
}

static const struct native list_natives[] = {
    {"__length_hint__", NATIVE_METHOD, "($self, /)", length_hint, .doc = "Return how many items are probably still to come."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", list_reduce, .doc = "Return what pickle makes this again from."},
    {"__setstate__", NATIVE_METHOD, "($self, state, /)", setstate, .doc = "Take over the state that __reduce__ gave."},
    {NULL},
};
struct type type_list_iter = {
    .name = "list_iterator", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct seq_iter), .root_shape = SHAPE_LIST_ITER,
    .flags = TYPE_GC, .natives = list_natives, .destroy = destroy, .traverse = traverse, .iter = iter_self, .next = list_next,
};
static const struct native reverse_natives[] = {
    {"__length_hint__", NATIVE_METHOD, "($self, /)", reverse_hint, .doc = "Return how many items are probably still to come."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reverse_reduce, .doc = "Return what pickle makes this again from."},
    {"__setstate__", NATIVE_METHOD, "($self, state, /)", reverse_setstate, .doc = "Take over the state that __reduce__ gave."},
    {NULL},
};
struct type type_list_reverse_iter = {
    .name = "list_reverseiterator", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct seq_iter), .flags = TYPE_GC,
    .natives = reverse_natives, .destroy = destroy, .traverse = traverse, .iter = iter_self, .next = reverse_next,
};
static const struct native tuple_natives[] = {
    {"__length_hint__", NATIVE_METHOD, "($self, /)", length_hint, .doc = "Return how many items are probably still to come."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", tuple_reduce, .doc = "Return what pickle makes this again from."},
    {"__setstate__", NATIVE_METHOD, "($self, state, /)", setstate, .doc = "Take over the state that __reduce__ gave."},
    {NULL},
};
struct type type_tuple_iter = {
    .name = "tuple_iterator", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct seq_iter), .root_shape = SHAPE_TUPLE_ITER,
    .flags = TYPE_GC, .natives = tuple_natives, .destroy = destroy, .traverse = traverse, .iter = iter_self, .next = tuple_next,
};

// ---- anything with __getitem__ ----

static value generic_next(struct thread *t, vref self) {
    struct seq_iter *it = as_iter(self);
    int64_t i = index_of(it);
    if (i < 0) return V_NULL;
    if (i == INT64_MAX) return raise(t, &exc_OverflowError, "iter index too large");
    value seq = own(t, it->seq), v = object_getitem(t, seq, from_int62(i));
    if (v) {
        set_index(it, i + 1);
    } else if (raised_is(t, &exc_IndexError) || raised_is(t, &exc_StopIteration)) {
        raised_clear(t);
        exhausted(t, it);
    }
    release(t, seq);
    return v;
}

static value generic_hint(struct thread *t, const vref *a) {
    struct seq_iter *it = as_iter(a[0]);
    if (index_of(it) >= 0 && !type_of(it->seq)->length) return V_NOTIMPL;
    return length_hint(t, a);
}

static const struct native generic_natives[] = {
    {"__length_hint__", NATIVE_METHOD, "($self, /)", generic_hint, .doc = "Return how many items are probably still to come."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", tuple_reduce, .doc = "Return what pickle makes this again from."},
    {"__setstate__", NATIVE_METHOD, "($self, state, /)", setstate, .doc = "Take over the state that __reduce__ gave."},
    {NULL},
};
struct type type_seq_iter = {
    .name = "iterator", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct seq_iter), .flags = TYPE_GC, .natives = generic_natives,
    .destroy = destroy, .traverse = traverse, .iter = iter_self, .next = generic_next,
};

// ---- iter(f, sentinel) ----

struct callable_iter {
    struct object head;
    value f, sentinel; // owned; V_NULL when exhausted (in GIL mode; `done` says it in both)
    _Atomic int done;
};

value callable_iter(struct thread *t, vref f, vref sentinel) {
    struct callable_iter *it = object_alloc_gc(t, sizeof *it, type_callable_iter.root_shape);
    if (!it) return V_NULL;
    it->f = own(t, f);
    it->sentinel = own(t, sentinel);
    atomic_init(&it->done, 0);
    return counted_word(it);
}

static void callable_end(struct thread *t, struct callable_iter *it) {
    atomic_store_explicit(&it->done, 1, memory_order_relaxed);
    if (t->free_threaded) return;
    release_field(t, &it->f);
    release_field(t, &it->sentinel);
}

static value callable_next(struct thread *t, vref self) {
    struct callable_iter *it = (struct callable_iter *)as_object(self);
    if (atomic_load_explicit(&it->done, memory_order_relaxed)) return V_NULL;
    value f = own(t, it->f), v = object_call0(t, f);
    release(t, f);
    if (!v) {
        if (stop_iteration_swallow(t)) callable_end(t, it);
        return V_NULL;
    }
    if (atomic_load_explicit(&it->done, memory_order_relaxed)) { // the call used the iterator up
        release(t, v);
        return V_NULL;
    }
    value sentinel = own(t, it->sentinel);
    int equal = words_equal(t, sentinel, v);
    release(t, sentinel);
    if (equal == 0) return v;
    if (equal > 0) callable_end(t, it);
    release(t, v);
    return V_NULL;
}

static void callable_destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct callable_iter *)o)->f);
    release_field(t, &((struct callable_iter *)o)->sentinel);
}

static int callable_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct callable_iter *it = (struct callable_iter *)o;
    int r = it->f ? visit(it->f, arg) : 0;
    return r || !it->sentinel ? r : visit(it->sentinel, arg);
}

static value callable_reduce(struct thread *t, const vref *a) {
    struct callable_iter *it = (struct callable_iter *)as_object(a[0]);
    if (atomic_load_explicit(&it->done, memory_order_relaxed)) return iter_reduce(t, "iter", V_NULL, V_NULL, tuple_empty);
    value f = dict_get_str(t, t->interp->builtins, "iter"), args = f ? tuple_pack(t, 2, it->f, it->sentinel) : V_NULL;
    value r = args ? tuple_pack(t, 2, f, args) : V_NULL;
    release_opt(t, f);
    release_opt(t, args);
    return r;
}

static const struct native callable_natives[] = {
    {"__reduce__", NATIVE_METHOD, "($self, /)", callable_reduce, .doc = "Return what pickle makes this again from."},
    {NULL},
};
struct type type_callable_iter = {
    .name = "callable_iterator", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct callable_iter), .flags = TYPE_GC,
    .natives = callable_natives, .destroy = callable_destroy, .traverse = callable_traverse, .iter = iter_self, .next = callable_next,
};

// ---- reversed ----

static value reversed_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (cls->init == type_reversed.init && !args_no_keywords(t, "reversed", kwnames)) return V_NULL;
    if (!args_count(t, "reversed", nargs, 1, 1)) return V_NULL;
    value name = NAME(__reversed__), f = V_NULL;
    int found = name ? object_lookup_special(t, args[0], name, &f) : -1;
    release_opt(t, name);
    if (found < 0) return V_NULL;
    if (found && is_none(f)) return raise(t, &exc_TypeError, "'%T' object is not reversible", args[0]);
    if (found) {
        value r = object_call0(t, f);
        release(t, f);
        return r;
    }
    const struct type *c = type_of(args[0]);
    if (!c->getitem || !c->length || is_dict(args[0])) return raise(t, &exc_TypeError, "'%T' object is not reversible", args[0]);
    int64_t n = object_length(t, args[0]);
    value v = n < 0 ? V_NULL : object_new_instance(t, cls);
    if (!v) return V_NULL;
    as_iter(v)->seq = own(t, args[0]);
    set_index(as_iter(v), n - 1);
    return v;
}

static value reversed_next(struct thread *t, vref self) {
    struct seq_iter *it = as_iter(self);
    int64_t i = index_of(it);
    if (i < 0) return exhausted(t, it);
    value seq = own(t, it->seq), v = object_getitem(t, seq, from_int62(i));
    if (v) {
        set_index(it, i - 1);
    } else if (raised_is(t, &exc_IndexError) || raised_is(t, &exc_StopIteration)) {
        raised_clear(t);
        exhausted(t, it);
    }
    release(t, seq);
    return v;
}

static value reversed_hint(struct thread *t, const vref *a) {
    struct seq_iter *it = as_iter(a[0]);
    int64_t i = index_of(it), n = i < 0 ? 0 : object_length(t, it->seq);
    if (n < 0) return V_NULL;
    return from_int62(i < 0 || n < i + 1 ? 0 : i + 1);
}

static value reversed_reduce(struct thread *t, const vref *a) {
    struct seq_iter *it = as_iter(a[0]);
    int64_t i = index_of(it);
    value args = tuple_pack(t, 1, i < 0 ? tuple_empty : it->seq), r = V_NULL;
    if (args) r = i < 0 ? tuple_pack(t, 2, type_ref(&type_reversed), args) : tuple_pack(t, 3, type_ref(&type_reversed), args, from_int62(i));
    release_opt(t, args);
    return r;
}

static value reversed_setstate(struct thread *t, const vref *a) {
    struct seq_iter *it = as_iter(a[0]);
    int64_t i, n;
    if (!object_as_size_clamped(t, a[1], &i)) return V_NULL;
    if (index_of(it) < 0) return V_NONE;
    if ((n = object_length(t, it->seq)) < 0) return V_NULL;
    set_index(it, i < -1 ? -1 : i > n - 1 ? n - 1 : i);
    return V_NONE;
}

static const struct native reversed_natives[] = {
    {"__length_hint__", NATIVE_METHOD, "($self, /)", reversed_hint, .doc = "Return how many items are probably still to come."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reversed_reduce, .doc = "Return what pickle makes this again from."},
    {"__setstate__", NATIVE_METHOD, "($self, state, /)", reversed_setstate, .doc = "Take over the state that __reduce__ gave."},
    {NULL},
};
struct type type_reversed = {
    .name = "reversed", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct seq_iter), .flags = TYPE_GC | TYPE_BASE,
    .doc = "reversed(sequence, /)\n--\n\nAn iterator from the last item of the sequence to the first.", .natives = reversed_natives,
    .make = reversed_make, .destroy = destroy, .traverse = traverse, .iter = iter_self, .next = reversed_next,
};
