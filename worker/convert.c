// SPDX-License-Identifier: Apache-2.0
// Wire values ↔ Python objects. Which of them travel is PROTOCOL.md's; running what uses them is exec.c's.
//
// Only exact types are sent: an instance of a subclass would arrive as something else. date, time, datetime, timedelta, Decimal
// and UUID exist when their module does: to Python the module is imported; from Python it must have been.

#include "worker/python.h"

#include <stdio.h>

// ---- to Python

static value new_items(struct thread *t, const struct wire_value *v, enum value_kind kind)
{
    value out = kind == VALUE_LIST ? list_new(t, v->n) : kind == VALUE_TUPLE ? tuple_new(t, v->n)
                                                       : set_new(t, kind == VALUE_FROZENSET, V_NULL);
    for (size_t i = 0; out && i < v->n; i++) {
        value item = convert_to_python(t, &v->items[i]);
        bool ok = item != V_NULL;
        if (ok && kind == VALUE_LIST)
            ok = list_append_take(t, out, item);
        else if (ok && kind == VALUE_TUPLE)
            as_tuple(out)->at[i] = item;
        else if (ok) {
            ok = set_add(t, out, item);
            release(t, item);
        }
        if (!ok) {
            release(t, out);
            return V_NULL;
        }
    }
    return out;
}

static value new_dict(struct thread *t, const struct wire_value *v)
{
    value d = dict_new_sized(t, v->n);
    for (size_t i = 0; d && i < v->n; i++) {
        value key = convert_to_python(t, &v->items[2 * i]);
        value item = key ? convert_to_python(t, &v->items[2 * i + 1]) : V_NULL;
        bool ok = item && dict_set_take(t, d, key, item);
        release_opt(t, key);
        if (!ok) {
            release(t, d);
            return V_NULL;
        }
    }
    return d;
}

// module.name(args…); takes the args.
static value make(struct thread *t, const char *module, const char *name, value *args, size_t n)
{
    bool whole = true;
    for (size_t i = 0; i < n; i++)
        whole &= args[i] != V_NULL;
    value m = whole ? interp_import(t, module) : V_NULL;
    value cls = m ? object_getattr_cstr(t, m, name) : V_NULL;
    value r = cls ? object_call(t, cls, args, n, V_NULL) : V_NULL;
    release_opt(t, cls);
    release_opt(t, m);
    for (size_t i = 0; i < n; i++)
        release_opt(t, args[i]);
    return r;
}

static value new_delta(struct thread *t, int64_t days, int64_t seconds, int64_t microseconds)
{
    value args[] = { int_from_i64(t, days), from_int62(seconds), from_int62(microseconds) };
    return make(t, "datetime", "timedelta", args, 3);
}

// timezone(timedelta, name); None for a naive one.
static value new_zone(struct thread *t, const struct value_when *w)
{
    if (!w->aware)
        return V_NONE;
    value args[2] = { new_delta(t, 0, 0, w->offset_us), V_NULL };
    if (w->zone.n)
        args[1] = str_from_utf8(t, (const char *)w->zone.p, w->zone.n);
    return make(t, "datetime", "timezone", args, w->zone.n ? 2 : 1);
}

static value new_when(struct thread *t, const struct wire_value *v)
{
    const struct value_when *w = v->when;
    value args[9];
    size_t n = 0;
    if (v->kind != VALUE_TIME) {
        args[n++] = from_int62(w->year);
        args[n++] = from_int62(w->month);
        args[n++] = from_int62(w->day);
    }
    if (v->kind == VALUE_DATE)
        return make(t, "datetime", "date", args, n);
    args[n++] = from_int62(w->hour);
    args[n++] = from_int62(w->minute);
    args[n++] = from_int62(w->second);
    args[n++] = from_int62(w->microsecond);
    args[n++] = new_zone(t, w);
    value r = make(t, "datetime", v->kind == VALUE_TIME ? "time" : "datetime", args, n);
    if (!r || !w->fold)
        return r;
    value replace = object_getattr_cstr(t, r, "replace"), names = tuple_new(t, 1), fold = from_int62(1);
    value folded = V_NULL;
    if (names) {
        as_tuple(names)->at[0] = str_intern_cstr(t, "fold");
        folded = replace ? object_call(t, replace, &fold, 0, names) : V_NULL;
    }
    release_opt(t, replace);
    release_opt(t, names);
    release(t, r);
    return folded;
}

