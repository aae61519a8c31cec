// SPDX-License-Identifier: Apache-2.0
// Starting, watching and ending templates and children. What a dead child's tasks become is left to dispatch.c.

#include "worker/pool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sdk/base/mem.h"
#include "worker/template.h"
#include "worker/worker.h"

#define DELAY_MS     50
#define DELAY_MAX_MS 5000

static void on_child(struct pipe *pipe);
static void on_child_gone(struct pipe *pipe, int error);
static void on_template(struct pipe *pipe);
static void on_template_gone(struct pipe *pipe, int error);
static void make_missing(struct alarm *a);

// ---- children

static void proc_gone(struct proc *p)
{
    struct pool *pool = &p->worker->pool;
    bool early = p->state == PROC_STARTING;
    if (p->state == PROC_NONE)
        return;
    bool expected = p->state == PROC_LEAVING && list_empty(&p->handed);
    p->state = PROC_GONE;
    size_t lost = p->handed.n;
    dispatch_died(&p->worker->dispatch, p);
    relay_forget(&p->worker->relay, p);
    pipe_close(&p->pipe);
    if (!expected && !pool->ended) {
        *(p->killed ? &pool->restarts_killed : &pool->restarts_died) += 1;
        log_write(&p->worker->log, LOG_WARN, "child died", LOG_FIELDS(log_int("pid", p->pid),
                  log_int("tasks", (int64_t)lost), log_bool("killed_by_us", p->killed)));
    }
    pool->delay_ms = !early ? DELAY_MS : pool->delay_ms * 2 > DELAY_MAX_MS ? DELAY_MAX_MS : pool->delay_ms * 2;
    p->state = PROC_NONE;
    alarm_in(&p->worker->loop, &pool->spawn, early ? pool->delay_ms : 0);
}

static void read_frames(struct proc *p)
{
    struct chan_frame f;
    struct chan_range range;
    while (p->state != PROC_NONE && chan_next(&p->pipe.in, &f)) {
        if (f.kind == CHAN_READY && p->state == PROC_STARTING) {
            p->state = PROC_LIVE;
            p->moved = p->worker->loop.now;
            p->worker->pool.delay_ms = DELAY_MS;
            supervisor_ready(p->worker);
        } else if (f.kind == CHAN_RESULT) {
            dispatch_result(&p->worker->dispatch, p, f.bytes);
        } else if (f.kind == CHAN_RETURNED && f.bytes.n == sizeof range) {
            memcpy(&range, f.bytes.p, sizeof range);
            dispatch_returned(&p->worker->dispatch, p, range);
        } else if (f.kind == CHAN_ASK) {
            relay_ask(&p->worker->relay, p, f.bytes);
        } else if (f.kind == CHAN_DROP) {
            relay_drop(&p->worker->relay, p, f.bytes);
        } else if (f.kind == CHAN_PROGRESS) {
            relay_progress(&p->worker->relay, p, f.bytes);
        }
        chan_done(&p->pipe.in, &f);
    }
}

// The bell is cleared before the ring is read: what comes later rings again.
static void read_ring(struct proc *p)
{
    struct slice record;
    atomic_store_explicit(&p->lane->rung, 0, memory_order_seq_cst);
    while (ring_peek(p->lane, &record)) {
        dispatch_result(&p->worker->dispatch, p, record);
        ring_next(p->lane, record);
    }
}

static void on_child(struct pipe *pipe)
{
    struct proc *p = LIST_ITEM(pipe, struct proc, pipe);
    read_frames(p);
    read_ring(p);
}

static void on_child_gone(struct pipe *pipe, int error)
{
    struct proc *p = LIST_ITEM(pipe, struct proc, pipe);
    (void)error;
    read_ring(p);
    proc_gone(p);
}

// Another process may still hold its socket: nothing more than what is in there will come.
static void proc_exited(struct proc *p)
{
    uint8_t *room;
    ssize_t n;
    while (pipe_is_open(&p->pipe) && (room = buf_room(&p->pipe.in, 65536)) &&
           (n = recv(p->pipe.fd, room, 65536, MSG_DONTWAIT)) > 0)
        buf_added(&p->pipe.in, (size_t)n);
    read_frames(p);
    read_ring(p);
    proc_gone(p);
}

