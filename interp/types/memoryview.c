// SPDX-License-Identifier: Apache-2.0
// The type memoryview. Leaves exporting memory to the types themselves.
#include "interp/types/memoryview.h"
#include "interp/types/args.h"
#include "interp/types/bytes.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/text.h"

static struct memoryview *as_view(vref v) { return (struct memoryview *)as_object(v); }

static bool alive(struct thread *t, const struct memoryview *m) {
    if (m->view.owner) return true;
    raise(t, &exc_ValueError, "operation forbidden on released memoryview object");
    return false;
}

// ---- making ----

static uint32_t size_of_code(char c) {
    switch (c) {
    case 'c': case 'b': case 'B': case '?': return 1;
    case 'h': case 'H': case 'e': return 2;
    case 'i': case 'I': case 'f': return 4;
    case 'l': case 'L': case 'q': case 'Q': case 'n': case 'N': case 'P': case 'd': return 8;
    default: return 0;
    }
}
static char code_of(const struct memoryview *m) { return m->format[0] == '@' ? m->format[1] : m->format[0]; }

// A view of all of `object`'s memory; an existing view lends its shape.
value memoryview_new(struct thread *t, vref object) {
    if (!buffer_check(object)) return raise(t, &exc_TypeError, "memoryview: a bytes-like object is required, not '%T'", object);
    const struct memoryview *from = type_of(object) == &type_memoryview ? as_view(object) : NULL;
    if (from && !alive(t, from)) return V_NULL;
    struct memoryview *m = object_alloc_gc(t, sizeof *m, type_memoryview.root_shape);
    if (!m) return V_NULL;
    memset((char *)m + sizeof m->head, 0, sizeof *m - sizeof m->head);
    m->hash = -1;
    if (!buffer_get(t, from ? from->view.owner : object, &m->view, false)) return release(t, counted_word(m)), V_NULL;
    if (from) {
        m->start = from->start, m->count = from->count, m->stride = from->stride, m->itemsize = from->itemsize, m->readonly = from->readonly;
        memcpy(m->format, from->format, sizeof m->format);
        return counted_word(m);
    }
    m->itemsize = m->view.itemsize ? (uint32_t)m->view.itemsize : 1;
    strncpy(m->format, m->view.format ? m->view.format : "B", sizeof m->format - 1);
    m->start = m->view.data, m->count = (int64_t)m->view.length / m->itemsize, m->stride = m->itemsize, m->readonly = m->view.readonly;
    return counted_word(m);
}

static value view_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"object"};
    static const struct args_spec spec = {"memoryview", names, 0, 1, 1};
    vref object;
    return args_bind(t, &spec, args, nargs, kwnames, &object) ? memoryview_new(t, object) : V_NULL;
}

static void drop(struct thread *t, struct memoryview *m) {
    if (m->view.owner) buffer_release(t, &m->view);
}
static void view_destroy(struct thread *t, struct object *o) { drop(t, (struct memoryview *)o); }
static int view_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct memoryview *m = (struct memoryview *)o;
    return m->view.owner ? visit(m->view.owner, arg) : 0;
}
static void view_clear(struct thread *t, struct object *o) { drop(t, (struct memoryview *)o); }

static bool is_contiguous(const struct memoryview *m) { return m->stride == m->itemsize || m->count == 1; }

static bool view_buffer(struct thread *t, vref self, struct buffer_view *out) {
    struct memoryview *m = as_view(self);
    if (!alive(t, m)) return false;
    if (!is_contiguous(m)) {
        raise(t, &exc_BufferError, "memoryview: underlying buffer is not C-contiguous");
        return false;
    }
    __atomic_fetch_add(&m->exports, 1, __ATOMIC_RELAXED);
    out->data = m->start, out->length = (size_t)m->count * m->itemsize, out->readonly = m->readonly, out->format = m->format, out->itemsize = m->itemsize;
    return true;
}
static void view_buffer_drop(struct thread *t, vref self) { __atomic_fetch_sub(&as_view(self)->exports, 1, __ATOMIC_RELAXED); }

