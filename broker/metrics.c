// SPDX-License-Identifier: Apache-2.0
// Counting and writing of metrics. Asking Redis for depths before that is http.c's job.

#include "broker/metrics.h"

#include <inttypes.h>
#include <stdio.h>

#include "broker/broker.h"
#include "sdk/base/mem.h"

static const double bounds[METRICS_BUCKETS] = { 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600 };

static const char *const outcome_labels[OUTCOMES] = {
#define OUTCOME_LABEL(name, label) label,
    OUTCOME_LIST(OUTCOME_LABEL)
#undef OUTCOME_LABEL
};

static void label_of(const struct queue *q, char *out, size_t size)
{
    if (strcmp(q->space->name, ID_NS) == 0)
        snprintf(out, size, "%s", q->name);
    else
        snprintf(out, size, "%s/%s", q->space->name, q->name);
}

static struct queue_metrics *row(struct metrics *m, const struct queue *q)
{
    char label[144];
    label_of(q, label, sizeof label);
    struct queue_metrics *r = map_get(&m->queues, slice_text(label));
    if (r || m->queues.n >= METRICS_QUEUES)
        return r ? r : &m->other;
    r = mem_zalloc(MEM_HTTP, 1, sizeof *r);
    if (!r)
        return &m->other;
    memcpy(r->label, label, sizeof label);
    if (map_put(&m->queues, slice_text(r->label), r))
        return r;
    mem_free(MEM_HTTP, r, sizeof *r);
    return &m->other;
}

void metrics_free(struct metrics *m)
{
    size_t at = 0;
    for (struct map_slot *slot; (slot = map_walk(&m->queues, &at));)
        mem_free(MEM_HTTP, slot->value, sizeof(struct queue_metrics));
    map_free(&m->queues);
}

static void observe(struct histogram *h, double seconds)
{
    int i = 0;
    if (seconds < 0)
        seconds = 0;
    while (i < METRICS_BUCKETS && seconds > bounds[i])
        i++;
    h->buckets[i]++;
    h->count++;
    h->sum += seconds;
}

void metrics_wait(struct metrics *m, const struct queue *q, int64_t ms)
{
    observe(&row(m, q)->wait, (double)ms / 1e3);
}

void metrics_run(struct metrics *m, const struct queue *q, int64_t us)
{
    observe(&row(m, q)->run, (double)us / 1e6);
}

void metrics_ack(struct metrics *m, const struct queue *q, char verdict)
{
    static const struct {
        char verdict;
        enum outcome outcome;
    } rows[] = { { 'o', OUTCOME_DONE }, { 'W', OUTCOME_DONE }, { 'x', OUTCOME_DEAD }, { 'X', OUTCOME_DEAD },
                 { 'y', OUTCOME_CANCELLED }, { 'Y', OUTCOME_CANCELLED }, { 'r', OUTCOME_RETRIED },
                 { 'd', OUTCOME_DUP }, { 's', OUTCOME_STALE } };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].verdict == verdict)
            row(m, q)->outcomes[rows[i].outcome]++;
}

uint64_t metrics_desired(const struct queue *q)
{
    uint64_t slots = 0, load = q->depth[0] + q->depth[2];
    for (struct link *x = list_first(&q->part->subs); x; x = list_next(&q->part->subs, x)) {
        const struct session *s = LIST_ITEM(x, struct sub, on_part)->session;
        uint64_t mine = (uint64_t)s->processes * (s->threads ? s->threads : 1);
        slots += mine ? mine : 1;
    }
    uint64_t each = q->part->subs.n && slots ? slots / q->part->subs.n : 1;
    return (load + each - 1) / (each ? each : 1);
}

// ---- writing

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void one(struct buf *out, const char *name, const char *type, const char *help, double v)
{
    head(out, name, type, help);
    buf_printf(out, "%s %.17g\n", name, v);
}

static void histogram(struct buf *out, const char *name, const char *label, const struct histogram *h)
{
    uint64_t sum = 0;
    for (int i = 0; i < METRICS_BUCKETS; i++) {
        sum += h->buckets[i];
        buf_printf(out, "%s_bucket{queue=\"%s\",le=\"%g\"} %" PRIu64 "\n", name, label, bounds[i], sum);
    }
    buf_printf(out, "%s_bucket{queue=\"%s\",le=\"+Inf\"} %" PRIu64 "\n", name, label, h->count);
    buf_printf(out, "%s_sum{queue=\"%s\"} %.9g\n%s_count{queue=\"%s\"} %" PRIu64 "\n", name, label, h->sum, name,
               label, h->count);
}

static void rows_of(const struct metrics *m, struct buf *out, bool wait, const char *name)
{
    size_t at = 0;
    for (struct map_slot *slot; (slot = map_walk(&m->queues, &at));) {
        const struct queue_metrics *q = slot->value;
        histogram(out, name, q->label, wait ? &q->wait : &q->run);
    }
    if (m->other.wait.count)
        histogram(out, name, "_other", wait ? &m->other.wait : &m->other.run);
}

static void outcomes_of(struct buf *out, const char *label, const struct queue_metrics *q)
{
    for (int i = 0; i < OUTCOMES; i++)
        buf_printf(out, "krait_tasks_total{queue=\"%s\",outcome=\"%s\"} %" PRIu64 "\n", label, outcome_labels[i],
                   q->outcomes[i]);
}

