// SPDX-License-Identifier: Apache-2.0
// The built-in functions aiter and anext, and what anext with a default gives to `await`. Leaves asynchronous generators to vm/asyncgen.c.
#include "interp/modules/builtins.h"
#include "interp/types/exc.h"
#include "interp/vm/gen.h"

value builtins_aiter(struct thread *t, const vref *a) { // async_iterable
    struct type *cls = type_of(a[0]);
    if (!cls->aiter) return raise(t, &exc_TypeError, "'%T' object is not an async iterable", a[0]);
    value it = cls->aiter(t, a[0]);
    if (!it || type_of(it)->anext) return it;
    raise(t, &exc_TypeError, "aiter() returned not an async iterator of type '%T'", it);
    release(t, it);
    return V_NULL;
}

// ---- anext(it, default) ----

struct anext {
    struct object head;
    value item;     // owned: what __anext__ gave
    value fallback; // owned
};
static struct anext *as_anext(vref v) { return (struct anext *)as_object(v); }

// returns new: what is iterated to await the item. It is asked for each time, as CPython does.
static value iterator(struct thread *t, struct anext *a) {
    if (type_of(a->item) == &type_coro) return own(t, a->item); // it may be on its way already
    return gen_awaitable(t, a->item, 0);
}
// v, or in place of the end of the items the default as the result of the await. takes v.
static value answer(struct thread *t, struct anext *a, value v) {
    if (v || !raised_is(t, &exc_StopAsyncIteration)) return v;
    raised_clear(t);
    return raise_value(t, &exc_StopIteration, a->fallback);
}
static value a_next(struct thread *t, vref self) {
    value it = iterator(t, as_anext(self)), v = V_NULL;
    if (!it) return V_NULL;
    enum gen_result r = gen_send(t, it, V_NONE, &v);
    release(t, it);
    if (r == GEN_RETURNED) {
        raise_value(t, &exc_StopIteration, v);
        release_field(t, &v);
    }
    return answer(t, as_anext(self), r == GEN_YIELDED ? v : V_NULL);
}
static value forward(struct thread *t, vref self, const char *method, const vref *args, size_t n) {
    value it = iterator(t, as_anext(self));
    if (!it) return V_NULL;
    value v = object_call_method_cstr(t, it, method, args, n);
    release(t, it);
    return answer(t, as_anext(self), v);
}
static value a_send(struct thread *t, const vref *a) { return forward(t, a[0], "send", a + 1, 1); }
static value a_throw(struct thread *t, const vref *a) { return forward(t, a[0], "throw", a + 1, a[3] ? 3 : a[2] ? 2 : 1); }
static value a_close(struct thread *t, const vref *a) { return forward(t, a[0], "close", NULL, 0); }
static value a_self(struct thread *t, vref self) { return own(t, self); }

static void a_destroy(struct thread *t, struct object *o) {
    struct anext *a = (struct anext *)o;
    release_field(t, &a->item);
    release_field(t, &a->fallback);
}
static int a_traverse(struct object *o, visit_fn *visit, void *arg) {
    const struct anext *a = (const struct anext *)o;
    const value words[] = {a->item, a->fallback};
    int r = 0;
    for (int i = 0; !r && i < 2; i++) r = words[i] ? visit(words[i], arg) : 0;
    return r;
}
#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
static const struct native natives[] = {
    M("send", "($self, arg, /)", a_send), M("throw", "($self, type, value=None, traceback=None, /)", a_throw), M("close", "($self, /)", a_close), {0},
};
struct type type_anext = {
    .name = "anext_awaitable", .module = "builtins", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct anext), .base = &type_object,
    .natives = natives, .destroy = a_destroy, .traverse = a_traverse, .iter = a_self, .next = a_next, .await = a_self,
};

value builtins_anext(struct thread *t, const vref *a) { // async_iterator, default
    struct type *cls = type_of(a[0]);
    if (!cls->anext) return raise(t, &exc_TypeError, "'%T' object is not an async iterator", a[0]);
    value item = cls->anext(t, a[0]);
    if (!item || !a[1]) return item;
    struct anext *n = object_alloc_gc(t, sizeof *n, type_anext.root_shape);
    if (!n) return release(t, item), V_NULL;
    n->item = item;
    n->fallback = own(t, a[1]);
    return counted_word(n);
}
