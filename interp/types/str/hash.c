// SPDX-License-Identifier: Apache-2.0
// The keyed hash of str and bytes: SipHash-1-3 (Aumasson and Bernstein), cut to 62 bits so that every hash is a small int. Leaves caching to the objects.
#include "interp/types/str/text.h"
#include <stdlib.h>
#include <sys/random.h>

static uint64_t key[2]; // immutable after hash_start

// PYTHONHASHSEED: a number gives the same hashes in every process (0 the zero key), "random" or nothing a key of this process alone.
void hash_start(void) {
    const char *seed = getenv("PYTHONHASHSEED");
    if (seed && *seed && strcmp(seed, "random") != 0) {
        uint64_t x = strtoull(seed, NULL, 10);
        for (int i = 0; i < 2 && x; i++) { // splitmix64
            uint64_t z = x += 0x9e3779b97f4a7c15ull;
            z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
            z = (z ^ z >> 27) * 0x94d049bb133111ebull;
            key[i] = z ^ z >> 31;
        }
        return;
    }
    if (getrandom(key, sizeof key, GRND_NONBLOCK) != (ssize_t)sizeof key) { // too early in the boot: addresses are what is left
        key[0] = (uint64_t)(uintptr_t)&seed * 0x9e3779b97f4a7c15ull;
        key[1] = (uint64_t)(uintptr_t)hash_start ^ key[0];
    }
}

struct sip {
    uint64_t a, b, c, d;
};
static inline void sip_round(struct sip *s) {
    s->a += s->b, s->c += s->d;
    s->b = rotate_left(s->b, 13) ^ s->a, s->d = rotate_left(s->d, 16) ^ s->c;
    s->a = rotate_left(s->a, 32);
    s->c += s->b, s->a += s->d;
    s->b = rotate_left(s->b, 17) ^ s->c, s->d = rotate_left(s->d, 21) ^ s->a;
    s->c = rotate_left(s->c, 32);
}

int64_t hash_bytes(const void *data, size_t n) {
    if (n == 0) return 0;
    const uint8_t *p = data;
    struct sip s = {key[0] ^ 0x736f6d6570736575ull, key[1] ^ 0x646f72616e646f6dull, key[0] ^ 0x6c7967656e657261ull, key[1] ^ 0x7465646279746573ull};
    size_t left = n;
    uint64_t w;
    for (; left >= 8; left -= 8, p += 8) {
        memcpy(&w, p, 8);
        s.d ^= w;
        sip_round(&s);
        s.a ^= w;
    }
    w = (uint64_t)n << 56;
    for (size_t i = 0; i < left; i++) w |= (uint64_t)p[i] << 8 * i;
    s.d ^= w;
    sip_round(&s);
    s.a ^= w;
    s.c ^= 0xff;
    sip_round(&s), sip_round(&s), sip_round(&s);
    int64_t h = (int64_t)(s.a ^ s.b ^ s.c ^ s.d) >> 2;
    return h == -1 ? -2 : h;
}
