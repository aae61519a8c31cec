// SPDX-License-Identifier: Apache-2.0
// Terminals: their names, sizes, process groups, pseudo-terminals. Leaves their modes to termios.
#include "interp/modules/posix/posix.h"

#include <pty.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <utmp.h>

static const struct structseq_field size_fields[] = {{"columns", "characters in a line"}, {"lines", "lines on the screen"}};
struct structseq terminal_size = {
    .type = {.name = "terminal_size", .module = "os", .doc = "How big a terminal is: (columns, lines)."}, .fields = size_fields, .count = 2, .visible = 2,
};
static value f_get_terminal_size(struct thread *t, const vref *a) {
    struct winsize w;
    int fd;
    if (!arg_int_or(t, a[0], STDOUT_FILENO, &fd)) return V_NULL;
    if (ioctl(fd, TIOCGWINSZ, &w) < 0) return posix_error(t);
    return structseq_new(t, &terminal_size, (value[]){from_int62(w.ws_col), from_int62(w.ws_row)});
}
static value f_ttyname(struct thread *t, const vref *a) {
    char name[256];
    int fd;
    if (!arg_int(t, a[0], &fd)) return V_NULL;
    int err = ttyname_r(fd, name, sizeof name);
    errno = err;
    return err ? posix_error(t) : path_text(t, name);
}
static value f_ctermid(struct thread *t, const vref *a) {
    char name[L_ctermid + 1];
    (void)a;
    return path_text(t, ctermid(name));
}
static value f_tcgetpgrp(struct thread *t, const vref *a) {
    int fd;
    if (!arg_int(t, a[0], &fd)) return V_NULL;
    pid_t r = tcgetpgrp(fd);
    return r < 0 ? posix_error(t) : from_int62(r);
}
static value f_tcsetpgrp(struct thread *t, const vref *a) {
    int fd, group;
    return arg_int(t, a[0], &fd) && arg_int(t, a[1], &group) ? posix_done(t, tcsetpgrp(fd, group)) : V_NULL;
}
static value f_openpty(struct thread *t, const vref *a) {
    int master, slave;
    (void)a;
    if (openpty(&master, &slave, NULL, NULL, NULL) < 0) return posix_error(t);
    fcntl(master, F_SETFD, FD_CLOEXEC);
    fcntl(slave, F_SETFD, FD_CLOEXEC);
    return tuple_pack(t, 2, from_int62(master), from_int62(slave));
}
static value f_login_tty(struct thread *t, const vref *a) {
    int fd;
    return arg_fd(t, a[0], &fd) ? posix_done(t, login_tty(fd)) : V_NULL;
}

const struct native posix_tty_natives[] = {
    F("get_terminal_size", "($module, fd=<unrepresentable>, /)", f_get_terminal_size), F("ttyname", "($module, fd, /)", f_ttyname), F("ctermid", "($module, /)", f_ctermid),
    F("tcgetpgrp", "($module, fd, /)", f_tcgetpgrp), F("tcsetpgrp", "($module, fd, pgid, /)", f_tcsetpgrp), F("openpty", "($module, /)", f_openpty),
    F("login_tty", "($module, fd, /)", f_login_tty), {0},
};
