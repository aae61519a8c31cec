// SPDX-License-Identifier: Apache-2.0
// Tasks in the interpreter: start, the app, running one task in its scope. The native module _krait is native.c's, values are
// convert.c's.
//
// A TASK'S SCOPE is what the interpreter's scope.h offers: its hard limit, its memory limit and a cancellation end it by an
// exception at the next safepoint, repeated while it goes on. A soft limit is a scope within, delivered once: the task may
// catch SoftTimeLimit and finish in order.

#include "worker/exec.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "worker/exec_priv.h"
#include "worker/parts.h"

#include "interp/core/clock.h"
#include "interp/core/hooks.h"

#define ONCE_NS (UINT64_C(365) * 24 * 3600 * 1000000000)

struct exec *exec_the;
_Thread_local struct executor *exec_here;

// ---- start

static void raise_scope(struct thread *t, struct scope *s)
{
    switch (scope_cause(s)) {
    case SCOPE_DEADLINE:
        if (s->user)
            raise(t, as_type(exec_the->soft), "the soft time limit has passed");
        else
            raise(t, as_type(exec_the->stopped), "the time limit has passed");
        break;
    case SCOPE_MEMORY:
        raise(t, &exc_MemoryError, "the task is over its memory limit");
        break;
    case SCOPE_CANCELLED: case SCOPE_STEPS: case SCOPE_RUNNING:
        raise(t, as_type(exec_the->stopped), "the task was cancelled");
        break;
    }
}

struct exec *exec_start(const struct exec_settings *s)
{
    static char *argv[] = { "krait-worker", NULL };
    struct interp_options o = { .free_threaded = s->free_threaded, .argc = 1, .argv = argv, .executable = "", .stdlib = s->stdlib,
        .flags = { .int_max_str_digits = -1, .hash_randomization = true, .import_site = true, .faulthandler = true } };
    struct exec *x = calloc(1, sizeof *x);
    if (!x || !(x->main = interp_start(&o)))
        return NULL;
    exec_the = x;
    pthread_mutex_init(&x->lock, NULL);
    map_init(&x->names);
    if (!native_add(x) || (s->package && !interp_add_path(x->main, s->package, false))) {
        interp_report_exit(x->main);
        return NULL;
    }
    x->hooks = *x->main->interp->hooks;
    x->hooks.scope_raise = raise_scope;
    x->main->interp->hooks = &x->hooks;
    return x;
}

// ---- the app

// Text of a str, copied into the arena; longer ones lose their middle, so that head and tail stay.
static struct slice text_of(struct thread *t, struct arena *a, vref v, size_t cap)
{
    size_t n = 0;
    const char *s = v && is_str(v) ? str_utf8(t, v, &n) : NULL;
    value ascii = V_NULL;
    if (!s && v) {
        raised_clear(t);
        ascii = object_ascii(t, v);      // lone surrogates
        s = ascii ? str_utf8(t, ascii, &n) : NULL;
    }
    raised_clear(t);
    static const char cut[] = "\n… cut …\n";
    struct slice out = slice_of(NULL, 0);
    size_t room = cap - sizeof cut, front = room / 4, back = room - front;
    uint8_t *p = s ? arena_alloc(a, (n < cap ? n : cap) + 1) : NULL;
    if (p && n <= cap) {
        memcpy(p, s, n);
        out = slice_of(p, n);
    } else if (p) {
        while (front && (s[front] & 0xc0) == 0x80)
            front--;
        while (back && (s[n - back] & 0xc0) == 0x80)
            back--;
        memcpy(p, s, front);
        memcpy(p + front, cut, sizeof cut - 1);
        memcpy(p + front + sizeof cut - 1, s + n - back, back);
        out = slice_of(p, front + sizeof cut - 1 + back);
    }
    release_opt(t, ascii);
    return out;
}

static void take_failure(struct thread *t, struct arena *a, struct msg_failure *f)
{
    value type, message, traceback;
    interp_take_error(t, &type, &message, &traceback);
    f->type = text_of(t, a, type, LIMIT_TEXT);
    f->message = text_of(t, a, message, LIMIT_MESSAGE);
    f->traceback = text_of(t, a, traceback, LIMIT_TRACEBACK);
    release_opt(t, type);
    release_opt(t, message);
    release_opt(t, traceback);
}

