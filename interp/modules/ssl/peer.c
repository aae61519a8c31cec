// SPDX-License-Identifier: Apache-2.0
// What is known of a connection's peer and of the agreement with it: certificates as dicts and bytes, ciphers, protocols. Leaves the handshake to connection.c.
#include "interp/modules/ssl/ssl_module.h"

#include <stdio.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

struct certificate {
    struct object head;
    X509 *x;
};

// ---- a certificate as a dict ----

static bool put(struct thread *t, vref d, const char *key, value v) { // takes v
    bool ok = v && dict_set_str(t, d, key, v);
    release_opt(t, v);
    return ok;
}
static value pair(struct thread *t, value a, value b) { return tuple_take_array(t, (value[]){a, b}, 2); } // takes both; either may be V_NULL
static value take_list(struct thread *t, value list) { // a tuple of it; takes it
    value v = list ? list_to_tuple(t, list) : V_NULL;
    release_opt(t, list);
    return v;
}
static bool append(struct thread *t, value *list, value v) { // takes v
    if (*list && v && list_append_take(t, *list, v)) return true;
    release_field(t, list);
    return false;
}
static value object_name(struct thread *t, const ASN1_OBJECT *o) {
    char buf[256];
    int nid = ossl.OBJ_obj2nid(o);
    if (nid) return str_from_cstr(t, ossl.OBJ_nid2ln(nid));
    int n = ossl.OBJ_obj2txt(buf, sizeof buf, o, 1);
    return str_from_utf8(t, buf, n > 0 ? (size_t)n : 0);
}
static value string_text(struct thread *t, const ASN1_STRING *s) {
    unsigned char *p;
    int n = ossl.ASN1_STRING_to_UTF8(&p, s);
    if (n < 0) return ssl_raise_last(t);
    value v = str_from_utf8(t, (const char *)p, (size_t)n);
    ossl.OPENSSL_free(p);
    return v;
}
static value entry_value(struct thread *t, const X509_NAME_ENTRY *e) {
    return pair(t, object_name(t, ossl.X509_NAME_ENTRY_get_object(e)), string_text(t, ossl.X509_NAME_ENTRY_get_data(e)));
}
// ((name, value), …) a relative name, in a tuple.
static value name_value(struct thread *t, const X509_NAME *name) {
    value all = list_new(t, 0), one = V_NULL;
    int n = ossl.X509_NAME_entry_count(name), set = -1;
    for (int i = 0; all && i < n; i++) {
        const X509_NAME_ENTRY *e = ossl.X509_NAME_get_entry(name, i);
        if (one && ossl.X509_NAME_ENTRY_set(e) != set) {
            append(t, &all, take_list(t, one));
            one = V_NULL;
        }
        set = ossl.X509_NAME_ENTRY_set(e);
        if (!one) one = list_new(t, 1);
        if (!append(t, &one, entry_value(t, e))) release_field(t, &all);
    }
    if (one && all) append(t, &all, take_list(t, one));
    else release_opt(t, one);
    return take_list(t, all);
}
static value printed(struct thread *t, int (*print)(BIO *b, const void *what), const void *what) {
    BIO *b = ossl.BIO_new(ossl.BIO_s_mem());
    char *p;
    value v = V_NULL;
    if (b && print(b, what) > 0) {
        long n = ossl.BIO_ctrl(b, BIO_CTRL_INFO, 0, &p);
        v = str_from_utf8(t, p, n > 0 ? (size_t)n : 0);
    } else
        ssl_raise_last(t);
    if (b) ossl.BIO_free(b);
    return v;
}
static int print_time(BIO *b, const void *what) { return ossl.ASN1_TIME_print(b, what); }
static int print_number(BIO *b, const void *what) { return ossl.i2a_ASN1_INTEGER(b, what); }
static int print_general(BIO *b, const void *what) { return ossl.GENERAL_NAME_print(b, (GENERAL_NAME *)(uintptr_t)what) == 1; }

