// SPDX-License-Identifier: Apache-2.0
// Connecting to brokers, the session's life, frames both ways. Which tasks run where is dispatch.c's.

#include "worker/uplink.h"

#include <errno.h>
#include <event2/dns.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sdk/base/conf.h"
#include "sdk/base/mem.h"
#include "sdk/wire/frame.h"
#include "worker/limit.h"
#include "worker/worker.h"

#define CONNECT_MS   5000
#define RETRY_MS     50
#define RETRY_MAX_MS 2000
#define REFUSED_MS   5000          // a token or a namespace that is wrong now is so a moment later, too
#define AWAY_MS      300
#define FINISH_BYTES (4u << 20)    // of outcomes in one frame
#define IN_MAX       (64u << 20)

static const unsigned legal[UPLINK_STATES] = {
#define UPLINK_STATE_ROW(name, next) next,
    UPLINK_STATE_LIST(UPLINK_STATE_ROW)
#undef UPLINK_STATE_ROW
};

static void uplink_move(struct uplink *u, enum uplink_state to)
{
    if (!(legal[u->state] & 1u << to))
        abort();
    u->state = to;
}

static const struct url *address(const struct uplink *u)
{
    return &u->worker->set.urls[u->at % u->worker->set.n_urls];
}

// ---- down

static void forget_batches(struct tasks *ts)
{
    struct link *x;
    while ((x = list_pop(&ts->batches))) {
        struct task_batch *b = LIST_ITEM(x, struct task_batch, link);
        mem_free(MEM_TASK, b, sizeof *b + b->n * sizeof b->tasks[0]);
    }
}

// What was sent and not answered is to be sent again.
static void unsend(struct tasks *ts)
{
    struct link *x;
    forget_batches(ts);
    while ((x = list_first(&ts->in[TASK_SENT])))
        task_move(ts, task_at(x), TASK_FINISHED);
}

static void close_all(struct uplink *u)
{
    u->bytes_in += u->pipe.bytes_in;
    u->bytes_out += u->pipe.bytes_out;
    u->pipe.bytes_in = u->pipe.bytes_out = 0;
    pipe_close(&u->pipe);
    if (u->fd >= 0) {
        event_del(&u->connecting);
        close(u->fd);
        u->fd = -1;
    }
    if (u->asking) {
        struct evdns_getaddrinfo_request *asking = u->asking;
        u->asking = NULL;
        evdns_getaddrinfo_cancel(asking);
    }
    alarm_clear(&u->worker->loop, &u->away);
    u->credit = 0;
    u->asked = 0;
}

static void go_down(struct uplink *u, int64_t delay_ms)
{
    struct worker *w = u->worker;
    close_all(u);
    unsend(&w->tasks);
    for (size_t i = 0; i < w->pool.n_procs; i++)
        for (struct link *x = list_first(&w->pool.procs[i].handed); x; x = list_next(&w->pool.procs[i].handed, x))
            task_at(x)->told = false;
    uplink_move(u, UPLINK_DOWN);
    if (u->session[0] && !alarm_is_set(&u->gone))
        alarm_in(&w->loop, &u->gone, u->ttl_ms);
    alarm_in(&w->loop, &u->alarm, delay_ms);
}

// One log line a try.
static void failed(struct uplink *u, const char *why)
{
    char url[URL_TEXT_MAX];
    int64_t delay = RETRY_MS << (u->tries < 6 ? u->tries : 6);
    if (delay > RETRY_MAX_MS)
        delay = RETRY_MAX_MS;
    u->tries++;
    url_format(address(u), url);
    log_write(&u->worker->log, LOG_WARN, "no broker", LOG_FIELDS(log_text("broker", url), log_text("why", why),
              log_int("again_in_ms", delay)));
    u->at++;
    go_down(u, delay);
}

// The session was given up: its tasks run elsewhere.
static void lose_session(struct uplink *u, const char *why)
{
    struct worker *w = u->worker;
    if (!u->session[0])
        return;
    log_write(&w->log, LOG_WARN, "session lost: its tasks are stopped here", LOG_FIELDS(log_text("session", u->session),
              log_text("why", why), log_int("tasks", (int64_t)dispatch_in_hand(&w->dispatch))));
    u->session[0] = 0;
    alarm_clear(&w->loop, &u->gone);
    forget_batches(&w->tasks);
    dispatch_stop_all(&w->dispatch, STOP_FENCED);
}

