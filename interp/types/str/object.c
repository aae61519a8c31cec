// SPDX-License-Identifier: Apache-2.0
// str as an object: making, comparing, hashing, joining two, cutting, indexing. Leaves methods to methods.c and its neighbours, construction from objects
// to construct.c.
#include "interp/types/args.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/text.h"

uint8_t str_latin1_cells[256][64] __attribute__((aligned(16)));
static struct {
    struct str s;
    uint8_t text[8];
} empty_cell __attribute__((aligned(16)));
value str_empty = (value)(uintptr_t)&empty_cell + 2;

static struct str *cell_at_rest(void *p, uint32_t c, size_t length) {
    struct str *s = p;
    atomic_store_explicit(&s->head.shared, SHARED_IMMORTAL | SHARED_DEFERRED, memory_order_relaxed);
    s->head.shape = SHAPE_STR;
    s->length = length;
    s->width = 1;
    atomic_store_explicit(&s->flags, c < 128 ? STR_ASCII : 0, memory_order_relaxed);
    s->data[0] = (uint8_t)c;
    s->hash = hash_bytes(s->data, length);
    return s;
}

void str_start(void) {
    hash_start();
    intern_start();
    cell_at_rest(&empty_cell, 0, 0);
    for (uint32_t c = 0; c < 256; c++) cell_at_rest(str_latin1_cells[c], c, 1);
}

// ---- making ----

static value new_cell(struct thread *t, size_t length, unsigned width, bool ascii, size_t slack) {
    if (unlikely(length > (size_t)INT64_MAX / 8)) return raise_no_memory(t);
    struct str *s = object_alloc(t, str_need(length, width, ascii) + slack, SHAPE_STR);
    if (unlikely(!s)) return V_NULL;
    s->length = length;
    atomic_store_explicit(&s->hash, -1, memory_order_relaxed);
    s->width = (uint8_t)width;
    atomic_store_explicit(&s->flags, ascii ? STR_ASCII : 0, memory_order_relaxed);
    s->slack = (uint32_t)slack;
    unit_put(s->data, width, length, 0);
    if (!ascii) atomic_store_explicit(&str_tail(s)->utf8, NULL, memory_order_relaxed);
    return counted_word(s);
}

value str_new(struct thread *t, size_t length, uint32_t max_char) {
    if (length == 0) return str_empty;
    return new_cell(t, length, width_of(max_char), max_char < 0x80, 0);
}

value str_from_latin1(struct thread *t, const uint8_t *s, size_t n) {
    if (n == 1) return str_latin1_word(s[0]);
    value v = str_new(t, n, bytes_are_ascii(s, n) ? 0x7f : 0xff);
    if (v && n) memcpy(as_str(v)->data, s, n);
    return v;
}

value str_from_char(struct thread *t, uint32_t c) {
    if (c < 256) return str_latin1_word(c);
    value v = str_new(t, 1, c);
    if (v) str_put(as_str(v), 0, c);
    return v;
}

value str_from_chars(struct thread *t, const uint32_t *s, size_t n) { return str_from_units(t, (const uint8_t *)s, 4, n); }
value str_from_cstr(struct thread *t, const char *s) { return str_from_utf8(t, s, strlen(s)); }

value str_exact(struct thread *t, vref v) {
    if (has_shape(v, SHAPE_STR)) return own(t, v);
    const struct str *s = as_str(v);
    value copy = str_new(t, s->length, str_bound(s));
    if (copy && s->length) str_copy_in(as_str(copy), 0, s, 0, s->length);
    return copy;
}

value str_cut(struct thread *t, vref v, size_t from, size_t to) {
    const struct str *s = as_str(v);
    if (from >= to) return str_empty;
    if (from == 0 && to == s->length) return str_exact(t, v);
    size_t n = to - from;
    if (n == 1) return str_from_char(t, str_at(s, from));
    if (!str_is_ascii(s)) return str_from_units(t, s->data + from * s->width, s->width, n);
    value r = new_cell(t, n, 1, true, 0);
    if (r) memcpy(as_str(r)->data, s->data + from, n);
    return r;
}

