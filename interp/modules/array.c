// SPDX-License-Identifier: Apache-2.0
// array.array: numbers of one C type in a row. Leaves what is read from and written to files to their methods read and write.
//
// THREADS. In free-threaded mode `lock` guards memory and length; no Python code runs under it: items are converted before it is taken and after it is given back.
// While a buffer is exported the memory neither moves nor changes its length.
#include "interp/core/lock.h"
#include "interp/modules/array.h"
#include "interp/modules/modules.h"
#include "interp/types/args.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/sequence.h"
#include "interp/types/str.h"

#include <float.h>
#include <math.h>

struct kind {
    char code;
    uint8_t size;
    bool is_signed, is_float;
    const char *format; // for the buffer
    const char *c_name; // in error texts
};
static const struct kind kinds[] = {
    {'b', 1, true, false, "b", "signed char"}, {'B', 1, false, false, "B", "unsigned byte integer"}, {'u', 4, false, false, "w", "unicode character"},
    {'h', 2, true, false, "h", "signed short integer"}, {'H', 2, false, false, "H", "unsigned short"}, {'i', 4, true, false, "i", "signed integer"},
    {'I', 4, false, false, "I", "unsigned int"}, {'l', 8, true, false, "l", "signed long"}, {'L', 8, false, false, "L", "unsigned long"},
    {'q', 8, true, false, "q", "signed long long"}, {'Q', 8, false, false, "Q", "unsigned long long"}, {'f', 4, true, true, "f", "float"}, {'d', 8, true, true, "d", "double"},
};
struct array {
    struct object head;
    const struct kind *kind; // immutable
    struct lock lock;
    uint32_t exports;
    uint8_t *data;
    size_t length, capacity; // items
};
static struct type type_array;
static struct array *as_array(vref v) { return (struct array *)as_object(v); }
static bool is_array(vref v) { return is_instance(v, &type_array); }
static const struct kind *kind_of(uint32_t code) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if ((uint32_t)kinds[i].code == code) return &kinds[i];
    return NULL;
}
static void enter(struct thread *t, struct array *a) {
    if (t->free_threaded) lock_take(t, &a->lock);
}
static void leave(struct thread *t, struct array *a) {
    if (t->free_threaded) lock_give(&a->lock);
}

// ---- one item ----

static value unpack(struct thread *t, const struct kind *k, const uint8_t *p) {
    float f;
    double d;
    uint32_t c;
    if (k->code == 'u') return memcpy(&c, p, 4), c > 0x10ffff ? raise(t, &exc_ValueError, "character U+%d is not in range [U+0000; U+10ffff]", (int)c) : str_from_char(t, c);
    if (k->code == 'f') return memcpy(&f, p, 4), float_new(t, f);
    if (k->code == 'd') return memcpy(&d, p, 8), float_new(t, d);
    uint64_t u = 0;
    memcpy(&u, p, k->size);
    if (!k->is_signed) return int_from_u64(t, u);
    unsigned up = 64 - 8u * k->size;
    return int_from_i64(t, (int64_t)(u << up) >> up);
}
static bool out_of_range(struct thread *t, const struct kind *k, bool high) {
    if (k->size == 8 && k->is_signed) raise(t, &exc_OverflowError, "Python int too large to convert to C long");
    else if (k->size == 8 || (k->code == 'I' && !high)) raise(t, &exc_OverflowError, high ? "Python int too large to convert to C unsigned long" : "can't convert negative value to unsigned int");
    else raise(t, &exc_OverflowError, high ? "%s is greater than maximum" : "%s is less than minimum", k->c_name);
    return false;
}
static bool pack_int(struct thread *t, const struct kind *k, vref v, uint8_t *p) {
    if (!is_int(v) && !type_of(v)->to_index) return raise(t, &exc_TypeError, "'%T' object cannot be interpreted as an integer", v), false;
    value i = object_index(t, v);
    if (!i) return false;
    uint8_t raw[8];
    bool negative = int_sign(i) < 0, ok = int_to_bytes(t, i, raw, k->size, true, k->is_signed);
    release(t, i);
    if (ok) return memcpy(p, raw, k->size), true;
    raised_clear(t);
    return out_of_range(t, k, !negative);
}
static bool pack(struct thread *t, const struct kind *k, vref v, uint8_t *p) {
    double d;
    if (k->code == 'u') {
        if (!is_str(v) || as_str(v)->length != 1) return raise(t, &exc_TypeError, "array item must be unicode character"), false;
        uint32_t c = str_at(as_str(v), 0);
        return memcpy(p, &c, 4), true;
    }
    if (!k->is_float) return pack_int(t, k, v, p);
    if (!float_as_double(t, v, &d)) return false;
    float f = (float)d;
    memcpy(p, k->size == 4 ? (void *)&f : (void *)&d, k->size);
    return true;
}

