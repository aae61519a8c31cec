// SPDX-License-Identifier: Apache-2.0
// The marshal module: values as bytes, in a format of our own. Leaves code objects to image.h.
//
// A header of four bytes (one that CPython's marshal refuses, and a version), then one value: a type code of one byte, little-endian numbers behind it. An object that
// appears again is a reference to its number; numbers count every object of a kind that can be shared, in the order in which they begin.
#include "interp/modules/import/image.h"
#include "interp/modules/import/marshal.h"
#include "interp/modules/row.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

#include <stdlib.h>

enum { FORMAT = 1, DEPTH = 2000 };
static const uint8_t header[4] = {0xcb, 'K', 'R', FORMAT};
enum type_code {
    T_NULL = '0', T_NONE = 'N', T_TRUE = 'T', T_FALSE = 'F', T_ELLIPSIS = '.', T_STOP = 'S', T_INT = 'i', T_BIG = 'l', T_FLOAT = 'g', T_COMPLEX = 'y', T_BYTES = 's', T_STR = 'u',
    T_INTERNED = 't', T_TUPLE = '(', T_LIST = '[', T_DICT = '{', T_SET = '<', T_FROZENSET = '>', T_CODE = 'c', T_REF = 'r',
};

// ---- writing ----

struct seen { const struct object *o; uint32_t number; };
struct writer {
    struct thread *t;
    uint8_t *at;
    size_t n, room;
    struct seen *seen;    // open table of objects written
    size_t nseen, seen_room;
    value kept;           // list: what was made on the way and must stay where it is
    int depth;
    bool refs, failed;
};
static void fail_memory(struct writer *w) {
    if (!raised(w->t)) raise_no_memory(w->t);
    w->failed = true;
}
static void put(struct writer *w, const void *p, size_t n) {
    if (w->failed) return;
    if (w->n + n > w->room) {
        size_t room = (w->n + n) * 2 + 256;
        uint8_t *more = realloc(w->at, room);
        if (!more) return fail_memory(w);
        w->at = more;
        w->room = room;
    }
    if (n) memcpy(w->at + w->n, p, n);
    w->n += n;
}
static void put_byte(struct writer *w, int b) { put(w, &(uint8_t){(uint8_t)b}, 1); }
static void put_u32(struct writer *w, size_t n) {
    if (n > INT32_MAX && !w->failed) {
        raise(w->t, &exc_ValueError, "unmarshallable object");
        w->failed = true;
    }
    put(w, &(uint32_t){(uint32_t)n}, 4);
}
static bool grow_seen(struct writer *w) {
    size_t room = w->seen_room ? w->seen_room * 2 : 128;
    struct seen *table = calloc(room, sizeof *table);
    if (!table) return fail_memory(w), false;
    for (size_t k = 0; k < w->seen_room; k++) {
        if (!w->seen[k].o) continue;
        size_t i = ((uintptr_t)w->seen[k].o >> 4) * 0x9e3779b97f4a7c15ull >> 20 & (room - 1);
        while (table[i].o) i = (i + 1) & (room - 1);
        table[i] = w->seen[k];
    }
    free(w->seen);
    w->seen = table;
    w->seen_room = room;
    return true;
}
// true: it was there before, and a reference is written.
static bool again(struct writer *w, vref v) {
    if (!w->refs) return false;
    if (w->nseen * 2 >= w->seen_room && !grow_seen(w)) return true;
    const struct object *o = as_object(v);
    size_t i = ((uintptr_t)o >> 4) * 0x9e3779b97f4a7c15ull >> 20 & (w->seen_room - 1);
    for (; w->seen[i].o; i = (i + 1) & (w->seen_room - 1))
        if (w->seen[i].o == o) {
            put_byte(w, T_REF);
            put_u32(w, w->seen[i].number);
            return true;
        }
    w->seen[i] = (struct seen){o, (uint32_t)w->nseen++};
    return false;
}

