// SPDX-License-Identifier: Apache-2.0
// The table of a set: probing, adding, growing. Leaves the algebra to set.c, the types to set_methods.c.
#include "interp/types/set_table.h"

enum { LINEAR = 9 }; // neighbours looked at before the walk jumps

static struct { // stands in for a table that was never made: one free entry
    struct set_table head;
    struct set_entry one;
} empty_table;
static struct set_table *empty(void) { return &empty_table.head; }

static inline int64_t hash_of(const struct set_entry *e) { return __atomic_load_n(&e->hash, __ATOMIC_RELAXED); }

struct set_table *set_table_new(struct thread *t, size_t n) {
    size_t size = 8;
    while (size <= n) size <<= 1;
    if (size > PTRDIFF_MAX / sizeof(struct set_entry) - 1) {
        raise_no_memory(t);
        return NULL;
    }
    struct set_table *table = mem_calloc(t, sizeof *table + size * sizeof(struct set_entry));
    if (table) table->mask = size - 1;
    return table;
}

void set_table_free(struct thread *t, struct set_table *table) {
    if (table && table->mask) mem_free(t, table, set_table_bytes(table));
}

static void retire(struct thread *t, struct set_table *table) {
    if (table && table->mask) mem_retire(t, table, set_table_bytes(table));
}

value set_alloc(struct thread *t, bool frozen) {
    struct set *s = object_alloc_gc(t, sizeof *s, frozen ? SHAPE_FROZENSET : SHAPE_SET);
    if (!s) return V_NULL;
    atomic_init(&s->count, 0);
    atomic_init(&s->table, empty());
    atomic_init(&s->hash, frozen ? -1 : 0);
    return counted_word(s);
}

// The walk over the entries of a hash: runs of neighbours, then a jump.
struct walk {
    size_t i, at, mask, left;
    uint64_t perturb;
};
static inline void walk_run(struct walk *w) {
    w->at = w->i;
    w->left = w->i + LINEAR <= w->mask ? LINEAR : 0;
}
static inline struct walk walk_start(size_t mask, int64_t hash) {
    struct walk w = {.i = (size_t)hash & mask, .mask = mask, .perturb = (uint64_t)hash};
    walk_run(&w);
    return w;
}
static inline void walk_next(struct walk *w) {
    if (w->left > 0) {
        w->left--;
        w->at++;
        return;
    }
    w->perturb >>= 5;
    w->i = (w->i * 5 + 1 + w->perturb) & w->mask;
    walk_run(w);
}

// Equal hashes: 1 equal, 0 not, FIND_ASK.
static int compare_quiet(vref stored, vref key) {
    if (is_same(stored, key)) return 1;
    if (both_int62(stored, key)) return 0;
    if (has_shape(stored, SHAPE_STR) && has_shape(key, SHAPE_STR)) return str_equal(stored, key);
    return FIND_ASK;
}

static NOINLINE int compare_shared(struct thread *t, struct set_entry *e, vref key) {
    value stored = slot_load(t, &e->key);
    if (!set_is_key(stored)) return stored == SET_MOVED ? FIND_MOVED : 0;
    int r = compare_quiet(stored, key);
    release(t, stored);
    return r;
}

// The entry of key, or enum dict_find; never runs Python code if alone. *free_at becomes the free entry that ended the walk.
static int64_t find_quiet(struct thread *t, struct set_table *table, vref key, int64_t hash, bool alone, size_t *free_at) {
    for (struct walk w = walk_start(table->mask, hash);; walk_next(&w)) {
        struct set_entry *e = &table->at[w.at];
        value stored = atomic_load_explicit(&e->key, memory_order_acquire);
        if (stored == V_NULL) {
            *free_at = w.at;
            return FIND_ABSENT;
        }
        if (stored == SET_MOVED) return FIND_MOVED;
        if (hash_of(e) != hash || stored == V_UNBOUND) continue;
        int r = alone ? compare_quiet(stored, key) : compare_shared(t, e, key);
        if (r) return r == 1 ? (int64_t)w.at : r;
    }
}

