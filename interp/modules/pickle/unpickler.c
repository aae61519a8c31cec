// SPDX-License-Identifier: Apache-2.0
// The type Unpickler and the view of its memo. Leaves reading to load.c.
#include "interp/modules/pickle/pickle.h"
#include "interp/types/args.h"
#include "interp/types/dict.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"

// ---- one load ----

// A str or nothing into a nullable field.
static bool set_text(struct thread *t, vref v, value *field) {
    if (v && !is_str(v)) return raise(t, &exc_TypeError, "argument must be str, not %T", v), false;
    replace_field(t, field, v ? own(t, v) : V_NULL);
    return true;
}
bool unpickler_set(struct thread *t, struct unpickler *u, vref fix_imports, vref encoding, vref errors, vref buffers) {
    int fix = fix_imports ? object_truth(t, fix_imports) : 1;
    value it = V_NULL;
    if (fix < 0 || !set_text(t, encoding, &u->encoding) || !set_text(t, errors, &u->errors)) return false;
    if (buffers && !is_none(buffers) && !(it = object_iter(t, buffers))) return false;
    replace_field(t, &u->buffers, it);
    u->fix_imports = fix;
    u->bytes_strings = u->encoding && str_equal_cstr(u->encoding, "bytes");
    u->protocol = 0;
    return true;
}
static bool method(struct thread *t, vref file, const char *name, value *field) {
    vref key = str_intern_cstr(t, name);
    value f = V_NULL;
    if (!key || object_lookup_attr(t, file, key, &f) < 0) return false;
    replace_field(t, field, f);
    return true;
}
bool unpickler_set_file(struct thread *t, struct unpickler *u, vref file) {
    if (!method(t, file, "peek", &u->peek) || !method(t, file, "readinto", &u->readinto) || !method(t, file, "read", &u->read) || !method(t, file, "readline", &u->readline))
        return false;
    if (u->read && u->readline) return true;
    value *fields[] = {&u->peek, &u->readinto, &u->read, &u->readline};
    for (int i = 0; i < 4; i++) release_field(t, fields[i]);
    return raise(t, &exc_TypeError, "file must have 'read' and 'readline' attributes"), false;
}
static bool find_hooks(struct thread *t, struct unpickler *u) {
    if (u->exact) {
        u->running_persistent = u->persistent ? own(t, u->persistent) : V_NULL;
        return true;
    }
    vref name = str_intern_cstr(t, "persistent_load");
    return name && object_lookup_attr(t, borrowed_word(u), name, &u->running_persistent) >= 0;
}
value unpickler_load(struct thread *t, struct unpickler *u) {
    if (!pickle_enter(t, &u->user, NULL, "the Unpickler")) return V_NULL;
    u->nmarks = u->fence = 0;
    u->protocol = 0;
    value v = find_hooks(t, u) ? load_run(t, u) : V_NULL;
    stack_cut(t, u, 0);
    if (!in_drop(t, u, v != V_NULL) && v) release_field(t, &v);
    release_field(t, &u->running_persistent);
    u->nmarks = u->fence = 0;
    pickle_leave(&u->user);
    return v;
}

// ---- the type ----

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)args, (void)nargs, (void)kwnames;
    value v = object_new_instance(t, cls);
    if (v) as_unpickler(v)->exact = cls == &type_unpickler;
    return v;
}
static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"file", "fix_imports", "encoding", "errors", "buffers"};
    static const struct args_spec spec = {"Unpickler", names, 0, 1, 5};
    struct unpickler *u = as_unpickler(self);
    vref a[5];
    if (nargs > 1) return raise(t, &exc_TypeError, "Unpickler() takes exactly 1 positional argument (%zu given)", nargs), -1;
    if (!args_bind(t, &spec, args, nargs, kwnames, a) || !pickle_enter(t, &u->user, NULL, "the Unpickler")) return -1;
    u->ready = false;
    bool ok = unpickler_set_file(t, u, a[0]) && unpickler_set(t, u, a[1], a[2], a[3], a[4]);
    if (ok) recall_clear(t, u);
    u->ready = ok;
    pickle_leave(&u->user);
    return ok ? 0 : -1;
}
static value m_load(struct thread *t, const vref *a) {
    struct unpickler *u = as_unpickler(a[0]);
    if (!u->ready) return raise(t, &unpickling_error, "Unpickler.__init__() was not called by %T.__init__()", a[0]);
    return unpickler_load(t, u);
}
static value m_find_class(struct thread *t, const vref *a) { return load_find_class(t, as_unpickler(a[0]), a[1], a[2]); }
static value m_sizeof(struct thread *t, const vref *a) {
    const struct unpickler *u = as_unpickler(a[0]);
    (void)t;
    return from_int62((int64_t)(sizeof *u + (u->room + u->memo_room) * sizeof(value) + u->marks_room * sizeof(size_t)));
}
static value get_persistent(struct thread *t, const vref *a) {
    value v = field_load(t, &as_unpickler(a[0])->persistent);
    return v ? v : raise(t, &exc_AttributeError, "persistent_load");
}
static int set_persistent(struct thread *t, vref self, vref v) {
    if (!v) return raise(t, &exc_TypeError, "attribute deletion is not supported"), -1;
    if (!object_is_callable(v)) return raise(t, &exc_TypeError, "persistent_load must be a callable taking one argument"), -1;
    field_store(t, as_object(self), &as_unpickler(self)->persistent, own(t, v));
    return 0;
}

