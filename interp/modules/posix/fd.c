// SPDX-License-Identifier: Apache-2.0
// Descriptors: opening, closing, copying, pipes, their flags. Leaves moving bytes through them to io.c.
#include "interp/modules/posix/posix.h"

#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static value f_open(struct thread *t, const vref *a) { // path, flags, mode, dir_fd
    struct path p = {.function = "open", .name = "path"};
    int flags, mode, dir_fd, fd;
    if (!path_get(t, &p, a[0]) || !arg_int(t, a[1], &flags) || !arg_int_or(t, a[2], 0777, &mode) || !arg_dir_fd(t, a[3], &dir_fd)) return path_drop(t, &p), V_NULL;
    do {
        thread_detach(t);
        fd = openat(dir_fd, p.p, flags | O_CLOEXEC, (mode_t)mode);
        thread_attach(t);
    } while (posix_interrupted(t, fd));
    value v = fd < 0 ? posix_path_error(t, &p) : from_int62(fd);
    path_drop(t, &p);
    return v;
}
static value f_close(struct thread *t, const vref *a) {
    int fd, r;
    if (!arg_int(t, a[0], &fd)) return V_NULL;
    thread_detach(t); // once: after EINTR the descriptor is gone already
    r = close(fd);
    thread_attach(t);
    if (r < 0 && errno == EINTR) return V_NONE;
    return posix_done(t, r);
}
static value f_closerange(struct thread *t, const vref *a) {
    int low, high;
    if (!arg_int(t, a[0], &low) || !arg_int(t, a[1], &high)) return V_NULL;
    if (low < 0) low = 0;
    if (high <= low) return V_NONE;
    thread_detach(t);
    close_range((unsigned)low, (unsigned)high - 1, 0);
    thread_attach(t);
    return V_NONE;
}
static value f_dup(struct thread *t, const vref *a) {
    int fd;
    if (!arg_int(t, a[0], &fd)) return V_NULL;
    int r = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return r < 0 ? posix_error(t) : from_int62(r);
}
static value f_dup2(struct thread *t, const vref *a) {
    int fd, to, r;
    bool inheritable;
    if (!arg_int(t, a[0], &fd) || !arg_int(t, a[1], &to) || !arg_bool(t, a[2], true, &inheritable)) return V_NULL;
    thread_detach(t); // may close a file
    if (inheritable || fd == to) r = dup2(fd, to);
    else r = dup3(fd, to, O_CLOEXEC);
    thread_attach(t);
    return r < 0 ? posix_error(t) : from_int62(r);
}
static value pair(struct thread *t, int r, const int fds[2]) { return r < 0 ? posix_error(t) : tuple_pack(t, 2, from_int62(fds[0]), from_int62(fds[1])); }
static value f_pipe(struct thread *t, const vref *a) {
    int fds[2], r = ((void)a, pipe2(fds, O_CLOEXEC));
    return pair(t, r, fds);
}
static value f_pipe2(struct thread *t, const vref *a) {
    int flags, fds[2];
    if (!arg_int(t, a[0], &flags)) return V_NULL;
    int r = pipe2(fds, flags);
    return pair(t, r, fds);
}

// ---- flags ----
static value f_get_inheritable(struct thread *t, const vref *a) {
    int fd;
    if (!arg_int(t, a[0], &fd)) return V_NULL;
    int r = fcntl(fd, F_GETFD);
    return r < 0 ? posix_error(t) : from_bool(!(r & FD_CLOEXEC));
}
static value f_set_inheritable(struct thread *t, const vref *a) {
    int fd, inheritable;
    if (!arg_int(t, a[0], &fd) || !arg_int(t, a[1], &inheritable)) return V_NULL;
    int flags = fcntl(fd, F_GETFD);
    if (flags < 0) return posix_error(t);
    return posix_done(t, fcntl(fd, F_SETFD, inheritable ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC));
}
static value f_get_blocking(struct thread *t, const vref *a) {
    int fd;
    if (!arg_int(t, a[0], &fd)) return V_NULL;
    int r = fcntl(fd, F_GETFL);
    return r < 0 ? posix_error(t) : from_bool(!(r & O_NONBLOCK));
}
static value f_set_blocking(struct thread *t, const vref *a) {
    int fd;
    bool blocking;
    if (!arg_int(t, a[0], &fd) || !arg_bool(t, a[1], true, &blocking)) return V_NULL;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0) return posix_error(t);
    return posix_done(t, fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK));
}
static value f_isatty(struct thread *t, const vref *a) {
    int fd;
    if (!arg_int(t, a[0], &fd)) return V_NULL;
    thread_detach(t);
    int r = isatty(fd);
    thread_attach(t);
    return from_bool(r);
}
static value f_device_encoding(struct thread *t, const vref *a) {
    int fd;
    if (!arg_int(t, a[0], &fd)) return V_NULL;
    return isatty(fd) ? str_from_cstr(t, "UTF-8") : V_NONE;
}

