// SPDX-License-Identifier: Apache-2.0
// BaseException and the exceptions that add at most a field or two. Leaves OSError to exc_os.c, SyntaxError and the unicode errors to exc_text.c,
// groups to exc_group.c.
#include "interp/types/names.h"
#include "interp/types/exc_types.h"
#include "interp/types/sequence.h"

// ---- BaseException ----

value exc_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)kwnames;
    value v = object_new_instance(t, cls);
    if (!v) return V_NULL;
    struct exc *e = as_exc(v);
    e->args = tuple_empty; // what was zeroed would do, but that V_NULL never stands here
    value tuple = tuple_from_array(t, args, nargs);
    if (!tuple) {
        release(t, v);
        return V_NULL;
    }
    e->args = tuple;
    return v;
}

bool exc_set_args(struct thread *t, vref self, const vref *args, size_t nargs) {
    struct exc *e = as_exc(self);
    if (tuple_size(e->args) == nargs && (!nargs || memcmp(as_tuple(e->args)->at, args, nargs * sizeof *args) == 0)) return true; // make did it
    value tuple = tuple_from_array(t, args, nargs);
    if (!tuple) return false;
    field_store(t, &e->head, &e->args, tuple);
    return true;
}

int exc_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (!args_no_keywords(t, type_of(self)->name, kwnames)) return -1;
    return exc_set_args(t, self, args, nargs) ? 0 : -1;
}

static size_t extras(const struct object *o) {
    const struct type *c = object_type(o);
    if (c->c_base) c = c->c_base;
    return (c->basicsize - offsetof(struct exc, extra)) / sizeof(value);
}

void exc_drop(struct thread *t, struct object *o) {
    struct exc *e = (struct exc *)o;
    release_field(t, &e->traceback);
    release_field(t, &e->context);
    release_field(t, &e->cause);
    for (size_t i = 0, n = extras(o); i < n; i++) release_field(t, &e->extra[i]);
    value args = e->args;
    e->args = tuple_empty;
    release_opt(t, args);
    if (!(object_type(o)->flags & TYPE_HEAP)) instance_release(t, o);
}

int exc_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct exc *e = (struct exc *)o;
    const value fixed[4] = {e->args, e->traceback, e->context, e->cause};
    for (size_t i = 0; i < 4; i++) {
        int r = fixed[i] ? visit(fixed[i], arg) : 0;
        if (r) return r;
    }
    for (size_t i = 0, n = extras(o); i < n; i++) {
        int r = e->extra[i] ? visit(e->extra[i], arg) : 0;
        if (r) return r;
    }
    return instance_visit(o, visit, arg); // of a heap class too: instance_traverse leaves it to a base with a __dict__
}

static value exc_repr(struct thread *t, vref self) {
    value args = field_load(t, &as_exc(self)->args), r;
    const char *name = type_of(self)->name;
    if (tuple_size(args) == 1) r = str_format(t, "%s(%R)", name, tuple_at(args, 0));
    else r = str_format(t, "%s%R", name, args);
    release(t, args);
    return r;
}

value exc_str(struct thread *t, vref self) {
    value args = field_load(t, &as_exc(self)->args), r;
    if (tuple_size(args) == 0) r = str_from_cstr(t, "");
    else r = object_str(t, tuple_size(args) == 1 ? tuple_at(args, 0) : args);
    release(t, args);
    return r;
}

static value get_args(struct thread *t, const vref *a) { return field_load(t, &as_exc(a[0])->args); }

static int set_args(struct thread *t, vref self, vref v) {
    if (!v) {
        raise(t, &exc_TypeError, "args may not be deleted");
        return -1;
    }
    value tuple = tuple_from_iterable(t, v);
    if (!tuple) return -1;
    field_store(t, as_object(self), &as_exc(self)->args, tuple);
    return 0;
}

static value or_none(value v) { return v ? v : V_NONE; }

static value get_traceback(struct thread *t, const vref *a) { return or_none(field_load(t, &as_exc(a[0])->traceback)); }
static value get_context(struct thread *t, const vref *a) { return or_none(field_load(t, &as_exc(a[0])->context)); }
static value get_cause(struct thread *t, const vref *a) { return or_none(field_load(t, &as_exc(a[0])->cause)); }

