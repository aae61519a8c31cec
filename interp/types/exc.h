// SPDX-License-Identifier: Apache-2.0
// Exception objects and tracebacks. Leaves raising to object.h's raise functions (exc.c) and unwinding to vm/unwind.c.
#ifndef KRAIT_INTERP_TYPES_EXC_H
#define KRAIT_INTERP_TYPES_EXC_H

#include "interp/core/object.h"
#include "interp/types/exc_list.h"

struct exc { // every BaseException instance begins with this
    struct object head;
    value args;                        // owned tuple
    value traceback, context, cause;   // owned or V_NULL
    value notes;                       // __notes__ list or V_NULL
    uint8_t suppress_context;
    // what single exceptions add; V_NULL when not set
    value extra[6];                    // StopIteration.value, SystemExit.code; OSError errno strerror filename filename2; SyntaxError msg filename lineno offset text …; ImportError name path …
};
static inline struct exc *as_exc(vref v) { return (struct exc *)as_object(v); }
#define X(name, base, doc) extern struct type exc_##name;
EXC_LIST(X)
#undef X

struct traceback {
    struct object head;
    value next;                        // towards where it was raised; owned or V_NULL
    value frame;                       // owned frame object (may be detached)
    int32_t line, lasti;
};
// Prints the pending exception as CPython would (chained, with source lines) and clears it. SystemExit is not handled here.
void exc_print(struct thread *t, vref exc);
// The same as text. returns new str.
value exc_format(struct thread *t, vref exc);
// Raises SyntaxError with all its fields. line, col are 1-based; returns V_NULL.
value exc_raise_syntax(struct thread *t, struct type *cls, const char *message, const char *filename, int line, int col, int end_line, int end_col, const char *text_or_null);

#endif
