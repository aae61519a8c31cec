// SPDX-License-Identifier: Apache-2.0
// weakref.proxy: an object that stands for another without keeping it alive. Leaves references to weakref.c.
#include "interp/types/exc.h"
#include "interp/types/names.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/types/weakref.h"

static bool is_proxy(vref v) { return type_of(v) == &type_weak_proxy || type_of(v) == &type_weak_callable_proxy; }

// What v stands for if it is a proxy, else v itself. returns new; V_NULL: ReferenceError.
static value unwrap(struct thread *t, vref v) {
    if (!is_proxy(v)) return own(t, v);
    value target = weak_get(t, (struct weakref *)as_object(v));
    return target ? target : raise(t, &exc_ReferenceError, "weakly-referenced object no longer exists");
}

// r of an operation on x, which is released.
static value done(struct thread *t, value x, value r) {
    release(t, x);
    return r;
}
static int64_t done_number(struct thread *t, value x, int64_t r) {
    release(t, x);
    return r;
}

#define UNARY(name, expression)                              \
    static value name(struct thread *t, vref self) {         \
        value x = unwrap(t, self);                           \
        return x ? done(t, x, expression) : V_NULL;          \
    }
UNARY(str, object_str(t, x))
UNARY(iter, object_iter(t, x))
UNARY(negative, object_negative(t, x))
UNARY(positive, object_positive(t, x))
UNARY(absolute, object_absolute(t, x))
UNARY(invert, object_invert(t, x))
UNARY(to_int, object_call1(t, type_ref(&type_int), x))
UNARY(to_float, object_call1(t, type_ref(&type_float), x))
UNARY(to_index, object_index(t, x))
UNARY(next, type_of(x)->next ? type_of(x)->next(t, x) : raise(t, &exc_TypeError, "Weakref proxy referenced a non-iterator '%T' object", x))

static value binary(struct thread *t, vref a, vref b, int op) {
    value x = unwrap(t, a), y = x ? unwrap(t, b) : V_NULL;
    value r = y ? object_binary(t, x, y, op) : V_NULL;
    release_opt(t, x);
    release_opt(t, y);
    return r;
}
#define X(N, stem, symbol)                                                                                            \
    static value proxy_##stem(struct thread *t, vref a, vref b) { return binary(t, a, b, NB_##N); }                    \
    static value proxy_i##stem(struct thread *t, vref a, vref b) { return binary(t, a, b, NB_##N + NB_INPLACE); }
BINARY_OPS(X)
#undef X

static value compare(struct thread *t, vref a, vref b, enum compare_op op) {
    value x = unwrap(t, a), y = x ? unwrap(t, b) : V_NULL;
    value r = y ? object_compare(t, x, y, op) : V_NULL;
    release_opt(t, x);
    release_opt(t, y);
    return r;
}
static value repr(struct thread *t, vref self) {
    value x = weak_get(t, (struct weakref *)as_object(self));
    if (!x) return str_format(t, "<weakproxy at %p; dead>", (void *)as_object(self));
    return done(t, x, str_format(t, "<weakproxy at %p to %T at %p>", (void *)as_object(self), x, (void *)as_object(x)));
}
static value getattr(struct thread *t, vref self, vref name) {
    value x = unwrap(t, self);
    return x ? done(t, x, object_getattr(t, x, name)) : V_NULL;
}
static int setattr(struct thread *t, vref self, vref name, vref v) {
    value x = unwrap(t, self);
    return x ? (int)done_number(t, x, object_setattr(t, x, name, v)) : -1;
}
static int truth(struct thread *t, vref self) {
    value x = unwrap(t, self);
    return x ? (int)done_number(t, x, object_truth(t, x)) : -1;
}
static int64_t length(struct thread *t, vref self) {
    value x = unwrap(t, self);
    return x ? done_number(t, x, object_length(t, x)) : -1;
}
static value getitem(struct thread *t, vref self, vref key) {
    value x = unwrap(t, self);
    return x ? done(t, x, object_getitem(t, x, key)) : V_NULL;
}
static int setitem(struct thread *t, vref self, vref key, vref v) {
    value x = unwrap(t, self);
    return x ? (int)done_number(t, x, object_setitem(t, x, key, v)) : -1;
}
static int contains(struct thread *t, vref self, vref v) {
    value x = unwrap(t, self);
    return x ? (int)done_number(t, x, object_contains(t, x, v)) : -1;
}
static value call(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    value x = unwrap(t, self);
    return x ? done(t, x, object_call(t, x, args, nargs, kwnames)) : V_NULL;
}
static int64_t hash(struct thread *t, vref self) {
    raise(t, &exc_TypeError, "unhashable type: '%T'", self);
    return -1;
}
static value bytes(struct thread *t, const vref *a) {
    value x = unwrap(t, a[0]);
    return x ? done(t, x, object_call_method(t, x, NAME(__bytes__), NULL, 0)) : V_NULL;
}
static value reversed(struct thread *t, const vref *a) {
    value x = unwrap(t, a[0]);
    return x ? done(t, x, object_call_method(t, x, NAME(__reversed__), NULL, 0)) : V_NULL;
}

static const struct native natives[] = {
    {"__bytes__", NATIVE_METHOD, "($self, /)", .fn = bytes},
    {"__reversed__", NATIVE_METHOD, "($self, /)", .fn = reversed},
    {.name = NULL},
};
#define X_BINARY(N, stem, symbol) [NB_##N] = proxy_##stem,
#define X_INPLACE(N, stem, symbol) [NB_##N] = proxy_i##stem,
#define PROXY                                                                                                                                            \
    .module = "weakref", .flags = TYPE_GC | TYPE_NO_NEW | TYPE_WEAKREF, .basicsize = sizeof(struct weakref), .natives = natives, .destroy = weakref_destroy,   \
    .traverse = weakref_traverse, .clear = weakref_clear, .repr = repr, .str = str, .iter = iter, .next = next, .hash = hash, .compare = compare, .getattr = getattr,         \
    .setattr = setattr, .truth = truth, .length = length, .getitem = getitem, .setitem = setitem, .contains = contains, .negative = negative,                \
    .positive = positive, .absolute = absolute, .invert = invert, .to_int = to_int, .to_float = to_float, .to_index = to_index,                              \
    .binary = {BINARY_OPS(X_BINARY)}, .inplace = {BINARY_OPS(X_INPLACE)}
struct type type_weak_proxy = {.name = "ProxyType", PROXY};
struct type type_weak_callable_proxy = {.name = "CallableProxyType", .call = call, PROXY};