static bool still_there(struct set *s, struct set_table *table, size_t mask, size_t at, vref stored) {
    return set_table_of(s) == table && table->mask == mask && is_same(word_peek(&table->at[at].key), stored);
}

// One comparison that may run Python code: 1, 0, FIND_ERROR, FIND_MOVED.
static int compare_calling(struct thread *t, struct set *s, struct set_table *table, size_t at, vref key) {
    size_t mask = table->mask;
    value stored = slot_load(t, &table->at[at].key);
    if (!set_is_key(stored)) return stored == SET_MOVED ? FIND_MOVED : 0;
    int r = words_equal(t, stored, key);
    if (r >= 0 && !still_there(s, table, mask, at, stored)) r = FIND_MOVED;
    release(t, stored);
    if (r == -1) return FIND_ERROR;
    return set_table_of(s) == table ? r : FIND_MOVED;
}

static int64_t find_calling(struct thread *t, struct set *s, struct set_table *table, vref key, int64_t hash) {
    for (struct walk w = walk_start(table->mask, hash);; walk_next(&w)) {
        struct set_entry *e = &table->at[w.at];
        value stored = atomic_load_explicit(&e->key, memory_order_acquire);
        if (stored == V_NULL) return FIND_ABSENT;
        if (hash_of(e) != hash || stored == V_UNBOUND) continue;
        int r = compare_calling(t, s, table, w.at, key);
        if (r) return r == 1 ? (int64_t)w.at : r;
    }
}

// The entry of key in *table, FIND_ABSENT or FIND_ERROR.
static int64_t find(struct thread *t, struct set *s, struct set_table **table, vref key, int64_t hash) {
    for (;;) {
        size_t free_at;
        *table = set_table_of(s);
        int64_t at = find_quiet(t, *table, key, hash, is_alone(t, &s->head), &free_at);
        if (unlikely(at == FIND_ASK)) at = find_calling(t, s, *table, key, hash);
        if (likely(at != FIND_MOVED)) return at;
        if (!safepoint_poll(t)) return FIND_ERROR;
    }
}

int set_contains_hashed(struct thread *t, vref set, vref key, int64_t hash) {
    struct set_table *table;
    int64_t at = find(t, as_set(set), &table, key, hash);
    return at >= 0 ? 1 : at == FIND_ABSENT ? 0 : -1;
}

// Enters a write section of s and finds key, as dict.c's does; *free_at is where it would go.
static int64_t lock_and_find(struct thread *t, struct set *s, vref key, int64_t hash, bool *locked, size_t *free_at) {
    for (int attempt = 0;; attempt++) {
        *locked = write_begin(t, &s->head);
        struct set_table *table = set_table_of(s);
        size_t used = table->used, count = atomic_load_explicit(&s->count, memory_order_relaxed);
        int64_t at = find_quiet(t, table, key, hash, true, free_at);
        if (likely(at != FIND_ASK)) return at;
        write_end(t, &s->head, *locked);
        struct set_table *looked_in;
        at = find(t, s, &looked_in, key, hash);
        if (at == FIND_ERROR) return at;
        *locked = write_begin(t, &s->head);
        bool same = looked_in == table && set_table_of(s) == table && table->used == used && count == atomic_load_explicit(&s->count, memory_order_relaxed);
        if (same || attempt > 64) {
            if (at >= 0 && (looked_in != set_table_of(s) || !set_is_key(word_peek(&looked_in->at[at].key)))) at = FIND_ABSENT;
            if (at >= 0) return at;
            struct walk w = walk_start(set_table_of(s)->mask, hash);
            while (word_peek(&set_table_of(s)->at[w.at].key) != V_NULL) walk_next(&w);
            *free_at = w.at;
            return at;
        }
        write_end(t, &s->head, *locked);
    }
}

static void put_clean(struct set_table *table, value key, int64_t hash) {
    struct walk w = walk_start(table->mask, hash);
    while (word_peek(&table->at[w.at].key) != V_NULL) walk_next(&w);
    table->at[w.at].hash = hash;
    word_publish(&table->at[w.at].key, key);
    table->used++;
}

static void forget_words(struct set_table *table) {
    for (size_t i = 0; table->mask && i <= table->mask; i++) word_publish(&table->at[i].key, SET_MOVED);
}

