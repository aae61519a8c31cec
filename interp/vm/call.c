// SPDX-License-Identifier: Apache-2.0
// Calls that the loop does not enter by itself: binding of arguments to parameters, calls from C. Leaves native functions to native.c.
#include "interp/vm/vm.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

#include <stdio.h>

value *vm_window(struct thread *t) {
    value *R = t->frame;
    return R ? R + frame_code(R)->nregs : t->stack + 8;
}

// ---- what to say when arguments do not fit ----
static value missing(struct thread *t, struct func *f, value *R, unsigned from, unsigned to, const char *kind) {
    struct code *c = f->code;
    unsigned n = 0;
    for (unsigned k = from; k < to; k++) n += R[k] == V_UNBOUND;
    struct str_builder b;
    builder_init(&b, t);
    unsigned seen = 0;
    for (unsigned k = from; k < to; k++) {
        if (R[k] != V_UNBOUND) continue;
        if (seen) builder_cstr(&b, n == 2 ? " and " : seen + 1 == n ? ", and " : ", ");
        builder_repr(&b, tuple_at(c->varnames, k));
        seen++;
    }
    value names = builder_finish(&b);
    if (!names) return V_NULL;
    raise(t, &exc_TypeError, "%U() missing %d required %s argument%s: %U", f->qualname, (int)n, kind, n == 1 ? "" : "s", names);
    release(t, names);
    return V_NULL;
}
static value too_many(struct thread *t, struct func *f, const value *R, size_t given) {
    struct code *c = f->code;
    size_t defaults = f->defaults ? tuple_size(f->defaults) : 0;
    unsigned kwonly_given = 0;
    for (unsigned k = c->argcount; k < c->argcount + c->kwonly; k++) kwonly_given += R[k] != V_UNBOUND;
    char takes[64];
    if (defaults) snprintf(takes, sizeof takes, "from %d to %d", (int)(c->argcount - defaults), c->argcount);
    else snprintf(takes, sizeof takes, "%d", c->argcount);
    bool plural = defaults ? c->argcount != 1 : c->argcount != 1;
    if (kwonly_given)
        return raise(t, &exc_TypeError, "%U() takes %s positional argument%s but %d positional argument%s (and %d keyword-only argument%s) were given",
                     f->qualname, takes, plural ? "s" : "", (int)given, given == 1 ? "" : "s", (int)kwonly_given, kwonly_given == 1 ? "" : "s");
    return raise(t, &exc_TypeError, "%U() takes %s positional argument%s but %d %s given", f->qualname, takes, plural ? "s" : "", (int)given, given == 1 ? "was" : "were");
}

static int parameter_named(const struct code *c, vref name, unsigned from, unsigned to) {
    for (unsigned k = from; k < to; k++)
        if ((tuple_at(c->varnames, k) | 2) == (name | 2)) return (int)k;
    for (unsigned k = from; k < to; k++)
        if (str_equal(tuple_at(c->varnames, k), name)) return (int)k;
    return -1;
}
// Names given by keyword that are positional-only and have no **kw to go to.
static bool posonly_by_keyword(struct thread *t, struct func *f, vref kwnames) {
    struct code *c = f->code;
    struct str_builder b;
    builder_init(&b, t);
    unsigned n = 0;
    for (size_t k = 0; k < tuple_size(kwnames); k++) {
        if (parameter_named(c, tuple_at(kwnames, k), 0, c->posonly) < 0) continue;
        if (n++) builder_cstr(&b, ", ");
        builder_str(&b, tuple_at(kwnames, k));
    }
    value names = builder_finish(&b);
    if (names && n) raise(t, &exc_TypeError, "%U() got some positional-only arguments passed as keyword arguments: '%U'", f->qualname, names);
    release_opt(t, names);
    return n > 0 || !names;
}

static bool bind_keyword(struct thread *t, struct func *f, value *R, vref name, value v, vref kwnames, value kwdict) {
    struct code *c = f->code;
    int k = is_str(name) ? parameter_named(c, name, c->posonly, c->argcount + c->kwonly) : -1;
    if (!is_str(name)) {
        raise(t, &exc_TypeError, "%U() keywords must be strings", f->qualname);
    } else if (k >= 0) {
        if (R[k] == V_UNBOUND) {
            R[k] = v;
            return true;
        }
        raise(t, &exc_TypeError, "%U() got multiple values for argument '%U'", f->qualname, name);
    } else if (kwdict) {
        return dict_set_take(t, kwdict, name, is_counted(v) ? v : own(t, v));
    } else if (!posonly_by_keyword(t, f, kwnames) && !raised(t))
        raise(t, &exc_TypeError, "%U() got an unexpected keyword argument '%U'", f->qualname, name);
    release(t, v);
    return false;
}

