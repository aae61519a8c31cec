// SPDX-License-Identifier: Apache-2.0
// The module _lzma, on liblzma opened when first needed. Leaves the loops to stream.c, filter chains to filters.c, files to the library's lzma.py.
#include "interp/modules/foreign.h"
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"
#include "interp/modules/squeeze/filters.h"
#include "interp/modules/squeeze/squeeze.h"
#include "interp/types/exc_types.h"

#include <stdlib.h>

struct lzma_library lz;
static bool open_library(struct thread *t) {
    static const char *const names[] = {
#define X(f) #f,
        LZMA_FUNCTIONS(X)
#undef X
    };
    static struct once once;
    return foreign_open(t, &once, "liblzma.so.5", names, sizeof names / sizeof *names, (void **)&lz);
}

enum format { FORMAT_AUTO, FORMAT_XZ, FORMAT_ALONE, FORMAT_RAW };
enum { CHECK_UNKNOWN = LZMA_CHECK_ID_MAX + 1 };
struct stream {
    struct squeeze s;
    lzma_stream z;
    _Atomic int check;
};
static struct stream *as_stream(vref v) { return (struct stream *)as_object(v); }

struct type lzma_error_type = {
    .name = "LZMAError", .module = "_lzma", .doc = "liblzma could not do it.", .base = &exc_Exception, .basicsize = offsetof(struct exc, extra),
    .flags = TYPE_GC | TYPE_BASE | TYPE_EXC | TYPE_HAS_DICT, .destroy = exc_drop, .clear = exc_drop, .traverse = exc_traverse, .make = exc_make, .init = exc_init,
};
value lzma_raise(struct thread *t, int error) {
    const char *text = NULL;
    switch ((lzma_ret)error) {
    case LZMA_MEM_ERROR: return raise_no_memory(t);
    case LZMA_UNSUPPORTED_CHECK: text = "Unsupported integrity check"; break;
    case LZMA_MEMLIMIT_ERROR: text = "Memory usage limit exceeded"; break;
    case LZMA_FORMAT_ERROR: text = "Input format not supported by decoder"; break;
    case LZMA_OPTIONS_ERROR: text = "Invalid or unsupported options"; break;
    case LZMA_DATA_ERROR: text = "Corrupt input data"; break;
    case LZMA_BUF_ERROR: text = "Insufficient buffer space"; break;
    case LZMA_PROG_ERROR: text = "Internal error"; break;
    case LZMA_OK: case LZMA_STREAM_END: case LZMA_NO_CHECK: case LZMA_GET_CHECK: case LZMA_SEEK_NEEDED: case LZMA_RET_INTERNAL1: case LZMA_RET_INTERNAL2: case LZMA_RET_INTERNAL3:
    case LZMA_RET_INTERNAL4: case LZMA_RET_INTERNAL5: case LZMA_RET_INTERNAL6: case LZMA_RET_INTERNAL7: case LZMA_RET_INTERNAL8: break;
    }
    return text ? raise(t, &lzma_error_type, "%s", text) : raise(t, &lzma_error_type, "Unrecognized error from liblzma: %d", error);
}
static value raise_step(struct thread *t, int error) { return lzma_raise(t, -error); }

// ---- steps ----

static int step(struct squeeze *s, struct portion *p, bool finish) {
    struct stream *x = (struct stream *)s;
    lzma_stream *z = &x->z;
    z->next_in = p->in;
    z->avail_in = p->n;
    z->next_out = p->out;
    z->avail_out = p->room;
    lzma_ret r = lz.lzma_code(z, finish ? LZMA_FINISH : LZMA_RUN);
    if (r == LZMA_BUF_ERROR && p->n == 0 && z->avail_out > 0 && !finish) r = LZMA_OK; // there was nothing to do
    if (r == LZMA_GET_CHECK || r == LZMA_NO_CHECK) {
        atomic_store(&x->check, (int)lz.lzma_get_check(z));
        r = LZMA_OK;
    }
    p->in = z->next_in;
    p->n = z->avail_in;
    p->out = z->next_out;
    p->room = z->avail_out;
    return r == LZMA_STREAM_END ? SQUEEZE_END : r == LZMA_OK ? SQUEEZE_OK : -(int)r;
}
static void end(struct squeeze *s) { lz.lzma_end(&((struct stream *)s)->z); }
static const struct squeeze_kind kind = {step, end, raise_step, "Already at end of stream", false};

