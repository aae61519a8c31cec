// SPDX-License-Identifier: Apache-2.0
// _IOBase and the bases of raw, buffered and text streams: mixin methods in terms of each other, closing at the end. Leaves reading and writing to the subclasses.
#include "interp/modules/io/io.h"
#include "interp/types/bytes.h"
#include "interp/types/finalize.h"
#include "interp/types/num.h"
#include "interp/types/str/codec.h"

#define UNSUPPORTED(name) static value base_##name(struct thread *t, const vref *a) { return (void)a, io_unsupported_raise(t, #name); }
UNSUPPORTED(seek) UNSUPPORTED(truncate) UNSUPPORTED(fileno)
UNSUPPORTED(detach) UNSUPPORTED(read) UNSUPPORTED(read1) UNSUPPORTED(write) UNSUPPORTED(readline)

// ---- closed ----

static int has_closed_mark(struct thread *t, vref self) {
    value v;
    int found = object_lookup_attr(t, self, IO(__IOBase_closed), &v);
    if (found > 0) release(t, v);
    return found;
}
static value get_closed(struct thread *t, const vref *a) {
    int r = has_closed_mark(t, a[0]);
    return r < 0 ? V_NULL : from_bool(r);
}
static bool check_open(struct thread *t, vref self) {
    int closed = io_is_closed(t, self);
    if (closed > 0) raise(t, &exc_ValueError, "I/O operation on closed file.");
    return closed == 0;
}
static value base_check_closed(struct thread *t, const vref *a) { return check_open(t, a[0]) ? V_NONE : V_NULL; }
static value base_flush(struct thread *t, const vref *a) {
    int closed = has_closed_mark(t, a[0]);
    if (closed < 0) return V_NULL;
    return closed ? raise(t, &exc_ValueError, "I/O operation on closed file.") : V_NONE;
}
static value base_close(struct thread *t, const vref *a) {
    int closed = has_closed_mark(t, a[0]);
    if (closed) return closed < 0 ? V_NULL : V_NONE;
    bool flushed = io_discard(t, io_call0(t, a[0], IO(flush)));
    value first = flushed ? V_NULL : raised_take(t);
    if (object_setattr(t, a[0], IO(__IOBase_closed), V_TRUE) == 0 && flushed) return V_NONE;
    io_chain(t, first);
    return V_NULL;
}
static value base_del(struct thread *t, const vref *a) {
    value v;
    int found = object_lookup_attr(t, a[0], IO(closed), &v), closed = -1;
    if (found > 0) {
        closed = object_truth(t, v);
        release(t, v);
    }
    if (raised(t)) raised_clear(t);
    if (closed != 0) return V_NONE;
    if (object_setattr(t, a[0], IO(_finalizing), V_TRUE) < 0) raised_clear(t); // so that close knows that nobody asked for it
    if (!io_discard(t, io_call0(t, a[0], IO(close)))) raised_clear(t);
    return V_NONE;
}
static value base_enter(struct thread *t, const vref *a) { return check_open(t, a[0]) ? own(t, a[0]) : V_NULL; }
static value base_exit(struct thread *t, const vref *a) { return io_call0(t, a[0], IO(close)); }

// ---- abilities ----

static value base_tell(struct thread *t, const vref *a) {
    vref args[2] = {from_int62(0), from_int62(1)};
    return object_call_method(t, a[0], IO(seek), args, 2);
}
static value base_no(struct thread *t, const vref *a) { return (void)t, (void)a, V_FALSE; }
static value base_isatty(struct thread *t, const vref *a) { return check_open(t, a[0]) ? V_FALSE : V_NULL; }
static value base_check_seekable(struct thread *t, const vref *a) { return io_check(t, a[0], IO(seekable), "File or stream is not seekable.") ? V_TRUE : V_NULL; }
static value base_check_readable(struct thread *t, const vref *a) { return io_check(t, a[0], IO(readable), "File or stream is not readable.") ? V_TRUE : V_NULL; }
static value base_check_writable(struct thread *t, const vref *a) { return io_check(t, a[0], IO(writable), "File or stream is not writable.") ? V_TRUE : V_NULL; }

// ---- lines ----

