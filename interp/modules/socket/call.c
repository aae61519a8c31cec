// SPDX-License-Identifier: Apache-2.0
// System calls on sockets: waiting, limits, signals. Leaves which call to the other files.
#include "interp/core/clock.h"
#include "interp/modules/socket/socket_module.h"

#include <poll.h>

int64_t socket_deadline(vref self) {
    int64_t limit = atomic_load_explicit(&as_socket(self)->limit_ns, memory_order_relaxed);
    return limit > 0 ? (int64_t)clock_now_ns() + limit : 0;
}
int socket_wait(struct thread *t, int fd, short events, int64_t deadline_ns) {
    struct pollfd p = {.fd = fd, .events = events};
    int r;
    do {
        int64_t left = deadline_ns - (int64_t)clock_now_ns();
        int ms = !deadline_ns ? -1 : left <= 0 ? 0 : left / 1000000 > INT32_MAX - 1 ? INT32_MAX : (int)((left + 999999) / 1000000);
        thread_detach(t);
        r = poll(&p, 1, ms);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    if (r < 0) posix_error(t);
    return r;
}
int64_t socket_call(struct thread *t, vref self, short events, int64_t deadline_ns, socket_fn *call, void *arg) {
    for (;;) {
        int fd = socket_fd(self);
        int64_t r;
        if (deadline_ns) {
            int ready = socket_wait(t, fd, events, deadline_ns);
            if (ready == 0) raise(t, &exc_TimeoutError, "timed out");
            if (ready <= 0) return -1;
        }
        do {
            thread_detach(t);
            r = call(fd, arg);
            thread_attach(t);
        } while (posix_interrupted(t, r));
        if (r < 0 && deadline_ns && !raised(t) && (errno == EAGAIN || errno == EWOULDBLOCK)) continue;
        if (r < 0) posix_error(t);
        return r;
    }
}
