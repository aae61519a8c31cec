// SPDX-License-Identifier: Apache-2.0
// Listing folders: listdir, scandir and its DirEntry. Leaves making and removing folders to file.c.
#include "interp/core/lock.h"
#include "interp/modules/posix/posix.h"
#include "interp/types/args.h"
#include "interp/types/sequence.h"

#include <dirent.h>

// Opens what path names; of a descriptor a copy, so that closing the stream leaves the program's alone. Detached inside. NULL: errno.
static DIR *open_folder(struct thread *t, const struct path *p) {
    thread_detach(t);
    DIR *d = NULL;
    if (p->fd < 0) d = opendir(path_or_dot(p));
    else {
        int copy = fcntl(p->fd, F_DUPFD_CLOEXEC, 0);
        if (copy >= 0 && !(d = fdopendir(copy))) {
            int e = errno;
            close(copy);
            errno = e;
        }
        if (d) rewinddir(d);
    }
    thread_attach(t);
    return d;
}
static bool is_dots(const char *s) { return s[0] == '.' && (!s[1] || (s[1] == '.' && !s[2])); }
static struct dirent *next_entry(struct thread *t, DIR *d) { // NULL with errno 0 at the end
    struct dirent *e;
    thread_detach(t);
    do {
        errno = 0;
        e = readdir(d);
    } while (e && is_dots(e->d_name));
    thread_attach(t);
    return e;
}
static void close_folder(struct thread *t, DIR *d) {
    thread_detach(t);
    closedir(d);
    thread_attach(t);
}
static value f_listdir(struct thread *t, const vref *a) {
    struct path p = {.function = "listdir", .name = "path", .allow_fd = true, .nullable = true};
    value list = V_NULL;
    DIR *d = path_get(t, &p, a[0]) ? open_folder(t, &p) : NULL;
    if (!d) posix_path_error(t, &p);
    else if ((list = list_new(t, 16))) {
        struct dirent *e;
        while (list && (e = next_entry(t, d))) {
            value name = path_result(t, &p, e->d_name, strlen(e->d_name));
            if (!name || !list_append_take(t, list, name)) release_field(t, &list);
        }
        if (list && errno) {
            posix_path_error(t, &p);
            release_field(t, &list);
        }
    }
    if (d) close_folder(t, d);
    path_drop(t, &p);
    return list;
}