// How many items there are, for who does not hold the lock: by the time he looks at one there may be fewer.
static size_t size_of(const struct array *a) { return __atomic_load_n(&a->length, __ATOMIC_RELAXED); }

// ---- memory, with the lock held ----

static bool resize(struct thread *t, struct array *a, size_t n) {
    if (n == a->length) return true;
    if (a->exports) return raise(t, &exc_BufferError, "cannot resize an array that is exporting buffers"), false;
    size_t size = a->kind->size;
    if (n > a->capacity || n < a->capacity / 4) {
        size_t capacity = n ? n + n / 16 + (n < 8 ? 3 : 7) : 0;
        if (n > ((size_t)1 << 56)) return raise_no_memory(t), false;
        if (!capacity) {
            if (a->data) mem_free(t, a->data, a->capacity * size);
            a->data = NULL;
        } else {
            uint8_t *p = a->data ? mem_resize(t, a->data, a->capacity * size, capacity * size) : mem_alloc(t, capacity * size);
            if (!p) return false;
            a->data = p;
        }
        a->capacity = capacity;
    }
    __atomic_store_n(&a->length, n, __ATOMIC_RELAXED);
    return true;
}
// Puts n items at p in place of items [from, to). p is not in a.
static bool splice(struct thread *t, struct array *a, size_t from, size_t to, const uint8_t *p, size_t n) {
    size_t size = a->kind->size, old = a->length, tail = old - to, fresh = old - (to - from) + n;
    if (fresh > old && !resize(t, a, fresh)) return false;
    if (fresh < old && a->exports) return raise(t, &exc_BufferError, "cannot resize an array that is exporting buffers"), false;
    if (n != to - from && tail) memmove(a->data + (from + n) * size, a->data + to * size, tail * size);
    if (n) memcpy(a->data + from * size, p, n * size);
    return fresh >= old || resize(t, a, fresh);
}
static bool put(struct thread *t, struct array *a, size_t from, size_t to, const uint8_t *p, size_t n) { // the same, takes the lock; from, to are clamped
    enter(t, a);
    if (from > a->length) from = a->length;
    if (to > a->length) to = a->length;
    bool ok = splice(t, a, from, to < from ? from : to, p, n);
    leave(t, a);
    return ok;
}
static value array_new(struct thread *t, const struct kind *k, const uint8_t *p, size_t n) {
    struct array *a = object_alloc(t, sizeof *a, type_array.root_shape);
    if (!a) return V_NULL;
    memset((char *)a + sizeof a->head, 0, sizeof *a - sizeof a->head);
    a->kind = k;
    if (resize(t, a, n)) {
        if (n && p) memcpy(a->data, p, n * k->size);
        return counted_word(a);
    }
    release(t, counted_word(a));
    return V_NULL;
}
// A copy of items start, start+step, …
static value part(struct thread *t, struct array *a, int64_t start, int64_t step, int64_t count) {
    value v = array_new(t, a->kind, NULL, count > 0 ? (size_t)count : 0);
    if (!v) return V_NULL;
    enter(t, a);
    size_t size = a->kind->size;
    for (int64_t i = 0, at = start; i < count; i++, at += step)
        if (at >= 0 && (size_t)at < a->length) memcpy(as_array(v)->data + (size_t)i * size, a->data + (size_t)at * size, size);
    leave(t, a);
    return v;
}
// Item i: V_NULL without exception beyond the end.
static value item(struct thread *t, struct array *a, size_t i) {
    uint8_t raw[8];
    enter(t, a);
    bool there = i < a->length;
    if (there) memcpy(raw, a->data + i * a->kind->size, a->kind->size);
    leave(t, a);
    return there ? unpack(t, a->kind, raw) : V_NULL;
}

// ---- growing from Python objects ----

