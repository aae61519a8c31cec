// SPDX-License-Identifier: Apache-2.0
// Code objects as bytes that do not care where they stand in memory: what compiled files and the program's frozen modules hold. Leaves which
// module they belong to, and whether their source has changed, to the importer; other Python values to marshal.c.
//
//     [struct image_head][code records, boxed constants][string table: u32 offset a string][strings]
//
// Everything is a little-endian u32 or an array of them, and aligned so; a place is an offset from the head. A constant is one WORD: kind in the low
// three bits, above them a singleton's number, a small int, a string's number, or the offset of a box or a code record. Arrays of instructions,
// handlers and positions have the layout of struct code's own. So an image fits only the build whose instruction set it was written for: `fingerprint` is made
// of the instruction table and the layouts, and what another build wrote is refused. The checksum refuses what was damaged.
#ifndef KRAIT_INTERP_MODULES_IMPORT_IMAGE_H
#define KRAIT_INTERP_MODULES_IMPORT_IMAGE_H

#include "interp/vm/code.h"

enum { IMAGE_MAGIC = 0x43524ba7 }; // a7 'K' 'R' 'C': no type code of CPython's marshal begins so
struct image_head {
    uint32_t magic, fingerprint, size, checksum; // of everything behind the head
    uint32_t strings, nstrings;                  // table of offsets
    uint32_t root;                               // offset of the code record
    uint32_t zero;
};
enum image_word { IMAGE_SINGLE, IMAGE_INT, IMAGE_STR, IMAGE_BOX, IMAGE_CODE, IMAGE_WORD_BITS = 3, IMAGE_WORD_MASK = 7 };
enum image_single { IMAGE_NONE, IMAGE_TRUE, IMAGE_FALSE, IMAGE_ELLIPSIS, IMAGE_ABSENT };
enum image_box { BOX_INT = 1, BOX_FLOAT, BOX_COMPLEX, BOX_BYTES, BOX_TUPLE, BOX_FROZENSET }; // [kind][count or bytes][payload]
struct image_str {
    uint32_t length;         // code points
    uint8_t width, interned; // 1, 2, 4; 0 or 1
    uint16_t ascii;
    uint8_t data[];          // then padding to 4
};
struct image_code {
    uint32_t nops, nconsts, nsites, nhandlers, npositions;
    uint32_t nlocals, nregs, argcount, posonly, kwonly, flags, attr_hint;
    int32_t firstlineno;
    uint32_t name, qualname, filename, varnames, freevars, cellvars, names, doc; // words
    uint32_t ops, consts, site_names, handlers, positions;                       // offsets of arrays
};

uint32_t image_fingerprint(void);
// returns new bytes. ValueError for a code object with constants that no source has.
value image_write(struct thread *t, struct code *code);
// image must be aligned to 4. filename: what co_filename is to be instead of what it was, or V_NULL. keep: the image stays where it is for good, so that its
// arrays may be used in place. NULL: ValueError "bad marshal data (…)", EOFError for too few bytes.
struct code *image_read(struct thread *t, const void *image, size_t n, vref filename_or_null, bool keep);
// How many bytes the image at p takes, if it is one this build reads and no longer than n; 0 otherwise (no exception).
uint32_t image_checksum(const void *p, size_t n); // n a multiple of 4
size_t image_size(const void *p, size_t n);

#endif
