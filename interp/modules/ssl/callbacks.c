// SPDX-License-Identifier: Apache-2.0
// Python functions and files that OpenSSL calls in the middle of a step: the choice by server name, protocol messages, key logs. Leaves steps to connection.c.
//
// A step runs detached; a callback attaches, and what it raises is kept in the connection and raised when the step is over.
#include "interp/modules/ssl/ssl_module.h"
#include "interp/types/finalize.h"
#include "interp/types/words.h"

#include <stdio.h>

static struct connection *connection_of(const SSL *ssl) { return ossl.SSL_get_ex_data(ssl, 0); }

static void keep_exception(struct thread *t, struct connection *c) {
    if (!raised(t)) return;
    value e = raised_take(t);
    replace_field(t, &c->failed, e); // the last one counts
}
// Attaches for a callback amid a step. Callbacks outside a step (attached already) find false.
static bool come_back(struct thread *t) {
    if (t->attached) return false;
    thread_attach(t);
    return true;
}

// ---- the server's choice by name ----

static int wrong_answer(int *alert, int code) { return *alert = code, SSL_TLSEXT_ERR_ALERT_FATAL; }
static int ask_by_name(struct thread *t, struct connection *c, vref f, int *alert) {
    const char *name = ossl.SSL_get_servername(c->ssl, TLSEXT_NAMETYPE_host_name);
    value owner = connection_owner(t, c), text = name ? str_decode(t, (const uint8_t *)name, strlen(name), "ascii", NULL) : V_NONE, r = V_NULL;
    int answer = SSL_TLSEXT_ERR_OK;
    if (owner && text) r = object_call(t, f, (vref[]){owner, text, c->context}, 3, V_NULL);
    if (!r) {
        value e = raised_take(t);
        raised_restore(t, e);
        raise_unraisable(t, NULL, f);
        answer = wrong_answer(alert, SSL_AD_HANDSHAKE_FAILURE);
    } else if (!is_none(r)) {
        int64_t code;
        if (is_int(r) && !int_as_i64_overflow(r, &code)) answer = wrong_answer(alert, (int)code);
        else {
            raise(t, &exc_TypeError, "an integer is required (got type %T)", r);
            raise_unraisable(t, NULL, r);
            answer = wrong_answer(alert, SSL_AD_INTERNAL_ERROR);
        }
    }
    release_opt(t, owner);
    release_opt(t, text);
    release_opt(t, r);
    return answer;
}
static int on_name(SSL *ssl, int *alert, void *arg) {
    (void)arg;
    struct connection *c = connection_of(ssl);
    struct thread *t = thread_current();
    if (!c || !t) return SSL_TLSEXT_ERR_OK;
    bool back = come_back(t);
    value f = field_load(t, &as_context(c->context)->sni_callback);
    int answer = f ? ask_by_name(t, c, f, alert) : SSL_TLSEXT_ERR_OK;
    release_opt(t, f);
    if (back) thread_detach(t);
    return answer;
}
value ssl_get_sni(struct thread *t, const vref *a) {
    value f = field_load(t, &as_context(a[0])->sni_callback);
    return f ? f : V_NONE;
}
int ssl_set_sni(struct thread *t, vref self, vref v) {
    struct context *c = as_context(self);
    if (c->protocol == 16) return raise(t, &exc_ValueError, "sni_callback cannot be set on TLS_CLIENT context"), -1;
    if (v && !is_none(v) && !object_is_callable(v)) return raise(t, &exc_TypeError, "not a callable object"), -1;
    bool on = v && !is_none(v);
    field_store(t, &c->head, &c->sni_callback, on ? own(t, v) : V_NULL);
    ossl.SSL_CTX_set_tlsext_servername_callback(c->ctx, (void (*)(void))(on ? on_name : NULL)); // typed by its number alone
    return 0;
}

// ---- messages ----

