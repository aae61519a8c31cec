// SPDX-License-Identifier: Apache-2.0
// compress, dropwhile, takewhile, filterfalse, starmap, groupby: iterators that choose, call and group. Leaves joining others to chain.c.
#include "interp/modules/itertools/itertools.h"

// (function, iterable)
static value function_over(struct thread *t, const struct type *base, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (!tool_plain_args(t, base, cls, nargs, kwnames, 2, 2)) return V_NULL;
    value it = object_iter(t, args[1]);
    return tool_new(t, cls, it, it ? own(t, args[0]) : V_NULL);
}
static int truth_of(struct thread *t, vref f, vref item) {
    value r = object_call1(t, f, item);
    int yes = !r ? -1 : r == V_TRUE ? 1 : r == V_FALSE ? 0 : object_truth(t, r);
    release_opt(t, r);
    return yes;
}
static value reduce_pair(struct thread *t, const vref *a) { return tool_reduce(t, a[0], as_tool(a[0])->f, as_tool(a[0])->it); }
static value reduce_started(struct thread *t, const vref *a) {
    return tool_reduce_state(t, a[0], tuple_pack(t, 2, as_tool(a[0])->f, as_tool(a[0])->it), from_int62(num_get(&as_tool(a[0])->i)));
}
static value setstate_started(struct thread *t, const vref *a) {
    int yes = object_truth(t, a[1]);
    if (yes < 0) return V_NULL;
    num_set(&as_tool(a[0])->i, yes);
    return V_NONE;
}

// ---- dropwhile, takewhile ----

static value dropwhile_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return function_over(t, &itertools_dropwhile, cls, args, nargs, kwnames); }
static value dropwhile_next(struct thread *t, vref self) {
    struct tool *d = as_tool(self);
    for (value v; (v = object_next(t, d->it)) != V_NULL;) {
        if (num_get(&d->i)) return v;
        int yes = truth_of(t, d->f, v);
        if (yes == 0) {
            num_set(&d->i, 1);
            return v;
        }
        release(t, v);
        if (yes < 0 || !safepoint_poll(t)) return V_NULL;
    }
    return V_NULL;
}
static const struct native started_natives[] = {TOOL_REDUCE(reduce_started), TOOL_SETSTATE(setstate_started), {NULL}};
TOOL(dropwhile, "dropwhile", started_natives, dropwhile_make, dropwhile_next,
     "dropwhile(predicate, iterable, /)\n--\n\nAn iterator that leaves items out while predicate says yes, then gives every one.");

static value takewhile_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return function_over(t, &itertools_takewhile, cls, args, nargs, kwnames); }
static value takewhile_next(struct thread *t, vref self) {
    struct tool *d = as_tool(self);
    value v = num_get(&d->i) ? V_NULL : object_next(t, d->it);
    if (!v) return V_NULL;
    int yes = truth_of(t, d->f, v);
    if (yes > 0) return v;
    release(t, v);
    if (yes == 0) num_set(&d->i, 1);
    return V_NULL;
}
TOOL(takewhile, "takewhile", started_natives, takewhile_make, takewhile_next, "takewhile(predicate, iterable, /)\n--\n\nAn iterator that gives items as long as predicate says yes.");

// ---- filterfalse, starmap, compress ----

static value filterfalse_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return function_over(t, &itertools_filterfalse, cls, args, nargs, kwnames); }
static value filterfalse_next(struct thread *t, vref self) {
    struct tool *d = as_tool(self);
    bool plain = is_none(d->f) || is_same(d->f, type_ref(&type_bool));
    for (value v; (v = object_next(t, d->it)) != V_NULL;) {
        int yes = plain ? object_truth(t, v) : truth_of(t, d->f, v);
        if (yes == 0) return v;
        release(t, v);
        if (yes < 0 || !safepoint_poll(t)) return V_NULL;
    }
    return V_NULL;
}
static const struct native pair_natives[] = {TOOL_REDUCE(reduce_pair), {NULL}};
TOOL(filterfalse, "filterfalse", pair_natives, filterfalse_make, filterfalse_next,
     "filterfalse(function, iterable, /)\n--\n\nAn iterator over the items that function (None: truth) says no to.");

