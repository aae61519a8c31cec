// SPDX-License-Identifier: Apache-2.0
// chain, islice, zip_longest, pairwise, accumulate: iterators that join, cut and combine others. Leaves those that choose by a function to choose.c.
#include "interp/modules/itertools/itertools.h"

// ---- chain ----

static value chain_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (!tool_plain_args(t, &itertools_chain, cls, nargs, kwnames, 0, SIZE_MAX)) return V_NULL;
    value all = tuple_from_array(t, args, nargs), it = all ? object_iter(t, all) : V_NULL;
    release_opt(t, all);
    return tool_new(t, cls, it, V_NULL);
}
static value chain_from_iterable(struct thread *t, const vref *a) { return tool_new(t, as_type(a[0]), object_iter(t, a[1]), V_NULL); }

// The next iterable's iterator, made the active one. returns new; V_NULL: none left, or exception.
static value chain_advance(struct thread *t, struct tool *c) {
    value source = field_load(t, &c->it);
    if (!source) return V_NULL;
    value iterable = object_next(t, source), active = iterable ? object_iter(t, iterable) : V_NULL;
    release(t, source);
    release_opt(t, iterable);
    if (active) field_store(t, &c->head, &c->x, own(t, active));
    else field_store(t, &c->head, &c->it, V_NULL);
    return active;
}
static value chain_next(struct thread *t, vref self) {
    struct tool *c = as_tool(self);
    for (;;) {
        value active = field_load(t, &c->x);
        if (!active && !(active = chain_advance(t, c))) return V_NULL;
        value v = object_next(t, active);
        release(t, active);
        if (likely(v != V_NULL) || raised(t)) return v;
        field_store(t, &c->head, &c->x, V_NULL);
        if (!safepoint_poll(t)) return V_NULL;
    }
}
static value chain_reduce(struct thread *t, const vref *a) {
    struct tool *c = as_tool(a[0]);
    value source = field_load(t, &c->it), active = field_load(t, &c->x), r;
    if (!source) r = tuple_pack(t, 2, type_ref(type_of(a[0])), tuple_empty);
    else r = tool_reduce_state(t, a[0], tuple_empty, active ? tuple_pack(t, 2, source, active) : tuple_pack(t, 1, source));
    release_opt(t, source);
    release_opt(t, active);
    return r;
}
static bool is_iterator(vref v) { return type_of(v)->next != NULL; }
static value chain_setstate(struct thread *t, const vref *a) {
    struct tool *c = as_tool(a[0]);
    if (!tool_state_tuple(t, a[1], 1, 2)) return V_NULL;
    size_t n = tuple_size(a[1]);
    if (!is_iterator(tuple_at(a[1], 0)) || (n > 1 && !is_iterator(tuple_at(a[1], 1)))) return raise(t, &exc_TypeError, "Arguments must be iterators.");
    field_store(t, &c->head, &c->it, own(t, tuple_at(a[1], 0)));
    field_store(t, &c->head, &c->x, n > 1 ? own(t, tuple_at(a[1], 1)) : V_NULL);
    return V_NONE;
}
static const struct native chain_natives[] = {
    {"from_iterable", NATIVE_CLASS, "($type, iterable, /)", chain_from_iterable,
     .doc = "chain() over the iterables that one iterable gives, each asked for when its turn comes."},
    TOOL_REDUCE(chain_reduce),
    TOOL_SETSTATE(chain_setstate),
    {"__class_getitem__", NATIVE_CLASS, "($type, object, /)", seq_class_getitem, .doc = "See PEP 585"},
    {NULL},
};
TOOL(chain, "chain", chain_natives, chain_make, chain_next, "chain(*iterables) --> an iterator over the items of the first, then of the next, until all are done.");

// ---- islice ----

