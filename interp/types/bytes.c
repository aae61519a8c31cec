// SPDX-License-Identifier: Apache-2.0
// The type bytes: making, comparing, indexing, joining two. Leaves methods to bytes_methods.c and bytes_text.c, construction from objects to bytes_make.c.
#include "interp/types/names.h"
#include "interp/types/bytes.h"
#include "interp/types/args.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/text.h"

#define BYTES_HEAD {.shared = SHARED_IMMORTAL | SHARED_DEFERRED, .shape = SHAPE_BYTES}
struct one_byte { // the layout of struct bytes of length 1, or 0
    struct object head;
    size_t length;
    _Atomic int64_t hash;
    uint8_t data[8];
};
static struct one_byte empty_cell = {.head = BYTES_HEAD, .hash = 0};
static struct one_byte single_cells[256] = {[0 ... 255] = {.head = BYTES_HEAD, .length = 1, .hash = -1}};
value bytes_empty = (value)(uintptr_t)&empty_cell + 2;

void bytes_start(void) {
    for (unsigned c = 0; c < 256; c++) single_cells[c].data[0] = (uint8_t)c;
}
value byte_new(uint8_t c) { return borrowed_word(&single_cells[c]); }

static size_t bytes_need(size_t n) { return sizeof(struct bytes) + n + 1; }

value bytes_new(struct thread *t, const void *data, size_t n) {
    if (n == 0) return bytes_empty;
    if (n == 1 && data) return byte_new(*(const uint8_t *)data);
    if (n > (size_t)INT64_MAX / 2) return raise_no_memory(t);
    struct bytes *b = object_alloc(t, bytes_need(n), SHAPE_BYTES);
    if (!b) return V_NULL;
    b->length = n;
    atomic_store_explicit(&b->hash, -1, memory_order_relaxed);
    if (data) memcpy(b->data, data, n);
    b->data[n] = 0;
    return counted_word(b);
}

value bytes_as_instance(struct thread *t, struct type *cls, value v) {
    if (!v || cls == &type_bytes) return v;
    size_t n = as_bytes(v)->length;
    struct bytes *b = object_new_var(t, cls, n + 1);
    if (b) {
        b->length = n;
        atomic_store_explicit(&b->hash, -1, memory_order_relaxed);
        memcpy(b->data, as_bytes(v)->data, n + 1);
    }
    release(t, v);
    return b ? counted_word(b) : V_NULL;
}

static size_t bytes_size_of(const struct object *o) { return bytes_need(((const struct bytes *)o)->length); }

value bytes_like_new(struct thread *t, vref self, const void *p, size_t n) {
    return is_bytes(self) ? bytes_new(t, p, n) : bytearray_new(t, p, n);
}

value bytes_cut(struct thread *t, vref self, size_t from, size_t to) {
    struct span s = bytes_span(self);
    if (to > s.n) to = s.n;
    if (from >= to) return bytes_like_new(t, self, NULL, 0);
    if (to - from == s.n && has_shape(self, SHAPE_BYTES)) return own(t, self);
    return bytes_like_new(t, self, s.p + from, to - from);
}

// ---- comparing ----

value bytes_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!buffer_check(a) || !buffer_check(b) || is_str(a) || is_str(b)) return V_NOTIMPL;
    struct buffer_view x, y;
    if (!buffer_get(t, a, &x, false)) return V_NULL;
    if (!buffer_get(t, b, &y, false)) return buffer_release(t, &x), V_NULL;
    size_t n = x.length < y.length ? x.length : y.length;
    int order = n ? memcmp(x.data, y.data, n) : 0;
    if (order == 0) order = (x.length > y.length) - (x.length < y.length);
    buffer_release(t, &x), buffer_release(t, &y);
    return from_bool(order_fits(order, op));
}

static value compare_slot(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!is_bytes(a) || !is_bytes(b)) return V_NOTIMPL; // bytearray and memoryview compare with bytes themselves
    if ((op == CMP_EQ || op == CMP_NE) && as_bytes(a)->length != as_bytes(b)->length) return from_bool(op == CMP_NE);
    return bytes_compare(t, a, b, op);
}

static int64_t bytes_hash(struct thread *t, vref v) {
    struct bytes *b = as_bytes(v);
    int64_t h = atomic_load_explicit(&b->hash, memory_order_relaxed);
    if (h != -1) return h;
    h = hash_bytes(b->data, b->length);
    atomic_store_explicit(&b->hash, h, memory_order_relaxed);
    return h;
}

// ---- sequence ----

