// SPDX-License-Identifier: Apache-2.0
// Message digests: the state of one and the table of algorithms. Leaves the objects Python sees to module.c.
//
// Each algorithm takes bytes in any portions (update) and writes its digest once (final). A state is plain memory: copying it copies the digest under way.
// Sources: RFC 1321 (MD5), FIPS 180-4 (SHA-1, SHA-2), FIPS 202 (SHA-3, SHAKE), RFC 7693 (BLAKE2).
#ifndef KRAIT_INTERP_MODULES_HASH_DIGEST_H
#define KRAIT_INTERP_MODULES_HASH_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest;
struct algorithm {
    const char *name;
    uint16_t size, block;   // bytes of the digest (0: as many as asked for) and of a block
    void (*init)(struct digest *d);
    void (*update)(struct digest *d, const uint8_t *p, size_t n);
    void (*final)(struct digest *d, uint8_t *out, size_t n);
};
struct digest {
    const struct algorithm *algorithm;
    uint64_t count[2];      // bytes so far
    uint32_t used;          // bytes waiting in block
    uint16_t size;          // of the digest, where it can be chosen (BLAKE2)
    bool last_node;         // BLAKE2
    uint8_t block[200];
    union {
        uint32_t w32[8];
        uint64_t w64[25];
    };
};
extern const struct algorithm digest_md5, digest_sha1, digest_sha224, digest_sha256, digest_sha384, digest_sha512;
extern const struct algorithm digest_sha3_224, digest_sha3_256, digest_sha3_384, digest_sha3_512, digest_shake_128, digest_shake_256;
extern const struct algorithm digest_blake2b, digest_blake2s;

struct blake2_parameters {
    uint8_t size, key_size, fanout, depth, node_depth, inner_size;
    uint32_t leaf_size;
    uint64_t node_offset;
    uint8_t salt[16], person[16]; // half of it for blake2s
    uint8_t key[64];
    bool last_node;
};
void blake2_init(struct digest *d, const struct algorithm *a, const struct blake2_parameters *p);

#endif
