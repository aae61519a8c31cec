// SPDX-License-Identifier: Apache-2.0
// Warnings raised by C code: hands them to the library's warnings module. Leaves filters and printing to it.
#include <stdarg.h>

#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/num.h"
#include "interp/types/object_type.h"
#include "interp/types/str.h"

bool raise_warning(struct thread *t, struct type *category, int stack_level, const char *format, ...) {
    if (!t->interp->modules) return true; // still starting
    va_list ap;
    va_start(ap, format);
    value text = str_format_va(t, format, ap);
    va_end(ap);
    value name = str_intern_cstr(t, "warnings");
    value module = text && name ? import_cached(t, name) : V_NULL;
    value f = module ? object_getattr_cstr(t, module, "warn") : V_NULL;
    vref args[3] = {text, type_ref(category), from_int62(stack_level)};
    value r = f ? object_call(t, f, args, 3, V_NULL) : V_NULL;
    release_opt(t, text);
    release_opt(t, module);
    release_opt(t, f);
    release_opt(t, r);
    return r != V_NULL;
}