static value new_uuid(struct thread *t, struct slice bytes)
{
    char hex[33];
    for (size_t i = 0; i < 16 && i < bytes.n; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes.p[i]);
    value args[] = { str_from_cstr(t, hex) };
    return make(t, "uuid", "UUID", args, 1);
}

value convert_to_python(struct thread *t, const struct wire_value *v)
{
    value text;
    switch (v->kind) {
    case VALUE_NONE:
        return V_NONE;
    case VALUE_BOOL:
        return from_bool(v->boolean);
    case VALUE_INT:
        return int_from_i64(t, v->integer);
    case VALUE_BIG:
        return int_from_bytes(t, v->text.p, v->text.n, true, true);
    case VALUE_REAL:
        return float_new(t, v->real);
    case VALUE_TEXT:
        return str_from_utf8(t, v->text.n ? (const char *)v->text.p : "", v->text.n);
    case VALUE_BLOB:
        return bytes_new(t, v->text.n ? (const void *)v->text.p : "", v->text.n);
    case VALUE_LIST: case VALUE_TUPLE: case VALUE_SET: case VALUE_FROZENSET:
        return new_items(t, v, v->kind);
    case VALUE_MAP:
        return new_dict(t, v);
    case VALUE_DATE: case VALUE_TIME: case VALUE_DATETIME:
        return new_when(t, v);
    case VALUE_DELTA:
        return new_delta(t, v->delta.days, v->delta.seconds, v->delta.microseconds);
    case VALUE_DECIMAL:
        text = str_from_utf8(t, (const char *)v->text.p, v->text.n);
        return make(t, "decimal", "Decimal", &text, 1);
    case VALUE_UUID:
        return new_uuid(t, v->text);
    }
    return raise(t, &exc_ValueError, "a value of kind %d came that this version does not know", (int)v->kind);
}

// ---- to the wire

struct sender {
    struct thread *t;
    struct arena *arena;
    struct convert_why *why;
    int depth;
};

static bool put(struct sender *s, vref v, struct wire_value *out);

static bool refuse(struct sender *s, const char *what, const char *name)
{
    raised_clear(s->t);
    snprintf(s->why->text, sizeof s->why->text, "the result cannot be sent: %s%s%s", what, name ? " " : "", name ? name : "");
    return false;
}

static bool put_int(struct sender *s, vref v, struct wire_value *out)
{
    int64_t i;
    if (int_as_i64_overflow(v, &i) == 0) {
        *out = value_int(i);
        return true;
    }
    const struct bigint *b = (const struct bigint *)as_object(v);
    size_t n = (size_t)(b->size < 0 ? -b->size : b->size) * sizeof(uint64_t) + 1;
    uint8_t *p = arena_alloc(s->arena, n);
    if (!p || !int_to_bytes(s->t, v, p, n, true, true))
        return refuse(s, "no memory for an int", NULL);
    // Shortest form: the last byte goes while the one before it has the same sign.
    while (n > 1 && p[n - 1] == (p[n - 2] & 0x80 ? 0xff : 0))
        n--;
    *out = (struct wire_value){ .kind = VALUE_BIG, .text = slice_of(p, n) };
    return true;
}

static bool put_str(struct sender *s, vref v, enum value_kind kind, struct wire_value *out)
{
    size_t n;
    const char *p = str_utf8(s->t, v, &n);
    if (!p)
        return refuse(s, "a str with lone surrogates is no UTF-8", NULL);
    // The object may go before the tree is written.
    *out = (struct wire_value){ .kind = kind, .text = arena_slice(s->arena, slice_of(p, n)) };
    return out->text.p || !n ? true : refuse(s, "no memory", NULL);
}

static bool put_bytes(struct sender *s, const void *p, size_t n, struct wire_value *out)
{
    *out = value_blob(arena_slice(s->arena, slice_of(p, n)));
    return out->text.p || !n ? true : refuse(s, "no memory", NULL);
}

static struct wire_value *room(struct sender *s, size_t n)
{
    struct wire_value *items = arena_zalloc(s->arena, n ? n : 1, sizeof *items);
    if (!items)
        refuse(s, "no memory", NULL);
    return items;
}

