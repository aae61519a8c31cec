// SPDX-License-Identifier: Apache-2.0
// Code points in arrays of 1, 2 or 4 bytes: copying with widening, bounds, argument helpers. Leaves strings as objects to object.c.
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/str/text.h"

bool bytes_are_ascii(const uint8_t *p, size_t n) {
    size_t i = 0;
    for (; i + 32 <= n; i += 32) {
        uint64_t w[4];
        memcpy(w, p + i, 32);
        if ((w[0] | w[1] | w[2] | w[3]) & 0x8080808080808080ull) return false;
    }
    uint8_t any = 0;
    for (; i < n; i++) any |= p[i];
    return any < 0x80;
}

void units_copy(uint8_t *to, unsigned tw, size_t at, const uint8_t *from, unsigned fw, size_t from_at, size_t n) {
    if (tw == fw) {
        memcpy(to + at * tw, from + from_at * fw, n * tw);
        return;
    }
    const uint8_t *f1 = from + from_at * fw;
    const uint16_t *f2 = (const void *)f1;
    const uint32_t *f4 = (const void *)f1;
    uint8_t *t1 = to + at * tw;
    uint16_t *t2 = (void *)t1;
    uint32_t *t4 = (void *)t1;
    if (fw == 1 && tw == 2)
        for (size_t i = 0; i < n; i++) t2[i] = f1[i];
    else if (fw == 1)
        for (size_t i = 0; i < n; i++) t4[i] = f1[i];
    else if (fw == 2 && tw == 4)
        for (size_t i = 0; i < n; i++) t4[i] = f2[i];
    else if (fw == 2)
        for (size_t i = 0; i < n; i++) t1[i] = (uint8_t)f2[i];
    else if (tw == 1)
        for (size_t i = 0; i < n; i++) t1[i] = (uint8_t)f4[i];
    else
        for (size_t i = 0; i < n; i++) t2[i] = (uint16_t)f4[i];
}

uint32_t units_max(const uint8_t *p, unsigned width, size_t n) {
    if (width == 1) return bytes_are_ascii(p, n) ? 0x7f : 0xff;
    uint32_t any = 0;
    if (width == 2) {
        const uint16_t *u = (const void *)p;
        for (size_t i = 0; i < n; i++) any |= u[i];
    } else {
        const uint32_t *u = (const void *)p;
        for (size_t i = 0; i < n; i++) any |= u[i];
    }
    return any < 0x80 ? 0x7f : any < 0x100 ? 0xff : any < 0x10000 ? 0xffff : UNICODE_MAX;
}

void units_fill(uint8_t *p, unsigned width, size_t at, uint32_t c, size_t n) {
    if (width == 1) {
        memset(p + at, (int)c, n);
        return;
    }
    for (size_t i = 0; i < n; i++) unit_put(p, width, at + i, c);
}

value str_from_units(struct thread *t, const uint8_t *p, unsigned width, size_t n) {
    if (n == 1) return str_from_char(t, unit_get(p, width, 0));
    value v = str_new(t, n, units_max(p, width, n));
    if (v && n) units_copy(as_str(v)->data, as_str(v)->width, 0, p, width, 0, n);
    return v;
}

bool str_need_str(struct thread *t, vref v, const char *what) {
    if (likely(is_str(v))) return true;
    raise(t, &exc_TypeError, "%s%smust be str, not %T", what, *what ? " " : "", v);
    return false;
}

static bool slice_index(struct thread *t, vref v, int64_t fallback, int64_t *out) {
    *out = fallback;
    if (!v || is_none(v)) return true;
    if (is_int62(v)) {
        *out = as_int62(v);
        return true;
    }
    if (!type_of(v)->to_index) {
        raise(t, &exc_TypeError, "slice indices must be integers or None or have an __index__ method");
        return false;
    }
    return object_as_size_clamped(t, v, out);
}

bool str_range_args(struct thread *t, vref start, vref stop, int64_t length, int64_t *from, int64_t *to) {
    if (!slice_index(t, start, 0, from) || !slice_index(t, stop, length, to)) return false;
    if (*to > length) *to = length;
    if (*to < 0 && (*to += length) < 0) *to = 0;
    if (*from < 0 && (*from += length) < 0) *from = 0;
    return true;
}

bool size_arg(struct thread *t, vref v, int64_t fallback, int64_t *out) {
    *out = fallback;
    if (!v) return true;
    if (is_int62(v)) {
        *out = as_int62(v);
        return true;
    }
    value i = object_index(t, v);
    if (!i) return false;
    int over = int_as_i64_overflow(i, out);
    release(t, i);
    if (over) raise(t, &exc_OverflowError, "Python int too large to convert to C ssize_t");
    return !over;
}

bool repeat_count(struct thread *t, vref v, int64_t *out) {
    value i = object_index(t, v);
    if (!i) return false;
    int over = int_as_i64_overflow(i, out);
    release(t, i);
    if (over) raise(t, &exc_OverflowError, "cannot fit '%T' into an index-sized integer", v);
    return !over;
}

bool text_to_ascii_number(struct thread *t, vref v, struct text_ascii *out) {
    const struct str *s = as_str(v);
    *out = (struct text_ascii){(const char *)s->data, s->length, NULL};
    if (str_is_ascii(s)) return true;
    char *p = mem_alloc(t, s->length + 1);
    if (!p) return false;
    for (size_t i = 0; i < s->length; i++) {
        uint32_t c = str_at(s, i);
        int d = c < 128 ? -1 : unicode_of(c)->decimal;
        p[i] = c < 128 ? (char)c : d >= 0 ? (char)('0' + d) : unicode_is_space(c) ? ' ' : '?';
    }
    p[s->length] = 0;
    out->s = out->owned = p;
    return true;
}

void text_ascii_drop(struct thread *t, struct text_ascii *a) {
    if (a->owned) mem_free(t, a->owned, a->n + 1);
}
