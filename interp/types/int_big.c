// SPDX-License-Identifier: Apache-2.0
// Products and quotients of large integers, cut into pieces with safepoints between them. Leaves what fits a piece to GMP's mpn functions and signs to
// int_arith.c.
#include "interp/types/int.h"

mp_limb_t *int_scratch_get(struct thread *t, struct int_scratch *s, size_t n) {
    s->n = n;
    s->p = n <= INT_SCRATCH ? s->local : mem_alloc(t, n * sizeof(mp_limb_t));
    return s->p;
}

void int_scratch_drop(struct thread *t, struct int_scratch *s) {
    if (s->p && s->p != s->local) mem_free(t, s->p, s->n * sizeof(mp_limb_t));
}

// ---- products ----

static void mul_piece(mp_limb_t *r, const mp_limb_t *a, size_t an, const mp_limb_t *b, size_t bn) {
    if (a == b && an == bn) mpn_sqr(r, a, (mp_size_t)an);
    else if (an >= bn) mpn_mul(r, a, (mp_size_t)an, b, (mp_size_t)bn);
    else mpn_mul(r, b, (mp_size_t)bn, a, (mp_size_t)an);
}

// a is long, b is not: cut a into pieces of b's order.
static bool mul_long(struct thread *t, mp_limb_t *r, const mp_limb_t *a, size_t an, const mp_limb_t *b, size_t bn) {
    size_t step = bn < INT_PIECE ? INT_PIECE : bn, tmp_n = step + bn;
    mp_limb_t *tmp = mem_alloc(t, tmp_n * sizeof *tmp);
    if (!tmp) return false;
    memset(r, 0, (an + bn) * sizeof *r);
    bool ok = true;
    for (size_t at = 0; ok && at < an; at += step) {
        size_t n = an - at < step ? an - at : step;
        ok = limbs_mul(t, tmp, a + at, n, b, bn) && safepoint_poll(t);
        if (ok) mpn_add(r + at, r + at, (mp_size_t)(an + bn - at), tmp, (mp_size_t)(n + bn));
    }
    mem_free(t, tmp, tmp_n * sizeof *tmp);
    return ok;
}

// Karatsuba: a = a1 B^h + a0, b likewise, bn > h. Three products of about half the length.
static bool mul_karatsuba(struct thread *t, mp_limb_t *r, const mp_limb_t *a, size_t an, const mp_limb_t *b, size_t bn) {
    size_t h = (an + 1) / 2, a1n = an - h, b1n = bn - h, sn = h + 1, bytes = 4 * sn * sizeof(mp_limb_t);
    mp_limb_t *tmp = mem_alloc(t, bytes);
    if (!tmp) return false;
    mp_limb_t *sa = r, *sb = r + sn, *mid = tmp; // the sums live in r until the outer products need it: sn * 2 <= an + bn
    mp_limb_t *keep = tmp + 2 * sn;
    bool square = a == b && an == bn;
    sa[h] = mpn_add(sa, a, (mp_size_t)h, a + h, (mp_size_t)a1n);
    if (!square) sb[h] = mpn_add(sb, b, (mp_size_t)h, b + h, (mp_size_t)b1n);
    memcpy(keep, r, 2 * sn * sizeof *r);
    bool ok = limbs_mul(t, mid, keep, sn, square ? keep : keep + sn, sn) && safepoint_poll(t) && limbs_mul(t, r, a, h, b, h) && safepoint_poll(t) &&
              limbs_mul(t, r + 2 * h, a + h, a1n, b + h, b1n) && safepoint_poll(t);
    if (ok) {
        mpn_sub(mid, mid, (mp_size_t)(2 * sn), r, (mp_size_t)(2 * h));
        mpn_sub(mid, mid, (mp_size_t)(2 * sn), r + 2 * h, (mp_size_t)(a1n + b1n));
        size_t mn = limbs_trim(mid, 2 * sn);
        if (mn) mpn_add(r + h, r + h, (mp_size_t)(an + bn - h), mid, (mp_size_t)mn);
    }
    mem_free(t, tmp, bytes);
    return ok;
}

