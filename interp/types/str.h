// SPDX-License-Identifier: Apache-2.0
// str, bytes and bytearray in C: layouts, constructors, a builder. Leaves the methods to types/str/*.c and bytes.c.
//
// A str is PEP 393's idea: code points of 1, 2 or 4 bytes, the narrowest that holds them all, a NUL behind, immutable, hash cached. ASCII strings are their own UTF-8.
// Interned strings (INTERNED flag) are equal iff identical; interning is by sharded table, strings of code are immortal, run-time ones mortal.
#ifndef KRAIT_INTERP_TYPES_STR_H
#define KRAIT_INTERP_TYPES_STR_H

#include <stdarg.h>

#include "interp/core/object.h"
#include <stdarg.h>

enum { STR_ASCII = 1, STR_INTERNED = 2, STR_IMMORTAL = 4 };
struct str {
    struct object head;
    size_t length;             // code points
    _Atomic int64_t hash;      // -1: not yet computed
    uint8_t width;             // 1, 2, 4 bytes a code point
    _Atomic uint8_t flags;     // STR_
    uint16_t pad;
    uint32_t slack;            // bytes of the cell beyond what the text needs: room for str_append
    uint8_t data[];            // length * width bytes, then one zero code point; then, unless ASCII, 8-byte aligned, struct str_tail
};
struct str_tail {              // behind a non-ASCII text
    char *_Atomic utf8;        // cached UTF-8, NUL behind, or NULL; owned
    size_t utf8_length;        // valid once utf8 is set
};
// Bytes of a str's cell before slack: what size_of of type str counts (ext and slots of subclasses come behind, 8-byte aligned).
static inline size_t str_need(size_t length, unsigned width, bool ascii) {
    size_t n = sizeof(struct str) + (length + 1) * width;
    return ascii ? n : ((n + 7) & ~(size_t)7) + sizeof(struct str_tail);
}
static inline struct str *as_str(vref v) { return (struct str *)as_object(v); }
static inline uint32_t str_at(const struct str *s, size_t i) {
    return s->width == 1 ? s->data[i] : s->width == 2 ? ((const uint16_t *)(const void *)s->data)[i] : ((const uint32_t *)(const void *)s->data)[i];
}
extern value str_empty; // immortal
void str_start(void);      // before anything else of str.h: hash key (PYTHONHASHSEED), shared one-character strings, intern table
// Drops interned strings that only the table holds. With the world stopped (or under the GIL): the collector calls it.
void str_intern_sweep(struct thread *t);

value str_new(struct thread *t, size_t length, uint32_t max_char);           // uninitialised data
value str_from_utf8(struct thread *t, const char *s, size_t n);               // UnicodeDecodeError
value str_from_cstr(struct thread *t, const char *s);
value str_from_latin1(struct thread *t, const uint8_t *s, size_t n);
value str_from_char(struct thread *t, uint32_t c);                            // the 256 first are shared
value str_from_chars(struct thread *t, const uint32_t *s, size_t n);
value str_format(struct thread *t, const char *format, ...);                  // formats as raise()
value str_format_va(struct thread *t, const char *format, va_list ap);
// Interned immortal string for a C literal; for start-up tables and compiled names. NULL only for memory.
value str_intern_cstr(struct thread *t, const char *s);
value str_intern(struct thread *t, value s);                                  // takes s, returns new: the canonical equal string (mortal)
value str_intern_immortal(struct thread *t, value s);
const char *str_utf8(struct thread *t, vref s, size_t *n_or_null);            // valid while s lives; UnicodeEncodeError for surrogates
bool str_equal(vref a, vref b);                                               // any two str
bool str_equal_cstr(vref a, const char *s);
int str_compare(vref a, vref b);
int64_t str_hash(vref s);
static inline int64_t str_known_hash(vref s) { // the same, without a call when it is cached
    int64_t h = atomic_load_explicit(&as_str(s)->hash, memory_order_relaxed);
    return likely(h != -1) ? h : str_hash(s);
}
value str_concat(struct thread *t, vref a, vref b);
// a += b where the caller's register holds the only count: grows in place when it can. takes a.
value str_append(struct thread *t, value a, vref b);
value str_substring(struct thread *t, vref s, int64_t start, int64_t stop);   // clamped
int64_t str_find(vref s, vref needle, int64_t start, int64_t stop, bool from_right); // -1
value str_join(struct thread *t, vref sep, vref iterable);
value str_join_array(struct thread *t, const vref *parts, size_t n);          // f-strings: all str, no separator
value str_repeat(struct thread *t, vref s, int64_t n);
value str_percent(struct thread *t, vref format, vref args);                  // format % args
value str_format_method(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames);
value str_format_spec(struct thread *t, vref s, vref spec);
value str_repr(struct thread *t, vref s);
value str_ascii(struct thread *t, vref s);                                    // what is not ASCII as \x, \u, \U escapes: ascii(v) is this of the repr
value str_replace(struct thread *t, vref s, vref old, vref new_, int64_t count);
value str_decode(struct thread *t, const uint8_t *p, size_t n, const char *encoding, const char *errors); // utf-8, latin-1, ascii, utf-16/32; else codecs
value str_encode(struct thread *t, vref s, const char *encoding, const char *errors);                      // returns bytes

