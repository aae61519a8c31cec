// SPDX-License-Identifier: Apache-2.0
// The bytes of a connection: dialling, the handshake, sending and receiving by poll(2). Requests are the jobs'.

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sdk/client/client.h"
#include "sdk/wire/frame.h"

#define READ_STEP (256u << 10)

// ---------------------------------------------------------------- dialling

// Waits for a connect in progress. 0 or an errno.
static int finish_connect(int fd, struct mono until)
{
    for (;;) {
        struct pollfd p = { .fd = fd, .events = POLLOUT };
        int n = poll(&p, 1, mono_poll_ms(clock_mono(), until));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? ETIMEDOUT : errno;
        int error = 0;
        socklen_t size = sizeof error;
        return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
    }
}

// A connected socket, or -1 with errno set.
static int dial_address(const struct sockaddr *address, socklen_t size, struct mono until)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0)
        return -1;
    int error = connect(fd, address, size) == 0 ? 0 : errno;
    if (error == EINPROGRESS)
        error = finish_connect(fd, until);
    if (error) {
        close(fd);
        errno = error;
        return -1;
    }
    if (address->sa_family != AF_UNIX)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static int dial_unix(struct krait *k, struct mono until)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    memcpy(address.sun_path, k->url.path, sizeof address.sun_path);
    return dial_address((struct sockaddr *)&address, sizeof address, until);
}

static int dial_tcp(struct krait *k, struct mono until)
{
    char port[8];
    struct addrinfo want = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG }, *found = NULL;
    snprintf(port, sizeof port, "%u", k->url.port);
    int failed = getaddrinfo(k->url.host, port, &want, &found), fd = -1;
    if (failed) {
        k->nobody = failed == EAI_NONAME;
        client_fail(k, ERR_CONNECT, "cannot resolve %s: %s", k->url.host, gai_strerror(failed));
        return -1;
    }
    int error = 0;
    for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = dial_address(a->ai_addr, a->ai_addrlen, until);
        error = errno;
    }
    freeaddrinfo(found);
    errno = error;
    return fd;
}

int conn_dial(struct krait *k, struct mono until)
{
    char text[URL_TEXT_MAX];
    url_format(&k->url, text);
    k->message[0] = 0;
    k->nobody = false;
    int fd = k->url.kind == URL_UNIX ? dial_unix(k, until) : dial_tcp(k, until);
    if (fd < 0 && !k->message[0]) {
        k->nobody = errno == ECONNREFUSED || errno == ENOENT;
        client_fail(k, ERR_CONNECT, "no broker answers at %s: %s", text, strerror(errno));
    }
    return fd;
}

void conn_close(struct krait *k)
{
    if (k->fd >= 0)
        close(k->fd);
    k->fd = -1;
    k->welcome = false;
    buf_reset(&k->in, 1 << 20);
    buf_reset(&k->out, 1 << 20);
}

// ---------------------------------------------------------------- bytes

static enum err lost(struct krait *k, const char *why)
{
    char text[URL_TEXT_MAX];
    url_format(&k->url, text);
    return client_fail(k, ERR_CLOSED, "the connection to %s broke: %s", text, why);
}

