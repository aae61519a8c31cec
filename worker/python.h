// SPDX-License-Identifier: Apache-2.0
// The interpreter's interface for exec.c and convert.c, the only two files that may see it, and what these two share. Both the
// interpreter and the SDK have a `struct slice`: here the interpreter's goes by another name.

#ifndef KRAIT_WORKER_PYTHON_H
#define KRAIT_WORKER_PYTHON_H

#include "sdk/wire/msg.h"
#include "sdk/wire/value.h"

#define slice py_slice
#include "interp/include/interp.h"
#undef slice

struct convert_why {
    char text[400];
};

// returns new: the Python value. V_NULL: exception pending.
value convert_to_python(struct thread *t, const struct wire_value *v);

// Into a tree in the arena, for value_encode. False: why says what cannot be sent and where; no exception is pending.
bool convert_to_wire(struct thread *t, struct arena *a, vref v, struct wire_value *out, struct convert_why *why);

#endif
