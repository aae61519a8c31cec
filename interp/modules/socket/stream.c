// SPDX-License-Identifier: Apache-2.0
// Bytes through sockets: recv, send and their kin. Leaves scattered messages and ancillary data to message.c.
#include "interp/core/clock.h"
#include "interp/modules/socket/socket_module.h"

#include <poll.h>

struct transfer {
    void *data;
    size_t n;
    int flags;
    bool with_address;
    union address peer;
    socklen_t peer_length;
};
static int64_t receive(int fd, void *arg) {
    struct transfer *x = arg;
    if (!x->with_address) return recv(fd, x->data, x->n, x->flags);
    x->peer_length = sizeof x->peer;
    return recvfrom(fd, x->data, x->n, x->flags, &x->peer.any, &x->peer_length);
}
static int64_t transmit(int fd, void *arg) {
    struct transfer *x = arg;
    return x->with_address ? sendto(fd, x->data, x->n, x->flags, &x->peer.any, x->peer_length) : send(fd, x->data, x->n, x->flags);
}

// ---- receiving ----
static value recv_bytes(struct thread *t, const vref *a, struct transfer *x, const char *function) { // self, bufsize, flags
    int64_t n;
    if (!arg_i64(t, a[1], &n) || !arg_int_or(t, a[2], 0, &x->flags)) return V_NULL;
    if (n < 0) return raise(t, &exc_ValueError, "negative buffersize in %s", function);
    value b = bytes_new(t, NULL, (size_t)n);
    if (!b) return V_NULL;
    x->data = as_bytes(b)->data;
    x->n = (size_t)n;
    int64_t r = n ? socket_call(t, a[0], POLLIN, socket_deadline(a[0]), receive, x) : 0;
    value v = r < 0 ? V_NULL : r == n ? own(t, b) : bytes_new(t, as_bytes(b)->data, (size_t)r);
    release(t, b);
    return v;
}
static value s_recv(struct thread *t, const vref *a) {
    struct transfer x = {0};
    return recv_bytes(t, a, &x, "recv");
}
static value with_peer(struct thread *t, vref self, struct transfer *x, value v) { // takes v
    if (!v) return V_NULL;
    value peer = address_value(t, as_socket(self)->family, &x->peer, x->peer_length), r = peer ? tuple_pack(t, 2, v, peer) : V_NULL;
    release_opt(t, peer);
    release(t, v);
    return r;
}
static value s_recvfrom(struct thread *t, const vref *a) {
    struct transfer x = {.with_address = true};
    return with_peer(t, a[0], &x, recv_bytes(t, a, &x, "recvfrom"));
}
static value recv_into(struct thread *t, const vref *a, struct transfer *x, const char *function) { // self, buffer, nbytes, flags
    struct buffer_view view;
    int64_t n = 0, r = -1;
    if ((a[2] && !arg_i64(t, a[2], &n)) || !arg_int_or(t, a[3], 0, &x->flags) || !buffer_get(t, a[1], &view, true)) return V_NULL;
    if (n < 0) raise(t, &exc_ValueError, "negative buffersize in %s", function);
    else if ((size_t)n > view.length) raise(t, &exc_ValueError, "buffer too small for requested bytes");
    else {
        x->data = view.data;
        x->n = n ? (size_t)n : view.length;
        r = x->n ? socket_call(t, a[0], POLLIN, socket_deadline(a[0]), receive, x) : 0;
    }
    buffer_release(t, &view);
    return r < 0 ? V_NULL : from_int62(r);
}
static value s_recv_into(struct thread *t, const vref *a) {
    struct transfer x = {0};
    return recv_into(t, a, &x, "recv_into");
}
static value s_recvfrom_into(struct thread *t, const vref *a) {
    struct transfer x = {.with_address = true};
    return with_peer(t, a[0], &x, recv_into(t, a, &x, "recvfrom_into"));
}

// ---- sending ----
static value s_send(struct thread *t, const vref *a) { // self, data, flags
    struct transfer x = {0};
    struct buffer_view view;
    if (!arg_int_or(t, a[2], 0, &x.flags) || !buffer_get(t, a[1], &view, false)) return V_NULL;
    x.data = view.data;
    x.n = view.length;
    int64_t r = socket_call(t, a[0], POLLOUT, socket_deadline(a[0]), transmit, &x);
    buffer_release(t, &view);
    return r < 0 ? V_NULL : from_int62(r);
}
static value s_sendall(struct thread *t, const vref *a) {
    struct transfer x = {0};
    struct buffer_view view;
    if (!arg_int_or(t, a[2], 0, &x.flags) || !buffer_get(t, a[1], &view, false)) return V_NULL;
    int64_t deadline = socket_deadline(a[0]), r = 0;
    x.data = view.data;
    x.n = view.length;
    while (x.n && r >= 0) {
        r = socket_call(t, a[0], POLLOUT, deadline, transmit, &x);
        if (r < 0) break;
        x.data = (char *)x.data + r;
        x.n -= (size_t)r;
        if (!safepoint_poll(t)) r = -1;
    }
    buffer_release(t, &view);
    return r < 0 ? V_NULL : V_NONE;
}
static value s_sendto(struct thread *t, const vref *a) { // self, data, flags or address, address
    struct transfer x = {.with_address = true};
    struct buffer_view view;
    vref to = a[3] ? a[3] : a[2];
    if ((a[3] && !arg_int(t, a[2], &x.flags)) || !buffer_get(t, a[1], &view, false)) return V_NULL;
    int64_t r = -1;
    if (address_get(t, a[0], to, "sendto", &x.peer, &x.peer_length)) {
        x.data = view.data;
        x.n = view.length;
        r = socket_call(t, a[0], POLLOUT, socket_deadline(a[0]), transmit, &x);
    }
    buffer_release(t, &view);
    return r < 0 ? V_NULL : from_int62(r);
}

const struct native socket_stream_methods[] = {
    M("recv", "($self, buffersize, flags=0, /)", s_recv), M("recvfrom", "($self, buffersize, flags=0, /)", s_recvfrom), M("recv_into", "($self, /, buffer, nbytes=0, flags=0)", s_recv_into),
    M("recvfrom_into", "($self, /, buffer, nbytes=0, flags=0)", s_recvfrom_into), M("send", "($self, data, flags=0, /)", s_send), M("sendall", "($self, data, flags=0, /)", s_sendall),
    M("sendto", "($self, data, flags_or_address, address=None, /)", s_sendto), {0},
};
