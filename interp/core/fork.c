// SPDX-License-Identifier: Apache-2.0
// Around fork(): every lock of the core in one order, and what the child makes anew. Leaves fork itself to its caller.
//
// LOCK ORDER, the one list of the core: stop turn, threads_lock, stop lock; owner table, owner slot, owner moves; weak shard, owner slot; parking lot; large objects
// of a heap, slab pool; lock of the GIL; timer. What stands behind a semicolon begins a group of its own: groups meet only here, in this order.
//
// A MUTEX that a detached thread or the timer may hold is taken before the fork, and given back on both sides: the child's thread is the one that took it. Owner slots, large
// objects, and every mutex of the layers above are held by attached threads only, or under threads_lock: when the world stands still they are free.
// A CONDITION VARIABLE of which threads may be waiting is made anew in the child: it would count on sleepers that are not there.
#include "interp/core/fork.h"
#include "interp/core/gc.h"
#include "interp/core/gil.h"
#include "interp/core/lock.h"
#include "interp/core/owner.h"
#include "interp/core/qsbr.h"
#include "interp/core/scope.h"
#include "interp/core/slab.h"
#include "interp/core/stop.h"
#include "interp/core/weak.h"
#include <stdlib.h>

void fork_prepare(struct thread *t) {
    struct interp *interp = t->interp;
    stop_fork_prepare(t);
    owner_fork_prepare();
    weak_fork_prepare();
    park_fork_prepare();
    slab_fork_prepare();
    if (interp->gil) gil_fork_prepare(interp->gil);
    scope_fork_prepare(interp);
}

void fork_parent(struct thread *t) {
    struct interp *interp = t->interp;
    scope_fork_parent(interp);
    if (interp->gil) gil_fork_parent(interp->gil);
    slab_fork_parent();
    park_fork_parent();
    weak_fork_parent();
    owner_fork_parent();
    stop_fork_parent(t);
}

// The other threads are not here. What they retired is free, what they were to destroy dies here.
static void bury_threads(struct thread *t) {
    struct interp *interp = t->interp;
    for (struct thread *other = interp->threads, *next; other; other = next) {
        next = other->next;
        if (other == t) continue;
        if (!interp->free_threaded) { // their free lists are the heap's
            struct slab_heap *heap = other->heap;
            slab_heap_leave(other);
            heap->thread = NULL;
        }
        free(other->destroy_list);
        free(other->retired);
        free(other); // its registers' mapping and buffer heap stay: words in there are still counted
    }
    t->next = NULL;
    interp->threads = t;
    atomic_store(&interp->thread_count, 1);
    atomic_store(&interp->leaving, 0);
}

void fork_child(struct thread *t) {
    struct interp *interp = t->interp;
    park_fork_child();
    weak_fork_child();
    slab_fork_child(t);
    stop_fork_child(t);
    owner_fork_child(t);
    if (interp->gil) gil_fork_child(t);
    bury_threads(t);
    gc_fork_child(t);
    qsbr_fork_child(interp);
    scope_fork_child(t);
    t->pthread = pthread_self();
}
