// SPDX-License-Identifier: Apache-2.0
// The C functions of dict (dict.h): get, set, delete, iterate, cells. Leaves probing to dict_table.c, update and merge to dict_merge.c, the type to
// dict_methods.c.
#include "interp/types/dict_table.h"

static _Atomic uint64_t next_id = 1;

static value new_with(struct thread *t, struct dict_table *table, size_t count, uint32_t kind) {
    struct dict *d = object_alloc_gc(t, sizeof *d, SHAPE_DICT);
    if (!d) return V_NULL;
    atomic_init(&d->count, count);
    atomic_init(&d->table, table);
    atomic_init(&d->version, 0);
    d->kind = kind;
    d->id = kind & DICT_CELLS ? atomic_fetch_add_explicit(&next_id, 1, memory_order_relaxed) : 0;
    return counted_word(d);
}

value dict_new(struct thread *t) { return new_with(t, &dict_table_empty, 0, 0); }
value dict_new_cells(struct thread *t) { return new_with(t, &dict_table_empty, 0, DICT_CELLS); }

value dict_new_sized(struct thread *t, size_t n) {
    if (n == 0) return dict_new(t);
    struct dict_table *table = dict_table_new(t, n);
    if (!table) return V_NULL;
    value d = new_with(t, table, 0, 0);
    if (!d) dict_table_free(t, table);
    return d;
}

// ---- reading ----

// The value of an entry, owned. V_NULL: deleted meanwhile; V_UNBOUND: the table was replaced.
static inline value load_entry(struct thread *t, const struct dict *d, struct dict_entry *e) {
    if (likely(!(d->kind & DICT_CELLS))) return slot_load(t, &e->v);
    value c = atomic_load_explicit(&e->v, memory_order_acquire);
    if (c == V_NULL || c == V_UNBOUND) return c;
    value v = slot_load(t, &dict_entry_cell(c)->v);
    return v == V_UNBOUND ? V_NULL : v;
}

value dict_get_hashed(struct thread *t, vref dict, vref key, int64_t hash) {
    struct dict *d = as_dict(dict);
    for (;;) {
        struct dict_table *table;
        int64_t at = dict_find(t, d, &table, key, hash);
        if (at < 0) return V_NULL;
        value v = load_entry(t, d, dict_entries(table) + at);
        if (likely(v != V_UNBOUND)) return v;
    }
}

value dict_get(struct thread *t, vref dict, vref key) {
    struct dict *d = as_dict(dict);
    int64_t hash = key_hash(t, key);
    if (unlikely(hash == -1)) return V_NULL;
    if (likely(is_alone(t, &d->head) && !(d->kind & DICT_CELLS))) {
        size_t slot;
        struct dict_table *table = dict_table_of(d);
        int64_t at = dict_find_alone(table, key, hash, &slot);
        if (likely(at >= 0)) return own(t, word_peek(&dict_entries(table)[at].v));
        if (at == FIND_ABSENT) return V_NULL;
    }
    return dict_get_hashed(t, dict, key, hash);
}

value dict_get_str(struct thread *t, vref d, const char *key) {
    value k = str_from_cstr(t, key);
    if (!k) return V_NULL;
    value v = dict_get(t, d, k);
    release(t, k);
    return v;
}

int dict_contains(struct thread *t, vref dict, vref key) {
    struct dict *d = as_dict(dict);
    int64_t hash = key_hash(t, key);
    if (hash == -1) return -1;
    if (d->kind & DICT_CELLS) {
        value v = dict_get_hashed(t, dict, key, hash);
        if (!v) return raised(t) ? -1 : 0;
        release(t, v);
        return 1;
    }
    struct dict_table *table;
    int64_t at = dict_find(t, d, &table, key, hash);
    return at >= 0 ? 1 : at == FIND_ABSENT ? 0 : -1;
}

// ---- changing ----

// What a change took out, to be let go of after the section.
struct change {
    value key, v;
    struct dict_table *table;
};

static inline void change_finish(struct thread *t, const struct change *c) {
    if (c->table) dict_table_retire(t, c->table);
    release_opt(t, c->key);
    release_opt(t, c->v);
}

