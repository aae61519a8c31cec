// SPDX-License-Identifier: Apache-2.0
// Values and payloads between plain trees and protobuf, with every check that keeps a bad one from reaching Python.
// Turning them into objects is the worker's and the SDKs'.

#include <stdalign.h>

#include "sdk/wire/msg_shape.h"
#include "sdk/wire/value.h"

#define SCRATCH 8192

typedef Krait__V1__Value gen_value;
typedef ProtobufCBinaryData blob;

bool value_utf8_ok(struct slice s)
{
    for (size_t i = 0; i < s.n;) {
        uint8_t c = s.p[i];
        if (c < 0x80) {
            i++;
            continue;
        }
        size_t n = c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
        if (n == 0 || s.n - i < n)
            return false;
        uint8_t low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;    // no overlong form
        uint8_t high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;   // no surrogate, not past U+10FFFF
        if (s.p[i + 1] < low || s.p[i + 1] > high)
            return false;
        for (size_t k = 2; k < n; k++)
            if ((s.p[i + k] & 0xc0) != 0x80)
                return false;
        i += n;
    }
    return true;
}

// ---------------------------------------------------------------- checks that both directions share

static bool hashable(const struct wire_value *v)
{
    if (v->kind == VALUE_LIST || v->kind == VALUE_SET || v->kind == VALUE_MAP)
        return false;
    if (v->kind != VALUE_TUPLE)
        return true;
    for (size_t i = 0; i < v->n; i++)
        if (!hashable(&v->items[i]))
            return false;
    return true;
}

static bool all_hashable(const struct wire_value *v)
{
    size_t step = v->kind == VALUE_MAP ? 2 : 1, n = v->n * step;
    if (v->kind != VALUE_MAP && v->kind != VALUE_SET && v->kind != VALUE_FROZENSET)
        return true;
    for (size_t i = 0; i < n; i += step)
        if (!hashable(&v->items[i]))
            return false;
    return true;
}

// Two's complement beyond 64 bits in its shortest form.
static bool big_ok(struct slice s)
{
    if (s.n < 9)
        return false;
    uint8_t last = s.p[s.n - 1], sign = s.p[s.n - 2] & 0x80;
    return !(last == 0 && !sign) && !(last == 0xff && sign);
}

static bool decimal_ok(struct slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("0123456789+-.EeNaIinftysQ", s.p[i]) || !s.p[i])
            return false;
    return s.n > 0;
}

static bool between(int64_t v, int64_t low, int64_t high)
{
    return v >= low && v <= high;
}

static bool date_ok(const struct value_when *w)
{
    static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (w->year % 4 == 0 && w->year % 100 != 0) || w->year % 400 == 0;
    return between(w->year, 1, 9999) && between(w->month, 1, 12) && between(w->day, 1, days[w->month - 1]) &&
           !(w->month == 2 && w->day == 29 && !leap);
}

static bool time_ok(const struct value_when *w)
{
    const int64_t day = INT64_C(86400000000);
    return between(w->hour, 0, 23) && between(w->minute, 0, 59) && between(w->second, 0, 59) &&
           between(w->microsecond, 0, 999999) && between(w->fold, 0, 1) && between(w->offset_us, 1 - day, day - 1) &&
           w->zone.n <= 255 && value_utf8_ok(w->zone);
}

static bool when_ok(enum value_kind kind, const struct value_when *w)
{
    return (kind == VALUE_TIME || date_ok(w)) && (kind == VALUE_DATE || time_ok(w));
}

static bool delta_ok(const struct value_delta *d)
{
    return between(d->days, -999999999, 999999999) && between(d->seconds, 0, 86399) &&
           between(d->microseconds, 0, 999999);
}

static bool text_ok(const struct wire_value *v)
{
    if (v->kind == VALUE_TEXT)
        return value_utf8_ok(v->text);
    if (v->kind == VALUE_BIG)
        return big_ok(v->text);
    if (v->kind == VALUE_DECIMAL)
        return decimal_ok(v->text);
    return v->kind == VALUE_BLOB || v->text.n == 16;
}

// ---------------------------------------------------------------- decoding

static enum err read_value(struct arena *a, const gen_value *g, struct wire_value *v, unsigned depth);

static enum err read_item(struct arena *a, const gen_value *g, struct wire_value *v, unsigned depth)
{
    return g ? read_value(a, g, v, depth) : ERR_VALUE;
}

