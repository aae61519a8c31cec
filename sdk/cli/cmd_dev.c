// SPDX-License-Identifier: Apache-2.0
// krait dev: broker, embedded Redis and worker in one terminal; restarts the worker when the app's folder changes.
// Starting and ending them is stack.c's.

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sdk/base/clock.h"
#include "sdk/cli/cli.h"
#include "sdk/cli/stack.h"

#define SETTLE_MS 100     // an editor writes a file in several steps

struct settings {
    char *app, *mode, *data, *listen, *http, *queues;
    int64_t processes, threads;
    bool no_reload;
};

#define AT(field) offsetof(struct settings, field)

static const struct conf_option options[] = {
    { .name = "app", .kind = CONF_STRING, .offset = AT(app), .metavar = "FILE.py|MODULE", .help = "your tasks" },
    { .name = "mode", .kind = CONF_STRING, .offset = AT(mode), .metavar = "gil|free-threaded", .help = "of the worker" },
    { .name = "processes", .kind = CONF_INT, .offset = AT(processes), .min = 1, .max = 10000, .metavar = "N",
      .help = "of the worker [cores]" },
    { .name = "threads", .kind = CONF_INT, .offset = AT(threads), .min = 1, .max = 10000, .metavar = "N",
      .help = "a process" },
    { .name = "queues", .kind = CONF_STRING, .offset = AT(queues), .metavar = "a,b:3,c", .help = "which, with weights" },
    { .name = "data", .kind = CONF_STRING, .offset = AT(data), .metavar = "DIR",
      .help = "keep the tasks there; without it they end with this command" },
    { .name = "listen", .kind = CONF_STRING, .offset = AT(listen), .metavar = "URL", .fallback = "krait://127.0.0.1:7248",
      .help = "the broker's address" },
    { .name = "http", .kind = CONF_STRING, .offset = AT(http), .metavar = "HOST:PORT", .fallback = "127.0.0.1:7249",
      .help = "the broker's HTTP side" },
    { .name = "no-reload", .kind = CONF_FLAG, .offset = AT(no_reload), .help = "leave the worker alone when files change" },
};

static const struct conf_program program = {
    .name = "krait dev", .env = "KRAIT_DEV_",
    .usage = "--app FILE [OPTION…]",
    .summary = "Runs a broker with its Redis and a worker in this terminal. The worker starts again when a .py file beside\n"
               "the app changes. Ctrl-C ends everything.",
    .notes = "Prints `ready listen=… http=…` on standard output once tasks are taken.",
    .options = options, .n = sizeof options / sizeof options[0],
};

struct dev {
    const struct settings *s;
    struct stack stack;
    int signals;          // a signalfd of what ends this command; also interrupts waiting for a ready line
    int children;         // a signalfd of SIGCHLD, a hint to look at both children
    int changes;          // an inotify descriptor, -1 = none
    bool ending;
    int code;
};

// ---------------------------------------------------------------- watching

static bool is_python(const char *name)
{
    size_t n = strlen(name);
    return n > 3 && strcmp(name + n - 3, ".py") == 0 && name[0] != '.';
}

// The folder of FILE.py; the current one for a MODULE.
static void folder_of(const char *app, char folder[PATH_MAX])
{
    const char *slash = strrchr(app, '/');
    if (slash)
        snprintf(folder, PATH_MAX, "%.*s", (int)(slash - app ? slash - app : 1), app);
    else
        strcpy(folder, ".");
}

static int watch(const char *app)
{
    char folder[PATH_MAX];
    folder_of(app, folder);
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (fd >= 0 && inotify_add_watch(fd, folder, IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE) < 0) {
        fprintf(stderr, "krait: cannot watch %s: %s; the worker will not start again by itself\n", folder, strerror(errno));
        close(fd);
        fd = -1;
    }
    return fd;
}

// Reads all events; whether one is about Python source.
static bool source_changed(int fd)
{
    _Alignas(struct inotify_event) char room[4096];
    bool changed = false;
    for (ssize_t n; (n = read(fd, room, sizeof room)) > 0;)
        for (char *at = room; at < room + n; at += sizeof(struct inotify_event) + ((struct inotify_event *)at)->len)
            changed = changed || (((struct inotify_event *)at)->len && is_python(((struct inotify_event *)at)->name));
    return changed;
}

// Waits until no more changes come for a moment, or a signal does.
static void settle(struct dev *d)
{
    struct pollfd fds[] = { { .fd = d->changes, .events = POLLIN }, { .fd = d->signals, .events = POLLIN } };
    while (poll(fds, 2, SETTLE_MS) > 0 && !fds[1].revents)
        source_changed(d->changes);
}

// ---------------------------------------------------------------- running