value bytes_concat(struct thread *t, vref a, vref b) {
    struct buffer_view x, y;
    if (!buffer_get(t, a, &x, false)) return V_NULL;
    if (!buffer_get(t, b, &y, false)) return buffer_release(t, &x), V_NULL;
    value out = V_NULL;
    if (y.length == 0 && has_shape(a, SHAPE_BYTES)) out = own(t, a);
    else if (x.length == 0 && has_shape(a, SHAPE_BYTES) && has_shape(b, SHAPE_BYTES)) out = own(t, b);
    else if (!is_bytearray(a) && (out = bytes_new(t, NULL, x.length + y.length)) && out != bytes_empty) {
        memcpy(as_bytes(out)->data, x.data, x.length);
        if (y.length) memcpy(as_bytes(out)->data + x.length, y.data, y.length);
    } else if (is_bytearray(a) && (out = bytearray_new(t, NULL, x.length + y.length))) {
        if (x.length) memcpy(as_bytearray(out)->data, x.data, x.length);
        if (y.length) memcpy(as_bytearray(out)->data + x.length, y.data, y.length);
    }
    buffer_release(t, &x), buffer_release(t, &y);
    return out;
}

static value bytes_add(struct thread *t, vref a, vref b) {
    if (!is_bytes(a)) return V_NOTIMPL;
    if (is_str(b) || !buffer_check(b)) return V_NOTIMPL;
    return bytes_concat(t, a, b);
}

enum { REPEAT_PIECE = 1 << 22 };

value bytes_repeat(struct thread *t, vref self, int64_t count) {
    size_t piece = bytes_span(self).n, total;
    if (count < 0) count = 0;
    if (count == 1 && has_shape(self, SHAPE_BYTES)) return own(t, self);
    if (__builtin_mul_overflow(piece, (size_t)count, &total) || total > (size_t)INT64_MAX / 2) return raise_no_memory(t);
    value out = bytes_like_new(t, self, NULL, total);
    if (!out || !total) return out;
    struct span s = bytes_span(self);
    uint8_t *to = is_bytes(out) ? as_bytes(out)->data : as_bytearray(out)->data;
    if (total == 1) return is_bytes(out) ? (release(t, out), byte_new(s.p[0])) : (to[0] = s.p[0], out);
    memcpy(to, s.p, piece < s.n ? piece : s.n);
    for (size_t done = piece; done < total;) {
        size_t step = done < total - done ? done : total - done;
        if (step > REPEAT_PIECE) step = piece > REPEAT_PIECE ? piece : REPEAT_PIECE / piece * piece;
        if (step > total - done) step = total - done;
        memcpy(to + done, to, step);
        done += step;
        if (step >= REPEAT_PIECE / 2 && !safepoint_poll(t)) return release(t, out), V_NULL;
    }
    return out;
}

static value bytes_multiply(struct thread *t, vref a, vref b) {
    vref s = is_bytes(a) ? a : b, n = is_bytes(a) ? b : a;
    int64_t count;
    if (!is_int(n) && (!type_of(n)->to_index || type_of(n)->binary[NB_MUL])) return V_NOTIMPL; // a __rmul__ goes first
    return repeat_count(t, n, &count) ? bytes_repeat(t, s, count) : V_NULL;
}

static value sliced(struct thread *t, vref self, vref key) {
    int64_t start, stop, step, count;
    if (!slice_indices(t, key, (int64_t)bytes_span(self).n, &start, &stop, &step, &count)) return V_NULL;
    if (count <= 0) return bytes_like_new(t, self, NULL, 0);
    if (step == 1) return bytes_cut(t, self, (size_t)start, (size_t)(start + count));
    struct byte_builder b = {.t = t};
    uint8_t *to = byte_builder_room(&b, (size_t)count);
    struct span s = bytes_span(self);
    for (int64_t i = 0, at = start; to && i < count; i++, at += step) to[i] = s.p[at];
    return is_bytes(self) ? byte_builder_finish(&b) : byte_builder_finish_array(&b);
}

value bytes_getitem(struct thread *t, vref self, vref key) {
    bool array = !is_bytes(self);
    int64_t i;
    if (likely(is_int62(key))) i = as_int62(key);
    else if (has_shape(key, SHAPE_SLICE)) return sliced(t, self, key);
    else if (!type_of(key)->to_index) return raise(t, &exc_TypeError, "%s indices must be integers or slices, not %T", array ? "bytearray" : "byte", key);
    else if (!object_as_index(t, key, &i)) return V_NULL;
    struct span s = bytes_span(self);
    if (i < 0) i += (int64_t)s.n;
    if (i < 0 || i >= (int64_t)s.n) return raise(t, &exc_IndexError, array ? "bytearray index out of range" : "index out of range");
    return from_int62(s.p[i]);
}

int bytes_contains(struct thread *t, vref self, vref v) {
    if (is_int(v) || (type_of(v)->to_index && !buffer_check(v))) {
        uint8_t c;
        if (!byte_arg(t, v, &c)) return -1;
        struct span s = bytes_span(self);
        return s.n && memchr(s.p, c, s.n) != NULL;
    }
    struct buffer_view view;
    if (!buffer_get(t, v, &view, false)) return -1;
    struct span s = bytes_span(self);
    int found = units_find(s.p, 1, s.n, view.data, 1, view.length) >= 0;
    buffer_release(t, &view);
    return found;
}

