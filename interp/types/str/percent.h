// SPDX-License-Identifier: Apache-2.0
// What % of str and of bytes share: arguments, flags, numbers. Leaves reading the format to percent.c and bytes_percent.c.
#ifndef KRAIT_INTERP_TYPES_STR_PERCENT_H
#define KRAIT_INTERP_TYPES_STR_PERCENT_H

#include "interp/types/num_format.h"
#include "interp/types/str/text.h"

enum percent_flags { PERCENT_LEFT = 1, PERCENT_SIGN = 2, PERCENT_BLANK = 4, PERCENT_ALT = 8, PERCENT_ZERO = 16 };
static inline unsigned percent_flag(uint32_t c) {
    return c == '-' ? PERCENT_LEFT : c == '+' ? PERCENT_SIGN : c == ' ' ? PERCENT_BLANK : c == '#' ? PERCENT_ALT : c == '0' ? PERCENT_ZERO : 0;
}
struct percent_spec {
    unsigned flags;
    int64_t width, precision; // -1: not given
    uint32_t type;
};
struct percent_args {
    vref args;                // borrowed: the right operand
    bool tuple, mapping, used_key, keyed_taken;
    size_t next, count;
    value keyed;              // owned: args[key] for the conversion under way, or V_NULL
};
void percent_begin(struct percent_args *a, vref args, bool bytes); // bytes: the format is bytes, for which bytes are no mapping
bool percent_need_mapping(struct thread *t, const struct percent_args *a) MUST_CHECK;
vref percent_next(struct thread *t, struct percent_args *a);               // V_NULL: TypeError. Borrowed until the next conversion
bool percent_key(struct thread *t, struct percent_args *a, value key) MUST_CHECK;
bool percent_star(struct thread *t, struct percent_args *a, int64_t *out, const char *what) MUST_CHECK;
bool percent_end(struct thread *t, struct percent_args *a, const char *what) MUST_CHECK; // only cleans up when an exception is pending

struct percent_number {
    char sign, fill;          // sign 0: none
    const char *prefix, *digits;
    size_t nprefix, ndigits, pad;
};
bool percent_put_number(struct byte_builder *b, const struct percent_spec *f, vref v) MUST_CHECK; // types diuxXoeEfFgG
void percent_split_number(const struct percent_spec *f, const struct byte_builder *b, struct percent_number *n);

#endif
