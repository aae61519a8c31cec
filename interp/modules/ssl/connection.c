// SPDX-License-Identifier: Apache-2.0
// _ssl._SSLSocket: a connection over a socket or over memory; its steps, waiting, reading, writing, the end. Leaves what the peer showed to peer.c.
#include "interp/modules/ssl/ssl_module.h"
#include "interp/core/clock.h"
#include "interp/modules/socket/socket_module.h"
#include "interp/types/weakref.h"
#include "interp/core/weak.h"
#include "interp/types/words.h"

#include <openssl/x509v3.h>
#include <poll.h>

// ---- making ----

static value referent(struct thread *t, value ref) { return ref ? weak_get(t, (struct weakref *)as_object(ref)) : V_NULL; }
value connection_owner(struct thread *t, struct connection *c) {
    value v = referent(t, c->owner);
    if (!v) v = referent(t, c->socket);
    return v ? v : V_NONE;
}
static bool weakly(struct thread *t, vref v, value *out) {
    if (!v || is_none(v)) return true;
    return (*out = weakref_new(t, &type_weakref, v, V_NULL)) != V_NULL;
}
// The name the server must prove, and is asked for by unless it is an address.
static bool set_hostname(struct thread *t, struct connection *c, vref name) {
    const char *s = is_str(name) ? str_utf8(t, name, NULL) : NULL;
    if (!s) return raised(t) ? false : (raise(t, &exc_TypeError, "server_hostname must be str, not %T", name), false);
    if (!*s || *s == '.') return raise(t, &exc_ValueError, "server_hostname cannot be an empty string or start with a leading dot."), false;
    if (strlen(s) != as_str(name)->length) return raise(t, &exc_TypeError, strlen(s) < as_str(name)->length ? "embedded null character" : "server_hostname must be ASCII"), false;
    c->server_hostname = own(t, name);
    ASN1_OCTET_STRING *ip = ossl.a2i_IPADDRESS(s);
    bool ok = true;
    if (!ip) ossl.ERR_clear_error();
    if (!ip) ok = ossl.SSL_set_tlsext_host_name(c->ssl, s);
    if (ok && atomic_load(&as_context(c->context)->check_hostname)) {
        X509_VERIFY_PARAM *param = ossl.SSL_get0_param(c->ssl);
        if (ip) ok = ossl.X509_VERIFY_PARAM_set1_ip(param, ossl.ASN1_STRING_get0_data(ip), (size_t)ossl.ASN1_STRING_length(ip));
        else ok = ossl.X509_VERIFY_PARAM_set1_host(param, s, strlen(s));
    }
    if (ip) ossl.ASN1_OCTET_STRING_free(ip);
    if (!ok) ssl_raise_last(t);
    return ok;
}
static bool set_pipes(struct thread *t, struct connection *c, vref socket, vref incoming, vref outgoing) {
    if (!socket) {
        c->incoming = own(t, incoming);
        c->outgoing = own(t, outgoing);
        ossl.BIO_up_ref(as_memory_bio(incoming)->bio);
        ossl.BIO_up_ref(as_memory_bio(outgoing)->bio);
        ossl.SSL_set_bio(c->ssl, as_memory_bio(incoming)->bio, as_memory_bio(outgoing)->bio);
        return true;
    }
    BIO *b = weakly(t, socket, &c->socket) ? socket_bio_new(c) : NULL;
    if (!b) return raised(t) ? false : (raise_no_memory(t), false);
    ossl.SSL_set_bio(c->ssl, b, b);
    return true;
}
static int set_session(struct thread *t, vref self, vref v) {
    struct connection *c = as_connection(self);
    if (!v || !is_instance(v, &type_ssl_session)) return raise(t, &exc_TypeError, "Value is not a SSLSession."), -1;
    struct session *s = (struct session *)as_object(v);
    SSL_CTX *mine = ossl.SSL_get_SSL_CTX(c->ssl);
    if (as_context(s->context)->ctx != mine) return raise(t, &exc_ValueError, "Session refers to a different SSLContext."), -1;
    if (c->server_side) return raise(t, &exc_ValueError, "Cannot set session for server-side SSLSocket."), -1;
    if (ossl.SSL_is_init_finished(c->ssl)) return raise(t, &exc_ValueError, "Cannot set session after handshake."), -1;
    SSL_SESSION *copy = ossl.SSL_SESSION_dup(s->session);
    bool ok = copy && ossl.SSL_set_session(c->ssl, copy);
    if (copy) ossl.SSL_SESSION_free(copy);
    if (!ok) ssl_raise_last(t);
    return ok ? 0 : -1;
}
static void begin(struct connection *c) {
    struct context *x = as_context(c->context);
    ossl.SSL_set_ex_data(c->ssl, 0, c);
    ossl.SSL_set_mode(c->ssl, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
    if (!atomic_load(&x->post_handshake_auth)) return;
    if (!c->server_side) ossl.SSL_set_post_handshake_auth(c->ssl, 1);
    else { // the server asks later: not now, unless it must
        int mode = ossl.SSL_get_verify_mode(c->ssl);
        if (mode & SSL_VERIFY_PEER) ossl.SSL_set_verify(c->ssl, mode | SSL_VERIFY_POST_HANDSHAKE, NULL);
    }
}
value ssl_wrap(struct thread *t, vref context, vref socket, vref incoming, vref outgoing, bool server, vref hostname, vref owner, vref session) {
    struct context *x = as_context(context);
    if (socket && !is_instance(socket, &type_socket)) return raise(t, &exc_TypeError, "_wrap_socket() argument 'sock' must be _socket.socket, not %T", socket);
    if (server && x->protocol == 16) return ssl_raise_text(t, SSL_FAILED, SSL_ERROR_SSL, "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context");
    if (!server && x->protocol == 17) return ssl_raise_text(t, SSL_FAILED, SSL_ERROR_SSL, "Cannot create a client socket with a PROTOCOL_TLS_SERVER context");
    value v = object_new_instance(t, &type_ssl_connection);
    if (!v) return V_NULL;
    struct connection *c = as_connection(v);
    c->fd = -1;
    c->server_side = server;
    c->context = own(t, context);
    lock_take(t, &x->lock);
    c->ssl = ossl.SSL_new(x->ctx);
    lock_give(&x->lock);
    bool ok = c->ssl != NULL;
    if (!ok) ssl_raise_last(t);
    if (ok) begin(c);
    ok = ok && (!hostname || is_none(hostname) || set_hostname(t, c, hostname)) && set_pipes(t, c, socket, incoming, outgoing) && weakly(t, owner, &c->owner);
    if (ok && server) ossl.SSL_set_accept_state(c->ssl);
    else if (ok) ossl.SSL_set_connect_state(c->ssl);
    ok = ok && (!session || is_none(session) || set_session(t, v, session) == 0);
    if (!ok) release_field(t, &v);
    return v;
}
static void destroy(struct thread *t, struct object *o) {
    struct connection *c = (struct connection *)o;
    if (c->ssl) ossl.SSL_free(c->ssl);
    c->ssl = NULL;
    value *const fields[] = {&c->context, &c->socket, &c->owner, &c->server_hostname, &c->incoming, &c->outgoing, &c->failed};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) release_field(t, fields[i]);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct connection *c = (struct connection *)o;
    const value words[] = {c->context, c->socket, c->owner, c->server_hostname, c->incoming, c->outgoing, c->failed};
    int r = 0;
    for (size_t i = 0; !r && i < sizeof words / sizeof *words; i++) r = words[i] && is_pointer(words[i]) ? visit(words[i], arg) : 0;
    return r;
}

