// SPDX-License-Identifier: Apache-2.0
// _stat: what the bits of a file's mode mean. Leaves asking for the mode to posix/stat.c.
#include "interp/modules/modules.h"
#include "interp/modules/posix/posix.h"

static bool arg_mode(struct thread *t, vref v, unsigned *out) {
    value i = object_index(t, v);
    int64_t n = 0;
    int over = i ? int_as_i64_overflow(i, &n) : 0;
    release_opt(t, i);
    if (!i) return false;
    if (over || n < 0 || n > UINT32_MAX) return raise(t, &exc_OverflowError, n < 0 || over < 0 ? "can't convert negative value to unsigned int" : "mode out of range"), false;
    *out = (unsigned)n;
    return true;
}
#define KIND(name)                                             \
    static value f_##name(struct thread *t, const vref *a) {   \
        unsigned mode;                                         \
        return arg_mode(t, a[0], &mode) ? from_bool(name(mode)) : V_NULL; \
    }
KIND(S_ISDIR)
KIND(S_ISCHR)
KIND(S_ISBLK)
KIND(S_ISREG)
KIND(S_ISFIFO)
KIND(S_ISLNK)
KIND(S_ISSOCK)
static value never(struct thread *t, const vref *a) {
    unsigned mode;
    return arg_mode(t, a[0], &mode) ? V_FALSE : V_NULL;
}
static value f_S_IMODE(struct thread *t, const vref *a) {
    unsigned mode;
    return arg_mode(t, a[0], &mode) ? from_int62(mode & 07777) : V_NULL;
}
static value f_S_IFMT(struct thread *t, const vref *a) {
    unsigned mode;
    return arg_mode(t, a[0], &mode) ? from_int62(mode & S_IFMT) : V_NULL;
}
static char kind_letter(unsigned mode) {
    switch (mode & S_IFMT) {
    case S_IFREG: return '-';
    case S_IFDIR: return 'd';
    case S_IFLNK: return 'l';
    case S_IFBLK: return 'b';
    case S_IFCHR: return 'c';
    case S_IFIFO: return 'p';
    case S_IFSOCK: return 's';
    default: return '?';
    }
}
static value f_filemode(struct thread *t, const vref *a) {
    unsigned mode;
    char s[11] = "?rwxrwxrwx";
    if (!arg_mode(t, a[0], &mode)) return V_NULL;
    s[0] = kind_letter(mode);
    for (int i = 0; i < 9; i++)
        if (!(mode >> (8 - i) & 1)) s[i + 1] = '-';
    if (mode & S_ISUID) s[3] = mode & S_IXUSR ? 's' : 'S';
    if (mode & S_ISGID) s[6] = mode & S_IXGRP ? 's' : 'S';
    if (mode & S_ISVTX) s[9] = mode & S_IXOTH ? 't' : 'T';
    return str_from_cstr(t, s);
}
#define SIG "($module, mode, /)"
static const struct native functions[] = {
    F("S_ISDIR", SIG, f_S_ISDIR), F("S_ISCHR", SIG, f_S_ISCHR), F("S_ISBLK", SIG, f_S_ISBLK), F("S_ISREG", SIG, f_S_ISREG), F("S_ISFIFO", SIG, f_S_ISFIFO),
    F("S_ISLNK", SIG, f_S_ISLNK), F("S_ISSOCK", SIG, f_S_ISSOCK), F("S_ISDOOR", SIG, never), F("S_ISPORT", SIG, never), F("S_ISWHT", SIG, never), F("S_IMODE", SIG, f_S_IMODE),
    F("S_IFMT", SIG, f_S_IFMT), F("filemode", SIG, f_filemode),
};
// The flags of the BSDs and Windows have no name here, but the same numbers everywhere.
static const struct constant rows[] = {
    {"SF_APPEND", 0x40000}, {"SF_ARCHIVED", 0x10000}, {"SF_IMMUTABLE", 0x20000}, {"SF_NOUNLINK", 0x100000}, {"SF_SNAPSHOT", 0x200000},
    {"ST_ATIME", 7}, {"ST_CTIME", 9}, {"ST_DEV", 2}, {"ST_GID", 5}, {"ST_INO", 1}, {"ST_MODE", 0}, {"ST_MTIME", 8}, {"ST_NLINK", 3}, {"ST_SIZE", 6},
    {"ST_UID", 4}, {"S_ENFMT", 1024}, {"S_IEXEC", 64}, {"S_IFBLK", S_IFBLK}, {"S_IFCHR", S_IFCHR}, {"S_IFDIR", S_IFDIR}, {"S_IFDOOR", 0},
    {"S_IFIFO", S_IFIFO}, {"S_IFLNK", S_IFLNK}, {"S_IFPORT", 0}, {"S_IFREG", S_IFREG}, {"S_IFSOCK", S_IFSOCK}, {"S_IFWHT", 0}, {"S_IREAD", 256},
    {"S_IRGRP", S_IRGRP}, {"S_IROTH", S_IROTH}, {"S_IRUSR", S_IRUSR}, {"S_IRWXG", S_IRWXG}, {"S_IRWXO", S_IRWXO}, {"S_IRWXU", S_IRWXU},
    {"S_ISGID", S_ISGID}, {"S_ISUID", S_ISUID}, {"S_ISVTX", S_ISVTX}, {"S_IWGRP", S_IWGRP}, {"S_IWOTH", S_IWOTH}, {"S_IWRITE", 128},
    {"S_IWUSR", S_IWUSR}, {"S_IXGRP", S_IXGRP}, {"S_IXOTH", S_IXOTH}, {"S_IXUSR", S_IXUSR}, {"UF_APPEND", 0x4}, {"UF_COMPRESSED", 0x20},
    {"UF_HIDDEN", 0x8000}, {"UF_IMMUTABLE", 0x2}, {"UF_NODUMP", 0x1}, {"UF_NOUNLINK", 0x10}, {"UF_OPAQUE", 0x8},
};
value stat_module_make(struct thread *t) {
    value m = module_from_natives(t, "_stat", "What the bits of a file's mode mean.", functions, sizeof functions / sizeof *functions);
    if (m && !constants_add(t, m, rows, sizeof rows / sizeof *rows)) release_field(t, &m);
    return m;
}
