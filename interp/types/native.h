// SPDX-License-Identifier: Apache-2.0
// Signatures of builtin functions, parsed from their text, and binding a call's arguments to them. Leaves the function objects to native.c.
//
// A signature's words are its parameters in order: self first for methods, then positional-only, positional, *args, keyword-only, **kw. `positional` counts those that a
// positional argument may fill. A function is `plain` if a call with exactly `positional` words fills it.
#ifndef KRAIT_INTERP_TYPES_NATIVE_H
#define KRAIT_INTERP_TYPES_NATIVE_H

#include "interp/types/func.h"

enum { NATIVE_PARAMS_MAX = 32 };
struct native_sig {
    uint8_t params;        // words the function gets
    uint8_t positional, positional_only, required; // required: positional ones without default; all count self
    uint8_t self;          // 1: word 0 is self or cls
    int8_t varargs, varkw; // word of *args and **kw, -1: none
    bool plain;
    uint32_t optional;     // bit i: word i may be left out
    value names[];         // interned str, one a word
};
// The parsed signature of a table row, kept for good. NULL: MemoryError.
const struct native_sig *native_sig_parse(struct thread *t, const struct native *def);
// The parsed signature of f, kept in it; what is bound from f shares it. NULL: exception. Only where f->def->fn is set.
const struct native_sig *native_signature(struct thread *t, struct native_object *f);
// Fills out[0..params) from a call; self V_NULL: args[0] is it (where there is one). *tuple and *dict: what the caller releases afterwards. false: TypeError.
bool native_bind(struct thread *t, const struct native_object *f, const struct native_sig *sig, vref self, const vref *args, size_t nargs, vref kwnames, vref *out,
                 value *tuple, value *dict) MUST_CHECK;
value native_full_name(struct thread *t, const struct native_object *f); // "list.append", "math.sqrt", "len"

#endif
