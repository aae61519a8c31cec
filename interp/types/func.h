// SPDX-License-Identifier: Apache-2.0
// Functions, methods, modules, closure cells, properties in C. Leaves calling to vm/call.c and the methods to func.c, method.c, module.c, descr.c.
#ifndef KRAIT_INTERP_TYPES_FUNC_H
#define KRAIT_INTERP_TYPES_FUNC_H

#include "interp/core/object.h"

struct code;
// A Python function. Module-level ones are born deferred (vm/func ops decide), nested ones are counted.
struct func {
    struct object head;
    struct code *code;         // owned (a struct code is an object); bound to `globals`: caches hold its cells
    value globals;             // owned dict with cells
    value builtins;            // owned dict with cells
    value defaults;            // owned tuple or V_NULL
    value kwdefaults;          // owned dict or V_NULL
    value closure;             // owned tuple of cellbox or V_NULL
    value name, qualname, doc, module, annotations, dict; // owned or V_NULL
};
static inline struct func *as_func(vref v) { return (struct func *)as_object(v); }
value func_new(struct thread *t, struct code *code, vref globals, vref qualname_or_null);
// code as it must be run under these globals: itself, or a clone with empty caches if it is bound to others. returns new.
struct code *func_bind_code(struct thread *t, struct code *code, vref globals);

struct cellbox {               // a closure variable
    struct object head;
    _Atomic value v;           // owned or V_UNBOUND
};
value cellbox_new(struct thread *t, value v);    // takes v
struct method {                // bound method
    struct object head;
    value func, self;          // owned
};
value method_new(struct thread *t, vref func, vref self);
enum { NATIVE_NOT_DIRECT = 0x00ff, NATIVE_DIRECT_MAX = 8 };
struct native_object {         // builtin function, or method descriptor (type native_method)
    struct object head;
    const struct native *def;
    value self;                // owned: bound self or module, or V_NULL
    value module;              // owned str or V_NULL
    struct type *type;         // for method descriptors: whose
    const struct native_sig *sig; // parsed signature (native.c)
    _Atomic uint16_t direct;   // fewest (low byte) and most (high byte) positional arguments with which def->fn may be called on the words as they stand, what is
                               // left out being V_NULL; NATIVE_NOT_DIRECT: never, or not known yet
};
struct module {
    struct object head;
    value dict;                // owned dict with cells
    value name;
    void *state;               // of a native module
};
static inline struct module *as_module(vref v) { return (struct module *)as_object(v); }
value module_new(struct thread *t, vref name);   // with __name__, __doc__, __package__, __loader__, __spec__
// A module from a table of natives. returns new; entered in sys.modules by the importer, not here.
value module_from_natives(struct thread *t, const char *name, const char *doc, const struct native *natives, size_t n);
bool module_add_natives(struct thread *t, vref module, const struct native *natives, size_t n) MUST_CHECK; // more functions
bool module_set(struct thread *t, vref module, const char *name, value v) MUST_CHECK; // takes v, also on failure

#endif
