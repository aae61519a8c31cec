// SPDX-License-Identifier: Apache-2.0
// The retry policy of a task: whether a failure deserves another run, and after how long. Pure functions.

#ifndef KRAIT_BROKER_RETRY_H
#define KRAIT_BROKER_RETRY_H

#include "sdk/wire/msg.h"

// type: the exception's name; fail_on wins over retry_on. A name matches with or without its module.
bool retry_wanted(const struct msg_retry *r, struct slice type, uint32_t retries);

// Milliseconds before the retry that follows `retries` earlier ones; jitter takes a random share off.
uint64_t retry_delay(const struct msg_retry *r, uint32_t retries);

#endif