// ---- descriptors of other kinds ----
static value f_memfd_create(struct thread *t, const vref *a) {
    int flags;
    value name = path_bytes(t, a[0]);
    if (!name || !arg_int_or(t, a[1], MFD_CLOEXEC, &flags)) return release_opt(t, name), V_NULL;
    thread_detach(t);
    int fd = memfd_create((const char *)as_bytes(name)->data, (unsigned)flags);
    thread_attach(t);
    release(t, name);
    return fd < 0 ? posix_error(t) : from_int62(fd);
}
static value f_eventfd(struct thread *t, const vref *a) {
    int64_t start;
    int flags;
    if (!arg_i64(t, a[0], &start) || !arg_int_or(t, a[1], EFD_CLOEXEC, &flags)) return V_NULL;
    if (start < 0 || start > UINT32_MAX) return raise(t, &exc_OverflowError, start < 0 ? "can't convert negative value to unsigned int" : "Python int too large to convert to C unsigned int");
    int fd = eventfd((unsigned)start, flags);
    return fd < 0 ? posix_error(t) : from_int62(fd);
}
static value f_eventfd_read(struct thread *t, const vref *a) {
    eventfd_t n;
    int fd, r;
    if (!arg_fd(t, a[0], &fd)) return V_NULL;
    thread_detach(t);
    r = eventfd_read(fd, &n);
    thread_attach(t);
    return r < 0 ? posix_error(t) : int_from_u64(t, n);
}
static value f_eventfd_write(struct thread *t, const vref *a) {
    int fd, r;
    value n = arg_fd(t, a[0], &fd) ? object_index(t, a[1]) : V_NULL;
    uint8_t raw[8];
    eventfd_t v;
    bool ok = n && int_to_bytes(t, n, raw, 8, true, false);
    release_opt(t, n);
    if (!ok) return V_NULL;
    memcpy(&v, raw, 8);
    thread_detach(t);
    r = eventfd_write(fd, v);
    thread_attach(t);
    return posix_done(t, r);
}
static value f_pidfd_open(struct thread *t, const vref *a) {
    int pid, flags;
    if (!arg_int(t, a[0], &pid) || !arg_int_or(t, a[1], 0, &flags)) return V_NULL;
    long fd = syscall(SYS_pidfd_open, pid, (unsigned)flags);
    return fd < 0 ? posix_error(t) : from_int62(fd);
}

const struct native posix_fd_natives[] = {
    F("open", "($module, /, path, flags, mode=511, *, dir_fd=None)", f_open), F("close", "($module, /, fd)", f_close), F("closerange", "($module, fd_low, fd_high, /)", f_closerange),
    F("dup", "($module, fd, /)", f_dup), F("dup2", "($module, /, fd, fd2, inheritable=True)", f_dup2), F("pipe", "($module, /)", f_pipe),
    F("pipe2", "($module, flags, /)", f_pipe2), F("get_inheritable", "($module, fd, /)", f_get_inheritable), F("set_inheritable", "($module, fd, inheritable, /)", f_set_inheritable),
    F("get_blocking", "($module, fd, /)", f_get_blocking), F("set_blocking", "($module, fd, blocking, /)", f_set_blocking), F("isatty", "($module, fd, /)", f_isatty),
    F("device_encoding", "($module, /, fd)", f_device_encoding), F("memfd_create", "($module, /, name, flags=MFD_CLOEXEC)", f_memfd_create),
    F("eventfd", "($module, /, initval, flags=EFD_CLOEXEC)", f_eventfd), F("eventfd_read", "($module, /, fd)", f_eventfd_read),
    F("eventfd_write", "($module, /, fd, value)", f_eventfd_write), F("pidfd_open", "($module, /, pid, flags=0)", f_pidfd_open), {0},
};
