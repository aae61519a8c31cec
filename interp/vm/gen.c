// SPDX-License-Identifier: Apache-2.0
// Generators and coroutines: suspending, resuming, send, throw, close, and their types. Leaves asynchronous generators to asyncgen.c, the resumption inside the loop to ops_iter.inc.
#include "interp/vm/gen.h"
#include "interp/modules/modules.h"
#include "interp/types/finalize.h"
#include "interp/types/names.h"
#include "interp/types/dict.h"
#include "interp/types/exc.h"
#include "interp/types/words.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"

#include <stdio.h>
#include "interp/vm/vm.h"

static size_t gen_bytes(uint32_t nregs) { return sizeof(struct gen) + nregs * sizeof(value); }

// cr_origin: a row (file, line, name) for each of the frames from R outwards, at most t->origin_depth. V_NULL: exception.
static NOINLINE value origin_of(struct thread *t, value *R) {
    value rows = list_new(t, 0);
    for (unsigned n = 0; rows && R && n < t->origin_depth; R = frame_back(R), n++) {
        struct code *c = frame_code(R);
        struct position p;
        int line = code_position(c, frame_at(R), &p) ? p.line : c->firstlineno;
        value row = tuple_pack(t, 3, c->filename, from_int62(line), c->name);
        if (!row || !list_append(t, rows, row)) release_field(t, &rows);
        release_opt(t, row);
    }
    value r = rows ? list_to_tuple(t, rows) : V_NULL;
    release_opt(t, rows);
    return r;
}

value gen_from_frame(struct thread *t, value *R, const _Atomic uint32_t *pc) {
    struct code *c = frame_code(R);
    struct type *type = c->flags & CODE_ASYNC_GENERATOR ? &type_async_gen : c->flags & CODE_COROUTINE ? &type_coro : &type_gen;
    struct gen *g = object_alloc_gc(t, gen_bytes(c->nregs), type->root_shape);
    if (!g) return V_NULL;
    memset((char *)g + sizeof g->head, 0, sizeof *g - sizeof g->head);
    g->nregs = c->nregs;
    g->code = c;
    g->pc = pc;
    g->sent_reg = g->delegate_reg = -1;
    g->handled.exc = V_NONE;
    g->func = own(t, R[-4]);
    struct func *f = as_func(g->func);
    g->name = own(t, f->name ? f->name : c->name);
    g->qualname = own(t, f->qualname ? f->qualname : c->qualname);
    g->live = c->nclear;
    for (uint32_t k = 0; k < g->live; k++) g->at[k] = own(t, R[k]); // arguments may be borrowed from a caller that will not wait
    if (unlikely(t->origin_depth) && type == &type_coro && !(g->origin = origin_of(t, frame_back(R)))) {
        release(t, counted_word(g));
        return V_NULL;
    }
    return counted_word(g);
}

