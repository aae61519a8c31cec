// SPDX-License-Identifier: Apache-2.0
// cmp_to_key, reduce and the module _functools. Leaves partial and lru_cache to their files.
#include "interp/modules/functools/functools.h"
#include "interp/modules/modules.h"

// ---- cmp_to_key: K, and the K(obj) that it makes ----

struct key {
    struct object head;
    value cmp, obj; // owned; obj V_NULL in K itself
};
static struct key *as_key(vref v) { return (struct key *)as_object(v); }

static value key_new(struct thread *t, vref cmp, vref obj) {
    struct key *k = object_alloc_gc(t, sizeof *k, functools_key.root_shape);
    if (!k) return V_NULL;
    k->cmp = own(t, cmp);
    k->obj = obj ? own(t, obj) : V_NULL;
    return counted_word(k);
}
value functools_cmp_to_key(struct thread *t, const vref *a) { return key_new(t, a[0], V_NULL); }

static value key_call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    const struct args_spec spec = {"K", (const char *const[]){"obj"}, 0, 1, 1};
    vref obj;
    if (nargs == 1 && !keyword_count(kwnames)) obj = args[0];
    else if (!args_bind(t, &spec, args, nargs, kwnames, &obj)) return V_NULL;
    return key_new(t, as_key(self)->cmp, obj);
}
static value key_compare(struct thread *t, vref a, vref b, enum compare_op op) {
    if (!is_pointer(a) || !is_pointer(b) || type_of(a) != &functools_key || type_of(b) != &functools_key) return raise(t, &exc_TypeError, "other argument must be K instance");
    value x = field_load(t, &as_key(a)->obj), y = field_load(t, &as_key(b)->obj), r = V_NULL;
    if (x && y) r = object_call2(t, as_key(a)->cmp, x, y);
    else raise(t, &exc_AttributeError, "object");
    release_opt(t, x);
    release_opt(t, y);
    if (!r) return V_NULL;
    value answer = object_compare(t, r, from_int62(0), op);
    release(t, r);
    return answer;
}
static value key_get(struct thread *t, const vref *a) {
    value obj = field_load(t, &as_key(a[0])->obj);
    return obj ? obj : raise(t, &exc_AttributeError, "obj");
}
static int key_set(struct thread *t, vref self, vref v) {
    field_store(t, as_object(self), &as_key(self)->obj, v ? own(t, v) : V_NULL);
    return 0;
}
static void key_destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct key *)o)->cmp);
    release_field(t, &((struct key *)o)->obj);
}
static int key_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct key *k = (struct key *)o;
    int r = k->cmp ? visit(k->cmp, arg) : 0;
    return r || !k->obj ? r : visit(k->obj, arg);
}
static const struct native key_natives[] = {{"obj", NATIVE_GETSET, .fn = key_get, .set = key_set, .doc = "Value wrapped by a key function."}, {NULL}};
struct type functools_key = {
    .name = "KeyWrapper", .module = "functools", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct key), .natives = key_natives, .destroy = key_destroy,
    .traverse = key_traverse, .clear = key_destroy, .call = key_call, .compare = key_compare, .hash = hash_unhashable,
};

// ---- reduce ----

static value reduce(struct thread *t, const vref *a) {
    value it = object_iter(t, a[1]), r = a[2] ? own(t, a[2]) : V_NULL, v;
    if (!it) {
        release_opt(t, r);
        if (raised_is(t, &exc_TypeError)) raise(t, &exc_TypeError, "reduce() arg 2 must support iteration");
        return V_NULL;
    }
    if (!r) r = object_next(t, it);
    if (!r && !raised(t)) raise(t, &exc_TypeError, "reduce() of empty iterable with no initial value");
    while (r && (v = object_next(t, it)) != V_NULL) {
        value next = object_call2(t, a[0], r, v);
        release(t, v);
        release(t, r);
        r = next;
        if (r && !safepoint_poll(t)) release_field(t, &r);
    }
    release(t, it);
    if (r && raised(t)) release_field(t, &r);
    return r;
}

static const struct native functions[] = {
    {"reduce", NATIVE_FUNCTION, "($module, function, iterable, initial=<unrepresentable>, /)", .fn = reduce,
     .doc = "Fold the items from left to right: function(function(a, b), c) and so on.\n\n"
            "initial goes before the first item, and is what an empty iterable gives; TypeError without either."},
    {"cmp_to_key", NATIVE_FUNCTION, "($module, /, mycmp)", .fn = functools_cmp_to_key,
     .doc = "Return a class whose instances compare as mycmp(a, b) says: < 0, 0 or > 0."},
};
value functools_make(struct thread *t) {
    value m = module_from_natives(t, "_functools", "What functools has in C: reduce, partial, cmp_to_key, the cache.", functions, sizeof functions / sizeof *functions);
    if (m && type_ready(t, &functools_partial) && type_ready(t, &functools_key) && functools_lru_start(t) && module_set(t, m, "partial", type_ref(&functools_partial)) &&
        module_set(t, m, "_lru_cache_wrapper", type_ref(&functools_lru_wrapper)))
        return m;
    release_opt(t, m);
    return V_NULL;
}