// How many bytes to read at once without going beyond the line: by peek() where there is one.
static bool line_chunk(struct thread *t, vref self, vref peek, int64_t limit, int64_t *out) {
    *out = 1;
    if (!peek) return true;
    value ahead = V_NULL;
    do ahead = object_call1(t, peek, from_int62(1));
    while (!ahead && io_retry(t));
    if (!ahead) return false;
    bool ok = is_bytes(ahead);
    if (!ok) raise(t, &exc_OSError, "peek() should have returned a bytes object, not '%T'", ahead);
    else if (as_bytes(ahead)->length) {
        size_t n = as_bytes(ahead)->length;
        if (limit >= 0 && (size_t)limit < n) n = (size_t)limit;
        const uint8_t *end = memchr(as_bytes(ahead)->data, '\n', n);
        *out = end ? end - as_bytes(ahead)->data + 1 : (int64_t)n;
    }
    release(t, ahead);
    (void)self;
    return ok;
}
static value base_line(struct thread *t, const vref *a) { // self, size=-1
    int64_t limit;
    if (!io_size_arg(t, a[1], &limit)) return V_NULL;
    value peek = V_NULL;
    if (object_lookup_attr(t, a[0], IO(peek), &peek) < 0) return V_NULL;
    struct byte_builder b = {.t = t};
    bool ok = true;
    while (limit < 0 || b.length < (size_t)limit) {
        int64_t n;
        if (!(ok = line_chunk(t, a[0], peek, limit < 0 ? -1 : limit - (int64_t)b.length, &n))) break;
        value piece = io_call1(t, a[0], IO(read), from_int62(n));
        if (!piece && io_retry(t)) continue;
        if (!(ok = piece != V_NULL)) break;
        ok = is_bytes(piece);
        if (!ok) raise(t, &exc_OSError, "read() should have returned a bytes object, not '%T'", piece);
        size_t got = ok ? as_bytes(piece)->length : 0;
        bool last = got == 0 || as_bytes(piece)->data[got - 1] == '\n';
        if (got) byte_builder_add(&b, as_bytes(piece)->data, got);
        release(t, piece);
        if (!ok || last) break;
    }
    release_opt(t, peek);
    if (ok) return byte_builder_finish(&b);
    byte_builder_discard(&b);
    return V_NULL;
}
static value base_iter(struct thread *t, vref self) { return check_open(t, self) ? own(t, self) : V_NULL; }
static value base_next(struct thread *t, vref self) {
    value line = io_call0(t, self, IO(readline));
    if (!line) return V_NULL;
    int64_t n = object_length(t, line);
    if (n > 0) return line;
    release(t, line);
    return V_NULL;
}
static value base_readlines(struct thread *t, const vref *a) { // self, hint=-1
    int64_t hint, total = 0;
    if (!io_size_arg(t, a[1], &hint)) return V_NULL;
    value list = list_new(t, 0);
    if (!list) return V_NULL;
    if (hint <= 0) {
        if (!list_extend(t, list, a[0])) release_field(t, &list);
        return list;
    }
    value it = object_iter(t, a[0]), line;
    bool ok = it != V_NULL;
    while (ok && (line = object_next(t, it))) {
        int64_t n = object_length(t, line);
        ok = list_append_take(t, list, line) && n >= 0;
        total += n;
        if (total > hint) break;
    }
    release_opt(t, it);
    if (!ok || raised(t)) release_field(t, &list);
    return list;
}
static value base_writelines(struct thread *t, const vref *a) {
    if (!check_open(t, a[0])) return V_NULL;
    value it = object_iter(t, a[1]), line;
    if (!it) return V_NULL;
    while ((line = object_next(t, it))) {
        bool ok;
        do ok = io_discard(t, io_call1(t, a[0], IO(write), line));
        while (!ok && io_retry(t));
        release(t, line);
        if (!ok) break;
    }
    release(t, it);
    return raised(t) ? V_NULL : V_NONE;
}

// ---- raw ----

static value raw_readall(struct thread *t, const vref *a) {
    struct byte_builder b = {.t = t};
    for (;;) {
        value piece = io_call1(t, a[0], IO(read), from_int62(IO_BUFFER_SIZE));
        if (!piece && io_retry(t)) continue;
        bool none = piece && is_none(piece), ok = piece && (none || is_bytes(piece));
        if (piece && !ok) raise(t, &exc_TypeError, "read() should return bytes");
        size_t n = ok && !none ? as_bytes(piece)->length : 0;
        if (n) byte_builder_add(&b, as_bytes(piece)->data, n);
        release_opt(t, piece);
        if (ok && n) continue;
        if (ok && !(none && b.length == 0)) return byte_builder_finish(&b);
        byte_builder_discard(&b);
        return ok ? V_NONE : V_NULL;
    }
}
static value raw_read(struct thread *t, const vref *a) { // self, size=-1
    int64_t n;
    if (!io_int_arg(t, a[1] && !is_none(a[1]) ? a[1] : V_NULL, -1, &n)) return V_NULL;
    if (n < 0) return io_call0(t, a[0], IO(readall));
    value array = bytearray_new(t, NULL, (size_t)n), r = array ? io_call1(t, a[0], IO(readinto), array) : V_NULL, out = r;
    int64_t got;
    if (r && !is_none(r)) {
        bool ok = object_as_index(t, r, &got);
        struct span s = bytes_span(array);
        if (ok && (got < 0 || (uint64_t)got > s.n)) {
            ok = false;
            raise(t, &exc_ValueError, "readinto returned %ld outside buffer size %zu", got, s.n);
        }
        out = ok ? bytes_new(t, s.p, (size_t)got) : V_NULL;
        release(t, r);
    }
    release_opt(t, array);
    return out;
}