bool gen_enter(struct thread *t, struct gen *g, value *R, value *caller, enum frame_kind kind) {
    uint32_t state = atomic_load_explicit(&g->state, memory_order_acquire);
    for (;;) {
        if (unlikely(state == GEN_RUNNING)) {
            raise(t, &exc_ValueError, "%s already executing", object_type(&g->head) == &type_coro ? "coroutine" : object_type(&g->head) == &type_async_gen ? "async generator" : "generator");
            return false;
        }
        if (state == GEN_DONE) return false;
        if (!t->free_threaded) { // nobody else is attached
            atomic_store_explicit(&g->state, GEN_RUNNING, memory_order_relaxed);
            break;
        }
        if (atomic_compare_exchange_weak_explicit(&g->state, &state, GEN_RUNNING, memory_order_acq_rel, memory_order_acquire)) break;
    }
    R[-5] = ref_inc(t, &g->head);
    R[-4] = own(t, g->func);
    R[-3] = frame_pc_word(g->pc);
    R[-2] = frame_code_word(g->code, kind);
    R[-1] = frame_back_word(caller);
    for (uint32_t k = 0; k < g->live; k++) R[k] = g->at[k];
    g->handled.outer = t->handled;
    t->handled = &g->handled;
    g->running = R;
    return true;
}
void gen_suspend(struct thread *t, value *R, const _Atomic uint32_t *pc, uint32_t live) {
    struct gen *g = as_gen(R[-5]);
    if (R[-1] & FRAME_HAS_OBJECT) frame_detach(t, R);
    if (live < g->code->nclear) live = g->code->nclear;
    for (uint32_t k = 0; k < live; k++) {
        g->at[k] = R[k];
        R[k] = V_UNBOUND;
    }
    g->live = live;
    g->pc = pc;
    g->running = NULL;
    g->each = NULL;
    t->handled = g->handled.outer;
    atomic_store_explicit(&g->state, GEN_SUSPENDED, memory_order_release);
}
void gen_finish(struct thread *t, value *R) {
    struct gen *g = as_gen(R[-5]);
    g->running = NULL;
    g->each = NULL;
    t->handled = g->handled.outer;
    value held = g->handled.exc;
    g->handled.exc = V_NONE;
    atomic_store_explicit(&g->state, GEN_DONE, memory_order_release);
    release(t, held);
    if (t->exc) { // PEP 479
        bool stop = raised_is(t, &exc_StopIteration), astop = object_type(&g->head) == &type_async_gen && raised_is(t, &exc_StopAsyncIteration);
        if (stop || astop) {
            value cause = raised_take(t);
            raise(t, &exc_RuntimeError, "%s raised %s", object_type(&g->head) == &type_coro ? "coroutine" : object_type(&g->head) == &type_async_gen ? "async generator" : "generator",
                  stop ? "StopIteration" : "StopAsyncIteration");
            struct exc *e = as_exc(t->exc);
            replace_field(t, &e->cause, own(t, cause));
            replace_field(t, &e->context, cause);
            e->suppress_context = 1;
        }
    }
}

// The window for a resumption from C: R[-5] and up are free.
static value *window(struct thread *t, const struct gen *g) {
    value *R = vm_window(t) + FRAME_HEADER + 1;
    if (unlikely((uintptr_t)(R + g->nregs) > atomic_load_explicit(&t->limit, memory_order_relaxed)) && !thread_limit_hit(t, R + g->nregs)) return NULL;
    if (unlikely((char *)__builtin_frame_address(0) < t->c_stack_low)) {
        raise(t, &exc_RecursionError, "maximum recursion depth exceeded");
        return NULL;
    }
    return R;
}
static enum gen_result outcome(struct gen *g, value v, value *out) {
    if (!v) return GEN_ERROR;
    *out = v;
    return atomic_load_explicit(&g->state, memory_order_acquire) == GEN_DONE ? GEN_RETURNED : GEN_YIELDED;
}
static enum gen_result resume(struct thread *t, struct gen *g, vref sent, gen_each *each, void *context, value *out) {
    value *R = window(t, g);
    if (!R) return GEN_ERROR;
    if (atomic_load_explicit(&g->state, memory_order_relaxed) == GEN_CREATED && sent != V_NONE) {
        raise(t, &exc_TypeError, "can't send non-None value to a just-started %s", object_type(&g->head) == &type_coro ? "coroutine" : object_type(&g->head) == &type_async_gen ? "async generator" : "generator");
        return GEN_ERROR;
    }
    if (!gen_enter(t, g, R, t->frame, FRAME_GEN)) {
        if (!raised(t) && object_type(&g->head) == &type_coro) raise(t, &exc_RuntimeError, "cannot reuse already awaited coroutine");
        if (raised(t)) return GEN_ERROR;
        *out = V_NONE;
        return GEN_RETURNED;
    }
    int16_t reg = g->sent_reg; // from here on nobody else runs it
    g->each = each;
    g->each_context = context;
    if (reg >= 0) {
        value old = R[reg];
        R[reg] = own(t, sent);
        release(t, old);
    }
    return outcome(g, vm_run(t, R, false), out); // the caller's word keeps g alive
}
enum gen_result gen_resume(struct thread *t, struct gen *g, vref sent, value *out) { return resume(t, g, sent, NULL, NULL, out); }

