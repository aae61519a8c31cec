// SPDX-License-Identifier: Apache-2.0
// What this container may use: cores by affinity and cgroup quota, memory by cgroup (v1 and v2). What is done with the numbers
// is left to settings.c and metrics.c.

#ifndef KRAIT_WORKER_LIMIT_H
#define KRAIT_WORKER_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#define LIMIT_CGROUP_ROOT "/sys/fs/cgroup"

// At least 1. A quota of 1.5 cores counts as 2 slots.
int limit_cores(const char *cgroup_root);

// Bytes; 0 = no limit.
uint64_t limit_memory(const char *cgroup_root);

// Resident bytes of a process; 0 when it is gone.
uint64_t limit_resident(int pid);

#endif
