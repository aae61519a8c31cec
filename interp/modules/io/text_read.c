// SPDX-License-Identifier: Apache-2.0
// Reading from a TextIOWrapper: pieces, characters, lines. Leaves decoding to newline.c.
#include "interp/modules/io/text.h"
#include "interp/types/num.h"
#include "interp/types/str/text.h"

static int64_t left(const struct text *x) { return x->chars ? (int64_t)as_str(x->chars)->length - x->used : 0; }
static value take(struct thread *t, struct text *x, int64_t n) { // at most n characters, -1: all. returns new
    int64_t have = left(x);
    if (n >= 0 && n < have) have = n;
    if (have <= 0) return own(t, str_empty);
    value v = x->used == 0 && have == (int64_t)as_str(x->chars)->length ? own(t, x->chars) : str_substring(t, x->chars, x->used, x->used + have);
    x->used += have;
    return v;
}

// ---- a piece ----

// The decoder's state before the piece: waiting bytes (new), flags.
static bool decoder_state(struct thread *t, vref decoder, value *bytes, int64_t *flags) {
    value state = io_call0(t, decoder, IO(getstate));
    *bytes = V_NULL;
    if (!state) return false;
    if (!is_tuple(state) || tuple_size(state) != 2) raise(t, &exc_TypeError, "illegal decoder state");
    else if (!is_bytes(tuple_at(state, 0)))
        raise(t, &exc_TypeError, "illegal decoder state: the first item should be a bytes object, not '%T'", tuple_at(state, 0));
    else if (!is_int(tuple_at(state, 1))) raise(t, &exc_TypeError, "illegal decoder state");
    else if (int_as_i64(t, tuple_at(state, 1), flags)) *bytes = own(t, tuple_at(state, 0));
    release(t, state);
    return *bytes != V_NULL;
}
static value read_bytes(struct thread *t, struct text *x, int64_t size) { // bytes-like, new
    value buffer = own(t, x->buffer), v = V_NULL;
    do {
        if (x->has_read1 && type_of(buffer) == &type_io_reader) {
            value n = int_from_i64(t, size);
            v = buffered_read1(t, (vref[]){buffer, n});
            release_opt(t, n);
        } else {
            value n = int_from_i64(t, size);
            v = io_call1(t, buffer, x->has_read1 ? IO(read1) : IO(read), n);
            release_opt(t, n);
        }
    } while (!v && io_retry(t));
    release(t, buffer);
    if (v && !buffer_check(v)) {
        raise(t, &exc_TypeError, "underlying %s() should have returned a bytes-like object, not '%T'", x->has_read1 ? "read1" : "read", v);
        release_field(t, &v);
    }
    return v;
}
static size_t size_of(struct thread *t, vref v) {
    struct buffer_view view;
    if (is_bytes(v)) return as_bytes(v)->length;
    if (!buffer_get(t, v, &view, false)) return 0;
    size_t n = view.length;
    buffer_release(t, &view);
    return n;
}
static value joined(struct thread *t, vref before, vref input) {
    if (as_bytes(before)->length == 0 && is_bytes(input)) return own(t, input);
    return object_binary(t, before, input, NB_ADD);
}
static int set_piece(struct thread *t, struct text *x, vref decoder, vref input, vref before, int64_t flags) {
    size_t n = size_of(t, input);
    bool end = n == 0;
    if (raised(t)) return -1;
    value chars = io_decode(t, decoder, input, end);
    if (!chars) return -1;
    size_t got = as_str(chars)->length;
    x->bytes_per_char = got ? (double)n / (double)got : 0;
    x->used = 0;
    replace_field(t, &x->chars, chars);
    if (got) end = false;
    if (before) {
        value all = joined(t, before, input);
        if (!all) return -1;
        x->snapshot_flags = flags;
        replace_field(t, &x->snapshot_input, all);
    }
    return !end;
}
int text_read_chunk(struct thread *t, struct text *x, int64_t hint) {
    if (!x->decoder) return io_unsupported_raise(t, "not readable"), -1;
    value decoder = own(t, x->decoder), before = V_NULL, input = V_NULL;
    int64_t flags = 0, size = hint > 0 ? (int64_t)((x->bytes_per_char > 1 ? x->bytes_per_char : 1) * (double)hint) : 0;
    int r = -1;
    if (size < x->chunk) size = x->chunk;
    if ((!x->telling || decoder_state(t, decoder, &before, &flags)) && (input = read_bytes(t, x, size))) r = set_piece(t, x, decoder, input, before, flags);
    release_opt(t, input), release_opt(t, before), release(t, decoder);
    return r;
}

// ---- characters ----

