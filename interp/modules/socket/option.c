// SPDX-License-Identifier: Apache-2.0
// getsockopt and setsockopt. Leaves the numbers of options to constants.c.
#include "interp/modules/socket/socket_module.h"

static value s_getsockopt(struct thread *t, const vref *a) { // self, level, option, buflen
    int level, option, n, number = 0;
    char room[1024];
    socklen_t length = sizeof number;
    if (!arg_int(t, a[1], &level) || !arg_int(t, a[2], &option) || !arg_int_or(t, a[3], 0, &n)) return V_NULL;
    if (n == 0) return getsockopt(socket_fd(a[0]), level, option, &number, &length) < 0 ? posix_error(t) : from_int62(number);
    if (n < 0 || n > (int)sizeof room) return raise(t, &exc_OSError, "getsockopt buflen out of range");
    length = (socklen_t)n;
    return getsockopt(socket_fd(a[0]), level, option, room, &length) < 0 ? posix_error(t) : bytes_new(t, room, length);
}
static value s_setsockopt(struct thread *t, const vref *a) { // self, level, option, value or None, length
    int level, option, number;
    struct buffer_view view;
    if (!arg_int(t, a[1], &level) || !arg_int(t, a[2], &option)) return V_NULL;
    int fd = socket_fd(a[0]);
    if (a[4]) {
        int n;
        if (!is_none(a[3])) return raise(t, &exc_TypeError, "socket option must be None when a length is given");
        return arg_int(t, a[4], &n) ? posix_done(t, setsockopt(fd, level, option, NULL, (socklen_t)n)) : V_NULL;
    }
    if (is_int(a[3])) return arg_int(t, a[3], &number) ? posix_done(t, setsockopt(fd, level, option, &number, sizeof number)) : V_NULL;
    if (!buffer_get(t, a[3], &view, false)) return V_NULL;
    int r = setsockopt(fd, level, option, view.data, (socklen_t)view.length), e = errno;
    buffer_release(t, &view);
    errno = e;
    return posix_done(t, r);
}
const struct native socket_option_methods[] = {
    M("getsockopt", "($self, level, option, buflen=0, /)", s_getsockopt), M("setsockopt", "($self, level, option, value, optlen=0, /)", s_setsockopt), {0},
};
