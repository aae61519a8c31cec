// SPDX-License-Identifier: Apache-2.0
// Subscripts of list: a[i], a[i:j:k], read, assigned and deleted. Leaves the array to list.c and what a slice means to slice.c.
#include "interp/types/list.h"
#include "interp/types/sequence.h"

// Items start, start + step … as they are now. returns new list.
static value take_stepped(struct thread *t, vref list, int64_t start, int64_t step, int64_t count) {
    struct list_items *items = list_items_new(t, (size_t)count);
    if (!items) return V_NULL;
    int64_t got = 0;
    for (value v; got < count && (v = list_get_or_null(t, list, (size_t)(start + got * step))) != V_NULL; got++) atomic_init(&items->at[got], v);
    return list_adopt(t, items, (size_t)got);
}

static value get_slice(struct thread *t, vref list, vref slice) {
    int64_t start, stop, step, count;
    if (!slice_indices(t, slice, (int64_t)list_size(list), &start, &stop, &step, &count)) return V_NULL;
    if (step != 1) return take_stepped(t, list, start, step, count);
    size_t n = (size_t)count;
    struct list_items *items = list_copy_range(t, list, (size_t)start, &n);
    return items ? list_adopt(t, items, n) : V_NULL;
}

value list_getitem(struct thread *t, vref self, vref key) {
    if (likely(is_int62(key))) return list_get(t, self, as_int62(key));
    if (has_shape(key, SHAPE_SLICE)) return get_slice(t, self, key);
    int64_t i;
    return seq_index(t, key, "list", &i) ? list_get(t, self, i) : V_NULL;
}

// The words to assign, owned, in a list of our own. returns new; message replaces the TypeError about iteration.
static value collect(struct thread *t, vref v, const char *message) {
    if (is_list(v) || is_tuple(v)) return list_from_iterable(t, v);
    value it = object_iter(t, v);
    if (!it) {
        if (raised_is(t, &exc_TypeError)) {
            raised_clear(t);
            raise(t, &exc_TypeError, "%s", message);
        }
        return V_NULL;
    }
    value l = list_from_iterable(t, it);
    release(t, it);
    return l;
}

// Moves the words of source (a list nobody else knows) into [start, stop) of list.
static bool move_in(struct thread *t, vref list, size_t start, size_t stop, vref source) {
    struct list *s = as_list(source);
    size_t n = list_size(source);
    struct list_items *items = list_array(s);
    if (!list_splice(t, list, start, stop, n ? (const value *)items->at : NULL, n)) return false;
    atomic_store_explicit(&s->size, 0, memory_order_relaxed);
    return true;
}

// Replaces items start, start + step … by those of source. Inside nothing runs Python: the old words go back into source, which dies later.
static void exchange_stepped(struct thread *t, vref list, int64_t start, int64_t step, int64_t count, vref source) {
    struct list *l = as_list(list);
    _Atomic value *in = count ? list_array(as_list(source))->at : NULL;
    bool locked = write_begin(t, &l->head);
    size_t size = atomic_load_explicit(&l->size, memory_order_relaxed);
    for (int64_t i = 0; i < count; i++) {
        size_t at = (size_t)(start + i * step);
        if (at >= size) continue; // shortened by another thread meanwhile
        value old = word_peek(&list_array(l)->at[at]);
        word_publish(&list_array(l)->at[at], word_peek(&in[i]));
        word_publish(&in[i], old);
    }
    write_end(t, &l->head, locked);
}

static int set_slice(struct thread *t, vref list, vref slice, vref v) {
    int64_t start, stop, step, count;
    if (!slice_indices(t, slice, (int64_t)list_size(list), &start, &stop, &step, &count)) return -1;
    value source = collect(t, v, step == 1 ? "can only assign an iterable" : "must assign iterable to extended slice");
    if (!source) return -1;
    bool ok;
    if (step == 1) {
        ok = move_in(t, list, (size_t)start, (size_t)(stop < start ? start : stop), source);
    } else if ((ok = (int64_t)list_size(source) == count)) {
        exchange_stepped(t, list, start, step, count, source);
    } else {
        raise(t, &exc_ValueError, "attempt to assign sequence of size %zu to extended slice of size %zu", list_size(source), (size_t)count);
    }
    release(t, source);
    return ok ? 0 : -1;
}

// Rebuilds the list without the items low, low + step … (step > 1).
static int delete_stepped(struct thread *t, vref list, int64_t low, int64_t step, int64_t count) {
    size_t n = SIZE_MAX;
    struct list_items *items = list_copy_range(t, list, 0, &n);
    if (!items) return -1;
    struct list_items *gone = list_items_new(t, (size_t)count);
    if (!gone) {
        release(t, list_adopt(t, items, n));
        return -1;
    }
    size_t kept = 0, out = 0;
    for (size_t i = 0; i < n; i++) {
        bool drop = (int64_t)out < count && (int64_t)i == low + (int64_t)out * step;
        _Atomic value *to = drop ? &gone->at[out++] : &items->at[kept++];
        atomic_store_explicit(to, word_peek(&items->at[i]), memory_order_relaxed);
    }
    list_replace(t, list, items, kept);
    for (size_t i = 0; i < out; i++) release(t, word_peek(&gone->at[i]));
    list_items_free(t, gone);
    return 0;
}

static int delete_slice(struct thread *t, vref list, vref slice) {
    int64_t start, stop, step, count;
    if (!slice_indices(t, slice, (int64_t)list_size(list), &start, &stop, &step, &count)) return -1;
    if (count == 0) return 0;
    if (step < 0) {
        start += (count - 1) * step;
        step = -step;
    }
    if (step == 1 || count == 1) return list_splice(t, list, (size_t)start, (size_t)(start + count), NULL, 0) ? 0 : -1;
    return delete_stepped(t, list, start, step, count);
}

static int delete_index(struct thread *t, vref list, int64_t i) {
    int64_t n = (int64_t)list_size(list);
    if (i < 0) i += n;
    if (i < 0 || i >= n) {
        raise(t, &exc_IndexError, "list assignment index out of range");
        return -1;
    }
    return list_splice(t, list, (size_t)i, (size_t)i + 1, NULL, 0) ? 0 : -1;
}

int list_setitem(struct thread *t, vref self, vref key, vref v) {
    int64_t i;
    if (likely(is_int62(key))) i = as_int62(key);
    else if (has_shape(key, SHAPE_SLICE)) return v ? set_slice(t, self, key, v) : delete_slice(t, self, key);
    else if (!seq_index(t, key, "list", &i)) return -1;
    if (!v) return delete_index(t, self, i);
    return list_set(t, self, i, v) ? 0 : -1;
}
