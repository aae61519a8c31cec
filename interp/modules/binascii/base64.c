// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648) in both directions, lenient or strict. Leaves line lengths to the library's module base64.
#include "interp/modules/binascii/binascii.h"
#include "interp/types/exc.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int digit(uint32_t c) {
    if (c - 'A' < 26) return (int)(c - 'A');
    if (c - 'a' < 26) return (int)(c - 'a' + 26);
    if (c - '0' < 10) return (int)(c - '0' + 52);
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool complain(struct thread *t, const char *text) {
    raise(t, &binascii_error, text);
    return false;
}

// Decodes into out (room for all); false: binascii.Error.
static bool decode(struct thread *t, const uint8_t *p, size_t n, bool strict, struct byte_builder *out) {
    unsigned have = 0, pads = 0, bits = 0;
    bool padded = false;
    if (strict && n && p[0] == '=') return complain(t, "Leading padding not allowed");
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '=') {
            padded = true;
            if (have < 2 || have + ++pads < 4) continue;
            return !strict || i + 1 == n || complain(t, "Excess data after padding"); // what follows is not looked at
        }
        int d = digit(p[i]);
        if (d < 0) {
            if (strict) return complain(t, "Only base64 data is allowed");
            continue;
        }
        if (strict && padded) return complain(t, "Discontinuous padding not allowed");
        pads = 0;
        bits = bits << 6 | (unsigned)d;
        if (have++) out->data[out->length++] = (uint8_t)(bits >> (6 - 2 * (have - 1)));
        have &= 3;
    }
    if (have == 0) return true;
    if (have > 1) return complain(t, "Incorrect padding");
    raise(t, &binascii_error, "Invalid base64-encoded string: number of data characters (%zu) cannot be 1 more than a multiple of 4", out->length / 3 * 4 + 1);
    return false;
}

value binascii_a2b_base64(struct thread *t, const vref *a) {
    struct buffer_view view;
    int strict = a[1] ? object_truth(t, a[1]) : 0;
    if (strict < 0 || !binascii_input(t, a[0], &view)) return V_NULL;
    struct byte_builder out = {.t = t};
    bool ok = byte_builder_room(&out, view.length / 4 * 3 + 4) != NULL;
    out.length = 0;
    ok = ok && decode(t, view.data, view.length, strict, &out);
    buffer_release(t, &view);
    if (ok) return byte_builder_finish(&out);
    byte_builder_discard(&out);
    return V_NULL;
}

value binascii_b2a_base64(struct thread *t, const vref *a) {
    struct buffer_view view;
    int newline = a[1] ? object_truth(t, a[1]) : 1;
    if (newline < 0 || !buffer_get(t, a[0], &view, false)) return V_NULL;
    if (view.length > PTRDIFF_MAX / 2) {
        buffer_release(t, &view);
        return raise(t, &binascii_error, "Too much data for base64 line");
    }
    value b = bytes_new(t, NULL, (view.length + 2) / 3 * 4 + (newline != 0));
    if (b) {
        uint8_t *to = as_bytes(b)->data;
        const uint8_t *p = view.data;
        for (size_t left = view.length; left; p += 3) {
            unsigned w = (unsigned)p[0] << 16 | (left > 1 ? p[1] : 0u) << 8 | (left > 2 ? p[2] : 0u);
            *to++ = (uint8_t)digits[w >> 18];
            *to++ = (uint8_t)digits[w >> 12 & 63];
            *to++ = left > 1 ? (uint8_t)digits[w >> 6 & 63] : '=';
            *to++ = left > 2 ? (uint8_t)digits[w & 63] : '=';
            left -= left > 3 ? 3 : left;
        }
        if (newline) *to = '\n';
    }
    buffer_release(t, &view);
    return b;
}
