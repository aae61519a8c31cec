// SPDX-License-Identifier: Apache-2.0
// Writes the Python stacks of threads from anywhere, signal handlers included. Leaves when to do so to the other files of the folder.
#include "interp/modules/faulthandler/faulthandler.h"
#include "interp/core/gc.h"
#include "interp/types/str.h"
#include "interp/vm/frame.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MOST_FRAMES = 100, MOST_THREADS = 100, MOST_TEXT = 500 };

// ---- reading ----

// Copies n bytes that may not be there. false: they are not.
static bool peek(void *to, const void *from, size_t n) {
    if ((uintptr_t)from < 4096) return false;
    struct iovec local = {to, n}, remote = {(void *)(uintptr_t)from, n};
    ssize_t r = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
    if (r < 0 && (errno == ENOSYS || errno == EPERM)) return memcpy(to, from, n), true; // forbidden here: as well as can be
    return r == (ssize_t)n;
}

// ---- writing ----

static void put(int fd, const char *p, size_t n) {
    while (n) {
        ssize_t r = write(fd, p, n);
        if (r < 0 && errno == EINTR) continue;
        if (r <= 0) return;
        p += r;
        n -= (size_t)r;
    }
}
void fault_write(int fd, const char *text) { put(fd, text, strlen(text)); }
void fault_write_number(int fd, uint64_t n, int base, int width) {
    char buf[32], *p = buf + sizeof buf;
    do {
        *--p = "0123456789abcdef"[n % (unsigned)base];
        n /= (unsigned)base;
        width--;
    } while (n || width > 0);
    put(fd, p, (size_t)(buf + sizeof buf - p));
}

