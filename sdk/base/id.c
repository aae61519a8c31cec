// SPDX-License-Identifier: Apache-2.0
// Names, ids, randomness and the partition checksum. Whether a queue or task exists is the broker's to know.

#include "sdk/base/id.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "sdk/base/clock.h"

static bool is_alnum(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool all_in(struct slice s, const char *also, size_t max)
{
    if (s.n == 0 || s.n > max)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!is_alnum(s.p[i]) && (s.p[i] == 0 || !strchr(also, s.p[i])))
            return false;
    return true;
}

bool id_name_ok(struct slice name)
{
    return all_in(name, "_.-", ID_NAME_MAX);
}

bool id_key_ok(struct slice key)
{
    return all_in(key, "_.:~-", ID_KEY_MAX);
}

// A partition number without leading zeros, below 2^32.
static bool parse_part(struct slice s, int64_t *part)
{
    if (s.n == 0 || s.n > 10 || (s.n > 1 && s.p[0] == '0'))
        return false;
    int64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *part = v;
    return v <= UINT32_MAX;
}

// Cuts the text before the first slash off; false without one.
static bool cut(struct slice *rest, struct slice *head)
{
    const uint8_t *slash = rest->n ? memchr(rest->p, '/', rest->n) : NULL;
    if (!slash)
        return false;
    *head = slice_of(rest->p, (size_t)(slash - rest->p));
    *rest = slice_from(*rest, head->n + 1);
    return true;
}

bool id_parse(struct slice text, struct task_id *out)
{
    struct slice part;
    *out = (struct task_id){ .queue = slice_text(ID_QUEUE), .part = -1 };
    if (cut(&text, &out->queue) && cut(&text, &part) && !parse_part(part, &out->part))
        return false;
    out->key = text;
    return id_name_ok(out->queue) && id_key_ok(out->key);
}

static size_t put(char *out, size_t at, struct slice s)
{
    size_t n = s.n < ID_TASK_MAX - at ? s.n : ID_TASK_MAX - at;
    if (n)
        memcpy(out + at, s.p, n);
    return at + n;
}

// Made for every task that passes a broker: no printf.
size_t id_format(const struct task_id *id, char *out)
{
    size_t at = put(out, 0, id->queue);
    if (id->part >= 0) {
        char part[24];
        snprintf(part, sizeof part, "/%lld", (long long)id->part);
        at = put(out, at, slice_text(part));
    }
    at = put(out, at, slice_text("/"));
    at = put(out, at, id->key);
    out[at] = 0;
    return at;
}

static uint32_t part_of(struct slice s, uint32_t parts)
{
    return parts > 1 ? id_crc32(s) % parts : 0;
}

struct task_id id_make(struct slice queue, struct slice key, uint32_t part, uint32_t parts)
{
    return (struct task_id){ queue, key, part_of(key, parts) == part ? -1 : (int64_t)part };
}

uint32_t id_part(struct slice unique, struct slice group, struct slice key, uint32_t parts)
{
    return part_of(unique.n ? unique : group.n ? group : key, parts);
}

uint32_t id_part_of(const struct task_id *id, uint32_t parts)
{
    return id->part >= 0 ? (uint32_t)id->part : part_of(id->key, parts);
}

uint32_t id_crc32(struct slice s)
{
    static const uint32_t nibble[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < s.n; i++) {
        crc ^= s.p[i];
        crc = crc >> 4 ^ nibble[crc & 15];
        crc = crc >> 4 ^ nibble[crc & 15];
    }
    return ~crc;
}

bool id_random_bytes(void *out, size_t n)
{
    for (size_t got = 0; got < n;) {
        ssize_t r = getrandom((uint8_t *)out + got, n - got, 0);
        if (r <= 0)
            return false;
        got += (size_t)r;
    }
    return true;
}

bool id_random(char out[ID_RANDOM + 1])
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint8_t raw[16];
    if (!id_random_bytes(raw, sizeof raw))
        return false;
    uint64_t ms = (uint64_t)clock_wall().ms;
    for (int i = 0; i < 6; i++)
        raw[i] = (uint8_t)(ms >> (40 - 8 * i));
    for (int i = 0; i < ID_RANDOM; i++) {      // 26 groups of 5 bits, the first of 3: 128 in all
        int low = 125 - 5 * i, value = 0;
        for (int bit = 4; bit >= 0; bit--) {
            int at = low + bit;                // counted from the least significant of 128
            if (at < 128)
                value |= (raw[15 - at / 8] >> at % 8 & 1) << bit;
        }
        out[i] = digits[value];
    }
    out[ID_RANDOM] = 0;
    return true;
}

void id_hex(const void *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        uint8_t byte = ((const uint8_t *)bytes)[i];
        *out++ = digits[byte >> 4];
        *out++ = digits[byte & 15];
    }
    *out = 0;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool id_unhex(struct slice text, uint8_t *out, size_t n)
{
    if (text.n != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++) {
        int high = hex_digit(text.p[2 * i]), low = hex_digit(text.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool id_equal_secret(struct slice a, struct slice b)
{
    volatile uint8_t differs = a.n != b.n;
    for (size_t i = 0; i < a.n; i++)
        differs |= a.p[i] ^ (b.n ? b.p[i % b.n] : 0xff);
    return !differs;
}
