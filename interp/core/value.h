// SPDX-License-Identifier: Apache-2.0
// The value word and the object header: how every Python value is held in 64 bits, and what stands before every object.
// Leaves counting to ref.h, allocation to mem.h, what a type is to object.h.
//
// THE WORD. Two low bits say what a word is:
//
//     ...00  pointer to an object that this word counts         (a counted word)
//     ...10  pointer to an object that this word does not count (immortal, deferred or borrowed)
//     ...01  a 62-bit integer                                    (int62)
//     ...11  a double with exponent in 2^-255 .. 2^256           (see float.h for the others)
//
// "Needs counting" is (v & 3) == 0; "both are int62" is ((a ^ 1) | (b ^ 1)) & 3) == 0; "both are doubles" is (a & b & 3) == 3.
// Integers and common doubles therefore cost no allocation, no count and no contention.
//
// The word 0 (V_NULL) is no value: from a function it means "an exception is pending in the thread", as an argument
// "absent". It never stands in a register or in a container. A variable without a value holds V_UNBOUND, an uncounted word to a
// sentinel object whose shape matches nothing, so that every fast path falls through to its slow path by itself.
//
// TWO NAMES FOR ONE WORD. `value` is an owned word: whoever holds it must release it or hand it on. `vref` is a borrowed word: valid while
// its source lives; to keep it, own() it. A counted word handed on as a vref stays as it is; a vref may also be a counted object's pointer
// with tag 10 (a borrowed argument). Hence the one rule that must not be forgotten:
//
//     A vref that outlives its source (stored in the heap, returned, kept over its owner's change) goes through own().
//
// Doubles: add FLOAT_BIAS to the IEEE bits, rotate left by 3; the result is a double word if its low bits come out as 11. 0.0 and -0.0 are
// two preallocated uncounted boxes. Technique: self-tagging of floats, Melancon, Serrano, Feeley, "Float Self-Tagging" (2024).
#ifndef KRAIT_INTERP_CORE_VALUE_H
#define KRAIT_INTERP_CORE_VALUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t value; // an owned word
typedef uint64_t vref;  // a borrowed word

struct thread;
struct interp;
struct type;

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define COLD __attribute__((noinline, cold))
#define NOINLINE __attribute__((noinline))
#define MUST_CHECK __attribute__((warn_unused_result))

// THE HEADER, 16 bytes, two words.
//
//   word 1  local:32   count held by the owner, changed only by it, without atomics
//           shared:32  count held by everybody else << SHARED_SHIFT, below it the SHARED_ flags; atomic
//   word 2  owner:16   owner id; OWNER_NONE: nobody (count only in `shared`). In GIL mode every attached thread of an interpreter bears
//                      the interpreter's one id; free-threaded each thread bears its own.
//           flags:8    HEAD_ flags; HEAD_WRITE_SHARED: stores must be atomic (a foreign thread has written)
//           lock:8     the object's lock byte: 0 free, 1 held, 2 held and waited for (lock.h)
//           shape:32   index into shape_table: gives type and layout
//
// "Mine, not write-shared, unlocked, of shape S" is one compare of word 2. Collector marks stand in the slab page's side table (gc.h).
// Once an object is published word 2 is never stored as a whole: foreign threads set the lock byte and HEAD_WRITE_SHARED at any moment, and a plain store of
// all 64 bits would lose them. A change of shape stores `shape` alone, a flag is set by object_set_flag, the owner changes in ref.c only.
// A free cell keeps its counts at zero and its free-list link in word 2; owner ids are never multiples of 16, so a link cannot look like anybody's object.
// Total count = local + (shared >> SHARED_SHIFT); the object dies when both are zero (ref.h has the protocol, after PEP 703 and
// Choi, Shull, Torrellas, "Biased Reference Counting", PACT 2018).
struct object {
    uint32_t local;
    _Atomic uint32_t shared;
    union {
        struct {
            uint16_t owner;
            uint8_t flags;
            _Atomic uint8_t lock;
            uint32_t shape;
        };
        uint32_t head; // owner | flags << 16 | lock << 24
        uint64_t word2;
    };
};
_Static_assert(sizeof(struct object) == 16, "header is 16 bytes");

enum {
    SHARED_DEFERRED = 1, // not counted at all: immortal, or freed only by the collector
    SHARED_MERGED = 2,   // owner gave up its count: everything is in `shared`
    SHARED_QUEUED = 4,   // on the owner's merge queue
    SHARED_IMMORTAL = 8, // never freed (implies DEFERRED)
    SHARED_SHIFT = 4,
    SHARED_UNIT = 1 << SHARED_SHIFT,
};

enum {
    HEAD_WRITE_SHARED = 1, // the write bias is revoked
    HEAD_FINALIZED = 2,    // __del__ has run
    HEAD_WEAKREFS = 4,     // somebody holds a weak reference
    HEAD_DICT = 8,         // attributes live in a real dict (shape is a dict-mode shape)
    HEAD_DYING = 16,       // in object_destroy: kept alive by one local count of whoever destroys it; the collector looks away
    HEAD_FROZEN = 32,      // gc.freeze: the collector takes it for alive
    HEAD_CONDEMNED = 64,   // garbage of a collection that runs: whoever finds it by another way than a word to it leaves it alone
};

