// SPDX-License-Identifier: Apache-2.0
// Asynchronous generators (PEP 525): the type, and the awaitables that asend, athrow and aclose give. Leaves resuming to gen.c.
//
// What such a generator yields by `yield` comes out wrapped, what an `await` inside it passes through comes out bare: so its driver can tell an item from a
// suspension. An item ends the awaitable with StopIteration(item); the end of the generator is StopAsyncIteration.
#include "interp/types/exc.h"
#include "interp/types/str.h"
#include "interp/vm/vm.h"

struct wrapped {
    struct object head;
    value v;
};
value gen_wrap_async(struct thread *t, value v) {
    struct wrapped *w = object_alloc_gc(t, sizeof *w, type_async_wrapped.root_shape);
    if (!w) return release(t, v), V_NULL;
    w->v = v;
    return counted_word(w);
}
static void wrapped_destroy(struct thread *t, struct object *o) { release_field(t, &((struct wrapped *)o)->v); }
static int wrapped_traverse(struct object *o, visit_fn *visit, void *arg) { return visit(((struct wrapped *)o)->v, arg); }
struct type type_async_wrapped = {
    .name = "async_generator_wrapped_value", .module = "builtins", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct wrapped), .base = &type_object,
    .destroy = wrapped_destroy, .traverse = wrapped_traverse,
};

enum drive_state { DRIVE_INIT, DRIVE_ITER, DRIVE_CLOSED };
struct drive { // asend, athrow, aclose
    struct object head;
    value gen;      // owned
    value arg;      // asend: the value; athrow: the exception; aclose: V_NULL
    uint8_t state;  // enum drive_state
    bool closing;   // aclose
};
static struct drive *as_drive(vref v) { return (struct drive *)as_object(v); }

static value call_hooks(struct thread *t, struct gen *g) { // once a generator, when first driven
    if (g->hooks_done) return V_NONE;
    g->hooks_done = 1;
    if (t->asyncgen_finalizer) g->origin = own(t, t->asyncgen_finalizer);
    if (!t->asyncgen_firstiter) return V_NONE;
    return object_call1(t, t->asyncgen_firstiter, borrowed_word(g));
}
static value drive_new(struct thread *t, struct type *type, vref gen, value arg, bool closing) { // takes arg
    value h = call_hooks(t, as_gen(gen));
    struct drive *d = h ? object_alloc_gc(t, sizeof *d, type->root_shape) : NULL;
    release_opt(t, h);
    if (!d) return release_opt(t, arg), V_NULL;
    d->gen = own(t, gen);
    d->arg = arg;
    d->state = DRIVE_INIT;
    d->closing = closing;
    return counted_word(d);
}
static value stop_with(struct thread *t, vref item) {
    raise_value(t, &exc_StopIteration, item);
    return V_NULL;
}
// What came out of the generator, as the awaitable passes it on.
static value unwrap(struct thread *t, struct drive *d, enum gen_result r, value out) {
    struct gen *g = as_gen(d->gen);
    if (r == GEN_YIELDED) {
        if (!is_pointer(out) || type_of(out) != &type_async_wrapped) return out; // an await inside: pass it through
        d->state = DRIVE_CLOSED;
        if (d->closing) {
            release(t, out);
            return raise(t, &exc_RuntimeError, "async generator ignored GeneratorExit");
        }
        value item = own(t, ((struct wrapped *)as_object(out))->v);
        release(t, out);
        stop_with(t, item);
        release(t, item);
        return V_NULL;
    }
    d->state = DRIVE_CLOSED;
    if (r == GEN_RETURNED) {
        release(t, out);
        g->closed = 1;
        return d->closing ? stop_with(t, V_NONE) : raise_value(t, &exc_StopAsyncIteration, V_NULL);
    }
    if (d->closing && (raised_is(t, &exc_StopAsyncIteration) || raised_is(t, &exc_GeneratorExit))) {
        raised_clear(t);
        g->closed = 1;
        return stop_with(t, V_NONE);
    }
    if (raised_is(t, &exc_StopAsyncIteration) || raised_is(t, &exc_GeneratorExit)) g->closed = 1;
    return V_NULL;
}
static value begin_throw(struct thread *t, struct drive *d) {
    struct gen *g = as_gen(d->gen);
    value out = V_NULL;
    if (atomic_load(&g->state) == GEN_DONE) {
        d->state = DRIVE_CLOSED;
        if (d->closing) return stop_with(t, V_NONE);
        return raise_value(t, &exc_StopAsyncIteration, V_NULL);
    }
    value exc = d->closing ? object_call0(t, type_ref(&exc_GeneratorExit)) : own(t, d->arg);
    if (!exc) return V_NULL;
    if (d->closing) g->closed = 1;
    d->state = DRIVE_ITER;
    enum gen_result r = gen_throw(t, g, exc, &out);
    return unwrap(t, d, r, out);
}
static value drive(struct thread *t, struct drive *d, vref sent) {
    struct gen *g = as_gen(d->gen);
    bool throwing = object_type(&d->head) == &type_async_athrow;
    if (d->state == DRIVE_CLOSED)
        return raise(t, &exc_RuntimeError, throwing ? "cannot reuse already awaited aclose()/athrow()" : "cannot reuse already awaited __anext__()/asend()");
    if (d->state == DRIVE_INIT) {
        if (throwing) {
            if (sent != V_NONE) return raise(t, &exc_RuntimeError, "can't send non-None value to a just-started coroutine");
            return begin_throw(t, d);
        }
        if (g->closed) {
            d->state = DRIVE_CLOSED;
            return raise_value(t, &exc_StopAsyncIteration, V_NULL);
        }
        if (atomic_load(&g->state) == GEN_RUNNING) return raise(t, &exc_RuntimeError, "anext(): asynchronous generator is already running");
        d->state = DRIVE_ITER;
        if (sent == V_NONE) sent = d->arg;
    }
    value out = V_NULL;
    enum gen_result r = gen_resume(t, g, sent, &out);
    return unwrap(t, d, r, out);
}
static value d_next(struct thread *t, vref self) { return drive(t, as_drive(self), V_NONE); }
static value d_send(struct thread *t, const vref *a) { return drive(t, as_drive(a[0]), a[1]); }
static value d_throw(struct thread *t, const vref *a) {
    struct drive *d = as_drive(a[0]);
    if (d->state == DRIVE_CLOSED) return raise(t, &exc_RuntimeError, "cannot reuse already awaited awaitable of an async generator");
    value exc = gen_throw_argument(t, a + 1), out = V_NULL;
    if (!exc) return V_NULL;
    d->state = DRIVE_ITER;
    enum gen_result r = gen_throw(t, as_gen(d->gen), exc, &out);
    return unwrap(t, d, r, out);
}
static value d_close(struct thread *t, const vref *a) { return (void)t, as_drive(a[0])->state = DRIVE_CLOSED, V_NONE; }
static value d_self(struct thread *t, vref self) { return own(t, self); }
static void d_destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct drive *)o)->gen);
    release_field(t, &((struct drive *)o)->arg);
}
static int d_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct drive *d = (struct drive *)o;
    int r = visit(d->gen, arg);
    return r || !d->arg ? r : visit(d->arg, arg);
}
#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
static const struct native drive_natives[] = {
    M("send", "($self, arg, /)", d_send), M("throw", "($self, type, value=None, traceback=None, /)", d_throw), M("close", "($self, /)", d_close), {0},
};
#define DRIVE_TYPE                                                                                          \
    .module = "builtins", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct drive), .base = &type_object, .natives = drive_natives, \
    .destroy = d_destroy, .traverse = d_traverse, .iter = d_self, .next = d_next, .await = d_self
