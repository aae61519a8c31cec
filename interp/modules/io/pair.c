// SPDX-License-Identifier: Apache-2.0
// BufferedRWPair: a reader and a writer over two raw streams as one object. Leaves both to buffered.c.
#include "interp/modules/io/buffered.h"
#include "interp/types/args.h"

struct pair {
    struct object head;
    value reader, writer; // owned
};
static struct pair *as_pair(vref v) { return (struct pair *)as_object(v); }

static value make(struct thread *t, struct type *cls, const vref *args, size_t nargs, vref kwnames) { return (void)args, (void)nargs, (void)kwnames, object_new_instance(t, cls); }
static int init(struct thread *t, vref self, const vref *args, size_t nargs, vref kwnames) {
    static const char *const names[] = {"reader", "writer", "buffer_size"};
    static const struct args_spec spec = {"BufferedRWPair", names, 3, 2, 3};
    vref a[3];
    int64_t size;
    if (!args_bind(t, &spec, args, nargs, kwnames, a) || !io_int_arg(t, a[2], IO_BUFFER_SIZE, &size)) return -1;
    if (!io_check(t, a[0], IO(readable), "File or stream is not readable.") || !io_check(t, a[1], IO(writable), "File or stream is not writable.")) return -1;
    value reader = io_buffered_new(t, &type_io_reader, a[0], size), writer = reader ? io_buffered_new(t, &type_io_writer, a[1], size) : V_NULL;
    if (!writer) return release_opt(t, reader), -1;
    slot_store(t, as_object(self), (_Atomic value *)&as_pair(self)->reader, reader);
    slot_store(t, as_object(self), (_Atomic value *)&as_pair(self)->writer, writer);
    return 0;
}
static void destroy(struct thread *t, struct object *o) {
    release_field(t, &((struct pair *)o)->reader);
    release_field(t, &((struct pair *)o)->writer);
    io_release_instance(t, o);
}
static int traverse(struct object *o, visit_fn *visit, void *arg) {
    struct pair *p = (struct pair *)o;
    int r = p->reader ? visit(p->reader, arg) : 0;
    if (!r && p->writer) r = visit(p->writer, arg);
    return r ? r : instance_visit(o, visit, arg);
}

static value forward(struct thread *t, vref self, bool write, vref name, const vref *args, size_t n) {
    value to = slot_load(t, (_Atomic value *)(write ? &as_pair(self)->writer : &as_pair(self)->reader));
    if (!to) return raise(t, &exc_ValueError, "I/O operation on uninitialized object");
    value r = object_call_method(t, to, name, args, n);
    release(t, to);
    return r;
}
#define TO(fn, name, write, n) static value fn(struct thread *t, const vref *a) { return forward(t, a[0], write, IO(name), a + 1, n && a[1] ? 1 : 0); }
TO(p_read, read, false, 1) TO(p_read1, read1, false, 1) TO(p_peek, peek, false, 1) TO(p_readinto, readinto, false, 1) TO(p_readinto1, readinto1, false, 1)
TO(p_write, write, true, 1) TO(p_flush, flush, true, 0) TO(p_readable, readable, false, 0) TO(p_writable, writable, true, 0)
static value p_close(struct thread *t, const vref *a) {
    value r = forward(t, a[0], true, IO(close), NULL, 0), first = r ? V_NULL : raised_take(t);
    release_opt(t, r);
    r = forward(t, a[0], false, IO(close), NULL, 0);
    if (!first) return r;
    io_chain(t, first);
    release_opt(t, r);
    return V_NULL;
}
static value p_isatty(struct thread *t, const vref *a) {
    value r = forward(t, a[0], true, IO(isatty), NULL, 0);
    if (r != V_FALSE) return r;
    return forward(t, a[0], false, IO(isatty), NULL, 0);
}
static value get_closed(struct thread *t, const vref *a) {
    value w = slot_load(t, (_Atomic value *)&as_pair(a[0])->writer);
    if (!w) return raise(t, &exc_RuntimeError, "the BufferedRWPair object is being garbage-collected");
    value r = object_getattr(t, w, IO(closed));
    release(t, w);
    return r;
}

#define M(py, s, f) {.name = py, .kind = NATIVE_METHOD, .sig = s, .fn = f}
static const struct native natives[] = {
    M("read", "($self, size=-1, /)", p_read), M("peek", "($self, size=0, /)", p_peek), M("read1", "($self, size=-1, /)", p_read1), M("readinto", "($self, buffer, /)", p_readinto),
    M("readinto1", "($self, buffer, /)", p_readinto1), M("write", "($self, buffer, /)", p_write), M("flush", "($self, /)", p_flush), M("readable", "($self, /)", p_readable),
    M("writable", "($self, /)", p_writable), M("close", "($self, /)", p_close), M("isatty", "($self, /)", p_isatty),
    {.name = "closed", .kind = NATIVE_GETSET, .fn = get_closed}, {.name = NULL},
};
struct type type_io_pair = {
    .name = "BufferedRWPair", .module = "_io", .flags = IO_TYPE_FLAGS, .basicsize = sizeof(struct pair), .base = &type_io_buffered_base, .natives = natives, .destroy = destroy,
    .traverse = traverse, .clear = destroy, .make = make, .init = init, .doc = "Two raw streams as one: what is read comes from reader, what is written goes to writer.",
};