bool limbs_mul(struct thread *t, mp_limb_t *r, const mp_limb_t *a, size_t an, const mp_limb_t *b, size_t bn) {
    if (likely(an <= INT_PIECE && bn <= INT_PIECE)) {
        mul_piece(r, a, an, b, bn);
        return true;
    }
    if (an < bn) return limbs_mul(t, r, b, bn, a, an);
    if (bn <= (an + 1) / 2) return mul_long(t, r, a, an, b, bn);
    return mul_karatsuba(t, r, a, an, b, bn);
}

// ---- quotients: Burnikel and Ziegler, Fast Recursive Division (1998) ----

static bool div_2n(struct thread *t, mp_limb_t *q, mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b, size_t n);

// a[3h] / b[2h] with a < b B^h, b normalised: q[h], r[2h].
static bool div_3h(struct thread *t, mp_limb_t *q, mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b, size_t h) {
    size_t bytes = (2 * h + 2 * h + 1) * sizeof(mp_limb_t);
    mp_limb_t *prod = mem_alloc(t, bytes), *rest = prod + 2 * h; // rest[2h+1]
    if (!prod) return false;
    bool ok = true;
    memcpy(rest, a, h * sizeof *a); // rest = (remainder of the top division) B^h + a0
    if (mpn_cmp(a + 2 * h, b + h, (mp_size_t)h) < 0) {
        ok = div_2n(t, q, rest + h, a + h, b + h, h);
        rest[2 * h] = 0;
    } else { // the estimate is B^h - 1
        memset(q, 0xff, h * sizeof *q);
        memcpy(rest + h, a + h, h * sizeof *a);
        rest[2 * h] = mpn_add_n(rest + h, rest + h, b + h, (mp_size_t)h);
    }
    ok = ok && safepoint_poll(t) && limbs_mul(t, prod, q, h, b, h);
    if (ok) {
        mp_limb_t borrow_out = mpn_sub_n(rest, rest, prod, (mp_size_t)(2 * h));
        int64_t top = (int64_t)rest[2 * h] - (int64_t)borrow_out;
        while (top < 0) { // at most twice
            mpn_sub_1(q, q, (mp_size_t)h, 1);
            top += (int64_t)mpn_add_n(rest, rest, b, (mp_size_t)(2 * h));
        }
        memcpy(r, rest, 2 * h * sizeof *r);
    }
    mem_free(t, prod, bytes);
    return ok;
}

// a[2n] / b[n] with a < b B^n, b normalised: q[n], r[n].
static bool div_2n(struct thread *t, mp_limb_t *q, mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b, size_t n) {
    if (n <= INT_PIECE / 2 || n % 2) {
        size_t bytes = (n + 1) * sizeof(mp_limb_t);
        mp_limb_t *full = mem_alloc(t, bytes);
        if (!full) return false;
        mpn_tdiv_qr(full, r, 0, a, (mp_size_t)(2 * n), b, (mp_size_t)n);
        memcpy(q, full, n * sizeof *q);
        mem_free(t, full, bytes);
        return safepoint_poll(t);
    }
    size_t h = n / 2, bytes = 3 * h * sizeof(mp_limb_t);
    mp_limb_t *mid = mem_alloc(t, bytes); // remainder of the upper half, then a's lowest quarter below it
    if (!mid) return false;
    bool ok = div_3h(t, q + h, mid + h, a + h, b, h);
    if (ok) {
        memcpy(mid, a, h * sizeof *a);
        ok = div_3h(t, q, r, mid, b, h);
    }
    mem_free(t, mid, bytes);
    return ok;
}

