// SPDX-License-Identifier: Apache-2.0
// The code object: what the compiler makes and the loop runs. Leaves making it to front/assemble.c (through struct code_parts) and its Python face to code.c.
//
// Code is immutable but for `ops` (quickening: one atomic 32-bit store) and `sites` (one atomic 64-bit word each): both are shared by all threads. A site's word is
// self-describing, so a torn pair of site and opcode is only a miss. Caches hold cells of one globals dict: code is bound to it (func_bind_code clones for others).
#ifndef KRAIT_INTERP_VM_CODE_H
#define KRAIT_INTERP_VM_CODE_H

#include "interp/core/object.h"
#include "interp/vm/opcode.h"

enum code_flag { // as inspect knows them
    CODE_OPTIMIZED = 1, CODE_NEWLOCALS = 2, CODE_VARARGS = 4, CODE_VARKEYWORDS = 8, CODE_NESTED = 16, CODE_GENERATOR = 32,
    CODE_COROUTINE = 0x80, CODE_ITERABLE_COROUTINE = 0x100, CODE_ASYNC_GENERATOR = 0x200,
    CODE_FUTURE_ANNOTATIONS = 0x1000000,
    CODE_NAMESPACE = 1 << 30,  // module or class body: R[0] is the namespace dict (a local named ".ns", not in co_varnames)
    CODE_CLASS_BODY = 1 << 29,
};
struct handler {        // exception table row; the first that covers the instruction wins, so inner ones stand first
    uint32_t start, end; // word indices [start, end)
    uint32_t target;     // word index
    uint16_t reg;        // R[reg] = exception; temporaries from reg on are dropped
    uint16_t pad;
};
struct position {       // from word index `at` until the next row; line 0: none
    uint32_t at;
    int32_t line, end_line;
    int32_t column, end_column; // UTF-8 bytes, 0-based; -1 unknown
};
enum { CODE_NOT_SIMPLE = 0xffff };
struct code {
    struct object head;
    // hot
    _Atomic uint32_t *ops;
    value *consts;             // owned words, made immortal or deferred: loads do not count
    _Atomic uint64_t *sites;   // nsites cache words, 0 = empty
    uint16_t nlocals;          // registers below are locals
    uint16_t simple_args;      // argcount if a call with exactly so many positionals needs nothing else, else CODE_NOT_SIMPLE
    uint32_t nregs;            // all registers, call windows included
    uint32_t nclear;           // registers to set up and to clear: nlocals, or nregs when there are far registers
    uint32_t flags;            // enum code_flag
    uint16_t argcount, posonly, kwonly; // argcount: positional ones, posonly included
    uint16_t nfree, ncells, pad;
    // cold
    uint32_t nops, nconsts, nsites, nhandlers, npositions;
    uint32_t *site_names;      // constant index of the name (interned str) of each site
    struct handler *handlers;
    struct position *positions;
    value name, qualname, filename;  // owned str
    value varnames, freevars, cellvars, names; // owned tuples of str; varnames[i] names register i (far ones too)
    value doc;                 // first constant if it is a docstring, else V_NULL
    int32_t firstlineno;
    uint16_t attr_hint;        // distinct `self.x = …` in the bodies of a class: slots to give its instances (class body code)
    uint16_t pad2;
    value globals;             // dict this code is bound to (borrowed, by id) or V_NULL
    uint64_t globals_id;
    value extra;               // owned: co_extra, weak users
};
static inline struct code *as_code(vref v) { return (struct code *)as_object(v); }

// Everything the compiler knows; arrays are copied, words owned.
struct code_parts {
    const uint32_t *ops; size_t nops;
    const value *consts; size_t nconsts;
    const uint32_t *site_names; size_t nsites;
    const struct handler *handlers; size_t nhandlers;
    const struct position *positions; size_t npositions;
    unsigned nlocals, nregs, argcount, posonly, kwonly, flags, attr_hint;
    int firstlineno;
    vref name, qualname, filename, varnames, freevars, cellvars, names, doc;
};
struct code *code_new(struct thread *t, const struct code_parts *parts); // NULL: exception. Verified in debug builds
struct code *code_clone(struct thread *t, const struct code *code);      // with empty caches
// Position of the instruction that contains word index `at`.
bool code_position(const struct code *code, uint32_t at, struct position *out);
int32_t code_line(const struct code *code, uint32_t at);                 // its line, or where it has none that of the code before it
bool code_verify(const struct code *code, char *why, size_t why_size);   // verify.c
value code_disassemble(struct thread *t, const struct code *code);       // dis.c: returns new str

// The compiler's entry (front/compile.c). mode: "exec", "eval", "single". returns new code object or NULL with SyntaxError pending.
struct code *compile_source(struct thread *t, const char *source, size_t n, const char *filename, const char *mode, int optimize, uint32_t flags);

#endif
