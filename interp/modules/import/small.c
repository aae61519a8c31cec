// SPDX-License-Identifier: Apache-2.0
// Import of this slice: C modules, frozen modules, then NAME.py and NAME/__init__.py along sys.path (or the package's __path__). Leaves hooks, caches of
// compiled files, zip archives and namespace packages to importlib, which is not here yet.
//
// Two threads that import one module at once: the second waits until the first has run it (a lock an interpreter, held by one thread, recursive), so nobody sees half a module
// but who imports in a circle.
#include "interp/core/lock.h"
#include "interp/front/compile_tree.h"
#include "interp/modules/import/import.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/vm/frame.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

// ---- one module ----
static void forget(struct thread *t, vref name) {
    value exc = raised_take(t);
    if (dict_del(t, t->interp->modules, name) < 0) raised_clear(t);
    if (exc) raised_restore(t, exc);
}
static bool describe(struct thread *t, vref m, vref name, const char *path, const char *package_dir) {
    vref d = as_module(m)->dict;
    bool ok = true;
    if (path) {
        value p = str_from_utf8(t, path, strlen(path));
        ok = p && dict_set_str(t, d, "__file__", p);
        release_opt(t, p);
    }
    if (ok && package_dir) {
        value dir = str_from_utf8(t, package_dir, strlen(package_dir)), list = dir ? list_from_array(t, &dir, 1) : V_NULL;
        ok = list && dict_set_str(t, d, "__path__", list);
        release_opt(t, dir);
        release_opt(t, list);
    }
    if (!ok) return false;
    value package;
    if (package_dir) package = own(t, name);
    else {
        int64_t dot = str_find(name, str_intern_cstr(t, "."), 0, INT64_MAX, true);
        package = dot < 0 ? str_from_cstr(t, "") : str_substring(t, name, 0, dot);
    }
    ok = package && dict_set_str(t, d, "__package__", package);
    release_opt(t, package);
    return ok;
}
static value run_module(struct thread *t, vref name, const char *source, size_t n, const char *path, const char *package_dir) {
    value m = module_new(t, name);
    if (!m || !describe(t, m, name, path, package_dir) || !dict_set(t, t->interp->modules, name, m)) {
        release_opt(t, m);
        return V_NULL;
    }
    value r = import_run_source(t, source, n, path ? path : "<frozen>", as_module(m)->dict);
    if (!r) {
        forget(t, name);
        release(t, m);
        return V_NULL;
    }
    release(t, r);
    value final = dict_get(t, t->interp->modules, name); // the module may have put another in its place
    release(t, m);
    return final || raised(t) ? final : raise(t, &exc_KeyError, "%R", name);
}
// V_NULL without exception: not in dir.
static value find_in(struct thread *t, const char *dir, const char *last, vref name) {
    char path[4096], package[4064];
    struct stat st;
    const char *slash = *dir ? "/" : "";
    if (snprintf(package, sizeof package, "%s%s%s", dir, slash, last) >= (int)sizeof package) return V_NULL;
    snprintf(path, sizeof path, "%s/__init__.py", package);
    bool is_package = stat(path, &st) == 0;
    if (!is_package) {
        snprintf(path, sizeof path, "%s.py", package);
        if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) return V_NULL;
    }
    size_t n;
    char *text = import_read_file(path, &n);
    if (!text) {
        value p = str_from_utf8(t, path, strlen(path));
        if (p) raise_errno(t, errno, p);
        release_opt(t, p);
        return V_NULL;
    }
    value m = run_module(t, name, text, n, path, is_package ? package : NULL);
    free(text);
    return m;
}
static value find_builtin(struct thread *t, vref name) {
    for (const struct module_row *r = modules_table; r->name; r++) {
        if (!str_equal_cstr(name, r->name)) continue;
        value m = r->make(t);
        if (m && !dict_set(t, t->interp->modules, name, m)) release_field(t, &m);
        return m;
    }
    for (const struct frozen_row *r = frozen_table; r->name; r++)
        if (str_equal_cstr(name, r->name)) return run_module(t, name, r->source, strlen(r->source), NULL, r->package ? "" : NULL);
    return V_NULL;
}
static value find(struct thread *t, vref name, vref path_list, const char *last) {
    if (!path_list) {
        value m = find_builtin(t, name);
        if (m || raised(t)) return m;
        value path = dict_get_str(t, t->interp->sys_dict, "path");
        if (!path) return V_NULL;
        m = is_list(path) ? find(t, name, path, last) : V_NULL;
        release(t, path);
        return m;
    }
    for (size_t k = 0; k < list_size(path_list); k++) {
        value entry = list_get_or_null(t, path_list, k);
        if (!entry) break;
        const char *dir = is_str(entry) ? str_utf8(t, entry, NULL) : NULL;
        value m = dir ? find_in(t, dir, last, name) : V_NULL;
        release(t, entry);
        if (m || raised(t)) return m;
    }
    return V_NULL;
}

