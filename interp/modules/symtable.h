// SPDX-License-Identifier: Apache-2.0
// The numbers that the module _symtable and the front agree on. Leaves their use to front/symtab_object.c.
//
// A symbol is one int: what the text does with the name (DEF_ and USE bits), and from bit SCOPE_OFF on what it means there (LOCAL to CELL).
#ifndef KRAIT_INTERP_MODULES_SYMTABLE_H
#define KRAIT_INTERP_MODULES_SYMTABLE_H

#include "interp/core/object.h"

enum { BLOCK_FUNCTION, BLOCK_CLASS, BLOCK_MODULE };
enum {
    DEF_GLOBAL = 1, DEF_LOCAL = 2, DEF_PARAM = 4, DEF_NONLOCAL = 8, USE = 16, DEF_FREE = 32, DEF_FREE_CLASS = 64, DEF_IMPORT = 128, DEF_ANNOT = 256,
    DEF_COMP_ITER = 512, DEF_BOUND = DEF_LOCAL | DEF_PARAM | DEF_IMPORT, SCOPE_OFF = 11, SCOPE_MASK = 15,
};
enum { LOCAL = 1, GLOBAL_EXPLICIT, GLOBAL_IMPLICIT, FREE, CELL };

// returns new entry of the whole text (str or bytes-like), with its children; SyntaxError.
value symtable_entries(struct thread *t, vref source, const char *filename, const char *mode);

#endif
