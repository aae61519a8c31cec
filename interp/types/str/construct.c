// SPDX-License-Identifier: Apache-2.0
// str(), str.encode, bytes.decode: which codec does it. Leaves the codecs known in C to codec_*.c and all others to the registry (codec_registry.c).
#include "interp/types/exc.h"
#include "interp/types/str/codec.h"
#include "interp/types/str/methods.h"
#include <ctype.h>

enum encoding { ENC_OTHER, ENC_UTF8, ENC_UTF16, ENC_UTF16LE, ENC_UTF16BE, ENC_UTF32, ENC_UTF32LE, ENC_UTF32BE, ENC_LATIN1, ENC_ASCII };

// By its usual names, case and '-' '_' ' ' alike.
static enum encoding encoding_of(const char *name) {
    static const struct {
        const char *name;
        enum encoding e;
    } known[] = {{"utf_8", ENC_UTF8}, {"utf8", ENC_UTF8}, {"utf_16", ENC_UTF16}, {"utf16", ENC_UTF16}, {"utf_16_le", ENC_UTF16LE}, {"utf_16le", ENC_UTF16LE},
                 {"utf_16_be", ENC_UTF16BE}, {"utf_16be", ENC_UTF16BE}, {"utf_32", ENC_UTF32}, {"utf32", ENC_UTF32}, {"utf_32_le", ENC_UTF32LE},
                 {"utf_32le", ENC_UTF32LE}, {"utf_32_be", ENC_UTF32BE}, {"utf_32be", ENC_UTF32BE}, {"latin_1", ENC_LATIN1}, {"latin1", ENC_LATIN1},
                 {"iso_8859_1", ENC_LATIN1}, {"iso8859_1", ENC_LATIN1}, {"ascii", ENC_ASCII}, {"us_ascii", ENC_ASCII}};
    char low[16];
    size_t n = strlen(name);
    if (n >= sizeof low) return ENC_OTHER;
    for (size_t i = 0; i <= n; i++) low[i] = name[i] == '-' || name[i] == ' ' ? '_' : (char)tolower((unsigned char)name[i]);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(low, known[i].name) == 0) return known[i].e;
    return ENC_OTHER;
}

value str_decode(struct thread *t, const uint8_t *p, size_t n, const char *encoding, const char *errors) {
    int order = 0;
    switch (encoding ? encoding_of(encoding) : ENC_UTF8) {
    case ENC_UTF8: return codec_utf8_decode(t, p, n, errors, true, NULL);
    case ENC_UTF16: return codec_utf16_decode(t, p, n, errors, &order, true, NULL);
    case ENC_UTF16LE: return order = -1, codec_utf16_decode(t, p, n, errors, &order, true, NULL);
    case ENC_UTF16BE: return order = 1, codec_utf16_decode(t, p, n, errors, &order, true, NULL);
    case ENC_UTF32: return codec_utf32_decode(t, p, n, errors, &order, true, NULL);
    case ENC_UTF32LE: return order = -1, codec_utf32_decode(t, p, n, errors, &order, true, NULL);
    case ENC_UTF32BE: return order = 1, codec_utf32_decode(t, p, n, errors, &order, true, NULL);
    case ENC_LATIN1: return codec_latin1_decode(t, p, n);
    case ENC_ASCII: return codec_ascii_decode(t, p, n, errors);
    case ENC_OTHER: break;
    }
    value b = bytes_new(t, p, n);
    value v = b ? codec_registry_decode(t, b, encoding, errors, true) : V_NULL;
    release_opt(t, b);
    return v;
}

value str_encode(struct thread *t, vref s, const char *encoding, const char *errors) {
    switch (encoding ? encoding_of(encoding) : ENC_UTF8) {
    case ENC_UTF8: return codec_utf8_encode(t, s, errors);
    case ENC_UTF16: return codec_utf16_encode(t, s, errors, 0);
    case ENC_UTF16LE: return codec_utf16_encode(t, s, errors, -1);
    case ENC_UTF16BE: return codec_utf16_encode(t, s, errors, 1);
    case ENC_UTF32: return codec_utf32_encode(t, s, errors, 0);
    case ENC_UTF32LE: return codec_utf32_encode(t, s, errors, -1);
    case ENC_UTF32BE: return codec_utf32_encode(t, s, errors, 1);
    case ENC_LATIN1: return codec_latin1_encode(t, s, errors);
    case ENC_ASCII: return codec_ascii_encode(t, s, errors);
    case ENC_OTHER: break;
    }
    return codec_registry_encode(t, s, encoding, errors, true);
}

// An optional str argument as UTF-8 without NULs; NULL in *out when absent.
bool codec_name_arg(struct thread *t, vref v, const char *function, const char *what, const char **out) {
    *out = NULL;
    if (!v) return true;
    if (!is_str(v)) {
        raise(t, &exc_TypeError, "%s() argument '%s' must be str, not %T", function, what, v);
        return false;
    }
    size_t n;
    if (!(*out = str_utf8(t, v, &n))) return false;
    if (strlen(*out) != n) {
        raise(t, &exc_ValueError, "embedded null character");
        return false;
    }
    return true;
}

value str_m_encode(struct thread *t, const vref *a) { // self, encoding='utf-8', errors='strict'
    const char *encoding, *errors;
    if (!codec_name_arg(t, a[1], "encode", "encoding", &encoding) || !codec_name_arg(t, a[2], "encode", "errors", &errors)) return V_NULL;
    return str_encode(t, a[0], encoding, errors);
}

value str_make_from_object(struct thread *t, vref v, vref vencoding, vref verrors) {
    const char *encoding, *errors;
    if (!vencoding && !verrors) return object_str(t, v);
    if (!codec_name_arg(t, vencoding, "str", "encoding", &encoding) || !codec_name_arg(t, verrors, "str", "errors", &errors)) return V_NULL;
    if (is_str(v)) return raise(t, &exc_TypeError, "decoding str is not supported");
    struct buffer_view view;
    if (!buffer_check(v)) return raise(t, &exc_TypeError, "decoding to str: need a bytes-like object, %T found", v);
    if (!buffer_get(t, v, &view, false)) return V_NULL;
    value out = str_decode(t, view.data, view.length, encoding, errors);
    buffer_release(t, &view);
    return out;
}
