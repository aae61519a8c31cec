// SPDX-License-Identifier: Apache-2.0
// The worker's numbers as Prometheus text. Serving them is http.c's; the broker's own numbers are the broker's.

#include <inttypes.h>
#include <unistd.h>

#include "sdk/base/mem.h"
#include "worker/limit.h"
#include "worker/worker.h"

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void one(struct buf *out, const char *name, const char *type, const char *help, double v)
{
    head(out, name, type, help);
    buf_printf(out, "%s %.17g\n", name, v);
}

// Sums over the children that are alive; the tasks' own costs are counted by the supervisor and outlive them.
struct sums {
    uint64_t switches, contended, gc_ns, collections, resident;
    size_t children;
};

static struct sums sum(const struct worker *w)
{
    struct sums s = { .resident = limit_resident(getpid()) + (w->pool.now.pid ? limit_resident(w->pool.now.pid) : 0) };
    for (size_t i = 0; i < w->pool.n_procs; i++) {
        const struct proc *p = &w->pool.procs[i];
        if (p->state == PROC_NONE)
            continue;
        s.children++;
        for (size_t k = 0; k < w->lanes.slots; k++) {
            s.switches += atomic_load_explicit(&p->lane->slots[k].gil_switches, memory_order_relaxed);
            s.contended += atomic_load_explicit(&p->lane->slots[k].contended, memory_order_relaxed);
        }
        s.gc_ns += atomic_load_explicit(&p->lane->stats.gc_pause_ns, memory_order_relaxed);
        s.collections += atomic_load_explicit(&p->lane->stats.gc_collections, memory_order_relaxed);
        s.resident += p->pid ? limit_resident(p->pid) : 0;
    }
    return s;
}

static void tasks(const struct worker *w, struct buf *out)
{
    const struct dispatch *d = &w->dispatch;
    head(out, "krait_worker_tasks_total", "counter", "Tasks that ended here.");
    buf_printf(out, "krait_worker_tasks_total{outcome=\"done\"} %" PRIu64 "\n", d->done);
    buf_printf(out, "krait_worker_tasks_total{outcome=\"failed\"} %" PRIu64 "\n", d->failed);
    buf_printf(out, "krait_worker_tasks_total{outcome=\"lost\"} %" PRIu64 "\n", d->lost);
    one(out, "krait_worker_returned_total", "counter", "Tasks given back because no slot came free in time.", (double)d->returned);
    one(out, "krait_worker_run_seconds_total", "counter", "Wall time of tasks.", (double)d->run_total_us / 1e6);
    one(out, "krait_worker_cpu_seconds_total", "counter", "Processor time of tasks.", (double)d->cpu_us / 1e6);
    one(out, "krait_gil_wait_seconds_total", "counter", "Time that tasks waited for the GIL.", (double)d->gil_wait_us / 1e6);
    head(out, "krait_worker_in_hand", "gauge", "Tasks here, by place.");
    buf_printf(out, "krait_worker_in_hand{place=\"waiting\"} %zu\n", w->tasks.in[TASK_WAITING].n);
    buf_printf(out, "krait_worker_in_hand{place=\"child\"} %" PRIu64 "\n", w->tasks.handed);
    buf_printf(out, "krait_worker_in_hand{place=\"unanswered\"} %zu\n",
               w->tasks.in[TASK_FINISHED].n + w->tasks.in[TASK_SENT].n);
}

static void slots(const struct worker *w, struct buf *out)
{
    size_t busy = dispatch_busy(&w->dispatch), all = w->lanes.slots * pool_live(&w->pool);
    head(out, "krait_worker_slots", "gauge", "Slots of this worker.");
    buf_printf(out, "krait_worker_slots{state=\"busy\"} %zu\n", busy);
    buf_printf(out, "krait_worker_slots{state=\"idle\"} %zu\n", all > busy ? all - busy : 0);
    head(out, "krait_worker_info", "gauge", "Mode and version.");
    buf_printf(out, "krait_worker_info{mode=\"%s\",version=\"%s\"} 1\n",
               settings_free_threaded(&w->set) ? "free-threaded" : "gil", conf_version);
    head(out, "krait_child_restarts_total", "counter", "Children that had to be replaced.");
    buf_printf(out, "krait_child_restarts_total{reason=\"died\"} %" PRIu64 "\n", w->pool.restarts_died);
    buf_printf(out, "krait_child_restarts_total{reason=\"killed\"} %" PRIu64 "\n", w->pool.restarts_killed);
}

static void link_numbers(const struct worker *w, struct buf *out)
{
    const struct uplink *u = &w->uplink;
    one(out, "krait_broker_up", "gauge", "The session is live.", uplink_is_open(u));
    one(out, "krait_broker_reconnects_total", "counter", "Connections after the first.", (double)u->reconnects);
    one(out, "krait_broker_rtt_seconds", "gauge", "Round trip of the last beat.", u->rtt_s);
    head(out, "krait_broker_bytes_total", "counter", "Bytes to and from the broker.");
    buf_printf(out, "krait_broker_bytes_total{direction=\"in\"} %" PRIu64 "\n", u->bytes_in + u->pipe.bytes_in);
    buf_printf(out, "krait_broker_bytes_total{direction=\"out\"} %" PRIu64 "\n", u->bytes_out + u->pipe.bytes_out);
    one(out, "krait_loop_lag_seconds", "gauge", "How late the supervisor's last alarm was.", (double)w->loop.lag_ns / 1e9);
}

void metrics_write(const struct worker *w, struct buf *out)
{
    struct sums s = sum(w);
    tasks(w, out);
    slots(w, out);
    one(out, "krait_gil_switches_total", "counter", "Times that the GIL was taken, in the children alive.", (double)s.switches);
    head(out, "krait_contention_total", "counter", "Waits for each other, in the children alive.");
    buf_printf(out, "krait_contention_total{kind=\"object\"} %" PRIu64 "\n", s.contended);
    one(out, "krait_gc_pause_seconds", "counter", "Time in the collector, in the children alive.", (double)s.gc_ns / 1e9);
    one(out, "krait_gc_collections_total", "counter", "Collections, in the children alive.", (double)s.collections);
    one(out, "krait_worker_children", "gauge", "Child processes.", (double)s.children);
    one(out, "krait_worker_threads", "gauge", "Threads that run tasks.", (double)(s.children * w->lanes.slots));
    one(out, "krait_process_resident_memory_bytes", "gauge", "Supervisor, template and children; shared pages count in each.",
        (double)s.resident);
    one(out, "krait_process_memory_limit_bytes", "gauge", "Of this container; 0 = none.",
        (double)limit_memory(w->set.cgroup_root));
    one(out, "krait_worker_heap_bytes", "gauge", "Of the supervisor.", (double)mem_total());
    link_numbers(w, out);
}
