// SPDX-License-Identifier: Apache-2.0
// The type bytearray. Leaves its memory to bytearray_array.c, what it shares with bytes to bytes*.c.
#include "interp/types/bytes.h"
#include "interp/types/args.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/slots.h"
#include "interp/types/str/text.h"

value bytearray_new(struct thread *t, const void *data, size_t n) {
    struct bytearray *b = object_alloc(t, sizeof *b, SHAPE_BYTEARRAY);
    if (!b) return V_NULL;
    b->length = b->capacity = 0, b->data = b->base = NULL, b->exports = 0;
    if (!n) return counted_word(b);
    b->base = b->data = mem_alloc(t, n + 1);
    if (!b->base) {
        release(t, counted_word(b));
        return V_NULL;
    }
    b->capacity = n + 1, b->length = n;
    if (data) memcpy(b->data, data, n);
    else memset(b->data, 0, n);
    b->data[n] = 0;
    return counted_word(b);
}

static void bytearray_destroy(struct thread *t, struct object *o) {
    struct bytearray *b = (struct bytearray *)o;
    if (b->base) mem_free(t, b->base, b->capacity);
}

// ---- construction ----

static value bytearray_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (cls == &type_bytearray) return bytearray_new(t, NULL, 0);
    value v = object_new_instance(t, cls); // all zero: empty
    return v;
}

static int bytearray_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"source", "encoding", "errors"};
    static const struct args_spec spec = {"bytearray", names, 0, 0, 3};
    vref a[3];
    if (!args_bind(t, &spec, args, nargs, kwnames, a)) return -1;
    struct byte_builder b = {.t = t};
    bool ok = bytes_collect(t, &b, "bytearray", a[0], a[1], a[2]) && bytearray_splice(t, as_bytearray(self), 0, SIZE_MAX, b.data, b.length);
    byte_builder_discard(&b);
    return ok ? 0 : -1;
}

// ---- items ----

static value value_bytes(struct thread *t, vref v) { // what may be assigned to a slice, as new bytes
    if (buffer_check(v)) {
        struct buffer_view view;
        if (!buffer_get(t, v, &view, false)) return V_NULL;
        value b = bytes_new(t, view.data, view.length);
        buffer_release(t, &view);
        return b;
    }
    struct type *c = type_of(v);
    if (is_str(v) || is_int(v) || (!c->iter && !c->getitem))
        return raise(t, &exc_TypeError, "can assign only bytes, buffers, or iterables of ints in range(0, 256)");
    struct byte_builder b = {.t = t};
    if (bytes_collect(t, &b, "bytearray", v, V_NULL, V_NULL)) return byte_builder_finish(&b);
    byte_builder_discard(&b);
    return V_NULL;
}

// 1 done, 0 the length has changed meanwhile, -1 exception.
static int try_set_slice(struct thread *t, struct bytearray *b, vref key, const struct bytes *bytes, bool deletes) {
    int64_t start, stop, step, count;
    size_t length = bytes_span(borrowed_word(&b->head)).n;
    if (!slice_indices(t, key, (int64_t)length, &start, &stop, &step, &count)) return -1;
    if (step == 1) return bytearray_splice(t, b, (size_t)start, (size_t)(start + (count > 0 ? count : 0)), bytes->data, bytes->length) ? 1 : -1;
    if (bytes->length == 0) deletes = true; // of a stepped slice, too
    if (!deletes && (int64_t)bytes->length != count) {
        raise(t, &exc_ValueError, "attempt to assign bytes of size %zu to extended slice of size %ld", bytes->length, count);
        return -1;
    }
    return count <= 0 ? 1 : bytearray_steps(t, b, length, start, step, count, deletes ? NULL : bytes->data);
}
static int set_slice(struct thread *t, vref self, vref key, vref v) {
    value bytes = v ? value_bytes(t, v) : bytes_empty;
    int r = bytes ? 0 : -1;
    while (r == 0) r = try_set_slice(t, as_bytearray(self), key, as_bytes(bytes), !v);
    release_opt(t, bytes);
    return r < 0 ? -1 : 0;
}

static int bytearray_setitem(struct thread *t, vref self, vref key, vref v) {
    int64_t i;
    uint8_t c = 0;
    if (has_shape(key, SHAPE_SLICE)) return set_slice(t, self, key, v);
    if (!type_of(key)->to_index) {
        raise(t, &exc_TypeError, "bytearray indices must be integers or slices, not %T", key);
        return -1;
    }
    if (!object_as_index(t, key, &i) || (v && !byte_arg(t, v, &c))) return -1;
    if (v && bytearray_put(t, as_bytearray(self), i, c)) return 0;
    int got = v ? -2 : bytearray_take(t, as_bytearray(self), i);
    if (got == -2) raise(t, &exc_IndexError, "bytearray index out of range");
    return got < 0 ? -1 : 0;
}

