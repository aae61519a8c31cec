// SPDX-License-Identifier: Apache-2.0
// range and its iterators: numbers that fit a word are stepped in C (and by the eval loop in line), larger ones through int arithmetic. Leaves slices' meaning
// to slice.c.
#include "interp/types/iter.h"
#include "interp/types/num.h"
#include "interp/types/sequence.h"

static struct range *as_range(vref v) { return (struct range *)as_object(v); }

// How many numbers: (stop - start + step - sign) // step, at least 0. returns new int.
static value count_of(struct thread *t, vref start, vref stop, vref step) {
    if (is_int62(start) && is_int62(stop) && is_int62(step)) {
        __int128 a = as_int62(start), b = as_int62(stop), s = as_int62(step), n;
        if (s > 0) n = a < b ? (b - a - 1) / s + 1 : 0;
        else n = b < a ? (a - b - 1) / -s + 1 : 0;
        if (n <= INT62_MAX) return from_int62((int64_t)n);
    }
    bool up = int_sign(step) > 0;
    if (up ? int_compare(start, stop) >= 0 : int_compare(start, stop) <= 0) return from_int62(0);
    value span = int_binary(t, stop, start, NB_SUB), more = span ? int_binary(t, span, step, NB_ADD) : V_NULL;
    value less = more ? int_binary(t, more, from_int62(up ? 1 : -1), NB_SUB) : V_NULL;
    value n = less ? int_binary(t, less, step, NB_FLOORDIV) : V_NULL;
    release_opt(t, span);
    release_opt(t, more);
    release_opt(t, less);
    return n;
}

// takes all three.
static value new_from(struct thread *t, value start, value stop, value step) {
    value n = count_of(t, start, stop, step);
    struct range *r = n ? object_alloc_gc(t, sizeof *r, SHAPE_RANGE) : NULL;
    if (!r) {
        release(t, start);
        release(t, stop);
        release(t, step);
        release_opt(t, n);
        return V_NULL;
    }
    r->start = start;
    r->stop = stop;
    r->step = step;
    r->length = n;
    return counted_word(r);
}

value range_new(struct thread *t, int64_t start, int64_t stop, int64_t step) {
    return new_from(t, int_from_i64(t, start), int_from_i64(t, stop), int_from_i64(t, step));
}

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)cls;
    if (!args_no_keywords(t, "range", kwnames) || !args_count(t, "range", nargs, 1, 3)) return V_NULL;
    value start = nargs > 1 ? object_index(t, args[0]) : from_int62(0);
    value stop = start ? object_index(t, args[nargs > 1]) : V_NULL;
    value step = !stop ? V_NULL : nargs > 2 ? object_index(t, args[2]) : from_int62(1);
    if (step && int_sign(step) == 0) raise(t, &exc_ValueError, "range() arg 3 must not be zero");
    if (step && !raised(t)) return new_from(t, start, stop, step);
    release_opt(t, start);
    release_opt(t, stop);
    release_opt(t, step);
    return V_NULL;
}

static void destroy(struct thread *t, struct object *o) {
    struct range *r = (struct range *)o;
    release(t, r->start);
    release(t, r->stop);
    release(t, r->step);
    release(t, r->length);
}

static int traverse(struct object *o, visit_fn *visit, void *arg) {
    (void)o, (void)visit, (void)arg; // only ints
    return 0;
}

static value repr(struct thread *t, vref self) {
    struct range *r = as_range(self);
    if (r->step == from_int62(1)) return str_format(t, "range(%R, %R)", r->start, r->stop);
    return str_format(t, "range(%R, %R, %R)", r->start, r->stop, r->step);
}

static int64_t length(struct thread *t, vref self) {
    int64_t n;
    if (int_as_i64_overflow(as_range(self)->length, &n) == 0) return n;
    raise(t, &exc_OverflowError, "Python int too large to convert to C ssize_t");
    return -1;
}

static int truth(struct thread *t, vref self) {
    (void)t;
    return as_range(self)->length != from_int62(0);
}

// start + i * step for an i that lies inside. returns new.
static value number_at(struct thread *t, struct range *r, vref i) {
    if (is_int62(i) && is_int62(r->start) && is_int62(r->step)) {
        int64_t x;
        if (!__builtin_mul_overflow(as_int62(i), as_int62(r->step), &x) && !__builtin_add_overflow(x, as_int62(r->start), &x)) return int_from_i64(t, x);
    }
    value offset = int_binary(t, i, r->step, NB_MUL), x = offset ? int_binary(t, r->start, offset, NB_ADD) : V_NULL;
    release_opt(t, offset);
    return x;
}

