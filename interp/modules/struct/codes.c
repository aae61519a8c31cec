// SPDX-License-Identifier: Apache-2.0
// Packing and unpacking one value of each format character, and whole layouts. Leaves formats to layout.c.
#include "interp/modules/struct/half.h"
#include "interp/modules/struct/struct.h"
#include "interp/types/bytes.h"
#include "interp/types/exc.h"
#include "interp/types/int.h"
#include "interp/types/seq.h"

#include <math.h>

static bool complain(struct thread *t, const char *text) {
    raise(t, &struct_error, text);
    return false;
}

// ---- words of 1 to 8 bytes ----

static uint64_t load(const uint8_t *p, size_t size, bool big) {
    uint16_t half;
    uint32_t word;
    uint64_t u;
    switch (size) {
    case 1: return *p;
    case 2: return memcpy(&half, p, 2), big ? __builtin_bswap16(half) : half;
    case 4: return memcpy(&word, p, 4), big ? __builtin_bswap32(word) : word;
    default: return memcpy(&u, p, 8), big ? __builtin_bswap64(u) : u;
    }
}
static void store(uint8_t *p, size_t size, bool big, uint64_t u) {
    if (big) u = __builtin_bswap64(u) >> (64 - size * 8);
    switch (size) {
    case 1: *p = (uint8_t)u; break;
    case 2: memcpy(p, &u, 2); break;
    case 4: memcpy(p, &u, 4); break;
    default: memcpy(p, &u, 8);
    }
}

// ---- integers ----

static bool out_of_range(struct thread *t, const struct layout_row *r) {
    unsigned bits = (unsigned)r->size * 8;
    const char *names = "bBhH", *at = r->big && r->size > 1 ? NULL : strchr(names, r->code); // as CPython words them
    static const char *const words[] = {"byte", "ubyte", "short", "ushort"};
    char name[8] = {'\'', r->code, '\'', 0};
    int64_t high = (int64_t)(((uint64_t)1 << (bits - !r->is_unsigned)) - 1), low = r->is_unsigned ? 0 : -high - 1;
    raise(t, &struct_error, "%s format requires %ld <= number <= %ld", at ? words[at - names] : name, low, high);
    return false;
}

// The int as 64 bits: signed, or unsigned when the code takes only such. 0 fits, 1 does not.
static int as_word(vref v, bool want_unsigned, uint64_t *u) {
    struct int_view w;
    int64_t i;
    if (int_as_i64_overflow(v, &i) == 0) {
        *u = (uint64_t)i;
        return want_unsigned && i < 0;
    }
    int_see(v, &w);
    *u = w.limb[0];
    return !want_unsigned || w.negative || w.n != 1;
}

static bool fits(const struct layout_row *r, uint64_t u) {
    if (r->size == 8) return true;
    unsigned bits = (unsigned)r->size * 8;
    if (r->is_unsigned) return u >> bits == 0;
    int64_t i = (int64_t)u;
    return i >= -((int64_t)1 << (bits - 1)) && i < (int64_t)1 << (bits - 1);
}

static bool pack_int(struct thread *t, const struct layout_row *r, uint8_t *p, vref v) {
    value i = is_int(v) ? own(t, v) : type_of(v)->to_index ? object_index(t, v) : V_NULL;
    if (!i) return !raised(t) || raised_is(t, &exc_TypeError) ? (raised_clear(t), complain(t, "required argument is not an integer")) : false;
    uint64_t u;
    bool wide = r->code == 'I' || r->code == 'L' || r->size == 8 || (r->big && r->code == 'H'); // the others are looked at as signed words first
    int over = as_word(i, wide && r->is_unsigned, &u);
    if (r->code == 'P' && over && int_as_i64_overflow(i, (int64_t *)&u) == 0) over = 0; // addresses may be given as negative numbers
    release(t, i);
    if (over) return complain(t, r->code == 'P' || (r->big && r->size == 8) ? "int too large to convert" : "argument out of range");
    if (!fits(r, u)) return out_of_range(t, r);
    store(p, r->size, r->big, u);
    return true;
}

static value unpack_int(struct thread *t, const struct layout_row *r, const uint8_t *p) {
    uint64_t u = load(p, r->size, r->big);
    if (r->is_unsigned) return u <= (uint64_t)INT62_MAX ? from_int62((int64_t)u) : int_from_u64(t, u);
    unsigned shift = 64 - (unsigned)r->size * 8;
    return int_from_i64(t, (int64_t)(u << shift) >> shift);
}

// ---- floats ----

