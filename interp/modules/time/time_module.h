// SPDX-License-Identifier: Apache-2.0
// What the files of the time module share: seconds as Python gives them. Leaves clocks to clocks.c, calendars to calendar.c.
#ifndef KRAIT_INTERP_MODULES_TIME_TIME_MODULE_H
#define KRAIT_INTERP_MODULES_TIME_TIME_MODULE_H

#include "interp/modules/posix/posix.h"

#include <time.h>

enum time_round { TIME_FLOOR, TIME_CEILING };
// Nanoseconds of a number of seconds: false with ValueError (NaN), OverflowError, TypeError.
bool time_ns_of(struct thread *t, vref seconds, enum time_round round, int64_t *out) MUST_CHECK;
// Whole seconds, floored; None (V_NULL too) is now.
bool time_t_of(struct thread *t, vref seconds, time_t *out) MUST_CHECK;
value time_text(struct thread *t, const char *format, const struct tm *p); // strftime by the C library: returns new str
extern struct structseq struct_time;
extern const struct native time_calendar_natives[];
bool time_set_zone(struct thread *t, vref module) MUST_CHECK; // tzname, timezone, altzone, daylight

#endif
