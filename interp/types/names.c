// SPDX-License-Identifier: Apache-2.0
// Interns the names of names.h at start. Leaves everything else to names.h.
#include "interp/types/names.h"
#include "interp/types/str.h"

value name_table[NAME_COUNT];

static const char *const texts[NAME_COUNT] = {
#define X(n) #n,
    NAMES(X)
#undef X
};

bool names_start(struct thread *t) {
    for (unsigned i = 0; i < NAME_COUNT; i++) {
        name_table[i] = str_intern_cstr(t, texts[i]);
        if (!name_table[i]) return false;
    }
    return true;
}
