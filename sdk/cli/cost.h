// SPDX-License-Identifier: Apache-2.0
// What a private stack costs: CPU time of its processes and the memory of its Redis, for `krait bench`. What was done meanwhile is the
// command's to know.

#ifndef KRAIT_CLI_COST_H
#define KRAIT_CLI_COST_H

#include <stdbool.h>
#include <stdint.h>

#include "sdk/cli/stack.h"

struct cost {
    int64_t redis_ns, broker_ns;   // CPU time since their start, all threads
    int64_t memory;                // bytes that Redis uses
};

// The pid of the stack's embedded Redis, 0 when it has none (then nothing is known).
pid_t cost_redis_pid(const struct stack *s);

// False when it cannot be seen.
bool cost_look(const struct stack *s, struct cost *out);

#endif