static value get_index(struct thread *t, struct range *r, vref key) {
    value i = object_index(t, key);
    if (i && int_sign(i) < 0) {
        value sum = int_binary(t, i, r->length, NB_ADD);
        release(t, i);
        i = sum;
    }
    if (!i) return V_NULL;
    value x = int_sign(i) >= 0 && int_compare(i, r->length) < 0 ? number_at(t, r, i) : raise(t, &exc_IndexError, "range object index out of range");
    release(t, i);
    return x;
}

// A slice of a range is a range: from the slice's bounds for this length.
static value get_slice(struct thread *t, struct range *r, vref slice) {
    value bounds = object_call_method_cstr(t, slice, "indices", &r->length, 1);
    if (!bounds) return V_NULL;
    value start = number_at(t, r, tuple_at(bounds, 0)), stop = start ? number_at(t, r, tuple_at(bounds, 1)) : V_NULL;
    value step = stop ? int_binary(t, tuple_at(bounds, 2), r->step, NB_MUL) : V_NULL;
    release(t, bounds);
    if (step) return new_from(t, start, stop, step);
    release_opt(t, start);
    release_opt(t, stop);
    return V_NULL;
}

static value getitem(struct thread *t, vref self, vref key) {
    if (has_shape(key, SHAPE_SLICE)) return get_slice(t, as_range(self), key);
    if (is_int(key) || (is_pointer(key) && type_of(key)->to_index)) return get_index(t, as_range(self), key);
    return raise(t, &exc_TypeError, "range indices must be integers or slices, not %T", key);
}

// Position of the int x: *out new and 1; 0 not in it; -1.
static int position(struct thread *t, struct range *r, vref x, value *out) {
    bool up = int_sign(r->step) > 0;
    if (up ? int_compare(x, r->start) < 0 || int_compare(x, r->stop) >= 0 : int_compare(x, r->start) > 0 || int_compare(x, r->stop) <= 0) return 0;
    value offset = int_binary(t, x, r->start, NB_SUB);
    value rest = offset ? int_binary(t, offset, r->step, NB_MOD) : V_NULL;
    int found = rest ? int_sign(rest) == 0 : -1;
    if (found == 1 && !(*out = int_binary(t, offset, r->step, NB_FLOORDIV))) found = -1;
    release_opt(t, offset);
    release_opt(t, rest);
    return found;
}

static bool is_plain_int(vref v) { return is_exact_int(v) || v == V_TRUE || v == V_FALSE; }

// Something that is no int may still equal one: walks. 1 0 -1; *at is the position, counted up to `all` matches.
static int64_t walk(struct thread *t, vref self, vref v, bool all, int64_t *at) {
    value it = object_iter(t, self);
    int64_t found = it ? 0 : -1, i = 0;
    for (value x; found >= 0 && (x = object_next(t, it)) != V_NULL; i++) {
        int equal = words_equal(t, x, v);
        release(t, x);
        if (equal < 0 || !safepoint_poll(t)) found = -1;
        else if (equal) {
            *at = i;
            found++;
            if (!all) break;
        }
    }
    release_opt(t, it);
    return raised(t) ? -1 : found;
}

static int contains(struct thread *t, vref self, vref v) {
    value at;
    int64_t i;
    if (!is_plain_int(v)) return (int)walk(t, self, v, false, &i);
    int found = position(t, as_range(self), v, &at);
    if (found == 1) release(t, at);
    return found;
}

static value count(struct thread *t, const vref *a) {
    int64_t i;
    int64_t n = is_plain_int(a[1]) ? contains(t, a[0], a[1]) : walk(t, a[0], a[1], true, &i);
    return n < 0 ? V_NULL : from_int62(n);
}

static value index_of(struct thread *t, const vref *a) {
    value at = V_NULL;
    int64_t i = 0;
    int64_t found = is_plain_int(a[1]) ? position(t, as_range(a[0]), a[1], &at) : walk(t, a[0], a[1], false, &i);
    if (found < 0) return V_NULL;
    if (found) return at ? at : from_int62(i);
    return is_plain_int(a[1]) ? raise(t, &exc_ValueError, "%R is not in range", a[1]) : raise(t, &exc_ValueError, "sequence.index(x): x not in sequence");
}

// (length, start, step) with what does not matter replaced by None: equal iff the ranges hold the same numbers.
static value essence(struct thread *t, struct range *r) {
    bool none = r->length == from_int62(0), one = r->length == from_int62(1);
    return tuple_pack(t, 3, r->length, none ? V_NONE : r->start, none || one ? V_NONE : r->step);
}

static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if ((op != CMP_EQ && op != CMP_NE) || !has_shape(a, SHAPE_RANGE) || !has_shape(b, SHAPE_RANGE)) return V_NOTIMPL;
    value x = essence(t, as_range(a)), y = x ? essence(t, as_range(b)) : V_NULL;
    value r = y ? object_compare(t, x, y, op) : V_NULL;
    release_opt(t, x);
    release_opt(t, y);
    return r;
}