// ---- items ----

static value load_signed(struct thread *t, const uint8_t *p, uint32_t size) {
    uint64_t u = 0;
    memcpy(&u, p, size);
    unsigned up = 64 - size * 8;
    return int_from_i64(t, (int64_t)(u << up) >> up);
}
static value load_unsigned(struct thread *t, const uint8_t *p, uint32_t size) {
    uint64_t u = 0;
    memcpy(&u, p, size);
    return u <= (uint64_t)INT62_MAX ? from_int62((int64_t)u) : int_from_u64(t, u);
}

static value unpack(struct thread *t, const struct memoryview *m, const uint8_t *p) {
    float f;
    double d;
    switch (code_of(m)) {
    case 'B': return from_int62(*p);
    case 'c': return byte_new(*p);
    case '?': return from_bool(*p != 0);
    case 'b': case 'h': case 'i': case 'l': case 'q': case 'n': return load_signed(t, p, m->itemsize);
    case 'H': case 'I': case 'L': case 'Q': case 'N': case 'P': return load_unsigned(t, p, m->itemsize);
    case 'f': return memcpy(&f, p, 4), float_new(t, f);
    case 'd': return memcpy(&d, p, 8), float_new(t, d);
    default: return raise(t, &exc_NotImplementedError, "memoryview: format %s not supported", m->format);
    }
}

static bool wrong_type(struct thread *t, const struct memoryview *m) {
    raise(t, &exc_TypeError, "memoryview: invalid type for format '%s'", m->format);
    return false;
}
static bool wrong_value(struct thread *t, const struct memoryview *m) {
    raise(t, &exc_ValueError, "memoryview: invalid value for format '%s'", m->format);
    return false;
}

static bool pack_int(struct thread *t, const struct memoryview *m, uint8_t *p, vref v, bool is_signed) {
    if (!type_of(v)->to_index) return wrong_type(t, m);
    value i = object_index(t, v);
    if (!i) return false;
    uint8_t raw[8];
    bool ok = int_to_bytes(t, i, raw, m->itemsize, true, is_signed);
    release(t, i);
    if (!ok) {
        raised_clear(t);
        return wrong_value(t, m);
    }
    memcpy(p, raw, m->itemsize);
    return true;
}

static bool pack(struct thread *t, const struct memoryview *m, uint8_t *p, vref v) {
    double d;
    float f;
    int truth;
    switch (code_of(m)) {
    case 'b': case 'h': case 'i': case 'l': case 'q': case 'n': return pack_int(t, m, p, v, true);
    case 'B': case 'H': case 'I': case 'L': case 'Q': case 'N': case 'P': return pack_int(t, m, p, v, false);
    case 'c':
        if (!is_bytes(v)) return wrong_type(t, m);
        if (as_bytes(v)->length != 1) return wrong_value(t, m);
        *p = as_bytes(v)->data[0];
        return true;
    case '?':
        if ((truth = object_truth(t, v)) < 0) return false;
        *p = (uint8_t)truth;
        return true;
    case 'f': case 'd':
        if (!float_as_double(t, v, &d)) {
            if (raised_is(t, &exc_TypeError)) raised_clear(t), wrong_type(t, m);
            return false;
        }
        f = (float)d;
        if (m->itemsize == 4) memcpy(p, &f, 4);
        else memcpy(p, &d, 8);
        return true;
    default: raise(t, &exc_NotImplementedError, "memoryview: format %s not supported", m->format); return false;
    }
}

// The view of items start, start+step, … of m.
static value sub_view(struct thread *t, vref self, vref slice) {
    value v = memoryview_new(t, self); // before the bounds are asked for, which may release self
    if (!v) return V_NULL;
    struct memoryview *m = as_view(v);
    int64_t start, stop, step, count;
    if (!slice_indices(t, slice, m->count, &start, &stop, &step, &count)) return release(t, v), V_NULL;
    m->start += start * m->stride;
    m->stride *= step;
    m->count = count < 0 ? 0 : count;
    return v;
}

