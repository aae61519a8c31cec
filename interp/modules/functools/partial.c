// SPDX-License-Identifier: Apache-2.0
// functools.partial. Leaves partialmethod to the library.
#include "interp/modules/functools/functools.h"
#include "interp/types/names.h"

struct partial {
    struct object head;
    value f, args, kw; // owned: callable, tuple, dict. Replaced only by __setstate__
};
static struct partial *as_partial(vref v) { return (struct partial *)as_object(v); }
// A partial without attributes of its own: it may be taken apart.
static bool is_bare(vref v) { return is_pointer(v) && type_of(v) == &functools_partial && as_object(v)->shape == functools_partial.root_shape; }

static bool fill_keywords(struct thread *t, vref dict, const vref *values, vref kwnames) {
    for (size_t i = 0; i < keyword_count(kwnames); i++)
        if (!dict_set(t, dict, tuple_at(kwnames, i), values[i])) return false;
    return true;
}
static value tuple_joined(struct thread *t, vref head, const vref *tail, size_t n) {
    size_t m = tuple_size(head);
    if (m && !n && has_shape(head, SHAPE_TUPLE)) return own(t, head);
    value r = tuple_new(t, m + n);
    for (size_t i = 0; r && i < m + n; i++) as_tuple(r)->at[i] = own(t, i < m ? tuple_at(head, i) : tail[i - m]);
    return r;
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    if (nargs == 0) return raise(t, &exc_TypeError, "type 'partial' takes at least one argument");
    if (!object_is_callable(args[0])) return raise(t, &exc_TypeError, "the first argument must be callable");
    value inner = is_bare(args[0]) && cls == &functools_partial ? own(t, args[0]) : V_NULL;
    vref f = inner ? as_partial(inner)->f : args[0];
    value v = object_new_instance(t, cls);
    if (v) {
        struct partial *p = as_partial(v);
        p->f = own(t, f);
        p->args = tuple_joined(t, inner ? as_partial(inner)->args : tuple_empty, args + 1, nargs - 1);
        p->kw = inner ? dict_copy(t, as_partial(inner)->kw) : dict_new(t);
        if (!p->args || !p->kw || !fill_keywords(t, p->kw, args + nargs, kwnames)) release_field(t, &v);
    }
    release_opt(t, inner);
    return v;
}

// With keywords on both sides: those of the call win.
static value call_merged(struct thread *t, vref f, vref pargs, vref pkw, const vref *args, size_t nargs, vref kwnames) {
    value all = tuple_joined(t, pargs, args, nargs), kw = all ? dict_copy(t, pkw) : V_NULL, r = V_NULL;
    if (kw && fill_keywords(t, kw, args + nargs, kwnames)) r = object_call_ex(t, f, all, kw);
    release_opt(t, all);
    release_opt(t, kw);
    return r;
}
static value call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    struct partial *p = as_partial(self);
    value f = field_load(t, &p->f), pargs = field_load(t, &p->args), kw = field_load(t, &p->kw), r;
    size_t m = tuple_size(pargs), all = m + nargs + keyword_count(kwnames);
    vref few[16];
    if (dict_count(kw)) r = call_merged(t, f, pargs, kw, args, nargs, kwnames);
    else {
        vref *argv = all <= 16 ? few : mem_alloc(t, all * sizeof(vref));
        r = V_NULL;
        if (argv) {
            for (size_t i = 0; i < m; i++) argv[i] = borrow(tuple_at(pargs, i));
            for (size_t i = m; i < all; i++) argv[i] = args[i - m];
            r = object_call(t, f, argv, m + nargs, kwnames);
            if (argv != few) mem_free(t, argv, all * sizeof(vref));
        }
    }
    release(t, f);
    release(t, pargs);
    release(t, kw);
    return r;
}

static bool repr_parts(struct str_builder *b, vref args, vref kw) {
    for (size_t i = 0; i < tuple_size(args); i++) {
        builder_ascii(b, ", ", 2);
        builder_repr(b, tuple_at(args, i));
    }
    value key, v;
    for (size_t pos = 0; !b->failed && dict_next(b->t, kw, &pos, &key, &v);) {
        value name = object_str(b->t, key);
        builder_ascii(b, ", ", 2);
        if (name) builder_str(b, name);
        builder_char(b, '=');
        if (name) builder_repr(b, v);
        release_opt(b->t, name);
        release(b->t, key);
        release(b->t, v);
        if (!name) return false;
    }
    return !b->failed;
}
static value repr(struct thread *t, vref self) {
    struct repr_link link;
    int enter = repr_enter(t, &link, self);
    if (enter <= 0) return enter < 0 ? V_NULL : str_from_cstr(t, "...");
    struct partial *p = as_partial(self);
    value f = field_load(t, &p->f), args = field_load(t, &p->args), kw = field_load(t, &p->kw);
    struct str_builder b;
    builder_init(&b, t);
    if (type_of(self) == &functools_partial) builder_cstr(&b, "functools.");
    builder_cstr(&b, type_of(self)->name);
    builder_char(&b, '(');
    builder_repr(&b, f);
    bool ok = !b.failed && repr_parts(&b, args, kw);
    builder_char(&b, ')');
    release(t, f);
    release(t, args);
    release(t, kw);
    repr_leave(t, &link);
    if (ok) return builder_finish(&b);
    builder_discard(&b);
    return V_NULL;
}

