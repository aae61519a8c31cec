// SPDX-License-Identifier: Apache-2.0
// Listening, accepting, frames in, frames out, beats and silence. The meaning of frames is left to op.c.

#include "broker/broker.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker/op.h"
#include "sdk/base/mem.h"
#include "sdk/wire/frame.h"

#define OUT_MAX    (64u << 20)   // a client that lets this much pile up is shed
#define SUBMIT_MAX (32u << 20)   // bytes of tasks that one client may have unanswered before it is not read further
#define HELLO_MS   10000         // to say Hello in
#define FLUSH_MS   5000          // to take our last words in
#define ACCEPT_TURN 64           // connections taken from one listener a turn

static const unsigned next_states[CONN_STATES] = {
#define CONN_STATE_NEXT(name, next) next,
    CONN_STATE_LIST(CONN_STATE_NEXT)
#undef CONN_STATE_NEXT
};

// ---- states

static void leave(struct conn *c)
{
    struct broker *b = c->broker;
    struct link *x;
    while ((x = list_pop(&c->requests))) {
        struct request *r = LIST_ITEM(x, struct request, link);
        r->conn = NULL;
        list_append(&b->orphans, &r->link);
        if (r->msg.kind == MSG_WAIT)
            result_forget(r);
    }
    if (c->session) {
        struct session *s = c->session;
        c->session = NULL;
        session_drop(s);
    }
    b->conns.bytes_in += c->stream.bytes_in;
    b->conns.bytes_out += c->stream.bytes_out;
    alarm_clear(&b->loop, &c->alarm);
    stream_close(&c->stream);
}

static void mark_dirty(struct conn *c)
{
    if (!list_linked(&c->dirty))
        list_append(&c->broker->conns.dirty, &c->dirty);
}

void conn_move(struct conn *c, enum conn_state to)
{
    struct conns *cs = &c->broker->conns;
    if (!(next_states[c->state] & 1u << to))
        return;
    list_remove(&cs->in[c->state], &c->link);
    list_append(&cs->in[to], &c->link);
    c->state = to;
    if (to == CONN_FLUSHING) {
        stream_pause(&c->stream);
        alarm_in(&c->broker->loop, &c->alarm, FLUSH_MS);
        mark_dirty(c);
    } else if (to == CONN_CLOSED) {
        leave(c);
    }
}

// ---- out

void conn_send(struct conn *c, const struct msg *m)
{
    if (c->state == CONN_CLOSED || c->state == CONN_FLUSHING)
        return;
    if (msg_encode(&c->stream.out, m) != ERR_OK || buf_len(&c->stream.out) > OUT_MAX) {
        log_write(&c->broker->log, LOG_WARN, "client shed: it does not read, or memory is short",
                  LOG_FIELDS(log_text("peer", c->peer)));
        conn_move(c, CONN_CLOSED);
        return;
    }
    c->last_out = c->broker->loop.now;
    mark_dirty(c);
}

void conn_error(struct conn *c, enum err code, const char *text, uint64_t seq, bool fatal)
{
    struct msg m = { .kind = MSG_ERROR, .error = { .code = code, .text = slice_text(text ? text : err_text(code)),
                                                   .seq = seq, .fatal = fatal } };
    conn_send(c, &m);
    if (!fatal)
        return;
    log_write(&c->broker->log, LOG_INFO, "client refused",
              LOG_FIELDS(log_text("peer", c->peer), log_text("error", err_name(code)), log_str("why", m.error.text)));
    c->broker->conns.refused++;
    conn_move(c, CONN_FLUSHING);
}

// ---- in

static size_t frame_limit(const struct conn *c)
{
    return c->state == CONN_HELLO ? LIMIT_FRAME_HELLO : LIMIT_FRAME;
}

static void one_frame(struct conn *c, struct slice body)
{
    struct request *r = request_new(c->broker);
    if (!r) {
        conn_error(c, ERR_NOMEM, NULL, 0, true);
        return;
    }
    r->arena.limit = frame_limit(c) * LIMIT_DECODE + (1u << 20);
    enum err err = msg_decode(&r->arena, body, &r->msg);
    if (err == ERR_OK) {
        op_run(c, r);
        return;
    }
    request_done(r);
    conn_error(c, err, NULL, 0, true);
}

static bool may_read(const struct conn *c)
{
    return (c->state == CONN_HELLO || c->state == CONN_OPEN) && !c->waiting && c->unanswered <= LIMIT_WINDOW &&
           c->unanswered_bytes <= SUBMIT_MAX;
}

