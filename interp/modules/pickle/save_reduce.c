// SPDX-License-Identifier: Apache-2.0
// Writing whatever has no opcode of its own: reducers, __reduce_ex__, and the tuples they give. Leaves the everyday instance to save_instance.c.
#include "interp/modules/pickle/pickle.h"
#include "interp/types/dict.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"

struct reduced {
    vref callable, arguments, state, items, pairs, setter; // borrowed from the tuple; V_NULL: absent or None
};

// ---- checks ----

static bool is_iterator(vref v) { return type_of(v)->next != NULL; }
static bool unpack(struct thread *t, vref tuple, struct reduced *r) {
    size_t n = tuple_size(tuple);
    vref at[6] = {0};
    if (n < 2 || n > 6) return raise(t, &pickling_error, "tuple returned by __reduce__ must contain 2 through 6 elements"), false;
    for (size_t i = 0; i < n; i++) at[i] = i > 1 && is_none(tuple_at(tuple, i)) ? V_NULL : tuple_at(tuple, i);
    *r = (struct reduced){at[0], at[1], at[2], at[3], at[4], at[5]};
    if (!object_is_callable(r->callable)) raise(t, &pickling_error, "first item of the tuple returned by __reduce__ must be callable");
    else if (!is_tuple(r->arguments)) raise(t, &pickling_error, "second item of the tuple returned by __reduce__ must be a tuple");
    else if (r->items && !is_iterator(r->items)) raise(t, &pickling_error, "fourth element of the tuple returned by %s must be an iterator, not %T", "__reduce__", r->items);
    else if (r->pairs && !is_iterator(r->pairs)) raise(t, &pickling_error, "fifth element of the tuple returned by %s must be an iterator, not %T", "__reduce__", r->pairs);
    else if (r->setter && !object_is_callable(r->setter)) raise(t, &pickling_error, "sixth element of the tuple returned by %s must be a function, not %T", "__reduce__", r->setter);
    else return true;
    return false;
}

// ---- what makes the object ----

static value tail_of(struct thread *t, vref tuple, size_t from) { return tuple_from_array(t, as_tuple(tuple)->at + from, tuple_size(tuple) - from); }

// cls.__new__(cls, *args, **kwargs) before protocol 4: a call of partial(...).
static bool save_partial(struct thread *t, struct pickler *p, vref cls, vref args, vref kwargs) {
    value new_ = object_getattr(t, cls, NAME(__new__)), all = new_ ? tuple_new(t, tuple_size(args) + 2) : V_NULL;
    if (all) {
        as_tuple(all)->at[0] = own(t, new_), as_tuple(all)->at[1] = own(t, cls);
        for (size_t i = 0; i < tuple_size(args); i++) as_tuple(all)->at[i + 2] = own(t, tuple_at(args, i));
    }
    value callable = all ? object_call_ex(t, pickle_thing(t, THING_PARTIAL), all, kwargs) : V_NULL;
    bool ok = callable && save(t, p, callable) && save(t, p, tuple_empty) && out_byte(t, p, P_REDUCE);
    release_opt(t, new_);
    release_opt(t, all);
    release_opt(t, callable);
    return ok;
}
static bool save_new_ex(struct thread *t, struct pickler *p, vref arguments) {
    if (tuple_size(arguments) != 3) return raise(t, &pickling_error, "length of the NEWOBJ_EX argument tuple must be exactly 3, not %zu", tuple_size(arguments)), false;
    vref cls = tuple_at(arguments, 0), args = tuple_at(arguments, 1), kwargs = tuple_at(arguments, 2);
    if (!is_type(cls)) raise(t, &pickling_error, "first item from NEWOBJ_EX argument tuple must be a class, not %T", cls);
    else if (!is_tuple(args)) raise(t, &pickling_error, "second item from NEWOBJ_EX argument tuple must be a tuple, not %T", args);
    else if (!is_dict(kwargs)) raise(t, &pickling_error, "third item from NEWOBJ_EX argument tuple must be a dict, not %T", kwargs);
    else if (p->protocol < 4) return save_partial(t, p, cls, args, kwargs);
    else return save(t, p, cls) && save(t, p, args) && save(t, p, kwargs) && out_byte(t, p, P_NEWOBJ_EX);
    return false;
}
static bool class_fits(struct thread *t, vref v, vref cls) {
    value theirs;
    int found = object_lookup_attr(t, v, NAME(__class__), &theirs);
    if (found < 0) return false;
    bool same = is_same(found ? theirs : type_ref(type_of(v)), cls);
    if (found) release(t, theirs);
    if (!same) raise(t, &pickling_error, "args[0] from __newobj__ args has the wrong class");
    return same;
}
static bool save_new(struct thread *t, struct pickler *p, vref arguments, vref v) {
    if (tuple_size(arguments) < 1) return raise(t, &pickling_error, "__newobj__ arglist is empty"), false;
    vref cls = tuple_at(arguments, 0);
    if (!is_type(cls)) return raise(t, &pickling_error, "args[0] from __newobj__ args is not a type"), false;
    if (v && !class_fits(t, v, cls)) return false;
    if (!save(t, p, cls)) return false;
    value rest = tail_of(t, arguments, 1);
    bool ok = rest && save(t, p, rest) && out_byte(t, p, P_NEWOBJ);
    release_opt(t, rest);
    return ok;
}
enum maker { MAKER_CALL, MAKER_NEW, MAKER_NEW_EX, MAKER_ERROR };
static enum maker maker_of(struct thread *t, const struct pickler *p, vref callable) {
    value name;
    if (p->protocol < 2) return MAKER_CALL;
    int found = object_lookup_attr(t, callable, NAME(__name__), &name);
    if (found <= 0) return found ? MAKER_ERROR : MAKER_CALL;
    enum maker m = MAKER_CALL;
    if (is_str(name)) m = str_equal(name, NAME(__newobj_ex__)) ? MAKER_NEW_EX : str_equal(name, NAME(__newobj__)) ? MAKER_NEW : MAKER_CALL;
    release(t, name);
    return m;
}
static bool save_maker(struct thread *t, struct pickler *p, const struct reduced *r, vref v) {
    switch (maker_of(t, p, r->callable)) {
    case MAKER_CALL: return save(t, p, r->callable) && save(t, p, r->arguments) && out_byte(t, p, P_REDUCE);
    case MAKER_NEW: return save_new(t, p, r->arguments, v);
    case MAKER_NEW_EX: return save_new_ex(t, p, r->arguments);
    case MAKER_ERROR: return false;
    }
    return false;
}

