// SPDX-License-Identifier: Apache-2.0
// memoryview in C: one dimension of equal items over another object's memory. Leaves more dimensions out.
#ifndef KRAIT_INTERP_TYPES_MEMORYVIEW_H
#define KRAIT_INTERP_TYPES_MEMORYVIEW_H

#include "interp/types/str.h"

struct memoryview {
    struct object head;
    struct buffer_view view;  // our export of the object; owner V_NULL once released
    uint8_t *start;           // item 0
    int64_t count, stride;    // items; bytes from one to the next, may be negative
    uint32_t itemsize;
    char format[4];           // a struct code, perhaps behind '@'
    uint32_t exports;         // buffers taken of us: no release
    bool readonly;
    _Atomic int64_t hash;
};
value memoryview_new(struct thread *t, vref object);
value memoryview_to_bytes(struct thread *t, vref view); // also of items that do not lie together

#endif