static int set_traceback(struct thread *t, vref self, vref v) {
    if (!v) {
        raise(t, &exc_TypeError, "__traceback__ may not be deleted");
        return -1;
    }
    if (!is_none(v) && type_of(v) != &type_traceback) {
        raise(t, &exc_TypeError, "__traceback__ must be a traceback or None");
        return -1;
    }
    field_store(t, as_object(self), &as_exc(self)->traceback, is_none(v) ? V_NULL : own(t, v));
    return 0;
}

// A field that holds an exception or nothing.
static int set_chain(struct thread *t, vref self, value *field, vref v, const char *name, const char *what) {
    if (!v) {
        raise(t, &exc_TypeError, "%s may not be deleted", name);
        return -1;
    }
    if (!is_none(v) && !is_exc(v)) {
        raise(t, &exc_TypeError, "exception %s must be None or derive from BaseException", what);
        return -1;
    }
    field_store(t, as_object(self), field, is_none(v) ? V_NULL : own(t, v));
    return 0;
}

static int set_context(struct thread *t, vref self, vref v) { return set_chain(t, self, &as_exc(self)->context, v, "__context__", "context"); }

static int set_cause(struct thread *t, vref self, vref v) {
    int r = set_chain(t, self, &as_exc(self)->cause, v, "__cause__", "cause");
    if (r == 0) as_exc(self)->suppress_context = 1;
    return r;
}

static value get_suppress(struct thread *t, const vref *a) {
    (void)t;
    return from_bool(as_exc(a[0])->suppress_context);
}

static int set_suppress(struct thread *t, vref self, vref v) {
    if (!v || (v != V_TRUE && v != V_FALSE && !is_int62(v))) {
        raise(t, &exc_TypeError, v ? "attribute value type must be bool" : "can't delete numeric/char attribute");
        return -1;
    }
    as_exc(self)->suppress_context = object_truth(t, v) == 1;
    return 0;
}

static value with_traceback(struct thread *t, const vref *a) { return set_traceback(t, a[0], a[1]) == 0 ? own(t, a[0]) : V_NULL; }

static value add_note(struct thread *t, const vref *a) {
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "note must be a str, not '%T'", a[1]);
    value name = NAME(__notes__), notes = V_NULL, r = V_NULL;
    int found = name ? object_lookup_attr(t, a[0], name, &notes) : -1;
    if (found == 0) {
        notes = list_new(t, 0);
        if (!notes || object_setattr(t, a[0], name, notes) < 0) found = -1;
    }
    if (found >= 0) {
        if (!is_list(notes)) raise(t, &exc_TypeError, "Cannot add note: __notes__ is not a list");
        else if (list_append(t, notes, a[1])) r = V_NONE;
    }
    release_opt(t, name);
    release_opt(t, notes);
    return r;
}

// The instance's attributes: a dict if there are any, else V_NONE.
value exc_state(struct thread *t, vref self) {
    value d = object_get_dict(t, self);
    if (!d || dict_count(d)) return d;
    release(t, d);
    return V_NONE;
}

value exc_reduce_with(struct thread *t, vref self, value args, value state) {
    value r = V_NULL;
    if (args && state) r = is_none(state) ? tuple_pack(t, 2, type_ref(type_of(self)), args) : tuple_pack(t, 3, type_ref(type_of(self)), args, state);
    release_opt(t, args);
    release_opt(t, state);
    return r;
}

static value reduce(struct thread *t, const vref *a) { return exc_reduce_with(t, a[0], field_load(t, &as_exc(a[0])->args), exc_state(t, a[0])); }

static value setstate(struct thread *t, const vref *a) {
    if (is_none(a[1])) return V_NONE;
    if (!is_dict(a[1])) return raise(t, &exc_TypeError, "state is not a dictionary");
    value key, v;
    for (size_t pos = 0; dict_next(t, a[1], &pos, &key, &v);) {
        int r = object_setattr(t, a[0], key, v);
        release(t, key);
        release(t, v);
        if (r < 0) return V_NULL;
    }
    return V_NONE;
}

static value get_dict(struct thread *t, const vref *a) { return object_get_dict(t, a[0]); }

static int set_dict(struct thread *t, vref self, vref v) {
    if (v && is_dict(v)) return instance_set_dict(t, as_object(self), v);
    if (v) raise(t, &exc_TypeError, "__dict__ must be set to a dictionary, not a '%T'", v);
    else raise(t, &exc_TypeError, "cannot delete __dict__");
    return -1;
}