value iter_drain(struct thread *t, vref it, gen_each *each, void *context) {
    value v;
    if (!is_gen(it)) {
        while ((v = object_next(t, it)) != V_NULL && each(t, context, v))
            if (!safepoint_poll(t)) return V_NULL;
        return v;
    }
    enum gen_result r = resume(t, as_gen(it), V_NONE, each, context, &v);
    if (r == GEN_YIELDED) return v;
    if (r == GEN_RETURNED) release(t, v);
    else if (raised(t)) stop_iteration_swallow(t);
    return V_NULL;
}

// Gives the delegate of a generator suspended in SEND the exception. GEN_RETURNED: the delegate is done with *out.
enum gen_result gen_delegate_throw(struct thread *t, vref it, vref exc, value *out) {
    if (is_instance(exc, &exc_GeneratorExit)) {
        value close;
        int found = object_lookup_attr(t, it, NAME(close), &close);
        if (found < 0) return GEN_ERROR;
        if (found) {
            value r = object_call0(t, close);
            release(t, close);
            if (!r) return GEN_ERROR;
            release(t, r);
        }
        raised_restore(t, own(t, exc));
        return GEN_ERROR;
    }
    if (is_gen(it) || type_of(it) == &type_coro) return gen_throw(t, as_gen(it), own(t, exc), out);
    value thrower;
    int found = object_lookup_attr(t, it, NAME(throw), &thrower);
    if (found < 0) return GEN_ERROR;
    if (!found) {
        raised_restore(t, own(t, exc));
        return GEN_ERROR;
    }
    value r = object_call1(t, thrower, exc);
    release(t, thrower);
    if (r) {
        *out = r;
        return GEN_YIELDED;
    }
    if (!raised_is(t, &exc_StopIteration)) return GEN_ERROR;
    value stop = raised_take(t);
    *out = as_exc(stop)->extra[0] ? own(t, as_exc(stop)->extra[0]) : V_NONE;
    release(t, stop);
    return GEN_RETURNED;
}

// The context of what is thrown in is what the generator itself is handling, not what its caller does. takes exc
static void raise_in(struct thread *t, const struct gen *g, value exc) {
    if (g->handled.exc && g->handled.exc != V_NONE) {
        raise_object(t, exc);
        release(t, exc);
    } else
        raised_restore(t, exc);
}
enum gen_result gen_throw(struct thread *t, struct gen *g, value exc, value *out) {
    uint32_t state = atomic_load_explicit(&g->state, memory_order_acquire);
    if (state == GEN_DONE) {
        if (object_type(&g->head) == &type_coro) {
            raise(t, &exc_RuntimeError, "cannot reuse already awaited coroutine");
            goto drop;
        }
        raise_in(t, g, exc);
        return GEN_ERROR;
    }
    value *R = window(t, g);
    if (!R) goto drop;
    if (state == GEN_CREATED) { // never started: it ends here, its first line is where the exception shows
        if (!gen_enter(t, g, R, t->frame, FRAME_GEN)) goto drop;
        raise_in(t, g, exc);
        R[-3] = frame_pc_word(g->pc);
        return outcome(g, vm_run(t, R, true), out);
    }
    if (!gen_enter(t, g, R, t->frame, FRAME_GEN)) {
        if (!raised(t)) {
            raise_in(t, g, exc);
            return GEN_ERROR;
        }
        goto drop;
    }
    int16_t delegate = g->delegate_reg, reg = g->sent_reg; // from here on nobody else runs it
    value keep = ref_inc(t, &g->head);
    enum gen_result r;
    if (delegate >= 0) {
        // Inside yield from or await: the delegate hears of it first, with this frame in the chain.
        R[-3] = frame_pc_word(g->pc + 1);
        t->frame = R;
        value inner = V_NULL;
        enum gen_result d = gen_delegate_throw(t, R[delegate], exc, &inner);
        release(t, exc);
        if (d == GEN_YIELDED) {
            value *back = frame_back(R), f = R[-4], gw = R[-5];
            gen_suspend(t, R, g->pc, g->live);
            R[-4] = R[-5] = V_UNBOUND;
            t->frame = back;
            release(t, f);
            release(t, gw);
            *out = inner;
            r = GEN_YIELDED;
        } else if (d == GEN_RETURNED) {
            // As if SEND had ended: the result is in its register, the iterator is dropped, execution goes on at its target.
            value old = R[reg], it = R[delegate];
            R[reg] = inner;
            R[delegate] = V_UNBOUND;
            release(t, old);
            release(t, it);
            int32_t offset = (int32_t)atomic_load_explicit(g->pc + 1, memory_order_relaxed);
            R[-3] = frame_pc_word(g->pc + 2 + offset);
            r = outcome(g, vm_run(t, R, false), out);
        } else
            r = outcome(g, vm_run(t, R, true), out);
    } else {
        t->frame = R;
        raise_in(t, g, exc);
        r = outcome(g, vm_run(t, R, true), out);
    }
    release(t, keep);
    return r;
drop:
    release(t, exc);
    return GEN_ERROR;
}

