// SPDX-License-Identifier: Apache-2.0
// BytesIO: bytes in memory as a stream, and the view of them that getbuffer gives. Leaves its mixin methods to base.c.
//
// `lock` guards the fields below it in free-threaded mode; no Python code runs under it. While views exist (exports) the memory neither moves nor changes size.
#include "interp/modules/io/io.h"
#include "interp/types/args.h"
#include "interp/types/dict.h"
#include "interp/types/num.h"

struct bytes_io {
    struct object head;
    struct lock lock;
    bool closed;
    uint32_t exports;
    uint8_t *data;       // NULL: nothing yet, or closed
    size_t length, capacity, pos;
};
static struct bytes_io *as_bio(vref v) { return (struct bytes_io *)as_object(v); }

static void enter(struct thread *t, struct bytes_io *b) {
    if (t->free_threaded) lock_take(t, &b->lock);
}
static void leave(struct thread *t, struct bytes_io *b) {
    if (t->free_threaded) lock_give(&b->lock);
}
static bool is_open(struct thread *t, vref self) {
    if (!as_bio(self)->closed) return true;
    raise(t, &exc_ValueError, "I/O operation on closed file.");
    return false;
}
static bool no_exports(struct thread *t, struct bytes_io *b) {
    if (!b->exports) return true;
    raise(t, &exc_BufferError, "Existing exports of data: object cannot be re-sized");
    return false;
}

// ---- with the lock held ----

static bool resize(struct thread *t, struct bytes_io *b, size_t n) {
    if (n > b->capacity) {
        size_t capacity = n + n / 8 + (n < 9 ? 3 : 6);
        uint8_t *p = b->data ? mem_resize(t, b->data, b->capacity, capacity) : mem_alloc(t, capacity);
        if (!p) return false;
        b->data = p, b->capacity = capacity;
    } else if (n < b->capacity / 2 && b->data) {
        uint8_t *p = mem_resize(t, b->data, b->capacity, n + 1);
        if (!p) return false;
        b->data = p, b->capacity = n + 1;
    }
    return true;
}
static bool put(struct thread *t, struct bytes_io *b, const uint8_t *p, size_t n) {
    if (n == 0) return true;
    if (b->pos > (size_t)INT64_MAX - n) return raise(t, &exc_OverflowError, "new buffer size too large"), false;
    size_t end = b->pos + n;
    if (end > b->capacity && !resize(t, b, end)) return false;
    if (b->pos > b->length) memset(b->data + b->length, 0, b->pos - b->length);
    memcpy(b->data + b->pos, p, n);
    b->pos = end;
    if (end > b->length) b->length = end;
    return true;
}
static size_t rest(const struct bytes_io *b) { return b->pos < b->length ? b->length - b->pos : 0; }
static value take(struct thread *t, struct bytes_io *b, int64_t n) {
    size_t have = rest(b);
    if (n >= 0 && (size_t)n < have) have = (size_t)n;
    value v = bytes_new(t, have ? b->data + b->pos : NULL, have);
    if (v) b->pos += have;
    return v;
}
static value take_line(struct thread *t, struct bytes_io *b, int64_t limit) {
    size_t have = rest(b);
    if (limit >= 0 && (size_t)limit < have) have = (size_t)limit;
    const uint8_t *from = b->data + b->pos, *end = have ? memchr(from, '\n', have) : NULL;
    return take(t, b, end ? end - from + 1 : (int64_t)have);
}

// ---- methods ----

