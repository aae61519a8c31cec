// SPDX-License-Identifier: Apache-2.0
// Interned names that C code looks up: NAME(__add__) is a borrowed immortal str. Leaves interning to str.h.
#ifndef KRAIT_INTERP_TYPES_NAMES_H
#define KRAIT_INTERP_TYPES_NAMES_H

#include "interp/core/object.h"

#define NAMES(X)                                                                                                                              \
    X(__abs__) X(__abstractmethods__) X(__add__) X(__aenter__) X(__aexit__) X(__aiter__) X(__and__) X(__anext__) X(__annotations__) X(__args__) \
    X(__await__) X(__bases__) X(__bool__) X(__bytes__) X(__call__) X(__class__) X(__class_getitem__) X(__classcell__) X(__code__)               \
    X(__complex__) X(__contains__) X(__copy__) X(__del__) X(__delattr__) X(__delete__) X(__delitem__) X(__dict__) X(__dir__) X(__divmod__)      \
    X(__doc__) X(__enter__) X(__eq__) X(__exit__) X(__float__) X(__floordiv__) X(__format__) X(__func__) X(__ge__) X(__get__) X(__getattr__)     \
    X(__getattribute__) X(__getitem__) X(__getnewargs__) X(__getnewargs_ex__) X(__getstate__) X(__gt__) X(__hash__) X(__iadd__) X(__iand__)      \
    X(__ifloordiv__) X(__ilshift__) X(__imatmul__) X(__imod__) X(__imul__) X(__index__) X(__init__) X(__init_subclass__) X(__instancecheck__)    \
    X(__int__) X(__invert__) X(__ior__) X(__ipow__) X(__irshift__) X(__isabstractmethod__) X(__isub__) X(__iter__) X(__itruediv__) X(__ixor__)   \
    X(__kwdefaults__) X(__le__) X(__len__) X(__length_hint__) X(__lshift__) X(__lt__) X(__matmul__) X(__missing__) X(__mod__) X(__module__)      \
    X(__mro_entries__) X(__mul__) X(__name__) X(__ne__) X(__neg__) X(__new__) X(__next__) X(__or__) X(__package__) X(__path__) X(__pos__)        \
    X(__pow__) X(__prepare__) X(__qualname__) X(__radd__) X(__rand__) X(__rdivmod__) X(__reduce__) X(__reduce_ex__) X(__repr__) X(__reversed__)  \
    X(__rfloordiv__) X(__rlshift__) X(__rmatmul__) X(__rmod__) X(__rmul__) X(__ror__) X(__round__) X(__rpow__) X(__rrshift__) X(__rshift__)      \
    X(__rsub__) X(__rtruediv__) X(__rxor__) X(__self__) X(__set__) X(__set_name__) X(__setattr__) X(__setitem__) X(__setstate__) X(__sizeof__)  \
    X(__slots__) X(__slotnames__) X(__spec__) X(__loader__) X(__file__) X(__str__) X(__sub__) X(__subclasscheck__) X(__subclasshook__)          \
    X(__text_signature__) X(__truediv__) X(__trunc__) X(__weakref__) X(__wrapped__) X(__xor__) X(_initializing) X(__builtins__) X(__main__)      \
    X(__mro__) X(__defaults__) X(__closure__) X(__globals__) X(__origin__) X(__objclass__) X(__parameters__) X(__thisclass__) X(__self_class__)                 \
    X(mro) X(keys) X(items) X(copyreg) X(builtins) X(sys) X(getattr) X(iter) X(reversed) X(_slotnames) X(__newobj__) X(__newobj_ex__)            \
    X(_reconstructor) X(_reduce_ex) X(close) X(send) X(__import__) X(__build_class__) X(metaclass) X(copy) X(get) X(update) X(throw)        \
    X(__all__) X(__match_args__) X(__notes__) X(__orig_bases__)

enum name_id {
#define X(n) NAME_##n,
    NAMES(X)
#undef X
    NAME_COUNT
};
extern value name_table[NAME_COUNT];
#define NAME(n) name_table[NAME_##n]
bool names_start(struct thread *t); // after str_start, before the first type_ready

#endif
