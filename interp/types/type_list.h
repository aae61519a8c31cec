// SPDX-License-Identifier: Apache-2.0
// Every static type that exists from the start: types_start readies them in this order, a base before what derives from it. Leaves the
// exceptions to exc_list.h (they are readied behind these) and types of single modules to the modules.
#ifndef KRAIT_INTERP_TYPES_TYPE_LIST_H
#define KRAIT_INTERP_TYPES_TYPE_LIST_H

#define TYPE_LIST(X)                                                                                                                    \
    X(object) X(type) X(none) X(ellipsis) X(notimpl) X(int) X(bool) X(float) X(complex) X(str) X(bytes) X(bytearray) X(memoryview) X(list) \
    X(tuple) X(dict) X(set) X(frozenset) X(range) X(slice) X(func) X(native) X(native_method) X(native_classmethod) X(method) X(module)    \
    X(code) X(gen) X(coro) X(async_gen) X(frame) X(traceback) X(property) X(classmethod) X(staticmethod) X(super) X(cellbox)              \
    X(mappingproxy) X(getset) X(member) X(weakref) X(slot_wrapper) X(method_wrapper) X(hook_args) X(generic_alias)         \
    X(union) X(weak_proxy) X(weak_callable_proxy) X(coro_wrapper) X(async_asend) X(async_athrow) X(async_wrapped) \
    X(str_iter) X(bytes_iter) X(bytearray_iter) X(namespace)

#endif
