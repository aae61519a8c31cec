// SPDX-License-Identifier: Apache-2.0
// The ring of a deque and what can be done to it. Leaves the Python type to deque_type.c, iterators to deque_iter.c.
#include "interp/modules/collections/collections.h"

static value *at(struct deque *d, size_t i) { return &d->ring[(d->first + i) & (d->capacity - 1)]; }

value deque_new(struct thread *t, struct type *cls, int64_t maxlen) {
    value v = object_new_instance(t, cls);
    if (v) as_deque(v)->maxlen = maxlen;
    return v;
}

size_t deque_count(struct thread *t, struct deque *d) {
    bool locked = write_begin(t, &d->head);
    size_t n = d->count;
    write_end_grown(t, &d->head, locked);
    return n;
}

uint64_t deque_state(struct thread *t, struct deque *d) {
    bool locked = write_begin(t, &d->head);
    uint64_t state = d->state;
    write_end_grown(t, &d->head, locked);
    return state;
}

value deque_peek(struct thread *t, struct deque *d, size_t i, uint64_t state, bool *mutated) {
    bool locked = write_begin(t, &d->head);
    *mutated = d->state != state;
    value v = !*mutated && i < d->count ? own(t, *at(d, i)) : V_NULL;
    write_end_grown(t, &d->head, locked);
    return v;
}

// In a write section: another ring of that capacity, which is enough.
static bool resize(struct thread *t, struct deque *d, size_t capacity) {
    value *ring = mem_alloc(t, capacity * sizeof(value));
    if (!ring) return false;
    size_t before = d->capacity - d->first < d->count ? d->capacity - d->first : d->count; // words up to the end of the old ring
    if (d->count) {
        memcpy(ring, d->ring + d->first, before * sizeof(value));
        memcpy(ring + before, d->ring, (d->count - before) * sizeof(value));
    }
    if (d->ring) mem_free(t, d->ring, d->capacity * sizeof(value));
    d->ring = ring;
    d->capacity = capacity;
    d->first = 0;
    return true;
}
static bool room_for(struct thread *t, struct deque *d, size_t n) {
    size_t capacity = d->capacity ? d->capacity : 8;
    while (capacity < n) capacity *= 2;
    return capacity == d->capacity || resize(t, d, capacity);
}

// In a write section. returns the word taken out, owned.
static value pull(struct thread *t, struct deque *d, bool left) {
    if (!d->count) return V_NULL;
    value v = *at(d, left ? 0 : d->count - 1);
    if (left) d->first = (d->first + 1) & (d->capacity - 1);
    d->count--;
    d->state++;
    if (d->capacity > 64 && d->count < d->capacity / 8) {
        value pending = raised_take(t);
        if (!resize(t, d, d->capacity / 4)) raised_clear(t); // what is not given back is no error
        if (pending) raised_restore(t, pending);
    }
    return v;
}

// In a write section, with room in maxlen. false: MemoryError.
static bool push(struct thread *t, struct deque *d, value v, bool left) {
    if (unlikely(d->count == d->capacity) && !room_for(t, d, d->count + 1)) return false;
    if (left) d->first = (d->first - 1) & (d->capacity - 1);
    d->count++;
    d->state++;
    *at(d, left ? 0 : d->count - 1) = v;
    return true;
}
bool deque_push(struct thread *t, struct deque *d, value v, bool left) {
    value dropped = V_NULL;
    bool locked = write_begin(t, &d->head), ok = true, full = d->maxlen >= 0 && d->count >= (size_t)d->maxlen;
    if (unlikely(full)) dropped = d->maxlen ? pull(t, d, !left) : v;
    if (likely(!full || d->maxlen)) ok = push(t, d, v, left);
    write_end(t, &d->head, locked);
    release_opt(t, dropped);
    if (!ok) release(t, v);
    return ok;
}

value deque_pull(struct thread *t, struct deque *d, bool left) {
    bool locked = write_begin(t, &d->head);
    value v = pull(t, d, left);
    write_end(t, &d->head, locked);
    return v;
}

static int64_t index_in(const struct deque *d, int64_t i) { return i < 0 ? i + (int64_t)d->count : i; }

value deque_take(struct thread *t, struct deque *d, int64_t i) {
    bool locked = write_begin(t, &d->head);
    value v = V_NULL;
    i = index_in(d, i);
    if (i >= 0 && (size_t)i < d->count) {
        v = *at(d, (size_t)i);
        if ((size_t)i < d->count / 2) {
            for (size_t k = (size_t)i; k > 0; k--) *at(d, k) = *at(d, k - 1);
            d->first = (d->first + 1) & (d->capacity - 1);
        } else {
            for (size_t k = (size_t)i; k + 1 < d->count; k++) *at(d, k) = *at(d, k + 1);
        }
        d->count--;
        d->state++;
    }
    write_end(t, &d->head, locked);
    return v;
}

