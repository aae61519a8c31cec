// SPDX-License-Identifier: Apache-2.0
// The tables of the module unicodedata and what its files share. Leaves case and character classes to types/str/unicode.h.
//
// Every table has a twin of Unicode 3.2, which holds only what differs (but the index, which is whole): internationalised host names are defined by it.
// Names are sequences of word numbers; neighbouring code points share a run. The way back, from a name to its code point, is a hash table made when first asked.
#ifndef KRAIT_INTERP_MODULES_UNICODEDATA_UNICODEDATA_H
#define KRAIT_INTERP_MODULES_UNICODEDATA_UNICODEDATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UCD_SHIFT = 7, UCD_LAST = 0x10ffff, UCD_NAME_MOST = 120 };
struct ucd_record {
    uint8_t category, direction, width, combining, mirrored;
};
struct ucd_number {
    uint32_t code;
    double n;
};
struct ucd_mapping {
    uint32_t code;
    uint8_t tag, count;
    uint16_t at;             // in ucd_mapping_pool
};
struct ucd_pair {
    uint32_t first, second, composed;
};
struct ucd_range {
    uint32_t first, last;
    const char *stem;        // the name is this and the code point in hexadecimal
};
struct ucd_run {
    uint32_t code, count, at; // at: of the first name in ucd_names
};
struct ucd_alias {
    const char *name;
    uint32_t code;
};
extern const struct ucd_record ucd_records[];
extern const uint16_t ucd_pages[], ucd_index[], ucd_old_pages[], ucd_old_index[];
extern const char *const ucd_categories[], *const ucd_directions[], *const ucd_widths[], *const ucd_tags[];
extern const struct ucd_number ucd_numbers[], ucd_old_numbers[], ucd_old_decimals[], ucd_old_corrections[];
extern const unsigned ucd_numbers_count, ucd_old_numbers_count, ucd_old_decimals_count, ucd_old_corrections_count;
extern const struct ucd_mapping ucd_mappings[], ucd_old_mappings[];
extern const unsigned ucd_mappings_count, ucd_old_mappings_count;
extern const uint32_t ucd_mapping_pool[], ucd_word_starts[];
extern const struct ucd_pair ucd_pairs[];
extern const unsigned ucd_pairs_count;
extern const struct ucd_range ucd_ranges[];
extern const unsigned ucd_ranges_count;
extern const char ucd_words[];
extern const struct ucd_run ucd_runs[];
extern const unsigned ucd_runs_count, ucd_names_count;
extern const uint8_t ucd_names[];
extern const struct ucd_alias ucd_aliases[];

static inline const struct ucd_record *ucd_of(uint32_t c, bool old) {
    uint32_t low = c & ((1 << UCD_SHIFT) - 1), page = c >> UCD_SHIFT;
    return &ucd_records[old ? ucd_old_index[((uint32_t)ucd_old_pages[page] << UCD_SHIFT) + low] : ucd_index[((uint32_t)ucd_pages[page] << UCD_SHIFT) + low]];
}
const struct ucd_mapping *ucd_mapping_of(uint32_t c, bool old);   // NULL: none
bool ucd_number_of(uint32_t c, bool old, double *n);
uint32_t ucd_old_correction(uint32_t c);                            // what 3.2 wrongly decomposed c to; 0: it did not
bool ucd_old_decimal(uint32_t c, int *n);                         // whether 3.2 said otherwise; -1: none
uint32_t ucd_compose(uint32_t first, uint32_t second);            // 0: they do not combine
// lookup.c. Writes the name of c (no NUL) to out; 0: it has none.
size_t ucd_name_of(uint32_t c, char out[UCD_NAME_MOST]);
int64_t ucd_find_name(const char *name, size_t n);                // any case; -1

#endif
