// SPDX-License-Identifier: Apache-2.0
// product, combinations (with and without replacement), permutations: iterators over tuples of pool items, in the order of their positions. Leaves the rest of
// itertools to its files.
//
// The state is an array of positions, changed in a write section; the pools are tuples, so the section runs no Python code.
#include "interp/modules/itertools/itertools.h"

struct combine {
    struct object head;
    value pool;           // owned tuple; for product a tuple of tuples
    int64_t r;            // items in a result
    int64_t *at;          // positions: r of them, n for permutations
    int64_t *cycles;      // permutations: behind them
    size_t words;         // in the buffer of both
    bool started, stopped;
};
static struct combine *as_combine(vref v) { return (struct combine *)as_object(v); }
static int64_t pool_size(const struct combine *c) { return (int64_t)tuple_size(c->pool); }

static void destroy(struct thread *t, struct object *o) {
    struct combine *c = (struct combine *)o;
    if (c->at) mem_free(t, c->at, c->words * sizeof(int64_t));
    c->at = NULL;
    release_field(t, &c->pool);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) { return ((struct combine *)o)->pool ? visit(((struct combine *)o)->pool, arg) : 0; }

// Takes pool (V_NULL: an exception is pending).
static value combine_new(struct thread *t, struct type *cls, value pool, int64_t r, int64_t positions, int64_t cycles) {
    if ((uint64_t)positions + (uint64_t)cycles > PTRDIFF_MAX / sizeof(int64_t)) raise_no_memory(t);
    value v = pool && !raised(t) ? object_new_instance(t, cls) : V_NULL;
    if (!v) {
        release_opt(t, pool);
        return V_NULL;
    }
    struct combine *c = as_combine(v);
    c->pool = pool;
    c->r = r;
    c->words = (size_t)(positions + cycles) + 1; // never an empty buffer
    c->at = mem_calloc(t, c->words * sizeof(int64_t));
    if (c->at) {
        c->cycles = c->at + positions;
        return v;
    }
    release(t, v);
    return V_NULL;
}
// The tuple of the items at the positions. In a write section: runs no Python code.
static value pick(struct thread *t, struct combine *c) {
    value v = tuple_new(t, (size_t)c->r);
    for (int64_t i = 0; v && i < c->r; i++) as_tuple(v)->at[i] = own(t, tuple_at(c->pool, (size_t)c->at[i]));
    return v;
}
typedef bool advance_fn(struct combine *c); // to the next positions; false: there are none
typedef value pick_fn(struct thread *t, struct combine *c);
static value step(struct thread *t, vref self, advance_fn *advance, pick_fn *result) {
    struct combine *c = as_combine(self);
    value v = V_NULL;
    bool locked = write_begin(t, &c->head);
    if (!c->stopped) {
        if (c->started && !advance(c)) c->stopped = true;
        else v = result(t, c);
        c->started = true;
    }
    write_end_grown(t, &c->head, locked);
    return v;
}
static value numbers(struct thread *t, const int64_t *at, int64_t n) {
    value v = tuple_new(t, (size_t)n);
    for (int64_t i = 0; v && i < n; i++) as_tuple(v)->at[i] = from_int62(at[i]);
    return v;
}
// (type, (pool, r)[, state]), or (type, ((), r)) at the end. Takes state.
static value reduced(struct thread *t, vref self, bool stopped, bool started, value state) {
    struct combine *c = as_combine(self);
    value args = tuple_pack(t, 2, stopped ? tuple_empty : c->pool, from_int62(c->r));
    if (started && !stopped) return tool_reduce_state(t, self, args, state);
    value r = args ? tuple_pack(t, 2, type_ref(type_of(self)), args) : V_NULL;
    release_opt(t, args);
    release_opt(t, state);
    return r;
}
static value reduce(struct thread *t, const vref *a) {
    struct combine *c = as_combine(a[0]);
    bool locked = write_begin(t, &c->head), stopped = c->stopped, started = c->started;
    value state = numbers(t, c->at, c->r);
    write_end_grown(t, &c->head, locked);
    return state ? reduced(t, a[0], stopped, started, state) : V_NULL;
}
static bool state_of_size(struct thread *t, vref state, int64_t n) {
    if (is_tuple(state) && (int64_t)tuple_size(state) == n) return true;
    raise(t, &exc_ValueError, "invalid arguments");
    return false;
}
static bool position(struct thread *t, vref state, int64_t i, int64_t max, int64_t *out) {
    if (!object_as_index(t, tuple_at(state, (size_t)i), out)) return false;
    if (*out < 0) *out = 0;
    if (*out > max) *out = max;
    return true;
}
// Sets position i to state[i], clamped to [0, max(c, i)].
static value set_positions(struct thread *t, const vref *a, int64_t (*max)(const struct combine *c, int64_t i)) {
    struct combine *c = as_combine(a[0]);
    if (!state_of_size(t, a[1], c->r)) return V_NULL;
    for (int64_t i = 0, p; i < c->r; i++) {
        if (max(c, i) < 0) {
            c->stopped = true;
            break;
        }
        if (!position(t, a[1], i, max(c, i), &p)) return V_NULL;
        c->at[i] = p;
    }
    c->started = true;
    return V_NONE;
}
#define COMBINE(id, make_, natives_, next_, doc_)                                                                                                                    \
    struct type itertools_##id = {                                                                                                                                   \
        .name = #id, .module = "itertools", .flags = TYPE_GC | TYPE_BASE, .basicsize = sizeof(struct combine), .natives = natives_, .make = make_, .next = next_,   \
        .destroy = destroy, .traverse = traverse, .iter = iter_self, .doc = doc_,                                                                                     \
    }
