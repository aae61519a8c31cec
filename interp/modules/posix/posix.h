// SPDX-License-Identifier: Apache-2.0
// What the files of the posix module share: paths, descriptors and numbers as arguments, errors, the tables each file brings. Leaves the calls to the files.
//
// THE SHAPE OF A CALL. Arguments are converted (may run Python), then the system is called detached, then the result is made. Whatever the call reads stands in memory that
// an owned word keeps. A call that returns early because of a signal runs the handlers and is repeated, unless one of them raised (PEP 475):
//
//     do {
//         thread_detach(t);
//         r = read(fd, …);
//         thread_attach(t);
//     } while (posix_interrupted(t, r));
//     if (r < 0) return posix_error(t);
//
// errno outlives thread_attach. posix_error leaves an exception alone that is pending already.
#ifndef KRAIT_INTERP_MODULES_POSIX_POSIX_H
#define KRAIT_INTERP_MODULES_POSIX_POSIX_H

#include "interp/core/os_signal.h"
#include "interp/modules/constants.h"
#include "interp/modules/row.h"
#include "interp/types/exc.h"
#include "interp/types/num.h"
#include "interp/types/seq.h"
#include "interp/types/str.h"
#include "interp/types/structseq.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

// ---- paths (path.c) ----
struct path {
    const char *function, *name; // for messages; set by the caller, as are the next two
    bool allow_fd, nullable;
    int fd;                      // >= 0: a descriptor was given; else -1
    bool is_bytes;               // names found under this path are bytes too
    const char *p;               // NULL: a descriptor, or None
    size_t length;
    value object;                // owned: what OSError shows as the file's name; V_NULL before path_get
    value bytes;                 // owned: p points into it
};
// Converts str, bytes, os.PathLike, and where allowed a descriptor or None (V_NULL too). false: TypeError, ValueError. path_drop is due in either case.
bool path_get(struct thread *t, struct path *p, vref v) MUST_CHECK;
void path_drop(struct thread *t, struct path *p);
// Name for a call on the path: "." stands for None.
static inline const char *path_or_dot(const struct path *p) { return p->p ? p->p : "."; }
value posix_fspath(struct thread *t, vref v);      // os.fspath: returns new str or bytes
value path_text(struct thread *t, const char *s);  // returns new str, undecodable bytes as surrogates
value path_result(struct thread *t, const struct path *like, const char *s, size_t n); // str or bytes, as the path was
// bytes of a str (os.fsencode) or bytes; anything else TypeError. No NUL inside. returns new.
value path_bytes(struct thread *t, vref v);

// ---- arguments ----
bool arg_int(struct thread *t, vref v, int *out) MUST_CHECK;         // __index__; OverflowError
bool arg_int_or(struct thread *t, vref v, int fallback, int *out) MUST_CHECK; // v may be V_NULL
bool arg_i64(struct thread *t, vref v, int64_t *out) MUST_CHECK;
bool arg_fd(struct thread *t, vref v, int *out) MUST_CHECK;          // int or something with fileno()
bool arg_dir_fd(struct thread *t, vref v, int *out) MUST_CHECK;      // V_NULL or None: AT_FDCWD
bool arg_bool(struct thread *t, vref v, bool fallback, bool *out) MUST_CHECK; // v may be V_NULL
bool arg_uid(struct thread *t, vref v, const char *what, unsigned *out) MUST_CHECK; // "uid" or "gid"; -1 is all ones

// ---- results ----
static inline bool posix_interrupted(struct thread *t, int64_t r) { return r < 0 && errno == EINTR && safepoint_poll(t); }
value posix_error(struct thread *t);                                  // OSError by errno; V_NULL
value posix_path_error(struct thread *t, const struct path *p);       // … about p
value posix_paths_error(struct thread *t, const struct path *a, const struct path *b);
static inline value posix_done(struct thread *t, int64_t r) { return r < 0 ? posix_error(t) : V_NONE; }
static inline value posix_path_done(struct thread *t, struct path *p, int64_t r) { // drops p
    value v = r < 0 ? posix_path_error(t, p) : V_NONE;
    path_drop(t, p);
    return v;
}
value uid_value(struct thread *t, unsigned id);                       // -1 comes back as -1

// ---- what files give each other ----
value stat_new(struct thread *t, const struct stat *st);
struct rusage;
value rusage_new(struct thread *t, const struct rusage *u); // resource.c
bool argv_get(struct thread *t, vref seq, const char *what, value *keep, char ***argv) MUST_CHECK; // exec.c: free(*argv), release(*keep)
bool env_get(struct thread *t, vref mapping, value *keep, char ***envp) MUST_CHECK;
bool dir_ready(struct thread *t) MUST_CHECK;
extern struct structseq stat_result, statvfs_result, terminal_size, times_result, uname_result, waitid_result, sched_param;
extern struct type type_dir_entry;
bool conf_add(struct thread *t, vref module), posix_add_constants(struct thread *t, vref module);

// fork.c: os.fork's three steps for other modules. The Python functions of register_at_fork run before and after.
void posix_before_fork(struct thread *t);
void posix_after_fork_parent(struct thread *t);
void posix_after_fork_child(struct thread *t);

#define POSIX_TABLES(X) X(path) X(stat) X(dir) X(file) X(fd) X(io) X(process) X(wait) X(exec) X(spawn) X(fork) X(ids) X(sched) X(conf) X(xattr) X(tty) X(sys)
#define X(n) extern const struct native posix_##n##_natives[];
POSIX_TABLES(X)
#undef X


#endif
