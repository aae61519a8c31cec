// SPDX-License-Identifier: Apache-2.0
// Many strings into one: join, replace. Leaves two at a time to object.c.
#include "interp/types/exc.h"
#include "interp/types/seq.h"
#include "interp/types/str/methods.h"

enum { JOIN_DIRECT = 1 << 15, REPLACE_POLL = 1 << 16 };

struct total { // of the parts looked at so far
    size_t length;
    unsigned width;
    bool ascii;
};
static bool count_in(struct total *sum, const struct str *s) {
    if (s->width > sum->width) sum->width = s->width;
    sum->ascii &= str_is_ascii(s);
    return !__builtin_add_overflow(sum->length, s->length, &sum->length);
}

// Parts are owned by whoever called, or cannot change because no safepoint lies ahead (poll false).
static value join_parts(struct thread *t, vref vsep, const vref *parts, size_t n, bool poll) {
    const struct str *sep = vsep ? as_str(vsep) : NULL;
    struct total sum = {0, 1, true};
    if (n == 0) return str_empty;
    for (size_t i = 0; i < n; i++) {
        if (unlikely(!is_str(parts[i])))
            return raise(t, &exc_TypeError, "sequence item %zu: expected str instance, %T found", i, parts[i]);
        if (!count_in(&sum, as_str(parts[i]))) return raise(t, &exc_OverflowError, "join() result is too long for a Python string");
    }
    if (n == 1) return str_exact(t, parts[0]);
    if (sep && sep->length) {
        size_t seps;
        if (__builtin_mul_overflow(sep->length, n - 1, &seps) || __builtin_add_overflow(sum.length, seps, &sum.length))
            return raise(t, &exc_OverflowError, "join() result is too long for a Python string");
        if (sep->width > sum.width) sum.width = sep->width;
        sum.ascii &= str_is_ascii(sep);
    }
    value out = str_new(t, sum.length, sum.ascii ? 0x7f : sum.width == 1 ? 0xff : sum.width == 2 ? 0xffff : UNICODE_MAX);
    if (!out || !sum.length) return out;
    struct str *to = as_str(out);
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && sep) str_copy_in(to, at, sep, 0, sep->length), at += sep->length;
        const struct str *s = as_str(parts[i]);
        str_copy_in(to, at, s, 0, s->length);
        at += s->length;
        if (poll && i % 4096 == 4095 && !safepoint_poll(t)) {
            release(t, out);
            return V_NULL;
        }
    }
    return out;
}

value str_join_array(struct thread *t, const vref *parts, size_t n) { return join_parts(t, V_NULL, parts, n, false); }

value str_join(struct thread *t, vref sep, vref iterable) {
    if (has_shape(iterable, SHAPE_TUPLE)) return join_parts(t, sep, as_tuple(iterable)->at, tuple_size(iterable), true);
    if (has_shape(iterable, SHAPE_LIST) && !t->free_threaded && list_size(iterable) <= JOIN_DIRECT) {
        struct list_items *items = as_list(iterable)->items;
        return join_parts(t, sep, items ? (const vref *)(const void *)items->at : NULL, list_size(iterable), false);
    }
    value all = tuple_from_iterable(t, iterable);
    if (!all) {
        struct type *c = type_of(iterable);
        if (!c->iter && !c->getitem && raised_is(t, &exc_TypeError)) {
            raised_clear(t);
            raise(t, &exc_TypeError, "can only join an iterable");
        }
        return V_NULL;
    }
    value out = join_parts(t, sep, as_tuple(all)->at, tuple_size(all), true);
    release(t, all);
    return out;
}

value str_m_join(struct thread *t, const vref *a) { return str_join(t, a[0], a[1]); }

// ---- replace ----

static value replace_char(struct thread *t, const struct str *s, uint32_t from, uint32_t to, uint32_t max) {
    value out = str_new(t, s->length, max);
    if (!out) return V_NULL;
    struct str *r = as_str(out);
    str_copy_in(r, 0, s, 0, s->length);
    if (r->width == 1)
        for (size_t i = 0; i < s->length; i++) r->data[i] = r->data[i] == from ? (uint8_t)to : r->data[i];
    else
        for (size_t i = 0; i < s->length; i++)
            if (str_at(r, i) == from) str_put(r, i, to);
    return out;
}

// An empty `old` stands before every code point and behind the last.
static value replace_between(struct thread *t, vref vs, vref with, size_t count) {
    const struct str *s = as_str(vs);
    struct str_builder b;
    builder_init(&b, t);
    for (size_t i = 0; i <= s->length && !b.failed; i++) {
        if (i < count) builder_str(&b, with);
        if (i < s->length) builder_slice(&b, vs, i, count > i + 1 ? i + 1 : s->length);
        if (count <= i + 1) break;
    }
    return builder_finish(&b);
}

value str_replace(struct thread *t, vref vs, vref vold, vref vnew, int64_t count) {
    const struct str *s = as_str(vs), *old = as_str(vold), *with = as_str(vnew);
    size_t max = count < 0 ? SIZE_MAX : (size_t)count;
    if (max == 0 || old->length > s->length || old->width > s->width || str_equal(vold, vnew)) return str_exact(t, vs);
    if (old->length == 0) return replace_between(t, vs, vnew, max);
    size_t k = units_count(s->data, s->width, s->length, old->data, old->width, old->length, max);
    if (k == 0) return str_exact(t, vs);
    bool narrows = !str_is_ascii(s) && !str_is_ascii(old); // the widest may have gone
    uint32_t bound = str_bound(s) > str_bound(with) ? str_bound(s) : str_bound(with);
    if (old->length == 1 && with->length == 1 && max >= s->length && !narrows) return replace_char(t, s, str_at(old, 0), str_at(with, 0), bound);
    size_t keep = s->length - k * old->length, grown;
    if (__builtin_mul_overflow(k, with->length, &grown) || __builtin_add_overflow(grown, keep, &grown))
        return raise(t, &exc_OverflowError, "replace string is too long");
    value out = str_new(t, grown, bound);
    if (!out || !grown) return out;
    struct str *r = as_str(out);
    size_t from = 0, at = 0;
    for (size_t i = 0; i < k; i++) {
        size_t hit = from + (size_t)units_find(s->data + from * s->width, s->width, s->length - from, old->data, old->width, old->length);
        str_copy_in(r, at, s, from, hit - from);
        at += hit - from;
        str_copy_in(r, at, with, 0, with->length);
        at += with->length;
        from = hit + old->length;
        if (i % REPLACE_POLL == REPLACE_POLL - 1 && !safepoint_poll(t)) {
            release(t, out);
            return V_NULL;
        }
    }
    str_copy_in(r, at, s, from, s->length - from);
    if (!narrows) return out;
    value narrow = str_from_units(t, r->data, r->width, r->length);
    release(t, out);
    return narrow;
}

value str_m_replace(struct thread *t, const vref *a) { // self, old, new, count=-1
    int64_t count;
    if (!str_need_str(t, a[1], "replace() argument 1") || !str_need_str(t, a[2], "replace() argument 2") || !size_arg(t, a[3], -1, &count)) return V_NULL;
    return str_replace(t, a[0], a[1], a[2], count);
}