static void session_gone(struct alarm *a)
{
    lose_session(LIST_ITEM(a, struct uplink, gone), "no broker answered for its time to live");
}

// ---- hello

static size_t held_list(const struct worker *w, struct msg_held *out, const struct list *list, uint64_t started)
{
    size_t n = 0;
    for (struct link *x = list_first(list); x; x = list_next(list, x)) {
        const struct task *t = task_at(x);
        if (t->stop != STOP_FENCED)
            out[n++] = (struct msg_held){ task_id_of(t), t->attempt, t->place != TASK_WAITING && t->number <= started };
    }
    return n;
}

// All that the worker still has; a fresh array (MEM_WORKER) of *cap.
static struct msg_held *held(const struct worker *w, size_t *n, size_t *cap)
{
    const struct tasks *ts = &w->tasks;
    *n = 0;
    *cap = dispatch_in_hand(&w->dispatch) + ts->in[TASK_FINISHED].n + ts->in[TASK_SENT].n + 1;
    struct msg_held *out = mem_alloc(MEM_WORKER, *cap * sizeof *out);
    if (!out)
        return NULL;
    *n += held_list(w, out, &ts->in[TASK_WAITING], 0);
    for (size_t i = 0; i < w->pool.n_procs; i++)
        *n += held_list(w, out + *n, &w->pool.procs[i].handed, proc_taken(&w->pool.procs[i]));
    for (int place = TASK_FINISHED; place <= TASK_SENT; place++)
        *n += held_list(w, out + *n, &ts->in[place], UINT64_MAX);
    return out;
}

static bool put_hello(struct uplink *u)
{
    struct worker *w = u->worker;
    char client[64];
    size_t n_held, cap;
    struct msg_held *holds = held(w, &n_held, &cap);
    snprintf(client, sizeof client, "krait-worker %s", conf_version);
    struct msg m = {
        .kind = MSG_HELLO,
        .hello = {
            .version_min = LIMIT_VERSION_MIN, .version_max = LIMIT_VERSION_MAX,
            .token = slice_text(w->set.token), .role = ROLE_WORKER, .ns = slice_text(address(u)->ns),
            .client = slice_text(client), .has_worker = true,
            .worker = {
                .mode = settings_free_threaded(&w->set) ? MODE_FREE_THREADED : MODE_GIL,
                .processes = (uint32_t)w->set.processes, .threads = (uint32_t)w->set.threads,
                .queues = w->set.weights, .n_queues = w->set.n_weights,
                .tasks = w->pool.now.names, .n_tasks = w->pool.now.n_names,
                .pid = (uint32_t)getpid(), .host = slice_text(w->host), .name = slice_text(w->name),
                .resume_session = slice_text(u->session),
                .resume_secret = slice_of(u->secret, u->session[0] ? u->secret_n : 0),
                .held = u->session[0] ? holds : NULL, .n_held = u->session[0] ? n_held : 0,
            },
        },
    };
    bool ok = holds && msg_encode(&u->pipe.out, &m) == ERR_OK;
    mem_free(MEM_WORKER, holds, holds ? cap * sizeof *holds : 0);
    return ok;
}

// ---- connecting

static void on_read(struct pipe *pipe);

static void on_gone(struct pipe *pipe, int error)
{
    struct uplink *u = LIST_ITEM(pipe, struct uplink, pipe);
    failed(u, error ? strerror(error) : "the connection was closed");
}

static void connected(evutil_socket_t fd, short what, void *arg)
{
    struct uplink *u = arg;
    int error = 0, one = 1;
    socklen_t n = sizeof error;
    (void)what;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n);
    if (error) {
        failed(u, strerror(error));
        return;
    }
    u->fd = -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);   // fails on unix sockets, which need it not
    uplink_move(u, UPLINK_GREETING);
    u->last_in = u->last_out = u->worker->loop.now;
    pipe_open(&u->pipe, &u->worker->loop, fd, on_read, on_gone);
    if (!put_hello(u))
        failed(u, err_text(ERR_NOMEM));
}

