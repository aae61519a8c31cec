// SPDX-License-Identifier: Apache-2.0
// Where OpenSSL reads and writes: a socket that is never waited for, or memory (ssl.MemoryBIO). Leaves waiting to connection.c.
#include "interp/modules/ssl/ssl_module.h"
#include "interp/types/words.h"

#include <sys/socket.h>

// ---- sockets ----

static int done(BIO *b, ssize_t r, bool reading) {
    struct connection *c = ossl.BIO_get_data(b);
    ossl.BIO_clear_flags(b, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
    if (r >= 0) return (int)r;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) ossl.BIO_set_flags(b, (reading ? BIO_FLAGS_READ : BIO_FLAGS_WRITE) | BIO_FLAGS_SHOULD_RETRY);
    else c->error = errno;
    return -1;
}
static int bio_read(BIO *b, char *p, int n) {
    struct connection *c = ossl.BIO_get_data(b);
    ssize_t r = recv(c->fd, p, (size_t)n, MSG_DONTWAIT);
    if (r < 0 && errno == ENOTSOCK) r = read(c->fd, p, (size_t)n);
    return done(b, r, true);
}
static int bio_write(BIO *b, const char *p, int n) {
    struct connection *c = ossl.BIO_get_data(b);
    ssize_t r = send(c->fd, p, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (r < 0 && errno == ENOTSOCK) r = write(c->fd, p, (size_t)n);
    return done(b, r, false);
}
static long bio_ctrl(BIO *b, int command, long number, void *pointer) {
    (void)b, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}
static BIO_METHOD *socket_method(void) {
    static BIO_METHOD *_Atomic method;
    BIO_METHOD *m = atomic_load(&method), *nobody = NULL;
    if (m || !(m = ossl.BIO_meth_new(ossl.BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "krait socket"))) return m;
    ossl.BIO_meth_set_read(m, bio_read);
    ossl.BIO_meth_set_write(m, bio_write);
    ossl.BIO_meth_set_ctrl(m, bio_ctrl);
    if (atomic_compare_exchange_strong(&method, &nobody, m)) return m;
    ossl.BIO_meth_free(m); // another thread was quicker
    return nobody;
}
BIO *socket_bio_new(struct connection *c) {
    BIO_METHOD *m = socket_method();
    BIO *b = m ? ossl.BIO_new(m) : NULL;
    if (!b) return NULL;
    ossl.BIO_set_data(b, c);
    ossl.BIO_set_init(b, 1);
    return b;
}

// ---- memory ----

static value memory_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args;
    if (!args_no_keywords(t, "MemoryBIO", kwnames)) return V_NULL;
    if (nargs) return raise(t, &exc_TypeError, "MemoryBIO() takes no positional arguments");
    value v = object_new_instance(t, cls);
    if (!v || (as_memory_bio(v)->bio = ossl.BIO_new(ossl.BIO_s_mem()))) {
        if (v) ossl.BIO_ctrl(as_memory_bio(v)->bio, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, NULL); // empty means "later" until write_eof
        return v;
    }
    release(t, v);
    return raise_no_memory(t);
}
static size_t pending(struct memory_bio *m) { return (size_t)ossl.BIO_ctrl(m->bio, BIO_CTRL_PENDING, 0, NULL); }
static value m_read(struct thread *t, const vref *a) {
    struct memory_bio *m = as_memory_bio(a[0]);
    int64_t n = -1;
    if (a[1] && !object_as_index(t, a[1], &n)) return V_NULL;
    lock_take(t, &m->lock);
    size_t there = pending(m);
    lock_give(&m->lock);
    if (n < 0 || (size_t)n > there) n = (int64_t)there;
    if (n > INT32_MAX) n = INT32_MAX;
    uint8_t *buf = mem_alloc(t, (size_t)n + 1);
    if (!buf) return V_NULL;
    lock_take(t, &m->lock);
    int got = n ? ossl.BIO_read(m->bio, buf, (int)n) : 0;
    ossl.BIO_clear_flags(m->bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
    lock_give(&m->lock);
    value v = bytes_new(t, buf, got > 0 ? (size_t)got : 0); // less than there was if another thread read meanwhile
    mem_free(t, buf, (size_t)n + 1);
    return v;
}
static value m_write(struct thread *t, const vref *a) {
    struct memory_bio *m = as_memory_bio(a[0]);
    struct buffer_view view;
    if (!buffer_get(t, a[1], &view, false)) return V_NULL;
    int put = -1;
    if (view.length > INT32_MAX) raise(t, &exc_OverflowError, "string longer than %d bytes", INT32_MAX);
    else if (atomic_load(&m->eof)) ssl_raise_text(t, SSL_FAILED, 0, "cannot write() after write_eof()");
    else {
        lock_take(t, &m->lock);
        put = ossl.BIO_write(m->bio, view.data, (int)view.length);
        lock_give(&m->lock);
        if (put < 0) ssl_raise_last(t);
    }
    buffer_release(t, &view);
    return raised(t) ? V_NULL : from_int62(put);
}
static value m_write_eof(struct thread *t, const vref *a) {
    struct memory_bio *m = as_memory_bio(a[0]);
    lock_take(t, &m->lock);
    atomic_store(&m->eof, true);
    ossl.BIO_clear_flags(m->bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
    ossl.BIO_ctrl(m->bio, BIO_C_SET_BUF_MEM_EOF_RETURN, 0, NULL);
    lock_give(&m->lock);
    return V_NONE;
}
static value get_pending(struct thread *t, const vref *a) {
    struct memory_bio *m = as_memory_bio(a[0]);
    lock_take(t, &m->lock);
    size_t n = pending(m);
    lock_give(&m->lock);
    return from_int62((int64_t)n);
}
static value get_eof(struct thread *t, const vref *a) {
    struct memory_bio *m = as_memory_bio(a[0]);
    lock_take(t, &m->lock);
    bool eof = pending(m) == 0 && atomic_load(&m->eof);
    lock_give(&m->lock);
    return from_bool(eof);
}
static const struct native natives[] = {
    M("read", "($self, size=-1, /)", m_read), M("write", "($self, b, /)", m_write), M("write_eof", "($self, /)", m_write_eof), G("pending", get_pending, NULL),
    G("eof", get_eof, NULL), {.name = NULL},
};
static void destroy(struct thread *t, struct object *o) {
    (void)t;
    struct memory_bio *m = (struct memory_bio *)o;
    if (m->bio) ossl.BIO_free(m->bio);
    m->bio = NULL;
}
struct type type_memory_bio = {
    .name = "MemoryBIO", .module = "_ssl", .doc = "A pipe in memory between TLS and whoever carries its bytes.", .base = &type_object, .flags = TYPE_BASE,
    .basicsize = sizeof(struct memory_bio), .natives = natives, .make = memory_make, .destroy = destroy,
};