static bool is_generator_like(vref v) { return is_pointer(v) && (type_of(v) == &type_gen || type_of(v) == &type_coro); }
enum gen_result gen_send(struct thread *t, vref it, vref sent, value *out) {
    if (is_generator_like(it)) return gen_resume(t, as_gen(it), sent, out);
    value v;
    if (sent == V_NONE && type_of(it)->next) v = type_of(it)->next(t, it);
    else v = object_call_method_cstr(t, it, "send", &sent, 1);
    if (v) {
        *out = v;
        return GEN_YIELDED;
    }
    if (!raised(t)) {
        *out = V_NONE;
        return GEN_RETURNED;
    }
    if (!raised_is(t, &exc_StopIteration)) return GEN_ERROR;
    value stop = raised_take(t);
    *out = as_exc(stop)->extra[0] ? own(t, as_exc(stop)->extra[0]) : V_NONE;
    release(t, stop);
    return GEN_RETURNED;
}

value gen_yield_iter(struct thread *t, vref o, bool in_coroutine) {
    if (is_pointer(o) && type_of(o) == &type_coro) {
        if (!in_coroutine) return raise(t, &exc_TypeError, "cannot 'yield from' a coroutine object in a non-coroutine generator");
        return own(t, o);
    }
    if (is_gen(o)) return own(t, o);
    return object_iter(t, o);
}
value gen_awaitable(struct thread *t, vref o, int where) {
    if (is_pointer(o)) {
        struct type *cls = type_of(o);
        if (cls == &type_coro) {
            if (as_gen(o)->delegate_reg >= 0 && as_gen(o)->state != GEN_RUNNING && as_gen(o)->state != GEN_DONE && as_gen(o)->state != GEN_CREATED)
                return raise(t, &exc_RuntimeError, "coroutine is being awaited already");
            return own(t, o);
        }
        if (cls == &type_gen && as_gen(o)->code->flags & CODE_ITERABLE_COROUTINE) return own(t, o);
        if (cls->await) {
            value it = cls->await(t, o);
            if (it && is_pointer(it) && type_of(it) == &type_coro) {
                release(t, it);
                return raise(t, &exc_TypeError, "__await__() returned a coroutine");
            }
            if (it && !type_of(it)->next) {
                raise(t, &exc_TypeError, "__await__() returned non-iterator of type '%T'", it);
                release(t, it);
                return V_NULL;
            }
            return it;
        }
    }
    if (where == 1) return raise(t, &exc_TypeError, "'async with' received an object from __aenter__ that does not implement __await__: %T", o);
    if (where == 2) return raise(t, &exc_TypeError, "'async with' received an object from __aexit__ that does not implement __await__: %T", o);
    return raise(t, &exc_TypeError, "object %T can't be used in 'await' expression", o);
}
value gen_aiter(struct thread *t, vref o) {
    struct type *cls = type_of(o);
    if (!cls->aiter) return raise(t, &exc_TypeError, "'async for' requires an object with __aiter__ method, got %T", o);
    value it = cls->aiter(t, o);
    if (it && !type_of(it)->anext) {
        raise(t, &exc_TypeError, "'async for' received an object from __aiter__ that does not implement __anext__: %T", it);
        release(t, it);
        return V_NULL;
    }
    return it;
}
value gen_anext(struct thread *t, vref o) {
    struct type *cls = type_of(o);
    if (!cls->anext) return raise(t, &exc_TypeError, "'async for' requires an iterator with __anext__ method, got %T", o);
    value next = cls->anext(t, o);
    if (!next) return V_NULL;
    struct type *n = type_of(next);
    if (n->await || n == &type_coro || (n == &type_gen && as_gen(next)->code->flags & CODE_ITERABLE_COROUTINE)) return next; // AWAITABLE comes next
    raise(t, &exc_TypeError, "'async for' received an invalid object from __anext__: %T", next);
    release(t, next);
    return V_NULL;
}

