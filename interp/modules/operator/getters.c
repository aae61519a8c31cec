// SPDX-License-Identifier: Apache-2.0
// itemgetter, attrgetter, methodcaller. Leaves the functions of _operator to operator.c.
#include "interp/modules/operator/operator.h"
#include "interp/modules/modules.h"
#include "interp/types/attr.h"
#include "interp/types/dict.h"

struct getter {
    struct object head;
    value items; // owned tuple: keys; of attrgetter tuples of names, one a dotted part; of methodcaller the arguments
    value name;  // methodcaller: owned interned str
    value kw;    // methodcaller: owned dict, or V_NULL
};
static struct getter *as_getter(vref v) { return (struct getter *)as_object(v); }

static void destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct getter *)o)->items);
    release_field(t, &((struct getter *)o)->name);
    release_field(t, &((struct getter *)o)->kw);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct getter *g = (struct getter *)o;
    const value words[] = {g->items, g->name, g->kw};
    int r = 0;
    for (int i = 0; !r && i < 3; i++) r = words[i] ? visit(words[i], arg) : 0;
    return r;
}
// Takes items (V_NULL: an exception is pending).
static value getter_new(struct thread *t, struct type *cls, value items) {
    value v = items ? object_new_instance(t, cls) : V_NULL;
    if (v) as_getter(v)->items = items;
    else release_opt(t, items);
    return v;
}
static bool one_object(struct thread *t, const char *name, size_t nargs, vref kwnames) {
    return args_no_keywords(t, name, kwnames) && args_count(t, name, nargs, 1, 1);
}
// What `get` makes of each of the items: alone, or as a tuple.
static value collect(struct thread *t, vref items, vref o, value (*get)(struct thread *t, vref o, vref item)) {
    size_t n = tuple_size(items);
    if (n == 1) return get(t, o, tuple_at(items, 0));
    value r = tuple_new(t, n);
    for (size_t i = 0; r && i < n; i++) {
        value v = get(t, o, tuple_at(items, i));
        if (v) as_tuple(r)->at[i] = v;
        else release_field(t, &r);
    }
    return r;
}
// "operator.itemgetter" and its arguments.
static value getter_repr(struct thread *t, vref self, value shown) { // takes shown: a tuple
    struct repr_link link;
    int enter = shown ? repr_enter(t, &link, self) : -1;
    struct type *c = type_of(self);
    const char *module = c->flags & TYPE_HEAP ? "" : "operator.";
    value r = enter == 0 ? str_format(t, "%s%s(...)", module, c->name) : V_NULL;
    if (enter > 0) {
        value text = object_repr(t, shown);
        repr_leave(t, &link);
        if (text && tuple_size(shown) == 1) { // (1,) → (1)
            value cut = str_substring(t, text, 0, (int64_t)as_str(text)->length - 2);
            if (cut) r = str_format(t, "%s%s%U)", module, c->name, cut);
            release_opt(t, cut);
        } else if (text)
            r = str_format(t, "%s%s%U", module, c->name, text);
        release_opt(t, text);
    }
    release_opt(t, shown);
    return r;
}
#define GETTER(id, natives_, make_, call_, repr_, doc_)                                                                                                            \
    struct type operator_##id = {                                                                                                                                  \
        .name = #id, .module = "operator", .flags = TYPE_GC | TYPE_BASE, .basicsize = sizeof(struct getter), .natives = natives_, .make = make_, .call = call_,   \
        .repr = repr_, .destroy = destroy, .traverse = traverse, .clear = destroy, .doc = doc_,                                                                    \
    }

// ---- itemgetter ----

