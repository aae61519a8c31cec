// SPDX-License-Identifier: Apache-2.0
// tee: several iterators over one, through a chain of blocks that each of them walks. Leaves everything else of itertools to its files.
//
// A block is filled once, item after item; `n` is published behind the item, so reading needs no lock. Filling is for one at a time (`busy`): who comes at the
// same moment, another thread or the source itself, gets RuntimeError. A block that nobody walks any more dies, and with it its items.
#include "interp/modules/itertools/itertools.h"
#include "interp/types/names.h"

enum { BLOCK_ITEMS = 57 };
struct block {
    struct object head;
    value it;   // owned: the source
    value next; // owned: the next block, or V_NULL
    _Atomic uint32_t n;
    _Atomic bool busy;
    value items[BLOCK_ITEMS];
};
struct tee {
    struct object head;
    value block; // owned
    _Atomic int64_t i;
};
static struct block *as_block(vref v) { return (struct block *)as_object(v); }
static struct tee *as_tee(vref v) { return (struct tee *)as_object(v); }

static value block_new(struct thread *t, struct type *cls, vref it) {
    value v = object_new_instance(t, cls);
    if (v) as_block(v)->it = own(t, it);
    return v;
}
// Item i of the block, read from the source if it is the first that is not there.
static value block_item(struct thread *t, struct block *b, int64_t i) {
    if (i < atomic_load_explicit(&b->n, memory_order_acquire)) return own(t, b->items[i]);
    if (atomic_exchange_explicit(&b->busy, true, memory_order_acquire)) return raise(t, &exc_RuntimeError, "cannot re-enter the tee iterator");
    uint32_t n = atomic_load_explicit(&b->n, memory_order_acquire);
    value v = V_NULL;
    if (i < n) v = own(t, b->items[i]);
    else if (n < BLOCK_ITEMS && (v = object_next(t, b->it)) != V_NULL) {
        b->items[n] = own(t, v);
        atomic_store_explicit(&b->n, n + 1, memory_order_release);
    }
    atomic_store_explicit(&b->busy, false, memory_order_release);
    return v;
}
// The block behind a full one, made when first needed.
static value block_next(struct thread *t, vref block) {
    struct block *b = as_block(block);
    value next = field_load(t, &b->next);
    if (next) return next;
    value fresh = block_new(t, &itertools_tee_block, b->it);
    if (!fresh) return V_NULL;
    bool locked = write_begin(t, &b->head), mine = b->next == V_NULL;
    if (mine) word_publish((_Atomic value *)&b->next, own(t, fresh));
    write_end_grown(t, &b->head, locked);
    if (mine) return fresh;
    release(t, fresh);
    return field_load(t, &b->next);
}

static value tee_new(struct thread *t, struct type *cls, value block, int64_t i) { // takes block
    value v = block ? object_new_instance(t, cls) : V_NULL;
    if (!v) {
        release_opt(t, block);
        return V_NULL;
    }
    as_tee(v)->block = block;
    num_set(&as_tee(v)->i, i);
    return v;
}
static value tee_copy(struct thread *t, const vref *a) {
    return tee_new(t, &itertools_tee, field_load(t, &as_tee(a[0])->block), num_get(&as_tee(a[0])->i));
}
static value tee_from(struct thread *t, struct type *cls, vref iterable) {
    value it = object_iter(t, iterable);
    if (!it) return V_NULL;
    value r = is_instance(it, &itertools_tee) ? tee_copy(t, &it) : tee_new(t, cls, block_new(t, &itertools_tee_block, it), 0);
    release(t, it);
    return r;
}
static value tee_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (!args_no_keywords(t, "_tee", kwnames) || !args_count(t, "_tee", nargs, 1, 1)) return V_NULL;
    return tee_from(t, cls, args[0]);
}
static value tee_next(struct thread *t, vref self) {
    struct tee *e = as_tee(self);
    value block = field_load(t, &e->block);
    int64_t i = num_get(&e->i);
    if (i >= BLOCK_ITEMS) {
        value next = block_next(t, block);
        release(t, block);
        if (!next) return V_NULL;
        block = next;
        i = 0;
        field_store(t, &e->head, &e->block, own(t, block));
    }
    value v = block_item(t, as_block(block), i);
    release(t, block);
    num_set(&e->i, v ? i + 1 : i);
    return v;
}
static value tee_reduce(struct thread *t, const vref *a) {
    value block = field_load(t, &as_tee(a[0])->block), state = tuple_pack(t, 2, block, from_int62(num_get(&as_tee(a[0])->i)));
    release(t, block);
    return tool_reduce_state(t, a[0], tuple_pack(t, 1, tuple_empty), state);
}
static value tee_setstate(struct thread *t, const vref *a) {
    int64_t i;
    if (!tool_state_tuple(t, a[1], 2, 2)) return V_NULL;
    vref block = tuple_at(a[1], 0);
    if (!is_pointer(block) || type_of(block) != &itertools_tee_block) return raise(t, &exc_TypeError, "argument 1 must be itertools._tee_dataobject, not %T", block);
    if (!object_as_index(t, tuple_at(a[1], 1), &i)) return V_NULL;
    if (i < 0 || i > BLOCK_ITEMS) return raise(t, &exc_ValueError, "Index out of range");
    field_store(t, as_object(a[0]), &as_tee(a[0])->block, own(t, block));
    num_set(&as_tee(a[0])->i, i);
    return V_NONE;
}
static void tee_destroy(struct thread *t, struct object *o) { release_field(t, &((struct tee *)o)->block); }
static int tee_traverse(struct object *o, visit_fn *visit, void *arg) { return ((struct tee *)o)->block ? visit(((struct tee *)o)->block, arg) : 0; }
static const struct native tee_natives[] = {
    TOOL_REDUCE(tee_reduce), TOOL_SETSTATE(tee_setstate), TOOL_METHOD("__copy__", tee_copy, "Return an iterator that goes on from here by itself."), {NULL},
};
struct type itertools_tee = {
    .name = "_tee", .module = "itertools", .flags = TYPE_GC | TYPE_HAS_WEAK, .basicsize = sizeof(struct tee), .natives = tee_natives, .make = tee_make,
    .next = tee_next, .destroy = tee_destroy, .traverse = tee_traverse, .iter = iter_self, .doc = "One of several iterators over the items of the same iterable.",
};