// Enters a write section of d and finds key: the number of its entry or FIND_ABSENT. FIND_ERROR: exception, and no section was entered. Where only __eq__ can tell,
// it is asked outside, and asked again if keys came or went meanwhile; an __eq__ that changes the dict each time gets its way after a while.
static int64_t lock_and_find(struct thread *t, struct dict *d, vref key, int64_t hash, bool *locked) {
    for (int attempt = 0;; attempt++) {
        *locked = write_begin(t, &d->head);
        int64_t at = dict_find_quiet(t, dict_table_of(d), key, hash, true);
        if (likely(at != FIND_ASK)) return at;
        uint32_t version = atomic_load_explicit(&d->version, memory_order_relaxed);
        write_end(t, &d->head, *locked);
        struct dict_table *table;
        at = dict_find(t, d, &table, key, hash);
        if (at == FIND_ERROR) return at;
        *locked = write_begin(t, &d->head);
        if (version == atomic_load_explicit(&d->version, memory_order_relaxed)) return at;
        if (attempt > 64) return at >= 0 && table == dict_table_of(d) && word_peek(&dict_entries(table)[at].key) != V_NULL ? at : FIND_ABSENT;
        write_end(t, &d->head, *locked);
    }
}

static inline void add_count(struct dict *d, int64_t by) {
    atomic_store_explicit(&d->count, atomic_load_explicit(&d->count, memory_order_relaxed) + (size_t)by, memory_order_release);
    atomic_store_explicit(&d->version, atomic_load_explicit(&d->version, memory_order_relaxed) + 1, memory_order_release);
}

static inline value cell_exchange(struct thread *t, struct cell *c, value v) {
    if (t->free_threaded) return atomic_exchange_explicit(&c->v, v, memory_order_acq_rel);
    value old = word_peek(&c->v);
    word_publish(&c->v, v);
    return old;
}

// A name that comes back goes to the end of the order: moves the entry of an unbound cell there.
static bool move_to_end(struct thread *t, struct dict *d, int64_t at, vref key, int64_t hash, struct change *c) {
    struct dict_table *table = dict_table_of(d);
    if ((uint32_t)at == dict_used(table) - 1) return true;
    if (!dict_table_room(t, d, &c->table)) return false;
    if (table != dict_table_of(d)) {
        table = dict_table_of(d);
        at = dict_find_quiet(t, table, key, hash, true);
    }
    struct dict_entry *e = dict_entries(table) + at;
    value stored = word_peek(&e->key), cell = word_peek(&e->v);
    dict_table_remove(table, at);
    dict_table_insert(table, stored, hash, cell);
    return true;
}

static bool store_in_cell(struct thread *t, struct dict *d, int64_t at, vref key, int64_t hash, value v, struct change *c) {
    struct cell *cell = dict_entry_cell(word_peek(&dict_entries(dict_table_of(d))[at].v));
    if (word_peek(&cell->v) == V_UNBOUND) {
        if (!move_to_end(t, d, at, key, hash, c)) return false;
        add_count(d, 1);
    }
    c->v = cell_exchange(t, cell, v);
    return true;
}

// Inside a section: a new entry with v, or with a cell that holds v.
static bool insert_entry(struct thread *t, struct dict *d, vref key, int64_t hash, value v, struct change *c) {
    if (!dict_table_room(t, d, &c->table)) return false;
    if (d->kind & DICT_CELLS) {
        struct cell *cell = cell_new(t);
        if (!cell) return false;
        word_publish(&cell->v, v);
        if (v != V_UNBOUND) add_count(d, 1);
        v = borrowed_word(cell);
        dict_table_insert(dict_table_of(d), own(t, key), hash, v);
        return true;
    }
    dict_table_insert(dict_table_of(d), own(t, key), hash, v);
    add_count(d, 1);
    return true;
}

static inline bool store(struct thread *t, struct dict *d, int64_t at, vref key, int64_t hash, value v, struct change *c) {
    if (at < 0) return insert_entry(t, d, key, hash, v, c);
    if (unlikely(d->kind & DICT_CELLS)) return store_in_cell(t, d, at, key, hash, v, c);
    _Atomic value *slot = &dict_entries(dict_table_of(d))[at].v;
    c->v = word_peek(slot);
    word_publish(slot, v);
    return true;
}

