// SPDX-License-Identifier: Apache-2.0
// The thread and the interpreter: everything that is not an object. Every function takes `struct thread *t` first.
// Leaves the lock to gil.h, what a safepoint does to safepoint.h, allocation to mem.h.
//
// ATTACHED. A thread may touch objects only while attached: in GIL mode attached means holding the interpreter's lock, free-threaded it means
// that a stop-the-world waits for it. Anything that may block runs between thread_detach and thread_attach. Debug builds assert it in every count.
//
// SAFEPOINTS. `breaker` is non-zero when somebody wants this thread to act: drop the GIL, stop for the collector, shake hands over a write
// bias, merge queued counts, raise an asynchronous exception, run signal handlers, obey its task scope. The eval loop looks at it on back edges
// and calls; long C loops call safepoint_poll(t). Setting it also sets `limit` to zero so that the call path, which compares only `limit`, sees it.
//
// THE REGISTER STACK is one reserved mapping a thread; frames are overlapping windows in it (vm/frame.h). Every word below stack_ready is
// initialised; dead registers hold uncounted words, so a scan of [stack, top) finds exactly the live ones, and dropping an old word is always right.
// The collector scans up to the end of the innermost frame (t->frame, hooks->registers_end), or up to `top` if that is higher.
// R[-1] of a frame is the R of the frame below it, with flags in the three low bits (thread.c counts frames that way).
#ifndef KRAIT_INTERP_CORE_THREAD_H
#define KRAIT_INTERP_CORE_THREAD_H

#include "interp/core/value.h"
#include <pthread.h>

enum breaker_bit {
    BREAK_GIL_DROP = 1,    // another thread waits for the GIL
    BREAK_STOP = 2,        // stop the world
    BREAK_HANDSHAKE = 4,   // a foreign thread revokes a write bias of mine
    BREAK_MERGE = 8,       // objects of mine wait on my merge queue
    BREAK_SIGNAL = 16,     // a Python signal handler is due (main thread)
    BREAK_ASYNC_EXC = 32,  // t->async_exc is to be raised
    BREAK_GC = 64,         // a collection is due
    BREAK_SCOPE = 128,     // the task scope: cancel, deadline, budget
    BREAK_REVIVE = 256,    // deferred destructions wait
    BREAK_QUIET = 512,     // somebody waits for a grace period
};

#define SIZE_CLASSES 32 // 16, 32, … 512 bytes (mem.h)
enum { CELL_LISTS = 2 * SIZE_CLASSES }; // plain objects and containers have pages of their own: the collector walks only the latter

enum run_state { // whether a thread may touch objects; every change is a compare-and-swap (stop.c)
    RUN_DETACHED,
    RUN_ATTACHED,
    RUN_SUSPENDED, // the world is stopped: attach waits
    RUN_BORROWED,  // another thread acts for this detached one (owner.c): attach waits
};

struct handled { // the chain of exceptions being handled, for sys.exc_info(); one link a generator or coroutine, one a thread
    value exc;   // owned: an exception object or V_NONE
    struct handled *outer;
};

// The task scope of the worker (scope.h): what a running task may use and whether it was told to stop.
struct scope;
struct repr_link;
struct gil;
struct slab_heap;
struct owner_slot;
struct held_words;
struct core_hooks;

// Freed buffers of up to 256 bytes, by sixteenths, that this thread uses again before it asks mimalloc: a last-in first-out list through their first words.
// A buffer may come from another thread's heap; it is mimalloc's all the time, so any of them can be handed back to it at any moment.
enum { MEM_SPARE_CLASSES = 17, MEM_SPARE_STEP = 16, MEM_SPARE_BYTES = 16 << 10 }; // so many bytes of a class at most
struct mem_spare {
    void *first;
    size_t bytes; // in the list
};