struct task *proc_find(struct proc *p, uint64_t number)
{
    for (struct link *x = list_first(&p->handed); x; x = list_next(&p->handed, x))
        if (task_at(x)->number >= number)
            return task_at(x)->number == number ? task_at(x) : NULL;
    return NULL;
}

void proc_send(struct proc *p, enum chan_kind kind, const void *bytes, size_t n)
{
    if (pipe_is_open(&p->pipe) && !chan_put(&p->pipe.out, kind, bytes, n))
        proc_kill(p, "out of memory");
}

void proc_kill(struct proc *p, const char *why)
{
    if (p->state == PROC_NONE || p->killed)
        return;
    log_write(&p->worker->log, LOG_WARN, "child is killed", LOG_FIELDS(log_int("pid", p->pid), log_text("why", why)));
    p->killed = true;
    if (p->pid > 0)
        kill(p->pid, SIGKILL);
}

// ---- making children

static struct proc *find_birth(struct pool *pool, uint64_t birth)
{
    for (size_t i = 0; i < pool->n_procs; i++)
        if (pool->procs[i].state != PROC_NONE && pool->procs[i].birth == birth)
            return &pool->procs[i];
    return NULL;
}

static bool spawn(struct pool *pool, struct proc *p)
{
    struct worker *w = pool->worker;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return false;
    lane_clear(&w->lanes, p->index);
    struct chan_spawn order = { .lane = (uint32_t)p->index, .birth = pool->births + 1 };
    bool ok = chan_pass(pool->now.pipe.fd, CHAN_SPAWN, &order, sizeof order, ends[1]);
    close(ends[1]);
    if (!ok) {
        close(ends[0]);
        return false;
    }
    pool->births++;
    p->state = PROC_STARTING;
    p->birth = order.birth;
    p->generation = pool->now.generation;
    p->pid = 0;
    p->next = 1;
    p->seen_taken = 0;
    p->recalling = p->killed = false;
    p->moved = w->loop.now;
    pipe_open(&p->pipe, &w->loop, ends[0], on_child, on_child_gone);
    return true;
}

static size_t present(const struct pool *pool)
{
    size_t n = 0;
    for (size_t i = 0; i < pool->n_procs; i++)
        n += (pool->procs[i].state == PROC_STARTING || pool->procs[i].state == PROC_LIVE) &&
             pool->procs[i].generation == pool->now.generation;
    return n;
}

static bool start_template(struct pool *pool, struct template *t);

static void make_missing(struct alarm *a)
{
    struct pool *pool = LIST_ITEM(a, struct pool, spawn);
    if (pool->ended)
        return;
    if (pool->now.state == TEMPLATE_NONE)
        start_template(pool, &pool->now);
    if (pool->now.state != TEMPLATE_READY)
        return;
    size_t have = present(pool);
    for (size_t i = 0; i < pool->n_procs && have < pool->wanted; i++)
        if (pool->procs[i].state == PROC_NONE) {
            if (!spawn(pool, &pool->procs[i]))
                break;
            have++;
        }
    if (have < pool->wanted)
        alarm_in(&pool->worker->loop, &pool->spawn, DELAY_MS);
}

// ---- the template

static void forget_names(struct template *t)
{
    mem_free(MEM_WORKER, t->names, t->cap_names * sizeof *t->names);
    t->names = NULL;
    t->n_names = t->cap_names = 0;
    arena_free(&t->names_arena);
}

static void end_template(struct template *t)
{
    pipe_close(&t->pipe);
    if (t->pid > 0)
        kill(t->pid, SIGKILL);
    forget_names(t);
    t->state = TEMPLATE_NONE;
    t->pid = 0;
}

