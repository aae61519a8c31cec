// SPDX-License-Identifier: Apache-2.0
// The rare instructions: making functions, unpacking, formatting, import, with, match, class building. Leaves hot work to the loop.
#include "interp/vm/vm.h"
#include "interp/types/names.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/words.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

value vm_make_function(struct thread *t, value *R, struct code *code, unsigned flags, const value *operands) {
    struct func *outer = as_func(R[-4]);
    value w = func_new(t, code, outer->globals, V_NULL);
    if (!w) return V_NULL;
    struct func *f = as_func(w);
    if (flags & 1) replace_field(t, &f->defaults, own(t, *operands++));
    if (flags & 2) replace_field(t, &f->kwdefaults, own(t, *operands++));
    if (flags & 4) {
        vref pairs = *operands++;
        value dict = dict_new(t);
        for (size_t k = 0; dict && k + 1 < tuple_size(pairs); k += 2)
            if (!dict_set(t, dict, tuple_at(pairs, k), tuple_at(pairs, k + 1))) release_field(t, &dict);
        if (!dict) {
            release(t, w);
            return V_NULL;
        }
        replace_field(t, &f->annotations, dict);
    }
    if (flags & 8) replace_field(t, &f->closure, own(t, *operands++));
    // Functions of modules and classes live long and are called by many: they are not counted.
    return frame_code(R)->flags & CODE_NAMESPACE ? ref_defer(t, &f->head) : w;
}

static void put(struct thread *t, value *to, value v) {
    value old = *to;
    *to = v;
    release(t, old);
}
static bool unpack_array(struct thread *t, vref seq, value *to, size_t n) {
    if (has_shape(seq, SHAPE_LIST)) {
        for (size_t k = 0; k < n; k++) {
            value v = list_get_or_null(t, seq, k);
            put(t, &to[k], v ? v : V_NONE);
        }
    } else
        for (size_t k = 0; k < n; k++) put(t, &to[k], own(t, tuple_at(seq, k)));
    return true;
}
bool vm_unpack(struct thread *t, vref seq, value *to, unsigned n) {
    bool list = has_shape(seq, SHAPE_LIST);
    if (list || has_shape(seq, SHAPE_TUPLE)) {
        size_t have = list ? list_size(seq) : tuple_size(seq);
        if (have == n) return unpack_array(t, seq, to, n);
        if (have > n) raise(t, &exc_ValueError, "too many values to unpack (expected %d)", (int)n);
        else raise(t, &exc_ValueError, "not enough values to unpack (expected %d, got %d)", (int)n, (int)have);
        return false;
    }
    if (!is_pointer(seq) || (!type_of(seq)->iter && !type_of(seq)->getitem)) {
        raise(t, &exc_TypeError, "cannot unpack non-iterable %T object", seq);
        return false;
    }
    value it = object_iter(t, seq);
    if (!it) return false;
    for (unsigned k = 0; k < n; k++) {
        value v = object_next(t, it);
        if (!v) {
            if (!raised(t)) raise(t, &exc_ValueError, "not enough values to unpack (expected %d, got %d)", (int)n, (int)k);
            release(t, it);
            return false;
        }
        put(t, &to[k], v);
    }
    value more = object_next(t, it);
    release(t, it);
    if (more) {
        release(t, more);
        raise(t, &exc_ValueError, "too many values to unpack (expected %d)", (int)n);
    }
    return !raised(t);
}
bool vm_unpack_ex(struct thread *t, vref seq, value *to, unsigned before, unsigned after) {
    if (!is_pointer(seq) || (!type_of(seq)->iter && !type_of(seq)->getitem)) {
        raise(t, &exc_TypeError, "cannot unpack non-iterable %T object", seq);
        return false;
    }
    value all = list_from_iterable(t, seq);
    if (!all) return false;
    size_t n = list_size(all);
    if (n < before + after) {
        raise(t, &exc_ValueError, "not enough values to unpack (expected at least %d, got %d)", (int)(before + after), (int)n);
        release(t, all);
        return false;
    }
    size_t middle = n - before - after;
    value rest = list_new(t, middle);
    bool ok = rest != V_NULL;
    for (size_t k = 0; ok && k < middle; k++) ok = list_append_take(t, rest, list_get_or_null(t, all, before + k));
    for (size_t k = 0; ok && k < before; k++) put(t, &to[k], list_get_or_null(t, all, k));
    for (size_t k = 0; ok && k < after; k++) put(t, &to[before + 1 + k], list_get_or_null(t, all, n - after + k));
    if (ok) put(t, &to[before], rest);
    else release_opt(t, rest);
    release(t, all);
    return ok;
}

