// SPDX-License-Identifier: Apache-2.0
// zlib.decompressobj: a compressed text read piece by piece, with limits. Leaves the other direction to compress.c.
#include "interp/modules/zlib/zlib_module.h"
#include "interp/types/exc.h"
#include "interp/types/words.h"

// 1 set, 0 there is none, -1 exception.
static int set_dictionary(struct thread *t, struct stream *s) {
    struct buffer_view view;
    if (!s->zdict) return 0;
    if (!buffer_get(t, s->zdict, &view, false)) return -1;
    int r = inflateSetDictionary(&s->z, view.data, (uInt)view.length);
    buffer_release(t, &view);
    if (r == Z_OK) return 1;
    zlib_raise(t, &s->z, r, "while setting zdict");
    return -1;
}

value zlib_decompressobj(struct thread *t, const vref *a) { // wbits, zdict
    int wbits;
    if (!zlib_int(t, a[0], MAX_WBITS, &wbits)) return V_NULL;
    if (a[1] && !buffer_check(a[1])) return raise(t, &exc_TypeError, "zdict argument must support the buffer protocol");
    value v = object_new_instance(t, &type_zlib_decompress);
    if (!v) return V_NULL;
    struct stream *s = as_stream(v);
    s->unused = s->tail = bytes_empty;
    if (a[1] && object_length(t, a[1]) > 0) s->zdict = own(t, a[1]);
    raised_clear(t);
    int r = inflateInit2(&s->z, wbits);
    s->live = r == Z_OK;
    if (r == Z_OK && (wbits >= 0 || set_dictionary(t, s) >= 0)) return v;
    if (r == Z_STREAM_ERROR) raise(t, &exc_ValueError, "Invalid initialization option");
    else if (r != Z_OK) zlib_raise(t, &s->z, r, "while creating decompression object");
    release(t, v);
    return V_NULL;
}

// What zlib_run left of in[0..n): behind the end of the stream it belongs to nobody, before it to the next call. false: MemoryError.
static bool keep_rest(struct thread *t, struct stream *s, int r, const uint8_t *in, size_t n) {
    size_t left = n - (size_t)((const uint8_t *)s->z.next_in - in);
    const uint8_t *p = in + (n - left);
    if (r == Z_STREAM_END) {
        value old = field_load(t, &s->unused);
        struct byte_builder b = {.t = t};
        byte_builder_add(&b, as_bytes(old)->data, as_bytes(old)->length);
        byte_builder_add(&b, p, left);
        release(t, old);
        value all = left ? byte_builder_finish(&b) : V_NULL;
        if (!left) byte_builder_discard(&b);
        if (left && !all) return false;
        if (all) field_store(t, &s->head, &s->unused, all);
        field_store(t, &s->head, &s->tail, bytes_empty);
        atomic_store(&s->eof, true);
        return true;
    }
    value tail = left ? bytes_new(t, p, left) : bytes_empty;
    if (tail) field_store(t, &s->head, &s->tail, tail);
    return tail != V_NULL;
}

static int run(struct thread *t, struct stream *s, const uint8_t *in, size_t n, int flush, size_t most, struct byte_builder *out) {
    if (!s->live) return Z_STREAM_ERROR;
    int r = zlib_run(t, &s->z, inflate, in, n, flush, most, out);
    if (r == Z_NEED_DICT && s->zdict) {
        size_t left = n - (size_t)((const uint8_t *)s->z.next_in - in);
        if (set_dictionary(t, s) < 0) return Z_ERRNO;
        r = zlib_run(t, &s->z, inflate, in + (n - left), left, flush, most, out);
    }
    return r;
}

static value finish(struct thread *t, struct stream *s, int r, struct byte_builder *out, bool kept) {
    if (r == Z_STREAM_END || r == Z_OK || r == Z_BUF_ERROR) {
        if (kept) return byte_builder_finish(out);
    } else if (!raised(t)) zlib_raise(t, &s->z, r, "while decompressing data");
    byte_builder_discard(out);
    return V_NULL;
}

