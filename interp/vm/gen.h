// SPDX-License-Identifier: Apache-2.0
// Generators, coroutines, asynchronous generators: one C type each, one struct. Leaves suspending and resuming inside the loop to ops_iter.inc.
//
// A suspended generator keeps its registers in itself; resuming copies them onto the register stack, suspending copies them back (a handful of words). So frames look the
// same everywhere. `state` changes by compare-and-swap: the second thread that resumes a running generator gets ValueError.
#ifndef KRAIT_INTERP_VM_GEN_H
#define KRAIT_INTERP_VM_GEN_H

#include "interp/vm/frame.h"

// A C loop that eats a generator hands the loop a function instead of asking item by item: it is called where the generator yields, and while it takes the item the
// generator goes on at once, its frame never leaving the stack. each: takes v and returns true; or touches nothing and returns false, then the generator is suspended
// as ever and the caller gets the item. It runs no Python and raises nothing, so nobody sees that the generator was never suspended.
typedef bool gen_each(struct thread *t, void *context, value v);

enum gen_state { GEN_CREATED, GEN_SUSPENDED, GEN_RUNNING, GEN_DONE };
struct gen {
    struct object head;
    _Atomic uint32_t state;
    uint32_t nregs;
    uint32_t live;                // registers that are saved while suspended: locals, and temporaries below what YIELD or SEND names
    value func;                   // owned
    struct code *code;            // func's
    const _Atomic uint32_t *pc;   // where to go on
    int16_t sent_reg;             // register that takes what is sent; -1 before the first resumption
    int16_t delegate_reg;         // register of the iterator that SEND delegates to; -1 none
    struct handled handled;       // what is being handled inside
    value name, qualname;         // owned str
    value frame;                  // owned frame object once asked for, or V_NULL
    value *running;               // R while running
    value origin;                 // owned: cr_origin; of an async generator the finalizer hook it was first driven with; or V_NULL
    gen_each *each;               // while gen_drain runs it: who takes its items, else NULL
    void *each_context;           // borrowed, each's
    uint32_t hooks_done, closed;  // async generators: firstiter hook called; aclose begun
    value at[];                   // registers while suspended
};
static inline struct gen *as_gen(vref v) { return (struct gen *)as_object(v); }
static inline bool is_gen(vref v) { return has_shape(v, SHAPE_GEN); }

enum gen_result { GEN_ERROR, GEN_YIELDED, GEN_RETURNED };
// Makes the generator for the frame at R, whose registers move into it. returns new.
value gen_from_frame(struct thread *t, value *R, const _Atomic uint32_t *pc);
// Resumes from C with a sent value (V_NONE for next). *out: new, yielded or returned. ValueError if running, RETURNED with None if done.
enum gen_result gen_resume(struct thread *t, struct gen *g, vref sent, value *out);
enum gen_result gen_throw(struct thread *t, struct gen *g, value exc, value *out); // takes exc
// The next item of any iterator that `each` does not take: new; V_NULL at the end, or with an exception. Polls.
value iter_drain(struct thread *t, vref iterator, gen_each *each, void *context);
// The same for any iterator, as `yield from` and await do: gen fast, else send or next.
enum gen_result gen_send(struct thread *t, vref iterator, vref sent, value *out);
enum gen_result gen_delegate_throw(struct thread *t, vref iterator, vref exc, value *out); // throw() or close() of a delegate
value gen_awaitable(struct thread *t, vref o, int where);       // AWAITABLE
value gen_yield_iter(struct thread *t, vref o, bool in_coroutine); // YIELDITER
value gen_aiter(struct thread *t, vref o);                      // GETAITER
value gen_anext(struct thread *t, vref o);                      // GETANEXT
extern struct type type_coro_wrapper, type_async_asend, type_async_athrow, type_async_wrapped; // types that types_start does not know by name
value gen_throw_argument(struct thread *t, const vref *a);      // throw(type, value, traceback): returns new exception
size_t gen_size_of(const struct object *o);                     // slots that the three types share
void gen_destroy(struct thread *t, struct object *o);
int gen_traverse(struct object *o, visit_fn *visit, void *arg);
void gen_finalize(struct thread *t, struct gen *g); // it dies unfinished: close it, or warn; reports what that raises
value gen_del(struct thread *t, const vref *a); // __del__
void gen_clear(struct thread *t, struct object *o);
value gen_repr(struct thread *t, vref self);
int gen_set_name(struct thread *t, vref self, vref v);
int gen_set_qualname(struct thread *t, vref self, vref v);
value gen_get_frame(struct thread *t, const vref *a);
value gen_get_delegate(struct thread *t, const vref *a);
value gen_wrap_async(struct thread *t, value v);                // takes v: what an async generator hands out
// For the loop: puts g's registers at R (a free window, R[-5] and up), or takes them back.
bool gen_enter(struct thread *t, struct gen *g, value *R, value *caller, enum frame_kind kind); // false: ValueError, or not to be run (done)
void gen_suspend(struct thread *t, value *R, const _Atomic uint32_t *pc, uint32_t live);
void gen_finish(struct thread *t, value *R);                    // returned or failed: registers are already cleared

#endif
