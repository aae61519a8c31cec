// SPDX-License-Identifier: Apache-2.0
// What the files of binascii share: ASCII arguments and the errors. Leaves each encoding to its file.
#ifndef KRAIT_INTERP_MODULES_BINASCII_BINASCII_H
#define KRAIT_INTERP_MODULES_BINASCII_BINASCII_H

#include "interp/types/str/codec.h"

extern struct type binascii_error, binascii_incomplete;
// The bytes of a bytes-like object or of an ASCII str. Released by buffer_release.
bool binascii_input(struct thread *t, vref v, struct buffer_view *view) MUST_CHECK;
static inline int binascii_hex_digit(uint32_t c) { return c - (uint32_t)'0' < 10 ? (int)(c - '0') : (c | 32) - 'a' < 6 ? (int)((c | 32) - 'a' + 10) : -1; }
native_fn binascii_a2b_base64, binascii_b2a_base64; // base64.c
native_fn binascii_a2b_qp, binascii_b2a_qp;         // quoted.c
native_fn binascii_a2b_uu, binascii_b2a_uu;         // uu.c

#endif
