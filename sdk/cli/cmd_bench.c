// SPDX-License-Identifier: Apache-2.0
// krait bench: no-op Python tasks with results, on a private stack or against a given broker with a worker of its own.
// Time runs from the first enqueue to the last result in hand; latency is measured one task at a time when idle. What a task costs
// Redis and the broker is seen from outside (cost.c), on a private stack only.

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

#include "sdk/base/clock.h"
#include "sdk/cli/cli.h"
#include "sdk/cli/cost.h"
#include "sdk/cli/stack.h"

#define TASK  "bench.noop"
#define QUEUE "bench"
#define HELD  "bench-held"        // a queue that no worker takes from: what enqueueing alone takes, and room
#define TTL_MS 60000

struct settings {
    char *broker;
    int64_t tasks, processes, threads;
    bool json;
    int mode, producer;
};

#define AT(field) offsetof(struct settings, field)

static const char *const modes[] = { "gil", "free-threaded", NULL };
static const char *const producers[] = { "c", "python", NULL };

static const struct conf_option options[] = {
    { .name = "tasks", .kind = CONF_INT, .offset = AT(tasks), .flag_only = true, .fallback = "20000", .min = 1,
      .max = 100000000, .metavar = "N", .help = "how many" },
    { .name = "mode", .kind = CONF_CHOICE, .offset = AT(mode), .flag_only = true, .choices = modes, .fallback = "gil",
      .help = "of the worker" },
    { .name = "processes", .kind = CONF_INT, .offset = AT(processes), .flag_only = true, .min = 1, .max = 10000,
      .metavar = "N", .help = "of the worker [gil: cores, free-threaded: 1]" },
    { .name = "threads", .kind = CONF_INT, .offset = AT(threads), .flag_only = true, .min = 1, .max = 10000,
      .metavar = "N", .help = "a process [gil: 1, free-threaded: cores]" },
    { .name = "producer", .kind = CONF_CHOICE, .offset = AT(producer), .flag_only = true, .choices = producers,
      .fallback = "c", .help = "which SDK enqueues and waits" },
    { .name = "json", .kind = CONF_FLAG, .offset = AT(json), .flag_only = true, .help = "one JSON object" },
    { .name = "broker", .kind = CONF_STRING, .offset = AT(broker), .flag_only = true, .metavar = "URL",
      .help = "instead of a private stack" },
};

static const struct conf_program program = {
    .name = "krait bench",
    .usage = "[--tasks N] [--json] [OPTION…]",
    .summary = "Measures no-op Python tasks with results: how many a second, and how long one takes when nothing else runs.",
    .options = options, .n = sizeof options / sizeof options[0],
};

struct bench {
    const struct settings *s;
    struct stack stack;
    int64_t processes, threads;
    int signals;
    int wake[2];              // a pipe whose closed end ends the guard
    pthread_t guard;
    double enqueue_s, total_s, p50_ms, p99_ms;
    double alone_per_s;       // enqueued one after the other, each answered before the next
    double redis_us, broker_us, record;   // CPU of a task from enqueue to result; bytes of a queued one; < 0 = not known
};

static int cores(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

// ---------------------------------------------------------------- the stack

static const char app[] =
    "from krait import App\n"
    "\n"
    "app = App('bench')\n"
    "\n"
    "\n"
    "@app.task(name='" TASK "', queue='" QUEUE "')\n"
    "def noop():\n"
    "    return None\n";

static bool write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "we");
    if (f && fputs(text, f) >= 0 && fclose(f) == 0)
        return true;
    fprintf(stderr, "krait: cannot write %s: %s\n", path, strerror(errno));
    return false;
}

// While libkrait blocks in the main thread, this one takes Ctrl-C and what the children print.
static void *guard(void *bench)
{
    struct bench *b = bench;
    for (;;) {
        struct pollfd fds[] = { { .fd = b->signals, .events = POLLIN }, { .fd = b->wake[0], .events = POLLIN },
                                { .fd = b->stack.broker.out, .events = POLLIN },
                                { .fd = b->stack.worker.out, .events = POLLIN } };
        if (poll(fds, 4, -1) < 0)
            continue;
        if (fds[1].revents)
            return NULL;
        if (fds[2].revents)
            proc_forward(&b->stack.broker, -1);
        if (fds[3].revents)
            proc_forward(&b->stack.worker, -1);
        if (fds[0].revents) {
            stack_close(&b->stack);
            _exit(130);
        }
    }
}

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT), sigaddset(&set, SIGTERM), sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

// The end of the children's log, when something failed.
static void show_log(const char *path)
{
    char line[1024];
    FILE *f = fopen(path, "re");
    if (!f)
        return;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    fseek(f, size > 4000 ? size - 4000 : 0, SEEK_SET);
    while (fgets(line, sizeof line, f))
        fputs(line, stderr);
    fclose(f);
}

