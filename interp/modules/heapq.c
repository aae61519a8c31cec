// SPDX-License-Identifier: Apache-2.0
// The module _heapq: a list as a binary heap, heap[k] <= heap[2k+1] and heap[2k+2]. Leaves merge, nsmallest and nlargest to the library.
//
// Comparing may run Python code that changes the list: sizes are looked at again after each, and a change is a RuntimeError, as everywhere.
#include "interp/modules/modules.h"
#include "interp/types/exc.h"
#include "interp/types/list.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

static bool need_list(struct thread *t, const char *name, vref v) {
    if (is_list(v)) return true;
    bool one = strstr(name, "ify") || strstr(name, "pop_") || !strcmp(name, "heappop"); // the only argument has no number
    raise(t, &exc_TypeError, one ? "%s() argument must be list, not %T" : "%s() argument 1 must be list, not %T", name, v);
    return false;
}
// Whether a stands before b. takes nothing. max: the other way round.
static int before(struct thread *t, vref a, vref b, bool max) {
    if (both_int62(a, b)) return max ? (int64_t)b < (int64_t)a : (int64_t)a < (int64_t)b;
    return max ? object_compare_bool(t, b, a, CMP_LT) : object_compare_bool(t, a, b, CMP_LT);
}

static bool changed(struct thread *t, vref heap, size_t size) {
    if (list_size(heap) == size) return false;
    raise(t, &exc_RuntimeError, "list changed size during iteration");
    return true;
}

// 1: heap[i] stands before heap[j]; 0 not; -1 exception.
static int items_before(struct thread *t, vref heap, size_t i, size_t j, bool max) {
    value a = list_fetch(t, as_list(heap), i), b = a ? list_fetch(t, as_list(heap), j) : V_NULL;
    int r = b ? before(t, a, b, max) : -1;
    release_opt(t, a);
    release_opt(t, b);
    if (!b) raise(t, &exc_IndexError, "list index out of range");
    return r;
}
static bool swap(struct thread *t, vref heap, size_t i, size_t j) {
    if (list_swap(t, heap, i, j)) return true;
    raise(t, &exc_IndexError, "list index out of range");
    return false;
}

// Moves heap[at] towards the root, not above `start`.
static bool sift_up(struct thread *t, vref heap, size_t start, size_t at, bool max) {
    size_t size = list_size(heap);
    while (at > start) {
        size_t parent = (at - 1) / 2;
        int r = items_before(t, heap, at, parent, max);
        if (r < 0 || changed(t, heap, size)) return false;
        if (!r) break;
        if (!swap(t, heap, at, parent)) return false;
        at = parent;
    }
    return true;
}

// Moves heap[at] down to a leaf along the smaller children, then up again: fewer comparisons than stopping on the way, since what comes to the root belongs low.
static bool sift_down(struct thread *t, vref heap, size_t at, bool max) {
    size_t start = at, size = list_size(heap);
    while (2 * at + 1 < size) {
        size_t child = 2 * at + 1;
        if (child + 1 < size) {
            int r = items_before(t, heap, child, child + 1, max);
            if (r < 0 || changed(t, heap, size)) return false;
            child += !r;
        }
        if (!swap(t, heap, at, child)) return false;
        at = child;
    }
    return sift_up(t, heap, start, at, max);
}

static value pop(struct thread *t, vref heap, bool max) {
    value last = list_pop(t, heap);
    if (!last) return raised(t) ? V_NULL : raise(t, &exc_IndexError, "index out of range");
    if (list_size(heap) == 0) return last;
    value first = list_get(t, heap, 0);
    bool ok = first && list_set(t, heap, 0, last) && sift_down(t, heap, 0, max);
    release(t, last);
    if (!ok) release_field(t, &first);
    return first;
}
static value replace(struct thread *t, vref heap, vref v, bool max) {
    if (list_size(heap) == 0) return raise(t, &exc_IndexError, "index out of range");
    value first = list_get(t, heap, 0);
    if (first && !(list_set(t, heap, 0, v) && sift_down(t, heap, 0, max))) release_field(t, &first);
    return first;
}
static value heapify(struct thread *t, vref heap, bool max) {
    for (size_t i = list_size(heap) / 2; i-- > 0;)
        if (!sift_down(t, heap, i, max) || !safepoint_poll(t)) return V_NULL;
    return V_NONE;
}

