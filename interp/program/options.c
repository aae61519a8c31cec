// SPDX-License-Identifier: Apache-2.0
// Reads the command line as CPython's does, then the PYTHON* variables. Leaves acting on them to python.c.
#include "interp/program/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage_text[] = "usage: krait-python [option] ... [-c cmd | -m mod | file | -] [arg] ...\n";
static const char help_text[] =
    "Runs Python 3.11. Options (and corresponding environment variables):\n"
    "-b     : issue warnings about comparing bytes and str (-bb: issue errors)\n"
    "-B     : don't write compiled files on import (PYTHONDONTWRITEBYTECODE)\n"
    "-c cmd : program passed in as string (terminates option list)\n"
    "-d     : set sys.flags.debug (PYTHONDEBUG)\n"
    "-E     : ignore PYTHON* environment variables\n"
    "-h     : print this help message and exit (also --help)\n"
    "-i     : inspect interactively after running script (PYTHONINSPECT)\n"
    "-I     : isolate from the user's environment (implies -E, -P and -s)\n"
    "-m mod : run library module as a script (terminates option list)\n"
    "-O     : remove assert and __debug__-dependent statements (PYTHONOPTIMIZE)\n"
    "-OO    : do -O changes and also discard docstrings\n"
    "-P     : don't prepend a potentially unsafe path to sys.path (PYTHONSAFEPATH)\n"
    "-q     : don't print version and copyright messages on interactive startup\n"
    "-s     : don't add user site directory to sys.path (PYTHONNOUSERSITE)\n"
    "-S     : don't imply 'import site' on initialization\n"
    "-u     : force the stdout and stderr streams to be unbuffered (PYTHONUNBUFFERED)\n"
    "-v     : set sys.flags.verbose, say what is imported (PYTHONVERBOSE)\n"
    "-V     : print the version and exit (also --version)\n"
    "-W arg : warning control; arg is action:message:category:module:lineno (PYTHONWARNINGS)\n"
    "-x     : skip first line of source, allowing use of non-Unix forms of #!cmd\n"
    "-X opt : set implementation-specific option:\n"
    "         gil=0|1                without or with a global interpreter lock (default 1; PYTHON_GIL)\n"
    "         dev                    development mode (PYTHONDEVMODE)\n"
    "         faulthandler           a fatal signal writes the Python stacks (PYTHONFAULTHANDLER)\n"
    "         frozen_modules=on|off  start-up modules from the program or from the library's sources\n"
    "         int_max_str_digits=N   limit of int <-> str conversions (PYTHONINTMAXSTRDIGITS)\n"
    "         pycache_prefix=PATH    where compiled files are kept (PYTHONPYCACHEPREFIX)\n"
    "         stdlib=PATH            the standard library (KRAIT_STDLIB)\n"
    "         utf8, warn_default_encoding\n"
    "--check-hash-based-pycs always|default|never\n"
    "--dump=WHAT FILE : print what FILE becomes instead of running it: tokens, ast or bytecode\n"
    "file   : program read from script file\n"
    "-      : program read from stdin (default; interactive mode if a tty)\n"
    "arg ...: arguments passed to program in sys.argv[1:]\n"
    "Other variables: PYTHONPATH, PYTHONSTARTUP, PYTHONIOENCODING, PYTHONHASHSEED, PYTHONBREAKPOINT, PYTHONUTF8.\n";

static int wrong(const char *what, const char *arg) {
    fprintf(stderr, "krait-python: %s%s%s; see krait-python --help\n", what, arg ? ": " : "", arg ? arg : "");
    return 2;
}
static void add(const char ***list, const char *item) {
    size_t n = 0;
    while (*list && (*list)[n]) n++;
    const char **more = realloc(*list, (n + 2) * sizeof *more);
    if (!more) abort();
    more[n] = item;
    more[n + 1] = NULL;
    *list = more;
}

// ---- -X ----

