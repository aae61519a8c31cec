// SPDX-License-Identifier: Apache-2.0
// int to text and back in bases 2 to 36, with the limit on decimal digits. Leaves format specifications to num_format.c and int() to int.c.
//
// Decimal text of more than INT_TEXT_PIECE limbs is cut in halves by powers of 10^DECIMAL_PIECE; GMP converts the pieces.
#include "interp/types/exc.h"
#include "interp/types/int.h"
#include "interp/types/str.h"

enum { DIGITS_DEFAULT = 4300, DIGITS_THRESHOLD = 640 };
// Process-wide, as -X int_max_str_digits is; any thread may set it.
static _Atomic int max_digits = DIGITS_DEFAULT;

int int_max_str_digits(void) { return atomic_load_explicit(&max_digits, memory_order_relaxed); }
bool int_set_max_str_digits(int n) {
    if (n != 0 && n < DIGITS_THRESHOLD) return false;
    atomic_store_explicit(&max_digits, n, memory_order_relaxed);
    return true;
}

static const char lower_digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

// ---- to text ----

static value from_ascii(struct thread *t, const char *s, size_t n) { return str_from_latin1(t, (const uint8_t *)s, n); }

static value small_to_str(struct thread *t, int64_t i, unsigned base, const char *prefix) {
    char buf[80], *p = buf + sizeof buf;
    uint64_t m = i < 0 ? -(uint64_t)i : (uint64_t)i;
    if (base == 10) {
        do *--p = (char)('0' + m % 10);
        while (m /= 10);
    } else {
        do *--p = lower_digits[m % base];
        while (m /= base);
    }
    for (size_t k = strlen(prefix); k-- > 0;) *--p = prefix[k];
    if (i < 0) *--p = '-';
    return from_ascii(t, p, (size_t)(buf + sizeof buf - p));
}

// Bits of a power-of-two base, straight from the limbs.
static value bits_to_str(struct thread *t, const struct int_view *w, unsigned log2, const char *prefix) {
    size_t pre = strlen(prefix), digits = (size_t)((limbs_bits(w->limb, w->n) + log2 - 1) / log2), n = digits + pre + w->negative;
    value v = str_new(t, n, 127);
    if (!v) return V_NULL;
    uint8_t *p = as_str(v)->data;
    if (w->negative) *p++ = '-';
    memcpy(p, prefix, pre);
    p += pre;
    for (size_t i = 0; i < digits; i++) {
        size_t bit = i * log2, at = bit / 64;
        unsigned off = bit % 64;
        mp_limb_t d = w->limb[at] >> off;
        if (off + log2 > 64 && at + 1 < w->n) d |= w->limb[at + 1] << (64 - off);
        p[digits - 1 - i] = (uint8_t)lower_digits[d & ((1u << log2) - 1)];
    }
    return v;
}

struct decimal {           // one conversion: 10^(chunk 2^level) and its length, by level
    struct thread *t;
    mp_limb_t *power[40];
    size_t n[40], cap[40];
    size_t digits[40];
    int levels;
};
enum { DECIMAL_PIECE = 60000 };

static void decimal_drop(struct decimal *d) {
    for (int i = 0; i < d->levels; i++) mem_free(d->t, d->power[i], d->cap[i] * sizeof(mp_limb_t));
}

