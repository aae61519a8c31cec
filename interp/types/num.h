// SPDX-License-Identifier: Apache-2.0
// int, bool, float, complex in C: layouts and constructors. Leaves the methods to int.c, float.c, complex.c.
//
// An int is an int62 word, or a pointer to struct bigint for everything else. Canonical: a bigint of exact type int never holds what fits in 62 bits. An
// instance of a subclass of int (bool included) is a struct bigint of any value.
#ifndef KRAIT_INTERP_TYPES_NUM_H
#define KRAIT_INTERP_TYPES_NUM_H

#include "interp/core/object.h"


struct bigint {
    struct object head;
    int64_t size;      // number of limbs, negative for a negative number, 0 for zero
    uint64_t limb[];   // GMP limbs (mp_limb_t), little endian, most significant limb non-zero
};
struct float_box {     // floats that no word holds, 0.0, -0.0, and instances of subclasses
    struct object head;
    double d;
};
struct complex_box {
    struct object head;
    double re, im;
};
// The two zeros no word can hold; immortal, uncounted. Every exact 0.0 and -0.0 that C code makes is one of them.
extern struct float_box float_zero, float_minus_zero;
#define V_FLOAT_ZERO ((value)(uintptr_t)&float_zero | 2)
#define V_FLOAT_MINUS_ZERO ((value)(uintptr_t)&float_minus_zero | 2)

static inline bool is_int(vref v) { return is_int62(v) || (is_pointer(v) && has_flag(v, TYPE_INT)); } // bool and subclasses too
static inline bool is_exact_int(vref v) { return is_int62(v) || has_shape(v, SHAPE_INT); }
static inline bool is_float(vref v) { return is_flo(v) || (is_pointer(v) && has_flag(v, TYPE_FLOAT)); }

value int_from_i64_slow(struct thread *t, int64_t i);
static inline value int_from_i64(struct thread *t, int64_t i) { return fits_int62(i) ? from_int62(i) : int_from_i64_slow(t, i); }
value int_from_u64(struct thread *t, uint64_t u);
value int_from_double(struct thread *t, double d);                                       // truncates; OverflowError, ValueError
value int_from_text(struct thread *t, const char *s, size_t n, int base, bool underscores); // ValueError; base 0: by prefix
value int_from_bytes(struct thread *t, const uint8_t *p, size_t n, bool little, bool is_signed);
bool int_as_i64(struct thread *t, vref v, int64_t *out);        // any int; OverflowError
int int_as_i64_overflow(vref v, int64_t *out);                  // 0 fits, +1/-1 too large/small; no exception
bool int_to_bytes(struct thread *t, vref v, uint8_t *p, size_t n, bool little, bool is_signed); // OverflowError
double int_as_double(struct thread *t, vref v);                 // -1.0 with OverflowError
int int_max_str_digits(void);                                   // 0: no limit
bool int_set_max_str_digits(int n);                             // false: neither 0 nor at least 640
value int_from_object(struct thread *t, vref x);                // int(x): an exact int
value int_to_str(struct thread *t, vref v, int base, bool prefix);
int64_t int_hash(vref v);
int int_compare(vref a, vref b);                                // any ints: <0, 0, >0
int int_sign(vref v);
// The exact int of any int (bool → 0/1, subclass → plain). returns new.
value int_exact(struct thread *t, vref v);
// Slow paths of the eval loop's arithmetic: both operands ints of any kind.
value int_binary(struct thread *t, vref a, vref b, enum binary_op op);
value int_pow_mod(struct thread *t, vref a, vref b, vref m);

value float_new_slow(struct thread *t, double d);
static inline value float_new(struct thread *t, double d) {
    value v;
    if (likely(encode_flo(d, &v))) return v;
    return float_new_slow(t, d);
}
double float_unbox(vref v);                                     // any float
static inline double float_value(vref v) { return is_flo(v) ? as_flo(v) : float_unbox(v); }
bool float_as_double(struct thread *t, vref v, double *out);    // float, int, __float__, __index__; TypeError
value float_repr(struct thread *t, double d);                   // shortest that reads back (David Gay's mode 0)
value float_from_text(struct thread *t, const char *s, size_t n); // ValueError as float() words it
double float_parse(const char *s, const char **end);            // correctly rounded, no locale
int64_t float_hash(double d, vref self);
value float_format(struct thread *t, double d, vref spec);
value int_format(struct thread *t, vref v, vref spec);
value complex_new(struct thread *t, double re, double im);

#endif
