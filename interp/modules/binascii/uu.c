// SPDX-License-Identifier: Apache-2.0
// Lines of uuencoded data in both directions. Leaves whole files to the library's module uu.
#include "interp/modules/binascii/binascii.h"
#include "interp/types/exc.h"

// The six bits of p[i], zero behind the end of the line. -1: no such character.
static int six(const uint8_t *p, size_t n, size_t i) {
    if (i >= n || p[i] == '\n' || p[i] == '\r') return 0;
    return p[i] < ' ' || p[i] > ' ' + 64 ? -1 : (p[i] - ' ') & 63;
}

static value decode(struct thread *t, const uint8_t *p, size_t n) {
    size_t length = ((n ? p[0] : 0u) - ' ') & 63, at = n > 0, done = 0;
    uint8_t out[64];
    while (done < length) {
        unsigned w = 0;
        for (int k = 0; k < 4; k++) {
            if (k > 0 && done + (size_t)k > length) { // fewer digits are enough for the rest
                w <<= 6;
                continue;
            }
            int d = six(p, n, at);
            if (d < 0) return raise(t, &binascii_error, "Illegal char");
            if (at < n) at++;
            w = w << 6 | (unsigned)d;
        }
        for (int k = 16; k >= 0 && done < length; k -= 8) out[done++] = (uint8_t)(w >> k);
    }
    for (; at < n; at++)
        if (p[at] != ' ' && p[at] != ' ' + 64 && p[at] != '\n' && p[at] != '\r') return raise(t, &binascii_error, "Trailing garbage");
    return bytes_new(t, out, length);
}

value binascii_a2b_uu(struct thread *t, const vref *a) {
    struct buffer_view view;
    if (!binascii_input(t, a[0], &view)) return V_NULL;
    value r = decode(t, view.data, view.length);
    buffer_release(t, &view);
    return r;
}

value binascii_b2a_uu(struct thread *t, const vref *a) {
    struct buffer_view view;
    int backtick = a[1] ? object_truth(t, a[1]) : 0;
    if (backtick < 0 || !buffer_get(t, a[0], &view, false)) return V_NULL;
    size_t n = view.length, length = 0;
    uint8_t zero = backtick ? '`' : ' ', out[64];
    if (n <= 45) {
        out[length++] = n ? (uint8_t)(' ' + n) : zero;
        for (size_t i = 0; i < n; i += 3) {
            unsigned w = (unsigned)view.data[i] << 16 | (i + 1 < n ? view.data[i + 1] : 0u) << 8 | (i + 2 < n ? view.data[i + 2] : 0u);
            for (int k = 18; k >= 0; k -= 6) out[length++] = w >> k & 63 ? (uint8_t)(' ' + (w >> k & 63)) : zero;
        }
        out[length++] = '\n';
    }
    buffer_release(t, &view);
    return n > 45 ? raise(t, &binascii_error, "At most 45 bytes at once") : bytes_new(t, out, length);
}