struct thread {
    // hot: read by the eval loop
    _Atomic uintptr_t limit;   // highest register address a call may reach; 0 when breaker is set. Atomic, any thread may zero it
    _Atomic uint32_t breaker;  // breaker_bit set. Atomic
    uint16_t owner;            // the id this thread bears while attached
    uint8_t free_threaded;     // immutable: copy of interp->free_threaded
    uint8_t attached;          // owner only
    _Atomic uint8_t fenced;    // others read my objects' slots: removing a word from one needs a fence (ref.h)
    _Atomic uint8_t run_state; // enum run_state
    uint8_t traced;            // owner only: the loop is to make trace events now. Then limit is 0, so that every call takes the slow way
    uint8_t tracing;           // owner only: nesting of trace functions that run: none of them is traced
    value *top;                // first register not in use; C code that calls into the loop starts its window here
    value exc;                 // pending exception: owned word to an exception object, or V_NULL
    void *free_list[CELL_LISTS]; // inline size-class free lists in front of the slabs (mem.h)
    int64_t gc_budget;         // container allocations until a collection is due
    struct handled *handled;   // innermost link
    struct held_words *held;   // innermost of the buffers that the collector is to look at
    value *frame;              // R of the innermost Python frame (vm/frame.h), or NULL
    struct frame *frame_objects; // objects of running frames, newest first (vm/frame.c)
    struct interp *interp;

    // cold
    value *stack, *stack_end;  // the mapping
    value *stack_ready;        // words below are initialised
    uintptr_t real_limit;      // what limit goes back to when breaker is clear
    int32_t depth, depth_limit; // Python frames when last counted (thread.c), and sys.setrecursionlimit
    char *c_stack_low;         // lowest C stack address we dare to use
    char *c_stack_high;        // its other end, and where the thread stood with which registers when it left the attached state: for the collector
    char *c_sp;
    uintptr_t c_regs[12];
    struct slab_heap *heap;    // mem.c
    void *mi;                  // mimalloc heap for buffers and tables
    struct mem_spare spare[MEM_SPARE_CLASSES]; // small buffers to use again (mem.c)
    struct handled base_handled;
    value async_exc;           // atomic exchange; raised at the next safepoint
    struct scope *scope;
    struct owner_slot *slot;   // what others know of my owner id (owner.h)
    uint64_t id;               // threading.get_ident
    pthread_t pthread;
    struct thread *next;       // interp->threads, guarded by interp->threads_lock
    uint32_t hot_hits;         // slow-path hits until the next promotion (ref.c)
    _Atomic uint64_t qsbr_seen; // grace periods (qsbr.c)
    struct retired *retired;   // what waits for one: owner only
    uint32_t retired_count, retired_capacity, retired_scan_at; // scan_at: how many there must be before the next look
    bool retired_held_up;      // the last look freed less than it could because t itself was not quiet
    value trace, profile;      // sys.settrace, sys.setprofile functions or V_NULL
    value context;             // contextvars
    value asyncgen_firstiter, asyncgen_finalizer;
    value local_dict;          // threading.local storage
    uint64_t gil_wait_ns, gil_holds, gil_forced, slow_counts, slow_stores; // statistics, owner writes
    int32_t destroy_depth;     // nesting of destroy; deep chains go through destroy_later
    struct object **destroy_list; // deferred destructions (destroy.c)
    uint32_t destroy_count, destroy_capacity;
    uint8_t reraising;         // vm: the exception being raised has this frame in its traceback already
    int32_t c_depth;
    pthread_cond_t gil_cond;   // gil.c: where this thread waits, and what fairness needs to know
    uint64_t gil_released_ns, gil_taken_ns, gil_run_ns;
    struct thread *gil_next;
    _Atomic bool gil_given;
    bool gil_asleep;           // guarded by the lock of the gil
    bool stop_counted;         // stop.c, guarded by its mutex: the stopper waits for this thread
    uint64_t buffer_bytes;     // mem.c: buffers taken since the last collection
    struct repr_link *repr_chain; // containers whose repr is under way (types/sequence.h)
    void *state;               // gc/safepoint private
    uint16_t origin_depth;     // sys.set_coroutine_origin_tracking_depth: frames that a new coroutine remembers
    uint16_t class_hint;       // set by __build_class__ before it calls the metaclass: attr_hint of the class body; the next type_make takes it
};

// Owned words in a buffer of its own while Python code may run: a deferred object among them lives only because of this (sort's arrays, rows of zip). Words
// on the C stack, in registers and in objects need none of it. hold_words and unhold_words nest.
struct held_words {
    const value *at;
    size_t n;
    struct held_words *outer;
};

