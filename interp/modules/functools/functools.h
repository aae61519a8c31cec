// SPDX-License-Identifier: Apache-2.0
// The types of _functools. Leaves wraps, singledispatch, cached_property and the rest to the library.
#ifndef KRAIT_INTERP_MODULES_FUNCTOOLS_H
#define KRAIT_INTERP_MODULES_FUNCTOOLS_H

#include "interp/types/args.h"
#include "interp/types/dict.h"
#include "interp/types/func.h"
#include "interp/types/iter.h"
#include "interp/types/num.h"
#include "interp/types/sequence.h"

extern struct type functools_partial, functools_key, functools_lru_wrapper, functools_lru_link;
value functools_cmp_to_key(struct thread *t, const vref *a); // key.c
bool functools_lru_start(struct thread *t);                  // lru.c: readies its types

#endif
