// SPDX-License-Identifier: Apache-2.0
// Starting and ending child processes (proc.h). Their arguments are stack.c's.

#include "sdk/cli/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sdk/base/clock.h"

// The folder of this program, without a libtool .libs at its end.
static bool own_folder(char folder[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    if (n <= 0)
        return false;
    folder[n] = 0;
    *strrchr(folder, '/') = 0;
    size_t len = strlen(folder);
    if (len > 6 && strcmp(folder + len - 6, "/.libs") == 0)
        folder[len - 6] = 0;
    return true;
}

static bool try_path(char path[PATH_MAX], const char *folder, size_t n, const char *name)
{
    struct stat st;
    int len = snprintf(path, PATH_MAX, "%.*s/%s", (int)n, folder, name);
    return len < PATH_MAX && stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

bool proc_find(const char *name, char path[PATH_MAX])
{
    char folder[PATH_MAX];
    if (own_folder(folder) && try_path(path, folder, strlen(folder), name))
        return true;
    const char *all = getenv("PATH");
    for (const char *at = all ? all : "/usr/local/bin:/usr/bin:/bin"; at;) {
        size_t n = strcspn(at, ":");
        if (n && try_path(path, at, n, name))
            return true;
        at = at[n] ? at + n + 1 : NULL;
    }
    return false;
}

bool proc_folder(const char *relative, char path[PATH_MAX])
{
    char folder[PATH_MAX], joined[2 * PATH_MAX];
    struct stat st;
    if (!own_folder(folder))
        return false;
    snprintf(joined, sizeof joined, "%s/%s", folder, relative);
    return realpath(joined, path) && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void become(char *const argv[], int out, int errors, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)       // it died before prctl
        _exit(127);
    int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    if (errors >= 0)
        dup2(errors, STDERR_FILENO);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execv(argv[0], argv);
    fprintf(stderr, "krait: cannot run %s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

bool proc_start(struct proc *p, char *const argv[], int errors)
{
    int ends[2];
    pid_t parent = getpid();
    *p = PROC_NONE;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    fflush(NULL);
    p->pid = fork();
    if (p->pid == 0)
        become(argv, ends[1], errors, parent);
    close(ends[1]);
    if (p->pid < 0) {
        close(ends[0]);
        p->pid = 0;
        return false;
    }
    setpgid(p->pid, p->pid);
    p->out = ends[0];
    fcntl(p->out, F_SETFL, O_NONBLOCK);
    return true;
}

// Reads what is there; false at the end of the output.
static bool read_more(struct proc *p)
{
    if (p->out < 0)
        return false;
    uint8_t *at = buf_room(&p->text, 4096);
    ssize_t n = at ? read(p->out, at, 4096) : 0;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n <= 0) {
        close(p->out);
        p->out = -1;
        return false;
    }
    buf_added(&p->text, (size_t)n);
    return true;
}

// Takes whole lines off the text until one begins with prefix.
static bool take_line(struct proc *p, const char *prefix, char *line, size_t size)
{
    for (;;) {
        struct slice s = buf_slice(&p->text);
        const uint8_t *end = s.n ? memchr(s.p, '\n', s.n) : NULL;
        if (!end)
            return false;
        snprintf(line, size, "%.*s", (int)(end - s.p), (const char *)s.p);
        buf_consume(&p->text, (size_t)(end - s.p) + 1);
        if (strncmp(line, prefix, strlen(prefix)) == 0)
            return true;
    }
}

enum proc_got proc_line(struct proc *p, const char *prefix, char *line, size_t size, int timeout_ms, int interrupt)
{
    struct mono until = mono_after_ms(clock_mono(), timeout_ms);
    for (;;) {
        if (take_line(p, prefix, line, size))
            return PROC_LINE;
        struct pollfd fds[] = { { .fd = p->out, .events = POLLIN }, { .fd = interrupt, .events = POLLIN } };
        int n = poll(fds, 2, mono_poll_ms(clock_mono(), until));
        if (n == 0)
            return PROC_LATE;
        if (fds[1].revents)
            return PROC_STOPPED;
        if (n > 0 && !read_more(p))
            return PROC_ENDED;
    }
}

bool proc_forward(struct proc *p, int fd)
{
    bool more = read_more(p);
    struct slice s = buf_slice(&p->text);
    while (fd >= 0 && s.n) {
        ssize_t n = write(fd, s.p, s.n);
        if (n <= 0)
            break;
        s = slice_from(s, (size_t)n);
    }
    buf_reset(&p->text, 1 << 16);
    return more;
}

bool proc_ended(struct proc *p, int *status)
{
    if (p->pid == 0)
        return true;
    if (waitpid(p->pid, status, WNOHANG) != p->pid)
        return false;
    p->pid = 0;
    if (p->out >= 0)
        close(p->out);
    p->out = -1;
    buf_free(&p->text);
    return true;
}

// Waits for the end; its output is thrown away meanwhile, so that it cannot block on it.
static bool gone_within(struct proc *p, int pidfd, int ms)
{
    struct mono until = mono_after_ms(clock_mono(), ms);
    int status;
    while (!proc_ended(p, &status)) {
        struct pollfd fds[] = { { .fd = pidfd, .events = POLLIN }, { .fd = p->out, .events = POLLIN } };
        int n = poll(fds, 2, mono_poll_ms(clock_mono(), until));
        if (n == 0)
            return false;
        if (n > 0 && fds[1].revents)
            proc_forward(p, -1);
    }
    return true;
}

void proc_stop(struct proc *p, int patience_ms)
{
    if (p->pid == 0)
        return;
    int pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
    for (int i = 0; i < 2; i++) {
        kill(p->pid, SIGTERM);
        if (gone_within(p, pidfd, patience_ms)) {
            close(pidfd);
            return;
        }
    }
    kill(-p->pid, SIGKILL);
    kill(p->pid, SIGKILL);
    gone_within(p, pidfd, INT_MAX);
    close(pidfd);
}
