// SPDX-License-Identifier: Apache-2.0
// Connecting, matching of replies, time-outs and trying again. What is said to Redis is left to store.c.

#include "broker/redis_link.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PAUSE_FIRST_MS 50
#define PAUSE_LAST_MS  2000
#define TIMEOUT_MS     10000    // a command that is not answered for this long: the connection is dead

static void move(struct redis_link *l, enum redis_state to)
{
    static const unsigned legal[] = {
        [REDIS_DOWN] = 1u << REDIS_CONNECTING | 1u << REDIS_DOWN,
        [REDIS_CONNECTING] = 1u << REDIS_GREETING | 1u << REDIS_DOWN,
        [REDIS_GREETING] = 1u << REDIS_READY | 1u << REDIS_DOWN,
        [REDIS_READY] = 1u << REDIS_DOWN,
    };
    if (legal[l->state] & 1u << to)
        l->state = to;
}

// Everybody who waits learns that there will be no answer.
static void abandon(struct redis_link *l)
{
    struct list lost;
    list_init(&lost);
    struct link *x;
    while ((x = list_pop(&l->waiting)))
        list_append(&lost, x);
    while ((x = list_pop(&lost))) {
        struct redis_cmd *c = LIST_ITEM(x, struct redis_cmd, link);
        c->done(c, NULL);
    }
}

static void down(struct redis_link *l, const char *why)
{
    bool was_ready = l->state == REDIS_READY;
    if (l->state == REDIS_CONNECTING)
        event_del(&l->connecting);
    if (l->state != REDIS_DOWN)
        log_write(l->log, was_ready ? LOG_WARN : LOG_DEBUG, "redis connection down",
                  LOG_FIELDS(log_text("link", l->name), log_text("why", why)));
    move(l, REDIS_DOWN);
    stream_close(&l->stream);
    reply_close(&l->replies);
    l->errors += was_ready;
    if (!l->closing) {
        alarm_in(l->loop, &l->alarm, l->pause_ms);
        l->pause_ms = l->pause_ms * 2 < PAUSE_LAST_MS ? l->pause_ms * 2 : PAUSE_LAST_MS;
    }
    abandon(l);
    if (was_ready && l->on_down)
        l->on_down(l);
}

static void on_gone(struct stream *s, int error)
{
    struct redis_link *l = LIST_ITEM(s, struct redis_link, stream);
    down(l, error ? strerror(error) : "closed by redis");
}

static bool is_push(const struct reply *r)
{
    return r->kind == REPLY_ARRAY && r->n == 3 && r->items[0].kind == REPLY_STRING &&
           slice_is(r->items[0].text, "message");
}

static void answer(struct redis_link *l, const struct reply *r)
{
    struct link *x = list_pop(&l->waiting);
    if (!x) {
        link_break(l, "an answer that nobody asked for");
        return;
    }
    struct redis_cmd *c = LIST_ITEM(x, struct redis_cmd, link);
    l->rtt_ns = mono_since(l->loop->now, c->sent);
    l->replies_seen++;
    if (r->kind == REPLY_ERROR)
        l->errors++;
    c->done(c, r);
}

static void on_read(struct stream *s)
{
    struct redis_link *l = LIST_ITEM(s, struct redis_link, stream);
    struct slice in = buf_slice(&s->in);
    if (!reply_feed(&l->replies, in)) {
        link_break(l, "out of memory");
        return;
    }
    buf_consume(&s->in, in.n);
    const struct reply *r;
    while (l->replies.reader) {
        enum reply_got got = reply_next(&l->replies, &r);
        if (got == REPLY_MORE)
            return;
        if (got == REPLY_BROKEN) {
            link_break(l, "malformed answer");
            return;
        }
        if (l->on_push && is_push(r))
            l->on_push(l, r);
        else
            answer(l, r);
    }
}

static void connected(struct redis_link *l, int fd)
{
    stream_open(&l->stream, l->loop, fd, on_read, on_gone);
    if (!reply_open(&l->replies)) {
        down(l, "out of memory");
        return;
    }
    l->connects++;
    move(l, REDIS_GREETING);
    l->on_greet(l);
}