// The everyday case of dict_set_hashed, without calling out, growing or cells. false: nothing was done.
static inline bool set_simply(struct thread *t, struct dict *d, vref key, int64_t hash, value v) {
    if (unlikely(d->kind & DICT_CELLS) || !is_alone(t, &d->head)) return false;
    struct dict_table *table = dict_table_of(d);
    size_t slot;
    int64_t at = dict_find_alone(table, key, hash, &slot);
    if (at >= 0) {
        _Atomic value *place = &dict_entries(table)[at].v;
        value old = word_peek(place);
        word_publish(place, v);
        if (is_counted(old)) slot_removed(t);
        release(t, old);
        return true;
    }
    if (at != FIND_ABSENT || dict_used(table) + table->trims >= table->capacity) return false;
    dict_table_insert_at(table, slot, own(t, key), hash, v);
    add_count(d, 1);
    return true;
}

bool dict_set_hashed(struct thread *t, vref dict, vref key, int64_t hash, value v) {
    struct dict *d = as_dict(dict);
    if (likely(set_simply(t, d, key, hash, v))) return true;
    struct change c = {0};
    bool locked;
    int64_t at = lock_and_find(t, d, key, hash, &locked);
    bool ok = at != FIND_ERROR;
    if (likely(ok)) {
        ok = store(t, d, at, key, hash, v, &c);
        if (c.v) write_end(t, &d->head, locked);
        else write_end_grown(t, &d->head, locked);
        change_finish(t, &c);
    }
    if (unlikely(!ok)) release(t, v);
    return ok;
}

bool dict_set_take(struct thread *t, vref d, vref key, value v) {
    int64_t hash = key_hash(t, key);
    if (likely(hash != -1)) return dict_set_hashed(t, d, key, hash, v);
    release(t, v);
    return false;
}

bool dict_set(struct thread *t, vref d, vref key, vref v) {
    int64_t hash = key_hash(t, key);
    return likely(hash != -1) && dict_set_hashed(t, d, key, hash, own(t, v));
}

bool dict_set_str(struct thread *t, vref d, const char *key, vref v) {
    value k = str_intern_cstr(t, key);
    bool ok = k && dict_set(t, d, k, v);
    release_opt(t, k);
    return ok;
}

value dict_setdefault(struct thread *t, vref dict, vref key, vref v) {
    struct dict *d = as_dict(dict);
    int64_t hash = key_hash(t, key);
    if (hash == -1) return V_NULL;
    struct change c = {0};
    bool locked;
    int64_t at = lock_and_find(t, d, key, hash, &locked);
    if (at == FIND_ERROR) return V_NULL;
    value r = at < 0 ? V_NULL : load_entry(t, d, dict_entries(dict_table_of(d)) + at);
    if (!r) {
        value word = own(t, v);
        if (store(t, d, at, key, hash, word, &c)) r = own(t, v);
        else c.v = word;
    }
    write_end(t, &d->head, locked);
    change_finish(t, &c);
    return r;
}

// Inside a section: takes entry `at` out. V_NULL in *v: it was an unbound cell, so there was nothing.
static void take_entry(struct thread *t, struct dict *d, int64_t at, value *key, value *v) {
    struct dict_entry *e = dict_entries(dict_table_of(d)) + at;
    if (d->kind & DICT_CELLS) {
        *key = own(t, word_peek(&e->key));
        *v = cell_exchange(t, dict_entry_cell(word_peek(&e->v)), V_UNBOUND);
        if (*v == V_UNBOUND) *v = V_NULL;
    } else {
        *key = word_peek(&e->key);
        *v = word_peek(&e->v);
        dict_table_remove(dict_table_of(d), at);
    }
    if (*v) add_count(d, -1);
}

value dict_pop_hashed(struct thread *t, vref dict, vref key, int64_t hash) {
    struct dict *d = as_dict(dict);
    bool locked;
    value stored = V_NULL, v = V_NULL;
    int64_t at = lock_and_find(t, d, key, hash, &locked);
    if (at == FIND_ERROR) return V_NULL;
    if (at >= 0) take_entry(t, d, at, &stored, &v);
    write_end(t, &d->head, locked);
    release_opt(t, stored);
    return v;
}

value dict_pop(struct thread *t, vref d, vref key) {
    int64_t hash = key_hash(t, key);
    return hash != -1 ? dict_pop_hashed(t, d, key, hash) : V_NULL;
}