// ---- DirEntry ----
struct dir_entry {
    struct object head;
    value name, path;           // owned str or bytes
    value stat, lstat;          // owned or V_NULL: what was asked for before
    uint64_t inode;
    int dir_fd;                 // -1, or the descriptor that scandir was given: path is relative to it
    unsigned char type;         // DT_
};
static struct dir_entry *as_entry(vref v) { return (struct dir_entry *)as_object(v); }
static value ask(struct thread *t, struct dir_entry *e, bool follow) { // returns new stat_result
    struct stat st;
    int r;
    value b = path_bytes(t, e->dir_fd >= 0 ? e->name : e->path);
    if (!b) return V_NULL;
    thread_detach(t);
    r = fstatat(e->dir_fd >= 0 ? e->dir_fd : AT_FDCWD, (const char *)as_bytes(b)->data, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW);
    thread_attach(t);
    release(t, b);
    return r < 0 ? raise_errno(t, errno, e->path) : stat_new(t, &st);
}
static value kept(struct thread *t, struct dir_entry *e, value *field, bool follow) {
    value v = field_load(t, field);
    if (v || !(v = ask(t, e, follow))) return v;
    field_store(t, &e->head, field, own(t, v));
    return v;
}
static value entry_stat(struct thread *t, struct dir_entry *e, bool follow) {
    bool unknown = e->type == DT_UNKNOWN, link = e->type == DT_LNK;
    if (!follow) return kept(t, e, &e->lstat, false);
    if (!unknown && !link) return kept(t, e, &e->lstat, false); // no link: the same
    return kept(t, e, &e->stat, true);
}
static value e_stat(struct thread *t, const vref *a) {
    bool follow;
    return arg_bool(t, a[1], true, &follow) ? entry_stat(t, as_entry(a[0]), follow) : V_NULL;
}
// Whether it is of that kind (S_IF): 1 0 -1. A link to nowhere is of none.
static int is_kind(struct thread *t, struct dir_entry *e, unsigned kind, bool follow) {
    bool need = e->type == DT_UNKNOWN || (follow && e->type == DT_LNK);
    if (!need) return e->type == IFTODT(kind);
    value st = entry_stat(t, e, follow);
    int64_t mode;
    if (!st) {
        if (!raised_is(t, &exc_FileNotFoundError)) return -1;
        raised_clear(t);
        return 0;
    }
    bool ok = int_as_i64(t, tuple_at(st, 0), &mode);
    release(t, st);
    return ok ? (mode & S_IFMT) == kind : -1;
}
static value kind_answer(struct thread *t, const vref *a, unsigned kind, bool may_follow) {
    bool follow = false;
    if (may_follow && !arg_bool(t, a[1], true, &follow)) return V_NULL;
    int r = is_kind(t, as_entry(a[0]), kind, follow);
    return r < 0 ? V_NULL : from_bool(r);
}
static value e_is_dir(struct thread *t, const vref *a) { return kind_answer(t, a, S_IFDIR, true); }
static value e_is_file(struct thread *t, const vref *a) { return kind_answer(t, a, S_IFREG, true); }
static value e_is_symlink(struct thread *t, const vref *a) { return kind_answer(t, a, S_IFLNK, false); }
static value e_inode(struct thread *t, const vref *a) { return int_from_u64(t, as_entry(a[0])->inode); }
static value e_fspath(struct thread *t, const vref *a) { return own(t, as_entry(a[0])->path); }
static value e_repr(struct thread *t, vref self) { return str_format(t, "<%s %R>", type_of(self)->name, as_entry(self)->name); }
static void e_destroy(struct thread *t, struct object *o) {
    struct dir_entry *e = (struct dir_entry *)o;
    value *fields[] = {&e->name, &e->path, &e->stat, &e->lstat};
    for (int i = 0; i < 4; i++) release_field(t, fields[i]);
}
static int e_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct dir_entry *e = (struct dir_entry *)o;
    const value fields[] = {e->name, e->path, e->stat, e->lstat};
    for (int i = 0; i < 4; i++) {
        int r = fields[i] ? visit(fields[i], arg) : 0;
        if (r) return r;
    }
    return 0;
}
#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
static const struct native entry_natives[] = {
    {"name", NATIVE_MEMBER, .offset = offsetof(struct dir_entry, name), .doc = "its name, without the folder"},
    {"path", NATIVE_MEMBER, .offset = offsetof(struct dir_entry, path), .doc = "its path, as scandir's argument makes it"},
    M("is_dir", "($self, /, *, follow_symlinks=True)", e_is_dir), M("is_file", "($self, /, *, follow_symlinks=True)", e_is_file), M("is_symlink", "($self, /)", e_is_symlink),
    M("stat", "($self, /, *, follow_symlinks=True)", e_stat), M("inode", "($self, /)", e_inode), M("__fspath__", "($self, /)", e_fspath),
    {"__class_getitem__", NATIVE_CLASS, "($type, object, /)", seq_class_getitem, .doc = "See PEP 585"}, {0},
};
struct type type_dir_entry = {
    .name = "DirEntry", .module = "posix", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct dir_entry), .natives = entry_natives, .destroy = e_destroy,
    .traverse = e_traverse, .repr = e_repr,
};

// ---- scandir ----
struct scan {
    struct object head;
    struct lock lock;       // guards dir
    DIR *dir;               // NULL: closed or at its end
    value folder;           // owned str or bytes before a name ("" for none), with a slash at its end
    value object;           // owned or V_NULL: for errors
    int fd;                 // as given, or -1
    bool is_bytes;
};
static struct type type_scan;
static struct scan *as_scan(vref v) { return (struct scan *)as_object(v); }

