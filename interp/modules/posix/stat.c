// SPDX-License-Identifier: Apache-2.0
// Asking for and changing what the system knows of a file: stat, statvfs, access, chmod, chown, utime. Leaves names and links to file.c.
#include "interp/modules/posix/posix.h"

#include <math.h>
#include <sys/statvfs.h>
#include <time.h>

// ---- stat_result ----
static const struct structseq_field stat_fields[] = {
    {"st_mode", "protection bits"}, {"st_ino", "inode"}, {"st_dev", "device"}, {"st_nlink", "number of hard links"}, {"st_uid", "user ID of owner"},
    {"st_gid", "group ID of owner"}, {"st_size", "total size, in bytes"}, {NULL, "integer time of last access"}, {NULL, "integer time of last modification"},
    {NULL, "integer time of last change"}, {"st_atime", "time of last access"}, {"st_mtime", "time of last modification"}, {"st_ctime", "time of last change"},
    {"st_atime_ns", "last access, nanoseconds since 1970"}, {"st_mtime_ns", "last change of the content, nanoseconds since 1970"},
    {"st_ctime_ns", "last change of the inode, nanoseconds since 1970"}, {"st_blksize", "blocksize for filesystem I/O"}, {"st_blocks", "number of blocks allocated"},
    {"st_rdev", "device type (if inode device)"},
};
enum { STAT_TIMES = 7, STAT_FLOAT_TIMES = 10, STAT_COUNT = 19 };
static value stat_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    value v = structseq_make(t, cls, args, nargs, kwnames);
    struct tuple *self = v ? as_tuple(v) : NULL;
    for (int i = STAT_FLOAT_TIMES; self && i < STAT_FLOAT_TIMES + 3; i++) // an old-style tuple of ten has only whole seconds
        if (is_none(self->at[i])) self->at[i] = own(t, self->at[i - 3]);
    return v;
}
struct structseq stat_result = {
    .type = {.name = "stat_result", .module = "os", .make = stat_make,
             .doc = "What stat, fstat and lstat return: a tuple of mode, ino, dev, nlink, uid, gid, size, atime, mtime, ctime, with these and more as st_ attributes."},
    .fields = stat_fields, .count = STAT_COUNT, .visible = 10,
};
static const struct structseq_field statvfs_fields[] = {
    {"f_bsize", NULL}, {"f_frsize", NULL}, {"f_blocks", NULL}, {"f_bfree", NULL}, {"f_bavail", NULL}, {"f_files", NULL},
    {"f_ffree", NULL}, {"f_favail", NULL}, {"f_flag", NULL}, {"f_namemax", NULL}, {"f_fsid", NULL},
};
struct structseq statvfs_result = {
    .type = {.name = "statvfs_result", .module = "os", .doc = "What statvfs and fstatvfs return: f_bsize and its kin."}, .fields = statvfs_fields, .count = 11, .visible = 10,
};

