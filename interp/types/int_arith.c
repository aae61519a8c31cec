// SPDX-License-Identifier: Apache-2.0
// Arithmetic on ints of any kind: sums, products, floor and true division, shifts, bit operations. Leaves powers to int_pow.c, pieces of large products
// to int_big.c.
#include "interp/types/exc.h"
#include "interp/types/int.h"
#include <math.h>

// ---- results ----

static size_t cell_bytes(size_t n) { return sizeof(struct bigint) + n * sizeof(mp_limb_t); }

struct bigint *int_begin(struct thread *t, size_t n) {
    if (unlikely(n > INT_LIMBS_MAX)) {
        raise_no_memory(t);
        return NULL;
    }
    struct bigint *b = object_alloc(t, cell_bytes(n), SHAPE_INT);
    if (likely(b != NULL)) b->size = (int64_t)n;
    return b;
}

void int_abandon(struct thread *t, struct bigint *b, size_t n) {
    if (b) mem_free_cell(t, b, cell_bytes(n));
}

value int_from_limbs(struct thread *t, const mp_limb_t *p, size_t n, bool negative) {
    n = limbs_trim(p, n);
    if (n == 0) return from_int62(0);
    if (n == 1 && p[0] <= (mp_limb_t)INT62_MAX + negative) return from_int62(negative ? -(int64_t)p[0] : (int64_t)p[0]);
    struct bigint *b = int_begin(t, n);
    if (unlikely(!b)) return V_NULL;
    memcpy(b->limb, p, n * sizeof *p);
    b->size = negative ? -(int64_t)n : (int64_t)n;
    return counted_word(b);
}

value int_finish(struct thread *t, struct bigint *b, size_t n, bool negative) {
    size_t used = limbs_trim(b->limb, n);
    if (used == n && n > 1) {
        b->size = negative ? -(int64_t)n : (int64_t)n;
        return counted_word(b);
    }
    value v = int_from_limbs(t, b->limb, used, negative);
    int_abandon(t, b, n);
    return v;
}

value int_from_i64_slow(struct thread *t, int64_t i) {
    mp_limb_t l = i < 0 ? -(uint64_t)i : (uint64_t)i;
    return int_from_limbs(t, &l, 1, i < 0);
}

value int_from_u64(struct thread *t, uint64_t u) { return int_from_limbs(t, &u, 1, false); }

static value from_i128(struct thread *t, __int128 i) {
    if (i >= INT62_MIN && i <= INT62_MAX) return from_int62((int64_t)i);
    unsigned __int128 m = i < 0 ? -(unsigned __int128)i : (unsigned __int128)i;
    mp_limb_t l[2] = {(mp_limb_t)m, (mp_limb_t)(m >> 64)};
    return int_from_limbs(t, l, 2, i < 0);
}

// ---- sums and products of magnitudes ----

static value add_magnitudes(struct thread *t, const struct int_view *a, const struct int_view *b, bool negative) {
    if (a->n < b->n) {
        const struct int_view *x = a;
        a = b, b = x;
    }
    mp_limb_t few[INT_SCRATCH];
    if (a->n < INT_SCRATCH) {
        few[a->n] = b->n ? mpn_add(few, a->limb, (mp_size_t)a->n, b->limb, (mp_size_t)b->n) : (mpn_copyi(few, a->limb, (mp_size_t)a->n), 0);
        return int_from_limbs(t, few, a->n + 1, negative);
    }
    bool carries = a->limb[a->n - 1] == ~(mp_limb_t)0 || (a->n == b->n && a->limb[a->n - 1] + b->limb[b->n - 1] + 1 <= a->limb[a->n - 1]);
    size_t n = a->n + carries; // carries: it may
    struct bigint *r = int_begin(t, n);
    if (!r) return V_NULL;
    mp_limb_t carry = b->n ? mpn_add(r->limb, a->limb, (mp_size_t)a->n, b->limb, (mp_size_t)b->n) : (mpn_copyi(r->limb, a->limb, (mp_size_t)a->n), 0);
    if (carries) r->limb[a->n] = carry;
    return int_finish(t, r, n, negative);
}