// ---- methods ----
static value stop_with(struct thread *t, value v) { // takes v: what a generator returned becomes StopIteration
    if (v == V_NONE) return raise_value(t, &exc_StopIteration, V_NULL);
    raise_value(t, &exc_StopIteration, v);
    release(t, v);
    return V_NULL;
}
static value next(struct thread *t, vref self) {
    value out;
    enum gen_result r = gen_resume(t, as_gen(self), V_NONE, &out);
    if (r == GEN_YIELDED) return out;
    if (r == GEN_RETURNED && out != V_NONE) stop_with(t, out);
    return V_NULL;
}
static value deliver(struct thread *t, enum gen_result r, value out) {
    return r == GEN_YIELDED ? out : r == GEN_RETURNED ? (out == V_NONE ? raise_value(t, &exc_StopIteration, V_NULL) : stop_with(t, out)) : V_NULL;
}
static value send(struct thread *t, const vref *a) {
    value out;
    struct gen *g = as_gen(a[0]);
    if (object_type(&g->head) == &type_coro && atomic_load(&g->state) == GEN_DONE) return raise(t, &exc_RuntimeError, "cannot reuse already awaited coroutine");
    enum gen_result r = gen_resume(t, g, a[1], &out);
    return deliver(t, r, out);
}
// The exception instance that throw(type[, value[, traceback]]) names. returns new.
value gen_throw_argument(struct thread *t, const vref *a) {
    vref type = a[0], v = a[1] ? a[1] : V_NONE, tb = a[2] ? a[2] : V_NONE;
    value exc;
    if (tb != V_NONE && type_of(tb) != &type_traceback) return raise(t, &exc_TypeError, "throw() third argument must be a traceback object");
    if (is_type(type) && as_type(type)->flags & TYPE_EXC) {
        if (is_exc(v) && is_instance(v, as_type(type))) exc = own(t, v);
        else if (v == V_NONE) exc = object_call0(t, type);
        else if (is_tuple(v)) exc = object_call_ex(t, type, v, V_NULL);
        else exc = object_call1(t, type, v);
    } else if (is_exc(type)) {
        if (v != V_NONE) return raise(t, &exc_TypeError, "instance exception may not have a separate value");
        exc = own(t, type);
    } else
        return raise(t, &exc_TypeError, "exceptions must be classes or instances deriving from BaseException, not %T", type);
    if (exc && !is_exc(exc)) { // a __new__ that makes something else: that is what the generator gets to know
        raise(t, &exc_TypeError, "calling %R should have returned an instance of BaseException, not %T", type, exc);
        release(t, exc);
        exc = raised_take(t);
    }
    if (exc && tb != V_NONE) field_store(t, as_object(exc), &as_exc(exc)->traceback, own(t, tb));
    return exc;
}
static value throw_(struct thread *t, const vref *a) {
    value exc = gen_throw_argument(t, a + 1), out = V_NULL;
    if (!exc) return V_NULL;
    enum gen_result r = gen_throw(t, as_gen(a[0]), exc, &out);
    return deliver(t, r, out);
}
static void drop_registers(struct thread *t, struct gen *g) {
    for (uint32_t k = 0; k < g->live; k++) {
        value w = g->at[k];
        g->at[k] = V_UNBOUND;
        release(t, w);
    }
}
static value close_(struct thread *t, const vref *a) {
    struct gen *g = as_gen(a[0]);
    uint32_t state = atomic_load_explicit(&g->state, memory_order_acquire);
    if (state == GEN_DONE) return V_NONE;
    if (state == GEN_CREATED && atomic_compare_exchange_strong(&g->state, &state, GEN_DONE)) {
        drop_registers(t, g);
        return V_NONE;
    }
    value exc = object_call0(t, type_ref(&exc_GeneratorExit)), out;
    if (!exc) return V_NULL;
    enum gen_result r = gen_throw(t, g, exc, &out);
    if (r == GEN_YIELDED) {
        release(t, out);
        return raise(t, &exc_RuntimeError, "%s ignored GeneratorExit", object_type(&g->head) == &type_coro ? "coroutine" : "generator");
    }
    if (r == GEN_RETURNED) release(t, out);
    else if (raised_is(t, &exc_GeneratorExit) || raised_is(t, &exc_StopIteration)) raised_clear(t);
    else return V_NULL;
    return V_NONE;
}
// "coroutine 'f' was never awaited": by the function of the warnings module that knows where it was made, else plainly.
static NOINLINE void warn_unawaited(struct thread *t, vref coro) {
    value name = str_intern_cstr(t, "warnings"), module = name ? import_dotted(t, name) : V_NULL;
    bool told = false;
    if (module) {
        value r = object_call_method_cstr(t, module, "_warn_unawaited_coroutine", &coro, 1);
        told = r || raised_is(t, &exc_RuntimeWarning);
        if (!r && raised_is(t, &exc_AttributeError)) raised_clear(t);
        release_opt(t, r);
        release(t, module);
    }
    release_opt(t, name);
    if (raised(t)) raise_unraisable(t, NULL, coro);
    if (told) return;
    if (!raise_warning(t, &exc_RuntimeWarning, 1, "coroutine '%U' was never awaited", as_gen(coro)->qualname)) raise_unraisable(t, NULL, coro);
}
void gen_finalize(struct thread *t, struct gen *g) {
    uint32_t state = atomic_load_explicit(&g->state, memory_order_acquire);
    if (state == GEN_DONE || state == GEN_RUNNING) return;
    value pending = raised_take(t);
    vref self = borrowed_word(g);
    bool handed_over = object_type(&g->head) == &type_async_gen && g->origin && !g->closed;
    if (object_type(&g->head) == &type_coro && state == GEN_CREATED) warn_unawaited(t, self);
    value r = handed_over ? object_call1(t, g->origin, self) : close_(t, &self);
    if (r) release(t, r);
    else raise_unraisable(t, NULL, self);
    if (pending) raised_restore(t, pending);
}
void gen_destroy(struct thread *t, struct object *o) {
    struct gen *g = (struct gen *)o;
    if (atomic_load_explicit(&g->state, memory_order_relaxed) == GEN_SUSPENDED && g->code->nhandlers && object_type(o) == &type_gen) {
        g->head.local += 2; // alive while its finally clauses run
        gen_finalize(t, g);
        g->head.local -= 2;
    }
    if (atomic_load_explicit(&g->state, memory_order_relaxed) != GEN_DONE)
        drop_registers(t, g);
    value *words[] = {&g->func, &g->name, &g->qualname, &g->frame, &g->origin, &g->handled.exc};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) release_field(t, words[k]);
}
int gen_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct gen *g = (struct gen *)o;
    value words[] = {g->func, g->name, g->qualname, g->frame, g->origin, g->handled.exc};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        int r = words[k] ? visit(words[k], arg) : 0;
        if (r) return r;
    }
    uint32_t state = atomic_load_explicit(&g->state, memory_order_relaxed);
    if (state == GEN_RUNNING || state == GEN_DONE) return 0; // registers are on a stack, or gone
    for (uint32_t k = 0; k < g->live; k++) {
        int r = visit(g->at[k], arg);
        if (r) return r;
    }
    return 0;
}
// The collector asked gen_del before; what yielded again all the same goes without its finally clauses, whose closures may be gone.
void gen_clear(struct thread *t, struct object *o) {
    struct gen *g = (struct gen *)o;
    uint32_t state = atomic_load_explicit(&g->state, memory_order_acquire);
    if (state == GEN_RUNNING || state == GEN_DONE) return;
    if (atomic_compare_exchange_strong(&g->state, &state, GEN_DONE)) drop_registers(t, g);
}
value gen_del(struct thread *t, const vref *a) {
    gen_finalize(t, as_gen(a[0]));
    return V_NONE;
}
size_t gen_size_of(const struct object *o) { return gen_bytes(((const struct gen *)o)->nregs); }

