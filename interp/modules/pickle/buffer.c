// SPDX-License-Identifier: Apache-2.0
// PickleBuffer: memory that may travel beside a pickle. Leaves the memory to the object it wraps.
#include "interp/modules/pickle/pickle.h"
#include "interp/types/args.h"
#include "interp/types/memoryview.h"

static struct picklebuffer *as_buffer(vref v) { return (struct picklebuffer *)as_object(v); }

// The object wrapped. returns new; V_NULL: ValueError, it was let go.
static value wrapped(struct thread *t, vref self) {
    value v = field_load(t, &as_buffer(self)->view.owner);
    return v ? v : raise(t, &exc_ValueError, "operation forbidden on released PickleBuffer object");
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"object"};
    static const struct args_spec spec = {"PickleBuffer", names, 1, 1, 1};
    vref object;
    if (!args_bind(t, &spec, args, nargs, kwnames, &object)) return V_NULL;
    value v = object_new_instance(t, cls);
    if (v && !buffer_get(t, object, &as_buffer(v)->view, false)) release_field(t, &v);
    return v;
}
// Who asks for its memory gets the object's: it then belongs to that.
static bool lend(struct thread *t, vref self, struct buffer_view *out) {
    value v = wrapped(t, self);
    bool ok = v && buffer_get(t, v, out, false);
    release_opt(t, v);
    return ok;
}
static value m_raw(struct thread *t, const vref *a) {
    value v = wrapped(t, a[0]), view = v ? memoryview_new(t, v) : V_NULL;
    release_opt(t, v);
    if (!view) return V_NULL;
    struct memoryview *m = (struct memoryview *)as_object(view);
    m->count *= m->itemsize;
    m->itemsize = 1, m->stride = 1;
    memcpy(m->format, "B", 2);
    return view;
}
static value m_release(struct thread *t, const vref *a) {
    struct picklebuffer *b = as_buffer(a[0]);
    struct buffer_view view = {0};
    bool locked = write_begin(t, &b->head);
    view.owner = word_peek((_Atomic value *)&b->view.owner);
    word_publish((_Atomic value *)&b->view.owner, V_NULL);
    write_end(t, &b->head, locked);
    buffer_release(t, &view);
    return V_NONE;
}
static void drop(struct thread *t, struct object *o) {
    if (((struct picklebuffer *)o)->view.owner) buffer_release(t, &((struct picklebuffer *)o)->view);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct picklebuffer *b = (struct picklebuffer *)o;
    return b->view.owner ? visit(b->view.owner, arg) : 0;
}
static const struct native natives[] = {
    {"raw", NATIVE_METHOD, "($self, /)", .fn = m_raw, .doc = "Return a memoryview of all the bytes, one after another."},
    {"release", NATIVE_METHOD, "($self, /)", .fn = m_release, .doc = "Let go of the memory; every other use raises ValueError from then on."},
    {.name = NULL},
};
struct type type_picklebuffer = {
    .name = "PickleBuffer", .module = "pickle", .base = &type_object, .flags = TYPE_GC | TYPE_HAS_WEAK, .basicsize = sizeof(struct picklebuffer), .natives = natives,
    .make = make, .destroy = drop, .clear = drop, .traverse = traverse, .buffer = lend,
    .doc = "The memory of an object, which a pickle may hold or have beside it.",
};

// ---- written ----

// 1 in the pickle, 0 beside it, -1 exception.
static int stays_inside(struct thread *t, struct pickler *p, vref v) {
    if (!p->buffer_callback) return 1;
    value r = object_call1(t, p->buffer_callback, v);
    if (!r) return -1;
    int inside = object_truth(t, r);
    release(t, r);
    return inside;
}
bool save_picklebuffer(struct thread *t, struct pickler *p, vref v) {
    struct buffer_view view;
    if (p->protocol < 5) return raise(t, &pickling_error, "PickleBuffer can only pickled with protocol >= 5"), false;
    if (!buffer_get(t, v, &view, false)) {
        if (!raised_is(t, &exc_BufferError)) return false;
        raised_clear(t);
        return raise(t, &pickling_error, "PickleBuffer can not be pickled when pointing to a non-contiguous buffer"), false;
    }
    int inside = stays_inside(t, p, v);
    bool ok = inside >= 0;
    if (inside > 0) ok = view.readonly ? save_bytes_data(t, p, v, view.data, view.length) : save_bytearray_data(t, p, v, view.data, view.length);
    else if (!inside) ok = out_byte(t, p, P_NEXT_BUFFER) && (!view.readonly || out_byte(t, p, P_READONLY_BUFFER));
    buffer_release(t, &view);
    return ok;
}
