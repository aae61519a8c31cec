// SPDX-License-Identifier: Apache-2.0
// The module _weakref. Leaves the types to types/weakref.c and weakref_proxy.c.
#include "interp/types/weakref.h"
#include "interp/modules/modules.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"

static value count(struct thread *t, const vref *a) { return is_pointer(a[0]) ? int_from_u64(t, weak_count(as_object(a[0]))) : from_int62(0); }

static value list(struct thread *t, const vref *a) {
    size_t n = is_pointer(a[0]) ? weak_count(as_object(a[0])) : 0;
    if (n == 0) return list_new(t, 0);
    value *refs = mem_alloc(t, n * sizeof(value));
    if (!refs) return V_NULL;
    value r = list_take_array(t, refs, weak_list(t, as_object(a[0]), refs, n));
    mem_free(t, refs, n * sizeof(value));
    return r;
}

static value proxy(struct thread *t, const vref *a) {
    struct type *cls = object_is_callable(a[0]) ? &type_weak_callable_proxy : &type_weak_proxy;
    return weakref_new(t, cls, a[0], a[1] && !is_none(a[1]) ? a[1] : V_NULL);
}

// Removes dct[key] if what stands there is a dead reference.
static value remove_dead(struct thread *t, const vref *a) {
    if (!is_dict(a[0])) return raise(t, &exc_TypeError, "_remove_dead_weakref() argument 1 must be dict, not %T", a[0]);
    value v = dict_get(t, a[0], a[1]);
    if (!v) return raised(t) ? V_NULL : V_NONE;
    if (!is_weakref(v)) {
        release(t, v);
        return raise(t, &exc_TypeError, "not a weakref");
    }
    value target = weak_get(t, (struct weakref *)as_object(v));
    release(t, v);
    if (target) release(t, target);
    else if (dict_del(t, a[0], a[1]) < 0) return V_NULL;
    return V_NONE;
}

static const struct native functions[] = {
    {"getweakrefcount", NATIVE_FUNCTION, "($module, object, /)", .fn = count, .doc = "Return how many weak references to object there are, proxies included."},
    {"getweakrefs", NATIVE_FUNCTION, "($module, object, /)", .fn = list, .doc = "Return the weak references to object, proxies included."},
    {"proxy", NATIVE_FUNCTION, "($module, object, callback=None, /)", .fn = proxy,
     .doc = "Return an object that passes all on to object and raises ReferenceError once it is gone.\n\ncallback(proxy) is called when it goes."},
    {"_remove_dead_weakref", NATIVE_FUNCTION, "($module, dct, key, /)", .fn = remove_dead,
     .doc = "Delete dct[key] if it is a weak reference to something gone, in one step."},
};

value weakref_make(struct thread *t) {
    value m = module_from_natives(t, "_weakref", "Weak-reference support module.", functions, sizeof functions / sizeof *functions);
    if (!m) return V_NULL;
    bool ok = module_set(t, m, "ref", type_ref(&type_weakref)) && module_set(t, m, "ReferenceType", type_ref(&type_weakref)) &&
              module_set(t, m, "ProxyType", type_ref(&type_weak_proxy)) && module_set(t, m, "CallableProxyType", type_ref(&type_weak_callable_proxy));
    return ok ? m : V_NULL;
}