// ---- buffered ----

static value read_into(struct thread *t, const vref *a, vref method) {
    struct buffer_view view;
    if (!buffer_get(t, a[1], &view, true)) return V_NULL;
    value data = io_call1(t, a[0], method, from_int62((int64_t)view.length)), out = V_NULL;
    if (data && !is_bytes(data)) raise(t, &exc_TypeError, "read() should return bytes");
    else if (data && as_bytes(data)->length > view.length)
        raise(t, &exc_ValueError, "read() returned too much data: %zu bytes requested, %zu returned", view.length, as_bytes(data)->length);
    else if (data) {
        memcpy(view.data, as_bytes(data)->data, as_bytes(data)->length);
        out = from_int62((int64_t)as_bytes(data)->length);
    }
    release_opt(t, data);
    buffer_release(t, &view);
    return out;
}
static value buffered_readinto(struct thread *t, const vref *a) { return read_into(t, a, IO(read)); }
static value buffered_readinto1(struct thread *t, const vref *a) { return read_into(t, a, IO(read1)); }

// ---- text ----

static value text_none(struct thread *t, const vref *a) { return (void)t, (void)a, V_NONE; }

// ---- the types ----

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return (void)args, (void)nargs, (void)kwnames, object_new_instance(t, cls); }
static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) { return (void)t, (void)self, (void)args, (void)nargs, (void)kwnames, 0; }
static void destroy(struct thread *t, struct object *o) { io_release_instance(t, o); }
static int traverse(struct object *o, visit_fn *visit, void *arg) { return instance_visit(o, visit, arg); }

#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
#define G(py, f) {.name = py, .kind = NATIVE_GETSET, .fn = f}
static const struct native base_natives[] = {
    M("seek", "($self, /, *args)", base_seek), M("tell", "($self, /)", base_tell), M("truncate", "($self, /, *args)", base_truncate), M("flush", "($self, /)", base_flush),
    M("close", "($self, /)", base_close), M("seekable", "($self, /)", base_no), M("readable", "($self, /)", base_no), M("writable", "($self, /)", base_no),
    M("_checkClosed", "($self, /)", base_check_closed), M("_checkSeekable", "($self, /)", base_check_seekable), M("_checkReadable", "($self, /)", base_check_readable),
    M("_checkWritable", "($self, /)", base_check_writable), M("fileno", "($self, /)", base_fileno), M("isatty", "($self, /)", base_isatty),
    M("__enter__", "($self, /)", base_enter), M("__exit__", "($self, /, *args)", base_exit), M("__del__", "($self, /)", base_del),
    M("readline", "($self, size=-1, /)", base_line), M("readlines", "($self, hint=-1, /)", base_readlines), M("writelines", "($self, lines, /)", base_writelines),
    G("closed", get_closed), {.name = NULL},
};
static const struct native raw_natives[] = {
    M("read", "($self, size=-1, /)", raw_read), M("readall", "($self, /)", raw_readall), {.name = NULL},
};
static const struct native buffered_natives[] = {
    M("detach", "($self, /)", base_detach), M("read", "($self, size=-1, /)", base_read), M("read1", "($self, size=-1, /)", base_read1),
    M("readinto", "($self, buffer, /)", buffered_readinto), M("readinto1", "($self, buffer, /)", buffered_readinto1), M("write", "($self, b, /)", base_write), {.name = NULL},
};
static const struct native text_natives[] = {
    M("detach", "($self, /)", base_detach), M("read", "($self, size=-1, /)", base_read), M("readline", "($self, size=-1, /)", base_readline),
    M("write", "($self, s, /)", base_write), G("encoding", text_none), G("newlines", text_none), G("errors", text_none), {.name = NULL},
};
#define BASE .module = "_io", .flags = IO_TYPE_FLAGS, .basicsize = sizeof(struct object), .destroy = destroy, .traverse = traverse, .clear = destroy, .make = make, .init = init
struct type type_io_base = {.name = "_IOBase", BASE, .base = &type_object, .natives = base_natives, .iter = base_iter, .next = base_next,
                            .doc = "What all streams share: closing, lines, iteration; reading and writing are left to subclasses."};
struct type type_io_raw_base = {.name = "_RawIOBase", BASE, .base = &type_io_base, .natives = raw_natives, .doc = "Base class for raw binary I/O."};
struct type type_io_buffered_base = {.name = "_BufferedIOBase", BASE, .base = &type_io_base, .natives = buffered_natives,
                                        .doc = "Streams of bytes that read and write as much as they are asked to, not as much as one system call does."};
struct type type_io_text_base = {.name = "_TextIOBase", BASE, .base = &type_io_base, .natives = text_natives, .doc = "Base class for text I/O."};
