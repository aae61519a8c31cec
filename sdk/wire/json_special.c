// SPDX-License-Identifier: Apache-2.0
// The forms for values that JSON has none for: bytes, dates, decimals, big integers and dicts with any key.
// Plain JSON is json.c's and json_read.c's.

#include <math.h>
#include <stdio.h>

#include "sdk/base/id.h"
#include "sdk/wire/json_priv.h"

// ---------------------------------------------------------------- base64

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void put_base64(struct buf *out, struct slice s)
{
    for (size_t i = 0; i < s.n; i += 3) {
        size_t have = s.n - i < 3 ? s.n - i : 3;
        uint32_t v = (uint32_t)s.p[i] << 16 | (have > 1 ? (uint32_t)s.p[i + 1] << 8 : 0) | (have > 2 ? s.p[i + 2] : 0);
        char four[4] = { base64[v >> 18], base64[v >> 12 & 63], base64[v >> 6 & 63], base64[v & 63] };
        memset(four + 1 + have, '=', 3 - have);
        buf_put(out, four, 4);
    }
}

static int sextet(uint8_t c)
{
    const char *at = c ? strchr(base64, c) : NULL;
    return at ? (int)(at - base64) : -1;
}

static enum err read_base64(struct arena *a, struct slice s, struct slice *out)
{
    size_t n = 0;
    while (s.n && s.p[s.n - 1] == '=')
        s.n--;
    uint8_t *to = arena_alloc(a, s.n);
    if (!to)
        return ERR_NOMEM;
    uint32_t bits = 0, have = 0;
    for (size_t i = 0; i < s.n; i++) {
        int v = sextet(s.p[i]);
        if (v < 0)
            return ERR_VALUE;
        bits = bits << 6 | (uint32_t)v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            to[n++] = (uint8_t)(bits >> have);
        }
    }
    *out = slice_of(to, n);
    return s.n % 4 == 1 ? ERR_VALUE : ERR_OK;
}

// ---------------------------------------------------------------- dates

static bool number(struct slice *s, size_t width, int *out)
{
    *out = 0;
    if (s->n < width)
        return false;
    for (size_t i = 0; i < width; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return false;
        *out = *out * 10 + (s->p[i] - '0');
    }
    *s = slice_from(*s, width);
    return true;
}

static bool mark(struct slice *s, char c)
{
    if (s->n == 0 || s->p[0] != (uint8_t)c)
        return false;
    *s = slice_from(*s, 1);
    return true;
}

// .ffffff of any length up to 6; absent is 0.
static bool micros(struct slice *s, int *out)
{
    *out = 0;
    if (!mark(s, '.'))
        return true;
    int scale = 100000, v;
    for (; scale && number(s, 1, &v); scale /= 10)
        *out += v * scale;
    return scale != 100000;
}

static bool read_date(struct slice *s, struct value_when *w)
{
    return number(s, 4, &w->year) && mark(s, '-') && number(s, 2, &w->month) && mark(s, '-') && number(s, 2, &w->day);
}

static bool read_offset(struct slice *s, struct value_when *w)
{
    int h = 0, m = 0, sec = 0, us = 0;
    if (s->n == 0)
        return true;
    w->aware = true;
    if (mark(s, 'Z'))
        return true;
    bool minus = mark(s, '-');
    if (!minus && !mark(s, '+'))
        return false;
    if (!number(s, 2, &h) || !mark(s, ':') || !number(s, 2, &m))
        return false;
    if (mark(s, ':') && !(number(s, 2, &sec) && micros(s, &us)))
        return false;
    w->offset_us = ((h * INT64_C(60) + m) * 60 + sec) * 1000000 + us;
    w->offset_us = minus ? -w->offset_us : w->offset_us;
    return h < 24 && m < 60 && sec < 60;
}

static bool read_time(struct slice *s, struct value_when *w)
{
    if (!number(s, 2, &w->hour) || !mark(s, ':') || !number(s, 2, &w->minute))
        return false;
    if (mark(s, ':') && !(number(s, 2, &w->second) && micros(s, &w->microsecond)))
        return false;
    return read_offset(s, w);
}

