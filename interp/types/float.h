// SPDX-License-Identifier: Apache-2.0
// What the files of float share: decimal digits of doubles in both directions. Leaves the public face to num.h.
#ifndef KRAIT_INTERP_TYPES_FLOAT_H
#define KRAIT_INTERP_TYPES_FLOAT_H

#include "interp/types/num.h"

struct float_pow10 {
    uint64_t hi, lo;
};
enum { FLOAT_POW10_LOW = -292, FLOAT_POW10_HIGH = 324 };
extern const struct float_pow10 float_pow10[];

// Decimal digits of a finite |d|: 0.DIGITS 10^point. Zero is "0" with point 1. No trailing zeros from shortest.
struct float_digits {
    char *digit;     // not NUL-terminated
    int n, point;
    char few[32];
    char *owned;     // for long ones
    size_t owned_size;
};
enum float_mode { FLOAT_SHORTEST, FLOAT_FIXED, FLOAT_SIGNIFICANT }; // precision: digits behind the point; digits in all (at least 1)
bool float_to_digits(struct thread *t, double d, enum float_mode mode, int precision, struct float_digits *out) MUST_CHECK;
// |d| 10^places (finite d) to the nearest integer, half to even, judged on the exact value. false: more than 64 bits, or too many places.
bool float_scaled(double d, int places, uint64_t *out) MUST_CHECK;
void float_digits_drop(struct thread *t, struct float_digits *f);
// repr of d into buf (at least 32 bytes); returns its length.
size_t float_repr_to(char *buf, double d);
int float_parse_all(struct thread *t, const char *s, size_t n, double *out);               // 1, 0 not a number, -1 exception
value float_round_to(struct thread *t, double d, int64_t ndigits);                         // round(d, ndigits)
value float_hex(struct thread *t, const vref *a);
value float_fromhex(struct thread *t, const vref *a);
void float_divmod(double a, double b, double *q, double *r); // floor division; b is not zero
extern const struct native float_natives[];
// Any number that float operators take as a double: 1 converted, 0 not for us, -1 exception (an int too large).
int float_operand(struct thread *t, vref v, double *out);
// As an instance of cls. v taken.
value float_as_instance(struct thread *t, struct type *cls, value v);

#endif
