// SPDX-License-Identifier: Apache-2.0
// __del__ as the core's hook wants it, and the report of an exception nobody can catch. Leaves the default report to sys.unraisablehook.
#ifndef KRAIT_INTERP_TYPES_FINALIZE_H
#define KRAIT_INTERP_TYPES_FINALIZE_H

#include "interp/core/object.h"

extern struct type type_hook_args; // sys.UnraisableHookArgs
// core_hooks.finalize
void type_finalize(struct thread *t, struct object *o);
// Hands the pending exception to sys.unraisablehook and clears it. object: what failed, or V_NULL; message: NULL means "Exception ignored in".
void raise_unraisable(struct thread *t, const char *message, vref object);

#endif
