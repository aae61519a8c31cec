// SPDX-License-Identifier: Apache-2.0
// The template process: starts the interpreter, loads the app once, then forks a child for each SPAWN. It runs no tasks and
// says nothing to the broker; what a child does is left to child.h.
//
// Children share the template's memory copy-on-write, so a respawn costs a fork, not an import.

#ifndef KRAIT_WORKER_TEMPLATE_H
#define KRAIT_WORKER_TEMPLATE_H

#include "sdk/base/log.h"
#include "worker/settings.h"
#include "worker/slot.h"

struct template_start {
    const struct settings *set;
    const struct log *log;
    const struct lanes *lanes;
    int fd;            // its end of the socketpair
    int supervisor;    // pid
};

// Called right after fork with all signals blocked.
void template_main(const struct template_start *start) __attribute__((noreturn));

#endif