static bool start_template(struct pool *pool, struct template *t)
{
    struct worker *w = pool->worker;
    int ends[2];
    sigset_t all, old;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return false;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &old);
    int supervisor = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        struct template_start start = { .set = &w->set, .log = &w->log, .lanes = &w->lanes, .fd = ends[1],
                                        .supervisor = supervisor };
        template_main(&start);
    }
    sigprocmask(SIG_SETMASK, &old, NULL);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        alarm_in(&w->loop, &pool->spawn, 1000);
        return false;
    }
    *t = (struct template){ .worker = w, .state = TEMPLATE_LOADING, .pid = pid,
                            .generation = pool->generations + (t == &pool->next) };
    arena_init(&t->names_arena, 64u << 20);
    pipe_open(&t->pipe, &w->loop, ends[0], on_template, on_template_gone);
    return true;
}

static void add_name(struct template *t, struct slice body)
{
    struct msg_task task;
    struct slice kept = arena_slice(&t->names_arena, body);
    if (t->n_names == LIMIT_TASK_NAMES || !kept.p || task_decode(&t->names_arena, kept, &task) != ERR_OK)
        return;
    if (t->n_names == t->cap_names) {
        size_t cap = t->cap_names ? t->cap_names * 2 : 64;
        void *more = mem_realloc(MEM_WORKER, t->names, t->cap_names * sizeof *t->names, cap * sizeof *t->names);
        if (!more)
            return;
        t->names = more;
        t->cap_names = cap;
    }
    t->names[t->n_names++] = (struct msg_task_name){ .name = task.name, .queue = task.queue, .options = task.options };
}

static void loaded(struct pool *pool, struct template *t)
{
    struct worker *w = pool->worker;
    log_write(&w->log, LOG_INFO, "app loaded", LOG_FIELDS(log_text("app", w->set.app), log_int("tasks", (int64_t)t->n_names),
              log_int("pid", t->pid)));
    t->state = TEMPLATE_READY;
    if (t == &pool->next) {
        end_template(&pool->now);
        pool->now = pool->next;
        pool->generations = pool->now.generation;
        pool->next = (struct template){ 0 };
        // The event structs lie inside the pipe: register them again at their new place.
        int fd = pool->now.pipe.fd;
        event_del(&pool->now.pipe.readable);
        pipe_open(&pool->now.pipe, &w->loop, fd, on_template, on_template_gone);
        for (size_t i = 0; i < pool->n_procs; i++)
            if (pool->procs[i].state == PROC_LIVE || pool->procs[i].state == PROC_STARTING) {
                pool->procs[i].state = PROC_LEAVING;
                proc_send(&pool->procs[i], CHAN_RECALL, NULL, 0);
                proc_send(&pool->procs[i], CHAN_QUIT, NULL, 0);
            }
        uplink_again(&w->uplink);
    }
    make_missing(&pool->spawn);
    uplink_start(&w->uplink);
}

static void child_word(struct pool *pool, const struct chan_frame *f)
{
    struct chan_spawned word;
    if (f->bytes.n != sizeof word)
        return;
    memcpy(&word, f->bytes.p, sizeof word);
    struct proc *p = find_birth(pool, word.birth);
    if (f->kind == CHAN_EXITED) {
        log_write(&pool->worker->log, LOG_DEBUG, "child ended", LOG_FIELDS(log_int("pid", word.pid),
                  log_int("exit", WIFEXITED(word.status) ? WEXITSTATUS(word.status) : -1),
                  log_int("signal", WIFSIGNALED(word.status) ? WTERMSIG(word.status) : 0)));
        if (p)
            proc_exited(p);
    } else if (p) {
        p->pid = word.pid;
        if (p->killed)
            kill(p->pid, SIGKILL);
    }
}

static void on_template(struct pipe *pipe)
{
    struct template *t = LIST_ITEM(pipe, struct template, pipe);
    struct pool *pool = &t->worker->pool;
    struct chan_frame f;
    while (pipe_is_open(pipe) && chan_next(&pipe->in, &f)) {
        enum chan_kind kind = f.kind;
        if (kind == CHAN_NAME)
            add_name(t, f.bytes);
        else if (kind == CHAN_SPAWNED || kind == CHAN_EXITED)
            child_word(pool, &f);
        else if (kind == CHAN_FAILED && t == &pool->next)
            log_write(&t->worker->log, LOG_ERROR, "the app did not load: the old one stays",
                      LOG_FIELDS(log_str("error", f.bytes)));
        else if (kind == CHAN_FAILED)
            supervisor_failed(t->worker, f.bytes);
        chan_done(&pipe->in, &f);
        if (kind == CHAN_LOADED) {
            loaded(pool, t);
            return;      // it may have moved
        }
    }
}

