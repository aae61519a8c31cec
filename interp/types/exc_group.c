// SPDX-License-Identifier: Apache-2.0
// BaseExceptionGroup and ExceptionGroup: making, splitting, deriving. Leaves except* itself to the eval loop, which calls split.
#include "interp/types/exc_types.h"
#include "interp/types/sequence.h"

struct type *exc_ExceptionGroup;

// The exceptions of a new group as a tuple. V_NULL: exception.
static value check_members(struct thread *t, vref v) {
    if (!is_list(v) && !is_tuple(v) && !(type_of(v)->getitem && type_of(v)->length && !is_dict(v)))
        return raise(t, &exc_TypeError, "second argument (exceptions) must be a sequence");
    value members = tuple_from_iterable(t, v);
    if (!members) return V_NULL;
    if (tuple_size(members) == 0) raise(t, &exc_ValueError, "second argument (exceptions) must be a non-empty sequence");
    for (size_t i = 0; !raised(t) && i < tuple_size(members); i++)
        if (!is_exc(tuple_at(members, i))) raise(t, &exc_ValueError, "Item %zu of second argument (exceptions) is not an exception", i);
    if (!raised(t)) return members;
    release(t, members);
    return V_NULL;
}

// The class the group really gets: an ExceptionGroup if every member is an Exception. NULL: TypeError.
static struct type *choose_class(struct thread *t, struct type *cls, vref members) {
    bool bare = false;
    for (size_t i = 0; i < tuple_size(members); i++) bare |= !is_instance(tuple_at(members, i), &exc_Exception);
    if (cls == &exc_BaseExceptionGroup) return bare ? cls : exc_ExceptionGroup;
    if (!bare || !type_is_subtype(cls, &exc_Exception)) return cls;
    if (cls == exc_ExceptionGroup) raise(t, &exc_TypeError, "Cannot nest BaseExceptions in an ExceptionGroup");
    else raise(t, &exc_TypeError, "Cannot nest BaseExceptions in '%s'", cls->name);
    return NULL;
}

static value group_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    (void)kwnames;
    if (nargs != 2) return raise(t, &exc_TypeError, "BaseExceptionGroup.__new__() takes exactly 2 arguments (%zu given)", nargs);
    if (!is_str(args[0])) return raise(t, &exc_TypeError, "BaseExceptionGroup.__new__() argument 1 must be str, not %T", args[0]);
    value members = check_members(t, args[1]);
    struct type *real = members ? choose_class(t, cls, members) : NULL;
    value e = real ? exc_make(t, real, args, nargs, V_NULL) : V_NULL;
    if (e) {
        exc_set_extra(t, e, GROUP_MESSAGE, args[0]);
        exc_set_extra(t, e, GROUP_EXCEPTIONS, members);
    }
    release_opt(t, members);
    return e;
}

static vref members_of(vref group) { return as_exc(group)->extra[GROUP_EXCEPTIONS]; } // never replaced once made
static bool is_group(vref v) { return is_instance(v, &exc_BaseExceptionGroup); }

static value group_str(struct thread *t, vref self) {
    size_t n = tuple_size(members_of(self));
    return str_format(t, "%S (%zu sub-exception%s)", as_exc(self)->extra[GROUP_MESSAGE], n, n == 1 ? "" : "s");
}

static value derive(struct thread *t, const vref *a) {
    return object_call2(t, type_ref(&exc_BaseExceptionGroup), as_exc(a[0])->extra[GROUP_MESSAGE], a[1]);
}

// ---- choosing ----

enum match_kind { MATCH_CLASS, MATCH_CALL };

static bool is_exception_class(vref v) { return is_type(v) && as_type(v)->flags & TYPE_EXC; }

static bool match_kind_of(struct thread *t, vref what, enum match_kind *kind) {
    *kind = MATCH_CLASS;
    bool classes = is_exception_class(what) || is_tuple(what);
    for (size_t i = 0; is_tuple(what) && i < tuple_size(what); i++) classes &= is_exception_class(tuple_at(what, i));
    if (classes) return true;
    *kind = MATCH_CALL;
    if (has_shape(what, SHAPE_FUNC) || (object_is_callable(what) && !is_type(what))) return true;
    raise(t, &exc_TypeError, "expected a function, exception type or tuple of exception types");
    return false;
}

static int matches(struct thread *t, vref exc, vref what, enum match_kind kind) {
    if (kind == MATCH_CALL) {
        value r = object_call1(t, what, exc);
        int yes = r ? object_truth(t, r) : -1;
        release_opt(t, r);
        return yes;
    }
    if (!is_tuple(what)) return is_instance(exc, as_type(what));
    for (size_t i = 0; i < tuple_size(what); i++)
        if (is_instance(exc, as_type(tuple_at(what, i)))) return 1;
    return 0;
}

