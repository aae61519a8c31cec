// SPDX-License-Identifier: Apache-2.0
// The methods of bytes and bytearray that search, cut and join. Leaves ASCII text to bytes_text.c.
//
// While a method makes objects it holds an export of self, so that no finalizer can move the memory of a bytearray.
#include "interp/types/bytes.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/text.h"

static inline bool is_space(uint8_t c) { return c == ' ' || (c >= 9 && c <= 13); }

// ---- find, count, startswith ----

// self, sub, start, end. -2: exception.
static int64_t seek(struct thread *t, const vref *a, bool right) {
    struct buffer_view sub;
    uint8_t one;
    int64_t from, to;
    if (!bytes_or_byte_arg(t, a[1], &sub, &one)) return -2;
    int64_t found = -2;
    if (str_range_args(t, a[2], a[3], (int64_t)bytes_span(a[0]).n, &from, &to)) {
        struct span s = bytes_span(a[0]);
        if (to > (int64_t)s.n) to = (int64_t)s.n;
        found = from > to ? -1 : (right ? units_rfind : units_find)(s.p + from, 1, (size_t)(to - from), sub.data, 1, sub.length);
        if (found >= 0) found += from;
    }
    buffer_release(t, &sub);
    return found;
}
static value found(struct thread *t, const vref *a, bool right) {
    int64_t i = seek(t, a, right);
    return i == -2 ? V_NULL : from_int62(i);
}
static value indexed(struct thread *t, const vref *a, bool right) {
    int64_t i = seek(t, a, right);
    if (i == -1) return raise(t, &exc_ValueError, "subsection not found");
    return i == -2 ? V_NULL : from_int62(i);
}
value bytes_m_find(struct thread *t, const vref *a) { return found(t, a, false); }
value bytes_m_rfind(struct thread *t, const vref *a) { return found(t, a, true); }
value bytes_m_index(struct thread *t, const vref *a) { return indexed(t, a, false); }
value bytes_m_rindex(struct thread *t, const vref *a) { return indexed(t, a, true); }

value bytes_m_count(struct thread *t, const vref *a) {
    struct buffer_view sub;
    uint8_t one;
    int64_t from, to;
    if (!bytes_or_byte_arg(t, a[1], &sub, &one)) return V_NULL;
    value out = V_NULL;
    if (str_range_args(t, a[2], a[3], (int64_t)bytes_span(a[0]).n, &from, &to)) {
        struct span s = bytes_span(a[0]);
        if (to > (int64_t)s.n) to = (int64_t)s.n;
        out = from_int62(from > to ? 0 : (int64_t)units_count(s.p + from, 1, (size_t)(to - from), sub.data, 1, sub.length, SIZE_MAX));
    }
    buffer_release(t, &sub);
    return out;
}

// 1, 0, -1.
static int has_affix(struct thread *t, vref self, vref v, int64_t from, int64_t to, bool at_end) {
    struct buffer_view sub;
    if (!buffer_get(t, v, &sub, false)) return -1;
    struct span s = bytes_span(self);
    if (to > (int64_t)s.n) to = (int64_t)s.n;
    bool yes = to - from >= (int64_t)sub.length;
    if (yes && sub.length) yes = memcmp(s.p + (at_end ? to - (int64_t)sub.length : from), sub.data, sub.length) == 0;
    buffer_release(t, &sub);
    return yes;
}

