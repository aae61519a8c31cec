// SPDX-License-Identifier: Apache-2.0
// Bytes through descriptors: read, write and their vector forms, seeking, syncing, copying between files. Leaves opening to fd.c, files as objects to _io.
#include "interp/modules/posix/posix.h"

#include <sys/sendfile.h>
#include <sys/uio.h>

enum { IO_MOST = 0x7ffff000 }; // what one call of the kernel moves at most

// takes the bytes of n; keeps only the first r of them.
static value shortened(struct thread *t, value b, size_t n, int64_t r) {
    if (r < 0) return release(t, b), posix_error(t);
    if ((size_t)r == n) return b;
    value v = bytes_new(t, as_bytes(b)->data, (size_t)r);
    release(t, b);
    return v;
}
static value read_at(struct thread *t, int fd, int64_t n, int64_t offset) { // offset -1: where the file stands
    if (n < 0) return errno = EINVAL, posix_error(t);
    if (n > IO_MOST) n = IO_MOST;
    value b = bytes_new(t, NULL, (size_t)n);
    int64_t r;
    if (!b) return V_NULL;
    void *to = n ? as_bytes(b)->data : (void *)&r;
    do {
        thread_detach(t);
        r = offset < 0 ? read(fd, to, (size_t)n) : pread(fd, to, (size_t)n, offset);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return n ? shortened(t, b, (size_t)n, r) : r < 0 ? posix_error(t) : b;
}
static value f_read(struct thread *t, const vref *a) {
    int fd;
    int64_t n;
    return arg_int(t, a[0], &fd) && arg_i64(t, a[1], &n) ? read_at(t, fd, n, -1) : V_NULL;
}
static value f_pread(struct thread *t, const vref *a) {
    int fd;
    int64_t n, offset;
    if (!arg_int(t, a[0], &fd) || !arg_i64(t, a[1], &n) || !arg_i64(t, a[2], &offset)) return V_NULL;
    if (offset < 0) return errno = EINVAL, posix_error(t);
    return read_at(t, fd, n, offset);
}
static value write_at(struct thread *t, int fd, vref data, int64_t offset) {
    struct buffer_view view;
    int64_t r;
    if (!buffer_get(t, data, &view, false)) return V_NULL;
    size_t n = view.length > IO_MOST ? IO_MOST : view.length;
    do {
        thread_detach(t);
        r = offset < 0 ? write(fd, view.data, n) : pwrite(fd, view.data, n, offset);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    int e = errno;
    buffer_release(t, &view);
    errno = e;
    return r < 0 ? posix_error(t) : from_int62(r);
}
static value f_write(struct thread *t, const vref *a) {
    int fd;
    return arg_int(t, a[0], &fd) ? write_at(t, fd, a[1], -1) : V_NULL;
}
static value f_pwrite(struct thread *t, const vref *a) {
    int fd;
    int64_t offset;
    if (!arg_int(t, a[0], &fd) || !arg_i64(t, a[2], &offset)) return V_NULL;
    if (offset < 0) return errno = EINVAL, posix_error(t);
    return write_at(t, fd, a[1], offset);
}

// ---- several buffers at once ----
struct vector {
    value items;               // owned tuple
    struct buffer_view *views; // of its items
    struct iovec *iov;
    size_t n;
};
static void vector_drop(struct thread *t, struct vector *v, size_t got) {
    int e = errno;
    for (size_t i = 0; i < got; i++) buffer_release(t, &v->views[i]);
    mem_free(t, v->views, v->n * sizeof *v->views);
    mem_free(t, v->iov, v->n * sizeof *v->iov);
    release(t, v->items);
    errno = e;
}
static bool vector_get(struct thread *t, struct vector *v, const char *function, vref buffers, bool writable) {
    if (!type_of(buffers)->getitem || is_dict(buffers)) return raise(t, &exc_TypeError, "%s() arg 2 must be a sequence", function), false;
    v->items = tuple_from_iterable(t, buffers);
    if (!v->items) return false;
    v->n = tuple_size(v->items);
    v->views = mem_calloc(t, v->n * sizeof *v->views + 1);
    v->iov = mem_calloc(t, v->n * sizeof *v->iov + 1);
    bool ok = v->views && v->iov;
    size_t got = 0;
    for (; ok && got < v->n; got++) {
        if (!(ok = buffer_get(t, tuple_at(v->items, got), &v->views[got], writable))) break;
        v->iov[got] = (struct iovec){v->views[got].data, v->views[got].length};
    }
    if (!ok) vector_drop(t, v, got);
    return ok;
}
static value vector_call(struct thread *t, const vref *a, const char *function, bool writes, vref offset_word, vref flags_word) {
    struct vector v;
    int fd, flags;
    int64_t offset = -1, r;
    if (!arg_int(t, a[0], &fd) || (offset_word && !arg_i64(t, offset_word, &offset)) || !arg_int_or(t, flags_word, 0, &flags)) return V_NULL;
    if (offset_word && offset < 0) return errno = EINVAL, posix_error(t);
    if (!vector_get(t, &v, function, a[1], !writes)) return V_NULL;
    do {
        thread_detach(t);
        if (!offset_word) r = writes ? writev(fd, v.iov, (int)v.n) : readv(fd, v.iov, (int)v.n);
        else r = writes ? pwritev2(fd, v.iov, (int)v.n, offset, flags) : preadv2(fd, v.iov, (int)v.n, offset, flags);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    vector_drop(t, &v, v.n);
    return r < 0 ? posix_error(t) : from_int62(r);
}
static value f_readv(struct thread *t, const vref *a) { return vector_call(t, a, "readv", false, V_NULL, V_NULL); }
static value f_writev(struct thread *t, const vref *a) { return vector_call(t, a, "writev", true, V_NULL, V_NULL); }
static value f_preadv(struct thread *t, const vref *a) { return vector_call(t, a, "preadv", false, a[2], a[3]); }
static value f_pwritev(struct thread *t, const vref *a) { return vector_call(t, a, "pwritev", true, a[2], a[3]); }

// ---- seeking and syncing ----
static value f_lseek(struct thread *t, const vref *a) {
    int fd, how;
    int64_t position;
    if (!arg_int(t, a[0], &fd) || !arg_i64(t, a[1], &position) || !arg_int(t, a[2], &how)) return V_NULL;
    thread_detach(t);
    int64_t r = lseek(fd, position, how);
    thread_attach(t);
    return r < 0 ? posix_error(t) : int_from_i64(t, r);
}
static value f_ftruncate(struct thread *t, const vref *a) {
    int fd, r;
    int64_t length;
    if (!arg_int(t, a[0], &fd) || !arg_i64(t, a[1], &length)) return V_NULL;
    do {
        thread_detach(t);
        r = ftruncate(fd, length);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return posix_done(t, r);
}
static value sync_by(struct thread *t, const vref *a, int (*call)(int)) {
    int fd, r;
    if (!arg_fd(t, a[0], &fd)) return V_NULL;
    do {
        thread_detach(t);
        r = call(fd);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return posix_done(t, r);
}
static value f_fsync(struct thread *t, const vref *a) { return sync_by(t, a, fsync); }
static value f_fdatasync(struct thread *t, const vref *a) { return sync_by(t, a, fdatasync); }
static value f_sync(struct thread *t, const vref *a) {
    (void)a;
    thread_detach(t);
    sync();
    thread_attach(t);
    return V_NONE;
}
static value f_lockf(struct thread *t, const vref *a) {
    int fd, command, r;
    int64_t length;
    if (!arg_int(t, a[0], &fd) || !arg_int(t, a[1], &command) || !arg_i64(t, a[2], &length)) return V_NULL;
    thread_detach(t);
    r = lockf(fd, command, length);
    thread_attach(t);
    return posix_done(t, r);
}
// These two return the error instead of setting errno.
static value f_posix_fallocate(struct thread *t, const vref *a) {
    int fd, r;
    int64_t offset, length;
    if (!arg_int(t, a[0], &fd) || !arg_i64(t, a[1], &offset) || !arg_i64(t, a[2], &length)) return V_NULL;
    do {
        thread_detach(t);
        r = posix_fallocate(fd, offset, length);
        thread_attach(t);
    } while (r == EINTR && safepoint_poll(t));
    errno = r;
    return r ? posix_error(t) : V_NONE;
}
static value f_posix_fadvise(struct thread *t, const vref *a) {
    int fd, advice, r;
    int64_t offset, length;
    if (!arg_int(t, a[0], &fd) || !arg_i64(t, a[1], &offset) || !arg_i64(t, a[2], &length) || !arg_int(t, a[3], &advice)) return V_NULL;
    do {
        thread_detach(t);
        r = posix_fadvise(fd, offset, length, advice);
        thread_attach(t);
    } while (r == EINTR && safepoint_poll(t));
    errno = r;
    return r ? posix_error(t) : V_NONE;
}

// ---- from file to file ----
static bool arg_offset(struct thread *t, vref v, off64_t *at, off64_t **use) { // None: the file's own position
    int64_t n;
    *use = NULL;
    if (!v || is_none(v)) return true;
    if (!arg_i64(t, v, &n)) return false;
    *at = n;
    *use = at;
    return true;
}
static bool arg_count(struct thread *t, vref v, size_t *out) {
    int64_t n;
    if (!arg_i64(t, v, &n)) return false;
    if (n < 0) return raise(t, &exc_ValueError, "negative value for 'count' not allowed"), false;
    *out = (size_t)n;
    return true;
}
static value f_sendfile(struct thread *t, const vref *a) { // out_fd, in_fd, offset, count
    int out, in;
    off_t at, *use;
    int64_t count, r;
    if (!arg_int(t, a[0], &out) || !arg_int(t, a[1], &in) || !arg_offset(t, a[2], &at, &use) || !arg_i64(t, a[3], &count)) return V_NULL;
    do {
        thread_detach(t);
        r = sendfile(out, in, use, (size_t)count);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return r < 0 ? posix_error(t) : from_int62(r);
}
static value f_copy_file_range(struct thread *t, const vref *a) { // src, dst, count, offset_src, offset_dst
    int src, dst;
    off64_t from, to, *use_from, *use_to;
    size_t count;
    int64_t r;
    if (!arg_int(t, a[0], &src) || !arg_int(t, a[1], &dst) || !arg_count(t, a[2], &count) || !arg_offset(t, a[3], &from, &use_from) || !arg_offset(t, a[4], &to, &use_to))
        return V_NULL;
    do {
        thread_detach(t);
        r = copy_file_range(src, use_from, dst, use_to, count, 0);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return r < 0 ? posix_error(t) : from_int62(r);
}
static value f_splice(struct thread *t, const vref *a) { // src, dst, count, offset_src, offset_dst, flags
    int src, dst, flags;
    off64_t from, to, *use_from, *use_to;
    size_t count;
    int64_t r;
    if (!arg_int(t, a[0], &src) || !arg_int(t, a[1], &dst) || !arg_count(t, a[2], &count) || !arg_offset(t, a[3], &from, &use_from) ||
        !arg_offset(t, a[4], &to, &use_to) || !arg_int_or(t, a[5], 0, &flags))
        return V_NULL;
    do {
        thread_detach(t);
        r = splice(src, use_from, dst, use_to, count, (unsigned)flags);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return r < 0 ? posix_error(t) : from_int62(r);
}

const struct native posix_io_natives[] = {
    F("read", "($module, fd, length, /)", f_read), F("pread", "($module, fd, length, offset, /)", f_pread), F("write", "($module, fd, data, /)", f_write),
    F("pwrite", "($module, fd, buffer, offset, /)", f_pwrite), F("readv", "($module, fd, buffers, /)", f_readv), F("writev", "($module, fd, buffers, /)", f_writev),
    F("preadv", "($module, fd, buffers, offset, flags=0, /)", f_preadv), F("pwritev", "($module, fd, buffers, offset, flags=0, /)", f_pwritev),
    F("lseek", "($module, fd, position, how, /)", f_lseek), F("ftruncate", "($module, fd, length, /)", f_ftruncate), F("fsync", "($module, /, fd)", f_fsync),
    F("fdatasync", "($module, /, fd)", f_fdatasync), F("sync", "($module, /)", f_sync), F("lockf", "($module, fd, command, length, /)", f_lockf),
    F("posix_fallocate", "($module, fd, offset, length, /)", f_posix_fallocate), F("posix_fadvise", "($module, fd, offset, length, advice, /)", f_posix_fadvise),
    F("sendfile", "($module, /, out_fd, in_fd, offset, count)", f_sendfile), F("copy_file_range", "($module, /, src, dst, count, offset_src=None, offset_dst=None)", f_copy_file_range),
    F("splice", "($module, /, src, dst, count, offset_src=None, offset_dst=None, flags=0)", f_splice), {0},
};
