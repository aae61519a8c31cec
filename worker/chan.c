// SPDX-License-Identifier: Apache-2.0
// Frames between the worker's own processes. Buffering of the supervisor's ends is left to loop.h.

#include <sys/types.h>

#include "worker/chan.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE (64u << 10)

bool chan_put(struct buf *out, enum chan_kind kind, const void *p, size_t n)
{
    uint32_t head = (uint32_t)n + 1;
    return buf_put(out, &head, sizeof head) && buf_put_byte(out, (uint8_t)kind) && (!n || buf_put(out, p, n));
}

bool chan_next(const struct buf *in, struct chan_frame *f)
{
    struct slice live = buf_slice(in);
    uint32_t n;
    if (live.n < sizeof n + 1)
        return false;
    memcpy(&n, live.p, sizeof n);
    if (live.n - sizeof n < n)
        return false;
    f->kind = (enum chan_kind)live.p[sizeof n];
    f->bytes = slice_of(live.p + sizeof n + 1, n - 1);
    return true;
}

void chan_done(struct buf *in, const struct chan_frame *f)
{
    buf_consume(in, f->bytes.n + 5);
}

bool chan_write(int fd, struct slice bytes)
{
    while (bytes.n) {
        ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n > 0)
            bytes = slice_from(bytes, (size_t)n);
        else if (n < 0 && errno != EINTR)
            return false;
    }
    return true;
}

bool chan_send(int fd, enum chan_kind kind, const void *p, size_t n)
{
    struct buf out = { 0 };
    bool ok = chan_put(&out, kind, p, n) && chan_write(fd, buf_slice(&out));
    buf_free(&out);
    return ok;
}

ssize_t chan_read(int fd, struct buf *in, int *passed)
{
    uint8_t *room = buf_room(in, READ_SIZE);
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = { room, READ_SIZE };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    *passed = -1;
    if (!room) {
        errno = ENOMEM;
        return -1;
    }
    ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
    if (n > 0)
        buf_added(in, (size_t)n);
    struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        memcpy(passed, CMSG_DATA(c), sizeof *passed);
    return n;
}

bool chan_pass(int fd, enum chan_kind kind, const void *p, size_t n, int pass)
{
    struct buf out = { 0 };
    union {
        struct cmsghdr head;
        char space[CMSG_SPACE(sizeof(int))];
    } control = { 0 };
    if (!chan_put(&out, kind, p, n))
        return false;
    struct iovec part = { (void *)(uintptr_t)buf_slice(&out).p, buf_len(&out) };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof pass);
    memcpy(CMSG_DATA(c), &pass, sizeof pass);
    bool ok = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)buf_len(&out);
    buf_free(&out);
    return ok;
}