value str_substring(struct thread *t, vref s, int64_t start, int64_t stop) {
    int64_t n = (int64_t)as_str(s)->length;
    if (start < 0) start = 0;
    if (stop > n) stop = n;
    return start >= stop ? str_empty : str_cut(t, s, (size_t)start, (size_t)stop);
}

static size_t str_size_of(const struct object *o) {
    const struct str *s = (const struct str *)o;
    return str_need(s->length, s->width, str_is_ascii(s)) + s->slack;
}

static void drop_utf8(struct thread *t, struct str *s) {
    if (str_is_ascii(s)) return;
    struct str_tail *tail = str_tail(s);
    char *utf8 = atomic_load_explicit(&tail->utf8, memory_order_acquire);
    if (utf8) mem_free(t, utf8, tail->utf8_length + 1);
}
static void str_destroy(struct thread *t, struct object *o) { drop_utf8(t, (struct str *)o); }

// ---- comparing ----

bool str_equal(vref va, vref vb) {
    const struct str *a = as_str(va), *b = as_str(vb);
    if (a == b) return true;
    if (a->length != b->length || a->width != b->width) return false;
    if (str_is_interned(a) && str_is_interned(b)) return false;
    return memcmp(a->data, b->data, a->length * a->width) == 0;
}

bool str_equal_cstr(vref v, const char *text) {
    const struct str *s = as_str(v);
    size_t n = strlen(text);
    return str_is_ascii(s) && s->length == n && memcmp(s->data, text, n) == 0;
}

int str_compare(vref va, vref vb) {
    const struct str *a = as_str(va), *b = as_str(vb);
    if (a == b) return 0;
    size_t n = a->length < b->length ? a->length : b->length;
    if (a->width == 1 && b->width == 1) {
        int order = memcmp(a->data, b->data, n);
        if (order) return order;
    } else
        for (size_t i = 0; i < n; i++) {
            uint32_t x = str_at(a, i), y = str_at(b, i);
            if (x != y) return x < y ? -1 : 1;
        }
    return (a->length > b->length) - (a->length < b->length);
}

static value str_compare_slot(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!is_str(a) || !is_str(b)) return V_NOTIMPL;
    if (op == CMP_EQ) return from_bool(str_equal(a, b));
    if (op == CMP_NE) return from_bool(!str_equal(a, b));
    int order = str_compare(a, b);
    return from_bool(order_fits(order, op));
}

int64_t str_hash(vref v) {
    struct str *s = as_str(v);
    int64_t h = atomic_load_explicit(&s->hash, memory_order_relaxed);
    if (likely(h != -1)) return h;
    h = hash_bytes(s->data, s->length * s->width);
    atomic_store_explicit(&s->hash, h, memory_order_relaxed);
    return h;
}
static int64_t str_hash_slot(struct thread *t, vref v) { return str_hash(v); }

// ---- joining two ----

value str_concat(struct thread *t, vref va, vref vb) {
    const struct str *a = as_str(va), *b = as_str(vb);
    if (a->length == 0) return str_exact(t, vb);
    if (b->length == 0) return str_exact(t, va);
    bool ascii = str_is_ascii(a) && str_is_ascii(b);
    value v = new_cell(t, a->length + b->length, a->width > b->width ? a->width : b->width, ascii, 0);
    if (unlikely(!v)) return V_NULL;
    str_copy_in(as_str(v), 0, a, 0, a->length);
    str_copy_in(as_str(v), a->length, b, 0, b->length);
    return v;
}

// Nobody else can see a: its one count is the caller's, it is no subclass and not interned.
static bool is_exclusive(struct thread *t, value a) {
    struct object *o = as_object(a);
    return is_counted(a) && object_owner(o) == t->owner && o->local == 1 && object_shape(o) == SHAPE_STR &&
           atomic_load_explicit(&o->shared, memory_order_relaxed) == 0 && !(o->flags & HEAD_WEAKREFS) && !str_is_interned(as_str(a));
}

