// SPDX-License-Identifier: Apache-2.0
// Monotonic time in nanoseconds and the pause instruction, for the parts of the core that wait.
// Leaves Python's clocks to the time module.
#ifndef KRAIT_INTERP_CORE_CLOCK_H
#define KRAIT_INTERP_CORE_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
static inline struct timespec clock_timespec(uint64_t ns) { return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)}; }

static inline void cpu_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