// ---- steps ----

bool connection_enter(struct thread *t, struct connection *c) {
    if (atomic_load(&c->holder) == t) return false;
    lock_take(t, &c->lock);
    if (c->incoming && c->incoming != c->outgoing) { // always in the same order
        struct memory_bio *a = as_memory_bio(c->incoming), *b = as_memory_bio(c->outgoing);
        lock_take(t, a < b ? &a->lock : &b->lock);
        lock_take(t, a < b ? &b->lock : &a->lock);
    } else if (c->incoming)
        lock_take(t, &as_memory_bio(c->incoming)->lock);
    atomic_store(&c->holder, t);
    return true;
}
void connection_leave(struct connection *c, bool entered) {
    if (!entered) return;
    atomic_store(&c->holder, NULL);
    if (c->incoming) lock_give(&as_memory_bio(c->incoming)->lock);
    if (c->incoming && c->incoming != c->outgoing) lock_give(&as_memory_bio(c->outgoing)->lock);
    lock_give(&c->lock);
}

enum what { HANDSHAKE, READ, WRITE, SHUTDOWN };
struct step {
    enum what what;
    void *p;
    size_t n, done;       // bytes
    int result, why;      // OpenSSL's answer, and SSL_get_error's
};
static int call(struct connection *c, struct step *s) {
    switch (s->what) {
    case HANDSHAKE: return ossl.SSL_do_handshake(c->ssl);
    case READ: return ossl.SSL_read_ex(c->ssl, s->p, s->n, &s->done);
    case WRITE: return ossl.SSL_write_ex(c->ssl, s->p, s->n, &s->done);
    case SHUTDOWN: return ossl.SSL_shutdown(c->ssl);
    }
    return -1;
}
// One step, detached, under the lock.
static void step(struct thread *t, struct connection *c, struct step *s, int fd) {
    bool entered = connection_enter(t, c);
    c->fd = fd;
    c->error = 0;
    thread_detach(t);
    ossl.ERR_clear_error();
    if (s->what == SHUTDOWN && c->seen_zero) ossl.SSL_set_read_ahead(c->ssl, 0); // what follows the goodbye is not ours
    s->result = call(c, s);
    s->why = s->result > 0 ? SSL_ERROR_NONE : ossl.SSL_get_error(c->ssl, s->result);
    thread_attach(t);
    connection_leave(c, entered);
}
static value timed_out(struct thread *t, enum what what, bool reading) {
    if (what == HANDSHAKE) return raise(t, &exc_TimeoutError, "_ssl: The handshake operation timed out");
    return raise(t, &exc_TimeoutError, "The %s operation timed out", what == READ ? "read" : what == WRITE ? "write" : reading ? "read" : "write");
}
static bool raise_kept(struct thread *t, struct connection *c) {
    value e = c->failed;
    if (!e) return false;
    c->failed = V_NULL;
    raised_restore(t, e);
    return true;
}
// Waits until the socket allows what the step wanted. 1: again; 0: there is no waiting here; -1 exception.
static int wait_for(struct thread *t, struct step *s, vref socket, int64_t deadline) {
    bool reading = s->why == SSL_ERROR_WANT_READ;
    if ((!reading && s->why != SSL_ERROR_WANT_WRITE) || !socket || atomic_load(&as_socket(socket)->limit_ns) == 0) return 0;
    int r = socket_wait(t, socket_fd(socket), reading ? POLLIN : POLLOUT, deadline);
    if (r == 0) timed_out(t, s->what, reading);
    return r > 0 ? 1 : -1;
}
// Steps until it is done or fails. true: done, or failed in a way that s->why tells and the caller judges; false: an exception is pending.
static bool run(struct thread *t, struct connection *c, struct step *s) {
    value socket = referent(t, c->socket);
    bool ok = true;
    if (c->socket && (!socket || socket_fd(socket) < 0)) {
        ssl_raise_text(t, SSL_FAILED, SSL_ERROR_SSL, "Underlying socket connection gone");
        release_opt(t, socket);
        return false;
    }
    int64_t deadline = socket ? socket_deadline(socket) : 0;
    for (int again = 1; ok && again > 0;) {
        step(t, c, s, socket ? socket_fd(socket) : -1);
        ok = !raise_kept(t, c) && safepoint_poll(t);
        again = ok && s->result <= 0 ? wait_for(t, s, socket, deadline) : 0;
        if (again < 0) ok = false;
        if (again > 0 && socket_fd(socket) < 0) ok = (ssl_raise_text(t, SSL_FAILED, SSL_ERROR_SSL, "Underlying socket has been closed."), false);
    }
    release_opt(t, socket);
    return ok;
}
static value fail(struct thread *t, struct connection *c, const struct step *s) { return ssl_raise_step(t, c, s->why); }