// ---- the memo, as Python sees it ----

struct memo_view {
    struct object head;
    value owner; // owned
};
static struct unpickler *owner_of(vref v) { return as_unpickler(((struct memo_view *)as_object(v))->owner); }
static value get_memo(struct thread *t, const vref *a) {
    struct memo_view *m = object_alloc_gc(t, sizeof *m, type_unpickler_memo.root_shape);
    if (!m) return V_NULL;
    m->owner = own(t, a[0]);
    return counted_word(m);
}
static value v_copy(struct thread *t, const vref *a) {
    struct unpickler *u = owner_of(a[0]);
    bool nested;
    if (!pickle_enter(t, &u->user, &nested, "the Unpickler")) return V_NULL;
    value d = recall_copy(t, u);
    if (!nested) pickle_leave(&u->user);
    return d;
}
static value v_clear(struct thread *t, const vref *a) {
    struct unpickler *u = owner_of(a[0]);
    bool nested;
    if (!pickle_enter(t, &u->user, &nested, "the Unpickler")) return V_NULL;
    recall_clear(t, u);
    if (!nested) pickle_leave(&u->user);
    return V_NONE;
}
static value v_reduce(struct thread *t, const vref *a) {
    value d = v_copy(t, a), arguments = d ? tuple_take_array(t, &d, 1) : V_NULL;
    value r = arguments ? tuple_pack(t, 2, type_ref(&type_dict), arguments) : V_NULL;
    release_opt(t, arguments);
    return r;
}
// All keys ints that may be indexes.
static bool check_indexes(struct thread *t, vref d) {
    value key, v;
    bool ok = true;
    for (size_t pos = 0; ok && dict_next(t, d, &pos, &key, &v);) {
        int64_t id = 0;
        ok = is_int(key);
        if (!ok) raise(t, &exc_TypeError, "memo key must be integers");
        ok = ok && object_as_index(t, key, &id);
        if (ok && id < 0) ok = raise(t, &exc_ValueError, "memo key must be positive integers.");
        release(t, key);
        release(t, v);
    }
    return ok;
}
static bool fill_memo(struct thread *t, struct unpickler *u, vref d) {
    value key, v;
    bool ok = true;
    for (size_t pos = 0; ok && dict_next(t, d, &pos, &key, &v);) {
        int64_t id;
        ok = object_as_index(t, key, &id) && recall_put(t, u, (uint64_t)id, v);
        release(t, key);
        release(t, v);
    }
    return ok;
}
static int set_memo(struct thread *t, vref self, vref v) {
    struct unpickler *u = as_unpickler(self);
    bool nested;
    if (!v) return raise(t, &exc_TypeError, "attribute deletion is not supported"), -1;
    bool view = type_of(v) == &type_unpickler_memo;
    if (!view && !is_dict(v)) return raise(t, &exc_TypeError, "'memo' attribute must be an UnpicklerMemoProxy object or dict, not %T", v), -1;
    value d = view ? v_copy(t, &v) : dict_copy(t, v);
    bool ok = d && check_indexes(t, d) && pickle_enter(t, &u->user, &nested, "the Unpickler");
    if (ok) {
        recall_clear(t, u);
        ok = fill_memo(t, u, d);
        if (!nested) pickle_leave(&u->user);
    }
    release_opt(t, d);
    return ok ? 0 : -1;
}
static void view_drop(struct thread *t, struct object *o) { release_field(t, &((struct memo_view *)o)->owner); }
static int view_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct memo_view *m = (struct memo_view *)o;
    return m->owner ? visit(m->owner, arg) : 0;
}
static const struct native view_natives[] = {
    {"clear", NATIVE_METHOD, "($self, /)", .fn = v_clear, .doc = "Forget all objects."},
    {"copy", NATIVE_METHOD, "($self, /)", .fn = v_copy, .doc = "Return a dict of what is remembered: index to object."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", .fn = v_reduce, .doc = "Pickle as that dict."},
    {.name = NULL},
};
struct type type_unpickler_memo = {
    .name = "UnpicklerMemoProxy", .module = "_pickle", .base = &type_object, .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct memo_view), .natives = view_natives,
    .destroy = view_drop, .clear = view_drop, .traverse = view_traverse,
};

