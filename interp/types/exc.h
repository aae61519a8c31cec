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
    uint8_t suppress_context;
    value extra[];                     // what single exceptions add (enum exc_extra): as many as the type's basicsize has room for. V_NULL when not set
};
enum exc_extra {
    STOP_VALUE = 0, EXIT_CODE = 0,
    OS_ERRNO = 0, OS_STRERROR, OS_FILENAME, OS_FILENAME2, OS_WRITTEN, OS_EXTRAS,
    SYNTAX_MSG = 0, SYNTAX_FILENAME, SYNTAX_LINENO, SYNTAX_OFFSET, SYNTAX_TEXT, SYNTAX_END_LINENO, SYNTAX_END_OFFSET, SYNTAX_PRINT_FILE, SYNTAX_EXTRAS,
    IMPORT_MSG = 0, IMPORT_NAME, IMPORT_PATH, IMPORT_EXTRAS,
    ATTRIBUTE_NAME = 0, ATTRIBUTE_OBJ, ATTRIBUTE_EXTRAS,
    NAME_NAME = 0, NAME_EXTRAS,
    UNICODE_ENCODING = 0, UNICODE_OBJECT, UNICODE_START, UNICODE_END, UNICODE_REASON, UNICODE_EXTRAS,
    GROUP_MESSAGE = 0, GROUP_EXCEPTIONS, GROUP_EXTRAS,
};
static inline struct exc *as_exc(vref v) { return (struct exc *)as_object(v); }
#define X(name, base, doc) extern struct type exc_##name;
EXC_LIST(X)
#undef X
extern struct type *exc_ExceptionGroup; // derives from BaseExceptionGroup and Exception: made by exc_start
bool exc_start(struct thread *t);       // once the static types are ready

struct traceback {
    struct object head;
    value next;                        // towards where it was raised; owned or V_NULL
    value frame;                       // owned frame object (may be detached)
    int32_t line, lasti;
};
value traceback_new(struct thread *t, value next, value frame, int32_t lasti, int32_t line); // takes next (or V_NULL) and frame
// The value that a StopIteration carries. returns new.
value exc_stop_value(struct thread *t, vref exc);
// The exception being handled, innermost first: what sys.exc_info sees. borrowed; V_NULL if none.
vref exc_handled(const struct thread *t);
// Prints the pending exception as CPython would (chained, with source lines) and clears it. SystemExit is not handled here.
void exc_print(struct thread *t, vref exc);
// The same as text. returns new str.
value exc_format(struct thread *t, vref exc);
// A class `module.name` of exceptions, made like one in Python; base2 may be NULL. returns new.
value exc_class_new(struct thread *t, const char *module, const char *name, struct type *base, struct type *base2);
// Raises the class that a module holds under that name with (err, what the system says to it). Returns V_NULL.
value exc_raise_errno_of(struct thread *t, const char *module, const char *name, int err);
// Raises SyntaxError with all its fields. line, col are 1-based; returns V_NULL.
value exc_raise_syntax(struct thread *t, struct type *cls, const char *message, const char *filename, int line, int col, int end_line, int end_col, const char *text_or_null);

#endif