static void on_connecting(evutil_socket_t fd, short what, void *arg)
{
    struct redis_link *l = arg;
    loop_wake(l->loop);
    int error = 0;
    socklen_t n = sizeof error;
    if (what & EV_TIMEOUT)
        error = ETIMEDOUT;
    else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0)
        error = errno;
    event_del(&l->connecting);
    if (!error) {
        connected(l, fd);
        return;
    }
    close(fd);
    down(l, strerror(error));
    if (l->on_refused)
        l->on_refused(l);
}

static int dial_unix(const char *path)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

static int dial_tcp(const struct redis_target *t)
{
    char port[8];
    snprintf(port, sizeof port, "%u", t->port);
    struct addrinfo want = { .ai_socktype = SOCK_STREAM }, *found;
    if (getaddrinfo(t->host, port, &want, &found)) {
        errno = EHOSTUNREACH;
        return -1;
    }
    int fd = -1;
    for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0 && errno != EINPROGRESS) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

static void dial(struct redis_link *l)
{
    int fd = l->target->path[0] ? dial_unix(l->target->path) : dial_tcp(l->target);
    move(l, REDIS_CONNECTING);
    event_assign(&l->connecting, l->loop->base, fd, EV_WRITE, on_connecting, l);
    if (fd < 0) {
        down(l, strerror(errno));
        if (l->on_refused)
            l->on_refused(l);
        return;
    }
    struct timeval wait = { .tv_sec = 5 };
    event_add(&l->connecting, &wait);
}

static void ring(struct alarm *a)
{
    struct redis_link *l = LIST_ITEM(a, struct redis_link, alarm);
    if (l->state == REDIS_DOWN) {
        dial(l);
        return;
    }
    struct link *first = list_first(&l->waiting);
    if (!first)
        return;
    struct redis_cmd *c = LIST_ITEM(first, struct redis_cmd, link);
    struct mono due = mono_after_ms(c->sent, TIMEOUT_MS);
    if (mono_reached(l->loop->now, due))
        link_break(l, "no answer in time");
    else
        alarm_set(l->loop, a, due);
}

void link_open(struct redis_link *l)
{
    list_init(&l->waiting);
    alarm_init(&l->alarm, ring);
    l->stream.fd = -1;
    l->state = REDIS_DOWN;
    l->pause_ms = PAUSE_FIRST_MS;
    alarm_in(l->loop, &l->alarm, 0);
}

void link_shut(struct redis_link *l)
{
    l->closing = true;
    if (l->loop)
        alarm_clear(l->loop, &l->alarm);
    if (l->state != REDIS_DOWN)
        down(l, "shutting down");
}

void link_break(struct redis_link *l, const char *why)
{
    if (l->state != REDIS_DOWN)
        down(l, why);
}

void link_hurry(struct redis_link *l)
{
    l->pause_ms = PAUSE_FIRST_MS;
    if (l->state == REDIS_DOWN)
        alarm_in(l->loop, &l->alarm, l->pause_ms);
}

void link_greeted(struct redis_link *l)
{
    move(l, REDIS_READY);
    l->pause_ms = PAUSE_FIRST_MS;
    log_write(l->log, LOG_INFO, "redis connection ready", LOG_FIELDS(log_text("link", l->name)));
    l->on_ready(l);
}

void link_expect(struct redis_link *l, struct redis_cmd *c)
{
    c->sent = l->loop->now;
    link_init(&c->link);
    list_append(&l->waiting, &c->link);
    if (!alarm_is_set(&l->alarm))
        alarm_in(l->loop, &l->alarm, TIMEOUT_MS);
}

void link_send(struct redis_link *l, struct redis_cmd *c, size_t n, const struct slice *words)
{
    struct buf *out = link_out(l);
    resp_command(out, n);
    for (size_t i = 0; i < n; i++)
        resp_slice(out, words[i]);
    link_expect(l, c);
}
