// SPDX-License-Identifier: Apache-2.0
// MD5, SHA-1 and SHA-2: compression of blocks and the padding they share. Leaves SHA-3 and BLAKE2 to their files.
#include "interp/modules/hash/digest.h"

#include <string.h>

static uint32_t left32(uint32_t x, int n) { return x << n | x >> (32 - n); }
static uint32_t right32(uint32_t x, int n) { return x >> n | x << (32 - n); }
static uint64_t right64(uint64_t x, int n) { return x >> n | x << (64 - n); }
static uint32_t big32(const uint8_t *p) { return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]; }
static uint64_t big64(const uint8_t *p) { return (uint64_t)big32(p) << 32 | big32(p + 4); }

// ---- MD5 ----

static const uint32_t md5_sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122,
    0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6,
    0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60,
    0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039,
    0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};
static void md5_block(struct digest *d, const uint8_t *p) {
    static const uint8_t turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t m[16], a = d->w32[0], b = d->w32[1], c = d->w32[2], e = d->w32[3];
    memcpy(m, p, 64);
    for (int i = 0; i < 64; i++) {
        int round = i / 16, k = round == 0 ? i : round == 1 ? 5 * i + 1 : round == 2 ? 3 * i + 5 : 7 * i;
        uint32_t f = round == 0 ? (b & c) | (~b & e) : round == 1 ? (e & b) | (~e & c) : round == 2 ? b ^ c ^ e : c ^ (b | ~e);
        uint32_t next = b + left32(a + f + md5_sines[i] + m[k & 15], turns[round][i & 3]);
        a = e, e = c, c = b, b = next;
    }
    d->w32[0] += a, d->w32[1] += b, d->w32[2] += c, d->w32[3] += e;
}

// ---- SHA-1 ----

static void sha1_block(struct digest *d, const uint8_t *p) {
    uint32_t w[80], a = d->w32[0], b = d->w32[1], c = d->w32[2], e = d->w32[3], g = d->w32[4];
    for (int i = 0; i < 16; i++) w[i] = big32(p + 4 * i);
    for (int i = 16; i < 80; i++) w[i] = left32(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20 ? ((b & c) | (~b & e)) + 0x5a827999 : i < 40 ? (b ^ c ^ e) + 0x6ed9eba1 : i < 60 ? ((b & c) | (b & e) | (c & e)) + 0x8f1bbcdc : (b ^ c ^ e) + 0xca62c1d6;
        uint32_t next = left32(a, 5) + f + g + w[i];
        g = e, e = c, c = left32(b, 30), b = a, a = next;
    }
    d->w32[0] += a, d->w32[1] += b, d->w32[2] += c, d->w32[3] += e, d->w32[4] += g;
}

// ---- SHA-2 ----
// The constants of SHA-256 are the upper halves of those of SHA-512.

