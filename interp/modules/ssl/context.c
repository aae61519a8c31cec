// SPDX-License-Identifier: Apache-2.0
// _ssl._SSLContext: what connections made from it have in common. Leaves certificates, keys and ciphers to load.c, callbacks to callbacks.c.
#include "interp/modules/ssl/ssl_module.h"
#include "interp/types/words.h"

enum protocol { TLS = 2, TLSV1, TLSV1_1, TLSV1_2, TLS_CLIENT = 16, TLS_SERVER };
enum { LOWEST = -2, HIGHEST = -1 };

// ---- making ----

static const SSL_METHOD *method_of(int protocol) {
    switch ((enum protocol)protocol) {
    case TLS_CLIENT: return ossl.TLS_client_method();
    case TLS_SERVER: return ossl.TLS_server_method();
    case TLS: case TLSV1: case TLSV1_1: case TLSV1_2: return ossl.TLS_method();
    }
    return NULL;
}
static bool warn_old(struct thread *t, int protocol) {
    static const char *const names[] = {[TLS] = "TLS", [TLSV1] = "TLSv1", [TLSV1_1] = "TLSv1_1", [TLSV1_2] = "TLSv1_2"};
    return protocol > TLSV1_2 || raise_warning(t, &exc_DeprecationWarning, 2, "ssl.PROTOCOL_%s is deprecated", names[protocol]);
}
// Later options and versions may still change what is set here.
static bool set_defaults(struct context *c, int protocol) {
    SSL_CTX *ctx = c->ctx;
    static const int fixed[] = {[TLSV1] = TLS1_VERSION, [TLSV1_1] = TLS1_1_VERSION, [TLSV1_2] = TLS1_2_VERSION};
    bool one = protocol >= TLSV1 && protocol <= TLSV1_2;
    int low = one ? fixed[protocol] : 0, /* what the system's openssl.cnf and security level allow */ high = one ? fixed[protocol] : 0;
    uint64_t options = (SSL_OP_ALL & ~SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS) | SSL_OP_NO_SSLv3 | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_SINGLE_DH_USE |
                       SSL_OP_SINGLE_ECDH_USE | SSL_OP_IGNORE_UNEXPECTED_EOF;
    X509_VERIFY_PARAM *param = ossl.SSL_CTX_get0_param(ctx);
    c->host_flags = X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    ossl.SSL_CTX_set_options(ctx, options);
    ossl.SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    ossl.SSL_CTX_set_verify(ctx, protocol == TLS_CLIENT ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE, NULL);
    ossl.SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"krait", 5);
    ossl.SSL_CTX_set_post_handshake_auth(ctx, 0);
    ossl.X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_TRUSTED_FIRST);
    ossl.X509_VERIFY_PARAM_set_hostflags(param, c->host_flags);
    atomic_store(&c->check_hostname, protocol == TLS_CLIENT);
    return ossl.SSL_CTX_set_min_proto_version(ctx, low) && ossl.SSL_CTX_set_max_proto_version(ctx, high);
}
static value context_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    int protocol;
    if (!args_no_keywords(t, "_SSLContext", kwnames)) return V_NULL;
    if (nargs != 1) return raise(t, &exc_TypeError, "_SSLContext expected 1 argument, got %zu", nargs);
    if (!arg_int(t, args[0], &protocol)) return V_NULL;
    const SSL_METHOD *method = method_of(protocol);
    if (!method) return raise(t, &exc_ValueError, "invalid or unsupported protocol version %d", protocol);
    if (!warn_old(t, protocol)) return V_NULL;
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    struct context *c = as_context(v);
    c->keylog_fd = -1;
    c->protocol = protocol;
    c->ctx = ossl.SSL_CTX_new(method);
    if (c->ctx && set_defaults(c, protocol)) return v;
    release(t, v);
    return ssl_raise_last(t);
}
static void destroy(struct thread *t, struct object *o) {
    struct context *c = (struct context *)o;
    release_field(t, &c->sni_callback);
    release_field(t, &c->message_callback);
    release_field(t, &c->keylog_name);
    if (c->ctx) ossl.SSL_CTX_free(c->ctx);
    c->ctx = NULL;
    if (c->keylog_fd >= 0) close(c->keylog_fd);
    c->keylog_fd = -1;
    if (c->alpn) mem_free(t, c->alpn, c->alpn_length + 1);
    c->alpn = NULL;
}
static void clear(struct thread *t, struct object *o) {
    struct context *c = (struct context *)o;
    release_field(t, &c->sni_callback);
    release_field(t, &c->message_callback);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct context *c = (struct context *)o;
    const value words[] = {c->sni_callback, c->message_callback, c->keylog_name};
    int r = 0;
    for (int i = 0; !r && i < 3; i++) r = words[i] && is_pointer(words[i]) ? visit(words[i], arg) : 0;
    return r;
}

// ---- what is asked of the peer ----

