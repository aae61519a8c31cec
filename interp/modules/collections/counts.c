// SPDX-License-Identifier: Apache-2.0
// _count_elements, what Counter counts with. Leaves Counter itself to the library.
#include "interp/modules/collections/collections.h"
#include "interp/types/names.h"
#include "interp/types/num.h"

static value plus_one(struct thread *t, vref n) {
    if (likely(is_int62(n) && n != from_int62(INT62_MAX))) return from_int62(as_int62(n) + 1);
    return object_binary(t, n, from_int62(1), NB_ADD);
}

// get and __setitem__ are dict's own: counts without calling them. (Counter has a __delitem__, so the slot alone does not tell.)
static bool is_plain(struct thread *t, vref mapping) {
    struct type *c = type_of(mapping);
    return is_dict(mapping) && is_same(type_lookup(t, c, NAME(get)), type_lookup(t, &type_dict, NAME(get))) &&
           (c->setitem == type_dict.setitem || is_same(type_lookup(t, c, NAME(__setitem__)), type_lookup(t, &type_dict, NAME(__setitem__))));
}
static bool count_plain(struct thread *t, vref mapping, vref key) {
    int64_t hash = object_hash(t, key);
    if (hash == -1 && raised(t)) return false;
    value old = dict_get_hashed(t, mapping, key, hash);
    if (!old && raised(t)) return false;
    value n = old ? plus_one(t, old) : from_int62(1);
    release_opt(t, old);
    return n && dict_set_take(t, mapping, key, n);
}
static bool count_by_calls(struct thread *t, vref mapping, vref get, vref key) {
    value old = object_call2(t, get, key, from_int62(0)), n = old ? object_binary(t, old, from_int62(1), NB_ADD) : V_NULL;
    bool ok = n && object_setitem(t, mapping, key, n) == 0;
    release_opt(t, old);
    release_opt(t, n);
    return ok;
}

value collections_count_elements(struct thread *t, const vref *a) {
    bool plain = is_plain(t, a[0]), ok = true;
    value it = object_iter(t, a[1]), get = !it ? V_NULL : plain ? V_NONE : object_getattr(t, a[0], NAME(get)), key;
    while (get && ok && (key = object_next(t, it)) != V_NULL) {
        ok = plain ? count_plain(t, a[0], key) : count_by_calls(t, a[0], get, key);
        release(t, key);
        ok = ok && safepoint_poll(t);
    }
    release_opt(t, it);
    release_opt(t, get);
    return get && ok && !raised(t) ? V_NONE : V_NULL;
}
