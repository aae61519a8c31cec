// SPDX-License-Identifier: Apache-2.0
// What a context loads: its own certificate and key, the authorities it trusts, ciphers, curves; and what it tells of them. Leaves switches to context.c.
#include "interp/modules/ssl/ssl_module.h"

#include <openssl/pem.h>

static bool load_path(struct thread *t, struct path *p, vref v, const char *wrong) {
    if (path_get(t, p, v)) return true;
    if (raised_is(t, &exc_TypeError)) {
        raised_clear(t);
        raise(t, &exc_TypeError, "%s", wrong);
    }
    path_drop(t, p);
    return false;
}
// OpenSSL failed: a file that cannot be read is an OSError.
static value load_error(struct thread *t) {
    if (raised(t)) return ossl.ERR_clear_error(), V_NULL;
    if (!errno) return ssl_raise_last(t);
    ossl.ERR_clear_error();
    return posix_error(t);
}

// ---- certificate and key ----

struct password {
    struct thread *t;
    vref given;       // str, bytes-like, callable, or V_NULL: OpenSSL asks at the terminal itself
    bool asked;
};
static int copy_password(struct password *p, vref v, char *buf, int room, bool called) {
    struct buffer_view view = {0};
    size_t n;
    const char *s = is_str(v) ? str_utf8(p->t, v, &n) : NULL;
    if (!s && !is_str(v)) {
        if (!buffer_check(v)) return raise(p->t, &exc_TypeError, called ? "password callback must return a string" : "password should be a string or callable"), -1;
        if (!buffer_get(p->t, v, &view, false)) return -1;
        s = (const char *)view.data;
        n = view.length;
    }
    int r = -1;
    if (s && n > (size_t)room) raise(p->t, &exc_ValueError, "password cannot be longer than %d bytes", room);
    else if (s) memcpy(buf, s, n), r = (int)n;
    if (view.owner) buffer_release(p->t, &view);
    return r;
}
static int password_callback(char *buf, int room, int writing, void *arg) {
    (void)writing;
    struct password *p = arg;
    if (is_str(p->given) || buffer_check(p->given) || !object_is_callable(p->given)) return copy_password(p, p->given, buf, room, false);
    value v = object_call0(p->t, p->given);
    int r = v ? copy_password(p, v, buf, room, true) : -1;
    release_opt(p->t, v);
    return r;
}
static value use_files(struct thread *t, struct context *c, const char *cert, const char *key) {
    errno = 0;
    ossl.ERR_clear_error();
    if (ossl.SSL_CTX_use_certificate_chain_file(c->ctx, cert) != 1) return load_error(t);
    errno = 0;
    if (ossl.SSL_CTX_use_PrivateKey_file(c->ctx, key, SSL_FILETYPE_PEM) != 1) return load_error(t);
    return ossl.SSL_CTX_check_private_key(c->ctx) == 1 ? V_NONE : ssl_raise_last(t);
}
static value m_load_cert_chain(struct thread *t, const vref *a) { // self, certfile, keyfile, password
    struct context *c = as_context(a[0]);
    struct path cert = {.function = "load_cert_chain", .name = "certfile"}, key = {.function = "load_cert_chain", .name = "keyfile"};
    vref keyfile = a[2] && !is_none(a[2]) ? a[2] : V_NULL;
    struct password p = {.t = t, .given = a[3] && !is_none(a[3]) ? a[3] : V_NULL};
    if (p.given && !is_str(p.given) && !buffer_check(p.given) && !object_is_callable(p.given)) return raise(t, &exc_TypeError, "password should be a string or callable");
    if (!load_path(t, &cert, a[1], "certfile should be a valid filesystem path")) return V_NULL;
    value r = V_NULL;
    if (!keyfile || load_path(t, &key, keyfile, "keyfile should be a valid filesystem path")) {
        lock_take(t, &c->lock); // OpenSSL calls back in this thread, attached: reading two files takes no time worth a detour
        pem_password_cb *old = ossl.SSL_CTX_get_default_passwd_cb(c->ctx);
        void *old_arg = ossl.SSL_CTX_get_default_passwd_cb_userdata(c->ctx);
        if (p.given) {
            ossl.SSL_CTX_set_default_passwd_cb(c->ctx, password_callback);
            ossl.SSL_CTX_set_default_passwd_cb_userdata(c->ctx, &p);
        }
        r = use_files(t, c, cert.p, keyfile ? key.p : cert.p);
        ossl.SSL_CTX_set_default_passwd_cb(c->ctx, old);
        ossl.SSL_CTX_set_default_passwd_cb_userdata(c->ctx, old_arg);
        lock_give(&c->lock);
        if (keyfile) path_drop(t, &key);
    }
    path_drop(t, &cert);
    return r;
}

