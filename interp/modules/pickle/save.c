// SPDX-License-Identifier: Apache-2.0
// Writing one object: the numbers, text and bytes, and which way others go. Leaves containers to save_container.c, reducing to save_reduce.c.
#include "interp/modules/pickle/pickle.h"
#include "interp/types/dict.h"
#include "interp/types/float.h"
#include "interp/types/seq.h"
#include "interp/types/str/codec.h"
#include "interp/types/str/text.h"

#include <stdio.h>

// ---- the memo ----

bool save_fetch(struct thread *t, struct pickler *p, int64_t id) {
    char text[24];
    if (!p->binary) return out_bytes(t, p, text, (size_t)snprintf(text, sizeof text, "g%ld\n", id));
    if (id < 256) return out_bytes(t, p, (const uint8_t[]){P_BINGET, (uint8_t)id}, 2);
    return out_bytes(t, p, (const uint8_t[]){P_LONG_BINGET, (uint8_t)id, (uint8_t)(id >> 8), (uint8_t)(id >> 16), (uint8_t)(id >> 24)}, 5);
}
static bool note(struct thread *t, struct pickler *p, int64_t id) {
    char text[24];
    if (p->protocol >= 4) return out_byte(t, p, P_MEMOIZE);
    if (!p->binary) return out_bytes(t, p, text, (size_t)snprintf(text, sizeof text, "p%ld\n", id));
    if (id < 256) return out_bytes(t, p, (const uint8_t[]){P_BINPUT, (uint8_t)id}, 2);
    return out_bytes(t, p, (const uint8_t[]){P_LONG_BINPUT, (uint8_t)id, (uint8_t)(id >> 8), (uint8_t)(id >> 16), (uint8_t)(id >> 24)}, 5);
}
bool save_memoize(struct thread *t, struct pickler *p, vref v) {
    if (p->fast) return true;
    int64_t id = p->memo.n;
    if (unlikely(id == UINT32_MAX)) return raise(t, &pickling_error, "memo id too large for LONG_BINPUT"), false;
    return memo_put(t, &p->memo, v, id) && (likely(p->protocol >= 4) ? out_byte(t, p, P_MEMOIZE) : note(t, p, id));
}
bool save_skip(struct thread *t, struct pickler *p) {
    if (p->fast) return true;
    int64_t id = p->memo.n;
    if (unlikely(id == UINT32_MAX)) return raise(t, &pickling_error, "memo id too large for LONG_BINPUT"), false;
    return memo_skip(t, &p->memo) && note(t, p, id);
}

// ---- fast mode: without a memo a cycle would never end ----

bool save_fast_enter(struct thread *t, struct pickler *p, vref v) {
    if (!p->fast || ++p->fast_depth < FAST_DEPTH) return true;
    if (!p->fast_seen && !(p->fast_seen = dict_new(t))) return false;
    value key = int_from_u64(t, (uint64_t)(uintptr_t)as_object(v));
    int there = key ? dict_contains(t, p->fast_seen, key) : -1;
    bool ok = there == 0 && dict_set(t, p->fast_seen, key, V_NONE);
    if (there > 0) raise(t, &exc_ValueError, "fast mode: can't pickle cyclic objects including object type %T at %p", v, (void *)as_object(v));
    release_opt(t, key);
    return ok;
}
bool save_fast_leave(struct thread *t, struct pickler *p, vref v, bool ok) {
    if (!p->fast || p->fast_depth-- < FAST_DEPTH || !p->fast_seen) return ok;
    value key = int_from_u64(t, (uint64_t)(uintptr_t)as_object(v));
    ok = key && dict_del(t, p->fast_seen, key) >= 0 && ok;
    release_opt(t, key);
    return ok;
}

// ---- numbers ----

static bool save_bool(struct thread *t, struct pickler *p, bool b) {
    if (p->protocol >= 2) return out_byte(t, p, b ? P_NEWTRUE : P_NEWFALSE);
    return out_bytes(t, p, b ? "I01\n" : "I00\n", 4);
}