static enum err read_values(struct arena *a, const Krait__V1__Values *g, struct wire_value *v, unsigned depth)
{
    v->n = g->n_items;
    v->items = arena_alloc(a, v->n * sizeof *v->items);
    if (!v->items)
        return ERR_NOMEM;
    for (size_t i = 0; i < v->n; i++) {
        enum err err = read_item(a, g->items[i], &v->items[i], depth);
        if (err)
            return err;
    }
    return all_hashable(v) ? ERR_OK : ERR_VALUE;
}

static enum err read_pairs(struct arena *a, const Krait__V1__Pairs *g, struct wire_value *v, unsigned depth)
{
    v->n = g->n_items;
    v->items = arena_alloc(a, 2 * v->n * sizeof *v->items);
    if (!v->items)
        return ERR_NOMEM;
    for (size_t i = 0; i < v->n; i++) {
        enum err err = read_item(a, g->items[i]->key, &v->items[2 * i], depth);
        if (!err)
            err = read_item(a, g->items[i]->value, &v->items[2 * i + 1], depth);
        if (err)
            return err;
    }
    return all_hashable(v) ? ERR_OK : ERR_VALUE;
}

static int small(uint32_t v)
{
    return v > 1000000 ? 1000000 : (int)v;   // out of range for every field
}

static enum err read_when(struct arena *a, const Krait__V1__When *g, struct wire_value *v)
{
    struct value_when *w = arena_alloc(a, sizeof *w);
    if (!w)
        return ERR_NOMEM;
    *w = (struct value_when){ small(g->year), small(g->month), small(g->day), small(g->hour), small(g->minute),
                              small(g->second), small(g->microsecond), small(g->fold), g->aware != 0,
                              g->offset_us, slice_of(g->zone.data, g->zone.len) };
    v->when = w;
    return when_ok(v->kind, w) ? ERR_OK : ERR_VALUE;
}

static enum err read_delta(const Krait__V1__Delta *g, struct wire_value *v)
{
    v->delta = (struct value_delta){ g->days, g->seconds, g->microseconds };
    return delta_ok(&v->delta) ? ERR_OK : ERR_VALUE;
}

static enum err read_text(const blob *g, struct wire_value *v)
{
    v->text = slice_of(g->data, g->len);
    return text_ok(v) ? ERR_OK : ERR_VALUE;
}

static enum err read_value(struct arena *a, const gen_value *g, struct wire_value *v, unsigned depth)
{
    if (depth > LIMIT_VALUE_DEPTH)
        return ERR_CAP;
    *v = (struct wire_value){ .kind = (enum value_kind)g->kind_case };
    switch (g->kind_case) {
    case KRAIT__V1__VALUE__KIND_NONE:
        return ERR_OK;
    case KRAIT__V1__VALUE__KIND_BOOLEAN:
        v->boolean = g->boolean != 0;
        return ERR_OK;
    case KRAIT__V1__VALUE__KIND_INTEGER:
        v->integer = g->integer;
        return ERR_OK;
    case KRAIT__V1__VALUE__KIND_REAL:
        v->real = g->real;
        return ERR_OK;
    case KRAIT__V1__VALUE__KIND_BIG:
    case KRAIT__V1__VALUE__KIND_TEXT:
    case KRAIT__V1__VALUE__KIND_BLOB:
    case KRAIT__V1__VALUE__KIND_DECIMAL:
    case KRAIT__V1__VALUE__KIND_UUID:
        return read_text(&g->text, v);
    case KRAIT__V1__VALUE__KIND_LIST:
    case KRAIT__V1__VALUE__KIND_TUPLE:
    case KRAIT__V1__VALUE__KIND_SET:
    case KRAIT__V1__VALUE__KIND_FROZENSET:
        return g->list ? read_values(a, g->list, v, depth + 1) : ERR_VALUE;
    case KRAIT__V1__VALUE__KIND_MAP:
        return g->map ? read_pairs(a, g->map, v, depth + 1) : ERR_VALUE;
    case KRAIT__V1__VALUE__KIND_DATE:
    case KRAIT__V1__VALUE__KIND_TIME:
    case KRAIT__V1__VALUE__KIND_DATETIME:
        return g->date ? read_when(a, g->date, v) : ERR_VALUE;
    case KRAIT__V1__VALUE__KIND_TIMEDELTA:
        return g->timedelta ? read_delta(g->timedelta, v) : ERR_VALUE;
    case KRAIT__V1__VALUE__KIND__NOT_SET:
    case _KRAIT__V1__VALUE__KIND__CASE_IS_INT_SIZE:
        break;
    }
    return ERR_VALUE;
}