static value m_do_handshake(struct thread *t, const vref *a) {
    struct connection *c = as_connection(a[0]);
    struct step s = {.what = HANDSHAKE};
    ssl_watch_messages(c);
    if (!run(t, c, &s)) return V_NULL;
    return s.result > 0 ? V_NONE : fail(t, c, &s);
}
static value m_write(struct thread *t, const vref *a) {
    struct connection *c = as_connection(a[0]);
    struct buffer_view view;
    if (!buffer_get(t, a[1], &view, false)) return V_NULL;
    struct step s = {.what = WRITE, .p = view.data, .n = view.length};
    lock_take(t, &c->writing);
    bool ok = run(t, c, &s);
    lock_give(&c->writing);
    buffer_release(t, &view);
    if (!ok) return V_NULL;
    return s.result > 0 ? from_int62((int64_t)s.done) : fail(t, c, &s);
}
// Reads up to n bytes. false: exception; *got 0 at the peer's goodbye.
static bool read_some(struct thread *t, struct connection *c, void *p, size_t n, size_t *got) {
    struct step s = {.what = READ, .p = p, .n = n};
    *got = 0;
    if (n == 0) return true;
    if (!run(t, c, &s)) return false;
    *got = s.result > 0 ? s.done : 0;
    if (s.result > 0 || (s.why == SSL_ERROR_ZERO_RETURN && ossl.SSL_get_shutdown(c->ssl) == SSL_RECEIVED_SHUTDOWN)) return true;
    fail(t, c, &s);
    return false;
}
static value m_read(struct thread *t, const vref *a) { // self, len, buffer
    struct connection *c = as_connection(a[0]);
    int n;
    size_t got;
    if (!arg_int(t, a[1], &n)) return V_NULL;
    if (a[2]) {
        struct buffer_view view;
        if (!buffer_get(t, a[2], &view, true)) return V_NULL;
        bool ok = read_some(t, c, view.data, n <= 0 || (size_t)n > view.length ? view.length : (size_t)n, &got);
        buffer_release(t, &view);
        return ok ? from_int62((int64_t)got) : V_NULL;
    }
    if (n < 0) return raise(t, &exc_ValueError, "size should not be negative");
    uint8_t *buf = mem_alloc(t, (size_t)n + 1);
    if (!buf) return V_NULL;
    value v = read_some(t, c, buf, (size_t)n, &got) ? bytes_new(t, buf, got) : V_NULL;
    mem_free(t, buf, (size_t)n + 1);
    return v;
}
static value m_pending(struct thread *t, const vref *a) {
    struct connection *c = as_connection(a[0]);
    bool entered = connection_enter(t, c);
    int n = ossl.SSL_pending(c->ssl);
    connection_leave(c, entered);
    return from_int62(n);
}
static value m_shutdown(struct thread *t, const vref *a) {
    struct connection *c = as_connection(a[0]);
    struct step s = {.what = SHUTDOWN};
    for (int zeros = 0; zeros < 2; zeros++) { // the first sends our goodbye, the second waits for theirs
        if (!run(t, c, &s)) return V_NULL;
        if (s.result != 0) break;
        c->seen_zero = true;
    }
    if (s.result < 0) return fail(t, c, &s);
    value socket = referent(t, c->socket);
    return socket ? socket : V_NONE;
}
static value m_verify_later(struct thread *t, const vref *a) {
    struct connection *c = as_connection(a[0]);
    bool entered = connection_enter(t, c);
    int r = ossl.SSL_verify_client_post_handshake(c->ssl);
    connection_leave(c, entered);
    return r ? V_NONE : ssl_raise_last(t);
}