static const struct native base_natives[] = {
    {"__dict__", NATIVE_GETSET, NULL, get_dict, .set = set_dict},
    {"with_traceback", NATIVE_METHOD, "($self, tb, /)", with_traceback, .doc = "Make tb the __traceback__ and return the exception itself."},
    {"add_note", NATIVE_METHOD, "($self, note, /)", add_note, .doc = "Add a line that is printed behind the exception's message."},
    {"__reduce__", NATIVE_METHOD, "($self, /)", reduce, .doc = NULL},
    {"__setstate__", NATIVE_METHOD, "($self, state, /)", setstate, .doc = NULL},
    {"args", NATIVE_GETSET, NULL, get_args, .set = set_args},
    {"__traceback__", NATIVE_GETSET, NULL, get_traceback, .set = set_traceback},
    {"__context__", NATIVE_GETSET, NULL, get_context, .set = set_context, .doc = "exception context"},
    {"__cause__", NATIVE_GETSET, NULL, get_cause, .set = set_cause, .doc = "exception cause"},
    {"__suppress_context__", NATIVE_GETSET, NULL, get_suppress, .set = set_suppress},
    {NULL},
};

// ---- a field or two ----

int exc_writable(struct thread *t, vref self, vref v) {
    (void)t, (void)self, (void)v;
    return -1;
}

void exc_set_extra(struct thread *t, vref self, int i, vref v) { field_store(t, as_object(self), &as_exc(self)->extra[i], own(t, v)); }
value exc_get_extra(struct thread *t, vref self, int i) { return or_none(field_load(t, &as_exc(self)->extra[i])); }

// Takes the keywords whose names stand in `names` (ended by NULL) into extra[at[k]]. false: TypeError about another one.
bool exc_keywords(struct thread *t, vref self, const char *cls, const vref *args, size_t nargs, vref kwnames, const char *const *names, const int *at) {
    for (size_t i = 0; i < keyword_count(kwnames); i++) {
        vref name = tuple_at(kwnames, i);
        int k = 0;
        while (names[k] && !str_equal_cstr(name, names[k])) k++;
        if (!names[k]) {
            raise(t, &exc_TypeError, "'%U' is an invalid keyword argument for %s()", name, cls);
            return false;
        }
        exc_set_extra(t, self, at[k], args[nargs + i]);
    }
    return true;
}

static int stop_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (exc_init(t, self, args, nargs, kwnames) < 0) return -1;
    exc_set_extra(t, self, STOP_VALUE, nargs ? args[0] : V_NONE);
    return 0;
}

static int exit_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (exc_init(t, self, args, nargs, kwnames) < 0) return -1;
    if (nargs) exc_set_extra(t, self, EXIT_CODE, nargs == 1 ? args[0] : as_exc(self)->args);
    return 0;
}

static const struct native stop_natives[] = {{"value", NATIVE_MEMBER, .offset = EXC_AT(STOP_VALUE), .set = exc_writable, .doc = "what the generator returned"}, {NULL}};
static const struct native exit_natives[] = {{"code", NATIVE_MEMBER, .offset = EXC_AT(EXIT_CODE), .set = exc_writable, .doc = "the exit status"}, {NULL}};

static int import_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"name", "path", NULL};
    static const int at[] = {IMPORT_NAME, IMPORT_PATH};
    if (!exc_set_args(t, self, args, nargs) || !exc_keywords(t, self, "ImportError", args, nargs, kwnames, names, at)) return -1;
    if (nargs == 1) exc_set_extra(t, self, IMPORT_MSG, args[0]);
    return 0;
}

static value import_str(struct thread *t, vref self) {
    value msg = exc_get_extra(t, self, IMPORT_MSG);
    if (has_shape(msg, SHAPE_STR)) return msg;
    release(t, msg);
    return exc_str(t, self);
}

// State of an exception whose fields came by keyword: its dict, with them in it.
static value keyword_state(struct thread *t, vref self, const char *const *names, const int *at) {
    value d = object_get_dict(t, self), copy = d ? dict_copy(t, d) : V_NULL;
    release_opt(t, d);
    for (size_t k = 0; copy && names[k]; k++) {
        value v = field_load(t, &as_exc(self)->extra[at[k]]);
        if (v && !dict_set_str(t, copy, names[k], v)) release_field(t, &copy);
        release_opt(t, v);
    }
    if (!copy || dict_count(copy)) return copy;
    release(t, copy);
    return V_NONE;
}