static value address_text(struct thread *t, const ASN1_OCTET_STRING *ip) {
    const unsigned char *p = ossl.ASN1_STRING_get0_data(ip);
    int n = ossl.ASN1_STRING_length(ip);
    if (n == 4) return str_format(t, "%d.%d.%d.%d", p[0], p[1], p[2], p[3]);
    if (n != 16) return str_from_cstr(t, "<invalid>");
    char buf[64], *at = buf;
    for (int i = 0; i < 16; i += 2) at += snprintf(at, 8, i ? ":%X" : "%X", p[i] << 8 | p[i + 1]);
    return str_from_cstr(t, buf);
}
static value general_value(struct thread *t, const GENERAL_NAME *g) {
    int type;
    const void *v = ossl.GENERAL_NAME_get0_value(g, &type);
    const char *kind = type == GEN_EMAIL ? "email" : type == GEN_DNS ? "DNS" : type == GEN_URI ? "URI" : NULL;
    if (kind) return pair(t, str_from_cstr(t, kind), str_from_utf8(t, (const char *)ossl.ASN1_STRING_get0_data(v), (size_t)ossl.ASN1_STRING_length(v)));
    if (type == GEN_DIRNAME) return pair(t, str_from_cstr(t, "DirName"), name_value(t, v));
    if (type == GEN_IPADD) return pair(t, str_from_cstr(t, "IP Address"), address_text(t, v));
    if (type == GEN_RID) return pair(t, str_from_cstr(t, "Registered ID"), object_name(t, v));
    value text = printed(t, print_general, g);
    int64_t colon = text ? str_find(text, str_intern_cstr(t, ":"), 0, INT64_MAX, false) : -1;
    value r = colon < 0 ? V_NULL : pair(t, str_substring(t, text, 0, colon), str_substring(t, text, colon + 1, INT64_MAX));
    if (text && !r && !raised(t)) raise(t, &exc_ValueError, "Invalid value %R", text);
    release_opt(t, text);
    return r;
}
static bool add_names(struct thread *t, vref d, X509 *x) {
    GENERAL_NAMES *all = ossl.X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    if (!all) return true;
    value list = list_new(t, 0);
    for (int i = 0; list && i < ossl.OPENSSL_sk_num((const OPENSSL_STACK *)all); i++) append(t, &list, general_value(t, ossl.OPENSSL_sk_value((const OPENSSL_STACK *)all, i)));
    ossl.GENERAL_NAMES_free(all);
    return put(t, d, "subjectAltName", take_list(t, list));
}
static bool add_uri(struct thread *t, value *list, const GENERAL_NAME *g) {
    int type;
    const void *v = ossl.GENERAL_NAME_get0_value(g, &type);
    return type != GEN_URI || append(t, list, str_from_utf8(t, (const char *)ossl.ASN1_STRING_get0_data(v), (size_t)ossl.ASN1_STRING_length(v)));
}
static bool add_list(struct thread *t, vref d, const char *key, value list) { // takes list; an empty one is left out
    if (list && list_size(list) == 0) return release(t, list), true;
    return put(t, d, key, take_list(t, list));
}
static bool add_access(struct thread *t, vref d, X509 *x, int nid, const char *key) {
    AUTHORITY_INFO_ACCESS *all = ossl.X509_get_ext_d2i(x, NID_info_access, NULL, NULL);
    value list = list_new(t, 0);
    for (int i = 0; all && list && i < ossl.OPENSSL_sk_num((const OPENSSL_STACK *)all); i++) {
        const ACCESS_DESCRIPTION *one = ossl.OPENSSL_sk_value((const OPENSSL_STACK *)all, i);
        if (ossl.OBJ_obj2nid(one->method) == nid) add_uri(t, &list, one->location);
    }
    if (all) ossl.AUTHORITY_INFO_ACCESS_free(all);
    return add_list(t, d, key, list);
}
static bool add_points(struct thread *t, vref d, X509 *x) {
    STACK_OF(DIST_POINT) *all = ossl.X509_get_ext_d2i(x, NID_crl_distribution_points, NULL, NULL);
    value list = list_new(t, 0);
    for (int i = 0; all && list && i < ossl.OPENSSL_sk_num((const OPENSSL_STACK *)all); i++) {
        const DIST_POINT *one = ossl.OPENSSL_sk_value((const OPENSSL_STACK *)all, i);
        const OPENSSL_STACK *names = one->distpoint && one->distpoint->type == 0 ? (const OPENSSL_STACK *)one->distpoint->name.fullname : NULL;
        for (int k = 0; names && list && k < ossl.OPENSSL_sk_num(names); k++) add_uri(t, &list, ossl.OPENSSL_sk_value(names, k));
    }
    if (all) ossl.CRL_DIST_POINTS_free(all);
    return add_list(t, d, "crlDistributionPoints", list);
}
value certificate_dict(struct thread *t, X509 *x) {
    value d = dict_new(t);
    bool ok = d && put(t, d, "subject", name_value(t, ossl.X509_get_subject_name(x))) && put(t, d, "issuer", name_value(t, ossl.X509_get_issuer_name(x))) &&
              put(t, d, "version", from_int62(ossl.X509_get_version(x) + 1)) && put(t, d, "serialNumber", printed(t, print_number, ossl.X509_get0_serialNumber(x))) &&
              put(t, d, "notBefore", printed(t, print_time, ossl.X509_get0_notBefore(x))) && put(t, d, "notAfter", printed(t, print_time, ossl.X509_get0_notAfter(x))) &&
              add_names(t, d, x) && add_access(t, d, x, NID_ad_OCSP, "OCSP") && add_access(t, d, x, NID_ad_ca_issuers, "caIssuers") && add_points(t, d, x);
    if (!ok && d) release_field(t, &d);
    return d;
}
value certificate_bytes(struct thread *t, X509 *x) {
    unsigned char *p = NULL;
    int n = ossl.i2d_X509(x, &p);
    if (n < 0) return ssl_raise_last(t);
    value v = bytes_new(t, p, (size_t)n);
    ossl.OPENSSL_free(p);
    return v;
}

