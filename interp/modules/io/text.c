// SPDX-License-Identifier: Apache-2.0
// TextIOWrapper: making, reconfiguring, closing, attributes. Leaves writing to text_write.c, reading to text_read.c, positions to text_seek.c.
#include "interp/modules/io/text.h"
#include "interp/types/args.h"
#include "interp/types/dict.h"
#include "interp/types/num.h"
#include "interp/types/sequence.h"
#include "interp/types/str/codec.h"

#include <langinfo.h>
#include <locale.h>

// ---- guards ----

static int is_closed(struct thread *t, struct text *x) {
    if (!x->buffer) return 0;
    struct type *c = type_of(x->buffer);
    bool ours = c == &type_io_reader || c == &type_io_writer || c == &type_io_random;
    if (ours && as_buffered(x->buffer)->direct && as_buffered(x->buffer)->ready) return atomic_load_explicit(&raw_file(as_buffered(x->buffer))->fd, memory_order_relaxed) < 0;
    return io_is_closed(t, x->buffer);
}
bool text_check(struct thread *t, vref self, bool open) {
    struct text *x = as_text(self);
    if (unlikely(!x->ready)) {
        raise(t, &exc_ValueError, x->detached ? "underlying buffer has been detached" : "I/O operation on uninitialized object");
        return false;
    }
    if (!open) return true;
    int closed = type_of(self) == &type_io_text ? is_closed(t, x) : io_is_closed(t, self);
    if (closed > 0) raise(t, &exc_ValueError, "I/O operation on closed file.");
    return closed == 0;
}
bool text_enter(struct thread *t, vref self) { return io_lock_take(t, &as_text(self)->lock, self) != IO_LOCK_FAILED; }

void text_forget(struct thread *t, struct text *x) {
    x->used = 0;
    release_field(t, &x->chars);
    release_field(t, &x->snapshot_input);
}

// ---- encoding ----

const char *io_locale_encoding(void) {
    const char *name = nl_langinfo(CODESET), *locale = setlocale(LC_CTYPE, NULL);
    bool c = !locale || !strcmp(locale, "C") || !strcmp(locale, "POSIX");
    return c || !*name || !strcmp(name, "ANSI_X3.4-1968") ? "utf-8" : name;
}

static bool is_text_codec(struct thread *t, vref info, const char *name) {
    value flag;
    int found = object_lookup_attr(t, info, IO(_is_text_encoding), &flag), truth = found > 0 ? object_truth(t, flag) : found == 0 ? 1 : -1;
    if (found > 0) release(t, flag);
    if (truth == 0) raise(t, &exc_LookupError, "'%s' is not a text encoding; use codecs.open() to handle arbitrary codecs", name);
    return truth > 0;
}
// The codec's incremental decoder or encoder, made by what the registry knows. returns new.
static value from_registry(struct thread *t, vref info, vref which, vref errors) {
    value factory = object_getattr(t, info, which), v = factory ? object_call1(t, factory, errors) : V_NULL;
    release_opt(t, factory);
    return v;
}
static bool set_decoder(struct thread *t, struct text *x, vref info, const char *name) {
    value d = V_NULL;
    if (x->readable) {
        d = info ? from_registry(t, info, IO(incrementaldecoder), x->errors) : io_decoder_new(t, name, x->errors);
        if (d && x->universal) {
            value wrapped = io_newline_decoder_new(t, d, x->translating);
            release(t, d);
            d = wrapped;
        }
        if (!d) return false;
    }
    replace_field(t, &x->decoder, d);
    return true;
}
static bool set_encoder(struct thread *t, struct text *x, vref info, const char *name) {
    value e = V_NULL;
    if (x->writable && info && !(e = from_registry(t, info, IO(incrementalencoder), x->errors))) return false;
    x->codec = info ? IO_NOT_SIMPLE : io_encoding_kind(name);
    replace_field(t, &x->encoder, e);
    return true;
}
static bool set_codec(struct thread *t, struct text *x) {
    const char *name = str_utf8(t, x->encoding, NULL);
    if (!name) return false;
    value info = V_NULL;
    if (io_encoding_kind(name) == IO_NOT_SIMPLE) {
        info = codec_lookup(t, name);
        if (!info || !is_text_codec(t, info, name)) return release_opt(t, info), false;
    }
    bool ok = set_decoder(t, x, info, name) && set_encoder(t, x, info, name);
    release_opt(t, info);
    return ok;
}

