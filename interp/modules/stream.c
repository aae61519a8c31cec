// SPDX-License-Identifier: Apache-2.0
// Standard streams of this slice: text over a descriptor, what print, input and tracebacks need. Leaves files to _io, which is not here yet.
//
// Output is UTF-8 (errors: stdout as surrogateescape does, stderr as backslashreplace), line-buffered on a terminal, else collected up to 8 KiB.
#include "interp/core/lock.h"
#include "interp/modules/stream.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/str.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { STREAM_BUFFER = 8192 };
struct stream {
    struct object head;
    int fd;
    bool lines;                 // flush after each newline
    struct lock lock;           // guards what follows
    size_t used, start;
    char *buffer;               // STREAM_BUFFER bytes
    value name, errors;
};
static struct stream *as_stream(vref v) { return (struct stream *)as_object(v); }

static bool write_all(struct thread *t, int fd, const char *p, size_t n) {
    while (n) {
        thread_detach(t);
        ssize_t k = write(fd, p, n);
        int e = errno;
        thread_attach(t);
        if (k < 0) {
            if (e == EINTR) {
                if (!safepoint_poll(t)) return false;
                continue;
            }
            raise_errno(t, e, V_NULL);
            return false;
        }
        p += k;
        n -= (size_t)k;
    }
    return true;
}
// The lock is held across write: it is the stream's own, and waiting for it detaches.
static bool flush_locked(struct thread *t, struct stream *s) {
    size_t n = s->used;
    s->used = 0;
    return write_all(t, s->fd, s->buffer, n);
}
static bool put(struct thread *t, struct stream *s, const char *p, size_t n) {
    lock_take(t, &s->lock);
    bool ok = true;
    if (n > STREAM_BUFFER - s->used) ok = flush_locked(t, s);
    if (ok && n > STREAM_BUFFER) ok = write_all(t, s->fd, p, n);
    else if (ok) {
        memcpy(s->buffer + s->used, p, n);
        s->used += n;
        if (s->lines && memchr(p, '\n', n)) ok = flush_locked(t, s);
    }
    lock_give(&s->lock);
    return ok;
}
static value s_write(struct thread *t, const vref *a) {
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "write() argument must be str, not %T", a[1]);
    struct stream *s = as_stream(a[0]);
    size_t n;
    const char *p = as_str(a[1])->flags & STR_ASCII ? (const char *)as_str(a[1])->data : NULL;
    value bytes = V_NULL;
    if (p) n = as_str(a[1])->length;
    else {
        bytes = str_encode(t, a[1], "utf-8", s->fd == 2 ? "backslashreplace" : "surrogateescape");
        if (!bytes) return V_NULL;
        p = (const char *)as_bytes(bytes)->data;
        n = as_bytes(bytes)->length;
    }
    bool ok = put(t, s, p, n);
    release_opt(t, bytes);
    return ok ? int_from_i64(t, (int64_t)as_str(a[1])->length) : V_NULL;
}
static value s_flush(struct thread *t, const vref *a) {
    struct stream *s = as_stream(a[0]);
    lock_take(t, &s->lock);
    bool ok = s->fd == 0 || flush_locked(t, s);
    lock_give(&s->lock);
    return ok ? V_NONE : V_NULL;
}
static value s_readline(struct thread *t, const vref *a) {
    struct stream *s = as_stream(a[0]);
    char *line = NULL;
    size_t n = 0;
    bool ok = true;
    lock_take(t, &s->lock);
    for (;;) {
        if (s->start == s->used) {
            s->start = s->used = 0;
            thread_detach(t);
            ssize_t k = read(s->fd, s->buffer, STREAM_BUFFER);
            int e = errno;
            thread_attach(t);
            if (k < 0 && e == EINTR) {
                if ((ok = safepoint_poll(t))) continue;
                break;
            }
            if (k < 0) {
                raise_errno(t, e, V_NULL);
                ok = false;
            }
            if (k <= 0) break;
            s->used = (size_t)k;
        }
        char *from = s->buffer + s->start, *nl = memchr(from, '\n', s->used - s->start);
        size_t m = nl ? (size_t)(nl - from) + 1 : s->used - s->start;
        char *more = realloc(line, n + m);
        if (!more) {
            raise_no_memory(t);
            ok = false;
            break;
        }
        line = more;
        memcpy(line + n, from, m);
        n += m;
        s->start += m;
        if (nl) break;
    }
    lock_give(&s->lock);
    value v = ok ? str_decode(t, (const uint8_t *)(line ? line : ""), n, "utf-8", "surrogateescape") : V_NULL;
    free(line);
    return v;
}
static value s_read(struct thread *t, const vref *a) {
    struct str_builder b;
    builder_init(&b, t);
    for (;;) {
        value line = s_readline(t, a);
        if (!line) return builder_discard(&b), V_NULL;
        bool end = as_str(line)->length == 0;
        builder_str(&b, line);
        release(t, line);
        if (end) return builder_finish(&b);
    }
}
static value s_next(struct thread *t, vref self) {
    value line = s_readline(t, &self);
    if (line && as_str(line)->length == 0) {
        release(t, line);
        return V_NULL;
    }
    return line;
}
static value s_iter(struct thread *t, vref self) { return own(t, self); }
static value s_fileno(struct thread *t, const vref *a) { return (void)t, from_int62(as_stream(a[0])->fd); }
static value s_isatty(struct thread *t, const vref *a) { return (void)t, from_bool(isatty(as_stream(a[0])->fd)); }
static value s_readable(struct thread *t, const vref *a) { return (void)t, from_bool(as_stream(a[0])->fd == 0); }
static value s_writable(struct thread *t, const vref *a) { return (void)t, from_bool(as_stream(a[0])->fd != 0); }
static value s_encoding(struct thread *t, const vref *a) { return (void)a, str_from_cstr(t, "utf-8"); }
static value s_closed(struct thread *t, const vref *a) { return (void)a, (void)t, V_FALSE; }
static value s_repr(struct thread *t, vref self) { return str_format(t, "<standard stream %R>", as_stream(self)->name); }
static void s_destroy(struct thread *t, struct object *o) {
    struct stream *s = (struct stream *)o;
    mem_free(t, s->buffer, STREAM_BUFFER);
    release_field(t, &s->name);
    release_field(t, &s->errors);
}
#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
static const struct native natives[] = {
    M("write", "($self, text, /)", s_write), M("flush", "($self, /)", s_flush), M("readline", "($self, /)", s_readline), M("read", "($self, /)", s_read),
    M("fileno", "($self, /)", s_fileno), M("isatty", "($self, /)", s_isatty), M("readable", "($self, /)", s_readable), M("writable", "($self, /)", s_writable),
    {.name = "encoding", .kind = NATIVE_GETSET, .fn = s_encoding}, {.name = "closed", .kind = NATIVE_GETSET, .fn = s_closed},
    {.name = "name", .kind = NATIVE_MEMBER, .offset = offsetof(struct stream, name)},
    {.name = "errors", .kind = NATIVE_MEMBER, .offset = offsetof(struct stream, errors)},
    {0},
};
struct type type_stream = {
    .name = "TextStream", .module = "_krait_stream", .flags = TYPE_NO_NEW, .basicsize = sizeof(struct stream), .base = &type_object, .natives = natives,
    .destroy = s_destroy, .repr = s_repr, .iter = s_iter, .next = s_next,
};
value stream_new(struct thread *t, int fd, const char *name) {
    if (!type_stream.root_shape && !type_ready(t, &type_stream)) return V_NULL;
    struct stream *s = object_alloc(t, sizeof *s, type_stream.root_shape);
    if (!s) return V_NULL;
    memset((char *)s + sizeof s->head, 0, sizeof *s - sizeof s->head);
    s->fd = fd;
    s->lines = fd == 2 || isatty(fd);
    s->name = str_from_cstr(t, name);
    s->errors = str_from_cstr(t, fd == 2 ? "backslashreplace" : "surrogateescape");
    s->buffer = mem_alloc(t, STREAM_BUFFER);
    if (s->buffer && s->name && s->errors) return counted_word(s);
    release(t, counted_word(s));
    return V_NULL;
}