static void connect_to(struct uplink *u, const struct sockaddr *sa, socklen_t n)
{
    int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    uplink_move(u, UPLINK_CONNECTING);
    if (fd < 0 || (connect(fd, sa, n) < 0 && errno != EINPROGRESS)) {
        int error = errno;
        if (fd >= 0)
            close(fd);
        failed(u, strerror(error));
        return;
    }
    u->fd = fd;
    event_assign(&u->connecting, u->worker->loop.base, fd, EV_WRITE, connected, u);
    event_add(&u->connecting, NULL);
    alarm_in(&u->worker->loop, &u->alarm, CONNECT_MS);
}

static void resolved(int error, struct evutil_addrinfo *found, void *arg)
{
    struct uplink *u = arg;
    if (error == EVUTIL_EAI_CANCEL)
        return;
    u->asking = NULL;
    if (error || !found) {
        failed(u, evutil_gai_strerror(error));
        return;
    }
    connect_to(u, found->ai_addr, (socklen_t)found->ai_addrlen);
    evutil_freeaddrinfo(found);
}

// By the event loop, never by a blocking call: children and probes are served meanwhile.
static void resolve(struct uplink *u)
{
    char port[8];
    struct evutil_addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = EVUTIL_AI_ADDRCONFIG };
    snprintf(port, sizeof port, "%u", address(u)->port);
    if (!u->dns)
        u->dns = evdns_base_new(u->worker->loop.base, EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
    if (!u->dns)
        u->dns = evdns_base_new(u->worker->loop.base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);   // no resolv.conf: /etc/hosts alone
    uplink_move(u, UPLINK_RESOLVING);
    alarm_in(&u->worker->loop, &u->alarm, CONNECT_MS);
    struct evdns_getaddrinfo_request *asking = evdns_getaddrinfo(u->dns, address(u)->host, port, &hints, resolved, u);
    if (u->state == UPLINK_RESOLVING)
        u->asking = asking;
}

static void try_now(struct uplink *u)
{
    const struct url *url = address(u);
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    struct sockaddr_storage sa;
    char text[300];
    int n = sizeof sa;
    if (url->kind == URL_UNIX) {
        snprintf(un.sun_path, sizeof un.sun_path, "%s", url->path);
        connect_to(u, (struct sockaddr *)&un, sizeof un);
        return;
    }
    snprintf(text, sizeof text, strchr(url->host, ':') ? "[%s]:%u" : "%s:%u", url->host, url->port);
    if (evutil_parse_sockaddr_port(text, (struct sockaddr *)&sa, &n) == 0)
        connect_to(u, (struct sockaddr *)&sa, (socklen_t)n);
    else
        resolve(u);
}

// ---- frames of the broker

static void start_beats(struct uplink *u)
{
    int64_t ms = u->beat_ms / 2;
    alarm_in(&u->worker->loop, &u->alarm, ms > 0 ? ms : 1);
}

static bool on_welcome(struct uplink *u, const struct msg_welcome *m)
{
    struct worker *w = u->worker;
    bool asked = u->session[0] != 0;
    if (m->session.n >= sizeof u->session || m->secret.n > sizeof u->secret)
        return false;
    if (asked && !m->resumed)
        lose_session(u, "the broker gave it up");
    snprintf(u->session, sizeof u->session, "%.*s", SLICE_ARG(m->session));
    if (m->secret.n)
        memcpy(u->secret, m->secret.p, m->secret.n);
    u->secret_n = m->secret.n;
    u->beat_ms = m->heartbeat_ms ? (int64_t)m->heartbeat_ms : LIMIT_BEAT_MS;
    u->ttl_ms = m->ttl_ms ? (int64_t)m->ttl_ms : LIMIT_TTL_MS;
    u->reconnects += asked;
    u->tries = 0;
    alarm_clear(&w->loop, &u->gone);
    uplink_move(u, UPLINK_OPEN);
    start_beats(u);
    relay_resume(&w->relay);
    log_write(&w->log, LOG_INFO, asked && m->resumed ? "session resumed" : "session opened",
              LOG_FIELDS(log_text("session", u->session), log_str("broker", m->broker)));
    for (size_t i = 0; i < m->n_warnings; i++)
        log_write(&w->log, LOG_WARN, "broker warns", LOG_FIELDS(log_str("text", m->warnings[i])));
    supervisor_ready(w);
    return true;
}

