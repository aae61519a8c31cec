// SPDX-License-Identifier: Apache-2.0
// Binds raw arguments to parameter names, with CPython's messages. Leaves conversion to the callers.
#include "interp/types/args.h"
#include "interp/types/exc.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

// "f()", or "function" where the caller has no name to show.
static const char *shown(const struct args_spec *spec) { return spec->function ? spec->function : "function"; }
static const char *parentheses(const struct args_spec *spec) { return spec->function ? "()" : ""; }

static bool too_many(struct thread *t, const struct args_spec *spec, size_t given, bool keywords) {
    if (spec->positional_only == spec->max) {
        raise(t, &exc_TypeError, "%s expected at most %d argument%s, got %zu", spec->function, (int)spec->max, spec->max == 1 ? "" : "s", given);
        return false;
    }
    if (spec->max == 0) raise(t, &exc_TypeError, "%s() takes no %sarguments", spec->function, keywords ? "keyword " : "");
    else
        raise(t, &exc_TypeError, "%s%s takes at most %d %sargument%s (%zu given)", shown(spec), parentheses(spec), (int)spec->max,
              keywords && spec->positional_only == 0 ? "keyword " : "", spec->max == 1 ? "" : "s", given);
    return false;
}

void args_missing(struct thread *t, const struct args_spec *spec, unsigned i) {
    raise(t, &exc_TypeError, "%s%s missing required argument '%s' (pos %d)", shown(spec), parentheses(spec), spec->names[i], (int)i + 1);
}

bool args_bind(struct thread *t, const struct args_spec *spec, const vref *args, size_t nargs, vref kwnames, vref *out) {
    size_t nkw = kwnames ? tuple_size(kwnames) : 0;
    if (nkw && spec->positional_only == spec->max) {
        raise(t, &exc_TypeError, "%s() takes no keyword arguments", spec->function);
        return false;
    }
    if (nargs + nkw > spec->max) return too_many(t, spec, nargs + nkw, nargs == 0);
    for (size_t i = 0; i < spec->max; i++) out[i] = i < nargs ? args[i] : V_NULL;
    for (size_t k = 0; k < nkw; k++) {
        vref name = tuple_at(kwnames, k);
        unsigned i = spec->positional_only;
        while (i < spec->max && !str_equal_cstr(name, spec->names[i])) i++;
        if (i == spec->max) {
            raise(t, &exc_TypeError, "'%U' is an invalid keyword argument for %s%s", name, spec->function ? spec->function : "this function", parentheses(spec));
            return false;
        }
        if (out[i]) {
            raise(t, &exc_TypeError, "argument for %s%s given by name ('%U') and position (%d)", shown(spec), parentheses(spec), name, (int)i + 1);
            return false;
        }
        out[i] = args[nargs + k];
    }
    for (unsigned i = 0; i < spec->min; i++)
        if (!out[i]) {
            if (spec->positional_only == spec->max)
                raise(t, &exc_TypeError, "%s expected at least %d argument%s, got %zu", spec->function, (int)spec->min, spec->min == 1 ? "" : "s", nargs);
            else args_missing(t, spec, i);
            return false;
        }
    return true;
}
