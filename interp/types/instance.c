// SPDX-License-Identifier: Apache-2.0
// Instances: allocation, attribute slots, overflow, dict mode, and the lifetime functions of classes made at run time.
// Leaves descriptors and error texts to attr.c, the lay-out of shapes to shape.c.
#include "interp/types/instance.h"
#include "interp/types/dict.h"
#include "interp/types/type.h"

static uint32_t round8(size_t n) { return (uint32_t)((n + 7) & ~(size_t)7); }

static void fill_slots(void *from, size_t bytes) {
    value *p = from;
    for (size_t i = 0; i < bytes / sizeof(value); i++) p[i] = V_UNBOUND;
}

static void *allocate(struct thread *t, struct type *cls, size_t bytes) {
    return cls->flags & TYPE_GC ? object_alloc_gc(t, bytes, cls->root_shape) : object_alloc(t, bytes, cls->root_shape);
}

value object_new_instance(struct thread *t, struct type *cls) {
    struct object *o = allocate(t, cls, cls->instance_size);
    if (unlikely(!o)) return V_NULL;
    if (cls->basicsize > sizeof(struct object)) memset(o + 1, 0, cls->basicsize - sizeof(struct object));
    uint32_t base = round8(cls->basicsize);
    fill_slots((char *)o + base, cls->instance_size - base);
    return counted_word(o);
}

void *object_new_var(struct thread *t, struct type *cls, size_t bytes) {
    size_t base = round8(cls->basicsize + bytes);
    struct object *o = allocate(t, cls, base + cls->instance_extra);
    if (unlikely(!o)) return NULL;
    memset(o + 1, 0, cls->basicsize - sizeof(struct object));
    fill_slots((char *)o + base, cls->instance_extra);
    return o;
}

static size_t base_size(const struct object *o, const struct type *c) { return c->c_base->size_of ? c->c_base->size_of(o) : c->basicsize; }

_Atomic value *object_attr_base(struct object *o) { return (_Atomic value *)(void *)((char *)o + round8(base_size(o, object_type(o)))); }

size_t object_size(const struct object *o) {
    const struct type *c = object_type(o);
    size_t n = base_size(o, c);
    unsigned words = shape_table[object_shape(o)].words;
    return words ? round8(n) + words * sizeof(value) : n;
}

// ---- overflow ----

static size_t overflow_bytes(uint32_t capacity) { return sizeof(struct overflow) + capacity * sizeof(value); }

// Room for slot i of o, which stands in a write section. false: MemoryError.
static bool make_room(struct thread *t, struct object *o, const struct shape *s, unsigned i) {
    if (i < s->type->inline_slots) return true;
    uint32_t need = i - s->type->inline_slots + 1;
    _Atomic value *ext = instance_ext(o, s);
    struct overflow *old = overflow_of(atomic_load_explicit(ext, memory_order_relaxed));
    if (old && old->capacity >= need) return true;
    uint32_t capacity = old ? old->capacity * 2 : 4;
    struct overflow *f = mem_alloc(t, overflow_bytes(capacity));
    if (!f) return false;
    f->capacity = capacity;
    uint32_t n = old ? old->capacity : 0;
    for (uint32_t k = 0; k < n; k++) f->at[k] = atomic_load_explicit(&old->at[k], memory_order_relaxed);
    fill_slots((void *)&f->at[n], (capacity - n) * sizeof(value));
    atomic_store_explicit(ext, (value)(uintptr_t)f | 1, memory_order_release);
    for (uint32_t k = 0; k < n; k++) atomic_store_explicit(&old->at[k], V_UNBOUND, memory_order_release);
    if (old) mem_retire(t, old, overflow_bytes(n));
    return true;
}

// ---- dict mode ----

static bool in_dict_mode(const struct object *o) { return (shape_table[object_shape(o)].flags & SHAPE_DICT_MODE) != 0; }
static value load_dict(struct thread *t, struct object *o) { return slot_load(t, instance_ext(o, &shape_table[object_shape(o)])); }
static void set_shape(struct object *o, uint32_t shape) { __atomic_store_n(&o->shape, shape, __ATOMIC_RELEASE); }

// Copies the attributes of o, which stands in a write section, to d; slots[] gets where they stand. Returns their number, -1 for an exception.
static int copy_slots(struct thread *t, struct object *o, const struct shape *s, value d, _Atomic value **slots) {
    unsigned first = s->type->fixed_slots;
    for (unsigned i = first; i < s->nslots; i++) {
        slots[i - first] = instance_slot(o, s, i);
        value v = atomic_load_explicit(slots[i - first], memory_order_relaxed);
        if (v != V_UNBOUND && !dict_set(t, d, shape_key((uint32_t)(s - shape_table), i), v)) return -1;
    }
    return (int)(s->nslots - first);
}

