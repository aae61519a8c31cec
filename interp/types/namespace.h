// SPDX-License-Identifier: Apache-2.0
// types.SimpleNamespace. Leaves attributes to attr.c: its instances keep them in a dict.
#ifndef KRAIT_INTERP_TYPES_NAMESPACE_H
#define KRAIT_INTERP_TYPES_NAMESPACE_H

#include "interp/core/object.h"

extern struct type type_namespace;
value namespace_new(struct thread *t, value dict); // takes dict, also on failure; returns new
#endif
