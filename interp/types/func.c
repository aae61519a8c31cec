// SPDX-License-Identifier: Apache-2.0
// Python functions as objects: making them, binding their code to globals, attributes. Leaves calling to vm/call.c.
#include "interp/types/attr.h"
#include "interp/types/descr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/num.h"
#include "interp/types/object_type.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/vm/frame.h"

static value load(struct thread *t, const value *field) { return slot_load(t, (_Atomic value *)(uintptr_t)field); }
static void store(struct thread *t, struct func *f, value *field, value v) { slot_store(t, &f->head, (_Atomic value *)field, v); }

// ---- making ----

static void bind_to(struct code *code, const struct dict *globals) {
    code->globals = borrowed_word(globals);
    __atomic_store_n(&code->globals_id, globals->id, __ATOMIC_RELEASE);
}

struct code *func_bind_code(struct thread *t, struct code *code, vref globals) {
    const struct dict *d = as_dict(globals);
    uint64_t bound = __atomic_load_n(&code->globals_id, __ATOMIC_ACQUIRE), none = 0;
    if (bound == d->id || (!bound && !d->id)) return (struct code *)as_object(own(t, borrowed_word(code)));
    if (!bound && __atomic_compare_exchange_n(&code->globals_id, &none, d->id, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        code->globals = borrowed_word(d);
        return (struct code *)as_object(own(t, borrowed_word(code)));
    }
    struct code *clone = code_clone(t, code);
    if (clone && d->id) bind_to(clone, d);
    return clone;
}

// What globals['__builtins__'] says (a module or its dict), else the interpreter's. returns new.
static value find_builtins(struct thread *t, vref globals) {
    value b = dict_get(t, globals, NAME(__builtins__));
    if (b && is_pointer(b) && type_is_subtype(type_of(b), &type_module)) {
        value d = own(t, as_module(b)->dict);
        release(t, b);
        return d;
    }
    if (b && is_dict(b)) return b;
    release_opt(t, b);
    return raised(t) ? V_NULL : own(t, t->interp->builtins);
}

value func_new(struct thread *t, struct code *code, vref globals, vref qualname) {
    value builtins = find_builtins(t, globals);
    struct code *bound = builtins ? func_bind_code(t, code, globals) : NULL;
    struct func *f = bound ? object_alloc_gc(t, sizeof *f, SHAPE_FUNC) : NULL;
    if (!f) {
        release_opt(t, builtins);
        return V_NULL;
    }
    memset(&f->code, 0, sizeof *f - offsetof(struct func, code));
    f->code = bound;
    f->globals = own(t, globals);
    f->builtins = builtins;
    f->name = own(t, code->name);
    f->qualname = own(t, qualname ? qualname : code->qualname ? code->qualname : code->name);
    f->doc = code->doc ? own(t, code->doc) : V_NULL;
    f->module = dict_get(t, globals, NAME(__name__));
    value v = counted_word(f);
    if (!f->module && raised(t)) release_field(t, &v);
    return v;
}

// FunctionType(code, globals, name=None, argdefs=None, closure=None)
static bool closure_fits(struct thread *t, const struct code *code, vref closure) {
    size_t want = tuple_size(code->freevars), have = closure && is_tuple(closure) ? tuple_size(closure) : 0;
    if (closure && !is_none(closure) && !is_tuple(closure)) raise(t, &exc_TypeError, "arg 5 (closure) must be None or tuple");
    else if (want && (!closure || is_none(closure))) raise(t, &exc_TypeError, "arg 5 (closure) must be tuple");
    else if (want != have) raise(t, &exc_ValueError, "%U requires closure of length %zu, not %zu", code->name, want, have);
    for (size_t i = 0; !raised(t) && i < have; i++)
        if (!has_shape(tuple_at(closure, i), SHAPE_CELLBOX)) raise(t, &exc_TypeError, "arg 5 (closure) expected cell, found %T", tuple_at(closure, i));
    return !raised(t);
}

static value new_from_args(struct thread *t, const vref *a) { // code, globals, name, argdefs, closure
    if (type_of(a[0]) != &type_code) return raise(t, &exc_TypeError, "function() argument 'code' must be code, not %T", a[0]);
    if (!is_dict(a[1])) return raise(t, &exc_TypeError, "function() argument 'globals' must be dict, not %T", a[1]);
    if (a[2] && !is_none(a[2]) && !is_str(a[2])) return raise(t, &exc_TypeError, "arg 3 (name) must be None or string");
    if (a[3] && !is_none(a[3]) && !is_tuple(a[3])) return raise(t, &exc_TypeError, "arg 4 (defaults) must be None or tuple");
    if (!closure_fits(t, as_code(a[0]), a[4])) return V_NULL;
    value v = func_new(t, as_code(a[0]), a[1], V_NULL);
    if (!v) return V_NULL;
    struct func *f = as_func(v);
    if (a[2] && !is_none(a[2])) replace_field(t, &f->name, own(t, a[2]));
    if (a[3] && !is_none(a[3])) f->defaults = own(t, a[3]);
    if (a[4] && !is_none(a[4]) && tuple_size(a[4])) f->closure = own(t, a[4]);
    return v;
}
static const struct native new_signature = {"function", NATIVE_FUNCTION, "(code, globals, name=None, argdefs=None, closure=None)", .fn = new_from_args};
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    value f = native_function(t, &new_signature, V_NULL);
    value r = f ? object_call(t, f, args, nargs, kwnames) : V_NULL;
    release_opt(t, f);
    return r;
}

