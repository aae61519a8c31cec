// SPDX-License-Identifier: Apache-2.0
// BLAKE2b and BLAKE2s with keys, salts, personalisation and tree parameters. Leaves checking the parameters to module.c.
#include "interp/modules/hash/digest.h"

#include <string.h>

static const uint8_t sigma[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3}, {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8}, {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10}, {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};
static const uint64_t start_b[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                                    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
static const uint8_t columns[8][4] = {{0, 4, 8, 12}, {1, 5, 9, 13}, {2, 6, 10, 14}, {3, 7, 11, 15}, {0, 5, 10, 15}, {1, 6, 11, 12}, {2, 7, 8, 13}, {3, 4, 9, 14}};

static uint64_t right64(uint64_t x, int n) { return x >> n | x << (64 - n); }
static uint32_t right32(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void block_b(struct digest *d, const uint8_t *p, bool last) {
    uint64_t m[16], v[16];
    memcpy(m, p, 128);
    memcpy(v, d->w64, 64);
    memcpy(v + 8, start_b, 64);
    v[12] ^= d->count[0], v[13] ^= d->count[1];
    if (last) v[14] = ~v[14];
    if (last && d->last_node) v[15] = ~v[15];
    for (int r = 0; r < 12; r++)
        for (int k = 0; k < 8; k++) {
            uint64_t *a = &v[columns[k][0]], *b = &v[columns[k][1]], *c = &v[columns[k][2]], *e = &v[columns[k][3]];
            *a += *b + m[sigma[r % 10][2 * k]], *e = right64(*e ^ *a, 32);
            *c += *e, *b = right64(*b ^ *c, 24);
            *a += *b + m[sigma[r % 10][2 * k + 1]], *e = right64(*e ^ *a, 16);
            *c += *e, *b = right64(*b ^ *c, 63);
        }
    for (int i = 0; i < 8; i++) d->w64[i] ^= v[i] ^ v[i + 8];
}

static void block_s(struct digest *d, const uint8_t *p, bool last) {
    uint32_t m[16], v[16];
    memcpy(m, p, 64);
    memcpy(v, d->w32, 32);
    for (int i = 0; i < 8; i++) v[8 + i] = (uint32_t)(start_b[i] >> 32);
    v[12] ^= (uint32_t)d->count[0], v[13] ^= (uint32_t)(d->count[0] >> 32);
    if (last) v[14] = ~v[14];
    if (last && d->last_node) v[15] = ~v[15];
    for (int r = 0; r < 10; r++)
        for (int k = 0; k < 8; k++) {
            uint32_t *a = &v[columns[k][0]], *b = &v[columns[k][1]], *c = &v[columns[k][2]], *e = &v[columns[k][3]];
            *a += *b + m[sigma[r][2 * k]], *e = right32(*e ^ *a, 16);
            *c += *e, *b = right32(*b ^ *c, 12);
            *a += *b + m[sigma[r][2 * k + 1]], *e = right32(*e ^ *a, 8);
            *c += *e, *b = right32(*b ^ *c, 7);
        }
    for (int i = 0; i < 8; i++) d->w32[i] ^= v[i] ^ v[i + 8];
}

static void block(struct digest *d, const uint8_t *p, size_t n, bool last) {
    d->count[0] += n;
    if (d->count[0] < n) d->count[1]++;
    if (d->algorithm == &digest_blake2b) block_b(d, p, last);
    else block_s(d, p, last);
}

// The last block is kept back until the end is known.
static void update(struct digest *d, const uint8_t *p, size_t n) {
    size_t size = d->algorithm->block;
    while (n) {
        if (d->used == size) {
            block(d, d->block, size, false);
            d->used = 0;
        }
        if (d->used == 0 && n > size) {
            block(d, p, size, false);
            p += size, n -= size;
            continue;
        }
        size_t take = size - d->used < n ? size - d->used : n;
        memcpy(d->block + d->used, p, take);
        d->used += (uint32_t)take, p += take, n -= take;
    }
}
static void final(struct digest *d, uint8_t *out, size_t n) {
    memset(d->block + d->used, 0, d->algorithm->block - d->used);
    block(d, d->block, d->used, true);
    memcpy(out, d->w64, n);
}

static void parameters_b(uint8_t *b, const struct blake2_parameters *p) {
    memcpy(b + 4, &p->leaf_size, 4);
    memcpy(b + 8, &p->node_offset, 8);
    b[16] = p->node_depth, b[17] = p->inner_size;
    memcpy(b + 32, p->salt, 16);
    memcpy(b + 48, p->person, 16);
}
static void parameters_s(uint8_t *b, const struct blake2_parameters *p) {
    memcpy(b + 4, &p->leaf_size, 4);
    memcpy(b + 8, &p->node_offset, 6);
    b[14] = p->node_depth, b[15] = p->inner_size;
    memcpy(b + 16, p->salt, 8);
    memcpy(b + 24, p->person, 8);
}

void blake2_init(struct digest *d, const struct algorithm *a, const struct blake2_parameters *p) {
    uint8_t b[64] = {p->size, p->key_size, p->fanout, p->depth};
    *d = (struct digest){.algorithm = a, .size = p->size, .last_node = p->last_node};
    if (a == &digest_blake2b) {
        parameters_b(b, p);
        memcpy(d->w64, b, 64);
        for (int i = 0; i < 8; i++) d->w64[i] ^= start_b[i];
    } else {
        parameters_s(b, p);
        memcpy(d->w32, b, 32);
        for (int i = 0; i < 8; i++) d->w32[i] ^= (uint32_t)(start_b[i] >> 32);
    }
    if (!p->key_size) return;
    memcpy(d->block, p->key, p->key_size);
    memset(d->block + p->key_size, 0, a->block - (size_t)p->key_size);
    d->used = a->block;
}

static void init_b(struct digest *d) { blake2_init(d, &digest_blake2b, &(struct blake2_parameters){.size = 64, .fanout = 1, .depth = 1}); }
static void init_s(struct digest *d) { blake2_init(d, &digest_blake2s, &(struct blake2_parameters){.size = 32, .fanout = 1, .depth = 1}); }
const struct algorithm digest_blake2b = {"blake2b", 64, 128, init_b, update, final};
const struct algorithm digest_blake2s = {"blake2s", 32, 64, init_s, update, final};