// ||a| - |b||, negative if a has the sign and is larger, and so on: the sign given is that of a.
static value sub_magnitudes(struct thread *t, const struct int_view *a, const struct int_view *b, bool negative) {
    int order = a->n != b->n ? (a->n < b->n ? -1 : 1) : a->n ? mpn_cmp(a->limb, b->limb, (mp_size_t)a->n) : 0;
    if (order == 0) return from_int62(0);
    if (order < 0) {
        const struct int_view *x = a;
        a = b, b = x;
        negative = !negative;
    }
    struct int_scratch s;
    mp_limb_t *r = int_scratch_get(t, &s, a->n);
    if (!r) return V_NULL;
    if (b->n) mpn_sub(r, a->limb, (mp_size_t)a->n, b->limb, (mp_size_t)b->n);
    else mpn_copyi(r, a->limb, (mp_size_t)a->n);
    value v = int_from_limbs(t, r, a->n, negative);
    int_scratch_drop(t, &s);
    return v;
}

static value big_add(struct thread *t, const struct int_view *a, const struct int_view *b, bool minus) {
    bool bneg = b->negative ^ minus;
    return a->negative == bneg ? add_magnitudes(t, a, b, a->negative) : sub_magnitudes(t, a, b, a->negative);
}

static value big_mul(struct thread *t, const struct int_view *a, const struct int_view *b) {
    if (!a->n || !b->n) return from_int62(0);
    bool negative = a->negative != b->negative;
    size_t n = a->n + b->n;
    mp_limb_t few[INT_SCRATCH];
    if (n <= INT_SCRATCH) {
        return limbs_mul(t, few, a->limb, a->n, b->limb, b->n) ? int_from_limbs(t, few, n, negative) : V_NULL;
    }
    struct bigint *r = int_begin(t, n);
    if (!r) return V_NULL;
    if (!limbs_mul(t, r->limb, a->limb, a->n, b->limb, b->n)) return int_abandon(t, r, n), V_NULL;
    return int_finish(t, r, n, negative);
}

// ---- division ----

static bool zero_division(struct thread *t, bool modulo) {
    raise(t, &exc_ZeroDivisionError, modulo ? "integer modulo by zero" : "integer division or modulo by zero");
    return false;
}

// Floors the truncated result: where the signs differ and a remainder is left, q grows by one in magnitude, r becomes |b| - r.
static bool floor_results(struct thread *t, mp_limb_t *qp, size_t qn, mp_limb_t *rp, const struct int_view *a, const struct int_view *b, value *q, value *r) {
    bool differ = a->negative != b->negative;
    size_t rn = limbs_trim(rp, b->n);
    if (differ && rn) {
        qp[qn] = mpn_add_1(qp, qp, (mp_size_t)qn, 1);
        if (r) mpn_sub_n(rp, b->limb, rp, (mp_size_t)b->n);
    } else
        qp[qn] = 0;
    if (q && !(*q = int_from_limbs(t, qp, qn + 1, differ))) return false;
    if (!r || (*r = int_from_limbs(t, rp, b->n, b->negative))) return true;
    if (q) release_field(t, q);
    return false;
}

static bool big_divmod(struct thread *t, vref va, const struct int_view *a, const struct int_view *b, value *q, value *r) {
    if (a->n < b->n) { // quotient 0 or -1
        bool floor = a->n && a->negative != b->negative;
        if (r && !(*r = floor ? sub_magnitudes(t, b, a, b->negative) : int_exact(t, va))) return false;
        if (q) *q = from_int62(floor ? -1 : 0);
        return true;
    }
    struct int_scratch s;
    size_t qn = a->n - b->n + 1;
    mp_limb_t *p = int_scratch_get(t, &s, qn + 1 + b->n);
    if (!p) return false;
    bool ok = limbs_divmod(t, p, p + qn + 1, a->limb, a->n, b->limb, b->n) && floor_results(t, p, qn, p + qn + 1, a, b, q, r);
    int_scratch_drop(t, &s);
    return ok;
}

bool int_divmod(struct thread *t, vref a, vref b, value *q, value *r) {
    int64_t x, y;
    if (int_small(a, &x) && int_small(b, &y)) {
        if (y == 0) return zero_division(t, !q);
        int64_t d = x / y, m = x % y;
        if (m && (m ^ y) < 0) d--, m += y;
        if (q) *q = int_from_i64(t, d); // INT62_MIN // -1 is the one that does not fit
        if (r) *r = from_int62(m);
        return !q || *q;
    }
    struct int_view va, vb;
    int_see(a, &va), int_see(b, &vb);
    if (!vb.n) return zero_division(t, !q);
    return big_divmod(t, a, &va, &vb, q, r);
}