// ---- _ssl.Certificate ----

static struct certificate *as_certificate(vref v) { return (struct certificate *)as_object(v); }
value certificate_new(struct thread *t, X509 *x) {
    value v = object_new_instance(t, &type_ssl_certificate);
    if (v && ossl.X509_up_ref(x)) as_certificate(v)->x = x;
    return v;
}
static value m_public_bytes(struct thread *t, const vref *a) {
    int64_t format = 1;
    char *p;
    if (a[1] && !object_as_index(t, a[1], &format)) return V_NULL;
    if (format == 2) return certificate_bytes(t, as_certificate(a[0])->x);
    if (format != 1) return raise(t, &exc_ValueError, "Unsupported format");
    BIO *b = ossl.BIO_new(ossl.BIO_s_mem());
    value v = V_NULL;
    if (b && ossl.PEM_write_bio_X509(b, as_certificate(a[0])->x) == 1) {
        long n = ossl.BIO_ctrl(b, BIO_CTRL_INFO, 0, &p);
        v = str_from_utf8(t, p, (size_t)n);
    } else
        ssl_raise_last(t);
    if (b) ossl.BIO_free(b);
    return v;
}
static value m_get_info(struct thread *t, const vref *a) { return certificate_dict(t, as_certificate(a[0])->x); }
static int print_subject(BIO *b, const void *what) { return ossl.X509_NAME_print_ex(b, ossl.X509_get_subject_name(what), 0, XN_FLAG_RFC2253) >= 0; }
static value certificate_repr(struct thread *t, vref self) {
    value text = printed(t, print_subject, as_certificate(self)->x), v = text ? str_format(t, "<_ssl.Certificate '%U'>", text) : V_NULL;
    release_opt(t, text);
    return v;
}
static value certificate_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    (void)t;
    if (type_of(b) != &type_ssl_certificate || (op != CMP_EQ && op != CMP_NE)) return V_NOTIMPL;
    return from_bool((ossl.X509_cmp(as_certificate(a)->x, as_certificate(b)->x) == 0) == (op == CMP_EQ));
}
static int64_t certificate_hash(struct thread *t, vref self) {
    (void)t;
    int64_t h = (int64_t)ossl.X509_subject_name_hash(as_certificate(self)->x);
    return h == -1 ? -2 : h;
}
static void certificate_destroy(struct thread *t, struct object *o) {
    (void)t;
    if (((struct certificate *)o)->x) ossl.X509_free(((struct certificate *)o)->x);
    ((struct certificate *)o)->x = NULL;
}
static const struct native certificate_natives[] = {
    M("public_bytes", "($self, /, format=Encoding.PEM)", m_public_bytes), M("get_info", "($self, /)", m_get_info), {.name = NULL},
};
struct type type_ssl_certificate = {
    .name = "Certificate", .module = "_ssl", .doc = "A certificate.", .base = &type_object, .flags = TYPE_NO_NEW, .basicsize = sizeof(struct certificate),
    .natives = certificate_natives, .destroy = certificate_destroy, .repr = certificate_repr, .compare = certificate_compare, .hash = certificate_hash,
};

// ---- methods of a connection ----