// ---- making ----

// liblzma's memory is malloc's: it keeps no pointers of ours.
static lzma_ret begin_easy(lzma_stream *z, int format, int64_t check, uint32_t preset) {
    lzma_options_lzma o;
    if (format == FORMAT_XZ) return lz.lzma_easy_encoder(z, preset, check < 0 ? LZMA_CHECK_CRC64 : (lzma_check)check);
    memset(&o, 0, sizeof o);
    return lz.lzma_lzma_preset(&o, preset) ? LZMA_OPTIONS_ERROR : lz.lzma_alone_encoder(z, &o);
}
static bool begin_filters(struct thread *t, lzma_stream *z, int format, int64_t check, vref specs, lzma_ret *r) {
    struct filter_chain chain;
    if (!filters_get(t, specs, &chain)) return false;
    if (format == FORMAT_XZ) *r = lz.lzma_stream_encoder(z, chain.filters, check < 0 ? LZMA_CHECK_CRC64 : (lzma_check)check);
    else if (format == FORMAT_RAW) *r = lz.lzma_raw_encoder(z, chain.filters);
    else if (chain.filters[0].id == LZMA_FILTER_LZMA1 && chain.filters[1].id == LZMA_VLI_UNKNOWN) *r = lz.lzma_alone_encoder(z, chain.filters[0].options);
    else return raise(t, &exc_ValueError, "Invalid filter chain for FORMAT_ALONE - must be a single LZMA1 filter"), false;
    return true;
}
static value compressor_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"format", "check", "preset", "filters"};
    static const struct args_spec spec = {.function = "LZMACompressor", .names = names, .max = 4};
    vref a[4];
    int format = FORMAT_XZ;
    int64_t check = -1, preset = LZMA_PRESET_DEFAULT;
    lzma_ret r = LZMA_OK;
    if (!args_bind(t, &spec, args, nargs, kwnames, a) || !arg_int_or(t, a[0], FORMAT_XZ, &format) || (a[1] && !arg_i64(t, a[1], &check))) return V_NULL;
    bool has_preset = a[2] && !is_none(a[2]), has_filters = a[3] && !is_none(a[3]);
    if (has_preset && has_filters) return raise(t, &exc_ValueError, "Cannot specify both preset and filter chain");
    if (has_preset && !arg_i64(t, a[2], &preset)) return V_NULL;
    if (preset < 0 || preset > UINT32_MAX) return raise(t, &exc_OverflowError, preset < 0 ? "can't convert negative value to unsigned int" : "Value too large for uint32_t type");
    if (format != FORMAT_XZ && check != -1 && check != LZMA_CHECK_NONE) return raise(t, &exc_ValueError, "Integrity checks are only supported by FORMAT_XZ");
    if (format < FORMAT_XZ || format > FORMAT_RAW) return raise(t, &exc_ValueError, "Invalid container format: %d", format);
    if (format == FORMAT_RAW && !has_filters) return raise(t, &exc_ValueError, "Must specify filters for FORMAT_RAW");
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    bool ok = true;
    if (has_filters) ok = begin_filters(t, &as_stream(v)->z, format, check, a[3], &r);
    else r = begin_easy(&as_stream(v)->z, format, check, (uint32_t)preset);
    if (ok && r == LZMA_OK && squeeze_begin(&as_stream(v)->s, &kind)) return v;
    release(t, v);
    return ok ? lzma_raise(t, (int)r) : V_NULL;
}
static bool begin_decoder(struct thread *t, struct stream *x, int format, uint64_t limit, vref specs, lzma_ret *r) {
    const uint32_t flags = LZMA_TELL_ANY_CHECK | LZMA_TELL_NO_CHECK;
    struct filter_chain chain;
    atomic_store(&x->check, format == FORMAT_AUTO || format == FORMAT_XZ ? CHECK_UNKNOWN : LZMA_CHECK_NONE);
    switch ((enum format)format) {
    case FORMAT_AUTO: *r = lz.lzma_auto_decoder(&x->z, limit, flags); return true;
    case FORMAT_XZ: *r = lz.lzma_stream_decoder(&x->z, limit, flags); return true;
    case FORMAT_ALONE: *r = lz.lzma_alone_decoder(&x->z, limit); return true;
    case FORMAT_RAW:
        if (!filters_get(t, specs, &chain)) return false;
        *r = lz.lzma_raw_decoder(&x->z, chain.filters);
        return true;
    }
    return false;
}
static value decompressor_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"format", "memlimit", "filters"};
    static const struct args_spec spec = {.function = "LZMADecompressor", .names = names, .max = 3};
    vref a[3];
    int format = FORMAT_AUTO;
    int64_t limit = -1;
    lzma_ret r = LZMA_OK;
    if (!args_bind(t, &spec, args, nargs, kwnames, a) || !arg_int_or(t, a[0], FORMAT_AUTO, &format)) return V_NULL;
    bool has_limit = a[1] && !is_none(a[1]), has_filters = a[2] && !is_none(a[2]);
    if (has_limit && format == FORMAT_RAW) return raise(t, &exc_ValueError, "Cannot specify memory limit with FORMAT_RAW");
    if (has_limit && !arg_i64(t, a[1], &limit)) return V_NULL;
    if (format == FORMAT_RAW && !has_filters) return raise(t, &exc_ValueError, "Must specify filters for FORMAT_RAW");
    if (format != FORMAT_RAW && has_filters) return raise(t, &exc_ValueError, "Cannot specify filters except with FORMAT_RAW");
    if (format < FORMAT_AUTO || format > FORMAT_RAW) return raise(t, &exc_ValueError, "Invalid container format: %d", format);
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    bool ok = begin_decoder(t, as_stream(v), format, has_limit ? (uint64_t)limit : UINT64_MAX, a[2], &r);
    if (ok && r == LZMA_OK && squeeze_begin(&as_stream(v)->s, &kind)) return v;
    release(t, v);
    return ok ? lzma_raise(t, (int)r) : V_NULL;
}
static value get_check(struct thread *t, const vref *a) { return (void)t, from_int62(atomic_load(&as_stream(a[0])->check)); }

