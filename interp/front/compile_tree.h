// SPDX-License-Identifier: Apache-2.0
// What the rest of the interpreter may ask of the front beyond compile_source: trees in and out, files, errors as exceptions.
// It leaves the Python face of trees to the _ast module.
#ifndef INTERP_FRONT_COMPILE_TREE_H
#define INTERP_FRONT_COMPILE_TREE_H

#include "interp/core/object.h"
#include "interp/front/ast.h"
#include "interp/vm/code.h"

/* Compile a tree of f (parsed, or built from Python objects). takes nothing; returns new code or NULL with an exception pending. */
struct code *compile_tree(struct thread *t, struct front *f, struct node *tree, vref filename, int optimize);
/* As compile_source, for the bytes of a file: honours a byte order mark and a coding cookie. flags: enum front_flag. */
struct code *compile_bytes(struct thread *t, const char *source, size_t n, const char *filename, const char *mode, int optimize, uint32_t flags);
/* Raise the front's error as Python exception; returns V_NULL. */
value compile_raise(struct thread *t, const struct front *f, const char *filename);
/* Obey the __future__ imports of a tree: sets flags of f. False: f->error. */
bool compile_futures(struct front *f, const struct node *tree);
/* The host's answers to the front's questions: identifiers, names of characters, warnings. Valid while t and filename are. */
struct front_hooks compile_hooks(struct thread *t, const char *filename);
/* compile()'s mode and flags as the front knows them. */
enum front_mode compile_mode(const char *mode);
uint32_t compile_flags(uint32_t flags, int optimize);
/* Dump a source as "tokens", "ast" or "bytecode". False: an exception is pending. */
bool compile_dump(struct thread *t, FILE *out, const char *what, const char *source, size_t n, const char *filename);

/* The _ast module: parse to a tree object; is this one; compile one; the module `_krait_ast` for lib/_ast.py. flags: enum front_flag. */
value ast_parse(struct thread *t, const char *source, size_t n, bool bytes, const char *filename, enum front_mode mode, uint32_t flags);
bool ast_is_tree(struct thread *t, vref o);
struct code *ast_compile(struct thread *t, vref o, vref filename, enum front_mode mode, int optimize, uint32_t flags);
/* Is a tree read from objects one that the compiler can take? False: a ValueError or TypeError that says why not. */
bool ast_validate(struct thread *t, const struct node *n);
value ast_nodes_make(struct thread *t);

#endif
