// SPDX-License-Identifier: Apache-2.0
// select.poll: a set of descriptors and the events wanted of each. Leaves sets held by the kernel to epoll.c.
#include "interp/core/lock.h"
#include "interp/modules/select/select_module.h"

#include <poll.h>

struct poll {
    struct object head;
    struct lock lock;       // guards the array
    struct pollfd *fds;     // n of capacity, in the order of registration
    size_t n, capacity;
    _Atomic bool waiting;   // a thread is in poll()
};
static struct poll *as_poll(vref v) { return (struct poll *)as_object(v); }

static bool arg_events(struct thread *t, vref v, unsigned short *out) {
    int64_t n;
    *out = POLLIN | POLLPRI | POLLOUT;
    if (!v) return true;
    if (!arg_i64(t, v, &n)) return false;
    if (n < 0) return raise(t, &exc_ValueError, "value must be positive"), false;
    if (n > UINT16_MAX) return raise(t, &exc_OverflowError, "Python int too large for C unsigned short"), false;
    *out = (unsigned short)n;
    return true;
}
static struct pollfd *find(struct poll *p, int fd) {
    for (size_t i = 0; i < p->n; i++)
        if (p->fds[i].fd == fd) return &p->fds[i];
    return NULL;
}
static bool grow(struct thread *t, struct poll *p) { // lock held: memory for one more
    if (p->n < p->capacity) return true;
    size_t capacity = p->capacity * 2 + 8;
    struct pollfd *fds = mem_resize(t, p->fds, p->capacity * sizeof *fds, capacity * sizeof *fds);
    if (!fds) return false;
    p->fds = fds;
    p->capacity = capacity;
    return true;
}
static value p_register(struct thread *t, const vref *a) {
    struct poll *p = as_poll(a[0]);
    unsigned short events;
    int fd;
    if (!arg_fd(t, a[1], &fd) || !arg_events(t, a[2], &events)) return V_NULL;
    lock_take(t, &p->lock);
    struct pollfd *at = find(p, fd);
    bool ok = at || grow(t, p);
    if (ok && !at) (at = &p->fds[p->n++])->fd = fd;
    if (ok) at->events = (short)events;
    lock_give(&p->lock);
    return ok ? V_NONE : V_NULL;
}
static value p_modify(struct thread *t, const vref *a) {
    struct poll *p = as_poll(a[0]);
    unsigned short events;
    int fd;
    if (!arg_fd(t, a[1], &fd) || !arg_events(t, a[2], &events)) return V_NULL;
    lock_take(t, &p->lock);
    struct pollfd *at = find(p, fd);
    if (at) at->events = (short)events;
    lock_give(&p->lock);
    errno = ENOENT;
    return at ? V_NONE : posix_error(t);
}
static value p_unregister(struct thread *t, const vref *a) {
    struct poll *p = as_poll(a[0]);
    int fd;
    if (!arg_fd(t, a[1], &fd)) return V_NULL;
    lock_take(t, &p->lock);
    struct pollfd *at = find(p, fd);
    if (at) memmove(at, at + 1, (size_t)(p->fds + --p->n - at) * sizeof *at);
    lock_give(&p->lock);
    return at ? V_NONE : raise_value(t, &exc_KeyError, from_int62(fd));
}
static value answers(struct thread *t, const struct pollfd *fds, size_t n) {
    value list = list_new(t, 0);
    for (size_t i = 0; list && i < n; i++) {
        if (!fds[i].revents) continue;
        value pair = tuple_pack(t, 2, from_int62(fds[i].fd), from_int62(fds[i].revents & 0xffff));
        if (!pair || !list_append_take(t, list, pair)) release_field(t, &list);
    }
    return list;
}
// The wait works on a copy, so that others may register meanwhile.
static value p_poll(struct thread *t, const vref *a) {
    struct poll *p = as_poll(a[0]);
    struct wait_time w;
    int r;
    if (!wait_time_get(t, a[1], 1000000, true, "timeout", &w)) return V_NULL;
    if (atomic_exchange(&p->waiting, true)) return raise(t, &exc_RuntimeError, "concurrent poll() invocation");
    lock_take(t, &p->lock);
    size_t n = p->n;
    struct pollfd *fds = mem_alloc(t, (n + 1) * sizeof *fds);
    if (fds && n) memcpy(fds, p->fds, n * sizeof *fds);
    lock_give(&p->lock);
    value v = V_NULL;
    if (fds) {
        do {
            int ms = wait_time_ms(&w);
            thread_detach(t);
            r = poll(fds, n, ms);
            thread_attach(t);
        } while (posix_interrupted(t, r));
        v = r < 0 ? posix_error(t) : answers(t, fds, n);
        mem_free(t, fds, (n + 1) * sizeof *fds);
    }
    atomic_store(&p->waiting, false);
    return v;
}
static void destroy(struct thread *t, struct object *o) {
    struct poll *p = (struct poll *)o;
    if (p->fds) mem_free(t, p->fds, p->capacity * sizeof *p->fds);
}
#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
static const struct native methods[] = {
    M("register", "($self, fd, eventmask=select.POLLIN | select.POLLPRI | select.POLLOUT, /)", p_register), M("modify", "($self, fd, eventmask, /)", p_modify),
    M("unregister", "($self, fd, /)", p_unregister), M("poll", "($self, timeout=None, /)", p_poll), {0},
};
struct type type_poll = {
    .name = "poll", .module = "select", .flags = TYPE_NO_NEW, .basicsize = sizeof(struct poll), .base = &type_object, .natives = methods, .destroy = destroy,
};
static value f_poll(struct thread *t, const vref *a) { return (void)a, object_new_instance(t, &type_poll); }
const struct native poll_natives[] = {F("poll", "($module, /)", f_poll), {0}};
