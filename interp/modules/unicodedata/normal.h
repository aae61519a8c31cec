// SPDX-License-Identifier: Apache-2.0
// Normal forms of str. Leaves names of forms to module.c.
#ifndef KRAIT_INTERP_MODULES_UNICODEDATA_NORMAL_H
#define KRAIT_INTERP_MODULES_UNICODEDATA_NORMAL_H

#include "interp/types/str/text.h"

value normal_form(struct thread *t, vref text, bool compat, bool composed, bool old); // returns new str

#endif