// ---- attributes ----

static value get_context(struct thread *t, const vref *a) { return field_load(t, &as_connection(a[0])->context); }
static int set_context(struct thread *t, vref self, vref v) {
    struct connection *c = as_connection(self);
    if (!v || !is_instance(v, &type_ssl_context)) return raise(t, &exc_TypeError, "The value must be a SSLContext"), -1;
    bool entered = connection_enter(t, c);
    ossl.SSL_set_SSL_CTX(c->ssl, as_context(v)->ctx);
    connection_leave(c, entered);
    field_store(t, &c->head, &c->context, own(t, v));
    return 0;
}
static value get_server_side(struct thread *t, const vref *a) { return (void)t, from_bool(as_connection(a[0])->server_side); }
static value get_server_hostname(struct thread *t, const vref *a) { return as_connection(a[0])->server_hostname ? own(t, as_connection(a[0])->server_hostname) : V_NONE; }
static value get_owner(struct thread *t, const vref *a) {
    value v = referent(t, as_connection(a[0])->owner);
    return v ? v : V_NONE;
}
static int set_owner(struct thread *t, vref self, vref v) {
    value ref = V_NULL;
    if (!weakly(t, v, &ref)) return -1;
    field_store(t, as_object(self), &as_connection(self)->owner, ref);
    return 0;
}
static value get_session(struct thread *t, const vref *a) { return session_new(t, as_connection(a[0])); }
static value get_session_reused(struct thread *t, const vref *a) { return (void)t, from_bool(ossl.SSL_session_reused(as_connection(a[0])->ssl)); }
static const struct native natives[] = {
    M("do_handshake", "($self, /)", m_do_handshake), M("read", "($self, len, buffer=<unrepresentable>, /)", m_read), M("write", "($self, b, /)", m_write),
    M("pending", "($self, /)", m_pending), M("shutdown", "($self, /)", m_shutdown), M("verify_client_post_handshake", "($self, /)", m_verify_later),
    G("context", get_context, set_context), G("server_side", get_server_side, NULL), G("server_hostname", get_server_hostname, NULL), G("owner", get_owner, set_owner),
    G("session", get_session, set_session), G("session_reused", get_session_reused, NULL), {.name = NULL},
};
struct type type_ssl_connection = {
    .name = "_SSLSocket", .module = "_ssl", .doc = "A TLS connection.", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct connection),
    .natives = natives, .destroy = destroy, .clear = NULL, .traverse = traverse,
};
