// SPDX-License-Identifier: Apache-2.0
// krait-python: the interpreter as a program. Leaves running to runtime.c.
#include "interp/front/compile_tree.h"
#include "interp/include/interp.h"
#include "interp/modules/modules.h"
#include "interp/modules/signal/signal.h"
#include "interp/vm/code.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct options {
    bool gil, gil_set, isolated, inspect;
    const char *command, *module, *file, *dump;
    int rest; // index of the first argument of the program
};

static const char usage_text[] =
    "usage: krait-python [-X gil=0|1] [-I] [-i] [--dump=WHAT] [FILE | -c COMMAND | -m MODULE | -] [ARG...]\n";
static const char help_text[] =
    "Runs Python 3.11.\n\n"
    "  FILE           run a file; - or nothing: run standard input\n"
    "  -c COMMAND     run a command\n"
    "  -m MODULE      run a module as __main__\n"
    "  -X gil=0|1     without or with a global interpreter lock (default 1; PYTHON_GIL does the same)\n"
    "  -i             read commands after the program has run\n"
    "  -I             ignore PYTHON* variables and do not add the script's folder to sys.path\n"
    "  --dump=WHAT    print what FILE becomes instead of running it: tokens, ast or bytecode\n"
    "  -V, --version  print the version\n"
    "  -h, --help     print this\n";

static int wrong(const char *what, const char *arg) {
    fprintf(stderr, "krait-python: %s%s%s; see krait-python --help\n", what, arg ? ": " : "", arg ? arg : "");
    return 2;
}
// -1: go on; else the exit status.
static int parse(int argc, char **argv, struct options *o) {
    const char *env = getenv("PYTHON_GIL");
    *o = (struct options){.gil = true};
    int k = 1;
    for (; k < argc; k++) {
        const char *a = argv[k];
        if (strcmp(a, "-h") == 0 || strcmp(a, "--help") == 0) {
            printf("%s%s", usage_text, help_text);
            return 0;
        }
        if (strcmp(a, "-V") == 0 || strcmp(a, "--version") == 0) {
            printf("Python 3.11.2 (krait %s)\n", PACKAGE_VERSION);
            return 0;
        }
        if (strncmp(a, "-X", 2) == 0) {
            const char *x = a[2] ? a + 2 : ++k < argc ? argv[k] : "";
            if (strcmp(x, "gil=0") == 0) o->gil = false, o->gil_set = true;
            else if (strcmp(x, "gil=1") == 0) o->gil = true, o->gil_set = true;
            else if (strncmp(x, "gil", 3) == 0) return wrong("-X gil wants 0 or 1", x);
        } else if (strcmp(a, "-I") == 0) o->isolated = true;
        else if (strcmp(a, "-i") == 0) o->inspect = true;
        else if (strncmp(a, "--dump=", 7) == 0) {
            if (strcmp(a + 7, "tokens") && strcmp(a + 7, "ast") && strcmp(a + 7, "bytecode")) return wrong("--dump knows tokens, ast and bytecode, not", a + 7);
            o->dump = a + 7;
        } else if (strcmp(a, "-c") == 0 || strcmp(a, "-m") == 0) {
            if (k + 1 >= argc) return wrong("argument expected for the option", a);
            if (a[1] == 'c') o->command = argv[k + 1];
            else o->module = argv[k + 1];
            k++;
            break;
        } else if (a[0] == '-' && a[1]) return wrong("unknown option", a);
        else {
            o->file = a;
            break;
        }
    }
    o->rest = k;
    if (!o->gil_set && env && *env && !o->isolated) {
        if (strcmp(env, "0") && strcmp(env, "1")) return wrong("PYTHON_GIL wants 0 or 1", env);
        o->gil = *env == '1';
    }
    return -1;
}

static value run_stdin(struct thread *t) {
    char *text = NULL;
    size_t n = 0, room = 0;
    for (;;) {
        if (n + 4096 > room && !(text = realloc(text, room = n * 2 + 8192))) abort();
        ssize_t k = read(0, text + n, 4095);
        if (k <= 0) break;
        n += (size_t)k;
    }
    text[n] = 0;
    value r = interp_run_string(t, text, "<stdin>");
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
static value run_program(struct thread *t, const struct options *o) {
    if (o->dump) return o->file ? dump(t, o->dump, o->file) : raise(t, &exc_ValueError, "--dump wants a file");
    if (o->command) return interp_run_string(t, o->command, "<string>");
    if (o->module) {
        value runpy = interp_import(t, "runpy");
        if (!runpy) return V_NULL;
        value name = str_from_cstr(t, o->module);
        value r = name ? object_call_method_cstr(t, runpy, "_run_module_as_main", &name, 1) : V_NULL;
        release_opt(t, name);
        release(t, runpy);
        return r;
    }
    if (o->file && strcmp(o->file, "-")) {
        char *copy = strdup(o->file);
        bool ok = copy && (o->isolated || interp_add_path(t, dirname(copy), true));
        free(copy);
        return ok ? interp_run_file(t, o->file) : V_NULL;
    }
    return run_stdin(t);
}

int main(int argc, char **argv) {
    struct options o;
    int status = parse(argc, argv, &o);
    if (status >= 0) return status;
    char *fake[] = {o.command ? "-c" : o.module ? "-m" : o.file ? (char *)o.file : ""};
    struct interp_options io = {.free_threaded = !o.gil, .executable = "/proc/self/exe", .flags = {.isolated = o.isolated, .ignore_environment = o.isolated, .int_max_str_digits = -1, .hash_randomization = true, .import_site = true}};
    char exe[4096];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n > 0) {
        exe[n] = 0;
        io.executable = exe;
    }
    // argv[0] of the program, then what follows it.
    int rest = argc - o.rest - 1 > 0 ? argc - o.rest - 1 : 0;
    char **args = calloc((size_t)rest + 2, sizeof *args);
    if (!args) return 1;
    args[0] = fake[0];
    for (int k = 0; k < rest; k++) args[k + 1] = argv[o.rest + 1 + k];
    io.argc = rest + 1;
    io.argv = args;
    struct thread *t = interp_start(&io);
    if (!t || !signals_install(t)) return 1;
    if ((o.command || o.module) && !o.isolated && !interp_add_path(t, "", true)) return interp_report_exit(t);
    value r = run_program(t, &o);
    if (r) release(t, r);
    else {
        if (o.file && raised_is(t, &exc_FileNotFoundError) && access(o.file, F_OK)) {
            fprintf(stderr, "krait-python: can't open file '%s': %s\n", o.file, strerror(errno));
            raised_clear(t);
            status = 2;
        } else
            status = interp_report_exit(t);
    }
    int stopped = interp_stop(t);
    free(args);
    return status > 0 ? status : stopped;
}
