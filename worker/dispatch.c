// SPDX-License-Identifier: Apache-2.0
// Handing out, recalling, reporting. The numbers behind it are explained in dispatch.h.

#include "worker/dispatch.h"

#include "sdk/base/mem.h"
#include "worker/worker.h"

#define START_US       50000.0     // before anything is known: one task a slot
#define AHEAD_US       4000.0      // work queued in a child, a slot
#define AHEAD_MAX      64
#define PREFETCH_US    20000.0     // work held by the worker, a slot
#define HOLD_MAX       8192
#define STUCK_NS       INT64_C(20000000)
#define RETURN_NS      INT64_C(100000000)
#define TICK_MS        5
#define WAITS_MS       20
#define WATCH_MS       200
#define OVERDUE_NS     INT64_C(2000000000)   // between a limit, or a cancel, and SIGKILL

#define EACH_PROC(p, pool) for (struct proc *p = (pool)->procs; p < (pool)->procs + (pool)->n_procs; p++)

static void on_tick(struct alarm *a);

bool dispatch_init(struct dispatch *d, struct worker *w)
{
    *d = (struct dispatch){ .worker = w, .run_us = START_US };
    alarm_init(&d->tick, on_tick);
    d->batch = mem_zalloc(MEM_WORKER, LIMIT_BATCH, sizeof *d->batch);
    return d->batch != NULL;
}

void dispatch_free(struct dispatch *d)
{
    mem_free(MEM_WORKER, d->batch, d->batch ? LIMIT_BATCH * sizeof *d->batch : 0);
    d->batch = NULL;
}

size_t dispatch_in_hand(const struct dispatch *d)
{
    return d->worker->tasks.in[TASK_WAITING].n + d->worker->tasks.handed;
}

size_t dispatch_busy(const struct dispatch *d)
{
    size_t n = 0;
    EACH_PROC(p, &d->worker->pool)
        for (size_t i = 0; p->state != PROC_NONE && i < d->worker->lanes.slots; i++)
            n += atomic_load_explicit(&p->lane->slots[i].number, memory_order_relaxed) != 0;
    return n;
}

// ---- how much

static size_t good_for(double us, double run_us, size_t most)
{
    double n = us / (run_us > 1 ? run_us : 1);
    return n >= (double)most ? most : (size_t)n;
}

static size_t ahead(const struct dispatch *d)
{
    return good_for(AHEAD_US, d->run_us, AHEAD_MAX) * d->worker->lanes.slots;
}

static size_t target(const struct dispatch *d)
{
    size_t slots = d->worker->lanes.slots * pool_live(&d->worker->pool);
    size_t n = slots + slots * good_for(PREFETCH_US, d->run_us, (size_t)d->worker->set.prefetch);
    return n < HOLD_MAX ? n : HOLD_MAX;
}

static void ask_for_more(struct dispatch *d)
{
    struct worker *w = d->worker;
    size_t want = target(d), have = dispatch_in_hand(d) + w->uplink.credit;
    if (!worker_takes(w) || !uplink_is_open(&w->uplink) || have >= want)
        return;
    // Small change is saved up unless a slot may be waiting for it.
    if (want - have >= (want + 3) / 4 || have < w->lanes.slots * pool_live(&w->pool))
        uplink_credit(&w->uplink, (uint32_t)(want - have));
}

// ---- handing out

static bool is_stuck(const struct proc *p, struct mono now)
{
    return p->handed.n && mono_since(now, p->moved) > STUCK_NS;
}

static size_t room(const struct dispatch *d, const struct proc *p, bool first)
{
    size_t slots = d->worker->lanes.slots, full = slots + ahead(d);
    if (!proc_is_live(p) || p->recalling)
        return 0;
    if (first || is_stuck(p, d->worker->loop.now))
        full = slots;
    else if (p->handed.n > slots + ahead(d) / 2)
        return 0;      // wait until half is used up: larger batches
    return full > p->handed.n ? full - p->handed.n : 0;
}

static bool put_task(struct proc *p, struct task *t)
{
    struct chan_task head = { .number = p->next, .attempt = t->attempt, .deliveries = t->deliveries,
                              .retries = t->retries, .id_n = t->id_n, .body_n = t->body_n };
    return buf_put(&p->pipe.out, &head, sizeof head) && buf_put_slice(&p->pipe.out, task_id_of(t)) &&
           buf_put_slice(&p->pipe.out, task_body_of(t));
}