static void write_tasks(const struct metrics *m, struct buf *out)
{
    size_t at = 0;
    head(out, "krait_tasks_total", "counter", "Words of workers about tasks, by what became of them.");
    for (struct map_slot *slot; (slot = map_walk(&m->queues, &at));)
        outcomes_of(out, ((struct queue_metrics *)slot->value)->label, slot->value);
    outcomes_of(out, "_other", &m->other);
    head(out, "krait_queue_wait_seconds", "histogram", "From when a task could run to its delivery.");
    rows_of(m, out, true, "krait_queue_wait_seconds");
    head(out, "krait_task_run_seconds", "histogram", "Wall time of tasks as their workers measured it.");
    rows_of(m, out, false, "krait_task_run_seconds");
    one(out, "krait_enqueued_total", "counter", "Tasks accepted by this broker.", (double)m->accepted);
    one(out, "krait_deliveries_total", "counter", "Tasks delivered to workers of this broker.", (double)m->delivered);
    head(out, "krait_redeliveries_total", "counter", "Tasks that went back to their queue.");
    buf_printf(out, "krait_redeliveries_total{reason=\"session\"} %" PRIu64 "\n", m->redelivered);
    buf_printf(out, "krait_redeliveries_total{reason=\"slot\"} %" PRIu64 "\n", m->lost);
}

typedef void each_queue(struct buf *out, const char *label, const struct queue *q);

static void depth_row(struct buf *out, const char *label, const struct queue *q)
{
    static const char *const states[] = { "queued", "delayed", "active", "dead" };
    for (int i = 0; i < 4; i++)
        buf_printf(out, "krait_queue_depth{queue=\"%s\",state=\"%s\"} %" PRIu64 "\n", label, states[i], q->depth[i]);
}

static void age_row(struct buf *out, const char *label, const struct queue *q)
{
    buf_printf(out, "krait_queue_oldest_age_seconds{queue=\"%s\"} %.3f\n", label, (double)q->oldest_ms / 1e3);
}

static void desired_row(struct buf *out, const char *label, const struct queue *q)
{
    buf_printf(out, "krait_desired_workers{queue=\"%s\"} %" PRIu64 "\n", label, metrics_desired(q));
}

static void for_queues(const struct store *s, struct buf *out, each_queue *f)
{
    char label[144];
    for (struct link *x = list_first(&s->parts); x; x = list_next(&s->parts, x)) {
        const struct queue *q = LIST_ITEM(x, struct part, all)->queue;
        label_of(q, label, sizeof label);
        f(out, label, q);
    }
}

static void write_queues(const struct store *s, struct buf *out)
{
    head(out, "krait_queue_depth", "gauge", "Tasks by state.");
    for_queues(s, out, depth_row);
    head(out, "krait_queue_oldest_age_seconds", "gauge", "Age of the oldest task that waits.");
    for_queues(s, out, age_row);
    head(out, "krait_desired_workers", "gauge", "Workers that backlog and running tasks would keep busy.");
    for_queues(s, out, desired_row);
}

static void write_slots(const struct sessions *ss, struct buf *out)
{
    uint64_t busy = 0, idle = 0;
    for (struct link *x = list_first(&ss->all); x; x = list_next(&ss->all, x)) {
        const struct session *s = LIST_ITEM(x, struct session, all);
        busy += s->load.busy;
        idle += s->load.idle;
    }
    head(out, "krait_worker_slots", "gauge", "Slots of the workers of this broker, as of their last beat.");
    buf_printf(out, "krait_worker_slots{state=\"busy\"} %" PRIu64 "\nkrait_worker_slots{state=\"idle\"} %" PRIu64 "\n",
               busy, idle);
}

static void bytes_of(const struct conns *cs, uint64_t *in, uint64_t *out)
{
    *in = cs->bytes_in;
    *out = cs->bytes_out;
    for (int state = 0; state < CONN_CLOSED; state++)
        for (struct link *x = list_first(&cs->in[state]); x; x = list_next(&cs->in[state], x)) {
            *in += LIST_ITEM(x, struct conn, link)->stream.bytes_in;
            *out += LIST_ITEM(x, struct conn, link)->stream.bytes_out;
        }
}

void metrics_write(const struct broker *b, struct buf *out)
{
    uint64_t in, written;
    head(out, "krait_build_info", "gauge", "The version of this broker.");
    buf_printf(out, "krait_build_info{program=\"krait-broker\",version=\"%s\"} 1\n", conf_version);
    write_queues(&b->store, out);
    write_tasks(&b->metrics, out);
    head(out, "krait_sessions", "gauge", "Live sessions of this broker.");
    buf_printf(out, "krait_sessions{role=\"worker\"} %zu\n", b->sessions.all.n);
    write_slots(&b->sessions, out);
    one(out, "krait_connections", "gauge", "Open client connections.", (double)conns_count(&b->conns));
    bytes_of(&b->conns, &in, &written);
    one(out, "krait_client_bytes_in_total", "counter", "Bytes read from clients.", (double)in);
    one(out, "krait_client_bytes_out_total", "counter", "Bytes written to clients.", (double)written);
    one(out, "krait_redis_up", "gauge", "1 while the store answers.", store_is_ready(&b->store));
    one(out, "krait_redis_rtt_seconds", "gauge", "Round trip of the last command.", (double)b->store.main.rtt_ns / 1e9);
    one(out, "krait_redis_errors_total", "counter", "Errors and lost connections.", (double)b->store.main.errors);
    one(out, "krait_redis_rounds_total", "counter", "Pipelined rounds.", (double)b->metrics.rounds);
    one(out, "krait_loop_lag_seconds", "gauge", "How late the last alarm rang.", (double)b->loop.lag_ns / 1e9);
    one(out, "krait_memory_bytes", "gauge", "Bytes in use by the broker's own allocations.", (double)mem_total());
}