struct type type_async_asend = {.name = "async_generator_asend", DRIVE_TYPE};
struct type type_async_athrow = {.name = "async_generator_athrow", DRIVE_TYPE};

// ---- the generator ----
static value anext(struct thread *t, vref self) { return drive_new(t, &type_async_asend, self, V_NONE, false); }
static value asend(struct thread *t, const vref *a) { return drive_new(t, &type_async_asend, a[0], own(t, a[1]), false); }
static value athrow(struct thread *t, const vref *a) {
    value exc = gen_throw_argument(t, a + 1);
    return exc ? drive_new(t, &type_async_athrow, a[0], exc, false) : V_NULL;
}
static value aclose(struct thread *t, const vref *a) { return drive_new(t, &type_async_athrow, a[0], V_NULL, true); }
static value aiter(struct thread *t, vref self) { return own(t, self); }
static value get_running(struct thread *t, const vref *a) { return (void)t, from_bool(atomic_load(&as_gen(a[0])->state) == GEN_RUNNING); }
static value get_code(struct thread *t, const vref *a) { return own(t, borrowed_word(as_gen(a[0])->code)); }
static value get_name(struct thread *t, const vref *a) { return own(t, as_gen(a[0])->name); }
static value get_qualname(struct thread *t, const vref *a) { return own(t, as_gen(a[0])->qualname); }
#define GETTER(py, f) {.name = py, .kind = NATIVE_GETSET, .fn = f}
static const struct native natives[] = {
    M("asend", "($self, value, /)", asend), M("athrow", "($self, type, value=None, traceback=None, /)", athrow), M("aclose", "($self, /)", aclose),
    GETTER("ag_running", get_running), GETTER("ag_code", get_code), GETTER("ag_frame", gen_get_frame), GETTER("ag_await", gen_get_delegate),
    {.name = "__name__", .kind = NATIVE_GETSET, .fn = get_name, .set = gen_set_name},
    {.name = "__qualname__", .kind = NATIVE_GETSET, .fn = get_qualname, .set = gen_set_qualname}, M("__del__", "($self, /)", gen_del), {0},
};
struct type type_async_gen = {
    .name = "async_generator", .module = "builtins", .flags = TYPE_GC | TYPE_NO_NEW | TYPE_HAS_WEAK | TYPE_DEL, .basicsize = sizeof(struct gen), .base = &type_object,
    .natives = natives, .size_of = gen_size_of, .destroy = gen_destroy, .traverse = gen_traverse, .clear = gen_clear, .repr = gen_repr, .aiter = aiter, .anext = anext,
};
