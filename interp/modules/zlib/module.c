// SPDX-License-Identifier: Apache-2.0
// The module zlib: whole texts at once, checksums, constants. Leaves streams to compress.c and decompress.c.
#include "interp/modules/modules.h"
#include "interp/modules/zlib/zlib_module.h"
#include "interp/types/exc_types.h"
#include "interp/types/num.h"

struct type zlib_error = {
    .name = "error", .module = "zlib", .base = &exc_Exception, .basicsize = offsetof(struct exc, extra), .flags = TYPE_GC | TYPE_BASE | TYPE_EXC | TYPE_HAS_DICT,
    .destroy = exc_drop, .clear = exc_drop, .traverse = exc_traverse, .make = exc_make, .init = exc_init,
};

value zlib_raise(struct thread *t, const z_stream *z, int error, const char *doing) {
    const char *why = error == Z_VERSION_ERROR ? "library version mismatch" : z->msg;
    if (error == Z_MEM_ERROR) return raise_no_memory(t);
    if (!why && error == Z_BUF_ERROR) why = "incomplete or truncated stream";
    if (!why && error == Z_STREAM_ERROR) why = "inconsistent stream state";
    if (!why && error == Z_DATA_ERROR) why = "invalid input data";
    return why ? raise(t, &zlib_error, "Error %d %s: %s", error, doing, why) : raise(t, &zlib_error, "Error %d %s", error, doing);
}

bool zlib_int(struct thread *t, vref v, int fallback, int *out) {
    int64_t i = fallback;
    if (v && !object_as_index(t, v, &i)) return false;
    if (i > INT32_MAX || i < INT32_MIN) return raise(t, &exc_OverflowError, "Python int too large to convert to C int"), false;
    *out = (int)i;
    return true;
}

enum { PORTION = 1 << 18 }; // input and output of one step: keeps counts in 32 bits and steps short

int zlib_run(struct thread *t, z_stream *z, zlib_step *step, const uint8_t *in, size_t n, int flush, size_t most, struct byte_builder *out) {
    size_t room = FIRST_ROOM, made = 0;
    int r = Z_OK;
    bool detach = n > DETACH_FROM;
    do {
        size_t portion = n < PORTION ? n : PORTION;
        z->next_in = (uint8_t *)(uintptr_t)in;
        z->avail_in = (uInt)portion;
        do {
            size_t want = most && most - made < room ? most - made : room;
            uint8_t *to = byte_builder_room(out, want);
            if (!to) return Z_MEM_ERROR;
            z->next_out = to;
            z->avail_out = (uInt)want;
            if (detach) thread_detach(t);
            r = step(z, n > portion ? Z_NO_FLUSH : flush);
            if (detach) thread_attach(t);
            out->length -= z->avail_out;
            made += want - z->avail_out;
            if (room < PORTION) room *= 2;
            if (!safepoint_poll(t)) return Z_ERRNO;
        } while ((r == Z_OK || r == Z_BUF_ERROR) && z->avail_out == 0 && (!most || made < most));
        in += portion - z->avail_in;
        n -= portion - z->avail_in;
    } while (r == Z_OK && n && z->avail_in == 0 && (!most || made < most));
    z->avail_in = (uInt)(n < UINT32_MAX ? n : UINT32_MAX); // what is left, for the caller
    z->next_in = (uint8_t *)(uintptr_t)in;
    return r;
}

// ---- whole texts ----

static value compress_all(struct thread *t, const vref *a) { // data, level, wbits
    struct buffer_view view;
    int level, wbits;
    z_stream z = {0};
    if (!zlib_int(t, a[1], Z_DEFAULT_COMPRESSION, &level) || !zlib_int(t, a[2], MAX_WBITS, &wbits) || !buffer_get(t, a[0], &view, false)) return V_NULL;
    struct byte_builder out = {.t = t};
    bool ok = false;
    int r = deflateInit2(&z, level, Z_DEFLATED, wbits, 8, Z_DEFAULT_STRATEGY);
    if (r == Z_STREAM_ERROR) raise(t, &zlib_error, "Bad compression level");
    else if (r != Z_OK) zlib_raise(t, &z, r, "while compressing data");
    else {
        r = zlib_run(t, &z, deflate, view.data, view.length, Z_FINISH, 0, &out);
        ok = r == Z_STREAM_END;
        if (!ok && !raised(t)) zlib_raise(t, &z, r, "while compressing data");
        deflateEnd(&z);
    }
    buffer_release(t, &view);
    if (ok) return byte_builder_finish(&out);
    byte_builder_discard(&out);
    return V_NULL;
}