// Address of the item that key names; NULL: exception.
static uint8_t *item_at(struct thread *t, const struct memoryview *m, vref key) {
    int64_t i;
    if (!object_as_index(t, key, &i) || !alive(t, m)) return NULL; // an __index__ may release it
    if (i < 0) i += m->count;
    if (i < 0 || i >= m->count) {
        raise(t, &exc_IndexError, "index out of bounds on dimension 1");
        return NULL;
    }
    return m->start + i * m->stride;
}

static value view_getitem(struct thread *t, vref self, vref key) {
    const struct memoryview *m = as_view(self);
    if (!alive(t, m)) return V_NULL;
    if (has_shape(key, SHAPE_SLICE)) return sub_view(t, self, key);
    if (key == V_ELLIPSIS) return own(t, self);
    if (is_tuple(key)) {
        if (tuple_size(key) == 1) return view_getitem(t, self, tuple_at(key, 0));
        return raise(t, &exc_TypeError, tuple_size(key) ? "cannot index %d-dimension view with %zu-element tuple" : "memoryview: invalid slice key", 1, tuple_size(key));
    }
    if (!type_of(key)->to_index) return raise(t, &exc_TypeError, "memoryview: invalid slice key");
    uint8_t *p = item_at(t, m, key);
    return p ? unpack(t, m, p) : V_NULL;
}

static int set_slice(struct thread *t, vref self, vref key, vref v) {
    struct memoryview *m = as_view(self);
    int64_t start, stop, step, count;
    if (!slice_indices(t, key, m->count, &start, &stop, &step, &count)) return -1;
    if (count < 0) count = 0;
    value from = memoryview_new(t, v);
    if (!from) return -1;
    const struct memoryview *s = as_view(from);
    if (!alive(t, m)) return release(t, from), -1;
    bool same = s->count == count && s->itemsize == m->itemsize && code_of(s) == code_of(m);
    size_t bytes = (size_t)count * m->itemsize;
    uint8_t *copy = same && bytes ? mem_alloc(t, bytes) : NULL; // they may overlap
    if (!same) raise(t, &exc_ValueError, "memoryview assignment: lvalue and rvalue have different structures");
    else if (copy) {
        for (int64_t i = 0; i < count; i++) memcpy(copy + i * s->itemsize, s->start + i * s->stride, s->itemsize);
        for (int64_t i = 0; i < count; i++) memcpy(m->start + (start + i * step) * m->stride, copy + i * m->itemsize, m->itemsize);
        mem_free(t, copy, bytes);
    }
    release(t, from);
    return raised(t) ? -1 : 0;
}

static int view_setitem(struct thread *t, vref self, vref key, vref v) {
    struct memoryview *m = as_view(self);
    if (!alive(t, m)) return -1;
    if (m->readonly) return raise(t, &exc_TypeError, "cannot modify read-only memory"), -1;
    if (!v) return raise(t, &exc_TypeError, "cannot delete memory"), -1;
    if (has_shape(key, SHAPE_SLICE)) return set_slice(t, self, key, v);
    if (is_tuple(key) && tuple_size(key) == 1) key = tuple_at(key, 0);
    if (!type_of(key)->to_index) return raise(t, &exc_TypeError, "memoryview: invalid slice key"), -1;
    uint8_t raw[8], *p = item_at(t, m, key);
    if (!p || !pack(t, m, raw, v) || !alive(t, m)) return -1; // packing may call out
    memcpy(p, raw, m->itemsize);
    return 0;
}

static int64_t view_length(struct thread *t, vref self) { return alive(t, as_view(self)) ? as_view(self)->count : -1; }

// ---- comparison, hash ----

