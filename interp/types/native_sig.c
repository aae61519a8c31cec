// SPDX-License-Identifier: Apache-2.0
// Parses text signatures and binds arguments to them, with CPython's error texts. Leaves the function objects to native.c.
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/native.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

// ---- parsing ----

struct reader {
    const char *p;
    const char *name;
    size_t name_size;
    bool optional;
};

// Over a default value, up to the comma or parenthesis that ends the parameter.
static void skip_default(struct reader *r) {
    int depth = 0;
    char quote = 0;
    for (; *r->p; r->p++) {
        if (quote) {
            if (*r->p == '\\' && r->p[1]) r->p++;
            else if (*r->p == quote) quote = 0;
        } else if (*r->p == '\'' || *r->p == '"')
            quote = *r->p;
        else if (*r->p == '(' || *r->p == '[' || *r->p == '{')
            depth++;
        else if (depth && (*r->p == ')' || *r->p == ']' || *r->p == '}'))
            depth--;
        else if (!depth && (*r->p == ',' || *r->p == ')'))
            return;
    }
}

// The next parameter: "name", "*name", "**name", "*", "/". false: the end.
static bool next_param(struct reader *r) {
    while (*r->p == ' ' || *r->p == ',' || *r->p == '(' || *r->p == '$' || *r->p == '\n') r->p++;
    if (*r->p == ')' || !*r->p) return false;
    r->name = r->p;
    while (*r->p && !strchr(" ,)=:", *r->p)) r->p++;
    r->name_size = (size_t)(r->p - r->name);
    while (*r->p == ' ') r->p++;
    r->optional = *r->p == '=';
    skip_default(r);
    return true;
}

static bool add_word(struct thread *t, struct native_sig *s, const char *name, size_t n, bool optional) {
    value text = str_from_utf8(t, name, n);
    value interned = text ? str_intern_immortal(t, text) : V_NULL;
    if (!interned) return false;
    if (optional) s->optional |= 1u << s->params;
    s->names[s->params++] = interned;
    return true;
}

static bool read_params(struct thread *t, struct native_sig *s, struct reader *r) {
    bool keyword_only = false;
    while (next_param(r)) {
        const char *name = r->name;
        size_t n = r->name_size;
        if (n == 1 && *name == '/') {
            s->positional_only = s->positional;
            continue;
        }
        if (n == 1 && *name == '*') {
            keyword_only = true;
            continue;
        }
        bool star = *name == '*', stars = n > 1 && name[1] == '*';
        if (stars) s->varkw = (int8_t)s->params;
        else if (star) s->varargs = (int8_t)s->params;
        else if (!keyword_only) {
            s->positional++;
            if (!r->optional) s->required++;
        }
        size_t skip = star + (stars && star);
        if (!add_word(t, s, name + skip, n - skip, r->optional || star)) return false;
        keyword_only = keyword_only || star;
    }
    return true;
}

const struct native_sig *native_sig_parse(struct thread *t, const struct native *def) {
    bool has_self = def->kind == NATIVE_METHOD || def->kind == NATIVE_CLASS;
    struct native_sig *s = mem_calloc(t, sizeof *s + NATIVE_PARAMS_MAX * sizeof(value));
    if (!s) return NULL;
    s->varargs = s->varkw = -1;
    s->self = has_self;
    struct reader r = {.p = def->sig ? def->sig : has_self ? "($self, /)" : "()"};
    if (!has_self && def->sig && def->sig[0] == '(' && def->sig[1] == '$') next_param(&r); // $module
    if (!read_params(t, s, &r)) return NULL;
    if (has_self && s->positional_only == 0) s->positional_only = 1;
    s->plain = s->params == s->positional;
    return s;
}

// ---- error texts ----

static bool accepts_keywords(const struct native_sig *s) { return s->positional > s->positional_only || s->params > s->positional; }

static const char *plural(size_t n) { return n == 1 ? "" : "s"; }

// All parameters are positional-only and the number of arguments is wrong.
static bool wrong_count(struct thread *t, const struct native_object *f, const struct native_sig *s, size_t given) {
    size_t min = s->required - s->self, max = s->positional - s->self;
    if (max == 0 || (min == 1 && max == 1)) {
        value name = native_full_name(t, f);
        if (name && max == 0) raise(t, &exc_TypeError, "%U() takes no arguments (%zu given)", name, given);
        else if (name) raise(t, &exc_TypeError, "%U() takes exactly one argument (%zu given)", name, given);
        release_opt(t, name);
    } else {
        size_t n = given < min ? min : max;
        raise(t, &exc_TypeError, "%s expected %s%zu argument%s, got %zu", f->def->name, min == max ? "" : given < min ? "at least " : "at most ", n, plural(n), given);
    }
    return false;
}

static bool no_keywords(struct thread *t, const struct native_object *f) {
    value name = native_full_name(t, f);
    if (name) raise(t, &exc_TypeError, "%U() takes no keyword arguments", name);
    release_opt(t, name);
    return false;
}

