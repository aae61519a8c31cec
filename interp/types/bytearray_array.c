// SPDX-License-Identifier: Apache-2.0
// The memory of a bytearray: growing, cutting at both ends, views that hold it still. Leaves what Python sees to bytearray.c.
//
// LAYOUT. base [ gap | length bytes | NUL and room ] capacity bytes in all; data = base + gap. Cutting from the front moves `data` forward, so a
// buffer that is filled behind and eaten in front (a protocol's) costs what it moves, not what it holds.
//
// THREADS. Writers stand in write_begin/write_end, and so does who reads the bytes of one that others may write: for longer work on a copy
// (bytearray_at_rest). A view counts in `exports` under the same lock, and while there is one nothing moves. The length and, for who is alone, the
// address may be had without a lock: bytes_span reads data, length, data again, until both reads agree. That pair fits the array, because within one
// array `data` only ever moves forward, and because a length is stored before the data that is shorter and after the data that is longer. A replaced
// array is retired.
#include "interp/types/bytes.h"
#include "interp/types/exc.h"

static void store_data(struct bytearray *b, uint8_t *data) { __atomic_store_n(&b->data, data, __ATOMIC_RELEASE); }
static void store_length(struct bytearray *b, size_t n) {
    b->data[n] = 0;
    __atomic_store_n(&b->length, n, __ATOMIC_RELEASE);
}

// An edit: n bytes of p in place of [from, to) of what is there when the lock is held.
struct edit {
    size_t from, to, n;
    const uint8_t *p;
    size_t grown;             // the length afterwards
    uint8_t *old;             // an array that was replaced, to be retired
    size_t old_capacity;
};
enum edit_result { EDIT_DONE, EDIT_EXPORTED, EDIT_NO_MEMORY }; // NO_MEMORY: MemoryError is pending

static void clamp(const struct bytearray *b, struct edit *e) {
    if (e->to > b->length) e->to = b->length;
    if (e->from > e->to) e->from = e->to;
    e->grown = b->length - (e->to - e->from) + e->n;
}

static enum edit_result replace_array(struct thread *t, struct bytearray *b, struct edit *e, size_t capacity) {
    uint8_t *fresh = mem_alloc(t, capacity), *old = b->data;
    if (!fresh) return EDIT_NO_MEMORY;
    if (e->from) memcpy(fresh, old, e->from);
    if (e->n) memcpy(fresh + e->from, e->p, e->n);
    if (b->length > e->to) memcpy(fresh + e->from + e->n, old + e->to, b->length - e->to);
    fresh[e->grown] = 0;
    e->old = b->base, e->old_capacity = b->capacity;
    if (e->grown < b->length) __atomic_store_n(&b->length, e->grown, __ATOMIC_RELEASE);
    b->base = fresh, b->capacity = capacity;
    store_data(b, fresh);
    store_length(b, e->grown);
    return EDIT_DONE;
}

static enum edit_result shrink(struct thread *t, struct bytearray *b, struct edit *e) {
    size_t less = b->length - e->grown, tail = b->length - e->to;
    if (e->grown < b->capacity / 4 && b->capacity > 256) return replace_array(t, b, e, e->grown + e->grown / 8 + 16);
    if (e->from < tail) { // the front half moves
        if (e->from) memmove(b->data + less, b->data, e->from);
        if (e->n) memcpy(b->data + less + e->from, e->p, e->n);
        __atomic_store_n(&b->length, e->grown, __ATOMIC_RELEASE);
        store_data(b, b->data + less);
        return EDIT_DONE;
    }
    if (e->n) memcpy(b->data + e->from, e->p, e->n);
    if (tail) memmove(b->data + e->from + e->n, b->data + e->to, tail);
    store_length(b, e->grown);
    return EDIT_DONE;
}

// In the write section: runs no Python code.
static enum edit_result apply(struct thread *t, struct bytearray *b, struct edit *e) {
    e->old = NULL;
    clamp(b, e);
    if (e->grown != b->length && __atomic_load_n(&b->exports, __ATOMIC_ACQUIRE)) return EDIT_EXPORTED;
    if (e->grown < b->length) return shrink(t, b, e);
    size_t gap = (size_t)(b->data - b->base);
    if (e->grown && gap + e->grown + 1 > b->capacity) return replace_array(t, b, e, b->capacity ? e->grown + e->grown / 8 + 16 : e->grown + 1);
    size_t tail = b->length - e->to;
    if (e->grown > b->length && tail) memmove(b->data + e->from + e->n, b->data + e->to, tail);
    if (e->n) memcpy(b->data + e->from, e->p, e->n);
    if (e->grown > b->length) store_length(b, e->grown);
    return EDIT_DONE;
}

static bool finish(struct thread *t, struct edit *e, enum edit_result r) {
    switch (r) {
    case EDIT_DONE:
        if (e->old) mem_retire(t, e->old, e->old_capacity);
        return true;
    case EDIT_EXPORTED: raise(t, &exc_BufferError, "Existing exports of data: object cannot be re-sized"); break;
    case EDIT_NO_MEMORY: break;
    }
    return false;
}

