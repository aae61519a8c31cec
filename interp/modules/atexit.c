// SPDX-License-Identifier: Apache-2.0
// atexit: functions to be called at the end, the last registered first. Leaves calling _run_exitfuncs to runtime.c.
#include "interp/modules/modules.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/finalize.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"

// The callbacks of the interpreter: a list of (function, args, kwargs or None). borrowed while it runs; V_NULL: MemoryError.
static vref callbacks(struct thread *t) {
    value *at = &t->interp->finalizing, list = __atomic_load_n(at, __ATOMIC_ACQUIRE), none = V_NULL;
    if (list || !(list = list_new(t, 0))) return list;
    if (__atomic_compare_exchange_n(at, &none, list, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return list;
    release(t, list); // another thread was first
    return none;
}

static value do_register(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    if (!nargs) return raise(t, &exc_TypeError, "register() takes at least 1 argument (0 given)");
    if (!object_is_callable(args[0])) return raise(t, &exc_TypeError, "the first argument must be callable");
    size_t nkw = kwnames ? tuple_size(kwnames) : 0;
    value positional = tuple_from_array(t, args + 1, nargs - 1), kw = nkw ? dict_new(t) : V_NONE;
    bool ok = positional && kw;
    for (size_t i = 0; ok && i < nkw; i++) ok = dict_set(t, kw, tuple_at(kwnames, i), args[nargs + i]);
    value row = ok ? tuple_pack(t, 3, args[0], positional, kw) : V_NULL;
    ok = row && callbacks(t) && list_append(t, callbacks(t), row);
    release_opt(t, row);
    release_opt(t, positional);
    release_opt(t, kw);
    return ok ? own(t, args[0]) : V_NULL;
}
static value pop_last(struct thread *t) { // V_NULL without exception: none left
    vref list = callbacks(t);
    if (!list || !list_size(list)) return V_NULL;
    return object_call_method_cstr(t, list, "pop", NULL, 0);
}
static value run(struct thread *t, const vref *a) {
    (void)a;
    for (value row; (row = pop_last(t)) != V_NULL;) {
        value r = object_call_ex(t, tuple_at(row, 0), tuple_at(row, 1), tuple_at(row, 2) == V_NONE ? V_NULL : tuple_at(row, 2));
        if (r) release(t, r);
        else raise_unraisable(t, "Exception ignored in atexit callback", tuple_at(row, 0));
        release(t, row);
    }
    return raised(t) ? V_NULL : V_NONE;
}
static value clear(struct thread *t, const vref *a) {
    (void)a;
    return callbacks(t) ? object_call_method_cstr(t, callbacks(t), "clear", NULL, 0) : V_NULL;
}
static value unregister(struct thread *t, const vref *a) {
    vref list = callbacks(t);
    if (!list) return V_NULL;
    for (int64_t i = (int64_t)list_size(list) - 1; i >= 0; i--) {
        value row = list_get_or_null(t, list, (size_t)i);
        if (!row) continue;
        int same = object_compare_bool(t, tuple_at(row, 0), a[0], CMP_EQ);
        release(t, row);
        if (same < 0 || (same && object_setitem(t, list, from_int62(i), V_NULL) < 0 && !raised_is(t, &exc_IndexError))) return V_NULL;
        if (raised(t)) raised_clear(t);
    }
    return V_NONE;
}
static value count(struct thread *t, const vref *a) {
    (void)a;
    return callbacks(t) ? from_int62((int64_t)list_size(callbacks(t))) : V_NULL;
}

static const struct native functions[] = {
    {.name = "register", .kind = NATIVE_FUNCTION, .sig = "($module, func, /, *args, **kwargs)", .raw = do_register,
     .doc = "Call func(*args, **kwargs) when the interpreter ends; the last to register runs first.\n\nReturns func, so that it works as a decorator."},
    {.name = "_clear", .kind = NATIVE_FUNCTION, .sig = "($module, /)", .fn = clear, .doc = "Forget all registered functions."},
    {.name = "unregister", .kind = NATIVE_FUNCTION, .sig = "($module, func, /)", .fn = unregister,
     .doc = "Forget each registration of a function equal to func; none is no error."},
    {.name = "_run_exitfuncs", .kind = NATIVE_FUNCTION, .sig = "($module, /)", .fn = run,
     .doc = "Call and forget the registered functions now.\n\nWhat one raises goes to sys.unraisablehook and the rest still run."},
    {.name = "_ncallbacks", .kind = NATIVE_FUNCTION, .sig = "($module, /)", .fn = count, .doc = "Return how many functions are registered."},
};
value atexit_make(struct thread *t) {
    return module_from_natives(t, "atexit", "Functions to call when the interpreter ends.",
                               functions, sizeof functions / sizeof *functions);
}
