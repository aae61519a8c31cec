// SPDX-License-Identifier: Apache-2.0
// list.sort: a stable merge sort of natural runs with galloping (after Peters' timsort; merge order after Munro and Wild's powersort). Leaves the list to list.c.
//
// The list is empty while it is being sorted: the words stand in an array that only the sorter knows, so comparisons may do what they like. If all
// keys are int62, exact floats or exact strs, comparing calls nobody; the merges are compiled once for each of these kinds. Whatever fails, the array is a
// permutation of what it was, and goes back into the list.
#include "interp/types/list.h"
#include "interp/types/num.h"
#include "interp/types/sequence.h"

enum kind { KIND_INT, KIND_FLOAT, KIND_STR, KIND_TUPLE, KIND_ANY };
enum { RUNS_MAX = 85, GALLOP = 7, POLL_EVERY = 4096 };
#define INLINE static inline __attribute__((always_inline))

struct run {
    size_t start, n;
    int power; // depth in the merge tree of the boundary to the run behind
};
struct sorter {
    struct thread *t;
    value *keys, *items; // items NULL: the keys are the items
    size_t n;
    enum kind first;     // KIND_TUPLE: kind of the first elements
    value *tmp, *tmp_items;
    size_t tmp_n;
    size_t min_gallop;
    size_t ticks;
    size_t nruns;
    struct held_words hold_keys, hold_items, hold_tmp; // while comparing runs Python code
    struct run runs[RUNS_MAX];
};

// ---- comparing: 1 less, 0 not, -1 exception ----

INLINE int less_str(vref a, vref b) {
    const struct str *x = as_str(a), *y = as_str(b);
    if (x->width != 1 || y->width != 1) return str_compare(a, b) < 0;
    size_t n = x->length < y->length ? x->length : y->length;
    int c = memcmp(x->data, y->data, n);
    return c ? c < 0 : x->length < y->length;
}

static int less_any(struct sorter *s, vref a, vref b) { return object_compare_bool(s->t, a, b, CMP_LT); }

// Tuples whose first elements are all of one simple kind: these decide, unless they are equal.
static NOINLINE int less_tuple(struct sorter *s, vref a, vref b) {
    vref x = tuple_at(a, 0), y = tuple_at(b, 0);
    if (s->first == KIND_INT && x != y) return (int64_t)x < (int64_t)y;
    if (s->first == KIND_FLOAT && float_value(x) != float_value(y)) return float_value(x) < float_value(y);
    if (s->first == KIND_STR && !str_equal(x, y)) return less_str(x, y);
    return less_any(s, a, b);
}

// With a constant kind this is one comparison in line.
INLINE int less(struct sorter *s, vref a, vref b, enum kind kind) {
    switch (kind) {
    case KIND_INT: return (int64_t)a < (int64_t)b;
    case KIND_FLOAT: return float_value(a) < float_value(b);
    case KIND_STR: return less_str(a, b);
    case KIND_TUPLE: return less_tuple(s, a, b);
    case KIND_ANY: return less_any(s, a, b);
    }
    return -1;
}

static enum kind kind_of(vref v) {
    if (is_int62(v)) return KIND_INT;
    if (is_flo(v) || has_shape(v, SHAPE_FLOAT)) return KIND_FLOAT;
    if (has_shape(v, SHAPE_STR)) return KIND_STR;
    return KIND_ANY;
}

static enum kind common_kind(struct sorter *s) {
    enum kind kind = kind_of(s->keys[0]);
    bool tuples = has_shape(s->keys[0], SHAPE_TUPLE) && tuple_size(s->keys[0]) > 0;
    if (tuples) s->first = kind_of(tuple_at(s->keys[0], 0));
    if (tuples ? s->first == KIND_ANY : kind == KIND_ANY) return KIND_ANY;
    for (size_t i = 1; i < s->n; i++) {
        vref k = s->keys[i];
        if (!tuples && kind_of(k) != kind) return KIND_ANY;
        if (tuples && (!has_shape(k, SHAPE_TUPLE) || tuple_size(k) == 0 || kind_of(tuple_at(k, 0)) != s->first)) return KIND_ANY;
    }
    return tuples ? KIND_TUPLE : kind;
}

