// SPDX-License-Identifier: Apache-2.0
// Start and end of an interpreter for programs that embed it (include/interp.h). Leaves the core's own start to core/interp.c, modules to modules/.
#include "interp/include/interp.h"
#include "interp/core/fork.h"
#include "interp/core/gc.h"
#include "interp/core/hooks.h"
#include "interp/core/interp.h"
#include "interp/modules/faulthandler/faulthandler.h"
#include "interp/modules/import/import.h"
#include "interp/modules/sys/sys.h"
#include "interp/where.h"
#include "interp/modules/signal/signal.h"
#include "interp/modules/thread/thread_module.h"
#include "interp/types/iter.h"
#include "interp/vm/frame.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <limits.h>
#include <sys/stat.h>

#ifdef KRAIT_ASAN
// What static types and immortal strings hold is never given back: no leak.
int __lsan_is_turned_off(void);
__attribute__((used, visibility("default"))) int __lsan_is_turned_off(void) { return 1; }
#endif

static void die(struct thread *t, const char *what) {
    fprintf(stderr, "krait-python: cannot start: %s\n", what);
    if (t && t->exc) {
        value type, message, tb;
        interp_take_error(t, &type, &message, &tb);
        const char *s = tb ? str_utf8(t, tb, NULL) : NULL;
        if (s) fprintf(stderr, "%s", s);
    }
}

static bool set_main(struct thread *t) {
    value name = str_from_cstr(t, "__main__"), m = name ? module_new(t, name) : V_NULL, b = V_NULL;
    bool ok = m && dict_set(t, t->interp->modules, name, m) && (b = dict_get_str(t, t->interp->modules, "builtins")) &&
              dict_set_str(t, as_module(m)->dict, "__builtins__", b);
    release_opt(t, b);
    release_opt(t, m);
    release_opt(t, name);
    return ok;
}
static const char *library_path(const struct interp_options *o) {
    const char *lib = o->stdlib ? o->stdlib : o->flags.ignore_environment ? NULL : getenv("KRAIT_STDLIB");
    return lib && *lib ? lib : KRAIT_STDLIB_DEFAULT;
}
static bool add_paths(struct thread *t, const struct interp_options *o) {
    const char *path = o->flags.ignore_environment ? NULL : getenv("PYTHONPATH");
    for (const char *p = path; p && *p;) {
        const char *end = strchrnul(p, ':');
        char *dir = strndup(p, (size_t)(end - p));
        bool ok = dir && interp_add_path(t, *dir ? dir : ".", false);
        free(dir);
        if (!ok) return false;
        p = *end ? end + 1 : end;
    }
    return interp_add_path(t, library_path(o), false);
}
static bool import_quietly(struct thread *t, const char *name) {
    value m = interp_import(t, name);
    release_opt(t, m);
    return m != V_NULL;
}
// Everything that needs importlib: the importer itself, the streams, warning filters, site.
static bool start_importing(struct thread *t, const struct interp_options *o) {
    const char *lib = library_path(o);
    frozen_enable(!o->flags.no_frozen && strcmp(lib, KRAIT_STDLIB_DEFAULT) == 0);
    if (o->flags.bare) return true;
    if (!import_start(t, lib) || !sys_open_streams(t)) return false;
    if (o->warnoptions && *o->warnoptions && !import_quietly(t, "warnings")) return false;
    return !o->flags.import_site || import_quietly(t, "site");
}

struct thread *interp_start(const struct interp_options *o) {
    struct interp *interp = interp_new(o->free_threaded);
    struct thread *t = interp ? thread_current() : NULL;
    if (!t) {
        die(NULL, "out of memory");
        return NULL;
    }
    value b = V_NULL, s = V_NULL;
    const char *what = "the built-in types";
    str_start();
    bytes_start();
    if (!types_start(t) || !containers_start(t)) goto fail;
    signals_start(t);
    what = "builtins and sys";
    if (!(interp->modules = dict_new(t)) || !(b = builtins_make(t)) || !dict_set_str(t, interp->modules, "builtins", b)) goto fail;
    interp->builtins = own(t, as_module(b)->dict);
    if (!(s = sys_make(t)) || !dict_set_str(t, interp->modules, "sys", s)) goto fail;
    if (!interp_set_argv(t, o->argc, o->argv) || !sys_configure(t, o, library_path(o)) || !add_paths(t, o) || !set_main(t)) goto fail;
    what = "the fault handler";
    if (o->flags.faulthandler && !fault_enable(t, STDERR_FILENO, true)) goto fail;
    what = "the importer";
    if (!start_importing(t, o)) goto fail;
    release(t, b);
    release(t, s);
    return t;
fail:
    die(t, what);
    return NULL;
}

