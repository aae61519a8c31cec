// SPDX-License-Identifier: Apache-2.0
// fork and exec of redis-server, its configuration, the lock. What is stored in it is left to store.c.

#include "broker/redis_child.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

// Read by redis-server from its standard input: nothing of it shows in a process list.
static const char config[] =
    "port 0\n"
    "unixsocket \"%s\"\n"
    "unixsocketperm 600\n"
    "dir \"%s\"\n"
    "pidfile \"%s/pid\"\n"
    "daemonize no\n"
    "logfile log\n"
    "loglevel warning\n"
    "save \"\"\n"
    "appendonly %s\n"
    "appendfsync %s\n"
    "maxmemory %lld\n"
    "aof-use-rdb-preamble yes\n"
    "auto-aof-rewrite-percentage 100\n"
    "auto-aof-rewrite-min-size 64mb\n"
    "maxmemory-policy noeviction\n"
    "timeout 0\n"
    "databases 1\n"
    "lazyfree-lazy-expire yes\n"
    "slowlog-log-slower-than -1\n"
    "rename-command FLUSHALL \"\"\n"
    "rename-command FLUSHDB \"\"\n"
    "rename-command KEYS \"\"\n"
    "rename-command DEBUG \"\"\n"
    "rename-command SHUTDOWN \"\"\n"
    "rename-command REPLICAOF \"\"\n"
    "rename-command SLAVEOF \"\"\n"
    "rename-command CLUSTER \"\"\n"
    "rename-command MIGRATE \"\"\n"
    "rename-command MODULE \"\"\n"
    "rename-command EVAL \"\"\n"
    "rename-command EVALSHA \"\"\n"
    "rename-command SCRIPT \"\"\n"
    "rename-command SWAPDB \"\"\n"
    "rename-command MONITOR \"\"\n"
    "rename-command ACL \"\"\n";

static bool answers(const char *path)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

static pid_t pid_in_file(const char *dir)
{
    char path[128];
    snprintf(path, sizeof path, "%s/pid", dir);
    FILE *f = fopen(path, "re");
    long pid = 0;
    if (f) {
        if (fscanf(f, "%ld", &pid) != 1)
            pid = 0;
        fclose(f);
    }
    return (pid_t)pid;
}

// In the child: only async-signal-safe calls.
static void become_server(const struct redis_child *c, int input, pid_t parent)
{
    setsid();
    if (c->temporary) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(1);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int nowhere = open("/dev/null", O_WRONLY);
    dup2(input, 0);
    dup2(nowhere, 1);
    dup2(nowhere, 2);
    execlp("redis-server", "redis-server", "-", (char *)NULL);
    _exit(127);
}

static bool spawn(struct redis_child *c)
{
    char text[4096];
    int n = snprintf(text, sizeof text, config, c->target.path, c->dir, c->dir, c->temporary ? "no" : "yes",
                     c->always ? "always" : "everysec", (long long)c->memory);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0)
        become_server(c, ends[0], parent);
    close(ends[0]);
    bool ok = pid > 0 && write(ends[1], text, (size_t)n) == n;
    close(ends[1]);
    if (pid > 0) {
        c->pid = pid;
        c->adopted = false;
        c->starts++;
    }
    return ok;
}

static bool lock_data(struct redis_child *c, const char *data, char *why, size_t why_size)
{
    char path[128];
    if (mkdir(data, 0700) < 0 && errno != EEXIST) {
        snprintf(why, why_size, "cannot make %s: %s", data, strerror(errno));
        return false;
    }
    snprintf(path, sizeof path, "%s/lock", data);
    c->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (c->lock < 0) {
        snprintf(why, why_size, "cannot open %s: %s", path, strerror(errno));
        return false;
    }
    if (flock(c->lock, LOCK_EX | LOCK_NB) < 0) {
        snprintf(why, why_size, "another broker uses %s; stop it or name another --data", data);
        return false;
    }
    return true;
}

