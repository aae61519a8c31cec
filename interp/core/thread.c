// SPDX-License-Identifier: Apache-2.0
// Threads: making, ending, attaching, the register stack and the limits of recursion. Leaves the lock to gil.c and the stopped world to stop.c.
#include "interp/core/gil.h"
#include "interp/core/clock.h"
#include "interp/core/destroy.h"
#include "interp/core/gc.h"
#include "interp/core/owner.h"
#include "interp/core/qsbr.h"
#include "interp/core/slab.h"
#include "interp/core/stop.h"
#include "interp/types/exc.h"
#include <errno.h>
#include <mimalloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    STACK_BYTES = 64 << 20,    // reserved for registers
    READY_WORDS = 1024,        // initialised at a time
    GUARD_WORDS = 4096,        // kept free at the end: what handles a RecursionError still runs
    EXACT_FRAMES = 32,         // so near to the recursion limit every call looks how near
    LEAST_FRAME = 5,           // words between two frames' registers, at least
    C_RESERVE = 192 << 10,     // bytes of C stack that nobody may count on
};

static _Thread_local struct thread *current;
static _Atomic uint64_t last_id;

struct thread *thread_current(void) { return current; }

// ---- the register stack ----

static void fill(struct thread *t, value *end) {
    for (value *at = t->stack_ready; at < end; at++) *at = V_UNBOUND;
    t->stack_ready = end;
}

static bool stack_new(struct thread *t) {
    void *p = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return false;
    t->stack = t->stack_ready = t->top = p;
    t->stack_end = t->stack + STACK_BYTES / sizeof(value);
    mprotect(t->stack_end - GUARD_WORDS / 2, GUARD_WORDS / 2 * sizeof(value), PROT_NONE);
    fill(t, t->stack + READY_WORDS);
    return true;
}

static int32_t count_frames(const value *R) {
    int32_t n = 0;
    for (; R; R = (const value *)(uintptr_t)(R[-1] & ~(uint64_t)7)) n++;
    return n;
}

static void set_limit(struct thread *t, uintptr_t limit) {
    t->real_limit = limit;
    atomic_store_explicit(&t->limit, t->traced ? 0 : limit, memory_order_seq_cst);
    if (atomic_load_explicit(&t->breaker, memory_order_seq_cst)) atomic_store_explicit(&t->limit, 0, memory_order_seq_cst);
}

// Even if every frame above `top` were as small as can be, the limit is met before there are too many of them. Frames that come back after an exception may be
// smaller than those that stood there, so the last ones before the limit are counted at each call.
static void move_limit(struct thread *t, value *top) {
    bool exact = t->depth + EXACT_FRAMES >= t->depth_limit;
    value *limit = exact ? t->frame ? t->frame : t->stack : top + (size_t)(t->depth_limit - t->depth - EXACT_FRAMES) * LEAST_FRAME;
    if (limit > t->stack_ready) limit = t->stack_ready;
    set_limit(t, (uintptr_t)limit);
}

void thread_set_traced(struct thread *t) {
    t->traced = t->tracing == 0 && (t->trace || t->profile);
    set_limit(t, t->real_limit);
}

bool thread_limit_hit(struct thread *t, value *top) {
    if (atomic_load_explicit(&t->breaker, memory_order_relaxed) && !safepoint(t)) return false;
    if ((uintptr_t)top <= t->real_limit) return true;
    t->depth = count_frames(t->frame);
    if (t->depth >= t->depth_limit || top > t->stack_end - GUARD_WORDS) {
        raise(t, &exc_RecursionError, "maximum recursion depth exceeded");
        return false;
    }
    if (top > t->stack_ready) {
        value *end = top + READY_WORDS;
        fill(t, end < t->stack_end - GUARD_WORDS ? end : t->stack_end - GUARD_WORDS);
    }
    move_limit(t, top);
    return true;
}

void thread_set_recursion_limit(struct thread *t, int32_t limit) {
    struct interp *interp = t->interp;
    pthread_mutex_lock(&interp->threads_lock);
    interp->recursion_limit = limit;
    for (struct thread *other = interp->threads; other; other = other->next) __atomic_store_n(&other->depth_limit, limit, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&interp->threads_lock);
    t->depth = count_frames(t->frame);
    move_limit(t, t->top); // other threads' limits are met sooner or later; then they count
}

