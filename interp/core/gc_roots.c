// SPDX-License-Identifier: Apache-2.0
// The collector's roots: what interpreter and threads hold, registers, C stacks. Leaves marking to gc_heap.c.
//
// Counted words on stacks need no marking: their counts speak for them. What is looked for there are deferred objects, by address and without asking what the word is.
#include "interp/core/gc_heap.h"
#include "interp/core/hooks.h"

// The end of a stack may be poisoned for tools: it is our own thread's memory all the same.
__attribute__((no_sanitize("address", "thread", "undefined"))) static void scan(struct heap_view *h, const void *from, const void *to) {
    for (const uintptr_t *at = (const uintptr_t *)(((uintptr_t)from + 7) & ~(uintptr_t)7); (const void *)(at + 1) <= to; at++)
        if (*at > 4096) heap_mark_address(h, *at);
}

static int visit(vref v, void *h) {
    heap_mark_word(h, v);
    return 0;
}

static void mark_thread(struct heap_view *h, struct thread *t) {
    value fields[] = {t->exc, t->async_exc, t->trace, t->profile, t->context, t->asyncgen_firstiter, t->asyncgen_finalizer, t->local_dict};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) heap_mark_word(h, fields[i]);
    for (struct handled *link = t->handled; link; link = link->outer) heap_mark_word(h, link->exc);
    h->interp->hooks->visit_thread(t, visit, h);
    for (struct held_words *held = t->held; held; held = held->outer) scan(h, held->at, held->at + held->n);
    value *end = h->interp->hooks->registers_end(t);
    scan(h, t->stack, end > t->top ? end : t->top);
    scan(h, t->c_regs, t->c_regs + sizeof t->c_regs / sizeof *t->c_regs);
    if (t->c_sp) scan(h, t->c_sp, t->c_stack_high);
}

static void mark_deferred(struct heap_view *h, struct object *o, uint32_t *side, void *unused) {
    if (atomic_load_explicit(&o->shared, memory_order_relaxed) & SHARED_DEFERRED) heap_mark(h, o);
}

// Somebody is in the middle of taking an object apart: what its other fields hold is not seen. Counts speak for counted objects; the deferred ones wait.
static bool somebody_destroys(const struct interp *interp) {
    for (struct thread *t = interp->threads; t; t = t->next)
        if (t->destroy_depth > 0) return true;
    return false;
}

void heap_mark_roots(struct heap_view *h) {
    struct interp *interp = h->interp;
    if (somebody_destroys(interp)) heap_each(h, mark_deferred, NULL);
    value roots[] = {interp->builtins,    interp->sys_dict,    interp->modules,      interp->importlib, interp->codec_search,
                     interp->codec_cache, interp->codec_errors, interp->module_cache, interp->finalizing};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) heap_mark_word(h, roots[i]);
    for (size_t i = 0; i < sizeof interp->slots / sizeof *interp->slots; i++) heap_mark_word(h, interp->slots[i]);
    interp->hooks->visit_interp(interp, visit, h);
    for (struct thread *t = interp->threads; t; t = t->next) mark_thread(h, t);
    heap_drain(h);
}
