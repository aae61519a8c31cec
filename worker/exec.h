// SPDX-License-Identifier: Apache-2.0
// Running tasks in the interpreter, for those parts of the worker that know nothing of it: exec.c, native.c and convert.c
// alone include interp.h. Queues of tasks, processes and sockets are left to template.c and child.c.
//
// One interpreter a process, started by the template and inherited by its children through exec_fork. A thread that runs tasks
// is an executor; it is attached to the interpreter except between exec_rest and exec_wake, where it may block.

#ifndef KRAIT_WORKER_EXEC_H
#define KRAIT_WORKER_EXEC_H

#include <sys/types.h>

#include "sdk/base/arena.h"
#include "sdk/base/buf.h"
#include "sdk/wire/msg.h"

struct desk;
struct exec;        // the interpreter of this process
struct executor;    // one thread of it

struct exec_settings {
    bool free_threaded;
    const char *package;    // folder that holds the Python package krait, or NULL
    const char *stdlib;     // NULL = the interpreter's own idea
};

// Starts the interpreter in this thread, which becomes its main thread, attached. NULL: one line on standard error said why.
struct exec *exec_start(const struct exec_settings *s);

// Loads FILE.py or MODULE. False: *error is what Python printed, or one line.
bool exec_load(struct exec *e, const char *app, struct buf *error);

// A child: its tasks ask the broker through this.
void exec_use_desk(struct exec *e, struct desk *d);

// Calls see for each registered name, in the order of registration.
void exec_names(struct exec *e, void (*see)(void *arg, const struct msg_task_name *name), void *arg);

// fork(2) with the interpreter's care; main thread, attached. Returns as fork does.
pid_t exec_fork(struct exec *e);

// Main thread, as it stands in the process: returns its executor; NULL without memory.
struct executor *exec_main(struct exec *e);
// Any other thread joins, attached; NULL without memory.
struct executor *exec_join(struct exec *e);
void exec_leave(struct executor *x);

// Writes out what tasks have printed.
void exec_flush(struct executor *x);

// Around everything that may block.
void exec_rest(struct executor *x);
void exec_wake(struct executor *x);

// One delivery, borrowed for the call.
struct exec_task {
    struct slice id, body;
    uint64_t number;           // what the supervisor calls it
    uint32_t attempt, deliveries, retries;
};

// How it ended. Slices live until the executor's next exec_run.
struct exec_end {
    enum task_ended ended;
    struct slice value;
    uint32_t value_parts;          // > 0: the value went to the broker in parts
    uint64_t value_size;
    bool has_failure;
    struct msg_failure failure;
    struct msg_cost cost;
    uint64_t retry_ms;
};

// Called within exec_run, after the task was read and before it runs: its hard limit (monotonic ns, 0 = none).
typedef void exec_begun(void *arg, int64_t hard_ns);

// Runs the task and always fills end. May run any Python code.
void exec_run(struct executor *x, const struct exec_task *task, exec_begun *begun, void *arg, struct exec_end *end);

// Any thread: what x runs right now is told to stop. Nothing if it runs nothing.
void exec_cancel(struct executor *x);

struct exec_stats {
    uint64_t gil_wait_ns, gil_switches, contended, gc_pause_ns, gc_collections;
};
void exec_look(struct executor *x, struct exec_stats *out);

#endif
