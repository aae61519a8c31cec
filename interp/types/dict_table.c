// SPDX-License-Identifier: Apache-2.0
// The table of a dict: probing, inserting, growing. Leaves what is a value, a cell or a method to dict.c.
#include "interp/types/dict_table.h"

struct dict_table dict_table_empty = {.offset = sizeof(struct dict_table) + 8, .index = {0xff, 0, 0, 0, 0, 0, 0, 0}};

static inline int64_t hash_of(const struct dict_entry *e) { return __atomic_load_n(&e->hash, __ATOMIC_RELAXED); }

static void set_index(struct dict_table *table, size_t i, int32_t entry) {
    switch (table->index_shift) {
    case 0: __atomic_store_n((int8_t *)table->index + i, (int8_t)entry, __ATOMIC_RELEASE); break;
    case 1: __atomic_store_n((int16_t *)(void *)table->index + i, (int16_t)entry, __ATOMIC_RELEASE); break;
    default: __atomic_store_n((int32_t *)(void *)table->index + i, entry, __ATOMIC_RELEASE); break;
    }
}

int dict_compare_quiet(vref stored, vref key) {
    if (both_int62(stored, key)) return 0;
    if (has_shape(stored, SHAPE_STR) && has_shape(key, SHAPE_STR)) return str_equal(stored, key);
    return FIND_ASK;
}

// The same for a stored key that another thread may be deleting: it is counted while we look.
static NOINLINE int compare_shared(struct thread *t, struct dict_entry *e, vref key) {
    value stored = slot_load(t, &e->key);
    if (stored == V_NULL) return 0;
    if (stored == V_UNBOUND) return FIND_MOVED;
    int r = is_same(stored, key) ? 1 : dict_compare_quiet(stored, key);
    release(t, stored);
    return r;
}

int64_t dict_find_quiet(struct thread *t, struct dict_table *table, vref key, int64_t hash, bool alone) {
    size_t slot;
    if (alone) return dict_find_alone(table, key, hash, &slot);
    struct dict_entry *entries = dict_entries(table);
    for (struct probe p = probe_start(table, hash);; probe_next(&p)) {
        int32_t at;
    again:
        at = dict_index(table, p.at);
        if (at == -1) return FIND_ABSENT;
        if (at < 0) continue;
        value stored = atomic_load_explicit(&entries[at].key, memory_order_acquire);
        if (is_same(stored, key)) return at;
        if (unlikely(stored == V_UNBOUND)) return FIND_MOVED;
        if (unlikely(stored == V_NULL)) { // deleted, or moved: then the index says where to
            if (dict_index(table, p.at) != at) goto again;
            continue;
        }
        if (hash_of(&entries[at]) != hash) continue;
        int r = compare_shared(t, &entries[at], key);
        if (r) return r == 1 ? at : r;
    }
}

// Whether entry `at` still holds `stored`, after code ran that may have freed the table and got a new one at the same address.
static bool still_there(struct dict *d, struct dict_table *table, uint8_t log2_size, int32_t at, vref stored) {
    return dict_table_of(d) == table && table->log2_size == log2_size && (uint32_t)at < dict_used(table) &&
           is_same(word_peek(&dict_entries(table)[at].key), stored);
}

// One comparison that may run Python code: 1, 0, FIND_ERROR, FIND_MOVED when the dict changed under it.
static int compare_calling(struct thread *t, struct dict *d, struct dict_table *table, int32_t at, vref key) {
    uint8_t log2_size = table->log2_size;
    value stored = slot_load(t, &dict_entries(table)[at].key);
    if (stored == V_NULL) return 0;
    if (stored == V_UNBOUND) return FIND_MOVED;
    int r = words_equal(t, stored, key);
    if (r >= 0 && !still_there(d, table, log2_size, at, stored)) r = FIND_MOVED;
    release(t, stored);
    if (r == -1) return FIND_ERROR;
    return dict_table_of(d) == table ? r : FIND_MOVED;
}

static int64_t find_calling(struct thread *t, struct dict *d, struct dict_table *table, vref key, int64_t hash) {
    for (struct probe p = probe_start(table, hash);; probe_next(&p)) {
        int32_t at = dict_index(table, p.at);
        if (at == -1) return FIND_ABSENT;
        if (at < 0) continue;
        struct dict_entry *e = dict_entries(table) + at;
        if (is_same(atomic_load_explicit(&e->key, memory_order_acquire), key)) return at;
        if (hash_of(e) != hash) continue;
        int r = compare_calling(t, d, table, at, key);
        if (r) return r == 1 ? at : r;
    }
}

