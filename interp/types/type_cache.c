// SPDX-License-Identifier: Apache-2.0
// Attribute lookup on types: the MRO walk, resolved cells, their invalidation through subclasses. Leaves descriptors to attr.c, class creation to type_make.c.
//
// Each type maps interned names to resolved cells (rcells). An rcell points at the cell that the MRO walk found, at absent_cell when no class has the name, at
// no_cell when it must be looked up again. The map is read without a lock; filling and emptying happen under the type lock, so a stale cell can never be written
// over an emptied rcell. Assigning to a name that a class has changes only the cell's value and empties nothing.
#include <pthread.h>

#include "interp/types/dict.h"
#include "interp/types/names.h"
#include "interp/types/str.h"
#include "interp/types/seq.h"
#include "interp/types/type_make.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
void type_lock(void) { pthread_mutex_lock(&lock); }
void type_unlock(void) { pthread_mutex_unlock(&lock); }

static _Atomic uint32_t versions = 1;
uint32_t type_next_version(void) { return atomic_fetch_add_explicit(&versions, 1, memory_order_relaxed); }

struct rcell_map {
    uint32_t mask;
    _Atomic uint32_t count;
    struct {
        _Atomic value name;             // interned str, immortal; V_NULL: free
        struct rcell *_Atomic rcell;
    } at[];
};
enum { RCELLS_MAX = 1 << 14 };          // names looked up on one type; more are not cached

static size_t map_bytes(uint32_t size) { return sizeof(struct rcell_map) + size * sizeof(((struct rcell_map *)0)->at[0]); }

static bool interned(vref name) { return (atomic_load_explicit(&as_str(name)->flags, memory_order_relaxed) & STR_INTERNED) != 0; }

static inline struct rcell *map_find(const struct rcell_map *m, vref name) {
    if (unlikely(!m)) return NULL;
    for (uint32_t i = (uint32_t)str_known_hash(name);; i++) {
        value at = atomic_load_explicit(&((struct rcell_map *)(uintptr_t)m)->at[i & m->mask].name, memory_order_acquire);
        if (!at) return NULL;
        if (as_object(at) == as_object(name)) return atomic_load_explicit(&((struct rcell_map *)(uintptr_t)m)->at[i & m->mask].rcell, memory_order_relaxed);
    }
}

static void map_enter(struct rcell_map *m, value name, struct rcell *r) {
    uint32_t i = (uint32_t)str_known_hash(name);
    while (atomic_load_explicit(&m->at[i & m->mask].name, memory_order_relaxed)) i++;
    atomic_store_explicit(&m->at[i & m->mask].rcell, r, memory_order_relaxed);
    atomic_store_explicit(&m->at[i & m->mask].name, name, memory_order_release);
    atomic_store_explicit(&m->count, atomic_load_explicit(&m->count, memory_order_relaxed) + 1, memory_order_relaxed);
}

// The map of c with room for one more. NULL: out of memory, exception pending.
static struct rcell_map *map_room(struct thread *t, struct type *c) {
    struct rcell_map *old = atomic_load_explicit(&c->rcells, memory_order_relaxed);
    if (old && (atomic_load_explicit(&old->count, memory_order_relaxed) + 1) * 4 <= (old->mask + 1) * 3) return old;
    uint32_t size = old ? (old->mask + 1) * 2 : 16;
    struct rcell_map *m = mem_calloc(t, map_bytes(size));
    if (!m) return NULL;
    m->mask = size - 1;
    for (uint32_t i = 0; old && i <= old->mask; i++)
        if (old->at[i].name) map_enter(m, old->at[i].name, old->at[i].rcell);
    atomic_store_explicit(&c->rcells, m, memory_order_release);
    if (old) mem_retire(t, old, map_bytes(old->mask + 1));
    return m;
}

struct cell *type_find_cell(struct thread *t, struct type *c, vref name, bool *odd) {
    vref mro = c->mro;
    if (!mro) return NULL;
    for (size_t i = 0; i < tuple_size(mro); i++) {
        struct type *k = as_type(tuple_at(mro, i));
        struct cell *cell = k->dict ? dict_find_cell_quiet(t, k->dict, name, odd) : NULL;
        if (cell && atomic_load_explicit(&cell->v, memory_order_relaxed) != V_UNBOUND) return cell;
    }
    return NULL;
}