static value self_iter(struct thread *t, vref self) { return own(t, self); }
value gen_repr(struct thread *t, vref self) {
    struct gen *g = as_gen(self);
    char where[32];
    snprintf(where, sizeof where, "%p", (void *)g);
    return str_format(t, "<%s object %U at %s>", object_type(&g->head)->name, g->qualname, where);
}
static value get_running(struct thread *t, const vref *a) { (void)t; return from_bool(atomic_load(&as_gen(a[0])->state) == GEN_RUNNING); }
static value get_suspended(struct thread *t, const vref *a) { (void)t; return from_bool(atomic_load(&as_gen(a[0])->state) == GEN_SUSPENDED); }
static value get_code(struct thread *t, const vref *a) { return own(t, borrowed_word(as_gen(a[0])->code)); }
value gen_get_frame(struct thread *t, const vref *a) {
    struct gen *g = as_gen(a[0]);
    uint32_t state = atomic_load(&g->state);
    if (state == GEN_DONE) return V_NONE;
    if (state == GEN_RUNNING && g->running) return frame_object(t, g->running);
    // Suspended: a detached frame object with today's registers.
    struct frame *f = object_alloc_gc(t, sizeof *f, type_frame.root_shape);
    if (!f) return V_NULL;
    memset((char *)f + sizeof f->head, 0, sizeof *f - sizeof f->head);
    f->func = own(t, g->func);
    f->code = g->code;
    f->at = (uint32_t)(g->pc - g->code->ops) - (g->delegate_reg < 0 && state != GEN_CREATED ? 1 : 0);
    value saved = tuple_new(t, g->code->nlocals);
    if (saved) {
        for (unsigned k = 0; k < g->code->nlocals; k++) as_tuple(saved)->at[k] = own(t, g->at[k]);
        f->saved = saved;
    }
    return counted_word(f);
}
value gen_get_delegate(struct thread *t, const vref *a) {
    struct gen *g = as_gen(a[0]);
    if (atomic_load(&g->state) != GEN_SUSPENDED || g->delegate_reg < 0) return V_NONE;
    return own(t, g->at[g->delegate_reg]);
}
static value get_name(struct thread *t, const vref *a) { return own(t, as_gen(a[0])->name); }
static value get_qualname(struct thread *t, const vref *a) { return own(t, as_gen(a[0])->qualname); }
static int set_text(struct thread *t, value *field, vref v, const char *what) {
    if (!v || !is_str(v)) {
        raise(t, &exc_TypeError, "%s must be set to a string object", what);
        return -1;
    }
    replace_field(t, field, own(t, v));
    return 0;
}
int gen_set_name(struct thread *t, vref self, vref v) { return set_text(t, &as_gen(self)->name, v, "__name__"); }
int gen_set_qualname(struct thread *t, vref self, vref v) { return set_text(t, &as_gen(self)->qualname, v, "__qualname__"); }