// Builder: grows, widens as needed. Zero-initialised is empty. On error the exception is pending and every later call is harmless.
struct str_builder {
    struct thread *t;
    uint8_t *data;
    size_t length, capacity; // code points
    uint8_t width;           // 0: nothing yet
    bool failed;
    _Alignas(8) uint8_t few[112]; // data points here while the text is short: a builder must not move
};
void builder_init(struct str_builder *b, struct thread *t);
void builder_char(struct str_builder *b, uint32_t c);
void builder_ascii(struct str_builder *b, const char *s, size_t n);
void builder_int(struct str_builder *b, int64_t i);    // decimal
void builder_cstr(struct str_builder *b, const char *s); // UTF-8
void builder_utf8(struct str_builder *b, const char *s, size_t n);
void builder_str(struct str_builder *b, vref s);
void builder_slice(struct str_builder *b, vref s, size_t from, size_t to);
void builder_repeat(struct str_builder *b, uint32_t c, size_t n);
void builder_repr(struct str_builder *b, vref v);        // may run Python
value builder_finish(struct str_builder *b);             // returns new str; V_NULL if anything failed
void builder_discard(struct str_builder *b);

// bytes and bytearray
struct bytes {
    struct object head;
    size_t length;
    _Atomic int64_t hash;
    uint8_t data[];          // and a NUL behind
};
struct bytearray {
    struct object head;
    size_t length, capacity; // capacity: of the array, gap included
    uint8_t *data, *base;    // the first byte; the array, owned (bytearray_array.c)
    uint32_t exports;        // memoryviews on it: no resize
};
static inline struct bytes *as_bytes(vref v) { return (struct bytes *)as_object(v); }
void bytes_start(void);    // beside str_start: the shared one-byte bytes
value bytes_new(struct thread *t, const void *data_or_null, size_t n);
value bytearray_new(struct thread *t, const void *data_or_null, size_t n);
extern value bytes_empty; // immortal
static inline bool is_bytes(vref v) { return has_shape(v, SHAPE_BYTES) || has_flag(v, TYPE_BYTES); }
static inline bool is_bytearray(vref v) { return has_shape(v, SHAPE_BYTEARRAY) || is_instance(v, &type_bytearray); }
// bytes(v) for a bytes-like object, an object with __bytes__ or an iterable of ints: returns new bytes; TypeError "cannot convert 'x' object to bytes".
value bytes_from_object(struct thread *t, vref v);
value bytes_repr(struct thread *t, vref v); // b'...'
// A view of the memory of bytes, bytearray, memoryview, array…: false with TypeError "a bytes-like object is required, not 'x'". release after use.
// Types export themselves by the slots buffer and buffer_drop of struct type.
struct buffer_view {
    uint8_t *data;
    size_t length;           // bytes
    bool readonly;
    value owner;             // owned; whoever must stay alive, and whose type's buffer_drop is called at release
    const char *format;      // struct format of an item, NULL: "B"
    size_t itemsize;         // 0: 1
};
bool buffer_check(vref v);
bool buffer_get(struct thread *t, vref v, struct buffer_view *view, bool writable);
void buffer_release(struct thread *t, struct buffer_view *view);

#endif
