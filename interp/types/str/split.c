// SPDX-License-Identifier: Apache-2.0
// Taking strings apart: split, rsplit, splitlines, partition, strip. Leaves joining to join.c.
#include "interp/types/exc.h"
#include "interp/types/seq.h"
#include "interp/types/str/methods.h"

static bool push_cut(struct thread *t, value list, vref s, size_t from, size_t to) {
    value part = str_cut(t, s, from, to);
    return part && list_append_take(t, list, part);
}

static bool poll_every(struct thread *t, size_t *n) { return ++*n % 16384 || safepoint_poll(t); }

static value reversed(struct thread *t, value list, bool ok) {
    if (!ok) {
        release(t, list);
        return V_NULL;
    }
    struct list_items *items = as_list(list)->items; // nobody else has seen the list yet
    for (size_t i = 0, j = list_size(list); items && i + 1 < j; i++) {
        j--;
        value x = items->at[i];
        items->at[i] = items->at[j];
        items->at[j] = x;
    }
    return list;
}

static inline bool space_at(const struct str *s, size_t i) { return unicode_is_space(str_at(s, i)); }

// sep absent: runs of white space.
static value split_space(struct thread *t, vref v, size_t max) {
    const struct str *s = as_str(v);
    value list = list_new(t, 0);
    if (!list) return V_NULL;
    size_t i = 0, n = s->length, k = 0, polls = 0;
    bool ok = true;
    while (ok) {
        while (i < n && space_at(s, i)) i++;
        if (i == n) break;
        size_t from = i;
        if (k++ == max) {
            ok = push_cut(t, list, v, from, n);
            break;
        }
        while (i < n && !space_at(s, i)) i++;
        ok = push_cut(t, list, v, from, i) && poll_every(t, &polls);
    }
    if (ok) return list;
    release(t, list);
    return V_NULL;
}

static value rsplit_space(struct thread *t, vref v, size_t max) {
    const struct str *s = as_str(v);
    value list = list_new(t, 0);
    if (!list) return V_NULL;
    size_t end = s->length, k = 0, polls = 0;
    bool ok = true;
    while (ok) {
        while (end > 0 && space_at(s, end - 1)) end--;
        if (end == 0) break;
        size_t to = end;
        if (k++ == max) {
            ok = push_cut(t, list, v, 0, to);
            break;
        }
        while (end > 0 && !space_at(s, end - 1)) end--;
        ok = push_cut(t, list, v, end, to) && poll_every(t, &polls);
    }
    return reversed(t, list, ok);
}

static value split_by(struct thread *t, vref v, const struct str *sep, size_t max) {
    const struct str *s = as_str(v);
    value list = list_new(t, 0);
    if (!list) return V_NULL;
    size_t from = 0, polls = 0;
    bool ok = true;
    for (size_t k = 0; ok && k < max; k++) {
        int64_t i = units_find(s->data + from * s->width, s->width, s->length - from, sep->data, sep->width, sep->length);
        if (i < 0) break;
        ok = push_cut(t, list, v, from, from + (size_t)i) && poll_every(t, &polls);
        from += (size_t)i + sep->length;
    }
    if (ok && push_cut(t, list, v, from, s->length)) return list;
    release(t, list);
    return V_NULL;
}

static value rsplit_by(struct thread *t, vref v, const struct str *sep, size_t max) {
    const struct str *s = as_str(v);
    value list = list_new(t, 0);
    if (!list) return V_NULL;
    size_t end = s->length, polls = 0;
    bool ok = true;
    for (size_t k = 0; ok && k < max; k++) {
        int64_t i = units_rfind(s->data, s->width, end, sep->data, sep->width, sep->length);
        if (i < 0) break;
        ok = push_cut(t, list, v, (size_t)i + sep->length, end) && poll_every(t, &polls);
        end = (size_t)i;
    }
    return reversed(t, list, ok && push_cut(t, list, v, 0, end));
}

