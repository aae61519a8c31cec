// SPDX-License-Identifier: Apache-2.0
// FileIO: a descriptor as a raw stream. Leaves buffering to buffered.c.
#include "interp/modules/io/io.h"
#include "interp/types/args.h"
#include "interp/types/num.h"
#include "interp/types/sequence.h"
#include "interp/types/str/codec.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- system calls ----

#define MAX_TRANSFER 0x7ffff000u // what Linux moves in one call

// Writes or reads up to n bytes; again after a signal whose handler raised nothing.
static int64_t transfer(struct thread *t, int fd, void *p, size_t n, bool out) {
    if (n > MAX_TRANSFER) n = MAX_TRANSFER;
    for (;;) {
        thread_detach(t);
        ssize_t k = out ? write(fd, p, n) : read(fd, p, n);
        int e = errno;
        thread_attach(t);
        if (k >= 0) return k;
        if (e == EAGAIN) return -2;
        if (e != EINTR) return raise_errno(t, e, V_NULL), -1;
        if (!safepoint_poll(t)) return -1;
    }
}
int64_t io_read_fd(struct thread *t, int fd, void *p, size_t n) { return transfer(t, fd, p, n, false); }
int64_t io_write_fd(struct thread *t, int fd, const void *p, size_t n) { return transfer(t, fd, (void *)(uintptr_t)p, n, true); }
static int64_t seek_fd(struct thread *t, int fd, int64_t offset, int whence, int *err) {
    thread_detach(t);
    off_t at = lseek(fd, offset, whence);
    *err = errno;
    thread_attach(t);
    return at;
}

static int fd_of(struct thread *t, vref self) { // -1: ValueError
    int fd = atomic_load_explicit(&as_io_file(self)->fd, memory_order_relaxed);
    if (fd < 0) raise(t, &exc_ValueError, "I/O operation on closed file");
    return fd;
}
static value wrong_mode(struct thread *t, const char *action) { return raise(t, io_unsupported, "File not open for %s", action); }

// ---- opening ----

static bool parse_mode(struct thread *t, struct io_file *f, const char *mode, int *flags) {
    bool plus = false, read_write = false;
    *flags = O_CLOEXEC;
    for (const char *m = mode; *m; m++) {
        switch (*m) {
        case 'x': f->created = f->writable = true, *flags |= O_EXCL | O_CREAT; break;
        case 'r': f->readable = true; break;
        case 'w': f->writable = true, *flags |= O_CREAT | O_TRUNC; break;
        case 'a': f->appending = f->writable = true, *flags |= O_APPEND | O_CREAT; break;
        case 'b': continue;
        case '+':
            if (plus) goto bad;
            plus = f->readable = f->writable = true;
            continue;
        default: return raise(t, &exc_ValueError, "invalid mode: %s", mode), false;
        }
        if (read_write) goto bad;
        read_write = true;
    }
    if (!read_write) goto bad;
    *flags |= f->readable && f->writable ? O_RDWR : f->readable ? O_RDONLY : O_WRONLY;
    return true;
bad:
    raise(t, &exc_ValueError, "Must have exactly one of create/read/write/append mode and at most one plus");
    return false;
}