static value import_reduce(struct thread *t, const vref *a) {
    static const char *const names[] = {"name", "path", NULL};
    static const int at[] = {IMPORT_NAME, IMPORT_PATH};
    return exc_reduce_with(t, a[0], field_load(t, &as_exc(a[0])->args), keyword_state(t, a[0], names, at));
}

static const struct native import_natives[] = {
    {"msg", NATIVE_MEMBER, .offset = EXC_AT(IMPORT_MSG), .set = exc_writable, .doc = "the message"},
    {"name", NATIVE_MEMBER, .offset = EXC_AT(IMPORT_NAME), .set = exc_writable, .doc = "the name of the module"},
    {"path", NATIVE_MEMBER, .offset = EXC_AT(IMPORT_PATH), .set = exc_writable, .doc = "the file of the module"},
    {"__reduce__", NATIVE_METHOD, "($self, /)", import_reduce, .doc = NULL},
    {NULL},
};

static int attribute_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"name", "obj", NULL};
    static const int at[] = {ATTRIBUTE_NAME, ATTRIBUTE_OBJ};
    return exc_set_args(t, self, args, nargs) && exc_keywords(t, self, "AttributeError", args, nargs, kwnames, names, at) ? 0 : -1;
}

static const struct native attribute_natives[] = {
    {"name", NATIVE_MEMBER, .offset = EXC_AT(ATTRIBUTE_NAME), .set = exc_writable, .doc = "the name of the attribute"},
    {"obj", NATIVE_MEMBER, .offset = EXC_AT(ATTRIBUTE_OBJ), .set = exc_writable, .doc = "the object that lacks it"},
    {NULL},
};

static int name_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"name", NULL};
    static const int at[] = {NAME_NAME};
    return exc_set_args(t, self, args, nargs) && exc_keywords(t, self, "NameError", args, nargs, kwnames, names, at) ? 0 : -1;
}

static const struct native name_natives[] = {{"name", NATIVE_MEMBER, .offset = EXC_AT(NAME_NAME), .set = exc_writable, .doc = "the name"}, {NULL}};

static value key_str(struct thread *t, vref self) {
    value args = field_load(t, &as_exc(self)->args);
    value r = tuple_size(args) == 1 ? object_repr(t, tuple_at(args, 0)) : V_NULL;
    bool one = tuple_size(args) == 1;
    release(t, args);
    return one ? r : exc_str(t, self);
}

#define X(n, base_, doc_) const char exc_doc_##n[] = doc_;
EXC_LIST(X)
#undef X

struct type exc_BaseException = {EXC_TYPE(BaseException, type_object, 0), .natives = base_natives, .make = exc_make, .init = exc_init, .repr = exc_repr, .str = exc_str};
struct type exc_StopIteration = {EXC_TYPE(StopIteration, exc_Exception, 1), .natives = stop_natives, .make = exc_make, .init = stop_init};
struct type exc_SystemExit = {EXC_TYPE(SystemExit, exc_BaseException, 1), .natives = exit_natives, .make = exc_make, .init = exit_init};
struct type exc_ImportError = {EXC_TYPE(ImportError, exc_Exception, IMPORT_EXTRAS), .natives = import_natives, .make = exc_make, .init = import_init,
                               .str = import_str};
struct type exc_ModuleNotFoundError = {EXC_TYPE(ModuleNotFoundError, exc_ImportError, IMPORT_EXTRAS), .make = exc_make, .init = import_init,
                                       .str = import_str};
struct type exc_AttributeError = {EXC_TYPE(AttributeError, exc_Exception, ATTRIBUTE_EXTRAS), .natives = attribute_natives, .make = exc_make, .init = attribute_init};
struct type exc_NameError = {EXC_TYPE(NameError, exc_Exception, NAME_EXTRAS), .natives = name_natives, .make = exc_make, .init = name_init};
struct type exc_UnboundLocalError = {EXC_TYPE(UnboundLocalError, exc_NameError, NAME_EXTRAS), .make = exc_make, .init = name_init};
struct type exc_KeyError = {EXC_TYPE(KeyError, exc_LookupError, 0), .make = exc_make, .init = exc_init, .str = key_str};

#define X(n, base_) struct type exc_##n = {EXC_TYPE(n, exc_##base_, 0), .make = exc_make, .init = exc_init};
EXC_PLAIN_LIST(X)
#undef X