// ---- the whole ----

static bool save_state(struct thread *t, struct pickler *p, const struct reduced *r, vref v) {
    if (!r->setter) return save(t, p, r->state) && out_byte(t, p, P_BUILD);
    return save(t, p, r->setter) && save(t, p, v) && save(t, p, r->state) && out_byte(t, p, P_TUPLE2) && out_byte(t, p, P_REDUCE) && out_byte(t, p, P_POP);
}
bool save_reduce(struct thread *t, struct pickler *p, vref reduced, vref v) {
    struct reduced r;
    if (!unpack(t, reduced, &r) || !save_maker(t, p, &r, v)) return false;
    if (v) {
        int64_t id = memo_find(&p->memo, v); // its arguments led to it
        if (id >= 0) return out_byte(t, p, P_POP) && save_fetch(t, p, id);
        if (!save_memoize(t, p, v)) return false;
    }
    return (!r.items || save_items(t, p, r.items)) && (!r.pairs || save_pairs(t, p, r.pairs)) && (!r.state || save_state(t, p, &r, v));
}
bool save_call(struct thread *t, struct pickler *p, vref callable, value arguments, vref v) {
    value r = tuple_pack(t, 2, callable, arguments);
    bool ok = r && save_reduce(t, p, r, v);
    release_opt(t, r);
    release(t, arguments);
    return ok;
}

// ---- reducers ----

// The reducer for v's class: 1 found (*f new), 0 none, -1 exception.
static int find_reducer(struct thread *t, struct pickler *p, vref v, value *f) {
    vref cls = type_ref(type_of(v));
    vref table = p->reducers ? p->reducers : pickle_thing(t, THING_DISPATCH);
    if (has_shape(table, SHAPE_DICT)) {
        *f = dict_get(t, table, cls);
        return *f ? 1 : raised(t) ? -1 : 0;
    }
    value held = own(t, table);
    *f = object_getitem(t, held, cls);
    release(t, held);
    if (*f) return 1;
    if (!raised_is(t, &exc_KeyError) && !raised_is(t, &exc_LookupError)) return -1;
    raised_clear(t);
    return 0;
}
static value reduce_by_method(struct thread *t, struct pickler *p, vref v) {
    value f, r;
    int found = object_lookup_attr(t, v, NAME(__reduce_ex__), &f);
    bool ex = found > 0;
    if (!found) found = object_lookup_attr(t, v, NAME(__reduce__), &f);
    if (found < 0) return V_NULL;
    if (!found) return raise(t, &pickling_error, "can't pickle '%T' object: %R", v, v);
    r = ex ? object_call1(t, f, from_int62(p->protocol)) : object_call0(t, f);
    release(t, f);
    return r;
}
static bool save_reduced(struct thread *t, struct pickler *p, value r, vref v) { // takes r
    bool ok;
    if (!r) return false;
    if (is_str(r)) ok = save_global(t, p, v, r);
    else if (!is_tuple(r)) ok = raise(t, &pickling_error, "__reduce__ must return a string or tuple");
    else ok = save_reduce(t, p, r, v);
    release(t, r);
    return ok;
}
bool save_other(struct thread *t, struct pickler *p, vref v) {
    if (p->running_override) {
        value r = object_call1(t, p->running_override, v);
        if (r != V_NOTIMPL) return save_reduced(t, p, r, v);
    } else {
        int done = save_instance(t, p, v);
        if (done) return done > 0;
    }
    if (type_of(v) == &type_type) return save_type(t, p, v);
    if (type_of(v) == &type_func) return save_global(t, p, v, V_NULL);
    value f;
    int found = find_reducer(t, p, v, &f);
    if (found < 0) return false;
    if (found) {
        value r = object_call1(t, f, v);
        release(t, f);
        return save_reduced(t, p, r, v);
    }
    if (is_type(v)) return save_global(t, p, v, V_NULL);
    return save_reduced(t, p, reduce_by_method(t, p, v), v);
}
