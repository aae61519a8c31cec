// SPDX-License-Identifier: Apache-2.0
// What BufferedReader, BufferedWriter and BufferedRandom have alike: making, closing, positions, the raw stream below. Leaves reading to buffered_read.c and
// writing to buffered_write.c.
#include "interp/modules/io/buffered.h"
#include "interp/types/args.h"
#include "interp/types/num.h"
#include "interp/types/sequence.h"

#include <unistd.h>

// ---- guards ----

bool buffered_check(struct thread *t, vref self, const char *closed) {
    struct buffered *b = as_buffered(self);
    if (unlikely(!b->ready)) {
        raise(t, &exc_ValueError, b->detached ? "raw stream has been detached" : "I/O operation on uninitialized object");
        return false;
    }
    if (!closed) return true;
    int is = !b->buf ? 1 : b->direct ? atomic_load_explicit(&raw_file(b)->fd, memory_order_relaxed) < 0 : io_is_closed(t, b->raw);
    if (is > 0) raise(t, &exc_ValueError, "%s", closed);
    return is == 0;
}

bool buffered_enter(struct thread *t, vref self) {
    struct buffered *b = as_buffered(self);
    switch (io_lock_take(t, &b->lock, self)) {
    case IO_LOCK_TAKEN: return true;
    case IO_LOCK_NESTED: io_lock_give(&b->lock), raise(t, &exc_RuntimeError, "reentrant call inside %R", self); return false;
    case IO_LOCK_FAILED: return false;
    }
    return false;
}

// ---- the raw stream ----

int64_t buffered_raw_read(struct thread *t, struct buffered *b, void *p, size_t n) {
    int64_t got;
    if (b->direct) {
        int fd = atomic_load(&raw_file(b)->fd);
        if (fd < 0) return raise(t, &exc_ValueError, "I/O operation on closed file"), -1;
        if (!raw_file(b)->readable) return raise(t, io_unsupported, "File not open for reading"), -1;
        got = io_read_fd(t, fd, p, n);
    } else {
        value raw = own(t, b->raw);
        got = io_read_into(t, raw, IO(readinto), p, n);
        release(t, raw);
    }
    if (got > 0 && b->raw_at >= 0) b->raw_at += got;
    return got;
}

static int64_t write_by_method(struct thread *t, vref raw, const void *p, size_t n) {
    value bytes = bytes_new(t, p, n), r = V_NULL;
    do {
        value view = bytes ? object_call1(t, type_ref(&type_memoryview), bytes) : V_NULL;
        r = view ? io_call1(t, raw, IO(write), view) : V_NULL;
        release_opt(t, view);
    } while (!r && io_retry(t));
    release_opt(t, bytes);
    if (!r) return -1;
    int64_t put = -2;
    if (!is_none(r)) {
        if (!object_as_index(t, r, &put)) put = -1;
        else if (put < 0 || (uint64_t)put > n) {
            raise(t, &exc_OSError, "raw write() returned invalid length %ld (should have been between 0 and %zu)", put, n);
            put = -1;
        }
    }
    release(t, r);
    return put;
}
int64_t buffered_raw_write(struct thread *t, struct buffered *b, const void *p, size_t n) {
    int64_t put;
    if (b->direct) {
        int fd = atomic_load(&raw_file(b)->fd);
        if (fd < 0) return raise(t, &exc_ValueError, "I/O operation on closed file"), -1;
        put = io_write_fd(t, fd, p, n);
    } else {
        value raw = own(t, b->raw);
        put = write_by_method(t, raw, p, n);
        release(t, raw);
    }
    if (put > 0 && b->raw_at >= 0) b->raw_at += put;
    return put;
}

