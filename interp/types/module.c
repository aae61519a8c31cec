// SPDX-License-Identifier: Apache-2.0
// Modules: a dict with cells under a name, __getattr__, the repr. Leaves finding and running them to import.c.
#include "interp/types/attr.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/func.h"
#include "interp/types/instance.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

static bool fill(struct thread *t, struct module *m, vref name, vref doc) {
    return dict_set(t, m->dict, NAME(__name__), name) && dict_set(t, m->dict, NAME(__doc__), doc ? doc : V_NONE) &&
           dict_set(t, m->dict, NAME(__package__), V_NONE) && dict_set(t, m->dict, NAME(__loader__), V_NONE) && dict_set(t, m->dict, NAME(__spec__), V_NONE);
}

static value new_empty(struct thread *t, struct type *cls) {
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    as_module(v)->dict = dict_new_cells(t);
    if (as_module(v)->dict) return ref_defer(t, as_object(v));
    release(t, v);
    return V_NULL;
}

value module_new(struct thread *t, vref name) {
    value v = new_empty(t, &type_module);
    if (!v || !fill(t, as_module(v), name, V_NULL)) return V_NULL;
    as_module(v)->name = own(t, name);
    return v;
}

bool module_set(struct thread *t, vref module, const char *name, value v) {
    vref key = v ? str_intern_cstr(t, name) : V_NULL;
    if (key) return dict_set_take(t, as_module(module)->dict, key, v);
    release_opt(t, v);
    return false;
}

static bool add_native(struct thread *t, vref module, vref name, const struct native *def) {
    value f = native_function(t, def, name);
    if (f) ((struct native_object *)as_object(f))->self = own(t, module);
    return module_set(t, module, def->name, f);
}

value module_from_natives(struct thread *t, const char *name, const char *doc, const struct native *natives, size_t n) {
    vref key = str_intern_cstr(t, name);
    value v = key ? module_new(t, key) : V_NULL;
    if (!v || (doc && !module_set(t, v, "__doc__", str_from_cstr(t, doc)))) return V_NULL;
    return module_add_natives(t, v, natives, n) ? v : V_NULL;
}

bool module_add_natives(struct thread *t, vref module, const struct native *natives, size_t n) {
    value key = dict_get(t, as_module(module)->dict, NAME(__name__));
    bool ok = key != V_NULL;
    for (size_t i = 0; ok && i < n; i++) ok = !natives[i].name || add_native(t, module, key, &natives[i]);
    release_opt(t, key);
    return ok;
}

// ---- attributes ----

static value missing(struct thread *t, vref self, vref name) {
    value own_name = dict_get(t, as_module(self)->dict, NAME(__name__)), text = V_NULL;
    value spec = raised(t) ? V_NULL : dict_get(t, as_module(self)->dict, NAME(__spec__)), starting = V_NULL;
    int partial = spec && !is_none(spec) && object_lookup_attr(t, spec, NAME(_initializing), &starting) > 0 ? object_truth(t, starting) : 0;
    if (raised(t)) raised_clear(t);
    if (!own_name || !is_str(own_name)) text = str_format(t, "module has no attribute '%U'", name);
    else if (partial > 0)
        text = str_format(t, "partially initialized module '%U' has no attribute '%U' (most likely due to a circular import)", own_name, name);
    else text = str_format(t, "module '%U' has no attribute '%U'", own_name, name);
    if (text) raise_attribute_text(t, text, self, name);
    release_opt(t, own_name);
    release_opt(t, spec);
    release_opt(t, starting);
    return V_NULL;
}

// Where the class of the module says nothing of the name, the dict is asked first and no descriptor looked for.
value attr_module(struct thread *t, vref self, vref name) {
    value v = attr_generic(t, self, name);
    if (v || raised(t)) return v;
    value f = dict_get(t, as_module(self)->dict, NAME(__getattr__));
    if (!f) return V_NULL;
    v = object_call1(t, f, name);
    release(t, f);
    return v;
}

value module_getattr(struct thread *t, vref self, vref name) {
    value v = attr_module(t, self, name);
    return v || raised(t) ? v : missing(t, self, name);
}

static value get_dict(struct thread *t, const vref *a) { return own(t, as_module(a[0])->dict); }
static value get_annotations(struct thread *t, const vref *a) {
    value v = dict_get(t, as_module(a[0])->dict, NAME(__annotations__));
    if (v || raised(t)) return v;
    v = dict_new(t);
    if (v && !dict_set(t, as_module(a[0])->dict, NAME(__annotations__), v)) release_field(t, &v);
    return v;
}
static int set_annotations(struct thread *t, vref self, vref v) {
    if (v) return dict_set(t, as_module(self)->dict, NAME(__annotations__), v) - 1;
    int r = dict_del(t, as_module(self)->dict, NAME(__annotations__));
    if (r == 0) raise_value(t, &exc_AttributeError, NAME(__annotations__));
    return r > 0 ? 0 : -1;
}
static value dir(struct thread *t, const vref *a) {
    value f = dict_get(t, as_module(a[0])->dict, NAME(__dir__));
    if (!f) return raised(t) ? V_NULL : dict_keys_list(t, as_module(a[0])->dict);
    value r = object_call0(t, f);
    release(t, f);
    return r;
}

