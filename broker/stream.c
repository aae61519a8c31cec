// SPDX-License-Identifier: Apache-2.0
// Reading and writing of sockets. Who closes them, and when, is left to the owners.

#include "broker/stream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE (128u << 10)
#define READ_TURN (2u << 20)   // at most this much of one peer a turn
#define KEEP      (1u << 20)   // buffers larger than this are freed once empty

static void fail(struct stream *s, int error)
{
    if (s->gone)
        return;
    s->gone = true;
    event_del(&s->readable);
    event_del(&s->writable);
    s->writing = false;
    s->on_gone(s, error);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct stream *s = arg;
    (void)what;
    loop_wake(s->loop);
    size_t total = 0;
    int error = -1;
    while (total < READ_TURN) {
        uint8_t *room = buf_room(&s->in, READ_SIZE);
        if (!room) {
            error = ENOMEM;
            break;
        }
        ssize_t n = recv(fd, room, READ_SIZE, 0);
        if (n > 0) {
            buf_added(&s->in, (size_t)n);
            total += (size_t)n;
            if ((size_t)n < READ_SIZE)
                break;
        } else if (n == 0) {
            error = 0;
            break;
        } else if (errno != EINTR) {
            if (errno != EAGAIN)
                error = errno;
            break;
        }
    }
    s->bytes_in += total;
    if (total)
        s->on_read(s);
    if (s->fd != fd)
        return;   // the owner closed it meanwhile
    if (!buf_len(&s->in))
        buf_reset(&s->in, KEEP);
    if (error >= 0)
        fail(s, error);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct stream *s = arg;
    (void)fd, (void)what;
    loop_wake(s->loop);
    s->writing = false;
    stream_flush(s);
}

void stream_open(struct stream *s, struct loop *l, int fd, void (*on_read)(struct stream *),
                 void (*on_gone)(struct stream *, int))
{
    *s = (struct stream){ .fd = fd, .loop = l, .on_read = on_read, .on_gone = on_gone };
    evutil_make_socket_nonblocking(fd);
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);   // fails on unix sockets, which need it not
    event_assign(&s->readable, l->base, fd, EV_READ | EV_PERSIST, on_readable, s);
    event_assign(&s->writable, l->base, fd, EV_WRITE, on_writable, s);
    event_add(&s->readable, NULL);
}

void stream_flush(struct stream *s)
{
    if (s->fd < 0 || s->gone || s->writing)
        return;
    while (buf_len(&s->out)) {
        struct slice live = buf_slice(&s->out);
        ssize_t n = send(s->fd, live.p, live.n, MSG_NOSIGNAL);
        if (n >= 0) {
            buf_consume(&s->out, (size_t)n);
            s->bytes_out += (uint64_t)n;
        } else if (errno == EAGAIN) {
            s->writing = true;
            event_add(&s->writable, NULL);
            return;
        } else if (errno != EINTR) {
            fail(s, errno);
            return;
        }
    }
    buf_reset(&s->out, KEEP);
}

void stream_pause(struct stream *s)
{
    if (!s->paused && s->fd >= 0 && !s->gone)
        event_del(&s->readable);
    s->paused = true;
}

void stream_resume(struct stream *s)
{
    if (s->paused && s->fd >= 0 && !s->gone)
        event_add(&s->readable, NULL);
    s->paused = false;
}

void stream_close(struct stream *s)
{
    if (s->fd < 0)
        return;
    event_del(&s->readable);
    event_del(&s->writable);
    close(s->fd);
    s->fd = -1;
    buf_free(&s->in);
    buf_free(&s->out);
}