static value item_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (!args_no_keywords(t, "itemgetter", kwnames)) return V_NULL;
    if (!nargs) return raise(t, &exc_TypeError, "itemgetter expected 1 argument, got 0");
    return getter_new(t, cls, tuple_from_array(t, args, nargs));
}
static value item_get(struct thread *t, vref o, vref key) {
    if (has_shape(o, SHAPE_TUPLE) && is_int62(key) && (uint64_t)as_int62(key) < tuple_size(o)) return own(t, tuple_at(o, (size_t)as_int62(key)));
    return object_getitem(t, o, key);
}
static value item_call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    return one_object(t, "itemgetter", nargs, kwnames) ? collect(t, as_getter(self)->items, args[0], item_get) : V_NULL;
}
static value item_repr(struct thread *t, vref self) { return getter_repr(t, self, own(t, as_getter(self)->items)); }
static value item_reduce(struct thread *t, const vref *a) { return tuple_pack(t, 2, type_ref(type_of(a[0])), as_getter(a[0])->items); }
static const struct native item_natives[] = {{"__reduce__", NATIVE_METHOD, "($self, /)", item_reduce, .doc = "Return what pickle makes this again from."}, {NULL}};
GETTER(itemgetter, item_natives, item_make, item_call, item_repr,
       "A callable that returns what its argument holds under the given keys.\n\nitemgetter('a')(x) is x['a']; itemgetter('a', 0)(x) is (x['a'], x[0]).");

// ---- attrgetter ----

// The parts between the dots, interned: a tuple.
static value split_name(struct thread *t, vref name) {
    value dot = str_from_char(t, '.'), list = dot ? object_call_method_cstr(t, name, "split", &dot, 1) : V_NULL;
    value parts = list ? list_to_tuple(t, list) : V_NULL;
    release_opt(t, dot);
    release_opt(t, list);
    for (size_t i = 0; parts && i < tuple_size(parts); i++) {
        value key = attr_name(t, tuple_at(parts, i));
        if (key) replace_field(t, &as_tuple(parts)->at[i], key);
        else release_field(t, &parts);
    }
    return parts;
}
static value attr_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (!args_no_keywords(t, "attrgetter", kwnames)) return V_NULL;
    if (!nargs) return raise(t, &exc_TypeError, "attrgetter expected 1 argument, got 0");
    value items = tuple_new(t, nargs);
    for (size_t i = 0; items && i < nargs; i++) {
        value parts = is_str(args[i]) ? split_name(t, args[i]) : raise(t, &exc_TypeError, "attribute name must be a string");
        if (parts) as_tuple(items)->at[i] = parts;
        else release_field(t, &items);
    }
    return getter_new(t, cls, items);
}
static value attr_get(struct thread *t, vref o, vref parts) {
    value v = object_getattr(t, o, tuple_at(parts, 0));
    for (size_t i = 1; v && i < tuple_size(parts); i++) {
        value next = object_getattr(t, v, tuple_at(parts, i));
        release(t, v);
        v = next;
    }
    return v;
}
static value attr_call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    return one_object(t, "attrgetter", nargs, kwnames) ? collect(t, as_getter(self)->items, args[0], attr_get) : V_NULL;
}
// The names as they were given. returns new tuple.
static value attr_names(struct thread *t, vref self) {
    vref items = as_getter(self)->items;
    value r = tuple_new(t, tuple_size(items)), dot = r ? str_from_char(t, '.') : V_NULL;
    for (size_t i = 0; dot && r && i < tuple_size(items); i++) {
        value name = str_join(t, dot, tuple_at(items, i));
        if (name) as_tuple(r)->at[i] = name;
        else release_field(t, &r);
    }
    release_opt(t, dot);
    return r;
}
static value attr_repr(struct thread *t, vref self) { return getter_repr(t, self, attr_names(t, self)); }
static value attr_reduce(struct thread *t, const vref *a) {
    value names = attr_names(t, a[0]), r = names ? tuple_pack(t, 2, type_ref(type_of(a[0])), names) : V_NULL;
    release_opt(t, names);
    return r;
}
static const struct native attr_natives[] = {{"__reduce__", NATIVE_METHOD, "($self, /)", attr_reduce, .doc = "Return what pickle makes this again from."}, {NULL}};
GETTER(attrgetter, attr_natives, attr_make, attr_call, attr_repr,
       "A callable that returns the given attributes of its argument; dots lead into attributes of attributes.\n\n"
       "attrgetter('a.b')(x) is x.a.b; attrgetter('a', 'c')(x) is (x.a, x.c).");

// ---- methodcaller ----

