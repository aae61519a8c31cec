// SPDX-License-Identifier: Apache-2.0
// count, repeat, cycle: iterators without an end. Leaves the rest of itertools to its files.
#include "interp/modules/itertools/itertools.h"

// ---- count ----
// Fast while start and step are small ints: i is the next number. Else x holds it, any number.

static bool is_number(vref v) { return is_int(v) || is_float(v) || is_instance(v, &type_complex) || type_of(v)->to_float || type_of(v)->to_int || type_of(v)->to_index; }
static bool is_quick(vref v) { return is_int62(v) && as_int62(v) > INT62_MIN / 2 && as_int62(v) < INT62_MAX / 2; }

static value count_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    const struct args_spec spec = {"count", (const char *const[]){"start", "step"}, 0, 0, 2};
    vref in[2];
    if (!args_bind(t, &spec, args, nargs, kwnames, in)) return V_NULL;
    vref start = in[0] ? in[0] : from_int62(0), step = in[1] ? in[1] : from_int62(1);
    if (!is_number(start) || !is_number(step)) return raise(t, &exc_TypeError, "a number is required");
    value v = tool_new(t, cls, V_NULL, own(t, step));
    if (!v) return V_NULL;
    if (is_quick(start) && is_quick(step)) {
        num_set(&as_tool(v)->i, as_int62(start));
        num_set(&as_tool(v)->j, as_int62(step));
        num_set(&as_tool(v)->k, 1);
    } else
        as_tool(v)->x = own(t, start);
    return v;
}
static value count_next(struct thread *t, vref self) {
    struct tool *c = as_tool(self);
    if (likely(num_get(&c->k))) {
        int64_t i = num_get(&c->i);
        if (t->free_threaded) {
            i = atomic_fetch_add_explicit(&c->i, num_get(&c->j), memory_order_relaxed);
            if (likely(fits_int62(i))) return from_int62(i);
        } else {
            num_set(&c->i, i + num_get(&c->j));
            if (likely(fits_int62(i))) return from_int62(i);
        }
        value n = int_from_i64(t, i); // out of the small ints: from here on the slow way
        if (!n) return V_NULL;
        field_store(t, &c->head, &c->x, n);
        num_set(&c->k, 0);
    }
    value now = field_load(t, &c->x), next = now ? object_binary(t, now, c->f, NB_ADD) : V_NULL;
    if (next) {
        field_store(t, &c->head, &c->x, next);
        return now;
    }
    release_opt(t, now);
    return V_NULL;
}
static value count_now(struct thread *t, struct tool *c) { return num_get(&c->k) ? int_from_i64(t, num_get(&c->i)) : field_load(t, &c->x); }
static value count_repr(struct thread *t, vref self) {
    struct tool *c = as_tool(self);
    value now = count_now(t, c), r = V_NULL;
    if (now && c->f == from_int62(1)) r = str_format(t, "%s(%R)", type_of(self)->name, now);
    else if (now) r = str_format(t, "%s(%R, %R)", type_of(self)->name, now, c->f);
    release_opt(t, now);
    return r;
}
static value count_reduce(struct thread *t, const vref *a) {
    struct tool *c = as_tool(a[0]);
    value now = count_now(t, c), r = now ? tool_reduce(t, a[0], now, c->f == from_int62(1) && num_get(&c->k) ? V_NULL : c->f) : V_NULL;
    release_opt(t, now);
    return r;
}
static const struct native count_natives[] = {TOOL_REDUCE(count_reduce), {NULL}};
struct type itertools_count = {
    .name = "count", .module = "itertools", .flags = TYPE_GC | TYPE_BASE, .basicsize = sizeof(struct tool), .natives = count_natives, .make = count_make,
    .next = count_next, .destroy = tool_destroy, .traverse = tool_traverse, .clear = tool_destroy, .iter = iter_self, .repr = count_repr,
    .doc = "count(start=0, step=1)\n--\n\nAn iterator over evenly spaced numbers, beginning with start.",
};

// ---- repeat ----

