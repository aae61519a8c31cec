// SPDX-License-Identifier: Apache-2.0
// pwd and grp: the data bases of users and groups. Leaves the ids of this process to posix/ids.c.
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"
#include "interp/core/lock.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

static const struct structseq_field passwd_fields[] = {
    {"pw_name", "user name"}, {"pw_passwd", "password"}, {"pw_uid", "user id"}, {"pw_gid", "group id"}, {"pw_gecos", "real name"}, {"pw_dir", "home directory"},
    {"pw_shell", "shell program"},
};
static struct structseq struct_passwd = {
    .type = {.name = "struct_passwd", .module = "pwd", .doc = "An entry of the user data base: pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell."},
    .fields = passwd_fields, .count = 7, .visible = 7,
};
static const struct structseq_field group_fields[] = {{"gr_name", "group name"}, {"gr_passwd", "password"}, {"gr_gid", "group id"}, {"gr_mem", "group members"}};
static struct structseq struct_group = {
    .type = {.name = "struct_group", .module = "grp", .doc = "An entry of the group data base: gr_name, gr_passwd, gr_gid, gr_mem."}, .fields = group_fields, .count = 4, .visible = 4,
};
static struct lock walking; // getpwent and getgrent keep one place for the whole process

static value text_or_none(struct thread *t, const char *s) { return s ? path_text(t, s) : V_NONE; }
static value passwd_new(struct thread *t, const struct passwd *p) {
    value f[7] = {text_or_none(t, p->pw_name), text_or_none(t, p->pw_passwd), uid_value(t, p->pw_uid), uid_value(t, p->pw_gid), text_or_none(t, p->pw_gecos),
                  text_or_none(t, p->pw_dir), text_or_none(t, p->pw_shell)};
    return structseq_new(t, &struct_passwd, f);
}
static value members_of(struct thread *t, const struct group *g) {
    value list = list_new(t, 0);
    for (char **s = g->gr_mem; list && *s; s++) {
        value v = path_text(t, *s);
        if (!v || !list_append_take(t, list, v)) release_field(t, &list);
    }
    return list;
}
static value group_new(struct thread *t, const struct group *g) {
    value f[4] = {text_or_none(t, g->gr_name), text_or_none(t, g->gr_passwd), uid_value(t, g->gr_gid), members_of(t, g)};
    return structseq_new(t, &struct_group, f);
}

// ---- one entry, by name or number; the buffer grows until it fits ----
union entry {
    struct passwd pw;
    struct group gr;
};
enum table { USERS, GROUPS };
static value look(struct thread *t, enum table which, const char *name, unsigned id, bool *found) {
    for (size_t room = 1024;; room *= 2) {
        union entry e;
        void *hit = NULL;
        char *buffer = mem_alloc(t, room);
        if (!buffer) return V_NULL;
        thread_detach(t);
        int err = which == USERS ? name ? getpwnam_r(name, &e.pw, buffer, room, (struct passwd **)&hit) : getpwuid_r(id, &e.pw, buffer, room, (struct passwd **)&hit)
                  : name ? getgrnam_r(name, &e.gr, buffer, room, (struct group **)&hit) : getgrgid_r(id, &e.gr, buffer, room, (struct group **)&hit);
        thread_attach(t);
        value v = !hit ? V_NULL : which == USERS ? passwd_new(t, &e.pw) : group_new(t, &e.gr);
        mem_free(t, buffer, room);
        *found = hit != NULL;
        if (hit || err != ERANGE || room > 1 << 24) return v;
    }
}
static value by_name(struct thread *t, vref v, enum table which, const char *what) {
    bool found = false;
    if (!is_str(v)) return raise(t, &exc_TypeError, "%s() argument must be str, not %T", what, v);
    value b = path_bytes(t, v), r = b ? look(t, which, (const char *)as_bytes(b)->data, 0, &found) : V_NULL;
    release_opt(t, b);
    if (!r && !raised(t)) raise(t, &exc_KeyError, "%s(): name not found: %R", what, v);
    return r;
}
static value by_id(struct thread *t, vref v, enum table which, const char *what, const char *id_name) {
    bool found = false;
    unsigned id;
    if (!arg_uid(t, v, id_name, &id)) {
        if (!raised_is(t, &exc_OverflowError)) return V_NULL;
        raised_clear(t);
        return raise(t, &exc_KeyError, "%s(): %s not found: %S", what, id_name, v);
    }
    value r = look(t, which, NULL, id, &found);
    if (!r && !raised(t)) {
        value n = uid_value(t, id);
        if (n) raise(t, &exc_KeyError, "%s(): %s not found: %S", what, id_name, n);
        release_opt(t, n);
    }
    return r;
}
static value f_getpwnam(struct thread *t, const vref *a) { return by_name(t, a[0], USERS, "getpwnam"); }
static value f_getpwuid(struct thread *t, const vref *a) { return by_id(t, a[0], USERS, "getpwuid", "uid"); }
static value f_getgrnam(struct thread *t, const vref *a) { return by_name(t, a[0], GROUPS, "getgrnam"); }
static value f_getgrgid(struct thread *t, const vref *a) {
    if (is_int(a[0]) || type_of(a[0])->to_index) return by_id(t, a[0], GROUPS, "getgrgid", "gid");
    return raise(t, &exc_TypeError, "gid should be integer, not %T", a[0]);
}

// ---- all of them ----
static value all(struct thread *t, enum table which) {
    value list = list_new(t, 0);
    lock_take(t, &walking);
    which == USERS ? setpwent() : setgrent();
    while (list) {
        struct passwd *p = which == USERS ? getpwent() : NULL;
        struct group *g = which == GROUPS ? getgrent() : NULL;
        if (!p && !g) break;
        value v = p ? passwd_new(t, p) : group_new(t, g);
        if (!v || !list_append_take(t, list, v)) release_field(t, &list);
    }
    which == USERS ? endpwent() : endgrent();
    lock_give(&walking);
    return list;
}
static value f_getpwall(struct thread *t, const vref *a) { return (void)a, all(t, USERS); }
static value f_getgrall(struct thread *t, const vref *a) { return (void)a, all(t, GROUPS); }

static const struct native passwd_functions[] = {
    F("getpwnam", "($module, name, /)", f_getpwnam), F("getpwuid", "($module, uidobj, /)", f_getpwuid), F("getpwall", "($module, /)", f_getpwall),
};
static const struct native group_functions[] = {
    F("getgrnam", "($module, /, name)", f_getgrnam), F("getgrgid", "($module, /, id)", f_getgrgid), F("getgrall", "($module, /)", f_getgrall),
};
static value make(struct thread *t, const char *name, const char *doc, const struct native *natives, struct structseq *s) {
    struct type *c = structseq_type(t, s);
    value m = c ? module_from_natives(t, name, doc, natives, 3) : V_NULL;
    if (m && module_set(t, m, c->name, type_ref(c))) return m;
    release_opt(t, m);
    return V_NULL;
}
value pwd_make(struct thread *t) { return make(t, "pwd", "The user data base.", passwd_functions, &struct_passwd); }
value grp_make(struct thread *t) { return make(t, "grp", "The group data base.", group_functions, &struct_group); }
