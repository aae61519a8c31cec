// SPDX-License-Identifier: Apache-2.0
// <signal.h> and <sys/wait.h> for files that have included object.h, whose raise() is another. Leaves Python's signals to modules/signal.
#ifndef KRAIT_INTERP_CORE_OS_SIGNAL_H
#define KRAIT_INTERP_CORE_OS_SIGNAL_H

#pragma push_macro("raise")
#undef raise
#define raise os_raise
#include <signal.h>
#include <sys/wait.h>
#pragma pop_macro("raise")

#endif
