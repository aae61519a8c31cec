// SPDX-License-Identifier: Apache-2.0
// The type deque: methods and slots. Leaves the ring to deque.c.
#include "interp/modules/collections/collections.h"
#include "interp/types/args.h"
#include "interp/types/names.h"
#include "interp/types/num.h"

static value append(struct thread *t, const vref *a) { return deque_push(t, as_deque(a[0]), own(t, a[1]), false) ? V_NONE : V_NULL; }
static value appendleft(struct thread *t, const vref *a) { return deque_push(t, as_deque(a[0]), own(t, a[1]), true) ? V_NONE : V_NULL; }
static value pop(struct thread *t, const vref *a) {
    value v = deque_pull(t, as_deque(a[0]), false);
    return v ? v : raise(t, &exc_IndexError, "pop from an empty deque");
}
static value popleft(struct thread *t, const vref *a) {
    value v = deque_pull(t, as_deque(a[0]), true);
    return v ? v : raise(t, &exc_IndexError, "pop from an empty deque");
}
static value extend(struct thread *t, const vref *a) { return deque_extend(t, as_deque(a[0]), a[1], false) ? V_NONE : V_NULL; }
static value extendleft(struct thread *t, const vref *a) { return deque_extend(t, as_deque(a[0]), a[1], true) ? V_NONE : V_NULL; }
static value clear(struct thread *t, const vref *a) { return deque_clear(t, as_deque(a[0])), V_NONE; }
static value reverse(struct thread *t, const vref *a) { return deque_reverse(t, as_deque(a[0])), V_NONE; }
static value rotate(struct thread *t, const vref *a) {
    int64_t n = 1;
    if (a[1] && !object_as_index(t, a[1], &n)) return V_NULL;
    deque_rotate(t, as_deque(a[0]), n);
    return V_NONE;
}
static value insert(struct thread *t, const vref *a) {
    int64_t i;
    return object_as_index(t, a[1], &i) && deque_put(t, as_deque(a[0]), i, own(t, a[2])) ? V_NONE : V_NULL;
}
static value get_maxlen(struct thread *t, const vref *a) {
    (void)t;
    return as_deque(a[0])->maxlen < 0 ? V_NONE : from_int62(as_deque(a[0])->maxlen);
}

// The first item that equals v from `from` on, before `to`: its index, -1 none, -2 exception (also when the deque changed meanwhile).
static int64_t find(struct thread *t, vref self, vref v, int64_t from, int64_t to, const char *mutated_message, struct type *mutated_error) {
    struct deque *d = as_deque(self);
    uint64_t state = deque_state(t, d);
    for (int64_t i = from; i < to; i++) {
        bool mutated;
        value item = deque_peek(t, d, (size_t)i, state, &mutated);
        if (mutated) return raise(t, mutated_error, mutated_message), -2;
        if (!item) return -1;
        int same = words_equal(t, item, v);
        release(t, item);
        if (same < 0 || ((i & 1023) == 1023 && !safepoint_poll(t))) return -2;
        if (deque_state(t, d) != state) return raise(t, mutated_error, mutated_message), -2;
        if (same) return i;
    }
    return -1;
}
static int64_t find_in_order(struct thread *t, vref self, vref v, int64_t from, int64_t to) {
    return find(t, self, v, from, to, "deque mutated during iteration", &exc_RuntimeError);
}
static int contains(struct thread *t, vref self, vref v) {
    int64_t i = find_in_order(t, self, v, 0, INT64_MAX);
    return i >= 0 ? 1 : i == -1 ? 0 : -1;
}
static value count(struct thread *t, const vref *a) {
    int64_t n = 0, i = -1;
    while ((i = find_in_order(t, a[0], a[1], i + 1, INT64_MAX)) >= 0) n++;
    return i == -2 ? V_NULL : from_int62(n);
}
static value index_of(struct thread *t, const vref *a) {
    int64_t n = (int64_t)deque_count(t, as_deque(a[0])), from = 0, to = n;
    if ((a[2] && !seq_clamped_index(t, a[2], &from)) || (a[3] && !seq_clamped_index(t, a[3], &to))) return V_NULL;
    if (from < 0 && (from += n) < 0) from = 0;
    if (to < 0 && (to += n) < 0) to = 0;
    if (to > n) to = n;
    int64_t i = find_in_order(t, a[0], a[1], from, to);
    if (i >= 0) return from_int62(i);
    return i == -2 ? V_NULL : raise(t, &exc_ValueError, "%R is not in deque", a[1]);
}
static value remove_first(struct thread *t, const vref *a) {
    int64_t i = find(t, a[0], a[1], 0, INT64_MAX, "deque mutated during iteration", &exc_IndexError);
    if (i == -2) return V_NULL;
    value gone = i < 0 ? V_NULL : deque_take(t, as_deque(a[0]), i);
    if (!gone) return raise(t, &exc_ValueError, "%R is not in deque", a[1]);
    release(t, gone);
    return V_NONE;
}