double int_round_to_double(mp_limb_t hi, mp_limb_t lo, bool sticky, int64_t exp) {
    unsigned __int128 m = (unsigned __int128)hi << 64 | lo;
    if (m == 0) return 0.0;
    int bits = hi ? 128 - __builtin_clzll(hi) : 64 - __builtin_clzll(lo);
    int64_t top = exp + bits - 1; // exponent of the leading bit
    if (top > 1024) return HUGE_VAL;
    if (top < -1080) return 0.0;
    int keep = top < -1022 ? 53 - (int)(-1022 - top) : 53;
    int drop = bits - keep;
    if (drop > 0) {
        if (drop > bits) { // less than half of the least double
            return 0.0;
        }
        unsigned __int128 half = (unsigned __int128)1 << (drop - 1), rest = drop == 128 ? m : m & (((unsigned __int128)1 << drop) - 1);
        m = drop == 128 ? 0 : m >> drop;
        if (rest > half || (rest == half && (sticky || (m & 1)))) m++;
        exp += drop;
    }
    return exp > 2000 ? HUGE_VAL : ldexp((double)(uint64_t)m, (int)exp); // at most 54 bits, a power of two when 54
}

double int_as_double(struct thread *t, vref v) {
    if (is_int62(v)) return (double)as_int62(v);
    struct int_view w;
    int_see(v, &w);
    double d = 0.0;
    if (w.n == 1) d = (double)w.limb[0];
    else if (w.n > 1) {
        bool sticky = false;
        unsigned up = (unsigned)__builtin_clzll(w.limb[w.n - 1]);
        mp_limb_t hi = w.limb[w.n - 1], lo = w.limb[w.n - 2], below = w.n > 2 ? w.limb[w.n - 3] : 0;
        if (up) hi = hi << up | lo >> (64 - up), lo = lo << up | below >> (64 - up), below <<= up;
        sticky = below != 0;
        for (size_t i = 0; !sticky && i + 3 < w.n; i++) sticky = w.limb[i] != 0;
        d = w.n > 17 ? HUGE_VAL : int_round_to_double(hi, lo, sticky, (int64_t)(w.n - 2) * 64 - up);
    }
    if (isinf(d)) {
        raise(t, &exc_OverflowError, "int too large to convert to float");
        return -1.0;
    }
    return w.negative ? -d : d;
}

// |a| / |b| to the nearest double: a quotient of two limbs and a sticky bit are enough.
static bool divide_to_double(struct thread *t, const struct int_view *a, const struct int_view *b, double *out) {
    int64_t shift = 66 - ((int64_t)limbs_bits(a->limb, a->n) - (int64_t)limbs_bits(b->limb, b->n)); // quotient of a 2^shift: 66 or 67 bits
    size_t na = a->n + (shift > 0 ? (size_t)shift / 64 + 1 : 0), nb = b->n + (shift < 0 ? (size_t)-shift / 64 + 1 : 0);
    size_t extra = 8;
    struct int_scratch s;
    mp_limb_t *p = int_scratch_get(t, &s, na + nb + nb + extra + (na > nb ? na - nb : 0));
    if (!p) return false;
    mp_limb_t *x = p, *y = x + na, *r = y + nb, *q = r + nb;
    memset(p, 0, (na + nb) * sizeof *p);
    size_t up = (size_t)(shift < 0 ? -shift : shift) / 64, bits = (size_t)(shift < 0 ? -shift : shift) % 64;
    mp_limb_t *to = shift > 0 ? x : y;
    const struct int_view *from = shift > 0 ? a : b;
    if (bits) to[up + from->n] = mpn_lshift(to + up, from->limb, (mp_size_t)from->n, (unsigned)bits);
    else memcpy(to + up, from->limb, from->n * sizeof *p);
    if (shift > 0) memcpy(y, b->limb, b->n * sizeof *p);
    else memcpy(x, a->limb, a->n * sizeof *p);
    na = limbs_trim(x, na), nb = limbs_trim(y, nb);
    bool ok = limbs_divmod(t, q, r, x, na, y, nb);
    if (ok) {
        size_t qn = limbs_trim(q, na - nb + 1);
        *out = int_round_to_double(qn > 1 ? q[1] : 0, q[0], limbs_trim(r, nb) != 0, -shift);
    }
    int_scratch_drop(t, &s);
    return ok;
}

