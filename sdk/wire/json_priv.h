// SPDX-License-Identifier: Apache-2.0
// Private to json*.c: the forms for what JSON itself has none, {"$bytes": …} and its like.

#ifndef KRAIT_WIRE_JSON_PRIV_H
#define KRAIT_WIRE_JSON_PRIV_H

#include "sdk/wire/json.h"
#include "sdk/wire/limits.h"

#define JSON_DIGITS_MAX 4300   // longer integers travel in hexadecimal: {"$int": "0x…"}

// Rewrites the map {"$kind": value} in place to what it stands for. ERR_VALUE when the kind is known and its value is
// wrong; an unknown kind stays a map.
enum err json_special_read(struct arena *a, struct wire_value *map);

// Appends the form of a kind that is neither plain JSON nor a container.
bool json_special_write(struct buf *out, const struct wire_value *v);

// A dict that must go out as {"$dict": [[key, value], …]}: a key is no text, or it would be taken for a special form.
bool json_needs_pairs(const struct wire_value *map);

// Decimal digits with an optional minus -> BIG (two's complement in the arena). ERR_CAP over JSON_DIGITS_MAX.
enum err json_big_read(struct arena *a, struct slice digits, struct wire_value *out);

// Appends a BIG in decimal, or as {"$int": "0x…"}.
bool json_big_write(struct buf *out, struct slice big);

#endif