// ---- copies ----

static value copy(struct thread *t, const vref *a) {
    struct deque *d = as_deque(a[0]);
    if (type_of(a[0]) == &type_deque) {
        value r = deque_new(t, &type_deque, d->maxlen);
        if (r && deque_extend(t, as_deque(r), a[0], false)) return r;
        release_opt(t, r);
        return V_NULL;
    }
    vref args[2] = {a[0], from_int62(d->maxlen)};
    value r = object_call(t, type_ref(type_of(a[0])), args, d->maxlen < 0 ? 1 : 2, V_NULL);
    if (r && !is_deque(r)) {
        raise(t, &exc_TypeError, "%s() must return a deque, not %T", type_of(a[0])->name, r);
        release(t, r);
        return V_NULL;
    }
    return r;
}
static value reduce(struct thread *t, const vref *a) {
    struct deque *d = as_deque(a[0]);
    value state = object_call_method_cstr(t, a[0], "__getstate__", NULL, 0), it = state ? object_iter(t, a[0]) : V_NULL;
    value args = !it ? V_NULL : d->maxlen < 0 ? tuple_empty : tuple_pack(t, 2, tuple_empty, from_int62(d->maxlen));
    value r = args ? tuple_pack(t, 4, type_ref(type_of(a[0])), args, state, it) : V_NULL;
    release_opt(t, state);
    release_opt(t, it);
    release_opt(t, args);
    return r;
}
static value size_in_bytes(struct thread *t, const vref *a) {
    (void)t;
    return from_int62((int64_t)(type_of(a[0])->basicsize + as_deque(a[0])->capacity * sizeof(value)));
}
static value reversed(struct thread *t, const vref *a) { return deque_reverse_iter(t, a[0]); }

static value add(struct thread *t, vref a, vref b) {
    if (!is_deque(a)) return V_NOTIMPL;
    if (!is_deque(b)) return raise(t, &exc_TypeError, "can only concatenate deque (not \"%T\") to deque", b);
    value r = copy(t, &a);
    if (r && deque_extend(t, as_deque(r), b, false)) return r;
    release_opt(t, r);
    return V_NULL;
}
static value inplace_add(struct thread *t, vref a, vref b) { return deque_extend(t, as_deque(a), b, false) ? own(t, a) : V_NULL; }
static value multiply(struct thread *t, vref a, vref b) {
    bool left = is_deque(a);
    int64_t times;
    value r;
    if (!seq_repeat_count(t, a, b, left, &times, &r)) return r;
    r = copy(t, left ? &a : &b);
    if (r && deque_repeat(t, as_deque(r), times)) return r;
    release_opt(t, r);
    return V_NULL;
}
static value inplace_multiply(struct thread *t, vref a, vref b) {
    int64_t times;
    value r;
    if (!seq_repeat_count(t, a, b, true, &times, &r)) return r;
    return deque_repeat(t, as_deque(a), times) ? own(t, a) : V_NULL;
}

// ---- slots ----