static value view_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if ((op != CMP_EQ && op != CMP_NE) || type_of(a) != &type_memoryview || !buffer_check(b)) return V_NOTIMPL;
    if (!as_view(a)->view.owner || (type_of(b) == &type_memoryview && !as_view(b)->view.owner))
        return from_bool((as_object(a) == as_object(b)) == (op == CMP_EQ));
    value other = memoryview_new(t, b);
    if (!other) return V_NULL;
    const struct memoryview *x = as_view(a), *y = as_view(other);
    int equal = x->count == y->count;
    bool raw = code_of(x) == code_of(y) && x->itemsize == y->itemsize && code_of(x) != 'f' && code_of(x) != 'd' && size_of_code(code_of(x));
    for (int64_t i = 0; equal > 0 && i < x->count; i++) {
        const uint8_t *p = x->start + i * x->stride, *q = y->start + i * y->stride;
        if (raw) {
            equal = memcmp(p, q, x->itemsize) == 0;
            continue;
        }
        value u = unpack(t, x, p), v = u ? unpack(t, y, q) : V_NULL;
        equal = v ? object_compare_bool(t, u, v, CMP_EQ) : -1;
        release_opt(t, u), release_opt(t, v);
    }
    release(t, other);
    if (equal < 0 && raised_is(t, &exc_NotImplementedError)) raised_clear(t), equal = 0;
    return equal < 0 ? V_NULL : from_bool(equal == (op == CMP_EQ));
}

static value to_bytes(struct thread *t, const struct memoryview *m) {
    struct byte_builder b = {.t = t};
    uint8_t *p = m->count ? byte_builder_room(&b, (size_t)m->count * m->itemsize) : NULL;
    for (int64_t i = 0; p && i < m->count; i++) memcpy(p + i * m->itemsize, m->start + i * m->stride, m->itemsize);
    return byte_builder_finish(&b);
}

value memoryview_to_bytes(struct thread *t, vref view) { return alive(t, as_view(view)) ? to_bytes(t, as_view(view)) : V_NULL; }

static int64_t view_hash(struct thread *t, vref self) {
    struct memoryview *m = as_view(self);
    int64_t h = atomic_load_explicit(&m->hash, memory_order_relaxed);
    if (h != -1) return h;
    if (!alive(t, m)) return -1;
    if (!m->readonly) return raise(t, &exc_ValueError, "cannot hash writable memoryview object"), -1;
    char c = code_of(m);
    if (c != 'B' && c != 'b' && c != 'c') return raise(t, &exc_ValueError, "memoryview: hashing is restricted to formats 'B', 'b' or 'c'"), -1;
    if (object_hash(t, m->view.owner) == -1) return -1;
    value bytes = to_bytes(t, m);
    if (!bytes) return -1;
    h = hash_bytes(as_bytes(bytes)->data, as_bytes(bytes)->length);
    release(t, bytes);
    atomic_store_explicit(&m->hash, h, memory_order_relaxed);
    return h;
}

static value view_repr(struct thread *t, vref self) {
    return str_format(t, as_view(self)->view.owner ? "<memory at 0x%lx>" : "<released memory at 0x%lx>", (uint64_t)(uintptr_t)as_object(self));
}

static value view_iter(struct thread *t, vref self) { return alive(t, as_view(self)) ? seq_iter_generic(t, self) : V_NULL; }

// ---- methods ----

static value m_release(struct thread *t, const vref *a) {
    struct memoryview *m = as_view(a[0]);
    uint32_t n = __atomic_load_n(&m->exports, __ATOMIC_RELAXED);
    if (n) return raise(t, &exc_BufferError, "memoryview has %u exported buffer%s", n, n == 1 ? "" : "s");
    drop(t, m);
    return V_NONE;
}
static value m_enter(struct thread *t, const vref *a) { return alive(t, as_view(a[0])) ? own(t, a[0]) : V_NULL; }
static value m_exit(struct thread *t, const vref *a) { return m_release(t, a); }