static value not_found(struct thread *t, vref name) {
    raise(t, &exc_ModuleNotFoundError, "No module named %R", name);
    if (t->exc && is_exc(t->exc)) replace_field(t, &as_exc(t->exc)->extra[0], own(t, name));
    return V_NULL;
}
// Imports `name`, whose parent package is `parent` (imported already), or V_NULL at the top.
static value load(struct thread *t, vref name, vref parent) {
    value m = dict_get(t, t->interp->modules, name);
    if (m == V_NONE) return raise(t, &exc_ModuleNotFoundError, "import of %S halted; None in sys.modules", name);
    if (m || raised(t)) return m;
    const char *full = str_utf8(t, name, NULL);
    if (!full) return V_NULL;
    const char *dot = strrchr(full, '.'), *last = dot ? dot + 1 : full;
    value path = V_NULL;
    if (parent) {
        int found = object_lookup_attr(t, parent, str_intern_cstr(t, "__path__"), &path);
        if (found < 0) return V_NULL;
        if (!found) {
            value pname = str_substring(t, name, 0, dot - full);
            raise(t, &exc_ModuleNotFoundError, "No module named %R; %R is not a package", name, pname);
            release_opt(t, pname);
            return V_NULL;
        }
    }
    m = find(t, name, path, last);
    release_opt(t, path);
    if (!m) return raised(t) ? V_NULL : not_found(t, name);
    if (parent) {
        value key = str_from_cstr(t, last);
        bool ok = key && object_setattr(t, parent, key, m) == 0;
        release_opt(t, key);
        if (!ok) release_field(t, &m);
    }
    return m;
}
value small_import_dotted(struct thread *t, vref name) {
    size_t n = as_str(name)->length;
    value parent = V_NULL, m = V_NULL;
    for (size_t from = 0; from <= n;) {
        int64_t dot = str_find(name, str_intern_cstr(t, "."), (int64_t)from, INT64_MAX, false);
        size_t to = dot < 0 ? n : (size_t)dot;
        value part = str_substring(t, name, 0, (int64_t)to);
        m = part ? load(t, part, parent) : V_NULL;
        release_opt(t, part);
        release_opt(t, parent);
        if (!m) return V_NULL;
        parent = m;
        from = to + 1;
        if (dot < 0) break;
    }
    return m;
}

