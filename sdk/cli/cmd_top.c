// SPDX-License-Identifier: Apache-2.0
// krait top: queues and workers with what they do per second, again and again. Once and for programs: krait queues, krait workers.

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sdk/base/clock.h"
#include "sdk/cli/cli.h"

struct settings {
    char *broker;
    int64_t every_ms, times;
};

#define AT(field) offsetof(struct settings, field)

static const struct conf_option options[] = {
    { .name = "every", .kind = CONF_DURATION, .offset = AT(every_ms), .flag_only = true, .fallback = "1s",
      .metavar = "1s", .min = 50, .max = 3600000, .help = "how often it looks" },
    { .name = "times", .kind = CONF_INT, .offset = AT(times), .flag_only = true, .metavar = "N", .min = 0, .max = 1000000000,
      .help = "end after so many looks; 0 = at Ctrl-C" },
    CLI_BROKER(settings),
};

static const struct conf_program program = {
    .name = "krait top",
    .usage = "[OPTION…]",
    .summary = "Shows queues and workers, the busy ones first, with what they do per second.",
    .options = options, .n = sizeof options / sizeof options[0],
};

// One look, and the one before for the rates.
struct look {
    struct krait_queue *queues;
    struct krait_worker *workers;
    size_t n_queues, n_workers;
    struct mono at;
};

static void forget(struct look *l)
{
    free(l->queues);
    free(l->workers);
    *l = (struct look){ 0 };
}

static enum krait_error look_at(struct krait *k, struct look *l)
{
    *l = (struct look){ .at = clock_mono() };
    enum krait_error err = krait_queues(k, &l->queues, &l->n_queues);
    return err ? err : krait_workers(k, &l->workers, &l->n_workers);
}

static const struct krait_queue *same_queue(const struct look *l, const struct krait_queue *q)
{
    for (size_t i = 0; i < l->n_queues; i++)
        if (strcmp(l->queues[i].name, q->name) == 0)
            return &l->queues[i];
    return q;
}

static const struct krait_worker *same_worker(const struct look *l, const struct krait_worker *w)
{
    for (size_t i = 0; i < l->n_workers; i++)
        if (strcmp(l->workers[i].session, w->session) == 0)
            return &l->workers[i];
    return w;
}

static double per_second(uint64_t now, uint64_t before, double seconds)
{
    return now > before && seconds > 0 ? (double)(now - before) / seconds : 0;
}

static uint64_t in_hand(const struct krait_queue *q)
{
    return q->active + q->queued;
}

static int by_load(const void *a, const void *b)
{
    const struct krait_queue *x = a, *y = b;
    return in_hand(x) != in_hand(y) ? (in_hand(x) < in_hand(y) ? 1 : -1) : strcmp(x->name, y->name);
}

static void print_queues(const struct look *now, const struct look *before, double seconds)
{
    printf("%-24s %9s %9s %9s %9s %8s %9s %9s\n", "QUEUE", "DEPTH", "DELAYED", "ACTIVE", "DEAD", "OLDEST", "DONE/S", "DIED/S");
    for (size_t i = 0; i < now->n_queues; i++) {
        const struct krait_queue *q = &now->queues[i], *old = same_queue(before, q);
        char age[24];
        cli_age(q->oldest_age_ms, age);
        printf("%-24s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %8s %9.0f %9.0f%s\n", q->name, q->queued, q->delayed, q->active,
               q->dead, age, per_second(q->done, old->done, seconds), per_second(q->died, old->died, seconds), q->paused ? "  paused" : "");
    }
}

static void print_workers(const struct look *now, const struct look *before, double seconds)
{
    printf("\n%-24s %-14s %9s %5s %5s %9s %9s %8s\n", "WORKER", "MODE", "SLOTS", "BUSY", "IDLE", "DONE/S", "FAILED/S", "MEMORY");
    for (size_t i = 0; i < now->n_workers; i++) {
        const struct krait_worker *w = &now->workers[i], *old = same_worker(before, w);
        char slots[24];
        snprintf(slots, sizeof slots, "%u x %u", w->processes, w->threads);
        int pad = 24 - (int)strlen(w->name);
        cli_print_escaped(stdout, w->name);
        printf("%*s %-14s %9s %5u %5u %9.0f %9.0f %6" PRIu64 " M\n", pad > 0 ? pad : 0, "", w->free_threaded ? "free-threaded" : "gil", slots,
               w->busy, w->idle, per_second(w->done, old->done, seconds), per_second(w->failed, old->failed, seconds), w->rss >> 20);
    }
    if (!now->n_workers)
        puts("(no worker is connected)");
}

static int run(const void *settings, const struct conf_args *none)
{
    const struct settings *s = settings;
    (void)none;
    int code;
    struct look before = { 0 }, now = { 0 };
    struct krait *k = cli_connect(s->broker, &code);
    if (!k)
        return code;
    struct timespec pause = { s->every_ms / 1000, s->every_ms % 1000 * 1000000 };
    enum krait_error err;
    for (int64_t i = 1; !(err = look_at(k, &now)); i++) {
        double seconds = (double)mono_since(now.at, before.at) / 1e9;
        qsort(now.queues, now.n_queues, sizeof *now.queues, by_load);
        if (isatty(STDOUT_FILENO))
            fputs("\033[H\033[2J", stdout);
        print_queues(&now, &before, seconds);
        print_workers(&now, &before, seconds);
        forget(&before);
        before = now;
        now = (struct look){ 0 };
        if (fflush(stdout) || i == s->times || nanosleep(&pause, NULL))
            break;
    }
    code = err ? cli_failed(k, err) : CLI_OK;
    forget(&before);
    forget(&now);
    krait_close(k);
    return code;
}

const struct cli_command cmd_top = {
    .word = "top", .help = "watch queues and workers",
    .program = &program, .size = sizeof(struct settings), .run = run,
};