static void on_deliver(struct uplink *u, const struct msg_deliver *m)
{
    struct worker *w = u->worker;
    for (size_t i = 0; i < m->n; i++) {
        struct task *t = task_new(&w->tasks, &m->tasks[i], w->loop.now);
        u->credit -= u->credit > 0;
        if (t)
            dispatch_delivered(&w->dispatch, t);
        else
            log_write(&w->log, LOG_ERROR, "out of memory: a task is left to the session's end",
                      LOG_FIELDS(log_str("task", m->tasks[i].id)));
    }
}

static void send_again(struct alarm *a)
{
    (void)a;    // being woken is enough: the end of the turn sends what stands in FINISHED
}

static void on_finish_reply(struct uplink *u, const struct msg_finish_reply *m)
{
    struct tasks *ts = &u->worker->tasks;
    struct task_batch *b = NULL;
    for (struct link *x = list_first(&ts->batches); x && !b; x = list_next(&ts->batches, x))
        if (LIST_ITEM(x, struct task_batch, link)->seq == m->seq)
            b = LIST_ITEM(x, struct task_batch, link);
    if (!b)
        return;
    list_remove(&ts->batches, &b->link);
    for (size_t i = 0; i < b->n; i++) {
        enum task_ack ack = i < m->n ? m->tasks[i] : ACK_AWAY;
        if (ack == ACK_OK || ack == ACK_DUP || ack == ACK_STALE) {
            task_free(ts, b->tasks[i]);
        } else {
            task_move(ts, b->tasks[i], TASK_FINISHED);
            if (!alarm_is_set(&u->away))
                alarm_in(&u->worker->loop, &u->away, AWAY_MS);
        }
    }
    mem_free(MEM_TASK, b, sizeof *b + b->n * sizeof b->tasks[0]);
}

static void on_stop(struct uplink *u, const struct msg_stop *m)
{
    struct worker *w = u->worker;
    if (m->why == STOP_DRAIN) {
        log_write(&w->log, LOG_INFO, "the broker is leaving", LOG_NONE);
        if (w->set.n_urls > 1) {
            u->at++;
            go_down(u, 0);
        }
        return;
    }
    if (!m->n && m->why == STOP_FENCED)
        lose_session(u, "the broker fenced it");
    else if (!m->n)
        dispatch_stop_all(&w->dispatch, m->why);
    for (size_t i = 0; i < m->n; i++) {
        struct task *t = dispatch_find(&w->dispatch, m->tasks[i].id, m->tasks[i].attempt);
        if (t)
            dispatch_stop(&w->dispatch, t, m->why);
    }
}

static void on_error(struct uplink *u, const struct msg_error *m)
{
    struct worker *w = u->worker;
    bool asked = u->asked && m->seq == u->asked;
    if (asked) {
        u->asked = 0;
        supervisor_queues(w, true);   // it may not tell: then an idle worker takes them for empty
        return;
    }
    log_write(&w->log, LOG_WARN, "broker says", LOG_FIELDS(log_text("error", err_name(m->code)), log_str("text", m->text)));
    if (m->code == ERR_FENCED)
        lose_session(u, "the broker gave it up");
    if (!m->fatal)
        return;
    u->at++;
    bool refused = m->code == ERR_AUTH || m->code == ERR_DENIED || m->code == ERR_NAME || m->code == ERR_VERSION;
    go_down(u, refused ? REFUSED_MS : RETRY_MS << (u->tries < 5 ? u->tries : 5));
    u->tries++;
}

static void on_queues(struct uplink *u, const struct msg_queues_reply *m)
{
    uint64_t left = 0;
    if (m->seq != u->asked)
        return;
    u->asked = 0;
    for (size_t i = 0; i < m->n; i++)
        left += m->queues[i].queued;
    supervisor_queues(u->worker, left == 0);
}

static void on_heartbeat(struct uplink *u, const struct msg_heartbeat *m)
{
    if (m->reply) {
        u->rtt_s = (double)(clock_mono().ns / CLOCK_NS_PER_MS - (int64_t)m->sent_ms) / 1e3;
        return;
    }
    struct msg answer = { .kind = MSG_HEARTBEAT, .heartbeat = { .sent_ms = m->sent_ms, .reply = true } };
    if (msg_encode(&u->pipe.out, &answer) != ERR_OK)
        failed(u, err_text(ERR_NOMEM));
}

