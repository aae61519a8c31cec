// SPDX-License-Identifier: Apache-2.0
// The parts of the builtins module that stand in files of their own.
#ifndef KRAIT_INTERP_MODULES_BUILTINS_H
#define KRAIT_INTERP_MODULES_BUILTINS_H

#include "interp/modules/modules.h"

value builtins_build_class(struct thread *t, const vref *args, size_t nargs, vref kwnames); // build_class.c
value builtins_compile(struct thread *t, const vref *a);                                   // exec.c
value builtins_eval(struct thread *t, const vref *a);
value builtins_exec(struct thread *t, const vref *a);
value builtins_import(struct thread *t, const vref *a);
value builtins_aiter(struct thread *t, const vref *a);                                     // aiter.c
value builtins_anext(struct thread *t, const vref *a);
extern struct type type_anext;

#endif