bool text_reset_encoder(struct thread *t, struct text *x, bool start) {
    x->at_start = start;
    if (!x->encoder) return true;
    return io_discard(t, start ? io_call0(t, x->encoder, IO(reset)) : io_call1(t, x->encoder, IO(setstate), from_int62(0)));
}
// A stream that is appended to gets no second byte order mark.
static bool fix_start(struct thread *t, struct text *x) {
    x->at_start = true;
    if (!x->seekable || !x->encoder) return true;
    value at = io_call0(t, x->buffer, IO(tell));
    if (!at) return false;
    int zero = object_equal(t, at, from_int62(0));
    release(t, at);
    return zero >= 0 && (zero || text_reset_encoder(t, x, false));
}
static void set_newline(struct text *x, const char *newline) {
    x->universal = !newline || !*newline;
    x->translating = !newline;
    x->writes_newlines = !newline || *newline;
    x->read_newline = newline;
    x->write_newline = !x->universal && strcmp(newline, "\n") ? newline : NULL;
}

// ---- making ----

static bool name_arg(struct thread *t, vref v, const char *what) { // None or str without NUL
    const char *s;
    if (!v || is_none(v)) return true;
    if (is_str(v)) return codec_name_arg(t, v, "TextIOWrapper", what, &s);
    raise(t, &exc_TypeError, "TextIOWrapper() argument '%s' must be str or None, not %T", what, v);
    return false;
}
static value encoding_of(struct thread *t, vref v) { // None, "locale" or a name. returns new
    if (!v || is_none(v) || str_equal_cstr(v, "locale")) return str_from_cstr(t, io_locale_encoding());
    return own(t, v);
}
static bool ask_buffer(struct thread *t, struct text *x) {
    int r = io_truth(t, x->buffer, IO(readable)), w = r < 0 ? -1 : io_truth(t, x->buffer, IO(writable));
    x->readable = r > 0, x->writable = w > 0;
    return w >= 0;
}
static bool ask_seekable(struct thread *t, struct text *x) {
    int s = io_truth(t, x->buffer, IO(seekable));
    value m = V_NULL;
    if (s < 0 || object_lookup_attr(t, x->buffer, IO(read1), &m) < 0) return false;
    x->seekable = x->telling = s > 0;
    x->has_read1 = m != V_NULL;
    release_opt(t, m);
    return true;
}
static bool warn_default_encoding(struct thread *t, vref encoding) {
    if (encoding && !is_none(encoding)) return true;
    value flags = dict_get_str(t, t->interp->sys_dict, "flags"), f = V_NULL;
    int warn = flags && object_lookup_attr(t, flags, str_intern_cstr(t, "warn_default_encoding"), &f) > 0 ? object_truth(t, f) : 0;
    release_opt(t, f), release_opt(t, flags);
    return warn <= 0 || raise_warning(t, &exc_EncodingWarning, 1, "'encoding' argument not specified");
}
static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"buffer", "encoding", "errors", "newline", "line_buffering", "write_through"};
    static const struct args_spec spec = {"TextIOWrapper", names, 0, 1, 6};
    struct text *x = as_text(self);
    const char *newline;
    vref a[6];
    x->ready = x->detached = false;
    if (!args_bind(t, &spec, args, nargs, kwnames, a)) return -1;
    int lines = a[4] ? object_truth(t, a[4]) : 0, through = a[5] ? object_truth(t, a[5]) : 0;
    if (lines < 0 || through < 0 || !name_arg(t, a[1], "encoding") || !name_arg(t, a[2], "errors") || !io_newline_arg(t, a[3], "TextIOWrapper()", &newline)) return -1;
    if (!warn_default_encoding(t, a[1]) || !text_enter(t, self)) return -1;
    value encoding = encoding_of(t, a[1]);
    text_forget(t, x);
    x->pending_size = 0, x->chunk = IO_BUFFER_SIZE, x->bytes_per_char = 0;
    x->line_buffering = lines, x->write_through = through;
    set_newline(x, newline);
    bool ok = encoding != V_NULL;
    if (ok) {
        slot_store(t, &x->head, (_Atomic value *)&x->encoding, encoding);
        slot_store(t, &x->head, (_Atomic value *)&x->errors, own(t, a[2] && !is_none(a[2]) ? a[2] : IO(strict)));
        slot_store(t, &x->head, (_Atomic value *)&x->buffer, own(t, a[0]));
        ok = ask_buffer(t, x) && set_codec(t, x) && ask_seekable(t, x) && fix_start(t, x);
    }
    x->ready = ok;
    text_leave(x);
    return ok ? 0 : -1;
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return (void)args, (void)nargs, (void)kwnames, object_new_instance(t, cls); }

