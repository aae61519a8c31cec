// SPDX-License-Identifier: Apache-2.0
// The table of a dict: probing, inserting, growing. Leaves what is a value, a cell or a method to dict.c.
#ifndef KRAIT_INTERP_TYPES_DICT_TABLE_H
#define KRAIT_INTERP_TYPES_DICT_TABLE_H

#include "interp/types/dict.h"
#include "interp/types/num.h"
#include "interp/types/sequence.h"

extern struct dict_table dict_table_empty; // capacity 0, never written, never freed

enum dict_find { // what a search says beside the number of an entry
    FIND_ABSENT = -1,
    FIND_ERROR = -2,  // exception pending
    FIND_ASK = -3,    // only __eq__ can tell
    FIND_MOVED = -4,  // the table was replaced: look again at the dict
};

static inline struct dict_table *dict_table_of(const struct dict *d) {
    return atomic_load_explicit(&((struct dict *)(uintptr_t)d)->table, memory_order_acquire);
}
static inline size_t dict_table_bytes(const struct dict_table *table) { return table->offset + table->capacity * sizeof(struct dict_entry); }
static inline uint32_t dict_used(struct dict_table *table) { return atomic_load_explicit(&table->used, memory_order_acquire); }

// Nobody writes this object while this thread runs: its owner is me and no foreigner ever wrote, or there is a GIL.
static inline bool is_alone(const struct thread *t, const struct object *o) {
    return !t->free_threaded || is_biased(t, o);
}

// Hash of a key: -1 with an exception ("unhashable type: 'list'").
static inline int64_t key_hash(struct thread *t, vref key) {
    if (is_int62(key) && (uint64_t)as_int62(key) < (uint64_t)INT62_MAX) return as_int62(key);
    if (has_shape(key, SHAPE_STR)) {
        int64_t h = atomic_load_explicit(&as_str(key)->hash, memory_order_relaxed);
        return likely(h != -1) ? h : str_hash(key);
    }
    return object_hash(t, key);
}

// Where a walk begins. Only a writer, or who is alone, moves it.
static inline uint32_t dict_first(const struct dict_table *table) { return __atomic_load_n(&table->first, __ATOMIC_RELAXED); }
static inline void dict_set_first(struct dict_table *table, size_t first) { __atomic_store_n(&table->first, (uint32_t)first, __ATOMIC_RELAXED); }

// The walk over the slots of a hash: linear congruence, with the high bits of the hash mixed in.
struct probe {
    size_t at, mask;
    uint64_t perturb;
};
static inline struct probe probe_start(const struct dict_table *table, int64_t hash) {
    size_t mask = ((size_t)1 << table->log2_size) - 1;
    return (struct probe){(size_t)hash & mask, mask, (uint64_t)hash};
}
static inline void probe_next(struct probe *p) {
    p->perturb >>= 5;
    p->at = (p->at * 5 + p->perturb + 1) & p->mask;
}
// Equal hashes, different words: 1 equal, 0 not, FIND_ASK.
int dict_compare_quiet(vref stored, vref key);
// The entry of key, FIND_ABSENT or FIND_ASK, in a table that nobody changes meanwhile. *slot becomes where the walk ended: if absent, a free slot of the index.
static inline int64_t dict_find_alone(struct dict_table *table, vref key, int64_t hash, size_t *slot) {
    struct dict_entry *entries = dict_entries(table);
    for (struct probe p = probe_start(table, hash);; probe_next(&p)) {
        int32_t at = dict_index(table, p.at);
        *slot = p.at;
        if (at == -1) return FIND_ABSENT;
        if (at < 0) continue;
        value stored = word_peek(&entries[at].key);
        if (is_same(stored, key)) return at;
        if (__atomic_load_n(&entries[at].hash, __ATOMIC_RELAXED) != hash) continue;
        int r = dict_compare_quiet(stored, key);
        if (r) return r == 1 ? at : r;
    }
}

// The entry of key, or enum dict_find; never runs Python code. alone: nobody can change the table meanwhile.
int64_t dict_find_quiet(struct thread *t, struct dict_table *table, vref key, int64_t hash, bool alone);
// The same, asking __eq__ where needed; never FIND_ASK. *table becomes the table that the number belongs to.
int64_t dict_find(struct thread *t, struct dict *d, struct dict_table **table, vref key, int64_t hash);

// ---- inside a write section ----
// Makes room for one more entry. The table that was replaced, if any, goes to *old: give it to dict_table_retire after the section. false: MemoryError.
bool dict_table_room(struct thread *t, struct dict *d, struct dict_table **old) MUST_CHECK;
// A new table without the deleted entries, with room for more.
bool dict_table_rebuild(struct thread *t, struct dict *d, struct dict_table **old) MUST_CHECK;
// Publishes a new entry in a table with room. takes key and v. The caller counts.
void dict_table_insert(struct dict_table *table, value key, int64_t hash, value v);
// The same at a free slot of the index, as dict_find_alone gave it.
void dict_table_insert_at(struct dict_table *table, size_t slot, value key, int64_t hash, value v);
// Deletes entry `at`: the words in it are now the caller's.
void dict_table_remove(struct dict_table *table, int64_t at);
// Gives the last entry, which was just removed, back. GIL mode only: a reader may still look at it.
void dict_table_trim(struct dict_table *table);
// Points the index of entry `from` at entry `to` (the same key).
void dict_table_point(struct dict_table *table, int64_t from, int64_t to);
// Entry `at` becomes the last one, in a table with room.
void dict_table_move_last(struct dict_table *table, int64_t at);
// A new table in which entry `at` is the first one. The replaced table goes to *old. false: MemoryError.
bool dict_table_move_first(struct thread *t, struct dict *d, int64_t at, struct dict_table **old) MUST_CHECK;

// A table for n entries. NULL: MemoryError.
struct dict_table *dict_table_new(struct thread *t, size_t n);
// The same keys and values, each owned once more. Only when alone.
struct dict_table *dict_table_clone(struct thread *t, struct dict_table *table);
void dict_table_free(struct thread *t, struct dict_table *table);   // never seen by another thread
void dict_table_retire(struct thread *t, struct dict_table *table); // NULL is fine
// Overwrites every word with V_UNBOUND.
void dict_table_unbind(struct dict_table *table);

// ---- what dict.c has for the other files of dict ----
bool dict_set_hashed(struct thread *t, vref d, vref key, int64_t hash, value v) MUST_CHECK; // takes v
value dict_pop_hashed(struct thread *t, vref d, vref key, int64_t hash);
bool dict_pop_item(struct thread *t, vref d, value *key, value *v);                    // false: empty
bool dict_previous(struct thread *t, vref d, size_t *pos, value *key, value *v);       // as dict_next from pos, downwards
void dict_drop(struct thread *t, struct dict *d);                                      // everything, cells too; d is dying
bool dict_merge(struct thread *t, vref d, vref other, bool override) MUST_CHECK;       // dict_merge.c
value dict_or(struct thread *t, vref a, vref b);
value dict_inplace_or(struct thread *t, vref a, vref b);
value dict_fromkeys(struct thread *t, const vref *a);
value dict_iter(struct thread *t, vref d);                                             // dict_views.c
value dict_reverse_iter(struct thread *t, vref d);

#endif
