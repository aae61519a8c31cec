// SPDX-License-Identifier: Apache-2.0
// Writing classes and functions: by module and name, or by a registered code. Leaves finding them again to load_class.c.
#include "interp/modules/modules.h"
#include "interp/modules/pickle/pickle.h"
#include "interp/types/attr.h"
#include "interp/types/dict.h"
#include "interp/types/names.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str/text.h"

// ---- names with dots ----

static vref dot(struct thread *t) { return str_intern_cstr(t, "."); }

bool pickle_refuse_locals(struct thread *t, vref object, vref name) {
    value part = str_from_cstr(t, "<locals>");
    if (!part) return false;
    bool found = false;
    for (int64_t at = 0; !found && (at = str_find(name, part, at, INT64_MAX, false)) >= 0; at++) {
        size_t end = (size_t)at + as_str(part)->length;
        found = (at == 0 || str_at(as_str(name), (size_t)at - 1) == '.') && (end == as_str(name)->length || str_at(as_str(name), end) == '.');
    }
    release(t, part);
    if (!found) return true;
    if (object) raise(t, &exc_AttributeError, "Can't pickle local attribute %R on %R", name, object);
    else raise(t, &exc_AttributeError, "Can't pickle local object %R", name);
    return false;
}
value pickle_deep_attribute(struct thread *t, vref object, vref name, value *parent) {
    value at = own(t, object), next;
    *parent = V_NULL;
    for (int64_t from = 0, to; from >= 0; from = to < 0 ? -1 : to + 1) {
        to = str_find(name, dot(t), from, INT64_MAX, false);
        bool whole = from == 0 && to < 0;
        value part = whole ? own(t, name) : str_substring(t, name, from, to < 0 ? INT64_MAX : to);
        int found = part ? object_lookup_attr(t, at, part, &next) : -1;
        release_opt(t, part);
        release_opt(t, *parent);
        *parent = at;
        if (found <= 0) return release_field(t, parent), V_NULL; // without an exception: not there
        at = next;
    }
    return at;
}
static bool has_dot(struct thread *t, vref name) { return str_find(name, dot(t), 0, INT64_MAX, false) >= 0; }
// What stands behind the last dot. returns new.
static value last_part(struct thread *t, vref name) {
    int64_t at = str_find(name, dot(t), 0, INT64_MAX, true);
    return at < 0 ? own(t, name) : str_substring(t, name, at + 1, INT64_MAX);
}

// ---- which module ----

// 1: that module has v under the name, 0 not, -1 exception.
static int module_has(struct thread *t, vref module_name, vref module, vref v, vref name) {
    value parent;
    if (is_none(module) || (is_str(module_name) && (str_equal_cstr(module_name, "__main__") || str_equal_cstr(module_name, "__mp_main__")))) return 0;
    value found = pickle_deep_attribute(t, module, name, &parent);
    bool same = found && is_same(found, v);
    release_opt(t, found);
    release_opt(t, parent);
    return raised(t) ? -1 : same;
}
// No __module__: the first module that has it under its name.
static value search_modules(struct thread *t, vref v, vref name) {
    if (!is_dict(t->interp->modules)) return raise(t, &exc_RuntimeError, "unable to get sys.modules");
    value modules = dict_copy(t, t->interp->modules), key, module;
    int found = modules ? 0 : -1;
    value r = V_NULL;
    for (size_t pos = 0; !found && dict_next(t, modules, &pos, &key, &module);) {
        found = module_has(t, key, module, v, name);
        if (found > 0) r = own(t, key);
        release(t, key);
        release(t, module);
    }
    release_opt(t, modules);
    return found ? r : str_from_cstr(t, "__main__");
}
// The module's name as the object that others find it to be: what is the same object is written once only. Types that are built in have the interned one, functions that are
// built in another, the types of operator and functools each their own.
static value as_known(struct thread *t, vref v, value name) { // takes name
    bool native = is_type(v) && !(as_type(v)->flags & TYPE_HEAP);
    if (has_shape(v, SHAPE_NATIVE) && str_equal_cstr(name, "builtins")) {
        release(t, name);
        return own(t, pickle_thing(t, THING_BUILTINS));
    }
    if (!native) return name;
    if (!str_equal_cstr(name, "operator") && !str_equal_cstr(name, "functools")) return str_intern(t, name);
    value own_one = str_from_latin1(t, as_str(name)->data, as_str(name)->length);
    release(t, name);
    return own_one;
}
static value module_of(struct thread *t, vref v, vref name) {
    value m;
    int found = object_lookup_attr(t, v, NAME(__module__), &m);
    if (found < 0) return V_NULL;
    if (found && !is_none(m)) return has_shape(m, SHAPE_STR) ? as_known(t, v, m) : m;
    if (found) release(t, m);
    return search_modules(t, v, name);
}