static bool save_small_int(struct thread *t, struct pickler *p, int64_t i) {
    char text[24];
    if (!p->binary) return out_bytes(t, p, text, (size_t)snprintf(text, sizeof text, "I%ld\n", i));
    uint8_t *to = out_room(t, p, 5);
    if (unlikely(!to)) return false;
    uint32_t low = (uint32_t)i;
    memcpy(to + 1, &low, 4);
    size_t n = i < 0 || i > 0xffff ? 5 : i > 0xff ? 3 : 2;
    to[0] = n == 5 ? P_BININT : n == 3 ? P_BININT2 : P_BININT1;
    p->n += n;
    return true;
}
static bool save_long_text(struct thread *t, struct pickler *p, vref v) {
    value s = int_to_str(t, v, 10, false);
    bool ok = s && out_byte(t, p, P_LONG) && out_bytes(t, p, as_str(s)->data, as_str(s)->length) && out_bytes(t, p, "L\n", 2);
    release_opt(t, s);
    return ok;
}
// Bytes that two's complement takes, no more than it must.
static size_t signed_size(vref v) {
    int64_t i;
    if (int_as_i64_overflow(v, &i) == 0) {
        size_t n = 1;
        while (n < 8 && (i >> (8 * n - 1)) != 0 && (i >> (8 * n - 1)) != -1) n++;
        return n;
    }
    const struct bigint *b = (const struct bigint *)as_object(v);
    size_t limbs = (size_t)(b->size < 0 ? -b->size : b->size);
    size_t bits = limbs * 64 - (size_t)__builtin_clzll(b->limb[limbs - 1]), n = bits / 8 + 1;
    if (b->size > 0 || bits % 8) return n;
    size_t i0 = 0; // a negative power of two at the edge of a byte takes one byte less
    while (i0 + 1 < limbs && !b->limb[i0]) i0++;
    bool power = i0 + 1 == limbs && !(b->limb[i0] & (b->limb[i0] - 1));
    return power ? n - 1 : n;
}
static bool save_big_int(struct thread *t, struct pickler *p, vref v) {
    size_t n = signed_size(v);
    if (n > INT32_MAX) return raise(t, &exc_OverflowError, "int too large to pickle"), false;
    uint8_t *to = out_room(t, p, n + 5);
    if (!to) return false;
    size_t head = n < 256 ? 2 : 5;
    to[0] = n < 256 ? P_LONG1 : P_LONG4;
    for (size_t i = 1; i < head; i++) to[i] = (uint8_t)(n >> 8 * (i - 1));
    if (!int_to_bytes(t, v, to + head, n, true, true)) return false;
    p->n += head + n;
    return true;
}
static bool save_int(struct thread *t, struct pickler *p, vref v) {
    int64_t i;
    if (int_as_i64_overflow(v, &i) == 0 && i >= INT32_MIN && i <= INT32_MAX) return save_small_int(t, p, i);
    return p->protocol >= 2 ? save_big_int(t, p, v) : save_long_text(t, p, v);
}

static bool save_float(struct thread *t, struct pickler *p, double d) {
    if (p->binary) {
        uint64_t bits;
        memcpy(&bits, &d, 8);
        bits = __builtin_bswap64(bits);
        uint8_t *to = out_room(t, p, 9);
        if (!to) return false;
        to[0] = P_BINFLOAT;
        memcpy(to + 1, &bits, 8);
        p->n += 9;
        return true;
    }
    char text[40];
    text[0] = P_FLOAT;
    size_t n = 1 + float_repr_to(text + 1, d);
    text[n++] = '\n';
    return out_bytes(t, p, text, n);
}

// ---- bytes ----