static value repeat_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    const struct args_spec spec = {"repeat", (const char *const[]){"object", "times"}, 0, 1, 2};
    vref in[2];
    int64_t times = -1;
    if (!args_bind(t, &spec, args, nargs, kwnames, in)) return V_NULL;
    if (in[1]) {
        if (!object_as_index(t, in[1], &times)) {
            if (raised_is(t, &exc_IndexError)) raise(t, &exc_OverflowError, "Python int too large to convert to C ssize_t");
            return V_NULL;
        }
        if (times < 0) times = 0;
    }
    value v = tool_new(t, cls, V_NULL, own(t, in[0]));
    if (v) num_set(&as_tool(v)->i, times);
    return v;
}
static value repeat_next(struct thread *t, vref self) {
    struct tool *r = as_tool(self);
    int64_t left = num_get(&r->i);
    if (left == 0) return V_NULL;
    if (left > 0) num_set(&r->i, left - 1);
    return own(t, r->f);
}
static value repeat_repr(struct thread *t, vref self) {
    struct tool *r = as_tool(self);
    int64_t left = num_get(&r->i);
    if (left < 0) return str_format(t, "%s(%R)", type_of(self)->name, r->f);
    return str_format(t, "%s(%R, %ld)", type_of(self)->name, r->f, left);
}
static value repeat_reduce(struct thread *t, const vref *a) {
    int64_t left = num_get(&as_tool(a[0])->i);
    return tool_reduce(t, a[0], as_tool(a[0])->f, left < 0 ? V_NULL : from_int62(left));
}
static value repeat_hint(struct thread *t, const vref *a) {
    int64_t left = num_get(&as_tool(a[0])->i);
    return left < 0 ? raise(t, &exc_TypeError, "len() of unsized object") : from_int62(left);
}
static const struct native repeat_natives[] = {TOOL_METHOD("__length_hint__", repeat_hint, "Return how many items are probably still to come."), TOOL_REDUCE(repeat_reduce), {NULL}};
struct type itertools_repeat = {
    .name = "repeat", .module = "itertools", .flags = TYPE_GC | TYPE_BASE, .basicsize = sizeof(struct tool), .natives = repeat_natives, .make = repeat_make,
    .next = repeat_next, .destroy = tool_destroy, .traverse = tool_traverse, .clear = tool_destroy, .iter = iter_self, .repr = repeat_repr,
    .doc = "repeat(object [,times]) -> an iterator that gives the object times times, or for ever.",
};

// ---- cycle ----

static value cycle_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (!tool_plain_args(t, &itertools_cycle, cls, nargs, kwnames, 1, 1)) return V_NULL;
    value it = object_iter(t, args[0]), saved = it ? list_new(t, 0) : V_NULL;
    return tool_new(t, cls, it, saved);
}
static value cycle_next(struct thread *t, vref self) {
    struct tool *c = as_tool(self);
    value it = field_load(t, &c->it);
    if (it) {
        value v = object_next(t, it);
        release(t, it);
        if (v) {
            if (num_get(&c->j)) return v;
            value saved = field_load(t, &c->f);
            bool ok = list_append(t, saved, v);
            release(t, saved);
            if (ok) return v;
            release(t, v);
            return V_NULL;
        }
        if (raised(t)) return V_NULL;
        field_store(t, &c->head, &c->it, V_NULL);
    }
    value saved = field_load(t, &c->f);
    size_t n = saved ? list_size(saved) : 0;
    int64_t i = num_get(&c->i);
    if ((size_t)i >= n) i = 0;
    num_set(&c->i, (size_t)i + 1 >= n ? 0 : i + 1);
    value v = n ? list_get_or_null(t, saved, (size_t)i) : V_NULL;
    release_opt(t, saved);
    return v;
}
static value cycle_reduce(struct thread *t, const vref *a) {
    struct tool *c = as_tool(a[0]);
    value it = field_load(t, &c->it), saved = field_load(t, &c->f), whole = from_int62(num_get(&c->j) != 0), done;
    if (!it) {
        it = object_iter(t, saved);
        vref at = from_int62(num_get(&c->i));
        if (it && at != from_int62(0)) {
            done = object_call_method_cstr(t, it, "__setstate__", &at, 1);
            if (!done) release_field(t, &it);
            release_opt(t, done);
        }
        whole = from_int62(1);
    }
    value args = it ? tuple_pack(t, 1, it) : V_NULL, state = args ? tuple_pack(t, 2, saved, whole) : V_NULL;
    release_opt(t, it);
    release(t, saved);
    return tool_reduce_state(t, a[0], args, state);
}
static value cycle_setstate(struct thread *t, const vref *a) {
    int64_t whole;
    struct tool *c = as_tool(a[0]);
    if (!tool_state_tuple(t, a[1], 2, 2)) return V_NULL;
    if (!is_list(tuple_at(a[1], 0))) return raise(t, &exc_TypeError, "argument 1 must be list, not %T", tuple_at(a[1], 0));
    if (!object_as_index(t, tuple_at(a[1], 1), &whole)) return V_NULL;
    field_store(t, &c->head, &c->f, own(t, tuple_at(a[1], 0)));
    num_set(&c->i, 0);
    num_set(&c->j, whole != 0);
    return V_NONE;
}
static const struct native cycle_natives[] = {TOOL_REDUCE(cycle_reduce), TOOL_SETSTATE(cycle_setstate), {NULL}};
TOOL(cycle, "cycle", cycle_natives, cycle_make, cycle_next, "cycle(iterable, /)\n--\n\nAn iterator that gives the items of iterable, then the same again and again.");