static bool fill_defaults(struct thread *t, struct func *f, value *R, size_t npos) {
    struct code *c = f->code;
    size_t ndefaults = f->defaults ? tuple_size(f->defaults) : 0;
    bool lacking = false;
    for (unsigned k = (unsigned)npos; k < c->argcount; k++) {
        if (R[k] != V_UNBOUND) continue;
        if (k + ndefaults >= c->argcount) R[k] = own(t, tuple_at(f->defaults, k + ndefaults - c->argcount));
        else lacking = true;
    }
    if (lacking) {
        missing(t, f, R, 0, c->argcount, "positional");
        return false;
    }
    for (unsigned k = c->argcount; k < c->argcount + c->kwonly; k++) {
        if (R[k] != V_UNBOUND) continue;
        value v = f->kwdefaults ? dict_get(t, f->kwdefaults, tuple_at(c->varnames, k)) : V_NULL;
        if (v) R[k] = v;
        else if (raised(t)) return false;
        else lacking = true;
    }
    if (lacking) missing(t, f, R, c->argcount, c->argcount + c->kwonly, "keyword-only");
    return !lacking;
}

enum { BIND_ASIDE = 8 };

static void drop_words(struct thread *t, value *words, size_t n) {
    for (size_t k = 0; k < n; k++) {
        value w = words[k];
        words[k] = V_UNBOUND;
        release(t, w);
    }
}

// Positional arguments stand where they belong; keywords behind them. Nothing is left over for *args, nor is there a **kwargs.
static bool bind_in_place(struct thread *t, struct func *f, size_t n, size_t nkw, vref kwnames, value *R) {
    struct code *c = f->code;
    size_t npos = n - nkw, end = n > c->nclear ? n : c->nclear;
    value aside[BIND_ASIDE];
    for (size_t k = 0; k < nkw; k++) aside[k] = R[npos + k];
    for (size_t k = npos; k < end; k++) R[k] = V_UNBOUND;
    bool ok = true;
    size_t k = 0;
    for (; ok && k < nkw; k++) ok = bind_keyword(t, f, R, tuple_at(kwnames, k), aside[k], kwnames, V_NULL);
    if (ok) ok = fill_defaults(t, f, R, npos);
    if (likely(ok)) return true;
    drop_words(t, aside + k, nkw - k);
    drop_words(t, R, c->nclear);
    return false;
}

bool vm_bind(struct thread *t, struct func *f, value *src, size_t n, vref kwnames, value *R) {
    struct code *c = f->code;
    size_t nkw = kwnames ? tuple_size(kwnames) : 0, npos = n - nkw;
    if (src == R && npos <= c->argcount && nkw <= BIND_ASIDE && !(c->flags & (CODE_VARARGS | CODE_VARKEYWORDS))) return bind_in_place(t, f, n, nkw, kwnames, R);
    // Arguments may stand where the registers go: hold them aside.
    value few[16], *args = few;
    if (n > 16 && !(args = mem_alloc(t, n * sizeof *args))) {
        drop_words(t, src, n);
        return false;
    }
    for (size_t k = 0; k < n; k++) {
        args[k] = src[k];
        src[k] = V_UNBOUND;
    }
    for (unsigned k = 0; k < c->nclear; k++) R[k] = V_UNBOUND;
    // From here on args[k..] not yet placed are ours; R holds the rest. The frame is not linked yet: release() below may run Python above it only.
    size_t direct = npos < c->argcount ? npos : c->argcount, next = 0;
    bool ok = true;
    value kwdict = V_NULL;
    unsigned extra_at = c->argcount + c->kwonly;
    for (; next < direct; next++) R[next] = args[next];
    if (c->flags & CODE_VARARGS) {
        size_t m = npos - direct;
        value rest = tuple_from_array(t, args + next, m);
        if (rest) R[extra_at] = rest;
        else ok = false;
        drop_words(t, args + next, m);
        next += m;
        extra_at++;
    }
    if (c->flags & CODE_VARKEYWORDS) {
        kwdict = dict_new(t);
        if (kwdict) R[extra_at] = kwdict;
        else ok = false;
    }
    if (ok && nkw) {
        for (size_t k = 0; ok && k < nkw; k++) {
            value v = args[npos + k];
            args[npos + k] = V_UNBOUND;
            ok = bind_keyword(t, f, R, tuple_at(kwnames, k), v, kwnames, kwdict);
        }
    }
    if (ok && npos > c->argcount && !(c->flags & CODE_VARARGS)) {
        too_many(t, f, R, npos);
        ok = false;
    }
    if (ok) ok = fill_defaults(t, f, R, direct);
    drop_words(t, args + next, n - next);
    if (args != few) mem_free(t, args, n * sizeof *args);
    if (!ok) drop_words(t, R, c->nclear);
    return ok;
}

// The parameter that the key `name` of **kwargs goes to: -1 none, -2 not a str.
static int keyword_place(const struct code *c, vref name) { return is_str(name) ? parameter_named(c, name, c->posonly, c->argcount + c->kwonly) : -2; }