static value get_origin(struct thread *t, const vref *a) {
    value v = as_gen(a[0])->origin;
    return v ? own(t, v) : V_NONE;
}

#define GETTER(py, f) {.name = py, .kind = NATIVE_GETSET, .fn = f}
#define COMMON                                                                                              \
    {.name = "send", .kind = NATIVE_METHOD, .sig = "($self, arg, /)", .fn = send},                           \
    {.name = "throw", .kind = NATIVE_METHOD, .sig = "($self, type, value=None, traceback=None, /)", .fn = throw_}, \
    {.name = "close", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = close_},                             \
    {.name = "__del__", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = gen_del},                          \
    {.name = "__name__", .kind = NATIVE_GETSET, .fn = get_name, .set = gen_set_name},                            \
    {.name = "__qualname__", .kind = NATIVE_GETSET, .fn = get_qualname, .set = gen_set_qualname}
static const struct native gen_natives[] = {
    COMMON, GETTER("gi_running", get_running), GETTER("gi_suspended", get_suspended), GETTER("gi_code", get_code), GETTER("gi_frame", gen_get_frame), GETTER("gi_yieldfrom", gen_get_delegate), {0},
};
static const struct native coro_natives[] = {
    COMMON, GETTER("cr_running", get_running), GETTER("cr_suspended", get_suspended), GETTER("cr_code", get_code), GETTER("cr_frame", gen_get_frame),
    GETTER("cr_await", gen_get_delegate), GETTER("cr_origin", get_origin), {0},
};
enum { GEN_FLAGS = TYPE_GC | TYPE_NO_NEW | TYPE_HAS_WEAK };
#define GEN_TYPE                                                                                            \
    .module = "builtins", .basicsize = sizeof(struct gen), .base = &type_object, .size_of = gen_size_of, \
    .destroy = gen_destroy, .traverse = gen_traverse, .clear = gen_clear, .repr = gen_repr