static value affix(struct thread *t, const vref *a, bool at_end) { // self, prefix, start, end
    int64_t from, to;
    if (!str_range_args(t, a[2], a[3], (int64_t)bytes_span(a[0]).n, &from, &to)) return V_NULL;
    if (is_tuple(a[1])) {
        for (size_t i = 0; i < tuple_size(a[1]); i++) {
            int yes = has_affix(t, a[0], tuple_at(a[1], i), from, to, at_end);
            if (yes) return yes < 0 ? V_NULL : V_TRUE;
        }
        return V_FALSE;
    }
    if (!buffer_check(a[1]))
        return raise(t, &exc_TypeError, "%s first arg must be bytes or a tuple of bytes, not %T", at_end ? "endswith" : "startswith", a[1]);
    int yes = has_affix(t, a[0], a[1], from, to, at_end);
    return yes < 0 ? V_NULL : from_bool(yes);
}
value bytes_m_startswith(struct thread *t, const vref *a) { return affix(t, a, false); }
value bytes_m_endswith(struct thread *t, const vref *a) { return affix(t, a, true); }

static value remove_affix(struct thread *t, const vref *a, bool at_end) {
    struct buffer_view sub;
    if (!buffer_get(t, a[1], &sub, false)) return V_NULL;
    struct span s = bytes_span(a[0]);
    bool has = sub.length && s.n >= sub.length && memcmp(at_end ? s.p + s.n - sub.length : s.p, sub.data, sub.length) == 0;
    size_t n = has ? sub.length : 0;
    buffer_release(t, &sub);
    return bytes_cut(t, a[0], at_end ? 0 : n, at_end ? s.n - n : s.n);
}
value bytes_m_removeprefix(struct thread *t, const vref *a) { return remove_affix(t, a, false); }
value bytes_m_removesuffix(struct thread *t, const vref *a) { return remove_affix(t, a, true); }

// ---- strip ----

static value strip(struct thread *t, const vref *a, bool left, bool right) { // self, bytes=None
    struct buffer_view chars = {0};
    bool given = a[1] && !is_none(a[1]);
    if (given && !buffer_get(t, a[1], &chars, false)) return V_NULL;
    struct span s = bytes_span(a[0]);
    size_t from = 0, to = s.n;
    while (left && from < to && (given ? chars.length && memchr(chars.data, s.p[from], chars.length) : is_space(s.p[from]))) from++;
    while (right && to > from && (given ? chars.length && memchr(chars.data, s.p[to - 1], chars.length) : is_space(s.p[to - 1]))) to--;
    if (given) buffer_release(t, &chars);
    return bytes_cut(t, a[0], from, to);
}
value bytes_m_strip(struct thread *t, const vref *a) { return strip(t, a, true, true); }
value bytes_m_lstrip(struct thread *t, const vref *a) { return strip(t, a, true, false); }
value bytes_m_rstrip(struct thread *t, const vref *a) { return strip(t, a, false, true); }

// ---- split ----

struct splitter { // parts go to list; from the right in reverse order
    struct thread *t;
    vref self;
    struct buffer_view view;
    value list;
    size_t count;
    bool ok;
};
static bool split_begin(struct splitter *p, struct thread *t, vref self) {
    *p = (struct splitter){.t = t, .self = self, .ok = true};
    if (!buffer_get(t, self, &p->view, false)) return false;
    p->list = list_new(t, 0);
    if (!p->list) buffer_release(t, &p->view);
    return p->list != V_NULL;
}
static void split_put(struct splitter *p, size_t from, size_t to) {
    value part = bytes_like_new(p->t, p->self, p->view.data + from, to - from);
    p->ok = part && list_append_take(p->t, p->list, part) && (++p->count % 16384 || safepoint_poll(p->t));
}
static value split_end(struct splitter *p, bool reverse) {
    buffer_release(p->t, &p->view);
    if (!p->ok) return release(p->t, p->list), V_NULL;
    struct list_items *items = as_list(p->list)->items;
    for (size_t i = 0, j = list_size(p->list); reverse && items && i + 1 < j; i++) {
        value x = items->at[i];
        items->at[i] = items->at[--j];
        items->at[j] = x;
    }
    return p->list;
}

