// SPDX-License-Identifier: Apache-2.0
// The table of a set: probing, adding, growing. Leaves the algebra to set.c, the types to set_methods.c.
#ifndef KRAIT_INTERP_TYPES_SET_TABLE_H
#define KRAIT_INTERP_TYPES_SET_TABLE_H

#include "interp/types/dict_table.h"

static inline struct set_table *set_table_of(const struct set *s) {
    return atomic_load_explicit(&((struct set *)(uintptr_t)s)->table, memory_order_acquire);
}
static inline size_t set_count(vref s) { return atomic_load_explicit(&as_set(s)->count, memory_order_acquire); }
static inline size_t set_table_bytes(const struct set_table *table) { return sizeof *table + (table->mask + 1) * sizeof(struct set_entry); }
static inline bool set_is_key(value word) { return word != V_NULL && word != V_UNBOUND && word != SET_MOVED; }
static inline bool is_anyset(vref v) { return is_pointer(v) && has_flag(v, TYPE_SET); }
static inline bool is_frozen(vref v) { return has_shape(v, SHAPE_FROZENSET) || is_instance(v, &type_frozenset); }

value set_alloc(struct thread *t, bool frozen);            // empty, of the exact type
struct set_table *set_table_new(struct thread *t, size_t n); // an empty table with more than n entries. NULL: MemoryError
void set_table_free(struct thread *t, struct set_table *table);

int set_add_hashed(struct thread *t, vref s, vref key, int64_t hash);      // 1 added, 0 was there, -1
int set_contains_hashed(struct thread *t, vref s, vref key, int64_t hash); // 1 0 -1
int set_discard_hashed(struct thread *t, vref s, vref key, int64_t hash);  // 1 0 -1
bool set_next_hashed(struct thread *t, vref s, size_t *pos, value *key, int64_t *hash); // *key new
value set_pop_any(struct thread *t, vref s);               // V_NULL: empty
void set_empty(struct thread *t, vref s);
void set_take_over(struct thread *t, vref s, vref other);    // s gets the content of other, which nobody else knows; other gets something to drop
void set_drop(struct thread *t, struct set *s);            // everything; s is dying
// Makes room for n more keys at once, as merging does.
bool set_reserve(struct thread *t, vref s, size_t n) MUST_CHECK;
// s, which is empty, takes the keys of other in the same places. false: it cannot, add them one by one.
bool set_clone_into(struct thread *t, vref s, vref other);

#endif
