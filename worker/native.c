// SPDX-License-Identifier: Apache-2.0
// The module _krait: what the Python package finds inside a worker. Registered tasks, the running task, values as bytes, and the
// broker through the desk. Running tasks is exec.c's; what the messages mean is the package's.

#include "worker/exec_priv.h"

#include <stdio.h>
#include <stdlib.h>

#include "sdk/base/clock.h"
#include "sdk/base/id.h"

#define PROGRESS_NS INT64_C(1000000000)

// ---- the native module

// What @app.task said, as the head of a serialized Task: decoded into memory that lives as long as the process.
static bool read_head(struct thread *t, vref head, struct entry *e)
{
    struct msg_task task;
    const struct bytes *b = as_bytes(head);
    arena_init(&e->arena, 1u << 20);
    struct slice kept = arena_slice(&e->arena, slice_of(b->data, b->length));
    enum err error = !kept.p ? ERR_NOMEM : task_decode(&e->arena, kept, &task);
    if (error)
        return raise(t, &exc_ValueError, "the options of the task: %s", err_text(error)), false;
    e->options = task.options;
    snprintf(e->queue, sizeof e->queue, "%.*s", SLICE_ARG(task.queue));
    return true;
}

// The lock is held.
static bool grow(struct exec *x)
{
    if (x->n < x->cap)
        return true;
    size_t cap = x->cap ? x->cap * 2 : 64;
    void *more = realloc(x->order, cap * sizeof *x->order);
    if (!more)
        return false;
    x->order = more;
    x->cap = cap;
    return true;
}

static bool enter(struct exec *x, struct entry *e)
{
    struct slice name = slice_of(e->name, e->name_n);
    pthread_mutex_lock(&x->lock);
    bool known = map_get(&x->names, name) != NULL;
    bool ok = grow(x) && map_put(&x->names, name, e);
    for (size_t i = 0; ok && known && i < x->n; i++)
        if (slice_eq(slice_of(x->order[i]->name, x->order[i]->name_n), name))
            x->order[i] = e;
    if (ok && !known)
        x->order[x->n++] = e;
    pthread_mutex_unlock(&x->lock);
    return ok;
}

static value krait_register(struct thread *t, const vref *a)
{
    size_t n;
    const char *name = is_str(a[0]) ? str_utf8(t, a[0], &n) : NULL;
    if (!name)
        return raised(t) ? V_NULL : raise(t, &exc_TypeError, "the name of a task is a str, not %T", a[0]);
    if (!n || n > LIMIT_TASK_NAME)
        return raise(t, &exc_ValueError, "the name of a task has 1 to %d bytes", LIMIT_TASK_NAME);
    if (!object_is_callable(a[1]))
        return raise(t, &exc_TypeError, "a task is callable, %T is not", a[1]);
    if (a[2] && !is_none(a[2]) && !has_shape(a[2], SHAPE_BYTES))
        return raise(t, &exc_TypeError, "the head of a task is bytes, not %T", a[2]);
    struct entry *e = calloc(1, sizeof *e + n + 1);
    if (!e)
        return raise_no_memory(t);
    memcpy(e->name, name, n);
    e->name_n = n;
    e->func = own(t, a[1]);
    bool ok = !a[2] || is_none(a[2]) || read_head(t, a[2], e);
    if (ok && enter(exec_the, e))
        return V_NONE;
    release(t, e->func);
    arena_free(&e->arena);
    free(e);
    return ok ? raise_no_memory(t) : V_NULL;
}

static bool set_text(struct thread *t, vref d, const char *key, struct slice s)
{
    value v = str_from_utf8(t, (const char *)s.p, s.n);
    return v && (v = v, dict_set_str(t, d, key, v)) && (release(t, v), true);
}

static bool set_number(struct thread *t, vref d, const char *key, uint32_t n)
{
    return dict_set_str(t, d, key, from_int62(n));
}