static value m_tobytes(struct thread *t, const vref *a) { // self, order='C': one dimension has but one order
    if (!alive(t, as_view(a[0]))) return V_NULL;
    if (a[1] && !is_none(a[1]) && !(is_str(a[1]) && (str_equal_cstr(a[1], "C") || str_equal_cstr(a[1], "F") || str_equal_cstr(a[1], "A"))))
        return raise(t, &exc_ValueError, "order must be 'C', 'F' or 'A'");
    return to_bytes(t, as_view(a[0]));
}
static value m_tolist(struct thread *t, const vref *a) {
    const struct memoryview *m = as_view(a[0]);
    if (!alive(t, m)) return V_NULL;
    value list = list_new(t, (size_t)m->count);
    for (int64_t i = 0; list && i < m->count; i++) {
        value v = unpack(t, m, m->start + i * m->stride);
        if (!v || !list_append_take(t, list, v)) release_field(t, &list);
    }
    return list;
}
static value m_hex(struct thread *t, const vref *a) { // self, sep, bytes_per_sep=1
    if (!alive(t, as_view(a[0]))) return V_NULL;
    value bytes = to_bytes(t, as_view(a[0])), out = bytes ? bytes_hex(t, bytes_span(bytes), a[1], a[2]) : V_NULL;
    release_opt(t, bytes);
    return out;
}
static value m_toreadonly(struct thread *t, const vref *a) {
    value v = memoryview_new(t, a[0]);
    if (v) as_view(v)->readonly = true;
    return v;
}
static value m_cast(struct thread *t, const vref *a) { // self, format, shape
    const struct memoryview *m = as_view(a[0]);
    if (!alive(t, m)) return V_NULL;
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "memoryview: format argument must be a string");
    if (!is_contiguous(m)) return raise(t, &exc_TypeError, "memoryview: casts are restricted to C-contiguous views");
    if (a[2]) return raise(t, &exc_NotImplementedError, "memoryview: multi-dimensional views are not implemented");
    const char *format = str_utf8(t, a[1], NULL);
    if (!format) return V_NULL;
    char c = format[0] == '@' ? format[1] : format[0];
    uint32_t size = strlen(format) - (format[0] == '@') == 1 ? size_of_code(c) : 0;
    if (!size) return raise(t, &exc_ValueError, "memoryview: destination format must be a native single character format prefixed with an optional '@'");
    char old = code_of(m);
    bool to_bytes_code = c == 'B' || c == 'b' || c == 'c', from_bytes_code = old == 'B' || old == 'b' || old == 'c';
    if (!to_bytes_code && !from_bytes_code) return raise(t, &exc_TypeError, "memoryview: cannot cast between two non-byte formats");
    int64_t bytes = m->count * m->itemsize;
    if (bytes % size) return raise(t, &exc_TypeError, "memoryview: length is not a multiple of itemsize");
    value v = memoryview_new(t, a[0]);
    if (!v) return V_NULL;
    struct memoryview *n = as_view(v);
    strncpy(n->format, format, sizeof n->format - 1);
    n->itemsize = size, n->stride = size, n->count = bytes / size;
    return v;
}

static value get_obj(struct thread *t, const vref *a) { return alive(t, as_view(a[0])) ? own(t, as_view(a[0])->view.owner) : V_NULL; }
static value get_nbytes(struct thread *t, const vref *a) {
    return alive(t, as_view(a[0])) ? from_int62(as_view(a[0])->count * as_view(a[0])->itemsize) : V_NULL;
}
static value get_readonly(struct thread *t, const vref *a) { return alive(t, as_view(a[0])) ? from_bool(as_view(a[0])->readonly) : V_NULL; }
static value get_itemsize(struct thread *t, const vref *a) { return alive(t, as_view(a[0])) ? from_int62(as_view(a[0])->itemsize) : V_NULL; }
static value get_format(struct thread *t, const vref *a) { return alive(t, as_view(a[0])) ? str_from_cstr(t, as_view(a[0])->format) : V_NULL; }
static value get_ndim(struct thread *t, const vref *a) { return alive(t, as_view(a[0])) ? from_int62(1) : V_NULL; }
static value get_shape(struct thread *t, const vref *a) { return alive(t, as_view(a[0])) ? tuple_pack(t, 1, from_int62(as_view(a[0])->count)) : V_NULL; }
static value get_strides(struct thread *t, const vref *a) { return alive(t, as_view(a[0])) ? tuple_pack(t, 1, from_int62(as_view(a[0])->stride)) : V_NULL; }
static value get_suboffsets(struct thread *t, const vref *a) { return alive(t, as_view(a[0])) ? own(t, tuple_empty) : V_NULL; }
static value get_contiguous(struct thread *t, const vref *a) { return alive(t, as_view(a[0])) ? from_bool(is_contiguous(as_view(a[0]))) : V_NULL; }