static void put_value(struct writer *w, vref v);
static void put_items(struct writer *w, int code, const value *at, size_t n) {
    put_byte(w, code);
    put_u32(w, n);
    for (size_t k = 0; k < n && !w->failed; k++) put_value(w, at[k]);
}
static void put_iterable(struct writer *w, int code, vref v) { // the copy stays: its items may be made on the way, and numbers go by address
    value list = list_from_iterable(w->t, v), tuple = list ? list_to_tuple(w->t, list) : V_NULL;
    if (!tuple || !list_append(w->t, w->kept, tuple)) w->failed = true;
    else put_items(w, code, as_tuple(tuple)->at, tuple_size(tuple));
    release_opt(w->t, list);
    release_opt(w->t, tuple);
}
static void put_dict(struct writer *w, vref v) {
    size_t pos = 0;
    value key, item;
    put_byte(w, T_DICT);
    while (!w->failed && dict_next(w->t, v, &pos, &key, &item)) {
        put_value(w, key);
        put_value(w, item);
        release(w->t, key);
        release(w->t, item);
    }
    put_byte(w, T_NULL);
}
static void put_str(struct writer *w, vref v) {
    const struct str *s = as_str(v);
    put_byte(w, s->flags & STR_INTERNED ? T_INTERNED : T_STR);
    put_byte(w, s->flags & STR_ASCII ? 0 : s->width);
    put_u32(w, s->length);
    put(w, s->data, s->length * s->width);
}
static void put_big(struct writer *w, vref v) {
    size_t n = is_int62(v) ? 8 : (size_t)llabs(((struct bigint *)as_object(v))->size) * 8 + 8;
    uint8_t *bytes = malloc(n);
    if (!bytes) return fail_memory(w);
    if (!int_to_bytes(w->t, v, bytes, n, true, true)) w->failed = true;
    put_byte(w, T_BIG);
    put_u32(w, n);
    put(w, bytes, n);
    free(bytes);
}
static void put_code(struct writer *w, vref v) {
    value image = image_write(w->t, as_code(v));
    if (!image) {
        w->failed = true;
        return;
    }
    put_byte(w, T_CODE);
    put_u32(w, as_bytes(image)->length);
    while (w->n % 4 && !w->failed) put_byte(w, 0);
    put(w, as_bytes(image)->data, as_bytes(image)->length);
    release(w->t, image);
}
static bool put_buffer(struct writer *w, vref v) {
    struct buffer_view view;
    if (!buffer_check(v) || !buffer_get(w->t, v, &view, false)) return false;
    put_byte(w, T_BYTES);
    put_u32(w, view.length);
    put(w, view.data, view.length);
    buffer_release(w->t, &view);
    return true;
}
static void put_double(struct writer *w, double d) { put(w, &d, 8); }
static void put_object(struct writer *w, vref v) {
    if (again(w, v)) return;
    if (has_shape(v, SHAPE_STR)) put_str(w, v);
    else if (has_shape(v, SHAPE_TUPLE)) put_items(w, T_TUPLE, as_tuple(v)->at, tuple_size(v));
    else if (has_shape(v, SHAPE_LIST)) put_iterable(w, T_LIST, v);
    else if (has_shape(v, SHAPE_DICT)) put_dict(w, v);
    else if (has_shape(v, SHAPE_SET)) put_iterable(w, T_SET, v);
    else if (has_shape(v, SHAPE_FROZENSET)) put_iterable(w, T_FROZENSET, v);
    else if (has_shape(v, SHAPE_CODE)) put_code(w, v);
    else if (!put_buffer(w, v) && !w->failed) {
        if (!raised(w->t)) raise(w->t, &exc_ValueError, "unmarshallable object");
        w->failed = true;
    }
}
static void put_value(struct writer *w, vref v) {
    if (w->failed) return;
    if (++w->depth > DEPTH) {
        raise(w->t, &exc_ValueError, "object too deeply nested to marshal");
        w->failed = true;
    } else if (v == V_NONE) put_byte(w, T_NONE);
    else if (is_same(v, V_TRUE)) put_byte(w, T_TRUE);
    else if (is_same(v, V_FALSE)) put_byte(w, T_FALSE);
    else if (is_same(v, V_ELLIPSIS)) put_byte(w, T_ELLIPSIS);
    else if (is_same(v, type_ref(&exc_StopIteration))) put_byte(w, T_STOP);
    else if (is_int62(v) && as_int62(v) == (int32_t)as_int62(v)) {
        put_byte(w, T_INT);
        put(w, &(int32_t){(int32_t)as_int62(v)}, 4);
    } else if (is_exact_int(v)) put_big(w, v);
    else if (type_of(v) == &type_float) {
        put_byte(w, T_FLOAT);
        put_double(w, float_value(v));
    } else if (has_shape(v, SHAPE_COMPLEX)) {
        put_byte(w, T_COMPLEX);
        put_double(w, ((const struct complex_box *)as_object(v))->re);
        put_double(w, ((const struct complex_box *)as_object(v))->im);
    } else put_object(w, v);
    w->depth--;
}
value marshal_dumps(struct thread *t, vref v, int version) {
    struct writer w = {.t = t, .refs = version >= 3, .kept = list_new(t, 4)};
    w.failed = !w.kept;
    put(&w, header, sizeof header);
    put_value(&w, v);
    value r = w.failed ? V_NULL : bytes_new(t, w.at, w.n);
    release_opt(t, w.kept);
    free(w.at);
    free(w.seen);
    return r;
}

