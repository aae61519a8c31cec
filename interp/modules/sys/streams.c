// SPDX-License-Identifier: Apache-2.0
// sys.stdin, stdout, stderr as files of _io, opened once importing works. Leaves what a program without _io writes to, and the time before, to stream.c.
#include "interp/modules/modules.h"
#include "interp/modules/sys/sys.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct choice { char encoding[40], errors[40]; };

// The C and POSIX locales say nothing of the encoding: bytes go through unharmed.
static void choose(const struct interp_flags *f, struct choice *c) {
    const char *locale = NULL, *names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (int k = 0; k < 3 && !(locale && *locale); k++) locale = getenv(names[k]);
    bool plain = !locale || !*locale || strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0;
    snprintf(c->encoding, sizeof c->encoding, "utf-8");
    snprintf(c->errors, sizeof c->errors, "%s", plain || f->utf8_mode ? "surrogateescape" : "strict");
    const char *env = f->ignore_environment ? NULL : getenv("PYTHONIOENCODING");
    if (!env || !*env) return;
    const char *colon = strchrnul(env, ':');
    if (colon > env) {
        snprintf(c->encoding, sizeof c->encoding, "%.*s", (int)(colon - env), env);
        snprintf(c->errors, sizeof c->errors, "strict");
    }
    if (*colon && colon[1]) snprintf(c->errors, sizeof c->errors, "%s", colon + 1);
}

static bool set_str(struct thread *t, vref o, const char *name, const char *text) {
    value v = str_from_cstr(t, text);
    bool ok = v && object_setattr(t, o, str_intern_cstr(t, name), v) == 0;
    release_opt(t, v);
    return ok;
}
// A binary file over the descriptor: buffered, or raw where output is not to be.
static value open_binary(struct thread *t, vref io, int fd, bool raw) {
    value open = object_getattr_cstr(t, io, "open"), names = V_NULL, r = V_NULL, mode = str_from_cstr(t, fd == 0 ? "rb" : "wb");
    value buffering = str_intern_cstr(t, "buffering"), closefd = str_intern_cstr(t, "closefd");
    if (open && mode && buffering && closefd && (names = tuple_pack(t, 2, buffering, closefd)))
        r = object_call(t, open, (vref[]){from_int62(fd), mode, from_int62(raw && fd != 0 ? 0 : -1), V_FALSE}, 2, names);
    release_opt(t, open);
    release_opt(t, mode);
    release_opt(t, names);
    return r;
}
static value open_text(struct thread *t, vref io, int fd, const char *name, const struct choice *c, bool unbuffered) {
    static const char *const keys[] = {"encoding", "errors", "newline", "line_buffering", "write_through"};
    bool raw = unbuffered && fd != 0, tty = isatty(fd);
    value binary = open_binary(t, io, fd, raw), inner = V_NULL, names = V_NULL, r = V_NULL, wrap = V_NULL;
    if (!binary) return V_NULL;
    if (raw) inner = own(t, binary);
    else inner = object_getattr_cstr(t, binary, "raw");
    if (!inner || !set_str(t, inner, "name", name)) raised_clear(t);
    value list = list_new(t, 5), encoding = str_from_cstr(t, c->encoding), errors = str_from_cstr(t, fd == 2 ? "backslashreplace" : c->errors), newline = str_from_cstr(t, "\n");
    for (int k = 0; list && k < 5; k++)
        if (!list_append(t, list, str_intern_cstr(t, keys[k]))) release_field(t, &list);
    if (list && encoding && errors && newline && (names = list_to_tuple(t, list)) && (wrap = object_getattr_cstr(t, io, "TextIOWrapper")))
        r = object_call(t, wrap, (vref[]){binary, encoding, errors, newline, from_bool(tty || fd == 2), from_bool(raw)}, 1, names);
    if (r && !set_str(t, r, "mode", fd == 0 ? "r" : "w")) release_field(t, &r);
    vref drop[] = {binary, inner, list, encoding, errors, newline, names, wrap};
    for (size_t k = 0; k < sizeof drop / sizeof *drop; k++) release_opt(t, drop[k]);
    return r;
}
bool sys_open_streams(struct thread *t) {
    static const char *const names[3][3] = {{"stdin", "__stdin__", "<stdin>"}, {"stdout", "__stdout__", "<stdout>"}, {"stderr", "__stderr__", "<stderr>"}};
    struct choice c;
    const struct interp_flags *f = sys_flags_of(t->interp);
    choose(f, &c);
    value key = str_intern_cstr(t, "_io"), io = import_dotted(t, key);
    bool ok = io != V_NULL;
    for (int fd = 0; ok && fd < 3; fd++) {
        value v = fcntl(fd, F_GETFD) < 0 ? V_NONE : open_text(t, io, fd, names[fd][2], &c, f->unbuffered);
        ok = v && dict_set_str(t, t->interp->sys_dict, names[fd][0], v) && dict_set_str(t, t->interp->sys_dict, names[fd][1], v);
        release_opt(t, v);
    }
    release_opt(t, io);
    return ok;
}