// Inside a section: a new table for n keys takes the place of the old one, which goes to *old. false: MemoryError.
static bool resize(struct thread *t, struct set *s, size_t n, struct set_table **old) {
    struct set_table *from = set_table_of(s), *to = set_table_new(t, n);
    if (!to) return false;
    for (size_t i = 0; i <= from->mask; i++) {
        value key = word_peek(&from->at[i].key);
        if (set_is_key(key)) put_clean(to, key, from->at[i].hash);
    }
    atomic_store_explicit(&s->table, to, memory_order_release);
    if (t->free_threaded) forget_words(from);
    *old = from;
    return true;
}

static void add_count(struct set *s, int64_t by) {
    atomic_store_explicit(&s->count, atomic_load_explicit(&s->count, memory_order_relaxed) + (size_t)by, memory_order_release);
}

// Inside a section: key, which is not there, goes to free_at.
static bool add_new(struct thread *t, struct set *s, vref key, int64_t hash, size_t free_at, struct set_table **old) {
    struct set_table *table = set_table_of(s);
    if (table->mask == 0) {
        if (!resize(t, s, 0, old)) return false;
        table = set_table_of(s);
        free_at = (size_t)hash & table->mask;
    }
    struct set_entry *e = &table->at[free_at];
    __atomic_store_n(&e->hash, hash, __ATOMIC_RELAXED);
    word_publish(&e->key, own(t, key));
    table->used++;
    add_count(s, 1);
    size_t count = atomic_load_explicit(&s->count, memory_order_relaxed);
    if (table->used * 5 < table->mask * 3) return true;
    retire(t, *old);
    *old = NULL;
    if (resize(t, s, count > 50000 ? count * 2 : count * 4, old)) return true;
    if (table->used <= table->mask / 8 * 7) raised_clear(t); // still room: try again at the next one
    return !raised(t);
}

int set_add_hashed(struct thread *t, vref set, vref key, int64_t hash) {
    struct set *s = as_set(set);
    struct set_table *old = NULL;
    bool locked;
    size_t free_at = 0;
    int64_t at = lock_and_find(t, s, key, hash, &locked, &free_at);
    if (at == FIND_ERROR) return -1;
    bool ok = at >= 0 || add_new(t, s, key, hash, free_at, &old);
    write_end(t, &s->head, locked);
    retire(t, old);
    return !ok ? -1 : at < 0;
}

// Inside a section: takes the key of entry `at` out.
static value take(struct set *s, size_t at) {
    struct set_entry *e = &set_table_of(s)->at[at];
    value key = word_peek(&e->key);
    word_publish(&e->key, V_UNBOUND);
    add_count(s, -1);
    return key;
}

int set_discard_hashed(struct thread *t, vref set, vref key, int64_t hash) {
    struct set *s = as_set(set);
    bool locked;
    size_t free_at;
    int64_t at = lock_and_find(t, s, key, hash, &locked, &free_at);
    if (at == FIND_ERROR) return -1;
    value stored = at >= 0 ? take(s, (size_t)at) : V_NULL;
    write_end(t, &s->head, locked);
    release_opt(t, stored);
    return at >= 0;
}

value set_pop_any(struct thread *t, vref set) {
    struct set *s = as_set(set);
    value key = V_NULL;
    bool locked = write_begin(t, &s->head);
    if (set_count(set)) {
        struct set_table *table = set_table_of(s);
        size_t at = (size_t)atomic_load_explicit(&s->hash, memory_order_relaxed) & table->mask;
        while (!set_is_key(word_peek(&table->at[at].key))) at = (at + 1) & table->mask;
        key = take(s, at);
        atomic_store_explicit(&s->hash, (int64_t)at + 1, memory_order_relaxed);
    }
    write_end(t, &s->head, locked);
    return key;
}

bool set_next_hashed(struct thread *t, vref set, size_t *pos, value *key, int64_t *hash) {
    for (struct set_table *table = set_table_of(as_set(set)); *pos <= table->mask; ++*pos) {
        struct set_entry *e = &table->at[*pos];
        int64_t h = hash_of(e);
        value v = slot_load(t, &e->key);
        if (unlikely(v == SET_MOVED)) {
            table = set_table_of(as_set(set));
            --*pos;
            continue;
        }
        if (!set_is_key(v)) continue;
        ++*pos;
        *key = v;
        *hash = h;
        return true;
    }
    return false;
}

