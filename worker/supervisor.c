// SPDX-License-Identifier: Apache-2.0
// The supervisor: phases, signals, the end of a turn, the last words. Tasks are dispatch.c's, processes pool.c's.

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "worker/worker.h"

#define LAST_WORDS_MS 3000     // for outcomes that the broker did not answer yet
#define INTERRUPT_MS  3000     // between interrupting tasks and killing their children
#define BURST_MS      300

// ---- phases

static void stop_now(struct worker *w)
{
    if (w->phase == PHASE_STOPPING)
        return;
    w->phase = PHASE_STOPPING;
    dispatch_stop_all(&w->dispatch, STOP_DRAIN);
    pool_end(&w->pool);
    alarm_in(&w->loop, &w->patience, LAST_WORDS_MS);
}

// The end of the drain's patience: interrupt; then kill; then leave.
static void out_of_patience(struct alarm *a)
{
    struct worker *w = LIST_ITEM(a, struct worker, patience);
    if (w->phase == PHASE_STOPPING) {
        loop_stop(&w->loop);
        return;
    }
    if (!w->interrupted && w->tasks.handed) {
        log_write(&w->log, LOG_WARN, "drain timeout: what runs is interrupted and goes back to the queue",
                  LOG_FIELDS(log_int("tasks", (int64_t)w->tasks.handed)));
        w->interrupted = true;
        dispatch_stop_all(&w->dispatch, STOP_DRAIN);
        alarm_in(&w->loop, &w->patience, INTERRUPT_MS);
        return;
    }
    stop_now(w);
}

static void drain(struct worker *w)
{
    w->phase = PHASE_DRAINING;
    alarm_clear(&w->loop, &w->burst);
    dispatch_give_back(&w->dispatch);
    alarm_in(&w->loop, &w->patience, w->set.drain_ms);
}

static bool nothing_left(const struct worker *w)
{
    return !dispatch_in_hand(&w->dispatch) && list_empty(&w->tasks.in[TASK_FINISHED]) && list_empty(&w->tasks.in[TASK_SENT]);
}

static void flush_children(struct worker *w)
{
    for (size_t i = 0; i < w->pool.n_procs; i++)
        if (pipe_is_open(&w->pool.procs[i].pipe) && buf_len(&w->pool.procs[i].pipe.out))
            pipe_flush(&w->pool.procs[i].pipe);
}

// Draining: once nothing is left the children end, then we do.
static void look_for_the_end(struct worker *w)
{
    if (w->phase < PHASE_DRAINING || !nothing_left(w))
        return;
    if (w->phase == PHASE_DRAINING && !w->pool.ended)
        pool_leave(&w->pool);
    if (pool_idle(&w->pool) || w->phase == PHASE_STOPPING) {
        loop_stop(&w->loop);
    } else if (!w->leaving) {
        w->leaving = true;
        alarm_in(&w->loop, &w->patience, INTERRUPT_MS);   // a child that does not end by itself
    }
}

static void turn_end(void *arg)
{
    struct worker *w = arg;
    dispatch_turn(&w->dispatch);
    look_for_the_end(w);
    flush_children(w);
    uplink_turn(&w->uplink);
}

// ---- signals

static void on_term(struct worker *w)
{
    if (w->phase >= PHASE_DRAINING)
        stop_now(w);
    else
        drain(w);
}

static void on_quiet(struct worker *w)
{
    if (w->phase == PHASE_RUNNING) {
        w->phase = PHASE_QUIET;
        dispatch_give_back(&w->dispatch);
    }
}

static void on_continue(struct worker *w)
{
    if (w->phase == PHASE_QUIET)
        w->phase = PHASE_RUNNING;
}

static void on_reload(struct worker *w)
{
    pool_reload(&w->pool);
}

static void on_child(struct worker *w)
{
    pool_reap(&w->pool);
}

static void on_dump(struct worker *w)
{
    for (size_t i = 0; i < w->pool.n_procs; i++)
        for (struct link *x = list_first(&w->pool.procs[i].handed); x; x = list_next(&w->pool.procs[i].handed, x)) {
            const struct task *t = task_at(x);
            if (t->number <= proc_taken(&w->pool.procs[i]))
                log_write(&w->log, LOG_INFO, "runs", LOG_FIELDS(log_str("task", task_id_of(t)),
                          log_int("attempt", t->attempt), log_int("pid", w->pool.procs[i].pid),
                          log_real("since_s", (double)mono_since(w->loop.now, t->since) / 1e9)));
        }
}