// path.name, as bytes or str like the folder.
static value joined(struct thread *t, const struct scan *s, vref name) {
    if (s->fd >= 0) return own(t, name);
    return s->is_bytes ? object_binary(t, s->folder, name, NB_ADD) : str_concat(t, s->folder, name);
}
static value entry_new(struct thread *t, const struct scan *s, const struct dirent *d) {
    size_t n = strlen(d->d_name);
    value name = s->is_bytes ? bytes_new(t, d->d_name, n) : path_text(t, d->d_name), path = name ? joined(t, s, name) : V_NULL;
    struct dir_entry *e = path ? object_alloc_gc(t, sizeof *e, type_dir_entry.root_shape) : NULL;
    if (!e) {
        release_opt(t, name);
        release_opt(t, path);
        return V_NULL;
    }
    e->name = name;
    e->path = path;
    e->stat = e->lstat = V_NULL;
    e->inode = d->d_ino;
    e->dir_fd = s->fd;
    e->type = d->d_type;
    return counted_word(e);
}
static void shut(struct thread *t, struct scan *s) {
    lock_take(t, &s->lock);
    DIR *d = s->dir;
    s->dir = NULL;
    lock_give(&s->lock);
    if (d) close_folder(t, d);
}
static value scan_next(struct thread *t, vref self) {
    struct scan *s = as_scan(self);
    struct dirent copy, *e = NULL;
    lock_take(t, &s->lock);
    errno = 0;
    if (s->dir && (e = next_entry(t, s->dir))) copy = *e;
    int err = errno;
    lock_give(&s->lock);
    if (e) {
        value r = entry_new(t, s, &copy);
        return r ? r : (shut(t, s), V_NULL);
    }
    shut(t, s);
    return err ? raise_errno(t, err, s->object) : V_NULL;
}
static value scan_iter(struct thread *t, vref self) { return own(t, self); }
static value s_close(struct thread *t, const vref *a) { return shut(t, as_scan(a[0])), V_NONE; }
static value s_enter(struct thread *t, const vref *a) { return own(t, a[0]); }
static value s_del(struct thread *t, const vref *a) {
    if (as_scan(a[0])->dir) {
        shut(t, as_scan(a[0]));
        if (!raise_warning(t, &exc_ResourceWarning, 1, "unclosed scandir iterator %R", a[0])) return V_NULL;
    }
    return V_NONE;
}
static void scan_destroy(struct thread *t, struct object *o) {
    struct scan *s = (struct scan *)o;
    if (s->dir) closedir(s->dir);
    release_field(t, &s->folder);
    release_field(t, &s->object);
}
static int scan_traverse(struct object *o, visit_fn *visit, void *arg) {
    struct scan *s = (struct scan *)o;
    int r = s->folder ? visit(s->folder, arg) : 0;
    return r || !s->object ? r : visit(s->object, arg);
}
static const struct native scan_natives[] = {
    M("close", "($self, /)", s_close), M("__enter__", "($self, /)", s_enter), M("__exit__", "($self, /, *args)", s_close), M("__del__", "($self, /)", s_del), {0},
};
static struct type type_scan = {
    .name = "ScandirIterator", .module = "posix", .flags = TYPE_GC | TYPE_NO_NEW | TYPE_DEL, .basicsize = sizeof(struct scan), .natives = scan_natives,
    .destroy = scan_destroy, .traverse = scan_traverse, .iter = scan_iter, .next = scan_next,
};
// What comes before a name in DirEntry.path.
static value folder_of(struct thread *t, const struct path *p) {
    size_t n = p->p ? p->length : 1;
    char *s = mem_alloc(t, n + 2);
    if (!s) return V_NULL;
    memcpy(s, path_or_dot(p), n);
    size_t m = n;
    if (n && s[n - 1] != '/') s[m++] = '/';
    value v = path_result(t, p, s, m);
    mem_free(t, s, n + 2);
    return v;
}
static value f_scandir(struct thread *t, const vref *a) {
    struct path p = {.function = "scandir", .name = "path", .allow_fd = true, .nullable = true};
    value folder = path_get(t, &p, a[0]) ? folder_of(t, &p) : V_NULL;
    DIR *d = folder ? open_folder(t, &p) : NULL;
    struct scan *s = NULL;
    if (!d) posix_path_error(t, &p);
    else if (!(s = object_alloc_gc(t, sizeof *s, type_scan.root_shape))) closedir(d);
    if (s) {
        s->lock = (struct lock){0};
        s->dir = d;
        s->folder = own(t, folder);
        s->object = p.object ? own(t, p.object) : V_NULL;
        s->fd = p.fd;
        s->is_bytes = p.is_bytes;
    }
    release_opt(t, folder);
    path_drop(t, &p);
    return s ? counted_word(s) : V_NULL;
}
bool dir_ready(struct thread *t) { return (type_dir_entry.root_shape || type_ready(t, &type_dir_entry)) && (type_scan.root_shape || type_ready(t, &type_scan)); }

const struct native posix_dir_natives[] = {F("listdir", "($module, /, path=None)", f_listdir), F("scandir", "($module, /, path=None)", f_scandir), {0}};
