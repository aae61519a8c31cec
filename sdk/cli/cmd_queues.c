// SPDX-License-Identifier: Apache-2.0
// krait queues: depth, delayed, active, dead and the oldest age of each queue, once or again and again.

#include <stdlib.h>
#include <string.h>
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
    .usage = "[QUEUE…] [--json] [--watch] [OPTION…] | set QUEUE NAME=VALUE… | settings QUEUE | forget QUEUE",
    .summary = "Shows the queues: depth is what waits to run now, delayed what waits for its time, active what runs.",
    .notes = "With names only these queues. krait queues set --help tells about settings.\n"
             "Exit codes: 0 shown, 2 usage, 3 some queue is not there, 5 no broker.",
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

static bool named(const struct conf_args *names, const char *queue)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->v[i], queue) == 0)
            return true;
    return names->n == 0;
}

// Keeps those that were asked for. Returns how many; says which are not there.
static size_t keep_named(const struct conf_args *names, struct krait_queue *q, size_t n, bool *missing)
{
    size_t kept = 0;
    *missing = false;
    for (size_t i = 0; i < n; i++)
        if (named(names, q[i].name))
            q[kept++] = q[i];
    for (size_t i = 0; i < names->n; i++) {
        size_t at = 0;
        while (at < kept && strcmp(names->v[i], q[at].name) != 0)
            at++;
        if (at == kept) {
            fprintf(stderr, "krait: no queue %s\n", names->v[i]);
            *missing = true;
        }
    }
    return kept;
}

static int show(struct krait *k, const struct settings *s, const struct conf_args *names)
{
    bool missing;
    struct krait_queue *queues;
    size_t n;
    enum krait_error err = krait_queues(k, &queues, &n);
    if (err)
        return cli_failed(k, err);
    n = keep_named(names, queues, n, &missing);
    if (s->watch && !s->json && isatty(STDOUT_FILENO))
        fputs("\033[H\033[2J", stdout);
    if (s->json)
        print_json(queues, n);
    else if (n || !names->n)
        print_table(queues, n);
    free(queues);
    return fflush(stdout) != 0 ? CLI_FAILED : missing && !s->watch ? CLI_NOT_FOUND : CLI_OK;
}

static int run(const void *settings, const struct conf_args *names)
{
    const struct settings *s = settings;
    int code;
    struct krait *k = cli_connect(s->broker, &code);
    if (!k)
        return code;
    struct timespec pause = { s->every_ms / 1000, s->every_ms % 1000 * 1000000 };
    do
        code = show(k, s, names);
    while (code == CLI_OK && s->watch && nanosleep(&pause, NULL) == 0);
    krait_close(k);
    return code;
}

const struct cli_command cmd_queues = {
    .word = "queues", .help = "show the queues, show and change their settings",
    .program = &program, .size = sizeof(struct settings), .run = run, .most = CLI_ANY, .words = cmd_queues_words,
};
