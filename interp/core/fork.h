// SPDX-License-Identifier: Apache-2.0
// What must happen around fork(): the world stops, the runtime's locks are taken, and both sides give them back, the child with one thread. Leaves calling
// fork and Python's os.register_at_fork functions to posix.fork and the worker.
#ifndef KRAIT_INTERP_CORE_FORK_H
#define KRAIT_INTERP_CORE_FORK_H

#include "interp/core/thread.h"

// Attached. Between prepare and parent or child nothing but fork() is called; one of the two follows in each process.
void fork_prepare(struct thread *t);
void fork_parent(struct thread *t);
// t is the only thread left: the others' owner ids are dead, their heaps orphans. The words on their register stacks stay counted for ever.
void fork_child(struct thread *t);

#endif