static void split_space(struct splitter *p, size_t max) {
    const uint8_t *s = p->view.data;
    size_t i = 0, n = p->view.length, k = 0;
    while (p->ok) {
        while (i < n && is_space(s[i])) i++;
        if (i == n) return;
        size_t from = i;
        if (k++ == max) {
            split_put(p, from, n);
            return;
        }
        while (i < n && !is_space(s[i])) i++;
        split_put(p, from, i);
    }
}
static void rsplit_space(struct splitter *p, size_t max) {
    const uint8_t *s = p->view.data;
    size_t end = p->view.length, k = 0;
    while (p->ok) {
        while (end && is_space(s[end - 1])) end--;
        if (!end) return;
        size_t to = end;
        if (k++ == max) {
            split_put(p, 0, to);
            return;
        }
        while (end && !is_space(s[end - 1])) end--;
        split_put(p, end, to);
    }
}
static void split_by(struct splitter *p, const struct buffer_view *sep, size_t max) {
    size_t from = 0;
    for (size_t k = 0; p->ok && k < max; k++) {
        int64_t i = units_find(p->view.data + from, 1, p->view.length - from, sep->data, 1, sep->length);
        if (i < 0) break;
        split_put(p, from, from + (size_t)i);
        from += (size_t)i + sep->length;
    }
    if (p->ok) split_put(p, from, p->view.length);
}
static void rsplit_by(struct splitter *p, const struct buffer_view *sep, size_t max) {
    size_t end = p->view.length;
    for (size_t k = 0; p->ok && k < max; k++) {
        int64_t i = units_rfind(p->view.data, 1, end, sep->data, 1, sep->length);
        if (i < 0) break;
        split_put(p, (size_t)i + sep->length, end);
        end = (size_t)i;
    }
    if (p->ok) split_put(p, 0, end);
}

static value split(struct thread *t, const vref *a, bool right) { // self, sep=None, maxsplit=-1
    int64_t limit;
    struct splitter p;
    if (!size_arg(t, a[2], -1, &limit)) return V_NULL;
    size_t max = limit < 0 ? SIZE_MAX : (size_t)limit;
    if (!a[1] || is_none(a[1])) {
        if (!split_begin(&p, t, a[0])) return V_NULL;
        (right ? rsplit_space : split_space)(&p, max);
        return split_end(&p, right);
    }
    struct buffer_view sep;
    value out = V_NULL;
    if (!buffer_get(t, a[1], &sep, false)) return V_NULL;
    if (sep.length == 0) raise(t, &exc_ValueError, "empty separator");
    else if (split_begin(&p, t, a[0])) {
        (right ? rsplit_by : split_by)(&p, &sep, max);
        out = split_end(&p, right);
    }
    buffer_release(t, &sep);
    return out;
}
value bytes_m_split(struct thread *t, const vref *a) { return split(t, a, false); }
value bytes_m_rsplit(struct thread *t, const vref *a) { return split(t, a, true); }

value bytes_m_splitlines(struct thread *t, const vref *a) { // self, keepends=False
    int keep = a[1] ? object_truth(t, a[1]) : 0;
    struct splitter p;
    if (keep < 0 || !split_begin(&p, t, a[0])) return V_NULL;
    const uint8_t *s = p.view.data;
    for (size_t i = 0; p.ok && i < p.view.length;) {
        size_t from = i;
        while (i < p.view.length && s[i] != '\n' && s[i] != '\r') i++;
        size_t end = i;
        if (i < p.view.length) i += s[i] == '\r' && i + 1 < p.view.length && s[i + 1] == '\n' ? 2 : 1;
        split_put(&p, from, keep ? i : end);
    }
    return split_end(&p, false);
}

