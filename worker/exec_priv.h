// SPDX-License-Identifier: Apache-2.0
// What exec.c and native.c share: the interpreter of this process, its threads, the registered tasks.

#ifndef KRAIT_WORKER_EXEC_PRIV_H
#define KRAIT_WORKER_EXEC_PRIV_H

#include <pthread.h>

#include "sdk/base/map.h"
#include "worker/desk.h"
#include "worker/exec.h"
#include "worker/python.h"

#include "interp/core/hooks.h"

struct entry {                     // a registered task; never freed
    value func;                    // owned
    struct arena arena;            // what options points to
    struct msg_options options;
    char queue[65];
    size_t name_n;
    char name[];
};

struct exec {
    struct thread *main;
    struct executor *executor;     // of the main thread, once asked for
    struct core_hooks hooks;
    value stopped, soft, retry;    // owned: the exception classes
    struct desk *desk;             // borrowed: what tasks ask the broker through; NULL in the template
    pthread_mutex_t lock;          // guards what follows; never held while Python runs
    struct map names;              // name -> entry
    struct entry **order;
    size_t n, cap;
};

struct executor {
    struct exec *exec;
    struct thread *t;
    pthread_mutex_t lock;          // guards scope
    struct scope *scope;           // of the task that runs, NULL = none
    const struct exec_task *task;  // the same, for _krait.current
    struct msg_task body;
    struct arena arena;            // what an exec_end points to
    struct buf value;
    struct buf payload;            // of a task that came in parts
    int64_t told_ns;               // when the task last said how far it is
};

// The natives of _krait get no context of their own: one interpreter a process, one executor a thread.
extern struct exec *exec_the;
extern _Thread_local struct executor *exec_here;

// Enters the module _krait. False: exception pending.
bool native_add(struct exec *x);

// The pending exception asks for another run: true, with the delay; it stays pending.
bool native_is_retry(struct exec *x, struct thread *t, uint64_t *retry_ms);

#endif