// ---- operators ----

static int64_t bytearray_length(struct thread *t, vref v) { return (int64_t)bytes_span(v).n; }
static value bytearray_add(struct thread *t, vref a, vref b) {
    return is_bytearray(a) && buffer_check(b) ? bytes_concat(t, a, b) : V_NOTIMPL;
}
static value bytearray_inplace_add(struct thread *t, vref a, vref b) {
    if (!buffer_check(b)) return raise(t, &exc_TypeError, "can't concat %T to %T", b, a);
    value bytes = value_bytes(t, b);
    if (!bytes) return V_NULL;
    bool ok = bytearray_splice(t, as_bytearray(a), SIZE_MAX, SIZE_MAX, as_bytes(bytes)->data, as_bytes(bytes)->length);
    release(t, bytes);
    return ok ? own(t, a) : V_NULL;
}
static value bytearray_multiply(struct thread *t, vref a, vref b) {
    vref s = is_bytearray(a) ? a : b, n = is_bytearray(a) ? b : a;
    int64_t count;
    if (!is_int(n) && (!type_of(n)->to_index || type_of(n)->binary[NB_MUL])) return V_NOTIMPL; // a __rmul__ goes first
    value x = repeat_count(t, n, &count) ? bytearray_at_rest(t, s) : V_NULL, r = x ? bytes_repeat(t, x, count) : V_NULL;
    release_opt(t, x);
    return r;
}
static value bytearray_inplace_multiply(struct thread *t, vref a, vref b) {
    int64_t count;
    if (!type_of(b)->to_index) return V_NOTIMPL;
    if (!repeat_count(t, b, &count)) return V_NULL;
    value v = bytes_repeat(t, a, count);
    if (!v) return V_NULL;
    bool ok = bytearray_splice(t, as_bytearray(a), 0, SIZE_MAX, as_bytearray(v)->data, as_bytearray(v)->length);
    release(t, v);
    return ok ? own(t, a) : V_NULL;
}
static value bytearray_modulo(struct thread *t, vref a, vref b) {
    if (!is_bytearray(a)) return V_NOTIMPL;
    value v = bytes_percent(t, a, b);
    if (!v) return V_NULL;
    value out = bytearray_new(t, as_bytes(v)->data, as_bytes(v)->length);
    release(t, v);
    return out;
}

static value bytearray_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    value x = bytearray_at_rest(t, a), y = !x ? V_NULL : is_bytearray(b) ? bytearray_at_rest(t, b) : own(t, b);
    value r = y ? bytes_compare(t, x, y, op) : V_NULL;
    release_opt(t, x);
    release_opt(t, y);
    return r;
}
static value bytearray_getitem(struct thread *t, vref self, vref key) {
    if (is_int62(key)) {
        int c = bytearray_get(t, as_bytearray(self), as_int62(key));
        return c >= 0 ? from_int62(c) : raise(t, &exc_IndexError, "bytearray index out of range");
    }
    value x = bytearray_at_rest(t, self), r = x ? bytes_getitem(t, x, key) : V_NULL;
    release_opt(t, x);
    return r;
}
static int bytearray_contains(struct thread *t, vref self, vref v) {
    value x = bytearray_at_rest(t, self);
    int r = x ? bytes_contains(t, x, v) : -1;
    release_opt(t, x);
    return r;
}

static bool bytearray_buffer(struct thread *t, vref self, struct buffer_view *view) {
    struct span s = bytearray_export(t, as_bytearray(self));
    view->data = s.p ? (uint8_t *)(uintptr_t)s.p : as_bytes(bytes_empty)->data, view->length = s.n;
    return true;
}
static void bytearray_buffer_drop(struct thread *t, vref self) { __atomic_fetch_sub(&as_bytearray(self)->exports, 1, __ATOMIC_RELEASE); }

static value bytearray_repr(struct thread *t, vref v) {
    value x = bytearray_at_rest(t, v), r = x ? bytearray_text(t, bytes_span(x), type_of(v)->name) : V_NULL;
    release_opt(t, x);
    return r;
}

// ---- methods ----

