// SPDX-License-Identifier: Apache-2.0
// Starts and ends an interpreter core. Leaves types and modules to its caller.
#include "interp/core/interp.h"
#include "interp/core/gc.h"
#include "interp/core/gil.h"
#include "interp/core/hooks.h"
#include "interp/core/owner.h"
#include "interp/core/qsbr.h"
#include "interp/core/scope.h"
#include "interp/core/slab.h"
#include "interp/core/stop.h"
#include <sched.h>
#include <stdlib.h>

static void no_finalize(struct thread *t, struct object *o) {}
static void no_callback(struct thread *t, vref ref, vref callback) {}
static bool no_signals(struct thread *t) { return true; }
static void no_scope_raise(struct thread *t, struct scope *s) {}
static value *no_registers(struct thread *t) { return t->stack; }
static int no_visit_thread(struct thread *t, visit_fn *visit, void *arg) { return 0; }
static int no_visit_interp(struct interp *interp, visit_fn *visit, void *arg) { return 0; }
static void no_phase(struct thread *t, const char *phase, size_t collected) {}

const struct core_hooks core_no_hooks = {no_finalize, no_callback, no_signals, no_scope_raise, no_registers, no_visit_thread, no_visit_interp, no_phase};

static void free_interp(struct interp *interp) {
    scope_stop_timer(interp);
    qsbr_free(interp);
    slab_heaps_free(interp);
    gc_free(interp->collector);
    gil_free(interp->gil);
    stop_free(interp->stop);
    pthread_mutex_destroy(&interp->threads_lock);
    free(interp);
}

static bool make_parts(struct interp *interp) {
    interp->collector = gc_new();
    interp->qsbr = qsbr_new();
    interp->stop = stop_new();
    if (!interp->collector || !interp->qsbr || !interp->stop) return false;
    if (interp->free_threaded) return true;
    interp->gil = gil_new(interp);
    struct owner_slot *slot = owner_take(interp, NULL);
    if (!interp->gil || !slot) return false;
    interp->owner = slot->id;
    return true;
}

struct interp *interp_new(bool free_threaded) {
    if (!slab_start()) return NULL;
    struct interp *interp = calloc(1, sizeof *interp);
    if (!interp) return NULL;
    interp->free_threaded = free_threaded;
    interp->hooks = &core_no_hooks;
    interp->switch_interval = 0.005;
    interp->recursion_limit = 1000;
    pthread_mutex_init(&interp->threads_lock, NULL);
    if (make_parts(interp) && thread_new(interp)) return interp;
    free_interp(interp);
    return NULL;
}

static void drop_roots(struct thread *t) {
    struct interp *interp = t->interp;
    value *roots[] = {&interp->finalizing, &interp->module_cache, &interp->codec_search, &interp->codec_cache, &interp->codec_errors,
                      &interp->importlib, &interp->modules, &interp->sys_dict, &interp->builtins};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) release_field(t, roots[i]);
    for (size_t i = 0; i < sizeof interp->slots / sizeof *interp->slots; i++) release_field(t, &interp->slots[i]);
}

void interp_free(struct thread *t) {
    struct interp *interp = t->interp;
    thread_close_gate(t);
    scope_stop_timer(interp);
    drop_roots(t);
    for (int i = 0; i < 10 && gc_collect(t) > 0; i++) {}
    bool alone = atomic_load(&interp->thread_count) == 1;
    thread_end(t);
    while (alone && atomic_load(&interp->leaving)) sched_yield(); // somebody unlocks his last lock
    if (!alone) return; // threads that wait outside for ever still look at it
    if (!interp->free_threaded) {
        struct owner_slot *slot = owner_at(interp->owner);
        if (!owner_kill(slot)) return;
    }
    owner_reap(interp);
    free_interp(interp);
}
