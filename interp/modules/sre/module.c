// SPDX-License-Identifier: Apache-2.0
// The module _sre: constants for the library's compiler, case of characters, compile. Leaves everything else to the types.
#include "interp/modules/modules.h"
#include "interp/modules/sre/sre.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/str/unicode.h"

static bool character(struct thread *t, vref v, uint32_t *c) {
    int64_t i;
    if (!object_as_index(t, v, &i)) return false;
    *c = (uint32_t)i;
    return true;
}
static value ascii_iscased(struct thread *t, const vref *a) {
    uint32_t c;
    return character(t, a[0], &c) ? from_bool((c | 32) - 'a' < 26) : V_NULL;
}
static value unicode_iscased(struct thread *t, const vref *a) {
    uint32_t c;
    return character(t, a[0], &c) ? from_bool(fold_char(FOLD_UNICODE, c) != c || unfold_unicode(c) != c) : V_NULL;
}
static value ascii_tolower(struct thread *t, const vref *a) {
    uint32_t c;
    return character(t, a[0], &c) ? from_int62(fold_char(FOLD_ASCII, c)) : V_NULL;
}
static value unicode_tolower(struct thread *t, const vref *a) {
    uint32_t c;
    return character(t, a[0], &c) ? from_int62(fold_char(FOLD_UNICODE, c)) : V_NULL;
}
static value codesize(struct thread *t, const vref *a) { return (void)t, (void)a, from_int62(4); }

static const struct native functions[] = {
    {"compile", NATIVE_FUNCTION, "($module, /, pattern, flags, code, groups, groupindex,\n        indexgroup)", .fn = pattern_make},
    {"ascii_iscased", NATIVE_FUNCTION, "($module, character, /)", .fn = ascii_iscased},
    {"unicode_iscased", NATIVE_FUNCTION, "($module, character, /)", .fn = unicode_iscased},
    {"ascii_tolower", NATIVE_FUNCTION, "($module, character, /)", .fn = ascii_tolower},
    {"unicode_tolower", NATIVE_FUNCTION, "($module, character, /)", .fn = unicode_tolower},
    {"getcodesize", NATIVE_FUNCTION, "($module, /)", .fn = codesize},
};

static bool ready(struct thread *t) {
    return (type_sre_pattern.root_shape || type_ready(t, &type_sre_pattern)) && (type_sre_match.root_shape || type_ready(t, &type_sre_match)) && scanner_ready(t);
}

value sre_make(struct thread *t) {
    if (!ready(t)) return V_NULL;
    value m = module_from_natives(t, "_sre", NULL, functions, sizeof functions / sizeof *functions);
    if (!m) return V_NULL;
    bool ok = module_set(t, m, "MAGIC", from_int62(SRE_MAGIC)) && module_set(t, m, "CODESIZE", from_int62(4)) &&
              module_set(t, m, "MAXREPEAT", from_int62(SRE_MAXREPEAT)) && module_set(t, m, "MAXGROUPS", from_int62(INT32_MAX / 2)) &&
              module_set(t, m, "copyright", str_from_cstr(t, "Krait's own matcher"));
    return ok ? m : V_NULL;
}