static value m_append(struct thread *t, const vref *a) { // self, item
    uint8_t c;
    return byte_arg(t, a[1], &c) && bytearray_splice(t, as_bytearray(a[0]), SIZE_MAX, SIZE_MAX, &c, 1) ? V_NONE : V_NULL;
}
static value m_extend(struct thread *t, const vref *a) { // self, iterable
    struct byte_builder items = {.t = t};
    bool ok;
    struct type *c = type_of(a[1]);
    if (!buffer_check(a[1]) && !c->iter && !c->getitem) {
        raise(t, &exc_TypeError, "can't extend bytearray with %T", a[1]);
        ok = false;
    } else if (is_str(a[1])) {
        raise(t, &exc_TypeError, "'str' object cannot be interpreted as an integer");
        ok = as_str(a[1])->length == 0;
        if (ok) raised_clear(t);
    } else
        ok = bytes_collect(t, &items, "bytearray", a[1], V_NULL, V_NULL);
    ok = ok && bytearray_splice(t, as_bytearray(a[0]), SIZE_MAX, SIZE_MAX, items.data, items.length);
    byte_builder_discard(&items);
    return ok ? V_NONE : V_NULL;
}
static value m_insert(struct thread *t, const vref *a) { // self, index, item
    int64_t i;
    uint8_t c;
    if (!object_as_index(t, a[1], &i) || !byte_arg(t, a[2], &c)) return V_NULL;
    if (i < 0 && (i += (int64_t)bytes_span(a[0]).n) < 0) i = 0;
    return bytearray_splice(t, as_bytearray(a[0]), (size_t)i, (size_t)i, &c, 1) ? V_NONE : V_NULL;
}
static value m_pop(struct thread *t, const vref *a) { // self, index=-1
    int64_t i = -1;
    if (a[1] && !object_as_index(t, a[1], &i)) return V_NULL;
    int c = bytearray_take(t, as_bytearray(a[0]), i);
    if (c == -2) return raise(t, &exc_IndexError, bytes_span(a[0]).n ? "pop index out of range" : "pop from empty bytearray");
    return c < 0 ? V_NULL : from_int62(c);
}
static value m_remove(struct thread *t, const vref *a) { // self, value
    uint8_t c;
    if (!byte_arg(t, a[1], &c)) return V_NULL;
    int gone = bytearray_remove(t, as_bytearray(a[0]), c);
    if (gone == 0) raise(t, &exc_ValueError, "value not found in bytearray");
    return gone > 0 ? V_NONE : V_NULL;
}
static value m_clear(struct thread *t, const vref *a) { return bytearray_splice(t, as_bytearray(a[0]), 0, SIZE_MAX, NULL, 0) ? V_NONE : V_NULL; }
static value m_copy(struct thread *t, const vref *a) {
    value x = bytearray_at_rest(t, a[0]), r = x ? bytearray_new(t, bytes_span(x).p, bytes_span(x).n) : V_NULL;
    release_opt(t, x);
    return r;
}
static value m_reverse(struct thread *t, const vref *a) { return bytearray_reverse(t, as_bytearray(a[0])), V_NONE; }
static value m_fromhex(struct thread *t, const vref *a) { // cls, string
    value bytes = bytes_fromhex(t, a[1]), made = bytes ? object_call1(t, a[0], bytes) : V_NULL;
    release_opt(t, bytes);
    return made;
}
static value m_alloc(struct thread *t, const vref *a) { return from_int62((int64_t)as_bytearray(a[0])->capacity); }
static value m_sizeof(struct thread *t, const vref *a) { return from_int62((int64_t)(sizeof(struct bytearray) + as_bytearray(a[0])->capacity)); }

static value reduce(struct thread *t, vref self, bool text) {
    value state = object_call_method(t, self, NAME(__getstate__), NULL, 0), args = V_NULL, data = V_NULL;
    if (!state) return V_NULL;
    struct span s = bytes_span(self);
    if (s.n == 0) args = own(t, tuple_empty);
    else if (text) {
        value encoding = str_from_cstr(t, "latin-1");
        data = str_from_latin1(t, s.p, s.n);
        args = data && encoding ? tuple_pack(t, 2, data, encoding) : V_NULL;
        release_opt(t, encoding);
    } else {
        data = bytes_new(t, s.p, s.n);
        args = data ? tuple_pack(t, 1, data) : V_NULL;
    }
    value out = args ? tuple_pack(t, 3, type_ref(type_of(self)), args, state) : V_NULL;
    release_opt(t, data), release_opt(t, args), release(t, state);
    return out;
}
static value reduce_at_rest(struct thread *t, vref self, bool text) {
    if (type_of(self) != &type_bytearray) return reduce(t, self, text);
    value x = bytearray_at_rest(t, self), r = x ? reduce(t, x, text) : V_NULL;
    release_opt(t, x);
    return r;
}
static value m_reduce(struct thread *t, const vref *a) { return reduce_at_rest(t, a[0], true); }
static value m_reduce_ex(struct thread *t, const vref *a) { // self, proto=0
    int64_t proto;
    return size_arg(t, a[1], 0, &proto) ? reduce_at_rest(t, a[0], proto < 3) : V_NULL;
}

