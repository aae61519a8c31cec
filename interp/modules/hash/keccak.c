// SPDX-License-Identifier: Apache-2.0
// SHA-3 and SHAKE: the Keccak sponge. Leaves the other digests to their files.
#include "interp/modules/hash/digest.h"

#include <string.h>

static uint64_t left64(uint64_t x, unsigned n) { return n ? x << n | x >> (64 - n) : x; }

static void permute(uint64_t a[25]) {
    static const uint64_t rounds[24] = {
        0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a, 0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    };
    static const uint8_t lanes[24] = {10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1};
    for (int r = 0; r < 24; r++) {
        uint64_t c[5], carried = a[1];
        for (int x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        for (int i = 0; i < 25; i++) a[i] ^= c[(i + 4) % 5] ^ left64(c[(i + 1) % 5], 1);
        carried = a[1];
        for (unsigned i = 0; i < 24; i++) { // rotations are triangular numbers
            uint64_t next = a[lanes[i]];
            a[lanes[i]] = left64(carried, (i + 1) * (i + 2) / 2 % 64);
            carried = next;
        }
        for (int y = 0; y < 25; y += 5) {
            memcpy(c, a + y, sizeof c);
            for (int x = 0; x < 5; x++) a[y + x] = c[x] ^ (~c[(x + 1) % 5] & c[(x + 2) % 5]);
        }
        a[0] ^= rounds[r];
    }
}

static void xor_byte(struct digest *d, uint32_t at, uint8_t byte) { d->w64[at / 8] ^= (uint64_t)byte << 8 * (at % 8); }

static void init(struct digest *d) { memset(d->w64, 0, sizeof d->w64); }
static void update(struct digest *d, const uint8_t *p, size_t n) {
    uint32_t rate = d->algorithm->block;
    while (n) {
        if (d->used == 0 && n >= rate) {
            for (uint32_t i = 0; i < rate / 8; i++) {
                uint64_t w;
                memcpy(&w, p + 8 * i, 8);
                d->w64[i] ^= w;
            }
            permute(d->w64);
            p += rate, n -= rate;
            continue;
        }
        xor_byte(d, d->used++, *p++);
        n--;
        if (d->used == rate) permute(d->w64), d->used = 0;
    }
}
static void squeeze(struct digest *d, uint8_t *out, size_t n, uint8_t suffix) {
    uint32_t rate = d->algorithm->block;
    xor_byte(d, d->used, suffix);
    xor_byte(d, rate - 1, 0x80);
    for (size_t i = 0; i < n; i++) {
        if (i % rate == 0) permute(d->w64);
        out[i] = (uint8_t)(d->w64[i % rate / 8] >> 8 * (i % 8));
    }
}
static void sha3_final(struct digest *d, uint8_t *out, size_t n) { squeeze(d, out, n, 0x06); }
static void shake_final(struct digest *d, uint8_t *out, size_t n) { squeeze(d, out, n, 0x1f); }

const struct algorithm digest_sha3_224 = {"sha3_224", 28, 144, init, update, sha3_final};
const struct algorithm digest_sha3_256 = {"sha3_256", 32, 136, init, update, sha3_final};
const struct algorithm digest_sha3_384 = {"sha3_384", 48, 104, init, update, sha3_final};
const struct algorithm digest_sha3_512 = {"sha3_512", 64, 72, init, update, sha3_final};
const struct algorithm digest_shake_128 = {"shake_128", 0, 168, init, update, shake_final};
const struct algorithm digest_shake_256 = {"shake_256", 0, 136, init, update, shake_final};