void conn_go_on(struct conn *c)
{
    struct buf *in = &c->stream.in;
    struct slice body;
    while (may_read(c)) {
        switch (frame_next(in, frame_limit(c), &body)) {
        case FRAME_MORE:
            stream_resume(&c->stream);
            return;
        case FRAME_WHOLE:
            one_frame(c, body);
            if (c->state == CONN_CLOSED)
                return;
            frame_done(in, body);
            break;
        case FRAME_BAD:
            conn_error(c, ERR_FRAME, NULL, 0, true);
            return;
        case FRAME_LARGE:
            conn_error(c, ERR_FRAME_SIZE, NULL, 0, true);
            return;
        }
    }
    if (c->state == CONN_OPEN || c->waiting)
        stream_pause(&c->stream);   // until its window is open again, or Hello is answered
}

static void on_read(struct stream *s)
{
    struct conn *c = LIST_ITEM(s, struct conn, stream);
    c->last_in = c->broker->loop.now;
    conn_go_on(c);
}

static void on_gone(struct stream *s, int error)
{
    (void)error;
    conn_move(LIST_ITEM(s, struct conn, stream), CONN_CLOSED);
}

// ---- beats

static void beat(struct conn *c)
{
    struct broker *b = c->broker;
    int64_t quiet_in = mono_since(b->loop.now, c->last_in) / CLOCK_NS_PER_MS;
    int64_t quiet_out = mono_since(b->loop.now, c->last_out) / CLOCK_NS_PER_MS;
    if (quiet_in >= b->set.ttl_ms) {
        struct session *s = c->session;
        c->session = NULL;
        conn_error(c, ERR_BEAT, NULL, 0, true);
        if (s)
            session_silent(s);
        return;
    }
    if (quiet_out >= b->set.beat_ms) {
        struct msg m = { .kind = MSG_HEARTBEAT, .heartbeat = { .sent_ms = (uint64_t)clock_wall().ms } };
        conn_send(c, &m);
        quiet_out = 0;
    }
    int64_t wait = b->set.beat_ms - quiet_out < b->set.ttl_ms - quiet_in ? b->set.beat_ms - quiet_out
                                                                         : b->set.ttl_ms - quiet_in;
    alarm_in(&b->loop, &c->alarm, wait + 1);
}

static void ring(struct alarm *a)
{
    struct conn *c = LIST_ITEM(a, struct conn, alarm);
    switch (c->state) {
    case CONN_HELLO:
        if (c->waiting)
            alarm_in(&c->broker->loop, a, HELLO_MS);
        else
            conn_error(c, ERR_TIMEOUT, "no Hello in time", 0, true);
        break;
    case CONN_OPEN:
        beat(c);
        break;
    case CONN_FLUSHING:
        conn_move(c, CONN_CLOSED);
        break;
    case CONN_CLOSED: case CONN_STATES:
        break;
    }
}

// ---- accepting

static void name_peer(struct conn *c, const struct sockaddr *sa, socklen_t n)
{
    char host[64], port[8];
    if (sa->sa_family == AF_UNIX || getnameinfo(sa, n, host, sizeof host, port, sizeof port,
                                                NI_NUMERICHOST | NI_NUMERICSERV))
        snprintf(c->peer, sizeof c->peer, "unix");
    else
        snprintf(c->peer, sizeof c->peer, "%s:%s", host, port);
}