static size_t length_head(uint8_t head[9], int one, int four, int eight, size_t n) {
    size_t bytes = n < 256 && one ? 1 : n <= UINT32_MAX && four ? 4 : 8;
    head[0] = (uint8_t)(bytes == 1 ? one : bytes == 4 ? four : eight);
    for (size_t i = 0; i < bytes; i++) head[1 + i] = (uint8_t)((uint64_t)n >> 8 * i);
    return 1 + bytes;
}
// Bytes before protocol 3: a call that makes them from the characters of the same numbers.
static bool save_bytes_by_call(struct thread *t, struct pickler *p, vref v, const uint8_t *data, size_t n) {
    if (n == 0) return save_call(t, p, type_ref(&type_bytes), tuple_empty, v);
    value text = str_from_latin1(t, data, n), codec = text ? str_intern_cstr(t, "latin1") : V_NULL;
    value arguments = codec ? tuple_pack(t, 2, text, codec) : V_NULL;
    release_opt(t, text);
    return arguments && save_call(t, p, pickle_thing(t, THING_ENCODE), arguments, v);
}
bool save_bytes_data(struct thread *t, struct pickler *p, vref v, const uint8_t *data, size_t n) {
    uint8_t head[9];
    if (p->protocol < 3) return save_bytes_by_call(t, p, v, data, n);
    if (n > UINT32_MAX && p->protocol < 4) return raise(t, &exc_OverflowError, "serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher"), false;
    return out_long(t, p, head, length_head(head, P_SHORT_BINBYTES, P_BINBYTES, P_BINBYTES8, n), data, n) && save_memoize(t, p, v);
}
bool save_bytearray_data(struct thread *t, struct pickler *p, vref v, const uint8_t *data, size_t n) {
    uint8_t head[9];
    return out_long(t, p, head, length_head(head, 0, 0, P_BYTEARRAY8, n), data, n) && save_memoize(t, p, v);
}
static bool save_bytearray(struct thread *t, struct pickler *p, vref v) {
    if (p->protocol < 5) {
        value bytes = bytes_from_object(t, v);
        if (!bytes) return false;
        if (as_bytes(bytes)->length == 0) return release(t, bytes), save_call(t, p, type_ref(&type_bytearray), tuple_empty, v);
        value arguments = tuple_take_array(t, &bytes, 1);
        return arguments && save_call(t, p, type_ref(&type_bytearray), arguments, v);
    }
    struct buffer_view view;
    if (!buffer_get(t, v, &view, false)) return false;
    bool ok = save_bytearray_data(t, p, v, view.data, view.length);
    buffer_release(t, &view);
    return ok;
}

// ---- text ----

static const char hex[] = "0123456789abcdef";
static bool save_text_line(struct thread *t, struct pickler *p, const struct str *s) {
    uint8_t *to = out_room(t, p, s->length * 10 + 2), *start = to;
    if (!to) return false;
    *to++ = P_UNICODE;
    for (size_t i = 0; i < s->length; i++) {
        uint32_t c = str_at(s, i);
        bool special = c == '\\' || c == 0 || c == '\n' || c == '\r' || c == 0x1a;
        if (c < 256 && !special) {
            *to++ = (uint8_t)c;
            continue;
        }
        *to++ = '\\', *to++ = c > 0xffff ? 'U' : 'u';
        for (int shift = c > 0xffff ? 28 : 12; shift >= 0; shift -= 4) *to++ = (uint8_t)hex[c >> shift & 15];
    }
    *to++ = '\n';
    p->n += (size_t)(to - start);
    return true;
}
// Its length in UTF-8, surrogates as if they were characters.
static size_t utf8_length(const struct str *s) {
    const uint16_t *wide = (const uint16_t *)(const void *)s->data;
    size_t n = s->length;
    if (s->width == 1)
        for (size_t i = 0; i < s->length; i++) n += s->data[i] >> 7;
    else if (s->width == 2)
        for (size_t i = 0; i < s->length; i++) n += (size_t)(wide[i] >= 0x80) + (wide[i] >= 0x800);
    else
        for (size_t i = 0; i < s->length; i++) n += (size_t)(str_at(s, i) >= 0x80) + (str_at(s, i) >= 0x800) + (str_at(s, i) >= 0x10000);
    return n;
}
static void utf8_fill(uint8_t *to, const struct str *s) {
    const uint16_t *wide = (const uint16_t *)(const void *)s->data;
    for (size_t i = 0; i < s->length; i++) {
        uint32_t c = s->width == 1 ? s->data[i] : s->width == 2 ? wide[i] : str_at(s, i);
        if (c < 0x80) *to++ = (uint8_t)c;
        else if (c < 0x800) *to++ = (uint8_t)(0xc0 | c >> 6), *to++ = (uint8_t)(0x80 | (c & 0x3f));
        else to += utf8_put(to, c);
    }
}
static bool save_wide_text(struct thread *t, struct pickler *p, const struct str *s, size_t n) {
    uint8_t head[9];
    size_t nhead = length_head(head, p->protocol >= 4 ? P_SHORT_BINUNICODE : 0, P_BINUNICODE, P_BINUNICODE8, n);
    if (n < FRAME_FULL) {
        uint8_t *to = out_room(t, p, nhead + n);
        if (!to) return false;
        memcpy(to, head, nhead);
        utf8_fill(to + nhead, s);
        p->n += nhead + n;
        return true;
    }
    uint8_t *text = mem_alloc(t, n);
    if (!text) return false;
    utf8_fill(text, s);
    bool ok = out_long(t, p, head, nhead, text, n);
    mem_free(t, text, n);
    return ok;
}
static bool save_str(struct thread *t, struct pickler *p, vref v) {
    const struct str *s = as_str(v);
    uint8_t head[9];
    bool ok, ascii = str_is_ascii(s);
    if (!p->binary) return save_text_line(t, p, s) && save_memoize(t, p, v);
    size_t n = ascii ? s->length : utf8_length(s);
    if (n > UINT32_MAX && p->protocol < 4) return raise(t, &exc_OverflowError, "serializing a string larger than 4 GiB requires pickle protocol 4 or higher"), false;
    if (likely(ascii && n < 256 && p->protocol >= 4)) {
        uint8_t *to = out_room(t, p, n + 2);
        if (!to) return false;
        to[0] = P_SHORT_BINUNICODE, to[1] = (uint8_t)n;
        memcpy(to + 2, s->data, n);
        p->n += n + 2;
        return save_memoize(t, p, v);
    }
    if (ascii) ok = out_long(t, p, head, length_head(head, p->protocol >= 4 ? P_SHORT_BINUNICODE : 0, P_BINUNICODE, P_BINUNICODE8, n), s->data, n);
    else ok = save_wide_text(t, p, s, n);
    return ok && save_memoize(t, p, v);
}

