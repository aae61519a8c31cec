// SPDX-License-Identifier: Apache-2.0
// What the files of the module faulthandler share, and how programs switch it on. Leaves ordinary tracebacks to types/exc_print.c.
//
// A stack is written from places where nothing may be trusted: a signal handler amid a broken heap, a watchdog beside threads that run. So stack.c takes no lock, allocates
// nothing, calls nothing but read-only system calls and write(2), and reads every struct through a copy that the kernel makes (process_vm_readv): a
// wild pointer ends the list instead of the process. What it sees of a running thread is what the loop stored last: the frames are right, a line may be some instructions old.
// The watchdog therefore asks all threads for a safepoint first and waits a moment.
#ifndef KRAIT_INTERP_MODULES_FAULTHANDLER_H
#define KRAIT_INTERP_MODULES_FAULTHANDLER_H

#include "interp/core/thread.h"

// ---- for programs: module.c ----
bool fault_enable(struct thread *t, int fd, bool all_threads); // fatal signals write the stacks to fd; false: exception pending
void fault_stop(struct interp *interp);                        // the interpreter is going: no dump may touch it any more

// ---- stack.c: may be called anywhere ----
void fault_write(int fd, const char *text);
void fault_write_number(int fd, uint64_t n, int base, int width);
void fault_write_stack(int fd, const struct thread *t, const char *title); // title NULL: "Stack"
// All threads of the interpreter, newest first; `current` (may be NULL) is named so.
void fault_write_threads(int fd, const struct interp *interp, const struct thread *current);

// ---- later.c ----
bool fault_watch(struct interp *interp, uint64_t ns, bool repeat, int fd, bool leave, const char *header) MUST_CHECK; // false: errno
void fault_unwatch(struct thread *t); // waits for the watchdog, t detached. t NULL: nobody is attached

// ---- user.c ----
enum { FAULT_SIGNALS = 65 };
bool fault_register(struct interp *interp, int number, int fd, bool all_threads, bool chain) MUST_CHECK; // false: errno
bool fault_unregister(int number);      // whether it was registered
void fault_unregister_all(void);

#endif