// b goes into the slack of a, whose tail moves on; `slack` is what is left of it. The texts may be one object: it then doubles.
static void append_in_place(struct thread *t, struct str *a, const struct str *b, size_t slack) {
    size_t bn = b->length;
    drop_utf8(t, a);
    str_copy_in(a, a->length, b, 0, bn);
    a->length += bn;
    a->slack = (uint32_t)slack;
    unit_put(a->data, a->width, a->length, 0);
    if (!str_is_ascii(a)) atomic_store_explicit(&str_tail(a)->utf8, NULL, memory_order_relaxed);
    atomic_store_explicit(&a->hash, -1, memory_order_relaxed);
}

value str_append(struct thread *t, value va, vref vb) {
    struct str *a = as_str(va);
    const struct str *b = as_str(vb);
    if (a->length == 0 || b->length == 0 || b->width > a->width || (str_is_ascii(a) && !str_is_ascii(b)) || !is_exclusive(t, va)) {
        value v = str_concat(t, va, vb);
        release(t, va);
        return v;
    }
    size_t n = a->length + b->length, need = str_need(n, a->width, str_is_ascii(a)), cell = str_size_of(&a->head);
    if (need <= cell) {
        append_in_place(t, a, b, cell - need);
        return va;
    }
    size_t slack = n * a->width / 4 + 8;
    slack += 15 - (need + slack + 15) % 16; // all of the last 16 bytes
    if (slack > UINT32_MAX) slack = UINT32_MAX;
    value v = new_cell(t, n, a->width, str_is_ascii(a), slack);
    if (v) {
        memcpy(as_str(v)->data, a->data, a->length * a->width);
        str_copy_in(as_str(v), a->length, b, 0, b->length);
    }
    release(t, va);
    return v;
}

static value str_add(struct thread *t, vref a, vref b) {
    if (likely(is_str(a) && is_str(b))) return str_concat(t, a, b);
    return V_NOTIMPL;
}

enum { REPEAT_PIECE = 1 << 22 }; // bytes between two safepoints

value str_repeat(struct thread *t, vref v, int64_t n) {
    const struct str *s = as_str(v);
    if (n <= 0 || s->length == 0) return str_empty;
    if (n == 1) return str_exact(t, v);
    if ((uint64_t)n > (uint64_t)INT64_MAX / 4 / s->length) return raise_no_memory(t);
    value out = new_cell(t, s->length * (size_t)n, s->width, str_is_ascii(s), 0);
    if (!out) return V_NULL;
    uint8_t *to = as_str(out)->data;
    size_t piece = s->length * s->width, total = piece * (size_t)n;
    if (piece == 1 && total <= REPEAT_PIECE) {
        memset(to, s->data[0], total);
        return out;
    }
    memcpy(to, s->data, piece);
    for (size_t done = piece; done < total;) { // doubles up to a piece
        size_t step = done < total - done ? done : total - done;
        if (step > REPEAT_PIECE) step = piece > REPEAT_PIECE ? piece : REPEAT_PIECE / piece * piece;
        if (step > total - done) step = total - done;
        memcpy(to + done, to, step);
        done += step;
        if (step >= REPEAT_PIECE / 2 && !safepoint_poll(t)) {
            release(t, out);
            return V_NULL;
        }
    }
    return out;
}

static value str_multiply(struct thread *t, vref a, vref b) {
    if (!is_str(a)) {
        vref x = a;
        a = b, b = x;
    }
    if (!is_int(b) && (!type_of(b)->to_index || type_of(b)->binary[NB_MUL])) return V_NOTIMPL; // a __rmul__ goes first
    int64_t n;
    if (is_int62(b)) n = as_int62(b);
    else if (!repeat_count(t, b, &n)) return V_NULL;
    return str_repeat(t, a, n);
}

// ---- indexing ----

static int64_t str_length(struct thread *t, vref v) { return (int64_t)as_str(v)->length; }

