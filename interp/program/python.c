// SPDX-License-Identifier: Apache-2.0
// krait-python: the interpreter as a program. Leaves the command line to options.c, the interactive loop to repl.c, running to runtime.c.
#include "interp/core/os_signal.h"
#include "interp/front/compile_tree.h"
#include "interp/modules/modules.h"
#include "interp/modules/sys/sys.h"
#include "interp/modules/signal/signal.h"
#include "interp/program/options.h"
#include "interp/program/repl.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- where the program is ----

// What sys.executable says: the path as it was called, links unresolved, so that a virtual environment finds itself.
static void find_executable(const char *argv0, char *out, size_t room) {
    out[0] = 0;
    char cwd[PATH_MAX];
    if (strchr(argv0, '/')) {
        if (argv0[0] == '/') snprintf(out, room, "%s", argv0);
        else if (getcwd(cwd, sizeof cwd)) snprintf(out, room, "%s/%s", cwd, strncmp(argv0, "./", 2) ? argv0 : argv0 + 2);
        return;
    }
    const char *path = getenv("PATH");
    for (const char *p = path ? path : ""; *p;) {
        const char *end = strchrnul(p, ':');
        snprintf(out, room, "%.*s/%s", (int)(end - p), p, argv0);
        if (access(out, X_OK) == 0) return;
        p = *end ? end + 1 : end;
    }
    ssize_t n = readlink("/proc/self/exe", out, room - 1);
    out[n > 0 ? n : 0] = 0;
}

// ---- kinds of programs ----

static value run_module(struct thread *t, const char *name, bool set_argv) {
    value runpy = interp_import(t, "runpy"), f = runpy ? object_getattr_cstr(t, runpy, "_run_module_as_main") : V_NULL, text = str_from_cstr(t, name);
    value r = f && text ? object_call2(t, f, text, from_bool(set_argv)) : V_NULL;
    release_opt(t, runpy);
    release_opt(t, f);
    release_opt(t, text);
    return r;
}
static char *read_stdin(size_t *out) {
    char *text = NULL;
    size_t n = 0, room = 0;
    for (;;) {
        if (n + 4096 > room && !(text = realloc(text, room = n * 2 + 8192))) abort();
        ssize_t k = read(0, text + n, 4095);
        if (k < 0 && errno == EINTR) continue;
        if (k <= 0) break;
        n += (size_t)k;
    }
    text[n] = 0;
    *out = n;
    return text;
}
static value run_stdin(struct thread *t) {
    size_t n;
    char *text = read_stdin(&n);
    value d = interp_main_dict(t), r = d ? import_run_source(t, text, n, "<stdin>", d) : V_NULL;
    release_opt(t, d);
    free(text);
    return r;
}
static value dump(struct thread *t, const char *what, const char *file) {
    size_t n;
    char *text = import_read_file(file, &n);
    if (!text) {
        int err = errno;
        value p = str_from_cstr(t, file);
        return p ? raise_errno(t, err, p) : V_NULL;
    }
    bool ok = compile_dump(t, stdout, what, text, n, file);
    free(text);
    return ok ? V_NONE : V_NULL;
}
// A folder or an archive with a __main__: sys.path_hooks knows. The hook's importer is not kept.
static bool is_importable(struct thread *t, const char *file) {
    struct stat st;
    if (stat(file, &st) || !t->interp->importlib) return false;
    if (S_ISDIR(st.st_mode)) return true;
    FILE *f = fopen(file, "rbe");
    char tail[1024];
    bool zip = false;
    if (f && fseek(f, st.st_size > (off_t)sizeof tail ? -(long)sizeof tail : 0, st.st_size > (off_t)sizeof tail ? SEEK_END : SEEK_SET) == 0) {
        size_t n = fread(tail, 1, sizeof tail, f);
        zip = n >= 22 && memmem(tail, n, "PK\5\6", 4);
    }
    if (f) fclose(f);
    return zip;
}
static value run_file(struct thread *t, const struct options *o) {
    if (is_importable(t, o->file)) return interp_add_path(t, o->file, true) ? run_module(t, "__main__", false) : V_NULL;
    char full[PATH_MAX];
    if (!o->flags.safe_path && (!realpath(o->file, full) || !interp_add_path(t, dirname(full), true)) && raised(t)) return V_NULL;
    return interp_run_file(t, o->file);
}
static bool interactive(const struct options *o) {
    bool from_stdin = !o->command && !o->module && (!o->file || strcmp(o->file, "-") == 0);
    return from_stdin && (o->flags.interactive || isatty(0));
}
static value run_program(struct thread *t, const struct options *o) {
    if (o->dump) return o->file ? dump(t, o->dump, o->file) : raise(t, &exc_ValueError, "--dump wants a file");
    bool here = o->command || o->module || !o->file || !strcmp(o->file, "-");
    if (here && !o->flags.safe_path && !o->module && !interp_add_path(t, "", true)) return V_NULL;
    if (o->module && !o->flags.safe_path) {
        char cwd[PATH_MAX];
        if (getcwd(cwd, sizeof cwd) && !interp_add_path(t, cwd, true)) return V_NULL;
    }
    if (o->command) return interp_run_string(t, o->command, "<string>");
    if (o->module) return run_module(t, o->module, true);
    if (o->file && strcmp(o->file, "-")) return run_file(t, o);
    return run_stdin(t);
}

