// SPDX-License-Identifier: Apache-2.0
// sys.stdin, stdout, stderr with the encoding that options and environment ask for. Leaves the streams themselves to io/module.c.
#include "interp/modules/io/io.h"
#include "interp/modules/modules.h"
#include "interp/modules/sys/sys.h"

#include <stdio.h>
#include <stdlib.h>

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

bool sys_open_streams(struct thread *t) {
    static const char *const names[3][2] = {{"stdin", "__stdin__"}, {"stdout", "__stdout__"}, {"stderr", "__stderr__"}};
    struct choice c;
    const struct interp_flags *f = sys_flags_of(t->interp);
    choose(f, &c);
    bool ok = true;
    for (int fd = 0; ok && fd < 3; fd++) {
        value v = io_standard_stream(t, fd, c.encoding, fd == 2 ? "backslashreplace" : c.errors, f->unbuffered);
        ok = v && dict_set_str(t, t->interp->sys_dict, names[fd][0], v) && dict_set_str(t, t->interp->sys_dict, names[fd][1], v);
        release_opt(t, v);
    }
    return ok;
}
