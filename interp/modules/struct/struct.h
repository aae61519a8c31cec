// SPDX-License-Identifier: Apache-2.0
// Formats of the module struct: parsed once into rows, values packed and unpacked by row. Leaves the functions and types Python sees to module.c.
//
// A format is a byte order ('@' native with alignment, '=' native without, '<' little, '>' and '!' big) and items. Each item becomes one row: `count` values of
// `size` bytes from `offset` on; padding makes no row. 's' and 'p' are one value of `size` bytes.
#ifndef KRAIT_INTERP_MODULES_STRUCT_STRUCT_H
#define KRAIT_INTERP_MODULES_STRUCT_STRUCT_H

#include "interp/core/object.h"

struct layout_row {
    char code;           // format character
    bool native;         // '@': sizes of the C compiler
    bool big;            // big-endian
    bool is_unsigned;    // an integer without sign
    size_t offset, size, count;
};
enum { LAYOUT_INLINE = 16 };
struct layout {
    size_t nrows, items, bytes; // items: values in all
    size_t room;
    bool kept;                  // for the process's life
    struct layout_row *rows;    // few, or from the heap
    struct layout_row few[LAYOUT_INLINE];
};
extern struct type struct_error;
// The layout of format, a str or bytes; it never changes. The first few hundred different ones are kept and shared by all threads, a later one is new.
// NULL: struct.error, TypeError, MemoryError. layout_let_go ends the use of it, layout_retire too when another thread may be reading it.
const struct layout *layout_get(struct thread *t, vref format) MUST_CHECK;
void layout_let_go(struct thread *t, const struct layout *l);
void layout_retire(struct thread *t, const struct layout *l);
// to[0..bytes) from items values. false: exception.
bool layout_pack(struct thread *t, const struct layout *l, uint8_t *to, const vref *values) MUST_CHECK;
value layout_unpack(struct thread *t, const struct layout *l, const uint8_t *from); // returns new tuple

#endif
