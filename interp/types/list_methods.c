// SPDX-License-Identifier: Apache-2.0
// The type list: its methods and operators. Leaves the array to list.c, subscripts to list_slice.c, sorting to sort.c, iterators to iter.c.
#include "interp/types/iter.h"
#include "interp/types/list.h"
#include "interp/types/num.h"
#include "interp/types/sequence.h"

static value append(struct thread *t, const vref *a) { return list_append(t, a[0], a[1]) ? V_NONE : V_NULL; }

static value clear(struct thread *t, const vref *a) {
    list_replace(t, a[0], NULL, 0);
    return V_NONE;
}

static value copy(struct thread *t, const vref *a) {
    size_t n = SIZE_MAX;
    struct list_items *items = list_copy_range(t, a[0], 0, &n);
    return items ? list_adopt(t, items, n) : V_NULL;
}

static value extend(struct thread *t, const vref *a) { return list_extend(t, a[0], a[1]) ? V_NONE : V_NULL; }

static value insert(struct thread *t, const vref *a) {
    int64_t i;
    if (!object_as_index(t, a[1], &i)) return V_NULL;
    return list_insert(t, a[0], i, a[2]) ? V_NONE : V_NULL;
}

value list_pop(struct thread *t, vref list) {
    struct list *l = as_list(list);
    struct list_items *look = list_array(l);
    if (look && look->capacity >= 64 && list_size(list) < look->capacity / 2) return list_take(t, list, -1); // gives room back
    value v = V_NULL;
    bool locked = write_begin(t, &l->head);
    size_t n = atomic_load_explicit(&l->size, memory_order_relaxed);
    if (n > 0) {
        struct list_items *items = list_array(l);
        v = word_peek(&items->at[n - 1]);
        atomic_store_explicit(&l->size, n - 1, memory_order_release);
        word_publish(&items->at[n - 1], V_UNBOUND);
    }
    write_end(t, &l->head, locked);
    return v;
}

static value pop(struct thread *t, const vref *a) {
    int64_t i = -1;
    if (a[1] && !object_as_index(t, a[1], &i)) return V_NULL;
    int64_t n = (int64_t)list_size(a[0]);
    if (n == 0) return raise(t, &exc_IndexError, "pop from empty list");
    int64_t asked = i;
    if (i < 0) i += n;
    if (i < 0 || i >= n) return raise(t, &exc_IndexError, "pop index out of range");
    value v = i == n - 1 ? list_pop(t, a[0]) : list_take(t, a[0], asked);
    return v || raised(t) ? v : raise(t, &exc_IndexError, "pop index out of range");
}

// First position in [from, to) whose item equals v; -1 none, -2 exception. The list may change under us.
static int64_t find(struct thread *t, vref list, vref v, int64_t from, int64_t to) {
    for (int64_t i = from; i < to; i++) {
        value item = list_get_or_null(t, list, (size_t)i);
        if (!item) break;
        int equal = words_equal(t, item, v);
        release(t, item);
        if (equal) return equal < 0 ? -2 : i;
        if ((i & 1023) == 1023 && !safepoint_poll(t)) return -2;
    }
    return -1;
}

static value remove_first(struct thread *t, const vref *a) {
    int64_t i = find(t, a[0], a[1], 0, INT64_MAX);
    if (i == -2) return V_NULL;
    if (i < 0) return raise(t, &exc_ValueError, "list.remove(x): x not in list");
    return list_splice(t, a[0], (size_t)i, (size_t)i + 1, NULL, 0) ? V_NONE : V_NULL;
}

static value index_of(struct thread *t, const vref *a) {
    int64_t from = 0, to = INT64_MAX, n = (int64_t)list_size(a[0]);
    if ((a[2] && !seq_clamped_index(t, a[2], &from)) || (a[3] && !seq_clamped_index(t, a[3], &to))) return V_NULL;
    if (from < 0 && (from += n) < 0) from = 0;
    if (to < 0 && (to += n) < 0) to = 0;
    int64_t i = find(t, a[0], a[1], from, to);
    if (i >= 0) return from_int62(i);
    return i == -2 ? V_NULL : raise(t, &exc_ValueError, "%R is not in list", a[1]);
}

static value count(struct thread *t, const vref *a) {
    int64_t found = 0, i = -1;
    while ((i = find(t, a[0], a[1], i + 1, INT64_MAX)) >= 0) found++;
    return i == -2 ? V_NULL : from_int62(found);
}

static value reverse(struct thread *t, const vref *a) {
    struct list *l = as_list(a[0]);
    bool locked = write_begin(t, &l->head);
    size_t n = atomic_load_explicit(&l->size, memory_order_relaxed);
    _Atomic value *at = n ? list_array(l)->at : NULL;
    for (size_t i = 0, j = n; i + 1 < j; i++) {
        value v = word_peek(&at[i]);
        word_publish(&at[i], word_peek(&at[--j]));
        word_publish(&at[j], v);
    }
    write_end(t, &l->head, locked);
    return V_NONE;
}