static bool on_message(struct uplink *u, const struct msg *m)
{
    if (u->state == UPLINK_GREETING && m->kind == MSG_WELCOME)
        return on_welcome(u, &m->welcome);
    if (m->kind == MSG_ERROR) {
        on_error(u, &m->error);
        return true;
    }
    if (u->state != UPLINK_OPEN)
        return false;
    if (m->kind == MSG_DELIVER)
        on_deliver(u, &m->deliver);
    else if (m->kind == MSG_FINISH_REPLY)
        on_finish_reply(u, &m->finish_reply);
    else if (m->kind == MSG_STOP)
        on_stop(u, &m->stop);
    else if (m->kind == MSG_HEARTBEAT)
        on_heartbeat(u, &m->heartbeat);
    else if (m->kind == MSG_QUEUES_REPLY)
        on_queues(u, &m->queues_reply);
    else
        return m->kind == MSG_GOODBYE;
    return true;
}

static void on_read(struct pipe *pipe)
{
    struct uplink *u = LIST_ITEM(pipe, struct uplink, pipe);
    struct slice body;
    struct msg m;
    enum frame_got got;
    u->last_in = u->worker->loop.now;
    while (pipe_is_open(pipe) && (got = frame_next(&pipe->in, LIMIT_FRAME, &body)) != FRAME_MORE) {
        if (got == FRAME_WHOLE && u->state == UPLINK_OPEN && relay_take(&u->worker->relay, body)) {
            frame_done(&pipe->in, body);
            continue;
        }
        arena_reset(&u->arena);
        enum err e = got == FRAME_WHOLE ? msg_decode(&u->arena, body, &m) : ERR_FRAME;
        if (e != ERR_OK || !on_message(u, &m)) {
            if (u->state != UPLINK_DOWN)
                failed(u, e ? err_text(e) : "it sent what is not allowed here");
            return;
        }
        if (pipe_is_open(pipe))
            frame_done(&pipe->in, body);
    }
}

// ---- the clock

static void beat(struct uplink *u)
{
    struct worker *w = u->worker;
    const struct dispatch *d = &w->dispatch;
    size_t busy = dispatch_busy(d), slots = w->lanes.slots * pool_live(&w->pool);
    struct msg m = {
        .kind = MSG_HEARTBEAT,
        .heartbeat = {
            .sent_ms = (uint64_t)(clock_mono().ns / CLOCK_NS_PER_MS), .has_load = true,
            .load = { .busy = (uint32_t)busy, .idle = (uint32_t)(slots > busy ? slots - busy : 0),
                      .gil_wait_us = d->gil_wait_us, .done = d->done, .failed = d->failed,
                      .restarts = (uint32_t)(w->pool.restarts_died + w->pool.restarts_killed) },
        },
    };
    m.heartbeat.load.rss = limit_resident(getpid());
    for (size_t i = 0; i < w->pool.n_procs; i++)
        if (w->pool.procs[i].state != PROC_NONE && w->pool.procs[i].pid)
            m.heartbeat.load.rss += limit_resident(w->pool.procs[i].pid);
    if (msg_encode(&u->pipe.out, &m) != ERR_OK)
        failed(u, err_text(ERR_NOMEM));
}

static void on_alarm(struct alarm *a)
{
    struct uplink *u = LIST_ITEM(a, struct uplink, alarm);
    struct mono now = u->worker->loop.now;
    switch (u->state) {
    case UPLINK_DOWN:
        try_now(u);
        break;
    case UPLINK_RESOLVING: case UPLINK_CONNECTING: case UPLINK_GREETING:
        failed(u, "no answer in time");
        break;
    case UPLINK_OPEN:
        if (mono_since(now, u->last_in) > u->ttl_ms * CLOCK_NS_PER_MS) {
            failed(u, "silent for its time to live");
            break;
        }
        beat(u);
        if (u->state == UPLINK_OPEN)
            start_beats(u);
        break;
    case UPLINK_STATES:
        break;
    }
}

// ---- sending

static struct task_batch *gather(struct tasks *ts, struct msg_finished *out)
{
    size_t n = 0, bytes = 0;
    for (struct link *x = list_first(&ts->in[TASK_FINISHED]); x && n < LIMIT_BATCH && bytes < FINISH_BYTES;
         x = list_next(&ts->in[TASK_FINISHED], x)) {
        task_finished(task_at(x), &out[n++]);
        bytes += task_at(x)->outcome_n + task_at(x)->id_n;
    }
    struct task_batch *b = mem_alloc(MEM_TASK, sizeof *b + n * sizeof b->tasks[0]);
    if (!b)
        return NULL;
    b->n = n;
    link_init(&b->link);
    for (size_t i = 0; i < n; i++) {
        b->tasks[i] = task_at(list_first(&ts->in[TASK_FINISHED]));
        task_move(ts, b->tasks[i], TASK_SENT);
    }
    return b;
}