static value f_push(struct thread *t, const vref *a) {
    if (!need_list(t, "heappush", a[0]) || !list_append(t, a[0], a[1])) return V_NULL;
    return sift_up(t, a[0], 0, list_size(a[0]) - 1, false) ? V_NONE : V_NULL;
}
static value f_pushpop(struct thread *t, const vref *a) {
    if (!need_list(t, "heappushpop", a[0])) return V_NULL;
    if (list_size(a[0]) == 0) return own(t, a[1]);
    value first = list_get(t, a[0], 0);
    if (!first) return V_NULL;
    int r = before(t, first, a[1], false);
    release(t, first);
    if (r < 0) return V_NULL;
    return r ? replace(t, a[0], a[1], false) : own(t, a[1]);
}
static value f_pop(struct thread *t, const vref *a) { return need_list(t, "heappop", a[0]) ? pop(t, a[0], false) : V_NULL; }
static value f_replace(struct thread *t, const vref *a) { return need_list(t, "heapreplace", a[0]) ? replace(t, a[0], a[1], false) : V_NULL; }
static value f_heapify(struct thread *t, const vref *a) { return need_list(t, "heapify", a[0]) ? heapify(t, a[0], false) : V_NULL; }
static value f_pop_max(struct thread *t, const vref *a) { return need_list(t, "_heappop_max", a[0]) ? pop(t, a[0], true) : V_NULL; }
static value f_replace_max(struct thread *t, const vref *a) { return need_list(t, "_heapreplace_max", a[0]) ? replace(t, a[0], a[1], true) : V_NULL; }
static value f_heapify_max(struct thread *t, const vref *a) { return need_list(t, "_heapify_max", a[0]) ? heapify(t, a[0], true) : V_NULL; }

static const struct native functions[] = {
    {"heappush", NATIVE_FUNCTION, "($module, heap, item, /)", .fn = f_push, .doc = "Put item in its place in the heap."},
    {"heappushpop", NATIVE_FUNCTION, "($module, heap, item, /)", .fn = f_pushpop,
     .doc = "heappush() and then heappop() in one step: return the smallest of the items and item."},
    {"heappop", NATIVE_FUNCTION, "($module, heap, /)", .fn = f_pop, .doc = "Take the smallest item out and return it; IndexError if there is none."},
    {"heapreplace", NATIVE_FUNCTION, "($module, heap, item, /)", .fn = f_replace,
     .doc = "heappop() and then heappush() in one step: what it returns may be bigger than item.\n\nIndexError if the heap is empty."},
    {"heapify", NATIVE_FUNCTION, "($module, heap, /)", .fn = f_heapify, .doc = "Reorder a list into a heap, in linear time."},
    {"_heappop_max", NATIVE_FUNCTION, "($module, heap, /)", .fn = f_pop_max, .doc = "Maxheap variant of heappop."},
    {"_heapreplace_max", NATIVE_FUNCTION, "($module, heap, item, /)", .fn = f_replace_max, .doc = "heapreplace() with the biggest item at the top."},
    {"_heapify_max", NATIVE_FUNCTION, "($module, heap, /)", .fn = f_heapify_max, .doc = "Maxheap variant of heapify."},
};
value heapq_make(struct thread *t) {
    value m = module_from_natives(t, "_heapq", "Heap queue algorithm (a.k.a. priority queue).", functions, sizeof functions / sizeof *functions);
    return m && module_set(t, m, "__about__", str_from_cstr(t, "A heap is a list with heap[k] <= heap[2*k+1] and heap[k] <= heap[2*k+2] for all k: heap[0] is its smallest item.")) ? m : V_NULL;
}