static int verify_mode(const struct context *c) { // 0 none, 1 optional, 2 required
    int mode = ossl.SSL_CTX_get_verify_mode(c->ctx) & (SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT);
    if (!(mode & SSL_VERIFY_PEER)) return 0;
    return mode & SSL_VERIFY_FAIL_IF_NO_PEER_CERT ? 2 : 1;
}
static void set_mode(struct context *c, int mode) {
    static const int flags[] = {SSL_VERIFY_NONE, SSL_VERIFY_PEER, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT};
    ossl.SSL_CTX_set_verify(c->ctx, flags[mode], NULL);
}
static value get_verify_mode(struct thread *t, const vref *a) {
    (void)t;
    return from_int62(verify_mode(as_context(a[0])));
}
static int set_verify_mode(struct thread *t, vref self, vref v) {
    struct context *c = as_context(self);
    int mode;
    if (!v || !arg_int(t, v, &mode)) return -1;
    if (mode < 0 || mode > 2) return raise(t, &exc_ValueError, "invalid value for verify_mode"), -1;
    if (mode == 0 && atomic_load(&c->check_hostname)) return raise(t, &exc_ValueError, "Cannot set verify_mode to CERT_NONE when check_hostname is enabled."), -1;
    set_mode(c, mode);
    return 0;
}
static value get_check_hostname(struct thread *t, const vref *a) { return (void)t, from_bool(atomic_load(&as_context(a[0])->check_hostname)); }
static int set_check_hostname(struct thread *t, vref self, vref v) {
    struct context *c = as_context(self);
    bool on;
    if (!v || !arg_bool(t, v, false, &on)) return -1;
    if (on && verify_mode(c) == 0) set_mode(c, 2);
    atomic_store(&c->check_hostname, on);
    return 0;
}
static value get_verify_flags(struct thread *t, const vref *a) { return int_from_u64(t, ossl.X509_VERIFY_PARAM_get_flags(ossl.SSL_CTX_get0_param(as_context(a[0])->ctx))); }
static int set_verify_flags(struct thread *t, vref self, vref v) {
    int64_t n;
    if (!v || !arg_i64(t, v, &n)) return -1;
    X509_VERIFY_PARAM *param = ossl.SSL_CTX_get0_param(as_context(self)->ctx);
    unsigned long want = (unsigned long)n, now = ossl.X509_VERIFY_PARAM_get_flags(param);
    if ((now & ~want && !ossl.X509_VERIFY_PARAM_clear_flags(param, now & ~want)) || (want & ~now && !ossl.X509_VERIFY_PARAM_set_flags(param, want & ~now))) return ssl_raise_last(t), -1;
    return 0;
}
static value get_host_flags(struct thread *t, const vref *a) { return int_from_u64(t, as_context(a[0])->host_flags); }
static int set_host_flags(struct thread *t, vref self, vref v) {
    int n;
    if (!v || !arg_int(t, v, &n)) return -1;
    as_context(self)->host_flags = (unsigned)n;
    ossl.X509_VERIFY_PARAM_set_hostflags(ossl.SSL_CTX_get0_param(as_context(self)->ctx), (unsigned)n);
    return 0;
}

// ---- versions and options ----