// ---- main ----

static int cannot_open(struct thread *t, const char *program, const char *file) {
    char cwd[PATH_MAX] = "", *slash = file[0] == '/' || !getcwd(cwd, sizeof cwd) ? "" : "/";
    if (!*slash) cwd[0] = 0;
    int e = errno;
    value number = as_exc(t->exc)->extra[OS_ERRNO];
    if (number && is_int62(number)) e = (int)as_int62(number);
    fprintf(stderr, "%s: can't open file '%s%s%s': [Errno %d] %s\n", program, cwd, slash, file, e, strerror(e));
    raised_clear(t);
    return 2;
}
// The pending exception as exit status. *killed: the program was interrupted and is to die of it.
static int report(struct thread *t, const struct options *o, const char *program, bool *killed) {
    if (o->file && strcmp(o->file, "-") && raised_is(t, &exc_OSError) && !as_exc(t->exc)->traceback && !is_importable(t, o->file)) return cannot_open(t, program, o->file);
    *killed = raised_is(t, &exc_KeyboardInterrupt);
    return interp_report_exit(t);
}
static bool wants_inspection(const struct options *o) {
    const char *env = o->flags.ignore_environment ? NULL : getenv("PYTHONINSPECT"); // the program may have set it
    return o->flags.inspect || (env && *env);
}
static struct thread *start(int argc, char **argv, const struct options *o, char ***args) {
    static char exe[PATH_MAX * 2];
    find_executable(argv[0], exe, sizeof exe);
    // argv[0] of the program, then what follows it.
    int rest = argc - o->rest > 0 ? argc - o->rest : 0;
    if (!(*args = calloc((size_t)rest + 2, sizeof **args))) return NULL;
    (*args)[0] = o->command ? (char *)(uintptr_t)"-c" : o->module ? (char *)(uintptr_t)"-m" : o->file ? (char *)(uintptr_t)o->file : (char *)(uintptr_t)"";
    for (int k = 0; k < rest; k++) (*args)[k + 1] = argv[o->rest + k];
    struct interp_options io = {
        .free_threaded = !o->gil, .argc = rest + 1, .argv = *args, .orig_argc = argc, .orig_argv = argv, .executable = exe, .stdlib = o->stdlib,
        .pycache_prefix = o->pycache_prefix, .warnoptions = o->warnings, .xoptions = o->xoptions, .flags = o->flags,
    };
    if (o->dump) io.flags.bare = true;
    return interp_start(&io);
}
int main(int argc, char **argv) {
    struct options o;
    int status = options_parse(argc, argv, &o);
    if (status >= 0) return status;
    char **args;
    struct thread *t = start(argc, argv, &o, &args);
    if (!t || (!o.dump && !signals_install(t))) return 1; // a dump has no library, and needs no handler
    bool killed = false;
    status = 0;
    if (interactive(&o)) {
        status = o.flags.safe_path || interp_add_path(t, "", true) ? repl_run(t, !o.flags.quiet) : 1;
    } else {
        value r = run_program(t, &o);
        if (!r) status = report(t, &o, argv[0], &killed);
        else release(t, r);
        if (wants_inspection(&o) && !o.dump) {
            killed = false;
            status = repl_run(t, false);
        }
    }
    int stopped = interp_stop(t);
    free(args);
    if (killed) { // whoever waits sees that it was the signal
        signal(SIGINT, SIG_DFL);
        kill(getpid(), SIGINT);
    }
    return status ? status & 0xff : stopped;
}