static bool append(struct thread *t, struct array *a, vref v) {
    uint8_t raw[8];
    return pack(t, a->kind, v, raw) && put(t, a, SIZE_MAX, SIZE_MAX, raw, 1);
}
static bool extend(struct thread *t, struct array *a, vref from) {
    if (is_array(from)) {
        if (as_array(from)->kind != a->kind) return raise(t, &exc_TypeError, "can only extend with array of same kind"), false;
        value copy = part(t, as_array(from), 0, 1, (int64_t)size_of(as_array(from)));
        bool ok = copy && put(t, a, SIZE_MAX, SIZE_MAX, as_array(copy)->data, as_array(copy)->length);
        release_opt(t, copy);
        return ok;
    }
    value it = object_iter(t, from), v;
    bool ok = it != V_NULL;
    while (ok && (v = object_next(t, it))) {
        ok = append(t, a, v) && safepoint_poll(t);
        release(t, v);
    }
    release_opt(t, it);
    return ok && !raised(t);
}
static bool add_bytes(struct thread *t, struct array *a, vref v) {
    struct buffer_view view;
    if (!buffer_get(t, v, &view, false)) return false;
    bool ok = view.length % a->kind->size == 0;
    if (!ok) raise(t, &exc_ValueError, "bytes length not a multiple of item size");
    else ok = put(t, a, SIZE_MAX, SIZE_MAX, view.data, view.length / a->kind->size);
    buffer_release(t, &view);
    return ok;
}
static bool add_text(struct thread *t, struct array *a, vref v) {
    if (a->kind->code != 'u') return raise(t, &exc_ValueError, "fromunicode() may only be called on unicode type arrays"), false;
    for (size_t i = 0; i < as_str(v)->length; i++) {
        uint32_t c = str_at(as_str(v), i);
        if (!put(t, a, SIZE_MAX, SIZE_MAX, (const uint8_t *)&c, 1)) return false;
    }
    return true;
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (kwnames && tuple_size(kwnames) && cls == &type_array) return raise(t, &exc_TypeError, "array.array() takes no keyword arguments");
    if (nargs < 1 || nargs > 2) return raise(t, &exc_TypeError, "array() takes %s 2 arguments (%zu given)", nargs ? "at most" : "at least 1 argument, at most", nargs);
    if (!is_str(args[0]) || as_str(args[0])->length != 1)
        return is_str(args[0]) ? raise(t, &exc_TypeError, "array() argument 1 must be a unicode character, not str") : raise(t, &exc_TypeError, "array() argument 1 must be a unicode character, not %T", args[0]);
    const struct kind *k = kind_of(str_at(as_str(args[0]), 0));
    vref init = nargs > 1 ? args[1] : V_NULL;
    if (!k) return raise(t, &exc_ValueError, "bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)");
    if (init && is_str(init) && k->code != 'u') return raise(t, &exc_TypeError, "cannot use a str to initialize an array with typecode '%c'", k->code);
    if (init && is_array(init) && (as_array(init)->kind->code == 'u') != (k->code == 'u'))
        return raise(t, &exc_TypeError, "cannot use a unicode array to initialize an array with typecode '%c'", k->code);
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    struct array *a = as_array(v);
    a->kind = k;
    bool ok = true;
    if (init && (is_bytes(init) || is_bytearray(init))) ok = add_bytes(t, a, init);
    else if (init && is_str(init)) ok = add_text(t, a, init);
    else if (init && is_array(init) && as_array(init)->kind != k) {
        for (size_t i = 0; ok && i < size_of(as_array(init)); i++) {
            value x = item(t, as_array(init), i);
            ok = x && append(t, a, x);
            release_opt(t, x);
        }
    } else if (init) ok = extend(t, a, init);
    if (!ok) release_field(t, &v);
    return v;
}
static void destroy(struct thread *t, struct object *o) {
    struct array *a = (struct array *)o;
    if (a->data) mem_free(t, a->data, a->capacity * a->kind->size);
    a->data = NULL;
}

// ---- sequence ----