static value m_read(struct thread *t, const vref *a) { // self, size=-1
    int64_t n;
    if (!is_open(t, a[0]) || !io_size_arg(t, a[1], &n)) return V_NULL;
    enter(t, as_bio(a[0]));
    value v = take(t, as_bio(a[0]), n);
    leave(t, as_bio(a[0]));
    return v;
}
static value m_readline(struct thread *t, const vref *a) { // self, size=-1
    int64_t n;
    if (!is_open(t, a[0]) || !io_size_arg(t, a[1], &n)) return V_NULL;
    enter(t, as_bio(a[0]));
    value v = take_line(t, as_bio(a[0]), n);
    leave(t, as_bio(a[0]));
    return v;
}
static value next(struct thread *t, vref self) {
    if (!is_open(t, self)) return V_NULL;
    enter(t, as_bio(self));
    value v = take_line(t, as_bio(self), -1);
    leave(t, as_bio(self));
    if (v && as_bytes(v)->length == 0) release_field(t, &v);
    return v;
}
static value iter(struct thread *t, vref self) { return is_open(t, self) ? own(t, self) : V_NULL; }
static value m_readlines(struct thread *t, const vref *a) { // self, hint=None
    int64_t hint, total = 0;
    if (!is_open(t, a[0]) || !io_size_arg(t, a[1], &hint)) return V_NULL;
    value list = list_new(t, 0), line;
    while (list && (line = next(t, a[0]))) {
        total += (int64_t)as_bytes(line)->length;
        if (!list_append_take(t, list, line)) release_field(t, &list);
        if (hint > 0 && total >= hint) break;
    }
    if (raised(t)) release_field(t, &list);
    return list;
}
static value m_readinto(struct thread *t, const vref *a) {
    struct buffer_view view;
    if (!is_open(t, a[0]) || !buffer_get(t, a[1], &view, true)) return V_NULL;
    struct bytes_io *b = as_bio(a[0]);
    enter(t, b);
    size_t n = rest(b) < view.length ? rest(b) : view.length;
    if (n) memmove(view.data, b->data + b->pos, n);
    b->pos += n;
    leave(t, b);
    buffer_release(t, &view);
    return int_from_u64(t, n);
}
static value m_write(struct thread *t, const vref *a) {
    struct buffer_view view;
    struct bytes_io *b = as_bio(a[0]);
    if (!is_open(t, a[0]) || !no_exports(t, b) || !buffer_get(t, a[1], &view, false)) return V_NULL;
    size_t n = view.length;
    enter(t, b);
    bool ok = is_open(t, a[0]) && no_exports(t, b) && put(t, b, view.data, n);
    leave(t, b);
    buffer_release(t, &view);
    return ok ? int_from_u64(t, n) : V_NULL;
}
static value m_seek(struct thread *t, const vref *a) { // self, pos, whence=0
    int64_t pos, whence;
    struct bytes_io *b = as_bio(a[0]);
    if (is_float(a[1])) return raise(t, &exc_TypeError, "'float' object cannot be interpreted as an integer");
    if (!is_open(t, a[0]) || !object_as_index(t, a[1], &pos) || !io_int_arg(t, a[2], 0, &whence)) return V_NULL;
    if (pos < 0 && whence == 0) return raise(t, &exc_ValueError, "negative seek value %ld", pos);
    if (whence < 0 || whence > 2) return raise(t, &exc_ValueError, "invalid whence (%ld, should be 0, 1 or 2)", whence);
    enter(t, b);
    int64_t from = whence == 1 ? (int64_t)b->pos : whence == 2 ? (int64_t)b->length : 0, to;
    bool over = __builtin_add_overflow(from, pos, &to);
    if (!over) b->pos = to < 0 ? 0 : (size_t)to;
    leave(t, b);
    return over ? raise(t, &exc_OverflowError, "new position too large") : int_from_u64(t, to < 0 ? 0 : (uint64_t)to);
}
static size_t position(struct thread *t, struct bytes_io *b) {
    enter(t, b);
    size_t pos = b->pos;
    leave(t, b);
    return pos;
}
static value m_tell(struct thread *t, const vref *a) { return is_open(t, a[0]) ? int_from_u64(t, position(t, as_bio(a[0]))) : V_NULL; }
static value m_truncate(struct thread *t, const vref *a) { // self, size=None
    struct bytes_io *b = as_bio(a[0]);
    int64_t n = (int64_t)position(t, b);
    if (!is_open(t, a[0]) || !no_exports(t, b)) return V_NULL;
    if (a[1] && !is_none(a[1]) && !io_size_arg(t, a[1], &n)) return V_NULL;
    if (n < 0) return raise(t, &exc_ValueError, "negative size value %ld", n);
    enter(t, b);
    bool ok = true;
    if ((size_t)n < b->length) {
        b->length = (size_t)n;
        ok = resize(t, b, (size_t)n);
    }
    leave(t, b);
    return ok ? int_from_i64(t, n) : V_NULL;
}
static value m_getvalue(struct thread *t, const vref *a) {
    struct bytes_io *b = as_bio(a[0]);
    if (!is_open(t, a[0])) return V_NULL;
    enter(t, b);
    value v = bytes_new(t, b->length ? b->data : NULL, b->length);
    leave(t, b);
    return v;
}
static value m_close(struct thread *t, const vref *a) {
    struct bytes_io *b = as_bio(a[0]);
    if (!no_exports(t, b)) return V_NULL;
    enter(t, b);
    uint8_t *old = b->data;
    size_t capacity = b->capacity;
    b->closed = true, b->data = NULL;
    b->length = b->capacity = b->pos = 0;
    leave(t, b);
    if (old) mem_free(t, old, capacity);
    return V_NONE;
}
static value m_yes(struct thread *t, const vref *a) { return is_open(t, a[0]) ? V_TRUE : V_NULL; }
static value m_no(struct thread *t, const vref *a) { return is_open(t, a[0]) ? V_FALSE : V_NULL; }
static value m_none(struct thread *t, const vref *a) { return is_open(t, a[0]) ? V_NONE : V_NULL; }
static value get_closed(struct thread *t, const vref *a) { return (void)t, from_bool(as_bio(a[0])->closed); }
static value m_size_of(struct thread *t, const vref *a) { return int_from_u64(t, object_size(as_object(a[0])) + as_bio(a[0])->capacity); }

