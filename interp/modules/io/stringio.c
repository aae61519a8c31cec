// SPDX-License-Identifier: Apache-2.0
// StringIO: text in memory as a stream. Leaves newline translation to newline.c, its mixin methods to base.c.
//
// The text stands in units of 1, 2 or 4 bytes, the narrowest that have sufficed so far. `lock` guards the fields below it in free-threaded mode; no Python code runs under it.
#include "interp/modules/io/io.h"
#include "interp/types/args.h"
#include "interp/types/dict.h"
#include "interp/types/num.h"
#include "interp/types/str/text.h"

struct string_io {
    struct object head;
    value decoder, newline; // owned: newline decoder or V_NULL; the newline argument as given
    const char *read_newline, *write_newline;
    bool ready, closed, universal, translating;
    struct lock lock;
    uint8_t width;
    uint8_t *data;
    size_t length, capacity, pos; // in code points
};
static struct string_io *as_sio(vref v) { return (struct string_io *)as_object(v); }

static void enter(struct thread *t, struct string_io *s) {
    if (t->free_threaded) lock_take(t, &s->lock);
}
static void leave(struct thread *t, struct string_io *s) {
    if (t->free_threaded) lock_give(&s->lock);
}
static bool is_open(struct thread *t, vref self) {
    if (as_sio(self)->closed) raise(t, &exc_ValueError, "I/O operation on closed file");
    else if (!as_sio(self)->ready) raise(t, &exc_ValueError, "I/O operation on uninitialized object");
    else return true;
    return false;
}

// ---- with the lock held ----

static bool room(struct thread *t, struct string_io *s, size_t n, unsigned width) { // for n code points in all
    if (width < s->width) width = s->width;
    if (s->data && width == s->width && n <= s->capacity) return true;
    size_t capacity = n <= s->capacity ? s->capacity : n + n / 4 + 32;
    if (n > (size_t)1 << 60) return raise(t, &exc_OverflowError, "new position too large"), false;
    if (s->data && width == s->width) {
        uint8_t *p = mem_resize(t, s->data, s->capacity * width, capacity * width);
        if (!p) return false;
        s->data = p;
    } else {
        uint8_t *p = mem_alloc(t, capacity * width);
        if (!p) return false;
        if (s->length) units_copy(p, width, 0, s->data, s->width, 0, s->length);
        if (s->data) mem_free(t, s->data, s->capacity * s->width);
        s->data = p, s->width = (uint8_t)width;
    }
    s->capacity = capacity;
    return true;
}
static bool put(struct thread *t, struct string_io *s, const struct str *text) {
    size_t n = text->length, end = s->pos + n;
    if (n == 0) return true;
    if (end < n) return raise(t, &exc_OverflowError, "new position too large"), false;
    if (!room(t, s, end, text->width)) return false;
    if (s->pos > s->length) units_fill(s->data, s->width, s->length, 0, s->pos - s->length);
    units_copy(s->data, s->width, s->pos, text->data, text->width, 0, n);
    s->pos = end;
    if (end > s->length) s->length = end;
    return true;
}
static value take(struct thread *t, struct string_io *s, size_t n) {
    if (n == 0) return own(t, str_empty);
    value v = str_from_units(t, s->data + s->pos * s->width, s->width, n);
    if (v) s->pos += n;
    return v;
}
static size_t rest(const struct string_io *s) { return s->pos < s->length ? s->length - s->pos : 0; }
static value take_line(struct thread *t, struct string_io *s, int64_t limit) {
    size_t have = rest(s);
    if (!have) return own(t, str_empty);
    if (limit >= 0 && (size_t)limit < have) have = (size_t)limit;
    int64_t end = io_line_end(s->data, s->width, (int64_t)s->pos, (int64_t)(s->pos + have), s->translating, s->universal, s->read_newline);
    return take(t, s, end < 0 ? have : (size_t)end - s->pos);
}

// ---- writing ----