static int64_t position(struct thread *t, struct buffered *b, value r) { // takes r
    int64_t at = -1;
    bool ok = r && io_offset(t, r, &at);
    release_opt(t, r);
    if (ok && at < 0) raise(t, &exc_OSError, "Raw stream returned invalid position %ld", at);
    if (raised(t)) return -1;
    return b->raw_at = at;
}
int64_t buffered_raw_seek(struct thread *t, struct buffered *b, int64_t offset, int whence) {
    if (b->direct) {
        int64_t at = io_file_seek(t, raw_file(b), offset, whence);
        return at < 0 ? -1 : (b->raw_at = at);
    }
    value raw = own(t, b->raw), where = int_from_i64(t, offset);
    vref args[2] = {where, from_int62(whence)};
    value r = where ? object_call_method(t, raw, IO(seek), args, 2) : V_NULL;
    release_opt(t, where), release(t, raw);
    return position(t, b, r);
}
int64_t buffered_raw_tell(struct thread *t, struct buffered *b) {
    if (b->direct) return buffered_raw_seek(t, b, 0, SEEK_CUR);
    value raw = own(t, b->raw), r = io_call0(t, raw, IO(tell));
    release(t, raw);
    return position(t, b, r);
}
static int64_t known_position(struct thread *t, struct buffered *b) { return b->raw_at >= 0 ? b->raw_at : buffered_raw_tell(t, b); }

bool buffered_sync(struct thread *t, struct buffered *b) {
    if (!buffered_flush_pending(t, b)) return false;
    if (b->end > b->pos && buffered_raw_seek(t, b, -(int64_t)(b->end - b->pos), SEEK_CUR) < 0) return false;
    b->pos = b->end = 0;
    return true;
}

// ---- making and ending ----

static bool set_up(struct thread *t, vref self, vref raw, int64_t size) {
    struct buffered *b = as_buffered(self);
    if (size <= 0) return raise(t, &exc_ValueError, "buffer size must be strictly positive"), false;
    if (!buffered_enter(t, self)) return false;
    uint8_t *buf = mem_alloc(t, (size_t)size);
    if (!buf) return buffered_leave(b), false;
    uint8_t *old = b->buf;
    size_t old_size = b->size;
    b->buf = buf, b->size = (size_t)size;
    b->pos = b->end = b->pending = 0;
    if (old) mem_free(t, old, old_size);
    b->raw_at = -1;
    slot_store(t, &b->head, (_Atomic value *)&b->raw, own(t, raw));
    struct type *c = type_of(self);
    b->direct = io_is_file(raw) && (c == &type_io_reader || c == &type_io_writer || c == &type_io_random);
    b->detached = false, b->ready = true;
    buffered_leave(b);
    if (b->direct && raw_file(b)->seekable == 0) return true;
    if (buffered_raw_tell(t, b) < 0) raised_clear(t);
    return true;
}
static int init_as(struct thread *t, vref self, const char *name, bool reads, bool writes, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"raw", "buffer_size"};
    const struct args_spec spec = {name, names, 0, 1, 2};
    vref a[2];
    int64_t size;
    as_buffered(self)->ready = as_buffered(self)->detached = false;
    if (!args_bind(t, &spec, args, nargs, kwnames, a) || !io_int_arg(t, a[1], IO_BUFFER_SIZE, &size)) return -1;
    if (reads && writes && !io_check(t, a[0], IO(seekable), "File or stream is not seekable.")) return -1;
    if (reads && !io_check(t, a[0], IO(readable), "File or stream is not readable.")) return -1;
    if (writes && !io_check(t, a[0], IO(writable), "File or stream is not writable.")) return -1;
    as_buffered(self)->readable = reads, as_buffered(self)->writable = writes;
    return set_up(t, self, a[0], size) ? 0 : -1;
}
static int reader_init(struct thread *t, vref self, const vref *a, size_t n, vref kw) { return init_as(t, self, "BufferedReader", true, false, a, n, kw); }
static int writer_init(struct thread *t, vref self, const vref *a, size_t n, vref kw) { return init_as(t, self, "BufferedWriter", false, true, a, n, kw); }
static int random_init(struct thread *t, vref self, const vref *a, size_t n, vref kw) { return init_as(t, self, "BufferedRandom", true, true, a, n, kw); }