static value partition(struct thread *t, const vref *a, bool right) { // self, sep
    struct buffer_view sep, s;
    if (!buffer_get(t, a[1], &sep, false)) return V_NULL;
    if (!buffer_get(t, a[0], &s, false)) return buffer_release(t, &sep), V_NULL;
    value parts[3] = {0}, out = V_NULL;
    if (sep.length == 0) raise(t, &exc_ValueError, "empty separator");
    else {
        int64_t i = (right ? units_rfind : units_find)(s.data, 1, s.length, sep.data, 1, sep.length);
        size_t cut = i < 0 ? (right ? 0 : s.length) : (size_t)i, rest = i < 0 ? cut : cut + sep.length;
        parts[0] = cut == s.length ? bytes_cut(t, a[0], 0, cut) : bytes_like_new(t, a[0], s.data, cut);
        parts[1] = i < 0 ? bytes_like_new(t, a[0], NULL, 0) : is_bytes(a[1]) && is_bytes(a[0]) ? bytes_cut(t, a[1], 0, sep.length) : bytes_like_new(t, a[0], sep.data, sep.length);
        parts[2] = rest == 0 ? bytes_cut(t, a[0], 0, s.length) : bytes_like_new(t, a[0], s.data + rest, s.length - rest);
        if (parts[0] && parts[1] && parts[2]) out = tuple_pack(t, 3, parts[0], parts[1], parts[2]);
    }
    for (int k = 0; k < 3; k++) release_opt(t, parts[k]);
    buffer_release(t, &sep), buffer_release(t, &s);
    return out;
}
value bytes_m_partition(struct thread *t, const vref *a) { return partition(t, a, false); }
value bytes_m_rpartition(struct thread *t, const vref *a) { return partition(t, a, true); }

// ---- join, replace, translate ----

value bytes_join(struct thread *t, vref sep, vref iterable) {
    value all = is_tuple(iterable) ? own(t, iterable) : tuple_from_iterable(t, iterable);
    if (!all) {
        struct type *c = type_of(iterable);
        if (!c->iter && !c->getitem && raised_is(t, &exc_TypeError)) raised_clear(t), raise(t, &exc_TypeError, "can only join an iterable");
        return V_NULL;
    }
    struct byte_builder b = {.t = t};
    size_t n = tuple_size(all);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        struct buffer_view part;
        vref v = tuple_at(all, i);
        if (!buffer_check(v)) {
            raise(t, &exc_TypeError, "sequence item %zu: expected a bytes-like object, %T found", i, v);
            ok = false;
            break;
        }
        if (!(ok = buffer_get(t, v, &part, false))) break;
        struct span s = bytes_span(sep);
        if (i && s.n) byte_builder_add(&b, s.p, s.n);
        byte_builder_add(&b, part.data, part.length);
        buffer_release(t, &part);
        ok = !b.failed && (i % 4096 != 4095 || safepoint_poll(t));
    }
    value out = V_NULL;
    if (!ok) byte_builder_discard(&b);
    else if (n == 1 && is_bytes(sep) && has_shape(tuple_at(all, 0), SHAPE_BYTES)) out = own(t, tuple_at(all, 0)), byte_builder_discard(&b);
    else out = is_bytes(sep) ? byte_builder_finish(&b) : byte_builder_finish_array(&b);
    release(t, all);
    return out;
}
value bytes_m_join(struct thread *t, const vref *a) { return bytes_join(t, a[0], a[1]); }

static void replace_into(struct byte_builder *b, struct span s, const struct buffer_view *old, const struct buffer_view *with, size_t max) {
    if (old->length == 0) {
        size_t i = 0;
        for (; i <= s.n && i < max && !b->failed; i++) {
            byte_builder_add(b, with->data, with->length);
            if (i < s.n) byte_builder_add(b, s.p + i, 1);
        }
        if (i < s.n) byte_builder_add(b, s.p + i, s.n - i);
        return;
    }
    size_t from = 0;
    for (size_t k = 0; k < max && !b->failed; k++) {
        int64_t i = units_find(s.p + from, 1, s.n - from, old->data, 1, old->length);
        if (i < 0) break;
        byte_builder_add(b, s.p + from, (size_t)i);
        byte_builder_add(b, with->data, with->length);
        from += (size_t)i + old->length;
    }
    byte_builder_add(b, s.p + from, s.n - from);
}

