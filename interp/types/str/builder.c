// SPDX-License-Identifier: Apache-2.0
// The str builder: grows, widens as needed, fails once and stays quiet. Leaves formatting to its users.
#include "interp/types/exc.h"
#include "interp/types/str/text.h"

void builder_init(struct str_builder *b, struct thread *t) {
    b->t = t;
    b->data = NULL;
    b->length = b->capacity = 0;
    b->width = 0;
    b->failed = false;
}

static void drop(struct str_builder *b) {
    if (b->data && b->data != b->few) mem_free(b->t, b->data, b->capacity * b->width);
}
void builder_discard(struct str_builder *b) {
    drop(b);
    b->data = NULL;
    b->capacity = b->length = 0;
}

static bool rebuild(struct str_builder *b, size_t capacity, unsigned width) {
    uint8_t *p;
    if (!b->data && capacity * width <= sizeof b->few) {
        p = b->few;
        capacity = sizeof b->few / width;
    } else if (width == b->width && b->data && b->data != b->few) p = mem_resize(b->t, b->data, b->capacity * width, capacity * width);
    else {
        p = mem_alloc(b->t, capacity * width);
        if (p && b->length) units_copy(p, width, 0, b->data, b->width, 0, b->length);
        if (p) drop(b);
    }
    if (!p) return b->failed = true, false;
    b->data = p;
    b->width = (uint8_t)width;
    b->capacity = capacity;
    return true;
}

// Room for n more code points of that width.
static bool room(struct str_builder *b, size_t n, unsigned width) {
    if (b->failed) return false;
    if (width < b->width) width = b->width;
    if (likely(width == b->width && b->capacity - b->length >= n)) return true;
    if (n > ((size_t)1 << 60) - b->length) {
        raise_no_memory(b->t);
        return b->failed = true, false;
    }
    size_t need = b->length + n, capacity = b->capacity;
    if (need > capacity) capacity = need <= sizeof b->few / width ? sizeof b->few / width : need + need / 4;
    return rebuild(b, capacity, width);
}

void builder_char(struct str_builder *b, uint32_t c) {
    if (room(b, 1, width_of(c))) unit_put(b->data, b->width, b->length++, c);
}

void builder_ascii(struct str_builder *b, const char *s, size_t n) {
    if (!n || !room(b, n, 1)) return;
    units_copy(b->data, b->width, b->length, (const uint8_t *)s, 1, 0, n);
    b->length += n;
}

void builder_int(struct str_builder *b, int64_t i) {
    char digits[24], *p = digits + sizeof digits;
    uint64_t u = i < 0 ? -(uint64_t)i : (uint64_t)i;
    do *--p = (char)('0' + u % 10);
    while ((u /= 10) != 0);
    if (i < 0) *--p = '-';
    builder_ascii(b, p, (size_t)(digits + sizeof digits - p));
}

void builder_utf8(struct str_builder *b, const char *s, size_t n) {
    if (bytes_are_ascii((const uint8_t *)s, n)) {
        builder_ascii(b, s, n);
        return;
    }
    value v = b->failed ? V_NULL : str_from_utf8(b->t, s, n);
    if (v) builder_str(b, v);
    else b->failed = true;
    release_opt(b->t, v);
}

void builder_cstr(struct str_builder *b, const char *s) { builder_utf8(b, s, strlen(s)); }

void builder_slice(struct str_builder *b, vref v, size_t from, size_t to) {
    const struct str *s = as_str(v);
    if (from >= to || !room(b, to - from, s->width)) return;
    units_copy(b->data, b->width, b->length, s->data, s->width, from, to - from);
    b->length += to - from;
}

void builder_str(struct str_builder *b, vref s) { builder_slice(b, s, 0, as_str(s)->length); }

void builder_repeat(struct str_builder *b, uint32_t c, size_t n) {
    if (!n || !room(b, n, width_of(c))) return;
    units_fill(b->data, b->width, b->length, c, n);
    b->length += n;
}

void builder_repr(struct str_builder *b, vref v) {
    value r = b->failed ? V_NULL : object_repr(b->t, v);
    if (r) builder_str(b, r);
    else b->failed = true;
    release_opt(b->t, r);
}

value builder_finish(struct str_builder *b) {
    value v = b->failed ? V_NULL : b->length ? str_from_units(b->t, b->data, b->width, b->length) : str_empty;
    builder_discard(b);
    return v;
}
