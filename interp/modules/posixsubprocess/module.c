// SPDX-License-Identifier: Apache-2.0
// _posixsubprocess.fork_exec: reads the plan out of its many arguments and forks. Leaves the child to child.c.
//
// Without a preexec_fn the child runs no Python, so nothing of the interpreter is prepared for the fork; and where it changes neither user nor group it is a vfork,
// which copies no page tables. Every signal is blocked around a vfork: a handler in the child would run in the parent's memory.
#include "interp/modules/modules.h"
#include "interp/modules/posixsubprocess/child.h"

#include <limits.h>
#include <stdlib.h>

enum { A_ARGS, A_EXECUTABLES, A_CLOSE, A_KEEP, A_CWD, A_ENV, A_P2CREAD, A_ERRPIPE_WRITE = A_P2CREAD + 7, A_RESTORE, A_SESSION, A_GROUP, A_GID, A_GROUPS, A_UID, A_UMASK, A_PREEXEC,
       A_VFORK };

// ---- vectors ----
struct words {
    value keep; // owned list of bytes
    char **v;   // malloc'd
};
static bool words_get(struct thread *t, vref seq, struct words *w, const char *what) {
    value items = tuple_from_iterable(t, seq);
    if (!items && what && raised_is(t, &exc_TypeError)) {
        raised_clear(t);
        raise(t, &exc_TypeError, "%s", what);
    }
    size_t n = items ? tuple_size(items) : 0;
    w->keep = items ? list_new(t, n) : V_NULL;
    w->v = w->keep ? malloc((n + 1) * sizeof *w->v) : NULL;
    bool ok = w->v != NULL;
    for (size_t i = 0; ok && i < n; i++) {
        value b = path_bytes(t, tuple_at(items, i));
        ok = b && list_append(t, w->keep, b);
        if (ok) w->v[i] = (char *)as_bytes(b)->data; // the list has it
        release_opt(t, b);
    }
    if (w->v) w->v[n] = NULL;
    release_opt(t, items);
    return ok;
}
static void words_drop(struct thread *t, struct words *w) {
    free(w->v);
    release_opt(t, w->keep);
}

// ---- descriptors to keep, groups ----
static bool keep_get(struct thread *t, vref seq, struct child_plan *p, int **out) {
    if (!is_tuple(seq)) return raise(t, &exc_TypeError, "fork_exec() argument 4 must be tuple, not %T", seq), false;
    size_t n = tuple_size(seq);
    int *fds = *out = malloc((n + 1) * sizeof *fds);
    if (!fds) return raise_no_memory(t), false;
    int64_t last = -1, fd;
    for (size_t i = 0; i < n; i++, last = fd) {
        vref v = tuple_at(seq, i);
        if (!is_int(v) || int_as_i64_overflow(v, &fd) || fd < 0 || fd <= last || fd > INT_MAX) return raise(t, &exc_ValueError, "bad value(s) in fds_to_keep"), false;
        fds[i] = (int)fd;
    }
    p->keep = fds;
    p->keep_count = n;
    return true;
}
static bool groups_get(struct thread *t, vref v, struct child_plan *p, gid_t **out) {
    if (is_none(v)) return true;
    if (!is_list(v)) return raise(t, &exc_TypeError, "setgroups argument must be a list"), false;
    value items = tuple_from_iterable(t, v);
    size_t n = items ? tuple_size(items) : 0;
    gid_t *ids = *out = items ? malloc((n + 1) * sizeof *ids) : NULL;
    bool ok = ids != NULL;
    if (ok && n > NGROUPS_MAX) ok = (raise(t, &exc_ValueError, "too many extra_groups"), false);
    for (size_t i = 0; ok && i < n; i++) {
        if (!is_int(tuple_at(items, i))) ok = (raise(t, &exc_TypeError, "extra_groups must be integers"), false);
        else if (!arg_uid(t, tuple_at(items, i), "gid", &ids[i])) {
            raised_clear(t);
            ok = (raise(t, &exc_ValueError, "invalid group id"), false);
        }
    }
    release_opt(t, items);
    p->groups = ids;
    p->groups_count = n;
    p->set_groups = ok;
    return ok;
}

