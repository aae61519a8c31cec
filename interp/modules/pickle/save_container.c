// SPDX-License-Identifier: Apache-2.0
// Writing tuples, lists, dicts and sets. Leaves their items to save.c.
//
// Others may change a list, dict or set while its items are written (a __reduce__ of one of them, another thread): each item is owned meanwhile, and no place in the
// container is kept across one.
#include "interp/modules/pickle/pickle.h"
#include "interp/types/set_table.h"
#include "interp/types/seq.h"

// Writes v and lets it go.
static bool save_taken(struct thread *t, struct pickler *p, value v) {
    bool ok = save(t, p, v);
    release(t, v);
    return ok;
}

// ---- tuples ----

// The tuple holds itself and was written while its items were: drops what stands on the reader's stack, fetches that one.
static bool fetch_instead(struct thread *t, struct pickler *p, size_t n, bool marked, int64_t id) {
    if (marked && p->binary) return out_byte(t, p, P_POP_MARK) && save_fetch(t, p, id);
    for (size_t i = 0; i < n + marked; i++)
        if (!out_byte(t, p, P_POP)) return false;
    return save_fetch(t, p, id);
}
bool save_tuple(struct thread *t, struct pickler *p, vref v) {
    static const uint8_t few[] = {P_EMPTY_TUPLE, P_TUPLE1, P_TUPLE2, P_TUPLE3};
    size_t n = tuple_size(v);
    if (n == 0) return p->binary ? out_byte(t, p, P_EMPTY_TUPLE) : out_bytes(t, p, "(t", 2);
    bool marked = n > 3 || p->protocol < 2;
    if (marked && !out_byte(t, p, P_MARK)) return false;
    for (size_t i = 0; i < n; i++)
        if (!save(t, p, tuple_at(v, i))) return false;
    int64_t id = memo_find(&p->memo, v);
    if (id >= 0) return fetch_instead(t, p, n, marked, id);
    return out_byte(t, p, marked ? P_TUPLE : few[n]) && save_memoize(t, p, v);
}

// ---- lists ----

bool save_items(struct thread *t, struct pickler *p, vref iterator) {
    value v, next = V_NULL;
    bool ok = true;
    if (p->protocol == 0) {
        while (ok && (v = object_next(t, iterator))) ok = save_taken(t, p, v) && out_byte(t, p, P_APPEND);
        return ok && !raised(t);
    }
    for (int n = BATCH; ok && n == BATCH;) {
        if (!(v = object_next(t, iterator))) return !raised(t);
        next = object_next(t, iterator);
        if (!next) {
            if (raised(t)) return release(t, v), false;
            return save_taken(t, p, v) && out_byte(t, p, P_APPEND);
        }
        ok = out_byte(t, p, P_MARK);
        ok = save_taken(t, p, v) && ok;
        for (n = 1; next;) {
            ok = ok && save(t, p, next);
            release(t, next);
            next = ok && ++n < BATCH ? object_next(t, iterator) : V_NULL;
        }
        ok = ok && !raised(t) && out_byte(t, p, P_APPENDS);
    }
    return ok;
}
static bool save_list_items(struct thread *t, struct pickler *p, vref v) {
    size_t size = list_size(v);
    if (size == 1) {
        value only = list_get_or_null(t, v, 0);
        return !only || (save_taken(t, p, only) && out_byte(t, p, P_APPEND));
    }
    for (size_t i = 0; i < list_size(v);) {
        if (!out_byte(t, p, P_MARK)) return false;
        for (size_t end = i + BATCH; i < end; i++) {
            value item = list_peek(t, as_list(v), i);
            if (!item && !(item = list_get_or_null(t, v, i))) break;
            if (!save_taken(t, p, item)) return false;
        }
        if (!out_byte(t, p, P_APPENDS)) return false;
    }
    return true;
}
bool save_list(struct thread *t, struct pickler *p, vref v) {
    if (!save_fast_enter(t, p, v)) return save_fast_leave(t, p, v, false);
    bool ok = (p->binary ? out_byte(t, p, P_EMPTY_LIST) : out_bytes(t, p, "(l", 2)) && save_memoize(t, p, v);
    if (ok && list_size(v)) {
        if (p->protocol > 0) ok = save_list_items(t, p, v);
        else {
            value it = object_iter(t, v);
            ok = it && save_items(t, p, it);
            release_opt(t, it);
        }
    }
    return save_fast_leave(t, p, v, ok);
}

// ---- dicts ----

