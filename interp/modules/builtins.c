// SPDX-License-Identifier: Apache-2.0
// The builtins module: its functions. Leaves the types it offers to interp/types, classes to build_class.c, compile and exec to exec.c.
#include "interp/modules/builtins.h"
#include "interp/modules/io/io.h"
#include "interp/types/bytes.h"
#include "interp/types/names.h"
#include "interp/modules/row.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/iter.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/int.h"
#include "interp/types/str.h"
#include "interp/vm/gen.h"

// ---- numbers and characters ----
static value b_abs(struct thread *t, const vref *a) { return object_absolute(t, a[0]); }
static value based(struct thread *t, vref v, int base) {
    value i = object_index(t, v);
    if (!i) return V_NULL;
    value s = int_to_str(t, i, base, true);
    release(t, i);
    return s;
}
static value b_bin(struct thread *t, const vref *a) { return based(t, a[0], 2); }
static value b_oct(struct thread *t, const vref *a) { return based(t, a[0], 8); }
static value b_hex(struct thread *t, const vref *a) { return based(t, a[0], 16); }
static value b_chr(struct thread *t, const vref *a) {
    value i = object_index(t, a[0]);
    if (!i) return V_NULL;
    int64_t c;
    int over = int_as_i64_overflow(i, &c);
    release(t, i);
    if (over) return raise(t, &exc_OverflowError, "Python int too large to convert to C int");
    if (c < 0 || c > 0x10ffff) return raise(t, &exc_ValueError, "chr() arg not in range(0x110000)");
    return str_from_char(t, (uint32_t)c);
}
static value b_ord(struct thread *t, const vref *a) {
    vref c = a[0];
    size_t n;
    if (is_str(c)) {
        n = as_str(c)->length;
        if (n == 1) return from_int62(str_at(as_str(c), 0));
    } else if (is_pointer(c) && has_flag(c, TYPE_BYTES)) {
        n = as_bytes(c)->length;
        if (n == 1) return from_int62(as_bytes(c)->data[0]);
    } else if (is_instance(c, &type_bytearray)) {
        struct span s = bytes_span(c);
        n = s.n;
        if (n == 1) return from_int62(s.p[0]);
    } else
        return raise(t, &exc_TypeError, "ord() expected string of length 1, but %T found", c);
    return raise(t, &exc_TypeError, "ord() expected a character, but string of length %zu found", n);
}
static value b_divmod(struct thread *t, const vref *a) {
    value r = V_NOTIMPL, m;
    int found = object_lookup_special(t, a[0], NAME(__divmod__), &m);
    if (found < 0) return V_NULL;
    if (found) {
        r = object_call1(t, m, a[1]);
        release(t, m);
    }
    if (r == V_NOTIMPL) {
        found = object_lookup_special(t, a[1], NAME(__rdivmod__), &m);
        if (found < 0) return V_NULL;
        if (found) {
            r = object_call1(t, m, a[0]);
            release(t, m);
        }
    }
    if (r == V_NOTIMPL) return raise(t, &exc_TypeError, "unsupported operand type(s) for divmod(): '%T' and '%T'", a[0], a[1]);
    return r;
}
static value b_pow(struct thread *t, const vref *a) {
    if (!a[2] || a[2] == V_NONE) return object_binary(t, a[0], a[1], NB_POW);
    for (int k = 0; k < 3; k++) {
        struct type *c = type_of(a[k]);
        if (!c->power3) continue;
        value r = c->power3(t, a[0], a[1], a[2]);
        if (r != V_NOTIMPL) return r;
    }
    return raise(t, &exc_TypeError, "unsupported operand type(s) for ** or pow(): '%T', '%T', '%T'", a[0], a[1], a[2]);
}
static value b_round(struct thread *t, const vref *a) {
    value m;
    int found = object_lookup_special(t, a[0], NAME(__round__), &m);
    if (found < 0) return V_NULL;
    if (!found) return raise(t, &exc_TypeError, "type %T doesn't define __round__ method", a[0]);
    value r = a[1] && a[1] != V_NONE ? object_call1(t, m, a[1]) : object_call0(t, m);
    release(t, m);
    return r;
}
static value b_hash(struct thread *t, const vref *a) {
    int64_t h = object_hash(t, a[0]);
    return h == -1 && raised(t) ? V_NULL : int_from_i64(t, h);
}
static value b_id(struct thread *t, const vref *a) {
    // Words without an object: the word itself is the identity.
    return is_pointer(a[0]) ? int_from_u64(t, (uint64_t)(uintptr_t)as_object(a[0])) : int_from_u64(t, a[0]);
}