// ---- behaviour ----

static value descr_get(struct thread *t, vref self, vref obj, vref cls) { return !obj || (is_none(obj) && cls != type_ref(&type_none)) ? own(t, self) : method_new(t, self, obj); }
static value repr(struct thread *t, vref self) {
    value name = load(t, &as_func(self)->qualname);
    value r = str_format(t, "<function %U at %p>", name, (void *)as_object(self));
    release(t, name);
    return r;
}
static void clear(struct thread *t, struct object *o) {
    struct func *f = (struct func *)o;
    value *const fields[] = {&f->globals, &f->builtins, &f->defaults, &f->kwdefaults, &f->closure, &f->name, &f->qualname, &f->doc, &f->module, &f->annotations, &f->dict};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) release_field(t, fields[i]);
}
static void destroy(struct thread *t, struct object *o) {
    struct func *f = (struct func *)o;
    clear(t, o);
    struct code *code = f->code;
    f->code = NULL;
    if (code) release(t, atomic_load_explicit(&code->head.shared, memory_order_relaxed) & SHARED_DEFERRED ? borrowed_word(code) : counted_word(code));
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct func *f = (struct func *)o;
    const value fields[] = {f->code ? borrowed_word(f->code) : V_NULL, f->globals, f->builtins, f->defaults, f->kwdefaults, f->closure, f->name, f->qualname, f->doc, f->module, f->annotations, f->dict};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        value v = i == 0 && f->code && !(atomic_load_explicit(&f->code->head.shared, memory_order_relaxed) & SHARED_DEFERRED) ? counted_word(f->code) : fields[i];
        int r = v && is_pointer(v) ? visit(v, arg) : 0;
        if (r) return r;
    }
    return 0;
}

// ---- attributes ----

