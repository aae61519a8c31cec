// SPDX-License-Identifier: Apache-2.0
// Reading from a buffered stream. Leaves the raw stream and positions to buffered.c.
#include "interp/modules/io/buffered.h"
#include "interp/types/num.h"
#include "interp/types/str/codec.h"

static size_t ahead(const struct buffered *b) { return b->end - b->pos; }
static value take(struct thread *t, struct buffered *b, size_t n) {
    value v = bytes_new(t, b->buf + b->pos, n);
    if (v) b->pos += n;
    return v;
}
// Reads ahead once; the window is empty. Count, -1, -2.
static int64_t fill(struct thread *t, struct buffered *b) {
    b->pos = b->end = 0;
    int64_t n = buffered_raw_read(t, b, b->buf, b->size);
    if (n > 0) b->end = (size_t)n;
    return n;
}
// Before reading: nothing may wait to be written.
static bool settle(struct thread *t, struct buffered *b) { return !b->pending || buffered_flush_pending(t, b); }

// ---- read ----

// The rest of the stream behind the window, by the raw stream's readall. V_NONE: nothing now. V_NULL without exception: it has no such method.
static value rest_by_readall(struct thread *t, vref raw) {
    value m;
    if (object_lookup_attr(t, raw, IO(readall), &m) <= 0) return V_NULL;
    value r = object_call0(t, m);
    release(t, m);
    if (!r || is_none(r) || is_bytes(r)) return r;
    release(t, r);
    return raise(t, &exc_TypeError, "readall() should return bytes");
}
static value read_all(struct thread *t, struct buffered *b) {
    struct byte_builder out = {.t = t};
    byte_builder_add(&out, b->buf + b->pos, ahead(b));
    b->pos = b->end = 0;
    b->raw_at = -1;
    value raw = own(t, b->raw), v = settle(t, b) ? rest_by_readall(t, raw) : V_NULL;
    bool blocked = v && is_none(v), ended = v != V_NULL;
    while (!ended && !raised(t)) {
        value piece = io_call0(t, raw, IO(read));
        if (!piece && io_retry(t)) continue;
        blocked = piece && is_none(piece);
        if (piece && !blocked && !is_bytes(piece)) raise(t, &exc_TypeError, "read() should return bytes");
        ended = !piece || blocked || raised(t) || as_bytes(piece)->length == 0;
        if (!ended) byte_builder_add(&out, as_bytes(piece)->data, as_bytes(piece)->length);
        release_opt(t, piece);
    }
    release(t, raw);
    if (v && !blocked && out.length == 0) return byte_builder_discard(&out), v;
    if (v && !blocked) byte_builder_add(&out, as_bytes(v)->data, as_bytes(v)->length);
    release_opt(t, v);
    if (!raised(t) && !(blocked && out.length == 0)) return byte_builder_finish(&out);
    byte_builder_discard(&out);
    return raised(t) ? V_NULL : V_NONE;
}

// Reads up to n bytes to p, as often as it takes. The count; -1 exception; -2: would block and there was nothing.
static int64_t read_many(struct thread *t, struct buffered *b, uint8_t *p, size_t n) {
    size_t have = ahead(b) < n ? ahead(b) : n;
    if (have) memcpy(p, b->buf + b->pos, have);
    b->pos += have;
    if (have < n && !settle(t, b)) return -1;
    while (have < n) {
        size_t left = n - have, whole = left - left % b->size;
        int64_t got = whole ? buffered_raw_read(t, b, p + have, whole) : fill(t, b);
        if (got == -1 || !b->buf) return -1;
        if (got <= 0) return got == -2 && !have ? -2 : (int64_t)have;
        if (!whole) {
            got = (size_t)got < left ? got : (int64_t)left;
            memcpy(p + have, b->buf, (size_t)got);
            b->pos = (size_t)got;
        } else
            b->pos = b->end = 0;
        have += (size_t)got;
    }
    return (int64_t)have;
}
static value read_some(struct thread *t, struct buffered *b, size_t n) {
    if (n <= ahead(b)) return take(t, b, n);
    value out = bytes_new(t, NULL, n);
    if (!out) return V_NULL;
    int64_t got = read_many(t, b, as_bytes(out)->data, n);
    if (got == (int64_t)n) return out;
    value v = got >= 0 ? bytes_new(t, as_bytes(out)->data, (size_t)got) : got == -2 ? V_NONE : V_NULL;
    release(t, out);
    return v;
}
value buffered_read(struct thread *t, const vref *a) { // self, size=-1
    struct buffered *b = as_buffered(a[0]);
    int64_t n;
    if (!buffered_check(t, a[0], NULL) || !io_size_arg(t, a[1], &n)) return V_NULL;
    if (n < -1) return raise(t, &exc_ValueError, "read length must be non-negative or -1");
    if (!buffered_check(t, a[0], "read of closed file") || !buffered_enter(t, a[0])) return V_NULL;
    value v = n < 0 ? read_all(t, b) : read_some(t, b, (size_t)n);
    buffered_leave(b);
    return v;
}

