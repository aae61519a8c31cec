// SPDX-License-Identifier: Apache-2.0
// Length, items, membership and iteration of any object. Leaves each container's own to its file.
#include "interp/types/attr.h"
#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/slots.h"

int64_t object_length(struct thread *t, vref v) {
    struct type *c = type_of(v);
    if (c->length) return c->length(t, v);
    raise(t, &exc_TypeError, "object of type '%T' has no len()", v);
    return -1;
}

// __length_hint__, or the fallback where it has nothing to say.
static int64_t ask_hint(struct thread *t, vref v, int64_t fallback) {
    value r;
    if (!special_call(t, v, NAME(__length_hint__), NULL, 0, &r)) return fallback;
    if (!r && raised_is(t, &exc_TypeError)) {
        raised_clear(t);
        return fallback;
    }
    int64_t n = fallback;
    if (r && r != V_NOTIMPL) {
        if (!is_int(r)) raise(t, &exc_TypeError, "__length_hint__ must be an integer, not %T", r);
        else if (int_as_i64(t, r, &n) && n < 0) raise(t, &exc_ValueError, "__length_hint__() should return >= 0");
    }
    release_opt(t, r);
    return raised(t) ? -1 : n;
}

int64_t object_length_hint(struct thread *t, vref v, int64_t fallback) {
    if (!type_of(v)->length) return ask_hint(t, v, fallback);
    int64_t n = type_of(v)->length(t, v);
    if (n >= 0) return n;
    if (!raised_is(t, &exc_TypeError)) return -1;
    raised_clear(t);
    return ask_hint(t, v, fallback);
}

// cls[key]: __class_getitem__.
static value class_getitem(struct thread *t, vref cls, vref key) {
    if (as_type(cls) == &type_type) return generic_alias_new(t, cls, key);
    value f;
    int found = object_lookup_attr(t, cls, NAME(__class_getitem__), &f);
    if (found < 0) return V_NULL;
    if (!found) return raise(t, &exc_TypeError, "type '%s' is not subscriptable", as_type(cls)->name);
    value r = object_call1(t, f, key);
    release(t, f);
    return r;
}

value object_getitem(struct thread *t, vref o, vref key) {
    struct type *c = type_of(o);
    if (likely(c->getitem != NULL)) return c->getitem(t, o, key);
    if (is_type(o)) return class_getitem(t, o, key);
    return raise(t, &exc_TypeError, "'%T' object is not subscriptable", o);
}

int object_setitem(struct thread *t, vref o, vref key, vref v) {
    struct type *c = type_of(o);
    if (likely(c->setitem != NULL)) return c->setitem(t, o, key, v);
    bool sequence = c->getitem && c->length;
    raise(t, &exc_TypeError, v ? "'%T' object does not support item assignment" : sequence ? "'%T' object doesn't support item deletion" : "'%T' object does not support item deletion", o);
    return -1;
}

static int contains_by_iteration(struct thread *t, vref o, vref v) {
    value it = object_iter(t, o);
    if (!it) {
        if (raised_is(t, &exc_TypeError)) {
            raised_clear(t);
            raise(t, &exc_TypeError, "argument of type '%T' is not iterable", o);
        }
        return -1;
    }
    int found = 0;
    while (!found) {
        value item = object_next(t, it);
        if (!item) {
            if (raised(t)) found = -1;
            break;
        }
        found = object_equal(t, item, v);
        release(t, item);
        if (!found && !safepoint_poll(t)) found = -1;
    }
    release(t, it);
    return found;
}

int object_contains(struct thread *t, vref o, vref v) {
    struct type *c = type_of(o);
    return c->contains ? c->contains(t, o, v) : contains_by_iteration(t, o, v);
}

value object_iter(struct thread *t, vref v) {
    struct type *c = type_of(v);
    if (!c->iter) {
        if (c->getitem && !has_flag(v, TYPE_DICT) && c->c_base != &type_mappingproxy) return seq_iter_generic(t, v);
        return raise(t, &exc_TypeError, "'%T' object is not iterable", v);
    }
    value it = c->iter(t, v);
    if (!it || type_of(it)->next) return it;
    raise(t, &exc_TypeError, "iter() returned non-iterator of type '%T'", it);
    release(t, it);
    return V_NULL;
}

value object_next_ended(struct thread *t, vref it) {
    if (!type_of(it)->next) return raise(t, &exc_TypeError, "'%T' object is not iterable", it);
    if (raised(t)) stop_iteration_swallow(t);
    return V_NULL;
}