bool recursion_enter(struct thread *t, const char *where) {
    if (likely(++t->c_depth <= __atomic_load_n(&t->depth_limit, __ATOMIC_RELAXED)) && likely((char *)__builtin_frame_address(0) > t->c_stack_low)) return true;
    t->c_depth--;
    raise(t, &exc_RecursionError, "maximum recursion depth exceeded%s", where ? where : "");
    return false;
}

// ---- the C stack ----

static void find_c_stack(struct thread *t) {
    pthread_attr_t attr;
    void *low = NULL;
    size_t bytes = 0;
    char *here = __builtin_frame_address(0);
    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
        pthread_attr_getstack(&attr, &low, &bytes);
        pthread_attr_destroy(&attr);
    }
    if (!low) {
        bytes = 1 << 20;
        low = here - bytes / 2;
    }
    t->c_stack_high = (char *)low + bytes;
    size_t most = (size_t)64 << 20; // an unlimited stack is not all ours
    if (bytes > most) low = t->c_stack_high - most;
    t->c_stack_low = (char *)low + (bytes / 4 < C_RESERVE ? bytes / 4 : C_RESERVE);
}

NOINLINE void thread_note_stack(struct thread *t) {
#if defined(__x86_64__)
    __asm__ volatile("movq %%rbx, 0(%0)\n\tmovq %%rbp, 8(%0)\n\tmovq %%r12, 16(%0)\n\tmovq %%r13, 24(%0)\n\tmovq %%r14, 32(%0)\n\tmovq %%r15, 40(%0)"
                     : : "r"(t->c_regs) : "memory");
#elif defined(__aarch64__)
    __asm__ volatile("stp x19, x20, [%0]\n\tstp x21, x22, [%0, 16]\n\tstp x23, x24, [%0, 32]\n\tstp x25, x26, [%0, 48]\n\tstp x27, x28, [%0, 64]\n\tstr x29, [%0, 80]"
                     : : "r"(t->c_regs) : "memory");
#else
#error "thread_note_stack: say how this processor's callee-saved registers are stored"
#endif
    t->c_sp = __builtin_frame_address(0);
}

// ---- attach and detach ----

// For ever: the interpreter is going. Whoever waits here holds no lock of ours.
static _Noreturn void stay_outside(void) {
    for (;;) pause();
}
static inline bool gate_is_closed(struct thread *t) {
    struct thread *only = atomic_load_explicit(&t->interp->stopping, memory_order_acquire);
    return unlikely(only && only != t);
}

bool thread_attach_until(struct thread *t, uint64_t deadline_ns) {
    int err = errno;
    if (gate_is_closed(t)) stay_outside();
    bool got = t->free_threaded ? stop_attach(t, deadline_ns) : gil_take(t, deadline_ns);
    if (got) {
        if (gate_is_closed(t)) {
            thread_detach(t);
            stay_outside();
        }
        t->attached = 1;
        if (!t->free_threaded) atomic_store_explicit(&t->run_state, RUN_ATTACHED, memory_order_relaxed);
        current = t;
    }
    errno = err;
    return got;
}

void thread_attach(struct thread *t) {
    while (!thread_attach_until(t, 0)) {}
}

void thread_detach(struct thread *t) {
    int err = errno;
    thread_note_stack(t);
    t->attached = 0;
    if (t->free_threaded) stop_detach(t);
    else {
        atomic_store_explicit(&t->run_state, RUN_DETACHED, memory_order_relaxed);
        gil_release(t);
    }
    errno = err;
}

void thread_close_gate(struct thread *t) {
    struct interp *interp = t->interp;
    atomic_store(&interp->stopping, t);
    stop_begin(t); // whoever was attached is not any more
    stop_end(t);
}

void thread_interrupt(struct thread *t, uint32_t bits) {
    atomic_fetch_or_explicit(&t->breaker, bits, memory_order_seq_cst);
    atomic_store_explicit(&t->limit, 0, memory_order_seq_cst);
}

