// SPDX-License-Identifier: Apache-2.0
// The module _collections, and _tuplegetter, the attribute of a namedtuple. Leaves the containers to their files.
#include "interp/modules/collections/collections.h"
#include "interp/modules/modules.h"
#include "interp/types/args.h"
#include "interp/types/num.h"

struct tuplegetter {
    struct object head;
    int64_t index;
    value doc; // owned
};
static struct tuplegetter *as_getter(vref v) { return (struct tuplegetter *)as_object(v); }

static value getter_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    int64_t index;
    if (!args_no_keywords(t, "_tuplegetter", kwnames) || !args_count(t, "_tuplegetter", nargs, 2, 2) || !object_as_index(t, args[0], &index)) return V_NULL;
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    as_getter(v)->index = index;
    as_getter(v)->doc = own(t, args[1]);
    return v;
}
static value getter_get(struct thread *t, vref self, vref obj, vref cls) {
    (void)cls;
    int64_t i = as_getter(self)->index;
    if (unlikely(!obj)) return own(t, self);
    if (unlikely(!is_tuple(obj))) {
        if (is_none(obj)) return own(t, self);
        return raise(t, &exc_TypeError, "descriptor for index '%ld' for tuple subclasses doesn't apply to '%T' object", i, obj);
    }
    if (unlikely(i < 0 || (size_t)i >= tuple_size(obj))) return raise(t, &exc_IndexError, "tuple index out of range");
    return own(t, tuple_at(obj, (size_t)i));
}
static int getter_set(struct thread *t, vref self, vref obj, vref v) {
    (void)self, (void)obj;
    raise(t, &exc_AttributeError, v ? "can't set attribute" : "can't delete attribute");
    return -1;
}
static value getter_reduce(struct thread *t, const vref *a) {
    value doc = field_load(t, &as_getter(a[0])->doc), args = tuple_pack(t, 2, from_int62(as_getter(a[0])->index), doc);
    value r = args ? tuple_pack(t, 2, type_ref(type_of(a[0])), args) : V_NULL;
    release(t, doc);
    release_opt(t, args);
    return r;
}
static value getter_repr(struct thread *t, vref self) {
    value doc = field_load(t, &as_getter(self)->doc), r = str_format(t, "_tuplegetter(%ld, %R)", as_getter(self)->index, doc);
    release(t, doc);
    return r;
}
static value getter_get_doc(struct thread *t, const vref *a) { return field_load(t, &as_getter(a[0])->doc); }
static int getter_set_doc(struct thread *t, vref self, vref v) {
    field_store(t, as_object(self), &as_getter(self)->doc, v ? own(t, v) : V_NONE);
    return 0;
}
static void getter_destroy(struct thread *t, struct object *o) { release_field(t, &((struct tuplegetter *)o)->doc); }
static int getter_traverse(struct object *o, visit_fn *visit, void *arg) { return ((struct tuplegetter *)o)->doc ? visit(((struct tuplegetter *)o)->doc, arg) : 0; }

static const struct native getter_natives[] = {
    {"__reduce__", NATIVE_METHOD, "($self, /)", getter_reduce, .doc = "Return what pickle makes this again from."},
    {"__doc__", NATIVE_GETSET, .fn = getter_get_doc, .set = getter_set_doc},
    {NULL},
};
struct type type_tuplegetter = {
    .name = "_tuplegetter", .module = "_collections", .flags = TYPE_GC, .basicsize = sizeof(struct tuplegetter), .natives = getter_natives, .make = getter_make,
    .destroy = getter_destroy, .traverse = getter_traverse, .repr = getter_repr, .descr_get = getter_get, .descr_set = getter_set,
};

static const struct native functions[] = {
    {"_count_elements", NATIVE_FUNCTION, "($module, mapping, iterable, /)", .fn = collections_count_elements,
     .doc = "Add to mapping[item] 1 for each item of the iterable."},
};

value collections_make(struct thread *t) {
    static const struct {
        const char *name;
        struct type *type;
    } types[] = {{"deque", &type_deque}, {"defaultdict", &type_defaultdict}, {"OrderedDict", &type_odict}, {"_deque_iterator", &type_deque_iter},
                 {"_deque_reverse_iterator", &type_deque_reverse_iter}, {"_tuplegetter", &type_tuplegetter}};
    value m = module_from_natives(t, "_collections", "The containers of collections that are written in C.", functions, sizeof functions / sizeof *functions);
    bool ok = m != V_NULL;
    for (size_t i = 0; ok && i < sizeof types / sizeof *types; i++)
        ok = type_ready(t, types[i].type) && module_set(t, m, types[i].name, type_ref(types[i].type));
    if (ok && odict_start(t)) return m;
    release_opt(t, m);
    return V_NULL;
}
