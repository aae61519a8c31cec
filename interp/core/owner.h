// SPDX-License-Identifier: Apache-2.0
// Owner ids: who bears which, and what other threads may ask of an owner: merge, promote, fence, prove that it stands at a safepoint.
// Leaves counting itself to ref.c.
//
// A slot is made when its id is first used and never freed, so anybody may hold a pointer to it. `thread` is NULL once the owner is dead. Objects of a dead owner keep
// its id until somebody touches them (ref.c makes them ownerless, then adopts them) or a collection sweeps them; only after such a sweep is the id used again.
//
//     FREE ──thread_new──▶ LIVE ──thread_end──▶ DEAD ──sweep (world stopped)──▶ FREE
//
// QUEUE. Whoever drives the shared count of a live owner's object below zero puts it on the owner's queue, once (SHARED_QUEUED), and the owner folds the debt into its local
// count at its next safepoint. A hot object is queued with PROMOTE set and one shared count, and becomes deferred there. If the owner is detached
// and the queue grows long, the one who queues acts for it (RUN_BORROWED), so a thread parked in I/O hoards nothing.
//
// SAFE SEQUENCE. `safe_seq` moves whenever the owner passes a safepoint that was asked for, or leaves the attached state. owner_handshake waits for that.
#ifndef KRAIT_INTERP_CORE_OWNER_H
#define KRAIT_INTERP_CORE_OWNER_H

#include "interp/core/object.h"

enum owner_state { OWNER_FREE, OWNER_LIVE, OWNER_DEAD };

struct owner_slot {
    pthread_mutex_t lock;        // guards everything but the atomics and `moved`; held for a few instructions by attached threads, or under threads_lock
    pthread_cond_t moved;        // safe_seq changed; for this one a lock of all slots together (owner.c)
    _Atomic uint8_t state;       // enum owner_state
    _Atomic uint8_t fenced;      // the owner fences its removals: set after the barrier
    uint16_t id;
    _Atomic uint32_t safe_seq;
    _Atomic uint32_t waiters;    // for safe_seq
    struct thread *thread;       // free-threaded: backlink, NULL when dead
    struct interp *interp;       // backlink
    uintptr_t *queue;            // owned: object address | PROMOTE
    uint32_t queued, capacity;
};

// returns the slot of an id, or NULL if nobody ever bore it.
struct owner_slot *owner_at(uint16_t id);
// Takes a free id for an interpreter (GIL mode) or a thread. NULL: none left or no memory.
struct owner_slot *owner_take(struct interp *interp, struct thread *t_or_null);
// The bearer is going. false: its queue is not empty, owner_drain first.
bool owner_kill(struct owner_slot *s) MUST_CHECK;
// With the world stopped and after a walk that left no object of a dead owner: dead ids of interp become free.
void owner_reap(struct interp *interp);
size_t owner_dead_count(void);

// Asks o's owner to settle o. promote: it holds one shared count, which the owner takes over. Any thread, attached, not the owner. Returns without
// waiting; false if the owner is dead: the caller settles it.
bool owner_post(struct thread *t, struct owner_slot *s, struct object *o, bool promote);
// Settles what was posted to t (or, in GIL mode, to the interpreter). May run Python code.
void owner_drain(struct thread *t);
// Makes sure that s's owner fences its removals from now on. Never blocks for long.
void owner_fence(struct owner_slot *s);
// Waits until the owner has passed a safepoint or is not attached. t detaches meanwhile. Reaches a safepoint, runs no Python code.
void owner_handshake(struct thread *t, struct owner_slot *s);
// The owner itself: tells who waits. Called at safepoints and whenever t leaves the attached state.
void owner_moved(struct owner_slot *s);

void owner_fork_prepare(void);
void owner_fork_parent(void);
void owner_fork_child(struct thread *t); // every owner but t (or t's interpreter) of t's interpreter is dead

// ---- settling (ref.c) ----
// t bears o's owner id, or acts for the one who does (owner_act): what dies is put on t's list of deferred destructions then.
void ref_fold(struct thread *t, struct object *o);
void ref_promote(struct thread *t, struct object *o); // takes over the shared count that the queue held
void ref_take_stopped(struct thread *t, struct object *o); // world stopped: all counts of o, which no queue knows, become t's
void ref_disown_stopped(struct object *o); // world stopped: o's owner is dead, it becomes ownerless
void ref_settle_for(struct thread *t, struct object *o, bool promote);

#endif
