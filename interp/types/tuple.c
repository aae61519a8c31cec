// SPDX-License-Identifier: Apache-2.0
// tuple: constructors, methods and the type. Leaves iteration to iter.c. Immutable once published, so nothing here is guarded.
#include <stdarg.h>

#include "interp/types/iter.h"
#include "interp/types/list.h"
#include "interp/types/num.h"
#include "interp/types/sequence.h"

static struct tuple empty = {.head = {.shared = SHARED_DEFERRED | SHARED_IMMORTAL, .shape = SHAPE_TUPLE}, .hash = -1};
value tuple_empty = (value)(uintptr_t)&empty + 2;

static size_t tuple_bytes(size_t n) { return offsetof(struct tuple, at) + n * sizeof(value); }

// returns new tuple whose items the caller fills at once. NULL: MemoryError.
static inline struct tuple *alloc(struct thread *t, size_t n) {
    if (unlikely(n > PTRDIFF_MAX / sizeof(value) - 8)) {
        raise_no_memory(t);
        return NULL;
    }
    struct tuple *u = object_alloc_gc(t, tuple_bytes(n), SHAPE_TUPLE);
    if (unlikely(!u)) return NULL;
    u->size = n;
    atomic_init(&u->hash, -1);
    return u;
}

value tuple_new(struct thread *t, size_t n) {
    struct tuple *u = alloc(t, n);
    if (!u) return V_NULL;
    for (size_t i = 0; i < n; i++) u->at[i] = V_UNBOUND;
    return counted_word(u);
}

value tuple_from_array(struct thread *t, const vref *items, size_t n) {
    if (n == 0) return tuple_empty;
    struct tuple *u = alloc(t, n);
    if (unlikely(!u)) return V_NULL;
    for (size_t i = 0; i < n; i++) u->at[i] = own(t, items[i]);
    return counted_word(u);
}

value tuple_take_array(struct thread *t, value *items, size_t n) {
    if (n == 0) return tuple_empty;
    struct tuple *u = alloc(t, n);
    if (unlikely(!u)) {
        for (size_t i = 0; i < n; i++) release(t, items[i]);
        return V_NULL;
    }
    memcpy(u->at, items, n * sizeof *items);
    return counted_word(u);
}

value tuple_pack(struct thread *t, size_t n, ...) {
    struct tuple *u = alloc(t, n);
    if (!u) return V_NULL;
    va_list ap;
    va_start(ap, n);
    for (size_t i = 0; i < n; i++) u->at[i] = own(t, va_arg(ap, vref));
    va_end(ap);
    return counted_word(u);
}

// takes the list, which nobody else knows.
static value from_own_list(struct thread *t, value list) {
    struct list *l = as_list(list);
    size_t n = list_size(list);
    atomic_store_explicit(&l->size, 0, memory_order_relaxed);
    value u = tuple_take_array(t, n ? (value *)list_array(l)->at : NULL, n);
    release(t, list);
    return u;
}

value tuple_from_iterable(struct thread *t, vref it) {
    if (has_shape(it, SHAPE_TUPLE)) return own(t, it);
    if (has_shape(it, SHAPE_LIST)) return list_to_tuple(t, it);
    value list = list_from_iterable(t, it);
    return list ? from_own_list(t, list) : V_NULL;
}

// ---- the type ----

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (cls->init == type_tuple.init && !args_no_keywords(t, "tuple", kwnames)) return V_NULL;
    if (!args_count(t, "tuple", nargs, 0, 1)) return V_NULL;
    value plain = nargs ? tuple_from_iterable(t, args[0]) : tuple_empty;
    if (!plain || cls == &type_tuple) return plain;
    size_t n = tuple_size(plain);
    struct tuple *u = object_new_var(t, cls, n * sizeof(value));
    if (u) {
        u->size = n;
        atomic_init(&u->hash, -1);
        for (size_t i = 0; i < n; i++) u->at[i] = own(t, tuple_at(plain, i));
    }
    release(t, plain);
    return u ? counted_word(u) : V_NULL;
}

static void destroy(struct thread *t, struct object *o) {
    struct tuple *u = (struct tuple *)o;
    for (size_t i = u->size; i-- > 0;) release(t, u->at[i]);
}

static size_t size_of(const struct object *o) { return tuple_bytes(((const struct tuple *)o)->size); }

