// SPDX-License-Identifier: Apache-2.0
// The C functions of set (dict.h) and the algebra: union, intersection, differences, inclusion. Leaves the table to set_table.c, the types to
// set_methods.c.
#include "interp/types/set.h"

value set_new(struct thread *t, bool frozen, vref iterable) { return set_from(t, frozen, iterable); }

bool set_add(struct thread *t, vref s, vref key) {
    int64_t hash = key_hash(t, key);
    return hash != -1 && set_add_hashed(t, s, key, hash) >= 0;
}

// Hash for a lookup: a set, which has none, is looked up as the frozenset it equals. *key may become a new one in *made.
static int64_t lookup_hash(struct thread *t, vref *key, value *made) {
    *made = V_NULL;
    int64_t hash = key_hash(t, *key);
    if (hash != -1 || !is_anyset(*key) || !raised_is(t, &exc_TypeError)) return hash;
    raised_clear(t);
    *made = set_from(t, true, *key);
    if (!*made) return -1;
    *key = *made;
    return key_hash(t, *key);
}

int set_lookup(struct thread *t, vref s, vref key) {
    value made;
    int64_t hash = lookup_hash(t, &key, &made);
    int r = hash == -1 ? -1 : set_contains_hashed(t, s, key, hash);
    release_opt(t, made);
    return r;
}

int set_contains(struct thread *t, vref s, vref key) { return set_lookup(t, s, key); }

int set_discard(struct thread *t, vref s, vref key) {
    value made;
    int64_t hash = lookup_hash(t, &key, &made);
    int r = hash == -1 ? -1 : set_discard_hashed(t, s, key, hash);
    release_opt(t, made);
    return r;
}

bool set_next(struct thread *t, vref s, size_t *pos, value *key) {
    int64_t hash;
    return set_next_hashed(t, s, pos, key, &hash);
}

bool set_merge(struct thread *t, vref s, vref other) {
    if (is_same(s, other) || set_count(other) == 0) return true;
    if (set_count(s) == 0 && set_clone_into(t, s, other)) return true;
    if (!set_reserve(t, s, set_count(other))) return false;
    value key;
    int64_t hash;
    bool ok = true;
    for (size_t pos = 0; ok && set_next_hashed(t, other, &pos, &key, &hash);) {
        ok = set_add_hashed(t, s, key, hash) >= 0 && safepoint_poll(t);
        release(t, key);
    }
    return ok;
}

static bool add_keys_of_dict(struct thread *t, vref s, vref dict) {
    value key, v;
    bool ok = set_reserve(t, s, dict_count(dict));
    for (size_t pos = 0; ok && dict_next(t, dict, &pos, &key, &v);) {
        release(t, v);
        ok = set_add(t, s, key) && safepoint_poll(t);
        release(t, key);
    }
    return ok;
}

bool set_update(struct thread *t, vref s, vref iterable) {
    if (is_anyset(iterable)) return set_merge(t, s, iterable);
    if (has_shape(iterable, SHAPE_DICT)) return dict_count(iterable) == 0 || add_keys_of_dict(t, s, iterable);
    value it = object_iter(t, iterable);
    if (!it) return false;
    bool ok = true;
    for (value v; ok && (v = object_next(t, it)) != V_NULL;) {
        ok = set_add(t, s, v) && safepoint_poll(t);
        release(t, v);
    }
    release(t, it);
    return ok && !raised(t);
}

value set_from(struct thread *t, bool frozen, vref iterable) {
    value s = set_alloc(t, frozen);
    if (!s || !iterable || set_update(t, s, iterable)) return s;
    release(t, s);
    return V_NULL;
}

static value done(struct thread *t, value s, bool ok) {
    if (ok) return s;
    release_opt(t, s);
    return V_NULL;
}

value set_intersection(struct thread *t, vref s, vref other) {
    bool frozen = is_frozen(s);
    if (is_same(s, other)) return set_from(t, frozen, s);
    value r = set_alloc(t, frozen), v;
    bool ok = r != V_NULL;
    int64_t hash;
    if (ok && is_anyset(other)) {
        vref small = set_count(other) > set_count(s) ? s : other, large = small == s ? other : s;
        for (size_t pos = 0; ok && set_next_hashed(t, small, &pos, &v, &hash);) {
            int in = set_contains_hashed(t, large, v, hash);
            ok = in >= 0 && (!in || set_add_hashed(t, r, v, hash) >= 0) && safepoint_poll(t);
            release(t, v);
        }
        return done(t, r, ok);
    }
    value it = ok ? object_iter(t, other) : V_NULL;
    ok = it != V_NULL;
    while (ok && (v = object_next(t, it)) != V_NULL) {
        hash = key_hash(t, v);
        int in = hash == -1 ? -1 : set_contains_hashed(t, s, v, hash);
        ok = in >= 0 && (!in || set_add_hashed(t, r, v, hash) >= 0) && safepoint_poll(t);
        release(t, v);
    }
    release_opt(t, it);
    return done(t, r, ok && !raised(t));
}