static value translated(struct thread *t, struct string_io *s, vref text) { // returns new
    value v = s->decoder ? io_decode(t, s->decoder, text, true) : own(t, text);
    if (!v || !s->write_newline) return v;
    value lf = str_from_char(t, '\n'), newline = str_from_cstr(t, s->write_newline), out = lf && newline ? str_replace(t, v, lf, newline, -1) : V_NULL;
    release_opt(t, lf), release_opt(t, newline), release(t, v);
    return out;
}
static bool write_text(struct thread *t, vref self, vref text) {
    struct string_io *s = as_sio(self);
    value v = translated(t, s, text);
    if (!v) return false;
    enter(t, s);
    bool ok = put(t, s, as_str(v));
    leave(t, s);
    release(t, v);
    return ok;
}
static value m_write(struct thread *t, const vref *a) {
    if (!is_open(t, a[0])) return V_NULL;
    if (!is_str(a[1])) return raise(t, &exc_TypeError, "string argument expected, got '%T'", a[1]);
    return write_text(t, a[0], a[1]) ? int_from_u64(t, as_str(a[1])->length) : V_NULL;
}

// ---- reading ----

static value m_read(struct thread *t, const vref *a) { // self, size=-1
    int64_t n;
    if (!is_open(t, a[0]) || !io_size_arg(t, a[1], &n)) return V_NULL;
    struct string_io *s = as_sio(a[0]);
    enter(t, s);
    size_t have = rest(s);
    value v = take(t, s, n >= 0 && (size_t)n < have ? (size_t)n : have);
    leave(t, s);
    return v;
}
static value line(struct thread *t, vref self, int64_t limit) {
    enter(t, as_sio(self));
    value v = take_line(t, as_sio(self), limit);
    leave(t, as_sio(self));
    return v;
}
static value m_readline(struct thread *t, const vref *a) { // self, size=-1
    int64_t n;
    return is_open(t, a[0]) && io_size_arg(t, a[1], &n) ? line(t, a[0], n) : V_NULL;
}
static value next(struct thread *t, vref self) {
    if (!is_open(t, self)) return V_NULL;
    value v = type_of(self) == &type_io_string ? line(t, self, -1) : io_call0(t, self, IO(readline));
    if (v && !is_str(v)) {
        raise(t, &exc_OSError, "readline() should have returned a str object, not '%T'", v);
        release_field(t, &v);
    }
    if (v && as_str(v)->length == 0) release_field(t, &v);
    return v;
}
static value m_getvalue(struct thread *t, const vref *a) {
    struct string_io *s = as_sio(a[0]);
    if (!is_open(t, a[0])) return V_NULL;
    enter(t, s);
    value v = s->length ? str_from_units(t, s->data, s->width, s->length) : own(t, str_empty);
    leave(t, s);
    return v;
}

// ---- position ----

static value m_tell(struct thread *t, const vref *a) { return is_open(t, a[0]) ? int_from_u64(t, as_sio(a[0])->pos) : V_NULL; }
static value m_seek(struct thread *t, const vref *a) { // self, pos, whence=0
    int64_t pos, whence;
    struct string_io *s = as_sio(a[0]);
    if (!is_open(t, a[0]) || !object_as_index(t, a[1], &pos) || !io_int_arg(t, a[2], 0, &whence)) return V_NULL;
    if (whence < 0 || whence > 2) return raise(t, &exc_ValueError, "Invalid whence (%ld, should be 0, 1 or 2)", whence);
    if (pos < 0 && whence == 0) return raise(t, &exc_ValueError, "Negative seek position %ld", pos);
    if (whence && pos) return raise(t, &exc_OSError, "Can't do nonzero cur-relative seeks");
    s->pos = whence == 0 ? (size_t)pos : whence == 2 ? s->length : s->pos;
    return int_from_u64(t, s->pos);
}
static value m_truncate(struct thread *t, const vref *a) { // self, pos=None
    struct string_io *s = as_sio(a[0]);
    int64_t n = (int64_t)s->pos;
    if (!is_open(t, a[0])) return V_NULL;
    if (a[1] && !is_none(a[1]) && !io_size_arg(t, a[1], &n)) return V_NULL;
    if (n < 0) return raise(t, &exc_ValueError, "Negative size value %ld", n);
    enter(t, s);
    if ((size_t)n < s->length) s->length = (size_t)n;
    leave(t, s);
    return int_from_i64(t, n);
}