static value m_getpeercert(struct thread *t, const vref *a) {
    struct connection *c = as_connection(a[0]);
    bool binary;
    if (!arg_bool(t, a[1], false, &binary)) return V_NULL;
    if (!ossl.SSL_is_init_finished(c->ssl)) return raise(t, &exc_ValueError, "handshake not done yet");
    bool entered = connection_enter(t, c);
    X509 *x = ossl.SSL_get1_peer_certificate(c->ssl);
    connection_leave(c, entered);
    if (!x) return V_NONE;
    value v = binary ? certificate_bytes(t, x) : ossl.SSL_CTX_get_verify_mode(ossl.SSL_get_SSL_CTX(c->ssl)) & SSL_VERIFY_PEER ? certificate_dict(t, x) : dict_new(t);
    ossl.X509_free(x);
    return v;
}
static value chain_value(struct thread *t, const STACK_OF(X509) *chain, X509 *first) {
    value list = list_new(t, 0);
    if (first && list) append(t, &list, certificate_new(t, first));
    for (int i = 0; list && i < ossl.OPENSSL_sk_num((const OPENSSL_STACK *)chain); i++) append(t, &list, certificate_new(t, ossl.OPENSSL_sk_value((const OPENSSL_STACK *)chain, i)));
    return list;
}
static value m_verified_chain(struct thread *t, const vref *a) {
    STACK_OF(X509) *chain = ossl.SSL_get0_verified_chain(as_connection(a[0])->ssl);
    return chain ? chain_value(t, chain, NULL) : V_NONE;
}
static value m_unverified_chain(struct thread *t, const vref *a) {
    struct connection *c = as_connection(a[0]);
    STACK_OF(X509) *chain = ossl.SSL_get_peer_cert_chain(c->ssl);
    if (!chain) return V_NONE;
    X509 *first = c->server_side ? ossl.SSL_get1_peer_certificate(c->ssl) : NULL; // a server's chain is without the peer's own
    value v = chain_value(t, chain, first);
    if (first) ossl.X509_free(first);
    return v;
}
static value text_or_none(struct thread *t, const char *s) { return s ? str_from_cstr(t, s) : V_NONE; }
static value cipher_value(struct thread *t, const SSL_CIPHER *k) {
    return tuple_take_array(t, (value[]){text_or_none(t, ossl.SSL_CIPHER_get_name(k)), text_or_none(t, ossl.SSL_CIPHER_get_version(k)), from_int62(ossl.SSL_CIPHER_get_bits(k, NULL))}, 3);
}
static value m_cipher(struct thread *t, const vref *a) {
    const SSL_CIPHER *k = ossl.SSL_get_current_cipher(as_connection(a[0])->ssl);
    return k ? cipher_value(t, k) : V_NONE;
}
static value m_shared_ciphers(struct thread *t, const vref *a) {
    SSL *ssl = as_connection(a[0])->ssl;
    const OPENSSL_STACK *theirs = (const OPENSSL_STACK *)ossl.SSL_get_client_ciphers(ssl), *ours = (const OPENSSL_STACK *)ossl.SSL_get_ciphers(ssl);
    if (!ours) return V_NONE;
    value list = list_new(t, 0);
    if (!theirs) theirs = ours; // a client never learns the server's: as far as it knows, all of its own
    for (int i = 0; list && i < ossl.OPENSSL_sk_num(theirs); i++) {
        const SSL_CIPHER *k = ossl.OPENSSL_sk_value(theirs, i);
        bool both = theirs == ours;
        for (int j = 0; !both && j < ossl.OPENSSL_sk_num(ours); j++) both = ossl.OPENSSL_sk_value(ours, j) == k;
        if (both) append(t, &list, cipher_value(t, k));
    }
    return list;
}
static value m_version(struct thread *t, const vref *a) {
    SSL *ssl = as_connection(a[0])->ssl;
    return ossl.SSL_is_init_finished(ssl) ? text_or_none(t, ossl.SSL_get_version(ssl)) : V_NONE;
}
static value m_compression(struct thread *t, const vref *a) {
    (void)t, (void)a;
    return V_NONE; // no TLS version that is still allowed compresses
}
static value m_alpn(struct thread *t, const vref *a) {
    const unsigned char *p;
    unsigned n;
    ossl.SSL_get0_alpn_selected(as_connection(a[0])->ssl, &p, &n);
    return p ? str_from_utf8(t, (const char *)p, n) : V_NONE;
}
static value m_binding(struct thread *t, const vref *a) {
    struct connection *c = as_connection(a[0]);
    char buf[128];
    if (a[1] && !is_str(a[1])) return raise(t, &exc_TypeError, "get_channel_binding() argument 'cb_type' must be str, not %T", a[1]);
    if (a[1] && !str_equal_cstr(a[1], "tls-unique")) return raise(t, &exc_ValueError, "'%U' channel binding type not implemented", a[1]);
    bool ours = ossl.SSL_session_reused(c->ssl) ? c->server_side : !c->server_side; // who finished first
    size_t n = ours ? ossl.SSL_get_finished(c->ssl, buf, sizeof buf) : ossl.SSL_get_peer_finished(c->ssl, buf, sizeof buf);
    return n ? bytes_new(t, buf, n) : V_NONE;
}
const struct native ssl_peer_methods[] = {
    M("getpeercert", "($self, der=False, /)", m_getpeercert), M("get_verified_chain", "($self, /)", m_verified_chain), M("get_unverified_chain", "($self, /)", m_unverified_chain),
    M("cipher", "($self, /)", m_cipher), M("shared_ciphers", "($self, /)", m_shared_ciphers), M("version", "($self, /)", m_version), M("compression", "($self, /)", m_compression),
    M("selected_alpn_protocol", "($self, /)", m_alpn), M("get_channel_binding", "($self, /, cb_type='tls-unique')", m_binding), {.name = NULL},
};
