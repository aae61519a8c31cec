// SPDX-License-Identifier: Apache-2.0
// Starts and ends a private broker and worker (stack.h). Processes as such are proc.c's.

#include "sdk/cli/stack.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READY_MS      30000
#define WORKER_END_MS 3000
#define BROKER_END_MS 5000

bool stack_open(struct stack *s, const char *purpose)
{
    const char *tmp = getenv("TMPDIR");
    *s = (struct stack){ .broker = PROC_NONE, .worker = PROC_NONE, .errors = -1, .interrupt = -1 };
    // A socket's path may have 107 bytes; a long TMPDIR leaves no room.
    if (!tmp || strlen(tmp) > 40)
        tmp = "/tmp";
    snprintf(s->dir, sizeof s->dir, "%s/krait-%s.XXXXXX", tmp, purpose);
    if (mkdtemp(s->dir))
        return true;
    fprintf(stderr, "krait: cannot make a folder in %s: %s\n", tmp, strerror(errno));
    s->dir[0] = 0;
    return false;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    remove(path);
    return 0;
}

void stack_close(struct stack *s)
{
    proc_stop(&s->worker, WORKER_END_MS);
    proc_stop(&s->broker, BROKER_END_MS);
    if (s->dir[0])
        nftw(s->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    s->dir[0] = 0;
}

static bool find(const char *name, char path[PATH_MAX])
{
    if (proc_find(name, path))
        return true;
    fprintf(stderr, "krait: %s is neither beside this program nor in PATH; is it installed?\n", name);
    return false;
}

// Waits for the ready line; says what else happened.
static bool wait_ready(struct stack *s, struct proc *p, const char *name, char *line, size_t size)
{
    switch (proc_line(p, "ready", line, size, READY_MS, s->interrupt)) {
    case PROC_LINE:
        return true;
    case PROC_ENDED:
        fprintf(stderr, "krait: %s ended before it was ready\n", name);
        break;
    case PROC_LATE:
        fprintf(stderr, "krait: %s was not ready within %d s\n", name, READY_MS / 1000);
        break;
    case PROC_STOPPED:
        break;
    }
    return false;
}

// The word behind NAME= in a ready line.
static void word_of(const char *line, const char *name, char *out, size_t size)
{
    const char *at = strstr(line, name);
    out[0] = 0;
    if (at)
        snprintf(out, size, "%.*s", (int)strcspn(at + strlen(name), " \n"), at + strlen(name));
}

bool stack_broker(struct stack *s, const char *listen, const char *http, const char *data)
{
    char program[PATH_MAX], socket[100], line[2048], *argv[12] = { program };
    int n = 1;
    if (!find("krait-broker", program))
        return false;
    snprintf(socket, sizeof socket, "unix://%s/broker.sock", s->dir);
    argv[n++] = "--listen";
    argv[n++] = (char *)(uintptr_t)(listen ? listen : socket);
    if (http) {
        argv[n++] = "--http";
        argv[n++] = (char *)(uintptr_t)http;
    }
    if (data) {
        argv[n++] = "--data";
        argv[n++] = (char *)(uintptr_t)data;
    }
    if (!proc_start(&s->broker, argv, s->errors) || !wait_ready(s, &s->broker, "krait-broker", line, sizeof line))
        return false;
    word_of(line, "listen=", s->listen, sizeof s->listen);
    word_of(line, "http=", s->http, sizeof s->http);
    snprintf(s->url, sizeof s->url, "%.*s", (int)strcspn(s->listen, ","), s->listen);
    return true;
}

bool stack_worker(struct stack *s, const struct stack_worker *w)
{
    char program[PATH_MAX], line[2048], processes[24], threads[24], *argv[20] = { program };
    int n = 1;
    if (!find("krait-worker", program))
        return false;
    const char *const flags[][2] = {
        { "--app", w->app }, { "--broker", s->url }, { "--http", "127.0.0.1:0" }, { "--mode", w->mode },
        { "--queues", w->queues }, { "--processes", w->processes ? processes : NULL },
        { "--threads", w->threads ? threads : NULL },
    };
    snprintf(processes, sizeof processes, "%lld", (long long)w->processes);
    snprintf(threads, sizeof threads, "%lld", (long long)w->threads);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (flags[i][1]) {
            argv[n++] = (char *)(uintptr_t)flags[i][0];
            argv[n++] = (char *)(uintptr_t)flags[i][1];
        }
    return proc_start(&s->worker, argv, s->errors) && wait_ready(s, &s->worker, "krait-worker", line, sizeof line);
}