// One TASKS frame of at most n tasks.
static void hand(struct dispatch *d, struct proc *p, size_t n)
{
    struct tasks *ts = &d->worker->tasks;
    struct buf *out = &p->pipe.out;
    size_t began = buf_len(out);
    if (!p->handed.n)
        p->moved = d->worker->loop.now;
    if (!chan_put(out, CHAN_TASKS, NULL, 0))
        return;
    for (; n && !list_empty(&ts->in[TASK_WAITING]); n--) {
        struct task *t = task_at(list_first(&ts->in[TASK_WAITING]));
        if (!put_task(p, t)) {
            proc_kill(p, "out of memory");
            return;
        }
        t->number = p->next++;
        t->proc = p;
        t->told = false;
        task_move(ts, t, TASK_HANDED);
    }
    uint32_t size = (uint32_t)(buf_len(out) - began - sizeof size);
    memcpy((uint8_t *)(uintptr_t)buf_slice(out).p + began, &size, sizeof size);
}

// First a task for each idle slot, then what keeps them busy until the next turn.
static void hand_out(struct dispatch *d)
{
    struct tasks *ts = &d->worker->tasks;
    if (d->worker->phase > PHASE_QUIET)
        return;
    for (int pass = 0; pass < 2; pass++) {
        size_t takers = 0;
        EACH_PROC(p, &d->worker->pool)
            takers += room(d, p, pass == 0) > 0;
        EACH_PROC(p, &d->worker->pool) {
            size_t n = room(d, p, pass == 0), waiting = ts->in[TASK_WAITING].n;
            if (!n || !waiting)
                continue;
            size_t share = (waiting + takers - 1) / takers;
            hand(d, p, n < share ? n : share);
            takers--;
        }
    }
}

// ---- the clock

static void report_starts(struct dispatch *d)
{
    struct msg_ref refs[LIMIT_BATCH];
    size_t n = 0;
    if (!uplink_is_open(&d->worker->uplink))
        return;
    EACH_PROC(p, &d->worker->pool) {
        uint64_t taken = p->handed.n ? proc_taken(p) : 0;
        for (struct link *x = list_first(&p->handed); x && n < LIMIT_BATCH; x = list_next(&p->handed, x)) {
            struct task *t = task_at(x);
            if (t->number > taken)
                break;
            if (t->told || t->stop == STOP_FENCED)
                continue;
            t->told = true;
            refs[n++] = (struct msg_ref){ task_id_of(t), t->attempt };
        }
    }
    if (n)
        uplink_started(&d->worker->uplink, refs, n);
}

static void recall(struct proc *p)
{
    p->recalling = true;
    proc_send(p, CHAN_RECALL, NULL, 0);
}

static bool has_untaken(const struct proc *p)
{
    return p->handed.n && task_at(list_last(&p->handed))->number > proc_taken(p);
}

static void watch_proc(struct dispatch *d, struct proc *p)
{
    struct mono now = d->worker->loop.now;
    uint64_t taken = proc_taken(p);
    if (p->seen_taken != taken) {
        p->seen_taken = taken;
        p->moved = now;
    }
    if (!p->recalling && has_untaken(p) && is_stuck(p, now))
        recall(p);
    for (size_t i = 0; i < d->worker->lanes.slots; i++) {
        struct slot *s = &p->lane->slots[i];
        int64_t hard = atomic_load_explicit(&s->hard_ns, memory_order_relaxed);
        uint64_t number = atomic_load_explicit(&s->number, memory_order_acquire);
        struct task *t = number ? proc_find(p, number) : NULL;
        if (t && hard && now.ns > hard + OVERDUE_NS)
            proc_kill(p, "a task outlived its hard limit");
        else if (t && t->stop != STOP_NONE && mono_since(now, t->since) > OVERDUE_NS)
            proc_kill(p, "a task did not stop when told to");
    }
}

