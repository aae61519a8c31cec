// SPDX-License-Identifier: Apache-2.0
// The hooks of sys: displayhook, excepthook, unraisablehook, breakpointhook, audit hooks, and how a program ends. Leaves printing tracebacks to types/exc_print.c.
#include "interp/modules/row.h"
#include "interp/modules/sys/sys.h"
#include "interp/types/names.h"
#include "interp/types/object_type.h"
#include "interp/types/words.h"

#include <stdlib.h>
#include <unistd.h>

bool sys_write_std(struct thread *t, const char *stream, const char *text, size_t n) {
    value file = dict_get_str(t, t->interp->sys_dict, stream), s = V_NULL, r = V_NULL;
    if (file && file != V_NONE && (s = str_decode(t, (const uint8_t *)text, n, "utf-8", "surrogateescape"))) r = object_call_method_cstr(t, file, "write", &s, 1);
    bool ok = r != V_NULL;
    release_opt(t, r);
    release_opt(t, s);
    release_opt(t, file);
    if (!ok && !raised(t)) ok = write(strcmp(stream, "stderr") == 0 ? 2 : 1, text, n) == (ssize_t)n;
    return ok;
}
static bool write_str(struct thread *t, const char *stream, vref s) { // a str with lone surrogates too
    value file = dict_get_str(t, t->interp->sys_dict, stream);
    if (!file || file == V_NONE) return release_opt(t, file), !raised(t);
    value r = object_call_method_cstr(t, file, "write", &s, 1);
    release(t, file);
    release_opt(t, r);
    return r != V_NULL;
}

// ---- how a program ends ----

int sys_exit_code(struct thread *t) {
    value e = raised_take(t), code = object_getattr_cstr(t, e, "code");
    int status = 0;
    int64_t i;
    if (!code) raised_clear(t);
    else if (is_int(code)) status = int_as_i64_overflow(code, &i) ? -1 : (int)(i & 0xff);
    else if (code != V_NONE) {
        value s = object_str(t, code);
        if (s && write_str(t, "stderr", s)) sys_write_std(t, "stderr", "\n", 1);
        raised_clear(t);
        release_opt(t, s);
        status = 1;
    }
    release_opt(t, code);
    release(t, e);
    return status;
}
static value y_exit(struct thread *t, const vref *a) { return raise_value(t, &exc_SystemExit, a[0] ? a[0] : V_NONE); }

// ---- displayhook ----

// What stdout's encoding cannot show goes out escaped.
static bool show_escaped(struct thread *t, vref file, vref text) {
    value encoding = object_getattr_cstr(t, file, "encoding");
    const char *name = encoding && is_str(encoding) ? str_utf8(t, encoding, NULL) : NULL;
    value bytes = name ? str_encode(t, text, name, "backslashreplace") : V_NULL;
    value plain = bytes ? str_decode(t, as_bytes(bytes)->data, as_bytes(bytes)->length, name, "strict") : V_NULL;
    value r = plain ? object_call_method_cstr(t, file, "write", &plain, 1) : V_NULL;
    release_opt(t, encoding);
    release_opt(t, bytes);
    release_opt(t, plain);
    release_opt(t, r);
    return r != V_NULL;
}
static value y_displayhook(struct thread *t, const vref *a) {
    if (a[0] == V_NONE) return V_NONE;
    vref underscore = str_intern_cstr(t, "_"), newline = str_intern_cstr(t, "\n");
    value file = V_NULL, text = V_NULL, r = V_NULL;
    if (!dict_set(t, t->interp->builtins, underscore, V_NONE)) return V_NULL;
    file = dict_get_str(t, t->interp->sys_dict, "stdout");
    if (!file || file == V_NONE) return release_opt(t, file), raised(t) ? V_NULL : raise(t, &exc_RuntimeError, "lost sys.stdout");
    text = object_repr(t, a[0]);
    bool ok = text && (r = object_call_method_cstr(t, file, "write", &text, 1));
    if (text && !ok && raised_is(t, &exc_UnicodeEncodeError)) {
        raised_clear(t);
        ok = show_escaped(t, file, text);
    }
    release_opt(t, r);
    r = ok ? object_call_method_cstr(t, file, "write", &newline, 1) : V_NULL;
    ok = r && dict_set(t, t->interp->builtins, underscore, a[0]);
    release_opt(t, r);
    release_opt(t, text);
    release(t, file);
    return ok ? V_NONE : V_NULL;
}

// ---- excepthook, unraisablehook ----

