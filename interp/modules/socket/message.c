// SPDX-License-Identifier: Apache-2.0
// sendmsg and recvmsg: several buffers and ancillary data (descriptors) in one message. Leaves plain bytes to stream.c.
#include "interp/modules/socket/socket_module.h"

#include <poll.h>
#include <sys/uio.h>

enum { PIECES_MOST = 1024 };

// ---- several buffers ----
struct pieces {
    value items; // owned tuple
    struct buffer_view *views;
    struct iovec *iov;
    size_t n, got;
};
static bool pieces_get(struct thread *t, struct pieces *p, vref buffers, const char *function, bool writable) {
    p->items = tuple_from_iterable(t, buffers);
    if (!p->items) return raised_is(t, &exc_TypeError) ? (raised_clear(t), raise(t, &exc_TypeError, "%s() argument 1 must be an iterable", function), false) : false;
    p->n = tuple_size(p->items);
    if (p->n > PIECES_MOST) return raise(t, &exc_OSError, "%s() argument 1 is too long", function), false;
    p->views = mem_calloc(t, (p->n + 1) * sizeof *p->views);
    p->iov = mem_calloc(t, (p->n + 1) * sizeof *p->iov);
    if (!p->views || !p->iov) return false;
    for (; p->got < p->n; p->got++) {
        if (!buffer_get(t, tuple_at(p->items, p->got), &p->views[p->got], writable)) return false;
        p->iov[p->got] = (struct iovec){p->views[p->got].data, p->views[p->got].length};
    }
    return true;
}
static void pieces_drop(struct thread *t, struct pieces *p) {
    for (size_t i = 0; i < p->got; i++) buffer_release(t, &p->views[i]);
    if (p->views) mem_free(t, p->views, (p->n + 1) * sizeof *p->views);
    if (p->iov) mem_free(t, p->iov, (p->n + 1) * sizeof *p->iov);
    release_opt(t, p->items);
}
struct message {
    struct msghdr h;
    int flags;
};
static int64_t transmit(int fd, void *arg) {
    struct message *m = arg;
    return sendmsg(fd, &m->h, m->flags);
}
static int64_t receive(int fd, void *arg) {
    struct message *m = arg;
    struct msghdr fresh = m->h;
    int64_t r = recvmsg(fd, &fresh, m->flags);
    if (r >= 0) m->h = fresh;
    return r;
}

// ---- ancillary data to send: (level, type, data) each ----
struct ancillary {
    char *room; // size bytes
    size_t size;
};
static bool add_one(struct thread *t, vref item, struct ancillary *out, size_t *at, bool measure) {
    int level, type;
    struct buffer_view view;
    if (!is_tuple(item) || tuple_size(item) != 3) return raise(t, &exc_TypeError, "[sendmsg() ancillary data items] must be a 3-tuple"), false;
    if (!arg_int(t, tuple_at(item, 0), &level) || !arg_int(t, tuple_at(item, 1), &type) || !buffer_get(t, tuple_at(item, 2), &view, false)) return false;
    bool ok = view.length < 1 << 20 && (measure || *at + CMSG_SPACE(view.length) <= out->size);
    if (!ok) raise(t, &exc_OSError, "ancillary data item too large");
    else if (!measure) {
        struct cmsghdr *c = (struct cmsghdr *)(void *)(out->room + *at);
        c->cmsg_level = level;
        c->cmsg_type = type;
        c->cmsg_len = CMSG_LEN(view.length);
        memcpy(CMSG_DATA(c), view.data, view.length);
    }
    if (ok) *at += CMSG_SPACE(view.length);
    buffer_release(t, &view);
    return ok;
}
static bool ancillary_get(struct thread *t, vref v, struct ancillary *out) {
    if (!v) return true;
    value items = tuple_from_iterable(t, v);
    bool ok = items != V_NULL;
    size_t at = 0;
    for (size_t i = 0; ok && i < tuple_size(items); i++) ok = add_one(t, tuple_at(items, i), out, &at, true);
    out->size = at;
    if (ok && at && !(out->room = mem_calloc(t, at))) ok = false;
    at = 0;
    for (size_t i = 0; ok && i < tuple_size(items); i++) ok = add_one(t, tuple_at(items, i), out, &at, false);
    release_opt(t, items);
    return ok;
}
static value s_sendmsg(struct thread *t, const vref *a) { // self, buffers, ancdata, flags, address
    struct pieces p = {0};
    struct ancillary anc = {0};
    struct message m = {0};
    union address to;
    socklen_t n = 0;
    int64_t r = -1;
    bool addressed = a[4] && !is_none(a[4]);
    if (pieces_get(t, &p, a[1], "sendmsg", false) && ancillary_get(t, a[2], &anc) && arg_int_or(t, a[3], 0, &m.flags) &&
        (!addressed || address_get(t, a[0], a[4], "sendmsg", &to, &n))) {
        m.h = (struct msghdr){.msg_name = addressed ? &to : NULL, .msg_namelen = n, .msg_iov = p.iov, .msg_iovlen = p.n, .msg_control = anc.size ? anc.room : NULL, .msg_controllen = anc.size};
        r = socket_call(t, a[0], POLLOUT, socket_deadline(a[0]), transmit, &m);
    }
    if (anc.room) mem_free(t, anc.room, anc.size);
    pieces_drop(t, &p);
    return r < 0 ? V_NULL : from_int62(r);
}

