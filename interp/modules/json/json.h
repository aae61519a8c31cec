// SPDX-License-Identifier: Apache-2.0
// The C half of json: reading and writing. Leaves options, files and the errors' class to the library's package json.
//
// READING walks the text once with an index. Keys that come again in a document are made once: a small table remembers the last key of each hash of its characters.
// WRITING appends to one builder; only objects that `default` must turn into something else run Python code, and sort_keys, subclasses and foreign encoders.
#ifndef KRAIT_INTERP_MODULES_JSON_JSON_H
#define KRAIT_INTERP_MODULES_JSON_JSON_H

#include "interp/types/str/text.h"

extern struct type type_json_scanner, type_json_encoder;
// Raises json.JSONDecodeError(message, text, at). Always V_NULL.
value json_error(struct thread *t, const char *message, vref text, size_t at);
// The string whose first character stands at s[at]; *end: behind the closing quote. returns new.
value json_read_string(struct thread *t, vref s, size_t at, bool strict, size_t *end);
// Appends s in quotes. ascii: what is not ASCII as \uXXXX.
void json_write_string(struct str_builder *b, vref s, bool ascii);
native_fn json_encode_plain, json_encode_ascii; // encode_basestring, encode_basestring_ascii
#define JSON_AT(s, i) ((s)->width == 1 ? (s)->data[i] : str_at(s, i))

#endif