static value load_file(struct thread *t, const char *path)
{
    char full[PATH_MAX], dir[PATH_MAX], stem[NAME_MAX + 1];
    if (!realpath(path, full)) {
        value name = str_from_cstr(t, path);
        return name ? raise_errno(t, errno, name) : V_NULL;
    }
    snprintf(dir, sizeof dir, "%s", full);
    snprintf(stem, sizeof stem, "%s", strrchr(full, '/') + 1);
    char *dot = strrchr(stem, '.');
    if (dot)
        *dot = 0;
    return interp_add_path(t, dirname(dir), true) ? interp_import_file(t, stem, full) : V_NULL;
}

static value load_module(struct thread *t, const char *name)
{
    char dir[PATH_MAX];
    if (getcwd(dir, sizeof dir) && !interp_add_path(t, dir, true))
        return V_NULL;
    return interp_import(t, name);
}

bool exec_load(struct exec *x, const char *app, struct buf *error)
{
    struct thread *t = x->main;
    size_t n = strlen(app);
    bool is_file = strchr(app, '/') || (n > 3 && strcmp(app + n - 3, ".py") == 0);
    value module = is_file ? load_file(t, app) : load_module(t, app);
    if (module) {
        release(t, module);
        return true;
    }
    struct arena a;
    struct msg_failure f;
    arena_init(&a, 1u << 20);
    take_failure(t, &a, &f);
    buf_put_slice(error, f.traceback);
    arena_free(&a);
    return false;
}

void exec_names(struct exec *x, void (*see)(void *arg, const struct msg_task_name *name), void *arg)
{
    pthread_mutex_lock(&x->lock);
    for (size_t i = 0; i < x->n; i++) {
        const struct entry *e = x->order[i];
        struct msg_task_name name = { .name = slice_of(e->name, e->name_n), .queue = slice_text(e->queue), .options = e->options };
        see(arg, &name);
    }
    pthread_mutex_unlock(&x->lock);
}

void exec_use_desk(struct exec *x, struct desk *d)
{
    x->desk = d;
}

// ---- threads and processes

static struct executor *executor_new(struct exec *x, struct thread *t)
{
    struct executor *e = t ? calloc(1, sizeof *e) : NULL;
    if (!e)
        return NULL;
    e->exec = x;
    e->t = t;
    pthread_mutex_init(&e->lock, NULL);
    arena_init(&e->arena, (size_t)LIMIT_FRAME * LIMIT_DECODE + (1u << 20));
    exec_here = e;
    return e;
}

struct executor *exec_main(struct exec *x)
{
    if (!x->executor)
        x->executor = executor_new(x, x->main);
    exec_here = x->executor;
    return x->executor;
}

struct executor *exec_join(struct exec *x)
{
    return executor_new(x, interp_attach_thread(x->main->interp));
}

