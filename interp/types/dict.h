// SPDX-License-Identifier: Apache-2.0
// dict and set in C. Leaves the methods to dict.c, dict_views.c, set.c.
//
// DICT. Compact and ordered: an index table of entry numbers (1, 2 or 4 bytes wide) and an array of entries {hash, key, value} in insertion order, both in one
// block, `struct dict_table`. Lookups are lock-free: load the table pointer, probe, slot_load the value, look at the key again. Writers stand in
// write_begin/write_end; an entry is published before its index and the count. A replaced table is emptied (V_UNBOUND: look again at the dict) and retired.
// `version` changes whenever keys come or go (not for a new value under an old key).
//
// A word in `key`: V_NULL deleted, V_UNBOUND the table was replaced, else the key. A table's entries are never reused, except by popitem in GIL mode.
//
// DICTS WITH CELLS (module and class namespaces) keep a tag-10 pointer to a struct cell in `v`. A cell with V_UNBOUND counts as absent and is skipped. Only the
// functions below take a cell from or to V_UNBOUND (they keep count, version and order); everybody may store another value into a bound one. A
// cell lives as long as its dict.
#ifndef KRAIT_INTERP_TYPES_DICT_H
#define KRAIT_INTERP_TYPES_DICT_H

#include "interp/core/object.h"

struct dict_entry {
    int64_t hash;
    _Atomic value key;    // owned; see above
    _Atomic value v;      // owned; or cell pointer with tag 10 in a dict with cells
};
struct dict_table {
    uint8_t log2_size;    // of the index table
    uint8_t index_shift;  // an index is 1 << index_shift bytes: -1 free, -2 deleted, else the number of an entry
    uint32_t capacity;    // entries there is room for
    uint32_t trims;       // entries given back by popitem: their places in the index stay taken
    uint32_t popped_used, popped_end; // free-threaded: while `used` is popped_used, entries from popped_end on are dead (in a write section)
    uint32_t first;       // entries before it are dead: where walks begin
    uint32_t offset;      // of the entries from the start of the table
    _Atomic uint32_t used; // entries used, deleted ones included
    uint8_t index[];      // then, 8-byte aligned, struct dict_entry[capacity]
};
static inline struct dict_entry *dict_entries(struct dict_table *table) { return (struct dict_entry *)(void *)((char *)table + table->offset); }
static inline int32_t dict_index(const struct dict_table *table, size_t i) {
    switch (table->index_shift) {
    case 0: return __atomic_load_n((const int8_t *)table->index + i, __ATOMIC_ACQUIRE);
    case 1: return __atomic_load_n((const int16_t *)(const void *)table->index + i, __ATOMIC_ACQUIRE);
    default: return __atomic_load_n((const int32_t *)(const void *)table->index + i, __ATOMIC_ACQUIRE);
    }
}
enum { DICT_CELLS = 1, DICT_ORDERED = 2 }; // ORDERED: an OrderedDict; walks mind every change of keys, not only of their number
struct dict {
    struct object head;
    _Atomic size_t count;
    struct dict_table *_Atomic table;
    _Atomic uint32_t version;
    uint32_t kind;        // DICT_
    uint64_t id;          // dicts with cells: unique, never reused; 0 else
};
static inline struct dict *as_dict(vref v) { return (struct dict *)as_object(v); }
static inline struct cell *dict_entry_cell(value v) { return (struct cell *)(uintptr_t)(v & ~(value)3); } // of an entry in a dict with cells
static inline size_t dict_count(vref v) { return atomic_load_explicit(&as_dict(v)->count, memory_order_relaxed); }

