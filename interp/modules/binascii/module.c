// SPDX-License-Identifier: Apache-2.0
// The module binascii: hexadecimal and checksums, and the table of its functions. Leaves base64, quoted-printable and uu to their files.
#include "interp/modules/binascii/binascii.h"
#include "interp/modules/modules.h"
#include "interp/types/bytes.h"
#include "interp/types/exc_types.h"
#include "interp/types/num.h"
#include "interp/types/str/text.h"

#define ERROR_TYPE(name_, base_)                                                                                                             \
    .name = name_, .module = "binascii", .base = &base_, .basicsize = offsetof(struct exc, extra), .flags = TYPE_GC | TYPE_BASE | TYPE_EXC | TYPE_HAS_DICT, \
    .destroy = exc_drop, .clear = exc_drop, .traverse = exc_traverse, .make = exc_make, .init = exc_init
struct type binascii_error = {ERROR_TYPE("Error", exc_ValueError)}, binascii_incomplete = {ERROR_TYPE("Incomplete", exc_Exception)};

bool binascii_input(struct thread *t, vref v, struct buffer_view *view) {
    if (is_str(v)) {
        if (!str_is_ascii(as_str(v))) return raise(t, &exc_ValueError, "string argument should contain only ASCII characters"), false;
        *view = (struct buffer_view){.data = as_str(v)->data, .length = as_str(v)->length, .readonly = true, .owner = own(t, v)};
        return true;
    }
    if (buffer_check(v)) return buffer_get(t, v, view, false);
    raise(t, &exc_TypeError, "argument should be bytes, buffer or ASCII string, not '%T'", v);
    return false;
}

// ---- hexadecimal ----

static value b2a_hex(struct thread *t, const vref *a) {
    struct buffer_view view;
    if (!buffer_get(t, a[0], &view, false)) return V_NULL;
    value text = bytes_hex(t, (struct span){view.data, view.length}, a[1], a[2]);
    buffer_release(t, &view);
    if (!text) return V_NULL;
    value b = bytes_new(t, as_str(text)->data, as_str(text)->length);
    release(t, text);
    return b;
}

static value a2b_hex(struct thread *t, const vref *a) {
    struct buffer_view view;
    if (!binascii_input(t, a[0], &view)) return V_NULL;
    value b = V_NULL;
    if (view.length % 2) raise(t, &binascii_error, "Odd-length string");
    else b = bytes_new(t, NULL, view.length / 2);
    for (size_t i = 0; b && i < view.length; i += 2) {
        int high = binascii_hex_digit(view.data[i]), low = binascii_hex_digit(view.data[i + 1]);
        if (high < 0 || low < 0) {
            raise(t, &binascii_error, "Non-hexadecimal digit found");
            release_field(t, &b);
        } else
            as_bytes(b)->data[i / 2] = (uint8_t)(high << 4 | low);
    }
    buffer_release(t, &view);
    return b;
}

// ---- checksums ----

// The low 32 bits of any int.
static bool low_bits(struct thread *t, vref v, uint32_t fallback, uint32_t *out) {
    *out = fallback;
    if (!v) return true;
    value i = object_index(t, v), low = i ? int_binary(t, i, from_int62(0xffffffff), NB_AND) : V_NULL;
    if (low) *out = (uint32_t)as_int62(low);
    release_opt(t, i);
    release_opt(t, low);
    return low != V_NULL;
}