// ---- functions ----

static value f_is_supported(struct thread *t, const vref *a) {
    int n;
    return arg_int(t, a[0], &n) ? from_bool(lz.lzma_check_is_supported((lzma_check)n)) : V_NULL;
}
static value f_encode(struct thread *t, const vref *a) {
    lzma_filter f;
    union filter_options o;
    uint32_t n;
    if (!filter_get(t, a[0], &f, &o)) return V_NULL;
    lzma_ret r = lz.lzma_properties_size(&n, &f);
    value v = r == LZMA_OK ? bytes_new(t, NULL, n) : V_NULL;
    if (v) r = lz.lzma_properties_encode(&f, as_bytes(v)->data);
    if (r == LZMA_OK) return v;
    release_opt(t, v);
    return lzma_raise(t, (int)r);
}
static value f_decode(struct thread *t, const vref *a) {
    value i = object_index(t, a[0]);
    uint8_t raw[8];
    lzma_filter f = {.id = 0};
    struct buffer_view view;
    bool ok = i && int_to_bytes(t, i, raw, 8, true, false);
    release_opt(t, i);
    if (!ok || !buffer_get(t, a[1], &view, false)) return V_NULL;
    memcpy(&f.id, raw, 8);
    lzma_ret r = lz.lzma_properties_decode(&f, NULL, view.data, view.length);
    buffer_release(t, &view);
    if (r != LZMA_OK) return lzma_raise(t, (int)r);
    value v = filter_dict(t, &f);
    free(f.options); // liblzma's
    return v;
}