// None: *out stays; what is no index is -1, which is an error everywhere.
static void slice_arg(struct thread *t, vref v, int64_t *out) {
    if (!v || is_none(v)) return;
    if (!object_as_index(t, v, out)) *out = -1;
    if (raised(t)) raised_clear(t);
}
static value islice_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (!tool_plain_args(t, &itertools_islice, cls, nargs, kwnames, 2, 4)) return V_NULL;
    int64_t start = 0, stop = 0, step = 1;
    vref stop_arg = args[nargs == 2 ? 1 : 2];
    slice_arg(t, stop_arg, &stop);
    if (nargs > 2) slice_arg(t, args[1], &start);
    if (nargs > 3) slice_arg(t, args[3], &step);
    if (stop == -1) return raise(t, &exc_ValueError, "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.");
    if (start < 0 || stop < 0) return raise(t, &exc_ValueError, "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.");
    if (step < 1) return raise(t, &exc_ValueError, "Step for islice() must be a positive integer or None.");
    if (is_none(stop_arg)) stop = -1;
    value v = tool_new(t, cls, object_iter(t, args[0]), V_NULL);
    if (!v) return V_NULL;
    num_set(&as_tool(v)->j, start);
    num_set(&as_tool(v)->k, step);
    num_set(&as_tool(v)->n, stop);
    return v;
}
static value islice_next(struct thread *t, vref self) {
    struct tool *s = as_tool(self);
    int64_t taken = num_get(&s->i), wanted = num_get(&s->j), stop = num_get(&s->n);
    value it = field_load(t, &s->it), v;
    if (!it) return V_NULL;
    for (; taken < wanted; num_set(&s->i, ++taken)) {
        if (!(v = object_next(t, it))) goto end;
        release(t, v);
        if (!safepoint_poll(t)) goto end;
    }
    if (stop >= 0 && taken >= stop) goto end;
    v = object_next(t, it);
    if (!v) goto end;
    release(t, it);
    num_set(&s->i, taken + 1);
    wanted = wanted > INT64_MAX - num_get(&s->k) ? INT64_MAX : wanted + num_get(&s->k);
    num_set(&s->j, stop >= 0 && wanted > stop ? stop : wanted);
    return v;
end:
    release(t, it);
    field_store(t, &s->head, &s->it, V_NULL);
    return V_NULL;
}
static value islice_reduce(struct thread *t, const vref *a) {
    struct tool *s = as_tool(a[0]);
    value it = field_load(t, &s->it), args = V_NULL;
    int64_t stop = num_get(&s->n), taken = num_get(&s->i);
    if (it) {
        value next = int_from_i64(t, num_get(&s->j)), to = stop < 0 ? V_NONE : int_from_i64(t, stop), step = int_from_i64(t, num_get(&s->k));
        if (next && to && step) args = tuple_pack(t, 4, it, next, to, step);
        release_opt(t, next);
        release_opt(t, to);
        release_opt(t, step);
    } else {
        taken = 0;
        value none = list_new(t, 0);
        it = none ? object_iter(t, none) : V_NULL;
        args = it ? tuple_pack(t, 2, it, from_int62(0)) : V_NULL;
        release_opt(t, none);
    }
    release_opt(t, it);
    return tool_reduce_state(t, a[0], args, int_from_i64(t, taken));
}
static value islice_setstate(struct thread *t, const vref *a) {
    int64_t taken;
    if (!object_as_index(t, a[1], &taken)) return V_NULL;
    num_set(&as_tool(a[0])->i, taken);
    return V_NONE;
}
static const struct native islice_natives[] = {TOOL_REDUCE(islice_reduce), TOOL_SETSTATE(islice_setstate), {NULL}};
TOOL(islice, "islice", islice_natives, islice_make, islice_next,
     "An iterator over the items that a slice of a sequence would hold.\n\nTakes (iterable, stop) or (iterable, start, stop[, step]), none of them negative.");

// ---- pairwise ----