// power[i] for all digits[i] up to about half of `digits`.
static bool decimal_powers(struct decimal *d, size_t digits) {
    value ten = int_power(d->t, from_int62(10), from_int62(DECIMAL_PIECE));
    if (!ten) return false;
    struct int_view w;
    int_see(ten, &w);
    bool ok = (d->power[0] = mem_alloc(d->t, w.n * sizeof(mp_limb_t))) != NULL;
    if (ok) {
        memcpy(d->power[0], w.limb, w.n * sizeof(mp_limb_t));
        d->n[0] = d->cap[0] = w.n, d->digits[0] = DECIMAL_PIECE, d->levels = 1;
    }
    release(d->t, ten);
    while (ok && d->digits[d->levels - 1] * 2 < digits) {
        int i = d->levels;
        size_t n = d->n[i - 1];
        if (!(d->power[i] = mem_alloc(d->t, 2 * n * sizeof(mp_limb_t)))) return false;
        d->cap[i] = 2 * n;
        d->levels = i + 1;
        ok = limbs_mul(d->t, d->power[i], d->power[i - 1], n, d->power[i - 1], n) && safepoint_poll(d->t);
        if (ok) d->n[i] = limbs_trim(d->power[i], 2 * n);
        d->digits[i] = d->digits[i - 1] * 2;
    }
    return ok;
}

// Writes exactly `width` decimal digits of p[n] to out; width 0: as many as it has. *written is how many.
static bool decimal_piece(struct decimal *d, uint8_t *out, mp_limb_t *p, size_t n, size_t width, size_t *written) {
    n = limbs_trim(p, n);
    size_t got = 0;
    struct int_scratch s;
    uint8_t *raw = (uint8_t *)int_scratch_get(d->t, &s, n * 20 / 8 + 2); // 19.3 digits a limb, and mpn_get_str may write one more
    if (!raw) return false;
    if (n) got = mpn_get_str(raw, 10, p, (mp_size_t)n);
    size_t zeros = 0;
    while (zeros < got && raw[zeros] == 0) zeros++;
    size_t pad = width > got - zeros ? width - (got - zeros) : 0;
    memset(out, '0', pad);
    for (size_t i = zeros; i < got; i++) out[pad + i - zeros] = (uint8_t)('0' + raw[i]);
    *written = pad + got - zeros;
    int_scratch_drop(d->t, &s);
    return safepoint_poll(d->t);
}

static bool decimal_split(struct decimal *d, uint8_t *out, mp_limb_t *p, size_t n, int level, size_t width, size_t *written) {
    n = limbs_trim(p, n);
    while (level >= 0 && width == 0 && (n < d->n[level] || (n == d->n[level] && mpn_cmp(p, d->power[level], (mp_size_t)n) < 0))) level--;
    if (level < 0) return decimal_piece(d, out, p, n, width, written);
    size_t bn = d->n[level], qn = n >= bn ? n - bn + 1 : 1, bytes = (qn + bn) * sizeof(mp_limb_t), hi = 0, lo = 0;
    mp_limb_t *q = mem_calloc(d->t, bytes), *r = q + qn;
    if (!q) return false;
    bool ok = true;
    if (n >= bn) ok = limbs_divmod(d->t, q, r, p, n, d->power[level], bn);
    else memcpy(r, p, n * sizeof *p);
    size_t low_width = d->digits[level];
    ok = ok && decimal_split(d, out, q, qn, level - 1, width ? width - low_width : 0, &hi) &&
         decimal_split(d, out + hi, r, bn, level - 1, low_width, &lo);
    *written = hi + lo;
    mem_free(d->t, q, bytes);
    return ok;
}

static value too_many_to_str(struct thread *t) {
    return raise(t, &exc_ValueError, "Exceeds the limit (%d digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit",
                 int_max_str_digits());
}

