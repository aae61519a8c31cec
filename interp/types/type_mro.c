// SPDX-License-Identifier: Apache-2.0
// Method resolution order (C3), the base that gives a class its layout, the most derived metaclass. Leaves using them to type_make.c.
//
// C3: Barrett et al., "A Monotonic Superclass Linearization for Dylan", OOPSLA 1996.
#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/types/type.h"

// n lists of classes, each read from its own position.
struct merge {
    size_t n;
    vref *lists;  // tuples
    size_t *at;
};

static bool in_tail(const struct merge *m, vref c) {
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = m->at[i] + 1; k < tuple_size(m->lists[i]); k++)
            if (as_object(tuple_at(m->lists[i], k)) == as_object(c)) return true;
    return false;
}

// The next class that stands in no tail. V_UNBOUND: all lists are read; V_NULL: there is none.
static vref next_class(const struct merge *m) {
    bool any = false;
    for (size_t i = 0; i < m->n; i++) {
        if (m->at[i] == tuple_size(m->lists[i])) continue;
        any = true;
        vref c = tuple_at(m->lists[i], m->at[i]);
        if (!in_tail(m, c)) return c;
    }
    return any ? V_NULL : V_UNBOUND;
}

static void step_over(struct merge *m, vref c) {
    for (size_t i = 0; i < m->n; i++)
        if (m->at[i] < tuple_size(m->lists[i]) && as_object(tuple_at(m->lists[i], m->at[i])) == as_object(c)) m->at[i]++;
}

static value conflict(struct thread *t, const struct merge *m) {
    value names = list_new(t, 0);
    for (size_t i = 0; names && i < m->n; i++) {
        if (m->at[i] == tuple_size(m->lists[i])) continue;
        value name = str_from_cstr(t, as_type(tuple_at(m->lists[i], m->at[i]))->name);
        int there = name ? object_contains(t, names, name) : -1;
        if (there < 0 || (!there && !list_append(t, names, name))) release_field(t, &names);
        release_opt(t, name);
    }
    value comma = str_from_cstr(t, ", "), text = names && comma ? str_join(t, comma, names) : V_NULL;
    if (text) raise(t, &exc_TypeError, "Cannot create a consistent method resolution\norder (MRO) for bases %U", text);
    release_opt(t, text);
    release_opt(t, comma);
    release_opt(t, names);
    return V_NULL;
}

static bool bases_distinct(struct thread *t, vref bases) {
    for (size_t i = 0; i < tuple_size(bases); i++)
        for (size_t k = 0; k < i; k++)
            if (as_object(tuple_at(bases, i)) == as_object(tuple_at(bases, k))) {
                raise(t, &exc_TypeError, "duplicate base class %s", as_type(tuple_at(bases, i))->name);
                return false;
            }
    return true;
}

static value run_merge(struct thread *t, struct type *c, struct merge *m) {
    value list = list_new(t, 8);
    bool ok = list && list_append(t, list, type_ref(c));
    while (ok) {
        vref k = next_class(m);
        if (k == V_UNBOUND) break;
        if (!k) conflict(t, m);
        ok = k && list_append(t, list, k);
        if (ok) step_over(m, k);
    }
    value mro = ok ? list_to_tuple(t, list) : V_NULL;
    release_opt(t, list);
    return mro;
}

value type_compute_mro(struct thread *t, struct type *c, vref bases) {
    size_t n = tuple_size(bases);
    if (!bases_distinct(t, bases)) return V_NULL;
    size_t bytes = (n + 1) * (sizeof(vref) + sizeof(size_t));
    struct merge m = {.n = n + 1, .lists = mem_calloc(t, bytes)};
    if (!m.lists) return V_NULL;
    m.at = (size_t *)(void *)(m.lists + n + 1);
    for (size_t i = 0; i < n; i++) m.lists[i] = as_type(tuple_at(bases, i))->mro;
    m.lists[n] = bases;
    value mro = run_merge(t, c, &m);
    mem_free(t, m.lists, bytes);
    return mro;
}

// ---- custom mro() ----

// The ancestor of c that last changed the layout: a static type with fields of its own, or a class with __slots__.
static struct type *solid(struct type *c) {
    for (; c->base; c = c->base) {
        if (c->flags & TYPE_HEAP ? c->fixed_slots > c->base->fixed_slots : c->basicsize > c->base->basicsize || c->itemsize != c->base->itemsize) return c;
    }
    return c;
}

static bool check_mro(struct thread *t, struct type *c, vref mro) {
    for (size_t i = 0; i < tuple_size(mro); i++) {
        vref k = tuple_at(mro, i);
        if (!is_type(k)) {
            raise(t, &exc_TypeError, "mro() returned a non-class ('%T')", k);
            return false;
        }
        if (!type_is_subtype(solid(c), solid(as_type(k)))) {
            raise(t, &exc_TypeError, "mro() returned base with unsuitable layout ('%s')", as_type(k)->name);
            return false;
        }
    }
    return true;
}

value type_call_mro(struct thread *t, struct type *c) {
    struct type *meta = type_of(type_ref(c));
    vref found = type_lookup(t, meta, NAME(mro));
    if (meta == &type_type || (found && borrow(found) == borrow(type_lookup(t, &type_type, NAME(mro))))) return type_compute_mro(t, c, c->bases);
    value f, mro = V_NULL;
    if (object_lookup_special(t, type_ref(c), NAME(mro), &f) <= 0) return V_NULL;
    value r = object_call0(t, f);
    release(t, f);
    if (r) mro = tuple_from_iterable(t, r);
    release_opt(t, r);
    if (mro && !check_mro(t, c, mro)) release_field(t, &mro);
    return mro;
}

// ---- layout ----

struct type *type_best_base(struct thread *t, vref bases) {
    struct type *base = NULL, *winner = NULL;
    for (size_t i = 0; i < tuple_size(bases); i++) {
        vref k = tuple_at(bases, i);
        if (!is_type(k)) {
            raise(t, &exc_TypeError, "bases must be types");
            return NULL;
        }
        if (!(as_type(k)->flags & TYPE_BASE)) {
            raise(t, &exc_TypeError, "type '%N' is not an acceptable base type", as_type(k));
            return NULL;
        }
        struct type *candidate = solid(as_type(k));
        if (!winner || (winner != candidate && type_is_subtype(candidate, winner))) {
            winner = candidate;
            base = as_type(k);
        } else if (!type_is_subtype(winner, candidate)) {
            raise(t, &exc_TypeError, "multiple bases have instance lay-out conflict");
            return NULL;
        }
    }
    return base;
}

struct type *type_best_meta(struct thread *t, struct type *meta, vref bases) {
    for (size_t i = 0; i < tuple_size(bases); i++) {
        struct type *k = type_of(tuple_at(bases, i));
        if (type_is_subtype(meta, k)) continue;
        if (!type_is_subtype(k, meta)) {
            raise(t, &exc_TypeError, "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases");
            return NULL;
        }
        meta = k;
    }
    return meta;
}