int64_t dict_find(struct thread *t, struct dict *d, struct dict_table **table, vref key, int64_t hash) {
    for (;;) {
        *table = dict_table_of(d);
        int64_t at = dict_find_quiet(t, *table, key, hash, is_alone(t, &d->head));
        if (unlikely(at == FIND_ASK)) at = find_calling(t, d, *table, key, hash);
        if (likely(at != FIND_MOVED)) return at;
        if (!safepoint_poll(t)) return FIND_ERROR;
    }
}

struct dict_table *dict_table_new(struct thread *t, size_t n) {
    unsigned log2_size = 3;
    while (((size_t)2 << log2_size) / 3 < n) log2_size++;
    if (log2_size > 31) {
        raise_no_memory(t);
        return NULL;
    }
    unsigned shift = log2_size <= 7 ? 0 : log2_size <= 15 ? 1 : 2;
    size_t capacity = ((size_t)2 << log2_size) / 3, index_bytes = (size_t)1 << log2_size << shift;
    size_t offset = (sizeof(struct dict_table) + index_bytes + 7) & ~(size_t)7;
    struct dict_table *table = mem_alloc(t, offset + capacity * sizeof(struct dict_entry));
    if (!table) return NULL;
    table->log2_size = (uint8_t)log2_size;
    table->index_shift = (uint8_t)shift;
    table->capacity = (uint32_t)capacity;
    table->offset = (uint32_t)offset;
    table->trims = table->popped_used = table->popped_end = table->first = 0;
    atomic_init(&table->used, 0);
    memset(table->index, 0xff, index_bytes);
    return table;
}

void dict_table_free(struct thread *t, struct dict_table *table) {
    if (table && table->capacity) mem_free(t, table, dict_table_bytes(table));
}

void dict_table_retire(struct thread *t, struct dict_table *table) {
    if (table && table->capacity) mem_retire(t, table, dict_table_bytes(table));
}

void dict_table_unbind(struct dict_table *table) {
    struct dict_entry *e = dict_entries(table);
    for (uint32_t n = dict_used(table); n > 0; n--, e++) {
        word_publish(&e->key, V_UNBOUND);
        word_publish(&e->v, V_UNBOUND);
    }
}

static size_t free_slot(const struct dict_table *table, int64_t hash) {
    struct probe p = probe_start(table, hash);
    while (dict_index(table, p.at) >= 0) probe_next(&p);
    return p.at;
}

void dict_table_insert_at(struct dict_table *table, size_t slot, value key, int64_t hash, value v) {
    uint32_t at = dict_used(table);
    struct dict_entry *e = dict_entries(table) + at;
    __atomic_store_n(&e->hash, hash, __ATOMIC_RELAXED);
    word_publish(&e->v, v);
    word_publish(&e->key, key);
    atomic_store_explicit(&table->used, at + 1, memory_order_release);
    set_index(table, slot, (int32_t)at);
}

void dict_table_insert(struct dict_table *table, value key, int64_t hash, value v) {
    dict_table_insert_at(table, free_slot(table, hash), key, hash, v);
}

// The slot of the index that names entry `at`.
static size_t slot_of(struct dict_table *table, int64_t at) {
    struct probe p = probe_start(table, hash_of(dict_entries(table) + at));
    while (dict_index(table, p.at) != at) probe_next(&p);
    return p.at;
}

static void kill_entry(struct dict_entry *e) {
    word_publish(&e->key, V_NULL);
    word_publish(&e->v, V_NULL);
}

void dict_table_remove(struct dict_table *table, int64_t at) {
    struct dict_entry *e = dict_entries(table) + at;
    set_index(table, slot_of(table, at), -2);
    kill_entry(e);
}

void dict_table_trim(struct dict_table *table) {
    table->trims++;
    atomic_store_explicit(&table->used, dict_used(table) - 1, memory_order_release);
}

void dict_table_point(struct dict_table *table, int64_t from, int64_t to) { set_index(table, slot_of(table, from), (int32_t)to); }