INLINE bool tick(struct sorter *s) { return likely(++s->ticks % POLL_EVERY != 0) || safepoint_poll(s->t); }

// ---- moving keys and items together ----

INLINE void move(struct sorter *s, size_t to, size_t from, size_t n) {
    memmove(s->keys + to, s->keys + from, n * sizeof(value));
    if (s->items) memmove(s->items + to, s->items + from, n * sizeof(value));
}
INLINE void move_one(struct sorter *s, size_t to, size_t from) {
    s->keys[to] = s->keys[from];
    if (s->items) s->items[to] = s->items[from];
}
INLINE void save(struct sorter *s, size_t from, size_t n) {
    memcpy(s->tmp, s->keys + from, n * sizeof(value));
    if (s->items) memcpy(s->tmp_items, s->items + from, n * sizeof(value));
}
INLINE void restore(struct sorter *s, size_t to, size_t from, size_t n) {
    memcpy(s->keys + to, s->tmp + from, n * sizeof(value));
    if (s->items) memcpy(s->items + to, s->tmp_items + from, n * sizeof(value));
}
INLINE void restore_one(struct sorter *s, size_t to, size_t from) {
    s->keys[to] = s->tmp[from];
    if (s->items) s->items[to] = s->tmp_items[from];
}

static void turn_words(value *a, size_t n) {
    for (size_t i = 0, j = n; i + 1 < j; i++) {
        value v = a[i];
        a[i] = a[--j];
        a[j] = v;
    }
}
static void turn(struct sorter *s, size_t start, size_t n) {
    turn_words(s->keys + start, n);
    if (s->items) turn_words(s->items + start, n);
}

static void free_tmp(struct sorter *s) {
    s->hold_tmp.n = 0;
    if (s->tmp) mem_free(s->t, s->tmp, s->tmp_n * 2 * sizeof(value));
    s->tmp = s->tmp_items = NULL;
    s->tmp_n = 0;
}

static bool want_tmp(struct sorter *s, size_t n) {
    if (n <= s->tmp_n) return true;
    free_tmp(s);
    s->tmp = mem_alloc(s->t, n * 2 * sizeof(value));
    if (!s->tmp) return false;
    memset(s->tmp, 0, n * 2 * sizeof(value));
    s->hold_tmp.at = s->tmp;
    s->hold_tmp.n = n * 2;
    s->tmp_items = s->tmp + n;
    s->tmp_n = n;
    return true;
}

// ---- runs ----

// Length of the run at start: ascending, or strictly descending and turned around here. 0: exception.
INLINE size_t find_run(struct sorter *s, size_t start, enum kind kind) {
    size_t end = start + 1;
    if (end == s->n) return 1;
    int down = less(s, s->keys[end], s->keys[start], kind), c = down;
    for (end++; c >= 0 && end < s->n && (c = less(s, s->keys[end], s->keys[end - 1], kind)) == down; end++)
        if (!tick(s)) return 0;
    if (c < 0) return 0;
    if (down) turn(s, start, end - start);
    return end - start;
}

// Extends the sorted [start, sorted) to [start, end) by binary insertion.
INLINE bool insert_rest(struct sorter *s, size_t start, size_t sorted, size_t end, enum kind kind) {
    for (size_t i = sorted; i < end; i++) {
        value key = s->keys[i], item = s->items ? s->items[i] : V_NULL;
        size_t low = start, high = i;
        while (low < high) {
            size_t mid = low + (high - low) / 2;
            int c = less(s, key, s->keys[mid], kind);
            if (c < 0) return false;
            if (c) high = mid;
            else low = mid + 1;
        }
        move(s, low + 1, low, i - low);
        s->keys[low] = key;
        if (s->items) s->items[low] = item;
    }
    return true;
}