// The path as bytes. returns new bytes.
static value path_bytes(struct thread *t, vref file) {
    value path = is_str(file) || is_bytes(file) ? own(t, file) : V_NULL;
    if (!path) {
        value m;
        int found = object_lookup_special(t, file, IO(__fspath__), &m);
        if (found < 0) return V_NULL;
        if (!found) return raise(t, &exc_TypeError, "expected str, bytes or os.PathLike object, not %T", file);
        path = object_call0(t, m);
        release(t, m);
        if (!path) return V_NULL;
        if (!is_str(path) && !is_bytes(path)) {
            raise(t, &exc_TypeError, "expected %T.__fspath__() to return str or bytes, not %T", file, path);
            return release(t, path), V_NULL;
        }
    }
    value bytes = is_bytes(path) ? own(t, path) : str_encode(t, path, "utf-8", "surrogateescape");
    release(t, path);
    if (bytes && strlen((const char *)as_bytes(bytes)->data) != as_bytes(bytes)->length) {
        raise(t, &exc_ValueError, "embedded null byte");
        release_field(t, &bytes);
    }
    return bytes;
}
static int open_path(struct thread *t, vref file, int flags) {
    value path = path_bytes(t, file);
    if (!path) return -1;
    for (;;) {
        thread_detach(t);
        int fd = open((const char *)as_bytes(path)->data, flags, 0666), e = errno;
        thread_attach(t);
        if (fd < 0 && e == EINTR && safepoint_poll(t)) continue;
        if (fd < 0 && !raised(t)) raise_errno(t, e, file);
        release(t, path);
        return fd;
    }
}
static int open_by(struct thread *t, vref opener, vref file, int flags) {
    value r = object_call2(t, opener, file, from_int62(flags));
    int64_t fd = -1;
    if (!r) return -1;
    if (!is_int(r)) raise(t, &exc_TypeError, "expected integer from opener");
    else if (int_as_i64(t, r, &fd) && fd < 0) raise(t, &exc_ValueError, "opener returned %ld", fd);
    release(t, r);
    if (raised(t)) return -1;
    int have = fcntl((int)fd, F_GETFD);
    if (have >= 0 && !(have & FD_CLOEXEC)) fcntl((int)fd, F_SETFD, have | FD_CLOEXEC);
    return (int)fd;
}
// What fstat says: no directories, and the block size.
static bool examine(struct thread *t, struct io_file *f, int fd, vref file) {
    struct stat st;
    thread_detach(t);
    int r = fstat(fd, &st), e = errno;
    thread_attach(t);
    f->block_size = IO_BUFFER_SIZE;
    if (r < 0) {
        if (e == EBADF) raise_errno(t, e, V_NULL);
        return e != EBADF;
    }
    if (S_ISDIR(st.st_mode)) return raise_errno(t, EISDIR, file), false;
    if (st.st_blksize > 1) f->block_size = st.st_blksize;
    return true;
}

static bool close_fd(struct thread *t, struct io_file *f) {
    int fd = atomic_exchange(&f->fd, -1);
    if (fd < 0) return true;
    thread_detach(t);
    int r = close(fd), e = errno;
    thread_attach(t);
    if (r < 0 && e != EINTR) return raise_errno(t, e, V_NULL), false;
    return true;
}

static int file_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"file", "mode", "closefd", "opener"};
    static const struct args_spec spec = {"FileIO", names, 0, 1, 4};
    vref a[4];
    if (!args_bind(t, &spec, args, nargs, kwnames, a)) return -1;
    struct io_file *f = as_io_file(self);
    const char *mode = "r";
    int flags, closefd = a[2] ? object_truth(t, a[2]) : 1;
    if (closefd < 0 || (a[1] && !codec_name_arg(t, a[1], "FileIO", "mode", &mode))) return -1;
    if (f->closefd) {
        if (!close_fd(t, f)) return -1;
    } else
        atomic_store(&f->fd, -1);
    f->created = f->readable = f->writable = f->appending = false;
    f->seekable = -1;
    f->closefd = closefd;
    if (is_float(a[0])) return raise(t, &exc_TypeError, "integer argument expected, got float"), -1;
    int64_t given = -1;
    bool by_number = is_int(a[0]);
    if (by_number && !int_as_i64(t, a[0], &given)) return -1;
    if (given > INT32_MAX || given < INT32_MIN) return raise(t, &exc_OverflowError, "Python int too large to convert to C int"), -1;
    if (by_number && given < 0) return raise(t, &exc_ValueError, "negative file descriptor"), -1;
    if (!parse_mode(t, f, mode, &flags)) return -1;
    if (!by_number && !closefd) return raise(t, &exc_ValueError, "Cannot use closefd=False with file name"), -1;
    int fd = by_number ? (int)given : a[3] && !is_none(a[3]) ? open_by(t, a[3], a[0], flags) : open_path(t, a[0], flags);
    if (fd < 0) return -1;
    int err;
    bool ok = examine(t, f, fd, a[0]) && object_setattr(t, self, IO(name), a[0]) == 0;
    if (ok && f->appending && seek_fd(t, fd, 0, SEEK_END, &err) < 0 && err != ESPIPE) raise_errno(t, err, V_NULL), ok = false;
    if (ok) {
        atomic_store(&f->fd, fd);
        return 0;
    }
    if (!by_number) close(fd); // a descriptor that was handed in stays the caller's
    return -1;
}