int dict_del(struct thread *t, vref d, vref key) {
    int64_t hash = key_hash(t, key);
    if (hash == -1) return -1;
    value v = dict_pop_hashed(t, d, key, hash);
    if (!v) return raised(t) ? -1 : 0;
    release(t, v);
    return 1;
}

// Whether there is a value in entry e.
static bool is_live(const struct dict *d, struct dict_entry *e) {
    if (word_peek(&e->key) == V_NULL) return false;
    return !(d->kind & DICT_CELLS) || word_peek(&dict_entry_cell(word_peek(&e->v))->v) != V_UNBOUND;
}

// Inside a section: the last live entry, out. Entries after it are dead: they are given back, or a table is rebuilt that has too many.
static bool pop_last(struct thread *t, struct dict *d, value *key, value *v, struct dict_table **old) {
    struct dict_table *table = dict_table_of(d);
    uint32_t used = dict_used(table);
    int64_t last = (int64_t)(used == table->popped_used ? table->popped_end : used) - 1, at = last;
    while (at >= 0 && !is_live(d, dict_entries(table) + at)) at--;
    if (at < 0) return false;
    take_entry(t, d, at, key, v);
    if (d->kind & DICT_CELLS) return true;
    if (!t->free_threaded) {
        for (; last >= at; last--) dict_table_trim(table);
        return true;
    }
    table->popped_used = used;
    table->popped_end = (uint32_t)at;
    if (last - at > 32 && (size_t)((last - at) * (last - at)) > dict_count(borrowed_word(d)) && !dict_table_rebuild(t, d, old))
        raised_clear(t); // only slower
    return true;
}

bool dict_pop_first(struct thread *t, vref dict, value *key, value *v) {
    struct dict *d = as_dict(dict);
    bool locked = write_begin(t, &d->head);
    struct dict_table *table = dict_table_of(d);
    int64_t at = dict_first(table), used = (int64_t)dict_used(table);
    while (at < used && !is_live(d, dict_entries(table) + at)) at++;
    if (at < used) {
        take_entry(t, d, at, key, v);
        if (!(d->kind & DICT_CELLS)) dict_set_first(table, (size_t)at + 1); // an unbound cell may come alive again
    }
    write_end(t, &d->head, locked);
    return at < used;
}

// Inside a section: entry `at` to the end; what may have to be retired to *old.
static bool move_last(struct thread *t, struct dict *d, int64_t at, struct dict_table **old) {
    struct dict_table *table = dict_table_of(d);
    if (at + 1 == (int64_t)dict_used(table) || d->kind & DICT_CELLS) return true; // cells stay where they are
    int64_t rank = 0; // where it stands once the dead ones are gone
    bool full = dict_used(table) + table->trims >= table->capacity;
    for (int64_t i = 0; full && i < at; i++) rank += word_peek(&dict_entries(table)[i].key) != V_NULL;
    if (!dict_table_room(t, d, old)) return false;
    dict_table_move_last(dict_table_of(d), full ? rank : at);
    return true;
}

int dict_move_to_end(struct thread *t, vref dict, vref key, bool last) {
    struct dict *d = as_dict(dict);
    int64_t hash = key_hash(t, key);
    if (hash == -1) return -1;
    bool locked;
    struct dict_table *old = NULL;
    int64_t at = lock_and_find(t, d, key, hash, &locked);
    if (at == FIND_ERROR) return -1;
    bool ok = at < 0 || (last ? move_last(t, d, at, &old) : at == dict_first(dict_table_of(d)) || d->kind & DICT_CELLS || dict_table_move_first(t, d, at, &old));
    if (at >= 0) add_count(d, 0);
    write_end(t, &d->head, locked);
    dict_table_retire(t, old);
    return !ok ? -1 : at >= 0;
}

bool dict_pop_item(struct thread *t, vref dict, value *key, value *v) {
    struct dict *d = as_dict(dict);
    struct dict_table *old = NULL;
    bool locked = write_begin(t, &d->head);
    bool found = pop_last(t, d, key, v, &old);
    write_end(t, &d->head, locked);
    dict_table_retire(t, old);
    return found;
}