value int_true_divide(struct thread *t, vref a, vref b) {
    int64_t x, y;
    if (int_small(b, &y) && y == 0) return raise(t, &exc_ZeroDivisionError, "division by zero");
    const int64_t exact = (int64_t)1 << 53;
    if (int_small(a, &x) && int_small(b, &y) && x <= exact && x >= -exact && y <= exact && y >= -exact) return float_new(t, (double)x / (double)y);
    struct int_view va, vb;
    int_see(a, &va), int_see(b, &vb);
    if (!va.n) return float_new(t, vb.negative ? -0.0 : 0.0);
    double d;
    if (!divide_to_double(t, &va, &vb, &d)) return V_NULL;
    if (isinf(d)) return raise(t, &exc_OverflowError, "integer division result too large for a float");
    return float_new(t, va.negative != vb.negative ? -d : d);
}

// ---- shifts ----

static value big_left(struct thread *t, const struct int_view *a, uint64_t count) {
    size_t up = count / 64, n = a->n + up + 1;
    unsigned bits = count % 64;
    struct bigint *r = NULL;
    mp_limb_t few[INT_SCRATCH], *p = few;
    if (n > INT_SCRATCH) {
        if (!bits || !(a->limb[a->n - 1] >> (64 - bits))) n--; // exact size: no second copy
        if (!(r = int_begin(t, n))) return V_NULL;
        p = r->limb;
    }
    memset(p, 0, up * sizeof *p);
    mp_limb_t out = bits ? mpn_lshift(p + up, a->limb, (mp_size_t)a->n, bits) : (mpn_copyi(p + up, a->limb, (mp_size_t)a->n), 0);
    if (n == a->n + up + 1) p[n - 1] = out;
    return r ? int_finish(t, r, n, a->negative) : int_from_limbs(t, p, n, a->negative);
}

// Floor: a negative number that loses bits goes one further down.
static value big_right(struct thread *t, const struct int_view *a, uint64_t count) {
    size_t down = count / 64;
    unsigned bits = count % 64;
    if (down >= a->n) return from_int62(a->negative && a->n ? -1 : 0);
    size_t n = a->n - down;
    struct int_scratch s;
    mp_limb_t *p = int_scratch_get(t, &s, n + 1);
    if (!p) return V_NULL;
    bool lost = bits ? mpn_rshift(p, a->limb + down, (mp_size_t)n, bits) != 0 : (mpn_copyi(p, a->limb + down, (mp_size_t)n), false);
    for (size_t i = 0; a->negative && !lost && i < down; i++) lost = a->limb[i] != 0;
    p[n] = a->negative && lost ? mpn_add_1(p, p, (mp_size_t)n, 1) : 0;
    value v = int_from_limbs(t, p, n + 1, a->negative);
    int_scratch_drop(t, &s);
    return v;
}

static value shift(struct thread *t, vref a, vref b, bool left) {
    struct int_view va, vb;
    int_see(a, &va), int_see(b, &vb);
    if (vb.negative) return raise(t, &exc_ValueError, "negative shift count");
    if (!va.n) return from_int62(0);
    bool huge = vb.n > 1 || (vb.n && vb.limb[0] >> 62);
    if (huge && left) return vb.n > 2 || (vb.n == 2 && vb.limb[1] >= 15) ? raise(t, &exc_OverflowError, "too many digits in integer") : raise_no_memory(t);
    if (huge) return from_int62(va.negative ? -1 : 0);
    uint64_t count = vb.n ? vb.limb[0] : 0;
    return left ? big_left(t, &va, count) : big_right(t, &va, count);
}

// ---- bits: two's complement in n limbs ----

static void to_complement(mp_limb_t *r, const struct int_view *a, size_t n) {
    memcpy(r, a->limb, a->n * sizeof *r);
    memset(r + a->n, 0, (n - a->n) * sizeof *r);
    if (a->negative) mpn_neg(r, r, (mp_size_t)n);
}

