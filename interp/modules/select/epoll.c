// SPDX-License-Identifier: Apache-2.0
// select.epoll: a set of descriptors that the kernel holds. Leaves poll to poll.c.
#include "interp/modules/select/select_module.h"
#include "interp/types/args.h"

#include <sys/epoll.h>

struct epoll {
    struct object head;
    _Atomic int fd; // -1: closed
};
static struct epoll *as_epoll(vref v) { return (struct epoll *)as_object(v); }
static int fd_of(struct thread *t, vref self) { // -1 with an exception
    int fd = atomic_load(&as_epoll(self)->fd);
    if (fd < 0) raise(t, &exc_ValueError, "I/O operation on closed epoll object");
    return fd;
}
static value with_fd(struct thread *t, struct type *cls, int fd) { // takes fd
    if (fd < 0) return posix_error(t);
    value v = object_new_instance(t, cls);
    if (v) atomic_store(&as_epoll(v)->fd, fd);
    else close(fd);
    return v;
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"sizehint", "flags"};
    static const struct args_spec spec = {"epoll", names, 0, 0, 2};
    vref a[2];
    int size, flags;
    if (!args_bind(t, &spec, args, nargs, kwnames, a) || !arg_int_or(t, a[0], -1, &size) || !arg_int_or(t, a[1], 0, &flags)) return V_NULL;
    if (size < -1 || size == 0) return raise(t, &exc_ValueError, "sizehint must be positive or -1");
    if (flags & ~EPOLL_CLOEXEC) return raise(t, &exc_OSError, "invalid flags");
    return with_fd(t, cls, epoll_create1(EPOLL_CLOEXEC));
}
static value e_fromfd(struct thread *t, const vref *a) {
    int fd;
    return arg_int(t, a[1], &fd) ? with_fd(t, as_type(a[0]), fd) : V_NULL;
}
static value e_close(struct thread *t, const vref *a) {
    int fd = atomic_exchange(&as_epoll(a[0])->fd, -1);
    if (fd < 0) return V_NONE;
    thread_detach(t);
    int r = close(fd);
    thread_attach(t);
    return posix_done(t, r);
}
static value e_closed(struct thread *t, const vref *a) { return (void)t, from_bool(atomic_load(&as_epoll(a[0])->fd) < 0); }
static value e_fileno(struct thread *t, const vref *a) {
    int fd = fd_of(t, a[0]);
    return fd < 0 ? V_NULL : from_int62(fd);
}
static value control(struct thread *t, const vref *a, int op, vref mask) {
    int own_fd = fd_of(t, a[0]), fd;
    int64_t events = EPOLLIN | EPOLLPRI | EPOLLOUT;
    if (own_fd < 0 || !arg_fd(t, a[1], &fd) || (mask && !arg_i64(t, mask, &events))) return V_NULL;
    struct epoll_event e = {.events = (uint32_t)events, .data.fd = fd};
    return posix_done(t, epoll_ctl(own_fd, op, fd, &e));
}
static value e_register(struct thread *t, const vref *a) { return control(t, a, EPOLL_CTL_ADD, a[2]); }
static value e_modify(struct thread *t, const vref *a) { return control(t, a, EPOLL_CTL_MOD, a[2]); }
static value e_unregister(struct thread *t, const vref *a) { return control(t, a, EPOLL_CTL_DEL, V_NULL); }
static value answers(struct thread *t, const struct epoll_event *events, int n) {
    value list = list_new(t, (size_t)n);
    for (int i = 0; list && i < n; i++) {
        value pair = tuple_pack(t, 2, from_int62(events[i].data.fd), from_int62(events[i].events));
        if (!pair || !list_append_take(t, list, pair)) release_field(t, &list);
    }
    return list;
}
static value e_poll(struct thread *t, const vref *a) {
    struct wait_time w;
    int fd = fd_of(t, a[0]), most, r;
    if (fd < 0 || !wait_time_get(t, a[1], 1000000000, true, "timeout", &w) || !arg_int_or(t, a[2], -1, &most)) return V_NULL;
    if (most == -1) most = FD_SETSIZE - 1;
    if (most < 1) return raise(t, &exc_ValueError, "maxevents must be greater than 0, got %d", most);
    struct epoll_event *events = mem_alloc(t, (size_t)most * sizeof *events);
    if (!events) return V_NULL;
    do {
        int ms = wait_time_ms(&w);
        thread_detach(t);
        r = epoll_wait(fd, events, most, ms);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    value v = r < 0 ? posix_error(t) : answers(t, events, r);
    mem_free(t, events, (size_t)most * sizeof *events);
    return v;
}
static value e_enter(struct thread *t, const vref *a) { return fd_of(t, a[0]) < 0 ? V_NULL : own(t, a[0]); }
static void destroy(struct thread *t, struct object *o) {
    int fd = atomic_exchange(&((struct epoll *)o)->fd, -1);
    (void)t;
    if (fd >= 0) close(fd);
}
#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
static const struct native methods[] = {
    {.name = "fromfd", .kind = NATIVE_CLASS, .sig = "($type, fd, /)", .fn = e_fromfd}, {.name = "closed", .kind = NATIVE_GETSET, .fn = e_closed, .doc = "True if it is closed"},
    M("close", "($self, /)", e_close), M("fileno", "($self, /)", e_fileno),
    M("register", "($self, /, fd, eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)", e_register), M("modify", "($self, /, fd, eventmask)", e_modify),
    M("unregister", "($self, /, fd)", e_unregister), M("poll", "($self, /, timeout=None, maxevents=-1)", e_poll), M("__enter__", "($self, /)", e_enter),
    M("__exit__", "($self, /, *args)", e_close), {0},
};
struct type type_epoll = {
    .name = "epoll", .module = "select", .flags = TYPE_BASE, .basicsize = sizeof(struct epoll), .base = &type_object, .natives = methods, .make = make, .destroy = destroy,
};