// The same where some class has a key that is no str and has the name's hash. Its __eq__ runs, and may give c other bases.
static NOINLINE struct cell *find_asking(struct thread *t, struct type *c, vref name) {
    value mro = c->mro ? own(t, c->mro) : V_NULL;
    struct cell *cell = NULL;
    for (size_t i = 0; mro && i < tuple_size(mro) && !cell; i++) {
        struct type *k = as_type(tuple_at(mro, i));
        cell = k->dict ? dict_find_cell(t, k->dict, name) : NULL;
        if (cell && atomic_load_explicit(&cell->v, memory_order_relaxed) == V_UNBOUND) cell = NULL;
    }
    release_opt(t, mro);
    return cell;
}
static struct cell *find_uncached(struct thread *t, struct type *c, vref name) {
    bool odd = false;
    struct cell *cell = type_find_cell(t, c, name, &odd);
    return odd ? find_asking(t, c, name) : cell;
}

// Under the lock.
static struct rcell *resolve_locked(struct thread *t, struct type *c, vref name) {
    struct rcell *r = map_find(atomic_load_explicit(&c->rcells, memory_order_relaxed), name);
    if (!r) {
        struct rcell_map *m = map_room(t, c);
        r = m ? rcell_new(t) : NULL;
        if (!r) return NULL;
        map_enter(m, ref_immortal(t, as_object(own(t, name))), r); // the collector does not look in here
    }
    bool odd = false;
    struct cell *cell = type_find_cell(t, c, name, &odd);
    atomic_store_explicit(&r->src, odd ? &no_cell : cell ? cell : &absent_cell, memory_order_release); // odd: to be looked up each time
    return r;
}

struct rcell *type_resolve(struct thread *t, struct type *c, vref name) {
    struct rcell *r = map_find(atomic_load_explicit(&c->rcells, memory_order_acquire), name);
    if (likely(r && atomic_load_explicit(&r->src, memory_order_acquire) != &no_cell)) return r;
    type_lock();
    r = resolve_locked(t, c, name);
    type_unlock();
    return r;
}

// The cell behind name, or NULL. Names that are not interned (computed ones) are not worth an entry.
static struct cell *lookup_cell(struct thread *t, struct type *c, vref name) {
    const struct rcell_map *m = atomic_load_explicit(&c->rcells, memory_order_acquire);
    struct rcell *r = map_find(m, name);
    struct cell *cell = r ? atomic_load_explicit(&r->src, memory_order_acquire) : &no_cell;
    if (likely(cell != &no_cell)) return cell;
    if (!interned(name) || (!r && m && atomic_load_explicit(&m->count, memory_order_relaxed) >= RCELLS_MAX)) return find_uncached(t, c, name);
    r = type_resolve(t, c, name);
    if (unlikely(!r)) raised_clear(t); // no memory for the cache: do without
    cell = r ? atomic_load_explicit(&r->src, memory_order_acquire) : &no_cell;
    return likely(cell != &no_cell) ? cell : find_uncached(t, c, name);
}

vref type_lookup(struct thread *t, struct type *c, vref name) {
    struct cell *cell = lookup_cell(t, c, name);
    value v = cell ? atomic_load_explicit(&cell->v, memory_order_acquire) : V_UNBOUND;
    return v == V_UNBOUND ? V_NULL : borrow(v);
}

value type_lookup_new(struct thread *t, struct type *c, vref name) {
    struct cell *cell = lookup_cell(t, c, name);
    value v = cell ? slot_load(t, &cell->v) : V_UNBOUND;
    return v == V_UNBOUND ? V_NULL : v;
}

// ---- invalidation, under the lock ----

static void set_init_cell(struct thread *t, struct type *c) {
    bool odd = false;
    struct cell *cell = type_find_cell(t, c, NAME(__init__), &odd);
    atomic_store_explicit(&c->init_cell, cell && !odd ? cell : &no_cell, memory_order_release);
}

static void empty_one(struct thread *t, struct type *c, vref name) {
    struct rcell *r = map_find(atomic_load_explicit(&c->rcells, memory_order_relaxed), name);
    if (r) atomic_store_explicit(&r->src, &no_cell, memory_order_release);
    if (as_object(name) == as_object(NAME(__init__))) set_init_cell(t, c);
    if (c->flags & TYPE_HEAP && slots_is_special(name)) slots_update_name(t, c, name);
    atomic_store_explicit(&c->version, type_next_version(), memory_order_release);
    for (uint32_t i = 0; i < c->nsubclasses; i++) empty_one(t, c->subclasses[i], name);
}

