// SPDX-License-Identifier: Apache-2.0
// What the front asks of the interpreter: which characters make names, names of characters, NFKC, warnings.
// It leaves the answers to the Unicode tables and to the modules unicodedata and warnings, asked only when source needs them.
#include "compile_tree.h"

#include "interp/modules/modules.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/str.h"
#include "interp/types/str/unicode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int identifier(void *data, uint32_t c)
{
    (void)data;
    return (unicode_is(c, UNICODE_XID_CONTINUE) ? 1 : 0) | (unicode_is(c, UNICODE_XID_START) ? 3 : 0);
}

/* new: module.function(args); V_NULL with nothing pending if that cannot be had. */
static value ask(struct thread *t, const char *module, const char *function, const vref *args, size_t n)
{
    value name = str_intern_cstr(t, module), m = name ? import_dotted(t, name) : V_NULL;
    value r = m ? object_call_method_cstr(t, m, function, args, n) : V_NULL;
    release_opt(t, m);
    release_opt(t, name);
    if (!r)
        raised_clear(t);
    return r;
}

static int32_t unicode_name(void *data, const char *text, size_t len)
{
    struct thread *t = data;
    value name = str_from_utf8(t, text, len), c = name ? ask(t, "unicodedata", "lookup", &name, 1) : V_NULL;
    int32_t code = c && is_str(c) && as_str(c)->length == 1 ? (int32_t)str_at(as_str(c), 0) : -1;
    release_opt(t, c);
    release_opt(t, name);
    if (!name)
        raised_clear(t);
    return code;
}

static char *normalize(void *data, const char *text, size_t len, size_t *out)
{
    struct thread *t = data;
    char *copy = NULL;
    value args[2] = {str_intern_cstr(t, "NFKC"), str_from_utf8(t, text, len)};
    value normal = args[0] && args[1] ? ask(t, "unicodedata", "normalize", args, 2) : V_NULL;
    const char *s = normal && is_str(normal) ? str_utf8(t, normal, out) : NULL;
    if (s && (copy = malloc(*out + 1)))
        memcpy(copy, s, *out + 1);
    release_opt(t, normal);
    release_opt(t, args[0]);
    release_opt(t, args[1]);
    return copy;
}

/* What the pending exception says; clears it. */
static void tell(struct thread *t, char *why, size_t n)
{
    value exc = raised_take(t), text = exc ? object_str(t, exc) : V_NULL;
    const char *s = text ? str_utf8(t, text, NULL) : NULL;
    snprintf(why, n, "%s", s ? s : "cannot be decoded");
    release_opt(t, text);
    release_opt(t, exc);
    if (raised(t))
        raised_clear(t);
}

static char *decode(void *data, const char *encoding, size_t len, const char *bytes, size_t size, size_t *out, char *why, size_t n)
{
    struct thread *t = data;
    char name[64], *copy = NULL;
    snprintf(name, sizeof name, "%.*s", (int)len, encoding);
    value text = len < sizeof name ? str_decode(t, (const uint8_t *)bytes, size, name, "strict") : V_NULL;
    const char *s = text ? str_utf8(t, text, out) : NULL;
    if (s && (copy = malloc(*out + 1)))
        memcpy(copy, s, *out + 1);
    release_opt(t, text);
    if (raised_is(t, &exc_LookupError))
        raised_clear(t);
    else if (raised(t))
        tell(t, why, n);
    return copy;
}

/* A deprecation interests nobody unless the program has asked for warnings. */
static bool is_wanted(struct thread *t, enum front_warning kind)
{
    value m = dict_get_str(t, t->interp->modules, "warnings");
    release_opt(t, m);
    return m || kind == FRONT_SYNTAX_WARNING;
}

static bool warn(void *data, const char *filename, enum front_warning kind, const char *message, uint32_t line)
{
    struct thread *t = data;
    if (!is_wanted(t, kind))
        return true;
    value name = str_intern_cstr(t, "warnings"), m = name ? import_dotted(t, name) : V_NULL;
    release_opt(t, name);
    if (!m) {
        raised_clear(t);
        return true;
    }
    vref category = type_ref(kind == FRONT_SYNTAX_WARNING ? &exc_SyntaxWarning : &exc_DeprecationWarning);
    value args[4] = {str_from_cstr(t, message), category, str_from_cstr(t, filename), from_int62(line)};
    value r = args[0] && args[2] ? object_call_method_cstr(t, m, "warn_explicit", args, 4) : V_NULL;
    release_opt(t, args[0]);
    release_opt(t, args[2]);
    release_opt(t, r);
    release(t, m);
    if (!r && raised_is(t, as_type(category)))
        raised_clear(t);
    return r != V_NULL;
}

struct front_hooks compile_hooks(struct thread *t, const char *filename)
{
    return (struct front_hooks){.data = t, .filename = filename, .identifier = identifier, .unicode_name = unicode_name, .normalize = normalize, .decode = decode, .warn = warn};
}
