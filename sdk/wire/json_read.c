// SPDX-License-Identifier: Apache-2.0
// Reads JSON text into a value tree. The special forms are json_special.c's.

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "sdk/wire/json_priv.h"

struct reader {
    struct arena *a;
    const uint8_t *start;
    const uint8_t *at;
    const uint8_t *end;
};

// Items of a container while its size is not known: doubles in the arena.
struct items {
    struct wire_value *v;
    size_t n, cap;
};

static enum err read_any(struct reader *r, struct wire_value *out, unsigned depth);

static void blanks(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r'))
        r->at++;
}

static bool take(struct reader *r, char c)
{
    if (r->at == r->end || *r->at != (uint8_t)c)
        return false;
    r->at++;
    return true;
}

static bool word(struct reader *r, const char *w)
{
    size_t n = strlen(w);
    if ((size_t)(r->end - r->at) < n || memcmp(r->at, w, n) != 0)
        return false;
    r->at += n;
    return true;
}

static enum err push(struct reader *r, struct items *l, struct wire_value v)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 8;
        struct wire_value *bigger = arena_alloc(r->a, cap * sizeof *bigger);
        if (!bigger)
            return ERR_NOMEM;
        if (l->n)
            memcpy(bigger, l->v, l->n * sizeof *bigger);
        l->v = bigger;
        l->cap = cap;
    }
    l->v[l->n++] = v;
    return ERR_OK;
}

// ---------------------------------------------------------------- text

static int hex4(struct reader *r)
{
    int v = 0;
    if (r->end - r->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int c = *r->at++, d = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f'
            ? (c | 0x20) - 'a' + 10 : -1;
        if (d < 0)
            return -1;
        v = v << 4 | d;
    }
    return v;
}

static size_t put_rune(uint8_t *to, uint32_t rune)
{
    if (rune < 0x80)
        return to[0] = (uint8_t)rune, 1;
    size_t n = rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; rune >>= 6)
        to[i] = (uint8_t)(0x80 | (rune & 0x3f));
    to[0] = (uint8_t)((n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0) | rune);
    return n;
}

// Behind \u: a code point, also from a surrogate pair; -1 for anything else.
static int32_t unicode_escape(struct reader *r)
{
    int high = hex4(r);
    if (high < 0 || (high >= 0xdc00 && high < 0xe000))
        return -1;
    if (high < 0xd800 || high >= 0xe000)
        return high;
    int low = word(r, "\\u") ? hex4(r) : -1;
    return low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00) : -1;
}

// Behind a backslash.
static bool escape(struct reader *r, uint8_t **to)
{
    static const char from[] = "\"\\/bfnrt", is[] = "\"\\/\b\f\n\r\t";
    if (r->at == r->end)
        return false;
    char c = (char)*r->at++;
    const char *plain = c ? strchr(from, c) : NULL;
    if (plain) {
        *(*to)++ = (uint8_t)is[plain - from];
        return true;
    }
    int32_t rune = c == 'u' ? unicode_escape(r) : -1;
    if (rune >= 0)
        *to += put_rune(*to, (uint32_t)rune);
    return rune >= 0;
}

// The bytes between the quotes, r->at behind the opening one; *escaped when some stand for others.
static bool find_quote(struct reader *r, struct slice *raw, bool *escaped)
{
    const uint8_t *p = r->at;
    *escaped = false;
    for (; p < r->end && *p != '"'; p++) {
        if (*p < 0x20)
            return r->at = p, false;
        if (*p == '\\') {
            *escaped = true;
            p++;
        }
    }
    if (p >= r->end)
        return r->at = r->end, false;
    *raw = slice_of(r->at, (size_t)(p - r->at));
    return true;
}

static enum err read_text(struct reader *r, struct slice *out)
{
    bool escaped;
    struct slice raw;
    if (!find_quote(r, &raw, &escaped))
        return ERR_VALUE;
    const uint8_t *behind = raw.p + raw.n;
    *out = raw;
    if (escaped) {
        uint8_t *text = arena_alloc(r->a, raw.n), *to = text;
        if (!text)
            return ERR_NOMEM;
        while (r->at < behind) {
            if (*r->at != '\\')
                *to++ = *r->at++;
            else if (r->at++, !escape(r, &to))
                return ERR_VALUE;
        }
        *out = slice_of(text, (size_t)(to - text));
    }
    r->at = behind + 1;
    return value_utf8_ok(*out) ? ERR_OK : ERR_VALUE;
}

// ---------------------------------------------------------------- numbers

static size_t digits(struct reader *r)
{
    const uint8_t *from = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9')
        r->at++;
    return (size_t)(r->at - from);
}

