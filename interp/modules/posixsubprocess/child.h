// SPDX-License-Identifier: Apache-2.0
// What subprocess asks of a new process, and the child's side of it. Leaves reading it out of Python's arguments to module.c.
//
// Between fork (or vfork, where it shares the parent's memory) and exec the child calls nothing that could take a lock or allocate. What fails it writes to
// errpipe_write, in the words that subprocess.Popen reads: "OSError:<errno in hex>:<noexec if it was not exec>", or "SubprocessError:0:<text>".
#ifndef KRAIT_INTERP_MODULES_POSIXSUBPROCESS_CHILD_H
#define KRAIT_INTERP_MODULES_POSIXSUBPROCESS_CHILD_H

#include "interp/modules/posix/posix.h"

struct child_plan {
    char *const *executables;   // tried one after the other
    char *const *argv;
    char *const *envp;          // NULL: the environment as it is
    const char *cwd;            // NULL: as it is
    const int *keep;            // descriptors that stay open, in ascending order
    size_t keep_count;
    bool close_fds, restore_signals, new_session;
    int p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write;
    int process_group;          // -1: as it is
    bool set_gid, set_uid, set_groups;
    gid_t gid;
    uid_t uid;
    const gid_t *groups;
    size_t groups_count;
    int umask;                  // -1: as it is
    const sigset_t *mask;       // to be set before exec; NULL: as it is
    vref preexec;               // V_NULL, or called before exec: then the child has been through posix_after_fork_child
    struct thread *thread;      // for preexec
};
_Noreturn void child_run(const struct child_plan *p);

#endif
