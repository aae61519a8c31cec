// SPDX-License-Identifier: Apache-2.0
// The module mmap: files and anonymous memory as one long mutable run of bytes. Leaves shared memory by name to _posixshmem and the library.
//
// The object's lock guards the mapping and the position: every method holds it while it touches the memory, so that another thread's close or resize cannot pull it away.
// Whoever holds a buffer (a memoryview) is counted in `exports`, and then neither is possible.
#include "interp/core/lock.h"
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"
#include "interp/types/args.h"
#include "interp/types/sequence.h"

#include <sys/mman.h>

enum access { ACCESS_DEFAULT, ACCESS_READ, ACCESS_WRITE, ACCESS_COPY };
struct mapping {
    struct object head;
    struct lock lock;
    uint8_t *data;        // NULL: closed
    size_t size, position;
    off_t offset;         // in the file
    int fd;               // our own, -1: anonymous or closed
    enum access access;
    uint32_t exports;
};
static struct mapping *as_mapping(vref v) { return (struct mapping *)as_object(v); }
static struct type type_mmap;

static bool take(struct thread *t, struct mapping *m) { // false: closed; the lock is not held
    lock_take(t, &m->lock);
    if (m->data) return true;
    lock_give(&m->lock);
    raise(t, &exc_ValueError, "mmap closed or invalid");
    return false;
}
static void give(struct mapping *m) { lock_give(&m->lock); }
static bool take_writable(struct thread *t, struct mapping *m) {
    if (!take(t, m)) return false;
    if (m->access != ACCESS_READ) return true;
    give(m);
    raise(t, &exc_TypeError, "mmap can't modify a readonly memory map.");
    return false;
}

// ---- making and ending ----

static bool size_of_file(struct thread *t, int fd, int64_t offset, int64_t *length) {
    struct stat st;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) return true; // devices: mmap itself decides
    if (*length == 0) {
        if (st.st_size == 0) return raise(t, &exc_ValueError, "cannot mmap an empty file"), false;
        if (offset >= st.st_size) return raise(t, &exc_ValueError, "mmap offset is greater than file size"), false;
        *length = st.st_size - offset;
    } else if (offset > st.st_size || st.st_size - offset < *length)
        return raise(t, &exc_ValueError, "mmap length is greater than file size"), false;
    return true;
}
static bool rights(struct thread *t, int access, bool given, int *flags, int *prot) {
    switch (access) {
    case ACCESS_READ: *flags = MAP_SHARED, *prot = PROT_READ; break;
    case ACCESS_WRITE: *flags = MAP_SHARED, *prot = PROT_READ | PROT_WRITE; break;
    case ACCESS_COPY: *flags = MAP_PRIVATE, *prot = PROT_READ | PROT_WRITE; break;
    case ACCESS_DEFAULT: return true;
    default: return raise(t, &exc_ValueError, "mmap invalid access parameter."), false;
    }
    if (!given) return true;
    raise(t, &exc_ValueError, "mmap can't specify both access and flags, prot.");
    return false;
}
static value mmap_new(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"fileno", "length", "flags", "prot", "access", "offset"};
    static const struct args_spec spec = {.function = "mmap", .names = names, .min = 2, .max = 6};
    vref a[6];
    int fd, flags, prot, access;
    int64_t length, offset = 0;
    if (!args_bind(t, &spec, args, nargs, kwnames, a) || !arg_int(t, a[0], &fd) || !object_as_index(t, a[1], &length) || !arg_int_or(t, a[2], MAP_SHARED, &flags) ||
        !arg_int_or(t, a[3], PROT_READ | PROT_WRITE, &prot) || !arg_int_or(t, a[4], ACCESS_DEFAULT, &access) || (a[5] && !arg_i64(t, a[5], &offset)))
        return V_NULL;
    if (length < 0) return raise(t, &exc_OverflowError, "memory mapped length must be positive");
    if (offset < 0) return raise(t, &exc_OverflowError, "memory mapped offset must be positive");
    if (!rights(t, access, a[2] || a[3], &flags, &prot)) return V_NULL;
    if (access == ACCESS_DEFAULT) access = !(prot & PROT_WRITE) ? ACCESS_READ : (prot & PROT_READ) ? ACCESS_DEFAULT : ACCESS_WRITE;
    if (fd == -1) flags |= MAP_ANONYMOUS;
    else if (!size_of_file(t, fd, offset, &length)) return V_NULL;
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    struct mapping *m = as_mapping(v);
    m->fd = fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
    m->access = (enum access)access;
    m->offset = offset;
    void *p = fd != -1 && m->fd < 0 ? MAP_FAILED : mmap(NULL, (size_t)length, prot, flags, fd, offset);
    if (p != MAP_FAILED) {
        m->data = p;
        m->size = (size_t)length;
        return v;
    }
    posix_error(t);
    release(t, v);
    return V_NULL;
}
static void shut(struct mapping *m) {
    if (m->data) munmap(m->data, m->size);
    if (m->fd >= 0) close(m->fd);
    m->data = NULL;
    m->fd = -1;
}
static void destroy(struct thread *t, struct object *o) {
    (void)t;
    struct mapping *m = (struct mapping *)o;
    if (m->data) shut(m);
    else if (m->fd > 0) close(m->fd), m->fd = -1;
}
static value m_close(struct thread *t, const vref *a) {
    struct mapping *m = as_mapping(a[0]);
    lock_take(t, &m->lock);
    bool ok = m->exports == 0;
    if (ok && m->data) shut(m);
    give(m);
    return ok ? V_NONE : raise(t, &exc_BufferError, "cannot close exported pointers exist");
}
static value get_closed(struct thread *t, const vref *a) { return (void)t, from_bool(!__atomic_load_n(&as_mapping(a[0])->data, __ATOMIC_RELAXED)); }
static value m_enter(struct thread *t, const vref *a) {
    if (!take(t, as_mapping(a[0]))) return V_NULL;
    give(as_mapping(a[0]));
    return own(t, a[0]);
}
static value m_exit(struct thread *t, const vref *a) { return m_close(t, a); }

