// SPDX-License-Identifier: Apache-2.0
// Case: lower, upper, casefold, swapcase, title, capitalize. Leaves the mappings to unicode.h.
#include "interp/types/str/methods.h"

static inline uint8_t ascii_lower(uint8_t c) { return (uint8_t)(c + ((unsigned)(c - 'A') < 26) * 32); }
static inline uint8_t ascii_upper(uint8_t c) { return (uint8_t)(c - ((unsigned)(c - 'a') < 26) * 32); }

static value ascii_cased(struct thread *t, const struct str *s, uint8_t (*map)(uint8_t)) {
    value v = str_new(t, s->length, 0x7f);
    if (!v || !s->length) return v;
    uint8_t *to = as_str(v)->data;
    for (size_t i = 0; i < s->length; i++) to[i] = map(s->data[i]);
    return v;
}

// Capital sigma at i becomes the final one behind a cased letter and not before one, case-ignorable characters apart.
static bool sigma_is_final(const struct str *s, size_t i) {
    size_t j = i;
    while (j > 0 && unicode_is(str_at(s, j - 1), UNICODE_IGNORABLE)) j--;
    if (j == 0 || !unicode_is(str_at(s, j - 1), UNICODE_CASED)) return false;
    j = i + 1;
    while (j < s->length && unicode_is(str_at(s, j), UNICODE_IGNORABLE)) j++;
    return j == s->length || !unicode_is(str_at(s, j), UNICODE_CASED);
}

static void put_mapped(struct str_builder *b, const struct str *s, size_t i, enum unicode_case to) {
    uint32_t c = str_at(s, i), out[3];
    if (c == 0x3a3 && to == CASE_LOWER) {
        builder_char(b, sigma_is_final(s, i) ? 0x3c2 : 0x3c3);
        return;
    }
    int n = unicode_map(c, to, out);
    for (int k = 0; k < n; k++) builder_char(b, out[k]);
}

static value mapped(struct thread *t, const struct str *s, enum unicode_case to) {
    struct str_builder b;
    builder_init(&b, t);
    for (size_t i = 0; i < s->length; i++) put_mapped(&b, s, i, to);
    return builder_finish(&b);
}

value str_m_lower(struct thread *t, const vref *a) {
    const struct str *s = as_str(a[0]);
    return str_is_ascii(s) ? ascii_cased(t, s, ascii_lower) : mapped(t, s, CASE_LOWER);
}
value str_m_upper(struct thread *t, const vref *a) {
    const struct str *s = as_str(a[0]);
    return str_is_ascii(s) ? ascii_cased(t, s, ascii_upper) : mapped(t, s, CASE_UPPER);
}
value str_m_casefold(struct thread *t, const vref *a) {
    const struct str *s = as_str(a[0]);
    return str_is_ascii(s) ? ascii_cased(t, s, ascii_lower) : mapped(t, s, CASE_FOLD);
}

static uint8_t ascii_swap(uint8_t c) { return (unsigned)((c | 32) - 'a') < 26 ? c ^ 32 : c; }
value str_m_swapcase(struct thread *t, const vref *a) {
    const struct str *s = as_str(a[0]);
    if (str_is_ascii(s)) return ascii_cased(t, s, ascii_swap);
    struct str_builder b;
    builder_init(&b, t);
    for (size_t i = 0; i < s->length; i++) {
        uint32_t c = str_at(s, i), flags = unicode_of(c)->flags;
        if (flags & UNICODE_UPPER) put_mapped(&b, s, i, CASE_LOWER);
        else if (flags & UNICODE_LOWER) put_mapped(&b, s, i, CASE_UPPER);
        else builder_char(&b, c);
    }
    return builder_finish(&b);
}

value str_m_title(struct thread *t, const vref *a) {
    const struct str *s = as_str(a[0]);
    struct str_builder b;
    builder_init(&b, t);
    bool inside = false;
    for (size_t i = 0; i < s->length; i++) {
        put_mapped(&b, s, i, inside ? CASE_LOWER : CASE_TITLE);
        inside = unicode_is(str_at(s, i), UNICODE_UPPER | UNICODE_LOWER | UNICODE_TITLE | UNICODE_CASED);
    }
    return builder_finish(&b);
}

value str_m_capitalize(struct thread *t, const vref *a) {
    const struct str *s = as_str(a[0]);
    if (s->length == 0) return str_empty;
    if (str_is_ascii(s)) {
        value v = ascii_cased(t, s, ascii_lower);
        if (v && s->length == 1) release(t, v), v = str_latin1_word(ascii_upper(s->data[0]));
        else if (v) as_str(v)->data[0] = ascii_upper(s->data[0]);
        return v;
    }
    struct str_builder b;
    builder_init(&b, t);
    for (size_t i = 0; i < s->length; i++) put_mapped(&b, s, i, i ? CASE_LOWER : CASE_TITLE);
    return builder_finish(&b);
}
