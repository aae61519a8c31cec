// SPDX-License-Identifier: Apache-2.0
// krait queues: depth, delayed, active, dead and the oldest age of each queue, once or again and again.

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sdk/cli/cli.h"

struct settings {
    char *broker;
    bool json, watch;
    int64_t every_ms;
};

#define AT(field) offsetof(struct settings, field)

static const struct conf_option options[] = {
    { .name = "json", .kind = CONF_FLAG, .offset = AT(json), .flag_only = true,
      .help = "a JSON array; with --watch one a line" },
    { .name = "watch", .kind = CONF_FLAG, .offset = AT(watch), .flag_only = true, .help = "again and again until Ctrl-C" },
    { .name = "every", .kind = CONF_DURATION, .offset = AT(every_ms), .flag_only = true, .fallback = "1s",
      .metavar = "1s", .min = 50, .max = 3600000, .help = "how often --watch looks" },
    CLI_BROKER(settings),
};

static const struct conf_program program = {
    .name = "krait queues",
    .usage = "[--json] [--watch] [OPTION…] | set QUEUE NAME=VALUE… | settings QUEUE | forget QUEUE",
    .summary = "Shows the queues: depth is what waits to run now, delayed what waits for its time, active what runs.",
    .notes = "krait queues set --help tells about settings.",
    .options = options, .n = sizeof options / sizeof options[0],
};

static void print_json(const struct krait_queue *q, size_t n)
{
    putchar('[');
    for (size_t i = 0; i < n; i++) {
        printf("%s{\"queue\": ", i ? ", " : "");
        cli_print_json_text(stdout, q[i].name);
        printf(", \"depth\": %llu, \"delayed\": %llu, \"active\": %llu, \"dead\": %llu, \"oldest_age_ms\": %llu, "
               "\"paused\": %s, \"workers\": %u, \"done\": %llu, \"died\": %llu, \"cancelled\": %llu}",
               (unsigned long long)q[i].queued, (unsigned long long)q[i].delayed, (unsigned long long)q[i].active,
               (unsigned long long)q[i].dead, (unsigned long long)q[i].oldest_age_ms, q[i].paused ? "true" : "false",
               q[i].workers, (unsigned long long)q[i].done, (unsigned long long)q[i].died, (unsigned long long)q[i].cancelled);
    }
    puts("]");
}

static void print_table(const struct krait_queue *q, size_t n)
{
    printf("%-24s %9s %9s %9s %9s %8s %8s\n", "QUEUE", "DEPTH", "DELAYED", "ACTIVE", "DEAD", "OLDEST", "WORKERS");
    for (size_t i = 0; i < n; i++) {
        char age[24];
        cli_age(q[i].oldest_age_ms, age);
        printf("%-24s %9llu %9llu %9llu %9llu %8s %8u%s\n", q[i].name, (unsigned long long)q[i].queued,
               (unsigned long long)q[i].delayed, (unsigned long long)q[i].active, (unsigned long long)q[i].dead, age,
               q[i].workers, q[i].paused ? "  paused" : "");
    }
    if (n == 0)
        puts("(no queue yet: one comes to be with its first task)");
}

static int show(struct krait *k, const struct settings *s)
{
    struct krait_queue *queues;
    size_t n;
    enum krait_error err = krait_queues(k, &queues, &n);
    if (err)
        return cli_failed(k, err);
    if (s->watch && !s->json && isatty(STDOUT_FILENO))
        fputs("\033[H\033[2J", stdout);
    if (s->json)
        print_json(queues, n);
    else
        print_table(queues, n);
    free(queues);
    return fflush(stdout) == 0 ? CLI_OK : CLI_FAILED;
}

static int run(const struct settings *s)
{
    int code;
    struct krait *k = cli_connect(s->broker, &code);
    if (!k)
        return code;
    struct timespec pause = { s->every_ms / 1000, s->every_ms % 1000 * 1000000 };
    do
        code = show(k, s);
    while (code == CLI_OK && s->watch && nanosleep(&pause, NULL) == 0);
    krait_close(k);
    return code;
}

int cmd_queues(int argc, char **argv)
{
    struct settings s;
    struct conf_args args;
    int other = cmd_queues_of(argc - 1, argv + 1);
    if (other >= 0)
        return other;
    enum conf_result got = conf_load(&program, argc, argv, &s, &args);
    if (got != CONF_RUN)
        return got == CONF_DONE ? CLI_OK : CLI_USAGE;
    int code = args.n == 0 ? run(&s) : conf_usage(&program, "takes no argument '%s'; try krait queues --help", args.v[0]);
    conf_free(&program, &s, &args);
    return code;
}