static value read_all(struct thread *t, struct text *x) {
    value buffer = own(t, x->buffer), decoder = own(t, x->decoder), bytes = io_call0(t, buffer, IO(read));
    value text = bytes ? io_decode(t, decoder, bytes, true) : V_NULL, head = text ? take(t, x, -1) : V_NULL, all = V_NULL;
    if (head) {
        all = as_str(head)->length ? str_concat(t, head, text) : own(t, text);
        text_forget(t, x);
    }
    release_opt(t, head), release_opt(t, text), release_opt(t, bytes), release(t, decoder), release(t, buffer);
    return all;
}
static value read_some(struct thread *t, struct text *x, int64_t n) {
    value part = take(t, x, n);
    if (!part || (int64_t)as_str(part)->length == n) return part;
    struct str_builder b;
    builder_init(&b, t);
    builder_str(&b, part);
    release(t, part);
    int more = 1;
    while (more > 0 && (int64_t)b.length < n && !b.failed) {
        more = text_read_chunk(t, x, n - (int64_t)b.length);
        value piece = more < 0 ? V_NULL : take(t, x, n - (int64_t)b.length);
        if (!piece) break;
        builder_str(&b, piece);
        release(t, piece);
    }
    if (!raised(t)) return builder_finish(&b);
    builder_discard(&b);
    return V_NULL;
}
value text_read(struct thread *t, const vref *a) { // self, size=-1
    struct text *x = as_text(a[0]);
    int64_t n;
    if (!text_check(t, a[0], true) || !io_size_arg(t, a[1], &n)) return V_NULL;
    if (!x->decoder) return io_unsupported_raise(t, "not readable");
    if (!text_enter(t, a[0])) return V_NULL;
    value v = text_flush_pending(t, x) ? n < 0 ? read_all(t, x) : read_some(t, x, n) : V_NULL;
    text_leave(x);
    return v;
}

// ---- lines ----

// Where the line that begins at x->used ends in x->chars, or -1. A \r kept from the last piece may have its \n here.
static int64_t line_end(const struct text *x, bool after_cr) {
    const struct str *s = as_str(x->chars);
    if (after_cr && x->used < (int64_t)s->length && str_at(s, (size_t)x->used) == '\n') return x->used + 1;
    return io_line_end(s->data, s->width, x->used, (int64_t)s->length, x->translating, x->universal, x->read_newline);
}
static bool wants_crlf(const struct text *x) { return !x->universal && x->read_newline && strcmp(x->read_newline, "\r\n") == 0; }

value text_read_line(struct thread *t, vref self, int64_t limit) {
    struct text *x = as_text(self);
    struct str_builder b = {.t = t};
    bool open = false, after_cr = false; // open: b holds the beginning of the line
    if (!text_flush_pending(t, x)) return V_NULL;
    for (;;) {
        int more = 1;
        while (left(x) == 0 && (more = text_read_chunk(t, x, 0)) > 0) continue;
        if (more < 0) return builder_discard(&b), V_NULL;
        if (more == 0) {
            text_forget(t, x);
            break;
        }
        int64_t end = line_end(x, after_cr), stop = end < 0 ? (int64_t)as_str(x->chars)->length : end, room = limit < 0 ? INT64_MAX : limit - (int64_t)b.length;
        if (stop - x->used > room) stop = x->used + room;
        bool whole = end >= 0 || (limit >= 0 && stop - x->used >= room);
        if (whole && !open) return take(t, x, stop - x->used);
        if (!open) builder_init(&b, t), open = true;
        builder_slice(&b, x->chars, (size_t)x->used, (size_t)stop);
        after_cr = wants_crlf(x) && stop > x->used && str_at(as_str(x->chars), (size_t)stop - 1) == '\r';
        x->used = stop;
        if (whole || b.failed || !safepoint_poll(t)) break;
    }
    if (raised(t)) return builder_discard(&b), V_NULL;
    return open ? builder_finish(&b) : own(t, str_empty);
}
static value line(struct thread *t, vref self, int64_t limit) {
    if (!text_check(t, self, true) || !text_enter(t, self)) return V_NULL;
    value v = text_read_line(t, self, limit);
    text_leave(as_text(self));
    return v;
}
value text_readline(struct thread *t, const vref *a) { // self, size=-1
    int64_t limit = -1;
    if (!text_check(t, a[0], false) || (a[1] && !object_as_index(t, a[1], &limit))) return V_NULL;
    return line(t, a[0], limit < 0 ? -1 : limit);
}
value text_next(struct thread *t, vref self) {
    struct text *x = as_text(self);
    if (!text_check(t, self, false)) return V_NULL;
    x->telling = false; // a loop over lines pays for no snapshots
    value v = type_of(self) == &type_io_text ? line(t, self, -1) : io_call0(t, self, IO(readline));
    if (v && !is_str(v)) {
        raise(t, &exc_OSError, "readline() should have returned a str object, not '%T'", v);
        release_field(t, &v);
    }
    if (!v || as_str(v)->length) return v;
    release(t, v);
    release_field(t, &x->snapshot_input);
    x->telling = x->seekable;
    return V_NULL;
}