static void put_date(struct buf *out, const struct value_when *w)
{
    buf_printf(out, "%04d-%02d-%02d", w->year, w->month, w->day);
}

static void put_time(struct buf *out, const struct value_when *w)
{
    buf_printf(out, "%02d:%02d:%02d", w->hour, w->minute, w->second);
    if (w->microsecond)
        buf_printf(out, ".%06d", w->microsecond);
    if (!w->aware)
        return;
    int64_t us = w->offset_us < 0 ? -w->offset_us : w->offset_us, s = us / 1000000;
    buf_printf(out, "%c%02d:%02d", w->offset_us < 0 ? '-' : '+', (int)(s / 3600), (int)(s / 60 % 60));
    if (s % 60 || us % 1000000)
        buf_printf(out, ":%02d", (int)(s % 60));
    if (us % 1000000)
        buf_printf(out, ".%06d", (int)(us % 1000000));
}

// ---------------------------------------------------------------- reading the forms

static enum err special_when(struct arena *a, struct wire_value *out, enum value_kind kind, struct slice s)
{
    struct value_when *w = arena_zalloc(a, 1, sizeof *w);
    if (!w)
        return ERR_NOMEM;
    *out = (struct wire_value){ .kind = kind, .when = w };
    bool ok = kind == VALUE_TIME || read_date(&s, w);
    if (ok && kind == VALUE_DATETIME)
        ok = mark(&s, 'T') || mark(&s, ' ');
    if (ok && kind != VALUE_DATE)
        ok = read_time(&s, w);
    return ok && s.n == 0 ? ERR_OK : ERR_VALUE;
}

static enum err special_delta(struct wire_value *out, const struct wire_value *v)
{
    double s = v->kind == VALUE_INT ? (double)v->integer : v->kind == VALUE_REAL ? v->real : NAN;
    if (!(fabs(s) <= 86399999999999.0))
        return ERR_VALUE;
    double days = floor(s / 86400);
    int64_t us = llround((s - days * 86400) * 1e6);
    struct value_delta d = { (int64_t)days + us / 86400000000, (int32_t)(us / 1000000 % 86400), (int32_t)(us % 1000000) };
    *out = (struct wire_value){ .kind = VALUE_DELTA, .delta = d };
    return ERR_OK;
}

// 32 hex digits, with or without dashes.
static enum err special_uuid(struct arena *a, struct wire_value *out, struct slice s)
{
    uint8_t hex[32], *raw = arena_alloc(a, 16);
    size_t n = 0;
    if (!raw)
        return ERR_NOMEM;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '-')
            continue;
        if (n == sizeof hex)
            return ERR_VALUE;
        hex[n++] = s.p[i];
    }
    *out = (struct wire_value){ .kind = VALUE_UUID, .text = slice_of(raw, 16) };
    return n == 32 && id_unhex(slice_of(hex, n), raw, 16) ? ERR_OK : ERR_VALUE;
}

static enum err special_dict(struct arena *a, struct wire_value *out, const struct wire_value *v)
{
    if (v->kind != VALUE_LIST)
        return ERR_VALUE;
    struct wire_value *items = arena_alloc(a, 2 * v->n * sizeof *items);
    if (!items)
        return ERR_NOMEM;
    for (size_t i = 0; i < v->n; i++) {
        if (v->items[i].kind != VALUE_LIST || v->items[i].n != 2)
            return ERR_VALUE;
        items[2 * i] = v->items[i].items[0];
        items[2 * i + 1] = v->items[i].items[1];
    }
    *out = value_items(VALUE_MAP, items, v->n);
    return ERR_OK;
}