static bool copy_notes(struct thread *t, vref from, vref to) {
    value name = str_intern_cstr(t, "__notes__"), notes = V_NULL, copy = V_NULL;
    int found = name ? object_lookup_attr(t, from, name, &notes) : -1;
    bool ok = found >= 0;
    if (found > 0 && (is_list(notes) || is_tuple(notes))) {
        copy = list_from_iterable(t, notes);
        ok = copy && object_setattr(t, to, name, copy) == 0;
    }
    release_opt(t, name);
    release_opt(t, notes);
    release_opt(t, copy);
    return ok;
}

// A group of `members` in place of original, with its traceback, chain and notes. returns new; V_NONE for no members.
static value subset(struct thread *t, vref original, vref members) {
    if (list_size(members) == 0) return V_NONE;
    value e = object_call_method_cstr(t, original, "derive", &members, 1);
    if (!e) return V_NULL;
    if (!is_group(e)) {
        release(t, e);
        return raise(t, &exc_TypeError, "derive must return an instance of BaseExceptionGroup");
    }
    const struct exc *from = as_exc(original);
    struct exc *to = as_exc(e);
    field_store(t, &to->head, &to->traceback, field_load(t, &from->traceback));
    field_store(t, &to->head, &to->context, field_load(t, &from->context));
    field_store(t, &to->head, &to->cause, field_load(t, &from->cause));
    to->suppress_context = from->suppress_context;
    if (copy_notes(t, original, e)) return e;
    release(t, e);
    return V_NULL;
}

static bool split(struct thread *t, vref exc, vref what, enum match_kind kind, value *match, value *rest);

static bool split_members(struct thread *t, vref exc, vref what, enum match_kind kind, vref yes, vref no) {
    for (size_t i = 0; i < tuple_size(members_of(exc)); i++) {
        value match, rest;
        if (!split(t, tuple_at(members_of(exc), i), what, kind, &match, no ? &rest : NULL)) return false;
        bool ok = is_none(match) || list_append(t, yes, match);
        if (no) {
            ok = ok && (is_none(rest) || list_append(t, no, rest));
            release(t, rest);
        }
        release(t, match);
        if (!ok) return false;
    }
    return true;
}

// The part of exc that matches and, unless rest is NULL, the part that does not: each new or V_NONE.
static bool split(struct thread *t, vref exc, vref what, enum match_kind kind, value *match, value *rest) {
    *match = V_NONE;
    if (rest) *rest = V_NONE;
    int whole = matches(t, exc, what, kind);
    if (whole < 0) return false;
    if (whole) *match = own(t, exc);
    else if (!is_group(exc) && rest) *rest = own(t, exc);
    if (whole || !is_group(exc)) return true;
    if (!recursion_enter(t, " in exceptiongroup split")) return false;
    value yes = list_new(t, 0), no = rest ? list_new(t, 0) : V_NONE;
    bool ok = yes && no && split_members(t, exc, what, kind, yes, rest ? no : V_NULL);
    if (ok) ok = (*match = subset(t, exc, yes)) != V_NULL;
    if (ok && rest && !(*rest = subset(t, exc, no))) {
        release(t, *match);
        ok = false;
    }
    release_opt(t, yes);
    release_opt(t, no);
    recursion_leave(t);
    return ok;
}

static value method_split(struct thread *t, const vref *a) {
    enum match_kind kind;
    value match, rest;
    if (!match_kind_of(t, a[1], &kind) || !split(t, a[0], a[1], kind, &match, &rest)) return V_NULL;
    return tuple_take_array(t, (value[]){match, rest}, 2);
}

static value method_subgroup(struct thread *t, const vref *a) {
    enum match_kind kind;
    value match;
    return match_kind_of(t, a[1], &kind) && split(t, a[0], a[1], kind, &match, NULL) ? match : V_NULL;
}

static const struct native group_natives[] = {
    {"derive", NATIVE_METHOD, "($self, excs, /)", derive, .doc = "Return a group of excs with the same message."},
    {"split", NATIVE_METHOD, "($self, matcher_value, /)", method_split,
     .doc = "Return two groups (or None): what matches the class, classes or predicate, and what does not."},
    {"subgroup", NATIVE_METHOD, "($self, matcher_value, /)", method_subgroup, .doc = "Return the group of what matches, or None."},
    {"message", NATIVE_MEMBER, .offset = EXC_AT(GROUP_MESSAGE), .doc = "exception message"},
    {"exceptions", NATIVE_MEMBER, .offset = EXC_AT(GROUP_EXCEPTIONS), .doc = "nested exceptions"},
    {"__class_getitem__", NATIVE_CLASS, "($type, object, /)", seq_class_getitem, .doc = "See PEP 585"},
    {NULL},
};

struct type exc_BaseExceptionGroup = {EXC_TYPE(BaseExceptionGroup, exc_BaseException, GROUP_EXTRAS), .natives = group_natives, .make = group_make,
                                      .init = exc_init, .str = group_str};

bool exc_start(struct thread *t) {
    value cls = exc_class_new(t, "builtins", "ExceptionGroup", &exc_BaseExceptionGroup, &exc_Exception);
    if (cls) exc_ExceptionGroup = as_type(cls); // kept for good
    return cls != V_NULL;
}
