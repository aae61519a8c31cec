// SPDX-License-Identifier: Apache-2.0
// The sys module. Leaves what its numbers mean to the parts they describe (gil.h, thread.h, frame.h).
#include "interp/core/gil.h"
#include "interp/modules/modules.h"
#include "interp/modules/stream.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/types/structseq.h"
#include "interp/vm/frame.h"

#include <float.h>
#include <stdio.h>
#include <unistd.h>

static value y_getrefcount(struct thread *t, const vref *a) {
    // One more, as CPython counts the argument itself.
    return is_pointer(a[0]) ? int_from_u64(t, ref_total(as_object(a[0])) + 1) : from_int62(1 << 30);
}
static value y_getswitchinterval(struct thread *t, const vref *a) { return (void)a, float_new(t, t->interp->switch_interval); }
static value y_setswitchinterval(struct thread *t, const vref *a) {
    double d;
    if (!float_as_double(t, a[0], &d)) return V_NULL;
    if (!(d > 0)) return raise(t, &exc_ValueError, "switch interval must be strictly positive");
    t->interp->switch_interval = d;
    return V_NONE;
}
static value y_getrecursionlimit(struct thread *t, const vref *a) { return (void)a, int_from_i64(t, t->depth_limit); }
static value y_setrecursionlimit(struct thread *t, const vref *a) {
    int64_t n;
    if (!int_as_i64(t, a[0], &n)) return V_NULL;
    if (n < 1) return raise(t, &exc_ValueError, "recursion limit must be greater or equal than 1");
    if (n > INT32_MAX) return raise(t, &exc_OverflowError, "Python int too large to convert to C int");
    t->depth_limit = (int32_t)n;
    return V_NONE;
}
static value y_get_int_max_str_digits(struct thread *t, const vref *a) { return (void)t, (void)a, from_int62(int_max_str_digits()); }
static value y_set_int_max_str_digits(struct thread *t, const vref *a) {
    int64_t n;
    value i = object_index(t, a[0]);
    if (!i) return V_NULL;
    bool ok = int_as_i64(t, i, &n);
    release(t, i);
    if (!ok) return V_NULL;
    if (n < 0 || n > INT32_MAX || !int_set_max_str_digits((int)n)) return raise(t, &exc_ValueError, "maxdigits must be 0 or larger than 640");
    return V_NONE;
}
static value y_is_gil_enabled(struct thread *t, const vref *a) { return (void)a, from_bool(!t->interp->free_threaded); }
static value y_intern(struct thread *t, const vref *a) {
    if (!has_shape(a[0], SHAPE_STR)) return raise(t, &exc_TypeError, is_str(a[0]) ? "can't intern %T" : "intern() argument must be str, not %T", a[0]);
    return str_intern(t, own(t, a[0]));
}
static value y_getframe(struct thread *t, const vref *a) {
    int64_t depth = 0;
    if (a[0] && !int_as_i64(t, a[0], &depth)) return V_NULL;
    return frame_current(t, depth < 0 ? 0 : depth > INT32_MAX ? INT32_MAX : (int)depth);
}
static vref handled_now(const struct thread *t) {
    for (const struct handled *h = t->handled; h; h = h->outer)
        if (h->exc && h->exc != V_NONE && h->exc != V_UNBOUND) return h->exc;
    return V_NULL;
}
static value y_exc_info(struct thread *t, const vref *a) {
    (void)a;
    vref e = handled_now(t);
    if (!e) return tuple_pack(t, 3, V_NONE, V_NONE, V_NONE);
    return tuple_pack(t, 3, type_ref(type_of(e)), e, as_exc(e)->traceback ? as_exc(e)->traceback : V_NONE);
}
static value y_exception(struct thread *t, const vref *a) {
    (void)a;
    vref e = handled_now(t);
    return e ? own(t, e) : V_NONE;
}
static value y_exit(struct thread *t, const vref *a) { return raise_value(t, &exc_SystemExit, a[0] ? a[0] : V_NONE); }
static value y_displayhook(struct thread *t, const vref *a) {
    if (a[0] == V_NONE) return V_NONE;
    value text = object_repr(t, a[0]);
    if (!text) return V_NULL;
    size_t n;
    const char *s = str_utf8(t, text, &n);
    bool ok = s && sys_write_std(t, "stdout", s, n) && sys_write_std(t, "stdout", "\n", 1);
    release(t, text);
    value b = ok ? dict_get_str(t, t->interp->modules, "builtins") : V_NULL;
    if (b) ok = dict_set_str(t, as_module(b)->dict, "_", a[0]);
    release_opt(t, b);
    return ok ? V_NONE : V_NULL;
}
static value y_excepthook(struct thread *t, const vref *a) {
    if (is_exc(a[1])) exc_print(t, a[1]);
    return V_NONE;
}
static value y_unraisablehook(struct thread *t, const vref *a) {
    value e = object_getattr_cstr(t, a[0], "exc_value");
    if (e && is_exc(e)) exc_print(t, e);
    release_opt(t, e);
    return raised(t) ? V_NULL : V_NONE;
}
static value y_gil_stats(struct thread *t, const vref *a) {
    (void)a;
    struct gil_stats s[64];
    size_t n = t->interp->free_threaded ? 0 : gil_stats(t->interp, s, 64);
    if (n > 64) n = 64;
    value d = dict_new(t);
    for (size_t k = 0; d && k < n; k++) {
        value row = dict_new(t), id = int_from_u64(t, s[k].thread_id);
        bool ok = row && id;
        const struct {
            const char *name;
            value v;
        } cols[] = {{"holds", int_from_u64(t, s[k].holds)}, {"waited", float_new(t, (double)s[k].waited_ns * 1e-9)},
                    {"held", float_new(t, (double)s[k].held_ns * 1e-9)}, {"forced", int_from_u64(t, s[k].forced)}};
        for (size_t c = 0; c < 4; c++) {
            ok = ok && dict_set_str(t, row, cols[c].name, cols[c].v);
            release_opt(t, cols[c].v);
        }
        ok = ok && dict_set(t, d, id, row);
        release_opt(t, row);
        release_opt(t, id);
        if (!ok) release_field(t, &d);
    }
    return d;
}
static value y_getsizeof(struct thread *t, const vref *a) {
    if (!is_pointer(a[0])) return from_int62(8);
    value m;
    int found = object_lookup_special(t, a[0], str_intern_cstr(t, "__sizeof__"), &m);
    if (found <= 0) return found < 0 ? V_NULL : int_from_u64(t, object_size(as_object(a[0])));
    value r = object_call0(t, m);
    release(t, m);
    return r;
}
static value y_getdefaultencoding(struct thread *t, const vref *a) { return (void)a, str_from_cstr(t, "utf-8"); }

