// SPDX-License-Identifier: Apache-2.0
// The type bytearray. Leaves what it shares with bytes to bytes*.c.
//
// THREADS. Readers take the length first, then the array; a replaced array is retired and is never shorter than the length before, so a reader sees
// torn contents at worst. Writers stand in write_begin/write_end. While a buffer is exported the array neither moves nor changes its length.
#include "interp/types/bytes.h"
#include "interp/types/args.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/slots.h"
#include "interp/types/str/text.h"

static bool check_exports(struct thread *t, struct bytearray *b) {
    if (__atomic_load_n(&b->exports, __ATOMIC_RELAXED) == 0) return true;
    raise(t, &exc_BufferError, "Existing exports of data: object cannot be re-sized");
    return false;
}

value bytearray_new(struct thread *t, const void *data, size_t n) {
    struct bytearray *b = object_alloc(t, sizeof *b, SHAPE_BYTEARRAY);
    if (!b) return V_NULL;
    b->length = b->capacity = 0, b->data = NULL, b->exports = 0;
    if (!bytearray_resize(t, b, n)) {
        release(t, counted_word(b));
        return V_NULL;
    }
    if (data && n) memcpy(b->data, data, n);
    else if (n) memset(b->data, 0, n);
    return counted_word(b);
}

bool bytearray_resize(struct thread *t, struct bytearray *b, size_t n) {
    if (n == b->length) return true;
    if (!check_exports(t, b)) return false;
    if (n + 1 > b->capacity) {
        size_t capacity = b->capacity ? n + n / 8 + 16 : n + 1;
        uint8_t *fresh = mem_alloc(t, capacity), *old = b->data;
        if (!fresh) return false;
        if (b->length) memcpy(fresh, old, b->length);
        size_t old_capacity = b->capacity;
        bool locked = write_begin(t, &b->head);
        __atomic_store_n(&b->data, fresh, __ATOMIC_RELEASE);
        b->capacity = capacity;
        write_end(t, &b->head, locked);
        if (old) mem_retire(t, old, old_capacity);
    } else if (n < b->capacity / 4 && b->capacity > 256 && !t->free_threaded) {
        uint8_t *less = mem_resize(t, b->data, b->capacity, n + 1);
        if (!less) return false;
        b->data = less, b->capacity = n + 1;
    }
    b->data[n] = 0;
    __atomic_store_n(&b->length, n, __ATOMIC_RELEASE);
    return true;
}

static void bytearray_destroy(struct thread *t, struct object *o) {
    struct bytearray *b = (struct bytearray *)o;
    if (b->data) mem_free(t, b->data, b->capacity);
}

