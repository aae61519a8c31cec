// SPDX-License-Identifier: Apache-2.0
// The module _codecs: the codecs of types/str/codec.h and their registry as functions. Leaves codec classes, streams and all other encodings to the library.
#include "interp/modules/modules.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/codec.h"

// errors: absent or None is NULL.
static bool errors_arg(struct thread *t, vref v, const char *function, const char **out) {
    *out = NULL;
    if (!v || is_none(v)) return true;
    if (is_str(v)) return codec_name_arg(t, v, function, "errors", out);
    raise(t, &exc_TypeError, "%s() argument 2 must be str or None, not %T", function, v);
    return false;
}
static bool str_arg(struct thread *t, vref v, const char *function) {
    if (is_str(v)) return true;
    raise(t, &exc_TypeError, "%s() argument 1 must be str, not %T", function, v);
    return false;
}
static value with_length(struct thread *t, value v, size_t n) { // takes v
    if (!v) return V_NULL;
    value pair = tuple_pack(t, 2, v, from_int62((int64_t)n));
    release(t, v);
    return pair;
}
static bool flag_arg(struct thread *t, vref v, bool fallback, bool *out) {
    int truth = v ? object_truth(t, v) : fallback;
    *out = truth > 0;
    return truth >= 0;
}
// Memory of a bytes-like object, or the UTF-8 of a str.
static bool text_or_buffer(struct thread *t, vref v, struct buffer_view *view) {
    if (!is_str(v)) return buffer_get(t, v, view, false);
    size_t n;
    const char *s = str_utf8(t, v, &n);
    *view = (struct buffer_view){.data = (uint8_t *)(uintptr_t)s, .length = n};
    return s != NULL;
}

// ---- the registry ----
static value c_register(struct thread *t, const vref *a) { return codec_register(t, a[0]); }
static value c_unregister(struct thread *t, const vref *a) { return codec_unregister(t, a[0]); }
static value c_lookup(struct thread *t, const vref *a) {
    const char *name;
    if (!is_str(a[0])) return raise(t, &exc_TypeError, "lookup() argument must be str, not %T", a[0]);
    return codec_name_arg(t, a[0], "lookup", "encoding", &name) ? codec_lookup(t, name) : V_NULL;
}
static value through_registry(struct thread *t, const vref *a, bool encode) {
    const char *encoding, *errors, *function = encode ? "encode" : "decode";
    if (!codec_name_arg(t, a[1], function, "encoding", &encoding) || !codec_name_arg(t, a[2], function, "errors", &errors)) return V_NULL;
    if (!encoding) encoding = "utf-8";
    return encode ? codec_registry_encode(t, a[0], encoding, errors, false) : codec_registry_decode(t, a[0], encoding, errors, false);
}
static value c_encode(struct thread *t, const vref *a) { return through_registry(t, a, true); }
static value c_decode(struct thread *t, const vref *a) { return through_registry(t, a, false); }
static value c_register_error(struct thread *t, const vref *a) {
    const char *name;
    if (!is_str(a[0])) return raise(t, &exc_TypeError, "register_error() argument 1 must be str, not %T", a[0]);
    return codec_name_arg(t, a[0], "register_error", "errors", &name) ? codec_register_error(t, name, a[1]) : V_NULL;
}
static value c_lookup_error(struct thread *t, const vref *a) {
    const char *name;
    if (!is_str(a[0])) return raise(t, &exc_TypeError, "lookup_error() argument must be str, not %T", a[0]);
    return codec_name_arg(t, a[0], "lookup_error", "name", &name) ? codec_lookup_error(t, name) : V_NULL;
}

// ---- encoders: (text, errors) ----
typedef value encode_fn(struct thread *t, vref s, const char *errors);
static value encode(struct thread *t, const vref *a, const char *function, encode_fn *fn) {
    const char *errors;
    if (!str_arg(t, a[0], function) || !errors_arg(t, a[1], function, &errors)) return V_NULL;
    return with_length(t, fn(t, a[0], errors), as_str(a[0])->length);
}
static value utf7_encode(struct thread *t, vref s, const char *errors) { return (void)errors, codec_utf7_encode(t, s); }
static value escape_encode(struct thread *t, vref s, const char *errors) { return (void)errors, codec_unicode_escape_encode(t, s); }
static value raw_encode(struct thread *t, vref s, const char *errors) { return (void)errors, codec_raw_unicode_escape_encode(t, s); }
static value utf16_le(struct thread *t, vref s, const char *errors) { return codec_utf16_encode(t, s, errors, -1); }
static value utf16_be(struct thread *t, vref s, const char *errors) { return codec_utf16_encode(t, s, errors, 1); }
static value utf32_le(struct thread *t, vref s, const char *errors) { return codec_utf32_encode(t, s, errors, -1); }
static value utf32_be(struct thread *t, vref s, const char *errors) { return codec_utf32_encode(t, s, errors, 1); }
#define ENCODERS(X)                                                                                                                   \
    X(utf_8_encode, codec_utf8_encode) X(utf_7_encode, utf7_encode) X(latin_1_encode, codec_latin1_encode) X(ascii_encode, codec_ascii_encode) \
    X(unicode_escape_encode, escape_encode) X(raw_unicode_escape_encode, raw_encode) X(utf_16_le_encode, utf16_le) X(utf_16_be_encode, utf16_be)   \
    X(utf_32_le_encode, utf32_le) X(utf_32_be_encode, utf32_be)