#define F(py, s, f) {.name = py, .kind = NATIVE_FUNCTION, .sig = s, .fn = f}
static const struct native functions[] = {
    F("getrefcount", "($module, object, /)", y_getrefcount), F("getswitchinterval", "($module, /)", y_getswitchinterval),
    F("setswitchinterval", "($module, interval, /)", y_setswitchinterval), F("getrecursionlimit", "($module, /)", y_getrecursionlimit),
    F("setrecursionlimit", "($module, limit, /)", y_setrecursionlimit), F("_is_gil_enabled", "($module, /)", y_is_gil_enabled),
    F("get_int_max_str_digits", "($module, /)", y_get_int_max_str_digits),
    F("set_int_max_str_digits", "($module, /, maxdigits)", y_set_int_max_str_digits),
    F("intern", "($module, string, /)", y_intern), F("_getframe", "($module, depth=0, /)", y_getframe), F("exc_info", "($module, /)", y_exc_info),
    F("exception", "($module, /)", y_exception), F("exit", "($module, status=None, /)", y_exit), F("displayhook", "($module, object, /)", y_displayhook),
    F("excepthook", "($module, exctype, value, traceback, /)", y_excepthook), F("unraisablehook", "($module, unraisable, /)", y_unraisablehook),
    F("_gil_stats", "($module, /)", y_gil_stats), F("getsizeof", "($module, object, default=None)", y_getsizeof),
    F("getdefaultencoding", "($module, /)", y_getdefaultencoding), F("getfilesystemencoding", "($module, /)", y_getdefaultencoding),
};

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
int sys_exit_code(struct thread *t) {
    value e = raised_take(t);
    vref code = as_exc(e)->extra[0] ? as_exc(e)->extra[0] : V_NONE;
    int status = 0;
    int64_t i;
    if (is_int(code)) status = int_as_i64_overflow(code, &i) ? -1 : (int)(i & 0xff);
    else if (code != V_NONE) {
        value s = object_str(t, code);
        size_t n;
        const char *text = s ? str_utf8(t, s, &n) : NULL;
        if (text && sys_write_std(t, "stderr", text, n)) sys_write_std(t, "stderr", "\n", 1);
        raised_clear(t);
        release_opt(t, s);
        status = 1;
    }
    release(t, e);
    return status;
}