bool deque_put(struct thread *t, struct deque *d, int64_t i, value v) {
    bool locked = write_begin(t, &d->head), full = d->maxlen >= 0 && d->count >= (size_t)d->maxlen;
    bool ok = !full && room_for(t, d, d->count + 1);
    if (ok) {
        i = index_in(d, i);
        size_t k = i < 0 ? 0 : (size_t)i > d->count ? d->count : (size_t)i;
        d->count++;
        d->state++;
        if (k < d->count / 2) {
            d->first = (d->first - 1) & (d->capacity - 1);
            for (size_t j = 0; j < k; j++) *at(d, j) = *at(d, j + 1);
        } else {
            for (size_t j = d->count - 1; j > k; j--) *at(d, j) = *at(d, j - 1);
        }
        *at(d, k) = v;
    }
    write_end_grown(t, &d->head, locked);
    if (ok) return true;
    release(t, v);
    if (full) raise(t, &exc_IndexError, "deque already at its maximum size");
    return false;
}

value deque_replace(struct thread *t, struct deque *d, int64_t i, value v) {
    bool locked = write_begin(t, &d->head);
    value old = V_NULL;
    i = index_in(d, i);
    if (i >= 0 && (size_t)i < d->count) {
        old = *at(d, (size_t)i);
        *at(d, (size_t)i) = v;
    }
    write_end(t, &d->head, locked);
    return old;
}

void deque_rotate(struct thread *t, struct deque *d, int64_t n) {
    bool locked = write_begin(t, &d->head);
    int64_t count = (int64_t)d->count;
    if (count > 1) {
        n %= count;
        if (n > count / 2) n -= count;
        if (n < -count / 2) n += count;
        d->state++;
        if (d->count == d->capacity) d->first = (d->first - (size_t)n) & (d->capacity - 1); // a full ring is turned, nothing moves
        else
            for (; n > 0; n--) {
                value v = *at(d, d->count - 1);
                d->first = (d->first - 1) & (d->capacity - 1);
                *at(d, 0) = v;
            }
        for (; n < 0 && d->count != d->capacity; n++) {
            value v = *at(d, 0);
            d->first = (d->first + 1) & (d->capacity - 1);
            *at(d, d->count - 1) = v;
        }
    }
    write_end_grown(t, &d->head, locked);
}

void deque_reverse(struct thread *t, struct deque *d) {
    bool locked = write_begin(t, &d->head);
    for (size_t i = 0, j = d->count; i + 1 < j; i++) {
        value v = *at(d, i);
        *at(d, i) = *at(d, --j);
        *at(d, j) = v;
    }
    d->state++;
    write_end_grown(t, &d->head, locked);
}

void deque_clear(struct thread *t, struct deque *d) {
    bool locked = write_begin(t, &d->head);
    value *ring = d->ring;
    size_t capacity = d->capacity, first = d->first, count = d->count;
    d->ring = NULL;
    d->capacity = d->first = d->count = 0;
    d->state++;
    write_end(t, &d->head, locked);
    struct held_words held; // those behind the one whose release runs Python code: in at most two runs, so the whole ring is held
    for (size_t i = 0; i < capacity; i++)
        if (((i - first) & (capacity - 1)) >= count) ring[i] = V_NONE;
    hold_words(t, &held, ring, capacity);
    for (size_t i = 0; i < count; i++) {
        value *slot = &ring[(first + i) & (capacity - 1)], v = *slot;
        *slot = V_NONE;
        release(t, v);
    }
    unhold_words(t, &held);
    if (ring) mem_free(t, ring, capacity * sizeof(value));
}

static bool extend_from(struct thread *t, struct deque *d, vref it, bool left) {
    for (value v; (v = object_next(t, it)) != V_NULL;)
        if (!deque_push(t, d, v, left) || !safepoint_poll(t)) return false;
    return !raised(t);
}

bool deque_extend(struct thread *t, struct deque *d, vref iterable, bool left) {
    value copy = as_object(iterable) == &d->head && is_pointer(iterable) ? list_from_iterable(t, iterable) : own(t, iterable);
    value it = copy ? object_iter(t, copy) : V_NULL;
    bool ok = it && extend_from(t, d, it, left);
    release_opt(t, it);
    release_opt(t, copy);
    return ok;
}

bool deque_repeat(struct thread *t, struct deque *d, int64_t times) {
    if (times <= 0) {
        deque_clear(t, d);
        return true;
    }
    value once = list_from_iterable(t, borrowed_word(d));
    if (!once) return false;
    size_t n = list_size(once);
    bool ok = true;
    if (n && d->maxlen >= 0 && times > d->maxlen / (int64_t)n + 2) times = d->maxlen / (int64_t)n + 2; // the rest would only push itself out
    if (n && (uint64_t)times > (uint64_t)PTRDIFF_MAX / sizeof(value) / n) {
        raise_no_memory(t);
        ok = false;
    }
    for (int64_t k = 1; ok && n && k < times; k++)
        for (size_t i = 0; ok && i < n; i++) {
            value v = list_get_or_null(t, once, i);
            ok = v && deque_push(t, d, v, false) && ((i & 1023) || safepoint_poll(t));
        }
    release(t, once);
    return ok;
}