static bool put_list(struct sender *s, vref v, struct wire_value *out)
{
    size_t n = list_size(v), i = 0;
    struct wire_value *items = room(s, n);
    for (; items && i < n; i++) {
        value item = list_get_or_null(s->t, v, i);
        if (!item)
            break;     // another thread made it shorter
        bool ok = put(s, item, &items[i]);
        release(s->t, item);
        if (!ok)
            return false;
    }
    *out = value_items(VALUE_LIST, items, i);
    return items != NULL;
}

static bool put_tuple(struct sender *s, vref v, struct wire_value *out)
{
    size_t n = tuple_size(v);
    struct wire_value *items = room(s, n);
    for (size_t i = 0; items && i < n; i++)
        if (!put(s, tuple_at(v, i), &items[i]))
            return false;
    *out = value_items(VALUE_TUPLE, items, n);
    return items != NULL;
}

static bool put_set(struct sender *s, vref v, enum value_kind kind, struct wire_value *out)
{
    size_t n = atomic_load_explicit(&as_set(v)->count, memory_order_relaxed), pos = 0, i = 0;
    struct wire_value *items = room(s, n);
    value key;
    while (items && i < n && set_next(s->t, v, &pos, &key)) {
        bool ok = put(s, key, &items[i++]);
        release(s->t, key);
        if (!ok)
            return false;
    }
    *out = value_items(kind, items, i);
    return items != NULL;
}

static bool put_dict(struct sender *s, vref v, struct wire_value *out)
{
    size_t n = dict_count(v), pos = 0, i = 0;
    struct wire_value *items = room(s, 2 * n);
    value key, item;
    while (items && i < n && dict_next(s->t, v, &pos, &key, &item)) {
        bool ok = put(s, key, &items[2 * i]) && put(s, item, &items[2 * i + 1]);
        release(s->t, key);
        release(s->t, item);
        if (!ok)
            return false;
        i++;
    }
    *out = value_items(VALUE_MAP, items, i);
    return items != NULL;
}

// ---- types of the standard library

static bool field(struct sender *s, vref v, const char *name, int64_t *out)
{
    value f = object_getattr_cstr(s->t, v, name);
    bool ok = f && is_int(f) && int_as_i64(s->t, f, out);
    release_opt(s->t, f);
    return ok ? true : refuse(s, "a field that is no int:", name);
}

static bool put_delta(struct sender *s, vref v, struct wire_value *out)
{
    int64_t days, seconds, micro;
    if (!field(s, v, "days", &days) || !field(s, v, "seconds", &seconds) || !field(s, v, "microseconds", &micro))
        return false;
    *out = (struct wire_value){ .kind = VALUE_DELTA, .delta = { days, (int32_t)seconds, (int32_t)micro } };
    return true;
}

static bool put_zone(struct sender *s, vref v, struct value_when *w)
{
    struct wire_value delta, name;
    value offset = object_call_method_cstr(s->t, v, "utcoffset", NULL, 0);
    w->aware = offset && offset != V_NONE;
    bool ok = offset && (!w->aware || put_delta(s, offset, &delta));
    release_opt(s->t, offset);
    if (!ok || !w->aware)
        return ok ? true : refuse(s, "its utcoffset() failed", NULL);
    w->offset_us = (delta.delta.days * 86400 + delta.delta.seconds) * 1000000 + delta.delta.microseconds;
    value zone = object_call_method_cstr(s->t, v, "tzname", NULL, 0);
    if (zone && has_shape(zone, SHAPE_STR) && put_str(s, zone, VALUE_TEXT, &name))
        w->zone = name.text;
    release_opt(s->t, zone);
    raised_clear(s->t);
    return true;
}

static bool put_when(struct sender *s, vref v, enum value_kind kind, struct wire_value *out)
{
    static const char *const names[] = { "year", "month", "day", "hour", "minute", "second", "microsecond", "fold" };
    struct value_when *w = arena_zalloc(s->arena, 1, sizeof *w);
    int *const fields[] = { &w->year, &w->month, &w->day, &w->hour, &w->minute, &w->second, &w->microsecond, &w->fold };
    if (!w)
        return refuse(s, "no memory", NULL);
    for (size_t i = kind == VALUE_TIME ? 3 : 0; i < (kind == VALUE_DATE ? 3u : 8u); i++) {
        int64_t n;
        if (!field(s, v, names[i], &n))
            return false;
        *fields[i] = (int)n;
    }
    *out = (struct wire_value){ .kind = kind, .when = w };
    return kind == VALUE_DATE || put_zone(s, v, w);
}