static value file_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    struct io_file *f = as_io_file(v);
    atomic_store(&f->fd, -1);
    f->seekable = -1;
    f->closefd = true;
    return v;
}
static void file_destroy(struct thread *t, struct object *o) { io_release_instance(t, o); }
static int file_traverse(struct object *o, visit_fn *visit, void *arg) { return instance_visit(o, visit, arg); }

// ---- reading ----

static value f_readinto(struct thread *t, const vref *a) {
    struct buffer_view view;
    int fd = fd_of(t, a[0]);
    if (fd < 0) return V_NULL;
    if (!as_io_file(a[0])->readable) return wrong_mode(t, "reading");
    if (!buffer_get(t, a[1], &view, true)) return V_NULL;
    int64_t n = io_read_fd(t, fd, view.data, view.length);
    buffer_release(t, &view);
    if (n != -1 && !safepoint_poll(t)) return V_NULL;
    return n == -1 ? V_NULL : n == -2 ? V_NONE : from_int62(n);
}

// How much is left of a regular file, as a first guess.
static size_t guess_rest(struct thread *t, int fd) {
    struct stat st;
    thread_detach(t);
    off_t at = lseek(fd, 0, SEEK_CUR);
    bool known = at >= 0 && fstat(fd, &st) == 0 && st.st_size >= at;
    thread_attach(t);
    return known ? (size_t)(st.st_size - at) + 1 : IO_BUFFER_SIZE;
}
static value f_readall(struct thread *t, const vref *a) {
    int fd = fd_of(t, a[0]);
    if (fd < 0) return V_NULL;
    struct byte_builder b = {.t = t};
    size_t room = guess_rest(t, fd);
    for (;;) {
        uint8_t *p = byte_builder_room(&b, room);
        if (!p) return V_NULL;
        int64_t n = io_read_fd(t, fd, p, room);
        b.length -= room - (n > 0 ? (size_t)n : 0);
        if (n == -1 || (n == -2 && b.length == 0)) return byte_builder_discard(&b), n == -1 ? V_NULL : V_NONE;
        if (n <= 0) return byte_builder_finish(&b);
        room = b.capacity - b.length ? b.capacity - b.length : b.length > 1 << 20 ? b.length / 2 : b.length + IO_BUFFER_SIZE;
        if (!safepoint_poll(t)) return byte_builder_discard(&b), V_NULL;
    }
}
static value f_read(struct thread *t, const vref *a) { // self, size=-1
    int fd = fd_of(t, a[0]);
    int64_t n;
    if (fd < 0) return V_NULL;
    if (!as_io_file(a[0])->readable) return wrong_mode(t, "reading");
    if (!io_size_arg(t, a[1], &n)) return V_NULL;
    if (n < 0) return f_readall(t, a);
    value out = bytes_new(t, NULL, (size_t)n);
    if (!out) return V_NULL;
    int64_t got = io_read_fd(t, fd, as_bytes(out)->data, (size_t)n);
    value v = got < 0 ? got == -2 ? V_NONE : V_NULL : got == n ? own(t, out) : bytes_new(t, as_bytes(out)->data, (size_t)got);
    release(t, out);
    return v;
}

// ---- writing, position ----

static value f_write(struct thread *t, const vref *a) {
    struct buffer_view view;
    int fd = fd_of(t, a[0]);
    if (fd < 0) return V_NULL;
    if (!as_io_file(a[0])->writable) return wrong_mode(t, "writing");
    if (!buffer_get(t, a[1], &view, false)) return V_NULL;
    int64_t n = io_write_fd(t, fd, view.data, view.length);
    buffer_release(t, &view);
    if (n != -1 && !safepoint_poll(t)) return V_NULL; // the signal that cut it short
    return n == -1 ? V_NULL : n == -2 ? V_NONE : from_int62(n);
}