// What found no slot here goes to other workers.
static void give_back_old(struct dispatch *d)
{
    struct tasks *ts = &d->worker->tasks;
    struct link *x;
    while ((x = list_first(&ts->in[TASK_WAITING])) && mono_since(d->worker->loop.now, task_at(x)->since) > RETURN_NS &&
           uplink_is_open(&d->worker->uplink)) {
        task_end(ts, task_at(x), ENDED_RELEASED);
        d->returned++;
    }
}

static void on_tick(struct alarm *a)
{
    struct dispatch *d = LIST_ITEM(a, struct dispatch, tick);
    report_starts(d);
    EACH_PROC(p, &d->worker->pool)
        if (p->handed.n)
            watch_proc(d, p);
    give_back_old(d);
}

// Soon while a start may be untold or something waits behind it; else just often enough for limits.
static void set_tick(struct dispatch *d)
{
    struct worker *w = d->worker;
    bool soon = false, waits = !list_empty(&w->tasks.in[TASK_WAITING]);
    if (!w->tasks.handed && !waits)
        return;
    EACH_PROC(p, &w->pool) {
        if (soon || !p->handed.n)
            continue;
        struct task *last = task_at(list_last(&p->handed));
        soon = !last->told && (uplink_is_open(&w->uplink) || last->number > proc_taken(p));
    }
    int64_t ms = soon ? TICK_MS : waits ? WAITS_MS : WATCH_MS;
    int64_t due = mono_after_ms(w->loop.now, ms).ns;
    if (!alarm_is_set(&d->tick) || d->tick.node.due > due)
        alarm_in(&w->loop, &d->tick, ms);
}

void dispatch_turn(struct dispatch *d)
{
    hand_out(d);
    ask_for_more(d);
    set_tick(d);
}

// ---- what comes back

static void count(struct dispatch *d, const struct chan_result *r)
{
    double us = r->run_us ? (double)r->run_us : 1;
    d->run_us += (us - d->run_us) / 8;
    d->done += r->ended == ENDED_DONE;
    d->failed += r->ended != ENDED_DONE;
    d->cpu_us += r->cpu_us;
    d->gil_wait_us += r->gil_wait_us;
    d->run_total_us += r->run_us;
}

static bool record_ok(struct slice record, struct chan_result *r)
{
    if (record.n < sizeof *r)
        return false;
    memcpy(r, record.p, sizeof *r);
    return record.n == sizeof *r + (size_t)r->value_n + r->type_n + r->message_n + r->traceback_n;
}

void dispatch_result(struct dispatch *d, struct proc *p, struct slice record)
{
    struct tasks *ts = &d->worker->tasks;
    struct chan_result r;
    if (!record_ok(record, &r)) {
        proc_kill(p, "it sent a result that cannot be read");
        return;
    }
    struct task *t = proc_find(p, r.number);
    p->moved = d->worker->loop.now;
    if (!t)
        return;
    count(d, &r);
    if (t->stop == STOP_FENCED) {
        task_free(ts, t);
        return;
    }
    t->outcome = mem_alloc(MEM_TASK, record.n);
    t->outcome_n = t->outcome ? record.n : 0;
    if (t->outcome)
        memcpy(t->outcome, record.p, record.n);
    // Interrupted for the sake of the drain: as if it had never been here.
    bool requeue = t->stop == STOP_DRAIN && r.ended == ENDED_CANCELLED;
    task_end(ts, t, requeue ? ENDED_RELEASED : t->outcome ? (enum task_ended)r.ended : ENDED_LOST);
}

// Back in order, before those that came later.
void dispatch_returned(struct dispatch *d, struct proc *p, struct chan_range range)
{
    struct tasks *ts = &d->worker->tasks;
    p->recalling = false;
    struct link *x = list_last(&p->handed);
    while (x) {
        struct task *t = task_at(x);
        x = t->link.prev == &p->handed.head ? NULL : t->link.prev;
        if (t->number < range.first || t->number > range.last)
            continue;
        if (t->stop == STOP_FENCED)
            task_free(ts, t);
        else if (t->stop == STOP_CANCELLED)
            task_end(ts, t, ENDED_CANCELLED);
        else if (d->worker->phase >= PHASE_QUIET)
            task_end(ts, t, ENDED_RELEASED);
        else
            task_back(ts, t);
    }
}