static const struct native view_natives[] = {
    {.name = "release", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_release, .doc = "Let go of the buffer; all other uses raise ValueError from then on."},
    {.name = "tobytes", .kind = NATIVE_METHOD, .sig = "($self, /, order='C')", .fn = m_tobytes,
     .doc = "Return the items as bytes, in the order of C ('C', None), Fortran ('F') or as they lie ('A')."},
    {.name = "tolist", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_tolist, .doc = "Return the items as a list, of lists for more than one dimension."},
    {.name = "hex", .kind = NATIVE_METHOD, .sig = "($self, /, sep=<unrepresentable>, bytes_per_sep=1)", .fn = m_hex,
     .doc = "Return the bytes as hexadecimal digits; sep goes between groups of bytes_per_sep bytes."},
    {.name = "toreadonly", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_toreadonly, .doc = "Return a view of the same memory that cannot write to it."},
    {.name = "cast", .kind = NATIVE_METHOD, .sig = "($self, /, format, shape=<unrepresentable>)", .fn = m_cast,
     .doc = "Return a view of the same memory with items of another format, or in another shape."},
    {.name = "__enter__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_enter},
    {.name = "__exit__", .kind = NATIVE_METHOD, .sig = "($self, /, *exc_info)", .fn = m_exit},
    {.name = "obj", .kind = NATIVE_GETSET, .fn = get_obj, .doc = "the object whose memory this shows"},
    {.name = "nbytes", .kind = NATIVE_GETSET, .fn = get_nbytes},
    {.name = "readonly", .kind = NATIVE_GETSET, .fn = get_readonly},
    {.name = "itemsize", .kind = NATIVE_GETSET, .fn = get_itemsize},
    {.name = "format", .kind = NATIVE_GETSET, .fn = get_format},
    {.name = "ndim", .kind = NATIVE_GETSET, .fn = get_ndim},
    {.name = "shape", .kind = NATIVE_GETSET, .fn = get_shape},
    {.name = "strides", .kind = NATIVE_GETSET, .fn = get_strides},
    {.name = "suboffsets", .kind = NATIVE_GETSET, .fn = get_suboffsets},
    {.name = "c_contiguous", .kind = NATIVE_GETSET, .fn = get_contiguous},
    {.name = "f_contiguous", .kind = NATIVE_GETSET, .fn = get_contiguous},
    {.name = "contiguous", .kind = NATIVE_GETSET, .fn = get_contiguous},
    {.name = NULL},
};

struct type type_memoryview = {
    .head = {.shared = SHARED_IMMORTAL | SHARED_DEFERRED, .shape = SHAPE_TYPE},
    .name = "memoryview",
    .module = "builtins",
    .doc = "The memory of an object with a buffer, bytes for instance, without a copy.",
    .flags = TYPE_GC | TYPE_HAS_WEAK | TYPE_SEQUENCE,
    .basicsize = sizeof(struct memoryview),
    .base = &type_object,
    .natives = view_natives,
    .destroy = view_destroy,
    .traverse = view_traverse,
    .clear = view_clear,
    .make = view_make,
    .repr = view_repr,
    .iter = view_iter,
    .hash = view_hash,
    .compare = view_compare,
    .length = view_length,
    .getitem = view_getitem,
    .setitem = view_setitem,
    .buffer = view_buffer,
    .buffer_drop = view_buffer_drop,
};
