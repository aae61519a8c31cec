// SPDX-License-Identifier: Apache-2.0
// types.GenericAlias: list[int]. Leaves substituting type variables to generic_subst.c.
#include "interp/types/attr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/generic.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

struct alias {
    struct object head;
    value origin, args;   // owned
    value parameters;     // owned tuple, V_NULL until asked for
    bool starred;         // *tuple[int]
};
static struct alias *as_alias(vref v) { return (struct alias *)as_object(v); }

static value new_of(struct thread *t, struct type *cls, vref origin, vref args, bool starred) {
    value tuple = is_tuple(args) ? own(t, args) : tuple_pack(t, 1, args);
    value v = tuple ? object_new_instance(t, cls) : V_NULL;
    if (!v) {
        release_opt(t, tuple);
        return V_NULL;
    }
    as_alias(v)->origin = own(t, origin);
    as_alias(v)->args = tuple;
    as_alias(v)->starred = starred;
    return v;
}
value generic_alias_new(struct thread *t, vref origin, vref args) { return new_of(t, &type_generic_alias, origin, args, false); }

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (kwnames && tuple_size(kwnames)) return raise(t, &exc_TypeError, "GenericAlias() takes no keyword arguments");
    if (nargs != 2) return raise(t, &exc_TypeError, "GenericAlias expected 2 arguments, got %zu", nargs);
    return new_of(t, cls, args[0], args[1], false);
}

static vref parameters_of(struct thread *t, vref self) {
    struct alias *a = as_alias(self);
    value have = __atomic_load_n(&a->parameters, __ATOMIC_ACQUIRE);
    if (have) return borrow(have);
    value made = generic_parameters(t, a->args), none = V_NULL;
    if (made && !__atomic_compare_exchange_n(&a->parameters, &none, made, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) release(t, made);
    return borrow(__atomic_load_n(&a->parameters, __ATOMIC_ACQUIRE));
}

// ---- attributes ----

static bool is_one_of(vref name, const char *const *names) {
    for (; *names; names++)
        if (str_equal_cstr(name, *names)) return true;
    return false;
}
static value getattr(struct thread *t, vref self, vref name) {
    static const char *const mine[] = {"__class__", "__origin__", "__args__", "__unpacked__", "__parameters__", "__typing_unpacked_tuple_args__",
                                       "__mro_entries__", "__reduce_ex__", "__reduce__", NULL};
    static const char *const nobodys[] = {"__bases__", "__copy__", "__deepcopy__", NULL};
    if (is_one_of(name, mine) || is_one_of(name, nobodys)) return object_generic_getattr(t, self, name);
    return object_getattr(t, as_alias(self)->origin, name);
}
static value get_origin(struct thread *t, const vref *a) { return own(t, as_alias(a[0])->origin); }
static value get_args(struct thread *t, const vref *a) { return own(t, as_alias(a[0])->args); }
static value get_unpacked(struct thread *t, const vref *a) { return from_bool(as_alias(a[0])->starred); }
static value get_parameters(struct thread *t, const vref *a) {
    vref p = parameters_of(t, a[0]);
    return p ? own(t, p) : V_NULL;
}
static value get_unpacked_args(struct thread *t, const vref *a) {
    const struct alias *s = as_alias(a[0]);
    return s->starred && borrow(s->origin) == type_ref(&type_tuple) ? own(t, s->args) : V_NONE;
}
static value mro_entries(struct thread *t, const vref *a) { return tuple_pack(t, 1, as_alias(a[0])->origin); }
static value reduce(struct thread *t, const vref *a) {
    const struct alias *s = as_alias(a[0]);
    value args = tuple_pack(t, 2, s->origin, s->args);
    value r = args ? tuple_pack(t, 2, type_ref(type_of(a[0])), args) : V_NULL;
    release_opt(t, args);
    return r;
}
static value instance_check(struct thread *t, const vref *a) { return raise(t, &exc_TypeError, "isinstance() argument 2 cannot be a parameterized generic"); }
static value subclass_check(struct thread *t, const vref *a) { return raise(t, &exc_TypeError, "issubclass() argument 2 cannot be a parameterized generic"); }
static value dir(struct thread *t, const vref *a) { return object_call_method(t, as_alias(a[0])->origin, NAME(__dir__), NULL, 0); }

// ---- behaviour ----

static bool append_args(struct thread *t, struct str_builder *b, vref args) {
    for (size_t i = 0; i < tuple_size(args); i++) {
        value text;
        if (i) builder_ascii(b, ", ", 2);
        if (!generic_repr_item(t, tuple_at(args, i), &text)) return false;
        builder_str(b, text);
        release(t, text);
    }
    if (!tuple_size(args)) builder_ascii(b, "()", 2);
    return true;
}
static value repr(struct thread *t, vref self) {
    const struct alias *a = as_alias(self);
    struct str_builder b;
    value origin;
    if (!generic_repr_item(t, a->origin, &origin)) return V_NULL;
    builder_init(&b, t);
    if (a->starred) builder_char(&b, '*');
    builder_str(&b, origin);
    release(t, origin);
    builder_char(&b, '[');
    if (!append_args(t, &b, a->args)) {
        builder_discard(&b);
        return V_NULL;
    }
    builder_char(&b, ']');
    return builder_finish(&b);
}
static int64_t hash(struct thread *t, vref self) {
    int64_t x = object_hash(t, as_alias(self)->origin);
    int64_t y = x == -1 ? -1 : object_hash(t, as_alias(self)->args);
    return x == -1 || y == -1 ? -1 : (x ^ y) == -1 ? -2 : x ^ y;
}
static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if ((op != CMP_EQ && op != CMP_NE) || !is_instance(a, &type_generic_alias) || !is_instance(b, &type_generic_alias)) return V_NOTIMPL;
    const struct alias *x = as_alias(a), *y = as_alias(b);
    int equal = x->starred == y->starred ? object_equal(t, x->origin, y->origin) : 0;
    if (equal > 0) equal = object_equal(t, x->args, y->args);
    return equal < 0 ? V_NULL : from_bool(equal == (op == CMP_EQ));
}
static value call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    value o = object_call(t, as_alias(self)->origin, args, nargs, kwnames);
    vref name = o ? str_intern_cstr(t, "__orig_class__") : V_NULL;
    if (!name || object_setattr(t, o, name, self) == 0) return o;
    if (raised_is(t, &exc_AttributeError) || raised_is(t, &exc_TypeError)) raised_clear(t); // the object cannot hold it
    else release_field(t, &o);
    return o;
}
static value getitem(struct thread *t, vref self, vref item) {
    vref parameters = parameters_of(t, self);
    value args = parameters ? generic_substitute(t, self, as_alias(self)->args, parameters, item) : V_NULL;
    value r = args ? new_of(t, type_of(self), as_alias(self)->origin, args, as_alias(self)->starred) : V_NULL;
    release_opt(t, args);
    return r;
}
static value iter(struct thread *t, vref self) { // for *tuple[int]: yields the starred form, once
    value starred = new_of(t, type_of(self), as_alias(self)->origin, as_alias(self)->args, true);
    value once = starred ? tuple_pack(t, 1, starred) : V_NULL;
    value it = once ? object_iter(t, once) : V_NULL;
    release_opt(t, once);
    release_opt(t, starred);
    return it;
}

