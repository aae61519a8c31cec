// SPDX-License-Identifier: Apache-2.0
// The module array: arrays of one C type. Leaves the objects to array.c.
#ifndef KRAIT_INTERP_MODULES_ARRAY_H
#define KRAIT_INTERP_MODULES_ARRAY_H

#include "interp/core/object.h"

value array_make(struct thread *t); // returns new module

#endif
