// SPDX-License-Identifier: Apache-2.0
// types.SimpleNamespace: attributes in a dict, a repr, comparison. Leaves attribute access to attr.c.
#include "interp/types/namespace.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/seq.h"
#include "interp/types/sequence.h"
#include "interp/types/str.h"

struct space {
    struct object head;
    value dict; // owned; never V_NULL once made
};
static struct space *as_space(vref v) { return (struct space *)as_object(v); }

value namespace_new(struct thread *t, value dict) {
    struct space *s = object_alloc_gc(t, sizeof *s, type_namespace.root_shape);
    if (!s) {
        release(t, dict);
        return V_NULL;
    }
    s->dict = dict;
    return counted_word(s);
}

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    value dict = dict_new(t), self = dict ? object_new_instance(t, cls) : V_NULL;
    if (self) as_space(self)->dict = dict;
    else release_opt(t, dict);
    return self;
}
static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (nargs) {
        raise(t, &exc_TypeError, "no positional arguments expected");
        return -1;
    }
    for (size_t k = 0; kwnames && k < tuple_size(kwnames); k++)
        if (!dict_set(t, as_space(self)->dict, tuple_at(kwnames, k), args[k])) return -1;
    return 0;
}

static bool repr_items(struct str_builder *b, vref dict) {
    size_t pos = 0;
    value key, v;
    for (bool first = true; dict_next(b->t, dict, &pos, &key, &v);) {
        if (is_str(key) && as_str(key)->length) {
            if (!first) builder_cstr(b, ", ");
            first = false;
            builder_str(b, key);
            builder_char(b, '=');
            builder_repr(b, v);
        }
        release(b->t, key);
        release(b->t, v);
        if (b->failed) return false;
    }
    return true;
}
static value repr(struct thread *t, vref self) {
    const char *name = type_of(self) == &type_namespace ? "namespace" : type_of(self)->name;
    struct repr_link link;
    int enter = repr_enter(t, &link, self);
    if (enter <= 0) return enter < 0 ? V_NULL : str_format(t, "%s(...)", name);
    struct str_builder b;
    builder_init(&b, t);
    builder_cstr(&b, name);
    builder_char(&b, '(');
    bool ok = repr_items(&b, as_space(self)->dict);
    builder_char(&b, ')');
    repr_leave(t, &link);
    if (ok) return builder_finish(&b);
    builder_discard(&b);
    return V_NULL;
}
static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!is_instance(a, &type_namespace) || !is_instance(b, &type_namespace)) return V_NOTIMPL;
    return object_compare(t, as_space(a)->dict, as_space(b)->dict, op);
}
static value reduce(struct thread *t, const vref *a) { return tuple_pack(t, 3, type_ref(type_of(a[0])), tuple_empty, as_space(a[0])->dict); }
static value get_dict(struct thread *t, const vref *a) { return own(t, as_space(a[0])->dict); }
static void destroy(struct thread *t, struct object *o) { release_field(t, &((struct space *)o)->dict); }
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    value d = ((struct space *)o)->dict;
    return d ? visit(d, arg) : 0;
}
static void clear(struct thread *t, struct object *o) {
    if (((struct space *)o)->dict && !dict_clear(t, ((struct space *)o)->dict)) raised_clear(t);
}

static const struct native natives[] = {
    {.name = "__dict__", .kind = NATIVE_GETSET, .fn = get_dict},
    {.name = "__reduce__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = reduce, .doc = "Return what pickle makes this again from."},
    {0},
};
struct type type_namespace = {
    .name = "SimpleNamespace", .module = "types", .flags = TYPE_BASE | TYPE_GC, .basicsize = sizeof(struct space), .base = &type_object,
    .dict_offset = offsetof(struct space, dict), .natives = natives,
    .doc = "An object that is nothing but its attributes, given as keyword arguments.",
    .make = make, .init = init, .repr = repr,
    .compare = compare, .destroy = destroy, .traverse = traverse, .clear = clear,
};
