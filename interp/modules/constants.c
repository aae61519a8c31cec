// SPDX-License-Identifier: Apache-2.0
// Tables of numbers into modules and dicts. Leaves the tables to the modules.
#include "interp/modules/constants.h"
#include "interp/types/dict.h"
#include "interp/types/num.h"

bool constants_add(struct thread *t, vref module, const struct constant *rows, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!module_set(t, module, rows[i].name, int_from_i64(t, rows[i].v))) return false;
    return true;
}

value constants_dict(struct thread *t, const struct constant *rows, size_t n) {
    value d = dict_new_sized(t, n);
    for (size_t i = 0; d && i < n; i++) {
        value v = int_from_i64(t, rows[i].v);
        if (!v || !dict_set_str(t, d, rows[i].name, v)) release_field(t, &d);
        release_opt(t, v);
    }
    return d;
}