int64_t io_file_seek(struct thread *t, struct io_file *f, int64_t offset, int whence) {
    int err, fd = fd_of(t, borrowed_word(f));
    if (fd < 0) return -1;
    int64_t at = seek_fd(t, fd, offset, whence, &err);
    if (at < 0) raise_errno(t, err, V_NULL);
    else f->seekable = 1;
    return at;
}
static value f_seek(struct thread *t, const vref *a) { // self, pos, whence=0
    int64_t offset, whence;
    if (fd_of(t, a[0]) < 0) return V_NULL;
    if (is_float(a[1])) return raise(t, &exc_TypeError, "an integer is required");
    if (!io_offset(t, a[1], &offset) || !io_int_arg(t, a[2], 0, &whence)) return V_NULL;
    int64_t at = io_file_seek(t, as_io_file(a[0]), offset, (int)whence);
    return at < 0 ? V_NULL : int_from_i64(t, at);
}
static value f_tell(struct thread *t, const vref *a) {
    int64_t at = io_file_seek(t, as_io_file(a[0]), 0, SEEK_CUR);
    return at < 0 ? V_NULL : int_from_i64(t, at);
}
static value f_truncate(struct thread *t, const vref *a) { // self, size=None
    int64_t n;
    int fd = fd_of(t, a[0]), r, e;
    if (fd < 0) return V_NULL;
    if (!as_io_file(a[0])->writable) return wrong_mode(t, "writing");
    if (!a[1] || is_none(a[1])) {
        if ((n = io_file_seek(t, as_io_file(a[0]), 0, SEEK_CUR)) < 0) return V_NULL;
    } else if (!io_offset(t, a[1], &n))
        return V_NULL;
    do {
        thread_detach(t);
        r = ftruncate(fd, n), e = errno;
        thread_attach(t);
    } while (r < 0 && e == EINTR && safepoint_poll(t));
    if (raised(t)) return V_NULL;
    return r < 0 ? raise_errno(t, e, V_NULL) : int_from_i64(t, n);
}

// ---- state ----

