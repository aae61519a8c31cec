// SPDX-License-Identifier: Apache-2.0
// Builtin functions and methods as objects: made from table rows, called through their signature. Leaves their attributes to native_type.c.
#include "interp/types/native.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/instance.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/types/type.h"

static const struct native new_def = {"__new__", NATIVE_STATIC, "($type, *args, **kwargs)", NULL, NULL, NULL, "Make an object of the type; what arguments it takes, the type says.", 0};

static struct native_object *make(struct thread *t, uint32_t shape, const struct native *def, struct type *c) {
    struct native_object *f = object_alloc_gc(t, sizeof *f, shape);
    if (!f) return NULL;
    f->def = def;
    f->self = f->module = V_NULL;
    f->type = c;
    f->sig = NULL;
    atomic_init(&f->direct, NATIVE_NOT_DIRECT);
    return f;
}

value native_function(struct thread *t, const struct native *def, vref module) {
    struct native_object *f = make(t, SHAPE_NATIVE, def, NULL);
    if (!f) return V_NULL;
    if (module) f->module = own(t, module);
    return ref_defer(t, &f->head);
}

value native_method_new(struct thread *t, struct type *c, const struct native *def) {
    bool bound_late = def->kind == NATIVE_METHOD || def->kind == NATIVE_CLASS;
    uint32_t shape = def->kind == NATIVE_METHOD ? SHAPE_NATIVE_METHOD : def->kind == NATIVE_CLASS ? SHAPE_NATIVE_CLASSMETHOD : SHAPE_NATIVE;
    struct native_object *f = make(t, shape, def, bound_late || def->kind == NATIVE_STATIC ? c : NULL);
    if (!f) return V_NULL;
    value v = ref_defer(t, &f->head);
    return def->kind == NATIVE_STATIC ? staticmethod_new(t, v) : v;
}

value native_bound_new(struct thread *t, const struct native *def, const void *sig, struct type *c, vref self) {
    struct native_object *f = make(t, SHAPE_NATIVE, def, c);
    if (!f) return V_NULL;
    f->sig = sig;
    f->self = own(t, self);
    return counted_word(f);
}

value native_type_new(struct thread *t, struct type *c) {
    struct native_object *f = make(t, SHAPE_NATIVE, &new_def, c);
    if (!f) return V_NULL;
    f->self = own(t, type_ref(c));
    return ref_defer(t, &f->head);
}

value native_full_name(struct thread *t, const struct native_object *f) {
    if (f->type) return str_format(t, "%s.%s", f->type->name, f->def->name);
    if (f->module && is_str(f->module) && !str_equal_cstr(f->module, "builtins")) return str_format(t, "%U.%s", f->module, f->def->name);
    return str_from_cstr(t, f->def->name);
}

// ---- calling ----

// T.__new__(cls, …) of a type with a C `make`.
static value call_new(struct thread *t, const struct native_object *f, const vref *args, size_t nargs, vref kwnames) {
    struct type *type = f->type;
    if (nargs == 0) return raise(t, &exc_TypeError, "%s.__new__(): not enough arguments", type->name);
    if (!is_type(args[0])) return raise(t, &exc_TypeError, "%s.__new__(X): X is not a type object (%T)", type->name, args[0]);
    struct type *cls = as_type(args[0]);
    if (!type_is_subtype(cls, type))
        return raise(t, &exc_TypeError, "%s.__new__(%s): %s is not a subtype of %s", type->name, cls->name, cls->name, type->name);
    struct type *base = cls->c_base;
    while (base && !base->make) base = base->base;
    if (base && base->make != type->make)
        return raise(t, &exc_TypeError, "%s.__new__(%s) is not safe, use %s.__new__()", type->name, cls->name, base->name);
    return type->make(t, cls, args + 1, nargs - 1, kwnames);
}

const struct native_sig *native_signature(struct thread *t, struct native_object *f) {
    const struct native_sig *s = __atomic_load_n(&f->sig, __ATOMIC_ACQUIRE);
    if (likely(s != NULL)) return s;
    s = native_sig_parse(t, f->def);
    __atomic_store_n(&f->sig, s, __ATOMIC_RELEASE); // two threads may parse it: one is lost, both are right
    if (s && s->plain && s->positional <= NATIVE_DIRECT_MAX && f->def->kind != NATIVE_CLASS && !(f->def->kind == NATIVE_METHOD && f->self))
        atomic_store_explicit(&f->direct, (uint16_t)(s->positional << 8 | s->required), memory_order_relaxed);
    return s;
}

static NOINLINE value call_bound(struct thread *t, struct native_object *f, const struct native_sig *s, vref self, const vref *args, size_t nargs, vref kwnames) {
    vref out[NATIVE_PARAMS_MAX];
    value tuple, dict;
    value r = native_bind(t, f, s, self, args, nargs, kwnames, out, &tuple, &dict) ? f->def->fn(t, out) : V_NULL;
    release_opt(t, tuple);
    release_opt(t, dict);
    return r;
}

static value call_raw(struct thread *t, struct native_object *f, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (!self) return f->def->raw(t, args, nargs, kwnames);
    size_t all = nargs + (kwnames ? tuple_size(kwnames) : 0);
    vref few[16], *argv = all < 16 ? few : mem_alloc(t, (all + 1) * sizeof(vref));
    if (!argv) return V_NULL;
    argv[0] = self;
    words_copy(argv + 1, args, all);
    value r = f->def->raw(t, argv, nargs + 1, kwnames);
    if (argv != few) mem_free(t, argv, (all + 1) * sizeof(vref));
    return r;
}

static COLD value no_self(struct thread *t, const struct native_object *f, const vref *args, size_t nargs) {
    if (!nargs) return raise(t, &exc_TypeError, "unbound method %s.%s() needs an argument", f->type->name, f->def->name);
    return raise(t, &exc_TypeError, "descriptor '%s' for '%N' objects doesn't apply to a '%T' object", f->def->name, f->type, args[0]);
}

value native_call(struct thread *t, struct native_object *f, const vref *args, size_t nargs, vref kwnames) {
    const struct native *def = f->def;
    bool has_self = def->kind == NATIVE_METHOD || def->kind == NATIVE_CLASS;
    vref self = has_self && f->self ? borrow(f->self) : V_NULL;
    if (has_self && !self && unlikely(!nargs || (def->kind == NATIVE_METHOD && !is_instance(args[0], f->type)))) return no_self(t, f, args, nargs);
    if (unlikely(!def->fn)) return def->raw ? call_raw(t, f, self, args, nargs, kwnames) : call_new(t, f, args, nargs, kwnames);
    const struct native_sig *s = native_signature(t, f);
    if (unlikely(!s)) return V_NULL;
    size_t given = nargs + (self != V_NULL);
    if (unlikely(!s->plain || given > s->positional || given < s->required || (kwnames && tuple_size(kwnames)))) return call_bound(t, f, s, self, args, nargs, kwnames);
    if (!self && given == s->positional) return def->fn(t, args);
    vref all[NATIVE_PARAMS_MAX];
    all[0] = self;
    for (size_t i = 0; i < nargs; i++) all[i + (self != V_NULL)] = args[i];
    for (size_t i = given; i < s->positional; i++) all[i] = V_NULL;
    return def->fn(t, all);
}
