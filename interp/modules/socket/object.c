// SPDX-License-Identifier: Apache-2.0
// The socket object: making, connecting, accepting, ending it. Leaves bytes to stream.c and message.c, options to option.c.
#include "interp/modules/socket/socket_module.h"
#include "interp/types/args.h"
#include "interp/types/finalize.h"

#include <math.h>
#include <poll.h>

_Atomic int64_t socket_default_limit = -1;

// ---- limits ----
bool socket_limit_arg(struct thread *t, vref v, int64_t *ns) {
    double d;
    *ns = -1;
    if (is_none(v)) return true;
    if (!float_as_double(t, v, &d)) return false;
    if (isnan(d)) return raise(t, &exc_ValueError, "Invalid value NaN (not a number)"), false;
    if (d < 0) return raise(t, &exc_ValueError, "Timeout value out of range"), false;
    if (d > 9.2e9) return raise(t, &exc_OverflowError, "timeout doesn't fit into C timeval"), false;
    *ns = (int64_t)ceil(d * 1e9);
    return true;
}
static bool apply_limit(struct thread *t, vref self, int64_t ns) {
    int fd = socket_fd(self), flags = fcntl(fd, F_GETFL);
    int wanted = ns < 0 ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    if (flags < 0 || (wanted != flags && fcntl(fd, F_SETFL, wanted) < 0)) return posix_error(t), false;
    atomic_store(&as_socket(self)->limit_ns, ns);
    return true;
}
static value s_settimeout(struct thread *t, const vref *a) {
    int64_t ns;
    return socket_limit_arg(t, a[1], &ns) && apply_limit(t, a[0], ns) ? V_NONE : V_NULL;
}
static value limit_value(struct thread *t, int64_t ns) { return ns < 0 ? V_NONE : float_new(t, (double)ns / 1e9); }
static value s_gettimeout(struct thread *t, const vref *a) { return limit_value(t, atomic_load(&as_socket(a[0])->limit_ns)); }
static value s_setblocking(struct thread *t, const vref *a) {
    bool blocks;
    return arg_bool(t, a[1], true, &blocks) && apply_limit(t, a[0], blocks ? -1 : 0) ? V_NONE : V_NULL;
}
static value s_getblocking(struct thread *t, const vref *a) { return (void)t, from_bool(atomic_load(&as_socket(a[0])->limit_ns) != 0); }
static value f_getdefaulttimeout(struct thread *t, const vref *a) { return (void)a, limit_value(t, atomic_load(&socket_default_limit)); }
static value f_setdefaulttimeout(struct thread *t, const vref *a) {
    int64_t ns;
    if (!socket_limit_arg(t, a[0], &ns)) return V_NULL;
    atomic_store(&socket_default_limit, ns);
    return V_NONE;
}

// ---- making ----
static bool fill(struct thread *t, vref self, int fd, int family, int type, int protocol) {
    struct socket_object *s = as_socket(self);
    s->family = family;
    s->type = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    s->protocol = protocol;
    atomic_store(&s->fd, fd);
    atomic_store(&s->limit_ns, type & SOCK_NONBLOCK ? 0 : -1);
    int64_t limit = atomic_load(&socket_default_limit);
    return type & SOCK_NONBLOCK || limit < 0 || apply_limit(t, self, limit);
}
value socket_new(struct thread *t, struct type *cls, int fd, int family, int type, int protocol) {
    value v = object_new_instance(t, cls);
    if (!v) return close(fd), V_NULL;
    if (!fill(t, v, fd, family, type, protocol)) release_field(t, &v);
    return v;
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    value v = object_new_instance(t, cls);
    if (v) atomic_store(&as_socket(v)->fd, -1);
    return v;
}
static bool ask_int(int fd, int option, int *out) {
    socklen_t n = sizeof *out;
    return getsockopt(fd, SOL_SOCKET, option, out, &n) == 0;
}
// Adopts a descriptor: what is not given is asked of it.
static bool adopt(struct thread *t, int fd, int *family, int *type, int *protocol) {
    union address a;
    socklen_t n = sizeof a;
    if (fd < 0) return raise(t, &exc_ValueError, "negative file descriptor"), false;
    if (getsockname(fd, &a.any, &n) < 0) {
        if (*family == -1) *family = AF_UNSPEC;
        if (errno == EBADF || errno == ENOTSOCK) return posix_error(t), false;
    } else if (*family == -1) *family = a.any.sa_family;
    if (*type == -1 && !ask_int(fd, SO_TYPE, type)) return posix_error(t), false;
    if (*protocol == -1 && !ask_int(fd, SO_PROTOCOL, protocol)) return posix_error(t), false;
    return true;
}
static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"family", "type", "proto", "fileno"};
    static const struct args_spec spec = {"socket", names, 0, 0, 4};
    vref a[4];
    int family, type, protocol, fd;
    if (!args_bind(t, &spec, args, nargs, kwnames, a) || !arg_int_or(t, a[0], -1, &family) || !arg_int_or(t, a[1], -1, &type) || !arg_int_or(t, a[2], -1, &protocol)) return -1;
    if (a[3] && !is_none(a[3])) {
        if (is_float(a[3])) return raise(t, &exc_TypeError, "integer argument expected, got float"), -1;
        if (!arg_int(t, a[3], &fd) || !adopt(t, fd, &family, &type, &protocol)) return -1;
    } else {
        if (family == -1) family = AF_INET;
        if (type == -1) type = SOCK_STREAM;
        if (protocol == -1) protocol = 0;
        thread_detach(t);
        fd = socket(family, type | SOCK_CLOEXEC, protocol);
        thread_attach(t);
        if (fd < 0) return posix_error(t), -1;
    }
    int old = socket_fd(self);
    if (old >= 0 && old != fd) close(old);
    return fill(t, self, fd, family, type, protocol) ? 0 : -1;
}
static value f_socketpair(struct thread *t, const vref *a) {
    int family, type, protocol, fds[2];
    if (!arg_int_or(t, a[0], AF_UNIX, &family) || !arg_int_or(t, a[1], SOCK_STREAM, &type) || !arg_int_or(t, a[2], 0, &protocol)) return V_NULL;
    if (socketpair(family, type | SOCK_CLOEXEC, protocol, fds) < 0) return posix_error(t);
    value x = socket_new(t, &type_socket, fds[0], family, type, protocol), y = socket_new(t, &type_socket, fds[1], family, type, protocol);
    value r = x && y ? tuple_pack(t, 2, x, y) : V_NULL;
    release_opt(t, x);
    release_opt(t, y);
    return r;
}