static value reconfigure(struct thread *t, const vref *a) { // self, *, encoding, errors, newline, line_buffering, write_through
    struct text *x = as_text(a[0]);
    const char *newline = NULL;
    bool has_newline = a[3] && a[3] != V_ELLIPSIS, new_encoding = a[1] && !is_none(a[1]), new_errors = a[2] && !is_none(a[2]);
    if (!text_check(t, a[0], false) || !name_arg(t, a[1], "encoding") || !name_arg(t, a[2], "errors")) return V_NULL;
    if (x->chars && (new_encoding || new_errors || has_newline))
        return io_unsupported_raise(t, "It is not possible to set the encoding or newline of stream after the first read");
    if (has_newline && !io_newline_arg(t, a[3], "reconfigure()", &newline)) return V_NULL;
    int lines = a[4] && !is_none(a[4]) ? object_truth(t, a[4]) : x->line_buffering, through = a[5] && !is_none(a[5]) ? object_truth(t, a[5]) : x->write_through;
    if (lines < 0 || through < 0 || !io_discard(t, io_call0(t, a[0], IO(flush))) || !text_enter(t, a[0])) return V_NULL;
    bool ok = true;
    if (has_newline) set_newline(x, newline);
    if (new_encoding || new_errors || has_newline) {
        value old_encoding = own(t, x->encoding), old_errors = own(t, x->errors), encoding = new_encoding ? encoding_of(t, a[1]) : own(t, x->encoding);
        if (new_encoding || new_errors) slot_store(t, &x->head, (_Atomic value *)&x->errors, own(t, new_errors ? a[2] : new_encoding ? IO(strict) : x->errors));
        slot_store(t, &x->head, (_Atomic value *)&x->encoding, encoding);
        ok = set_codec(t, x) && fix_start(t, x);
        if (!ok) {
            slot_store(t, &x->head, (_Atomic value *)&x->encoding, own(t, old_encoding));
            slot_store(t, &x->head, (_Atomic value *)&x->errors, own(t, old_errors));
        }
        release(t, old_encoding), release(t, old_errors);
    }
    if (ok) x->line_buffering = lines, x->write_through = through;
    text_leave(x);
    return ok ? V_NONE : V_NULL;
}

static void drop(struct thread *t, struct object *o) {
    struct text *x = (struct text *)o;
    x->ready = false;
    value *const fields[] = {&x->buffer, &x->encoding, &x->errors, &x->decoder, &x->encoder, &x->chars, &x->snapshot_input};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) release_field(t, fields[i]);
    io_release_instance(t, o);
}
static void destroy(struct thread *t, struct object *o) {
    struct text *x = (struct text *)o;
    if (x->pending) mem_free(t, x->pending, x->pending_capacity);
    x->pending = NULL, x->pending_size = x->pending_capacity = 0;
    drop(t, o);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct text *x = (struct text *)o;
    const value fields[] = {x->buffer, x->encoding, x->errors, x->decoder, x->encoder, x->chars, x->snapshot_input};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        int r = fields[i] ? visit(fields[i], arg) : 0;
        if (r) return r;
    }
    return instance_visit(o, visit, arg);
}

// ---- ending ----