static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct tuple *u = (struct tuple *)o;
    for (size_t i = 0; i < u->size; i++) {
        int r = visit(u->at[i], arg);
        if (r) return r;
    }
    return 0;
}

static bool repr_items(struct str_builder *b, vref self) {
    for (size_t i = 0; i < tuple_size(self); i++) {
        if (i) builder_ascii(b, ", ", 2);
        builder_repr(b, tuple_at(self, i));
        if (b->failed || !safepoint_poll(b->t)) return false;
    }
    return true;
}

static value repr(struct thread *t, vref self) {
    if (tuple_size(self) == 0) return str_from_cstr(t, "()");
    struct repr_link link;
    int enter = repr_enter(t, &link, self);
    if (enter <= 0) return enter < 0 ? V_NULL : str_from_cstr(t, "(...)");
    struct str_builder b;
    builder_init(&b, t);
    builder_char(&b, '(');
    bool ok = repr_items(&b, self);
    if (tuple_size(self) == 1) builder_char(&b, ',');
    builder_char(&b, ')');
    repr_leave(t, &link);
    if (ok) return builder_finish(&b);
    builder_discard(&b);
    return V_NULL;
}

// xxHash's round over the hashes of the items, so that hash((1, 2)) is what it is elsewhere.
static int64_t hash(struct thread *t, vref self) {
    struct tuple *u = as_tuple(self);
    int64_t known = atomic_load_explicit(&u->hash, memory_order_relaxed);
    if (known != -1) return known;
    const uint64_t p1 = 11400714785074694791u, p2 = 14029467366897019727u, p5 = 2870177450012600261u;
    uint64_t acc = p5;
    for (size_t i = 0; i < u->size; i++) {
        int64_t h = object_hash(t, u->at[i]);
        if (h == -1) return -1;
        acc = rotate_left(acc + (uint64_t)h * p2, 31) * p1;
    }
    acc += u->size ^ (p5 ^ 3527539u);
    known = acc == (uint64_t)-1 ? 1546275796 : (int64_t)acc;
    atomic_store_explicit(&u->hash, known, memory_order_relaxed);
    return known;
}

static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!is_tuple(a) || !is_tuple(b)) return V_NOTIMPL;
    return seq_compare_fixed(t, as_tuple(a)->at, tuple_size(a), as_tuple(b)->at, tuple_size(b), op);
}

static int64_t length(struct thread *t, vref self) {
    (void)t;
    return (int64_t)tuple_size(self);
}

// First position in [from, to) whose item equals v; -1 none, -2 exception.
static int64_t find(struct thread *t, vref self, vref v, int64_t from, int64_t to) {
    if (to > (int64_t)tuple_size(self)) to = (int64_t)tuple_size(self);
    for (int64_t i = from; i < to; i++) {
        int equal = words_equal(t, tuple_at(self, (size_t)i), v);
        if (equal) return equal < 0 ? -2 : i;
        if ((i & 1023) == 1023 && !safepoint_poll(t)) return -2;
    }
    return -1;
}

static int contains(struct thread *t, vref self, vref v) {
    int64_t i = find(t, self, v, 0, INT64_MAX);
    return i >= 0 ? 1 : i == -1 ? 0 : -1;
}

static value get_slice(struct thread *t, vref self, vref slice) {
    int64_t start, stop, step, count, n = (int64_t)tuple_size(self);
    if (!slice_indices(t, slice, n, &start, &stop, &step, &count)) return V_NULL;
    if (step == 1 && count == n && has_shape(self, SHAPE_TUPLE)) return own(t, self);
    if (step == 1) return tuple_from_array(t, as_tuple(self)->at + start, (size_t)count);
    if (count == 0) return tuple_empty;
    struct tuple *u = alloc(t, (size_t)count);
    for (int64_t i = 0; u && i < count; i++) u->at[i] = own(t, tuple_at(self, (size_t)(start + i * step)));
    return u ? counted_word(u) : V_NULL;
}

static value getitem(struct thread *t, vref self, vref key) {
    int64_t i;
    if (has_shape(key, SHAPE_SLICE)) return get_slice(t, self, key);
    if (!seq_index(t, key, "tuple", &i)) return V_NULL;
    if (i < 0) i += (int64_t)tuple_size(self);
    if ((uint64_t)i >= tuple_size(self)) return raise(t, &exc_IndexError, "tuple index out of range");
    return own(t, tuple_at(self, (size_t)i));
}