// ---- state ----

static value m_close(struct thread *t, const vref *a) {
    struct string_io *s = as_sio(a[0]);
    enter(t, s);
    uint8_t *old = s->data;
    size_t bytes = s->capacity * s->width;
    s->closed = true, s->data = NULL, s->length = s->capacity = s->pos = 0, s->width = 1;
    leave(t, s);
    if (old) mem_free(t, old, bytes);
    return V_NONE;
}
static value m_yes(struct thread *t, const vref *a) { return is_open(t, a[0]) ? V_TRUE : V_NULL; }
static value get_closed(struct thread *t, const vref *a) { return is_open(t, a[0]) ? V_FALSE : as_sio(a[0])->closed ? (raised_clear(t), V_TRUE) : V_NULL; }
static value get_lines(struct thread *t, const vref *a) { return is_open(t, a[0]) ? V_FALSE : V_NULL; }
static value get_newlines(struct thread *t, const vref *a) {
    if (!is_open(t, a[0])) return V_NULL;
    return as_sio(a[0])->decoder ? object_getattr(t, as_sio(a[0])->decoder, IO(newlines)) : V_NONE;
}

static bool set_up(struct thread *t, struct string_io *s, vref newline_word, const char *newline) {
    value decoder = V_NULL;
    s->universal = !newline || !*newline, s->translating = !newline;
    s->read_newline = newline;
    s->write_newline = newline && *newline == '\r' ? newline : NULL;
    if (s->universal && !(decoder = io_newline_decoder_new(t, V_NONE, s->translating))) return false;
    slot_store(t, &s->head, (_Atomic value *)&s->decoder, decoder);
    slot_store(t, &s->head, (_Atomic value *)&s->newline, own(t, newline_word));
    s->length = s->pos = 0;
    return true;
}
static bool newline_word(struct thread *t, vref given, const char *function, const char **out, value *word) {
    if (!given) {
        *out = "\n", *word = str_from_char(t, '\n');
        return *word != V_NULL;
    }
    *word = own(t, given);
    if (io_newline_arg(t, given, function, out)) return true;
    release(t, *word);
    return false;
}
static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"initial_value", "newline"};
    static const struct args_spec spec = {"StringIO", names, 0, 0, 2};
    struct string_io *s = as_sio(self);
    const char *newline;
    value word;
    vref a[2];
    s->ready = false;
    if (!args_bind(t, &spec, args, nargs, kwnames, a) || !newline_word(t, a[1], "StringIO()", &newline, &word)) return -1;
    bool ok = !a[0] || is_none(a[0]) || is_str(a[0]);
    if (!ok) raise(t, &exc_TypeError, "initial_value must be str or None, not %T", a[0]);
    if (ok && (ok = set_up(t, s, word, newline))) {
        s->closed = false, s->ready = true;
        if (!s->width) s->width = 1;
        if (a[0] && !is_none(a[0])) ok = write_text(t, self, a[0]);
        s->pos = 0;
    }
    release(t, word);
    return ok ? 0 : -1;
}
static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return (void)args, (void)nargs, (void)kwnames, object_new_instance(t, cls); }
static void drop(struct thread *t, struct object *o) {
    struct string_io *s = (struct string_io *)o;
    release_field(t, &s->decoder);
    release_field(t, &s->newline);
    io_release_instance(t, o);
}
static void destroy(struct thread *t, struct object *o) {
    struct string_io *s = (struct string_io *)o;
    if (s->data) mem_free(t, s->data, s->capacity * s->width);
    s->data = NULL, s->length = s->capacity = 0;
    drop(t, o);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct string_io *s = (struct string_io *)o;
    int r = s->decoder ? visit(s->decoder, arg) : 0;
    if (!r && s->newline) r = visit(s->newline, arg);
    return r ? r : instance_visit(o, visit, arg);
}

