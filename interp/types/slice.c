// SPDX-License-Identifier: Apache-2.0
// slice objects and what they mean for a sequence of known length. Leaves taking the items to each sequence.
#include "interp/types/num.h"
#include "interp/types/sequence.h"

static struct slice *as_slice(vref v) { return (struct slice *)as_object(v); }

value slice_new(struct thread *t, vref start, vref stop, vref step) {
    struct slice *s = object_alloc_gc(t, sizeof *s, SHAPE_SLICE);
    if (!s) return V_NULL;
    s->start = own(t, start);
    s->stop = own(t, stop);
    s->step = own(t, step);
    return counted_word(s);
}

// One bound as C, clamped to what a C index holds. false: TypeError or what __index__ raised.
static bool bound(struct thread *t, vref v, int64_t *out) {
    if (likely(is_int62(v))) {
        *out = as_int62(v);
        return true;
    }
    if (!is_int(v) && !type_of(v)->to_index) {
        raise(t, &exc_TypeError, "slice indices must be integers or None or have an __index__ method");
        return false;
    }
    return object_as_size_clamped(t, v, out);
}

static int64_t clamp(int64_t i, int64_t length, int64_t low, int64_t high) {
    if (i < 0) {
        i += length;
        return i < 0 ? low : i;
    }
    return i >= length ? high : i;
}

bool slice_indices(struct thread *t, vref slice, int64_t length, int64_t *start, int64_t *stop, int64_t *step, int64_t *count) {
    struct slice *s = as_slice(slice);
    *step = 1;
    if (!is_none(s->step)) {
        if (!bound(t, s->step, step)) return false;
        if (*step == 0) {
            raise(t, &exc_ValueError, "slice step cannot be zero");
            return false;
        }
        if (*step < -INT64_MAX) *step = -INT64_MAX; // so that it can be negated
    }
    bool back = *step < 0;
    int64_t low = back ? -1 : 0, high = back ? length - 1 : length, i;
    if (is_none(s->start)) *start = back ? high : low;
    else if (!bound(t, s->start, &i)) return false;
    else *start = clamp(i, length, low, high);
    if (is_none(s->stop)) *stop = back ? low : high;
    else if (!bound(t, s->stop, &i)) return false;
    else *stop = clamp(i, length, low, high);
    *count = back ? (*stop < *start ? (*start - *stop - 1) / -*step + 1 : 0) : (*start < *stop ? (*stop - *start - 1) / *step + 1 : 0);
    return true;
}

static value slice_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)cls;
    if (!args_no_keywords(t, "slice", kwnames) || !args_count(t, "slice", nargs, 1, 3)) return V_NULL;
    if (nargs == 1) return slice_new(t, V_NONE, args[0], V_NONE);
    return slice_new(t, args[0], args[1], nargs == 3 ? args[2] : V_NONE);
}

static void slice_destroy(struct thread *t, struct object *o) {
    struct slice *s = (struct slice *)o;
    release(t, s->start);
    release(t, s->stop);
    release(t, s->step);
}

static int slice_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct slice *s = (struct slice *)o;
    int r = visit(s->start, arg);
    if (!r) r = visit(s->stop, arg);
    return r ? r : visit(s->step, arg);
}

static value slice_repr(struct thread *t, vref self) {
    struct slice *s = as_slice(self);
    return str_format(t, "slice(%R, %R, %R)", s->start, s->stop, s->step);
}

static value slice_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!has_shape(a, SHAPE_SLICE) || !has_shape(b, SHAPE_SLICE)) return V_NOTIMPL;
    struct slice *x = as_slice(a), *y = as_slice(b);
    if (x == y) return from_bool(op == CMP_EQ || op == CMP_LE || op == CMP_GE);
    value left = tuple_pack(t, 3, x->start, x->stop, x->step), right = tuple_pack(t, 3, y->start, y->stop, y->step);
    value r = left && right ? object_compare(t, left, right, op) : V_NULL;
    release_opt(t, left);
    release_opt(t, right);
    return r;
}