// ---- objects ----
static value b_ascii(struct thread *t, const vref *a) { return object_ascii(t, a[0]); }
static value b_repr(struct thread *t, const vref *a) { return object_repr(t, a[0]); }
static value b_format(struct thread *t, const vref *a) {
    if (a[1] && !is_str(a[1])) return raise(t, &exc_TypeError, "format() argument 2 must be str, not %T", a[1]);
    return object_format(t, a[0], a[1]);
}
static value b_callable(struct thread *t, const vref *a) {
    (void)t;
    return from_bool(object_is_callable(a[0]));
}
static bool name_argument(struct thread *t, vref name) {
    if (is_str(name)) return true;
    raise(t, &exc_TypeError, "attribute name must be string, not '%T'", name);
    return false;
}
static value b_getattr(struct thread *t, const vref *a) {
    if (!name_argument(t, a[1])) return V_NULL;
    if (!a[2]) return object_getattr(t, a[0], a[1]);
    value v;
    int found = object_lookup_attr(t, a[0], a[1], &v);
    return found > 0 ? v : found == 0 ? own(t, a[2]) : V_NULL;
}
static value b_hasattr(struct thread *t, const vref *a) {
    if (!name_argument(t, a[1])) return V_NULL;
    value v;
    int found = object_lookup_attr(t, a[0], a[1], &v);
    if (found < 0) return V_NULL;
    if (found) release(t, v);
    return from_bool(found);
}
static value b_setattr(struct thread *t, const vref *a) {
    if (!name_argument(t, a[1])) return V_NULL;
    return object_setattr(t, a[0], a[1], a[2]) < 0 ? V_NULL : V_NONE;
}
static value b_delattr(struct thread *t, const vref *a) {
    if (!name_argument(t, a[1])) return V_NULL;
    return object_setattr(t, a[0], a[1], V_NULL) < 0 ? V_NULL : V_NONE;
}
static value b_isinstance(struct thread *t, const vref *a) {
    int r = object_is_instance(t, a[0], a[1]);
    return r < 0 ? V_NULL : from_bool(r);
}
static value b_issubclass(struct thread *t, const vref *a) {
    int r = object_is_subclass(t, a[0], a[1]);
    return r < 0 ? V_NULL : from_bool(r);
}
static value b_len(struct thread *t, const vref *a) {
    int64_t n = object_length(t, a[0]);
    return n < 0 ? V_NULL : int_from_i64(t, n);
}
static value b_dir(struct thread *t, const vref *a) {
    value names;
    if (!a[0]) {
        if (!t->frame) return raise(t, &exc_SystemError, "frame does not exist");
        value locals = frame_get_locals(t, t->frame);
        value keys = !locals || has_shape(locals, SHAPE_DICT) ? locals : object_call_method_cstr(t, locals, "keys", NULL, 0);
        names = keys ? list_from_iterable(t, keys) : V_NULL;
        if (keys != locals) release_opt(t, keys);
        release_opt(t, locals);
    } else {
        value m;
        int found = object_lookup_special(t, a[0], NAME(__dir__), &m);
        if (found < 0) return V_NULL;
        if (!found) return raise(t, &exc_TypeError, "object does not provide __dir__");
        value r = object_call0(t, m);
        release(t, m);
        names = r ? list_from_iterable(t, r) : V_NULL;
        release_opt(t, r);
    }
    if (names && !list_sort(t, names, V_NULL, false)) release_field(t, &names);
    return names;
}
static value b_vars(struct thread *t, const vref *a) {
    if (!a[0]) return t->frame ? frame_get_locals(t, t->frame) : raise(t, &exc_SystemError, "vars(): no locals!?");
    value d;
    int found = object_lookup_attr(t, a[0], NAME(__dict__), &d);
    return found > 0 ? d : found == 0 ? raise(t, &exc_TypeError, "vars() argument must have __dict__ attribute") : V_NULL;
}
static value b_globals(struct thread *t, const vref *a) {
    (void)a;
    value g = frame_get_globals(t);
    return g ? g : raise(t, &exc_SystemError, "globals(): no frame");
}
static value b_locals(struct thread *t, const vref *a) {
    (void)a;
    return t->frame ? frame_get_locals(t, t->frame) : raise(t, &exc_SystemError, "locals(): no frame");
}