static void release_keys(struct thread *t, struct set_table *table) {
    for (size_t i = 0; i <= table->mask; i++) {
        value key = word_peek(&table->at[i].key);
        if (set_is_key(key)) release(t, key);
    }
}

// Inside a section, s has a new table already: a table with the words of the old one that nobody else sees. NULL: no memory, so the keys leak, which is
// better than a use after free.
static struct set_table *take_words(struct thread *t, struct set_table *table) {
    if (!t->free_threaded || table->mask == 0) return table;
    struct set_table *words = mem_alloc(t, set_table_bytes(table));
    if (words) memcpy((void *)words, (const void *)table, set_table_bytes(table));
    else raised_clear(t);
    forget_words(table);
    return words;
}

void set_empty(struct thread *t, vref set) {
    struct set *s = as_set(set);
    bool locked = write_begin(t, &s->head);
    struct set_table *table = set_table_of(s);
    atomic_store_explicit(&s->count, 0, memory_order_release);
    atomic_store_explicit(&s->table, empty(), memory_order_release);
    struct set_table *words = take_words(t, table);
    write_end(t, &s->head, locked);
    if (words && table->mask) release_keys(t, words);
    if (words != table) set_table_free(t, words);
    retire(t, table);
}

void set_take_over(struct thread *t, vref set, vref other) {
    struct set *s = as_set(set), *from = as_set(other);
    bool locked = write_begin(t, &s->head);
    struct set_table *table = set_table_of(s);
    size_t count = set_count(set);
    atomic_store_explicit(&s->table, set_table_of(from), memory_order_release);
    atomic_store_explicit(&s->count, set_count(other), memory_order_release);
    struct set_table *words = take_words(t, table);
    write_end(t, &s->head, locked);
    if (words != table) retire(t, table);
    atomic_store_explicit(&from->table, words ? words : empty(), memory_order_relaxed);
    atomic_store_explicit(&from->count, words ? count : 0, memory_order_relaxed);
}

void set_drop(struct thread *t, struct set *s) {
    struct set_table *table = set_table_of(s);
    atomic_store_explicit(&s->count, 0, memory_order_relaxed);
    atomic_store_explicit(&s->table, empty(), memory_order_relaxed);
    if (!table || table->mask == 0) return;
    release_keys(t, table);
    set_table_free(t, table);
}

bool set_reserve(struct thread *t, vref set, size_t n) {
    struct set *s = as_set(set);
    struct set_table *old = NULL;
    bool locked = write_begin(t, &s->head), ok = true;
    struct set_table *table = set_table_of(s);
    size_t mask = table->mask ? table->mask : 7;
    if ((table->used + n) * 5 >= mask * 3) ok = resize(t, s, (set_count(set) + n) * 2, &old);
    write_end(t, &s->head, locked);
    retire(t, old);
    return ok;
}

bool set_clone_into(struct thread *t, vref set, vref other) {
    struct set *s = as_set(set), *from = as_set(other);
    if (!is_alone(t, &from->head) || !is_alone(t, &s->head)) return false;
    struct set_table *table = set_table_of(from), *mine = set_table_of(s);
    if (table->used != set_count(other) || mine->used || (mine->mask && mine->mask != table->mask) || (!mine->mask && table->mask != 7)) return false;
    struct set_table *copy = mem_alloc(t, set_table_bytes(table));
    if (!copy) {
        raised_clear(t);
        return false;
    }
    memcpy((void *)copy, (const void *)table, set_table_bytes(table));
    for (size_t i = 0; i <= copy->mask; i++) {
        value key = word_peek(&copy->at[i].key);
        if (key) atomic_init(&copy->at[i].key, own(t, key));
    }
    atomic_store_explicit(&s->table, copy, memory_order_release);
    atomic_store_explicit(&s->count, set_count(other), memory_order_release);
    retire(t, mine);
    return true;
}
