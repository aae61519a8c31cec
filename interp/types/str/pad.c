// SPDX-License-Identifier: Apache-2.0
// The methods that fill with a character: center, ljust, rjust, zfill, expandtabs. Leaves format specifications to num_format.c.
#include "interp/types/exc.h"
#include "interp/types/str/methods.h"

static value padded(struct thread *t, vref v, size_t left, size_t right, uint32_t fill) {
    const struct str *s = as_str(v);
    if (left + right == 0) return str_exact(t, v);
    uint32_t bound = str_bound(s) > fill ? str_bound(s) : fill;
    if (left + right > (size_t)INT64_MAX / 8 - s->length) return raise_no_memory(t);
    value out = str_new(t, left + s->length + right, bound);
    if (!out) return V_NULL;
    struct str *r = as_str(out);
    units_fill(r->data, r->width, 0, fill, left);
    str_copy_in(r, left, s, 0, s->length);
    units_fill(r->data, r->width, left + s->length, fill, right);
    return out;
}

// self, width, fillchar=' '
static bool pad_args(struct thread *t, const vref *a, size_t *missing, uint32_t *fill) {
    int64_t width;
    if (!size_arg(t, a[1], 0, &width)) return false;
    *fill = ' ';
    if (a[2]) {
        if (!is_str(a[2])) raise(t, &exc_TypeError, "The fill character must be a unicode character, not %T", a[2]);
        else if (as_str(a[2])->length != 1) raise(t, &exc_TypeError, "The fill character must be exactly one character long");
        else *fill = str_at(as_str(a[2]), 0);
        if (raised(t)) return false;
    }
    int64_t n = (int64_t)as_str(a[0])->length;
    *missing = width > n ? (size_t)(width - n) : 0;
    return true;
}
value str_m_center(struct thread *t, const vref *a) {
    size_t missing, width = 0;
    uint32_t fill;
    if (!pad_args(t, a, &missing, &fill)) return V_NULL;
    width = missing + as_str(a[0])->length;
    size_t left = missing / 2 + (missing & width & 1);
    return padded(t, a[0], left, missing - left, fill);
}
value str_m_ljust(struct thread *t, const vref *a) {
    size_t missing;
    uint32_t fill;
    return pad_args(t, a, &missing, &fill) ? padded(t, a[0], 0, missing, fill) : V_NULL;
}
value str_m_rjust(struct thread *t, const vref *a) {
    size_t missing;
    uint32_t fill;
    return pad_args(t, a, &missing, &fill) ? padded(t, a[0], missing, 0, fill) : V_NULL;
}

value str_m_zfill(struct thread *t, const vref *a) { // self, width
    const struct str *s = as_str(a[0]);
    int64_t width;
    if (!size_arg(t, a[1], 0, &width)) return V_NULL;
    if (width <= (int64_t)s->length) return str_exact(t, a[0]);
    size_t zeros = (size_t)width - s->length;
    value out = padded(t, a[0], zeros, 0, '0');
    uint32_t sign = s->length ? str_at(s, 0) : 0;
    if (out && (sign == '+' || sign == '-')) { // fresh: nobody has seen it
        str_put(as_str(out), 0, sign);
        str_put(as_str(out), zeros, '0');
    }
    return out;
}

value str_m_expandtabs(struct thread *t, const vref *a) { // self, tabsize=8
    const struct str *s = as_str(a[0]);
    int64_t tab, column = 0;
    if (!size_arg(t, a[1], 8, &tab)) return V_NULL;
    struct str_builder b;
    builder_init(&b, t);
    for (size_t i = 0; i < s->length; i++) {
        uint32_t c = str_at(s, i);
        if (c == '\t') {
            int64_t n = tab > 0 ? tab - column % tab : 0;
            builder_repeat(&b, ' ', (size_t)n);
            column += n;
        } else {
            builder_char(&b, c);
            column = c == '\n' || c == '\r' ? 0 : column + 1;
        }
    }
    return builder_finish(&b);
}
