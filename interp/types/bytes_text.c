// SPDX-License-Identifier: Apache-2.0
// The methods of bytes and bytearray that treat them as ASCII text: case, predicates, padding, tabs. Leaves searching and splitting to bytes_methods.c.
#include "interp/types/bytes.h"
#include "interp/types/exc.h"
#include "interp/types/str/text.h"

static inline bool is_upper(uint8_t c) { return (unsigned)(c - 'A') < 26; }
static inline bool is_lower(uint8_t c) { return (unsigned)(c - 'a') < 26; }
static inline bool is_alpha(uint8_t c) { return is_lower(c | 32); }
static inline bool is_digit(uint8_t c) { return (unsigned)(c - '0') < 10; }
static inline bool is_space(uint8_t c) { return c == ' ' || (c >= 9 && c <= 13); }
static inline uint8_t to_upper(uint8_t c) { return is_lower(c) ? c - 32 : c; }
static inline uint8_t to_lower(uint8_t c) { return is_upper(c) ? c + 32 : c; }

static uint8_t *fresh_data(value v) { return is_bytes(v) ? as_bytes(v)->data : as_bytearray(v)->data; }

enum change { TO_LOWER, TO_UPPER, TO_SWAPPED, TO_TITLE, TO_CAPITAL };
static value changed(struct thread *t, vref self, enum change how) {
    struct span s = bytes_span(self);
    struct byte_builder b = {.t = t};
    uint8_t *to = s.n ? byte_builder_room(&b, s.n) : NULL;
    bool inside = false;
    for (size_t i = 0; to && i < s.n; i++) {
        uint8_t c = s.p[i];
        switch (how) {
        case TO_LOWER: to[i] = to_lower(c); break;
        case TO_UPPER: to[i] = to_upper(c); break;
        case TO_SWAPPED: to[i] = is_upper(c) ? to_lower(c) : to_upper(c); break;
        case TO_TITLE: to[i] = inside ? to_lower(c) : to_upper(c); break;
        case TO_CAPITAL: to[i] = i ? to_lower(c) : to_upper(c); break;
        }
        inside = is_alpha(c);
    }
    return is_bytes(self) ? byte_builder_finish(&b) : byte_builder_finish_array(&b);
}
value bytes_m_lower(struct thread *t, const vref *a) { return changed(t, a[0], TO_LOWER); }
value bytes_m_upper(struct thread *t, const vref *a) { return changed(t, a[0], TO_UPPER); }
value bytes_m_swapcase(struct thread *t, const vref *a) { return changed(t, a[0], TO_SWAPPED); }
value bytes_m_title(struct thread *t, const vref *a) { return changed(t, a[0], TO_TITLE); }
value bytes_m_capitalize(struct thread *t, const vref *a) { return changed(t, a[0], TO_CAPITAL); }

#define ALL(method, test)                                                \
    value bytes_m_##method(struct thread *t, const vref *a) {            \
        struct span s = bytes_span(a[0]);                                \
        for (size_t i = 0; i < s.n; i++)                                 \
            if (!(test(s.p[i]))) return V_FALSE;                         \
        return from_bool(s.n > 0);                                       \
    }
static bool is_alnum(uint8_t c) { return is_alpha(c) || is_digit(c); }
ALL(isalnum, is_alnum)
ALL(isalpha, is_alpha)
ALL(isdigit, is_digit)
ALL(isspace, is_space)
#undef ALL
value bytes_m_isascii(struct thread *t, const vref *a) { return from_bool(bytes_are_ascii(bytes_span(a[0]).p, bytes_span(a[0]).n)); }

static value all_cased(struct span s, bool upper) {
    bool any = false;
    for (size_t i = 0; i < s.n; i++) {
        if (upper ? is_lower(s.p[i]) : is_upper(s.p[i])) return V_FALSE;
        any |= is_alpha(s.p[i]);
    }
    return from_bool(any);
}
value bytes_m_islower(struct thread *t, const vref *a) { return all_cased(bytes_span(a[0]), false); }
value bytes_m_isupper(struct thread *t, const vref *a) { return all_cased(bytes_span(a[0]), true); }
value bytes_m_istitle(struct thread *t, const vref *a) {
    struct span s = bytes_span(a[0]);
    bool any = false, inside = false;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if ((is_upper(c) && inside) || (is_lower(c) && !inside)) return V_FALSE;
        inside = is_alpha(c);
        any |= inside;
    }
    return from_bool(any);
}

