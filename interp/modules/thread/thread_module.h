// SPDX-License-Identifier: Apache-2.0
// What the files of _thread share. Leaves Thread, Event, Condition to the library's threading.
#ifndef KRAIT_INTERP_MODULES_THREAD_THREAD_MODULE_H
#define KRAIT_INTERP_MODULES_THREAD_THREAD_MODULE_H

#include "interp/core/object.h"

// ---- lock.c ----
//
// A lock is one 32-bit word in a futex: 0 free, 1 held, 2 held and somebody may sleep, 3 handed over: free, but only for one who has slept for it. Signals end
// the sleep: their handlers run, then it goes on (PEP 475). Release leaves the lock free for whoever comes first, which costs no switch; only when a sleeper
// was woken in vain for longer than a millisecond the next release hands the lock over.
extern struct type type_thread_lock, type_thread_rlock;
value lock_object_new(struct thread *t);            // a free lock
bool lock_object_release(vref lock);                // false: it was free. Needs no thread
bool locks_ready(struct thread *t) MUST_CHECK;

// ---- local.c ----
extern struct type type_local;
void locals_thread_ends(struct thread *t);          // drops t's attributes of every _local. Runs Python code
bool local_ready(struct thread *t) MUST_CHECK;

#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}

#endif
