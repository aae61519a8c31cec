// SPDX-License-Identifier: Apache-2.0
// JSON to and from values: strict RFC 8259 in, one line out. Used by the command line, the SDK's convenience calls and
// the broker's API. What JSON has no form for goes out in a form that reads well and comes back as itself only
// where the table says so:
//
//   none bool int float str list dict     null true/false 1 1.0 "x" [] {}       and back
//   big int                               digits; over 4,300 {"$int": "0x…"}     and back
//   tuple set frozenset                   array                                 comes back a list
//   bytes                                 {"$bytes": "base64"}                   and back
//   date time datetime                    {"$datetime": "2026-01-31T12:00:00+01:00"}, $date, $time    and back
//   timedelta decimal uuid                {"$timedelta": seconds}, {"$decimal": "1.5"}, {"$uuid": "…"}  and back
//   dict with a key that is no str        {"$dict": [[key, value], …]}           and back
//   nan inf                               NaN Infinity -Infinity as Python writes them; read too

#ifndef KRAIT_WIRE_JSON_H
#define KRAIT_WIRE_JSON_H

#include "sdk/wire/value.h"

// Parses one JSON text (white space around it allowed). Text without escapes stays a view into `text`, all else is in
// the arena. ERR_VALUE with the byte offset in *at (may be NULL), ERR_CAP (depth), ERR_NOMEM.
enum err json_read(struct arena *a, struct slice text, struct wire_value *out, size_t *at);

// Appends one line without a newline. ERR_NOMEM, ERR_CAP.
enum err json_write(struct buf *out, const struct wire_value *v);

// Appends s as a JSON string with quotes; bytes that are no UTF-8 become U+FFFD.
bool json_write_text(struct buf *out, struct slice s);

// In an object tree (VALUE_MAP): the member, or NULL.
const struct wire_value *json_get(const struct wire_value *object, const char *name);

#endif
