// SPDX-License-Identifier: Apache-2.0
// What the files of the module zlib share: errors and the loop that runs a stream into a growing buffer. Leaves compression itself to the library zlib.
//
// A stream object's lock guards its z_stream; work on more than DETACH_FROM bytes runs detached, holding it.
#ifndef KRAIT_INTERP_MODULES_ZLIB_ZLIB_MODULE_H
#define KRAIT_INTERP_MODULES_ZLIB_ZLIB_MODULE_H

#include "interp/core/lock.h"
#include "interp/types/str/codec.h"

#include <zlib.h>

enum { DETACH_FROM = 2048, FIRST_ROOM = 16384 };
struct stream {
    struct object head;
    struct lock lock;
    bool live;             // z is initialised
    _Atomic bool eof;
    value zdict;           // owned bytes-like or V_NULL
    value unused, tail;    // of a decompressor: owned bytes; slots that others may read
    z_stream z;
};
extern struct type type_zlib_compress, type_zlib_decompress, zlib_error;
static inline struct stream *as_stream(vref v) { return (struct stream *)as_object(v); }

value zlib_raise(struct thread *t, const z_stream *z, int error, const char *doing); // always V_NULL
typedef int zlib_step(z_stream *z, int flush);
// Runs step until the input is used up (and with flush Z_FINISH the end was reached), or `most` bytes have come out (0: no limit). returns the last result.
int zlib_run(struct thread *t, z_stream *z, zlib_step *step, const uint8_t *in, size_t n, int flush, size_t most, struct byte_builder *out);
void stream_destroy(struct thread *t, struct object *o, int (*end)(z_stream *z));
int stream_traverse(struct object *o, visit_fn *visit, void *arg);
native_fn zlib_compressobj, zlib_decompressobj;
bool zlib_int(struct thread *t, vref v, int fallback, int *out) MUST_CHECK;

#endif