// ---- iteration ----
// Eats what needs no asking: the singletons that are not what is looked for.
static bool quantify_each(struct thread *t, void *context, value v) {
    (void)t;
    return v == (*(const int *)context ? V_FALSE : V_TRUE) || (*(const int *)context && v == V_NONE);
}
static value quantify(struct thread *t, vref iterable, int stop_at) {
    value it = object_iter(t, iterable), v;
    if (!it) return V_NULL;
    value result = from_bool(!stop_at);
    while ((v = iter_drain(t, it, quantify_each, &stop_at))) {
        int truth = object_truth(t, v);
        release(t, v);
        if (truth < 0) result = V_NULL;
        else if (truth == stop_at) result = from_bool(stop_at);
        else if (safepoint_poll(t)) continue;
        else result = V_NULL;
        break;
    }
    release(t, it);
    return raised(t) ? V_NULL : result;
}
static value b_all(struct thread *t, const vref *a) { return quantify(t, a[0], 0); }
static value b_any(struct thread *t, const vref *a) { return quantify(t, a[0], 1); }
static value b_iter(struct thread *t, const vref *a) {
    if (!a[1]) return object_iter(t, a[0]);
    if (!object_is_callable(a[0])) return raise(t, &exc_TypeError, "iter(v, w): v must be callable");
    return callable_iter(t, a[0], a[1]);
}
static value b_next(struct thread *t, const vref *a) {
    if (!is_pointer(a[0]) || !type_of(a[0])->next) return raise(t, &exc_TypeError, "'%T' object is not an iterator", a[0]);
    value v = type_of(a[0])->next(t, a[0]);
    if (v) return v;
    if (a[1]) {
        if (!raised(t) || stop_iteration_swallow(t)) return own(t, a[1]);
        return V_NULL;
    }
    return raised(t) ? V_NULL : raise_value(t, &exc_StopIteration, V_NULL);
}
static value b_breakpoint(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    value hook = dict_get_str(t, t->interp->sys_dict, "breakpointhook");
    if (!hook) return raised(t) ? V_NULL : raise(t, &exc_RuntimeError, "lost sys.breakpointhook");
    value r = object_call(t, hook, args, nargs, kwnames);
    release(t, hook);
    return r;
}
// A running sum without objects: 128 bits hold 2^66 items of 62 bits.
struct summing {
    bool real;       // a float so far
    __int128 whole;
    double flo;
};
static bool sum_each(struct thread *t, void *context, value v) {
    struct summing *s = context;
    (void)t;
    if (is_int62(v)) {
        if (s->real) s->flo += (double)as_int62(v);
        else s->whole += as_int62(v);
        return true;
    }
    if (s->real && is_flo(v)) return s->flo += as_flo(v), true;
    if (!s->real && (v == V_TRUE || v == V_FALSE)) return s->whole += v == V_TRUE, true;
    return false;
}
static value sum_settle(struct thread *t, const struct summing *s) { // returns new
    if (s->real) return float_new(t, s->flo);
    unsigned __int128 size = s->whole < 0 ? -(unsigned __int128)s->whole : (unsigned __int128)s->whole;
    if (size <= INT64_MAX) return int_from_i64(t, (int64_t)s->whole);
    mp_limb_t limbs[2] = {(mp_limb_t)size, (mp_limb_t)(size >> 64)};
    return int_from_limbs(t, limbs, limbs[1] ? 2 : 1, s->whole < 0);
}
// Goes on without objects if total allows.
static bool sum_begin(struct thread *t, vref total, struct summing *s) {
    *s = (struct summing){.real = is_flo(total) || has_shape(total, SHAPE_FLOAT)};
    if (is_int62(total)) s->whole = as_int62(total);
    return is_int62(total) || (s->real && float_as_double(t, total, &s->flo));
}
static bool no_each(struct thread *t, void *context, value v) { return (void)t, (void)context, (void)v, false; }
static value b_sum(struct thread *t, const vref *a) {
    value total = a[1] ? own(t, a[1]) : from_int62(0);
    if (is_str(total)) return release(t, total), raise(t, &exc_TypeError, "sum() can't sum strings [use ''.join(seq) instead]");
    if (is_pointer(total) && has_flag(total, TYPE_BYTES)) return release(t, total), raise(t, &exc_TypeError, "sum() can't sum bytes [use b''.join(seq) instead]");
    if (is_instance(total, &type_bytearray)) return release(t, total), raise(t, &exc_TypeError, "sum() can't sum bytearray [use b''.join(seq) instead]");
    value it = object_iter(t, a[0]), v;
    if (!it) {
        release(t, total);
        return V_NULL;
    }
    for (;;) {
        struct summing s;
        bool plain = sum_begin(t, total, &s);
        v = iter_drain(t, it, plain ? sum_each : no_each, &s);
        if (plain) replace_field(t, &total, sum_settle(t, &s));
        if (!v) break;
        value next = total ? object_binary(t, total, v, NB_ADD) : V_NULL;
        release(t, v);
        if (total) release(t, total);
        total = next;
        if (!total || !safepoint_poll(t)) break;
    }
    release(t, it);
    if (raised(t)) release_field(t, &total);
    return total;
}

