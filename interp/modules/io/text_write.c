// SPDX-License-Identifier: Apache-2.0
// Writing to a TextIOWrapper. Leaves the bytes to the buffer below.
#include "interp/modules/io/text.h"
#include "interp/types/num.h"
#include "interp/types/str/codec.h"
#include "interp/types/str/text.h"

static bool is_our_writer(vref buffer) { return type_of(buffer) == &type_io_writer || type_of(buffer) == &type_io_random; }

// Hands p[0..n) to the buffer.
static bool hand_down(struct thread *t, vref buffer, const uint8_t *p, size_t n) {
    if (is_our_writer(buffer)) {
        value r = buffered_check(t, buffer, "write to closed file") ? io_buffered_write(t, buffer, p, n) : V_NULL;
        while (!r && io_retry(t)) r = io_buffered_write(t, buffer, p, n);
        return io_discard(t, r);
    }
    value bytes = bytes_new(t, p, n), r = V_NULL;
    do r = bytes ? io_call1(t, buffer, IO(write), bytes) : V_NULL;
    while (!r && io_retry(t));
    release_opt(t, bytes);
    return io_discard(t, r);
}

bool text_flush_pending(struct thread *t, struct text *x) {
    if (!x->pending_size) return true;
    uint8_t *p = x->pending;
    size_t n = x->pending_size, capacity = x->pending_capacity;
    x->pending = NULL, x->pending_size = x->pending_capacity = 0;
    value buffer = own(t, x->buffer);
    bool ok = hand_down(t, buffer, p, n);
    release(t, buffer);
    if (!x->pending) x->pending = p, x->pending_capacity = capacity;
    else mem_free(t, p, capacity);
    return ok;
}

static bool keep(struct thread *t, struct text *x, const uint8_t *p, size_t n) {
    if (n > x->pending_capacity - x->pending_size) {
        size_t want = x->pending_size + n, capacity = want < (size_t)IO_BUFFER_SIZE ? (size_t)IO_BUFFER_SIZE : want + want / 8;
        uint8_t *fresh = x->pending ? mem_resize(t, x->pending, x->pending_capacity, capacity) : mem_alloc(t, capacity);
        if (!fresh) return false;
        x->pending = fresh, x->pending_capacity = capacity;
    }
    memcpy(x->pending + x->pending_size, p, n);
    x->pending_size += n;
    return true;
}

static value encode(struct thread *t, struct text *x, vref text) { // returns new bytes
    const char *errors = str_utf8(t, x->errors, NULL);
    if (!errors) return V_NULL;
    switch (x->codec) {
    case IO_UTF8: return codec_utf8_encode(t, text, errors);
    case IO_LATIN1: return codec_latin1_encode(t, text, errors);
    case IO_ASCII: return codec_ascii_encode(t, text, errors);
    case IO_NOT_SIMPLE: break;
    }
    value encoder = own(t, x->encoder), bytes = io_call1(t, encoder, IO(encode), text);
    release(t, encoder);
    if (bytes && !is_bytes(bytes)) {
        raise(t, &exc_TypeError, "encoder should return a bytes object, not '%T'", bytes);
        release_field(t, &bytes);
    }
    return bytes;
}
// The bytes of text into `pending`, which is written out before it grows beyond a chunk.
static bool collect(struct thread *t, struct text *x, vref text) {
    bool plain = x->codec != IO_NOT_SIMPLE && str_is_ascii(as_str(text));
    value bytes = plain ? V_NULL : encode(t, x, text);
    if (!plain && !bytes) return false;
    const uint8_t *p = plain ? as_str(text)->data : as_bytes(bytes)->data;
    size_t n = plain ? as_str(text)->length : as_bytes(bytes)->length;
    bool ok = x->pending_size == 0 || x->pending_size + n <= (size_t)x->chunk || text_flush_pending(t, x);
    x->at_start = false;
    if (ok) ok = keep(t, x, p, n);
    release_opt(t, bytes);
    return ok;
}

value text_write_locked(struct thread *t, vref self, vref text) {
    struct text *x = as_text(self);
    const struct str *s = as_str(text);
    bool lines = false;
    value changed = V_NULL;
    if (x->line_buffering || (x->writes_newlines && x->write_newline)) lines = units_find_char(s->data, s->width, s->length, '\n') >= 0;
    if (lines && x->writes_newlines && x->write_newline) {
        value lf = str_from_char(t, '\n'), newline = str_from_cstr(t, x->write_newline);
        changed = lf && newline ? str_replace(t, text, lf, newline, -1) : V_NULL;
        release_opt(t, lf), release_opt(t, newline);
        if (!changed) return V_NULL;
    }
    bool flush = x->line_buffering && (lines || units_find_char(s->data, s->width, s->length, '\r') >= 0);
    bool ok = collect(t, x, changed ? changed : text);
    release_opt(t, changed);
    if (ok && (x->pending_size >= (size_t)x->chunk || flush || x->write_through)) ok = text_flush_pending(t, x);
    if (ok && flush) {
        value buffer = own(t, x->buffer);
        ok = io_discard(t, io_call0(t, buffer, IO(flush)));
        release(t, buffer);
    }
    if (ok && (x->chars || x->snapshot_input)) text_forget(t, x);
    if (ok && x->decoder) {
        value decoder = own(t, x->decoder);
        ok = io_discard(t, io_call0(t, decoder, IO(reset)));
        release(t, decoder);
    }
    return ok ? int_from_u64(t, s->length) : V_NULL;
}
value text_write(struct thread *t, const vref *a) { // self, text
    struct text *x = as_text(a[0]);
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "write() argument must be str, not %T", a[1]);
    if (!text_check(t, a[0], true)) return V_NULL;
    if (!x->writable) return io_unsupported_raise(t, "not writable");
    if (!text_enter(t, a[0])) return V_NULL;
    value r = text_check(t, a[0], false) ? text_write_locked(t, a[0], a[1]) : V_NULL;
    text_leave(x);
    return r;
}
value io_write_text(struct thread *t, vref file, vref text) {
    if (type_of(file) != &type_io_text) return io_call1(t, file, IO(write), text);
    vref a[2] = {file, text};
    return text_write(t, a);
}