// ---- pickling: (value, newline, position, dict) ----

static value m_getstate(struct thread *t, const vref *a) {
    value text = m_getvalue(t, a), attributes = text ? object_get_dict(t, a[0]) : V_NULL;
    value copy = !attributes ? V_NULL : is_dict(attributes) && dict_count(attributes) ? dict_copy(t, attributes) : V_NONE;
    value pos = int_from_u64(t, as_sio(a[0])->pos), v = copy && pos ? tuple_pack(t, 4, text, as_sio(a[0])->newline, pos, copy) : V_NULL;
    release_opt(t, text), release_opt(t, attributes), release_opt(t, copy), release_opt(t, pos);
    return v;
}
static value m_setstate(struct thread *t, const vref *a) {
    struct string_io *s = as_sio(a[0]);
    int64_t pos;
    if (s->closed) return raise(t, &exc_ValueError, "I/O operation on closed file");
    if (!is_tuple(a[1]) || tuple_size(a[1]) < 4) return raise(t, &exc_TypeError, "%T.__setstate__ argument should be 4-tuple, got %T", a[0], a[1]);
    vref args[2] = {str_empty, tuple_at(a[1], 1)}, text = tuple_at(a[1], 0), attributes = tuple_at(a[1], 3);
    if (init(t, a[0], args, 2, V_NULL) < 0) return V_NULL;
    if (!is_str(text)) return raise(t, &exc_TypeError, "unexpected type %T for the text", text);
    enter(t, s);
    bool ok = put(t, s, as_str(text)); // as it was: not translated again
    leave(t, s);
    if (!ok) return V_NULL;
    if (!is_int(tuple_at(a[1], 2))) return raise(t, &exc_TypeError, "third item of state must be an integer, got %T", tuple_at(a[1], 2));
    if (!int_as_i64(t, tuple_at(a[1], 2), &pos)) return V_NULL;
    if (pos < 0) return raise(t, &exc_ValueError, "position value cannot be negative");
    s->pos = (size_t)pos;
    if (is_none(attributes)) return V_NONE;
    if (!is_dict(attributes)) return raise(t, &exc_TypeError, "fourth item of state should be a dict, got a %T", attributes);
    value mine = object_get_dict(t, a[0]);
    ok = mine && dict_update(t, mine, attributes);
    release_opt(t, mine);
    return ok ? V_NONE : V_NULL;
}

#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
#define G(py, f) {.name = py, .kind = NATIVE_GETSET, .fn = f}
static const struct native natives[] = {
    M("close", "($self, /)", m_close), M("getvalue", "($self, /)", m_getvalue), M("read", "($self, size=-1, /)", m_read), M("readline", "($self, size=-1, /)", m_readline),
    M("tell", "($self, /)", m_tell), M("truncate", "($self, pos=None, /)", m_truncate), M("seek", "($self, pos, whence=0, /)", m_seek), M("write", "($self, s, /)", m_write),
    M("seekable", "($self, /)", m_yes), M("readable", "($self, /)", m_yes), M("writable", "($self, /)", m_yes), M("__getstate__", "($self, /)", m_getstate),
    M("__setstate__", "($self, state, /)", m_setstate), G("closed", get_closed), G("newlines", get_newlines), G("line_buffering", get_lines), {.name = NULL},
};
struct type type_io_string = {
    .name = "StringIO", .module = "_io", .flags = IO_TYPE_FLAGS, .basicsize = sizeof(struct string_io), .base = &type_io_text_base, .natives = natives, .destroy = destroy,
    .traverse = traverse, .clear = drop, .make = make, .init = init, .next = next, .doc = "A text stream over a string in memory.",
};