// ---- its life ----

static void drop(struct thread *t, struct object *o) {
    struct unpickler *u = (struct unpickler *)o;
    value *fields[] = {&u->read, &u->readline, &u->readinto, &u->peek, &u->persistent, &u->running_persistent, &u->buffers};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) release_field(t, fields[i]);
    stack_cut(t, u, 0);
    recall_clear(t, u);
    if (u->input.owner) buffer_release(t, &u->input);
    u->in = NULL;
    u->at = u->end = 0;
    u->ready = false;
}
static void destroy(struct thread *t, struct object *o) {
    struct unpickler *u = (struct unpickler *)o;
    drop(t, o);
    for (int i = 0; i < KNOWN_NAMES; i++)
        if (u->names[i].from) release_field(t, &u->names[i].from), release_field(t, &u->names[i].to);
    if (u->encoding) release_field(t, &u->encoding);
    if (u->errors) release_field(t, &u->errors);
    if (u->stack) mem_free(t, u->stack, u->room * sizeof(value));
    if (u->marks) mem_free(t, u->marks, u->marks_room * sizeof *u->marks);
}
static int visit_words(const value *at, size_t n, visit_fn *visit, void *arg) {
    int r = 0;
    for (size_t i = 0; !r && i < n; i++) r = at[i] && is_pointer(at[i]) ? visit(at[i], arg) : 0;
    return r;
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct unpickler *u = (struct unpickler *)o;
    const value fields[] = {u->read, u->readline, u->readinto, u->peek, u->persistent, u->running_persistent, u->buffers, u->memo_far, u->input.owner};
    int r = visit_words(fields, sizeof fields / sizeof *fields, visit, arg);
    if (!r) r = visit_words(u->stack, u->n, visit, arg);
    return r ? r : visit_words(u->memo, u->memo_room, visit, arg);
}
static const struct native natives[] = {
    {"load", NATIVE_METHOD, "($self, /)", .fn = m_load, .doc = "Read one pickle from the file and return the object it describes."},
    {"find_class", NATIVE_METHOD, "($self, module_name, global_name, /)", .fn = m_find_class,
     .doc = "Return the attribute global_name of the module module_name, which is imported if need be.\n\n"
            "Called for every class and function that a pickle names: a subclass may refuse some."},
    {"__sizeof__", NATIVE_METHOD, "($self, /)", .fn = m_sizeof, .doc = "Return how many bytes of memory it takes, its buffers included."},
    {"persistent_load", NATIVE_GETSET, .fn = get_persistent, .set = set_persistent},
    {"memo", NATIVE_GETSET, .fn = get_memo, .set = set_memo},
    {.name = NULL},
};
struct type type_unpickler = {
    .name = "Unpickler", .module = "_pickle", .base = &type_object, .flags = TYPE_GC | TYPE_BASE, .basicsize = sizeof(struct unpickler), .natives = natives, .make = make,
    .init = init, .destroy = destroy, .clear = drop, .traverse = traverse,
    .doc = "Reads pickles from a binary file.\n\n"
           "The file needs read and readline; readinto and peek are used if it has them. encoding and errors say how strings of Python 2 are to be read,\n"
           "encoding='bytes' leaves them bytes. buffers gives the buffers that stand beside the pickle.",
};
