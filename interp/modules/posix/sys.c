// SPDX-License-Identifier: Apache-2.0
// What is left of posix: random bytes and the texts of errors. Leaves random numbers to _random.
#include "interp/modules/posix/posix.h"

#include <sys/random.h>

// Fills p; the kernel gives at most 32 MiB a call and 256 bytes without being interruptible. false: errno.
static bool fill_random(struct thread *t, uint8_t *p, size_t n) {
    while (n) {
        thread_detach(t);
        ssize_t r = getrandom(p, n, 0);
        thread_attach(t);
        if (posix_interrupted(t, r)) continue;
        if (r < 0) return false;
        p += r;
        n -= (size_t)r;
    }
    return true;
}
static value f_urandom(struct thread *t, const vref *a) {
    int64_t n;
    if (!arg_i64(t, a[0], &n)) return V_NULL;
    if (n < 0) return raise(t, &exc_ValueError, "negative argument not allowed");
    value b = bytes_new(t, NULL, (size_t)n);
    if (b && n && !fill_random(t, as_bytes(b)->data, (size_t)n)) {
        posix_error(t);
        release_field(t, &b);
    }
    return b;
}
static value f_getrandom(struct thread *t, const vref *a) {
    int64_t n, r;
    int flags;
    if (!arg_i64(t, a[0], &n) || !arg_int_or(t, a[1], 0, &flags)) return V_NULL;
    if (n < 0) return errno = EINVAL, posix_error(t);
    value b = bytes_new(t, NULL, (size_t)n);
    if (!b || !n) return b;
    do {
        thread_detach(t);
        r = getrandom(as_bytes(b)->data, (size_t)n, (unsigned)flags);
        thread_attach(t);
    } while (posix_interrupted(t, r));
    value v = r == n ? own(t, b) : r < 0 ? posix_error(t) : bytes_new(t, as_bytes(b)->data, (size_t)r);
    release(t, b);
    return v;
}
static value f_strerror(struct thread *t, const vref *a) {
    int code;
    return arg_int(t, a[0], &code) ? path_text(t, strerror(code)) : V_NULL;
}

const struct native posix_sys_natives[] = {
    F("urandom", "($module, size, /)", f_urandom), F("getrandom", "($module, /, size, flags=0)", f_getrandom), F("strerror", "($module, code, /)", f_strerror), {0},
};