static value size_in_bytes(struct thread *t, const vref *a) {
    (void)t;
    return from_int62((int64_t)(type_of(a[0])->basicsize + as_combine(a[0])->words * sizeof(int64_t)));
}
#define SIZEOF TOOL_METHOD("__sizeof__", size_in_bytes, "Return how many bytes of memory this takes.")

// ---- product ----

static bool product_repeat(struct thread *t, const vref *args, size_t nargs, vref kwnames, int64_t *times) {
    for (size_t i = 0; i < keyword_count(kwnames); i++) {
        if (!str_equal_cstr(tuple_at(kwnames, i), "repeat")) return raise(t, &exc_TypeError, "'%U' is an invalid keyword argument for product()", tuple_at(kwnames, i)), false;
        if (!object_as_index(t, args[nargs + i], times)) return false;
        if (*times < 0) return raise(t, &exc_ValueError, "repeat argument cannot be negative"), false;
    }
    if (*times && nargs > (size_t)(PTRDIFF_MAX / 8 / *times)) return raise(t, &exc_OverflowError, "repeat argument too large"), false;
    return true;
}
static value product_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    int64_t times = 1;
    if (!product_repeat(t, args, nargs, kwnames, &times)) return V_NULL;
    size_t n = times ? nargs : 0;
    value pools = tuple_new(t, n * (size_t)times);
    for (size_t i = 0; pools && i < n; i++) {
        value pool = tuple_from_iterable(t, args[i]);
        if (!pool) {
            release(t, pools);
            return V_NULL;
        }
        for (int64_t k = 1; k < times; k++) as_tuple(pools)->at[(size_t)k * n + i] = own(t, pool);
        as_tuple(pools)->at[i] = pool;
    }
    int64_t r = (int64_t)n * times;
    value v = combine_new(t, cls, pools, r, r, 0);
    for (int64_t i = 0; v && i < r; i++)
        if (tuple_size(tuple_at(pools, (size_t)i)) == 0) as_combine(v)->stopped = true;
    return v;
}
static bool product_advance(struct combine *c) {
    for (int64_t i = c->r - 1; i >= 0; i--) {
        if (++c->at[i] < (int64_t)tuple_size(tuple_at(c->pool, (size_t)i))) return true;
        c->at[i] = 0;
    }
    return false;
}
static value product_pick(struct thread *t, struct combine *c) {
    value v = tuple_new(t, (size_t)c->r);
    for (int64_t i = 0; v && i < c->r; i++) as_tuple(v)->at[i] = own(t, tuple_at(tuple_at(c->pool, (size_t)i), (size_t)c->at[i]));
    return v;
}
static value product_next(struct thread *t, vref self) { return step(t, self, product_advance, product_pick); }
static value product_reduce(struct thread *t, const vref *a) {
    struct combine *c = as_combine(a[0]);
    bool locked = write_begin(t, &c->head), stopped = c->stopped, started = c->started;
    value state = numbers(t, c->at, c->r);
    write_end_grown(t, &c->head, locked);
    if (stopped) {
        release_opt(t, state);
        return tool_reduce(t, a[0], tuple_empty, V_NULL);
    }
    if (started) return tool_reduce_state(t, a[0], own(t, c->pool), state);
    release_opt(t, state);
    return tuple_pack(t, 2, type_ref(type_of(a[0])), c->pool);
}
static int64_t product_max(const struct combine *c, int64_t i) { return (int64_t)tuple_size(tuple_at(c->pool, (size_t)i)) - 1; }
static value product_setstate(struct thread *t, const vref *a) { return set_positions(t, a, product_max); }
static const struct native product_natives[] = {TOOL_REDUCE(product_reduce), TOOL_SETSTATE(product_setstate), SIZEOF, {NULL}};
COMBINE(product, product_make, product_natives, product_next,
        "product(*iterables, repeat=1) --> an iterator over the cartesian product: as nested for loops, the rightmost the innermost.");

