// SPDX-License-Identifier: Apache-2.0
// Encodings known in C: UTF-8, UTF-16, UTF-32, Latin-1, ASCII, the escapes of source text. Leaves the registry of all others to the module codecs.
//
// ERROR HANDLERS. `errors` is NULL or "strict", "ignore", "replace", "backslashreplace", "surrogateescape", "surrogatepass", "xmlcharrefreplace", or a name
// that codecs.register_error knows (interp->codec_errors): such a handler may replace the object that is being decoded.
// INCREMENTAL. With final false a sequence cut off at the end is no error; *consumed then says how far decoding came.
#ifndef KRAIT_INTERP_TYPES_STR_CODEC_H
#define KRAIT_INTERP_TYPES_STR_CODEC_H

#include "interp/types/str.h"

// Byte order of UTF-16 and UTF-32: -1 little, 1 big, 0 by the mark at the start (written when encoding).
value codec_utf8_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors, bool final, size_t *consumed_or_null);
value codec_utf16_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors, int *order, bool final, size_t *consumed_or_null);
value codec_utf32_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors, int *order, bool final, size_t *consumed_or_null);
value codec_latin1_decode(struct thread *t, const uint8_t *p, size_t n);
value codec_ascii_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors);
value codec_utf8_encode(struct thread *t, vref s, const char *errors); // all encoders return new bytes
value codec_utf16_encode(struct thread *t, vref s, const char *errors, int order);
value codec_utf32_encode(struct thread *t, vref s, const char *errors, int order);
value codec_latin1_encode(struct thread *t, vref s, const char *errors);
value codec_ascii_encode(struct thread *t, vref s, const char *errors);

value codec_utf7_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors, bool final, size_t *consumed_or_null);
value codec_utf7_encode(struct thread *t, vref s);
value codec_unicode_escape_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors, bool final, size_t *consumed_or_null);
value codec_unicode_escape_encode(struct thread *t, vref s);
value codec_raw_unicode_escape_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors, bool final, size_t *consumed_or_null);
value codec_raw_unicode_escape_encode(struct thread *t, vref s);
value codec_escape_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors); // of bytes literals: returns new bytes
value codec_escape_encode(struct thread *t, const uint8_t *p, size_t n);
value codec_charmap_decode(struct thread *t, const uint8_t *p, size_t n, const char *errors, vref mapping_or_none);
value codec_charmap_encode(struct thread *t, vref s, const char *errors, vref mapping_or_none);
value codec_charmap_build(struct thread *t, vref table); // returns new EncodingMap, or a dict if the table is not one of 256 bytes

// Encodings that only the registry knows (codecs.register). text: refuse codecs that are not text encodings, and what is not text from them.
value codec_registry_decode(struct thread *t, vref object, const char *encoding, const char *errors, bool text);
value codec_registry_encode(struct thread *t, vref object, const char *encoding, const char *errors, bool text);
value codec_register(struct thread *t, vref search_function);                    // returns None
value codec_unregister(struct thread *t, vref search_function);
value codec_lookup(struct thread *t, const char *encoding);                      // returns new CodecInfo; LookupError
value codec_lookup_error(struct thread *t, const char *name);                    // returns new handler; LookupError
value codec_register_error(struct thread *t, const char *name, vref handler);
// A handler built in, as codecs.lookup_error("replace") gives it: treats the exception exc, returns (replacement, position).
value codec_handle(struct thread *t, const char *name, vref exc);
value codec_builtin_handler(struct thread *t, const char *name);                 // returns new function; V_NULL without exception: no such handler
bool codec_name_arg(struct thread *t, vref v, const char *function, const char *what, const char **out) MUST_CHECK; // optional str argument as UTF-8

// UnicodeEncodeError, UnicodeDecodeError. Always V_NULL.
value codec_raise_encode(struct thread *t, const char *encoding, vref s, size_t start, size_t end, const char *reason);
value codec_raise_decode(struct thread *t, const char *encoding, const uint8_t *p, size_t n, size_t start, size_t end, const char *reason);

// ---- for the codecs themselves: one decoding or encoding under way ----
struct decode_job {
    struct thread *t;
    const char *encoding, *errors;
    const uint8_t *p;       // the input; a handler may have replaced it
    size_t n;
    value replaced;         // owned bytes when it has
    struct str_builder out;
};
void decode_begin(struct decode_job *j, struct thread *t, const char *encoding, const char *errors, const uint8_t *p, size_t n);
// Lets the handler treat p[start:end]; *at becomes where to go on. false: exception.
bool decode_error(struct decode_job *j, size_t start, size_t end, const char *reason, size_t *at) MUST_CHECK;
value decode_end(struct decode_job *j, bool ok); // the text, or V_NULL

struct byte_builder {       // grows; fails once
    struct thread *t;
    uint8_t *data;
    size_t length, capacity;
    bool failed;
};
uint8_t *byte_builder_room(struct byte_builder *b, size_t n); // n bytes appended, to be filled; NULL when failed
void byte_builder_add(struct byte_builder *b, const void *p, size_t n);
value byte_builder_finish(struct byte_builder *b);            // new bytes
value byte_builder_finish_array(struct byte_builder *b);      // new bytearray
void byte_builder_discard(struct byte_builder *b);

// What a handler made of s[start:end]: text to be encoded in its place (each code point must be encodable), or bytes to be taken as they are.
struct encode_patch {
    value text;   // owned str or V_NULL
    value bytes;  // owned bytes or V_NULL
    size_t at;    // where to go on
};
bool encode_error(struct thread *t, const char *encoding, const char *errors, vref s, size_t start, size_t end, const char *reason, struct encode_patch *out) MUST_CHECK;

int utf8_next(const uint8_t *p, size_t n, uint32_t *c);
size_t utf8_put(uint8_t *p, uint32_t c);
size_t utf8_size(const struct str *s, int64_t *surrogate);
value utf8_decode_valid(struct thread *t, const uint8_t *p, size_t n, bool *valid);

#endif