#define X(name, fn) static value c_##name(struct thread *t, const vref *a) { return encode(t, a, #name, fn); }
ENCODERS(X)
#undef X

static bool order_arg(struct thread *t, vref v, int *out) {
    int64_t order = 0;
    if (v && !object_as_index(t, v, &order)) return false;
    *out = order < 0 ? -1 : order > 0;
    return true;
}
static value wide_encode(struct thread *t, const vref *a, const char *function, value (*fn)(struct thread *, vref, const char *, int)) {
    const char *errors;
    int order;
    if (!str_arg(t, a[0], function) || !errors_arg(t, a[1], function, &errors) || !order_arg(t, a[2], &order)) return V_NULL;
    return with_length(t, fn(t, a[0], errors, order), as_str(a[0])->length);
}
static value c_utf_16_encode(struct thread *t, const vref *a) { return wide_encode(t, a, "utf_16_encode", codec_utf16_encode); }
static value c_utf_32_encode(struct thread *t, const vref *a) { return wide_encode(t, a, "utf_32_encode", codec_utf32_encode); }
static value c_charmap_encode(struct thread *t, const vref *a) {
    const char *errors;
    if (!str_arg(t, a[0], "charmap_encode") || !errors_arg(t, a[1], "charmap_encode", &errors)) return V_NULL;
    return with_length(t, codec_charmap_encode(t, a[0], errors, a[2]), as_str(a[0])->length);
}
static value c_charmap_build(struct thread *t, const vref *a) {
    if (!is_str(a[0])) return raise(t, &exc_TypeError, "charmap_build() argument must be str, not %T", a[0]);
    return codec_charmap_build(t, a[0]);
}

// ---- decoders: (data, errors, final) ----
typedef value decode_fn(struct thread *t, const uint8_t *p, size_t n, const char *errors, bool final, size_t *consumed);
static value decode(struct thread *t, const vref *a, const char *function, decode_fn *fn, vref final_arg, bool final, bool text) {
    const char *errors;
    struct buffer_view view;
    if (!errors_arg(t, a[1], function, &errors) || !flag_arg(t, final_arg, final, &final)) return V_NULL;
    if (!(text ? text_or_buffer(t, a[0], &view) : buffer_get(t, a[0], &view, false))) return V_NULL;
    size_t used = view.length;
    value v = fn(t, view.data, view.length, errors, final, &used);
    buffer_release(t, &view);
    return with_length(t, v, used);
}
static value latin1(struct thread *t, const uint8_t *p, size_t n, const char *errors, bool final, size_t *used) { return (void)errors, (void)final, *used = n, codec_latin1_decode(t, p, n); }
static value ascii(struct thread *t, const uint8_t *p, size_t n, const char *errors, bool final, size_t *used) { return (void)final, *used = n, codec_ascii_decode(t, p, n, errors); }
#define WIDE(name, size, start)                                                                                                         \
    static value name(struct thread *t, const uint8_t *p, size_t n, const char *errors, bool final, size_t *used) {                     \
        int order = start;                                                                                                              \
        return codec_##size##_decode(t, p, n, errors, &order, final, used);                                                             \
    }
WIDE(any16, utf16, 0) WIDE(le16, utf16, -1) WIDE(be16, utf16, 1) WIDE(any32, utf32, 0) WIDE(le32, utf32, -1) WIDE(be32, utf32, 1)
#define DECODERS(X)                                                                                                               \
    X(utf_8_decode, codec_utf8_decode) X(utf_7_decode, codec_utf7_decode) X(utf_16_decode, any16) X(utf_16_le_decode, le16) X(utf_16_be_decode, be16) \
    X(utf_32_decode, any32) X(utf_32_le_decode, le32) X(utf_32_be_decode, be32)
#define X(name, fn) static value c_##name(struct thread *t, const vref *a) { return decode(t, a, #name, fn, a[2], false, false); }
DECODERS(X)
#undef X
static value c_latin_1_decode(struct thread *t, const vref *a) { return decode(t, a, "latin_1_decode", latin1, V_NULL, true, false); }
static value c_ascii_decode(struct thread *t, const vref *a) { return decode(t, a, "ascii_decode", ascii, V_NULL, true, false); }
static value c_unicode_escape_decode(struct thread *t, const vref *a) { return decode(t, a, "unicode_escape_decode", codec_unicode_escape_decode, a[2], true, true); }
static value c_raw_unicode_escape_decode(struct thread *t, const vref *a) { return decode(t, a, "raw_unicode_escape_decode", codec_raw_unicode_escape_decode, a[2], true, true); }

