// SPDX-License-Identifier: Apache-2.0
// Turns, alarms and pipes. Policy is left to supervisor.c and its parts.

#include "worker/loop.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE (256u << 10)
#define KEEP      (1u << 20)   // a buffer larger than this is freed once it is empty

// ---- turns

static void nothing(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what, (void)arg;
}

bool loop_init(struct loop *l, void (*turn_end)(void *), void *owner)
{
    *l = (struct loop){ .turn_end = turn_end, .owner = owner };
    heap_init(&l->alarms);
    struct event_config *config = event_config_new();
    if (!config)
        return false;
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_PRECISE_TIMER);
    l->base = event_base_new_with_config(config);
    event_config_free(config);
    if (l->base)
        l->timer = event_new(l->base, -1, 0, nothing, NULL);
    l->now = clock_mono();
    return l->timer != NULL;
}

void loop_free(struct loop *l)
{
    if (l->timer)
        event_free(l->timer);
    if (l->base)
        event_base_free(l->base);
    heap_free(&l->alarms);
    *l = (struct loop){ 0 };
}

void alarm_in(struct loop *l, struct alarm *a, int64_t ms)
{
    if (!heap_set(&l->alarms, &a->node, mono_after_ms(l->now, ms).ns))
        a->node.at = 0;
}

void alarm_clear(struct loop *l, struct alarm *a)
{
    heap_remove(&l->alarms, &a->node);
}

static void wait_events(struct loop *l)
{
    struct heap_node *first = heap_first(&l->alarms);
    if (first) {
        int64_t ns = first->due - clock_mono().ns;
        ns = ns < 0 ? 0 : ns + 999;
        struct timeval tv = { .tv_sec = ns / 1000000000, .tv_usec = ns % 1000000000 / 1000 };
        event_add(l->timer, &tv);
    }
    event_base_loop(l->base, first ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY);
    if (first)
        event_del(l->timer);
}

static void ring_due(struct loop *l)
{
    struct heap_node *first;
    while ((first = heap_first(&l->alarms)) && first->due <= l->now.ns) {
        struct alarm *a = LIST_ITEM(first, struct alarm, node);
        l->lag_ns = l->now.ns - first->due;
        heap_remove(&l->alarms, first);
        a->ring(a);
    }
}

void loop_run(struct loop *l)
{
    l->turn_end(l->owner);
    while (!l->stop) {
        wait_events(l);
        l->now = clock_mono();
        ring_due(l);
        l->turn_end(l->owner);
        l->turns++;
    }
}

// ---- pipes

static void fail(struct pipe *p, int error)
{
    if (p->gone)
        return;
    p->gone = true;
    event_del(&p->readable);
    event_del(&p->writable);
    p->on_gone(p, error);
}

// One read a turn: a loud peer must not keep the others waiting.
static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct pipe *p = arg;
    (void)what;
    uint8_t *room = buf_room(&p->in, READ_SIZE);
    ssize_t n = room ? recv(fd, room, READ_SIZE, 0) : -1;
    if (n > 0) {
        buf_added(&p->in, (size_t)n);
        p->bytes_in += (uint64_t)n;
        p->on_read(p);
        if (p->fd == fd && !buf_len(&p->in))
            buf_reset(&p->in, KEEP);
    } else if (n == 0) {
        fail(p, 0);
    } else if (!room || (errno != EAGAIN && errno != EINTR)) {
        fail(p, room ? errno : ENOMEM);
    }
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    pipe_flush(arg);
}

void pipe_open(struct pipe *p, struct loop *l, int fd, void (*on_read)(struct pipe *), void (*on_gone)(struct pipe *, int))
{
    *p = (struct pipe){ .fd = fd, .on_read = on_read, .on_gone = on_gone };
    evutil_make_socket_nonblocking(fd);
    event_assign(&p->readable, l->base, fd, EV_READ | EV_PERSIST, on_readable, p);
    event_assign(&p->writable, l->base, fd, EV_WRITE, on_writable, p);
    event_add(&p->readable, NULL);
}

void pipe_flush(struct pipe *p)
{
    if (!pipe_is_open(p) || event_pending(&p->writable, EV_WRITE, NULL))
        return;
    while (buf_len(&p->out)) {
        struct slice live = buf_slice(&p->out);
        ssize_t n = send(p->fd, live.p, live.n, MSG_NOSIGNAL);
        if (n >= 0) {
            buf_consume(&p->out, (size_t)n);
            p->bytes_out += (uint64_t)n;
        } else if (errno == EAGAIN) {
            event_add(&p->writable, NULL);
            return;
        } else if (errno != EINTR) {
            fail(p, errno);
            return;
        }
    }
    buf_reset(&p->out, KEEP);
}

void pipe_close(struct pipe *p)
{
    if (p->fd < 0)
        return;
    event_del(&p->readable);
    event_del(&p->writable);
    close(p->fd);
    p->fd = -1;
    buf_free(&p->in);
    buf_free(&p->out);
}
