// SPDX-License-Identifier: Apache-2.0
// Half precision (IEEE 754 binary16) to and from double. Leaves byte order to the caller.
#ifndef KRAIT_INTERP_MODULES_STRUCT_HALF_H
#define KRAIT_INTERP_MODULES_STRUCT_HALF_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

static inline double half_to_double(uint16_t h) {
    int exponent = h >> 10 & 31;
    double m = h & 1023, d;
    if (exponent == 31) d = m != 0 ? NAN : INFINITY;
    else d = exponent ? ldexp(1024 + m, exponent - 25) : ldexp(m, -24);
    return h & 0x8000 ? -d : d;
}

// Rounds half to even. false: too large.
static inline bool half_from_double(double d, uint16_t *out) {
    uint16_t sign = signbit(d) ? 0x8000 : 0;
    int e;
    if (isnan(d)) return *out = sign | 0x7e00, true;
    if (isinf(d)) return *out = sign | 0x7c00, true;
    if (d == 0) return *out = sign, true;
    frexp(d, &e); // |d| = 0.1… * 2^e
    int unit = e - 11 < -24 ? -24 : e - 11; // the exponent of the last bit kept
    double n = nearbyint(ldexp(fabs(d), -unit)); // 0 … 2048
    uint32_t bits = (uint32_t)n + (unit > -24 ? (uint32_t)(unit + 24) << 10 : 0); // a carry out of the fraction goes into the exponent by itself
    if (bits >= 0x7c00) return false;
    *out = (uint16_t)(sign | bits);
    return true;
}

#endif