// ---- pickling: (value, position, dict) ----

static value m_getstate(struct thread *t, const vref *a) {
    value data = m_getvalue(t, a), attributes = data ? object_get_dict(t, a[0]) : V_NULL;
    value copy = !attributes ? V_NULL : is_dict(attributes) && dict_count(attributes) ? dict_copy(t, attributes) : V_NONE;
    value pos = int_from_u64(t, as_bio(a[0])->pos), v = copy && pos ? tuple_pack(t, 3, data, pos, copy) : V_NULL;
    release_opt(t, data), release_opt(t, attributes), release_opt(t, copy), release_opt(t, pos);
    return v;
}
static value m_setstate(struct thread *t, const vref *a) {
    struct bytes_io *b = as_bio(a[0]);
    int64_t pos;
    if (!is_tuple(a[1]) || tuple_size(a[1]) < 3) return raise(t, &exc_TypeError, "%T.__setstate__ argument should be 3-tuple, got %T", a[0], a[1]);
    if (!no_exports(t, b)) return V_NULL;
    b->pos = b->length = 0;
    vref args[2] = {a[0], tuple_at(a[1], 0)};
    if (!io_discard(t, m_write(t, args))) return V_NULL;
    if (!is_int(tuple_at(a[1], 1))) return raise(t, &exc_TypeError, "second item of state must be an integer, not %T", tuple_at(a[1], 1));
    if (!int_as_i64(t, tuple_at(a[1], 1), &pos)) return V_NULL;
    if (pos < 0) return raise(t, &exc_ValueError, "position value cannot be negative");
    b->pos = (size_t)pos;
    if (is_none(tuple_at(a[1], 2))) return V_NONE;
    if (!is_dict(tuple_at(a[1], 2))) return raise(t, &exc_TypeError, "third item of state should be a dict, got a %T", tuple_at(a[1], 2));
    value attributes = object_get_dict(t, a[0]);
    bool ok = attributes && dict_update(t, attributes, tuple_at(a[1], 2));
    release_opt(t, attributes);
    return ok ? V_NONE : V_NULL;
}

