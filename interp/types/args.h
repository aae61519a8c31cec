// SPDX-License-Identifier: Apache-2.0
// Arguments of constructors (slot `make`), which get them raw. Leaves functions and methods with a signature to the binder (native.c).
#ifndef KRAIT_INTERP_TYPES_ARGS_H
#define KRAIT_INTERP_TYPES_ARGS_H

#include "interp/core/object.h"

struct args_spec {
    const char *function;      // for messages; NULL: they say "function"
    const char *const *names;  // max parameter names
    unsigned positional_only;  // how many of them take no keyword
    unsigned min, max;         // how many there must and may be
};
// out[0..max) gets borrowed words, V_NULL for what is absent. false: TypeError pending.
bool args_bind(struct thread *t, const struct args_spec *spec, const vref *args, size_t nargs, vref kwnames, vref *out) MUST_CHECK;
void args_missing(struct thread *t, const struct args_spec *spec, unsigned i); // TypeError: parameter i is required

#endif
