// SPDX-License-Identifier: Apache-2.0
// Loading the app, forking children on request, reporting their exits. The interpreter is exec.c's.

#include "worker/template.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sdk/base/mem.h"
#include "worker/chan.h"
#include "worker/child.h"

#define FD 3    // where the socket goes

struct born {
    uint64_t birth;
    pid_t pid;
};

struct template_process {
    const struct template_start *start;
    struct exec *exec;
    struct executor *executor;
    struct buf in;
    struct born *born;     // owned
    size_t n_born, cap_born;
    int passed[64];        // descriptors of SPAWNs that were not read yet
    size_t n_passed;
    sigset_t waiting;      // the mask while it waits
};

// The supervisor acts on signals; a group-wide one must not end a task. Handlers, unlike SIG_IGN, are not inherited by the
// programs that tasks start.
static void on_signal(int number)
{
    (void)number;
}

static void settle_signals(sigset_t *waiting)
{
    static const int quiet[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGUSR1, SIGUSR2, SIGCHLD };
    struct sigaction nothing = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
    for (size_t i = 0; i < sizeof quiet / sizeof quiet[0]; i++)
        sigaction(quiet[i], &nothing, NULL);
    signal(SIGCONT, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(waiting);
    sigprocmask(SIG_SETMASK, waiting, NULL);
}

// Exits of children are seen between two requests, in ppoll.
static void block_child_signal(void)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigprocmask(SIG_BLOCK, &mask, NULL);
}

// Nothing of the supervisor's stays open: neither its link to the broker nor the sockets of the children.
static void keep_only(int fd)
{
    if (fd != FD)
        dup2(fd, FD);
    fcntl(FD, F_SETFD, FD_CLOEXEC);
    close_range(FD + 1, ~0u, 0);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null >= 0 && null != STDIN_FILENO) {
        dup2(null, STDIN_FILENO);
        close(null);
    }
}

// ---- the app

static const char *folder_if(char *out, size_t size, const char *dir, const char *rest)
{
    struct stat st;
    char probe[1200];
    snprintf(out, size, "%s%s", dir, rest);
    snprintf(probe, sizeof probe, "%s/krait/__init__.py", out);
    return stat(probe, &st) == 0 ? out : NULL;
}

// Beside the sources or the build tree, else where it was installed.
static const char *package_folder(char *out, size_t size)
{
    char exe[1024];
    const char *set = getenv("KRAIT_PYTHON");
    if (set && *set)
        return set;
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    exe[n > 0 ? n : 0] = 0;
    char *slash = strrchr(exe, '/');
    if (slash)
        *slash = 0;
    const char *hit = folder_if(out, size, exe, "/sdk/python");
    if (!hit)
        hit = folder_if(out, size, exe, "/../sdk/python");
    return hit ? hit : folder_if(out, size, KRAIT_PYTHON_DIR, "");
}

static void tell_name(void *arg, const struct msg_task_name *name)
{
    struct buf *out = arg;
    struct buf body = { 0 };
    struct msg_task task = { .name = name->name, .queue = name->queue, .options = name->options };
    if (task_encode(&body, &task) == ERR_OK)
        chan_put(out, CHAN_NAME, buf_slice(&body).p, buf_len(&body));
    buf_free(&body);
}

static void load(struct template_process *p)
{
    const struct settings *set = p->start->set;
    char package[1100];
    struct buf out = { 0 }, error = { 0 };
    const char *stdlib = getenv("KRAIT_STDLIB");
    struct exec_settings es = { .free_threaded = settings_free_threaded(set), .package = package_folder(package, sizeof package),
                                .stdlib = stdlib && *stdlib ? stdlib : KRAIT_STDLIB_DIR };
    p->exec = exec_start(&es);
    bool ok = p->exec && exec_load(p->exec, set->app, &error);
    if (ok) {
        exec_names(p->exec, tell_name, &out);
        ok = chan_put(&out, CHAN_LOADED, NULL, 0);
    } else {
        chan_put(&out, CHAN_FAILED, buf_slice(&error).p, buf_len(&error));
    }
    if (!chan_write(FD, buf_slice(&out)) || !ok)
        _exit(1);
    buf_free(&out);
    buf_free(&error);
    p->executor = exec_main(p->exec);
    if (!p->executor)
        _exit(1);
}