static value own_dict(struct thread *t, vref self) { // __dict__, or None when there is nothing in it
    if (as_object(self)->shape == type_of(self)->root_shape) return V_NONE;
    return object_get_dict(t, self);
}
static value reduce(struct thread *t, const vref *a) {
    struct partial *p = as_partial(a[0]);
    value f = field_load(t, &p->f), args = field_load(t, &p->args), kw = field_load(t, &p->kw), dict = own_dict(t, a[0]), r = V_NULL;
    value make_args = dict ? tuple_pack(t, 1, f) : V_NULL, state = make_args ? tuple_pack(t, 4, f, args, kw, dict) : V_NULL;
    if (state) r = tuple_pack(t, 3, type_ref(type_of(a[0])), make_args, state);
    const value all[] = {f, args, kw, dict, make_args, state};
    for (int i = 0; i < 6; i++) release_opt(t, all[i]);
    return r;
}
static value setstate(struct thread *t, const vref *a) {
    struct partial *p = as_partial(a[0]);
    vref s = a[1];
    if (!is_tuple(s) || tuple_size(s) != 4 || !object_is_callable(tuple_at(s, 0)) || !is_tuple(tuple_at(s, 1)) || !(is_none(tuple_at(s, 2)) || is_dict(tuple_at(s, 2))))
        return raise(t, &exc_TypeError, "invalid partial state");
    vref in_kw = tuple_at(s, 2), dict = tuple_at(s, 3);
    value args = has_shape(tuple_at(s, 1), SHAPE_TUPLE) ? own(t, tuple_at(s, 1)) : tuple_from_iterable(t, tuple_at(s, 1));
    value kw = !args ? V_NULL : is_none(in_kw) ? dict_new(t) : has_shape(in_kw, SHAPE_DICT) ? own(t, in_kw) : dict_copy(t, in_kw);
    if (!kw) {
        release_opt(t, args);
        return V_NULL;
    }
    field_store(t, &p->head, &p->f, own(t, tuple_at(s, 0)));
    field_store(t, &p->head, &p->args, args);
    field_store(t, &p->head, &p->kw, kw);
    if (is_none(dict)) {
        value old = own_dict(t, a[0]);
        if (old && !is_none(old)) dict_clear(t, old);
        release_opt(t, old);
        return old ? V_NONE : V_NULL;
    }
    return object_setattr(t, a[0], NAME(__dict__), dict) < 0 ? V_NULL : V_NONE;
}

static void destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct partial *)o)->f);
    release_field(t, &((struct partial *)o)->args);
    release_field(t, &((struct partial *)o)->kw);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct partial *p = (struct partial *)o;
    const value words[] = {p->f, p->args, p->kw};
    int r = 0;
    for (int i = 0; !r && i < 3; i++) r = words[i] ? visit(words[i], arg) : 0;
    return r;
}

static const struct native natives[] = {
    {"func", NATIVE_MEMBER, .offset = offsetof(struct partial, f), .doc = "the callable that a call goes to"},
    {"args", NATIVE_MEMBER, .offset = offsetof(struct partial, args), .doc = "the positional arguments that come before those of a call"},
    {"keywords", NATIVE_MEMBER, .offset = offsetof(struct partial, kw), .doc = "the keyword arguments that a call may override"},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reduce, .doc = "Return what pickle makes this again from."},
    {"__setstate__", NATIVE_METHOD, "($self, state, /)", setstate, .doc = "Take over the state that __reduce__ gave."},
    {"__class_getitem__", NATIVE_CLASS, "($type, object, /)", seq_class_getitem, .doc = "See PEP 585"},
    {NULL},
};
struct type functools_partial = {
    .name = "partial", .module = "functools", .flags = TYPE_GC | TYPE_BASE | TYPE_HAS_DICT | TYPE_HAS_WEAK, .basicsize = sizeof(struct partial), .natives = natives,
    .doc = "A callable that calls func with these arguments before, or by keyword besides, its own.",
    .make = make, .destroy = destroy, .traverse = traverse, .call = call, .repr = repr,
};
