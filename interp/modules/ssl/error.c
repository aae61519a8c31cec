// SPDX-License-Identifier: Apache-2.0
// ssl.SSLError and its kin, and OpenSSL's errors as such. Leaves what was tried to the callers.
#include "interp/modules/ssl/ssl_module.h"
#include "interp/modules/modules.h"
#include "interp/types/exc_types.h"

#include <ctype.h>

// ---- the classes: a static one, and subclasses of it made like any class; a tuple of them in SLOT_SSL_ERRORS ----

static value error_str(struct thread *t, vref self) {
    value text = exc_get_extra(t, self, OS_STRERROR);
    if (text && is_str(text)) return text;
    release_opt(t, text);
    value args = field_load(t, &as_exc(self)->args), r = args ? object_str(t, args) : V_NULL;
    release_opt(t, args);
    return r;
}
static struct type ssl_error = {
    .name = "SSLError", .module = "ssl", .doc = "Something went wrong in TLS.", .base = &exc_OSError, .basicsize = offsetof(struct exc, extra) + OS_EXTRAS * sizeof(value),
    .flags = TYPE_GC | TYPE_BASE | TYPE_EXC | TYPE_HAS_DICT, .destroy = exc_drop, .clear = exc_drop, .traverse = exc_traverse, .str = error_str,
};
static const struct {
    const char *name, *doc;
} kinds[SSL_ERROR_TYPES] = {
    [SSL_FAILED] = {"SSLError", NULL},
    [SSL_VERIFY] = {"SSLCertVerificationError", "The peer's certificate does not hold."},
    [SSL_ZERO_RETURN] = {"SSLZeroReturnError", "The peer closed the connection in good order."},
    [SSL_WANT_READ] = {"SSLWantReadError", "More must be read first, and a non-blocking socket has nothing yet."},
    [SSL_WANT_WRITE] = {"SSLWantWriteError", "More must be written first, and a non-blocking socket takes nothing yet."},
    [SSL_SYSCALL] = {"SSLSyscallError", "A call of the system failed in the middle."},
    [SSL_EOF] = {"SSLEOFError", "The peer went away without a word."},
};
static value make_class(struct thread *t, int k) {
    value name = str_from_cstr(t, kinds[k].name), module = str_from_cstr(t, "ssl"), doc = str_from_cstr(t, kinds[k].doc), dict = dict_new(t);
    value bases = k == SSL_VERIFY ? tuple_pack(t, 2, type_ref(&ssl_error), type_ref(&exc_ValueError)) : tuple_pack(t, 1, type_ref(&ssl_error)), v = V_NULL;
    if (name && module && doc && dict && bases && dict_set_str(t, dict, "__module__", module) && dict_set_str(t, dict, "__doc__", doc))
        v = type_make(t, &type_type, name, bases, dict, NULL, 0, V_NULL);
    release_opt(t, name);
    release_opt(t, module);
    release_opt(t, doc);
    release_opt(t, dict);
    release_opt(t, bases);
    return v;
}
bool ssl_errors_add(struct thread *t, vref module) {
    value *slot = &t->interp->slots[SLOT_SSL_ERRORS], all[SSL_ERROR_TYPES] = {V_NULL};
    if (!ssl_error.root_shape && !type_ready(t, &ssl_error)) return false;
    bool ok = true;
    for (int k = 0; ok && k < SSL_ERROR_TYPES; k++) {
        all[k] = k == SSL_FAILED ? type_ref(&ssl_error) : make_class(t, k);
        ok = all[k] && module_set(t, module, kinds[k].name, own(t, all[k]));
    }
    if (!ok) {
        for (int k = 0; k < SSL_ERROR_TYPES; k++) release_opt(t, all[k]);
        return false;
    }
    value tuple = tuple_take_array(t, all, SSL_ERROR_TYPES);
    replace_field(t, slot, tuple);
    return tuple != V_NULL;
}

// ---- raising ----