static void release_table(struct thread *t, struct dict_table *table) {
    struct dict_entry *e = dict_entries(table);
    for (uint32_t n = dict_used(table); n > 0; n--, e++) {
        value key = word_peek(&e->key);
        if (key == V_NULL) continue;
        release(t, key);
        release(t, word_peek(&e->v));
    }
}

// Sets every cell of a dict with cells to V_UNBOUND. Names stay: caches hold the cells.
static bool clear_cells(struct thread *t, struct dict *d) {
    struct dict_table *table = dict_table_of(d);
    for (int64_t at = 0; at < (int64_t)dict_used(table); at++) {
        bool locked = write_begin(t, &d->head);
        value key = V_NULL, v = V_NULL;
        if (table == dict_table_of(d) && word_peek(&dict_entries(table)[at].key)) take_entry(t, d, at, &key, &v);
        write_end(t, &d->head, locked);
        release_opt(t, key);
        release_opt(t, v);
        if (table != dict_table_of(d)) {
            table = dict_table_of(d);
            at = -1;
        }
    }
    return true;
}

// A private copy of the words of a table that readers may still hold, which is emptied. NULL: no memory, the words leak.
static struct dict_table *take_words(struct thread *t, struct dict_table *table) {
    if (!t->free_threaded) return table;
    struct dict_table *copy = mem_alloc(t, dict_table_bytes(table));
    if (copy) memcpy((void *)copy, (const void *)table, dict_table_bytes(table));
    else raised_clear(t);
    dict_table_unbind(table);
    return copy;
}

bool dict_clear(struct thread *t, vref dict) {
    struct dict *d = as_dict(dict);
    if (d->kind & DICT_CELLS) return clear_cells(t, d);
    bool locked = write_begin(t, &d->head);
    struct dict_table *table = dict_table_of(d), *words = NULL;
    if (table->capacity) {
        atomic_store_explicit(&d->table, &dict_table_empty, memory_order_release);
        add_count(d, -(int64_t)dict_count(dict));
        words = take_words(t, table);
    }
    write_end(t, &d->head, locked);
    if (words) release_table(t, words);
    if (words != table) dict_table_free(t, words);
    dict_table_retire(t, table);
    return true;
}

void dict_drop(struct thread *t, struct dict *d) {
    struct dict_table *table = dict_table_of(d);
    atomic_store_explicit(&d->table, &dict_table_empty, memory_order_relaxed);
    atomic_store_explicit(&d->count, 0, memory_order_relaxed);
    struct dict_entry *e = dict_entries(table);
    if (!(d->kind & DICT_CELLS)) {
        release_table(t, table);
    } else
        for (uint32_t n = dict_used(table); n > 0; n--, e++) {
            value key = word_peek(&e->key);
            if (key == V_NULL) continue;
            struct cell *c = dict_entry_cell(word_peek(&e->v));
            release(t, cell_exchange(t, c, V_UNBOUND));
            cell_free(t, c);
            release(t, key);
        }
    dict_table_free(t, table);
}

// ---- walking ----

bool dict_next(struct thread *t, vref dict, size_t *pos, value *key, value *v) {
    struct dict *d = as_dict(dict);
    for (struct dict_table *table = dict_table_of(d);;) {
        if (*pos < dict_first(table)) *pos = dict_first(table);
        if (*pos >= dict_used(table)) break;
        struct dict_entry *e = dict_entries(table) + *pos;
        value k = slot_load(t, &e->key);
        value x = k == V_NULL || k == V_UNBOUND ? k : load_entry(t, d, e);
        if (likely(x != V_NULL && x != V_UNBOUND)) {
            ++*pos;
            *key = k;
            *v = x;
            return true;
        }
        if (x == V_UNBOUND) table = dict_table_of(d);
        else ++*pos;
        if (k != V_NULL && k != V_UNBOUND) release(t, k);
    }
    return false;
}

bool dict_previous(struct thread *t, vref dict, size_t *pos, value *key, value *v) {
    struct dict *d = as_dict(dict);
    while (*pos > 0) {
        struct dict_table *table = dict_table_of(d);
        if (*pos > dict_used(table)) {
            *pos = dict_used(table);
            continue;
        }
        size_t after = *pos, from = after - 1;
        if (!dict_next(t, dict, &from, key, v)) {
            *pos = after - 1;
            continue;
        }
        *pos = after - 1;
        if (from == after) return true;
        release(t, *key); // entry after - 1 was dead: that was a later one
        release(t, *v);
    }
    return false;
}