// ---- the block as Python sees it, for pickling ----

static value block_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (!args_no_keywords(t, "_tee_dataobject", kwnames) || !args_count(t, "_tee_dataobject", nargs, 3, 3)) return V_NULL;
    if (!is_list(args[1])) return raise(t, &exc_TypeError, "_tee_dataobject() argument 2 must be list, not %T", args[1]);
    size_t n = list_size(args[1]);
    bool linked = !is_none(args[2]);
    if (n > BLOCK_ITEMS || (linked && (n < BLOCK_ITEMS || !is_pointer(args[2]) || type_of(args[2]) != cls))) return raise(t, &exc_ValueError, "Invalid arguments");
    value v = block_new(t, cls, args[0]);
    if (!v) return V_NULL;
    struct block *b = as_block(v);
    uint32_t k = 0;
    for (value item; k < n && (item = list_get_or_null(t, args[1], k)) != V_NULL; k++) b->items[k] = item;
    atomic_store_explicit(&b->n, k, memory_order_release);
    if (linked) b->next = own(t, args[2]);
    return v;
}
static value block_reduce(struct thread *t, const vref *a) {
    struct block *b = as_block(a[0]);
    value next = field_load(t, &b->next), values = list_from_array(t, b->items, atomic_load_explicit(&b->n, memory_order_acquire));
    value args = values ? tuple_pack(t, 3, b->it, values, next ? next : V_NONE) : V_NULL, r = args ? tuple_pack(t, 2, type_ref(type_of(a[0])), args) : V_NULL;
    release_opt(t, next);
    release_opt(t, values);
    release_opt(t, args);
    return r;
}
static void block_destroy(struct thread *t, struct object *o) {
    struct block *b = (struct block *)o;
    uint32_t n = atomic_exchange_explicit(&b->n, 0, memory_order_relaxed);
    while (n > 0) release_field(t, &b->items[--n]);
    release_field(t, &b->it);
    release_field(t, &b->next);
}
static int block_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct block *b = (struct block *)o;
    int r = b->it ? visit(b->it, arg) : 0;
    if (!r && b->next) r = visit(b->next, arg);
    for (uint32_t k = 0, n = atomic_load_explicit(&b->n, memory_order_relaxed); !r && k < n; k++) r = visit(b->items[k], arg);
    return r;
}
static const struct native block_natives[] = {TOOL_REDUCE(block_reduce), {NULL}};
struct type itertools_tee_block = {
    .name = "_tee_dataobject", .module = "itertools", .flags = TYPE_GC, .basicsize = sizeof(struct block), .natives = block_natives, .make = block_make,
    .destroy = block_destroy, .traverse = block_traverse, .doc = "teedataobject(iterable, values, next, /)\n--\n\nItems that iterators made by tee() share.",
};

value itertools_tee_make(struct thread *t, const vref *a) {
    int64_t n = 2;
    if (a[1] && !object_as_index(t, a[1], &n)) return V_NULL;
    if (n < 0) return raise(t, &exc_ValueError, "n must be >= 0");
    value r = tuple_new(t, (size_t)n), it = r && n ? object_iter(t, a[0]) : V_NULL, copy = V_NULL;
    if (!it) return n == 0 ? r : (release_opt(t, r), V_NULL);
    int copies = object_lookup_attr(t, it, NAME(__copy__), &copy);
    if (copies == 0) {
        value tee = tee_from(t, &itertools_tee, it);
        release(t, it);
        it = tee;
        copies = it ? object_lookup_attr(t, it, NAME(__copy__), &copy) : -1;
    }
    bool ok = copies > 0;
    if (ok) as_tuple(r)->at[0] = own(t, it);
    for (int64_t i = 1; ok && i < n; i++) {
        value v = object_call0(t, copy);
        ok = v != V_NULL && ((i & 1023) || safepoint_poll(t));
        if (v) as_tuple(r)->at[i] = v;
    }
    release_opt(t, it);
    release_opt(t, copy);
    if (ok) return r;
    release(t, r);
    return V_NULL;
}
