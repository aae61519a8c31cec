// SPDX-License-Identifier: Apache-2.0
// Powers of ints: plain, and modulo a third, with safepoints on the way. Leaves negative exponents of plain powers to float.
#include "interp/types/exc.h"
#include "interp/types/int.h"
#include <math.h>

// ---- plain powers ----

static value power_of_two(struct thread *t, bool negative, unsigned log2, vref exponent) {
    value n = int_binary(t, exponent, from_int62(log2), NB_MUL);
    if (!n) return V_NULL;
    value one = from_int62(negative ? -1 : 1);
    value r = int_binary(t, one, n, NB_LSHIFT);
    release(t, n);
    return r;
}

value int_power(struct thread *t, vref a, vref b) {
    struct int_view vb;
    int_see(b, &vb);
    int64_t base, e;
    if (vb.n == 0) return from_int62(1);
    bool odd = vb.limb[0] & 1;
    if (int_small(a, &base)) {
        if (base == 0 || base == 1) return from_int62(base);
        if (base == -1) return from_int62(odd ? -1 : 1);
        uint64_t m = base < 0 ? -(uint64_t)base : (uint64_t)base;
        if ((m & (m - 1)) == 0) return power_of_two(t, base < 0 && odd, (unsigned)__builtin_ctzll(m), b);
    }
    if (!int_small(b, &e)) return raise_no_memory(t);
    value r = own(t, a);
    for (int bit = 62 - __builtin_clzll((uint64_t)e); r && bit >= 0; bit--) {
        value sq = int_binary(t, r, r, NB_MUL);
        release(t, r);
        r = sq;
        if (r && (e >> bit & 1)) {
            value p = int_binary(t, r, a, NB_MUL);
            release(t, r);
            r = p;
        }
        if (r && is_pointer(r) && !safepoint_poll(t)) release_field(t, &r);
    }
    if (r && (e == 1)) { // a subclass must not come back as itself
        value exact = int_exact(t, r);
        release(t, r);
        r = exact;
    }
    return r;
}

// ---- powers modulo m ----

struct modulus {
    struct thread *t;
    const mp_limb_t *m;
    size_t n;
    mp_limb_t inverse;   // -1/m mod 2^64 when m is odd and short: Montgomery form is used; else 0
    mp_limb_t *prod, *quot; // 2n+1, n+2 limbs
};
enum { MONTGOMERY_MAX = 256, WINDOW = 4 };

static mp_limb_t negative_inverse(mp_limb_t m) {
    mp_limb_t x = m; // right to 3 bits; each step doubles them
    for (int i = 0; i < 5; i++) x *= 2 - m * x;
    return -x;
}

static void redc(struct modulus *k, mp_limb_t *r) { // prod[2n] → r = prod / B^n mod m
    mp_limb_t *p = k->prod, carry = 0;
    size_t n = k->n;
    p[2 * n] = 0;
    for (size_t i = 0; i < n; i++) {
        mp_limb_t c = mpn_addmul_1(p + i, k->m, (mp_size_t)n, p[i] * k->inverse);
        carry += mpn_add_1(p + i + n, p + i + n, (mp_size_t)(n - i), c);
    }
    if (carry || mpn_cmp(p + n, k->m, (mp_size_t)n) >= 0) mpn_sub_n(r, p + n, k->m, (mp_size_t)n);
    else mpn_copyi(r, p + n, (mp_size_t)n);
}

static bool mul_mod(struct modulus *k, mp_limb_t *r, const mp_limb_t *a, const mp_limb_t *b) {
    if (!limbs_mul(k->t, k->prod, a, k->n, b, k->n)) return false;
    if (k->inverse) {
        redc(k, r);
        return true;
    }
    return limbs_divmod(k->t, k->quot, r, k->prod, 2 * k->n, k->m, k->n);
}

// r[n] = a mod m, where a is any magnitude; times B^n in Montgomery form.
static bool enter_form(struct modulus *k, mp_limb_t *r, const struct int_view *a) {
    size_t shift = k->inverse ? k->n : 0, an = a->n + shift;
    if (an < k->n) {
        memset(r, 0, k->n * sizeof *r);
        memcpy(r, a->limb, a->n * sizeof *r);
        return true;
    }
    size_t bytes = (an + (an - k->n + 1)) * sizeof(mp_limb_t);
    mp_limb_t *wide = mem_alloc(k->t, bytes);
    if (!wide) return false;
    memset(wide, 0, shift * sizeof *wide);
    memcpy(wide + shift, a->limb, a->n * sizeof *wide);
    bool ok = limbs_divmod(k->t, wide + an, r, wide, an, k->m, k->n);
    mem_free(k->t, wide, bytes);
    return ok;
}

// acc = base^exponent by windows of four bits.
static bool run_windows(struct modulus *k, mp_limb_t *acc, mp_limb_t *table, const struct int_view *e) {
    size_t n = k->n;
    for (int i = 2; i < 1 << WINDOW; i++)
        if (!mul_mod(k, table + (size_t)i * n, table + (size_t)(i - 1) * n, table + n)) return false;
    bool started = false;
    for (size_t w = (limbs_bits(e->limb, e->n) + WINDOW - 1) / WINDOW; w-- > 0;) {
        for (int i = 0; started && i < WINDOW; i++)
            if (!mul_mod(k, acc, acc, acc)) return false;
        unsigned digit = e->limb[w / 16] >> (w % 16 * WINDOW) & 15;
        if (!started) memcpy(acc, table + (size_t)digit * n, n * sizeof *acc), started = true;
        else if (digit && !mul_mod(k, acc, acc, table + (size_t)digit * n)) return false;
        if (!safepoint_poll(k->t)) return false;
    }
    return true;
}