// ---- repr ----

static value attribute_or_none(struct thread *t, vref o, const char *name) {
    value v = object_getattr_cstr(t, o, name);
    if (!v && raised_is(t, &exc_AttributeError)) raised_clear(t);
    return v ? v : raised(t) ? V_NULL : V_NONE;
}

static value repr_from_spec(struct thread *t, vref spec) {
    value name = attribute_or_none(t, spec, "name"), origin = attribute_or_none(t, spec, "origin"), located = attribute_or_none(t, spec, "has_location"),
          loader = attribute_or_none(t, spec, "loader"), r = V_NULL;
    if (!name || !origin || !located || !loader) goto done;
    if (is_none(origin)) r = is_none(loader) ? str_format(t, "<module %R>", name) : str_format(t, "<module %R (%R)>", name, loader);
    else r = object_truth(t, located) > 0 ? str_format(t, "<module %R from %R>", name, origin) : str_format(t, "<module %R (%S)>", name, origin);
done:
    release_opt(t, name);
    release_opt(t, origin);
    release_opt(t, located);
    release_opt(t, loader);
    return r;
}

static value repr(struct thread *t, vref self) {
    vref d = as_module(self)->dict;
    value spec = dict_get(t, d, NAME(__spec__));
    if (spec && !is_none(spec)) {
        value r = repr_from_spec(t, spec);
        release(t, spec);
        return r;
    }
    value name = dict_get(t, d, NAME(__name__)), file = dict_get(t, d, NAME(__file__)), loader = dict_get(t, d, NAME(__loader__)), r;
    value shown = name ? own(t, name) : str_from_cstr(t, "?");
    if (file) r = str_format(t, "<module %R from %R>", shown, file);
    else if (loader && !is_none(loader)) r = str_format(t, "<module %R (%R)>", shown, loader);
    else r = str_format(t, "<module %R>", shown);
    release_opt(t, shown);
    release_opt(t, name);
    release_opt(t, file);
    release_opt(t, loader);
    return r;
}

// ---- type ----

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return new_empty(t, cls); }

static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    vref in[2] = {V_NULL, V_NULL};
    for (size_t i = 0; i < nargs && i < 2; i++) in[i] = args[i];
    size_t nkw = kwnames ? tuple_size(kwnames) : 0;
    if (nargs + nkw > 2) {
        raise(t, &exc_TypeError, "module() takes at most 2 arguments (%zu given)", nargs + nkw);
        return -1;
    }
    for (size_t k = 0; k < nkw; k++) {
        if (str_equal_cstr(tuple_at(kwnames, k), "name")) in[0] = args[nargs + k];
        else if (str_equal_cstr(tuple_at(kwnames, k), "doc")) in[1] = args[nargs + k];
        else {
            raise(t, &exc_TypeError, "'%U' is an invalid keyword argument for module()", tuple_at(kwnames, k));
            return -1;
        }
    }
    if (!in[0]) raise(t, &exc_TypeError, "module() missing required argument 'name' (pos 1)");
    else if (!is_str(in[0])) raise(t, &exc_TypeError, "module() argument 'name' must be str, not %T", in[0]);
    else if (fill(t, as_module(self), in[0], in[1])) {
        replace_field(t, &as_module(self)->name, own(t, in[0]));
        return 0;
    }
    return -1;
}

static void clear(struct thread *t, struct object *o) {
    release_field(t, &((struct module *)o)->dict);
    release_field(t, &((struct module *)o)->name);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct module *m = (const struct module *)o;
    return m->dict ? visit(m->dict, arg) : 0;
}
static const struct native natives[] = {
    {"__dict__", NATIVE_GETSET, .fn = get_dict},
    {"__annotations__", NATIVE_GETSET, .fn = get_annotations, .set = set_annotations},
    {"__dir__", NATIVE_METHOD, "($self, /)", dir, .doc = "Return the names in the module, or what its own __dir__() says."},
    {.name = NULL},
};
struct type type_module = {
    .name = "module", .module = "builtins", .flags = TYPE_BASE | TYPE_GC | TYPE_HAS_WEAK, .basicsize = sizeof(struct module), .root_shape = SHAPE_MODULE,
    .dict_offset = offsetof(struct module, dict), .natives = natives,
    .doc = "Make an empty module of that name; doc may be any object.", .destroy = clear, .traverse = traverse,
    .make = make, .init = init, .repr = repr, .getattr = module_getattr,
};
