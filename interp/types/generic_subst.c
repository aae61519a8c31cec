// SPDX-License-Identifier: Apache-2.0
// Type variables inside generic aliases and unions: finding them, replacing them, writing an argument's name. Leaves the variables to typing.
#include "interp/types/attr.h"
#include "interp/types/exc.h"
#include "interp/types/generic.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

static int lookup(struct thread *t, vref o, const char *name, value *out) {
    vref n = str_intern_cstr(t, name);
    return n ? object_lookup_attr(t, o, n, out) : -1;
}

static bool add_once(struct thread *t, value list, vref v) {
    int there = object_contains(t, list, v);
    return there > 0 || (there == 0 && list_append(t, list, v));
}

static bool add_parameters(struct thread *t, value list, vref arg) {
    value v;
    if (is_type(arg)) return true;
    int found = lookup(t, arg, "__typing_subst__", &v);
    if (found < 0) return false;
    if (found) {
        release(t, v);
        return add_once(t, list, arg);
    }
    found = object_lookup_attr(t, arg, NAME(__parameters__), &v);
    if (found <= 0) return found == 0;
    bool ok = true;
    for (size_t i = 0; ok && is_tuple(v) && i < tuple_size(v); i++) ok = add_once(t, list, tuple_at(v, i));
    release(t, v);
    return ok;
}

value generic_parameters(struct thread *t, vref args) {
    value list = list_new(t, 0);
    for (size_t i = 0; list && i < tuple_size(args); i++)
        if (!add_parameters(t, list, tuple_at(args, i))) release_field(t, &list);
    value r = list ? list_to_tuple(t, list) : V_NULL;
    release_opt(t, list);
    return r;
}

// ---- substitution ----

// The items as a tuple, *tuple[...] among them spread out.
static value spread_items(struct thread *t, vref item) {
    value list = list_new(t, 0);
    size_t n = is_tuple(item) ? tuple_size(item) : 1;
    for (size_t i = 0; list && i < n; i++) {
        vref x = is_tuple(item) ? tuple_at(item, i) : item;
        value inner = V_NULL;
        int found = is_type(x) ? 0 : lookup(t, x, "__typing_unpacked_tuple_args__", &inner);
        bool spread = found > 0 && is_tuple(inner) && !(tuple_size(inner) && tuple_at(inner, tuple_size(inner) - 1) == V_ELLIPSIS);
        bool ok = found >= 0 && (spread ? list_extend(t, list, inner) : list_append(t, list, x));
        release_opt(t, inner);
        if (!ok) release_field(t, &list);
    }
    value r = list ? list_to_tuple(t, list) : V_NULL;
    release_opt(t, list);
    return r;
}

// Lets each variable have its say on the items (TypeVarTuple, ParamSpec). takes items, returns new.
static value prepare_items(struct thread *t, vref self, vref parameters, value items) {
    for (size_t i = 0; items && i < tuple_size(parameters); i++) {
        value prepare;
        int found = lookup(t, tuple_at(parameters, i), "__typing_prepare_subst__", &prepare);
        if (found < 0) release_field(t, &items);
        if (found <= 0 || is_none(prepare)) continue;
        value changed = object_call2(t, prepare, self, items);
        release(t, prepare);
        release(t, items);
        items = changed;
        if (items && !is_tuple(items)) {
            value tuple = tuple_pack(t, 1, items);
            release(t, items);
            items = tuple;
        }
    }
    return items;
}

static size_t index_of(vref tuple, vref v) {
    size_t i = 0;
    while (i < tuple_size(tuple) && borrow(tuple_at(tuple, i)) != borrow(v)) i++;
    return i;
}