// ---- making and ending ----

static void link_thread(struct thread *t) {
    t->next = t->interp->threads;
    t->interp->threads = t;
    atomic_fetch_add(&t->interp->thread_count, 1);
}
static void unlink_thread(struct thread *t) {
    struct thread **at = &t->interp->threads;
    while (*at != t) at = &(*at)->next;
    *at = t->next;
    atomic_fetch_sub(&t->interp->thread_count, 1);
}

static void init_fields(struct thread *t) {
    struct interp *interp = t->interp;
    t->free_threaded = interp->free_threaded;
    t->depth_limit = interp->recursion_limit;
    t->gc_budget = GC_CHUNK;
    t->base_handled.exc = V_NONE;
    t->handled = &t->base_handled;
    t->id = atomic_fetch_add(&last_id, 1) + 1;
    t->pthread = pthread_self();
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&t->gil_cond, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

// Everything that others look at. false: no memory, or no owner id. threads_lock held.
static bool join_interp(struct thread *t) {
    struct interp *interp = t->interp;
    if (interp->free_threaded) t->slot = owner_take(interp, t);
    else t->slot = owner_at(interp->owner);
    if (!t->slot) return false;
    t->owner = t->slot->id;
    if (!slab_heap_take(t)) {
        if (interp->free_threaded && owner_kill(t->slot)) t->slot = NULL;
        return false;
    }
    link_thread(t);
    return true;
}

static void free_thread(struct thread *t) {
    mem_spare_drop(t);
    if (t->mi) mi_heap_delete(t->mi);
    if (t->stack) munmap(t->stack, STACK_BYTES);
    pthread_cond_destroy(&t->gil_cond);
    free(t->destroy_list);
    free(t);
}

struct thread *thread_new(struct interp *interp) {
    struct thread *t = aligned_alloc(128, (sizeof *t + 127) & ~(size_t)127);
    if (!t) return NULL;
    memset(t, 0, sizeof *t);
    t->interp = interp;
    init_fields(t);
    find_c_stack(t);
    t->mi = mi_heap_new();
    bool ok = t->mi && stack_new(t);
    if (ok) {
        pthread_mutex_lock(&interp->threads_lock);
        ok = join_interp(t);
        pthread_mutex_unlock(&interp->threads_lock);
    }
    if (!ok) {
        free_thread(t);
        return NULL;
    }
    set_limit(t, 0);
    move_limit(t, t->stack);
    thread_attach(t);
    return t;
}

static void drop_fields(struct thread *t) {
    value *fields[] = {&t->exc, &t->async_exc, &t->trace, &t->profile, &t->context, &t->asyncgen_firstiter, &t->asyncgen_finalizer, &t->local_dict};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) release_field(t, fields[i]);
    replace_field(t, &t->base_handled.exc, V_NONE);
}

// What others posted to t, and what died of it, until there is no more.
static void settle(struct thread *t) {
    do {
        owner_drain(t);
        destroy_pending(t);
    } while (t->free_threaded && !owner_kill(t->slot));
}

void thread_end(struct thread *t) {
    struct interp *interp = t->interp;
    drop_fields(t);
    settle(t);
    if (interp->collector) atomic_fetch_add_explicit(&interp->collector->net, GC_CHUNK - t->gc_budget, memory_order_relaxed);
    atomic_fetch_add(&interp->leaving, 1);
    thread_detach(t);
    pthread_mutex_lock(&interp->threads_lock);
    slab_heap_leave(t); // in GIL mode others may push to the heap's lists at the same time: they are atomic
    qsbr_thread_end(t);
    unlink_thread(t);
    pthread_mutex_unlock(&interp->threads_lock);
    if (!interp->free_threaded) gil_forget(t);
    if (current == t) current = NULL;
    free_thread(t);
    atomic_fetch_sub(&interp->leaving, 1); // it may be freed from here on
}

void thread_set_switch_interval(struct thread *t, double seconds) { __atomic_store(&t->interp->switch_interval, &seconds, __ATOMIC_RELAXED); }
