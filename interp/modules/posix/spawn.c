// SPDX-License-Identifier: Apache-2.0
// posix_spawn: its file actions and attributes out of Python's arguments. Leaves vectors to exec.c.
#include "interp/modules/posix/posix.h"
#include "interp/modules/signal/signal.h"

#include <sched.h>
#include <spawn.h>
#include <stdlib.h>

enum spawn_action { ACTION_OPEN, ACTION_CLOSE, ACTION_DUP2 };

// ---- file actions ----
static bool add_open(struct thread *t, posix_spawn_file_actions_t *fa, vref item, vref kept) {
    int fd, flags, mode;
    if (tuple_size(item) != 5) return raise(t, &exc_TypeError, "A open file_action tuple must have 5 elements"), false;
    if (!arg_int(t, tuple_at(item, 1), &fd) || !arg_int(t, tuple_at(item, 3), &flags) || !arg_int(t, tuple_at(item, 4), &mode)) return false;
    value path = path_bytes(t, tuple_at(item, 2));
    if (!path || !list_append(t, kept, path)) return release_opt(t, path), false;
    errno = posix_spawn_file_actions_addopen(fa, fd, (const char *)as_bytes(path)->data, flags, (mode_t)mode);
    release(t, path);
    return errno == 0 || (posix_error(t), false);
}
static bool add_action(struct thread *t, posix_spawn_file_actions_t *fa, vref item, vref kept) {
    int action, fd, to;
    if (!is_tuple(item) || tuple_size(item) == 0) return raise(t, &exc_TypeError, "Each file_actions element must be a non-empty tuple"), false;
    if (!arg_int(t, tuple_at(item, 0), &action)) return false;
    switch (action) {
    case ACTION_OPEN: return add_open(t, fa, item, kept);
    case ACTION_CLOSE:
        if (tuple_size(item) != 2) return raise(t, &exc_TypeError, "A close file_action tuple must have 2 elements"), false;
        if (!arg_int(t, tuple_at(item, 1), &fd)) return false;
        errno = posix_spawn_file_actions_addclose(fa, fd);
        break;
    case ACTION_DUP2:
        if (tuple_size(item) != 3) return raise(t, &exc_TypeError, "A dup2 file_action tuple must have 3 elements"), false;
        if (!arg_int(t, tuple_at(item, 1), &fd) || !arg_int(t, tuple_at(item, 2), &to)) return false;
        errno = posix_spawn_file_actions_adddup2(fa, fd, to);
        break;
    default: return raise(t, &exc_TypeError, "Unknown file_actions identifier"), false;
    }
    return errno == 0 || (posix_error(t), false);
}
static bool add_actions(struct thread *t, posix_spawn_file_actions_t *fa, vref actions, vref kept) {
    if (!is_tuple(actions) && !is_list(actions) && !type_of(actions)->getitem) return raise(t, &exc_TypeError, "file_actions must be a sequence or None"), false;
    value items = tuple_from_iterable(t, actions);
    bool ok = items != V_NULL;
    for (size_t i = 0; ok && i < tuple_size(items); i++) ok = add_action(t, fa, tuple_at(items, i), kept);
    release_opt(t, items);
    return ok;
}