// Each word of kwargs to its register, or into `rest`. false: one does not fit, or an exception.
static bool spread_keywords(struct thread *t, const struct code *c, vref kwargs, value *R, value rest) {
    value key, v;
    for (size_t pos = 0; dict_next(t, kwargs, &pos, &key, &v);) {
        int k = keyword_place(c, key);
        bool fits = k >= 0 ? R[k] == V_UNBOUND : k == -1 && rest;
        if (fits && k >= 0) R[k] = v;
        else if (fits) fits = dict_set_take(t, rest, key, v);
        else release(t, v);
        release(t, key);
        if (!fits) return false;
    }
    return true;
}

// What is left of `tuple` behind its first `from` items: itself if that is all.
static value rest_of(struct thread *t, vref tuple, size_t from) {
    return from == 0 ? own(t, tuple) : tuple_from_array(t, as_tuple(tuple)->at + from, tuple_size(tuple) - from);
}

// The dict for a function that takes all keywords in **kwargs: kwargs itself if only the caller's register holds it. V_NULL: exception, or keys that are not str.
static value keywords_whole(struct thread *t, vref kwargs) {
    const struct object *o = as_object(kwargs);
    value key, v;
    for (size_t pos = 0; dict_next(t, kwargs, &pos, &key, &v);) {
        bool fits = is_str(key);
        release(t, key);
        release(t, v);
        if (!fits) return V_NULL;
    }
    bool ours = is_counted(kwargs) && is_mine(t, o) && o->local == 1 && atomic_load_explicit(&o->shared, memory_order_relaxed) == 0;
    return ours ? own(t, kwargs) : dict_copy(t, kwargs);
}

bool vm_spread(struct thread *t, struct func *f, vref self, vref tuple, vref kwargs, value *R) {
    struct code *c = f->code;
    size_t first = self ? 1 : 0, npos = first + tuple_size(tuple), direct = npos < c->argcount ? npos : c->argcount;
    bool none_by_name = c->argcount == c->posonly && c->kwonly == 0; // every keyword goes to **kwargs
    unsigned extra_at = c->argcount + c->kwonly;
    value rest = V_NULL;
    if (first > c->argcount || (npos > direct && !(c->flags & CODE_VARARGS))) return false;
    for (unsigned k = 0; k < c->nclear; k++) R[k] = V_UNBOUND;
    if (self) R[0] = own(t, self);
    for (size_t k = first; k < direct; k++) R[k] = own(t, tuple_at(tuple, k - first));
    bool ok = true;
    if (c->flags & CODE_VARARGS) {
        value more = rest_of(t, tuple, direct - first);
        ok = more != V_NULL;
        if (ok) R[extra_at++] = more;
    }
    if (ok && c->flags & CODE_VARKEYWORDS) {
        rest = kwargs && none_by_name ? keywords_whole(t, kwargs) : dict_new(t);
        ok = rest != V_NULL;
        if (ok) R[extra_at] = rest;
    }
    if (ok && kwargs && !(rest && none_by_name)) ok = spread_keywords(t, c, kwargs, R, rest);
    if (ok) ok = fill_defaults(t, f, R, direct);
    if (!ok) drop_words(t, R, c->nclear);
    return ok;
}

value vm_call_func(struct thread *t, vref func, const vref *args, size_t nargs, vref kwnames) {
    struct func *f = as_func(func);
    struct code *c = f->code;
    size_t n = nargs + (kwnames ? tuple_size(kwnames) : 0);
    value *back = t->frame, *base = vm_window(t), *R = base + FRAME_HEADER + 2;
    if (unlikely((uintptr_t)(R + c->nregs + n) > atomic_load_explicit(&t->limit, memory_order_relaxed)) && !thread_limit_hit(t, R + c->nregs + n)) return V_NULL;
    if (unlikely((char *)__builtin_frame_address(0) < t->c_stack_low)) return raise(t, &exc_RecursionError, "maximum recursion depth exceeded");
    R[-4] = own(t, func);
    if (likely(!kwnames && c->simple_args == nargs)) {
        for (size_t k = 0; k < nargs; k++) R[k] = borrow(args[k]);
        for (size_t k = nargs; k < c->nclear; k++) R[k] = V_UNBOUND;
    } else {
        for (size_t k = 0; k < n; k++) R[k] = borrow(args[k]);
        if (!vm_bind(t, f, R, n, kwnames, R)) {
            value fw = R[-4];
            R[-4] = V_UNBOUND;
            release(t, fw);
            return V_NULL;
        }
    }
    R[-3] = frame_pc_word(c->ops);
    R[-2] = frame_code_word(c, FRAME_ENTRY);
    R[-1] = frame_back_word(back);
    return vm_run(t, R, false);
}

value vm_exec(struct thread *t, struct code *code, vref globals, vref ns) {
    value f = func_new(t, code, globals, V_NULL);
    if (!f) return V_NULL;
    value r;
    if (as_func(f)->code->flags & CODE_NAMESPACE) {
        // R[0] is the namespace: the code takes it as its one argument.
        r = vm_call_func(t, f, &ns, 1, V_NULL);
    } else
        r = vm_call_func(t, f, NULL, 0, V_NULL);
    release(t, f);
    return r;
}
