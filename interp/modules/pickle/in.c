// SPDX-License-Identifier: Apache-2.0
// What an unpickler reads: one buffer, or a file by its methods. Leaves the meaning to load*.c.
//
// A file is read no further than the pickle goes. With peek more may be looked at: `ahead` says where in the buffer the file itself stands, and what was used beyond it
// is read for good before anything else is.
#include "interp/modules/pickle/pickle.h"
#include "interp/types/memoryview.h"
#include "interp/types/seq.h"

enum { PEEK_BYTES = 128 << 10, WHOLE_LINE = -1 };

value in_truncated(struct thread *t) { return raise(t, &unpickling_error, "pickle data was truncated"); }

// Takes what a method of the file gave as the input. -1: exception.
static int64_t set_input(struct thread *t, struct unpickler *u, value data) { // takes data
    if (!data) return -1;
    struct buffer_view view;
    bool ok = buffer_get(t, data, &view, false);
    release(t, data);
    if (!ok) return -1;
    struct buffer_view old = u->input;
    u->input = view;
    u->in = view.data;
    u->at = 0;
    u->end = u->ahead = view.length;
    buffer_release(t, &old);
    return (int64_t)view.length;
}
// The file moves behind what was used of the bytes peeked at.
static bool settle(struct thread *t, struct unpickler *u) {
    if (u->at <= u->ahead) return true;
    value r = object_call1(t, u->read, from_int62((int64_t)(u->at - u->ahead)));
    if (!r) return false;
    release(t, r);
    u->ahead = u->at;
    return true;
}
// The next n bytes of the file, or a line, become the input. How many there are; -1: exception.
static int64_t read_file(struct thread *t, struct unpickler *u, int64_t n) {
    if (!settle(t, u)) return -1;
    if (n == WHOLE_LINE) return set_input(t, u, object_call0(t, u->readline));
    if (u->peek && n < PEEK_BYTES) {
        int64_t got = set_input(t, u, object_call1(t, u->peek, from_int62(PEEK_BYTES)));
        if (got < 0) {
            if (!raised_is(t, &exc_NotImplementedError)) return -1;
            raised_clear(t);
            release_field(t, &u->peek);
        } else {
            u->ahead = 0;
            if (got >= n) return got;
        }
    }
    return set_input(t, u, object_call1(t, u->read, from_int62(n)));
}

const uint8_t *in_more(struct thread *t, struct unpickler *u, size_t n) {
    if (n > (size_t)INT64_MAX - u->at) return raise(t, &unpickling_error, "read would overflow (invalid bytecode)"), NULL;
    if (!u->read) return in_truncated(t), NULL;
    int64_t got = read_file(t, u, (int64_t)n);
    if (got < 0) return NULL;
    if ((size_t)got < n) return in_truncated(t), NULL;
    u->at = n;
    return u->in;
}
const uint8_t *in_line(struct thread *t, struct unpickler *u, size_t least, size_t *n) {
    const uint8_t *from = u->in + u->at, *end = u->end > u->at ? memchr(from, '\n', u->end - u->at) : NULL;
    if (!end) {
        if (!u->read) return in_truncated(t), NULL;
        int64_t got = read_file(t, u, WHOLE_LINE);
        if (got < 0) return NULL;
        if (got == 0 || u->in[got - 1] != '\n') return in_truncated(t), NULL;
        from = u->in;
        end = from + got - 1;
    }
    *n = (size_t)(end - from) + 1;
    u->at = (size_t)(end - u->in) + 1;
    if (*n < least) return in_truncated(t), NULL;
    return from;
}

// The rest of a long run of bytes, by readinto: no copy of it is made.
static bool read_into(struct thread *t, struct unpickler *u, value owner, const uint8_t *to, size_t n) {
    (void)to;
    value view = memoryview_new(t, owner);
    if (!view) return false;
    struct memoryview *m = (struct memoryview *)as_object(view);
    m->start = (uint8_t *)(uintptr_t)to, m->count = (int64_t)n, m->readonly = false;
    value r = object_call1(t, u->readinto, view);
    int64_t got = -1;
    bool ok = r && object_as_index(t, r, &got);
    release_opt(t, r);
    value gone = object_call_method_cstr(t, view, "release", NULL, 0);
    release_opt(t, gone);
    release(t, view);
    if (!ok || !gone) return false;
    if (got < 0) return raise(t, &exc_ValueError, "readinto() returned negative size"), false;
    if ((size_t)got < n) return in_truncated(t), false;
    return true;
}
bool in_fill(struct thread *t, struct unpickler *u, value owner, uint8_t *to, size_t n) {
    size_t here = u->end - u->at < n ? u->end - u->at : n;
    if (here) memcpy(to, u->in + u->at, here);
    u->at += here;
    to += here, n -= here;
    if (!n) return true;
    if (!u->read) return in_truncated(t), false;
    if (!settle(t, u)) return false;
    if (u->readinto && owner) return read_into(t, u, owner, to, n);
    int64_t got = set_input(t, u, object_call1(t, u->read, from_int62((int64_t)n)));
    if (got < 0) return false;
    if ((size_t)got < n) return in_truncated(t), false;
    memcpy(to, u->in, n);
    u->at = n;
    return true;
}

uint8_t *in_gather(struct thread *t, struct unpickler *u, size_t n, size_t *room) {
    size_t got = 0;
    if (!u->read && n > u->end - u->at) return in_truncated(t), NULL;
    *room = n < IN_BELIEVED ? n : IN_BELIEVED;
    uint8_t *to = mem_alloc(t, *room);
    while (to && got < n) {
        size_t more = n - got < *room - got ? n - got : *room - got;
        if (!in_fill(t, u, V_NULL, to + got, more)) return mem_free(t, to, *room), NULL;
        got += more;
        if (got == n) break;
        size_t larger = n / 2 < *room ? n : *room * 2;
        uint8_t *moved = mem_resize(t, to, *room, larger);
        if (!moved) mem_free(t, to, *room);
        to = moved, *room = larger;
    }
    return to;
}

bool in_drop(struct thread *t, struct unpickler *u, bool ok) {
    if (ok && u->read) ok = settle(t, u);
    buffer_release(t, &u->input);
    u->in = NULL;
    u->at = u->end = u->ahead = 0;
    return ok;
}