enum err value_decode(struct arena *a, struct slice bytes, struct wire_value *out)
{
    enum err err;
    ProtobufCMessage *gen = msg_unpack(&krait__v1__value__descriptor, a, bytes, &err);
    return gen ? read_value(a, (const gen_value *)gen, out, 1) : err;
}

static enum err read_kwargs(struct arena *a, const Krait__V1__Payload *g, struct wire_payload *out)
{
    out->n_kwargs = g->n_kwargs;
    out->kwargs = arena_alloc(a, g->n_kwargs * sizeof *out->kwargs);
    if (!out->kwargs)
        return ERR_NOMEM;
    for (size_t i = 0; i < g->n_kwargs; i++) {
        const Krait__V1__Named *n = g->kwargs[i];
        out->kwargs[i].name = slice_of(n->name.data, n->name.len);
        if (n->name.len > LIMIT_TEXT)
            return ERR_CAP;
        enum err err = value_utf8_ok(out->kwargs[i].name) ? read_item(a, n->value, &out->kwargs[i].value, 1)
                                                          : ERR_VALUE;
        if (err)
            return err;
    }
    return ERR_OK;
}

enum err payload_decode(struct arena *a, struct slice bytes, struct wire_payload *out)
{
    enum err err;
    *out = (struct wire_payload){ 0 };
    const Krait__V1__Payload *g = (void *)msg_unpack(&krait__v1__payload__descriptor, a, bytes, &err);
    if (!g)
        return err;
    out->n_args = g->n_args;
    out->args = arena_alloc(a, g->n_args * sizeof *out->args);
    if (!out->args)
        return ERR_NOMEM;
    for (size_t i = 0; i < g->n_args; i++) {
        err = read_value(a, g->args[i], &out->args[i], 1);
        if (err)
            return err;
    }
    return read_kwargs(a, g, out);
}

// ---------------------------------------------------------------- encoding

struct writer {
    struct arena *a;
    enum err err;   // the first one
};

static void *make(struct writer *w, size_t n)
{
    void *p = arena_alloc(w->a, n);
    if (!p && !w->err)
        w->err = ERR_NOMEM;
    return p;
}

static gen_value *write_value(struct writer *w, const struct wire_value *v, unsigned depth);

static void fail(struct writer *w, enum err err)
{
    if (!w->err)
        w->err = err;
}

static Krait__V1__Values *write_values(struct writer *w, const struct wire_value *v, unsigned depth)
{
    Krait__V1__Values *g = make(w, sizeof *g);
    gen_value **items = make(w, v->n * sizeof *items);
    if (!g || !items)
        return NULL;
    krait__v1__values__init(g);
    g->items = items;
    g->n_items = v->n;
    for (size_t i = 0; i < v->n && !w->err; i++)
        items[i] = write_value(w, &v->items[i], depth);
    return g;
}

static Krait__V1__Pairs *write_pairs(struct writer *w, const struct wire_value *v, unsigned depth)
{
    Krait__V1__Pairs *g = make(w, sizeof *g);
    Krait__V1__Pair **items = make(w, v->n * sizeof *items);
    Krait__V1__Pair *pairs = make(w, v->n * sizeof *pairs);
    if (!g || !items || !pairs)
        return NULL;
    krait__v1__pairs__init(g);
    g->items = items;
    g->n_items = v->n;
    for (size_t i = 0; i < v->n && !w->err; i++) {
        krait__v1__pair__init(&pairs[i]);
        pairs[i].key = write_value(w, &v->items[2 * i], depth);
        pairs[i].value = write_value(w, &v->items[2 * i + 1], depth);
        items[i] = &pairs[i];
    }
    return g;
}

static blob borrow(struct slice s)
{
    return (blob){ s.n, (uint8_t *)(uintptr_t)s.p };
}

static Krait__V1__When *write_when(struct writer *w, const struct wire_value *v)
{
    Krait__V1__When *g = make(w, sizeof *g);
    const struct value_when *t = v->when;
    if (!g)
        return NULL;
    if (!when_ok(v->kind, t))
        fail(w, ERR_VALUE);
    krait__v1__when__init(g);
    g->year = (uint32_t)t->year, g->month = (uint32_t)t->month, g->day = (uint32_t)t->day;
    g->hour = (uint32_t)t->hour, g->minute = (uint32_t)t->minute, g->second = (uint32_t)t->second;
    g->microsecond = (uint32_t)t->microsecond, g->fold = (uint32_t)t->fold;
    g->aware = t->aware;
    g->offset_us = t->offset_us;
    g->zone = borrow(t->zone);
    return g;
}