// ---- the file way ----

static value m_read(struct thread *t, const vref *a) {
    struct mapping *m = as_mapping(a[0]);
    int64_t n = -1;
    if (a[1] && !is_none(a[1]) && !object_as_index(t, a[1], &n)) {
        if (raised_is(t, &exc_TypeError)) raised_clear(t), raise(t, &exc_TypeError, "argument should be integer or None, not '%T'", a[1]);
        return V_NULL;
    }
    if (!take(t, m)) return V_NULL;
    size_t left = m->position < m->size ? m->size - m->position : 0, want = n < 0 || (size_t)n > left ? left : (size_t)n;
    value v = bytes_new(t, m->data + m->position, want);
    if (v) m->position += want;
    give(m);
    return v;
}
static value m_readline(struct thread *t, const vref *a) {
    struct mapping *m = as_mapping(a[0]);
    if (!take(t, m)) return V_NULL;
    size_t left = m->position < m->size ? m->size - m->position : 0;
    const uint8_t *start = m->data + m->position, *end = left ? memchr(start, '\n', left) : NULL;
    if (end) left = (size_t)(end - start) + 1;
    value v = bytes_new(t, start, left);
    if (v) m->position += left;
    give(m);
    return v;
}
static value m_read_byte(struct thread *t, const vref *a) {
    struct mapping *m = as_mapping(a[0]);
    if (!take(t, m)) return V_NULL;
    int c = m->position < m->size ? m->data[m->position++] : -1;
    give(m);
    return c >= 0 ? from_int62(c) : raise(t, &exc_ValueError, "read byte out of range");
}
static value m_write(struct thread *t, const vref *a) {
    struct mapping *m = as_mapping(a[0]);
    struct buffer_view view;
    if (!buffer_get(t, a[1], &view, false)) return V_NULL;
    bool fits = false;
    if (take_writable(t, m)) {
        fits = m->position <= m->size && view.length <= m->size - m->position;
        if (fits) {
            memmove(m->data + m->position, view.data, view.length);
            m->position += view.length;
        }
        give(m);
        if (!fits) raise(t, &exc_ValueError, "data out of range");
    }
    size_t n = view.length;
    buffer_release(t, &view);
    return fits ? from_int62((int64_t)n) : V_NULL;
}
static bool byte_of(struct thread *t, vref v, uint8_t *out) {
    int64_t n;
    value i = object_index(t, v);
    bool ok = i && int_as_i64_overflow(i, &n) == 0 && n >= 0 && n < 256;
    if (i && !ok) raise(t, &exc_ValueError, "mmap item value must be in range(0, 256)");
    release_opt(t, i);
    if (ok) *out = (uint8_t)n;
    return ok;
}
static value m_write_byte(struct thread *t, const vref *a) {
    struct mapping *m = as_mapping(a[0]);
    int n;
    if (!arg_int(t, a[1], &n)) return V_NULL;
    if (n < 0) return raise(t, &exc_OverflowError, "unsigned byte integer is less than minimum");
    if (n > 255) return raise(t, &exc_OverflowError, "unsigned byte integer is greater than maximum");
    if (!take_writable(t, m)) return V_NULL;
    bool fits = m->position < m->size;
    if (fits) m->data[m->position++] = (uint8_t)n;
    give(m);
    return fits ? V_NONE : raise(t, &exc_ValueError, "write byte out of range");
}
static value m_seek(struct thread *t, const vref *a) {
    struct mapping *m = as_mapping(a[0]);
    int64_t distance;
    int how;
    if (!object_as_index(t, a[1], &distance) || !arg_int_or(t, a[2], 0, &how) || !take(t, m)) return V_NULL;
    int64_t from = how == 0 ? 0 : how == 1 ? (int64_t)m->position : (int64_t)m->size, to;
    bool known = how >= 0 && how <= 2, fits = known && !__builtin_add_overflow(from, distance, &to) && to >= 0 && to <= (int64_t)m->size;
    if (fits) m->position = (size_t)to;
    give(m);
    if (!known) return raise(t, &exc_ValueError, "unknown seek type");
    return fits ? V_NONE : raise(t, &exc_ValueError, "seek out of range");
}
static value m_tell(struct thread *t, const vref *a) {
    struct mapping *m = as_mapping(a[0]);
    if (!take(t, m)) return V_NULL;
    size_t at = m->position;
    give(m);
    return from_int62((int64_t)at);
}
static value m_size(struct thread *t, const vref *a) {
    struct mapping *m = as_mapping(a[0]);
    struct stat st;
    if (!take(t, m)) return V_NULL;
    int r = fstat(m->fd, &st), err = errno; // anonymous memory has no file, and so no size of one
    give(m);
    errno = err;
    return r < 0 ? posix_error(t) : int_from_i64(t, st.st_size);
}
static value find(struct thread *t, const vref *a, bool backwards) {
    struct mapping *m = as_mapping(a[0]);
    struct buffer_view view;
    int64_t start, stop = 0, at = -1;
    if ((a[2] && !object_as_index(t, a[2], &start)) || (a[3] && !object_as_index(t, a[3], &stop)) || !buffer_get(t, a[1], &view, false)) return V_NULL;
    if (take(t, m)) {
        int64_t size = (int64_t)m->size, n = (int64_t)view.length;
        if (!a[2]) start = backwards ? 0 : (int64_t)m->position;
        if (!a[2] && backwards) start = (int64_t)m->position;
        if (!a[3]) stop = size;
        if (start < 0) start = start + size < 0 ? 0 : start + size;
        if (stop < 0) stop = stop + size < 0 ? 0 : stop + size;
        if (start > size) start = size;
        if (stop > size) stop = size;
        if (!backwards) {
            const uint8_t *p = stop - start >= n ? memmem(m->data + start, (size_t)(stop - start), view.data, view.length) : NULL;
            at = p ? p - m->data : -1;
        } else
            for (int64_t k = stop - n; at < 0 && k >= start; k--)
                if (memcmp(m->data + k, view.data, view.length) == 0) at = k;
        give(m);
    }
    buffer_release(t, &view);
    return raised(t) ? V_NULL : from_int62(at);
}
static value m_find(struct thread *t, const vref *a) { return find(t, a, false); }
static value m_rfind(struct thread *t, const vref *a) { return find(t, a, true); }

