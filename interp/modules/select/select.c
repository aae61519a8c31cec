// SPDX-License-Identifier: Apache-2.0
// select: the module, waiting times, and select itself. Leaves poll to poll.c, epoll to epoll.c.
#include "interp/modules/modules.h"
#include "interp/modules/select/select_module.h"

#include <limits.h>
#include <math.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

bool wait_time_get(struct thread *t, vref v, uint64_t unit_ns, bool negative_is_ever, const char *name, struct wait_time *out) {
    double d;
    *out = (struct wait_time){0};
    if (!v || is_none(v)) return true;
    if (!is_int(v) && !is_float(v) && !type_of(v)->to_index && !type_of(v)->to_float) return raise(t, &exc_TypeError, "%s must be a real number or None", name), false;
    if (!float_as_double(t, v, &d)) return false;
    if (isnan(d)) return raise(t, &exc_ValueError, "Invalid value NaN (not a number)"), false;
    if (d < 0 && negative_is_ever) return true;
    if (d < 0) return raise(t, &exc_ValueError, "timeout must be non-negative"), false;
    if (d * (double)unit_ns > 9.2e18) return raise(t, &exc_OverflowError, "timeout is too large"), false;
    out->limited = true;
    out->end_ns = clock_now_ns() + (uint64_t)ceil(d * (double)unit_ns);
    return true;
}
int wait_time_ms(const struct wait_time *w) {
    if (!w->limited) return -1;
    uint64_t ms = (wait_time_left(w) + 999999) / 1000000;
    return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

// ---- select ----
struct side {
    value items; // owned list, ours: what the program gave may shrink while fileno() is asked
    fd_set set, ready;
    int fds[FD_SETSIZE];
};
static bool side_add(struct thread *t, struct side *s, vref item, int *highest) {
    size_t n = list_size(s->items);
    int fd;
    if (!arg_fd(t, item, &fd)) return false;
    if (fd >= FD_SETSIZE || n >= FD_SETSIZE) return raise(t, &exc_ValueError, "%s", fd >= FD_SETSIZE ? "filedescriptor out of range in select()" : "too many file descriptors in select()"), false;
    if (!list_append(t, s->items, item)) return false;
    s->fds[n] = fd;
    FD_SET(fd, &s->set);
    if (fd > *highest) *highest = fd;
    return true;
}
static bool side_get(struct thread *t, vref v, struct side *s, int *highest) {
    value given = is_list(v) ? own(t, v) : list_from_iterable(t, v);
    if (!given) return raised_is(t, &exc_TypeError) ? (raised_clear(t), raise(t, &exc_TypeError, "arguments 1-3 must be sequences"), false) : false;
    FD_ZERO(&s->set);
    s->items = list_new(t, list_size(given));
    bool ok = s->items != V_NULL;
    for (size_t i = 0; ok && i < list_size(given); i++) {
        value item = list_get_or_null(t, given, i);
        ok = item && side_add(t, s, item, highest);
        release_opt(t, item);
    }
    release(t, given);
    return ok;
}
static value side_ready(struct thread *t, const struct side *s) {
    value list = list_new(t, 0);
    for (size_t i = 0; list && i < list_size(s->items); i++) {
        value item = FD_ISSET(s->fds[i], &s->ready) ? list_get_or_null(t, s->items, i) : V_NULL;
        if (item && !list_append_take(t, list, item)) release_field(t, &list);
    }
    return list;
}
static int wait_sides(struct thread *t, struct side *sides, int highest, const struct wait_time *w) {
    int r;
    do {
        uint64_t left = w->limited ? (wait_time_left(w) + 999) / 1000 : 0;
        struct timeval tv = {(time_t)(left / 1000000), (suseconds_t)(left % 1000000)};
        for (int i = 0; i < 3; i++) sides[i].ready = sides[i].set;
        thread_detach(t);
        r = select(highest + 1, &sides[0].ready, &sides[1].ready, &sides[2].ready, w->limited ? &tv : NULL);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return r;
}
static value f_select(struct thread *t, const vref *a) {
    struct side sides[3];
    struct wait_time w;
    int highest = -1, e;
    value r = V_NULL;
    for (int i = 0; i < 3; i++) sides[i].items = V_NULL;
    bool ok = wait_time_get(t, a[3], 1000000000, false, "timeout", &w);
    for (int i = 0; ok && i < 3; i++) ok = side_get(t, a[i], &sides[i], &highest);
    if (ok) {
        int n = wait_sides(t, sides, highest, &w);
        e = errno;
        if (n < 0) errno = e, posix_error(t);
        else r = tuple_take_array(t, (value[]){side_ready(t, &sides[0]), side_ready(t, &sides[1]), side_ready(t, &sides[2])}, 3);
        if (r && raised(t)) release_field(t, &r);
    }
    for (int i = 0; i < 3; i++) release_opt(t, sides[i].items);
    return r;
}

const struct native select_natives[] = {F("select", "($module, rlist, wlist, xlist, timeout=None, /)", f_select), {0}};
#define S(n) {#n, n}
static const struct constant rows[] = {
    S(POLLIN), S(POLLPRI), S(POLLOUT), S(POLLERR), S(POLLHUP), S(POLLNVAL), S(POLLRDNORM), S(POLLRDBAND), S(POLLWRNORM), S(POLLWRBAND), S(POLLMSG), S(POLLRDHUP), S(PIPE_BUF),
    S(EPOLLIN), S(EPOLLOUT), S(EPOLLPRI), S(EPOLLERR), S(EPOLLHUP), S(EPOLLRDHUP), S(EPOLLRDNORM), S(EPOLLRDBAND), S(EPOLLWRNORM), S(EPOLLWRBAND), S(EPOLLMSG), S(EPOLLEXCLUSIVE),
    {"EPOLLET", (int64_t)(uint32_t)EPOLLET}, {"EPOLLONESHOT", EPOLLONESHOT}, S(EPOLL_CLOEXEC),
};
value select_make(struct thread *t) {
    if ((!type_poll.root_shape && !type_ready(t, &type_poll)) || (!type_epoll.root_shape && !type_ready(t, &type_epoll))) return V_NULL;
    value m = module_from_natives(t, "select", "Waiting for descriptors.", select_natives, 1);
    if (m && module_add_natives(t, m, poll_natives, 1) && constants_add(t, m, rows, sizeof rows / sizeof *rows) && module_set(t, m, "epoll", type_ref(&type_epoll)) &&
        module_set(t, m, "error", type_ref(&exc_OSError)))
        return m;
    release_opt(t, m);
    return V_NULL;
}
