// SPDX-License-Identifier: Apache-2.0
// The module _bisect: binary search in sorted sequences. Leaves the Python twins to the library.
#include "interp/modules/modules.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"

// Item i of a sequence. returns new.
static value item(struct thread *t, vref a, int64_t i) {
    if (has_shape(a, SHAPE_LIST)) return list_get(t, a, i);
    value k = int_from_i64(t, i), v = k ? object_getitem(t, a, k) : V_NULL;
    release_opt(t, k);
    return v;
}

// Whether the search goes on to the right of v (taken). -1: exception.
static int goes_right(struct thread *t, value v, vref x, vref key, bool right) {
    if (v && key) {
        value k = object_call1(t, key, v);
        release(t, v);
        v = k;
    }
    if (!v) return -1;
    int r = right ? object_compare_bool(t, x, v, CMP_LT) : object_compare_bool(t, v, x, CMP_LT);
    release(t, v);
    return r < 0 ? r : right ? !r : r;
}

// a: sequence, x, lo, hi, key. -1: exception.
static int64_t find(struct thread *t, const vref *a, vref x, vref key, bool right) {
    int64_t lo = 0, hi = -1;
    if (a[2] && !object_as_index(t, a[2], &lo)) return -1;
    if (a[3] && !is_none(a[3]) && !object_as_index(t, a[3], &hi)) return -1;
    if (lo < 0) return raise(t, &exc_ValueError, "lo must be non-negative"), -1;
    if (hi == -1 && (hi = object_length(t, a[0])) < 0) return -1;
    while (lo < hi) {
        int64_t mid = (int64_t)(((uint64_t)lo + (uint64_t)hi) / 2);
        int r = goes_right(t, item(t, a[0], mid), x, key, right);
        if (r < 0) return -1;
        if (r) lo = mid + 1;
        else hi = mid;
    }
    return lo;
}
static vref key_of(const vref *a) { return a[4] && !is_none(a[4]) ? a[4] : V_NULL; }

static value bisect(struct thread *t, const vref *a, bool right) {
    int64_t i = find(t, a, a[1], key_of(a), right);
    return i < 0 ? V_NULL : int_from_i64(t, i);
}
static value insort(struct thread *t, const vref *a, bool right) {
    vref key = key_of(a);
    value x = key ? object_call1(t, key, a[1]) : own(t, a[1]), r = V_NULL;
    if (!x) return V_NULL;
    int64_t i = find(t, a, x, key, right);
    release(t, x);
    if (i < 0) return V_NULL;
    if (has_shape(a[0], SHAPE_LIST)) return list_insert(t, a[0], i, a[1]) ? V_NONE : V_NULL;
    value at = int_from_i64(t, i);
    if (at) r = object_call_method_cstr(t, a[0], "insert", (vref[]){at, a[1]}, 2);
    release_opt(t, at);
    release_opt(t, r);
    return r ? V_NONE : V_NULL;
}
static value bisect_right(struct thread *t, const vref *a) { return bisect(t, a, true); }
static value bisect_left(struct thread *t, const vref *a) { return bisect(t, a, false); }
static value insort_right(struct thread *t, const vref *a) { return insort(t, a, true); }
static value insort_left(struct thread *t, const vref *a) { return insort(t, a, false); }

#define SIG "($module, /, a, x, lo=0, hi=None, *, key=None)"
static const struct native functions[] = {
    {"bisect_right", NATIVE_FUNCTION, SIG, .fn = bisect_right,
     .doc = "Return where x goes into the sorted list a, behind items equal to it.\n\n"
            "All items before it are <= x, all from it on are > x. lo and hi bound the slice that is searched."},
    {"bisect_left", NATIVE_FUNCTION, SIG, .fn = bisect_left,
     .doc = "Return where x goes into the sorted list a, before items equal to it.\n\n"
            "All items before it are < x, all from it on are >= x. lo and hi bound the slice that is searched."},
    {"insort_right", NATIVE_FUNCTION, SIG, .fn = insort_right, .doc = "Insert item x in list a, and keep it sorted assuming a is sorted; to the right of the rightmost equal item."},
    {"insort_left", NATIVE_FUNCTION, SIG, .fn = insort_left, .doc = "Insert item x in list a, and keep it sorted assuming a is sorted; to the left of the leftmost equal item."},
};
value bisect_make(struct thread *t) {
    return module_from_natives(t, "_bisect", "Bisection algorithms: where an item belongs in a sorted list, without sorting it again.", functions, sizeof functions / sizeof *functions);
}
