// SPDX-License-Identifier: Apache-2.0
// The types of _operator. Leaves the functions to operator.c.
#ifndef KRAIT_INTERP_MODULES_OPERATOR_H
#define KRAIT_INTERP_MODULES_OPERATOR_H

#include "interp/types/sequence.h"

extern struct type operator_itemgetter, operator_attrgetter, operator_methodcaller;

#endif