value io_buffered_new(struct thread *t, struct type *type, vref raw, int64_t size) {
    value v = object_new_instance(t, type);
    if (!v) return V_NULL;
    vref args[2] = {raw, from_int62(size)};
    if (type->init(t, v, args, 2, V_NULL) < 0) release_field(t, &v);
    return v;
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return (void)args, (void)nargs, (void)kwnames, object_new_instance(t, cls); }
static void destroy(struct thread *t, struct object *o) {
    struct buffered *b = (struct buffered *)o;
    b->ready = false;
    if (b->buf) mem_free(t, b->buf, b->size);
    b->buf = NULL;
    release_field(t, &b->raw);
    io_release_instance(t, o);
}
static void clear(struct thread *t, struct object *o) {
    struct buffered *b = (struct buffered *)o;
    b->ready = false;
    release_field(t, &b->raw);
    io_release_instance(t, o);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct buffered *b = (struct buffered *)o;
    int r = b->raw ? visit(b->raw, arg) : 0;
    return r ? r : instance_visit(o, visit, arg);
}

static value simple_flush(struct thread *t, const vref *a) {
    if (!buffered_check(t, a[0], NULL)) return V_NULL;
    value raw = own(t, as_buffered(a[0])->raw), r = io_call0(t, raw, IO(flush));
    release(t, raw);
    return r;
}
static value flush(struct thread *t, const vref *a) {
    struct buffered *b = as_buffered(a[0]);
    if (!buffered_check(t, a[0], "flush of closed file") || !buffered_enter(t, a[0])) return V_NULL;
    bool ok = b->writable && !b->readable ? buffered_flush_pending(t, b) : buffered_sync(t, b);
    buffered_leave(b);
    return ok ? V_NONE : V_NULL;
}
static value close_it(struct thread *t, const vref *a) {
    struct buffered *b = as_buffered(a[0]);
    if (!buffered_check(t, a[0], NULL)) return V_NULL;
    int closed = !b->buf ? 1 : io_is_closed(t, b->raw);
    if (closed) return closed < 0 ? V_NULL : V_NONE;
    if (b->finalizing) {
        if (!io_discard(t, io_call1(t, b->raw, IO(_dealloc_warn), a[0]))) raised_clear(t);
    }
    value first = io_discard(t, io_call0(t, a[0], IO(flush))) ? V_NULL : raised_take(t);
    value r = V_NULL;
    if (buffered_enter(t, a[0])) { // whoever writes now waits, and then finds it closed
        value raw = b->raw ? own(t, b->raw) : V_NULL;
        r = raw ? io_call0(t, raw, IO(close)) : V_NONE;
        release_opt(t, raw);
        uint8_t *buf = b->buf;
        b->buf = NULL;
        b->pos = b->end = b->pending = 0;
        buffered_leave(b);
        if (buf) mem_free(t, buf, b->size);
    }
    io_chain(t, first);
    if (!first || !r) return raised(t) ? (release_opt(t, r), V_NULL) : r;
    release(t, r);
    return V_NULL;
}
static value detach(struct thread *t, const vref *a) {
    struct buffered *b = as_buffered(a[0]);
    if (!buffered_check(t, a[0], NULL) || !io_discard(t, io_call0(t, a[0], IO(flush)))) return V_NULL;
    if (!buffered_enter(t, a[0])) return V_NULL;
    value raw = b->raw ? own(t, b->raw) : V_NONE;
    b->detached = true, b->ready = false, b->direct = false;
    slot_store(t, &b->head, (_Atomic value *)&b->raw, V_NULL);
    buffered_leave(b);
    return raw;
}

// ---- position ----

static value tell(struct thread *t, const vref *a) {
    struct buffered *b = as_buffered(a[0]);
    if (!buffered_check(t, a[0], NULL) || !buffered_enter(t, a[0])) return V_NULL;
    int64_t at = buffered_raw_tell(t, b);
    if (at >= 0) at += (int64_t)b->pending - (int64_t)(b->end - b->pos);
    buffered_leave(b);
    return raised(t) ? V_NULL : int_from_i64(t, at < 0 ? 0 : at);
}