static void quietly(struct thread *t, value r) {
    if (r) release(t, r);
    else if (raised(t)) {
        value e = raised_take(t);
        exc_print(t, e);
        release(t, e);
    }
}
static bool flush(struct thread *t, const char *name) {
    value file = dict_get_str(t, t->interp->sys_dict, name);
    if (!file || file == V_NONE) return true;
    value closed = object_getattr_cstr(t, file, "closed");
    bool is_closed = closed && object_truth(t, closed) > 0; // the program did that itself: nothing is lost
    release_opt(t, closed);
    raised_clear(t);
    value r = is_closed ? V_NONE : object_call_method_cstr(t, file, "flush", NULL, 0);
    release(t, file);
    if (r) release(t, r);
    else raised_clear(t);
    return r != V_NULL;
}
// What only __main__ holds goes while streams and modules are still there: a __del__ may print.
static void drop_main(struct thread *t) {
    if (dict_del(t, t->interp->modules, str_intern_cstr(t, "__main__")) < 0) raised_clear(t);
    gc_collect(t);
}
// Nobody takes modules apart, so what they still hold is not destroyed; but whoever has a __del__ hears of the end, and what was written to files reaches them.
// Files stay open: the order in which one of them rests on another is not known here.
static void finalize_living(struct thread *t) {
    struct gc_words all = {0};
    if (!gc_get_finalizable(t, &all)) {
        raised_clear(t);
        return;
    }
    for (size_t k = 0; k < all.n; k++) {
        struct type *type = type_of(all.at[k]), *c_type = type->c_base ? type->c_base : type;
        if (c_type->module && strcmp(c_type->module, "_io") == 0) {
            value r = object_call_method_cstr(t, all.at[k], "flush", NULL, 0); // ValueError: closed
            release_opt(t, r);
            raised_clear(t);
        } else {
            object_set_flag(as_object(all.at[k]), HEAD_FINALIZED);
            t->interp->hooks->finalize(t, as_object(all.at[k]));
        }
    }
    gc_words_free(t, &all);
}
int interp_stop(struct thread *t) {
    value threading = dict_get_str(t, t->interp->modules, "threading");
    if (threading) {
        quietly(t, object_call_method_cstr(t, threading, "_shutdown", NULL, 0));
        release(t, threading);
    }
    value atexit = dict_get_str(t, t->interp->modules, "atexit");
    if (atexit) {
        quietly(t, object_call_method_cstr(t, atexit, "_run_exitfuncs", NULL, 0));
        release(t, atexit);
    }
    bool ok = flush(t, "stdout");
    ok = flush(t, "stderr") && ok;
    sys_set_finalizing(t->interp);
    fault_stop(t->interp);
    drop_main(t);
    finalize_living(t);
    ok = flush(t, "stdout") && ok;
    ok = flush(t, "stderr") && ok;
    void *state = t->interp->state;
    interp_free(t);
    free(state);
    return ok ? 0 : 120;
}

struct thread *interp_attach_thread(struct interp *interp) { return thread_new(interp); }
void interp_detach_thread(struct thread *t) {
    locals_thread_ends(t);
    thread_end(t);
}