static enum err write_some(struct krait *k)
{
    while (buf_len(&k->out)) {
        struct slice s = buf_slice(&k->out);
        ssize_t n = send(k->fd, s.p, s.n, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return ERR_OK;
        if (n < 0)
            return lost(k, strerror(errno));
        buf_consume(&k->out, (size_t)n);
        k->sent = clock_mono();
    }
    return ERR_OK;
}

static enum err read_some(struct krait *k)
{
    uint8_t *at = buf_room(&k->in, READ_STEP);
    if (!at)
        return ERR_NOMEM;
    ssize_t n = recv(k->fd, at, READ_STEP, 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return ERR_OK;
    if (n <= 0)
        return lost(k, n < 0 ? strerror(errno) : "the broker closed it");
    buf_added(&k->in, (size_t)n);
    k->heard = clock_mono();
    return ERR_OK;
}

// The broker's last words (an Error frame) may lie in the socket when sending fails, so reading goes on after that.
enum err conn_step(struct krait *k, struct mono until)
{
    enum err sent = write_some(k);
    struct pollfd p = { .fd = k->fd, .events = (short)(POLLIN | (buf_len(&k->out) && !sent ? POLLOUT : 0)) };
    int n = poll(&p, 1, sent ? 0 : mono_poll_ms(clock_mono(), until));
    if (n < 0 && errno != EINTR)
        return lost(k, strerror(errno));
    if (n > 0 && p.revents & (POLLIN | POLLHUP | POLLERR)) {
        enum err err = read_some(k);
        return err || !sent || buf_len(&k->in) ? err : sent;
    }
    return sent;
}

enum err conn_next(struct krait *k, struct msg *m, bool *got)
{
    struct slice body;
    *got = false;
    enum frame_got frame = frame_next(&k->in, LIMIT_FRAME_MAX, &body);
    if (frame == FRAME_MORE)
        return ERR_OK;
    if (frame != FRAME_WHOLE)
        return client_fail(k, ERR_FRAME, "what answers at the broker's address does not speak this protocol");
    arena_reset(&k->arena);
    enum err err = msg_decode(&k->arena, body, m);
    frame_done(&k->in, body);
    *got = err == ERR_OK;
    return err ? client_fail(k, err, "the broker sent a frame that cannot be read: %s", err_text(err)) : ERR_OK;
}

// ---------------------------------------------------------------- the handshake

static enum err say_hello(struct krait *k)
{
    struct msg hello = { .kind = MSG_HELLO, .hello = {
        .version_min = LIMIT_VERSION_MIN, .version_max = LIMIT_VERSION_MAX, .role = ROLE_PRODUCER,
        .token = slice_text(k->token), .ns = slice_text(k->url.ns), .client = slice_text(k->client) } };
    return client_send(k, &hello);
}

// Errors of the opening that another try cannot mend.
static bool is_final(enum err code)
{
    return code == ERR_AUTH || code == ERR_DENIED || code == ERR_VERSION || code == ERR_NAME || code == ERR_NOMEM;
}

static enum err take_welcome(struct krait *k, const struct msg *m)
{
    if (m->kind == MSG_ERROR)
        return client_fail(k, is_final(m->error.code) ? m->error.code : ERR_CONNECT, "the broker refuses: %s%s%.*s",
                           err_text(m->error.code), m->error.text.n ? ": " : "", SLICE_ARG(m->error.text));
    if (m->kind != MSG_WELCOME)
        return client_fail(k, ERR_CONNECT, "the broker answered the greeting with %s", msg_name(m->kind));
    k->limits = m->welcome.limits;
    if (k->limits.batch == 0 || k->limits.batch > LIMIT_BATCH)
        k->limits.batch = LIMIT_BATCH;
    if (k->limits.window == 0 || k->limits.window > LIMIT_WINDOW)
        k->limits.window = LIMIT_WINDOW;
    if (k->limits.frame == 0 || k->limits.frame > LIMIT_FRAME)
        k->limits.frame = LIMIT_FRAME;
    k->beat_ms = m->welcome.heartbeat_ms ? (int64_t)m->welcome.heartbeat_ms : LIMIT_BEAT_MS;
    k->welcome = k->met = true;
    return ERR_OK;
}

static enum err handshake(struct krait *k, struct mono until)
{
    enum err err = say_hello(k);
    while (!err && !k->welcome) {
        struct msg m;
        bool got;
        if (mono_reached(clock_mono(), until))
            return client_fail(k, ERR_CONNECT, "the broker does not answer the greeting");
        err = conn_step(k, until);
        if (err && buf_len(&k->in) == 0)
            return err;
        err = conn_next(k, &m, &got);
        if (!err && got)
            err = take_welcome(k, &m);
    }
    return err;
}

enum err conn_open(struct krait *k, struct mono until)
{
    k->fd = k->dial(k, until);
    if (k->fd < 0)
        return ERR_CONNECT;
    k->sent = k->heard = clock_mono();
    enum err err = handshake(k, until);
    if (err)
        conn_close(k);
    return err == ERR_CLOSED || err == ERR_FRAME || err == ERR_MESSAGE || err == ERR_UNKNOWN ? ERR_CONNECT : err;
}