value buffered_read1(struct thread *t, const vref *a) { // self, size=-1: at most one read of the raw stream
    struct buffered *b = as_buffered(a[0]);
    int64_t n;
    if (!buffered_check(t, a[0], NULL) || !io_int_arg(t, a[1], -1, &n)) return V_NULL;
    if (n < 0) n = (int64_t)b->size;
    if (!buffered_check(t, a[0], "read of closed file")) return V_NULL;
    if (n == 0) return own(t, bytes_empty);
    if (!buffered_enter(t, a[0])) return V_NULL;
    value v = V_NULL;
    if (ahead(b)) v = take(t, b, (size_t)n < ahead(b) ? (size_t)n : ahead(b));
    else if (settle(t, b)) {
        b->pos = b->end = 0;
        value out = bytes_new(t, NULL, (size_t)n);
        int64_t got = out ? buffered_raw_read(t, b, as_bytes(out)->data, (size_t)n) : -1;
        if (got == n) v = own(t, out);
        else if (got != -1) v = bytes_new(t, as_bytes(out)->data, got > 0 ? (size_t)got : 0);
        release_opt(t, out);
    }
    buffered_leave(b);
    return v;
}

value buffered_peek(struct thread *t, const vref *a) {
    struct buffered *b = as_buffered(a[0]);
    if (!buffered_check(t, a[0], NULL) || !buffered_check(t, a[0], "peek of closed file") || !buffered_enter(t, a[0])) return V_NULL;
    bool ok = ahead(b) || (settle(t, b) && fill(t, b) != -1);
    value v = ok ? bytes_new(t, b->buf + b->pos, ahead(b)) : V_NULL;
    buffered_leave(b);
    return v;
}

// ---- into memory of the caller ----

static int64_t into(struct thread *t, struct buffered *b, struct buffer_view *view, bool once) {
    if (!once) return read_many(t, b, view->data, view->length);
    size_t have = ahead(b) < view->length ? ahead(b) : view->length;
    if (have) memcpy(view->data, b->buf + b->pos, have);
    b->pos += have;
    size_t left = view->length - have;
    if (!left || (have && left <= b->size)) return (int64_t)have;
    if (!settle(t, b)) return -1;
    b->pos = b->end = 0;
    if (left > b->size) {
        int64_t got = buffered_raw_read(t, b, view->data + have, left);
        return got >= 0 ? (int64_t)have + got : have && got == -2 ? (int64_t)have : got;
    }
    int64_t n = fill(t, b);
    if (n <= 0) return n;
    n = (size_t)n < view->length ? n : (int64_t)view->length;
    memcpy(view->data, b->buf, (size_t)n);
    b->pos = (size_t)n;
    return n;
}
static value readinto(struct thread *t, const vref *a, bool once) {
    struct buffered *b = as_buffered(a[0]);
    struct buffer_view view;
    if (!buffered_check(t, a[0], NULL) || !buffered_check(t, a[0], "readinto of closed file") || !buffer_get(t, a[1], &view, true)) return V_NULL;
    int64_t n = -1;
    if (buffered_enter(t, a[0])) {
        n = into(t, b, &view, once);
        buffered_leave(b);
    }
    buffer_release(t, &view);
    return n == -1 ? V_NULL : n == -2 ? V_NONE : from_int62(n);
}
value buffered_readinto(struct thread *t, const vref *a) { return readinto(t, a, false); }
value buffered_readinto1(struct thread *t, const vref *a) { return readinto(t, a, true); }

// ---- lines ----

static value read_line(struct thread *t, struct buffered *b, int64_t limit) {
    size_t n = limit >= 0 && (size_t)limit < ahead(b) ? (size_t)limit : ahead(b);
    const uint8_t *from = b->buf + b->pos, *end = n ? memchr(from, '\n', n) : NULL;
    if (end || (limit >= 0 && n == (size_t)limit)) return take(t, b, end ? (size_t)(end - from) + 1 : n);
    struct byte_builder out = {.t = t};
    byte_builder_add(&out, from, n);
    b->pos += n;
    if (!settle(t, b)) return byte_builder_discard(&out), V_NULL;
    while (!end && (limit < 0 || out.length < (size_t)limit)) {
        int64_t got = fill(t, b);
        if (got == -1 || !b->buf) return byte_builder_discard(&out), raised(t) ? V_NULL : raise(t, &exc_ValueError, "readline of closed file");
        if (got <= 0) break;
        n = limit >= 0 && (size_t)limit - out.length < b->end ? (size_t)limit - out.length : b->end;
        end = memchr(b->buf, '\n', n);
        if (end) n = (size_t)(end - b->buf) + 1;
        byte_builder_add(&out, b->buf, n);
        b->pos = n;
    }
    return byte_builder_finish(&out);
}
static value line(struct thread *t, vref self, int64_t limit) {
    struct buffered *b = as_buffered(self);
    if (!buffered_check(t, self, "readline of closed file") || !buffered_enter(t, self)) return V_NULL;
    value v = read_line(t, b, limit);
    buffered_leave(b);
    return v;
}
value buffered_readline(struct thread *t, const vref *a) { // self, size=-1
    int64_t limit;
    if (!buffered_check(t, a[0], NULL) || !io_size_arg(t, a[1], &limit)) return V_NULL;
    return line(t, a[0], limit);
}
value buffered_next(struct thread *t, vref self) {
    struct type *c = type_of(self);
    value v;
    if (c == &type_io_reader || c == &type_io_random) v = buffered_check(t, self, NULL) ? line(t, self, -1) : V_NULL;
    else {
        v = io_call0(t, self, IO(readline));
        if (v && !is_bytes(v)) {
            raise(t, &exc_OSError, "readline() should have returned a bytes object, not '%T'", v);
            release_field(t, &v);
        }
    }
    if (v && as_bytes(v)->length == 0) release_field(t, &v);
    return v;
}
