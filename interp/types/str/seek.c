// SPDX-License-Identifier: Apache-2.0
// The methods that look for something: find, index, count, startswith, removeprefix and their twins. Leaves the search to find.c.
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/methods.h"

// self, sub, start=None, end=None. -2: exception.
static int64_t seek(struct thread *t, const vref *a, bool right) {
    int64_t from, to;
    if (!str_need_str(t, a[1], "") || !str_range_args(t, a[2], a[3], (int64_t)as_str(a[0])->length, &from, &to)) return -2;
    return str_find(a[0], a[1], from, to, right);
}
static value found(struct thread *t, const vref *a, bool right) {
    int64_t i = seek(t, a, right);
    return i == -2 ? V_NULL : from_int62(i);
}
static value indexed(struct thread *t, const vref *a, bool right) {
    int64_t i = seek(t, a, right);
    if (i == -1) return raise(t, &exc_ValueError, "substring not found");
    return i == -2 ? V_NULL : from_int62(i);
}
value str_m_find(struct thread *t, const vref *a) { return found(t, a, false); }
value str_m_rfind(struct thread *t, const vref *a) { return found(t, a, true); }
value str_m_index(struct thread *t, const vref *a) { return indexed(t, a, false); }
value str_m_rindex(struct thread *t, const vref *a) { return indexed(t, a, true); }

value str_m_count(struct thread *t, const vref *a) { // self, sub, start=None, end=None
    const struct str *s = as_str(a[0]);
    int64_t from, to;
    if (!str_need_str(t, a[1], "") || !str_range_args(t, a[2], a[3], (int64_t)s->length, &from, &to)) return V_NULL;
    const struct str *sub = as_str(a[1]);
    if (from > to) return from_int62(0);
    return from_int62((int64_t)units_count(s->data + (size_t)from * s->width, s->width, (size_t)(to - from), sub->data, sub->width, sub->length, SIZE_MAX));
}

static bool has_affix(const struct str *s, const struct str *sub, int64_t from, int64_t to, bool at_end) {
    if (to - from < (int64_t)sub->length || sub->width > s->width) return false;
    size_t at = (size_t)(at_end ? to - (int64_t)sub->length : from);
    if (s->width == sub->width) return memcmp(s->data + at * s->width, sub->data, sub->length * sub->width) == 0;
    for (size_t i = 0; i < sub->length; i++)
        if (str_at(s, at + i) != str_at(sub, i)) return false;
    return true;
}

static value affix(struct thread *t, const vref *a, bool at_end) { // self, prefix, start=None, end=None
    const char *name = at_end ? "endswith" : "startswith";
    const struct str *s = as_str(a[0]);
    int64_t from, to;
    if (!str_range_args(t, a[2], a[3], (int64_t)s->length, &from, &to)) return V_NULL;
    if (is_str(a[1])) return from_bool(has_affix(s, as_str(a[1]), from, to, at_end));
    if (!is_tuple(a[1])) return raise(t, &exc_TypeError, "%s first arg must be str or a tuple of str, not %T", name, a[1]);
    for (size_t i = 0; i < tuple_size(a[1]); i++) {
        vref sub = tuple_at(a[1], i);
        if (!is_str(sub)) return raise(t, &exc_TypeError, "tuple for %s must only contain str, not %T", name, sub);
        if (has_affix(s, as_str(sub), from, to, at_end)) return V_TRUE;
    }
    return V_FALSE;
}
value str_m_startswith(struct thread *t, const vref *a) { return affix(t, a, false); }
value str_m_endswith(struct thread *t, const vref *a) { return affix(t, a, true); }

static value remove_affix(struct thread *t, const vref *a, bool at_end) {
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "remove%s() argument must be str, not %T", at_end ? "suffix" : "prefix", a[1]);
    const struct str *s = as_str(a[0]), *sub = as_str(a[1]);
    if (sub->length == 0 || !has_affix(s, sub, 0, (int64_t)s->length, at_end)) return str_exact(t, a[0]);
    return at_end ? str_cut(t, a[0], 0, s->length - sub->length) : str_cut(t, a[0], sub->length, s->length);
}
value str_m_removeprefix(struct thread *t, const vref *a) { return remove_affix(t, a, false); }
value str_m_removesuffix(struct thread *t, const vref *a) { return remove_affix(t, a, true); }
