// SPDX-License-Identifier: Apache-2.0
// __build_class__: from a class statement to a class. Leaves making the type to types/type_make.c.
#include "interp/modules/builtins.h"
#include "interp/types/names.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/vm/frame.h"

// bases with __mro_entries__ answered. returns new tuple; *changed tells whether __orig_bases__ is due.
static value resolve_bases(struct thread *t, const vref *bases, size_t n, bool *changed) {
    value original = tuple_from_array(t, bases, n), list = original ? list_new(t, n) : V_NULL;
    *changed = false;
    for (size_t k = 0; list && k < n; k++) {
        value entries;
        int found = is_type(bases[k]) ? 0 : object_lookup_attr(t, bases[k], NAME(__mro_entries__), &entries);
        bool ok = found >= 0;
        if (found > 0) {
            *changed = true;
            value r = object_call1(t, entries, original);
            release(t, entries);
            if (r && !is_tuple(r)) raise(t, &exc_TypeError, "__mro_entries__ must return a tuple");
            ok = r && is_tuple(r) && list_extend(t, list, r);
            release_opt(t, r);
        } else if (ok)
            ok = list_append(t, list, bases[k]);
        if (!ok) release_field(t, &list);
    }
    value tuple = list ? list_to_tuple(t, list) : V_NULL;
    release_opt(t, original);
    release_opt(t, list);
    return tuple;
}

// The most derived metaclass. returns borrowed from meta or a base; V_NULL: conflict.
static vref winner(struct thread *t, vref meta, vref bases) {
    if (!is_type(meta)) return meta; // any callable
    struct type *best = as_type(meta);
    for (size_t k = 0; k < tuple_size(bases); k++) {
        struct type *m = type_of(tuple_at(bases, k));
        if (type_is_subtype(best, m)) continue;
        if (!type_is_subtype(m, best))
            return raise(t, &exc_TypeError, "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases");
        best = m;
    }
    return type_ref(best);
}

value builtins_build_class(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    if (nargs < 2) return raise(t, &exc_TypeError, "__build_class__: not enough arguments");
    vref func = args[0], name = args[1];
    if (!has_shape(func, SHAPE_FUNC)) return raise(t, &exc_TypeError, "__build_class__: func must be a function");
    if (!is_str(name)) return raise(t, &exc_TypeError, "__build_class__: name is not a string");
    bool changed;
    value bases = resolve_bases(t, args + 2, nargs - 2, &changed), keywords = V_NULL, ns = V_NULL, meta = V_NULL, cls = V_NULL;
    if (!bases) return V_NULL;
    size_t nkw = kwnames ? tuple_size(kwnames) : 0;
    if (nkw && !(keywords = dict_new(t))) goto done;
    for (size_t k = 0; k < nkw; k++) {
        if (str_equal_cstr(tuple_at(kwnames, k), "metaclass")) meta = own(t, args[nargs + k]);
        else if (!dict_set(t, keywords, tuple_at(kwnames, k), args[nargs + k])) goto done;
    }
    if (!meta) meta = own(t, tuple_size(bases) ? type_ref(type_of(tuple_at(bases, 0))) : type_ref(&type_type));
    vref best = winner(t, meta, bases);
    if (!best) goto done;
    replace_field(t, &meta, own(t, best));

    value prepare;
    int found = object_lookup_attr(t, meta, NAME(__prepare__), &prepare);
    if (found < 0) goto done;
    if (found && meta != type_ref(&type_type)) {
        value pair = tuple_pack(t, 2, name, bases);
        ns = pair ? object_call_ex(t, prepare, pair, keywords) : V_NULL;
        release_opt(t, pair);
    } else
        ns = dict_new(t);
    if (found) release(t, prepare);
    if (!ns) goto done;
    if (!has_flag(ns, TYPE_DICT | TYPE_MAPPING) && !type_of(ns)->setitem) {
        raise(t, &exc_TypeError, "%s.__prepare__() must return a mapping, not %T", is_type(meta) ? as_type(meta)->name : "<metaclass>", ns);
        goto done;
    }
    value cell = vm_call_func(t, func, &ns, 1, V_NULL); // the body returns its __class__ cell, or None
    if (!cell) goto done;
    bool ok = true;
    if (changed) {
        value original = tuple_from_array(t, args + 2, nargs - 2);
        ok = original && object_setitem(t, ns, NAME(__orig_bases__), original) == 0;
        release_opt(t, original);
    }
    if (ok) {
        t->class_hint = as_func(func)->code->attr_hint;
        value triple = tuple_pack(t, 3, name, bases, ns);
        cls = triple ? object_call_ex(t, meta, triple, keywords) : V_NULL;
        t->class_hint = 0;
        release_opt(t, triple);
    }
    if (cls && is_type(cls) && has_shape(cell, SHAPE_CELLBOX)) {
        value in = slot_load(t, &((struct cellbox *)as_object(cell))->v);
        if (in == V_UNBOUND) {
            raise(t, &exc_RuntimeError, "__class__ not set defining %R as %R. Was __classcell__ propagated to type.__new__?", name, cls);
            release_field(t, &cls);
        } else {
            if ((in | 2) != (cls | 2)) {
                raise(t, &exc_TypeError, "__class__ set to %R defining %R as %R", in, name, cls);
                release_field(t, &cls);
            }
            release(t, in);
        }
    }
    release(t, cell);
done:
    release(t, bases);
    release_opt(t, keywords);
    release_opt(t, ns);
    release_opt(t, meta);
    return cls;
}