static bool too_many(struct thread *t, const struct native_object *f, const struct native_sig *s, size_t given, size_t keywords) {
    size_t all = s->params - s->self - (s->varkw >= 0), max = s->positional - s->self, min = s->required - s->self;
    const char *name = f->def->name;
    if (max == 0) raise(t, &exc_TypeError, "%s() takes no positional arguments", name);
    else if (s->varkw < 0 && given + keywords > all) raise(t, &exc_TypeError, "%s() takes at most %zu argument%s (%zu given)", name, all, plural(all), given + keywords);
    else raise(t, &exc_TypeError, "%s() takes %s %zu positional argument%s (%zu given)", name, min < max ? "at most" : "exactly", max, plural(max), given);
    return false;
}

static bool missing(struct thread *t, const struct native_object *f, const struct native_sig *s, size_t word, size_t given) {
    size_t min = 0, max = s->positional - s->self;
    for (size_t i = s->self; i < s->positional_only; i++) min += !(s->optional >> i & 1);
    if (word < s->positional_only)
        raise(t, &exc_TypeError, "%s() takes %s %zu positional argument%s (%zu given)", f->def->name, min < max ? "at least" : "exactly", min, plural(min), given);
    else raise(t, &exc_TypeError, "%s() missing required argument '%U' (pos %zu)", f->def->name, s->names[word], word - s->self + 1);
    return false;
}

// ---- binding ----

static bool spread_positional(struct thread *t, const struct native_object *f, const struct native_sig *s, const vref *args, size_t nargs, size_t keywords,
                              vref *out, value *tuple) {
    size_t room = s->positional - s->self, take = nargs < room ? nargs : room;
    for (size_t i = 0; i < take; i++) out[s->self + i] = args[i];
    if (s->varargs >= 0) {
        *tuple = tuple_from_array(t, args + take, nargs - take);
        out[s->varargs] = *tuple;
        return *tuple != V_NULL;
    }
    return nargs <= room || too_many(t, f, s, nargs, keywords);
}

// Word of the parameter of that name that may be given by keyword, or -1.
static int keyword_word(const struct native_sig *s, vref name) {
    for (int i = s->positional_only; i < s->params; i++)
        if (i != s->varargs && i != s->varkw && str_equal(s->names[i], name)) return i;
    return -1;
}

static bool extra_keyword(struct thread *t, const struct native_object *f, const struct native_sig *s, vref name, vref v, vref *out, value *dict) {
    if (s->varkw < 0) return true; // told after what is missing
    if (!*dict) *dict = dict_new(t);
    out[s->varkw] = *dict;
    return *dict && dict_set(t, *dict, name, v);
}

static bool spread_keywords(struct thread *t, const struct native_object *f, const struct native_sig *s, const vref *values, vref kwnames, size_t nargs, vref *out,
                            value *dict, vref *unknown) {
    for (size_t i = 0; i < tuple_size(kwnames); i++) {
        vref name = tuple_at(kwnames, i);
        int word = keyword_word(s, name);
        if (word < 0) {
            if (s->varkw < 0 && !*unknown) *unknown = name;
            if (!extra_keyword(t, f, s, name, values[i], out, dict)) return false;
        } else if (out[word]) {
            if ((size_t)word < nargs + s->self) raise(t, &exc_TypeError, "argument for %s() given by name ('%U') and position (%zu)", f->def->name, name, (size_t)word - s->self + 1);
            else raise(t, &exc_TypeError, "%s() got multiple values for keyword argument '%U'", f->def->name, name);
            return false;
        } else
            out[word] = values[i];
    }
    return true;
}

bool native_bind(struct thread *t, const struct native_object *f, const struct native_sig *s, vref self, const vref *args, size_t nargs, vref kwnames, vref *out,
                 value *tuple, value *dict) {
    size_t keywords = kwnames ? tuple_size(kwnames) : 0;
    const vref *values = args + nargs;
    *tuple = *dict = V_NULL;
    memset(out, 0, s->params * sizeof(vref));
    if (s->self) {
        out[0] = self ? self : args[0];
        args += self ? 0 : 1;
        nargs -= self ? 0 : 1;
    }
    if (!accepts_keywords(s)) {
        if (keywords) return no_keywords(t, f);
        if (nargs + s->self < s->required || nargs + s->self > s->positional) return wrong_count(t, f, s, nargs);
    }
    vref unknown = V_NULL;
    if (!spread_positional(t, f, s, args, nargs, keywords, out, tuple)) return false;
    if (keywords && !spread_keywords(t, f, s, values, kwnames, nargs, out, dict, &unknown)) return false;
    for (size_t i = s->self; i < s->params; i++)
        if (!out[i] && !(s->optional >> i & 1)) return missing(t, f, s, i, nargs);
    if (unknown) raise(t, &exc_TypeError, "'%U' is an invalid keyword argument for %s()", unknown, f->def->name);
    return !unknown;
}
