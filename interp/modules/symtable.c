// SPDX-License-Identifier: Apache-2.0
// The module _symtable. Leaves the tables to front/symtab_object.c.
#include "interp/modules/symtable.h"
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"

static value f_symtable(struct thread *t, const vref *a) {
    struct path p = {.function = "symtable", .name = "filename", .object = V_NULL};
    const char *mode = is_str(a[2]) ? str_utf8(t, a[2], NULL) : NULL;
    value v = V_NULL;
    if (!is_str(a[0]) && !buffer_check(a[0])) return raise(t, &exc_TypeError, "symtable() arg 1 must be a string or bytes object");
    if (!mode) return raised(t) ? V_NULL : raise(t, &exc_TypeError, "symtable() argument 3 must be str, not %T", a[2]);
    if (strcmp(mode, "exec") && strcmp(mode, "eval") && strcmp(mode, "single")) return raise(t, &exc_ValueError, "symtable() arg 3 must be 'exec' or 'eval' or 'single'");
    value name = buffer_check(a[1]) ? own(t, a[1]) : posix_fspath(t, a[1]);
    if (name && path_get(t, &p, name)) v = symtable_entries(t, a[0], p.p, mode);
    release_opt(t, name);
    path_drop(t, &p);
    return v;
}

static const struct native functions[] = {
    {.name = "symtable", .kind = NATIVE_FUNCTION, .sig = "($module, source, filename, startstr, /)", .fn = f_symtable,
     .doc = "The scopes and names of a source text, as the compiler sees them."},
};
#define S(n) {#n, n}
static const struct constant rows[] = {
    S(CELL), S(DEF_ANNOT), S(DEF_BOUND), S(DEF_FREE), S(DEF_FREE_CLASS), S(DEF_GLOBAL), S(DEF_IMPORT), S(DEF_LOCAL), S(DEF_NONLOCAL), S(DEF_PARAM), S(FREE), S(GLOBAL_EXPLICIT),
    S(GLOBAL_IMPLICIT), S(LOCAL), S(SCOPE_MASK), S(SCOPE_OFF), {"TYPE_CLASS", BLOCK_CLASS}, {"TYPE_FUNCTION", BLOCK_FUNCTION}, {"TYPE_MODULE", BLOCK_MODULE}, S(USE),
};
value symtable_make(struct thread *t) {
    value m = module_from_natives(t, "_symtable", "Symbol tables of the compiler.", functions, sizeof functions / sizeof *functions);
    return m && constants_add(t, m, rows, sizeof rows / sizeof *rows) ? m : V_NULL;
}
