// SPDX-License-Identifier: Apache-2.0
// CPU time from /proc, memory by one INFO over the embedded Redis' own socket. Nothing else here speaks to Redis.

#include "sdk/cli/cost.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ASK "*2\r\n$4\r\nINFO\r\n$6\r\nmemory\r\n"
#define WANTED "\nused_memory:"

static bool read_number(const char *path, long long *out)
{
    FILE *f = fopen(path, "re");
    bool ok = f && fscanf(f, "%lld", out) == 1;
    if (f)
        fclose(f);
    return ok;
}

pid_t cost_redis_pid(const struct stack *s)
{
    char path[128];
    long long pid;
    snprintf(path, sizeof path, "%s/data/redis/pid", s->dir);
    return read_number(path, &pid) ? (pid_t)pid : 0;
}

// The first number of each thread's schedstat is the time that it ran.
static bool cpu_of(pid_t pid, int64_t *ns)
{
    char path[320];
    struct dirent *e;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *d = opendir(path);
    *ns = 0;
    while (d && (e = readdir(d))) {
        long long one;
        snprintf(path, sizeof path, "/proc/%d/task/%.200s/schedstat", (int)pid, e->d_name);
        if (e->d_name[0] != '.' && read_number(path, &one))
            *ns += one;
    }
    if (d)
        closedir(d);
    return *ns > 0;
}

static int connect_to(const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool memory_of(const struct stack *s, int64_t *bytes)
{
    char path[108], text[8192];
    size_t have = 0;
    ssize_t n;
    char *at = NULL;
    snprintf(path, sizeof path, "%s/data/redis/sock", s->dir);
    int fd = connect_to(path);
    if (fd < 0)
        return false;
    if (send(fd, ASK, sizeof ASK - 1, MSG_NOSIGNAL) == sizeof ASK - 1) {
        while (have < sizeof text - 1 && (n = recv(fd, text + have, sizeof text - 1 - have, 0)) > 0) {
            have += (size_t)n;
            text[have] = 0;
            at = strstr(text, WANTED);
            if (at && strchr(at + 1, '\n'))
                break;
        }
    }
    close(fd);
    *bytes = at ? atoll(at + sizeof WANTED - 1) : 0;
    return *bytes > 0;
}

bool cost_look(const struct stack *s, struct cost *out)
{
    pid_t redis = cost_redis_pid(s);
    *out = (struct cost){ 0 };
    return redis && cpu_of(redis, &out->redis_ns) && cpu_of(s->broker.pid, &out->broker_ns) && memory_of(s, &out->memory);
}