static value y_excepthook(struct thread *t, const vref *a) {
    if (!is_exc(a[1])) return raise(t, &exc_TypeError, "print_exception(): Exception expected for value, %T found", a[1]);
    value old = field_load(t, &as_exc(a[1])->traceback);
    bool given = a[2] != V_NONE && type_of(a[2]) == &type_traceback && (!old || !is_same(a[2], old));
    if (given) field_store(t, as_object(a[1]), &as_exc(a[1])->traceback, own(t, a[2]));
    exc_print(t, a[1]);
    if (given) field_store(t, as_object(a[1]), &as_exc(a[1])->traceback, old);
    else release_opt(t, old);
    return V_NONE;
}
static bool say_where(struct thread *t, vref args) {
    value message = object_getattr_cstr(t, args, "err_msg"), object = object_getattr_cstr(t, args, "object"), text = V_NULL;
    if (message && object && object != V_NONE) {
        value shown = object_repr(t, object);
        if (!shown) {
            raised_clear(t);
            shown = str_from_cstr(t, "<object repr() failed>");
        }
        if (shown && message != V_NONE) text = str_format(t, "%S: %U\n", message, shown);
        else if (shown) text = str_format(t, "Exception ignored in: %U\n", shown);
        release_opt(t, shown);
    } else if (message && object && message != V_NONE)
        text = str_format(t, "%S:\n", message);
    bool ok = !text || write_str(t, "stderr", text);
    release_opt(t, message);
    release_opt(t, object);
    release_opt(t, text);
    return ok && !raised(t);
}
static value y_unraisablehook(struct thread *t, const vref *a) {
    if (!say_where(t, a[0])) return V_NULL;
    value e = object_getattr_cstr(t, a[0], "exc_value");
    if (e && is_exc(e)) exc_print(t, e);
    release_opt(t, e);
    return raised(t) ? V_NULL : V_NONE;
}

// ---- breakpoint ----

static value unimportable(struct thread *t, const char *name) {
    raised_clear(t);
    return raise_warning(t, &exc_RuntimeWarning, 1, "Ignoring unimportable $PYTHONBREAKPOINT: \"%s\"", name) ? V_NONE : V_NULL;
}
static value y_breakpointhook(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    const char *name = sys_flags_of(t->interp)->ignore_environment ? NULL : getenv("PYTHONBREAKPOINT");
    if (!name || !*name) name = "pdb.set_trace";
    if (strcmp(name, "0") == 0) return V_NONE;
    const char *dot = strrchr(name, '.'), *attribute = dot ? dot + 1 : name;
    value module = dot ? str_from_utf8(t, name, (size_t)(dot - name)) : str_from_cstr(t, "builtins");
    value m = module ? import_cached(t, module) : V_NULL;
    release_opt(t, module);
    if (!m) return raised_is(t, &exc_ImportError) ? unimportable(t, name) : V_NULL;
    value f = object_getattr_cstr(t, m, attribute);
    release(t, m);
    if (!f) return raised_is(t, &exc_AttributeError) ? unimportable(t, name) : V_NULL;
    value r = object_call(t, f, args, nargs, kwnames);
    release(t, f);
    return r;
}

// ---- audit ----

bool sys_audit_slow(struct thread *t, const char *event, const vref *args, size_t n) {
    value hooks = own(t, t->interp->slots[SYS_AUDIT_HOOKS]), name = str_from_cstr(t, event), tuple = tuple_from_array(t, args, n), hook;
    bool ok = name && tuple;
    for (size_t k = 0; ok && (hook = list_get_or_null(t, hooks, k)); k++) {
        value r = object_call2(t, hook, name, tuple);
        ok = r != V_NULL;
        release_opt(t, r);
        release(t, hook);
    }
    release(t, hooks);
    release_opt(t, name);
    release_opt(t, tuple);
    return ok;
}
static value y_audit(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    if (nargs == 0) return raise(t, &exc_TypeError, "audit() missing 1 required positional argument: 'event'");
    if (!is_str(args[0])) return raise(t, &exc_TypeError, "expected str for argument 'event', not %T", args[0]);
    const char *event = str_utf8(t, args[0], NULL);
    return event && sys_audit(t, event, args + 1, nargs - 1) ? V_NONE : V_NULL;
}
static value y_addaudithook(struct thread *t, const vref *a) {
    if (!sys_audit(t, "sys.addaudithook", NULL, 0)) { // a hook may refuse others
        if (raised_is(t, &exc_RuntimeError)) return raised_clear(t), V_NONE;
        return V_NULL;
    }
    value *hooks = &t->interp->slots[SYS_AUDIT_HOOKS];
    if (!*hooks) *hooks = list_new(t, 1);
    return *hooks && list_append(t, *hooks, a[0]) ? V_NONE : V_NULL;
}

const struct native sys_hook_natives[] = {
    F("exit", "($module, status=None, /)", y_exit), F("displayhook", "($module, object, /)", y_displayhook),
    F("excepthook", "($module, exctype, value, traceback, /)", y_excepthook), F("unraisablehook", "($module, unraisable, /)", y_unraisablehook),
    {.name = "breakpointhook", .kind = NATIVE_FUNCTION, .sig = "($module, /, *args, **kws)", .raw = y_breakpointhook},
    {.name = "audit", .kind = NATIVE_FUNCTION, .sig = "($module, event, /, *args)", .raw = y_audit},
    F("addaudithook", "($module, /, hook)", y_addaudithook), {0},
};