static int64_t bytes_length(struct thread *t, vref v) { return (int64_t)as_bytes(v)->length; }
static value bytes_modulo(struct thread *t, vref a, vref b) { return is_bytes(a) ? bytes_percent(t, a, b) : V_NOTIMPL; }
static bool bytes_buffer(struct thread *t, vref self, struct buffer_view *view) {
    view->data = as_bytes(self)->data, view->length = as_bytes(self)->length, view->readonly = true;
    return true;
}

static value bytes_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"source", "encoding", "errors"};
    static const struct args_spec spec = {"bytes", names, 0, 0, 3};
    vref a[3];
    if (!args_bind(t, &spec, args, nargs, kwnames, a)) return V_NULL;
    if (a[0] && !a[1] && !a[2] && has_shape(a[0], SHAPE_BYTES)) return bytes_as_instance(t, cls, own(t, a[0]));
    value method;
    if (a[0] && !a[1] && !a[2] && !has_shape(a[0], SHAPE_STR) && !is_exact_int(a[0])) {
        int found = object_lookup_special(t, a[0], NAME(__bytes__), &method);
        if (found < 0) return V_NULL;
        if (found) {
            value v = object_call0(t, method);
            release(t, method);
            if (v && !is_bytes(v)) {
                raise(t, &exc_TypeError, "__bytes__ returned non-bytes (type %T)", v);
                release_field(t, &v);
            }
            return bytes_as_instance(t, cls, v);
        }
    }
    struct byte_builder b = {.t = t};
    if (!bytes_collect(t, &b, "bytes", a[0], a[1], a[2])) return byte_builder_discard(&b), V_NULL;
    return bytes_as_instance(t, cls, byte_builder_finish(&b));
}

// ---- methods that only bytes has ----

static value m_fromhex(struct thread *t, const vref *a) { // cls, string
    value v = bytes_fromhex(t, a[1]);
    if (!v || as_type(a[0]) == &type_bytes) return v;
    value made = object_call1(t, a[0], v);
    release(t, v);
    return made;
}
static value m_getnewargs(struct thread *t, const vref *a) {
    value v = bytes_new(t, as_bytes(a[0])->data, as_bytes(a[0])->length), out = v ? tuple_pack(t, 1, v) : V_NULL;
    release_opt(t, v);
    return out;
}
static value m_bytes(struct thread *t, const vref *a) { return bytes_cut(t, a[0], 0, as_bytes(a[0])->length); }
static value m_sizeof(struct thread *t, const vref *a) { return from_int62((int64_t)bytes_need(as_bytes(a[0])->length)); }

static const struct native bytes_natives[] = {
#define X(n, s) {.name = #n, .kind = NATIVE_METHOD, .sig = s, .fn = bytes_m_##n},
    BYTES_SHARED_METHODS(X)
#undef X
    {.name = "maketrans", .kind = NATIVE_STATIC, .sig = "(frm, to, /)", .fn = bytes_m_maketrans,
     .doc = "Return the table of 256 bytes for translate() that maps each byte of frm to the one in its place in to."},
    {.name = "fromhex", .kind = NATIVE_CLASS, .sig = "($type, string, /)", .fn = m_fromhex,
     .doc = "Make bytes of pairs of hexadecimal digits, blanks between them."},
    {.name = "__getnewargs__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_getnewargs},
    {.name = "__bytes__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_bytes, .doc = "Return the same bytes as an exact bytes object."},
    {.name = "__sizeof__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = m_sizeof},
    {.name = NULL},
};

struct type type_bytes = {
    .head = {.shared = SHARED_IMMORTAL | SHARED_DEFERRED, .shape = SHAPE_TYPE},
    .name = "bytes",
    .module = "builtins",
    .doc = "bytes(source=b'', encoding=..., errors=...): bytes that never change.\n\nThey are made of integers below 256, of a string by an encoding, of another object's buffer, or of a length, all zero.",
    .flags = TYPE_BYTES | TYPE_BASE,
    .basicsize = sizeof(struct bytes),
    .itemsize = 1,
    .root_shape = SHAPE_BYTES,
    .base = &type_object,
    .natives = bytes_natives,
    .size_of = bytes_size_of,
    .make = bytes_make,
    .repr = bytes_repr,
    .iter = bytes_iter,
    .hash = bytes_hash,
    .compare = compare_slot,
    .length = bytes_length,
    .getitem = bytes_getitem,
    .contains = bytes_contains,
    .binary = {[NB_ADD] = bytes_add, [NB_MUL] = bytes_multiply, [NB_MOD] = bytes_modulo},
    .buffer = bytes_buffer,
};