static value get_options(struct thread *t, const vref *a) { return int_from_u64(t, ossl.SSL_CTX_get_options(as_context(a[0])->ctx)); }
static int set_options(struct thread *t, vref self, vref v) {
    int64_t n;
    const uint64_t old = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TLSv1_3;
    if (!v || !arg_i64(t, v, &n)) return -1;
    SSL_CTX *ctx = as_context(self)->ctx;
    uint64_t want = (uint64_t)n, now = ossl.SSL_CTX_get_options(ctx);
    if (want & ~now & old && !raise_warning(t, &exc_DeprecationWarning, 2, "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated")) return -1;
    if (now & ~want) ossl.SSL_CTX_clear_options(ctx, now & ~want);
    if (want & ~now) ossl.SSL_CTX_set_options(ctx, want & ~now);
    return 0;
}
static value version_value(long v, bool lowest) { return from_int62(v ? v : lowest ? LOWEST : HIGHEST); }
static value get_minimum(struct thread *t, const vref *a) { return (void)t, version_value(ossl.SSL_CTX_get_min_proto_version(as_context(a[0])->ctx), true); }
static value get_maximum(struct thread *t, const vref *a) { return (void)t, version_value(ossl.SSL_CTX_get_max_proto_version(as_context(a[0])->ctx), false); }
static int set_version(struct thread *t, vref self, vref v, bool minimum) {
    struct context *c = as_context(self);
    int n;
    if (!v || !arg_int(t, v, &n)) return -1;
    if (c->protocol != TLS && c->protocol != TLS_CLIENT && c->protocol != TLS_SERVER)
        return raise(t, &exc_ValueError, "The context's protocol doesn't support modification of highest and lowest version."), -1;
    bool known = n == LOWEST || n == HIGHEST || (n >= SSL3_VERSION && n <= TLS1_3_VERSION);
    if (!known) return raise(t, &exc_ValueError, "Unsupported TLS/SSL version 0x%s%d", "", n), -1;
    if (n >= SSL3_VERSION && n < TLS1_2_VERSION && !raise_warning(t, &exc_DeprecationWarning, 2, "ssl.TLSVersion.%s is deprecated", n == SSL3_VERSION ? "SSLv3" : n == TLS1_VERSION ? "TLSv1" : "TLSv1_1"))
        return -1;
    long r;
    if (minimum) r = ossl.SSL_CTX_set_min_proto_version(c->ctx, n == LOWEST ? 0 : n == HIGHEST ? TLS1_3_VERSION : n);
    else r = ossl.SSL_CTX_set_max_proto_version(c->ctx, n == HIGHEST ? 0 : n == LOWEST ? TLS1_VERSION : n);
    return r ? 0 : (raise(t, &exc_ValueError, "Unsupported protocol version 0x%s%d", "", n), -1);
}
static int set_minimum(struct thread *t, vref self, vref v) { return set_version(t, self, v, true); }
static int set_maximum(struct thread *t, vref self, vref v) { return set_version(t, self, v, false); }
static value get_protocol(struct thread *t, const vref *a) { return (void)t, from_int62(as_context(a[0])->protocol); }
static value get_security_level(struct thread *t, const vref *a) { return (void)t, from_int62(ossl.SSL_CTX_get_security_level(as_context(a[0])->ctx)); }
static value get_num_tickets(struct thread *t, const vref *a) { return int_from_u64(t, ossl.SSL_CTX_get_num_tickets(as_context(a[0])->ctx)); }
static int set_num_tickets(struct thread *t, vref self, vref v) {
    int n;
    if (!v || !arg_int(t, v, &n)) return -1;
    if (n < 0) return raise(t, &exc_ValueError, "value must be non-negative"), -1;
    if (as_context(self)->protocol != TLS_SERVER) return raise(t, &exc_ValueError, "SSLContext is not a server context."), -1;
    return ossl.SSL_CTX_set_num_tickets(as_context(self)->ctx, (size_t)n) ? 0 : (raise(t, &exc_ValueError, "failed to set num tickets."), -1);
}
static value get_post_handshake(struct thread *t, const vref *a) { return (void)t, from_bool(atomic_load(&as_context(a[0])->post_handshake_auth)); }
static int set_post_handshake(struct thread *t, vref self, vref v) {
    bool on;
    if (!v) return raise(t, &exc_AttributeError, "cannot delete attribute"), -1;
    if (!arg_bool(t, v, false, &on)) return -1;
    atomic_store(&as_context(self)->post_handshake_auth, on);
    return 0;
}

// ---- connections ----

static value m_wrap_socket(struct thread *t, const vref *a) { // self, sock, server_side, hostname, owner, session
    bool server;
    if (!arg_bool(t, a[2], false, &server)) return V_NULL;
    return ssl_wrap(t, a[0], a[1], V_NULL, V_NULL, server, a[3], a[4], a[5]);
}
static value m_wrap_bio(struct thread *t, const vref *a) { // self, incoming, outgoing, server_side, hostname, owner, session
    bool server;
    if (!is_instance(a[1], &type_memory_bio) || !is_instance(a[2], &type_memory_bio))
        return raise(t, &exc_TypeError, "_wrap_bio() argument '%s' must be _ssl.MemoryBIO, not %T", is_instance(a[1], &type_memory_bio) ? "outgoing" : "incoming", is_instance(a[1], &type_memory_bio) ? a[2] : a[1]);
    if (!arg_bool(t, a[3], false, &server)) return V_NULL;
    return ssl_wrap(t, a[0], V_NULL, a[1], a[2], server, a[4], a[5], a[6]);
}
static const struct native natives[] = {
    G("verify_mode", get_verify_mode, set_verify_mode), G("check_hostname", get_check_hostname, set_check_hostname), G("verify_flags", get_verify_flags, set_verify_flags),
    G("_host_flags", get_host_flags, set_host_flags), G("options", get_options, set_options), G("minimum_version", get_minimum, set_minimum),
    G("maximum_version", get_maximum, set_maximum), G("protocol", get_protocol, NULL), G("security_level", get_security_level, NULL),
    G("num_tickets", get_num_tickets, set_num_tickets), G("post_handshake_auth", get_post_handshake, set_post_handshake), G("sni_callback", ssl_get_sni, ssl_set_sni),
    G("_msg_callback", ssl_get_message_callback, ssl_set_message_callback), G("keylog_filename", ssl_get_keylog, ssl_set_keylog),
    M("_wrap_socket", "($self, /, sock, server_side, server_hostname=None, *,\n             owner=None, session=None)", m_wrap_socket),
    M("_wrap_bio", "($self, /, incoming, outgoing, server_side,\n          server_hostname=None, *, owner=None, session=None)", m_wrap_bio), {.name = NULL},
};
struct type type_ssl_context = {
    .name = "_SSLContext", .module = "_ssl", .doc = "Certificates, keys and rules for TLS connections.", .base = &type_object, .flags = TYPE_GC | TYPE_BASE,
    .basicsize = sizeof(struct context), .natives = natives, .make = context_make, .destroy = destroy, .clear = clear, .traverse = traverse,
};
