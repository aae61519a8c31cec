// SPDX-License-Identifier: Apache-2.0
// What the files of int share: a view of any int as sign and limbs, scratch space, products and quotients that reach safepoints. Leaves the public
// face to num.h.
//
// GMP's mpn functions do the work on up to INT_PIECE limbs. They can neither be interrupted nor survive a failed allocation, so larger work is cut by
// limbs_mul and limbs_divmod, with a safepoint between the pieces. All results are written to memory charged to the thread.
#ifndef KRAIT_INTERP_TYPES_INT_H
#define KRAIT_INTERP_TYPES_INT_H

#include "interp/types/num.h"

#include <gmp.h>

enum {
    INT_PIECE = 1 << 15,      // limbs, 2 Mbit: a few milliseconds in GMP
    INT_TEXT_PIECE = 1 << 12, // limbs for conversions from and to decimal text
    INT_SCRATCH = 40,
};
#define INT_LIMBS_MAX ((size_t)1 << 48)

struct int_view { // any int as magnitude and sign; limb points into the object, or to `small`: do not copy the struct
    const mp_limb_t *limb;
    size_t n; // 0 for zero; the top limb is not zero
    bool negative;
    mp_limb_t small;
};
static inline void int_see(vref v, struct int_view *w) {
    if (is_int62(v)) {
        int64_t i = as_int62(v);
        w->negative = i < 0;
        w->small = i < 0 ? -(uint64_t)i : (uint64_t)i;
        w->limb = &w->small;
        w->n = i != 0;
        return;
    }
    struct bigint *b = (struct bigint *)as_object(v);
    w->limb = b->limb;
    w->negative = b->size < 0;
    w->n = (size_t)(b->size < 0 ? -b->size : b->size);
}
// Whether any int fits an int62 (true for every bool and most subclass instances).
static inline bool int_small(vref v, int64_t *out) {
    if (likely(is_int62(v))) {
        *out = as_int62(v);
        return true;
    }
    struct bigint *b = (struct bigint *)as_object(v);
    if (b->size == 0) return *out = 0, true;
    if (b->size == 1 && b->limb[0] <= (mp_limb_t)INT62_MAX) return *out = (int64_t)b->limb[0], true;
    if (b->size == -1 && b->limb[0] <= (mp_limb_t)INT62_MAX + 1) return *out = -(int64_t)b->limb[0], true;
    return false;
}

// Scratch limbs: on the stack when few. get: NULL with MemoryError.
struct int_scratch {
    mp_limb_t *p;
    size_t n;
    mp_limb_t local[INT_SCRATCH];
};
mp_limb_t *int_scratch_get(struct thread *t, struct int_scratch *s, size_t n) MUST_CHECK;
void int_scratch_drop(struct thread *t, struct int_scratch *s);

// returns new int from a magnitude (top limbs may be zero).
value int_from_limbs(struct thread *t, const mp_limb_t *p, size_t n, bool negative);
// A bigint under construction, of exact type int, with room for n limbs. finish takes it: normalises, shrinks, turns into an int62 where it fits.
struct bigint *int_begin(struct thread *t, size_t n) MUST_CHECK;
value int_finish(struct thread *t, struct bigint *b, size_t n, bool negative);
void int_abandon(struct thread *t, struct bigint *b, size_t n);

// r[an+bn] = a * b. an, bn >= 1; r overlaps neither. false: an exception is pending (out of memory, or raised at a safepoint).
bool limbs_mul(struct thread *t, mp_limb_t *r, const mp_limb_t *a, size_t an, const mp_limb_t *b, size_t bn) MUST_CHECK;
// q[an-bn+1], r[bn] = divmod(a, b). an >= bn >= 1, top limb of b not zero.
bool limbs_divmod(struct thread *t, mp_limb_t *q, mp_limb_t *r, const mp_limb_t *a, size_t an, const mp_limb_t *b, size_t bn) MUST_CHECK;
static inline size_t limbs_trim(const mp_limb_t *p, size_t n) {
    while (n && !p[n - 1]) n--;
    return n;
}
static inline uint64_t limbs_bits(const mp_limb_t *p, size_t n) { return n ? n * 64 - (unsigned)__builtin_clzll(p[n - 1]) : 0; }

// Floor division of any ints by a non-zero one; q or r may be NULL.
bool int_divmod(struct thread *t, vref a, vref b, value *q, value *r) MUST_CHECK;
value int_true_divide(struct thread *t, vref a, vref b);
value int_power(struct thread *t, vref a, vref b); // b >= 0
// 1 parsed, 0 not a number in that base, -1 exception (too many digits, memory).
int int_parse(struct thread *t, const char *s, size_t n, int base, value *out);
// Rounds the 128-bit number (hi,lo), with `sticky` for what was cut off below, times 2^exp to the nearest double; infinity when too large.
double int_round_to_double(mp_limb_t hi, mp_limb_t lo, bool sticky, int64_t exp);

#endif