static value starmap_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return function_over(t, &itertools_starmap, cls, args, nargs, kwnames); }
static value starmap_next(struct thread *t, vref self) {
    struct tool *s = as_tool(self);
    value args = object_next(t, s->it);
    if (args && !has_shape(args, SHAPE_TUPLE)) {
        value tuple = tuple_from_iterable(t, args);
        release(t, args);
        args = tuple;
    }
    value r = args ? object_call(t, s->f, as_tuple(args)->at, tuple_size(args), V_NULL) : V_NULL;
    release_opt(t, args);
    return r;
}
TOOL(starmap, "starmap", pair_natives, starmap_make, starmap_next, "starmap(function, iterable, /)\n--\n\nAn iterator over what function makes of each tuple of arguments.");

static value compress_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    const struct args_spec spec = {"compress", (const char *const[]){"data", "selectors"}, 0, 2, 2};
    vref in[2];
    if (!args_bind(t, &spec, args, nargs, kwnames, in)) return V_NULL;
    value data = object_iter(t, in[0]), selectors = data ? object_iter(t, in[1]) : V_NULL;
    return tool_new(t, cls, data, selectors);
}
static value compress_next(struct thread *t, vref self) {
    struct tool *c = as_tool(self);
    for (value v; (v = object_next(t, c->it)) != V_NULL;) {
        value selector = object_next(t, c->f);
        int yes = selector ? object_truth(t, selector) : -1;
        release_opt(t, selector);
        if (yes > 0) return v;
        release(t, v);
        if (yes < 0 || !safepoint_poll(t)) return V_NULL;
    }
    return V_NULL;
}
static value compress_reduce(struct thread *t, const vref *a) { return tool_reduce(t, a[0], as_tool(a[0])->it, as_tool(a[0])->f); }
static const struct native compress_natives[] = {TOOL_REDUCE(compress_reduce), {NULL}};
TOOL(compress, "compress", compress_natives, compress_make, compress_next, "compress(data, selectors)\n--\n\nAn iterator over the data items whose selector is true.");

// ---- groupby ----

struct groupby {
    struct tool tool;        // x: current key, y: current value
    value target;            // key of the group given out last, or V_NULL
    _Atomic uintptr_t group; // address of its grouper, only compared
};
static struct groupby *as_groupby(vref v) { return (struct groupby *)as_object(v); }
struct grouper {
    struct object head;
    value parent, target; // owned
};
static struct grouper *as_grouper(vref v) { return (struct grouper *)as_object(v); }

