// SPDX-License-Identifier: Apache-2.0
// compile, eval, exec. Leaves compiling to front/compile.c, running to vm/call.c.
#include "interp/front/compile_tree.h"
#include "interp/modules/builtins.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/vm/frame.h"

// Source text of a str or bytes-like. false: exception; the text must not hold NUL.
static bool source_text(struct thread *t, vref v, const char *who, const char *kinds, value *keep, const char **text, size_t *n) {
    struct buffer_view view;
    *keep = V_NULL;
    if (is_str(v)) {
        if (!(*text = str_utf8(t, v, n))) return false;
        *keep = own(t, v);
    } else if (is_pointer(v) && has_flag(v, TYPE_BYTES)) {
        *text = (const char *)as_bytes(v)->data;
        *n = as_bytes(v)->length;
        *keep = own(t, v);
    } else if (buffer_check(v) && buffer_get(t, v, &view, false)) {
        *keep = bytes_new(t, view.data, view.length);
        buffer_release(t, &view);
        if (!*keep) return false;
        *text = (const char *)as_bytes(*keep)->data;
        *n = as_bytes(*keep)->length;
    } else {
        if (!raised(t)) raise(t, &exc_TypeError, "%s() arg 1 must be a %s object", who, kinds);
        return false;
    }
    if (memchr(*text, 0, *n)) {
        release_field(t, keep);
        raise(t, &exc_ValueError, "source code string cannot contain null bytes");
        return false;
    }
    return true;
}
static uint32_t inherited_flags(struct thread *t) { return t->frame ? frame_code(t->frame)->flags & CODE_FUTURE_ANNOTATIONS : 0; }

value builtins_compile(struct thread *t, const vref *a) {
    if (!is_str(a[2])) return raise(t, &exc_TypeError, "compile() argument 'mode' must be str, not %T", a[2]);
    const char *mode = str_utf8(t, a[2], NULL);
    if (!mode) return V_NULL;
    if (strcmp(mode, "exec") && strcmp(mode, "eval") && strcmp(mode, "single")) return raise(t, &exc_ValueError, "compile() mode must be 'exec', 'eval' or 'single'");
    int64_t flags = 0, optimize = -1;
    if ((a[3] && !int_as_i64(t, a[3], &flags)) || (a[5] && !int_as_i64(t, a[5], &optimize))) return V_NULL;
    if (optimize < -1 || optimize > 2) return raise(t, &exc_ValueError, "compile(): invalid optimize value");
    uint32_t inherit = a[4] && object_truth(t, a[4]) > 0 ? 0 : inherited_flags(t);
    value keep, name = is_str(a[1]) ? own(t, a[1]) : is_pointer(a[1]) && has_flag(a[1], TYPE_BYTES) ? str_decode(t, as_bytes(a[1])->data, as_bytes(a[1])->length, "utf-8", "surrogateescape") : object_str(t, a[1]);
    if (!name) return V_NULL;
    const char *text, *filename = str_utf8(t, name, NULL);
    size_t n;
    struct code *c = NULL;
    value tree = V_NULL;
    enum { ONLY_AST = 0x400 };
    int level = optimize < 0 ? 0 : (int)optimize;
    inherit |= (uint32_t)flags;
    if (filename && ast_is_tree(t, a[0])) {
        if (flags & ONLY_AST) tree = own(t, a[0]);
        else c = ast_compile(t, a[0], name, compile_mode(mode), level, compile_flags(inherit, level));
    } else if (filename && source_text(t, a[0], "compile", "string, bytes or AST", &keep, &text, &n)) {
        if (flags & ONLY_AST) tree = ast_parse(t, text, n, !is_str(a[0]), filename, compile_mode(mode), compile_flags(inherit, level));
        else c = (is_str(a[0]) ? compile_source : compile_bytes)(t, text, n, filename, mode, level, inherit);
        release(t, keep);
    }
    if (tree) {
        release(t, name);
        return tree;
    }
    release(t, name);
    return c ? borrowed_word(c) : V_NULL;
}