static value nanoseconds(struct thread *t, const struct timespec *ts) {
    value s = int_from_i64(t, ts->tv_sec), whole = s ? object_binary(t, s, from_int62(1000000000), NB_MUL) : V_NULL;
    value r = whole ? object_binary(t, whole, from_int62(ts->tv_nsec), NB_ADD) : V_NULL;
    release_opt(t, s);
    release_opt(t, whole);
    return r;
}
value stat_new(struct thread *t, const struct stat *st) {
    const struct timespec *times[3] = {&st->st_atim, &st->st_mtim, &st->st_ctim};
    value f[STAT_COUNT] = {
        int_from_u64(t, st->st_mode), int_from_u64(t, st->st_ino), int_from_u64(t, st->st_dev), int_from_u64(t, st->st_nlink), uid_value(t, st->st_uid),
        uid_value(t, st->st_gid), int_from_i64(t, st->st_size),
    };
    for (int i = 0; i < 3; i++) {
        f[STAT_TIMES + i] = int_from_i64(t, times[i]->tv_sec);
        f[STAT_FLOAT_TIMES + i] = float_new(t, (double)times[i]->tv_sec + 1e-9 * (double)times[i]->tv_nsec);
        f[STAT_FLOAT_TIMES + 3 + i] = nanoseconds(t, times[i]);
    }
    f[16] = int_from_i64(t, st->st_blksize);
    f[17] = int_from_i64(t, st->st_blocks);
    f[18] = int_from_u64(t, st->st_rdev);
    return structseq_new(t, &stat_result, f);
}
static value stat_path(struct thread *t, struct path *p, int dir_fd, bool follow) {
    struct stat st;
    int r;
    if (p->fd >= 0 && dir_fd != AT_FDCWD) return raise(t, &exc_ValueError, "stat: can't specify dir_fd without matching path");
    if (p->fd >= 0 && !follow) return raise(t, &exc_ValueError, "stat: cannot use fd and follow_symlinks together");
    thread_detach(t);
    if (!p->p) r = fstat(p->fd, &st);
    else r = fstatat(dir_fd, p->p, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW);
    thread_attach(t);
    return r < 0 ? posix_path_error(t, p) : stat_new(t, &st);
}
static value f_stat(struct thread *t, const vref *a) {
    struct path p = {.function = "stat", .name = "path", .allow_fd = true};
    int dir_fd;
    bool follow;
    value r = V_NULL;
    if (path_get(t, &p, a[0]) && arg_dir_fd(t, a[1], &dir_fd) && arg_bool(t, a[2], true, &follow)) r = stat_path(t, &p, dir_fd, follow);
    path_drop(t, &p);
    return r;
}
static value f_lstat(struct thread *t, const vref *a) {
    struct path p = {.function = "lstat", .name = "path"};
    int dir_fd;
    value r = V_NULL;
    if (path_get(t, &p, a[0]) && arg_dir_fd(t, a[1], &dir_fd)) r = stat_path(t, &p, dir_fd, false);
    path_drop(t, &p);
    return r;
}
static value f_fstat(struct thread *t, const vref *a) {
    struct stat st;
    int fd, r;
    if (!arg_int(t, a[0], &fd)) return V_NULL;
    do {
        thread_detach(t);
        r = fstat(fd, &st);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return r < 0 ? posix_error(t) : stat_new(t, &st);
}

// ---- file systems ----
static value statvfs_new(struct thread *t, const struct statvfs *v) {
    value f[11] = {
        int_from_u64(t, v->f_bsize), int_from_u64(t, v->f_frsize), int_from_u64(t, v->f_blocks), int_from_u64(t, v->f_bfree), int_from_u64(t, v->f_bavail),
        int_from_u64(t, v->f_files), int_from_u64(t, v->f_ffree), int_from_u64(t, v->f_favail), int_from_u64(t, v->f_flag), int_from_u64(t, v->f_namemax),
        int_from_u64(t, v->f_fsid),
    };
    return structseq_new(t, &statvfs_result, f);
}
static value f_statvfs(struct thread *t, const vref *a) {
    struct path p = {.function = "statvfs", .name = "path", .allow_fd = true};
    struct statvfs st;
    if (!path_get(t, &p, a[0])) return path_drop(t, &p), V_NULL;
    int r;
    thread_detach(t);
    r = p.p ? statvfs(p.p, &st) : fstatvfs(p.fd, &st);
    thread_attach(t);
    value v = r < 0 ? posix_path_error(t, &p) : statvfs_new(t, &st);
    path_drop(t, &p);
    return v;
}
static value f_fstatvfs(struct thread *t, const vref *a) {
    struct statvfs st;
    int fd, r;
    if (!arg_int(t, a[0], &fd)) return V_NULL;
    do {
        thread_detach(t);
        r = fstatvfs(fd, &st);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return r < 0 ? posix_error(t) : statvfs_new(t, &st);
}

// ---- access, mode, owner ----
static value f_access(struct thread *t, const vref *a) { // path, mode, dir_fd, effective_ids, follow_symlinks
    struct path p = {.function = "access", .name = "path"};
    int mode, dir_fd, r = -1;
    bool effective, follow;
    bool ok = path_get(t, &p, a[0]) && arg_int(t, a[1], &mode) && arg_dir_fd(t, a[2], &dir_fd) && arg_bool(t, a[3], false, &effective) && arg_bool(t, a[4], true, &follow);
    if (ok) {
        thread_detach(t);
        r = faccessat(dir_fd, p.p, mode, (effective ? AT_EACCESS : 0) | (follow ? 0 : AT_SYMLINK_NOFOLLOW));
        thread_attach(t);
    }
    path_drop(t, &p);
    return ok ? from_bool(r == 0) : V_NULL;
}
static value f_chmod(struct thread *t, const vref *a) { // path, mode, dir_fd, follow_symlinks
    struct path p = {.function = "chmod", .name = "path", .allow_fd = true};
    int mode, dir_fd, r;
    bool follow;
    if (!path_get(t, &p, a[0]) || !arg_int(t, a[1], &mode) || !arg_dir_fd(t, a[2], &dir_fd) || !arg_bool(t, a[3], true, &follow)) return path_drop(t, &p), V_NULL;
    if (!follow && (p.fd >= 0 || dir_fd != AT_FDCWD)) {
        path_drop(t, &p);
        return raise(t, &exc_ValueError, "chmod: cannot use %s and follow_symlinks together", p.fd >= 0 ? "fd" : "dir_fd");
    }
    thread_detach(t);
    r = p.p ? fchmodat(dir_fd, p.p, (mode_t)mode, follow ? 0 : AT_SYMLINK_NOFOLLOW) : fchmod(p.fd, (mode_t)mode);
    thread_attach(t);
    if (r < 0 && errno == EOPNOTSUPP && !follow) {
        path_drop(t, &p);
        return raise(t, &exc_NotImplementedError, "chmod: follow_symlinks unavailable on this platform");
    }
    return posix_path_done(t, &p, r);
}
static value f_fchmod(struct thread *t, const vref *a) {
    int fd, mode, r;
    if (!arg_int(t, a[0], &fd) || !arg_int(t, a[1], &mode)) return V_NULL;
    do {
        thread_detach(t);
        r = fchmod(fd, (mode_t)mode);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return posix_done(t, r);
}
static value chown_path(struct thread *t, struct path *p, const vref *a, vref dir, bool follow) { // drops p; a: uid, gid
    unsigned uid, gid;
    int dir_fd, r;
    if (!arg_uid(t, a[0], "uid", &uid) || !arg_uid(t, a[1], "gid", &gid) || !arg_dir_fd(t, dir, &dir_fd)) return path_drop(t, p), V_NULL;
    if (p->fd >= 0 && (!follow || dir_fd != AT_FDCWD)) {
        path_drop(t, p);
        return raise(t, &exc_ValueError, follow ? "chown: can't specify dir_fd without matching path" : "chown: cannot use fd and follow_symlinks together");
    }
    thread_detach(t);
    r = p->p ? fchownat(dir_fd, p->p, uid, gid, follow ? 0 : AT_SYMLINK_NOFOLLOW) : fchown(p->fd, uid, gid);
    thread_attach(t);
    return posix_path_done(t, p, r);
}
static value f_chown(struct thread *t, const vref *a) { // path, uid, gid, dir_fd, follow_symlinks
    struct path p = {.function = "chown", .name = "path", .allow_fd = true};
    bool follow;
    if (!path_get(t, &p, a[0]) || !arg_bool(t, a[4], true, &follow)) return path_drop(t, &p), V_NULL;
    return chown_path(t, &p, a + 1, a[3], follow);
}
static value f_lchown(struct thread *t, const vref *a) {
    struct path p = {.function = "lchown", .name = "path"};
    if (!path_get(t, &p, a[0])) return path_drop(t, &p), V_NULL;
    return chown_path(t, &p, a + 1, V_NULL, false);
}
static value f_fchown(struct thread *t, const vref *a) {
    int fd, r;
    unsigned uid, gid;
    if (!arg_int(t, a[0], &fd) || !arg_uid(t, a[1], "uid", &uid) || !arg_uid(t, a[2], "gid", &gid)) return V_NULL;
    do {
        thread_detach(t);
        r = fchown(fd, uid, gid);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    return posix_done(t, r);
}

// ---- utime ----
static bool time_of(struct thread *t, vref v, struct timespec *out) { // a number of seconds
    double d;
    int64_t s;
    if (is_int(v)) {
        if (!int_as_i64(t, v, &s)) return false;
        *out = (struct timespec){.tv_sec = s};
        return true;
    }
    if (!is_float(v)) return arg_i64(t, v, &s) && (*out = (struct timespec){.tv_sec = s}, true);
    d = float_value(v);
    if (isnan(d)) return raise(t, &exc_ValueError, "Invalid value NaN (not a number)"), false;
    double whole, part = modf(d, &whole);
    long ns = (long)floor(part * 1e9);
    if (ns < 0) ns += 1000000000, whole -= 1;
    if (whole < -9.3e18 || whole > 9.2e18) return raise(t, &exc_OverflowError, "timestamp out of range for platform time_t"), false;
    *out = (struct timespec){.tv_sec = (time_t)whole, .tv_nsec = ns};
    return true;
}
static bool time_of_ns(struct thread *t, vref v, struct timespec *out) {
    value pair = object_call_method_cstr(t, v, "__divmod__", (vref[]){from_int62(1000000000)}, 1);
    bool ok = pair && is_tuple(pair) && tuple_size(pair) == 2;
    if (!ok && !raised(t)) raise(t, &exc_TypeError, "%T.__divmod__() must return a 2-tuple, not %T", v, pair);
    int64_t s, ns;
    ok = ok && int_as_i64(t, tuple_at(pair, 0), &s) && int_as_i64(t, tuple_at(pair, 1), &ns);
    release_opt(t, pair);
    if (ok) *out = (struct timespec){.tv_sec = s, .tv_nsec = (long)ns};
    return ok;
}
static bool utime_times(struct thread *t, vref times, vref ns, struct timespec out[2]) {
    bool by_times = times && !is_none(times);
    if (by_times && ns) return raise(t, &exc_ValueError, "utime: you may specify either 'times' or 'ns' but not both"), false;
    if (!by_times && !ns) {
        out[0].tv_nsec = out[1].tv_nsec = UTIME_NOW;
        return true;
    }
    vref pair = by_times ? times : ns;
    if (!is_tuple(pair) || tuple_size(pair) != 2)
        return raise(t, &exc_TypeError, by_times ? "utime: 'times' must be either a tuple of two ints or None" : "utime: 'ns' must be a tuple of two ints"), false;
    for (size_t i = 0; i < 2; i++)
        if (by_times ? !time_of(t, tuple_at(pair, i), &out[i]) : !time_of_ns(t, tuple_at(pair, i), &out[i])) return false;
    return true;
}
static value f_utime(struct thread *t, const vref *a) { // path, times, ns, dir_fd, follow_symlinks
    struct path p = {.function = "utime", .name = "path", .allow_fd = true};
    struct timespec times[2] = {0};
    int dir_fd, r;
    bool follow;
    if (!path_get(t, &p, a[0]) || !utime_times(t, a[1], a[2], times) || !arg_dir_fd(t, a[3], &dir_fd) || !arg_bool(t, a[4], true, &follow)) return path_drop(t, &p), V_NULL;
    if (p.fd >= 0 && (!follow || dir_fd != AT_FDCWD)) {
        path_drop(t, &p);
        return raise(t, &exc_ValueError, follow ? "utime: can't specify dir_fd without matching path" : "utime: cannot use fd and follow_symlinks together");
    }
    thread_detach(t);
    r = p.p ? utimensat(dir_fd, p.p, times, follow ? 0 : AT_SYMLINK_NOFOLLOW) : futimens(p.fd, times);
    thread_attach(t);
    return posix_path_done(t, &p, r);
}
static value f_umask(struct thread *t, const vref *a) {
    int mask;
    return arg_int(t, a[0], &mask) ? from_int62(umask((mode_t)mask)) : V_NULL;
}

const struct native posix_stat_natives[] = {
    F("stat", "($module, /, path, *, dir_fd=None, follow_symlinks=True)", f_stat), F("lstat", "($module, /, path, *, dir_fd=None)", f_lstat),
    F("fstat", "($module, /, fd)", f_fstat), F("statvfs", "($module, /, path)", f_statvfs), F("fstatvfs", "($module, fd, /)", f_fstatvfs),
    F("access", "($module, /, path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)", f_access),
    F("chmod", "($module, /, path, mode, *, dir_fd=None, follow_symlinks=True)", f_chmod), F("fchmod", "($module, /, fd, mode)", f_fchmod),
    F("chown", "($module, /, path, uid, gid, *, dir_fd=None, follow_symlinks=True)", f_chown), F("lchown", "($module, /, path, uid, gid)", f_lchown),
    F("fchown", "($module, /, fd, uid, gid)", f_fchown),
    F("utime", "($module, /, path, times=None, *, ns=<unrepresentable>, dir_fd=None, follow_symlinks=True)", f_utime), F("umask", "($module, mask, /)", f_umask), {0},
};