static value big_bits(struct thread *t, const struct int_view *a, const struct int_view *b, enum binary_op op) {
    size_t n = (a->n > b->n ? a->n : b->n) + 1;
    struct int_scratch s;
    mp_limb_t *x = int_scratch_get(t, &s, 2 * n), *y = x + n;
    if (!x) return V_NULL;
    to_complement(x, a, n);
    to_complement(y, b, n);
    if (op == NB_AND) mpn_and_n(x, x, y, (mp_size_t)n);
    else if (op == NB_OR) mpn_ior_n(x, x, y, (mp_size_t)n);
    else mpn_xor_n(x, x, y, (mp_size_t)n);
    bool negative = x[n - 1] >> 63;
    if (negative) mpn_neg(x, x, (mp_size_t)n);
    value v = int_from_limbs(t, x, n, negative);
    int_scratch_drop(t, &s);
    return v;
}

// ---- dispatch ----

static value big_binary(struct thread *t, vref a, vref b, enum binary_op op) {
    struct int_view va, vb;
    value v = V_NULL;
    int_see(a, &va), int_see(b, &vb);
    switch (op) {
    case NB_ADD: return big_add(t, &va, &vb, false);
    case NB_SUB: return big_add(t, &va, &vb, true);
    case NB_MUL: return big_mul(t, &va, &vb);
    case NB_FLOORDIV: return int_divmod(t, a, b, &v, NULL) ? v : V_NULL;
    case NB_MOD: return int_divmod(t, a, b, NULL, &v) ? v : V_NULL;
    case NB_AND:
    case NB_OR:
    case NB_XOR: return big_bits(t, &va, &vb, op);
    case NB_LSHIFT: return shift(t, a, b, true);
    case NB_RSHIFT: return shift(t, a, b, false);
    case NB_TRUEDIV: return int_true_divide(t, a, b);
    case NB_POW: return int_pow_mod(t, a, b, V_NONE);
    case NB_MATMUL:
    case NB_COUNT: break;
    }
    return V_NOTIMPL;
}

value int_binary(struct thread *t, vref a, vref b, enum binary_op op) {
    int64_t x, y;
    if (!int_small(a, &x) || !int_small(b, &y)) return big_binary(t, a, b, op);
    switch (op) {
    case NB_ADD: return int_from_i64(t, x + y);
    case NB_SUB: return int_from_i64(t, x - y);
    case NB_MUL: return from_i128(t, (__int128)x * y);
    case NB_AND: return from_int62(x & y);
    case NB_OR: return from_int62(x | y);
    case NB_XOR: return from_int62(x ^ y);
    case NB_LSHIFT:
        if (y >= 0 && y < 64) return from_i128(t, (__int128)((unsigned __int128)x << y));
        break;
    case NB_RSHIFT:
        if (y >= 0) return from_int62(y < 63 ? x >> y : x >> 63);
        break;
    case NB_FLOORDIV:
    case NB_MOD:
    case NB_TRUEDIV:
    case NB_POW:
    case NB_MATMUL:
    case NB_COUNT: break;
    }
    return big_binary(t, a, b, op);
}

// ---- order and sign ----

int int_sign(vref v) {
    if (is_int62(v)) return (as_int62(v) > 0) - (as_int62(v) < 0);
    int64_t size = ((struct bigint *)as_object(v))->size;
    return (size > 0) - (size < 0);
}

int int_compare(vref a, vref b) {
    int64_t x, y;
    if (int_small(a, &x) && int_small(b, &y)) return (x > y) - (x < y);
    struct int_view va, vb;
    int_see(a, &va), int_see(b, &vb);
    if (va.negative != vb.negative) return va.negative ? -1 : 1;
    int order = va.n != vb.n ? (va.n < vb.n ? -1 : 1) : va.n ? mpn_cmp(va.limb, vb.limb, (mp_size_t)va.n) : 0;
    return va.negative ? -order : order;
}

// Value modulo 2^61 - 1 with the number's sign, as CPython; never -1.
int64_t int_hash(vref v) {
    const uint64_t prime = ((uint64_t)1 << 61) - 1;
    struct int_view w;
    int_see(v, &w);
    uint64_t h = 0;
    for (size_t i = w.n; i-- > 0;) { // h = h 2^64 + limb, and 2^64 = 8
        unsigned __int128 x = ((unsigned __int128)h << 3) + w.limb[i];
        uint64_t folded = (uint64_t)(x & prime) + (uint64_t)(x >> 61);
        h = folded >= prime ? folded - prime : folded;
    }
    int64_t s = w.negative ? -(int64_t)h : (int64_t)h;
    return s == -1 ? -2 : s;
}
