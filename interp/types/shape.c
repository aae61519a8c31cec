// SPDX-License-Identifier: Apache-2.0
// Shapes: the table of layouts, name → slot, transitions. Leaves where a slot lies to instance.h and who moves an object to attr.c.
//
// The names of a shape stand in a table that it shares with the shapes it came from: each knows only the first `nslots` of them. A second child of the same
// parent starts a table of its own. So a chain of n attributes costs O(n), and a lookup is one probe by the name's hash. Tables and transitions are
// written under the type lock, the entry before what makes it visible, and read without it.
#include "interp/types/type.h"
#include "interp/types/str.h"

struct shape shape_table[SHAPE_MAX];
static _Atomic uint32_t shapes_used = SHAPE_FIRST_FREE;

struct shape_keys {
    uint32_t mask;                // of the index
    uint32_t capacity, count;     // of the keys
    uint32_t first;               // slot of key 0: the type's fixed slots stand before it
    _Atomic value *keys;          // interned str, immortal
    _Atomic uint16_t index[];     // key number + 1; 0 free
};
struct transitions {              // name → child, for a shape
    uint32_t mask, count;
    struct {
        _Atomic value name;
        _Atomic uint32_t shape;
    } at[];
};
enum { CHILDREN_MAX = 256 };      // a shape with more is no class but a mapping: such objects go over to dict mode

static inline bool same_name(vref a, vref b) {
    if (as_object(a) == as_object(b)) return true;
    if (atomic_load_explicit(&as_str(a)->flags, memory_order_relaxed) & atomic_load_explicit(&as_str(b)->flags, memory_order_relaxed) & STR_INTERNED) return false;
    return str_equal(a, b);
}

static size_t keys_bytes(uint32_t index_size) { return sizeof(struct shape_keys) + index_size * sizeof(uint16_t); }

// Key number, or -1.
static int keys_find(const struct shape_keys *k, vref name) {
    for (uint32_t i = (uint32_t)str_known_hash(name);; i++) {
        unsigned e = atomic_load_explicit(&k->index[i & k->mask], memory_order_acquire);
        if (!e) return -1;
        if (same_name(atomic_load_explicit(&k->keys[e - 1], memory_order_relaxed), name)) return (int)e - 1;
    }
}

int shape_find(uint32_t shape, vref name) {
    const struct shape *s = &shape_table[shape];
    const struct shape_keys *k = atomic_load_explicit(&((struct shape *)(uintptr_t)s)->index, memory_order_acquire);
    if (!k) return -1;
    int i = keys_find(k, name);
    return i >= 0 && (uint32_t)i + k->first < s->nslots ? i + (int)k->first : -1;
}

static void keys_enter(struct shape_keys *k, uint32_t number, vref name) {
    atomic_store_explicit(&k->keys[number], name, memory_order_relaxed);
    uint32_t i = (uint32_t)str_known_hash(name);
    while (atomic_load_explicit(&k->index[i & k->mask], memory_order_relaxed)) i++;
    atomic_store_explicit(&k->index[i & k->mask], (uint16_t)(number + 1), memory_order_release);
}

// A table with the first n keys of old and room for more. NULL: out of memory, exception pending.
static struct shape_keys *keys_copy(struct thread *t, const struct shape_keys *old, uint32_t n, uint32_t first) {
    uint32_t capacity = 4;
    while (capacity <= n) capacity *= 2;
    struct shape_keys *k = mem_calloc(t, keys_bytes(capacity * 2));
    if (!k) return NULL;
    k->keys = mem_calloc(t, capacity * sizeof(value));
    if (!k->keys) {
        mem_free(t, k, keys_bytes(capacity * 2));
        return NULL;
    }
    k->mask = capacity * 2 - 1;
    k->capacity = capacity;
    k->first = first;
    for (; k->count < n; k->count++) keys_enter(k, k->count, atomic_load_explicit(&old->keys[k->count], memory_order_relaxed));
    return k;
}

static uint32_t find_child(const struct shape *s, vref name) {
    const struct transitions *c = atomic_load_explicit(&((struct shape *)(uintptr_t)s)->children, memory_order_acquire);
    if (!c) return 0;
    for (uint32_t i = (uint32_t)str_known_hash(name);; i++) {
        uint32_t child = atomic_load_explicit(&c->at[i & c->mask].shape, memory_order_acquire);
        if (!child) return 0;
        if (same_name(atomic_load_explicit(&c->at[i & c->mask].name, memory_order_relaxed), name)) return child;
    }
}

static void enter_child(struct transitions *c, vref name, uint32_t child) {
    uint32_t i = (uint32_t)str_known_hash(name);
    while (atomic_load_explicit(&c->at[i & c->mask].shape, memory_order_relaxed)) i++;
    atomic_store_explicit(&c->at[i & c->mask].name, name, memory_order_relaxed);
    atomic_store_explicit(&c->at[i & c->mask].shape, child, memory_order_release);
    c->count++;
}

static size_t transitions_bytes(uint32_t size) { return sizeof(struct transitions) + size * sizeof(((struct transitions *)0)->at[0]); }