// 0x… or -0x… -> BIG, or INT when it fits.
static enum err special_int(struct arena *a, struct wire_value *out, struct slice s)
{
    bool minus = mark(&s, '-');
    if (!mark(&s, '0') || !mark(&s, 'x') || s.n == 0)
        return ERR_VALUE;
    size_t n = (s.n + 1) / 2 + 1;
    uint8_t *raw = arena_zalloc(a, n + 8, 1);
    if (!raw)
        return ERR_NOMEM;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t pair[2] = { '0', s.p[s.n - 1 - i] }, v;
        if (!id_unhex(slice_of(pair, 2), &v, 1))
            return ERR_VALUE;
        raw[i / 2] |= (uint8_t)(v << (i % 2 ? 4 : 0));
    }
    unsigned carry = 1;
    for (size_t i = 0; minus && i < n; i++) {
        carry += (uint8_t)~raw[i];
        raw[i] = (uint8_t)carry;
        carry >>= 8;
    }
    while (n > 1 && ((raw[n - 1] == 0 && !(raw[n - 2] & 0x80)) || (raw[n - 1] == 0xff && raw[n - 2] & 0x80)))
        n--;
    if (n > 8) {
        *out = (struct wire_value){ .kind = VALUE_BIG, .text = slice_of(raw, n) };
        return ERR_OK;
    }
    uint64_t v = raw[n - 1] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = n; i-- > 0;)
        v = v << 8 | raw[i];
    *out = value_int((int64_t)v);
    return ERR_OK;
}

enum err json_special_read(struct arena *a, struct wire_value *map)
{
    if (map->n != 1 || map->items[0].text.n == 0 || map->items[0].text.p[0] != '$')
        return ERR_OK;
    struct slice name = map->items[0].text;
    struct wire_value v = map->items[1];
    struct slice text = v.kind == VALUE_TEXT ? v.text : slice_of(NULL, 0);
    if (slice_is(name, "$timedelta"))
        return special_delta(map, &v);
    if (slice_is(name, "$dict"))
        return special_dict(a, map, &v);
    if (slice_is(name, "$bytes")) {
        *map = value_blob(slice_of(NULL, 0));
        return v.kind == VALUE_TEXT ? read_base64(a, text, &map->text) : ERR_VALUE;
    }
    if (slice_is(name, "$date"))
        return special_when(a, map, VALUE_DATE, text);
    if (slice_is(name, "$time"))
        return special_when(a, map, VALUE_TIME, text);
    if (slice_is(name, "$datetime"))
        return special_when(a, map, VALUE_DATETIME, text);
    if (slice_is(name, "$uuid"))
        return special_uuid(a, map, text);
    if (slice_is(name, "$int"))
        return special_int(a, map, text);
    if (slice_is(name, "$decimal")) {
        *map = (struct wire_value){ .kind = VALUE_DECIMAL, .text = text };
        return text.n ? ERR_OK : ERR_VALUE;
    }
    return ERR_OK;
}

bool json_needs_pairs(const struct wire_value *map)
{
    for (size_t i = 0; i < map->n; i++)
        if (map->items[2 * i].kind != VALUE_TEXT)
            return true;
    return map->n == 1 && map->items[0].text.n && map->items[0].text.p[0] == '$';
}

// ---------------------------------------------------------------- writing the forms

