// SPDX-License-Identifier: Apache-2.0
// Stopping the world: between stop_begin and stop_end no other thread of the interpreter touches an object. Leaves what is done meanwhile to gc.c,
// fork.c and who else needs it.
//
// GIL mode: the holder of the lock is alone anyway, only threads_lock is taken. Free-threaded: attached threads are asked by BREAK_STOP and park at their next safepoint (SUSPENDED),
// detached ones are marked and wait when they attach. threads_lock is held meanwhile, so nobody comes or goes.
#ifndef KRAIT_INTERP_CORE_STOP_H
#define KRAIT_INTERP_CORE_STOP_H

#include "interp/core/thread.h"

struct stop *stop_new(void);
void stop_free(struct stop *s);
// t attached. May wait for another stopper, detached. No Python code runs until stop_end; nothing may be released.
void stop_begin(struct thread *t);
void stop_end(struct thread *t);
// A thread at a safepoint with BREAK_STOP: parks until the world goes on. On return it is attached.
void stop_park(struct thread *t);
// thread_attach and thread_detach, free-threaded. deadline_ns passed (0: none): false, still detached.
bool stop_attach(struct thread *t, uint64_t deadline_ns);
void stop_detach(struct thread *t);
// Around fork: stop_begin and the lock of its own besides; the child is alone and gives all of it back.
void stop_fork_prepare(struct thread *t);
void stop_fork_parent(struct thread *t);
void stop_fork_child(struct thread *t);

#endif
