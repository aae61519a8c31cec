// SPDX-License-Identifier: Apache-2.0
// "Did you mean: …?" for names and attributes that were not found. Leaves printing it to exc_print.c.
#ifndef KRAIT_INTERP_TYPES_SUGGEST_H
#define KRAIT_INTERP_TYPES_SUGGEST_H

#include "interp/core/object.h"

// The name that a NameError or AttributeError probably meant. returns new str; V_NULL: none (an exception may be pending, to be cleared).
value suggest_for(struct thread *t, vref exc);

#endif
