// SPDX-License-Identifier: Apache-2.0
// Arrays of words that other threads may read without a lock, and the two checks every constructor of a container makes on its arguments.
// Leaves the protocol of each container to seq.h and dict.h.
//
// A replaced array may still be read: its words are overwritten with V_UNBOUND after the new array is published and before any of them is released, so that
// slot_load's second look fails and the reader starts again at the container. In GIL mode nobody reads meanwhile, hence memmove and realloc.
#ifndef KRAIT_INTERP_TYPES_WORDS_H
#define KRAIT_INTERP_TYPES_WORDS_H

#include "interp/core/object.h"
#include "interp/types/exc.h"

static inline value word_peek(const _Atomic value *w) { return atomic_load_explicit(w, memory_order_relaxed); }
static inline void word_publish(_Atomic value *w, value v) { atomic_store_explicit(w, v, memory_order_release); }

// memmove, word by word when somebody may be looking.
static inline void words_move(const struct thread *t, _Atomic value *to, const _Atomic value *from, size_t n) {
    if (!t->free_threaded) {
        memmove((void *)to, (const void *)from, n * sizeof(value));
    } else if (to < from) {
        for (size_t i = 0; i < n; i++) word_publish(to + i, word_peek(from + i));
    } else if (to > from) {
        for (size_t i = n; i-- > 0;) word_publish(to + i, word_peek(from + i));
    }
}
static inline void words_unbind(_Atomic value *w, size_t n) {
    for (size_t i = 0; i < n; i++) word_publish(w + i, V_UNBOUND);
}

// A field of a C structure that other threads may read or replace at the same time.
static inline value field_load(struct thread *t, const value *field) { return slot_load(t, (_Atomic value *)(uintptr_t)field); }
// takes v. Works on nullable fields.
static inline void field_store(struct thread *t, struct object *o, value *field, value v) {
    bool locked = write_begin(t, o);
    value old = word_peek((_Atomic value *)field);
    word_publish((_Atomic value *)field, v);
    write_end(t, o, locked);
    release_opt(t, old);
}

static inline size_t keyword_count(vref kwnames) { // kwnames is a tuple: its size stands behind the header
    return kwnames ? *(const size_t *)((const char *)as_object(kwnames) + sizeof(struct object)) : 0;
}
// "list() takes no keyword arguments"
static inline bool args_no_keywords(struct thread *t, const char *name, vref kwnames) {
    if (likely(keyword_count(kwnames) == 0)) return true;
    raise(t, &exc_TypeError, "%s() takes no keyword arguments", name);
    return false;
}
// "range expected at least 1 argument, got 0"
static inline bool args_count(struct thread *t, const char *name, size_t nargs, size_t min, size_t max) {
    if (likely(nargs >= min && nargs <= max)) return true;
    size_t bound = nargs < min ? min : max;
    raise(t, &exc_TypeError, "%s expected %s%zu argument%s, got %zu", name, min == max ? "" : nargs < min ? "at least " : "at most ", bound,
          bound == 1 ? "" : "s", nargs);
    return false;
}

#endif
