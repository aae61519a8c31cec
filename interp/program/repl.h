// SPDX-License-Identifier: Apache-2.0
// The interactive loop. Leaves what a statement does to the interpreter.
#ifndef KRAIT_INTERP_PROGRAM_REPL_H
#define KRAIT_INTERP_PROGRAM_REPL_H

#include "interp/include/interp.h"

// Reads statements from standard input until its end, runs each in __main__. returns the exit status: 0, or SystemExit's.
int repl_run(struct thread *t, bool banner);

#endif
