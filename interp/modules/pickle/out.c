// SPDX-License-Identifier: Apache-2.0
// The bytes a pickler writes: its buffer, frames, the file. Leaves opcodes to save*.c.
#include "interp/modules/pickle/pickle.h"

static bool reserve(struct thread *t, struct pickler *p, size_t n) {
    if (p->room - p->n >= n) return true;
    size_t room = p->room ? p->room * 2 : 256;
    while (room - p->n < n) room *= 2;
    uint8_t *to = p->out ? mem_resize(t, p->out, p->room, room) : mem_alloc(t, room);
    if (!to) return false;
    p->out = to;
    p->room = room;
    return true;
}
static void set_limit(struct pickler *p) {
    p->limit = p->framing && p->frame == NO_FRAME ? 0 : p->room;
    p->full = p->framing && p->frame != NO_FRAME ? p->frame + FRAME_HEADER + FRAME_FULL : SIZE_MAX;
}

uint8_t *out_more(struct thread *t, struct pickler *p, size_t n) {
    bool opens = p->framing && p->frame == NO_FRAME;
    if (n > SIZE_MAX / 4) return raise_no_memory(t), NULL;
    if (!reserve(t, p, n + (opens ? FRAME_HEADER : 0))) return NULL;
    if (opens) {
        p->frame = p->n;
        p->n += FRAME_HEADER;
    }
    set_limit(p);
    return p->out + p->n;
}

static void put_u64(uint8_t *to, uint64_t u) {
    for (int i = 0; i < 8; i++) to[i] = (uint8_t)(u >> 8 * i);
}
// Closes the open frame. One too short to be worth its header goes without.
static void close_frame(struct pickler *p) {
    if (!p->framing || p->frame == NO_FRAME) return;
    uint8_t *head = p->out + p->frame;
    size_t n = p->n - p->frame - FRAME_HEADER;
    if (n >= FRAME_LEAST) {
        head[0] = P_FRAME;
        put_u64(head + 1, n);
    } else {
        memmove(head, head + FRAME_HEADER, n);
        p->n -= FRAME_HEADER;
    }
    p->frame = NO_FRAME;
    set_limit(p);
}

static bool call_write(struct thread *t, const struct pickler *p, value data) { // takes data
    value r = data ? object_call1(t, p->write, data) : V_NULL;
    release_opt(t, data);
    release_opt(t, r);
    return r != V_NULL;
}
bool out_flush(struct thread *t, struct pickler *p) {
    value data = bytes_new(t, p->out, p->n);
    p->n = 0;
    return call_write(t, p, data);
}

bool out_next_frame(struct thread *t, struct pickler *p) {
    close_frame(p);
    return !p->write || out_flush(t, p);
}

bool out_long(struct thread *t, struct pickler *p, const uint8_t *head, size_t nhead, const uint8_t *data, size_t n) {
    if (n < FRAME_FULL) return out_bytes(t, p, head, nhead) && out_bytes(t, p, data, n);
    bool framing = p->framing;
    close_frame(p);
    p->framing = false;
    set_limit(p);
    bool ok = out_bytes(t, p, head, nhead);
    if (ok && !p->write) ok = out_bytes(t, p, data, n);
    else if (ok) ok = out_flush(t, p) && call_write(t, p, bytes_new(t, data, n));
    p->framing = framing;
    set_limit(p);
    return ok;
}

bool out_begin(struct thread *t, struct pickler *p) {
    p->n = 0;
    p->frame = NO_FRAME;
    p->framing = false;
    set_limit(p);
    if (p->protocol >= 2 && !out_bytes(t, p, (const uint8_t[]){P_PROTO, p->protocol}, 2)) return false;
    p->framing = p->protocol >= 4;
    set_limit(p);
    return true;
}
bool out_end_frames(struct thread *t, struct pickler *p) {
    bool ok = out_byte(t, p, P_STOP);
    close_frame(p);
    p->framing = false;
    set_limit(p);
    return ok;
}
void out_drop(struct thread *t, struct pickler *p) {
    if (p->out) mem_free(t, p->out, p->room);
    p->out = NULL;
    p->n = p->room = p->limit = 0;
    p->frame = NO_FRAME;
}