static value sort(struct thread *t, const vref *a) {
    int64_t backwards = 0;
    if (a[2] && !object_as_index(t, a[2], &backwards)) return V_NULL;
    return list_sort(t, a[0], a[1] && !is_none(a[1]) ? a[1] : V_NULL, backwards != 0) ? V_NONE : V_NULL;
}

static value size_in_bytes(struct thread *t, const vref *a) {
    struct list_items *items = list_array(as_list(a[0]));
    size_t bytes = type_of(a[0])->basicsize + (items && items->capacity ? list_items_bytes(items->capacity) : 0);
    return from_int62((int64_t)bytes);
}

static value reversed(struct thread *t, const vref *a) { return list_reverse_iter(t, a[0]); }

static const struct native natives[] = {
    {"append", NATIVE_METHOD, "($self, object, /)", append, .doc = "Add object behind the last item."},
    {"clear", NATIVE_METHOD, "($self, /)", clear, .doc = "Drop all items."},
    {"copy", NATIVE_METHOD, "($self, /)", copy, .doc = "Return a new list of the same items."},
    {"count", NATIVE_METHOD, "($self, value, /)", count, .doc = "Return how many items equal value."},
    {"extend", NATIVE_METHOD, "($self, iterable, /)", extend, .doc = "Add every item of iterable behind the last item."},
    {"index", NATIVE_METHOD, "($self, value, start=0, stop=sys.maxsize, /)", index_of,
     .doc = "Return the position of the first item that equals value.\n\nRaises ValueError if there is none."},
    {"insert", NATIVE_METHOD, "($self, index, object, /)", insert, .doc = "Put object in front of the item at index."},
    {"pop", NATIVE_METHOD, "($self, index=-1, /)", pop,
     .doc = "Take the item at index (default: the last) out and return it.\n\nRaises IndexError if there is none."},
    {"remove", NATIVE_METHOD, "($self, value, /)", remove_first, .doc = "Drop the first item that equals value.\n\nRaises ValueError if there is none."},
    {"reverse", NATIVE_METHOD, "($self, /)", reverse, .doc = "Turn the order of the items around."},
    {"sort", NATIVE_METHOD, "($self, /, *, key=None, reverse=False)", sort,
     .doc = "Put the items in ascending order; equal items stay in the order they had.\n\n"
            "key, if given, is called once for each item and its results are compared.\nreverse asks for descending order."},
    {"__reversed__", NATIVE_METHOD, "($self, /)", reversed, .doc = "Return an iterator from the last item to the first."},
    {"__sizeof__", NATIVE_METHOD, "($self, /)", size_in_bytes, .doc = "Return the bytes that the list takes, its items not counted."},
    {"__class_getitem__", NATIVE_CLASS, "($type, object, /)", seq_class_getitem, .doc = "See PEP 585"},
    {NULL},
};

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    return cls == &type_list ? list_new(t, 0) : object_new_instance(t, cls);
}

static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (type_of(self)->make == type_list.make && !args_no_keywords(t, "list", kwnames)) return -1;
    if (!args_count(t, "list", nargs, 0, 1)) return -1;
    if (list_size(self)) list_replace(t, self, NULL, 0);
    return nargs == 0 || list_extend(t, self, args[0]) ? 0 : -1;
}

static void destroy(struct thread *t, struct object *o) {
    struct list *l = (struct list *)o;
    struct list_items *items = list_array(l);
    size_t n = atomic_load_explicit(&l->size, memory_order_relaxed);
    atomic_store_explicit(&l->size, 0, memory_order_relaxed);
    atomic_store_explicit(&l->items, NULL, memory_order_relaxed);
    if (!items) return;
    while (n > 0) release(t, word_peek(&items->at[--n]));
    list_items_free(t, items);
}

static void break_cycle(struct thread *t, struct object *o) { list_replace(t, borrowed_word(o), NULL, 0); }

static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct list *l = (struct list *)o;
    struct list_items *items = list_array(l);
    size_t n = atomic_load_explicit(&l->size, memory_order_relaxed);
    for (size_t i = 0; i < n; i++) {
        int r = visit(word_peek(&items->at[i]), arg);
        if (r) return r;
    }
    return 0;
}

static bool repr_items(struct str_builder *b, vref self) {
    value v;
    for (size_t i = 0; (v = list_get_or_null(b->t, self, i)) != V_NULL; i++) {
        if (i) builder_ascii(b, ", ", 2);
        builder_repr(b, v);
        release(b->t, v);
        if (b->failed || !safepoint_poll(b->t)) return false;
    }
    return true;
}

static value repr(struct thread *t, vref self) {
    if (list_size(self) == 0) return str_from_cstr(t, "[]");
    struct repr_link link;
    int enter = repr_enter(t, &link, self);
    if (enter <= 0) return enter < 0 ? V_NULL : str_from_cstr(t, "[...]");
    struct str_builder b;
    builder_init(&b, t);
    builder_char(&b, '[');
    bool ok = repr_items(&b, self);
    builder_char(&b, ']');
    repr_leave(t, &link);
    if (ok) return builder_finish(&b);
    builder_discard(&b);
    return V_NULL;
}