// ---- galloping: how many of the n sorted keys at `at` stand before key, looking first around `hint` ----

// before_equal: keys equal to `key` do not count (leftmost place), else they do (rightmost place). SIZE_MAX: exception.
static NOINLINE size_t gallop(struct sorter *s, vref key, const value *at, size_t n, bool from_end, bool before_equal, enum kind kind) {
    size_t low = 0, high = n, step = 1;
    while (low < high) { // doubling steps from one end, until the place is between low and high
        size_t probe = from_end ? (high > step ? high - step : 0) : low + step - 1;
        if (!from_end && probe >= high) break;
        int c = before_equal ? less(s, at[probe], key, kind) : less(s, key, at[probe], kind);
        if (c < 0) return SIZE_MAX;
        bool counts = before_equal ? c : !c; // at[probe] stands before the place
        if (from_end) {
            if (counts) {
                low = probe + 1;
                break;
            }
            high = probe;
        } else {
            if (!counts) {
                high = probe;
                break;
            }
            low = probe + 1;
        }
        step *= 2;
    }
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = before_equal ? less(s, at[mid], key, kind) : less(s, key, at[mid], kind);
        if (c < 0) return SIZE_MAX;
        if (before_equal ? c : !c) low = mid + 1;
        else high = mid;
    }
    return low;
}

// ---- merging the neighbours [a, a + na) and [b, b + nb) ----

// Forwards, with the left run saved: na <= nb.
INLINE bool merge_low(struct sorter *s, size_t a, size_t na, size_t b, size_t nb, enum kind kind) {
    size_t to = a, i = 0, end = b + nb, wins_a = 0, wins_b = 0;
    bool ok = false;
    save(s, a, na);
    move_one(s, to++, b++); // the first of b is known to come first
    while (i < na && b < end) {
        int c = less(s, s->keys[b], s->tmp[i], kind);
        if (c < 0 || !tick(s)) goto out;
        if (c) {
            move_one(s, to++, b++);
            wins_a = 0;
            wins_b++;
        } else {
            restore_one(s, to++, i++);
            wins_b = 0;
            wins_a++;
        }
        if ((wins_a | wins_b) < s->min_gallop) continue;
        s->min_gallop++;
        do {
            if (s->min_gallop > 1) s->min_gallop--;
            if (b == end || i == na) break;
            wins_a = gallop(s, s->keys[b], s->tmp + i, na - i, false, false, kind);
            if (wins_a == SIZE_MAX) goto out;
            restore(s, to, i, wins_a);
            to += wins_a;
            i += wins_a;
            if (i == na) break;
            move_one(s, to++, b++);
            if (b == end) break;
            wins_b = gallop(s, s->tmp[i], s->keys + b, end - b, false, true, kind);
            if (wins_b == SIZE_MAX) goto out;
            move(s, to, b, wins_b);
            to += wins_b;
            b += wins_b;
            if (b == end) break;
            restore_one(s, to++, i++);
            if (!tick(s)) goto out;
        } while (wins_a >= GALLOP || wins_b >= GALLOP);
        s->min_gallop += 2;
        wins_a = wins_b = 0;
    }
    ok = true;
out:
    restore(s, to, i, na - i); // what is left of a; what is left of b stands in place
    return ok;
}