// ---- attributes ----
enum { S_PATH, S_ARGV, S_ENV, S_ACTIONS, S_GROUP, S_RESETIDS, S_SETSID, S_MASK, S_DEFAULTS, S_SCHEDULER };
static bool set_scheduler(struct thread *t, posix_spawnattr_t *at, vref v, short *flags) {
    if (!is_tuple(v) || tuple_size(v) != 2) return raise(t, &exc_TypeError, "A scheduler tuple must have two elements"), false;
    vref policy = tuple_at(v, 0), param = tuple_at(v, 1);
    struct sched_param p;
    int number, priority;
    if (type_of(param) != &sched_param.type) return raise(t, &exc_TypeError, "must have a sched_param object"), false;
    if (!arg_int(t, tuple_at(param, 0), &priority)) return false;
    p.sched_priority = priority;
    *flags |= POSIX_SPAWN_SETSCHEDPARAM;
    posix_spawnattr_setschedparam(at, &p);
    if (is_none(policy)) return true;
    if (!arg_int(t, policy, &number)) return false;
    *flags |= POSIX_SPAWN_SETSCHEDULER;
    posix_spawnattr_setschedpolicy(at, number);
    return true;
}
static bool set_attributes(struct thread *t, posix_spawnattr_t *at, const vref *a, const char *function) {
    short flags = 0;
    int reset, session, group;
    sigset_t set;
    if (a[S_GROUP] && !is_none(a[S_GROUP])) {
        if (!arg_int(t, a[S_GROUP], &group)) return false;
        posix_spawnattr_setpgroup(at, group);
        flags |= POSIX_SPAWN_SETPGROUP;
    }
    if (!arg_int_or(t, a[S_RESETIDS], 0, &reset) || !arg_int_or(t, a[S_SETSID], 0, &session)) return false;
    if (reset) flags |= POSIX_SPAWN_RESETIDS;
    if (session) flags |= POSIX_SPAWN_SETSID;
    if (a[S_MASK]) {
        if (!signal_set(t, a[S_MASK], &set)) return false;
        posix_spawnattr_setsigmask(at, &set);
        flags |= POSIX_SPAWN_SETSIGMASK;
    }
    if (a[S_DEFAULTS]) {
        if (!signal_set(t, a[S_DEFAULTS], &set)) return false;
        posix_spawnattr_setsigdefault(at, &set);
        flags |= POSIX_SPAWN_SETSIGDEF;
    }
    (void)function;
    if (a[S_SCHEDULER] && !is_none(a[S_SCHEDULER]) && !set_scheduler(t, at, a[S_SCHEDULER], &flags)) return false;
    posix_spawnattr_setflags(at, flags);
    return true;
}

typedef int spawn_fn(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[], char *const[]);
static value spawn_by(struct thread *t, const vref *a, const char *function, const char *what, spawn_fn *call) {
    struct path p = {.function = function, .name = "path"};
    value keep = V_NULL, keep_env = V_NULL, kept = list_new(t, 0), v = V_NULL;
    char **argv = NULL, **envp = NULL;
    posix_spawn_file_actions_t fa;
    posix_spawnattr_t at;
    pid_t pid;
    posix_spawn_file_actions_init(&fa);
    posix_spawnattr_init(&at);
    bool ok = kept && path_get(t, &p, a[S_PATH]) && argv_get(t, a[S_ARGV], what, &keep, &argv);
    if (ok && !type_of(a[S_ENV])->getitem) ok = (raise(t, &exc_TypeError, "%s: environment must be a mapping object", function), false);
    ok = ok && env_get(t, a[S_ENV], &keep_env, &envp);
    ok = ok && (!a[S_ACTIONS] || is_none(a[S_ACTIONS]) || add_actions(t, &fa, a[S_ACTIONS], kept)) && set_attributes(t, &at, a, function);
    if (ok) {
        thread_detach(t);
        int err = call(&pid, p.p, &fa, &at, argv, envp);
        thread_attach(t);
        errno = err;
        v = err ? posix_path_error(t, &p) : from_int62(pid);
    }
    posix_spawn_file_actions_destroy(&fa);
    posix_spawnattr_destroy(&at);
    if (keep) free(argv);
    if (keep_env) free(envp);
    release_opt(t, keep);
    release_opt(t, keep_env);
    release_opt(t, kept);
    path_drop(t, &p);
    return v;
}
static value f_posix_spawn(struct thread *t, const vref *a) { return spawn_by(t, a, "posix_spawn", "posix_spawn: argv", posix_spawn); }
static value f_posix_spawnp(struct thread *t, const vref *a) { return spawn_by(t, a, "posix_spawnp", "posix_spawnp: argv", posix_spawnp); }

#define SPAWN_SIG "($module, path, argv, env, /, *, file_actions=(), setpgroup=<unrepresentable>, resetids=False, setsid=False, setsigmask=(), setsigdef=(), " \
                  "scheduler=<unrepresentable>)"
const struct native posix_spawn_natives[] = {F("posix_spawn", SPAWN_SIG, f_posix_spawn), F("posix_spawnp", SPAWN_SIG, f_posix_spawnp), {0}};