value vm_format(struct thread *t, vref v, unsigned conversion, vref spec) {
    value s = conversion == 1 ? object_str(t, v) : conversion == 2 ? object_repr(t, v) : conversion == 3 ? object_ascii(t, v) : own(t, v);
    if (!s) return V_NULL;
    bool plain = !spec || (is_str(spec) && as_str(spec)->length == 0);
    if (plain && has_shape(s, SHAPE_STR)) return s;
    value r = object_format(t, s, spec);
    release(t, s);
    return r;
}

// ---- import ----
value vm_import(struct thread *t, value *R, vref name, vref level, vref fromlist) {
    struct func *f = as_func(R[-4]);
    value import = dict_get_str(t, f->builtins, "__import__");
    if (!import) return raised(t) ? V_NULL : raise(t, &exc_ImportError, "__import__ not found");
    vref ns = frame_code(R)->flags & CODE_NAMESPACE ? R[0] : V_NONE;
    value r = object_call(t, import, (vref[]){name, f->globals, ns, fromlist, level}, 5, V_NULL);
    release(t, import);
    return r;
}
// Whether the import of module is still under way, as its __spec__ says. -1: exception.
static int is_initializing(struct thread *t, vref module) {
    value spec = V_NULL, flag = V_NULL;
    int found = object_lookup_attr(t, module, NAME(__spec__), &spec);
    if (found > 0) found = object_lookup_attr(t, spec, NAME(_initializing), &flag);
    if (found > 0) found = object_truth(t, flag);
    release_opt(t, spec);
    release_opt(t, flag);
    return found;
}
// ImportError with the attributes name and path: module, called package (if it is named), has no such name. Always V_NULL.
static value raise_import_from(struct thread *t, vref module, vref package, bool named, vref name) {
    value file = V_NULL;
    int found = object_lookup_attr(t, module, NAME(__file__), &file), partial = found < 0 ? -1 : is_initializing(t, module);
    bool known = found > 0 && is_str(file);
    value where = known ? own(t, file) : partial >= 0 ? str_from_cstr(t, "unknown location") : V_NULL;
    if (where) {
        raise(t, &exc_ImportError, partial ? "cannot import name %R from partially initialized module %R (most likely due to a circular import) (%S)"
                                           : "cannot import name %R from %R (%S)", name, package, where);
        if (t->exc && is_exc(t->exc)) {
            if (named) replace_field(t, &as_exc(t->exc)->extra[IMPORT_NAME], own(t, package));
            if (known) replace_field(t, &as_exc(t->exc)->extra[IMPORT_PATH], own(t, file));
        }
    }
    release_opt(t, where);
    release_opt(t, file);
    return V_NULL;
}
value vm_import_from(struct thread *t, vref module, vref name) {
    value v;
    int found = object_lookup_attr(t, module, name, &v);
    if (found > 0) return v;
    if (found < 0) return V_NULL;
    // A submodule that is being imported stands in sys.modules before it is an attribute.
    value package = object_getattr_cstr(t, module, "__name__");
    bool named = package && is_str(package);
    if (!named) {
        raised_clear(t);
        release_opt(t, package);
        package = str_from_cstr(t, "<unknown module name>");
        if (!package) return V_NULL;
    }
    value full = named ? str_format(t, "%U.%U", package, name) : V_NULL;
    v = full ? dict_get(t, t->interp->modules, full) : V_NULL;
    release_opt(t, full);
    if (!v && !raised(t)) v = raise_import_from(t, module, package, named, name);
    release(t, package);
    return v;
}
static bool star_names(struct thread *t, vref module, vref ns) {
    value all;
    int found = object_lookup_attr(t, module, NAME(__all__), &all);
    if (found < 0) return false;
    if (!found) {
        value dict = object_getattr_cstr(t, module, "__dict__");
        all = dict ? list_from_iterable(t, dict) : V_NULL;
        release_opt(t, dict);
        if (!all) return false;
    }
    value it = object_iter(t, all), name;
    release(t, all);
    bool ok = it != V_NULL;
    while (ok && (name = object_next(t, it))) {
        if (!is_str(name)) {
            raise(t, &exc_TypeError, "Item in %R.__all__ must be str, not %T", module, name);
            ok = false;
        } else if (found || as_str(name)->length == 0 || str_at(as_str(name), 0) != '_') {
            value v = object_getattr(t, module, name);
            ok = v && vm_store_name(t, ns, name, v);
            release_opt(t, v);
        }
        release(t, name);
    }
    release_opt(t, it);
    return ok && !raised(t);
}
bool vm_import_star(struct thread *t, value *R, vref module) {
    if (!(frame_code(R)->flags & CODE_NAMESPACE)) {
        raise(t, &exc_SystemError, "no locals found during 'import *'");
        return false;
    }
    return star_names(t, module, R[0]);
}