static void empty_all(struct thread *t, struct type *c) {
    struct rcell_map *m = atomic_load_explicit(&c->rcells, memory_order_relaxed);
    for (uint32_t i = 0; m && i <= m->mask; i++) {
        struct rcell *r = atomic_load_explicit(&m->at[i].rcell, memory_order_relaxed);
        if (r) atomic_store_explicit(&r->src, &no_cell, memory_order_release);
    }
    set_init_cell(t, c);
    if (c->flags & TYPE_HEAP) slots_update(t, c);
    atomic_store_explicit(&c->version, type_next_version(), memory_order_release);
    for (uint32_t i = 0; i < c->nsubclasses; i++) empty_all(t, c->subclasses[i]);
}

void type_name_modified(struct thread *t, struct type *c, vref name) {
    type_lock();
    empty_one(t, c, name);
    type_unlock();
}

void type_modified(struct thread *t, struct type *c) {
    type_lock();
    empty_all(t, c);
    type_unlock();
}

void type_cache_free(struct thread *t, struct type *c) {
    struct rcell_map *m = atomic_exchange_explicit(&c->rcells, NULL, memory_order_acq_rel);
    if (!m) return;
    for (uint32_t i = 0; i <= m->mask; i++) {
        if (m->at[i].rcell) atomic_store_explicit(&m->at[i].rcell->src, &no_cell, memory_order_release);
    }
    mem_retire(t, m, map_bytes(m->mask + 1));
}

// ---- what the collector must know ----

// Static types are no objects of the heap: nothing else leads to what they hold. World stopped.
static int visit_static(struct type *c, visit_fn *visit, void *arg) {
    if (c->flags & TYPE_HEAP) return 0; // only such derive from it
    const value words[] = {c->dict, c->bases, c->mro, c->qualname};
    int r = 0;
    for (int i = 0; !r && i < 4; i++) r = words[i] ? visit(words[i], arg) : 0;
    for (uint32_t i = 0; !r && i < c->nsubclasses; i++) r = visit_static(c->subclasses[i], visit, arg);
    return r;
}
int types_visit(struct interp *interp, visit_fn *visit, void *arg) { return visit_static(&type_object, visit, arg); }

// ---- subclasses ----

bool type_link(struct thread *t, struct type *base, struct type *sub) {
    bool ok = true;
    type_lock();
    if (base->nsubclasses == base->subclasses_capacity) {
        uint32_t capacity = base->subclasses_capacity ? base->subclasses_capacity * 2 : 4;
        struct type **p = mem_resize(t, base->subclasses, base->subclasses_capacity * sizeof *p, capacity * sizeof *p);
        ok = p != NULL;
        if (ok) {
            base->subclasses = p;
            base->subclasses_capacity = capacity;
        }
    }
    if (ok) base->subclasses[base->nsubclasses++] = sub;
    type_unlock();
    return ok;
}

void type_unlink(struct type *base, struct type *sub) {
    type_lock();
    for (uint32_t i = 0; i < base->nsubclasses; i++) {
        if (base->subclasses[i] != sub) continue;
        memmove(&base->subclasses[i], &base->subclasses[i + 1], (base->nsubclasses - i - 1) * sizeof sub);
        base->nsubclasses--;
        break;
    }
    type_unlock();
}

value type_subclasses(struct thread *t, struct type *c) {
    value list = list_new(t, 0);
    bool ok = list != V_NULL;
    type_lock(); // nobody else knows the list: no safepoint in here
    for (uint32_t i = 0; ok && i < c->nsubclasses; i++)
        if (!(object_flags(&c->subclasses[i]->head) & HEAD_CONDEMNED)) ok = list_append(t, list, type_ref(c->subclasses[i])); // a collection takes those apart
    type_unlock();
    if (!ok) release_field(t, &list);
    return list;
}

void type_start_cache(struct thread *t, struct type *c, bool slots) {
    type_lock();
    if (slots) slots_update(t, c);
    set_init_cell(t, c);
    atomic_store_explicit(&c->version, type_next_version(), memory_order_release);
    type_unlock();
}
