// SPDX-License-Identifier: Apache-2.0
// `import` as the eval loop and __import__ ask for it: sys.modules first, then importlib. Leaves finding and loading to importlib, its beginning to boot.c.
#include "interp/modules/import/import.h"
#include "interp/front/compile_tree.h"
#include "interp/modules/sys/sys.h"
#include "interp/types/names.h"
#include "interp/vm/frame.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

// ---- sources ----

char *import_read_file(const char *path, size_t *n) {
    FILE *f = fopen(path, "rbe");
    if (!f) return NULL;
    struct stat st;
    char *text = NULL;
    if (fstat(fileno(f), &st) == 0 && !S_ISDIR(st.st_mode) && (text = malloc((size_t)st.st_size + 1))) {
        *n = fread(text, 1, (size_t)st.st_size, f);
        text[*n] = 0;
    } else if (S_ISDIR(st.st_mode))
        errno = EISDIR;
    fclose(f);
    return text;
}
value import_run_source(struct thread *t, const char *source, size_t n, const char *filename, vref globals) {
    struct code *c = compile_bytes(t, source, n, filename, "exec", sys_flags_of(t->interp)->optimize, 0);
    if (!c) return V_NULL;
    value b = dict_get_str(t, t->interp->modules, "builtins");
    bool ok = b && dict_set_str(t, globals, "__builtins__", b);
    release_opt(t, b);
    return ok ? vm_exec(t, c, globals, globals) : V_NULL;
}
static void forget(struct thread *t, vref name) {
    value exc = raised_take(t);
    if (dict_del(t, t->interp->modules, name) < 0) raised_clear(t);
    if (exc) raised_restore(t, exc);
}
value import_file(struct thread *t, vref name, const char *path) {
    size_t n;
    char *text = import_read_file(path, &n);
    value p = str_decode(t, (const uint8_t *)path, strlen(path), "utf-8", "surrogateescape"), m = V_NULL;
    if (!text && p) raise_errno(t, errno, p);
    if (text && p && (m = module_new(t, name))) {
        vref d = as_module(m)->dict;
        value r = dict_set_str(t, d, "__file__", p) && dict_set_str(t, d, "__package__", str_empty) && dict_set(t, t->interp->modules, name, m)
                      ? import_run_source(t, text, n, path, d) : V_NULL;
        if (!r) forget(t, name), release_field(t, &m);
        release_opt(t, r);
    }
    release_opt(t, p);
    free(text);
    return m;
}

// ---- relative names ----