// ---- children

static void remember(struct template_process *p, uint64_t birth, pid_t pid)
{
    if (p->n_born == p->cap_born) {
        size_t cap = p->cap_born ? p->cap_born * 2 : 16;
        void *more = mem_realloc(MEM_WORKER, p->born, p->cap_born * sizeof *p->born, cap * sizeof *p->born);
        if (!more)
            return;     // the end of its socket will tell
        p->born = more;
        p->cap_born = cap;
    }
    p->born[p->n_born++] = (struct born){ birth, pid };
}

static void tell(enum chan_kind kind, uint64_t birth, pid_t pid, int status)
{
    struct chan_spawned word = { .birth = birth, .pid = pid, .status = status };
    if (!chan_send(FD, kind, &word, sizeof word))
        _exit(0);
}

static void reap(struct template_process *p)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < p->n_born; i++)
            if (p->born[i].pid == pid) {
                tell(CHAN_EXITED, p->born[i].birth, pid, status);
                p->born[i] = p->born[--p->n_born];
                break;
            }
}

static void become_child(struct template_process *p, const struct chan_spawn *order, int fd)
{
    struct child_start start = { .exec = p->exec, .lane = lane_at(p->start->lanes, order->lane),
                                 .threads = p->start->lanes->slots };
    dup2(fd, FD);
    fcntl(FD, F_SETFD, FD_CLOEXEC);
    if (fd != FD)
        close(fd);
    for (size_t i = 0; i < p->n_passed; i++)
        close(p->passed[i]);
    start.fd = FD;
    sigprocmask(SIG_SETMASK, &p->waiting, NULL);
    child_main(&start);
}

static void spawn(struct template_process *p, const struct chan_spawn *order)
{
    if (!p->n_passed)
        return;
    int fd = p->passed[0];
    memmove(p->passed, p->passed + 1, --p->n_passed * sizeof p->passed[0]);
    exec_wake(p->executor);
    pid_t pid = exec_fork(p->exec);
    if (pid == 0)
        become_child(p, order, fd);
    exec_rest(p->executor);
    close(fd);
    if (pid > 0)
        remember(p, order->birth, pid);
    tell(pid > 0 ? CHAN_SPAWNED : CHAN_EXITED, order->birth, pid, 0);
}

static void serve(struct template_process *p)
{
    struct pollfd ready = { .fd = FD, .events = POLLIN };
    struct chan_frame f;
    struct chan_spawn order;
    int passed;
    reap(p);
    if (ppoll(&ready, 1, NULL, &p->waiting) <= 0)
        return;
    ssize_t n = chan_read(FD, &p->in, &passed);
    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
        _exit(0);
    if (passed >= 0) {
        if (p->n_passed < sizeof p->passed / sizeof p->passed[0])
            p->passed[p->n_passed++] = passed;
        else
            close(passed);
    }
    while (chan_next(&p->in, &f)) {
        bool is_order = f.kind == CHAN_SPAWN && f.bytes.n == sizeof order;
        if (is_order)
            memcpy(&order, f.bytes.p, sizeof order);
        chan_done(&p->in, &f);
        if (is_order)
            spawn(p, &order);
    }
}

void template_main(const struct template_start *start)
{
    static struct template_process p;
    p.start = start;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != start->supervisor)
        _exit(0);
    prctl(PR_SET_NAME, "krait-template");
    keep_only(start->fd);
    settle_signals(&p.waiting);
    load(&p);
    block_child_signal();
    exec_rest(p.executor);
    for (;;)
        serve(&p);
}