// ---- the plan ----
struct gathered {
    struct child_plan plan;
    struct words args, executables, env;
    value cwd;
    int *keep;
    gid_t *groups;
};
static bool numbers_get(struct thread *t, const vref *a, struct child_plan *p) {
    int *const fds[8] = {&p->p2cread, &p->p2cwrite, &p->c2pread, &p->c2pwrite, &p->errread, &p->errwrite, &p->errpipe_read, &p->errpipe_write};
    for (int i = 0; i < 8; i++)
        if (!arg_int(t, a[A_P2CREAD + i], fds[i])) return false;
    if (p->close_fds && p->errpipe_write < 3) return raise(t, &exc_ValueError, "errpipe_write must be >= 3"), false;
    return arg_bool(t, a[A_RESTORE], false, &p->restore_signals) && arg_bool(t, a[A_SESSION], false, &p->new_session) && arg_int(t, a[A_GROUP], &p->process_group) &&
           arg_int(t, a[A_UMASK], &p->umask);
}
static bool ids_get(struct thread *t, const vref *a, struct gathered *g) {
    struct child_plan *p = &g->plan;
    unsigned id;
    if (!groups_get(t, a[A_GROUPS], p, &g->groups)) return false;
    if (!is_none(a[A_GID])) {
        if (!arg_uid(t, a[A_GID], "gid", &id)) return false;
        p->gid = id;
        p->set_gid = true;
    }
    if (!is_none(a[A_UID])) {
        if (!arg_uid(t, a[A_UID], "uid", &id)) return false;
        p->uid = id;
        p->set_uid = true;
    }
    return true;
}
static bool gather(struct thread *t, const vref *a, struct gathered *g) {
    struct child_plan *p = &g->plan;
    if (!arg_bool(t, a[A_CLOSE], false, &p->close_fds) || !numbers_get(t, a, p) || !keep_get(t, a[A_KEEP], p, &g->keep)) return false;
    if (!words_get(t, a[A_EXECUTABLES], &g->executables, NULL)) return false;
    if (!is_none(a[A_ARGS])) {
        if (!is_list(a[A_ARGS]) && !is_tuple(a[A_ARGS])) return raise(t, &exc_TypeError, "argv must be a tuple or list"), false;
        if (!words_get(t, a[A_ARGS], &g->args, NULL)) return false;
    }
    if (!is_none(a[A_ENV]) && !words_get(t, a[A_ENV], &g->env, NULL)) return false;
    if (!is_none(a[A_CWD]) && !(g->cwd = path_bytes(t, a[A_CWD]))) return false;
    p->executables = g->executables.v;
    p->argv = g->args.v;
    p->envp = g->env.v;
    p->cwd = g->cwd ? (const char *)as_bytes(g->cwd)->data : NULL;
    p->preexec = is_none(a[A_PREEXEC]) ? V_NULL : a[A_PREEXEC];
    p->thread = t;
    return ids_get(t, a, g);
}
static void scatter(struct thread *t, struct gathered *g) {
    words_drop(t, &g->args);
    words_drop(t, &g->executables);
    words_drop(t, &g->env);
    release_opt(t, g->cwd);
    free(g->keep);
    free(g->groups);
}

// ---- forking ----
// vfork returns twice into this frame, and the child runs on it until exec: nothing here is kept in a register across it that both change.
static NOINLINE pid_t vfork_child(struct child_plan *p) {
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    p->mask = &old;
    pid_t pid = vfork();
    if (pid == 0) child_run(p);
    int e = errno;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = e;
    return pid;
}
static pid_t fork_with_python(struct thread *t, const struct child_plan *p) {
    posix_before_fork(t);
    pid_t pid = fork();
    int e = errno;
    if (pid == 0) {
        posix_after_fork_child(t);
        child_run(p);
    }
    posix_after_fork_parent(t);
    errno = e;
    return pid;
}
static value f_fork_exec(struct thread *t, const vref *args, size_t nargs, vref kwnames) {
    struct gathered g = {0};
    value r = V_NULL;
    bool may_vfork = false;
    if (nargs != A_VFORK + 1 || kwnames) return raise(t, &exc_TypeError, "fork_exec() takes exactly 23 arguments (%zu given)", nargs);
    if (gather(t, args, &g) && arg_bool(t, args[A_VFORK], true, &may_vfork)) {
        const struct child_plan *p = &g.plan;
        pid_t pid;
        if (p->preexec) pid = fork_with_python(t, p);
        else {
            thread_detach(t);
            if (may_vfork && !p->set_uid && !p->set_gid && !p->set_groups) pid = vfork_child(&g.plan);
            else if ((pid = fork()) == 0) child_run(p);
            thread_attach(t);
        }
        r = pid < 0 ? posix_error(t) : from_int62(pid);
    }
    scatter(t, &g);
    return r;
}
static const struct native functions[] = {{.name = "fork_exec", .kind = NATIVE_FUNCTION, .sig = "($module, *args)", .raw = f_fork_exec}};
value posixsubprocess_make(struct thread *t) { return module_from_natives(t, "_posixsubprocess", "New processes for subprocess.", functions, 1); }
