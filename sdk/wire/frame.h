// SPDX-License-Identifier: Apache-2.0
// Framing: finds the frames in a byte stream and writes their heads. It knows nothing of what is inside a frame.
//
//     0        4                    4 + n
//     | n (BE) | one Envelope       | n (BE) | …            1 <= n <= limit
//
// Reading:  recv into buf_room(in) · buf_added · then
//     while ((got = frame_next(in, limit, &body)) == FRAME_WHOLE) { use body; frame_done(in, body); }
// The body is a view into `in` and dies with frame_done.

#ifndef KRAIT_WIRE_FRAME_H
#define KRAIT_WIRE_FRAME_H

#include "sdk/base/buf.h"

#define FRAME_HEAD 4

enum frame_got {
    FRAME_MORE,   // incomplete: read on; *body.n says how many bytes are missing at least
    FRAME_WHOLE,
    FRAME_BAD,    // length 0
    FRAME_LARGE   // length over the limit: decided by the head alone, nothing was buffered for it
};

// Looks at the first frame of `in` without consuming it.
enum frame_got frame_next(const struct buf *in, size_t limit, struct slice *body);

// Consumes the frame that frame_next showed.
void frame_done(struct buf *in, struct slice body);

// Opens a frame at the end of out: reserves its head. Returns a mark for frame_close.
size_t frame_open(struct buf *out);

// Writes the length of all that was appended since. On false (a failed append, or more than 4 GiB) the frame is cut off.
bool frame_close(struct buf *out, size_t mark);

#endif
