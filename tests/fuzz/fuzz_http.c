// SPDX-License-Identifier: Apache-2.0
// The broker's HTTP side, whole: a real broker runs its loop in a thread (with the Redis that KRAIT_FUZZ_REDIS names, or
// without any), and every input is what a client says to it. Some clients wait for the answer, some go at once.
// Afterwards it must still be well.

#include "tests/fuzz/fuzz.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define main broker_main
#include "broker/main.c"
#undef main

static struct broker b;
static struct sockaddr_in at;

static void *live(void *nothing)
{
    (void)nothing;
    loop_run(&b.loop);
    return NULL;
}

static void start(void)
{
    char redis[300], why[512];
    static char *argv[] = { "fuzz", "--http", "127.0.0.1:0", "--listen", "krait://127.0.0.1:0", "--redis", NULL, "--log-level", "error", NULL };
    static struct conf_args args;
    const char *named = getenv("KRAIT_FUZZ_REDIS");
    snprintf(redis, sizeof redis, "%s", named ? named : "unix:///nonexistent/socket");
    argv[6] = redis;
    MUST(conf_load(&settings_program, 9, argv, &b.set, &args) == CONF_RUN && check(&b, &args) == 0);
    log_init(&b.log, "fuzz", 2, LOG_ERROR, LOG_TEXT);
    MUST(init(&b));
    signal(SIGPIPE, SIG_IGN);
    MUST(http_open(&b.http, &b, why, sizeof why));
    store_open(&b.store, &b);
    unsigned port = 0;
    MUST(sscanf(b.http.url, "http://127.0.0.1:%u", &port) == 1);
    at = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
    pthread_t thread;
    MUST(pthread_create(&thread, NULL, live, NULL) == 0);
}

// What came back, up to room.
static size_t say(const void *data, size_t size, bool waits, char *answer, size_t room)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t n = 0;
    MUST(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0);
    // A request that is cut short has no answer, and a connection is kept: silence is an end, too.
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ .tv_usec = 3000 }, sizeof(struct timeval));
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));   // no port stays behind
    if (send(fd, data, size, MSG_NOSIGNAL) == (ssize_t)size && waits) {
        shutdown(fd, SHUT_WR);
        for (ssize_t got; n < room && (got = recv(fd, answer + n, room - n, 0)) > 0;)
            n += (size_t)got;
    }
    close(fd);
    return n;
}

// The fuzzer's own alarm interrupts a call that waits; nothing else may.
static void ask_health(void)
{
    static const char ask[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    char answer[4096];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MUST(fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0 && send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL) > 0);
    ssize_t got;
    do
        got = recv(fd, answer, sizeof answer - 1, 0);
    while (got < 0 && errno == EINTR);
    if (got <= 12 || memcmp(answer, "HTTP/1.1 200", 12) != 0)
        fprintf(stderr, "/healthz: %zd %s %.*s\n", got, got < 0 ? strerror(errno) : "", (int)(got > 0 ? got : 0), answer);
    MUST(got > 12 && memcmp(answer, "HTTP/1.1 200", 12) == 0);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 }, sizeof(struct linger));
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    static unsigned turn;
    char answer[65536];
    if (!started)
        start();
    started = true;
    if (!size)
        return 0;
    size_t n = say(data + 1, size - 1, data[0] & 1, answer, sizeof answer);
    MUST(n < 6 || memcmp(answer, "HTTP/", 5) == 0);      // the version is the client's own, whatever it was
    if (++turn % 64 == 0)
        ask_health();
    return 0;
}
