// SPDX-License-Identifier: Apache-2.0
// The format mini-language in C: the parsed specification, doubles as text. Leaves replacement fields to str/format.c and % to str/percent.c.
#ifndef KRAIT_INTERP_TYPES_NUM_FORMAT_H
#define KRAIT_INTERP_TYPES_NUM_FORMAT_H

#include "interp/types/float.h"
#include "interp/types/str/codec.h"

struct format_spec { // [[fill]align][sign][z][#][0][width][grouping][.precision][type]
    uint32_t fill, align, sign, type; // 0: not given (fill: ' ')
    bool alternate, no_minus_zero, fill_given;
    char grouping;       // 0, ',' or '_'
    int64_t width, precision; // -1: not given
};
enum float_text_flag { FLOAT_ALTERNATE = 1, FLOAT_ADD_DOT_ZERO = 2, FLOAT_NO_MINUS_ZERO = 4 };
// d as type e, E, f, F, g, G or r (repr's digits), with a leading - only. Appends to b; false: exception.
bool float_put_text(struct byte_builder *b, double d, char type, int precision, unsigned flags) MUST_CHECK;

#endif