static value flush(struct thread *t, const vref *a) {
    struct text *x = as_text(a[0]);
    if (!text_check(t, a[0], true) || !text_enter(t, a[0])) return V_NULL;
    x->telling = x->seekable;
    bool ok = text_flush_pending(t, x);
    value buffer = x->buffer ? own(t, x->buffer) : V_NONE;
    text_leave(x);
    value r = ok ? io_call0(t, buffer, IO(flush)) : V_NULL;
    release(t, buffer);
    return r;
}
static value close_it(struct thread *t, const vref *a) {
    struct text *x = as_text(a[0]);
    if (!text_check(t, a[0], false)) return V_NULL;
    int closed = io_is_closed(t, a[0]);
    if (closed) return closed < 0 ? V_NULL : V_NONE;
    value buffer = own(t, x->buffer);
    if (x->finalizing && !io_discard(t, io_call1(t, buffer, IO(_dealloc_warn), a[0]))) raised_clear(t);
    value first = io_discard(t, io_call0(t, a[0], IO(flush))) ? V_NULL : raised_take(t), r = io_call0(t, buffer, IO(close));
    release(t, buffer);
    if (!first) return r;
    release_opt(t, r);
    io_chain(t, first);
    return V_NULL;
}
static value detach(struct thread *t, const vref *a) {
    struct text *x = as_text(a[0]);
    if (!text_check(t, a[0], false) || !io_discard(t, io_call0(t, a[0], IO(flush))) || !text_enter(t, a[0])) return V_NULL;
    value buffer = x->buffer ? own(t, x->buffer) : V_NONE;
    x->ready = false, x->detached = true;
    slot_store(t, &x->head, (_Atomic value *)&x->buffer, V_NULL);
    text_leave(x);
    return buffer;
}
static value truncate_it(struct thread *t, const vref *a) { // self, pos=None
    if (!text_check(t, a[0], false) || !io_discard(t, io_call0(t, a[0], IO(flush)))) return V_NULL;
    return text_check(t, a[0], false) ? io_call1(t, as_text(a[0])->buffer, IO(truncate), a[1] ? a[1] : V_NONE) : V_NULL;
}

// ---- what the buffer answers ----

static value ask(struct thread *t, vref self, vref name) {
    if (!text_check(t, self, false)) return V_NULL;
    value buffer = own(t, as_text(self)->buffer), r = io_call0(t, buffer, name);
    release(t, buffer);
    return r;
}
static value attribute(struct thread *t, vref self, vref name) {
    if (!text_check(t, self, false)) return V_NULL;
    value buffer = own(t, as_text(self)->buffer), r = object_getattr(t, buffer, name);
    release(t, buffer);
    return r;
}
#define ASK(n) static value ask_##n(struct thread *t, const vref *a) { return ask(t, a[0], IO(n)); }
static value ask_seekable_method(struct thread *t, const vref *a) { return ask(t, a[0], IO(seekable)); }
ASK(readable) ASK(writable) ASK(fileno) ASK(isatty)
static value get_closed(struct thread *t, const vref *a) { return attribute(t, a[0], IO(closed)); }
static value get_name(struct thread *t, const vref *a) { return attribute(t, a[0], IO(name)); }
static value get_newlines(struct thread *t, const vref *a) {
    struct text *x = as_text(a[0]);
    if (!text_check(t, a[0], false)) return V_NULL;
    value v;
    int found = x->decoder ? object_lookup_attr(t, x->decoder, IO(newlines), &v) : 0;
    return found > 0 ? v : found == 0 ? V_NONE : V_NULL;
}
static value get_errors(struct thread *t, const vref *a) {
    return as_text(a[0])->detached || text_check(t, a[0], false) ? slot_load(t, (_Atomic value *)&as_text(a[0])->errors) : V_NULL;
}
static value get_lines(struct thread *t, const vref *a) { return (void)t, from_bool(as_text(a[0])->line_buffering); }
static value get_through(struct thread *t, const vref *a) { return (void)t, from_bool(as_text(a[0])->write_through); }
static value get_finalizing(struct thread *t, const vref *a) { return (void)t, from_bool(as_text(a[0])->finalizing); }
static int set_finalizing(struct thread *t, vref self, vref v) {
    int truth = v ? object_truth(t, v) : 0;
    if (truth >= 0) as_text(self)->finalizing = truth;
    return truth < 0 ? -1 : 0;
}
static value get_chunk(struct thread *t, const vref *a) { return text_check(t, a[0], false) ? int_from_i64(t, as_text(a[0])->chunk) : V_NULL; }
static int set_chunk(struct thread *t, vref self, vref v) {
    int64_t n;
    if (!text_check(t, self, false)) return -1;
    if (!v) return raise(t, &exc_AttributeError, "cannot delete attribute"), -1;
    if (!object_as_index(t, v, &n)) return -1;
    if (n <= 0) return raise(t, &exc_ValueError, "a strictly positive integer is required"), -1;
    as_text(self)->chunk = n;
    return 0;
}