static value or_none(value v) { return v ? v : V_NONE; }
static value get_code(struct thread *t, const vref *a) { return own(t, borrowed_word(as_func(a[0])->code)); }
static int set_code(struct thread *t, vref self, vref v) {
    struct func *f = as_func(self);
    if (!v || type_of(v) != &type_code) {
        raise(t, &exc_TypeError, "__code__ must be set to a code object");
        return -1;
    }
    size_t have = tuple_size(as_code(v)->freevars), want = f->closure ? tuple_size(f->closure) : 0;
    if (have != want) {
        raise(t, &exc_ValueError, "%U() requires a code object with %zu free vars, not %zu", f->name, want, have);
        return -1;
    }
    struct code *code = func_bind_code(t, as_code(v), f->globals);
    if (!code) return -1;
    __atomic_store_n(&f->code, code, __ATOMIC_RELEASE); // the old one may be running: the collector takes it
    return 0;
}
static int set_checked(struct thread *t, vref self, value *field, vref v, bool fits, const char *message) {
    if (!fits) {
        raise(t, &exc_TypeError, "%s", message);
        return -1;
    }
    store(t, as_func(self), field, v && !is_none(v) ? own(t, v) : V_NULL);
    return 0;
}
static value get_defaults(struct thread *t, const vref *a) { return or_none(load(t, &as_func(a[0])->defaults)); }
static int set_defaults(struct thread *t, vref self, vref v) {
    return set_checked(t, self, &as_func(self)->defaults, v, !v || is_none(v) || is_tuple(v), "__defaults__ must be set to a tuple object");
}
static value get_kwdefaults(struct thread *t, const vref *a) { return or_none(load(t, &as_func(a[0])->kwdefaults)); }
static int set_kwdefaults(struct thread *t, vref self, vref v) {
    return set_checked(t, self, &as_func(self)->kwdefaults, v, !v || is_none(v) || is_dict(v), "__kwdefaults__ must be set to a dict object");
}
static value get_name(struct thread *t, const vref *a) { return load(t, &as_func(a[0])->name); }
static int set_name(struct thread *t, vref self, vref v) {
    return set_checked(t, self, &as_func(self)->name, v, v && is_str(v), "__name__ must be set to a string object");
}
static value get_qualname(struct thread *t, const vref *a) { return load(t, &as_func(a[0])->qualname); }
static int set_qualname(struct thread *t, vref self, vref v) {
    return set_checked(t, self, &as_func(self)->qualname, v, v && is_str(v), "__qualname__ must be set to a string object");
}
static value get_doc(struct thread *t, const vref *a) { return or_none(load(t, &as_func(a[0])->doc)); }
static int set_doc(struct thread *t, vref self, vref v) {
    store(t, as_func(self), &as_func(self)->doc, v ? own(t, v) : V_NULL);
    return 0;
}
static value get_module(struct thread *t, const vref *a) { return or_none(load(t, &as_func(a[0])->module)); }
static int set_module(struct thread *t, vref self, vref v) {
    store(t, as_func(self), &as_func(self)->module, v ? own(t, v) : V_NULL);
    return 0;
}
static value get_annotations(struct thread *t, const vref *a) {
    struct func *f = as_func(a[0]);
    value v = load(t, &f->annotations);
    if (v) return v;
    v = dict_new(t);
    if (v) store(t, f, &f->annotations, own(t, v));
    return v;
}
static int set_annotations(struct thread *t, vref self, vref v) {
    return set_checked(t, self, &as_func(self)->annotations, v, !v || is_none(v) || is_dict(v), "__annotations__ must be set to a dict object");
}
static value get_dict(struct thread *t, const vref *a) { return object_get_dict(t, a[0]); }
static int set_dict(struct thread *t, vref self, vref v) {
    return set_checked(t, self, &as_func(self)->dict, v, v && is_dict(v), "__dict__ must be set to a dictionary");
}

#define GETSET(n) {"__" #n "__", NATIVE_GETSET, .fn = get_##n, .set = set_##n}
static const struct native natives[] = {
    GETSET(code), GETSET(defaults), GETSET(kwdefaults), GETSET(name), GETSET(qualname), GETSET(doc), GETSET(module), GETSET(annotations), GETSET(dict),
    {"__globals__", NATIVE_MEMBER, .offset = offsetof(struct func, globals)},
    {"__builtins__", NATIVE_MEMBER, .offset = offsetof(struct func, builtins)},
    {"__closure__", NATIVE_MEMBER, .offset = offsetof(struct func, closure)},
    {.name = NULL},
};
struct type type_func = {
    .name = "function", .module = "builtins", .flags = TYPE_GC | TYPE_METHOD | TYPE_HAS_WEAK, .basicsize = sizeof(struct func), .root_shape = SHAPE_FUNC,
    .doc = "Make a function of code and the dict of its globals.\n\n"
           "name replaces that of the code, argdefs are the default values, closure a tuple of the cells for its free variables.",
    .dict_offset = offsetof(struct func, dict), .natives = natives, .destroy = destroy, .traverse = traverse, .clear = clear, .make = make, .repr = repr,
    .call = vm_call_func, .descr_get = descr_get,
};