static bool make_dir(struct redis_child *c, const char *data, char *why, size_t why_size)
{
    if (!data) {
        const char *base = getenv("TMPDIR");
        snprintf(c->dir, sizeof c->dir, "%.60s/krait-XXXXXX", base && *base ? base : "/tmp");
        c->temporary = true;
        if (!mkdtemp(c->dir)) {
            snprintf(why, why_size, "cannot make %s: %s", c->dir, strerror(errno));
            c->temporary = false;
            return false;
        }
        return true;
    }
    char real[4096];
    if (!lock_data(c, data, why, why_size))
        return false;
    if (!realpath(data, real) || strlen(real) > sizeof c->dir - 8) {
        snprintf(why, why_size, "the path of --data is too long for a socket in it (%zu bytes at most)",
                 sizeof c->dir - 8);
        return false;
    }
    snprintf(c->dir, sizeof c->dir, "%.87s/redis", real);
    if ((mkdir(c->dir, 0700) < 0 && errno != EEXIST) || chmod(c->dir, 0700) < 0) {
        snprintf(why, why_size, "cannot make %s: %s", c->dir, strerror(errno));
        return false;
    }
    return true;
}

// Its parent is dead, and whoever took it over may be slow to bury it, or never do: a container's first process often does not.
static bool is_buried_or_should_be(pid_t pid)
{
    char path[32], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return kill(pid, 0) < 0 && errno == ESRCH;
    bool read = fscanf(f, "%*d (%*[^)]) %c", &state) == 1;
    fclose(f);
    return read && (state == 'Z' || state == 'X');
}

// Also one that does not answer now: a second server on the same files would be the end of them.
static bool runs_here(const struct redis_child *c, pid_t pid)
{
    char link[32], cwd[sizeof c->dir];
    snprintf(link, sizeof link, "/proc/%d/cwd", (int)pid);
    if (pid <= 0 || is_buried_or_should_be(pid))
        return false;
    ssize_t n = readlink(link, cwd, sizeof cwd);
    return n > 0 ? (size_t)n == strlen(c->dir) && memcmp(cwd, c->dir, (size_t)n) == 0 : answers(c->target.path);
}

static bool start_or_adopt(struct redis_child *c, char *why, size_t why_size)
{
    pid_t pid = pid_in_file(c->dir);
    if (runs_here(c, pid)) {
        c->pid = pid;
        c->adopted = true;
        log_write(c->log, LOG_INFO, "adopted the running redis-server", LOG_FIELDS(log_int("pid", pid)));
        return true;
    }
    if (spawn(c))
        return true;
    snprintf(why, why_size, "cannot start redis-server: %s", strerror(errno));
    return false;
}

// redis-server answers within milliseconds unless it has much to load; the links go on waiting then.
static bool settle(struct redis_child *c, char *why, size_t why_size)
{
    for (int i = 0; i < 200; i++) {
        int status;
        if (!c->adopted && waitpid(c->pid, &status, WNOHANG) == c->pid) {
            c->pid = 0;
            snprintf(why, why_size, WIFEXITED(status) && WEXITSTATUS(status) == 127
                     ? "redis-server is not installed; on Debian: apt-get install redis-server"
                     : "redis-server ended at once; see %s/log", c->dir);
            return false;
        }
        if (answers(c->target.path))
            return true;
        poll(NULL, 0, 5);
    }
    return true;
}

bool child_start(struct redis_child *c, const char *data, char *why, size_t why_size)
{
    c->lock = -1;
    if (!make_dir(c, data, why, why_size))
        return false;
    snprintf(c->target.path, sizeof c->target.path, "%s/sock", c->dir);
    return start_or_adopt(c, why, why_size) && settle(c, why, why_size);
}

bool child_check(struct redis_child *c)
{
    int status;
    if (c->pid > 0) {
        bool dead = c->adopted ? is_buried_or_should_be(c->pid) : waitpid(c->pid, &status, WNOHANG) == c->pid;
        if (!dead)
            return false;
    }
    c->pid = 0;
    log_write(c->log, LOG_ERROR, "redis-server is gone: starting it again", LOG_NONE);
    if (spawn(c))
        return true;
    log_write(c->log, LOG_ERROR, "cannot start redis-server", LOG_FIELDS(log_text("why", strerror(errno))));
    return false;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    remove(path);
    return 0;
}

static bool is_over(const struct redis_child *c)
{
    int status;
    if (c->adopted)
        return is_buried_or_should_be(c->pid);
    return waitpid(c->pid, &status, WNOHANG) != 0;
}

void child_stop(struct redis_child *c)
{
    if (c->pid > 0) {
        kill(c->pid, SIGTERM);
        for (int i = 0; i < 1000 && !is_over(c); i++)
            poll(NULL, 0, 10);
        c->pid = 0;
    }
    if (c->temporary)
        nftw(c->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    c->temporary = false;
    if (c->lock >= 0)
        close(c->lock);
    c->lock = -1;
}