// An attribute for the repr: absent, or unreadable because the stream is closed or detached, is left out.
static bool put_attribute(struct thread *t, struct str_builder *b, vref self, vref name, const char *label) {
    value v;
    int found = object_lookup_attr(t, self, name, &v);
    if (found < 0 && raised_is(t, &exc_ValueError)) raised_clear(t), found = 0;
    if (found <= 0) return found == 0;
    builder_cstr(b, label);
    builder_repr(b, v);
    release(t, v);
    return !b->failed;
}
static value repr(struct thread *t, vref self) {
    struct text *x = as_text(self);
    if (!x->ready && !x->detached) return raise(t, &exc_ValueError, "I/O operation on uninitialized object");
    struct str_builder b;
    struct repr_link link;
    int entered = repr_enter(t, &link, self);
    if (entered <= 0) return entered ? V_NULL : raise(t, &exc_RuntimeError, "reentrant call inside %T.__repr__", self);
    builder_init(&b, t);
    builder_cstr(&b, "<_io.TextIOWrapper");
    bool ok = put_attribute(t, &b, self, IO(name), " name=") && put_attribute(t, &b, self, IO(mode), " mode=");
    builder_cstr(&b, " encoding=");
    if (ok) builder_repr(&b, x->encoding);
    builder_char(&b, '>');
    repr_leave(t, &link);
    if (ok) return builder_finish(&b);
    builder_discard(&b);
    return V_NULL;
}

#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
#define G(py, f, s) {.name = py, .kind = NATIVE_GETSET, .fn = f, .set = s}
static const struct native natives[] = {
    M("detach", "($self, /)", detach), M("reconfigure", "($self, /, *, encoding=None, errors=None, newline=<unrepresentable>, line_buffering=None, write_through=None)", reconfigure),
    M("write", "($self, text, /)", text_write), M("read", "($self, size=-1, /)", text_read), M("readline", "($self, size=-1, /)", text_readline),
    M("flush", "($self, /)", flush), M("close", "($self, /)", close_it), M("fileno", "($self, /)", ask_fileno), M("seekable", "($self, /)", ask_seekable_method),
    M("readable", "($self, /)", ask_readable), M("writable", "($self, /)", ask_writable), M("isatty", "($self, /)", ask_isatty),
    M("seek", "($self, cookie, whence=0, /)", text_seek), M("tell", "($self, /)", text_tell), M("truncate", "($self, pos=None, /)", truncate_it),
    {.name = "encoding", .kind = NATIVE_MEMBER, .offset = offsetof(struct text, encoding)}, {.name = "buffer", .kind = NATIVE_MEMBER, .offset = offsetof(struct text, buffer)},
    G("name", get_name, NULL), G("closed", get_closed, NULL), G("newlines", get_newlines, NULL), G("errors", get_errors, NULL), G("line_buffering", get_lines, NULL),
    G("write_through", get_through, NULL), G("_finalizing", get_finalizing, set_finalizing), G("_CHUNK_SIZE", get_chunk, set_chunk), {.name = NULL},
};
struct type type_io_text = {
    .name = "TextIOWrapper", .module = "_io", .flags = IO_TYPE_FLAGS, .basicsize = sizeof(struct text), .base = &type_io_text_base, .natives = natives, .destroy = destroy,
    .traverse = traverse, .clear = drop, .make = make, .init = init, .next = text_next, .repr = repr,
    .doc = "A text stream over a binary one: decodes what it reads, encodes what it writes, knows lines.",
};