// |a|^e mod |m|, e > 0. returns new non-negative int.
static value power_magnitudes(struct thread *t, const struct int_view *a, const struct int_view *e, const struct int_view *m) {
    size_t n = m->n, limbs = n * 17 + (2 * n + 1) + (n + 2);
    mp_limb_t *mem = mem_alloc(t, limbs * sizeof *mem);
    if (!mem) return V_NULL;
    mp_limb_t *table = mem, *acc = mem + 16 * n;
    struct modulus k = {t, m->limb, n, m->limb[0] & 1 && n <= MONTGOMERY_MAX ? negative_inverse(m->limb[0]) : 0, acc + n, acc + 3 * n + 1};
    struct int_view one = {.limb = &one.small, .n = 1, .small = 1};
    bool ok = enter_form(&k, table, &one) && enter_form(&k, table + n, a) && run_windows(&k, acc, table, e);
    if (ok && k.inverse) {
        mpn_copyi(k.prod, acc, (mp_size_t)n);
        memset(k.prod + n, 0, (n + 1) * sizeof *mem);
        redc(&k, acc);
    }
    value v = ok ? int_from_limbs(t, acc, n, false) : V_NULL;
    mem_free(t, mem, limbs * sizeof *mem);
    return v;
}

// 1/a mod m by Euclid. returns new in [0, m), m > 0.
static value invert(struct thread *t, vref a, vref m) {
    value r0 = own(t, m), r1 = V_NULL, s0 = from_int62(0), s1 = from_int62(1);
    if (!int_divmod(t, a, m, NULL, &r1)) goto fail;
    while (int_sign(r1) != 0) {
        value q = V_NULL, r2 = V_NULL;
        if (!int_divmod(t, r0, r1, &q, &r2)) goto fail;
        release(t, r0);
        r0 = r1, r1 = r2;
        value qs = int_binary(t, q, s1, NB_MUL), s2 = qs ? int_binary(t, s0, qs, NB_SUB) : V_NULL;
        release(t, q);
        release_opt(t, qs);
        if (!s2) goto fail;
        release(t, s0);
        s0 = s1, s1 = s2;
        if (is_pointer(r0) && !safepoint_poll(t)) goto fail;
    }
    if (r0 != from_int62(1)) {
        raise(t, &exc_ValueError, "base is not invertible for the given modulus");
        goto fail;
    }
    value out = V_NULL;
    if (!int_divmod(t, s0, m, NULL, &out)) out = V_NULL;
    release(t, r0), release(t, r1), release(t, s0), release(t, s1);
    return out;
fail:
    release_opt(t, r0), release_opt(t, r1), release_opt(t, s0), release_opt(t, s1);
    return V_NULL;
}

// The result for base a (any sign), exponent |e|, modulus |m|, moved into the sign of m.
static value power_signed(struct thread *t, vref a, vref e, vref m) {
    struct int_view va, ve, vm;
    int_see(a, &va), int_see(e, &ve), int_see(m, &vm);
    value r;
    if (vm.n == 1 && vm.limb[0] == 1) return from_int62(0);
    if (ve.n == 0) r = from_int62(1);
    else if (va.n == 0) return from_int62(0);
    else r = power_magnitudes(t, &va, &ve, &vm);
    bool minus = va.negative && ve.n && (ve.limb[0] & 1); // (-a)^odd
    if (!r || (!minus && !vm.negative)) return r;
    value signed_r = minus ? int_binary(t, from_int62(0), r, NB_SUB) : own(t, r), out = V_NULL;
    release(t, r);
    if (!signed_r) return V_NULL;
    if (!int_divmod(t, signed_r, m, NULL, &out)) out = V_NULL;
    release(t, signed_r);
    return out;
}

static value power_negative(struct thread *t, vref a, vref e, vref m) { // pow(a, -n, m) = pow(1/a, n, m)
    value abs_m = int_sign(m) < 0 ? int_binary(t, from_int62(0), m, NB_SUB) : own(t, m);
    if (!abs_m) return V_NULL;
    if (abs_m == from_int62(1)) return from_int62(0);
    value inverse = invert(t, a, abs_m);
    release(t, abs_m);
    if (!inverse) return V_NULL;
    value r = power_signed(t, inverse, e, m);
    release(t, inverse);
    return r;
}

value int_pow_mod(struct thread *t, vref a, vref b, vref m) {
    if (!is_none(m)) {
        if (int_sign(m) == 0) return raise(t, &exc_ValueError, "pow() 3rd argument cannot be 0");
        return int_sign(b) < 0 ? power_negative(t, a, b, m) : power_signed(t, a, b, m);
    }
    if (int_sign(b) >= 0) return int_power(t, a, b);
    double x = int_as_double(t, a), y = raised(t) ? 0 : int_as_double(t, b);
    if (raised(t)) return V_NULL;
    if (x == 0.0) return raise(t, &exc_ZeroDivisionError, "0.0 cannot be raised to a negative power");
    return float_new(t, pow(x, y));
}