// Inside what was read ahead: no system call. -1: not there.
static int64_t seek_inside(struct buffered *b, int64_t at, int64_t target, int whence) {
    if (!b->readable || b->pending || b->end == 0 || at < 0 || whence == SEEK_END) return -1;
    int64_t start = at - (int64_t)b->end, to = whence == SEEK_SET ? target : start + (int64_t)b->pos + target;
    if (to < start || to > at) return -1;
    b->pos = (size_t)(to - start);
    return to;
}
static int64_t seek_locked(struct thread *t, struct buffered *b, int64_t target, int whence) {
    if (b->readable && whence != SEEK_END && b->end) {
        int64_t at = known_position(t, b);
        if (at < 0) return -1;
        int64_t to = seek_inside(b, at, target, whence);
        if (to >= 0) return to;
    }
    if (!buffered_flush_pending(t, b)) return -1;
    if (whence == SEEK_CUR) target -= (int64_t)(b->end - b->pos);
    int64_t at = buffered_raw_seek(t, b, target, whence);
    if (at >= 0) b->pos = b->end = 0;
    return at;
}
static value seek(struct thread *t, const vref *a) { // self, target, whence=0
    struct buffered *b = as_buffered(a[0]);
    int64_t target, whence;
    if (!buffered_check(t, a[0], NULL) || !io_int_arg(t, a[2], 0, &whence)) return V_NULL;
    if (whence < 0 || (whence > 2 && whence != SEEK_HOLE && whence != SEEK_DATA)) return raise(t, &exc_ValueError, "whence value %d unsupported", (int)whence);
    if (!buffered_check(t, a[0], "seek of closed file")) return V_NULL;
    if (!io_check(t, b->raw, IO(seekable), "File or stream is not seekable.") || !io_offset(t, a[1], &target) || !buffered_enter(t, a[0])) return V_NULL;
    int64_t at = seek_locked(t, b, target, (int)whence);
    buffered_leave(b);
    return at < 0 ? V_NULL : int_from_i64(t, at);
}
static value truncate_it(struct thread *t, const vref *a) { // self, pos=None
    struct buffered *b = as_buffered(a[0]);
    if (!buffered_check(t, a[0], "truncate of closed file")) return V_NULL;
    if (!b->writable) return io_unsupported_raise(t, "truncate");
    if (!buffered_enter(t, a[0])) return V_NULL;
    value r = V_NULL;
    if (buffered_sync(t, b)) {
        value raw = own(t, b->raw);
        r = io_call1(t, raw, IO(truncate), a[1] ? a[1] : V_NONE);
        release(t, raw);
        b->raw_at = -1;
    }
    buffered_leave(b);
    return r;
}

// ---- what the raw stream answers ----

static value ask_raw(struct thread *t, vref self, vref name) {
    if (!buffered_check(t, self, NULL)) return V_NULL;
    value raw = own(t, as_buffered(self)->raw), r = io_call0(t, raw, name);
    release(t, raw);
    return r;
}
static value raw_attribute(struct thread *t, vref self, vref name) {
    if (!buffered_check(t, self, NULL)) return V_NULL;
    value raw = own(t, as_buffered(self)->raw), r = object_getattr(t, raw, name);
    release(t, raw);
    return r;
}
#define ASK(n) static value ask_##n(struct thread *t, const vref *a) { return ask_raw(t, a[0], IO(n)); }
ASK(seekable) ASK(readable) ASK(writable) ASK(fileno) ASK(isatty)
static value get_closed(struct thread *t, const vref *a) { return raw_attribute(t, a[0], IO(closed)); }
static value get_name(struct thread *t, const vref *a) { return raw_attribute(t, a[0], IO(name)); }
static value get_mode(struct thread *t, const vref *a) { return raw_attribute(t, a[0], IO(mode)); }
static value get_finalizing(struct thread *t, const vref *a) { return (void)t, from_bool(as_buffered(a[0])->finalizing); }
static int set_finalizing(struct thread *t, vref self, vref v) {
    int truth = v ? object_truth(t, v) : 0;
    if (truth >= 0) as_buffered(self)->finalizing = truth;
    return truth < 0 ? -1 : 0;
}
static value dealloc_warn(struct thread *t, const vref *a) { // self, source
    struct buffered *b = as_buffered(a[0]);
    if (b->ready && b->raw && !io_discard(t, io_call1(t, b->raw, IO(_dealloc_warn), a[1]))) raised_clear(t);
    return V_NONE;
}
static value size_of(struct thread *t, const vref *a) {
    const struct buffered *b = as_buffered(a[0]);
    return int_from_u64(t, object_size(as_object(a[0])) + (b->buf ? b->size : 0));
}
static value repr(struct thread *t, vref self) {
    value name = V_NULL, full = object_getattr_cstr(t, type_ref(type_of(self)), "__name__"), r = V_NULL;
    struct repr_link link;
    int entered = full ? repr_enter(t, &link, self) : -1;
    if (entered == 0) raise(t, &exc_RuntimeError, "reentrant call inside %T.__repr__", self);
    if (entered > 0) {
        int found = object_lookup_attr(t, self, IO(name), &name);
        if (found < 0 && raised_is(t, &exc_ValueError)) raised_clear(t), found = 0;
        const char *dot = type_of(self)->flags & TYPE_HEAP ? "" : "_io.";
        value module = type_of(self)->flags & TYPE_HEAP ? object_getattr_cstr(t, type_ref(type_of(self)), "__module__") : V_NULL;
        if (found > 0) r = module ? str_format(t, "<%S.%U name=%R>", module, full, name) : str_format(t, "<%s%U name=%R>", dot, full, name);
        else if (found == 0) r = module ? str_format(t, "<%S.%U>", module, full) : str_format(t, "<%s%U>", dot, full);
        release_opt(t, module);
        repr_leave(t, &link);
    }
    release_opt(t, name), release_opt(t, full);
    return r;
}