bool vm_map_update(struct thread *t, vref map, vref other) {
    if (!is_dict(other)) {
        value keys;
        int found = object_lookup_attr(t, other, NAME(keys), &keys);
        if (found < 0) return false;
        if (!found) {
            raise(t, &exc_TypeError, "'%T' object is not a mapping", other);
            return false;
        }
        release(t, keys);
    }
    return dict_update(t, map, other);
}
bool vm_list_extend(struct thread *t, vref list, vref iterable) {
    if (list_extend(t, list, iterable)) return true;
    if (raised_is(t, &exc_TypeError) && is_pointer(iterable) && !type_of(iterable)->iter && !type_of(iterable)->getitem) {
        raised_clear(t);
        raise(t, &exc_TypeError, "Value after * must be an iterable, not %T", iterable);
    }
    return false;
}

value vm_getitem(struct thread *t, vref o, vref key) {
    if (has_shape(o, SHAPE_DICT)) {
        value v = dict_get(t, o, key);
        if (!v && !raised(t)) raise_value(t, &exc_KeyError, key);
        return v;
    }
    return object_getitem(t, o, key);
}
bool vm_setitem(struct thread *t, vref o, vref key, vref v) {
    if (has_shape(o, SHAPE_DICT)) return dict_set(t, o, key, v);
    return object_setitem(t, o, key, v) == 0;
}

// ---- match ----
value vm_match_keys(struct thread *t, vref subject, vref keys) {
    size_t n = tuple_size(keys);
    value seen = set_new(t, false, V_NULL), values = seen ? tuple_new(t, n) : V_NULL, get = V_NULL, missing = V_NULL, result = V_NULL;
    if (!values) goto done;
    if (!has_shape(subject, SHAPE_DICT)) {
        if (!(get = object_getattr_cstr(t, subject, "get")) || !(missing = object_call0(t, type_ref(&type_object)))) goto done;
    }
    for (size_t k = 0; k < n; k++) {
        vref key = tuple_at(keys, k);
        int twice = set_contains(t, seen, key);
        if (twice < 0) goto done;
        if (twice) {
            raise(t, &exc_ValueError, "mapping pattern checks duplicate key (%R)", key);
            goto done;
        }
        if (!set_add(t, seen, key)) goto done;
        value v = get ? object_call2(t, get, key, missing) : dict_get(t, subject, key);
        if (!v && raised(t)) goto done;
        if (!v || (get && (v | 2) == (missing | 2))) {
            release_opt(t, v);
            result = V_NONE;
            goto done;
        }
        as_tuple(values)->at[k] = v;
    }
    result = values;
    values = V_NULL;
done:
    release_opt(t, seen);
    release_opt(t, values);
    release_opt(t, get);
    release_opt(t, missing);
    return result;
}

// 1 found and put at into[k], 0 no such attribute, -1.
static int match_attr(struct thread *t, vref subject, vref cls, vref name, vref seen, value *into) {
    int twice = set_contains(t, seen, name);
    if (twice < 0) return -1;
    if (twice) {
        raise(t, &exc_TypeError, "%s() got multiple sub-patterns for attribute %R", as_type(cls)->name, name);
        return -1;
    }
    if (!set_add(t, seen, name)) return -1;
    value v;
    int found = object_lookup_attr(t, subject, name, &v);
    if (found > 0) *into = v;
    return found;
}
static bool matches_itself(const struct type *cls) {
    static const struct type *const list[] = {&type_bool, &type_bytearray, &type_bytes, &type_dict, &type_float, &type_frozenset,
                                              &type_int, &type_list, &type_set, &type_str, &type_tuple};
    for (size_t k = 0; k < sizeof list / sizeof *list; k++)
        if (type_is_subtype(cls, list[k])) return true;
    return false;
}
value vm_match_class(struct thread *t, vref subject, vref cls, vref names, unsigned npos) {
    if (!is_type(cls)) return raise(t, &exc_TypeError, "called match pattern must be a class");
    int is = object_is_instance(t, subject, cls);
    if (is <= 0) return is < 0 ? V_NULL : V_NONE;
    size_t nnames = tuple_size(names);
    value out = tuple_new(t, npos + nnames), seen = set_new(t, false, V_NULL), args = V_NULL, result = V_NULL;
    if (!out || !seen) goto done;
    if (npos) {
        int found = object_lookup_attr(t, cls, NAME(__match_args__), &args);
        if (found < 0) goto done;
        if (found && !is_tuple(args)) {
            raise(t, &exc_TypeError, "%s.__match_args__ must be a tuple (got %T)", as_type(cls)->name, args);
            goto done;
        }
        bool self = !found && matches_itself(as_type(cls));
        size_t allowed = found ? tuple_size(args) : self ? 1 : 0;
        if (npos > allowed) {
            raise(t, &exc_TypeError, "%s() accepts %d positional sub-pattern%s (%d given)", as_type(cls)->name, (int)allowed, allowed == 1 ? "" : "s", (int)npos);
            goto done;
        }
        if (self) as_tuple(out)->at[0] = own(t, subject);
        for (size_t k = 0; !self && k < npos; k++) {
            vref name = tuple_at(args, k);
            if (!is_str(name)) {
                raise(t, &exc_TypeError, "__match_args__ elements must be strings (got %T)", name);
                goto done;
            }
            int ok = match_attr(t, subject, cls, name, seen, &as_tuple(out)->at[k]);
            if (ok == 0) result = V_NONE;
            if (ok <= 0) goto done;
        }
    }
    for (size_t k = 0; k < nnames; k++) {
        int ok = match_attr(t, subject, cls, tuple_at(names, k), seen, &as_tuple(out)->at[npos + k]);
        if (ok == 0) result = V_NONE;
        if (ok <= 0) goto done;
    }
    result = out;
    out = V_NULL;
done:
    release_opt(t, out);
    release_opt(t, seen);
    release_opt(t, args);
    return result;
}
value vm_copy_without(struct thread *t, vref subject, vref keys) {
    value d = dict_new(t);
    if (!d || !dict_update(t, d, subject)) goto fail;
    for (size_t k = 0; k < tuple_size(keys); k++)
        if (dict_del(t, d, tuple_at(keys, k)) < 0) goto fail;
    return d;
fail:
    release_opt(t, d);
    return V_NULL;
}