static int64_t length(struct thread *t, vref v) { return (void)t, (int64_t)size_of(as_array(v)); }
static value getitem(struct thread *t, vref self, vref key) {
    struct array *a = as_array(self);
    int64_t i, start, stop, step, count;
    if (has_shape(key, SHAPE_SLICE)) return slice_indices(t, key, (int64_t)size_of(a), &start, &stop, &step, &count) ? part(t, a, start, step, count) : V_NULL;
    if (!type_of(key)->to_index) return raise(t, &exc_TypeError, "array indices must be integers");
    if (!object_as_index(t, key, &i)) return V_NULL;
    value v = item(t, a, (size_t)(i < 0 ? i + (int64_t)size_of(a) : i));
    return v || raised(t) ? v : raise(t, &exc_IndexError, "array index out of range");
}
static bool delete_steps(struct thread *t, struct array *a, int64_t start, int64_t step, int64_t count) {
    if (step < 0) start += step * (count - 1), step = -step;
    if (a->exports) return raise(t, &exc_BufferError, "cannot resize an array that is exporting buffers"), false;
    size_t to = (size_t)start, size = a->kind->size, gone = 0;
    for (size_t from = to; from < a->length; from++) {
        if (gone < (size_t)count && from == (size_t)start + gone * (size_t)step) gone++;
        else memcpy(a->data + to++ * size, a->data + from * size, size);
    }
    return resize(t, a, to);
}
static bool set_slice(struct thread *t, struct array *a, vref key, vref v) {
    int64_t start, stop, step, count;
    if (v && !is_array(v)) return raise(t, &exc_TypeError, "can only assign array (not \"%T\") to array slice", v), false;
    if (v && as_array(v)->kind != a->kind) return raise(t, &exc_TypeError, "bad argument type for built-in operation"), false;
    if (!slice_indices(t, key, (int64_t)size_of(a), &start, &stop, &step, &count)) return false;
    value from = v ? part(t, as_array(v), 0, 1, (int64_t)size_of(as_array(v))) : array_new(t, a->kind, NULL, 0);
    if (!from) return false;
    struct array *f = as_array(from);
    bool ok = true;
    if (count < 0) count = 0;
    enter(t, a);
    if (step == 1) ok = (size_t)(start + count) <= a->length && splice(t, a, (size_t)start, (size_t)(start + count), f->data, f->length);
    else if (!v) ok = count == 0 || delete_steps(t, a, start, step, count);
    else if ((int64_t)f->length != count) ok = false;
    else
        for (int64_t i = 0; i < count; i++) memcpy(a->data + (size_t)(start + i * step) * f->kind->size, f->data + (size_t)i * f->kind->size, f->kind->size);
    leave(t, a);
    if (!ok && !raised(t)) raise(t, &exc_ValueError, "attempt to assign array of size %zu to extended slice of size %ld", f->length, count);
    release(t, from);
    return ok;
}
static int setitem(struct thread *t, vref self, vref key, vref v) {
    struct array *a = as_array(self);
    int64_t i;
    uint8_t raw[8];
    if (has_shape(key, SHAPE_SLICE)) return set_slice(t, a, key, v) ? 0 : -1;
    if (!type_of(key)->to_index) return raise(t, &exc_TypeError, "array indices must be integers"), -1;
    if (!object_as_index(t, key, &i) || (v && !pack(t, a->kind, v, raw))) return -1;
    if (i < 0) i += (int64_t)size_of(a);
    if (i < 0 || i >= (int64_t)size_of(a)) return raise(t, &exc_IndexError, v ? "array assignment index out of range" : "array assignment index out of range"), -1;
    if (v) return put(t, a, (size_t)i, (size_t)i + 1, raw, 1) ? 0 : -1;
    return put(t, a, (size_t)i, (size_t)i + 1, NULL, 0) ? 0 : -1;
}
// The first item from `start` equal to v, before `stop`; -1: none; -2: exception. *times counts all of them when not NULL.
static int64_t find(struct thread *t, struct array *a, vref v, int64_t start, int64_t stop, int64_t *times) {
    for (int64_t i = start; i < stop; i++) {
        value x = item(t, a, (size_t)i);
        if (!x) return raised(t) ? -2 : -1;
        int equal = object_equal(t, x, v);
        release(t, x);
        if (equal < 0) return -2;
        if (equal && !times) return i;
        if (equal) ++*times;
    }
    return -1;
}
static int contains(struct thread *t, vref self, vref v) {
    int64_t at = find(t, as_array(self), v, 0, INT64_MAX, NULL);
    return at == -2 ? -1 : at >= 0;
}
static value iter(struct thread *t, vref self) { return seq_iter_generic(t, self); }
static value repr(struct thread *t, vref self) {
    struct array *a = as_array(self);
    const char *name = type_of(self)->name;
    if (size_of(a) == 0) return str_format(t, "%s('%c')", name, a->kind->code);
    value method = object_getattr_cstr(t, self, a->kind->code == 'u' ? "tounicode" : "tolist"), list = method ? object_call0(t, method) : V_NULL;
    value v = list ? str_format(t, "%s('%c', %R)", name, a->kind->code, list) : V_NULL;
    release_opt(t, list), release_opt(t, method);
    return v;
}
static value compare(struct thread *t, vref x, vref y, enum compare_op op) {
    if (!is_array(x) || !is_array(y)) return V_NOTIMPL;
    struct array *a = as_array(x), *b = as_array(y);
    if (size_of(a) != size_of(b) && (op == CMP_EQ || op == CMP_NE)) return from_bool(op == CMP_NE);
    for (size_t i = 0; i < size_of(a) && i < size_of(b); i++) {
        value u = item(t, a, i), v = u ? item(t, b, i) : V_NULL;
        int equal = v ? object_equal(t, u, v) : raised(t) ? -1 : 0;
        value r = equal == 0 && v ? op == CMP_EQ ? V_FALSE : op == CMP_NE ? V_TRUE : object_compare(t, u, v, op) : V_NULL;
        release_opt(t, u), release_opt(t, v);
        if (equal <= 0) return r;
    }
    return from_bool(sizes_compare(size_of(a), size_of(b), op));
}
static value concat(struct thread *t, vref x, vref y) {
    if (!is_array(x)) return V_NOTIMPL;
    if (!is_array(y)) return raise(t, &exc_TypeError, "can only append array (not \"%T\") to array", y);
    if (as_array(x)->kind != as_array(y)->kind) return raise(t, &exc_TypeError, "bad argument type for built-in operation");
    value v = part(t, as_array(x), 0, 1, (int64_t)size_of(as_array(x)));
    if (v && !extend(t, as_array(v), y)) release_field(t, &v);
    return v;
}
static value inplace_concat(struct thread *t, vref x, vref y) {
    if (!is_array(y)) return raise(t, &exc_TypeError, "can only extend with array (not \"%T\")", y);
    return extend(t, as_array(x), y) ? own(t, x) : V_NULL;
}
static bool repeat(struct thread *t, struct array *a, int64_t n) {
    value copy = part(t, a, 0, 1, (int64_t)size_of(a));
    bool ok = copy && (n > 0 || put(t, a, 0, SIZE_MAX, NULL, 0));
    if (ok && as_array(copy)->length && n > INT64_MAX / 16 / (int64_t)as_array(copy)->length) raise_no_memory(t), ok = false;
    for (int64_t i = 1; ok && i < n && as_array(copy)->length; i++) ok = put(t, a, SIZE_MAX, SIZE_MAX, as_array(copy)->data, as_array(copy)->length) && safepoint_poll(t);
    release_opt(t, copy);
    return ok;
}
static value multiply(struct thread *t, vref x, vref y) {
    vref s = is_array(x) ? x : y;
    int64_t n;
    value answer;
    if (!seq_repeat_count(t, x, y, is_array(x), &n, &answer)) return answer;
    value v = part(t, as_array(s), 0, 1, (int64_t)size_of(as_array(s)));
    if (v && !repeat(t, as_array(v), n)) release_field(t, &v);
    return v;
}
static value inplace_multiply(struct thread *t, vref x, vref y) {
    int64_t n;
    if (!type_of(y)->to_index) return raise(t, &exc_TypeError, "can't multiply sequence by non-int of type '%T'", y);
    return object_as_index(t, y, &n) && repeat(t, as_array(x), n) ? own(t, x) : V_NULL;
}
static bool buffer(struct thread *t, vref self, struct buffer_view *view) {
    struct array *a = as_array(self);
    enter(t, a);
    a->exports++;
    view->data = a->data ? a->data : as_bytes(bytes_empty)->data;
    view->length = a->length * a->kind->size, view->format = a->kind->format, view->itemsize = a->kind->size;
    leave(t, a);
    return true;
}
static void buffer_drop(struct thread *t, vref self) {
    enter(t, as_array(self));
    as_array(self)->exports--;
    leave(t, as_array(self));
}