// Discards every key of a set that another one holds.
static bool discard_all(struct thread *t, vref s, vref other) {
    value key;
    int64_t hash;
    bool ok = true;
    for (size_t pos = 0; ok && set_next_hashed(t, other, &pos, &key, &hash);) {
        ok = set_discard_hashed(t, s, key, hash) >= 0 && safepoint_poll(t);
        release(t, key);
    }
    return ok;
}

bool set_difference_update(struct thread *t, vref s, vref other) {
    if (is_same(s, other)) {
        set_empty(t, s);
        return true;
    }
    if (is_anyset(other)) return discard_all(t, s, other);
    value it = object_iter(t, other);
    bool ok = it != V_NULL;
    for (value v; ok && (v = object_next(t, it)) != V_NULL;) {
        int64_t hash = key_hash(t, v);
        ok = hash != -1 && set_discard_hashed(t, s, v, hash) >= 0 && safepoint_poll(t);
        release(t, v);
    }
    release_opt(t, it);
    return ok && !raised(t);
}

value set_difference(struct thread *t, vref s, vref other) {
    bool frozen = is_frozen(s), set = is_anyset(other), dict = has_shape(other, SHAPE_DICT);
    if ((!set && !dict) || set_count(s) >> 2 > (set ? set_count(other) : dict_count(other))) {
        value r = set_from(t, frozen, s);
        return done(t, r, r && set_difference_update(t, r, other));
    }
    value r = set_alloc(t, frozen), key;
    int64_t hash;
    bool ok = r != V_NULL;
    for (size_t pos = 0; ok && set_next_hashed(t, s, &pos, &key, &hash);) {
        int in = set ? set_contains_hashed(t, other, key, hash) : dict_contains(t, other, key);
        ok = in >= 0 && (in || set_add_hashed(t, r, key, hash) >= 0) && safepoint_poll(t);
        release(t, key);
    }
    return done(t, r, ok);
}

bool set_symmetric_update(struct thread *t, vref s, vref other) {
    if (is_same(s, other)) {
        set_empty(t, s);
        return true;
    }
    value theirs = is_anyset(other) ? own(t, other) : set_from(t, false, other), key;
    int64_t hash;
    bool ok = theirs != V_NULL;
    for (size_t pos = 0; ok && set_next_hashed(t, theirs, &pos, &key, &hash);) {
        int gone = set_discard_hashed(t, s, key, hash);
        ok = gone >= 0 && (gone || set_add_hashed(t, s, key, hash) >= 0) && safepoint_poll(t);
        release(t, key);
    }
    release_opt(t, theirs);
    return ok;
}

int set_is_subset(struct thread *t, vref s, vref other) {
    if (set_count(s) > set_count(other)) return 0;
    value key;
    int64_t hash;
    int in = 1;
    for (size_t pos = 0; in > 0 && set_next_hashed(t, s, &pos, &key, &hash);) {
        in = set_contains_hashed(t, other, key, hash);
        release(t, key);
        if (!safepoint_poll(t)) in = -1;
    }
    return in;
}

static int disjoint_sets(struct thread *t, vref a, vref b) {
    if (is_same(a, b)) return set_count(a) == 0;
    vref small = set_count(b) > set_count(a) ? a : b, large = small == a ? b : a;
    value key;
    int64_t hash;
    int in = 0;
    for (size_t pos = 0; in == 0 && set_next_hashed(t, small, &pos, &key, &hash);) {
        in = set_contains_hashed(t, large, key, hash);
        release(t, key);
        if (!safepoint_poll(t)) in = -1;
    }
    return in < 0 ? -1 : !in;
}

int set_is_disjoint(struct thread *t, vref s, vref other) {
    if (is_anyset(other)) return disjoint_sets(t, s, other);
    value it = object_iter(t, other);
    int in = it ? 0 : -1;
    for (value v; in == 0 && (v = object_next(t, it)) != V_NULL;) {
        int64_t hash = key_hash(t, v);
        in = hash == -1 ? -1 : set_contains_hashed(t, s, v, hash);
        release(t, v);
    }
    release_opt(t, it);
    return in < 0 || raised(t) ? -1 : !in;
}