static int64_t hash(struct thread *t, vref self) {
    value x = essence(t, as_range(self));
    int64_t h = x ? object_hash(t, x) : -1;
    release_opt(t, x);
    return h;
}

static value reduce(struct thread *t, const vref *a) {
    struct range *r = as_range(a[0]);
    value args = tuple_pack(t, 3, r->start, r->stop, r->step);
    value x = args ? tuple_pack(t, 2, type_ref(&type_range), args) : V_NULL;
    release_opt(t, args);
    return x;
}

// ---- iterators ----

struct big_iter { // of a range beyond the words
    struct object head;
    value range;
    value index; // int, replaced in a write section
};

// takes the range.
static value big_iter(struct thread *t, value range) {
    struct big_iter *it = range ? object_alloc_gc(t, sizeof *it, type_long_range_iter.root_shape) : NULL;
    if (!it) {
        release_opt(t, range);
        return V_NULL;
    }
    it->range = range;
    it->index = from_int62(0);
    return counted_word(it);
}

static value big_next(struct thread *t, vref self) {
    struct big_iter *it = (struct big_iter *)as_object(self);
    struct range *r = as_range(it->range);
    value i = field_load(t, &it->index), x = V_NULL;
    if (int_compare(i, r->length) < 0) {
        x = number_at(t, r, i);
        value next = x ? int_binary(t, i, from_int62(1), NB_ADD) : V_NULL;
        if (next) field_store(t, &it->head, &it->index, next);
        else release_field(t, &x);
    }
    release(t, i);
    return x;
}

static void big_destroy(struct thread *t, struct object *o) {
    release(t, ((struct big_iter *)o)->range);
    release(t, ((struct big_iter *)o)->index);
}

static int big_traverse(struct object *o, visit_fn *visit, void *arg) { return visit(((struct big_iter *)o)->range, arg); }

static value big_reduce(struct thread *t, const vref *a) {
    struct big_iter *it = (struct big_iter *)as_object(a[0]);
    value index = field_load(t, &it->index);
    value r = iter_reduce(t, "iter", it->range, index, V_NONE);
    release(t, index);
    return r;
}

static value big_setstate(struct thread *t, const vref *a) {
    struct big_iter *it = (struct big_iter *)as_object(a[0]);
    value i = object_index(t, a[1]);
    if (!i) return V_NULL;
    if (int_sign(i) < 0) {
        release(t, i);
        i = from_int62(0);
    }
    if (int_compare(i, as_range(it->range)->length) > 0) {
        release(t, i);
        i = own(t, as_range(it->range)->length);
    }
    field_store(t, &it->head, &it->index, i);
    return V_NONE;
}

static value big_hint(struct thread *t, const vref *a) {
    struct big_iter *it = (struct big_iter *)as_object(a[0]);
    value index = field_load(t, &it->index), left = int_binary(t, as_range(it->range)->length, index, NB_SUB);
    release(t, index);
    return left;
}

static value small_iter(struct thread *t, int64_t start, int64_t step, int64_t n) {
    struct range_iter *it = object_alloc(t, sizeof *it, SHAPE_RANGE_ITER);
    if (!it) return V_NULL;
    it->next = start;
    it->step = step;
    it->left = n;
    return counted_word(it);
}

// Whether every number of r, and the one behind the last, is an int62.
static bool is_small(const struct range *r) {
    if (!is_int62(r->start) || !is_int62(r->step) || !is_int62(r->length)) return false;
    int64_t end;
    return !__builtin_mul_overflow(as_int62(r->step), as_int62(r->length), &end) && !__builtin_add_overflow(end, as_int62(r->start), &end) && fits_int62(end);
}

static value iter(struct thread *t, vref self) {
    struct range *r = as_range(self);
    if (is_small(r)) return small_iter(t, as_int62(r->start), as_int62(r->step), as_int62(r->length));
    return big_iter(t, own(t, self));
}

static value reversed(struct thread *t, const vref *a) {
    struct range *r = as_range(a[0]);
    if (is_small(r)) {
        int64_t n = as_int62(r->length), step = as_int62(r->step);
        if (fits_int62(as_int62(r->start) - step) && fits_int62(-step)) return small_iter(t, as_int62(r->start) + (n - 1) * step, -step, n);
    }
    value last = int_binary(t, r->length, from_int62(1), NB_SUB), start = last ? number_at(t, r, last) : V_NULL;
    value stop = start ? int_binary(t, r->start, r->step, NB_SUB) : V_NULL, step = stop ? int_binary(t, from_int62(0), r->step, NB_SUB) : V_NULL;
    release_opt(t, last);
    if (step) return big_iter(t, new_from(t, start, stop, step));
    release_opt(t, start);
    release_opt(t, stop);
    return V_NULL;
}