static value decimal_to_str(struct thread *t, const struct int_view *w) {
    int limit = int_max_str_digits();
    uint64_t bits = limbs_bits(w->limb, w->n);
    size_t room = (size_t)((double)bits * 0.30102999566398120) + 3; // digits: at most one more than bits log10(2)
    if (limit && bits > (uint64_t)limit * 10 / 3 + 64 && (double)(bits - 1) * 0.30102999566398119 >= limit) return too_many_to_str(t);
    size_t bytes = room + 32, copy_bytes = (w->n + 1) * sizeof(mp_limb_t), n = 0;
    uint8_t few[256], *out = bytes <= sizeof few ? few : mem_alloc(t, bytes);
    mp_limb_t few_limbs[16], *copy = w->n < 16 ? few_limbs : out ? mem_alloc(t, copy_bytes) : NULL; // mpn_get_str destroys its input
    struct decimal d = {.t = t};
    value v = V_NULL;
    bool ok = out && copy;
    if (ok) memcpy(copy, w->limb, w->n * sizeof *copy);
    if (ok && w->n > INT_TEXT_PIECE) ok = decimal_powers(&d, room);
    if (ok) out[0] = '-', ok = decimal_split(&d, out + 1, copy, w->n, d.levels - 1, 0, &n);
    if (ok && limit && n > (size_t)limit) ok = false, too_many_to_str(t);
    if (ok) v = from_ascii(t, (char *)out + !w->negative, n + w->negative);
    decimal_drop(&d);
    if (copy && copy != few_limbs) mem_free(t, copy, copy_bytes);
    if (out && out != few) mem_free(t, out, bytes);
    return v;
}

value int_to_str(struct thread *t, vref v, int base, bool prefix) {
    const char *pre = !prefix ? "" : base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "";
    int64_t i;
    if (int_small(v, &i)) return small_to_str(t, i, (unsigned)base, pre);
    struct int_view w;
    int_see(v, &w);
    if ((base & (base - 1)) == 0) return bits_to_str(t, &w, (unsigned)__builtin_ctz((unsigned)base), pre);
    return decimal_to_str(t, &w); // nothing asks for other bases of large numbers
}

// ---- from text ----

static int digit_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

static bool is_space(char c) { return c == ' ' || (c >= 9 && c <= 13) || (c >= 28 && c <= 31); }

// digits[n], most significant first, in a base that is a power of two.
static value from_bits(struct thread *t, const uint8_t *digits, size_t n, unsigned log2, bool negative) {
    size_t limbs = (n * log2 + 63) / 64;
    struct bigint *b = int_begin(t, limbs);
    if (!b) return V_NULL;
    memset(b->limb, 0, limbs * sizeof *b->limb);
    for (size_t i = 0; i < n; i++) {
        size_t bit = i * log2;
        mp_limb_t d = digits[n - 1 - i];
        b->limb[bit / 64] |= d << bit % 64;
        if (bit % 64 + log2 > 64 && bit / 64 + 1 < limbs) b->limb[bit / 64 + 1] |= d >> (64 - bit % 64);
    }
    return int_finish(t, b, limbs, negative);
}

static value from_digits(struct thread *t, const uint8_t *digits, size_t n, unsigned base);

// hi * base^k + lo, for more digits than GMP may take at once.
static value from_halves(struct thread *t, const uint8_t *digits, size_t n, unsigned base) {
    size_t low = n / 2;
    value hi = from_digits(t, digits, n - low, base), lo = hi ? from_digits(t, digits + n - low, low, base) : V_NULL;
    value scale = lo ? int_power(t, from_int62(base), from_int62((int64_t)low)) : V_NULL;
    value up = scale ? int_binary(t, hi, scale, NB_MUL) : V_NULL, sum = up ? int_binary(t, up, lo, NB_ADD) : V_NULL;
    release_opt(t, hi), release_opt(t, lo), release_opt(t, scale), release_opt(t, up);
    return sum;
}

static value from_digits(struct thread *t, const uint8_t *digits, size_t n, unsigned base) {
    if (n > INT_TEXT_PIECE * 19) return from_halves(t, digits, n, base);
    if (!safepoint_poll(t)) return V_NULL;
    size_t zeros = 0;
    while (zeros < n && digits[zeros] == 0) zeros++;
    if (zeros == n) return from_int62(0);
    size_t limbs = (n - zeros) * 6 / 64 + 2; // 5.17 bits a digit of base 36, the dearest
    struct int_scratch s;
    mp_limb_t *p = int_scratch_get(t, &s, limbs);
    if (!p) return V_NULL;
    mp_size_t used = mpn_set_str(p, digits + zeros, n - zeros, (int)base);
    value v = int_from_limbs(t, p, (size_t)used, false);
    int_scratch_drop(t, &s);
    return v;
}