static struct type type_compressor = {
    .name = "LZMACompressor", .module = "_lzma", .doc = "Compresses a text piece by piece.", .base = &type_object, .flags = TYPE_GC, .basicsize = sizeof(struct stream),
    .natives = squeeze_compress_natives, .make = compressor_make, .destroy = squeeze_destroy, .traverse = squeeze_traverse,
};
static const struct native decompress_natives[] = {
    {"decompress", NATIVE_METHOD, "($self, /, data, max_length=-1)", .fn = squeeze_decompress, .doc = "Takes more of the compressed text. Gives what it holds, at most so many bytes."},
    {"eof", NATIVE_GETSET, .fn = squeeze_get_eof}, {"needs_input", NATIVE_GETSET, .fn = squeeze_get_needs_input}, {"unused_data", NATIVE_GETSET, .fn = squeeze_get_unused},
    {"check", NATIVE_GETSET, .fn = get_check}, {"__reduce__", NATIVE_METHOD, "($self, /)", .fn = squeeze_reduce},
    {"__reduce_ex__", NATIVE_METHOD, "($self, protocol, /)", .fn = squeeze_reduce}, {.name = NULL},
};
static struct type type_decompressor = {
    .name = "LZMADecompressor", .module = "_lzma", .doc = "Takes a compressed text piece by piece and gives the original.", .base = &type_object, .flags = TYPE_GC,
    .basicsize = sizeof(struct stream), .natives = decompress_natives, .make = decompressor_make, .destroy = squeeze_destroy, .traverse = squeeze_traverse,
};
static const struct native functions[] = {
    {"is_check_supported", NATIVE_FUNCTION, "($module, check_id, /)", .fn = f_is_supported, .doc = "Whether this liblzma knows that integrity check."},
    {"_encode_filter_properties", NATIVE_FUNCTION, "($module, filter, /)", .fn = f_encode, .doc = "A filter's options as they stand in a file, without its number."},
    {"_decode_filter_properties", NATIVE_FUNCTION, "($module, filter_id, encoded_props, /)", .fn = f_decode, .doc = "The other way round."},
};
#define L(n) {#n, LZMA_##n}
static const struct constant rows[] = {
    {"FORMAT_AUTO", FORMAT_AUTO}, {"FORMAT_XZ", FORMAT_XZ}, {"FORMAT_ALONE", FORMAT_ALONE}, {"FORMAT_RAW", FORMAT_RAW}, L(CHECK_NONE), L(CHECK_CRC32), L(CHECK_CRC64), L(CHECK_SHA256),
    L(CHECK_ID_MAX), {"CHECK_UNKNOWN", CHECK_UNKNOWN}, {"FILTER_LZMA1", (int64_t)LZMA_FILTER_LZMA1}, L(FILTER_LZMA2), L(FILTER_DELTA), L(FILTER_X86), L(FILTER_IA64), L(FILTER_ARM),
    L(FILTER_ARMTHUMB), L(FILTER_SPARC), L(FILTER_POWERPC), L(MF_HC3), L(MF_HC4), L(MF_BT2), L(MF_BT3), L(MF_BT4), L(MODE_FAST), L(MODE_NORMAL), L(PRESET_DEFAULT), L(PRESET_EXTREME),
};
value lzma_make(struct thread *t) {
    struct type *const types[] = {&lzma_error_type, &type_compressor, &type_decompressor};
    if (!open_library(t)) return V_NULL;
    for (int i = 0; i < 3; i++)
        if (!types[i]->root_shape && !type_ready(t, types[i])) return V_NULL;
    value m = module_from_natives(t, "_lzma", "Compression in the formats of xz and lzma, by liblzma.", functions, sizeof functions / sizeof *functions);
    bool ok = m && constants_add(t, m, rows, sizeof rows / sizeof *rows) && module_set(t, m, "LZMAError", type_ref(&lzma_error_type)) &&
              module_set(t, m, "LZMACompressor", type_ref(&type_compressor)) && module_set(t, m, "LZMADecompressor", type_ref(&type_decompressor));
    return ok ? m : V_NULL;
}