static bool limit_passed(const struct dispatch *d, const struct proc *p, uint64_t number)
{
    for (size_t i = 0; i < d->worker->lanes.slots; i++) {
        struct slot *s = &p->lane->slots[i];
        int64_t hard = atomic_load_explicit(&s->hard_ns, memory_order_relaxed);
        if (atomic_load_explicit(&s->number, memory_order_relaxed) == number)
            return p->killed && hard && d->worker->loop.now.ns > hard;
    }
    return false;
}

// It had taken t: why it is no more.
static enum task_ended cause(const struct dispatch *d, const struct proc *p, const struct task *t)
{
    if (t->stop == STOP_DRAIN)
        return ENDED_RELEASED;
    if (t->stop == STOP_CANCELLED)
        return ENDED_CANCELLED;
    return limit_passed(d, p, t->number) ? ENDED_TIMED_OUT : ENDED_LOST;
}

void dispatch_died(struct dispatch *d, struct proc *p)
{
    struct tasks *ts = &d->worker->tasks;
    uint64_t taken = proc_taken(p);
    dispatch_returned(d, p, (struct chan_range){ taken + 1, UINT64_MAX });
    struct link *x;
    while ((x = list_first(&p->handed))) {
        struct task *t = task_at(x);
        if (t->stop == STOP_FENCED) {
            task_free(ts, t);
            continue;
        }
        d->lost++;
        task_end(ts, t, cause(d, p, t));
    }
}

// ---- stopping

void dispatch_delivered(struct dispatch *d, struct task *t)
{
    if (!worker_takes(d->worker))
        task_end(&d->worker->tasks, t, ENDED_RELEASED);
}

struct task *dispatch_find(struct dispatch *d, struct slice id, uint32_t attempt)
{
    struct tasks *ts = &d->worker->tasks;
    for (struct link *x = list_first(&ts->in[TASK_WAITING]); x; x = list_next(&ts->in[TASK_WAITING], x))
        if (task_at(x)->attempt == attempt && slice_eq(task_id_of(task_at(x)), id))
            return task_at(x);
    EACH_PROC(p, &d->worker->pool)
        for (struct link *x = list_first(&p->handed); x; x = list_next(&p->handed, x))
            if (task_at(x)->attempt == attempt && slice_eq(task_id_of(task_at(x)), id))
                return task_at(x);
    return NULL;
}

void dispatch_stop(struct dispatch *d, struct task *t, enum stop_why why)
{
    struct tasks *ts = &d->worker->tasks;
    if (t->place == TASK_WAITING) {
        if (why == STOP_FENCED)
            task_free(ts, t);
        else
            task_end(ts, t, why == STOP_CANCELLED ? ENDED_CANCELLED : ENDED_RELEASED);
        return;
    }
    if (t->place != TASK_HANDED || t->stop == STOP_FENCED)
        return;
    if (t->stop == STOP_NONE)
        t->since = d->worker->loop.now;
    t->stop = why;
    struct proc *p = t->proc;
    if (t->number > proc_taken(p) && !p->recalling)
        recall(p);          // in this order: what is taken in between is cancelled by its number
    proc_send(p, CHAN_CANCEL, &t->number, sizeof t->number);
}

static void stop_list(struct dispatch *d, struct list *list, enum stop_why why)
{
    struct link *x = list_first(list), *next;
    for (; x; x = next) {
        next = list_next(list, x);
        dispatch_stop(d, task_at(x), why);
    }
}

void dispatch_stop_all(struct dispatch *d, enum stop_why why)
{
    struct tasks *ts = &d->worker->tasks;
    struct link *x;
    stop_list(d, &ts->in[TASK_WAITING], why);
    EACH_PROC(p, &d->worker->pool)
        stop_list(d, &p->handed, why);
    for (int place = TASK_FINISHED; why == STOP_FENCED && place <= TASK_SENT; place++)
        while ((x = list_first(&ts->in[place])))
            task_free(ts, task_at(x));
}

void dispatch_give_back(struct dispatch *d)
{
    struct tasks *ts = &d->worker->tasks;
    struct link *x;
    while ((x = list_first(&ts->in[TASK_WAITING])))
        task_end(ts, task_at(x), ENDED_RELEASED);
    EACH_PROC(p, &d->worker->pool)
        if (!p->recalling && has_untaken(p))
            recall(p);
}