static const struct structseq_field version_fields[] = {
    {"major", "Major release number"}, {"minor", "Minor release number"}, {"micro", "Patch release number"},
    {"releaselevel", "'alpha', 'beta', 'candidate', or 'final'"}, {"serial", "Serial release number"},
};
static struct structseq version_type = {
    .type = {.name = "version_info", .module = "sys", .flags = TYPE_NO_NEW, .doc = "sys.version_info\n\nVersion information as a named tuple."},
    .fields = version_fields, .count = 5, .visible = 5,
};
static value version_info(struct thread *t) {
    value items[5] = {from_int62(3), from_int62(11), from_int62(2), str_from_cstr(t, "final"), from_int62(0)};
    return structseq_new(t, &version_type, items);
}
value sys_make(struct thread *t) {
    value m = module_from_natives(t, "sys", "What the interpreter knows of itself.", functions, sizeof functions / sizeof *functions);
    if (!m) return V_NULL;
    replace_field(t, &t->interp->sys_dict, own(t, as_module(m)->dict));
    const struct {
        const char *name;
        value v;
    } rows[] = {
        {"modules", own(t, t->interp->modules)}, {"path", list_new(t, 4)}, {"argv", list_new(t, 4)}, {"version_info", version_info(t)},
        {"version", str_from_cstr(t, "3.11.2 (krait)")}, {"hexversion", from_int62(0x030b02f0)}, {"platform", str_from_cstr(t, "linux")}, {"byteorder", str_from_cstr(t, "little")},
        {"maxsize", int_from_i64(t, INT64_MAX)}, {"maxunicode", from_int62(0x10ffff)}, {"stdin", stream_new(t, 0, "<stdin>")},
        {"stdout", stream_new(t, 1, "<stdout>")}, {"stderr", stream_new(t, 2, "<stderr>")}, {"dont_write_bytecode", V_FALSE},
        {"executable", str_from_cstr(t, "")}, {"prefix", str_from_cstr(t, "/usr")}, {"exec_prefix", str_from_cstr(t, "/usr")}, {"float_repr_style", str_from_cstr(t, "short")},
        {"copyright", str_from_cstr(t, "Apache-2.0")}, {"warnoptions", list_new(t, 0)}, {"meta_path", list_new(t, 0)}, {"path_hooks", list_new(t, 0)},
        {"path_importer_cache", dict_new(t)},
    };
    bool ok = true;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        if (ok && rows[k].v) ok = module_set(t, m, rows[k].name, rows[k].v);
        else {
            release_opt(t, rows[k].v);
            ok = false;
        }
    }
    for (const char *const *same = (const char *const[]){"stdin", "stdout", "stderr", "excepthook", "displayhook", NULL}; ok && *same; same++) {
        char name[32];
        snprintf(name, sizeof name, "__%s__", *same);
        value v = dict_get_str(t, as_module(m)->dict, *same);
        ok = v && module_set(t, m, name, v);
    }
    if (!ok) release_field(t, &m);
    return m;
}