static bool number(const char *s, int *out) {
    char *end;
    errno = 0;
    long n = strtol(s, &end, 10);
    if (!*s || *end || errno || n < 0 || n > INT32_MAX) return false;
    *out = (int)n;
    return true;
}
static int set_digits(struct options *o, const char *s, const char *from) {
    int n;
    if (!number(s, &n) || (n && n < 640)) return wrong("the limit of int digits must be 0 or at least 640", from);
    o->flags.int_max_str_digits = n;
    return -1;
}
static int set_gil(struct options *o, const char *s, const char *what) {
    if (strcmp(s, "0") && strcmp(s, "1")) return wrong(what, s);
    o->gil = *s == '1';
    o->gil_set = true;
    return -1;
}
static int x_option(struct options *o, const char *x) {
    add(&o->xoptions, x);
    const char *eq = strchr(x, '='), *v = eq ? eq + 1 : "";
    size_t n = eq ? (size_t)(eq - x) : strlen(x);
    if (n == 3 && strncmp(x, "gil", 3) == 0) return set_gil(o, v, "-X gil wants 0 or 1");
    if (n == 3 && strncmp(x, "dev", 3) == 0) o->flags.dev_mode = true;
    if (n == 12 && strncmp(x, "faulthandler", 12) == 0) o->flags.faulthandler = true;
    if (n == 4 && strncmp(x, "utf8", 4) == 0) o->flags.utf8_mode = !eq || strcmp(v, "0");
    if (n == 14 && strncmp(x, "frozen_modules", 14) == 0) o->flags.no_frozen = strcmp(v, "off") == 0;
    if (n == 14 && strncmp(x, "pycache_prefix", 14) == 0 && *v) o->pycache_prefix = v;
    if (n == 6 && strncmp(x, "stdlib", 6) == 0 && *v) o->stdlib = v;
    if (n == 21 && strncmp(x, "warn_default_encoding", 21) == 0) o->flags.warn_default_encoding = true;
    if (n == 18 && strncmp(x, "int_max_str_digits", 18) == 0) return set_digits(o, v, "-X int_max_str_digits");
    return -1;
}

// ---- the command line ----

static bool plain_letter(struct options *o, char c) { // one that takes no argument
    struct interp_flags *f = &o->flags;
    switch (c) {
    case 'b': f->bytes_warning++; break;
    case 'B': f->dont_write_bytecode = true; break;
    case 'd': f->debug++; break;
    case 'E': f->ignore_environment = true; break;
    case 'i': f->inspect++, f->interactive++; break;
    case 'I': f->isolated = f->ignore_environment = f->no_user_site = f->safe_path = true; break;
    case 'O': f->optimize++; break;
    case 'P': f->safe_path = true; break;
    case 'q': f->quiet++; break;
    case 'R': break; // hashes are randomised anyway
    case 's': f->no_user_site = true; break;
    case 'S': f->no_site = true; break;
    case 'u': f->unbuffered = true; break;
    case 'v': f->verbose++; break;
    case 'x': f->skip_first_line = true; break;
    case 'V': o->version = true, o->version_verbose++; break;
    default: return false;
    }
    return true;
}
static int help(void) {
    printf("%s%s", usage_text, help_text);
    return 0;
}
static int long_option(struct options *o, int argc, char **argv, int *k) {
    const char *a = argv[*k];
    if (strcmp(a, "--help") == 0) return help();
    if (strcmp(a, "--version") == 0) return o->version = true, -1;
    if (strncmp(a, "--dump=", 7) == 0) {
        if (strcmp(a + 7, "tokens") && strcmp(a + 7, "ast") && strcmp(a + 7, "bytecode")) return wrong("--dump knows tokens, ast and bytecode, not", a + 7);
        o->dump = a + 7;
        return -1;
    }
    if (strcmp(a, "--check-hash-based-pycs") == 0) {
        const char *v = *k + 1 < argc ? argv[++*k] : "";
        if (strcmp(v, "always") && strcmp(v, "default") && strcmp(v, "never")) return wrong("--check-hash-based-pycs must be one of 'default', 'always', or 'never'", NULL);
        o->check_hash_pycs = v;
        return -1;
    }
    return wrong("unknown option", a);
}
// One cluster of letters. *end: the program begins behind it.
static int cluster(struct options *o, int argc, char **argv, int *k, bool *end) {
    for (const char *p = argv[*k] + 1; *p; p++) {
        if (plain_letter(o, *p)) continue;
        if (*p == 'h' || *p == '?') return help();
        if (!strchr("cmWX", *p)) {
            char letter[3] = {'-', *p, 0};
            return wrong("unknown option", letter);
        }
        const char *v = p[1] ? p + 1 : ++*k < argc ? argv[*k] : NULL;
        char letter[3] = {'-', *p, 0};
        if (!v) return wrong("argument expected for the option", letter);
        if (*p == 'c') o->command = v;
        if (*p == 'm') o->module = v;
        *end = *p == 'c' || *p == 'm';
        if (*p == 'W') add(&o->warnings, v);
        return *p == 'X' ? x_option(o, v) : -1;
    }
    return -1;
}
static int command_line(int argc, char **argv, struct options *o) {
    int k = 1, status = -1;
    bool end = false;
    for (; k < argc && !end && status < 0; k++) {
        const char *a = argv[k];
        if (a[0] != '-' || !a[1]) {
            o->file = a;
            break;
        }
        if (strcmp(a, "--") == 0) {
            if (k + 1 < argc) o->file = argv[++k];
            break;
        }
        status = a[1] == '-' ? long_option(o, argc, argv, &k) : cluster(o, argc, argv, &k, &end);
    }
    o->rest = o->file ? k + 1 : k;
    return status;
}