value dict_new(struct thread *t);
value dict_new_sized(struct thread *t, size_t n);
value dict_new_cells(struct thread *t);                                   // for module and class namespaces
value dict_get(struct thread *t, vref d, vref key);                       // returns new; V_NULL without exception: absent; with: error (check raised)
value dict_get_hashed(struct thread *t, vref d, vref key, int64_t hash);
value dict_get_str(struct thread *t, vref d, const char *key);            // same, C string
int dict_contains(struct thread *t, vref d, vref key);                    // 1 0 -1
bool dict_set(struct thread *t, vref d, vref key, vref v) MUST_CHECK;
bool dict_set_take(struct thread *t, vref d, vref key, value v) MUST_CHECK; // takes v, also on failure
bool dict_set_str(struct thread *t, vref d, const char *key, vref v) MUST_CHECK;
int dict_del(struct thread *t, vref d, vref key);                         // 1 deleted, 0 absent (no exception), -1
value dict_pop(struct thread *t, vref d, vref key);                       // as dict_get, and removes
value dict_setdefault(struct thread *t, vref d, vref key, vref v);
bool dict_pop_first(struct thread *t, vref d, value *key, value *v);      // the oldest item, both new; false: empty
int dict_move_to_end(struct thread *t, vref d, vref key, bool last);      // or to the front, which copies the table: 1 moved, 0 absent, -1 exception
// Iterates a snapshot position: *pos starts at 0. true with *key, *v owned; false at the end. Changes in between are tolerated.
bool dict_next(struct thread *t, vref d, size_t *pos, value *key, value *v);
bool dict_update(struct thread *t, vref d, vref other) MUST_CHECK;        // mapping or iterable of pairs
bool dict_merge_unique(struct thread *t, vref d, vref other, vref func_for_message) MUST_CHECK; // f(**a, **b): TypeError for a second value
value dict_copy(struct thread *t, vref d);
bool dict_clear(struct thread *t, vref d);
value dict_keys_list(struct thread *t, vref d);
value dict_items_list(struct thread *t, vref d);
value dict_keys(struct thread *t, vref d);                                // the views
value dict_values(struct thread *t, vref d);
value dict_items(struct thread *t, vref d);
value dict_view(struct thread *t, vref d, struct type *type);            // type: one of the three, or a subtype without fields

// Iterators over keys, values and items, forwards and backwards. `dict` is let go early only in GIL mode.
struct dict_iter {
    struct object head;
    value dict;               // owned; V_NULL when exhausted in GIL mode
    _Atomic int64_t position; // next entry to look at; INT64_MIN: exhausted
    _Atomic int64_t left;     // entries still to come, by the count at the start
    _Atomic int64_t count;    // of the dict at the start (its version if DICT_ORDERED); -1: it changed, and that was said
    value pair;               // GIL mode, iterators over items: the tuple given out last, to be filled again if nobody kept it; or V_NULL
};
struct dict_view_object {
    struct object head;
    value dict;               // owned
};
extern struct type type_dict_keys, type_dict_values, type_dict_items, type_dict_key_iter, type_dict_value_iter, type_dict_item_iter, type_dict_reverse_key_iter,
    type_dict_reverse_value_iter, type_dict_reverse_item_iter;

// The cell of name in a dict with cells, made (V_UNBOUND) if missing. NULL: error.
struct cell *dict_cell(struct thread *t, vref d, vref name);
struct cell *dict_find_cell(struct thread *t, vref d, vref name);         // NULL: not there (no exception); interned or not, str only
struct cell *dict_find_cell_quiet(struct thread *t, vref d, vref name, bool *ask); // the same without running Python: *ask where only that could tell

// SET. An open table of {hash, key}; probing and growth are such that small integers come out in the order that people are used to. Same rules as for dict: lookups are
// lock-free, entries are never reused within a table, a replaced table is emptied (SET_MOVED) and retired.
struct set_entry {
    int64_t hash;
    _Atomic value key;    // owned; V_NULL free, V_UNBOUND deleted, SET_MOVED the table was replaced
};
#define SET_MOVED ((value)2)
struct set_table {
    size_t mask;
    size_t used;          // entries not free, deleted ones included
    struct set_entry at[];
};
struct set {              // set and frozenset
    struct object head;
    _Atomic size_t count;
    struct set_table *_Atomic table;
    _Atomic int64_t hash; // of a frozenset, -1 not computed; of a set, where pop looks next
};
static inline struct set *as_set(vref v) { return (struct set *)as_object(v); }
value set_new(struct thread *t, bool frozen, vref iterable_or_null);
bool set_add(struct thread *t, vref s, vref v) MUST_CHECK;                // also fills a fresh frozenset
int set_contains(struct thread *t, vref s, vref v);
int set_discard(struct thread *t, vref s, vref v);
bool set_update(struct thread *t, vref s, vref iterable) MUST_CHECK;
bool set_next(struct thread *t, vref s, size_t *pos, value *key);         // as dict_next

#endif