static bool index_arg(struct thread *t, vref key, int64_t *i) {
    if (is_int(key) || (is_pointer(key) && type_of(key)->to_index)) return object_as_index(t, key, i);
    raise(t, &exc_TypeError, "sequence index must be integer, not '%T'", key);
    return false;
}
static value getitem(struct thread *t, vref self, vref key) {
    struct deque *d = as_deque(self);
    int64_t i;
    if (!index_arg(t, key, &i)) return V_NULL;
    bool locked = write_begin(t, &d->head);
    if (i < 0) i += (int64_t)d->count;
    value v = i >= 0 && (size_t)i < d->count ? own(t, d->ring[(d->first + (size_t)i) & (d->capacity - 1)]) : V_NULL;
    write_end_grown(t, &d->head, locked);
    return v ? v : raise(t, &exc_IndexError, "deque index out of range");
}
static int setitem(struct thread *t, vref self, vref key, vref v) {
    int64_t i;
    if (!index_arg(t, key, &i)) return -1;
    value new_word = v ? own(t, v) : V_NULL;
    value old = v ? deque_replace(t, as_deque(self), i, new_word) : deque_take(t, as_deque(self), i);
    if (!old) {
        release_opt(t, new_word);
        raise(t, &exc_IndexError, "deque index out of range");
        return -1;
    }
    release(t, old);
    return 0;
}
static int64_t length(struct thread *t, vref self) { return (int64_t)deque_count(t, as_deque(self)); }

// The first pair of items that differ: 1 with both owned, 0 none within the shorter one, -1 exception.
static int first_difference(struct thread *t, vref a, vref b, value *x, value *y) {
    value i = deque_iter(t, a), j = i ? deque_iter(t, b) : V_NULL;
    int r = j ? 0 : -1;
    while (j) {
        *x = object_next(t, i);
        *y = raised(t) ? V_NULL : object_next(t, j);
        int same = *x && *y ? words_equal(t, *x, *y) : -1;
        if (same == 0) {
            r = 1;
            break;
        }
        release_opt(t, *x);
        release_opt(t, *y);
        if (same < 0 || !safepoint_poll(t)) {
            r = raised(t) ? -1 : 0;
            break;
        }
    }
    release_opt(t, i);
    release_opt(t, j);
    return r;
}
static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!is_deque(a) || !is_deque(b)) return V_NOTIMPL;
    size_t n = deque_count(t, as_deque(a)), m = deque_count(t, as_deque(b));
    if ((op == CMP_EQ || op == CMP_NE) && n != m) return from_bool(op == CMP_NE);
    value x, y, r;
    int differ = first_difference(t, a, b, &x, &y);
    if (differ < 0) return V_NULL;
    if (!differ) return from_bool(sizes_compare(n, m, op));
    r = op == CMP_EQ || op == CMP_NE ? from_bool(op == CMP_NE) : object_compare(t, x, y, op);
    release(t, x);
    release(t, y);
    return r;
}

static value repr(struct thread *t, vref self) {
    struct repr_link link;
    int enter = repr_enter(t, &link, self);
    if (enter <= 0) return enter < 0 ? V_NULL : str_from_cstr(t, "[...]");
    value items = list_from_iterable(t, self), r = V_NULL;
    int64_t maxlen = as_deque(self)->maxlen;
    if (items && maxlen >= 0) r = str_format(t, "%s(%R, maxlen=%ld)", type_of(self)->name, items, maxlen);
    else if (items) r = str_format(t, "%s(%R)", type_of(self)->name, items);
    release_opt(t, items);
    repr_leave(t, &link);
    return r;
}

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    return deque_new(t, cls, -1);
}
static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    const struct args_spec spec = {"deque", (const char *const[]){"iterable", "maxlen"}, 0, 0, 2};
    vref in[2];
    int64_t maxlen = -1;
    if (!args_bind(t, &spec, args, nargs, kwnames, in)) return -1;
    if (in[1] && !is_none(in[1])) {
        if (!is_int(in[1]) && !(is_pointer(in[1]) && type_of(in[1])->to_index)) return raise(t, &exc_TypeError, "an integer is required"), -1;
        value n = object_index(t, in[1]);
        if (!n) return -1;
        bool ok = int_as_i64(t, n, &maxlen);
        release(t, n);
        if (!ok) return -1;
        if (maxlen < 0) return raise(t, &exc_ValueError, "maxlen must be non-negative"), -1;
    }
    struct deque *d = as_deque(self);
    d->maxlen = maxlen;
    if (deque_count(t, d)) deque_clear(t, d);
    return !in[0] || deque_extend(t, d, in[0], false) ? 0 : -1;
}
static void destroy(struct thread *t, struct object *o) { deque_clear(t, (struct deque *)o); }
int deque_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct deque *d = (struct deque *)o;
    for (size_t i = 0; i < d->count; i++) {
        int r = visit(d->ring[(d->first + i) & (d->capacity - 1)], arg);
        if (r) return r;
    }
    return 0;
}