static Krait__V1__Delta *write_delta(struct writer *w, const struct wire_value *v)
{
    Krait__V1__Delta *g = make(w, sizeof *g);
    if (!g)
        return NULL;
    if (!delta_ok(&v->delta))
        fail(w, ERR_VALUE);
    krait__v1__delta__init(g);
    g->days = v->delta.days;
    g->seconds = v->delta.seconds;
    g->microseconds = v->delta.microseconds;
    return g;
}

static void write_kind(struct writer *w, const struct wire_value *v, gen_value *g, unsigned depth)
{
    switch (v->kind) {
    case VALUE_NONE:
        g->none = 1;
        return;
    case VALUE_BOOL:
        g->boolean = v->boolean;
        return;
    case VALUE_INT:
        g->integer = v->integer;
        return;
    case VALUE_REAL:
        g->real = v->real;
        return;
    case VALUE_BIG:
    case VALUE_TEXT:
    case VALUE_BLOB:
    case VALUE_DECIMAL:
    case VALUE_UUID:
        if (!text_ok(v))
            fail(w, ERR_VALUE);
        g->text = borrow(v->text);
        return;
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_SET:
    case VALUE_FROZENSET:
    case VALUE_MAP:
        if (!all_hashable(v))
            fail(w, ERR_VALUE);
        else if (v->kind == VALUE_MAP)
            g->map = write_pairs(w, v, depth + 1);
        else
            g->list = write_values(w, v, depth + 1);
        return;
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATETIME:
        g->date = write_when(w, v);
        return;
    case VALUE_DELTA:
        g->timedelta = write_delta(w, v);
        return;
    }
    fail(w, ERR_VALUE);
}

static gen_value *write_value(struct writer *w, const struct wire_value *v, unsigned depth)
{
    if (depth > LIMIT_VALUE_DEPTH)
        fail(w, ERR_CAP);
    gen_value *g = w->err ? NULL : make(w, sizeof *g);
    if (!g)
        return NULL;
    krait__v1__value__init(g);
    g->kind_case = (Krait__V1__Value__KindCase)v->kind;
    write_kind(w, v, g, depth);
    return g;
}

enum err value_encode(struct buf *out, const struct wire_value *v)
{
    alignas(max_align_t) uint8_t room[SCRATCH];
    struct arena a;
    arena_init_on(&a, room, sizeof room, 0);
    struct writer w = { &a, ERR_OK };
    gen_value *g = write_value(&w, v, 1);
    enum err err = w.err ? w.err : msg_pack(out, &g->base);
    arena_free(&a);
    return err;
}

static void write_payload(struct writer *w, const struct wire_payload *p, Krait__V1__Payload *g)
{
    g->args = make(w, p->n_args * sizeof *g->args);
    g->kwargs = make(w, p->n_kwargs * sizeof *g->kwargs);
    Krait__V1__Named *named = make(w, p->n_kwargs * sizeof *named);
    g->n_args = p->n_args;
    g->n_kwargs = p->n_kwargs;
    for (size_t i = 0; i < p->n_args && !w->err; i++)
        g->args[i] = write_value(w, &p->args[i], 1);
    for (size_t i = 0; i < p->n_kwargs && !w->err; i++) {
        krait__v1__named__init(&named[i]);
        named[i].name = borrow(p->kwargs[i].name);
        named[i].value = write_value(w, &p->kwargs[i].value, 1);
        g->kwargs[i] = &named[i];
        if (!value_utf8_ok(p->kwargs[i].name))
            fail(w, ERR_VALUE);
    }
}

enum err payload_encode(struct buf *out, const struct wire_payload *p)
{
    alignas(max_align_t) uint8_t room[SCRATCH];
    struct arena a;
    arena_init_on(&a, room, sizeof room, 0);
    struct writer w = { &a, ERR_OK };
    Krait__V1__Payload g = KRAIT__V1__PAYLOAD__INIT;
    write_payload(&w, p, &g);
    enum err err = w.err ? w.err : msg_pack(out, &g.base);
    arena_free(&a);
    return err;
}