bool bytearray_splice(struct thread *t, struct bytearray *b, size_t from, size_t to, const uint8_t *p, size_t n) {
    struct edit e = {.from = from, .to = to, .n = n, .p = p};
    bool locked = write_begin(t, &b->head);
    enum edit_result r = apply(t, b, &e);
    write_end(t, &b->head, locked);
    return finish(t, &e, r);
}

int bytearray_take(struct thread *t, struct bytearray *b, int64_t i) {
    struct edit e = {0};
    int c = -2;
    bool locked = write_begin(t, &b->head);
    enum edit_result r = EDIT_DONE;
    if (i < 0) i += (int64_t)b->length;
    if (i >= 0 && i < (int64_t)b->length) {
        c = b->data[i];
        e.from = (size_t)i, e.to = (size_t)i + 1;
        r = apply(t, b, &e);
    }
    write_end(t, &b->head, locked);
    return finish(t, &e, r) ? c : -1;
}

int bytearray_remove(struct thread *t, struct bytearray *b, uint8_t c) {
    struct edit e = {0};
    bool locked = write_begin(t, &b->head);
    const uint8_t *at = b->length ? memchr(b->data, c, b->length) : NULL;
    enum edit_result r = EDIT_DONE;
    if (at) {
        e.from = (size_t)(at - b->data), e.to = e.from + 1;
        r = apply(t, b, &e);
    }
    write_end(t, &b->head, locked);
    return !finish(t, &e, r) ? -1 : at != NULL;
}

bool bytearray_put(struct thread *t, struct bytearray *b, int64_t i, uint8_t c) {
    bool locked = write_begin(t, &b->head);
    if (i < 0) i += (int64_t)b->length;
    bool ok = i >= 0 && i < (int64_t)b->length;
    if (ok) __atomic_store_n(&b->data[i], c, __ATOMIC_RELAXED);
    write_end_grown(t, &b->head, locked);
    return ok;
}

static void cut_steps(struct bytearray *b, size_t start, size_t step, size_t count) {
    size_t to = start, gone = 0;
    for (size_t from = start; from < b->length; from++) {
        if (gone < count && from == start + gone * step) gone++;
        else b->data[to++] = b->data[from];
    }
    store_length(b, to);
}

int bytearray_steps(struct thread *t, struct bytearray *b, size_t length, int64_t start, int64_t step, int64_t count, const uint8_t *p) {
    enum edit_result r = EDIT_DONE;
    bool locked = write_begin(t, &b->head), same = b->length == length;
    if (same && p)
        for (int64_t i = 0; i < count; i++) b->data[start + i * step] = p[i];
    else if (same && __atomic_load_n(&b->exports, __ATOMIC_ACQUIRE)) r = EDIT_EXPORTED;
    else if (same && step < 0) cut_steps(b, (size_t)(start + step * (count - 1)), (size_t)-step, (size_t)count);
    else if (same) cut_steps(b, (size_t)start, (size_t)step, (size_t)count);
    write_end(t, &b->head, locked);
    if (!same) return 0;
    return finish(t, &(struct edit){0}, r) ? 1 : -1;
}

void bytearray_reverse(struct thread *t, struct bytearray *b) {
    bool locked = write_begin(t, &b->head);
    for (size_t i = 0, j = b->length; i + 1 < j; i++) {
        uint8_t c = b->data[i];
        b->data[i] = b->data[--j], b->data[j] = c;
    }
    write_end_grown(t, &b->head, locked);
}

struct span bytearray_export(struct thread *t, struct bytearray *b) {
    bool locked = write_begin(t, &b->head);
    __atomic_fetch_add(&b->exports, 1, __ATOMIC_RELAXED);
    struct span s = {b->data, b->length};
    write_end_grown(t, &b->head, locked);
    return s;
}

int bytearray_get(struct thread *t, struct bytearray *b, int64_t i) {
    bool locked = write_begin(t, &b->head);
    if (i < 0) i += (int64_t)b->length;
    int c = i >= 0 && i < (int64_t)b->length ? b->data[i] : -2;
    write_end_grown(t, &b->head, locked);
    return c;
}

value bytearray_at_rest(struct thread *t, vref v) {
    struct bytearray *b = as_bytearray(v);
    if (!t->free_threaded || is_biased(t, &b->head)) return own(t, v);
    for (bool same = false;;) {
        size_t n = bytes_span(v).n;
        value copy = bytearray_new(t, NULL, n);
        if (!copy) return V_NULL;
        bool locked = write_begin(t, &b->head);
        if ((same = b->length == n) && n) memcpy(as_bytearray(copy)->data, b->data, n);
        write_end_grown(t, &b->head, locked);
        if (same) return copy;
        release(t, copy);
        if (!safepoint_poll(t)) return V_NULL;
    }
}