// ---- authorities ----

// Adds every certificate of the text, PEM or DER. The end of the text is no error once there was one.
static bool add_authorities(struct thread *t, struct context *c, const void *p, size_t n, bool pem) {
    if (n == 0) return raise(t, &exc_ValueError, "Empty certificate data"), false;
    if (n > INT32_MAX) return raise(t, &exc_OverflowError, "Certificate data is too long."), false;
    BIO *b = ossl.BIO_new_mem_buf(p, (int)n);
    X509_STORE *store = ossl.SSL_CTX_get_cert_store(c->ctx);
    int loaded = 0;
    bool ok = b != NULL;
    X509 *x = NULL;
    while (ok && (x = pem ? ossl.PEM_read_bio_X509(b, NULL, NULL, NULL) : ossl.d2i_X509_bio(b, NULL))) {
        ok = ossl.X509_STORE_add_cert(store, x) || (ERR_GET_LIB(ossl.ERR_peek_last_error()) == ERR_LIB_X509 && ERR_GET_REASON(ossl.ERR_peek_last_error()) == X509_R_CERT_ALREADY_IN_HASH_TABLE);
        if (ok) ossl.ERR_clear_error();
        ossl.X509_free(x);
        loaded++;
        if (!pem && ossl.BIO_ctrl(b, BIO_CTRL_EOF, 0, NULL)) break;
    }
    unsigned long e = ossl.ERR_peek_last_error();
    bool over = e == 0 || (pem && ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE);
    if (b) ossl.BIO_free(b);
    if (ok && over && loaded) return ossl.ERR_clear_error(), true;
    bool short_der = !pem && ERR_GET_LIB(e) == ERR_LIB_ASN1;
    if (!loaded && (over || short_der))
        ssl_raise_text(t, SSL_FAILED, SSL_ERROR_SSL, pem ? "no start line: cadata does not contain a certificate" : "not enough data: cadata does not contain a certificate");
    else ssl_raise_last(t);
    return false;
}
static bool add_data(struct thread *t, struct context *c, vref v) {
    struct buffer_view view = {0};
    bool ok;
    if (is_str(v)) {
        size_t n;
        const char *s = str_utf8(t, v, &n);
        if (!s || !(as_str(v)->flags & STR_ASCII)) {
            raised_clear(t);
            return raise(t, &exc_TypeError, "cadata should be an ASCII string or a bytes-like object"), false;
        }
        return add_authorities(t, c, s, n, true);
    }
    if (!buffer_check(v)) return raise(t, &exc_TypeError, "cadata should be an ASCII string or a bytes-like object"), false;
    if (!buffer_get(t, v, &view, false)) return false;
    ok = add_authorities(t, c, view.data, view.length, false);
    buffer_release(t, &view);
    return ok;
}
static value m_load_verify_locations(struct thread *t, const vref *a) { // self, cafile, capath, cadata
    struct context *c = as_context(a[0]);
    vref file = a[1] && !is_none(a[1]) ? a[1] : V_NULL, dir = a[2] && !is_none(a[2]) ? a[2] : V_NULL, data = a[3] && !is_none(a[3]) ? a[3] : V_NULL;
    struct path f = {.function = "load_verify_locations", .name = "cafile"}, d = {.function = "load_verify_locations", .name = "capath"};
    if (!file && !dir && !data) return raise(t, &exc_TypeError, "cafile, capath and cadata cannot be all omitted");
    if (file && !load_path(t, &f, file, "cafile should be a valid filesystem path")) return V_NULL;
    bool ok = !dir || load_path(t, &d, dir, "capath should be a valid filesystem path");
    lock_take(t, &c->lock);
    if (ok && data) ok = add_data(t, c, data);
    if (ok && (file || dir)) {
        errno = 0;
        thread_detach(t);
        int r = ossl.SSL_CTX_load_verify_locations(c->ctx, file ? f.p : NULL, dir ? d.p : NULL);
        thread_attach(t);
        ok = r == 1;
        if (!ok) load_error(t);
    }
    lock_give(&c->lock);
    if (file) path_drop(t, &f);
    if (dir) path_drop(t, &d);
    return ok ? V_NONE : V_NULL;
}
static value m_default_paths(struct thread *t, const vref *a) {
    return ossl.SSL_CTX_set_default_verify_paths(as_context(a[0])->ctx) ? V_NONE : ssl_raise_last(t);
}
// Calls f with each certificate of the store.
static bool each_authority(struct context *c, bool (*f)(X509 *x, void *arg), void *arg) {
    STACK_OF(X509) *all = ossl.X509_STORE_get1_all_certs(ossl.SSL_CTX_get_cert_store(c->ctx));
    bool ok = all != NULL;
    for (int i = 0; ok && i < ossl.OPENSSL_sk_num((const OPENSSL_STACK *)all); i++) ok = f(ossl.OPENSSL_sk_value((const OPENSSL_STACK *)all, i), arg);
    if (all) ossl.OPENSSL_sk_pop_free((OPENSSL_STACK *)all, (OPENSSL_sk_freefunc)ossl.X509_free);
    return ok;
}
struct authorities {
    struct thread *t;
    value list;
    bool binary;
    int64_t all, ca;
};
static bool list_authority(X509 *x, void *arg) {
    struct authorities *s = arg;
    if (!ossl.X509_check_ca(x)) return true;
    value v = s->binary ? certificate_bytes(s->t, x) : certificate_dict(s->t, x);
    return v && list_append_take(s->t, s->list, v);
}
static bool count_authority(X509 *x, void *arg) {
    struct authorities *s = arg;
    s->all++;
    if (ossl.X509_check_ca(x)) s->ca++;
    return true;
}
static value m_get_ca_certs(struct thread *t, const vref *a) {
    struct authorities s = {.t = t};
    if (!arg_bool(t, a[1], false, &s.binary) || !(s.list = list_new(t, 0))) return V_NULL;
    if (!each_authority(as_context(a[0]), list_authority, &s)) {
        release_field(t, &s.list);
        if (!raised(t)) raise_no_memory(t);
    }
    return s.list;
}
static value m_cert_store_stats(struct thread *t, const vref *a) {
    struct authorities s = {.t = t};
    if (!each_authority(as_context(a[0]), count_authority, &s)) return raise_no_memory(t);
    const struct constant rows[] = {{"x509", s.all}, {"crl", 0}, {"x509_ca", s.ca}};
    return constants_dict(t, rows, 3);
}

