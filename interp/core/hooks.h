// SPDX-License-Identifier: Apache-2.0
// What the core asks of the layers above it: a table of functions that types and modules fill in at start.
// Leaves each function to whom its comment names. Until interp->hooks is set a table of functions that do nothing stands in.
#ifndef KRAIT_INTERP_CORE_HOOKS_H
#define KRAIT_INTERP_CORE_HOOKS_H

#include "interp/core/object.h"

struct scope;
struct weakref;

struct core_hooks {
    // Runs what o's type wants done before it dies (__del__, close of a generator). Only for TYPE_DEL, once an object. May resurrect o. Reports
    // exceptions itself (sys.unraisablehook) and leaves t->exc as it was. types/slots.c
    void (*finalize)(struct thread *t, struct object *o);
    // Calls callback(ref), reports exceptions itself. Both words borrowed. types/weakref.c
    void (*weak_callback)(struct thread *t, vref ref, vref callback);
    // Runs the Python handlers of the signals that came in; false: exception pending. modules/signal
    bool (*signals)(struct thread *t);
    // Raises what tells a task that its scope ended (scope.h says why). A BaseException. worker, or modules that offer scopes
    void (*scope_raise)(struct thread *t, struct scope *s);
    // One past the last register of t's innermost frame, from t->frame. vm/call.c
    value *(*registers_end)(struct thread *t);
    // Visits the owned words that the layers above keep for a thread or an interpreter outside of objects and registers.
    int (*visit_thread)(struct thread *t, visit_fn *visit, void *arg);
    int (*visit_interp)(struct interp *interp, visit_fn *visit, void *arg);
    // gc.callbacks: phase is "start" or "stop".
    void (*gc_phase)(struct thread *t, const char *phase, size_t collected);
};
extern const struct core_hooks core_no_hooks;

#endif
