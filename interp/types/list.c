// SPDX-License-Identifier: Apache-2.0
// list: its array, how it grows and is read, and the C functions of seq.h. Leaves methods, slices and the type to list_methods.c, sorting to sort.c.
#include "interp/types/list.h"
#include "interp/vm/gen.h"

struct list_items list_sorting;

struct list_items *list_items_new(struct thread *t, size_t capacity) {
    if (capacity > PTRDIFF_MAX / sizeof(value) - 2) {
        raise_no_memory(t);
        return NULL;
    }
    struct list_items *items = mem_alloc(t, list_items_bytes(capacity));
    if (!items) return NULL;
    items->capacity = capacity;
    return items;
}

void list_items_free(struct thread *t, struct list_items *items) {
    if (items && items->capacity) mem_free(t, items, list_items_bytes(items->capacity));
}

void list_items_retire(struct thread *t, struct list_items *items) {
    if (items && items->capacity) mem_retire(t, items, list_items_bytes(items->capacity));
}

static size_t grown(size_t n) { return (n + (n >> 3) + 6) & ~(size_t)3; }

// Inside a write section: makes room for capacity words, of which the first `size` are in use. *old gets the array to retire after the section.
static bool set_capacity(struct thread *t, struct list *l, size_t size, size_t capacity, struct list_items **old) {
    struct list_items *was = list_array(l);
    if (was && was->capacity && !t->free_threaded && capacity <= PTRDIFF_MAX / sizeof(value) - 2) {
        struct list_items *items = mem_resize(t, was, list_items_bytes(was->capacity), list_items_bytes(capacity));
        if (!items) return false;
        items->capacity = capacity;
        atomic_store_explicit(&l->items, items, memory_order_release);
        return true;
    }
    struct list_items *items = list_items_new(t, capacity);
    if (!items) return false;
    for (size_t i = 0; i < size; i++) atomic_init(&items->at[i], word_peek(&was->at[i]));
    if (t->free_threaded)
        for (size_t i = size; i < capacity; i++) atomic_init(&items->at[i], V_UNBOUND);
    atomic_store_explicit(&l->items, items, memory_order_release);
    if (was) words_unbind(was->at, size);
    *old = was;
    return true;
}

static inline bool reserve(struct thread *t, struct list *l, size_t size, size_t need, struct list_items **old) {
    struct list_items *items = list_array(l);
    return likely(items && need <= items->capacity) || set_capacity(t, l, size, grown(need), old);
}

// Inside a write section: gives memory back when less than half is in use. Failing to is no error.
static void shrink(struct thread *t, struct list *l, size_t size, struct list_items **old) {
    struct list_items *items = list_array(l);
    if (likely(size >= items->capacity / 2 || items->capacity < 16)) return;
    value pending = raised_take(t);
    if (!set_capacity(t, l, size, grown(size), old)) raised_clear(t);
    if (pending) raised_restore(t, pending);
}

value list_new(struct thread *t, size_t capacity) {
    struct list *l = object_alloc_gc(t, sizeof *l, SHAPE_LIST);
    if (!l) return V_NULL;
    atomic_init(&l->size, 0);
    atomic_init(&l->items, NULL);
    if (capacity) {
        struct list_items *items = list_items_new(t, capacity);
        if (!items) {
            release(t, counted_word(l));
            return V_NULL;
        }
        if (t->free_threaded) words_unbind(items->at, capacity);
        atomic_init(&l->items, items);
    }
    return counted_word(l);
}

value list_adopt(struct thread *t, struct list_items *items, size_t n) {
    value v = list_new(t, 0);
    if (!v) {
        for (size_t i = 0; i < n; i++) release(t, word_peek(&items->at[i]));
        list_items_free(t, items);
        return V_NULL;
    }
    struct list *l = as_list(v);
    if (items && items->capacity == 0) {
        mem_free(t, items, list_items_bytes(0));
        items = NULL;
    }
    if (items && t->free_threaded) words_unbind(items->at + n, items->capacity - n);
    atomic_init(&l->items, items);
    atomic_init(&l->size, n);
    return v;
}

value list_from_array(struct thread *t, const vref *items, size_t n) {
    struct list_items *a = list_items_new(t, n);
    if (!a) return V_NULL;
    for (size_t i = 0; i < n; i++) atomic_init(&a->at[i], own(t, items[i]));
    return list_adopt(t, a, n);
}