static const struct native natives[] = {
    {"append", NATIVE_METHOD, "($self, item, /)", append, .doc = "Put item at the right end; a full deque drops its leftmost."},
    {"appendleft", NATIVE_METHOD, "($self, item, /)", appendleft, .doc = "Put item at the left end; a full deque drops its rightmost."},
    {"clear", NATIVE_METHOD, "($self, /)", clear, .doc = "Drop all items."},
    {"__copy__", NATIVE_METHOD, "($self, /)", copy, .doc = "Return a new deque with the same items and the same maxlen."},
    {"copy", NATIVE_METHOD, "($self, /)", copy, .doc = "Return a new deque with the same items and the same maxlen."},
    {"count", NATIVE_METHOD, "($self, value, /)", count, .doc = "Return how many items equal value."},
    {"extend", NATIVE_METHOD, "($self, iterable, /)", extend, .doc = "Add the items of iterable to the right side."},
    {"extendleft", NATIVE_METHOD, "($self, iterable, /)", extendleft, .doc = "Add the items of iterable to the left side, one after the other."},
    {"index", NATIVE_METHOD, "($self, value, start=0, stop=sys.maxsize, /)", index_of, .doc = "Return the position of the first item that equals value.\n\nRaises ValueError if there is none."},
    {"insert", NATIVE_METHOD, "($self, index, value, /)", insert, .doc = "Put value in front of the item at index."},
    {"pop", NATIVE_METHOD, "($self, /)", pop, .doc = "Take the rightmost item out and return it; IndexError if there is none."},
    {"popleft", NATIVE_METHOD, "($self, /)", popleft, .doc = "Take the leftmost item out and return it; IndexError if there is none."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reduce, .doc = "Return what pickle makes this again from."},
    {"remove", NATIVE_METHOD, "($self, value, /)", remove_first, .doc = "Remove the first item that equals value.\n\nRaises ValueError if there is none."},
    {"__reversed__", NATIVE_METHOD, "($self, /)", reversed, .doc = "Return an iterator from the right end to the left."},
    {"reverse", NATIVE_METHOD, "($self, /)", reverse, .doc = "Turn the order of the items around."},
    {"rotate", NATIVE_METHOD, "($self, n=1, /)", rotate, .doc = "Move the items n steps to the right, to the left if n is negative."},
    {"__sizeof__", NATIVE_METHOD, "($self, /)", size_in_bytes, .doc = "Return the bytes that the deque takes, its items not counted."},
    {"__class_getitem__", NATIVE_CLASS, "($type, object, /)", seq_class_getitem, .doc = "See PEP 585"},
    {"maxlen", NATIVE_GETSET, .fn = get_maxlen, .doc = "how many items fit, or None for any number"},
    {NULL},
};
struct type type_deque = {
    .name = "deque", .module = "collections", .flags = TYPE_GC | TYPE_BASE | TYPE_HAS_WEAK | TYPE_SEQUENCE, .basicsize = sizeof(struct deque), .natives = natives,
    .doc = "A queue with two ends: to add or take an item at either takes constant time.\n\nWith maxlen it drops from the other end what does not fit.",
    .make = make, .init = init, .destroy = destroy, .traverse = deque_traverse, .clear = destroy, .repr = repr, .iter = deque_iter, .hash = hash_unhashable,
    .compare = compare, .length = length, .getitem = getitem, .setitem = setitem, .contains = contains, .binary = {[NB_ADD] = add, [NB_MUL] = multiply},
    .inplace = {[NB_ADD] = inplace_add, [NB_MUL] = inplace_multiply},
};