// ---- the types ----

#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
#define G(py, f, s) {.name = py, .kind = NATIVE_GETSET, .fn = f, .set = s}
#define SHARED                                                                                                                         \
    M("detach", "($self, /)", detach), M("close", "($self, /)", close_it), M("seekable", "($self, /)", ask_seekable), M("fileno", "($self, /)", ask_fileno), \
    M("isatty", "($self, /)", ask_isatty), M("_dealloc_warn", "($self, source, /)", dealloc_warn), M("tell", "($self, /)", tell),           \
    M("seek", "($self, target, whence=0, /)", seek), M("truncate", "($self, pos=None, /)", truncate_it), M("__sizeof__", "($self, /)", size_of), \
    {.name = "raw", .kind = NATIVE_MEMBER, .offset = offsetof(struct buffered, raw)}, G("closed", get_closed, NULL), G("name", get_name, NULL),        \
    G("mode", get_mode, NULL), G("_finalizing", get_finalizing, set_finalizing)
#define READING                                                                                                                        \
    M("read", "($self, size=-1, /)", buffered_read), M("peek", "($self, size=0, /)", buffered_peek), M("read1", "($self, size=-1, /)", buffered_read1),  \
    M("readinto", "($self, buffer, /)", buffered_readinto), M("readinto1", "($self, buffer, /)", buffered_readinto1),                   \
    M("readline", "($self, size=-1, /)", buffered_readline)
static const struct native reader_natives[] = {SHARED, READING, M("flush", "($self, /)", simple_flush), M("readable", "($self, /)", ask_readable), {.name = NULL}};
static const struct native writer_natives[] = {SHARED, M("write", "($self, buffer, /)", buffered_write), M("flush", "($self, /)", flush), M("writable", "($self, /)", ask_writable), {.name = NULL}};
static const struct native random_natives[] = {
    SHARED, READING, M("write", "($self, buffer, /)", buffered_write), M("flush", "($self, /)", flush), M("readable", "($self, /)", ask_readable),
    M("writable", "($self, /)", ask_writable), {.name = NULL},
};
#define BUFFERED(n) .name = n, .module = "_io", .flags = IO_TYPE_FLAGS, .basicsize = sizeof(struct buffered), .base = &type_io_buffered_base, .destroy = destroy, \
    .traverse = traverse, .clear = clear, .make = make, .repr = repr
struct type type_io_reader = {BUFFERED("BufferedReader"), .natives = reader_natives, .init = reader_init, .next = buffered_next,
                              .doc = "Read from a raw stream by the buffer, so that small reads cost no system call."};
struct type type_io_writer = {BUFFERED("BufferedWriter"), .natives = writer_natives, .init = writer_init,
                              .doc = "Collect what is written and hand it to a raw stream by the buffer."};
struct type type_io_random = {BUFFERED("BufferedRandom"), .natives = random_natives, .init = random_init, .next = buffered_next,
                              .doc = "Read and write a raw stream that can seek, through one buffer."};
