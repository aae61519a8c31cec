// SPDX-License-Identifier: Apache-2.0
// The row that modules' tables are full of: a function, its signature, what runs. Leaves every other kind of row to be written out (struct native).
#ifndef KRAIT_INTERP_MODULES_ROW_H
#define KRAIT_INTERP_MODULES_ROW_H

#include "interp/types/func.h"

#define F(py, s, f) {.name = py, .kind = NATIVE_FUNCTION, .sig = s, .fn = f}

#endif
