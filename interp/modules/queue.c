// SPDX-License-Identifier: Apache-2.0
// _queue: SimpleQueue. Leaves Queue and its kin to the library.
//
// The items are a deque's ring (collections/deque.c), and the queue's object is the deque's: one lock byte guards both the ring and the list of waiters. A waiter stands in
// that list, first come first served, with a byte of its own on its C stack; put() takes the first out and sets its byte. Who was woken and leaves without an item wakes the next.
// put() takes no lock that Python code could hold, so it may be called from a finalizer or a signal handler inside get().
#include "interp/core/clock.h"
#include "interp/core/lock.h"
#include "interp/modules/collections/collections.h"
#include "interp/modules/modules.h"
#include "interp/types/num.h"

struct waiter {
    _Atomic uint8_t woken;
    struct waiter *next;
};
struct queue {
    struct deque items; // its head is ours
    struct waiter *first, **last; // guarded by the write section of the head; last is NULL until first used
};
static struct queue *as_queue(vref v) { return (struct queue *)as_object(v); }
static value empty_class; // _queue.Empty, immortal

static void wake_first(struct thread *t, struct queue *q) {
    bool locked = write_begin(t, &q->items.head);
    struct waiter *w = q->first;
    if (w) {
        q->first = w->next;
        if (!q->first) q->last = &q->first;
        atomic_store_explicit(&w->woken, 1, memory_order_release);
    }
    write_end_grown(t, &q->items.head, locked);
    if (w) park_wake(&w->woken, 1); // the address alone: its owner may be gone
}
// Stands in line unless there is an item.
static bool line_up(struct thread *t, struct queue *q, struct waiter *w) {
    bool locked = write_begin(t, &q->items.head), waits = q->items.count == 0;
    if (waits) {
        if (!q->last) q->last = &q->first;
        *q->last = w;
        q->last = &w->next;
    }
    write_end_grown(t, &q->items.head, locked);
    return waits;
}
static void leave_line(struct thread *t, struct queue *q, struct waiter *w) {
    bool locked = write_begin(t, &q->items.head);
    for (struct waiter **p = &q->first; *p; p = &(*p)->next)
        if (*p == w) {
            *p = w->next;
            if (q->last == &w->next) q->last = p;
            break;
        }
    write_end_grown(t, &q->items.head, locked);
}
// V_NULL without exception: the deadline passed (0: none).
static value wait_item(struct thread *t, struct queue *q, uint64_t deadline) {
    for (;;) {
        struct waiter w = {0};
        bool in_time = true, waited = line_up(t, q, &w), ok = true;
        if (waited) {
            thread_detach(t);
            in_time = park_on(&w.woken, 0, deadline);
            thread_attach(t);
            ok = safepoint_poll(t);
            leave_line(t, q, &w);
        }
        value v = ok ? deque_pull(t, &q->items, true) : V_NULL;
        if (v) return v;
        if (ok && (in_time || !deadline || clock_now_ns() < deadline)) continue;
        if (atomic_load_explicit(&w.woken, memory_order_acquire) && deque_count(t, &q->items)) wake_first(t, q);
        return V_NULL;
    }
}