static value headers_of(struct thread *t, const struct msg_task *task)
{
    value d = dict_new(t);
    for (size_t i = 0; d && i < task->n_headers; i++) {
        struct slice name = task->headers[i].name, text = task->headers[i].value;
        value k = str_from_utf8(t, (const char *)name.p, name.n);
        value v = k ? str_from_utf8(t, (const char *)text.p, text.n) : V_NULL;
        bool ok = v && dict_set_take(t, d, k, v);
        release_opt(t, k);
        if (!ok) {
            release(t, d);
            return V_NULL;
        }
    }
    return d;
}

static bool set_headers(struct thread *t, vref d, const struct msg_task *task)
{
    value h = headers_of(t, task);
    bool ok = h && dict_set_str(t, d, "headers", h);
    release_opt(t, h);
    return ok;
}

static value krait_current(struct thread *t, const vref *a)
{
    const struct executor *x = exec_here;
    (void)a;
    if (!x || !x->task)
        return V_NONE;
    value d = dict_new(t);
    if (d && set_text(t, d, "id", x->task->id) && set_text(t, d, "name", x->body.name) &&
        set_number(t, d, "attempt", x->task->attempt) && set_number(t, d, "deliveries", x->task->deliveries) &&
        set_number(t, d, "retries", x->task->retries) && set_number(t, d, "max_retries", x->body.options.retry.max) &&
        set_text(t, d, "parent", x->body.parent) && set_text(t, d, "root", x->body.root) && set_headers(t, d, &x->body))
        return d;
    release_opt(t, d);
    return V_NULL;
}

// ---- values and bytes

static value encoded(struct thread *t, struct arena *a, struct buf *out, enum err error)
{
    value r = error ? raise(t, &exc_ValueError, "these values cannot be sent: %s", err_text(error))
                    : bytes_new(t, buf_slice(out).p, buf_len(out));
    buf_free(out);
    arena_free(a);
    return r;
}

static bool read_args(struct thread *t, struct arena *a, vref args, struct wire_payload *p, struct convert_why *why)
{
    p->n_args = tuple_size(args);
    p->args = arena_alloc(a, (p->n_args + 1) * sizeof *p->args);
    for (size_t i = 0; p->args && i < p->n_args; i++)
        if (!convert_to_wire(t, a, as_tuple(args)->at[i], &p->args[i], why))
            return false;
    return p->args != NULL;
}

static bool read_kwargs(struct thread *t, struct arena *a, vref kwargs, struct wire_payload *p, struct convert_why *why)
{
    size_t pos = 0, n = dict_count(kwargs), i = 0;
    value key, item;
    bool ok = true;
    p->kwargs = arena_alloc(a, (n + 1) * sizeof *p->kwargs);
    while (p->kwargs && ok && i < n && dict_next(t, kwargs, &pos, &key, &item)) {
        size_t len = 0;
        const char *name = is_str(key) ? str_utf8(t, key, &len) : NULL;
        p->kwargs[i].name = name ? arena_slice(a, slice_of(name, len)) : slice_of(NULL, 0);
        ok = name && convert_to_wire(t, a, item, &p->kwargs[i].value, why);
        if (!name)
            snprintf(why->text, sizeof why->text, "the name of a keyword argument is no text");
        release(t, key);
        release(t, item);
        i++;
    }
    p->n_kwargs = i;
    return ok && p->kwargs;
}

static value krait_encode_call(struct thread *t, const vref *a)
{
    struct arena arena;
    struct wire_payload p = { 0 };
    struct buf out = { 0 };
    struct convert_why why = { "out of memory" };
    value args = a[0] && is_tuple(a[0]) ? own(t, a[0]) : tuple_from_iterable(t, a[0]);
    if (!args)
        return V_NULL;
    arena_init(&arena, (size_t)LIMIT_FRAME * LIMIT_DECODE);
    bool ok = read_args(t, &arena, args, &p, &why) &&
              (!a[1] || !is_dict(a[1]) || read_kwargs(t, &arena, a[1], &p, &why));
    value r = ok ? encoded(t, &arena, &out, payload_encode(&out, &p)) : V_NULL;
    if (!ok) {
        arena_free(&arena);
        raised_clear(t);
        raise(t, &exc_TypeError, "this cannot be sent to a task: %s", why.text);
    }
    release(t, args);
    return r;
}