value bytes_m_replace(struct thread *t, const vref *a) { // self, old, new, count=-1
    struct buffer_view old, with;
    int64_t count;
    if (!size_arg(t, a[3], -1, &count) || !buffer_get(t, a[1], &old, false)) return V_NULL;
    if (!buffer_get(t, a[2], &with, false)) return buffer_release(t, &old), V_NULL;
    struct span s = bytes_span(a[0]);
    size_t max = count < 0 ? SIZE_MAX : (size_t)count;
    value out;
    if (max == 0 || (old.length && units_find(s.p, 1, s.n, old.data, 1, old.length) < 0)) out = bytes_cut(t, a[0], 0, s.n);
    else {
        struct byte_builder b = {.t = t};
        replace_into(&b, s, &old, &with, max);
        out = is_bytes(a[0]) ? byte_builder_finish(&b) : byte_builder_finish_array(&b);
    }
    buffer_release(t, &old), buffer_release(t, &with);
    return out;
}

value bytes_m_translate(struct thread *t, const vref *a) { // self, table, delete=b''
    struct buffer_view table = {0}, delete = {0};
    bool gone[256] = {false}, mapped = !is_none(a[1]);
    if (mapped && !buffer_get(t, a[1], &table, false)) return V_NULL;
    if (mapped && table.length != 256) {
        buffer_release(t, &table);
        return raise(t, &exc_ValueError, "translation table must be 256 characters long");
    }
    if (a[2] && !buffer_get(t, a[2], &delete, false)) return buffer_release(t, &table), V_NULL;
    for (size_t i = 0; i < delete.length; i++) gone[delete.data[i]] = true;
    if (a[2]) buffer_release(t, &delete);
    struct span s = bytes_span(a[0]);
    struct byte_builder b = {.t = t};
    uint8_t *to = s.n ? byte_builder_room(&b, s.n) : NULL;
    size_t n = 0;
    bool same = true;
    for (size_t i = 0; to && i < s.n; i++) {
        if (gone[s.p[i]]) {
            same = false;
            continue;
        }
        to[n] = mapped ? table.data[s.p[i]] : s.p[i];
        same &= to[n++] == s.p[i];
    }
    if (to) b.length = n;
    if (mapped) buffer_release(t, &table);
    if (same && has_shape(a[0], SHAPE_BYTES) && !b.failed) return byte_builder_discard(&b), own(t, a[0]);
    return is_bytes(a[0]) ? byte_builder_finish(&b) : byte_builder_finish_array(&b);
}

value bytes_m_maketrans(struct thread *t, const vref *a) { // frm, to
    struct buffer_view from, to;
    if (!buffer_get(t, a[0], &from, false)) return V_NULL;
    if (!buffer_get(t, a[1], &to, false)) return buffer_release(t, &from), V_NULL;
    value out = V_NULL;
    if (from.length != to.length) raise(t, &exc_ValueError, "maketrans arguments must have same length");
    else if ((out = bytes_new(t, NULL, 256))) {
        for (int i = 0; i < 256; i++) as_bytes(out)->data[i] = (uint8_t)i;
        for (size_t i = 0; i < from.length; i++) as_bytes(out)->data[from.data[i]] = to.data[i];
    }
    buffer_release(t, &from), buffer_release(t, &to);
    return out;
}

value bytes_m_decode(struct thread *t, const vref *a) { // self, encoding='utf-8', errors='strict'
    const char *encoding, *errors;
    struct buffer_view s;
    if (!codec_name_arg(t, a[1], "decode", "encoding", &encoding) || !codec_name_arg(t, a[2], "decode", "errors", &errors)) return V_NULL;
    if (!buffer_get(t, a[0], &s, false)) return V_NULL;
    value v = str_decode(t, s.data, s.length, encoding, errors);
    buffer_release(t, &s);
    return v;
}