// min and max: one iterable, or several positionals; key and default by keyword.
static value extreme(struct thread *t, const char *who, enum compare_op better, const vref *args, size_t n, vref kwnames) {
    vref key = V_NONE, fallback = V_NULL;
    for (size_t k = 0; kwnames && k < tuple_size(kwnames); k++) {
        vref name = tuple_at(kwnames, k);
        if (str_equal_cstr(name, "key")) key = args[n + k];
        else if (str_equal_cstr(name, "default")) fallback = args[n + k];
        else return raise(t, &exc_TypeError, "%s() got an unexpected keyword argument '%U'", who, name);
    }
    if (n == 0) return raise(t, &exc_TypeError, "%s expected at least 1 argument, got 0", who);
    if (n > 1 && fallback) return raise(t, &exc_TypeError, "Cannot specify a default for %s() with multiple positional arguments", who);
    value it = V_NULL, best = V_NULL, best_key = V_NULL;
    if (n == 1 && !(it = object_iter(t, args[0]))) return V_NULL;
    for (size_t k = 0; it || k < n; k++) {
        value v = it ? object_next(t, it) : own(t, args[k]);
        if (!v) break;
        value vk = key == V_NONE ? own(t, v) : object_call1(t, key, v);
        int take = !vk ? -1 : !best ? 1 : object_compare_bool(t, vk, best_key, better);
        if (take > 0) {
            release_opt(t, best);
            release_opt(t, best_key);
            best = v;
            best_key = vk;
        } else {
            release(t, v);
            release_opt(t, vk);
        }
        if (take < 0 || !safepoint_poll(t)) break;
    }
    release_opt(t, it);
    release_opt(t, best_key);
    if (raised(t)) return release_field(t, &best), V_NULL;
    if (best) return best;
    if (fallback) return own(t, fallback);
    return raise(t, &exc_ValueError, "%s() arg is an empty sequence", who);
}
static value b_max(struct thread *t, const vref *a, size_t n, vref kw) { return extreme(t, "max", CMP_GT, a, n, kw); }
static value b_min(struct thread *t, const vref *a, size_t n, vref kw) { return extreme(t, "min", CMP_LT, a, n, kw); }

static value b_sorted(struct thread *t, const vref *a) {
    value list = list_from_iterable(t, a[0]);
    if (!list) return V_NULL;
    int reverse = a[2] ? object_truth(t, a[2]) : 0;
    if (reverse < 0 || !list_sort(t, list, a[1] && a[1] != V_NONE ? a[1] : V_NULL, reverse > 0)) release_field(t, &list);
    return list;
}