value list_take_array(struct thread *t, value *items, size_t n) {
    struct list *l = object_alloc_gc(t, sizeof *l, SHAPE_LIST);
    struct list_items *a = l && n ? mem_alloc(t, list_items_bytes(n)) : NULL;
    if (unlikely(!l || (n && !a))) {
        for (size_t i = 0; i < n; i++) release(t, items[i]);
        if (l) atomic_init(&l->size, 0), atomic_init(&l->items, NULL), release(t, counted_word(l));
        return V_NULL;
    }
    if (a) a->capacity = n;
    for (size_t i = 0; i < n; i++) atomic_init(&a->at[i], items[i]);
    atomic_init(&l->items, a);
    atomic_init(&l->size, n);
    return counted_word(l);
}

bool list_append_take(struct thread *t, vref list, value v) {
    struct list *l = as_list(list);
    struct list_items *old = NULL;
    bool locked = write_begin(t, &l->head);
    size_t n = atomic_load_explicit(&l->size, memory_order_relaxed);
    bool ok = reserve(t, l, n, n + 1, &old);
    if (likely(ok)) {
        word_publish(&list_array(l)->at[n], v);
        atomic_store_explicit(&l->size, n + 1, memory_order_release);
    }
    write_end_grown(t, &l->head, locked);
    if (unlikely(old != NULL)) list_items_retire(t, old);
    if (unlikely(!ok)) release(t, v);
    return ok;
}

bool list_append(struct thread *t, vref list, vref v) { return list_append_take(t, list, own(t, v)); }

value list_get_or_null(struct thread *t, vref list, size_t i) {
    struct list *l = as_list(list);
    while (i < atomic_load_explicit(&l->size, memory_order_acquire)) {
        struct list_items *items = list_array(l);
        if (unlikely(!items || i >= items->capacity)) continue; // a writer is between two stores
        value v = slot_load(t, &items->at[i]);
        if (likely(v != V_UNBOUND)) return v;
    }
    return V_NULL;
}

value list_get(struct thread *t, vref list, int64_t i) {
    if (i < 0) i += (int64_t)list_size(list);
    value v = i < 0 ? V_NULL : list_get_or_null(t, list, (size_t)i);
    return v ? v : raise(t, &exc_IndexError, "list index out of range");
}

bool list_set(struct thread *t, vref list, int64_t i, vref v) {
    struct list *l = as_list(list);
    value old = V_NULL, new_word = own(t, v);
    bool locked = write_begin(t, &l->head);
    size_t n = atomic_load_explicit(&l->size, memory_order_relaxed);
    if (i < 0) i += (int64_t)n;
    if (likely((uint64_t)i < n)) {
        _Atomic value *slot = &list_array(l)->at[i];
        old = word_peek(slot);
        word_publish(slot, new_word);
    }
    write_end(t, &l->head, locked);
    if (likely(old != V_NULL)) {
        release(t, old);
        return true;
    }
    release(t, new_word);
    raise(t, &exc_IndexError, "list assignment index out of range");
    return false;
}

bool list_insert(struct thread *t, vref list, int64_t i, vref v) {
    if (i < 0) {
        i += (int64_t)list_size(list);
        if (i < 0) i = 0;
    }
    value word = own(t, v);
    if (list_splice(t, list, (size_t)i, (size_t)i, &word, 1)) return true;
    release(t, word);
    return false;
}

struct list_items *list_copy_range(struct thread *t, vref list, size_t start, size_t *count) {
    size_t n = list_size(list), want = start < n ? n - start : 0;
    if (want > *count) want = *count;
    struct list_items *copy = list_items_new(t, want);
    if (!copy) return NULL;
    size_t got = 0;
    if (!t->free_threaded) {
        _Atomic value *from = want ? list_array(as_list(list))->at + start : NULL;
        for (; got < want; got++) atomic_init(&copy->at[got], own(t, word_peek(&from[got])));
    } else {
        for (value v; got < want && (v = list_get_or_null(t, list, start + got)) != V_NULL; got++) atomic_init(&copy->at[got], v);
        words_unbind(copy->at + got, want - got);
    }
    *count = got;
    return copy;
}

// The words that a splice removed: a few on the C stack, more in a buffer.
struct removed {
    value few[16];
    value *all;
    size_t n;
};

static bool keep_removed(struct thread *t, struct removed *r, const _Atomic value *at, size_t n) {
    r->n = n;
    r->all = n <= 16 ? r->few : mem_alloc(t, n * sizeof(value));
    if (!r->all) return false;
    for (size_t i = 0; i < n; i++) r->all[i] = word_peek(&at[i]);
    return true;
}