// ---- combinations ----

static bool pool_and_size(struct thread *t, const char *name, const vref *args, size_t nargs, vref kwnames, value *pool, int64_t *r) {
    const struct args_spec spec = {name, (const char *const[]){"iterable", "r"}, 0, 2, 2};
    vref in[2];
    if (!args_bind(t, &spec, args, nargs, kwnames, in) || !object_as_index(t, in[1], r)) return false;
    *pool = tuple_from_iterable(t, in[0]);
    if (*pool && *r < 0) {
        release_field(t, pool);
        raise(t, &exc_ValueError, "r must be non-negative");
    }
    return *pool != V_NULL;
}
static value combinations_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    value pool;
    int64_t r;
    if (!pool_and_size(t, "combinations", args, nargs, kwnames, &pool, &r)) return V_NULL;
    bool none = r > (int64_t)tuple_size(pool);
    value v = combine_new(t, cls, pool, r, none ? 0 : r, 0);
    if (!v) return V_NULL;
    as_combine(v)->stopped = none;
    for (int64_t i = 0; !none && i < r; i++) as_combine(v)->at[i] = i;
    return v;
}
static bool combinations_advance(struct combine *c) {
    int64_t n = pool_size(c), i = c->r - 1;
    while (i >= 0 && c->at[i] == i + n - c->r) i--;
    if (i < 0) return false;
    c->at[i]++;
    for (i++; i < c->r; i++) c->at[i] = c->at[i - 1] + 1;
    return true;
}
static value combinations_next(struct thread *t, vref self) { return step(t, self, combinations_advance, pick); }
static value combinations_reduce(struct thread *t, const vref *a) { return as_combine(a[0])->stopped ? reduced(t, a[0], true, true, V_NONE) : reduce(t, a); }
static int64_t combinations_max(const struct combine *c, int64_t i) { return i + pool_size(c) - c->r; }
static value combinations_setstate(struct thread *t, const vref *a) { return set_positions(t, a, combinations_max); }
static const struct native combinations_natives[] = {TOOL_REDUCE(combinations_reduce), TOOL_SETSTATE(combinations_setstate), SIZEOF, {NULL}};
COMBINE(combinations, combinations_make, combinations_natives, combinations_next,
        "combinations(iterable, r)\n--\n\nAn iterator over the r-long choices of items, each in the order of the iterable.");

// ---- combinations_with_replacement ----

static value cwr_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    value pool;
    int64_t r;
    if (!pool_and_size(t, "combinations_with_replacement", args, nargs, kwnames, &pool, &r)) return V_NULL;
    bool none = r > 0 && tuple_size(pool) == 0;
    value v = combine_new(t, cls, pool, r, none ? 0 : r, 0);
    if (v) as_combine(v)->stopped = none;
    return v;
}
static bool cwr_advance(struct combine *c) {
    int64_t n = pool_size(c), i = c->r - 1;
    while (i >= 0 && c->at[i] == n - 1) i--;
    if (i < 0) return false;
    for (int64_t p = c->at[i] + 1; i < c->r; i++) c->at[i] = p;
    return true;
}
static value cwr_next(struct thread *t, vref self) { return step(t, self, cwr_advance, pick); }
static int64_t cwr_max(const struct combine *c, int64_t i) { return (void)i, pool_size(c) - 1; }
static value cwr_setstate(struct thread *t, const vref *a) { return set_positions(t, a, cwr_max); }
static const struct native cwr_natives[] = {TOOL_REDUCE(combinations_reduce), TOOL_SETSTATE(cwr_setstate), SIZEOF, {NULL}};
COMBINE(combinations_with_replacement, cwr_make, cwr_natives, cwr_next,
        "combinations_with_replacement(iterable, r)\n--\n\nAn iterator over the r-long choices of items, each in the order of the iterable, an item as often as it comes.");

