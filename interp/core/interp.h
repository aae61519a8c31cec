// SPDX-License-Identifier: Apache-2.0
// Starting and ending an interpreter core: its lock or its owners, collector, first thread. Leaves types, builtins and modules to who calls it.
#ifndef KRAIT_INTERP_CORE_INTERP_H
#define KRAIT_INTERP_CORE_INTERP_H

#include "interp/core/object.h"

// returns new interpreter in that mode; the calling OS thread is attached to it (thread_current). NULL: out of memory or owner ids.
struct interp *interp_new(bool free_threaded);
// Called attached, by the last thread: drops the roots, collects until nothing comes free, ends the thread, frees everything.
void interp_free(struct thread *t);

#endif
