// SPDX-License-Identifier: Apache-2.0
// The Mersenne twister MT19937 (Matsumoto, Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random number generator", ACM TOMACS
// 8(1), 1998; array seeding of the authors' 2002 revision). Leaves seeds from Python values to random.c.
#ifndef KRAIT_INTERP_MODULES_RANDOM_MT_H
#define KRAIT_INTERP_MODULES_RANDOM_MT_H

#include <stddef.h>
#include <stdint.h>

enum { MT_N = 624, MT_M = 397 };
struct mt {
    uint32_t index;       // of the next word; MT_N: a new block is due
    uint32_t word[MT_N];
};

static inline void mt_seed_word(struct mt *m, uint32_t seed) {
    m->word[0] = seed;
    for (uint32_t i = 1; i < MT_N; i++) m->word[i] = 1812433253u * (m->word[i - 1] ^ m->word[i - 1] >> 30) + i;
    m->index = MT_N;
}

static inline void mt_seed_array(struct mt *m, const uint32_t *key, size_t n) {
    uint32_t *w = m->word, i = 1;
    size_t j = 0;
    mt_seed_word(m, 19650218u);
    for (size_t k = MT_N > n ? MT_N : n; k; k--) {
        w[i] = (w[i] ^ (w[i - 1] ^ w[i - 1] >> 30) * 1664525u) + key[j] + (uint32_t)j;
        if (++i == MT_N) w[0] = w[MT_N - 1], i = 1;
        if (++j == n) j = 0;
    }
    for (size_t k = MT_N - 1; k; k--) {
        w[i] = (w[i] ^ (w[i - 1] ^ w[i - 1] >> 30) * 1566083941u) - i;
        if (++i == MT_N) w[0] = w[MT_N - 1], i = 1;
    }
    w[0] = 0x80000000u;
}

static inline uint32_t mt_mix(uint32_t a, uint32_t b, uint32_t c) {
    uint32_t y = (a & 0x80000000u) | (b & 0x7fffffffu);
    return c ^ y >> 1 ^ (y & 1 ? 0x9908b0dfu : 0);
}
static inline void mt_block(struct mt *m) {
    uint32_t *w = m->word;
    for (int i = 0; i < MT_N - MT_M; i++) w[i] = mt_mix(w[i], w[i + 1], w[i + MT_M]);
    for (int i = MT_N - MT_M; i < MT_N - 1; i++) w[i] = mt_mix(w[i], w[i + 1], w[i + MT_M - MT_N]);
    w[MT_N - 1] = mt_mix(w[MT_N - 1], w[0], w[MT_M - 1]);
    m->index = 0;
}
static inline uint32_t mt_next(struct mt *m) {
    if (m->index >= MT_N) mt_block(m);
    uint32_t y = m->word[m->index++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

#endif
