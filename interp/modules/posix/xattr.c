// SPDX-License-Identifier: Apache-2.0
// Extended attributes of files. Leaves everything else about a file to stat.c.
#include "interp/modules/posix/posix.h"

#include <limits.h>
#include <sys/xattr.h>

static bool target(struct thread *t, struct path *p, vref path, vref follow_word, bool *follow) {
    if (!path_get(t, p, path) || !arg_bool(t, follow_word, true, follow)) return false;
    if (p->fd < 0 || *follow) return true;
    raise(t, &exc_ValueError, "%s: cannot use fd and follow_symlinks together", p->function);
    return false;
}
static value f_getxattr(struct thread *t, const vref *a) { // path, attribute, follow_symlinks
    struct path p = {.function = "getxattr", .name = "path", .allow_fd = true}, name = {.function = "getxattr", .name = "attribute"};
    bool follow;
    value v = V_NULL;
    if (target(t, &p, a[0], a[2], &follow) && path_get(t, &name, a[1])) {
        for (size_t room = 256; room <= XATTR_SIZE_MAX; room = room == 256 ? XATTR_SIZE_MAX : room * 2) {
            value b = bytes_new(t, NULL, room);
            if (!b) break;
            thread_detach(t);
            ssize_t n = p.fd >= 0 ? fgetxattr(p.fd, name.p, as_bytes(b)->data, room) : follow ? getxattr(p.p, name.p, as_bytes(b)->data, room) : lgetxattr(p.p, name.p, as_bytes(b)->data, room);
            thread_attach(t);
            int err = errno;
            if (n >= 0) v = bytes_new(t, as_bytes(b)->data, (size_t)n);
            release(t, b);
            errno = err;
            if (n >= 0 || errno != ERANGE) break;
        }
        if (!v) posix_path_error(t, &p);
    }
    path_drop(t, &p);
    path_drop(t, &name);
    return v;
}
static value f_setxattr(struct thread *t, const vref *a) { // path, attribute, value, flags, follow_symlinks
    struct path p = {.function = "setxattr", .name = "path", .allow_fd = true}, name = {.function = "setxattr", .name = "attribute"};
    struct buffer_view data;
    int flags, r = -1;
    bool follow, ok = target(t, &p, a[0], a[4], &follow) && path_get(t, &name, a[1]) && arg_int_or(t, a[3], 0, &flags) && buffer_get(t, a[2], &data, false);
    if (ok) {
        thread_detach(t);
        r = p.fd >= 0 ? fsetxattr(p.fd, name.p, data.data, data.length, flags) : follow ? setxattr(p.p, name.p, data.data, data.length, flags) : lsetxattr(p.p, name.p, data.data, data.length, flags);
        thread_attach(t);
        int err = errno;
        buffer_release(t, &data);
        errno = err;
    }
    path_drop(t, &name);
    return ok ? posix_path_done(t, &p, r) : (path_drop(t, &p), V_NULL);
}
static value f_removexattr(struct thread *t, const vref *a) { // path, attribute, follow_symlinks
    struct path p = {.function = "removexattr", .name = "path", .allow_fd = true}, name = {.function = "removexattr", .name = "attribute"};
    int r = -1;
    bool follow, ok = target(t, &p, a[0], a[2], &follow) && path_get(t, &name, a[1]);
    if (ok) {
        thread_detach(t);
        r = p.fd >= 0 ? fremovexattr(p.fd, name.p) : follow ? removexattr(p.p, name.p) : lremovexattr(p.p, name.p);
        thread_attach(t);
    }
    value v = !ok ? V_NULL : r < 0 ? posix_path_error(t, &p) : V_NONE;
    path_drop(t, &name);
    path_drop(t, &p);
    return v;
}
static value names_of(struct thread *t, const char *at, size_t n) {
    value list = list_new(t, 0);
    for (const char *s = at; list && s < at + n; s += strlen(s) + 1) {
        value v = path_text(t, s);
        if (!v || !list_append_take(t, list, v)) release_field(t, &list);
    }
    return list;
}
static value f_listxattr(struct thread *t, const vref *a) { // path, follow_symlinks
    struct path p = {.function = "listxattr", .name = "path", .allow_fd = true, .nullable = true};
    bool follow;
    value v = V_NULL;
    char *room = target(t, &p, a[0], a[1], &follow) ? mem_alloc(t, XATTR_LIST_MAX) : NULL;
    if (room) {
        thread_detach(t);
        ssize_t n = p.fd >= 0 ? flistxattr(p.fd, room, XATTR_LIST_MAX) : follow ? listxattr(path_or_dot(&p), room, XATTR_LIST_MAX) : llistxattr(path_or_dot(&p), room, XATTR_LIST_MAX);
        thread_attach(t);
        v = n < 0 ? posix_path_error(t, &p) : names_of(t, room, (size_t)n);
        mem_free(t, room, XATTR_LIST_MAX);
    }
    path_drop(t, &p);
    return v;
}

const struct native posix_xattr_natives[] = {
    F("getxattr", "($module, /, path, attribute, *, follow_symlinks=True)", f_getxattr),
    F("setxattr", "($module, /, path, attribute, value, flags=0, *, follow_symlinks=True)", f_setxattr),
    F("removexattr", "($module, /, path, attribute, *, follow_symlinks=True)", f_removexattr), F("listxattr", "($module, /, path=None, *, follow_symlinks=True)", f_listxattr), {0},
};