static struct range_iter *as_iter(vref v) { return (struct range_iter *)as_object(v); }

static value small_next(struct thread *t, vref self) {
    struct range_iter *it = as_iter(self);
    (void)t;
    int64_t left = __atomic_load_n(&it->left, __ATOMIC_RELAXED);
    if (left <= 0) return V_NULL;
    int64_t x = __atomic_load_n(&it->next, __ATOMIC_RELAXED);
    __atomic_store_n(&it->next, x + it->step, __ATOMIC_RELAXED);
    __atomic_store_n(&it->left, left - 1, __ATOMIC_RELAXED);
    return fits_int62(x) ? from_int62(x) : V_NULL; // beyond only when threads raced over the same iterator
}

static value small_hint(struct thread *t, const vref *a) {
    (void)t;
    int64_t left = __atomic_load_n(&as_iter(a[0])->left, __ATOMIC_RELAXED);
    return from_int62(left < 0 ? 0 : left);
}

static value small_reduce(struct thread *t, const vref *a) {
    struct range_iter *it = as_iter(a[0]);
    int64_t next = __atomic_load_n(&it->next, __ATOMIC_RELAXED), left = __atomic_load_n(&it->left, __ATOMIC_RELAXED);
    value rest = range_new(t, next, next + left * it->step, it->step);
    value r = rest ? iter_reduce(t, "iter", rest, from_int62(0), V_NONE) : V_NULL;
    release_opt(t, rest);
    return r;
}

static value small_setstate(struct thread *t, const vref *a) {
    struct range_iter *it = as_iter(a[0]);
    int64_t n;
    if (!object_as_size_clamped(t, a[1], &n)) return V_NULL;
    int64_t left = __atomic_load_n(&it->left, __ATOMIC_RELAXED);
    if (n < 0) n = 0;
    if (n > left) n = left;
    __atomic_store_n(&it->next, it->next + n * it->step, __ATOMIC_RELAXED);
    __atomic_store_n(&it->left, left - n, __ATOMIC_RELAXED);
    return V_NONE;
}

// ---- types ----

static const struct native natives[] = {
    {"start", NATIVE_MEMBER, .offset = offsetof(struct range, start)},
    {"stop", NATIVE_MEMBER, .offset = offsetof(struct range, stop)},
    {"step", NATIVE_MEMBER, .offset = offsetof(struct range, step)},
    {"count", NATIVE_METHOD, "($self, value, /)", count, .doc = "rangeobject.count(value) -> integer -- how many numbers equal value"},
    {"index", NATIVE_METHOD, "($self, value, /)", index_of,
     .doc = "rangeobject.index(value) -> integer -- the position of value.\nRaises ValueError if it is not there."},
    {"__reversed__", NATIVE_METHOD, "($self, /)", reversed, .doc = "Return an iterator from the last number to the first."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reduce, .doc = NULL},
    {NULL},
};
struct type type_range = {
    .name = "range", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct range), .root_shape = SHAPE_RANGE,
    .flags = TYPE_GC | TYPE_SEQUENCE,
    .doc = "The numbers from start (0 by default) up to but without stop, step apart (1 by default); nothing is stored but the three.",
    .natives = natives, .make = make, .destroy = destroy, .traverse = traverse, .repr = repr, .iter = iter, .hash = hash, .compare = compare,
    .truth = truth, .length = length, .getitem = getitem, .contains = contains,
};

static const struct native small_natives[] = {
    {"__length_hint__", NATIVE_METHOD, "($self, /)", small_hint, .doc = "Return how many items are probably still to come."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", small_reduce, .doc = "Return what pickle makes this again from."},
    {"__setstate__", NATIVE_METHOD, "($self, state, /)", small_setstate, .doc = "Take over the state that __reduce__ gave."},
    {NULL},
};
struct type type_range_iter = {
    .name = "range_iterator", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct range_iter), .root_shape = SHAPE_RANGE_ITER,
    .natives = small_natives, .iter = iter_self, .next = small_next,
};

static const struct native big_natives[] = {
    {"__length_hint__", NATIVE_METHOD, "($self, /)", big_hint, .doc = "Return how many items are probably still to come."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", big_reduce, .doc = "Return what pickle makes this again from."},
    {"__setstate__", NATIVE_METHOD, "($self, state, /)", big_setstate, .doc = "Take over the state that __reduce__ gave."},
    {NULL},
};
struct type type_long_range_iter = {
    .name = "longrange_iterator", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct big_iter), .flags = TYPE_GC,
    .natives = big_natives, .destroy = big_destroy, .traverse = big_traverse, .iter = iter_self, .next = big_next,
};