// The absolute name that a relative import means. returns new.
static value absolute(struct thread *t, vref name, vref globals, int level) {
    value package = is_dict(globals) ? dict_get_str(t, globals, "__package__") : V_NULL;
    if (!package || !is_str(package)) {
        release_opt(t, package);
        if (raised(t)) return V_NULL;
        package = is_dict(globals) ? dict_get_str(t, globals, "__name__") : V_NULL;
        if (!package || !is_str(package)) return release_opt(t, package), raise(t, &exc_KeyError, "'__name__' not in globals");
        int has_path = dict_contains(t, globals, str_intern_cstr(t, "__path__"));
        if (!has_path) level++; // a module's package is one up
    }
    int64_t end = (int64_t)as_str(package)->length;
    if (end == 0) return release(t, package), raise(t, &exc_ImportError, "attempted relative import with no known parent package");
    for (int k = 1; k < level; k++) {
        end = str_find(package, str_intern_cstr(t, "."), 0, end, true);
        if (end < 0) return release(t, package), raise(t, &exc_ImportError, "attempted relative import beyond top-level package");
    }
    value base = str_substring(t, package, 0, end);
    release(t, package);
    if (!base || as_str(name)->length == 0) return base;
    value full = str_format(t, "%U.%U", base, name);
    release(t, base);
    return full;
}
// Submodules that a fromlist names are imported too.
static bool import_names(struct thread *t, vref m, vref full, vref fromlist) {
    value path;
    int package = object_lookup_attr(t, m, str_intern_cstr(t, "__path__"), &path);
    if (package <= 0) return package == 0;
    release(t, path);
    value it = object_iter(t, fromlist), name;
    bool ok = it != V_NULL;
    while (ok && (name = object_next(t, it))) {
        value have;
        int found = is_str(name) && !str_equal_cstr(name, "*") ? object_lookup_attr(t, m, name, &have) : 1;
        if (found > 0) {
            if (is_str(name) && !str_equal_cstr(name, "*")) release(t, have);
        } else if (found == 0) {
            value sub = str_format(t, "%U.%U", full, name), loaded = sub ? load(t, sub, m) : V_NULL;
            if (!loaded && raised_is(t, &exc_ModuleNotFoundError)) {
                value e = raised_take(t);
                // Only if it is this name that is missing: an error inside the submodule goes on.
                if (as_exc(e)->extra[0] && is_str(as_exc(e)->extra[0]) && sub && str_equal(as_exc(e)->extra[0], sub)) release(t, e);
                else raised_restore(t, e);
            }
            release_opt(t, sub);
            release_opt(t, loaded);
        }
        ok = !raised(t);
        release(t, name);
    }
    release_opt(t, it);
    return ok && !raised(t);
}

// One lock an interpreter, recursive: `depth` and `holder` belong to who holds it.
static struct {
    _Atomic(struct thread *) holder;
    struct lock lock;
    unsigned depth;
} import_lock; // of the process: interpreters that import at once only wait for each other
static void import_lock_take(struct thread *t) {
    if (atomic_load_explicit(&import_lock.holder, memory_order_relaxed) != t) {
        lock_take(t, &import_lock.lock);
        atomic_store_explicit(&import_lock.holder, t, memory_order_relaxed);
    }
    import_lock.depth++;
}
static void import_lock_release(struct thread *t) {
    (void)t;
    if (--import_lock.depth) return;
    atomic_store_explicit(&import_lock.holder, NULL, memory_order_relaxed);
    lock_give(&import_lock.lock);
}

value small_import(struct thread *t, vref name, vref globals, vref fromlist, int level) {
    value full = level > 0 ? absolute(t, name, globals, level) : own(t, name);
    if (!full) return V_NULL;
    if (as_str(full)->length == 0) return release(t, full), raise(t, &exc_ValueError, "Empty module name");
    int from = fromlist == V_NONE ? 0 : object_truth(t, fromlist);
    value m = dict_get(t, t->interp->modules, full);
    if (m == V_NONE) release_field(t, &m);
    if (!m && !raised(t) && from >= 0) {
        import_lock_take(t);
        m = small_import_dotted(t, full);
        import_lock_release(t);
    }
    if (m && from > 0) {
        if (!import_names(t, m, full, fromlist)) release_field(t, &m);
    } else if (m && from == 0) { // `import a.b.c` binds a
        int64_t dot = str_find(full, str_intern_cstr(t, "."), 0, INT64_MAX, false);
        if (dot >= 0 && level == 0) {
            value top = str_substring(t, full, 0, dot);
            release(t, m);
            m = top ? dict_get(t, t->interp->modules, top) : V_NULL;
            if (!m && top && !raised(t)) not_found(t, top);
            release_opt(t, top);
        }
    }
    release(t, full);
    return m;
}
