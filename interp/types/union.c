// SPDX-License-Identifier: Apache-2.0
// types.UnionType: int | str. Leaves typing.Union to the library.
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/generic.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

struct union_object {
    struct object head;
    value args;       // owned tuple
    value parameters; // owned tuple, V_NULL until asked for
};
static struct union_object *as_union(vref v) { return (struct union_object *)as_object(v); }
static bool is_union(vref v) { return type_of(v) == &type_union; }

static bool may_join(vref v) { return is_none(v) || is_type(v) || is_union(v) || is_instance(v, &type_generic_alias); }

// Appends v, or what it is a union of, unless it is there already.
static bool add(struct thread *t, value list, vref v) {
    if (is_union(v)) {
        for (size_t i = 0; i < tuple_size(as_union(v)->args); i++)
            if (!add(t, list, tuple_at(as_union(v)->args, i))) return false;
        return true;
    }
    if (is_none(v)) v = type_ref(&type_none);
    for (size_t i = 0; i < list_size(list); i++) {
        value have = list_get_or_null(t, list, i);
        int same = borrow(have) == borrow(v);
        if (!same && !is_type(have) && !is_type(v)) same = object_equal(t, have, v);
        release(t, have);
        if (same) return same > 0;
    }
    return list_append(t, list, v);
}

static value from_list(struct thread *t, value list) {
    if (list_size(list) == 1) return list_get(t, list, 0);
    struct union_object *u = object_alloc_gc(t, sizeof *u, type_union.root_shape);
    if (!u) return V_NULL;
    u->parameters = V_NULL;
    u->args = tuple_empty;
    value v = counted_word(u), args = list_to_tuple(t, list);
    if (args) u->args = args;
    else release_field(t, &v);
    return v;
}

value union_from_args(struct thread *t, vref args) {
    value list = list_new(t, 0), r = V_NULL;
    bool ok = list != V_NULL;
    for (size_t i = 0; ok && i < tuple_size(args); i++) ok = add(t, list, tuple_at(args, i));
    if (ok) r = from_list(t, list);
    release_opt(t, list);
    return r;
}

value union_or(struct thread *t, vref a, vref b) {
    if (!may_join(a) || !may_join(b)) return V_NOTIMPL;
    value pair = tuple_pack(t, 2, a, b);
    value r = pair ? union_from_args(t, pair) : V_NULL;
    release_opt(t, pair);
    return r;
}

// ---- behaviour ----

static value repr(struct thread *t, vref self) {
    struct str_builder b;
    builder_init(&b, t);
    for (size_t i = 0; i < tuple_size(as_union(self)->args); i++) {
        vref arg = tuple_at(as_union(self)->args, i);
        value text;
        if (i) builder_ascii(&b, " | ", 3);
        if (borrow(arg) == type_ref(&type_none)) {
            builder_ascii(&b, "None", 4);
        } else if (generic_repr_item(t, arg, &text)) {
            builder_str(&b, text);
            release(t, text);
        } else {
            builder_discard(&b);
            return V_NULL;
        }
    }
    return builder_finish(&b);
}
static value args_set(struct thread *t, vref self) { return set_new(t, true, as_union(self)->args); }
static int64_t hash(struct thread *t, vref self) {
    value s = args_set(t, self);
    int64_t h = s ? object_hash(t, s) : -1;
    release_opt(t, s);
    return h;
}
static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if ((op != CMP_EQ && op != CMP_NE) || !is_union(a) || !is_union(b)) return V_NOTIMPL;
    value x = args_set(t, a), y = x ? args_set(t, b) : V_NULL;
    value r = y ? object_compare(t, x, y, op) : V_NULL;
    release_opt(t, x);
    release_opt(t, y);
    return r;
}

static bool check_args(struct thread *t, vref self, const char *function) {
    for (size_t i = 0; i < tuple_size(as_union(self)->args); i++) {
        if (!is_instance(tuple_at(as_union(self)->args, i), &type_generic_alias)) continue;
        raise(t, &exc_TypeError, "%s() argument 2 cannot be a parameterized generic", function);
        return false;
    }
    return true;
}
static value instance_check(struct thread *t, const vref *a) {
    int r = check_args(t, a[0], "isinstance") ? object_is_instance(t, a[1], as_union(a[0])->args) : -1;
    return r < 0 ? V_NULL : from_bool(r);
}
static value subclass_check(struct thread *t, const vref *a) {
    if (!is_type(a[1])) return raise(t, &exc_TypeError, "issubclass() arg 1 must be a class");
    int r = check_args(t, a[0], "issubclass") ? object_is_subclass(t, a[1], as_union(a[0])->args) : -1;
    return r < 0 ? V_NULL : from_bool(r);
}
static value get_args(struct thread *t, const vref *a) { return own(t, as_union(a[0])->args); }
static value get_parameters(struct thread *t, const vref *a) { return generic_parameters(t, as_union(a[0])->args); }

// (list[T] | T)[int]: the arguments with T replaced, joined again by |.
static value getitem(struct thread *t, vref self, vref item) {
    value parameters = get_parameters(t, &self);
    value args = parameters ? generic_substitute(t, self, as_union(self)->args, parameters, item) : V_NULL;
    value r = args ? own(t, tuple_at(args, 0)) : V_NULL;
    for (size_t i = 1; r && i < tuple_size(args); i++) {
        value joined = object_binary(t, r, tuple_at(args, i), NB_OR);
        release(t, r);
        r = joined;
    }
    release_opt(t, args);
    release_opt(t, parameters);
    return r;
}

static void destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct union_object *)o)->args);
    release_field(t, &((struct union_object *)o)->parameters);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    value args = ((struct union_object *)o)->args;
    return args ? visit(args, arg) : 0;
}
static const struct native natives[] = {
    {"__args__", NATIVE_GETSET, .fn = get_args},
    {"__parameters__", NATIVE_GETSET, .fn = get_parameters, .doc = "the type variables among the arguments"},
    {"__instancecheck__", NATIVE_METHOD, "($self, instance, /)", .fn = instance_check},
    {"__subclasscheck__", NATIVE_METHOD, "($self, cls, /)", .fn = subclass_check},
    {.name = NULL},
};
struct type type_union = {
    .name = "UnionType", .module = "types", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct union_object), .natives = natives, .destroy = destroy,
    .traverse = traverse, .repr = repr, .hash = hash, .compare = compare, .getitem = getitem, .binary = {[NB_OR] = union_or},
    .doc = "Represent a PEP 604 union type\n\nE.g. for int | str",
};