// ---- the mapping itself ----

static value m_flush(struct thread *t, const vref *a) {
    struct mapping *m = as_mapping(a[0]);
    int64_t offset = 0, n = 0;
    if ((a[1] && !object_as_index(t, a[1], &offset)) || (a[2] && !object_as_index(t, a[2], &n)) || !take(t, m)) return V_NULL;
    if (!a[2]) n = (int64_t)m->size - offset;
    bool fits = offset >= 0 && n >= 0 && offset <= (int64_t)m->size && (int64_t)m->size - offset >= n;
    int r = 0;
    if (fits && m->access != ACCESS_READ && m->access != ACCESS_COPY) {
        thread_detach(t);
        r = msync(m->data + offset, (size_t)n, MS_SYNC);
        thread_attach(t);
    }
    give(m);
    if (!fits) return raise(t, &exc_ValueError, "flush values out of range");
    return posix_done(t, r);
}
static value m_madvise(struct thread *t, const vref *a) { // option, start, length
    struct mapping *m = as_mapping(a[0]);
    int option;
    int64_t start = 0, n = 0;
    if (!arg_int(t, a[1], &option) || (a[2] && !object_as_index(t, a[2], &start)) || (a[3] && !object_as_index(t, a[3], &n)) || !take(t, m)) return V_NULL;
    if (!a[3]) n = (int64_t)m->size;
    const char *wrong = start < 0 || start >= (int64_t)m->size ? "madvise start out of bounds" : n < 0 ? "madvise length invalid" : NULL;
    bool over = !wrong && n > INT64_MAX - start;
    if (!wrong && !over && start + n > (int64_t)m->size) n = (int64_t)m->size - start;
    int r = wrong || over ? 0 : madvise(m->data + start, (size_t)n, option);
    give(m);
    if (over) return raise(t, &exc_OverflowError, "madvise length too large");
    return wrong ? raise(t, &exc_ValueError, "%s", wrong) : posix_done(t, r);
}
static value m_move(struct thread *t, const vref *a) { // dest, src, count
    struct mapping *m = as_mapping(a[0]);
    int64_t to, from, n;
    if (!object_as_index(t, a[1], &to) || !object_as_index(t, a[2], &from) || !object_as_index(t, a[3], &n) || !take_writable(t, m)) return V_NULL;
    int64_t size = (int64_t)m->size;
    bool fits = to >= 0 && from >= 0 && n >= 0 && to <= size && from <= size && n <= size - to && n <= size - from;
    if (fits) memmove(m->data + to, m->data + from, (size_t)n);
    give(m);
    return fits ? V_NONE : raise(t, &exc_ValueError, "source, destination, or count out of range");
}
static value m_resize(struct thread *t, const vref *a) {
    struct mapping *m = as_mapping(a[0]);
    int64_t n;
    if (!object_as_index(t, a[1], &n) || !take(t, m)) return V_NULL;
    const bool exported = m->exports, fixed = m->access == ACCESS_READ || m->access == ACCESS_COPY, wrong = n < 0;
    int r = 0;
    void *p = NULL;
    if (!exported && !fixed && !wrong) {
        if (m->fd >= 0) r = ftruncate(m->fd, m->offset + n);
        p = r == 0 ? mremap(m->data, m->size, (size_t)n, MREMAP_MAYMOVE) : MAP_FAILED;
        if (p != MAP_FAILED) {
            m->data = p;
            m->size = (size_t)n;
        }
    }
    int err = errno;
    give(m);
    errno = err;
    if (exported) return raise(t, &exc_BufferError, "mmap can't resize with extant buffers exported.");
    if (fixed) return raise(t, &exc_TypeError, "mmap can't resize a readonly or copy-on-write memory map.");
    if (wrong) return raise(t, &exc_ValueError, "new size out of range");
    return p == MAP_FAILED ? posix_error(t) : V_NONE;
}