// ---- connecting ----
static value with_address(struct thread *t, const vref *a, const char *function, int (*call)(int, const struct sockaddr *, socklen_t)) {
    union address to;
    socklen_t n;
    if (!address_get(t, a[0], a[1], function, &to, &n)) return V_NULL;
    thread_detach(t);
    int r = call(socket_fd(a[0]), &to.any, n);
    thread_attach(t);
    return posix_done(t, r);
}
static value s_bind(struct thread *t, const vref *a) { return with_address(t, a, "bind", bind); }
// Connects: 0, or the errno; -1 with an exception (a handler's, or "timed out" as EAGAIN is the caller's business).
static int connect_to(struct thread *t, vref self, const union address *to, socklen_t n) {
    int fd = socket_fd(self), err = 0;
    int64_t deadline = socket_deadline(self), limit = atomic_load(&as_socket(self)->limit_ns);
    thread_detach(t);
    if (connect(fd, &to->any, n) < 0) err = errno;
    thread_attach(t);
    bool waits = err == EINTR ? limit != 0 : err == EINPROGRESS && limit > 0;
    if (err == EINTR && !safepoint_poll(t)) return -1;
    if (!waits) return err;
    int ready = socket_wait(t, fd, POLLOUT, deadline);
    if (ready < 0) return -1;
    if (ready == 0) return EWOULDBLOCK;
    return ask_int(fd, SO_ERROR, &err) ? err == EISCONN ? 0 : err : errno;
}
static value s_connect(struct thread *t, const vref *a) {
    union address to;
    socklen_t n;
    if (!address_get(t, a[0], a[1], "connect", &to, &n)) return V_NULL;
    int err = connect_to(t, a[0], &to, n);
    if (err == 0) return V_NONE;
    if (err < 0) return V_NULL;
    if (err == EWOULDBLOCK && atomic_load(&as_socket(a[0])->limit_ns) > 0) return raise(t, &exc_TimeoutError, "timed out");
    errno = err;
    return posix_error(t);
}
static value s_connect_ex(struct thread *t, const vref *a) {
    union address to;
    socklen_t n;
    if (!address_get(t, a[0], a[1], "connect_ex", &to, &n)) return V_NULL;
    int err = connect_to(t, a[0], &to, n);
    return err < 0 ? V_NULL : from_int62(err);
}
static value s_listen(struct thread *t, const vref *a) {
    int backlog;
    if (!arg_int_or(t, a[1], SOMAXCONN < 128 ? SOMAXCONN : 128, &backlog)) return V_NULL;
    return posix_done(t, listen(socket_fd(a[0]), backlog < 0 ? 0 : backlog));
}
struct accepted {
    union address from;
    socklen_t n;
};
static int64_t accept_one(int fd, void *arg) {
    struct accepted *p = arg;
    p->n = sizeof p->from;
    return accept4(fd, &p->from.any, &p->n, SOCK_CLOEXEC);
}
static value s_accept(struct thread *t, const vref *a) {
    struct accepted p;
    int64_t fd = socket_call(t, a[0], POLLIN, socket_deadline(a[0]), accept_one, &p);
    if (fd < 0) return V_NULL;
    value from = address_value(t, as_socket(a[0])->family, &p.from, p.n), r = from ? tuple_pack(t, 2, from_int62(fd), from) : V_NULL;
    release_opt(t, from);
    if (!r) close((int)fd);
    return r;
}
static value name_by(struct thread *t, vref self, int (*call)(int, struct sockaddr *, socklen_t *)) {
    union address at = {0};
    socklen_t n = sizeof at;
    if (call(socket_fd(self), &at.any, &n) < 0) return posix_error(t);
    return address_value(t, as_socket(self)->family, &at, n);
}
static value s_getsockname(struct thread *t, const vref *a) { return name_by(t, a[0], getsockname); }
static value s_getpeername(struct thread *t, const vref *a) { return name_by(t, a[0], getpeername); }