// Backwards, with the right run saved: nb < na.
INLINE bool merge_high(struct sorter *s, size_t a, size_t na, size_t b, size_t nb, enum kind kind) {
    size_t to = b + nb, i = nb, end = a + na, wins_a = 0, wins_b = 0; // all three: one behind
    bool ok = false;
    save(s, b, nb);
    move_one(s, --to, --end); // the last of a is known to come last
    while (i > 0 && end > a) {
        int c = less(s, s->tmp[i - 1], s->keys[end - 1], kind);
        if (c < 0 || !tick(s)) goto out;
        if (c) {
            move_one(s, --to, --end);
            wins_b = 0;
            wins_a++;
        } else {
            restore_one(s, --to, --i);
            wins_a = 0;
            wins_b++;
        }
        if ((wins_a | wins_b) < s->min_gallop) continue;
        s->min_gallop++;
        do {
            if (s->min_gallop > 1) s->min_gallop--;
            if (i == 0 || end == a) break;
            size_t stay = gallop(s, s->tmp[i - 1], s->keys + a, end - a, true, false, kind);
            if (stay == SIZE_MAX) goto out;
            wins_a = end - a - stay;
            to -= wins_a;
            end -= wins_a;
            move(s, to, end, wins_a);
            if (end == a) break;
            restore_one(s, --to, --i);
            if (i == 0) break;
            stay = gallop(s, s->keys[end - 1], s->tmp, i, true, true, kind);
            if (stay == SIZE_MAX) goto out;
            wins_b = i - stay;
            to -= wins_b;
            i -= wins_b;
            restore(s, to, i, wins_b);
            if (i == 0) break;
            move_one(s, --to, --end);
            if (!tick(s)) goto out;
        } while (wins_a >= GALLOP || wins_b >= GALLOP);
        s->min_gallop += 2;
        wins_a = wins_b = 0;
    }
    ok = true;
out:
    restore(s, to - i, 0, i);
    return ok;
}

// Merges the last two runs of the stack.
INLINE bool merge_top(struct sorter *s, enum kind kind) {
    struct run *x = &s->runs[s->nruns - 2], *y = x + 1;
    size_t a = x->start, na = x->n, b = y->start, nb = y->n;
    x->n = na + nb;
    x->power = y->power;
    s->nruns--;
    size_t in_place = gallop(s, s->keys[b], s->keys + a, na, false, false, kind);
    if (in_place == SIZE_MAX) return false;
    a += in_place;
    na -= in_place;
    if (na == 0) return true;
    nb = gallop(s, s->keys[a + na - 1], s->keys + b, nb, true, true, kind);
    if (nb == SIZE_MAX) return false;
    if (nb == 0) return true;
    if (!want_tmp(s, na < nb ? na : nb)) return false;
    return na <= nb ? merge_low(s, a, na, b, nb, kind) : merge_high(s, a, na, b, nb, kind);
}

// Where the boundary between two neighbouring runs stands in a perfect merge tree over n: the number of leading bits that their middles share, plus one.
static int boundary_power(size_t start, size_t n1, size_t n2, size_t n) {
    size_t a = 2 * start + n1, b = a + n1 + n2; // twice the middles
    int power = 0;
    for (;;) {
        power++;
        if (a >= n) {
            a -= n;
            b -= n;
        } else if (b >= n) {
            return power;
        }
        a <<= 1;
        b <<= 1;
    }
}

static size_t min_run(size_t n) {
    size_t odd = 0;
    while (n >= 64) {
        odd |= n & 1;
        n >>= 1;
    }
    return n + odd;
}

INLINE bool sort_as(struct sorter *s, enum kind kind) {
    size_t least = min_run(s->n);
    for (size_t at = 0; at < s->n;) {
        size_t n = find_run(s, at, kind);
        if (n == 0) return false;
        if (n < least) {
            size_t end = s->n - at < least ? s->n : at + least;
            if (!insert_rest(s, at, at + n, end, kind)) return false;
            n = end - at;
        }
        if (s->nruns) {
            struct run *last = &s->runs[s->nruns - 1];
            int power = boundary_power(last->start, last->n, n, s->n);
            while (s->nruns > 1 && s->runs[s->nruns - 2].power > power)
                if (!merge_top(s, kind)) return false;
            s->runs[s->nruns - 1].power = power;
        }
        s->runs[s->nruns++] = (struct run){at, n, 0};
        at += n;
        if (!safepoint_poll(s->t)) return false;
    }
    while (s->nruns > 1)
        if (!merge_top(s, kind)) return false;
    return true;
}