static const uint64_t sha2_roots[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65, 0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec, 0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

static void sha256_block(struct digest *d, const uint8_t *p) {
    uint32_t w[64], h[8];
    memcpy(h, d->w32, sizeof h);
    for (int i = 0; i < 16; i++) w[i] = big32(p + 4 * i);
    for (int i = 16; i < 64; i++) {
        uint32_t x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (right32(x, 7) ^ right32(x, 18) ^ x >> 3) + w[i - 7] + (right32(y, 17) ^ right32(y, 19) ^ y >> 10);
    }
    for (int i = 0; i < 64; i++) {
        uint32_t s1 = right32(h[4], 6) ^ right32(h[4], 11) ^ right32(h[4], 25), s0 = right32(h[0], 2) ^ right32(h[0], 13) ^ right32(h[0], 22);
        uint32_t one = h[7] + s1 + ((h[4] & h[5]) ^ (~h[4] & h[6])) + (uint32_t)(sha2_roots[i] >> 32) + w[i];
        uint32_t two = s0 + ((h[0] & h[1]) ^ (h[0] & h[2]) ^ (h[1] & h[2]));
        memmove(h + 1, h, 7 * sizeof *h);
        h[4] += one;
        h[0] = one + two;
    }
    for (int i = 0; i < 8; i++) d->w32[i] += h[i];
}

static void sha512_block(struct digest *d, const uint8_t *p) {
    uint64_t w[80], h[8];
    memcpy(h, d->w64, sizeof h);
    for (int i = 0; i < 16; i++) w[i] = big64(p + 8 * i);
    for (int i = 16; i < 80; i++) {
        uint64_t x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + (right64(x, 1) ^ right64(x, 8) ^ x >> 7) + w[i - 7] + (right64(y, 19) ^ right64(y, 61) ^ y >> 6);
    }
    for (int i = 0; i < 80; i++) {
        uint64_t s1 = right64(h[4], 14) ^ right64(h[4], 18) ^ right64(h[4], 41), s0 = right64(h[0], 28) ^ right64(h[0], 34) ^ right64(h[0], 39);
        uint64_t one = h[7] + s1 + ((h[4] & h[5]) ^ (~h[4] & h[6])) + sha2_roots[i] + w[i];
        uint64_t two = s0 + ((h[0] & h[1]) ^ (h[0] & h[2]) ^ (h[1] & h[2]));
        memmove(h + 1, h, 7 * sizeof *h);
        h[4] += one;
        h[0] = one + two;
    }
    for (int i = 0; i < 8; i++) d->w64[i] += h[i];
}

// ---- blocks and padding ----

typedef void block_fn(struct digest *d, const uint8_t *p);

static void feed(struct digest *d, const uint8_t *p, size_t n, block_fn *block) {
    size_t size = d->algorithm->block;
    d->count[0] += n;
    if (d->used) {
        size_t take = size - d->used < n ? size - d->used : n;
        memcpy(d->block + d->used, p, take);
        d->used += (uint32_t)take, p += take, n -= take;
        if (d->used < size) return;
        block(d, d->block);
    }
    for (; n >= size; p += size, n -= size) block(d, p);
    if (n) memcpy(d->block, p, n);
    d->used = (uint32_t)n;
}

// One bit, zeros, and the length in bits, in the last 8 or 16 bytes of a block.
static void pad(struct digest *d, block_fn *block, bool little) {
    size_t size = d->algorithm->block, tail = size / 8;
    uint64_t bits = d->count[0] * 8, high = d->count[0] >> 61;
    d->block[d->used++] = 0x80;
    if (d->used > size - tail) {
        memset(d->block + d->used, 0, size - d->used);
        block(d, d->block);
        d->used = 0;
    }
    memset(d->block + d->used, 0, size - d->used);
    for (int i = 0; i < 8; i++) d->block[size - 8 + (size_t)i] = (uint8_t)(bits >> (little ? 8 * i : 56 - 8 * i));
    if (tail == 16) d->block[size - 9] = (uint8_t)high;
    block(d, d->block);
}

static void out_big32(const struct digest *d, uint8_t *out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)(d->w32[i / 4] >> (24 - 8 * (i % 4)));
}
static void out_big64(const struct digest *d, uint8_t *out, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = (uint8_t)(d->w64[i / 8] >> (56 - 8 * (i % 8)));
}

static void md5_update(struct digest *d, const uint8_t *p, size_t n) { feed(d, p, n, md5_block); }
static void sha1_update(struct digest *d, const uint8_t *p, size_t n) { feed(d, p, n, sha1_block); }
static void sha256_update(struct digest *d, const uint8_t *p, size_t n) { feed(d, p, n, sha256_block); }
static void sha512_update(struct digest *d, const uint8_t *p, size_t n) { feed(d, p, n, sha512_block); }
static void md5_final(struct digest *d, uint8_t *out, size_t n) {
    pad(d, md5_block, true);
    memcpy(out, d->w32, n);
}
static void sha1_final(struct digest *d, uint8_t *out, size_t n) {
    pad(d, sha1_block, false);
    out_big32(d, out, n);
}
static void sha256_final(struct digest *d, uint8_t *out, size_t n) {
    pad(d, sha256_block, false);
    out_big32(d, out, n);
}
static void sha512_final(struct digest *d, uint8_t *out, size_t n) {
    pad(d, sha512_block, false);
    out_big64(d, out, n);
}

#define INIT(name, field, ...)                                  \
    static void name##_init(struct digest *d) {                 \
        static const __typeof__(d->field[0]) start[] = {__VA_ARGS__}; \
        memcpy(d->field, start, sizeof start);                  \
    }
INIT(md5, w32, 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476)
INIT(sha1, w32, 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)
INIT(sha224, w32, 0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4)
INIT(sha256, w32, 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19)
INIT(sha384, w64, 0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939, 0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4)
INIT(sha512, w64, 0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179)

const struct algorithm digest_md5 = {"md5", 16, 64, md5_init, md5_update, md5_final};
const struct algorithm digest_sha1 = {"sha1", 20, 64, sha1_init, sha1_update, sha1_final};
const struct algorithm digest_sha224 = {"sha224", 28, 64, sha224_init, sha256_update, sha256_final};
const struct algorithm digest_sha256 = {"sha256", 32, 64, sha256_init, sha256_update, sha256_final};
const struct algorithm digest_sha384 = {"sha384", 48, 128, sha384_init, sha512_update, sha512_final};
const struct algorithm digest_sha512 = {"sha512", 64, 128, sha512_init, sha512_update, sha512_final};
