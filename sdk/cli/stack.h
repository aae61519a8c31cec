// SPDX-License-Identifier: Apache-2.0
// A broker with its embedded Redis and a worker, as children of this program: what `krait dev` and `krait bench` run.
// What they are used for is those commands'.

#ifndef KRAIT_CLI_STACK_H
#define KRAIT_CLI_STACK_H

#include "sdk/cli/proc.h"

struct stack {
    char dir[64];            // a temporary folder of its own, removed at the end
    struct proc broker, worker;
    char listen[1024];       // the addresses from the broker's ready line, separated by commas
    char url[512];           // the first of them
    char http[256];          // its HTTP address, may be empty
    int errors;              // where the children's standard error goes, -1 = ours
    int interrupt;           // a descriptor whose readability ends every waiting, -1 = none
};

struct stack_worker {
    const char *app;
    const char *mode;        // NULL = the worker's default
    const char *queues;      // NULL = all
    int64_t processes;       // 0 = the worker's default
    int64_t threads;
};

// Makes the folder. false: it said why.
bool stack_open(struct stack *s, const char *purpose);

// Starts the broker and waits until it is ready. listen NULL = a socket in the folder; data NULL = nothing is kept.
// false: it said why, unless the interrupt came.
bool stack_broker(struct stack *s, const char *listen, const char *http, const char *data);

// Starts a worker on s->url and waits until its session is live.
bool stack_worker(struct stack *s, const struct stack_worker *w);

// Ends both, worker first, and removes the folder. Safe to call at any stage.
void stack_close(struct stack *s);

#endif