static value krait_decode(struct thread *t, const vref *a)
{
    struct arena arena;
    struct wire_value v;
    if (!has_shape(a[0], SHAPE_BYTES))
        return raise(t, &exc_TypeError, "bytes, not %T", a[0]);
    arena_init(&arena, (size_t)LIMIT_FRAME * LIMIT_DECODE);
    enum err error = value_decode(&arena, slice_of(as_bytes(a[0])->data, as_bytes(a[0])->length), &v);
    value r = error ? raise(t, &exc_ValueError, "%s", err_text(error)) : convert_to_python(t, &v);
    arena_free(&arena);
    return r;
}

static value krait_new_key(struct thread *t, const vref *a)
{
    char key[ID_RANDOM + 1];
    (void)a;
    return id_random(key) ? str_from_cstr(t, key) : raise(t, &exc_RuntimeError, "the system gives no randomness");
}

// ---- asking the broker

static struct desk *desk_of(struct thread *t)
{
    if (!exec_the->desk)
        raise(t, &exc_RuntimeError, "only a running task can ask the broker: the app is being loaded");
    return exec_the->desk;
}

static value krait_send(struct thread *t, const vref *a)
{
    int64_t member;
    struct desk *d = desk_of(t);
    if (!d || !int_as_i64(t, a[0], &member))
        return V_NULL;
    if (!has_shape(a[1], SHAPE_BYTES))
        return raise(t, &exc_TypeError, "bytes, not %T", a[1]);
    value body = own(t, a[1]);
    thread_detach(t);
    uint64_t ticket = desk_ask(d, (uint32_t)member, slice_of(as_bytes(body)->data, as_bytes(body)->length));
    thread_attach(t);
    release(t, body);
    return ticket ? int_from_u64(t, ticket) : raise_no_memory(t);
}

static bool read_ticket(struct thread *t, vref v, uint64_t *ticket)
{
    int64_t n;
    if (!int_as_i64(t, v, &n))
        return false;
    *ticket = (uint64_t)n;
    return true;
}

static value krait_receive(struct thread *t, const vref *a)
{
    uint64_t ticket;
    double seconds;
    struct desk *d = desk_of(t);
    if (!d || !read_ticket(t, a[0], &ticket) || !float_as_double(t, a[1], &seconds))
        return V_NULL;
    int64_t until = clock_mono().ns + (int64_t)((seconds > 0 && seconds < 1e9 ? seconds : 0) * 1e9);
    for (;;) {
        thread_detach(t);
        struct answer *got = desk_wait(d, ticket, until, &t->breaker);
        thread_attach(t);
        if (got) {
            value message = bytes_new(t, got->bytes, got->n);
            value r = message ? tuple_pack(t, 2, from_int62(got->member), message) : V_NULL;
            release_opt(t, message);
            free(got);
            return r;
        }
        if (!safepoint_poll(t))
            return V_NULL;
        if (clock_mono().ns >= until)
            return V_NONE;
    }
}

static value krait_drop(struct thread *t, const vref *a)
{
    uint64_t ticket;
    struct desk *d = desk_of(t);
    if (!d || !read_ticket(t, a[0], &ticket))
        return V_NULL;
    thread_detach(t);
    desk_drop(d, ticket);
    thread_attach(t);
    return V_NONE;
}

static value krait_progress(struct thread *t, const vref *a)
{
    struct executor *x = exec_here;
    int64_t done, total = 0, now = clock_mono().ns;
    size_t n = 0;
    struct desk *d = desk_of(t);
    if (!d || !int_as_i64(t, a[0], &done) || (a[1] && !is_none(a[1]) && !int_as_i64(t, a[1], &total)))
        return V_NULL;
    const char *note = a[2] && is_str(a[2]) ? str_utf8(t, a[2], &n) : "";
    if (!note)
        return V_NULL;
    if (!x || !x->task || done < 0 || total < 0)
        return V_FALSE;
    if (x->told_ns && now - x->told_ns < PROGRESS_NS && (done != total || !total))
        return V_FALSE;
    x->told_ns = now;
    struct chan_progress p = { x->task->number, (uint64_t)done, (uint64_t)total };
    struct slice text = arena_slice(&x->arena, slice_of(note, n < LIMIT_TEXT ? n : 0));
    thread_detach(t);
    desk_progress(d, &p, text);
    thread_attach(t);
    return V_TRUE;
}

