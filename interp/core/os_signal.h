// SPDX-License-Identifier: Apache-2.0
// The system's <signal.h> without its raise(), whose name the interpreter uses for exceptions. Leaves Python's signals to modules/signal.
#ifndef KRAIT_INTERP_CORE_OS_SIGNAL_H
#define KRAIT_INTERP_CORE_OS_SIGNAL_H

#define raise os_raise_unused
#include <signal.h>
#undef raise

#endif
