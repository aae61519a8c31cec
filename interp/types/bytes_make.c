// SPDX-License-Identifier: Apache-2.0
// What bytes() and bytearray() take: text, counts, buffers, iterables; byte arguments; the iterators. Leaves the types to bytes.c and bytearray.c.
#include "interp/types/names.h"
#include "interp/types/bytes.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/memoryview.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"

static bool byte_of(struct thread *t, vref v, uint8_t *out, const char *message) {
    value i = object_index(t, v);
    if (!i) return false;
    int64_t n = -1;
    int over = int_as_i64_overflow(i, &n);
    release(t, i);
    if (over || n < 0 || n > 255) {
        raise(t, &exc_ValueError, message);
        return false;
    }
    *out = (uint8_t)n;
    return true;
}
bool byte_arg(struct thread *t, vref v, uint8_t *out) { return byte_of(t, v, out, "byte must be in range(0, 256)"); }

bool bytes_or_byte_arg(struct thread *t, vref v, struct buffer_view *view, uint8_t *one) {
    if (buffer_check(v)) return buffer_get(t, v, view, false);
    if (!type_of(v)->to_index) {
        raise(t, &exc_TypeError, "argument should be integer or bytes-like object, not '%T'", v);
        return false;
    }
    *view = (struct buffer_view){.data = one, .length = 1};
    return byte_arg(t, v, one);
}

static bool collect_iterable(struct thread *t, struct byte_builder *b, const char *name, vref x, const char *message) {
    struct type *c = type_of(x);
    if (is_str(x) || (!c->iter && !c->getitem)) {
        raise(t, &exc_TypeError, "cannot convert '%T' object to %s", x, name);
        return false;
    }
    value it = object_iter(t, x);
    if (!it) return false;
    bool ok = true;
    value v;
    while (ok && (v = object_next(t, it))) {
        uint8_t byte;
        ok = byte_of(t, v, &byte, message);
        if (ok) byte_builder_add(b, &byte, 1);
        ok = ok && !b->failed;
        release(t, v);
    }
    release(t, it);
    return ok && !raised(t);
}

static bool collect_zeros(struct thread *t, struct byte_builder *b, vref x) {
    value i = object_index(t, x);
    if (!i) return false;
    int64_t n;
    int over = int_as_i64_overflow(i, &n);
    release(t, i);
    if (over) {
        raise(t, &exc_OverflowError, "cannot fit '%T' into an index-sized integer", x);
        return false;
    }
    if (n < 0) {
        raise(t, &exc_ValueError, "negative count");
        return false;
    }
    uint8_t *p = n ? byte_builder_room(b, (size_t)n) : NULL;
    if (p) memset(p, 0, (size_t)n);
    return !b->failed;
}

static bool collect_buffer(struct thread *t, struct byte_builder *b, vref x) {
    struct buffer_view view;
    if (type_of(x) == &type_memoryview) { // its items may lie apart
        value bytes = memoryview_to_bytes(t, x);
        if (bytes) byte_builder_add(b, as_bytes(bytes)->data, as_bytes(bytes)->length);
        release_opt(t, bytes);
        return bytes && !b->failed;
    }
    if (!buffer_get(t, x, &view, false)) return false;
    byte_builder_add(b, view.data, view.length);
    buffer_release(t, &view);
    return !b->failed;
}

bool bytes_collect(struct thread *t, struct byte_builder *b, const char *name, vref x, vref vencoding, vref verrors) {
    const char *encoding, *errors;
    if (!codec_name_arg(t, vencoding, name, "encoding", &encoding) || !codec_name_arg(t, verrors, name, "errors", &errors)) return false;
    if (x && is_str(x)) {
        if (!encoding) {
            raise(t, &exc_TypeError, "string argument without an encoding");
            return false;
        }
        value v = str_encode(t, x, encoding, errors);
        if (v) byte_builder_add(b, as_bytes(v)->data, as_bytes(v)->length);
        release_opt(t, v);
        return v && !b->failed;
    }
    if (encoding || errors) {
        raise(t, &exc_TypeError, encoding ? "encoding without a string argument" : "errors without a string argument");
        return false;
    }
    if (!x) return true;
    if (buffer_check(x)) return collect_buffer(t, b, x);
    if (type_of(x)->to_index) {
        if (collect_zeros(t, b, x)) return true;
        if (!raised_is(t, &exc_TypeError)) return false;
        raised_clear(t);
    }
    return collect_iterable(t, b, name, x, name[4] == 's' && !name[5] ? "bytes must be in range(0, 256)" : "byte must be in range(0, 256)");
}