// Follows the grammar; *real tells whether there is a fraction or an exponent.
static bool number_span(struct reader *r, bool *real)
{
    *real = false;
    take(r, '-');
    if (!take(r, '0') && digits(r) == 0)
        return false;
    if (take(r, '.')) {
        *real = true;
        if (digits(r) == 0)
            return false;
    }
    if (take(r, 'e') || take(r, 'E')) {
        *real = true;
        if (!take(r, '+'))
            take(r, '-');
        return digits(r) > 0;
    }
    return true;
}

static enum err read_number(struct reader *r, struct wire_value *out)
{
    const uint8_t *from = r->at;
    bool real;
    if (!number_span(r, &real))
        return ERR_VALUE;
    struct slice span = slice_of(from, (size_t)(r->at - from));
    char small[32], *text = span.n < sizeof small ? small : arena_alloc(r->a, span.n + 1);
    if (!text)
        return ERR_NOMEM;
    memcpy(text, span.p, span.n);
    text[span.n] = 0;
    if (real) {
        *out = value_real(strtod(text, NULL));
        return ERR_OK;
    }
    errno = 0;
    *out = value_int(strtoll(text, NULL, 10));
    return errno == ERANGE ? json_big_read(r->a, span, out) : ERR_OK;
}

// ---------------------------------------------------------------- containers

static enum err read_list(struct reader *r, struct wire_value *out, unsigned depth)
{
    struct items l = { 0 };
    blanks(r);
    if (!take(r, ']')) {
        do {
            struct wire_value v;
            enum err err = read_any(r, &v, depth + 1);
            if (!err)
                err = push(r, &l, v);
            if (err)
                return err;
        } while (take(r, ','));
        if (!take(r, ']'))
            return ERR_VALUE;
    }
    *out = value_items(VALUE_LIST, l.v, l.n);
    return ERR_OK;
}

static enum err read_pair(struct reader *r, struct items *l, unsigned depth)
{
    struct wire_value key = { .kind = VALUE_TEXT }, v;
    blanks(r);
    if (!take(r, '"'))
        return ERR_VALUE;
    enum err err = read_text(r, &key.text);
    blanks(r);
    if (!err && !take(r, ':'))
        err = ERR_VALUE;
    if (!err)
        err = read_any(r, &v, depth + 1);
    if (!err)
        err = push(r, l, key);
    return err ? err : push(r, l, v);
}

static enum err read_map(struct reader *r, struct wire_value *out, unsigned depth)
{
    struct items l = { 0 };
    blanks(r);
    if (!take(r, '}')) {
        do {
            enum err err = read_pair(r, &l, depth);
            if (err)
                return err;
        } while (take(r, ','));
        if (!take(r, '}'))
            return ERR_VALUE;
    }
    *out = value_items(VALUE_MAP, l.v, l.n / 2);
    return json_special_read(r->a, out);
}

static enum err read_word(struct reader *r, struct wire_value *out)
{
    if (word(r, "null"))
        *out = value_none();
    else if (word(r, "true"))
        *out = value_bool(true);
    else if (word(r, "false"))
        *out = value_bool(false);
    else if (word(r, "NaN"))
        *out = value_real(NAN);
    else if (word(r, "Infinity"))
        *out = value_real(INFINITY);
    else if (word(r, "-Infinity"))
        *out = value_real(-INFINITY);
    else
        return read_number(r, out);
    return ERR_OK;
}

// One value with the blanks around it.
static enum err read_any(struct reader *r, struct wire_value *out, unsigned depth)
{
    enum err err;
    if (depth > LIMIT_VALUE_DEPTH)
        return ERR_CAP;
    blanks(r);
    if (take(r, '"')) {
        *out = (struct wire_value){ .kind = VALUE_TEXT };
        err = read_text(r, &out->text);
    } else if (take(r, '[')) {
        err = read_list(r, out, depth);
    } else if (take(r, '{')) {
        err = read_map(r, out, depth);
    } else {
        err = read_word(r, out);
    }
    blanks(r);
    return err;
}

enum err json_read(struct arena *a, struct slice text, struct wire_value *out, size_t *at)
{
    struct reader r = { a, text.p, text.p, text.p + text.n };
    enum err err = read_any(&r, out, 1);
    if (!err && r.at != r.end)
        err = ERR_VALUE;
    if (at)
        *at = (size_t)(r.at - r.start);
    return err;
}

const struct wire_value *json_get(const struct wire_value *object, const char *name)
{
    if (object->kind != VALUE_MAP)
        return NULL;
    for (size_t i = 0; i < object->n; i++) {
        const struct wire_value *key = &object->items[2 * i];
        if (key->kind == VALUE_TEXT && slice_is(key->text, name))
            return &object->items[2 * i + 1];
    }
    return NULL;
}