// ---- padding ----

static value padded(struct thread *t, vref self, size_t left, size_t right, uint8_t fill) {
    struct span s = bytes_span(self);
    if (left + right == 0) return bytes_cut(t, self, 0, s.n);
    if (left + right > (size_t)INT64_MAX / 2 - s.n) return raise_no_memory(t);
    struct byte_builder b = {.t = t};
    uint8_t *to = byte_builder_room(&b, left + s.n + right);
    if (to) {
        memset(to, fill, left);
        if (s.n) memcpy(to + left, s.p, s.n);
        memset(to + left + s.n, fill, right);
    }
    return is_bytes(self) ? byte_builder_finish(&b) : byte_builder_finish_array(&b);
}

// self, width, fillchar=b' '
static bool pad_args(struct thread *t, const vref *a, const char *name, size_t *missing, uint8_t *fill) {
    int64_t width, n = (int64_t)bytes_span(a[0]).n;
    if (!size_arg(t, a[1], 0, &width)) return false;
    *fill = ' ';
    if (a[2]) {
        if ((!is_bytes(a[2]) && !is_bytearray(a[2])) || bytes_span(a[2]).n != 1) {
            raise(t, &exc_TypeError, "%s() argument 2 must be a byte string of length 1, not %T", name, a[2]);
            return false;
        }
        *fill = bytes_span(a[2]).p[0];
    }
    *missing = width > n ? (size_t)(width - n) : 0;
    return true;
}
value bytes_m_center(struct thread *t, const vref *a) {
    size_t missing;
    uint8_t fill;
    if (!pad_args(t, a, "center", &missing, &fill)) return V_NULL;
    size_t width = missing + bytes_span(a[0]).n, left = missing / 2 + (missing & width & 1);
    return padded(t, a[0], left, missing - left, fill);
}
value bytes_m_ljust(struct thread *t, const vref *a) {
    size_t missing;
    uint8_t fill;
    return pad_args(t, a, "ljust", &missing, &fill) ? padded(t, a[0], 0, missing, fill) : V_NULL;
}
value bytes_m_rjust(struct thread *t, const vref *a) {
    size_t missing;
    uint8_t fill;
    return pad_args(t, a, "rjust", &missing, &fill) ? padded(t, a[0], missing, 0, fill) : V_NULL;
}
value bytes_m_zfill(struct thread *t, const vref *a) { // self, width
    int64_t width, n = (int64_t)bytes_span(a[0]).n;
    if (!size_arg(t, a[1], 0, &width)) return V_NULL;
    size_t zeros = width > n ? (size_t)(width - n) : 0;
    value v = padded(t, a[0], zeros, 0, '0');
    if (!v || !zeros || !n) return v;
    uint8_t *p = fresh_data(v), sign = p[zeros];
    if (sign == '+' || sign == '-') p[0] = sign, p[zeros] = '0';
    return v;
}
value bytes_m_expandtabs(struct thread *t, const vref *a) { // self, tabsize=8
    int64_t tab, column = 0;
    if (!size_arg(t, a[1], 8, &tab)) return V_NULL;
    struct span s = bytes_span(a[0]);
    struct byte_builder b = {.t = t};
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (c != '\t') {
            byte_builder_add(&b, &c, 1);
            column = c == '\n' || c == '\r' ? 0 : column + 1;
            continue;
        }
        size_t n = tab > 0 ? (size_t)(tab - column % tab) : 0;
        uint8_t *to = n ? byte_builder_room(&b, n) : NULL;
        if (to) memset(to, ' ', n);
        column += (int64_t)n;
    }
    return is_bytes(a[0]) ? byte_builder_finish(&b) : byte_builder_finish_array(&b);
}
