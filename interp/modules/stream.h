// SPDX-License-Identifier: Apache-2.0
// Standard streams: sys.stdin, stdout, stderr until _io is there.
#ifndef KRAIT_INTERP_MODULES_STREAM_H
#define KRAIT_INTERP_MODULES_STREAM_H

#include "interp/core/object.h"

value stream_new(struct thread *t, int fd, const char *name); // returns new

#endif
