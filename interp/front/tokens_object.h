// SPDX-License-Identifier: Apache-2.0
// The maker of the module _tokenize.
// It leaves everything else to tokens_object.c.
#ifndef INTERP_FRONT_TOKENS_OBJECT_H
#define INTERP_FRONT_TOKENS_OBJECT_H

#include "interp/core/object.h"

value tokenize_make(struct thread *t); // returns new module

#endif
