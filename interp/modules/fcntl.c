// SPDX-License-Identifier: Apache-2.0
// fcntl: control of descriptors, devices and file locks. Leaves the flags that os knows to posix/fd.c.
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"

#include <sys/file.h>
#include <sys/ioctl.h>

enum { ARGUMENT_MOST = 1024 };

// Copies a bytes-like argument or a str into room. returns its length, -1 with ValueError.
static int64_t copy_argument(struct thread *t, vref v, const char *function, char *room) {
    struct buffer_view view;
    value text = is_str(v) ? path_bytes(t, v) : V_NULL;
    if ((is_str(v) && !text) || !buffer_get(t, text ? text : v, &view, false)) return release_opt(t, text), -1;
    int64_t n = (int64_t)view.length;
    if (n > ARGUMENT_MOST) n = (raise(t, &exc_ValueError, "%s string arg too long", function), -1);
    else memcpy(room, view.data, view.length);
    buffer_release(t, &view);
    release_opt(t, text);
    return n;
}
static value f_fcntl(struct thread *t, const vref *a) {
    int fd, command, r;
    int64_t n = -1, number = 0;
    char room[ARGUMENT_MOST];
    if (!arg_fd(t, a[0], &fd) || !arg_int(t, a[1], &command)) return V_NULL;
    bool as_buffer = a[2] && (is_str(a[2]) || buffer_check(a[2]));
    if (as_buffer && (n = copy_argument(t, a[2], "fcntl", room)) < 0) return V_NULL;
    if (!as_buffer && a[2] && !arg_i64(t, a[2], &number)) return V_NULL;
    do {
        thread_detach(t);
        r = as_buffer ? fcntl(fd, command, room) : fcntl(fd, command, (long)(int)number);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    if (r < 0) return posix_error(t);
    return as_buffer ? bytes_new(t, room, (size_t)n) : from_int62(r);
}
static value ioctl_in_place(struct thread *t, int fd, unsigned long request, struct buffer_view *view) { // drops the view
    int r;
    do {
        thread_detach(t);
        r = ioctl(fd, request, view->data);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    int e = errno;
    buffer_release(t, view);
    errno = e;
    return r < 0 ? posix_error(t) : from_int62(r);
}
static value ioctl_copy(struct thread *t, int fd, unsigned long request, vref argument) {
    char room[ARGUMENT_MOST + 1];
    int r;
    int64_t n = copy_argument(t, argument, "ioctl", room);
    if (n < 0) return V_NULL;
    room[n] = 0;
    do {
        thread_detach(t);
        r = ioctl(fd, request, room);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return r < 0 ? posix_error(t) : bytes_new(t, room, (size_t)n);
}
static value f_ioctl(struct thread *t, const vref *a) { // fd, request, arg, mutate_flag
    int fd, r;
    int64_t request, number = 0;
    bool mutate;
    struct buffer_view view;
    if (!arg_fd(t, a[0], &fd) || !arg_i64(t, a[1], &request) || !arg_bool(t, a[3], true, &mutate)) return V_NULL;
    if (a[2] && !is_str(a[2]) && !is_bytes(a[2]) && mutate && buffer_check(a[2])) {
        if (buffer_get(t, a[2], &view, true)) return ioctl_in_place(t, fd, (unsigned)request, &view);
        raised_clear(t);
    }
    if (a[2] && (is_str(a[2]) || buffer_check(a[2]))) return ioctl_copy(t, fd, (unsigned)request, a[2]);
    if (a[2] && !arg_i64(t, a[2], &number)) return V_NULL;
    do {
        thread_detach(t);
        r = ioctl(fd, (unsigned long)(unsigned)request, (long)(int)number);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return r < 0 ? posix_error(t) : from_int62(r);
}
static value f_flock(struct thread *t, const vref *a) {
    int fd, operation, r;
    if (!arg_fd(t, a[0], &fd) || !arg_int(t, a[1], &operation)) return V_NULL;
    do {
        thread_detach(t);
        r = flock(fd, operation);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return posix_done(t, r);
}
static value f_lockf(struct thread *t, const vref *a) { // fd, cmd, len, start, whence
    int fd, command, whence, r;
    int64_t length = 0, start = 0;
    if (!arg_fd(t, a[0], &fd) || !arg_int(t, a[1], &command) || (a[2] && !arg_i64(t, a[2], &length)) || (a[3] && !arg_i64(t, a[3], &start)) || !arg_int_or(t, a[4], 0, &whence))
        return V_NULL;
    struct flock l = {.l_whence = (short)whence, .l_start = start, .l_len = length};
    if (command == LOCK_UN) l.l_type = F_UNLCK;
    else if (command & LOCK_SH) l.l_type = F_RDLCK;
    else if (command & LOCK_EX) l.l_type = F_WRLCK;
    else return raise(t, &exc_ValueError, "unrecognized lockf argument");
    do {
        thread_detach(t);
        r = fcntl(fd, command & LOCK_NB ? F_SETLK : F_SETLKW, &l);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return posix_done(t, r);
}

static const struct native functions[] = {
    F("fcntl", "($module, fd, cmd, arg=0, /)", f_fcntl), F("ioctl", "($module, fd, request, arg=0, mutate_flag=True, /)", f_ioctl), F("flock", "($module, fd, operation, /)", f_flock),
    F("lockf", "($module, fd, cmd, len=0, start=0, whence=0, /)", f_lockf),
};
#define S(n) {#n, n}
static const struct constant rows[] = {
    S(LOCK_SH), S(LOCK_EX), S(LOCK_NB), S(LOCK_UN), S(LOCK_MAND), S(LOCK_READ), S(LOCK_WRITE), S(LOCK_RW), S(F_DUPFD), S(F_DUPFD_CLOEXEC), S(F_GETFD), S(F_SETFD), S(F_GETFL),
    S(F_SETFL), S(F_GETLK), S(F_SETLK), S(F_SETLKW), S(F_OFD_GETLK), S(F_OFD_SETLK), S(F_OFD_SETLKW), S(F_GETOWN), S(F_SETOWN), S(F_GETSIG), S(F_SETSIG), S(F_RDLCK), S(F_WRLCK),
    S(F_UNLCK), S(F_EXLCK), S(F_SHLCK), {"F_GETLK64", F_GETLK}, {"F_SETLK64", F_SETLK}, {"F_SETLKW64", F_SETLKW}, S(FASYNC), S(F_SETLEASE), S(F_GETLEASE), S(F_NOTIFY),
    S(DN_ACCESS), S(DN_MODIFY), S(DN_CREATE), S(DN_DELETE), S(DN_RENAME), S(DN_ATTRIB), S(DN_MULTISHOT), S(FD_CLOEXEC), S(F_ADD_SEALS), S(F_GET_SEALS), S(F_SEAL_SEAL),
    S(F_SEAL_SHRINK), S(F_SEAL_GROW), S(F_SEAL_WRITE), S(F_SETPIPE_SZ), S(F_GETPIPE_SZ),
};
value fcntl_make(struct thread *t) {
    value m = module_from_natives(t, "fcntl", "Control of descriptors.", functions, sizeof functions / sizeof *functions);
    if (m && !constants_add(t, m, rows, sizeof rows / sizeof *rows)) release_field(t, &m);
    return m;
}