static value add(struct thread *t, vref a, vref b) {
    if (!is_tuple(a)) return V_NOTIMPL;
    if (!is_tuple(b)) return seq_concat_other(t, a, b, "tuple");
    size_t na = tuple_size(a), nb = tuple_size(b);
    if (na == 0 && has_shape(b, SHAPE_TUPLE)) return own(t, b);
    if (nb == 0 && has_shape(a, SHAPE_TUPLE)) return own(t, a);
    struct tuple *u = alloc(t, na + nb);
    if (!u) return V_NULL;
    for (size_t i = 0; i < na; i++) u->at[i] = own(t, tuple_at(a, i));
    for (size_t i = 0; i < nb; i++) u->at[na + i] = own(t, tuple_at(b, i));
    return counted_word(u);
}

static value multiply(struct thread *t, vref a, vref b) {
    bool left = is_tuple(a);
    vref self = left ? a : b;
    int64_t times;
    value r;
    if (!seq_repeat_count(t, a, b, left, &times, &r)) return r;
    size_t n = tuple_size(self);
    if ((n == 0 || times == 1) && has_shape(self, SHAPE_TUPLE)) return own(t, self);
    if (n == 0 || times == 0) return tuple_empty;
    if ((size_t)times > PTRDIFF_MAX / sizeof(value) / n) return raise_no_memory(t);
    struct tuple *u = alloc(t, n * (size_t)times);
    for (size_t i = 0; u && i < u->size; i++) u->at[i] = own(t, tuple_at(self, i % n));
    return u ? counted_word(u) : V_NULL;
}

static value count(struct thread *t, const vref *a) {
    int64_t found = 0, i = -1;
    while ((i = find(t, a[0], a[1], i + 1, INT64_MAX)) >= 0) found++;
    return i == -2 ? V_NULL : from_int62(found);
}

static value index_of(struct thread *t, const vref *a) {
    int64_t from = 0, to = INT64_MAX, n = (int64_t)tuple_size(a[0]);
    if ((a[2] && !seq_clamped_index(t, a[2], &from)) || (a[3] && !seq_clamped_index(t, a[3], &to))) return V_NULL;
    if (from < 0 && (from += n) < 0) from = 0;
    if (to < 0 && (to += n) < 0) to = 0;
    int64_t i = find(t, a[0], a[1], from, to);
    if (i >= 0) return from_int62(i);
    return i == -2 ? V_NULL : raise(t, &exc_ValueError, "tuple.index(x): x not in tuple");
}

static value getnewargs(struct thread *t, const vref *a) {
    value plain = tuple_from_array(t, as_tuple(a[0])->at, tuple_size(a[0]));
    value r = plain ? tuple_pack(t, 1, plain) : V_NULL;
    release_opt(t, plain);
    return r;
}

static const struct native natives[] = {
    {"count", NATIVE_METHOD, "($self, value, /)", count, .doc = "Return how many items equal value."},
    {"index", NATIVE_METHOD, "($self, value, start=0, stop=sys.maxsize, /)", index_of,
     .doc = "Return the position of the first item that equals value.\n\nRaises ValueError if there is none."},
    {"__getnewargs__", NATIVE_METHOD, "($self, /)", getnewargs, .doc = NULL},
    {"__class_getitem__", NATIVE_CLASS, "($type, object, /)", seq_class_getitem, .doc = "See PEP 585"},
    {NULL},
};

struct type type_tuple = {
    .name = "tuple", .module = "builtins", .base = &type_object, .basicsize = offsetof(struct tuple, at), .itemsize = sizeof(value),
    .root_shape = SHAPE_TUPLE, .flags = TYPE_GC | TYPE_BASE | TYPE_TUPLE | TYPE_SEQUENCE,
    .doc = "tuple(iterable=(), /)\n--\n\nA sequence that never changes.\n\nWithout an argument it is empty; else it holds what iterable gives; "
           "of a tuple it is that tuple itself.",
    .natives = natives, .make = make, .destroy = destroy, .size_of = size_of, .traverse = traverse, .repr = repr, .iter = tuple_iter, .hash = hash,
    .compare = compare, .length = length, .getitem = getitem, .contains = contains, .binary = {[NB_ADD] = add, [NB_MUL] = multiply},
};
