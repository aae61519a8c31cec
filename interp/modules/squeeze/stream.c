// SPDX-License-Identifier: Apache-2.0
// The loops of compressors and decompressors. Leaves a single step to the format.
#include "interp/modules/squeeze/squeeze.h"
#include "interp/types/exc.h"
#include "interp/types/words.h"

enum { FIRST_ROOM = 16 << 10, MOST_ROOM = 256 << 10, DETACH_FROM = 2048 };

bool squeeze_begin(struct squeeze *s, const struct squeeze_kind *kind) {
    s->kind = kind;
    s->live = true;
    s->unused = bytes_empty;
    atomic_store(&s->needs_input, true);
    return true;
}
static void drop_kept(struct thread *t, struct squeeze *s) {
    if (s->kept) mem_free(t, s->kept, s->nkept);
    s->kept = NULL;
    s->nkept = 0;
}
void squeeze_destroy(struct thread *t, struct object *o) {
    struct squeeze *s = (struct squeeze *)o;
    if (s->live) s->kind->end(s);
    s->live = false;
    drop_kept(t, s);
    release_field(t, &s->unused);
}
int squeeze_traverse(struct object *o, visit_fn *visit, void *arg) {
    value v = ((struct squeeze *)o)->unused;
    return v && is_pointer(v) ? visit(v, arg) : 0;
}

// Steps until the input is used up (with finish: until the end), or `most` bytes came out (SIZE_MAX: no limit). returns the last step's answer; *full: the output had no room left.
static int run(struct thread *t, struct squeeze *s, struct portion *p, bool finish, size_t most, struct byte_builder *out, bool *full) {
    size_t room = FIRST_ROOM, made = 0;
    int r = SQUEEZE_OK;
    *full = false;
    while (r == SQUEEZE_OK && made < most && safepoint_poll(t)) {
        size_t want = most - made < room ? most - made : room;
        if (!(p->out = byte_builder_room(out, want))) return r;
        p->room = want;
        bool detach = p->n > DETACH_FROM || want > DETACH_FROM;
        if (detach) thread_detach(t);
        r = s->kind->step(s, p, finish);
        if (detach) thread_attach(t);
        out->length -= p->room;
        made += want - p->room;
        *full = p->room == 0;
        if (room < MOST_ROOM) room *= 2;
        if (r == SQUEEZE_OK && !finish && p->n == 0 && !*full) break;
    }
    return r;
}
static value result(struct thread *t, struct squeeze *s, int r, struct byte_builder *out) {
    if (r < 0 && !raised(t)) s->kind->raise_error(t, r);
    if (!raised(t)) return byte_builder_finish(out);
    byte_builder_discard(out);
    return V_NULL;
}

static value compress(struct thread *t, const vref *a) {
    struct squeeze *s = as_squeeze(a[0]);
    struct buffer_view view;
    if (!buffer_get(t, a[1], &view, false)) return V_NULL;
    struct byte_builder out = {.t = t};
    struct portion p = {.in = view.data, .n = view.length};
    bool full;
    lock_take(t, &s->lock);
    int r = SQUEEZE_OK;
    if (s->flushed) raise(t, &exc_ValueError, "Compressor has been flushed");
    else if (p.n) r = run(t, s, &p, false, SIZE_MAX, &out, &full);
    lock_give(&s->lock);
    buffer_release(t, &view);
    return result(t, s, r, &out);
}
static value flush(struct thread *t, const vref *a) {
    struct squeeze *s = as_squeeze(a[0]);
    struct byte_builder out = {.t = t};
    struct portion p = {.in = (const uint8_t *)"", .n = 0};
    bool full;
    int r = SQUEEZE_OK;
    lock_take(t, &s->lock);
    if (s->flushed) raise(t, &exc_ValueError, "Repeated call to flush()");
    else r = run(t, s, &p, true, SIZE_MAX, &out, &full);
    s->flushed = true;
    lock_give(&s->lock);
    return result(t, s, r, &out);
}

// ---- the other direction ----