// ---- a sequence of bytes ----

static int64_t length(struct thread *t, vref self) {
    struct mapping *m = as_mapping(self);
    if (!take(t, m)) return -1;
    int64_t n = (int64_t)m->size;
    give(m);
    return n;
}
static value getitem(struct thread *t, vref self, vref key) {
    struct mapping *m = as_mapping(self);
    int64_t i, start, stop, step, n, size = length(t, self);
    if (size < 0) return V_NULL;
    if (!has_shape(key, SHAPE_SLICE)) {
        if (!is_int(key) && !type_of(key)->to_index) return raise(t, &exc_TypeError, "mmap indices must be integers");
        if (!object_as_index(t, key, &i) || !take(t, m)) return V_NULL;
        if (i < 0) i += (int64_t)m->size;
        int c = i >= 0 && i < (int64_t)m->size ? m->data[i] : -1;
        give(m);
        return c >= 0 ? from_int62(c) : raise(t, &exc_IndexError, "mmap index out of range");
    }
    if (!slice_indices(t, key, size, &start, &stop, &step, &n)) return V_NULL;
    value v = bytes_new(t, NULL, (size_t)n);
    if (!v || !take(t, m)) return release_opt(t, v), V_NULL;
    bool whole = n == 0 || (size_t)(start > start + (n - 1) * step ? start : start + (n - 1) * step) < m->size; // it may have shrunk meanwhile
    for (int64_t k = 0; whole && k < n; k++) as_bytes(v)->data[k] = m->data[start + k * step];
    give(m);
    if (whole) return v;
    release(t, v);
    return raise(t, &exc_IndexError, "mmap index out of range");
}
static int set_slice(struct thread *t, struct mapping *m, vref self, vref key, vref v) {
    int64_t start, stop, step, n, size = length(t, self);
    struct buffer_view view;
    if (size < 0 || !slice_indices(t, key, size, &start, &stop, &step, &n) || !buffer_get(t, v, &view, false)) return -1;
    bool same = view.length == (size_t)n, whole = false;
    if (!same) raise(t, &exc_IndexError, "mmap slice assignment is wrong size");
    else if (take_writable(t, m)) {
        whole = n == 0 || (size_t)(start > start + (n - 1) * step ? start : start + (n - 1) * step) < m->size;
        for (int64_t k = 0; whole && k < n; k++) m->data[start + k * step] = view.data[k];
        give(m);
        if (!whole) raise(t, &exc_IndexError, "mmap index out of range");
    }
    buffer_release(t, &view);
    return whole ? 0 : -1;
}
static int setitem(struct thread *t, vref self, vref key, vref v) {
    struct mapping *m = as_mapping(self);
    int64_t i;
    uint8_t c = 0;
    if (!v) return raise(t, &exc_TypeError, "mmap%s deletion", has_shape(key, SHAPE_SLICE) ? " object doesn't support slice" : " doesn't support item"), -1;
    if (has_shape(key, SHAPE_SLICE)) return set_slice(t, m, self, key, v);
    if (!is_int(key) && !type_of(key)->to_index) return raise(t, &exc_TypeError, "mmap indices must be integers"), -1;
    int64_t size = object_as_index(t, key, &i) ? length(t, self) : -1;
    if (size < 0) return -1;
    if (i >= size || i < -size) return raise(t, &exc_IndexError, "mmap index out of range"), -1;
    if (!is_int(v) && !type_of(v)->to_index) return raise(t, &exc_TypeError, "mmap item value must be an int"), -1;
    if (!byte_of(t, v, &c) || !take_writable(t, m)) return -1;
    if (i < 0) i += (int64_t)m->size;
    bool fits = i >= 0 && i < (int64_t)m->size;
    if (fits) m->data[i] = c;
    give(m);
    return fits ? 0 : (raise(t, &exc_IndexError, "mmap index out of range"), -1);
}
static bool buffer(struct thread *t, vref self, struct buffer_view *view) {
    struct mapping *m = as_mapping(self);
    if (!take(t, m)) return false;
    view->data = m->data;
    view->length = m->size;
    view->readonly = m->access == ACCESS_READ;
    m->exports++;
    give(m);
    return true;
}
static void buffer_drop(struct thread *t, vref self) {
    struct mapping *m = as_mapping(self);
    lock_take(t, &m->lock);
    m->exports--;
    give(m);
}
static value iterate(struct thread *t, vref self) { return seq_iter_generic(t, self); }
static value repr(struct thread *t, vref self) {
    static const char *const words[] = {"ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE", "ACCESS_COPY"};
    struct mapping *m = as_mapping(self);
    lock_take(t, &m->lock);
    bool closed = !m->data;
    size_t size = m->size, at = m->position;
    give(m);
    if (closed) return str_format(t, "<%s.%s closed=True>", "mmap", "mmap");
    return str_format(t, "<mmap.mmap closed=False, access=%s, length=%zu, pos=%zu, offset=%ld>", words[m->access], size, at, (int64_t)m->offset);
}