static value raise_empty(struct thread *t) { return raise_value(t, as_type(empty_class), V_NULL); }
static value get_with(struct thread *t, vref self, bool block, vref timeout) {
    struct queue *q = as_queue(self);
    uint64_t deadline = 0;
    if (block && timeout && !is_none(timeout)) {
        double seconds;
        if (!float_as_double(t, timeout, &seconds)) return V_NULL;
        if (seconds < 0) return raise(t, &exc_ValueError, "'timeout' must be a non-negative number");
        if (seconds > 9e9) return raise(t, &exc_OverflowError, "timeout value is too large");
        deadline = clock_now_ns() + (uint64_t)(seconds * 1e9) + 1;
    }
    value v = deque_pull(t, &q->items, true);
    if (!v && block) v = wait_item(t, q, deadline);
    return v || raised(t) ? v : raise_empty(t);
}
static value get(struct thread *t, const vref *a) {
    int block = a[1] ? object_truth(t, a[1]) : 1;
    return block < 0 ? V_NULL : get_with(t, a[0], block, a[2]);
}
static value get_nowait(struct thread *t, const vref *a) { return get_with(t, a[0], false, V_NULL); }
static value put(struct thread *t, const vref *a) {
    struct queue *q = as_queue(a[0]);
    if (!deque_push(t, &q->items, own(t, a[1]), false)) return V_NULL;
    wake_first(t, q);
    return V_NONE;
}
static value is_empty(struct thread *t, const vref *a) { return from_bool(deque_count(t, &as_queue(a[0])->items) == 0); }
static value size(struct thread *t, const vref *a) { return from_int62((int64_t)deque_count(t, &as_queue(a[0])->items)); }

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args;
    if (nargs || keyword_count(kwnames)) return raise(t, &exc_TypeError, "SimpleQueue() takes no arguments");
    return deque_new(t, cls, -1);
}
static void destroy(struct thread *t, struct object *o) { deque_clear(t, (struct deque *)o); }
static const struct native natives[] = {
    {"empty", NATIVE_METHOD, "($self, /)", is_empty, .doc = "Return whether nothing was in the queue; other threads may have changed that since."},
    {"get", NATIVE_METHOD, "($self, /, block=True, timeout=None)", get, .doc = "Remove and return an item, waiting for one if block is true, at most timeout seconds; then Empty is raised."},
    {"get_nowait", NATIVE_METHOD, "($self, /)", get_nowait, .doc = "Remove and return an item without waiting; Empty is raised if there is none."},
    {"put", NATIVE_METHOD, "($self, /, item, block=True, timeout=None)", put, .doc = "Put the item on the queue.\n\nIt never waits: block and timeout are there for the sake of Queue.put."},
    {"put_nowait", NATIVE_METHOD, "($self, /, item)", put, .doc = "Put the item on the queue without waiting."},
    {"qsize", NATIVE_METHOD, "($self, /)", size, .doc = "Return how many items were in the queue; other threads may have changed that since."},
    {"__class_getitem__", NATIVE_CLASS, "($type, object, /)", seq_class_getitem, .doc = "See PEP 585"},
    {NULL},
};
static struct type type_simple_queue = {
    .name = "SimpleQueue", .module = "_queue", .flags = TYPE_GC | TYPE_BASE | TYPE_HAS_WEAK, .basicsize = sizeof(struct queue), .natives = natives, .make = make,
    .destroy = destroy, .traverse = deque_traverse, .clear = destroy,
    .doc = "A first-in, first-out queue without a bound, whose put() a destructor or signal handler may call.",
};

static bool make_empty(struct thread *t) {
    if (empty_class) return true;
    value dict = dict_new(t), name = str_from_cstr(t, "Empty"), bases = tuple_pack(t, 1, type_ref(&exc_Exception)), module = str_from_cstr(t, "_queue"), cls = V_NULL;
    if (dict && name && bases && module && dict_set_str(t, dict, "__module__", module)) cls = object_call(t, type_ref(&type_type), (vref[]){name, bases, dict}, 3, V_NULL);
    if (cls) empty_class = ref_immortal(t, as_object(cls));
    release_opt(t, dict);
    release_opt(t, name);
    release_opt(t, bases);
    release_opt(t, module);
    return cls != V_NULL;
}
value queue_make(struct thread *t) {
    if (!type_ready(t, &type_simple_queue) || !make_empty(t)) return V_NULL;
    value m = module_from_natives(t, "_queue", "The part of queue that is written in C.", NULL, 0);
    if (m && module_set(t, m, "SimpleQueue", type_ref(&type_simple_queue)) && module_set(t, m, "Empty", empty_class)) return m;
    release_opt(t, m);
    return V_NULL;
}