// ---- permutations ----

static value permutations_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    const struct args_spec spec = {"permutations", (const char *const[]){"iterable", "r"}, 0, 1, 2};
    vref in[2];
    if (!args_bind(t, &spec, args, nargs, kwnames, in)) return V_NULL;
    value pool = tuple_from_iterable(t, in[0]);
    if (!pool) return V_NULL;
    int64_t n = (int64_t)tuple_size(pool), r = n;
    if (in[1] && !is_none(in[1])) {
        if (!is_int(in[1])) raise(t, &exc_TypeError, "Expected int as r");
        else if (object_as_index(t, in[1], &r) && r < 0) raise(t, &exc_ValueError, "r must be non-negative");
    }
    if (raised(t)) {
        release(t, pool);
        return V_NULL;
    }
    bool none = r > n;
    value v = combine_new(t, cls, pool, r, n, none ? 0 : r);
    if (!v) return V_NULL;
    struct combine *c = as_combine(v);
    c->stopped = none;
    for (int64_t i = 0; i < n; i++) c->at[i] = i;
    for (int64_t i = 0; !none && i < r; i++) c->cycles[i] = n - i;
    return v;
}
static bool permutations_advance(struct combine *c) {
    int64_t n = pool_size(c);
    for (int64_t i = c->r - 1; i >= 0; i--) {
        int64_t p = c->at[i];
        if (--c->cycles[i] > 0) {
            int64_t j = n - c->cycles[i];
            c->at[i] = c->at[j];
            c->at[j] = p;
            return true;
        }
        memmove(c->at + i, c->at + i + 1, (size_t)(n - 1 - i) * sizeof *c->at); // position i goes to the end
        c->at[n - 1] = p;
        c->cycles[i] = n - i;
    }
    return false;
}
static value permutations_next(struct thread *t, vref self) { return step(t, self, permutations_advance, pick); }
static value permutations_reduce(struct thread *t, const vref *a) {
    struct combine *c = as_combine(a[0]);
    if (c->stopped) return reduced(t, a[0], true, true, V_NONE);
    bool locked = write_begin(t, &c->head), started = c->started;
    value positions = numbers(t, c->at, pool_size(c)), cycles = numbers(t, c->cycles, c->r);
    write_end_grown(t, &c->head, locked);
    value state = positions && cycles ? tuple_pack(t, 2, positions, cycles) : V_NULL;
    release_opt(t, positions);
    release_opt(t, cycles);
    return state ? reduced(t, a[0], false, started, state) : V_NULL;
}
static value permutations_setstate(struct thread *t, const vref *a) {
    struct combine *c = as_combine(a[0]);
    int64_t n = pool_size(c), p;
    if (!tool_state_tuple(t, a[1], 2, 2)) return V_NULL;
    vref positions = tuple_at(a[1], 0), cycles = tuple_at(a[1], 1);
    if (!is_tuple(positions) || !is_tuple(cycles) || (int64_t)tuple_size(positions) != n || (int64_t)tuple_size(cycles) != c->r || c->r > n)
        return raise(t, &exc_ValueError, "invalid arguments");
    for (int64_t i = 0; i < n; i++) {
        if (!position(t, positions, i, n - 1, &p)) return V_NULL;
        c->at[i] = p;
    }
    for (int64_t i = 0; i < c->r; i++) {
        if (!position(t, cycles, i, n - i, &p)) return V_NULL;
        c->cycles[i] = p < 1 ? 1 : p;
    }
    c->started = true;
    return V_NONE;
}
static const struct native permutations_natives[] = {TOOL_REDUCE(permutations_reduce), TOOL_SETSTATE(permutations_setstate), SIZEOF, {NULL}};
COMBINE(permutations, permutations_make, permutations_natives, permutations_next,
        "permutations(iterable, r=None)\n--\n\nAn iterator over the r-long arrangements of items, in the order of their positions.");