static bool start(struct bench *b, const char *log, const char *file)
{
    char data[80];
    snprintf(data, sizeof data, "%s/data", b->stack.dir);
    b->signals = b->stack.interrupt = open_signals();
    b->stack.errors = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (!write_file(file, app))
        return false;
    if (b->s->broker)
        snprintf(b->stack.url, sizeof b->stack.url, "%s", b->s->broker);
    else if (!stack_broker(&b->stack, NULL, "127.0.0.1:0", data))      // in a folder: then Redis keeps its append-only file
        return false;
    struct stack_worker w = { .app = file, .mode = modes[b->s->mode], .queues = QUEUE, .processes = b->processes,
                              .threads = b->threads };
    return stack_worker(&b->stack, &w) && pipe(b->wake) == 0 && pthread_create(&b->guard, NULL, guard, b) == 0;
}

// ---------------------------------------------------------------- measuring with libkrait

static double seconds(struct mono from, struct mono to)
{
    return (double)mono_since(to, from) / 1e9;
}

static struct krait_task noop(void)
{
    struct krait_task t = KRAIT_TASK(TASK);
    t.queue = QUEUE;
    t.result_ttl_ms = TTL_MS;
    return t;
}

// Enqueues one and waits; false when it did not end well.
static bool round_trip(struct krait *k, double *s)
{
    char id[KRAIT_ID_SIZE];
    struct krait_result *r;
    struct krait_task task = noop();
    struct mono from = clock_mono();
    if (krait_enqueue(k, &task, id) || krait_wait(k, id, 60000, &r)) {
        fprintf(stderr, "krait: %s\n", krait_message(k));
        return false;
    }
    *s = seconds(from, clock_mono());
    bool ok = r->state == KRAIT_DONE;
    if (!ok)
        cli_print_result(r);
    krait_result_free(r);
    return ok;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static bool measure_latency(struct bench *b, struct krait *k)
{
    static double took[1000];
    size_t n = (size_t)b->s->tasks / 20;
    n = n < 100 ? 100 : n > 1000 ? 1000 : n;
    for (size_t i = 0; i < 20; i++)        // warm
        if (!round_trip(k, &took[0]))
            return false;
    for (size_t i = 0; i < n; i++)
        if (!round_trip(k, &took[i]))
            return false;
    qsort(took, n, sizeof took[0], by_value);
    b->p50_ms = took[n / 2] * 1e3;
    b->p99_ms = took[n * 99 / 100] * 1e3;
    return true;
}

static int64_t held_of(const struct bench *b)
{
    int64_t n = b->s->tasks / 10;
    return n < 100 ? 100 : n > 5000 ? 5000 : n;
}

static bool hold_one_by_one(struct bench *b, struct krait *k)
{
    int64_t n = held_of(b);
    char id[KRAIT_ID_SIZE];
    struct krait_task task = noop();
    task.queue = HELD;
    struct mono from = clock_mono();
    for (int64_t i = 0; i < n; i++)
        if (krait_enqueue(k, &task, id))
            return fprintf(stderr, "krait: %s\n", krait_message(k)), false;
    b->alone_per_s = (double)n / seconds(from, clock_mono());
    return true;
}

// How much of Redis' memory a queued task takes; then the queue is emptied and forgotten.
static bool measure_room(struct bench *b, struct krait *k)
{
    struct cost before, after;
    size_t n = (size_t)held_of(b);
    struct krait_task *tasks = calloc(n, sizeof *tasks);
    struct krait_accepted *answers = calloc(n, sizeof *answers);
    bool seen = cost_look(&b->stack, &before), ok = tasks && answers;
    for (size_t i = 0; ok && i < n; i++) {
        tasks[i] = noop();
        tasks[i].queue = HELD;
    }
    ok = ok && krait_enqueue_many(k, tasks, n, answers) == KRAIT_OK;
    if (seen && ok && cost_look(&b->stack, &after))
        b->record = (double)(after.memory - before.memory) / (double)n;
    free(tasks), free(answers);
    if (ok && krait_purge(k, HELD, 0, NULL) == KRAIT_OK && krait_forget(k, HELD) == KRAIT_OK)
        return true;
    return fprintf(stderr, "krait: %s\n", krait_message(k)), false;
}

static void set_cost(struct bench *b, const struct cost *before, const struct cost *after)
{
    b->redis_us = (double)(after->redis_ns - before->redis_ns) / 1e3 / (double)b->s->tasks;
    b->broker_us = (double)(after->broker_ns - before->broker_ns) / 1e3 / (double)b->s->tasks;
}

static bool count_done(void *context, size_t index, const struct krait_result *r)
{
    (void)index;
    *(size_t *)context += r->state == KRAIT_DONE;
    return true;
}

static bool run_all(struct bench *b, struct krait *k, size_t n, struct krait_task *tasks, struct krait_accepted *answers,
                    const char **ids)
{
    size_t done = 0, refused = 0;
    for (size_t i = 0; i < n; i++)
        tasks[i] = noop();
    struct mono from = clock_mono();
    if (krait_enqueue_many(k, tasks, n, answers)) {
        fprintf(stderr, "krait: %s\n", krait_message(k));
        return false;
    }
    b->enqueue_s = seconds(from, clock_mono());
    for (size_t i = 0; i < n; i++) {
        ids[i] = answers[i].id;
        refused += answers[i].error != KRAIT_OK;
    }
    if (refused || krait_wait_many(k, ids, n, -1, count_done, &done)) {
        fprintf(stderr, "krait: %zu tasks were refused: %s\n", refused, krait_message(k));
        return false;
    }
    b->total_s = seconds(from, clock_mono());
    if (done != n)
        fprintf(stderr, "krait: only %zu of %zu tasks were done\n", done, n);
    return done == n;
}

static bool measure_throughput(struct bench *b, struct krait *k)
{
    size_t n = (size_t)b->s->tasks;
    struct krait_task *tasks = calloc(n, sizeof *tasks);
    struct krait_accepted *answers = calloc(n, sizeof *answers);
    const char **ids = calloc(n, sizeof *ids);
    bool ok = tasks && answers && ids;
    if (!ok)
        fprintf(stderr, "krait: out of memory\n");
    struct cost before, after;
    bool seen = cost_look(&b->stack, &before);
    ok = ok && run_all(b, k, n, tasks, answers, ids);
    if (seen && ok && cost_look(&b->stack, &after))
        set_cost(b, &before, &after);
    free(tasks), free(answers), free(ids);
    return ok;
}

static bool produce_in_c(struct bench *b)
{
    int code;
    struct krait *k = cli_connect(b->stack.url, &code);
    bool ok = k && hold_one_by_one(b, k) && measure_room(b, k) && measure_latency(b, k) && measure_throughput(b, k);
    krait_close(k);
    return ok;
}

// ---------------------------------------------------------------- measuring with the Python package

static const char producer[] =
    "import glob, sys, time\n"
    "from krait import App\n"
    "app = App('bench', broker=sys.argv[1])\n"
    "total, alone = int(sys.argv[2]), int(sys.argv[3])\n"
    "def cpu(pid):\n"
    "    return sum(int(open(f).read().split()[0]) for f in glob.glob('/proc/%s/task/*/schedstat' % pid))\n"
    "@app.task(name='" TASK "', queue='" HELD "', result_ttl=60)\n"
    "def held():\n"
    "    return None\n"
    "@app.task(name='" TASK "', queue='" QUEUE "')\n"
    "def noop():\n"
    "    return None\n"
    "def one():\n"
    "    began = time.perf_counter()\n"
    "    noop.delay().get(timeout=60)\n"
    "    return time.perf_counter() - began\n"
    "held.delay()\n"
    "began = time.perf_counter()\n"
    "for _ in range(alone):\n"
    "    held.delay()\n"
    "rate = alone / (time.perf_counter() - began)\n"
    "for _ in range(20):\n"
    "    one()\n"
    "took = sorted(one() for _ in range(max(100, min(1000, total // 20))))\n"
    "costs = [cpu(pid) for pid in sys.argv[4:]]\n"
    "began = time.perf_counter()\n"
    "results = noop.delay_many([()] * total)\n"
    "sent = time.perf_counter()\n"
    "results.get(timeout=600)\n"
    "ended = time.perf_counter()\n"
    "costs = [cpu(pid) - cost for pid, cost in zip(sys.argv[4:], costs)] or [-total, -total]\n"
    "print('measured', sent - began, ended - began, took[len(took) // 2], took[len(took) * 99 // 100], rate, *(cost / 1e3 / total for cost in costs))\n";

static void set_python_path(void)
{
    char found[PATH_MAX], all[2 * PATH_MAX];
    const char *old = getenv("PYTHONPATH");
    if (!proc_folder("../sdk/python", found) && !proc_folder("../lib/python3.11/dist-packages", found))
        return;
    snprintf(all, sizeof all, "%s%s%s", found, old && *old ? ":" : "", old ? old : "");
    setenv("PYTHONPATH", all, 1);
}

static bool produce_in_python(struct bench *b)
{
    char python[PATH_MAX], script[100], tasks[24], alone[24], redis[24], broker[24], line[300];
    struct proc p;
    pid_t pid = cost_redis_pid(&b->stack);
    if (access("/usr/bin/python3", X_OK) == 0)
        strcpy(python, "/usr/bin/python3");
    else if (!proc_find("python3", python))
        return fprintf(stderr, "krait: --producer python wants a CPython, but there is no python3\n"), false;
    snprintf(script, sizeof script, "%s/producer.py", b->stack.dir);
    snprintf(tasks, sizeof tasks, "%lld", (long long)b->s->tasks);
    snprintf(alone, sizeof alone, "%lld", (long long)held_of(b));
    snprintf(redis, sizeof redis, "%d", (int)pid);
    snprintf(broker, sizeof broker, "%d", (int)b->stack.broker.pid);
    set_python_path();
    char *argv[] = { python, script, b->stack.url, tasks, alone, pid ? redis : NULL, broker, NULL };
    if (!write_file(script, producer) || !proc_start(&p, argv, -1))
        return false;
    enum proc_got got = proc_line(&p, "measured ", line, sizeof line, 3600 * 1000, -1);
    proc_stop(&p, 5000);
    bool ok = got == PROC_LINE &&
              sscanf(line, "measured %lf %lf %lf %lf %lf %lf %lf", &b->enqueue_s, &b->total_s, &b->p50_ms, &b->p99_ms, &b->alone_per_s,
                     &b->redis_us, &b->broker_us) == 7;
    b->p50_ms *= 1e3;
    b->p99_ms *= 1e3;
    if (!ok)
        fprintf(stderr, "krait: the Python producer failed\n");
    int code;
    struct krait *k = ok ? cli_connect(b->stack.url, &code) : NULL;
    ok = k && measure_room(b, k);
    krait_close(k);
    return ok;
}

// ---------------------------------------------------------------- the whole

// What is not known is null.
static void print_number(const char *name, double v, const char *more)
{
    if (v < 0)
        printf("\"%s\": null%s", name, more);
    else
        printf("\"%s\": %.1f%s", name, v, more);
}

static void print(const struct bench *b)
{
    double n = (double)b->s->tasks;
    long long slots = (long long)(b->processes * b->threads);
    if (b->s->json) {
        printf("{\"enqueue_per_s\": %.0f, \"end_to_end_per_s\": %.0f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"tasks\": %lld, "
               "\"mode\": \"%s\", \"slots\": %lld, \"producer\": \"%s\", \"enqueue_alone_per_s\": %.0f, ", n / b->enqueue_s, n / b->total_s,
               b->p50_ms, b->p99_ms, (long long)b->s->tasks, modes[b->s->mode], slots, producers[b->s->producer], b->alone_per_s);
        print_number("redis_us", b->redis_us, ", ");
        print_number("broker_us", b->broker_us, ", ");
        print_number("record_bytes", b->record, "}\n");
        return;
    }
    printf("%lld tasks, %s, %lld slots, producer in %s\n"
           "  enqueue     %10.0f /s in bulk, %.0f /s one after the other\n"
           "  end to end  %10.0f /s\n  one alone   %10.3f ms p50, %.3f ms p99\n",
           (long long)b->s->tasks, modes[b->s->mode], slots, producers[b->s->producer], n / b->enqueue_s, b->alone_per_s, n / b->total_s,
           b->p50_ms, b->p99_ms);
    if (b->redis_us >= 0)
        printf("  a task      %10.1f us of Redis, %.1f us of the broker\n", b->redis_us, b->broker_us);
    if (b->record >= 0)
        printf("  queued      %10.0f bytes in Redis\n", b->record);
}

static int run(const void *settings, const struct conf_args *none)
{
    const struct settings *s = settings;
    (void)none;
    struct bench b = { .s = s, .wake = { -1, -1 }, .redis_us = -1, .broker_us = -1, .record = -1 };
    char log[100], file[100];
    bool free_threaded = s->mode == 1;
    b.processes = s->processes ? s->processes : free_threaded ? 1 : cores();
    b.threads = s->threads ? s->threads : free_threaded ? cores() : 1;
    if (!stack_open(&b.stack, "bench"))
        return CLI_FAILED;
    snprintf(log, sizeof log, "%s/log", b.stack.dir);
    snprintf(file, sizeof file, "%s/bench.py", b.stack.dir);
    bool started = start(&b, log, file);
    bool ok = started && (s->producer ? produce_in_python(&b) : produce_in_c(&b));
    if (started) {
        close(b.wake[1]);
        pthread_join(b.guard, NULL);
    }
    if (!ok)
        show_log(log);
    stack_close(&b.stack);
    if (ok)
        print(&b);
    return ok ? CLI_OK : CLI_FAILED;
}

const struct cli_command cmd_bench = {
    .word = "bench", .help = "measure tasks a second and latency",
    .program = &program, .size = sizeof(struct settings), .run = run,
};