static uint32_t crc_step(uint32_t crc, uint8_t byte) {
    crc ^= byte;
    for (int k = 0; k < 8; k++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    return crc;
}
static void crc_table(uint32_t table[256]) {
    for (unsigned i = 0; i < 256; i++) table[i] = crc_step(i, 0);
}
static value crc32_of(struct thread *t, const vref *a) {
    struct buffer_view view;
    uint32_t crc, table[256];
    if (!buffer_get(t, a[0], &view, false)) return V_NULL;
    bool ok = low_bits(t, a[1], 0, &crc);
    bool detach = ok && view.length > 2048;
    if (detach) thread_detach(t);
    crc = ~crc;
    if (view.length < 64)
        for (size_t i = 0; i < view.length; i++) crc = crc_step(crc, view.data[i]);
    else {
        crc_table(table);
        for (size_t i = 0; i < view.length; i++) crc = table[(crc ^ view.data[i]) & 255] ^ crc >> 8;
    }
    if (detach) thread_attach(t);
    buffer_release(t, &view);
    return ok ? from_int62(~crc & 0xffffffff) : V_NULL;
}

static value crc_hqx(struct thread *t, const vref *a) {
    struct buffer_view view;
    uint32_t crc;
    if (!buffer_get(t, a[0], &view, false)) return V_NULL;
    bool ok = low_bits(t, a[1], 0, &crc);
    crc &= 0xffff;
    for (size_t i = 0; i < view.length; i++) {
        crc ^= (uint32_t)view.data[i] << 8;
        for (int k = 0; k < 8; k++) crc = (crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
    }
    buffer_release(t, &view);
    return ok ? from_int62(crc) : V_NULL;
}

#define HEX_SIG "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)"
#define HEX_DOC "Return data as hexadecimal digits.\n\n" \
                "sep, one character or byte, goes between groups of bytes_per_sep bytes, counted from the right; from the left if negative."
static const struct native functions[] = {
    {"a2b_base64", NATIVE_FUNCTION, "($module, data, /, *, strict_mode=False)", .fn = binascii_a2b_base64, .doc = "Decode a line of base64 data."},
    {"b2a_base64", NATIVE_FUNCTION, "($module, data, /, *, newline=True)", .fn = binascii_b2a_base64, .doc = "Base64-code line of data."},
    {"a2b_hex", NATIVE_FUNCTION, "($module, hexstr, /)", .fn = a2b_hex, .doc = "Return the bytes that pairs of hexadecimal digits stand for."},
    {"unhexlify", NATIVE_FUNCTION, "($module, hexstr, /)", .fn = a2b_hex, .doc = "Return the bytes that pairs of hexadecimal digits stand for."},
    {"b2a_hex", NATIVE_FUNCTION, HEX_SIG, .fn = b2a_hex, .doc = HEX_DOC},
    {"hexlify", NATIVE_FUNCTION, HEX_SIG, .fn = b2a_hex, .doc = HEX_DOC},
    {"a2b_qp", NATIVE_FUNCTION, "($module, /, data, header=False)", .fn = binascii_a2b_qp,
     .doc = "Return the bytes that quoted-printable data stands for; header reads _ as a blank."},
    {"b2a_qp", NATIVE_FUNCTION, "($module, /, data, quotetabs=False, istext=True, header=False)", .fn = binascii_b2a_qp,
     .doc = "Return data as quoted-printable text.\n\nquotetabs escapes blanks too, istext keeps line ends, header writes a blank as _."},
    {"a2b_uu", NATIVE_FUNCTION, "($module, data, /)", .fn = binascii_a2b_uu, .doc = "Return the bytes of one uuencoded line."},
    {"b2a_uu", NATIVE_FUNCTION, "($module, data, /, *, backtick=False)", .fn = binascii_b2a_uu, .doc = "Uuencode line of data."},
    {"crc32", NATIVE_FUNCTION, "($module, data, crc=0, /)", .fn = crc32_of, .doc = "Compute CRC-32 incrementally."},
    {"crc_hqx", NATIVE_FUNCTION, "($module, data, crc, /)", .fn = crc_hqx, .doc = "Return the CRC-CCITT of data, carried on from crc."},
};
value binascii_make(struct thread *t) {
    if ((!binascii_error.root_shape && !type_ready(t, &binascii_error)) || (!binascii_incomplete.root_shape && !type_ready(t, &binascii_incomplete))) return V_NULL;
    value m = module_from_natives(t, "binascii", "Bytes written as ASCII, and back: hexadecimal, base64, uuencode, quoted-printable; and checksums.",
                                  functions, sizeof functions / sizeof *functions);
    bool ok = m && module_set(t, m, "Error", type_ref(&binascii_error)) && module_set(t, m, "Incomplete", type_ref(&binascii_incomplete));
    return ok ? m : V_NULL;
}