struct retired; // qsbr.c
struct timer;   // scope.c

struct interp {
    bool free_threaded;        // immutable after start: the mode
    uint16_t owner;            // the one id of GIL mode
    struct gil *gil;
    pthread_mutex_t threads_lock;
    struct thread *threads;
    _Atomic int thread_count;
    _Atomic int leaving;       // threads in the last steps of thread_end: they still look at this struct
    // roots, owned; set at start (interp.c)
    value builtins;            // dict of builtins (cells)
    value sys_dict;            // dict of sys
    value modules;             // sys.modules
    value importlib;           // frozen importlib, once there
    value codec_search, codec_cache, codec_errors;
    value module_cache;        // built-in modules by name
    value finalizing;          // atexit callbacks
    value slots[64];           // named per-interpreter values, enum interp_slot in interp.h
    const struct core_hooks *hooks; // what the core asks of the layers above (hooks.h); never NULL
    double switch_interval;    // seconds, 0.005
    _Atomic(struct thread *) stopping; // shutting down: the only thread that may still attach, or NULL
    int32_t recursion_limit;   // of new threads
    struct gc *collector;
    struct qsbr *qsbr;
    struct stop *stop;         // stop-the-world state
    struct slab_heap *heaps;   // every heap of this interpreter, live or orphaned; guarded by threads_lock
    struct timer *timer;       // deadlines of task scopes (scope.c), started when first needed
    struct interp *next;
    char **argv;
    int argc;
    void *state;
};

// The calling thread's own struct, or NULL if it is not known to any interpreter. Slow: for foreign entry points and signal handlers.
struct thread *thread_current(void);
// returns new thread of interp bound to the calling OS thread, attached; NULL: out of memory or owner ids.
struct thread *thread_new(struct interp *interp);
// Ends t: gives its slabs and queues up for adoption. Called by its own OS thread, attached; detached and freed afterwards.
void thread_end(struct thread *t);
// Enters and leaves the attached state. attach may block (GIL) and may run a stop-the-world wait. errno is kept.
void thread_attach(struct thread *t);
void thread_detach(struct thread *t);
// attach that gives up at a moment of clock_now_ns: false, still detached. For whoever holds a foreign lock while he waits.
bool thread_attach_until(struct thread *t, uint64_t deadline_ns) MUST_CHECK;
// sys.setrecursionlimit for every thread of the interpreter. sys.setswitchinterval.
void thread_set_recursion_limit(struct thread *t, int32_t limit);
void thread_set_switch_interval(struct thread *t, double seconds);
// Notes where t stands on the C stack and its registers, for the collector. Whoever lets other threads run calls it (attach, detach and safepoint do).
void thread_note_stack(struct thread *t);
// From now on every other thread that wants to attach stays outside for ever; attached ones leave at their next safepoint. For shutdown.
void thread_close_gate(struct thread *t);
// Any thread: sets bits in t's breaker and zeroes its limit.
void thread_interrupt(struct thread *t, uint32_t bits);
// Slow path of a call's limit compare: grows stack_ready, handles the breaker, or raises RecursionError. top: one past the callee's last register.
// false: exception pending.
bool thread_limit_hit(struct thread *t, value *top) MUST_CHECK;
// Handles whatever breaker asks. false: exception pending (signal handler raised, task cancelled, asynchronous exception).
bool safepoint(struct thread *t) MUST_CHECK;
// For long C loops: cheap look, then safepoint. May run Python code.
static inline bool safepoint_poll(struct thread *t) {
    return likely(atomic_load_explicit(&t->breaker, memory_order_relaxed) == 0) || safepoint(t);
}
// Owner only, after trace, profile or tracing changed.
void thread_set_traced(struct thread *t);
// C recursion guard around anything that recurses in C (repr, compare, parse). enter: false with RecursionError pending.
bool recursion_enter(struct thread *t, const char *where) MUST_CHECK;
static inline void hold_words(struct thread *t, struct held_words *h, const value *at, size_t n) {
    *h = (struct held_words){at, n, t->held};
    t->held = h;
}
static inline void unhold_words(struct thread *t, struct held_words *h) { t->held = h->outer; }
static inline void recursion_leave(struct thread *t) { t->c_depth--; }

#endif