// ---- ciphers, curves, protocols ----

static value m_set_ciphers(struct thread *t, const vref *a) {
    const char *s = is_str(a[1]) ? str_utf8(t, a[1], NULL) : NULL;
    if (!s) return raised(t) ? V_NULL : raise(t, &exc_TypeError, "set_ciphers() argument must be str, not %T", a[1]);
    if (ossl.SSL_CTX_set_cipher_list(as_context(a[0])->ctx, s)) return V_NONE;
    return ssl_raise_text(t, SSL_FAILED, 0, "No cipher can be selected.");
}
static bool put(struct thread *t, vref d, const char *key, value v) { // takes v
    bool ok = v && dict_set_str(t, d, key, v);
    release_opt(t, v);
    return ok;
}
static value text_or_none(struct thread *t, const char *s) { return s ? str_from_cstr(t, s) : V_NONE; }
static value name_of(struct thread *t, int nid) { return nid ? text_or_none(t, ossl.OBJ_nid2ln(nid)) : V_NONE; }
static value cipher_dict(struct thread *t, const SSL_CIPHER *k) {
    char words[512] = "";
    int all = 0, strength = ossl.SSL_CIPHER_get_bits(k, &all);
    value d = dict_new(t);
    ossl.SSL_CIPHER_description(k, words, sizeof words);
    words[strcspn(words, "\r\n")] = 0;
    bool ok = d && put(t, d, "id", int_from_u64(t, ossl.SSL_CIPHER_get_id(k))) && put(t, d, "name", text_or_none(t, ossl.SSL_CIPHER_get_name(k))) &&
              put(t, d, "protocol", text_or_none(t, ossl.SSL_CIPHER_get_version(k))) && put(t, d, "description", str_from_cstr(t, words)) &&
              put(t, d, "strength_bits", from_int62(strength)) && put(t, d, "alg_bits", from_int62(all)) && put(t, d, "aead", from_bool(ossl.SSL_CIPHER_is_aead(k))) &&
              put(t, d, "symmetric", name_of(t, ossl.SSL_CIPHER_get_cipher_nid(k))) && put(t, d, "digest", name_of(t, ossl.SSL_CIPHER_get_digest_nid(k))) &&
              put(t, d, "kea", name_of(t, ossl.SSL_CIPHER_get_kx_nid(k))) && put(t, d, "auth", name_of(t, ossl.SSL_CIPHER_get_auth_nid(k)));
    if (!ok && d) release_field(t, &d);
    return d;
}
static value m_get_ciphers(struct thread *t, const vref *a) {
    SSL *ssl = ossl.SSL_new(as_context(a[0])->ctx);
    if (!ssl) return ssl_raise_last(t);
    const OPENSSL_STACK *all = (const OPENSSL_STACK *)ossl.SSL_get_ciphers(ssl);
    value list = list_new(t, 0);
    for (int i = 0; list && i < ossl.OPENSSL_sk_num(all); i++) {
        value d = cipher_dict(t, ossl.OPENSSL_sk_value(all, i));
        if (!d || !list_append_take(t, list, d)) release_field(t, &list);
    }
    ossl.SSL_free(ssl);
    return list;
}
static value m_set_ecdh_curve(struct thread *t, const vref *a) {
    value b = is_str(a[1]) || is_bytes(a[1]) ? path_bytes(t, a[1]) : V_NULL;
    if (!b) return raised(t) ? V_NULL : raise(t, &exc_TypeError, "expected str, bytes or os.PathLike object, not %T", a[1]);
    int nid = ossl.OBJ_sn2nid((const char *)as_bytes(b)->data);
    value r = V_NONE;
    if (!nid) r = raise(t, &exc_ValueError, "unknown elliptic curve name %R", a[1]);
    else if (!ossl.SSL_CTX_set1_groups(as_context(a[0])->ctx, &nid, 1)) r = ssl_raise_last(t);
    release(t, b);
    return r;
}
static value m_load_dh_params(struct thread *t, const vref *a) {
    struct path p = {.function = "load_dh_params", .name = "path"};
    if (!path_get(t, &p, a[1])) {
        path_drop(t, &p);
        return V_NULL;
    }
    errno = 0;
    BIO *b = ossl.BIO_new_file(p.p, "r");
    EVP_PKEY *key = b ? ossl.PEM_read_bio_Parameters(b, NULL) : NULL;
    value r = V_NONE;
    if (!b && errno) {
        ossl.ERR_clear_error();
        r = posix_path_error(t, &p);
    } else if (!key || !ossl.SSL_CTX_set0_tmp_dh_pkey(as_context(a[0])->ctx, key)) {
        if (key) ossl.EVP_PKEY_free(key);
        r = ssl_raise_last(t);
    }
    if (b) ossl.BIO_free(b);
    path_drop(t, &p);
    return r;
}
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *length, const unsigned char *theirs, unsigned n, void *arg) {
    (void)ssl;
    struct context *c = arg;
    unsigned char *found;
    if (ossl.SSL_select_next_proto(&found, length, c->alpn, c->alpn_length, theirs, n) != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
    *out = found;
    return SSL_TLSEXT_ERR_OK;
}
static value m_set_alpn(struct thread *t, const vref *a) {
    struct context *c = as_context(a[0]);
    struct buffer_view view;
    if (!buffer_get(t, a[1], &view, false)) return V_NULL;
    uint8_t *copy = mem_alloc(t, view.length + 1);
    bool ok = copy != NULL;
    if (ok) {
        memcpy(copy, view.data, view.length);
        lock_take(t, &c->lock);
        if (c->alpn) mem_free(t, c->alpn, c->alpn_length + 1);
        c->alpn = copy;
        c->alpn_length = (unsigned)view.length;
        ok = ossl.SSL_CTX_set_alpn_protos(c->ctx, copy, c->alpn_length) == 0;
        if (ok) ossl.SSL_CTX_set_alpn_select_cb(c->ctx, choose_protocol, c);
        else raise_no_memory(t);
        lock_give(&c->lock);
    }
    buffer_release(t, &view);
    return ok ? V_NONE : V_NULL;
}
static value m_session_stats(struct thread *t, const vref *a) {
    SSL_CTX *x = as_context(a[0])->ctx;
    const struct constant rows[] = {
        {"number", ossl.SSL_CTX_sess_number(x)}, {"connect", ossl.SSL_CTX_sess_connect(x)}, {"connect_good", ossl.SSL_CTX_sess_connect_good(x)},
        {"connect_renegotiate", ossl.SSL_CTX_sess_connect_renegotiate(x)}, {"accept", ossl.SSL_CTX_sess_accept(x)}, {"accept_good", ossl.SSL_CTX_sess_accept_good(x)},
        {"accept_renegotiate", ossl.SSL_CTX_sess_accept_renegotiate(x)}, {"hits", ossl.SSL_CTX_sess_hits(x)}, {"misses", ossl.SSL_CTX_sess_misses(x)},
        {"timeouts", ossl.SSL_CTX_sess_timeouts(x)}, {"cache_full", ossl.SSL_CTX_sess_cache_full(x)},
    };
    return constants_dict(t, rows, sizeof rows / sizeof *rows);
}
const struct native ssl_load_methods[] = {
    M("load_cert_chain", "($self, /, certfile, keyfile=None, password=None)", m_load_cert_chain),
    M("load_verify_locations", "($self, /, cafile=None, capath=None, cadata=None)", m_load_verify_locations), M("set_default_verify_paths", "($self, /)", m_default_paths),
    M("get_ca_certs", "($self, /, binary_form=False)", m_get_ca_certs), M("cert_store_stats", "($self, /)", m_cert_store_stats), M("set_ciphers", "($self, cipherlist, /)", m_set_ciphers),
    M("get_ciphers", "($self, /)", m_get_ciphers), M("set_ecdh_curve", "($self, name, /)", m_set_ecdh_curve), M("load_dh_params", "($self, path, /)", m_load_dh_params),
    M("_set_alpn_protocols", "($self, protos, /)", m_set_alpn), M("session_stats", "($self, /)", m_session_stats), {.name = NULL},
};