// ---- methods ----

static value none(bool ok) { return ok ? V_NONE : V_NULL; }
static value m_append(struct thread *t, const vref *a) { return none(append(t, as_array(a[0]), a[1])); }
static value m_extend(struct thread *t, const vref *a) { return none(extend(t, as_array(a[0]), a[1])); }
static value m_frombytes(struct thread *t, const vref *a) { return none(add_bytes(t, as_array(a[0]), a[1])); }
static value m_fromunicode(struct thread *t, const vref *a) {
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "fromunicode() argument must be str, not %T", a[1]);
    return none(add_text(t, as_array(a[0]), a[1]));
}
static value m_fromlist(struct thread *t, const vref *a) {
    struct array *x = as_array(a[0]);
    if (!is_list(a[1])) return raise(t, &exc_TypeError, "arg must be list");
    size_t old = x->length;
    if (extend(t, x, a[1])) return V_NONE;
    value first = raised_take(t);
    put(t, x, old, SIZE_MAX, NULL, 0);
    raised_restore(t, first);
    return V_NULL;
}
static value m_tobytes(struct thread *t, const vref *a) {
    struct array *x = as_array(a[0]);
    enter(t, x);
    value v = bytes_new(t, x->length ? x->data : NULL, x->length * x->kind->size);
    leave(t, x);
    return v;
}
static value m_tolist(struct thread *t, const vref *a) {
    value list = list_new(t, size_of(as_array(a[0]))), v;
    for (size_t i = 0; list && (v = item(t, as_array(a[0]), i)); i++)
        if (!list_append_take(t, list, v)) release_field(t, &list);
    if (raised(t)) release_field(t, &list);
    return list;
}
static value m_tounicode(struct thread *t, const vref *a) {
    struct array *x = as_array(a[0]);
    if (x->kind->code != 'u') return raise(t, &exc_ValueError, "tounicode() may only be called on unicode type arrays");
    value copy = part(t, x, 0, 1, (int64_t)size_of(x));
    const uint32_t *c = copy ? (const uint32_t *)(const void *)as_array(copy)->data : NULL;
    for (size_t i = 0; copy && i < as_array(copy)->length; i++)
        if (c[i] > 0x10ffff) {
            release(t, copy);
            return raise(t, &exc_ValueError, "character U+%d is not in range [U+0000; U+10ffff]", (int)c[i]);
        }
    value v = copy ? str_from_chars(t, (const uint32_t *)(const void *)as_array(copy)->data, as_array(copy)->length) : V_NULL;
    release_opt(t, copy);
    return v;
}
static value m_insert(struct thread *t, const vref *a) {
    int64_t i;
    uint8_t raw[8];
    struct array *x = as_array(a[0]);
    if (!object_as_index(t, a[1], &i) || !pack(t, x->kind, a[2], raw)) return V_NULL;
    if (i < 0) i = i + (int64_t)size_of(x) < 0 ? 0 : i + (int64_t)size_of(x);
    return none(put(t, x, (size_t)i, (size_t)i, raw, 1));
}
static value m_pop(struct thread *t, const vref *a) { // self, i=-1
    int64_t i = -1;
    struct array *x = as_array(a[0]);
    if (a[1] && !object_as_index(t, a[1], &i)) return V_NULL;
    uint8_t raw[8];
    enter(t, x); // the look and the change are one
    bool empty = x->length == 0;
    if (i < 0) i += (int64_t)x->length;
    bool there = i >= 0 && i < (int64_t)x->length, gone = there;
    if (there) {
        memcpy(raw, x->data + (size_t)i * x->kind->size, x->kind->size);
        gone = splice(t, x, (size_t)i, (size_t)i + 1, NULL, 0);
    }
    leave(t, x);
    if (!there) return raise(t, &exc_IndexError, empty ? "pop from empty array" : "pop index out of range");
    return gone ? unpack(t, x->kind, raw) : V_NULL;
}
static value m_remove(struct thread *t, const vref *a) {
    int64_t at = find(t, as_array(a[0]), a[1], 0, INT64_MAX, NULL);
    if (at >= 0) return none(put(t, as_array(a[0]), (size_t)at, (size_t)at + 1, NULL, 0));
    return at == -2 ? V_NULL : raise(t, &exc_ValueError, "array.remove(x): x not in array");
}
static value m_count(struct thread *t, const vref *a) {
    int64_t n = 0;
    return find(t, as_array(a[0]), a[1], 0, INT64_MAX, &n) == -2 ? V_NULL : from_int62(n);
}
static value m_index(struct thread *t, const vref *a) { // self, v, start=0, stop=maxsize
    int64_t start = 0, stop = INT64_MAX, n = (int64_t)size_of(as_array(a[0]));
    if ((a[2] && !object_as_size_clamped(t, a[2], &start)) || (a[3] && !object_as_size_clamped(t, a[3], &stop))) return V_NULL;
    if (start < 0) start = start + n < 0 ? 0 : start + n;
    if (stop < 0) stop += n;
    int64_t at = find(t, as_array(a[0]), a[1], start, stop, NULL);
    return at >= 0 ? from_int62(at) : at == -2 ? V_NULL : raise(t, &exc_ValueError, "array.index(x): x not in array");
}
static void swap(uint8_t *x, uint8_t *y, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint8_t c = x[i];
        x[i] = y[i], y[i] = c;
    }
}
static value m_reverse(struct thread *t, const vref *a) {
    struct array *x = as_array(a[0]);
    enter(t, x);
    for (size_t i = 0, j = x->length; i + 1 < j; i++) swap(x->data + i * x->kind->size, x->data + --j * x->kind->size, x->kind->size);
    leave(t, x);
    return V_NONE;
}
static value m_byteswap(struct thread *t, const vref *a) {
    struct array *x = as_array(a[0]);
    enter(t, x);
    for (size_t i = 0; i < size_of(x); i++)
        for (size_t k = 0, size = x->kind->size; k < size / 2; k++) swap(x->data + i * size + k, x->data + (i + 1) * size - 1 - k, 1);
    leave(t, x);
    return V_NONE;
}
static value m_buffer_info(struct thread *t, const vref *a) {
    value at = int_from_u64(t, (uint64_t)(uintptr_t)as_array(a[0])->data), v = at ? tuple_pack(t, 2, at, from_int62((int64_t)as_array(a[0])->length)) : V_NULL;
    release_opt(t, at);
    return v;
}
static value m_fromfile(struct thread *t, const vref *a) { // self, f, n
    int64_t n, size = as_array(a[0])->kind->size;
    if (!object_as_index(t, a[2], &n)) return V_NULL;
    if (n < 0) return raise(t, &exc_ValueError, "negative count");
    if (n > INT64_MAX / 16 / size) return raise_no_memory(t);
    value count = int_from_i64(t, n * size), bytes = count ? object_call_method_cstr(t, a[1], "read", &count, 1) : V_NULL;
    release_opt(t, count);
    if (bytes && !is_bytes(bytes)) raise(t, &exc_TypeError, "read() didn't return bytes");
    bool ok = bytes && !raised(t);
    size_t got = ok ? as_bytes(bytes)->length : 0;
    ok = ok && add_bytes(t, as_array(a[0]), bytes);
    release_opt(t, bytes);
    if (ok && got != (size_t)(n * size)) return raise(t, &exc_EOFError, "read() didn't return enough bytes");
    return none(ok);
}
static value m_tofile(struct thread *t, const vref *a) {
    enum { BLOCK = 64 * 1024 };
    value bytes = m_tobytes(t, a);
    if (!bytes) return V_NULL;
    for (size_t at = 0; !raised(t) && at < as_bytes(bytes)->length; at += BLOCK) {
        size_t left = as_bytes(bytes)->length - at;
        value block = bytes_new(t, as_bytes(bytes)->data + at, left < BLOCK ? left : BLOCK), r = block ? object_call_method_cstr(t, a[1], "write", &block, 1) : V_NULL;
        release_opt(t, r), release_opt(t, block);
    }
    release(t, bytes);
    return raised(t) ? V_NULL : V_NONE;
}
static value m_copy(struct thread *t, const vref *a) { return part(t, as_array(a[0]), 0, 1, (int64_t)size_of(as_array(a[0]))); }
// The number by which pickles name the layout of items: pairs of unsigned and signed by size, little and big endian, then floats, UTF-16, UTF-32.
static int layout_of(const struct kind *k) {
    if (k->code == 'u') return 20;
    if (k->is_float) return k->size == 4 ? 14 : 16;
    int at = k->size == 1 ? 0 : k->size == 2 ? 2 : k->size == 4 ? 6 : 10;
    return k->size == 1 ? k->is_signed : at + 2 * k->is_signed;
}
static value attributes(struct thread *t, vref self) { // returns new: None if there are none
    value dict;
    int found = object_lookup_attr(t, self, str_intern_cstr(t, "__dict__"), &dict);
    return found > 0 ? dict : found == 0 ? V_NONE : V_NULL;
}
static value m_reduce(struct thread *t, const vref *a) { // self, protocol: array(code, list), or from 3 on the bytes and their layout
    int64_t protocol;
    const struct kind *k = as_array(a[0])->kind;
    if (!object_as_index(t, a[1], &protocol)) return V_NULL;
    value code = str_from_char(t, (uint32_t)k->code), dict = code ? attributes(t, a[0]) : V_NULL, f = V_NULL, args = V_NULL, v = V_NULL;
    value items = !dict ? V_NULL : protocol >= 3 ? m_tobytes(t, a) : k->code == 'u' ? m_tounicode(t, a) : m_tolist(t, a);
    if (items && protocol >= 3) {
        value m = import_dotted(t, str_intern_cstr(t, "array"));
        f = m ? object_getattr_cstr(t, m, "_array_reconstructor") : V_NULL;
        args = f ? tuple_pack(t, 4, type_ref(type_of(a[0])), code, from_int62(layout_of(k)), items) : V_NULL;
        release_opt(t, m);
    } else if (items) {
        f = own(t, type_ref(type_of(a[0])));
        args = tuple_pack(t, 2, code, items);
    }
    if (args) v = tuple_pack(t, 3, f, args, dict);
    release_opt(t, args), release_opt(t, f), release_opt(t, items), release_opt(t, dict), release_opt(t, code);
    return v;
}

