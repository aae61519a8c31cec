// SPDX-License-Identifier: Apache-2.0
// fork, forkpty, and the functions that a program wants called around them. Leaves stopping the world to core/fork.h.
#include "interp/core/fork.h"
#include "interp/modules/import/import.h"
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"
#include "interp/modules/signal/signal.h"
#include "interp/types/finalize.h"

#include <pty.h>

// ---- register_at_fork: three lists in slots of the interpreter, made at the first use ----
static bool note(struct thread *t, enum interp_slot slot, vref f) {
    if (!f) return true;
    value *list = &t->interp->slots[slot];
    if (!*list && !(*list = list_new(t, 4))) return false;
    return list_append(t, *list, f);
}
static value f_register_at_fork(struct thread *t, const vref *a) { // before, after_in_child, after_in_parent
    static const char *const names[] = {"before", "after_in_child", "after_in_parent"};
    if (!a[0] && !a[1] && !a[2]) return raise(t, &exc_TypeError, "At least one argument is required.");
    for (int i = 0; i < 3; i++)
        if (a[i] && !object_is_callable(a[i])) return raise(t, &exc_TypeError, "'%s' must be callable, not %s", names[i], type_of(a[i])->name);
    return note(t, SLOT_BEFORE_FORK, a[0]) && note(t, SLOT_AFTER_FORK_CHILD, a[1]) && note(t, SLOT_AFTER_FORK_PARENT, a[2]) ? V_NONE : V_NULL;
}
static void call_one(struct thread *t, vref list, int64_t i) {
    value f = list_get(t, list, i), r = f ? object_call0(t, f) : V_NULL;
    if (!r) raise_unraisable(t, NULL, f ? f : V_NONE);
    release_opt(t, r);
    release_opt(t, f);
}
static void call_all(struct thread *t, enum interp_slot slot, bool backwards) {
    vref list = t->interp->slots[slot];
    int64_t n = list ? (int64_t)list_size(list) : 0;
    for (int64_t i = 0; i < n; i++) call_one(t, list, backwards ? n - 1 - i : i);
}

// ---- the three steps ----
void posix_before_fork(struct thread *t) {
    call_all(t, SLOT_BEFORE_FORK, true);
    imp_before_fork(t);
    fork_prepare(t);
}
void posix_after_fork_parent(struct thread *t) {
    fork_parent(t);
    imp_fork_done(t);
    call_all(t, SLOT_AFTER_FORK_PARENT, false);
}
void posix_after_fork_child(struct thread *t) {
    fork_child(t);
    imp_after_fork(t);
    imp_fork_done(t);
    signals_after_fork(t);
    call_all(t, SLOT_AFTER_FORK_CHILD, false);
}
static value forked(struct thread *t, pid_t pid, int err) {
    if (pid == 0) posix_after_fork_child(t);
    else posix_after_fork_parent(t);
    if (pid >= 0) return from_int62(pid);
    errno = err;
    return posix_error(t);
}
static value f_fork(struct thread *t, const vref *a) {
    (void)a;
    posix_before_fork(t);
    pid_t pid = fork();
    return forked(t, pid, errno);
}
static value f_forkpty(struct thread *t, const vref *a) {
    int master = -1;
    (void)a;
    posix_before_fork(t);
    pid_t pid = forkpty(&master, NULL, NULL, NULL);
    value v = forked(t, pid, errno);
    return v ? tuple_pack(t, 2, v, from_int62(master)) : V_NULL;
}

const struct native posix_fork_natives[] = {
    F("fork", "($module, /)", f_fork), F("forkpty", "($module, /)", f_forkpty),
    F("register_at_fork", "($module, /, *, before=<unrepresentable>, after_in_child=<unrepresentable>, after_in_parent=<unrepresentable>)", f_register_at_fork), {0},
};