// Puts n bytes of p in place of [from, to). p does not lie in b.
static bool splice(struct thread *t, struct bytearray *b, size_t from, size_t to, const uint8_t *p, size_t n) {
    size_t old = b->length, tail = old - to, grown = old - (to - from) + n;
    if (grown > old && !bytearray_resize(t, b, grown)) return false;
    if (grown < old && !check_exports(t, b)) return false;
    if (n != to - from && tail) memmove(b->data + from + n, b->data + to, tail);
    if (n) memcpy(b->data + from, p, n);
    return grown >= old || bytearray_resize(t, b, grown);
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
    bool ok = bytes_collect(t, &b, "bytearray", a[0], a[1], a[2]) && splice(t, as_bytearray(self), 0, as_bytearray(self)->length, b.data, b.length);
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

static bool delete_steps(struct thread *t, struct bytearray *b, int64_t start, int64_t step, int64_t count) {
    if (step < 0) start += step * (count - 1), step = -step;
    if (!check_exports(t, b)) return false;
    size_t to = (size_t)start, gone = 0;
    for (size_t from = (size_t)start; from < b->length; from++) {
        if (gone < (size_t)count && from == (size_t)start + gone * (size_t)step) gone++;
        else b->data[to++] = b->data[from];
    }
    return bytearray_resize(t, b, to);
}

static int set_slice(struct thread *t, vref self, vref key, vref v) {
    struct bytearray *b = as_bytearray(self);
    value bytes = v ? value_bytes(t, v) : bytes_empty;
    int64_t start, stop, step, count;
    if (!bytes) return -1;
    if (!slice_indices(t, key, (int64_t)b->length, &start, &stop, &step, &count)) return release(t, bytes), -1;
    size_t n = as_bytes(bytes)->length;
    bool ok = true;
    if (step == 1) ok = splice(t, b, (size_t)start, (size_t)(start + (count > 0 ? count : 0)), as_bytes(bytes)->data, n);
    else if (!v) ok = count <= 0 || delete_steps(t, b, start, step, count);
    else if ((int64_t)n != count) {
        raise(t, &exc_ValueError, "attempt to assign bytes of size %zu to extended slice of size %ld", n, count);
        ok = false;
    } else
        for (int64_t i = 0; i < count; i++) b->data[start + i * step] = as_bytes(bytes)->data[i];
    release(t, bytes);
    return ok ? 0 : -1;
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
    struct bytearray *b = as_bytearray(self);
    if (i < 0) i += (int64_t)b->length;
    if (i < 0 || i >= (int64_t)b->length) {
        raise(t, &exc_IndexError, "bytearray index out of range");
        return -1;
    }
    if (!v) return splice(t, b, (size_t)i, (size_t)i + 1, NULL, 0) ? 0 : -1;
    b->data[i] = c;
    return 0;
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
    struct bytearray *x = as_bytearray(a);
    bool ok = splice(t, x, x->length, x->length, as_bytes(bytes)->data, as_bytes(bytes)->length);
    release(t, bytes);
    return ok ? own(t, a) : V_NULL;
}
static value bytearray_multiply(struct thread *t, vref a, vref b) {
    vref s = is_bytearray(a) ? a : b, n = is_bytearray(a) ? b : a;
    int64_t count;
    if (!is_int(n) && (!type_of(n)->to_index || type_of(n)->binary[NB_MUL])) return V_NOTIMPL; // a __rmul__ goes first
    return repeat_count(t, n, &count) ? bytes_repeat(t, s, count) : V_NULL;
}
static value bytearray_inplace_multiply(struct thread *t, vref a, vref b) {
    int64_t count;
    if (!type_of(b)->to_index) return V_NOTIMPL;
    if (!repeat_count(t, b, &count)) return V_NULL;
    value v = bytes_repeat(t, a, count);
    if (!v) return V_NULL;
    bool ok = splice(t, as_bytearray(a), 0, as_bytearray(a)->length, as_bytearray(v)->data, as_bytearray(v)->length);
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

static value bytearray_compare(struct thread *t, vref a, vref b, enum compare_op op) { return bytes_compare(t, a, b, op); }

static bool bytearray_buffer(struct thread *t, vref self, struct buffer_view *view) {
    struct bytearray *b = as_bytearray(self);
    __atomic_fetch_add(&b->exports, 1, __ATOMIC_RELAXED);
    struct span s = bytes_span(self);
    view->data = s.p ? (uint8_t *)(uintptr_t)s.p : as_bytes(bytes_empty)->data, view->length = s.n;
    return true;
}
static void bytearray_buffer_drop(struct thread *t, vref self) { __atomic_fetch_sub(&as_bytearray(self)->exports, 1, __ATOMIC_RELAXED); }

static value bytearray_repr(struct thread *t, vref v) { return bytearray_text(t, bytes_span(v), type_of(v)->name); }

// ---- methods ----

static value m_append(struct thread *t, const vref *a) { // self, item
    uint8_t c;
    if (!byte_arg(t, a[1], &c)) return V_NULL;
    struct bytearray *b = as_bytearray(a[0]);
    size_t n = b->length;
    if (!bytearray_resize(t, b, n + 1)) return V_NULL;
    b->data[n] = c;
    return V_NONE;
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
    struct bytearray *b = as_bytearray(a[0]);
    ok = ok && splice(t, b, b->length, b->length, items.data, items.length);
    byte_builder_discard(&items);
    return ok ? V_NONE : V_NULL;
}
static value m_insert(struct thread *t, const vref *a) { // self, index, item
    int64_t i;
    uint8_t c;
    if (!object_as_index(t, a[1], &i) || !byte_arg(t, a[2], &c)) return V_NULL;
    struct bytearray *b = as_bytearray(a[0]);
    int64_t n = (int64_t)b->length;
    if (i < 0 && (i += n) < 0) i = 0;
    if (i > n) i = n;
    return splice(t, b, (size_t)i, (size_t)i, &c, 1) ? V_NONE : V_NULL;
}
static value m_pop(struct thread *t, const vref *a) { // self, index=-1
    int64_t i = -1;
    if (a[1] && !object_as_index(t, a[1], &i)) return V_NULL;
    struct bytearray *b = as_bytearray(a[0]);
    int64_t n = (int64_t)b->length;
    if (n == 0) return raise(t, &exc_IndexError, "pop from empty bytearray");
    if (i < 0) i += n;
    if (i < 0 || i >= n) return raise(t, &exc_IndexError, "pop index out of range");
    uint8_t c = b->data[i];
    return splice(t, b, (size_t)i, (size_t)i + 1, NULL, 0) ? from_int62(c) : V_NULL;
}
static value m_remove(struct thread *t, const vref *a) { // self, value
    uint8_t c;
    if (!byte_arg(t, a[1], &c)) return V_NULL;
    struct bytearray *b = as_bytearray(a[0]);
    uint8_t *p = b->length ? memchr(b->data, c, b->length) : NULL;
    if (!p) return raise(t, &exc_ValueError, "value not found in bytearray");
    size_t i = (size_t)(p - b->data);
    return splice(t, b, i, i + 1, NULL, 0) ? V_NONE : V_NULL;
}
static value m_clear(struct thread *t, const vref *a) { return bytearray_resize(t, as_bytearray(a[0]), 0) ? V_NONE : V_NULL; }
static value m_copy(struct thread *t, const vref *a) { return bytearray_new(t, bytes_span(a[0]).p, bytes_span(a[0]).n); }
static value m_reverse(struct thread *t, const vref *a) {
    struct bytearray *b = as_bytearray(a[0]);
    for (size_t i = 0, j = b->length; i + 1 < j; i++) {
        uint8_t c = b->data[i];
        b->data[i] = b->data[--j], b->data[j] = c;
    }
    return V_NONE;
}
static value m_fromhex(struct thread *t, const vref *a) { // cls, string
    value bytes = bytes_fromhex(t, a[1]), made = bytes ? object_call1(t, a[0], bytes) : V_NULL;
    release_opt(t, bytes);
    return made;
}
static value m_alloc(struct thread *t, const vref *a) { return from_int62((int64_t)as_bytearray(a[0])->capacity); }
static value m_sizeof(struct thread *t, const vref *a) { return from_int62((int64_t)(sizeof(struct bytearray) + as_bytearray(a[0])->capacity)); }

static value reduce(struct thread *t, vref self, bool text) {
    value dict = V_NULL, args = V_NULL, data = V_NULL;
    int got = object_lookup_attr(t, self, str_intern_cstr(t, "__dict__"), &dict);
    if (got < 0) return V_NULL;
    if (got == 0) dict = V_NONE;
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
    value out = args ? tuple_pack(t, 3, type_ref(type_of(self)), args, dict) : V_NULL;
    release_opt(t, data), release_opt(t, args), release(t, dict);
    return out;
}
static value m_reduce(struct thread *t, const vref *a) { return reduce(t, a[0], true); }
static value m_reduce_ex(struct thread *t, const vref *a) { // self, proto=0
    int64_t proto;
    return size_arg(t, a[1], 0, &proto) ? reduce(t, a[0], proto < 3) : V_NULL;
}

static const struct native bytearray_natives[] = {
#define X(n, s) {.name = #n, .kind = NATIVE_METHOD, .sig = s, .fn = bytes_m_##n},
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
    .doc = "Bytes that can be changed, made of what bytes() is made of.",
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
    .getitem = bytes_getitem,
    .setitem = bytearray_setitem,
    .contains = bytes_contains,
    .binary = {[NB_ADD] = bytearray_add, [NB_MUL] = bytearray_multiply, [NB_MOD] = bytearray_modulo},
    .inplace = {[NB_ADD] = bytearray_inplace_add, [NB_MUL] = bytearray_inplace_multiply},
    .buffer = bytearray_buffer,
    .buffer_drop = bytearray_buffer_drop,
};
