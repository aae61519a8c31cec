// SPDX-License-Identifier: Apache-2.0
// Positions in a TextIOWrapper: tell finds how to get back to a character, seek goes there (text.h says how a position is made up). Leaves bytes to the buffer.
#include "interp/modules/io/text.h"
#include "interp/types/num.h"

struct cookie {
    int64_t start;
    int32_t flags, feed, skip;
    bool end;
};
enum { COOKIE_BYTES = 21 };

static value pack(struct thread *t, const struct cookie *c) {
    uint8_t raw[COOKIE_BYTES];
    memcpy(raw, &c->start, 8), memcpy(raw + 8, &c->flags, 4), memcpy(raw + 12, &c->feed, 4), memcpy(raw + 16, &c->skip, 4);
    raw[20] = c->end;
    return int_from_bytes(t, raw, sizeof raw, true, false);
}
static bool unpack(struct thread *t, vref v, struct cookie *c) {
    uint8_t raw[COOKIE_BYTES];
    value i = object_index(t, v);
    bool ok = i && int_to_bytes(t, i, raw, sizeof raw, true, false);
    release_opt(t, i);
    if (!ok) return false;
    memcpy(&c->start, raw, 8), memcpy(&c->flags, raw + 8, 4), memcpy(&c->feed, raw + 12, 4), memcpy(&c->skip, raw + 16, 4);
    c->end = raw[20];
    return true;
}

// ---- the decoder ----

static bool set_state(struct thread *t, vref decoder, int64_t flags) {
    value state = tuple_pack(t, 2, bytes_empty, from_int62(flags));
    bool ok = state && io_discard(t, io_call1(t, decoder, IO(setstate), state));
    release_opt(t, state);
    return ok;
}
// Whether the decoder keeps no bytes; its flags. -1: exception; else how many it keeps.
static int64_t kept(struct thread *t, vref decoder, int64_t *flags) {
    value state = io_call0(t, decoder, IO(getstate));
    int64_t n = -1;
    if (!state) return -1;
    if (!is_tuple(state) || tuple_size(state) != 2 || !is_bytes(tuple_at(state, 0)) || !is_int(tuple_at(state, 1))) raise(t, &exc_TypeError, "illegal decoder state");
    else if (int_as_i64(t, tuple_at(state, 1), flags)) n = (int64_t)as_bytes(tuple_at(state, 0))->length;
    release(t, state);
    return n;
}
static int64_t decoded_length(struct thread *t, vref decoder, const uint8_t *p, size_t n, bool final) {
    value bytes = bytes_new(t, p, n), text = bytes ? io_decode(t, decoder, bytes, final) : V_NULL;
    int64_t length = text ? (int64_t)as_str(text)->length : -1;
    release_opt(t, text), release_opt(t, bytes);
    return length;
}

// A place in the bytes, near the wanted character but not behind it, where decoding can start afresh: as far in as the ratio of bytes to characters
// promises, then back by more and more. Takes what lies before it off c->skip.
static int64_t jump(struct thread *t, struct text *x, vref decoder, const struct bytes *input, struct cookie *c) {
    int64_t at = (int64_t)(x->bytes_per_char * c->skip), back = 1, flags = c->flags;
    if (at > (int64_t)input->length) at = (int64_t)input->length;
    for (; at > 0; ) {
        if (!set_state(t, decoder, c->flags)) return -1;
        int64_t n = decoded_length(t, decoder, input->data, (size_t)at, false);
        if (n < 0) return -1;
        if (n > c->skip) {
            at -= back;
            back *= 2;
            continue;
        }
        int64_t waiting = kept(t, decoder, &flags);
        if (waiting < 0) return -1;
        if (waiting == 0) {
            c->skip -= (int32_t)n, c->flags = (int32_t)flags;
            return at;
        }
        at -= waiting;
        back = 1;
    }
    return set_state(t, decoder, c->flags) ? 0 : -1;
}
// From there byte by byte; each place where the decoder keeps nothing and the character is not passed is a better start.
static bool walk(struct thread *t, vref decoder, const struct bytes *input, int64_t at, struct cookie *c) {
    int64_t seen = 0, flags = c->flags, from = at;
    for (; at < (int64_t)input->length; at++) {
        int64_t n = decoded_length(t, decoder, input->data + at, 1, false), waiting = n < 0 ? -1 : kept(t, decoder, &flags);
        if (waiting < 0) return false;
        seen += n;
        c->feed++;
        if (waiting == 0 && seen <= c->skip) {
            c->start += c->feed, c->skip -= (int32_t)seen;
            c->flags = (int32_t)flags, c->feed = 0, seen = 0;
        }
        if (seen >= c->skip) return true;
        if (((at - from) & 1023) == 1023 && !safepoint_poll(t)) return false;
    }
    int64_t n = decoded_length(t, decoder, NULL, 0, true);
    if (n < 0) return false;
    c->end = true;
    if (seen + n >= c->skip) return true;
    raise(t, &exc_OSError, "can't reconstruct logical file position");
    return false;
}
static bool find(struct thread *t, struct text *x, struct cookie *c) {
    value decoder = own(t, x->decoder), input = own(t, x->snapshot_input), saved = io_call0(t, decoder, IO(getstate));
    bool ok = false;
    if (saved) {
        int64_t at = jump(t, x, decoder, as_bytes(input), c);
        if (at >= 0) {
            c->start += at;
            ok = c->skip == 0 || walk(t, decoder, as_bytes(input), at, c);
        }
        value first = raised_take(t);
        if (!io_discard(t, io_call1(t, decoder, IO(setstate), saved))) ok = false;
        io_chain(t, first);
    }
    release_opt(t, saved), release(t, input), release(t, decoder);
    return ok;
}