static const char *library_name(unsigned long e) {
    switch (ERR_GET_LIB(e)) {
    case ERR_LIB_SYS: return "SYS";
    case ERR_LIB_BN: return "BN";
    case ERR_LIB_RSA: return "RSA";
    case ERR_LIB_DH: return "DH";
    case ERR_LIB_EVP: return "EVP";
    case ERR_LIB_PEM: return "PEM";
    case ERR_LIB_X509: return "X509";
    case ERR_LIB_ASN1: return "ASN1";
    case ERR_LIB_CONF: return "CONF";
    case ERR_LIB_CRYPTO: return "CRYPTO";
    case ERR_LIB_EC: return "EC";
    case ERR_LIB_SSL: return "SSL";
    case ERR_LIB_BIO: return "BIO";
    case ERR_LIB_PKCS12: return "PKCS12";
    case ERR_LIB_X509V3: return "X509V3";
    case ERR_LIB_PROV: return "PROV";
    case ERR_LIB_OSSL_DECODER: return "OSSL_DECODER";
    case ERR_LIB_OSSL_STORE: return "OSSL_STORE";
    default: return NULL;
    }
}
// OpenSSL's words as the name of its constant: "no start line" is NO_START_LINE. "" if it has none.
static void reason_name(const char *words, char *out, size_t room) {
    size_t i = 0;
    for (; words && words[i] && i + 1 < room; i++) out[i] = words[i] == ' ' || words[i] == '-' ? '_' : (char)toupper((unsigned char)words[i]);
    out[i] = 0;
}
static bool set_text(struct thread *t, vref e, const char *name, const char *text) {
    value v = text && *text ? str_from_cstr(t, text) : V_NONE;
    vref key = str_intern_cstr(t, name);
    bool ok = v && key && object_setattr(t, e, key, v) >= 0;
    release_opt(t, v);
    return ok;
}
static bool set_verdict(struct thread *t, vref e, long code, const char *text) {
    value number = int_from_i64(t, code);
    vref key = str_intern_cstr(t, "verify_code");
    bool ok = number && key && object_setattr(t, e, key, number) >= 0 && set_text(t, e, "verify_message", text);
    release_opt(t, number);
    return ok;
}
static value raise_made(struct thread *t, enum ssl_error type, int number, vref text, unsigned long code, const char *reason, long verdict, const char *verdict_text) {
    value pair[2] = {from_int62(number), text};
    bool alone = number == 0; // a refusal of ours: the text is the only argument
    value e = text ? object_call(t, tuple_at(t->interp->slots[SLOT_SSL_ERRORS], type), pair + alone, 2 - alone, V_NULL) : V_NULL;
    bool ok = e && set_text(t, e, "reason", reason) && set_text(t, e, "library", code ? library_name(code) : NULL) && (type != SSL_VERIFY || set_verdict(t, e, verdict, verdict_text));
    if (ok) raise_object(t, e);
    release_opt(t, e);
    return V_NULL;
}
value ssl_raise_text(struct thread *t, enum ssl_error type, int number, const char *text) {
    value v = str_from_cstr(t, text);
    raise_made(t, type, number, v, 0, NULL, 0, NULL);
    release_opt(t, v);
    ossl.ERR_clear_error();
    return V_NULL;
}
static value verdict_words(struct thread *t, struct connection *c, long verdict) {
    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH && c->server_hostname) return str_format(t, "Hostname mismatch, certificate is not valid for '%U'.", c->server_hostname);
    if (verdict == X509_V_ERR_IP_ADDRESS_MISMATCH && c->server_hostname) return str_format(t, "IP address mismatch, certificate is not valid for '%U'.", c->server_hostname);
    return str_from_cstr(t, ossl.X509_verify_cert_error_string(verdict));
}
static value raise_code(struct thread *t, struct connection *c, enum ssl_error type, int number, unsigned long code) {
    char reason[128];
    const char *words = ossl.ERR_reason_error_string(code), *library = library_name(code);
    reason_name(ERR_GET_REASON(code) & ERR_RFLAG_COMMON ? NULL : words, reason, sizeof reason); // "PEM lib" only names a library once more
    long verdict = type == SSL_VERIFY ? ossl.SSL_get_verify_result(c->ssl) : 0;
    value why = type == SSL_VERIFY ? verdict_words(t, c, verdict) : V_NULL, text;
    const char *why_text = why ? str_utf8(t, why, NULL) : NULL;
    if (!words) words = "unknown error";
    if (why_text) text = str_format(t, "[%s: %s] %s: %s", library ? library : "OPENSSL", reason, words, why_text);
    else if (*reason && library) text = str_format(t, "[%s: %s] %s", library, reason, words);
    else text = library ? str_format(t, "[%s] %s", library, words) : str_from_cstr(t, words);
    raise_made(t, type, number, text, code, reason, verdict, why_text);
    release_opt(t, text);
    release_opt(t, why);
    ossl.ERR_clear_error();
    return V_NULL;
}
value ssl_raise_last(struct thread *t) {
    unsigned long code = ossl.ERR_peek_last_error();
    if (raised(t)) return ossl.ERR_clear_error(), V_NULL;
    if (!code) return ssl_raise_text(t, SSL_FAILED, SSL_ERROR_SSL, "unknown error");
    return raise_code(t, NULL, SSL_FAILED, ERR_GET_LIB(code) == ERR_LIB_SYS ? ERR_GET_REASON(code) : (int)ERR_GET_REASON(code), code);
}
static value raise_syscall(struct thread *t, struct connection *c) {
    unsigned long code = ossl.ERR_peek_last_error();
    if (code) return raise_code(t, c, SSL_SYSCALL, SSL_ERROR_SYSCALL, code);
    if (c->error) return raise_errno(t, c->error, V_NULL);
    return ssl_raise_text(t, SSL_EOF, 8, "EOF occurred in violation of protocol");
}
value ssl_raise_step(struct thread *t, struct connection *c, int why) {
    unsigned long code = ossl.ERR_peek_last_error();
    switch (why) {
    case SSL_ERROR_ZERO_RETURN: return ssl_raise_text(t, SSL_ZERO_RETURN, why, "TLS/SSL connection has been closed (EOF)");
    case SSL_ERROR_WANT_READ: return ssl_raise_text(t, SSL_WANT_READ, why, "The operation did not complete (read)");
    case SSL_ERROR_WANT_WRITE: return ssl_raise_text(t, SSL_WANT_WRITE, why, "The operation did not complete (write)");
    case SSL_ERROR_WANT_X509_LOOKUP: return ssl_raise_text(t, SSL_FAILED, why, "The operation did not complete (X509 lookup)");
    case SSL_ERROR_WANT_CONNECT: return ssl_raise_text(t, SSL_FAILED, why, "The operation did not complete (connect)");
    case SSL_ERROR_SYSCALL: return raise_syscall(t, c);
    case SSL_ERROR_SSL:
        if (!code) return ssl_raise_text(t, SSL_FAILED, why, "A failure in the SSL library occurred");
        if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED) return raise_code(t, c, SSL_VERIFY, why, code);
        if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
            return ssl_raise_text(t, SSL_EOF, 8, "EOF occurred in violation of protocol");
        return raise_code(t, c, SSL_FAILED, why, code);
    default: return ssl_raise_text(t, SSL_FAILED, 10, "Invalid error code");
    }
}
