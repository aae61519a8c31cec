// SPDX-License-Identifier: Apache-2.0
// Opcodes that find classes and functions, and call them. Leaves what they may be to find_class of the program's own Unpickler.
#include "interp/modules/modules.h"
#include "interp/modules/pickle/pickle.h"
#include "interp/modules/sys/sys.h"
#include "interp/types/dict.h"
#include "interp/types/instance.h"
#include "interp/types/names.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/type.h"

// ---- finding ----

// Python 3's names for Python 2's. Both are owned, replaced by others.
static bool new_names(struct thread *t, value *module, value *name) {
    value key = tuple_pack(t, 2, *module, *name), found = key ? dict_get(t, pickle_thing(t, THING_NAMES_2TO3), key) : V_NULL;
    release_opt(t, key);
    if (found) {
        bool pair = is_tuple(found) && tuple_size(found) == 2 && is_str(tuple_at(found, 0)) && is_str(tuple_at(found, 1));
        if (!pair) raise(t, &exc_RuntimeError, "_compat_pickle.NAME_MAPPING values should be 2-tuples, not %T", found);
        else {
            replace_field(t, module, own(t, tuple_at(found, 0)));
            replace_field(t, name, own(t, tuple_at(found, 1)));
        }
        release(t, found);
        return pair;
    }
    if (raised(t)) return false;
    found = dict_get(t, pickle_thing(t, THING_IMPORTS_2TO3), *module);
    if (!found) return !raised(t);
    bool text = is_str(found);
    if (!text) raise(t, &exc_RuntimeError, "_compat_pickle.IMPORT_MAPPING values should be strings, not %T", found);
    replace_field(t, module, found);
    return text;
}
static value attribute(struct thread *t, vref module, vref name, bool dots) {
    value v, parent = V_NULL;
    if (!dots) {
        int found = object_lookup_attr(t, module, name, &v);
        if (found) return found > 0 ? v : V_NULL;
    } else {
        if (!pickle_refuse_locals(t, module, name)) return V_NULL;
        v = pickle_deep_attribute(t, module, name, &parent);
        release_opt(t, parent);
        if (v || raised(t)) return v;
    }
    return raise(t, &exc_AttributeError, "Can't get attribute %R on %R", name, module);
}
value load_find_class(struct thread *t, struct unpickler *u, vref module_name, vref class_name) {
    if (!sys_audit(t, "pickle.find_class", (vref[]){module_name, class_name}, 2)) return V_NULL;
    value module = own(t, module_name), name = own(t, class_name), m = V_NULL, v = V_NULL;
    bool ok = u->protocol >= 3 || !u->fix_imports || new_names(t, &module, &name);
    if (ok && (!is_str(module) || as_str(module)->length == 0)) ok = is_str(module) ? raise(t, &exc_ValueError, "Empty module name") : raise(t, &exc_TypeError, "module name must be a string");
    if (ok && (m = import_dotted(t, module))) v = attribute(t, m, name, u->protocol >= 4);
    release_opt(t, m);
    release(t, module);
    release(t, name);
    return v;
}
value load_class(struct thread *t, struct unpickler *u, vref module, vref name) {
    if (u->exact) return load_find_class(t, u, module, name);
    return object_call_method_cstr(t, borrowed_word(u), "find_class", (vref[]){module, name}, 2);
}
bool load_STACK_GLOBAL(struct thread *t, struct unpickler *u) {
    value name = u->n > u->fence ? stack_pop(t, u) : V_NULL, module = u->n > u->fence ? stack_pop(t, u) : V_NULL, v = V_NULL;
    if (!module || !(has_shape(name, SHAPE_STR) && has_shape(module, SHAPE_STR))) raise(t, &unpickling_error, "STACK_GLOBAL requires str");
    else v = load_class(t, u, module, name);
    release_opt(t, name);
    release_opt(t, module);
    return stack_push(t, u, v);
}

static value find_extension(struct thread *t, struct unpickler *u, vref key, int64_t code) {
    value pair = dict_get(t, pickle_thing(t, THING_INVERTED), key), v = V_NULL;
    if (!pair) return raised(t) ? V_NULL : raise(t, &exc_ValueError, "unregistered extension code %ld", code);
    bool fits = is_tuple(pair) && tuple_size(pair) == 2 && is_str(tuple_at(pair, 0)) && is_str(tuple_at(pair, 1));
    if (!fits) raise(t, &exc_ValueError, "_inverted_registry[%ld] isn't a 2-tuple of strings", code);
    else v = load_class(t, u, tuple_at(pair, 0), tuple_at(pair, 1));
    release(t, pair);
    if (v && !dict_set(t, pickle_thing(t, THING_CACHE), key, v)) release_field(t, &v);
    return v;
}
bool load_extension(struct thread *t, struct unpickler *u, int64_t code) {
    if (code <= 0) return raise(t, &unpickling_error, "EXT specifies code <= 0"), false;
    value key = from_int62(code), v = dict_get(t, pickle_thing(t, THING_CACHE), key);
    if (!v && !raised(t)) v = find_extension(t, u, key, code);
    return stack_push(t, u, v);
}

