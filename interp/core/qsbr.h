// SPDX-License-Identifier: Apache-2.0
// Grace periods: memory that a lock-free reader may still look at is freed once every thread has been quiet. Leaves who calls it to mem_retire.
//
// A thread is quiet at a safepoint, while detached, and while the world is stopped. The epoch counts up at every retirement batch; each thread notes the epoch it has
// seen when quiet; what was retired at epoch e is free once every attached thread has seen more than e. When much waits the laggards are asked by BREAK_QUIET.
// A thread looks through its list when that has doubled since the last look, so a block costs constant time however long nobody is quiet.
#ifndef KRAIT_INTERP_CORE_QSBR_H
#define KRAIT_INTERP_CORE_QSBR_H

#include "interp/core/thread.h"

enum retired_kind { RETIRED_BUFFER, RETIRED_CELL }; // what frees it: mem_free, or the large-object seam
struct retired {
    void *p;
    size_t bytes;
    uint64_t epoch;
    enum retired_kind kind;
};

struct qsbr *qsbr_new(void);
void qsbr_free(struct interp *interp);
// Takes p. Never fails: without memory for its list it waits for a grace period at once.
void qsbr_retire(struct thread *t, void *p, size_t bytes, enum retired_kind kind);
void qsbr_quiet(struct thread *t);           // t stands at a safepoint or is about to detach
void qsbr_safepoint(struct thread *t);       // the same, asked for by BREAK_QUIET: frees what only t held up
void qsbr_thread_end(struct thread *t);      // what waits goes to the interpreter
void qsbr_world_stopped(struct thread *t);   // everybody is quiet: frees everything that waits
void qsbr_fork_child(struct interp *interp);

#endif