// ---- reading ----

struct reader {
    struct thread *t;
    const uint8_t *at;
    size_t n, pos;
    value refs; // list of objects by number; NotImplemented while one is under construction and may not be referred to
    int depth;
};
static value bad(struct reader *r, const char *what) { return raised(r->t) ? V_NULL : raise(r->t, &exc_ValueError, "bad marshal data (%s)", what); }
static const uint8_t *take(struct reader *r, size_t n) {
    if (n > r->n - r->pos) return raised(r->t) ? NULL : (raise(r->t, &exc_EOFError, "marshal data too short"), NULL);
    r->pos += n;
    return r->at + r->pos - n;
}
static bool take_u32(struct reader *r, uint32_t *out) {
    const uint8_t *p = take(r, 4);
    if (p) memcpy(out, p, 4);
    return p != NULL;
}
static bool take_double(struct reader *r, double *out) {
    const uint8_t *p = take(r, 8);
    if (p) memcpy(out, p, 8);
    return p != NULL;
}
// Numbers the object that begins here. -1: exception.
static int64_t reserve(struct reader *r) { return list_append(r->t, r->refs, V_NOTIMPL) ? (int64_t)list_size(r->refs) - 1 : -1; }
static value numbered(struct reader *r, value v) { // takes v, which is complete
    if (v && !list_append(r->t, r->refs, v)) release_field(r->t, &v);
    return v;
}
static value take_value(struct reader *r);
static value item(struct reader *r) { // a value that must be there
    value v = take_value(r);
    return v || raised(r->t) ? v : raise(r->t, &exc_TypeError, "NULL object in marshal data for object");
}