static value tell_locked(struct thread *t, struct text *x) {
    if (!text_flush_pending(t, x)) return V_NULL;
    value buffer = own(t, x->buffer), at = V_NULL;
    if (io_discard(t, io_call0(t, buffer, IO(flush)))) at = io_call0(t, buffer, IO(tell));
    release(t, buffer);
    if (!at || !x->decoder || !x->snapshot_input) return at;
    struct cookie c = {.flags = (int32_t)x->snapshot_flags, .skip = (int32_t)x->used};
    bool ok = io_offset(t, at, &c.start);
    release(t, at);
    if (!ok) return V_NULL;
    c.start -= (int64_t)as_bytes(x->snapshot_input)->length;
    return c.skip == 0 || find(t, x, &c) ? pack(t, &c) : V_NULL;
}
value text_tell(struct thread *t, const vref *a) {
    struct text *x = as_text(a[0]);
    if (!text_check(t, a[0], true)) return V_NULL;
    if (!x->seekable) return io_unsupported_raise(t, "underlying stream is not seekable");
    if (!x->telling) return raise(t, &exc_OSError, "telling position disabled by next() call");
    if (!text_enter(t, a[0])) return V_NULL;
    value v = tell_locked(t, x);
    text_leave(x);
    return v;
}

// ---- seek ----

static value seek_buffer(struct thread *t, struct text *x, vref where, int whence) {
    value buffer = own(t, x->buffer);
    vref args[2] = {where, from_int62(whence)};
    value r = object_call_method(t, buffer, IO(seek), args, whence ? 2 : 1);
    release(t, buffer);
    return r;
}
static bool reset_decoder(struct thread *t, struct text *x, int64_t start, int64_t flags) {
    if (!x->decoder) return true;
    value decoder = own(t, x->decoder);
    bool ok = start == 0 && flags == 0 ? io_discard(t, io_call0(t, decoder, IO(reset))) : set_state(t, decoder, flags);
    release(t, decoder);
    return ok;
}
// Reads again what lies between the start and the character.
static bool refill(struct thread *t, struct text *x, const struct cookie *c) {
    if (!x->decoder) return true;
    value buffer = own(t, x->buffer), decoder = own(t, x->decoder);
    value bytes = c->skip ? io_call1(t, buffer, IO(read), from_int62(c->feed)) : own(t, bytes_empty), chars = V_NULL;
    bool ok = bytes != V_NULL;
    if (ok && !is_bytes(bytes)) {
        raise(t, &exc_TypeError, "underlying read() should have returned a bytes object, not '%T'", bytes);
        ok = false;
    }
    if (ok) {
        x->snapshot_flags = c->flags;
        replace_field(t, &x->snapshot_input, own(t, bytes));
        if (c->skip) {
            chars = io_decode(t, decoder, bytes, c->end);
            ok = chars != V_NULL;
            if (ok && (int64_t)as_str(chars)->length < c->skip) raise(t, &exc_OSError, "can't restore logical file position"), ok = false;
            if (ok) {
                replace_field(t, &x->chars, own(t, chars));
                x->used = c->skip;
            }
        }
    }
    release_opt(t, chars), release_opt(t, bytes), release(t, decoder), release(t, buffer);
    return ok;
}
static value seek_locked(struct thread *t, struct text *x, vref where, const struct cookie *c) {
    value start = int_from_i64(t, c->start), r = start ? seek_buffer(t, x, start, 0) : V_NULL;
    release_opt(t, start);
    if (!io_discard(t, r)) return V_NULL;
    text_forget(t, x);
    if (!reset_decoder(t, x, c->start, c->flags) || !refill(t, x, c)) return V_NULL;
    return text_reset_encoder(t, x, c->start == 0 && c->flags == 0) ? own(t, where) : V_NULL;
}
static value seek_end(struct thread *t, struct text *x) {
    text_forget(t, x);
    if (!reset_decoder(t, x, 0, 0)) return V_NULL;
    value at = seek_buffer(t, x, from_int62(0), 2);
    if (!at) return V_NULL;
    int zero = object_equal(t, at, from_int62(0));
    if (zero < 0 || !text_reset_encoder(t, x, zero)) release_field(t, &at);
    return at;
}
value text_seek(struct thread *t, const vref *a) { // self, cookie, whence=0
    struct text *x = as_text(a[0]);
    struct cookie c = {0};
    int64_t whence;
    if (!text_check(t, a[0], true) || !io_int_arg(t, a[2], 0, &whence)) return V_NULL;
    if (!x->seekable) return io_unsupported_raise(t, "underlying stream is not seekable");
    if (whence < 0 || whence > 2) return raise(t, &exc_ValueError, "invalid whence (%ld, should be 0, 1 or 2)", whence);
    int zero = whence ? object_equal(t, a[1], from_int62(0)) : 1;
    if (zero < 0) return V_NULL;
    if (!zero) return io_unsupported_raise(t, whence == 1 ? "can't do nonzero cur-relative seeks" : "can't do nonzero end-relative seeks");
    value where = whence == 1 ? io_call0(t, a[0], IO(tell)) : own(t, a[1]), v = V_NULL;
    int negative = !where ? -1 : whence == 2 ? 0 : object_compare_bool(t, where, from_int62(0), CMP_LT);
    if (negative > 0) raise(t, &exc_ValueError, "negative seek position %R", where);
    if (negative == 0 && io_discard(t, io_call0(t, a[0], IO(flush))) && (whence == 2 || unpack(t, where, &c)) && text_enter(t, a[0])) {
        if (text_check(t, a[0], false)) v = whence == 2 ? seek_end(t, x) : seek_locked(t, x, where, &c);
        text_leave(x);
    }
    release_opt(t, where);
    return v;
}