// The first position where the two differ, with both items owned; -1: none within the shorter one; -2: exception.
static int64_t first_difference(struct thread *t, vref a, vref b, value *x, value *y) {
    for (int64_t i = 0;; i++) {
        if ((*x = list_get_or_null(t, a, (size_t)i)) == V_NULL) return -1;
        if ((*y = list_get_or_null(t, b, (size_t)i)) == V_NULL) {
            release(t, *x);
            return -1;
        }
        int equal = words_equal(t, *x, *y);
        if (equal == 0 && (size_t)i < list_size(a) && (size_t)i < list_size(b)) return i; // else the comparison has emptied one
        release(t, *x);
        release(t, *y);
        if (equal < 0 || ((i & 1023) == 1023 && !safepoint_poll(t))) return -2;
    }
}

static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!is_list(a) || !is_list(b)) return V_NOTIMPL;
    if ((op == CMP_EQ || op == CMP_NE) && list_size(a) != list_size(b)) return from_bool(op == CMP_NE);
    value x, y, r;
    int64_t i = first_difference(t, a, b, &x, &y);
    if (i == -2) return V_NULL;
    if (i == -1) return from_bool(sizes_compare(list_size(a), list_size(b), op));
    if (op == CMP_EQ || op == CMP_NE) r = from_bool(op == CMP_NE);
    else r = object_compare(t, x, y, op);
    release(t, x);
    release(t, y);
    return r;
}

static int64_t length(struct thread *t, vref self) {
    (void)t;
    return (int64_t)list_size(self);
}

static int contains(struct thread *t, vref self, vref v) {
    int64_t i = find(t, self, v, 0, INT64_MAX);
    return i >= 0 ? 1 : i == -1 ? 0 : -1;
}

static value add(struct thread *t, vref a, vref b) {
    if (!is_list(a)) return V_NOTIMPL;
    if (!is_list(b)) return seq_concat_other(t, a, b, "list");
    value l = copy(t, &a);
    if (!l || list_extend(t, l, b)) return l;
    release(t, l);
    return V_NULL;
}

static value inplace_add(struct thread *t, vref a, vref b) { return list_extend(t, a, b) ? own(t, a) : V_NULL; }

// returns new array of n words repeated; V_NULL-safe. NULL: exception.
static struct list_items *repeated(struct thread *t, vref list, int64_t times, size_t *size) {
    size_t n = SIZE_MAX;
    struct list_items *once = list_copy_range(t, list, 0, &n);
    if (!once || times == 1) {
        *size = n;
        return once;
    }
    struct list_items *items = NULL;
    if (n && (size_t)times > PTRDIFF_MAX / sizeof(value) / n) raise_no_memory(t);
    else items = list_items_new(t, n * (size_t)times);
    for (size_t k = 0; items && k < (size_t)times; k++)
        for (size_t i = 0; i < n; i++) atomic_init(&items->at[k * n + i], own(t, word_peek(&once->at[i])));
    for (size_t i = 0; i < n; i++) release(t, word_peek(&once->at[i]));
    mem_free(t, once, list_items_bytes(once->capacity));
    *size = n * (size_t)times;
    return items;
}

static value multiply(struct thread *t, vref a, vref b) {
    bool left = is_list(a);
    int64_t times;
    value r;
    if (!seq_repeat_count(t, a, b, left, &times, &r)) return r;
    if (times == 0) return list_new(t, 0);
    size_t n;
    struct list_items *items = repeated(t, left ? a : b, times, &n);
    return items ? list_adopt(t, items, n) : V_NULL;
}

static value inplace_multiply(struct thread *t, vref a, vref b) {
    int64_t times;
    value r;
    if (!seq_repeat_count(t, a, b, true, &times, &r)) return r;
    size_t n = 0;
    struct list_items *items = NULL;
    if (times == 1) return own(t, a);
    if (times > 0 && !(items = repeated(t, a, times, &n))) return V_NULL;
    if (items && items->capacity == 0) {
        mem_free(t, items, list_items_bytes(0));
        items = NULL;
    }
    list_replace(t, a, items, n);
    return own(t, a);
}

struct type type_list = {
    .name = "list", .module = "builtins", .base = &type_object, .basicsize = sizeof(struct list), .root_shape = SHAPE_LIST,
    .flags = TYPE_GC | TYPE_BASE | TYPE_LIST | TYPE_SEQUENCE,
    .doc = "list(iterable=(), /)\n--\n\nA changeable sequence.\n\nWithout an argument it is empty; else it holds what iterable gives.",
    .natives = natives, .make = make, .init = init, .destroy = destroy, .traverse = traverse, .clear = break_cycle, .repr = repr, .iter = list_iter,
    .hash = hash_unhashable, .compare = compare, .length = length, .getitem = list_getitem, .setitem = list_setitem, .contains = contains,
    .binary = {[NB_ADD] = add, [NB_MUL] = multiply}, .inplace = {[NB_ADD] = inplace_add, [NB_MUL] = inplace_multiply},
};