// globals' package, as CPython finds it. returns new str.
static value package_of(struct thread *t, vref globals) {
    if (!is_dict(globals)) return raise(t, &exc_TypeError, "globals must be a dict");
    value package = dict_get_str(t, globals, "__package__"), spec = raised(t) ? V_NULL : dict_get_str(t, globals, "__spec__"), parent = V_NULL;
    if (raised(t)) goto done;
    if (spec && spec != V_NONE && !(parent = object_getattr_cstr(t, spec, "parent"))) goto done;
    if (package && package != V_NONE) {
        if (!is_str(package)) raise(t, &exc_TypeError, "package must be a string");
        else if (parent && object_equal(t, package, parent) == 0 &&
                 !raise_warning(t, &exc_ImportWarning, 1, "__package__ != __spec__.parent")) release_field(t, &package);
        goto done;
    }
    release_field(t, &package);
    if (parent) {
        if (!is_str(parent)) raise(t, &exc_TypeError, "__spec__.parent must be a string");
        else package = own(t, parent);
        goto done;
    }
    if (!raise_warning(t, &exc_ImportWarning, 1, "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__")) goto done;
    package = dict_get(t, globals, NAME(__name__));
    if (!package && !raised(t)) raise(t, &exc_KeyError, "'__name__' not in globals");
    else if (package && !is_str(package)) raise(t, &exc_TypeError, "__name__ must be a string");
    else if (package && dict_contains(t, globals, NAME(__path__)) == 0) {
        int64_t dot = str_find(package, str_intern_cstr(t, "."), 0, INT64_MAX, true);
        value up = dot < 0 ? own(t, str_empty) : str_substring(t, package, 0, dot);
        release(t, package);
        package = up;
    }
done:
    release_opt(t, spec);
    release_opt(t, parent);
    if (raised(t)) release_field(t, &package);
    return package;
}
// The absolute name that a relative import means. returns new.
static value absolute(struct thread *t, vref name, vref globals, int level) {
    value package = package_of(t, globals);
    if (!package) return V_NULL;
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

// ---- tracebacks without importlib's own frames ----

static bool is_file(vref frame_code, const char *name) { return str_equal_cstr(as_code(frame_code)->filename, name); }
static struct code *code_of(const struct traceback *tb) { return ((struct frame *)as_object(tb->frame))->code; }
// A run of importlib's frames goes if it ends in _call_with_frames_removed, or, for an ImportError, always.
static void strip_frames(struct thread *t) {
    vref exc = t->exc;
    if (!exc || !is_exc(exc) || sys_flags_of(t->interp)->verbose) return;
    bool always = is_instance(exc, &exc_ImportError);
    value *chunk = NULL, *link = &as_exc(exc)->traceback;
    for (value tb = *link; tb;) {
        struct traceback *b = (struct traceback *)as_object(tb);
        vref code = borrowed_word(code_of(b));
        value next = b->next;
        bool ours = is_file(code, "<frozen importlib._bootstrap>") || is_file(code, "<frozen importlib._bootstrap_external>");
        if (!ours) chunk = NULL;
        else if (!chunk) chunk = link;
        if (ours && (always || str_equal_cstr(as_code(code)->name, "_call_with_frames_removed"))) {
            replace_field(t, chunk, next ? own(t, next) : V_NULL);
            link = chunk;
            chunk = always ? chunk : NULL;
        } else
            link = &b->next;
        tb = *link;
    }
}

// ---- importing ----

static value find_and_load(struct thread *t, vref full) {
    vref args[5] = {full, V_NONE, V_NONE, V_NONE, V_NONE};
    const char *const lists[] = {"path", "meta_path", "path_hooks"};
    if (unlikely(t->interp->slots[SYS_AUDIT_HOOKS] != V_NULL)) {
        value v[3];
        for (int k = 0; k < 3; k++) {
            v[k] = dict_get_str(t, t->interp->sys_dict, lists[k]);
            args[k + 2] = v[k] ? v[k] : V_NONE;
        }
        bool ok = sys_audit(t, "import", args, 5);
        for (int k = 0; k < 3; k++) release_opt(t, v[k]);
        if (!ok) return V_NULL;
    }
    value find = object_getattr_cstr(t, t->interp->importlib, "_find_and_load"), import = find ? dict_get(t, t->interp->builtins, NAME(__import__)) : V_NULL;
    value m = import ? object_call2(t, find, full, import) : V_NULL;
    release_opt(t, find);
    release_opt(t, import);
    return m;
}
// A module in sys.modules that another thread may still be running: wait for it.
static bool wait_until_ready(struct thread *t, vref m, vref full) {
    value spec = V_NULL, busy = V_NULL;
    if (has_shape(m, SHAPE_MODULE)) spec = dict_get(t, as_module(m)->dict, NAME(__spec__));
    else if (object_lookup_attr(t, m, NAME(__spec__), &spec) < 0) return raised_clear(t), true;
    int starting = spec && spec != V_NONE && object_lookup_attr(t, spec, NAME(_initializing), &busy) > 0 ? object_truth(t, busy) : 0;
    release_opt(t, spec);
    release_opt(t, busy);
    if (raised(t)) raised_clear(t);
    if (likely(starting <= 0)) return true;
    value r = object_call_method_cstr(t, t->interp->importlib, "_lock_unlock_module", &full, 1);
    release_opt(t, r);
    return r != V_NULL;
}
// Whether sys.modules[full] is m: 1, 0, -1 exception.
static int is_current(struct thread *t, vref m, vref full) {
    value now = dict_get(t, t->interp->modules, full);
    bool same = now && is_same(now, m);
    release_opt(t, now);
    return raised(t) ? -1 : same;
}
// sys.modules[full], imported if need be. returns new.
static value get_module(struct thread *t, vref full) {
    enum { TRIES = 3 }; // of a module that takes itself out again once it is loaded
    for (int tries = 0;; tries++) {
        value m = dict_get(t, t->interp->modules, full);
        if (raised(t)) return V_NULL;
        bool there = m && m != V_NONE;
        if (there ? !wait_until_ready(t, m, full) : !(m = find_and_load(t, full))) return release_opt(t, m), V_NULL;
        // Whoever was at it may have failed meanwhile and taken it out, before it stopped to count as being loaded, or put another in its place: importing again meets
        // the reason, instead of a module half made.
        int current = is_current(t, m, full);
        if (current > 0 || (current == 0 && !there && tries >= TRIES)) return m;
        release(t, m);
        if (current < 0) return V_NULL;
    }
}
// What `import a.b.c` binds: the module of the first part of `name`.
static value top_module(struct thread *t, value m, vref name, vref full, int level) { // takes m
    int64_t dot = as_str(name)->length ? str_find(name, str_intern_cstr(t, "."), 0, INT64_MAX, false) : -1;
    if ((level == 0 || as_str(name)->length) && dot < 0) return m;
    release(t, m);
    if (level == 0) {
        value front = str_substring(t, name, 0, dot);
        m = front ? import_module(t, front, V_NONE, V_NONE, 0) : V_NULL;
        release_opt(t, front);
        return m;
    }
    // `full` ends in `name`: what the parts of name behind the first add is cut off.
    int64_t cut = as_str(name)->length ? (int64_t)as_str(name)->length - dot : 0;
    value front = str_substring(t, full, 0, (int64_t)as_str(full)->length - cut);
    m = front ? dict_get(t, t->interp->modules, front) : V_NULL;
    if (front && !m && !raised(t)) raise(t, &exc_KeyError, "%R not in sys.modules as expected", front);
    release_opt(t, front);
    return m;
}
static value with_names(struct thread *t, value m, vref fromlist) { // takes m
    value path;
    int package = object_lookup_attr(t, m, NAME(__path__), &path);
    if (package == 0) return m;
    value handle = V_NULL, import = V_NULL, r = V_NULL;
    if (package > 0) {
        release(t, path);
        if ((handle = object_getattr_cstr(t, t->interp->importlib, "_handle_fromlist")) && (import = dict_get(t, t->interp->builtins, NAME(__import__))))
            r = object_call(t, handle, (vref[]){m, fromlist, import}, 3, V_NULL);
    }
    release_opt(t, handle);
    release_opt(t, import);
    release(t, m);
    return r;
}
value import_module(struct thread *t, vref name, vref globals, vref fromlist, int level) {
    if (!t->interp->importlib) return raise(t, &exc_ImportError, "this interpreter was started without an importer");
    if (level == 0 && as_str(name)->length == 0) return raise(t, &exc_ValueError, "Empty module name");
    value full = level > 0 ? absolute(t, name, globals, level) : own(t, name);
    value m = full ? get_module(t, full) : V_NULL;
    int from = !m || fromlist == V_NONE ? 0 : object_truth(t, fromlist);
    if (m && from < 0) release_field(t, &m);
    else if (m) m = from ? with_names(t, m, fromlist) : top_module(t, m, name, full, level);
    release_opt(t, full);
    if (!m) strip_frames(t);
    return m;
}
value import_dotted(struct thread *t, vref name) {
    if (!t->interp->importlib) return raise(t, &exc_ImportError, "this interpreter was started without an importer");
    value m = get_module(t, name);
    if (!m) strip_frames(t);
    return m;
}