// ---- ending ----
static value s_shutdown(struct thread *t, const vref *a) {
    int how;
    return arg_int(t, a[1], &how) ? posix_done(t, shutdown(socket_fd(a[0]), how)) : V_NULL;
}
static value close_one(struct thread *t, int fd) {
    thread_detach(t);
    int r = close(fd);
    thread_attach(t);
    return r < 0 && errno != ECONNRESET ? posix_error(t) : V_NONE;
}
static value s_close(struct thread *t, const vref *a) {
    int fd = atomic_exchange(&as_socket(a[0])->fd, -1);
    return fd < 0 ? V_NONE : close_one(t, fd);
}
static value s_detach(struct thread *t, const vref *a) { return (void)t, from_int62(atomic_exchange(&as_socket(a[0])->fd, -1)); }
static value s_fileno(struct thread *t, const vref *a) { return (void)t, from_int62(socket_fd(a[0])); }
static value f_close(struct thread *t, const vref *a) {
    int fd;
    return arg_int(t, a[0], &fd) ? close_one(t, fd) : V_NULL;
}
static value f_dup(struct thread *t, const vref *a) {
    int fd;
    if (!arg_int(t, a[0], &fd)) return V_NULL;
    int r = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return r < 0 ? posix_error(t) : from_int62(r);
}
static value s_del(struct thread *t, const vref *a) {
    if (socket_fd(a[0]) < 0) return V_NONE;
    bool ok = raise_warning(t, &exc_ResourceWarning, 1, "unclosed %R", a[0]);
    close(atomic_exchange(&as_socket(a[0])->fd, -1));
    return ok ? V_NONE : V_NULL;
}
static void destroy(struct thread *t, struct object *o) {
    int fd = atomic_exchange(&((struct socket_object *)o)->fd, -1);
    (void)t;
    if (fd >= 0) close(fd);
}
static value repr(struct thread *t, vref self) {
    const struct socket_object *s = as_socket(self);
    return str_format(t, "<socket object, fd=%d, family=%d, type=%d, proto=%d>", socket_fd(self), s->family, s->type, s->protocol);
}
static value s_family(struct thread *t, const vref *a) { return (void)t, from_int62(as_socket(a[0])->family); }
static value s_type(struct thread *t, const vref *a) { return (void)t, from_int62(as_socket(a[0])->type); }
static value s_proto(struct thread *t, const vref *a) { return (void)t, from_int62(as_socket(a[0])->protocol); }

const struct native socket_object_methods[] = {
    M("_accept", "($self, /)", s_accept), M("bind", "($self, address, /)", s_bind), M("close", "($self, /)", s_close), M("connect", "($self, address, /)", s_connect),
    M("connect_ex", "($self, address, /)", s_connect_ex), M("detach", "($self, /)", s_detach), M("fileno", "($self, /)", s_fileno), M("getpeername", "($self, /)", s_getpeername),
    M("getsockname", "($self, /)", s_getsockname), M("listen", "($self, backlog=128, /)", s_listen), M("settimeout", "($self, timeout, /)", s_settimeout),
    M("gettimeout", "($self, /)", s_gettimeout), M("setblocking", "($self, flag, /)", s_setblocking), M("getblocking", "($self, /)", s_getblocking),
    M("shutdown", "($self, how, /)", s_shutdown), M("__del__", "($self, /)", s_del), {.name = "family", .kind = NATIVE_GETSET, .fn = s_family, .doc = "the socket family"},
    {.name = "type", .kind = NATIVE_GETSET, .fn = s_type, .doc = "the socket type"}, {.name = "proto", .kind = NATIVE_GETSET, .fn = s_proto, .doc = "the socket protocol"},
    {.name = "timeout", .kind = NATIVE_GETSET, .fn = s_gettimeout, .doc = "the socket timeout"}, {0},
};
const struct native socket_object_natives[] = {
    F("socketpair", "($module, family=AF_UNIX, type=SOCK_STREAM, proto=0, /)", f_socketpair), F("close", "($module, fd, /)", f_close), F("dup", "($module, fd, /)", f_dup),
    F("getdefaulttimeout", "($module, /)", f_getdefaulttimeout), F("setdefaulttimeout", "($module, timeout, /)", f_setdefaulttimeout), {0},
};
struct type type_socket = {
    .name = "socket", .module = "_socket", .flags = TYPE_BASE | TYPE_DEL, .basicsize = sizeof(struct socket_object), .base = &type_object, .make = make, .init = init,
    .destroy = destroy, .repr = repr, .doc = "An end of a connection or a place where datagrams arrive.\n\nfileno makes one of a descriptor that is open already.",
};
