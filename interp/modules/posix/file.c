// SPDX-License-Identifier: Apache-2.0
// Names in the file system: making, linking, renaming, removing; the current folder. Leaves what is in a file to fd.c and io.c.
#include "interp/modules/posix/posix.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

// ---- two paths ----
struct two {
    struct path a, b;
    int a_dir, b_dir;
};
static bool two_get(struct thread *t, struct two *w, const char *function, const vref *a, vref a_dir, vref b_dir) {
    w->a = (struct path){.function = function, .name = "src"};
    w->b = (struct path){.function = function, .name = "dst"};
    return path_get(t, &w->a, a[0]) && path_get(t, &w->b, a[1]) && arg_dir_fd(t, a_dir, &w->a_dir) && arg_dir_fd(t, b_dir, &w->b_dir);
}
static value two_end(struct thread *t, struct two *w, bool ok, int r) {
    value v = !ok ? V_NULL : r < 0 ? posix_paths_error(t, &w->a, &w->b) : V_NONE;
    path_drop(t, &w->a);
    path_drop(t, &w->b);
    return v;
}
static value rename_as(struct thread *t, const char *function, const vref *a) {
    struct two w = {0};
    int r = 0;
    bool ok = two_get(t, &w, function, a, a[2], a[3]);
    if (ok) {
        thread_detach(t);
        r = renameat(w.a_dir, w.a.p, w.b_dir, w.b.p);
        thread_attach(t);
    }
    return two_end(t, &w, ok, r);
}
static value f_rename(struct thread *t, const vref *a) { return rename_as(t, "rename", a); }
static value f_replace(struct thread *t, const vref *a) { return rename_as(t, "replace", a); }
static value f_link(struct thread *t, const vref *a) { // src, dst, src_dir_fd, dst_dir_fd, follow_symlinks
    struct two w = {0};
    int r = 0;
    bool follow, ok = two_get(t, &w, "link", a, a[2], a[3]) && arg_bool(t, a[4], true, &follow);
    if (ok) {
        thread_detach(t);
        r = linkat(w.a_dir, w.a.p, w.b_dir, w.b.p, follow && (w.a_dir != AT_FDCWD || w.b_dir != AT_FDCWD) ? AT_SYMLINK_FOLLOW : 0); // link(2) does not follow, and CPython calls that
        thread_attach(t);
    }
    return two_end(t, &w, ok, r);
}
static value f_symlink(struct thread *t, const vref *a) { // src, dst, target_is_directory, dir_fd
    struct two w = {0};
    int r = 0;
    bool ok = two_get(t, &w, "symlink", a, V_NULL, a[3]);
    if (ok) {
        thread_detach(t);
        r = symlinkat(w.a.p, w.b_dir, w.b.p);
        thread_attach(t);
    }
    return two_end(t, &w, ok, r);
}

// ---- one path and a folder's descriptor ----
enum removal { REMOVE_FILE, REMOVE_FOLDER };
static value remove_as(struct thread *t, const char *function, const vref *a, enum removal kind) {
    struct path p = {.function = function, .name = "path"};
    int dir_fd, r;
    if (!path_get(t, &p, a[0]) || !arg_dir_fd(t, a[1], &dir_fd)) return path_drop(t, &p), V_NULL;
    thread_detach(t);
    r = unlinkat(dir_fd, p.p, kind == REMOVE_FOLDER ? AT_REMOVEDIR : 0);
    thread_attach(t);
    return posix_path_done(t, &p, r);
}
static value f_unlink(struct thread *t, const vref *a) { return remove_as(t, "unlink", a, REMOVE_FILE); }
static value f_remove(struct thread *t, const vref *a) { return remove_as(t, "remove", a, REMOVE_FILE); }
static value f_rmdir(struct thread *t, const vref *a) { return remove_as(t, "rmdir", a, REMOVE_FOLDER); }

