// SPDX-License-Identifier: Apache-2.0
// Which modules are built in, and which frozen. Leaves making them to their files, the frozen sources to interp/lib.
#include "interp/modules/modules.h"
#include "interp/lib/threading.inc"

const struct module_row modules_table[] = {
    {"_thread", thread_module_make}, {"gc", gc_make}, {"math", math_make}, {"time", time_make}, {"_weakref", weakref_make}, {0},
};
const struct frozen_row frozen_table[] = {
    {"threading", (const char *)lib_threading, false}, {0},
};