static void send_finished(struct uplink *u)
{
    struct tasks *ts = &u->worker->tasks;
    struct msg_finished ends[LIMIT_BATCH];
    while (u->state == UPLINK_OPEN && !list_empty(&ts->in[TASK_FINISHED]) && !alarm_is_set(&u->away)) {
        struct task_batch *b = gather(ts, ends);
        if (!b)
            return;
        b->seq = ++u->seq;
        list_append(&ts->batches, &b->link);
        struct msg m = { .kind = MSG_FINISH, .finish = { .seq = b->seq, .tasks = ends, .n = b->n } };
        if (msg_encode(&u->pipe.out, &m) != ERR_OK)
            failed(u, err_text(ERR_NOMEM));
    }
}

void uplink_turn(struct uplink *u)
{
    send_finished(u);
    if (buf_len(&u->pipe.out))
        u->last_out = u->worker->loop.now;
    if (pipe_is_open(&u->pipe))
        pipe_flush(&u->pipe);
}

void uplink_credit(struct uplink *u, uint32_t n)
{
    struct msg m = { .kind = MSG_CREDIT, .credit = { .n = n } };
    if (msg_encode(&u->pipe.out, &m) == ERR_OK)
        u->credit += n;
}

void uplink_started(struct uplink *u, struct msg_ref *refs, size_t n)
{
    struct msg m = { .kind = MSG_STARTED, .started = { .tasks = refs, .n = n } };
    if (msg_encode(&u->pipe.out, &m) != ERR_OK)
        failed(u, err_text(ERR_NOMEM));
}

void uplink_ask_queues(struct uplink *u)
{
    struct worker *w = u->worker;
    struct slice *names = mem_alloc(MEM_WORKER, w->set.n_weights * sizeof *names);
    struct msg m = { .kind = MSG_QUEUES_ASK, .queues_ask = { .seq = u->seq + 1, .queues = names, .n = w->set.n_weights } };
    if (!names || u->state != UPLINK_OPEN || u->asked) {
        mem_free(MEM_WORKER, names, names ? w->set.n_weights * sizeof *names : 0);
        return;
    }
    for (size_t i = 0; i < w->set.n_weights; i++)
        names[i] = w->set.weights[i].queue;
    if (msg_encode(&u->pipe.out, &m) == ERR_OK)
        u->asked = ++u->seq;
    mem_free(MEM_WORKER, names, w->set.n_weights * sizeof *names);
}

// ---- life

void uplink_init(struct uplink *u, struct worker *w)
{
    *u = (struct uplink){ .worker = w, .fd = -1, .ttl_ms = LIMIT_TTL_MS, .beat_ms = LIMIT_BEAT_MS };
    u->pipe.fd = -1;
    arena_init(&u->arena, (size_t)LIMIT_FRAME * LIMIT_DECODE + (1u << 20));
    alarm_init(&u->alarm, on_alarm);
    alarm_init(&u->away, send_again);
    alarm_init(&u->gone, session_gone);
}

void uplink_start(struct uplink *u)
{
    if (u->state == UPLINK_DOWN && !alarm_is_set(&u->alarm))
        try_now(u);
}

void uplink_again(struct uplink *u)
{
    if (u->state == UPLINK_OPEN || u->state == UPLINK_GREETING)
        go_down(u, 0);
}

void uplink_goodbye(struct uplink *u)
{
    struct msg m = { .kind = MSG_GOODBYE, .goodbye = { .reason = slice_text("the worker ends") } };
    if (u->state == UPLINK_OPEN && msg_encode(&u->pipe.out, &m) == ERR_OK)
        pipe_flush(&u->pipe);
}

void uplink_free(struct uplink *u)
{
    if (!u->worker)
        return;
    alarm_clear(&u->worker->loop, &u->alarm);
    alarm_clear(&u->worker->loop, &u->gone);
    close_all(u);
    forget_batches(&u->worker->tasks);
    if (u->dns)
        evdns_base_free(u->dns, 0);
    arena_free(&u->arena);
}