static void drop_removed(struct thread *t, struct removed *r) {
    for (size_t i = 0; i < r->n; i++) release(t, r->all[i]);
    if (r->all != r->few) mem_free(t, r->all, r->n * sizeof(value));
}

// Inside a write section.
static bool splice(struct thread *t, struct list *l, size_t start, size_t stop, const value *in, size_t n, struct removed *r, struct list_items **old) {
    size_t size = atomic_load_explicit(&l->size, memory_order_relaxed);
    if (start > size) start = size;
    if (stop > size) stop = size;
    if (stop < start) stop = start;
    size_t new_size = size - (stop - start) + n;
    if (new_size == 0 && size == 0) return true;
    if (!keep_removed(t, r, list_array(l) ? list_array(l)->at + start : NULL, stop - start)) return false;
    if (new_size > size && !reserve(t, l, size, new_size, old)) {
        if (r->all != r->few) mem_free(t, r->all, r->n * sizeof(value));
        r->n = 0;
        r->all = r->few;
        return false;
    }
    _Atomic value *at = list_array(l)->at;
    words_move(t, at + start + n, at + stop, size - stop);
    for (size_t i = 0; i < n; i++) word_publish(at + start + i, in[i]);
    atomic_store_explicit(&l->size, new_size, memory_order_release);
    if (new_size < size) {
        words_unbind(at + new_size, size - new_size);
        shrink(t, l, new_size, old);
    }
    return true;
}

bool list_splice(struct thread *t, vref list, size_t start, size_t stop, const value *in, size_t n) {
    struct list *l = as_list(list);
    struct list_items *old = NULL;
    struct removed removed = {.all = removed.few};
    bool locked = write_begin(t, &l->head);
    bool ok = splice(t, l, start, stop, in, n, &removed, &old);
    write_end(t, &l->head, locked);
    list_items_retire(t, old);
    drop_removed(t, &removed);
    return ok;
}

bool list_swap(struct thread *t, vref list, size_t i, size_t j) {
    struct list *l = as_list(list);
    bool locked = write_begin(t, &l->head);
    size_t n = atomic_load_explicit(&l->size, memory_order_relaxed);
    bool ok = i < n && j < n;
    if (ok) {
        _Atomic value *at = list_array(l)->at;
        value v = word_peek(&at[i]);
        word_publish(&at[i], word_peek(&at[j]));
        word_publish(&at[j], v);
    }
    write_end_grown(t, &l->head, locked); // each word is still in the list
    return ok;
}

value list_take(struct thread *t, vref list, int64_t i) {
    struct list *l = as_list(list);
    struct list_items *old = NULL;
    struct removed removed = {.all = removed.few};
    bool locked = write_begin(t, &l->head);
    int64_t n = (int64_t)atomic_load_explicit(&l->size, memory_order_relaxed), k = i < 0 ? i + n : i;
    bool ok = k >= 0 && k < n && splice(t, l, (size_t)k, (size_t)k + 1, NULL, 0, &removed, &old);
    write_end(t, &l->head, locked);
    list_items_retire(t, old);
    return ok ? removed.few[0] : V_NULL; // one word: always among the few
}

void list_replace(struct thread *t, vref list, struct list_items *items, size_t n) {
    struct list *l = as_list(list);
    if (items && t->free_threaded) words_unbind(items->at + n, items->capacity - n);
    bool locked = write_begin(t, &l->head);
    size_t old_size = atomic_load_explicit(&l->size, memory_order_relaxed);
    struct list_items *old = list_array(l), *gone = NULL;
    if (n < old_size) atomic_store_explicit(&l->size, n, memory_order_release);
    atomic_store_explicit(&l->items, items, memory_order_release);
    atomic_store_explicit(&l->size, n, memory_order_release);
    if (t->free_threaded && old_size) { // readers may hold the old array: empty it before anything in it dies
        gone = mem_alloc(t, list_items_bytes(old_size));
        if (gone) {
            gone->capacity = old_size;
            for (size_t i = 0; i < old_size; i++) atomic_init(&gone->at[i], word_peek(&old->at[i]));
        } else {
            raised_clear(t); // the words leak: better than a use after free
        }
        words_unbind(old->at, old_size);
    }
    write_end(t, &l->head, locked);
    struct list_items *from = t->free_threaded ? gone : old;
    if (from)
        for (size_t i = old_size; i-- > 0;) release(t, word_peek(&from->at[i]));
    list_items_free(t, gone);
    list_items_retire(t, old);
}