static value decompress_all(struct thread *t, const vref *a) { // data, wbits, bufsize
    struct buffer_view view;
    int wbits;
    int64_t size = 1;
    z_stream z = {0};
    if (!zlib_int(t, a[1], MAX_WBITS, &wbits) || (a[2] && !object_as_index(t, a[2], &size)) || !buffer_get(t, a[0], &view, false)) return V_NULL;
    struct byte_builder out = {.t = t};
    bool ok = false;
    int r = size < 0 ? Z_ERRNO : inflateInit2(&z, wbits);
    if (size < 0) raise(t, &exc_ValueError, "bufsize must be non-negative");
    else if (r != Z_OK) zlib_raise(t, &z, r, "while preparing to decompress data");
    else {
        r = zlib_run(t, &z, inflate, view.data, view.length, Z_SYNC_FLUSH, 0, &out);
        ok = r == Z_STREAM_END;
        if (!ok && !raised(t)) zlib_raise(t, &z, r == Z_OK ? Z_BUF_ERROR : r, "while decompressing data");
        inflateEnd(&z);
    }
    buffer_release(t, &view);
    if (ok) return byte_builder_finish(&out);
    byte_builder_discard(&out);
    return V_NULL;
}

// ---- checksums ----

static value checksum(struct thread *t, const vref *a, uLong (*f)(uLong, const Bytef *, z_size_t), uint32_t start) {
    struct buffer_view view;
    uLong sum = start;
    if (a[1]) {
        value i = object_index(t, a[1]), low = i ? int_binary(t, i, from_int62(0xffffffff), NB_AND) : V_NULL;
        if (low) sum = (uLong)as_int62(low);
        release_opt(t, i);
        if (!low) return V_NULL;
    }
    if (!buffer_get(t, a[0], &view, false)) return V_NULL;
    bool detach = view.length > DETACH_FROM;
    if (detach) thread_detach(t);
    if (view.length) sum = f(sum, view.data, view.length);
    if (detach) thread_attach(t);
    buffer_release(t, &view);
    return from_int62((int64_t)(sum & 0xffffffff));
}
static value f_adler32(struct thread *t, const vref *a) { return checksum(t, a, adler32_z, 1); }
static value f_crc32(struct thread *t, const vref *a) { return checksum(t, a, crc32_z, 0); }

static const struct native functions[] = {
    {"compress", NATIVE_FUNCTION, "($module, data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)", .fn = compress_all,
     .doc = "Return data compressed, as a zlib stream."},
    {"decompress", NATIVE_FUNCTION, "($module, data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)", .fn = decompress_all, .doc = "Return what a zlib stream holds."},
    {"compressobj", NATIVE_FUNCTION, "($module, /, level=Z_DEFAULT_COMPRESSION, method=DEFLATED,\n            wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL,\n            strategy=Z_DEFAULT_STRATEGY, zdict=None)",
     .fn = zlib_compressobj, .doc = "Return a compressor object."},
    {"decompressobj", NATIVE_FUNCTION, "($module, /, wbits=MAX_WBITS, zdict=b'')", .fn = zlib_decompressobj, .doc = "Return a decompressor object."},
    {"adler32", NATIVE_FUNCTION, "($module, data, value=1, /)", .fn = f_adler32, .doc = "Return the Adler-32 of data, carried on from value."},
    {"crc32", NATIVE_FUNCTION, "($module, data, value=0, /)", .fn = f_crc32, .doc = "Return the CRC-32 of data, carried on from value."},
};
static const struct {
    const char *name;
    int n;
} constants[] = {
    {"MAX_WBITS", MAX_WBITS}, {"DEFLATED", Z_DEFLATED}, {"DEF_MEM_LEVEL", 8}, {"DEF_BUF_SIZE", 16384}, {"Z_NO_COMPRESSION", 0}, {"Z_BEST_SPEED", 1}, {"Z_BEST_COMPRESSION", 9},
    {"Z_DEFAULT_COMPRESSION", -1}, {"Z_FILTERED", Z_FILTERED}, {"Z_HUFFMAN_ONLY", Z_HUFFMAN_ONLY}, {"Z_RLE", Z_RLE}, {"Z_FIXED", Z_FIXED}, {"Z_DEFAULT_STRATEGY", Z_DEFAULT_STRATEGY},
    {"Z_NO_FLUSH", Z_NO_FLUSH}, {"Z_PARTIAL_FLUSH", Z_PARTIAL_FLUSH}, {"Z_SYNC_FLUSH", Z_SYNC_FLUSH}, {"Z_FULL_FLUSH", Z_FULL_FLUSH}, {"Z_FINISH", Z_FINISH}, {"Z_BLOCK", Z_BLOCK}, {"Z_TREES", Z_TREES},
};
value zlib_make(struct thread *t) {
    struct type *const types[] = {&zlib_error, &type_zlib_compress, &type_zlib_decompress};
    for (int i = 0; i < 3; i++)
        if (!types[i]->root_shape && !type_ready(t, types[i])) return V_NULL;
    value m = module_from_natives(t, "zlib", "Compression and decompression in the format of GNU zip, by the library zlib.", functions, sizeof functions / sizeof *functions);
    bool ok = m && module_set(t, m, "error", type_ref(&zlib_error)) && module_set(t, m, "ZLIB_VERSION", str_from_cstr(t, ZLIB_VERSION)) &&
              module_set(t, m, "ZLIB_RUNTIME_VERSION", str_from_cstr(t, zlibVersion())) && module_set(t, m, "__version__", str_from_cstr(t, "1.0"));
    for (size_t i = 0; ok && i < sizeof constants / sizeof *constants; i++) ok = module_set(t, m, constants[i].name, from_int62(constants[i].n));
    return ok ? m : V_NULL;
}
