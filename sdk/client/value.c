// SPDX-License-Identifier: Apache-2.0
// The values that libkrait's user builds and reads: trees that own themselves. The wire's borrowed trees are sdk/wire's.

#include <stdlib.h>

#include "sdk/base/mem.h"
#include "sdk/client/client.h"
#include "sdk/wire/json.h"

// Invariant: text kinds own `data` of n + 1 bytes; containers own `items` of `cap` slots, the first n (DICT: 2n, key then
// value) set; `w` holds what the other kinds are, with w.when pointing to `when`.
struct krait_value {
    struct wire_value w;
    struct value_when when;
    char *zone;                   // of when, owned, n + 1 bytes
    char *data;
    struct krait_value **items;
    size_t n, cap;
};

static bool is_container(enum value_kind kind)
{
    return kind >= VALUE_LIST && kind <= VALUE_MAP;
}

static bool is_text(enum value_kind kind)
{
    return kind == VALUE_TEXT || kind == VALUE_BLOB || kind == VALUE_BIG || kind == VALUE_DECIMAL || kind == VALUE_UUID;
}

static size_t slots(const struct krait_value *v)
{
    return v->w.kind == VALUE_MAP ? 2 * v->n : v->n;
}

static struct krait_value *make(struct wire_value w)
{
    struct krait_value *v = mem_zalloc(MEM_VALUE, 1, sizeof *v);
    if (v)
        v->w = w;
    return v;
}

static struct krait_value *make_text(enum value_kind kind, const void *p, size_t n)
{
    struct krait_value *v = make((struct wire_value){ .kind = kind });
    if (!v)
        return NULL;
    v->data = mem_text(MEM_VALUE, p, n);
    v->n = n;
    if (v->data)
        return v;
    v->w.kind = VALUE_NONE;
    krait_value_free(v);
    return NULL;
}

struct krait_value *krait_value_none(void)
{
    return make(value_none());
}

struct krait_value *krait_value_bool(bool b)
{
    return make(value_bool(b));
}

struct krait_value *krait_value_int(int64_t i)
{
    return make(value_int(i));
}

struct krait_value *krait_value_real(double d)
{
    return make(value_real(d));
}

struct krait_value *krait_value_text(const char *s)
{
    return make_text(VALUE_TEXT, s, strlen(s));
}

struct krait_value *krait_value_text_n(const char *s, size_t n)
{
    return make_text(VALUE_TEXT, s, n);
}

struct krait_value *krait_value_bytes(const void *p, size_t n)
{
    return make_text(VALUE_BLOB, p, n);
}

struct krait_value *krait_value_container(enum krait_kind kind)
{
    return is_container((enum value_kind)kind) ? make((struct wire_value){ .kind = (enum value_kind)kind }) : NULL;
}

// Containers are freed level by level; depth is what the builder made, so a deep one recurses deeply. The wire caps it.
void krait_value_free(struct krait_value *v)
{
    if (!v)
        return;
    if (is_container(v->w.kind)) {
        for (size_t i = 0; i < slots(v); i++)
            krait_value_free(v->items[i]);
        mem_free(MEM_VALUE, v->items, v->cap * sizeof(struct krait_value *));
    } else if (is_text(v->w.kind)) {
        mem_free(MEM_VALUE, v->data, v->n + 1);
    }
    mem_free(MEM_VALUE, v->zone, v->n + 1);
    mem_free(MEM_VALUE, v, sizeof *v);
}

static bool make_room(struct krait_value *v, size_t more)
{
    if (slots(v) + more <= v->cap)
        return true;
    size_t cap = v->cap ? v->cap * 2 : 4;
    void *p = mem_realloc(MEM_VALUE, v->items, v->cap * sizeof *v->items, cap * sizeof *v->items);
    if (!p)
        return false;
    v->items = p;
    v->cap = cap;
    return true;
}

bool krait_value_append(struct krait_value *c, struct krait_value *item)
{
    if (!c || !item || !is_container(c->w.kind) || c->w.kind == VALUE_MAP || !make_room(c, 1)) {
        krait_value_free(item);
        return false;
    }
    c->items[c->n++] = item;
    return true;
}

bool krait_value_put(struct krait_value *dict, struct krait_value *key, struct krait_value *item)
{
    if (!dict || !key || !item || dict->w.kind != VALUE_MAP || !make_room(dict, 2)) {
        krait_value_free(key);
        krait_value_free(item);
        return false;
    }
    dict->items[2 * dict->n] = key;
    dict->items[2 * dict->n + 1] = item;
    dict->n++;
    return true;
}

bool krait_value_put_text(struct krait_value *dict, const char *key, struct krait_value *item)
{
    return krait_value_put(dict, krait_value_text(key), item);
}

// ---------------------------------------------------------------- reading

enum krait_kind krait_value_kind(const struct krait_value *v)
{
    return (enum krait_kind)v->w.kind;
}