// Makes room for one more child. The table replaced is left to readers for ever: tables double, so no more than one is wasted in all.
static bool grow_children(struct thread *t, struct shape *s) {
    struct transitions *old = atomic_load_explicit(&s->children, memory_order_relaxed);
    if (old && (old->count + 1) * 4 <= (old->mask + 1) * 3) return true;
    uint32_t size = old ? (old->mask + 1) * 2 : 2;
    struct transitions *c = mem_calloc(t, transitions_bytes(size));
    if (!c) return false;
    c->mask = size - 1;
    for (uint32_t i = 0; old && i <= old->mask; i++)
        if (old->at[i].shape) enter_child(c, old->at[i].name, old->at[i].shape);
    atomic_store_explicit(&s->children, c, memory_order_release);
    if (old) mem_retire(t, old, transitions_bytes(old->mask + 1));
    return true;
}

// A fresh id, 0 when the table is full.
static uint32_t take_id(void) {
    uint32_t id = atomic_fetch_add_explicit(&shapes_used, 1, memory_order_relaxed);
    if (likely(id < SHAPE_MAX)) return id;
    atomic_fetch_sub_explicit(&shapes_used, 1, memory_order_relaxed);
    return 0;
}

static void set_offset(struct shape *s, const struct type *c) {
    s->words = (uint16_t)(c->instance_extra / sizeof(value));
    if (c->itemsize || c->c_base == NULL || c->c_base->size_of) return;
    s->slot_offset = ((c->basicsize + 7) & ~7u) + ((c->flags & TYPE_HAS_DICT) ? 8 : 0);
}

void shape_fill_root(uint32_t id, struct type *type) {
    struct shape *s = &shape_table[id];
    s->type = type;
    s->nslots = type->fixed_slots;
    set_offset(s, type);
}

uint32_t shape_new_root(struct thread *t, struct type *type) {
    uint32_t id = take_id();
    if (id) shape_fill_root(id, type);
    else raise_no_memory(t);
    return id;
}

// Dict-mode shapes of one type for cells of different sizes hang together by `parent`.
static uint32_t dict_shape_locked(struct type *c, unsigned words) {
    uint32_t id = c->dict_shape;
    while (id && shape_table[id].words != words) id = shape_table[id].parent;
    if (id) return id;
    id = take_id();
    if (!id) return 0;
    shape_fill_root(id, c);
    shape_table[id].words = (uint16_t)words;
    shape_table[id].flags = SHAPE_DICT_MODE;
    shape_table[id].parent = shape_table[c->dict_shape].parent;
    shape_table[c->dict_shape].parent = id;
    return id;
}

uint32_t shape_for_dict(struct thread *t, struct type *c, unsigned words) {
    type_lock();
    uint32_t id = dict_shape_locked(c, words);
    type_unlock();
    if (!id) raise_no_memory(t);
    return id;
}

// The keys that the child of s will use: s's own if s is the last of its lineage and there is room.
static struct shape_keys *child_keys(struct thread *t, const struct shape *s) {
    struct shape_keys *k = atomic_load_explicit(&((struct shape *)(uintptr_t)s)->index, memory_order_relaxed);
    uint32_t first = s->type->fixed_slots, n = s->nslots - first;
    if (k && k->count == n && k->count < k->capacity) return k;
    return keys_copy(t, k, n, first);
}

static uint32_t add_locked(struct thread *t, uint32_t parent, vref name) {
    struct shape *s = &shape_table[parent];
    uint32_t child = find_child(s, name);
    if (child) return child;
    const struct transitions *c = atomic_load_explicit(&s->children, memory_order_relaxed);
    if (c && c->count >= CHILDREN_MAX) return 0;
    struct shape_keys *k = child_keys(t, s);
    if (!k || !grow_children(t, s)) {
        raised_clear(t);
        return 0;
    }
    child = take_id();
    if (!child) return 0;
    value key = ref_immortal(t, as_object(own(t, name))); // the collector does not look in here
    keys_enter(k, k->count, key);
    k->count++;
    struct shape *n = &shape_table[child];
    n->type = s->type;
    n->parent = parent;
    n->nslots = s->nslots + 1;
    n->key = key;
    n->slot_offset = s->slot_offset;
    n->words = s->words;
    atomic_store_explicit(&n->index, k, memory_order_release);
    enter_child(atomic_load_explicit(&s->children, memory_order_relaxed), key, child);
    return child;
}

uint32_t shape_add(struct thread *t, uint32_t shape, vref name) {
    const struct shape *s = &shape_table[shape];
    if (s->flags & SHAPE_DICT_MODE || !(s->type->flags & TYPE_HAS_DICT)) return 0;
    uint32_t child = find_child(s, name);
    if (child || s->nslots >= (uint32_t)SHAPE_MAX_SLOTS + s->type->fixed_slots) return child;
    type_lock();
    child = add_locked(t, shape, name);
    type_unlock();
    return child;
}

static bool subtree_has(uint32_t shape, vref name) {
    if (shape_find(shape, name) >= 0) return true;
    const struct transitions *c = atomic_load_explicit(&shape_table[shape].children, memory_order_acquire);
    for (uint32_t i = 0; c && i <= c->mask; i++) {
        uint32_t child = atomic_load_explicit(&((struct transitions *)(uintptr_t)c)->at[i].shape, memory_order_acquire);
        if (child && subtree_has(child, name)) return true;
    }
    return false;
}

bool shape_has_key(const struct type *c, vref name) { return subtree_has(c->root_shape, name); }

vref shape_key(uint32_t shape, unsigned slot) {
    const struct shape_keys *k = atomic_load_explicit(&shape_table[shape].index, memory_order_acquire);
    return atomic_load_explicit(&k->keys[slot - k->first], memory_order_relaxed);
}