static value m_decompress(struct thread *t, const vref *a) {
    struct stream *s = as_stream(a[0]);
    struct buffer_view view;
    int64_t most = 0;
    if (a[2] && !object_as_index(t, a[2], &most)) return V_NULL;
    if (most < 0) return raise(t, &exc_ValueError, "max_length must be non-negative");
    if (!buffer_get(t, a[1], &view, false)) return V_NULL;
    struct byte_builder out = {.t = t};
    lock_take(t, &s->lock);
    const uint8_t *in = view.data ? view.data : (const uint8_t *)"";
    int r = run(t, s, in, view.length, Z_SYNC_FLUSH, (size_t)most, &out);
    bool kept = s->live && (r == Z_STREAM_END || r == Z_OK || r == Z_BUF_ERROR) && keep_rest(t, s, r, in, view.length);
    lock_give(&s->lock);
    buffer_release(t, &view);
    return finish(t, s, r, &out, kept);
}

static value m_flush(struct thread *t, const vref *a) {
    struct stream *s = as_stream(a[0]);
    int64_t length = FIRST_ROOM;
    if (a[1] && !object_as_index(t, a[1], &length)) return V_NULL;
    if (length <= 0) return raise(t, &exc_ValueError, "length must be greater than zero");
    struct byte_builder out = {.t = t};
    value tail = field_load(t, &s->tail);
    lock_take(t, &s->lock);
    const uint8_t *in = as_bytes(tail)->data;
    size_t n = as_bytes(tail)->length;
    int r = s->live ? run(t, s, in, n, Z_FINISH, 0, &out) : Z_STREAM_END;
    bool kept = !s->live || ((r == Z_STREAM_END || r == Z_OK || r == Z_BUF_ERROR) && keep_rest(t, s, r, in, n));
    if (r == Z_STREAM_END && s->live) {
        inflateEnd(&s->z);
        s->live = false;
    }
    lock_give(&s->lock);
    release(t, tail);
    return finish(t, s, r, &out, kept);
}

static value m_copy(struct thread *t, const vref *a) {
    struct stream *s = as_stream(a[0]);
    value v = object_new_instance(t, &type_zlib_decompress);
    if (!v) return V_NULL;
    struct stream *c = as_stream(v);
    lock_take(t, &s->lock);
    int r = s->live ? inflateCopy(&c->z, &s->z) : Z_STREAM_ERROR;
    lock_give(&s->lock);
    c->live = r == Z_OK;
    c->unused = field_load(t, &s->unused);
    c->tail = field_load(t, &s->tail);
    c->zdict = s->zdict ? own(t, s->zdict) : V_NULL;
    c->eof = s->eof;
    if (r == Z_OK) return v;
    release(t, v);
    return r == Z_STREAM_ERROR ? raise(t, &exc_ValueError, "Inconsistent stream state") : zlib_raise(t, &s->z, r, "while copying decompression object");
}
static value get_eof(struct thread *t, const vref *a) { return (void)t, from_bool(as_stream(a[0])->eof); }
static value get_unused(struct thread *t, const vref *a) { return field_load(t, &as_stream(a[0])->unused); }
static value get_tail(struct thread *t, const vref *a) { return field_load(t, &as_stream(a[0])->tail); }

static void destroy(struct thread *t, struct object *o) { stream_destroy(t, o, inflateEnd); }
static const struct native natives[] = {
    {"decompress", NATIVE_METHOD, "($self, data, /, max_length=0)", .fn = m_decompress, .doc = "Return a bytes object containing the decompressed version of the data."},
    {"flush", NATIVE_METHOD, "($self, length=zlib.DEF_BUF_SIZE, /)", .fn = m_flush,
     .doc = "Return what is left of the data, made in a buffer of length bytes that grows."},
    {"copy", NATIVE_METHOD, "($self, /)", .fn = m_copy, .doc = "Return a copy of the decompression object."},
    {"__copy__", NATIVE_METHOD, "($self, /)", .fn = m_copy},
    {"__deepcopy__", NATIVE_METHOD, "($self, memo, /)", .fn = m_copy},
    {"eof", NATIVE_GETSET, .fn = get_eof}, {"unused_data", NATIVE_GETSET, .fn = get_unused}, {"unconsumed_tail", NATIVE_GETSET, .fn = get_tail},
    {.name = NULL},
};
struct type type_zlib_decompress = {
    .name = "Decompress", .module = "zlib", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct stream), .natives = natives, .destroy = destroy,
    .traverse = stream_traverse,
};