// ---- input and output ----
static bool text_or_none(struct thread *t, vref v, const char *what) {
    if (!v || v == V_NONE || is_str(v)) return true;
    raise(t, &exc_TypeError, "%s must be None or a string, not %T", what, v);
    return false;
}
static bool write_to(struct thread *t, vref file, vref text) {
    value r = io_write_text(t, file, text);
    release_opt(t, r);
    return r != V_NULL;
}
// print(*args, sep=' ', end='\n', file=None, flush=False)
static value b_print(struct thread *t, const vref *a) {
    vref args = a[0], sep = a[1], end = a[2], flush = a[4];
    int flushing = flush ? object_truth(t, flush) : 0;
    if (flushing < 0 || !text_or_none(t, sep, "sep") || !text_or_none(t, end, "end")) return V_NULL;
    value file = a[3] && a[3] != V_NONE ? own(t, a[3]) : dict_get_str(t, t->interp->sys_dict, "stdout");
    if (!file) return raised(t) ? V_NULL : raise(t, &exc_RuntimeError, "lost sys.stdout");
    if (file == V_NONE) return V_NONE;
    struct str_builder b;
    builder_init(&b, t);
    bool ok = true;
    for (size_t k = 0; ok && k < tuple_size(args); k++) {
        if (k) {
            if (sep && sep != V_NONE) builder_str(&b, sep);
            else builder_char(&b, ' ');
        }
        value s = object_str(t, tuple_at(args, k));
        if (s) builder_str(&b, s);
        else ok = false;
        release_opt(t, s);
    }
    if (end && end != V_NONE) builder_str(&b, end);
    else builder_char(&b, '\n');
    value text = ok ? builder_finish(&b) : (builder_discard(&b), V_NULL);
    ok = text && write_to(t, file, text);
    release_opt(t, text);
    if (ok && flushing) {
        value r = object_call_method_cstr(t, file, "flush", NULL, 0);
        ok = r != V_NULL;
        release_opt(t, r);
    }
    release(t, file);
    return ok ? V_NONE : V_NULL;
}
static value b_input(struct thread *t, const vref *a) {
    if (a[0]) {
        value out = dict_get_str(t, t->interp->sys_dict, "stdout");
        value s = object_str(t, a[0]);
        bool ok = s && out && write_to(t, out, s);
        value r = ok ? object_call_method_cstr(t, out, "flush", NULL, 0) : V_NULL;
        if (ok && !r) raised_clear(t); // a stream without flush() does, too
        release_opt(t, r);
        release_opt(t, s);
        release_opt(t, out);
        if (!ok) return V_NULL;
    }
    value in = dict_get_str(t, t->interp->sys_dict, "stdin");
    if (!in) return raised(t) ? V_NULL : raise(t, &exc_RuntimeError, "input(): lost sys.stdin");
    value line = object_call_method_cstr(t, in, "readline", NULL, 0);
    release(t, in);
    if (!line || !is_str(line)) return line;
    size_t n = as_str(line)->length;
    if (n == 0) return release(t, line), raise(t, &exc_EOFError, "EOF when reading a line");
    if (str_at(as_str(line), n - 1) != '\n') return line;
    value cut = str_substring(t, line, 0, (int64_t)n - 1);
    release(t, line);
    return cut;
}