static value pairwise_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (!tool_plain_args(t, &itertools_pairwise, cls, nargs, kwnames, 1, 1)) return V_NULL;
    return tool_new(t, cls, object_iter(t, args[0]), V_NULL);
}
static value pairwise_next(struct thread *t, vref self) {
    struct tool *p = as_tool(self);
    value it = field_load(t, &p->it);
    if (!it) return V_NULL;
    value before = field_load(t, &p->x);
    if (!before) {
        before = object_next(t, it);
        if (before) field_store(t, &p->head, &p->x, own(t, before));
    }
    value now = before ? object_next(t, it) : V_NULL;
    release(t, it);
    if (!now) {
        release_opt(t, before);
        field_store(t, &p->head, &p->it, V_NULL);
        field_store(t, &p->head, &p->x, V_NULL);
        return V_NULL;
    }
    field_store(t, &p->head, &p->x, own(t, now));
    return pair_new(t, &p->y, before, now);
}
TOOL(pairwise, "pairwise", NULL, pairwise_make, pairwise_next, "pairwise(iterable, /)\n--\n\nAn iterator over pairs of neighbours: s -> (s0, s1), (s1, s2), (s2, s3), ...");

// ---- accumulate ----

static value accumulate_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    const struct args_spec spec = {"accumulate", (const char *const[]){"iterable", "func", "initial"}, 0, 1, 3};
    vref in[3];
    if (nargs > 2) return raise(t, &exc_TypeError, "accumulate() takes at most 2 positional arguments (%zu given)", nargs);
    if (!args_bind(t, &spec, args, nargs, kwnames, in)) return V_NULL;
    value it = object_iter(t, in[0]);
    value v = tool_new(t, cls, it, it && in[1] && !is_none(in[1]) ? own(t, in[1]) : V_NULL);
    if (v && in[2] && !is_none(in[2])) as_tool(v)->y = own(t, in[2]);
    return v;
}
static value accumulate_next(struct thread *t, vref self) {
    struct tool *c = as_tool(self);
    value initial = field_load(t, &c->y);
    if (unlikely(initial != V_NULL)) {
        field_store(t, &c->head, &c->x, own(t, initial));
        field_store(t, &c->head, &c->y, V_NULL);
        return initial;
    }
    value v = object_next(t, c->it);
    if (!v) return V_NULL;
    value total = field_load(t, &c->x), sum = v;
    if (total) {
        sum = c->f ? object_call2(t, c->f, total, v) : object_binary(t, total, v, NB_ADD);
        release(t, v);
        release(t, total);
        if (!sum) return V_NULL;
    }
    field_store(t, &c->head, &c->x, own(t, sum));
    return sum;
}
// The iterator with `first` put before it.
static value chained(struct thread *t, vref first, vref it) {
    value one = tuple_pack(t, 1, first), both = one ? tuple_pack(t, 2, one, it) : V_NULL;
    value r = both ? object_call(t, type_ref(&itertools_chain), as_tuple(both)->at, 2, V_NULL) : V_NULL;
    release_opt(t, one);
    release_opt(t, both);
    return r;
}
static value accumulate_reduce(struct thread *t, const vref *a) {
    struct tool *c = as_tool(a[0]);
    value initial = field_load(t, &c->y), total = field_load(t, &c->x), r = V_NULL, it = V_NULL;
    vref f = c->f ? c->f : V_NONE;
    if (initial) {
        it = chained(t, initial, c->it);
        if (it) r = tool_reduce_state(t, a[0], tuple_pack(t, 2, it, f), V_NONE);
    } else if (total && is_none(total)) { // a total of None would be read as no total: put it before the rest and drop the first result
        it = chained(t, total, c->it);
        value rest = it ? tool_reduce(t, a[0], it, f) : V_NULL;
        value whole = rest ? object_call2(t, type_ref(&itertools_accumulate), it, f) : V_NULL;
        value args = whole ? tuple_pack(t, 3, whole, from_int62(1), V_NONE) : V_NULL;
        if (args) r = tuple_pack(t, 2, type_ref(&itertools_islice), args);
        release_opt(t, rest);
        release_opt(t, whole);
        release_opt(t, args);
    } else
        r = tool_reduce_state(t, a[0], tuple_pack(t, 2, c->it, f), total ? own(t, total) : V_NONE);
    release_opt(t, it);
    release_opt(t, initial);
    release_opt(t, total);
    return r;
}
static value accumulate_setstate(struct thread *t, const vref *a) {
    field_store(t, as_object(a[0]), &as_tool(a[0])->x, own(t, a[1]));
    return V_NONE;
}
static const struct native accumulate_natives[] = {TOOL_REDUCE(accumulate_reduce), TOOL_SETSTATE(accumulate_setstate), {NULL}};
TOOL(accumulate, "accumulate", accumulate_natives, accumulate_make, accumulate_next,
     "accumulate(iterable, func=None, *, initial=None)\n--\n\nAn iterator over running sums, or over what func makes of the result so far and the next item.");