void exec_leave(struct executor *e)
{
    interp_detach_thread(e->t);
    exec_here = NULL;
    arena_free(&e->arena);
    buf_free(&e->value);
    buf_free(&e->payload);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

void exec_rest(struct executor *e)
{
    thread_detach(e->t);
}

void exec_wake(struct executor *e)
{
    thread_attach(e->t);
}

static void flush(struct thread *t, const char *name)
{
    value file = dict_get_str(t, t->interp->sys_dict, name);
    value done = file && file != V_NONE ? object_call_method_cstr(t, file, "flush", NULL, 0) : V_NULL;
    raised_clear(t);
    release_opt(t, done);
    release_opt(t, file);
}

void exec_flush(struct executor *e)
{
    flush(e->t, "stdout");
    flush(e->t, "stderr");
}

pid_t exec_fork(struct exec *x)
{
    struct thread *t = x->main;
    flush(t, "stdout");
    flush(t, "stderr");
    interp_fork_before(t);
    pid_t pid = fork();
    if (pid == 0)
        interp_fork_child(t);
    else
        interp_fork_parent(t);
    return pid;
}

void exec_look(struct executor *e, struct exec_stats *out)
{
    struct interp_stats s;
    interp_thread_stats(e->t, &s);
    *out = (struct exec_stats){ .gil_wait_ns = s.gil_wait_ns, .gil_switches = s.gil_holds,
                                .contended = s.contended_counts + s.contended_stores, .gc_pause_ns = s.gc_pause_ns,
                                .gc_collections = s.gc_collections };
}

// ---- one task

static struct entry *find(struct exec *x, struct slice name)
{
    pthread_mutex_lock(&x->lock);
    struct entry *e = map_get(&x->names, name);
    pthread_mutex_unlock(&x->lock);
    return e;
}

static void fail(struct exec_end *end, enum task_ended ended, const char *type, const char *message)
{
    end->ended = ended;
    end->has_failure = true;
    end->failure = (struct msg_failure){ .type = slice_text(type), .message = slice_text(message) };
}

static uint64_t either(uint64_t asked, uint64_t registered)
{
    return asked ? asked : registered;
}

static uint64_t deadline(uint64_t now, uint64_t ms)
{
    return ms ? now + ms * 1000000 : 0;
}

static void release_all(struct thread *t, value *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        release_opt(t, v[i]);
}

static value keyword_names(struct thread *t, const struct wire_payload *p)
{
    value names = tuple_new(t, p->n_kwargs);
    for (size_t i = 0; names && i < p->n_kwargs; i++) {
        value s = str_from_utf8(t, (const char *)p->kwargs[i].name.p, p->kwargs[i].name.n);
        s = s ? str_intern(t, s) : s;
        if (!s) {
            release(t, names);
            return V_NULL;
        }
        as_tuple(names)->at[i] = s;
    }
    return names;
}

static value call(struct executor *x, const struct entry *e, const struct wire_payload *p)
{
    struct thread *t = x->t;
    size_t n = p->n_args + p->n_kwargs, done = 0;
    value *args = arena_alloc(&x->arena, (n + 1) * sizeof *args);
    if (!args)
        return raise_no_memory(t);
    for (; done < n; done++) {
        const struct wire_value *v = done < p->n_args ? &p->args[done] : &p->kwargs[done - p->n_args].value;
        if (!(args[done] = convert_to_python(t, v)))
            break;
    }
    value names = done == n && p->n_kwargs ? keyword_names(t, p) : V_NULL;
    value r = done == n && (names || !p->n_kwargs) ? object_call(t, e->func, args, p->n_args, names) : V_NULL;
    release_opt(t, names);
    release_all(t, args, done);
    return r;
}

static void publish_scope(struct executor *x, struct scope *s)
{
    pthread_mutex_lock(&x->lock);
    x->scope = s;
    pthread_mutex_unlock(&x->lock);
}

void exec_cancel(struct executor *x)
{
    pthread_mutex_lock(&x->lock);
    if (x->scope)
        scope_cancel(x->scope);
    pthread_mutex_unlock(&x->lock);
}

static value call_in_scope(struct executor *x, const struct entry *e, const struct wire_payload *p, struct scope *hard,
                           struct scope *soft)
{
    struct thread *t = x->t;
    if (!scope_enter(t, hard))
        return V_NULL;
    bool has_soft = soft->deadline_ns && scope_enter(t, soft);
    publish_scope(x, hard);
    value r = raised(t) ? V_NULL : call(x, e, p);
    publish_scope(x, NULL);
    if (has_soft)
        scope_leave(t, soft);
    scope_leave(t, hard);
    return r;
}

static enum task_ended ended_by(struct thread *t, const struct scope *s)
{
    switch (scope_cause(s)) {
    case SCOPE_CANCELLED:
        return ENDED_CANCELLED;
    case SCOPE_DEADLINE:
        return ENDED_TIMED_OUT;
    case SCOPE_MEMORY:
        return ENDED_MEMORY;
    case SCOPE_RUNNING: case SCOPE_STEPS:
        break;
    }
    return ENDED_FAILED;
}

static enum err push_result(struct executor *x, struct exec_end *end)
{
    end->value_size = buf_len(&x->value);
    thread_detach(x->t);
    enum err error = parts_push(x->exec->desk, x->task->id, x->task->attempt, buf_slice(&x->value), &end->value_parts);
    thread_attach(x->t);
    return error;
}

static enum err fetch_payload(struct executor *x, const struct exec_task *task)
{
    buf_reset(&x->payload, 1u << 20);
    thread_detach(x->t);
    enum err error = parts_fetch(x->exec->desk, task->id, x->body.parts, x->body.payload_size, &x->payload);
    thread_attach(x->t);
    x->body.payload = buf_slice(&x->payload);
    return error;
}

static void send_result(struct executor *x, vref r, struct exec_end *end)
{
    struct wire_value v;
    struct convert_why why;
    enum err error = ERR_OK;
    if (!convert_to_wire(x->t, &x->arena, r, &v, &why))
        error = ERR_VALUE;
    else if ((error = value_encode(&x->value, &v)) != ERR_OK)
        snprintf(why.text, sizeof why.text, "the result cannot be sent: %s", err_text(error));
    else if (buf_len(&x->value) > PARTS_MAX) {
        error = ERR_CAP;
        snprintf(why.text, sizeof why.text, "the result has %zu bytes, more than %u", buf_len(&x->value), PARTS_MAX);
    } else if (buf_len(&x->value) > LIMIT_INLINE && (error = push_result(x, end)) != ERR_OK)
        snprintf(why.text, sizeof why.text, "the result could not be sent in parts: %s", err_text(error));
    if (error == ERR_OK) {
        end->ended = ENDED_DONE;
        end->value = end->value_parts ? slice_of(NULL, 0) : buf_slice(&x->value);
        return;
    }
    fail(end, ENDED_BAD_RESULT, "TypeError", "");
    end->failure.message = arena_slice(&x->arena, slice_text(why.text));
    end->failure.traceback = end->failure.message;
}

static void run_entry(struct executor *x, const struct entry *e, const struct wire_payload *p, exec_begun *begun, void *arg,
                      struct exec_end *end)
{
    const struct msg_options *o = &x->body.options;
    uint64_t now = clock_now_ns();
    struct scope hard = { .deadline_ns = deadline(now, either(o->hard_limit_ms, e->options.hard_limit_ms)),
                          .memory_limit = either(o->memory_limit, e->options.memory_limit) };
    struct scope soft = { .deadline_ns = deadline(now, either(o->soft_limit_ms, e->options.soft_limit_ms)),
                          .repeat_ns = ONCE_NS, .user = &soft };
    begun(arg, (int64_t)hard.deadline_ns);
    value r = call_in_scope(x, e, p, &hard, &soft);
    end->cost.memory = hard.memory_peak;
    if (r) {
        send_result(x, r, end);
        release(x->t, r);
    } else {
        end->ended = ended_by(x->t, &hard);
        if (end->ended == ENDED_FAILED && native_is_retry(x->exec, x->t, &end->retry_ms))
            end->ended = ENDED_RETRY;
        end->has_failure = true;
        take_failure(x->t, &x->arena, &end->failure);
    }
    raised_clear(x->t);
}

void exec_run(struct executor *x, const struct exec_task *task, exec_begun *begun, void *arg, struct exec_end *end)
{
    struct wire_payload payload;
    *end = (struct exec_end){ 0 };
    arena_reset(&x->arena);
    buf_reset(&x->value, 1u << 20);
    enum err error = task_decode(&x->arena, task->body, &x->body);
    const struct entry *e = error == ERR_OK ? find(x->exec, x->body.name) : NULL;
    if (error == ERR_OK && !e) {
        end->ended = ENDED_UNKNOWN_TASK;
        return;
    }
    if (error == ERR_OK && x->body.parts && (error = fetch_payload(x, task)) != ERR_OK) {
        fail(end, ENDED_FAILED, "krait.PartsLost", err_text(error));
        return;
    }
    if (error == ERR_OK)
        error = payload_decode(&x->arena, x->body.payload, &payload);
    if (error != ERR_OK) {
        fail(end, ENDED_FAILED, "ValueError", err_text(error));
        return;
    }
    x->task = task;
    x->told_ns = 0;
    run_entry(x, e, &payload, begun, arg, end);
    x->task = NULL;
}