// What came together with a ready line was read with it: no poll will tell of that.
static void forward(struct dev *d)
{
    proc_forward(&d->stack.broker, STDOUT_FILENO);
    proc_forward(&d->stack.worker, STDOUT_FILENO);
}

static bool start_worker(struct dev *d)
{
    struct stack_worker w = { .app = d->s->app, .mode = d->s->mode, .queues = d->s->queues,
                              .processes = d->s->processes, .threads = d->s->threads };
    return stack_worker(&d->stack, &w);
}

static void restart_worker(struct dev *d)
{
    fprintf(stderr, "krait: a source changed, the worker starts again\n");
    proc_stop(&d->stack.worker, 2000);
    if (start_worker(d))
        forward(d), fprintf(stderr, "krait: the worker is ready\n");
    else if (d->stack.worker.pid)
        proc_stop(&d->stack.worker, 2000);
}

static void look_at_children(struct dev *d)
{
    int status = 0;
    if (proc_ended(&d->stack.broker, &status)) {
        fprintf(stderr, "krait: the broker ended by itself\n");
        d->ending = true;
        d->code = CLI_FAILED;
    } else if (d->stack.worker.pid && proc_ended(&d->stack.worker, &status)) {
        fprintf(stderr, "krait: the worker ended by itself (%s %d)%s\n", WIFSIGNALED(status) ? "signal" : "status",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                d->changes >= 0 ? "; it starts again when a source changes" : "");
        d->ending = d->changes < 0;
        d->code = d->changes < 0 ? CLI_FAILED : d->code;
    }
}

static bool signalled(int fd)
{
    struct signalfd_siginfo info;
    return read(fd, &info, sizeof info) == sizeof info;
}

static void serve(struct dev *d)
{
    while (!d->ending) {
        struct pollfd fds[] = {
            { .fd = d->signals, .events = POLLIN }, { .fd = d->changes, .events = POLLIN },
            { .fd = d->stack.broker.out, .events = POLLIN }, { .fd = d->stack.worker.out, .events = POLLIN },
            { .fd = d->children, .events = POLLIN },
        };
        if (poll(fds, 5, -1) < 0)
            continue;
        if (fds[2].revents || fds[3].revents)
            forward(d);
        if (fds[4].revents && signalled(d->children))
            look_at_children(d);
        if (fds[0].revents)
            d->ending = true;
        else if (fds[1].revents && source_changed(d->changes)) {
            settle(d);
            restart_worker(d);
        }
    }
}

static void say_ready(const struct dev *d)
{
    printf("ready listen=%s http=%s\n", d->stack.listen, d->stack.http);
    fflush(stdout);
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "krait: Ctrl-C ends it. In another terminal: krait enqueue TASK [ARG…] --wait");
    if (strcmp(d->stack.url, "krait://127.0.0.1:7248") != 0)
        fprintf(stderr, " --broker %s", d->stack.url);
    fprintf(stderr, "\n");
}

static int signal_fd(const int *signals, size_t n)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < n; i++)
        sigaddset(&set, signals[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int run_dev(const struct settings *s)
{
    struct dev d = { .s = s, .changes = -1, .code = CLI_OK };
    if (!stack_open(&d.stack, "dev"))
        return CLI_FAILED;
    char data[100];
    snprintf(data, sizeof data, "%s/data", d.stack.dir);
    d.signals = d.stack.interrupt = signal_fd((const int[]){ SIGINT, SIGTERM, SIGHUP, SIGQUIT }, 4);
    d.children = signal_fd((const int[]){ SIGCHLD }, 1);
    d.changes = s->no_reload ? -1 : watch(s->app);
    if (stack_broker(&d.stack, s->listen, s->http, s->data ? s->data : data) && start_worker(&d)) {
        say_ready(&d);
        forward(&d);
        look_at_children(&d);
        serve(&d);
    } else {
        d.code = signalled(d.signals) ? CLI_OK : CLI_FAILED;
    }
    stack_close(&d.stack);
    close(d.signals);
    close(d.children);
    if (d.changes >= 0)
        close(d.changes);
    return d.code;
}

static int run(const void *settings, const struct conf_args *a)
{
    const struct settings *s = settings;
    struct stat st;
    if (a->n)
        return conf_usage(&program, "takes no argument '%s'; the app is --app FILE", a->v[0]);
    if (!s->app || !*s->app)
        return conf_usage(&program, "wants --app FILE.py, the file with your tasks");
    if ((strchr(s->app, '/') || is_python(s->app)) && stat(s->app, &st) != 0)
        return conf_usage(&program, "--app %s: %s", s->app, strerror(errno));
    return run_dev(s);
}

const struct cli_command cmd_dev = {
    .word = "dev", .help = "run a broker, its Redis and a worker in this terminal",
    .program = &program, .size = sizeof(struct settings), .run = run, .most = CLI_ANY,
};
