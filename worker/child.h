// SPDX-License-Identifier: Apache-2.0
// A child process: one I/O thread that never touches the interpreter, and T executors that run tasks. Forking it is left to
// template.c, what it is given to dispatch.c.
//
//     socket ──▶ I/O thread ──▶ queue ──▶ executor 0 (the main thread), executor 1 … ──▶ ring ──▶ supervisor
//                    │ CANCEL ─────────────▲   (exec_cancel)                     bell ─▶ socket
//                    └ end of file: the supervisor is gone, _exit at once
//
// An executor rings when it has nothing left to do, after 32 results, or when the oldest result waits for a millisecond; while
// something is queued or not rung the I/O thread looks every 2 ms, so that a result never waits for the next task to end.

#ifndef KRAIT_WORKER_CHILD_H
#define KRAIT_WORKER_CHILD_H

#include "worker/exec.h"
#include "worker/slot.h"

struct child_start {
    struct exec *exec;
    struct lane *lane;
    size_t threads;
    int fd;                // its end of the socketpair
};

// The freshly forked process, attached. Ends by _exit.
void child_main(const struct child_start *start) __attribute__((noreturn));

#endif