// ---- running ----
bool interp_set_argv(struct thread *t, int argc, char **argv) {
    value list = list_new(t, (size_t)argc);
    for (int k = 0; list && k < argc; k++) {
        value s = str_decode(t, (const uint8_t *)argv[k], strlen(argv[k]), "utf-8", "surrogateescape");
        if (!s || !list_append_take(t, list, s)) release_field(t, &list);
    }
    if (list && argc == 0) {
        value s = str_from_cstr(t, "");
        if (!s || !list_append_take(t, list, s)) release_field(t, &list);
    }
    bool ok = list && dict_set_str(t, t->interp->sys_dict, "argv", list);
    release_opt(t, list);
    return ok;
}
bool interp_add_path(struct thread *t, const char *dir, bool first) {
    value path = dict_get_str(t, t->interp->sys_dict, "path"), s = str_from_utf8(t, dir, strlen(dir));
    bool ok = path && is_list(path) && s && (first ? list_insert(t, path, 0, s) : list_append(t, path, s));
    release_opt(t, path);
    release_opt(t, s);
    return ok;
}
value interp_main_dict(struct thread *t) {
    value m = dict_get_str(t, t->interp->modules, "__main__");
    if (!m) return V_NULL;
    value d = own(t, as_module(m)->dict);
    release(t, m);
    return d;
}
value interp_run_string(struct thread *t, const char *source, const char *filename) {
    value d = interp_main_dict(t);
    value r = d ? import_run_source(t, source, strlen(source), filename, d) : V_NULL;
    release_opt(t, d);
    return r;
}
value interp_run_file(struct thread *t, const char *file) {
    size_t n;
    char path[PATH_MAX]; // __file__ is absolute, links and dots as given
    if (file[0] == '/' || !getcwd(path, sizeof path) || strlen(path) + strlen(file) + 2 > sizeof path) snprintf(path, sizeof path, "%s", file);
    else sprintf(path + strlen(path), "/%s", strncmp(file, "./", 2) ? file : file + 2);
    char *text = import_read_file(file, &n);
    if (!text) {
        int e = errno;
        value p = str_from_utf8(t, path, strlen(path));
        if (p) raise_errno(t, e, p);
        release_opt(t, p);
        return V_NULL;
    }
    value d = interp_main_dict(t), p = str_from_utf8(t, path, strlen(path)), r = V_NULL;
    if (d && p && dict_set_str(t, d, "__file__", p)) r = import_run_source(t, text, n, path, d);
    release_opt(t, d);
    release_opt(t, p);
    free(text);
    return r;
}
value interp_import(struct thread *t, const char *name) {
    value s = str_from_cstr(t, name), m = s ? dict_get(t, t->interp->modules, s) : V_NULL;
    if (s && !m && !raised(t)) m = import_dotted(t, s);
    release_opt(t, s);
    return m;
}
value interp_import_file(struct thread *t, const char *name, const char *path) {
    value s = str_from_cstr(t, name), m = s ? import_file(t, s, path) : V_NULL;
    release_opt(t, s);
    return m;
}
bool interp_add_module(struct thread *t, const char *name, const struct native *natives, size_t n) {
    value m = module_from_natives(t, name, NULL, natives, n);
    bool ok = m && dict_set_str(t, t->interp->modules, name, m);
    release_opt(t, m);
    return ok;
}

// ---- errors ----
void interp_take_error(struct thread *t, value *type, value *message, value *traceback) {
    value e = raised_take(t);
    struct type *cls = type_of(e);
    value module = object_getattr_cstr(t, type_ref(cls), "__module__");
    if (!module) raised_clear(t);
    bool plain = !module || !is_str(module) || str_equal_cstr(module, "builtins") || str_equal_cstr(module, "__main__");
    value qualname = object_getattr_cstr(t, type_ref(cls), "__qualname__");
    *type = qualname ? plain ? own(t, qualname) : str_format(t, "%S.%S", module, qualname) : V_NULL;
    raised_clear(t);
    *message = object_str(t, e);
    if (!*message) {
        raised_clear(t);
        *message = str_from_cstr(t, "<exception str() failed>");
    }
    *traceback = exc_format(t, e);
    raised_clear(t);
    release_opt(t, module);
    release_opt(t, qualname);
    release(t, e);
}
int interp_report_exit(struct thread *t) {
    if (raised_is(t, &exc_SystemExit)) return sys_exit_code(t);
    value e = raised_take(t);
    flush(t, "stdout");
    bool interrupted = is_instance(e, &exc_KeyboardInterrupt);
    value hook = dict_get_str(t, t->interp->sys_dict, "excepthook");
    vref args[3] = {type_ref(type_of(e)), e, as_exc(e)->traceback ? as_exc(e)->traceback : V_NONE};
    value r = hook ? object_call(t, hook, args, 3, V_NULL) : V_NULL;
    if (!r) {
        raised_clear(t);
        exc_print(t, e);
    }
    release_opt(t, r);
    release_opt(t, hook);
    release(t, e);
    return interrupted ? 130 : 1;
}

void interp_fork_before(struct thread *t) { fork_prepare(t); }
void interp_fork_parent(struct thread *t) { fork_parent(t); }
void interp_fork_child(struct thread *t) {
    fork_child(t);
    imp_after_fork(t);
}

void interp_thread_stats(struct thread *t, struct interp_stats *out) {
    *out = (struct interp_stats){
        .gil_wait_ns = t->gil_wait_ns, .gil_holds = t->gil_holds, .gil_forced = t->gil_forced,
        .gc_collections = t->interp->collector->stats.collections, .gc_pause_ns = t->interp->collector->stats.total_pause_ns,
        .gc_pause_max_ns = t->interp->collector->stats.max_pause_ns, .contended_counts = t->slow_counts, .contended_stores = t->slow_stores,
    };
}