value bytes_from_object(struct thread *t, vref v) {
    if (has_shape(v, SHAPE_BYTES)) return own(t, v);
    value method;
    int found = object_lookup_special(t, v, NAME(__bytes__), &method);
    if (found < 0) return V_NULL;
    if (found) {
        value b = object_call0(t, method);
        release(t, method);
        if (b && !is_bytes(b)) {
            raise(t, &exc_TypeError, "__bytes__ returned non-bytes (type %T)", b);
            release_field(t, &b);
        }
        return b;
    }
    struct byte_builder b = {.t = t};
    bool ok = buffer_check(v) ? collect_buffer(t, &b, v) : collect_iterable(t, &b, "bytes", v, "bytes must be in range(0, 256)");
    if (ok) return byte_builder_finish(&b);
    byte_builder_discard(&b);
    return V_NULL;
}

// ---- iterators ----

struct byte_iter {
    struct object head;
    value seq;              // owned; V_NULL when exhausted in GIL mode
    _Atomic int64_t index; // -1 exhausted
};
static struct byte_iter *as_iter(vref v) { return (struct byte_iter *)as_object(v); }

value bytes_iter(struct thread *t, vref self) {
    struct byte_iter *it = object_alloc_gc(t, sizeof *it, is_bytes(self) ? type_bytes_iter.root_shape : type_bytearray_iter.root_shape);
    if (!it) return V_NULL;
    it->seq = own(t, self);
    atomic_store_explicit(&it->index, 0, memory_order_relaxed);
    return counted_word(it);
}
static value iter_next(struct thread *t, vref self) {
    struct byte_iter *it = as_iter(self);
    int64_t i = atomic_load_explicit(&it->index, memory_order_relaxed);
    int c = -2;
    if (i >= 0 && is_bytes(it->seq)) c = (size_t)i < as_bytes(it->seq)->length ? as_bytes(it->seq)->data[i] : -2;
    else if (i >= 0) c = bytearray_get(t, as_bytearray(it->seq), i);
    if (c < 0) {
        atomic_store_explicit(&it->index, -1, memory_order_relaxed);
        if (i >= 0 && !t->free_threaded) release_field(t, &it->seq); // no other thread is looking at it
        return V_NULL;
    }
    atomic_store_explicit(&it->index, i + 1, memory_order_relaxed);
    return from_int62(c);
}
static int64_t left(vref self) {
    int64_t i = atomic_load_explicit(&as_iter(self)->index, memory_order_relaxed), n = i < 0 ? 0 : (int64_t)bytes_span(as_iter(self)->seq).n;
    return i < 0 || i > n ? 0 : n - i;
}
static value iter_self(struct thread *t, vref self) { return own(t, self); }
static void iter_destroy(struct thread *t, struct object *o) { release_field(t, &((struct byte_iter *)o)->seq); }
static int iter_traverse(struct object *o, visit_fn *visit, void *arg) { return ((struct byte_iter *)o)->seq ? visit(((struct byte_iter *)o)->seq, arg) : 0; }
static value m_length_hint(struct thread *t, const vref *a) { return from_int62(left(a[0])); }
static value m_reduce(struct thread *t, const vref *a) {
    value f = dict_get_str(t, t->interp->builtins, "iter");
    if (!f) return V_NULL;
    int64_t i = atomic_load_explicit(&as_iter(a[0])->index, memory_order_relaxed);
    bool done = i < 0;
    value args = tuple_pack(t, 1, done ? tuple_empty : as_iter(a[0])->seq);
    value out = !args ? V_NULL : done ? tuple_pack(t, 2, f, args) : tuple_pack(t, 3, f, args, from_int62(i));
    release(t, f), release_opt(t, args);
    return out;
}
static value m_setstate(struct thread *t, const vref *a) {
    int64_t i;
    value n = object_index(t, a[1]);
    if (!n) return V_NULL;
    bool ok = int_as_i64(t, n, &i);
    release(t, n);
    if (!ok) return V_NULL;
    if (atomic_load_explicit(&as_iter(a[0])->index, memory_order_relaxed) >= 0) atomic_store_explicit(&as_iter(a[0])->index, i < 0 ? 0 : i, memory_order_relaxed);
    return V_NONE;
}
static const struct native iter_natives[] = {
    {.name = "__length_hint__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_length_hint},
    {.name = "__reduce__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_reduce},
    {.name = "__setstate__", .kind = NATIVE_METHOD, .sig = "($self, state, /)", .fn = m_setstate},
    {.name = NULL},
};
struct type type_bytes_iter = {
    .head = {.shared = SHARED_IMMORTAL | SHARED_DEFERRED, .shape = SHAPE_TYPE},
    .name = "bytes_iterator", .module = "builtins", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct byte_iter), .base = &type_object,
    .natives = iter_natives, .destroy = iter_destroy, .traverse = iter_traverse, .iter = iter_self, .next = iter_next,
};
struct type type_bytearray_iter = {
    .head = {.shared = SHARED_IMMORTAL | SHARED_DEFERRED, .shape = SHAPE_TYPE},
    .name = "bytearray_iterator", .module = "builtins", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct byte_iter), .base = &type_object,
    .natives = iter_natives, .destroy = iter_destroy, .traverse = iter_traverse, .iter = iter_self, .next = iter_next,
};
