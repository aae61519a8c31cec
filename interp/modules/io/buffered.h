// SPDX-License-Identifier: Apache-2.0
// Buffered streams in C: one struct for BufferedReader, BufferedWriter and BufferedRandom. Leaves the pair of two streams to pair.c.
//
// The buffer holds either what was read ahead or what waits to be written, never both:
//
//     reading    buf[pos..end) is still to be read; the raw stream stands behind buf[end)
//     writing    buf[0..pending) is still to be written; the raw stream stands before buf[0]          (then pos == end == 0)
//
// so the position that a user sees is  raw position - (end - pos) + pending.  raw_at is the raw position as far as we know it (-1: ask).
// A stream that both reads and writes (Random) seeks the raw stream back before it writes, and flushes before it reads.
// Everything below `lock` is guarded by it. A call out may close or detach the stream: what was looked at before it is looked at again.
#ifndef KRAIT_INTERP_MODULES_IO_BUFFERED_H
#define KRAIT_INTERP_MODULES_IO_BUFFERED_H

#include "interp/modules/io/io.h"

struct buffered {
    struct object head;
    value raw;               // owned; V_NULL before init and after detach
    struct io_lock lock;
    bool ready, detached, readable, writable, finalizing;
    bool direct;             // exactly our type over exactly a FileIO: system calls without method calls
    uint8_t *buf;            // NULL: closed
    size_t size, pos, end, pending;
    int64_t raw_at;
};
static inline struct buffered *as_buffered(vref v) { return (struct buffered *)as_object(v); }
static inline struct io_file *raw_file(const struct buffered *b) { return as_io_file(b->raw); }

// The stream can be used and, with `closed`, is not closed (that is the message). false: ValueError.
bool buffered_check(struct thread *t, vref self, const char *closed) MUST_CHECK;
// Takes the lock. false: RuntimeError, also when this thread has it already.
bool buffered_enter(struct thread *t, vref self) MUST_CHECK;
static inline void buffered_leave(struct buffered *b) { io_lock_give(&b->lock); }

// ---- with the lock held ----
int64_t buffered_raw_read(struct thread *t, struct buffered *b, void *p, size_t n);        // count, -1 exception, -2 would block
int64_t buffered_raw_write(struct thread *t, struct buffered *b, const void *p, size_t n); // the same
int64_t buffered_raw_seek(struct thread *t, struct buffered *b, int64_t offset, int whence); // the new position; -1 exception
int64_t buffered_raw_tell(struct thread *t, struct buffered *b);
bool buffered_flush_pending(struct thread *t, struct buffered *b) MUST_CHECK;              // BlockingIOError with characters_written 0
bool buffered_sync(struct thread *t, struct buffered *b) MUST_CHECK; // nothing pending, nothing read ahead: the raw stream stands where the user thinks

// ---- methods (buffered_read.c, buffered_write.c) ----
native_fn buffered_read, buffered_read1, buffered_peek, buffered_readinto, buffered_readinto1, buffered_readline, buffered_write;
value buffered_next(struct thread *t, vref self);

#endif
