// SPDX-License-Identifier: Apache-2.0
// Writing to a buffered stream. Leaves the raw stream and positions to buffered.c.
#include "interp/modules/io/buffered.h"
#include "interp/types/num.h"

#include <errno.h>

static void would_block(struct thread *t, size_t written) {
    value e = raised_take(t);
    release_opt(t, e);
    value text = str_from_cstr(t, "write could not complete without blocking");
    vref args[3] = {from_int62(EAGAIN), text, from_int62((int64_t)written)};
    value exc = text ? object_call(t, type_ref(&exc_BlockingIOError), args, 3, V_NULL) : V_NULL;
    release_opt(t, text);
    if (!exc) return;
    raise_object(t, exc);
    release(t, exc);
}

// Writes what waits. 1 all of it, 0 would block (the rest moved to the front), -1 exception.
static int drain(struct thread *t, struct buffered *b) {
    size_t done = 0;
    int r = 1;
    while (done < b->pending) {
        int64_t n = buffered_raw_write(t, b, b->buf + done, b->pending - done);
        if (!b->buf) return -1;
        if (n < 0) {
            r = n == -2 ? 0 : -1;
            break;
        }
        done += (size_t)n;
        if (!safepoint_poll(t)) {
            r = -1;
            break;
        }
    }
    if (done > b->pending) done = b->pending;
    b->pending -= done;
    if (done && b->pending) memmove(b->buf, b->buf + done, b->pending);
    return r;
}
bool buffered_flush_pending(struct thread *t, struct buffered *b) {
    int r = b->pending ? drain(t, b) : 1;
    if (r == 0) would_block(t, 0);
    if (r < 0 && !raised(t)) raise(t, &exc_ValueError, "write to closed file");
    return r > 0;
}

// As much of p as the buffer still takes; if that is not all, BlockingIOError says how much it was.
static bool keep(struct thread *t, struct buffered *b, const uint8_t *p, size_t n, size_t written) {
    size_t room = b->size - b->pending, m = n < room ? n : room;
    memcpy(b->buf + b->pending, p, m);
    b->pending += m;
    if (m < n) would_block(t, written + m);
    return m == n;
}
static bool put(struct thread *t, struct buffered *b, const uint8_t *p, size_t n) {
    if (b->readable && b->end && !buffered_sync(t, b)) return false;
    if (n <= b->size - b->pending) return keep(t, b, p, n, 0);
    int r = drain(t, b);
    if (r < 0) return raised(t) ? false : (raise(t, &exc_ValueError, "write to closed file"), false);
    if (r == 0) return keep(t, b, p, n, 0);
    size_t done = 0;
    while (n - done > b->size) {
        int64_t k = buffered_raw_write(t, b, p + done, n - done);
        if (k == -1) return false;
        if (!b->buf) return raise(t, &exc_ValueError, "write to closed file"), false;
        if (k == -2) return keep(t, b, p + done, n - done, done);
        done += (size_t)k;
        if (!safepoint_poll(t)) return false;
    }
    return keep(t, b, p + done, n - done, done);
}

value io_buffered_write(struct thread *t, vref self, const uint8_t *p, size_t n) {
    if (!buffered_enter(t, self)) return V_NULL;
    bool ok = buffered_check(t, self, "write to closed file") && put(t, as_buffered(self), p, n);
    buffered_leave(as_buffered(self));
    return ok ? int_from_u64(t, n) : V_NULL;
}
value buffered_write(struct thread *t, const vref *a) {
    struct buffer_view view;
    if (!buffered_check(t, a[0], NULL)) return V_NULL;
    if (is_str(a[1])) return raise(t, &exc_TypeError, "a bytes-like object is required, not 'str'");
    if (!buffer_get(t, a[1], &view, false)) return V_NULL;
    value v = io_buffered_write(t, a[0], view.data, view.length);
    buffer_release(t, &view);
    return v;
}
