// SPDX-License-Identifier: Apache-2.0
// The sys module: what stands in it from the start, small functions, the configuration. Leaves hooks, threads and numbers to the other files of the folder.
#include "interp/modules/import/cache_tag.h"
#include "interp/modules/modules.h"
#include "interp/modules/io/io.h"
#include "interp/modules/row.h"
#include "interp/modules/sys/sys.h"
#include "interp/where.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <limits.h>

struct sys_state { // interp->state
    struct interp_flags flags;
    bool finalizing;
};
static const struct interp_flags no_flags = {.int_max_str_digits = -1};
const struct interp_flags *sys_flags_of(const struct interp *interp) { return interp->state ? &((struct sys_state *)interp->state)->flags : &no_flags; }
void sys_set_finalizing(struct interp *interp) {
    if (interp->state) ((struct sys_state *)interp->state)->finalizing = true;
}

// ---- small functions ----

static value y_getrefcount(struct thread *t, const vref *a) {
    // One more, as CPython counts the argument itself.
    return is_pointer(a[0]) ? int_from_u64(t, ref_total(as_object(a[0])) + 1) : from_int62(1 << 30);
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
static value y_intern(struct thread *t, const vref *a) {
    if (!has_shape(a[0], SHAPE_STR)) return raise(t, &exc_TypeError, is_str(a[0]) ? "can't intern %T" : "intern() argument must be str, not %T", a[0]);
    return str_intern(t, own(t, a[0]));
}
static value y_getsizeof(struct thread *t, const vref *a) {
    if (!is_pointer(a[0])) return from_int62(24 + (type_of(a[0]) == &type_int && as_int62(a[0]) ? 4 : 0)); // what code written for boxes expects
    value m, r = V_NULL;
    int found = object_lookup_special(t, a[0], str_intern_cstr(t, "__sizeof__"), &m);
    if (found == 0) return int_from_u64(t, object_size(as_object(a[0])));
    if (found > 0) {
        r = object_call0(t, m);
        release(t, m);
    }
    int64_t n;
    if (r && !is_int(r)) raise(t, &exc_TypeError, "'%T' object cannot be interpreted as an integer", r);
    else if (r && int_as_i64(t, r, &n) && n < 0) raise(t, &exc_ValueError, "__sizeof__() should return >= 0");
    if (!raised(t)) return r;
    release_opt(t, r);
    if (!a[1] || !raised_is(t, &exc_TypeError)) return V_NULL;
    raised_clear(t);
    return own(t, a[1]);
}
static value y_utf8(struct thread *t, const vref *a) { return (void)a, str_from_cstr(t, "utf-8"); }
static value y_errors(struct thread *t, const vref *a) { return (void)a, str_from_cstr(t, "surrogateescape"); }
static value y_is_finalizing(struct thread *t, const vref *a) {
    (void)a;
    return from_bool(t->interp->state && ((struct sys_state *)t->interp->state)->finalizing);
}
static value y_getdlopenflags(struct thread *t, const vref *a) { return (void)t, (void)a, from_int62(RTLD_NOW); }
static value y_clear_type_cache(struct thread *t, const vref *a) { return (void)t, (void)a, V_NONE; } // caches empty themselves when a class changes

static const struct native functions[] = {
    F("getrefcount", "($module, object, /)", y_getrefcount), F("get_int_max_str_digits", "($module, /)", y_get_int_max_str_digits),
    F("set_int_max_str_digits", "($module, /, maxdigits)", y_set_int_max_str_digits), F("intern", "($module, string, /)", y_intern),
    F("getsizeof", "($module, /, object, default=None)", y_getsizeof), F("getdefaultencoding", "($module, /)", y_utf8),
    F("getfilesystemencoding", "($module, /)", y_utf8), F("getfilesystemencodeerrors", "($module, /)", y_errors),
    F("is_finalizing", "($module, /)", y_is_finalizing), F("getdlopenflags", "($module, /)", y_getdlopenflags),
    F("_clear_type_cache", "($module, /)", y_clear_type_cache), {0},
};

// ---- the module ----

static bool add_functions(struct thread *t, vref m, const struct native *rows) {
    vref name = str_intern_cstr(t, "sys");
    for (; rows->name; rows++)
        if (!module_set(t, m, rows->name, native_function(t, rows, name))) return false;
    return true;
}
static value builtin_names(struct thread *t) {
    static const char *const always[] = {"builtins", "sys"};
    value list = list_new(t, 64);
    for (size_t k = 0; list && k < 2; k++)
        if (!list_append(t, list, str_intern_cstr(t, always[k]))) release_field(t, &list);
    for (const struct module_row *r = modules_table; list && r->name; r++)
        if (!list_append(t, list, str_intern_cstr(t, r->name))) release_field(t, &list);
    value tuple = list && list_sort(t, list, V_NULL, false) ? list_to_tuple(t, list) : V_NULL;
    release_opt(t, list);
    return tuple;
}
// Until options are known.
static value early_stream(struct thread *t, int fd) { return io_standard_stream(t, fd, "utf-8", fd == 2 ? "backslashreplace" : "surrogateescape", false); }
static bool add_constants(struct thread *t, vref m) {
    const struct {
        const char *name;
        value v;
    } rows[] = {
        {"modules", own(t, t->interp->modules)}, {"path", list_new(t, 4)}, {"argv", list_new(t, 4)}, {"orig_argv", list_new(t, 4)},
        {"version", str_from_cstr(t, "3.11.2 (krait " PACKAGE_VERSION ") [GCC " __VERSION__ "]")}, {"hexversion", from_int62(0x030b02f0)},
        {"api_version", from_int62(1013)}, {"platform", str_from_cstr(t, "linux")}, {"byteorder", str_from_cstr(t, "little")}, {"maxsize", int_from_i64(t, INT64_MAX)},
        {"maxunicode", from_int62(0x10ffff)}, {"stdin", early_stream(t, 0)}, {"stdout", early_stream(t, 1)},
        {"stderr", early_stream(t, 2)}, {"executable", str_from_cstr(t, "")}, {"float_repr_style", str_from_cstr(t, "short")}, {"abiflags", str_from_cstr(t, "")},
        {"platlibdir", str_from_cstr(t, "lib")}, {"copyright", str_from_cstr(t, "Krait is licensed under Apache-2.0, its standard library under the PSF licence.")},
        {"warnoptions", list_new(t, 0)}, {"_xoptions", dict_new(t)}, {"meta_path", list_new(t, 4)}, {"path_hooks", list_new(t, 4)},
        {"path_importer_cache", dict_new(t)}, {"builtin_module_names", builtin_names(t)}, {"stdlib_module_names", sys_module_names(t)}, {"_framework", str_from_cstr(t, "")},
        {"_home", V_NONE}, {"pycache_prefix", V_NONE}, {"dont_write_bytecode", V_FALSE}, {"flags", sys_flags_new(t, &no_flags)},
    };
    bool ok = true;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        if (ok) ok = module_set(t, m, rows[k].name, rows[k].v);
        else release_opt(t, rows[k].v);
    }
    return ok;
}
value sys_make(struct thread *t) {
    value m = module_from_natives(t, "sys", "The interpreter as seen from the program that it runs: its arguments, modules, streams, limits and hooks.",
                                  NULL, 0);
    if (!m) return V_NULL;
    replace_field(t, &t->interp->sys_dict, own(t, as_module(m)->dict));
    bool ok = add_functions(t, m, functions) && add_functions(t, m, sys_hook_natives) && add_functions(t, m, sys_thread_natives) && add_constants(t, m) &&
              sys_add_info(t, m);
    static const char *const twice[] = {"stdin", "stdout", "stderr", "excepthook", "displayhook", "unraisablehook", "breakpointhook"};
    for (size_t k = 0; ok && k < sizeof twice / sizeof *twice; k++) {
        char name[32];
        snprintf(name, sizeof name, "__%s__", twice[k]);
        value v = dict_get_str(t, as_module(m)->dict, twice[k]);
        ok = v && module_set(t, m, name, v);
    }
    if (!ok) release_field(t, &m);
    return m;
}