// b longer than a piece: pad it to n = m 2^k limbs with m a piece, shift its top bit up, divide a in chunks of n limbs from the top.
static bool div_blocks(struct thread *t, mp_limb_t *q, mp_limb_t *r, const mp_limb_t *a, size_t an, const mp_limb_t *b, size_t bn) {
    unsigned k = 0;
    while ((bn >> k) > INT_PIECE / 2) k++;
    size_t n = ((bn + ((size_t)1 << k) - 1) >> k) << k, pad = n - bn;
    unsigned shift = (unsigned)__builtin_clzll(b[bn - 1]);
    size_t blocks = (an + pad + 1 + n - 1) / n, na = blocks * n;
    size_t total = n + na + 2 * n + n + na;
    mp_limb_t *mem = mem_calloc(t, total * sizeof *mem);
    if (!mem) return false;
    mp_limb_t *nb = mem, *wide = nb + n, *cur = wide + na, *rest = cur + 2 * n, *quot = rest + n;
    if (shift) {
        mpn_lshift(nb + pad, b, (mp_size_t)bn, shift);
        wide[pad + an] = mpn_lshift(wide + pad, a, (mp_size_t)an, shift);
    } else {
        memcpy(nb + pad, b, bn * sizeof *b);
        memcpy(wide + pad, a, an * sizeof *a);
    }
    bool ok = true;
    for (size_t i = blocks; ok && i-- > 0;) { // the remainder so far is < nb, so each block's quotient has n limbs
        memcpy(cur + n, rest, n * sizeof *cur);
        memcpy(cur, wide + i * n, n * sizeof *cur);
        ok = div_2n(t, quot + i * n, rest, cur, nb, n);
    }
    if (ok) {
        memcpy(q, quot, (an - bn + 1) * sizeof *q);
        if (shift) mpn_rshift(r, rest + pad, (mp_size_t)bn, shift);
        else memcpy(r, rest + pad, bn * sizeof *r);
    }
    mem_free(t, mem, total * sizeof *mem);
    return ok;
}

// A short divisor under a long number: schoolbook with digits of INT_PIECE limbs.
static bool div_long(struct thread *t, mp_limb_t *q, mp_limb_t *r, const mp_limb_t *a, size_t an, const mp_limb_t *b, size_t bn) {
    size_t cap = INT_PIECE + bn, bytes = (cap + cap + 1) * sizeof(mp_limb_t);
    mp_limb_t *cur = mem_alloc(t, bytes), *quot = cur + cap;
    if (!cur) return false;
    memset(r, 0, bn * sizeof *r);
    memset(q, 0, (an - bn + 1) * sizeof *q);
    bool ok = true;
    size_t left = an;
    while (ok && left) {
        size_t n = left % INT_PIECE ? left % INT_PIECE : INT_PIECE;
        left -= n;
        memcpy(cur, a + left, n * sizeof *cur);
        memcpy(cur + n, r, bn * sizeof *cur);
        mpn_tdiv_qr(quot, r, 0, cur, (mp_size_t)(n + bn), b, (mp_size_t)bn); // quotient: n+1 limbs, the top one zero
        size_t room = an - bn + 1 - (left < an - bn + 1 ? left : an - bn + 1);
        memcpy(q + left, quot, (n < room ? n : room) * sizeof *q);
        ok = safepoint_poll(t);
    }
    mem_free(t, cur, bytes);
    return ok;
}

bool limbs_divmod(struct thread *t, mp_limb_t *q, mp_limb_t *r, const mp_limb_t *a, size_t an, const mp_limb_t *b, size_t bn) {
    if (an <= INT_PIECE || (an - bn <= 64)) {
        mpn_tdiv_qr(q, r, 0, a, (mp_size_t)an, b, (mp_size_t)bn);
        return true;
    }
    return bn <= INT_PIECE / 2 ? div_long(t, q, r, a, an, b, bn) : div_blocks(t, q, r, a, an, b, bn);
}
