// SPDX-License-Identifier: Apache-2.0
// The interactive loop: prompts, statements over several lines, PYTHONSTARTUP. Leaves reading a line to line.c, compiling and running to the interpreter.
#include "interp/program/repl.h"
#include "interp/modules/sys/sys.h"
#include "interp/program/line.h"
#include "interp/vm/code.h"
#include "interp/vm/frame.h"

#include <stdio.h>
#include <stdlib.h>

enum { DONT_IMPLY_DEDENT = 0x200, INCOMPLETE_INPUT = 0x4000 };
struct repl {
    struct thread *t;
    struct line_reader *in;
    uint32_t future; // flags that from __future__ switched on
};

// sys.ps1 or ps2 as text. returns new str, never V_NULL with an exception pending.
static value prompt(struct thread *t, const char *name, const char *fallback) {
    value v = dict_get_str(t, t->interp->sys_dict, name), s = v ? object_str(t, v) : V_NULL;
    release_opt(t, v);
    raised_clear(t);
    return s ? s : str_from_cstr(t, fallback);
}
static bool set_default(struct thread *t, const char *name, const char *text) {
    value there = dict_get_str(t, t->interp->sys_dict, name), v = there ? V_NULL : str_from_cstr(t, text);
    bool ok = there || (v && dict_set_str(t, t->interp->sys_dict, name, v));
    release_opt(t, there);
    release_opt(t, v);
    return ok;
}
static void say(struct thread *t, const char *text) {
    if (!sys_write_std(t, "stderr", text, strlen(text))) raised_clear(t);
}

// ---- one statement ----

enum state { COMPLETE, MORE, WRONG };
static bool only_comments(const char *s) {
    for (; *s; s++) {
        if (*s == '#') while (s[1] && s[1] != '\n') s++;
        else if (*s != ' ' && *s != '\t' && *s != '\n' && *s != '\f') return false;
    }
    return true;
}
static bool says_incomplete(struct thread *t) {
    if (!raised_is(t, &exc_SyntaxError)) return false;
    value msg = as_exc(t->exc)->extra[SYNTAX_MSG];
    return msg && is_str(msg) && str_find(msg, str_intern_cstr(t, "incomplete input"), 0, INT64_MAX, false) >= 0;
}
// As codeop does it: a text that fails only because it ends too early wants more.
static enum state try_compile(struct repl *r, const char *text, struct code **out) {
    struct thread *t = r->t;
    int optimize = sys_flags_of(t->interp)->optimize;
    uint32_t flags = DONT_IMPLY_DEDENT | r->future;
    *out = compile_source(t, text, strlen(text), "<stdin>", "single", optimize, flags | INCOMPLETE_INPUT);
    if (*out) return COMPLETE;
    if (says_incomplete(t)) return raised_clear(t), MORE;
    if (!raised_is(t, &exc_SyntaxError)) return WRONG;
    raised_clear(t);
    *out = compile_source(t, text, strlen(text), "<stdin>", "single", optimize, flags);
    return *out ? COMPLETE : WRONG;
}
// Runs what was typed. false: SystemExit is pending.
static bool run(struct repl *r, struct code *c) {
    struct thread *t = r->t;
    r->future |= c->flags & CODE_FUTURE_ANNOTATIONS;
    value d = interp_main_dict(t), v = d ? vm_exec(t, c, d, d) : V_NULL;
    release_opt(t, d);
    release_opt(t, v);
    if (!v && raised_is(t, &exc_SystemExit)) return false;
    if (!v) interp_report_exit(t);
    value file = dict_get_str(t, t->interp->sys_dict, "stdout"), f = file && file != V_NONE ? object_call_method_cstr(t, file, "flush", NULL, 0) : V_NULL;
    release_opt(t, file);
    release_opt(t, f);
    raised_clear(t);
    return true;
}
static void interrupted(struct thread *t) {
    raised_clear(t);
    say(t, "\nKeyboardInterrupt\n");
}
// Reads and runs one statement. 1: go on; 0: the end of input; -1: SystemExit is pending.
static int statement(struct repl *r) {
    struct thread *t = r->t;
    char *text = NULL;
    size_t n = 0;
    int result = 1;
    for (bool first = true;; first = false) {
        value p = first ? prompt(t, "ps1", ">>> ") : prompt(t, "ps2", "... ");
        char *line = NULL;
        enum line_result got = line_read(r->in, t, p ? str_utf8(t, p, NULL) : "", &line);
        release_opt(t, p);
        if (got == LINE_INTERRUPTED) {
            interrupted(t);
            break;
        }
        if (got == LINE_END && (first || !text)) {
            result = 0;
            break;
        }
        size_t m = line ? strlen(line) : 0;
        char *more = realloc(text, n + m + 2);
        if (!more) abort();
        text = more;
        if (m) memcpy(text + n, line, m);
        free(line);
        text[n += m] = '\n';
        text[++n] = 0;
        bool blank = m == 0 || got == LINE_END;
        if (first && only_comments(text)) break;
        // A block ends with an empty line: until then every line may be followed by another.
        struct code *c = NULL;
        enum state s = try_compile(r, text, &c);
        if (s == COMPLETE && !first && !blank && r->in && line_is_block(text)) s = MORE;
        if (s == MORE && got != LINE_END) continue;
        if (s == COMPLETE) result = run(r, c) ? 1 : -1;
        else if (s == WRONG) interp_report_exit(t);
        else if (try_compile(r, text, &c) == MORE) { // the input ended within
            compile_source(t, text, n, "<stdin>", "single", 0, r->future);
            if (raised(t)) interp_report_exit(t);
        }
        break;
    }
    free(text);
    return result;
}

// ---- the loop ----

static void startup(struct thread *t) {
    const char *path = sys_flags_of(t->interp)->ignore_environment ? NULL : getenv("PYTHONSTARTUP");
    if (!path || !*path) return;
    value v = interp_run_file(t, path);
    release_opt(t, v);
    if (!v) interp_report_exit(t);
    value d = interp_main_dict(t);
    if (d && dict_del(t, d, str_intern_cstr(t, "__file__")) < 0) raised_clear(t);
    release_opt(t, d);
}
int repl_run(struct thread *t, bool banner) {
    if (banner) {
        char text[400];
        snprintf(text, sizeof text, "Python 3.11.2 (krait %s) [GCC %s] on linux\nType \"help\", \"copyright\", \"credits\" or \"license\" for more information.\n", PACKAGE_VERSION,
                 __VERSION__);
        say(t, text);
    }
    if (!set_default(t, "ps1", ">>> ") || !set_default(t, "ps2", "... ")) return interp_report_exit(t);
    startup(t);
    struct repl r = {.t = t, .in = line_open()};
    int more;
    while ((more = statement(&r)) > 0) {}
    line_close(r.in);
    if (more == 0 && r.in) say(t, "\n");
    return more < 0 ? interp_report_exit(t) : 0;
}
