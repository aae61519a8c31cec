// SPDX-License-Identifier: Apache-2.0
// The beginning of importlib: runs its two bootstrap modules and lets them set up sys.meta_path and sys.path_hooks. Leaves everything later to them.
#include "interp/front/compile_tree.h"
#include "interp/modules/import/import.h"
#include "interp/modules/sys/sys.h"
#include "interp/types/names.h"
#include "interp/vm/frame.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

// The code of a bootstrap module: frozen, or compiled from the library. returns new.
static value bootstrap_code(struct thread *t, vref name, const char *file, const char *stdlib) {
    struct frozen f;
    if (frozen_find(t, name, &f)) return frozen_code(t, name, &f);
    char path[PATH_MAX], shown[64];
    snprintf(path, sizeof path, "%s/importlib/%s.py", stdlib, file);
    snprintf(shown, sizeof shown, "<frozen importlib.%s>", file);
    size_t n;
    char *text = import_read_file(path, &n);
    if (!text) {
        int e = errno;
        value p = str_from_utf8(t, path, strlen(path));
        return p ? raise_errno(t, e, p) : V_NULL;
    }
    struct code *c = compile_bytes(t, text, n, shown, "exec", 0, 0);
    free(text);
    return c ? borrowed_word(c) : V_NULL;
}
// Runs it as module `name`, entered in sys.modules. returns new.
static value run_bootstrap(struct thread *t, const char *name, const char *file, const char *stdlib) {
    vref key = str_intern_cstr(t, name);
    value code = key ? bootstrap_code(t, key, file, stdlib) : V_NULL, m = code ? module_new(t, key) : V_NULL, b = V_NULL, r = V_NULL;
    if (m && module_set(t, m, "__origname__", str_format(t, "importlib.%s", file)) && (b = dict_get_str(t, t->interp->modules, "builtins")) && dict_set_str(t, as_module(m)->dict, "__builtins__", b) && dict_set(t, t->interp->modules, key, m))
        r = vm_exec(t, as_code(code), as_module(m)->dict, as_module(m)->dict);
    if (!r) release_field(t, &m);
    release_opt(t, r);
    release_opt(t, b);
    return m;
}
static bool call(struct thread *t, vref m, const char *function, const vref *args, size_t n) {
    value r = object_call_method_cstr(t, m, function, args, n);
    release_opt(t, r);
    return r != V_NULL;
}
// What compiled files begin with.
static bool set_magic(struct thread *t, vref external) {
    uint32_t magic = import_magic();
    vref d = as_module(external)->dict;
    value bytes = bytes_new(t, &magic, 4);
    bool ok = bytes && dict_set_str(t, d, "MAGIC_NUMBER", bytes) && dict_set_str(t, d, "_RAW_MAGIC_NUMBER", from_int62(magic));
    release_opt(t, bytes);
    return ok;
}
static bool add_zip_hook(struct thread *t) {
    struct frozen f;
    value name = str_from_cstr(t, "zipimport"), m = V_NULL, hook = V_NULL, hooks = V_NULL;
    bool ok = name != V_NULL;
    if (ok && frozen_find(t, name, &f)) {
        ok = (m = import_dotted(t, name)) && (hook = object_getattr_cstr(t, m, "zipimporter")) && (hooks = dict_get_str(t, t->interp->sys_dict, "path_hooks")) &&
             list_insert(t, hooks, 0, hook);
        if (!ok && raised_is(t, &exc_ImportError)) { // a core module is missing: folders still work
            raised_clear(t);
            ok = true;
        }
    }
    release_opt(t, name);
    release_opt(t, m);
    release_opt(t, hook);
    release_opt(t, hooks);
    return ok;
}
bool import_start(struct thread *t, const char *stdlib) {
    vref name = str_intern_cstr(t, "_imp");
    value imp = import_builtin(t, name), sys = V_NULL, external = V_NULL;
    bool ok = imp && dict_set(t, t->interp->modules, name, imp) && (sys = dict_get_str(t, t->interp->modules, "sys"));
    value lib = ok ? run_bootstrap(t, "_frozen_importlib", "_bootstrap", stdlib) : V_NULL;
    ok = lib && call(t, lib, "_install", (vref[]){sys, imp}, 2);
    if (ok) {
        t->interp->importlib = own(t, lib);
        ok = (external = run_bootstrap(t, "_frozen_importlib_external", "_bootstrap_external", stdlib)) && set_magic(t, external) && cache_install(t, external) &&
             call(t, lib, "_install_external_importers", NULL, 0) && add_zip_hook(t);
    }
    release_opt(t, imp);
    release_opt(t, sys);
    release_opt(t, lib);
    release_opt(t, external);
    return ok;
}
