// SPDX-License-Identifier: Apache-2.0
// Libraries that a module needs and most programs do not: opened when the module is first imported, not at every start. Leaves the lists of functions to the modules.
//
// Linked in the ordinary way, OpenSSL alone costs each start a millisecond and two megabytes. A module lists the functions it calls once (an X-list); from the list come a
// struct of pointers, with the types of the library's own headers, and the names to look for.
#ifndef KRAIT_INTERP_MODULES_FOREIGN_H
#define KRAIT_INTERP_MODULES_FOREIGN_H

#include "interp/core/lock.h"

// Opens the library and fills slots[0..n) with the functions of these names; once a process. false: ImportError says what is missing.
bool foreign_open(struct thread *t, struct once *once, const char *library, const char *const *names, size_t n, void **slots);

#endif
