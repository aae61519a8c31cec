// SPDX-License-Identifier: Apache-2.0
// The source line of a traceback entry and the marks under it. Leaves the text around them to exc_print.c.
#ifndef KRAIT_INTERP_TYPES_EXC_SOURCE_H
#define KRAIT_INTERP_TYPES_EXC_SOURCE_H

#include "interp/types/str.h"
#include "interp/vm/code.h"

// Line `line` of a source file without its end: looked for under the name, then under its last part in sys.path. returns new str, V_NULL if there
// is none (never an exception).
value source_read_line(struct thread *t, vref filename, int line);
// Where marks go under a source line, in characters of the whole line.
struct marks {
    int64_t start, end;      // from start up to end …
    int64_t left, right;     // … with `inner` between these two if there is an operator to point out, else -1
    char outer, inner;
};
// The marks for a position in that line; false: none are due.
bool source_marks(vref line, const struct position *where, struct marks *out);
int64_t source_indent(vref line); // characters of white space at its start

#endif