static bool save_pair(struct thread *t, struct pickler *p, value pair) { // takes pair
    bool ok = is_tuple(pair) && tuple_size(pair) == 2;
    if (!ok) raise(t, &exc_TypeError, "dict items iterator must return 2-tuples");
    ok = ok && save(t, p, tuple_at(pair, 0)) && save(t, p, tuple_at(pair, 1));
    release(t, pair);
    return ok;
}
bool save_pairs(struct thread *t, struct pickler *p, vref iterator) {
    value v, next = V_NULL;
    bool ok = true;
    if (p->protocol == 0) {
        while (ok && (v = object_next(t, iterator))) ok = save_pair(t, p, v) && out_byte(t, p, P_SETITEM);
        return ok && !raised(t);
    }
    for (int n = BATCH; ok && n == BATCH;) {
        if (!(v = object_next(t, iterator))) return !raised(t);
        if (!is_tuple(v) || tuple_size(v) != 2) return save_pair(t, p, v);
        next = object_next(t, iterator);
        if (!next) {
            if (raised(t)) return release(t, v), false;
            return save_pair(t, p, v) && out_byte(t, p, P_SETITEM);
        }
        ok = out_byte(t, p, P_MARK);
        ok = save_pair(t, p, v) && ok;
        for (n = 1; next;) {
            if (ok) ok = save_pair(t, p, next);
            else release(t, next);
            next = ok && ++n < BATCH ? object_next(t, iterator) : V_NULL;
        }
        ok = ok && !raised(t) && out_byte(t, p, P_SETITEMS);
    }
    return ok;
}

static bool save_entry(struct thread *t, struct pickler *p, value key, value v) { // takes both
    bool ok = save(t, p, key) && save(t, p, v);
    release(t, key);
    release(t, v);
    return ok;
}
static bool save_dict_items(struct thread *t, struct pickler *p, vref d) {
    size_t pos = 0, size = dict_count(d);
    value key, v;
    if (size == 1) return !dict_next(t, d, &pos, &key, &v) || (save_entry(t, p, key, v) && out_byte(t, p, P_SETITEM));
    for (int n = BATCH; n == BATCH;) {
        if (!out_byte(t, p, P_MARK)) return false;
        for (n = 0; n < BATCH && dict_next(t, d, &pos, &key, &v); n++)
            if (!save_entry(t, p, key, v)) return false;
        if (!out_byte(t, p, P_SETITEMS)) return false;
        if (dict_count(d) != size) return raise(t, &exc_RuntimeError, "dictionary changed size during iteration"), false;
    }
    return true;
}
bool save_dict(struct thread *t, struct pickler *p, vref v) {
    if (!save_fast_enter(t, p, v)) return save_fast_leave(t, p, v, false);
    bool ok = (p->binary ? out_byte(t, p, P_EMPTY_DICT) : out_bytes(t, p, "(d", 2)) && save_memoize(t, p, v);
    if (ok && dict_count(v)) {
        if (p->protocol > 0) ok = save_dict_items(t, p, v);
        else {
            value items = object_call_method_cstr(t, v, "items", NULL, 0), it = items ? object_iter(t, items) : V_NULL;
            ok = it && save_pairs(t, p, it);
            release_opt(t, it);
            release_opt(t, items);
        }
    }
    return save_fast_leave(t, p, v, ok);
}

// ---- sets ----

// Before protocol 4: a call of the type with a list.
static bool save_as_list(struct thread *t, struct pickler *p, vref v, struct type *c) {
    value list = list_from_iterable(t, v);
    if (!list) return false;
    value arguments = tuple_take_array(t, &list, 1);
    return arguments && save_call(t, p, type_ref(c), arguments, v);
}
bool save_set(struct thread *t, struct pickler *p, vref v) {
    if (p->protocol < 4) return save_as_list(t, p, v, &type_set);
    if (!out_byte(t, p, P_EMPTY_SET) || !save_memoize(t, p, v)) return false;
    size_t size = set_count(v), pos = 0;
    value key;
    if (size == 0) return true;
    for (int n = BATCH; n == BATCH;) {
        if (!out_byte(t, p, P_MARK)) return false;
        for (n = 0; n < BATCH && set_next(t, v, &pos, &key); n++)
            if (!save_taken(t, p, key)) return false;
        if (!out_byte(t, p, P_ADDITEMS)) return false;
        if (set_count(v) != size) return raise(t, &exc_RuntimeError, "set changed size during iteration"), false;
    }
    return true;
}
bool save_frozenset(struct thread *t, struct pickler *p, vref v) {
    if (p->protocol < 4) return save_as_list(t, p, v, &type_frozenset);
    size_t pos = 0;
    value key;
    if (!out_byte(t, p, P_MARK)) return false;
    while (set_next(t, v, &pos, &key))
        if (!save_taken(t, p, key)) return false;
    int64_t id = memo_find(&p->memo, v);
    if (id >= 0) return out_byte(t, p, P_POP_MARK) && save_fetch(t, p, id);
    return out_byte(t, p, P_FROZENSET) && save_memoize(t, p, v);
}