// (data, errors, byteorder, final) → (text, consumed, byteorder)
static value ex_decode(struct thread *t, const vref *a, const char *function, value (*fn)(struct thread *, const uint8_t *, size_t, const char *, int *, bool, size_t *)) {
    const char *errors;
    int order;
    bool final;
    struct buffer_view view;
    if (!errors_arg(t, a[1], function, &errors) || !order_arg(t, a[2], &order) || !flag_arg(t, a[3], false, &final) || !buffer_get(t, a[0], &view, false)) return V_NULL;
    size_t used = view.length;
    static const uint8_t marks[2][4] = {{0xff, 0xfe}, {0, 0, 0xfe, 0xff}}; // without a mark the order stays open
    size_t size = fn == codec_utf16_decode ? 2 : 4;
    bool open = order == 0 && (view.length < size || (memcmp(view.data, marks[0], size) != 0 && memcmp(view.data, size == 2 ? "\xfe\xff" : (const char *)marks[1], size) != 0));
    value v = fn(t, view.data, view.length, errors, &order, final, &used);
    buffer_release(t, &view);
    if (!v) return V_NULL;
    value out = tuple_pack(t, 3, v, from_int62((int64_t)used), from_int62(open ? 0 : order));
    release(t, v);
    return out;
}
static value c_utf_16_ex_decode(struct thread *t, const vref *a) { return ex_decode(t, a, "utf_16_ex_decode", codec_utf16_decode); }
static value c_utf_32_ex_decode(struct thread *t, const vref *a) { return ex_decode(t, a, "utf_32_ex_decode", codec_utf32_decode); }
static value c_charmap_decode(struct thread *t, const vref *a) {
    const char *errors;
    struct buffer_view view;
    if (!errors_arg(t, a[1], "charmap_decode", &errors) || !buffer_get(t, a[0], &view, false)) return V_NULL;
    size_t n = view.length;
    value v = codec_charmap_decode(t, view.data, n, errors, a[2]);
    buffer_release(t, &view);
    return with_length(t, v, n);
}

// ---- bytes ----
static value c_escape_decode(struct thread *t, const vref *a) {
    const char *errors;
    struct buffer_view view;
    if (!errors_arg(t, a[1], "escape_decode", &errors) || !text_or_buffer(t, a[0], &view)) return V_NULL;
    size_t n = view.length;
    value v = codec_escape_decode(t, view.data, n, errors);
    buffer_release(t, &view);
    return with_length(t, v, n);
}
static value c_escape_encode(struct thread *t, const vref *a) {
    if (!is_bytes(a[0])) return raise(t, &exc_TypeError, "escape_encode() argument 1 must be bytes, not %T", a[0]);
    return with_length(t, codec_escape_encode(t, as_bytes(a[0])->data, as_bytes(a[0])->length), as_bytes(a[0])->length);
}
static value c_readbuffer_encode(struct thread *t, const vref *a) {
    struct buffer_view view;
    if (!text_or_buffer(t, a[0], &view)) return V_NULL;
    size_t n = view.length;
    value v = bytes_new(t, view.data, n);
    buffer_release(t, &view);
    return with_length(t, v, n);
}

#define F(n, s) {.name = #n, .kind = NATIVE_FUNCTION, .sig = s, .fn = c_##n}
#define X(n, fn) F(n, "($module, str, errors=None, /)"),
#define Y(n, fn) F(n, "($module, data, errors=None, final=False, /)"),
static const struct native functions[] = {
    F(register, "($module, search_function, /)"), F(unregister, "($module, search_function, /)"), F(lookup, "($module, encoding, /)"),
    F(encode, "($module, /, obj, encoding='utf-8', errors='strict')"), F(decode, "($module, /, obj, encoding='utf-8', errors='strict')"),
    F(register_error, "($module, errors, handler, /)"), F(lookup_error, "($module, name, /)"),
    ENCODERS(X) DECODERS(Y)
    F(utf_16_encode, "($module, str, errors=None, byteorder=0, /)"), F(utf_32_encode, "($module, str, errors=None, byteorder=0, /)"),
    F(utf_16_ex_decode, "($module, data, errors=None, byteorder=0, final=False, /)"), F(utf_32_ex_decode, "($module, data, errors=None, byteorder=0, final=False, /)"),
    F(latin_1_decode, "($module, data, errors=None, /)"), F(ascii_decode, "($module, data, errors=None, /)"),
    F(unicode_escape_decode, "($module, data, errors=None, final=True, /)"), F(raw_unicode_escape_decode, "($module, data, errors=None, final=True, /)"),
    F(charmap_encode, "($module, str, errors=None, mapping=None, /)"), F(charmap_decode, "($module, data, errors=None, mapping=None, /)"),
    F(charmap_build, "($module, map, /)"), F(escape_decode, "($module, data, errors=None, /)"), F(escape_encode, "($module, data, errors=None, /)"),
    F(readbuffer_encode, "($module, data, errors=None, /)"),
};
value codecs_make(struct thread *t) { return module_from_natives(t, "_codecs", NULL, functions, sizeof functions / sizeof *functions); }
