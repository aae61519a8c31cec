// SPDX-License-Identifier: Apache-2.0
// Calling any object from C. Leaves Python functions to vm/call.c, builtin ones to native.c.
#include <stdarg.h>

#include "interp/types/attr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

bool object_is_callable(vref v) { return type_of(v)->call != NULL; }

value object_call(struct thread *t, vref f, const vref *args, size_t nargs, vref kwnames) {
    call_fn *call = type_of(f)->call;
    if (unlikely(!call)) return raise(t, &exc_TypeError, "'%T' object is not callable", f);
    if (!recursion_enter(t, " while calling a Python object")) return V_NULL;
    value r = call(t, f, args, nargs, kwnames);
    recursion_leave(t);
    return r;
}

value object_call2(struct thread *t, vref f, vref a, vref b) { return object_call(t, f, (const vref[]){a, b}, 2, V_NULL); }

// Owned keys and values of a dict, read once: names[] into a tuple, values behind the positional ones.
static value split_keywords(struct thread *t, vref kwargs, value *values, size_t n) {
    value names = tuple_new(t, n), key, v;
    size_t pos = 0, i = 0;
    if (!names) return V_NULL;
    for (; i < n && dict_next(t, kwargs, &pos, &key, &v); i++) {
        as_tuple(names)->at[i] = key;
        values[i] = v;
        if (is_str(key)) continue;
        raise(t, &exc_TypeError, "keywords must be strings");
        break;
    }
    if (i == n) return names;
    if (!raised(t)) raise(t, &exc_RuntimeError, "dictionary changed size during iteration");
    release(t, names);
    return V_NULL;
}

static value call_with_keywords(struct thread *t, vref f, vref args, vref kwargs) {
    size_t nargs = tuple_size(args), nkw = dict_count(kwargs), bytes = (nargs + nkw) * sizeof(value);
    value *argv = mem_calloc(t, bytes);
    if (!argv) return V_NULL;
    for (size_t i = 0; i < nargs; i++) argv[i] = borrow(tuple_at(args, i));
    struct held_words held;
    value names = split_keywords(t, kwargs, argv + nargs, nkw);
    hold_words(t, &held, argv + nargs, nkw);
    value r = names ? object_call(t, f, argv, nargs, names) : V_NULL;
    unhold_words(t, &held);
    for (size_t i = nargs; i < nargs + nkw; i++) release_opt(t, argv[i]);
    release_opt(t, names);
    mem_free(t, argv, bytes);
    return r;
}

value object_call_ex(struct thread *t, vref f, vref args, vref kwargs) {
    if (kwargs && dict_count(kwargs)) return call_with_keywords(t, f, args, kwargs);
    return object_call(t, f, as_tuple(args)->at, tuple_size(args), V_NULL);
}

value object_call_method(struct thread *t, vref o, vref name, const vref *args, size_t nargs) {
    value f;
    int unbound = object_get_method(t, o, name, &f);
    if (unbound < 0) return V_NULL;
    value r;
    if (!unbound) r = object_call(t, f, args, nargs, V_NULL);
    else if (nargs < 8) {
        vref all[8] = {borrow(o)};
        words_copy(all + 1, args, nargs);
        r = object_call(t, f, all, nargs + 1, V_NULL);
    } else {
        value bound = type_of(f)->descr_get(t, f, o, type_ref(type_of(o)));
        r = bound ? object_call(t, bound, args, nargs, V_NULL) : V_NULL;
        release_opt(t, bound);
    }
    release(t, f);
    return r;
}

value object_call_method_cstr(struct thread *t, vref o, const char *name, const vref *args, size_t nargs) {
    value s = str_from_cstr(t, name);
    value n = s ? str_intern(t, s) : V_NULL;
    value r = n ? object_call_method(t, o, n, args, nargs) : V_NULL;
    release_opt(t, n);
    return r;
}
