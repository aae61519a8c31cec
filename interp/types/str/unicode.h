// SPDX-License-Identifier: Apache-2.0
// Properties and case mappings of code points (Unicode 14). Leaves the tables to unicode_tables.c, which gen_unicode.py writes, and names, categories
// and normalisation to the module unicodedata.
#ifndef KRAIT_INTERP_TYPES_STR_UNICODE_H
#define KRAIT_INTERP_TYPES_STR_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

enum { UNICODE_PAGE_SHIFT = 7, UNICODE_MAX = 0x10ffff };
enum unicode_flag {
    UNICODE_ALPHA = 1 << 0,
    UNICODE_DECIMAL = 1 << 1,
    UNICODE_DIGIT = 1 << 2,
    UNICODE_NUMERIC = 1 << 3,
    UNICODE_SPACE = 1 << 4,
    UNICODE_PRINTABLE = 1 << 5,
    UNICODE_UPPER = 1 << 6,
    UNICODE_LOWER = 1 << 7,
    UNICODE_TITLE = 1 << 8,
    UNICODE_CASED = 1 << 9,       // and not ignorable: what ends the look-around for a final sigma
    UNICODE_IGNORABLE = 1 << 10,
    UNICODE_XID_START = 1 << 11,
    UNICODE_XID_CONTINUE = 1 << 12,
    UNICODE_LINE_BREAK = 1 << 13,
    UNICODE_LONG_UPPER = 1 << 14, // the mapping has more than one code point: the field is an index into unicode_long
    UNICODE_LONG_LOWER = 1 << 15,
    UNICODE_LONG_TITLE = 1 << 16,
    UNICODE_LONG_FOLD = 1 << 17,
};
struct unicode_record {
    int32_t upper, lower, title, fold; // distance to the mapped code point
    uint32_t flags;                    // enum unicode_flag
    int8_t decimal, digit;             // value or -1
};
extern const struct unicode_record unicode_records[];
extern const uint16_t unicode_pages[], unicode_index[];
extern const uint32_t unicode_long[]; // count, code points …

static inline const struct unicode_record *unicode_of(uint32_t c) {
    if (c > UNICODE_MAX) c = UNICODE_MAX;
    return &unicode_records[unicode_index[((uint32_t)unicode_pages[c >> UNICODE_PAGE_SHIFT] << UNICODE_PAGE_SHIFT) + (c & ((1 << UNICODE_PAGE_SHIFT) - 1))]];
}
static inline bool unicode_is(uint32_t c, uint32_t flags) { return (unicode_of(c)->flags & flags) != 0; }
static inline bool unicode_is_alnum(uint32_t c) { return unicode_is(c, UNICODE_ALPHA | UNICODE_DECIMAL | UNICODE_DIGIT | UNICODE_NUMERIC); }
static inline bool unicode_is_space(uint32_t c) {
    if (c < 128) return c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31);
    return unicode_is(c, UNICODE_SPACE);
}
static inline bool unicode_is_printable(uint32_t c) { return c < 127 ? c >= 32 : unicode_is(c, UNICODE_PRINTABLE); }

enum unicode_case { CASE_UPPER, CASE_LOWER, CASE_TITLE, CASE_FOLD };
// Full mapping of c into out; returns how many code points (1 to 3). A final sigma is the caller's matter.
static inline int unicode_map(uint32_t c, enum unicode_case to, uint32_t out[3]) {
    const struct unicode_record *r = unicode_of(c);
    int32_t field = to == CASE_UPPER ? r->upper : to == CASE_LOWER ? r->lower : to == CASE_TITLE ? r->title : r->fold;
    if (!(r->flags & (UNICODE_LONG_UPPER << to))) {
        out[0] = c + (uint32_t)field;
        return 1;
    }
    int n = (int)unicode_long[field];
    for (int i = 0; i < n; i++) out[i] = unicode_long[field + 1 + i];
    return n;
}
// One-to-one lower case, as regular expressions want it.
static inline uint32_t unicode_to_lower(uint32_t c) {
    const struct unicode_record *r = unicode_of(c);
    return r->flags & UNICODE_LONG_LOWER ? 'i' : c + (uint32_t)r->lower;
}

#endif