static value minus_one_unless(struct thread *t, vref n, bool back) { return back ? object_binary(t, n, from_int62(1), NB_SUB) : own(t, n); }

// A bound of any size against a length of any size. returns new.
static value big_bound(struct thread *t, vref v, vref length, bool back, bool is_start) {
    value low = from_int62(back ? -1 : 0), high = minus_one_unless(t, length, back);
    if (!high) return V_NULL;
    value r = V_NULL;
    if (is_none(v)) {
        r = own(t, (back == is_start) ? high : low);
    } else if (!is_int(v) && !type_of(v)->to_index) {
        raise(t, &exc_TypeError, "slice indices must be integers or None or have an __index__ method");
    } else if ((r = object_index(t, v)) != V_NULL) {
        if (int_sign(r) < 0) {
            value sum = object_binary(t, r, length, NB_ADD);
            release(t, r);
            r = sum;
            if (r && int_compare(r, low) < 0) {
                release(t, r);
                r = low;
            }
        } else if (int_compare(r, high) > 0) {
            release(t, r);
            r = own(t, high);
        }
    }
    release(t, high);
    return r;
}

// (step, back) of slice.indices(). returns new int; V_NULL: exception.
static value big_step(struct thread *t, struct slice *s) {
    if (is_none(s->step)) return from_int62(1);
    if (!is_int(s->step) && !type_of(s->step)->to_index)
        return raise(t, &exc_TypeError, "slice indices must be integers or None or have an __index__ method");
    value step = object_index(t, s->step);
    if (step && int_sign(step) == 0) {
        release(t, step);
        return raise(t, &exc_ValueError, "slice step cannot be zero");
    }
    return step;
}

static value slice_method_indices(struct thread *t, const vref *a) {
    struct slice *s = as_slice(a[0]);
    value length = object_index(t, a[1]);
    if (!length) return V_NULL;
    value step = V_NULL, start = V_NULL, stop = V_NULL, r = V_NULL;
    if (int_sign(length) < 0) raise(t, &exc_ValueError, "length should not be negative");
    else if ((step = big_step(t, s)) != V_NULL && (start = big_bound(t, s->start, length, int_sign(step) < 0, true)) != V_NULL &&
             (stop = big_bound(t, s->stop, length, int_sign(step) < 0, false)) != V_NULL)
        r = tuple_pack(t, 3, start, stop, step);
    release(t, length);
    release_opt(t, step);
    release_opt(t, start);
    release_opt(t, stop);
    return r;
}

static value slice_reduce(struct thread *t, const vref *a) {
    struct slice *s = as_slice(a[0]);
    value args = tuple_pack(t, 3, s->start, s->stop, s->step);
    value r = args ? tuple_pack(t, 2, type_ref(&type_slice), args) : V_NULL;
    release_opt(t, args);
    return r;
}

static const struct native slice_natives[] = {
    {"start", NATIVE_MEMBER, .offset = offsetof(struct slice, start)},
    {"stop", NATIVE_MEMBER, .offset = offsetof(struct slice, stop)},
    {"step", NATIVE_MEMBER, .offset = offsetof(struct slice, step)},
    {"indices", NATIVE_METHOD, "($self, len, /)", slice_method_indices,
     .doc = "Return (start, stop, stride) for a sequence of len items, clipped as a subscript would clip them."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", slice_reduce, .doc = "Return what pickle makes this again from."},
    {NULL},
};

struct type type_slice = {
    .name = "slice", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct slice), .root_shape = SHAPE_SLICE, .flags = TYPE_GC,
    .doc = "A range of positions, as written between the brackets of a[start:stop:step].",
    .natives = slice_natives, .make = slice_make, .destroy = slice_destroy, .traverse = slice_traverse, .repr = slice_repr, .hash = hash_unhashable,
    .compare = slice_compare,
};