static const struct native functions[] = {
    F("abs", "($module, x, /)", b_abs), F("aiter", "($module, async_iterable, /)", builtins_aiter), F("all", "($module, iterable, /)", b_all), F("any", "($module, iterable, /)", b_any),
    F("anext", "($module, aiterator, default=None, /)", builtins_anext),
    {.name = "breakpoint", .kind = NATIVE_FUNCTION, .sig = "($module, /, *args, **kws)", .raw = b_breakpoint, .doc = "Calls sys.breakpointhook with the same arguments."},
    F("ascii", "($module, obj, /)", b_ascii), F("bin", "($module, number, /)", b_bin), F("callable", "($module, obj, /)", b_callable),
    F("chr", "($module, i, /)", b_chr), F("delattr", "($module, obj, name, /)", b_delattr), F("dir", "($module, obj=None, /)", b_dir),
    F("divmod", "($module, x, y, /)", b_divmod), F("format", "($module, value, format_spec='', /)", b_format),
    F("getattr", "($module, object, name, default=None, /)", b_getattr), F("globals", "($module, /)", b_globals),
    F("hasattr", "($module, obj, name, /)", b_hasattr), F("hash", "($module, obj, /)", b_hash), F("hex", "($module, number, /)", b_hex),
    F("id", "($module, obj, /)", b_id), F("input", "($module, prompt=None, /)", b_input),
    F("isinstance", "($module, obj, class_or_tuple, /)", b_isinstance), F("issubclass", "($module, cls, class_or_tuple, /)", b_issubclass),
    F("iter", "($module, object, sentinel=None, /)", b_iter), F("len", "($module, obj, /)", b_len), F("locals", "($module, /)", b_locals),
    {.name = "max", .kind = NATIVE_FUNCTION, .raw = b_max,
     .doc = "max(iterable, *, key, default), max(a, b, ..., *, key): the biggest item, or argument.\n\nkey(item) is what is compared; default is what an empty iterable gives."},
    {.name = "min", .kind = NATIVE_FUNCTION, .raw = b_min,
     .doc = "min(iterable, *, key, default), min(a, b, ..., *, key): the smallest item, or argument.\n\n"
            "key(item) is what is compared; default is what an empty iterable gives."},
    F("next", "($module, iterator, default=None, /)", b_next), F("oct", "($module, number, /)", b_oct), F("ord", "($module, c, /)", b_ord),
    F("pow", "($module, base, exp, mod=None)", b_pow), F("print", "($module, /, *args, sep=' ', end='\\n', file=None, flush=False)", b_print),
    F("repr", "($module, obj, /)", b_repr), F("round", "($module, number, ndigits=None)", b_round),
    F("setattr", "($module, obj, name, value, /)", b_setattr), F("sorted", "($module, iterable, /, *, key=None, reverse=False)", b_sorted),
    F("sum", "($module, iterable, /, start=0)", b_sum), F("vars", "($module, object=None, /)", b_vars),
    F("compile", "($module, source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1)", builtins_compile),
    F("eval", "($module, source, globals=None, locals=None, /)", builtins_eval),
    F("exec", "($module, source, globals=None, locals=None, /, *, closure=None)", builtins_exec),
    F("__import__", "($module, name, globals=None, locals=None, fromlist=(), level=0)", builtins_import),
    {.name = "__build_class__", .kind = NATIVE_FUNCTION, .sig = "($module, func, name, /, *bases, **kwds)", .raw = builtins_build_class},
};

static const struct {
    const char *name;
    struct type *type;
} types[] = {
    {"object", &type_object}, {"type", &type_type}, {"int", &type_int}, {"bool", &type_bool}, {"float", &type_float}, {"complex", &type_complex},
    {"str", &type_str}, {"bytes", &type_bytes}, {"bytearray", &type_bytearray}, {"memoryview", &type_memoryview}, {"list", &type_list},
    {"tuple", &type_tuple}, {"dict", &type_dict}, {"set", &type_set}, {"frozenset", &type_frozenset}, {"range", &type_range}, {"slice", &type_slice},
    {"property", &type_property}, {"classmethod", &type_classmethod}, {"staticmethod", &type_staticmethod}, {"super", &type_super},
    {"enumerate", &type_enumerate}, {"zip", &type_zip}, {"map", &type_map}, {"filter", &type_filter}, {"reversed", &type_reversed},
#define X(name, base, doc) {#name, &exc_##name},
    EXC_LIST(X)
#undef X
    {"EnvironmentError", &exc_OSError}, {"IOError", &exc_OSError},
};

value builtins_make(struct thread *t) {
    if (!type_anext.root_shape && !type_ready(t, &type_anext)) return V_NULL;
    value m = module_from_natives(t, "builtins", "Built-in functions, types, exceptions and constants.", functions, sizeof functions / sizeof *functions);
    if (!m) return V_NULL;
    bool ok = io_start(t) && module_set(t, m, "open", io_open_function);
    for (size_t k = 0; ok && k < sizeof types / sizeof *types; k++)
        ok = module_set(t, m, types[k].name, type_ref(types[k].type));
    ok = ok && module_set(t, m, "ExceptionGroup", type_ref(exc_ExceptionGroup)) && module_set(t, m, "None", V_NONE) && module_set(t, m, "True", V_TRUE) && module_set(t, m, "False", V_FALSE) &&
         module_set(t, m, "Ellipsis", V_ELLIPSIS) && module_set(t, m, "NotImplemented", V_NOTIMPL) && module_set(t, m, "__debug__", V_TRUE);
    if (!ok) release_field(t, &m);
    return m;
}