#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
static const struct native natives[] = {
    M("close", "($self, /)", m_close), M("find", "($self, sub, start=<unrepresentable>, end=<unrepresentable>, /)", m_find),
    M("rfind", "($self, sub, start=<unrepresentable>, end=<unrepresentable>, /)", m_rfind), M("flush", "($self, offset=0, size=<unrepresentable>, /)", m_flush),
    M("madvise", "($self, option, start=0, length=<unrepresentable>, /)", m_madvise), M("move", "($self, dest, src, count, /)", m_move), M("read", "($self, n=None, /)", m_read),
    M("read_byte", "($self, /)", m_read_byte), M("readline", "($self, /)", m_readline), M("resize", "($self, newsize, /)", m_resize), M("seek", "($self, pos, whence=0, /)", m_seek),
    M("size", "($self, /)", m_size), M("tell", "($self, /)", m_tell), M("write", "($self, bytes, /)", m_write), M("write_byte", "($self, byte, /)", m_write_byte),
    M("__enter__", "($self, /)", m_enter), M("__exit__", "($self, /, *exc)", m_exit), {.name = "closed", .kind = NATIVE_GETSET, .fn = get_closed}, {.name = NULL},
};
static struct type type_mmap = {
    .name = "mmap", .module = "mmap", .doc = "A file, or anonymous memory, as a mutable run of bytes.", .base = &type_object, .flags = TYPE_BASE | TYPE_HAS_WEAK,
    .basicsize = sizeof(struct mapping), .natives = natives, .make = mmap_new, .destroy = destroy, .length = length, .getitem = getitem, .setitem = setitem, .iter = iterate,
    .repr = repr, .buffer = buffer, .buffer_drop = buffer_drop,
};
#define S(n) {#n, n}
static const struct constant rows[] = {
    S(PROT_EXEC), S(PROT_READ), S(PROT_WRITE), S(MAP_SHARED), S(MAP_PRIVATE), S(MAP_DENYWRITE), S(MAP_EXECUTABLE), {"MAP_ANON", MAP_ANONYMOUS}, S(MAP_ANONYMOUS), S(MAP_POPULATE), S(MAP_STACK),
    S(MAP_NORESERVE), S(ACCESS_DEFAULT), S(ACCESS_READ), S(ACCESS_WRITE), S(ACCESS_COPY), S(MADV_NORMAL), S(MADV_RANDOM), S(MADV_SEQUENTIAL), S(MADV_WILLNEED), S(MADV_DONTNEED), S(MADV_REMOVE),
    S(MADV_DONTFORK), S(MADV_DOFORK), S(MADV_HWPOISON), S(MADV_MERGEABLE), S(MADV_UNMERGEABLE), S(MADV_HUGEPAGE), S(MADV_NOHUGEPAGE), S(MADV_DONTDUMP), S(MADV_DODUMP), S(MADV_FREE),
};
value mmap_make(struct thread *t) {
    if (!type_mmap.root_shape && !type_ready(t, &type_mmap)) return V_NULL;
    value m = module_from_natives(t, "mmap", "Files in memory.", NULL, 0);
    int64_t page = sysconf(_SC_PAGESIZE);
    bool ok = m && constants_add(t, m, rows, sizeof rows / sizeof *rows) && module_set(t, m, "PAGESIZE", from_int62(page)) && module_set(t, m, "ALLOCATIONGRANULARITY", from_int62(page)) &&
              module_set(t, m, "mmap", type_ref(&type_mmap)) && module_set(t, m, "error", type_ref(&exc_OSError));
    return ok ? m : V_NULL;
}
