// SPDX-License-Identifier: Apache-2.0
// The module _ssl: random bytes, object identifiers, what OpenSSL is; its types. Leaves those to the other files of the folder.
#include "interp/modules/ssl/ssl_module.h"
#include "interp/modules/modules.h"

// ---- random bytes ----

static value f_rand_add(struct thread *t, const vref *a) {
    struct buffer_view view = {0};
    double entropy;
    size_t n = 0;
    const void *p = is_str(a[0]) ? str_utf8(t, a[0], &n) : NULL;
    if (!p && (is_str(a[0]) || !buffer_get(t, a[0], &view, false))) return V_NULL;
    bool ok = float_as_double(t, a[1], &entropy);
    if (ok) ossl.RAND_add(view.owner ? view.data : p, (int)(view.owner ? view.length : n), entropy);
    if (view.owner) buffer_release(t, &view);
    return ok ? V_NONE : V_NULL;
}
static value f_rand_bytes(struct thread *t, const vref *a) {
    int n;
    if (!arg_int(t, a[0], &n)) return V_NULL;
    if (n < 0) return raise(t, &exc_ValueError, "num must be positive");
    value v = bytes_new(t, NULL, (size_t)n);
    if (v && ossl.RAND_bytes(as_bytes(v)->data, n) == 1) return v;
    release_opt(t, v);
    return raised(t) ? V_NULL : ssl_raise_last(t);
}
static value f_pseudo_bytes(struct thread *t, const vref *a) {
    if (!raise_warning(t, &exc_DeprecationWarning, 1, "ssl.RAND_pseudo_bytes() is deprecated")) return V_NULL;
    value v = f_rand_bytes(t, a);
    return v ? tuple_take_array(t, (value[]){v, V_TRUE}, 2) : V_NULL;
}
static value f_rand_status(struct thread *t, const vref *a) { return (void)t, (void)a, from_bool(ossl.RAND_status() == 1); }

// ---- names of things ----

static value object_value(struct thread *t, const ASN1_OBJECT *o) {
    char buf[256];
    int nid = ossl.OBJ_obj2nid(o);
    if (nid == NID_undef) return raise(t, &exc_ValueError, "Unknown object");
    int n = ossl.OBJ_obj2txt(buf, sizeof buf, o, 1);
    const char *shortly = ossl.OBJ_nid2sn(nid), *longly = ossl.OBJ_nid2ln(nid);
    return tuple_take_array(t, (value[]){from_int62(nid), shortly ? str_from_cstr(t, shortly) : V_NONE, longly ? str_from_cstr(t, longly) : V_NONE,
                                         n > 0 ? str_from_cstr(t, buf) : V_NONE}, 4);
}
static value f_txt2obj(struct thread *t, const vref *a) {
    bool by_name;
    const char *s = is_str(a[0]) ? str_utf8(t, a[0], NULL) : NULL;
    if (!s) return raised(t) ? V_NULL : raise(t, &exc_TypeError, "txt2obj() argument 'txt' must be str, not %T", a[0]);
    if (!arg_bool(t, a[1], false, &by_name)) return V_NULL;
    ASN1_OBJECT *o = ossl.OBJ_txt2obj(s, by_name ? 0 : 1);
    if (!o) return ossl.ERR_clear_error(), raise(t, &exc_ValueError, "unknown object '%s'", s);
    value v = object_value(t, o);
    ossl.ASN1_OBJECT_free(o);
    return v;
}
static value f_nid2obj(struct thread *t, const vref *a) {
    int nid;
    if (!arg_int(t, a[0], &nid)) return V_NULL;
    if (nid < NID_undef) return raise(t, &exc_ValueError, "NID must be positive.");
    ASN1_OBJECT *o = ossl.OBJ_nid2obj(nid);
    if (!o) return ossl.ERR_clear_error(), raise(t, &exc_ValueError, "unknown NID %d", nid);
    return object_value(t, o);
}
static value f_default_paths(struct thread *t, const vref *a) {
    (void)a;
    return tuple_take_array(t, (value[]){path_text(t, ossl.X509_get_default_cert_file_env()), path_text(t, ossl.X509_get_default_cert_file()),
                                         path_text(t, ossl.X509_get_default_cert_dir_env()), path_text(t, ossl.X509_get_default_cert_dir())}, 4);
}
static value f_decode_cert(struct thread *t, const vref *a) {
    struct path p = {.function = "_test_decode_cert", .name = "path"};
    if (!path_get(t, &p, a[0])) return path_drop(t, &p), V_NULL;
    BIO *b = ossl.BIO_new_file(p.p, "r");
    path_drop(t, &p);
    if (!b) return ossl.ERR_clear_error(), ssl_raise_text(t, SSL_FAILED, 0, "Can't open file");
    X509 *x = ossl.PEM_read_bio_X509(b, NULL, NULL, NULL);
    ossl.BIO_free(b);
    if (!x) return ossl.ERR_clear_error(), ssl_raise_text(t, SSL_FAILED, 0, "Error decoding PEM-encoded file");
    value v = certificate_dict(t, x);
    ossl.X509_free(x);
    return v;
}

