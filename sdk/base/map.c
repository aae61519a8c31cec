// SPDX-License-Identifier: Apache-2.0
// The hash table behind map.h: SipHash, probing, growing. Which keys come is its users' business.

#include "sdk/base/map.h"

#include <pthread.h>

#include "sdk/base/id.h"
#include "sdk/base/mem.h"

#define SMALLEST 8

// The process' hash key: written once, read by all threads afterwards.
static uint64_t secret[2];
static pthread_once_t secret_once = PTHREAD_ONCE_INIT;

static void make_secret(void)
{
    if (!id_random_bytes(secret, sizeof secret)) {
        secret[0] = (uint64_t)(uintptr_t)&secret * UINT64_C(0x9e3779b97f4a7c15);
        secret[1] = ~secret[0];
    }
}

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1], v[1] = rotate(v[1], 13) ^ v[0], v[0] = rotate(v[0], 32);
    v[2] += v[3], v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3], v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1], v[1] = rotate(v[1], 17) ^ v[2], v[2] = rotate(v[2], 32);
}

// SipHash-1-3.
static uint64_t hash_bytes(struct slice s)
{
    pthread_once(&secret_once, make_secret);
    uint64_t v[4] = { secret[0] ^ UINT64_C(0x736f6d6570736575), secret[1] ^ UINT64_C(0x646f72616e646f6d),
                      secret[0] ^ UINT64_C(0x6c7967656e657261), secret[1] ^ UINT64_C(0x7465646279746573) };
    size_t at = 0;
    uint64_t word;
    for (; at + 8 <= s.n; at += 8) {
        memcpy(&word, s.p + at, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    word = (uint64_t)s.n << 56;
    if (at < s.n)
        memcpy(&word, s.p + at, s.n - at);
    v[3] ^= word;
    sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    sip_round(v), sip_round(v), sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static uint64_t hash_number(uint64_t x)
{
    pthread_once(&secret_once, make_secret);
    x ^= secret[0];
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

void map_free(struct map *m)
{
    mem_free(MEM_MAP, m->slots, m->cap * sizeof *m->slots);
    map_init(m);
}

static bool same(const struct map_slot *s, uint64_t hash, struct slice key)
{
    if (s->hash != hash || s->key.n != key.n)
        return false;
    return !key.p || !s->key.p ? key.p == s->key.p || key.n == 0 : memcmp(s->key.p, key.p, key.n) == 0;
}

// The slot of key, or the free one where it belongs. cap must not be 0.
static struct map_slot *find(const struct map *m, uint64_t hash, struct slice key)
{
    size_t at = hash & (m->cap - 1);
    while (m->slots[at].value && !same(&m->slots[at], hash, key))
        at = (at + 1) & (m->cap - 1);
    return &m->slots[at];
}

static bool rehash(struct map *m, size_t cap)
{
    struct map bigger = { mem_zalloc(MEM_MAP, cap, sizeof *m->slots), cap, m->n };
    if (!bigger.slots)
        return false;
    for (size_t i = 0; i < m->cap; i++)
        if (m->slots[i].value)
            *find(&bigger, m->slots[i].hash, m->slots[i].key) = m->slots[i];
    map_free(m);
    *m = bigger;
    return true;
}

static void *get(const struct map *m, uint64_t hash, struct slice key)
{
    return m->cap ? find(m, hash, key)->value : NULL;
}

static bool put(struct map *m, uint64_t hash, struct slice key, void *value)
{
    struct map_slot *s = m->cap ? find(m, hash, key) : NULL;
    if (!s || !s->value) {
        if ((m->n + 1) * 4 > m->cap * 3) {
            if (!rehash(m, m->cap ? m->cap * 2 : SMALLEST))
                return false;
            s = find(m, hash, key);
        }
        m->n++;
    }
    *s = (struct map_slot){ hash, key, value };
    return true;
}

// Backward shift: entries that probed over the freed slot move up, so that no tombstone is needed.
static void close_gap(struct map *m, size_t gap)
{
    size_t mask = m->cap - 1;
    for (size_t at = (gap + 1) & mask; m->slots[at].value; at = (at + 1) & mask) {
        size_t home = m->slots[at].hash & mask;
        if (((at - home) & mask) >= ((at - gap) & mask)) {
            m->slots[gap] = m->slots[at];
            gap = at;
        }
    }
    m->slots[gap] = (struct map_slot){ 0 };
}

static void *take(struct map *m, uint64_t hash, struct slice key)
{
    struct map_slot *s = m->cap ? find(m, hash, key) : NULL;
    if (!s || !s->value)
        return NULL;
    void *value = s->value;
    m->n--;
    close_gap(m, (size_t)(s - m->slots));
    return value;
}

// An empty string key needs a pointer, so that it is not taken for the number 0.
static struct slice text_key(struct slice key)
{
    return key.p ? key : slice_of("", 0);
}

static struct slice number_key(uint64_t key)
{
    return slice_of(NULL, (size_t)key);
}

void *map_get(const struct map *m, struct slice key)
{
    return get(m, hash_bytes(key), text_key(key));
}

void *map_get_number(const struct map *m, uint64_t key)
{
    return get(m, hash_number(key), number_key(key));
}

bool map_put(struct map *m, struct slice key, void *value)
{
    return put(m, hash_bytes(key), text_key(key), value);
}

bool map_put_number(struct map *m, uint64_t key, void *value)
{
    return put(m, hash_number(key), number_key(key), value);
}

void *map_remove(struct map *m, struct slice key)
{
    return take(m, hash_bytes(key), text_key(key));
}

void *map_remove_number(struct map *m, uint64_t key)
{
    return take(m, hash_number(key), number_key(key));
}

struct map_slot *map_walk(const struct map *m, size_t *at)
{
    while (*at < m->cap) {
        struct map_slot *s = &m->slots[(*at)++];
        if (s->value)
            return s;
    }
    return NULL;
}

bool map_is_valid(const struct map *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->cap; i++) {
        const struct map_slot *s = &m->slots[i];
        if (!s->value)
            continue;
        if (find(m, s->hash, s->key) != s)
            return false;
        n++;
    }
    return n == m->n && (m->cap & (m->cap - 1)) == 0 && m->n * 4 <= m->cap * 3;
}