// What bytes has too runs on a copy when another thread may write meanwhile. A signature has as many commas as the method has arguments, self included:
// the mark of positional-only ones stands for the one that is missing.
enum { MOST_ARGUMENTS = 4 };
static value at_rest(struct thread *t, const vref *a, const char *signature, native_fn *method) {
    vref args[MOST_ARGUMENTS];
    size_t n = 0;
    value self = bytearray_at_rest(t, a[0]);
    if (!self) return V_NULL;
    for (const char *p = signature; (p = strchr(p, ',')) != NULL; p++, n++) args[n] = a[n];
    args[0] = self;
    value r = method(t, args);
    release(t, self);
    return r;
}
#define X(name, signature)                                                                          \
    static value rest_##name(struct thread *t, const vref *a) {                                     \
        if (!t->free_threaded) return bytes_m_##name(t, a);                                         \
        return at_rest(t, a, signature, bytes_m_##name);                                            \
    }
BYTES_SHARED_METHODS(X)
#undef X

static const struct native bytearray_natives[] = {
#define X(n, s) {.name = #n, .kind = NATIVE_METHOD, .sig = s, .fn = rest_##n},
    BYTES_SHARED_METHODS(X)
#undef X
    {.name = "maketrans", .kind = NATIVE_STATIC, .sig = "(frm, to, /)", .fn = bytes_m_maketrans},
    {.name = "fromhex", .kind = NATIVE_CLASS, .sig = "($type, string, /)", .fn = m_fromhex},
    {.name = "append", .kind = NATIVE_METHOD, .sig = "($self, item, /)", .fn = m_append, .doc = "Add a byte, an int from 0 to 255, at the end."},
    {.name = "extend", .kind = NATIVE_METHOD, .sig = "($self, iterable_of_ints, /)", .fn = m_extend,
     .doc = "Add all bytes that the iterable gives at the end."},
    {.name = "insert", .kind = NATIVE_METHOD, .sig = "($self, index, item, /)", .fn = m_insert, .doc = "Put a byte before the one at index."},
    {.name = "pop", .kind = NATIVE_METHOD, .sig = "($self, index=-1, /)", .fn = m_pop,
     .doc = "Take the byte at index out (by default the last) and return it; IndexError if there is none."},
    {.name = "remove", .kind = NATIVE_METHOD, .sig = "($self, value, /)", .fn = m_remove, .doc = "Drop the first byte that equals value; ValueError if there is none."},
    {.name = "clear", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_clear, .doc = "Drop all bytes."},
    {.name = "copy", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_copy, .doc = "Return a copy of B."},
    {.name = "reverse", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_reverse, .doc = "Turn the bytes round, in place."},
    {.name = "__alloc__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_alloc},
    {.name = "__sizeof__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_sizeof},
    {.name = "__reduce__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_reduce},
    {.name = "__reduce_ex__", .kind = NATIVE_METHOD, .sig = "($self, proto=0, /)", .fn = m_reduce_ex},
    {.name = NULL},
};

struct type type_bytearray = {
    .head = {.shared = SHARED_IMMORTAL | SHARED_DEFERRED, .shape = SHAPE_TYPE},
    .name = "bytearray",
    .module = "builtins",
    .doc = "bytearray(source=b'', encoding=..., errors=...): bytes that can be changed, made of what bytes() is made of.",
    .flags = TYPE_BASE,
    .basicsize = sizeof(struct bytearray),
    .root_shape = SHAPE_BYTEARRAY,
    .base = &type_object,
    .natives = bytearray_natives,
    .destroy = bytearray_destroy,
    .make = bytearray_make,
    .init = bytearray_init,
    .repr = bytearray_repr,
    .iter = bytes_iter,
    .hash = hash_unhashable,
    .compare = bytearray_compare,
    .length = bytearray_length,
    .getitem = bytearray_getitem,
    .setitem = bytearray_setitem,
    .contains = bytearray_contains,
    .binary = {[NB_ADD] = bytearray_add, [NB_MUL] = bytearray_multiply, [NB_MOD] = bytearray_modulo},
    .inplace = {[NB_ADD] = bytearray_inplace_add, [NB_MUL] = bytearray_inplace_multiply},
    .buffer = bytearray_buffer,
    .buffer_drop = bytearray_buffer_drop,
};