value dict_copy(struct thread *t, vref dict) {
    struct dict *d = as_dict(dict);
    struct dict_table *table = dict_table_of(d);
    if (dict_count(dict) == 0) return dict_new(t);
    if (is_alone(t, &d->head) && !(d->kind & DICT_CELLS) && dict_used(table) <= dict_count(dict) * 3 / 2) {
        struct dict_table *copy = dict_table_clone(t, table);
        if (!copy) return V_NULL;
        value r = new_with(t, copy, dict_count(dict), 0);
        if (r) return r;
        release_table(t, copy);
        dict_table_free(t, copy);
        return V_NULL;
    }
    value r = dict_new_sized(t, dict_count(dict)), key, v;
    bool ok = r != V_NULL;
    for (size_t pos = 0; ok && dict_next(t, dict, &pos, &key, &v);) {
        ok = dict_set_take(t, r, key, v);
        release(t, key);
    }
    if (ok) return r;
    release_opt(t, r);
    return V_NULL;
}

value dict_keys_list(struct thread *t, vref d) {
    value l = list_new(t, dict_count(d)), key, v;
    bool ok = l != V_NULL;
    for (size_t pos = 0; ok && dict_next(t, d, &pos, &key, &v);) {
        release(t, v);
        ok = list_append_take(t, l, key);
    }
    if (ok) return l;
    release_opt(t, l);
    return V_NULL;
}

value dict_items_list(struct thread *t, vref d) {
    value l = list_new(t, dict_count(d)), key, v;
    bool ok = l != V_NULL;
    for (size_t pos = 0; ok && dict_next(t, d, &pos, &key, &v);) {
        value pair = tuple_take_array(t, (value[]){key, v}, 2);
        ok = pair && list_append_take(t, l, pair);
    }
    if (ok) return l;
    release_opt(t, l);
    return V_NULL;
}

// ---- cells ----

// The cell of an exact str. NULL: not there.
// ask: NULL, or set (and NULL returned) where a key of another type would have to be asked, which runs Python.
static struct cell *find_cell(struct thread *t, struct dict *d, vref name, bool *ask) {
    int64_t hash = key_hash(t, name);
    for (;;) {
        struct dict_table *table = dict_table_of(d);
        int64_t at = dict_find_quiet(t, table, name, hash, is_alone(t, &d->head));
        if (at == FIND_MOVED) continue;
        if (at == FIND_ASK && ask) {
            *ask = true;
            return NULL;
        }
        if (at == FIND_ASK) { // a key of another type has the same hash: ask as everybody does
            at = dict_find(t, d, &table, name, hash);
            if (at == FIND_ERROR) raised_clear(t);
        }
        if (at < 0) return NULL;
        value c = atomic_load_explicit(&dict_entries(table)[at].v, memory_order_acquire);
        if (c == V_UNBOUND) continue;
        if (c != V_NULL) return dict_entry_cell(c);
    }
}

struct cell *dict_find_cell(struct thread *t, vref d, vref name) { return find_cell(t, as_dict(d), name, NULL); }
struct cell *dict_find_cell_quiet(struct thread *t, vref d, vref name, bool *ask) { return find_cell(t, as_dict(d), name, ask); }

struct cell *dict_cell(struct thread *t, vref dict, vref name) {
    struct dict *d = as_dict(dict);
    struct cell *c = find_cell(t, d, name, NULL);
    if (c) return c;
    int64_t hash = key_hash(t, name);
    struct change change = {0};
    bool locked;
    int64_t at = lock_and_find(t, d, name, hash, &locked);
    if (at == FIND_ERROR) return NULL;
    bool ok = at >= 0 || insert_entry(t, d, name, hash, V_UNBOUND, &change);
    if (ok) {
        if (at < 0) at = (int64_t)dict_used(dict_table_of(d)) - 1;
        c = dict_entry_cell(word_peek(&dict_entries(dict_table_of(d))[at].v));
    }
    write_end(t, &d->head, locked);
    change_finish(t, &change);
    return c;
}
