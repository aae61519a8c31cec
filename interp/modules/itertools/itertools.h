// SPDX-License-Identifier: Apache-2.0
// The iterators of itertools: the struct most of them share, and what each word of it means. Leaves the combinatoric ones' struct to combine.c.
//
// SHARED between threads such an iterator may repeat or miss items or raise what a wrong order of calls raises, but never crashes: words that change go
// through field_load and field_store, numbers are relaxed atomics, words that never change are read as they are.
//
//     type          it                 f                  x                y               i              j            k
//     chain         source iterables   -                  active iterator
//     count         -                  step               number (slow)                    number         fast step    1: fast
//     repeat        -                  object                                              left, -1: ever
//     cycle         iterator           saved list                                          next of saved  1: saved is whole
//     compress      data               selectors
//     …while, filterfalse, starmap     function                                            1: started
//     islice        iterator                                                               items taken    next wanted  step; n: stop or -1
//     accumulate    iterator           function or NULL   total            initial
//     pairwise      iterator                              the one before
//     groupby       iterator           key function       current key      current value                                (tgt: target key)
//     zip_longest   tuple of iterators fill value                                          still active
#ifndef KRAIT_INTERP_MODULES_ITERTOOLS_H
#define KRAIT_INTERP_MODULES_ITERTOOLS_H

#include "interp/types/args.h"
#include "interp/types/iter.h"
#include "interp/types/num.h"
#include "interp/types/sequence.h"

struct tool {
    struct object head;
    value it, f, x, y; // owned or V_NULL
    _Atomic int64_t i, j, k, n;
};
static inline struct tool *as_tool(vref v) { return (struct tool *)as_object(v); }
static inline int64_t num_get(_Atomic int64_t *n) { return atomic_load_explicit(n, memory_order_relaxed); }
static inline void num_set(_Atomic int64_t *n, int64_t v) { atomic_store_explicit(n, v, memory_order_relaxed); }

value tool_new(struct thread *t, struct type *cls, value it, value f); // takes both (f V_NULL: none; it V_NULL with an exception: fails)
void tool_destroy(struct thread *t, struct object *o);
int tool_traverse(struct object *o, visit_fn *visit, void *arg);
// Words of cls(*args) where a class without __init__ of its own takes no keywords. false: TypeError.
bool tool_plain_args(struct thread *t, const struct type *base, const struct type *cls, size_t nargs, vref kwnames, size_t min, size_t max) MUST_CHECK;
value tool_reduce(struct thread *t, vref self, vref a, vref b);              // (type, (a[, b]))
value tool_reduce_state(struct thread *t, vref self, value args, value state); // takes both; (type, args, state)
bool tool_state_tuple(struct thread *t, vref state, size_t min, size_t max) MUST_CHECK;

#define TOOL(id, pyname, natives_, make_, next_, doc_)                                                                                                           \
    struct type itertools_##id = {                                                                                                                               \
        .name = pyname, .module = "itertools", .flags = TYPE_GC | TYPE_BASE, .basicsize = sizeof(struct tool), .natives = natives_, .make = make_, .next = next_, \
        .destroy = tool_destroy, .traverse = tool_traverse, .clear = tool_destroy, .iter = iter_self, .doc = doc_,                                               \
    }
#define TOOL_METHOD(pyname, fn_, doc_) {pyname, NATIVE_METHOD, "($self, /)", fn_, .doc = doc_}
#define TOOL_REDUCE(fn_) TOOL_METHOD("__reduce__", fn_, "Return what pickle makes this again from.")
#define TOOL_SETSTATE(fn_) {"__setstate__", NATIVE_METHOD, "($self, state, /)", fn_, .doc = "Take over the state that __reduce__ gave."}

#define ITERTOOLS_TYPES(X)                                                                                                                                       \
    X(accumulate) X(combinations) X(combinations_with_replacement) X(cycle) X(dropwhile) X(takewhile) X(islice) X(starmap) X(chain) X(compress) X(filterfalse) \
    X(count) X(zip_longest) X(pairwise) X(permutations) X(product) X(repeat) X(groupby)
#define X(id) extern struct type itertools_##id;
ITERTOOLS_TYPES(X)
#undef X
extern struct type itertools_grouper, itertools_tee, itertools_tee_block;
value itertools_tee_make(struct thread *t, const vref *a); // tee()

#endif