struct line { // a line is written at once, so that those of two writers do not mix
    char text[2400];
    size_t n;
};
static void add(struct line *l, const char *p, size_t n) {
    if (n > sizeof l->text - l->n) n = sizeof l->text - l->n;
    memcpy(l->text + l->n, p, n);
    l->n += n;
}
static void add_text(struct line *l, const char *s) { add(l, s, strlen(s)); }
static void add_decimal(struct line *l, uint64_t n) {
    char buf[24], *p = buf + sizeof buf;
    do *--p = (char)('0' + n % 10);
    while (n /= 10);
    add(l, p, (size_t)(buf + sizeof buf - p));
}
static void add_char(struct line *l, uint32_t c) {
    static const char digits[] = "0123456789abcdef";
    char buf[10] = {(char)c};
    size_t n = 1;
    if (c < ' ' || c > 126) {
        unsigned width = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
        buf[0] = '\\';
        buf[1] = width == 2 ? 'x' : width == 4 ? 'u' : 'U';
        for (n = 2; n < width + 2; n++) buf[n] = digits[c >> 4 * (width + 1 - n) & 15];
    }
    add(l, buf, n);
}
static void add_str(struct line *l, value v) {
    struct str s;
    const char *from = (const char *)as_object(v) + offsetof(struct str, data);
    if (!v || !is_pointer(v) || !peek(&s, as_object(v), sizeof s) || s.head.shape != SHAPE_STR || (s.width != 1 && s.width != 2 && s.width != 4)) {
        add_text(l, "???");
        return;
    }
    uint8_t data[64];
    size_t most = s.length < MOST_TEXT ? s.length : MOST_TEXT, per = sizeof data / s.width;
    for (size_t i = 0; i < most; i++) {
        if (i % per == 0) {
            size_t n = most - i < per ? most - i : per;
            if (!peek(data, from + i * s.width, n * s.width)) return;
        }
        const uint8_t *p = data + i % per * s.width;
        uint32_t c = p[0];
        if (s.width > 1) c |= (uint32_t)p[1] << 8;
        if (s.width > 2) c |= (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
        add_char(l, c);
    }
    if (s.length > most) add_text(l, "...");
}

// ---- frames ----

// The line of word `at`: of the last position that begins there or before. 0: unknown.
static int line_at(const struct code *c, uint32_t at) {
    struct position rows[32];
    int line = 0;
    for (uint32_t i = 0; i < c->npositions; i += 32) {
        uint32_t n = c->npositions - i < 32 ? c->npositions - i : 32;
        if (!peek(rows, c->positions + i, n * sizeof *rows)) return line;
        for (uint32_t k = 0; k < n; k++) {
            if (rows[k].at > at) return line;
            line = rows[k].line;
        }
    }
    return line;
}
// One frame from its header words. false: not a frame.
static bool write_frame(int fd, const value *header) {
    struct code c;
    struct line l = {.n = 0};
    const struct code *code = (const struct code *)(uintptr_t)(header[2] >> 6);
    if ((header[1] & 3) != 1 || (header[2] & 3) != 1 || !peek(&c, code, sizeof c) || c.head.shape != type_code.root_shape) return false;
    const _Atomic uint32_t *pc = (const _Atomic uint32_t *)(uintptr_t)(header[1] - 1);
    if (pc <= c.ops || pc > c.ops + c.nops) return false;
    add_text(&l, "  File \"");
    add_str(&l, c.filename);
    add_text(&l, "\", line ");
    int line = line_at(&c, (uint32_t)(pc - c.ops) - 1);
    if (line > 0) add_decimal(&l, (uint64_t)line);
    else add_text(&l, "???");
    add_text(&l, " in ");
    add_str(&l, c.name);
    add_text(&l, "\n");
    put(fd, l.text, l.n);
    return true;
}
static void write_frames(int fd, const struct thread *t) { // t is a copy
    const value *R = t->frame;
    if (!R) fault_write(fd, "  <no Python frame>\n");
    for (int n = 0; R; n++) {
        value header[FRAME_HEADER];
        if (n == MOST_FRAMES) {
            fault_write(fd, "  ...\n");
            return;
        }
        if (R < t->stack + FRAME_HEADER || R >= t->stack_end || !peek(header, R - FRAME_HEADER, sizeof header) || !write_frame(fd, header)) {
            fault_write(fd, "  <the rest of the stack cannot be read>\n");
            return;
        }
        const value *back = (const value *)(uintptr_t)(header[3] & ~(value)7);
        if (back >= R) return;
        R = back;
    }
}
static bool collecting(const struct thread *copy, const struct thread *t) {
    struct interp i;
    struct gc g;
    return peek(&i, copy->interp, sizeof i) && peek(&g, i.collector, sizeof g) && atomic_load(&g.running) && g.runner == t;
}
// takes a look at *t; returns the next thread, NULL: none.
static const struct thread *write_thread(int fd, const struct thread *t, const char *title) {
    struct thread copy;
    if (!peek(&copy, t, sizeof copy)) return NULL;
    if (title) {
        struct line l = {.n = 0};
        add_text(&l, title);
        add_text(&l, " 0x");
        for (int shift = 60; shift >= 0; shift -= 4) add(&l, "0123456789abcdef" + (copy.id >> shift & 15), 1);
        put(fd, l.text, l.n);
    } else
        fault_write(fd, "Stack");
    fault_write(fd, " (most recent call first):\n");
    if (collecting(&copy, t)) fault_write(fd, "  Garbage-collecting\n");
    write_frames(fd, &copy);
    return copy.next;
}
void fault_write_stack(int fd, const struct thread *t, const char *title) { write_thread(fd, t, title); }
void fault_write_threads(int fd, const struct interp *interp, const struct thread *current) {
    struct interp copy;
    if (!peek(&copy, interp, sizeof copy)) return;
    const struct thread *t = copy.threads;
    for (int n = 0; t; n++) {
        if (n) fault_write(fd, "\n");
        if (n == MOST_THREADS) {
            fault_write(fd, "...\n");
            return;
        }
        t = write_thread(fd, t, t == current ? "Current thread" : "Thread");
    }
}