// ---- configuration ----

static value decode(struct thread *t, const char *s) { return str_decode(t, (const uint8_t *)s, strlen(s), "utf-8", "surrogateescape"); }
static bool set_take(struct thread *t, const char *name, value v) { // takes v
    bool ok = v && dict_set_str(t, t->interp->sys_dict, name, v);
    release_opt(t, v);
    return ok;
}
static value list_of(struct thread *t, int n, char *const *items) {
    value list = list_new(t, (size_t)n);
    for (int k = 0; list && k < n; k++) {
        value s = decode(t, items[k]);
        if (!s || !list_append_take(t, list, s)) release_field(t, &list);
    }
    return list;
}
static value warn_options(struct thread *t, const char *const *items) {
    int n = 0;
    while (items && items[n]) n++;
    return list_of(t, n, (char *const *)items);
}
static value x_options(struct thread *t, const char *const *items) {
    value d = dict_new(t);
    for (; d && items && *items; items++) {
        const char *eq = strchr(*items, '=');
        value key = eq ? str_from_utf8(t, *items, (size_t)(eq - *items)) : decode(t, *items), v = eq ? decode(t, eq + 1) : V_TRUE;
        bool ok = key && v && dict_set(t, d, key, v);
        release_opt(t, key);
        release_opt(t, v);
        if (!ok) release_field(t, &d);
    }
    return d;
}
// Where files of compiled code go: the flag, the environment, the user's cache folder. false: nowhere (sys.pycache_prefix stays None, nothing is written).
static bool cache_folder(const struct interp_options *o, char *out, size_t room) {
    const char *env = o->flags.ignore_environment ? NULL : getenv("PYTHONPYCACHEPREFIX"), *base, *home;
    if (o->pycache_prefix || (env && *env)) return snprintf(out, room, "%s", o->pycache_prefix ? o->pycache_prefix : env) < (int)room;
    if ((base = getenv("XDG_CACHE_HOME")) && *base == '/') return snprintf(out, room, "%s/krait/pycache", base) < (int)room;
    if ((home = getenv("HOME")) && *home == '/') return snprintf(out, room, "%s/.cache/krait/pycache", home) < (int)room;
    return false;
}
// The folder above lib/python3.11, if the library lies in such a place; else the prefix this program was built for.
static void find_prefix(const char *stdlib, char *out, size_t room) {
    static const char tail[] = "/lib/python3.11";
    size_t n = strlen(stdlib), m = sizeof tail - 1;
    bool usual = n > m && strcmp(stdlib + n - m, tail) == 0;
    snprintf(out, room, "%.*s", usual ? (int)(n - m) : (int)strlen(KRAIT_PREFIX), usual ? stdlib : KRAIT_PREFIX);
}
bool sys_configure(struct thread *t, const struct interp_options *o, const char *stdlib) {
    struct sys_state *s = calloc(1, sizeof *s);
    if (!s) return raise_no_memory(t), false;
    s->flags = o->flags;
    t->interp->state = s;
    char path[PATH_MAX];
    if (o->flags.int_max_str_digits >= 0) int_set_max_str_digits(o->flags.int_max_str_digits);
    s->flags.int_max_str_digits = int_max_str_digits();
    bool cached = cache_folder(o, path, sizeof path);
    if (cached && !set_take(t, "pycache_prefix", decode(t, path))) return false;
    find_prefix(stdlib, path, sizeof path);
    static const char *const prefixes[] = {"prefix", "exec_prefix", "base_prefix", "base_exec_prefix"};
    for (size_t k = 0; k < 4; k++)
        if (!set_take(t, prefixes[k], decode(t, path))) return false;
    const char *exe = o->executable ? o->executable : "";
    return set_take(t, "executable", decode(t, exe)) && set_take(t, "_base_executable", decode(t, exe)) && set_take(t, "_stdlib_dir", decode(t, stdlib)) &&
           set_take(t, "dont_write_bytecode", from_bool(o->flags.dont_write_bytecode || !cached)) && set_take(t, "flags", sys_flags_new(t, &s->flags)) &&
           set_take(t, "orig_argv", list_of(t, o->orig_argc, o->orig_argv)) && set_take(t, "warnoptions", warn_options(t, o->warnoptions)) &&
           set_take(t, "_xoptions", x_options(t, o->xoptions));
}
