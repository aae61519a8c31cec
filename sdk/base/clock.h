// SPDX-License-Identifier: Apache-2.0
// Two kinds of time that the compiler keeps apart: a process measures in monotonic nanoseconds, the store and the wire
// speak wall-clock milliseconds since 1970. Only clock.c asks the system.

#ifndef KRAIT_BASE_CLOCK_H
#define KRAIT_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct mono {
    int64_t ns;
};

struct wall {
    int64_t ms;
};

#define CLOCK_NS_PER_MS INT64_C(1000000)
#define CLOCK_NEVER     INT64_MAX

struct mono clock_mono(void);
struct wall clock_wall(void);

static inline struct mono mono_never(void)
{
    return (struct mono){ CLOCK_NEVER };
}

static inline bool mono_is_never(struct mono t)
{
    return t.ns == CLOCK_NEVER;
}

// Saturates at never.
static inline struct mono mono_after_ms(struct mono t, int64_t ms)
{
    if (mono_is_never(t) || ms > (CLOCK_NEVER - t.ns) / CLOCK_NS_PER_MS)
        return mono_never();
    return (struct mono){ t.ns + ms * CLOCK_NS_PER_MS };
}

// a - b in nanoseconds.
static inline int64_t mono_since(struct mono a, struct mono b)
{
    return a.ns - b.ns;
}

static inline bool mono_reached(struct mono now, struct mono due)
{
    return now.ns >= due.ns;
}

static inline struct mono mono_earlier(struct mono a, struct mono b)
{
    return a.ns <= b.ns ? a : b;
}

// Milliseconds until due, rounded up, 0 when past, -1 for never: what poll(2) takes.
int mono_poll_ms(struct mono now, struct mono due);

#define CLOCK_TEXT 32

// RFC 3339 in UTC with milliseconds: 2026-01-31T12:00:00.000Z. Years 1..9999.
void wall_format(struct wall t, char out[CLOCK_TEXT]);

// RFC 3339 with any offset, fraction optional. false when it is none.
bool wall_parse(const char *text, struct wall *out);

#endif
