// SPDX-License-Identifier: Apache-2.0
// None, Ellipsis, NotImplemented and the sentinel for "no value". Leaves True and False to bool.c.
#include "interp/types/exc.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

#define SINGLETON(shape_) {.shared = SHARED_DEFERRED | SHARED_IMMORTAL, .shape = shape_}
struct object unbound_object = SINGLETON(SHAPE_UNBOUND), none_object = SINGLETON(SHAPE_NONE), ellipsis_object = SINGLETON(SHAPE_ELLIPSIS),
              notimpl_object = SINGLETON(SHAPE_NOTIMPL);

static value none_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    return nargs || kwnames ? raise(t, &exc_TypeError, "NoneType takes no arguments") : V_NONE;
}
static value ellipsis_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    return nargs || kwnames ? raise(t, &exc_TypeError, "EllipsisType takes no arguments") : V_ELLIPSIS;
}
static value notimpl_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    return nargs || kwnames ? raise(t, &exc_TypeError, "NotImplementedType takes no arguments") : V_NOTIMPL;
}
static value none_repr(struct thread *t, vref self) { return str_from_cstr(t, "None"); }
static value ellipsis_repr(struct thread *t, vref self) { return str_from_cstr(t, "Ellipsis"); }
static value notimpl_repr(struct thread *t, vref self) { return str_from_cstr(t, "NotImplemented"); }
static int none_truth(struct thread *t, vref self) { return 0; }
static int notimpl_truth(struct thread *t, vref self) {
    static const char text[] = "NotImplemented should not be used in a boolean context";
    return raise_warning(t, &exc_DeprecationWarning, 1, "%s", text) ? 1 : -1;
}
static value ellipsis_reduce(struct thread *t, const vref *a) { return str_from_cstr(t, "Ellipsis"); }
static value notimpl_reduce(struct thread *t, const vref *a) { return str_from_cstr(t, "NotImplemented"); }
static const struct native ellipsis_natives[] = {{"__reduce__", NATIVE_METHOD, "($self, /)", .fn = ellipsis_reduce}, {.name = NULL}};
static const struct native notimpl_natives[] = {{"__reduce__", NATIVE_METHOD, "($self, /)", .fn = notimpl_reduce}, {.name = NULL}};

struct type type_none = {.name = "NoneType", .module = "builtins", .basicsize = sizeof(struct object), .root_shape = SHAPE_NONE, .make = none_make, .repr = none_repr, .truth = none_truth};
struct type type_ellipsis = {.name = "ellipsis", .module = "builtins", .basicsize = sizeof(struct object), .root_shape = SHAPE_ELLIPSIS, .natives = ellipsis_natives,
                             .make = ellipsis_make, .repr = ellipsis_repr};
struct type type_notimpl = {.name = "NotImplementedType", .module = "builtins", .basicsize = sizeof(struct object), .root_shape = SHAPE_NOTIMPL, .natives = notimpl_natives,
                            .make = notimpl_make, .repr = notimpl_repr, .truth = notimpl_truth};
