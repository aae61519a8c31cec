// SPDX-License-Identifier: Apache-2.0
// The built-in error handlers as the functions that codecs.lookup_error gives. Leaves the treatment itself to codec_error.c and codec_registry.c.
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/str/codec.h"

#define HANDLERS(X) \
    X(strict, "strict_errors") X(ignore, "ignore_errors") X(replace, "replace_errors") X(xmlcharrefreplace, "xmlcharrefreplace_errors") \
    X(backslashreplace, "backslashreplace_errors") X(namereplace, "namereplace_errors") X(surrogatepass, "surrogatepass") X(surrogateescape, "surrogateescape")

#define X(n, py) static value handle_##n(struct thread *t, const vref *a) { return codec_handle(t, #n, a[0]); }
HANDLERS(X)
#undef X

static const struct {
    const char *name;
    struct native def;
} handlers[] = {
#define X(n, py) {#n, {.name = py, .kind = NATIVE_FUNCTION, .sig = "(exception, /)", .fn = handle_##n}},
    HANDLERS(X)
#undef X
};

value codec_builtin_handler(struct thread *t, const char *name) {
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++)
        if (strcmp(handlers[i].name, name) == 0) return native_function(t, &handlers[i].def, V_NULL);
    return V_NULL;
}