// All input there is: what was kept, then data. *joined: a buffer to free. false: MemoryError.
static bool gather(struct thread *t, struct squeeze *s, const struct buffer_view *view, struct portion *p, uint8_t **joined) {
    *joined = NULL;
    *p = (struct portion){.in = view->data, .n = view->length};
    if (!s->nkept) return true;
    if (!(*joined = mem_alloc(t, s->nkept + view->length))) return false;
    memcpy(*joined, s->kept, s->nkept);
    memcpy(*joined + s->nkept, view->data, view->length);
    p->in = *joined;
    p->n = s->nkept + view->length;
    return true;
}
static bool keep(struct thread *t, struct squeeze *s, const struct portion *p) {
    uint8_t *copy = p->n ? mem_alloc(t, p->n) : NULL;
    if (p->n && !copy) return false;
    if (copy) memcpy(copy, p->in, p->n);
    drop_kept(t, s);
    s->kept = copy;
    s->nkept = p->n;
    return true;
}
static int unpack(struct thread *t, struct squeeze *s, const struct buffer_view *view, size_t most, struct byte_builder *out) {
    struct portion p;
    uint8_t *joined;
    bool full;
    size_t before = s->nkept + view->length;
    if (!gather(t, s, view, &p, &joined)) return SQUEEZE_OK;
    int r = run(t, s, &p, false, most, out, &full);
    if (r == SQUEEZE_END) {
        value rest = bytes_new(t, p.in, p.n);
        if (rest) field_store(t, &s->head, &s->unused, rest);
        drop_kept(t, s);
        atomic_store(&s->needs_input, false);
        atomic_store(&s->eof, true);
    } else if (r == SQUEEZE_OK && !raised(t) && keep(t, s, &p)) {
        if (most || before) atomic_store(&s->needs_input, p.n == 0 && !full); // a full output: more may wait inside
    }
    if (r < 0 && s->kind->error_is_end) {
        atomic_store(&s->needs_input, false);
        s->failed = true;
    }
    if (joined) mem_free(t, joined, before);
    return r;
}
value squeeze_decompress(struct thread *t, const vref *a) { // self, data, max_length
    struct squeeze *s = as_squeeze(a[0]);
    int64_t most = -1;
    struct buffer_view view;
    if ((a[2] && !object_as_index(t, a[2], &most)) || !buffer_get(t, a[1], &view, false)) return V_NULL;
    struct byte_builder out = {.t = t};
    int r = SQUEEZE_OK;
    lock_take(t, &s->lock);
    if (atomic_load(&s->eof)) raise(t, &exc_EOFError, "%s", s->kind->over);
    else if (s->failed) raise(t, &exc_ValueError, "Decompressor is unusable after a previous error");
    else r = unpack(t, s, &view, most < 0 ? SIZE_MAX : (size_t)most, &out);
    lock_give(&s->lock);
    buffer_release(t, &view);
    return result(t, s, r, &out);
}
value squeeze_get_eof(struct thread *t, const vref *a) { return (void)t, from_bool(atomic_load(&as_squeeze(a[0])->eof)); }
value squeeze_get_needs_input(struct thread *t, const vref *a) { return (void)t, from_bool(atomic_load(&as_squeeze(a[0])->needs_input)); }
value squeeze_get_unused(struct thread *t, const vref *a) { return field_load(t, &as_squeeze(a[0])->unused); }
value squeeze_reduce(struct thread *t, const vref *a) { return raise(t, &exc_TypeError, "cannot pickle '%T' object", a[0]); }

#define PICKLE {"__reduce_ex__", NATIVE_METHOD, "($self, protocol, /)", .fn = squeeze_reduce}, {"__reduce__", NATIVE_METHOD, "($self, /)", .fn = squeeze_reduce}
const struct native squeeze_compress_natives[] = {
    {"compress", NATIVE_METHOD, "($self, data, /)", .fn = compress, .doc = "Takes more of the text. Gives what is ready of the compressed one, which may be nothing yet."},
    {"flush", NATIVE_METHOD, "($self, /)", .fn = flush, .doc = "Ends the compressed text and gives the rest of it."}, PICKLE, {.name = NULL},
};
const struct native squeeze_decompress_natives[] = {
    {"decompress", NATIVE_METHOD, "($self, /, data, max_length=-1)", .fn = squeeze_decompress, .doc = "Takes more of the compressed text. Gives what it holds, at most so many bytes."},
    {"eof", NATIVE_GETSET, .fn = squeeze_get_eof}, {"needs_input", NATIVE_GETSET, .fn = squeeze_get_needs_input}, {"unused_data", NATIVE_GETSET, .fn = squeeze_get_unused}, PICKLE,
    {.name = NULL},
};