bool krait_value_as_bool(const struct krait_value *v)
{
    return v->w.kind == VALUE_BOOL && v->w.boolean;
}

int64_t krait_value_as_int(const struct krait_value *v)
{
    return v->w.kind == VALUE_INT ? v->w.integer : 0;
}

double krait_value_as_real(const struct krait_value *v)
{
    return v->w.kind == VALUE_REAL ? v->w.real : v->w.kind == VALUE_INT ? (double)v->w.integer : 0;
}

const char *krait_value_data(const struct krait_value *v, size_t *n)
{
    bool text = is_text(v->w.kind);
    if (n)
        *n = text ? v->n : 0;
    return text ? v->data : NULL;
}

size_t krait_value_count(const struct krait_value *v)
{
    return is_container(v->w.kind) ? v->n : 0;
}

const struct krait_value *krait_value_item(const struct krait_value *v, size_t i)
{
    if (i >= krait_value_count(v))
        return NULL;
    return v->items[v->w.kind == VALUE_MAP ? 2 * i + 1 : i];
}

const struct krait_value *krait_value_key(const struct krait_value *v, size_t i)
{
    return v->w.kind == VALUE_MAP && i < v->n ? v->items[2 * i] : NULL;
}

const struct krait_value *krait_value_get(const struct krait_value *dict, const char *key)
{
    for (size_t i = 0; dict->w.kind == VALUE_MAP && i < dict->n; i++) {
        const struct krait_value *k = dict->items[2 * i];
        if (k->w.kind == VALUE_TEXT && slice_is(slice_of(k->data, k->n), key))
            return dict->items[2 * i + 1];
    }
    return NULL;
}

// ---------------------------------------------------------------- to and from the wire's trees

size_t value_size(const struct krait_value *v, size_t enough)
{
    size_t n = 32 + (is_text(v->w.kind) ? v->n : 0);      // no tag, length, number or date needs more
    for (size_t i = 0; is_container(v->w.kind) && i < slots(v) && n < enough; i++)
        n += value_size(v->items[i], enough - n);
    return n;
}

bool value_to_wire(struct arena *a, const struct krait_value *v, struct wire_value *out)
{
    *out = v->w;
    if (is_text(v->w.kind))
        out->text = slice_of(v->data, v->n);
    if (!is_container(v->w.kind))
        return true;
    size_t n = slots(v);
    out->n = v->n;
    out->items = arena_alloc(a, n * sizeof *out->items);
    for (size_t i = 0; out->items && i < n; i++)
        if (!value_to_wire(a, v->items[i], &out->items[i]))
            return false;
    return out->items != NULL;
}

static struct krait_value *container_from_wire(const struct wire_value *w)
{
    struct krait_value *v = make((struct wire_value){ .kind = w->kind });
    bool ok = v != NULL;
    for (size_t i = 0; ok && i < w->n; i++)
        ok = w->kind == VALUE_MAP
            ? krait_value_put(v, value_from_wire(&w->items[2 * i]), value_from_wire(&w->items[2 * i + 1]))
            : krait_value_append(v, value_from_wire(&w->items[i]));
    if (ok)
        return v;
    krait_value_free(v);
    return NULL;
}

static struct krait_value *when_from_wire(const struct wire_value *w)
{
    struct krait_value *v = make(*w);
    if (!v)
        return NULL;
    v->when = *w->when;
    v->w.when = &v->when;
    v->when.zone = slice_of(NULL, 0);
    if (w->when->zone.n == 0)
        return v;
    v->n = w->when->zone.n;
    v->zone = mem_text(MEM_VALUE, (const char *)w->when->zone.p, v->n);
    v->when.zone = slice_of(v->zone, v->n);
    if (v->zone)
        return v;
    krait_value_free(v);
    return NULL;
}

struct krait_value *value_from_wire(const struct wire_value *w)
{
    if (is_container(w->kind))
        return container_from_wire(w);
    if (is_text(w->kind))
        return make_text(w->kind, w->text.p, w->text.n);
    if (w->kind == VALUE_DATE || w->kind == VALUE_TIME || w->kind == VALUE_DATETIME)
        return when_from_wire(w);
    return make(*w);
}

struct krait_value *krait_value_from_json(const char *text, size_t *at)
{
    struct arena a;
    struct wire_value w;
    arena_init(&a, 0);
    struct krait_value *v = json_read(&a, slice_text(text), &w, at) == ERR_OK ? value_from_wire(&w) : NULL;
    arena_free(&a);
    return v;
}

char *krait_value_to_json(const struct krait_value *v)
{
    struct arena a;
    struct wire_value w;
    struct buf out = { 0 };
    char *text = NULL;
    arena_init(&a, 0);
    if (value_to_wire(&a, v, &w) && json_write(&out, &w) == ERR_OK && buf_cstr(&out))
        text = strdup(buf_cstr(&out));
    buf_free(&out);
    arena_free(&a);
    return text;
}