static value groupby_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    const struct args_spec spec = {"groupby", (const char *const[]){"iterable", "key"}, 0, 1, 2};
    vref in[2];
    if (!args_bind(t, &spec, args, nargs, kwnames, in)) return V_NULL;
    value it = object_iter(t, in[0]);
    return tool_new(t, cls, it, it ? own(t, in[1] ? in[1] : V_NONE) : V_NULL);
}
// Reads the next item and its key. false: end or exception.
static bool groupby_step(struct thread *t, struct groupby *g) {
    value v = object_next(t, g->tool.it);
    if (!v) return false;
    value key = is_none(g->tool.f) ? own(t, v) : object_call1(t, g->tool.f, v);
    if (!key) {
        release(t, v);
        return false;
    }
    field_store(t, &g->tool.head, &g->tool.y, v);
    field_store(t, &g->tool.head, &g->tool.x, key);
    return true;
}
// Whether the current key equals target (may be V_NULL): 1 0 -1; also 0 if there is no current key and `without`.
static int same_key(struct thread *t, struct groupby *g, vref target, bool without) {
    value key = field_load(t, &g->tool.x);
    int same = !key ? !without : !target ? 0 : object_equal(t, target, key);
    release_opt(t, key);
    return same;
}
static value grouper_new(struct thread *t, vref parent, vref target) {
    value v = object_new_instance(t, &itertools_grouper);
    if (!v) return V_NULL;
    as_grouper(v)->parent = own(t, parent);
    as_grouper(v)->target = own(t, target);
    atomic_store_explicit(&as_groupby(parent)->group, (uintptr_t)as_object(v), memory_order_relaxed);
    return v;
}
static value groupby_next(struct thread *t, vref self) {
    struct groupby *g = as_groupby(self);
    atomic_store_explicit(&g->group, 0, memory_order_relaxed);
    for (;;) {
        value target = field_load(t, &g->target);
        int same = same_key(t, g, target, false);
        release_opt(t, target);
        if (same < 0) return V_NULL;
        if (!same) break;
        if (!groupby_step(t, g) || !safepoint_poll(t)) return V_NULL;
    }
    value key = field_load(t, &g->tool.x);
    if (!key) return V_NULL;
    field_store(t, &g->tool.head, &g->target, own(t, key));
    value group = grouper_new(t, self, key), r = group ? tuple_pack(t, 2, key, group) : V_NULL;
    release(t, key);
    release_opt(t, group);
    return r;
}
static value grouper_next(struct thread *t, vref self) {
    struct grouper *r = as_grouper(self);
    struct groupby *g = as_groupby(r->parent);
    if (atomic_load_explicit(&g->group, memory_order_relaxed) != (uintptr_t)as_object(self)) return V_NULL;
    value v = field_load(t, &g->tool.y);
    if (!v) {
        if (!groupby_step(t, g)) return V_NULL;
        v = field_load(t, &g->tool.y);
    }
    int same = same_key(t, g, r->target, true);
    if (same <= 0) {
        release_opt(t, v);
        return V_NULL;
    }
    field_store(t, &g->tool.head, &g->tool.y, V_NULL);
    return v;
}
static value groupby_reduce(struct thread *t, const vref *a) {
    struct groupby *g = as_groupby(a[0]);
    value key = field_load(t, &g->tool.x), v = field_load(t, &g->tool.y), target = field_load(t, &g->target), r;
    if (key && v && target) r = tool_reduce_state(t, a[0], tuple_pack(t, 2, g->tool.it, g->tool.f), tuple_pack(t, 3, key, v, target));
    else r = tool_reduce(t, a[0], g->tool.it, g->tool.f);
    release_opt(t, key);
    release_opt(t, v);
    release_opt(t, target);
    return r;
}
static value groupby_setstate(struct thread *t, const vref *a) {
    struct groupby *g = as_groupby(a[0]);
    if (!tool_state_tuple(t, a[1], 3, 3)) return V_NULL;
    field_store(t, &g->tool.head, &g->tool.x, own(t, tuple_at(a[1], 0)));
    field_store(t, &g->tool.head, &g->tool.y, own(t, tuple_at(a[1], 1)));
    field_store(t, &g->tool.head, &g->target, own(t, tuple_at(a[1], 2)));
    return V_NONE;
}
static void groupby_destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct groupby *)o)->target);
    tool_destroy(t, o);
}
static int groupby_traverse(struct object *o, visit_fn *visit, void *arg) {
    value target = ((struct groupby *)o)->target;
    int r = target ? visit(target, arg) : 0;
    return r ? r : tool_traverse(o, visit, arg);
}
static const struct native groupby_natives[] = {TOOL_REDUCE(groupby_reduce), TOOL_SETSTATE(groupby_setstate), {NULL}};
struct type itertools_groupby = {
    .name = "groupby", .module = "itertools", .flags = TYPE_GC | TYPE_BASE, .basicsize = sizeof(struct groupby), .natives = groupby_natives, .make = groupby_make,
    .next = groupby_next, .destroy = groupby_destroy, .traverse = groupby_traverse, .clear = groupby_destroy, .iter = iter_self,
    .doc = "groupby(iterable, key=None)\n--\n\nAn iterator over pairs of a key and an iterator over the items in a row that have it.",
};

static value grouper_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)cls;
    if (!args_no_keywords(t, "_grouper", kwnames) || !args_count(t, "_grouper", nargs, 2, 2)) return V_NULL;
    if (!is_instance(args[0], &itertools_groupby)) return raise(t, &exc_TypeError, "argument 1 must be itertools.groupby, not %T", args[0]);
    return grouper_new(t, args[0], args[1]);
}
static value grouper_reduce(struct thread *t, const vref *a) {
    struct grouper *r = as_grouper(a[0]);
    if (atomic_load_explicit(&as_groupby(r->parent)->group, memory_order_relaxed) == (uintptr_t)as_object(a[0])) return tool_reduce(t, a[0], r->parent, r->target);
    return iter_reduce(t, "iter", V_NULL, V_NULL, tuple_empty);
}
static void grouper_destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct grouper *)o)->parent);
    release_field(t, &((struct grouper *)o)->target);
}
static int grouper_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct grouper *r = (struct grouper *)o;
    int stop = r->parent ? visit(r->parent, arg) : 0;
    return stop || !r->target ? stop : visit(r->target, arg);
}
static const struct native grouper_natives[] = {TOOL_REDUCE(grouper_reduce), {NULL}};
struct type itertools_grouper = {
    .name = "_grouper", .module = "itertools", .flags = TYPE_GC, .basicsize = sizeof(struct grouper), .natives = grouper_natives, .make = grouper_make,
    .next = grouper_next, .destroy = grouper_destroy, .traverse = grouper_traverse, .iter = iter_self,
};