static NOINLINE bool sort_ints(struct sorter *s) { return sort_as(s, KIND_INT); }
static NOINLINE bool sort_floats(struct sorter *s) { return sort_as(s, KIND_FLOAT); }
static NOINLINE bool sort_strs(struct sorter *s) { return sort_as(s, KIND_STR); }
static NOINLINE bool sort_tuples(struct sorter *s) { return sort_as(s, KIND_TUPLE); }
static NOINLINE bool sort_any(struct sorter *s) { return sort_as(s, KIND_ANY); }

static bool sort_by_kind(struct sorter *s) {
    switch (common_kind(s)) {
    case KIND_INT: return sort_ints(s);
    case KIND_FLOAT: return sort_floats(s);
    case KIND_STR: return sort_strs(s);
    case KIND_TUPLE: return sort_tuples(s);
    case KIND_ANY: return sort_any(s);
    }
    return false;
}

// Sorts n words, by their keys if there is a function for them. Only their order changes, whatever happens.
static bool sort_words(struct thread *t, value *words, size_t n, vref key, bool reverse) {
    if (n == 0) return true;
    struct sorter s = {.t = t, .keys = words, .n = n, .min_gallop = GALLOP};
    size_t made = 0;
    bool ok = true;
    hold_words(t, &s.hold_items, words, n);
    if (key) {
        s.items = words;
        s.keys = mem_calloc(t, n * sizeof(value));
        if (!s.keys) return unhold_words(t, &s.hold_items), false;
        hold_words(t, &s.hold_keys, s.keys, n);
        for (; ok && made < n; made += ok) ok = (s.keys[made] = object_call1(t, key, words[made])) != V_NULL;
    }
    hold_words(t, &s.hold_tmp, NULL, 0);
    if (ok && n > 1) {
        if (reverse) turn(&s, 0, n);
        ok = sort_by_kind(&s);
        if (reverse) turn(&s, 0, n);
    }
    free_tmp(&s);
    unhold_words(t, &s.hold_tmp);
    if (key) {
        for (size_t i = 0; i < made; i++) release(t, s.keys[i]);
        unhold_words(t, &s.hold_keys);
        mem_free(t, s.keys, n * sizeof(value));
    }
    unhold_words(t, &s.hold_items);
    return ok;
}

// Takes the array out of the list, which is empty from now on. NULL with *n 0: there was nothing. false: MemoryError.
static bool take_array(struct thread *t, struct list *l, struct list_items **items, size_t *n) {
    struct list_items *copy = NULL, *retired = NULL;
    bool locked = write_begin(t, &l->head), ok = true;
    *n = atomic_load_explicit(&l->size, memory_order_relaxed);
    *items = list_array(l);
    if (t->free_threaded && *n) { // others may be reading the array: sort a copy, empty the old one
        ok = (copy = list_items_new(t, *n)) != NULL;
        for (size_t i = 0; ok && i < *n; i++) atomic_init(&copy->at[i], word_peek(&(*items)->at[i]));
    }
    if (ok) {
        atomic_store_explicit(&l->size, 0, memory_order_release);
        atomic_store_explicit(&l->items, &list_sorting, memory_order_release);
        if (copy) {
            words_unbind((*items)->at, *n);
            retired = *items;
            *items = copy;
        }
    }
    write_end(t, &l->head, locked);
    list_items_retire(t, retired);
    return ok;
}

bool list_sort(struct thread *t, vref list, vref key, bool reverse) {
    struct list *l = as_list(list);
    struct list_items *items;
    size_t n;
    if (!take_array(t, l, &items, &n)) return false;
    bool ok = sort_words(t, n ? (value *)items->at : NULL, n, key, reverse);
    bool touched = list_array(l) != &list_sorting;
    list_replace(t, list, items, n);
    if (ok && touched) {
        raise(t, &exc_ValueError, "list modified during sort");
        return false;
    }
    return ok;
}