static bool pack_float(struct thread *t, const struct layout_row *r, uint8_t *p, vref v) {
    double d;
    if (!float_as_double(t, v, &d)) {
        if (!raised_is(t, &exc_Exception)) return false;
        raised_clear(t);
        return complain(t, "required argument is not a float");
    }
    if (r->code == 'd') {
        uint64_t u;
        memcpy(&u, &d, 8);
        return store(p, 8, r->big, u), true;
    }
    if (r->code == 'e') {
        uint16_t h;
        if (!half_from_double(d, &h)) return raise(t, &exc_OverflowError, "float too large to pack with e format"), false;
        return store(p, 2, r->big, h), true;
    }
    float f = (float)d;
    uint32_t u;
    if (isinf(f) && isfinite(d) && !r->native) return raise(t, &exc_OverflowError, "float too large to pack with f format"), false;
    memcpy(&u, &f, 4);
    return store(p, 4, r->big, u), true;
}

static value unpack_float(struct thread *t, const struct layout_row *r, const uint8_t *p) {
    uint64_t u = load(p, r->size, r->big);
    double d;
    float f;
    if (r->code == 'e') return float_new(t, half_to_double((uint16_t)u));
    if (r->code == 'f') {
        uint32_t u32 = (uint32_t)u;
        memcpy(&f, &u32, 4);
        return float_new(t, f);
    }
    memcpy(&d, &u, 8);
    return float_new(t, d);
}

// ---- bytes ----

static bool pack_bytes(struct thread *t, const struct layout_row *r, uint8_t *p, vref v) {
    if (!is_bytes(v) && !is_bytearray(v)) return complain(t, r->code == 's' ? "argument for 's' must be a bytes object" : "argument for 'p' must be a bytes object");
    struct span s = bytes_span(v);
    size_t head = r->code == 'p' && r->size, room = r->size - head;
    size_t n = s.n < room ? s.n : room;
    if (head) p[0] = n > 255 ? 255 : (uint8_t)n;
    if (n) memcpy(p + head, s.p, n);
    memset(p + head + n, 0, room - n);
    return true;
}
static value unpack_pascal(struct thread *t, const struct layout_row *r, const uint8_t *p) {
    if (!r->size) return bytes_empty;
    size_t n = p[0] < r->size ? p[0] : r->size - 1;
    return bytes_new(t, p + 1, n);
}

// ---- any value ----

static bool pack_value(struct thread *t, const struct layout_row *r, uint8_t *p, vref v) {
    int truth;
    switch (r->code) {
    case 'c':
        if (!is_bytes(v) || as_bytes(v)->length != 1) return complain(t, "char format requires a bytes object of length 1");
        *p = as_bytes(v)->data[0];
        return true;
    case '?':
        if ((truth = object_truth(t, v)) < 0) return false;
        *p = (uint8_t)truth;
        return true;
    case 's': case 'p': return pack_bytes(t, r, p, v);
    case 'e': case 'f': case 'd': return pack_float(t, r, p, v);
    default: return pack_int(t, r, p, v);
    }
}

static value unpack_value(struct thread *t, const struct layout_row *r, const uint8_t *p) {
    switch (r->code) {
    case 'c': return byte_new(*p);
    case '?': return from_bool(*p != 0);
    case 's': return bytes_new(t, p, r->size);
    case 'p': return unpack_pascal(t, r, p);
    case 'e': case 'f': case 'd': return unpack_float(t, r, p);
    default: return unpack_int(t, r, p);
    }
}

bool layout_pack(struct thread *t, const struct layout *l, uint8_t *to, const vref *values) {
    memset(to, 0, l->bytes);
    for (size_t k = 0; k < l->nrows; k++) {
        const struct layout_row *r = &l->rows[k];
        for (size_t i = 0; i < r->count; i++, values++) {
            if (pack_value(t, r, to + r->offset + i * r->size, *values)) continue;
            if (is_int(*values) && raised_is(t, &exc_OverflowError)) return raised_clear(t), complain(t, "int too large to convert");
            return false;
        }
    }
    return true;
}

value layout_unpack(struct thread *t, const struct layout *l, const uint8_t *from) {
    value u = tuple_new(t, l->items);
    size_t at = 0;
    for (size_t k = 0; u && k < l->nrows; k++) {
        const struct layout_row *r = &l->rows[k];
        for (size_t i = 0; u && i < r->count; i++) {
            value v = unpack_value(t, r, from + r->offset + i * r->size);
            if (v) as_tuple(u)->at[at++] = v;
            else release_field(t, &u);
            if (!(i & 0xffff) && i && !safepoint_poll(t)) release_field(t, &u);
        }
    }
    return u;
}