// ---- zip_longest ----

struct longest {
    struct tool tool;
    _Atomic uint8_t *done; // one an iterator
};
static struct longest *as_longest(vref v) { return (struct longest *)as_object(v); }

static value longest_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    vref fill = V_NONE;
    for (size_t i = 0; i < keyword_count(kwnames); i++) {
        if (!str_equal_cstr(tuple_at(kwnames, i), "fillvalue")) return raise(t, &exc_TypeError, "zip_longest() got an unexpected keyword argument");
        fill = args[nargs + i];
    }
    value its = tuple_new(t, nargs);
    for (size_t i = 0; its && i < nargs; i++) {
        value it = object_iter(t, args[i]);
        if (!it) {
            release(t, its);
            return V_NULL;
        }
        as_tuple(its)->at[i] = it;
    }
    value v = its ? tool_new(t, cls, its, own(t, fill)) : V_NULL;
    if (!v || !nargs) return v;
    as_longest(v)->done = mem_calloc(t, nargs);
    if (!as_longest(v)->done) {
        release(t, v);
        return V_NULL;
    }
    num_set(&as_longest(v)->tool.i, (int64_t)nargs);
    return v;
}
// Item of iterator i, or the fill value. V_NULL: that was the last one, or exception.
static value longest_item(struct thread *t, struct longest *z, size_t i) {
    if (!atomic_load_explicit(&z->done[i], memory_order_relaxed)) {
        value v = object_next(t, tuple_at(z->tool.it, i));
        if (v) return v;
        atomic_store_explicit(&z->done[i], 1, memory_order_relaxed);
        int64_t active = raised(t) ? 0 : num_get(&z->tool.i) - 1;
        num_set(&z->tool.i, active);
        if (active <= 0) return V_NULL;
    }
    return field_load(t, &z->tool.f);
}
static value longest_next(struct thread *t, vref self) {
    struct longest *z = as_longest(self);
    size_t n = tuple_size(z->tool.it), i = 0;
    if (num_get(&z->tool.i) <= 0) return V_NULL;
    value row = tuple_new(t, n);
    for (value v; row && i < n; i++) {
        if (!(v = longest_item(t, z, i))) {
            release(t, row);
            return V_NULL;
        }
        as_tuple(row)->at[i] = v;
    }
    return row;
}
static value longest_reduce(struct thread *t, const vref *a) {
    struct longest *z = as_longest(a[0]);
    size_t n = tuple_size(z->tool.it);
    value args = tuple_new(t, n);
    for (size_t i = 0; args && i < n; i++) as_tuple(args)->at[i] = z->done[i] ? tuple_empty : own(t, tuple_at(z->tool.it, i));
    return tool_reduce_state(t, a[0], args, field_load(t, &z->tool.f));
}
static value longest_setstate(struct thread *t, const vref *a) {
    field_store(t, as_object(a[0]), &as_tool(a[0])->f, own(t, a[1]));
    return V_NONE;
}
static void longest_destroy(struct thread *t, struct object *o) {
    struct longest *z = (struct longest *)o;
    if (z->done) mem_free(t, z->done, tuple_size(z->tool.it));
    z->done = NULL;
    tool_destroy(t, o);
}
static const struct native longest_natives[] = {TOOL_REDUCE(longest_reduce), TOOL_SETSTATE(longest_setstate), {NULL}};
struct type itertools_zip_longest = {
    .name = "zip_longest", .module = "itertools", .flags = TYPE_GC | TYPE_BASE, .basicsize = sizeof(struct longest), .natives = longest_natives, .make = longest_make,
    .next = longest_next, .destroy = longest_destroy, .traverse = tool_traverse, .iter = iter_self,
    .doc = "zip_longest(*iterables, fillvalue=None) --> an iterator over tuples of one item of each iterable.\n\nIt ends with the longest; fillvalue stands for what is missing.",
};