static bool namespaces(struct thread *t, const char *who, vref g, vref l, value *globals, value *locals) {
    *globals = *locals = V_NULL;
    if (g && g != V_NONE && !is_dict(g)) {
        raise(t, &exc_TypeError, "%s() globals must be a dict, not %T", who, g);
        return false;
    }
    bool given = g && g != V_NONE;
    *globals = given ? own(t, g) : frame_get_globals(t);
    if (!*globals) {
        if (!raised(t)) raise(t, &exc_SystemError, "globals and locals cannot be NULL");
        return false;
    }
    if (l && l != V_NONE) *locals = own(t, l);
    else *locals = given || !t->frame ? own(t, *globals) : frame_get_locals(t, t->frame);
    if (!*locals) return false;
    // The code needs its builtins by way of its globals.
    int has = dict_contains(t, *globals, str_intern_cstr(t, "__builtins__"));
    if (has < 0) return false;
    if (!has) {
        value b = dict_get_str(t, t->interp->modules, "builtins");
        if (!b || !dict_set_str(t, *globals, "__builtins__", b)) return release_opt(t, b), false;
        release(t, b);
    }
    return true;
}
// exec(code, closure=...): as many cells as the code has free variables.
static bool closure_fits(struct thread *t, const struct code *code, vref closure) {
    bool given = closure && closure != V_NONE;
    if (!code->nfree) {
        if (given) raise(t, &exc_TypeError, "cannot use a closure with this code object");
        return !given;
    }
    bool ok = given && has_shape(closure, SHAPE_TUPLE) && tuple_size(closure) == code->nfree;
    for (size_t i = 0; ok && i < code->nfree; i++) ok = has_shape(tuple_at(closure, i), SHAPE_CELLBOX);
    if (!ok) raise(t, &exc_TypeError, "code object requires a closure of exactly length %zu", (size_t)code->nfree);
    return ok;
}
static value run_closure(struct thread *t, struct code *code, vref globals, vref closure) {
    value f = func_new(t, code, globals, V_NULL);
    if (!f) return V_NULL;
    as_func(f)->closure = own(t, closure); // nobody else knows the function yet
    value r = vm_call_func(t, f, NULL, 0, V_NULL);
    release(t, f);
    return r;
}
static value run(struct thread *t, const vref *a, const char *who, const char *mode) {
    bool evaluates = mode[1] == 'v';
    value globals, locals, result = V_NULL;
    if (namespaces(t, who, a[1], a[2], &globals, &locals)) {
        if (has_shape(a[0], SHAPE_CODE)) {
            struct code *code = as_code(a[0]);
            if (evaluates && code->nfree) raise(t, &exc_TypeError, "code object passed to %s() may not contain free variables", who);
            else if (code->nfree ? closure_fits(t, code, a[3]) : evaluates || closure_fits(t, code, a[3]))
                result = code->nfree ? run_closure(t, code, globals, a[3]) : vm_exec(t, code, globals, locals);
        } else if (!evaluates && a[3] && a[3] != V_NONE)
            raise(t, &exc_TypeError, "closure can only be used when source is a code object");
        else {
            value keep;
            const char *text;
            size_t n;
            if (source_text(t, a[0], who, "string, bytes or code", &keep, &text, &n)) {
                if (evaluates)
                    while (n && (*text == ' ' || *text == '\t')) text++, n--;
                struct code *c = (is_str(a[0]) ? compile_source : compile_bytes)(t, text, n, "<string>", mode, 0, inherited_flags(t));
                release(t, keep);
                if (c) result = vm_exec(t, c, globals, locals);
            }
        }
    }
    release_opt(t, globals);
    release_opt(t, locals);
    return result;
}
value builtins_eval(struct thread *t, const vref *a) { return run(t, a, "eval", "eval"); }
value builtins_exec(struct thread *t, const vref *a) {
    value r = run(t, a, "exec", "exec");
    if (!r) return V_NULL;
    release(t, r);
    return V_NONE;
}
value builtins_import(struct thread *t, const vref *a) {
    if (!is_str(a[0])) return raise(t, &exc_TypeError, "module name must be a string, not %T", a[0]);
    int64_t level = 0;
    if (a[4] && !int_as_i64(t, a[4], &level)) return V_NULL;
    if (level < 0) return raise(t, &exc_ValueError, "level must be >= 0");
    return import_module(t, a[0], a[1] ? a[1] : V_NONE, a[3] ? a[3] : V_NONE, (int)level);
}