static void on_template_gone(struct pipe *pipe, int error)
{
    struct template *t = LIST_ITEM(pipe, struct template, pipe);
    struct pool *pool = &t->worker->pool;
    bool loading = t->state == TEMPLATE_LOADING;
    (void)error;
    end_template(t);
    if (pool->ended || t == &pool->next)
        return;
    if (loading && !pool->births) {
        supervisor_failed(t->worker, slice_text(""));
        return;
    }
    log_write(&t->worker->log, LOG_WARN, "template died", LOG_NONE);
    alarm_in(&t->worker->loop, &pool->spawn, 1000);
}

// ---- the whole

bool pool_init(struct pool *p, struct worker *w)
{
    *p = (struct pool){ .worker = w, .wanted = (size_t)w->set.processes, .delay_ms = DELAY_MS };
    alarm_init(&p->spawn, make_missing);
    p->n_procs = w->lanes.n;
    p->procs = mem_zalloc(MEM_WORKER, p->n_procs, sizeof *p->procs);
    for (size_t i = 0; p->procs && i < p->n_procs; i++) {
        p->procs[i] = (struct proc){ .worker = w, .index = i, .lane = lane_at(&w->lanes, i) };
        p->procs[i].pipe.fd = -1;
        list_init(&p->procs[i].handed);
    }
    p->now.pipe.fd = p->next.pipe.fd = -1;
    return p->procs != NULL;
}

bool pool_start(struct pool *p)
{
    return start_template(p, &p->now);
}

void pool_reload(struct pool *p)
{
    if (p->ended || p->now.state != TEMPLATE_READY)
        return;
    if (p->next.state != TEMPLATE_NONE)
        end_template(&p->next);
    start_template(p, &p->next);
}

void pool_reap(struct pool *p)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == p->now.pid)
            p->now.pid = 0;
        if (pid == p->next.pid)
            p->next.pid = 0;
        for (size_t i = 0; i < p->n_procs; i++)
            if (p->procs[i].state != PROC_NONE && p->procs[i].pid == pid)
                proc_exited(&p->procs[i]);
    }
}

void pool_leave(struct pool *p)
{
    p->ended = true;
    for (size_t i = 0; i < p->n_procs; i++)
        if (p->procs[i].state == PROC_LIVE || p->procs[i].state == PROC_STARTING) {
            p->procs[i].state = PROC_LEAVING;
            proc_send(&p->procs[i], CHAN_QUIT, NULL, 0);
        }
}

void pool_end(struct pool *p)
{
    p->ended = true;
    for (size_t i = 0; i < p->n_procs; i++)
        if (p->procs[i].state != PROC_NONE && p->procs[i].pid > 0) {
            p->procs[i].killed = true;
            kill(p->procs[i].pid, SIGKILL);
        }
}

bool pool_idle(const struct pool *p)
{
    for (size_t i = 0; i < p->n_procs; i++)
        if (p->procs[i].state != PROC_NONE)
            return false;
    return true;
}

size_t pool_live(const struct pool *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n_procs; i++)
        n += p->procs[i].state == PROC_LIVE;
    return n;
}

void pool_free(struct pool *p)
{
    struct link *x;
    for (size_t i = 0; p->procs && i < p->n_procs; i++) {
        pipe_close(&p->procs[i].pipe);
        while ((x = list_first(&p->procs[i].handed)))
            task_free(&p->worker->tasks, task_at(x));
    }
    end_template(&p->now);
    end_template(&p->next);
    while (waitpid(-1, NULL, 0) > 0) {}
    mem_free(MEM_WORKER, p->procs, p->n_procs * sizeof *p->procs);
    p->procs = NULL;
}