static value take_str(struct reader *r, bool interned) {
    const uint8_t *width = take(r, 1);
    uint32_t n;
    if (!width || !take_u32(r, &n)) return V_NULL;
    unsigned w = *width ? *width : 1;
    if (w != 1 && w != 2 && w != 4) return bad(r, "string width");
    const uint8_t *p = take(r, (size_t)n * w);
    value v = p ? str_new(r->t, n, !*width ? 0x7f : w == 1 ? 0xff : w == 2 ? 0xffff : 0x10ffff) : V_NULL;
    if (v && n) memcpy(as_str(v)->data, p, (size_t)n * w);
    return numbered(r, v && interned ? str_intern(r->t, v) : v);
}
static value take_tuple(struct reader *r) {
    uint32_t n;
    int64_t number = reserve(r);
    if (number < 0 || !take_u32(r, &n)) return V_NULL;
    if (n > r->n - r->pos) return bad(r, "tuple size out of range");
    value v = n ? tuple_new(r->t, n) : tuple_empty;
    if (v && !list_set(r->t, r->refs, number, v)) release_field(r->t, &v);
    for (uint32_t k = 0; v && k < n; k++) {
        value x = item(r);
        if (x) as_tuple(v)->at[k] = x;
        else release_field(r->t, &v);
    }
    return v;
}
static value take_list(struct reader *r) {
    uint32_t n;
    value v = numbered(r, list_new(r->t, 0));
    if (!v || !take_u32(r, &n)) return release_opt(r->t, v), V_NULL;
    for (uint32_t k = 0; v && k < n; k++) {
        value x = item(r);
        if (!x || !list_append_take(r->t, v, x)) release_field(r->t, &v);
    }
    return v;
}
static value take_dict(struct reader *r) {
    value v = numbered(r, dict_new(r->t));
    while (v) {
        value key = take_value(r), x;
        if (!key) break;
        bool ok = (x = item(r)) && dict_set(r->t, v, key, x);
        release_opt(r->t, x);
        release(r->t, key);
        if (!ok) break;
    }
    if (v && raised(r->t)) release_field(r->t, &v);
    return v;
}
static value take_set(struct reader *r, bool frozen) {
    uint32_t n;
    int64_t number = reserve(r);
    value v = number >= 0 ? set_new(r->t, frozen, V_NULL) : V_NULL;
    // Nobody has seen a frozenset before it is full; a set may hold itself by nobody.
    if (!v || !take_u32(r, &n)) return release_opt(r->t, v), V_NULL;
    if (!frozen && !list_set(r->t, r->refs, number, v)) release_field(r->t, &v);
    for (uint32_t k = 0; v && k < n; k++) {
        value x = item(r);
        bool ok = x && set_add(r->t, v, x);
        release_opt(r->t, x);
        if (!ok) release_field(r->t, &v);
    }
    if (v && !list_set(r->t, r->refs, number, v)) release_field(r->t, &v);
    return v;
}
static value take_code(struct reader *r) {
    uint32_t n;
    if (!take_u32(r, &n)) return V_NULL;
    size_t pad = -r->pos & 3;
    const uint8_t *p = take(r, pad) ? take(r, n) : NULL;
    if (!p) return V_NULL;
    void *copy = (uintptr_t)p & 3 ? malloc(n + 1) : NULL; // images stand on words
    if (copy) memcpy(copy, p, n);
    else if ((uintptr_t)p & 3) return raise_no_memory(r->t);
    struct code *c = image_read(r->t, copy ? copy : p, n, V_NULL, false);
    free(copy);
    return c ? numbered(r, borrowed_word(c)) : V_NULL;
}
static value take_bytes(struct reader *r) {
    uint32_t n;
    const uint8_t *p = take_u32(r, &n) ? take(r, n) : NULL;
    return p ? numbered(r, bytes_new(r->t, p, n)) : V_NULL;
}
static value take_number(struct reader *r, int code) {
    uint32_t n;
    double re, im;
    const uint8_t *p;
    switch (code) {
    case T_INT: return take_u32(r, &n) ? from_int62((int32_t)n) : V_NULL;
    case T_BIG: return take_u32(r, &n) && (p = take(r, n)) ? int_from_bytes(r->t, p, n, true, true) : V_NULL;
    case T_FLOAT: return take_double(r, &re) ? float_new(r->t, re) : V_NULL;
    default: return take_double(r, &re) && take_double(r, &im) ? complex_new(r->t, re, im) : V_NULL;
    }
}
static value take_ref(struct reader *r) {
    uint32_t n;
    value v = take_u32(r, &n) && n < list_size(r->refs) ? list_get_or_null(r->t, r->refs, n) : V_NULL;
    return v && v != V_NOTIMPL ? v : bad(r, "invalid reference");
}
static value dispatch(struct reader *r, int code) {
    switch (code) {
    case T_NONE: return V_NONE;
    case T_TRUE: return V_TRUE;
    case T_FALSE: return V_FALSE;
    case T_ELLIPSIS: return V_ELLIPSIS;
    case T_STOP: return own(r->t, type_ref(&exc_StopIteration));
    case T_NULL: return V_NULL;
    case T_INT: case T_BIG: case T_FLOAT: case T_COMPLEX: return take_number(r, code);
    case T_BYTES: return take_bytes(r);
    case T_STR: case T_INTERNED: return take_str(r, code == T_INTERNED);
    case T_TUPLE: return take_tuple(r);
    case T_LIST: return take_list(r);
    case T_DICT: return take_dict(r);
    case T_SET: case T_FROZENSET: return take_set(r, code == T_FROZENSET);
    case T_CODE: return take_code(r);
    case T_REF: return take_ref(r);
    default: return bad(r, "unknown type code");
    }
}
static value take_value(struct reader *r) {
    const uint8_t *code = take(r, 1);
    if (!code) return V_NULL;
    if (++r->depth > DEPTH) return bad(r, "recursion limit exceeded");
    value v = dispatch(r, *code);
    r->depth--;
    return v;
}
value marshal_loads(struct thread *t, const uint8_t *p, size_t n, size_t *used) {
    struct reader r = {.t = t, .at = p, .n = n};
    const uint8_t *head = take(&r, sizeof header);
    if (!head) return V_NULL;
    if (memcmp(head, header, sizeof header)) return bad(&r, "unknown type code");
    r.refs = list_new(t, 8);
    value v = r.refs ? item(&r) : V_NULL;
    release_opt(t, r.refs);
    if (used) *used = r.pos;
    return v;
}

