// SPDX-License-Identifier: Apache-2.0
// TextIOWrapper in C: text over a buffered stream. Leaves StringIO to stringio.c, decoders to newline.c.
//
// WRITING collects encoded bytes in `pending` and hands them to the buffer when there are `chunk` of them, at a newline if line_buffering, or at once if write_through.
// The bytes are taken out of the object before the buffer is called: whoever comes back in from there starts with an empty `pending`.
//
// READING holds the last decoded piece in `chars`, of which chars[0..used) is read. TELLING a position needs more: the state of the decoder before that piece
// (snapshot_flags) and the bytes it was decoded from (snapshot_input). A position is an int: the place in the buffer, and above 64 bits what to do from there:
//
//     start of a decodable stretch (64) | decoder flags (32) | bytes to feed (32) | characters to skip (32) | feed the end too (8)
//
// All fields below `lock` are guarded by it; it may be taken again by the thread that has it.
#ifndef KRAIT_INTERP_MODULES_IO_TEXT_H
#define KRAIT_INTERP_MODULES_IO_TEXT_H

#include "interp/modules/io/buffered.h"

struct text {
    struct object head;
    value buffer, encoding, errors;   // owned; V_NULL before init
    value decoder, encoder;           // owned; V_NULL: cannot read, cannot write (or codec is one of ours)
    value chars, snapshot_input;      // owned or V_NULL
    struct io_lock lock;
    int64_t used, snapshot_flags, chunk;
    double bytes_per_char;            // of the last piece: where tell begins to search
    enum io_simple codec;             // IO_NOT_SIMPLE: by encoder and decoder of the registry
    const char *read_newline, *write_newline; // NULL: any; no translation
    bool ready, detached, finalizing, line_buffering, write_through, universal, translating, writes_newlines, seekable, telling, has_read1;
    bool readable, writable, at_start; // at_start: the encoder has written nothing yet
    uint8_t *pending;
    size_t pending_size, pending_capacity;
};
static inline struct text *as_text(vref v) { return (struct text *)as_object(v); }

// Ready and not detached; with `open` also not closed. false: ValueError.
bool text_check(struct thread *t, vref self, bool open) MUST_CHECK;
bool text_enter(struct thread *t, vref self) MUST_CHECK;
static inline void text_leave(struct text *x) { io_lock_give(&x->lock); }

// ---- with the lock held ----
bool text_flush_pending(struct thread *t, struct text *x) MUST_CHECK;  // to the buffer, which may keep it
void text_forget(struct thread *t, struct text *x);                    // what was read ahead, and the snapshot
bool text_reset_encoder(struct thread *t, struct text *x, bool start) MUST_CHECK;
value text_write_locked(struct thread *t, vref self, vref text);
value text_read_line(struct thread *t, vref self, int64_t limit);      // "" at the end
int text_read_chunk(struct thread *t, struct text *x, int64_t hint);   // 1, 0 at the end, -1

native_fn text_write, text_read, text_readline, text_seek, text_tell;
value text_next(struct thread *t, vref self);

#endif