// arg[...] with what stands for its own variables.
static value substitute_inside(struct thread *t, vref arg, vref parameters, vref items) {
    value own_parameters;
    int found = is_type(arg) ? 0 : object_lookup_attr(t, arg, NAME(__parameters__), &own_parameters);
    if (found <= 0) return found ? V_NULL : own(t, arg);
    value list = is_tuple(own_parameters) && tuple_size(own_parameters) ? list_new(t, 0) : V_NULL;
    bool ok = true;
    for (size_t i = 0; list && ok && i < tuple_size(own_parameters); i++) {
        size_t at = index_of(parameters, tuple_at(own_parameters, i));
        vref v = at < tuple_size(items) ? tuple_at(items, at) : tuple_at(own_parameters, i);
        bool spread = is_tuple(v) && at < tuple_size(items); // what a TypeVarTuple stands for
        ok = spread ? list_extend(t, list, v) : list_append(t, list, v);
    }
    value key = list && ok ? list_to_tuple(t, list) : V_NULL;
    value r = key ? object_getitem(t, arg, key) : raised(t) ? V_NULL : own(t, arg);
    release_opt(t, key);
    release_opt(t, list);
    release(t, own_parameters);
    return r;
}

static bool substitute_one(struct thread *t, value list, vref arg, vref parameters, vref items) {
    value subst = V_NULL, v, unpack = V_NULL;
    int found = is_type(arg) ? 0 : lookup(t, arg, "__typing_subst__", &subst);
    if (found < 0) return false;
    if (found) {
        v = object_call1(t, subst, tuple_at(items, index_of(parameters, arg)));
        release(t, subst);
    } else
        v = substitute_inside(t, arg, parameters, items);
    if (!v) return false;
    int many = is_tuple(v) && !is_type(arg) ? lookup(t, arg, "__typing_is_unpacked_typevartuple__", &unpack) : 0;
    bool spread = many > 0 && object_truth(t, unpack) > 0;
    release_opt(t, unpack);
    bool ok = many >= 0 && (spread ? list_extend(t, list, v) : list_append(t, list, v));
    release(t, v);
    return ok;
}

value generic_substitute(struct thread *t, vref self, vref args, vref parameters, vref item) {
    size_t want = tuple_size(parameters);
    if (want == 0) return raise(t, &exc_TypeError, "%R is not a generic class", self);
    value items = spread_items(t, item);
    if (items) items = prepare_items(t, self, parameters, items);
    if (!items) return V_NULL;
    value list = V_NULL;
    if (tuple_size(items) != want)
        raise(t, &exc_TypeError, "Too %s arguments for %R; actual %zu, expected %zu", tuple_size(items) > want ? "many" : "few", self, tuple_size(items), want);
    else list = list_new(t, 0);
    for (size_t i = 0; list && i < tuple_size(args); i++)
        if (!substitute_one(t, list, tuple_at(args, i), parameters, items)) release_field(t, &list);
    value r = list ? list_to_tuple(t, list) : V_NULL;
    release_opt(t, list);
    release(t, items);
    return r;
}

// ---- names ----

static value named_text(struct thread *t, vref v) {
    value qualname, module;
    if (object_lookup_attr(t, v, NAME(__qualname__), &qualname) <= 0) return V_NULL;
    if (object_lookup_attr(t, v, NAME(__module__), &module) <= 0) {
        release(t, qualname);
        return V_NULL;
    }
    value r = V_NULL;
    if (!is_none(module)) r = is_str(module) && str_equal_cstr(module, "builtins") ? object_str(t, qualname) : str_format(t, "%S.%S", module, qualname);
    release(t, qualname);
    release(t, module);
    return r;
}

bool generic_repr_item(struct thread *t, vref v, value *text) {
    value origin = V_NULL, args = V_NULL;
    *text = V_NULL;
    if (v == V_ELLIPSIS) return (*text = str_from_cstr(t, "...")) != V_NULL;
    bool generic = object_lookup_attr(t, v, NAME(__origin__), &origin) > 0 && object_lookup_attr(t, v, NAME(__args__), &args) > 0;
    release_opt(t, origin);
    release_opt(t, args);
    if (raised(t)) return false;
    if (!generic) *text = named_text(t, v);
    if (!*text && !raised(t)) *text = object_repr(t, v);
    return *text != V_NULL;
}
