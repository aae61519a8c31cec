// SPDX-License-Identifier: Apache-2.0
// Values as bytes and back, for the importer. Leaves the format to marshal.c.
#ifndef KRAIT_INTERP_MODULES_IMPORT_MARSHAL_H
#define KRAIT_INTERP_MODULES_IMPORT_MARSHAL_H

#include "interp/types/func.h"

value marshal_dumps(struct thread *t, vref v, int version);                          // returns new bytes; ValueError
value marshal_loads(struct thread *t, const uint8_t *p, size_t n, size_t *used);     // returns new; ValueError, EOFError. used may be NULL
value marshal_make(struct thread *t);                                                // the module

#endif
