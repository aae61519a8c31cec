// SPDX-License-Identifier: Apache-2.0
// OSError and its kind: arguments, the subclass that an errno asks for, the text. Leaves raising by errno to raise_errno in exc.c.
#include <errno.h>

#include "interp/types/exc_types.h"
#include "interp/types/num.h"

static const struct {
    int err;
    struct type *cls;
} errno_map[] = {
    {EAGAIN, &exc_BlockingIOError}, {EALREADY, &exc_BlockingIOError}, {EINPROGRESS, &exc_BlockingIOError}, {EPIPE, &exc_BrokenPipeError},
    {ESHUTDOWN, &exc_BrokenPipeError}, {ECHILD, &exc_ChildProcessError}, {ECONNABORTED, &exc_ConnectionAbortedError},
    {ECONNREFUSED, &exc_ConnectionRefusedError}, {ECONNRESET, &exc_ConnectionResetError}, {EEXIST, &exc_FileExistsError},
    {ENOENT, &exc_FileNotFoundError}, {EISDIR, &exc_IsADirectoryError}, {ENOTDIR, &exc_NotADirectoryError}, {EINTR, &exc_InterruptedError},
    {EACCES, &exc_PermissionError}, {EPERM, &exc_PermissionError}, {ESRCH, &exc_ProcessLookupError}, {ETIMEDOUT, &exc_TimeoutError},
};

static struct type *class_of_errno(vref err) {
    if (!is_int62(err)) return NULL;
    for (size_t i = 0; i < sizeof errno_map / sizeof *errno_map; i++)
        if (errno_map[i].err == as_int62(err)) return errno_map[i].cls;
    return NULL;
}

static int os_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames);
static value os_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames);

// A class that overrides __init__ but not __new__ gets its fields from OSError.__init__, every other from __new__.
static bool fills_in_init(const struct type *cls) { return cls->init != os_init && cls->make == os_make; }

// args: errno, strerror, filename, winerror (ignored), filename2; with fewer than two or more than five none of it means anything.
static bool fill(struct thread *t, vref self, const vref *args, size_t nargs) {
    bool meant = nargs >= 2 && nargs <= 5, keeps_all = true;
    if (meant) {
        exc_set_extra(t, self, OS_ERRNO, args[0]);
        exc_set_extra(t, self, OS_STRERROR, args[1]);
    }
    if (meant && nargs >= 3 && !is_none(args[2])) {
        int64_t written;
        if (type_of(self) == &exc_BlockingIOError && is_int(args[2])) {
            if (!object_as_index(t, args[2], &written)) return false;
            exc_set_extra(t, self, OS_WRITTEN, from_int62(written));
        } else {
            exc_set_extra(t, self, OS_FILENAME, args[2]);
            if (nargs == 5 && !is_none(args[4])) exc_set_extra(t, self, OS_FILENAME2, args[4]);
            keeps_all = false;
        }
    }
    return exc_set_args(t, self, args, keeps_all ? nargs : 2);
}

static value os_make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) {
    bool later = fills_in_init(cls);
    if (!later) {
        if (!args_no_keywords(t, cls->name, kwnames)) return V_NULL;
        struct type *by_errno = cls == &exc_OSError && nargs >= 2 && nargs <= 5 ? class_of_errno(args[0]) : NULL;
        if (by_errno) cls = by_errno;
    }
    value e = object_new_instance(t, cls);
    if (!e) return V_NULL;
    as_exc(e)->args = tuple_empty;
    if (later || fill(t, e, args, nargs)) return e;
    release(t, e);
    return V_NULL;
}

static int os_init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    if (!fills_in_init(type_of(self))) return 0;
    if (!args_no_keywords(t, type_of(self)->name, kwnames)) return -1;
    return fill(t, self, args, nargs) ? 0 : -1;
}

static value os_str(struct thread *t, vref self) {
    value f[4], r;
    for (int i = 0; i < 4; i++) f[i] = field_load(t, &as_exc(self)->extra[i]);
    vref code = f[OS_ERRNO] ? f[OS_ERRNO] : V_NONE, text = f[OS_STRERROR] ? f[OS_STRERROR] : V_NONE;
    if (f[OS_FILENAME] && f[OS_FILENAME2]) r = str_format(t, "[Errno %S] %S: %R -> %R", code, text, f[OS_FILENAME], f[OS_FILENAME2]);
    else if (f[OS_FILENAME]) r = str_format(t, "[Errno %S] %S: %R", code, text, f[OS_FILENAME]);
    else if (f[OS_ERRNO] && f[OS_STRERROR]) r = str_format(t, "[Errno %S] %S", code, text);
    else r = exc_str(t, self);
    for (int i = 0; i < 4; i++) release_opt(t, f[i]);
    return r;
}

// The arguments that make an equal exception: with the file names, that args leaves out. returns new tuple.
static value full_args(struct thread *t, vref self) {
    value args = field_load(t, &as_exc(self)->args), file = field_load(t, &as_exc(self)->extra[OS_FILENAME]);
    value file2 = field_load(t, &as_exc(self)->extra[OS_FILENAME2]), r = args;
    if (tuple_size(args) == 2 && file) {
        vref a0 = tuple_at(args, 0), a1 = tuple_at(args, 1);
        r = file2 ? tuple_pack(t, 5, a0, a1, file, V_NONE, file2) : tuple_pack(t, 3, a0, a1, file);
        release(t, args);
    }
    release_opt(t, file);
    release_opt(t, file2);
    return r;
}

static value os_reduce(struct thread *t, const vref *a) { return exc_reduce_with(t, a[0], full_args(t, a[0]), exc_state(t, a[0])); }

static value get_written(struct thread *t, const vref *a) {
    value v = field_load(t, &as_exc(a[0])->extra[OS_WRITTEN]);
    return v ? v : raise(t, &exc_AttributeError, "characters_written");
}

static int set_written(struct thread *t, vref self, vref v) {
    int64_t n = 0;
    if (!v && !as_exc(self)->extra[OS_WRITTEN]) {
        raise(t, &exc_AttributeError, "characters_written");
        return -1;
    }
    if (v && !object_as_index(t, v, &n)) return -1;
    field_store(t, as_object(self), &as_exc(self)->extra[OS_WRITTEN], v ? from_int62(n) : V_NULL);
    return 0;
}

static const struct native os_natives[] = {
    {"errno", NATIVE_MEMBER, .offset = EXC_AT(OS_ERRNO), .set = exc_writable, .doc = "the system's number of the error"},
    {"strerror", NATIVE_MEMBER, .offset = EXC_AT(OS_STRERROR), .set = exc_writable, .doc = "the system's text for the error"},
    {"filename", NATIVE_MEMBER, .offset = EXC_AT(OS_FILENAME), .set = exc_writable, .doc = "the file it is about"},
    {"filename2", NATIVE_MEMBER, .offset = EXC_AT(OS_FILENAME2), .set = exc_writable, .doc = "the second file it is about"},
    {"characters_written", NATIVE_GETSET, NULL, get_written, .set = set_written, .doc = NULL},
    {"__reduce__", NATIVE_METHOD, "($self, /)", os_reduce, .doc = NULL},
    {NULL},
};

struct type exc_OSError = {EXC_TYPE(OSError, exc_Exception, OS_EXTRAS), .natives = os_natives, .make = os_make, .init = os_init, .str = os_str};
#define X(n, base_) struct type exc_##n = {EXC_TYPE(n, exc_##base_, OS_EXTRAS), .make = os_make, .init = os_init};
EXC_OS_LIST(X)
#undef X
