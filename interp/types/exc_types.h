// SPDX-License-Identifier: Apache-2.0
// What the files of the exception types share. Leaves the public side to exc.h.
#ifndef KRAIT_INTERP_TYPES_EXC_TYPES_H
#define KRAIT_INTERP_TYPES_EXC_TYPES_H

#include "interp/types/dict.h"
#include "interp/types/instance.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/types/words.h"

#define X(name, base, doc) extern const char exc_doc_##name[];
EXC_LIST(X)
#undef X

// The part of a struct type that all exceptions have alike; n: how many extra words.
#define EXC_TYPE(name_, base_, n)                                                                                                  \
    .name = #name_, .module = "builtins", .doc = exc_doc_##name_, .base = &base_, .basicsize = offsetof(struct exc, extra) + (n) * sizeof(value), \
    .flags = TYPE_GC | TYPE_BASE | TYPE_EXC | TYPE_HAS_DICT, .destroy = exc_drop, .clear = exc_drop, .traverse = exc_traverse
#define EXC_AT(i) (offsetof(struct exc, extra) + (i) * sizeof(value)) // byte offset of an extra word

value exc_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames); // BaseException.__new__
int exc_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames);          // BaseException.__init__
value exc_str(struct thread *t, vref self);
void exc_drop(struct thread *t, struct object *o);
int exc_traverse(struct object *o, visit_fn *visit, void *arg);
bool exc_set_args(struct thread *t, vref self, const vref *args, size_t nargs);
void exc_set_extra(struct thread *t, vref self, int i, vref v);
value exc_get_extra(struct thread *t, vref self, int i); // returns new, V_NONE when not set
int exc_writable(struct thread *t, vref self, vref v);   // marks a NATIVE_MEMBER that may be assigned; never called
bool exc_keywords(struct thread *t, vref self, const char *cls, const vref *args, size_t nargs, vref kwnames, const char *const *names, const int *at);
value exc_state(struct thread *t, vref self);            // the instance's dict if it has anything in it, else V_NONE
value exc_reduce_with(struct thread *t, vref self, value args, value state); // takes both; V_NULL in either: exception pending

#endif