static void put_uuid(struct buf *out, struct slice s)
{
    char hex[33];
    id_hex(s.p, s.n < 16 ? s.n : 16, hex);
    buf_printf(out, "{\"$uuid\": \"%.8s-%.4s-%.4s-%.4s-%.12s\"}", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static void put_when(struct buf *out, const struct wire_value *v)
{
    buf_printf(out, "{\"$%s\": \"", v->kind == VALUE_DATE ? "date" : v->kind == VALUE_TIME ? "time" : "datetime");
    if (v->kind != VALUE_TIME)
        put_date(out, v->when);
    if (v->kind == VALUE_DATETIME)
        buf_put_byte(out, 'T');
    if (v->kind != VALUE_DATE)
        put_time(out, v->when);
    buf_put_text(out, "\"}");
}

static void put_delta(struct buf *out, const struct value_delta *d)
{
    int64_t s = d->days * 86400 + d->seconds;
    int us = d->microseconds;
    bool minus = s < 0 && us;          // -0.5 s is stored as -1 s and 500000 us
    if (minus)
        s++, us = 1000000 - us;
    buf_printf(out, "{\"$timedelta\": %s%lld", minus && s == 0 ? "-" : "", (long long)s);
    if (us)
        buf_printf(out, ".%06d", us);
    buf_put_byte(out, '}');
}

bool json_special_write(struct buf *out, const struct wire_value *v)
{
    if (v->kind == VALUE_BLOB) {
        buf_put_text(out, "{\"$bytes\": \"");
        put_base64(out, v->text);
        buf_put_text(out, "\"}");
    } else if (v->kind == VALUE_DECIMAL) {
        buf_put_text(out, "{\"$decimal\": ");
        json_write_text(out, v->text);
        buf_put_byte(out, '}');
    } else if (v->kind == VALUE_UUID) {
        put_uuid(out, v->text);
    } else if (v->kind == VALUE_DELTA) {
        put_delta(out, &v->delta);
    } else {
        put_when(out, v);
    }
    return buf_ok(out);
}

// ---------------------------------------------------------------- big integers

static void negate(uint8_t *v, size_t n)
{
    unsigned carry = 1;
    for (size_t i = 0; i < n; i++) {
        carry += (uint8_t)~v[i];
        v[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

enum err json_big_read(struct arena *a, struct slice digits, struct wire_value *out)
{
    bool minus = mark(&digits, '-');
    if (digits.n > JSON_DIGITS_MAX)
        return ERR_CAP;
    size_t n = 1, room = digits.n / 2 + 2;
    uint8_t *v = arena_zalloc(a, room, 1);
    if (!v)
        return ERR_NOMEM;
    for (size_t i = 0; i < digits.n; i++) {
        unsigned carry = digits.p[i] - '0';
        for (size_t k = 0; k < n || carry; k++) {
            carry += v[k] * 10u;
            v[k] = (uint8_t)carry;
            carry >>= 8;
            n = k >= n ? k + 1 : n;
        }
    }
    n += v[n - 1] & 0x80 ? 1 : 0;
    if (minus)
        negate(v, n);
    while (n > 1 && ((v[n - 1] == 0 && !(v[n - 2] & 0x80)) || (v[n - 1] == 0xff && v[n - 2] & 0x80)))
        n--;
    *out = (struct wire_value){ .kind = VALUE_BIG, .text = slice_of(v, n) };
    return ERR_OK;
}

static void put_hex(struct buf *out, const uint8_t *v, size_t n, bool minus)
{
    buf_printf(out, "{\"$int\": \"%s0x", minus ? "-" : "");
    while (n > 1 && v[n - 1] == 0)
        n--;
    for (size_t i = n; i-- > 0;)
        buf_printf(out, "%02x", v[i]);
    buf_put_text(out, "\"}");
}

static void put_decimal(struct buf *out, uint8_t *v, size_t n, bool minus)
{
    char text[JSON_DIGITS_MAX + 20], *at = text + sizeof text;
    while (n > 0) {
        unsigned rest = 0;
        for (size_t i = n; i-- > 0;) {
            rest = rest << 8 | v[i];
            v[i] = (uint8_t)(rest / 10);
            rest %= 10;
        }
        *--at = (char)('0' + rest);
        while (n > 0 && v[n - 1] == 0)
            n--;
    }
    if (minus)
        *--at = '-';
    buf_put(out, at, (size_t)(text + sizeof text - at));
}

#define DECIMAL_BYTES 1785   // 2^(8 * 1785) has 4299 digits

bool json_big_write(struct buf *out, struct slice big)
{
    bool minus = big.n && big.p[big.n - 1] & 0x80;
    struct buf copy = { 0 };
    if (!buf_put_slice(&copy, big) || !buf_put_byte(&copy, minus ? 0xff : 0)) {
        out->failed = true;
        buf_free(&copy);
        return false;
    }
    size_t n = buf_len(&copy);
    if (minus)
        negate(copy.base, n);
    if (big.n <= DECIMAL_BYTES)
        put_decimal(out, copy.base, n, minus);
    else
        put_hex(out, copy.base, n, minus);
    buf_free(&copy);
    return buf_ok(out);
}
