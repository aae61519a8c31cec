// SPDX-License-Identifier: Apache-2.0
// Writes value trees as JSON. The forms for what JSON lacks are json_special.c's.

#include "sdk/wire/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sdk/wire/json_priv.h"

static enum err write_any(struct buf *out, const struct wire_value *v, unsigned depth);

// The length of the UTF-8 sequence at s, 0 when it is none.
static size_t sequence(struct slice s)
{
    size_t n = s.p[0] < 0x80 ? 1 : s.p[0] < 0xe0 ? 2 : s.p[0] < 0xf0 ? 3 : 4;
    return n <= s.n && value_utf8_ok(slice_of(s.p, n)) ? n : 0;
}

static void write_control(struct buf *out, uint8_t c)
{
    static const char from[] = "\"\\\b\f\n\r\t", is[] = "\"\\bfnrt";
    const char *known = c ? strchr(from, c) : NULL;
    if (known)
        buf_printf(out, "\\%c", is[known - from]);
    else
        buf_printf(out, "\\u%04x", c);
}

bool json_write_text(struct buf *out, struct slice s)
{
    buf_put_byte(out, '"');
    while (s.n) {
        size_t plain = 0;
        while (plain < s.n && s.p[plain] >= 0x20 && s.p[plain] < 0x7f && s.p[plain] != '"' && s.p[plain] != '\\')
            plain++;
        if (plain == 0 && s.p[0] >= 0x80) {
            plain = sequence(s);
            if (plain == 0)
                buf_put_text(out, "\xef\xbf\xbd");
        } else if (plain == 0) {
            write_control(out, s.p[0]);
        }
        buf_put(out, s.p, plain);
        s = slice_from(s, plain ? plain : 1);
    }
    return buf_put_byte(out, '"');
}

// The shortest form that reads back the same; with a point or exponent, so that it stays a float.
static void write_real(struct buf *out, double d)
{
    char text[40];
    if (isnan(d) || isinf(d)) {
        buf_put_text(out, isnan(d) ? "NaN" : d < 0 ? "-Infinity" : "Infinity");
        return;
    }
    for (int precision = 1; precision <= 17; precision++) {
        snprintf(text, sizeof text, "%.*g", precision, d);
        if (strtod(text, NULL) == d)
            break;
    }
    buf_put_text(out, text);
    if (!strpbrk(text, ".e"))
        buf_put_text(out, ".0");
}

static enum err write_items(struct buf *out, const struct wire_value *items, size_t n, unsigned depth)
{
    enum err err = ERR_OK;
    buf_put_byte(out, '[');
    for (size_t i = 0; i < n && !err; i++) {
        if (i)
            buf_put_text(out, ", ");
        err = write_any(out, &items[i], depth + 1);
    }
    buf_put_byte(out, ']');
    return err;
}

static enum err write_pairs(struct buf *out, const struct wire_value *v, unsigned depth)
{
    enum err err = ERR_OK;
    buf_put_text(out, "{\"$dict\": [");
    for (size_t i = 0; i < v->n && !err; i++) {
        if (i)
            buf_put_text(out, ", ");
        err = write_items(out, &v->items[2 * i], 2, depth);
    }
    buf_put_text(out, "]}");
    return err;
}

static enum err write_map(struct buf *out, const struct wire_value *v, unsigned depth)
{
    enum err err = ERR_OK;
    if (json_needs_pairs(v))
        return write_pairs(out, v, depth);
    buf_put_byte(out, '{');
    for (size_t i = 0; i < v->n && !err; i++) {
        if (i)
            buf_put_text(out, ", ");
        json_write_text(out, v->items[2 * i].text);
        buf_put_text(out, ": ");
        err = write_any(out, &v->items[2 * i + 1], depth + 1);
    }
    buf_put_byte(out, '}');
    return err;
}

static enum err write_any(struct buf *out, const struct wire_value *v, unsigned depth)
{
    if (depth > LIMIT_VALUE_DEPTH + 1)
        return ERR_CAP;
    switch (v->kind) {
    case VALUE_NONE:
        buf_put_text(out, "null");
        break;
    case VALUE_BOOL:
        buf_put_text(out, v->boolean ? "true" : "false");
        break;
    case VALUE_INT:
        buf_printf(out, "%lld", (long long)v->integer);
        break;
    case VALUE_REAL:
        write_real(out, v->real);
        break;
    case VALUE_BIG:
        json_big_write(out, v->text);
        break;
    case VALUE_TEXT:
        json_write_text(out, v->text);
        break;
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_SET:
    case VALUE_FROZENSET:
        return write_items(out, v->items, v->n, depth);
    case VALUE_MAP:
        return write_map(out, v, depth);
    case VALUE_BLOB:
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATETIME:
    case VALUE_DELTA:
    case VALUE_DECIMAL:
    case VALUE_UUID:
        json_special_write(out, v);
        break;
    }
    return buf_ok(out) ? ERR_OK : ERR_NOMEM;
}

enum err json_write(struct buf *out, const struct wire_value *v)
{
    size_t before = buf_len(out);
    enum err err = write_any(out, v, 1);
    if (!err && !buf_ok(out))
        err = ERR_NOMEM;
    if (err)
        buf_cut(out, before);
    return err;
}