// ---- from a pickle ----

static value text_items(struct thread *t, vref items, int64_t layout) {
    static const char *const names[] = {"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"};
    return str_decode(t, as_bytes(items)->data, as_bytes(items)->length, names[layout - 18], "strict");
}
static bool add_items(struct thread *t, vref array, vref items, int64_t layout) {
    static const uint8_t sizes[18] = {1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 4, 4, 8, 8};
    if (layout >= 18) {
        value text = text_items(t, items, layout);
        bool ok = text && add_text(t, as_array(array), text);
        release_opt(t, text);
        return ok;
    }
    size_t size = sizes[layout], n = as_bytes(items)->length;
    if (n % size) return raise(t, &exc_ValueError, "string length not a multiple of item size"), false;
    for (size_t at = 0; at < n; at += size) {
        uint8_t raw[8];
        bool big = layout > 1 && layout % 2, is_signed = layout == 1 || (layout > 1 && (layout / 2) % 2 == 0);
        for (size_t i = 0; i < size; i++) raw[i] = as_bytes(items)->data[at + (big ? size - 1 - i : i)];
        const struct kind *floats = kind_of(size == 4 ? 'f' : 'd');
        value v = layout >= 14 ? unpack(t, floats, raw) : int_from_bytes(t, raw, size, true, is_signed);
        bool ok = v && append(t, as_array(array), v);
        release_opt(t, v);
        if (!ok) return false;
    }
    return true;
}
static value f_reconstruct(struct thread *t, const vref *a) { // type, typecode, layout, bytes
    int64_t layout;
    if (!is_type(a[0])) return raise(t, &exc_TypeError, "first argument must be a type object, not %T", a[0]);
    if (!type_is_subtype(as_type(a[0]), &type_array)) return raise(t, &exc_TypeError, "%s is not a subtype of array.array", as_type(a[0])->name);
    if (!is_str(a[1]) || as_str(a[1])->length != 1) return raise(t, &exc_TypeError, "_array_reconstructor() argument 2 must be a unicode character, not %T", a[1]);
    const struct kind *k = kind_of(str_at(as_str(a[1]), 0));
    if (!k) return raise(t, &exc_ValueError, "second argument must be a valid type code");
    if (!object_as_index(t, a[2], &layout)) return V_NULL;
    if (layout < 0 || layout > 21) return raise(t, &exc_ValueError, "third argument must be a valid machine format code.");
    if (!is_bytes(a[3])) return raise(t, &exc_TypeError, "fourth argument should be bytes, not %T", a[3]);
    value v = object_call1(t, a[0], a[1]);
    if (!v || !is_array(v)) return v;
    bool ok = layout == layout_of(as_array(v)->kind) ? add_bytes(t, as_array(v), a[3]) : add_items(t, v, a[3], layout);
    if (!ok) release_field(t, &v);
    return v;
}
static value m_size_of(struct thread *t, const vref *a) { return int_from_u64(t, object_size(as_object(a[0])) + as_array(a[0])->capacity * as_array(a[0])->kind->size); }
static value get_code(struct thread *t, const vref *a) { return str_from_char(t, (uint32_t)as_array(a[0])->kind->code); }
static value get_size(struct thread *t, const vref *a) { return (void)t, from_int62(as_array(a[0])->kind->size); }
static value m_class_getitem(struct thread *t, const vref *a) { return generic_alias_new(t, a[0], a[1]); }