// Moves every entry that is not deleted into the empty table `to`, which nobody else knows yet: plain stores do. Made once for each width of the index.
static inline __attribute__((always_inline)) void move_width(struct dict_table *to, struct dict_table *from, unsigned shift) {
    const struct dict_entry *e = dict_entries(from);
    struct dict_entry *out = dict_entries(to);
    uint32_t n = dict_used(from), at = 0;
    for (uint32_t i = 0; i < n; i++, e++) {
        value key = word_peek(&e->key);
        if (unlikely(key == V_NULL)) continue;
        out[at].hash = e->hash;
        atomic_init(&out[at].key, key);
        atomic_init(&out[at].v, word_peek(&e->v));
        struct probe p = probe_start(to, e->hash);
        if (shift == 0) {
            int8_t *index = (int8_t *)to->index;
            while (index[p.at] >= 0) probe_next(&p);
            index[p.at] = (int8_t)at++;
        } else if (shift == 1) {
            int16_t *index = (int16_t *)(void *)to->index;
            while (index[p.at] >= 0) probe_next(&p);
            index[p.at] = (int16_t)at++;
        } else {
            int32_t *index = (int32_t *)(void *)to->index;
            while (index[p.at] >= 0) probe_next(&p);
            index[p.at] = (int32_t)at++;
        }
    }
    atomic_init(&to->used, at);
}
static void move_entries(struct dict_table *to, struct dict_table *from) {
    if (to->index_shift == 0) move_width(to, from, 0);
    else if (to->index_shift == 1) move_width(to, from, 1);
    else move_width(to, from, 2);
}

static size_t live_entries(struct dict_table *table) {
    size_t live = 0;
    struct dict_entry *e = dict_entries(table);
    for (uint32_t n = dict_used(table); n > 0; n--, e++) live += word_peek(&e->key) != V_NULL;
    return live;
}

bool dict_table_rebuild(struct thread *t, struct dict *d, struct dict_table **old) {
    struct dict_table *from = dict_table_of(d);
    size_t live = live_entries(from);
    struct dict_table *to = dict_table_new(t, live < 4 ? 5 : live * 2 - live / 2);
    if (!to) return false;
    move_entries(to, from);
    atomic_store_explicit(&d->table, to, memory_order_release);
    if (t->free_threaded && from->capacity) dict_table_unbind(from);
    *old = from;
    return true;
}

void dict_table_move_last(struct dict_table *table, int64_t at) {
    uint32_t last = dict_used(table);
    struct dict_entry *e = dict_entries(table) + at, *to = dict_entries(table) + last;
    __atomic_store_n(&to->hash, hash_of(e), __ATOMIC_RELAXED);
    word_publish(&to->v, word_peek(&e->v));
    word_publish(&to->key, word_peek(&e->key));
    atomic_store_explicit(&table->used, last + 1, memory_order_release);
    dict_table_point(table, at, last); // before the old one dies: who found it there looks at the index again
    kill_entry(e);
}

bool dict_table_move_first(struct thread *t, struct dict *d, int64_t at, struct dict_table **old) {
    struct dict_table *from = dict_table_of(d), *to = dict_table_new(t, (size_t)dict_count(borrowed_word(d)) * 3 / 2 + 5);
    if (!to) return false;
    struct dict_entry *e = dict_entries(from);
    dict_table_insert(to, word_peek(&e[at].key), e[at].hash, word_peek(&e[at].v));
    for (uint32_t i = dict_first(from), n = dict_used(from); i < n; i++)
        if (i != at && word_peek(&e[i].key) != V_NULL) dict_table_insert(to, word_peek(&e[i].key), e[i].hash, word_peek(&e[i].v));
    atomic_store_explicit(&d->table, to, memory_order_release);
    if (t->free_threaded) dict_table_unbind(from);
    *old = from;
    return true;
}

bool dict_table_room(struct thread *t, struct dict *d, struct dict_table **old) {
    struct dict_table *table = dict_table_of(d);
    return likely(dict_used(table) + table->trims < table->capacity) || dict_table_rebuild(t, d, old);
}

struct dict_table *dict_table_clone(struct thread *t, struct dict_table *table) {
    struct dict_table *copy = mem_alloc(t, dict_table_bytes(table));
    if (!copy) return NULL;
    memcpy((void *)copy, (const void *)table, table->offset + dict_used(table) * sizeof(struct dict_entry));
    struct dict_entry *e = dict_entries(copy);
    for (uint32_t n = dict_used(copy); n > 0; n--, e++) {
        value key = word_peek(&e->key);
        if (key == V_NULL) continue;
        atomic_init(&e->key, own(t, key));
        atomic_init(&e->v, own(t, word_peek(&e->v)));
    }
    return copy;
}