static value f_close(struct thread *t, const vref *a) {
    struct io_file *f = as_io_file(a[0]);
    value base = object_getattr(t, type_ref(&type_io_raw_base), IO(close)), r = base ? object_call1(t, base, a[0]) : V_NULL;
    release_opt(t, base);
    value first = r ? V_NULL : raised_take(t);
    if (!f->closefd) {
        atomic_store(&f->fd, -1);
        io_chain(t, first);
        return first ? V_NULL : r;
    }
    if (f->finalizing && atomic_load(&f->fd) >= 0) io_warn_unclosed(t, a[0]);
    bool ok = close_fd(t, f);
    io_chain(t, first);
    release_opt(t, r);
    return ok && !first ? V_NONE : V_NULL;
}
static value f_dealloc_warn(struct thread *t, const vref *a) {
    struct io_file *f = as_io_file(a[0]);
    if (atomic_load(&f->fd) >= 0 && f->closefd) io_warn_unclosed(t, a[1]);
    return V_NONE;
}
static value f_readable(struct thread *t, const vref *a) { return fd_of(t, a[0]) < 0 ? V_NULL : from_bool(as_io_file(a[0])->readable); }
static value f_writable(struct thread *t, const vref *a) { return fd_of(t, a[0]) < 0 ? V_NULL : from_bool(as_io_file(a[0])->writable); }
static value f_seekable(struct thread *t, const vref *a) {
    struct io_file *f = as_io_file(a[0]);
    int err, fd = fd_of(t, a[0]);
    if (fd < 0) return V_NULL;
    if (f->seekable < 0) f->seekable = seek_fd(t, fd, 0, SEEK_CUR, &err) >= 0;
    return from_bool(f->seekable);
}
static value f_fileno(struct thread *t, const vref *a) {
    int fd = fd_of(t, a[0]);
    return fd < 0 ? V_NULL : from_int62(fd);
}
static value f_isatty(struct thread *t, const vref *a) {
    int fd = fd_of(t, a[0]);
    if (fd < 0) return V_NULL;
    thread_detach(t);
    bool tty = isatty(fd);
    thread_attach(t);
    return from_bool(tty);
}
static const char *mode_of(const struct io_file *f) {
    if (f->created) return f->readable ? "xb+" : "xb";
    if (f->appending) return f->readable ? "ab+" : "ab";
    if (f->readable) return f->writable ? "rb+" : "rb";
    return "wb";
}
static value get_closed(struct thread *t, const vref *a) { return (void)t, from_bool(atomic_load(&as_io_file(a[0])->fd) < 0); }
static value get_closefd(struct thread *t, const vref *a) { return (void)t, from_bool(as_io_file(a[0])->closefd); }
static value get_mode(struct thread *t, const vref *a) { return str_from_cstr(t, mode_of(as_io_file(a[0]))); }
static value get_block_size(struct thread *t, const vref *a) { return int_from_i64(t, as_io_file(a[0])->block_size); }
static int set_block_size(struct thread *t, vref self, vref v) { return v && io_offset(t, v, &as_io_file(self)->block_size) ? 0 : -1; }
static value get_finalizing(struct thread *t, const vref *a) { return (void)t, from_bool(as_io_file(a[0])->finalizing); }
static int set_finalizing(struct thread *t, vref self, vref v) {
    int truth = v ? object_truth(t, v) : 0;
    if (truth >= 0) as_io_file(self)->finalizing = truth;
    return truth < 0 ? -1 : 0;
}
static value f_repr(struct thread *t, vref self) {
    const struct io_file *f = as_io_file(self);
    int fd = atomic_load(&f->fd);
    const char *closefd = f->closefd ? "True" : "False";
    if (fd < 0) return str_format(t, "<%s.FileIO [closed]>", "_io");
    value name;
    int found = object_lookup_attr(t, self, IO(name), &name);
    if (found < 0) {
        if (!raised_is(t, &exc_ValueError)) return V_NULL;
        raised_clear(t);
    }
    if (found <= 0) return str_format(t, "<_io.FileIO fd=%d mode='%s' closefd=%s>", fd, mode_of(f), closefd);
    struct repr_link link;
    int entered = repr_enter(t, &link, self);
    value r = V_NULL;
    if (entered == 0) raise(t, &exc_RuntimeError, "reentrant call inside %T.__repr__", self);
    if (entered > 0) {
        r = str_format(t, "<_io.FileIO name=%R mode='%s' closefd=%s>", name, mode_of(f), closefd);
        repr_leave(t, &link);
    }
    release(t, name);
    return r;
}

#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
#define G(py, f, s) {.name = py, .kind = NATIVE_GETSET, .fn = f, .set = s}
static const struct native natives[] = {
    M("read", "($self, size=-1, /)", f_read), M("readall", "($self, /)", f_readall), M("readinto", "($self, buffer, /)", f_readinto), M("write", "($self, b, /)", f_write),
    M("seek", "($self, pos, whence=0, /)", f_seek), M("tell", "($self, /)", f_tell), M("truncate", "($self, size=None, /)", f_truncate), M("close", "($self, /)", f_close),
    M("seekable", "($self, /)", f_seekable), M("readable", "($self, /)", f_readable), M("writable", "($self, /)", f_writable), M("fileno", "($self, /)", f_fileno),
    M("isatty", "($self, /)", f_isatty), M("_dealloc_warn", "($self, source, /)", f_dealloc_warn),
    G("closed", get_closed, NULL), G("closefd", get_closefd, NULL), G("mode", get_mode, NULL), G("_blksize", get_block_size, set_block_size),
    G("_finalizing", get_finalizing, set_finalizing), {.name = NULL},
};
struct type type_io_file = {
    .name = "FileIO", .module = "_io", .flags = IO_TYPE_FLAGS, .basicsize = sizeof(struct io_file), .base = &type_io_raw_base, .natives = natives, .destroy = file_destroy,
    .traverse = file_traverse, .clear = file_destroy, .make = file_make, .init = file_init, .repr = f_repr, .doc = "Open a file.",
};