// ---- which way ----

// 1 written as an id of the program's own, 0 None: as usual, -1 exception.
static int save_persistent(struct thread *t, struct pickler *p, vref v) {
    value id = object_call1(t, p->running_persistent, v), text;
    if (!id) return -1;
    if (is_none(id)) return 0;
    bool ok;
    if (p->binary) ok = save_plain(t, p, id) && out_byte(t, p, P_BINPERSID);
    else {
        ok = (text = object_str(t, id)) != V_NULL;
        if (ok && !str_is_ascii(as_str(text))) ok = raise(t, &pickling_error, "persistent IDs in protocol 0 must be ASCII strings");
        ok = ok && out_byte(t, p, P_PERSID) && out_bytes(t, p, as_str(text)->data, as_str(text)->length) && out_byte(t, p, '\n');
        release_opt(t, text);
    }
    release(t, id);
    return ok ? 1 : -1;
}

static bool save_container(struct thread *t, struct pickler *p, vref v) {
    switch (object_shape(as_object(v))) {
    case SHAPE_LIST: return save_list(t, p, v);
    case SHAPE_TUPLE: return save_tuple(t, p, v);
    case SHAPE_DICT: return save_dict(t, p, v);
    case SHAPE_SET: return save_set(t, p, v);
    case SHAPE_FROZENSET: return save_frozenset(t, p, v);
    case SHAPE_BYTEARRAY: return save_bytearray(t, p, v);
    default: break;
    }
    if (type_of(v) == &type_picklebuffer) return save_picklebuffer(t, p, v);
    return save_other(t, p, v);
}

bool save_plain(struct thread *t, struct pickler *p, vref v) {
    if (!out_boundary(t, p)) return false;
    if (is_int62(v)) return save_int(t, p, v);
    if (is_flo(v)) return save_float(t, p, as_flo(v));
    if (is_none(v)) return out_byte(t, p, P_NONE);
    if (v == V_TRUE || v == V_FALSE) return save_bool(t, p, v == V_TRUE);
    uint32_t shape = object_shape(as_object(v));
    if (shape == SHAPE_INT) return save_int(t, p, v);
    if (shape == SHAPE_FLOAT) return save_float(t, p, float_unbox(v));
    int64_t id = memo_find(&p->memo, v);
    if (id >= 0) return save_fetch(t, p, id);
    if (shape == SHAPE_STR) return save_str(t, p, v);
    if (shape == SHAPE_BYTES) return save_bytes_data(t, p, v, as_bytes(v)->data, as_bytes(v)->length);
    if (!recursion_enter(t, " while pickling an object")) return false;
    bool ok = save_container(t, p, v) && safepoint_poll(t);
    recursion_leave(t);
    return ok;
}
bool save(struct thread *t, struct pickler *p, vref v) {
    if (unlikely(p->running_persistent)) {
        int done = save_persistent(t, p, v);
        if (done) return done > 0;
    }
    return save_plain(t, p, v);
}