// Sign, prefix, then digits with single underscores between them. Fills digits (values, not characters); -1: malformed.
static int64_t scan_digits(const char *s, const char *end, unsigned base, bool after_prefix, uint8_t *digits) {
    size_t n = 0;
    bool gap = after_prefix; // an underscore may stand here
    bool last_gap = false;
    for (; s < end; s++) {
        if (*s == '_') {
            if (!gap) return -1;
            gap = false, last_gap = true;
            continue;
        }
        int d = digit_value(*s);
        if (d >= (int)base) return -1;
        digits[n++] = (uint8_t)d;
        gap = true, last_gap = false;
    }
    return n == 0 || last_gap ? -1 : (int64_t)n;
}

static int prefix_base(const char *s, const char *end) {
    if (end - s < 2 || s[0] != '0') return 0;
    char c = (char)(s[1] | 32);
    return c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;
}

static int parse_short(const char *s, const char *end, int base, bool negative, value *out) { // up to 18 decimal digits without underscores
    if (base != 10 || end - s > 18 || s == end) return 0;
    int64_t i = 0;
    for (; s < end; s++) {
        if (*s < '0' || *s > '9') return 0;
        i = i * 10 + (*s - '0');
    }
    *out = from_int62(negative ? -i : i);
    return 1;
}

int int_parse(struct thread *t, const char *s, size_t n, int base, value *out) {
    const char *end = s + n;
    while (s < end && is_space(*s)) s++;
    while (end > s && is_space(end[-1])) end--;
    bool negative = s < end && *s == '-', prefixed = false;
    if (s < end && (*s == '+' || *s == '-')) s++;
    int by_prefix = prefix_base(s, end);
    bool zero_only = false;
    if (by_prefix && (base == 0 || base == by_prefix)) base = by_prefix, s += 2, prefixed = true;
    else if (base == 0) base = 10, zero_only = s < end && *s == '0';
    if (parse_short(s, end, zero_only ? 0 : base, negative, out)) return 1;
    size_t cap = (size_t)(end - s) + 1;
    uint8_t few[256], *digits = cap <= sizeof few ? few : mem_alloc(t, cap);
    if (!digits) return -1;
    int result = 0, limit = int_max_str_digits();
    int64_t count = scan_digits(s, end, (unsigned)base, prefixed, digits);
    if (count >= 0 && zero_only)
        for (int64_t i = 0; i < count; i++)
            if (digits[i]) count = -1;
    if (count >= 0) {
        bool binary = (base & (base - 1)) == 0;
        if (!binary && limit && count > limit) {
            raise(t, &exc_ValueError,
                  "Exceeds the limit (%d digits) for integer string conversion: value has %ld digits; use sys.set_int_max_str_digits() to increase the limit",
                  limit, count);
            result = -1;
        } else {
            value v = binary ? from_bits(t, digits, (size_t)count, (unsigned)__builtin_ctz((unsigned)base), negative)
                             : from_digits(t, digits, (size_t)count, (unsigned)base);
            if (v && negative && !binary) {
                value minus = int_binary(t, from_int62(0), v, NB_SUB);
                release(t, v);
                v = minus;
            }
            *out = v;
            result = v ? 1 : -1;
        }
    }
    if (digits != few) mem_free(t, digits, cap);
    return result;
}

value int_from_text(struct thread *t, const char *s, size_t n, int base, bool underscores) {
    value v = V_NULL;
    int got = underscores || !memchr(s, '_', n) ? int_parse(t, s, n, base, &v) : 0;
    if (got > 0) return v;
    if (got < 0) return V_NULL;
    value text = str_decode(t, (const uint8_t *)s, n, "utf-8", "replace");
    if (text) raise(t, &exc_ValueError, "invalid literal for int() with base %d: %R", base, text);
    release_opt(t, text);
    return V_NULL;
}
