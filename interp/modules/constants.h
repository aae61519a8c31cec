// SPDX-License-Identifier: Apache-2.0
// Numbers of the system that a module shows under their C names. Leaves which to each module's table.
#ifndef KRAIT_INTERP_MODULES_CONSTANTS_H
#define KRAIT_INTERP_MODULES_CONSTANTS_H

#include "interp/types/func.h"

struct constant {
    const char *name;
    int64_t v;
};
// Sets each row as an attribute of the module. false: MemoryError.
bool constants_add(struct thread *t, vref module, const struct constant *rows, size_t n) MUST_CHECK;
// A dict of them. returns new.
value constants_dict(struct thread *t, const struct constant *rows, size_t n);

#endif