static value split_args(struct thread *t, const vref *a, bool right) { // self, sep=None, maxsplit=-1
    int64_t limit;
    if (!size_arg(t, a[2], -1, &limit)) return V_NULL;
    size_t max = limit < 0 ? SIZE_MAX : (size_t)limit;
    if (!a[1] || is_none(a[1])) return right ? rsplit_space(t, a[0], max) : split_space(t, a[0], max);
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "must be str or None, not %T", a[1]);
    if (as_str(a[1])->length == 0) return raise(t, &exc_ValueError, "empty separator");
    return right ? rsplit_by(t, a[0], as_str(a[1]), max) : split_by(t, a[0], as_str(a[1]), max);
}
value str_m_split(struct thread *t, const vref *a) { return split_args(t, a, false); }
value str_m_rsplit(struct thread *t, const vref *a) { return split_args(t, a, true); }

value str_m_splitlines(struct thread *t, const vref *a) { // self, keepends=False
    const struct str *s = as_str(a[0]);
    int keep = a[1] ? object_truth(t, a[1]) : 0;
    if (keep < 0) return V_NULL;
    value list = list_new(t, 0);
    if (!list) return V_NULL;
    size_t polls = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < s->length;) {
        size_t from = i;
        uint32_t c = 0;
        while (i < s->length) {
            c = str_at(s, i);
            if (c < 128 ? (c >= 10 && c <= 13) || (c >= 28 && c <= 30) : unicode_is(c, UNICODE_LINE_BREAK)) break;
            i++;
        }
        size_t end = i;
        if (i < s->length) i += c == '\r' && i + 1 < s->length && str_at(s, i + 1) == '\n' ? 2 : 1;
        ok = push_cut(t, list, a[0], from, keep ? i : end) && poll_every(t, &polls);
    }
    if (ok) return list;
    release(t, list);
    return V_NULL;
}

// (before, sep, after), or with nothing found the string at one end of two empty ones.
static value partition(struct thread *t, const vref *a, bool right) {
    if (!str_need_str(t, a[1], "")) return V_NULL;
    const struct str *s = as_str(a[0]), *sep = as_str(a[1]);
    if (sep->length == 0) return raise(t, &exc_ValueError, "empty separator");
    int64_t i = str_find(a[0], a[1], 0, (int64_t)s->length, right);
    value parts[3] = {str_empty, str_empty, str_empty};
    if (i < 0) parts[right ? 2 : 0] = str_exact(t, a[0]);
    else {
        parts[0] = str_cut(t, a[0], 0, (size_t)i);
        parts[1] = str_exact(t, a[1]);
        parts[2] = str_cut(t, a[0], (size_t)i + sep->length, s->length);
    }
    bool ok = parts[0] && parts[1] && parts[2];
    value out = ok ? tuple_pack(t, 3, parts[0], parts[1], parts[2]) : V_NULL;
    for (int k = 0; k < 3; k++) release_opt(t, parts[k]);
    return out;
}
value str_m_partition(struct thread *t, const vref *a) { return partition(t, a, false); }
value str_m_rpartition(struct thread *t, const vref *a) { return partition(t, a, true); }

enum { STRIP_LEFT = 1, STRIP_RIGHT = 2 };

static bool strips(const struct str *chars, uint32_t c) {
    return chars ? units_find_char(chars->data, chars->width, chars->length, c) >= 0 : unicode_is_space(c);
}

static value strip(struct thread *t, const vref *a, int sides, const char *name) { // self, chars=None
    const struct str *s = as_str(a[0]), *chars = NULL;
    if (a[1] && !is_none(a[1])) {
        if (!is_str(a[1])) return raise(t, &exc_TypeError, "%s arg must be None or str", name);
        chars = as_str(a[1]);
    }
    size_t from = 0, to = s->length;
    if (sides & STRIP_LEFT)
        while (from < to && strips(chars, str_at(s, from))) from++;
    if (sides & STRIP_RIGHT)
        while (to > from && strips(chars, str_at(s, to - 1))) to--;
    return str_cut(t, a[0], from, to);
}
value str_m_strip(struct thread *t, const vref *a) { return strip(t, a, STRIP_LEFT | STRIP_RIGHT, "strip"); }
value str_m_lstrip(struct thread *t, const vref *a) { return strip(t, a, STRIP_LEFT, "lstrip"); }
value str_m_rstrip(struct thread *t, const vref *a) { return strip(t, a, STRIP_RIGHT, "rstrip"); }
