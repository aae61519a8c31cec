// SPDX-License-Identifier: Apache-2.0
// Users and groups of this process. Leaves the data bases behind them to pwd and grp.
#include "interp/modules/posix/posix.h"

#include <grp.h>
#include <limits.h>
#include <stdlib.h>

static value f_getuid(struct thread *t, const vref *a) { return (void)a, uid_value(t, getuid()); }
static value f_geteuid(struct thread *t, const vref *a) { return (void)a, uid_value(t, geteuid()); }
static value f_getgid(struct thread *t, const vref *a) { return (void)a, uid_value(t, getgid()); }
static value f_getegid(struct thread *t, const vref *a) { return (void)a, uid_value(t, getegid()); }
static value three(struct thread *t, int r, unsigned x, unsigned y, unsigned z) {
    if (r < 0) return posix_error(t);
    return tuple_take_array(t, (value[]){uid_value(t, x), uid_value(t, y), uid_value(t, z)}, 3);
}
static value f_getresuid(struct thread *t, const vref *a) {
    uid_t x, y, z;
    int r = ((void)a, getresuid(&x, &y, &z));
    return three(t, r, x, y, z);
}
static value f_getresgid(struct thread *t, const vref *a) {
    gid_t x, y, z;
    int r = ((void)a, getresgid(&x, &y, &z));
    return three(t, r, x, y, z);
}
static value set_one(struct thread *t, const vref *a, const char *what, int (*call)(unsigned)) {
    unsigned id;
    return arg_uid(t, a[0], what, &id) ? posix_done(t, call(id)) : V_NULL;
}
static value set_two(struct thread *t, const vref *a, const char *first, const char *second, int (*call)(unsigned, unsigned)) {
    unsigned x, y;
    return arg_uid(t, a[0], first, &x) && arg_uid(t, a[1], second, &y) ? posix_done(t, call(x, y)) : V_NULL;
}
static value set_three(struct thread *t, const vref *a, const char *what, int (*call)(unsigned, unsigned, unsigned)) {
    unsigned x, y, z;
    return arg_uid(t, a[0], what, &x) && arg_uid(t, a[1], what, &y) && arg_uid(t, a[2], what, &z) ? posix_done(t, call(x, y, z)) : V_NULL;
}
static value f_setuid(struct thread *t, const vref *a) { return set_one(t, a, "uid", setuid); }
static value f_seteuid(struct thread *t, const vref *a) { return set_one(t, a, "uid", seteuid); }
static value f_setgid(struct thread *t, const vref *a) { return set_one(t, a, "gid", setgid); }
static value f_setegid(struct thread *t, const vref *a) { return set_one(t, a, "gid", setegid); }
static value f_setreuid(struct thread *t, const vref *a) { return set_two(t, a, "uid", "uid", setreuid); }
static value f_setregid(struct thread *t, const vref *a) { return set_two(t, a, "gid", "gid", setregid); }
static value f_setresuid(struct thread *t, const vref *a) { return set_three(t, a, "uid", setresuid); }
static value f_setresgid(struct thread *t, const vref *a) { return set_three(t, a, "gid", setresgid); }

// ---- groups ----
static value list_of_groups(struct thread *t, const gid_t *groups, int n) {
    value list = list_new(t, (size_t)n);
    for (int i = 0; list && i < n; i++) {
        value v = uid_value(t, groups[i]);
        if (!v || !list_append_take(t, list, v)) release_field(t, &list);
    }
    return list;
}
static value f_getgroups(struct thread *t, const vref *a) {
    (void)a;
    gid_t *groups = mem_alloc(t, NGROUPS_MAX * sizeof *groups);
    if (!groups) return V_NULL;
    int n = getgroups(NGROUPS_MAX, groups);
    value v = n < 0 ? posix_error(t) : list_of_groups(t, groups, n);
    mem_free(t, groups, NGROUPS_MAX * sizeof *groups);
    return v;
}
static value f_setgroups(struct thread *t, const vref *a) {
    if (!type_of(a[0])->getitem || is_dict(a[0])) return raise(t, &exc_TypeError, "setgroups argument must be a sequence");
    value items = tuple_from_iterable(t, a[0]), v = V_NULL;
    size_t n = items ? tuple_size(items) : 0;
    gid_t *groups = items ? mem_alloc(t, (n + 1) * sizeof *groups) : NULL;
    bool ok = groups != NULL;
    if (ok && n > NGROUPS_MAX) ok = (raise(t, &exc_ValueError, "too many groups"), false);
    for (size_t i = 0; ok && i < n; i++) {
        if (!is_int(tuple_at(items, i))) ok = (raise(t, &exc_TypeError, "groups must be integers"), false);
        else ok = arg_uid(t, tuple_at(items, i), "gid", &groups[i]);
    }
    if (ok) v = posix_done(t, setgroups(n, groups));
    if (groups) mem_free(t, groups, (n + 1) * sizeof *groups);
    release_opt(t, items);
    return v;
}
static value f_initgroups(struct thread *t, const vref *a) {
    unsigned gid;
    value name = path_bytes(t, a[0]);
    if (!name || !arg_uid(t, a[1], "gid", &gid)) return release_opt(t, name), V_NULL;
    thread_detach(t);
    int r = initgroups((const char *)as_bytes(name)->data, gid);
    thread_attach(t);
    release(t, name);
    return posix_done(t, r);
}
static value f_getgrouplist(struct thread *t, const vref *a) {
    unsigned gid;
    value user = path_bytes(t, a[0]), v = V_NULL;
    if (!user || !arg_uid(t, a[1], "gid", &gid)) return release_opt(t, user), V_NULL;
    for (int room = 64; !v && !raised(t); room *= 2) {
        int n = room;
        gid_t *groups = mem_alloc(t, (size_t)room * sizeof *groups);
        if (!groups) break;
        thread_detach(t);
        int r = getgrouplist((const char *)as_bytes(user)->data, gid, groups, &n);
        thread_attach(t);
        if (r >= 0) v = list_of_groups(t, groups, n);
        mem_free(t, groups, (size_t)room * sizeof *groups);
    }
    release(t, user);
    return v;
}
static value f_getlogin(struct thread *t, const vref *a) {
    char name[LOGIN_NAME_MAX + 1];
    (void)a;
    int err = getlogin_r(name, sizeof name);
    errno = err;
    return err ? posix_error(t) : path_text(t, name);
}

const struct native posix_ids_natives[] = {
    F("getuid", "($module, /)", f_getuid), F("geteuid", "($module, /)", f_geteuid), F("getgid", "($module, /)", f_getgid), F("getegid", "($module, /)", f_getegid),
    F("getresuid", "($module, /)", f_getresuid), F("getresgid", "($module, /)", f_getresgid), F("setuid", "($module, uid, /)", f_setuid),
    F("seteuid", "($module, euid, /)", f_seteuid), F("setgid", "($module, gid, /)", f_setgid), F("setegid", "($module, egid, /)", f_setegid),
    F("setreuid", "($module, ruid, euid, /)", f_setreuid), F("setregid", "($module, rgid, egid, /)", f_setregid), F("setresuid", "($module, ruid, euid, suid, /)", f_setresuid),
    F("setresgid", "($module, rgid, egid, sgid, /)", f_setresgid), F("getgroups", "($module, /)", f_getgroups), F("setgroups", "($module, groups, /)", f_setgroups),
    F("initgroups", "($module, username, gid, /)", f_initgroups), F("getgrouplist", "($module, user, group, /)", f_getgrouplist), F("getlogin", "($module, /)", f_getlogin), {0},
};