// ---- the module ----

static bool version_arg(struct thread *t, vref v, int64_t *out) {
    *out = 4;
    return !v || object_as_index(t, v, out);
}
static value m_dumps(struct thread *t, const vref *a) {
    int64_t version;
    return version_arg(t, a[1], &version) ? marshal_dumps(t, a[0], (int)version) : V_NULL;
}
static value m_dump(struct thread *t, const vref *a) {
    int64_t version;
    value data = version_arg(t, a[2], &version) ? marshal_dumps(t, a[0], (int)version) : V_NULL;
    value r = data ? object_call_method_cstr(t, a[1], "write", &data, 1) : V_NULL;
    release_opt(t, data);
    return r;
}
static value m_loads(struct thread *t, const vref *a) {
    struct buffer_view view;
    if (!buffer_get(t, a[0], &view, false)) return V_NULL;
    value v = marshal_loads(t, view.data, view.length, NULL);
    buffer_release(t, &view);
    return v;
}
// A file may hold one value after the other, and says nothing of their lengths: what is behind ours is given back by seek.
static value m_load(struct thread *t, const vref *a) {
    value data = object_call_method_cstr(t, a[0], "read", NULL, 0), v = V_NULL;
    if (!data) return V_NULL;
    size_t used = 0;
    if (!is_bytes(data)) raise(t, &exc_TypeError, "file.read() returned not bytes but %T", data);
    else v = marshal_loads(t, as_bytes(data)->data, as_bytes(data)->length, &used);
    if (v && used < as_bytes(data)->length) {
        value args[2] = {int_from_i64(t, -(int64_t)(as_bytes(data)->length - used)), from_int62(1)};
        value r = object_call_method_cstr(t, a[0], "seek", args, 2);
        release(t, args[0]);
        if (!r) release_field(t, &v);
        release_opt(t, r);
    }
    release(t, data);
    return v;
}
static const struct native functions[] = {
    F("dump", "($module, value, file, version=version, /)", m_dump), F("dumps", "($module, value, version=version, /)", m_dumps),
    F("load", "($module, file, /)", m_load), F("loads", "($module, bytes, /)", m_loads),
};
value marshal_make(struct thread *t) {
    value m = module_from_natives(t, "marshal", "Python values written as bytes, and back: how .pyc files hold code.", functions,
                                  sizeof functions / sizeof *functions);
    if (m && !module_set(t, m, "version", from_int62(4))) release_field(t, &m);
    return m;
}