// Makes `d` (taken) the dict of o. false: exception.
static bool go_over(struct thread *t, struct object *o, value d) {
    value old[SHAPE_MAX_SLOTS];
    _Atomic value *slots[SHAPE_MAX_SLOTS];
    bool locked = write_begin(t, o);
    const struct shape *s = &shape_table[object_shape(o)];
    if (s->flags & SHAPE_DICT_MODE) { // somebody was quicker
        write_end(t, o, locked);
        release(t, d);
        return true;
    }
    _Atomic value *ext = instance_ext(o, s);
    int n = copy_slots(t, o, s, d, slots);
    struct overflow *f = overflow_of(atomic_load_explicit(ext, memory_order_relaxed));
    if (n >= 0) {
        atomic_store_explicit(ext, d, memory_order_release);
        set_shape(o, s->type->dict_shape);
        object_set_flag(o, HEAD_DICT);
    }
    // Only now: a reader that finds V_UNBOUND looks whether the shape is still the same.
    for (int i = 0; i < n; i++) old[i] = atomic_exchange_explicit(slots[i], V_UNBOUND, memory_order_acq_rel);
    write_end(t, o, locked);
    if (n < 0) {
        release(t, d);
        return false;
    }
    if (f) mem_retire(t, f, overflow_bytes(f->capacity));
    for (int i = 0; i < n; i++) release(t, old[i]);
    return true;
}

static bool need_dict(struct thread *t, struct object *o) {
    if (in_dict_mode(o)) return true;
    value d = dict_new(t);
    return d && go_over(t, o, d);
}

value instance_dict(struct thread *t, struct object *o) { return need_dict(t, o) ? load_dict(t, o) : V_NULL; }

int instance_set_dict(struct thread *t, struct object *o, vref dict) {
    value d = dict ? own(t, dict) : dict_new(t);
    if (!d) return -1;
    if (!need_dict(t, o)) {
        release(t, d);
        return -1;
    }
    slot_store(t, o, instance_ext(o, &shape_table[object_shape(o)]), d);
    return 0;
}

// ---- attributes ----

value instance_get(struct thread *t, struct object *o, vref name) {
    for (;;) {
        uint32_t id = object_shape(o);
        const struct shape *s = &shape_table[id];
        if (s->flags & SHAPE_DICT_MODE) {
            value d = slot_load(t, instance_ext(o, s));
            value v = dict_get(t, d, name);
            release(t, d);
            return v;
        }
        int i = shape_find(id, name);
        if (i < 0) return V_NULL;
        _Atomic value *slot = instance_slot(o, s, (unsigned)i);
        value v = slot ? slot_load(t, slot) : V_UNBOUND;
        if (likely(v != V_UNBOUND)) return v;
        if (object_shape(o) == id) return V_NULL;
    }
}

static bool set_in_dict(struct thread *t, struct object *o, vref name, value v) {
    value d = load_dict(t, o);
    bool ok = dict_set_take(t, d, name, v);
    release(t, d);
    return ok;
}

// In a write section: 1 stored (*old is to be released), 0 o must go over to dict mode, -1 exception.
static int set_in_slot(struct thread *t, struct object *o, vref name, value v, value *old, bool locked) {
    const struct shape *s = &shape_table[object_shape(o)];
    int i = shape_find(object_shape(o), name);
    if (i >= 0) {
        _Atomic value *slot = instance_slot(o, s, (unsigned)i);
        bool deleted = atomic_load_explicit(slot, memory_order_relaxed) == V_UNBOUND && (unsigned)i >= s->type->fixed_slots;
        if (deleted) return 0; // it is to come back as the last one
        if (locked) *old = atomic_exchange_explicit(slot, v, memory_order_acq_rel);
        else {
            *old = atomic_load_explicit(slot, memory_order_relaxed);
            atomic_store_explicit(slot, v, memory_order_release);
        }
        return 1;
    }
    uint32_t next = shape_add(t, object_shape(o), name);
    if (!next) return 0;
    if (!make_room(t, o, s, s->nslots)) return -1;
    atomic_store_explicit(instance_slot(o, s, s->nslots), v, memory_order_release);
    set_shape(o, next);
    return 1;
}

bool instance_set(struct thread *t, struct object *o, vref name, value v) {
    for (;;) {
        value old = V_NULL;
        bool locked = write_begin(t, o);
        int r = in_dict_mode(o) ? 2 : set_in_slot(t, o, name, v, &old, locked);
        if (old != V_NULL) write_end(t, o, locked);
        else write_end_grown(t, o, locked);
        if (likely(r == 1)) {
            release_opt(t, old);
            return true;
        }
        if (r == 2) return set_in_dict(t, o, name, v);
        if (r < 0 || !need_dict(t, o)) {
            release(t, v);
            return false;
        }
    }
}

enum { MOVED_DOWN = 8 };

// The shape that s becomes without its attribute i: the later ones added again. 0: there is none, or too far to go.
static uint32_t shape_without(struct thread *t, const struct shape *s, unsigned i) {
    uint32_t chain[MOVED_DOWN + 1], n = 0, id = (uint32_t)(s - shape_table);
    while (n <= MOVED_DOWN && shape_table[id].nslots > i) chain[n++] = id, id = shape_table[id].parent;
    if (shape_table[id].nslots != i || n > MOVED_DOWN) return 0;
    for (n--; id && n-- > 0;) id = shape_add(t, id, shape_key(chain[n], shape_table[chain[n]].nslots - 1u));
    return id;
}