// ---- the environment ----

static const char *variable(const struct options *o, const char *name) {
    const char *v = o->flags.ignore_environment ? NULL : getenv(name);
    return v && *v ? v : NULL;
}
static void level(const struct options *o, const char *name, int *flag) { // a number, or 1 for any other text
    const char *v = variable(o, name);
    int n = 0;
    if (!v) return;
    if (!number(v, &n) || n < 1) n = 1;
    if (*flag < n) *flag = n;
}
static void warnings_of(struct options *o, const char *list) { // the variable's stand before those of -W
    const char **mine = o->warnings;
    o->warnings = NULL;
    if (o->flags.dev_mode) add(&o->warnings, "default");
    char *copy = list ? strdup(list) : NULL;
    for (char *save, *p = copy ? strtok_r(copy, ",", &save) : NULL; p; p = strtok_r(NULL, ",", &save)) add(&o->warnings, p);
    for (const char **p = mine; p && *p; p++) add(&o->warnings, *p);
    if (o->flags.bytes_warning) add(&o->warnings, o->flags.bytes_warning > 1 ? "error::BytesWarning" : "default::BytesWarning");
    free(mine);
}
static int environment(struct options *o) {
    struct interp_flags *f = &o->flags;
    const char *v;
    level(o, "PYTHONDEBUG", &f->debug);
    level(o, "PYTHONVERBOSE", &f->verbose);
    level(o, "PYTHONOPTIMIZE", &f->optimize);
    if (variable(o, "PYTHONINSPECT")) f->inspect = 1;
    if (variable(o, "PYTHONDONTWRITEBYTECODE")) f->dont_write_bytecode = true;
    if (variable(o, "PYTHONNOUSERSITE")) f->no_user_site = true;
    if (variable(o, "PYTHONUNBUFFERED")) f->unbuffered = true;
    if (variable(o, "PYTHONSAFEPATH")) f->safe_path = true;
    if (variable(o, "PYTHONDEVMODE")) f->dev_mode = true;
    if (variable(o, "PYTHONFAULTHANDLER") || f->dev_mode) f->faulthandler = true;
    if (variable(o, "PYTHONWARNDEFAULTENCODING")) f->warn_default_encoding = true;
    if ((v = variable(o, "PYTHONUTF8"))) f->utf8_mode = *v == '1';
    if (f->int_max_str_digits < 0 && (v = variable(o, "PYTHONINTMAXSTRDIGITS"))) {
        int status = set_digits(o, v, "PYTHONINTMAXSTRDIGITS");
        if (status >= 0) return status;
    }
    if ((v = variable(o, "PYTHONHASHSEED"))) {
        int seed;
        if (strcmp(v, "random") && !number(v, &seed)) return wrong("PYTHONHASHSEED must be \"random\" or an integer in range [0; 2147483647]", v);
        f->hash_randomization = strcmp(v, "0") != 0;
    }
    warnings_of(o, variable(o, "PYTHONWARNINGS"));
    return !o->gil_set && (v = variable(o, "PYTHON_GIL")) ? set_gil(o, v, "PYTHON_GIL wants 0 or 1") : -1;
}

int options_parse(int argc, char **argv, struct options *o) {
    *o = (struct options){.gil = true, .flags = {.int_max_str_digits = -1, .hash_randomization = true}};
    int status = command_line(argc, argv, o);
    if (status >= 0) return status;
    if (o->version) {
        printf("Python 3.11.2 (krait %s)%s\n", PACKAGE_VERSION, o->version_verbose > 1 ? " [GCC " __VERSION__ "]" : "");
        return 0;
    }
    if ((status = environment(o)) >= 0) return status;
    o->flags.import_site = !o->flags.no_site;
    return -1;
}