struct type type_gen = {.name = "generator", .flags = GEN_FLAGS | TYPE_CLOSES, .root_shape = SHAPE_GEN, .natives = gen_natives, GEN_TYPE, .iter = self_iter, .next = next};
static value coro_await(struct thread *t, vref self);
struct type type_coro = {.name = "coroutine", .flags = GEN_FLAGS | TYPE_DEL, .natives = coro_natives, GEN_TYPE, .await = coro_await};

// ---- the iterator that coroutine.__await__() gives ----
struct coro_wrapper {
    struct object head;
    value coro;
};
static value wrapper_next(struct thread *t, vref self) { return next(t, ((struct coro_wrapper *)as_object(self))->coro); }
static value wrapper_send(struct thread *t, const vref *a) { return send(t, (vref[]){((struct coro_wrapper *)as_object(a[0]))->coro, a[1]}); }
static value wrapper_throw(struct thread *t, const vref *a) { return throw_(t, (vref[]){((struct coro_wrapper *)as_object(a[0]))->coro, a[1], a[2], a[3]}); }
static value wrapper_close(struct thread *t, const vref *a) { return close_(t, &((struct coro_wrapper *)as_object(a[0]))->coro); }
static void wrapper_destroy(struct thread *t, struct object *o) { release_field(t, &((struct coro_wrapper *)o)->coro); }
static int wrapper_traverse(struct object *o, visit_fn *visit, void *arg) { return visit(((struct coro_wrapper *)o)->coro, arg); }
static const struct native wrapper_natives[] = {
    {.name = "send", .kind = NATIVE_METHOD, .sig = "($self, arg, /)", .fn = wrapper_send},
    {.name = "throw", .kind = NATIVE_METHOD, .sig = "($self, type, value=None, traceback=None, /)", .fn = wrapper_throw},
    {.name = "close", .kind = NATIVE_METHOD, .sig = "($self, /)", .fn = wrapper_close},
    {0},
};
struct type type_coro_wrapper = {
    .name = "coroutine_wrapper", .module = "builtins", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct coro_wrapper), .base = &type_object,
    .natives = wrapper_natives, .destroy = wrapper_destroy, .traverse = wrapper_traverse, .iter = self_iter, .next = wrapper_next,
};
static value coro_await(struct thread *t, vref self) {
    struct coro_wrapper *w = object_alloc_gc(t, sizeof *w, type_coro_wrapper.root_shape);
    if (!w) return V_NULL;
    w->coro = own(t, self);
    return counted_word(w);
}
