// SPDX-License-Identifier: Apache-2.0
// The module _pickle: dump, dumps, load, loads, the errors, and what it takes from the library. Leaves all work to the other files.
#include "interp/modules/modules.h"
#include "interp/modules/pickle/pickle.h"
#include "interp/types/attr.h"
#include "interp/types/exc_types.h"
#include "interp/types/names.h"

#define ERROR_TYPE(name_, base_, doc_)                                                                                                                  \
    .name = name_, .module = "_pickle", .base = &base_, .basicsize = offsetof(struct exc, extra), .flags = TYPE_GC | TYPE_BASE | TYPE_EXC | TYPE_HAS_DICT, \
    .destroy = exc_drop, .clear = exc_drop, .traverse = exc_traverse, .make = exc_make, .init = exc_init, .doc = doc_
struct type pickle_error = {ERROR_TYPE("PickleError", exc_Exception, "What goes wrong in pickling and unpickling.")};
struct type pickling_error = {ERROR_TYPE("PicklingError", pickle_error, "An object cannot be pickled.")};
struct type unpickling_error = {ERROR_TYPE("UnpicklingError", pickle_error, "A pickle cannot be read.")};

// ---- what the library knows ----

struct origin {
    const char *module, *name;
    const struct type *type; // what it must be; NULL: something to call
};
static const struct origin origins[THINGS] = {
    [THING_DISPATCH] = {"copyreg", "dispatch_table", &type_dict},
    [THING_REGISTRY] = {"copyreg", "_extension_registry", &type_dict},
    [THING_INVERTED] = {"copyreg", "_inverted_registry", &type_dict},
    [THING_CACHE] = {"copyreg", "_extension_cache", &type_dict},
    [THING_NAMES_2TO3] = {"_compat_pickle", "NAME_MAPPING", &type_dict},
    [THING_IMPORTS_2TO3] = {"_compat_pickle", "IMPORT_MAPPING", &type_dict},
    [THING_NAMES_3TO2] = {"_compat_pickle", "REVERSE_NAME_MAPPING", &type_dict},
    [THING_IMPORTS_3TO2] = {"_compat_pickle", "REVERSE_IMPORT_MAPPING", &type_dict},
    [THING_ENCODE] = {"codecs", "encode", NULL},
    [THING_PARTIAL] = {"functools", "partial", NULL},
    [THING_GETATTR] = {"builtins", "getattr", NULL},
};
vref pickle_thing(struct thread *t, enum pickle_thing which) { return tuple_at(t->interp->slots[SLOT_PICKLE], which); }

static value take_thing(struct thread *t, const struct origin *o) {
    value name = str_from_cstr(t, o->module), module = name ? import_dotted(t, name) : V_NULL, v = module ? object_getattr_cstr(t, module, o->name) : V_NULL;
    release_opt(t, name);
    release_opt(t, module);
    if (!v || (o->type ? type_of(v) == o->type : object_is_callable(v))) return v;
    raise(t, &exc_RuntimeError, "%s.%s should be a %s, not %T", o->module, o->name, o->type ? o->type->name : "callable", v);
    release(t, v);
    return V_NULL;
}
static bool take_things(struct thread *t) {
    if (t->interp->slots[SLOT_PICKLE]) return true;
    value things = tuple_new(t, THINGS);
    for (int i = 0; things && i < THINGS; i++) {
        value v = i == THING_BUILTINS ? str_from_cstr(t, "builtins") : take_thing(t, &origins[i]);
        if (v) as_tuple(things)->at[i] = v;
        else release_field(t, &things);
    }
    t->interp->slots[SLOT_PICKLE] = things;
    return things != V_NULL;
}

// ---- the functions ----

static struct pickler *new_pickler(struct thread *t) {
    value v = object_new_instance(t, &type_pickler);
    if (!v) return NULL;
    as_pickler(v)->frame = NO_FRAME;
    as_pickler(v)->exact = true;
    return as_pickler(v);
}
static struct unpickler *new_unpickler(struct thread *t) {
    value v = object_new_instance(t, &type_unpickler);
    if (!v) return NULL;
    as_unpickler(v)->exact = true;
    return as_unpickler(v);
}

static value f_dumps(struct thread *t, const vref *a) {
    struct pickler *p = new_pickler(t);
    if (!p) return V_NULL;
    bool ok = pickler_set_protocol(t, p, a[1], a[2]) && pickler_set_callback(t, p, a[3]) && pickler_dump(t, p, a[0]);
    value v = ok ? bytes_new(t, p->out, p->n) : V_NULL;
    release(t, counted_word(p));
    return v;
}
static value f_dump(struct thread *t, const vref *a) {
    struct pickler *p = new_pickler(t);
    if (!p) return V_NULL;
    bool ok = pickler_set_protocol(t, p, a[2], a[3]) && pickler_set_file(t, p, a[1]) && pickler_set_callback(t, p, a[4]) && pickler_dump(t, p, a[0]);
    release(t, counted_word(p));
    return ok ? V_NONE : V_NULL;
}
static value f_loads(struct thread *t, const vref *a) {
    struct unpickler *u = new_unpickler(t);
    value v = V_NULL;
    if (!u) return V_NULL;
    if (buffer_get(t, a[0], &u->input, false)) {
        u->in = u->input.data;
        u->end = u->ahead = u->input.length;
        if (unpickler_set(t, u, a[1], a[2], a[3], a[4])) v = unpickler_load(t, u);
    }
    release(t, counted_word(u));
    return v;
}
static value f_load(struct thread *t, const vref *a) {
    struct unpickler *u = new_unpickler(t);
    if (!u) return V_NULL;
    bool ok = unpickler_set_file(t, u, a[0]) && unpickler_set(t, u, a[1], a[2], a[3], a[4]);
    value v = ok ? unpickler_load(t, u) : V_NULL;
    release(t, counted_word(u));
    return v;
}

static const struct native functions[] = {
    {"dump", NATIVE_FUNCTION, "($module, /, obj, file, protocol=None, *, fix_imports=True, buffer_callback=None)", .fn = f_dump,
     .doc = "Write obj, pickled, to the binary file. As Pickler(file, protocol, ...).dump(obj)."},
    {"dumps", NATIVE_FUNCTION, "($module, /, obj, protocol=None, *, fix_imports=True, buffer_callback=None)", .fn = f_dumps, .doc = "Return obj, pickled, as bytes."},
    {"load", NATIVE_FUNCTION, "($module, /, file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())", .fn = f_load,
     .doc = "Read one pickle from the binary file and return the object. As Unpickler(file, ...).load()."},
    {"loads", NATIVE_FUNCTION, "($module, data, /, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())", .fn = f_loads,
     .doc = "Return the object that the pickle in data describes."},
};
value pickle_make(struct thread *t) {
    static struct type *const types[] = {&pickle_error,  &pickling_error,    &unpickling_error,    &type_pickler,
                                         &type_unpickler, &type_picklebuffer, &type_pickler_memo, &type_unpickler_memo};
    enum { PUBLIC = 6 };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!types[i]->root_shape && !type_ready(t, types[i])) return V_NULL;
    value m = take_things(t) ? module_from_natives(t, "_pickle", "The work of the module pickle, in C.", functions, sizeof functions / sizeof *functions) : V_NULL;
    for (int i = 0; m && i < PUBLIC; i++)
        if (!module_set(t, m, types[i]->name, type_ref(types[i]))) return V_NULL;
    return m;
}