// ---- life ----

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return (void)args, (void)nargs, (void)kwnames, object_new_instance(t, cls); }
static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"initial_bytes"};
    static const struct args_spec spec = {"BytesIO", names, 0, 0, 1};
    vref a[1];
    struct bytes_io *b = as_bio(self);
    if (!args_bind(t, &spec, args, nargs, kwnames, a) || !no_exports(t, b)) return -1;
    b->length = b->pos = 0, b->closed = false;
    if (!a[0] || is_none(a[0])) return 0;
    vref call[2] = {self, a[0]};
    if (!io_discard(t, m_write(t, call))) return -1;
    b->pos = 0;
    return 0;
}
static void destroy(struct thread *t, struct object *o) {
    struct bytes_io *b = (struct bytes_io *)o;
    if (b->data) mem_free(t, b->data, b->capacity);
    b->data = NULL, b->length = b->capacity = 0;
    io_release_instance(t, o);
}
static void clear(struct thread *t, struct object *o) { io_release_instance(t, o); }
static int traverse(struct object *o, visit_fn *visit, void *arg) { return instance_visit(o, visit, arg); }

// ---- getbuffer: an object that exports the memory, and a memoryview of it ----

struct view {
    struct object head;
    value source; // owned BytesIO
};
static bool view_buffer(struct thread *t, vref self, struct buffer_view *out) {
    struct bytes_io *b = as_bio(((struct view *)as_object(self))->source);
    enter(t, b);
    bool ok = !b->closed && (b->data || resize(t, b, 1));
    if (ok) {
        b->exports++;
        out->data = b->data, out->length = b->length;
    }
    leave(t, b);
    if (!ok && !raised(t)) raise(t, &exc_ValueError, "I/O operation on closed file.");
    return ok;
}
static void view_drop(struct thread *t, vref self) {
    struct bytes_io *b = as_bio(((struct view *)as_object(self))->source);
    enter(t, b);
    b->exports--;
    leave(t, b);
}
static void view_destroy(struct thread *t, struct object *o) { release_field(t, &((struct view *)o)->source); }
static int view_traverse(struct object *o, visit_fn *visit, void *arg) {
    value v = ((struct view *)o)->source;
    return v ? visit(v, arg) : 0;
}
struct type type_io_bytes_view = {
    .name = "_BytesIOBuffer", .module = "_io", .flags = TYPE_GC | TYPE_NO_NEW, .basicsize = sizeof(struct view), .base = &type_object, .destroy = view_destroy,
    .traverse = view_traverse, .buffer = view_buffer, .buffer_drop = view_drop,
};
static value m_getbuffer(struct thread *t, const vref *a) {
    if (!is_open(t, a[0])) return V_NULL;
    struct view *v = object_alloc_gc(t, sizeof *v, type_io_bytes_view.root_shape);
    if (!v) return V_NULL;
    v->source = own(t, a[0]);
    value view = object_call1(t, type_ref(&type_memoryview), counted_word(v));
    release(t, counted_word(v));
    return view;
}

#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
static const struct native natives[] = {
    M("read", "($self, size=-1, /)", m_read), M("read1", "($self, size=-1, /)", m_read), M("readline", "($self, size=-1, /)", m_readline),
    M("readlines", "($self, size=None, /)", m_readlines), M("readinto", "($self, buffer, /)", m_readinto), M("write", "($self, b, /)", m_write),
    M("seek", "($self, pos, whence=0, /)", m_seek), M("tell", "($self, /)", m_tell), M("truncate", "($self, size=None, /)", m_truncate),
    M("getvalue", "($self, /)", m_getvalue), M("getbuffer", "($self, /)", m_getbuffer), M("close", "($self, /)", m_close), M("readable", "($self, /)", m_yes),
    M("writable", "($self, /)", m_yes), M("seekable", "($self, /)", m_yes), M("isatty", "($self, /)", m_no), M("flush", "($self, /)", m_none),
    M("__getstate__", "($self, /)", m_getstate), M("__setstate__", "($self, state, /)", m_setstate), M("__sizeof__", "($self, /)", m_size_of),
    {.name = "closed", .kind = NATIVE_GETSET, .fn = get_closed}, {.name = NULL},
};
struct type type_io_bytes = {
    .name = "BytesIO", .module = "_io", .flags = IO_TYPE_FLAGS, .basicsize = sizeof(struct bytes_io), .base = &type_io_buffered_base, .natives = natives, .destroy = destroy,
    .traverse = traverse, .clear = clear, .make = make, .init = init, .iter = iter, .next = next, .doc = "A binary stream over bytes in memory.",
};
