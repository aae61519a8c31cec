// SPDX-License-Identifier: Apache-2.0
// Iterators over a deque, from either end. Leaves the deque to deque.c.
#include "interp/modules/collections/collections.h"
#include "interp/types/args.h"
#include "interp/types/num.h"

struct deque_iter {
    struct object head;
    value deque;          // owned
    uint64_t state;       // of the deque when this was made
    _Atomic int64_t left; // items still to come
};
static struct deque_iter *as_iter(vref v) { return (struct deque_iter *)as_object(v); }

static value iter_new(struct thread *t, struct type *cls, vref deque, int64_t skip) {
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    struct deque *d = as_deque(deque);
    struct deque_iter *it = as_iter(v);
    it->deque = own(t, deque);
    it->state = deque_state(t, d);
    int64_t n = (int64_t)deque_count(t, d);
    atomic_init(&it->left, skip < 0 ? n : skip > n ? 0 : n - skip);
    return v;
}
value deque_iter(struct thread *t, vref deque) { return iter_new(t, &type_deque_iter, deque, 0); }
value deque_reverse_iter(struct thread *t, vref deque) { return iter_new(t, &type_deque_reverse_iter, deque, 0); }

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    const struct args_spec spec = {"deque_iterator", (const char *const[]){"iterable", "index"}, 2, 1, 2};
    vref in[2];
    int64_t skip = 0;
    if (!args_bind(t, &spec, args, nargs, kwnames, in) || (in[1] && !object_as_index(t, in[1], &skip))) return V_NULL;
    if (!is_deque(in[0])) return raise(t, &exc_TypeError, "argument 1 must be collections.deque, not %T", in[0]);
    return iter_new(t, cls, in[0], skip < 0 ? 0 : skip);
}

static value step(struct thread *t, vref self, bool backwards) {
    struct deque_iter *it = as_iter(self);
    struct deque *d = as_deque(it->deque);
    int64_t left = atomic_load_explicit(&it->left, memory_order_relaxed);
    bool mutated, locked = write_begin(t, &d->head);
    size_t n = d->count, i = backwards ? (size_t)left - 1 : n - (size_t)left;
    mutated = d->state != it->state;
    value v = !mutated && left > 0 && i < n ? own(t, d->ring[(d->first + i) & (d->capacity - 1)]) : V_NULL;
    write_end_grown(t, &d->head, locked);
    if (left > 0) atomic_store_explicit(&it->left, mutated ? 0 : left - 1, memory_order_relaxed);
    return mutated ? raise(t, &exc_RuntimeError, "deque mutated during iteration") : v;
}
static value next(struct thread *t, vref self) { return step(t, self, false); }
static value next_reverse(struct thread *t, vref self) { return step(t, self, true); }

static value length_hint(struct thread *t, const vref *a) {
    (void)t;
    return from_int62(atomic_load_explicit(&as_iter(a[0])->left, memory_order_relaxed));
}
static value reduce(struct thread *t, const vref *a) {
    struct deque_iter *it = as_iter(a[0]);
    int64_t gone = (int64_t)deque_count(t, as_deque(it->deque)) - atomic_load_explicit(&it->left, memory_order_relaxed);
    value args = tuple_pack(t, 2, it->deque, from_int62(gone)), r = args ? tuple_pack(t, 2, type_ref(type_of(a[0])), args) : V_NULL;
    release_opt(t, args);
    return r;
}

static void destroy(struct thread *t, struct object *o) { release_field(t, &((struct deque_iter *)o)->deque); }
static int traverse(struct object *o, visit_fn *visit, void *arg) { return ((struct deque_iter *)o)->deque ? visit(((struct deque_iter *)o)->deque, arg) : 0; }

static const struct native natives[] = {
    {"__length_hint__", NATIVE_METHOD, "($self, /)", length_hint, .doc = "Return how many items are probably still to come."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reduce, .doc = "Return what pickle makes this again from."},
    {NULL},
};
struct type type_deque_iter = {
    .name = "_deque_iterator", .module = "_collections", .flags = TYPE_GC, .basicsize = sizeof(struct deque_iter), .natives = natives, .make = make,
    .destroy = destroy, .traverse = traverse, .iter = iter_self, .next = next,
};
struct type type_deque_reverse_iter = {
    .name = "_deque_reverse_iterator", .module = "_collections", .flags = TYPE_GC, .basicsize = sizeof(struct deque_iter), .natives = natives, .make = make,
    .destroy = destroy, .traverse = traverse, .iter = iter_self, .next = next_reverse,
};
