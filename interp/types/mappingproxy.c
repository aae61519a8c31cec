// SPDX-License-Identifier: Apache-2.0
// mappingproxy: a read-only view of a mapping, as class dictionaries are shown. Leaves the mapping's own behaviour to it.
#include "interp/types/descr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

struct proxy {
    struct object head;
    value mapping; // owned
};
static vref mapping_of(vref self) { return ((struct proxy *)as_object(self))->mapping; }

value mappingproxy_new(struct thread *t, vref mapping) {
    struct proxy *p = object_alloc_gc(t, sizeof *p, type_mappingproxy.root_shape);
    if (!p) return V_NULL;
    p->mapping = own(t, mapping);
    return counted_word(p);
}

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    bool named = nargs == 0 && kwnames && tuple_size(kwnames) == 1 && str_equal_cstr(tuple_at(kwnames, 0), "mapping");
    if (!named && (nargs != 1 || (kwnames && tuple_size(kwnames)))) {
        if (nargs == 0) return raise(t, &exc_TypeError, "mappingproxy() missing required argument 'mapping' (pos 1)");
        return raise(t, &exc_TypeError, "mappingproxy() takes at most 1 argument (%zu given)", nargs + (kwnames ? tuple_size(kwnames) : 0));
    }
    if (!type_of(args[0])->getitem || has_flag(args[0], TYPE_LIST | TYPE_TUPLE | TYPE_STR | TYPE_BYTES))
        return raise(t, &exc_TypeError, "mappingproxy() argument must be a mapping, not %T", args[0]);
    return mappingproxy_new(t, args[0]);
}

static value forward(struct thread *t, vref self, vref name, const vref *args, size_t n) { return object_call_method(t, mapping_of(self), name, args, n); }
static value keys(struct thread *t, const vref *a) { return forward(t, a[0], NAME(keys), NULL, 0); }
static value items(struct thread *t, const vref *a) { return forward(t, a[0], NAME(items), NULL, 0); }
static value values(struct thread *t, const vref *a) { return object_call_method_cstr(t, mapping_of(a[0]), "values", NULL, 0); }
static value copy(struct thread *t, const vref *a) { return forward(t, a[0], NAME(copy), NULL, 0); }
static value get(struct thread *t, const vref *a) {
    vref args[2] = {a[1], a[2] ? a[2] : V_NONE};
    return forward(t, a[0], NAME(get), args, 2);
}
static value reversed(struct thread *t, const vref *a) { return forward(t, a[0], NAME(__reversed__), NULL, 0); }

static value repr(struct thread *t, vref self) { return str_format(t, "mappingproxy(%R)", mapping_of(self)); }
static value str(struct thread *t, vref self) { return object_str(t, mapping_of(self)); }
static value iter(struct thread *t, vref self) { return object_iter(t, mapping_of(self)); }
static int64_t length(struct thread *t, vref self) { return object_length(t, mapping_of(self)); }
static int64_t hash(struct thread *t, vref self) { return object_hash(t, mapping_of(self)); }
static value getitem(struct thread *t, vref self, vref key) { return object_getitem(t, mapping_of(self), key); }
static int contains(struct thread *t, vref self, vref key) { return object_contains(t, mapping_of(self), key); }
static value compare(struct thread *t, vref a, vref b, enum compare_op op) { return object_compare(t, mapping_of(a), b, op); }
static vref unwrap(vref v) { return type_of(v) == &type_mappingproxy ? mapping_of(v) : v; }
static value merge(struct thread *t, vref a, vref b) { return object_binary(t, unwrap(a), unwrap(b), NB_OR); }
static value merge_in_place(struct thread *t, vref a, vref b) { return raise(t, &exc_TypeError, "'|=' is not supported by %T; use '|' instead", a); }

static void destroy(struct thread *t, struct object *o) { release_field(t, &((struct proxy *)o)->mapping); }
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    value m = ((struct proxy *)o)->mapping;
    return m ? visit(m, arg) : 0;
}

static const struct native natives[] = {
    {"get", NATIVE_METHOD, "($self, key, default=None, /)", get, .doc = "Return what key leads to, default where it leads to nothing."},
    {"keys", NATIVE_METHOD, "($self, /)", keys, .doc = "Return a view of the keys."},
    {"values", NATIVE_METHOD, "($self, /)", values, .doc = "Return a view of the values."},
    {"items", NATIVE_METHOD, "($self, /)", items, .doc = "Return a view of the (key, value) pairs."},
    {"copy", NATIVE_METHOD, "($self, /)", copy, .doc = "Return a copy of the mapping, one that can be changed."},
    {"__reversed__", NATIVE_METHOD, "($self, /)", reversed, .doc = "Iterate over the keys, the last first."},
    {.name = NULL},
};
struct type type_mappingproxy = {
    .name = "mappingproxy", .module = "builtins", .flags = TYPE_GC | TYPE_MAPPING, .basicsize = sizeof(struct proxy), .natives = natives, .destroy = destroy,
    .traverse = traverse, .make = make, .repr = repr, .str = str, .iter = iter, .length = length, .hash = hash, .getitem = getitem, .contains = contains,
    .compare = compare, .binary = {[NB_OR] = merge}, .inplace = {[NB_OR] = merge_in_place},
};