static value f_mkdir(struct thread *t, const vref *a) {
    struct path p = {.function = "mkdir", .name = "path"};
    int dir_fd, mode, r;
    if (!path_get(t, &p, a[0]) || !arg_int_or(t, a[1], 0777, &mode) || !arg_dir_fd(t, a[2], &dir_fd)) return path_drop(t, &p), V_NULL;
    thread_detach(t);
    r = mkdirat(dir_fd, p.p, (mode_t)mode);
    thread_attach(t);
    return posix_path_done(t, &p, r);
}
static value f_mkfifo(struct thread *t, const vref *a) {
    struct path p = {.function = "mkfifo", .name = "path"};
    int dir_fd, mode, r;
    if (!path_get(t, &p, a[0]) || !arg_int_or(t, a[1], 0666, &mode) || !arg_dir_fd(t, a[2], &dir_fd)) return path_drop(t, &p), V_NULL;
    do {
        thread_detach(t);
        r = mkfifoat(dir_fd, p.p, (mode_t)mode);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return posix_path_done(t, &p, r);
}
static value f_mknod(struct thread *t, const vref *a) {
    struct path p = {.function = "mknod", .name = "path"};
    int dir_fd, mode, r;
    int64_t device = 0;
    if (!path_get(t, &p, a[0]) || !arg_int_or(t, a[1], 0600, &mode) || (a[2] && !arg_i64(t, a[2], &device)) || !arg_dir_fd(t, a[3], &dir_fd))
        return path_drop(t, &p), V_NULL;
    do {
        thread_detach(t);
        r = mknodat(dir_fd, p.p, (mode_t)mode, (dev_t)device);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return posix_path_done(t, &p, r);
}
static value f_readlink(struct thread *t, const vref *a) {
    struct path p = {.function = "readlink", .name = "path"};
    char target[PATH_MAX + 1];
    int dir_fd;
    if (!path_get(t, &p, a[0]) || !arg_dir_fd(t, a[1], &dir_fd)) return path_drop(t, &p), V_NULL;
    thread_detach(t);
    ssize_t n = readlinkat(dir_fd, p.p, target, PATH_MAX);
    thread_attach(t);
    value v = n < 0 ? posix_path_error(t, &p) : path_result(t, &p, target, (size_t)n);
    path_drop(t, &p);
    return v;
}
static value f_truncate(struct thread *t, const vref *a) {
    struct path p = {.function = "truncate", .name = "path", .allow_fd = true};
    int64_t length;
    int r;
    if (!path_get(t, &p, a[0]) || !arg_i64(t, a[1], &length)) return path_drop(t, &p), V_NULL;
    thread_detach(t);
    r = p.p ? truncate(p.p, length) : ftruncate(p.fd, length);
    thread_attach(t);
    return posix_path_done(t, &p, r);
}

// ---- the current folder ----
static value cwd(struct thread *t, bool as_bytes_wanted) {
    thread_detach(t);
    char *s = getcwd(NULL, 0);
    thread_attach(t);
    if (!s) return posix_error(t);
    value v = as_bytes_wanted ? bytes_new(t, s, strlen(s)) : path_text(t, s);
    free(s);
    return v;
}
static value f_getcwd(struct thread *t, const vref *a) { return (void)a, cwd(t, false); }
static value f_getcwdb(struct thread *t, const vref *a) { return (void)a, cwd(t, true); }
static value f_chdir(struct thread *t, const vref *a) {
    struct path p = {.function = "chdir", .name = "path", .allow_fd = true};
    int r;
    if (!path_get(t, &p, a[0])) return path_drop(t, &p), V_NULL;
    thread_detach(t);
    r = p.p ? chdir(p.p) : fchdir(p.fd);
    thread_attach(t);
    return posix_path_done(t, &p, r);
}
static value f_fchdir(struct thread *t, const vref *a) {
    int fd, r;
    if (!arg_fd(t, a[0], &fd)) return V_NULL;
    do {
        thread_detach(t);
        r = fchdir(fd);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return posix_done(t, r);
}
static value f_chroot(struct thread *t, const vref *a) {
    struct path p = {.function = "chroot", .name = "path"};
    int r;
    if (!path_get(t, &p, a[0])) return path_drop(t, &p), V_NULL;
    thread_detach(t);
    r = chroot(p.p);
    thread_attach(t);
    return posix_path_done(t, &p, r);
}

// ---- device numbers ----
static bool device_of(struct thread *t, vref v, dev_t *out) {
    uint8_t raw[sizeof *out];
    value i = object_index(t, v);
    bool ok = i && int_to_bytes(t, i, raw, sizeof raw, true, false);
    release_opt(t, i);
    if (ok) memcpy(out, raw, sizeof raw);
    return ok;
}
static value f_major(struct thread *t, const vref *a) {
    dev_t d;
    return device_of(t, a[0], &d) ? from_int62(major(d)) : V_NULL;
}
static value f_minor(struct thread *t, const vref *a) {
    dev_t d;
    return device_of(t, a[0], &d) ? from_int62(minor(d)) : V_NULL;
}
static value f_makedev(struct thread *t, const vref *a) {
    int x, y;
    return arg_int(t, a[0], &x) && arg_int(t, a[1], &y) ? int_from_u64(t, makedev((unsigned)x, (unsigned)y)) : V_NULL;
}

const struct native posix_file_natives[] = {
    F("rename", "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)", f_rename), F("replace", "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)", f_replace),
    F("link", "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)", f_link),
    F("symlink", "($module, /, src, dst, target_is_directory=False, *, dir_fd=None)", f_symlink), F("unlink", "($module, /, path, *, dir_fd=None)", f_unlink),
    F("remove", "($module, /, path, *, dir_fd=None)", f_remove), F("rmdir", "($module, /, path, *, dir_fd=None)", f_rmdir),
    F("mkdir", "($module, /, path, mode=511, *, dir_fd=None)", f_mkdir), F("mkfifo", "($module, /, path, mode=438, *, dir_fd=None)", f_mkfifo),
    F("mknod", "($module, /, path, mode=384, device=0, *, dir_fd=None)", f_mknod), F("readlink", "($module, /, path, *, dir_fd=None)", f_readlink),
    F("truncate", "($module, /, path, length)", f_truncate), F("getcwd", "($module, /)", f_getcwd), F("getcwdb", "($module, /)", f_getcwdb),
    F("chdir", "($module, /, path)", f_chdir), F("fchdir", "($module, /, fd)", f_fchdir), F("chroot", "($module, /, path)", f_chroot),
    F("major", "($module, device, /)", f_major), F("minor", "($module, device, /)", f_minor), F("makedev", "($module, major, minor, /)", f_makedev), {0},
};