static bool put_decimal(struct sender *s, vref v, struct wire_value *out)
{
    value text = object_str(s->t, v);
    bool ok = text && put_str(s, text, VALUE_DECIMAL, out);
    release_opt(s->t, text);
    return ok ? true : refuse(s, "a Decimal", NULL);
}

static bool put_uuid(struct sender *s, vref v, struct wire_value *out)
{
    value bytes = object_getattr_cstr(s->t, v, "bytes");
    bool ok = bytes && has_shape(bytes, SHAPE_BYTES) && as_bytes(bytes)->length == 16 &&
              put_bytes(s, as_bytes(bytes)->data, 16, out);
    out->kind = VALUE_UUID;
    release_opt(s->t, bytes);
    return ok ? true : refuse(s, "a UUID", NULL);
}

// Whether v is exactly of that class of a module that has been imported.
static bool is_exactly(struct sender *s, vref v, const char *module, const char *name)
{
    struct thread *t = s->t;
    value m = dict_get_str(t, t->interp->modules, module);
    value cls = m ? object_getattr_cstr(t, m, name) : V_NULL;
    bool same = cls && is_type(cls) && as_type(cls) == type_of(v);
    release_opt(t, cls);
    release_opt(t, m);
    raised_clear(t);
    return same;
}

static bool put_rich(struct sender *s, vref v, struct wire_value *out)
{
    static const struct {
        const char *module, *name;
        enum value_kind kind;
    } rows[] = {
        { "datetime", "datetime", VALUE_DATETIME }, { "datetime", "date", VALUE_DATE }, { "datetime", "time", VALUE_TIME },
        { "datetime", "timedelta", VALUE_DELTA },   { "decimal", "Decimal", VALUE_DECIMAL }, { "uuid", "UUID", VALUE_UUID },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(type_of(v)->name, rows[i].name) != 0 || !is_exactly(s, v, rows[i].module, rows[i].name))
            continue;
        if (rows[i].kind == VALUE_DELTA)
            return put_delta(s, v, out);
        if (rows[i].kind == VALUE_DECIMAL)
            return put_decimal(s, v, out);
        return rows[i].kind == VALUE_UUID ? put_uuid(s, v, out) : put_when(s, v, rows[i].kind, out);
    }
    return refuse(s, "there is no form for an object of type", type_of(v)->name);
}

static bool put_object(struct sender *s, vref v, struct wire_value *out)
{
    switch (as_object(v)->shape) {
    case SHAPE_STR:
        return put_str(s, v, VALUE_TEXT, out);
    case SHAPE_BYTES:
        return put_bytes(s, as_bytes(v)->data, as_bytes(v)->length, out);
    case SHAPE_LIST:
        return put_list(s, v, out);
    case SHAPE_TUPLE:
        return put_tuple(s, v, out);
    case SHAPE_DICT:
        return put_dict(s, v, out);
    case SHAPE_SET:
        return put_set(s, v, VALUE_SET, out);
    case SHAPE_FROZENSET:
        return put_set(s, v, VALUE_FROZENSET, out);
    }
    return put_rich(s, v, out);
}

static bool put(struct sender *s, vref v, struct wire_value *out)
{
    if (is_none(v)) {
        *out = value_none();
        return true;
    }
    if (is_same(v, V_TRUE) || is_same(v, V_FALSE)) {
        *out = value_bool(is_same(v, V_TRUE));
        return true;
    }
    if (is_exact_int(v))
        return put_int(s, v, out);
    if (is_flo(v) || (is_pointer(v) && has_shape(v, SHAPE_FLOAT))) {
        *out = value_real(float_value(v));
        return true;
    }
    if (s->depth >= LIMIT_VALUE_DEPTH)
        return refuse(s, "it is nested too deeply, or contains itself", NULL);
    s->depth++;
    bool ok = put_object(s, v, out);
    s->depth--;
    return ok;
}

bool convert_to_wire(struct thread *t, struct arena *a, vref v, struct wire_value *out, struct convert_why *why)
{
    struct sender s = { .t = t, .arena = a, .why = why };
    return put(&s, v, out);
}
