// SPDX-License-Identifier: Apache-2.0
// The child between fork and exec. Leaves forking to module.c.
#include "interp/modules/posixsubprocess/child.h"

#include <grp.h>
#include <limits.h>

static bool inheritable(int fd, bool yes) {
    int flags = fcntl(fd, F_GETFD);
    return flags >= 0 && fcntl(fd, F_SETFD, yes ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC) >= 0;
}
// The descriptors that are to become 0, 1, 2 are moved out of each other's way first.
static bool connect_streams(const struct child_plan *p) {
    int in = p->p2cread, out = p->c2pwrite, err = p->errwrite;
    if (p->p2cwrite >= 0 && close(p->p2cwrite) < 0) return false;
    if (p->c2pread >= 0 && close(p->c2pread) < 0) return false;
    if (p->errread >= 0 && close(p->errread) < 0) return false;
    if (p->errpipe_read >= 0 && close(p->errpipe_read) < 0) return false;
    if (out == 0 && (out = dup(out)) < 0) return false;
    while (err == 0 || err == 1)
        if ((err = dup(err)) < 0) return false;
    const int from[3] = {in, out, err};
    for (int i = 0; i < 3; i++) {
        if (from[i] == i) {
            if (!inheritable(i, true)) return false;
        } else if (from[i] >= 0 && dup2(from[i], i) < 0) return false;
    }
    return true; // what they were copied from closes itself at exec
}
static void close_others(const struct child_plan *p) {
    unsigned from = 3;
    for (size_t i = 0; i < p->keep_count; i++) {
        if (p->keep[i] < (int)from) continue;
        if ((unsigned)p->keep[i] > from) close_range(from, (unsigned)p->keep[i] - 1, 0);
        from = (unsigned)p->keep[i] + 1;
    }
    close_range(from, UINT_MAX, 0);
}
static void default_signals(void) {
    const struct sigaction sa = {.sa_handler = SIG_DFL};
    sigaction(SIGPIPE, &sa, NULL);
    sigaction(SIGXFSZ, &sa, NULL);
}
static bool become(const struct child_plan *p) {
    if (p->set_groups && setgroups(p->groups_count, p->groups) < 0) return false;
    if (p->set_gid && setregid(p->gid, p->gid) < 0) return false;
    return !p->set_uid || setreuid(p->uid, p->uid) >= 0;
}
static bool prepare(const struct child_plan *p) {
    for (size_t i = 0; i < p->keep_count; i++)
        if (p->keep[i] != p->errpipe_write && !inheritable(p->keep[i], true)) return false;
    if (!connect_streams(p)) return false;
    if (p->cwd && chdir(p->cwd) < 0) return false;
    if (p->umask >= 0) umask((mode_t)p->umask);
    if (p->restore_signals) default_signals();
    if (p->mask && pthread_sigmask(SIG_SETMASK, p->mask, NULL)) return false;
    if (p->new_session) setsid();
    if (p->process_group >= 0 && setpgid(0, p->process_group) < 0) return false;
    return become(p);
}
static void say(int fd, const char *text) {
    if (write(fd, text, strlen(text)) < 0) return; // nobody to tell
}
static void say_errno(int fd, int err, bool never_called) {
    char digits[16], *at = digits + sizeof digits - 1;
    *at = 0;
    do {
        *--at = "0123456789ABCDEF"[err & 15];
        err >>= 4;
    } while (err);
    say(fd, "OSError:");
    say(fd, at);
    say(fd, never_called ? ":noexec" : ":");
}
static int exec_all(const struct child_plan *p) { // returns the errno that says most
    int kept = 0;
    for (char *const *path = p->executables; *path; path++) {
        if (p->envp) execve(*path, p->argv, p->envp);
        else execv(*path, p->argv);
        if (errno != ENOENT && errno != ENOTDIR && kept == 0) kept = errno;
    }
    return kept ? kept : errno;
}
void child_run(const struct child_plan *p) {
    if (!prepare(p)) {
        say_errno(p->errpipe_write, errno, true);
        _exit(255);
    }
    if (p->preexec) {
        value r = object_call0(p->thread, p->preexec);
        if (!r) {
            say(p->errpipe_write, "SubprocessError:0:Exception occurred in preexec_fn.");
            _exit(255);
        }
        release(p->thread, r);
    }
    if (p->close_fds) close_others(p);
    say_errno(p->errpipe_write, exec_all(p), false);
    _exit(255);
}