enum { OWNER_NONE = 0 };
enum { HEAD_BIAS_MASK = 0xffff | HEAD_WRITE_SHARED << 16 }; // (head & mask) == t->owner: mine and not write-shared

static inline uint16_t object_owner(const struct object *o) { return __atomic_load_n(&o->owner, __ATOMIC_RELAXED); }
// Acquire: what the shape leads to is complete. Another thread may give an instance a new one.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstringop-overflow" // gcc 12 takes a word that may be V_NULL for a pointer to nothing
static inline uint32_t object_shape(const struct object *o) { return __atomic_load_n(&o->shape, __ATOMIC_ACQUIRE); }
#pragma GCC diagnostic pop
static inline uint8_t object_flags(const struct object *o) { return __atomic_load_n(&o->flags, __ATOMIC_ACQUIRE); }
// Sets HEAD_ flags of an object that others may know; two threads may set different ones at the same time.
static inline void object_set_flag(struct object *o, uint8_t flag) { __atomic_fetch_or(&o->flags, flag, __ATOMIC_SEQ_CST); }

extern struct object unbound_object, none_object, ellipsis_object, notimpl_object;
// True and False are ints too: laid out as a struct bigint (types/num.h) of one limb.
struct bool_object {
    struct object head;
    int64_t size;
    uint64_t limb[1];
};
extern struct bool_object true_object, false_object; // types/bool.c

#define V_NULL ((value)0)
#define V_UNBOUND ((value)(uintptr_t)&unbound_object | 2)
#define V_NONE ((value)(uintptr_t)&none_object | 2)
#define V_TRUE ((value)(uintptr_t)&true_object | 2)
#define V_FALSE ((value)(uintptr_t)&false_object | 2)
#define V_ELLIPSIS ((value)(uintptr_t)&ellipsis_object | 2)
#define V_NOTIMPL ((value)(uintptr_t)&notimpl_object | 2)

static inline bool is_counted(vref v) { return (v & 3) == 0; }
static inline bool is_pointer(vref v) { return (v & 1) == 0; }
static inline bool is_int62(vref v) { return (v & 3) == 1; }
static inline bool is_flo(vref v) { return (v & 3) == 3; }
static inline bool both_int62(vref a, vref b) { return (((a ^ 1) | (b ^ 1)) & 3) == 0; }
static inline bool both_flo(vref a, vref b) { return (a & b & 3) == 3; }

// The object a pointer word points to. Only for is_pointer(v).
static inline struct object *as_object(vref v) { return (struct object *)(uintptr_t)(v & ~(uint64_t)3); }
// A counted word to o: takes over one count that the caller holds.
static inline value counted_word(const void *o) { return (value)(uintptr_t)o; }
// An uncounted word to o: a borrow, or an immortal or deferred object.
static inline vref borrowed_word(const void *o) { return (vref)(uintptr_t)o | 2; }
// The same word without its claim to a count: what a caller passes as an argument. Integers and doubles stay as they are.
static inline vref borrow(vref v) { return is_counted(v) ? v | 2 : v; }

// The same object or number, whatever the claims to a count: Python's `is`.
static inline bool is_same(vref a, vref b) { return a == b || (is_pointer(a) && (a ^ b) == 2); }

// memcpy of n words; `from` may be NULL if there are none.
static inline void words_copy(value *to, const vref *from, size_t n) {
    if (n) memcpy(to, from, n * sizeof(value));
}

static inline value from_bool(bool b) { return b ? V_TRUE : V_FALSE; }
static inline bool is_none(vref v) { return v == V_NONE; }

#define INT62_MAX ((int64_t)0x1fffffffffffffff)
#define INT62_MIN (-INT62_MAX - 1)
static inline value from_int62(int64_t i) { return ((uint64_t)i << 2) | 1; }
static inline int64_t as_int62(vref v) { return (int64_t)v >> 2; }
static inline bool fits_int62(int64_t i) { return i >= INT62_MIN && i <= INT62_MAX; }

#define FLOAT_BIAS 0x3000000000000000ull
static inline uint64_t rotate_left(uint64_t x, int n) { return x << n | x >> (64 - n); }
static inline double as_flo(vref v) {
    uint64_t bits = (v >> 3 | v << 61) - FLOAT_BIAS;
    double d;
    memcpy(&d, &bits, 8);
    return d;
}
// Encodes d into *v; false if it needs a box (float_new does both).
static inline bool encode_flo(double d, value *v) {
    uint64_t bits;
    memcpy(&bits, &d, 8);
    *v = rotate_left(bits + FLOAT_BIAS, 3);
    return (*v & 3) == 3;
}

#endif