#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
static const struct native natives[] = {
    M("append", "($self, v, /)", m_append), M("buffer_info", "($self, /)", m_buffer_info), M("byteswap", "($self, /)", m_byteswap), M("count", "($self, v, /)", m_count),
    M("extend", "($self, bb, /)", m_extend), M("fromfile", "($self, f, n, /)", m_fromfile), M("fromlist", "($self, list, /)", m_fromlist),
    M("frombytes", "($self, buffer, /)", m_frombytes), M("fromunicode", "($self, ustr, /)", m_fromunicode), M("index", "($self, v, start=0, stop=sys.maxsize, /)", m_index),
    M("insert", "($self, i, v, /)", m_insert), M("pop", "($self, i=-1, /)", m_pop), M("remove", "($self, v, /)", m_remove), M("reverse", "($self, /)", m_reverse),
    M("tobytes", "($self, /)", m_tobytes), M("tofile", "($self, f, /)", m_tofile), M("tolist", "($self, /)", m_tolist), M("tounicode", "($self, /)", m_tounicode),
    M("__copy__", "($self, /)", m_copy), M("__deepcopy__", "($self, unused, /)", m_copy), M("__reduce_ex__", "($self, value, /)", m_reduce),
    M("__sizeof__", "($self, /)", m_size_of), {.name = "__class_getitem__", .kind = NATIVE_CLASS, .sig = "($cls, item, /)", .fn = m_class_getitem},
    {.name = "typecode", .kind = NATIVE_GETSET, .fn = get_code, .doc = "the letter that says which C type the items have"},
    {.name = "itemsize", .kind = NATIVE_GETSET, .fn = get_size, .doc = "how many bytes an item takes"}, {.name = NULL},
};
static struct type type_array = {
    .name = "array", .module = "array", .flags = TYPE_BASE | TYPE_HAS_WEAK | TYPE_SEQUENCE, .basicsize = sizeof(struct array), .base = &type_object, .natives = natives,
    .destroy = destroy, .make = make, .repr = repr, .iter = iter, .compare = compare, .length = length, .getitem = getitem, .setitem = setitem, .contains = contains,
    .binary = {[NB_ADD] = concat, [NB_MUL] = multiply}, .inplace = {[NB_ADD] = inplace_concat, [NB_MUL] = inplace_multiply}, .buffer = buffer, .buffer_drop = buffer_drop,
    .doc = "array(typecode[, items])",
};
static const struct native functions[] = {
    {.name = "_array_reconstructor", .kind = NATIVE_FUNCTION, .sig = "($module, arraytype, typecode, mformat_code, items, /)", .fn = f_reconstruct,
     .doc = "Internal. Used for pickling support."},
};
// collections.abc.MutableSequence.register(array)
static bool register_sequence(struct thread *t) {
    value name = str_intern_cstr(t, "collections.abc"), m = import_dotted(t, name), abc = m ? object_getattr_cstr(t, m, "MutableSequence") : V_NULL;
    vref cls = type_ref(&type_array);
    value r = abc ? object_call_method_cstr(t, abc, "register", &cls, 1) : V_NULL;
    release_opt(t, r), release_opt(t, abc), release_opt(t, m);
    return r != V_NULL;
}
value array_make(struct thread *t) {
    if (!type_array.root_shape && !type_ready(t, &type_array)) return V_NULL;
    value m = module_from_natives(t, "array", "Arrays of C numbers or characters, each item in as few bytes as its type needs.", functions, 1), codes = str_from_cstr(t, "bBuhHiIlLqQfd");
    bool ok = m && codes && module_set(t, m, "typecodes", own(t, codes)) && module_set(t, m, "array", type_ref(&type_array)) && module_set(t, m, "ArrayType", type_ref(&type_array)) && register_sequence(t);
    release_opt(t, codes);
    if (!ok) release_opt(t, m), m = V_NULL;
    return m;
}
