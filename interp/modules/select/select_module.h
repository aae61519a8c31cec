// SPDX-License-Identifier: Apache-2.0
// What the files of the select module share: waiting times. Leaves each way of waiting to its file.
#ifndef KRAIT_INTERP_MODULES_SELECT_SELECT_MODULE_H
#define KRAIT_INTERP_MODULES_SELECT_SELECT_MODULE_H

#include "interp/core/clock.h"
#include "interp/modules/posix/posix.h"

struct wait_time {
    bool limited;
    uint64_t end_ns; // monotonic
};
// `unit_ns` nanoseconds a unit; None, V_NULL and, where allowed, negative numbers mean for ever. name for the TypeError.
bool wait_time_get(struct thread *t, vref v, uint64_t unit_ns, bool negative_is_ever, const char *name, struct wait_time *out) MUST_CHECK;
static inline uint64_t wait_time_left(const struct wait_time *w) { // nanoseconds
    uint64_t now = clock_now_ns();
    return now < w->end_ns ? w->end_ns - now : 0;
}
int wait_time_ms(const struct wait_time *w); // for poll and epoll: rounded up, -1 for ever

extern struct type type_poll, type_epoll;
extern const struct native select_natives[], poll_natives[];

#endif