// ---- calling ----

static value call(struct thread *t, vref f, vref args) {
    if (!is_tuple(args)) return raise(t, &exc_TypeError, "argument list must be a tuple");
    return object_call(t, f, as_tuple(args)->at, tuple_size(args), V_NULL);
}
value load_instantiate(struct thread *t, vref cls, vref args) {
    if (tuple_size(args) == 0 && is_type(cls)) {
        value f;
        vref name = str_intern_cstr(t, "__getinitargs__");
        int found = name ? object_lookup_attr(t, cls, name, &f) : -1;
        if (found < 0) return V_NULL;
        if (!found) return object_call_method(t, cls, NAME(__new__), &cls, 1);
        release(t, f);
    }
    return call(t, cls, args);
}
bool load_OBJ(struct thread *t, struct unpickler *u) {
    size_t at;
    if (!stack_unmark(t, u, &at)) return false;
    if (u->n < at + 1) return stack_underflow(t, u), false;
    value args = stack_tuple(t, u, at + 1), cls = args ? stack_pop(t, u) : V_NULL;
    value v = cls ? load_instantiate(t, cls, args) : V_NULL;
    release_opt(t, args);
    release_opt(t, cls);
    return stack_push(t, u, v);
}
bool load_REDUCE(struct thread *t, struct unpickler *u) {
    value args = stack_pop(t, u), f = args ? stack_pop(t, u) : V_NULL;
    value v = f ? call(t, f, args) : V_NULL;
    release_opt(t, args);
    release_opt(t, f);
    return stack_push(t, u, v);
}

static value new_with(struct thread *t, vref cls, vref args, vref kwargs, const char *what) {
    if (!is_type(cls)) return raise(t, &unpickling_error, "%s class argument must be a type, not %T", what, cls);
    struct type *c = as_type(cls);
    if (!c->make || c->flags & TYPE_NO_NEW) return raise(t, &unpickling_error, "%s class argument '%s' doesn't have __new__", what, c->name);
    if (!is_tuple(args)) return raise(t, &unpickling_error, "%s args argument must be a tuple, not %T", what, args);
    if (kwargs && !is_dict(kwargs)) return raise(t, &unpickling_error, "%s kwargs argument must be a dict, not %T", what, kwargs);
    if (!kwargs && tuple_size(args) == 0 && type_plain_new(c)) return object_new_instance(t, c);
    if (!kwargs || dict_count(kwargs) == 0) return c->make(t, c, as_tuple(args)->at, tuple_size(args), V_NULL);
    value f = object_getattr(t, cls, NAME(__new__)), all = f ? tuple_new(t, tuple_size(args) + 1) : V_NULL, v = V_NULL;
    if (all) {
        as_tuple(all)->at[0] = own(t, cls);
        for (size_t i = 0; i < tuple_size(args); i++) as_tuple(all)->at[i + 1] = own(t, tuple_at(args, i));
        v = object_call_ex(t, f, all, kwargs);
    }
    release_opt(t, f);
    release_opt(t, all);
    return v;
}
bool load_NEWOBJ(struct thread *t, struct unpickler *u) {
    value args = stack_pop(t, u), cls = args ? stack_pop(t, u) : V_NULL;
    value v = cls ? new_with(t, cls, args, V_NULL, "NEWOBJ") : V_NULL;
    release_opt(t, args);
    release_opt(t, cls);
    return stack_push(t, u, v);
}
bool load_NEWOBJ_EX(struct thread *t, struct unpickler *u) {
    value kwargs = stack_pop(t, u), args = kwargs ? stack_pop(t, u) : V_NULL, cls = args ? stack_pop(t, u) : V_NULL;
    value v = cls ? new_with(t, cls, args, kwargs, "NEWOBJ_EX") : V_NULL;
    release_opt(t, kwargs);
    release_opt(t, args);
    release_opt(t, cls);
    return stack_push(t, u, v);
}
