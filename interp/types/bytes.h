// SPDX-License-Identifier: Apache-2.0
// What bytes and bytearray share: their memory as one view, results of the kind of self, arguments. Leaves the public face to str.h.
#ifndef KRAIT_INTERP_TYPES_BYTES_H
#define KRAIT_INTERP_TYPES_BYTES_H

#include "interp/types/str/codec.h"

// The memory of a bytes or bytearray (or of a subclass). For a bytearray only until the next call that may run Python.
struct span {
    const uint8_t *p;
    size_t n;
};
static inline struct span bytes_span(vref v) {
    if (is_bytes(v)) return (struct span){as_bytes(v)->data, as_bytes(v)->length};
    const struct bytearray *b = (const struct bytearray *)as_object(v);
    for (;;) { // a pair that fits: see bytearray_array.c
        struct span s;
        s.p = __atomic_load_n(&b->data, __ATOMIC_ACQUIRE);
        s.n = __atomic_load_n(&b->length, __ATOMIC_ACQUIRE);
        if (s.p == __atomic_load_n(&b->data, __ATOMIC_RELAXED)) return s;
    }
}
static inline struct bytearray *as_bytearray(vref v) { return (struct bytearray *)as_object(v); }

// returns new: p[0..n) as bytes, or as bytearray if self is one.
value bytes_like_new(struct thread *t, vref self, const void *p, size_t n);
// self[from:to]: self itself when all of an exact bytes.
value bytes_cut(struct thread *t, vref self, size_t from, size_t to);
value byte_new(uint8_t c); // the shared one-byte bytes
// One byte given as an int: false with ValueError "byte must be in range(0, 256)" (what names the type in TypeError).
bool byte_arg(struct thread *t, vref v, uint8_t *out) MUST_CHECK;
// A bytes-like argument or (where an int is allowed too) one byte, kept in `one`.
bool bytes_or_byte_arg(struct thread *t, vref v, struct buffer_view *view, uint8_t *one) MUST_CHECK;
value bytes_join(struct thread *t, vref sep, vref iterable);
value bytes_percent(struct thread *t, vref format, vref args);
value bytearray_text(struct thread *t, struct span s, const char *type_name); // its repr
value bytes_iter(struct thread *t, vref self);
value bytes_compare(struct thread *t, vref a, vref b, enum compare_op op);
int bytes_contains(struct thread *t, vref self, vref v);
value bytes_repeat(struct thread *t, vref self, int64_t n);
value bytes_concat(struct thread *t, vref a, vref b);       // of the kind of a
value bytes_getitem(struct thread *t, vref self, vref key);
value bytes_as_instance(struct thread *t, struct type *cls, value v); // takes v
// The bytes of bytes(x, encoding, errors) and bytearray(…): appends them to b. name for messages.
bool bytes_collect(struct thread *t, struct byte_builder *b, const char *name, vref x, vref encoding, vref errors) MUST_CHECK;
value bytes_hex(struct thread *t, struct span s, vref sep_or_null, vref group_or_null); // s must stay while len() of sep is asked
value bytes_fromhex(struct thread *t, vref text);            // new bytes
// The memory of a bytearray (bytearray_array.c). Each takes effect at once for all threads. BufferError: the length would change while exported.
// n bytes of p, which does not lie in b, in place of [from, to); both are clamped to the length: SIZE_MAX appends.
bool bytearray_splice(struct thread *t, struct bytearray *b, size_t from, size_t to, const uint8_t *p, size_t n) MUST_CHECK;
int bytearray_take(struct thread *t, struct bytearray *b, int64_t i);             // removes byte i (negative: from the end): the byte, -1 exception, -2 out of range
int bytearray_remove(struct thread *t, struct bytearray *b, uint8_t c);           // the first c: 1 removed, 0 not there, -1 exception
bool bytearray_put(struct thread *t, struct bytearray *b, int64_t i, uint8_t c) MUST_CHECK; // false: out of range, no exception
// Bytes start, start + step, …, count of them, become those of p, or go if p is NULL. 1 done, 0 the length is not `length` any more, -1 exception.
int bytearray_steps(struct thread *t, struct bytearray *b, size_t length, int64_t start, int64_t step, int64_t count, const uint8_t *p) MUST_CHECK;
int bytearray_get(struct thread *t, struct bytearray *b, int64_t i);              // byte i (negative: from the end); -2 out of range, no exception
value bytearray_at_rest(struct thread *t, vref b);                                // returns new: b itself if nobody else can write it meanwhile, or a copy
void bytearray_reverse(struct thread *t, struct bytearray *b);
struct span bytearray_export(struct thread *t, struct bytearray *b);              // holds it still until exports is counted down
extern struct type type_bytes_iter, type_bytearray_iter;

#define BYTES_SHARED_METHODS(X)                                                                                                               \
    X(capitalize, "($self, /)") X(center, "($self, width, fillchar=b' ', /)") X(count, "($self, sub, start=None, end=None, /)")                 \
    X(decode, "($self, /, encoding='utf-8', errors='strict')") X(endswith, "($self, suffix, start=None, end=None, /)")                          \
    X(expandtabs, "($self, /, tabsize=8)") X(find, "($self, sub, start=None, end=None, /)") X(hex, "($self, /, sep=<unrepresentable>, bytes_per_sep=1)") \
    X(index, "($self, sub, start=None, end=None, /)") X(isalnum, "($self, /)") X(isalpha, "($self, /)") X(isascii, "($self, /)")                \
    X(isdigit, "($self, /)") X(islower, "($self, /)") X(isspace, "($self, /)") X(istitle, "($self, /)") X(isupper, "($self, /)")               \
    X(join, "($self, iterable_of_bytes, /)") X(ljust, "($self, width, fillchar=b' ', /)") X(lower, "($self, /)")                                \
    X(lstrip, "($self, bytes=None, /)") X(partition, "($self, sep, /)") X(removeprefix, "($self, prefix, /)")                                   \
    X(removesuffix, "($self, suffix, /)") X(replace, "($self, old, new, count=-1, /)") X(rfind, "($self, sub, start=None, end=None, /)")        \
    X(rindex, "($self, sub, start=None, end=None, /)") X(rjust, "($self, width, fillchar=b' ', /)") X(rpartition, "($self, sep, /)")           \
    X(rsplit, "($self, /, sep=None, maxsplit=-1)") X(rstrip, "($self, bytes=None, /)") X(split, "($self, /, sep=None, maxsplit=-1)")            \
    X(splitlines, "($self, /, keepends=False)") X(startswith, "($self, prefix, start=None, end=None, /)") X(strip, "($self, bytes=None, /)")    \
    X(swapcase, "($self, /)") X(title, "($self, /)") X(translate, "($self, table, /, delete=b'')") X(upper, "($self, /)") X(zfill, "($self, width, /)")
#define X(name, sig) native_fn bytes_m_##name;
BYTES_SHARED_METHODS(X)
#undef X
native_fn bytes_m_maketrans;

#endif
