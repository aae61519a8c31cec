// SPDX-License-Identifier: Apache-2.0
// Signals: what the C handler leaves behind, when Python's handlers run. Leaves the module's functions to module.c and set.c.
//
// The C handler of every signal that Python handles only notes the number, sets BREAK_SIGNAL of the main thread and writes to the wakeup descriptor. The main thread
// runs the Python handlers at its next safepoint; a blocking call that the signal interrupted comes back to one at once (PEP 475). The main thread is the one
// that started the first interpreter, after a fork the one that forked.
#ifndef KRAIT_INTERP_MODULES_SIGNAL_SIGNAL_H
#define KRAIT_INTERP_MODULES_SIGNAL_SIGNAL_H

#include "interp/core/os_signal.h"
#include "interp/core/object.h"

enum { SIGNAL_COUNT = 65 }; // NSIG of Linux: numbers 1 to 64

// ---- state.c ----
void signals_start(struct thread *t);       // t is the main thread; sets core_hooks.signals. Changes no handler
bool signals_install(struct thread *t) MUST_CHECK; // what a program does at its start: SIGINT raises KeyboardInterrupt, SIGPIPE and SIGXFSZ are ignored
void signals_after_fork(struct thread *t);  // in the child: t is the main thread, nothing has come in
bool signals_is_main(const struct thread *t);
void signals_trip(int number);              // as if it had come in. Any thread, any context
bool signals_run(struct thread *t) MUST_CHECK; // core_hooks.signals: false: a handler raised
value signals_handler(struct thread *t, int number); // returns new: int 0 (default), int 1 (ignore), None (not ours), or the function
bool signals_set_handler(struct thread *t, int number, vref handler) MUST_CHECK; // only the Python side
void signals_c_handler(int number);
int signals_set_wakeup(int fd, bool warn);  // returns the one before, -1 none
value signals_default_int(struct thread *t);

// ---- set.c ----
bool signal_set(struct thread *t, vref iterable, sigset_t *out) MUST_CHECK;
value signal_set_value(struct thread *t, const sigset_t *set); // returns new Python set of numbers
extern const struct native signal_set_natives[];
extern struct structseq struct_siginfo;

#endif