// ---- receiving ----
static value ancillary_value(struct thread *t, struct msghdr *h) {
    value list = list_new(t, 0);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(h); list && c; c = CMSG_NXTHDR(h, c)) {
        size_t n = c->cmsg_len - CMSG_LEN(0), room = (size_t)((char *)h->msg_control + h->msg_controllen - (char *)CMSG_DATA(c));
        value data = bytes_new(t, CMSG_DATA(c), n < room ? n : room), item = data ? tuple_pack(t, 3, from_int62(c->cmsg_level), from_int62(c->cmsg_type), data) : V_NULL;
        release_opt(t, data);
        if (!item || !list_append_take(t, list, item)) release_field(t, &list);
    }
    return list;
}
// takes data; the four that recvmsg returns.
static value received(struct thread *t, vref self, struct message *m, value data) {
    value anc = data ? ancillary_value(t, &m->h) : V_NULL, from = anc ? address_value(t, as_socket(self)->family, m->h.msg_name, m->h.msg_namelen) : V_NULL;
    value r = from ? tuple_pack(t, 4, data, anc, from_int62(m->h.msg_flags), from) : V_NULL;
    release_opt(t, data);
    release_opt(t, anc);
    release_opt(t, from);
    return r;
}
static int64_t recv_into(struct thread *t, vref self, struct message *m, struct iovec *iov, size_t n, vref ancsize, char **room, int64_t *room_size, union address *from) {
    *room_size = 0;
    if (ancsize && !arg_i64(t, ancsize, room_size)) return -1;
    if (*room_size < 0 || *room_size > INT32_MAX) return *room_size = 0, raise(t, &exc_ValueError, "invalid ancillary data buffer length"), -1;
    if (*room_size && !(*room = mem_calloc(t, (size_t)*room_size))) return -1;
    memset(from, 0, sizeof *from);
    m->h = (struct msghdr){.msg_name = from, .msg_namelen = sizeof *from, .msg_iov = iov, .msg_iovlen = n, .msg_control = *room, .msg_controllen = (size_t)*room_size};
    m->flags |= MSG_CMSG_CLOEXEC;
    int64_t r = socket_call(t, self, POLLIN, socket_deadline(self), receive, m);
    m->h.msg_flags &= ~MSG_CMSG_CLOEXEC;
    return r;
}
static value s_recvmsg(struct thread *t, const vref *a) { // self, bufsize, ancbufsize, flags
    struct message m = {0};
    union address from;
    char *room = NULL;
    int64_t n, room_size = 0;
    if (!arg_i64(t, a[1], &n) || !arg_int_or(t, a[3], 0, &m.flags)) return V_NULL;
    if (n < 0) return raise(t, &exc_ValueError, "negative buffer size in recvmsg()");
    value b = bytes_new(t, NULL, (size_t)n), v = V_NULL;
    if (!b) return V_NULL;
    struct iovec iov = {as_bytes(b)->data, (size_t)n};
    int64_t r = recv_into(t, a[0], &m, &iov, 1, a[2], &room, &room_size, &from);
    if (r >= 0) v = received(t, a[0], &m, bytes_new(t, as_bytes(b)->data, (size_t)r));
    if (room) mem_free(t, room, (size_t)room_size);
    release(t, b);
    return v;
}
static value s_recvmsg_into(struct thread *t, const vref *a) { // self, buffers, ancbufsize, flags
    struct message m = {0};
    struct pieces p = {0};
    union address from;
    char *room = NULL;
    int64_t room_size = 0;
    value v = V_NULL;
    if (arg_int_or(t, a[3], 0, &m.flags) && pieces_get(t, &p, a[1], "recvmsg_into", true)) {
        int64_t r = recv_into(t, a[0], &m, p.iov, p.n, a[2], &room, &room_size, &from);
        if (r >= 0) v = received(t, a[0], &m, from_int62(r));
    }
    if (room) mem_free(t, room, (size_t)room_size);
    pieces_drop(t, &p);
    return v;
}
static value f_CMSG_LEN(struct thread *t, const vref *a) {
    int64_t n;
    if (!arg_i64(t, a[0], &n)) return V_NULL;
    if (n < 0 || n > INT32_MAX - (int64_t)CMSG_LEN(0)) return raise(t, &exc_OverflowError, "CMSG_LEN() argument out of range");
    return int_from_u64(t, CMSG_LEN((size_t)n));
}
static value f_CMSG_SPACE(struct thread *t, const vref *a) {
    int64_t n;
    if (!arg_i64(t, a[0], &n)) return V_NULL;
    if (n < 0 || n > INT32_MAX - (int64_t)CMSG_SPACE(1)) return raise(t, &exc_OverflowError, "CMSG_SPACE() argument out of range");
    return int_from_u64(t, CMSG_SPACE((size_t)n));
}

const struct native socket_message_methods[] = {
    M("sendmsg", "($self, buffers, ancdata=(), flags=0, address=None, /)", s_sendmsg), M("recvmsg", "($self, bufsize, ancbufsize=0, flags=0, /)", s_recvmsg),
    M("recvmsg_into", "($self, buffers, ancbufsize=0, flags=0, /)", s_recvmsg_into), {0},
};
const struct native socket_message_natives[] = {F("CMSG_LEN", "($module, length, /)", f_CMSG_LEN), F("CMSG_SPACE", "($module, length, /)", f_CMSG_SPACE), {0}};
