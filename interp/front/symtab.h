// SPDX-License-Identifier: Apache-2.0
// Scopes: which variable a name means in each block, found before any code is made.
// It leaves registers and closure indexes to compile*.c and places ('return' outside a function) to compile_stmt.c.
//
// A scope is a module, class body, function, lambda or comprehension. symtab_walk.c enters every binding and use into the
// tables, in source order; then symtab_resolve gives each symbol a home:
//
//   bound here, in a function        LOCAL, or CELL when an inner scope uses it
//   bound here, in a class or module NAME (looked up in the namespace first)
//   not bound here                   FREE if an enclosing function binds it, else GLOBAL_IMPLICIT
//   declared global                  GLOBAL
//
// A class scope between a function and its user hands a variable on (`through`) without seeing it itself.
// `__class__` is bound by every class for its functions; a use of it, or of super, sets needs_class_cell.
#ifndef INTERP_FRONT_SYMTAB_H
#define INTERP_FRONT_SYMTAB_H

#include "ast.h"

enum scope_kind { SCOPE_MODULE, SCOPE_CLASS, SCOPE_FUNCTION, SCOPE_LAMBDA, SCOPE_COMPREHENSION };
enum symbol_home { HOME_NONE, HOME_LOCAL, HOME_CELL, HOME_FREE, HOME_GLOBAL, HOME_GLOBAL_IMPLICIT, HOME_NAME };
enum symbol_flag {
    SYM_GLOBAL = 1, SYM_NONLOCAL = 2, SYM_PARAM = 4, SYM_LOCAL = 8, SYM_USED = 16, SYM_ANNOTATED = 32, SYM_IMPORTED = 64,
    SYM_COMP_TARGET = 128,      // the loop variable of a comprehension
    SYM_DELETED = 256,
    SYM_DECLARED = 512,         // `x: int` without a value: local, but perhaps nothing more
    SYM_BOUND = SYM_PARAM | SYM_LOCAL | SYM_IMPORTED | SYM_DECLARED,
};

struct symbol {
    struct name *name;
    struct symbol *next;        // in order of appearance
    uint32_t flags;             // enum symbol_flag
    enum symbol_home home;
    bool through;               // class scope: an inner scope takes it from outside
    int32_t index;              // the compiler's: register or closure index, -1 before
    struct front_pos pos;       // of its global or nonlocal declaration
};

struct scope {
    enum scope_kind kind;
    struct node *node;          // FunctionDef, Lambda, ClassDef, a comprehension, or the module
    struct name *name;          // as in co_name
    struct name *private;       // the class whose private names are mangled here, or NULL
    struct scope *parent;
    struct scope *children, *last_child, *next; // scopes right inside this one, in the order of their walk
    struct symbol *first, *last;
    struct symbol **slots;      // by name
    uint32_t capacity, count;
    bool generator, coroutine, returns_value, has_walrus, needs_class_cell, nested, star_import, has_children;
};

struct scopes {
    struct front *f;
    struct scope *top;
    struct scope **slots;       // by node
    uint32_t capacity, count;
    uint32_t depth;
};

/* Build all scopes of the tree. False: f->error. */
bool symtab_build(struct front *f, struct node *tree, struct scopes *out);
struct scope *symtab_of(const struct scopes *s, const struct node *n);
/* The symbol of an (already mangled) name in this very scope, or NULL. */
struct symbol *symtab_find(const struct scope *s, const struct name *name);
/* `__x` inside class C becomes `_C__x`. NULL when memory is out. */
struct name *symtab_mangle(struct front *f, const struct name *class, struct name *name);
static inline bool symtab_is_function(const struct scope *s) { return s->kind >= SCOPE_FUNCTION; }

enum { SCOPE_MAX_DEPTH = 2990 };

/* ---- between symtab.c and symtab_walk.c ---- */
struct scope *symtab_enter(struct scopes *s, enum scope_kind kind, struct node *node, struct name *name, struct scope *parent);
struct symbol *symtab_add(struct scopes *s, struct scope *in, struct name *name, uint32_t flags, struct front_pos pos);
bool symtab_walk(struct scopes *s, struct node *tree);

#endif
