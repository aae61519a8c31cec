// SPDX-License-Identifier: Apache-2.0
// A connected non-blocking socket with a buffer on each side. Clients and Redis are streams alike; a TLS one will be a
// second way to fill and drain the same two buffers. It knows nothing of frames or replies.
//
// Input is read when it comes and shown by on_read; output is appended to `out` at any time and written once, at the end
// of the turn (stream_flush), the rest when the socket takes more. on_gone tells, once, that the peer closed or an
// error happened. The owner may call stream_close in either callback, and frees the stream's memory after the turn.

#ifndef KRAIT_BROKER_STREAM_H
#define KRAIT_BROKER_STREAM_H

#include "broker/loop.h"
#include "sdk/base/buf.h"

struct stream {
    int fd;                                    // owned; -1 = closed
    struct loop *loop;                         // backlink
    struct event readable, writable;
    struct buf in, out;
    bool writing;                              // writable is armed
    bool paused;                               // no reading: backpressure
    bool gone;                                 // on_gone was called
    uint64_t bytes_in, bytes_out;
    void (*on_read)(struct stream *);
    void (*on_gone)(struct stream *, int error);   // 0 = the peer closed
};

// Takes fd and makes it non-blocking.
void stream_open(struct stream *s, struct loop *l, int fd, void (*on_read)(struct stream *),
                 void (*on_gone)(struct stream *, int));

// Writes what is in `out` as far as the socket takes it.
void stream_flush(struct stream *s);

void stream_pause(struct stream *s);
void stream_resume(struct stream *s);

// Closes and frees the buffers. May be called twice.
void stream_close(struct stream *s);

static inline bool stream_is_open(const struct stream *s)
{
    return s->fd >= 0;
}

#endif