static const struct native natives[] = {
    { "register", NATIVE_FUNCTION, "($module, name, function, head=None, /)", .fn = krait_register,
      .doc = "Makes function the task of that name." },
    { "current", NATIVE_FUNCTION, "($module, /)", .fn = krait_current,
      .doc = "The task that this thread runs, as a dict, or None." },
    { "encode_call", NATIVE_FUNCTION, "($module, args, kwargs=None, /)", .fn = krait_encode_call,
      .doc = "A serialized Payload." },
    { "decode", NATIVE_FUNCTION, "($module, data, /)", .fn = krait_decode,
      .doc = "The value of a serialized Value." },
    { "new_key", NATIVE_FUNCTION, "($module, /)", .fn = krait_new_key,
      .doc = "A key for a task that nobody else makes." },
    { "send", NATIVE_FUNCTION, "($module, member, message, /)", .fn = krait_send,
      .doc = "Sends the broker a request, without its seq; returns a ticket." },
    { "receive", NATIVE_FUNCTION, "($module, ticket, timeout, /)", .fn = krait_receive,
      .doc = "(member, message) of the next answer, or None after timeout seconds." },
    { "drop", NATIVE_FUNCTION, "($module, ticket, /)", .fn = krait_drop,
      .doc = "No more answers are wanted." },
    { "progress", NATIVE_FUNCTION, "($module, done, total=None, note=None, /)", .fn = krait_progress,
      .doc = "Tells how far the running task is; once a second at most. Whether it was told." },
};
#undef F

static const char classes[] =
    "import _krait\n"
    "def make():\n"
    "    class TaskStopped(BaseException):\n"
    "        'The running task was cancelled or is over its time limit. Raised again until it ends.'\n"
    "    class SoftTimeLimit(Exception):\n"
    "        'The soft time limit of the running task has passed. Raised once.'\n"
    "    class Retry(Exception):\n"
    "        'Ends this run of the task and asks for another one: raise Retry(5) runs it again in 5 s.'\n"
    "        def __init__(self, delay=0, message=''):\n"
    "            Exception.__init__(self, delay, message)\n"
    "            self.delay = delay\n"
    "            self.message = message\n"
    "    for c in TaskStopped, SoftTimeLimit, Retry:\n"
    "        c.__module__, c.__qualname__ = 'krait', c.__name__\n"
    "        setattr(_krait, c.__name__, c)\n"
    "make()\n"
    "del make, _krait\n";

static value class_of(struct thread *t, vref module, const char *name)
{
    value c = object_getattr_cstr(t, module, name);
    if (c && !is_type(c)) {
        release(t, c);
        return V_NULL;
    }
    return c;
}

bool native_add(struct exec *x)
{
    struct thread *t = x->main;
    if (!interp_add_module(t, "_krait", natives, sizeof natives / sizeof natives[0]))
        return false;
    value done = interp_run_string(t, classes, "<_krait>");
    value module = done ? interp_import(t, "_krait") : V_NULL;
    if (module) {
        x->stopped = class_of(t, module, "TaskStopped");
        x->soft = x->stopped ? class_of(t, module, "SoftTimeLimit") : V_NULL;
        x->retry = x->soft ? class_of(t, module, "Retry") : V_NULL;
    }
    release_opt(t, module);
    release_opt(t, done);
    return x->retry != V_NULL;
}

bool native_is_retry(struct exec *x, struct thread *t, uint64_t *retry_ms)
{
    double seconds = 0;
    if (!raised(t) || !is_instance(t->exc, as_type(x->retry)))
        return false;
    value e = raised_take(t);
    value delay = object_getattr_cstr(t, e, "delay");
    if (!delay || delay == V_NONE || !float_as_double(t, delay, &seconds) || !(seconds > 0) || seconds > 3.2e9)
        seconds = 0;
    raised_clear(t);
    release_opt(t, delay);
    t->exc = e;      // as it was, with its traceback
    *retry_ms = (uint64_t)(seconds * 1000);
    return true;
}