static bool extend_from_array(struct thread *t, struct list *l, const vref *from, size_t n) {
    struct list_items *old = NULL;
    bool locked = write_begin(t, &l->head);
    size_t size = atomic_load_explicit(&l->size, memory_order_relaxed);
    bool ok = reserve(t, l, size, size + n, &old);
    if (ok) {
        _Atomic value *at = list_array(l)->at + size;
        for (size_t i = 0; i < n; i++) word_publish(at + i, own(t, from[i]));
        atomic_store_explicit(&l->size, size + n, memory_order_release);
    }
    write_end(t, &l->head, locked);
    list_items_retire(t, old);
    return ok;
}

static bool extend_from_list(struct thread *t, vref list, vref other) {
    size_t n = SIZE_MAX;
    struct list_items *copy = list_copy_range(t, other, 0, &n);
    if (!copy) return false;
    bool ok = n == 0 || list_splice(t, list, SIZE_MAX, SIZE_MAX, (const value *)copy->at, n);
    if (!ok)
        for (size_t i = 0; i < n; i++) release(t, word_peek(&copy->at[i]));
    mem_free(t, copy, list_items_bytes(copy->capacity));
    return ok;
}

// Makes room for as many items as the iterable promises; what it promises wrongly is given back by the next change.
static bool reserve_hint(struct thread *t, vref list, vref iterable) {
    int64_t hint = object_length_hint(t, iterable, 8);
    if (hint < 0) return false;
    struct list *l = as_list(list);
    if (hint > 1 << 24) hint = 1 << 24;
    struct list_items *old = NULL;
    bool locked = write_begin(t, &l->head);
    size_t size = atomic_load_explicit(&l->size, memory_order_relaxed);
    bool ok = size == 0 && hint > 0 && !list_array(l) ? set_capacity(t, l, 0, (size_t)hint, &old) : true;
    write_end(t, &l->head, locked);
    list_items_retire(t, old);
    return ok;
}

// As long as there is room.
static bool extend_each(struct thread *t, void *context, value v) {
    struct list *l = context;
    bool locked = write_begin(t, &l->head);
    size_t n = atomic_load_explicit(&l->size, memory_order_relaxed);
    struct list_items *items = list_array(l);
    bool room = items && n < items->capacity;
    if (room) {
        word_publish(&items->at[n], v);
        atomic_store_explicit(&l->size, n + 1, memory_order_release);
    }
    write_end_grown(t, &l->head, locked);
    return room;
}
static bool extend_from_iterator(struct thread *t, vref list, vref it) {
    for (value v; (v = iter_drain(t, it, extend_each, as_list(list))) != V_NULL;)
        if (!list_append_take(t, list, v) || !safepoint_poll(t)) return false;
    return !raised(t);
}

bool list_extend(struct thread *t, vref list, vref iterable) {
    if (has_shape(iterable, SHAPE_TUPLE)) return tuple_size(iterable) == 0 || extend_from_array(t, as_list(list), as_tuple(iterable)->at, tuple_size(iterable));
    if (has_shape(iterable, SHAPE_LIST)) {
        if (!t->free_threaded && !is_same(list, iterable) && list_size(iterable))
            return extend_from_array(t, as_list(list), (const vref *)list_array(as_list(iterable))->at, list_size(iterable));
        return extend_from_list(t, list, iterable);
    }
    value it = object_iter(t, iterable);
    if (!it) return false;
    bool ok = reserve_hint(t, list, iterable) && extend_from_iterator(t, list, it);
    release(t, it);
    return ok;
}

value list_from_iterable(struct thread *t, vref it) {
    value l = list_new(t, 0);
    if (l && list_extend(t, l, it)) return l;
    release_opt(t, l);
    return V_NULL;
}

value list_to_tuple(struct thread *t, vref list) {
    size_t n = SIZE_MAX;
    if (!t->free_threaded) {
        n = list_size(list);
        return n ? tuple_from_array(t, (const vref *)list_array(as_list(list))->at, n) : tuple_empty;
    }
    struct list_items *copy = list_copy_range(t, list, 0, &n);
    if (!copy) return V_NULL;
    value tuple = tuple_take_array(t, (value *)copy->at, n);
    mem_free(t, copy, list_items_bytes(copy->capacity));
    return tuple;
}
