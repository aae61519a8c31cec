// SPDX-License-Identifier: Apache-2.0
// The grammar of str.format's replacement fields: pieces of a format string, parts of a field name. Leaves looking values up to format.c.
#ifndef KRAIT_INTERP_TYPES_STR_FORMAT_H
#define KRAIT_INTERP_TYPES_STR_FORMAT_H

#include "interp/types/str/text.h"

struct format_piece {              // literal text, then perhaps a field; offsets into the format string
    size_t text_from, text_to;
    bool has_field, nested;        // nested: the specification holds fields itself
    size_t name_from, name_to, spec_from, spec_to;
    uint32_t conversion;           // 0: none
};
// The next piece of s[*pos:end]: 1, 0 at the end, -1 ValueError.
int format_next(struct thread *t, const struct str *s, size_t *pos, size_t end, struct format_piece *p);
size_t format_first_end(const struct str *s, size_t from, size_t to); // where the first part of a field name ends
value format_name_part(struct thread *t, vref s, size_t from, size_t to); // an int if it is all digits, else a str
// The next .attribute or [item] of a field name: 1 (*key new), 0 at the end, -1.
int format_next_part(struct thread *t, vref s, size_t *pos, size_t to, bool *attribute, value *key);

#endif
