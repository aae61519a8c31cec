// SPDX-License-Identifier: Apache-2.0
// zlib.compressobj: a text compressed piece by piece; and what both kinds of stream objects share. Leaves the other direction to decompress.c.
#include "interp/modules/zlib/zlib_module.h"
#include "interp/types/exc.h"

void stream_destroy(struct thread *t, struct object *o, int (*end)(z_stream *z)) {
    struct stream *s = (struct stream *)o;
    if (s->live) end(&s->z);
    s->live = false;
    release_field(t, &s->zdict);
    release_field(t, &s->unused);
    release_field(t, &s->tail);
}
int stream_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct stream *s = (struct stream *)o;
    const value words[] = {s->zdict, s->unused, s->tail};
    int r = 0;
    for (int i = 0; !r && i < 3; i++) r = words[i] && is_pointer(words[i]) ? visit(words[i], arg) : 0;
    return r;
}

value zlib_compressobj(struct thread *t, const vref *a) { // level, method, wbits, memLevel, strategy, zdict
    static const int fallbacks[] = {Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS, 8, Z_DEFAULT_STRATEGY};
    int n[5];
    struct buffer_view view = {0};
    for (int i = 0; i < 5; i++)
        if (!zlib_int(t, a[i], fallbacks[i], &n[i])) return V_NULL;
    if (a[5] && !is_none(a[5]) && !buffer_get(t, a[5], &view, false)) return V_NULL;
    value v = object_new_instance(t, &type_zlib_compress);
    struct stream *s = v ? as_stream(v) : NULL;
    int r = s ? deflateInit2(&s->z, n[0], n[1], n[2], n[3], n[4]) : Z_MEM_ERROR;
    if (r == Z_OK) {
        s->live = true;
        if (view.owner) r = deflateSetDictionary(&s->z, view.data, (uInt)view.length);
        if (r != Z_OK) raise(t, &exc_ValueError, "Invalid dictionary");
    } else if (r == Z_STREAM_ERROR) raise(t, &exc_ValueError, "Invalid initialization option");
    else if (s) zlib_raise(t, &s->z, r, "while creating compression object");
    buffer_release(t, &view);
    if (r != Z_OK && v) release_field(t, &v);
    return v;
}

// Output of a step, or the exception.
static value finish(struct thread *t, struct byte_builder *out, bool ok) {
    if (ok) return byte_builder_finish(out);
    byte_builder_discard(out);
    return V_NULL;
}

static value m_compress(struct thread *t, const vref *a) {
    struct stream *s = as_stream(a[0]);
    struct buffer_view view;
    if (!buffer_get(t, a[1], &view, false)) return V_NULL;
    struct byte_builder out = {.t = t};
    lock_take(t, &s->lock);
    int r = s->live ? zlib_run(t, &s->z, deflate, view.data, view.length, Z_NO_FLUSH, 0, &out) : Z_STREAM_ERROR;
    lock_give(&s->lock);
    bool ok = r == Z_OK || r == Z_BUF_ERROR;
    if (!ok && !raised(t)) zlib_raise(t, &s->z, r, "while compressing data");
    buffer_release(t, &view);
    return finish(t, &out, ok);
}

static value m_flush(struct thread *t, const vref *a) {
    struct stream *s = as_stream(a[0]);
    struct byte_builder out = {.t = t};
    int mode;
    if (!zlib_int(t, a[1], Z_FINISH, &mode)) return V_NULL;
    if (mode == Z_NO_FLUSH) return bytes_empty;
    lock_take(t, &s->lock);
    int r = s->live ? zlib_run(t, &s->z, deflate, (const uint8_t *)"", 0, mode, 0, &out) : Z_STREAM_ERROR;
    if (r == Z_STREAM_END && mode == Z_FINISH) {
        deflateEnd(&s->z);
        s->live = false;
    }
    lock_give(&s->lock);
    bool ok = r == Z_STREAM_END || r == Z_OK || r == Z_BUF_ERROR;
    if (!ok && !raised(t)) zlib_raise(t, &s->z, r, "while flushing");
    return finish(t, &out, ok);
}

static value m_copy(struct thread *t, const vref *a) {
    struct stream *s = as_stream(a[0]);
    value v = object_new_instance(t, &type_zlib_compress);
    if (!v) return V_NULL;
    lock_take(t, &s->lock);
    int r = s->live ? deflateCopy(&as_stream(v)->z, &s->z) : Z_STREAM_ERROR;
    lock_give(&s->lock);
    as_stream(v)->live = r == Z_OK;
    if (r == Z_OK) return v;
    release(t, v);
    return r == Z_STREAM_ERROR ? raise(t, &exc_ValueError, "Inconsistent stream state") : zlib_raise(t, &s->z, r, "while copying compression object");
}

static void destroy(struct thread *t, struct object *o) { stream_destroy(t, o, deflateEnd); }
static const struct native natives[] = {
    {"compress", NATIVE_METHOD, "($self, data, /)", .fn = m_compress, .doc = "Take data in and return what is ready of its compressed form."},
    {"flush", NATIVE_METHOD, "($self, mode=zlib.Z_FINISH, /)", .fn = m_flush,
     .doc = "Return what is left of the compressed form.\n\nZ_FINISH ends the stream; the other modes let it go on."},
    {"copy", NATIVE_METHOD, "($self, /)", .fn = m_copy, .doc = "Return a copy of the compression object."},
    {"__copy__", NATIVE_METHOD, "($self, /)", .fn = m_copy},
    {"__deepcopy__", NATIVE_METHOD, "($self, memo, /)", .fn = m_copy},
    {.name = NULL},
};
struct type type_zlib_compress = {
    .name = "Compress", .module = "zlib", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct stream), .natives = natives, .destroy = destroy,
    .traverse = stream_traverse,
};
