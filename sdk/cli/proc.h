// SPDX-License-Identifier: Apache-2.0
// Child processes of `krait dev` and `krait bench`: finding the sibling programs, starting them, waiting for their ready
// line, ending them. What runs when is stack.c's.
//
// A child gets a process group of its own, so that Ctrl-C reaches krait alone, which then ends its children in order; if
// krait itself is killed the kernel sends them SIGTERM. No child outlives its proc_stop.

#ifndef KRAIT_CLI_PROC_H
#define KRAIT_CLI_PROC_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "sdk/base/buf.h"

struct proc {
    pid_t pid;        // 0 = not running
    int out;          // read end of its standard output, non-blocking; -1 = none
    struct buf text;  // what it wrote and nobody took yet
};

#define PROC_NONE ((struct proc){ .out = -1 })

enum proc_got {
    PROC_LINE,        // the line came
    PROC_ENDED,       // the program ended first
    PROC_LATE,        // the deadline passed
    PROC_STOPPED      // the interrupt descriptor became readable
};

// Finds a program beside this one (also in libtool's build folders), else in PATH. false when there is none.
bool proc_find(const char *name, char path[PATH_MAX]);

// Finds a folder named by a path that is relative to this program's (as "../sdk/python"); false when there is none.
bool proc_folder(const char *relative, char path[PATH_MAX]);

// Starts argv[0]. errors: the descriptor for its standard error, -1 = ours. Signals are unblocked in the child.
bool proc_start(struct proc *p, char *const argv[], int errors);

// Waits for a line on its standard output that begins with prefix; copies it without its end.
enum proc_got proc_line(struct proc *p, const char *prefix, char *line, size_t size, int timeout_ms, int interrupt);

// Copies what it wrote on its standard output to fd, -1 = away with it. false at the end of the output.
bool proc_forward(struct proc *p, int fd);

// Whether it ended by itself; then it is reaped and *status holds what waitpid said.
bool proc_ended(struct proc *p, int *status);

// Ends it: SIGTERM, after patience_ms again, after as long again SIGKILL; returns when it is gone.
void proc_stop(struct proc *p, int patience_ms);

#endif
