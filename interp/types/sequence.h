// SPDX-License-Identifier: Apache-2.0
// What list, tuple, dict and set do alike: comparing an element, the guard of a recursive repr, the operand rules of + and * on sequences.
// Leaves the containers themselves to their files.
#ifndef KRAIT_INTERP_TYPES_SEQUENCE_H
#define KRAIT_INTERP_TYPES_SEQUENCE_H

#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/types/words.h"

// x is y or x == y: 1 0 -1. May run Python code unless both are plain. Both stay alive through the caller.
static inline int words_equal(struct thread *t, vref x, vref y) {
    if (is_same(x, y)) return 1;
    if (both_int62(x, y)) return 0;
    if (has_shape(x, SHAPE_STR) && has_shape(y, SHAPE_STR)) return str_equal(x, y);
    return object_compare_bool(t, x, y, CMP_EQ);
}

// The containers whose repr is under way in a thread: each stands in the C frame of its repr.
struct repr_link {
    struct object *o;
    struct repr_link *outer;
};
// 1: go on, call repr_leave; 0: v is already being shown further out, print "..."; -1: RecursionError.
int repr_enter(struct thread *t, struct repr_link *link, vref v);
void repr_leave(struct thread *t, struct repr_link *link);

// a + b where a is a sequence and b is not of its kind: asks b's type, then raises "can only concatenate …".
value seq_concat_other(struct thread *t, vref a, vref b, const char *kind);
// The count of `seq * n` or `n * seq`. 1: *count is set (negative → 0); 0: *result is the answer of the other operand or V_NULL with an exception.
int seq_repeat_count(struct thread *t, vref a, vref b, bool left, int64_t *count, value *result);
// Compares two arrays of items that nobody changes (tuples).
value seq_compare_fixed(struct thread *t, const vref *x, size_t nx, const vref *y, size_t ny, enum compare_op op);
// a op b for two numbers of items.
static inline bool sizes_compare(size_t a, size_t b, enum compare_op op) { return order_fits((a > b) - (a < b), op); }
// "X indices must be integers or slices, not Y" unless v is an index; IndexError if it fits no C index.
static inline bool seq_index(struct thread *t, vref v, const char *kind, int64_t *out) {
    if (likely(is_int62(v))) {
        *out = as_int62(v);
        return true;
    }
    if (is_pointer(v) && type_of(v)->to_index) return object_as_index(t, v, out);
    raise(t, &exc_TypeError, "%s indices must be integers or slices, not %T", kind, v);
    return false;
}
// As C; too large is clamped. "slice indices must be integers or have an __index__ method" for anything else.
bool seq_clamped_index(struct thread *t, vref v, int64_t *out);
// A tuple of two words, taken. In GIL mode *last, where the caller keeps the one it gave out before, is filled again if nobody else kept it.
static inline value pair_new(struct thread *t, value *last, value a, value b) {
    struct tuple *u = (struct tuple *)as_object(*last);
    if (!t->free_threaded && *last && u->head.local == 1 && atomic_load_explicit(&u->head.shared, memory_order_relaxed) == 0 && is_mine(t, &u->head)) {
        value x = u->at[0], y = u->at[1];
        u->head.local = 2;
        u->at[0] = a;
        u->at[1] = b;
        atomic_store_explicit(&u->hash, -1, memory_order_relaxed);
        release(t, x);
        release(t, y);
        return counted_word(u);
    }
    value pair = tuple_take_array(t, (value[]){a, b}, 2);
    if (!t->free_threaded && pair) replace_field(t, last, own(t, pair));
    return pair;
}
value seq_class_getitem(struct thread *t, const vref *a); // list[int]: a types.GenericAlias

int64_t hash_unhashable(struct thread *t, vref self); // slots.c: TypeError "unhashable type: 'X'"; makes __hash__ None

#endif
