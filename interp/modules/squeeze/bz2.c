// SPDX-License-Identifier: Apache-2.0
// The module _bz2, on libbz2 opened when first needed. Leaves the loops to stream.c, files to the library's bz2.py.
#include "interp/modules/foreign.h"
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"
#include "interp/modules/squeeze/squeeze.h"
#include "interp/types/words.h"

#include <bzlib.h>

#define BZ_FUNCTIONS(X) X(BZ2_bzCompressInit) X(BZ2_bzCompress) X(BZ2_bzCompressEnd) X(BZ2_bzDecompressInit) X(BZ2_bzDecompress) X(BZ2_bzDecompressEnd)
static struct {
#define X(f) __typeof__(&f) f;
    BZ_FUNCTIONS(X)
#undef X
} bz;
static bool open_library(struct thread *t) {
    static const char *const names[] = {
#define X(f) #f,
        BZ_FUNCTIONS(X)
#undef X
    };
    static struct once once;
    return foreign_open(t, &once, "libbz2.so.1.0", names, sizeof names / sizeof *names, (void **)&bz);
}

struct bz {
    struct squeeze s;
    bz_stream z;
};
static struct bz *as_bz(vref v) { return (struct bz *)as_object(v); }

static value raise_error(struct thread *t, int error) {
    switch (error) {
    case BZ_PARAM_ERROR: return raise(t, &exc_ValueError, "Internal error - invalid parameters passed to libbzip2");
    case BZ_MEM_ERROR: return raise_no_memory(t);
    case BZ_DATA_ERROR: case BZ_DATA_ERROR_MAGIC: return raise(t, &exc_OSError, "Invalid data stream");
    case BZ_UNEXPECTED_EOF: return raise(t, &exc_EOFError, "Compressed file ended before the logical end-of-stream was detected");
    case BZ_SEQUENCE_ERROR: return raise(t, &exc_RuntimeError, "Internal error - Invalid sequence of commands sent to libbzip2");
    default: return raise(t, &exc_OSError, "Unrecognized error from libbzip2: %d", error);
    }
}
// Lends the portion to the stream, whose counts have 32 bits.
static void lend(bz_stream *z, const struct portion *p) {
    z->next_in = (char *)(uintptr_t)p->in;
    z->avail_in = p->n < UINT32_MAX ? (unsigned)p->n : UINT32_MAX;
    z->next_out = (char *)p->out;
    z->avail_out = (unsigned)p->room;
}
static void settle(const bz_stream *z, struct portion *p) {
    size_t used = (size_t)((const uint8_t *)z->next_in - p->in);
    p->in += used;
    p->n -= used;
    p->out = (uint8_t *)z->next_out;
    p->room = z->avail_out;
}
static int pack(struct squeeze *s, struct portion *p, bool finish) {
    bz_stream *z = &((struct bz *)s)->z;
    if (!finish && !p->n) return SQUEEZE_OK;
    lend(z, p);
    int r = bz.BZ2_bzCompress(z, finish ? BZ_FINISH : BZ_RUN);
    settle(z, p);
    return r < 0 ? r : r == BZ_STREAM_END ? SQUEEZE_END : SQUEEZE_OK;
}
static int unpack(struct squeeze *s, struct portion *p, bool finish) {
    (void)finish;
    bz_stream *z = &((struct bz *)s)->z;
    lend(z, p);
    int r = bz.BZ2_bzDecompress(z);
    settle(z, p);
    return r < 0 ? r : r == BZ_STREAM_END ? SQUEEZE_END : SQUEEZE_OK;
}
static void end_pack(struct squeeze *s) { bz.BZ2_bzCompressEnd(&((struct bz *)s)->z); }
static void end_unpack(struct squeeze *s) { bz.BZ2_bzDecompressEnd(&((struct bz *)s)->z); }
static const struct squeeze_kind packing = {pack, end_pack, raise_error, "", false}, unpacking = {unpack, end_unpack, raise_error, "End of stream already reached", true};

static value compressor_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    int level = 9;
    if (!args_no_keywords(t, "BZ2Compressor", kwnames) || !args_count(t, "BZ2Compressor", nargs, 0, 1) || (nargs && !arg_int(t, args[0], &level))) return V_NULL;
    if (level < 1 || level > 9) return raise(t, &exc_ValueError, "compresslevel must be between 1 and 9");
    value v = object_new_instance(t, cls);
    int r = v ? bz.BZ2_bzCompressInit(&as_bz(v)->z, level, 0, 0) : BZ_OK;
    if (!v || (r == BZ_OK && squeeze_begin(&as_bz(v)->s, &packing))) return v;
    release(t, v);
    return raise_error(t, r);
}
static value decompressor_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args;
    if (!args_no_keywords(t, "BZ2Decompressor", kwnames) || !args_count(t, "BZ2Decompressor", nargs, 0, 0)) return V_NULL;
    value v = object_new_instance(t, cls);
    int r = v ? bz.BZ2_bzDecompressInit(&as_bz(v)->z, 0, 0) : BZ_OK;
    if (!v || (r == BZ_OK && squeeze_begin(&as_bz(v)->s, &unpacking))) return v;
    release(t, v);
    return raise_error(t, r);
}
static struct type type_compressor = {
    .name = "BZ2Compressor", .module = "_bz2", .doc = "Compresses a text piece by piece.", .base = &type_object, .flags = TYPE_GC, .basicsize = sizeof(struct bz),
    .natives = squeeze_compress_natives, .make = compressor_make, .destroy = squeeze_destroy, .traverse = squeeze_traverse,
};
static struct type type_decompressor = {
    .name = "BZ2Decompressor", .module = "_bz2", .doc = "Takes a compressed text piece by piece and gives the original.", .base = &type_object, .flags = TYPE_GC,
    .basicsize = sizeof(struct bz), .natives = squeeze_decompress_natives, .make = decompressor_make, .destroy = squeeze_destroy, .traverse = squeeze_traverse,
};
value bz2_make(struct thread *t) {
    if (!open_library(t)) return V_NULL;
    if (!type_compressor.root_shape && (!type_ready(t, &type_compressor) || !type_ready(t, &type_decompressor))) return V_NULL;
    value m = module_from_natives(t, "_bz2", "Compression in the format of bzip2, by libbz2.", NULL, 0);
    return m && module_set(t, m, "BZ2Compressor", type_ref(&type_compressor)) && module_set(t, m, "BZ2Decompressor", type_ref(&type_decompressor)) ? m : V_NULL;
}
