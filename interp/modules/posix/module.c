// SPDX-License-Identifier: Apache-2.0
// posix: the module itself, out of the tables of the files beside this one. Leaves every call to them; `os` is the library's.
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"
#include "interp/types/dict.h"

static bool add_setting(struct thread *t, vref d, const char *s) {
    const char *eq = strchr(s, '=');
    if (!eq) return true;
    value k = bytes_new(t, s, (size_t)(eq - s)), v = bytes_new(t, eq + 1, strlen(eq + 1));
    bool ok = k && v;
    int there = ok ? dict_contains(t, d, k) : -1; // of two the first counts
    if (there == 0) ok = dict_set(t, d, k, v);
    release_opt(t, k);
    release_opt(t, v);
    return ok && there >= 0;
}
static value environment(struct thread *t) {
    value d = dict_new(t);
    for (char **s = environ; d && s && *s; s++)
        if (!add_setting(t, d, *s)) release_field(t, &d);
    return d;
}
static bool add_types(struct thread *t, vref m) {
    struct structseq *const types[] = {&stat_result, &statvfs_result, &terminal_size, &times_result, &uname_result, &waitid_result, &sched_param};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct type *c = structseq_type(t, types[i]);
        if (!c || !module_set(t, m, c->name, type_ref(c))) return false;
    }
    return dir_ready(t) && module_set(t, m, "DirEntry", type_ref(&type_dir_entry)) && module_set(t, m, "error", type_ref(&exc_OSError));
}
value posix_make(struct thread *t) {
    static const struct native *const tables[] = {
#define X(n) posix_##n##_natives,
        POSIX_TABLES(X)
#undef X
    };
    value m = module_from_natives(t, "posix", "The calls of the operating system. Use the os module instead.", NULL, 0);
    bool ok = m != V_NULL;
    for (size_t i = 0; ok && i < sizeof tables / sizeof *tables; i++) {
        size_t n = 0;
        while (tables[i][n].name) n++;
        ok = module_add_natives(t, m, tables[i], n);
    }
    ok = ok && add_types(t, m) && posix_add_constants(t, m) && conf_add(t, m) && module_set(t, m, "environ", environment(t));
    if (!ok && m) release_field(t, &m);
    return m;
}