static const struct {
    int number;
    void (*run)(struct worker *);
    const char *word;          // for the log; NULL = none
} signal_rows[] = {
    { SIGTERM, on_term, "SIGTERM" },
    { SIGINT, on_term, "SIGINT" },
    { SIGQUIT, stop_now, "SIGQUIT" },
    { SIGTSTP, on_quiet, "SIGTSTP" },
    { SIGCONT, on_continue, "SIGCONT" },
    { SIGHUP, on_reload, "SIGHUP" },
    { SIGUSR1, on_dump, NULL },
    { SIGCHLD, on_child, NULL },
};
#define SIGNALS (sizeof signal_rows / sizeof signal_rows[0])

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    struct worker *w = arg;
    (void)what;
    w->loop.now = clock_mono();
    for (size_t i = 0; i < SIGNALS; i++)
        if (signal_rows[i].number == number) {
            if (signal_rows[i].word)
                log_write(&w->log, LOG_INFO, "signal", LOG_FIELDS(log_text("name", signal_rows[i].word)));
            signal_rows[i].run(w);
        }
}

static void watch_signals(struct worker *w)
{
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < SIGNALS; i++) {
        evsignal_assign(&w->signals[i], w->loop.base, signal_rows[i].number, on_signal, w);
        evsignal_add(&w->signals[i], NULL);
        w->n_signals++;
    }
}

// ---- what the parts tell

void supervisor_failed(struct worker *w, struct slice text)
{
    if (text.n)
        fprintf(stderr, "%.*s%s", SLICE_ARG(text), text.p[text.n - 1] == '\n' ? "" : "\n");
    fprintf(stderr, "krait-worker: --app %s did not load\n", w->set.app);
    w->status = 1;
    w->pool.ended = true;
    loop_stop(&w->loop);
}

void supervisor_ready(struct worker *w)
{
    if (w->said_ready || !uplink_is_open(&w->uplink) || pool_live(&w->pool) < w->pool.wanted)
        return;
    w->said_ready = true;
    if (w->phase == PHASE_STARTING)
        w->phase = PHASE_RUNNING;
    printf(w->http.server ? "ready http=%s\n" : "ready\n", w->http.url);
    fflush(stdout);
    if (w->set.burst)
        alarm_in(&w->loop, &w->burst, BURST_MS);
}

// ---- burst

static void look_at_queues(struct alarm *a)
{
    struct worker *w = LIST_ITEM(a, struct worker, burst);
    if (nothing_left(w))
        uplink_ask_queues(&w->uplink);
    alarm_in(&w->loop, &w->burst, BURST_MS);
}

// Two answers in a row, so that tasks on their way here are seen.
void supervisor_queues(struct worker *w, bool empty)
{
    w->empty = empty && nothing_left(w) ? w->empty + 1 : 0;
    if (w->empty >= 2 && w->phase < PHASE_DRAINING) {
        log_write(&w->log, LOG_INFO, "the queues are empty", LOG_NONE);
        drain(w);
    }
}

// ---- the whole life

static void more_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool begin(struct worker *w)
{
    char why[400] = "cannot start: out of memory";
    tasks_init(&w->tasks);
    alarm_init(&w->patience, out_of_patience);
    alarm_init(&w->burst, look_at_queues);
    w->pool.now.pipe.fd = w->pool.next.pipe.fd = -1;
    gethostname(w->host, sizeof w->host - 1);
    if (w->set.name && *w->set.name)
        snprintf(w->name, sizeof w->name, "%s", w->set.name);
    else
        snprintf(w->name, sizeof w->name, "%s:%d", w->host, (int)getpid());
    // Children whose template died become ours.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    // Twice the lanes: a reload has old and new children at once.
    bool ok = lanes_map(&w->lanes, (size_t)w->set.processes * 2, (size_t)w->set.threads) &&
              loop_init(&w->loop, turn_end, w) && dispatch_init(&w->dispatch, w);
    if (ok) {
        watch_signals(w);
        uplink_init(&w->uplink, w);
        relay_init(&w->relay, w);
        ok = pool_init(&w->pool, w) && http_open(&w->http, w, why, sizeof why) && pool_start(&w->pool);
    }
    if (!ok)
        fprintf(stderr, "krait-worker: %s\n", why);
    return ok;
}

static void end(struct worker *w)
{
    uplink_goodbye(&w->uplink);
    http_close(&w->http);
    pool_end(&w->pool);
    uplink_free(&w->uplink);
    relay_free(&w->relay);
    pool_free(&w->pool);
    for (size_t i = 0; i < w->n_signals; i++)
        evsignal_del(&w->signals[i]);
    tasks_free(&w->tasks);
    dispatch_free(&w->dispatch);
    loop_free(&w->loop);
    lanes_unmap(&w->lanes);
}

int supervisor_run(struct worker *w)
{
    more_files();
    if (begin(w))
        loop_run(&w->loop);
    else
        w->status = 1;
    end(w);
    return w->status;
}