static value sliced(struct thread *t, vref v, vref key) {
    const struct str *s = as_str(v);
    int64_t start, stop, step, count;
    if (!slice_indices(t, key, (int64_t)s->length, &start, &stop, &step, &count)) return V_NULL;
    if (count <= 0) return str_empty;
    if (step == 1) return str_cut(t, v, (size_t)start, (size_t)(start + count));
    if (count == 1) return str_from_char(t, str_at(s, (size_t)start));
    uint32_t max = str_bound(s);
    if (max > 0x7f) {
        uint32_t any = 0;
        for (int64_t i = 0, at = start; i < count; i++, at += step) any |= str_at(s, (size_t)at);
        max = any < 0x80 ? 0x7f : any < 0x100 ? 0xff : any < 0x10000 ? 0xffff : UNICODE_MAX;
    }
    value out = str_new(t, (size_t)count, max);
    for (int64_t i = 0, at = start; out && i < count; i++, at += step) str_put(as_str(out), (size_t)i, str_at(s, (size_t)at));
    return out;
}

static value str_getitem(struct thread *t, vref v, vref key) {
    const struct str *s = as_str(v);
    int64_t i;
    if (likely(is_int62(key))) i = as_int62(key);
    else if (has_shape(key, SHAPE_SLICE)) return sliced(t, v, key);
    else if (!type_of(key)->to_index) return raise(t, &exc_TypeError, "string indices must be integers, not '%T'", key);
    else if (!object_as_index(t, key, &i)) return V_NULL;
    if (i < 0) i += (int64_t)s->length;
    if (unlikely(i < 0 || i >= (int64_t)s->length)) return raise(t, &exc_IndexError, "string index out of range");
    return str_from_char(t, str_at(s, (size_t)i));
}

static int str_contains(struct thread *t, vref self, vref v) {
    if (!is_str(v)) {
        raise(t, &exc_TypeError, "'in <string>' requires string as left operand, not %T", v);
        return -1;
    }
    return str_find(self, v, 0, (int64_t)as_str(self)->length, false) >= 0;
}

static value str_str(struct thread *t, vref v) { return str_exact(t, v); }
static value str_modulo(struct thread *t, vref a, vref b) { return is_str(a) ? str_percent(t, a, b) : V_NOTIMPL; }

// An instance of the subclass cls with the text of s (taken).
static value as_instance(struct thread *t, struct type *cls, value v) {
    if (!v || cls == &type_str) return v;
    const struct str *s = as_str(v);
    struct str *o = object_new_var(t, cls, str_need(s->length, s->width, str_is_ascii(s)) - sizeof(struct str));
    if (o) {
        o->length = s->length;
        atomic_store_explicit(&o->hash, -1, memory_order_relaxed);
        o->width = s->width;
        atomic_store_explicit(&o->flags, s->flags & STR_ASCII, memory_order_relaxed);
        o->slack = 0;
        memcpy(o->data, s->data, (s->length + 1) * s->width);
        if (!str_is_ascii(o)) atomic_store_explicit(&str_tail(o)->utf8, NULL, memory_order_relaxed);
    }
    release(t, v);
    return o ? counted_word(o) : V_NULL;
}

static value str_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"object", "encoding", "errors"};
    static const struct args_spec spec = {"str", names, 0, 0, 3};
    vref a[3];
    if (!args_bind(t, &spec, args, nargs, kwnames, a)) return V_NULL;
    return as_instance(t, cls, a[0] ? str_make_from_object(t, a[0], a[1], a[2]) : str_empty);
}

struct type type_str = {
    .head = {.shared = SHARED_IMMORTAL | SHARED_DEFERRED, .shape = SHAPE_TYPE},
    .name = "str",
    .module = "builtins",
    .doc = "Text: a sequence of Unicode characters.\n\n"
           "Makes one of any object by its __str__(), else its __repr__(); or, given an encoding or errors ('utf-8' and 'strict'\n"
           "otherwise), of an object with a buffer by decoding it.",
    .flags = TYPE_STR | TYPE_BASE,
    .basicsize = sizeof(struct str),
    .itemsize = 1,
    .root_shape = SHAPE_STR,
    .base = &type_object,
    .natives = str_natives,
    .destroy = str_destroy,
    .size_of = str_size_of,
    .make = str_make,
    .repr = str_repr,
    .str = str_str,
    .iter = str_iter,
    .hash = str_hash_slot,
    .compare = str_compare_slot,
    .length = str_length,
    .getitem = str_getitem,
    .contains = str_contains,
    .binary = {[NB_ADD] = str_add, [NB_MUL] = str_multiply, [NB_MOD] = str_modulo},
};