// One word to whom there is no room for; nobody waits for it to be heard.
static void turn_away(struct conns *cs, int fd)
{
    struct buf out = { 0 };
    struct msg m = { .kind = MSG_ERROR, .error = { .code = ERR_LIMIT, .text = slice_text("too many connections; see --max-connections"),
                                                   .fatal = true } };
    cs->refused++;
    if (msg_encode(&out, &m) == ERR_OK && send(fd, buf_slice(&out).p, buf_len(&out), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
        shutdown(fd, SHUT_WR);
    buf_free(&out);
    close(fd);
}

static void take(struct conns *cs, int fd, const struct sockaddr *sa, socklen_t n)
{
    struct broker *b = cs->broker;
    struct conn *c = (int64_t)conns_count(cs) < b->set.max_connections ? mem_zalloc(MEM_CONN, 1, sizeof *c) : NULL;
    if (!c) {
        turn_away(cs, fd);
        return;
    }
    c->broker = b;
    name_peer(c, sa, n);
    link_init(&c->link);
    link_init(&c->dirty);
    list_init(&c->requests);
    alarm_init(&c->alarm, ring);
    c->last_in = c->last_out = b->loop.now;
    stream_open(&c->stream, &b->loop, fd, on_read, on_gone);
    list_append(&cs->in[CONN_HELLO], &c->link);
    alarm_in(&b->loop, &c->alarm, HELLO_MS);
    cs->accepted++;
}

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
    struct conns *cs = arg;
    (void)what;
    loop_wake(&cs->broker->loop);
    for (int i = 0; i < ACCEPT_TURN; i++) {
        struct sockaddr_storage sa = { 0 };
        socklen_t n = sizeof sa;
        int got = accept4(fd, (struct sockaddr *)&sa, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (got >= 0) {
            take(cs, got, (struct sockaddr *)&sa, n);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
            for (size_t k = 0; k < cs->n_listeners; k++)
                event_del(&cs->listeners[k].event);
            alarm_in(&cs->broker->loop, &cs->again, 100);
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

static void accept_again(struct alarm *a)
{
    struct conns *cs = LIST_ITEM(a, struct conns, again);
    for (size_t k = 0; k < cs->n_listeners; k++)
        event_add(&cs->listeners[k].event, NULL);
}

// ---- listening

static int listen_unix(const char *path)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct stat st;
    if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0) {
        close(fd);
        errno = EADDRINUSE;
        return -1;
    }
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
        unlink(path);   // nobody answers there
    mode_t old = umask(0177);
    bool ok = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 1024) == 0;
    umask(old);
    if (!ok && fd >= 0) {
        int why = errno;
        close(fd);
        errno = why;
        fd = -1;
    }
    return fd;
}

static int listen_tcp(struct url *u, char *why, size_t why_size)
{
    char port[8];
    snprintf(port, sizeof port, "%u", u->port);
    struct addrinfo want = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *a;
    int bad = getaddrinfo(u->host, port, &want, &a);
    if (bad) {
        snprintf(why, why_size, "%s: %s", u->host, gai_strerror(bad));
        return -1;
    }
    int one = 1, fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_storage sa = { 0 };
    socklen_t n = sizeof sa;
    bool ok = fd >= 0 && bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 1024) == 0 &&
              getsockname(fd, (struct sockaddr *)&sa, &n) == 0;
    if (!ok)
        snprintf(why, why_size, "cannot listen on %s:%s: %s", u->host, port, strerror(errno));
    freeaddrinfo(a);
    if (ok) {
        u->port = ntohs(sa.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&sa)->sin6_port
                                                 : ((struct sockaddr_in *)&sa)->sin_port);
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

bool conns_listen(struct conns *cs, char *why, size_t why_size)
{
    struct settings *set = &cs->broker->set;
    for (size_t i = 0; i < set->n_urls; i++) {
        struct listener *l = &cs->listeners[cs->n_listeners];
        l->url = set->urls[i];
        l->fd = l->url.kind == URL_UNIX ? listen_unix(l->url.path) : listen_tcp(&l->url, why, why_size);
        if (l->fd < 0) {
            if (l->url.kind == URL_UNIX)
                snprintf(why, why_size, "cannot listen on %s: %s", l->url.path, strerror(errno));
            return false;
        }
        event_assign(&l->event, cs->broker->loop.base, l->fd, EV_READ | EV_PERSIST, on_accept, cs);
        event_add(&l->event, NULL);
        cs->n_listeners++;
    }
    return true;
}

void conns_stop_listening(struct conns *cs)
{
    alarm_clear(&cs->broker->loop, &cs->again);
    for (size_t i = 0; i < cs->n_listeners; i++) {
        struct listener *l = &cs->listeners[i];
        event_del(&l->event);
        close(l->fd);
        if (l->url.kind == URL_UNIX)
            unlink(l->url.path);
    }
    cs->n_listeners = 0;
}

// ---- all of them

void conns_init(struct conns *cs, struct broker *b)
{
    *cs = (struct conns){ .broker = b };
    for (int i = 0; i < CONN_STATES; i++)
        list_init(&cs->in[i]);
    list_init(&cs->dirty);
    alarm_init(&cs->again, accept_again);
}

static void free_closed(struct conns *cs)
{
    struct link *x;
    while ((x = list_pop(&cs->in[CONN_CLOSED]))) {
        struct conn *c = LIST_ITEM(x, struct conn, link);
        list_remove(&cs->dirty, &c->dirty);
        mem_free(MEM_CONN, c, sizeof *c);
    }
}

void conns_end_turn(struct conns *cs)
{
    struct link *x;
    while ((x = list_pop(&cs->dirty))) {
        struct conn *c = LIST_ITEM(x, struct conn, dirty);
        stream_flush(&c->stream);
        if (c->state == CONN_FLUSHING && !buf_len(&c->stream.out))
            conn_move(c, CONN_CLOSED);
    }
    free_closed(cs);
}

void conns_free(struct conns *cs)
{
    conns_stop_listening(cs);
    for (int i = 0; i < CONN_CLOSED; i++) {
        struct link *x;
        while ((x = list_first(&cs->in[i])))
            conn_move(LIST_ITEM(x, struct conn, link), CONN_CLOSED);
    }
    free_closed(cs);
}

size_t conns_count(const struct conns *cs)
{
    return cs->in[CONN_HELLO].n + cs->in[CONN_OPEN].n + cs->in[CONN_FLUSHING].n;
}