// A record header's fourth byte says its type; a handshake message's first its own.
static int message_type(int content, const uint8_t *p, size_t n) {
    if (content == SSL3_RT_CHANGE_CIPHER_SPEC) return SSL3_MT_CHANGE_CIPHER_SPEC;
    if (content == SSL3_RT_ALERT) return n > 1 ? p[1] : -1;
    if (content == SSL3_RT_HANDSHAKE || content == SSL3_RT_HEADER || content == SSL3_RT_INNER_CONTENT_TYPE) return n > 0 ? p[0] : -1;
    return -1;
}
static void on_message(int write, int version, int content, const void *p, size_t n, SSL *ssl, void *arg) {
    (void)arg;
    struct connection *c = connection_of(ssl);
    struct thread *t = thread_current();
    if (!c || !t) return;
    bool back = come_back(t);
    value f = field_load(t, &as_context(c->context)->message_callback);
    if (f && !raised(t)) {
        if (content == SSL3_RT_HEADER && n >= 5) version = ((const uint8_t *)p)[1] << 8 | ((const uint8_t *)p)[2];
        value owner = connection_owner(t, c), direction = str_from_cstr(t, write ? "write" : "read"), data = bytes_new(t, p, n), r = V_NULL;
        if (owner && direction && data)
            r = object_call(t, f, (vref[]){owner, direction, from_int62(version), from_int62(content), from_int62(message_type(content, p, n)), data}, 6, V_NULL);
        release_opt(t, owner);
        release_opt(t, direction);
        release_opt(t, data);
        release_opt(t, r);
        keep_exception(t, c);
    }
    release_opt(t, f);
    if (back) thread_detach(t);
}
void ssl_watch_messages(struct connection *c) {
    if (__atomic_load_n(&as_context(c->context)->message_callback, __ATOMIC_RELAXED)) ossl.SSL_set_msg_callback(c->ssl, on_message);
}
value ssl_get_message_callback(struct thread *t, const vref *a) {
    value f = field_load(t, &as_context(a[0])->message_callback);
    return f ? f : V_NONE;
}
int ssl_set_message_callback(struct thread *t, vref self, vref v) {
    struct context *c = as_context(self);
    bool on = v && !is_none(v);
    if (on && !object_is_callable(v)) return raise(t, &exc_TypeError, "%R is not callable.", v), -1;
    field_store(t, &c->head, &c->message_callback, on ? own(t, v) : V_NULL);
    ossl.SSL_CTX_set_msg_callback(c->ctx, on ? on_message : NULL);
    return 0;
}

// ---- key logs ----

static void on_keys(const SSL *ssl, const char *line) {
    struct connection *c = connection_of(ssl);
    int fd = c ? __atomic_load_n(&as_context(c->context)->keylog_fd, __ATOMIC_RELAXED) : -1;
    if (fd >= 0) dprintf(fd, "%s\n", line);
}
value ssl_get_keylog(struct thread *t, const vref *a) {
    value f = field_load(t, &as_context(a[0])->keylog_name);
    return f ? f : V_NONE;
}
int ssl_set_keylog(struct thread *t, vref self, vref v) {
    struct context *c = as_context(self);
    struct path p = {.function = "keylog_filename", .name = "path"};
    int fd = -1;
    if (!v) return raise(t, &exc_AttributeError, "cannot delete attribute"), -1;
    if (!is_none(v)) {
        if (path_get(t, &p, v) && (fd = open(p.p, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) < 0) posix_path_error(t, &p);
        path_drop(t, &p);
        if (fd < 0) return -1;
        if (lseek(fd, 0, SEEK_END) == 0) dprintf(fd, "# TLS secrets log file, generated by OpenSSL / Python\n");
    }
    ossl.SSL_CTX_set_keylog_callback(c->ctx, fd >= 0 ? on_keys : NULL);
    int old = __atomic_exchange_n(&c->keylog_fd, fd, __ATOMIC_SEQ_CST);
    if (old >= 0) close(old);
    field_store(t, &c->head, &c->keylog_name, fd >= 0 ? own(t, v) : V_NULL);
    return 0;
}