static void destroy(struct thread *t, struct object *o) {
    struct alias *a = (struct alias *)o;
    release_field(t, &a->origin);
    release_field(t, &a->args);
    release_field(t, &a->parameters);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct alias *a = (const struct alias *)o;
    const value fields[] = {a->origin, a->args, a->parameters};
    for (int i = 0; i < 3; i++) {
        int r = fields[i] && is_pointer(fields[i]) ? visit(fields[i], arg) : 0;
        if (r) return r;
    }
    return 0;
}
static const struct native natives[] = {
    {"__origin__", NATIVE_GETSET, .fn = get_origin},
    {"__args__", NATIVE_GETSET, .fn = get_args},
    {"__unpacked__", NATIVE_GETSET, .fn = get_unpacked},
    {"__parameters__", NATIVE_GETSET, .fn = get_parameters, .doc = "the type variables among the arguments"},
    {"__typing_unpacked_tuple_args__", NATIVE_GETSET, .fn = get_unpacked_args},
    {"__mro_entries__", NATIVE_METHOD, "($self, bases, /)", .fn = mro_entries},
    {"__instancecheck__", NATIVE_METHOD, "($self, instance, /)", .fn = instance_check},
    {"__subclasscheck__", NATIVE_METHOD, "($self, cls, /)", .fn = subclass_check},
    {"__reduce__", NATIVE_METHOD, "($self, /)", .fn = reduce, .doc = "Return what pickle makes this again from."},
    {"__dir__", NATIVE_METHOD, "($self, /)", .fn = dir},
    {.name = NULL},
};
struct type type_generic_alias = {
    .name = "GenericAlias", .module = "types", .flags = TYPE_BASE | TYPE_GC | TYPE_HAS_WEAK, .basicsize = sizeof(struct alias), .natives = natives,
    .doc = "A generic type with its arguments, such as list[int]: __origin__ is list, __args__ is (int,).", .destroy = destroy, .traverse = traverse,
    .make = make, .repr = repr, .hash = hash, .compare = compare, .call = call, .getattr = getattr, .getitem = getitem, .iter = iter, .binary = {[NB_OR] = union_or},
};
