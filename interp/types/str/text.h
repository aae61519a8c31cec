// SPDX-License-Identifier: Apache-2.0
// What the files of str share: access by width, copies that widen, searches, scratch. Leaves the public face to types/str.h.
#ifndef KRAIT_INTERP_TYPES_STR_TEXT_H
#define KRAIT_INTERP_TYPES_STR_TEXT_H

#include "interp/types/str.h"
#include "interp/types/str/unicode.h"

extern uint8_t str_latin1_cells[256][64]; // the shared one-character strings (object.c)
static inline value str_latin1_word(uint32_t c) { return borrowed_word(str_latin1_cells[c]); }

static inline bool str_is_ascii(const struct str *s) { return atomic_load_explicit(&s->flags, memory_order_relaxed) & STR_ASCII; }
static inline bool str_is_interned(const struct str *s) { return atomic_load_explicit(&s->flags, memory_order_relaxed) & STR_INTERNED; }
static inline struct str_tail *str_tail(struct str *s) {
    return (struct str_tail *)(void *)((char *)s + ((sizeof(struct str) + (s->length + 1) * s->width + 7) & ~(size_t)7));
}
static inline unsigned width_of(uint32_t max_char) { return max_char < 0x100 ? 1 : max_char < 0x10000 ? 2 : 4; }
// An upper bound of the code points in s without looking: what str_new wants for a string made of parts of s.
static inline uint32_t str_bound(const struct str *s) { return str_is_ascii(s) ? 0x7f : s->width == 1 ? 0xff : s->width == 2 ? 0xffff : UNICODE_MAX; }

static inline uint32_t unit_get(const uint8_t *p, unsigned width, size_t i) {
    return width == 1 ? p[i] : width == 2 ? ((const uint16_t *)(const void *)p)[i] : ((const uint32_t *)(const void *)p)[i];
}
static inline void unit_put(uint8_t *p, unsigned width, size_t i, uint32_t c) {
    if (width == 1) p[i] = (uint8_t)c;
    else if (width == 2) ((uint16_t *)(void *)p)[i] = (uint16_t)c;
    else ((uint32_t *)(void *)p)[i] = c;
}
static inline void str_put(struct str *s, size_t i, uint32_t c) { unit_put(s->data, s->width, i, c); }
// Copies n code points; to_width >= from_width, or the code points fit.
void units_copy(uint8_t *to, unsigned to_width, size_t at, const uint8_t *from, unsigned from_width, size_t from_at, size_t n);
static inline void str_copy_in(struct str *to, size_t at, const struct str *s, size_t from, size_t n) {
    units_copy(to->data, to->width, at, s->data, s->width, from, n);
}
uint32_t units_max(const uint8_t *p, unsigned width, size_t n); // the largest, or any bound of the same class (0x7f, 0xff, 0xffff, …)
bool bytes_are_ascii(const uint8_t *p, size_t n);
void units_fill(uint8_t *p, unsigned width, size_t at, uint32_t c, size_t n);
// returns new: the narrowest str of n units.
value str_from_units(struct thread *t, const uint8_t *p, unsigned width, size_t n);
// s[from:to] of an exact or subclass str, 0 <= from <= to <= length; the whole of an exact str is s itself.
value str_cut(struct thread *t, vref s, size_t from, size_t to);
// An exact str equal to s: s itself or a copy of a subclass instance. returns new.
value str_exact(struct thread *t, vref s);

// ---- search (find.c) ----
int64_t units_find(const uint8_t *hay, unsigned width, size_t n, const uint8_t *needle, unsigned needle_width, size_t m);  // -1
int64_t units_rfind(const uint8_t *hay, unsigned width, size_t n, const uint8_t *needle, unsigned needle_width, size_t m);
int64_t units_find_char(const uint8_t *hay, unsigned width, size_t n, uint32_t c);
int64_t units_rfind_char(const uint8_t *hay, unsigned width, size_t n, uint32_t c);
// How often, without overlap; at most `max`.
size_t units_count(const uint8_t *hay, unsigned width, size_t n, const uint8_t *needle, unsigned needle_width, size_t m, size_t max);

// ---- arguments ----
// TypeError "must be str, not X" unless v is a str.
bool str_need_str(struct thread *t, vref v, const char *what) MUST_CHECK;
// start and end of find, count, startswith…: any index, None, or absent; clamped to [0, length] as slices are.
bool str_range_args(struct thread *t, vref start, vref stop, int64_t length, int64_t *from, int64_t *to) MUST_CHECK;
// A Py_ssize_t argument such as width, maxsplit or count; absent gives fallback.
bool size_arg(struct thread *t, vref v, int64_t fallback, int64_t *out) MUST_CHECK;

// The count of a repetition: "cannot fit 'int' into an index-sized integer".
bool repeat_count(struct thread *t, vref v, int64_t *out) MUST_CHECK;

// The str as ASCII text for number parsers: other decimal digits become 0-9, other spaces ' ', anything else '?'. false: exception.
struct text_ascii {
    const char *s;  // not always NUL-terminated: use n
    size_t n;
    char *owned;
};
bool text_to_ascii_number(struct thread *t, vref s, struct text_ascii *out) MUST_CHECK;
void text_ascii_drop(struct thread *t, struct text_ascii *a);

// ---- hashes (hash.c) ----
void hash_start(void);                            // takes PYTHONHASHSEED or the kernel's randomness as key
int64_t hash_bytes(const void *p, size_t n);      // never -1

// ---- interning (intern.c) ----
void intern_start(void);

// ---- tables of methods, parts of str's natives ----
extern const struct native str_natives[];
extern struct type type_str_iter;
value str_make_from_object(struct thread *t, vref v, vref encoding, vref errors); // str(v, encoding, errors)
value str_iter(struct thread *t, vref self);

#endif
