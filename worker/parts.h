// SPDX-License-Identifier: Apache-2.0
// Payloads and results that are too large for one frame: fetched and pushed in parts through the desk, by the thread that runs
// the task. How parts live is the broker's; what their bytes mean is exec.c's.

#ifndef KRAIT_WORKER_PARTS_H
#define KRAIT_WORKER_PARTS_H

#include "sdk/base/buf.h"
#include "worker/desk.h"

#define PARTS_MAX (64u << 20)      // bytes of all parts together

// Appends the payload of a task that says it has so many parts. Blocks. ERR_NOT_FOUND: a part is gone; ERR_TIMEOUT.
enum err parts_fetch(struct desk *d, struct slice id, uint32_t parts, uint64_t size, struct buf *out);

// Sends a result in parts; *parts how many. Blocks.
enum err parts_push(struct desk *d, struct slice id, uint32_t attempt, struct slice value, uint32_t *parts);

#endif
