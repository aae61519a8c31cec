// SPDX-License-Identifier: Apache-2.0
// What the files of the module _ssl share: the library's functions, contexts, connections, errors. Leaves TLS to OpenSSL, the classes programs use to the library's ssl.py.
//
// THE LIBRARY is opened when _ssl is first imported (api.c), so that programs without TLS do not pay for it at their start: every call goes through the struct `ossl`.
//
// A CONNECTION never blocks inside OpenSSL: its socket is read and written with MSG_DONTWAIT whatever its own mode, and who has to wait does so with poll, outside. So its
// lock is held only for single steps, detached, and one thread may read while another writes. Callbacks (a server's choice by name, messages) run Python in the
// middle of a step: they attach, and the lock knows its holder, so that they may use the connection.
#ifndef KRAIT_INTERP_MODULES_SSL_H
#define KRAIT_INTERP_MODULES_SSL_H

#include "interp/core/lock.h"
#include "interp/modules/posix/posix.h"
#include "interp/modules/ssl/api.h"
#include "interp/types/dict.h"

struct context {
    struct object head;
    SSL_CTX *ctx;
    struct lock lock;              // guards what follows and changes of ctx
    int protocol;
    unsigned host_flags;
    _Atomic bool check_hostname, post_handshake_auth;
    value sni_callback, message_callback, keylog_name; // owned or V_NULL; slots that others may read
    int keylog_fd;                 // -1: none
    uint8_t *alpn;                 // what set_alpn_protocols was given
    unsigned alpn_length;
};
struct connection {
    struct object head;
    SSL *ssl;
    struct lock lock;              // of single steps
    _Atomic(struct thread *) holder;
    struct lock writing;           // of whole writes: one that waits must go on with the same text
    value context;                 // owned
    value socket, owner;           // owned weak references or V_NULL
    value server_hostname;         // owned str or V_NULL
    value incoming, outgoing;      // owned MemoryBIO, or V_NULL with a socket
    bool server_side, seen_zero;
    int fd;                        // of the socket during a step
    int error;                     // errno of its last failed call
    value failed;                  // owned: exception of a callback amid a step
};
struct memory_bio {
    struct object head;
    BIO *bio;
    struct lock lock;
    _Atomic bool eof;
};
struct session {
    struct object head;
    SSL_SESSION *session;
    value context;                 // owned
};
extern struct type type_ssl_context, type_ssl_connection, type_memory_bio, type_ssl_session, type_ssl_certificate;
static inline struct context *as_context(vref v) { return (struct context *)as_object(v); }
static inline struct connection *as_connection(vref v) { return (struct connection *)as_object(v); }
static inline struct memory_bio *as_memory_bio(vref v) { return (struct memory_bio *)as_object(v); }

// ---- error.c ----
enum ssl_error { SSL_FAILED, SSL_VERIFY, SSL_ZERO_RETURN, SSL_WANT_READ, SSL_WANT_WRITE, SSL_SYSCALL, SSL_EOF, SSL_ERROR_TYPES };
bool ssl_errors_add(struct thread *t, vref module) MUST_CHECK;
value ssl_raise_last(struct thread *t);                                     // the first thing in OpenSSL's queue; V_NULL
value ssl_raise_step(struct thread *t, struct connection *c, int why); // why: SSL_get_error's answer; V_NULL
value ssl_raise_text(struct thread *t, enum ssl_error type, int number, const char *text);

// ---- context.c, load.c, callbacks.c ----
extern const struct native ssl_load_methods[];
native_fn ssl_get_sni, ssl_get_message_callback, ssl_get_keylog;
int ssl_set_sni(struct thread *t, vref self, vref v), ssl_set_message_callback(struct thread *t, vref self, vref v), ssl_set_keylog(struct thread *t, vref self, vref v);
void ssl_watch_messages(struct connection *c);

// ---- connection.c ----
value ssl_wrap(struct thread *t, vref context, vref socket, vref incoming, vref outgoing, bool server_side, vref hostname, vref owner, vref session);
// The lock of single steps; leave only what enter answered true for.
bool connection_enter(struct thread *t, struct connection *c);
void connection_leave(struct connection *c, bool entered);
value connection_owner(struct thread *t, struct connection *c);            // returns new: owner, socket or None

// ---- bio.c ----
BIO *socket_bio_new(struct connection *c);
// ---- peer.c ----
value certificate_dict(struct thread *t, X509 *x);
value certificate_bytes(struct thread *t, X509 *x);                        // DER
value certificate_new(struct thread *t, X509 *x);                          // takes nothing
extern const struct native ssl_peer_methods[];
// ---- session.c ----
value session_new(struct thread *t, struct connection *c);                 // None: there is none
extern const struct native ssl_session_methods[];
// ---- names.c ----
extern const struct constant ssl_constants[];
extern const size_t ssl_constant_count;

#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
#define G(py, f, g) {.name = py, .kind = NATIVE_GETSET, .fn = f, .set = g}

#endif