// ---- writing ----

// 1 written as an extension's code, 0 it has none, -1 exception.
static int save_extension(struct thread *t, struct pickler *p, vref v, vref module, vref name) {
    value key = tuple_pack(t, 2, module, name);
    value code = key ? dict_get(t, pickle_thing(t, THING_REGISTRY), key) : V_NULL;
    release_opt(t, key);
    if (!code) return raised(t) ? -1 : 0;
    int64_t i = 0;
    bool ok = is_int(code), fits = ok && int_as_i64_overflow(code, &i) == 0 && i > 0 && i <= INT32_MAX;
    if (!ok) raise(t, &pickling_error, "Can't pickle %R: extension code %R isn't an integer", v, code);
    else if (!fits) raise(t, &pickling_error, "Can't pickle %R: extension code %R is out of range", v, code);
    release(t, code);
    if (!fits) return -1;
    uint8_t b[5] = {i <= 0xff ? P_EXT1 : i <= 0xffff ? P_EXT2 : P_EXT4, (uint8_t)i, (uint8_t)(i >> 8), (uint8_t)(i >> 16), (uint8_t)(i >> 24)};
    return out_bytes(t, p, b, i <= 0xff ? 2 : i <= 0xffff ? 3 : 5) ? 1 : -1;
}
static value mapped(struct thread *t, enum pickle_thing table, vref key) {
    value found = dict_get(t, pickle_thing(t, table), key);
    return found || raised(t) ? found : V_NULL;
}
// Python 2's names for Python 3's. Both are owned, replaced by others.
static bool old_names(struct thread *t, value *module, value *name) {
    value key = tuple_pack(t, 2, *module, *name), found = key ? mapped(t, THING_NAMES_3TO2, key) : V_NULL;
    release_opt(t, key);
    if (found) {
        bool pair = is_tuple(found) && tuple_size(found) == 2 && is_str(tuple_at(found, 0)) && is_str(tuple_at(found, 1));
        if (!pair) raise(t, &exc_RuntimeError, "_compat_pickle.REVERSE_NAME_MAPPING values should be 2-tuples, not %T", found);
        else {
            replace_field(t, module, own(t, tuple_at(found, 0)));
            replace_field(t, name, own(t, tuple_at(found, 1)));
        }
        release(t, found);
        return pair;
    }
    if (raised(t)) return false;
    found = mapped(t, THING_IMPORTS_3TO2, *module);
    if (!found) return !raised(t);
    if (!is_str(found)) {
        raise(t, &exc_RuntimeError, "_compat_pickle.REVERSE_IMPORT_MAPPING values should be strings, not %T", found);
        return release(t, found), false;
    }
    replace_field(t, module, found);
    return true;
}
static bool save_identifier(struct thread *t, struct pickler *p, vref name, const char *what) {
    size_t n;
    const char *text = is_str(name) ? str_utf8(t, name, &n) : NULL;
    if (text && (p->protocol >= 3 || str_is_ascii(as_str(name)))) return out_bytes(t, p, text, n) && out_byte(t, p, '\n');
    if (text) raise(t, &pickling_error, "can't pickle %s identifier '%S' using pickle protocol %d", what, name, (int)p->protocol);
    else if (raised_is(t, &exc_UnicodeEncodeError)) {
        raised_clear(t);
        raise(t, &pickling_error, "can't pickle %s identifier '%A' using pickle protocol %d", what, name, (int)p->protocol);
    } else if (!raised(t)) raise(t, &exc_TypeError, "%s identifier must be str, not %T", what, name);
    return false;
}
static bool save_global_lines(struct thread *t, struct pickler *p, vref module, vref name) {
    value m = own(t, module), n = own(t, name);
    bool ok = (!p->fix_imports || p->protocol >= 3 || old_names(t, &m, &n)) && out_byte(t, p, P_GLOBAL) && save_identifier(t, p, m, "module") &&
              save_identifier(t, p, n, "global");
    release(t, m);
    release(t, n);
    return ok;
}
// The name is known to lead to v; parent is what has it at the end.
static bool save_found(struct thread *t, struct pickler *p, vref v, vref module, vref module_name, vref name, vref parent) {
    if (p->protocol >= 2) {
        int done = save_extension(t, p, v, module_name, name);
        if (done) return done > 0;
    }
    bool direct = is_same(parent, module), ok;
    value last = last_part(t, name), arguments = V_NULL;
    if (!last) return false;
    if (p->protocol >= 4) ok = save(t, p, module_name) && save(t, p, direct ? last : name) && out_byte(t, p, P_STACK_GLOBAL);
    else if (direct) ok = save_global_lines(t, p, module_name, last);
    else ok = (arguments = tuple_pack(t, 2, parent, last)) && save_call(t, p, pickle_thing(t, THING_GETATTR), arguments, V_NULL);
    release(t, last);
    return ok && save_memoize(t, p, v);
}
static bool check_found(struct thread *t, vref v, vref module_name, vref name, vref found) {
    if (!found) {
        if (raised(t)) raised_clear(t);
        raise(t, &pickling_error, "Can't pickle %R: attribute lookup %S on %S failed", v, name, module_name);
    } else if (!is_same(found, v)) raise(t, &pickling_error, "Can't pickle %R: it's not the same object as %S.%S", v, module_name, name);
    else return true;
    return false;
}
static value import_named(struct thread *t, vref v, vref module_name) {
    value m = is_str(module_name) ? import_dotted(t, module_name) : raise(t, &exc_TypeError, "module name must be a string");
    if (m) return m;
    if (!raised_is(t, &exc_Exception)) return V_NULL;
    raised_clear(t);
    return raise(t, &pickling_error, "Can't pickle %R: import of module %R failed", v, module_name);
}
static value name_of(struct thread *t, vref v) {
    value name;
    int found = object_lookup_attr(t, v, NAME(__qualname__), &name);
    if (!found) return object_getattr(t, v, NAME(__name__));
    return found > 0 ? name : V_NULL;
}
bool save_global(struct thread *t, struct pickler *p, vref v, vref given) {
    value name = given ? own(t, given) : name_of(t, v), module_name = V_NULL, module = V_NULL, found = V_NULL, parent = V_NULL;
    bool ok = name != V_NULL;
    if (ok && !is_str(name)) ok = raise(t, &exc_TypeError, "the name of %R must be a string, not %T", v, name);
    ok = ok && (!has_dot(t, name) || pickle_refuse_locals(t, V_NULL, name)) && (module_name = module_of(t, v, name)) && (module = import_named(t, v, module_name));
    if (ok) {
        found = pickle_deep_attribute(t, module, name, &parent);
        ok = check_found(t, v, module_name, name, found) && save_found(t, p, v, module, module_name, name, parent);
    }
    release_opt(t, name);
    release_opt(t, module_name);
    release_opt(t, module);
    release_opt(t, found);
    release_opt(t, parent);
    return ok;
}
bool save_type(struct thread *t, struct pickler *p, vref v) {
    const struct type *c = as_type(v);
    vref only = c == &type_none ? V_NONE : c == &type_ellipsis ? V_ELLIPSIS : c == &type_notimpl ? V_NOTIMPL : V_NULL;
    if (!only) return save_global(t, p, v, V_NULL);
    value arguments = tuple_pack(t, 1, only);
    return arguments && save_call(t, p, type_ref(&type_type), arguments, v);
}