#define D(py, s, f, d) {.name = py, .kind = NATIVE_FUNCTION, .sig = s, .fn = f, .doc = d}
static const struct native functions[] = {
    D("RAND_add", "($module, string, entropy, /)", f_rand_add, "Mixes text into the random generator."), D("RAND_bytes", "($module, n, /)", f_rand_bytes, "So many random bytes."),
    D("RAND_pseudo_bytes", "($module, n, /)", f_pseudo_bytes, "So many random bytes, and whether they are strong."),
    D("RAND_status", "($module, /)", f_rand_status, "Whether the generator has been seeded."), D("txt2obj", "($module, /, txt, name=False)", f_txt2obj, "An object by its identifier or name."),
    D("nid2obj", "($module, nid, /)", f_nid2obj, "An object by OpenSSL's number for it."),
    D("get_default_verify_paths", "($module, /)", f_default_paths, "Where OpenSSL looks for authorities: variables and paths."),
    D("_test_decode_cert", "($module, path, /)", f_decode_cert, "A certificate file as a dict."),
};

// ---- the module ----

// A type's methods stand in two tables, one a file; type_ready wants one.
static void join(struct type *c, struct native *all, const struct native *more) {
    size_t n = 0;
    for (const struct native *p = c->natives; p->name; p++) all[n++] = *p;
    for (const struct native *p = more; p->name; p++) all[n++] = *p;
    all[n] = (struct native){.name = NULL};
    c->natives = all;
}
static bool ready(struct thread *t) {
    static struct native context_natives[48], connection_natives[48];
    struct type *const types[] = {&type_ssl_context, &type_ssl_connection, &type_memory_bio, &type_ssl_session, &type_ssl_certificate};
    if (type_ssl_context.root_shape) return true;
    join(&type_ssl_context, context_natives, ssl_load_methods);
    join(&type_ssl_connection, connection_natives, ssl_peer_methods);
    for (int i = 0; i < 5; i++)
        if (!type_ready(t, types[i])) return false;
    return true;
}
static value version_tuple(struct thread *t, unsigned long v) {
    const value parts[] = {from_int62(v >> 28 & 15), from_int62(v >> 20 & 255), from_int62(v >> 12 & 255), from_int62(v >> 4 & 255), from_int62(v & 15)};
    return tuple_from_array(t, parts, 5);
}
static bool add_versions(struct thread *t, vref m) {
    unsigned long v = ossl.OpenSSL_version_num();
    return module_set(t, m, "OPENSSL_VERSION_NUMBER", int_from_u64(t, v)) && module_set(t, m, "OPENSSL_VERSION_INFO", version_tuple(t, v)) &&
           module_set(t, m, "OPENSSL_VERSION", str_from_cstr(t, ossl.OpenSSL_version(OPENSSL_VERSION))) && module_set(t, m, "_OPENSSL_API_VERSION", version_tuple(t, OPENSSL_VERSION_NUMBER)) &&
           module_set(t, m, "_DEFAULT_CIPHERS", str_from_cstr(t, ossl.OSSL_default_cipher_list()));
}
static bool add_abilities(struct thread *t, vref m) {
    static const char *const yes[] = {"HAS_ALPN", "HAS_ECDH", "HAS_SNI", "HAS_TLS_UNIQUE", "HAS_TLSv1", "HAS_TLSv1_1", "HAS_TLSv1_2", "HAS_TLSv1_3"}, *const no[] = {"HAS_NPN", "HAS_SSLv2", "HAS_SSLv3"};
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof yes / sizeof *yes; i++) ok = module_set(t, m, yes[i], V_TRUE);
    for (size_t i = 0; ok && i < sizeof no / sizeof *no; i++) ok = module_set(t, m, no[i], V_FALSE);
    return ok;
}
value ssl_make(struct thread *t) {
    static struct lock readying;
    if (!ssl_api_open(t)) return V_NULL;
    lock_take(t, &readying);
    bool ok = ready(t);
    lock_give(&readying);
    value m = ok ? module_from_natives(t, "_ssl", "TLS by OpenSSL.", functions, sizeof functions / sizeof *functions) : V_NULL;
    ok = m && ssl_errors_add(t, m) && constants_add(t, m, ssl_constants, ssl_constant_count) && add_versions(t, m) && add_abilities(t, m) &&
         module_set(t, m, "_SSLContext", type_ref(&type_ssl_context)) && module_set(t, m, "_SSLSocket", type_ref(&type_ssl_connection)) &&
         module_set(t, m, "MemoryBIO", type_ref(&type_memory_bio)) && module_set(t, m, "SSLSession", type_ref(&type_ssl_session)) &&
         module_set(t, m, "Certificate", type_ref(&type_ssl_certificate));
    return ok ? m : V_NULL;
}