static value method_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (!nargs) return raise(t, &exc_TypeError, "methodcaller needs at least one argument, the method name");
    if (!is_str(args[0])) return raise(t, &exc_TypeError, "method name must be a string");
    value v = getter_new(t, cls, tuple_from_array(t, args + 1, nargs - 1));
    if (!v) return V_NULL;
    struct getter *g = as_getter(v);
    g->name = attr_name(t, args[0]);
    bool ok = g->name != V_NULL;
    if (ok && keyword_count(kwnames)) {
        ok = (g->kw = dict_new(t)) != V_NULL;
        for (size_t i = 0; ok && i < keyword_count(kwnames); i++) ok = dict_set(t, g->kw, tuple_at(kwnames, i), args[nargs + i]);
    }
    if (!ok) release_field(t, &v);
    return v;
}
static value method_call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    struct getter *g = as_getter(self);
    if (!one_object(t, "methodcaller", nargs, kwnames)) return V_NULL;
    if (!g->kw) return object_call_method(t, args[0], g->name, as_tuple(g->items)->at, tuple_size(g->items));
    value f = object_getattr(t, args[0], g->name), r = f ? object_call_ex(t, f, g->items, g->kw) : V_NULL;
    release_opt(t, f);
    return r;
}
static value method_repr(struct thread *t, vref self) {
    struct getter *g = as_getter(self);
    struct repr_link link;
    int enter = repr_enter(t, &link, self);
    const char *module = type_of(self)->flags & TYPE_HEAP ? "" : "operator.";
    if (enter <= 0) return enter < 0 ? V_NULL : str_format(t, "%s%s(...)", module, type_of(self)->name);
    struct str_builder b;
    builder_init(&b, t);
    builder_cstr(&b, module);
    builder_cstr(&b, type_of(self)->name);
    builder_char(&b, '(');
    builder_repr(&b, g->name);
    for (size_t i = 0; !b.failed && i < tuple_size(g->items); i++) {
        builder_ascii(&b, ", ", 2);
        builder_repr(&b, tuple_at(g->items, i));
    }
    value key, v;
    for (size_t pos = 0; g->kw && !b.failed && dict_next(t, g->kw, &pos, &key, &v);) {
        builder_ascii(&b, ", ", 2);
        builder_str(&b, key);
        builder_char(&b, '=');
        builder_repr(&b, v);
        release(t, key);
        release(t, v);
    }
    builder_char(&b, ')');
    repr_leave(t, &link);
    return builder_finish(&b);
}
// type(name, *args), or functools.partial(type, name, **kw)(*args).
static value method_reduce(struct thread *t, const vref *a) {
    struct getter *g = as_getter(a[0]);
    size_t n = tuple_size(g->items);
    value cls = type_ref(type_of(a[0])), args = V_NULL, r = V_NULL;
    if (!g->kw) {
        if ((args = tuple_new(t, n + 1))) {
            as_tuple(args)->at[0] = own(t, g->name);
            for (size_t i = 0; i < n; i++) as_tuple(args)->at[i + 1] = own(t, tuple_at(g->items, i));
            r = tuple_pack(t, 2, cls, args);
        }
    } else {
        value name = str_from_cstr(t, "functools"), m = name ? import_dotted(t, name) : V_NULL;
        value partial = m ? object_getattr_cstr(t, m, "partial") : V_NULL, f;
        args = partial ? tuple_pack(t, 2, cls, g->name) : V_NULL;
        f = args ? object_call_ex(t, partial, args, g->kw) : V_NULL;
        if (f) r = tuple_pack(t, 2, f, g->items);
        release_opt(t, f);
        release_opt(t, partial);
        release_opt(t, m);
        release_opt(t, name);
    }
    release_opt(t, args);
    return r;
}
static const struct native method_natives[] = {{"__reduce__", NATIVE_METHOD, "($self, /)", method_reduce, .doc = "Return what pickle makes this again from."}, {NULL}};
GETTER(methodcaller, method_natives, method_make, method_call, method_repr,
       "A callable that calls the method of that name of its argument, with the arguments given here.\n\nmethodcaller('m', 1, k=2)(x) is x.m(1, k=2).");
