// SPDX-License-Identifier: Apache-2.0
// Complex numbers in C: pairs of doubles and their powers. Leaves the type to complex.c.
#ifndef KRAIT_INTERP_TYPES_COMPLEX_H
#define KRAIT_INTERP_TYPES_COMPLEX_H

#include "interp/types/num.h"

struct complex_pair {
    double re, im;
};
static inline bool is_complex(vref v) { return has_shape(v, SHAPE_COMPLEX) || is_instance(v, &type_complex); }
value complex_power(struct thread *t, struct complex_pair a, struct complex_pair b);
// Any number as a pair, __complex__ included: false with TypeError "must be real number, not X".
bool complex_from_object(struct thread *t, vref v, struct complex_pair *out) MUST_CHECK;
value complex_format(struct thread *t, struct complex_pair c, vref spec); // num_format.c

#endif