// Takes an attribute out under the GIL, where nobody can be looking at the old shape. true: done.
static bool delete_slot(struct thread *t, struct object *o, vref name) {
    if (t->free_threaded || object_flags(o) & HEAD_WRITE_SHARED) return false;
    const struct shape *s = &shape_table[object_shape(o)];
    int i = shape_find(object_shape(o), name);
    uint32_t next = i >= s->type->fixed_slots ? shape_without(t, s, (unsigned)i) : 0;
    if (!next) return false;
    value old = atomic_load_explicit(instance_slot(o, s, (unsigned)i), memory_order_relaxed);
    for (unsigned k = (unsigned)i; k + 1 < s->nslots; k++)
        atomic_store_explicit(instance_slot(o, s, k), atomic_load_explicit(instance_slot(o, s, k + 1), memory_order_relaxed), memory_order_relaxed);
    atomic_store_explicit(instance_slot(o, s, s->nslots - 1u), V_UNBOUND, memory_order_relaxed);
    set_shape(o, next);
    slot_removed(t);
    release(t, old);
    return true;
}

// Leaves the slot empty and the shape as it is. 1 deleted, 0 not there, 2 o is in dict mode by now.
static int delete_in_slot(struct thread *t, struct object *o, vref name) {
    value old = V_UNBOUND;
    bool locked = write_begin(t, o), gone_over = in_dict_mode(o);
    const struct shape *s = &shape_table[object_shape(o)];
    int i = gone_over ? -1 : shape_find(object_shape(o), name);
    if (i >= 0) old = atomic_exchange_explicit(instance_slot(o, s, (unsigned)i), V_UNBOUND, memory_order_acq_rel);
    write_end(t, o, locked);
    if (gone_over) return 2;
    release(t, old);
    return old != V_UNBOUND;
}

int instance_delete(struct thread *t, struct object *o, vref name) {
    if (!in_dict_mode(o)) {
        if (delete_slot(t, o, name)) return 1;
        int r = delete_in_slot(t, o, name);
        if (r < 2) return r;
    }
    value d = load_dict(t, o);
    int r = dict_del(t, d, name);
    release(t, d);
    return r;
}

// ---- lifetime ----

static void release_words(struct thread *t, _Atomic value *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        value v = atomic_load_explicit(&p[i], memory_order_relaxed);
        if (!is_counted(v)) continue;
        atomic_store_explicit(&p[i], V_UNBOUND, memory_order_relaxed);
        release(t, v);
    }
}

void instance_release(struct thread *t, struct object *o) {
    const struct type *c = object_type(o);
    unsigned n = shape_table[object_shape(o)].words;
    if (!n) return;
    _Atomic value *base = object_attr_base(o);
    struct overflow *f = c->flags & TYPE_HAS_DICT ? overflow_of(atomic_load_explicit(base, memory_order_relaxed)) : NULL;
    release_words(t, base + (f != NULL), n - (f != NULL));
    if (!f) return;
    release_words(t, f->at, f->capacity);
    atomic_store_explicit(base, V_UNBOUND, memory_order_relaxed);
    mem_retire(t, f, overflow_bytes(f->capacity));
}

static int visit_words(_Atomic value *p, size_t n, visit_fn *visit, void *arg) {
    for (size_t i = 0; i < n; i++) {
        value v = atomic_load_explicit(&p[i], memory_order_relaxed);
        int r = is_pointer(v) && v ? visit(v, arg) : 0;
        if (r) return r;
    }
    return 0;
}

int instance_visit(struct object *o, visit_fn *visit, void *arg) {
    const struct type *c = object_type(o);
    unsigned n = shape_table[object_shape(o)].words;
    if (!n) return 0;
    _Atomic value *base = object_attr_base(o);
    struct overflow *f = c->flags & TYPE_HAS_DICT ? overflow_of(atomic_load_explicit(base, memory_order_relaxed)) : NULL;
    int r = visit_words(base, n, visit, arg);
    return r || !f ? r : visit_words(f->at, f->capacity, visit, arg);
}

void instance_destroy(struct thread *t, struct object *o) {
    const struct type *base = object_type(o)->c_base;
    instance_release(t, o);
    if (base->destroy) base->destroy(t, o);
}

int instance_traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct type *base = object_type(o)->c_base;
    int r = base->flags & TYPE_HAS_DICT ? 0 : instance_visit(o, visit, arg); // a static type with ext visits it itself
    return r || !base->traverse ? r : base->traverse(o, visit, arg);
}

void instance_clear(struct thread *t, struct object *o) {
    const struct type *base = object_type(o)->c_base;
    instance_release(t, o);
    if (base->clear) base->clear(t, o);
}