// ---- with ----
bool vm_with_enter(struct thread *t, vref m, value *exit, value *entered, bool async) {
    vref exit_name = async ? NAME(__aexit__) : NAME(__exit__);
    const char *protocol = async ? "asynchronous context manager" : "context manager";
    value enter = type_lookup_new(t, type_of(m), async ? NAME(__aenter__) : NAME(__enter__));
    if (!enter) {
        raise(t, &exc_TypeError, "'%T' object does not support the %s protocol", m, protocol);
        return false;
    }
    bool method = has_flag(enter, TYPE_METHOD);
    if (!method && type_of(enter)->descr_get) replace_field(t, &enter, type_of(enter)->descr_get(t, enter, m, type_ref(type_of(m))));
    if (!enter) return false;
    int found = object_lookup_special(t, m, exit_name, exit);
    if (found <= 0) {
        release(t, enter);
        if (!found) raise(t, &exc_TypeError, "'%T' object does not support the %s protocol (missed %U method)", m, protocol, exit_name);
        return false;
    }
    *entered = method ? object_call1(t, enter, m) : object_call0(t, enter);
    release(t, enter);
    if (*entered) return true;
    release(t, *exit);
    return false;
}
value vm_with_exc(struct thread *t, vref exit, vref exc) {
    value tb = field_load(t, &as_exc(exc)->traceback), held = tb ? tb : V_NONE;
    value r = object_call(t, exit, (vref[]){type_ref(type_of(exc)), exc, held}, 3, V_NULL);
    release(t, held);
    return r;
}

value vm_super_attr(struct thread *t, vref super, vref cls, vref self, vref name) {
    if (likely(super == type_ref(&type_super) && is_type(cls))) {
        value v = super_attr(t, as_type(cls), self, name);
        if (v || raised(t)) return v;
    }
    value s = object_call2(t, super, cls, self);
    if (!s) return V_NULL;
    value v = object_getattr(t, s, name);
    release(t, s);
    return v;
}
value vm_build_class(struct thread *t, value *R) {
    value v = dict_get_str(t, as_func(R[-4])->builtins, "__build_class__");
    if (!v && !raised(t)) raise(t, &exc_NameError, "__build_class__ not found");
    return v;
}
bool vm_setup_annotations(struct thread *t, value *R) {
    vref name = NAME(__annotations__), ns = R[0];
    if (!name) return false;
    if (has_shape(ns, SHAPE_DICT)) {
        int has = dict_contains(t, ns, name);
        if (has) return has > 0;
    } else {
        value v = object_getitem(t, ns, name);
        if (v) {
            release(t, v);
            return true;
        }
        if (!raised_is(t, &exc_KeyError)) return false;
        raised_clear(t);
    }
    value d = dict_new(t);
    bool ok = d && vm_store_name(t, ns, name, d);
    release_opt(t, d);
    return ok;
}
bool vm_print_expr(struct thread *t, vref v) {
    value hook = dict_get_str(t, t->interp->sys_dict, "displayhook");
    if (!hook) {
        if (!raised(t)) raise(t, &exc_RuntimeError, "lost sys.displayhook");
        return false;
    }
    value r = object_call1(t, hook, v);
    release(t, hook);
    release_opt(t, r);
    return r != V_NULL;
}
